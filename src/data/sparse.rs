//! Rows of which most cells are zero.

use ndarray::{Array2, CowArray, Ix2};

use super::Error;

/// Rows of numbers of which only those that are not zero are kept, such as the words of a text:
/// SciPy's `csr_matrix`, with sorted indices and without duplicates.
///
/// ```
/// use picklebook::data::SparseRows;
///
/// let mut rows = SparseRows::new(1000)?;
/// rows.push([(3, 1.0), (998, 2.0)])?;
/// rows.push([])?;
/// assert_eq!((rows.shape(), rows.stored()), ((2, 1000), 2));
/// assert_eq!(rows.row(0), Some((&[3, 998][..], &[1.0, 2.0][..])));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SparseRows {
    columns: usize,
    /// Where each row begins among the cells, and at last where the last one ends.
    starts: Vec<usize>,
    places: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    /// No rows yet, of so many columns.
    ///
    /// # Errors
    /// [`Error::Sparse`] for more columns than 32 bits can count.
    pub fn new(columns: usize) -> Result<SparseRows, Error> {
        if u32::try_from(columns).is_err() {
            let problem = format!("{columns} columns are more than 32 bits can count");
            return Err(Error::Sparse { row: 0, problem });
        }
        Ok(SparseRows { columns, starts: vec![0], places: Vec::new(), values: Vec::new() })
    }

    /// Rows as SciPy keeps them: `indptr`, `indices` and `data` of a `csr_matrix`.
    ///
    /// # Errors
    /// [`Error::Sparse`] with the number of the row in which columns are not ascending, are there
    /// twice, or are past the last, or whose bounds are not those of its cells.
    pub fn from_parts(
        columns: usize,
        starts: Vec<usize>,
        places: Vec<u32>,
        values: Vec<f64>,
    ) -> Result<SparseRows, Error> {
        let empty = SparseRows::new(columns)?;
        let wrong = |row: usize, problem: &str| Error::Sparse { row, problem: problem.into() };
        if starts.first() != Some(&0) {
            return Err(wrong(0, "its cells do not begin at 0"));
        }
        if places.len() != values.len() {
            return Err(wrong(0, "there are not as many columns as values"));
        }
        for (row, bounds) in starts.windows(2).enumerate() {
            let cells = match bounds {
                &[start, end] => places.get(start..end),
                _ => None,
            };
            let cells = cells
                .ok_or_else(|| wrong(row, "its cells are past the last, or fewer than none"))?;
            check_places(cells, columns, row)?;
        }
        if starts.last() != Some(&places.len()) {
            return Err(wrong(starts.len() - 1, "there are cells behind the last row"));
        }
        Ok(SparseRows { starts, places, values, ..empty })
    }

    /// Adds a row: the columns of its cells, ascending, with their values.
    ///
    /// # Errors
    /// [`Error::Sparse`] when columns are not ascending, are there twice, or are past the last; the
    /// row is not added then.
    pub fn push(&mut self, cells: impl IntoIterator<Item = (u32, f64)>) -> Result<(), Error> {
        let start = self.places.len();
        for (place, value) in cells {
            self.places.push(place);
            self.values.push(value);
        }
        let row = self.starts.len() - 1;
        if let Err(error) = check_places(&self.places[start..], self.columns, row) {
            self.places.truncate(start);
            self.values.truncate(start);
            return Err(error);
        }
        self.starts.push(self.places.len());
        Ok(())
    }

    /// The cells of some rows that are not zero.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn from_dense(numbers: &Array2<f64>) -> Result<SparseRows, Error> {
        let mut rows = SparseRows::new(numbers.ncols())?;
        for row in numbers.rows() {
            // as in SciPy: what is not equal to zero, NaN among it
            let cells = (0..).zip(row).filter(|(_, value)| **value != 0.0);
            rows.push(cells.map(|(place, &value)| (place, value)))?;
        }
        Ok(rows)
    }

    /// The numbers of rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.starts.len() - 1, self.columns)
    }

    /// How many cells are kept, SciPy's `nnz`.
    pub fn stored(&self) -> usize {
        self.values.len()
    }

    /// The columns and values of a row's cells; `None` past the last row.
    pub fn row(&self, row: usize) -> Option<(&[u32], &[f64])> {
        let (&start, &end) = (self.starts.get(row)?, self.starts.get(row + 1)?);
        Some((self.places.get(start..end)?, self.values.get(start..end)?))
    }

    /// The columns and values of each row's cells, row after row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&[u32], &[f64])> + Clone {
        let row = |row| self.row(row).unwrap_or_default();
        (0..self.starts.len() - 1).map(row)
    }

    /// The values of all cells that are kept, row after row.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The same cells with other values: what `change` makes of a column and its value.
    pub fn map(mut self, change: impl Fn(u32, f64) -> f64) -> SparseRows {
        for (&place, value) in self.places.iter().zip(&mut self.values) {
            *value = change(place, *value);
        }
        self
    }

    /// The same cells with other values: what `change` makes of the columns and values of a row.
    pub(crate) fn map_rows(mut self, mut change: impl FnMut(&[u32], &mut [f64])) -> SparseRows {
        let mut start = 0;
        for &end in self.starts.iter().skip(1) {
            if let (Some(places), Some(values)) =
                (self.places.get(start..end), self.values.get_mut(start..end))
            {
                change(places, values);
            }
            start = end;
        }
        self
    }

    /// The columns at these places, in that order; `None` when one is past the last.
    pub fn select(&self, places: &[usize]) -> Option<SparseRows> {
        // Where each column goes: a list, for one column may be taken more than once.
        let mut goes: Vec<Vec<u32>> = vec![Vec::new(); self.columns];
        for (new, &place) in (0..).zip(places) {
            goes.get_mut(place)?.push(new);
        }
        let mut selected = SparseRows::new(places.len()).ok()?;
        let mut cells: Vec<(u32, f64)> = Vec::new();
        for (columns, values) in self.rows() {
            cells.clear();
            for (&column, &value) in columns.iter().zip(values) {
                cells.extend(goes[column as usize].iter().map(|&new| (new, value)));
            }
            cells.sort_unstable_by_key(|&(place, _)| place);
            selected.push(cells.iter().copied()).ok()?;
        }
        Some(selected)
    }

    /// Some of the rows; `None` when there are not as many.
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Option<SparseRows> {
        let bounds = self.starts.get(rows.start..rows.end.checked_add(1)?)?;
        let (&first, &last) = (bounds.first()?, bounds.last()?);
        Some(SparseRows {
            columns: self.columns,
            starts: bounds.iter().map(|bound| bound - first).collect(),
            places: self.places.get(first..last)?.to_vec(),
            values: self.values.get(first..last)?.to_vec(),
        })
    }

    /// All cells, rows × columns, the zeros too.
    pub fn to_dense(&self) -> Array2<f64> {
        let mut dense = Array2::zeros(self.shape());
        for ((columns, values), mut row) in self.rows().zip(dense.rows_mut()) {
            for (&column, &value) in columns.iter().zip(values) {
                row[column as usize] = value;
            }
        }
        dense
    }

    /// The products of the rows with weights (columns × outputs): rows × outputs. `value` says what a
    /// value counts, or that its cell is left out.
    pub(crate) fn dot(
        &self,
        weights: &Array2<f64>,
        value: impl Fn(f64) -> Option<f64>,
    ) -> Array2<f64> {
        let mut products = Array2::zeros((self.shape().0, weights.ncols()));
        for ((columns, values), mut sums) in self.rows().zip(products.rows_mut()) {
            for (&column, &cell) in columns.iter().zip(values) {
                let Some(cell) = value(cell) else { continue };
                let weights = weights.row(column as usize);
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += cell * weight);
            }
        }
        products
    }

    /// Rows of the same number side by side.
    pub(crate) fn side_by_side(parts: &[Part<'_>], rows: usize) -> Result<SparseRows, Error> {
        let columns = parts.iter().map(|part| part.columns()).sum();
        let mut joined = SparseRows::new(columns)?;
        for row in 0..rows {
            let mut before = 0;
            for part in parts {
                match part {
                    Part::Sparse(part) => {
                        let (columns, values) = part.row(row).unwrap_or_default();
                        joined.places.extend(columns.iter().map(|column| column + before));
                        joined.values.extend(values);
                    }
                    Part::Dense(part) => {
                        let cells = (before..).zip(part.row(row));
                        for (place, &value) in cells.filter(|(_, value)| **value != 0.0) {
                            joined.places.push(place);
                            joined.values.push(value);
                        }
                    }
                }
                // the sum was counted in 32 bits
                before += part.columns() as u32;
            }
            joined.starts.push(joined.places.len());
        }
        Ok(joined)
    }
}

/// What rows are put together from.
pub(crate) enum Part<'a> {
    Sparse(&'a SparseRows),
    Dense(CowArray<'a, f64, Ix2>),
}

impl Part<'_> {
    fn columns(&self) -> usize {
        match self {
            Part::Sparse(part) => part.columns,
            Part::Dense(part) => part.ncols(),
        }
    }
}

fn check_places(places: &[u32], columns: usize, row: usize) -> Result<(), Error> {
    let problem = match places.last() {
        Some(&last) if last as usize >= columns => {
            format!("it has a cell in column {last}, of {columns} columns")
        }
        _ if !places.is_sorted_by(|a, b| a < b) => {
            "its columns are not ascending, or one is there twice".to_owned()
        }
        _ => return Ok(()),
    };
    Err(Error::Sparse { row, problem })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn three() -> SparseRows {
        SparseRows::from_dense(&array![[0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [3.0, f64::NAN, 0.0]])
            .expect("three columns")
    }

    #[test]
    fn rows_are_what_scipy_keeps() {
        let rows = three();
        assert_eq!((rows.shape(), rows.stored()), ((3, 3), 4));
        assert_eq!(rows.row(0), Some((&[1, 2][..], &[1.0, 2.0][..])));
        assert_eq!((rows.row(1), rows.row(3)), (Some((&[][..], &[][..])), None));
        let parts = (vec![0, 2, 2, 4], vec![1, 2, 0, 1], vec![1.0, 2.0, 3.0, 4.0]);
        let rows = SparseRows::from_parts(3, parts.0, parts.1, parts.2).expect("as SciPy has it");
        assert_eq!(rows.to_dense(), array![[0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [3.0, 4.0, 0.0]]);
        let picked = rows.select(&[2, 0, 2]).expect("there are three");
        assert_eq!(picked.to_dense(), array![[2.0, 0.0, 2.0], [0.0, 0.0, 0.0], [0.0, 3.0, 0.0]]);
        assert_eq!(rows.select(&[3]), None);
        let last = rows.slice(1..3).expect("there are three");
        assert_eq!(last.to_dense(), array![[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]]);
        assert_eq!(
            (rows.slice(1..4), rows.slice(0..0).map(|rows| rows.shape())),
            (None, Some((0, 3)))
        );
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let parts = |starts: &[usize], places: &[u32], values: usize| {
            SparseRows::from_parts(3, starts.to_vec(), places.to_vec(), vec![1.0; values])
        };
        assert!(parts(&[0, 2], &[0, 2], 2).is_ok());
        assert!(parts(&[0], &[], 0).is_ok());
        for (starts, places, values) in [
            (&[][..], &[][..], 0),
            (&[1, 2], &[0, 2], 2),
            (&[0, 1], &[0, 2], 2),
            (&[0, 3], &[0, 2], 2),
            (&[0, 2, 1], &[0, 2], 2),
            (&[0, 2], &[0, 3], 2),
            (&[0, 2], &[2, 0], 2),
            (&[0, 2], &[2, 2], 2),
            (&[0, 2], &[0, 2], 1),
            (&[0, usize::MAX], &[0, 2], 2),
        ] {
            assert!(parts(starts, places, values).is_err(), "{starts:?} {places:?}");
        }
        let mut rows = three();
        assert!(rows.push([(2, 1.0), (1, 1.0)]).is_err() && rows.push([(3, 1.0)]).is_err());
        assert_eq!((rows.shape(), rows.stored()), ((3, 3), 4));
    }
}
