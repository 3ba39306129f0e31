//! What the opcodes do to the stack of the machine and to the tables of objects.

use super::error::Error;
use super::graph::{Container, Kind, NONE, Node, Object, Origin, Part, Run};
use super::machine::Machine;
use super::number::{self, IntLine};
use super::opcode::{Argument, Instruction};
use super::text;

impl Machine<'_, '_> {
    #[inline]
    pub(super) fn kind(&self, index: u32) -> Kind {
        self.arena.nodes.get(index as usize).map_or(Kind::None, |node| node.kind)
    }

    #[inline]
    pub(super) fn push(&mut self, node: Node) -> Result<(), Error> {
        let index = self.arena.nodes.len();
        if index >= self.limits.objects.min(NONE - 1) as usize {
            return Err(self.limit("objects", "objects", self.limits.objects.into()));
        }
        self.arena.nodes.push(node);
        self.stack.push(index as u32);
        Ok(())
    }

    #[inline]
    pub(super) fn push_scalar(&mut self, kind: Kind) -> Result<(), Error> {
        self.push(Node::new(kind, self.here))
    }

    #[inline]
    pub(super) fn push_int(&mut self, found: &Instruction) -> Result<(), Error> {
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
    pub(super) fn push_text(&mut self, found: &Instruction) -> Result<(), Error> {
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
    pub(super) fn take(&mut self, from: usize) -> Result<(u32, u32), Error> {
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
    pub(super) fn push_container(&mut self, kind: Kind, from: usize) -> Result<(), Error> {
        let (start, length) = self.take(from)?;
        let place = self.arena.containers.len();
        let offset = self.here as u64;
        self.arena.containers.push(Container { offset, start, length, first: NONE, last: NONE });
        self.push(Node::new(kind, place))
    }

    #[inline]
    pub(super) fn push_tuple(&mut self, length: usize) -> Result<(), Error> {
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

    pub(super) fn push_object(
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
    pub(super) fn top(&self) -> Result<u32, Error> {
        match self.stack.last() {
            Some(&top) if self.stack.len() > self.fence => Ok(top),
            _ => Err(self.underflow()),
        }
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Result<u32, Error> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    #[inline]
    pub(super) fn mark(&mut self) -> Result<(), Error> {
        self.fence = self.stack.len();
        if self.fence >= NONE as usize {
            return Err(self.limit("objects on the stack", "memory", NONE.into()));
        }
        self.marks.push(self.fence as u32);
        Ok(())
    }

    #[inline]
    pub(super) fn pop_mark(&mut self) -> Result<usize, Error> {
        match self.marks.pop() {
            Some(mark) => {
                self.fence = self.marks.last().map_or(0, |&mark| mark as usize);
                Ok(mark as usize)
            }
            None => Err(self.bad("there is no mark")),
        }
    }

    #[inline]
    pub(super) fn hashable(&self, index: u32) -> bool {
        !matches!(
            self.kind(index),
            Kind::List | Kind::Dict | Kind::Set | Kind::ByteArray | Kind::UnhashableTuple
        )
    }

    #[inline]
    pub(super) fn check_hashable(&self, from: usize, step: usize) -> Result<(), Error> {
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

    pub(super) fn check_pairs(&self, from: usize) -> Result<(), Error> {
        if !(self.stack.len() - from).is_multiple_of(2) {
            return Err(self.bad("a key has no value"));
        }
        self.check_hashable(from, 2)
    }

    /// Adds all from `from` to the top of the stack to the object below.
    #[inline]
    pub(super) fn extend(&mut self, from: usize, part: Part) -> Result<(), Error> {
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
    pub(super) fn add_run(&mut self, node: Node, run: Run) -> Result<(), Error> {
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

    pub(super) fn memo_number(&self, found: &Instruction) -> Result<u64, Error> {
        if found.opcode.argument != Argument::Line {
            return Ok(found.unsigned(self.data));
        }
        match number::long_line(found.argument(self.data)).map(|number| number.to_u128()) {
            Ok(Some(number)) if number <= i64::MAX as u128 => Ok(number as u64),
            _ => Err(self.bad("the number in the memo must be a non-negative integer")),
        }
    }

    #[inline]
    pub(super) fn put(&mut self, number: u64) -> Result<(), Error> {
        let top = self.top()?;
        self.memo.put(number, top);
        if self.memo.length() > self.limits.memo as usize {
            return Err(self.limit("memo entries", "memo", self.limits.memo.into()));
        }
        Ok(())
    }

    pub(super) fn check_lines(&self, found: &Instruction) -> Result<(), Error> {
        match std::str::from_utf8(found.argument(self.data)) {
            Ok(_) => Ok(()),
            Err(_) => Err(self.bad("module and name must be UTF-8")),
        }
    }

    pub(super) fn check_call(&self, callee: u32, arguments: u32) -> Result<(), Error> {
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

    pub(super) fn build(&mut self) -> Result<(), Error> {
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

    pub(super) fn readonly_buffer(&mut self) -> Result<(), Error> {
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
