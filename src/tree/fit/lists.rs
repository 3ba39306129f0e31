//! The rows of a fit, once for each feature and sorted by it, each node's side by side.
//!
//! Rows are sorted once, before growing; a split then only parts each list in two, keeping its
//! order. That is what makes a fit fast: scikit-learn sorts the rows of every node again for
//! every feature.

use crate::tree::{Error, Features};

/// A row in the list of a feature.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    /// The feature's value; NaN if it is missing.
    pub(super) value: f32,
    /// The row's number, and in the lowest bits its class.
    pub(super) tag: u32,
}

/// One sorted list for each feature.
pub(super) struct Lists {
    entries: Vec<Entry>,
    /// Room for the rows of one side of a split.
    scratch: Vec<Entry>,
    /// One bit for each row: whether it goes to the left child of the split at hand.
    goes_left: Vec<u64>,
    rows: usize,
    class_bits: u32,
    missing: Vec<bool>,
}

/// Which children of a split will be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Both,
    Left,
    Right,
}

impl Lists {
    /// How many bits of a tag hold the class, if row and class fit in 32 bits.
    pub(super) fn class_bits(rows: usize, classes: usize) -> Option<u32> {
        let bits = |count: usize| usize::BITS - count.saturating_sub(1).leading_zeros();
        (bits(rows) + bits(classes) <= 32).then(|| bits(classes))
    }

    /// Sorts the rows `counted` by every feature. `class` gives a row's class, which fits in
    /// `class_bits`.
    ///
    /// # Errors
    /// [`Error::Infinite`] for the first infinite value, row by row.
    pub(super) fn new(
        features: &Features<'_>,
        counted: &[u32],
        class_bits: u32,
        class: impl Fn(u32) -> u32,
    ) -> Result<Self, Error> {
        let (all_rows, columns) = features.shape();
        let rows = counted.len();
        let mut lists = Lists {
            entries: vec![Entry::default(); rows * columns],
            scratch: vec![Entry::default(); rows],
            goes_left: vec![0; all_rows.div_ceil(64)],
            rows,
            class_bits,
            missing: vec![false; columns],
        };
        // A block of rows at a time, so that the lines of memory are still at hand for the next
        // column.
        for (block, rows_of_block) in counted.chunks(64).enumerate() {
            let tags = rows_of_block.iter().map(|&row| row << class_bits | class(row));
            for (column, list) in lists.entries.chunks_exact_mut(rows).enumerate() {
                let entries = list[block * 64..].iter_mut().zip(rows_of_block).zip(tags.clone());
                match features {
                    Features::F32(view) => {
                        let view = view.column(column);
                        entries.for_each(|((entry, &row), tag)| {
                            *entry = Entry { value: view[row as usize], tag };
                        });
                    }
                    Features::F64(view) => {
                        let view = view.column(column);
                        entries.for_each(|((entry, &row), tag)| {
                            *entry = Entry { value: view[row as usize] as f32, tag };
                        });
                    }
                }
            }
        }
        for (list, missing) in lists.entries.chunks_exact_mut(rows).zip(&mut lists.missing) {
            sort(list, &mut lists.scratch);
            let present = present(list);
            *missing = present.len() < list.len();
            let infinite = |entry: Option<&Entry>| entry.is_some_and(|e| e.value.is_infinite());
            if infinite(present.first()) || infinite(present.last()) {
                return Err(features.first_infinite());
            }
        }
        // Rows of weight zero do not count, but scikit-learn refuses their infinities too.
        if rows < all_rows && features.any_infinite() {
            return Err(features.first_infinite());
        }
        Ok(lists)
    }

    /// The number of rows that count.
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The number of features.
    pub(super) fn columns(&self) -> usize {
        self.missing.len()
    }

    /// More than the number of any row.
    pub(super) fn past_rows(&self) -> usize {
        self.goes_left.len() * 64
    }

    /// The rows of a node, sorted by a feature, missing values last.
    pub(super) fn list(&self, feature: usize, (start, end): (usize, usize)) -> &[Entry] {
        &self.entries[feature * self.rows + start..feature * self.rows + end]
    }

    /// The rows of a node whose value of the feature is present, and those where it is missing.
    pub(super) fn parts(&self, feature: usize, node: (usize, usize)) -> (&[Entry], &[Entry]) {
        let list = self.list(feature, node);
        let present = if self.missing[feature] { present(list).len() } else { list.len() };
        list.split_at(present)
    }

    /// The class of an entry.
    pub(super) fn class(&self, entry: Entry) -> usize {
        (entry.tag & ((1 << self.class_bits) - 1)) as usize
    }

    /// The row of an entry.
    pub(super) fn row(&self, entry: Entry) -> u32 {
        entry.tag >> self.class_bits
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
        let class_bits = self.class_bits;
        let present = self.parts(feature, node).0.len();
        let list = &self.entries[feature * self.rows + start..feature * self.rows + end];
        for (place, entry) in list.iter().enumerate() {
            let left = if place < present { place < present_left } else { missing_left };
            let row = (entry.tag >> class_bits) as usize;
            let bit = 1 << (row % 64);
            let word = &mut self.goes_left[row / 64];
            *word = if left { *word | bit } else { *word & !bit };
        }
    }

    /// Whether a row was said to go left.
    pub(super) fn goes_left(&self, row: u32) -> bool {
        self.goes_left[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// Parts a node's lists in two: the rows that were said to go left by their place in the list
    /// of `feature` come first. `skip` says which features' lists nobody will look at again.
    pub(super) fn split(
        &mut self,
        node: (usize, usize),
        feature: usize,
        keep: Keep,
        skip: &[bool],
    ) {
        let (start, end) = node;
        let class_bits = self.class_bits;
        let present = self.parts(feature, node).0.len();
        let goes_left = &self.goes_left;
        for (other, list) in self.entries.chunks_exact_mut(self.rows).enumerate() {
            if skip[other] || other == feature && present == end - start {
                continue;
            }
            let list = &mut list[start..end];
            let left = |entry: Entry| {
                let row = (entry.tag >> class_bits) as usize;
                (goes_left[row / 64] >> (row % 64)) as usize & 1
            };
            match keep {
                Keep::Both => part(list, &mut self.scratch, left),
                Keep::Left => keep_left(list, left),
                Keep::Right => keep_right(list, left),
            }
        }
    }
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

/// Parts a list in two, keeping the order of each part. Writing twice is faster than a branch
/// that cannot be foreseen.
fn part(list: &mut [Entry], scratch: &mut [Entry], left: impl Fn(Entry) -> usize) {
    let scratch = &mut scratch[..list.len()];
    let (mut lefts, mut rights) = (0, 0);
    for i in 0..list.len() {
        let entry = list[i];
        let go_left = left(entry);
        list[lefts] = entry;
        scratch[rights] = entry;
        lefts += go_left;
        rights += 1 - go_left;
    }
    list[lefts..].copy_from_slice(&scratch[..rights]);
}

fn keep_left(list: &mut [Entry], left: impl Fn(Entry) -> usize) {
    let mut lefts = 0;
    for i in 0..list.len() {
        let entry = list[i];
        list[lefts] = entry;
        lefts += left(entry);
    }
}

fn keep_right(list: &mut [Entry], left: impl Fn(Entry) -> usize) {
    let mut place = list.len();
    for i in (0..list.len()).rev() {
        let entry = list[i];
        if place > 0 {
            list[place - 1] = entry;
        }
        place -= 1 - left(entry);
    }
}

/// The part of a sorted list whose values are not missing.
fn present(list: &[Entry]) -> &[Entry] {
    &list[..list.partition_point(|entry| !entry.value.is_nan())]
}

/// A number that orders as the float does; missing values are the greatest.
fn key(entry: &Entry) -> u32 {
    let bits = entry.value.to_bits();
    match (entry.value.is_nan(), bits >> 31) {
        (true, _) => u32::MAX,
        (false, 0) => bits | 1 << 31,
        (false, _) => !bits,
    }
}

/// The digits of the radix sort: 11, 11 and 10 bits of the key, the lowest first.
const DIGIT_BITS: u32 = 11;

/// Below this length comparing is faster than counting.
const RADIX_FROM: usize = 1024;

fn sort(list: &mut [Entry], scratch: &mut [Entry]) {
    if list.len() < RADIX_FROM {
        list.sort_unstable_by_key(key);
        return;
    }
    let mut counts = vec![[0_u32; 1 << DIGIT_BITS]; 3];
    let digit = |entry: &Entry, pass: u32| {
        (key(entry) >> (pass * DIGIT_BITS)) as usize & ((1 << DIGIT_BITS) - 1)
    };
    for entry in list.iter() {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(entry, pass as u32)] += 1;
        }
    }
    let (mut from, mut to) = (&mut *list, &mut *scratch);
    let mut moved = false;
    for (pass, counts) in counts.iter_mut().enumerate() {
        if counts.iter().any(|&count| count as usize == from.len()) {
            continue; // all have this digit in common
        }
        let mut sum = 0;
        for count in counts.iter_mut() {
            let next = sum + *count;
            *count = sum;
            sum = next;
        }
        for entry in from.iter() {
            let place = &mut counts[digit(entry, pass as u32)];
            to[*place as usize] = *entry;
            *place += 1;
        }
        (from, to) = (to, from);
        moved = !moved;
    }
    if moved {
        // the last pass left the entries in the scratch room, which is `from` now
        to.copy_from_slice(from);
    }
}
