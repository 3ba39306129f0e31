//! Running sums of weights and targets over the rows of a node, left and right of a place.
//!
//! Source: `sklearn/tree/_criterion.pyx`. The sums are taken in the same order of rows, forwards
//! or backwards, as there.

use std::ops::Range;

use super::impurity;
use super::lists::Entry;

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

/// How far apart two sums of so many numbers, in different orders, can be, if they are not
/// negative and sum to `sum`: twice what roundings lose at most, and twice that again because
/// sums are also found by subtracting. `None` where that is much beside the least of them.
fn lost(rows: usize, sum: f64, least: f64) -> Option<f64> {
    let lost = 4.0 * rows as f64 * f64::EPSILON * sum;
    (lost <= least / 16.0).then_some(lost)
}

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

/// What a splitter must know of the rows left and right of a place.
pub(super) trait Sums {
    /// Sums up the rows of a node, and stands before the first.
    fn enter(&mut self, rows: &[u32]);
    /// Goes back before the first row.
    fn reset(&mut self);
    /// Goes on to stand before `rows[place]`.
    fn advance(&mut self, rows: &[impl Row], place: usize);
    /// Whether sums are the same in whatever order of rows.
    fn exact(&self) -> bool;
    /// The weight of the node.
    fn weight(&self) -> f64;
    /// The weights left and right.
    fn weights(&self) -> (f64, f64);
    /// By how much sums in another order of rows may change what the split search maximises;
    /// `None` where that cannot be told.
    fn slack(&self, rows: usize) -> Option<f64>;
    /// What the split search maximises, if it is greater than `bar`.
    fn better(&self, bar: f64) -> Option<f64>;
    /// The impurity of the node.
    fn impurity(&self) -> f64;
    /// The impurities left and right of the place; `left` are the rows left of it.
    fn impurities(&self, left: &[u32]) -> (f64, f64);
    /// Appends the node's value: class fractions, or the mean.
    fn value(&self, values: &mut Vec<f64>);
}

/// Weights by class.
pub(super) struct ClassSums<'a> {
    classes: &'a [u32],
    weights: Option<&'a [f64]>,
    exact: bool,
    least: f64,
    gini: bool,
    total: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
    weight: f64,
    weight_left: f64,
    place: usize,
}

impl<'a> ClassSums<'a> {
    pub(super) fn new(
        classes: &'a [u32],
        weights: Option<&'a [f64]>,
        class_count: usize,
        gini: bool,
    ) -> Self {
        let zeros = vec![0.0; class_count];
        ClassSums {
            classes,
            weights,
            exact: weights.is_none_or(|weights| exact(weights.iter().copied())),
            least: least(weights),
            gini,
            total: zeros.clone(),
            left: zeros.clone(),
            right: zeros,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
        }
    }

    #[inline(always)]
    fn weight_of(&self, row: impl Row) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row.row()])
    }

    fn impurity_of(&self, sums: &[f64], weight: f64) -> f64 {
        match self.gini {
            true => impurity::gini(sums.iter().copied(), weight),
            false => impurity::entropy(sums.iter().copied(), weight),
        }
    }

    fn impurities(&self) -> (f64, f64) {
        let (left, right) = self.weights();
        (self.impurity_of(&self.left, left), self.impurity_of(&self.right, right))
    }
}

impl Sums for ClassSums<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.total.fill(0.0);
        self.weight = 0.0;
        for &row in rows {
            let weight = self.weight_of(row);
            self.total[self.classes[row.row()] as usize] += weight;
            self.weight += weight;
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.left.fill(0.0);
        self.right.copy_from_slice(&self.total);
        self.weight_left = 0.0;
        self.place = 0;
    }

    #[inline(always)]
    fn advance(&mut self, rows: &[impl Row], place: usize) {
        if place - self.place <= rows.len() - place {
            for &row in &rows[self.place..place] {
                let weight = self.weight_of(row);
                self.left[self.classes[row.row()] as usize] += weight;
                self.weight_left += weight;
            }
        } else {
            self.left.copy_from_slice(&self.total);
            self.weight_left = self.weight;
            for &row in rows[place..].iter().rev() {
                let weight = self.weight_of(row);
                self.left[self.classes[row.row()] as usize] -= weight;
                self.weight_left -= weight;
            }
        }
        for ((right, total), left) in self.right.iter_mut().zip(&self.total).zip(&self.left) {
            *right = total - left;
        }
        self.place = place;
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn weights(&self) -> (f64, f64) {
        (self.weight_left, self.weight - self.weight_left)
    }

    fn exact(&self) -> bool {
        self.exact
    }

    fn slack(&self, rows: usize) -> Option<f64> {
        let lost = lost(rows, self.weight, self.least)?;
        // The Gini proxy changes at most 3 times as much as the sums on either side; that of the
        // entropy by the logarithm of a fraction, which is below 64.
        Some(lost * if self.gini { 8.0 } else { 256.0 })
    }

    #[inline(always)]
    fn better(&self, bar: f64) -> Option<f64> {
        let (left, right) = self.weights();
        if self.gini && COMPARABLE.contains(&(left * right)) {
            // The proxy is a² / l + b² / r - weight, with a² and b² the sums of squared weights:
            // compared without divisions, for most places are worse.
            let square = |sums: &[f64]| sums.iter().fold(0.0, |sum, weight| sum + weight * weight);
            let quick = square(&self.left) * right + square(&self.right) * left;
            let bound = bar + self.weight - self.weight * TOLERANCE;
            if quick < bound * (left * right) - UNDERFLOW {
                return None;
            }
        }
        let proxy = impurity::proxy((left, right), self.impurities());
        (proxy > bar).then_some(proxy)
    }

    fn impurity(&self) -> f64 {
        self.impurity_of(&self.total, self.weight)
    }

    fn impurities(&self, _left: &[u32]) -> (f64, f64) {
        ClassSums::impurities(self)
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.extend(self.total.iter().map(|sum| sum / self.weight));
    }
}

/// Weighted sums of a target, and of its squares.
pub(super) struct TargetSums<'a> {
    targets: &'a [f64],
    weights: Option<&'a [f64]>,
    exact: bool,
    least: f64,
    /// The greatest absolute target of the node, and the weighted sum of all.
    greatest: f64,
    absolute: f64,
    total: f64,
    squares: f64,
    left: f64,
    weight: f64,
    weight_left: f64,
    place: usize,
}

impl<'a> TargetSums<'a> {
    pub(super) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let rows = || targets.iter().enumerate().map(|(row, target)| (weight(row), target));
        let exact = exact(rows().map(|(weight, _)| weight))
            && exact(rows().map(|(weight, target)| weight * target))
            && exact(rows().map(|(weight, target)| weight * target * target));
        TargetSums {
            targets,
            weights,
            exact,
            least: least(weights),
            greatest: 0.0,
            absolute: 0.0,
            total: 0.0,
            squares: 0.0,
            left: 0.0,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
        }
    }

    #[inline(always)]
    fn of(&self, row: impl Row) -> (f64, f64) {
        let weight = self.weights.map_or(1.0, |weights| weights[row.row()]);
        (weight, self.targets[row.row()])
    }
}

impl Sums for TargetSums<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.total = 0.0;
        self.squares = 0.0;
        self.weight = 0.0;
        self.greatest = 0.0;
        self.absolute = 0.0;
        for &row in rows {
            let (weight, target) = self.of(row);
            self.greatest = self.greatest.max(target.abs());
            self.absolute += weight * target.abs();
            self.total += weight * target;
            self.squares += weight * target * target;
            self.weight += weight;
        }
        self.reset();
    }

    fn reset(&mut self) {
        self.left = 0.0;
        self.weight_left = 0.0;
        self.place = 0;
    }

    #[inline(always)]
    fn advance(&mut self, rows: &[impl Row], place: usize) {
        if place - self.place <= rows.len() - place {
            for &row in &rows[self.place..place] {
                let (weight, target) = self.of(row);
                self.left += weight * target;
                self.weight_left += weight;
            }
        } else {
            self.left = self.total;
            self.weight_left = self.weight;
            for &row in rows[place..].iter().rev() {
                let (weight, target) = self.of(row);
                self.left -= weight * target;
                self.weight_left -= weight;
            }
        }
        self.place = place;
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn weights(&self) -> (f64, f64) {
        (self.weight_left, self.weight - self.weight_left)
    }

    fn exact(&self) -> bool {
        self.exact
    }

    fn slack(&self, rows: usize) -> Option<f64> {
        // The proxy is sum² / weight on either side, so it changes by twice the mean, which is at
        // most the greatest target, for a change of the sum, and by its square for one of the
        // weight.
        let lost_weight = lost(rows, self.weight, self.least)?;
        let lost_sum = lost(rows, self.absolute, f64::INFINITY)?;
        let slack = 8.0 * self.greatest * (lost_sum + self.greatest * lost_weight);
        slack.is_finite().then_some(slack)
    }

    #[inline(always)]
    fn better(&self, bar: f64) -> Option<f64> {
        let right = self.total - self.left;
        let (weight_left, weight_right) = self.weights();
        let squares = (self.left * self.left, right * right);
        let product = weight_left * weight_right;
        if COMPARABLE.contains(&product) {
            // compared without divisions, for most places are worse
            let quick = squares.0 * weight_right + squares.1 * weight_left;
            let bound = bar * (1.0 - TOLERANCE) * product;
            if quick < bound - UNDERFLOW {
                return None;
            }
        }
        let proxy = squares.0 / weight_left + squares.1 / weight_right;
        (proxy > bar).then_some(proxy)
    }

    fn impurity(&self) -> f64 {
        let mean = self.total / self.weight;
        self.squares / self.weight - mean * mean
    }

    fn impurities(&self, left: &[u32]) -> (f64, f64) {
        let mut squares_left = 0.0;
        for &row in left {
            let (weight, target) = self.of(row);
            squares_left += weight * target * target;
        }
        let squares_right = self.squares - squares_left;
        let (weight_left, weight_right) = self.weights();
        let mean_left = self.left / weight_left;
        let mean_right = (self.total - self.left) / weight_right;
        (
            squares_left / weight_left - mean_left * mean_left,
            squares_right / weight_right - mean_right * mean_right,
        )
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.push(self.total / self.weight);
    }
}
