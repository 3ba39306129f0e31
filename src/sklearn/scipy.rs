//! SciPy's sparse matrices: `csr_matrix`, `csc_matrix`, `coo_matrix`, `dia_matrix`, and the arrays of
//! the same names.

use ndarray::{Array1, Array2};

use super::Error;
use super::read::{attributes_of, class_of, described, integer};
use crate::data::SparseRows;
use crate::pickle::Value;

/// How many rows a matrix may have at most that does not keep where each begins: a short file cannot
/// ask for more memory than this calls for.
const MOST_ROWS: usize = 1 << 24;

/// Whether a value is one of SciPy's sparse matrices.
pub(super) fn is_sparse(value: &Value) -> bool {
    format_of(value).is_some()
}

/// The format that the name of the class says.
fn format_of(value: &Value) -> Option<&'static str> {
    let (module, name) = class_of(value)?;
    if module != "scipy.sparse" && !module.starts_with("scipy.sparse.") {
        return None;
    }
    let format = name.strip_suffix("_matrix").or_else(|| name.strip_suffix("_array"))?;
    ["csr", "csc", "coo", "dia"].into_iter().find(|&known| known == format)
}

/// The rows of a sparse matrix of SciPy's, with sorted columns; what stands in a cell twice is added,
/// as SciPy does. An array of one dimension is one row.
///
/// # Errors
/// [`Error::Sparse`] for anything else, and for a matrix whose parts contradict each other.
///
/// ```
/// use picklebook::{pickle, sklearn};
///
/// let number: pickle::Value = pickle::loads(&pickle::dumps(&5)?)?;
/// let error = sklearn::sparse_rows(&number).expect_err("a number").to_string();
/// assert!(error.contains("a Python int"), "{error}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sparse_rows(value: &Value) -> Result<SparseRows, Error> {
    let wrong = |problem: String| Error::Sparse { problem };
    let Some(format) = format_of(value) else {
        return Err(wrong(format!("it is {}", described(value))));
    };
    let state = attributes_of(value).map_err(wrong)?;
    let get = |name: &str| {
        let found = state.iter().find(|(own, _)| own == name).map(|(_, value)| value);
        found.ok_or_else(|| wrong(format!("its {name} is missing")))
    };
    let shape = get("_shape").or_else(|_| get("shape"))?.items();
    let length = |value: &Value| integer(value).and_then(|length| usize::try_from(length).ok());
    let lengths: Option<Vec<usize>> = shape.iter().map(length).collect();
    let is_vector = shape.len() == 1;
    let (rows, columns) = match lengths.as_deref() {
        Some(&[columns]) if matches!(format, "csr" | "coo") => (1, columns),
        Some(&[rows, columns]) => (rows, columns),
        _ => return Err(wrong("its _shape is no number of rows and columns".to_owned())),
    };
    if format != "csr" && rows > MOST_ROWS {
        return Err(wrong(format!("its {rows} rows are more than {MOST_ROWS}")));
    }
    let said = |error: crate::pickle::Error| wrong(error.to_string());
    let places = |value: &Value| -> Result<Vec<usize>, Error> {
        let places: Array1<i64> = value.to_array().map_err(said)?;
        let place = |&place: &i64| {
            usize::try_from(place).map_err(|_| wrong(format!("it has a place {place}")))
        };
        places.iter().map(place).collect()
    };
    let values = |value: &Value| -> Result<Vec<f64>, Error> {
        if let Ok(flags) = value.to_array::<bool, ndarray::Ix1>() {
            return Ok(flags.iter().map(|&flag| f64::from(flag)).collect());
        }
        let values: Array1<f64> = value.to_array().map_err(said)?;
        Ok(values.to_vec())
    };
    // row, column and value of each cell
    let mut cells: Vec<(usize, usize, f64)> = match format {
        "dia" => {
            let diagonals: Array2<f64> = get("data")?.to_array().map_err(said)?;
            let offsets: Array1<i64> = get("offsets")?.to_array().map_err(said)?;
            let mut cells = Vec::new();
            for (&offset, diagonal) in offsets.iter().zip(diagonals.rows()) {
                // a diagonal's numbers stand at their columns
                for (column, &value) in diagonal.iter().enumerate().take(columns) {
                    let row = i64::try_from(column).ok().and_then(|it| it.checked_sub(offset));
                    let row = row.and_then(|row| usize::try_from(row).ok());
                    if let Some(row) = row.filter(|&row| row < rows) {
                        cells.push((row, column, value));
                    }
                }
            }
            cells
        }
        "coo" => {
            let (own_rows, own_columns) = match get("coords") {
                Ok(coordinates) => match (is_vector, coordinates.items().as_slice()) {
                    (false, [rows, columns]) => (places(rows)?, places(columns)?),
                    (true, [columns]) => {
                        let columns = places(columns)?;
                        (vec![0; columns.len()], columns)
                    }
                    _ => return Err(wrong("its coords are not as many as dimensions".to_owned())),
                },
                Err(_) => (places(get("row")?)?, places(get("col")?)?),
            };
            let values = values(get("data")?)?;
            if own_rows.len() != values.len() || own_columns.len() != values.len() {
                return Err(wrong("it has not as many places as values".to_owned()));
            }
            let both = own_rows.into_iter().zip(own_columns).zip(values);
            both.map(|((row, column), value)| (row, column, value)).collect()
        }
        format => {
            let starts = places(get("indptr")?)?;
            let (indices, values) = (places(get("indices")?)?, values(get("data")?)?);
            let lines = if format == "csr" { rows } else { columns };
            if starts.len() != lines.saturating_add(1)
                || starts.first() != Some(&0)
                || !starts.is_sorted()
            {
                return Err(wrong(format!("its indptr does not bound {lines} lines of cells")));
            }
            // there may be room for more cells than there are
            let end = starts.last().copied().unwrap_or(0);
            let (Some(indices), Some(values)) = (indices.get(..end), values.get(..end)) else {
                return Err(wrong("its indptr ends behind the last cell".to_owned()));
            };
            let lines = starts.windows(2).enumerate().flat_map(|(line, bounds)| match bounds {
                &[start, end] => std::iter::repeat_n(line, end - start),
                _ => std::iter::repeat_n(line, 0),
            });
            let cells = lines.zip(indices).zip(values);
            match format {
                "csr" => cells.map(|((row, &column), &value)| (row, column, value)).collect(),
                _ => cells.map(|((column, &row), &value)| (row, column, value)).collect(),
            }
        }
    };
    if let Some((row, column, _)) =
        cells.iter().find(|&&(row, column, _)| row >= rows || column >= columns)
    {
        let problem = format!(
            "it has a cell in row {row}, column {column}, of {rows} rows, {columns} columns"
        );
        return Err(wrong(problem));
    }
    // stable, so that what is added is added in its order
    cells.sort_by_key(|&(row, column, _)| (row, column));
    let refused = |error: crate::data::Error| wrong(error.to_string());
    let mut made = SparseRows::new(columns).map_err(refused)?;
    let mut rest = cells.as_slice();
    for row in 0..rows {
        let count = rest.iter().take_while(|cell| cell.0 == row).count();
        let (own, behind) = rest.split_at(count);
        rest = behind;
        let sum = |same: &[(usize, usize, f64)]| {
            let column = u32::try_from(same.first()?.1).ok()?;
            Some((column, same.iter().map(|cell| cell.2).sum::<f64>()))
        };
        made.push(own.chunk_by(|a, b| a.1 == b.1).filter_map(sum)).map_err(refused)?;
    }
    Ok(made)
}
