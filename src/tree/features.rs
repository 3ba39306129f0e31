//! Rows of features, as trees take them: 32-bit or 64-bit floats, owned by whoever has them.

use ndarray::{Array2, ArrayView2};

use super::Error;
use crate::data::Dataset;

/// A view of features (rows × columns); NaN where a value is missing.
///
/// Made by `into()` from a reference to an array of `f32` or `f64`, from a view of one, or from a
/// [`Dataset`]. A tree compares 32-bit floats, as scikit-learn does, so 64-bit ones are rounded.
#[derive(Debug, Clone, Copy)]
pub enum Features<'a> {
    /// 32-bit floats.
    F32(ArrayView2<'a, f32>),
    /// 64-bit floats.
    F64(ArrayView2<'a, f64>),
}

impl<'a> From<&'a Array2<f32>> for Features<'a> {
    fn from(array: &'a Array2<f32>) -> Self {
        Features::F32(array.view())
    }
}

impl<'a> From<&'a Array2<f64>> for Features<'a> {
    fn from(array: &'a Array2<f64>) -> Self {
        Features::F64(array.view())
    }
}

impl<'a> From<ArrayView2<'a, f32>> for Features<'a> {
    fn from(view: ArrayView2<'a, f32>) -> Self {
        Features::F32(view)
    }
}

impl<'a> From<ArrayView2<'a, f64>> for Features<'a> {
    fn from(view: ArrayView2<'a, f64>) -> Self {
        Features::F64(view)
    }
}

impl<'a> From<&'a Dataset> for Features<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        Features::F64(dataset.features().view())
    }
}

impl Features<'_> {
    /// The numbers of rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Features::F32(view) => view.dim(),
            Features::F64(view) => view.dim(),
        }
    }

    /// Whether any value is infinite as a 32-bit float.
    pub(super) fn any_infinite(&self) -> bool {
        match self {
            Features::F32(view) => view.iter().any(|value| value.is_infinite()),
            Features::F64(view) => view.iter().any(|&value| (value as f32).is_infinite()),
        }
    }

    /// The error for the first value that is infinite as a 32-bit float, row by row.
    pub(super) fn first_infinite(&self) -> Error {
        let found = match self {
            Features::F32(view) => view
                .indexed_iter()
                .find(|(_, value)| value.is_infinite())
                .map(|(place, &value)| (place, f64::from(value))),
            Features::F64(view) => view
                .indexed_iter()
                .find(|&(_, &value)| (value as f32).is_infinite())
                .map(|(place, &value)| (place, value)),
        };
        let ((row, column), value) = found.unwrap_or(((0, 0), f64::INFINITY));
        Error::Infinite { row, column, value }
    }
}
