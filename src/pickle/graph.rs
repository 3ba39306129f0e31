//! What a pickle holds: objects in tables, pointing to one another by number.
//!
//! Nothing here owns anything but by table, so that depth, sharing and cycles cost nothing: not
//! when the graph is made, not when it is walked, not when it is dropped. Scalars are not even
//! copied: a scalar is the place of its opcode in the pickle, and is decoded when it is looked at.

use std::borrow::Cow;

use super::compat;
use super::number::{self, IntLine, Integer};
use super::opcode::{Argument, Instruction};
use super::text::{self, Text};

/// No object, no run.
pub(super) const NONE: u32 = u32::MAX;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
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
pub(super) struct Node {
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
pub(super) struct Container {
    /// The byte offset of the opcode that made it.
    pub offset: u64,
    pub start: u32,
    pub length: u32,
    pub first: u32,
    pub last: u32,
}

/// Items that were added in one go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub start: u32,
    pub length: u32,
    pub next: u32,
    pub part: Part,
}

/// How a run belongs to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
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
pub(super) enum Origin {
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
pub(super) struct Object {
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
pub(super) struct Arena {
    pub nodes: Vec<Node>,
    pub edges: Vec<u32>,
    pub containers: Vec<Container>,
    pub objects: Vec<Object>,
    pub runs: Vec<Run>,
}

/// One pickle, read.
#[derive(Clone, Debug)]
pub(super) struct Graph<'a> {
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

    /// The argument of the opcode of a scalar. The machine has checked that it is there.
    #[inline]
    fn scalar(&self, offset: usize) -> (Argument, &[u8]) {
        match Instruction::read(&self.data, offset) {
            Ok(found) => (found.opcode.argument, found.argument(&self.data)),
            Err(_) => (Argument::None, &[]),
        }
    }

    /// An integer in one of the three usual forms.
    #[inline]
    pub fn short_integer(&self, node: Node) -> Option<i64> {
        match *self.data.get(node.place()..).unwrap_or_default() {
            [code @ (b'K' | b'M' | b'J'), a, b, c, d, ..] => {
                Some(number::short_integer(code, [a, b, c, d]))
            }
            // So near to the end that there are no four bytes more.
            [b'K', a, ..] => Some(i64::from(a)),
            [b'M', a, b, ..] => Some(i64::from(u16::from_le_bytes([a, b]))),
            _ => None,
        }
    }

    pub fn integer(&self, node: Node) -> Integer<'_> {
        if let Some(small) = self.short_integer(node) {
            return Integer::Small(small);
        }
        let offset = node.place();
        let (argument, bytes) = self.scalar(offset);
        if argument != Argument::Line {
            return Integer::from_bytes(bytes);
        }
        // The machine has read the line before, so it is one of these two.
        match self.data.get(offset) {
            Some(b'I') => match number::int_line(bytes) {
                Ok(IntLine::Int(integer)) => integer,
                _ => Integer::Small(0),
            },
            _ => number::long_line(bytes).unwrap_or(Integer::Small(0)),
        }
    }

    #[inline]
    pub fn float(&self, node: Node) -> f64 {
        let offset = node.place();
        if let Some([b'G', a, b, c, d, e, f, g, h]) = self.data.get(offset..offset + 9) {
            return f64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        }
        number::float_line(self.scalar(offset).1).unwrap_or(f64::NAN)
    }

    /// Text in one of the two usual forms.
    #[inline]
    pub fn short_text(&self, node: Node) -> Option<&str> {
        let bytes = match *self.data.get(node.place()..).unwrap_or_default() {
            [0x8c, length, ref rest @ ..] => rest.get(..usize::from(length)),
            [b'X', a, b, c, d, ref rest @ ..] => {
                rest.get(..u32::from_le_bytes([a, b, c, d]) as usize)
            }
            _ => None,
        };
        std::str::from_utf8(bytes?).ok()
    }

    pub fn text(&self, node: Node) -> Text<'_> {
        if let Some(text) = self.short_text(node) {
            return Text::Utf8(Cow::Borrowed(text));
        }
        let (argument, bytes) = self.scalar(node.place());
        let text = match argument {
            Argument::Line => text::unicode_line(bytes).ok(),
            _ => Text::from_bytes(bytes),
        };
        text.unwrap_or(Text::Utf8(Cow::Borrowed("")))
    }

    /// The bytes of bytes, a bytearray, or a string of Python 2.
    #[inline]
    pub fn bytes(&self, node: Node) -> Cow<'_, [u8]> {
        let (argument, bytes) = self.scalar(node.place());
        match argument {
            Argument::Line => text::string_line(bytes).unwrap_or_default(),
            _ => Cow::Borrowed(bytes),
        }
    }

    /// Two lines behind the opcode at `offset`.
    pub fn lines(&self, offset: u64) -> (&str, &str) {
        let (_, bytes) = self.scalar(offset as usize);
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        text.split_once('\n').unwrap_or((text, ""))
    }

    /// What a tuple, list or set holds, or the keys and values of a dictionary in turn.
    #[inline]
    pub fn items(&self, node: Node) -> Items<'_> {
        let container = match node.kind {
            Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::FrozenSet => self.arena.containers.get(node.place()),
            _ => None,
        };
        let pairs = node.kind == Kind::Dict;
        match container {
            Some(container) => Items {
                arena: &self.arena,
                current: self.arena.slice(container.start, container.length).iter(),
                next: container.first,
                pairs,
            },
            None => Items { arena: &self.arena, current: [].iter(), next: NONE, pairs },
        }
    }

    /// No items at all.
    pub fn no_items(&self) -> Items<'_> {
        Items { arena: &self.arena, current: [].iter(), next: NONE, pairs: false }
    }

    /// The objects that an object holds directly: items, keys, values, arguments, states.
    pub fn children(&self, index: u32) -> impl Iterator<Item = u32> {
        let node = self.node(index);
        let object = self.object(node);
        let fixed = object.map_or([NONE; 3], |object| match object.origin {
            // These are numbers, not objects.
            Origin::Extension | Origin::Buffer | Origin::ReadonlyBuffer => [NONE; 3],
            _ => [object.callee, object.arguments, object.named],
        });
        let parts = object.into_iter().flat_map(|object| self.parts(object));
        let added = parts.flat_map(|(_, items)| items.iter().copied());
        fixed.into_iter().filter(|&index| index != NONE).chain(self.items(node)).chain(added)
    }

    /// Whether an object holds itself, at whatever depth.
    pub fn reaches_itself(&self, index: u32) -> bool {
        let mut seen = vec![false; self.arena.nodes.len()];
        let mut waiting = vec![index];
        while let Some(next) = waiting.pop() {
            for child in self.children(next) {
                if child == index {
                    return true;
                }
                if let Some(seen) = seen.get_mut(child as usize)
                    && !std::mem::replace(seen, true)
                {
                    waiting.push(child);
                }
            }
        }
        false
    }

    /// What was added to an object after it was made: keys and values in turn, or items.
    pub fn added(&self, object: &Object, pairs: bool) -> Items<'_> {
        Items { arena: &self.arena, current: [].iter(), next: object.first, pairs }
    }

    /// The state that BUILD gave an object last.
    pub fn state(&self, object: &Object) -> Option<u32> {
        self.parts(object)
            .filter(|(part, _)| *part == Part::State)
            .last()
            .and_then(|(_, state)| state.first().copied())
    }

    /// What was done to an object after it was made, in order.
    pub fn parts(&self, object: &Object) -> impl Iterator<Item = (Part, &[u32])> {
        let mut next = object.first;
        std::iter::from_fn(move || {
            let run = self.arena.runs.get(next as usize)?;
            next = run.next;
            Some((run.part, self.arena.slice(run.start, run.length)))
        })
    }

    /// Module and name, if the object is an imported name; as Python 3 calls them.
    pub fn global(&self, index: u32) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let (module, name) = self.global_as_written(index)?;
        if self.protocol < 3 {
            let new = compat::to_python_3(&module, &name);
            if new != (&*module, &*name) {
                return Some((new.0.to_owned().into(), new.1.to_owned().into()));
            }
        }
        Some((module, name))
    }

    /// Module and name, if the object is an imported name.
    pub fn global_as_written(&self, index: u32) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let object = self.object(self.node(index))?;
        match object.origin {
            Origin::Global => {
                let (module, name) = self.lines(object.offset);
                Some((module.into(), name.into()))
            }
            Origin::StackGlobal => {
                let part = |index| {
                    let node = self.node(index);
                    match self.text(node) {
                        _ if node.kind != Kind::Text => None,
                        Text::Utf8(text) => Some(text),
                        Text::Surrogates(bytes) => {
                            Some(Cow::Owned(String::from_utf8_lossy(&bytes).into()))
                        }
                    }
                };
                Some((part(object.callee)?, part(object.arguments)?))
            }
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

/// The items of a container.
#[derive(Clone, Debug)]
pub(super) struct Items<'g> {
    arena: &'g Arena,
    current: std::slice::Iter<'g, u32>,
    next: u32,
    pairs: bool,
}

impl<'g> Items<'g> {
    /// The items that were there from the beginning: all of them, of a tuple or frozenset.
    pub fn first_run(self) -> std::slice::Iter<'g, u32> {
        self.current
    }

    /// How many are left: as many as are there, so that room can be made for them.
    pub fn length(&self) -> usize {
        let mut length = self.current.len();
        let mut next = self.next;
        while let Some(run) = self.arena.runs.get(next as usize) {
            if self.takes(run) {
                length += run.length as usize;
            }
            next = run.next;
        }
        length
    }

    #[inline]
    fn takes(&self, run: &Run) -> bool {
        run.part != Part::State && (run.part == Part::Pairs) == self.pairs
    }
}

impl Iterator for Items<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        loop {
            if let Some(&item) = self.current.next() {
                return Some(item);
            }
            let run = self.arena.runs.get(self.next as usize)?;
            self.next = run.next;
            if self.takes(run) {
                self.current = self.arena.slice(run.start, run.length).iter();
            }
        }
    }
}
