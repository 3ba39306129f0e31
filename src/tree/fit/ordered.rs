//! The splitter for what is rounded: weighted classes, and targets of a regression.
//!
//! The order of the addends decides how a sum is rounded, and a last bit decides between two
//! splits, so rows must be summed in the very order in which scikit-learn keeps them. It sorts
//! them by one feature after another. Where no two values of a feature are equal, there is but one
//! sorted order, that of the [`Lists`]. Where some are, that order does for finding the best split
//! as long as no other comes so close that roundings could decide; afterwards the rows are sorted
//! as scikit-learn sorts them, by the last features only, from the last that leaves but one order.
//! Source: `node_split_best` in `sklearn/tree/_splitter.pyx`, `DensePartitioner` in
//! `_partitioner.pyx`.

mod search;

use self::search::{Best, Search};
use super::criterion::NodeMeasure;
use super::grow::{GrowthLimits, Split, Splitter};
use super::impurity;
use super::lists::{self, Entry, Keep, Lists};
use super::random::FeatureOrder;
use super::sort;

/// Keeps rows in scikit-learn's order.
pub(super) struct Ordered<'a, M> {
    lists: Lists<'a>,
    measure: M,
    total_weight: f64,
    features: FeatureOrder,
    /// The rows, each node's in scikit-learn's order.
    rows: Vec<u32>,
    /// The rows of the node at hand, sorted by the feature at hand, and their values.
    sorted: Vec<Entry>,
    values: Vec<f32>,
    /// The features that the node at hand has looked at.
    looks: Vec<Look>,
    node: (usize, usize),
}

/// A feature that a node has looked at.
#[derive(Clone, Copy)]
struct Look {
    feature: usize,
    missing: usize,
    /// Whether the node's rows have only one order when sorted by it, or all are as good.
    one_order: bool,
    constant: bool,
}

impl<'a, M: NodeMeasure> Ordered<'a, M> {
    /// `rows` are those that count, in order; the lists hold no classes.
    pub(super) fn new(
        lists: Lists<'a>,
        measure: M,
        rows: Vec<u32>,
        total_weight: f64,
        features: FeatureOrder,
    ) -> Self {
        Ordered {
            lists,
            measure,
            total_weight,
            features,
            rows,
            sorted: Vec::new(),
            values: Vec::new(),
            looks: Vec::new(),
            node: (0, 0),
        }
    }

    /// Puts the node's rows in the order of a feature's list.
    fn adopt(&mut self, feature: usize) {
        let (start, end) = self.node;
        let list = self.lists.list(feature, self.node);
        for (row, &entry) in self.rows[start..end].iter_mut().zip(list) {
            *row = entry.row();
        }
    }

    /// Sorts the node's rows by a feature as scikit-learn does, missing values last in the order
    /// that swapping leaves them in; `sorted` then holds them.
    fn sort(&mut self, feature: usize) {
        let (start, end) = self.node;
        let rows = &mut self.rows[start..end];
        self.lists.values_of(feature, rows, &mut self.values);
        let values = &mut self.values;
        let (mut i, mut present) = (0, rows.len());
        while i < present {
            if values[present - 1].is_nan() {
                present -= 1;
                continue;
            }
            if values[i].is_nan() {
                present -= 1;
                rows.swap(i, present);
                values.swap(i, present);
            }
            i += 1;
        }
        sort::sort(&mut values[..present], &mut rows[..present]);
        let apart = |place: usize| place > 0 && lists::apart(values[place - 1], values[place]);
        let entries = rows.iter().enumerate().map(|(place, &row)| Entry::new(row, apart(place)));
        self.sorted.clear();
        self.sorted.extend(entries);
    }

    /// Puts the rows that go left first, by swapping.
    fn partition(&mut self) {
        let (start, end) = self.node;
        let rows = &mut self.rows[start..end];
        let (mut left, mut right) = (0, rows.len());
        while left < right {
            if self.lists.goes_left(rows[left]) {
                left += 1;
            } else {
                right -= 1;
                rows.swap(left, right);
            }
        }
    }

    /// Carries the best split out, if it improves the tree enough: puts the rows of the children
    /// side by side, and parts the lists for those that can be split again.
    fn carry_out(
        &mut self,
        best: &Best,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &GrowthLimits,
    ) -> Option<Split> {
        let (start, end) = self.node;
        let threshold = self.lists.threshold(best.feature, self.node, best.present_left);
        self.lists.mark(self.node, best.feature, best.present_left, best.missing_left);
        self.partition();
        let rows = &self.rows[start..end];
        let (left, right) = (best.left, rows.len() - best.left);
        let impurities = self.measure.part(rows, left);
        let improvement = impurity::improvement(
            self.total_weight,
            self.measure.weight(),
            node_impurity,
            self.measure.weights(),
            impurities,
        );
        if !limits.enough(improvement) {
            return None;
        }
        // The weights of the children are summed up when they are entered; what stops them
        // besides is known.
        let stop = (
            limits.stop(depth + 1, left, f64::INFINITY, impurities.0),
            limits.stop(depth + 1, right, f64::INFINITY, impurities.1),
        );
        if let Some(keep) = Keep::unless(stop) {
            self.lists.leave_out(self.features.known_constants(constants));
            self.lists.split(self.node, best.feature, keep);
        }
        let missing_go_to_left = if best.any_missing { best.missing_left } else { left > right };
        Some(Split {
            feature: best.feature,
            threshold,
            missing_go_to_left,
            position: start + left,
            improvement,
            impurity_left: impurities.0,
            impurity_right: impurities.1,
            left: 0,
            right: 0,
        })
    }
}

impl<M: NodeMeasure> Ordered<'_, M> {
    /// Draws the features that the node looks at.
    fn look(&mut self, constants: usize) {
        self.looks.clear();
        self.features.begin(constants);
        while let Some(feature) = self.features.next() {
            let parts = self.lists.parts(feature, self.node);
            let constant = self.lists.constant(feature, parts);
            let missing = parts.1.len();
            let one_order = self.lists.distinct(feature)
                || self.measure.any_order()
                || missing == 0 && self.lists.distinct_in(feature, parts.0);
            match constant {
                true => self.features.constant(),
                false => self.features.used(),
            }
            self.looks.push(Look { feature, missing, one_order, constant });
        }
    }

    /// The best split, found with rows in the order of the lists; `None` if another comes within
    /// `slack`, so that roundings decide.
    fn search_lists(&mut self, slack: f64, limits: &GrowthLimits) -> Option<Best> {
        let mut best = Best::none(slack);
        for look in self.looks.iter().filter(|look| !look.constant) {
            let search = Search {
                lists: &self.lists,
                limits,
                feature: look.feature,
                sorted: self.lists.list(look.feature, self.node),
                missing: look.missing,
            };
            search.better(&mut self.measure, &mut best);
        }
        let sure =
            slack == 0.0 || best.proxy == f64::NEG_INFINITY || best.second < best.proxy - slack;
        sure.then_some(best)
    }

    /// Puts the node's rows in the order in which scikit-learn has left them.
    fn order_rows(&mut self) {
        let known = self.looks.iter().rposition(|look| look.one_order);
        if let Some(known) = known {
            self.adopt(self.looks[known].feature);
        }
        for place in known.map_or(0, |known| known + 1)..self.looks.len() {
            let look = self.looks[place];
            self.sort(look.feature);
            self.leave(look);
        }
    }

    /// The best split, found with rows in the order of scikit-learn.
    fn search_rows(&mut self, limits: &GrowthLimits) -> Best {
        let mut best = Best::none(0.0);
        for place in 0..self.looks.len() {
            let look = self.looks[place];
            self.sort(look.feature);
            if !look.constant {
                let search = Search {
                    lists: &self.lists,
                    limits,
                    feature: look.feature,
                    sorted: &self.sorted,
                    missing: look.missing,
                };
                search.better(&mut self.measure, &mut best);
            }
            self.leave(look);
        }
        best
    }

    /// Leaves the rows as scikit-learn does, sorted by a feature: its second search has shifted
    /// the missing values to the left.
    fn leave(&mut self, look: Look) {
        if !look.constant {
            self.rows[self.node.0..self.node.1].rotate_right(look.missing);
        }
    }
}

impl<M: NodeMeasure> Splitter for Ordered<'_, M> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn root(&mut self) -> u32 {
        0
    }

    fn release(&mut self, start: usize, nodes: usize) {
        self.lists.release(start, nodes);
    }

    fn enter(&mut self, start: usize, end: usize, _kept: u32) -> f64 {
        self.node = (start, end);
        self.measure.enter(&self.rows[start..end]);
        self.measure.weight()
    }

    fn impurity(&self) -> f64 {
        self.measure.impurity(&self.rows[self.node.0..self.node.1])
    }

    fn value(&self, values: &mut Vec<f64>) {
        self.measure.value(values);
    }

    fn split(
        &mut self,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &GrowthLimits,
    ) -> (Option<Split>, usize) {
        self.look(constants);
        let one_order = || self.looks.iter().all(|look| look.one_order);
        let slack = match self.measure.exact() || one_order() {
            true => Some(0.0),
            // a rounding could also decide which places have weight enough on both sides
            false if limits.min_weight_leaf > 0.0 => None,
            false => self.measure.slack(self.node.1 - self.node.0),
        };
        let best = match slack.and_then(|slack| self.search_lists(slack, limits)) {
            Some(best) => {
                self.order_rows();
                best
            }
            None => self.search_rows(limits),
        };
        let constants = self.features.finish();
        if best.proxy == f64::NEG_INFINITY {
            return (None, constants);
        }
        (self.carry_out(&best, node_impurity, constants, depth, limits), constants)
    }
}
