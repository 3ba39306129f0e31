//! numpy's arrays and numbers in a pickle, and arrays of Python's module `array`, however they were
//! written.
//!
//! numpy pickles an array as a call of `_reconstruct`, which makes an empty array, and a state with
//! its shape, its dtype and its bytes, or, since protocol 5, as a call of `_frombuffer`; a number as a
//! call of `scalar`; a dtype as a call of `dtype` and a state. joblib writes the bytes behind an object
//! that describes them. All of them are found here, and none is called.
//!
//! Source: `array_reduce`, `array_setstate` (`methods.c`) and `arraydescr_setstate` (`descriptor.c`)
//! of numpy 2.4, `_frombuffer` in its `_core/numeric.py`, and `numpy_pickle.py` of joblib 1.6.

mod dtype;
mod joblib;
mod machine;
mod print;
mod read;
mod value;

use std::borrow::Cow;
use std::sync::Arc;

pub(crate) use dtype::{read_dtype, shared_dtype};
pub(crate) use joblib::{Wrapper, is_wrapper_name, parts_of_raw_array, wrapper};
pub(crate) use print::{printed, printed_dtype, work_to_print};
pub(crate) use read::{Asked, read};
pub use value::RawArray;

use crate::numpy::{Dtype, Layout, Order};
use crate::pickle::classes::bytes_of;
use crate::pickle::format::number::Integer;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Kind, Object, Origin, Piece};

/// An array or a number of numpy.
pub(crate) struct Found<'g> {
    pub content: Content<'g>,
    /// Whether it is a single number, text or the like: one of numpy's scalars, not an array.
    pub scalar: bool,
    /// The name of its class in print: `array`, `matrix` and so on.
    pub class: &'static str,
    /// The type code, if it is an array of Python's module `array`.
    pub typecode: Option<char>,
    /// How much had to be looked at beside the bytes of the items.
    pub work: u64,
}

pub(crate) enum Content<'g> {
    /// Items in bytes.
    Data { layout: Layout, bytes: Cow<'g, [u8]> },
    /// Items that are objects of the graph, in C order.
    Objects { dtype: Arc<Dtype>, shape: Vec<usize>, items: Items<'g>, length: usize },
    /// One object of the graph, as a scalar.
    Object(u32),
}

/// Why there is no array.
#[derive(Debug)]
pub(crate) enum Missing {
    /// The object is something else.
    NoArray,
    /// It is one, but not as numpy writes it: what is wrong.
    Unsound(String),
}

impl From<crate::numpy::Error> for Missing {
    fn from(error: crate::numpy::Error) -> Missing {
        Missing::Unsound(error.to_string())
    }
}

fn unsound(problem: impl Into<String>) -> Missing {
    Missing::Unsound(problem.into())
}

/// How an array comes to be.
#[derive(Clone, Copy)]
enum Maker {
    Reconstruct,
    /// The class itself, called as `_reconstruct` does: with a shape and a type of items.
    Class,
    FromBuffer,
    Scalar,
    /// Of Python's module `array`, from bytes as a machine has them.
    Machine,
}

/// The function of numpy that a call is of, if it is one of those that make arrays.
fn maker(graph: &Graph<'_>, object: &Object) -> Option<Maker> {
    if object.origin != Origin::Reduce {
        return None;
    }
    let (module, name) = graph.global(object.callee)?;
    match (&*module, &*name) {
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
            Some(Maker::Reconstruct)
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "scalar") => Some(Maker::Scalar),
        ("numpy.core.numeric" | "numpy._core.numeric", "_frombuffer") => Some(Maker::FromBuffer),
        ("numpy", "ndarray") => Some(Maker::Class),
        ("array", "_array_reconstructor") => Some(Maker::Machine),
        _ => None,
    }
}

/// The class of an array, by its name in print: `ndarray`, or one derived from it whose items are
/// those of the array.
pub(crate) fn class_of(module: &str, name: &str) -> Option<&'static str> {
    match (module, name) {
        ("numpy", "ndarray") => Some("array"),
        ("numpy", "memmap") | ("numpy.core.memmap" | "numpy._core.memmap", "memmap") => {
            Some("memmap")
        }
        ("numpy" | "numpy.matrixlib.defmatrix", "matrix") => Some("matrix"),
        ("numpy" | "numpy.rec" | "numpy.core.records" | "numpy._core.records", "recarray") => {
            Some("rec.array")
        }
        ("numpy.char" | "numpy.core.defchararray" | "numpy._core.defchararray", "chararray") => {
            Some("chararray")
        }
        _ => None,
    }
}

/// Where bytes are put that are still in the file; else each array takes memory of its own.
type Room<'g> = Option<&'g mut Vec<u8>>;

/// The array or number that an object is.
pub(crate) fn find<'g>(graph: &'g Graph<'_>, index: u32) -> Result<Found<'g>, Missing> {
    find_in(graph, index, None)
}

/// The same, with room for the bytes where they are still in the file.
fn find_in<'g>(graph: &'g Graph<'_>, index: u32, room: Room<'g>) -> Result<Found<'g>, Missing> {
    let object = graph.object(graph.node(index)).ok_or(Missing::NoArray)?;
    if object.origin == Origin::RawArray {
        return joblib::found(graph, object, room);
    }
    let Some(maker) = maker(graph, object) else {
        return Err(joblib::elsewhere(graph, object).map_or(Missing::NoArray, Missing::Unsound));
    };
    let mut arguments = [None; 4];
    let given = graph.items(graph.node(object.arguments));
    arguments.iter_mut().zip(given).for_each(|(place, index)| *place = Some(index));
    match (maker, arguments) {
        (Maker::Reconstruct, [Some(class), ..]) => {
            let class = graph.global(class).ok_or(Missing::NoArray)?;
            let class = class_of(&class.0, &class.1).ok_or(Missing::NoArray)?;
            Ok(Found { class, ..of_state(graph, object, room)? })
        }
        (Maker::Class, [Some(_shape), ..]) => of_state(graph, object, room),
        (Maker::FromBuffer, [Some(bytes), Some(dtype), Some(shape), Some(order)]) => {
            let mut work = 0;
            let dtype = shared_dtype(graph, dtype, &mut work)?;
            let shape = read_shape(graph, shape)?;
            let order = read_order(graph, order)?;
            data(graph, dtype, shape, order, (bytes, room), work)
        }
        (Maker::Scalar, [Some(dtype), Some(content), None, None]) => {
            let mut work = 0;
            let dtype = shared_dtype(graph, dtype, &mut work)?;
            if matches!(dtype.kind(), crate::numpy::DtypeKind::Object) {
                let content = Content::Object(content);
                return Ok(Found { content, scalar: true, class: "", typecode: None, work });
            }
            let found = data(graph, dtype, Vec::new(), Order::C, (content, room), work)?;
            Ok(Found { scalar: true, ..found })
        }
        (Maker::Machine, [Some(class), Some(code), Some(format), Some(bytes)]) => {
            machine::found(graph, [class, code, format, bytes])
        }
        (Maker::Machine, _) => Err(Missing::NoArray),
        _ => Err(unsound("a call of numpy with other arguments than numpy's own")),
    }
}

/// The array that a call and a state make: of the call nothing is left then.
fn of_state<'g>(
    graph: &'g Graph<'_>,
    object: &Object,
    room: Room<'g>,
) -> Result<Found<'g>, Missing> {
    match graph.state(object) {
        Some(state) => from_state(graph, state, room),
        None => Err(unsound("an array without the state that numpy gives it")),
    }
}

/// The array that a state of `ndarray` describes: `(1, shape, dtype, is Fortran, items)`, the first
/// only since numpy 1.0.
fn from_state<'g>(graph: &'g Graph<'_>, state: u32, room: Room<'g>) -> Result<Found<'g>, Missing> {
    let parts: Vec<u32> = graph.items(graph.node(state)).take(6).collect();
    let (shape, dtype, fortran, items) = match *parts {
        [_, shape, dtype, fortran, items] => (shape, dtype, fortran, items),
        [shape, dtype, fortran, items] => (shape, dtype, fortran, items),
        _ => return Err(unsound("an array with another state than numpy's")),
    };
    let shape = read_shape(graph, shape)?;
    let mut work = 0;
    let dtype = shared_dtype(graph, dtype, &mut work)?;
    let order = match graph.node(fortran).kind {
        Kind::True => Order::F,
        Kind::False => Order::C,
        Kind::Int if graph.short_integer(graph.node(fortran)) == Some(0) => Order::C,
        Kind::Int => Order::F,
        _ => return Err(unsound("the array's order is neither C nor Fortran")),
    };
    if dtype.has_objects() {
        objects(graph, dtype, shape, items, work)
    } else {
        data(graph, dtype, shape, order, (items, room), work)
    }
}

fn data<'g>(
    graph: &'g Graph<'_>,
    dtype: Arc<Dtype>,
    shape: Vec<usize>,
    order: Order,
    (bytes, room): (u32, Room<'g>),
    work: u64,
) -> Result<Found<'g>, Missing> {
    if dtype.has_objects() {
        return Err(unsound("an array of Python's objects whose items are bytes"));
    }
    let node = graph.node(bytes);
    let bytes = match (graph.piece(node), room) {
        (Some(piece), Some(room)) => Some(Cow::Borrowed(piece.bytes_in(room))),
        _ => bytes_of(graph, node),
    };
    let bytes = bytes.ok_or_else(|| match graph.object(node) {
        Some(Object { origin: Origin::Buffer | Origin::ReadonlyBuffer, .. }) => unsound(
            "the bytes of the array travelled beside the pickle, and are not in it; \
             write it without a `buffer_callback`",
        ),
        _ => unsound("the items of the array are not bytes"),
    })?;
    // Of what was packed there are no bytes any more.
    let length = graph.piece(node).map_or(bytes.len(), Piece::len);
    let layout = Layout::new(dtype, shape, order, length)?;
    let content = Content::Data { layout, bytes };
    Ok(Found { content, scalar: false, class: "array", typecode: None, work })
}

/// An array whose items are objects: numpy lists them in C order.
fn objects<'g>(
    graph: &'g Graph<'_>,
    dtype: Arc<Dtype>,
    shape: Vec<usize>,
    items: u32,
    work: u64,
) -> Result<Found<'g>, Missing> {
    let node = graph.node(items);
    if node.kind != Kind::List {
        return Err(unsound("the items of an array of Python's objects are not in a list"));
    }
    let count = crate::numpy::count(&shape)?;
    let items = graph.items(node);
    let length = items.length();
    if length != count {
        let shape = crate::numpy::Shape(&shape);
        return Err(unsound(format!("the shape {shape} takes {count} items, not {length}")));
    }
    let content = Content::Objects { dtype, shape, items, length };
    Ok(Found { content, scalar: false, class: "array", typecode: None, work })
}

/// A shape: a tuple of lengths, or one length.
pub(crate) fn read_shape(graph: &Graph<'_>, index: u32) -> Result<Vec<usize>, Missing> {
    let wrong = || unsound("a shape is no tuple of lengths");
    let length = |index| {
        let length = integer_of(graph, index).and_then(|length| usize::try_from(length).ok());
        length.ok_or_else(wrong)
    };
    let node = graph.node(index);
    match node.kind {
        Kind::Int => Ok(vec![length(index)?]),
        Kind::EmptyTuple | Kind::Tuple => {
            const MOST: usize = crate::numpy::MOST_DIMENSIONS + 1;
            graph.items(node).take(MOST).map(length).collect()
        }
        _ => Err(wrong()),
    }
}

/// An integer of at most 64 bits, written in a few bytes.
pub(crate) fn integer_of(graph: &Graph<'_>, index: u32) -> Option<i64> {
    const MOST: u64 = 32;
    let node = graph.node(index);
    if node.kind != Kind::Int || graph.weight(index) > MOST {
        return None;
    }
    match graph.integer(node) {
        Integer::Small(small) => Some(small),
        Integer::Big(_) => None,
    }
}

/// The order of items: `'C'` or `'F'`.
pub(crate) fn read_order(graph: &Graph<'_>, index: u32) -> Result<Order, Missing> {
    match text_of(graph, index).as_deref() {
        Some("C") => Ok(Order::C),
        Some("F") => Ok(Order::F),
        _ => Err(unsound("the array's order is neither C nor Fortran")),
    }
}

/// Text, also of Python 2.
pub(crate) fn text_of<'g>(graph: &'g Graph<'_>, index: u32) -> Option<Cow<'g, str>> {
    let node = graph.node(index);
    match node.kind {
        Kind::Text => match graph.text(node) {
            crate::pickle::format::text::Text::Utf8(text) => Some(text),
            crate::pickle::format::text::Text::Surrogates(_) => None,
        },
        Kind::String | Kind::Bytes => match graph.bytes(node) {
            Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
        },
        _ => None,
    }
}
