//! Numbers as the share of those that are smaller.

use ndarray::Array2;

use super::{Cells, Error, TransformerParts, cells_of, transformer};
use crate::data::Frame;
use crate::model::Transformer;
use crate::numpy::normal_quantile;

/// How what is made is distributed: the parameter `output_distribution`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantileOutput {
    /// Evenly, from 0 to 1: `uniform`.
    Uniform,
    /// Normally: `normal`.
    Normal,
}

/// What a [`QuantileTransformer`] learned.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileParts {
    /// The quantiles of each column (quantiles × columns), ascending: `quantiles_`.
    pub quantiles: Array2<f64>,
    /// Which share of the numbers is smaller than each of them: `references_`.
    pub references: Vec<f64>,
    /// How what is made is distributed.
    pub output: QuantileOutput,
    /// Whether zeros that sparse rows do not keep are no values: then those that they keep may be
    /// negative.
    pub ignore_implicit_zeros: bool,
}

/// scikit-learn's `QuantileTransformer`: the share of the numbers of its fit that are smaller than a
/// number or, of a normal distribution, the number that has this share below it. Sparse rows stay
/// sparse.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{
///     QuantileOutput, QuantileParts, QuantileTransformer, TransformerParts,
/// };
///
/// let parts = QuantileParts {
///     quantiles: array![[0.0], [1.0], [10.0]],
///     references: vec![0.0, 0.5, 1.0],
///     output: QuantileOutput::Uniform,
///     ignore_implicit_zeros: false,
/// };
/// let shares = QuantileTransformer::from_parts(TransformerParts::new(1), parts)?;
/// let made = shares.transform(&Frame::from_numbers(array![[0.5], [1.0], [99.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), array![[0.25], [0.5], [1.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
///
/// Sources: `preprocessing/_data.py` of scikit-learn, numpy's `interp`, and `ndtri` of Stephen
/// Moshier's Cephes, which SciPy has for quantiles of the normal distribution.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileTransformer {
    fitted: TransformerParts,
    parts: QuantileParts,
    /// The quantiles and references of each column, and both negated and turned around.
    curves: Vec<[Vec<(f64, f64)>; 2]>,
}

transformer!(QuantileTransformer);

/// How near a number is to the first or last quantile to be taken for it, and how near a share is to 0
/// or 1 at most before the normal distribution is asked.
const BOUNDS_THRESHOLD: f64 = 1e-7;

impl QuantileTransformer {
    /// Checks the parts and puts a transformer together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are quantiles for each column, and as many as references,
    /// [`Error::Model`] without any, and for some that are not finite or do not ascend.
    pub fn from_parts(fitted: TransformerParts, parts: QuantileParts) -> Result<Self, Error> {
        fitted.check_columns()?;
        let (found, columns) = parts.quantiles.dim();
        fitted.one_each("columns of quantiles", columns)?;
        let expected = parts.references.len();
        if found != expected {
            return Err(Error::Length { what: "quantiles", expected, found });
        }
        if found == 0 {
            return Err(Error::Model { problem: "it has no quantiles".to_owned() });
        }
        let fine =
            |values: &[f64]| values.iter().all(|value| value.is_finite()) && values.is_sorted();
        if !fine(&parts.references) {
            let problem = "its references_ are not finite, or do not ascend".to_owned();
            return Err(Error::Model { problem });
        }
        let mut curves = Vec::with_capacity(columns);
        for (column, quantiles) in parts.quantiles.columns().into_iter().enumerate() {
            if !fine(&quantiles.to_vec()) {
                let problem =
                    format!("the quantiles of column {column} are not finite, or do not ascend");
                return Err(Error::Model { problem });
            }
            let up: Vec<(f64, f64)> =
                quantiles.iter().copied().zip(parts.references.iter().copied()).collect();
            let down = up.iter().rev().map(|&(x, y)| (-x, -y)).collect();
            curves.push([up, down]);
        }
        Ok(QuantileTransformer { fitted, parts, curves })
    }

    /// What it learned.
    pub fn parts(&self) -> &QuantileParts {
        &self.parts
    }

    /// What a number of a column becomes.
    fn share(&self, column: usize, value: f64) -> f64 {
        let Some([up, down]) = self.curves.get(column) else { return f64::NAN };
        let (Some(&(first, _)), Some(&(last, _))) = (up.first(), up.last()) else {
            return f64::NAN;
        };
        if value.is_nan() {
            return value;
        }
        // before 0.21 both distributions had bounds
        let is_bounded =
            self.parts.output == QuantileOutput::Normal || self.fitted.version.before(0, 21);
        let (lower, upper) = match is_bounded {
            false => (value == first, value == last),
            true => (value - BOUNDS_THRESHOLD < first, value + BOUNDS_THRESHOLD > last),
        };
        let share = match (lower, upper) {
            (true, _) => 0.0,
            (false, true) => 1.0,
            // both ways, as quantiles that are equal would be taken for their last one else
            (false, false) => 0.5 * (interpolated(up, value) - interpolated(down, -value)),
        };
        // scikit-learn clips what it made to the same bounds
        let least = BOUNDS_THRESHOLD - f64::EPSILON;
        let share = if is_bounded { share.clamp(least, 1.0 - least) } else { share };
        match self.parts.output {
            QuantileOutput::Uniform => share,
            QuantileOutput::Normal => normal_quantile(share),
        }
    }
}

/// Missing values (NaN) stay. Of sparse rows those cells are looked at that are kept; negative ones are
/// refused, unless it ignores implicit zeros.
impl Transformer for QuantileTransformer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let (precision, sparse) = (table.precision().computed(), table.is_sparse());
        let share = |column: usize, value: f64| precision.round(self.share(column, value));
        let is_negative = |value: &&f64| **value < 0.0;
        let refuse = |negative: Option<&f64>| match negative {
            Some(value) if sparse && !self.parts.ignore_implicit_zeros => {
                let problem =
                    format!("it takes no negative numbers in sparse rows: one is {value}");
                Err(Error::Model { problem })
            }
            _ => Ok(()),
        };
        let made: Frame = match cells_of(self, table, true)? {
            Cells::Sparse(rows) => {
                refuse(rows.values().iter().find(is_negative))?;
                rows.map(|column, value| share(column as usize, value)).into()
            }
            Cells::Dense(mut numbers) => {
                refuse(numbers.iter().find(is_negative))?;
                for (column, mut values) in numbers.columns_mut().into_iter().enumerate() {
                    // zeros that Python does not keep stay zeros
                    values.mapv_inplace(|value| match sparse && value == 0.0 {
                        true => value,
                        false => share(column, value),
                    });
                }
                numbers.into()
            }
        };
        Ok(made.with_precision(precision).with_sparse(sparse))
    }
}

/// numpy's `interp`: linear between the points of an ascending curve, and what is outside as its ends.
fn interpolated(curve: &[(f64, f64)], x: f64) -> f64 {
    let place = curve.partition_point(|&(own, _)| own <= x);
    let (before, behind) = curve.split_at(place);
    match (before.last(), behind.first()) {
        (Some(&(x0, y0)), Some(&(x1, y1))) => (y1 - y0) / (x1 - x0) * (x - x0) + y0,
        (Some(&(_, y)), None) | (None, Some(&(_, y))) => y,
        (None, None) => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_with_equal_points_are_taken_from_their_last() {
        let curve = [(0.0, 0.0), (1.0, 0.25), (1.0, 0.75), (3.0, 1.0)];
        let found = [-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0].map(|x| interpolated(&curve, x));
        assert_eq!(found, [0.0, 0.0, 0.125, 0.75, 0.875, 1.0, 1.0]);
    }
}
