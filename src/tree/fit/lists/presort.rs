//! The one sort of all rows, by each feature.

use super::{Entry, apart};
use crate::tree::key::{MISSING_KEY, Value, is_infinite, value_of};
use crate::tree::{Error, Features};

/// How many columns are copied and sorted before the next are. Several stand side by side in
/// memory; more would call for more room beside the lists.
const COLUMNS_AT_ONCE: usize = 4;

/// What the sort finds out about a feature.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Kind {
    /// Whether any value is missing.
    pub(super) missing: bool,
    /// Whether some values differ, but by too little to split between.
    pub(super) close: bool,
    /// Whether all values differ, and none is missing.
    pub(super) distinct: bool,
    /// Whether so many values are equal that it pays to know of every place in every node whether
    /// they are.
    pub(super) tied: bool,
}

impl Kind {
    /// Whether an entry that is not known to be apart from the one before may be.
    pub(super) fn unsure(self) -> bool {
        self.close || !self.tied
    }
}

/// A feature is tied if more than one in so many rows has the same value as the row before.
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
) -> Result<Vec<Kind>, Error> {
    let (all_rows, columns) = features.shape();
    let rows = counted.len();
    let mut kinds = Vec::with_capacity(columns);
    let mut keyed = vec![Keyed::default(); rows * COLUMNS_AT_ONCE.min(columns)];
    let mut scratch = vec![Keyed::default(); rows];
    for (group, lists) in lists.chunks_mut(rows * COLUMNS_AT_ONCE).enumerate() {
        let keyed = &mut keyed[..lists.len()];
        copy(features, group * COLUMNS_AT_ONCE, counted, &entry, keyed);
        for (list, keyed) in lists.chunks_exact_mut(rows).zip(keyed.chunks_exact_mut(rows)) {
            let keyed = sort(keyed, &mut scratch);
            let present = keyed.partition_point(|keyed| keyed.key != MISSING_KEY);
            let infinite = |place: usize| is_infinite(keyed[place].key);
            if present > 0 && (infinite(0) || infinite(present - 1)) {
                return Err(features.first_infinite());
            }
            kinds.push(store(keyed, present, list));
        }
    }
    // Rows of weight zero do not count, but scikit-learn refuses their infinities too.
    if rows < all_rows && features.any_infinite() {
        return Err(features.first_infinite());
    }
    Ok(kinds)
}

/// Copies some columns, from `first` on, one after the other. A block of rows at a time, so that
/// the lines of memory are still at hand for the next column.
fn copy(
    features: &Features<'_>,
    first: usize,
    counted: &[u32],
    entry: &impl Fn(u32) -> Entry,
    columns: &mut [Keyed],
) {
    for (block, rows) in counted.chunks(64).enumerate() {
        for (column, to) in columns.chunks_exact_mut(counted.len()).enumerate() {
            let to = to[block * 64..].iter_mut().zip(rows);
            match features {
                Features::F32(view) => {
                    let view = view.column(first + column);
                    to.for_each(|(to, &row)| {
                        *to = Keyed { key: view[row as usize].key(), entry: entry(row) };
                    });
                }
                Features::F64(view) => {
                    let view = view.column(first + column);
                    to.for_each(|(to, &row)| {
                        *to = Keyed { key: view[row as usize].key(), entry: entry(row) };
                    });
                }
            }
        }
    }
}

/// Stores the sorted rows, of which the first `present` have a value.
fn store(keyed: &[Keyed], present: usize, list: &mut [Entry]) -> Kind {
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
    Kind {
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
