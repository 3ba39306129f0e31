//! Features that are counts, such as those of words.

use ndarray::Array2;

use super::fit::{DiscreteNBParams, FeatureCounts};
use super::{Error, bayes, check_numbers, is_logarithm, labels, one_each, probabilities};
use crate::data::{Features, Frame, Labels, SparseRows};
use crate::model::ask::{ask_numbers, check_classes, check_names};
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel, rows};

/// Which of scikit-learn's classes a [`DiscreteNB`] is.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum DiscreteKind {
    /// `MultinomialNB`.
    Multinomial,
    /// `ComplementNB`: how little a row is like the other classes.
    Complement,
    /// `BernoulliNB`: whether a feature is above a number, or, without one, features that are 0 or
    /// 1 as they are.
    Bernoulli {
        /// The number: scikit-learn's `binarize`.
        binarize: Option<f64>,
    },
}

impl DiscreteKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            DiscreteKind::Multinomial => "MultinomialNB",
            DiscreteKind::Complement => "ComplementNB",
            DiscreteKind::Bernoulli { .. } => "BernoulliNB",
        }
    }
}

/// scikit-learn's `MultinomialNB`, `ComplementNB` or `BernoulliNB`.
///
/// ```
/// use ndarray::array;
/// use picklebook::bayes::{DiscreteKind, DiscreteNB};
/// use picklebook::data::Labels;
/// use picklebook::model::FittedParts;
///
/// let logarithms = array![[0.75, 0.25], [0.25, 0.75]].mapv(f64::ln);
/// let model = DiscreteNB::from_parts(
///     DiscreteKind::Multinomial,
///     FittedParts::new(2),
///     Labels::from(["ham", "spam"]),
///     vec![0.5_f64.ln(); 2],
///     logarithms,
/// )?;
/// assert_eq!(model.predict(&[[3.0, 1.0], [0.0, 2.0]])?, Labels::from(["ham", "spam"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteNB {
    kind: DiscreteKind,
    pub(super) fitted: FittedParts,
    pub(super) classes: Labels,
    class_log_priors: Vec<f64>,
    feature_log_probabilities: Array2<f64>,
    /// Features × classes: what a feature adds to a class.
    weights: Array2<f64>,
    /// What is added for each class, whatever the row.
    constants: Vec<f64>,
    /// What a fit here had counted, and how.
    pub(super) learned: Option<(DiscreteNBParams, FeatureCounts)>,
}

bayes!(DiscreteNB);

impl DiscreteNB {
    /// Checks the parts and puts a model together: the logarithms of the share of each class
    /// (`class_log_prior_`) and of each feature in it (`feature_log_prob_`, classes × features).
    ///
    /// # Errors
    /// [`Error::Model`] for classes that do not ascend, and for a number that is no logarithm of a
    /// share; [`Error::Length`] for anything of another length or shape.
    pub fn from_parts(
        kind: DiscreteKind,
        fitted: FittedParts,
        classes: Labels,
        class_log_priors: Vec<f64>,
        feature_log_probabilities: Array2<f64>,
    ) -> Result<Self, Error> {
        fitted.check()?;
        check_classes(&classes)?;
        one_each("logarithms of shares of classes", &classes, class_log_priors.len())?;
        one_each("rows of logarithms", &classes, feature_log_probabilities.nrows())?;
        fitted.one_each("logarithms of shares", feature_log_probabilities.ncols())?;
        check_numbers("its logarithms of classes", &class_log_priors, is_logarithm)?;
        // what a feature that no other class has adds is infinite
        let of_features = |it: f64| match kind {
            DiscreteKind::Complement => !it.is_nan(),
            _ => is_logarithm(it),
        };
        check_numbers("its logarithms of features", &feature_log_probabilities, of_features)?;
        let mut weights = feature_log_probabilities.t().as_standard_layout().into_owned();
        let mut constants = match kind {
            DiscreteKind::Complement if classes.len() > 1 => vec![0.0; classes.len()],
            _ => class_log_priors.clone(),
        };
        if let DiscreteKind::Bernoulli { binarize } = kind {
            if binarize.is_some_and(f64::is_nan) {
                return Err(Error::Model { problem: "its binarize is NaN".to_owned() });
            }
            for mut feature in weights.rows_mut() {
                for (weight, constant) in feature.iter_mut().zip(&mut constants) {
                    let absent = (1.0 - weight.exp()).ln();
                    *constant += absent;
                    *weight -= absent;
                }
            }
        }
        Ok(DiscreteNB {
            kind,
            fitted,
            classes,
            class_log_priors,
            feature_log_probabilities,
            weights,
            constants,
            learned: None,
        })
    }

    pub(super) fn with_learned(mut self, params: DiscreteNBParams, counts: FeatureCounts) -> Self {
        self.learned = Some((params, counts));
        self
    }

    /// What the fit counted, if it was here.
    pub(crate) fn counts(&self) -> Option<&FeatureCounts> {
        self.learned.as_ref().map(|(_, counts)| counts)
    }

    /// Which of scikit-learn's classes it is.
    pub fn kind(&self) -> DiscreteKind {
        self.kind
    }

    /// The logarithm of the share of each class: `class_log_prior_`.
    pub fn class_log_priors(&self) -> &[f64] {
        &self.class_log_priors
    }

    /// The logarithm of the share of each feature in each class (classes × features):
    /// `feature_log_prob_`.
    pub fn feature_log_probabilities(&self) -> &Array2<f64> {
        &self.feature_log_probabilities
    }

    fn joint(&self, features: &Features<'_>) -> Result<Array2<f64>, Error> {
        let rows = rows::finite(self, features)?;
        let products = match self.kind {
            DiscreteKind::Bernoulli { binarize: Some(least) } => {
                rows.mapv(|value| f64::from(value > least)).dot(&self.weights)
            }
            _ => rows.dot(&self.weights),
        };
        Ok(self.with_constants(products))
    }

    fn joint_sparse(&self, sparse: &SparseRows) -> Result<Array2<f64>, Error> {
        rows::check_sparse(self, sparse)?;
        let products = sparse.dot(&self.weights, |value| match self.kind {
            DiscreteKind::Bernoulli { binarize: Some(least) } => (value > least).then_some(1.0),
            _ => Some(value),
        });
        Ok(self.with_constants(products))
    }

    fn with_constants(&self, mut products: Array2<f64>) -> Array2<f64> {
        for mut row in products.rows_mut() {
            row.iter_mut().zip(&self.constants).for_each(|(sum, constant)| *sum += constant);
        }
        products
    }
}

impl Model for DiscreteNB {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).probabilities(self).tables(self)
    }
}

/// Sparse rows are taken as they are, unless zero is above the number of `binarize`.
impl TableModel for DiscreteNB {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let dense = matches!(self.kind, DiscreteKind::Bernoulli { binarize: Some(it) } if it < 0.0);
        let Some(sparse) = table.sparse().filter(|_| !dense) else {
            return ask_numbers(self, table, method);
        };
        check_names(self, table.names())?;
        match method {
            Method::Predict => {
                Ok(Answer::Labels(labels(&self.classes, &self.joint_sparse(sparse)?)?))
            }
            Method::PredictProba => Ok(Answer::Numbers(probabilities(self.joint_sparse(sparse)?))),
            _ => ask_numbers(self, table, method),
        }
    }
}
