//! picklebook
#![deny(missing_docs, unsafe_code)]

pub mod data;
mod files;
pub mod pickle;
