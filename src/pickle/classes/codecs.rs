//! Bytes as protocols 0 to 2 write them: text whose characters stand for bytes, and a call that
//! encodes it.

use std::borrow::Cow;

use super::call::{Call, text};
use super::{Class, LONGEST_NAME, Meaning, Module, Piece, Printed};
use crate::pickle::graph::{Graph, Kind, Node};

pub(super) static MODULES: &[Module] = &[Module {
    name: "_codecs",
    classes: &[Class::function("encode").means(encoded).prints(printed_encoded)],
    names: &[],
}];

fn encode<'g>(call: &Call<'g>) -> Option<Cow<'g, [u8]>> {
    call.arguments().first().and_then(|text| latin_1(call.graph, *text))
}

fn encoded<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    encode(call).map(Meaning::Bytes)
}

fn printed_encoded<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    encode(call).map(|bytes| Printed::Whole(Piece::Bytes(bytes)))
}

/// Bytes, also where an older protocol wrote them as a call.
pub(super) fn bytes<'g>(graph: &'g Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    match node.kind {
        Kind::Bytes | Kind::ByteArray | Kind::String | Kind::RawBytes => Some(graph.bytes(node)),
        Kind::Object => match Call::of(graph, node, "_codecs", "encode") {
            Some(call) => encode(&call),
            None => {
                let call = Call::of(graph, node, "builtins", "bytes")?;
                call.arguments().is_empty().then_some(Cow::Borrowed(&[]))
            }
        },
        _ => None,
    }
}

/// Whether it is bytes as an older protocol wrote them; they are not looked at.
pub(super) fn is_call(graph: &Graph<'_>, node: Node) -> bool {
    graph.object(node).is_some_and(|object| graph.weight(object.callee) <= LONGEST_NAME)
        && (Call::of(graph, node, "_codecs", "encode").is_some()
            || Call::of(graph, node, "builtins", "bytes").is_some())
}

/// Each character, in UTF-8 of one or two bytes, as the byte that it stands for; nothing if there are
/// others.
fn bytes_of_latin_1(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    loop {
        match *rest {
            // Most of an array is one or the other for long stretches.
            [a @ ..0x80, b @ ..0x80, ref behind @ ..] => {
                bytes.extend_from_slice(&[a, b]);
                rest = behind;
            }
            [a @ ..0x80, ref behind @ ..] => {
                bytes.push(a);
                rest = behind;
            }
            [a @ (0xc2 | 0xc3), b, ref behind @ ..] => {
                bytes.push(a << 6 | b & 0x3f);
                rest = behind;
            }
            [] => return Some(bytes),
            _ => return None,
        }
    }
}

/// Text whose characters stand for bytes.
pub(super) fn latin_1<'g>(graph: &Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    if let Some(text) = graph.short_text(node).filter(|_| node.kind == Kind::Text) {
        return bytes_of_latin_1(text.as_bytes()).map(Cow::Owned);
    }
    bytes_of_latin_1(text(graph, node)?.as_bytes()).map(Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py codecs`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"c_codecs\nencode\n(V\xe9a\nVlatin1\ntR.", r#"b'\xe9a'"#, "[233, 97]"),
        (b"\x80\x03C\x02\xe9a.", r#"b'\xe9a'"#, "[233, 97]"),
        (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00C\x02\xe9a.", r#"b'\xe9a'"#, "[233, 97]"),
        (b"c_codecs\nencode\n(Vit's\nVlatin1\ntR.", r#"b"it's""#, "[105, 116, 39, 115]"),
        (b"\x80\x03C\x04it's.", r#"b"it's""#, "[105, 116, 39, 115]"),
        (b"\x80\x04\x95\x07\x00\x00\x00\x00\x00\x00\x00C\x04it's.", r#"b"it's""#, "[105, 116, 39, 115]"),
        (b"c_codecs\nencode\n(Vboth ' and \"\\u000a\nVlatin1\ntR.", r#"b'both \' and "\n'"#, "[98, 111, 116, 104, 32, 39, 32, 97, 110, 100, 32, 34, 10]"),
        (b"\x80\x03C\x0dboth ' and \"\n.", r#"b'both \' and "\n'"#, "[98, 111, 116, 104, 32, 39, 32, 97, 110, 100, 32, 34, 10]"),
        (b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00C\x0dboth ' and \"\n.", r#"b'both \' and "\n'"#, "[98, 111, 116, 104, 32, 39, 32, 97, 110, 100, 32, 34, 10]"),
        (b"c__builtin__\nbytearray\n(c_codecs\nencode\n(V\\u0000\x80\nVlatin1\ntRtR.", r#"bytearray(b'\x00\x80')"#, "[0, 128]"),
        (b"\x80\x03cbuiltins\nbytearray\nC\x02\x00\x80\x85R.", r#"bytearray(b'\x00\x80')"#, "[0, 128]"),
        (b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x8c\x09bytearray\x93C\x02\x00\x80\x85R.", r#"bytearray(b'\x00\x80')"#, "[0, 128]"),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
