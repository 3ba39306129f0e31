//! A call that a pickle asks for, and its arguments.

use crate::pickle::format::number::Integer;
use crate::pickle::format::text::Text;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::scalar::Str;
use crate::pickle::graph::{Graph, Kind, NONE, Node, Object, Origin};

/// How many arguments are looked at: one more than any class here has.
const MOST: usize = 4;

/// A call that makes an object.
pub(super) struct Call<'g> {
    pub graph: &'g Graph<'g>,
    pub object: &'g Object,
    arguments: [Node; MOST],
    count: usize,
}

impl<'g> Call<'g> {
    /// The call that makes the object, if it is made by one.
    pub fn new(graph: &'g Graph<'_>, object: &'g Object) -> Option<Call<'g>> {
        match object.origin {
            Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {}
            _ => return None,
        }
        let mut arguments = [Node::new(Kind::None, 0); MOST];
        let mut count = 0;
        for (place, index) in arguments.iter_mut().zip(graph.items(graph.node(object.arguments))) {
            *place = graph.node(index);
            count += 1;
        }
        Some(Call { graph, object, arguments, count })
    }

    /// The call that makes an object, if it is one of `module.name`.
    pub fn of(graph: &'g Graph<'_>, node: Node, module: &str, name: &str) -> Option<Call<'g>> {
        let object = graph.object(node)?;
        let (found_module, found_name) = graph.global(object.callee)?;
        if *found_module != *module || *found_name != *name {
            return None;
        }
        Call::new(graph, object)
    }

    /// The arguments by position; no more than the first four.
    pub fn arguments(&self) -> &[Node] {
        self.arguments.get(..self.count).unwrap_or_default()
    }

    /// The number of an argument in the graph.
    pub fn index(&self, place: usize) -> Option<u32> {
        self.all_arguments().nth(place)
    }

    pub fn all_arguments(&self) -> Items<'g> {
        self.graph.items(self.graph.node(self.object.arguments))
    }

    /// Whether the arguments are all there, and all by position. A pickle may also take them from an
    /// object that only Python can tell.
    pub fn arguments_are_known(&self) -> bool {
        self.graph.node(self.object.arguments).kind != Kind::Object
            && (self.object.named == NONE
                || self.graph.node(self.object.named).kind == Kind::Dict
                    && self.graph.items(self.graph.node(self.object.named)).next().is_none())
    }

    /// Items that were added to the object after it was made.
    pub fn added_items(&self) -> Items<'g> {
        self.graph.added(self.object, false)
    }

    /// Keys and values in turn that were set in the object after it was made.
    pub fn added_entries(&self) -> Items<'g> {
        self.graph.added(self.object, true)
    }
}

/// Text that Rust can hold.
pub(super) fn text(graph: &Graph<'_>, node: Node) -> Option<String> {
    match node.kind {
        Kind::Text => match graph.text(node) {
            Text::Utf8(text) => Some(text.into_owned()),
            Text::Surrogates(_) => None,
        },
        Kind::String => match graph.string(node) {
            Str::Text(text) => Some(text.into_owned()),
            Str::Bytes(_) => None,
        },
        _ => None,
    }
}

/// A number as a float.
pub(super) fn float(graph: &Graph<'_>, node: Node) -> Option<f64> {
    match node.kind {
        Kind::Float => Some(graph.float(node)),
        _ => small_integer(graph, node).map(|small| small as f64),
    }
}

/// An integer of at most 64 bits.
pub(super) fn small_integer(graph: &Graph<'_>, node: Node) -> Option<i64> {
    match node.kind {
        Kind::Int => match graph.integer(node) {
            Integer::Small(small) => Some(small),
            Integer::Big(_) => None,
        },
        _ => None,
    }
}

/// The digits of an integer.
pub(super) fn integer_text(graph: &Graph<'_>, node: Node) -> Option<String> {
    (node.kind == Kind::Int).then(|| graph.integer(node).to_text())
}
