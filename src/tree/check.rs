//! Checks that every fit and every answer begins with.

use super::{Error, Features};
use crate::data::Labels;
pub(crate) use crate::model::MOST_COLUMNS;

/// The greatest number of rows, and of nodes.
pub(crate) const MOST_ROWS: usize = i32::MAX as usize;

/// The greatest number of values that the nodes may hold together: 2 GiB. A target that is
/// different in every row would call for the square of the number of rows.
pub(super) const MOST_VALUES: usize = 1 << 28;

/// Whether there are not too many of something.
pub(crate) fn within(what: &'static str, found: usize, most: usize) -> Result<(), Error> {
    if found > most { Err(Error::TooMany { what, found, most }) } else { Ok(()) }
}

/// The numbers of rows and columns, if there is one target per row.
pub(super) fn shape(features: &Features<'_>, targets: usize) -> Result<(usize, usize), Error> {
    let (rows, columns) = features.shape();
    if rows == 0 || columns == 0 {
        return Err(Error::Empty { rows, columns });
    }
    within("rows", rows, MOST_ROWS)?;
    within("columns", columns, MOST_COLUMNS)?;
    match rows == targets {
        true => Ok((rows, columns)),
        false => Err(Error::Length { what: "targets", expected: rows, found: targets }),
    }
}

/// Whether the labels are classes, not quantities: the floats among them whole numbers.
pub(super) fn classes(target: &Labels) -> Result<(), Error> {
    match target.first_quantity().and_then(|row| Some((row, target.get(row)?))) {
        None => Ok(()),
        Some((row, label)) => {
            let value = label.to_string();
            let expected = "a class must be a whole number of at most 64 bits, a text or a boolean; fit a DecisionTreeRegressor for quantities";
            Err(Error::Target { row, value, expected })
        }
    }
}

/// The error for the first value that is infinite as a 32-bit float.
pub(crate) fn infinite(features: &Features<'_>) -> Error {
    let (row, column, value) = features.first_infinite_f32().unwrap_or((0, 0, f64::INFINITY));
    Error::Infinite { row, column, value }
}

/// The weight of each row: its own, times that of its class. `None` if no row has one.
pub(super) fn weights(
    rows: usize,
    weights: Option<&[f64]>,
    classes: Option<(&[f64], &Vec<u32>)>,
) -> Result<Option<Vec<f64>>, Error> {
    if let Some(weights) = weights {
        if weights.len() != rows {
            let found = weights.len();
            return Err(Error::Length { what: "sample weights", expected: rows, found });
        }
        let bad = |weight: &f64| !weight.is_finite() || *weight < 0.0;
        if let Some(row) = weights.iter().position(bad) {
            return Err(Error::Weight { row, weight: weights[row] });
        }
    }
    let class_weights =
        classes.map(|(weights, codes)| codes.iter().map(|&code| weights[code as usize]));
    let weights: Option<Vec<f64>> = match (weights, class_weights) {
        (None, None) => None,
        (Some(weights), None) => Some(weights.to_vec()),
        (None, Some(by_class)) => Some(by_class.collect()),
        (Some(weights), Some(by_class)) => {
            Some(weights.iter().zip(by_class).map(|(weight, by_class)| weight * by_class).collect())
        }
    };
    match &weights {
        Some(weights) if weights.iter().all(|&weight| weight == 0.0) => {
            Err(Error::NoWeight { rows })
        }
        // In another order the sum is rounded in another way: half of the greatest is far enough.
        Some(weights) if weights.iter().sum::<f64>() > f64::MAX / 2.0 => Err(Error::Overflow),
        _ => Ok(weights),
    }
}

/// Whether there is one name per column.
pub(crate) fn names(names: Option<&[String]>, columns: usize) -> Result<(), Error> {
    match names {
        Some(names) if names.len() != columns => {
            Err(Error::Length { what: "feature names", expected: columns, found: names.len() })
        }
        _ => Ok(()),
    }
}
