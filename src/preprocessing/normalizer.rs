//! Each row divided by its norm.

use super::{Cells, Error, TransformerParts, cells_of, transformer};
use crate::data::Frame;
use crate::model::Transformer;

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

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        Ok(match cells_of(self, table, false)? {
            Cells::Sparse(rows) => {
                rows.map_rows(|_, values| self.norm.normalize_cells(values, false)).into()
            }
            Cells::Dense(numbers) => {
                let mut numbers = numbers.as_standard_layout().into_owned();
                for mut row in numbers.rows_mut() {
                    if let Some(values) = row.as_slice_mut() {
                        self.norm.normalize_cells(values, false);
                    }
                }
                numbers.into()
            }
        })
    }
}
