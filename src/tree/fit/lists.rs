//! The rows of a fit, once for each feature and sorted by it, each node's side by side.
//!
//! Rows are sorted once, before growing; a split then only parts each list in two, keeping its
//! order. That is what makes a fit fast: scikit-learn sorts the rows of every node again for
//! every feature.
//!
//! A list holds no values, only one bit for each row: whether its value is apart from that of the
//! row before, that is greater by enough to split between. That is all that the search for a split
//! must know of nearly all places, and takes half the room. Where more must be known, values are
//! looked up in the features.
//!
//! A row that is apart from the one before stays so when the list is parted: whatever stood
//! further before is no greater. A row that is not may become so, when the rows with its own value
//! leave. Features with many equal values keep book of that; for the others, and where values
//! differ by too little to split between, who finds the bit unset looks the values up.

mod part;
mod presort;

use self::part::{keep_left, keep_right, part};
use self::presort::{ColumnSummary, presort};
use super::FEATURE_THRESHOLD;
use crate::tree::nodes::Growing;
use crate::tree::{Error, Features};

/// A row in the list of a feature: its number, below that its class, and in the lowest bit
/// whether its value is apart from that of the row before.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry(u32);

impl Entry {
    /// A row without a class.
    pub(super) fn new(row: u32, apart: bool) -> Self {
        Entry(row << 1 | u32::from(apart))
    }

    /// The row, if the list holds no classes.
    #[inline(always)]
    pub(super) fn row(self) -> u32 {
        self.0 >> 1
    }

    /// Whether the value is known to be apart from that of the row before.
    #[inline(always)]
    pub(super) fn apart(self) -> bool {
        self.0 & 1 == 1
    }

    fn with_apart(self, apart: bool) -> Self {
        Entry(self.0 & !1 | u32::from(apart))
    }
}

/// What gives the class of an entry.
pub(super) trait Classes: Copy {
    fn class(self, entry: Entry) -> usize;
}

/// The entries hold the classes themselves: no other memory is looked at.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    mask: u32,
}

impl Classes for Packed {
    #[inline(always)]
    fn class(self, entry: Entry) -> usize {
        (entry.0 >> 1 & self.mask) as usize
    }
}

/// The class of each row, where row and class do not fit into an entry.
impl Classes for &[u32] {
    #[inline(always)]
    fn class(self, entry: Entry) -> usize {
        self[entry.row() as usize] as usize
    }
}

/// Fewer bytes are not worth the move.
const LEAST_RELEASED: usize = 1 << 14;

/// One sorted list for each feature.
pub(super) struct Lists<'a> {
    features: Features<'a>,
    entries: Vec<Entry>,
    /// Room for the rows of one side of a split.
    scratch: Vec<Entry>,
    /// One bit for each row: whether it goes to the left child of the split at hand.
    goes_left: Vec<u64>,
    rows: usize,
    /// The number of rows that are no longer in the lists, the first of each.
    gone: usize,
    class_bits: u32,
    summaries: Vec<ColumnSummary>,
    /// The features whose lists nobody will look at again, in the node at hand.
    skip: Vec<bool>,
}

/// Which children of a split will be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Both,
    Left,
    Right,
}

impl<'a> Lists<'a> {
    /// How many bits of an entry hold the class, if row and class fit beside the lowest bit.
    pub(super) fn class_bits(rows: usize, classes: usize) -> Option<u32> {
        let bits = |count: usize| usize::BITS - count.saturating_sub(1).leading_zeros();
        (bits(rows) + bits(classes) < u32::BITS).then(|| bits(classes))
    }

    /// Sorts the rows `counted` by every feature. `class` gives a row's class, which fits in
    /// `class_bits`.
    ///
    /// # Errors
    /// [`Error::Infinite`] for the first infinite value, row by row.
    pub(super) fn new(
        features: Features<'a>,
        counted: &[u32],
        class_bits: u32,
        class: impl Fn(u32) -> u32,
    ) -> Result<Self, Error> {
        let (all_rows, columns) = features.shape();
        let rows = counted.len();
        let mut entries = vec![Entry::default(); rows * columns];
        let entry = |row| Entry((row << class_bits | class(row)) << 1);
        let summaries = presort(&features, counted, entry, &mut entries)?;
        Ok(Lists {
            features,
            entries,
            scratch: vec![Entry::default(); rows],
            goes_left: vec![0; all_rows.div_ceil(64)],
            rows,
            gone: 0,
            class_bits,
            summaries,
            skip: vec![false; columns],
        })
    }

    /// The number of rows that count.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The rows of a node, sorted by a feature, missing values last.
    pub(super) fn list(&self, feature: usize, (start, end): (usize, usize)) -> &[Entry] {
        &self.entries[self.place(feature, start)..self.place(feature, end)]
    }

    /// Where the entry of a feature's list is that stands at a place between all rows.
    fn place(&self, feature: usize, place: usize) -> usize {
        feature * self.length() + place - self.gone
    }

    /// The number of rows that are still in each list.
    fn length(&self) -> usize {
        self.rows - self.gone
    }

    /// Takes the rows before `start` out of the lists, as nobody will look at them again. Not
    /// until they are a good part of the lists, so that all such moves together copy no more than
    /// twice what was there, and not while a tree of that many nodes takes less memory than they do.
    pub(super) fn release(&mut self, start: usize, nodes: usize) {
        let (length, free) = (self.length(), start - self.gone);
        let bytes = free * self.summaries.len() * size_of::<Entry>();
        if free < length / 3 || bytes < LEAST_RELEASED || bytes > nodes * Growing::BYTES_A_NODE {
            return;
        }
        let left = length - free;
        for feature in 0..self.summaries.len() {
            let first = feature * length;
            self.entries.copy_within(first + free..first + length, feature * left);
        }
        self.entries.truncate(left * self.summaries.len());
        self.entries.shrink_to_fit();
        self.gone = start;
    }

    /// The rows of a node whose value of the feature is present, and those where it is missing.
    pub(super) fn parts(&self, feature: usize, node: (usize, usize)) -> (&[Entry], &[Entry]) {
        let list = self.list(feature, node);
        let here = |entry: &Entry| !self.value(feature, *entry).is_nan();
        let present = match self.summaries[feature].missing {
            true => list.partition_point(here),
            false => list.len(),
        };
        list.split_at(present)
    }

    /// Whether there is nothing to split between in the parts of a node's list.
    pub(super) fn constant(
        &self,
        feature: usize,
        (present, missing): (&[Entry], &[Entry]),
    ) -> bool {
        let [first, rest @ ..] = present else { return true };
        let Some(last) = rest.last() else { return missing.is_empty() };
        let differ = || rest.iter().any(|entry| entry.apart());
        missing.is_empty() && !differ() && !self.far(feature, *first, *last)
    }

    /// Whether any two rows can be split from one another.
    pub(super) fn separable(&self) -> bool {
        self.summaries.iter().any(|summary| summary.distinct && !summary.close)
    }

    /// Whether all rows have different values of a feature, none missing.
    pub(super) fn distinct(&self, feature: usize) -> bool {
        self.summaries[feature].distinct
    }

    /// Whether all present values of a node's list differ.
    pub(super) fn distinct_in(&self, feature: usize, present: &[Entry]) -> bool {
        let unsure = self.summaries[feature].unsure();
        present.windows(2).all(|pair| {
            let differ = || self.value(feature, pair[0]) < self.value(feature, pair[1]);
            pair[1].apart() || unsure && differ()
        })
    }

    /// Whether a place may be one to split at, as far as its entry alone tells.
    #[inline(always)]
    pub(super) fn may_split(&self, feature: usize) -> impl Fn(Entry) -> bool + use<> {
        let unsure = self.summaries[feature].unsure();
        move |entry| entry.apart() || unsure
    }

    /// Whether the values of two entries that stand side by side are far enough apart to split
    /// between.
    pub(super) fn apart(&self, feature: usize, before: Entry, after: Entry) -> bool {
        after.apart() || self.far(feature, before, after)
    }

    #[inline(never)]
    fn far(&self, feature: usize, before: Entry, after: Entry) -> bool {
        apart(self.value(feature, before), self.value(feature, after))
    }

    /// The threshold between the first `present_left` rows of a node, sorted by a feature, and the
    /// next; infinite if only missing values come after them.
    pub(super) fn threshold(
        &self,
        feature: usize,
        node: (usize, usize),
        present_left: usize,
    ) -> f64 {
        let (present, _) = self.parts(feature, node);
        let half = |place: usize| f64::from(self.value(feature, present[place])) / 2.0;
        match present_left < present.len() {
            true => half(present_left - 1) + half(present_left),
            false => f64::INFINITY,
        }
    }

    fn value(&self, feature: usize, entry: Entry) -> f32 {
        let row = entry.0 >> (self.class_bits + 1);
        match &self.features {
            Features::F32(view) => view[[row as usize, feature]],
            Features::F64(view) | Features::Named { view, .. } => {
                view[[row as usize, feature]] as f32
            }
        }
    }

    /// The values of some rows.
    pub(super) fn values_of(&self, feature: usize, rows: &[u32], values: &mut Vec<f32>) {
        values.clear();
        match &self.features {
            Features::F32(view) => {
                let view = view.column(feature);
                values.extend(rows.iter().map(|&row| view[row as usize]));
            }
            Features::F64(view) | Features::Named { view, .. } => {
                let view = view.column(feature);
                values.extend(rows.iter().map(|&row| view[row as usize] as f32));
            }
        }
    }

    /// What gives the class of an entry, if the entries hold them.
    pub(super) fn packed(&self) -> Packed {
        Packed { mask: (1 << self.class_bits) - 1 }
    }

    /// Says which rows of a node go left: the first `present_left` by `feature`, and the missing
    /// ones or not.
    pub(super) fn mark(
        &mut self,
        node: (usize, usize),
        feature: usize,
        present_left: usize,
        missing_left: bool,
    ) {
        let (start, end) = node;
        let shift = self.class_bits + 1;
        let present = self.parts(feature, node).0.len();
        let list = &self.entries[self.place(feature, start)..self.place(feature, end)];
        for (place, entry) in list.iter().enumerate() {
            let left = if place < present { place < present_left } else { missing_left };
            let row = (entry.0 >> shift) as usize;
            let bit = 1 << (row % 64);
            let word = &mut self.goes_left[row / 64];
            *word = if left { *word | bit } else { *word & !bit };
        }
    }

    /// Whether a row was said to go left.
    pub(super) fn goes_left(&self, row: u32) -> bool {
        self.goes_left[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Says which features' lists nobody will look at again in the next split.
    pub(super) fn leave_out(&mut self, features: &[u32]) {
        self.skip.fill(false);
        for &feature in features {
            self.skip[feature as usize] = true;
        }
    }

    /// Whether the list of any other feature than `feature` must be parted with a node's, or its
    /// own, because values are missing.
    pub(super) fn any_to_split(&self, feature: usize) -> bool {
        let mut lists = self.skip.iter().zip(&self.summaries).enumerate();
        lists.any(|(other, (skip, summary))| !skip && (other != feature || summary.missing))
    }

    /// Parts a node's lists in two: the rows that were said to go left by their place in the list
    /// of `feature` come first.
    pub(super) fn split(&mut self, node: (usize, usize), feature: usize, keep: Keep) {
        let (start, end) = node;
        let shift = self.class_bits + 1;
        let present = self.parts(feature, node).0.len();
        let (length, here) = (self.length(), start - self.gone..end - self.gone);
        let goes_left = &self.goes_left;
        for (other, list) in self.entries.chunks_exact_mut(length).enumerate() {
            if self.skip[other] || other == feature && present == end - start {
                continue;
            }
            let list = &mut list[here.clone()];
            let left = |entry: Entry| {
                let row = (entry.0 >> shift) as usize;
                (goes_left[row / 64] >> (row % 64)) as u32 & 1
            };
            match (keep, self.summaries[other].tied) {
                (Keep::Both, false) => part::<false>(list, &mut self.scratch, left),
                (Keep::Both, true) => part::<true>(list, &mut self.scratch, left),
                (Keep::Left, false) => keep_left::<false>(list, left),
                (Keep::Left, true) => keep_left::<true>(list, left),
                (Keep::Right, false) => keep_right::<false>(list, left),
                (Keep::Right, true) => keep_right::<true>(list, left),
            }
        }
    }
}

/// Whether two values are far enough apart to split between.
pub(super) fn apart(before: f32, after: f32) -> bool {
    after > before + FEATURE_THRESHOLD
}

impl Keep {
    /// Which children are looked at again, of those that `stop` or not.
    pub(super) fn unless(stop: (bool, bool)) -> Option<Keep> {
        match stop {
            (false, false) => Some(Keep::Both),
            (false, true) => Some(Keep::Left),
            (true, false) => Some(Keep::Right),
            (true, true) => None,
        }
    }
}
