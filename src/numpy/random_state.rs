//! numpy's legacy generator of random numbers.

use rand_mt::Mt;

/// numpy's `RandomState(seed)`: MT19937, seeded by `init_genrand`.
///
/// Source: `shuffle`, `permutation` and `randint` in numpy's `random/mtrand.pyx`, and
/// `random_interval` in `random/src/distributions/distributions.c`. numpy promises to keep this
/// stream of numbers as it is.
pub(crate) struct RandomState(Mt);

impl RandomState {
    pub(crate) fn new(seed: u32) -> Self {
        RandomState(Mt::new(seed))
    }

    /// A whole number from 0 to `max`: as many bits as `max` has, drawn again while too large.
    fn interval(&mut self, max: u32) -> u32 {
        let Some(bits) = max.checked_ilog2() else { return 0 };
        let mask = u32::MAX >> (31 - bits);
        loop {
            let value = self.0.next_u32() & mask;
            if value <= max {
                return value;
            }
        }
    }

    /// A whole number below `high`, as `randint(0, high)` draws it.
    pub(crate) fn randint(&mut self, high: u32) -> u32 {
        self.interval(high.saturating_sub(1))
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

/// The numbers are those of numpy 2.4.6.
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permutations_are_those_of_numpy() {
        for (seed, expected) in [
            (0, [6, 11, 4, 10, 2, 8, 1, 7, 9, 3, 0, 5]),
            (100, [9, 6, 1, 5, 4, 2, 0, 10, 7, 3, 11, 8]),
            (u32::MAX, [11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3]),
        ] {
            assert_eq!(RandomState::new(seed).permutation(12), expected, "seed {seed}");
        }
        assert_eq!(RandomState::new(7).permutation(1), [0]);
        assert!(RandomState::new(7).permutation(0).is_empty());
    }

    #[test]
    fn draws_follow_each_other() {
        let mut random = RandomState::new(42);
        let mut items: Vec<usize> = (0..20).collect();
        random.shuffle(&mut items);
        let shuffled = [0, 17, 15, 1, 8, 5, 11, 3, 18, 16, 13, 2, 9, 19, 4, 12, 7, 10, 14, 6];
        assert_eq!(items, shuffled);
        assert_eq!(random.permutation(5), [4, 2, 0, 3, 1]);
    }

    #[test]
    fn whole_numbers_stay_below_their_bound() {
        let mut random = RandomState::new(3);
        for (high, expected) in [
            (1, [0, 0, 0]),
            (2, [0, 0, 1]),
            (10, [3, 8, 8]),
            (1_000, [256, 789, 659]),
            (0x7fff_ffff, [1_702_065_866, 80_522_091, 539_384_825]),
            (0x8000_0000, [174_507_689, 890_101_386, 1_064_672_149]),
            (u32::MAX, [221_049_975, 401_800_614, 1_893_263_840]),
        ] {
            assert_eq!([(); 3].map(|()| random.randint(high)), expected, "below {high}");
        }
    }
}
