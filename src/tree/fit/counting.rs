//! The splitter for classes that all count the same: whole numbers instead of sums.
//!
//! Counts are exact in whatever order they are taken, so the lists need not be in the order in
//! which scikit-learn keeps its rows, and its tree is the same. What decides between two splits,
//! the proxy of the impurity's improvement, is computed with the same roundings, but only for
//! places that may beat the best so far: a test without divisions or logarithms goes first.

mod search;

use self::search::{Measure, Search, Tally};
use super::grow::{GrowthLimits, Split, Splitter};
use super::impurity;
use super::lists::{Classes, Keep, Lists};
use super::random::FeatureOrder;
use crate::tree::Criterion;

/// Up to this many rows the squares of counts are exact in 64-bit floats.
pub(super) const MOST_ROWS: usize = 1 << 26;

/// Counts the classes left and right of a place.
pub(super) struct Counting<'a, C> {
    lists: Lists<'a>,
    classes: C,
    features: FeatureOrder,
    measure: Measure,
    node: (usize, usize),
    total: Vec<u32>,
    /// The class counts of nodes that are not entered yet, and which places are free.
    kept: Vec<u32>,
    free: Vec<u32>,
    tally: Tally,
}

/// The best place found so far.
struct Best {
    proxy: f64,
    feature: usize,
    /// The number of present values that go left.
    present_left: usize,
    missing_left: bool,
}

impl<'a, C: Classes> Counting<'a, C> {
    pub(super) fn new(
        lists: Lists<'a>,
        classes: C,
        total: Vec<u32>,
        criterion: Criterion,
        features: FeatureOrder,
    ) -> Self {
        let measure = Measure::new(criterion, lists.rows());
        Counting {
            lists,
            classes,
            features,
            measure,
            node: (0, 0),
            kept: Vec::new(),
            free: Vec::new(),
            tally: Tally { left: vec![0; total.len()], right: total.clone() },
            total,
        }
    }

    /// Keeps the counts of a node until it is entered.
    fn keep(kept: &mut Vec<u32>, free: &mut Vec<u32>, counts: &[u32]) -> u32 {
        match free.pop() {
            Some(slot) => {
                let start = slot as usize * counts.len();
                kept[start..start + counts.len()].copy_from_slice(counts);
                slot
            }
            None => {
                kept.extend_from_slice(counts);
                (kept.len() / counts.len() - 1) as u32
            }
        }
    }

    fn count(&self) -> f64 {
        (self.node.1 - self.node.0) as f64
    }

    fn impurity_of(&self, counts: &[u32], rows: f64) -> f64 {
        self.measure.impurity(counts, rows)
    }

    /// Looks for a better split by a feature.
    fn search(&mut self, feature: usize, least: usize, best: &mut Best) {
        let (present, missing) = self.lists.parts(feature, self.node);
        for missing_left in [false, true] {
            if missing_left && missing.is_empty() {
                return;
            }
            self.tally.left.fill(0);
            self.tally.right.copy_from_slice(&self.total);
            let offset = if missing_left { missing.len() } else { 0 };
            if missing_left {
                for &entry in missing {
                    self.tally.advance(self.classes.class(entry));
                }
            }
            let search = Search {
                lists: &self.lists,
                classes: self.classes,
                feature,
                present,
                rows: present.len() + missing.len(),
                offset,
                least,
                alone: !missing_left && !missing.is_empty(),
            };
            if let Some((proxy, place)) = search.best(&self.measure, &mut self.tally, best.proxy) {
                *best = Best { proxy, feature, present_left: place, missing_left };
            }
        }
    }
}

impl<C: Classes> Splitter for Counting<'_, C> {
    fn rows(&self) -> usize {
        self.lists.rows()
    }

    fn root(&mut self) -> u32 {
        Self::keep(&mut self.kept, &mut self.free, &self.total)
    }

    fn release(&mut self, start: usize, nodes: usize) {
        self.lists.release(start, nodes);
    }

    fn enter(&mut self, start: usize, end: usize, kept: u32) -> f64 {
        let classes = self.total.len();
        let slot = kept as usize * classes;
        self.total.copy_from_slice(&self.kept[slot..slot + classes]);
        self.free.push(kept);
        self.node = (start, end);
        self.count()
    }

    fn impurity(&self) -> f64 {
        self.impurity_of(&self.total, self.count())
    }

    fn value(&self, values: &mut Vec<f64>) {
        let rows = self.count();
        values.extend(self.total.iter().map(|&count| f64::from(count) / rows));
    }

    fn split(
        &mut self,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &GrowthLimits,
    ) -> (Option<Split>, usize) {
        let least = limits.min_samples_leaf.max(limits.min_weight_leaf.ceil() as usize);
        let mut best =
            Best { proxy: f64::NEG_INFINITY, feature: 0, present_left: 0, missing_left: false };
        self.features.begin(constants);
        while let Some(feature) = self.features.next() {
            let parts = self.lists.parts(feature, self.node);
            if self.lists.constant(feature, parts) {
                self.features.constant();
                continue;
            }
            self.features.used();
            self.search(feature, least, &mut best);
        }
        let constants = self.features.finish();
        if best.proxy == f64::NEG_INFINITY {
            return (None, constants);
        }
        (self.carry_out(&best, node_impurity, constants, depth, limits), constants)
    }
}

impl<C: Classes> Counting<'_, C> {
    /// Counts the children of the best split, and parts the lists for those that can be split
    /// again.
    fn carry_out(
        &mut self,
        best: &Best,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &GrowthLimits,
    ) -> Option<Split> {
        let (present, missing) = self.lists.parts(best.feature, self.node);
        let any_missing = !missing.is_empty();
        let threshold = self.lists.threshold(best.feature, self.node, best.present_left);
        self.tally.left.fill(0);
        self.tally.right.copy_from_slice(&self.total);
        let missing = if best.missing_left { missing } else { &[] };
        for &entry in present[..best.present_left].iter().chain(missing) {
            self.tally.advance(self.classes.class(entry));
        }
        let left = best.present_left + missing.len();
        let right = self.node.1 - self.node.0 - left;
        let weight = (left as f64, right as f64);
        let impurity = (
            self.impurity_of(&self.tally.left, weight.0),
            self.impurity_of(&self.tally.right, weight.1),
        );
        let total = self.lists.rows() as f64;
        let improvement =
            impurity::improvement(total, self.count(), node_impurity, weight, impurity);
        if !limits.enough(improvement) {
            return None;
        }
        let stop = (
            limits.stop(depth + 1, left, weight.0, impurity.0),
            limits.stop(depth + 1, right, weight.1, impurity.1),
        );
        if let Some(keep) = Keep::unless(stop) {
            self.lists.leave_out(self.features.known_constants(constants));
            if self.lists.any_to_split(best.feature) {
                self.lists.mark(self.node, best.feature, best.present_left, best.missing_left);
                self.lists.split(self.node, best.feature, keep);
            }
        }
        Some(Split {
            feature: best.feature,
            threshold,
            missing_go_to_left: if any_missing { best.missing_left } else { left > right },
            position: self.node.0 + left,
            improvement,
            impurity_left: impurity.0,
            impurity_right: impurity.1,
            left: Self::keep(&mut self.kept, &mut self.free, &self.tally.left),
            right: Self::keep(&mut self.kept, &mut self.free, &self.tally.right),
        })
    }
}
