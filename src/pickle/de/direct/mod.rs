//! Plain data, from the bytes straight into a Rust type.
//!
//! Most pickles that become a Rust type hold lists, dictionaries, tuples, numbers and text, written
//! by a pickler in the usual order: what opens a container, what is in it, what closes it. Such a
//! pickle can be read in that order, without a graph between. What the type asks for steers the
//! reading, as in any other format.
//!
//! Each step here does to a stack what the machine would do, only that the stack is Rust's own:
//! reading a value reads opcodes that push one object and touch nothing below it. Where a pickle
//! leaves two ways open (behind `[` may follow its items or its neighbour), one is tried; the other
//! one then fails at what closes it. So an answer that is found is the machine's answer.
//!
//! There are no errors here. Whatever is unusual, wrong, too large or too deep gives no answer, and
//! the pickle is read again by way of the graph, which finds the value or says what is wrong.

mod ahead;
mod cursor;
mod deserializer;
mod items;

use std::fmt;

use serde::de;

use crate::pickle::limits::Limits;
use cursor::Cursor;

/// Reads the pickle that the data begins with, and tells where it ends; nothing if it is not plain
/// or not a `T`.
pub(crate) fn read<T: de::DeserializeOwned>(data: &[u8], limits: &Limits) -> Option<(T, usize)> {
    let mut cursor = Cursor::new::<T>(data, limits)?;
    let value = T::deserialize(&mut cursor).ok()?;
    let end = cursor.stop()?;
    Some((value, end))
}

/// This pickle is not read here. Why does not matter: the graph tells.
#[derive(Debug)]
struct GaveUp;

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not plain data")
    }
}

impl std::error::Error for GaveUp {}

impl de::Error for GaveUp {
    fn custom<T: fmt::Display>(_message: T) -> GaveUp {
        GaveUp
    }
}

#[cfg(test)]
mod tests;
