//! Helpers for saving, loading and looking at trained models, as the picklebook notebooks use
//! them step by step. Rows become a split, a split becomes a tree, a tree becomes bytes, and
//! bytes become a tree again:
//!
//! ```
//! use picklebook::data::{balance_scale, train_test_split};
//! use picklebook::tree::{Criterion, LinfaTree};
//!
//! let data = balance_scale();
//! let split = train_test_split(&data, 0.3, 100)?;
//! let tree = LinfaTree::params()
//!     .criterion(Criterion::Gini)
//!     .max_depth(3)
//!     .min_samples_leaf(5)
//!     .fit(&split.train)?;
//! println!("{tree}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The rooms:
//! - [`data`]: tables with a target, where they come from, and how they are split.
//! - [`tree`]: decision trees.
#![deny(missing_docs, unsafe_code)]

pub mod data;
pub mod files;
#[cfg(feature = "cli")]
pub mod jupyter;
pub mod metrics;
pub mod pickle;
pub mod plot;
pub mod show;
mod text;
pub mod tree;
