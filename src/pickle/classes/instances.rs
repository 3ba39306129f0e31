//! Objects of classes that are not known: their attributes, or what was added to them.
//!
//! Protocols 2 and newer make such an object by NEWOBJ, the older ones by a call of
//! `copyreg._reconstructor`; a BUILD then gives it its state.

use super::call::Call;
use super::meaning::{Instance, MapEntries};
use super::{Class, Meaning, Module, codecs, is_sequence};
use crate::pickle::graph::{Graph, Kind, Node, Object, Origin};

pub(super) static MODULES: &[Module] = &[Module {
    name: "copyreg",
    classes: &[Class::function("_reconstructor").means(reconstructed)],
    names: &[],
}];

/// An object of a class of which nothing is known.
pub(super) fn meaning<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let none = call.graph.no_items();
    let called = call.object.origin == Origin::Reduce;
    if !call.arguments_are_known() {
        // What the arguments make of it, only Python knows; but not what the attributes are.
        return match attributes(call.graph, call.object) {
            Attributes::Named(entries) if !called => Some(Meaning::Mapping(entries)),
            _ => None,
        };
    }
    // What a call gives, only Python knows; that of a class with one argument holds it.
    if called && !(call.arguments().len() < 2 && is_named_as_a_class(call)) {
        return None;
    }
    if call.added_entries().next().is_some() {
        let turns = [none.clone(), call.added_entries()];
        return Some(Meaning::Mapping(MapEntries { listed: none, turns }));
    }
    if call.added_items().next().is_some() {
        return Some(Meaning::Sequence([none, call.added_items()]));
    }
    let (entries, state) = match attributes(call.graph, call.object) {
        Attributes::Named(entries) => (Some(entries), None),
        Attributes::Missing => (None, None),
        Attributes::Unnamed(state) => (None, Some(state)),
    };
    let mut instance = Instance { held: None, items: None, entries, state };
    match (call.arguments(), call.index(0)) {
        ([], _) if called => return None,
        // An empty list of a class of one's own looks like an object without attributes.
        ([], _) if instance.entries.is_none() && instance.state.is_none() => {
            instance.items = Some([none.clone(), none.clone()]);
            let turns = [none.clone(), none.clone()];
            instance.entries = Some(MapEntries { listed: none, turns });
        }
        ([], _) => {
            let items = instance.state.map(|state| call.graph.node(state));
            let items = items.filter(|state| is_ordered(state.kind));
            instance.items = items.map(|state| [call.graph.items(state), none]);
        }
        ([argument], index) if called || is_scalar(call, *argument) => {
            instance.held = index;
            instance.items = Some([call.all_arguments(), none]);
        }
        // A class derived from `tuple`; of a named tuple with one field it cannot be told.
        ([argument], _) if is_ordered(argument.kind) && argument.kind != Kind::List => {
            instance.items = Some([call.graph.items(*argument), none]);
        }
        // A named tuple.
        _ => instance.items = Some([call.all_arguments(), none]),
    }
    Some(Meaning::Instance(instance))
}

/// Whether what is called has a name as Python's classes have: enumerations and sets of classes of
/// one's own are pickled as calls, and nothing else tells them from those of functions.
fn is_named_as_a_class(call: &Call<'_>) -> bool {
    let Some((_, name)) = call.graph.global(call.object.callee) else { return false };
    let name = name.rsplit('.').next().unwrap_or_default().trim_start_matches('_');
    name.starts_with(char::is_uppercase)
}

/// Whether it is what a class derived from `str`, `int`, `float` or `bytes` holds.
fn is_scalar(call: &Call<'_>, node: Node) -> bool {
    match node.kind {
        Kind::Text | Kind::String | Kind::Int | Kind::Float | Kind::Bytes => true,
        _ => codecs::is_call(call.graph, node),
    }
}

fn is_ordered(kind: Kind) -> bool {
    matches!(kind, Kind::EmptyTuple | Kind::Tuple | Kind::UnhashableTuple | Kind::List)
}

/// `copyreg._reconstructor(class, base, data)`
fn reconstructed<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    if call.object.origin != Origin::Reduce {
        return None;
    }
    // The base is the class whose data the third argument is.
    let (module, base) = call.graph.global(call.index(1)?)?;
    let data = *call.arguments().get(2)?;
    let none = call.graph.no_items();
    let (entries, state) = match attributes(call.graph, call.object) {
        Attributes::Named(entries) => (Some(entries), None),
        Attributes::Missing => (None, None),
        Attributes::Unnamed(state) => (None, Some(state)),
    };
    match &*base {
        _ if module != "builtins" => None,
        "object" => {
            let items = state.map(|state| call.graph.node(state));
            let items = items.filter(|state| is_ordered(state.kind));
            let items = items.map(|state| [call.graph.items(state), none.clone()]);
            let entries = entries.or_else(|| {
                let turns = [none.clone(), none.clone()];
                state.is_none().then_some(MapEntries { listed: none, turns })
            });
            Some(Meaning::Instance(Instance { held: None, items, entries, state }))
        }
        "dict" if data.kind == Kind::Dict => {
            let turns = [call.graph.items(data), call.added_entries()];
            Some(Meaning::Mapping(MapEntries { listed: none, turns }))
        }
        "list" | "tuple" | "set" | "frozenset" if is_sequence(data.kind) => {
            Some(Meaning::Sequence([call.graph.items(data), call.added_items()]))
        }
        "str" | "int" | "float" | "bytes" | "complex" => {
            let held = call.index(2);
            Some(Meaning::Instance(Instance { held, items: None, entries, state }))
        }
        _ => None,
    }
}

/// What the state of an object says about its attributes.
pub(super) enum Attributes<'g> {
    /// There is no state.
    Missing,
    /// One dictionary, or the two of a class with slots.
    Named(MapEntries<'g>),
    /// The state is something else, of which only the class knows what it stands for.
    Unnamed(u32),
}

/// The attributes of an object: its state, or the two dictionaries of a class with slots.
pub(super) fn attributes<'g>(graph: &'g Graph<'_>, object: &Object) -> Attributes<'g> {
    let none = graph.no_items();
    let Some(index) = graph.state(object) else { return Attributes::Missing };
    let state = graph.node(index);
    let named = |turns| Attributes::Named(MapEntries { listed: graph.no_items(), turns });
    match state.kind {
        Kind::Dict => named([graph.items(state), none]),
        Kind::Tuple | Kind::UnhashableTuple => {
            let mut parts = graph.items(state).map(|part| graph.node(part));
            match (parts.next(), parts.next(), parts.next()) {
                (Some(first), Some(second), None)
                    if [first, second]
                        .iter()
                        .all(|part| matches!(part.kind, Kind::Dict | Kind::None)) =>
                {
                    // Of None there are no items.
                    named([graph.items(first), graph.items(second)])
                }
                _ => Attributes::Unnamed(index),
            }
        }
        // As Python, which does nothing then.
        Kind::None => Attributes::Missing,
        _ => Attributes::Unnamed(index),
    }
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
        (b"cshapes\nMySet\n((lI1\natR.", "", "[1]"),
        (b"\x80\x03cshapes\nMySet\n]K\x01a\x85R.", "", "[1]"),
        (b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MySet\x93]K\x01a\x85R.", "", "[1]"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nPair\nc__builtin__\ntuple\n(I1\nVb\nttR.", "", r#"[1, "b"]"#),
        (b"\x80\x03cshapes\nPair\nK\x01X\x01\x00\x00\x00b\x86\x81.", "", r#"[1, "b"]"#),
        (b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x04Pair\x93K\x01\x8c\x01b\x86\x81.", "", r#"[1, "b"]"#),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyStr\nc__builtin__\nunicode\nVs\ntR.", "", r#""s""#),
        (b"\x80\x03cshapes\nMyStr\nX\x01\x00\x00\x00s\x85\x81.", "", r#""s""#),
        (b"\x80\x04\x95\x16\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MyStr\x93\x8c\x01s\x85\x81.", "", r#""s""#),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyStr\nc__builtin__\nunicode\nVspam\ntR(dVlanguage\nVen\nsb.", "", r#""spam""#),
        (b"\x80\x03cshapes\nMyStr\nX\x04\x00\x00\x00spam\x85\x81}X\x08\x00\x00\x00languageX\x02\x00\x00\x00ensb.", "", r#""spam""#),
        (b"\x80\x04\x95*\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MyStr\x93\x8c\x04spam\x85\x81}\x8c\x08language\x8c\x02ensb.", "", r#""spam""#),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyInt\nc__builtin__\nlong\nI-5\ntR.", "", "-5"),
        (b"\x80\x03cshapes\nMyInt\nJ\xfb\xff\xff\xff\x85\x81.", "", "-5"),
        (b"\x80\x04\x95\x18\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MyInt\x93J\xfb\xff\xff\xff\x85\x81.", "", "-5"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyInt\nc__builtin__\nlong\nL4611686018427387904L\ntR.", "", "4611686018427387904"),
        (b"\x80\x03cshapes\nMyInt\n\x8a\x08\x00\x00\x00\x00\x00\x00\x00@\x85\x81.", "", "4611686018427387904"),
        (b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05MyInt\x93\x8a\x08\x00\x00\x00\x00\x00\x00\x00@\x85\x81.", "", "4611686018427387904"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyFloat\nc__builtin__\nfloat\nF0.5\ntR.", "", "0.5"),
        (b"\x80\x03cshapes\nMyFloat\nG?\xe0\x00\x00\x00\x00\x00\x00\x85\x81.", "", "0.5"),
        (b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x07MyFloat\x93G?\xe0\x00\x00\x00\x00\x00\x00\x85\x81.", "", "0.5"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyBytes\nc__builtin__\nbytes\nc_codecs\nencode\n(V\xe9\nVlatin1\ntRtR.", "", "[233]"),
        (b"\x80\x03cshapes\nMyBytes\nC\x01\xe9\x85\x81.", "", "[233]"),
        (b"\x80\x04\x95\x18\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x07MyBytes\x93C\x01\xe9\x85\x81.", "", "[233]"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyTuple\nc__builtin__\ntuple\n(I1\nI2\nttR.", "", "[1, 2]"),
        (b"\x80\x03cshapes\nMyTuple\nK\x01K\x02\x86\x85\x81.", "", "[1, 2]"),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x07MyTuple\x93K\x01K\x02\x86\x85\x81.", "", "[1, 2]"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nMyComplex\nc__builtin__\ncomplex\np0\ng0\n(F1.0\nF2.0\ntRtR.", "", "[1.0, 2.0]"),
        (b"\x80\x03cshapes\nMyComplex\nG?\xf0\x00\x00\x00\x00\x00\x00G@\x00\x00\x00\x00\x00\x00\x00\x86\x81.", "", "[1.0, 2.0]"),
        (b"\x80\x04\x95)\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x09MyComplex\x93G?\xf0\x00\x00\x00\x00\x00\x00G@\x00\x00\x00\x00\x00\x00\x00\x86\x81.", "", "[1.0, 2.0]"),
        (b"cshapes\nMyOrderedDict\n(tRVa\nI1\ns.", "", r#"{"a": 1}"#),
        (b"\x80\x03cshapes\nMyOrderedDict\n)RX\x01\x00\x00\x00aK\x01s.", "", r#"{"a": 1}"#),
        (b"\x80\x04\x95!\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x0dMyOrderedDict\x93)R\x8c\x01aK\x01s.", "", r#"{"a": 1}"#),
        (b"cshapes\nColour\n(I1\ntR.", "", "1"),
        (b"\x80\x03cshapes\nColour\nK\x01\x85R.", "", "1"),
        (b"\x80\x04\x95\x16\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06Colour\x93K\x01\x85R.", "", "1"),
        (b"cshapes\nColour\n(Vgreen\ntR.", "", r#""green""#),
        (b"\x80\x03cshapes\nColour\nX\x05\x00\x00\x00green\x85R.", "", r#""green""#),
        (b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06Colour\x93\x8c\x05green\x85R.", "", r#""green""#),
        (b"cshapes\nColour\n((I1\nVgreen\nttR.", "", r#"[1, "green"]"#),
        (b"\x80\x03cshapes\nColour\nK\x01X\x05\x00\x00\x00green\x86\x85R.", "", r#"[1, "green"]"#),
        (b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06Colour\x93K\x01\x8c\x05green\x86\x85R.", "", r#"[1, "green"]"#),
        (b"cshapes\nLevel\n(I3\ntR.", "", "3"),
        (b"\x80\x03cshapes\nLevel\nK\x03\x85R.", "", "3"),
        (b"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05Level\x93K\x03\x85R.", "", "3"),
        (b"cshapes\nWord\n(Vyes\ntR.", "", r#""yes""#),
        (b"\x80\x03cshapes\nWord\nX\x03\x00\x00\x00yes\x85R.", "", r#""yes""#),
        (b"\x80\x04\x95\x17\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x04Word\x93\x8c\x03yes\x85R.", "", r#""yes""#),
        (b"cshapes\nRight\n(I3\ntR.", "", "3"),
        (b"\x80\x03cshapes\nRight\nK\x03\x85R.", "", "3"),
        (b"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x05Right\x93K\x03\x85R.", "", "3"),
        (b"ccopy_reg\n_reconstructor\n(cshapes\nListed\nc__builtin__\nobject\nNtR(lVa\naF1.5\nab.", "", r#"["a", 1.5]"#),
        (b"\x80\x03cshapes\nListed\n)\x81](X\x01\x00\x00\x00aG?\xf8\x00\x00\x00\x00\x00\x00eb.", "", r#"["a", 1.5]"#),
        (b"\x80\x04\x95$\x00\x00\x00\x00\x00\x00\x00\x8c\x06shapes\x8c\x06Listed\x93)\x81](\x8c\x01aG?\xf8\x00\x00\x00\x00\x00\x00eb.", "", r#"["a", 1.5]"#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
