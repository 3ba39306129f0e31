//! How many rows of a class are found, against how many others are taken for it.

use super::Error;
use super::curve::{Steps, differences};
use crate::data::{Label, Labels};
use crate::numpy::pairwise_sum;

/// The receiver operating characteristic: for each threshold from high to low, the share of the
/// positive class's rows whose score reaches it, and that of the other rows.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::roc_curve;
///
/// let truth = Labels::from(["no", "no", "yes", "yes"]);
/// let curve = roc_curve(&truth, &[0.1, 0.4, 0.35, 0.8], &"yes".into())?;
/// assert_eq!(curve.fpr(), [0.0, 0.0, 0.5, 0.5, 1.0]);
/// assert_eq!(curve.tpr(), [0.0, 0.5, 0.5, 1.0, 1.0]);
/// assert_eq!(curve.thresholds(), [f64::INFINITY, 0.8, 0.4, 0.35, 0.1]);
/// assert_eq!(curve.auc(), 0.75);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct RocCurve {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    thresholds: Vec<f64>,
}

/// The curve of one class against all others: scikit-learn's `roc_curve`, with points that lie
/// on a straight line between their neighbours left out.
///
/// `scores` holds one number for each row, higher where `positive` is likelier: a column of
/// `predict_proba`.
///
/// # Errors
/// [`Error::Empty`], [`Error::Scores`], [`Error::NotFinite`], [`Error::NoPositive`] when
/// `positive` is not in the truth, [`Error::OneClass`] when no other class is.
pub fn roc_curve(truth: &Labels, scores: &[f64], positive: &Label) -> Result<RocCurve, Error> {
    let Steps { thresholds, right, wrong } = Steps::new(truth, scores, positive)?;
    let (Some(&all_right), Some(&all_wrong)) = (right.last(), wrong.last()) else {
        return Err(Error::Empty);
    };
    if all_wrong == 0.0 {
        return Err(Error::OneClass { class: positive.to_string() });
    }
    let bends = |counts: &[f64], at: usize| match counts.get(at.wrapping_sub(1)..=at + 1) {
        Some([a, b, c]) => c - b != b - a,
        _ => true,
    };
    let kept = (0..thresholds.len()).filter(|&at| bends(&wrong, at) || bends(&right, at));
    let mut curve = RocCurve { fpr: vec![0.0], tpr: vec![0.0], thresholds: vec![f64::INFINITY] };
    for at in kept {
        let point = wrong.get(at).zip(right.get(at)).zip(thresholds.get(at));
        if let Some(((wrong, right), &threshold)) = point {
            curve.fpr.push(wrong / all_wrong);
            curve.tpr.push(right / all_right);
            curve.thresholds.push(threshold);
        }
    }
    Ok(curve)
}

/// The area under the [`roc_curve`]: 1 when every row of the class scores above every other row,
/// 0.5 for random guesses. scikit-learn's `roc_auc_score` of one class against the others.
///
/// # Errors
/// As [`roc_curve`].
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::roc_auc;
///
/// let truth = Labels::from(["no", "no", "yes", "yes"]);
/// assert_eq!(roc_auc(&truth, &[0.1, 0.4, 0.35, 0.8], &"yes".into())?, 0.75);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn roc_auc(truth: &Labels, scores: &[f64], positive: &Label) -> Result<f64, Error> {
    Ok(roc_curve(truth, scores, positive)?.auc())
}

impl RocCurve {
    /// False positive rates: of the other classes' rows, the share that is taken for the class.
    pub fn fpr(&self) -> &[f64] {
        &self.fpr
    }

    /// True positive rates: of the class's rows, the share that is found.
    pub fn tpr(&self) -> &[f64] {
        &self.tpr
    }

    /// The score that a row needs to count, for each point; infinite for the first.
    pub fn thresholds(&self) -> &[f64] {
        &self.thresholds
    }

    /// The area under the curve by the trapezoidal rule, added in the order of numpy's
    /// `trapezoid`.
    pub fn auc(&self) -> f64 {
        let heights = self.tpr.iter().zip(self.tpr.iter().skip(1));
        let parts: Vec<f64> =
            differences(&self.fpr).zip(heights).map(|(d, (a, b))| d * (b + a) / 2.0).collect();
        pairwise_sum(&parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: scikit-learn 1.9.1's `roc_curve` and `roc_auc_score`.
    #[test]
    fn points_between_others_on_a_straight_line_are_left_out() -> Result<(), Error> {
        let truth = Labels::from(vec![0, 0, 1, 1, 0, 1]);
        let curve = roc_curve(&truth, &[0.1, 0.4, 0.35, 0.8, 0.4, 0.4], &Label::Integer(1))?;
        let third = 1.0 / 3.0;
        assert_eq!(curve.fpr(), [0.0, 0.0, 2.0 * third, 2.0 * third, 1.0]);
        assert_eq!(curve.tpr(), [0.0, third, 2.0 * third, 1.0, 1.0]);
        assert_eq!(curve.auc(), 0.6666666666666667);

        let truth: Labels = (0..10).map(|row| row >= 5).collect::<Vec<bool>>().into();
        let scores: Vec<f64> = (0..10).map(f64::from).collect();
        let curve = roc_curve(&truth, &scores, &Label::Boolean(true))?;
        assert_eq!(
            (curve.fpr(), curve.tpr()),
            (&[0.0, 0.0, 0.0, 1.0][..], &[0.0, 0.2, 1.0, 1.0][..])
        );
        assert_eq!(curve.auc(), 1.0);
        Ok(())
    }
}
