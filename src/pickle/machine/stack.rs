//! The machine's stack and memo and the tables of objects, and what opcodes do to them.

use std::borrow::Cow;

use super::lines;
use super::memo::Memo;
use super::raw::{LONGEST_NAME, Raw};
use crate::pickle::encoding::Encoding;
use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::number::{self, IntLine};
use crate::pickle::format::op;
use crate::pickle::format::opcode::{Argument, Instruction, Opcode, damaged};
use crate::pickle::format::text;
use crate::pickle::graph::{Arena, Container, Kind, NONE, Node, Object, Origin, Part, Run};
use crate::pickle::limits::Limits;

pub(crate) struct Machine<'d, 'l> {
    pub(crate) data: &'d [u8],
    /// From where on more data may be needed; the greatest number where all is there.
    pub(crate) ready: usize,
    /// How many bytes the pickle has, as far as that is known.
    pub(crate) length: u64,
    pub(crate) limits: &'l Limits,
    pub(crate) most_memory: u64,
    pub(crate) arena: Arena,
    pub(crate) stack: Vec<u32>,
    /// Heights of the stack; nothing below the last one, the fence, may be touched.
    pub(crate) marks: Vec<u32>,
    pub(crate) fence: usize,
    pub(crate) memo: Memo,
    pub(crate) buffers: u32,
    pub(crate) protocol: u8,
    pub(crate) here: usize,
    /// Whether a frame that is cut short is read all the same, as far as it goes.
    pub lenient: bool,
    pub(crate) raw: Raw,
}

impl<'l> Machine<'_, 'l> {
    /// The same machine on other data, which begins with what was read so far.
    pub(crate) fn on<'d>(self, data: &'d [u8], ready: usize) -> Machine<'d, 'l> {
        let Machine { length, limits, most_memory, arena, stack, marks, .. } = self;
        let Machine { fence, memo, buffers, protocol, here, lenient, raw, .. } = self;
        Machine {
            data,
            ready,
            length,
            limits,
            most_memory,
            arena,
            stack,
            marks,
            fence,
            memo,
            buffers,
            protocol,
            here,
            lenient,
            raw,
        }
    }
}

impl Machine<'_, '_> {
    /// Whether all of the data is there.
    pub(crate) fn is_whole(&self) -> bool {
        self.ready == usize::MAX
    }

    #[cold]
    pub(crate) fn bad(&self, problem: &str) -> Error {
        let opcode = self.data.get(self.here).and_then(|&code| Opcode::from_code(code));
        damaged(self.here, opcode.map_or("", |opcode| opcode.name), problem)
    }

    #[cold]
    pub(crate) fn underflow(&self) -> Error {
        if self.marks.is_empty() {
            self.bad("the stack has too few objects")
        } else {
            self.bad("the stack has too few objects above the mark")
        }
    }

    #[cold]
    pub(crate) fn limit(&self, limit: &'static str, name: &'static str, value: u64) -> Error {
        let offset = self.here as u64;
        let opcode = self.data.get(self.here).and_then(|&code| Opcode::from_code(code));
        let opcode = opcode.map_or("", |opcode| opcode.name);
        ErrorKind::Limit { offset, opcode, limit, name, value }.into()
    }

    #[inline]
    pub(crate) fn kind(&self, index: u32) -> Kind {
        self.arena.nodes.get(index as usize).map_or(Kind::None, |node| node.kind)
    }

    #[inline]
    pub(crate) fn push(&mut self, node: Node) -> Result<(), Error> {
        let index = self.arena.nodes.len();
        if index >= self.limits.objects.min(NONE - 1) as usize {
            return Err(self.limit("objects", "objects", self.limits.objects.into()));
        }
        self.arena.nodes.push(node);
        self.stack.push(index as u32);
        Ok(())
    }

    #[inline]
    pub(crate) fn push_scalar(&mut self, kind: Kind) -> Result<(), Error> {
        self.push(Node::new(kind, self.here))
    }

    #[inline]
    pub(crate) fn push_int(&mut self, found: &Instruction) -> Result<(), Error> {
        let mut kind = Kind::Int;
        if found.opcode.argument == Argument::Line {
            let line = found.argument(self.data);
            if line.ends_with(b"\r") {
                return Err(self.bad(lines::CHANGED));
            }
            if found.opcode.code == op::INT {
                match number::int_line(line).map_err(|it| self.bad(it))? {
                    IntLine::Bool(true) => kind = Kind::True,
                    IntLine::Bool(false) => kind = Kind::False,
                    IntLine::Int(_) => {}
                }
            } else {
                number::long_line(line).map_err(|it| self.bad(it))?;
            }
        }
        self.push_scalar(kind)
    }

    #[inline]
    pub(crate) fn push_text(&mut self, found: &Instruction) -> Result<(), Error> {
        let bytes = found.argument(self.data);
        if found.opcode.argument == Argument::Line {
            text::unicode_line(bytes).map_err(|it| self.bad(it))?;
        } else if bytes.len() < self.limits.checked_text && !text::is_text(bytes) {
            return Err(self.bad("the text is not UTF-8"));
        }
        self.push_scalar(Kind::Text)
    }

    /// Whether an object may be the text that STACK_GLOBAL needs. One that the application looks up may,
    /// and a string of Python 2 that is text to Python 3.
    pub(crate) fn may_be_name(&self, index: u32) -> bool {
        let node = self.arena.nodes.get(index as usize).copied();
        match node.map(|node| (node.kind, node.place())) {
            Some((Kind::Text | Kind::Object, _)) => true,
            Some((Kind::String, place)) => {
                let Ok(found) = Instruction::read(self.data, place) else { return false };
                let bytes = found.argument(self.data);
                // It is looked at each time that it is used.
                if bytes.len() > LONGEST_NAME {
                    return false;
                }
                let bytes = match found.opcode.argument {
                    Argument::Line => text::string_line(bytes).unwrap_or_default(),
                    _ => Cow::Borrowed(bytes),
                };
                match self.limits.encoding {
                    Some(Encoding::Bytes) => false,
                    Some(Encoding::Latin1) => true,
                    _ => std::str::from_utf8(&bytes).is_ok(),
                }
            }
            _ => false,
        }
    }

    /// Whether a string of Python 2 is text in the encoding that was asked for.
    pub(crate) fn check_encoding(&self, bytes: &[u8]) -> Result<(), Error> {
        let name = match self.limits.encoding {
            Some(Encoding::Ascii) if !bytes.is_ascii() => "ASCII",
            Some(Encoding::Utf8) if std::str::from_utf8(bytes).is_err() => "UTF-8",
            _ => return Ok(()),
        };
        let problem = format!(
            "a string of Python 2 is not {name}; the encoding `latin1` takes any, and `bytes` leaves it \
             as it is"
        );
        Err(Error::of_type(self.here as u64, problem))
    }

    /// Moves all from `from` to the top of the stack into the table of edges.
    #[inline]
    pub(crate) fn take(&mut self, from: usize) -> Result<(u32, u32), Error> {
        let start = self.arena.edges.len();
        let taken = self.stack.get(from..).unwrap_or_default();
        if start + taken.len() >= NONE as usize {
            return Err(self.limit("items in containers", "objects", NONE.into()));
        }
        self.arena.edges.extend_from_slice(taken);
        let length = taken.len() as u32;
        self.stack.truncate(from);
        Ok((start as u32, length))
    }

    #[inline]
    pub(crate) fn push_container(&mut self, kind: Kind, from: usize) -> Result<(), Error> {
        let (start, length) = self.take(from)?;
        let place = self.arena.containers.len();
        let offset = self.here as u64;
        self.arena.containers.push(Container { offset, start, length, first: NONE, last: NONE });
        self.push(Node::new(kind, place))
    }

    #[inline]
    pub(crate) fn push_tuple(&mut self, length: usize) -> Result<(), Error> {
        if length == 0 {
            return self.push_scalar(Kind::EmptyTuple);
        }
        if self.stack.len() - self.fence < length {
            return Err(self.underflow());
        }
        let from = self.stack.len() - length;
        let hashable =
            self.stack.get(from..).unwrap_or_default().iter().all(|&item| self.hashable(item));
        self.push_container(if hashable { Kind::Tuple } else { Kind::UnhashableTuple }, from)
    }

    pub(crate) fn push_object(
        &mut self,
        origin: Origin,
        callee: u32,
        arguments: u32,
        named: u32,
    ) -> Result<(), Error> {
        let place = self.arena.objects.len();
        let offset = self.here as u64;
        self.arena.objects.push(Object::new(offset, origin, [callee, arguments, named]));
        self.push(Node::new(Kind::Object, place))
    }

    #[inline]
    pub(crate) fn top(&self) -> Result<u32, Error> {
        match self.stack.last() {
            Some(&top) if self.stack.len() > self.fence => Ok(top),
            _ => Err(self.underflow()),
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Result<u32, Error> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    #[inline]
    pub(crate) fn mark(&mut self) -> Result<(), Error> {
        self.fence = self.stack.len();
        if self.fence >= NONE as usize {
            return Err(self.limit("objects on the stack", "memory", NONE.into()));
        }
        self.marks.push(self.fence as u32);
        Ok(())
    }

    #[inline]
    pub(crate) fn pop_mark(&mut self) -> Result<usize, Error> {
        match self.marks.pop() {
            Some(mark) => {
                self.fence = self.marks.last().map_or(0, |&mark| mark as usize);
                Ok(mark as usize)
            }
            None => Err(self.bad("there is no mark")),
        }
    }

    #[inline]
    pub(crate) fn hashable(&self, index: u32) -> bool {
        self.kind(index).hashable()
    }

    #[inline]
    pub(crate) fn check_hashable(&self, from: usize, step: usize) -> Result<(), Error> {
        for &item in self.stack.get(from..).unwrap_or_default().iter().step_by(step) {
            if !self.hashable(item) {
                let what = if step == 2 { "a key" } else { "a member of a set" };
                return Err(self.bad(&format!(
                    "{what} cannot be a list, dictionary, set or bytearray, or hold one"
                )));
            }
        }
        Ok(())
    }

    pub(crate) fn check_pairs(&self, from: usize) -> Result<(), Error> {
        if !(self.stack.len() - from).is_multiple_of(2) {
            return Err(self.bad("a key has no value"));
        }
        self.check_hashable(from, 2)
    }

    /// Adds all from `from` to the top of the stack to the object below.
    #[inline]
    pub(crate) fn extend(&mut self, from: usize, part: Part) -> Result<(), Error> {
        // Also when `from` has wrapped around below 0.
        if from > self.stack.len() || from <= self.fence {
            return Err(self.underflow());
        }
        if from == self.stack.len() {
            return Ok(());
        }
        let Some(&target) = self.stack.get(from - 1) else {
            return Err(self.underflow());
        };
        if part == Part::Pairs && !(self.stack.len() - from).is_multiple_of(2) {
            return Err(self.bad("a key has no value"));
        }
        let node =
            self.arena.nodes.get(target as usize).copied().unwrap_or(Node::new(Kind::None, 0));
        match (part, node.kind) {
            (Part::Append, Kind::List) => {}
            (Part::Pairs, Kind::Dict) => self.check_hashable(from, 2)?,
            (Part::Add, Kind::Set) => self.check_hashable(from, 1)?,
            (_, Kind::Object) => {
                let (start, length) = self.take(from)?;
                self.arena.add_run(node, Run { start, length, next: NONE, part });
                return Ok(());
            }
            (Part::Append, _) => return Err(self.bad("the object below is not a list")),
            (Part::Pairs, _) => return Err(self.bad("the object below is not a dictionary")),
            (_, _) => return Err(self.bad("the object below is not a set")),
        }
        let (start, length) = self.take(from)?;
        self.arena.extend(node, Run { start, length, next: NONE, part });
        Ok(())
    }

    pub(crate) fn memo_number(&self, found: &Instruction) -> Result<u64, Error> {
        if found.opcode.argument != Argument::Line {
            return Ok(found.unsigned(self.data));
        }
        if found.argument(self.data).ends_with(b"\r") {
            return Err(self.bad(lines::CHANGED));
        }
        match number::long_line(found.argument(self.data)).map(|number| number.to_u128()) {
            Ok(Some(number)) if number <= i64::MAX as u128 => Ok(number as u64),
            _ => Err(self.bad("the number in the memo must be a non-negative integer")),
        }
    }

    #[inline]
    pub(crate) fn put(&mut self, number: u64) -> Result<(), Error> {
        let top = self.top()?;
        self.memo.put(number, top);
        if self.memo.length() > self.limits.memo as usize {
            return Err(self.limit("memo entries", "memo", self.limits.memo.into()));
        }
        Ok(())
    }

    pub(crate) fn check_lines(&self, found: &Instruction) -> Result<(), Error> {
        // No name of a module or of anything in it ends so.
        if found.argument(self.data).ends_with(b"\r") {
            return Err(self.bad(lines::CHANGED));
        }
        match std::str::from_utf8(found.argument(self.data)) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.bad("module and name must be UTF-8")),
        }
    }

    pub(crate) fn check_call(&self, callee: u32, arguments: u32) -> Result<(), Error> {
        if self.kind(callee) != Kind::Object {
            return Err(self.bad("what is called is data, not a class or function"));
        }
        if !matches!(
            self.kind(arguments),
            Kind::EmptyTuple | Kind::Tuple | Kind::UnhashableTuple | Kind::Object
        ) {
            return Err(self.bad("arguments must be a tuple"));
        }
        Ok(())
    }

    pub(crate) fn build(&mut self) -> Result<(), Error> {
        let state = self.pop()?;
        let target = self.top()?;
        let node =
            self.arena.nodes.get(target as usize).copied().unwrap_or(Node::new(Kind::None, 0));
        if node.kind != Kind::Object {
            if self.kind(state) == Kind::None {
                return Ok(());
            }
            return Err(self.bad("the object below is data and takes no state"));
        }
        self.stack.push(state);
        let (start, length) = self.take(self.stack.len() - 1)?;
        self.arena.add_run(node, Run { start, length, next: NONE, part: Part::State });
        Ok(())
    }

    pub(crate) fn readonly_buffer(&mut self) -> Result<(), Error> {
        let top = self.pop()?;
        let node = self.arena.nodes.get(top as usize).copied();
        let object = node.and_then(|node| self.arena.objects.get(node.place())).copied();
        match (self.kind(top), object) {
            (Kind::Object, Some(Object { origin: Origin::Buffer, arguments, .. })) => {
                self.push_object(Origin::ReadonlyBuffer, NONE, arguments, NONE)
            }
            // Read-only already, or an object that may be a buffer.
            (Kind::Bytes | Kind::Object, _) => {
                self.stack.push(top);
                Ok(())
            }
            _ => Err(self.bad("the object on top is not a buffer")),
        }
    }
}
