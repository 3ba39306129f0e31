//! Pictures of what a model does, drawn with plotters.
//!
//! Each function returns a [`Figure`]: the picture as SVG with a title and an alternative text
//! made from the data. The last expression of a notebook's cell shows it. The same data give the
//! same bytes.
//!
//! Beside each function stands a builder of the same name, for a title, a size and colours of
//! one's own; where there are axes, for their labels, and where a picture names them, for the
//! names of classes and features:
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

mod accuracy_by_depth;
mod accuracy_over_time;
mod axes;
mod bars;
mod calendar;
mod canvas;
mod class_distribution;
mod cloud;
mod columns;
mod confusion_matrix;
mod curves;
mod dashes;
mod decision_regions;
mod error;
mod feature_importances;
mod figure;
mod font;
mod frame;
mod heading;
mod histogram;
mod legend;
mod lines;
mod marks;
mod model;
mod mosaic;
mod names;
mod options;
mod palette;
#[cfg(feature = "png")]
mod png;
mod precision_recall_curve;
mod predicted_probabilities;
mod regions;
mod roc_curve;
mod scale;
mod scored;
mod shapes;
mod sheet;
mod tree;

pub use accuracy_by_depth::{AccuracyByDepth, accuracy_by_depth};
pub use accuracy_over_time::{AccuracyOverTime, accuracy_over_time};
pub use class_distribution::{ClassDistribution, ClassSource, class_distribution};
pub use confusion_matrix::{ConfusionMatrix, confusion_matrix};
pub use decision_regions::{DecisionRegions, decision_regions};
pub use error::Error;
pub use feature_importances::{FeatureImportances, feature_importances};
pub use figure::Figure;
pub use histogram::{Histogram, histogram};
pub use model::{Classifier, Importances, ProbabilisticClassifier};
pub use precision_recall_curve::{PrecisionRecallCurve, precision_recall_curve};
pub use predicted_probabilities::{PredictedProbabilities, predicted_probabilities};
pub use roc_curve::{RocCurve, roc_curve};
pub use tree::{Tree, tree};

pub use crate::model::TreeModel;
