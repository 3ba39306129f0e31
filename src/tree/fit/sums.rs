//! Running sums of weights and targets over the rows of a node, left and right of a place.
//!
//! Source: `sklearn/tree/_criterion.pyx`. The sums are taken in the same order of rows, forwards
//! or backwards, as there.

use super::impurity;

/// What a splitter must know of the rows left and right of a place.
pub(super) trait Sums {
    /// Sums up the rows of a node, and stands before the first.
    fn enter(&mut self, rows: &[u32]);
    /// Goes back before the first row.
    fn reset(&mut self);
    /// Goes on to stand before `rows[place]`.
    fn advance(&mut self, rows: &[u32], place: usize);
    /// The weight of the node.
    fn weight(&self) -> f64;
    /// The weights left and right.
    fn weights(&self) -> (f64, f64);
    /// What the split search maximises.
    fn proxy(&self) -> f64;
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
            gini,
            total: zeros.clone(),
            left: zeros.clone(),
            right: zeros,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
        }
    }

    fn weight_of(&self, row: u32) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row as usize])
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
            self.total[self.classes[row as usize] as usize] += weight;
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

    fn advance(&mut self, rows: &[u32], place: usize) {
        if place - self.place <= rows.len() - place {
            for &row in &rows[self.place..place] {
                let weight = self.weight_of(row);
                self.left[self.classes[row as usize] as usize] += weight;
                self.weight_left += weight;
            }
        } else {
            self.left.copy_from_slice(&self.total);
            self.weight_left = self.weight;
            for &row in rows[place..].iter().rev() {
                let weight = self.weight_of(row);
                self.left[self.classes[row as usize] as usize] -= weight;
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

    fn proxy(&self) -> f64 {
        impurity::proxy(self.weights(), self.impurities())
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
    total: f64,
    squares: f64,
    left: f64,
    weight: f64,
    weight_left: f64,
    place: usize,
}

impl<'a> TargetSums<'a> {
    pub(super) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        TargetSums {
            targets,
            weights,
            total: 0.0,
            squares: 0.0,
            left: 0.0,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
        }
    }

    fn of(&self, row: u32) -> (f64, f64) {
        let weight = self.weights.map_or(1.0, |weights| weights[row as usize]);
        (weight, self.targets[row as usize])
    }
}

impl Sums for TargetSums<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.total = 0.0;
        self.squares = 0.0;
        self.weight = 0.0;
        for &row in rows {
            let (weight, target) = self.of(row);
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

    fn advance(&mut self, rows: &[u32], place: usize) {
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

    fn proxy(&self) -> f64 {
        let right = self.total - self.left;
        let (weight_left, weight_right) = self.weights();
        self.left * self.left / weight_left + right * right / weight_right
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
