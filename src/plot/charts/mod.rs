//! The charts, one file each: a builder that reads the data and asks the model, and says what it
//! shows in a title and an alternative text.
//!
//! A new chart begins as a copy of the one that is most like it: `feature_importances` for bars,
//! `accuracy_by_depth` for lines over two axes, `roc_curve` for a curve of each class,
//! `decision_regions` for marks, `confusion_matrix` for an area of its own. Its two names go below,
//! and pictures of usual and of difficult data into tests/support/charts.rs, where the tests look
//! for text that is cut off, covers another or breaks out of the SVG. Six files are no charts but
//! what several share: `accuracy`, `cloud`, `columns`, `curves`, `names` and `rows`.

mod accuracy;
mod accuracy_by_depth;
mod accuracy_over_time;
mod class_distribution;
mod cloud;
mod columns;
mod confusion_matrix;
mod correlations;
mod curves;
mod decision_regions;
mod feature_importances;
mod grid_search;
mod histogram;
mod names;
mod pair_plot;
mod precision_recall_curve;
mod predicted_probabilities;
mod roc_curve;
mod rows;
mod scatter;
mod score_curves;

pub use accuracy_by_depth::{AccuracyByDepth, accuracy_by_depth};
pub use accuracy_over_time::{AccuracyOverTime, accuracy_over_time};
pub use class_distribution::{ClassDistribution, ClassSource, class_distribution};
pub use confusion_matrix::{ConfusionMatrix, confusion_matrix};
pub use correlations::{Correlations, correlations};
pub use decision_regions::{DecisionRegions, decision_regions};
pub use feature_importances::{FeatureImportances, feature_importances};
pub use grid_search::{GridSearch, grid_search};
pub use histogram::{Histogram, histogram};
pub use pair_plot::{PairPlot, pair_plot};
pub use precision_recall_curve::{PrecisionRecallCurve, precision_recall_curve};
pub use predicted_probabilities::{PredictedProbabilities, predicted_probabilities};
pub use roc_curve::{RocCurve, roc_curve};
pub use rows::TableSource;
pub use scatter::{Scatter, scatter};
pub use score_curves::{LearningCurve, ValidationCurve, learning_curve, validation_curve};
