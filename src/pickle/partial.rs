//! What a damaged pickle held before the damage.

use std::fmt;
use std::sync::Arc;

use super::{Error, Limits, Value, machine};

/// What a damaged pickle held before the damage: see [`salvage`].
#[non_exhaustive]
pub struct Partial {
    /// The objects that were on the machine's stack, the oldest first: those that later ones would
    /// have been put into, the calls among them, and those that waited to be put somewhere.
    pub stack: Vec<Value>,
    /// How many objects were on the stack at each mark: what stands above a mark would have become
    /// one object, or items of the object below it.
    pub marks: Vec<usize>,
    /// What is wrong, and where.
    pub error: Error,
}

impl fmt::Debug for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Partial")
            .field("objects", &self.stack.len())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Reads the pickle that bytes begin with, and where it is damaged what it held before.
///
/// # Errors
/// [`Partial`]: the objects that were read, and [`Partial::error`], which is that of
/// [`loads_prefix`](super::loads_prefix).
///
/// ```
/// use picklebook::pickle;
///
/// let cut_off = b"\x80\x04cbuiltins\nprint\n(X\x05\0\0\0hellotRX";
/// let partial = pickle::salvage(cut_off).expect_err("it is cut off");
/// assert_eq!(partial.stack[0].to_string(), "builtins.print('hello')");
/// assert_eq!(
///     partial.error.to_string(),
///     "not a sound pickle: at byte 31 (BINUNICODE): the data ends inside the argument; it was cut short"
/// );
/// ```
pub fn salvage(bytes: &[u8]) -> Result<Value, Partial> {
    salvage_with(bytes, &Limits::new())
}

/// The same within limits of your own.
///
/// # Errors
/// As [`salvage`].
pub fn salvage_with(bytes: &[u8], limits: &Limits) -> Result<Value, Partial> {
    if let Err(error) = super::check_length(bytes.len() as u64, limits) {
        return Err(Partial { stack: Vec::new(), marks: Vec::new(), error });
    }
    let machine::Rescued { graph, stack, marks, error } = machine::rescue(bytes, limits);
    let (root, graph) = (graph.root, Arc::new(graph));
    let value = |index| Value { graph: Arc::clone(&graph), index };
    match error {
        None => Ok(value(root)),
        Some(error) => Err(Partial {
            stack: stack.into_iter().map(value).collect(),
            marks: marks.into_iter().map(|mark| mark as usize).collect(),
            error: error.in_bytes(bytes),
        }),
    }
}
