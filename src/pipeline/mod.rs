//! Models made of models: scikit-learn's `Pipeline` and `ColumnTransformer`.
//!
//! They are put together from models of any kind that came from elsewhere, such as scikit-learn's
//! own files, and answer as scikit-learn does, to the last bit. A [`Pipeline`] is also fitted here, by
//! its [parameters](PipelineParams).
//!
//! ```
//! use std::sync::Arc;
//!
//! use picklebook::data::{Column, Frame, Labels};
//! use picklebook::model::{Answer, Method, Model, Parameters, SklearnVersion, ask};
//! use picklebook::pipeline::{ColumnStep, ColumnTransformer, Pipeline, Selection};
//! use picklebook::prelude::*;
//! use picklebook::preprocessing::{Categories, OneHotEncoder, OneHotParts, TransformerParts};
//!
//! let colours = OneHotParts::new(vec![Categories::from(["blue", "red"])]);
//! let encoder = OneHotEncoder::from_parts(TransformerParts::new(1), colours)?;
//! let mut fitted = TransformerParts::new(2);
//! fitted.feature_names = Some(vec!["weight".into(), "colour".into()]);
//! let columns = ColumnTransformer::from_parts(
//!     fitted,
//!     vec![
//!         ("encode".into(), ColumnStep::Model(Arc::new(encoder)), Selection::from(["colour"])),
//!         ("remainder".into(), ColumnStep::Passthrough, Selection::from([0])),
//!     ],
//! )?;
//! let encoded = [[1.0, 0.0, 5.0], [0.0, 1.0, 1.0]];
//! let side = Labels::from(["L", "R"]);
//! let tree = DecisionTreeClassifier::params().fit_weighted(&encoded, &side, None)?;
//! let steps: Vec<(String, Option<Arc<dyn Model>>)> =
//!     vec![("columns".into(), Some(Arc::new(columns))), ("tree".into(), Some(Arc::new(tree)))];
//! let pipeline = Pipeline::from_parts(steps, SklearnVersion::LATEST, Parameters::new())?;
//!
//! let table = Frame::named([
//!     ("weight", Column::from([1.0, 5.0])),
//!     ("colour", Column::from(["red", "blue"])),
//! ])?;
//! let answer = ask(&pipeline, &table, Method::Predict)?;
//! assert_eq!(answer, Answer::Labels(Labels::from(["R", "L"])));
//! # Ok::<(), picklebook::model::Error>(())
//! ```

mod column_transformer;
mod feature_union;
mod fit;
mod steps;

pub use column_transformer::{ColumnStep, ColumnTransformer, Selection};
pub use feature_union::FeatureUnion;
pub use fit::PipelineParams;
pub use steps::Pipeline;

pub use crate::model::Error;
