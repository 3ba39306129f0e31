//! A tree laid out for walking.

use super::prefetch::prefetch;
use crate::tree::key::{FeatureValue, MISSING_KEY, threshold_key};
use crate::tree::nodes::Tree;

/// Which feature a step looks at, and where its two children are: side by side.
pub(crate) trait Link: Copy {
    fn new(feature: u32, left: u32) -> Self;
    fn feature(self) -> usize;
    fn left(self) -> u32;
}

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

/// All steps, depth first, so that the next is often near in memory.
#[derive(Debug, Clone)]
pub(crate) struct Steps<L> {
    steps: Vec<Step<L>>,
    /// Whether a missing value goes to the right child of each step.
    missing_right: Vec<bool>,
}

impl<L: Link> Steps<L> {
    /// The steps of a tree, and the number of each one's node in the tree.
    pub(crate) fn new(tree: &Tree) -> (Self, Vec<u32>) {
        let arrays = tree.arrays();
        let count = tree.node_count();
        let leaf = |place| Step { threshold: u32::MAX, link: L::new(0, place) };
        let mut steps: Vec<_> = (0..count as u32).map(leaf).collect();
        let mut missing_right = vec![false; count];
        let mut nodes = vec![0_u32; count];
        let mut used = 1;
        let mut stack = vec![0_usize];
        while let Some(place) = stack.pop() {
            let node = nodes[place] as usize;
            let Some((left, right)) = tree.children(node) else { continue };
            steps[place] = Step {
                threshold: threshold_key(arrays.threshold[node]),
                link: L::new(arrays.feature[node] as u32, used as u32),
            };
            missing_right[place] = !arrays.missing_go_to_left[node];
            nodes[used] = left as u32;
            nodes[used + 1] = right as u32;
            stack.extend([used + 1, used]);
            used += 2;
        }
        (Steps { steps, missing_right }, nodes)
    }

    pub(crate) fn len(&self) -> usize {
        self.steps.len()
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
