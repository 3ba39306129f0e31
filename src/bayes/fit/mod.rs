//! Naive Bayes models that are fitted here, and what all of them learn from.

mod categorical;
mod discrete;
mod gaussian;

use ndarray::Array2;

pub use categorical::CategoricalNBParams;
pub(crate) use categorical::CategoryCounts;
pub use discrete::DiscreteNBParams;
pub(crate) use discrete::FeatureCounts;
pub use gaussian::GaussianNBParams;
pub(crate) use gaussian::Moments;

use super::Error;
use crate::model::Parameter;
use crate::model::samples::{Rows, Samples, check_all_classes};
use crate::numpy::pairwise_sum;
use crate::python::float_repr;

/// The most numbers that a fit may count: 512 MiB, and a model holds about four times as many.
const MOST_VALUES: usize = 1 << 26;

/// Whether there are not too many classes times columns.
fn check_values(classes: usize, columns: usize) -> Result<(), Error> {
    match classes.saturating_mul(columns) {
        found if found > MOST_VALUES => {
            Err(Error::TooMany { what: "classes times columns", found, most: MOST_VALUES })
        }
        _ => Ok(()),
    }
}

/// The sum of each row.
fn row_sums(numbers: &Array2<f64>) -> Vec<f64> {
    numbers.rows().into_iter().map(|row| pairwise_sum(&row.to_vec())).collect()
}

/// Smoothing and the shares of classes: the parameters of all naive Bayes models over counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Smoothing {
    pub(crate) alpha: f64,
    pub(crate) force_alpha: bool,
    pub(crate) fit_prior: bool,
    pub(crate) class_prior: Option<Vec<f64>>,
}

impl Default for Smoothing {
    fn default() -> Self {
        Smoothing { alpha: 1.0, force_alpha: true, fit_prior: true, class_prior: None }
    }
}

impl Smoothing {
    /// What `alpha` is at least, unless it is forced.
    const LEAST_ALPHA: f64 = 1e-10;

    fn check(&self) -> Result<(), Error> {
        if !(0.0..f64::INFINITY).contains(&self.alpha) {
            let (value, expected) = (float_repr(self.alpha), "a finite number of at least 0");
            return Err(Error::Parameter { name: "alpha", value, expected });
        }
        let priors = self.class_prior.iter().flatten();
        check_shares("class_prior", priors.copied())
    }

    /// The alpha that is added.
    fn alpha(&self) -> f64 {
        if self.force_alpha { self.alpha } else { self.alpha.max(Self::LEAST_ALPHA) }
    }

    /// The logarithm of the share of each class: `class_log_prior_`.
    fn class_log_priors(&self, counts: &[f64]) -> Result<Vec<f64>, Error> {
        match &self.class_prior {
            Some(priors) if priors.len() != counts.len() => {
                let (expected, found) = (counts.len(), priors.len());
                Err(Error::Length { what: "class_prior, for each class one", expected, found })
            }
            Some(priors) => Ok(priors.iter().map(|prior| prior.ln()).collect()),
            None if self.fit_prior => {
                let all = pairwise_sum(counts).ln();
                Ok(counts.iter().map(|count| count.ln() - all).collect())
            }
            None => Ok(vec![-(counts.len() as f64).ln(); counts.len()]),
        }
    }

    /// The parameters by scikit-learn's names.
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        vec![
            ("alpha", Parameter::Float(self.alpha)),
            ("fit_prior", Parameter::Boolean(self.fit_prior)),
            ("class_prior", list(self.class_prior.as_deref())),
            ("force_alpha", Parameter::Boolean(self.force_alpha)),
        ]
    }
}

/// Numbers as Python's list of them, or `None`.
fn list(numbers: Option<&[f64]>) -> Parameter {
    numbers.map_or(Parameter::None, |numbers| {
        Parameter::List(numbers.iter().map(|&number| Parameter::Float(number)).collect())
    })
}

/// Whether shares are finite and not negative.
fn check_shares(name: &'static str, shares: impl Iterator<Item = f64>) -> Result<(), Error> {
    match shares.into_iter().find(|share| !(0.0..f64::INFINITY).contains(share)) {
        None => Ok(()),
        Some(share) => {
            let (value, expected) = (float_repr(share), "finite and not negative, for each class");
            Err(Error::Parameter { name, value, expected })
        }
    }
}

/// The setters of [`Smoothing`].
macro_rules! smoothing_setters {
    ($params:ident) => {
        impl $params {
            /// What is added to each count, at least 0; 1 by default.
            pub fn alpha(mut self, alpha: f64) -> Self {
                self.smoothing.alpha = alpha;
                self
            }

            /// Whether an alpha below 1e-10 is taken as it is, as by default; otherwise 1e-10 is
            /// taken.
            pub fn force_alpha(mut self, force: bool) -> Self {
                self.smoothing.force_alpha = force;
                self
            }

            /// Whether the shares of classes are those of the rows, as by default; otherwise all
            /// are the same.
            pub fn fit_prior(mut self, fit: bool) -> Self {
                self.smoothing.fit_prior = fit;
                self
            }

            /// The share of each class, in the order of the classes; those of the rows by default.
            pub fn class_prior(mut self, shares: impl Into<Vec<f64>>) -> Self {
                self.smoothing.class_prior = Some(shares.into());
                self
            }
        }
    };
}
use smoothing_setters;

/// The fits of a naive Bayes model, by what its parameters do: `check`, `start` with classes and
/// columns, `add` rows, `finish` with what all rows gave.
macro_rules! bayes_fits {
    ($params:ident => $model:ident) => {
        impl $params {
            /// Fits a model on a dataset, and keeps the names of its columns.
            ///
            /// # Errors
            /// As [`fit_weighted`](Self::fit_weighted).
            pub fn fit(&self, data: &crate::data::Dataset) -> Result<$model, Error> {
                self.fit_weighted(data, data.target(), None)
            }

            /// Fits a model on features and one label per row, and the weight of each row if they
            /// differ.
            ///
            /// # Errors
            /// [`Error::Parameter`] for a parameter that is out of range, [`Error::Empty`] without
            /// rows or columns, [`Error::Length`] unless labels and weights are one a row,
            /// [`Error::NotFinite`] for a value that is missing or infinite, [`Error::Negative`] for
            /// a count that is negative, [`Error::Target`] for a label that is a quantity,
            /// [`Error::Weight`] and [`Error::NoWeight`] for weights that are none, and
            /// [`Error::Model`] for what makes no model, such as columns that do not vary at all.
            pub fn fit_weighted<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
                target: &crate::data::Labels,
                weights: Option<&[f64]>,
            ) -> Result<$model, Error> {
                let (name, features) = (self.model_name(), features.into());
                let features = features.reborrow();
                self.learn(&Samples::of_features(name, features, target, weights)?, None)
            }

            /// Fits a model on a table, whose rows may be sparse, as those of vectorizers are.
            ///
            /// # Errors
            /// As [`fit_weighted`](Self::fit_weighted), and [`Error::Words`] for a column of words.
            pub fn fit_table(
                &self,
                table: &crate::data::Frame,
                target: &crate::data::Labels,
                weights: Option<&[f64]>,
            ) -> Result<$model, Error> {
                let name = self.model_name();
                self.learn(&Samples::of_table(name, table, target, weights)?, None)
            }

            /// Begins a fit in parts: scikit-learn's first `partial_fit`, which is told all classes
            /// that there will be, ascending. The model's own `partial_fit` goes on.
            ///
            /// # Errors
            /// As [`fit_table`](Self::fit_table), [`Error::Model`] for classes that do not ascend,
            /// and [`Error::Target`] for a label that is none of them.
            pub fn partial_fit(
                &self,
                table: &crate::data::Frame,
                target: &crate::data::Labels,
                weights: Option<&[f64]>,
                classes: &crate::data::Labels,
            ) -> Result<$model, Error> {
                check_all_classes(classes)?;
                let name = self.model_name();
                let samples = Samples::of_table(name, table, target, weights)?;
                self.learn(&samples, Some(classes))
            }

            fn learn(
                &self,
                samples: &Samples<'_>,
                classes: Option<&crate::data::Labels>,
            ) -> Result<$model, Error> {
                self.check()?;
                let classes = classes.map_or_else(|| samples.classes(), Clone::clone);
                let mut learned = self.start(classes.len(), samples.shape().1)?;
                self.add(&mut learned, samples, &samples.codes(&classes)?)?;
                self.finish(learned, classes, samples.fitted(self.named()))
            }
        }

        impl $model {
            /// Goes on with a fit, on more rows: scikit-learn's `partial_fit`. When it fails, the
            /// model stays as it was.
            ///
            /// # Errors
            /// As the first `partial_fit`, and [`Error::Model`] for a model that was not fitted
            /// here, which does not hold what it counted.
            pub fn partial_fit(
                &mut self,
                table: &crate::data::Frame,
                target: &crate::data::Labels,
                weights: Option<&[f64]>,
            ) -> Result<(), Error> {
                let Some((params, learned)) = &self.learned else {
                    let problem = "it was not fitted here, and does not hold what it counted";
                    return Err(Error::Model { problem: problem.to_owned() });
                };
                let name = params.model_name();
                let samples = Samples::of_table(name, table, target, weights)?;
                samples.check_columns(&self.fitted)?;
                let mut learned = learned.clone();
                params.add(&mut learned, &samples, &samples.codes(&self.classes)?)?;
                *self = params.finish(learned, self.classes.clone(), self.fitted.clone())?;
                Ok(())
            }
        }

        impl crate::model::Fit for $params {
            fn fit_model(
                &self,
                table: &crate::data::Frame,
                target: Option<&crate::data::Labels>,
            ) -> Result<std::sync::Arc<dyn crate::model::Model>, Error> {
                let target = crate::model::fit::target_of(table, target)?;
                Ok(std::sync::Arc::new(self.fit_table(table, target, None)?))
            }
        }
    };
}
use bayes_fits;
