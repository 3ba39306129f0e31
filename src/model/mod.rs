//! What a model can be asked, whichever it is.
//!
//! Each kind of answer is a trait; a model implements in its own room those that it can give, and
//! says which in [`Model::abilities`]. Pictures and whoever else asks models know these traits, and
//! no list of models. Nor does this room: [`AnyModel`](crate::AnyModel), which names them all and
//! opens their files, lies above the models, so that they and this room need not know it.
//!
//! ```
//! use picklebook::data::Features;
//! use picklebook::model::{Classifier, Model};
//! use picklebook::prelude::*;
//!
//! fn describe(model: &dyn Classifier) -> String {
//!     format!("{}: {} classes", model.name(), model.classes().len())
//! }
//!
//! let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
//! assert_eq!(describe(&tree), "DecisionTreeClassifier: 3 classes");
//! let model: &dyn Model = &tree;
//! let answers = match model.abilities().regressor {
//!     Some(regressor) => regressor.predict(Features::from(&balance_scale()))?,
//!     None => Vec::new(),
//! };
//! assert!(answers.is_empty());
//! # Ok::<(), picklebook::model::Error>(())
//! ```

mod abilities;
pub(crate) mod ask;
pub(crate) mod columns;
mod error;
pub(crate) mod fit;
mod fitted;
pub(crate) mod format;
pub(crate) mod lanes;
pub(crate) mod link;
mod nesting;
mod own_methods;
mod parameters;
pub(crate) mod rows;
pub(crate) mod samples;
mod tree_nodes;
mod version;

pub use abilities::{
    Abilities, Apply, Classifier, DecisionFunction, FeatureImportances, InverseTransformer, Model,
    MultiOutputClassifier, MultiOutputRegressor, ProbabilisticClassifier, Regressor, TableModel,
    Transformer, TreeModel,
};
pub use ask::{Answer, Method, ask};
pub(crate) use ask::{in_score, quantities};
pub use error::Error;
pub use fit::Fit;
pub use fitted::FittedParts;
pub(crate) use fitted::{MOST_COLUMNS, about_the_fit, column_names, distinct, names_by_class};
pub use nesting::Nesting;
pub(crate) use own_methods::{
    answer_traits, as_itself, classifier_traits, decision_trait, outlier_traits, own_columns,
    regressor_traits,
};
pub use parameters::{Parameter, Parameters};
pub use tree_nodes::{Question, TreeNodes};
pub use version::SklearnVersion;
