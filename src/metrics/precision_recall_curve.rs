//! How many finds are right, against how many rows of a class are found.

use super::Error;
use super::curve::{Steps, differences};
use crate::data::{Label, Labels};
use crate::numpy::pairwise_sum;

/// Precision and recall for each threshold, from low to high, and a last point of precision 1
/// and recall 0 that has no threshold.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::precision_recall_curve;
///
/// let truth = Labels::from(["no", "no", "yes", "yes"]);
/// let curve = precision_recall_curve(&truth, &[0.1, 0.4, 0.35, 0.8], &"yes".into())?;
/// assert_eq!(curve.precision(), [0.5, 2.0 / 3.0, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.recall(), [1.0, 1.0, 0.5, 0.5, 0.0]);
/// assert_eq!(curve.thresholds(), [0.1, 0.35, 0.4, 0.8]);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct PrecisionRecallCurve {
    precision: Vec<f64>,
    recall: Vec<f64>,
    thresholds: Vec<f64>,
}

/// The curve of one class against all others: scikit-learn's `precision_recall_curve`.
///
/// `scores` holds one number for each row, higher where `positive` is likelier: a column of
/// `predict_proba`.
///
/// # Errors
/// [`Error::Empty`], [`Error::Scores`], [`Error::NotFinite`], and [`Error::NoPositive`] when
/// `positive` is not in the truth.
pub fn precision_recall_curve(
    truth: &Labels,
    scores: &[f64],
    positive: &Label,
) -> Result<PrecisionRecallCurve, Error> {
    let Steps { mut thresholds, right, wrong } = Steps::new(truth, scores, positive)?;
    let all = right.last().copied().unwrap_or(0.0);
    thresholds.reverse();
    let found = right.iter().zip(&wrong).rev();
    let precision = found.map(|(right, wrong)| right / (right + wrong)).chain([1.0]).collect();
    let recall = right.iter().rev().map(|right| right / all).chain([0.0]).collect();
    Ok(PrecisionRecallCurve { precision, recall, thresholds })
}

/// The mean precision over the steps of recall, 1 when every row of the class scores above every
/// other row: scikit-learn's `average_precision_score` of one class against the others.
///
/// # Errors
/// As [`precision_recall_curve`].
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::average_precision;
///
/// let truth = Labels::from(["no", "no", "yes", "yes"]);
/// let average = average_precision(&truth, &[0.1, 0.4, 0.35, 0.8], &"yes".into())?;
/// assert_eq!(format!("{average:.4}"), "0.8333");
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn average_precision(truth: &Labels, scores: &[f64], positive: &Label) -> Result<f64, Error> {
    Ok(precision_recall_curve(truth, scores, positive)?.average_precision())
}

impl PrecisionRecallCurve {
    /// Of the rows whose score reaches the threshold, the share that is of the class.
    pub fn precision(&self) -> &[f64] {
        &self.precision
    }

    /// Of the class's rows, the share whose score reaches the threshold.
    pub fn recall(&self) -> &[f64] {
        &self.recall
    }

    /// The score that a row needs to count, ascending; one fewer than there are points.
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// Precisions weighted by the steps of recall, added in numpy's order.
    pub fn average_precision(&self) -> f64 {
        let steps: Vec<f64> =
            differences(&self.recall).zip(&self.precision).map(|(d, p)| d * p).collect();
        match -pairwise_sum(&steps) {
            average if average > 0.0 => average,
            _ => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: scikit-learn 1.9.1's `precision_recall_curve` and `average_precision_score`.
    #[test]
    fn a_last_point_has_no_threshold() -> Result<(), Error> {
        let truth = Labels::from(vec![0, 0, 1, 1, 0, 1]);
        let curve =
            precision_recall_curve(&truth, &[0.1, 0.4, 0.35, 0.8, 0.4, 0.4], &Label::Integer(1))?;
        assert_eq!(curve.precision(), [0.5, 0.6, 0.5, 1.0, 1.0]);
        assert_eq!(curve.recall(), [1.0, 1.0, 2.0 / 3.0, 1.0 / 3.0, 0.0]);
        assert_eq!(curve.thresholds(), [0.1, 0.35, 0.4, 0.8]);
        assert_eq!(curve.average_precision(), 0.7);
        Ok(())
    }
}
