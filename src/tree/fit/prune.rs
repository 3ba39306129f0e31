//! Minimal cost-complexity pruning.
//!
//! Source: `_cost_complexity_prune` and `_build_pruned_tree` in `sklearn/tree/_tree.pyx`.

use crate::tree::Error;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::tree::nodes::{Growing, NodeRecord, Tree};

/// Cuts off branches, weakest link first, as long as that costs less than `alpha` a leaf.
pub(super) fn prune(tree: &Tree, alpha: f64) -> Result<Tree, Error> {
    let leaves = pruned_leaves(tree, alpha);
    rebuild(tree, &leaves)
}

/// Which nodes are leaves of the pruned tree.
fn pruned_leaves(tree: &Tree, alpha: f64) -> Vec<bool> {
    let arrays = tree.arrays();
    let count = tree.node_count();
    let total = arrays.weighted_n_node_samples[0];
    let cost: Vec<f64> = arrays
        .weighted_n_node_samples
        .iter()
        .zip(&arrays.impurity)
        .map(|(weight, impurity)| weight * impurity / total)
        .collect();
    let mut parent = vec![usize::MAX; count];
    for node in 0..count {
        if let Some((left, right)) = tree.children(node) {
            parent[left] = node;
            parent[right] = node;
        }
    }
    let ancestors = |node: usize| {
        std::iter::successors(Some(parent[node]), |&node| parent.get(node).copied())
            .take_while(|&node| node != usize::MAX)
    };
    let mut leaf: Vec<bool> = (0..count).map(|node| tree.children(node).is_none()).collect();
    let mut leaves = vec![0_i64; count];
    let mut branch_cost = vec![0.0; count];
    for node in (0..count).filter(|&node| leaf[node]) {
        branch_cost[node] = cost[node];
        for ancestor in ancestors(node) {
            branch_cost[ancestor] += cost[node];
            leaves[ancestor] += 1;
        }
    }
    let mut candidate: Vec<bool> = leaf.iter().map(|leaf| !leaf).collect();
    let mut in_tree = vec![true; count];
    // Prices change when a branch below is cut off: then the node is in the heap more than once,
    // and its last price counts.
    let mut prices = vec![f64::NAN; count];
    let mut heap = BinaryHeap::new();
    let price = |cost: &[f64], branch_cost: &[f64], leaves: &[i64], node: usize| {
        (cost[node] - branch_cost[node]) / (leaves[node] - 1) as f64
    };
    for node in (0..count).filter(|&node| candidate[node]) {
        prices[node] = price(&cost, &branch_cost, &leaves, node);
        heap.push(Offer { price: prices[node], node });
    }
    while candidate[0] {
        let current = |offer: &Offer| {
            candidate[offer.node] && prices[offer.node].to_bits() == offer.price.to_bits()
        };
        let weakest = std::iter::from_fn(|| heap.pop()).find(current);
        let Some(Offer { price: weakest, node }) = weakest else { break };
        // scikit-learn looks for a price below the greatest float
        if alpha < weakest || weakest.is_nan() || weakest >= f64::MAX {
            break;
        }
        let mut cut = vec![node];
        while let Some(below) = cut.pop() {
            if !in_tree[below] {
                continue;
            }
            candidate[below] = false;
            leaf[below] = false;
            in_tree[below] = false;
            cut.extend(tree.children(below).into_iter().flat_map(|(left, right)| [left, right]));
        }
        leaf[node] = true;
        in_tree[node] = true;
        let lost = leaves[node] - 1;
        leaves[node] = 0;
        let increase = cost[node] - branch_cost[node];
        branch_cost[node] = cost[node];
        for ancestor in ancestors(node) {
            leaves[ancestor] -= lost;
            branch_cost[ancestor] += increase;
            prices[ancestor] = price(&cost, &branch_cost, &leaves, ancestor);
            heap.push(Offer { price: prices[ancestor], node: ancestor });
        }
    }
    leaf
}

/// What a leaf costs that is saved by cutting off the branch below a node. The greatest offer is
/// that of the lowest price, and of the first node among equals.
struct Offer {
    price: f64,
    node: usize,
}

impl Ord for Offer {
    fn cmp(&self, other: &Self) -> Ordering {
        // adding 0 makes both zeros equal
        let price = (other.price + 0.0).total_cmp(&(self.price + 0.0));
        price.then_with(|| other.node.cmp(&self.node))
    }
}

impl PartialOrd for Offer {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Offer {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Offer {}

fn rebuild(tree: &Tree, leaf: &[bool]) -> Result<Tree, Error> {
    let arrays = tree.arrays();
    let mut pruned = Growing::new(tree.width());
    let mut stack = vec![(0, None)];
    while let Some((node, parent)) = stack.pop() {
        let children = tree.children(node).filter(|_| !leaf[node]);
        let split = children.map(|_| {
            let feature = arrays.feature[node] as usize;
            (feature, arrays.threshold[node], arrays.missing_go_to_left[node])
        });
        pruned.values.extend_from_slice(tree.value(node));
        let id = pruned.add(
            parent,
            NodeRecord {
                split,
                impurity: arrays.impurity[node],
                samples: arrays.n_node_samples[node] as usize,
                weight: arrays.weighted_n_node_samples[node],
            },
        );
        if let Some((left, right)) = children {
            stack.push((right, Some((id, false))));
            stack.push((left, Some((id, true))));
        }
    }
    pruned.finish(tree.n_features())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TreeArrays;

    /// scikit-learn's tree of the classes 0, 0, 1, 0, 1, 1, 1, 0 of the values 0 to 7. Its
    /// `cost_complexity_pruning_path` has the prices 0.1, 2 / 15 and 1 / 6.
    #[test]
    fn branches_are_cut_off_as_their_price_is_passed() {
        let zeros = [0.5, 1.0, 1.0 / 3.0, 0.2, 0.5, 0.0, 1.0, 0.0, 1.0];
        let arrays = TreeArrays {
            children_left: vec![1, -1, 3, 4, 5, -1, -1, -1, -1],
            children_right: vec![2, -1, 8, 7, 6, -1, -1, -1, -1],
            feature: vec![0, -2, 0, 0, 0, -2, -2, -2, -2],
            threshold: vec![1.5, -2.0, 6.5, 3.5, 2.5, -2.0, -2.0, -2.0, -2.0],
            impurity: vec![0.5, 0.0, 4.0 / 9.0, 0.32, 0.5, 0.0, 0.0, 0.0, 0.0],
            n_node_samples: vec![8, 2, 6, 5, 2, 1, 1, 3, 1],
            weighted_n_node_samples: vec![8.0, 2.0, 6.0, 5.0, 2.0, 1.0, 1.0, 3.0, 1.0],
            missing_go_to_left: vec![false; 9],
            value: zeros.iter().flat_map(|&zero| [zero, 1.0 - zero]).collect(),
        };
        let tree = Tree::new(arrays, 1, 2).unwrap();
        let cases: [(f64, &[f64]); 7] = [
            (0.05, &[1.5, -2.0, 6.5, 3.5, 2.5, -2.0, -2.0, -2.0, -2.0]),
            (0.0999, &[1.5, -2.0, 6.5, 3.5, 2.5, -2.0, -2.0, -2.0, -2.0]),
            (0.1001, &[1.5, -2.0, 6.5, -2.0, -2.0]),
            (0.1333, &[1.5, -2.0, 6.5, -2.0, -2.0]),
            (0.1334, &[1.5, -2.0, -2.0]),
            (0.1666, &[1.5, -2.0, -2.0]),
            (0.1667, &[-2.0]),
        ];
        for (alpha, thresholds) in cases {
            let pruned = prune(&tree, alpha).unwrap();
            assert_eq!(pruned.arrays().threshold, thresholds, "{alpha}");
            assert_eq!(pruned.value(0), tree.value(0));
        }
    }
}
