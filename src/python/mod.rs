//! How Python prints values, and scikit-learn an estimator.

pub(crate) mod estimator;
mod float;
pub(crate) mod quote;

pub(crate) use float::{float_repr, shortest};
pub(crate) use quote::text_repr;
