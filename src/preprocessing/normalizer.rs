//! Each row divided by its norm.

use super::{Cells, Error, TransformerParts, cells_of, transformer};
use crate::data::{Frame, Precision};
use crate::model::{SklearnVersion, Transformer};
use crate::numpy::pairwise_sum;

/// What of a row is made 1: the parameter `norm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Norm {
    /// The sum of absolute values.
    L1,
    /// The root of the sum of squares.
    L2,
    /// The greatest absolute value.
    Max,
}

impl Norm {
    /// Divides the cells of a sparse row by their norm, summed one after the other as scikit-learn
    /// does; a norm of zero divides nothing. With `single` they have 32 bits, and so have their
    /// squares, but not the sum.
    pub(crate) fn normalize_cells(self, values: &mut [f64], single: bool) {
        let round = |value: f64| if single { f64::from(value as f32) } else { value };
        let norm = match self {
            Norm::L1 => values.iter().fold(0.0, |sum, value| sum + value.abs()),
            Norm::L2 => values.iter().fold(0.0, |sum, value| sum + round(value * value)).sqrt(),
            Norm::Max => values.iter().fold(0.0, |most: f64, value| most.max(value.abs())),
        };
        if norm != 0.0 {
            values.iter_mut().for_each(|value| *value = round(*value / norm));
        }
    }

    /// As [`normalize_cells`](Self::normalize_cells), of a row with all its zeros, of which numpy finds
    /// the norm: its sum of squares is in an order that depends on the processor. Since 1.0 a norm that
    /// is nearly zero divides nothing either.
    fn normalize_row(self, values: &mut [f64], version: SklearnVersion) {
        let absolute = |values: &[f64]| values.iter().map(|value| value.abs()).collect::<Vec<_>>();
        let norm = match self {
            Norm::L1 => pairwise_sum(&absolute(values)),
            Norm::L2 => values.iter().map(|value| value * value).sum::<f64>().sqrt(),
            Norm::Max => values.iter().fold(0.0, |most: f64, value| most.max(value.abs())),
        };
        let nothing = match version.before(1, 0) {
            true => norm == 0.0,
            false => norm < 10.0 * f64::EPSILON,
        };
        if !nothing {
            values.iter_mut().for_each(|value| *value /= norm);
        }
    }
}

/// scikit-learn's `Normalizer`: each row divided by its norm. Sparse rows stay sparse.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{Norm, Normalizer, TransformerParts};
///
/// let normalizer = Normalizer::from_parts(TransformerParts::new(2), Norm::L2)?;
/// let made = normalizer.transform(&Frame::from_numbers(ndarray::array![[3.0, 4.0], [0.0, 0.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[0.6, 0.8], [0.0, 0.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Normalizer {
    fitted: TransformerParts,
    norm: Norm,
}

transformer!(Normalizer);

impl Normalizer {
    /// A normalizer of some norm.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a name for each column, if there is any.
    pub fn from_parts(fitted: TransformerParts, norm: Norm) -> Result<Self, Error> {
        fitted.check_columns()?;
        Ok(Normalizer { fitted, norm })
    }

    /// What of a row is made 1.
    pub fn norm(&self) -> Norm {
        self.norm
    }
}

impl Transformer for Normalizer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let (precision, sparse) = (table.precision().computed(), table.is_sparse());
        let single = precision == Precision::Single;
        let made: Frame = match cells_of(self, table, false)? {
            Cells::Sparse(rows) => {
                rows.map_rows(|_, values| self.norm.normalize_cells(values, single)).into()
            }
            Cells::Dense(numbers) => {
                let mut numbers = numbers.as_standard_layout().into_owned();
                for mut row in numbers.rows_mut() {
                    let Some(values) = row.as_slice_mut() else { continue };
                    match sparse {
                        true => self.norm.normalize_cells(values, single),
                        false => self.norm.normalize_row(values, self.fitted.version),
                    }
                    values.iter_mut().for_each(|value| *value = precision.round(*value));
                }
                numbers.into()
            }
        };
        Ok(made.with_precision(precision).with_sparse(sparse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::SparseRows;

    /// As scikit-learn 0.24.2 and 1.9.1 answer for `Normalizer("l1")`.
    #[test]
    fn what_is_nearly_zero_divides_nothing_since_1_0() {
        let rows = ndarray::array![[1e-18, -3e-18], [0.0, 0.0], [1.0, -3.0]];
        let made = |version: SklearnVersion, table: &Frame| {
            let fitted = TransformerParts { version, ..TransformerParts::new(2) };
            let normalizer = Normalizer::from_parts(fitted, Norm::L1).expect("two columns");
            let made = normalizer.transform(table).expect("finite numbers");
            made.numbers().expect("numbers").into_owned()
        };
        let divided = ndarray::array![[0.25, -0.7499999999999999], [0.0, 0.0], [0.25, -0.75]];
        let kept = ndarray::array![[1e-18, -3e-18], [0.0, 0.0], [0.25, -0.75]];
        let (old, new) = (SklearnVersion::new(0, 24, 2), SklearnVersion::new(1, 9, 1));
        let dense = Frame::from_numbers(rows.clone());
        assert_eq!((made(old, &dense), made(new, &dense)), (divided.clone(), kept));
        let sparse = Frame::from_sparse(SparseRows::from_dense(&rows).expect("two columns"));
        assert_eq!((made(old, &sparse), made(new, &sparse)), (divided.clone(), divided));
    }
}
