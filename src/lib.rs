//! picklebook
#![deny(missing_docs, unsafe_code)]

pub mod data;
#[cfg(feature = "cli")]
pub mod jupyter;
