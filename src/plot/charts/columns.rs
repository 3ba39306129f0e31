//! Columns of a table, by name.

use crate::data::Dataset;
use crate::plot::Error;
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::heading::name;
use crate::plot::drawing::scale::{has_place, ticks, widened};

/// Names that an error lists.
const LISTED: usize = 20;

/// Whole numbers from one end to the other up to which each has room around it.
const MOST_STEPS: f64 = 20.0;

/// The place of a column.
///
/// # Errors
/// [`Error::NoColumn`], which lists the columns of the table.
pub(super) fn place(data: &Dataset, column: &str) -> Result<usize, Error> {
    place_in(data.feature_names(), column)
}

/// The place of a column among these names.
///
/// # Errors
/// [`Error::NoColumn`], which lists the names.
pub(super) fn place_in(names: &[String], column: &str) -> Result<usize, Error> {
    names.iter().position(|other| other == column).ok_or_else(|| {
        let more = names.len().saturating_sub(LISTED);
        let mut listed: Vec<String> = names.iter().take(LISTED).map(name).collect();
        if more > 0 {
            listed.push(format!("and {more} more"));
        }
        Error::NoColumn { column: name(column), columns: listed.join(", ") }
    })
}

/// The numbers of a column.
///
/// # Errors
/// [`Error::NotFinite`] for one that has no place on an axis.
pub(super) fn numbers(data: &Dataset, place: usize) -> Result<Vec<f64>, Error> {
    let Some(column) = data.features().columns().into_iter().nth(place) else {
        return Err(Error::Empty { what: "columns" });
    };
    let what = data.feature_names().get(place).map(name).unwrap_or_default();
    placed(column.to_vec(), &what)
}

/// The numbers of a column of this name.
///
/// # Errors
/// [`Error::NotFinite`] for one that has no place on an axis.
pub(super) fn placed(numbers: Vec<f64>, column: &str) -> Result<Vec<f64>, Error> {
    match numbers.iter().position(|value| !has_place(*value)) {
        None => Ok(numbers),
        Some(row) => {
            let value = numbers.get(row).copied().unwrap_or(f64::NAN);
            Err(Error::NotFinite { what: format!("column {column}, row"), place: row, value })
        }
    }
}

/// The least and the greatest of some numbers.
pub(super) fn bounds(numbers: &[f64]) -> (f64, f64) {
    let bounds = (f64::INFINITY, f64::NEG_INFINITY);
    numbers.iter().fold(bounds, |(low, high), &it| (low.min(it), high.max(it)))
}

/// How many whole numbers there are from the least to the greatest, if all are whole and there are so
/// few of them that each has room around it.
pub(super) fn steps(numbers: &[f64]) -> Option<usize> {
    let whole = numbers.iter().all(|number| number.fract() == 0.0);
    let (low, high) = bounds(numbers);
    (whole && high - low <= MOST_STEPS).then(|| (high - low) as usize + 1)
}

/// An axis for marks at these numbers, of which there is at least one.
pub(super) fn axis(numbers: &[f64], title: String) -> Axis {
    let whole = numbers.iter().all(|number| number.fract() == 0.0);
    let bounds = bounds(numbers);
    // Room for half a step around whole numbers, where many rows share a place.
    let (low, high) = match steps(numbers) {
        Some(_) => (bounds.0 - 0.5, bounds.1 + 0.5),
        None => widened(bounds.0, bounds.1, 0.06),
    };
    let ticks = Box::new(move |most| ticks(low, high, most, whole));
    Axis { title, low, high, ticks }
}
