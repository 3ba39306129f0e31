//! A method of any model, by its name.

use std::fmt;

use ndarray::{Array2, Axis};

use super::columns::in_order_of_fit;
use super::{Error, Model};
use crate::data::{Dataset, Features, Frame, Labels};
use crate::metrics::{self, accuracy, r2_score};

/// A method that a model may have, by scikit-learn's name.
///
/// ```
/// use picklebook::model::Method;
///
/// assert_eq!("predict_proba".parse(), Ok(Method::PredictProba));
/// assert_eq!(Method::DecisionFunction.to_string(), "decision_function");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// The class of each row, or the estimate.
    Predict,
    /// The probability of each class.
    PredictProba,
    /// The score of each class.
    DecisionFunction,
    /// The leaf of each tree.
    Apply,
    /// Other columns.
    Transform,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 5] = [
        Method::Predict,
        Method::PredictProba,
        Method::DecisionFunction,
        Method::Apply,
        Method::Transform,
    ];

    /// scikit-learn's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Method::Predict => "predict",
            Method::PredictProba => "predict_proba",
            Method::DecisionFunction => "decision_function",
            Method::Apply => "apply",
            Method::Transform => "transform",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error is a sentence that names the methods there are.
impl std::str::FromStr for Method {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Method::ALL.into_iter().find(|method| method.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Method::ALL.iter().map(|method| method.name()).collect();
            format!("there is no such method; use one of: {}", names.join(", "))
        })
    }
}

/// What a model answers for the rows of a table.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// A class for each row, or an estimate ([`Labels::Floats`]).
    Labels(Labels),
    /// A class for each row, for each output.
    LabelsByOutput(Vec<Labels>),
    /// Numbers: rows × classes, or rows × outputs.
    Numbers(Array2<f64>),
    /// Probabilities (rows × classes), for each output.
    NumbersByOutput(Vec<Array2<f64>>),
    /// The numbers of leaves: rows × trees.
    Leaves(Array2<usize>),
    /// Other columns.
    Table(Frame),
}

/// How many cells of sparse rows are filled in at a time, for a model that takes dense ones: 32 MB.
const MOST_DENSE_CELLS: usize = 1 << 22;

/// What an answer is that must be of one kind.
macro_rules! of_kind {
    ($($(#[$doc:meta])* $method:ident -> $kind:ty { $pattern:pat => $held:expr })*) => {$(
        $(#[$doc])*
        pub(crate) fn $method(self) -> Result<$kind, Error> {
            match self {
                $pattern => Ok($held),
                _ => {
                    let problem = "a model that others hold answers something else".to_owned();
                    Err(Error::Internal { problem })
                }
            }
        }
    )*};
}

impl Answer {
    of_kind! {
        /// A class for each row, or an estimate.
        labels -> Labels { Answer::Labels(labels) => labels }
        /// An estimate for each row.
        floats -> Vec<f64> { Answer::Labels(Labels::Floats(floats)) => floats }
        /// Numbers: rows × classes, or rows × outputs.
        numbers -> Array2<f64> { Answer::Numbers(numbers) => numbers }
        /// A class for each row, for each output.
        labels_by_output -> Vec<Labels> { Answer::LabelsByOutput(labels) => labels }
        /// Probabilities (rows × classes), for each output.
        numbers_by_output -> Vec<Array2<f64>> { Answer::NumbersByOutput(numbers) => numbers }
    }

    /// Answers for one block of rows after the other, as one; they are of one kind and width.
    fn in_blocks(blocks: impl IntoIterator<Item = Result<Answer, Error>>) -> Result<Answer, Error> {
        fn rows<T: Clone>(blocks: &[Array2<T>]) -> Option<Array2<T>> {
            let views: Vec<_> = blocks.iter().map(|block| block.view()).collect();
            ndarray::concatenate(Axis(0), &views).ok()
        }
        fn labels(blocks: Vec<Labels>) -> Option<Labels> {
            let mut blocks = blocks.into_iter();
            let first = blocks.next()?;
            blocks.try_fold(first, |before, block| before.concat(&block))
        }
        /// From block by block to output by output.
        fn by_output<T>(blocks: Vec<Vec<T>>) -> Vec<Vec<T>> {
            let mut outputs: Vec<Vec<T>> = Vec::new();
            for block in blocks {
                outputs.resize_with(block.len().max(outputs.len()), Vec::new);
                outputs.iter_mut().zip(block).for_each(|(output, part)| output.push(part));
            }
            outputs
        }
        let blocks = blocks.into_iter().collect::<Result<Vec<Answer>, Error>>()?;
        macro_rules! all {
            ($kind:ident) => {{
                let parts = blocks.into_iter().map(|block| match block {
                    Answer::$kind(part) => Some(part),
                    _ => None,
                });
                parts.collect::<Option<Vec<_>>>()
            }};
        }
        let answer = match blocks.first() {
            Some(Answer::Labels(_)) => all!(Labels).and_then(labels).map(Answer::Labels),
            Some(Answer::LabelsByOutput(_)) => all!(LabelsByOutput).and_then(|parts| {
                let outputs = by_output(parts).into_iter().map(labels);
                outputs.collect::<Option<Vec<Labels>>>().map(Answer::LabelsByOutput)
            }),
            Some(Answer::Numbers(_)) => {
                all!(Numbers).and_then(|parts| rows(&parts)).map(Answer::Numbers)
            }
            Some(Answer::NumbersByOutput(_)) => all!(NumbersByOutput).and_then(|parts| {
                let outputs = by_output(parts).into_iter().map(|parts| rows(&parts));
                outputs.collect::<Option<Vec<_>>>().map(Answer::NumbersByOutput)
            }),
            Some(Answer::Leaves(_)) => {
                all!(Leaves).and_then(|parts| rows(&parts)).map(Answer::Leaves)
            }
            Some(Answer::Table(_)) => all!(Table).and_then(|parts| {
                let tables: Option<Vec<_>> = parts.iter().map(Frame::numbers).collect();
                let views: Vec<_> = tables.as_ref()?.iter().map(|table| table.view()).collect();
                let joined = ndarray::concatenate(Axis(0), &views).ok()?;
                Some(Answer::Table(Frame::from_numbers(joined)))
            }),
            None => None,
        };
        let problem = || "it answers otherwise from one block of rows to the next".to_owned();
        answer.ok_or_else(|| Error::Internal { problem: problem() })
    }
}

/// Asks any model, also one of several outputs or one that takes words.
///
/// # Errors
/// As the model's own method; [`Error::NoMethod`] when it has none of that name, and
/// [`Error::Words`] for a column of words that it does not take.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::{Answer, Method, ask};
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
/// let answer = ask(&tree, &Frame::from(&data), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(tree.predict(&data)?));
/// let error = ask(&tree, &Frame::from(&data), Method::Transform).expect_err("a tree has none");
/// assert!(error.to_string().starts_with("DecisionTreeClassifier has no transform;"));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub fn ask(model: &dyn Model, table: &Frame, method: Method) -> Result<Answer, Error> {
    let abilities = model.abilities();
    if let Some(model) = abilities.tables {
        return model.answer(table, method);
    }
    if let (Some(transformer), Method::Transform) = (abilities.transformer, method) {
        return Ok(Answer::Table(transformer.transform(table)?));
    }
    ask_numbers(model, table, method)
}

/// As [`ask`], of a model that takes numbers only.
pub(crate) fn ask_numbers(
    model: &dyn Model,
    table: &Frame,
    method: Method,
) -> Result<Answer, Error> {
    check_names(model, table.names())?;
    let dense = |table: &Frame| {
        let numbers = numbers_for(model.name(), table)?;
        ask_features(model, Features::from(&numbers), method)
    };
    let (rows, columns) = table.shape();
    let most = (MOST_DENSE_CELLS / columns.max(1)).max(1);
    if table.sparse().is_none() || rows <= most {
        return dense(table);
    }
    // The zeros of sparse rows are filled in for some rows at a time.
    let blocks = (0..rows).step_by(most);
    let blocks = blocks.filter_map(|start| table.slice(start..rows.min(start + most)));
    Answer::in_blocks(blocks.map(|block| dense(&block)))
}

/// The table's cells, for a model that takes numbers only.
pub(crate) fn numbers_for<'a>(
    model: &'static str,
    table: &'a Frame,
) -> Result<ndarray::CowArray<'a, f64, ndarray::Ix2>, Error> {
    table.numbers().ok_or_else(|| {
        let place = table.first_words().unwrap_or_default();
        let column = match table.names() {
            Some(names) => names.get(place).cloned().unwrap_or_default(),
            None => place.to_string(),
        };
        Error::Words { column, model }
    })
}

/// Whether the columns have the names that they had at the fit, as far as names are known.
pub(crate) fn check_names(model: &dyn Model, names: Option<&[String]>) -> Result<(), Error> {
    let (Some(own), Some(names)) = (model.feature_names(), names) else { return Ok(()) };
    if own.len() != names.len() {
        return Err(Error::Columns { expected: own.len(), found: names.len() });
    }
    match own == names {
        true => Ok(()),
        false => Err(super::columns::not_those_of_the_fit(own, names)),
    }
}

/// As [`ask`], by the traits that take numbers.
pub(crate) fn ask_features(
    model: &dyn Model,
    features: Features<'_>,
    method: Method,
) -> Result<Answer, Error> {
    // Columns with names go where the fit had them.
    if let Some(ordered) = in_order_of_fit(&features, model.feature_names())? {
        return ask_features(model, Features::from(&ordered), method);
    }
    let abilities = model.abilities();
    let answer = match method {
        Method::Predict => {
            if let Some(model) = abilities.classifier {
                Some(Answer::Labels(model.predict(features)?))
            } else if let Some(model) = abilities.regressor {
                Some(Answer::Labels(model.predict(features)?.into()))
            } else if let Some(model) = abilities.multi_output_classifier {
                Some(Answer::LabelsByOutput(model.predict(features)?))
            } else if let Some(model) = abilities.multi_output_regressor {
                Some(Answer::Numbers(model.predict(features)?))
            } else {
                None
            }
        }
        Method::PredictProba => {
            if let Some(model) = abilities.probabilities {
                Some(Answer::Numbers(model.predict_proba(features)?))
            } else if let Some(model) = abilities.multi_output_classifier {
                Some(Answer::NumbersByOutput(model.predict_proba(features)?))
            } else {
                None
            }
        }
        Method::DecisionFunction => match abilities.decision_function {
            Some(model) => Some(Answer::Numbers(model.decision_function(features)?)),
            None => None,
        },
        Method::Apply => match abilities.leaves {
            Some(model) => Some(Answer::Leaves(model.apply(features)?)),
            None => None,
        },
        Method::Transform => match abilities.transformer {
            Some(model) => Some(Answer::Table(model.transform(&Frame::from(features))?)),
            None => None,
        },
    };
    answer.ok_or_else(|| lacks(model, method.name()))
}

/// The class of each row, or the estimate, of a model of one output.
pub(crate) fn predict(model: &dyn Model, rows: Features<'_>) -> Result<Labels, Error> {
    if let Some(ordered) = in_order_of_fit(&rows, model.feature_names())? {
        return predict(model, Features::from(&ordered));
    }
    let abilities = model.abilities();
    match (abilities.classifier, abilities.regressor) {
        (Some(classifier), _) => classifier.predict(rows),
        (None, Some(regressor)) => Ok(regressor.predict(rows)?.into()),
        (None, None) => Err(lacks(model, "predict")),
    }
}

/// scikit-learn's `score` of a model of one output: the share of right classes, or R² of estimates.
pub(crate) fn score(model: &dyn Model, data: &Dataset) -> Result<f64, Error> {
    let predicted = predict(model, data.into())?;
    if model.abilities().classifier.is_none() {
        let (Labels::Floats(predicted), truth) = (&predicted, quantities(data.target())?) else {
            return Err(lacks(model, "score"));
        };
        return r2_score(&truth, predicted).map_err(in_score);
    }
    match data.target().kind() == predicted.kind() {
        true => accuracy(data.target(), &predicted).map_err(in_score),
        false => Err(Error::TargetKind {
            found: data.target().kind(),
            expected: "the model knows classes of another type; give labels of its type",
        }),
    }
}

/// What keeps predictions from being compared, as an error of a model.
pub(crate) fn in_score(error: metrics::Error) -> Error {
    match error {
        metrics::Error::Empty => Error::Empty { rows: 0, columns: 0 },
        error => Error::Library(Box::new(error)),
    }
}

/// The numbers of a target that a regressor learns or is measured by.
pub(crate) fn quantities(target: &Labels) -> Result<Vec<f64>, Error> {
    target.to_numbers().ok_or(Error::TargetKind {
        found: target.kind(),
        expected: "a regressor learns numbers; fit a DecisionTreeClassifier for classes",
    })
}

/// The probability of each class for each row, of a model of one output.
pub(crate) fn predict_proba(model: &dyn Model, rows: Features<'_>) -> Result<Array2<f64>, Error> {
    if let Some(ordered) = in_order_of_fit(&rows, model.feature_names())? {
        return predict_proba(model, Features::from(&ordered));
    }
    match model.abilities().probabilities {
        Some(classifier) => classifier.predict_proba(rows),
        None => Err(lacks(model, "predict_proba")),
    }
}

/// The error for a method that the model does not have.
pub(crate) fn lacks(model: &dyn Model, method: &'static str) -> Error {
    let methods = model.abilities().to_string();
    Error::NoMethod { model: model.name(), method, methods }
}

/// Whether classes are ascending and distinct, and there are any.
pub(crate) fn check_classes(classes: &Labels) -> Result<(), Error> {
    let problem = match classes {
        classes if classes.is_empty() => "it has no classes",
        classes if classes.classes() != *classes => {
            "its classes are not in ascending order, or not distinct"
        }
        _ => return Ok(()),
    };
    Err(Error::Model { problem: problem.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{SparseRows, balance_scale};
    use crate::tree::DecisionTreeClassifier;

    #[test]
    fn answers_in_blocks_are_those_of_all_rows() {
        let data = balance_scale();
        let tree = DecisionTreeClassifier::params().max_depth(4).fit(&data).expect("a tree");
        let dense = Frame::from(&data);
        let sparse = SparseRows::from_dense(&data.features().to_owned()).expect("four columns");
        let sparse = Frame::from(sparse);
        for method in [Method::Predict, Method::PredictProba, Method::Apply] {
            let expected = ask(&tree, &dense, method).expect("an answer");
            assert_eq!(ask(&tree, &sparse, method).expect("an answer"), expected);
            let blocks = (0..625).step_by(100).map(|start| start..625.min(start + 100));
            let blocks = blocks.map(|rows| ask(&tree, &sparse.slice(rows).expect("rows"), method));
            assert_eq!(Answer::in_blocks(blocks).expect("one answer"), expected);
        }
        let outputs = |rows| Answer::NumbersByOutput(vec![Array2::zeros((rows, 2)); 3]);
        let both = Answer::in_blocks([Ok(outputs(1)), Ok(outputs(4))]);
        assert_eq!(both.expect("one answer"), outputs(5));
        let mixed = Answer::in_blocks([Ok(outputs(1)), Ok(Answer::Numbers(Array2::zeros((1, 2))))]);
        assert!(matches!(mixed, Err(Error::Internal { .. })));
    }
}
