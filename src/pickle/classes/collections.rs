//! The containers of Python's module `collections`.

use super::builtins::{members, sequence};
use super::call::{Call, small_integer};
use super::meaning::MapEntries;
use super::{Class, Grows, Meaning, Module, Piece, Printed, Style};
use crate::pickle::graph::Kind;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::unique::unique_entries;

pub(super) static MODULES: &[Module] = &[Module {
    name: "collections",
    classes: &[
        Class::new("OrderedDict").means(mapping).prints(ordered_dict).grows(Grows::ByEntries),
        Class::new("defaultdict").means(growing).prints(default_dict).grows(Grows::ByEntries),
        Class::new("Counter").means(mapping).prints(counter),
        Class::new("deque").means(sequence).prints(deque).grows(Grows::ByItems),
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
        return Some(Printed::whole(Piece::Literal("OrderedDict()")));
    }
    let entries = Piece::entries_of(Style::Pair, move || {
        let mut entries: Vec<_> = first.into_iter().chain(pairs).collect();
        entries.extend(unique_entries(graph, start));
        entries.extend(unique_entries(graph, added));
        entries
    });
    let pieces = vec![Piece::Literal("OrderedDict(["), entries, Piece::Literal("])")];
    Some(Printed::holder("...", pieces))
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
    Some(Printed::holder("defaultdict(...)", pieces))
}

fn counter<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let graph = call.graph;
    let counts = match call.arguments() {
        [dict] if dict.kind == Kind::Dict => graph.items(*dict),
        _ => return None,
    };
    if counts.clone().next().is_none() {
        return Some(Printed::whole(Piece::Literal("Counter()")));
    }
    let entries = Piece::entries_of(Style::Dict, move || {
        let mut entries = unique_entries(graph, counts);
        // Python sorts by count, the largest first, when all can be compared.
        let count = |index| small_integer(graph, graph.node(index));
        if entries.iter().all(|&(_, value)| count(value).is_some()) {
            entries.sort_by_key(|&(_, value)| std::cmp::Reverse(count(value)));
        }
        entries
    });
    let pieces = vec![Piece::Literal("Counter({"), entries, Piece::Literal("})")];
    Some(Printed::holder("...", pieces))
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
    Some(Printed::holder("[...]", pieces))
}
