//! What the pictures of accuracies have in common.

use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::scale::percent_ticks;
use crate::text::share_percent;

/// An accuracy in words.
pub(super) fn percent(share: f64) -> String {
    share_percent(share, 1)
}

/// The axis of some accuracies, in steps of 5 %, with some air.
pub(super) fn accuracy_axis(scores: impl Iterator<Item = f64>) -> Axis {
    let (low, high) = range(scores);
    let ticks = Box::new(move |most| percent_ticks(low, high, most));
    Axis { title: "Accuracy".into(), low, high, ticks }
}

fn range(scores: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) =
        scores.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| (l.min(s), h.max(s)));
    let low = ((low - 0.02) * 20.0).floor().max(0.0) / 20.0;
    let high = ((high + 0.01) * 20.0).ceil().min(20.0) / 20.0;
    // Not more than a hair is no reason to look through a microscope.
    if high - low < 0.2 { ((high - 0.2).max(0.0), high.max(0.2)) } else { (low, high) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_has_air_and_ends_at_0_and_1() {
        for (scores, expected) in [
            (vec![0.5, 0.9], (0.45, 0.95)),
            (vec![0.0, 1.0], (0.0, 1.0)),
            (vec![0.72, 0.73], (0.55, 0.75)),
            (vec![0.0], (0.0, 0.2)),
            (vec![1.0], (0.8, 1.0)),
        ] {
            let (low, high) = range(scores.iter().copied());
            assert!((low - expected.0).abs() < 1e-12, "{scores:?}: from {low}");
            assert!((high - expected.1).abs() < 1e-12, "{scores:?}: to {high}");
        }
    }
}
