//! Which classes are taken for which.

use std::fmt;

use ndarray::Array2;

use super::Error;
use super::pairs::Pairs;
use crate::data::{Label, Labels};
use crate::text::{self, Side};

/// The most classes of a matrix: 2,000 × 2,000 counts are 32 MB.
const MOST_CLASSES: usize = 2_000;

/// How many rows of each class (down) were predicted as each class (across).
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::confusion_matrix;
///
/// let truth = Labels::from(["L", "R", "R", "B"]);
/// let predicted = Labels::from(["L", "R", "L", "R"]);
/// let matrix = confusion_matrix(&truth, &predicted)?;
/// assert_eq!(matrix.count(&"R".into(), &"L".into()), Some(1));
/// assert_eq!(
///     matrix.to_string(),
///     "True \\ Predicted  B  L  R\n\
///      B                 0  0  1\n\
///      L                 0  1  0\n\
///      R                 0  1  1"
/// );
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct ConfusionMatrix {
    classes: Labels,
    counts: Array2<usize>,
}

/// Counts how often each class was predicted as each: scikit-learn's `confusion_matrix`.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::Kind`], [`Error::NoClass`], and
/// [`Error::TooManyClasses`] past 2,000.
pub fn confusion_matrix(truth: &Labels, predicted: &Labels) -> Result<ConfusionMatrix, Error> {
    let pairs = Pairs::new(truth, predicted)?;
    let classes = pairs.classes.len();
    if classes > MOST_CLASSES {
        return Err(Error::TooManyClasses { classes, most: MOST_CLASSES });
    }
    let mut counts = Array2::zeros((classes, classes));
    for pair in pairs.iter() {
        if let Some(count) = counts.get_mut(pair) {
            *count += 1;
        }
    }
    Ok(ConfusionMatrix { classes: pairs.classes, counts })
}

impl ConfusionMatrix {
    /// The classes, ascending: those of the rows and of the columns.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The counts: the row is the true class, the column the predicted one.
    pub fn counts(&self) -> &Array2<usize> {
        &self.counts
    }

    /// How often `truth` was predicted as `predicted`, or `None` for a class that is not there.
    pub fn count(&self, truth: &Label, predicted: &Label) -> Option<usize> {
        let place = |label: &Label| self.classes.iter().position(|class| class == *label);
        self.counts.get((place(truth)?, place(predicted)?)).copied()
    }

    /// The number of predictions.
    pub fn total(&self) -> usize {
        self.counts.sum()
    }

    /// The share of right predictions.
    pub fn accuracy(&self) -> f64 {
        self.counts.diag().sum() as f64 / self.total() as f64
    }
}

impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = || self.classes.iter().map(|class| text::shortened(&class.to_string(), 20));
        let mut rows = vec![["True \\ Predicted".to_owned()].into_iter().chain(names()).collect()];
        for (name, counts) in names().zip(self.counts.rows()) {
            let counts = counts.iter().map(usize::to_string).collect::<Vec<_>>();
            rows.push([name].into_iter().chain(counts).collect());
        }
        let mut sides = vec![Side::Right; self.classes.len() + 1];
        if let Some(first) = sides.first_mut() {
            *first = Side::Left;
        }
        f.write_str(&text::columns(&rows, &sides))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of scikit-learn's own documentation.
    #[test]
    fn rows_are_true_and_columns_predicted() -> Result<(), Error> {
        let numbers = (vec![2, 0, 2, 2, 0, 1].into(), vec![0, 0, 2, 2, 0, 2].into());
        let words: (Labels, Labels) = (
            ["cat", "ant", "cat", "cat", "ant", "bird"].into(),
            ["ant", "ant", "cat", "cat", "ant", "cat"].into(),
        );
        for (truth, predicted) in [numbers, words] {
            let matrix = confusion_matrix(&truth, &predicted)?;
            assert_eq!(matrix.counts(), ndarray::array![[2, 0, 0], [0, 0, 1], [1, 0, 2]]);
            assert_eq!((matrix.total(), matrix.accuracy()), (6, 4.0 / 6.0));
            let class = |place| matrix.classes().get(place).expect("there are three");
            assert_eq!(matrix.count(&class(1), &class(2)), Some(1));
        }
        Ok(())
    }
}
