//! The machine that reads a pickle: opcodes in, a graph of objects out.
//!
//! Nothing is executed: what Python would import, call or look up becomes an object that says so.
//! What each opcode accepts follows CPython's `Modules/_pickle.c`.

pub(crate) mod apart;
mod lines;
pub(crate) mod memo;
mod raw;
mod stack;

use std::borrow::Cow;
use std::mem::size_of;

use crate::pickle::encoding::Encoding;
use crate::pickle::error::Error;
use crate::pickle::format::number::{self, integer_width};
use crate::pickle::format::op;
use crate::pickle::format::opcode::{Argument, Effect, Instruction, little_endian};
use crate::pickle::format::text;
use crate::pickle::graph::{
    Arena, Container, Dtypes, Extent, Graph, Kind, NONE, Node, Object, Origin, Part, Run,
};
use crate::pickle::limits::Limits;
use memo::Memo;
use raw::{Awaited, Raw};
use stack::Machine;

/// Reads the pickle that is all of the data.
pub(crate) fn read<'a>(data: Cow<'a, [u8]>, limits: &Limits) -> Result<Graph<'a>, Error> {
    // Room that is not used is not touched, and costs nothing; what is used is not moved.
    let room = (data.len() / 4).min(MOST_ROOM);
    let mut machine = Machine::new(&data, limits, room);
    let (root, end) =
        machine.run().map_err(|error| lines::explain(error, &data).in_bytes(&data))?;
    Ok(machine.made().graph(data, root, end))
}

/// Reads the first of several pickles, which may be as small as it can be.
pub(crate) fn read_first<'a>(data: &'a [u8], limits: &Limits) -> Result<Graph<'a>, Error> {
    let mut machine = Machine::new(data, limits, 0);
    let (root, end) = machine.run().map_err(|error| lines::explain(error, data))?;
    // A `Value` keeps the bytes: its own, not those of all that follows.
    let data = Cow::Borrowed(data.get(..end).unwrap_or(data));
    Ok(machine.made().graph(data, root, end))
}

/// Reads the first of several pickles as far as it can be read: what it made up to an error, and the
/// error. Then there is no root, and the end is where the opcode stands that could not be done.
///
/// Without `arrays`, joblib's arrays are not known: what follows a description of one are opcodes, as
/// they are for Python's own `pickle.load`.
pub(crate) fn read_as_far<'a>(
    data: &'a [u8],
    limits: &Limits,
    arrays: bool,
) -> (Graph<'a>, Option<Error>) {
    let mut machine = Machine::new(data, limits, 0);
    machine.raw = Raw::new(arrays);
    let (root, end, error) = match machine.run() {
        Ok((root, end)) => (root, end, None),
        Err(error) => (NONE, machine.here, Some(error)),
    };
    (machine.made().graph(Cow::Borrowed(data), root, end), error)
}

/// A pickle, or what it held before the damage.
pub(crate) struct Rescued {
    pub(crate) graph: Graph<'static>,
    pub(crate) stack: Vec<u32>,
    /// Heights of the stack.
    pub(crate) marks: Vec<u32>,
    pub(crate) error: Option<Error>,
}

/// Reads the first of several pickles as far as it is sound.
pub(crate) fn rescue(data: &[u8], limits: &Limits) -> Rescued {
    let mut machine = Machine::new(data, limits, 0);
    machine.lenient = true;
    let result = machine.run();
    let (mut stack, mut marks) =
        (std::mem::take(&mut machine.stack), std::mem::take(&mut machine.marks));
    // Below the stack of an array of objects stands that of the pickle around it.
    if let Some((outer, outer_marks)) = machine.raw.take_outer() {
        let height = outer.len() as u32;
        let inner = [0].iter().chain(&marks).map(|mark| mark.saturating_add(height));
        marks = outer_marks.into_iter().chain(inner).collect();
        stack = [outer, stack].concat();
    }
    let result = result.map_err(|error| lines::explain(error, data));
    // What was read stands before the damage.
    let (root, end) = match &result {
        Ok((root, end)) => (*root, *end),
        Err(_) => (stack.last().copied().unwrap_or(NONE), machine.here),
    };
    let data = Cow::Owned(data.get(..end).unwrap_or(data).to_vec());
    let graph = machine.made().graph(data, root, end);
    Rescued { graph, stack, marks, error: result.err() }
}

/// What a machine has made, without the bytes that it read.
struct Made {
    arena: Arena,
    protocol: u8,
    encoding: Option<Encoding>,
    extents: Vec<Extent>,
}

impl Made {
    fn graph(self, data: Cow<'_, [u8]>, root: u32, end: usize) -> Graph<'_> {
        let Made { arena, protocol, encoding, extents } = self;
        let (pieces, dtypes) = (Vec::new(), Dtypes::default());
        Graph { data, pieces, arena, root, protocol, encoding, end, extents, dtypes }
    }
}

/// Where a machine stops.
enum Pause {
    /// At the end of the pickle: its root, and where it ends.
    End(u32, usize),
    /// At an opcode that is not all there yet.
    More(usize),
    /// At bytes that are not all there yet.
    Bytes { kind: Kind, at: usize, content: usize, length: usize },
    /// Behind the description of an array.
    Array(Awaited),
}

/// For how many objects room is made beforehand, at the most.
const MOST_ROOM: usize = 1 << 22;

/// How often the memory is counted, in opcodes.
const COUNT_EVERY: u32 = 4096;

impl<'d, 'l> Machine<'d, 'l> {
    fn new(data: &'d [u8], limits: &'l Limits, room: usize) -> Machine<'d, 'l> {
        let mut arena = Arena::default();
        arena.nodes.reserve(room);
        arena.edges.reserve(room);
        Machine {
            data,
            ready: usize::MAX,
            length: data.len() as u64,
            limits,
            most_memory: limits.memory_for(data.len()),
            arena,
            stack: Vec::new(),
            marks: Vec::new(),
            fence: 0,
            memo: Memo::default(),
            buffers: 0,
            protocol: 0,
            here: 0,
            lenient: false,
            raw: Raw::default(),
        }
    }

    fn made(self) -> Made {
        Made {
            arena: self.arena,
            protocol: self.protocol,
            encoding: self.limits.encoding,
            extents: self.raw.extents,
        }
    }

    /// Reads a pickle of which all data is there.
    fn run(&mut self) -> Result<(u32, usize), Error> {
        match self.go(0)? {
            Pause::End(root, end) => Ok((root, end)),
            _ => Err(self.bad("the data ends before STOP; it was cut short")),
        }
    }

    /// Reads from an opcode on, to the end or as far as the data is there.
    fn go(&mut self, mut position: usize) -> Result<Pause, Error> {
        let mut until_count = COUNT_EVERY;
        loop {
            if position >= self.ready {
                return Ok(Pause::More(position));
            }
            until_count -= 1;
            if until_count == 0 {
                until_count = COUNT_EVERY;
                self.count_memory()?;
            }
            self.here = position;
            if let Some(next) = self.usual(position)? {
                position = next;
                continue;
            }
            let found = match Instruction::read(self.data, position) {
                Ok(found) => found,
                Err(error) if self.is_whole() => return Err(error),
                Err(_) => return Ok(self.awaited(position)),
            };
            position = found.next;
            match found.opcode.effect {
                Effect::Int => self.push_int(&found)?,
                Effect::Float => {
                    if found.opcode.argument == Argument::Line {
                        number::float_line(found.argument(self.data)).map_err(|it| self.bad(it))?;
                    }
                    self.push_scalar(Kind::Float)?;
                }
                Effect::Text => self.push_text(&found)?,
                Effect::String => {
                    let bytes = match found.opcode.argument {
                        Argument::Line => text::string_line(found.argument(self.data))
                            .map_err(|it| self.bad(it))?,
                        _ => Cow::Borrowed(found.argument(self.data)),
                    };
                    self.check_encoding(&bytes)?;
                    self.push_scalar(Kind::String)?;
                }
                Effect::Bytes => self.push_scalar(Kind::Bytes)?,
                Effect::ByteArray => self.push_scalar(Kind::ByteArray)?,
                Effect::None => self.push_scalar(Kind::None)?,
                Effect::True => self.push_scalar(Kind::True)?,
                Effect::False => self.push_scalar(Kind::False)?,
                Effect::EmptyTuple => self.push_scalar(Kind::EmptyTuple)?,
                Effect::EmptyList => self.push_container(Kind::List, self.stack.len())?,
                Effect::EmptyDict => self.push_container(Kind::Dict, self.stack.len())?,
                Effect::EmptySet => self.push_container(Kind::Set, self.stack.len())?,
                Effect::Tuple1 => self.push_tuple(1)?,
                Effect::Tuple2 => self.push_tuple(2)?,
                Effect::Tuple3 => self.push_tuple(3)?,
                Effect::Tuple => {
                    let from = self.pop_mark()?;
                    self.push_tuple(self.stack.len() - from)?;
                }
                Effect::List => {
                    let from = self.pop_mark()?;
                    self.push_container(Kind::List, from)?;
                }
                Effect::Dict => {
                    let from = self.pop_mark()?;
                    self.check_pairs(from)?;
                    self.push_container(Kind::Dict, from)?;
                }
                Effect::FrozenSet => {
                    let from = self.pop_mark()?;
                    self.check_hashable(from, 1)?;
                    self.push_container(Kind::FrozenSet, from)?;
                }
                Effect::Append => {
                    let from = self.stack.len().wrapping_sub(1);
                    self.extend(from, Part::Append)?;
                }
                Effect::Appends => {
                    let from = self.pop_mark()?;
                    self.extend(from, Part::Append)?;
                }
                Effect::SetItem => {
                    let from = self.stack.len().wrapping_sub(2);
                    self.extend(from, Part::Pairs)?;
                }
                Effect::SetItems => {
                    let from = self.pop_mark()?;
                    self.extend(from, Part::Pairs)?;
                }
                Effect::AddItems => {
                    let from = self.pop_mark()?;
                    self.extend(from, Part::Add)?;
                }
                Effect::Mark => self.mark()?,
                Effect::PopMark => {
                    let from = self.pop_mark()?;
                    self.stack.truncate(from);
                }
                Effect::Pop => {
                    if !self.marks.is_empty() && self.fence == self.stack.len() {
                        self.pop_mark()?;
                    } else {
                        self.pop()?;
                    }
                }
                Effect::Dup => {
                    let top = self.top()?;
                    self.stack.push(top);
                }
                Effect::Get => {
                    let number = self.memo_number(&found)?;
                    match self.memo.get(number) {
                        Some(index) => self.stack.push(index),
                        None => {
                            return Err(self.bad(&format!("nothing is in the memo under {number}")));
                        }
                    }
                }
                Effect::Put => {
                    let number = self.memo_number(&found)?;
                    self.put(number)?;
                }
                Effect::Memoize => self.put(self.memo.length() as u64)?,
                Effect::Proto => {
                    let protocol = found.unsigned(self.data);
                    if protocol > 5 {
                        let problem = format!("protocol {protocol} is newer than 5, the newest");
                        return Err(self.bad(&problem));
                    }
                    self.protocol = protocol as u8;
                }
                Effect::Frame => {
                    let length = found.unsigned(self.data);
                    let left = (self.data.len() - position) as u64;
                    if length > left && !self.lenient && self.is_whole() {
                        return Err(self.bad(&format!(
                            "a frame of {length} bytes is declared, but only {left} are left; \
                             it was cut short or is damaged"
                        )));
                    }
                    let length = if self.is_whole() { length.min(left) } else { length };
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    self.raw.frame_end = position.saturating_add(length);
                    self.raw.frames_end = self.raw.frames_end.max(self.raw.frame_end);
                }
                Effect::Stop => {
                    let root = self.pop()?;
                    if !self.raw.is_nested() {
                        return Ok(Pause::End(root, position));
                    }
                    self.leave_nested(root, position);
                }
                Effect::Global => {
                    self.check_lines(&found)?;
                    self.push_object(Origin::Global, NONE, NONE, NONE)?;
                    self.note_wrapper_class();
                }
                Effect::StackGlobal => {
                    let name = self.pop()?;
                    let module = self.pop()?;
                    if !self.may_be_name(name) || !self.may_be_name(module) {
                        return Err(self.bad("module and name must be text"));
                    }
                    self.push_object(Origin::StackGlobal, module, name, NONE)?;
                    self.note_wrapper_class();
                }
                Effect::Reduce => {
                    let arguments = self.pop()?;
                    let callee = self.pop()?;
                    self.check_call(callee, arguments)?;
                    self.push_object(Origin::Reduce, callee, arguments, NONE)?;
                }
                Effect::NewObj => {
                    let arguments = self.pop()?;
                    let callee = self.pop()?;
                    self.check_call(callee, arguments)?;
                    self.push_object(Origin::NewObj, callee, arguments, NONE)?;
                }
                Effect::NewObjEx => {
                    let named = self.pop()?;
                    let arguments = self.pop()?;
                    let callee = self.pop()?;
                    self.check_call(callee, arguments)?;
                    if !matches!(self.kind(named), Kind::Dict | Kind::Object) {
                        return Err(self.bad("named arguments must be a dictionary"));
                    }
                    self.push_object(Origin::NewObjEx, callee, arguments, named)?;
                }
                Effect::Inst => {
                    self.check_lines(&found)?;
                    let from = self.pop_mark()?;
                    self.push_tuple(self.stack.len() - from)?;
                    let arguments = self.pop()?;
                    self.push_object(Origin::Global, NONE, NONE, NONE)?;
                    self.note_wrapper_class();
                    let callee = self.pop()?;
                    self.push_object(Origin::Inst, callee, arguments, NONE)?;
                }
                Effect::Obj => {
                    let from = self.pop_mark()?;
                    if self.stack.len() <= from {
                        return Err(self.underflow());
                    }
                    self.push_tuple(self.stack.len() - from - 1)?;
                    let arguments = self.pop()?;
                    let callee = self.pop()?;
                    self.check_call(callee, arguments)?;
                    self.push_object(Origin::Obj, callee, arguments, NONE)?;
                }
                Effect::Build => {
                    self.build()?;
                    if self.raw.may_follow() {
                        position = match self.raw_array(position)? {
                            Ok(next) => next,
                            Err(array) => return Ok(Pause::Array(array)),
                        };
                    }
                }
                Effect::PersistentName => {
                    if !found.argument(self.data).is_ascii() {
                        return Err(self.bad("a persistent id in text must be ASCII"));
                    }
                    self.push_object(Origin::PersistentName, NONE, NONE, NONE)?;
                }
                Effect::PersistentObject => {
                    let name = self.pop()?;
                    self.push_object(Origin::Persistent, NONE, name, NONE)?;
                }
                Effect::Extension => {
                    let code = found.unsigned(self.data);
                    if code == 0 || code > i32::MAX as u64 {
                        return Err(self.bad("an extension code must be above 0"));
                    }
                    self.push_object(Origin::Extension, NONE, code as u32, NONE)?;
                }
                Effect::NextBuffer => {
                    self.push_object(Origin::Buffer, NONE, self.buffers, NONE)?;
                    self.buffers += 1;
                }
                Effect::ReadonlyBuffer => self.readonly_buffer()?,
            }
        }
    }

    /// What is needed to read the opcode at a place.
    #[cold]
    fn awaited(&self, at: usize) -> Pause {
        let (kind, width) = match self.data.get(at) {
            Some(&op::BINBYTES) => (Kind::Bytes, 4),
            Some(&op::BINBYTES8) => (Kind::Bytes, 8),
            Some(&op::BYTEARRAY8) => (Kind::ByteArray, 8),
            _ => return Pause::More(at),
        };
        let content = at + 1 + width;
        let length = self.data.get(at + 1..content).map(little_endian);
        match length.and_then(|length| usize::try_from(length).ok()) {
            Some(length) => Pause::Bytes { kind, at, content, length },
            None => Pause::More(at),
        }
    }

    /// Does the opcodes that most of a pickle consists of, whole ones only, and tells where the next
    /// one begins; nothing for any other opcode. The same as what the table says, in one jump
    /// instead of two.
    #[inline(always)]
    fn usual(&mut self, position: usize) -> Result<Option<usize>, Error> {
        let (kind, next) = match *self.data.get(position..).unwrap_or_default() {
            [code @ (op::BININT1 | op::BININT2 | op::BININT), ref rest @ ..] => {
                let width = integer_width(code);
                if rest.len() < width {
                    return Ok(None);
                }
                (Kind::Int, position + 1 + width)
            }
            [op::BINFLOAT, _, _, _, _, _, _, _, _, ..] => (Kind::Float, position + 9),
            [op::NONE, ..] => (Kind::None, position + 1),
            [op::NEWTRUE, ..] => (Kind::True, position + 1),
            [op::NEWFALSE, ..] => (Kind::False, position + 1),
            [op::MARK, ..] => {
                self.mark()?;
                return Ok(Some(position + 1));
            }
            [op::EMPTY_DICT, ..] => {
                self.push_container(Kind::Dict, self.stack.len())?;
                return Ok(Some(position + 1));
            }
            [op::SETITEMS, ..] => {
                let from = self.pop_mark()?;
                self.extend(from, Part::Pairs)?;
                return Ok(Some(position + 1));
            }
            [op::SHORT_BINUNICODE, length, ref rest @ ..] => {
                let Some(bytes) = rest.get(..usize::from(length)) else { return Ok(None) };
                // Text that is not ASCII is looked at by the usual way.
                if !bytes.is_ascii() {
                    return Ok(None);
                }
                (Kind::Text, position + 2 + usize::from(length))
            }
            [op::MEMOIZE, ..] => {
                self.put(self.memo.length() as u64)?;
                return Ok(Some(position + 1));
            }
            [op::BINGET, number, ..] => match self.memo.get(number.into()) {
                Some(index) => {
                    self.stack.push(index);
                    return Ok(Some(position + 2));
                }
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.push(Node::new(kind, position))?;
        Ok(Some(next))
    }

    fn count_memory(&self) -> Result<(), Error> {
        let arena = &self.arena;
        // By length where room was made beforehand, else with the room that a vector has to grow.
        let used = arena.nodes.len() * size_of::<Node>()
            + arena.edges.len() * size_of::<u32>()
            + arena.containers.capacity() * size_of::<Container>()
            + arena.objects.capacity() * size_of::<Object>()
            + arena.runs.capacity() * size_of::<Run>()
            + (self.stack.capacity() + self.marks.capacity()) * size_of::<u32>()
            + self.memo.memory()
            + self.raw.memory();
        if used as u64 > self.most_memory {
            return Err(self.limit("bytes of memory", "memory", self.most_memory));
        }
        Ok(())
    }
}
