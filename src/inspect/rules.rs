//! Functions that can do anything, and what the files of known libraries ask of them.
//!
//! A file of a model calls `getattr` for a method of a class, and `_codecs.encode` for bytes in
//! Latin-1. With other arguments, the same functions are what an attack begins with.

use super::names::{self, Use};
use super::trace::Trace;
use crate::pickle::graph::Kind;

/// Whether the arguments of a call are those that known files have; nothing for a function that
/// has no rule.
pub(super) fn allows(trace: &Trace<'_, '_>, module: &str, name: &str, arguments: u32) -> Option<bool> {
    let items = trace.tuple(arguments);
    let text = |place: usize| items.get(place).and_then(|&index| trace.text(index));
    let class = |place: usize, use_: Use| {
        items.get(place).and_then(|&index| trace.name_at(index)).is_some_and(|(module, name)| {
            names::known(module, name).is_some_and(|uses| uses.contains(use_))
        })
    };
    let allowed = match (module, name) {
        ("_codecs", "encode") => {
            let encoding = text(1).unwrap_or_default();
            items.len() == 2
                && items.first().is_some_and(|&it| trace.kind(it) == Kind::Text)
                && matches!(&*encoding, "latin1" | "latin-1")
        }
        ("builtins", "getattr") => {
            let attribute = text(1).unwrap_or_default();
            items.len() == 2
                && class(0, Use::Value)
                && !attribute.is_empty()
                && attribute.chars().all(|c| c.is_ascii_lowercase() || c == '_')
                && !attribute.starts_with('_')
        }
        // With three arguments it makes a class.
        ("builtins", "type") => items.len() == 1,
        ("copyreg", "_reconstructor") => {
            let base = items.get(1).and_then(|&index| trace.name_at(index));
            let base = base.filter(|(module, _)| *module == "builtins").map(|(_, name)| name);
            items.len() == 3
                && class(0, Use::New)
                && matches!(
                    base,
                    Some("object" | "dict" | "list" | "set" | "tuple" | "float" | "int" | "str")
                )
        }
        ("copyreg", "__newobj__" | "__newobj_ex__") => class(0, Use::New),
        // It imports whatever module it is given.
        ("numpy.core" | "numpy._core", "_ufunc_reconstruct") => {
            let name = text(1).unwrap_or_default();
            let module = text(0).unwrap_or_default();
            items.len() == 2
                && matches!(&*module, "numpy" | "numpy.core" | "scipy.special._ufuncs")
                && names::known(&module, &name).is_some_and(|uses| uses.value)
        }
        ("numpy.core.multiarray" | "numpy._core.multiarray", "_reconstruct") => {
            items.len() == 3 && class(0, Use::Value)
        }
        ("numpy.random._pickle", "__bit_generator_ctor") => {
            items.is_empty()
                || matches!(
                    text(0).as_deref(),
                    Some("MT19937" | "PCG64" | "PCG64DXSM" | "Philox" | "SFC64")
                )
                || class(0, Use::Value)
        }
        ("pandas.core.indexes.base", "_new_Index") => class(0, Use::Value),
        // The function is called when the model is used.
        ("functools", "partial") => items.len() == 1 && class(0, Use::Value),
        _ => return None,
    };
    Some(allowed)
}
