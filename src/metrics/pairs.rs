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
