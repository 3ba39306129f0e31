//! Weighted classes: Gini impurity and entropy.

use super::{COMPARABLE, NodeMeasure, Row, TOLERANCE, UNDERFLOW, exact, least, lost};
use crate::tree::Criterion;
use crate::tree::fit::impurity;

/// Weights by class.
pub(in crate::tree::fit) struct ClassSums<'a> {
    classes: &'a [u32],
    weights: Option<&'a [f64]>,
    exact: bool,
    least: f64,
    criterion: Criterion,
    total: Vec<f64>,
    left: Vec<f64>,
    right: Vec<f64>,
    weight: f64,
    weight_left: f64,
    place: usize,
}

impl<'a> ClassSums<'a> {
    pub(in crate::tree::fit) fn new(
        classes: &'a [u32],
        weights: Option<&'a [f64]>,
        class_count: usize,
        criterion: Criterion,
    ) -> Self {
        let zeros = vec![0.0; class_count];
        ClassSums {
            classes,
            weights,
            exact: weights.is_none_or(|weights| exact(weights.iter().copied())),
            least: least(weights),
            criterion,
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
        impurity::of(self.criterion, sums.iter().copied(), weight)
    }

    fn impurities(&self) -> (f64, f64) {
        let (left, right) = self.weights();
        (self.impurity_of(&self.left, left), self.impurity_of(&self.right, right))
    }
}

impl NodeMeasure for ClassSums<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.total.fill(0.0);
        self.weight = 0.0;
        for &row in rows {
            let weight = self.weight_of(row);
            self.total[self.classes[row.row()] as usize] += weight;
            self.weight += weight;
        }
        self.reset(rows);
    }

    fn reset(&mut self, _rows: &[impl Row]) {
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
        let times = match self.criterion {
            Criterion::Gini => 8.0,
            Criterion::Entropy | Criterion::LogLoss => 256.0,
        };
        Some(lost * times)
    }

    #[inline(always)]
    fn better(&self, bar: f64) -> Option<f64> {
        let (left, right) = self.weights();
        if self.criterion == Criterion::Gini && COMPARABLE.contains(&(left * right)) {
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

    fn impurity(&self, _rows: &[u32]) -> f64 {
        self.impurity_of(&self.total, self.weight)
    }

    fn part(&mut self, rows: &[u32], place: usize) -> (f64, f64) {
        self.reset(rows);
        self.advance(rows, place);
        self.impurities()
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.extend(self.total.iter().map(|sum| sum / self.weight));
    }
}
