//! The search of the best place in one list, with whole numbers.

use super::super::impurity;
use super::super::lists::{Classes, Entry, Lists};
use crate::tree::Criterion;

/// By what part of the greatest possible value the quick test may err. The roundings are a
/// thousand times smaller.
const TOLERANCE: f64 = 1e-10;

/// From here on a list is passed twice rather than many entropies computed.
const MANY_CLASSES: usize = 64;

/// What makes a split good.
pub(super) enum Measure {
    Gini,
    /// `n · log2(n)` as a whole number of `1 / scale`, for every count `n`.
    Entropy {
        table: Vec<i64>,
        scale: f64,
    },
}

/// The class counts on both sides of a place.
#[derive(Clone, Default)]
pub(super) struct Tally {
    pub(super) left: Vec<u32>,
    pub(super) right: Vec<u32>,
}

impl Tally {
    /// Moves a row of a class from right to left, and returns how many were there before.
    #[inline(always)]
    pub(super) fn advance(&mut self, class: usize) -> (u32, u32) {
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
    pub(super) fn new(criterion: Criterion, rows: usize) -> Measure {
        match criterion {
            Criterion::Gini => Measure::Gini,
            Criterion::Entropy | Criterion::LogLoss => Measure::entropy(rows),
        }
    }

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

    pub(super) fn impurity(&self, counts: &[u32], rows: f64) -> f64 {
        let counts = counts.iter().map(|&count| f64::from(count));
        match self {
            Measure::Gini => impurity::gini(counts, rows),
            Measure::Entropy { .. } => impurity::entropy(counts, rows),
        }
    }
}

/// The search of a place to split, in one list and with missing values on one side.
pub(super) struct Search<'a, 'b, C> {
    pub(super) lists: &'a Lists<'b>,
    pub(super) classes: C,
    pub(super) feature: usize,
    pub(super) present: &'a [Entry],
    /// The number of rows, missing values included.
    pub(super) rows: usize,
    /// How many rows are left of the first place already: the missing ones, or none.
    pub(super) offset: usize,
    /// How many rows either side must have.
    pub(super) least: usize,
    /// Whether the missing values alone may be the right side.
    pub(super) alone: bool,
}

impl<C: Classes> Search<'_, '_, C> {
    /// The greatest proxy above `best`, and its place.
    pub(super) fn best(
        &self,
        measure: &Measure,
        tally: &mut Tally,
        best: f64,
    ) -> Option<(f64, usize)> {
        match measure {
            Measure::Gini => self.gini(tally, best),
            Measure::Entropy { table, scale } => self.entropy(tally, best, table, *scale),
        }
    }

    /// Whether the values before and after a place are far enough apart. Seldom asked: kept out of
    /// the loop over the places.
    #[inline(never)]
    fn apart(&self, place: usize) -> bool {
        let after = self.present.get(place);
        after.is_none_or(|&after| self.lists.apart(self.feature, self.present[place - 1], after))
    }

    /// Calls `look` at every place where values may differ and enough rows are on both sides, with
    /// the number of rows left of it, and `pass` for every row passed.
    #[inline(always)]
    fn places<S>(
        &self,
        state: &mut S,
        mut pass: impl FnMut(&mut S, usize),
        mut look: impl FnMut(&mut S, usize, usize),
    ) {
        let first = self.least.saturating_sub(self.offset).clamp(1, self.present.len());
        let Some((before, after)) = self.present.split_at_checked(first) else { return };
        let class = |entry| self.classes.class(entry);
        for &entry in before {
            pass(state, class(entry));
        }
        // the greatest number of rows on the left
        let Some(most) = self.rows.checked_sub(self.least) else { return };
        let mut left = self.offset + first;
        let may_split = self.lists.may_split(self.feature);
        for &entry in after {
            if left > most {
                return;
            }
            if may_split(entry) {
                look(state, left, left - self.offset);
            }
            pass(state, class(entry));
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
                    if proxy > state.best && self.apart(place) {
                        state.best = proxy;
                        state.bound = bound(proxy);
                        state.place = Some(place);
                    }
                }
            },
        );
        state.place.map(|place| (state.best, place))
    }

    /// The greatest of the sums by which entropies are compared at first. Where there are many
    /// classes, an entropy costs so much that it is computed only of places that come near that.
    fn greatest_sum(&self, tally: &mut Tally, sum: i64, table: &[i64]) -> Option<i64> {
        struct State<'t> {
            tally: &'t mut Tally,
            sum: i64,
            greatest: Option<i64>,
        }
        let product = |count: u32| table[count as usize];
        let mut state = State { tally, sum, greatest: None };
        self.places(
            &mut state,
            |state, class| {
                let (left, right) = state.tally.advance(class);
                state.sum += product(left + 1) - product(left);
                state.sum -= product(right) - product(right - 1);
            },
            |state, left, place| {
                let sum = state.sum - table[left] - table[self.rows - left];
                if state.greatest.is_none_or(|greatest| sum > greatest) && self.apart(place) {
                    state.greatest = Some(sum);
                }
            },
        );
        state.greatest
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
        let tolerance = (greatest + 1.0) * TOLERANCE;
        let sum = tally.left.iter().chain(&tally.right).map(|&count| product(count)).sum();
        let floor = match tally.left.len() > MANY_CLASSES {
            true => self
                .greatest_sum(&mut tally.clone(), sum, table)
                .map_or(i64::MIN, |sum| sum - 2 * (slack + (tolerance * scale) as i64 + 1)),
            false => i64::MIN,
        };
        let bound = |best: f64| ((best - tolerance) * scale) as i64 - slack;
        let bound = |best: f64| match best == f64::NEG_INFINITY {
            true => floor,
            false => bound(best).max(floor),
        };
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
                    if proxy > state.best && self.apart(place) {
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
