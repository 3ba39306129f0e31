//! How scalers are fitted.

use ndarray::Array2;

use super::{Error, Numbers, check_columns, dense, fitted, numbers};
use crate::data::{Frame, SparseRows};
use crate::model::Parameter;
use crate::model::fit::fits_tables;
use crate::numpy::{column_sums, pairwise_sum, quantile};
use crate::preprocessing::{MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler};
use crate::python::float_repr;

/// Scales that are nearly zero become 1.
fn without_zeros(scale: f64) -> f64 {
    if scale < 10.0 * f64::EPSILON { 1.0 } else { scale }
}

/// The parameters of a [`StandardScaler`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::preprocessing::StandardScaler;
///
/// let table = Frame::from_numbers(ndarray::array![[1.0], [3.0]]);
/// let mut scaler = StandardScaler::params().fit(&table)?;
/// assert_eq!((scaler.mean(), scaler.scale()), (Some(&[2.0][..]), Some(&[1.0][..])));
/// scaler.partial_fit(&Frame::from_numbers(ndarray::array![[8.0]]))?;
/// assert_eq!(scaler.mean(), Some(&[4.0][..]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScalerParams {
    with_mean: bool,
    with_std: bool,
}

/// What a fit knows of each column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread {
    /// `mean_`, which is there also where it is not subtracted.
    pub(crate) mean: Option<Vec<f64>>,
    /// `var_`.
    pub(crate) var: Option<Vec<f64>>,
    /// How many values were there: `n_samples_seen_`.
    pub(crate) seen: Vec<f64>,
}

impl Default for StandardScalerParams {
    fn default() -> Self {
        StandardScalerParams { with_mean: true, with_std: true }
    }
}

impl StandardScaler {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> StandardScalerParams {
        StandardScalerParams::default()
    }

    /// Goes on with a fit, on more rows: scikit-learn's `partial_fit`. When it fails, the scaler stays
    /// as it was.
    ///
    /// # Errors
    /// As [`StandardScalerParams::fit`], [`Error::Columns`] for other columns, and [`Error::Model`] for
    /// a scaler that was not fitted here, which does not hold what it saw, and for more sparse rows.
    pub fn partial_fit(&mut self, table: &Frame) -> Result<(), Error> {
        let Some((params, spread)) = &self.learned else {
            let problem = "it was not fitted here, and does not hold what it saw";
            return Err(Error::Model { problem: problem.to_owned() });
        };
        check_columns(&self.fitted, table)?;
        let rows = dense("StandardScaler", table)?;
        let spread = spread.clone().with(&rows, params);
        *self = params.made(spread, self.fitted.clone())?;
        Ok(())
    }
}

crate::model::fit::shown_as_estimator!(StandardScalerParams: "StandardScaler");

impl StandardScalerParams {
    /// Whether the mean of each column is subtracted, as by default; sparse rows cannot be shifted.
    pub fn with_mean(mut self, with_mean: bool) -> Self {
        self.with_mean = with_mean;
        self
    }

    /// Whether each column is divided by its standard deviation, as by default.
    pub fn with_std(mut self, with_std: bool) -> Self {
        self.with_std = with_std;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let parameters = vec![
            ("with_mean", Parameter::Boolean(self.with_mean)),
            ("with_std", Parameter::Boolean(self.with_std)),
            ("copy", Parameter::Boolean(true)),
        ];
        parameters
    }

    /// Learns the means and deviations of columns; missing values (NaN) are left aside.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or columns, [`Error::Words`] and [`Error::NotFinite`] for what is
    /// no finite number, and [`Error::Model`] for sparse rows unless `with_mean` is false.
    pub fn fit(&self, table: &Frame) -> Result<StandardScaler, Error> {
        let spread = match numbers("StandardScaler", table)? {
            Numbers::Dense(rows) => {
                let columns = rows.ncols();
                let zeros = || vec![0.0; columns];
                let any = self.with_mean || self.with_std;
                let mean = any.then(zeros);
                let var = self.with_std.then(zeros);
                Spread { mean, var, seen: zeros() }.with(&rows, self)
            }
            Numbers::Sparse(_) if self.with_mean => {
                let problem = "sparse rows cannot be centred: fit with_mean(false)";
                return Err(Error::Model { problem: problem.to_owned() });
            }
            Numbers::Sparse(rows) => Spread::of_sparse(&rows, self.with_std),
        };
        self.made(spread, fitted(table, self.named()))
    }

    fn made(
        &self,
        spread: Spread,
        fitted: crate::model::FittedParts,
    ) -> Result<StandardScaler, Error> {
        let mean = spread.mean.clone().filter(|_| self.with_mean);
        let scale = spread.scale();
        let mut made = StandardScaler::from_parts(fitted, mean, scale)?;
        made.learned = Some((self.clone(), spread));
        Ok(made)
    }
}

impl Spread {
    /// With more rows: `_incremental_mean_and_var`.
    fn with(self, rows: &Array2<f64>, params: &StandardScalerParams) -> Spread {
        let count = rows.nrows() as f64;
        let filled = |numbers: &Array2<f64>| {
            column_sums(numbers.mapv(|value| if value.is_nan() { 0.0 } else { value }).view())
        };
        let missing = column_sums(rows.mapv(|value| f64::from(value.is_nan())).view());
        let new_counts: Vec<f64> = missing.iter().map(|missing| count - missing).collect();
        let seen: Vec<f64> =
            self.seen.iter().zip(&new_counts).map(|(last, new)| last + new).collect();
        let (Some(last_mean), any) = (&self.mean, params.with_mean || params.with_std) else {
            return Spread { seen, ..self };
        };
        if !any {
            return Spread { seen, ..self };
        }
        let new_sums = filled(rows);
        let last_sums: Vec<f64> =
            last_mean.iter().zip(&self.seen).map(|(mean, count)| mean * count).collect();
        let mean = last_sums.iter().zip(&new_sums).zip(&seen);
        let mean = mean.map(|((last, new), count)| (last + new) / count).collect();
        let var = self.var.as_ref().map(|last_var| {
            let mut apart = rows.clone();
            for mut row in apart.rows_mut() {
                let each = row.iter_mut().zip(new_sums.iter().zip(&new_counts));
                each.for_each(|(value, (sum, count))| *value -= sum / count);
            }
            let corrections = filled(&apart);
            apart.mapv_inplace(|value| value * value);
            let squares = filled(&apart);
            let place = |place: usize| {
                let at = |values: &[f64]| values.get(place).copied().unwrap_or(f64::NAN);
                let (last, new, all) = (at(&self.seen), at(&new_counts), at(&seen));
                let correction = at(&corrections);
                let squares = at(&squares) - correction * correction / new;
                if last == 0.0 {
                    return squares / all;
                }
                let ratio = last / new;
                let shift = at(&last_sums) / ratio - at(&new_sums);
                (at(last_var) * last + squares + ratio / all * (shift * shift)) / all
            };
            (0..rows.ncols()).map(place).collect()
        });
        Spread { mean: Some(mean), var, seen }
    }

    /// Of sparse rows: `csr_mean_variance_axis0`.
    fn of_sparse(rows: &SparseRows, with_std: bool) -> Spread {
        let (count, columns) = rows.shape();
        let count = count as f64;
        let (mut seen, mut nonzero) = (vec![count; columns], vec![0.0; columns]);
        let mut means = vec![0.0; columns];
        let cells = || {
            let rows = rows.rows().flat_map(|(places, values)| places.iter().zip(values));
            rows.map(|(&place, &value)| (place as usize, value))
        };
        for (place, value) in cells() {
            if let (Some(seen), Some(nonzero), Some(mean)) =
                (seen.get_mut(place), nonzero.get_mut(place), means.get_mut(place))
            {
                match value.is_nan() {
                    true => *seen -= 1.0,
                    false => {
                        *mean += value;
                        *nonzero += 1.0;
                    }
                }
            }
        }
        if !with_std {
            return Spread { mean: None, var: None, seen };
        }
        means.iter_mut().zip(&seen).for_each(|(mean, seen)| *mean /= seen);
        let (mut variances, mut corrections) = (vec![0.0; columns], vec![0.0; columns]);
        for (place, value) in cells().filter(|(_, value)| !value.is_nan()) {
            if let (Some(mean), Some(variance), Some(correction)) =
                (means.get(place), variances.get_mut(place), corrections.get_mut(place))
            {
                let apart = value - mean;
                *correction += apart;
                *variance += apart * apart;
            }
        }
        let counts = seen.iter().zip(&nonzero);
        let sums = variances.iter_mut().zip(corrections);
        for (((variance, mut correction), mean), (seen, nonzero)) in sums.zip(&means).zip(counts) {
            if seen != nonzero {
                correction -= (seen - nonzero) * mean;
            }
            correction = correction * correction / seen;
            if seen != nonzero {
                *variance += (seen - nonzero) * (mean * mean);
            }
            *variance = (*variance - correction) / seen;
        }
        Spread { mean: Some(means), var: Some(variances), seen }
    }

    /// What columns are divided by: 1 where they hardly vary.
    fn scale(&self) -> Option<Vec<f64>> {
        let (mean, var) = (self.mean.as_ref()?, self.var.as_ref()?);
        let each = var.iter().zip(mean).zip(&self.seen);
        let scale = |((var, mean), seen): ((&f64, &f64), &f64)| {
            let error = seen * mean * f64::EPSILON;
            let most = seen * f64::EPSILON * var + error * error;
            if *var <= most { 1.0 } else { var.sqrt() }
        };
        Some(each.map(scale).collect())
    }
}

fits_tables!(StandardScalerParams);

/// The parameters of a [`MinMaxScaler`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::preprocessing::MinMaxScaler;
///
/// let table = Frame::from_numbers(ndarray::array![[1.0], [3.0]]);
/// let scaler = MinMaxScaler::params().feature_range(-1.0, 1.0).fit(&table)?;
/// assert_eq!((scaler.scale(), scaler.min()), (&[1.0][..], &[-2.0][..]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MinMaxScalerParams {
    /// `(0, 1)`, as whole numbers, where it is not given.
    range: Option<(f64, f64)>,
    clip: bool,
}

/// The least and greatest values that a fit saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Extremes {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    /// How many rows there were: `n_samples_seen_`.
    pub(crate) seen: usize,
}

impl MinMaxScaler {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> MinMaxScalerParams {
        MinMaxScalerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(MinMaxScalerParams: "MinMaxScaler");

impl MinMaxScalerParams {
    /// Where values go; from 0 to 1 by default.
    pub fn feature_range(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// Whether values stay in that range also where the fit saw none like them; not so by default.
    pub fn clip(mut self, clip: bool) -> Self {
        self.clip = clip;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let (low, high) = self.range.unwrap_or((0.0, 1.0));
        let range = match self.range {
            None => vec![Parameter::Integer(0), Parameter::Integer(1)],
            Some(_) => vec![Parameter::Float(low), Parameter::Float(high)],
        };
        let parameters = vec![
            ("feature_range", Parameter::Tuple(range)),
            ("copy", Parameter::Boolean(true)),
            ("clip", Parameter::Boolean(self.clip)),
        ];
        parameters
    }

    /// Learns the least and the greatest value of each column; missing ones (NaN) are left aside.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a range that is none, [`Error::Empty`] without rows or columns,
    /// [`Error::Words`] and [`Error::NotFinite`] for what is no finite number, and [`Error::Model`]
    /// for sparse rows.
    pub fn fit(&self, table: &Frame) -> Result<MinMaxScaler, Error> {
        let (low, high) = self.range.unwrap_or((0.0, 1.0));
        if low >= high || !low.is_finite() || !high.is_finite() {
            let value = format!("({}, {})", float_repr(low), float_repr(high));
            let expected = "from a number to a greater one";
            return Err(Error::Parameter { name: "feature_range", value, expected });
        }
        let rows = dense("MinMaxScaler", table)?;
        let most = |better: fn(f64, f64) -> f64| -> Vec<f64> {
            // NaN loses against any number
            let columns = rows.columns().into_iter();
            columns.map(|column| column.iter().copied().fold(f64::NAN, better)).collect()
        };
        let extremes = Extremes { low: most(f64::min), high: most(f64::max), seen: rows.nrows() };
        let scale: Vec<f64> =
            extremes.ranges().iter().map(|range| (high - low) / without_zeros(*range)).collect();
        let min = extremes.low.iter().zip(&scale).map(|(least, scale)| low - least * scale);
        let (min, clip) = (min.collect(), self.clip.then_some((low, high)));
        let mut made = MinMaxScaler::from_parts(fitted(table, self.named()), scale, min, clip)?;
        made.learned = Some(extremes);
        Ok(made)
    }
}

impl Extremes {
    /// How far they are apart: `data_range_`.
    pub(crate) fn ranges(&self) -> Vec<f64> {
        self.high.iter().zip(&self.low).map(|(high, low)| high - low).collect()
    }
}

fits_tables!(MinMaxScalerParams);

/// The parameters of a [`MaxAbsScaler`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::preprocessing::MaxAbsScaler;
///
/// let table = Frame::from_numbers(ndarray::array![[1.0], [-3.0]]);
/// assert_eq!(MaxAbsScaler::params().fit(&table)?.scale(), [3.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MaxAbsScalerParams {
    clip: bool,
}

impl MaxAbsScaler {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> MaxAbsScalerParams {
        MaxAbsScalerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(MaxAbsScalerParams: "MaxAbsScaler");

impl MaxAbsScalerParams {
    /// Whether values stay from −1 to 1 also where the fit saw none like them; not so by default.
    pub fn clip(mut self, clip: bool) -> Self {
        self.clip = clip;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let parameters =
            vec![("copy", Parameter::Boolean(true)), ("clip", Parameter::Boolean(self.clip))];
        parameters
    }

    /// Learns the greatest absolute value of each column; missing ones (NaN) are left aside.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows or columns, [`Error::Words`] and [`Error::NotFinite`] for what is
    /// no finite number.
    pub fn fit(&self, table: &Frame) -> Result<MaxAbsScaler, Error> {
        let (count, columns) = table.shape();
        let most: Vec<f64> = match numbers("MaxAbsScaler", table)? {
            Numbers::Dense(rows) => {
                let columns = rows.columns().into_iter();
                columns.map(|it| it.iter().map(|it| it.abs()).fold(f64::NAN, f64::max)).collect()
            }
            Numbers::Sparse(rows) => {
                let (mut most, mut kept) = (vec![f64::NAN; columns], vec![0; columns]);
                for (places, values) in rows.rows() {
                    for (&place, value) in places.iter().zip(values) {
                        if let (Some(most), Some(kept)) =
                            (most.get_mut(place as usize), kept.get_mut(place as usize))
                        {
                            *most = f64::max(*most, value.abs());
                            *kept += 1;
                        }
                    }
                }
                // a cell that is not kept is zero
                let zeros = most.iter_mut().zip(kept).filter(|(_, kept)| *kept < count);
                zeros.for_each(|(most, _)| *most = f64::max(*most, 0.0));
                most
            }
        };
        let scale = most.iter().map(|&most| without_zeros(most)).collect();
        let mut made = MaxAbsScaler::from_parts(fitted(table, self.named()), scale, self.clip)?;
        made.learned = Some(Extremes { low: Vec::new(), high: most, seen: count });
        Ok(made)
    }
}

fits_tables!(MaxAbsScalerParams);

/// The parameters of a [`RobustScaler`], with scikit-learn's names and defaults; `unit_variance` is
/// always false.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::preprocessing::RobustScaler;
///
/// let table = Frame::from_numbers(ndarray::array![[1.0], [2.0], [3.0], [4.0], [1000.0]]);
/// let scaler = RobustScaler::params().fit(&table)?;
/// assert_eq!((scaler.center(), scaler.scale()), (Some(&[3.0][..]), Some(&[2.0][..])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RobustScalerParams {
    with_centering: bool,
    with_scaling: bool,
    range: (f64, f64),
}

impl Default for RobustScalerParams {
    fn default() -> Self {
        RobustScalerParams { with_centering: true, with_scaling: true, range: (25.0, 75.0) }
    }
}

impl RobustScaler {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> RobustScalerParams {
        RobustScalerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(RobustScalerParams: "RobustScaler");

impl RobustScalerParams {
    /// Whether the median of each column is subtracted, as by default.
    pub fn with_centering(mut self, with_centering: bool) -> Self {
        self.with_centering = with_centering;
        self
    }

    /// Whether each column is divided by the distance of two quantiles, as by default.
    pub fn with_scaling(mut self, with_scaling: bool) -> Self {
        self.with_scaling = with_scaling;
        self
    }

    /// The two quantiles, in percent; 25 and 75 by default.
    pub fn quantile_range(mut self, low: f64, high: f64) -> Self {
        self.range = (low, high);
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let (low, high) = self.range;
        let range = vec![Parameter::Float(low), Parameter::Float(high)];
        let parameters = vec![
            ("with_centering", Parameter::Boolean(self.with_centering)),
            ("with_scaling", Parameter::Boolean(self.with_scaling)),
            ("quantile_range", Parameter::Tuple(range)),
            ("unit_variance", Parameter::Boolean(false)),
            ("copy", Parameter::Boolean(true)),
        ];
        parameters
    }

    /// Learns the median and the quantiles of each column; missing values (NaN) are left aside.
    ///
    /// # Errors
    /// [`Error::Parameter`] for quantiles that are none, [`Error::Empty`] without rows or columns,
    /// [`Error::Words`] and [`Error::NotFinite`] for what is no finite number, and [`Error::Model`]
    /// for sparse rows.
    pub fn fit(&self, table: &Frame) -> Result<RobustScaler, Error> {
        let (low, high) = self.range;
        let percent = 0.0..=100.0;
        if !percent.contains(&low) || !percent.contains(&high) || low > high {
            let value = format!("({}, {})", float_repr(low), float_repr(high));
            let expected = "two ascending numbers from 0 to 100";
            return Err(Error::Parameter { name: "quantile_range", value, expected });
        }
        let rows = dense("RobustScaler", table)?;
        let sorted = rows.columns().into_iter().map(|column| sorted(column.iter().copied()));
        let sorted: Vec<Vec<f64>> = sorted.collect();
        let center = self.with_centering.then(|| sorted.iter().map(|it| median(it)).collect());
        let scale = |column: &Vec<f64>| {
            without_zeros(quantile(column, high / 100.0) - quantile(column, low / 100.0))
        };
        let scale = self.with_scaling.then(|| sorted.iter().map(scale).collect());
        RobustScaler::from_parts(fitted(table, self.named()), center, scale)
    }
}

fits_tables!(RobustScalerParams);

/// The values that are there, ascending.
pub(super) fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// The value in the middle of ascending ones, or the mean of both: numpy's `median`.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    match (sorted.get(half), half.checked_sub(1).and_then(|place| sorted.get(place))) {
        (Some(high), Some(low)) if sorted.len().is_multiple_of(2) => {
            pairwise_sum(&[*low, *high]) / 2.0
        }
        // added to nothing, as numpy does: never -0.0
        (Some(middle), _) => pairwise_sum(&[*middle]),
        (None, _) => f64::NAN,
    }
}
