//! A decision tree that the crate linfa-trees trains.

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use linfa_trees::{DecisionTree, SplitQuality, TreeNode};
use ndarray::{Array1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::error::LinfaError;
use crate::data::{Dataset, Features, Label, Labels, Schema};
use crate::model::columns::in_order_of_fit;
use crate::tree::{Criterion, Error, check};

/// The deepest tree that [`LinfaTree`] grows or loads: linfa-trees fits, predicts and drops a
/// tree by recursion, and each level takes stack.
pub const MAX_DEPTH: usize = 200;

/// linfa-trees counts rows in 32-bit floats, which stop counting here.
pub(super) const MOST_ROWS: usize = 1 << f32::MANTISSA_DIGITS;

/// linfa-trees takes two values nearer to each other than this as equal.
const SAME_VALUE: f64 = 1e-5;

/// How to grow a [`LinfaTree`]; made by [`LinfaTree::params`].
///
/// Each method sets one parameter and returns the changed ones; [`fit`](Self::fit) checks them all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinfaTreeParams {
    pub(super) criterion: Criterion,
    pub(super) max_depth: Option<usize>,
    pub(super) min_samples_leaf: usize,
}

impl LinfaTreeParams {
    /// What makes a split good; [`Criterion::Gini`] by default.
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// The most splits between the root and a leaf, from 1 to [`MAX_DEPTH`], the
    /// default.
    pub fn max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = Some(max_depth);
        self
    }

    /// The fewest train rows that a leaf may hold; 1 by default.
    pub fn min_samples_leaf(mut self, min_samples_leaf: usize) -> Self {
        self.min_samples_leaf = min_samples_leaf;
        self
    }

    /// Grows a tree on `train`.
    ///
    /// Where several splits, or several classes in a leaf, are equally good, linfa-trees 0.8.1
    /// picks in an order that can change from run to run.
    ///
    /// # Errors
    /// [`Error::Parameter`]; [`Error::Empty`] without a row or column; [`Error::NotFinite`] for
    /// a feature that is NaN or infinite; [`Error::Target`] for a label with a fraction, which is
    /// a quantity and no class; [`LinfaError::NoThreshold`] for values too large to be told apart
    /// by their midpoint; [`LinfaError::TooManyRows`] past 16,777,216 rows.
    pub fn fit(self, train: &Dataset) -> Result<LinfaTree, Error> {
        let max_depth = self.check()?;
        check_features(train.features().view(), train.feature_names())?;
        check_splittable(train)?;
        let classes = train.target().classes();
        check::classes(train.target())?;
        let codes = train.target().codes(&classes).unwrap_or_default();

        let rows = DatasetBase::new(train.features().view(), Array1::from_vec(codes))
            .with_feature_names(train.feature_names().to_vec());
        let tree = DecisionTree::params()
            .split_quality(match self.criterion {
                Criterion::Gini => SplitQuality::Gini,
                Criterion::Entropy | Criterion::LogLoss => SplitQuality::Entropy,
            })
            .max_depth(Some(max_depth))
            // Exact up to MOST_ROWS; beyond, no leaf can be as large anyway.
            .min_weight_leaf(self.min_samples_leaf as f32)
            .fit(&rows)?;
        let feature_names = train.feature_names().to_vec();
        let schema = Some(train.schema().clone());
        Ok(LinfaTree { params: self, feature_names, schema, classes, tree })
    }

    /// The depth to stop at, when all parameters are possible.
    pub(super) fn check(self) -> Result<usize, Error> {
        if self.min_samples_leaf == 0 {
            let value = self.min_samples_leaf.to_string();
            return Err(Error::Parameter {
                name: "min_samples_leaf",
                value,
                expected: "1 or more",
            });
        }
        let max_depth = self.max_depth.unwrap_or(MAX_DEPTH);
        if max_depth == 0 || max_depth > MAX_DEPTH {
            let value = max_depth.to_string();
            return Err(Error::Parameter { name: "max_depth", value, expected: "from 1 to 200" });
        }
        Ok(max_depth)
    }
}

/// A fitted decision tree of linfa-trees, with the names of its features and classes.
///
/// It prints as indented text. Saved with pickle it is a dictionary that Python can read: the
/// format's name and version, the parameters, `feature_names`, `classes`, and the tree with a
/// dictionary for each node, as linfa-trees lays it out.
///
/// ```
/// use picklebook::data;
/// use picklebook::tree::{Criterion, LinfaTree};
///
/// let split = data::train_test_split(&data::balance_scale(), 0.3, 100)?;
/// let tree = LinfaTree::params()
///     .criterion(Criterion::Gini)
///     .max_depth(3)
///     .min_samples_leaf(5)
///     .fit(&split.train)?;
/// assert_eq!((tree.depth(), tree.predict(&split.test)?.len()), (3, 188));
/// assert_eq!(tree.predict_row(&[5.0, 5.0, 1.0, 1.0])?, "L");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct LinfaTree {
    pub(super) params: LinfaTreeParams,
    pub(super) feature_names: Vec<String>,
    pub(super) schema: Option<Schema>,
    pub(super) classes: Labels,
    pub(super) tree: DecisionTree<f64, usize>,
}

/// A node of a [`LinfaTree`], as [`nodes`](LinfaTree::nodes) lists it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum LinfaNode {
    /// Rows part here by one feature.
    #[non_exhaustive]
    Split {
        /// The feature's column, counted from 0.
        feature: usize,
        /// Rows with a lower value go left, all others right.
        threshold: f64,
        /// By how much the split lowers the impurity.
        impurity_decrease: f64,
        /// The place of the left child in the list.
        left: usize,
        /// The place of the right child in the list.
        right: usize,
    },
    /// Rows end here.
    #[non_exhaustive]
    Leaf {
        /// What is predicted for them.
        class: Label,
    },
}

impl LinfaTree {
    /// The parameters to grow a tree with: gini, depth to [`MAX_DEPTH`], leaves from one row.
    pub fn params() -> LinfaTreeParams {
        LinfaTreeParams { criterion: Criterion::default(), max_depth: None, min_samples_leaf: 1 }
    }

    /// Predicts the class of each row. Columns in another order are put in that of the fit.
    ///
    /// # Errors
    /// [`Error::FeatureNames`] when the columns are not those of the fit,
    /// [`Error::NotFinite`] for a feature that is NaN or infinite.
    pub fn predict(&self, rows: &Dataset) -> Result<Labels, Error> {
        self.predict_named(rows.into())
    }

    /// The share of the rows whose class is right (the accuracy).
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`Error::TargetKind`] for labels of another type.
    pub fn score(&self, data: &Dataset) -> Result<f64, Error> {
        crate::model::ask::score(self, data)
    }

    /// Predicts the class of each row, its columns found by name if they have any.
    pub(super) fn predict_named(&self, rows: Features<'_>) -> Result<Labels, Error> {
        match in_order_of_fit(&rows, Some(&self.feature_names))? {
            Some(reordered) => self.predict_features(reordered.view()),
            None => self.predict_features(rows.to_f64().view()),
        }
    }

    /// Predicts the class of one row, its features in the order of the fit.
    ///
    /// # Errors
    /// [`Error::Columns`] when there are more or fewer values than features,
    /// [`Error::NotFinite`] when one is NaN or infinite.
    pub fn predict_row(&self, row: &[f64]) -> Result<Label, Error> {
        let rows = ArrayView2::from_shape((1, row.len()), row)
            .map_err(|_| Error::Columns { expected: self.feature_names.len(), found: row.len() })?;
        self.predict_features(rows)?.get(0).ok_or(Error::Empty { rows: 1, columns: row.len() })
    }

    /// Predicts the class of each row of features (rows × columns), the columns in the order of
    /// the fit, whatever their names.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for
    /// a feature that is NaN or infinite.
    pub fn predict_features(&self, rows: ArrayView2<'_, f64>) -> Result<Labels, Error> {
        self.check_width(rows.ncols())?;
        check_finite(rows, &self.feature_names)?;
        let codes = self.tree.predict(&rows).to_vec();
        self.classes
            .take(&codes)
            .ok_or_else(|| Error::Internal { problem: "a leaf predicts a class it has not".into() })
    }

    fn check_width(&self, found: usize) -> Result<(), Error> {
        match self.feature_names.len() {
            expected if expected == found => Ok(()),
            expected => Err(Error::Columns { expected, found }),
        }
    }

    /// All nodes: the root first, then its left side, then its right side.
    ///
    /// Two trees are the same when these lists are: linfa-trees' own `==` looks at the root's
    /// feature only.
    pub fn nodes(&self) -> Vec<LinfaNode> {
        let mut nodes: Vec<LinfaNode> = Vec::new();
        // Nodes still to list, each with the place of the parent whose right child it is.
        let mut ahead: Vec<(&TreeNode<f64, usize>, Option<usize>)> =
            vec![(self.tree.root_node(), None)];
        while let Some((node, right_child_of)) = ahead.pop() {
            let place = nodes.len();
            if let Some(LinfaNode::Split { right, .. }) =
                right_child_of.and_then(|parent| nodes.get_mut(parent))
            {
                *right = place;
            }
            match (node.prediction(), node.children().as_slice()) {
                (None, [Some(left), Some(right)]) => {
                    let (feature, threshold, impurity_decrease) = node.split();
                    ahead.push((right, Some(place)));
                    ahead.push((left, None));
                    let (left, right) = (place + 1, 0);
                    nodes.push(LinfaNode::Split {
                        feature,
                        threshold,
                        impurity_decrease,
                        left,
                        right,
                    });
                }
                (code, _) => nodes.push(LinfaNode::Leaf {
                    class: code
                        .and_then(|code| self.classes.get(code))
                        .unwrap_or_else(|| Label::Text(String::new())),
                }),
            }
        }
        nodes
    }

    /// The number of splits on the longest way from the root to a leaf.
    pub fn depth(&self) -> usize {
        self.tree.max_depth()
    }

    /// The number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.tree.num_leaves()
    }

    /// The names of the features, in the order in which rows hold them.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// What is known of the table of the fit: its target, and how its columns became features.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    /// The classes that the tree can tell apart, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The tree as linfa-trees has it: features by column, classes by their place in
    /// [`classes`](Self::classes).
    pub fn as_linfa(&self) -> &DecisionTree<f64, usize> {
        &self.tree
    }
}

/// Same parameters, names and classes, and the same nodes one by one.
impl PartialEq for LinfaTree {
    fn eq(&self, other: &Self) -> bool {
        self.params == other.params
            && self.feature_names == other.feature_names
            && self.schema == other.schema
            && self.classes == other.classes
            && self.nodes() == other.nodes()
    }
}

/// Refuses what linfa-trees would abort on, or learn from without an error.
fn check_features(features: ArrayView2<'_, f64>, names: &[String]) -> Result<(), Error> {
    let (rows, columns) = features.dim();
    if rows == 0 || columns == 0 {
        return Err(Error::Empty { rows, columns });
    }
    if rows > MOST_ROWS {
        return Err(LinfaError::TooManyRows { rows, most: MOST_ROWS }.into());
    }
    check_finite(features, names)
}

fn check_finite(features: ArrayView2<'_, f64>, names: &[String]) -> Result<(), Error> {
    match features.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => {
            let column = names.get(column).cloned().unwrap_or_else(|| column.to_string());
            Err(Error::NotFinite { row, column, value, model: "LinfaTree" })
        }
    }
}

/// Refuses neighbouring values whose midpoint is one of the two, or infinite: linfa-trees would
/// split off nothing, again and again.
fn check_splittable(train: &Dataset) -> Result<(), Error> {
    for (column, name) in train.features().columns().into_iter().zip(train.feature_names()) {
        let mut values = column.to_vec();
        values.sort_unstable_by(f64::total_cmp);
        for (&lower, &upper) in values.iter().zip(values.iter().skip(1)) {
            let middle = (lower + upper) / 2.0;
            if upper - lower >= SAME_VALUE && !(lower < middle && middle < upper) {
                return Err(LinfaError::NoThreshold { column: name.clone(), lower, upper }.into());
            }
        }
    }
    Ok(())
}
