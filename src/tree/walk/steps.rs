//! A tree laid out for walking.

use std::ops::Index;
use std::slice::Chunks;

use super::batch::line;
use super::prefetch::prefetch;
use crate::tree::key::{FeatureValue, MISSING_KEY, threshold_key};
use crate::tree::nodes::Tree;

/// Which feature a step looks at, and where its two children are: side by side.
pub(crate) trait Link: Copy {
    fn new(feature: u32, left: u32) -> Self;
    fn feature(self) -> usize;
    fn left(self) -> u32;

    /// Keys among which those of a row are the first, and which have any feature that a link can name.
    type Row: Index<usize, Output = u32> + ?Sized;
    /// The row that begins at `start`, of `columns` keys. Behind the last row must be [`ROOM`] more keys.
    fn row(keys: &[u32], start: usize, columns: usize) -> &Self::Row;
}

/// How many keys must be behind those of the last row: as many as a narrow link can name. A row then is
/// an array of so many, in which the compiler need not have a place checked.
pub(crate) const ROOM: usize = 1 << 8;

/// Feature and place in 8 and 24 bits. A step then takes 8 bytes, so that more of them stay in
/// the fastest memory.
impl Link for u32 {
    fn new(feature: u32, left: u32) -> Self {
        left << 8 | feature
    }

    #[inline(always)]
    fn feature(self) -> usize {
        (self & 0xff) as usize
    }

    #[inline(always)]
    fn left(self) -> u32 {
        self >> 8
    }

    type Row = [u32; ROOM];

    #[inline(always)]
    fn row(keys: &[u32], start: usize, _columns: usize) -> &Self::Row {
        const NONE: &[u32; ROOM] = &[0; ROOM];
        let row = keys.get(start..).and_then(|rest| rest.first_chunk());
        debug_assert!(row.is_some(), "{ROOM} keys behind the last row");
        row.unwrap_or(NONE)
    }
}

/// Feature and place of trees that are greater or have more columns.
impl Link for (u32, u32) {
    fn new(feature: u32, left: u32) -> Self {
        (feature, left)
    }

    #[inline(always)]
    fn feature(self) -> usize {
        self.0 as usize
    }

    #[inline(always)]
    fn left(self) -> u32 {
        self.1
    }

    type Row = [u32];

    #[inline(always)]
    fn row(keys: &[u32], start: usize, columns: usize) -> &Self::Row {
        &keys[start..start + columns]
    }
}

/// Whether feature and place fit in the 32 bits of the narrow link.
pub(super) fn narrow(tree: &Tree) -> bool {
    tree.n_features() <= 1 << 8 && narrow_nodes(tree)
}

/// Whether they do with a column more, for leaves to look at.
pub(crate) fn narrow_with_column(tree: &Tree) -> bool {
    tree.n_features() < 1 << 8 && narrow_nodes(tree)
}

fn narrow_nodes(tree: &Tree) -> bool {
    tree.node_count() <= 1 << 24
}

/// A node as the walk sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step<L> {
    /// Rows whose key is at most this go left. The greatest key in a leaf, which is its own left
    /// child.
    threshold: u32,
    link: L,
}

/// All steps, depth first, the child that more rows of the fit went to before the other one, so that the
/// next is often near in memory. Those of the first [`TOP`] levels, through which all rows go, are before
/// the others.
#[derive(Debug, Clone)]
pub(crate) struct Steps<L> {
    steps: Vec<Step<L>>,
    /// How many steps the first levels have.
    top: usize,
    /// Whether a missing value goes to the right child of each step.
    missing_right: Vec<bool>,
}

/// How many steps lead through the first levels of a tree.
pub(super) const TOP: usize = 14;

impl<L: Link> Steps<L> {
    /// The steps of a tree, and the number of each one's node in the tree.
    pub(crate) fn new(tree: &Tree) -> (Self, Vec<u32>) {
        let count = tree.node_count();
        let leaf = |place| Step { threshold: u32::MAX, link: L::new(0, place) };
        let steps: Vec<_> = (0..count as u32).map(leaf).collect();
        let mut laid = Steps { steps, top: 0, missing_right: vec![false; count] };
        let mut nodes = vec![0_u32; count];
        let (mut used, mut below) = (1, Vec::new());
        laid.lay(tree, 0, TOP, &mut used, &mut nodes, &mut below);
        laid.top = used;
        for place in std::mem::take(&mut below) {
            laid.lay(tree, place, usize::MAX, &mut used, &mut nodes, &mut below);
        }
        (laid, nodes)
    }

    /// Lays out what is below the step at `place`, `levels` of it; the places of what is further below go
    /// to `below`.
    fn lay(
        &mut self,
        tree: &Tree,
        place: usize,
        levels: usize,
        used: &mut usize,
        nodes: &mut [u32],
        below: &mut Vec<usize>,
    ) {
        let arrays = tree.arrays();
        let mut stack = vec![(place, levels)];
        while let Some((place, levels)) = stack.pop() {
            if levels == 0 {
                below.push(place);
                continue;
            }
            let node = nodes[place] as usize;
            let Some((left, right)) = tree.children(node) else { continue };
            self.steps[place] = Step {
                threshold: threshold_key(arrays.threshold[node]),
                link: L::new(arrays.feature[node] as u32, *used as u32),
            };
            self.missing_right[place] = !arrays.missing_go_to_left[node];
            (nodes[*used], nodes[*used + 1]) = (left as u32, right as u32);
            let samples = &arrays.n_node_samples;
            let mut children = [(*used + 1, levels - 1), (*used, levels - 1)];
            if samples[right] > samples[left] {
                children.reverse();
            }
            stack.extend(children);
            *used += 2;
        }
    }

    /// How many steps the first levels have: a row that has taken [`TOP`] of them is in one of these places.
    pub(super) fn top(&self) -> usize {
        self.top
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
    }

    /// The steps in at most so many shares, to be fetched from memory one after the other; none at all where
    /// a share would be greater than `most` lines of memory.
    pub(super) fn in_shares(&self, shares: usize, most: usize) -> Chunks<'_, Step<L>> {
        let line = line::<Step<L>>();
        let share = self.steps.len().div_ceil(shares.max(1)).next_multiple_of(line);
        match share <= most * line {
            true => self.steps.chunks(share),
            false => [].chunks(line),
        }
    }

    /// Notes a number in a leaf, in the place of its threshold. From then on it looks at `column`,
    /// which must have the key 0 in every row, so that the leaf stays its own left child.
    pub(crate) fn note(&mut self, leaf: usize, column: u32, number: u32) {
        self.steps[leaf] = Step { threshold: number, link: L::new(column, leaf as u32) };
    }

    /// Asks memory for the step at a place.
    #[inline(always)]
    pub(crate) fn fetch(&self, place: u32) {
        prefetch(&self.steps[place as usize]);
    }

    /// The number that was noted in a leaf.
    #[inline(always)]
    pub(crate) fn noted(&self, leaf: u32) -> u32 {
        self.steps[leaf as usize].threshold
    }

    /// The place of the step after `place`; a leaf answers with its own. `value` gives the value
    /// of a feature. Where `MISSING` is false, none may be missing.
    #[inline(always)]
    pub(crate) fn next<const MISSING: bool, T: FeatureValue>(
        &self,
        place: u32,
        value: impl Fn(usize) -> T,
    ) -> u32 {
        let step = self.steps[place as usize];
        let value = value(step.link.feature());
        let right = match MISSING {
            false => value.present_key() > step.threshold,
            true => match value.key() {
                MISSING_KEY => self.missing_right[place as usize],
                key => key > step.threshold,
            },
        };
        step.link.left() + u32::from(right)
    }
}
