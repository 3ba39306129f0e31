//! AdaBoost: models that vote with weights.

use std::sync::Arc;

use ndarray::Array2;

use super::{Error, check_classes, labels_at, table};
use crate::data::{Features, Labels};
use crate::model::columns::in_order_of_fit;
use crate::model::link::softmax;
use crate::model::{
    Abilities, DecisionFunction, FeatureImportances, Model, Nesting, Parameters, Regressor,
    SklearnVersion,
};
use crate::numpy::pairwise_sum;
use crate::tree::{check, first_greatest};

/// How the classifiers of an [`AdaBoostClassifier`] vote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AdaBoostAlgorithm {
    /// `SAMME`: each for one class; the only one since scikit-learn 1.6.
    #[default]
    Samme,
    /// `SAMME.R`: each for all classes, by their probabilities.
    SammeR,
}

/// What a model of AdaBoost is made of.
#[derive(Debug, Clone)]
pub struct AdaBoostParts {
    /// The scikit-learn that fitted it.
    pub version: SklearnVersion,
    /// The models that vote: scikit-learn's `estimators_`.
    pub estimators: Vec<Arc<dyn Model>>,
    /// Their weights: `estimator_weights_`, of which there may be more.
    pub weights: Vec<f64>,
    /// The names of the columns, if they are known.
    pub feature_names: Option<Vec<String>>,
    /// The parameters of the fit.
    pub parameters: Parameters,
}

impl AdaBoostParts {
    /// A model of the latest scikit-learn without parameters and names.
    pub fn new(estimators: Vec<Arc<dyn Model>>, weights: Vec<f64>) -> Self {
        let version = SklearnVersion::LATEST;
        let (feature_names, parameters) = (None, Parameters::new());
        AdaBoostParts { version, estimators, weights, feature_names, parameters }
    }
}

/// Equal parts, and the very same models that vote.
impl PartialEq for AdaBoostParts {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.estimators.iter().zip(&other.estimators);
        self.estimators.len() == other.estimators.len()
            && pairs.into_iter().all(|(own, other)| Arc::ptr_eq(own, other))
            && self.version == other.version
            && self.weights == other.weights
            && self.feature_names == other.feature_names
            && self.parameters == other.parameters
    }
}

/// What classifiers and regressors have in common.
#[derive(Debug, Clone, PartialEq)]
struct Boosting {
    parts: AdaBoostParts,
    columns: usize,
    model: &'static str,
    /// Whether all models that vote know what features count.
    importances: bool,
    nesting: Nesting,
}

impl Boosting {
    fn new(
        parts: AdaBoostParts,
        model: &'static str,
        fits: impl Fn(&Abilities<'_>) -> bool,
    ) -> Result<Self, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        let Some(first) = parts.estimators.first() else {
            return wrong("it has no estimators".to_owned());
        };
        let (expected, found) = (parts.estimators.len(), parts.weights.len());
        if found < expected {
            return Err(Error::Length { what: "weights of estimators", expected, found });
        }
        if let Some(weight) = parts.weights.iter().find(|weight| !weight.is_finite()) {
            return wrong(format!("an estimator's weight is {weight}, not finite"));
        }
        let columns = first.n_features();
        for (number, estimator) in parts.estimators.iter().enumerate() {
            if estimator.n_features() != columns {
                let (what, found) = ("features", estimator.n_features());
                return Err(Error::Length { what, expected: columns, found }.in_tree(number));
            }
            if !fits(&estimator.abilities()) {
                let name = estimator.name();
                return wrong(format!("estimator {number}, a {name}, cannot vote here"));
            }
        }
        check::names(parts.feature_names.as_deref(), columns)?;
        let nesting = Nesting::of(parts.estimators.iter().map(|model| model.as_ref()))?;
        let knows = |model: &Arc<dyn Model>| model.abilities().importances.is_some();
        let importances = parts.estimators.iter().all(knows);
        Ok(Boosting { parts, columns, model, importances, nesting })
    }

    /// The models with their weights.
    fn each(&self) -> impl Iterator<Item = (&Arc<dyn Model>, f64)> {
        self.parts.estimators.iter().zip(self.parts.weights.iter().copied())
    }

    /// Whether there are as many columns as in the fit, and all values are finite: scikit-learn
    /// takes no others, whatever the models that vote would.
    fn check(&self, features: Features<'_>) -> Result<(), Error> {
        let (_, found) = features.shape();
        if found != self.columns {
            return Err(Error::Columns { expected: self.columns, found });
        }
        let rows = features.to_f64();
        match rows.indexed_iter().find(|(_, value)| !value.is_finite()) {
            None => Ok(()),
            Some(((row, column), &value)) => {
                Err(Error::NotFinite { row, column: column.to_string(), value, model: self.model })
            }
        }
    }

    fn feature_importances(&self) -> Vec<f64> {
        let norm = pairwise_sum(&self.parts.weights);
        let mut sums = vec![0.0; self.columns];
        for (estimator, weight) in self.each() {
            let importances = estimator.abilities().importances;
            let importances = importances.map(|model| model.feature_importances());
            let pairs = sums.iter_mut().zip(importances.unwrap_or_default());
            pairs.for_each(|(sum, importance)| *sum += weight * importance);
        }
        sums.iter_mut().for_each(|sum| *sum /= norm);
        sums
    }
}

/// The methods that classifiers and regressors have in common.
macro_rules! common {
    ($model:ident) => {
        super::about_the_fit!($model, AdaBoostParts, boosting, columns);

        impl $model {
            /// The models that vote.
            pub fn estimators(&self) -> &[Arc<dyn Model>] {
                &self.boosting.parts.estimators
            }

            /// Their weights.
            pub fn estimator_weights(&self) -> &[f64] {
                &self.boosting.parts.weights
            }

            /// How much each feature counts: the weighted mean over the models that vote, where
            /// all of them know.
            pub fn feature_importances(&self) -> Vec<f64> {
                self.boosting.feature_importances()
            }
        }

        impl FeatureImportances for $model {
            fn feature_importances(&self) -> Vec<f64> {
                self.boosting.feature_importances()
            }
        }
    };
}

/// AdaBoost that tells classes apart: scikit-learn's `AdaBoostClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::ensemble::{AdaBoostAlgorithm, AdaBoostClassifier, AdaBoostParts};
/// use picklebook::model::Model;
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let grown = |depth| DecisionTreeClassifier::params().max_depth(depth).fit(&data);
/// let estimators: Vec<Arc<dyn Model>> = vec![Arc::new(grown(1)?), Arc::new(grown(4)?)];
/// let parts = AdaBoostParts::new(estimators, vec![0.5, 2.0]);
/// let classes = Labels::from(["B", "L", "R"]);
/// let model = AdaBoostClassifier::from_parts(parts, classes, AdaBoostAlgorithm::Samme)?;
/// assert_eq!(model.predict(&data)?, grown(4)?.predict(&data)?);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AdaBoostClassifier {
    boosting: Boosting,
    classes: Labels,
    algorithm: AdaBoostAlgorithm,
}

common!(AdaBoostClassifier);

impl AdaBoostClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without estimators, for one that tells no classes apart (for
    /// [`AdaBoostAlgorithm::SammeR`]: that knows no probabilities of all classes), and for classes
    /// that do not ascend, [`Error::Length`] for weights or names of another length.
    pub fn from_parts(
        parts: AdaBoostParts,
        classes: Labels,
        algorithm: AdaBoostAlgorithm,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let fits = |abilities: &Abilities<'_>| match algorithm {
            AdaBoostAlgorithm::Samme => abilities.classifier.is_some(),
            AdaBoostAlgorithm::SammeR => {
                abilities.probabilities.is_some_and(|model| model.classes().len() == classes.len())
            }
        };
        let boosting = Boosting::new(parts, "AdaBoostClassifier", fits)?;
        Ok(AdaBoostClassifier { boosting, classes, algorithm })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// How the models vote.
    pub fn algorithm(&self) -> AdaBoostAlgorithm {
        self.algorithm
    }

    /// The votes: rows × classes, but a single column for two classes.
    fn decisions(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let ordered = in_order_of_fit(&features, self.boosting.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        self.boosting.check(features)?;
        let ((rows, _), count) = (features.shape(), self.classes.len());
        if count == 1 {
            return Ok(vec![0.0; rows]);
        }
        let mut votes = vec![0.0; rows.saturating_mul(count)];
        for (estimator, weight) in self.boosting.each() {
            self.vote(estimator.as_ref(), weight, features, &mut votes)?;
        }
        let sum = pairwise_sum(&self.boosting.parts.weights);
        votes.iter_mut().for_each(|vote| *vote /= sum);
        match count {
            2 => {
                Ok(votes.as_chunks::<2>().0.iter().map(|[first, second]| -first + second).collect())
            }
            _ => Ok(votes),
        }
    }

    /// Adds the votes of one model.
    fn vote(
        &self,
        estimator: &dyn Model,
        weight: f64,
        features: Features<'_>,
        votes: &mut [f64],
    ) -> Result<(), Error> {
        let count = self.classes.len();
        let others = count as f64 - 1.0;
        let abilities = estimator.abilities();
        match (self.algorithm, abilities.classifier, abilities.probabilities) {
            (AdaBoostAlgorithm::SammeR, _, Some(model)) => {
                let probabilities = model.predict_proba(features)?;
                for (row, votes) in probabilities.rows().into_iter().zip(votes.chunks_mut(count)) {
                    let logarithms: Vec<f64> =
                        row.iter().map(|&share| share.max(f64::EPSILON).ln()).collect();
                    let mean = 1.0 / count as f64 * pairwise_sum(&logarithms);
                    let pairs = votes.iter_mut().zip(&logarithms);
                    pairs.for_each(|(vote, logarithm)| *vote += others * (logarithm - mean));
                }
            }
            (_, Some(model), _) => {
                // before 1.3 no class lost what another won
                let against = match self.version().before(1, 3) {
                    true => 0.0 * weight,
                    false => -1.0 / others * weight,
                };
                let predicted = model.predict(features)?;
                for (label, votes) in predicted.iter().zip(votes.chunks_mut(count)) {
                    let place = self.classes.place(label);
                    for (class, vote) in votes.iter_mut().enumerate() {
                        *vote += if place == Some(class) { weight } else { against };
                    }
                }
            }
            _ => {
                let problem = "an estimator of AdaBoost cannot vote".to_owned();
                return Err(Error::Internal { problem });
            }
        }
        Ok(())
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for
    /// a value that is missing or infinite, and the errors of the models that vote.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let decisions = self.decisions(features.into())?;
        let codes: Vec<usize> = match self.classes.len() {
            2 => decisions.iter().map(|&decision| usize::from(decision > 0.0)).collect(),
            count => decisions.chunks(count).map(first_greatest).collect(),
        };
        labels_at(&self.classes, &codes)
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let features = features.into();
        let ((rows, _), count) = (features.shape(), self.classes.len());
        let decisions = self.decisions(features)?;
        let mut scores: Vec<f64> = match count {
            1 => vec![1.0; rows],
            2 => decisions.iter().flat_map(|&decision| [-decision / 2.0, decision / 2.0]).collect(),
            _ => decisions.iter().map(|decision| decision / (count as f64 - 1.0)).collect(),
        };
        scores.chunks_mut(count).for_each(softmax);
        table(rows, count, scores)
    }

    /// The score of each class for each row: rows × classes; with two classes a single column,
    /// above zero for the second class.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let features = features.into();
        let width = if self.classes.len() == 2 { 1 } else { self.classes.len() };
        table(features.shape().0, width, self.decisions(features)?)
    }
}

impl Model for AdaBoostClassifier {
    fn name(&self) -> &'static str {
        "AdaBoostClassifier"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).probabilities(self);
        let abilities = abilities.decision_function(self);
        if self.boosting.importances { abilities.importances(self) } else { abilities }
    }
}

super::classifier_traits!(AdaBoostClassifier);

impl DecisionFunction for AdaBoostClassifier {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.decision_function(features)
    }
}

/// AdaBoost that estimates numbers: scikit-learn's `AdaBoostRegressor`, whatever its loss.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::ensemble::{AdaBoostParts, AdaBoostRegressor};
/// use picklebook::model::Model;
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0], [3.0]];
/// let grown = |target: &[f64]| DecisionTreeRegressor::params().fit_weighted(&rows, target, None);
/// let trees = [grown(&[1.0; 4])?, grown(&[2.0, 2.0, 2.0, 4.0])?, grown(&[9.0; 4])?];
/// let estimators = trees.map(|tree| Arc::new(tree) as Arc<dyn Model>).to_vec();
/// let model = AdaBoostRegressor::from_parts(AdaBoostParts::new(estimators, vec![1.0, 2.0, 2.0]))?;
/// // the weighted median
/// assert_eq!(model.predict(&rows)?, [2.0, 2.0, 2.0, 4.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct AdaBoostRegressor {
    boosting: Boosting,
}

common!(AdaBoostRegressor);

impl AdaBoostRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without estimators and for one that estimates no numbers,
    /// [`Error::Length`] for weights or names of another length.
    pub fn from_parts(parts: AdaBoostParts) -> Result<Self, Error> {
        let fits = |abilities: &Abilities<'_>| abilities.regressor.is_some();
        Ok(AdaBoostRegressor { boosting: Boosting::new(parts, "AdaBoostRegressor", fits)? })
    }

    /// The estimate for each row: the weighted median of the models'.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for
    /// a value that is missing or infinite, and the errors of the models that vote.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let features = features.into();
        let ordered = in_order_of_fit(&features, self.boosting.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        self.boosting.check(features)?;
        let mut estimates = Vec::with_capacity(self.boosting.parts.estimators.len());
        for (estimator, _) in self.boosting.each() {
            if let Some(model) = estimator.abilities().regressor {
                estimates.push(model.predict(features)?);
            }
        }
        let mut votes: Vec<(f64, f64)> = Vec::with_capacity(estimates.len());
        let median = |row: usize| {
            votes.clear();
            let weights = &self.boosting.parts.weights;
            votes.extend(estimates.iter().zip(weights).map(|(own, &weight)| (own[row], weight)));
            votes.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut sum = 0.0;
            let sums: Vec<f64> = votes
                .iter()
                .map(|(_, weight)| {
                    sum += weight;
                    sum
                })
                .collect();
            let place = sums.iter().position(|&below| below >= 0.5 * sum).unwrap_or(0);
            votes[place].0
        };
        Ok((0..features.shape().0).map(median).collect())
    }
}

impl Model for AdaBoostRegressor {
    fn name(&self) -> &'static str {
        "AdaBoostRegressor"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().regressor(self);
        if self.boosting.importances { abilities.importances(self) } else { abilities }
    }
}

impl Regressor for AdaBoostRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}
