//! Many trees laid out for walking: each leaf's values lie apart from the nodes, so that these stay
//! small.

use super::rows::Keys;
use crate::tree::Tree;
use crate::tree::walk::batch::{Batches, LANES};
use crate::tree::walk::steps::{Link, Steps, narrow_with_column};

/// The most rows that walk through a tree before the next tree's turn, and the most values that
/// they have: both rows and tree are to stay in fast memory.
const BLOCK_ROWS: usize = 1024;
const BLOCK_VALUES: usize = 1 << 15;

/// Of trees with more steps than this together, more rows walk through one before the next: each
/// tree must come from slow memory, and the more rows that pays for, the better.
const MANY_STEPS: usize = 1 << 19;
const MORE: usize = 4;

/// Up to this many rows are walked through all trees at a time, each alone.
const FEW: usize = 4;

/// How a tree's leaves count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// To which of a row's sums the first of the values is added.
    pub(super) output: usize,
    /// How many values a leaf has.
    pub(super) width: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Grove {
    trees: Layout,
    /// The values of the leaves, one after the other.
    values: Vec<f64>,
    columns: usize,
    /// How many sums there are for each row.
    outputs: usize,
}

#[derive(Debug, Clone)]
enum Layout {
    Narrow(Vec<Planted<u32>>),
    Wide(Vec<Planted<(u32, u32)>>),
}

#[derive(Debug, Clone)]
struct Planted<L> {
    /// With where the values of each leaf begin.
    steps: Steps<L>,
    depth: usize,
    share: Share,
}

impl Grove {
    /// Lays trees out. `value` appends the values of a tree's leaf; trees must have the same
    /// number of features. `None` when there are too many values.
    pub(super) fn new<'a>(
        trees: impl ExactSizeIterator<Item = (&'a Tree, Share)> + Clone,
        columns: usize,
        outputs: usize,
        value: impl Fn(usize, usize, &mut Vec<f64>),
    ) -> Option<Grove> {
        let mut values = Vec::new();
        let trees = match trees.clone().all(|(tree, _)| narrow_with_column(tree)) {
            true => Layout::Narrow(plant(trees, &mut values, value)?),
            false => Layout::Wide(plant(trees, &mut values, value)?),
        };
        values.shrink_to_fit();
        Some(Grove { trees, values, columns, outputs })
    }

    /// How many rows it is best to add at a time.
    pub(super) fn block(&self) -> usize {
        fn steps<L: Link>(trees: &[Planted<L>]) -> usize {
            trees.iter().map(|tree| tree.steps.len()).sum()
        }
        let steps = match &self.trees {
            Layout::Narrow(trees) => steps(trees),
            Layout::Wide(trees) => steps(trees),
        };
        let rows = (BLOCK_VALUES / self.columns).clamp(1, BLOCK_ROWS);
        let rows = if steps > MANY_STEPS { MORE * rows } else { rows };
        rows.next_multiple_of(LANES)
    }

    /// Adds the values of the leaves in which the rows end, tree after tree, to the rows' sums
    /// (rows × outputs). The keys of a row end with a 0, which is what leaves look at.
    pub(super) fn add(&self, rows: &Keys, sums: &mut [f64]) {
        match &self.trees {
            Layout::Narrow(trees) => self.add_trees(trees, rows, sums),
            Layout::Wide(trees) => self.add_trees(trees, rows, sums),
        }
    }

    fn add_trees<L: Link>(&self, trees: &[Planted<L>], rows: &Keys, sums: &mut [f64]) {
        let columns = self.columns + 1;
        if sums.len() <= FEW * self.outputs {
            let each = rows.keys.chunks_exact(columns).zip(sums.chunks_exact_mut(self.outputs));
            for (row, sums) in each {
                match rows.missing {
                    true => self.add_row::<L, true>(trees, row, sums),
                    false => self.add_row::<L, false>(trees, row, sums),
                }
            }
            return;
        }
        let mut at = Vec::with_capacity(sums.len() / self.outputs);
        // the first tree is the next one of the last, for the next rows
        let next = trees.iter().cycle().skip(1);
        for (tree, next) in trees.iter().zip(next) {
            let (steps, depth) = (&tree.steps, tree.depth);
            let batches = Batches { steps, nodes: &[], columns, depth };
            batches.places(&rows.keys, rows.missing, &next.steps, &mut at);
            let Share { output, width } = tree.share;
            let values = |place: u32| &self.values[tree.steps.noted(place) as usize..];
            let each = at.iter().zip(sums.chunks_exact_mut(self.outputs));
            // the common widths are written out, without loops
            match width {
                1 => each.for_each(|(&place, sums)| sums[output] += values(place)[0]),
                2 => each.for_each(|(&place, sums)| add::<2>(&mut sums[output..], values(place))),
                3 => each.for_each(|(&place, sums)| add::<3>(&mut sums[output..], values(place))),
                4 => each.for_each(|(&place, sums)| add::<4>(&mut sums[output..], values(place))),
                _ => each.for_each(|(&place, sums)| {
                    let sums = &mut sums[output..output + width];
                    sums.iter_mut().zip(values(place)).for_each(|(sum, value)| *sum += value);
                }),
            }
        }
    }

    /// Sends one row through all trees, a step in each, again and again. What a tree's next step
    /// needs is asked of memory while the other trees have their turn; those in which the row has
    /// arrived are left behind.
    fn add_row<L: Link, const MISSING: bool>(
        &self,
        trees: &[Planted<L>],
        row: &[u32],
        sums: &mut [f64],
    ) {
        let mut at = vec![0_u32; trees.len()];
        let mut walking: Vec<usize> = (0..trees.len()).collect();
        while !walking.is_empty() {
            let mut left_over = 0;
            for turn in 0..walking.len() {
                let tree = walking[turn];
                let (steps, before) = (&trees[tree].steps, at[tree]);
                let place = steps.next::<MISSING, u32>(before, |feature| row[feature]);
                steps.fetch(place);
                at[tree] = place;
                walking[left_over] = tree;
                left_over += usize::from(place != before);
            }
            walking.truncate(left_over);
        }
        for (&place, tree) in at.iter().zip(trees) {
            let Share { output, width } = tree.share;
            let values = &self.values[tree.steps.noted(place) as usize..];
            let sums = &mut sums[output..output + width];
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
}

#[inline(always)]
fn add<const WIDTH: usize>(sums: &mut [f64], values: &[f64]) {
    if let (Some(sums), Some(values)) = (sums.first_chunk_mut::<WIDTH>(), values.first_chunk()) {
        let values: &[f64; WIDTH] = values;
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
}

fn plant<'a, L: Link>(
    trees: impl Iterator<Item = (&'a Tree, Share)>,
    values: &mut Vec<f64>,
    value: impl Fn(usize, usize, &mut Vec<f64>),
) -> Option<Vec<Planted<L>>> {
    // where leaves that are all of one class keep their values, for all of them
    let mut pure: Vec<Option<u32>> = Vec::new();
    let planted = trees.enumerate().map(|(number, (tree, share))| {
        let (mut steps, nodes) = Steps::new(tree);
        pure.resize(pure.len().max(share.width), None);
        for (place, &node) in nodes.iter().enumerate() {
            let node = node as usize;
            if tree.children(node).is_some() {
                continue;
            }
            let start = values.len();
            let mut noted = u32::try_from(start).ok()?;
            value(number, node, values);
            // no leaf may have fewer values than it says
            values.resize(start + share.width, 0.0);
            if let Some(class) = class_of(&values[start..]) {
                match pure[class] {
                    Some(place) => {
                        values.truncate(start);
                        noted = place;
                    }
                    None => pure[class] = Some(noted),
                }
            }
            steps.note(place, tree.n_features() as u32, noted);
        }
        Some(Planted { steps, depth: tree.max_depth(), share })
    });
    planted.collect()
}

/// The place of a one among zeros, of which there are at least one.
fn class_of(values: &[f64]) -> Option<usize> {
    let one = 1.0_f64.to_bits();
    let mut found = None;
    for (place, value) in values.iter().enumerate() {
        match value.to_bits() {
            0 => {}
            bits if bits == one && found.is_none() => found = Some(place),
            _ => return None,
        }
    }
    found.filter(|_| values.len() > 1)
}
