//! Precision, recall and F1 of each class.

use std::fmt;

use super::Error;
use super::pairs::Pairs;
use crate::data::{Label, Labels};
use crate::numpy::pairwise_sum;

/// No 64-bit float has more significant digits after the point.
const MOST_DIGITS: usize = 1_074;

/// How well one class is found, or the mean over classes. Each score lies from 0 to 1, and is 0
/// where it would be 0 / 0, as with scikit-learn's `zero_division=0`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Scores {
    /// Of the rows predicted as this class, the share that are.
    pub precision: f64,
    /// Of the rows of this class, the share that are predicted so.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1_score: f64,
    /// The number of rows of this class.
    pub support: usize,
}

/// Scores by class and their means. It prints character by character as scikit-learn's
/// `classification_report(…, zero_division=0)`.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::classification_report;
///
/// let truth = Labels::from(["L", "R", "R", "B"]);
/// let predicted = Labels::from(["L", "R", "L", "R"]);
/// let report = classification_report(&truth, &predicted)?;
/// assert_eq!(report.class(&"L".into()).map(|scores| scores.precision), Some(0.5));
/// println!("{report}");
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct ClassificationReport {
    classes: Labels,
    scores: Vec<Scores>,
    accuracy: f64,
    macro_avg: Scores,
    weighted_avg: Scores,
    digits: usize,
}

/// Scores the predictions, class by class.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::Kind`], [`Error::NoClass`].
pub fn classification_report(
    truth: &Labels,
    predicted: &Labels,
) -> Result<ClassificationReport, Error> {
    let pairs = Pairs::new(truth, predicted)?;
    let mut tallies = vec![Tally::default(); pairs.classes.len()];
    for (truth, predicted) in pairs.iter() {
        if let Some(tally) = tallies.get_mut(truth) {
            tally.truth += 1;
            tally.right += usize::from(truth == predicted);
        }
        if let Some(tally) = tallies.get_mut(predicted) {
            tally.predicted += 1;
        }
    }
    let scores: Vec<Scores> = tallies.iter().map(Tally::scores).collect();
    let rows = pairs.truth.len();
    let right: usize = tallies.iter().map(|tally| tally.right).sum();
    Ok(ClassificationReport {
        classes: pairs.classes,
        accuracy: right as f64 / rows as f64,
        macro_avg: mean(&scores, rows, |_| 1.0),
        weighted_avg: mean(&scores, rows, |scores| scores.support as f64),
        scores,
        digits: 2,
    })
}

impl ClassificationReport {
    /// The same report, printed with `digits` digits after the point; 2 by default.
    pub fn with_digits(mut self, digits: usize) -> Self {
        self.digits = digits.min(MOST_DIGITS);
        self
    }

    /// How many digits are printed after the point.
    pub fn digits(&self) -> usize {
        self.digits
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The scores of each class, in the order of [`classes`](Self::classes).
    pub fn scores(&self) -> &[Scores] {
        &self.scores
    }

    /// The scores of one class, or `None` when it is not there.
    pub fn class(&self, class: &Label) -> Option<Scores> {
        let place = self.classes.iter().position(|other| other == *class)?;
        self.scores.get(place).copied()
    }

    /// The share of right predictions.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// A number of rows as scikit-learn prints it: as a float when no prediction is right, for
    /// then it adds the counts to an array of float zeros (`multilabel_confusion_matrix`).
    fn support(&self, rows: usize) -> String {
        match self.accuracy > 0.0 {
            true => rows.to_string(),
            false => format!("{rows}.0"),
        }
    }

    /// The plain mean over the classes.
    pub fn macro_avg(&self) -> Scores {
        self.macro_avg
    }

    /// The mean over the classes, each weighted by its number of rows.
    pub fn weighted_avg(&self) -> Scores {
        self.weighted_avg
    }
}

impl fmt::Display for ClassificationReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LONGEST_HEADING: usize = "weighted avg".len();
        let names: Vec<String> = self.classes.iter().map(|class| class.to_string()).collect();
        // In characters, as scikit-learn counts.
        let longest = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let width = longest.max(LONGEST_HEADING).max(self.digits);
        let name = |name: &str| {
            let blanks = " ".repeat(width.saturating_sub(name.chars().count()));
            format!("{blanks}{name}")
        };
        let digits = self.digits;
        let line = |f: &mut fmt::Formatter<'_>, heading: &str, scores: &Scores| {
            let Scores { precision, recall, f1_score, support } = scores;
            let (heading, support) = (name(heading), self.support(*support));
            writeln!(
                f,
                "{heading}  {precision:>9.digits$} {recall:>9.digits$} {f1_score:>9.digits$} {support:>9}"
            )
        };
        let header = name("");
        writeln!(
            f,
            "{header}  {:>9} {:>9} {:>9} {:>9}\n",
            "precision", "recall", "f1-score", "support"
        )?;
        for (name, scores) in names.iter().zip(&self.scores) {
            line(f, name, scores)?;
        }
        let (heading, accuracy) = (name("accuracy"), self.accuracy);
        let rows = self.support(self.macro_avg.support);
        writeln!(f, "\n{heading}  {:>9} {:>9} {accuracy:>9.digits$} {rows:>9}", "", "")?;
        line(f, "macro avg", &self.macro_avg)?;
        line(f, "weighted avg", &self.weighted_avg)
    }
}

/// What is counted for a class.
#[derive(Debug, Clone, Default)]
struct Tally {
    truth: usize,
    predicted: usize,
    right: usize,
}

impl Tally {
    fn scores(&self) -> Scores {
        let share = |part: usize, all: usize| match all {
            0 => 0.0,
            all => part as f64 / all as f64,
        };
        Scores {
            precision: share(self.right, self.predicted),
            recall: share(self.right, self.truth),
            f1_score: share(2 * self.right, self.truth + self.predicted),
            support: self.truth,
        }
    }
}

/// The weighted mean of each score, summed in numpy's order so that the last digit is the same.
fn mean(scores: &[Scores], rows: usize, weight: impl Fn(&Scores) -> f64) -> Scores {
    let weights: Vec<f64> = scores.iter().map(&weight).collect();
    let total = pairwise_sum(&weights);
    let mean = |score: fn(&Scores) -> f64| {
        let weighted: Vec<f64> = scores.iter().zip(&weights).map(|(s, w)| score(s) * w).collect();
        pairwise_sum(&weighted) / total
    };
    Scores {
        precision: mean(|scores| scores.precision),
        recall: mean(|scores| scores.recall),
        f1_score: mean(|scores| scores.f1_score),
        support: rows,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of scikit-learn's own documentation, as scikit-learn 1.9.1 prints it.
    const WHOLE: &str = "              precision    recall  f1-score   support

           0       0.50      1.00      0.67         1
           1       0.00      0.00      0.00         1
           2       1.00      0.67      0.80         3

    accuracy                           0.60         5
   macro avg       0.50      0.56      0.49         5
weighted avg       0.70      0.60      0.61         5
";

    #[test]
    fn it_prints_character_by_character_as_scikit_learn_does() -> Result<(), Error> {
        let report =
            classification_report(&vec![0, 1, 2, 2, 2].into(), &vec![0, 0, 2, 2, 1].into())?;
        assert_eq!(report.to_string(), WHOLE);

        let truth = Labels::from(["cat", "ant", "cat", "cat", "ant", "bird"]);
        let predicted = Labels::from(["ant", "ant", "cat", "cat", "ant", "cat"]);
        let report = classification_report(&truth, &predicted)?.with_digits(3).to_string();
        for line in [
            "         ant      0.667     1.000     0.800         2",
            "        bird      0.000     0.000     0.000         1",
            "    accuracy                          0.667         6",
            "weighted avg      0.556     0.667     0.600         6",
        ] {
            assert!(report.lines().any(|printed| printed == line), "{line}\n{report}");
        }

        // When nothing is right, its counts are floats.
        let none = classification_report(&vec![1, 2].into(), &vec![2, 1].into())?.to_string();
        let line = "weighted avg       0.00      0.00      0.00       2.0";
        assert!(none.lines().any(|printed| printed == line), "{none}");
        Ok(())
    }

    #[test]
    fn a_class_has_its_scores_by_name() -> Result<(), Error> {
        let report =
            classification_report(&vec![0, 1, 2, 2, 2].into(), &vec![0, 0, 2, 2, 1].into())?;
        let two = Scores { precision: 1.0, recall: 2.0 / 3.0, f1_score: 0.8, support: 3 };
        assert_eq!(report.class(&Label::Integer(2)), Some(two));
        assert_eq!((report.class(&Label::Integer(3)), report.class(&"2".into())), (None, None));
        assert_eq!(report.with_digits(usize::MAX).digits(), MOST_DIGITS);
        Ok(())
    }
}
