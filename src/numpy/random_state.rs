//! numpy's `RandomState`, as far as scikit-learn's splits draw from it.

use rand_mt::Mt;

/// The generator behind numpy's `RandomState(seed)`: MT19937, seeded by `init_genrand`.
///
/// The order of draws is that of numpy's `mtrand.pyx` (`shuffle`, `permutation`) and
/// `random_interval` in `distributions.c`; numpy promises to keep this stream as it is.
pub(crate) struct RandomState(Mt);

impl RandomState {
    pub(crate) fn new(seed: u32) -> Self {
        RandomState(Mt::new(seed))
    }

    /// A whole number from 0 to `max`: 32 bits, cut to as many as `max` has, drawn again while
    /// too large.
    fn interval(&mut self, max: u32) -> u32 {
        let mask = max.checked_ilog2().map_or(0, |bits| u32::MAX >> (31 - bits));
        loop {
            let value = self.0.next_u32() & mask;
            if value <= max {
                return value;
            }
        }
    }

    /// Puts `items` (at most 2³²) into a random order, as numpy's `shuffle` does.
    pub(crate) fn shuffle(&mut self, items: &mut [usize]) {
        for i in (1..items.len()).rev() {
            let max = u32::try_from(i).unwrap_or(u32::MAX);
            items.swap(i, self.interval(max) as usize);
        }
    }

    /// The numbers below `count` in a random order.
    pub(crate) fn permutation(&mut self, count: usize) -> Vec<usize> {
        let mut items: Vec<usize> = (0..count).collect();
        self.shuffle(&mut items);
        items
    }
}
