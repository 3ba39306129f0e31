//! Equal keys of a dictionary.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::items::Items;
use super::{Graph, Kind};
use crate::pickle::format::number::Integer;

/// The keys and values of a dictionary, each key once: as in Python the last value counts, in the
/// place of the first key.
pub(crate) fn unique_entries(graph: &Graph<'_>, mut items: Items<'_>) -> Vec<(u32, u32)> {
    let mut entries: Vec<(u32, u32)> = Vec::new();
    let mut places: HashMap<Identity, usize> = HashMap::new();
    while let Some((key, value)) = items.next().zip(items.next()) {
        match places.entry(identity(graph, key)) {
            Entry::Occupied(place) => {
                if let Some(entry) = entries.get_mut(*place.get()) {
                    entry.1 = value;
                }
            }
            Entry::Vacant(place) => {
                place.insert(entries.len());
                entries.push((key, value));
            }
        }
    }
    entries
}

/// The members of a set, each once.
pub(crate) fn unique_items(graph: &Graph<'_>, items: Items<'_>) -> Vec<u32> {
    let mut seen = HashMap::new();
    items.filter(|&item| seen.insert(identity(graph, item), ()).is_none()).collect()
}

/// Equal for keys that are equal in Python.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// By value: text, bytes, numbers, and tuples of them.
    Equal(Vec<u8>),
    /// By the object itself.
    Same(u32),
}

fn identity(graph: &Graph<'_>, index: u32) -> Identity {
    let mut bytes = Vec::new();
    let node = graph.node(index);
    let told = match node.kind {
        Kind::EmptyTuple | Kind::Tuple => {
            bytes.push(b't');
            graph.items(node).all(|item| write_scalar(graph, item, &mut bytes))
        }
        _ => write_scalar(graph, index, &mut bytes),
    };
    if told { Identity::Equal(bytes) } else { Identity::Same(index) }
}

/// Writes the same bytes for scalars that Python holds equal, or returns `false`.
fn write_scalar(graph: &Graph<'_>, index: u32, bytes: &mut Vec<u8>) -> bool {
    let node = graph.node(index);
    let mut counted = |tag: u8, content: &[u8]| {
        bytes.push(tag);
        bytes.extend_from_slice(&content.len().to_le_bytes());
        bytes.extend_from_slice(content);
        true
    };
    match node.kind {
        Kind::None => counted(b'N', &[]),
        Kind::False => counted(b'i', &[]),
        Kind::True => counted(b'i', &[1]),
        Kind::Int => counted(b'i', &graph.integer(node).to_bytes()),
        Kind::Float => {
            let number = graph.float(node);
            // 1.0 and 1 are one key. Beyond 2⁶³ a float is told from an equal integer: harmless.
            if number.fract() == 0.0 && number.abs() < 9.2e18 {
                counted(b'i', &Integer::Small(number as i64).to_bytes())
            } else if number.is_nan() {
                false
            } else {
                counted(b'f', &number.to_le_bytes())
            }
        }
        Kind::Text => counted(b's', graph.text(node).as_bytes()),
        Kind::String => counted(b's', &graph.bytes(node)),
        Kind::Bytes => counted(b'b', &graph.bytes(node)),
        _ => false,
    }
}
