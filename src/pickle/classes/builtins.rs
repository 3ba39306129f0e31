//! Python's built-in types: sets, sequences, bytes, complex numbers, ranges and slices, and the
//! names of all the others.

use std::borrow::Cow;

use super::call::{Call, float, integer_text, text};
use super::{
    Class, Grows, Meaning, Module, NameKind, Piece, Printed, codecs, find_module, is_sequence,
};
use crate::pickle::graph::items::Items;
use crate::pickle::graph::unique::unique_items;
use crate::pickle::graph::{Graph, Kind, NONE, Node};
use crate::python::quote::{Name, write_complex};

pub(super) static MODULES: &[Module] = &[Module {
    name: "builtins",
    classes: &[
        Class::new("set").means(sequence).prints(set).grows(Grows::ByItems).unhashable(),
        Class::new("frozenset").means(sequence).prints(frozenset).grows(Grows::ByItems),
        Class::new("list").means(sequence).unhashable(),
        Class::new("tuple").means(sequence),
        Class::new("bytes").means(bytes).prints(printed_bytes),
        Class::new("bytearray").means(bytearray).prints(printed_bytearray).unhashable(),
        Class::new("complex").means(complex).prints(printed_complex),
        Class::new("range").prints(printed_range),
        Class::new("slice").prints(printed_slice),
        Class::new("type").prints(printed_type),
        Class {
            kind: NameKind::Function,
            ..Class::new("getattr").means(member).prints(printed_member)
        },
    ],
    names: &[
        (NameKind::Type, TYPES),
        (NameKind::Function, FUNCTIONS),
        (NameKind::Constant, &["Ellipsis", "NotImplemented"]),
    ],
}];

#[rustfmt::skip]
const TYPES: &[&str] = &[
    "BaseException", "Exception", "ArithmeticError", "AttributeError", "ImportError", "IndexError",
    "KeyError", "NameError", "OSError", "RuntimeError", "StopIteration", "TypeError", "ValueError",
    "ZeroDivisionError", "bool", "classmethod", "dict", "enumerate", "filter", "float", "int",
    "map", "memoryview", "object", "property", "reversed", "staticmethod", "str", "super", "zip",
];

#[rustfmt::skip]
const FUNCTIONS: &[&str] = &[
    "abs", "all", "any", "ascii", "bin", "breakpoint", "callable", "chr", "compile", "delattr",
    "dir", "divmod", "eval", "exec", "format", "globals", "hasattr", "hash", "hex", "id",
    "input", "isinstance", "issubclass", "iter", "len", "locals", "max", "min", "next", "oct",
    "open", "ord", "pow", "print", "repr", "round", "setattr", "sorted", "sum", "vars",
];

/// The items that an object of these types is made of and those that were added.
pub(super) fn members<'g>(call: &Call<'g>) -> Option<[Items<'g>; 2]> {
    let start = match call.arguments().first() {
        Some(node) if is_sequence(node.kind) => call.graph.items(*node),
        Some(_) => return None,
        None => call.graph.no_items(),
    };
    Some([start, call.added_items()])
}

pub(super) fn sequence<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    members(call).map(Meaning::Sequence)
}

fn set<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let members = members(call).filter(|_| call.arguments().len() < 2)?;
    Some(printed_set(call.graph, false, members))
}

fn frozenset<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let members = members(call).filter(|_| call.arguments().len() < 2)?;
    Some(printed_set(call.graph, true, members))
}

/// A set of these members and those that were added.
pub(crate) fn printed_set<'g>(
    graph: &'g Graph<'_>,
    frozen: bool,
    [first, second]: [Items<'g>; 2],
) -> Printed<'g> {
    let (open, closed, end, empty) = match frozen {
        false => ("{", "set(...)", "}", "set()"),
        true => ("frozenset({", "frozenset(...)", "})", "frozenset()"),
    };
    if first.clone().next().is_none() && second.clone().next().is_none() {
        return Printed::Whole(Piece::Literal(empty));
    }
    let members = Piece::items_of(move || {
        let mut members = unique_items(graph, first);
        members.found.extend(second);
        members
    });
    Printed::Holder { closed, pieces: vec![Piece::Literal(open), members, Piece::Literal(end)] }
}

/// No bytes: in protocols 0 to 2, which have no other way to write them.
fn no_bytes<'g>(call: &Call<'g>) -> Option<Cow<'g, [u8]>> {
    call.arguments().is_empty().then_some(Cow::Borrowed(&[]))
}

fn bytes<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    no_bytes(call).map(Meaning::Bytes)
}

fn printed_bytes<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    no_bytes(call).map(|bytes| Printed::Whole(Piece::Bytes(bytes)))
}

/// What a `bytearray` holds: made of bytes, or of text whose characters stand for them.
fn array<'g>(call: &Call<'g>) -> Option<Cow<'g, [u8]>> {
    match call.arguments() {
        [] => Some(Cow::Borrowed(&[])),
        [data, ..] => {
            codecs::bytes(call.graph, *data).or_else(|| codecs::latin_1(call.graph, *data))
        }
    }
}

/// What bytes or a bytearray hold, however a protocol writes them.
pub(crate) fn bytes_of<'g>(graph: &'g Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    codecs::bytes(graph, node).or_else(|| {
        let call = Call::of(graph, node, "builtins", "bytearray")?;
        call.arguments_are_known().then(|| array(&call)).flatten()
    })
}

fn bytearray<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    array(call).map(Meaning::Bytes)
}

fn printed_bytearray<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    array(call).map(|bytes| Printed::Whole(Piece::ByteArray(bytes)))
}

fn parts_of_complex(call: &Call<'_>) -> Option<(f64, f64)> {
    match call.arguments() {
        [real, imaginary] => Some((float(call.graph, *real)?, float(call.graph, *imaginary)?)),
        _ => None,
    }
}

fn complex<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    parts_of_complex(call).map(|(real, imaginary)| Meaning::Complex(real, imaginary))
}

fn printed_complex<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let (real, imaginary) = parts_of_complex(call)?;
    let mut text = String::new();
    write_complex(&mut text, real, imaginary).ok()?;
    Some(Printed::Whole(Piece::Text(text)))
}

fn printed_range<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [start, stop, step] = call.arguments() else { return None };
    let part = |node: &_| integer_text(call.graph, *node);
    let (start, stop, step) = (part(start)?, part(stop)?, part(step)?);
    let text = match &*step {
        // Python makes none.
        "0" => return None,
        "1" => format!("range({start}, {stop})"),
        _ => format!("range({start}, {stop}, {step})"),
    };
    Some(Printed::Whole(Piece::Text(text)))
}

/// `getattr(class, name)`: how protocols before 4 write what a class has under a name, and some
/// versions of Python the members of an enumeration.
fn member<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let [_, name] = call.arguments() else { return None };
    (name.kind == Kind::Text).then(|| call.index(1).map(Meaning::Member)).flatten()
}

fn printed_member<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [_, attribute] = call.arguments() else { return None };
    let (module, name) = call.graph.global(call.index(0)?)?;
    let class = call.graph.object(call.graph.node(call.index(0)?))?;
    let attribute = text(call.graph, *attribute)?;
    // Of what is known here Python prints more than the name.
    let plain = find_module(&module).is_none() && class.first == NONE;
    plain.then(|| {
        let (module, name, attribute) = (Name(&module), Name(&name), Name(&attribute));
        Printed::Whole(Piece::Text(format!("{module}.{name}.{attribute}")))
    })
}

fn printed_slice<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [_, _, _] = call.arguments() else { return None };
    let parts = Piece::items(call.all_arguments());
    let pieces = vec![Piece::Literal("slice("), parts, Piece::Literal(")")];
    Some(Printed::Holder { closed: "slice(...)", pieces })
}

/// A type that no module has under its name: it is pickled as the type of its only object.
fn printed_type<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    match call.arguments() {
        [only] if only.kind == Kind::None => {
            Some(Printed::Whole(Piece::Literal("<class 'NoneType'>")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py builtins`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"c__builtin__\nset\n((ltR.", "set()", "[]"),
        (b"\x80\x03cbuiltins\nset\n]\x85R.", "set()", "[]"),
        (b"\x80\x04\x8f.", "set()", "[]"),
        (b"c__builtin__\nset\n((lI1\natR.", "{1}", "[1]"),
        (b"\x80\x03cbuiltins\nset\n]K\x01a\x85R.", "{1}", "[1]"),
        (b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00\x8f(K\x01\x90.", "{1}", "[1]"),
        (b"c__builtin__\nfrozenset\n((ltR.", "frozenset()", "[]"),
        (b"\x80\x03cbuiltins\nfrozenset\n]\x85R.", "frozenset()", "[]"),
        (b"\x80\x04(\x91.", "frozenset()", "[]"),
        (b"c__builtin__\nfrozenset\n((lVa\natR.", "frozenset({'a'})", r#"["a"]"#),
        (b"\x80\x03cbuiltins\nfrozenset\n]X\x01\x00\x00\x00aa\x85R.", "frozenset({'a'})", r#"["a"]"#),
        (b"\x80\x04\x95\x06\x00\x00\x00\x00\x00\x00\x00(\x8c\x01a\x91.", "frozenset({'a'})", r#"["a"]"#),
        (b"c__builtin__\nbytes\n(tR.", "b''", "[]"),
        (b"\x80\x03C\x00.", "b''", "[]"),
        (b"\x80\x04C\x00.", "b''", "[]"),
        (b"c__builtin__\nbytearray\n(tR.", "bytearray(b'')", "[]"),
        (b"\x80\x03cbuiltins\nbytearray\n)R.", "bytearray(b'')", "[]"),
        (b"\x80\x04\x95\x19\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x09bytearray\x93)R.", "bytearray(b'')", "[]"),
        (b"c__builtin__\nbytearray\n(c_codecs\nencode\n(Vit's\xff\nVlatin1\ntRtR.", r#"bytearray(b"it\'s\xff")"#, "[105, 116, 39, 115, 255]"),
        (b"\x80\x03cbuiltins\nbytearray\nC\x05it's\xff\x85R.", r#"bytearray(b"it\'s\xff")"#, "[105, 116, 39, 115, 255]"),
        (b"\x80\x04\x95 \x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x09bytearray\x93C\x05it's\xff\x85R.", r#"bytearray(b"it\'s\xff")"#, "[105, 116, 39, 115, 255]"),
        (b"c__builtin__\ncomplex\n(F1.5\nF-2.0\ntR.", "(1.5-2j)", "[1.5, -2.0]"),
        (b"\x80\x03cbuiltins\ncomplex\nG?\xf8\x00\x00\x00\x00\x00\x00G\xc0\x00\x00\x00\x00\x00\x00\x00\x86R.", "(1.5-2j)", "[1.5, -2.0]"),
        (b"\x80\x04\x95)\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x07complex\x93G?\xf8\x00\x00\x00\x00\x00\x00G\xc0\x00\x00\x00\x00\x00\x00\x00\x86R.", "(1.5-2j)", "[1.5, -2.0]"),
        (b"c__builtin__\ncomplex\n(F0.0\nF1.0\ntR.", "1j", "[0.0, 1.0]"),
        (b"\x80\x03cbuiltins\ncomplex\nG\x00\x00\x00\x00\x00\x00\x00\x00G?\xf0\x00\x00\x00\x00\x00\x00\x86R.", "1j", "[0.0, 1.0]"),
        (b"\x80\x04\x95)\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x07complex\x93G\x00\x00\x00\x00\x00\x00\x00\x00G?\xf0\x00\x00\x00\x00\x00\x00\x86R.", "1j", "[0.0, 1.0]"),
        (b"c__builtin__\nxrange\n(I0\nI3\nI1\ntR.", "range(0, 3)", ""),
        (b"\x80\x03cbuiltins\nrange\nK\x00K\x03K\x01\x87R.", "range(0, 3)", ""),
        (b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x05range\x93K\x00K\x03K\x01\x87R.", "range(0, 3)", ""),
        (b"c__builtin__\nxrange\n(I1\nI-10\nI-2\ntR.", "range(1, -10, -2)", ""),
        (b"\x80\x03cbuiltins\nrange\nK\x01J\xf6\xff\xff\xffJ\xfe\xff\xff\xff\x87R.", "range(1, -10, -2)", ""),
        (b"\x80\x04\x95!\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x05range\x93K\x01J\xf6\xff\xff\xffJ\xfe\xff\xff\xff\x87R.", "range(1, -10, -2)", ""),
        (b"c__builtin__\nslice\n(I1\nNI2\ntR.", "slice(1, None, 2)", ""),
        (b"\x80\x03cbuiltins\nslice\nK\x01NK\x02\x87R.", "slice(1, None, 2)", ""),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x05slice\x93K\x01NK\x02\x87R.", "slice(1, None, 2)", ""),
        (b"c__builtin__\ntype\n(NtR.", "<class 'NoneType'>", ""),
        (b"\x80\x03cbuiltins\ntype\nN\x85R.", "<class 'NoneType'>", ""),
        (b"\x80\x04\x95\x15\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x04type\x93N\x85R.", "<class 'NoneType'>", ""),
        (b"c__builtin__\nlong\n.", "<class 'int'>", ""),
        (b"\x80\x03cbuiltins\nint\n.", "<class 'int'>", ""),
        (b"\x80\x04\x95\x11\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x03int\x93.", "<class 'int'>", ""),
        (b"c__builtin__\nlen\n.", "<built-in function len>", ""),
        (b"\x80\x03cbuiltins\nlen\n.", "<built-in function len>", ""),
        (b"\x80\x04\x95\x11\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x03len\x93.", "<built-in function len>", ""),
        (b"c__builtin__\nEllipsis\n.", "Ellipsis", ""),
        (b"\x80\x03cbuiltins\nEllipsis\n.", "Ellipsis", ""),
        (b"\x80\x04\x95\x16\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x08Ellipsis\x93.", "Ellipsis", ""),
        (b"c__builtin__\nNotImplemented\n.", "NotImplemented", ""),
        (b"\x80\x03cbuiltins\nNotImplemented\n.", "NotImplemented", ""),
        (b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x0eNotImplemented\x93.", "NotImplemented", ""),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
