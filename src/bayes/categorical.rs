//! Features that are numbers of categories.

use ndarray::Array2;

use super::fit::{CategoricalNBParams, CategoryCounts};
use super::{Error, bayes, check_numbers, is_logarithm, one_each};
use crate::data::{Features, Labels};
use crate::model::ask::check_classes;
use crate::model::{Abilities, FittedParts, Model, rows};

/// scikit-learn's `CategoricalNB`: each cell is the number of a category, counted from 0.
///
/// ```
/// use ndarray::array;
/// use picklebook::bayes::CategoricalNB;
/// use picklebook::data::Labels;
/// use picklebook::model::FittedParts;
///
/// let model = CategoricalNB::from_parts(
///     FittedParts::new(1),
///     Labels::from(["no", "yes"]),
///     vec![0.5_f64.ln(); 2],
///     vec![array![[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]].mapv(f64::ln)],
/// )?;
/// assert_eq!(model.predict(&[[0.0], [2.0]])?, Labels::from(["no", "yes"]));
/// assert!(model.predict(&[[3.0]]).is_err());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CategoricalNB {
    pub(super) fitted: FittedParts,
    pub(super) classes: Labels,
    class_log_priors: Vec<f64>,
    /// For each feature, classes × categories.
    feature_log_probabilities: Vec<Array2<f64>>,
    /// What a fit here had counted, and how.
    pub(super) learned: Option<(CategoricalNBParams, CategoryCounts)>,
}

bayes!(CategoricalNB);

impl CategoricalNB {
    /// Checks the parts and puts a model together: the logarithms of the share of each class
    /// (`class_log_prior_`) and, for each feature, of each category in it (`feature_log_prob_`,
    /// classes × categories).
    ///
    /// # Errors
    /// [`Error::Model`] for classes that do not ascend, and for a number that is no logarithm of a
    /// share; [`Error::Length`] for anything of another length or shape.
    pub fn from_parts(
        fitted: FittedParts,
        classes: Labels,
        class_log_priors: Vec<f64>,
        feature_log_probabilities: Vec<Array2<f64>>,
    ) -> Result<Self, Error> {
        fitted.check()?;
        check_classes(&classes)?;
        one_each("logarithms of shares of classes", &classes, class_log_priors.len())?;
        fitted.one_each("tables of categories", feature_log_probabilities.len())?;
        check_numbers("its logarithms of classes", &class_log_priors, is_logarithm)?;
        for table in &feature_log_probabilities {
            one_each("rows of logarithms", &classes, table.nrows())?;
            check_numbers("its logarithms of categories", table, is_logarithm)?;
        }
        Ok(CategoricalNB {
            fitted,
            classes,
            class_log_priors,
            feature_log_probabilities,
            learned: None,
        })
    }

    pub(super) fn with_learned(
        mut self,
        params: CategoricalNBParams,
        counts: CategoryCounts,
    ) -> Self {
        self.learned = Some((params, counts));
        self
    }

    /// What the fit counted, if it was here.
    pub(crate) fn counts(&self) -> Option<&CategoryCounts> {
        self.learned.as_ref().map(|(_, counts)| counts)
    }

    /// The logarithm of the share of each class: `class_log_prior_`.
    pub fn class_log_priors(&self) -> &[f64] {
        &self.class_log_priors
    }

    /// The logarithm of the share of each category in each class (classes × categories), for each
    /// feature: `feature_log_prob_`.
    pub fn feature_log_probabilities(&self) -> &[Array2<f64>] {
        &self.feature_log_probabilities
    }

    fn joint(&self, features: &Features<'_>) -> Result<Array2<f64>, Error> {
        let rows = rows::finite(self, features)?;
        let mut joint = Array2::zeros((rows.nrows(), self.classes.len()));
        for ((row, cells), mut out) in rows.rows().into_iter().enumerate().zip(joint.rows_mut()) {
            let each = cells.iter().zip(&self.feature_log_probabilities).enumerate();
            for (column, (&value, table)) in each {
                // numpy cuts the fraction off
                let place = value.trunc();
                let known = place >= 0.0 && place < table.ncols() as f64 && value >= 0.0;
                if !known {
                    return Err(self.unknown(row, column, value));
                }
                let logarithms = table.column(place as usize);
                out.iter_mut().zip(logarithms).for_each(|(sum, logarithm)| *sum += logarithm);
            }
            out.iter_mut().zip(&self.class_log_priors).for_each(|(sum, prior)| *sum += prior);
        }
        Ok(joint)
    }

    fn unknown(&self, row: usize, column: usize, value: f64) -> Error {
        let name = self.feature_names().and_then(|names| names.get(column).cloned());
        let column = name.unwrap_or_else(|| column.to_string());
        let value = crate::python::float_repr(value);
        Error::UnknownCategory { row, column, value, model: "CategoricalNB" }
    }
}

impl Model for CategoricalNB {
    fn name(&self) -> &'static str {
        "CategoricalNB"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).probabilities(self)
    }
}
