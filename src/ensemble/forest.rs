//! Forests: the mean of many trees.

use std::sync::OnceLock;

use ndarray::{Array2, Axis, s};

use super::grove::{Grove, Share};
use super::rows::{Accepted, Keys, in_parallel};
use super::{Error, check_classes, labels_at, leaves_of_trees, mean_importances};
use crate::data::{Features, Labels};
use crate::model::columns::in_order_of_fit;
use crate::model::{
    Abilities, Model, MultiOutputClassifier, MultiOutputRegressor, Parameter, Parameters,
    Regressor, SklearnVersion,
};
use crate::numpy::pairwise_sum;
use crate::tree::{Tree, check, first_greatest};

/// Which of scikit-learn's models of equal trees it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ForestKind {
    /// `RandomForestClassifier`, `RandomForestRegressor`.
    RandomForest,
    /// `ExtraTreesClassifier`, `ExtraTreesRegressor`.
    ExtraTrees,
    /// A single `DecisionTreeClassifier` or `DecisionTreeRegressor`: a forest of one, which may
    /// have several outputs.
    DecisionTree,
    /// A single `ExtraTreeClassifier` or `ExtraTreeRegressor`.
    ExtraTree,
}

impl ForestKind {
    fn is_single(self) -> bool {
        matches!(self, ForestKind::DecisionTree | ForestKind::ExtraTree)
    }

    fn is_extra(self) -> bool {
        matches!(self, ForestKind::ExtraTrees | ForestKind::ExtraTree)
    }

    fn classifier(self) -> &'static str {
        match self {
            ForestKind::RandomForest => "RandomForestClassifier",
            ForestKind::ExtraTrees => "ExtraTreesClassifier",
            ForestKind::DecisionTree => "DecisionTreeClassifier",
            ForestKind::ExtraTree => "ExtraTreeClassifier",
        }
    }

    fn regressor(self) -> &'static str {
        match self {
            ForestKind::RandomForest => "RandomForestRegressor",
            ForestKind::ExtraTrees => "ExtraTreesRegressor",
            ForestKind::DecisionTree => "DecisionTreeRegressor",
            ForestKind::ExtraTree => "ExtraTreeRegressor",
        }
    }
}

/// What a forest is made of.
///
/// The trees of a classifier have for each output as many values as the output with the most
/// classes; those of a regressor have one.
#[derive(Debug, Clone)]
pub struct ForestParts {
    /// Which model it is.
    pub kind: ForestKind,
    /// The scikit-learn that fitted it. The trees of a classifier older than 1.4 hold counts.
    pub version: SklearnVersion,
    /// The trees, scikit-learn's `estimators_`.
    pub trees: Vec<Tree>,
    /// The names of the columns, if they are known.
    pub feature_names: Option<Vec<String>>,
    /// The parameters of the fit. `criterion`, `splitter` and `monotonic_cst` decide in some
    /// versions whether missing values are taken.
    pub parameters: Parameters,
}

impl ForestParts {
    /// A forest of the latest scikit-learn, without parameters and names.
    pub fn new(kind: ForestKind, trees: Vec<Tree>) -> Self {
        let version = SklearnVersion::LATEST;
        ForestParts { kind, version, trees, feature_names: None, parameters: Parameters::new() }
    }
}

/// What classifiers and regressors have in common.
#[derive(Debug, Clone)]
struct Forest {
    parts: ForestParts,
    /// How many classes each output has; 1 for numbers.
    outputs: Vec<usize>,
    accepted: Accepted,
    jobs: usize,
    grove: OnceLock<Grove>,
}

impl PartialEq for Forest {
    fn eq(&self, other: &Self) -> bool {
        let (own, other) = (&self.parts, &other.parts);
        own.kind == other.kind
            && own.version == other.version
            && own.trees == other.trees
            && own.feature_names == other.feature_names
            && own.parameters == other.parameters
    }
}

/// Whether this version took missing values.
fn takes_missing(parts: &ForestParts, criteria: &[&str]) -> bool {
    let (kind, version) = (parts.kind, parts.version);
    let splitter = parts.parameters.text("splitter").unwrap_or(match kind.is_extra() {
        true => "random",
        false => "best",
    });
    let single = kind.is_single();
    if version.before(1, 3) || (!single && version.before(1, 4)) {
        return false;
    }
    if !version.before(1, 9) {
        return kind != ForestKind::ExtraTree || splitter == "random";
    }
    let monotonic = parts.parameters.get("monotonic_cst");
    if monotonic.is_some_and(|value| *value != Parameter::None) {
        return false;
    }
    let by_splitter = match (kind.is_extra(), version.before(1, 6)) {
        (_, true) => splitter == "best",
        (false, false) => true,
        (true, false) => splitter == "random",
    };
    let criterion = parts.parameters.text("criterion");
    by_splitter && criterion.is_none_or(|criterion| criteria.contains(&criterion))
}

impl Forest {
    fn new(
        parts: ForestParts,
        outputs: Vec<usize>,
        model: &'static str,
        criteria: &[&str],
    ) -> Result<Forest, Error> {
        let Some(first) = parts.trees.first() else {
            return Err(Error::Model { problem: "it has no trees".to_owned() });
        };
        if parts.kind.is_single() && parts.trees.len() != 1 {
            let problem =
                format!("a single tree was called for, but there are {}", parts.trees.len());
            return Err(Error::Model { problem });
        }
        let most = outputs.iter().copied().max().unwrap_or(0);
        let (columns, width) = (first.n_features(), most.saturating_mul(outputs.len()));
        for (number, tree) in parts.trees.iter().enumerate() {
            let wrong = |what, expected, found| {
                Err(Error::Length { what, expected, found }.in_tree(number))
            };
            if tree.width() != width {
                return wrong("values of a node", width, tree.width());
            }
            if tree.n_features() != columns {
                return wrong("features", columns, tree.n_features());
            }
        }
        check::names(parts.feature_names.as_deref(), columns)?;
        let missing = takes_missing(&parts, criteria);
        let accepted = Accepted { model, columns, missing };
        Ok(Forest { parts, outputs, accepted, jobs: 1, grove: OnceLock::new() })
    }

    /// How many values a node has for each output.
    fn most(&self) -> usize {
        self.outputs.iter().copied().max().unwrap_or(1)
    }

    /// Whether nodes hold counts.
    fn counts(&self, classifier: bool) -> bool {
        classifier && self.parts.version.before(1, 4)
    }

    /// The trees, laid out when they are first needed.
    fn grove(&self, classifier: bool) -> Result<&Grove, Error> {
        if let Some(grove) = self.grove.get() {
            return Ok(grove);
        }
        let (trees, width) = (&self.parts.trees, self.most() * self.outputs.len());
        let share = Share { output: 0, width };
        let counts = self.counts(classifier);
        let value = |tree: usize, node: usize, values: &mut Vec<f64>| {
            let own = trees.get(tree).map_or(&[][..], |tree| tree.value(node));
            match counts {
                true => own.chunks(self.most()).zip(&self.outputs).for_each(|(own, &classes)| {
                    let sum = pairwise_sum(&own[..classes.min(own.len())]);
                    let sum = if sum == 0.0 { 1.0 } else { sum };
                    values.extend(own.iter().map(|value| value / sum));
                }),
                false => values.extend_from_slice(own),
            }
        };
        let shares = trees.iter().map(|tree| (tree, share));
        let most = u32::MAX as usize;
        let grove = Grove::new(shares, self.accepted.columns, width, value)
            .ok_or(Error::TooMany { what: "values of leaves", found: most + 1, most })?;
        Ok(self.grove.get_or_init(|| grove))
    }

    /// The mean of the trees' values: rows × values of a node.
    fn means(&self, features: Features<'_>, classifier: bool) -> Result<Array2<f64>, Error> {
        let ordered = in_order_of_fit(&features, self.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        self.accepted.columns(features)?;
        let grove = self.grove(classifier)?;
        let (rows, _) = features.shape();
        let width = self.most() * self.outputs.len();
        // a single tree's values are not summed: adding to -0.0 leaves even the sign of zero
        let start = if self.parts.kind.is_single() { -0.0 } else { 0.0 };
        let mut means = vec![start; rows.saturating_mul(width)];
        let count = self.parts.trees.len() as f64;
        in_parallel(self.jobs, rows, width, &mut means, |rows, means| {
            let mut keys = Keys::default();
            let mut row = rows.start;
            for means in means.chunks_mut(grove.block() * width) {
                let end = row + means.len() / width;
                keys.fill(features, row..end, &self.accepted)?;
                grove.add(&keys, means);
                if !self.parts.kind.is_single() {
                    means.iter_mut().for_each(|mean| *mean /= count);
                }
                row = end;
            }
            Ok(())
        })?;
        super::table(rows, width, means)
    }

    /// The number of the leaf of each row in each tree.
    fn apply(&self, features: Features<'_>) -> Result<Array2<usize>, Error> {
        let ordered = in_order_of_fit(&features, self.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        leaves_of_trees(self.parts.trees.iter(), &self.accepted, features, self.jobs)
    }

    fn feature_importances(&self) -> Vec<f64> {
        match (self.parts.kind.is_single(), self.parts.trees.first()) {
            (true, Some(tree)) => tree.feature_importances(),
            _ => {
                let grown = self.parts.trees.iter().filter(|tree| tree.node_count() > 1);
                let each = grown.map(Tree::feature_importances);
                mean_importances(each, self.accepted.columns)
            }
        }
    }
}

/// The methods that classifiers and regressors have in common.
macro_rules! common {
    ($model:ident) => {
        super::about_the_fit!($model, ForestParts, forest, accepted.columns);
        super::on_threads!($model, forest);
        super::leaves_and_importances!($model, forest);

        impl $model {
            /// Which of scikit-learn's models it is.
            pub fn kind(&self) -> ForestKind {
                self.forest.parts.kind
            }

            /// The trees.
            pub fn trees(&self) -> &[Tree] {
                &self.forest.parts.trees
            }

            /// Whether rows may have missing values (NaN): in scikit-learn that depends on the
            /// version and the parameters.
            pub fn takes_missing_values(&self) -> bool {
                self.forest.accepted.missing
            }
        }
    };
}

/// A forest, or a single tree, that tells classes apart, of one output or several.
///
/// It predicts bit by bit what the scikit-learn that fitted it does on one thread: features are
/// rounded to 32-bit floats, the class fractions of the trees are summed in order, and divided by
/// the number of trees.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::ensemble::{ForestClassifier, ForestKind, ForestParts};
/// use picklebook::tree::{Tree, TreeArrays};
///
/// let arrays = TreeArrays {
///     children_left: vec![1, -1, -1],
///     children_right: vec![2, -1, -1],
///     feature: vec![0, -2, -2],
///     threshold: vec![2.5, -2.0, -2.0],
///     impurity: vec![0.5, 0.0, 0.0],
///     n_node_samples: vec![4, 2, 2],
///     weighted_n_node_samples: vec![4.0, 2.0, 2.0],
///     missing_go_to_left: vec![false; 3],
///     value: vec![0.5, 0.5, 1.0, 0.0, 0.25, 0.75],
/// };
/// let tree = Tree::new(arrays, 1, 2)?;
/// let parts = ForestParts::new(ForestKind::RandomForest, vec![tree.clone(), tree]);
/// let forest = ForestClassifier::from_parts(parts, vec![Labels::from(["no", "yes"])])?;
/// assert_eq!(forest.predict(&[[1.0], [3.0]])?, Labels::from(["no", "yes"]));
/// assert_eq!(forest.predict_proba(&[[3.0]])?, ndarray::array![[0.25, 0.75]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ForestClassifier {
    forest: Forest,
    classes: Vec<Labels>,
}

common!(ForestClassifier);

impl ForestClassifier {
    /// Checks the parts and puts a forest together, with the classes of each output.
    ///
    /// # Errors
    /// [`Error::Tree`] with the number of the first tree that does not fit the others or the
    /// classes, [`Error::Model`] without trees or for classes that do not ascend,
    /// [`Error::Length`] unless there is a name for each column.
    pub fn from_parts(parts: ForestParts, classes: Vec<Labels>) -> Result<Self, Error> {
        classes.iter().try_for_each(check_classes)?;
        let outputs = classes.iter().map(Labels::len).collect();
        let criteria = ["gini", "log_loss", "entropy"];
        let forest = Forest::new(parts, outputs, "", &criteria)?;
        let mut model = ForestClassifier { forest, classes };
        model.forest.accepted.model = model.forest.parts.kind.classifier();
        Ok(model)
    }

    /// The classes of each output, ascending: scikit-learn's `classes_`.
    pub fn classes_of_outputs(&self) -> &[Labels] {
        &self.classes
    }

    /// The classes of the first output, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes[0]
    }

    /// How many outputs there are.
    pub fn n_outputs(&self) -> usize {
        self.classes.len()
    }

    /// The class of each row: the one with the greatest probability.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::Infinite`] for
    /// a value that is infinite as a 32-bit float, [`Error::NotFinite`] for a missing value (NaN)
    /// where they are not [taken](Self::takes_missing_values), and [`Error::NoMethod`] for a
    /// forest of several outputs: use [`predict_outputs`](Self::predict_outputs).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        self.single("predict")?;
        let mut outputs = self.predict_outputs(features)?;
        Ok(outputs.swap_remove(0))
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        self.single("predict_proba")?;
        self.forest.means(features.into(), true)
    }

    /// The class of each row, for each output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), for any number of outputs.
    pub fn predict_outputs<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Vec<Labels>, Error> {
        let features = features.into();
        let (most, outputs) = (self.forest.most(), &self.classes);
        let codes: Vec<Vec<usize>> = if self.forest.counts(true) && self.kind().is_single() {
            // a tree of counts compares these, not the fractions
            let leaves = self.forest.apply(features)?;
            let trees = self.trees();
            let code = |output: usize, leaf: &usize| {
                let values = trees.first().map_or(&[][..], |tree| tree.value(*leaf));
                first_greatest(values.chunks(most).nth(output).unwrap_or_default())
            };
            (0..outputs.len())
                .map(|output| leaves.iter().map(|leaf| code(output, leaf)).collect())
                .collect()
        } else {
            let means = self.forest.means(features, true)?;
            let code = |output: usize, classes: usize, means: &[f64]| {
                let start = output * most;
                first_greatest(means.get(start..start + classes).unwrap_or_default())
            };
            let means = means.as_slice().unwrap_or_default();
            let width = most * outputs.len();
            let of = |(output, classes): (usize, &Labels)| {
                means.chunks(width).map(|row| code(output, classes.len(), row)).collect()
            };
            outputs.iter().enumerate().map(of).collect()
        };
        codes.iter().zip(outputs).map(|(codes, classes)| labels_at(classes, codes)).collect()
    }

    /// The probability of each class for each row (rows × classes), for each output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), for any number of outputs.
    pub fn predict_proba_outputs<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Vec<Array2<f64>>, Error> {
        let means = self.forest.means(features.into(), true)?;
        let most = self.forest.most();
        let part = |(output, classes): (usize, &Labels)| {
            let start = output * most;
            means.slice(s![.., start..start + classes.len()]).to_owned()
        };
        Ok(self.classes.iter().enumerate().map(part).collect())
    }

    fn single(&self, method: &'static str) -> Result<(), Error> {
        match self.classes.len() {
            1 => Ok(()),
            _ => Err(Error::NoMethod {
                model: self.name(),
                method,
                methods: "predict_outputs, predict_proba_outputs, apply".to_owned(),
            }),
        }
    }
}

impl Model for ForestClassifier {
    fn name(&self) -> &'static str {
        self.kind().classifier()
    }

    super::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().leaves(self).importances(self);
        match self.classes.len() {
            1 => abilities.classifier(self).probabilities(self),
            _ => abilities.multi_output_classifier(self),
        }
    }
}

super::classifier_traits!(ForestClassifier);

impl MultiOutputClassifier for ForestClassifier {
    fn classes(&self) -> &[Labels] {
        &self.classes
    }

    fn predict(&self, features: Features<'_>) -> Result<Vec<Labels>, Error> {
        self.predict_outputs(features)
    }

    fn predict_proba(&self, features: Features<'_>) -> Result<Vec<Array2<f64>>, Error> {
        self.predict_proba_outputs(features)
    }
}

/// A forest, or a single tree, that estimates numbers, one or several for each row.
///
/// It predicts bit by bit what the scikit-learn that fitted it does on one thread.
///
/// ```
/// use picklebook::ensemble::{ForestKind, ForestParts, ForestRegressor};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0], [3.0]];
/// let grown = |target: &[f64]| DecisionTreeRegressor::params().fit_weighted(&rows, target, None);
/// let trees = [grown(&[1.0, 1.0, 5.0, 5.0])?, grown(&[2.0, 2.0, 2.0, 4.0])?];
/// let trees = trees.iter().map(|tree| tree.tree().clone()).collect();
/// let forest = ForestRegressor::from_parts(ForestParts::new(ForestKind::RandomForest, trees), 1)?;
/// assert_eq!(forest.predict(&[[0.5], [9.0]])?, [1.5, 4.5]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ForestRegressor {
    forest: Forest,
}

common!(ForestRegressor);

impl ForestRegressor {
    /// Checks the parts and puts a forest together, which estimates `n_outputs` numbers.
    ///
    /// # Errors
    /// [`Error::Tree`] with the number of the first tree that does not fit the others or the
    /// number of outputs, [`Error::Model`] without trees, [`Error::Length`] unless there is a name
    /// for each column.
    pub fn from_parts(parts: ForestParts, n_outputs: usize) -> Result<Self, Error> {
        // no tree has more values than this: what would be asked for here stays small
        check::within("outputs", n_outputs, check::MOST_COLUMNS)?;
        let name = parts.kind.regressor();
        let criteria = ["squared_error", "friedman_mse", "poisson"];
        let forest = Forest::new(parts, vec![1; n_outputs], name, &criteria)?;
        Ok(ForestRegressor { forest })
    }

    /// How many numbers there are for each row.
    pub fn n_outputs(&self) -> usize {
        self.forest.outputs.len()
    }

    /// The estimate for each row: the mean of the trees'.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::Infinite`] for
    /// a value that is infinite as a 32-bit float, [`Error::NotFinite`] for a missing value (NaN)
    /// where they are not [taken](Self::takes_missing_values), and [`Error::NoMethod`] for a
    /// forest of several outputs: use [`predict_outputs`](Self::predict_outputs).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        if self.n_outputs() != 1 {
            let methods = "predict_outputs, apply".to_owned();
            return Err(Error::NoMethod { model: self.name(), method: "predict", methods });
        }
        let means = self.forest.means(features.into(), false)?;
        Ok(means.index_axis_move(Axis(1), 0).to_vec())
    }

    /// The estimates for each row: rows × outputs.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), for any number of outputs.
    pub fn predict_outputs<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        self.forest.means(features.into(), false)
    }
}

impl Model for ForestRegressor {
    fn name(&self) -> &'static str {
        self.kind().regressor()
    }

    super::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().leaves(self).importances(self);
        match self.n_outputs() {
            1 => abilities.regressor(self),
            _ => abilities.multi_output_regressor(self),
        }
    }
}

impl Regressor for ForestRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}

impl MultiOutputRegressor for ForestRegressor {
    fn n_outputs(&self) -> usize {
        self.n_outputs()
    }

    fn predict(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.predict_outputs(features)
    }
}
