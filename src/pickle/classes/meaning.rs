//! What an object means as data.

use std::borrow::Cow;

use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Node};

/// An object as data.
pub(crate) enum Meaning<'g> {
    Bytes(Cow<'g, [u8]>),
    Text(String),
    /// Real and imaginary part.
    Complex(f64, f64),
    /// Seconds.
    Duration(f64),
    Sequence([Items<'g>; 2]),
    Mapping(MapEntries<'g>),
    /// An object of a class that is not known.
    Instance(Instance<'g>),
    /// A member of an enumeration, or anything else that a class has under a name: the name. What it
    /// is, the pickle does not say.
    Member(u32),
}

/// An object of a class that is not known: what it means depends on what it is asked for. None of
/// this is made up: what is not here, the pickle does not say.
pub(crate) struct Instance<'g> {
    /// What the class was given alone: the text of a class derived from `str`, the value of an
    /// enumeration.
    pub held: Option<u32>,
    /// In order: what the class was given, or what a state without names holds.
    pub items: Option<[Items<'g>; 2]>,
    /// The attributes.
    pub entries: Option<MapEntries<'g>>,
    /// A state that does not name the attributes.
    pub state: Option<u32>,
}

/// The keys and values of a dictionary or of an object that is like one.
pub(crate) struct MapEntries<'g> {
    /// Items that are a key and a value each.
    pub(super) listed: Items<'g>,
    /// Keys and values in turn.
    pub(super) turns: [Items<'g>; 2],
}

impl<'g> MapEntries<'g> {
    pub fn of_dict(graph: &'g Graph<'_>, dict: Node) -> MapEntries<'g> {
        let none = graph.no_items();
        MapEntries { listed: none.clone(), turns: [graph.items(dict), none] }
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
