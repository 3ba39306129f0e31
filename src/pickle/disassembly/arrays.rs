//! Arrays in a joblib file, which stand between the opcodes of its pickle.

use crate::numpy::{Order, Shape};
use crate::pickle::arrays::wrapper;
use crate::pickle::limits::Limits;
use crate::pickle::machine;
use crate::text::{count, shortened};

/// What stands between two opcodes.
#[derive(Clone, Debug)]
pub(super) struct Array {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a pickle of its own, of an array of objects.
    pub(super) is_pickle: bool,
    /// What it is, in words.
    pub(super) text: String,
    /// The array itself, in short.
    pub(super) brief: String,
}

/// The name of the class whose objects describe arrays.
const CLASS: &[u8] = b"NumpyArrayWrapper";

/// Whether there may be arrays: nearly all pickles have none, and need not be read.
pub(super) fn may_have_arrays(data: &[u8]) -> bool {
    let mut rest = data;
    while let Some(place) = rest.iter().position(|&byte| Some(&byte) == CLASS.first()) {
        rest = rest.get(place..).unwrap_or_default();
        if rest.starts_with(CLASS) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// The arrays of the pickle that begins at `from`, in their order.
pub(super) fn arrays(data: &[u8], from: usize) -> Vec<Array> {
    let rest = data.get(from..).unwrap_or_default();
    let (graph, _) = machine::read_as_far(rest, &Limits::new(), true);
    let array = |extent: &crate::pickle::graph::Extent| {
        let found = wrapper(&graph, extent.wrapper).ok()?;
        let shape = Shape(&found.shape);
        let dtype = shortened(&found.dtype.to_string(), 60);
        let bytes = count(extent.end - extent.content, "byte", "bytes");
        let order = match found.order {
            Order::C => "C",
            Order::F => "Fortran",
        };
        let text = match (extent.nested, extent.content - extent.start) {
            (Some(_), _) => format!("array of objects {shape}, {order} order: a pickle of {bytes}"),
            (None, 0) => format!("array data: {bytes}, {dtype} {shape}, {order} order"),
            (None, padding) => {
                let padding = count(padding, "byte", "bytes");
                format!(
                    "array data: {bytes}, {dtype} {shape}, {order} order, after {padding} of padding"
                )
            }
        };
        let (start, end) = (from + extent.start, from + extent.end);
        let brief = format!("array {dtype} {shape}");
        Some(Array { start, end, is_pickle: extent.nested.is_some(), text, brief })
    };
    graph.extents.iter().filter_map(array).collect()
}
