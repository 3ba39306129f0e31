//! What well-known classes of Python mean as data.
//!
//! A pickle holds an `OrderedDict`, a `datetime` or a complex number as a call. For the classes
//! here the result of that call is known, so that it can be read as data without calling anything.

use std::borrow::Cow;

use super::moment::Moment;
use crate::pickle::format::number::Integer;
use crate::pickle::format::text::Text;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Kind, Node, Object, Origin};

/// An object as data.
pub(crate) enum Meaning<'g> {
    Bytes(Cow<'g, [u8]>),
    Text(String),
    /// Real and imaginary part.
    Complex(f64, f64),
    /// Seconds.
    Duration(f64),
    Sequence([Items<'g>; 2]),
    Mapping(Entries<'g>),
}

/// Keys and values.
pub(crate) struct Entries<'g> {
    /// Items that are a key and a value each.
    listed: Items<'g>,
    /// Keys and values in turn.
    turns: [Items<'g>; 2],
}

impl<'g> Entries<'g> {
    pub fn of_dict(graph: &'g Graph<'_>, dict: Node) -> Entries<'g> {
        let none = graph.no_items();
        Entries { listed: none.clone(), turns: [graph.items(dict), none] }
    }

    pub fn length(&self) -> usize {
        self.turns.iter().map(|items| items.length() / 2).sum()
    }

    /// The next key and value; an item that is none is an error.
    #[inline]
    pub fn next(&mut self, graph: &'g Graph<'_>) -> Option<(u32, u32)> {
        for items in &mut self.turns {
            if let Some(key) = items.next() {
                // The machine takes keys and values only in twos.
                return items.next().map(|value| (key, value));
            }
        }
        let mut pair = graph.items(graph.node(self.listed.next()?));
        pair.next().zip(pair.next())
    }
}

/// What the object means, or nothing if only Python can tell.
pub(crate) fn meaning<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<Meaning<'g>> {
    match object.origin {
        Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {}
        _ => return None,
    }
    let (module, name) = graph.global(object.callee)?;
    let arguments: Vec<Node> =
        graph.items(graph.node(object.arguments)).take(3).map(|index| graph.node(index)).collect();
    let first = arguments.first().copied();
    let added = |pairs| graph.added(object, pairs);
    let none = graph.no_items();
    if let Some(found) = class_data(graph, &module, &name, &arguments) {
        return Some(found);
    }
    match (&*module, &*name) {
        ("collections", "OrderedDict" | "defaultdict" | "Counter") => {
            let initial = match (&*name, first) {
                ("defaultdict", _) | (_, None) => None,
                (_, Some(node)) => Some(node),
            };
            let (listed, start) = match initial {
                Some(node) if node.kind == Kind::Dict => (none, graph.items(node)),
                Some(node) if node.kind == Kind::List => (graph.items(node), none),
                Some(_) => return None,
                None => (none.clone(), none),
            };
            Some(Meaning::Mapping(Entries { listed, turns: [start, added(true)] }))
        }
        ("collections", "deque") | ("builtins", "set" | "frozenset" | "list" | "tuple") => {
            let start = match first {
                Some(node) if is_sequence(node.kind) => graph.items(node),
                Some(_) => return None,
                None => none,
            };
            Some(Meaning::Sequence([start, added(false)]))
        }
        ("copyreg", "_reconstructor") if object.origin == Origin::Reduce => {
            // The second argument is the class whose data the third one is.
            let base = graph.items(graph.node(object.arguments)).nth(1)?;
            let (_, base) = graph.global(base)?;
            let data = arguments.get(2).copied()?;
            match &*base {
                "object" => Some(instance(graph, object)),
                "dict" if data.kind == Kind::Dict => Some(Meaning::Mapping(Entries {
                    listed: none,
                    turns: [graph.items(data), added(true)],
                })),
                "list" | "tuple" | "set" | "frozenset" if is_sequence(data.kind) => {
                    Some(Meaning::Sequence([graph.items(data), added(false)]))
                }
                _ => None,
            }
        }
        _ if object.origin == Origin::Reduce => None,
        _ if added(true).next().is_some() => {
            Some(Meaning::Mapping(Entries { listed: none.clone(), turns: [none, added(true)] }))
        }
        _ if added(false).next().is_some() => Some(Meaning::Sequence([none, added(false)])),
        // A named tuple.
        _ if first.is_some() && graph.state(object).is_none() => {
            Some(Meaning::Sequence([graph.items(graph.node(object.arguments)), none]))
        }
        _ => Some(instance(graph, object)),
    }
}

pub(crate) fn is_sequence(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::EmptyTuple
            | Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Set
            | Kind::FrozenSet
    )
}

/// The attributes of an instance: its state, or the two dictionaries of a class with slots.
fn instance<'g>(graph: &'g Graph<'_>, object: &Object) -> Meaning<'g> {
    let none = graph.no_items();
    let mut turns = [none.clone(), none.clone()];
    if let Some(state) = graph.state(object) {
        let state = graph.node(state);
        match state.kind {
            Kind::Dict => turns = [graph.items(state), none.clone()],
            Kind::Tuple | Kind::UnhashableTuple => {
                for (to, index) in turns.iter_mut().zip(graph.items(state)) {
                    *to = graph.items(graph.node(index));
                    if graph.node(index).kind != Kind::Dict {
                        *to = none.clone();
                    }
                }
            }
            _ => {}
        }
    }
    Meaning::Mapping(Entries { listed: none, turns })
}

/// Classes whose arguments are all there is to know.
fn class_data<'g>(
    graph: &'g Graph<'_>,
    module: &str,
    name: &str,
    arguments: &[Node],
) -> Option<Meaning<'g>> {
    match (module, name, arguments) {
        ("_codecs", "encode", [text, ..]) => latin_1(graph, *text).map(Meaning::Bytes),
        ("builtins", "bytes" | "bytearray", []) => Some(Meaning::Bytes(Cow::Borrowed(&[]))),
        ("builtins", "bytearray", [data, ..]) => {
            bytes(graph, *data).or_else(|| latin_1(graph, *data)).map(Meaning::Bytes)
        }
        ("builtins", "complex", [real, imaginary]) => {
            Some(Meaning::Complex(float(graph, *real)?, float(graph, *imaginary)?))
        }
        ("decimal" | "_decimal", "Decimal", [text]) | ("fractions", "Fraction", [text]) => {
            plain_text(graph, *text).map(Meaning::Text)
        }
        ("fractions", "Fraction", [numerator, denominator])
            if numerator.kind == Kind::Int && denominator.kind == Kind::Int =>
        {
            let part = |node| graph.integer(node).to_text();
            Some(Meaning::Text(format!("{}/{}", part(*numerator), part(*denominator))))
        }
        ("datetime", "timedelta", _) => {
            let [days, seconds, microseconds] = timedelta(graph, arguments)?;
            let whole = days as f64 * 86_400.0 + seconds as f64;
            Some(Meaning::Duration(whole + microseconds as f64 / 1e6))
        }
        ("datetime", "date", [data]) => {
            Moment::date(&bytes(graph, *data)?).map(|moment| Meaning::Text(moment.iso(None)))
        }
        ("datetime", "time", [data, zone @ ..]) => {
            let moment = Moment::time(&bytes(graph, *data)?)?;
            Some(Meaning::Text(moment.iso(zone_offset(graph, zone)?)))
        }
        ("datetime", "datetime", [data, zone @ ..]) => {
            let moment = Moment::date_time(&bytes(graph, *data)?)?;
            Some(Meaning::Text(moment.iso(zone_offset(graph, zone)?)))
        }
        _ => None,
    }
}

/// Bytes, also where an older protocol wrote them as a call.
pub(crate) fn bytes<'g>(graph: &'g Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    match node.kind {
        Kind::Bytes | Kind::ByteArray | Kind::String => Some(graph.bytes(node)),
        Kind::Object => {
            let object = graph.object(node)?;
            let (module, name) = graph.global(object.callee)?;
            let mut arguments = graph.items(graph.node(object.arguments));
            match (&*module, &*name, arguments.next()) {
                ("_codecs", "encode", Some(text)) => latin_1(graph, graph.node(text)),
                ("builtins", "bytes", None) => Some(Cow::Borrowed(&[])),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Text whose characters stand for bytes.
pub(crate) fn latin_1<'g>(graph: &Graph<'_>, node: Node) -> Option<Cow<'g, [u8]>> {
    let text = plain_text(graph, node)?;
    text.chars()
        .map(|it| u8::try_from(u32::from(it)).ok())
        .collect::<Option<Vec<u8>>>()
        .map(Cow::Owned)
}

pub(crate) fn plain_text(graph: &Graph<'_>, node: Node) -> Option<String> {
    match node.kind {
        Kind::Text => match graph.text(node) {
            Text::Utf8(text) => Some(text.into_owned()),
            Text::Surrogates(_) => None,
        },
        Kind::String => String::from_utf8(graph.bytes(node).into_owned()).ok(),
        _ => None,
    }
}

pub(crate) fn float(graph: &Graph<'_>, node: Node) -> Option<f64> {
    match node.kind {
        Kind::Float => Some(graph.float(node)),
        Kind::Int => match graph.integer(node) {
            Integer::Small(small) => Some(small as f64),
            Integer::Big(_) => None,
        },
        _ => None,
    }
}

pub(crate) fn small_integer(graph: &Graph<'_>, node: Node) -> Option<i64> {
    match (node.kind, graph.integer(node)) {
        (Kind::Int, Integer::Small(small)) => Some(small),
        _ => None,
    }
}

/// Days, seconds and microseconds.
pub(crate) fn timedelta(graph: &Graph<'_>, arguments: &[Node]) -> Option<[i64; 3]> {
    let [days, seconds, microseconds] = arguments else { return None };
    Some([
        small_integer(graph, *days)?,
        small_integer(graph, *seconds)?,
        small_integer(graph, *microseconds)?,
    ])
}

/// The offset from UTC in seconds, of a `datetime.timezone`; none if there is no zone. Nothing at
/// all for a zone of another class.
pub(crate) fn zone_offset(graph: &Graph<'_>, zone: &[Node]) -> Option<Option<i64>> {
    let Some(&zone) = zone.first() else { return Some(None) };
    if zone.kind == Kind::None {
        return Some(None);
    }
    let object = graph.object(zone)?;
    let (module, name) = graph.global(object.callee)?;
    let delta = graph.items(graph.node(object.arguments)).next()?;
    let delta = graph.object(graph.node(delta))?;
    let (delta_module, delta_name) = graph.global(delta.callee)?;
    if (&*module, &*name) != ("datetime", "timezone")
        || (&*delta_module, &*delta_name) != ("datetime", "timedelta")
    {
        return None;
    }
    let parts: Vec<Node> =
        graph.items(graph.node(delta.arguments)).take(4).map(|index| graph.node(index)).collect();
    let [days, seconds, _] = timedelta(graph, &parts)?;
    days.checked_mul(86_400)?.checked_add(seconds).map(Some)
}
