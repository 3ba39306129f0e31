//! How models of normally distributed features are fitted.
//!
//! Source: `GaussianNB` in scikit-learn's `naive_bayes.py`.

use ndarray::{Array2, Axis, CowArray, Ix2};

use super::{Error, Rows, Samples, bayes_fits, check_all_classes, list};
use crate::bayes::GaussianNB;
use crate::data::Labels;
use crate::model::{FittedParts, Parameter};
use crate::numpy::{column_sums, pairwise_sum};
use crate::python::float_repr;

/// The parameters of a [`GaussianNB`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::bayes::GaussianNB;
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let model = GaussianNB::params().var_smoothing(1e-8).fit(&data)?;
/// assert_eq!(model.classes(), &Labels::from(["B", "L", "R"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianNBParams {
    priors: Option<Vec<f64>>,
    var_smoothing: f64,
}

impl Default for GaussianNBParams {
    fn default() -> Self {
        GaussianNBParams { priors: None, var_smoothing: 1e-9 }
    }
}

/// What the rows of each class gave so far.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    /// How much they weigh: `class_count_`.
    pub(crate) counts: Vec<f64>,
    /// The mean of each feature: `theta_`.
    pub(crate) means: Array2<f64>,
    /// Its variance, and `epsilon`: `var_`.
    pub(crate) variances: Array2<f64>,
    /// What is added to all variances: `epsilon_`.
    pub(crate) epsilon: f64,
}

bayes_fits!(GaussianNBParams => GaussianNB);
crate::model::fit::shown_as_estimator!(GaussianNBParams: "GaussianNB");

impl GaussianNB {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> GaussianNBParams {
        GaussianNBParams::default()
    }
}

impl GaussianNBParams {
    /// The share of each class, in the order of the classes; those of the rows by default.
    pub fn priors(mut self, shares: impl Into<Vec<f64>>) -> Self {
        self.priors = Some(shares.into());
        self
    }

    /// What part of the greatest variance of a feature is added to all variances, at least 0; 1e-9
    /// by default.
    pub fn var_smoothing(mut self, part: f64) -> Self {
        self.var_smoothing = part;
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        if !(0.0..f64::INFINITY).contains(&self.var_smoothing) {
            let (value, expected) =
                (float_repr(self.var_smoothing), "a finite number of at least 0");
            return Err(Error::Parameter { name: "var_smoothing", value, expected });
        }
        let Some(priors) = &self.priors else { return Ok(()) };
        super::check_shares("priors", priors.iter().copied())?;
        let sum = pairwise_sum(priors);
        // as numpy's isclose
        match (sum - 1.0).abs() <= 1e-8 + 1e-5 {
            true => Ok(()),
            false => {
                let (value, expected) = (float_repr(sum), "shares whose sum is 1");
                Err(Error::Parameter { name: "priors", value, expected })
            }
        }
    }

    fn model_name(&self) -> &'static str {
        "GaussianNB"
    }

    fn named(&self) -> Vec<(&'static str, Parameter)> {
        vec![
            ("priors", list(self.priors.as_deref())),
            ("var_smoothing", Parameter::Float(self.var_smoothing)),
        ]
    }

    fn start(&self, classes: usize, columns: usize) -> Result<Moments, Error> {
        super::check_values(classes, columns)?;
        if let Some(found) = self.priors.as_ref().map(Vec::len).filter(|&it| it != classes) {
            return Err(Error::Length {
                what: "priors, for each class one",
                expected: classes,
                found,
            });
        }
        let zeros = Array2::zeros((classes, columns));
        let (means, variances) = (zeros.clone(), zeros);
        Ok(Moments { counts: vec![0.0; classes], means, variances, epsilon: 0.0 })
    }

    fn add(
        &self,
        moments: &mut Moments,
        samples: &Samples<'_>,
        codes: &[usize],
    ) -> Result<(), Error> {
        let rows: CowArray<'_, f64, Ix2> = match &samples.rows {
            Rows::Dense(rows) => rows.view().into(),
            Rows::Sparse(_) => {
                let problem =
                    "a GaussianNB learns from dense rows: give a table without sparse ones";
                return Err(Error::Model { problem: problem.to_owned() });
            }
        };
        let (_, variances) = mean_and_variance(&rows, None);
        moments.epsilon = self.var_smoothing * variances.into_iter().fold(f64::NAN, f64::max);
        // epsilon is put back each time; at first the counts say that there is nothing yet
        if moments.counts.iter().any(|&count| count != 0.0) {
            moments.variances -= moments.epsilon;
        }
        for class in 0..moments.counts.len() {
            let places: Vec<usize> = codes
                .iter()
                .enumerate()
                .filter(|(_, code)| **code == class)
                .map(|it| it.0)
                .collect();
            if places.is_empty() {
                continue;
            }
            let own: CowArray<'_, f64, Ix2> = rows.select(Axis(0), &places).into();
            let weights = samples
                .weights
                .map(|_| places.iter().map(|&row| samples.weight(row)).collect::<Vec<f64>>());
            moments.add_class(class, &own, weights.as_deref());
        }
        moments.variances += moments.epsilon;
        Ok(())
    }

    fn finish(
        &self,
        moments: Moments,
        classes: Labels,
        fitted: FittedParts,
    ) -> Result<GaussianNB, Error> {
        let priors = match &self.priors {
            Some(priors) => priors.clone(),
            None => {
                let all = pairwise_sum(&moments.counts);
                moments.counts.iter().map(|count| count / all).collect()
            }
        };
        if moments.variances.iter().all(|&variance| variance == 0.0) {
            let problem =
                "no column varies, and without a variance nothing is normally distributed";
            return Err(Error::Model { problem: problem.to_owned() });
        }
        let (means, variances) = (moments.means.clone(), moments.variances.clone());
        let model = GaussianNB::from_parts(fitted, classes, priors, means, variances)?;
        Ok(model.with_learned(self.clone(), moments))
    }
}

impl Moments {
    /// Adds rows of a class: `_update_mean_variance`.
    fn add_class(&mut self, class: usize, rows: &CowArray<'_, f64, Ix2>, weights: Option<&[f64]>) {
        let Some(count) = self.counts.get_mut(class) else { return };
        let new = weights.map_or(rows.nrows() as f64, pairwise_sum);
        // as numpy's isclose
        if new.abs() <= 1e-8 {
            *count += new;
            return;
        }
        let (new_means, new_variances) = mean_and_variance(rows, weights);
        let past = *count;
        let all = past + new;
        let mut means = self.means.row_mut(class);
        let mut variances = self.variances.row_mut(class);
        let cells = means.iter_mut().zip(variances.iter_mut());
        for ((mean, variance), (new_mean, new_variance)) in
            cells.zip(new_means.into_iter().zip(new_variances))
        {
            if past == 0.0 {
                (*mean, *variance) = (new_mean, new_variance);
                continue;
            }
            let difference = *mean - new_mean;
            let squares = past * *variance
                + new * new_variance
                + new * past / all * (difference * difference);
            *mean = (new * new_mean + past * *mean) / all;
            *variance = squares / all;
        }
        *count += new;
    }
}

/// Mean and variance of each column: numpy's `mean` and `var`, or its `average` of weighted rows.
fn mean_and_variance(
    rows: &CowArray<'_, f64, Ix2>,
    weights: Option<&[f64]>,
) -> (Vec<f64>, Vec<f64>) {
    let count = weights.map_or(rows.nrows() as f64, pairwise_sum);
    let average = |numbers: Array2<f64>| -> Vec<f64> {
        let mut numbers = numbers;
        if let Some(weights) = weights {
            for (mut row, weight) in numbers.rows_mut().into_iter().zip(weights) {
                row.mapv_inplace(|value| value * weight);
            }
        }
        let sums = column_sums(numbers.view());
        sums.into_iter().map(|sum| sum / count).collect()
    };
    let means = average(rows.to_owned());
    let mut squares = rows.to_owned();
    for mut row in squares.rows_mut() {
        for (value, mean) in row.iter_mut().zip(&means) {
            *value -= mean;
            *value *= *value;
        }
    }
    (means, average(squares))
}
