//! The rows that a model is given: with the columns of the fit, and finite.

use ndarray::{CowArray, Ix2};

use super::columns::in_order_of_fit;
use super::{Error, Model};
use crate::data::{Features, SparseRows};

/// The rows with their columns in the order of the fit, as 64-bit floats of which none is missing or
/// infinite: scikit-learn takes no others where a model computes with them.
pub(crate) fn finite<'a>(
    model: &dyn Model,
    features: &Features<'a>,
) -> Result<CowArray<'a, f64, Ix2>, Error> {
    let rows: CowArray<'a, f64, Ix2> = match in_order_of_fit(features, model.feature_names())? {
        Some(ordered) => ordered.into(),
        None => features.to_f64(),
    };
    check_columns(model, rows.ncols())?;
    match rows.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(rows),
        Some(((row, column), &value)) => Err(not_finite(model, row, column, value)),
    }
}

/// Whether sparse rows have the columns of the fit, and only finite values.
pub(crate) fn check_sparse(model: &dyn Model, rows: &SparseRows) -> Result<(), Error> {
    check_columns(model, rows.shape().1)?;
    if rows.values().iter().all(|value| value.is_finite()) {
        return Ok(());
    }
    let cells = rows.rows().enumerate().flat_map(|(row, (columns, values))| {
        columns.iter().zip(values).map(move |(&column, &value)| (row, column as usize, value))
    });
    match cells.into_iter().find(|(_, _, value)| !value.is_finite()) {
        Some((row, column, value)) => Err(not_finite(model, row, column, value)),
        None => Ok(()),
    }
}

fn check_columns(model: &dyn Model, found: usize) -> Result<(), Error> {
    match model.n_features() {
        expected if expected == found => Ok(()),
        expected => Err(Error::Columns { expected, found }),
    }
}

fn not_finite(model: &dyn Model, row: usize, column: usize, value: f64) -> Error {
    let name = model.feature_names().and_then(|names| names.get(column).cloned());
    let column = name.unwrap_or_else(|| column.to_string());
    Error::NotFinite { row, column, value, model: model.name() }
}
