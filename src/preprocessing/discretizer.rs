//! Numbers in bins.

use ndarray::Array2;

use super::{
    Categories, Error, OneHotEncoder, OneHotParts, TransformerParts, numbers_of, transformer,
};
use crate::data::{Frame, Precision};
use crate::model::Transformer;

/// What becomes of the number of a bin: the parameter `encode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinCode {
    /// It stays: `ordinal`.
    Ordinal,
    /// A column for each bin, with 1 where a row is in it, of which Python leaves out the zeros:
    /// `onehot`.
    OneHot,
    /// The same with the zeros: `onehot-dense`.
    OneHotDense,
}

/// scikit-learn's `KBinsDiscretizer`: in which bin of its column each number is.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{BinCode, KBinsDiscretizer, TransformerParts};
///
/// let edges = vec![vec![0.0, 1.0, 2.0]];
/// let bins = KBinsDiscretizer::from_parts(TransformerParts::new(1), edges, BinCode::Ordinal)?;
/// let made = bins.transform(&Frame::from_numbers(ndarray::array![[-5.0], [1.0], [9.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[0.0], [1.0], [1.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KBinsDiscretizer {
    fitted: TransformerParts,
    edges: Vec<Vec<f64>>,
    encoder: Option<OneHotEncoder>,
    precision: Option<Precision>,
}

transformer!(KBinsDiscretizer);

impl KBinsDiscretizer {
    /// A discretizer with the edges of each column's bins, ascending: `bin_edges_`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are edges for each column, [`Error::Model`] for fewer than two,
    /// and for edges that are NaN or do not ascend, [`Error::TooMany`] for more than 2²⁴ columns.
    pub fn from_parts(
        fitted: TransformerParts,
        edges: Vec<Vec<f64>>,
        code: BinCode,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("edges of bins", edges.len())?;
        for (column, edges) in edges.iter().enumerate() {
            let problem = match edges.len() {
                0 | 1 => format!("column {column} has {} edges of bins, no bin", edges.len()),
                // NaN is in no order with anything
                _ if !edges.is_sorted() => {
                    format!("the edges of the bins of column {column} do not ascend, or are NaN")
                }
                _ => continue,
            };
            return Err(Error::Model { problem });
        }
        let encoder = match code {
            BinCode::Ordinal => None,
            BinCode::OneHot | BinCode::OneHotDense => {
                let numbers = |edges: &Vec<f64>| {
                    let numbers = (0_u32..).take(edges.len().saturating_sub(1)).map(f64::from);
                    Categories::Numbers(numbers.collect())
                };
                let parts = OneHotParts::new(edges.iter().map(numbers).collect());
                let encoder = OneHotEncoder::from_parts(fitted.clone(), parts)?;
                Some(encoder.with_kind(Precision::Double, code == BinCode::OneHot))
            }
        };
        Ok(KBinsDiscretizer { fitted, edges, encoder, precision: None })
    }

    /// The same discretizer, which takes numbers and makes numbers of another type: the parameter
    /// `dtype`.
    pub(crate) fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = Some(precision);
        self
    }

    /// The edges of each column's bins.
    pub fn edges(&self) -> &[Vec<f64>] {
        &self.edges
    }
}

/// Until 1.0 a number that is nearly at the upper edge of its bin was in the next.
impl Transformer for KBinsDiscretizer {
    fn n_features_out(&self) -> usize {
        self.encoder.as_ref().map_or(self.fitted.n_features, |encoder| encoder.n_features_out())
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        match &self.encoder {
            Some(encoder) => encoder.feature_names_out(input),
            None => self.fitted.names(input),
        }
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut numbers: Array2<f64> = numbers_of(self, table, false)?;
        let precision = self.precision.unwrap_or(table.precision().computed());
        let nearly = self.fitted.version.before(1, 1);
        for (mut column, edges) in numbers.columns_mut().into_iter().zip(&self.edges) {
            // numbers below the first edge are in the first bin, those past the last one in the last
            let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
            for value in &mut column {
                let mut number = precision.round(*value);
                if nearly {
                    let margin = precision.round(1e-5 * number.abs());
                    number = precision.round(number + precision.round(1e-8 + margin));
                }
                *value = inner.partition_point(|&edge| edge <= number) as f64;
            }
        }
        let bins = Frame::from_numbers(numbers);
        let made = match &self.encoder {
            Some(encoder) => encoder.transform(&bins)?,
            None => bins,
        };
        Ok(made.with_precision(precision))
    }
}
