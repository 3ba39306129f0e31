//! Rows of features, as models take them: 32-bit or 64-bit floats, owned by whoever has them.

use ndarray::{ArcArray2, Array2, ArrayView2, CowArray, Ix2, aview2};

use super::{Dataset, FeatureBlock};

/// A view of features (rows × columns); NaN where a value is missing.
///
/// Made by `into()` from a reference to what holds a table: an array or a view of `f32` or `f64`,
/// rows written out as `[[1.0, 2.0], [3.0, 4.0]]`, a [`Dataset`], or the rows of a
/// [`FeatureFile`](super::FeatureFile). A decision tree compares 32-bit floats, as scikit-learn
/// does, so it rounds 64-bit ones.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Features;
///
/// assert_eq!(Features::from(&array![[1.0, 5.0], [3.0, 2.0]]).shape(), (2, 2));
/// assert_eq!(Features::from(&[[1.0_f32, 5.0, 2.0]]).shape(), (1, 3));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Features<'a> {
    /// 32-bit floats.
    F32(ArrayView2<'a, f32>),
    /// 64-bit floats.
    F64(ArrayView2<'a, f64>),
    /// 64-bit floats in columns with names, such as those of a [`Dataset`]. A model that knows the
    /// names of its columns takes these by name, wherever they stand, and refuses others, as
    /// scikit-learn does with a data frame.
    #[non_exhaustive]
    Named {
        /// The floats.
        view: ArrayView2<'a, f64>,
        /// The name of each column.
        names: &'a [String],
    },
}

/// The tables that hold floats of one type.
macro_rules! tables {
    ($($variant:ident($float:ty)),*) => {$(
        impl<'a> From<&'a Array2<$float>> for Features<'a> {
            fn from(array: &'a Array2<$float>) -> Self {
                Features::$variant(array.view())
            }
        }

        impl<'a> From<&'a ArcArray2<$float>> for Features<'a> {
            fn from(array: &'a ArcArray2<$float>) -> Self {
                Features::$variant(array.view())
            }
        }

        impl<'a> From<&'a CowArray<'_, $float, Ix2>> for Features<'a> {
            fn from(array: &'a CowArray<'_, $float, Ix2>) -> Self {
                Features::$variant(array.view())
            }
        }

        impl<'a> From<ArrayView2<'a, $float>> for Features<'a> {
            fn from(view: ArrayView2<'a, $float>) -> Self {
                Features::$variant(view)
            }
        }

        impl<'a> From<&ArrayView2<'a, $float>> for Features<'a> {
            fn from(view: &ArrayView2<'a, $float>) -> Self {
                Features::$variant(*view)
            }
        }

        impl<'a, const COLUMNS: usize> From<&'a [[$float; COLUMNS]]> for Features<'a> {
            fn from(rows: &'a [[$float; COLUMNS]]) -> Self {
                Features::$variant(aview2(rows))
            }
        }

        impl<'a, const ROWS: usize, const COLUMNS: usize> From<&'a [[$float; COLUMNS]; ROWS]>
            for Features<'a>
        {
            fn from(rows: &'a [[$float; COLUMNS]; ROWS]) -> Self {
                Features::$variant(aview2(rows))
            }
        }

        impl<'a, const COLUMNS: usize> From<&'a Vec<[$float; COLUMNS]>> for Features<'a> {
            fn from(rows: &'a Vec<[$float; COLUMNS]>) -> Self {
                Features::$variant(aview2(rows))
            }
        }
    )*};
}

tables!(F32(f32), F64(f64));

impl<'a> From<&'a Dataset> for Features<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        Features::Named { view: dataset.features().view(), names: dataset.feature_names() }
    }
}

impl<'a> From<&'a FeatureBlock> for Features<'a> {
    fn from(block: &'a FeatureBlock) -> Self {
        Features::F64(block.features().view())
    }
}

impl<'a> Features<'a> {
    /// The numbers of rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Features::F32(view) => view.dim(),
            Features::F64(view) | Features::Named { view, .. } => view.dim(),
        }
    }

    /// The names of the columns, if they have any.
    ///
    /// ```
    /// use picklebook::data::{Features, balance_scale};
    ///
    /// let data = balance_scale();
    /// assert_eq!(Features::from(&data).names(), Some(data.feature_names()));
    /// assert_eq!(Features::from(data.features()).names(), None);
    /// ```
    pub fn names(&self) -> Option<&'a [String]> {
        match self {
            Features::Named { names, .. } => Some(names),
            Features::F32(_) | Features::F64(_) => None,
        }
    }

    /// The features as 64-bit floats, copied only where they are not.
    ///
    /// ```
    /// use ndarray::array;
    /// use picklebook::data::Features;
    ///
    /// let rows = array![[0.5_f32, 2.0]];
    /// assert_eq!(Features::from(&rows).to_f64(), array![[0.5, 2.0]]);
    /// ```
    pub fn to_f64(&self) -> CowArray<'a, f64, Ix2> {
        match self {
            Features::F32(view) => view.mapv(f64::from).into(),
            Features::F64(view) | Features::Named { view, .. } => (*view).into(),
        }
    }

    /// The same features, borrowed for less long.
    pub(crate) fn reborrow(&self) -> Features<'_> {
        match self {
            Features::F32(view) => Features::F32(view.view()),
            Features::F64(view) => Features::F64(view.view()),
            Features::Named { view, names } => Features::Named { view: view.view(), names },
        }
    }

    /// Some of the rows; there must be as many.
    pub(crate) fn slice_rows(&self, rows: std::ops::Range<usize>) -> Features<'a> {
        match *self {
            Features::F32(view) => Features::F32(view.slice_move(ndarray::s![rows, ..])),
            Features::F64(view) => Features::F64(view.slice_move(ndarray::s![rows, ..])),
            Features::Named { view, names } => {
                Features::Named { view: view.slice_move(ndarray::s![rows, ..]), names }
            }
        }
    }

    /// Whether any value is infinite as a 32-bit float.
    pub(crate) fn any_infinite_f32(&self) -> bool {
        match self {
            Features::F32(view) => view.iter().any(|value| value.is_infinite()),
            Features::F64(view) | Features::Named { view, .. } => {
                view.iter().any(|&value| (value as f32).is_infinite())
            }
        }
    }

    /// Row, column and value of the first value that is infinite as a 32-bit float, row by row.
    pub(crate) fn first_infinite_f32(&self) -> Option<(usize, usize, f64)> {
        match self {
            Features::F32(view) => view
                .indexed_iter()
                .find(|(_, value)| value.is_infinite())
                .map(|((row, column), &value)| (row, column, f64::from(value))),
            Features::F64(view) | Features::Named { view, .. } => view
                .indexed_iter()
                .find(|&(_, &value)| (value as f32).is_infinite())
                .map(|((row, column), &value)| (row, column, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn every_table_becomes_the_same_view() {
        let owned = array![[1.0, 2.0], [3.0, 4.0], [5.0, f64::INFINITY]];
        let rows = [[1.0, 2.0], [3.0, 4.0], [5.0, f64::INFINITY]];
        let shared = owned.to_shared();
        let lent = CowArray::from(owned.view());
        let tables = [
            Features::from(&owned),
            Features::from(&shared),
            Features::from(&lent),
            Features::from(owned.view()),
            Features::from(&owned.view()),
        ];
        let listed = rows.to_vec();
        let written = [Features::from(&rows), Features::from(&rows[..]), Features::from(&listed)];
        for table in tables.iter().chain(&written) {
            assert_eq!(table.to_f64(), owned);
            assert_eq!((table.shape(), table.any_infinite_f32()), ((3, 2), true));
            assert_eq!(table.first_infinite_f32(), Some((2, 1, f64::INFINITY)));
        }
    }

    #[test]
    fn a_64_bit_float_may_be_too_large_for_32_bits() {
        let rows = [[1.0, -1e39]];
        assert_eq!(Features::from(&rows).first_infinite_f32(), Some((0, 1, -1e39)));
        assert_eq!(Features::from(&[[3.0_f32, f32::NAN]]).first_infinite_f32(), None);
    }
}
