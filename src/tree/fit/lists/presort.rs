//! The one sort of all rows, by each feature.

use ndarray::ArrayView2;

use super::{Entry, apart};
use crate::tree::key::{FeatureValue, MISSING_KEY, is_infinite, value_of};
use crate::tree::{Error, Features, check};

/// How many rows are copied, column by column, before the next are: their lines of memory are then
/// still at hand for the next column.
const ROWS_AT_ONCE: usize = 64;

/// What the sort finds out about a feature.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ColumnSummary {
    /// Whether any value is missing.
    pub(super) missing: bool,
    /// Whether some values differ, but by too little to split between.
    pub(super) close: bool,
    /// Whether all values differ, and none is missing.
    pub(super) distinct: bool,
    /// Whether enough values are equal that it pays to know of every place in every node whether
    /// they are.
    pub(super) tied: bool,
}

impl ColumnSummary {
    /// Whether an entry that is not known to be apart from the one before may be.
    pub(super) fn unsure(self) -> bool {
        self.close || !self.tied
    }
}

/// A feature is tied if more than one row in this many has the same value as the row before.
const TIED_FROM: usize = 16;

/// The key of a value, which orders as it does, and the entry of its row.
#[derive(Debug, Clone, Copy, Default)]
struct Keyed {
    key: u32,
    entry: Entry,
}

/// Fills the lists of all features, one after the other, with the rows `counted`, sorted; `entry`
/// makes one of a row.
///
/// # Errors
/// [`Error::Infinite`] for the first infinite value, row by row.
pub(super) fn presort(
    features: &Features<'_>,
    counted: &[u32],
    entry: impl Fn(u32) -> Entry,
    lists: &mut [Entry],
) -> Result<Vec<ColumnSummary>, Error> {
    let (all_rows, columns) = features.shape();
    let rows = counted.len();
    let mut summaries = Vec::with_capacity(columns);
    let mut keyed = vec![Keyed::default(); rows];
    let mut scratch = vec![Keyed::default(); rows];
    copy(features, counted, lists);
    for list in lists.chunks_exact_mut(rows) {
        for ((to, from), &row) in keyed.iter_mut().zip(list.iter()).zip(counted) {
            *to = Keyed { key: from.0, entry: entry(row) };
        }
        let keyed = sort(&mut keyed, &mut scratch);
        let present = keyed.partition_point(|keyed| keyed.key != MISSING_KEY);
        let infinite = |place: usize| is_infinite(keyed[place].key);
        if present > 0 && (infinite(0) || infinite(present - 1)) {
            return Err(check::infinite(features));
        }
        summaries.push(store(keyed, present, list));
    }
    // Rows of weight zero do not count, but scikit-learn refuses their infinities too.
    if rows < all_rows && features.any_infinite_f32() {
        return Err(check::infinite(features));
    }
    Ok(summaries)
}

/// Puts the key of every value into its feature's list, where the row's entry takes its place
/// later.
fn copy(features: &Features<'_>, counted: &[u32], lists: &mut [Entry]) {
    match features {
        Features::F32(view) => copy_keys(view, counted, lists),
        Features::F64(view) | Features::Named { view, .. } => copy_keys(view, counted, lists),
    }
}

fn copy_keys<T: FeatureValue>(view: &ArrayView2<'_, T>, counted: &[u32], lists: &mut [Entry]) {
    for (block, rows) in counted.chunks(ROWS_AT_ONCE).enumerate() {
        let lists = lists.chunks_exact_mut(counted.len()).zip(view.columns());
        for (list, column) in lists {
            for (to, &row) in list[block * ROWS_AT_ONCE..].iter_mut().zip(rows) {
                *to = Entry(column[row as usize].key());
            }
        }
    }
}

/// Stores the sorted rows, of which the first `present` have a value.
fn store(keyed: &[Keyed], present: usize, list: &mut [Entry]) -> ColumnSummary {
    let missing = present < keyed.len();
    let (mut close, mut greater_ones) = (false, 0);
    let mut before = f32::INFINITY;
    for (to, &Keyed { key, entry }) in list.iter_mut().zip(keyed) {
        let value = value_of(key);
        let (greater, apart) = (value > before, apart(before, value));
        *to = entry.with_apart(apart);
        close |= greater & !apart;
        greater_ones += usize::from(greater);
        before = value;
    }
    let equal_ones = present.saturating_sub(greater_ones + 1);
    ColumnSummary {
        missing,
        close,
        distinct: !missing && equal_ones == 0,
        tied: equal_ones > present / TIED_FROM,
    }
}

/// The digits of the radix sort: 11, 11 and 10 bits of the key, the lowest first.
const DIGIT_BITS: u32 = 11;

/// Below this length comparing is faster than counting.
const RADIX_FROM: usize = 1024;

/// Sorts a list, and returns where it then is: in its own room or in `scratch`.
fn sort<'a>(list: &'a mut [Keyed], scratch: &'a mut [Keyed]) -> &'a [Keyed] {
    if list.len() < RADIX_FROM {
        list.sort_unstable_by_key(|keyed| keyed.key);
        return list;
    }
    let mut counts = vec![[0_u32; 1 << DIGIT_BITS]; 3];
    let digit = |keyed: &Keyed, pass: u32| {
        (keyed.key >> (pass * DIGIT_BITS)) as usize & ((1 << DIGIT_BITS) - 1)
    };
    for keyed in list.iter() {
        for (pass, counts) in counts.iter_mut().enumerate() {
            counts[digit(keyed, pass as u32)] += 1;
        }
    }
    let (mut from, mut to) = (list, scratch);
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
        for keyed in from.iter() {
            let place = &mut counts[digit(keyed, pass as u32)];
            to[*place as usize] = *keyed;
            *place += 1;
        }
        (from, to) = (to, from);
    }
    from
}
