//! Weighted sums of a target: what the criteria that estimate means have in common.

use super::{Row, exact};

/// The sums of weights, and of targets times weights, of a node and left of a place.
pub(super) struct TargetSums<'a> {
    targets: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    /// Whether the sums are the same in whatever order of rows.
    pub(super) exact: bool,
    pub(super) total: f64,
    pub(super) left: f64,
    pub(super) weight: f64,
    pub(super) weight_left: f64,
    place: usize,
}

impl<'a> TargetSums<'a> {
    pub(super) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        let mut sums = TargetSums {
            targets,
            weights,
            exact: false,
            total: 0.0,
            left: 0.0,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
        };
        sums.exact = exact(sums.all().map(|(weight, _)| weight))
            && exact(sums.all().map(|(weight, target)| weight * target));
        sums
    }

    /// The weight and the target of every row.
    pub(super) fn all(&self) -> impl Iterator<Item = (f64, f64)> {
        (0..self.targets.len() as u32).map(|row| self.of(row))
    }

    /// The weight and the target of a row.
    #[inline(always)]
    pub(super) fn of(&self, row: impl Row) -> (f64, f64) {
        let weight = self.weights.map_or(1.0, |weights| weights[row.row()]);
        (weight, self.targets[row.row()])
    }

    /// Sums up the rows of a node, and stands before the first; `also` is called with the weight
    /// and the target of each.
    #[inline(always)]
    pub(super) fn enter(&mut self, rows: &[u32], mut also: impl FnMut(f64, f64)) {
        self.total = 0.0;
        self.weight = 0.0;
        for &row in rows {
            let (weight, target) = self.of(row);
            self.total += weight * target;
            self.weight += weight;
            also(weight, target);
        }
        self.reset();
    }

    pub(super) fn reset(&mut self) {
        self.left = 0.0;
        self.weight_left = 0.0;
        self.place = 0;
    }

    /// Goes on to stand before `rows[place]`, from the side that is nearer.
    #[inline(always)]
    pub(super) fn advance(&mut self, rows: &[impl Row], place: usize) {
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

    /// The weights left and right.
    #[inline(always)]
    pub(super) fn weights(&self) -> (f64, f64) {
        (self.weight_left, self.weight - self.weight_left)
    }

    /// The mean target of the node.
    pub(super) fn mean(&self) -> f64 {
        self.total / self.weight
    }
}
