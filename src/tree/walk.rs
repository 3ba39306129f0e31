//! Ways from the root to the leaves: many rows at a time.

use ndarray::ArrayView2;

use super::nodes::Tree;
use super::{Error, Features};

/// A node as the walk sees it. The two children stand side by side.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The key of the greatest 32-bit float that is at most the node's threshold: rows are 32-bit
    /// floats, so comparing with it decides the same. The greatest key in a leaf, which is its own
    /// left child.
    threshold: u32,
    feature: u32,
    left: u32,
}

/// A tree laid out for walking: depth first, so that the next step is often near in memory.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    steps: Vec<Step>,
    /// Whether a missing value goes to the right child of each step.
    missing_right: Vec<bool>,
    /// The number of each step's node in the tree.
    nodes: Vec<u32>,
    columns: usize,
    depth: usize,
}

/// How many rows are made ready together: enough to be worth it, few enough to stay in the
/// fastest memory.
const BLOCK: usize = 128;

/// How many rows walk side by side, so that their waits for memory overlap.
const LANES: usize = 16;

/// How many steps are taken before the rows that have arrived are left behind.
const STRIDE: usize = 6;

/// Up to this depth fewer values are compared than would have to be made ready.
const SHALLOW: usize = 4;

impl Walk {
    pub(super) fn new(tree: &Tree) -> Self {
        let arrays = tree.arrays();
        let count = tree.node_count();
        // a leaf, its own left child
        let leaf = |place: usize| Step { threshold: u32::MAX, feature: 0, left: place as u32 };
        let mut steps: Vec<Step> = (0..count).map(leaf).collect();
        let mut missing_right = vec![false; count];
        let mut nodes = vec![0_u32; count];
        let mut used = 1;
        let mut stack = vec![0_usize];
        while let Some(place) = stack.pop() {
            let node = nodes[place] as usize;
            let Some((left, right)) = tree.children(node) else { continue };
            steps[place] = Step {
                threshold: key(at_most(arrays.threshold[node])),
                feature: arrays.feature[node] as u32,
                left: used as u32,
            };
            missing_right[place] = !arrays.missing_go_to_left[node];
            nodes[used] = left as u32;
            nodes[used + 1] = right as u32;
            stack.extend([used + 1, used]);
            used += 2;
        }
        Walk { steps, missing_right, nodes, columns: tree.n_features(), depth: tree.max_depth() }
    }

    /// The number of the step after `place`; a leaf answers with its own. `value` gives the key
    /// of a feature's value.
    #[inline(always)]
    fn next<const MISSING: bool>(&self, place: u32, value: impl Fn(usize) -> u32) -> u32 {
        let step = &self.steps[place as usize];
        let value = value(step.feature as usize);
        let right = match MISSING && value == MISSING_KEY {
            true => self.missing_right[place as usize],
            false => value > step.threshold,
        };
        step.left + u32::from(right)
    }

    /// Calls `arrive` with the leaves of the rows, in order, some rows at a time.
    pub(super) fn leaves(
        &self,
        features: Features<'_>,
        mut arrive: impl FnMut(&[u32]),
    ) -> Result<(), Error> {
        let (rows, found) = features.shape();
        if found != self.columns {
            return Err(Error::Columns { expected: self.columns, found });
        }
        let mut copy = Vec::new();
        let mut start = 0;
        while start < rows {
            let count = BLOCK.min(rows - start);
            let mut at = [0; BLOCK];
            let known = match features {
                Features::F32(view) => match block_of(&view, start, count) {
                    Some(values) if self.depth <= SHALLOW => {
                        self.block(values, key, count, &mut at)
                    }
                    _ => {
                        fill(&view, start, count, &mut copy, key);
                        self.block(&copy, |key| key, count, &mut at)
                    }
                },
                Features::F64(view) => match block_of(&view, start, count) {
                    Some(values) if self.depth <= SHALLOW => {
                        self.block(values, |value| key(value as f32), count, &mut at)
                    }
                    _ => {
                        fill(&view, start, count, &mut copy, |value| key(value as f32));
                        self.block(&copy, |key| key, count, &mut at)
                    }
                },
            };
            if !known {
                return Err(features.first_infinite());
            }
            for step in &mut at[..count] {
                *step = self.nodes[*step as usize];
            }
            arrive(&at[..count]);
            start += count;
        }
        Ok(())
    }

    /// Walks the rows of a block to their leaves; `false` when a value is infinite.
    #[inline]
    fn block<T: Value>(
        &self,
        values: &[T],
        key: impl Fn(T) -> u32 + Copy,
        count: usize,
        at: &mut [u32; BLOCK],
    ) -> bool {
        match all_finite(values) {
            true => self.walk::<T, false>(values, key, count, at),
            false if values.iter().any(|&value| is_infinite(key(value))) => return false,
            false => self.walk::<T, true>(values, key, count, at),
        }
        true
    }

    fn walk<T: Value, const MISSING: bool>(
        &self,
        values: &[T],
        key: impl Fn(T) -> u32,
        count: usize,
        at: &mut [u32; BLOCK],
    ) {
        let mut walking: [u8; BLOCK] = std::array::from_fn(|row| row as u8);
        let mut still = count;
        let mut walked = 0;
        while still > 0 && walked < self.depth {
            let strides = STRIDE.min(self.depth - walked);
            let mut left_over = 0;
            let mut group = 0;
            while group < still {
                // the last group is filled up with walkers that are done twice
                let mut rows = [0; LANES];
                let mut bases = [0; LANES];
                let mut places = [0; LANES];
                for lane in 0..LANES {
                    let row = usize::from(walking[(group + lane).min(still - 1)]);
                    rows[lane] = row;
                    bases[lane] = row * self.columns;
                    places[lane] = at[row];
                }
                let mut before = places;
                for _ in 0..strides {
                    before = places;
                    let bases = bases.as_chunks::<4>().0;
                    for (places, bases) in places.as_chunks_mut::<4>().0.iter_mut().zip(bases) {
                        for (place, base) in places.iter_mut().zip(bases) {
                            let value = |feature| key(values[base + feature]);
                            *place = self.next::<MISSING>(*place, value);
                        }
                    }
                }
                for lane in 0..LANES.min(still - group) {
                    at[rows[lane]] = places[lane];
                    walking[left_over] = rows[lane] as u8;
                    left_over += usize::from(places[lane] != before[lane]);
                }
                group += LANES;
            }
            still = left_over;
            walked += strides;
        }
    }

    /// The leaf of a single row.
    pub(super) fn leaf<T: Copy>(&self, row: &[T], cast: impl Fn(T) -> f32) -> Result<usize, Error> {
        if row.len() != self.columns {
            return Err(Error::Columns { expected: self.columns, found: row.len() });
        }
        for (column, &value) in row.iter().enumerate() {
            let value = cast(value);
            if value.is_infinite() {
                return Err(Error::Infinite { row: 0, column, value: f64::from(value) });
            }
        }
        let mut at = 0;
        loop {
            let to = self.next::<true>(at, |feature| key(cast(row[feature])));
            if to == at {
                return Ok(self.nodes[at as usize] as usize);
            }
            at = to;
        }
    }
}

/// A whole number that orders as the float does; comparing two of them costs less than comparing
/// floats. Missing values have the greatest of all.
#[inline(always)]
fn key(value: f32) -> u32 {
    let bits = value.to_bits();
    let negative = ((bits as i32) >> 31) as u32; // all bits set or none
    let key = bits ^ (negative | 1 << 31);
    if value.is_nan() { MISSING_KEY } else { key }
}

/// The key of a missing value.
const MISSING_KEY: u32 = u32::MAX;

/// The keys of the two infinities, which are the least and, but for missing values, the greatest.
const INFINITE: (u32, u32) = (!f32::NEG_INFINITY.to_bits(), f32::INFINITY.to_bits() | 1 << 31);

fn is_infinite(key: u32) -> bool {
    key == INFINITE.0 || key == INFINITE.1
}

/// A value of a feature, or its key.
trait Value: Copy {
    /// Whether it is infinite as a 32-bit float, or missing.
    fn odd(self) -> bool;
}

impl Value for u32 {
    #[inline(always)]
    fn odd(self) -> bool {
        self.wrapping_sub(INFINITE.0 + 1) >= INFINITE.1 - INFINITE.0 - 1
    }
}

impl Value for f32 {
    #[inline(always)]
    fn odd(self) -> bool {
        // all bits of the exponent are set in what is infinite or not a number
        self.to_bits() & 0x7f80_0000 == 0x7f80_0000
    }
}

impl Value for f64 {
    #[inline(always)]
    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "a missing value is not less either")]
    fn odd(self) -> bool {
        /// Half a step above the greatest 32-bit float, which is rounded up to infinity.
        const LEAST_INFINITE: f64 = f32::MAX as f64 * (1.0 + 1.0 / (1_u64 << 25) as f64);
        !(self.abs() < LEAST_INFINITE)
    }
}

/// The values of some rows, if they stand side by side.
fn block_of<'a, T>(view: &ArrayView2<'a, T>, start: usize, count: usize) -> Option<&'a [T]> {
    let columns = view.ncols();
    view.to_slice()?.get(start * columns..(start + count) * columns)
}

/// Copies the keys of some rows.
fn fill<T: Copy>(
    view: &ArrayView2<'_, T>,
    start: usize,
    count: usize,
    copy: &mut Vec<u32>,
    key: impl Fn(T) -> u32 + Copy,
) {
    copy.clear();
    match block_of(view, start, count) {
        Some(values) => copy.extend(values.iter().map(|&value| key(value))),
        None => {
            for row in start..start + count {
                copy.extend(view.row(row).iter().map(|&value| key(value)));
            }
        }
    }
}

/// Whether no value is infinite or missing. Eight answers side by side, without branches, which
/// the compiler turns into vector instructions.
fn all_finite<T: Value>(values: &[T]) -> bool {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut odd = [false; 8];
    for chunk in chunks {
        for (odd, value) in odd.iter_mut().zip(chunk) {
            *odd |= value.odd();
        }
    }
    odd == [false; 8] && !rest.iter().any(|value| value.odd())
}

/// The greatest 32-bit float that is at most `threshold`; never the zero that is negative.
fn at_most(threshold: f64) -> f32 {
    let near = threshold as f32;
    (if f64::from(near) > threshold { near.next_down() } else { near }) + 0.0
}
