//! Grows a tree: depth first, or best first when the number of leaves is limited.
//!
//! Source: `DepthFirstTreeBuilder` and `BestFirstTreeBuilder` in `sklearn/tree/_tree.pyx`. The
//! nodes come in the same order, with the same contents.

use std::cmp::Ordering;

use super::heap::{self, Improvement};
use crate::tree::Error;
use crate::tree::check::MOST_VALUES;
use crate::tree::nodes::{Growing, NodeRecord};

/// Impurities up to this count as zero: the rounding of float64.
const EPSILON: f64 = f64::EPSILON;

/// Whether so many nodes, each with so many values, may make a tree.
pub(super) fn check_values(nodes: usize, width: usize) -> Result<(), Error> {
    match nodes.saturating_mul(width) > MOST_VALUES {
        true => Err(Error::TooManyValues { nodes, classes: width, most: MOST_VALUES }),
        false => Ok(()),
    }
}

/// The limits of growth, after fractions have become counts.
#[derive(Debug, Clone)]
pub(crate) struct GrowthLimits {
    pub(crate) max_depth: usize,
    pub(crate) min_samples_split: usize,
    pub(crate) min_samples_leaf: usize,
    pub(crate) min_weight_leaf: f64,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) max_features: usize,
    pub(crate) random_state: u32,
}

impl GrowthLimits {
    /// Whether a node of this depth and this many rows is a leaf, whatever its rows are.
    pub(super) fn stop(&self, depth: usize, rows: usize, weight: f64, impurity: f64) -> bool {
        depth >= self.max_depth
            || rows < self.min_samples_split
            || rows < 2 * self.min_samples_leaf
            || weight < 2.0 * self.min_weight_leaf
            || impurity <= EPSILON
    }

    /// Whether nothing but the rows themselves ends the growth.
    pub(super) fn until_pure(&self) -> bool {
        self.max_depth >= i32::MAX as usize
            && self.min_samples_split <= 2
            && self.min_samples_leaf <= 1
            && self.min_weight_leaf == 0.0
            && self.min_impurity_decrease == 0.0
            && self.max_leaf_nodes.is_none()
    }

    /// The most nodes that a tree of this many rows can have.
    fn most_nodes(&self, rows: usize) -> usize {
        let by_depth =
            u32::try_from(self.max_depth).ok().and_then(|depth| 1_usize.checked_shl(depth));
        let leaves = (rows / self.min_samples_leaf.max(1))
            // what is split has at least that many rows, and loses at least one
            .min(rows.saturating_sub(self.min_samples_split).saturating_add(2))
            .min(by_depth.unwrap_or(rows))
            .min(self.max_leaf_nodes.unwrap_or(rows));
        2 * leaves.max(1) - 1
    }

    /// Whether a split improves the tree enough. What is not a number does, as in scikit-learn.
    pub(super) fn enough(&self, improvement: f64) -> bool {
        (improvement + EPSILON).partial_cmp(&self.min_impurity_decrease) != Some(Ordering::Less)
    }
}

/// How a node is split in two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub(super) feature: usize,
    pub(super) threshold: f64,
    pub(super) missing_go_to_left: bool,
    /// The place of the first row of the right child, between the node's `start` and `end`.
    pub(super) position: usize,
    pub(super) improvement: f64,
    pub(super) impurity_left: f64,
    pub(super) impurity_right: f64,
    /// What the splitter keeps of the children until they are entered.
    pub(super) left: u32,
    pub(super) right: u32,
}

/// Finds splits. It keeps the rows, in an order such that every node's are side by side.
pub(super) trait Splitter {
    /// The number of rows that count.
    fn rows(&self) -> usize;
    /// What the splitter keeps of the root.
    fn root(&mut self) -> u32;
    /// Enters the node of the rows `start..end`, and returns their weight.
    fn enter(&mut self, start: usize, end: usize, kept: u32) -> f64;
    /// Says that no node will be entered any more that has a row before `start`, and how many
    /// nodes the tree has.
    fn release(&mut self, start: usize, nodes: usize);
    /// The impurity of the node entered.
    fn impurity(&self) -> f64;
    /// Appends the value of the node entered, after the search for a split: that may have changed
    /// the order of its rows, and with it the rounding.
    fn value(&self, values: &mut Vec<f64>);
    /// The best split of the node entered, if it improves the tree enough, and how many features
    /// its children know to be constant, of the `constants` that it knows itself. `depth` is the
    /// node's.
    fn split(
        &mut self,
        impurity: f64,
        constants: usize,
        depth: usize,
        limits: &GrowthLimits,
    ) -> (Option<Split>, usize);
}

/// Grows a whole tree.
pub(super) fn grow(
    splitter: &mut impl Splitter,
    limits: &GrowthLimits,
    width: usize,
) -> Result<Growing, Error> {
    match limits.max_leaf_nodes {
        None => depth_first(splitter, limits, width),
        Some(leaves) => best_first(splitter, limits, width, leaves),
    }
}

struct Pending {
    start: usize,
    end: usize,
    depth: usize,
    parent: Option<(usize, bool)>,
    impurity: f64,
    constants: usize,
    kept: u32,
}

fn depth_first(
    splitter: &mut impl Splitter,
    limits: &GrowthLimits,
    width: usize,
) -> Result<Growing, Error> {
    let mut tree = Growing::with_room(width, limits.most_nodes(splitter.rows()));
    let mut stack = vec![Pending {
        start: 0,
        end: splitter.rows(),
        depth: 0,
        parent: None,
        impurity: f64::INFINITY,
        constants: 0,
        kept: splitter.root(),
    }];
    while let Some(node) = stack.pop() {
        let Pending { start, end, depth, parent, .. } = node;
        splitter.release(start, tree.node_count());
        let weight = splitter.enter(start, end, node.kept);
        let impurity = if parent.is_none() { splitter.impurity() } else { node.impurity };
        let (split, constants) = match limits.stop(depth, end - start, weight, impurity) {
            true => (None, 0),
            false => splitter.split(impurity, node.constants, depth, limits),
        };
        splitter.value(&mut tree.values);
        let id = tree.add(
            parent,
            NodeRecord {
                split: split.map(|s| (s.feature, s.threshold, s.missing_go_to_left)),
                impurity,
                samples: end - start,
                weight,
            },
        );
        if let Some(split) = split {
            let child = |start, end, left: bool| Pending {
                start,
                end,
                depth: depth + 1,
                parent: Some((id, left)),
                impurity: if left { split.impurity_left } else { split.impurity_right },
                constants,
                kept: if left { split.left } else { split.right },
            };
            stack.push(child(split.position, end, false));
            stack.push(child(start, split.position, true));
        }
        // those that wait become nodes too
        check_values(tree.node_count() + stack.len(), width)?;
    }
    Ok(tree)
}

struct Frontier {
    id: usize,
    start: usize,
    end: usize,
    depth: usize,
    split: Option<Split>,
}

impl Improvement for Frontier {
    fn improvement(&self) -> f64 {
        self.split.map_or(0.0, |split| split.improvement)
    }
}

fn best_first(
    splitter: &mut impl Splitter,
    limits: &GrowthLimits,
    width: usize,
    leaves: usize,
) -> Result<Growing, Error> {
    let mut tree = Growing::with_room(width, limits.most_nodes(splitter.rows()));
    let mut splits_left = leaves.saturating_sub(1);
    let mut frontier = Vec::new();
    let end = splitter.rows();
    let kept = splitter.root();
    let root = add_to_frontier(splitter, limits, &mut tree, (0, end, kept), 0, None);
    heap::push(&mut frontier, root);
    while let Some(Frontier { id, start, end, depth, split }) = heap::pop(&mut frontier) {
        match split {
            Some(split) if splits_left > 0 => {
                splits_left -= 1;
                let left = (start, split.position, split.left);
                let parent = Some((id, true, split.impurity_left));
                let left = add_to_frontier(splitter, limits, &mut tree, left, depth + 1, parent);
                let right = (split.position, end, split.right);
                let parent = Some((id, false, split.impurity_right));
                let right = add_to_frontier(splitter, limits, &mut tree, right, depth + 1, parent);
                heap::push(&mut frontier, left);
                heap::push(&mut frontier, right);
            }
            _ => tree.make_leaf(id),
        }
        check_values(tree.node_count(), width)?;
    }
    Ok(tree)
}

fn add_to_frontier(
    splitter: &mut impl Splitter,
    limits: &GrowthLimits,
    tree: &mut Growing,
    (start, end, kept): (usize, usize, u32),
    depth: usize,
    parent: Option<(usize, bool, f64)>,
) -> Frontier {
    let weight = splitter.enter(start, end, kept);
    let impurity = parent.map_or_else(|| splitter.impurity(), |(_, _, impurity)| impurity);
    let split = match limits.stop(depth, end - start, weight, impurity) {
        true => None,
        false => splitter.split(impurity, 0, depth, limits).0,
    };
    splitter.value(&mut tree.values);
    let id = tree.add(
        parent.map(|(id, left, _)| (id, left)),
        NodeRecord {
            split: split.map(|s| (s.feature, s.threshold, s.missing_go_to_left)),
            impurity,
            samples: end - start,
            weight,
        },
    );
    Frontier { id, start, end, depth, split }
}
