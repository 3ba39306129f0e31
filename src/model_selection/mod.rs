//! Choosing a model by cross-validation, without touching the test rows.
//!
//! Rows are divided into folds by a [`CrossValidator`]: [`KFold`], [`StratifiedKFold`] or
//! [`TimeSeriesSplit`]. [`cross_val_score`] fits a model once for each fold, on the rows of all
//! others, and measures it on those of the fold; [`cross_val_predict`] gives the predictions.
//! [`GridSearch`] tries every combination of some values of parameters, [`validation_curve`] the
//! values of one, [`learning_curve`] more and more rows.
//!
//! Everything is scikit-learn's: the same `random_state` gives the same folds, and for a decision tree
//! with a `random_state` of its own the same scores, ranks and best parameters, to the last bit. What scikit-learn warns of is kept as
//! a warning, beside the folds or the scores, and shown under them. What is not the same: a fit or a
//! score that fails is an error, as with `error_score='raise'`, and times are not measured.
//!
//! ```
//! use picklebook::model_selection::{GridSearch, StratifiedKFold, cross_val_score};
//! use picklebook::prelude::*;
//!
//! let split = train_test_split(&balance_scale(), 0.3, 100)?;
//! let cv = StratifiedKFold::new(5).shuffle(42);
//! let params = DecisionTreeClassifier::params().random_state(100);
//! let scores = cross_val_score(&params.clone().max_depth(3), &split.train, &cv)?;
//! println!("{:.3} ± {:.3}", scores.mean(), scores.std());
//!
//! let search = GridSearch::new(&params)
//!     .vary("max_depth", [2, 4, 6])
//!     .vary("min_samples_leaf", [1, 5])
//!     .fit(&split.train, &cv)?;
//! assert_eq!(search.candidates().len(), 6);
//! println!("best: {} with {:.3}", search.best_params(), search.best_score());
//! let accuracy = search.best_model().score(&split.test)?;
//! # assert!(accuracy > 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cross_validation;
mod curves;
mod error;
mod folds;
mod grid_search;
mod parameters;
mod scoring;
mod splitters;

pub use cross_validation::{
    CrossValScores, cross_val_predict, cross_val_predict_proba, cross_val_score,
    cross_val_score_with,
};
pub use curves::{
    LearningCurve, LearningCurveOptions, TrainSizes, ValidationCurve, learning_curve,
    learning_curve_with, validation_curve, validation_curve_with,
};
pub use error::Error;
pub use folds::{Fold, FoldIter, Folds};
pub use grid_search::{Candidate, GridSearch, SearchResults};
pub use parameters::SetParameters;
pub use scoring::Scoring;
pub use splitters::{CrossValidator, KFold, StratifiedKFold, TimeSeriesSplit};
