//! Scalers: each column of numbers is shifted and stretched.

use ndarray::Array2;

use super::fit::{Extremes, Spread, StandardScalerParams};
use super::{Error, TransformerParts, numbers_of, sparse_cells, transformer};
use crate::data::{Frame, Precision};
use crate::model::{InverseTransformer, Model, Transformer};

/// A table of numbers while a scaler works on it, step by step. What Python keeps in fewer than 64
/// bits is rounded to those after each step: numpy does the same in place.
struct Scaled {
    numbers: Array2<f64>,
    precision: Precision,
    sparse: bool,
}

impl Scaled {
    fn of(model: &dyn Model, table: &Frame) -> Result<Scaled, Error> {
        let numbers = numbers_of(model, table, true)?;
        let (precision, sparse) = (table.precision().computed(), table.is_sparse());
        Ok(Scaled { numbers, precision, sparse })
    }

    /// Does something to every number, with the number of its column.
    fn each(&mut self, change: impl Fn(f64, usize) -> f64) {
        let precision = self.precision;
        for mut row in self.numbers.rows_mut() {
            for (column, value) in row.iter_mut().enumerate() {
                *value = match precision {
                    Precision::Double => change(*value, column),
                    _ => precision.round(change(*value, column)),
                };
            }
        }
    }

    /// Shifts by what is subtracted first.
    fn subtract(&mut self, shift: Option<&[f64]>) {
        if let Some(shift) = shift {
            self.each(|value, column| value - shift[column]);
        }
    }

    /// Stretches by what is divided by. scikit-learn multiplies the numbers of a table that it keeps
    /// without zeros (`inplace_column_scale`), which is not the same to the last bit; `kept` is the type
    /// in which it keeps the scale.
    fn divide(&mut self, scale: Option<&[f64]>, kept: Precision) {
        match scale {
            Some(scale) if self.sparse => {
                self.each(|value, column| value * kept.round(1.0 / scale[column]));
            }
            Some(scale) => self.each(|value, column| value / scale[column]),
            None => {}
        }
    }

    /// Stretches back.
    fn multiply(&mut self, scale: Option<&[f64]>) {
        if let Some(scale) = scale {
            self.each(|value, column| value * scale[column]);
        }
    }

    /// Shifts back.
    fn add(&mut self, shift: Option<&[f64]>) {
        if let Some(shift) = shift {
            self.each(|value, column| value + shift[column]);
        }
    }

    fn clip(&mut self, low: f64, high: f64) {
        let (low, high) = (self.precision.round(low), self.precision.round(high));
        self.each(|value, _| value.clamp(low, high));
    }

    fn done(self) -> Frame {
        Frame::from_numbers(self.numbers).with_precision(self.precision).with_sparse(self.sparse)
    }
}

/// Sparse rows stretched by what is divided by, where nothing is subtracted: zeros stay zeros. `None`
/// for a table of any other kind. It multiplies, as [`Scaled::divide`] does.
fn stretched(
    model: &dyn Model,
    table: &Frame,
    scale: Option<&[f64]>,
    kept: Precision,
) -> Result<Option<Frame>, Error> {
    let Some(rows) = sparse_cells(model, table, true)? else { return Ok(None) };
    let precision = table.precision().computed();
    let rows = match scale {
        Some(scale) => rows.map(|column, value| {
            let scale = scale.get(column as usize).copied().unwrap_or(1.0);
            precision.round(value * kept.round(1.0 / scale))
        }),
        None => rows,
    };
    Ok(Some(Frame::from_sparse(rows).with_precision(precision)))
}

/// scikit-learn's `StandardScaler`: (value − mean) / scale.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{StandardScaler, TransformerParts};
///
/// let fitted = TransformerParts::new(1);
/// let scaler = StandardScaler::from_parts(fitted, Some(vec![3.0]), Some(vec![2.0]))?;
/// let scaled = scaler.transform(&Frame::from_numbers(ndarray::array![[3.0], [7.0]]))?;
/// assert_eq!(scaled.numbers().expect("numbers"), ndarray::array![[0.0], [2.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StandardScaler {
    pub(super) fitted: TransformerParts,
    mean: Option<Vec<f64>>,
    scale: Option<Vec<f64>>,
    /// What a fit here found, and how.
    pub(super) learned: Option<(StandardScalerParams, Spread)>,
}

transformer!(StandardScaler: inverse);

impl StandardScaler {
    /// A scaler with `mean_`, unless `with_mean=False`, and `scale_`, unless `with_std=False`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one of each for each column, [`Error::Model`] for one
    /// that is infinite.
    pub fn from_parts(
        fitted: TransformerParts,
        mean: Option<Vec<f64>>,
        scale: Option<Vec<f64>>,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        mean.iter().try_for_each(|mean| fitted.finite("means", mean))?;
        scale.iter().try_for_each(|scale| fitted.finite("scales", scale))?;
        Ok(StandardScaler { fitted, mean, scale, learned: None })
    }

    /// What the fit found, if it was here.
    pub(crate) fn spread(&self) -> Option<&Spread> {
        self.learned.as_ref().map(|(_, spread)| spread)
    }

    /// What is subtracted from each column, if anything is.
    pub fn mean(&self) -> Option<&[f64]> {
        self.mean.as_deref()
    }

    /// What each column is divided by, if by anything.
    pub fn scale(&self) -> Option<&[f64]> {
        self.scale.as_deref()
    }
}

/// Missing values (NaN) stay; infinite ones are refused, as in all scalers.
impl Transformer for StandardScaler {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        if self.mean.is_none()
            && let Some(made) = stretched(self, table, self.scale(), Precision::Double)?
        {
            return Ok(made);
        }
        let mut scaled = Scaled::of(self, table)?;
        // Since 1.8 mean and scale are rounded as the table is, but not those of other scalers.
        let own = |values: &Option<Vec<f64>>| {
            let precision = match self.fitted.version.before(1, 8) {
                true => Precision::Double,
                false if table.is_sparse() => Precision::Double,
                false => scaled.precision,
            };
            let round = |values: &Vec<f64>| values.iter().map(|&it| precision.round(it)).collect();
            values.as_ref().map(round)
        };
        let (mean, scale): (Option<Vec<f64>>, Option<Vec<f64>>) =
            (own(&self.mean), own(&self.scale));
        scaled.subtract(mean.as_deref());
        scaled.divide(scale.as_deref(), Precision::Double);
        Ok(scaled.done())
    }
}

impl InverseTransformer for StandardScaler {
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut scaled = Scaled::of(self, table)?;
        scaled.multiply(self.scale());
        scaled.add(self.mean());
        Ok(scaled.done())
    }
}

/// scikit-learn's `RobustScaler`: (value − center) / scale.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{RobustScaler, TransformerParts};
///
/// let scaler = RobustScaler::from_parts(TransformerParts::new(1), Some(vec![3.0]), None)?;
/// let scaled = scaler.transform(&Frame::from_numbers(ndarray::array![[3.0], [7.0]]))?;
/// assert_eq!(scaled.numbers().expect("numbers"), ndarray::array![[0.0], [4.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RobustScaler {
    fitted: TransformerParts,
    center: Option<Vec<f64>>,
    scale: Option<Vec<f64>>,
}

transformer!(RobustScaler: inverse);

impl RobustScaler {
    /// A scaler with `center_`, unless `with_centering=False`, and `scale_`, unless
    /// `with_scaling=False`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one of each for each column, [`Error::Model`] for one
    /// that is infinite.
    pub fn from_parts(
        fitted: TransformerParts,
        center: Option<Vec<f64>>,
        scale: Option<Vec<f64>>,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        center.iter().try_for_each(|center| fitted.finite("centers", center))?;
        scale.iter().try_for_each(|scale| fitted.finite("scales", scale))?;
        Ok(RobustScaler { fitted, center, scale })
    }

    /// What is subtracted from each column, if anything is.
    pub fn center(&self) -> Option<&[f64]> {
        self.center.as_deref()
    }

    /// What each column is divided by, if by anything.
    pub fn scale(&self) -> Option<&[f64]> {
        self.scale.as_deref()
    }
}

impl Transformer for RobustScaler {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        if self.center.is_none()
            && let Some(made) = stretched(self, table, self.scale(), Precision::Double)?
        {
            return Ok(made);
        }
        let mut scaled = Scaled::of(self, table)?;
        scaled.subtract(self.center());
        scaled.divide(self.scale(), Precision::Double);
        Ok(scaled.done())
    }
}

impl InverseTransformer for RobustScaler {
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut scaled = Scaled::of(self, table)?;
        scaled.multiply(self.scale());
        scaled.add(self.center());
        Ok(scaled.done())
    }
}

/// scikit-learn's `MinMaxScaler`: value × scale + min.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{MinMaxScaler, TransformerParts};
///
/// let fitted = TransformerParts::new(1);
/// let scaler = MinMaxScaler::from_parts(fitted, vec![0.5], vec![-1.0], Some((0.0, 1.0)))?;
/// let scaled = scaler.transform(&Frame::from_numbers(ndarray::array![[3.0], [7.0]]))?;
/// assert_eq!(scaled.numbers().expect("numbers"), ndarray::array![[0.5], [1.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MinMaxScaler {
    fitted: TransformerParts,
    scale: Vec<f64>,
    min: Vec<f64>,
    clip: Option<(f64, f64)>,
    /// What a fit here found.
    pub(super) learned: Option<Extremes>,
}

transformer!(MinMaxScaler: inverse);

impl MinMaxScaler {
    /// A scaler with `scale_` and `min_`, and with the `feature_range` if `clip=True`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one of each for each column, [`Error::Model`] for one
    /// that is infinite and for a range that is none.
    pub fn from_parts(
        fitted: TransformerParts,
        scale: Vec<f64>,
        min: Vec<f64>,
        clip: Option<(f64, f64)>,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.finite("scales", &scale)?;
        fitted.finite("minima", &min)?;
        if let Some((low, high)) = clip
            && (low > high || low.is_nan() || high.is_nan())
        {
            let problem = format!("its feature_range is from {low} to {high}");
            return Err(Error::Model { problem });
        }
        Ok(MinMaxScaler { fitted, scale, min, clip, learned: None })
    }

    /// What the fit found, if it was here.
    pub(crate) fn extremes(&self) -> Option<&Extremes> {
        self.learned.as_ref()
    }

    /// What each column is multiplied by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// What is added to each column then.
    pub fn min(&self) -> &[f64] {
        &self.min
    }

    /// Within what values stay, if they must.
    pub fn clip(&self) -> Option<(f64, f64)> {
        self.clip
    }
}

impl Transformer for MinMaxScaler {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut scaled = Scaled::of(self, table)?;
        scaled.each(|value, column| value * self.scale[column]);
        scaled.each(|value, column| value + self.min[column]);
        if let Some((low, high)) = self.clip {
            scaled.clip(low, high);
        }
        Ok(scaled.done())
    }
}

impl InverseTransformer for MinMaxScaler {
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut scaled = Scaled::of(self, table)?;
        scaled.subtract(Some(&self.min));
        let kept = scaled.precision;
        scaled.divide(Some(&self.scale), kept);
        Ok(scaled.done())
    }
}

/// scikit-learn's `MaxAbsScaler`: value / scale.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{MaxAbsScaler, TransformerParts};
///
/// let scaler = MaxAbsScaler::from_parts(TransformerParts::new(1), vec![8.0], false)?;
/// let scaled = scaler.transform(&Frame::from_numbers(ndarray::array![[4.0], [-8.0]]))?;
/// assert_eq!(scaled.numbers().expect("numbers"), ndarray::array![[0.5], [-1.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MaxAbsScaler {
    fitted: TransformerParts,
    scale: Vec<f64>,
    clip: bool,
    /// The type in which Python keeps the scale.
    kept: Precision,
    /// What a fit here found.
    pub(super) learned: Option<Extremes>,
}

transformer!(MaxAbsScaler: inverse);

impl MaxAbsScaler {
    /// A scaler with `scale_`; with `clip`, values stay from −1 to 1.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one for each column, [`Error::Model`] for one that is
    /// infinite.
    pub fn from_parts(
        fitted: TransformerParts,
        scale: Vec<f64>,
        clip: bool,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.finite("scales", &scale)?;
        Ok(MaxAbsScaler { fitted, scale, clip, kept: Precision::Double, learned: None })
    }

    /// The same scaler, whose scale Python keeps in this type: that of the table that it was fitted on.
    pub(crate) fn with_scale_in(mut self, precision: Precision) -> Self {
        self.kept = precision;
        self
    }

    /// What the fit found, if it was here.
    pub(crate) fn extremes(&self) -> Option<&Extremes> {
        self.learned.as_ref()
    }

    /// What each column is divided by.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// Whether values stay from −1 to 1.
    pub fn clip(&self) -> bool {
        self.clip
    }
}

impl Transformer for MaxAbsScaler {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        if let Some(made) = stretched(self, table, Some(&self.scale), self.kept)? {
            return Ok(match made.sparse().filter(|_| self.clip) {
                Some(rows) => Frame::from(rows.clone().map(|_, value| value.clamp(-1.0, 1.0)))
                    .with_precision(made.precision()),
                None => made,
            });
        }
        let mut scaled = Scaled::of(self, table)?;
        scaled.divide(Some(&self.scale), self.kept);
        if self.clip {
            scaled.clip(-1.0, 1.0);
        }
        Ok(scaled.done())
    }
}

impl InverseTransformer for MaxAbsScaler {
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut scaled = Scaled::of(self, table)?;
        scaled.multiply(Some(&self.scale));
        Ok(scaled.done())
    }
}
