//! The crate linfa and its trees: a tree that linfa-trees grows, its file and its text; trees that
//! become linfa's and back; linfa's traits for the trees of this crate.

mod convert;
mod stored;
mod text;
mod traits;
mod tree;

pub use traits::{ClassLabel, FeatureFloat};
pub use tree::{LinfaNode, LinfaTree, LinfaTreeParams, MAX_DEPTH};
