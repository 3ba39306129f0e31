//! Decision trees.

mod criterion;
mod error;
mod linfa;

pub use criterion::Criterion;
pub use error::Error;
pub use linfa::{LinfaNode, LinfaTree, LinfaTreeParams, MAX_DEPTH};
