//! What a notebook or a small program needs most, in one line: `use picklebook::prelude::*;`.
//!
//! The functions of [`pickle`], [`sklearn`], [`inspect`], [`metrics`], [`monitor`] and
//! [`plot`] are called with their module's name, as in `pickle::save`.

pub use crate::AnyModel;
pub use crate::data::{
    Column, CorrelationMethod, CsvOptions, Dataset, DatedDataset, Fill, Frame, Label, Labels,
    SpamFeatures, Split, balance_scale, mail_2002, read_csv, read_csv_with, spam_features,
    spambase, train_test_split, train_test_split_stratified,
};
pub use crate::model_selection::{
    GridSearch, KFold, StratifiedKFold, cross_val_predict, cross_val_score, learning_curve,
    validation_curve,
};
pub use crate::show::Table;
pub use crate::tree::{
    Criterion, DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree, RegressionCriterion,
};
pub use crate::{inspect, metrics, monitor, pickle, plot, sklearn};
