//! Models that answer by the nearest rows of their fit, as scikit-learn fits them.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files;
//! nothing here is fitted. Neighbours, classes and means are those of scikit-learn wherever distances
//! differ by more than their rounding.
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `KNeighborsClassifier` | [`KNeighborsClassifier`] |
//! | `KNeighborsRegressor` | [`KNeighborsRegressor`] |
//! | `NearestNeighbors` | [`NearestNeighbors`] |
//! | `NearestCentroid` | [`NearestCentroid`] |
//! | `LocalOutlierFactor` with `novelty=True` | [`LocalOutlierFactor`] |
//!
//! [`KNNImputer`](crate::preprocessing::KNNImputer) stands with the other imputer.
//!
//! # Rows at the same distance
//!
//! Which of them are taken, and in which order, follows scikit-learn too, for up to 1000 neighbours:
//!
//! - With a k-d tree or a ball tree the tree of the file is searched, in its order, whatever version
//!   made it.
//! - With brute force it is the order of scikit-learn 1.1 and later on one thread. Several threads
//!   take parts of the rows each where few rows are asked, and may then keep others of those at the
//!   same distance. Euclidean distances are rounded as OpenBLAS rounds them with fused
//!   multiplications for up to 15 columns; for more, its order of sums depends on the processor, and
//!   so does which of two rows is nearer that lie apart by the last digits.
//!
//! The cosine of a row with itself may be rounded to less than 1, there and here; with weights by
//! distance such a row then counts most, but not alone.
//!
//! Not followed is the order of numpy's `argpartition`, which depends on the processor: that of brute
//! force before scikit-learn 1.1, for cosines, and where the fit was on whole numbers.
//!
//! Source: `neighbors/_binary_tree.pxi`, `utils/_heap.pyx`, `utils/_sorting.pyx` and
//! `metrics/_pairwise_distances_reduction` of scikit-learn.

mod centroid;
mod classifier;
mod heap;
mod metric;
mod nearest;
mod outliers;
mod points;
mod regressor;
mod tree;

pub use centroid::{CentroidSpread, NearestCentroid};
pub use classifier::{ClassTargets, KNeighborsClassifier};
pub use metric::Metric;
pub use nearest::NearestNeighbors;
pub use outliers::{LocalOutlierFactor, OutlierParts};
pub use points::{NeighbourParts, Neighbours, Search};
pub use regressor::KNeighborsRegressor;
pub use tree::{NeighbourTree, TreeNode};

pub use crate::model::Error;

/// How much each neighbour counts: scikit-learn's `weights`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum NeighbourWeights {
    /// All count the same.
    #[default]
    Uniform,
    /// By the inverse of their distance; those at no distance count alone.
    Distance,
}

impl NeighbourWeights {
    /// The weights of neighbours at these distances.
    pub(crate) fn of(self, distances: &[f64], weights: &mut Vec<f64>) {
        weights.clear();
        match self {
            NeighbourWeights::Uniform => weights.extend(distances.iter().map(|_| 1.0)),
            NeighbourWeights::Distance => {
                weights.extend(distances.iter().map(|distance| 1.0 / distance));
                if weights.iter().any(|weight| weight.is_infinite()) {
                    for weight in weights {
                        *weight = f64::from(u8::from(weight.is_infinite()));
                    }
                }
            }
        }
    }
}

/// What every model with a field `points` tells of the rows of its fit.
macro_rules! about_the_points {
    ($model:ident) => {
        crate::model::about_the_fit!($model);

        impl $model {
            /// How far rows are from one another.
            pub fn metric(&self) -> crate::neighbours::Metric {
                self.points.metric()
            }

            /// How the nearest are found, by scikit-learn's names: `"brute"`, `"kd_tree"` or
            /// `"ball_tree"`.
            pub fn algorithm(&self) -> &'static str {
                self.points.algorithm()
            }

            /// The rows of the fit.
            pub fn points(&self) -> &ndarray::Array2<f64> {
                self.points.points()
            }

            /// How many neighbours count.
            pub fn n_neighbors(&self) -> usize {
                self.points.n_neighbors
            }

            /// The nearest rows of the fit to each row, as many as count for this model.
            ///
            /// # Errors
            /// [`Error::Columns`](crate::model::Error::Columns) for another number of columns than
            /// in the fit, [`Error::NotFinite`](crate::model::Error::NotFinite) for a value that is
            /// missing or infinite, [`Error::TooMany`](crate::model::Error::TooMany) where the fit
            /// has not as many rows.
            pub fn kneighbors<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<crate::neighbours::Neighbours, crate::model::Error> {
                self.kneighbors_of(features, self.points.n_neighbors)
            }

            /// The nearest rows of the fit to each row, of any number.
            ///
            /// # Errors
            /// As [`kneighbors`](Self::kneighbors), and
            /// [`Error::Parameter`](crate::model::Error::Parameter) for none.
            pub fn kneighbors_of<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
                n_neighbors: usize,
            ) -> Result<crate::neighbours::Neighbours, crate::model::Error> {
                self.points.neighbours(self, features.into(), n_neighbors)
            }
        }
    };
}
use about_the_points;
