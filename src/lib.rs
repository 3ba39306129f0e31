//! picklebook
#![deny(missing_docs, unsafe_code)]

pub mod data;
pub mod metrics;
pub mod plot;
pub mod show;
pub mod tree;

mod file;
mod text;
