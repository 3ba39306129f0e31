//! Naive Bayes models that are fitted here, and what all of them learn from.

mod categorical;
mod discrete;
mod gaussian;

use ndarray::{Array2, ArrayView1, CowArray, Ix2};

pub use categorical::CategoricalNBParams;
pub(crate) use categorical::CategoryCounts;
pub use discrete::DiscreteNBParams;
pub(crate) use discrete::FeatureCounts;
pub use gaussian::GaussianNBParams;
pub(crate) use gaussian::Moments;

use super::Error;
use crate::data::{Features, Frame, Labels, SparseRows};
use crate::model::ask::{check_classes, numbers_for};
use crate::model::fit::{check_shape, check_weights};
use crate::model::{FittedParts, Parameter};
use crate::numpy::pairwise_sum;
use crate::python::float_repr;

/// Rows of numbers, all of them finite.
pub(super) enum Rows<'a> {
    Dense(CowArray<'a, f64, Ix2>),
    Sparse(&'a SparseRows),
}

/// Rows with one label and, where they differ, one weight each.
pub(super) struct Samples<'a> {
    model: &'static str,
    pub(super) rows: Rows<'a>,
    names: Option<&'a [String]>,
    target: &'a Labels,
    pub(super) weights: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    pub(super) fn of_features(
        model: &'static str,
        features: Features<'a>,
        target: &'a Labels,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, Error> {
        let (rows, names) = (Rows::Dense(features.to_f64()), features.names());
        Samples { model, rows, names, target, weights }.checked()
    }

    pub(super) fn of_table(
        model: &'static str,
        table: &'a Frame,
        target: &'a Labels,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, Error> {
        let rows = match table.sparse() {
            Some(rows) => Rows::Sparse(rows),
            None => Rows::Dense(numbers_for(model, table)?),
        };
        Samples { model, rows, names: table.names(), target, weights }.checked()
    }

    pub(super) fn shape(&self) -> (usize, usize) {
        match &self.rows {
            Rows::Dense(rows) => rows.dim(),
            Rows::Sparse(rows) => rows.shape(),
        }
    }

    fn checked(self) -> Result<Self, Error> {
        let shape = self.shape();
        check_shape(shape)?;
        if self.target.len() != shape.0 {
            let found = self.target.len();
            return Err(Error::Length { what: "targets", expected: shape.0, found });
        }
        check_weights(shape.0, self.weights)?;
        if let Some((row, column, value)) = self.find(|value| !value.is_finite()) {
            let (column, model) = (self.column(column), self.model);
            return Err(Error::NotFinite { row, column, value, model });
        }
        check_labels(self.target)?;
        Ok(self)
    }

    /// Row, column and value of the first cell of a kind.
    fn find(&self, wanted: impl Fn(f64) -> bool) -> Option<(usize, usize, f64)> {
        match &self.rows {
            Rows::Dense(rows) => {
                let mut cells = rows.indexed_iter();
                let found = cells.find(|(_, value)| wanted(**value));
                found.map(|((row, column), &value)| (row, column, value))
            }
            Rows::Sparse(rows) => rows.rows().enumerate().find_map(|(row, (columns, values))| {
                let mut cells = columns.iter().zip(values);
                let (&column, &value) = cells.find(|(_, value)| wanted(**value))?;
                Some((row, column as usize, value))
            }),
        }
    }

    fn column(&self, place: usize) -> String {
        let name = self.names.and_then(|names| names.get(place).cloned());
        name.unwrap_or_else(|| place.to_string())
    }

    /// Whether no number is negative.
    pub(super) fn check_counts(&self) -> Result<(), Error> {
        match self.find(|value| value < 0.0) {
            None => Ok(()),
            Some((row, column, value)) => {
                let (column, model) = (self.column(column), self.model);
                Err(Error::Negative { row, column, value, model })
            }
        }
    }

    /// The classes of the labels.
    pub(super) fn classes(&self) -> Labels {
        self.target.classes()
    }

    /// The place of each row's class among all of them.
    pub(super) fn codes(&self, classes: &Labels) -> Result<Vec<usize>, Error> {
        if let Some(codes) = self.target.codes(classes) {
            return Ok(codes);
        }
        let unknown = |(_, label): &(usize, _)| classes.place(*label).is_none();
        let found = self.target.iter().enumerate().find(unknown);
        let (row, value) = found.map_or((0, self.target.kind().to_owned()), |(row, label)| {
            (row, label.to_label().to_string())
        });
        let expected = "it is none of the classes that the first partial_fit was given";
        Err(Error::Target { row, value, expected })
    }

    /// What is known of a fit on these rows.
    pub(super) fn fitted(&self, parameters: Vec<(&str, Parameter)>) -> FittedParts {
        let own = |(name, value): (&str, Parameter)| (name.to_owned(), value);
        FittedParts {
            feature_names: self.names.map(<[String]>::to_vec),
            parameters: parameters.into_iter().map(own).collect(),
            ..FittedParts::new(self.shape().1)
        }
    }

    /// Whether the columns are those of a fit.
    pub(super) fn check_columns(&self, fitted: &FittedParts) -> Result<(), Error> {
        let (expected, (_, found)) = (fitted.n_features, self.shape());
        if expected != found {
            return Err(Error::Columns { expected, found });
        }
        match (fitted.feature_names.as_deref(), self.names) {
            (Some(own), Some(names)) if own != names => {
                Err(crate::model::columns::not_those_of_the_fit(own, names))
            }
            _ => Ok(()),
        }
    }

    /// How much each class weighs, counted from nothing: numpy's sum over the rows of an array with
    /// a column for each class.
    pub(super) fn class_counts(&self, codes: &[usize], classes: usize) -> Vec<f64> {
        // one column is added up pairwise, several row by row
        if let (1, Some(weights)) = (classes, self.weights) {
            return vec![pairwise_sum(weights)];
        }
        let mut counts = vec![0.0; classes];
        for (row, &code) in codes.iter().enumerate() {
            if let Some(count) = counts.get_mut(code) {
                *count += self.weight(row);
            }
        }
        counts
    }

    pub(super) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights.get(row).copied().unwrap_or(0.0))
    }
}

/// Whether labels are classes, not quantities.
fn check_labels(target: &Labels) -> Result<(), Error> {
    match target.first_quantity().and_then(|row| Some((row, target.get(row)?))) {
        None => Ok(()),
        Some((row, label)) => {
            let expected = "a class must be a whole number of at most 64 bits, a text or a boolean";
            Err(Error::Target { row, value: label.to_string(), expected })
        }
    }
}

/// The most numbers that a fit may count for itself: 2 GiB.
const MOST_VALUES: usize = 1 << 28;

/// Whether there are not too many classes times columns.
fn check_values(classes: usize, columns: usize) -> Result<(), Error> {
    match classes.saturating_mul(columns) {
        found if found > MOST_VALUES => {
            Err(Error::TooMany { what: "classes times columns", found, most: MOST_VALUES })
        }
        _ => Ok(()),
    }
}

/// Whether the classes of a fit in parts ascend, and are classes.
fn check_all_classes(classes: &Labels) -> Result<(), Error> {
    check_labels(classes)?;
    check_classes(classes)
}

/// The sum of each column, rounded as numpy rounds it: row by row, or of a single column pairwise.
pub(super) fn column_sums<'r>(
    rows: impl Iterator<Item = ArrayView1<'r, f64>>,
    columns: usize,
) -> Vec<f64> {
    if columns == 1 {
        return vec![pairwise_sum(&rows.flatten().copied().collect::<Vec<_>>())];
    }
    let mut sums = vec![0.0; columns];
    for row in rows {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums
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
