//! The models that a model is made of, and how their answers are put together.

use std::ops::Deref;
use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use crate::data::{Frame, LabelRef, Labels};
use crate::model::{Answer, FittedParts, Method, Model, Nesting, ask};
use crate::numpy::pairwise_sum;

/// The models that a model is made of.
#[derive(Debug, Clone)]
pub(super) struct Members {
    models: Vec<Arc<dyn Model>>,
    pub(super) nesting: Nesting,
}

/// The very same models.
impl PartialEq for Members {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.iter().zip(other.iter());
        self.len() == other.len() && pairs.into_iter().all(|(own, other)| Arc::ptr_eq(own, other))
    }
}

impl Deref for Members {
    type Target = [Arc<dyn Model>];

    fn deref(&self) -> &Self::Target {
        &self.models
    }
}

impl Members {
    /// Checks that there are models, of which each takes the columns that are known of the fit, and
    /// that each fits: `fits` says what a model lacks otherwise.
    pub(super) fn new(
        fitted: &FittedParts,
        models: Vec<Arc<dyn Model>>,
        fits: impl Fn(&dyn Model) -> Result<(), String>,
    ) -> Result<Members, Error> {
        Members::of(fitted, models, |_| fitted.n_features, fits)
    }

    /// As [`new`](Self::new), where each model takes columns of its own.
    pub(super) fn of(
        fitted: &FittedParts,
        models: Vec<Arc<dyn Model>>,
        columns: impl Fn(usize) -> usize,
        fits: impl Fn(&dyn Model) -> Result<(), String>,
    ) -> Result<Members, Error> {
        fitted.check_columns()?;
        if models.is_empty() {
            return Err(Error::Model { problem: "it holds no models".to_owned() });
        }
        for (number, model) in models.iter().enumerate() {
            let (expected, found) = (columns(number), model.n_features());
            // zero where nobody says how many there are
            if expected != found && expected > 0 && found > 0 {
                let name = model.name();
                let problem =
                    format!("model {number}, a {name}, takes {found} columns, not {expected}");
                return Err(Error::Model { problem });
            }
            fits(model.as_ref()).map_err(|problem| {
                let problem = format!("model {number}, a {}, {problem}", model.name());
                Error::Model { problem }
            })?;
        }
        let nesting = Nesting::of(models.iter().map(|model| model.as_ref()))?;
        Ok(Members { models, nesting })
    }

    /// Whether rows are texts.
    pub(super) fn takes_text(&self) -> bool {
        self.first().is_some_and(|model| model.takes_text())
    }

    /// Whether all have an ability.
    pub(super) fn all_can(&self, can: impl Fn(&dyn Model) -> bool) -> bool {
        self.iter().all(|model| can(model.as_ref()))
    }

    /// What each answers, as numbers.
    pub(super) fn each(
        &self,
        table: &Frame,
        ask: impl Fn(&dyn Model, &Frame) -> Result<Array2<f64>, Error>,
    ) -> Result<Vec<Array2<f64>>, Error> {
        self.iter().map(|model| ask(model.as_ref(), table)).collect()
    }
}

/// How many classes a model tells apart, in one output.
pub(super) fn n_classes(model: &dyn Model) -> Option<usize> {
    model.abilities().classifier.map(|model| model.classes().len())
}

/// How many numbers a model estimates for each row.
pub(super) fn n_outputs(model: &dyn Model) -> Option<usize> {
    let abilities = model.abilities();
    match (abilities.regressor, abilities.multi_output_regressor) {
        (_, Some(model)) => Some(model.n_outputs()),
        (Some(_), None) => Some(1),
        (None, None) => None,
    }
}

/// Whether a model is a classifier of so many classes with their probabilities.
pub(super) fn has_probabilities(model: &dyn Model, classes: usize) -> bool {
    model.abilities().probabilities.is_some_and(|model| model.classes().len() == classes)
}

/// Whether a model's classes are places among so many classes.
pub(super) fn has_codes(model: &dyn Model, classes: usize) -> bool {
    let is_code = |&code: &i64| usize::try_from(code).is_ok_and(|code| code < classes);
    model.abilities().classifier.is_some_and(|model| match model.classes() {
        Labels::Integers(codes) => codes.iter().all(is_code),
        _ => false,
    })
}

/// The estimates of a regressor: rows × outputs.
pub(super) fn estimates(model: &dyn Model, table: &Frame) -> Result<Array2<f64>, Error> {
    match ask(model, table, Method::Predict)? {
        Answer::Numbers(numbers) => Ok(numbers),
        Answer::Labels(labels) => column(&labels),
        other => other.numbers(),
    }
}

/// Labels as a column of numbers.
pub(super) fn column(labels: &Labels) -> Result<Array2<f64>, Error> {
    let number = |label: LabelRef<'_>| match label {
        LabelRef::Integer(integer) => Some(integer as f64),
        LabelRef::Float(float) => Some(float),
        LabelRef::Boolean(boolean) => Some(f64::from(u8::from(boolean))),
        LabelRef::Text(_) => None,
    };
    let numbers: Option<Vec<f64>> = labels.iter().map(number).collect();
    let numbers = numbers.ok_or_else(|| Error::TargetKind {
        found: "words",
        expected: "what a model answers here must be numbers",
    })?;
    crate::model::link::table(numbers.len(), 1, numbers)
}

pub(super) fn probabilities(model: &dyn Model, table: &Frame) -> Result<Array2<f64>, Error> {
    ask(model, table, Method::PredictProba)?.numbers()
}

pub(super) fn decisions(model: &dyn Model, table: &Frame) -> Result<Array2<f64>, Error> {
    ask(model, table, Method::DecisionFunction)?.numbers()
}

/// The classes that a model of codes predicts, as places.
pub(super) fn codes(model: &dyn Model, table: &Frame) -> Result<Vec<usize>, Error> {
    let place = |label: LabelRef<'_>| match label {
        LabelRef::Integer(code) => usize::try_from(code).ok(),
        _ => None,
    };
    let labels = ask(model, table, Method::Predict)?.labels()?;
    labels.iter().map(place).collect::<Option<Vec<usize>>>().ok_or_else(|| Error::Internal {
        problem: "a model of codes predicts something else".to_owned(),
    })
}

/// The sum of tables of one shape, one after the other; the error of a model that answers with
/// another shape than the first.
pub(super) fn sum_in_order(tables: Vec<Array2<f64>>) -> Result<Array2<f64>, Error> {
    let mut tables = tables.into_iter();
    let mut sum = tables.next().unwrap_or_default();
    for table in tables {
        same_shape(&sum, &table)?;
        sum += &table;
    }
    Ok(sum)
}

/// The mean of tables of one shape: numpy's `average` over them.
pub(super) fn mean(
    tables: Vec<Array2<f64>>,
    weights: Option<&[f64]>,
) -> Result<Array2<f64>, Error> {
    let count = tables.len() as f64;
    let tables: Vec<Array2<f64>> = match weights {
        None => tables,
        Some(weights) => {
            tables.iter().zip(weights).map(|(table, weight)| table * *weight).collect()
        }
    };
    let divisor = weights.map_or(count, pairwise_sum);
    // numpy adds the numbers of a single one in pairs, those of many one table after the other
    let single: Option<Vec<f64>> = tables
        .iter()
        .map(|table| match table.dim() {
            (1, 1) => table.first().copied(),
            _ => None,
        })
        .collect();
    let sum = match single {
        Some(values) => Array2::from_elem((1, 1), pairwise_sum(&values)),
        None => sum_in_order(tables)?,
    };
    Ok(sum / divisor)
}

fn same_shape(one: &Array2<f64>, other: &Array2<f64>) -> Result<(), Error> {
    match one.dim() == other.dim() {
        true => Ok(()),
        false => {
            let problem = "models that are joined answer with other shapes".to_owned();
            Err(Error::Internal { problem })
        }
    }
}

/// Tables of as many rows, side by side.
pub(super) fn side_by_side(tables: &[Array2<f64>]) -> Result<Array2<f64>, Error> {
    let views: Vec<_> = tables.iter().map(|table| table.view()).collect();
    let joined = ndarray::concatenate(ndarray::Axis(1), &views)
        .map_err(|error| Error::Internal { problem: error.to_string() })?;
    // row by row, whatever the order of the parts
    Ok(joined.as_standard_layout().into_owned())
}

/// The sum of each row of a table that numpy keeps column by column.
pub(super) fn sums_of_rows(table: &Array2<f64>) -> Vec<f64> {
    let sum = |row: ndarray::ArrayView1<'_, f64>| match table.nrows() {
        1 => pairwise_sum(&row.to_vec()),
        _ => row.iter().sum(),
    };
    table.rows().into_iter().map(sum).collect()
}

/// The weights of models: one for each, and finite.
pub(super) fn check_weights(weights: Option<&[f64]>, expected: usize) -> Result<(), Error> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != expected {
        let (what, found) = ("weights of models", weights.len());
        return Err(Error::Length { what, expected, found });
    }
    match weights.iter().find(|weight| !weight.is_finite()) {
        Some(weight) => Err(Error::Model { problem: format!("the weight of a model is {weight}") }),
        None => Ok(()),
    }
}
