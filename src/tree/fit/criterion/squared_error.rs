//! `squared_error`: the variance of the targets.

use super::targets::TargetSums;
use super::{COMPARABLE, NodeMeasure, Row, TOLERANCE, UNDERFLOW, exact, least, lost};

/// Sums of a target, and of its squares.
pub(in crate::tree::fit) struct SquaredError<'a> {
    sums: TargetSums<'a>,
    exact: bool,
    least: f64,
    /// The greatest absolute target of the node, and the weighted sum of all.
    greatest: f64,
    absolute: f64,
    squares: f64,
}

impl<'a> SquaredError<'a> {
    pub(in crate::tree::fit) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        let sums = TargetSums::new(targets, weights);
        SquaredError {
            exact: sums.exact && exact(sums.all().map(|(weight, target)| weight * target * target)),
            sums,
            least: least(weights),
            greatest: 0.0,
            absolute: 0.0,
            squares: 0.0,
        }
    }
}

impl NodeMeasure for SquaredError<'_> {
    fn enter(&mut self, rows: &[u32]) {
        let (mut greatest, mut absolute, mut squares) = (0.0_f64, 0.0, 0.0);
        self.sums.enter(rows, |weight, target| {
            greatest = greatest.max(target.abs());
            absolute += weight * target.abs();
            squares += weight * target * target;
        });
        (self.greatest, self.absolute, self.squares) = (greatest, absolute, squares);
    }

    fn reset(&mut self, _rows: &[impl Row]) {
        self.sums.reset();
    }

    #[inline(always)]
    fn advance(&mut self, rows: &[impl Row], place: usize) {
        self.sums.advance(rows, place);
    }

    fn exact(&self) -> bool {
        self.exact
    }

    fn weight(&self) -> f64 {
        self.sums.weight
    }

    fn weights(&self) -> (f64, f64) {
        self.sums.weights()
    }

    fn slack(&self, rows: usize) -> Option<f64> {
        // The proxy is sum² / weight on either side, so it changes by twice the mean, which is at
        // most the greatest target, for a change of the sum, and by its square for one of the
        // weight.
        let lost_weight = lost(rows, self.sums.weight, self.least)?;
        let lost_sum = lost(rows, self.absolute, f64::INFINITY)?;
        let slack = 8.0 * self.greatest * (lost_sum + self.greatest * lost_weight);
        slack.is_finite().then_some(slack)
    }

    #[inline(always)]
    fn better(&self, bar: f64) -> Option<f64> {
        let TargetSums { total, left, .. } = self.sums;
        let right = total - left;
        let (weight_left, weight_right) = self.sums.weights();
        let squares = (left * left, right * right);
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

    fn impurity(&self, _rows: &[u32]) -> f64 {
        let mean = self.sums.mean();
        self.squares / self.sums.weight - mean * mean
    }

    fn part(&mut self, rows: &[u32], place: usize) -> (f64, f64) {
        self.sums.reset();
        self.sums.advance(rows, place);
        let mut squares_left = 0.0;
        for &row in &rows[..place] {
            let (weight, target) = self.sums.of(row);
            squares_left += weight * target * target;
        }
        let squares_right = self.squares - squares_left;
        let (weight_left, weight_right) = self.sums.weights();
        let mean_left = self.sums.left / weight_left;
        let mean_right = (self.sums.total - self.sums.left) / weight_right;
        (
            squares_left / weight_left - mean_left * mean_left,
            squares_right / weight_right - mean_right * mean_right,
        )
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.push(self.sums.mean());
    }
}
