//! The search of the best place in one list, with sums that are rounded.

use super::super::criterion::NodeMeasure;
use super::super::grow::GrowthLimits;
use super::super::lists::{Entry, Lists};

/// The best place found so far.
pub(super) struct Best {
    pub(super) proxy: f64,
    /// The greatest of the other proxies, if it is within `slack`.
    pub(super) second: f64,
    pub(super) slack: f64,
    pub(super) feature: usize,
    /// The number of present values that go left, and of all.
    pub(super) present_left: usize,
    pub(super) left: usize,
    pub(super) missing_left: bool,
    pub(super) any_missing: bool,
}

impl Best {
    pub(super) fn none(slack: f64) -> Self {
        Best {
            proxy: f64::NEG_INFINITY,
            second: f64::NEG_INFINITY,
            slack,
            feature: 0,
            present_left: 0,
            left: 0,
            missing_left: false,
            any_missing: false,
        }
    }
}

/// Rows sorted by a feature, of which the last `missing` have no value.
pub(super) struct Search<'a, 'b> {
    pub(super) lists: &'a Lists<'b>,
    pub(super) limits: &'a GrowthLimits,
    pub(super) feature: usize,
    pub(super) sorted: &'a [Entry],
    pub(super) missing: usize,
}

impl Search<'_, '_> {
    /// Looks for a better split.
    pub(super) fn better(&self, measure: &mut impl NodeMeasure, best: &mut Best) {
        // When the place reaches the end, the missing values alone are on the right.
        self.pass(measure, self.sorted, (0, self.sorted.len() - self.missing), best);
        if self.missing > 0 {
            // once more, with the missing values first
            let mut rotated = self.sorted.to_vec();
            rotated.rotate_right(self.missing);
            self.pass(measure, &rotated, (self.missing, rotated.len()), best);
        }
    }

    /// Looks at all places in rows of which those from `first` to `end` have a value.
    #[inline(always)]
    fn pass(
        &self,
        measure: &mut impl NodeMeasure,
        rows: &[Entry],
        (first, end): (usize, usize),
        best: &mut Best,
    ) {
        let (lists, feature) = (self.lists, self.feature);
        let may_split = lists.may_split(feature);
        let apart = |place: usize| {
            let entry = rows[place];
            may_split(entry) && lists.apart(feature, rows[place - 1], entry)
        };
        measure.reset(rows);
        let mut place = first;
        while place < end {
            place += 1;
            while place < end && !apart(place) {
                place += 1;
            }
            self.consider(measure, rows, (place, first, end), best);
        }
    }

    /// Looks whether the split before `place` is better; the present values are those from `first`
    /// to `end`.
    #[inline(always)]
    fn consider(
        &self,
        measure: &mut impl NodeMeasure,
        rows: &[Entry],
        (place, first, end): (usize, usize, usize),
        best: &mut Best,
    ) {
        let (length, least) = (rows.len(), self.limits.min_samples_leaf);
        if place >= length || place < least || length - place < least {
            return;
        }
        measure.advance(rows, place);
        let (left, right) = measure.weights();
        if left < self.limits.min_weight_leaf || right < self.limits.min_weight_leaf {
            return;
        }
        let Some(proxy) = measure.better(best.proxy - best.slack) else { return };
        if proxy <= best.proxy {
            best.second = best.second.max(proxy);
            return;
        }
        *best = Best {
            proxy,
            second: best.proxy,
            slack: best.slack,
            feature: self.feature,
            present_left: place - first,
            left: place,
            missing_left: first > 0,
            any_missing: first > 0 || end < length,
        };
    }
}
