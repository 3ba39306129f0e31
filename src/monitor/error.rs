//! What can be wrong with what is watched.

/// Why figures could not be computed, or models not be compared.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to look at.
    #[error("there are no {what}: give at least one")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Two lists that describe the same rows or columns differ in length.
    #[error("{what}: expected {expected}, found {found}; both must have the same length")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many were called for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Labels of two types.
    #[error("the truth holds {truth}, the predictions {predicted}: both must be of one type")]
    Kind {
        /// What the truth holds.
        truth: &'static str,
        /// What the predictions hold.
        predicted: &'static str,
    },
    /// A class of another type than the labels.
    #[error("the labels hold {found}, and {class} is none of these: name a class as the labels do")]
    Class {
        /// The class.
        class: String,
        /// What the labels hold.
        found: &'static str,
    },
    /// A number that cannot be compared.
    #[error("{what} {place} is {value}: {expected}")]
    Value {
        /// What the numbers are, such as a column's name.
        what: String,
        /// Which of them it is; the first is 0.
        place: usize,
        /// The number.
        value: f64,
        /// What is allowed.
        expected: &'static str,
    },
    /// A parameter that is out of its range.
    #[error("{name} is {value}: it must be {expected}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// Columns of the two tables that are not the same.
    #[error(
        "column {place} is {found:?} where the other table has {expected:?}: give the same columns in the same order"
    )]
    Column {
        /// Which column it is; the first is 0.
        place: usize,
        /// The name it should have.
        expected: String,
        /// The name it has.
        found: String,
    },
    /// The rows do not suffice to train and to judge with.
    #[error(
        "{rows} rows are too few to judge with {judged} of them and train with the rest: give more rows, or judge with fewer"
    )]
    Rows {
        /// How many there are.
        rows: usize,
        /// How many were to be kept to judge with.
        judged: usize,
    },
    /// A model could not be fitted or asked.
    #[error(transparent)]
    Model(#[from] crate::model::Error),
    /// Rows could not be chosen.
    #[error(transparent)]
    Data(#[from] crate::data::Error),
}

crate::text::message_as_debug!(Error);

/// Whether two lists have the same length.
pub(super) fn same_length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    match expected == found {
        true => Ok(()),
        false => Err(Error::Length { what, expected, found }),
    }
}

/// Whether a parameter is a number in a range.
pub(super) fn in_range(
    name: &'static str,
    value: f64,
    fits: bool,
    expected: &'static str,
) -> Result<(), Error> {
    match fits {
        true => Ok(()),
        false => Err(Error::Parameter { name, value: value.to_string(), expected }),
    }
}
