//! Rows: tables with a target, where they come from, and how they are split.

mod balance_scale;
mod csv_file;
mod csv_options;
mod csv_plain;
mod csv_source;
mod csv_values;
mod dataset;
mod encoding;
mod error;
mod feature_file;
mod features;
mod frame;
mod frame_file;
mod labels;
mod records;
mod sparse;
mod split;

pub use balance_scale::balance_scale;
pub use csv_file::{read_csv, read_csv_with};
pub use csv_options::{ColumnId, CsvOptions, Dtype};
pub use dataset::Dataset;
pub use encoding::{EncodedColumn, Encoding, Schema};
pub use error::Error;
pub use feature_file::{Columns, FeatureBlock, FeatureFile};
pub use features::Features;
pub(crate) use frame::Precision;
pub use frame::{Column, Frame};
pub use frame_file::FrameFile;
pub use labels::{Label, LabelIter, LabelRef, Labels};
pub use sparse::SparseRows;
pub use split::{Split, train_test_split, train_test_split_stratified};
