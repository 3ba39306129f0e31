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
    missing_go_to_left: bool,
}

/// A tree laid out for walking: breadth first, so that all rows share the first nodes' memory.
#[derive(Debug, Clone)]
pub(super) struct Walk {
    steps: Vec<Step>,
    /// The number of each step's node in the tree.
    nodes: Vec<u32>,
    columns: usize,
    depth: usize,
}

/// How many rows walk side by side, so that their waits for memory overlap.
const ROWS: usize = 16;

/// How many steps are taken before looking whether all rows have arrived.
const STRIDE: usize = 4;

impl Walk {
    pub(super) fn new(tree: &Tree) -> Self {
        let arrays = tree.arrays();
        let count = tree.node_count();
        let mut nodes: Vec<u32> = Vec::with_capacity(count);
        nodes.push(0);
        let mut steps = Vec::with_capacity(count);
        for step in 0..count {
            let node = nodes[step] as usize;
            match tree.children(node) {
                Some((left, right)) => {
                    steps.push(Step {
                        threshold: at_most(arrays.threshold[node]),
                        feature: arrays.feature[node] as u32,
                        left: nodes.len() as u32,
                        missing_go_to_left: arrays.missing_go_to_left[node],
                    });
                    nodes.extend([left as u32, right as u32]);
                }
                None => steps.push(Step {
                    threshold: f32::INFINITY,
                    feature: 0,
                    left: step as u32,
                    missing_go_to_left: true,
                }),
            }
        }
        Walk { steps, nodes, columns: tree.n_features(), depth: tree.max_depth() }
    }

    /// Calls `arrive` with the row and its leaf, for every row in order.
    pub(super) fn leaves(
        &self,
        features: Features<'_>,
        mut arrive: impl FnMut(usize),
    ) -> Result<(), Error> {
        let (_, found) = features.shape();
        if found != self.columns {
            return Err(Error::Columns { expected: self.columns, found });
        }
        let finite = match features {
            Features::F32(view) => self.all(view, |value| value, &mut arrive),
            Features::F64(view) => self.all(view, |value| value as f32, &mut arrive),
        };
        if finite { Ok(()) } else { Err(features.first_infinite()) }
    }

    /// Walks all rows; `false` when a value is infinite.
    fn all<T: Copy>(
        &self,
        rows: ArrayView2<'_, T>,
        cast: impl Fn(T) -> f32,
        arrive: &mut impl FnMut(usize),
    ) -> bool {
        let columns = self.columns;
        let mut block = vec![0.0_f32; ROWS * columns];
        let mut start = 0;
        while start < rows.nrows() {
            let count = ROWS.min(rows.nrows() - start);
            let mut finite = true;
            for (row, target) in (start..start + count).zip(block.chunks_exact_mut(columns)) {
                let source = rows.row(row);
                match source.as_slice() {
                    Some(source) => {
                        for (value, &from) in target.iter_mut().zip(source) {
                            *value = cast(from);
                        }
                    }
                    None => {
                        for (value, &from) in target.iter_mut().zip(source) {
                            *value = cast(from);
                        }
                    }
                }
            }
            let mut whole = true;
            for value in &block[..count * columns] {
                whole &= value.abs() < f32::INFINITY;
            }
            if !whole {
                finite = !block[..count * columns].iter().any(|value| value.is_infinite());
            }
            if !finite {
                return false;
            }
            let at = match whole {
                true => self.block::<false>(&block),
                false => self.block::<true>(&block),
            };
            for &step in &at[..count] {
                arrive(self.nodes[step as usize] as usize);
            }
            start += count;
        }
        true
    }

    /// Walks a block of rows to their leaves.
    fn block<const MISSING: bool>(&self, block: &[f32]) -> [u32; ROWS] {
        let mut at = [0_u32; ROWS];
        let mut walked = 0;
        while walked < self.depth {
            let before = at;
            for _ in 0..STRIDE {
                for (at, row) in at.iter_mut().zip(block.chunks_exact(self.columns)) {
                    *at = next::<MISSING>(&self.steps[*at as usize], *at, row);
                }
            }
            if at == before {
                break;
            }
            walked += STRIDE;
        }
        at
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
            let step = &self.steps[at as usize];
            let value = cast(row[step.feature as usize]);
            let right = value > step.threshold || value.is_nan() && !step.missing_go_to_left;
            let to = step.left + u32::from(right);
            if to == at {
                return Ok(self.nodes[at as usize] as usize);
            }
            at = to;
        }
    }
}

#[inline(always)]
fn next<const MISSING: bool>(step: &Step, _at: u32, row: &[f32]) -> u32 {
    let value = row[step.feature as usize];
    let mut right = value > step.threshold;
    if MISSING {
        right |= value.is_nan() & !step.missing_go_to_left;
    }
    step.left + u32::from(right)
}

/// The greatest 32-bit float that is at most `threshold`.
fn at_most(threshold: f64) -> f32 {
    let near = threshold as f32;
    if f64::from(near) > threshold { near.next_down() } else { near }
}
