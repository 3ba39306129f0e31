//! What can go wrong with a model.

use std::fmt;

use serde::de;

/// Why a model could not be fitted, loaded, converted or asked: one error for all of them.
///
/// ```
/// use picklebook::model::Error;
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let error = tree.predict(&[[5.0, 1.0]]);
/// assert!(matches!(error, Err(Error::Columns { expected: 4, found: 2 })));
/// # Ok::<(), Error>(())
/// ```
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
    /// A text that is no version of scikit-learn.
    #[error("{found:?} is not a version of scikit-learn; write 1.9.1, for example")]
    Version {
        /// The text.
        found: String,
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
    /// More rows, columns, nodes or values than a model may have.
    #[error("{what}: {found} are more than the {most} that a model may have; use fewer")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A tree would hold more values than it may: one for each class in each node.
    #[error(
        "a tree of at least {nodes} nodes for {classes} classes holds {nodes} × {classes} values, \
         one for each class in each node, more than the {most} that a tree may hold: limit \
         max_depth or max_leaf_nodes, raise min_samples_leaf, or join classes; for quantities fit a \
         DecisionTreeRegressor"
    )]
    TooManyValues {
        /// How many nodes the tree has at least.
        nodes: usize,
        /// How many classes there are.
        classes: usize,
        /// How many values there may be.
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
        "the rows have {found} columns, but the model was fitted on {expected}: give the same columns in the same order"
    )]
    Columns {
        /// How many columns the model was fitted on.
        expected: usize,
        /// How many columns the rows have.
        found: usize,
    },
    /// The columns to predict from are not those of the fit, as scikit-learn refuses them.
    #[error(
        "the names of the columns should be those of the fit;{}{} rename them, or give the features \
         without names, as with `Dataset::features`, to take them as they stand",
        Names(" unseen at the fit:", unseen),
        Names(" seen at the fit, yet now missing:", missing)
    )]
    FeatureNames {
        /// The columns that the fit had not, each in quotes, separated by commas.
        unseen: String,
        /// The columns of the fit that are not there, in the same way.
        missing: String,
    },
    /// A feature is infinite, or too large for the 32-bit floats that trees compare.
    #[error(
        "row {row}, column {column} holds {value:?}, which is infinite or too large for a 32-bit float; remove the row or put NaN for a missing value"
    )]
    Infinite {
        /// The row, counted from 0.
        row: usize,
        /// The column, counted from 0.
        column: usize,
        /// The value.
        value: f64,
    },
    /// A feature is missing or infinite, and the model learns from and compares finite numbers
    /// only.
    #[error(
        "row {row}, column {column:?} holds {value}, and {model} takes finite numbers only: remove the row or fill in the value"
    )]
    NotFinite {
        /// The row, counted from 0.
        row: usize,
        /// The column's name, or its number where it has none.
        column: String,
        /// NaN or an infinity.
        value: f64,
        /// The name of the model's class.
        model: &'static str,
    },
    /// A number is negative, and the model learns from counts.
    #[error(
        "row {row}, column {column:?} holds {value}, and {model} learns from counts, of which none is negative: remove the row, or choose a model of numbers"
    )]
    Negative {
        /// The row, counted from 0.
        row: usize,
        /// The column's name, or its number where it has none.
        column: String,
        /// The number.
        value: f64,
        /// The name of the model's class.
        model: &'static str,
    },
    /// A column holds words, and the model takes numbers only.
    #[error(
        "column {column:?} holds words, and {model} takes numbers: encode the column first, or give the pipeline that does"
    )]
    Words {
        /// The column's name, or its number where it has none.
        column: String,
        /// The name of the model's class.
        model: &'static str,
    },
    /// A row holds no text, and the model takes texts only.
    #[error(
        "row {row}, column {column:?} holds no text, and {model} takes texts: remove the row, or fill in an empty text"
    )]
    NoText {
        /// The row, counted from 0.
        row: usize,
        /// The column's name, or its number where it has none.
        column: String,
        /// The name of the model's class.
        model: &'static str,
    },
    /// What was given makes no model of this kind.
    #[error("{model} cannot be fitted: {problem}")]
    Fit {
        /// The name of the model's class.
        model: &'static str,
        /// What is in the way, and what to do.
        problem: String,
    },
    /// Texts from which no vocabulary can be learned.
    #[error("there is no vocabulary: {problem}")]
    Vocabulary {
        /// What is in the way, and what to do.
        problem: &'static str,
    },
    /// A column that the model looks for by its name is not there.
    #[error("no column is named {column:?}, which the model was fitted on: give it too")]
    NoColumn {
        /// The column's name.
        column: String,
    },
    /// A category that the model was not fitted on.
    #[error(
        "row {row}, column {column:?} holds {value}, which {model} was not fitted on: remove the row, or fit with handle_unknown"
    )]
    UnknownCategory {
        /// The row, counted from 0.
        row: usize,
        /// The column's name, or its number where it has none.
        column: String,
        /// The value, as Python prints it.
        value: String,
        /// The name of the model's class.
        model: &'static str,
    },
    /// A table is not what the model can take.
    #[error(transparent)]
    Table(#[from] crate::data::Error),
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
    /// A target column is of a type that this model cannot learn or compare.
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
    /// The model has no such method.
    #[error("{model} has no {method}{}", OneOf(methods))]
    NoMethod {
        /// The name of the model's class.
        model: &'static str,
        /// The method, by scikit-learn's name.
        method: &'static str,
        /// The methods that it has.
        methods: String,
    },
    /// The arrays of a tree contradict each other.
    #[error("this is not a whole tree: node {node}: {problem}")]
    Node {
        /// The node, counted from 0.
        node: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// What is wrong with one of a model's trees.
    #[error("tree {tree}: {problem}")]
    Tree {
        /// The tree, counted from 0.
        tree: usize,
        /// What is wrong with it.
        problem: Box<Error>,
    },
    /// The parts of a model that came from elsewhere do not make one that can be used.
    #[error("this is not a model that can be used: {problem}")]
    Model {
        /// What is wrong with it.
        problem: String,
    },
    /// A model contradicts itself, which no data and no file can bring about.
    #[error("{problem}, which is a mistake in picklebook: please report it with the data")]
    Internal {
        /// What is wrong.
        problem: String,
    },
    /// What went wrong in another library's model: `downcast_ref` gives that library's error, such
    /// as [`LinfaError`](crate::tree::LinfaError).
    #[error(transparent)]
    Library(Box<dyn std::error::Error + Send + Sync>),
}

/// What else may be asked, or nothing where there is nothing.
struct OneOf<'a>(&'a str);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; ask it for one of: {}", self.0) }
    }
}

/// What was found and names in quotes, or nothing where there are none.
struct Names<'a>(&'a str, &'a str);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1.is_empty() { Ok(()) } else { write!(f, "{} {};", self.0, self.1) }
    }
}

impl Error {
    /// The same error, of one of a model's trees.
    ///
    /// ```
    /// use picklebook::model::Error;
    ///
    /// let error = Error::Node { node: 3, problem: "its value is not a number".into() };
    /// let text = "tree 7: this is not a whole tree: node 3: its value is not a number";
    /// assert_eq!(error.in_tree(7).to_string(), text);
    /// ```
    pub fn in_tree(self, tree: usize) -> Error {
        Error::Tree { tree, problem: Box::new(self) }
    }

    /// The error as the message of one who reads a file: what is not whole was not saved whole.
    pub(crate) fn in_file<E: de::Error>(self) -> E {
        match self {
            Error::Node { .. } | Error::Tree { .. } | Error::Model { .. } => {
                E::custom(format_args!("{self}; save the model again"))
            }
            other => E::custom(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::Error as ValueError;

    use super::*;

    #[test]
    fn messages_say_what_to_do_where_something_can_be_done() {
        let node = || Error::Node { node: 3, problem: "its value is not a number".into() };
        let text = "this is not a whole tree: node 3: its value is not a number";
        assert_eq!(node().to_string(), text);
        let saved: ValueError = node().in_file();
        assert_eq!(saved.to_string(), format!("{text}; save the model again"));
        let none = |methods: &str| Error::NoMethod {
            model: "NearestNeighbors",
            method: "predict",
            methods: methods.to_owned(),
        };
        assert_eq!(none("").to_string(), "NearestNeighbors has no predict");
        assert!(none("apply").to_string().ends_with("has no predict; ask it for one of: apply"));
        let weights: ValueError = Error::NoWeight { rows: 2 }.in_file();
        assert_eq!(weights.to_string(), Error::NoWeight { rows: 2 }.to_string());
    }
}
