//! What a notebook or a small program needs most, in one line: `use picklebook::prelude::*;`.
//!
//! The functions of [`pickle`], [`inspect`], [`metrics`] and
//! [`plot`] are called with their module's name, as in `pickle::save`.

pub use crate::AnyModel;
pub use crate::data::{
    CsvOptions, Dataset, Label, Labels, Split, balance_scale, read_csv, read_csv_with,
    train_test_split, train_test_split_stratified,
};
pub use crate::show::Table;
pub use crate::tree::{
    Criterion, DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree, RegressionCriterion,
};
pub use crate::{inspect, metrics, pickle, plot};
