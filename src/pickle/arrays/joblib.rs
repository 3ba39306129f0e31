//! Arrays in joblib's files: a description as an object, and behind its BUILD the bytes.
//!
//! joblib writes a pickle, but in the place of each array an object of its class `NumpyArrayWrapper`,
//! whose state says shape, order and dtype. Where that state is given the object, the pickle stops
//! for a while: the bytes of the array follow as they are (since joblib 1.2 behind a length and as many
//! bytes of padding), or, for an array of objects, a pickle of the array. Nothing marks their end
//! but the description.

use std::sync::Arc;

use super::{Found, Missing, Room, read_order, read_shape, shared_dtype, unsound};
use crate::numpy::{Dtype, Order};
use crate::pickle::graph::{Graph, Kind, Object, Origin};
use crate::python::text_repr;

/// What a `NumpyArrayWrapper` says of its array.
pub(crate) struct Wrapper {
    pub dtype: Arc<Dtype>,
    pub shape: Vec<usize>,
    pub order: Order,
    /// Whether padding comes before the bytes.
    pub padded: bool,
    /// The class of the array, if it is `ndarray` or like it, by its name in print.
    pub class: Option<&'static str>,
    /// How much was looked at.
    pub work: u64,
}

/// Whether a name of a module is that of the class that describes an array.
pub(crate) fn is_wrapper_name(module: &str, name: &str) -> bool {
    name == "NumpyArrayWrapper"
        && matches!(module, "joblib.numpy_pickle" | "sklearn.externals.joblib.numpy_pickle")
}

/// How much of a description is looked at, in keys and their bytes: joblib's have six.
const MOST_WORK: u64 = 1 << 12;

/// The state of an object of the class.
struct Description {
    shape: u32,
    dtype: u32,
    order: u32,
    padding: Option<u32>,
    class: Option<u32>,
}

fn describe(graph: &Graph<'_>, index: u32, work: &mut u64) -> Result<Description, Missing> {
    let object = graph.object(graph.node(index)).ok_or(Missing::NoArray)?;
    let state = graph.state(object).map(|state| graph.node(state));
    let state = state.filter(|state| state.kind == Kind::Dict);
    let state = state.ok_or_else(|| unsound("an array of joblib without its description"))?;
    let [mut shape, mut dtype, mut order, mut padding, mut class] = [None; 5];
    let mut items = graph.items(state);
    while let Some((key, value)) = items.next().zip(items.next()) {
        *work += 1 + graph.weight(key);
        if *work > MOST_WORK {
            return Err(unsound("an array of joblib whose description is too long"));
        }
        // The last of equal keys counts.
        match super::text_of(graph, key).as_deref() {
            Some("shape") => shape = Some(value),
            Some("dtype") => dtype = Some(value),
            Some("order") => order = Some(value),
            Some("numpy_array_alignment_bytes") => padding = Some(value),
            Some("subclass") => class = Some(value),
            _ => {}
        }
    }
    let (Some(shape), Some(dtype), Some(order)) = (shape, dtype, order) else {
        return Err(unsound("an array of joblib without shape, dtype or order"));
    };
    if !matches!(graph.node(shape).kind, Kind::EmptyTuple | Kind::Tuple) {
        return Err(unsound("an array of joblib whose shape is no tuple"));
    }
    Ok(Description { shape, dtype, order, padding, class })
}

/// What an object of the class describes.
pub(crate) fn wrapper(graph: &Graph<'_>, index: u32) -> Result<Wrapper, Missing> {
    let mut work = 0;
    let Description { shape, dtype, order, padding, class } = describe(graph, index, &mut work)?;
    let dtype = shared_dtype(graph, dtype, &mut work).map_err(|missing| match missing {
        Missing::NoArray => unsound("an array of joblib whose dtype is no dtype"),
        unsound => unsound,
    })?;
    let shape = read_shape(graph, shape)?;
    let order = read_order(graph, order)?;
    let padded = padding.is_some_and(|padding| graph.node(padding).kind != Kind::None);
    let class = class.and_then(|class| graph.global(class));
    let class = class.and_then(|(module, name)| super::class_of(&module, &name));
    Ok(Wrapper { dtype, shape, order, padded, class, work })
}

/// The objects of which an array of joblib is made anew.
pub(crate) struct Parts {
    pub class: u32,
    pub shape: u32,
    pub dtype: u32,
    pub order: Order,
}

pub(crate) fn parts_of_raw_array(graph: &Graph<'_>, object: &Object) -> Option<Parts> {
    let description = describe(graph, object.callee, &mut 0).ok()?;
    let Description { shape, dtype, order, class: Some(class), .. } = description else {
        return None;
    };
    Some(Parts { class, shape, dtype, order: read_order(graph, order).ok()? })
}

/// What is wrong with an array of joblib before 0.10, whose items are in a file of their own.
pub(super) fn elsewhere(graph: &Graph<'_>, object: &Object) -> Option<String> {
    if object.origin != Origin::NewObj {
        return None;
    }
    let (module, name) = graph.global(object.callee)?;
    let known = ["joblib.numpy_pickle", "joblib.numpy_pickle_compat"];
    let module = module.strip_prefix("sklearn.externals.").unwrap_or(&module);
    if !known.contains(&module) || !["NDArrayWrapper", "ZNDArrayWrapper"].contains(&&*name) {
        return None;
    }
    // joblib's have three.
    let mut items = graph.items(graph.node(graph.state(object)?)).take(16);
    let mut file = None;
    while let Some((key, value)) = items.next().zip(items.next()) {
        if graph.short_text(graph.node(key)) == Some("filename") {
            file = super::text_of(graph, value);
        }
    }
    let file = file.map_or_else(String::new, |file| format!(", {}", text_repr(&file)));
    Some(format!(
        "the items of this array are in another file{file}, as joblib before 0.10 wrote them; \
         load all of them with Python and save them anew"
    ))
}

/// The array that was made of a description and its bytes.
pub(super) fn found<'g>(
    graph: &'g Graph<'_>,
    object: &'g Object,
    room: Room<'g>,
) -> Result<Found<'g>, Missing> {
    let Wrapper { dtype, shape, order, class, work, .. } = wrapper(graph, object.callee)?;
    let class = class.ok_or(Missing::NoArray)?;
    let found = super::data(graph, dtype, shape, order, (object.arguments, room), work)?;
    Ok(Found { class, ..found })
}
