//! scikit-learn's naive Bayes models: features are taken to be independent of one another
//! within a class.
//!
//! They are fitted here, at once or in parts (`partial_fit`), or put together from parts that came
//! from elsewhere, such as scikit-learn's own files. What a fit counts is what scikit-learn 1.9.1
//! counts, to the last bit but for sums of fractions over dense rows, and its logarithms are those to
//! 1e-12. Numbers are taken as 64-bit floats. Sums and logarithms are rounded as they come, so that probabilities are
//! those of scikit-learn to 1e-12. Those over counts take
//! [sparse rows](crate::data::SparseRows) as they are.
//!
//! | scikit-learn | here | its parameters |
//! | --- | --- | --- |
//! | `GaussianNB` | [`GaussianNB`] | [`GaussianNB::params`] |
//! | `MultinomialNB`, `ComplementNB`, `BernoulliNB` | [`DiscreteNB`] | [`DiscreteNB::multinomial`], [`complement`](DiscreteNB::complement), [`bernoulli`](DiscreteNB::bernoulli) |
//! | `CategoricalNB` | [`CategoricalNB`] | [`CategoricalNB::params`] |

mod categorical;
mod discrete;
mod fit;
mod gaussian;

use ndarray::Array2;

pub use categorical::CategoricalNB;
pub use discrete::{DiscreteKind, DiscreteNB};
pub use fit::{CategoricalNBParams, DiscreteNBParams, GaussianNBParams};
pub use gaussian::GaussianNB;

use crate::data::Labels;
pub use crate::model::Error;
use crate::model::link::labels_of_rows;
use crate::tree::first_greatest;

/// The most probable class of each row of joint log-likelihoods.
fn labels(classes: &Labels, joint: &Array2<f64>) -> Result<Labels, Error> {
    labels_of_rows(classes, joint, first_greatest)
}

/// The probabilities of joint log-likelihoods: rows × classes.
fn probabilities(mut joint: Array2<f64>) -> Array2<f64> {
    for mut row in joint.rows_mut() {
        let greatest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // where no class is possible, scipy's logsumexp subtracts nothing
        let greatest = if greatest.is_finite() { greatest } else { 0.0 };
        let sum: f64 = row.iter().map(|value| (value - greatest).exp()).sum();
        let all = sum.ln() + greatest;
        row.mapv_inplace(|value| (value - all).exp());
    }
    joint
}

/// Whether numbers are as wide as there are classes, and none is NaN or, unless it may be, infinite.
fn check_numbers<'a>(
    what: &str,
    numbers: impl IntoIterator<Item = &'a f64>,
    accepted: impl Fn(f64) -> bool,
) -> Result<(), Error> {
    match numbers.into_iter().find(|value| !accepted(**value)) {
        None => Ok(()),
        Some(value) => Err(Error::Model { problem: format!("{what}: one is {value}") }),
    }
}

/// Whether a number is the logarithm of a share: finite, or that of zero.
fn is_logarithm(value: f64) -> bool {
    value.is_finite() || value == f64::NEG_INFINITY
}

/// Whether there is one of something for each class.
fn one_each(what: &'static str, classes: &Labels, found: usize) -> Result<(), Error> {
    match classes.len() {
        expected if expected == found => Ok(()),
        expected => Err(Error::Length { what, expected, found }),
    }
}

/// What every naive Bayes model answers, by its method `joint`.
macro_rules! bayes {
    ($model:ident) => {
        crate::model::about_the_fit!($model);

        impl $model {
            /// The classes, ascending.
            pub fn classes(&self) -> &crate::data::Labels {
                &self.classes
            }

            /// The class of each row.
            ///
            /// # Errors
            /// [`Error::Columns`](crate::model::Error::Columns) for another number of columns than
            /// in the fit, [`Error::NotFinite`](crate::model::Error::NotFinite) for a value that is
            /// missing or infinite.
            pub fn predict<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                super::labels(&self.classes, &self.joint(&features.into())?)
            }

            /// The probability of each class for each row: rows × classes.
            ///
            /// # Errors
            /// As [`predict`](Self::predict).
            pub fn predict_proba<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                Ok(super::probabilities(self.joint(&features.into())?))
            }
        }

        crate::model::classifier_traits!($model);
    };
}
use bayes;
