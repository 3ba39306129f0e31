//! How things appear in a notebook's cell.
//!
//! When a cell ends with a value that has a method `evcxr_display`, the kernel calls it and shows
//! what it prints: here always plain text, and HTML beside it where that is easier to read.
//! Tables are plain HTML without colours, styles or scripts of their own, so that they fit a
//! light and a dark theme, and a notebook that Jupyter does not trust.

mod cell;
mod client;
mod data;
mod debug;
mod ensemble;
mod exercises;
mod figure;
mod inspect;
mod look;
mod metrics;
mod model_selection;
mod monitor;
mod pickle;
mod sklearn;
mod table;
mod tree;

pub use table::Table;
