//! Objects of classes that are not known: their attributes, or what was added to them.
//!
//! Protocols 2 and newer make such an object by NEWOBJ, the older ones by a call of
//! `copyreg._reconstructor`; a BUILD then gives it its state.

use super::call::Call;
use super::meaning::MapEntries;
use super::{Class, Meaning, Module, is_sequence};
use crate::pickle::graph::{Kind, Origin};

pub(super) static MODULES: &[Module] = &[Module {
    name: "copyreg",
    classes: &[Class::function("_reconstructor").means(reconstructed)],
    names: &[],
}];

/// An object of a class of which nothing is known.
pub(super) fn meaning<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let none = call.graph.no_items();
    // What a call gives, only Python knows.
    if call.object.origin == Origin::Reduce {
        return None;
    }
    if call.added_entries().next().is_some() {
        let turns = [none.clone(), call.added_entries()];
        return Some(Meaning::Mapping(MapEntries { listed: none, turns }));
    }
    if call.added_items().next().is_some() {
        return Some(Meaning::Sequence([none, call.added_items()]));
    }
    // A named tuple.
    if !call.arguments().is_empty() && call.graph.state(call.object).is_none() {
        return Some(Meaning::Sequence([call.all_arguments(), none]));
    }
    Some(attributes(call))
}

/// `copyreg._reconstructor(class, base, data)`
fn reconstructed<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    if call.object.origin != Origin::Reduce {
        return None;
    }
    // The base is the class whose data the third argument is.
    let (_, base) = call.graph.global(call.index(1)?)?;
    let data = *call.arguments().get(2)?;
    match &*base {
        "object" => Some(attributes(call)),
        "dict" if data.kind == Kind::Dict => {
            let turns = [call.graph.items(data), call.added_entries()];
            Some(Meaning::Mapping(MapEntries { listed: call.graph.no_items(), turns }))
        }
        "list" | "tuple" | "set" | "frozenset" if is_sequence(data.kind) => {
            Some(Meaning::Sequence([call.graph.items(data), call.added_items()]))
        }
        _ => None,
    }
}

/// The attributes of an object: its state, or the two dictionaries of a class with slots.
fn attributes<'g>(call: &Call<'g>) -> Meaning<'g> {
    let graph = call.graph;
    let none = graph.no_items();
    let mut turns = [none.clone(), none.clone()];
    if let Some(state) = graph.state(call.object) {
        let state = graph.node(state);
        match state.kind {
            Kind::Dict => turns = [graph.items(state), none.clone()],
            Kind::Tuple | Kind::UnhashableTuple => {
                for (to, index) in turns.iter_mut().zip(graph.items(state)) {
                    let part = graph.node(index);
                    if part.kind == Kind::Dict {
                        *to = graph.items(part);
                    }
                }
            }
            _ => {}
        }
    }
    Meaning::Mapping(MapEntries { listed: none, turns })
}
