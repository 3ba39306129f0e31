//! From a pickle to any type that serde can read: by way of its graph or, for plain data, straight
//! from the bytes.

mod access;
mod deserializer;
pub(crate) mod direct;
pub(crate) mod place;

use serde::de::DeserializeOwned;

use crate::pickle::error::Error;
use crate::pickle::limits::Limits;
use crate::pickle::value::Value;

impl Value {
    /// The object as a Rust type.
    ///
    /// # Errors
    /// As [`loads`](crate::pickle::loads).
    ///
    /// ```
    /// use picklebook::pickle::{self, Value};
    ///
    /// let value: Value = pickle::loads(b"](K\x01K\x02e.")?;
    /// assert_eq!(value.to::<Vec<u8>>()?, [1, 2]);
    /// # Ok::<(), pickle::Error>(())
    /// ```
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.to_with(&Limits::new())
    }

    /// The object as a Rust type, within limits of your own.
    ///
    /// # Errors
    /// As [`to`](Self::to).
    pub fn to_with<T: DeserializeOwned>(&self, limits: &Limits) -> Result<T, Error> {
        place::from_shared(&self.graph, self.index, limits)
    }
}
