//! What a picture asks of a tree.

use super::Error;

/// The nodes of a tree: the root is node 0, and each child comes after its parent.
///
/// Of a node that is not there, nothing is known.
///
/// ```
/// use picklebook::model::TreeModel;
/// use picklebook::prelude::*;
///
/// let scales = [[1.0, 5.0], [3.0, 2.0], [4.0, 1.0], [2.0, 4.0]];
/// let side = Labels::from(["R", "L", "L", "R"]);
/// let params = DecisionTreeClassifier::params().random_state(100);
/// let tree = params.fit_weighted(&scales, &side, None)?;
/// let nodes = tree.tree_nodes();
/// assert_eq!((nodes.node_count(), nodes.samples(0)), (3, Some(4)));
/// let question = nodes.question(0).expect("the root is no leaf");
/// assert_eq!((question.feature, question.threshold, question.strict), (0, 2.5, false));
/// assert_eq!(nodes.path(&[5.0, 1.0])?, [0, 2]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait TreeNodes {
    /// How many nodes there are.
    fn node_count(&self) -> usize;

    /// The left and the right child; `None` for a leaf.
    fn children(&self, node: usize) -> Option<(usize, usize)>;

    /// What is asked of rows here; `None` for a leaf.
    fn question(&self, node: usize) -> Option<Question>;

    /// How mixed the training rows here are, as the tree's criterion measures it.
    fn impurity(&self, _node: usize) -> Option<f64> {
        None
    }

    /// By how much the split lowers the impurity.
    fn impurity_decrease(&self, _node: usize) -> Option<f64> {
        None
    }

    /// How many training rows reached the node.
    fn samples(&self, _node: usize) -> Option<usize> {
        None
    }

    /// The sum of the weights of the training rows that reached the node: their number where all
    /// count the same.
    fn weight(&self, _node: usize) -> Option<f64> {
        None
    }

    /// The fraction of each class, in the order of the model's classes; empty where it is not kept.
    fn fractions(&self, _node: usize) -> &[f64] {
        &[]
    }

    /// The class that the node predicts, by its place among the model's classes.
    fn class(&self, _node: usize) -> Option<usize> {
        None
    }

    /// The number that the node estimates.
    fn estimate(&self, _node: usize) -> Option<f64> {
        None
    }

    /// The nodes that a row passes, from the root to its leaf.
    ///
    /// # Errors
    /// When the row has not one value a column, or a value is one that the model does not take.
    fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error>;
}

/// The question that a node asks: whether a feature is at most a threshold, or below it. Rows for
/// which that is true go left.
///
/// ```
/// use picklebook::model::Question;
///
/// let question = Question { feature: 0, threshold: 2.5, strict: false };
/// let goes_left = |row: &[f64]| row[question.feature] <= question.threshold;
/// assert!(goes_left(&[2.5]) && !goes_left(&[2.6]));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Question {
    /// The feature's column, counted from 0.
    pub feature: usize,
    /// What the feature is compared with. An infinite one tells missing values from all others: ∞
    /// asks whether there is a value, −∞ whether it is missing.
    pub threshold: f64,
    /// Whether the feature must be below the threshold: equal to it goes right.
    pub strict: bool,
}
