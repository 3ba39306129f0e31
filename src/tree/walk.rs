//! Ways from the root to the leaves: many rows at a time.

use ndarray::ArrayView2;

use super::nodes::Tree;
use super::{Error, Features};

/// A node as the walk sees it. The two children stand side by side.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// The greatest 32-bit float that is at most the node's threshold: rows are 32-bit floats, so
    /// comparing with it decides the same. Infinite in a leaf, which is its own left child.
    threshold: f32,
    feature: u32,
    left: u32,
}

/// A tree laid out for walking: breadth first, so that all rows share the first nodes' memory.
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

impl Walk {
    pub(super) fn new(tree: &Tree) -> Self {
        let arrays = tree.arrays();
        let count = tree.node_count();
        let mut nodes: Vec<u32> = Vec::with_capacity(count);
        nodes.push(0);
        let mut steps = Vec::with_capacity(count);
        let mut missing_right = Vec::with_capacity(count);
        for step in 0..count {
            let node = nodes[step] as usize;
            match tree.children(node) {
                Some((left, right)) => {
                    steps.push(Step {
                        threshold: at_most(arrays.threshold[node]),
                        feature: arrays.feature[node] as u32,
                        left: nodes.len() as u32,
                    });
                    missing_right.push(!arrays.missing_go_to_left[node]);
                    nodes.extend([left as u32, right as u32]);
                }
                None => {
                    steps.push(Step { threshold: f32::INFINITY, feature: 0, left: step as u32 });
                    missing_right.push(false);
                }
            }
        }
        Walk { steps, missing_right, nodes, columns: tree.n_features(), depth: tree.max_depth() }
    }

    /// The number of the step after `place`; a leaf answers with its own.
    #[inline(always)]
    fn next<const MISSING: bool>(&self, place: u32, value: impl Fn(usize) -> f32) -> u32 {
        let step = &self.steps[place as usize];
        let value = value(step.feature as usize);
        let mut right = value > step.threshold;
        if MISSING {
            right |= value.is_nan() & self.missing_right[place as usize];
        }
        step.left + u32::from(right)
    }

    /// Calls `arrive` with the leaf of every row, in order.
    pub(super) fn leaves(
        &self,
        features: Features<'_>,
        mut arrive: impl FnMut(usize),
    ) -> Result<(), Error> {
        let (rows, found) = features.shape();
        if found != self.columns {
            return Err(Error::Columns { expected: self.columns, found });
        }
        let mut block = vec![0.0_f32; BLOCK.min(rows) * self.columns];
        let mut start = 0;
        while start < rows {
            let count = BLOCK.min(rows - start);
            let block = &mut block[..count * self.columns];
            match features {
                Features::F32(view) => fill(view, start, block, |value| value),
                Features::F64(view) => fill(view, start, block, |value| value as f32),
            }
            let mut at = [0; BLOCK];
            match all_finite(block) {
                true => self.block::<false>(block, count, &mut at),
                false if block.iter().any(|value| value.is_infinite()) => {
                    return Err(features.first_infinite());
                }
                false => self.block::<true>(block, count, &mut at),
            }
            for &step in &at[..count] {
                arrive(self.nodes[step as usize] as usize);
            }
            start += count;
        }
        Ok(())
    }

    /// Walks the rows of a block to their leaves.
    fn block<const MISSING: bool>(&self, values: &[f32], count: usize, at: &mut [u32; BLOCK]) {
        let columns = self.columns;
        let mut walking: [u32; BLOCK] = std::array::from_fn(|row| row as u32);
        let mut still = if self.depth == 0 { 0 } else { count };
        while still > 0 {
            let mut left_over = 0;
            let mut group = 0;
            while group < still {
                // the last group is filled up with walkers that are done twice
                let rows: [u32; LANES] =
                    std::array::from_fn(|lane| walking[(group + lane).min(still - 1)]);
                let bases = rows.map(|row| row as usize * columns);
                let mut places = rows.map(|row| at[row as usize]);
                let mut before = places;
                for _ in 0..STRIDE {
                    before = places;
                    for lane in 0..LANES {
                        let value = |feature| values[bases[lane] + feature];
                        places[lane] = self.next::<MISSING>(places[lane], value);
                    }
                }
                for lane in 0..LANES.min(still - group) {
                    at[rows[lane] as usize] = places[lane];
                    walking[left_over] = rows[lane];
                    left_over += usize::from(places[lane] != before[lane]);
                }
                group += LANES;
            }
            still = left_over;
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
            let to = self.next::<true>(at, |feature| cast(row[feature]));
            if to == at {
                return Ok(self.nodes[at as usize] as usize);
            }
            at = to;
        }
    }
}

/// Copies rows from `start` on, as 32-bit floats.
fn fill<T: Copy>(
    view: ArrayView2<'_, T>,
    start: usize,
    block: &mut [f32],
    cast: impl Fn(T) -> f32,
) {
    let columns = view.ncols();
    let rows = block.len() / columns;
    if let Some(source) = view.as_slice() {
        let source = &source[start * columns..(start + rows) * columns];
        for (value, &from) in block.iter_mut().zip(source) {
            *value = cast(from);
        }
        return;
    }
    for (row, values) in block.chunks_exact_mut(columns).enumerate() {
        for (value, &from) in values.iter_mut().zip(view.row(start + row)) {
            *value = cast(from);
        }
    }
}

/// Whether no value is infinite or missing. Eight answers side by side, without branches, which
/// the compiler turns into vector instructions.
fn all_finite(values: &[f32]) -> bool {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut odd = [0_u32; 8];
    for chunk in chunks {
        for (odd, value) in odd.iter_mut().zip(chunk) {
            // all bits of the exponent are set in what is infinite or not a number
            *odd |= u32::from(value.to_bits() & 0x7f80_0000 == 0x7f80_0000);
        }
    }
    odd == [0; 8] && rest.iter().all(|value| value.is_finite())
}

/// The greatest 32-bit float that is at most `threshold`.
fn at_most(threshold: f64) -> f32 {
    let near = threshold as f32;
    if f64::from(near) > threshold { near.next_down() } else { near }
}
