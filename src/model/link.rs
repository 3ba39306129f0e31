//! From scores to probabilities, and back; and to classes.

use ndarray::{Array2, ArrayView1};

use super::Error;
use crate::data::Labels;
use crate::numpy::pairwise_sum;

/// The classes at these places.
pub(crate) fn labels_at(classes: &Labels, codes: &[usize]) -> Result<Labels, Error> {
    let problem = || "a model predicts a class that it does not have".to_owned();
    classes.take(codes).ok_or_else(|| Error::Internal { problem: problem() })
}

/// The class of each row of scores, which `place` finds in a row.
pub(crate) fn labels_of_rows(
    classes: &Labels,
    scores: &Array2<f64>,
    place: impl Fn(&[f64]) -> usize,
) -> Result<Labels, Error> {
    let code = |row: ArrayView1<'_, f64>| match row.to_slice() {
        Some(row) => place(row),
        None => place(&row.to_vec()),
    };
    let codes: Vec<usize> = scores.rows().into_iter().map(code).collect();
    labels_at(classes, &codes)
}

/// Numbers as a table.
pub(crate) fn table<T>(rows: usize, columns: usize, numbers: Vec<T>) -> Result<Array2<T>, Error> {
    Array2::from_shape_vec((rows, columns), numbers)
        .map_err(|error| Error::Internal { problem: error.to_string() })
}

/// The logistic function, 1 / (1 + e⁻ˣ).
pub(crate) fn expit(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}

/// The inverse of [`expit`].
///
/// Source: `logit` of scipy's xsf, which takes another way around ½, where this one loses digits.
pub(crate) fn logit(probability: f64) -> f64 {
    if (0.3..=0.65).contains(&probability) {
        let from_half = 2.0 * (probability - 0.5);
        from_half.ln_1p() - (-from_half).ln_1p()
    } else {
        (probability / (1.0 - probability)).ln()
    }
}

/// Makes probabilities of scores, in place: eˣ over the sum of all.
pub(crate) fn softmax(scores: &mut [f64]) {
    let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for score in scores.iter_mut() {
        *score = (*score - greatest).exp();
    }
    let sum = pairwise_sum(scores);
    for score in scores.iter_mut() {
        *score /= sum;
    }
}

/// The probabilities of two classes for each score of the second.
pub(crate) fn both<'s>(
    scores: impl IntoIterator<Item = &'s f64>,
    link: impl Fn(f64) -> f64,
) -> Vec<f64> {
    let both = |&score: &f64| {
        let second = link(score);
        [1.0 - second, second]
    };
    scores.into_iter().flat_map(both).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_those_of_scipy() {
        for (probability, score) in [
            (0.2, -1.386_294_361_119_890_6),
            (0.4, -0.405_465_108_108_164_4),
            (0.5, 0.0),
            (0.75, 1.098_612_288_668_109_8),
        ] {
            assert!((logit(probability) - score).abs() < 1e-15, "{probability}");
            assert!((expit(score) - probability).abs() < 1e-15, "{score}");
        }
        assert_eq!((expit(-1000.0), expit(1000.0)), (0.0, 1.0));
        let mut scores = [1000.0, 1000.0, -1000.0];
        softmax(&mut scores);
        assert_eq!(scores, [0.5, 0.5, 0.0]);
    }
}
