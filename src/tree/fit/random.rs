//! scikit-learn's random numbers: the seed of a tree, and the order in which it tries features.
//!
//! Source: `sklearn/utils/_random.pxd` (`our_rand_r`) and `sklearn/tree/_splitter.pyx`.

use crate::numpy::RandomState;

/// A 32-bit xorshift generator (Marsaglia, "Xorshift RNGs", 2003).
pub(super) struct XorShift(u32);

/// The largest number that the generator returns, 2³¹ - 1.
const RAND_R_MAX: u32 = 0x7fff_ffff;

impl XorShift {
    /// The generator that a splitter makes from `random_state`:
    /// `RandomState(random_state).randint(0, RAND_R_MAX)`.
    pub(super) fn from_random_state(random_state: u32) -> Self {
        XorShift(RandomState::new(random_state).randint(RAND_R_MAX))
    }

    /// The next number in `low..high`; `high` must be greater than `low`.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        if self.0 == 0 {
            self.0 = 1;
        }
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        low + (self.0 % (RAND_R_MAX + 1)) as usize % (high - low)
    }
}

/// Draws features without replacement, and remembers which are constant.
///
/// `order` is cut in five parts, as `node_split_best` keeps it: known constants drawn, known
/// constants not drawn, constants found in this node, features not drawn, features drawn.
pub(super) struct FeatureOrder {
    order: Vec<u32>,
    constants: Vec<u32>,
    random: XorShift,
    max_features: usize,
    depth_first: bool,
    // of the node at hand
    undrawn_end: usize,
    visited: usize,
    found: usize,
    drawn_constants: usize,
    known: usize,
    at: usize,
}

impl FeatureOrder {
    /// Children know which features are constant only when growing `depth_first`.
    pub(super) fn new(
        features: usize,
        max_features: usize,
        random_state: u32,
        depth_first: bool,
    ) -> Self {
        FeatureOrder {
            order: (0..features as u32).collect(),
            constants: vec![0; features],
            random: XorShift::from_random_state(random_state),
            max_features,
            depth_first,
            undrawn_end: features,
            visited: 0,
            found: 0,
            drawn_constants: 0,
            known: 0,
            at: 0,
        }
    }

    /// Begins a node of which the first `known` features of the parent's list are constant.
    pub(super) fn begin(&mut self, known: usize) {
        self.undrawn_end = self.order.len();
        self.visited = 0;
        self.found = 0;
        self.drawn_constants = 0;
        self.known = known;
    }

    /// The next feature to look at. The caller answers with [`constant`](Self::constant) or
    /// [`used`](Self::used) before it asks again.
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.undrawn_end > self.known + self.found
            && (self.visited < self.max_features
                || self.visited <= self.found + self.drawn_constants)
        {
            self.visited += 1;
            let drawn = self.random.between(self.drawn_constants, self.undrawn_end - self.found);
            if drawn < self.known {
                self.order.swap(self.drawn_constants, drawn);
                self.drawn_constants += 1;
                continue;
            }
            self.at = drawn + self.found;
            return Some(self.order[self.at] as usize);
        }
        None
    }

    /// The feature last drawn is constant in this node.
    pub(super) fn constant(&mut self) {
        self.order.swap(self.at, self.known + self.found);
        self.found += 1;
    }

    /// The feature last drawn is not constant.
    pub(super) fn used(&mut self) {
        self.undrawn_end -= 1;
        self.order.swap(self.undrawn_end, self.at);
    }

    /// Ends the node, and returns how many features its children know to be constant.
    pub(super) fn finish(&mut self) -> usize {
        let total = self.known + self.found;
        self.order[..self.known].copy_from_slice(&self.constants[..self.known]);
        self.constants[self.known..total].copy_from_slice(&self.order[self.known..total]);
        total
    }

    /// The features that the children of the node just finished know to be constant.
    pub(super) fn known_constants(&self, total: usize) -> &[u32] {
        if self.depth_first { &self.constants[..total] } else { &[] }
    }
}
