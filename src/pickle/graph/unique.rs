//! Equal keys of a dictionary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::items::Items;
use super::scalar::Str;
use super::{Graph, Kind};
use crate::pickle::format::number::Integer;

/// What is there once, and how much had to be looked at to find that out, in bytes of the pickle or
/// in objects.
pub(crate) struct Unique<T> {
    pub found: Vec<T>,
    pub work: u64,
}

impl<T> Unique<T> {
    /// Puts others behind these, which may be equal to some of them.
    pub fn extend(&mut self, others: Unique<T>) {
        self.found.extend(others.found);
        self.work += others.work;
    }
}

/// What it costs to look an object up in a table, beside the bytes of a text.
const LOOK_UP: u64 = 16;

/// The keys and values of a dictionary, each key once: as in Python the last value counts, in the
/// place of the first key.
pub(crate) fn unique_entries(graph: &Graph<'_>, mut items: Items<'_>) -> Unique<(u32, u32)> {
    unique_pairs(graph, std::iter::from_fn(|| items.next().zip(items.next())))
}

/// The same for keys and values in pairs.
pub(crate) fn unique_pairs(
    graph: &Graph<'_>,
    pairs: impl Iterator<Item = (u32, u32)>,
) -> Unique<(u32, u32)> {
    let pairs: Vec<(u32, u32)> = pairs.collect();
    if let Some(unique) = few_texts(graph, &pairs) {
        return unique;
    }
    let mut entries: Vec<(u32, u32)> = Vec::new();
    let mut places: HashMap<u32, usize> = HashMap::new();
    let mut identities = Identities::new(graph);
    for (key, value) in pairs {
        match places.entry(identities.of(key)) {
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
    Unique { found: entries, work: identities.work }
}

/// How many keys are compared each with each, and how long they are at the most: tables take longer to
/// make for the attributes of an object.
const FEW: usize = 40;
const SHORT: usize = 64;

/// Keys and values of which the keys are a few short texts; nothing for others.
fn few_texts(graph: &Graph<'_>, pairs: &[(u32, u32)]) -> Option<Unique<(u32, u32)>> {
    if pairs.len() > FEW {
        return None;
    }
    let mut unique: Unique<(u32, u32)> = Unique { found: Vec::with_capacity(pairs.len()), work: 0 };
    let mut texts: Vec<&str> = Vec::with_capacity(pairs.len());
    for &(key, value) in pairs {
        let node = graph.node(key);
        let text = (node.kind == Kind::Text && graph.weight(key) <= SHORT as u64)
            .then(|| graph.short_text(node))??;
        unique.work += 2 * LOOK_UP + text.len() as u64;
        let place = texts.iter().position(|known| *known == text);
        match place.and_then(|place| unique.found.get_mut(place)) {
            Some(entry) => entry.1 = value,
            None => {
                texts.push(text);
                unique.found.push((key, value));
            }
        }
    }
    Some(unique)
}

/// The members of a set, each once.
pub(crate) fn unique_items(graph: &Graph<'_>, items: Items<'_>) -> Unique<u32> {
    let mut seen = HashMap::new();
    let mut identities = Identities::new(graph);
    let found = items.filter(|&item| seen.insert(identities.of(item), ()).is_none()).collect();
    Unique { found, work: identities.work }
}

/// A number for each key, the same for keys that are equal in Python: that of the first of them.
/// Each object is looked at once, however often it is a key or a part of one.
struct Identities<'g> {
    graph: &'g Graph<'g>,
    /// By object.
    known: HashMap<u32, u32>,
    /// By value: text, bytes, numbers, and tuples of them.
    scalars: HashMap<Scalar<'g>, u32>,
    tuples: HashMap<Vec<u32>, u32>,
    work: u64,
}

/// The same for scalars that Python holds equal.
#[derive(PartialEq, Eq, Hash)]
enum Scalar<'g> {
    None,
    /// 1, 1.0 and True are one key. Beyond 2⁶³ a float is told from an equal integer: harmless.
    Int(i64),
    BigInt(Vec<u8>),
    Float(u64),
    Text(Cow<'g, [u8]>),
    Bytes(Cow<'g, [u8]>),
}

impl<'g> Identities<'g> {
    fn new(graph: &'g Graph<'_>) -> Identities<'g> {
        Identities {
            graph,
            known: HashMap::new(),
            scalars: HashMap::new(),
            tuples: HashMap::new(),
            work: 0,
        }
    }

    fn of(&mut self, index: u32) -> u32 {
        self.work += LOOK_UP;
        if let Some(&identity) = self.known.get(&index) {
            return identity;
        }
        let node = self.graph.node(index);
        let identity = match node.kind {
            Kind::EmptyTuple | Kind::Tuple => {
                let items = self.graph.items(node);
                let items: Option<Vec<u32>> = items.map(|item| self.of_scalar(item)).collect();
                items.map_or(index, |items| *self.tuples.entry(items).or_insert(index))
            }
            _ => self.of_scalar(index).unwrap_or(index),
        };
        self.known.insert(index, identity);
        identity
    }

    /// Nothing for what is equal to itself only.
    fn of_scalar(&mut self, index: u32) -> Option<u32> {
        self.work += LOOK_UP;
        if let Some(&identity) = self.known.get(&index) {
            return Some(identity);
        }
        let scalar = self.scalar(index)?;
        self.work += self.graph.weight(index);
        let identity = *self.scalars.entry(scalar).or_insert(index);
        self.known.insert(index, identity);
        Some(identity)
    }

    fn scalar(&self, index: u32) -> Option<Scalar<'g>> {
        let (graph, node) = (self.graph, self.graph.node(index));
        Some(match node.kind {
            Kind::None => Scalar::None,
            Kind::False => Scalar::Int(0),
            Kind::True => Scalar::Int(1),
            Kind::Int => match graph.integer(node) {
                Integer::Small(small) => Scalar::Int(small),
                big => Scalar::BigInt(big.to_bytes()),
            },
            Kind::Float => {
                let number = graph.float(node);
                if number.fract() == 0.0 && number.abs() < 9.2e18 {
                    Scalar::Int(number as i64)
                } else if number.is_nan() {
                    return None;
                } else {
                    Scalar::Float(number.to_bits())
                }
            }
            Kind::Text => Scalar::Text(graph.text(node).into_bytes()),
            Kind::String => match graph.string(node) {
                Str::Text(Cow::Borrowed(text)) => Scalar::Text(Cow::Borrowed(text.as_bytes())),
                Str::Text(Cow::Owned(text)) => Scalar::Text(Cow::Owned(text.into_bytes())),
                Str::Bytes(bytes) => Scalar::Bytes(bytes),
            },
            Kind::Bytes | Kind::RawBytes => Scalar::Bytes(graph.bytes(node)),
            _ => return None,
        })
    }
}
