//! `poisson`: half the Poisson deviance of the targets from their mean.

use super::targets::TargetSums;
use super::{NodeMeasure, Row};
use crate::tree::fit::impurity::log;

/// Sums of targets up to this count as zero: no mean of zero is estimated.
const LEAST_SUM: f64 = 10.0 * f64::EPSILON;

/// Sums of a target that is not negative.
pub(in crate::tree::fit) struct Poisson<'a>(TargetSums<'a>);

impl<'a> Poisson<'a> {
    pub(in crate::tree::fit) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        Poisson(TargetSums::new(targets, weights))
    }

    /// The mean of `target · ln(target / mean)` over rows whose targets and weights have these
    /// sums.
    fn loss(&self, rows: &[u32], sum: f64, weight_sum: f64) -> f64 {
        if sum <= LEAST_SUM {
            return f64::INFINITY;
        }
        let mean = sum / weight_sum;
        let mut loss = 0.0;
        for &row in rows {
            let (weight, target) = self.0.of(row);
            loss += weight * times_log(target, target / mean);
        }
        loss / weight_sum
    }
}

/// `x · ln(y)`, and 0 for an `x` of 0: scipy's `xlogy`.
fn times_log(x: f64, y: f64) -> f64 {
    if x == 0.0 && !y.is_nan() { 0.0 } else { x * y.ln() }
}

impl NodeMeasure for Poisson<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.0.enter(rows, |_, _| ());
    }

    fn reset(&mut self, _rows: &[impl Row]) {
        self.0.reset();
    }

    #[inline(always)]
    fn advance(&mut self, rows: &[impl Row], place: usize) {
        self.0.advance(rows, place);
    }

    fn exact(&self) -> bool {
        self.0.exact
    }

    /// The logarithms that an impurity is the sum of are not exact.
    fn any_order(&self) -> bool {
        false
    }

    fn weight(&self) -> f64 {
        self.0.weight
    }

    fn weights(&self) -> (f64, f64) {
        self.0.weights()
    }

    /// Where all targets of a side are zero, what roundings leave of their sum decides whether
    /// the split is allowed.
    fn slack(&self, _rows: usize) -> Option<f64> {
        None
    }

    #[inline(always)]
    fn better(&self, bar: f64) -> Option<f64> {
        let TargetSums { total, left, .. } = self.0;
        let right = total - left;
        if left <= LEAST_SUM || right <= LEAST_SUM {
            return None;
        }
        let (weight_left, weight_right) = self.0.weights();
        let proxy = left * log(left / weight_left) + right * log(right / weight_right);
        (proxy > bar).then_some(proxy)
    }

    fn impurity(&self, rows: &[u32]) -> f64 {
        self.loss(rows, self.0.total, self.0.weight)
    }

    fn part(&mut self, rows: &[u32], place: usize) -> (f64, f64) {
        self.0.reset();
        self.0.advance(rows, place);
        let (left, right) = rows.split_at(place);
        let (weight_left, weight_right) = self.0.weights();
        (
            self.loss(left, self.0.left, weight_left),
            self.loss(right, self.0.total - self.0.left, weight_right),
        )
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.push(self.0.mean());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_of_zero_costs_nothing() {
        let cases = [(0.0, 0.0, 0.0), (0.0, 5.0, 0.0), (1.0, 1.0, 0.0), (2.0, 1.0, 0.0)];
        for (x, y, expected) in cases {
            assert_eq!(times_log(x, y), expected, "{x} · ln({y})");
        }
        assert!(times_log(0.0, f64::NAN).is_nan());
        assert_eq!(times_log(3.0, std::f64::consts::E), 3.0);
    }

    #[test]
    fn the_loss_is_that_of_the_mean() {
        let targets = [0.0, 2.0, 4.0, 0.0];
        let mut poisson = Poisson::new(&targets, None);
        poisson.enter(&[0, 1, 2, 3]);
        // the mean is 1.5
        let expected = (2.0 * (2.0_f64 / 1.5).ln() + 4.0 * (4.0_f64 / 1.5).ln()) / 4.0;
        assert_eq!(poisson.impurity(&[0, 1, 2, 3]), expected);
        // nothing on one side, which no mean can be estimated for
        poisson.advance(&[0_u32, 1, 2, 3], 1);
        assert_eq!(poisson.better(f64::NEG_INFINITY), None);
        assert_eq!(poisson.part(&[0, 1, 2, 3], 1).0, f64::INFINITY);
        poisson.advance(&[0_u32, 1, 2, 3], 2);
        assert!(poisson.better(f64::NEG_INFINITY).is_some());
    }
}
