//! `absolute_error`: the mean distance of the targets from their weighted median.
//!
//! The targets of a node are ranked. Then rows are added one by one, from the left and from the
//! right, to a tree of sums by rank that finds the median, and what lies below and above it, in
//! the logarithm of the number of rows: `n · log(n)` for each feature of a node.

use super::{MOST_EXACT, NodeMeasure, Row, exact};
use crate::tree::fit::impurity;
use crate::tree::fit::sort;

/// Ranked targets, and the errors left and right of a place.
pub(in crate::tree::fit) struct AbsoluteError<'a> {
    targets: &'a [f64],
    weights: Option<&'a [f64]>,
    exact: bool,
    weight: f64,
    weight_left: f64,
    place: usize,
    /// The targets of the node, ascending.
    sorted: Vec<f64>,
    /// The rank of each row of the node, if it is the same in whatever order the rows stand.
    rank_of: Vec<u32>,
    fixed: bool,
    /// The rank of each row, in the order in which they stand.
    ranks: Vec<u32>,
    sums: RankedSums,
    /// The error right of each place.
    right: Vec<f64>,
    /// The error of the node as it was entered, and its median in the order of rows at hand.
    error: f64,
    median: f64,
    /// Whether the sums of the node are finite.
    finite: bool,
    /// Room for the sort.
    places: Vec<u32>,
}

impl<'a> AbsoluteError<'a> {
    pub(in crate::tree::fit) fn new(targets: &'a [f64], weights: Option<&'a [f64]>) -> Self {
        let weight = |row: usize| weights.map_or(1.0, |weights| weights[row]);
        let weight_sum: f64 = (0..targets.len()).map(weight).sum();
        let greatest = targets.iter().fold(0.0_f64, |most, target| most.max(target.abs()));
        // Which of two zeros is the median depends on the order of rows.
        let whole =
            |target: &f64| target.fract() == 0.0 && !(*target == 0.0 && target.is_sign_negative());
        AbsoluteError {
            targets,
            weights,
            exact: targets.iter().all(whole)
                && exact((0..targets.len()).map(weight))
                && weight_sum * greatest < MOST_EXACT,
            weight: 0.0,
            weight_left: 0.0,
            place: 0,
            sorted: Vec::new(),
            rank_of: vec![0; targets.len()],
            fixed: false,
            ranks: Vec::new(),
            sums: RankedSums::default(),
            right: Vec::new(),
            error: 0.0,
            median: 0.0,
            finite: true,
            places: Vec::new(),
        }
    }

    #[inline(always)]
    fn weight_of(&self, row: impl Row) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row.row()])
    }

    /// Ranks the targets of rows as scikit-learn does: equal ones in the order that its sort
    /// leaves them in.
    fn sort(&mut self, rows: &[impl Row]) {
        self.sorted.clear();
        self.sorted.extend(rows.iter().map(|row| self.targets[row.row()]));
        self.places.clear();
        self.places.extend(0..rows.len() as u32);
        sort::sort(&mut self.sorted, &mut self.places);
        self.ranks.resize(rows.len(), 0);
        for (rank, &place) in self.places.iter().enumerate() {
            self.ranks[place as usize] = rank as u32;
        }
    }

    /// Ranks the rows of the node, which stand in this order.
    fn rank(&mut self, rows: &[impl Row]) {
        match self.fixed {
            true => {
                self.ranks.clear();
                self.ranks.extend(rows.iter().map(|row| self.rank_of[row.row()]));
            }
            false => self.sort(rows),
        }
    }

    /// Adds the row at a place to the sums.
    #[inline(always)]
    fn add(&mut self, rows: &[impl Row], place: usize) {
        let rank = self.ranks[place] as usize;
        let weight = self.weight_of(rows[place]);
        self.sums.add(rank, weight, weight * self.sorted[rank]);
    }

    /// The errors left and right of a place, and the node's median, all in this order of rows.
    fn measure(&mut self, rows: &[impl Row], place: usize) -> (f64, f64, f64) {
        self.sums.clear(rows.len());
        for place in 0..place {
            self.add(rows, place);
        }
        let left = self.sums.error(&self.sorted).0;
        self.sums.clear(rows.len());
        for place in (place..rows.len()).rev() {
            self.add(rows, place);
        }
        let right = self.sums.error(&self.sorted).0;
        for place in (0..place).rev() {
            self.add(rows, place);
        }
        (left, right, self.sums.error(&self.sorted).1)
    }
}

impl NodeMeasure for AbsoluteError<'_> {
    fn enter(&mut self, rows: &[u32]) {
        self.weight = rows.iter().fold(0.0, |sum, &row| sum + self.weight_of(row));
        self.weight_left = 0.0;
        self.place = 0;
        self.sort(rows);
        self.fixed = self.exact || self.sorted.windows(2).all(|pair| pair[0] < pair[1]);
        for (&row, &rank) in rows.iter().zip(&self.ranks) {
            self.rank_of[row as usize] = rank;
        }
        self.sums.clear(rows.len());
        for place in (0..rows.len()).rev() {
            self.add(rows, place);
        }
        (self.error, self.median) = self.sums.error(&self.sorted);
        self.finite = self.weight.is_finite() && self.sums.total_weighted.is_finite();
    }

    fn reset(&mut self, rows: &[impl Row]) {
        self.rank(rows);
        self.right.resize(rows.len(), 0.0);
        self.sums.clear(rows.len());
        for place in (0..rows.len()).rev() {
            self.add(rows, place);
            (self.right[place], self.median) = self.sums.error(&self.sorted);
        }
        self.sums.clear(rows.len());
        self.weight_left = 0.0;
        self.place = 0;
    }

    fn advance(&mut self, rows: &[impl Row], place: usize) {
        for place in self.place..place {
            self.add(rows, place);
            self.weight_left += self.weight_of(rows[place]);
        }
        self.place = place;
    }

    fn exact(&self) -> bool {
        self.exact
    }

    fn weight(&self) -> f64 {
        self.weight
    }

    fn weights(&self) -> (f64, f64) {
        (self.weight_left, self.weight - self.weight_left)
    }

    /// A rounding may decide which of two targets is the median.
    fn slack(&self, _rows: usize) -> Option<f64> {
        None
    }

    fn better(&self, bar: f64) -> Option<f64> {
        let weights = self.weights();
        let left = self.sums.error(&self.sorted).0;
        let impurities = (left / weights.0, self.right[self.place] / weights.1);
        let proxy = impurity::proxy(weights, impurities);
        (proxy > bar).then_some(proxy)
    }

    fn impurity(&self, _rows: &[u32]) -> f64 {
        self.error / self.weight
    }

    fn part(&mut self, rows: &[u32], place: usize) -> (f64, f64) {
        self.rank(rows);
        let (left, right, median) = self.measure(rows, place);
        self.median = median;
        self.place = place;
        self.weight_left = rows[..place].iter().fold(0.0, |sum, &row| sum + self.weight_of(row));
        let weights = self.weights();
        (left / weights.0, right / weights.1)
    }

    fn value(&self, values: &mut Vec<f64>) {
        values.push(if self.finite { self.median } else { f64::NAN });
    }
}

/// Sums of weights, and of targets times weights, of the rows that were added, by rank: a Fenwick
/// tree (Fenwick, "A New Data Structure for Cumulative Frequency Tables", 1994). Source:
/// `WeightedFenwickTree` in `sklearn/tree/_utils.pyx`.
#[derive(Debug, Default)]
struct RankedSums {
    /// Weights, and targets times weights; counted from 1.
    nodes: Vec<(f64, f64)>,
    total: f64,
    total_weighted: f64,
}

impl RankedSums {
    /// Takes out all rows, and makes room for ranks below `size`.
    fn clear(&mut self, size: usize) {
        self.nodes.clear();
        self.nodes.resize(size + 1, (0.0, 0.0));
        self.total = 0.0;
        self.total_weighted = 0.0;
    }

    #[inline(always)]
    fn add(&mut self, rank: usize, weight: f64, weighted: f64) {
        let mut node = rank + 1;
        while let Some(sums) = self.nodes.get_mut(node) {
            sums.0 += weight;
            sums.1 += weighted;
            node += node & node.wrapping_neg();
        }
        self.total += weight;
        self.total_weighted += weighted;
    }

    /// The sum of the distances from the weighted median, and the median, of the rows added.
    /// `sorted` holds the target of each rank.
    #[inline(always)]
    fn error(&self, sorted: &[f64]) -> (f64, f64) {
        let Half { rank, before, left, weighted_left } = self.half();
        let target = |rank: usize| sorted.get(rank).copied().unwrap_or(f64::NAN);
        let median = match rank == before {
            true => target(rank),
            // one half of the weight ends right between the two
            false => (target(before) + target(rank)) / 2.0,
        };
        let (right, weighted_right) = (self.total - left, self.total_weighted - weighted_left);
        // added to zero, so that it is never the zero that is negative
        let error = 0.0 + ((weighted_right - median * right) + (median * left - weighted_left));
        (error, median)
    }

    /// Looks for the rank at which half of the weight is passed.
    #[inline(always)]
    fn half(&self) -> Half {
        let mut target = 0.5 * self.total;
        let mut half = Half { rank: 0, before: 0, left: 0.0, weighted_left: 0.0 };
        let mut bit = self.nodes.len().next_power_of_two() >> 1;
        while bit != 0 {
            if let Some(&(weight, weighted)) = self.nodes.get(half.rank + bit) {
                if target == weight {
                    return self.exact_half(half, bit, target);
                }
                if target > weight {
                    target -= weight;
                    half.rank += bit;
                    half.left += weight;
                    half.weighted_left += weighted;
                }
            }
            bit >>= 1;
        }
        Half { before: half.rank, ..half }
    }

    /// Goes on where the weight of a node is just what is left to pass.
    fn exact_half(&self, mut half: Half, first_bit: usize, first_target: f64) -> Half {
        let (mut bit, mut target) = (first_bit, first_target);
        half.before = half.rank;
        while bit != 0 {
            if let Some(&(weight, _)) = self.nodes.get(half.before + bit)
                && target > weight
            {
                target -= weight;
                half.before += bit;
            }
            bit >>= 1;
        }
        (bit, target) = (first_bit, first_target);
        while bit != 0 {
            if let Some(&(weight, weighted)) = self.nodes.get(half.rank + bit)
                && target >= weight
            {
                target -= weight;
                half.rank += bit;
                half.left += weight;
                half.weighted_left += weighted;
            }
            bit >>= 1;
        }
        half
    }
}

/// Where half of the weight is passed.
struct Half {
    /// The first rank at which more than half is passed.
    rank: usize,
    /// The first rank at which half is reached: another one if it is reached exactly.
    before: usize,
    /// The sums of all ranks below `rank`.
    left: f64,
    weighted_left: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The weighted median and the sum of distances from it, by looking at every row: half of the
    /// weight is at or below the median, and half at or above; between two, it is in the middle.
    fn by_hand(rows: &[(f64, f64)]) -> (f64, f64) {
        let mut rows = rows.to_vec();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let half = rows.iter().map(|row| row.1).sum::<f64>() / 2.0;
        let passed = |place: usize| rows[..=place].iter().map(|row| row.1).sum::<f64>();
        let reached = (0..rows.len()).find(|&place| passed(place) >= half).unwrap();
        let median = match passed(reached) == half {
            true => (rows[reached].0 + rows[reached + 1].0) / 2.0,
            false => rows[reached].0,
        };
        (rows.iter().map(|row| row.1 * (row.0 - median).abs()).sum(), median)
    }

    #[test]
    fn the_median_of_the_rows_added_so_far() {
        let cases: [&[(f64, f64)]; 6] = [
            &[(3.0, 1.0)],
            &[(1.0, 1.0), (2.0, 1.0), (4.0, 1.0), (8.0, 1.0), (16.0, 1.0)],
            &[(5.0, 1.0), (5.0, 2.0), (5.0, 1.0), (1.0, 4.0), (9.0, 4.0)],
            &[(-2.0, 0.5), (7.0, 0.25), (0.0, 0.25), (3.0, 4.0), (-9.0, 3.0), (1.0, 1.0)],
            &[(4.0, 1.0), (3.0, 1.0), (2.0, 1.0), (1.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (-2.0, 1.0)],
            &[(1.0, 8.0), (2.0, 1.0), (3.0, 1.0), (4.0, 1.0), (5.0, 1.0), (6.0, 4.0)],
        ];
        for rows in cases {
            let mut order: Vec<usize> = (0..rows.len()).collect();
            order.sort_by(|&a, &b| rows[a].0.total_cmp(&rows[b].0));
            let sorted: Vec<f64> = order.iter().map(|&row| rows[row].0).collect();
            let mut sums = RankedSums::default();
            sums.clear(rows.len());
            for (count, &(target, weight)) in rows.iter().enumerate() {
                let rank = order.iter().position(|&row| row == count).unwrap();
                sums.add(rank, weight, weight * target);
                assert_eq!(sums.error(&sorted), by_hand(&rows[..=count]), "{count} of {rows:?}");
            }
        }
    }
}
