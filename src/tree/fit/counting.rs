//! The splitter for classes that all count the same: whole numbers instead of sums.
//!
//! Counts are exact in whatever order they are taken, so the lists need not be in the order in
//! which scikit-learn keeps its rows, and its tree is the same. What decides between two splits,
//! the proxy of the impurity's improvement, is computed with the same roundings, but only for
//! places that may beat the best so far: a test without divisions or logarithms goes first.

use super::FEATURE_THRESHOLD;
use super::grow::{Limits, Split, Splitter};
use super::impurity;
use super::lists::{Entry, Keep, Lists};
use super::random::FeatureOrder;

/// Up to so many rows the squares of counts are exact in 64-bit floats.
pub(super) const MOST_ROWS: usize = 1 << 26;

/// By what part of the greatest possible value the quick test may err. The roundings are a
/// thousand times smaller.
const TOLERANCE: f64 = 1e-10;

/// Counts the classes left and right of a place.
pub(super) struct Counting {
    lists: Lists,
    features: FeatureOrder,
    /// Whether children know which features are constant (only when growing depth first).
    depth_first: bool,
    measure: Measure,
    node: (usize, usize),
    total: Vec<u32>,
    /// The class counts of nodes that are not entered yet, and which places are free.
    kept: Vec<u32>,
    free: Vec<u32>,
    skip: Vec<bool>,
    tally: Tally,
}

/// What makes a split good.
enum Measure {
    Gini,
    /// `n · log2(n)` as a whole number of `1 / scale`, for every count `n`.
    Entropy {
        table: Vec<i64>,
        scale: f64,
    },
}

/// The best place found so far.
struct Best {
    proxy: f64,
    feature: usize,
    /// The number of present values that go left.
    present_left: usize,
    missing_left: bool,
    threshold: f64,
}

/// The class counts on both sides of a place.
#[derive(Default)]
struct Tally {
    left: Vec<u32>,
    right: Vec<u32>,
}

impl Counting {
    pub(super) fn new(
        lists: Lists,
        total: Vec<u32>,
        gini: bool,
        features: FeatureOrder,
        columns: usize,
        depth_first: bool,
    ) -> Self {
        let measure = match gini {
            true => Measure::Gini,
            false => Measure::entropy(lists.rows()),
        };
        Counting {
            lists,
            features,
            depth_first,
            measure,
            node: (0, 0),
            kept: Vec::new(),
            free: Vec::new(),
            skip: vec![false; columns],
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
                    self.tally.advance(self.lists.class(entry));
                }
            }
            let search = Search {
                lists: &self.lists,
                present,
                rows: present.len() + missing.len(),
                offset,
                least,
                alone: !missing_left && !missing.is_empty(),
            };
            let found = match &self.measure {
                Measure::Gini => search.gini(&mut self.tally, best.proxy),
                Measure::Entropy { table, scale } => {
                    search.entropy(&mut self.tally, best.proxy, table, *scale)
                }
            };
            if let Some((proxy, place)) = found {
                let threshold = match present.get(place) {
                    None => f64::INFINITY, // only missing values go right
                    Some(next) => {
                        f64::from(present[place - 1].value) / 2.0 + f64::from(next.value) / 2.0
                    }
                };
                *best = Best { proxy, feature, present_left: place, missing_left, threshold };
            }
        }
    }
}

impl Tally {
    /// Moves a row of a class from right to left, and returns how many were there before.
    #[inline(always)]
    fn advance(&mut self, class: usize) -> (u32, u32) {
        let (left, right) = (self.left[class], self.right[class]);
        self.left[class] = left + 1;
        self.right[class] = right - 1;
        (left, right)
    }

    fn square(counts: &[u32]) -> u64 {
        counts.iter().map(|&count| u64::from(count) * u64::from(count)).sum()
    }
}

impl Measure {
    fn entropy(rows: usize) -> Measure {
        let product = |count: usize| match count {
            0 => 0.0,
            count => count as f64 * (count as f64).log2(),
        };
        // Two sums of at most the greatest entry must fit in 63 bits.
        let scale = 2.0_f64.powi(60 - (product(rows) + 1.0).log2().ceil() as i32);
        let table = (0..=rows).map(|count| (product(count) * scale) as i64).collect();
        Measure::Entropy { table, scale }
    }

    fn impurity(&self, counts: &[u32], rows: f64) -> f64 {
        let counts = counts.iter().map(|&count| f64::from(count));
        match self {
            Measure::Gini => impurity::gini(counts, rows),
            Measure::Entropy { .. } => impurity::entropy(counts, rows),
        }
    }
}

/// The search of a place to split, in one list and with missing values on one side.
struct Search<'a> {
    lists: &'a Lists,
    present: &'a [Entry],
    /// The number of rows, missing values included.
    rows: usize,
    /// How many rows are left of the first place already: the missing ones, or none.
    offset: usize,
    /// How many rows either side must have.
    least: usize,
    /// Whether the missing values alone may be the right side.
    alone: bool,
}

impl Search<'_> {
    /// Calls `look` at every place where a split is allowed, with the number of rows left of it,
    /// and `pass` for every row passed.
    #[inline(always)]
    fn places<S>(
        &self,
        state: &mut S,
        mut pass: impl FnMut(&mut S, usize),
        mut look: impl FnMut(&mut S, usize, usize),
    ) {
        let first = self.least.saturating_sub(self.offset).clamp(1, self.present.len());
        let Some((before, after)) = self.present.split_at_checked(first) else { return };
        for &entry in before {
            pass(state, self.lists.class(entry));
        }
        let Some(mut last) = before.last().copied() else { return };
        // the greatest number of rows on the left
        let Some(most) = self.rows.checked_sub(self.least) else { return };
        let mut left = self.offset + first;
        for &entry in after {
            if left > most {
                return;
            }
            if entry.value > last.value + FEATURE_THRESHOLD {
                look(state, left, left - self.offset);
            }
            pass(state, self.lists.class(entry));
            last = entry;
            left += 1;
        }
        if self.alone && left >= self.least && left <= most {
            look(state, left, left - self.offset);
        }
    }

    fn gini(&self, tally: &mut Tally, best: f64) -> Option<(f64, usize)> {
        struct State<'t> {
            tally: &'t mut Tally,
            left: u64,
            right: u64,
            best: f64,
            bound: f64,
            place: Option<usize>,
        }
        let rows = self.rows as f64;
        // The proxy is a² / l + b² / r - rows, with a² and b² the sums of squared counts.
        let bound = |best: f64| best + rows - rows * TOLERANCE;
        let (left, right) = (Tally::square(&tally.left), Tally::square(&tally.right));
        let mut state = State { tally, left, right, best, bound: bound(best), place: None };
        self.places(
            &mut state,
            |state, class| {
                let (left, right) = state.tally.advance(class);
                state.left += 2 * u64::from(left) + 1;
                state.right -= 2 * u64::from(right) - 1;
            },
            |state, left, place| {
                let weight = (left as f64, (self.rows - left) as f64);
                let squares = (state.left as f64, state.right as f64);
                let quick = squares.0 * weight.1 + squares.1 * weight.0;
                if quick >= state.bound * (weight.0 * weight.1) {
                    let impurity = (
                        1.0 - squares.0 / (weight.0 * weight.0),
                        1.0 - squares.1 / (weight.1 * weight.1),
                    );
                    let proxy = impurity::proxy(weight, impurity);
                    if proxy > state.best {
                        state.best = proxy;
                        state.bound = bound(proxy);
                        state.place = Some(place);
                    }
                }
            },
        );
        state.place.map(|place| (state.best, place))
    }

    fn entropy(
        &self,
        tally: &mut Tally,
        best: f64,
        table: &[i64],
        scale: f64,
    ) -> Option<(f64, usize)> {
        struct State<'t> {
            tally: &'t mut Tally,
            sum: i64,
            best: f64,
            bound: i64,
            place: Option<usize>,
        }
        let product = |count: u32| table[count as usize];
        let greatest = table[self.rows] as f64 / scale;
        // Every entry of the table errs by at most 1; the proxy is the sum of two for each class,
        // less one for each side.
        let slack = 2 * tally.left.len() as i64 + 4;
        let bound = |best: f64| ((best - (greatest + 1.0) * TOLERANCE) * scale) as i64 - slack;
        let bound = |best: f64| if best == f64::NEG_INFINITY { i64::MIN } else { bound(best) };
        let sum = tally.left.iter().chain(&tally.right).map(|&count| product(count)).sum();
        let mut state = State { tally, sum, best, bound: bound(best), place: None };
        self.places(
            &mut state,
            |state, class| {
                let (left, right) = state.tally.advance(class);
                state.sum += product(left + 1) - product(left);
                state.sum -= product(right) - product(right - 1);
            },
            |state, left, place| {
                let right = self.rows - left;
                if state.sum - table[left] - table[right] >= state.bound {
                    let weight = (left as f64, right as f64);
                    let counts = |counts: &[u32], weight| {
                        impurity::entropy(counts.iter().map(|&count| f64::from(count)), weight)
                    };
                    let impurity =
                        (counts(&state.tally.left, weight.0), counts(&state.tally.right, weight.1));
                    let proxy = impurity::proxy(weight, impurity);
                    if proxy > state.best {
                        state.best = proxy;
                        state.bound = bound(proxy);
                        state.place = Some(place);
                    }
                }
            },
        );
        state.place.map(|place| (state.best, place))
    }
}

impl Splitter for Counting {
    fn rows(&self) -> usize {
        self.lists.rows()
    }

    fn root(&mut self) -> u32 {
        Counting::keep(&mut self.kept, &mut self.free, &self.total)
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
        limits: &Limits,
    ) -> (Option<Split>, usize) {
        let least = limits.min_samples_leaf.max(limits.min_weight_leaf.ceil() as usize);
        let mut best = Best {
            proxy: f64::NEG_INFINITY,
            feature: 0,
            present_left: 0,
            missing_left: false,
            threshold: 0.0,
        };
        self.features.begin(constants);
        while let Some(feature) = self.features.next() {
            let (present, missing) = self.lists.parts(feature, self.node);
            let constant = match (present.first(), present.last()) {
                (Some(first), Some(last)) => {
                    missing.is_empty() && last.value <= first.value + FEATURE_THRESHOLD
                }
                _ => true,
            };
            if constant {
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

impl Counting {
    /// Counts the children of the best split, and parts the lists for those that can be split
    /// again.
    fn carry_out(
        &mut self,
        best: &Best,
        node_impurity: f64,
        constants: usize,
        depth: usize,
        limits: &Limits,
    ) -> Option<Split> {
        let (present, missing) = self.lists.parts(best.feature, self.node);
        let any_missing = !missing.is_empty();
        self.tally.left.fill(0);
        self.tally.right.copy_from_slice(&self.total);
        let missing = if best.missing_left { missing } else { &[] };
        for &entry in present[..best.present_left].iter().chain(missing) {
            self.tally.advance(self.lists.class(entry));
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
            let known = match self.depth_first {
                true => self.features.known_constants(constants),
                false => &[],
            };
            for &feature in known {
                self.skip[feature as usize] = true;
            }
            self.lists.mark(self.node, best.feature, best.present_left, best.missing_left);
            self.lists.split(self.node, best.feature, keep, &self.skip);
            for &feature in known {
                self.skip[feature as usize] = false;
            }
        }
        Some(Split {
            feature: best.feature,
            threshold: best.threshold,
            missing_go_to_left: if any_missing { best.missing_left } else { left > right },
            position: self.node.0 + left,
            improvement,
            impurity_left: impurity.0,
            impurity_right: impurity.1,
            left: Counting::keep(&mut self.kept, &mut self.free, &self.tally.left),
            right: Counting::keep(&mut self.kept, &mut self.free, &self.tally.right),
        })
    }
}
