//! How good predictions are: the figures that scikit-learn gives for the same predictions.
//!
//! Of classes, both columns must be of one kind of label, and classes are always listed ascending:
//! all that occur in the truth or among the predictions. Of estimates, both are finite numbers.

mod accuracy;
mod classification_report;
mod confusion_matrix;
mod curve;
mod error;
mod pairs;
mod precision_recall_curve;
mod regression;
mod roc_curve;

pub use accuracy::accuracy;
pub use classification_report::{ClassificationReport, Scores, classification_report};
pub use confusion_matrix::{ConfusionMatrix, confusion_matrix};
pub use error::Error;
pub use precision_recall_curve::{PrecisionRecallCurve, average_precision, precision_recall_curve};
pub use regression::{mean_absolute_error, mean_squared_error, r2_score};
pub use roc_curve::{RocCurve, roc_auc, roc_curve};

/// A share, such as an accuracy, as per cent with `digits` digits after the point. It reads 100 % only
/// where it is all, and 0 % only where it is nothing.
///
/// ```
/// use picklebook::metrics::percent;
///
/// assert_eq!(percent(0.7345, 2), "73.45 %");
/// assert_eq!(percent(1.0, 2), "100.00 %");
/// assert_eq!(percent(0.999_995, 2), "> 99.99 %");
/// assert_eq!(percent(0.000_005, 2), "< 0.01 %");
/// ```
pub fn percent(share: f64, digits: usize) -> String {
    crate::text::share_percent(share, digits)
}
