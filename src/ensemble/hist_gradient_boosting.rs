//! Gradient boosting over histograms: missing values and categories of their own.

use std::sync::{Arc, OnceLock};

use ndarray::{Array2, ArrayView2, Axis, s};

use super::leaf_sets::{Ask, LeafSets, MISSING, MOST_LEAVES, Node, SmallTree};
use super::rows::{Accepted, in_parallel};
use super::{Error, check_classes, labels_at, table};
use crate::data::{Features, Frame, Labels};
use crate::model::ask::{check_names, numbers_for};
use crate::model::columns::in_order_of_fit;
use crate::model::link::{both, expit, softmax};
use crate::model::{
    Abilities, Answer, DecisionFunction, Method, Model, Nesting, Parameters, Regressor,
    SklearnVersion, TableModel,
};
use crate::tree::{check, first_greatest};

/// A set of the numbers 0 to 255, as scikit-learn keeps it: bit `c % 32` of word `c / 32` for `c`.
pub type CategorySet = [u32; 8];

/// Whether a set holds a category.
fn holds(set: &CategorySet, category: u8) -> bool {
    set[usize::from(category >> 5)] >> (category & 31) & 1 == 1
}

/// A node of a [`HistTree`], by the names of scikit-learn's `TreePredictor.nodes`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HistNode {
    /// What a leaf adds to the score.
    pub value: f64,
    /// How many training rows reached the node.
    pub count: u32,
    /// The column that is compared.
    pub feature_idx: u32,
    /// Rows whose value is at most this go left.
    pub num_threshold: f64,
    /// Whether missing values go left.
    pub missing_go_to_left: bool,
    /// The node to go to on the left.
    pub left: u32,
    /// The node to go to on the right.
    pub right: u32,
    /// By how much the split lowered the loss.
    pub gain: f64,
    /// The number of splits from the root.
    pub depth: u32,
    /// Whether it is a leaf.
    pub is_leaf: bool,
    /// The threshold as the number of a bin.
    pub bin_threshold: u8,
    /// Whether categories of the set `bitset_idx` go left, in place of values up to the threshold.
    pub is_categorical: bool,
    /// Which set of categories.
    pub bitset_idx: u32,
}

/// A tree of histogram gradient boosting: scikit-learn's `TreePredictor`.
///
/// Its contents have been checked: every node but the root is the child of exactly one node before
/// it, and every feature and every set of categories exists.
#[derive(Debug, Clone, PartialEq)]
pub struct HistTree {
    nodes: Vec<HistNode>,
    raw_left_cat_bitsets: Vec<CategorySet>,
    binned_left_cat_bitsets: Vec<CategorySet>,
    n_features: usize,
    n_leaves: usize,
}

impl HistTree {
    /// Checks nodes and puts a tree together. `raw_left_cat_bitsets` are the categories that go
    /// left, of each split by categories; `binned_left_cat_bitsets` the same as bins, which are
    /// only kept.
    ///
    /// # Errors
    /// [`Error::Node`] for the first node that is not whole, [`Error::Empty`] without any node or
    /// column, [`Error::TooMany`] for more than there can be.
    pub fn new(
        nodes: Vec<HistNode>,
        raw_left_cat_bitsets: Vec<CategorySet>,
        binned_left_cat_bitsets: Vec<CategorySet>,
        n_features: usize,
    ) -> Result<HistTree, Error> {
        let count = nodes.len();
        if count == 0 || n_features == 0 {
            return Err(Error::Empty { rows: count, columns: n_features });
        }
        check::within("nodes", count, check::MOST_ROWS)?;
        check::within("columns", n_features, check::MOST_COLUMNS)?;
        let mut has_parent = vec![false; count];
        let mut n_leaves = 0;
        for (number, node) in nodes.iter().enumerate() {
            let wrong = |problem: String| Err(Error::Node { node: number, problem });
            if number > 0 && !has_parent[number] {
                return wrong("it is no node's child, or comes before its parent".into());
            }
            if node.is_leaf {
                if node.value.is_nan() {
                    return wrong("its value is not a number".into());
                }
                n_leaves += 1;
                continue;
            }
            if node.feature_idx as usize >= n_features {
                let feature = node.feature_idx;
                return wrong(format!("its feature is {feature}, of {n_features} features"));
            }
            if node.is_categorical {
                let (set, sets) = (node.bitset_idx, raw_left_cat_bitsets.len());
                if set as usize >= sets {
                    return wrong(format!("its set of categories is {set}, of {sets} sets"));
                }
            } else if node.num_threshold.is_nan() {
                return wrong("its threshold is not a number".into());
            }
            for child in [node.left, node.right] {
                let place = child as usize;
                match has_parent.get_mut(place).filter(|_| place > number) {
                    None => {
                        return wrong(format!(
                            "its child is {child}, but must come after it, before {count}"
                        ));
                    }
                    Some(true) => {
                        return wrong(format!("its child {child} has another parent too"));
                    }
                    Some(parent) => *parent = true,
                }
            }
        }
        Ok(HistTree { nodes, raw_left_cat_bitsets, binned_left_cat_bitsets, n_features, n_leaves })
    }

    /// The nodes; the root is node 0, and children come after their parents.
    pub fn nodes(&self) -> &[HistNode] {
        &self.nodes
    }

    /// The categories that go left, of each split by categories.
    pub fn raw_left_cat_bitsets(&self) -> &[CategorySet] {
        &self.raw_left_cat_bitsets
    }

    /// The bins that go left, of each split by categories.
    pub fn binned_left_cat_bitsets(&self) -> &[CategorySet] {
        &self.binned_left_cat_bitsets
    }

    /// How many columns rows have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.n_leaves
    }

    /// Whether a value goes left at a node. `known` are the categories of the node's feature that
    /// the fit saw.
    pub(super) fn goes_left(&self, node: &HistNode, value: f64, known: &CategorySet) -> bool {
        if value.is_nan() {
            return node.missing_go_to_left;
        }
        if !node.is_categorical {
            return value <= node.num_threshold;
        }
        if value < 0.0 {
            return node.missing_go_to_left;
        }
        let category = category_of(value);
        match self.raw_left_cat_bitsets.get(node.bitset_idx as usize) {
            Some(left) if holds(left, category) => true,
            _ if holds(known, category) => false,
            // categories that the fit did not see are as missing
            _ => node.missing_go_to_left,
        }
    }

    /// What the leaf of a row adds.
    fn value(&self, row: impl Fn(usize) -> f64, known: &[CategorySet]) -> f64 {
        let mut node = &self.nodes[0];
        while !node.is_leaf {
            let feature = node.feature_idx as usize;
            let left = self.goes_left(node, row(feature), &known[feature]);
            node = &self.nodes[if left { node.left } else { node.right } as usize];
        }
        node.value
    }
}

/// The category that a value names, as scikit-learn's compiled code turns it into 8 bits: cut to a
/// whole number of 32 bits, of which the lowest 8 count.
pub(super) fn category_of(value: f64) -> u8 {
    let whole = if value < 2_147_483_648.0 { value as i32 } else { i32::MIN };
    (whole & 0xff) as u8
}

/// How the scores of a [`HistGradientBoostingRegressor`] become estimates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HistLink {
    /// They are the estimates: the losses `squared_error`, `absolute_error` and `quantile`.
    #[default]
    Identity,
    /// They are logarithms: the losses `poisson` and `gamma`.
    Log,
}

/// What a model of histogram gradient boosting is made of.
#[derive(Debug, Clone)]
pub struct HistGradientBoostingParts {
    /// The scikit-learn that fitted it.
    pub version: SklearnVersion,
    /// The trees, iteration after iteration: scikit-learn's `_predictors`, one list after the
    /// other. An iteration has one tree for each class, but a single one for two classes, and for
    /// numbers.
    pub trees: Vec<HistTree>,
    /// The scores that every row starts with, one for each tree of an iteration:
    /// `_baseline_prediction`.
    pub baseline: Vec<f64>,
    /// The categories that the fit saw, by feature; none for features that are numbers. Empty if
    /// no feature has categories. From `_bin_mapper.make_known_categories_bitsets()`.
    pub known_categories: Vec<CategorySet>,
    /// What encodes categories as numbers and puts their columns first, since scikit-learn 1.4:
    /// `_preprocessor`. A model with [`transformer`](Abilities::transformer) that gives as many
    /// columns as the trees look at.
    pub preprocessor: Option<Arc<dyn Model>>,
    /// The names of the columns, if they are known.
    pub feature_names: Option<Vec<String>>,
    /// The parameters of the fit.
    pub parameters: Parameters,
}

impl HistGradientBoostingParts {
    /// A model of the latest scikit-learn without categories, parameters and names.
    pub fn new(trees: Vec<HistTree>, baseline: Vec<f64>) -> Self {
        HistGradientBoostingParts {
            version: SklearnVersion::LATEST,
            trees,
            baseline,
            known_categories: Vec::new(),
            preprocessor: None,
            feature_names: None,
            parameters: Parameters::new(),
        }
    }
}

/// Equal parts, and the very same preprocessor.
impl PartialEq for HistGradientBoostingParts {
    fn eq(&self, other: &Self) -> bool {
        let same = match (&self.preprocessor, &other.preprocessor) {
            (None, None) => true,
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            _ => false,
        };
        same && self.version == other.version
            && self.trees == other.trees
            && self.baseline == other.baseline
            && self.known_categories == other.known_categories
            && self.feature_names == other.feature_names
            && self.parameters == other.parameters
    }
}

/// What classifiers and regressors have in common.
#[derive(Debug, Clone)]
struct Boosting {
    parts: HistGradientBoostingParts,
    /// The categories that the fit saw, for each feature.
    known: Vec<CategorySet>,
    model: &'static str,
    columns: usize,
    jobs: usize,
    /// The trees as sets of leaves, if they are that small; made when they are first needed.
    sets: OnceLock<Option<LeafSets>>,
    nesting: Nesting,
}

impl PartialEq for Boosting {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

/// The code of a category: 256 for what is missing.
fn category_code(value: f64) -> u16 {
    match value >= 0.0 {
        true => u16::from(category_of(value)),
        false => MISSING as u16,
    }
}

impl Boosting {
    fn new(parts: HistGradientBoostingParts, model: &'static str) -> Result<Self, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        let Some(first) = parts.trees.first() else {
            return wrong("it has no trees".to_owned());
        };
        let per_iteration = parts.baseline.len();
        if per_iteration == 0 || !parts.trees.len().is_multiple_of(per_iteration) {
            let count = parts.trees.len();
            return wrong(format!(
                "{count} trees are no whole number of iterations of {per_iteration}"
            ));
        }
        if let Some(score) = parts.baseline.iter().find(|score| score.is_nan()) {
            return wrong(format!("its baseline is {score}, not a number"));
        }
        let columns = first.n_features();
        for (number, tree) in parts.trees.iter().enumerate() {
            if tree.n_features() != columns {
                let (what, found) = ("features", tree.n_features());
                return Err(Error::Length { what, expected: columns, found }.in_tree(number));
            }
        }
        check::names(parts.feature_names.as_deref(), columns)?;
        let mut known = parts.known_categories.clone();
        if known.is_empty() {
            known = vec![[0; 8]; columns];
        }
        if known.len() != columns {
            let (what, found) = ("sets of known categories", known.len());
            return Err(Error::Length { what, expected: columns, found });
        }
        if let Some(preprocessor) = &parts.preprocessor {
            if preprocessor.n_features() != columns {
                let (what, found) = ("features of the preprocessor", preprocessor.n_features());
                return Err(Error::Length { what, expected: columns, found });
            }
            match preprocessor.abilities().transformer.map(|model| model.n_features_out()) {
                Some(found) if found == columns => {}
                Some(found) => {
                    let what = "columns that the preprocessor makes";
                    return Err(Error::Length { what, expected: columns, found });
                }
                None => {
                    let name = preprocessor.name();
                    return wrong(format!("its preprocessor, a {name}, cannot transform"));
                }
            }
        }
        let nesting = Nesting::of(parts.preprocessor.as_deref())?;
        Ok(Boosting { parts, known, model, columns, jobs: 1, sets: OnceLock::new(), nesting })
    }

    fn per_iteration(&self) -> usize {
        self.parts.baseline.len()
    }

    /// The scores of rows that may need encoding: rows × trees of an iteration.
    fn scores(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let ordered = in_order_of_fit(&features, self.parts.feature_names.as_deref())?;
        let features = match &ordered {
            Some(rows) => Features::from(rows),
            None => features.reborrow(),
        };
        Accepted { model: self.model, columns: self.columns, missing: true }.columns(features)?;
        match &self.parts.preprocessor {
            None => self.scores_of_numbers(features),
            Some(_) => self.scores_of_table(&Frame::from(features)),
        }
    }

    /// The scores of the rows of a table, which may have columns of words.
    fn scores_of_table(&self, table: &Frame) -> Result<Vec<f64>, Error> {
        let transformer =
            self.parts.preprocessor.as_ref().and_then(|model| model.abilities().transformer);
        let encoded = match transformer {
            Some(transformer) => Some(transformer.transform(table)?),
            None => None,
        };
        let numbers = numbers_for(self.model, encoded.as_ref().unwrap_or(table))?;
        let features = Features::from(&numbers);
        Accepted { model: self.model, columns: self.columns, missing: true }.columns(features)?;
        self.scores_of_numbers(features)
    }

    fn scores_of_numbers(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let rows = features.to_f64();
        let (count, _) = rows.dim();
        let width = self.per_iteration();
        let mut scores = self.parts.baseline.repeat(count);
        let sets = self.sets.get_or_init(|| self.small_trees());
        in_parallel(self.jobs, count, width, &mut scores, |range, scores| {
            let rows = rows.slice(s![range, ..]);
            match sets {
                Some(sets) => add_sets(sets, rows, scores, width),
                None => self.add(rows, scores),
            }
            Ok(())
        })?;
        Ok(scores)
    }

    /// The trees as sets of leaves, if they are that small.
    fn small_trees(&self) -> Option<LeafSets> {
        let small = |tree: &HistTree| SmallTree::new(MOST_LEAVES, |node| self.node(tree, node));
        let trees: Option<Vec<SmallTree>> = self.parts.trees.iter().map(small).collect();
        LeafSets::new(&trees?, self.columns, self.per_iteration(), category_code)
    }

    /// A node for whoever does not know these trees.
    fn node(&self, tree: &HistTree, number: usize) -> Node {
        let node = &tree.nodes[number];
        if node.is_leaf {
            return Node::Leaf(node.value);
        }
        let feature = node.feature_idx as usize;
        let ask = match node.is_categorical {
            false => Ask::AtMost(node.num_threshold, node.missing_go_to_left),
            true => {
                let mut left = [0; 9];
                for category in 0..=MISSING {
                    let value = if category == MISSING { f64::NAN } else { category as f64 };
                    if tree.goes_left(node, value, &self.known[feature]) {
                        left[category / 32] |= 1 << (category % 32);
                    }
                }
                Ask::Among(left)
            }
        };
        Node::Split { feature, ask, left: node.left as usize, right: node.right as usize }
    }

    fn add(&self, rows: ArrayView2<'_, f64>, scores: &mut [f64]) {
        let width = self.per_iteration();
        for (row, scores) in rows.rows().into_iter().zip(scores.chunks_mut(width)) {
            for (number, tree) in self.parts.trees.iter().enumerate() {
                scores[number % width] += tree.value(|feature| row[feature], &self.known);
            }
        }
    }

    fn check_table(&self, model: &dyn Model, table: &Frame) -> Result<Vec<f64>, Error> {
        // a preprocessor looks for its columns by name
        if self.parts.preprocessor.is_none() {
            check_names(model, table.names())?;
        }
        self.scores_of_table(table)
    }
}

/// Adds what trees that are sets of leaves say of rows to their scores.
fn add_sets(sets: &LeafSets, rows: ArrayView2<'_, f64>, scores: &mut [f64], width: usize) {
    let block = sets.block();
    let (mut values, mut codes) = (Vec::new(), Vec::new());
    for (rows, scores) in
        rows.axis_chunks_iter(Axis(0), block).zip(scores.chunks_mut(block * width))
    {
        match rows.to_slice() {
            Some(values) => sets.add(values, &mut codes, scores),
            None => {
                values.clear();
                values.extend(rows.iter().copied());
                sets.add(&values, &mut codes, scores);
            }
        }
    }
}

/// The methods that classifiers and regressors have in common.
macro_rules! common {
    ($model:ident) => {
        super::about_the_fit!($model, HistGradientBoostingParts, boosting, columns);
        super::on_threads!($model, boosting);

        impl $model {
            /// The trees, iteration after iteration.
            pub fn trees(&self) -> &[HistTree] {
                &self.boosting.parts.trees
            }

            /// The scores that every row starts with, one for each tree of an iteration.
            pub fn baseline(&self) -> &[f64] {
                &self.boosting.parts.baseline
            }
        }
    };
}

/// Histogram gradient boosting that tells classes apart: scikit-learn's
/// `HistGradientBoostingClassifier`.
///
/// Features are 64-bit floats, of which any may be missing (NaN) or infinite. Scores are those of
/// the scikit-learn that fitted it, bit by bit; probabilities are those of the platform's
/// exponential function.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::ensemble::{
///     HistGradientBoostingClassifier, HistGradientBoostingParts, HistNode, HistTree,
/// };
///
/// let leaf = |value| HistNode { value, is_leaf: true, ..HistNode::default() };
/// let split = HistNode { num_threshold: 2.5, left: 1, right: 2, ..HistNode::default() };
/// let tree = HistTree::new(vec![split, leaf(-1.0), leaf(1.5)], vec![], vec![], 1)?;
/// let parts = HistGradientBoostingParts::new(vec![tree], vec![0.25]);
/// let model = HistGradientBoostingClassifier::from_parts(parts, Labels::from(["no", "yes"]))?;
/// // a missing value goes right, unless the node says otherwise
/// let rows = [[1.0], [3.0], [f64::NAN]];
/// assert_eq!(model.decision_function(&rows)?.column(0).to_vec(), [-0.75, 1.75, 1.75]);
/// assert_eq!(model.predict(&rows)?, Labels::from(["no", "yes", "yes"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HistGradientBoostingClassifier {
    boosting: Boosting,
    classes: Labels,
}

common!(HistGradientBoostingClassifier);

impl HistGradientBoostingClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Tree`] with the number of the first tree that does not fit, [`Error::Model`]
    /// without trees, for classes that do not ascend, and for a preprocessor of another kind,
    /// [`Error::Length`] for a baseline, categories or names of another length.
    pub fn from_parts(parts: HistGradientBoostingParts, classes: Labels) -> Result<Self, Error> {
        check_classes(&classes)?;
        let expected = match classes.len() {
            // of one class it learns as if there were a second
            1 | 2 => 1,
            count => count,
        };
        if parts.baseline.len() != expected {
            let (what, found) = ("scores of the baseline", parts.baseline.len());
            return Err(Error::Length { what, expected, found });
        }
        let boosting = Boosting::new(parts, "HistGradientBoostingClassifier")?;
        Ok(HistGradientBoostingClassifier { boosting, classes })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, and the errors of the
    /// preprocessor.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        self.labels(self.boosting.scores(features.into())?)
    }

    /// The probability of each class for each row: rows × classes, but two columns of one class, as
    /// in scikit-learn.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        self.probabilities(self.boosting.scores(features.into())?)
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
        self.decisions(self.boosting.scores(features.into())?)
    }

    fn labels(&self, scores: Vec<f64>) -> Result<Labels, Error> {
        let codes: Vec<usize> = if self.version().before(1, 5) {
            // the greatest probability, which may be that of several scores
            let probabilities = self.probabilities(scores)?;
            let rows =
                probabilities.as_slice().unwrap_or_default().chunks(self.classes.len().max(2));
            rows.map(first_greatest).collect()
        } else if self.classes.len() <= 2 {
            scores.iter().map(|&score| usize::from(score > 0.0)).collect()
        } else {
            scores.chunks(self.classes.len()).map(first_greatest).collect()
        };
        labels_at(&self.classes, &codes)
    }

    fn probabilities(&self, mut scores: Vec<f64>) -> Result<Array2<f64>, Error> {
        let classes = self.classes.len();
        if classes <= 2 {
            return table(scores.len(), 2, both(&scores, expit));
        }
        scores.chunks_mut(classes).for_each(softmax);
        table(scores.len() / classes, classes, scores)
    }

    fn decisions(&self, scores: Vec<f64>) -> Result<Array2<f64>, Error> {
        let width = self.boosting.per_iteration();
        table(scores.len() / width, width, scores)
    }
}

impl Model for HistGradientBoostingClassifier {
    fn name(&self) -> &'static str {
        "HistGradientBoostingClassifier"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).probabilities(self);
        abilities.decision_function(self).tables(self)
    }
}

super::classifier_traits!(HistGradientBoostingClassifier);

impl DecisionFunction for HistGradientBoostingClassifier {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.decision_function(features)
    }
}

impl TableModel for HistGradientBoostingClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let scores = || self.boosting.check_table(self, table);
        match method {
            Method::Predict => Ok(Answer::Labels(self.labels(scores()?)?)),
            Method::PredictProba => Ok(Answer::Numbers(self.probabilities(scores()?)?)),
            Method::DecisionFunction => Ok(Answer::Numbers(self.decisions(scores()?)?)),
            Method::Apply | Method::Transform => Err(super::lacks(self, method.name())),
        }
    }
}

/// Histogram gradient boosting that estimates numbers: scikit-learn's
/// `HistGradientBoostingRegressor`.
///
/// ```
/// use picklebook::ensemble::{
///     HistGradientBoostingParts, HistGradientBoostingRegressor, HistLink, HistNode, HistTree,
/// };
///
/// let leaf = |value| HistNode { value, is_leaf: true, ..HistNode::default() };
/// let split = HistNode { num_threshold: 2.5, left: 1, right: 2, ..HistNode::default() };
/// let tree = HistTree::new(vec![split, leaf(-1.0), leaf(1.5)], vec![], vec![], 1)?;
/// let parts = HistGradientBoostingParts::new(vec![tree.clone(), tree], vec![10.0]);
/// let model = HistGradientBoostingRegressor::from_parts(parts, HistLink::Identity)?;
/// assert_eq!(model.predict(&[[1.0], [3.0]])?, [8.0, 13.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HistGradientBoostingRegressor {
    boosting: Boosting,
    link: HistLink,
}

common!(HistGradientBoostingRegressor);

impl HistGradientBoostingRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// As [`HistGradientBoostingClassifier::from_parts`].
    pub fn from_parts(parts: HistGradientBoostingParts, link: HistLink) -> Result<Self, Error> {
        if parts.baseline.len() != 1 {
            let (what, found) = ("scores of the baseline", parts.baseline.len());
            return Err(Error::Length { what, expected: 1, found });
        }
        let boosting = Boosting::new(parts, "HistGradientBoostingRegressor")?;
        Ok(HistGradientBoostingRegressor { boosting, link })
    }

    /// How scores become estimates.
    pub fn link(&self) -> HistLink {
        self.link
    }

    /// The estimate for each row.
    ///
    /// # Errors
    /// As [`HistGradientBoostingClassifier::predict`].
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        Ok(self.estimates(self.boosting.scores(features.into())?))
    }

    fn estimates(&self, mut scores: Vec<f64>) -> Vec<f64> {
        if self.link == HistLink::Log {
            scores.iter_mut().for_each(|score| *score = score.exp());
        }
        scores
    }
}

impl Model for HistGradientBoostingRegressor {
    fn name(&self) -> &'static str {
        "HistGradientBoostingRegressor"
    }

    super::own_columns!(boosting);

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().regressor(self).tables(self)
    }
}

impl Regressor for HistGradientBoostingRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}

impl TableModel for HistGradientBoostingRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                let scores = self.boosting.check_table(self, table)?;
                Ok(Answer::Labels(self.estimates(scores).into()))
            }
            _ => Err(super::lacks(self, method.name())),
        }
    }
}
