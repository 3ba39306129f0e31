//! Bytes as protocols 0 to 2 write them: text whose characters stand for bytes, and a call that
//! encodes it.

use std::borrow::Cow;

use super::call::{Call, text};
use super::{Class, Meaning, Module, Piece, Printed};
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
    encode(call).map(|bytes| Printed::whole(Piece::Bytes(bytes)))
}

/// Bytes, also where an older protocol wrote them as a call.
pub(super) fn bytes<'g>(graph: &'g Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    match node.kind {
        Kind::Bytes | Kind::ByteArray | Kind::String => Some(graph.bytes(node)),
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

/// Text whose characters stand for bytes.
pub(super) fn latin_1<'g>(graph: &Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    text(graph, node)?
        .chars()
        .map(|it| u8::try_from(u32::from(it)).ok())
        .collect::<Option<Vec<u8>>>()
        .map(Cow::Owned)
}
