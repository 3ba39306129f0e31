//! Arrays of numpy as files hold them, with their dtypes, and what numpy does in an order of its own:
//! sums, whose rounding depends on it, and random choices.
//!
//! An [`Array`] is read out of a pickle or a joblib file by
//! [`Value::to_numpy`](crate::pickle::Value::to_numpy), and becomes a `Vec` or an array of the crate
//! ndarray.

mod array;
mod bytes;
mod dtype;
mod element;
mod error;
pub(crate) mod half;
mod layout;
mod number;
mod print;
mod quantile;
mod random_state;
mod special;
mod sum;
mod time;

pub use array::Array;
pub(crate) use array::to_ndarray;
pub use bytes::SharedBytes;
pub(crate) use dtype::Shape;
pub use dtype::{ByteOrder, Dtype, DtypeKind, Field, TimeUnit};
pub use element::Element;
pub(crate) use element::{characters, trimmed};
pub use error::Error;
pub(crate) use layout::{Layout, MOST_DIMENSIONS, Offsets, count};
pub(crate) use number::Number;
pub(crate) use print::{array_repr, scalar_repr, short_repr, shown, work as work_to_print};
pub(crate) use quantile::quantile;
pub(crate) use random_state::RandomState;
pub(crate) use special::{binomial, chi_squared_above, erfc, normal_quantile};
pub(crate) use sum::{column_sums, pairwise_sum};
pub(crate) use time::write_time;

/// In which order the items of an array lie in its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The last dimension counts fastest, as in C.
    C,
    /// The first dimension counts fastest, as in Fortran.
    F,
}
