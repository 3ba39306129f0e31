//! What the curves have in common: how many rows are right and wrong above each score.

use super::Error;
use crate::data::{Label, Labels};

/// For each score that occurs, from the highest down, how many rows have at least that score.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) thresholds: Vec<f64>,
    /// Rows of the positive class.
    pub(super) right: Vec<f64>,
    /// Rows of the others.
    pub(super) wrong: Vec<f64>,
}

impl Steps {
    /// Counts as scikit-learn's `confusion_matrix_at_thresholds`.
    pub(super) fn new(truth: &Labels, scores: &[f64], positive: &Label) -> Result<Self, Error> {
        if truth.len() != scores.len() {
            return Err(Error::Scores { truth: truth.len(), scores: scores.len() });
        }
        if truth.is_empty() {
            return Err(Error::Empty);
        }
        if let Some((row, &score)) = scores.iter().enumerate().find(|(_, s)| !s.is_finite()) {
            return Err(Error::NotFinite { row, score });
        }
        let mut order: Vec<(f64, bool)> =
            scores.iter().copied().zip(truth.iter().map(|label| label == *positive)).collect();
        if !order.iter().any(|(_, is_positive)| *is_positive) {
            let classes: Vec<String> =
                truth.classes().iter().take(NAMED).map(|class| class.to_string()).collect();
            let (class, classes) = (positive.to_string(), classes.join(", "));
            return Err(Error::NoPositive { class, classes });
        }
        order.sort_by(|(a, _), (b, _)| b.total_cmp(a));

        let mut steps = Steps { thresholds: Vec::new(), right: Vec::new(), wrong: Vec::new() };
        let (mut right, mut wrong) = (0_usize, 0_usize);
        // Rows of one score come together, or not at all. (−0 and 0 are one score.)
        for same in order.chunk_by(|(a, _), (b, _)| a == b) {
            let positives = same.iter().filter(|(_, is_positive)| *is_positive).count();
            right += positives;
            wrong += same.len() - positives;
            steps.thresholds.extend(same.last().map(|(score, _)| *score));
            steps.right.push(right as f64);
            steps.wrong.push(wrong as f64);
        }
        Ok(steps)
    }
}

/// Classes that an error names.
const NAMED: usize = 20;

/// The differences of neighbours.
pub(super) fn differences(values: &[f64]) -> impl Iterator<Item = f64> + '_ {
    values.windows(2).map(|pair| match pair {
        [a, b] => b - a,
        _ => 0.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_score_come_together_from_the_highest_down() -> Result<(), Error> {
        let truth = Labels::from(["no", "no", "yes", "yes", "no", "yes"]);
        let steps = Steps::new(&truth, &[0.1, 0.4, 0.35, 0.8, 0.4, 0.4], &"yes".into())?;
        assert_eq!(steps.thresholds, [0.8, 0.4, 0.35, 0.1]);
        assert_eq!(
            (steps.right, steps.wrong),
            (vec![1.0, 2.0, 3.0, 3.0], vec![0.0, 2.0, 2.0, 3.0])
        );
        let steps = Steps::new(&vec![true, false].into(), &[0.0, -0.0], &Label::Boolean(true))?;
        assert_eq!((steps.right, steps.wrong), (vec![1.0], vec![1.0]));
        Ok(())
    }

    #[test]
    fn what_has_no_curve_is_named() {
        let truth = Labels::from(["a", "b"]);
        let problem = |scores: &[f64], positive: &str| {
            Steps::new(&truth, scores, &positive.into()).map(|_| ()).map_err(|e| e.to_string())
        };
        for (scores, positive, start) in [
            (&[0.5][..], "a", "2 true labels and 1 scores:"),
            (&[0.5, f64::NAN], "a", "the score of row 1 is NaN:"),
            (&[f64::INFINITY, 0.5], "a", "the score of row 0 is inf:"),
            (&[0.5, 0.5], "c", "no row is of class c; the classes of the truth are: a, b"),
        ] {
            let refused = problem(scores, positive).expect_err("refused");
            assert!(refused.starts_with(start), "{refused}");
        }
        assert_eq!(problem(&[0.5, 0.5], "a"), Ok(()));
    }
}
