//! Decision trees: the same ones that scikit-learn fits, in flat arrays.

mod check;
mod classifier;
mod criterion;
mod error;
mod export_text;
mod features;
mod fit;
mod format;
mod linfa;
mod linfa_convert;
mod linfa_traits;
mod nodes;
mod params;
mod regressor;
mod repr;
mod stored;
mod sum;
mod walk;

pub use classifier::DecisionTreeClassifier;
pub use criterion::Criterion;
pub use error::Error;
pub use export_text::TextOptions;
pub use features::Features;
pub use linfa::{LinfaNode, LinfaTree, LinfaTreeParams, MAX_DEPTH};
pub use linfa_traits::{ClassLabel, FeatureFloat};
pub use nodes::{Tree, TreeArrays};
pub use params::{
    ClassWeight, DecisionTreeClassifierParams, DecisionTreeRegressorParams, MaxFeatures, Samples,
};
pub use regressor::DecisionTreeRegressor;

/// The place of the greatest value; of the first, if there are several.
fn first_greatest(values: &[f64]) -> usize {
    let mut greatest = 0;
    for (place, value) in values.iter().enumerate() {
        if *value > values[greatest] {
            greatest = place;
        }
    }
    greatest
}

/// The methods that classifiers and regressors have in common.
macro_rules! common_methods {
    ($model:ty) => {
        impl $model {
            /// The leaf of each row: its number in the [`tree`](Self::tree).
            ///
            /// # Errors
            /// As [`predict`](Self::predict).
            pub fn apply<'a>(
                &self,
                features: impl Into<crate::tree::Features<'a>>,
            ) -> Result<Vec<usize>, crate::tree::Error> {
                let features = features.into();
                let mut leaves = Vec::with_capacity(features.shape().0);
                self.walk.leaves(features, |some| {
                    leaves.extend(some.iter().map(|&leaf| leaf as usize));
                })?;
                Ok(leaves)
            }

            /// How many nodes each row passes from the root to its leaf, both included: the
            /// number of ones in a row of scikit-learn's `decision_path`.
            ///
            /// # Errors
            /// As [`predict`](Self::predict).
            pub fn decision_path_lengths<'a>(
                &self,
                features: impl Into<crate::tree::Features<'a>>,
            ) -> Result<Vec<usize>, crate::tree::Error> {
                let depths = self.tree.node_depths();
                let leaves = self.apply(features)?;
                Ok(leaves.into_iter().map(|leaf| depths[leaf] + 1).collect())
            }

            /// How much each feature lowered the impurity; the sum is 1, or 0 for a tree without
            /// splits. Also known as the Gini importance.
            pub fn feature_importances(&self) -> Vec<f64> {
                self.tree.feature_importances()
            }

            /// The number of splits on the longest way from the root to a leaf.
            pub fn depth(&self) -> usize {
                self.tree.max_depth()
            }

            /// The number of leaves.
            pub fn n_leaves(&self) -> usize {
                self.tree.n_leaves()
            }
        }
    };
}
use common_methods;
