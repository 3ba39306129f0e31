//! The crate linfa and its trees: a tree that linfa-trees grows, its file and its text; trees that
//! become linfa's and back; linfa's traits for the trees of this crate.

mod as_model;
mod convert;
mod error;
mod stored;
mod text;
mod traits;
mod tree;

pub use error::LinfaError;
pub use traits::{ClassLabel, FeatureFloat};
pub use tree::{LinfaNode, LinfaTree, LinfaTreeParams, MAX_DEPTH};
