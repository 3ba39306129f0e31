//! What a pickle holds: objects in tables, pointing to one another by number.
//!
//! Nothing here owns anything but by table, so that depth, sharing and cycles cost nothing: not
//! when the graph is made, not when it is walked, not when it is dropped. Scalars are not even
//! copied: a scalar is the place of its opcode in the pickle, and is decoded when it is looked at.

mod dtypes;
pub(crate) mod items;
mod piece;
pub(crate) mod scalar;
pub(crate) mod unique;

use std::borrow::Cow;

use crate::pickle::encoding::Encoding;
pub(crate) use dtypes::Dtypes;
pub(crate) use piece::{Failure, OpenFile, Packed, Piece};

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
    /// Bytes that stand in the data as they are, without an opcode: the number of an extent.
    RawBytes,
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

impl Kind {
    /// The name of the Python type.
    pub fn type_name(self) -> &'static str {
        match self {
            Kind::None => "NoneType",
            Kind::True | Kind::False => "bool",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Text | Kind::String => "str",
            Kind::Bytes | Kind::RawBytes => "bytes",
            Kind::ByteArray => "bytearray",
            Kind::EmptyTuple | Kind::Tuple | Kind::UnhashableTuple => "tuple",
            Kind::List => "list",
            Kind::Dict => "dict",
            Kind::Set => "set",
            Kind::FrozenSet => "frozenset",
            Kind::Object => "object",
        }
    }

    /// Whether it can be the key of a dictionary; of an object only Python could tell.
    #[inline]
    pub fn hashable(self) -> bool {
        !matches!(
            self,
            Kind::List | Kind::Dict | Kind::Set | Kind::ByteArray | Kind::UnhashableTuple
        )
    }
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
    /// An array in joblib's way: `callee` describes it, `arguments` are its bytes.
    RawArray,
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
    /// How many runs there are from the first to the last.
    pub runs: u32,
    /// The state that BUILD gave it last.
    pub state: u32,
    pub origin: Origin,
}

impl Object {
    /// One to which nothing was done yet after it was made.
    pub fn new(offset: u64, origin: Origin, [callee, arguments, named]: [u32; 3]) -> Object {
        let (first, last, runs, state) = (NONE, NONE, 0, NONE);
        Object { offset, callee, arguments, named, first, last, runs, state, origin }
    }
}

/// A stretch of the data that is no opcodes of the pickle: an array of a joblib file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extent {
    /// The object that describes the array.
    pub wrapper: u32,
    /// Where it begins: behind the BUILD that gave the description its state.
    pub start: usize,
    /// Where the bytes of the items begin, or the pickle: behind what comes before, as padding.
    pub content: usize,
    pub end: usize,
    /// Of a pickle of the array in place of its bytes, the protocol.
    pub nested: Option<u8>,
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
    /// Long bytes that are kept beside the data, not in it.
    pub pieces: Vec<Piece<'a>>,
    pub arena: Arena,
    pub root: u32,
    /// The protocol that it says it has; 0 if it says nothing.
    pub protocol: u8,
    /// What strings of Python 2 are; by default text if they are UTF-8.
    pub encoding: Option<Encoding>,
    /// Where the pickle ends in the data.
    pub end: usize,
    /// Where arrays of a joblib file stand in the data, in order.
    pub extents: Vec<Extent>,
    /// Types of items that were read already.
    pub dtypes: Dtypes,
}

/// In the data of a graph that was built, or read without the long bytes in it, in the place of the
/// opcode of long bytes: the number of a piece follows. No opcode has this code.
pub(crate) const PIECE: u8 = 0;

impl<'a> Graph<'a> {
    pub fn into_owned(self) -> Graph<'static> {
        Graph {
            data: Cow::Owned(self.data.into_owned()),
            pieces: self.pieces.into_iter().map(Piece::into_owned).collect(),
            arena: self.arena,
            root: self.root,
            protocol: self.protocol,
            encoding: self.encoding,
            end: self.end,
            extents: self.extents,
            dtypes: self.dtypes,
        }
    }
}

impl Graph<'_> {
    /// How many bytes it takes when it is kept, the pickle included.
    pub fn memory(&self) -> u64 {
        let tables = self.arena.nodes.len() * size_of::<Node>()
            + self.arena.edges.len() * size_of::<u32>()
            + self.arena.containers.len() * size_of::<Container>()
            + self.arena.objects.len() * size_of::<Object>()
            + self.arena.runs.len() * size_of::<Run>()
            + self.extents.len() * size_of::<Extent>();
        // Each table is a piece of memory of its own, with a little of the allocator's around it.
        let pieces: usize = self.pieces.iter().map(|piece| size_of_val(piece) + piece.len()).sum();
        (size_of::<Self>() + self.data.len() + pieces + tables + 8 * 16) as u64
    }

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
            Kind::RawBytes => {
                self.extents.get(node.place()).map_or(0, |extent| extent.content as u64)
            }
            _ => node.place() as u64,
        }
    }

    /// The protocol of the opcode at a byte of the data.
    #[inline]
    pub fn protocol_at(&self, offset: u64) -> u8 {
        if self.extents.is_empty() {
            return self.protocol;
        }
        let behind = self.extents.partition_point(|extent| extent.content as u64 <= offset);
        let extent = behind.checked_sub(1).and_then(|place| self.extents.get(place));
        match extent.filter(|extent| offset < extent.end as u64) {
            Some(extent) => extent.nested.unwrap_or(self.protocol),
            None => self.protocol,
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

    /// Adds items, which are in the table of edges already, to a list, dictionary or set.
    #[inline]
    pub fn extend(&mut self, node: Node, run: Run) {
        if let Some(container) = self.containers.get_mut(node.place()) {
            if container.first == NONE && container.length == 0 {
                (container.start, container.length) = (run.start, run.length);
                return;
            }
            if container.first == NONE && container.start + container.length == run.start {
                container.length += run.length;
                return;
            }
        }
        self.add_run(node, run);
    }

    /// Puts a run at the end of the chain of a container or object.
    pub fn add_run(&mut self, node: Node, run: Run) {
        let place = node.place();
        let (first, last, runs) = if node.kind == Kind::Object {
            match self.objects.get_mut(place) {
                Some(object) => {
                    if run.part == Part::State {
                        let state = self.edges.get(run.start as usize);
                        object.state = state.copied().unwrap_or(NONE);
                    }
                    (&mut object.first, &mut object.last, &mut object.runs)
                }
                None => return,
            }
        } else {
            match self.containers.get_mut(place) {
                Some(container) => (&mut container.first, &mut container.last, &mut 0),
                None => return,
            }
        };
        let next = self.runs.len() as u32;
        if let Some(tail) = self.runs.get_mut(*last as usize) {
            let follows = tail.start + tail.length == run.start;
            if follows && tail.part == run.part && run.part != Part::State {
                tail.length += run.length;
                return;
            }
            tail.next = next;
        } else {
            *first = next;
        }
        *last = next;
        *runs += 1;
        self.runs.push(run);
    }
}
