//! What linfa-trees' tree answers when it is asked as a model.

use ndarray::aview1;

use super::tree::{LinfaNode, LinfaTree};
use crate::data::{Features, Labels, Schema};
use crate::model::{Abilities, Classifier, Model, Question, TreeModel, TreeNodes};
use crate::tree::Error;

impl Model for LinfaTree {
    fn name(&self) -> &'static str {
        "LinfaTree"
    }

    fn n_features(&self) -> usize {
        self.feature_names().len()
    }

    fn feature_names(&self) -> Option<&[String]> {
        Some(self.feature_names())
    }

    fn schema(&self) -> Option<&Schema> {
        self.schema()
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).tree(self)
    }
}

impl Classifier for LinfaTree {
    fn classes(&self) -> &Labels {
        self.classes()
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        self.predict_named(features)
    }
}

impl TreeModel for LinfaTree {
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_> {
        Box::new(Nodes { tree: self, nodes: self.nodes() })
    }
}

/// The tree with its nodes as a list.
struct Nodes<'a> {
    tree: &'a LinfaTree,
    nodes: Vec<LinfaNode>,
}

/// linfa-trees keeps no impurities, no counts, and classes for leaves only.
impl TreeNodes for Nodes<'_> {
    fn node_count(&self) -> usize {
        self.nodes.len()
    }

    fn children(&self, node: usize) -> Option<(usize, usize)> {
        match self.nodes.get(node)? {
            LinfaNode::Split { left, right, .. } => Some((*left, *right)),
            LinfaNode::Leaf { .. } => None,
        }
    }

    fn question(&self, node: usize) -> Option<Question> {
        match self.nodes.get(node)? {
            LinfaNode::Split { feature, threshold, .. } => {
                Some(Question { feature: *feature, threshold: *threshold, strict: true })
            }
            LinfaNode::Leaf { .. } => None,
        }
    }

    fn impurity_decrease(&self, node: usize) -> Option<f64> {
        match self.nodes.get(node)? {
            LinfaNode::Split { impurity_decrease, .. } => Some(*impurity_decrease),
            LinfaNode::Leaf { .. } => None,
        }
    }

    fn class(&self, node: usize) -> Option<usize> {
        match self.nodes.get(node)? {
            LinfaNode::Leaf { class } => {
                self.tree.classes().iter().position(|other| other == *class)
            }
            LinfaNode::Split { .. } => None,
        }
    }

    fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error> {
        // Refuses what the tree does not take.
        self.tree.predict_features(aview1(row).insert_axis(ndarray::Axis(0)))?;
        let next = |&node: &usize| match self.nodes.get(node)? {
            LinfaNode::Split { feature, threshold, left, right, .. } => {
                let goes_left = row.get(*feature)? < threshold;
                Some(if goes_left { *left } else { *right })
            }
            LinfaNode::Leaf { .. } => None,
        };
        Ok(std::iter::successors(Some(0), next).collect())
    }
}
