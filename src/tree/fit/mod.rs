//! Growing trees: the same as scikit-learn 1.9.1 grows, node by node.

mod counting;
mod criterion;
mod grow;
mod heap;
mod impurity;
mod lists;
mod ordered;
mod prune;
mod random;
mod sort;

pub(super) use grow::GrowthLimits;

use counting::Counting;
use criterion::{AbsoluteError, ClassSums, NodeMeasure, Poisson, SquaredError};
use lists::Lists;
use ordered::Ordered;
use random::FeatureOrder;

use super::nodes::{Growing, Tree};
use super::{Criterion, Error, Features, RegressionCriterion};

/// Two values closer than this are not split between.
const FEATURE_THRESHOLD: f32 = 1e-7;

/// What a tree is grown from, already checked: lengths agree, and weights are finite, not
/// negative and not all zero.
pub(super) struct Task<'a, 'b> {
    pub(super) features: Features<'b>,
    pub(super) target: Target<'a>,
    /// One weight a row, or 1 for each.
    pub(super) weights: Option<&'a [f64]>,
    pub(super) limits: GrowthLimits,
    pub(super) ccp_alpha: f64,
}

/// What a tree learns.
pub(super) enum Target<'a> {
    /// A class for each row, below `count`.
    Classes { codes: &'a [u32], count: usize, criterion: Criterion },
    /// A number for each row.
    Numbers { targets: &'a [f64], criterion: RegressionCriterion },
}

impl Task<'_, '_> {
    /// Grows and prunes the tree.
    pub(super) fn fit(self) -> Result<Tree, Error> {
        let (rows, columns) = self.features.shape();
        let limits = &self.limits;
        let depth_first = limits.max_leaf_nodes.is_none();
        let order =
            FeatureOrder::new(columns, limits.max_features, limits.random_state, depth_first);
        let (weight, counted): (f64, Vec<u32>) = match self.weights {
            None => (rows as f64, (0..rows as u32).collect()),
            Some(weights) => (
                weights.iter().fold(0.0, |sum, weight| sum + weight),
                (0..rows as u32).zip(weights).filter(|(_, w)| **w != 0.0).map(|(r, _)| r).collect(),
            ),
        };
        let tree = match self.target {
            Target::Classes { codes, count, criterion } if self.counts_suffice(&counted) => {
                let mut total = vec![0; count];
                for &row in &counted {
                    total[codes[row as usize] as usize] += 1;
                }
                match Lists::class_bits(rows, count) {
                    Some(class_bits) => {
                        let class = |row: u32| codes[row as usize];
                        let lists = Lists::new(self.features, &counted, class_bits, class)?;
                        drop(counted);
                        self.check_leaves(&lists, &total)?;
                        let classes = lists.packed();
                        let mut splitter = Counting::new(lists, classes, total, criterion, order);
                        grow::grow(&mut splitter, limits, count)
                    }
                    None => {
                        let lists = Lists::new(self.features, &counted, 0, |_| 0)?;
                        drop(counted);
                        self.check_leaves(&lists, &total)?;
                        let mut splitter = Counting::new(lists, codes, total, criterion, order);
                        grow::grow(&mut splitter, limits, count)
                    }
                }
            }
            Target::Classes { codes, count, criterion } => {
                let measure = ClassSums::new(codes, self.weights, count, criterion);
                self.grow_in_order(counted, weight, order, measure, count)
            }
            Target::Numbers { targets, criterion } => match criterion {
                RegressionCriterion::SquaredError | RegressionCriterion::FriedmanMse => {
                    let measure = SquaredError::new(targets, self.weights);
                    self.grow_in_order(counted, weight, order, measure, 1)
                }
                RegressionCriterion::AbsoluteError => {
                    let measure = AbsoluteError::new(targets, self.weights);
                    self.grow_in_order(counted, weight, order, measure, 1)
                }
                RegressionCriterion::Poisson => {
                    let measure = Poisson::new(targets, self.weights);
                    self.grow_in_order(counted, weight, order, measure, 1)
                }
            },
        };
        let tree = tree?.finish(columns)?;
        match self.ccp_alpha == 0.0 {
            true => Ok(tree),
            false => prune::prune(&tree, self.ccp_alpha),
        }
    }

    /// Grows a tree by a criterion that depends on the order of rows. Compiled for each criterion
    /// on its own: what the search asks at every place is not worth a call.
    fn grow_in_order(
        &self,
        counted: Vec<u32>,
        weight: f64,
        order: FeatureOrder,
        measure: impl NodeMeasure,
        width: usize,
    ) -> Result<Growing, Error> {
        let lists = Lists::new(self.features, &counted, 0, |_| 0)?;
        let mut splitter = Ordered::new(lists, measure, counted, weight, order);
        grow::grow(&mut splitter, &self.limits, width)
    }

    /// Refuses at once what grows to more than a tree may hold: where nothing else ends the growth,
    /// each class has a leaf of its own.
    fn check_leaves(&self, lists: &Lists<'_>, counts: &[u32]) -> Result<(), Error> {
        if !self.limits.until_pure() || !lists.separable() {
            return Ok(());
        }
        let leaves = counts.iter().filter(|&&count| count > 0).count();
        grow::check_values((2 * leaves).saturating_sub(1), counts.len())
    }

    /// Whether counting rows gives the same as summing their weights: when all count the same.
    fn counts_suffice(&self, counted: &[u32]) -> bool {
        let ones = |weights: &[f64]| counted.iter().all(|&row| weights[row as usize] == 1.0);
        counted.len() < counting::MOST_ROWS && self.weights.is_none_or(ones)
    }
}
