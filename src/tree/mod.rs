//! Decision trees: the same ones that scikit-learn fits, in flat arrays.
//!
//! [`DecisionTreeClassifier`] and [`DecisionTreeRegressor`] take scikit-learn's parameters and
//! give scikit-learn 1.9.1's tree: for the same data, parameters and `random_state`, every array
//! of [`Tree`] is the same, bit by bit, and in the same order of nodes. That holds for weighted
//! rows, missing values, growth by `max_leaf_nodes` and pruning by `ccp_alpha` too; the tests fit
//! both on hundreds of random data sets and compare.
//!
//! What is not the same:
//! - Without a `random_state`, scikit-learn draws a new one for every fit; here it is 0, so that
//!   two runs never differ.
//! - Negative sample weights are refused, and so are infinite features, rows without weight and
//!   class weights that are negative.
//! - `entropy` and `poisson` take logarithms from the platform's mathematical library, and the
//!   compiler of scikit-learn's wheels may fuse multiplications and additions on processors other
//!   than x86-64: there, a last bit may differ.
//! - Not there: `splitter="random"`, `monotonic_cst`, several targets, sparse features, and the
//!   criterion `friedman_mse`, which scikit-learn 1.9 deprecates as another name of
//!   `squared_error`.
//!
//! ```
//! use ndarray::array;
//! use picklebook::data::Labels;
//! use picklebook::tree::DecisionTreeClassifier;
//!
//! let features = array![[1.0, 5.0], [3.0, 2.0], [4.0, 1.0], [2.0, 4.0]];
//! let side = Labels::from(["R", "L", "L", "R"]);
//! let tree = DecisionTreeClassifier::params()
//!     .random_state(100)
//!     .fit_weighted(&features, &side, None)?;
//! assert_eq!(
//!     tree.export_text(),
//!     "|--- feature_0 <= 2.50\n|   |--- class: R\n|--- feature_0 >  2.50\n|   |--- class: L\n"
//! );
//! # Ok::<(), picklebook::tree::Error>(())
//! ```

mod as_model;
pub(crate) mod check;
mod choices;
mod classifier;
mod criterion;
mod export_text;
mod fit;
pub(crate) mod key;
mod linfa;
mod nodes;
mod params;
mod regressor;
mod stored;
pub(crate) mod walk;

pub use choices::{ClassWeight, MaxFeatures, Samples};
pub use classifier::DecisionTreeClassifier;
pub use criterion::{Criterion, RegressionCriterion};
pub use export_text::TextOptions;
pub use linfa::{
    ClassLabel, FeatureFloat, LinfaError, LinfaNode, LinfaTree, LinfaTreeParams, MAX_DEPTH,
};
pub use nodes::{Tree, TreeArrays};
pub use params::{DecisionTreeClassifierParams, DecisionTreeRegressorParams};
pub use regressor::DecisionTreeRegressor;

pub use crate::data::Features;
pub use crate::model::Error;

/// The place of the greatest value; of the first, if there are several.
pub(crate) fn first_greatest(values: &[f64]) -> usize {
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
                self.walker.leaves(features, self.feature_names(), |some| {
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
