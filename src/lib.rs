//! Train, save, load and look at models, as the picklebook notebooks do step by step.
//!
//! # A tour
//!
//! **A table** is read from a file, and looked at as in pandas: [`Frame`](data::Frame) has
//! [`head`](data::Frame::head), [`describe`](data::Frame::describe),
//! [`value_counts`](data::Frame::value_counts), [`missing_values`](data::Frame::missing_values),
//! [`fillna`](data::Frame::fillna) and [`corr`](data::Frame::corr).
//! [`to_dataset`](data::Frame::to_dataset) makes features and a target of it, also of words;
//! [`read_csv`](data::read_csv) does both in one step.
//!
//! ```
//! use picklebook::prelude::*;
//!
//! let table = Frame::read_csv("data/balance-scale.csv")?;
//! assert_eq!(table.value_counts("Class")?.get("L"), 288);
//! let data = table.to_dataset("Class")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **A model** travels one straight way: rows, a split, a fit, a tree, bytes, and back.
//!
//! ```
//! use picklebook::prelude::*;
//!
//! let split = train_test_split(&balance_scale(), 0.3, 100)?;
//! let tree = DecisionTreeClassifier::params()
//!     .max_depth(3)
//!     .min_samples_leaf(5)
//!     .random_state(100)
//!     .fit(&split.train)?;
//!
//! let bytes = pickle::dumps(&tree)?;
//! let loaded: DecisionTreeClassifier = pickle::loads(&bytes)?;
//! assert!(loaded == tree);
//!
//! let predicted = loaded.predict(&split.test)?;
//! let accuracy = metrics::accuracy(split.test.target(), &predicted)?;
//! assert_eq!(format!("{:.2} %", 100.0 * accuracy), "73.40 %");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`pickle::save`] and [`pickle::open`] do the same with a file. A
//! [classification report](metrics::classification_report) says how good each class is predicted,
//! and [`plot`] draws it: the [tree](plot::tree()), its [regions](plot::decision_regions()), its
//! [errors](plot::confusion_matrix()).
//!
//! **A file of scikit-learn's** opens without Python, and answers as it did there;
//! [`sklearn::save`] writes what Python opens as its own. [`AnyModel`] opens what is not known before
//! it is read.
//!
//! ```
//! use picklebook::prelude::*;
//!
//! let forest = AnyModel::open("data/forest.pkl")?;
//! println!("{}: {}", forest.name(), forest.abilities());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **A file from a stranger** is looked into first: [`inspect::inspect`] says what it would do if
//! Python loaded it, and runs nothing.
//!
//! ```
//! use picklebook::prelude::*;
//!
//! println!("{}", inspect::inspect("data/forest.pkl")?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! **In production** the command `picklebook serve` answers over HTTP, and [`monitor`] says whether
//! the model is still good.
//!
//! # The modules
//!
//! - [`data`]: tables with a target, where they come from, and how they are split.
//! - [`model`]: what a model can be asked, whichever it is.
//! - [`model_selection`]: which model to choose: cross-validation, grid search, learning curves.
//! - [`tree`]: decision trees: scikit-learn's own, node by node, and those of linfa-trees.
//! - [`ensemble`]: forests and boosted trees that scikit-learn fitted.
//! - [`decomposition`]: fewer columns that keep the most, as scikit-learn fitted them.
//! - [`vectorizers`]: from texts to numbers, as in scikit-learn.
//! - [`linear`]: linear models, [`bayes`]: naive Bayes, [`neural`]: neural networks, [`svm`]:
//!   support vector machines, [`neighbours`]: models of the nearest rows, [`cluster`]: groups and
//!   outliers, and [`dummy`]: models that look at no column, that scikit-learn fitted.
//! - [`preprocessing`]: scikit-learn's scalers, imputers and encoders, and
//!   [`pipeline`] and [`meta`]: models made of models.
//! - [`sklearn`]: scikit-learn's models, both ways.
//! - [`any_model`]: a model whose kind is not known before its file is read.
//! - [`pickle`]: values to bytes and back, in the format of Python's pickle; nothing in a file is
//!   ever executed.
//! - [`container`]: what a file is, and what is inside compressed files and zip archives.
//! - [`inspect`]: what a file would do if Python loaded it.
//! - [`metrics`]: how often predictions are right, and where they are not.
//! - [`monitor`]: whether a model is still good: over time, on new data, against another model.
//! - [`plot`]: pictures, and [`show`]: how values appear under a notebook's cell.
//! - [`client`]: `picklebook serve` started, asked and measured from a notebook.
//! - [`exercises`]: the checks of the notebooks' exercises.
//!
//! Every function that can fail returns an error that names the culprit and its place, and says
//! what to do; none panics.
#![deny(missing_docs, unsafe_code)]

pub mod any_model;
pub mod bayes;
pub mod client;
pub mod cluster;
pub mod container;
pub mod data;
pub mod decomposition;
pub mod dummy;
pub mod ensemble;
pub mod exercises;
pub mod files;
pub mod inspect;
#[cfg(feature = "cli")]
pub mod jupyter;
pub mod linear;
pub mod meta;
pub mod metrics;
pub mod model;
pub mod model_selection;
pub mod monitor;
pub mod neighbours;
pub mod neural;
pub mod numpy;
pub mod pickle;
pub mod pipeline;
pub mod plot;
pub mod prelude;
pub mod preprocessing;
mod python;
#[cfg(feature = "serve")]
pub mod serve;
pub mod show;
pub mod sklearn;
pub mod svm;
mod text;
pub mod tree;
pub mod vectorizers;

pub use any_model::AnyModel;
pub use ndarray;

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

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// So does that of the page for readers who come from Python.
#[cfg(doctest)]
#[doc = include_str!("../notebooks/from_python_to_rust.md")]
struct FromPythonToRust;
