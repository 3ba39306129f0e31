//! scikit-learn's linear models: a row's score is its product with the coefficients, and
//! an intercept.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files; a
//! logistic regression is also [fitted here](LinearClassifier::logistic_regression). Sums are rounded as they come, so that scores and probabilities are
//! those of scikit-learn to 1e-12, as its own are from one processor to the next. All of them take
//! [sparse rows](crate::data::SparseRows) as they are.
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `LogisticRegression`, `RidgeClassifier` (and their `…CV`), `SGDClassifier`, `Perceptron`, `PassiveAggressiveClassifier`, `LinearSVC` | [`LinearClassifier`] |
//! | `LinearRegression`, `Ridge`, `Lasso`, `ElasticNet` (and their `…CV`), `SGDRegressor`, `LinearSVR` and more: see [`LinearRegressorKind`] | [`LinearRegressor`] |
//! | `LinearDiscriminantAnalysis` | [`LinearDiscriminantAnalysis`] |

mod classifier;
mod discriminant;
mod fit;
mod planes;
mod regressor;

pub use classifier::{LinearClassifier, LinearClassifierKind, LinearLink};
pub use discriminant::{LinearDiscriminantAnalysis, Projection};
pub use fit::LogisticRegressionParams;
pub use planes::Planes;
pub use regressor::{LinearRegressor, LinearRegressorKind};

pub use crate::model::Error;
