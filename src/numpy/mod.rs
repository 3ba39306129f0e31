//! numpy's habits, where the same rounding or the same random choices depend on them.

mod random_state;
mod sum;

pub(crate) use random_state::RandomState;
pub(crate) use sum::pairwise_sum;
