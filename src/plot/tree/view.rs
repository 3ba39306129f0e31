//! A tree that is drawn, with all that a picture asks of it at hand.

use crate::model::{self, Question, TreeModel, TreeNodes};
use crate::plot::Error;

/// A tree with all that a picture asks for at hand.
pub(super) struct View<'a> {
    model: &'a dyn TreeModel,
    nodes: Box<dyn TreeNodes + 'a>,
    pub(super) classes: Vec<String>,
    /// The children of each node, which come after it.
    pub(super) children: Vec<Option<(usize, usize)>>,
    pub(super) depths: Vec<usize>,
    /// The least and the greatest of the nodes' estimates.
    range: (f64, f64),
}

impl<'a> View<'a> {
    /// # Errors
    /// [`Error::Empty`] without nodes, [`Error::Model`] where the nodes are not one tree.
    pub(super) fn new(model: &'a dyn TreeModel) -> Result<Self, Error> {
        let nodes = model.tree_nodes();
        let count = nodes.node_count();
        if count == 0 {
            return Err(Error::Empty { what: "nodes" });
        }
        let children: Vec<_> = (0..count).map(|node| nodes.children(node)).collect();
        let depths = depths(&children)?;
        let classes = model.abilities().classifier.map(|classifier| classifier.classes());
        let classes =
            classes.map(|classes| classes.iter().map(|class| class.to_string()).collect());
        let estimates = (0..count).filter_map(|node| nodes.estimate(node));
        let range = estimates.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        Ok(View { model, nodes, classes: classes.unwrap_or_default(), children, depths, range })
    }

    /// Whether the tree estimates numbers, and knows no classes.
    pub(super) fn is_regressor(&self) -> bool {
        self.model.abilities().classifier.is_none()
    }

    /// The number of columns of a row.
    pub(super) fn columns(&self) -> usize {
        self.model.n_features()
    }

    pub(super) fn feature_names(&self) -> Option<&[String]> {
        self.model.feature_names()
    }

    /// scikit-learn's name of what the impurity measures; `None` where it is not kept.
    pub(super) fn criterion(&self) -> Option<&'static str> {
        self.model.criterion()
    }

    pub(super) fn depth(&self) -> usize {
        self.depths.iter().copied().max().unwrap_or(0)
    }

    pub(super) fn n_leaves(&self) -> usize {
        self.children.iter().filter(|children| children.is_none()).count()
    }

    pub(super) fn question(&self, node: usize) -> Option<Question> {
        self.nodes.question(node)
    }

    pub(super) fn impurity(&self, node: usize) -> Option<f64> {
        self.nodes.impurity(node)
    }

    /// By how much the split lowers the impurity, for a tree that keeps no impurities.
    pub(super) fn impurity_decrease(&self, node: usize) -> Option<f64> {
        self.nodes.impurity_decrease(node)
    }

    /// How many training rows reached the node.
    pub(super) fn samples(&self, node: usize) -> Option<usize> {
        self.nodes.samples(node)
    }

    /// A regressor's estimate.
    pub(super) fn estimate(&self, node: usize) -> Option<f64> {
        self.nodes.estimate(node)
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
    pub(super) fn fractions(&self, node: usize) -> &[f64] {
        self.nodes.fractions(node)
    }

    /// The weight of each class, which is its number of rows unless rows are weighted.
    pub(super) fn weights(&self, node: usize) -> Vec<f64> {
        let weight = self.nodes.weight(node).unwrap_or(0.0);
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
        self.nodes.class(node)
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
    /// As [`TreeNodes::path`].
    pub(super) fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error> {
        let path = self.nodes.path(row)?;
        match path.iter().find(|&&node| node >= self.children.len()) {
            None => Ok(path),
            Some(&node) => Err(broken(node, "a row passes it, and it is not there")),
        }
    }
}

/// The depth of each node, if the nodes are one tree: no child comes before its parent, or has two,
/// and none but the root has no parent.
fn depths(children: &[Option<(usize, usize)>]) -> Result<Vec<usize>, Error> {
    let mut depths = vec![0; children.len()];
    for (node, children) in children.iter().enumerate() {
        let depth = match depths.get(node) {
            Some(0) if node > 0 => return Err(broken(node, "it is no node's child")),
            depth => depth.copied().unwrap_or(0) + 1,
        };
        let Some((left, right)) = *children else { continue };
        for child in [left, right] {
            match depths.get_mut(child) {
                Some(below) if child > node && *below == 0 => *below = depth,
                _ => {
                    let problem = format!("its child {child} is none of the nodes after it");
                    return Err(broken(node, problem));
                }
            }
        }
    }
    Ok(depths)
}

fn broken(node: usize, problem: impl Into<String>) -> Error {
    model::Error::Node { node, problem: problem.into() }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_tree_has_depths() {
        let leaf = None;
        let deep = [Some((1, 2)), leaf, Some((3, 4)), leaf, leaf];
        assert_eq!(depths(&deep).expect("a tree"), [0, 1, 1, 2, 2]);
        let wrong = [
            (vec![Some((0, 1)), leaf], "node 0: its child 0"),
            (vec![Some((1, 1)), leaf], "node 0: its child 1"),
            (vec![Some((1, 5)), leaf], "node 0: its child 5"),
            (vec![Some((1, 2)), Some((2, 3)), leaf, leaf], "node 1: its child 2"),
            (vec![leaf, leaf], "node 1: it is no node's child"),
        ];
        for (children, problem) in wrong {
            let error = depths(&children).expect_err("no tree").to_string();
            assert!(error.contains(problem), "{error}");
        }
    }
}
