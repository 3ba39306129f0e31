//! Models that are yet to be fitted.

use std::fmt;
use std::sync::Arc;

use super::{Error, MOST_COLUMNS, Model, Parameter};
use crate::data::{Frame, Labels};
use crate::python::estimator::Repr;

/// The parameters of a model of any kind, which can be fitted: what a
/// [`Pipeline`](crate::pipeline::Pipeline) is made of before its fit.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Fit;
/// use picklebook::prelude::*;
/// use picklebook::preprocessing::StandardScaler;
///
/// let data = balance_scale();
/// let to_fit: [&dyn Fit; 2] = [&StandardScaler::params(), &DecisionTreeClassifier::params()];
/// for params in to_fit {
///     let model = params.fit_model(&Frame::from(&data), Some(data.target()))?;
///     assert_eq!(model.n_features(), 4);
/// }
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait Fit: fmt::Debug + Send + Sync {
    /// Fits a model on a table and, if it learns from labels, on one for each row.
    ///
    /// # Errors
    /// When a parameter is out of range, or the table or the labels are none that it learns from.
    fn fit_model(&self, table: &Frame, target: Option<&Labels>) -> Result<Arc<dyn Model>, Error>;
}

/// The labels, for a model that learns from them.
pub(crate) fn target_of<'t>(
    table: &Frame,
    target: Option<&'t Labels>,
) -> Result<&'t Labels, Error> {
    let (expected, found) = (table.shape().0, 0);
    target.ok_or(Error::Length { what: "targets", expected, found })
}

/// Whether there are rows and columns, and not too many of these.
pub(crate) fn check_shape((rows, columns): (usize, usize)) -> Result<(), Error> {
    match (rows, columns) {
        (0, _) | (_, 0) => Err(Error::Empty { rows, columns }),
        (_, found) if found > MOST_COLUMNS => {
            Err(Error::TooMany { what: "columns", found, most: MOST_COLUMNS })
        }
        _ => Ok(()),
    }
}

/// Whether there is one weight for each row, finite and not negative, and not all are zero.
pub(crate) fn check_weights(rows: usize, weights: Option<&[f64]>) -> Result<(), Error> {
    let Some(weights) = weights else { return Ok(()) };
    if weights.len() != rows {
        let found = weights.len();
        return Err(Error::Length { what: "sample weights", expected: rows, found });
    }
    let bad = |weight: &f64| !weight.is_finite() || *weight < 0.0;
    if let Some((row, &weight)) = weights.iter().enumerate().find(|(_, weight)| bad(weight)) {
        return Err(Error::Weight { row, weight });
    }
    match weights.iter().sum::<f64>() {
        0.0 => Err(Error::NoWeight { rows }),
        // in another order the sum is rounded in another way: half of the greatest is far enough
        sum if sum > f64::MAX / 2.0 => Err(Error::Overflow),
        _ => Ok(()),
    }
}

/// Printed as scikit-learn prints an estimator: by its class and its parameters by name, only those
/// that differ from `standard`.
pub(crate) fn estimator_repr(
    class: &'static str,
    own: Vec<(&'static str, Parameter)>,
    standard: Vec<(&'static str, Parameter)>,
) -> String {
    let mut repr = Repr::new(class);
    for ((name, value), (_, standard)) in own.into_iter().zip(standard) {
        let (value, standard) = (value.to_string(), standard.to_string());
        repr.set(name, (value != standard).then_some(value));
    }
    repr.finish()
}

/// Prints parameters as scikit-learn prints an estimator, by their method `named`.
macro_rules! shown_as_estimator {
    ($params:ident: $class:literal) => {
        /// As scikit-learn prints an estimator: only what differs from the default.
        impl std::fmt::Display for $params {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let (own, standard) = (self.named(), $params::default().named());
                f.write_str(&crate::model::fit::estimator_repr($class, own, standard))
            }
        }
    };
}
pub(crate) use shown_as_estimator;

/// The fit of parameters as a step of a pipeline, which looks at the table alone.
macro_rules! fits_tables {
    ($params:ident) => {
        crate::model::fit::fits_tables!($params, |params, table| params.fit(table));
    };
    ($params:ident, |$own:ident, $table:ident| $fit:expr) => {
        impl crate::model::Fit for $params {
            fn fit_model(
                &self,
                $table: &crate::data::Frame,
                _: Option<&crate::data::Labels>,
            ) -> Result<std::sync::Arc<dyn crate::model::Model>, crate::model::Error> {
                let $own = self;
                Ok(std::sync::Arc::new($fit?))
            }
        }
    };
}
pub(crate) use fits_tables;
