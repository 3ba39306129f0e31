//! Pictures of what a model does, and of what a pickle holds, drawn with plotters.
//!
//! Each function returns a [`Figure`]: the picture as SVG with a title and an alternative text
//! made from the data. The last expression of a notebook's cell shows it. The same data give the
//! same bytes.
//!
//! Each function has a builder of the same name. It sets the title, the size and the colours; the
//! labels of the axes, where there are any; and the names of classes and features, where the
//! picture shows them:
//!
//! ```
//! use picklebook::prelude::*;
//!
//! let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
//! let plain = plot::feature_importances(&tree)?;
//! let other = plot::FeatureImportances::new(&tree)
//!     .title("What tips the scale")
//!     .x_label("Share of the impurity that it takes away")
//!     .size(500, 260)
//!     .colours(["#d55e00"])
//!     .draw()?;
//! assert_eq!(other.title(), "What tips the scale");
//! # assert_ne!(plain, other);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod charts;
mod drawing;
mod error;
mod importances;
mod pickles;
mod tree;

pub use charts::*;
pub use drawing::figure::Figure;
pub use error::Error;
pub use importances::{Classifier, Importances, ProbabilisticClassifier};
pub use pickles::*;
pub use tree::{Tree, tree};

pub use crate::model::TreeModel;
