//! What can go wrong while a model is chosen.

use crate::{data, metrics, model};

/// Why rows could not be divided into folds, or a model could not be chosen by them.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Fewer than two folds.
    #[error("n_splits={n_splits}: rows are divided into at least 2 folds")]
    TooFewSplits {
        /// How many folds were asked for.
        n_splits: usize,
    },
    /// More folds than rows.
    #[error(
        "n_splits={n_splits} is more than the {rows} rows: give more rows, or ask for fewer folds"
    )]
    TooManySplits {
        /// How many folds were asked for.
        n_splits: usize,
        /// How many rows there are.
        rows: usize,
    },
    /// No class has a row for each fold.
    #[error(
        "n_splits={n_splits} is more than the rows of any class, of which the commonest has {most}: \
         ask for fewer folds, or take KFold"
    )]
    RareClasses {
        /// How many folds were asked for.
        n_splits: usize,
        /// The number of rows of the commonest class.
        most: usize,
    },
    /// A target of quantities, which have no classes.
    #[error(
        "the target of row {row} is {label}, which names no class: StratifiedKFold divides classes; \
         take KFold to estimate numbers"
    )]
    NotClasses {
        /// The row, counted from 0.
        row: usize,
        /// Its target.
        label: String,
    },
    /// Folds of rows in time for which there are too few rows.
    #[error(
        "{rows} rows are too few for n_splits={n_splits} with test_size={test_size} and gap={gap}: \
         n_splits × test_size + gap must be below the number of rows, and test_size at least 1"
    )]
    TooFewRows {
        /// How many rows there are.
        rows: usize,
        /// How many folds were asked for.
        n_splits: usize,
        /// How many rows each fold tests with.
        test_size: usize,
        /// How many rows are left out between train and test rows.
        gap: usize,
    },
    /// A fold without train or test rows, or with a row that is not there.
    #[error("fold {fold}: {problem}")]
    Fold {
        /// The fold, counted from 0.
        fold: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// Folds that do not test each row once.
    #[error(
        "row {row} is tested {times} times, but each row is predicted once: take a cross-validator \
         that divides all rows, such as KFold"
    )]
    NoPartition {
        /// The first such row, counted from 0.
        row: usize,
        /// How many folds test it.
        times: usize,
    },
    /// Sizes of a learning curve that are none.
    #[error("train_sizes={size} is not possible: give {expected}")]
    TrainSizes {
        /// The size.
        size: String,
        /// What is allowed.
        expected: String,
    },
    /// A parameter that the model does not have, or that cannot be varied.
    #[error("{model} has no parameter {name:?} to vary; its parameters are: {names}")]
    NoParameter {
        /// The name of the model's class.
        model: &'static str,
        /// The name asked for.
        name: String,
        /// The names that it has.
        names: String,
    },
    /// A value that a parameter cannot have.
    #[error("{name}={value} is not possible: it must be {expected}")]
    Parameter {
        /// The parameter's name.
        name: String,
        /// The value, as Python prints it.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A parameter to vary, without values.
    #[error("{name}: there are no values to try; give at least one")]
    NoValues {
        /// The parameter's name.
        name: String,
    },
    /// More values or combinations than are tried, or more probabilities than are kept.
    #[error("{found} {what} or more are too many; give at most {most}")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are at least.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A text that is no measure.
    #[error("{name:?} is no scoring that is known; use one of: {names}")]
    NoScoring {
        /// The text.
        name: String,
        /// The names that are known.
        names: String,
    },
    /// What the model predicts cannot be measured so.
    #[error("scoring={scoring} needs {needed}; choose another scoring, or another model")]
    Scoring {
        /// scikit-learn's name of the measure.
        scoring: &'static str,
        /// What it measures.
        needed: &'static str,
    },
    /// A model could not be fitted or asked.
    #[error("{}: {error}", place(*fold, candidate))]
    Model {
        /// The fold, counted from 0; none where it was all rows.
        fold: Option<usize>,
        /// The parameters that were tried, if some were.
        candidate: String,
        /// What went wrong.
        #[source]
        error: Box<model::Error>,
    },
    /// Predictions could not be scored.
    #[error("{}: {error}", place(Some(*fold), ""))]
    Metrics {
        /// The fold, counted from 0.
        fold: usize,
        /// What went wrong.
        #[source]
        error: metrics::Error,
    },
    /// Rows could not be selected.
    #[error(transparent)]
    Data(#[from] data::Error),
}

crate::text::message_as_debug!(Error);

impl Error {
    /// An error of a model that was fitted without a fold's rows, or on all.
    pub(super) fn of_model(fold: Option<usize>, error: model::Error) -> Error {
        Error::Model { fold, candidate: String::new(), error: Box::new(error) }
    }

    /// The same error, of a combination of values.
    pub(super) fn of_candidate(self, names: &model::Parameters) -> Error {
        match self {
            Error::Model { fold, error, .. } => {
                Error::Model { fold, candidate: names.to_string(), error }
            }
            other => other,
        }
    }

    /// The error of parameters that are out of range.
    pub(super) fn out_of_range(error: model::Error) -> Error {
        match error {
            model::Error::Parameter { name, value, expected } => {
                Error::Parameter { name: name.to_owned(), value, expected }
            }
            error => Error::of_model(None, error),
        }
    }
}

/// Where something went wrong: the parameters that were tried, and on which rows.
fn place(fold: Option<usize>, candidate: &str) -> String {
    let rows = fold.map_or("all rows".to_owned(), |fold| format!("fold {fold}"));
    match candidate {
        "" => rows,
        candidate => format!("{candidate}, {rows}"),
    }
}
