//! The trees that can be drawn, as one: what a picture asks of a node.

use ndarray::{ArrayView2, aview1};

use crate::plot::Error;
use crate::tree::{
    DecisionTreeClassifier, DecisionTreeRegressor, LinfaNode, LinfaTree, Tree, first_greatest,
};

/// A tree that can be drawn: a reference to any of the crate's trees becomes one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum TreeModel<'a> {
    /// A tree that tells classes apart.
    Classifier(&'a DecisionTreeClassifier),
    /// A tree that estimates numbers.
    Regressor(&'a DecisionTreeRegressor),
    /// A tree of linfa-trees, which keeps no impurities and no counts.
    Linfa(&'a LinfaTree),
}

impl<'a> From<&'a DecisionTreeClassifier> for TreeModel<'a> {
    fn from(tree: &'a DecisionTreeClassifier) -> Self {
        TreeModel::Classifier(tree)
    }
}

impl<'a> From<&'a DecisionTreeRegressor> for TreeModel<'a> {
    fn from(tree: &'a DecisionTreeRegressor) -> Self {
        TreeModel::Regressor(tree)
    }
}

impl<'a> From<&'a LinfaTree> for TreeModel<'a> {
    fn from(tree: &'a LinfaTree) -> Self {
        TreeModel::Linfa(tree)
    }
}

/// The question that a node asks: whether a feature is at most a threshold, or below it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question {
    pub(super) feature: usize,
    pub(super) threshold: f64,
    /// Equal to the threshold goes right.
    pub(super) strict: bool,
}

/// A tree with all that a picture asks for at hand.
pub(super) struct View<'a> {
    model: TreeModel<'a>,
    linfa: Vec<LinfaNode>,
    pub(super) classes: Vec<String>,
    /// The children of each node, which come after it.
    pub(super) children: Vec<Option<(usize, usize)>>,
    pub(super) depths: Vec<usize>,
    /// The least and the greatest value of a regressor's nodes.
    range: (f64, f64),
}

impl<'a> View<'a> {
    pub(super) fn new(model: TreeModel<'a>) -> Self {
        let linfa = match model {
            TreeModel::Linfa(tree) => tree.nodes(),
            _ => Vec::new(),
        };
        let classes = match model {
            TreeModel::Classifier(tree) => Some(tree.classes()),
            TreeModel::Linfa(tree) => Some(tree.classes()),
            TreeModel::Regressor(_) => None,
        };
        let classes =
            classes.map(|classes| classes.iter().map(|class| class.to_string()).collect());
        let children = match tree_of(model) {
            Some(tree) => (0..tree.node_count()).map(|node| tree.children(node)).collect(),
            None => linfa.iter().map(linfa_children).collect::<Vec<_>>(),
        };
        let mut depths = vec![0; children.len()];
        for (node, children) in children.iter().enumerate() {
            if let Some((left, right)) = *children {
                depths[left] = depths[node] + 1;
                depths[right] = depths[node] + 1;
            }
        }
        let range = match model {
            TreeModel::Regressor(tree) => {
                let values = tree.tree().arrays().value.iter();
                values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
                    (low.min(value), high.max(value))
                })
            }
            _ => (0.0, 0.0),
        };
        View { model, linfa, classes: classes.unwrap_or_default(), children, depths, range }
    }

    pub(super) fn tree(&self) -> Option<&'a Tree> {
        tree_of(self.model)
    }

    pub(super) fn is_regressor(&self) -> bool {
        matches!(self.model, TreeModel::Regressor(_))
    }

    /// The number of columns of a row.
    pub(super) fn columns(&self) -> usize {
        match self.model {
            TreeModel::Linfa(tree) => tree.feature_names().len(),
            TreeModel::Classifier(tree) => tree.tree().n_features(),
            TreeModel::Regressor(tree) => tree.tree().n_features(),
        }
    }

    pub(super) fn feature_names(&self) -> Option<&'a [String]> {
        match self.model {
            TreeModel::Classifier(tree) => tree.feature_names(),
            TreeModel::Regressor(tree) => tree.feature_names(),
            TreeModel::Linfa(tree) => Some(tree.feature_names()),
        }
    }

    /// scikit-learn's name of what the impurity measures; `None` where it is not kept.
    pub(super) fn criterion(&self) -> Option<&'static str> {
        match self.model {
            TreeModel::Classifier(tree) => Some(tree.parameters().criterion.name()),
            TreeModel::Regressor(tree) => Some(tree.parameters().criterion.name()),
            TreeModel::Linfa(_) => None,
        }
    }

    pub(super) fn depth(&self) -> usize {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    pub(super) fn n_leaves(&self) -> usize {
        self.children.iter().filter(|children| children.is_none()).count()
    }

    pub(super) fn question(&self, node: usize) -> Option<Question> {
        let Some(tree) = self.tree() else {
            return match self.linfa.get(node)? {
                LinfaNode::Split { feature, threshold, .. } => {
                    Some(Question { feature: *feature, threshold: *threshold, strict: true })
                }
                LinfaNode::Leaf { .. } => None,
            };
        };
        let arrays = tree.arrays();
        let feature = usize::try_from(*arrays.feature.get(node)?).ok()?;
        let threshold = *arrays.threshold.get(node)?;
        tree.children(node).map(|_| Question { feature, threshold, strict: false })
    }

    pub(super) fn impurity(&self, node: usize) -> Option<f64> {
        self.tree()?.arrays().impurity.get(node).copied()
    }

    /// By how much linfa's split lowers the impurity.
    pub(super) fn impurity_decrease(&self, node: usize) -> Option<f64> {
        match self.linfa.get(node)? {
            LinfaNode::Split { impurity_decrease, .. } => Some(*impurity_decrease),
            LinfaNode::Leaf { .. } => None,
        }
    }

    /// How many training rows reached the node.
    pub(super) fn samples(&self, node: usize) -> Option<i32> {
        self.tree()?.arrays().n_node_samples.get(node).copied()
    }

    /// A regressor's estimate.
    pub(super) fn estimate(&self, node: usize) -> Option<f64> {
        match self.model {
            TreeModel::Regressor(tree) => tree.tree().value(node).first().copied(),
            _ => None,
        }
    }

    /// Where the estimate lies between the least and the greatest: from 0 to 1.
    pub(super) fn place_in_range(&self, estimate: f64) -> f64 {
        let (low, high) = self.range;
        match (estimate - low) / (high - low) {
            place if place.is_finite() => place,
            _ => 0.0,
        }
    }

    /// The fraction of each class; empty where it is not kept.
    pub(super) fn fractions(&self, node: usize) -> &'a [f64] {
        match self.model {
            TreeModel::Classifier(tree) => tree.tree().value(node),
            _ => &[],
        }
    }

    /// The weight of each class, which is its number of rows unless rows are weighted.
    pub(super) fn weights(&self, node: usize) -> Vec<f64> {
        let weights = self.tree().map(|tree| &tree.arrays().weighted_n_node_samples);
        let weight = weights.and_then(|weights| weights.get(node)).copied().unwrap_or(0.0);
        // A fraction of n rows times n may be off by a bit.
        let whole = |number: f64| match number.round() {
            whole if (number - whole).abs() <= 1e-9 * whole.abs().max(1.0) => whole,
            _ => number,
        };
        self.fractions(node).iter().map(|fraction| whole(fraction * weight)).collect()
    }

    /// The class that the node predicts, by its place: the first of those with the greatest
    /// fraction. linfa keeps it for leaves only.
    pub(super) fn class(&self, node: usize) -> Option<usize> {
        if let Some(LinfaNode::Leaf { class }) = self.linfa.get(node) {
            let class = class.to_string();
            return self.classes.iter().position(|other| *other == class);
        }
        let fractions = self.fractions(node);
        (!fractions.is_empty()).then(|| first_greatest(fractions))
    }

    /// How much the node's class stands out, as scikit-learn colours it: 1 when there is no
    /// other, 0 when another is as frequent.
    pub(super) fn purity(&self, node: usize) -> f64 {
        let mut fractions = self.fractions(node).to_vec();
        fractions.sort_unstable_by(|a, b| b.total_cmp(a));
        match fractions[..] {
            [first, second, ..] if second < 1.0 => (first - second) / (1.0 - second),
            _ => 1.0,
        }
    }

    /// The nodes that a row passes, from the root to its leaf.
    ///
    /// # Errors
    /// As the tree's own `predict_row`.
    pub(super) fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error> {
        let rows: ArrayView2<'_, f64> = aview1(row).insert_axis(ndarray::Axis(0));
        let leaf = match self.model {
            TreeModel::Classifier(tree) => tree.apply(rows)?.first().copied(),
            TreeModel::Regressor(tree) => tree.apply(rows)?.first().copied(),
            TreeModel::Linfa(tree) => {
                tree.predict_row(row)?;
                return Ok(self.linfa_path(row));
            }
        };
        let mut parents = vec![None; self.children.len()];
        for (node, children) in self.children.iter().enumerate() {
            if let Some((left, right)) = *children {
                parents[left] = Some(node);
                parents[right] = Some(node);
            }
        }
        let mut path: Vec<usize> =
            std::iter::successors(leaf, |&node| parents.get(node).copied().flatten()).collect();
        path.reverse();
        Ok(path)
    }

    fn linfa_path(&self, row: &[f64]) -> Vec<usize> {
        let next = |&node: &usize| match self.linfa.get(node)? {
            LinfaNode::Split { feature, threshold, left, right, .. } => {
                let goes_left = row.get(*feature)? < threshold;
                Some(if goes_left { *left } else { *right })
            }
            LinfaNode::Leaf { .. } => None,
        };
        std::iter::successors(Some(0), next).collect()
    }
}

fn tree_of(model: TreeModel<'_>) -> Option<&Tree> {
    match model {
        TreeModel::Classifier(tree) => Some(tree.tree()),
        TreeModel::Regressor(tree) => Some(tree.tree()),
        TreeModel::Linfa(_) => None,
    }
}

fn linfa_children(node: &LinfaNode) -> Option<(usize, usize)> {
    match node {
        LinfaNode::Split { left, right, .. } => Some((*left, *right)),
        LinfaNode::Leaf { .. } => None,
    }
}
