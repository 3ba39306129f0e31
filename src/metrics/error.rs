//! What can be wrong with predictions.

/// Why predictions could not be compared with the truth.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is nothing to compare.
    #[error("there is nothing to compare: give at least one row")]
    Empty,
    /// More or fewer predictions than rows.
    #[error(
        "{truth} true values and {predicted} predicted ones: predict the rows that the true values belong to"
    )]
    Length {
        /// How many true labels there are.
        truth: usize,
        /// How many predictions there are.
        predicted: usize,
    },
    /// Labels of two types.
    #[error("the truth holds {truth}, the predictions {predicted}: both must be of one type")]
    Kind {
        /// What the truth holds.
        truth: &'static str,
        /// What the predictions hold.
        predicted: &'static str,
    },
    /// A label that is not a class.
    #[error(
        "{label} in row {row} is not a class: classes are words, booleans or whole numbers, not quantities"
    )]
    NoClass {
        /// The row, counted from 0.
        row: usize,
        /// The label.
        label: String,
    },
    /// More classes than a matrix is made for.
    #[error(
        "{classes} classes are more than the {most} that a matrix is made for; are these labels classes?"
    )]
    TooManyClasses {
        /// How many classes there are.
        classes: usize,
        /// How many there may be.
        most: usize,
    },
    /// More or fewer scores than rows.
    #[error("{truth} true labels and {scores} scores: give one score for each row")]
    Scores {
        /// How many true labels there are.
        truth: usize,
        /// How many scores there are.
        scores: usize,
    },
    /// A score that cannot be compared.
    #[error("the score of row {row} is {score}: scores must be finite numbers")]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The score.
        score: f64,
    },
    /// A number that is none, or infinite.
    #[error("of the {column}, that of row {row} is {number}: all must be finite")]
    NoNumber {
        /// Which column.
        column: &'static str,
        /// The row, counted from 0.
        row: usize,
        /// The number.
        number: f64,
    },
    /// The class of a curve does not occur in the truth.
    #[error("no row is of class {class}; the classes of the truth are: {classes}")]
    NoPositive {
        /// The class asked for.
        class: String,
        /// The first of those that occur.
        classes: String,
    },
    /// Only one class occurs.
    #[error("every row is of class {class}: a ROC curve needs rows of at least one other class")]
    OneClass {
        /// The class.
        class: String,
    },
}

crate::text::message_as_debug!(Error);
