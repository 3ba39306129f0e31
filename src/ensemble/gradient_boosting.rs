//! Gradient boosting: the sum of many small trees.

use std::sync::{Arc, OnceLock};

use ndarray::{Array2, CowArray, Ix2};

use super::grove::{Grove, Share};
use super::leaf_sets::{Ask, LeafSets, MOST_LEAVES, Node, SmallTree};
use super::rows::{Accepted, Keys, in_parallel, narrow_values};
use super::{Error, check_classes, labels_at, leaves_of_trees, mean_importances, table};
use crate::data::{Features, Frame, Labels, Precision};
use crate::model::columns::in_order_of_fit;
use crate::model::link::{both, expit, logit, softmax};
use crate::model::{
    Abilities, Answer, DecisionFunction, Method, Model, Nesting, Parameters, Regressor,
    SklearnVersion, ask,
};
use crate::tree::{Tree, check, first_greatest};

/// What boosting starts from.
#[derive(Debug, Clone, Default)]
pub enum Init {
    /// Zero: `init="zero"`.
    #[default]
    Zero,
    /// What a `DummyClassifier` answers for any row, the probability of each class, or a
    /// `DummyRegressor`, one number: the default.
    Constant(Vec<f64>),
    /// The same of several classes, whose scores are the logarithms of these probabilities, as
    /// before scikit-learn 1.4.
    Logarithms(Vec<f64>),
    /// What another model answers, fitted on the same rows.
    Estimator(Arc<dyn Model>),
}

impl Init {
    fn model(&self) -> Option<&dyn Model> {
        match self {
            Init::Estimator(model) => Some(model.as_ref()),
            Init::Zero | Init::Constant(_) | Init::Logarithms(_) => None,
        }
    }
}

/// Equal numbers, or the very same model.
impl PartialEq for Init {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Init::Zero, Init::Zero) => true,
            (Init::Constant(own), Init::Constant(other))
            | (Init::Logarithms(own), Init::Logarithms(other)) => own == other,
            (Init::Estimator(own), Init::Estimator(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }
}

/// The loss of a [`GradientBoostingClassifier`]; it decides how scores become probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ClassifierLoss {
    /// `log_loss`, called `deviance` before scikit-learn 1.1.
    #[default]
    LogLoss,
    /// `exponential`, for two classes.
    Exponential,
}

/// What a model of gradient boosting is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct GradientBoostingParts {
    /// The scikit-learn that fitted it.
    pub version: SklearnVersion,
    /// The trees, stage after stage: scikit-learn's `estimators_`, row after row. A stage has one
    /// tree for each class, but a single one for two classes, and for numbers.
    pub trees: Vec<Tree>,
    /// How many trees a stage has.
    pub trees_per_stage: usize,
    /// How much each tree counts.
    pub learning_rate: f64,
    /// What it starts from.
    pub init: Init,
    /// The names of the columns, if they are known.
    pub feature_names: Option<Vec<String>>,
    /// The parameters of the fit.
    pub parameters: Parameters,
}

impl GradientBoostingParts {
    /// A model of the latest scikit-learn that starts from zero, without parameters and names.
    pub fn new(trees: Vec<Tree>, trees_per_stage: usize, learning_rate: f64) -> Self {
        GradientBoostingParts {
            version: SklearnVersion::LATEST,
            trees,
            trees_per_stage,
            learning_rate,
            init: Init::Zero,
            feature_names: None,
            parameters: Parameters::new(),
        }
    }
}

/// How what a model starts from becomes scores.
#[derive(Debug, Clone, Copy)]
enum Link {
    Identity,
    /// Of the probability of the second of two classes: `factor` times its logit.
    Logit {
        factor: f64,
    },
    /// Of the probabilities of several classes: their logarithms, from 1.4 on without their mean.
    Logarithm,
}

/// What classifiers and regressors have in common.
#[derive(Debug, Clone)]
struct Boosting {
    parts: GradientBoostingParts,
    link: Link,
    /// The scores of all rows, where these are the same.
    start: Option<Vec<f64>>,
    accepted: Accepted,
    jobs: usize,
    trees: OnceLock<Laid>,
    nesting: Nesting,
}

/// The trees, laid out.
#[derive(Debug, Clone)]
enum Laid {
    /// As sets of leaves, where they are small.
    Sets(LeafSets),
    /// For walking.
    Grove(Grove),
}

impl PartialEq for Boosting {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Boosting {
    fn new(parts: GradientBoostingParts, link: Link, model: &'static str) -> Result<Self, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        let Some(first) = parts.trees.first() else {
            return wrong("it has no trees".to_owned());
        };
        let per_stage = parts.trees_per_stage;
        if per_stage == 0 || !parts.trees.len().is_multiple_of(per_stage) {
            let count = parts.trees.len();
            return wrong(format!("{count} trees are no whole number of stages of {per_stage}"));
        }
        if !parts.learning_rate.is_finite() {
            return wrong(format!("its learning_rate is {}, not finite", parts.learning_rate));
        }
        let columns = first.n_features();
        for (number, tree) in parts.trees.iter().enumerate() {
            let wrong = |what, expected, found| {
                Err(Error::Length { what, expected, found }.in_tree(number))
            };
            if tree.width() != 1 {
                return wrong("values of a node", 1, tree.width());
            }
            if tree.n_features() != columns {
                return wrong("features", columns, tree.n_features());
            }
        }
        check::names(parts.feature_names.as_deref(), columns)?;
        let nesting = Nesting::of(parts.init.model())?;
        let accepted = Accepted { model, columns, missing: false };
        let (init, jobs, trees) = (parts.init.clone(), 1, OnceLock::new());
        let mut boosting = Boosting { parts, link, start: None, accepted, jobs, trees, nesting };
        boosting.start = match init {
            Init::Zero => Some(vec![0.0; per_stage]),
            Init::Constant(values) | Init::Logarithms(values) => {
                let expected = match link {
                    Link::Identity => 1,
                    Link::Logit { .. } => 2,
                    Link::Logarithm => per_stage,
                };
                if values.len() != expected {
                    let (what, found) = ("values of what boosting starts from", values.len());
                    return Err(Error::Length { what, expected, found });
                }
                if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                    return wrong(format!("boosting starts from {value}, which is not finite"));
                }
                Some(boosting.scores_of(&values))
            }
            Init::Estimator(model) => {
                let abilities = model.abilities();
                let name = model.name();
                if model.n_features() != columns {
                    let (what, found) =
                        ("features of what boosting starts from", model.n_features());
                    return Err(Error::Length { what, expected: columns, found });
                }
                let classes = abilities.probabilities.map(|model| model.classes().len());
                let fits = match link {
                    Link::Identity => abilities.regressor.is_some(),
                    Link::Logit { .. } => classes == Some(2),
                    Link::Logarithm => classes == Some(per_stage),
                };
                if !fits {
                    return wrong(format!("it starts from a {name}, which answers something else"));
                }
                None
            }
        };
        Ok(boosting)
    }

    /// The scores that follow from a row's estimate, or from the probabilities of its classes.
    fn scores_of(&self, row: &[f64]) -> Vec<f64> {
        // scikit-learn keeps probabilities from 0 and 1 by a step of a 32-bit float, later of a
        // 64-bit float
        let step = match self.parts.version.before(1, 8) {
            true => f64::from(f32::EPSILON),
            false => f64::EPSILON,
        };
        let kept = |probability: f64| probability.clamp(step, 1.0 - step);
        match self.link {
            Link::Identity => row.to_vec(),
            Link::Logit { factor } => {
                let second = kept(row.get(1).copied().unwrap_or(f64::NAN));
                vec![factor * logit(second)]
            }
            Link::Logarithm => {
                let logarithms: Vec<f64> = row.iter().map(|&value| kept(value).ln()).collect();
                let keeps_them = matches!(self.parts.init, Init::Logarithms(_));
                if keeps_them || self.parts.version.before(1, 4) {
                    return logarithms;
                }
                let mean = crate::numpy::pairwise_sum(&logarithms) / row.len() as f64;
                let mean = mean.exp();
                row.iter().map(|&value| (kept(value) / mean).ln()).collect()
            }
        }
    }

    fn per_stage(&self) -> usize {
        self.parts.trees_per_stage
    }

    /// The trees, laid out when they are first needed.
    fn laid(&self) -> Result<&Laid, Error> {
        if let Some(laid) = self.trees.get() {
            return Ok(laid);
        }
        let laid = match self.small_trees() {
            Some(sets) => Laid::Sets(sets),
            None => Laid::Grove(self.grove()?),
        };
        Ok(self.trees.get_or_init(|| laid))
    }

    /// The trees as sets of leaves, if they are that small.
    fn small_trees(&self) -> Option<LeafSets> {
        let rate = self.parts.learning_rate;
        let small = |tree: &Tree| {
            let arrays = tree.arrays();
            SmallTree::new(MOST_LEAVES, |node| match tree.children(node) {
                None => Node::Leaf(rate * tree.value(node).first().copied().unwrap_or(f64::NAN)),
                Some((left, right)) => {
                    let ask = Ask::AtMost(arrays.threshold[node], arrays.missing_go_to_left[node]);
                    Node::Split { feature: arrays.feature[node] as usize, ask, left, right }
                }
            })
        };
        if self.parts.trees.iter().any(|tree| tree.n_leaves() > MOST_LEAVES) {
            return None;
        }
        let trees: Option<Vec<SmallTree>> = self.parts.trees.iter().map(small).collect();
        LeafSets::new(&trees?, self.accepted.columns, self.per_stage(), |_| 0)
    }

    fn grove(&self) -> Result<Grove, Error> {
        let (trees, per_stage) = (&self.parts.trees, self.per_stage());
        let shares = trees
            .iter()
            .enumerate()
            .map(|(number, tree)| (tree, Share { output: number % per_stage, width: 1 }));
        let rate = self.parts.learning_rate;
        let value = |tree: usize, node: usize, values: &mut Vec<f64>| {
            let own = trees.get(tree).map_or(&[][..], |tree| tree.value(node));
            values.extend(own.iter().map(|value| rate * value));
        };
        let most = u32::MAX as usize;
        Grove::new(shares, self.accepted.columns, per_stage, value).ok_or(Error::TooMany {
            what: "values of leaves",
            found: most + 1,
            most,
        })
    }

    /// What the rows start from: rows × trees of a stage.
    fn starts(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let (rows, _) = features.shape();
        if let Some(start) = &self.start {
            return Ok(start.repeat(rows));
        }
        let Init::Estimator(model) = &self.parts.init else {
            let problem = "boosting does not know what it starts from".to_owned();
            return Err(Error::Internal { problem });
        };
        let narrow: CowArray<'_, f32, Ix2> = match features {
            Features::F32(view) => view.into(),
            Features::F64(view) | Features::Named { view, .. } => {
                view.mapv(|value| value as f32).into()
            }
        };
        let abilities = model.abilities();
        let of_probabilities = |probabilities: Array2<f64>| {
            let rows = probabilities.rows().into_iter();
            rows.flat_map(|row| self.scores_of(&row.to_vec())).collect()
        };
        let scores: Vec<f64> = match (abilities.probabilities, abilities.regressor) {
            (classifier, _) if abilities.tables.is_some() => {
                // what is in front of the model computes in 32 bits, as boosting hands the rows over
                let rows = narrow.mapv(f64::from);
                let table = Frame::from_numbers(rows).with_precision(Precision::Single);
                let method = match classifier {
                    Some(_) => Method::PredictProba,
                    None => Method::Predict,
                };
                match ask(model.as_ref(), &table, method)? {
                    Answer::Numbers(probabilities) => of_probabilities(probabilities),
                    Answer::Labels(Labels::Floats(estimates)) => estimates,
                    _ => Vec::new(),
                }
            }
            (Some(model), _) => of_probabilities(model.predict_proba(Features::from(&narrow))?),
            (None, Some(model)) => model.predict(Features::from(&narrow))?,
            (None, None) => Vec::new(),
        };
        match scores.len() == rows * self.per_stage() {
            true => Ok(scores),
            false => {
                let (what, found) = ("scores to start from", scores.len());
                Err(Error::Length { what, expected: rows * self.per_stage(), found })
            }
        }
    }

    /// The scores: rows × trees of a stage.
    fn scores(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let ordered = in_order_of_fit(&features, self.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        self.accepted.columns(features)?;
        let laid = self.laid()?;
        let ((rows, _), width) = (features.shape(), self.per_stage());
        if self.start.is_none() {
            // what the model to start from would not take is refused in this model's name
            Keys::default().fill(features, 0..rows, &self.accepted)?;
        }
        let mut scores = self.starts(features)?;
        in_parallel(self.jobs, rows, width, &mut scores, |rows, scores| {
            let (mut keys, mut values, mut codes) = (Keys::default(), Vec::new(), Vec::new());
            let mut row = rows.start;
            let block = match laid {
                Laid::Sets(sets) => sets.block(),
                Laid::Grove(grove) => grove.block(),
            };
            for scores in scores.chunks_mut(block * width) {
                let end = row + scores.len() / width;
                match laid {
                    Laid::Sets(sets) => {
                        narrow_values(features, row..end, &self.accepted, &mut values)?;
                        sets.add(&values, &mut codes, scores);
                    }
                    Laid::Grove(grove) => {
                        keys.fill(features, row..end, &self.accepted)?;
                        grove.add(&keys, scores);
                    }
                }
                row = end;
            }
            Ok(())
        })?;
        Ok(scores)
    }

    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        let (rows, _) = features.shape();
        table(rows, self.per_stage(), self.scores(features)?)
    }

    fn apply(&self, features: Features<'_>) -> Result<Array2<usize>, Error> {
        let ordered = in_order_of_fit(&features, self.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        leaves_of_trees(self.parts.trees.iter(), &self.accepted, features, self.jobs)
    }

    fn feature_importances(&self) -> Vec<f64> {
        let grown = self.parts.trees.iter().filter(|tree| tree.node_count() > 1);
        mean_importances(grown.map(Tree::impurity_decreases), self.accepted.columns)
    }
}

/// The methods that classifiers and regressors have in common.
macro_rules! common {
    ($model:ident) => {
        super::about_the_fit!($model, GradientBoostingParts, boosting, accepted.columns);
        super::on_threads!($model, boosting);
        super::leaves_and_importances!($model, boosting);

        impl $model {
            /// The trees, stage after stage.
            pub fn trees(&self) -> &[Tree] {
                &self.boosting.parts.trees
            }

            /// How many trees a stage has: one for each class, but a single one for two classes,
            /// and for numbers.
            pub fn trees_per_stage(&self) -> usize {
                self.boosting.parts.trees_per_stage
            }

            /// What it starts from.
            pub fn init(&self) -> &Init {
                &self.boosting.parts.init
            }

            /// How much each tree counts.
            pub fn learning_rate(&self) -> f64 {
                self.boosting.parts.learning_rate
            }
        }
    };
}

/// Gradient boosting that tells classes apart: scikit-learn's `GradientBoostingClassifier`.
///
/// Its scores are those of the scikit-learn that fitted it, bit by bit, where what it starts from
/// is not a logarithm; probabilities are those of the platform's exponential function.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::ensemble::{ClassifierLoss, GradientBoostingClassifier, GradientBoostingParts};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0], [3.0]];
/// let tree = DecisionTreeRegressor::params().fit_weighted(&rows, &[-2.0, -2.0, 2.0, 2.0], None)?;
/// let parts = GradientBoostingParts::new(vec![tree.tree().clone(); 2], 1, 0.5);
/// let classes = Labels::from(["no", "yes"]);
/// let model = GradientBoostingClassifier::from_parts(parts, classes, ClassifierLoss::LogLoss)?;
/// assert_eq!(model.decision_function(&rows)?.column(0).to_vec(), [-2.0, -2.0, 2.0, 2.0]);
/// assert_eq!(model.predict(&[[0.5], [2.5]])?, Labels::from(["no", "yes"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GradientBoostingClassifier {
    boosting: Boosting,
    classes: Labels,
    loss: ClassifierLoss,
}

common!(GradientBoostingClassifier);

impl GradientBoostingClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Tree`] with the number of the first tree that does not fit, [`Error::Model`]
    /// without trees, for stages that do not fit the classes, for classes that do not ascend, and
    /// for a start of another kind, [`Error::Length`] for names or a start of another length.
    pub fn from_parts(
        parts: GradientBoostingParts,
        classes: Labels,
        loss: ClassifierLoss,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let link = match (classes.len(), loss) {
            (1, _) => {
                let problem = "a classifier of boosted trees has at least two classes".to_owned();
                return Err(Error::Model { problem });
            }
            (2, ClassifierLoss::LogLoss) => Link::Logit { factor: 1.0 },
            (2, ClassifierLoss::Exponential) => Link::Logit { factor: 0.5 },
            (_, ClassifierLoss::LogLoss) => Link::Logarithm,
            (count, ClassifierLoss::Exponential) => {
                let problem = format!("the exponential loss is for two classes, not {count}");
                return Err(Error::Model { problem });
            }
        };
        let per_stage = if classes.len() == 2 { 1 } else { classes.len() };
        if parts.trees_per_stage != per_stage {
            let (what, found) = ("trees of a stage", parts.trees_per_stage);
            return Err(Error::Length { what, expected: per_stage, found });
        }
        let boosting = Boosting::new(parts, link, "GradientBoostingClassifier")?;
        Ok(GradientBoostingClassifier { boosting, classes, loss })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The loss.
    pub fn loss(&self) -> ClassifierLoss {
        self.loss
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::Infinite`] for
    /// a value that is infinite as a 32-bit float, [`Error::NotFinite`] for a missing value (NaN).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let (features, width) = (features.into(), self.boosting.per_stage());
        let codes: Vec<usize> = if self.boosting.parts.version.before(1, 4) {
            // the greatest probability, which may be that of several scores
            let probabilities = self.predict_proba(features)?;
            let rows = probabilities.as_slice().unwrap_or_default().chunks(self.classes.len());
            rows.map(first_greatest).collect()
        } else {
            let scores = self.boosting.scores(features)?;
            match width {
                1 => scores.iter().map(|&score| usize::from(score >= 0.0)).collect(),
                _ => scores.chunks(width).map(first_greatest).collect(),
            }
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
        let (rows, _) = features.shape();
        let mut scores = self.boosting.scores(features)?;
        let probabilities = match (self.classes.len(), self.loss) {
            (2, ClassifierLoss::LogLoss) => both(&scores, expit),
            (2, ClassifierLoss::Exponential) => both(&scores, |score| expit(2.0 * score)),
            (classes, _) => {
                scores.chunks_mut(classes).for_each(softmax);
                scores
            }
        };
        table(rows, self.classes.len(), probabilities)
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
        self.boosting.decision_function(features.into())
    }
}

impl Model for GradientBoostingClassifier {
    fn name(&self) -> &'static str {
        "GradientBoostingClassifier"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).probabilities(self);
        abilities.decision_function(self).leaves(self).importances(self)
    }
}

super::classifier_traits!(GradientBoostingClassifier);

impl DecisionFunction for GradientBoostingClassifier {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.decision_function(features)
    }
}

/// Gradient boosting that estimates numbers, whatever its loss: scikit-learn's
/// `GradientBoostingRegressor`.
///
/// ```
/// use picklebook::ensemble::{GradientBoostingParts, GradientBoostingRegressor, Init};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0], [3.0]];
/// let tree = DecisionTreeRegressor::params().fit_weighted(&rows, &[-2.0, -2.0, 2.0, 2.0], None)?;
/// let mut parts = GradientBoostingParts::new(vec![tree.tree().clone(); 2], 1, 0.5);
/// parts.init = Init::Constant(vec![10.0]);
/// let model = GradientBoostingRegressor::from_parts(parts)?;
/// assert_eq!(model.predict(&rows)?, [8.0, 8.0, 12.0, 12.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct GradientBoostingRegressor {
    boosting: Boosting,
}

common!(GradientBoostingRegressor);

impl GradientBoostingRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Tree`] with the number of the first tree that does not fit, [`Error::Model`]
    /// without trees, and for a start of another kind, [`Error::Length`] for stages of several
    /// trees, and for names or a start of another length.
    pub fn from_parts(parts: GradientBoostingParts) -> Result<Self, Error> {
        if parts.trees_per_stage != 1 {
            let (what, found) = ("trees of a stage", parts.trees_per_stage);
            return Err(Error::Length { what, expected: 1, found });
        }
        let boosting = Boosting::new(parts, Link::Identity, "GradientBoostingRegressor")?;
        Ok(GradientBoostingRegressor { boosting })
    }

    /// The estimate for each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::Infinite`] for
    /// a value that is infinite as a 32-bit float, [`Error::NotFinite`] for a missing value (NaN).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        self.boosting.scores(features.into())
    }
}

impl Model for GradientBoostingRegressor {
    fn name(&self) -> &'static str {
        "GradientBoostingRegressor"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().regressor(self).leaves(self).importances(self)
    }
}

impl Regressor for GradientBoostingRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}
