//! Scalers, encoders and an imputer that are fitted here, and what their fits have in common.
//!
//! Source: `preprocessing/_data.py`, `_encoders.py` and `_label.py`, and `impute/_base.py` of
//! scikit-learn.

mod encoders;
mod imputer;
mod labels;
mod scalers;

use std::borrow::Cow;

use ndarray::Array2;

pub use encoders::{DropCategory, OneHotEncoderParams, OrdinalEncoderParams};
pub(crate) use imputer::LearnedImputer;
pub use imputer::{ImputeStrategy, SimpleImputerParams};
pub use labels::{LabelBinarizerParams, LabelEncoderParams};
pub(crate) use scalers::{Extremes, Spread};
pub use scalers::{
    MaxAbsScalerParams, MinMaxScalerParams, RobustScalerParams, StandardScalerParams,
};

use super::{Error, TransformerParts, column_name};
use crate::data::{Frame, SparseRows};
use crate::model::ask::numbers_for;
use crate::model::fit::check_shape;
use crate::model::{FittedParts, Parameter};

/// What is known of a fit on a table.
fn fitted(table: &Frame, parameters: Vec<(&str, Parameter)>) -> FittedParts {
    let own = |(name, value): (&str, Parameter)| (name.to_owned(), value);
    FittedParts {
        feature_names: table.names().map(<[String]>::to_vec),
        parameters: parameters.into_iter().map(own).collect(),
        ..FittedParts::new(table.shape().1)
    }
}

/// Whether the columns of a table are those of a fit.
fn check_columns(fitted: &TransformerParts, table: &Frame) -> Result<(), Error> {
    let (expected, (_, found)) = (fitted.n_features, table.shape());
    if expected != found {
        return Err(Error::Columns { expected, found });
    }
    match (fitted.feature_names.as_deref(), table.names()) {
        (Some(own), Some(names)) if own != names => {
            Err(crate::model::columns::not_those_of_the_fit(own, names))
        }
        _ => Ok(()),
    }
}

/// The numbers of a table to learn from, NaN where one is missing, and of which none is infinite.
enum Numbers<'t> {
    Dense(Array2<f64>),
    Sparse(Cow<'t, SparseRows>),
}

fn numbers<'t>(model: &'static str, table: &'t Frame) -> Result<Numbers<'t>, Error> {
    check_shape(table.shape())?;
    let infinite = |row: usize, column: usize, value: f64| {
        let column = column_name(table, column);
        Error::NotFinite { row, column, value, model }
    };
    if let Some(rows) = table.sparse() {
        for (row, (columns, values)) in rows.rows().enumerate() {
            let mut cells = columns.iter().zip(values);
            if let Some((&column, &value)) = cells.find(|(_, value)| value.is_infinite()) {
                return Err(infinite(row, column as usize, value));
            }
        }
        return Ok(Numbers::Sparse(Cow::Borrowed(rows)));
    }
    let numbers = numbers_for(model, table)?.into_owned();
    match numbers.indexed_iter().find(|(_, value)| value.is_infinite()) {
        Some(((row, column), &value)) => Err(infinite(row, column, value)),
        // what Python keeps without zeros, and not here
        None if table.is_sparse() => {
            Ok(Numbers::Sparse(Cow::Owned(SparseRows::from_dense(&numbers)?)))
        }
        None => Ok(Numbers::Dense(numbers)),
    }
}

/// As [`numbers`], for a model that learns from dense rows only.
fn dense(model: &'static str, table: &Frame) -> Result<Array2<f64>, Error> {
    match numbers(model, table)? {
        Numbers::Dense(numbers) => Ok(numbers),
        Numbers::Sparse(_) => {
            let problem = format!("a {model} like this one learns from dense rows only");
            Err(Error::Model { problem })
        }
    }
}
