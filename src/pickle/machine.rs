//! The machine that reads a pickle: opcodes in, a graph of objects out.
//!
//! Nothing is executed: what Python would import, call or look up becomes an object that says so.
//! What each opcode accepts follows CPython's `Modules/_pickle.c`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::mem::size_of;

use super::error::{Error, ErrorKind};
use super::graph::{Arena, Container, Graph, Kind, NONE, Node, Object, Origin, Part, Run};
use super::limits::Limits;
use super::number::{self, IntLine, integer_width};
use super::opcode::{Argument, Effect, Instruction, Opcode, damaged};
use super::text;

/// Reads the pickle that begins at `start`.
pub(super) fn read<'a>(
    data: Cow<'a, [u8]>,
    start: usize,
    limits: &Limits,
) -> Result<Graph<'a>, Error> {
    let mut arena = Arena::default();
    // Room that is not used is not touched, and costs nothing; what is used is not moved.
    let room = (data.len().saturating_sub(start) / 4).min(MOST_ROOM);
    arena.nodes.reserve(room);
    arena.edges.reserve(room);
    let mut machine = Machine {
        data: &data,
        limits,
        arena,
        stack: Vec::new(),
        marks: Vec::new(),
        fence: 0,
        memo: Memo::default(),
        buffers: 0,
        protocol: 0,
        here: start,
    };
    let (root, end) = machine.run(start)?;
    let (arena, protocol) = (machine.arena, machine.protocol);
    Ok(Graph { data, arena, root, protocol, start, end })
}

struct Machine<'d, 'l> {
    data: &'d [u8],
    limits: &'l Limits,
    arena: Arena,
    stack: Vec<u32>,
    /// Heights of the stack; nothing below the last one, the fence, may be touched.
    marks: Vec<u32>,
    fence: usize,
    memo: Memo,
    buffers: u32,
    protocol: u8,
    here: usize,
}

/// Objects by number. Numbers usually count up from 0; others go to a map, so that one large
/// number does not ask for a large table.
#[derive(Default)]
struct Memo {
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    length: usize,
}

impl Memo {
    #[inline]
    fn get(&self, number: u64) -> Option<u32> {
        match self.dense.get(number as usize) {
            Some(&index) if index != NONE => Some(index),
            _ => self.sparse.get(&number).copied(),
        }
    }

    #[inline]
    fn put(&mut self, number: u64, index: u32) {
        if number == self.dense.len() as u64 {
            self.dense.push(index);
            // The number may have been used before it was its turn.
            if self.sparse.is_empty() || self.sparse.remove(&number).is_none() {
                self.length += 1;
            }
        } else if let Some(old) = self.dense.get_mut(number as usize) {
            *old = index;
        } else if self.sparse.insert(number, index).is_none() {
            self.length += 1;
        }
    }
}

/// For how many objects room is made beforehand, at the most.
const MOST_ROOM: usize = 1 << 22;

/// How often the memory is counted, in opcodes.
const COUNT_EVERY: u32 = 4096;

impl Machine<'_, '_> {
    fn run(&mut self, start: usize) -> Result<(u32, usize), Error> {
        let mut position = start;
        let mut until_count = COUNT_EVERY;
        loop {
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
            let found = Instruction::read(self.data, position)?;
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
                    if found.opcode.argument == Argument::Line {
                        text::string_line(found.argument(self.data)).map_err(|it| self.bad(it))?;
                    }
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
                Effect::Memoize => self.put(self.memo.length as u64)?,
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
                    if length > left {
                        return Err(self.bad(&format!(
                            "a frame of {length} bytes is declared, but only {left} are left; \
                             it was cut short or is damaged"
                        )));
                    }
                }
                Effect::Stop => return Ok((self.pop()?, position)),
                Effect::Global => {
                    self.check_lines(&found)?;
                    self.push_object(Origin::Global, NONE, NONE, NONE)?;
                }
                Effect::StackGlobal => {
                    let name = self.pop()?;
                    let module = self.pop()?;
                    // An object may be text: one that the application looks up, for example.
                    let text = |index| matches!(self.kind(index), Kind::Text | Kind::Object);
                    if !text(name) || !text(module) {
                        return Err(self.bad("module and name must be text"));
                    }
                    self.push_object(Origin::StackGlobal, module, name, NONE)?;
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
                Effect::Build => self.build()?,
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

    /// Does the opcodes that most of a pickle consists of, whole ones only, and tells where the next
    /// one begins; nothing for any other opcode. The same as what the table says, in one jump
    /// instead of two.
    #[inline(always)]
    fn usual(&mut self, position: usize) -> Result<Option<usize>, Error> {
        let (kind, next) = match *self.data.get(position..).unwrap_or_default() {
            [code @ (b'K' | b'M' | b'J'), ref rest @ ..] => {
                let width = integer_width(code);
                if rest.len() < width {
                    return Ok(None);
                }
                (Kind::Int, position + 1 + width)
            }
            [b'G', _, _, _, _, _, _, _, _, ..] => (Kind::Float, position + 9),
            [b'N', ..] => (Kind::None, position + 1),
            [0x88, ..] => (Kind::True, position + 1),
            [0x89, ..] => (Kind::False, position + 1),
            [b'(', ..] => {
                self.mark()?;
                return Ok(Some(position + 1));
            }
            [b'}', ..] => {
                self.push_container(Kind::Dict, self.stack.len())?;
                return Ok(Some(position + 1));
            }
            [b'u', ..] => {
                let from = self.pop_mark()?;
                self.extend(from, Part::Pairs)?;
                return Ok(Some(position + 1));
            }
            [0x8c, length, ref rest @ ..] => {
                let Some(bytes) = rest.get(..usize::from(length)) else { return Ok(None) };
                // Text that is not ASCII is looked at by the usual way.
                if !bytes.is_ascii() {
                    return Ok(None);
                }
                (Kind::Text, position + 2 + usize::from(length))
            }
            [0x94, ..] => {
                self.put(self.memo.length as u64)?;
                return Ok(Some(position + 1));
            }
            [b'h', number, ..] => match self.memo.dense.get(usize::from(number)) {
                Some(&index) if index != NONE => {
                    self.stack.push(index);
                    return Ok(Some(position + 2));
                }
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.push(Node::new(kind, position))?;
        Ok(Some(next))
    }

    #[cold]
    fn bad(&self, problem: &str) -> Error {
        let opcode = self.data.get(self.here).and_then(|&code| Opcode::from_code(code));
        damaged(self.here, opcode.map_or("", |opcode| opcode.name), problem)
    }

    #[cold]
    fn underflow(&self) -> Error {
        if self.marks.is_empty() {
            self.bad("the stack has too few objects")
        } else {
            self.bad("the stack has too few objects above the mark")
        }
    }

    #[cold]
    fn limit(&self, limit: &'static str, name: &'static str, value: u64) -> Error {
        let offset = self.here as u64;
        let opcode = self.data.get(self.here).and_then(|&code| Opcode::from_code(code));
        let opcode = opcode.map_or("", |opcode| opcode.name);
        ErrorKind::Limit { offset, opcode, limit, name, value }.into()
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
            + self.memo.dense.capacity() * size_of::<u32>()
            + self.memo.sparse.capacity() * 2 * size_of::<u64>();
        if used as u64 > self.limits.memory {
            return Err(self.limit("bytes of memory", "memory", self.limits.memory));
        }
        Ok(())
    }

    #[inline]
    fn kind(&self, index: u32) -> Kind {
        self.arena.nodes.get(index as usize).map_or(Kind::None, |node| node.kind)
    }

    #[inline]
    fn push(&mut self, node: Node) -> Result<(), Error> {
        let index = self.arena.nodes.len();
        if index >= self.limits.objects.min(NONE - 1) as usize {
            return Err(self.limit("objects", "objects", self.limits.objects.into()));
        }
        self.arena.nodes.push(node);
        self.stack.push(index as u32);
        Ok(())
    }

    #[inline]
    fn push_scalar(&mut self, kind: Kind) -> Result<(), Error> {
        self.push(Node::new(kind, self.here))
    }

    #[inline]
    fn push_int(&mut self, found: &Instruction) -> Result<(), Error> {
        let mut kind = Kind::Int;
        if found.opcode.argument == Argument::Line {
            let line = found.argument(self.data);
            if found.opcode.code == b'I' {
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
    fn push_text(&mut self, found: &Instruction) -> Result<(), Error> {
        let bytes = found.argument(self.data);
        if found.opcode.argument == Argument::Line {
            text::unicode_line(bytes).map_err(|it| self.bad(it))?;
        } else if !text::is_text(bytes) {
            return Err(self.bad("the text is not UTF-8"));
        }
        self.push_scalar(Kind::Text)
    }

    /// Moves all from `from` to the top of the stack into the table of edges.
    #[inline]
    fn take(&mut self, from: usize) -> Result<(u32, u32), Error> {
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
    fn push_container(&mut self, kind: Kind, from: usize) -> Result<(), Error> {
        let (start, length) = self.take(from)?;
        let place = self.arena.containers.len();
        let offset = self.here as u64;
        self.arena.containers.push(Container { offset, start, length, first: NONE, last: NONE });
        self.push(Node::new(kind, place))
    }

    #[inline]
    fn push_tuple(&mut self, length: usize) -> Result<(), Error> {
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

    fn push_object(
        &mut self,
        origin: Origin,
        callee: u32,
        arguments: u32,
        named: u32,
    ) -> Result<(), Error> {
        let place = self.arena.objects.len();
        let offset = self.here as u64;
        self.arena.objects.push(Object {
            offset,
            callee,
            arguments,
            named,
            first: NONE,
            last: NONE,
            origin,
        });
        self.push(Node::new(Kind::Object, place))
    }

    #[inline]
    fn top(&self) -> Result<u32, Error> {
        match self.stack.last() {
            Some(&top) if self.stack.len() > self.fence => Ok(top),
            _ => Err(self.underflow()),
        }
    }

    #[inline]
    fn pop(&mut self) -> Result<u32, Error> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    #[inline]
    fn mark(&mut self) -> Result<(), Error> {
        self.fence = self.stack.len();
        if self.fence >= NONE as usize {
            return Err(self.limit("objects on the stack", "memory", NONE.into()));
        }
        self.marks.push(self.fence as u32);
        Ok(())
    }

    #[inline]
    fn pop_mark(&mut self) -> Result<usize, Error> {
        match self.marks.pop() {
            Some(mark) => {
                self.fence = self.marks.last().map_or(0, |&mark| mark as usize);
                Ok(mark as usize)
            }
            None => Err(self.bad("there is no mark")),
        }
    }

    #[inline]
    fn hashable(&self, index: u32) -> bool {
        !matches!(
            self.kind(index),
            Kind::List | Kind::Dict | Kind::Set | Kind::ByteArray | Kind::UnhashableTuple
        )
    }

    #[inline]
    fn check_hashable(&self, from: usize, step: usize) -> Result<(), Error> {
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

    fn check_pairs(&self, from: usize) -> Result<(), Error> {
        if !(self.stack.len() - from).is_multiple_of(2) {
            return Err(self.bad("a key has no value"));
        }
        self.check_hashable(from, 2)
    }

    /// Adds all from `from` to the top of the stack to the object below.
    #[inline]
    fn extend(&mut self, from: usize, part: Part) -> Result<(), Error> {
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
                return self.add_run(node, Run { start, length, next: NONE, part });
            }
            (Part::Append, _) => return Err(self.bad("the object below is not a list")),
            (Part::Pairs, _) => return Err(self.bad("the object below is not a dictionary")),
            (_, _) => return Err(self.bad("the object below is not a set")),
        }
        let (start, length) = self.take(from)?;
        if let Some(container) = self.arena.containers.get_mut(node.place()) {
            if container.first == NONE && container.length == 0 {
                (container.start, container.length) = (start, length);
                return Ok(());
            }
            if container.first == NONE && container.start + container.length == start {
                container.length += length;
                return Ok(());
            }
        }
        self.add_run(node, Run { start, length, next: NONE, part })
    }

    /// Puts a run at the end of the chain of a container or object.
    fn add_run(&mut self, node: Node, run: Run) -> Result<(), Error> {
        let place = node.place();
        let (first, last) = if node.kind == Kind::Object {
            match self.arena.objects.get_mut(place) {
                Some(object) => (&mut object.first, &mut object.last),
                None => return Ok(()),
            }
        } else {
            match self.arena.containers.get_mut(place) {
                Some(container) => (&mut container.first, &mut container.last),
                None => return Ok(()),
            }
        };
        let next = self.arena.runs.len() as u32;
        if let Some(tail) = self.arena.runs.get_mut(*last as usize) {
            let follows = tail.start + tail.length == run.start;
            if follows && tail.part == run.part && run.part != Part::State {
                tail.length += run.length;
                return Ok(());
            }
            tail.next = next;
        } else {
            *first = next;
        }
        *last = next;
        self.arena.runs.push(run);
        Ok(())
    }

    fn memo_number(&self, found: &Instruction) -> Result<u64, Error> {
        if found.opcode.argument != Argument::Line {
            return Ok(found.unsigned(self.data));
        }
        match number::long_line(found.argument(self.data)).map(|number| number.to_u128()) {
            Ok(Some(number)) if number <= i64::MAX as u128 => Ok(number as u64),
            _ => Err(self.bad("the number in the memo must be a non-negative integer")),
        }
    }

    #[inline]
    fn put(&mut self, number: u64) -> Result<(), Error> {
        let top = self.top()?;
        self.memo.put(number, top);
        if self.memo.length > self.limits.memo as usize {
            return Err(self.limit("memo entries", "memo", self.limits.memo.into()));
        }
        Ok(())
    }

    fn check_lines(&self, found: &Instruction) -> Result<(), Error> {
        match std::str::from_utf8(found.argument(self.data)) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.bad("module and name must be UTF-8")),
        }
    }

    fn check_call(&self, callee: u32, arguments: u32) -> Result<(), Error> {
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

    fn build(&mut self) -> Result<(), Error> {
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
        self.add_run(node, Run { start, length, next: NONE, part: Part::State })
    }

    fn readonly_buffer(&mut self) -> Result<(), Error> {
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
