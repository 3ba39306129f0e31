//! Models of many trees, as scikit-learn fits them: forests, and boosted trees.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files, and
//! predict what scikit-learn does, to the last bit; nothing here is fitted. Everything is checked
//! before it predicts: what does not fit is an error with the tree's number.
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `RandomForestClassifier`, `ExtraTreesClassifier` | [`ForestClassifier`] |
//! | `RandomForestRegressor`, `ExtraTreesRegressor` | [`ForestRegressor`] |
//! | `ExtraTreeClassifier`, `DecisionTreeClassifier` (several outputs, old versions) | [`ForestClassifier`] of one tree |
//! | `ExtraTreeRegressor`, `DecisionTreeRegressor` (several outputs, old versions) | [`ForestRegressor`] of one tree |
//! | `GradientBoostingClassifier`, `…Regressor` | [`GradientBoostingClassifier`], [`GradientBoostingRegressor`] |
//! | `HistGradientBoostingClassifier`, `…Regressor` | [`HistGradientBoostingClassifier`], [`HistGradientBoostingRegressor`] |
//! | `AdaBoostClassifier`, `…Regressor` | [`AdaBoostClassifier`], [`AdaBoostRegressor`] |

mod ada_boost;
mod forest;
mod gradient_boosting;
mod grove;
mod hist_gradient_boosting;
mod leaf_sets;
mod link;
mod rows;

use ndarray::Array2;

pub use ada_boost::{AdaBoostAlgorithm, AdaBoostClassifier, AdaBoostParts, AdaBoostRegressor};
pub use forest::{ForestClassifier, ForestKind, ForestParts, ForestRegressor};

pub use gradient_boosting::{
    ClassifierLoss, GradientBoostingClassifier, GradientBoostingParts, GradientBoostingRegressor,
    Init,
};
pub use hist_gradient_boosting::{
    CategorySet, HistGradientBoostingClassifier, HistGradientBoostingParts,
    HistGradientBoostingRegressor, HistLink, HistNode, HistTree,
};

use self::rows::{Accepted, Keys, in_parallel};
use crate::data::{Features, Labels};
pub use crate::model::Error;
use crate::model::ask::{check_classes, lacks};
use crate::numpy::pairwise_sum;
use crate::tree::Tree;
use crate::tree::walk::TreeWalker;

/// What a classifier with probabilities answers as a model.
macro_rules! classifier_traits {
    ($model:ident) => {
        impl crate::model::Classifier for $model {
            fn classes(&self) -> &crate::data::Labels {
                self.classes()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                self.predict(features)
            }
        }

        impl crate::model::ProbabilisticClassifier for $model {
            fn predict_proba(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.predict_proba(features)
            }
        }
    };
}
use classifier_traits;

/// The classes at these places.
pub(crate) fn labels_at(classes: &Labels, codes: &[usize]) -> Result<Labels, Error> {
    let problem = || "a model predicts a class that it does not have".to_owned();
    classes.take(codes).ok_or_else(|| Error::Internal { problem: problem() })
}

/// Numbers as a table.
pub(crate) fn table<T>(rows: usize, columns: usize, numbers: Vec<T>) -> Result<Array2<T>, Error> {
    Array2::from_shape_vec((rows, columns), numbers)
        .map_err(|error| Error::Internal { problem: error.to_string() })
}

/// The number of the leaf of each row in each tree: rows × trees.
fn leaves_of_trees<'t>(
    trees: impl ExactSizeIterator<Item = &'t Tree> + Clone + Sync,
    accepted: &Accepted,
    features: Features<'_>,
    jobs: usize,
) -> Result<Array2<usize>, Error> {
    accepted.columns(features)?;
    let ((rows, _), count) = (features.shape(), trees.len());
    // infinite values and missing ones are found first
    let mut keys = Keys::default();
    keys.fill(features, 0..rows, accepted)?;
    let walkers: Vec<TreeWalker> = trees.map(TreeWalker::new).collect();
    let mut leaves = vec![0; rows.saturating_mul(count)];
    in_parallel(jobs, rows, count, &mut leaves, |rows, leaves| {
        for (number, walker) in walkers.iter().enumerate() {
            let mut row = 0;
            let part = features.slice_rows(rows.clone());
            walker.leaves(part, None, |some| {
                for &leaf in some {
                    if let Some(place) = leaves.get_mut(row * count + number) {
                        *place = leaf as usize;
                    }
                    row += 1;
                }
            })?;
        }
        Ok(())
    })?;
    table(rows, count, leaves)
}

/// The mean of importances, scaled to a sum of 1; all zero without any. numpy's mean over the
/// trees adds one tree after the other.
fn mean_importances(each: impl Iterator<Item = Vec<f64>>, features: usize) -> Vec<f64> {
    let mut means = vec![0.0; features];
    let mut count = 0_usize;
    for importances in each {
        means.iter_mut().zip(&importances).for_each(|(mean, importance)| *mean += importance);
        count += 1;
    }
    if count > 0 {
        means.iter_mut().for_each(|mean| *mean /= count as f64);
        let sum = pairwise_sum(&means);
        means.iter_mut().for_each(|mean| *mean /= sum);
    }
    means
}
