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
mod files;
#[cfg(feature = "cli")]
pub mod jupyter;
pub mod metrics;
pub mod pickle;
pub mod plot;
pub mod show;
mod text;
pub mod tree;

/// The crate `serde`, for a notebook's own types: derive with
/// `#[serde(crate = "picklebook::serde")]`, and a struct or enum can be pickled.
///
/// ```
/// use picklebook::pickle;
/// use picklebook::serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, PartialEq, Debug)]
/// #[serde(crate = "picklebook::serde")]
/// struct Mail {
///     subject: String,
///     spam: bool,
/// }
///
/// let mail = Mail { subject: "You have won".into(), spam: true };
/// let bytes = pickle::dumps(&mail)?;
/// assert_eq!(pickle::loads::<Mail>(&bytes)?, mail);
/// # Ok::<(), pickle::Error>(())
/// ```
pub use serde;
