//! The splitter for sums that are rounded: weighted classes, and targets of a regression.
//!
//! It keeps the rows in the very order in which scikit-learn keeps them, because the order of the
//! addends decides how a sum is rounded, and a last bit decides between two splits. Source:
//! `node_split_best` in `sklearn/tree/_splitter.pyx`, `DensePartitioner` in `_partitioner.pyx`.

use super::FEATURE_THRESHOLD;
use super::columns::Columns;
use super::grow::{Limits, Split, Splitter};
use super::impurity;
use super::random::FeatureOrder;
use super::sort;
use super::sums::Sums;

/// Keeps rows in scikit-learn's order.
pub(super) struct Ordered<'a, S> {
    columns: &'a Columns,
    sums: S,
    total_weight: f64,
    features: FeatureOrder,
    rows: Vec<u32>,
    values: Vec<f32>,
    node: (usize, usize),
}

impl<'a, S: Sums> Ordered<'a, S> {
    /// `rows` are those that count, in order.
    pub(super) fn new(
        columns: &'a Columns,
        sums: S,
        rows: Vec<u32>,
        total_weight: f64,
        features: FeatureOrder,
    ) -> Self {
        let values = vec![0.0; rows.len()];
        Ordered { columns, sums, total_weight, features, rows, values, node: (0, 0) }
    }

    /// Sorts the node's rows by a feature, missing values last in the order that swapping leaves
    /// them in, and returns how many are missing.
    fn sort(&mut self, feature: usize) -> usize {
        let (start, end) = self.node;
        let column = self.columns.column(feature);
        let rows = &mut self.rows[start..end];
        let values = &mut self.values[start..end];
        let mut present = rows.len();
        if self.columns.has_missing(feature) {
            let mut i = 0;
            while i < present {
                if column[rows[present - 1] as usize].is_nan() {
                    present -= 1;
                    continue;
                }
                if column[rows[i] as usize].is_nan() {
                    present -= 1;
                    rows.swap(i, present);
                }
                values[i] = column[rows[i] as usize];
                i += 1;
            }
        } else {
            for (value, &row) in values.iter_mut().zip(rows.iter()) {
                *value = column[row as usize];
            }
        }
        sort::sort(&mut values[..present], &mut rows[..present]);
        values.len() - present
    }

    /// Puts the rows of the left child first, by swapping.
    fn partition(&mut self, split: &Split) {
        let (start, end) = self.node;
        let column = self.columns.column(split.feature);
        let rows = &mut self.rows[start..end];
        let (mut left, mut right) = (0, rows.len());
        while left < right {
            let value = column[rows[left] as usize];
            let go_left = match value.is_nan() {
                true => split.missing_go_to_left,
                false => f64::from(value) <= split.threshold,
            };
            if go_left {
                left += 1;
            } else {
                right -= 1;
                rows.swap(left, right);
            }
        }
    }

    /// Looks for a better split by a feature that the node's rows are sorted by.
    fn search(
        &mut self,
        feature: usize,
        missing: usize,
        limits: &Limits,
        best: &mut (f64, Option<Split>),
    ) {
        let (start, end) = self.node;
        let length = end - start;
        for missing_go_to_left in [false, true] {
            if missing_go_to_left && missing == 0 {
                return;
            }
            let rows = &mut self.rows[start..end];
            let values = &mut self.values[start..end];
            if missing_go_to_left {
                rows.rotate_right(missing);
                values.rotate_right(missing);
            }
            let present_end = if missing_go_to_left { length } else { length - missing };
            self.sums.reset();
            let mut place = if missing_go_to_left { missing } else { 0 };
            loop {
                if place == present_end {
                    break; // the missing values alone were on the right
                }
                place += 1;
                while place < present_end && values[place] <= values[place - 1] + FEATURE_THRESHOLD
                {
                    place += 1;
                }
                if place >= length {
                    break;
                }
                if place < limits.min_samples_leaf || length - place < limits.min_samples_leaf {
                    continue;
                }
                self.sums.advance(rows, place);
                let (left, right) = self.sums.weights();
                if left < limits.min_weight_leaf || right < limits.min_weight_leaf {
                    continue;
                }
                let proxy = self.sums.proxy();
                if proxy > best.0 {
                    let all_missing_right = place == present_end;
                    let threshold = match all_missing_right {
                        true => f64::INFINITY,
                        false => {
                            f64::from(values[place - 1]) / 2.0 + f64::from(values[place]) / 2.0
                        }
                    };
                    let split = Split {
                        feature,
                        threshold,
                        missing_go_to_left: match missing {
                            0 => place > length - place,
                            _ => missing_go_to_left,
                        },
                        position: start + place,
                        improvement: f64::NEG_INFINITY,
                        impurity_left: f64::INFINITY,
                        impurity_right: f64::INFINITY,
                        left: 0,
                        right: 0,
                    };
                    *best = (proxy, Some(split));
                }
            }
        }
    }
}

impl<S: Sums> Splitter for Ordered<'_, S> {
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
        _depth: usize,
        limits: &Limits,
    ) -> (Option<Split>, usize) {
        let (start, end) = self.node;
        let mut best = (f64::NEG_INFINITY, None);
        self.features.begin(constants);
        while let Some(feature) = self.features.next() {
            let missing = self.sort(feature);
            let present = end - missing;
            let constant = present == start
                || missing == 0
                    && self.values[present - 1] <= self.values[start] + FEATURE_THRESHOLD;
            if constant {
                self.features.constant();
                continue;
            }
            self.features.used();
            self.search(feature, missing, limits, &mut best);
        }
        let split = best.1.map(|mut split: Split| {
            self.partition(&split);
            let rows = &self.rows[start..end];
            let place = split.position - start;
            self.sums.reset();
            self.sums.advance(rows, place);
            let impurities = self.sums.impurities(&rows[..place]);
            (split.impurity_left, split.impurity_right) = impurities;
            split.improvement = impurity::improvement(
                self.total_weight,
                self.sums.weight(),
                node_impurity,
                self.sums.weights(),
                impurities,
            );
            split
        });
        let split = split.filter(|split| limits.enough(split.improvement));
        (split, self.features.finish())
    }
}
