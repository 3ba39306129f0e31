//! The containers of Python's module `collections`.

use super::builtins::{members, sequence};
use super::call::{Call, small_integer};
use super::meaning::MapEntries;
use super::{Class, Grows, Meaning, Module, Piece, Printed, Style};
use crate::pickle::graph::Kind;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::unique::{Unique, unique_entries};

pub(super) static MODULES: &[Module] = &[Module {
    name: "collections",
    classes: &[
        Class::new("OrderedDict")
            .means(mapping)
            .prints(ordered_dict)
            .grows(Grows::ByEntries)
            .unhashable(),
        Class::new("defaultdict")
            .means(growing)
            .prints(default_dict)
            .grows(Grows::ByEntries)
            .unhashable(),
        Class::new("Counter").means(mapping).prints(counter).unhashable(),
        Class::new("deque").means(sequence).prints(deque).grows(Grows::ByItems).unhashable(),
        Class::new("ChainMap"),
    ],
    names: &[],
}];

/// Entries of which the object is made, as a list of pairs or in turn.
fn initial<'g>(call: &Call<'g>) -> Option<[Items<'g>; 2]> {
    let none = call.graph.no_items();
    match call.arguments().first() {
        Some(node) if node.kind == Kind::Dict => Some([none, call.graph.items(*node)]),
        Some(node) if node.kind == Kind::List => Some([call.graph.items(*node), none]),
        Some(_) => None,
        None => Some([none.clone(), none]),
    }
}

fn mapping<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let [listed, start] = initial(call)?;
    Some(Meaning::Mapping(MapEntries { listed, turns: [start, call.added_entries()] }))
}

/// A dictionary that is empty when it is made.
fn growing<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let none = call.graph.no_items();
    let turns = [none.clone(), call.added_entries()];
    Some(Meaning::Mapping(MapEntries { listed: none, turns }))
}

fn ordered_dict<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let graph = call.graph;
    let [listed, start] = initial(call).filter(|_| call.arguments().len() < 2)?;
    let added = call.added_entries();
    let mut pairs = listed.filter_map(|pair| {
        let mut pair = graph.items(graph.node(pair));
        pair.next().zip(pair.next())
    });
    let first = pairs.next();
    if first.is_none() && start.clone().next().is_none() && added.clone().next().is_none() {
        return Some(Printed::Whole(Piece::Literal("OrderedDict()")));
    }
    let entries = Piece::entries_of(Style::Pair, move || {
        let listed: Vec<_> = first.into_iter().chain(pairs).collect();
        let mut entries = Unique { work: listed.len() as u64, found: listed };
        entries.extend(unique_entries(graph, start));
        entries.extend(unique_entries(graph, added));
        entries
    });
    let pieces = vec![Piece::Literal("OrderedDict(["), entries, Piece::Literal("])")];
    Some(Printed::Holder { closed: "...", pieces })
}

fn default_dict<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let factory = match call.arguments() {
        [] => Piece::Literal("None"),
        [_] => Piece::Object(call.index(0)?),
        _ => return None,
    };
    let (graph, added) = (call.graph, call.added_entries());
    let entries = Piece::entries_of(Style::Dict, move || unique_entries(graph, added));
    let pieces = vec![
        Piece::Literal("defaultdict("),
        factory,
        Piece::Literal(", {"),
        entries,
        Piece::Literal("})"),
    ];
    Some(Printed::Holder { closed: "defaultdict(...)", pieces })
}

fn counter<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let graph = call.graph;
    let counts = match call.arguments() {
        [dict] if dict.kind == Kind::Dict => graph.items(*dict),
        _ => return None,
    };
    if counts.clone().next().is_none() {
        return Some(Printed::Whole(Piece::Literal("Counter()")));
    }
    let entries = Piece::entries_of(Style::Dict, move || {
        let mut entries = unique_entries(graph, counts);
        // Python sorts by count, the largest first, when all can be compared.
        let count = |index| small_integer(graph, graph.node(index));
        if entries.found.iter().all(|&(_, value)| count(value).is_some()) {
            entries.found.sort_by_key(|&(_, value)| std::cmp::Reverse(count(value)));
        }
        entries
    });
    let pieces = vec![Piece::Literal("Counter({"), entries, Piece::Literal("})")];
    Some(Printed::Holder { closed: "...", pieces })
}

fn deque<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [first, second] = members(call)?;
    let mut pieces =
        vec![Piece::Literal("deque(["), Piece::items(first.chain(second)), Piece::Literal("]")];
    match call.arguments() {
        [] | [_] => {}
        [_, longest] if longest.kind == Kind::None => {}
        [_, _] => pieces.extend([Piece::Literal(", maxlen="), Piece::Object(call.index(1)?)]),
        _ => return None,
    }
    pieces.push(Piece::Literal(")"));
    Some(Printed::Holder { closed: "[...]", pieces })
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py collections`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"ccollections\nOrderedDict\n(tR.", "OrderedDict()", "{}"),
        (b"\x80\x03ccollections\nOrderedDict\n)R.", "OrderedDict()", "{}"),
        (b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R.", "OrderedDict()", "{}"),
        (b"ccollections\nOrderedDict\n(tRVb\nI1\nsVa\n(lI2\nas.", "OrderedDict([('b', 1), ('a', [2])])", r#"{"b": 1, "a": [2]}"#),
        (b"\x80\x03ccollections\nOrderedDict\n)R(X\x01\x00\x00\x00bK\x01X\x01\x00\x00\x00a]K\x02au.", "OrderedDict([('b', 1), ('a', [2])])", r#"{"b": 1, "a": [2]}"#),
        (b"\x80\x04\x95,\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bOrderedDict\x93)R(\x8c\x01bK\x01\x8c\x01a]K\x02au.", "OrderedDict([('b', 1), ('a', [2])])", r#"{"b": 1, "a": [2]}"#),
        (b"ccollections\ndefaultdict\n(tR.", "defaultdict(None, {})", "{}"),
        (b"\x80\x03ccollections\ndefaultdict\n)R.", "defaultdict(None, {})", "{}"),
        (b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bdefaultdict\x93)R.", "defaultdict(None, {})", "{}"),
        (b"ccollections\ndefaultdict\n(c__builtin__\nlist\ntRVa\n(lI1\nas.", "defaultdict(<class 'list'>, {'a': [1]})", r#"{"a": [1]}"#),
        (b"\x80\x03ccollections\ndefaultdict\ncbuiltins\nlist\n\x85RX\x01\x00\x00\x00a]K\x01as.", "defaultdict(<class 'list'>, {'a': [1]})", r#"{"a": [1]}"#),
        (b"\x80\x04\x957\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x0bdefaultdict\x93\x8c\x08builtins\x8c\x04list\x93\x85R\x8c\x01a]K\x01as.", "defaultdict(<class 'list'>, {'a': [1]})", r#"{"a": [1]}"#),
        (b"ccollections\nCounter\n((dtR.", "Counter()", "{}"),
        (b"\x80\x03ccollections\nCounter\n}\x85R.", "Counter()", "{}"),
        (b"\x80\x04\x95\x1b\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x07Counter\x93}\x85R.", "Counter()", "{}"),
        (b"ccollections\nCounter\n((dVa\nI1\nsVb\nI2\nsVc\nI3\nstR.", "Counter({'c': 3, 'b': 2, 'a': 1})", r#"{"a": 1, "b": 2, "c": 3}"#),
        (b"\x80\x03ccollections\nCounter\n}(X\x01\x00\x00\x00aK\x01X\x01\x00\x00\x00bK\x02X\x01\x00\x00\x00cK\x03u\x85R.", "Counter({'c': 3, 'b': 2, 'a': 1})", r#"{"a": 1, "b": 2, "c": 3}"#),
        (b"\x80\x04\x95,\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x07Counter\x93}(\x8c\x01aK\x01\x8c\x01bK\x02\x8c\x01cK\x03u\x85R.", "Counter({'c': 3, 'b': 2, 'a': 1})", r#"{"a": 1, "b": 2, "c": 3}"#),
        (b"ccollections\ndeque\n(tR.", "deque([])", "[]"),
        (b"\x80\x03ccollections\ndeque\n)R.", "deque([])", "[]"),
        (b"\x80\x04\x95\x18\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x05deque\x93)R.", "deque([])", "[]"),
        (b"ccollections\ndeque\n(tRI1\naVa\na.", "deque([1, 'a'])", r#"[1, "a"]"#),
        (b"\x80\x03ccollections\ndeque\n)R(K\x01X\x01\x00\x00\x00ae.", "deque([1, 'a'])", r#"[1, "a"]"#),
        (b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x05deque\x93)R(K\x01\x8c\x01ae.", "deque([1, 'a'])", r#"[1, "a"]"#),
        (b"ccollections\ndeque\n((tI4\ntRI1\naI2\naI3\na.", "deque([1, 2, 3], maxlen=4)", "[1, 2, 3]"),
        (b"\x80\x03ccollections\ndeque\n)K\x04\x86R(K\x01K\x02K\x03e.", "deque([1, 2, 3], maxlen=4)", "[1, 2, 3]"),
        (b"\x80\x04\x95#\x00\x00\x00\x00\x00\x00\x00\x8c\x0bcollections\x8c\x05deque\x93)K\x04\x86R(K\x01K\x02K\x03e.", "deque([1, 2, 3], maxlen=4)", "[1, 2, 3]"),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
