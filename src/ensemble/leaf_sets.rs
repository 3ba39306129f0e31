//! Small trees without walks: each row's leaf is the first that no question excludes.
//!
//! The leaves of a tree are numbered from left to right, and a set of them is a whole number of as
//! many bits. A question that sends a row right excludes the leaves on its left; of those that no
//! question of the tree excludes, the first is the row's leaf, whatever the other questions would
//! have said. So the questions may be asked in any order: here all those of a feature at once, by
//! a look into a table, for as many trees as fill 64 bytes.
//!
//! Source: Lucchese et al., "QuickScorer: a fast algorithm to rank documents with additive
//! ensembles of regression trees", SIGIR 2015; the table in place of its lists of thresholds needs
//! no branches, and compilers turn it into vector instructions.

use std::collections::HashMap;

/// How many rows are looked at together, at most: enough for the tables of some trees to pay for
/// their way into fast memory.
const BLOCK_ROWS: usize = 1024;

/// How many codes they have together, at most.
const BLOCK_CODES: usize = 1 << 16;

/// How many rows are coded side by side, so that their waits overlap.
const LANES: usize = 8;

/// The most bytes of tables. Trees that would need more are walked.
const MOST_BYTES: usize = 1 << 26;

/// What a node asks.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ask {
    /// Whether a value is at most this; where it is missing, the answer is the second.
    AtMost(f64, bool),
    /// Whether the set holds a category: bit `c % 32` of word `c / 32`, where 256 is the
    /// category of a missing value.
    Among([u32; 9]),
}

/// A node that asks, and whose "no" excludes the leaves `from..to`.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    pub(super) feature: usize,
    pub(super) ask: Ask,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// A tree as this way sees it.
#[derive(Debug, Clone, Default)]
pub(super) struct SmallTree {
    pub(super) nodes: Vec<Asking>,
    /// What each leaf adds, from left to right.
    pub(super) leaves: Vec<f64>,
}

/// What a tree's node is, by its number.
pub(super) enum Node {
    Leaf(f64),
    Split { feature: usize, ask: Ask, left: usize, right: usize },
}

/// The category of a missing value.
pub(super) const MISSING: usize = 256;

impl SmallTree {
    /// A tree of at most `most` leaves, whose children come after their parents; `None` for more.
    pub(super) fn new(most: usize, node: impl Fn(usize) -> Node) -> Option<SmallTree> {
        /// A node to go to, or a split whose left leaves have all been numbered.
        enum Next {
            Node(usize),
            Numbered(usize),
        }
        let mut tree = SmallTree::default();
        let mut next = vec![Next::Node(0)];
        while let Some(step) = next.pop() {
            match step {
                Next::Numbered(split) => tree.nodes[split].to = tree.leaves.len(),
                Next::Node(number) => match node(number) {
                    Node::Leaf(value) if tree.leaves.len() < most => tree.leaves.push(value),
                    Node::Leaf(_) => return None,
                    Node::Split { feature, ask, left, right } => {
                        let from = tree.leaves.len();
                        let split = tree.nodes.len();
                        tree.nodes.push(Asking { feature, ask, from, to: from });
                        // a tree that never comes to a leaf has too many splits
                        if split >= most {
                            return None;
                        }
                        next.extend([Next::Node(right), Next::Numbered(split), Next::Node(left)]);
                    }
                },
            }
        }
        Some(tree)
    }
}

/// How the values of a feature become codes.
#[derive(Debug, Clone)]
enum Coder {
    /// No tree asks for it.
    Unused,
    /// How many of these thresholds, which ascend, are below the value; one more than there are
    /// where it is missing.
    Rank(Vec<f64>),
    /// The category, or 256.
    Category,
}

impl Coder {
    /// How many codes there are.
    fn count(&self) -> usize {
        match self {
            Coder::Unused => 1,
            Coder::Rank(thresholds) => thresholds.len() + 2,
            Coder::Category => MISSING + 1,
        }
    }

    /// Puts the codes of a feature's values where they belong: `values` and `codes` begin with the
    /// first row's, and the next row's is `stride` further on.
    fn code(&self, values: &[f64], codes: &mut [u16], stride: usize, category: fn(f64) -> u16) {
        match self {
            Coder::Unused => {}
            Coder::Category => {
                let pairs = values.iter().step_by(stride).zip(codes.iter_mut().step_by(stride));
                pairs.for_each(|(&value, code)| *code = category(value));
            }
            Coder::Rank(thresholds) => {
                let pairs = values.chunks(LANES * stride).zip(codes.chunks_mut(LANES * stride));
                for (values, codes) in pairs {
                    let mut lanes = [0.0; LANES];
                    let rows = values.iter().step_by(stride);
                    lanes.iter_mut().zip(rows).for_each(|(lane, &value)| *lane = value);
                    let ranks = ranks(thresholds, &lanes);
                    let codes = codes.iter_mut().step_by(stride);
                    codes.zip(ranks).for_each(|(code, rank)| *code = rank);
                }
            }
        }
    }
}

/// How many thresholds are below each value, or one more than there are for a missing one. The
/// steps do not depend on the values, so that no branch is guessed wrong.
#[inline]
fn ranks(thresholds: &[f64], values: &[f64; LANES]) -> [u16; LANES] {
    let mut starts = [0_u32; LANES];
    let mut size = thresholds.len();
    while size > 1 {
        let half = size / 2;
        for (start, value) in starts.iter_mut().zip(values) {
            let below = thresholds[*start as usize + half - 1] < *value;
            *start += if below { half as u32 } else { 0 };
        }
        size -= half;
    }
    let mut ranks = [0; LANES];
    for ((rank, start), value) in ranks.iter_mut().zip(starts).zip(values) {
        let last = thresholds.get(start as usize).is_some_and(|threshold| threshold < value);
        *rank = match value.is_nan() {
            true => thresholds.len() as u16 + 1,
            false => start as u16 + u16::from(last),
        };
    }
    ranks
}

/// A set of leaves.
trait Leaves: Copy {
    const ALL: Self;
    /// The set without the leaves `from..to`.
    fn without(self, from: usize, to: usize) -> Self;
    fn and(self, other: Self) -> Self;
    /// The first of the leaves.
    fn first(self) -> usize;
}

macro_rules! leaves {
    ($($set:ty: $wide:ty),*) => {$(
        impl Leaves for $set {
            const ALL: Self = <$set>::MAX;

            fn without(self, from: usize, to: usize) -> Self {
                let below = |end: usize| match end < <$set>::BITS as usize {
                    true => (1 << end) - 1,
                    false => <$set>::MAX,
                };
                self & !(below(to) & !below(from))
            }

            #[inline(always)]
            fn and(self, other: Self) -> Self {
                self & other
            }

            #[inline(always)]
            fn first(self) -> usize {
                // a bit that is always there, so that no zero need be thought of
                (<$wide>::from(self) | (1 << (<$set>::BITS - 1))).trailing_zeros() as usize
            }
        }
    )*};
}

leaves!(u16: u32, u32: u32, u64: u64);

/// The sets of as many trees as fill 64 bytes.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct Line<S, const TREES: usize>([S; TREES]);

/// Trees that are asked together.
#[derive(Debug, Clone)]
struct Group<S, const TREES: usize> {
    /// The features that they ask for, and where the lines of its codes are noted.
    features: Vec<(u32, u32)>,
    /// The line of each code of each feature.
    places: Vec<u16>,
    /// The leaves that are left by a feature's codes.
    lines: Vec<Line<S, TREES>>,
    /// How many trees there are, and the number of the first.
    trees: usize,
    first: usize,
    /// What the leaves add: as many numbers for each tree as a set has bits.
    values: Vec<f64>,
}

/// Trees whose leaves are sets.
#[derive(Debug, Clone)]
pub(super) struct LeafSets {
    coders: Vec<Coder>,
    category: fn(f64) -> u16,
    groups: Groups,
    outputs: usize,
}

#[derive(Debug, Clone)]
enum Groups {
    Narrow(Vec<Group<u16, 32>>),
    Middle(Vec<Group<u32, 16>>),
    Wide(Vec<Group<u64, 8>>),
}

/// The most leaves of a tree.
pub(super) const MOST_LEAVES: usize = 64;

impl LeafSets {
    /// Puts trees together, of which each adds to the next of `outputs` sums, in turn. `None`
    /// where that would take too much room, or where trees ask a feature for categories and for
    /// numbers.
    pub(super) fn new(
        trees: &[SmallTree],
        columns: usize,
        outputs: usize,
        category: fn(f64) -> u16,
    ) -> Option<LeafSets> {
        let mut coders = vec![Coder::Unused; columns];
        for node in trees.iter().flat_map(|tree| &tree.nodes) {
            let coder = coders.get_mut(node.feature)?;
            match (&node.ask, coder) {
                (Ask::AtMost(threshold, _), Coder::Rank(thresholds)) => thresholds.push(*threshold),
                (Ask::AtMost(threshold, _), coder @ Coder::Unused) => {
                    *coder = Coder::Rank(vec![*threshold]);
                }
                (Ask::Among(_), coder @ (Coder::Unused | Coder::Category)) => {
                    *coder = Coder::Category;
                }
                (Ask::AtMost(..), Coder::Category) | (Ask::Among(_), Coder::Rank(_)) => {
                    return None;
                }
            }
        }
        for coder in &mut coders {
            if let Coder::Rank(thresholds) = coder {
                thresholds.sort_unstable_by(f64::total_cmp);
                // both zeros are one threshold
                thresholds.dedup_by(|a, b| a == b);
            }
            if coder.count() > usize::from(u16::MAX) {
                return None;
            }
        }
        let most = trees.iter().map(|tree| tree.leaves.len()).max().unwrap_or(0);
        let groups = match most {
            ..=16 => Groups::Narrow(group(trees, &coders, outputs)?),
            17..=32 => Groups::Middle(group(trees, &coders, outputs)?),
            33..=64 => Groups::Wide(group(trees, &coders, outputs)?),
            _ => return None,
        };
        Some(LeafSets { coders, category, groups, outputs })
    }

    /// How many rows it is best to add at a time.
    pub(super) fn block(&self) -> usize {
        (BLOCK_CODES / self.coders.len()).clamp(1, BLOCK_ROWS).next_multiple_of(LANES)
    }

    /// Adds what the leaves of the rows add (rows × columns), tree after tree, to the rows' sums
    /// (rows × outputs). `codes` is room for what the values become.
    pub(super) fn add(&self, values: &[f64], codes: &mut Vec<u16>, sums: &mut [f64]) {
        let columns = self.coders.len();
        codes.clear();
        codes.resize(values.len(), 0);
        for (feature, coder) in self.coders.iter().enumerate() {
            let rest = (values.get(feature..), codes.get_mut(feature..));
            if let (Some(values), Some(codes)) = rest {
                coder.code(values, codes, columns, self.category);
            }
        }
        match &self.groups {
            Groups::Narrow(groups) => self.add_groups(groups, codes, sums),
            Groups::Middle(groups) => self.add_groups(groups, codes, sums),
            Groups::Wide(groups) => self.add_groups(groups, codes, sums),
        }
    }

    fn add_groups<S: Leaves, const TREES: usize>(
        &self,
        groups: &[Group<S, TREES>],
        codes: &[u16],
        sums: &mut [f64],
    ) {
        let columns = self.coders.len();
        for group in groups {
            // the common numbers of outputs keep their sums at hand
            match self.outputs {
                1 => group.add::<1>(codes, columns, sums),
                2 => group.add::<2>(codes, columns, sums),
                3 => group.add::<3>(codes, columns, sums),
                4 => group.add::<4>(codes, columns, sums),
                5 => group.add::<5>(codes, columns, sums),
                outputs => group.add_to_many(codes, columns, sums, outputs),
            }
        }
    }
}

/// How many trees are in a group: whole turns of the outputs, if any turn has room.
fn turns(trees: usize, outputs: usize) -> usize {
    if outputs <= trees { trees - trees % outputs } else { trees }
}

fn group<S: Leaves, const TREES: usize>(
    trees: &[SmallTree],
    coders: &[Coder],
    outputs: usize,
) -> Option<Vec<Group<S, TREES>>> {
    let mut bytes = 0;
    let size = turns(TREES, outputs);
    let groups = trees.chunks(size).enumerate().map(|(number, trees)| {
        let group = Group::new(trees, number * size, coders)?;
        bytes += 64 * group.lines.len() + 2 * group.places.len() + 8 * group.values.len();
        Some(group).filter(|_| bytes <= MOST_BYTES)
    });
    groups.collect()
}

impl<S: Leaves, const TREES: usize> Group<S, TREES> {
    const LEAVES: usize = 8 * size_of::<S>();

    fn new(trees: &[SmallTree], first: usize, coders: &[Coder]) -> Option<Self> {
        let mut group = Group {
            features: Vec::new(),
            places: Vec::new(),
            lines: Vec::new(),
            trees: trees.len(),
            first,
            values: vec![0.0; trees.len() * Self::LEAVES],
        };
        let mut by_feature: HashMap<usize, Vec<(usize, &Asking)>> = HashMap::new();
        for (place, tree) in trees.iter().enumerate() {
            for node in &tree.nodes {
                by_feature.entry(node.feature).or_default().push((place, node));
            }
            let values = group.values.get_mut(place * Self::LEAVES..)?;
            values.iter_mut().zip(&tree.leaves).for_each(|(value, leaf)| *value = *leaf);
        }
        let mut features: Vec<_> = by_feature.into_iter().collect();
        features.sort_unstable_by_key(|(feature, _)| *feature);
        for (feature, nodes) in features {
            group.features.push((feature as u32, u32::try_from(group.places.len()).ok()?));
            match coders.get(feature)? {
                Coder::Unused => return None,
                Coder::Rank(all) => group.add_thresholds(&nodes, all)?,
                Coder::Category => group.add_categories(&nodes)?,
            }
        }
        Some(group)
    }

    fn push(&mut self, line: Line<S, TREES>) -> Option<u16> {
        self.lines.push(line);
        u16::try_from(self.lines.len() - 1).ok()
    }

    /// The lines of a feature that is a number: one for each range between the thresholds that
    /// these trees have, and one for a missing value.
    fn add_thresholds(&mut self, nodes: &[(usize, &Asking)], all: &[f64]) -> Option<()> {
        let mut own: Vec<(f64, usize, &Asking)> = Vec::with_capacity(nodes.len());
        let mut missing = Line([S::ALL; TREES]);
        for &(place, node) in nodes {
            let Ask::AtMost(threshold, missing_left) = node.ask else { return None };
            own.push((threshold, place, node));
            if !missing_left {
                let set = missing.0.get_mut(place)?;
                *set = set.without(node.from, node.to);
            }
        }
        own.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut line = Line([S::ALL; TREES]);
        let mut place = self.push(line)?;
        let mut own = own.into_iter().peekable();
        self.places.push(place);
        // above each threshold, what it sends right is excluded too
        for &threshold in all {
            let mut changed = false;
            while let Some((_, tree, node)) = own.next_if(|(own, ..)| *own == threshold) {
                let set = line.0.get_mut(tree)?;
                *set = set.without(node.from, node.to);
                changed = true;
            }
            if changed {
                place = self.push(line)?;
            }
            self.places.push(place);
        }
        let place = self.push(missing)?;
        self.places.push(place);
        own.next().is_none().then_some(())
    }

    /// The lines of a feature that is a category.
    fn add_categories(&mut self, nodes: &[(usize, &Asking)]) -> Option<()> {
        for category in 0..=MISSING {
            let mut line = Line([S::ALL; TREES]);
            for &(place, node) in nodes {
                let Ask::Among(left) = &node.ask else { return None };
                if left[category / 32] >> (category % 32) & 1 == 0 {
                    let set = line.0.get_mut(place)?;
                    *set = set.without(node.from, node.to);
                }
            }
            let place = self.push(line)?;
            self.places.push(place);
        }
        Some(())
    }

    /// The leaves of a row that are left in each tree.
    #[inline(always)]
    fn left(&self, codes: &[u16]) -> [S; TREES] {
        let mut left = [S::ALL; TREES];
        for &(feature, start) in &self.features {
            let code = usize::from(codes[feature as usize]);
            let line = &self.lines[usize::from(self.places[start as usize + code])];
            for (left, set) in left.iter_mut().zip(&line.0) {
                *left = left.and(*set);
            }
        }
        left
    }

    #[inline(always)]
    fn add<const OUTPUTS: usize>(&self, codes: &[u16], columns: usize, sums: &mut [f64]) {
        let rows = codes.chunks_exact(columns).zip(sums.as_chunks_mut::<OUTPUTS>().0);
        for (codes, sums) in rows {
            let left = self.left(codes);
            let mut own = *sums;
            let turns = left[..self.trees].chunks_exact(OUTPUTS);
            let values = self.values.chunks_exact(OUTPUTS * Self::LEAVES);
            for (sets, values) in turns.zip(values) {
                for (output, sum) in own.iter_mut().enumerate() {
                    *sum += values[output * Self::LEAVES + sets[output].first()];
                }
            }
            *sums = own;
        }
    }

    /// As [`add`](Self::add), to any number of outputs. A group then begins with the first of them,
    /// or, where there are more than trees in a group, wherever the one before it ended.
    fn add_to_many(&self, codes: &[u16], columns: usize, sums: &mut [f64], outputs: usize) {
        for (codes, sums) in codes.chunks_exact(columns).zip(sums.chunks_exact_mut(outputs)) {
            let left = self.left(codes);
            let values = self.values.chunks_exact(Self::LEAVES);
            for (number, (set, values)) in left.iter().zip(values).enumerate() {
                sums[(self.first + number) % outputs] += values[set.first()];
            }
        }
    }
}
