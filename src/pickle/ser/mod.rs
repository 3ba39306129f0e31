//! From any type that serde can write, and from graphs, to a pickle.

mod depth;
pub(crate) mod graph;
mod keys;
mod output;
pub(crate) mod plain;
pub(crate) mod serializer;
mod text_memo;
mod wide;
