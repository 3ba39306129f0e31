//! How Python prints values, and scikit-learn an estimator.

pub(crate) mod estimator;
pub(crate) mod quote;
