//! picklebook
#![deny(missing_docs, unsafe_code)]

pub mod data;
pub mod tree;
