//! Columns of a table, by name.

use crate::data::Dataset;
use crate::plot::Error;
use crate::plot::drawing::heading::name;
use crate::plot::drawing::scale::has_place;

/// Names that an error lists.
const LISTED: usize = 20;

/// The place of a column.
///
/// # Errors
/// [`Error::NoColumn`], which lists the columns of the table.
pub(super) fn place(data: &Dataset, column: &str) -> Result<usize, Error> {
    let names = data.feature_names();
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
    let numbers = column.to_vec();
    match numbers.iter().position(|value| !has_place(*value)) {
        None => Ok(numbers),
        Some(row) => {
            let what = data.feature_names().get(place).map(name).unwrap_or_default();
            let value = numbers.get(row).copied().unwrap_or(f64::NAN);
            Err(Error::NotFinite { what: format!("column {what}, row"), place: row, value })
        }
    }
}
