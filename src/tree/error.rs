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
}
