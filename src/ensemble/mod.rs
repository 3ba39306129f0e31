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
//! | `IsolationForest` | [`IsolationForest`] |
//! | `AdaBoostClassifier`, `…Regressor` | [`AdaBoostClassifier`], [`AdaBoostRegressor`] |

mod ada_boost;
mod forest;
mod gradient_boosting;
mod grove;
mod hist_gradient_boosting;
mod isolation_forest;
mod leaf_sets;
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

pub(crate) use isolation_forest::average_path_length;
pub use isolation_forest::{IsolationForest, IsolationForestParts};

use self::rows::{Accepted, Keys, in_parallel};
use crate::data::Features;
pub use crate::model::Error;
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{labels_at, table};
use crate::model::{classifier_traits, own_columns};
use crate::numpy::pairwise_sum;
use crate::tree::Tree;
use crate::tree::walk::TreeWalker;

/// What every ensemble tells of its fit. `$inner` is its field that holds the parts, and `$columns`
/// the way from there to the number of columns.
macro_rules! about_the_fit {
    ($model:ident, $parts:ident, $inner:ident, $($columns:ident).+) => {
        impl $model {
            /// The scikit-learn that fitted it.
            pub fn version(&self) -> crate::model::SklearnVersion {
                self.$inner.parts.version
            }

            /// The parameters of the fit.
            pub fn parameters(&self) -> &crate::model::Parameters {
                &self.$inner.parts.parameters
            }

            /// The names of the columns, if they are known.
            pub fn feature_names(&self) -> Option<&[String]> {
                self.$inner.parts.feature_names.as_deref()
            }

            /// How many columns rows have.
            pub fn n_features(&self) -> usize {
                self.$inner.$($columns).+
            }

            /// The parts, for whoever writes the model elsewhere.
            pub fn into_parts(self) -> $parts {
                self.$inner.parts
            }
        }
    };
}
use about_the_fit;

/// On how many threads an ensemble answers.
macro_rules! on_threads {
    ($model:ident, $inner:ident) => {
        impl $model {
            /// The same model on so many threads: 1 by default, and 0 for as many as the machine
            /// runs at once. The answers do not depend on it.
            pub fn with_n_jobs(mut self, n_jobs: usize) -> Self {
                self.$inner.jobs = n_jobs;
                self
            }
        }
    };
}
use on_threads;

/// What an ensemble of `Tree`s tells of them.
macro_rules! leaves_and_importances {
    ($model:ident, $inner:ident) => {
        impl $model {
            /// The number of each row's leaf in each tree, one tree after the other: rows × trees.
            ///
            /// # Errors
            /// As `predict`.
            pub fn apply<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<ndarray::Array2<usize>, crate::model::Error> {
                self.$inner.apply(features.into())
            }

            /// How much each feature lowered the impurity, on average over the trees; the sum is
            /// 1, or 0 for trees without splits.
            pub fn feature_importances(&self) -> Vec<f64> {
                self.$inner.feature_importances()
            }
        }

        impl crate::model::Apply for $model {
            fn apply(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<usize>, crate::model::Error> {
                self.$inner.apply(features)
            }
        }

        impl crate::model::FeatureImportances for $model {
            fn feature_importances(&self) -> Vec<f64> {
                self.$inner.feature_importances()
            }
        }
    };
}
use leaves_and_importances;

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
