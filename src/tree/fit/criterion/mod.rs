//! The criteria by which splits are found and nodes are measured, one file for each.
//!
//! Source: `sklearn/tree/_criterion.pyx`. The sums are taken in the same order of rows, forwards
//! or backwards, as there, so that every rounding is the same.
//!
//! A criterion for regressors is a file here with a [`NodeMeasure`], a variant of
//! [`RegressionCriterion`](crate::tree::RegressionCriterion), and the line in
//! [`Task::fit`](super::Task::fit) that brings the two together.

mod absolute_error;
mod classes;
mod poisson;
mod squared_error;
mod targets;

pub(super) use absolute_error::AbsoluteError;
pub(super) use classes::ClassSums;
pub(super) use poisson::Poisson;
pub(super) use squared_error::SquaredError;

use std::ops::Range;

use super::lists::Entry;

/// A row, or an entry of a list without classes.
pub(super) trait Row: Copy {
    fn row(self) -> usize;
}

impl Row for u32 {
    #[inline(always)]
    fn row(self) -> usize {
        self as usize
    }
}

impl Row for Entry {
    #[inline(always)]
    fn row(self) -> usize {
        Entry::row(self) as usize
    }
}

/// Measures a node, and what is left and right of a place among its rows.
pub(super) trait NodeMeasure {
    /// Enters the node of these rows, and stands before the first.
    fn enter(&mut self, rows: &[u32]);
    /// Goes back before the first of the node's rows, which now stand in this order.
    fn reset(&mut self, rows: &[impl Row]);
    /// Goes on to stand before `rows[place]`.
    fn advance(&mut self, rows: &[impl Row], place: usize);
    /// Whether the split search finds the same in whatever order of rows.
    fn exact(&self) -> bool;
    /// Whether everything is the same in whatever order of rows.
    fn any_order(&self) -> bool {
        self.exact()
    }
    /// The weight of the node.
    fn weight(&self) -> f64;
    /// The weights left and right.
    fn weights(&self) -> (f64, f64);
    /// By how much sums in another order of rows may change what the split search maximises;
    /// `None` where that cannot be told. Not asked if it is [`exact`](Self::exact).
    fn slack(&self, rows: usize) -> Option<f64>;
    /// What the split search maximises, if it is greater than `bar`.
    fn better(&self, bar: f64) -> Option<f64>;
    /// The impurity of the node just entered.
    fn impurity(&self, rows: &[u32]) -> f64;
    /// Parts the node before `rows[place]`, and returns the impurities left and right.
    fn part(&mut self, rows: &[u32], place: usize) -> (f64, f64);
    /// Appends the node's value. Asked after the search for a split.
    fn value(&self, values: &mut Vec<f64>);
}

/// By what part of the terms the quick test of a place may err. The roundings are a thousand times
/// smaller.
const TOLERANCE: f64 = 1e-11;

/// Far above what is lost where products are too small for all their digits.
const UNDERFLOW: f64 = 1e-290;

/// Products of the weights of both sides for which the quick test is right. Outside of it they lose
/// digits or overflow, and the test would be multiplied by what is lost.
const COMPARABLE: Range<f64> = 1e-250..1e250;

/// Up to here whole numbers, and so their sums in whatever order, are exact.
const MOST_EXACT: f64 = (1_u64 << 53) as f64;

/// Whether the sums of these numbers are exact in whatever order.
fn exact(mut numbers: impl Iterator<Item = f64>) -> bool {
    let sum = numbers.try_fold(0.0, |sum, number| {
        let sum = sum + number.abs();
        (number.fract() == 0.0 && sum < MOST_EXACT).then_some(sum)
    });
    sum.is_some()
}

/// The least weight of a row that counts.
fn least(weights: Option<&[f64]>) -> f64 {
    let positive = |weights: &[f64]| {
        weights.iter().copied().filter(|&weight| weight > 0.0).fold(f64::INFINITY, f64::min)
    };
    weights.map_or(1.0, positive)
}

/// How far apart two sums of `rows` numbers, in different orders, can be, if they are not
/// negative and sum to `sum`: twice what roundings lose at most, and twice that again because
/// sums are also found by subtracting. `None` where that is much beside the least of them.
fn lost(rows: usize, sum: f64, least: f64) -> Option<f64> {
    let lost = 4.0 * rows as f64 * f64::EPSILON * sum;
    (lost <= least / 16.0).then_some(lost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_whole_numbers_are_exact_up_to_2_to_the_53() {
        let most = MOST_EXACT - 1.0;
        let cases: [(&[f64], bool); 7] = [
            (&[], true),
            (&[1.0, -2.0, 3.0], true),
            (&[0.5], false),
            (&[most], true),
            (&[most, 1.0], false),
            (&[-most, -1.0], false),
            (&[f64::NAN], false),
        ];
        for (numbers, expected) in cases {
            assert_eq!(exact(numbers.iter().copied()), expected, "{numbers:?}");
        }
    }
}
