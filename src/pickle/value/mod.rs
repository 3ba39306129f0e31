//! A pickle whose type is not known beforehand: a handle on its graph, and how it prints.

mod handle;
mod printer;
mod repr;

pub use handle::Value;
pub(crate) use handle::{TOKEN, hand_over, handed_over};
pub use repr::Repr;
