//! Rows: tables with a target, where they come from, and how they are split.

mod dataset;
mod error;
mod labels;

pub use dataset::Dataset;
pub use error::Error;
pub use labels::{Label, Labels};
