//! What can go wrong with a tree.

/// Why a tree could not be fitted, loaded, converted or asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A parameter has a value that scikit-learn would refuse too.
    #[error("{name}={value} is not possible: it must be {expected}")]
    Parameter {
        /// The parameter's name.
        name: &'static str,
        /// Its value, as Python prints it.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// There is nothing to learn from or to predict with.
    #[error(
        "the features have {rows} rows and {columns} columns: give at least one row and one column"
    )]
    Empty {
        /// The number of rows.
        rows: usize,
        /// The number of columns.
        columns: usize,
    },
    /// More rows, columns, nodes or values than a tree may have.
    #[error("{what}: {found} are more than the {most} that a tree may have; use fewer")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two things that describe the same rows, columns or classes differ in length.
    #[error("{what}: expected {expected}, found {found}; both must have the same length")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many were called for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Rows to predict have another number of columns than the rows of the fit.
    #[error(
        "the rows have {found} columns, but the tree was fitted on {expected}: give the same columns in the same order"
    )]
    Columns {
        /// How many columns the tree was fitted on.
        expected: usize,
        /// How many columns the rows have.
        found: usize,
    },
    /// A feature is infinite, or too large for the 32-bit floats that trees compare.
    #[error(
        "row {row}, column {column} holds {value}, which is infinite or too large for a 32-bit float; remove the row or put NaN for a missing value"
    )]
    Infinite {
        /// The row, counted from 0.
        row: usize,
        /// The column, counted from 0.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A sample weight is negative, infinite or missing.
    #[error("the weight of row {row} is {weight}: weights must be finite and not negative")]
    Weight {
        /// The row, counted from 0.
        row: usize,
        /// Its weight.
        weight: f64,
    },
    /// Every sample weight is zero.
    #[error("all {rows} sample weights are zero: at least one row must count")]
    NoWeight {
        /// The number of rows.
        rows: usize,
    },
    /// A target value cannot be learned.
    #[error("the target of row {row} is {value}: {expected}")]
    Target {
        /// The row, counted from 0.
        row: usize,
        /// The value, as Python prints it.
        value: String,
        /// What is allowed.
        expected: &'static str,
    },
    /// A target column is of a type that this tree cannot learn or compare.
    #[error("the target holds {found}, but {expected}")]
    TargetKind {
        /// What the column holds.
        found: &'static str,
        /// What is needed.
        expected: &'static str,
    },
    /// `class_weight` does not fit the classes in the target.
    #[error("class_weight: {problem}")]
    ClassWeight {
        /// What does not fit, and what to do.
        problem: String,
    },
    /// Sums of weights, or of targets times weights, exceed a 64-bit float.
    #[error("the sums of weights and targets are too large for 64-bit floats; scale them down")]
    Overflow,
    /// The arrays of a stored tree contradict each other.
    #[error("this is not a whole tree: node {node}: {problem}; save the model again")]
    Node {
        /// The node, counted from 0.
        node: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A stored model cannot be used.
    #[error("this is not a model that can be used: {problem}; save the model again")]
    Model {
        /// What is wrong with it.
        problem: String,
    },
    /// An error of linfa's.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),

    // What only linfa-trees' tree needs.
    /// A column to predict from has another name than the one of the fit.
    #[error(
        "column {column} is {found:?}, but the tree was fitted with {expected:?} there: give the same columns in the same order"
    )]
    ColumnName {
        /// The column, counted from 0.
        column: usize,
        /// Its name at the fit.
        expected: String,
        /// Its name now.
        found: String,
    },
    /// A feature is missing or infinite, which linfa-trees cannot learn or compare.
    #[error(
        "row {row}, column {column:?} holds {value}, and linfa-trees knows finite numbers only: remove the row or fill in the value"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column's name.
        column: String,
        /// NaN or an infinity.
        value: f64,
    },
    /// Two neighbouring values have no float in the middle that lies between them.
    #[error(
        "column {column:?} holds {lower:?} and {upper:?}, and linfa-trees finds no threshold between them: scale the column, or round it"
    )]
    NoThreshold {
        /// The column's name.
        column: String,
        /// The lower value.
        lower: f64,
        /// The upper value.
        upper: f64,
    },
    /// More rows than linfa-trees can count.
    #[error("{rows} rows are more than the {most} that linfa-trees can count: use fewer")]
    TooManyRows {
        /// How many rows there are.
        rows: usize,
        /// How many there may be.
        most: usize,
    },
    /// A conversion to or from another library's tree would change predictions.
    #[error("the tree cannot be converted: {problem}")]
    Convert {
        /// What the other side cannot hold.
        problem: String,
    },
}
