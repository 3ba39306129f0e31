//! Pictures of pickles: their bytes, and the objects that they hold.

mod bytes;
mod graph;

pub use bytes::{PickleBytes, pickle_bytes};
pub use graph::{ObjectGraph, object_graph};
