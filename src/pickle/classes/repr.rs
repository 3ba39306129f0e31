//! How objects of well-known classes print in Python.

use std::borrow::Cow;

use super::meaning::{bytes, float, is_sequence, latin_1, plain_text, timedelta};
use super::moment::Moment;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::unique::unique_entries;
use crate::pickle::graph::{Graph, Kind, Node, Object, Origin, Part};
use crate::python::quote::write_text;

/// The types among Python's built-in names.
#[rustfmt::skip]
pub(crate) const BUILTIN_TYPES: &[&str] = &[
    "BaseException", "Exception", "ArithmeticError", "AttributeError", "ImportError", "IndexError",
    "KeyError", "NameError", "OSError", "RuntimeError", "StopIteration", "TypeError", "ValueError",
    "ZeroDivisionError", "bool", "bytearray", "bytes", "classmethod", "complex", "dict",
    "enumerate", "filter", "float", "frozenset", "int", "list", "map", "memoryview", "object",
    "property", "range", "reversed", "set", "slice", "staticmethod", "str", "super", "tuple",
    "type", "zip",
];

/// The functions among Python's built-in names.
#[rustfmt::skip]
pub(crate) const BUILTIN_FUNCTIONS: &[&str] = &[
    "abs", "all", "any", "ascii", "bin", "breakpoint", "callable", "chr", "compile", "delattr",
    "dir", "divmod", "eval", "exec", "format", "getattr", "globals", "hasattr", "hash", "hex", "id",
    "input", "isinstance", "issubclass", "iter", "len", "locals", "max", "min", "next", "oct",
    "open", "ord", "pow", "print", "repr", "round", "setattr", "sorted", "sum", "vars",
];

/// What Python calls by its name alone.
pub(crate) const BUILTIN_CONSTANTS: &[&str] = &["Ellipsis", "NotImplemented"];

/// Whether a name of one of the modules that are known here is a class.
pub(crate) fn is_class(module: &str, name: &str) -> bool {
    matches!(
        (module, name),
        ("collections", "OrderedDict" | "defaultdict" | "Counter" | "deque" | "ChainMap")
            | ("datetime", "datetime" | "date" | "time" | "timedelta" | "timezone" | "tzinfo")
            | ("decimal", "Decimal")
            | ("fractions", "Fraction")
            | ("uuid", "UUID")
    )
}

/// An object of a class whose `repr` is known.
pub(crate) enum Known<'g> {
    Bytes(Cow<'g, [u8]>),
    ByteArray(Cow<'g, [u8]>),
    /// Whole already.
    Text(String),
    Complex(f64, f64),
    /// `set` or `frozenset`, and the members.
    Set(&'static str, [Items<'g>; 2]),
    /// Items that are a key and a value each, and then keys and values in turn.
    OrderedDict(Items<'g>, [Items<'g>; 2]),
    DefaultDict(Option<u32>, Items<'g>),
    Counter(Items<'g>),
    /// The items and the longest length.
    Deque([Items<'g>; 2], Option<u32>),
    /// Start, stop and step.
    Slice(Items<'g>),
}

/// The object if it is of a class whose `repr` is known, and was made in the usual way.
pub(crate) fn known<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<Known<'g>> {
    if object.origin != Origin::Reduce || graph.state(object).is_some() {
        return None;
    }
    let (module, name) = graph.global(object.callee)?;
    let indices: Vec<u32> = graph.items(graph.node(object.arguments)).take(5).collect();
    let nodes: Vec<Node> = indices.iter().map(|&index| graph.node(index)).collect();
    let has = |part| graph.parts(object).any(|(found, _)| found == part);
    let none = graph.no_items();
    if has(Part::Pairs) && has(Part::Append) {
        return None;
    }
    match (&*module, &*name, &nodes[..]) {
        ("collections", "OrderedDict", arguments) => {
            let (listed, start) = match arguments {
                [] => (none.clone(), none),
                [pairs] if pairs.kind == Kind::List => (graph.items(*pairs), none),
                [dict] if dict.kind == Kind::Dict => (none, graph.items(*dict)),
                _ => return None,
            };
            Some(Known::OrderedDict(listed, [start, graph.added(object, true)]))
        }
        ("collections", "defaultdict", arguments @ ([] | [_])) => {
            let factory = arguments.first().is_some_and(|node| node.kind != Kind::None);
            let factory = if factory { indices.first().copied() } else { None };
            Some(Known::DefaultDict(factory, graph.added(object, true)))
        }
        ("collections", "Counter", [dict]) if dict.kind == Kind::Dict && !has(Part::Pairs) => {
            Some(Known::Counter(graph.items(*dict)))
        }
        ("collections", "deque", arguments) => {
            let start = match arguments {
                [] => none,
                [first] | [first, _] if is_sequence(first.kind) => graph.items(*first),
                _ => return None,
            };
            Some(Known::Deque([start, graph.added(object, false)], indices.get(1).copied()))
        }
        ("builtins", "set" | "frozenset", arguments) => {
            let start = match arguments {
                [] => none,
                [first] if is_sequence(first.kind) => graph.items(*first),
                _ => return None,
            };
            let name = if name == "set" { "set" } else { "frozenset" };
            Some(Known::Set(name, [start, graph.added(object, false)]))
        }
        // The others are printed from their arguments alone.
        _ if object.first != crate::pickle::graph::NONE => None,
        ("_codecs", "encode", [text, ..]) => latin_1(graph, *text).map(Known::Bytes),
        ("builtins", "bytes", []) => Some(Known::Bytes(Cow::Borrowed(&[]))),
        ("builtins", "bytearray", []) => Some(Known::ByteArray(Cow::Borrowed(&[]))),
        ("builtins", "bytearray", [data, ..]) => {
            bytes(graph, *data).or_else(|| latin_1(graph, *data)).map(Known::ByteArray)
        }
        ("builtins", "complex", [real, imaginary]) => {
            Some(Known::Complex(float(graph, *real)?, float(graph, *imaginary)?))
        }
        ("builtins", "range", [start, stop, step]) => {
            range_repr(graph, [start, stop, step]).map(Known::Text)
        }
        ("builtins", "slice", [_, _, _]) => {
            Some(Known::Slice(graph.items(graph.node(object.arguments))))
        }
        // The types that no module has under their name.
        ("builtins", "type", [only]) if only.kind == Kind::None => {
            Some(Known::Text("<class 'NoneType'>".to_owned()))
        }
        ("decimal", "Decimal", [text]) => {
            let text = plain_text(graph, *text)?;
            // NaN with a payload, Infinity and numbers: what `str` of a Decimal can give.
            let usual = |it: u8| it.is_ascii_alphanumeric() || b"+-.".contains(&it);
            text.bytes().all(usual).then(|| Known::Text(format!("Decimal('{text}')")))
        }
        ("fractions", "Fraction", [text]) => {
            let text = plain_text(graph, *text)?;
            let (numerator, denominator) = text.split_once('/').unwrap_or((&text, "1"));
            let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
            let sound = digits(numerator.strip_prefix('-').unwrap_or(numerator));
            (sound && digits(denominator))
                .then(|| Known::Text(format!("Fraction({numerator}, {denominator})")))
        }
        ("fractions", "Fraction", [numerator, denominator])
            if numerator.kind == Kind::Int && denominator.kind == Kind::Int =>
        {
            let part = |node: &Node| graph.integer(*node).to_text();
            Some(Known::Text(format!("Fraction({}, {})", part(numerator), part(denominator))))
        }
        ("datetime", _, arguments) => moment(graph, &name, arguments).map(Known::Text),
        _ => None,
    }
}

fn range_repr(graph: &Graph<'_>, parts: [&Node; 3]) -> Option<String> {
    if parts.iter().any(|part| part.kind != Kind::Int) {
        return None;
    }
    let [start, stop, step] = parts.map(|part| graph.integer(*part).to_text());
    match &*step {
        // Python makes none.
        "0" => None,
        "1" => Some(format!("range({start}, {stop})")),
        _ => Some(format!("range({start}, {stop}, {step})")),
    }
}

fn moment(graph: &Graph<'_>, name: &str, arguments: &[Node]) -> Option<String> {
    match (name, arguments) {
        ("timedelta", _) => delta_repr(timedelta(graph, arguments)?),
        ("timezone", _) => zone_repr(graph, arguments),
        ("date", [data]) => {
            let [year, month, day] = Moment::date(&bytes(graph, *data)?)?.date?;
            Some(format!("datetime.date({year}, {month}, {day})"))
        }
        ("time", [data, zone @ ..]) => {
            clock_repr("time", &Moment::time(&bytes(graph, *data)?)?, graph, zone)
        }
        ("datetime", [data, zone @ ..]) => {
            clock_repr("datetime", &Moment::date_time(&bytes(graph, *data)?)?, graph, zone)
        }
        _ => None,
    }
}

fn delta_repr([days, seconds, microseconds]: [i64; 3]) -> Option<String> {
    if !(0..86_400).contains(&seconds) || !(0..1_000_000).contains(&microseconds) {
        return None;
    }
    let named = [("days", days), ("seconds", seconds), ("microseconds", microseconds)];
    let parts: Vec<String> = named
        .iter()
        .filter(|(_, count)| *count != 0)
        .map(|(name, count)| format!("{name}={count}"))
        .collect();
    let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
    Some(format!("datetime.timedelta({parts})"))
}

fn zone_repr(graph: &Graph<'_>, arguments: &[Node]) -> Option<String> {
    let (delta, name) = arguments.split_first()?;
    let delta = graph.object(*delta)?;
    let (module, class) = graph.global(delta.callee)?;
    if (&*module, &*class) != ("datetime", "timedelta") {
        return None;
    }
    let parts: Vec<Node> =
        graph.items(graph.node(delta.arguments)).take(4).map(|index| graph.node(index)).collect();
    let offset = timedelta(graph, &parts)?;
    match name {
        [] if offset == [0; 3] => Some("datetime.timezone.utc".to_owned()),
        [] => Some(format!("datetime.timezone({})", delta_repr(offset)?)),
        [name] => {
            let mut text = format!("datetime.timezone({}, ", delta_repr(offset)?);
            write_text(&mut text, plain_text(graph, *name)?.chars().map(Ok)).ok()?;
            Some(text + ")")
        }
        _ => None,
    }
}

/// The `repr` of a `time` or `datetime`: seconds and microseconds only where they are not 0.
fn clock_repr(class: &str, moment: &Moment, graph: &Graph<'_>, zone: &[Node]) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(moment.date.into_iter().flatten().map(|part| part.to_string()));
    let [hour, minute, second, microsecond] = moment.time?;
    parts.extend([hour.to_string(), minute.to_string()]);
    if second > 0 || microsecond > 0 {
        parts.push(second.to_string());
    }
    if microsecond > 0 {
        parts.push(microsecond.to_string());
    }
    let zone_place = parts.len();
    if moment.fold {
        parts.push("fold=1".to_owned());
    }
    match zone {
        [] => {}
        [zone] if zone.kind == Kind::None => {}
        [zone] => {
            let object = graph.object(*zone)?;
            let (module, name) = graph.global(object.callee)?;
            if (&*module, &*name) != ("datetime", "timezone") {
                return None;
            }
            let arguments: Vec<Node> = graph
                .items(graph.node(object.arguments))
                .take(3)
                .map(|index| graph.node(index))
                .collect();
            // CPython puts the zone of a time before the fold, that of a datetime behind it.
            let place = if moment.date.is_some() { parts.len() } else { zone_place };
            parts.insert(place, format!("tzinfo={}", zone_repr(graph, &arguments)?));
        }
        _ => return None,
    }
    Some(format!("datetime.{class}({})", parts.join(", ")))
}

/// The keys and values of an `OrderedDict`, each key once.
pub(crate) fn pairs(
    graph: &Graph<'_>,
    listed: Items<'_>,
    entries: [Items<'_>; 2],
) -> Vec<(u32, u32)> {
    let mut pairs: Vec<(u32, u32)> = listed
        .filter_map(|pair| {
            let mut pair = graph.items(graph.node(pair));
            pair.next().zip(pair.next())
        })
        .collect();
    for entries in entries {
        pairs.extend(unique_entries(graph, entries));
    }
    pairs
}
