//! The features of a fit, column after column, as the 32-bit floats that trees compare.

use ndarray::ArrayView2;

use crate::tree::{Error, Features};

/// Columns of equal length; NaN where a value is missing.
pub(super) struct Columns {
    values: Vec<f32>,
    rows: usize,
    missing: Vec<bool>,
}

impl Columns {
    /// Copies rows into columns.
    ///
    /// # Errors
    /// [`Error::Infinite`] for the first infinite value, row by row.
    pub(super) fn new(features: &Features<'_>) -> Result<Self, Error> {
        let (rows, columns) = features.shape();
        let mut values = vec![0.0; rows * columns];
        match features {
            Features::F32(view) => transpose(view, &mut values, |value| value),
            Features::F64(view) => transpose(view, &mut values, |value| value as f32),
        }
        let mut missing = vec![false; columns];
        for (column, missing) in values.chunks_exact(rows.max(1)).zip(&mut missing) {
            // One pass that the compiler can vectorise; the rare error is looked for afterwards.
            let (infinite, nan) = column.iter().fold((false, false), |(infinite, nan), value| {
                (infinite | value.is_infinite(), nan | value.is_nan())
            });
            if infinite {
                return Err(features.first_infinite());
            }
            *missing = nan;
        }
        Ok(Columns { values, rows, missing })
    }

    pub(super) fn column(&self, feature: usize) -> &[f32] {
        &self.values[feature * self.rows..(feature + 1) * self.rows]
    }

    pub(super) fn has_missing(&self, feature: usize) -> bool {
        self.missing[feature]
    }
}

/// How many rows are copied at a time: enough to fill cache lines of the columns.
const BLOCK: usize = 64;

fn transpose<T: Copy>(view: &ArrayView2<'_, T>, columns: &mut [f32], cast: impl Fn(T) -> f32) {
    let rows = view.nrows();
    let mut start = 0;
    while start < rows {
        let end = (start + BLOCK).min(rows);
        for (column, values) in columns.chunks_exact_mut(rows).enumerate() {
            let source = view.column(column);
            for (row, value) in (start..end).zip(&mut values[start..end]) {
                *value = cast(source[row]);
            }
        }
        start = end;
    }
}
