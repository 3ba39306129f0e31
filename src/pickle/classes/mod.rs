//! What well-known classes of Python mean as data, and how their objects print.

pub(crate) mod meaning;
pub(crate) mod moment;
pub(crate) mod repr;
