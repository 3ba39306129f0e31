//! What can be wrong with an array, or with what is asked of it.

/// Why an array of numpy is not sound, or is not what was asked for.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A description of items that numpy would not write, or that is not known here.
    #[error("no dtype of numpy that is known here: {problem}")]
    Dtype {
        /// What is wrong with it.
        problem: String,
    },
    /// The shape does not fit the bytes, or no memory could hold it.
    #[error("the array is not sound: {problem}")]
    Shape {
        /// What is wrong with it.
        problem: String,
    },
    /// The items are of another kind than was asked for.
    #[error("an array of {dtype} cannot be read as {wanted}{}", Hint(hint))]
    Type {
        /// The items' dtype, as numpy prints it.
        dtype: String,
        /// What was asked for.
        wanted: &'static str,
        /// What to ask for instead; empty if nothing fits.
        hint: &'static str,
    },
    /// An item does not fit what was asked for.
    #[error("item {index} of the array, {value}, does not fit {wanted}")]
    Item {
        /// Which item, counted from 0 in C order.
        index: usize,
        /// The item.
        value: String,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The array has another number of dimensions than was asked for.
    #[error("the array has the shape {shape}, with {found} dimensions in place of {wanted}")]
    Dimensions {
        /// The shape, as numpy prints it.
        shape: String,
        /// The length of the shape.
        found: usize,
        /// How many were asked for.
        wanted: usize,
    },
    /// The items have no such field.
    #[error("the items have no field `{name}`, but {fields}")]
    Field {
        /// What was asked for.
        name: String,
        /// What fields there are.
        fields: String,
    },
    /// There is not enough memory.
    #[error("there is no memory for {items} items of an array")]
    Memory {
        /// How many items.
        items: usize,
    },
}

crate::text::message_as_debug!(Error);

/// "; read it as …", or nothing.
struct Hint<'a>(&'a &'static str);

impl std::fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "; read it as {}", self.0) }
    }
}
