//! Features that are normally distributed.

use ndarray::Array2;

use super::fit::{GaussianNBParams, Moments};
use super::{Error, bayes, check_numbers, one_each};
use crate::data::{Features, Labels};
use crate::model::ask::check_classes;
use crate::model::{Abilities, FittedParts, Model, rows};
use crate::numpy::pairwise_sum;

/// scikit-learn's `GaussianNB`.
///
/// ```
/// use ndarray::array;
/// use picklebook::bayes::GaussianNB;
/// use picklebook::data::Labels;
/// use picklebook::model::FittedParts;
///
/// let (means, variances) = (array![[0.0], [4.0]], array![[1.0], [1.0]]);
/// let classes = Labels::from(["no", "yes"]);
/// let priors = vec![0.5, 0.5];
/// let model = GaussianNB::from_parts(FittedParts::new(1), classes, priors, means, variances)?;
/// assert_eq!(model.predict(&[[1.5], [2.5]])?, Labels::from(["no", "yes"]));
/// let shares = model.predict_proba(&[[2.0]])?;
/// assert!(shares.iter().all(|share| (share - 0.5).abs() < 1e-12));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GaussianNB {
    pub(super) fitted: FittedParts,
    pub(super) classes: Labels,
    priors: Vec<f64>,
    means: Array2<f64>,
    variances: Array2<f64>,
    /// For each class, what does not depend on the row.
    constants: Vec<f64>,
    /// What a fit here had counted, and how.
    pub(super) learned: Option<(GaussianNBParams, Moments)>,
}

bayes!(GaussianNB);

impl GaussianNB {
    /// Checks the parts and puts a model together: the share of each class, and the mean and the
    /// variance of each feature (classes × features).
    ///
    /// # Errors
    /// [`Error::Model`] for classes that do not ascend, for a share that is negative, a mean that is
    /// not finite, and a variance that is not above zero; [`Error::Length`] for anything of another
    /// length or shape.
    pub fn from_parts(
        fitted: FittedParts,
        classes: Labels,
        priors: Vec<f64>,
        means: Array2<f64>,
        variances: Array2<f64>,
    ) -> Result<Self, Error> {
        fitted.check()?;
        check_classes(&classes)?;
        one_each("shares of classes", &classes, priors.len())?;
        for (numbers, row, column) in
            [(&means, "rows of means", "means"), (&variances, "rows of variances", "variances")]
        {
            one_each(row, &classes, numbers.nrows())?;
            fitted.one_each(column, numbers.ncols())?;
        }
        check_numbers("its shares of classes", &priors, |share| share >= 0.0 && share.is_finite())?;
        check_numbers("its means", &means, f64::is_finite)?;
        check_numbers("its variances", &variances, |it| it.is_finite() && it > 0.0)?;
        let constant = |(prior, variances): (&f64, ndarray::ArrayView1<'_, f64>)| {
            let circle = 2.0 * std::f64::consts::PI;
            let logarithms: Vec<f64> = variances.iter().map(|it| (circle * it).ln()).collect();
            prior.ln() - 0.5 * pairwise_sum(&logarithms)
        };
        let constants = priors.iter().zip(variances.rows()).map(constant).collect();
        Ok(GaussianNB { fitted, classes, priors, means, variances, constants, learned: None })
    }

    pub(super) fn with_learned(mut self, params: GaussianNBParams, moments: Moments) -> Self {
        self.learned = Some((params, moments));
        self
    }

    /// What the fit found, if it was here.
    pub(crate) fn moments(&self) -> Option<&Moments> {
        self.learned.as_ref().map(|(_, moments)| moments)
    }

    /// The share of each class: `class_prior_`.
    pub fn priors(&self) -> &[f64] {
        &self.priors
    }

    /// The mean of each feature in each class: `theta_`.
    pub fn means(&self) -> &Array2<f64> {
        &self.means
    }

    /// The variance of each feature in each class: `var_`, and `sigma_` before 1.0.
    pub fn variances(&self) -> &Array2<f64> {
        &self.variances
    }

    fn joint(&self, features: &Features<'_>) -> Result<Array2<f64>, Error> {
        let rows = rows::finite(self, features)?;
        let mut joint = Array2::zeros((rows.nrows(), self.classes.len()));
        let mut terms = vec![0.0; rows.ncols()];
        for (row, mut out) in rows.rows().into_iter().zip(joint.rows_mut()) {
            let each = self.means.rows().into_iter().zip(self.variances.rows());
            for ((out, constant), (means, variances)) in
                out.iter_mut().zip(&self.constants).zip(each)
            {
                let cells = row.iter().zip(means).zip(variances);
                for (term, ((value, mean), variance)) in terms.iter_mut().zip(cells) {
                    *term = (value - mean).powi(2) / variance;
                }
                *out = constant - 0.5 * pairwise_sum(&terms);
            }
        }
        Ok(joint)
    }
}

impl Model for GaussianNB {
    fn name(&self) -> &'static str {
        "GaussianNB"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).probabilities(self)
    }
}
