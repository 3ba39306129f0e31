//! scikit-learn's scalers, imputers and encoders, and what else changes columns.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files, and
//! transform as scikit-learn does, to the last bit (the means of a [`KNNImputer`] to 1e-9). Those with
//! `params()` are also fitted here, and learn what scikit-learn 1.9.1 learns, to the last bit. A table
//! ([`Frame`]) may have columns of words where the transformer takes them.
//!
//! ```
//! use picklebook::data::{Column, Frame};
//! use picklebook::model::Transformer;
//! use picklebook::preprocessing::{Categories, OneHotEncoder, OneHotParts, TransformerParts};
//!
//! let parts = OneHotParts::new(vec![Categories::from(["blue", "red"])]);
//! let encoder = OneHotEncoder::from_parts(TransformerParts::new(1), parts)?;
//! let table = Frame::named([("colour", Column::from(["red", "blue"]))])?;
//! let encoded = encoder.transform(&table)?;
//! assert_eq!(encoded.numbers().expect("numbers"), ndarray::array![[0.0, 1.0], [1.0, 0.0]]);
//! # Ok::<(), picklebook::model::Error>(())
//! ```

mod binarizer;
mod discretizer;
mod encoders;
mod fit;
mod function_transformer;
mod imputer;
mod knn_imputer;
mod label_encoder;
mod normalizer;
mod polynomial;
mod power;
mod quantiles;
mod scalers;
mod selectors;

use ndarray::Array2;

pub use binarizer::{Binarizer, LabelBinarizer};
pub use discretizer::{BinCode, KBinsDiscretizer};
pub use encoders::{Categories, OneHotEncoder, OneHotParts, OrdinalEncoder, OrdinalParts, Unknown};
pub use fit::{
    DropCategory, ImputeStrategy, LabelBinarizerParams, LabelEncoderParams, MaxAbsScalerParams,
    MinMaxScalerParams, OneHotEncoderParams, OrdinalEncoderParams, RobustScalerParams,
    SimpleImputerParams, StandardScalerParams,
};
pub use function_transformer::{Function, FunctionTransformer};
pub use imputer::{ImputeValue, ImputerParts, MissingMark, SimpleImputer};
pub use knn_imputer::{KNNImputer, KNNImputerParts};
pub use label_encoder::LabelEncoder;
pub use normalizer::{Norm, Normalizer};
pub use polynomial::{PolynomialFeatures, PolynomialParts};
pub use power::{PowerMethod, PowerTransformer};
pub use quantiles::{QuantileOutput, QuantileParts, QuantileTransformer};
pub use scalers::{MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler};
pub use selectors::Selector;

use crate::data::{Frame, SparseRows};
pub use crate::model::Error;
/// What is known of every transformer.
pub use crate::model::FittedParts as TransformerParts;
use crate::model::Model;
use crate::model::ask::{check_names, numbers_for};

/// The name of a column for messages: its number where it has none.
fn column_name(table: &Frame, place: usize) -> String {
    let name = table.names().and_then(|names| names.get(place).cloned());
    name.unwrap_or_else(|| place.to_string())
}

/// Whether a table has the columns of the fit.
fn check_table(model: &dyn Model, table: &Frame) -> Result<(), Error> {
    check_names(model, table.names())?;
    match table.shape() {
        (_, found) if found != model.n_features() => {
            Err(Error::Columns { expected: model.n_features(), found })
        }
        _ => Ok(()),
    }
}

/// The numbers of a table, of which none is infinite; and none missing, unless those may be.
fn numbers_of(model: &dyn Model, table: &Frame, missing: bool) -> Result<Array2<f64>, Error> {
    check_table(model, table)?;
    let numbers = numbers_for(model.name(), table)?;
    let bad = |value: f64| value.is_infinite() || (!missing && value.is_nan());
    if let Some(((row, column), &value)) = numbers.indexed_iter().find(|(_, value)| bad(**value)) {
        let column = column_name(table, column);
        return Err(Error::NotFinite { row, column, value, model: model.name() });
    }
    Ok(numbers.into_owned())
}

/// Numbers of a table, as they are kept.
pub(crate) enum Cells {
    Dense(Array2<f64>),
    Sparse(SparseRows),
}

/// As [`numbers_of`], of a table that keeps its rows sparse: `None` for any other.
pub(crate) fn sparse_cells(
    model: &dyn Model,
    table: &Frame,
    missing: bool,
) -> Result<Option<SparseRows>, Error> {
    let Some(rows) = table.sparse() else { return Ok(None) };
    check_table(model, table)?;
    let bad = |value: &f64| value.is_infinite() || (!missing && value.is_nan());
    for (row, (columns, values)) in rows.rows().enumerate() {
        if let Some((&column, &value)) = columns.iter().zip(values).find(|(_, value)| bad(value)) {
            let column = column_name(table, column as usize);
            return Err(Error::NotFinite { row, column, value, model: model.name() });
        }
    }
    Ok(Some(rows.clone()))
}

/// As [`numbers_of`], with sparse rows as they are.
pub(crate) fn cells_of(model: &dyn Model, table: &Frame, missing: bool) -> Result<Cells, Error> {
    Ok(match sparse_cells(model, table, missing)? {
        Some(rows) => Cells::Sparse(rows),
        None => Cells::Dense(numbers_of(model, table, missing)?),
    })
}

/// The finite numbers of a table as sparse rows.
pub(crate) fn sparse_rows_of(model: &dyn Model, table: &Frame) -> Result<SparseRows, Error> {
    match cells_of(model, table, false)? {
        Cells::Sparse(rows) => Ok(rows),
        Cells::Dense(numbers) => Ok(SparseRows::from_dense(&numbers)?),
    }
}

/// What every transformer answers as a model.
macro_rules! transformer {
    ($model:ident) => {
        transformer!($model: );
    };
    ($model:ident: $($ability:ident),*) => {
        crate::model::about_the_fit!($model);

        impl crate::model::Model for $model {
            fn name(&self) -> &'static str {
                stringify!($model)
            }

            crate::model::own_columns!();

            fn abilities(&self) -> crate::model::Abilities<'_> {
                crate::model::Abilities::new().transformer(self)$(.$ability(self))*
            }
        }
    };
}
pub(crate) use transformer;
