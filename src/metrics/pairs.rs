//! True and predicted labels side by side.

use super::Error;
use crate::data::Labels;

/// What is true and what is predicted, row by row, as places among the classes.
#[derive(Debug)]
pub(super) struct Pairs {
    /// All labels that occur on either side, ascending.
    pub(super) classes: Labels,
    pub(super) truth: Vec<usize>,
    pub(super) predicted: Vec<usize>,
}

impl Pairs {
    pub(super) fn new(truth: &Labels, predicted: &Labels) -> Result<Self, Error> {
        if truth.len() != predicted.len() {
            return Err(Error::Length { truth: truth.len(), predicted: predicted.len() });
        }
        if truth.is_empty() {
            return Err(Error::Empty);
        }
        check_classes(truth)?;
        check_classes(predicted)?;
        let kind = || Error::Kind { truth: truth.kind(), predicted: predicted.kind() };
        let classes = truth.classes().concat(&predicted.classes()).ok_or_else(kind)?.classes();
        let truth = truth.codes(&classes).ok_or_else(kind)?;
        let predicted = predicted.codes(&classes).ok_or_else(kind)?;
        Ok(Pairs { classes, truth, predicted })
    }

    /// The pairs, the truth first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.truth.iter().copied().zip(self.predicted.iter().copied())
    }
}

/// Refuses quantities, as scikit-learn does.
fn check_classes(labels: &Labels) -> Result<(), Error> {
    match labels.first_quantity().and_then(|row| Some((row, labels.get(row)?))) {
        None => Ok(()),
        Some((row, label)) => Err(Error::NoClass { row, label: label.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_become_places_among_the_classes_of_both_sides() -> Result<(), Error> {
        let pairs = Pairs::new(&["b", "c", "b"].into(), &["a", "c", "d"].into())?;
        assert_eq!(pairs.classes, ["a", "b", "c", "d"].into());
        assert_eq!(pairs.iter().collect::<Vec<_>>(), [(1, 0), (2, 2), (1, 3)]);
        let pairs = Pairs::new(&vec![0.0, 2.0].into(), &vec![-0.0, -1.0].into())?;
        assert_eq!(pairs.iter().collect::<Vec<_>>(), [(1, 1), (2, 0)]);
        Ok(())
    }

    #[test]
    fn quantities_are_no_classes() {
        let pairs = |label: f64| {
            let column = Labels::from(vec![1.0, label]);
            Pairs::new(&column, &column).map(|_| ())
        };
        for label in [0.0, -3.0, 9_007_199_254_740_992.0, -9_223_372_036_854_775_808.0] {
            assert!(pairs(label).is_ok(), "{label}");
        }
        for label in [0.5, -1e-300, 1e19, 1e300, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(pairs(label), Err(Error::NoClass { row: 1, .. })), "{label}");
        }
    }
}
