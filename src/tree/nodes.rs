//! A fitted tree: one array for each thing that a node knows.

use std::collections::TryReserveError;

use super::Error;
use super::check::{MOST_COLUMNS, MOST_ROWS, within};

/// The arrays of a tree, by the names of scikit-learn's `tree_`.
///
/// All but `value` have one entry for each node. Node 0 is the root; children come after their
/// parents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TreeArrays {
    /// The node to go to when the feature is at most the threshold; -1 in a leaf.
    pub children_left: Vec<i32>,
    /// The node to go to otherwise; -1 in a leaf.
    pub children_right: Vec<i32>,
    /// The column that is compared; -2 in a leaf.
    pub feature: Vec<i32>,
    /// What the feature is compared with; -2 in a leaf. Infinite where the split is between
    /// present values and missing ones.
    pub threshold: Vec<f64>,
    /// The impurity of the node's training rows.
    pub impurity: Vec<f64>,
    /// How many training rows reached the node.
    pub n_node_samples: Vec<i32>,
    /// The sum of their weights.
    pub weighted_n_node_samples: Vec<f64>,
    /// Whether a missing value goes to the left child.
    pub missing_go_to_left: Vec<bool>,
    /// The fraction of each class in the node (`nodes × classes`), or its estimate
    /// (`nodes × 1`): the mean target, or the median. Node after node.
    pub value: Vec<f64>,
}

/// Runs the same code for each array that has one entry for each node, with its name.
macro_rules! each_array {
    ($arrays:expr, ($name:pat, $array:ident) => $body:expr) => {
        each_array!(
            $arrays, ($name, $array) => $body;
            children_left children_right feature threshold impurity n_node_samples
            weighted_n_node_samples missing_go_to_left
        )
    };
    ($arrays:expr, ($name:pat, $array:ident) => $body:expr; $($field:ident)*) => {
        $({
            let ($name, $array) = (stringify!($field), &mut $arrays.$field);
            $body
        })*
    };
}

impl TreeArrays {
    /// Gives back what room the arrays have left.
    fn shrink(&mut self) {
        each_array!(self, (_, array) => array.shrink_to_fit());
        self.value.shrink_to_fit();
    }
}

/// A fitted tree in flat arrays: everything that scikit-learn's `tree_` holds.
///
/// The contents of a `Tree` have been checked: every node but the root is the child of exactly one
/// node before it, and every feature exists.
#[derive(Clone, PartialEq)]
pub struct Tree {
    arrays: TreeArrays,
    n_features: usize,
    width: usize,
    max_depth: usize,
    n_leaves: usize,
}

impl Tree {
    /// Checks arrays and puts a tree together. `n_features` is the number of columns of the rows,
    /// `width` the number of values per node: the number of classes, or 1; with several outputs that
    /// number (the greatest, if outputs differ) times the number of outputs.
    ///
    /// # Errors
    /// [`Error::Node`] for the first node that is not whole, [`Error::Length`] when an array has
    /// another length than the others, [`Error::Empty`] without any node or column.
    pub fn new(mut arrays: TreeArrays, n_features: usize, width: usize) -> Result<Tree, Error> {
        let count = arrays.children_left.len();
        if count == 0 || n_features == 0 || width == 0 {
            return Err(Error::Empty { rows: count, columns: n_features.min(width) });
        }
        within("nodes", count, MOST_ROWS)?;
        within("columns", n_features, MOST_COLUMNS)?;
        each_array!(arrays, (what, array) => {
            let found = array.len();
            if found != count {
                return Err(Error::Length { what, expected: count, found });
            }
        });
        if count.checked_mul(width) != Some(arrays.value.len()) {
            let expected = count.saturating_mul(width);
            return Err(Error::Length { what: "value", expected, found: arrays.value.len() });
        }
        let mut tree = Tree { arrays, n_features, width, max_depth: 0, n_leaves: 0 };
        tree.check_nodes()?;
        Ok(tree)
    }

    fn check_nodes(&mut self) -> Result<(), Error> {
        let arrays = &self.arrays;
        let count = arrays.children_left.len();
        let wrong = |node, problem| Err(Error::Node { node, problem });
        // Nearly always there is none, and to find out so takes less time for all at once.
        let is_nan = |values: &[f64]| values.iter().fold(false, |nan, it| nan | it.is_nan());
        let has_nan = arrays.value.chunks(1 << 10).any(is_nan);
        let children = arrays.children_left.iter().zip(&arrays.children_right);
        let splits = arrays.feature.iter().zip(&arrays.threshold);
        // 0 is "no parent yet": the root's own depth is never looked at as a child's.
        let mut depths = vec![0_u32; count];
        for (node, ((&left, &right), (&feature, threshold))) in children.zip(splits).enumerate() {
            let own = depths[node];
            if node > 0 && own == 0 {
                return wrong(node, "it is no node's child, or comes before its parent".into());
            }
            if has_nan && is_nan(self.value(node)) {
                return wrong(node, "its value is not a number".into());
            }
            if left == -1 && right == -1 {
                self.n_leaves += 1;
                self.max_depth = self.max_depth.max(own as usize);
                continue;
            }
            if usize::try_from(feature).map_or(true, |feature| feature >= self.n_features) {
                return wrong(
                    node,
                    format!("its feature is {feature}, of {} features", self.n_features),
                );
            }
            if threshold.is_nan() {
                return wrong(node, "its threshold is not a number".into());
            }
            for child in [left, right] {
                let place = usize::try_from(child).ok().filter(|&child| child > node);
                let Some(depth) = place.and_then(|child| depths.get_mut(child)) else {
                    return wrong(
                        node,
                        format!("its child is {child}, but must come after it, before {count}"),
                    );
                };
                if *depth != 0 {
                    return wrong(node, format!("its child {child} has another parent too"));
                }
                *depth = own + 1;
            }
        }
        Ok(())
    }

    /// The arrays.
    pub fn arrays(&self) -> &TreeArrays {
        &self.arrays
    }

    /// The number of nodes, leaves included.
    pub fn node_count(&self) -> usize {
        self.arrays.children_left.len()
    }

    /// The number of leaves.
    pub fn n_leaves(&self) -> usize {
        self.n_leaves
    }

    /// The number of splits on the longest way from the root to a leaf.
    pub fn max_depth(&self) -> usize {
        self.max_depth
    }

    /// The number of columns that rows must have.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The number of values of a node: the number of classes, or 1, for each output.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The value of a node: class fractions or the mean; empty past the last node.
    pub fn value(&self, node: usize) -> &[f64] {
        self.arrays.value.chunks_exact(self.width).nth(node).unwrap_or_default()
    }

    /// The children of a node, left and right; `None` for a leaf and past the last node.
    pub fn children(&self, node: usize) -> Option<(usize, usize)> {
        let left = *self.arrays.children_left.get(node)?;
        let right = *self.arrays.children_right.get(node)?;
        Some((usize::try_from(left).ok()?, usize::try_from(right).ok()?))
    }

    /// The number of splits from the root to each node.
    pub fn node_depths(&self) -> Vec<usize> {
        let mut depths = vec![0; self.node_count()];
        for node in 0..self.node_count() {
            if let Some((left, right)) = self.children(node) {
                depths[left] = depths[node] + 1;
                depths[right] = depths[node] + 1;
            }
        }
        depths
    }

    /// The number of splits from each node to the farthest of its leaves.
    pub(super) fn heights(&self) -> Vec<usize> {
        let mut heights = vec![0; self.node_count()];
        for node in (0..self.node_count()).rev() {
            if let Some((left, right)) = self.children(node) {
                heights[node] = heights[left].max(heights[right]) + 1;
            }
        }
        heights
    }

    /// How much each feature lowered the impurity, summing to 1; all zero for a tree that is one
    /// leaf. Also known as the Gini importance.
    pub fn feature_importances(&self) -> Vec<f64> {
        let mut importances = self.impurity_decreases();
        let sum = crate::numpy::pairwise_sum(&importances);
        if sum > 0.0 {
            for importance in &mut importances {
                *importance /= sum;
            }
        }
        importances
    }

    /// How much each feature lowered the impurity.
    pub(crate) fn impurity_decreases(&self) -> Vec<f64> {
        let arrays = &self.arrays;
        let mut importances = vec![0.0; self.n_features];
        let weighted = |node: usize| arrays.weighted_n_node_samples[node] * arrays.impurity[node];
        for node in 0..self.node_count() {
            if let Some((left, right)) = self.children(node) {
                importances[arrays.feature[node] as usize] +=
                    weighted(node) - weighted(left) - weighted(right);
            }
        }
        for importance in &mut importances {
            *importance /= arrays.weighted_n_node_samples[0];
        }
        importances
    }
}

/// A tree shows its size, not its nodes, of which there can be millions.
impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tree")
            .field("node_count", &self.node_count())
            .field("n_leaves", &self.n_leaves)
            .field("max_depth", &self.max_depth)
            .field("n_features", &self.n_features)
            .finish_non_exhaustive()
    }
}

/// What a node is when it is added to a tree that grows.
pub(super) struct NodeRecord {
    /// Feature, threshold, and whether missing values go left; `None` for a leaf.
    pub(super) split: Option<(usize, f64, bool)>,
    pub(super) impurity: f64,
    pub(super) samples: usize,
    pub(super) weight: f64,
}

/// A tree that grows.
pub(super) struct Growing {
    arrays: TreeArrays,
    /// The values of the nodes, appended by whoever adds a node.
    pub(super) values: Vec<f64>,
    width: usize,
}

impl Growing {
    /// What a node takes, with a single value.
    pub(super) const BYTES_A_NODE: usize =
        4 * size_of::<i32>() + 4 * size_of::<f64>() + size_of::<bool>();

    pub(super) fn new(width: usize) -> Self {
        Growing { arrays: TreeArrays::default(), values: Vec::new(), width }
    }

    /// A tree that grows to at most `most_nodes` nodes. Room for them is only asked for: the system
    /// gives memory where it is used, and arrays that need not move leave no gaps. Where there is
    /// not enough, they grow step by step.
    pub(super) fn with_room(width: usize, most_nodes: usize) -> Self {
        let mut growing = Growing::new(width);
        match growing.ask(most_nodes) {
            Ok(()) => growing,
            Err(_) => Growing::new(width),
        }
    }

    fn ask(&mut self, nodes: usize) -> Result<(), TryReserveError> {
        each_array!(self.arrays, (_, array) => array.try_reserve_exact(nodes)?);
        // a tree of classes seldom has as many nodes as it might
        if self.width == 1 {
            self.values.try_reserve_exact(nodes)?;
        }
        // as much must be left for all else that a fit needs
        Vec::<u8>::new().try_reserve_exact(nodes.saturating_mul(Self::BYTES_A_NODE))
    }

    /// The number of nodes so far.
    pub(super) fn node_count(&self) -> usize {
        self.arrays.children_left.len()
    }

    /// Adds a node as the left (`true`) or right child of its parent, and returns its number.
    pub(super) fn add(&mut self, parent: Option<(usize, bool)>, node: NodeRecord) -> usize {
        let arrays = &mut self.arrays;
        let id = arrays.children_left.len();
        match parent {
            Some((parent, true)) => arrays.children_left[parent] = id as i32,
            Some((parent, false)) => arrays.children_right[parent] = id as i32,
            None => {}
        }
        let (feature, threshold, missing) =
            node.split.map_or((-2, -2.0, false), |(feature, threshold, missing)| {
                (feature as i32, threshold, missing)
            });
        arrays.children_left.push(-1);
        arrays.children_right.push(-1);
        arrays.feature.push(feature);
        arrays.threshold.push(threshold);
        arrays.impurity.push(node.impurity);
        arrays.n_node_samples.push(node.samples as i32);
        arrays.weighted_n_node_samples.push(node.weight);
        arrays.missing_go_to_left.push(missing);
        id
    }

    /// Makes a leaf of a node that has not been given children. As in scikit-learn, it keeps its
    /// direction for missing values.
    pub(super) fn make_leaf(&mut self, id: usize) {
        self.arrays.feature[id] = -2;
        self.arrays.threshold[id] = -2.0;
    }

    pub(super) fn finish(mut self, n_features: usize) -> Result<Tree, Error> {
        if self.values.iter().any(|value| !value.is_finite()) {
            return Err(Error::Overflow);
        }
        self.arrays.value = self.values;
        self.arrays.shrink();
        Tree::new(self.arrays, n_features, self.width)
    }
}
