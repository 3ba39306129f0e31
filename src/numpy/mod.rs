//! What numpy does in an order of its own: sums, whose rounding depends on it, and random choices.

mod random_state;
mod sum;

pub(crate) use random_state::RandomState;
pub(crate) use sum::pairwise_sum;
