//! Powers that make the numbers of a column more like those of a normal distribution.

use super::{Error, StandardScaler, TransformerParts, column_name, numbers_of, transformer};
use crate::data::Frame;
use crate::model::Transformer;

/// Which powers: the parameter `method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerMethod {
    /// Those of Box and Cox, of numbers above zero only: `box-cox`.
    BoxCox,
    /// Those of Yeo and Johnson, of any numbers: `yeo-johnson`.
    YeoJohnson,
}

/// scikit-learn's `PowerTransformer`: a power of each number, by its column, and then, if it
/// standardizes, that number less a mean, divided by a scale.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{PowerMethod, PowerTransformer, TransformerParts};
///
/// let fitted = TransformerParts::new(1);
/// let powers = PowerTransformer::from_parts(fitted, vec![2.0], PowerMethod::BoxCox, None)?;
/// let made = powers.transform(&Frame::from_numbers(ndarray::array![[1.0], [3.0]]))?;
/// let made = made.numbers().expect("numbers").into_owned();
/// assert!((made - ndarray::array![[0.0], [4.0]]).iter().all(|error| error.abs() < 1e-12));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
///
/// Sources: `preprocessing/_data.py` of scikit-learn, and SciPy's `special.boxcox` and
/// `stats.yeojohnson`.
#[derive(Debug, Clone, PartialEq)]
pub struct PowerTransformer {
    fitted: TransformerParts,
    lambdas: Vec<f64>,
    method: PowerMethod,
    scaler: Option<StandardScaler>,
}

transformer!(PowerTransformer);

impl PowerTransformer {
    /// A transformer with the exponent of each column, `lambdas_`, and what scales the powers, if it
    /// standardizes.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one exponent for each column, and the scaler is for as many,
    /// [`Error::Model`] for one that is infinite.
    pub fn from_parts(
        fitted: TransformerParts,
        lambdas: Vec<f64>,
        method: PowerMethod,
        scaler: Option<StandardScaler>,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.finite("lambdas", &lambdas)?;
        if let Some(scaler) = &scaler {
            fitted.one_each("columns of the scaler", scaler.n_features())?;
        }
        Ok(PowerTransformer { fitted, lambdas, method, scaler })
    }

    /// The exponent of each column.
    pub fn lambdas(&self) -> &[f64] {
        &self.lambdas
    }

    /// Which powers it takes.
    pub fn method(&self) -> PowerMethod {
        self.method
    }

    /// What scales the powers, if it standardizes.
    pub fn scaler(&self) -> Option<&StandardScaler> {
        self.scaler.as_ref()
    }
}

/// Missing values (NaN) stay. A number that is not above zero is refused for `box-cox`, as in
/// scikit-learn.
impl Transformer for PowerTransformer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut numbers = numbers_of(self, table, true)?;
        let precision = table.precision().computed();
        let power: fn(f64, f64) -> f64 = match self.method {
            PowerMethod::BoxCox => {
                let bad = numbers.indexed_iter().find(|(_, value)| **value <= 0.0);
                if let Some(((row, column), value)) = bad {
                    let column = column_name(table, column);
                    let problem = format!(
                        "row {row}, column {column:?} holds {value}, and box-cox takes numbers above \
                         zero only"
                    );
                    return Err(Error::Model { problem });
                }
                box_cox
            }
            PowerMethod::YeoJohnson if self.fitted.version.before(1, 9) => |value, lambda| {
                yeo_johnson(value, lambda, |base, exponent| (base + 1.0).powf(exponent) - 1.0)
            },
            PowerMethod::YeoJohnson => |value, lambda| {
                yeo_johnson(value, lambda, |base, exponent| (exponent * base.ln_1p()).exp_m1())
            },
        };
        for (mut column, &lambda) in numbers.columns_mut().into_iter().zip(&self.lambdas) {
            column.mapv_inplace(|value| precision.round(power(value, lambda)));
        }
        let made =
            Frame::from_numbers(numbers).with_precision(precision).with_sparse(table.is_sparse());
        match &self.scaler {
            Some(scaler) => scaler.transform(&made),
            None => Ok(made),
        }
    }
}

fn box_cox(value: f64, lambda: f64) -> f64 {
    let exponent = lambda * value.ln();
    if lambda.abs() < 1e-19 {
        value.ln()
    } else if exponent < 709.78 {
        exponent.exp_m1() / lambda
    } else {
        // what the exponential of alone would be infinite
        lambda.signum() * (exponent - lambda.abs().ln()).exp() - 1.0 / lambda
    }
}

/// With `power` of a base and an exponent: (base + 1) ** exponent − 1.
fn yeo_johnson(value: f64, lambda: f64, power: impl Fn(f64, f64) -> f64) -> f64 {
    match (value >= 0.0, lambda.abs() < f64::EPSILON, (lambda - 2.0).abs() <= f64::EPSILON) {
        (true, true, _) => value.ln_1p(),
        (true, false, _) => power(value, lambda) / lambda,
        (false, _, true) => -(-value).ln_1p(),
        (false, _, false) => -power(-value, 2.0 - lambda) / (2.0 - lambda),
    }
}
