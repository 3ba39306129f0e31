//! Functions that can do anything, and what the files of known libraries ask of them.
//!
//! A file of a model calls `getattr` for a method of a class, and `_codecs.encode` for bytes in
//! Latin-1. With other arguments, the same functions are what an attack begins with.

use super::names::{self, Use};
use super::report::Verdict;
use super::trace::{Trace, judgement};
use crate::pickle::graph::{Kind, Object};

/// What a call comes to by its arguments; nothing for a function that has no rule.
pub(super) fn judge(
    trace: &Trace<'_, '_>,
    module: &str,
    name: &str,
    arguments: u32,
) -> Option<(Verdict, String)> {
    let items = trace.tuple(arguments);
    let text = |place: usize| items.get(place).and_then(|&index| trace.text(index));
    let named = |place: usize| items.get(place).and_then(|&index| trace.name_at(index));
    // A class or function that is handed over, by what its use comes to.
    let judged = |place: usize, use_: Use| trace.use_at(*items.get(place)?, use_);
    let uses = |place: usize, use_: Use| match judged(place, use_) {
        Some(judged) => judged,
        None => (Verdict::Dangerous, "it is not told of what".to_owned()),
    };
    let if_so = |allowed: bool, otherwise: &str| match allowed {
        true => (Verdict::DataOnly, String::new()),
        false => (Verdict::Dangerous, otherwise.to_owned()),
    };
    Some(match (module, name) {
        ("_codecs", "encode") => {
            let is_text = items.first().is_some_and(|&it| trace.kind(it) == Kind::Text);
            let encoding = text(1).unwrap_or_default();
            let is_latin = matches!(&*encoding, "latin1" | "latin-1");
            if_so(items.len() == 2 && is_text && is_latin, "other codecs can do anything to data")
        }
        ("builtins", "getattr") => {
            let attribute = text(1).unwrap_or_default();
            let is_method = match named(0) {
                // As an analyzer or a tokenizer of text.
                Some(("builtins", "str")) => STR_METHODS.contains(&&*attribute),
                class if class == ZONE_INFO => attribute == "_unpickle",
                Some((module, name)) => {
                    names::known(module, &format!("{name}.{attribute}")).is_some_and(|it| it.value)
                }
                None => false,
            };
            if_so(
                is_method && items.len() == 2,
                "it reaches into an object for what is not its own",
            )
        }
        // With three arguments it makes a class.
        ("builtins", "type") => if_so(items.len() == 1, "it makes a class"),
        ("copyreg", "_reconstructor") => {
            let base = named(1).filter(|(module, _)| *module == "builtins").map(|(_, name)| name);
            let is_known = matches!(
                base,
                Some("object" | "dict" | "list" | "set" | "tuple" | "float" | "int" | "str")
            );
            match items.len() == 3 && is_known {
                true => uses(0, Use::New),
                false => if_so(false, "no class is made like this"),
            }
        }
        ("copyreg", "__newobj__" | "__newobj_ex__") => uses(0, Use::New),
        // It imports whatever module it is given.
        ("numpy.core" | "numpy._core", "_ufunc_reconstruct") => {
            let (module, name) = (text(0).unwrap_or_default(), text(1).unwrap_or_default());
            match &*module {
                "numpy" | "numpy.core" | "scipy.special._ufuncs" => {
                    judgement(&module, &name, None, Use::Value)
                }
                // where numpy 1.17 to 1.20 say that their functions are
                "numpy.core._multiarray_umath" => judgement("numpy", &name, None, Use::Value),
                _ => if_so(false, "it imports any module"),
            }
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => uses(0, Use::Value),
        // An empty array whose state follows, as picklebook writes them. Over bytes that it is given it
        // could make objects of whatever stands there.
        ("numpy", "ndarray") => {
            let shape = items.first().map(|&shape| trace.tuple(shape)).unwrap_or_default();
            let is_empty = matches!(*shape, [length] if trace.integer(length) == Some(0));
            let is_bytes = text(1).as_deref() == Some("b");
            if_so(items.len() == 2 && is_empty && is_bytes, "it may take any bytes for objects")
        }
        ("numpy.random._pickle", "__bit_generator_ctor") => match text(0) {
            Some(name) => {
                let bits = ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"];
                if_so(bits.contains(&&*name), "there is no such generator")
            }
            None if items.is_empty() => if_so(true, ""),
            None => uses(0, Use::Value),
        },
        (
            "pandas.core.indexes.base" | "pandas.core.index" | "pandas.indexes.base",
            "_new_Index",
        ) => uses(0, Use::Value),
        // They call their second argument.
        ("numpy.random._pickle", "__generator_ctor" | "__randomstate_ctor")
        | ("numpy.random", "__RandomState_ctor") => {
            let is_own = |index: &u32| match trace.name_at(*index) {
                Some((module, _)) => module.starts_with("numpy.random."),
                None => true,
            };
            if_so(items.iter().all(is_own), "it calls what it is given")
        }
        // The function is called when the model is used.
        ("functools", "partial") => match items.len() {
            1 => uses(0, Use::Value),
            _ => if_so(false, "its arguments are those of a call that comes later"),
        },
        _ => return None,
    })
}

/// What is wrong with the state that an object is given; nothing for one that has no rule.
///
/// A dtype of numpy has a flag that says that its items are objects. numpy takes the flag from the state:
/// without it, the bytes of an array become the addresses of objects, whose code runs.
///
/// `work` is how many dtypes may still be looked at in the pickle.
pub(super) fn judge_state(
    trace: &Trace<'_, '_>,
    object: &Object,
    work: &mut usize,
) -> Option<&'static str> {
    if trace.name_at(object.callee) != Some(("numpy", "dtype")) {
        return None;
    }
    if object.runs != 1 {
        return Some("its type of items is set twice");
    }
    let objects = object_fields(trace, object, DTYPE_DEPTH, work);
    let flags = trace.tuple(object.state).get(7).and_then(|&it| trace.integer(it));
    let has_flag = flags.is_some_and(|flags| flags & HOLDS_OBJECTS == HOLDS_OBJECTS);
    match objects {
        Some(false) => None,
        Some(true) if has_flag => None,
        Some(true) => Some("it takes the bytes of an array for addresses of objects"),
        None => Some("its type of items is not told as numpy tells it"),
    }
}

/// The flags of numpy's dtypes whose items are objects, or hold some: items have references, and arrays
/// are pickled as lists.
const HOLDS_OBJECTS: i64 = 1 | 2;

/// How deep the fields of a dtype may lie in one another.
const DTYPE_DEPTH: usize = 16;

/// Whether the items of a dtype are objects or hold some; nothing for a dtype that numpy does not write
/// like this. It calls itself to a depth that is given beforehand.
fn object_fields(
    trace: &Trace<'_, '_>,
    dtype: &Object,
    depth: usize,
    work: &mut usize,
) -> Option<bool> {
    let depth = depth.checked_sub(1)?;
    *work = work.checked_sub(1)?;
    let arguments = trace.tuple(dtype.arguments);
    let first = *arguments.first()?;
    let mut holds = match trace.text(first) {
        Some(name) => name.contains('O') || name.contains("object"),
        None => matches!(trace.name_at(first)?, (_, "object" | "object_")),
    };
    let state = trace.tuple(dtype.state);
    let mut inner = Vec::new();
    // What each item is an array of, with the shape; and the fields by their names.
    if let Some(&part) = state.get(2).filter(|&&it| trace.kind(it) != Kind::None) {
        inner.push(*trace.tuple(part).first()?);
    }
    if let Some(&fields) = state.get(4).filter(|&&it| trace.kind(it) != Kind::None) {
        let fields = trace.values(fields)?;
        *work = work.checked_sub(fields.len())?;
        for field in fields {
            inner.push(*trace.tuple(field).first()?);
        }
    }
    for index in inner {
        let dtype = trace.object_at(index)?;
        if trace.name_at(dtype.callee) != Some(("numpy", "dtype")) {
            return None;
        }
        holds |= object_fields(trace, dtype, depth, work)?;
    }
    Some(holds)
}

/// Methods of text that give text, lists of it, or whether it is so.
const STR_METHODS: [&str; 19] = [
    "capitalize",
    "casefold",
    "isalpha",
    "isdigit",
    "isnumeric",
    "isspace",
    "join",
    "lower",
    "lstrip",
    "replace",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "strip",
    "swapcase",
    "title",
    "upper",
    "zfill",
];

/// A class whose objects are made by one of its methods.
const ZONE_INFO: Option<(&str, &str)> = Some(("zoneinfo", "ZoneInfo"));

/// Whether what is called is the method by which a class makes its objects.
pub(super) fn is_maker(trace: &Trace<'_, '_>, callee: u32) -> bool {
    let Some((function, arguments)) = trace.call_at(callee) else { return false };
    let items = trace.tuple(arguments);
    function == ("builtins", "getattr")
        && items.first().and_then(|&class| trace.name_at(class)) == ZONE_INFO
        && items.get(1).and_then(|&name| trace.text(name)).as_deref() == Some("_unpickle")
}
