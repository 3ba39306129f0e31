//! Pickles of objects that no Rust type stands for, put together piece by piece.
//!
//! Rust data is pickled by [`dump`](crate::pickle::dump). An object of a Python class is more: it is
//! a name to import, a call, a state. A [`Builder`] makes each of them, and gives a [`Handle`] for
//! it that can be put into others. A handle that is used twice is one object in Python too; a list,
//! dictionary, set or object can be filled after it was made, also with itself. At the end
//! [`Builder::dumps`] and its like write the pickle of any one handle. The objects stand in the same
//! tables that reading a pickle fills, so what is built is written and printed as what was read.
//!
//! Python describes an object the same way: what its `__reduce_ex__` returns are the arguments of
//! [`Builder::reduce`], [`Builder::build`], [`Builder::extend`] and [`Builder::update`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use crate::files;
use crate::pickle::classes;
use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::number;
use crate::pickle::format::op;
use crate::pickle::format::opcode::Instruction;
use crate::pickle::format::text::{self, Text};
use crate::pickle::graph::{
    Arena, Container, Dtypes, Graph, Kind, NONE, Node, Object, Origin, PIECE, Part, Piece, Run,
};
use crate::pickle::limits::Limits;
use crate::pickle::machine;
use crate::pickle::options::DumpOptions;
use crate::pickle::ser;
use crate::pickle::value::Value;

/// Puts a pickle together, object by object: scalars, containers, imported names, calls, states.
///
/// What is written is, byte for byte, what CPython's pickler writes for the same objects, in
/// protocols 2 to 5, but for a few things:
/// - Texts of equal content are one text, as Python's interned texts are; in CPython's pickle a text
///   that is equal, but another object, stands there once more.
/// - What has a persistent id goes into the memo, and is looked up once, however often it is used.
/// - A call that is part of its own arguments is not written twice.
/// - [`Builder::newobj_ex`] becomes `copyreg.__newobj_ex__` in protocols 2 and 3, where CPython
///   writes a `functools.partial`.
///
/// Long bytes are neither copied nor put into frames: they are borrowed, or owned, until they are
/// written. Depth, sharing and cycles cost neither stack nor time.
///
/// ```
/// use picklebook::pickle::{Builder, DumpOptions};
///
/// // What `Point(3, 0.5).__reduce_ex__(4)` says in Python: a class, and a state.
/// let b = Builder::new();
/// let point = b.newobj(b.global("shapes", "Point"), [])?;
/// b.build(point, b.attributes([("x", b.int(3)), ("y", b.float(0.5))])?)?;
///
/// // The same object twice, and a list that holds itself.
/// let list = b.list([point, point, b.bytes(b"spam")])?;
/// b.append(list, list)?;
/// let value = b.to_value(list)?;
/// assert_eq!(
///     value.to_string(),
///     "[shapes.Point() {'x': 3, 'y': 0.5}, shapes.Point() {'x': 3, 'y': 0.5}, b'spam', [...]]"
/// );
/// assert!(value.items()[0].is(&value.items()[1]));
///
/// let bytes = b.dumps(list, &DumpOptions::new().protocol(5))?;
/// assert!(bytes.starts_with(b"\x80\x05\x95"));
/// # Ok::<(), picklebook::pickle::Error>(())
/// ```
pub struct Builder<'a> {
    number: u64,
    tables: RefCell<Tables<'a>>,
}

/// An object in a [`Builder`]. Copies of a handle are the same object. It belongs to the builder that
/// made it: any other refuses it with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Handle {
    builder: u64,
    index: u32,
}

struct Tables<'a> {
    graph: Graph<'a>,
    /// Names of modules, of what is in them, and of attributes.
    names: HashMap<String, u32>,
    /// What is imported, by the texts of its module and name.
    globals: HashMap<(u32, u32), u32>,
    /// The graphs of values that were put in, by address, and what became of their objects.
    copied: HashMap<usize, (Arc<Graph<'static>>, HashMap<u32, u32>)>,
    /// The objects behind whose state bytes stand between the opcodes, which bytes, and whether these
    /// are aligned.
    raw: HashMap<u32, (u32, bool)>,
    /// How many objects there may be.
    room: u32,
}

/// The first objects of every builder, which need no more than one of each.
const CONSTANTS: [(Kind, u8); 4] = [
    (Kind::None, op::NONE),
    (Kind::True, op::NEWTRUE),
    (Kind::False, op::NEWFALSE),
    (Kind::EmptyTuple, op::EMPTY_TUPLE),
];
const NONE_OBJECT: u32 = 0;
const TRUE: u32 = 1;
const FALSE: u32 = 2;
const EMPTY_TUPLE: u32 = 3;

/// From which length on bytes are kept beside the other data.
const LONG: usize = 1 << 10;

impl Default for Builder<'_> {
    fn default() -> Self {
        Builder::new()
    }
}

impl<'a> Builder<'a> {
    /// A builder without objects.
    pub fn new() -> Builder<'a> {
        Builder::with_room(NONE - 1)
    }

    fn with_room(room: u32) -> Builder<'a> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let data: Vec<u8> = CONSTANTS.iter().map(|&(_, code)| code).collect();
        let nodes = CONSTANTS.iter().enumerate();
        let arena = Arena {
            nodes: nodes.map(|(place, &(kind, _))| Node::new(kind, place)).collect(),
            ..Arena::default()
        };
        let graph = Graph {
            data: Cow::Owned(data),
            pieces: Vec::new(),
            arena,
            root: NONE_OBJECT,
            // Of Python 3: names are its own.
            protocol: 5,
            encoding: None,
            end: 0,
            extents: Vec::new(),
            dtypes: Dtypes::default(),
        };
        let tables = Tables {
            graph,
            names: HashMap::new(),
            globals: HashMap::new(),
            copied: HashMap::new(),
            raw: HashMap::new(),
            room,
        };
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Builder { number, tables: RefCell::new(tables) }
    }

    fn handle(&self, index: u32) -> Handle {
        Handle { builder: self.number, index }
    }

    /// Makes something that cannot be refused but for want of room; a handle that stands for nothing
    /// then, which says so where it is used.
    fn make(&self, make: impl FnOnce(&mut Tables<'a>) -> Option<u32>) -> Handle {
        let made = self.tables.try_borrow_mut().ok().and_then(|mut tables| make(&mut tables));
        self.handle(made.unwrap_or(NONE))
    }

    /// The tables, to be changed.
    fn change<T>(
        &self,
        step: &'static str,
        change: impl FnOnce(&mut Tables<'a>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        match self.tables.try_borrow_mut() {
            Ok(mut tables) => change(&mut tables),
            Err(_) => Err(refused(step, "the builder is being written")),
        }
    }

    /// Which object a handle stands for.
    fn index(&self, step: &'static str, handle: Handle) -> Result<u32, Error> {
        if handle.builder != self.number {
            return Err(refused(step, "a handle belongs to another builder"));
        }
        if handle.index == NONE {
            let problem = "a handle stands for nothing: when it was made, the builder was full or \
                           being written";
            return Err(refused(step, problem));
        }
        Ok(handle.index)
    }

    fn indices(
        &self,
        step: &'static str,
        items: impl IntoIterator<Item = Handle>,
    ) -> Result<Vec<u32>, Error> {
        items.into_iter().map(|item| self.index(step, item)).collect()
    }

    /// Keys and values in turn.
    fn pairs(
        &self,
        step: &'static str,
        entries: impl IntoIterator<Item = (Handle, Handle)>,
    ) -> Result<Vec<u32>, Error> {
        let mut pairs = Vec::new();
        for (key, value) in entries {
            pairs.extend([self.index(step, key)?, self.index(step, value)?]);
        }
        Ok(pairs)
    }

    /// `None`.
    pub fn none(&self) -> Handle {
        self.handle(NONE_OBJECT)
    }

    /// `True` or `False`.
    pub fn bool(&self, value: bool) -> Handle {
        self.handle(if value { TRUE } else { FALSE })
    }

    /// An integer.
    pub fn int(&self, value: impl Into<i128>) -> Handle {
        let value = value.into();
        self.make(|tables| tables.int(value))
    }

    /// An integer of any size, from its bytes in two's complement, the lowest first: Python's
    /// `int.from_bytes(bytes, 'little', signed=True)`.
    ///
    /// # Errors
    /// [`ErrorKind::Build`] for one of 2 GiB or more, which no pickle can hold.
    pub fn int_from_le_bytes(&self, bytes: &[u8]) -> Result<Handle, Error> {
        let mut bytes = bytes.to_vec();
        number::shorten(&mut bytes);
        if bytes.len() > i32::MAX as usize {
            return Err(refused("make an int", "it has 2 GiB or more"));
        }
        let short = number::Integer::from_bytes(&bytes).to_i128();
        Ok(self.make(|tables| match short {
            Some(short) => tables.int(short),
            None => tables.big_int(&bytes),
        }))
    }

    /// A float.
    pub fn float(&self, value: f64) -> Handle {
        self.make(|tables| tables.scalar(Kind::Float, &[&[op::BINFLOAT], &value.to_be_bytes()]))
    }

    /// Text.
    pub fn str(&self, text: &str) -> Handle {
        self.make(|tables| tables.text(text.as_bytes()))
    }

    /// Text from UTF-16, in which surrogates may stand alone: Python's texts can hold them, Rust's
    /// cannot.
    pub fn str_from_utf16(&self, units: &[u16]) -> Handle {
        let mut bytes = Vec::with_capacity(units.len());
        for unit in char::decode_utf16(units.iter().copied()) {
            let scalar = unit.map_or_else(|lone| lone.unpaired_surrogate().into(), u32::from);
            text::push_scalar(&mut bytes, scalar);
        }
        self.make(|tables| tables.text(&bytes))
    }

    /// Bytes, borrowed or owned. Long ones are not copied.
    pub fn bytes(&self, bytes: impl Into<Cow<'a, [u8]>>) -> Handle {
        let bytes = bytes.into();
        self.make(|tables| tables.bytes(Kind::Bytes, bytes))
    }

    /// A bytearray, from bytes that are borrowed or owned. Long ones are not copied.
    pub fn bytearray(&self, bytes: impl Into<Cow<'a, [u8]>>) -> Handle {
        let bytes = bytes.into();
        self.make(|tables| tables.bytes(Kind::ByteArray, bytes))
    }

    /// A tuple.
    ///
    /// # Errors
    /// [`ErrorKind::Build`] for a handle of another builder, or if there is no more room: a builder
    /// has some four billion objects, and as many items.
    pub fn tuple(&self, items: impl IntoIterator<Item = Handle>) -> Result<Handle, Error> {
        let step = "make a tuple";
        let items = self.indices(step, items)?;
        self.change(step, |tables| tables.tuple(step, &items)).map(|index| self.handle(index))
    }

    fn container(
        &self,
        step: &'static str,
        kind: Kind,
        items: Vec<u32>,
        hashed: usize,
    ) -> Result<Handle, Error> {
        let index = self.change(step, |tables| {
            tables.check_hashable(step, &items, hashed)?;
            tables.container(step, kind, &items)
        })?;
        Ok(self.handle(index))
    }

    /// A list, to which more can be [appended](Builder::append).
    ///
    /// # Errors
    /// As [`Builder::tuple`].
    pub fn list(&self, items: impl IntoIterator<Item = Handle>) -> Result<Handle, Error> {
        let step = "make a list";
        self.container(step, Kind::List, self.indices(step, items)?, 0)
    }

    /// A dictionary, in which more can be [set](Builder::set_item). Of equal keys all are written; the
    /// last one's value counts.
    ///
    /// # Errors
    /// As [`Builder::tuple`], and [`ErrorKind::Build`] for a key that Python cannot hash: a list,
    /// dictionary, set or bytearray, or a tuple that holds one.
    pub fn dict(
        &self,
        entries: impl IntoIterator<Item = (Handle, Handle)>,
    ) -> Result<Handle, Error> {
        let step = "make a dict";
        self.container(step, Kind::Dict, self.pairs(step, entries)?, 2)
    }

    /// A dictionary with texts as keys: an object's attributes, or named arguments.
    ///
    /// # Errors
    /// As [`Builder::tuple`].
    pub fn attributes<K: AsRef<str>>(
        &self,
        entries: impl IntoIterator<Item = (K, Handle)>,
    ) -> Result<Handle, Error> {
        let name = |key: K| self.make(|tables| tables.name(key.as_ref()));
        self.dict(entries.into_iter().map(|(key, value)| (name(key), value)))
    }

    /// A set, to which more can be [added](Builder::add).
    ///
    /// # Errors
    /// As [`Builder::dict`], for members.
    pub fn set(&self, members: impl IntoIterator<Item = Handle>) -> Result<Handle, Error> {
        let step = "make a set";
        self.container(step, Kind::Set, self.indices(step, members)?, 1)
    }

    /// A frozenset.
    ///
    /// # Errors
    /// As [`Builder::set`].
    pub fn frozenset(&self, members: impl IntoIterator<Item = Handle>) -> Result<Handle, Error> {
        let step = "make a frozenset";
        self.container(step, Kind::FrozenSet, self.indices(step, members)?, 1)
    }

    /// Something to be imported: a class or function of a module, under the name that Python 3 knows.
    /// In protocol 2 it is written as Python 2 knows it. The same name is the same object.
    pub fn global(&self, module: &str, name: &str) -> Handle {
        self.make(|tables| tables.global(module, name))
    }

    fn call(
        &self,
        step: &'static str,
        origin: Origin,
        callee: Handle,
        arguments: impl IntoIterator<Item = Handle>,
        named: Option<Handle>,
    ) -> Result<Handle, Error> {
        let callee = self.index(step, callee)?;
        let arguments = self.indices(step, arguments)?;
        let named = named.map_or(Ok(NONE), |named| self.index(step, named))?;
        let index = self.change(step, |tables| {
            let kind = tables.kind(callee);
            if kind != Kind::Object {
                let problem = format!(
                    "a {} cannot be called; import a class or function by `global`",
                    kind.type_name()
                );
                return Err(refused(step, problem));
            }
            let arguments = tables.tuple(step, &arguments)?;
            tables.object(step, origin, [callee, arguments, named])
        })?;
        Ok(self.handle(index))
    }

    /// What a call returns: `callee(*arguments)`.
    ///
    /// # Errors
    /// As [`Builder::tuple`], and [`ErrorKind::Build`] if `callee` is data, which cannot be called.
    pub fn reduce(
        &self,
        callee: Handle,
        arguments: impl IntoIterator<Item = Handle>,
    ) -> Result<Handle, Error> {
        self.call("call", Origin::Reduce, callee, arguments, None)
    }

    /// A new object of a class, made without its `__init__`: `class.__new__(class, *arguments)`. This
    /// is how most objects are pickled; their attributes come by [`Builder::build`].
    ///
    /// # Errors
    /// As [`Builder::reduce`].
    pub fn newobj(
        &self,
        class: Handle,
        arguments: impl IntoIterator<Item = Handle>,
    ) -> Result<Handle, Error> {
        self.call("make an object", Origin::NewObj, class, arguments, None)
    }

    /// The same with named arguments: `class.__new__(class, *arguments, **named)`.
    ///
    /// # Errors
    /// As [`Builder::reduce`].
    pub fn newobj_ex<K: AsRef<str>>(
        &self,
        class: Handle,
        arguments: impl IntoIterator<Item = Handle>,
        named: impl IntoIterator<Item = (K, Handle)>,
    ) -> Result<Handle, Error> {
        let named = self.attributes(named)?;
        self.call("make an object", Origin::NewObjEx, class, arguments, Some(named))
    }

    /// Something that is not in the pickle, but that the application knows by an id: any object, a
    /// text most of the time. Python's `Unpickler.persistent_load` looks it up.
    ///
    /// # Errors
    /// As [`Builder::tuple`].
    pub fn persistent_id(&self, id: Handle) -> Result<Handle, Error> {
        let step = "make a persistent id";
        let id = self.index(step, id)?;
        let index =
            self.change(step, |tables| tables.object(step, Origin::Persistent, [NONE, id, NONE]))?;
        Ok(self.handle(index))
    }

    /// Appends to a list, or to an object that Python would append to.
    ///
    /// # Errors
    /// As [`Builder::tuple`], and [`ErrorKind::Build`] if the target is anything else.
    pub fn append(&self, target: Handle, item: Handle) -> Result<(), Error> {
        self.extend(target, [item])
    }

    /// Appends several.
    ///
    /// # Errors
    /// As [`Builder::append`].
    pub fn extend(
        &self,
        target: Handle,
        items: impl IntoIterator<Item = Handle>,
    ) -> Result<(), Error> {
        let step = "append";
        let target = self.index(step, target)?;
        let items = self.indices(step, items)?;
        self.change(step, |tables| tables.extend(step, target, &items, Part::Append))
    }

    /// Sets the value of a key of a dictionary, or of an object: `target[key] = value`.
    ///
    /// # Errors
    /// As [`Builder::dict`], and [`ErrorKind::Build`] if the target is anything else.
    pub fn set_item(&self, target: Handle, key: Handle, value: Handle) -> Result<(), Error> {
        self.update(target, [(key, value)])
    }

    /// Sets the values of several keys.
    ///
    /// # Errors
    /// As [`Builder::set_item`].
    pub fn update(
        &self,
        target: Handle,
        entries: impl IntoIterator<Item = (Handle, Handle)>,
    ) -> Result<(), Error> {
        let step = "set a key";
        let target = self.index(step, target)?;
        let pairs = self.pairs(step, entries)?;
        self.change(step, |tables| tables.extend(step, target, &pairs, Part::Pairs))
    }

    /// Adds to a set, or to an object that Python would add to. For an object this needs protocol 4
    /// or 5.
    ///
    /// # Errors
    /// As [`Builder::set`], and [`ErrorKind::Build`] if the target is anything else.
    pub fn add(&self, target: Handle, member: Handle) -> Result<(), Error> {
        let step = "add to a set";
        let target = self.index(step, target)?;
        let members = [self.index(step, member)?];
        self.change(step, |tables| tables.extend(step, target, &members, Part::Add))
    }

    /// Gives an object its state: Python calls its `__setstate__`, or takes a dictionary as its
    /// attributes.
    ///
    /// Python's pickler gives the state last, after items and keys.
    ///
    /// # Errors
    /// As [`Builder::tuple`], and [`ErrorKind::Build`] if the target is data, or an imported name.
    pub fn build(&self, target: Handle, state: Handle) -> Result<(), Error> {
        let step = "set a state";
        let target = self.index(step, target)?;
        let state = [self.index(step, state)?];
        self.change(step, |tables| tables.extend(step, target, &state, Part::State))
    }

    /// Lets the items of an array stand behind the state of an object, between the opcodes, as joblib
    /// has them behind a `NumpyArrayWrapper`: from joblib 1.2 on they are aligned.
    pub(crate) fn raw_array(
        &self,
        wrapper: Handle,
        items: Handle,
        aligned: bool,
    ) -> Result<(), Error> {
        let step = "put in an array";
        let [wrapper, items] = [self.index(step, wrapper)?, self.index(step, items)?];
        self.change(step, |tables| {
            tables.raw.insert(wrapper, (items, aligned));
            Ok(())
        })
    }

    /// Puts in a value that was read, with all that it holds. Values of one pickle keep what they
    /// share, also when they are put in one by one; the builder holds on to the pickle then.
    ///
    /// # Errors
    /// [`ErrorKind::Build`] if there is no more room.
    pub fn value(&self, value: &Value) -> Result<Handle, Error> {
        let step = "put in a value";
        let index = self.change(step, |tables| {
            let key = Arc::as_ptr(&value.graph) as usize;
            let (_, mut known) = tables
                .copied
                .remove(&key)
                .unwrap_or_else(|| (Arc::clone(&value.graph), HashMap::new()));
            let result = tables.copy(step, &value.graph, value.index, &mut known);
            tables.copied.insert(key, (Arc::clone(&value.graph), known));
            result
        })?;
        Ok(self.handle(index))
    }

    /// Puts in Rust data, as [`dump_with`](crate::pickle::dump_with) writes it.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`] if the value refuses, or if its parts lie more than 256 levels deep;
    /// [`ErrorKind::Build`] if there is no more room.
    pub fn serialize<T: Serialize + ?Sized>(&self, value: &T) -> Result<Handle, Error> {
        let bytes = crate::pickle::dumps_with(value, &DumpOptions::new().protocol(5))?;
        let graph = machine::read(Cow::Owned(bytes), &no_limits())?;
        let step = "put in a value";
        let index =
            self.change(step, |tables| tables.copy(step, &graph, graph.root, &mut HashMap::new()))?;
        Ok(self.handle(index))
    }

    /// Writes the pickle of an object and all that it holds.
    ///
    /// # Errors
    /// [`ErrorKind::Build`] for a handle of another builder, [`ErrorKind::Io`] if the writer fails,
    /// [`ErrorKind::Unwritable`] if the protocol cannot hold the object: bytes of 4 GiB or more need
    /// protocol 4, for example, and a set that is needed to make one of its members does too.
    pub fn dump<W: Write>(
        &self,
        root: Handle,
        mut writer: W,
        options: &DumpOptions,
    ) -> Result<(), Error> {
        let step = "write";
        let root = self.index(step, root)?;
        let Ok(tables) = self.tables.try_borrow() else {
            return Err(refused(step, "the builder is being changed"));
        };
        ser::graph::to_writer(&tables.graph, root, &mut writer, options.protocol, &tables.raw)
    }

    /// The pickle of an object and all that it holds, as bytes.
    ///
    /// # Errors
    /// As [`Builder::dump`].
    pub fn dumps(&self, root: Handle, options: &DumpOptions) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        self.dump(root, &mut bytes, options)?;
        Ok(bytes)
    }

    /// Writes the pickle of an object into a file, whole or not at all, as
    /// [`save`](crate::pickle::save) does.
    ///
    /// # Errors
    /// [`ErrorKind::File`] with the path if the file cannot be written, [`ErrorKind::InFile`] with the
    /// path and what else is wrong, as in [`Builder::dump`].
    pub fn save(
        &self,
        root: Handle,
        path: impl AsRef<Path>,
        options: &DumpOptions,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        let written = files::write_atomically(path, |writer| self.dump(root, writer, options));
        written.map(|_length| ()).map_err(|error| Error::from_write(error, path))
    }

    /// An object as a [`Value`], which prints and can be looked into: what reading its pickle of
    /// protocol 5 gives, so that all of it is copied once.
    ///
    /// # Errors
    /// As [`Builder::dump`].
    pub fn to_value(&self, root: Handle) -> Result<Value, Error> {
        let bytes = self.dumps(root, &DumpOptions::new().protocol(5))?;
        let graph = machine::read(Cow::Owned(bytes), &no_limits())?;
        let index = graph.root;
        Ok(Value { graph: Arc::new(graph), index })
    }
}

impl fmt::Debug for Builder<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Builder");
        if let Ok(tables) = self.tables.try_borrow() {
            shown.field("objects", &(tables.graph.arena.nodes.len() - CONSTANTS.len()));
        }
        shown.finish_non_exhaustive()
    }
}

#[cold]
fn refused(step: &'static str, problem: impl Into<String>) -> Error {
    ErrorKind::Build { step, problem: problem.into() }.into()
}

#[cold]
fn full(step: &'static str) -> Error {
    refused(step, "the builder is full: it has room for four billion objects, and as many items")
}

/// What this crate has just written itself may be as large as it is.
fn no_limits() -> Limits {
    Limits::new().bytes(u64::MAX).objects(u32::MAX).memo(u32::MAX).memory(u64::MAX)
}

impl<'a> Tables<'a> {
    fn kind(&self, index: u32) -> Kind {
        self.graph.node(index).kind
    }

    fn push(&mut self, node: Node) -> Option<u32> {
        let nodes = &mut self.graph.arena.nodes;
        let index = u32::try_from(nodes.len()).ok().filter(|&index| index < self.room)?;
        nodes.push(node);
        Some(index)
    }

    /// The place where the next opcode will stand.
    fn next_place(&self) -> usize {
        self.graph.data.len()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.graph.data.to_mut().extend_from_slice(bytes);
    }

    /// An object that is written as an opcode with its argument.
    fn scalar(&mut self, kind: Kind, opcode: &[&[u8]]) -> Option<u32> {
        let index = self.push(Node::new(kind, self.next_place()))?;
        for part in opcode {
            self.write(part);
        }
        Some(index)
    }

    fn int(&mut self, value: i128) -> Option<u32> {
        match value {
            0..=0xff => self.scalar(Kind::Int, &[&[op::BININT1], &(value as u8).to_le_bytes()]),
            0x100..=0xffff => {
                self.scalar(Kind::Int, &[&[op::BININT2], &(value as u16).to_le_bytes()])
            }
            _ => match i32::try_from(value) {
                Ok(value) => self.scalar(Kind::Int, &[&[op::BININT], &value.to_le_bytes()]),
                Err(_) => {
                    let mut bytes = value.to_le_bytes().to_vec();
                    number::shorten(&mut bytes);
                    self.big_int(&bytes)
                }
            },
        }
    }

    fn big_int(&mut self, bytes: &[u8]) -> Option<u32> {
        self.scalar(Kind::Int, &[&[op::LONG4], &(bytes.len() as u32).to_le_bytes(), bytes])
    }

    fn text(&mut self, text: &[u8]) -> Option<u32> {
        match u32::try_from(text.len()) {
            Ok(length @ 0..256) => {
                self.scalar(Kind::Text, &[&[op::SHORT_BINUNICODE], &[length as u8], text])
            }
            Ok(length) => {
                self.scalar(Kind::Text, &[&[op::BINUNICODE], &length.to_le_bytes(), text])
            }
            Err(_) => self.scalar(
                Kind::Text,
                &[&[op::BINUNICODE8], &(text.len() as u64).to_le_bytes(), text],
            ),
        }
    }

    /// Text that is likely to come again.
    fn name(&mut self, name: &str) -> Option<u32> {
        if let Some(&index) = self.names.get(name) {
            return Some(index);
        }
        let index = self.text(name.as_bytes())?;
        self.names.insert(name.to_owned(), index);
        Some(index)
    }

    fn global(&mut self, module: &str, name: &str) -> Option<u32> {
        let key = (self.name(module)?, self.name(name)?);
        if let Some(&index) = self.globals.get(&key) {
            return Some(index);
        }
        let index = self.object("", Origin::StackGlobal, [key.0, key.1, NONE]).ok()?;
        self.globals.insert(key, index);
        Some(index)
    }

    fn bytes(&mut self, kind: Kind, bytes: Cow<'a, [u8]>) -> Option<u32> {
        match u32::try_from(bytes.len()) {
            Ok(length) if bytes.len() < LONG => {
                self.scalar(kind, &[&[op::BINBYTES], &length.to_le_bytes(), &bytes])
            }
            _ => {
                let piece = u32::try_from(self.graph.pieces.len()).ok()?;
                let index = self.scalar(kind, &[&[PIECE], &piece.to_le_bytes()])?;
                self.graph.pieces.push(Piece::Here(bytes));
                Some(index)
            }
        }
    }

    /// Puts items into the table of edges.
    fn run(&mut self, step: &'static str, items: &[u32], part: Part) -> Result<Run, Error> {
        let start = self.graph.arena.edges.len();
        if start + items.len() >= NONE as usize {
            return Err(full(step));
        }
        self.graph.arena.edges.extend_from_slice(items);
        Ok(Run { start: start as u32, length: items.len() as u32, next: NONE, part })
    }

    fn container(&mut self, step: &'static str, kind: Kind, items: &[u32]) -> Result<u32, Error> {
        let index = self
            .push(Node::new(kind, self.graph.arena.containers.len()))
            .ok_or_else(|| full(step))?;
        let run = self.run(step, items, Part::Append);
        let (start, length) = run.as_ref().map_or((0, 0), |run| (run.start, run.length));
        let container = Container { offset: 0, start, length, first: NONE, last: NONE };
        self.graph.arena.containers.push(container);
        run.map(|_| index)
    }

    fn tuple(&mut self, step: &'static str, items: &[u32]) -> Result<u32, Error> {
        if items.is_empty() {
            return Ok(EMPTY_TUPLE);
        }
        let hashable = items.iter().all(|&item| self.kind(item).hashable());
        self.container(step, if hashable { Kind::Tuple } else { Kind::UnhashableTuple }, items)
    }

    fn object(
        &mut self,
        step: &'static str,
        origin: Origin,
        [callee, arguments, named]: [u32; 3],
    ) -> Result<u32, Error> {
        let node = Node::new(Kind::Object, self.graph.arena.objects.len());
        let index = self.push(node).ok_or_else(|| full(step))?;
        self.graph.arena.objects.push(Object::new(0, origin, [callee, arguments, named]));
        Ok(index)
    }

    /// Every item, or every other one, or none, has to be hashable.
    fn check_hashable(&self, step: &'static str, items: &[u32], every: usize) -> Result<(), Error> {
        if every == 0 {
            return Ok(());
        }
        let mut seen = HashSet::new();
        for (number, &item) in items.iter().step_by(every).enumerate() {
            let kind = self.kind(item);
            if !kind.hashable() {
                let what = if every == 2 { "key" } else { "member" };
                let problem = match kind {
                    Kind::UnhashableTuple => format!(
                        "{what} {number} is a tuple that holds something that Python cannot hash"
                    ),
                    _ => format!(
                        "{what} {number} is a {}, which Python cannot hash",
                        kind.type_name()
                    ),
                };
                return Err(refused(step, problem));
            }
            if matches!(kind, Kind::Object | Kind::Tuple | Kind::FrozenSet)
                && let Some(found) = classes::unhashable(&self.graph, item, &mut seen)
            {
                let what = if every == 2 { "key" } else { "member" };
                let problem = format!("{what} {number} is {found}, which Python cannot hash");
                return Err(refused(step, problem));
            }
        }
        Ok(())
    }

    fn extend(
        &mut self,
        step: &'static str,
        target: u32,
        items: &[u32],
        part: Part,
    ) -> Result<(), Error> {
        let node = self.graph.node(target);
        match (part, node.kind) {
            (Part::Append, Kind::List)
            | (Part::Pairs, Kind::Dict)
            | (Part::Add, Kind::Set)
            | (_, Kind::Object) => {}
            (_, kind) => {
                let takes = match part {
                    Part::Append => "a list, or an object that Python makes by a call",
                    Part::Pairs => "a dict, or an object that Python makes by a call",
                    Part::Add => "a set, or an object that Python makes by a call",
                    Part::State => "an object that Python makes by a call",
                };
                let problem = format!("the target is a {}, and must be {takes}", kind.type_name());
                return Err(refused(step, problem));
            }
        }
        if let Some(object) = self.graph.object(node)
            && matches!(object.origin, Origin::Global | Origin::StackGlobal)
        {
            let problem = "the target is an imported name, not an object made by calling it";
            return Err(refused(step, problem));
        }
        let hashed = match (part, node.kind) {
            (Part::Pairs, Kind::Dict) => 2,
            (Part::Add, Kind::Set) => 1,
            _ => 0,
        };
        self.check_hashable(step, items, hashed)?;
        if items.is_empty() {
            return Ok(());
        }
        let run = self.run(step, items, part)?;
        match node.kind {
            Kind::Object => self.graph.arena.add_run(node, run),
            _ => self.graph.arena.extend(node, run),
        }
        Ok(())
    }
}

impl<'a> Tables<'a> {
    /// Copies an object of another graph and all that it holds, but for what is known already.
    fn copy(
        &mut self,
        step: &'static str,
        from: &Graph<'_>,
        root: u32,
        known: &mut HashMap<u32, u32>,
    ) -> Result<u32, Error> {
        // What there is to copy comes first, and whether there is room for it: then each object has
        // its number before another one points to it, and nothing fails half-way.
        let mut objects = Vec::new();
        let mut links = 0;
        let mut waiting = vec![root];
        while let Some(index) = waiting.pop() {
            if known.contains_key(&index) {
                continue;
            }
            known.insert(index, NONE);
            objects.push(index);
            if plain_global(from, index).is_none() {
                let before = waiting.len();
                waiting.extend(from.children(index));
                links += waiting.len() - before;
            }
        }
        // A name may need two texts of its own.
        let nodes = self.graph.arena.nodes.len() + 3 * objects.len();
        if nodes >= self.room as usize || self.graph.arena.edges.len() + links >= NONE as usize {
            for index in objects {
                known.remove(&index);
            }
            return Err(full(step));
        }
        for &index in &objects {
            let copy = self.copy_node(step, from, index)?;
            known.insert(index, copy);
        }
        let at = |index: &u32| known.get(index).copied().unwrap_or(NONE_OBJECT);
        for &index in &objects {
            self.copy_links(step, from, index, at(&index), &at)?;
        }
        Ok(at(&root))
    }

    /// A copy of an object, with nothing in it yet.
    fn copy_node(
        &mut self,
        step: &'static str,
        from: &Graph<'_>,
        index: u32,
    ) -> Result<u32, Error> {
        let node = from.node(index);
        match node.kind {
            Kind::None => Ok(NONE_OBJECT),
            Kind::True => Ok(TRUE),
            Kind::False => Ok(FALSE),
            Kind::EmptyTuple => Ok(EMPTY_TUPLE),
            Kind::Int | Kind::Float | Kind::Text | Kind::String => {
                let opcode = instruction(from, node.place());
                self.scalar(node.kind, &[opcode]).ok_or_else(|| full(step))
            }
            Kind::Bytes | Kind::RawBytes | Kind::ByteArray => {
                let bytes = Cow::Owned(from.bytes(node).into_owned());
                let kind = if node.kind == Kind::RawBytes { Kind::Bytes } else { node.kind };
                self.bytes(kind, bytes).ok_or_else(|| full(step))
            }
            Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Dict
            | Kind::Set
            | Kind::FrozenSet => self.container(step, node.kind, &[]),
            Kind::Object => {
                if let Some((module, name)) = plain_global(from, index) {
                    return self.global(&module, &name).ok_or_else(|| full(step));
                }
                let Some(object) = from.object(node) else { return Ok(NONE_OBJECT) };
                let place = self.next_place() as u64;
                let fixed = [object.callee, object.arguments, object.named];
                let copy = self.object(step, object.origin, fixed)?;
                if object.origin == Origin::PersistentName {
                    self.write(instruction(from, object.offset as usize));
                    if let Some(object) = self.graph.arena.objects.last_mut() {
                        object.offset = place;
                    }
                }
                Ok(copy)
            }
        }
    }

    /// Fills the copy of an object.
    fn copy_links(
        &mut self,
        step: &'static str,
        from: &Graph<'_>,
        index: u32,
        copy: u32,
        at: &impl Fn(&u32) -> u32,
    ) -> Result<(), Error> {
        if plain_global(from, index).is_some() {
            return Ok(());
        }
        let (node, new) = (from.node(index), self.graph.node(copy));
        let items: Vec<u32> = from.items(node).map(|item| at(&item)).collect();
        if !items.is_empty() {
            let part = if node.kind == Kind::Dict { Part::Pairs } else { Part::Append };
            let run = self.run(step, &items, part)?;
            self.graph.arena.extend(new, run);
        }
        let Some(object) = from.object(node) else { return Ok(()) };
        let link = |index: u32| if index == NONE { NONE } else { at(&index) };
        let global = match object.origin {
            // A name in two lines, of which something was changed after it was imported.
            Origin::Global => from
                .global(index)
                .and_then(|(module, name)| Some([self.name(&module)?, self.name(&name)?, NONE])),
            _ => None,
        };
        if let Some(new) = self.graph.arena.objects.get_mut(new.place()) {
            match (object.origin, global) {
                // These are numbers, not objects.
                (Origin::Extension | Origin::Buffer | Origin::ReadonlyBuffer, _) => {}
                (_, Some(global)) => {
                    new.origin = Origin::StackGlobal;
                    [new.callee, new.arguments, new.named] = global;
                }
                _ => {
                    new.callee = link(object.callee);
                    new.arguments = link(object.arguments);
                    new.named = link(object.named);
                }
            }
        }
        for (part, items) in from.parts(object) {
            let items: Vec<u32> = items.iter().map(at).collect();
            let run = self.run(step, &items, part)?;
            self.graph.arena.add_run(new, run);
        }
        Ok(())
    }
}

/// Module and name of something that is imported and left as it is, if both are texts.
fn plain_global<'g>(graph: &'g Graph<'_>, index: u32) -> Option<(Cow<'g, str>, Cow<'g, str>)> {
    let object = graph.object(graph.node(index))?;
    let text = |index| {
        let node = graph.node(index);
        node.kind == Kind::Text && matches!(graph.text(node), Text::Utf8(_))
    };
    let plain = match object.origin {
        Origin::Global => true,
        Origin::StackGlobal => text(object.callee) && text(object.arguments),
        _ => false,
    };
    if plain && object.first == NONE { graph.global(index) } else { None }
}

/// An opcode with its argument, as it stands in the data of a graph.
fn instruction<'g>(graph: &'g Graph<'_>, offset: usize) -> &'g [u8] {
    let end = Instruction::read(&graph.data, offset).map_or(offset, |found| found.next);
    graph.data.get(offset..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A full builder refuses, and stays as it was.
    #[test]
    fn a_builder_without_room_says_so() -> Result<(), Error> {
        let value: Value = crate::pickle::loads(b"](K\x01K\x02K\x03e.")?;
        let b = Builder::with_room(6);
        let (one, two) = (b.int(1), b.int(2));
        let nothing = b.int(3);
        let error = b.list([one, two, nothing]).unwrap_err().to_string();
        assert!(error.starts_with("cannot make a list: a handle stands for nothing"), "{error}");
        let error = b.list([one]).unwrap_err().to_string();
        assert!(error.starts_with("cannot make a list: the builder is full"), "{error}");
        for refused in [b.value(&value), b.serialize(&[1]), b.reduce(b.global("a", "b"), [])] {
            assert!(refused.is_err());
        }
        assert_eq!(b.to_value(two)?.to_string(), "2");
        assert_eq!(format!("{b:?}"), "Builder { objects: 2, .. }");
        Ok(())
    }
}
