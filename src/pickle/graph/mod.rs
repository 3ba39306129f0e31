//! What a pickle holds: objects in tables, pointing to one another by number.
//!
//! Nothing here owns anything but by table, so that depth, sharing and cycles cost nothing: not
//! when the graph is made, not when it is walked, not when it is dropped. Scalars are not even
//! copied: a scalar is the place of its opcode in the pickle, and is decoded when it is looked at.

pub(crate) mod items;
mod scalar;
pub(crate) mod unique;

use std::borrow::Cow;

/// No object, no run.
pub(crate) const NONE: u32 = u32::MAX;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    None,
    True,
    False,
    Int,
    Float,
    Text,
    /// A string of Python 2, which is text or bytes.
    String,
    Bytes,
    ByteArray,
    EmptyTuple,
    Tuple,
    /// A tuple that holds something that cannot be hashed.
    UnhashableTuple,
    List,
    Dict,
    Set,
    FrozenSet,
    /// Anything that has to be imported, called or looked up.
    Object,
}

/// An object: its kind and, in 56 bits, where the rest is: for a scalar, the byte offset of its
/// opcode; else a number in a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    low: u32,
    high: [u8; 3],
    pub kind: Kind,
}

impl Node {
    #[inline]
    pub fn new(kind: Kind, place: usize) -> Node {
        let [a, b, c, d, e, f, g, _] = (place as u64).to_le_bytes();
        Node { low: u32::from_le_bytes([a, b, c, d]), high: [e, f, g], kind }
    }

    #[inline]
    pub fn place(self) -> usize {
        let [e, f, g] = self.high;
        (u64::from(u32::from_le_bytes([e, f, g, 0])) << 32 | u64::from(self.low)) as usize
    }
}

/// A tuple, list, dictionary or set: a first run of items, and a chain of more, for what was added
/// later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Container {
    /// The byte offset of the opcode that made it.
    pub offset: u64,
    pub start: u32,
    pub length: u32,
    pub first: u32,
    pub last: u32,
}

/// Items that were added in one go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run {
    pub start: u32,
    pub length: u32,
    pub next: u32,
    pub part: Part,
}

/// How a run belongs to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Appended, one after the other.
    Append,
    /// Keys and values in turn.
    Pairs,
    /// Added as to a set.
    Add,
    /// A state, given by BUILD.
    State,
}

/// How an object comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A name of a module; both are in the line of the opcode.
    Global,
    /// A name of a module; `callee` is the module, `arguments` the name.
    StackGlobal,
    /// A call.
    Reduce,
    /// `callee.__new__(callee, *arguments)`.
    NewObj,
    /// `callee.__new__(callee, *arguments, **named)`.
    NewObjEx,
    /// A call, by INST.
    Inst,
    /// A call, by OBJ.
    Obj,
    /// Known to the application by `arguments`.
    Persistent,
    /// Known to the application by the line of the opcode.
    PersistentName,
    /// Registered in `copyreg` under the number `arguments`.
    Extension,
    /// A buffer beside the pickle, with the number `arguments`.
    Buffer,
    /// The same, read-only.
    ReadonlyBuffer,
}

/// Something that has to be imported, called or looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Object {
    /// The byte offset of the opcode that made it.
    pub offset: u64,
    pub callee: u32,
    pub arguments: u32,
    pub named: u32,
    pub first: u32,
    pub last: u32,
    pub origin: Origin,
}

/// The tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    pub nodes: Vec<Node>,
    pub edges: Vec<u32>,
    pub containers: Vec<Container>,
    pub objects: Vec<Object>,
    pub runs: Vec<Run>,
}

/// One pickle, read.
#[derive(Clone, Debug)]
pub(crate) struct Graph<'a> {
    pub data: Cow<'a, [u8]>,
    pub arena: Arena,
    pub root: u32,
    /// The protocol that it says it has; 0 if it says nothing.
    pub protocol: u8,
    /// Where the pickle begins in the data, and where the next byte behind it is.
    pub start: usize,
    pub end: usize,
}

impl<'a> Graph<'a> {
    pub fn into_owned(self) -> Graph<'static> {
        Graph {
            data: Cow::Owned(self.data.into_owned()),
            arena: self.arena,
            root: self.root,
            protocol: self.protocol,
            start: self.start,
            end: self.end,
        }
    }
}

impl Graph<'_> {
    #[inline]
    pub fn node(&self, index: u32) -> Node {
        // Indices come from this graph's own tables; one from elsewhere is None, not a panic.
        self.arena.nodes.get(index as usize).copied().unwrap_or(Node::new(Kind::None, 0))
    }

    /// The byte offset of the opcode that made the object.
    pub fn offset(&self, index: u32) -> u64 {
        let node = self.node(index);
        match node.kind {
            Kind::Object => self.object(node).map_or(0, |object| object.offset),
            Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::FrozenSet => {
                self.arena.containers.get(node.place()).map_or(0, |container| container.offset)
            }
            _ => node.place() as u64,
        }
    }

    #[inline]
    pub fn object(&self, node: Node) -> Option<&Object> {
        match node.kind {
            Kind::Object => self.arena.objects.get(node.place()),
            _ => None,
        }
    }
}

impl Arena {
    #[inline]
    pub fn slice(&self, start: u32, length: u32) -> &[u32] {
        let start = start as usize;
        self.edges.get(start..start + length as usize).unwrap_or_default()
    }
}
