//! Arrays of Python's own module `array`, whose items are bytes as a machine has them.
//!
//! Source: `array___reduce_ex__` and `mformat_descriptors` in `arraymodule.c` of CPython 3.14.

use std::sync::Arc;

use super::{Found, Missing, bytes_of, data, integer_of, text_of, unsound};
use crate::numpy::{Dtype, Layout, Number, Order};
use crate::pickle::graph::Graph;
use crate::python::float_repr;

/// The dtypes of the formats, by their numbers. Those behind them are of characters: UTF-16 and UTF-32.
const FORMATS: [&str; 18] = [
    "|u1", "|i1", "<u2", ">u2", "<i2", ">i2", "<u4", ">u4", "<i4", ">i4", "<u8", ">u8", "<i8",
    ">i8", "<f4", ">f4", "<f8", ">f8",
];

/// The array that `_array_reconstructor(class, type code, format, bytes)` makes. What it makes of
/// characters is left as the call that it is.
pub(super) fn found<'g>(graph: &'g Graph<'_>, arguments: [u32; 4]) -> Result<Found<'g>, Missing> {
    let [class, code, format, bytes] = arguments;
    let class = graph.global(class).ok_or(Missing::NoArray)?;
    if (&*class.0, &*class.1) != ("array", "array") {
        return Err(Missing::NoArray);
    }
    let code = text_of(graph, code).and_then(|code| code.parse::<char>().ok());
    let code = code.filter(char::is_ascii_alphabetic).ok_or(Missing::NoArray)?;
    let format = integer_of(graph, format).and_then(|format| usize::try_from(format).ok());
    let dtype = format.and_then(|format| FORMATS.get(format)).ok_or(Missing::NoArray)?;
    let dtype: Arc<Dtype> = Arc::new(dtype.parse()?);
    let length = bytes_of(graph, graph.node(bytes)).map(|bytes| bytes.len());
    let length = length.ok_or_else(|| unsound("the items of the array are not bytes"))?;
    let shape = vec![length / dtype.itemsize().max(1)];
    Ok(Found { typecode: Some(code), ..data(graph, dtype, shape, Order::C, (bytes, None), 0)? })
}

/// As Python prints it, `array('d', [1.5, 2.5])`, but of a long one the ends alone.
pub(super) fn repr(code: char, layout: &Layout, bytes: &[u8]) -> String {
    const MOST: usize = 1000;
    const EDGE: usize = 3;
    let (dtype, count) = (layout.dtype(), layout.count());
    let item = |place: usize| match Number::of(dtype, layout.item(bytes, place).unwrap_or_default())
    {
        Some(Number::Int(number)) => number.to_string(),
        Some(Number::Uint(number)) => number.to_string(),
        Some(Number::Float(number)) => float_repr(number).to_string(),
        _ => String::new(),
    };
    let items: Vec<String> = match count {
        0 => return format!("array('{code}')"),
        1..=MOST => (0..count).map(item).collect(),
        _ => {
            let ends = (0..EDGE).map(item).chain(["...".to_owned()]);
            ends.chain((count - EDGE..count).map(item)).collect()
        }
    };
    format!("array('{code}', [{}])", items.join(", "))
}
