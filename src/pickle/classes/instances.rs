//! Objects of classes that are not known: their attributes, or what was added to them.
//!
//! Protocols 2 and newer make such an object by NEWOBJ, the older ones by a call of
//! `copyreg._reconstructor`; a BUILD then gives it its state.

use super::call::Call;
use super::meaning::MapEntries;
use super::{Class, Meaning, Module, is_sequence};
use crate::pickle::graph::{Kind, Origin};

pub(super) static MODULES: &[Module] = &[Module {
    name: "copyreg",
    classes: &[Class::function("_reconstructor").means(reconstructed)],
    names: &[],
}];

/// An object of a class of which nothing is known.
pub(super) fn meaning<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let none = call.graph.no_items();
    // What a call gives, only Python knows.
    if call.object.origin == Origin::Reduce {
        return None;
    }
    if call.added_entries().next().is_some() {
        let turns = [none.clone(), call.added_entries()];
        return Some(Meaning::Mapping(MapEntries { listed: none, turns }));
    }
    if call.added_items().next().is_some() {
        return Some(Meaning::Sequence([none, call.added_items()]));
    }
    // A named tuple.
    if !call.arguments().is_empty() && call.graph.state(call.object).is_none() {
        return Some(Meaning::Sequence([call.all_arguments(), none]));
    }
    Some(attributes(call))
}

/// `copyreg._reconstructor(class, base, data)`
fn reconstructed<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    if call.object.origin != Origin::Reduce {
        return None;
    }
    // The base is the class whose data the third argument is.
    let (_, base) = call.graph.global(call.index(1)?)?;
    let data = *call.arguments().get(2)?;
    match &*base {
        "object" => Some(attributes(call)),
        "dict" if data.kind == Kind::Dict => {
            let turns = [call.graph.items(data), call.added_entries()];
            Some(Meaning::Mapping(MapEntries { listed: call.graph.no_items(), turns }))
        }
        "list" | "tuple" | "set" | "frozenset" if is_sequence(data.kind) => {
            Some(Meaning::Sequence([call.graph.items(data), call.added_items()]))
        }
        _ => None,
    }
}

/// The attributes of an object: its state, or the two dictionaries of a class with slots.
fn attributes<'g>(call: &Call<'g>) -> Meaning<'g> {
    let graph = call.graph;
    let none = graph.no_items();
    let mut turns = [none.clone(), none.clone()];
    if let Some(state) = graph.state(call.object) {
        let state = graph.node(state);
        match state.kind {
            Kind::Dict => turns = [graph.items(state), none.clone()],
            Kind::Tuple | Kind::UnhashableTuple => {
                for (to, index) in turns.iter_mut().zip(graph.items(state)) {
                    let part = graph.node(index);
                    if part.kind == Kind::Dict {
                        *to = graph.items(part);
                    }
                }
            }
            _ => {}
        }
    }
    Meaning::Mapping(MapEntries { listed: none, turns })
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py instances`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"ccopy_reg\n_reconstructor\n(cshapes\nPoint\nc__builtin__\nobject\nNtR.", "", "{}"),
        (b"\x80\x03cshapes\nPoint\n)\x81.", "", "{}"),
        (b"\x80\x04\x95\x13\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05Point\x93)\x81.", "", "{}"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nPoint\nc__builtin__\nobject\nNtR(dVx\nI1\nsVy\n(lF2.5\nasb.", "", r#"{"x": 1, "y": [2.5]}"#),
        (b"\x80\x03cshapes\nPoint\n)\x81}(X\x01\x00\x00\x00xK\x01X\x01\x00\x00\x00y]G@\x04\x00\x00\x00\x00\x00\x00aub.", "", r#"{"x": 1, "y": [2.5]}"#),
        (b"\x80\x04\x95*\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05Point\x93)\x81}(\x8c\x01xK\x01\x8c\x01y]G@\x04\x00\x00\x00\x00\x00\x00aub.", "", r#"{"x": 1, "y": [2.5]}"#),
        (b"\x80\x03cshapes\nSlotted\n)\x81N}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00b]K\x02au\x86b.", "", r#"{"a": 1, "b": [2]}"#),
        (b"\x80\x04\x95'\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x07Slotted\x93)\x81N}(\x8c\x01aK\x01\x8c\x01b]K\x02au\x86b.", "", r#"{"a": 1, "b": [2]}"#),
        (b"\x80\x03cshapes\nSlottedAndMore\n)\x81}X\x01\x00\x00\x00cK\x03s}X\x01\x00\x00\x00aK\x01s\x86b.", "", r#"{"c": 3, "a": 1}"#),
        (b"\x80\x04\x95,\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x0eSlottedAndMore\x93)\x81}\x8c\x01cK\x03s}\x8c\x01aK\x01s\x86b.", "", r#"{"c": 3, "a": 1}"#),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyDict\nc__builtin__\ndict\n(dVa\nI1\nstR.", "", r#"{"a": 1}"#),
        (b"\x80\x03cshapes\nMyDict\n)\x81X\x01\x00\x00\x00aK\x01s.", "", r#"{"a": 1}"#),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06MyDict\x93)\x81\x8c\x01aK\x01s.", "", r#"{"a": 1}"#),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyList\nc__builtin__\nlist\n(lI1\naI2\natR.", "", "[1, 2]"),
        (b"\x80\x03cshapes\nMyList\n)\x81(K\x01K\x02e.", "", "[1, 2]"),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06MyList\x93)\x81(K\x01K\x02e.", "", "[1, 2]"),
        (b"cshapes\nMySet\n((lI1\natR.", "", ""),
        (b"\x80\x03cshapes\nMySet\n]K\x01a\x85R.", "", ""),
        (b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MySet\x93]K\x01a\x85R.", "", ""),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nPair\nc__builtin__\ntuple\n(I1\nVb\nttR.", "", r#"[1, "b"]"#),
        (b"\x80\x03cshapes\nPair\nK\x01X\x01\x00\x00\x00b\x86\x81.", "", r#"[1, "b"]"#),
        (b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x04Pair\x93K\x01\x8c\x01b\x86\x81.", "", r#"[1, "b"]"#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
