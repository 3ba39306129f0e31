//! The splitter for sums that are rounded: weighted classes, and targets of a regression.
//!
//! The order of the addends decides how a sum is rounded, and a last bit decides between two
//! splits, so rows must be summed in the very order in which scikit-learn keeps them. It sorts
//! them by one feature after another. Where no two values of a feature are equal, there is but one
//! sorted order, that of the [`Lists`]. Where some are, that order does for finding the best split
//! as long as no other comes so close that roundings could decide; afterwards the rows are sorted
//! as scikit-learn sorts them, by the last features only, from the last that leaves but one order.
//! Source: `node_split_best` in `sklearn/tree/_splitter.pyx`, `DensePartitioner` in
//! `_partitioner.pyx`.

use super::FEATURE_THRESHOLD;
use super::grow::{Limits, Split, Splitter};
use super::impurity;
use super::lists::{Entry, Keep, Lists};
use super::random::FeatureOrder;
use super::sort;
use super::sums::Sums;

/// Keeps rows in scikit-learn's order.
pub(super) struct Ordered<S> {
    lists: Lists,
    sums: S,
    total_weight: f64,
    features: FeatureOrder,
    /// Whether children know which features are constant (only when growing depth first).
    depth_first: bool,
    skip: Vec<bool>,
    /// Whether all values of a feature differ, in all rows.
    distinct: Vec<bool>,
    /// The rows, each node's in scikit-learn's order.
    rows: Vec<u32>,
    /// The rows of the node at hand, sorted by the feature at hand.
    sorted: Vec<Entry>,
    /// The value of each row, for the feature at hand.
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

/// The best place found so far.
struct Best {
    proxy: f64,
    /// The greatest of the other proxies, if it is within `slack`.
    second: f64,
    slack: f64,
    feature: usize,
    /// The number of present values that go left, and of all.
    present_left: usize,
    left: usize,
    missing_left: bool,
    any_missing: bool,
    threshold: f64,
}

impl<S: Sums> Ordered<S> {
    /// `rows` are those that count, in order; the lists hold no classes.
    pub(super) fn new(
        lists: Lists,
        sums: S,
        rows: Vec<u32>,
        total_weight: f64,
        features: FeatureOrder,
        depth_first: bool,
    ) -> Self {
        let columns = lists.columns();
        let all = (0, rows.len());
        let distinct = (0..columns).map(|feature| distinct(lists.list(feature, all))).collect();
        Ordered {
            lists,
            sums,
            total_weight,
            features,
            depth_first,
            skip: vec![false; columns],
            distinct,
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
            *row = self.lists.row(entry);
        }
    }

    /// Sorts the node's rows by a feature as scikit-learn does, missing values last in the order
    /// that swapping leaves them in; `sorted` then holds them with their values.
    fn sort(&mut self, feature: usize) {
        let (start, end) = self.node;
        self.values.resize(self.lists.past_rows(), 0.0);
        for &entry in self.lists.list(feature, self.node) {
            self.values[self.lists.row(entry) as usize] = entry.value;
        }
        let value = |row: u32| self.values[row as usize];
        let rows = &mut self.rows[start..end];
        let (mut i, mut present) = (0, rows.len());
        while i < present {
            if value(rows[present - 1]).is_nan() {
                present -= 1;
                continue;
            }
            if value(rows[i]).is_nan() {
                present -= 1;
                rows.swap(i, present);
            }
            i += 1;
        }
        let mut values: Vec<f32> = rows[..present].iter().map(|&row| value(row)).collect();
        sort::sort(&mut values, &mut rows[..present]);
        self.sorted.clear();
        let values = values.into_iter().chain(std::iter::repeat(f32::NAN));
        self.sorted.extend(values.zip(rows).map(|(value, row)| Entry { value, tag: *row }));
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
        limits: &Limits,
    ) -> Option<Split> {
        let (start, end) = self.node;
        self.lists.mark(self.node, best.feature, best.present_left, best.missing_left);
        self.partition();
        let rows = &self.rows[start..end];
        let (left, right) = (best.left, rows.len() - best.left);
        self.sums.reset();
        self.sums.advance(rows, left);
        let impurities = self.sums.impurities(&rows[..left]);
        let improvement = impurity::improvement(
            self.total_weight,
            self.sums.weight(),
            node_impurity,
            self.sums.weights(),
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
            let known = match self.depth_first {
                true => self.features.known_constants(constants),
                false => &[],
            };
            for &feature in known {
                self.skip[feature as usize] = true;
            }
            self.lists.split(self.node, best.feature, keep, &self.skip);
            for &feature in known {
                self.skip[feature as usize] = false;
            }
        }
        let missing_go_to_left = if best.any_missing { best.missing_left } else { left > right };
        Some(Split {
            feature: best.feature,
            threshold: best.threshold,
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

impl<S: Sums> Ordered<S> {
    /// Draws the features that the node looks at.
    fn look(&mut self, constants: usize) {
        self.looks.clear();
        self.features.begin(constants);
        while let Some(feature) = self.features.next() {
            let (present, missing) = self.lists.parts(feature, self.node);
            let missing = missing.len();
            let constant = match (present.first(), present.last()) {
                (Some(first), Some(last)) => {
                    missing == 0 && last.value <= first.value + FEATURE_THRESHOLD
                }
                _ => true,
            };
            match constant {
                true => self.features.constant(),
                false => self.features.used(),
            }
            let one_order =
                self.distinct[feature] || self.sums.exact() || missing == 0 && distinct(present);
            self.looks.push(Look { feature, missing, one_order, constant });
        }
    }

    /// The best split, found with rows in the order of the lists; `None` if another comes within
    /// `slack`, so that roundings decide.
    fn search_lists(&mut self, slack: f64, limits: &Limits) -> Option<Best> {
        let mut best = Best::none(slack);
        for look in self.looks.iter().filter(|look| !look.constant) {
            let sorted = self.lists.list(look.feature, self.node);
            search(&mut self.sums, look.feature, sorted, look.missing, limits, &mut best);
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
    fn search_rows(&mut self, limits: &Limits) -> Best {
        let mut best = Best::none(0.0);
        for place in 0..self.looks.len() {
            let look = self.looks[place];
            self.sort(look.feature);
            if !look.constant {
                let (sums, sorted) = (&mut self.sums, &self.sorted);
                search(sums, look.feature, sorted, look.missing, limits, &mut best);
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

impl Best {
    fn none(slack: f64) -> Self {
        Best {
            proxy: f64::NEG_INFINITY,
            second: f64::NEG_INFINITY,
            slack,
            feature: 0,
            present_left: 0,
            left: 0,
            missing_left: false,
            any_missing: false,
            threshold: 0.0,
        }
    }
}

/// Whether all values of a sorted list differ, none missing.
fn distinct(list: &[Entry]) -> bool {
    list.last().is_none_or(|last| !last.value.is_nan())
        && list.windows(2).all(|pair| pair[0].value < pair[1].value)
}

/// Looks for a better split in rows sorted by a feature, of which the last `missing` have no
/// value.
fn search(
    sums: &mut impl Sums,
    feature: usize,
    sorted: &[Entry],
    missing: usize,
    limits: &Limits,
    best: &mut Best,
) {
    let length = sorted.len();
    let present_end = length - missing;
    sums.reset();
    let mut place = 0;
    // When the place reaches the end, the missing values alone are on the right.
    while place < present_end {
        place += 1;
        while place < present_end
            && sorted[place].value <= sorted[place - 1].value + FEATURE_THRESHOLD
        {
            place += 1;
        }
        consider(sums, feature, sorted, (place, 0, present_end), limits, best);
    }
    if missing == 0 {
        return;
    }
    // once more, with the missing values first
    let mut rotated = sorted.to_vec();
    rotated.rotate_right(missing);
    sums.reset();
    let mut place = missing;
    while place < length {
        place += 1;
        while place < length && rotated[place].value <= rotated[place - 1].value + FEATURE_THRESHOLD
        {
            place += 1;
        }
        consider(sums, feature, &rotated, (place, missing, length), limits, best);
    }
}

/// Looks whether the split before `place` is better; the present values are those from `first` to
/// `end`.
#[inline(always)]
fn consider(
    sums: &mut impl Sums,
    feature: usize,
    sorted: &[Entry],
    (place, first, end): (usize, usize, usize),
    limits: &Limits,
    best: &mut Best,
) {
    let length = sorted.len();
    if place >= length
        || place < limits.min_samples_leaf
        || length - place < limits.min_samples_leaf
    {
        return;
    }
    sums.advance(sorted, place);
    let (left, right) = sums.weights();
    if left < limits.min_weight_leaf || right < limits.min_weight_leaf {
        return;
    }
    let Some(proxy) = sums.better(best.proxy - best.slack) else { return };
    if proxy <= best.proxy {
        best.second = best.second.max(proxy);
        return;
    }
    let threshold = match place == end {
        true => f64::INFINITY, // only missing values go right
        false => f64::from(sorted[place - 1].value) / 2.0 + f64::from(sorted[place].value) / 2.0,
    };
    *best = Best {
        proxy,
        second: best.proxy,
        slack: best.slack,
        feature,
        present_left: place - first,
        left: place,
        missing_left: first > 0,
        any_missing: first > 0 || end < length,
        threshold,
    };
}

impl<S: Sums> Splitter for Ordered<S> {
    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn root(&mut self) -> u32 {
        0
    }

    fn enter(&mut self, start: usize, end: usize, _kept: u32) -> f64 {
        self.node = (start, end);
        self.sums.enter(&self.rows[start..end]);
        self.sums.weight()
    }

    fn impurity(&self) -> f64 {
        self.sums.impurity()
    }

    fn value(&self, values: &mut Vec<f64>) {
        self.sums.value(values);
    }

    fn split(
        &mut self,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &Limits,
    ) -> (Option<Split>, usize) {
        self.look(constants);
        let slack = match self.looks.iter().all(|look| look.one_order) {
            true => Some(0.0),
            // a rounding could also decide which places have weight enough on both sides
            false if limits.min_weight_leaf > 0.0 => None,
            false => self.sums.slack(self.node.1 - self.node.0),
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
