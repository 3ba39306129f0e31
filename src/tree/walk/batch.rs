//! Rows that walk side by side, so that their waits for memory overlap.

use std::ops::Range;
use std::slice::Chunks;

use super::prefetch::prefetch;
use super::steps::{Link, ROOM, Steps, TOP};
use crate::tree::key::{FeatureValue, Found, find};

/// How many rows walk side by side.
pub(crate) const LANES: usize = 16;

/// How many rows of keys do: as many as the processor has registers for the places of.
const KEY_LANES: usize = 8;

/// Up to this depth all rows take as many steps as the longest way has. In deeper trees most
/// arrive long before the last.
const SHALLOW: usize = 16;

/// How many steps are taken after that before the rows that have arrived are left behind.
const STRIDE: usize = 8;

/// How many rows are sorted together: enough for neighbours to walk similar ways, few enough for
/// their values to stay in fast memory. Fewer where a row has many values.
const SORTED_ROWS: usize = 1024;
const SORTED_VALUES: usize = 1 << 16;

/// Into how many groups they are sorted, at most.
const GROUPS: usize = 1024;

/// How many blocks of rows ahead of those that walk are asked for.
const BLOCKS_AHEAD: usize = 6;

/// The most bytes of a block that is asked for ahead: all of them have room in memory near the
/// processor.
const MOST_AHEAD: usize = 1 << 14;

/// The most lines of the next tree that are asked for ahead for each row that walks: few rows come by few
/// of its steps.
const LINES_A_ROW: usize = 4;

/// Rows and the tree that they walk through.
pub(crate) struct Batches<'a, L> {
    pub(crate) steps: &'a Steps<L>,
    /// The number of each step's node.
    pub(crate) nodes: &'a [u32],
    pub(crate) columns: usize,
    pub(crate) depth: usize,
}

impl<L: Link> Batches<'_, L> {
    /// Calls `arrive` with the leaves of the rows, in order; `false` when a value is infinite.
    pub(super) fn leaves<T: FeatureValue>(
        &self,
        values: &[T],
        arrive: &mut impl FnMut(&[u32]),
    ) -> bool {
        match self.depth <= SHALLOW {
            true => self.shallow(values, arrive),
            false => self.deep(values, arrive),
        }
    }

    /// Puts the places of the leaves in which rows of keys end into `at`; at most 2¹⁶ rows, with [`ROOM`] keys
    /// behind them, and `missing` says whether a key among them may be that of a missing value. For whoever
    /// sends the same rows through many trees: meanwhile the `next` tree is fetched from memory.
    pub(crate) fn places(&self, keys: &[u32], missing: bool, next: &Steps<L>, at: &mut Vec<u32>) {
        match missing {
            true => self.places_of::<true>(keys, next, at),
            false => self.places_of::<false>(keys, next, at),
        }
    }

    fn places_of<const MISSING: bool>(&self, keys: &[u32], next: &Steps<L>, at: &mut Vec<u32>) {
        at.clear();
        let steps = if self.depth <= SHALLOW { self.depth } else { TOP };
        let rows = keys.len().saturating_sub(ROOM) / self.columns;
        let mut ahead = next.in_shares(rows.div_ceil(KEY_LANES), LINES_A_ROW * KEY_LANES);
        for first in (0..rows).step_by(KEY_LANES) {
            fetch(&mut ahead);
            let ahead = &mut [0_u32; 0].chunks(1);
            self.descend_keys::<MISSING>(keys, first..rows, steps, at, ahead);
        }
        if self.depth > steps {
            let mut order = Order::new(self.steps.top());
            let walking = order.sort(at);
            self.finish::<MISSING>(keys, walking, at);
        }
    }

    /// Walks some rows at a time, straight to the leaves. Each step turns the one value that it
    /// looks at into its key.
    fn shallow<T: FeatureValue>(&self, values: &[T], arrive: &mut impl FnMut(&[u32])) -> bool {
        for (number, block) in values.chunks(LANES * self.columns).enumerate() {
            let mut ahead = self.ahead(values, number, self.depth);
            fetch(&mut ahead);
            let mut leaves = match find(block) {
                Found::Finite => self.descend::<T, false>(block, self.depth, ahead),
                Found::Missing => self.descend::<T, true>(block, self.depth, ahead),
                Found::Infinite => return false,
            };
            let leaves = &mut leaves[..block.len() / self.columns];
            self.name(leaves);
            arrive(leaves);
        }
        true
    }

    /// Walks rows to where the tree becomes wide, sorts them by where they are, and goes on:
    /// neighbours then find the steps that they share in fast memory.
    fn deep<T: FeatureValue>(&self, values: &[T], arrive: &mut impl FnMut(&[u32])) -> bool {
        let there = values.len().div_ceil(self.columns).clamp(1, SORTED_ROWS);
        let rows = (SORTED_VALUES / self.columns).clamp(1, there).next_multiple_of(LANES);
        let mut keys = vec![0; rows * self.columns + ROOM];
        let mut order = Order::new(self.steps.top());
        let mut at = Vec::with_capacity(rows);
        let mut number = 0;
        for batch in values.chunks(rows * self.columns) {
            let mut missing = false;
            let mut count = 0;
            at.clear();
            for block in batch.chunks(LANES * self.columns) {
                let mut ahead = self.ahead(values, number, LANES / KEY_LANES * TOP);
                fetch(&mut ahead);
                let found = find(block);
                let own = keys[count * self.columns..].iter_mut().zip(block);
                match found {
                    Found::Finite => own.for_each(|(key, value)| *key = value.present_key()),
                    Found::Missing => own.for_each(|(key, value)| *key = value.key()),
                    Found::Infinite => return false,
                }
                let end = count + block.len() / self.columns;
                while count < end {
                    let (rows, ahead) = (count..end, &mut ahead);
                    count += match found {
                        Found::Missing => {
                            self.descend_keys::<true>(&keys, rows, TOP, &mut at, ahead)
                        }
                        _ => self.descend_keys::<false>(&keys, rows, TOP, &mut at, ahead),
                    };
                }
                missing |= found == Found::Missing;
                number += 1;
            }
            let walking = order.sort(&at);
            match missing {
                true => self.finish::<true>(&keys, walking, &mut at),
                false => self.finish::<false>(&keys, walking, &mut at),
            }
            self.name(&mut at);
            arrive(&at);
        }
        true
    }

    /// The rows that are fetched while those of a block are looked at and take `steps` steps: a
    /// share before each, for memory takes only some requests at a time.
    fn ahead<'v, T>(&self, values: &'v [T], number: usize, steps: usize) -> Chunks<'v, T> {
        let length = LANES * self.columns;
        let start = match length * size_of::<T>() {
            ..=MOST_AHEAD => (number + BLOCKS_AHEAD) * length,
            _ => values.len(),
        };
        let rest = values.get(start..).unwrap_or_default();
        let share = (length / line::<T>()).div_ceil(steps + 1).max(1) * line::<T>();
        rest[..length.min(rest.len())].chunks(share)
    }

    /// Takes `depth` steps with the rows of a block; meanwhile `ahead` is fetched from memory.
    #[inline]
    fn descend<T: FeatureValue, const MISSING: bool>(
        &self,
        block: &[T],
        depth: usize,
        mut ahead: Chunks<'_, T>,
    ) -> [u32; LANES] {
        let last = (block.len() / self.columns).saturating_sub(1);
        // a block of fewer rows is filled up with its last
        let bases: [usize; LANES] = std::array::from_fn(|lane| lane.min(last) * self.columns);
        let mut places = [0; LANES];
        for _ in 0..depth {
            fetch(&mut ahead);
            self.step::<T, MISSING>(block, &bases, &mut places);
        }
        places
    }

    /// Takes one step with each lane. Four at a time, which the compiler writes out.
    #[inline(always)]
    fn step<T: FeatureValue, const MISSING: bool>(
        &self,
        values: &[T],
        bases: &[usize; LANES],
        places: &mut [u32; LANES],
    ) {
        let lanes = places.as_chunks_mut::<4>().0.iter_mut().zip(bases.as_chunks::<4>().0);
        for (places, bases) in lanes {
            for (place, base) in places.iter_mut().zip(bases) {
                let value = |feature| values[base + feature];
                *place = self.steps.next::<MISSING, T>(*place, value);
            }
        }
    }

    /// Takes `depth` steps with the first of the `rows`, and adds where they are then to `at`; meanwhile
    /// `ahead` is fetched from memory. How many they were.
    #[inline]
    fn descend_keys<const MISSING: bool>(
        &self,
        keys: &[u32],
        rows: Range<usize>,
        depth: usize,
        at: &mut Vec<u32>,
        ahead: &mut Chunks<'_, impl Sized>,
    ) -> usize {
        // the last group is filled up with its last row
        let row = |lane: usize| self.row(keys, (rows.start + lane).min(rows.end - 1));
        let lanes: [&L::Row; KEY_LANES] = std::array::from_fn(row);
        let mut places = [0; KEY_LANES];
        for _ in 0..depth {
            fetch(ahead);
            self.step_keys::<MISSING>(&lanes, &mut places);
        }
        let count = rows.len().min(KEY_LANES);
        at.extend_from_slice(&places[..count]);
        count
    }

    #[inline(always)]
    fn row<'k>(&self, keys: &'k [u32], row: usize) -> &'k L::Row {
        L::row(keys, row * self.columns, self.columns)
    }

    /// Takes one step with each row.
    #[inline(always)]
    fn step_keys<const MISSING: bool>(
        &self,
        rows: &[&L::Row; KEY_LANES],
        places: &mut [u32; KEY_LANES],
    ) {
        for (place, row) in places.iter_mut().zip(rows) {
            *place = self.steps.next::<MISSING, u32>(*place, |feature| row[feature]);
        }
    }

    /// Goes on with the rows `walking` until all have arrived.
    fn finish<const MISSING: bool>(&self, keys: &[u32], walking: &mut [u16], at: &mut [u32]) {
        let mut still = walking.len();
        while still > 0 {
            let mut left_over = 0;
            let mut group = 0;
            while group < still {
                // the last group is filled up with one of its rows
                let row = |lane: usize| usize::from(walking[(group + lane).min(still - 1)]);
                let rows: [usize; KEY_LANES] = std::array::from_fn(row);
                let lanes: [&L::Row; KEY_LANES] =
                    std::array::from_fn(|lane| self.row(keys, rows[lane]));
                let mut places: [u32; KEY_LANES] = std::array::from_fn(|lane| at[rows[lane]]);
                let mut before = places;
                for _ in 0..STRIDE {
                    before = places;
                    self.step_keys::<MISSING>(&lanes, &mut places);
                }
                for lane in 0..KEY_LANES.min(still - group) {
                    at[rows[lane]] = places[lane];
                    walking[left_over] = rows[lane] as u16;
                    left_over += usize::from(places[lane] != before[lane]);
                }
                group += KEY_LANES;
            }
            still = left_over;
        }
    }

    /// Puts the numbers of the nodes where the places are.
    fn name(&self, places: &mut [u32]) {
        for place in places {
            *place = self.nodes[*place as usize];
        }
    }
}

/// How many values memory hands over at a time.
pub(super) const fn line<T>() -> usize {
    64 / size_of::<T>()
}

/// Asks memory for the next share of some rows.
#[inline(always)]
fn fetch<T>(shares: &mut Chunks<'_, T>) {
    for line in shares.next().unwrap_or_default().chunks(line::<T>()) {
        prefetch(&line[0]);
    }
}

/// Sorts rows by where they are.
struct Order {
    /// The number of lowest bits of a place that do not matter.
    shift: u32,
    starts: Vec<u16>,
    rows: Vec<u16>,
}

impl Order {
    fn new(places: usize) -> Self {
        let shift = places.div_ceil(GROUPS).next_power_of_two().ilog2();
        Order { shift, starts: vec![0; (places >> shift) + 1], rows: Vec::new() }
    }

    /// The numbers of the rows, sorted.
    fn sort(&mut self, at: &[u32]) -> &mut [u16] {
        let group = |place: u32| (place >> self.shift) as usize;
        self.starts.fill(0);
        for &place in at {
            self.starts[group(place)] += 1;
        }
        let mut sum = 0;
        for start in &mut self.starts {
            (*start, sum) = (sum, sum + *start);
        }
        self.rows.resize(at.len(), 0);
        for (row, &place) in at.iter().enumerate() {
            let next = &mut self.starts[group(place)];
            self.rows[usize::from(*next)] = row as u16;
            *next += 1;
        }
        &mut self.rows
    }
}
