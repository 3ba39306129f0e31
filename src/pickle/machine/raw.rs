//! Arrays that stand between the opcodes of a joblib file, as they are.
//!
//! joblib's reader looks at each object that BUILD gave a state: if it is one of its class
//! `NumpyArrayWrapper`, the bytes that follow are those of the array, which takes the object's place.
//! Within a pickle of an array of objects it does not look; so there are two levels, and no more.

use std::sync::Arc;

use super::memo::Memo;
use super::stack::Machine;
use crate::numpy::{Dtype, Layout, Order};
use crate::pickle::arrays::{self, Missing, Wrapper};
use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::graph::{Dtypes, Extent, Graph, Kind, NONE, Node, Object, Origin};

/// What the machine knows of arrays between the opcodes.
#[derive(Default)]
pub(crate) struct Raw {
    pub extents: Vec<Extent>,
    /// The names that stand for joblib's class, in the order of their numbers.
    classes: Vec<u32>,
    /// The pickle around the one that is read.
    outer: Option<Outer>,
    /// Where the last frame ends.
    pub frame_end: usize,
    /// Of data that is still read, how far frames reach, the last one and those before.
    pub frames_end: usize,
    /// What was looked at to find out how long the arrays are.
    work: u64,
    /// The types of their items. Whoever changes one that an array has already, spoils the array.
    dtypes: Dtypes,
    /// Whether there are none, whatever the opcodes say.
    is_off: bool,
}

/// An array whose bytes are not all there yet.
pub(super) struct Awaited {
    pub wrapper: u32,
    pub dtype: Arc<Dtype>,
    pub shape: Vec<usize>,
    pub order: Order,
    /// Where the next opcode would be, and where the bytes are, behind padding.
    pub start: usize,
    pub content: usize,
    pub length: usize,
}

/// What belongs to one pickle only.
struct Outer {
    stack: Vec<u32>,
    marks: Vec<u32>,
    fence: usize,
    memo: Memo,
    protocol: u8,
    buffers: u32,
    frame_end: usize,
    wrapper: u32,
    /// Where the pickle within begins.
    start: usize,
}

/// How much is looked at for descriptions of arrays, whatever the length of the pickle, and how much
/// more for each of its bytes.
const WORK: (u64, u64) = (16 << 20, 16);

/// The longest name that is looked at, written with escapes.
pub(super) const LONGEST_NAME: usize = 256;

impl Raw {
    /// Without `arrays` there are none, whatever the opcodes say.
    pub fn new(arrays: bool) -> Raw {
        Raw { is_off: !arrays, ..Raw::default() }
    }

    /// The stack of the pickle around the one that is read, and its marks.
    pub fn take_outer(&mut self) -> Option<(Vec<u32>, Vec<u32>)> {
        self.outer.take().map(|outer| (outer.stack, outer.marks))
    }

    pub fn is_nested(&self) -> bool {
        self.outer.is_some()
    }

    /// Whether an array may follow a BUILD.
    #[inline]
    pub fn may_follow(&self) -> bool {
        !self.classes.is_empty() && self.outer.is_none() && !self.is_off
    }

    /// How much memory it takes.
    pub fn memory(&self) -> usize {
        let outer = self.outer.as_ref().map_or(0, |outer| {
            (outer.stack.capacity() + outer.marks.capacity()) * size_of::<u32>()
                + outer.memo.memory()
        });
        outer
            + self.extents.capacity() * size_of::<Extent>()
            + self.classes.capacity() * size_of::<u32>()
    }
}

impl Machine<'_, '_> {
    /// Looks at what was read so far as at a graph.
    fn with_graph<R>(&mut self, look: impl FnOnce(&Graph<'_>) -> R) -> R {
        let graph = Graph {
            data: self.data.into(),
            pieces: Vec::new(),
            arena: std::mem::take(&mut self.arena),
            root: NONE,
            protocol: self.protocol,
            encoding: self.limits.encoding,
            end: self.data.len(),
            extents: std::mem::take(&mut self.raw.extents),
            dtypes: std::mem::take(&mut self.raw.dtypes),
        };
        let result = look(&graph);
        let Graph { arena, extents, dtypes, .. } = graph;
        (self.arena, self.raw.extents, self.raw.dtypes) = (arena, extents, dtypes);
        result
    }

    /// Notes the name on top of the stack, if it is that of joblib's class.
    pub(super) fn note_wrapper_class(&mut self) {
        let Some(&index) = self.stack.last() else { return };
        let node = self.arena.nodes.get(index as usize).copied();
        let object = node.and_then(|node| self.arena.objects.get(node.place())).copied();
        let Some(object) = object else { return };
        // Nearly all names are others, and can be told from it by a look at their ends.
        let name = match object.origin {
            Origin::Global => self.text_at(object.offset as usize),
            _ => match self.arena.nodes.get(object.arguments as usize) {
                Some(node) if matches!(node.kind, Kind::Text | Kind::String) => {
                    self.text_at(node.place())
                }
                _ => return,
            },
        };
        let name_ends = |end: &[u8]| name.ends_with(end);
        let looks_right = name_ends(b"NumpyArrayWrapper")
            || name_ends(b"NumpyArrayWrapper'")
            || name_ends(b"NumpyArrayWrapper\"")
            || name.contains(&b'\\');
        if !looks_right || name.len() > LONGEST_NAME {
            return;
        }
        let is_class = self.with_graph(|graph| {
            let module = match object.origin {
                Origin::StackGlobal => graph.weight(object.callee),
                _ => 0,
            };
            module <= LONGEST_NAME as u64
                && graph
                    .global(index)
                    .is_some_and(|(module, name)| arrays::is_wrapper_name(&module, &name))
        });
        if is_class {
            self.raw.classes.push(index);
        }
    }

    /// The argument of the opcode at a place.
    fn text_at(&self, place: usize) -> &[u8] {
        use crate::pickle::format::opcode::Instruction;
        Instruction::read(self.data, place).map_or(&[], |found| found.argument(self.data))
    }

    /// Whether an object was made by a call of joblib's class.
    fn is_wrapper(&self, object: &Object) -> bool {
        let is_class = |index: &u32| self.raw.classes.binary_search(index).is_ok();
        if is_class(&object.callee) {
            return true;
        }
        // Protocols 0 and 1 have a function called with the class.
        let arguments = self.arena.nodes.get(object.arguments as usize);
        arguments
            .filter(|node| matches!(node.kind, Kind::Tuple | Kind::UnhashableTuple))
            .and_then(|node| self.arena.containers.get(node.place()))
            .and_then(|tuple| self.arena.slice(tuple.start, tuple.length).first())
            .is_some_and(is_class)
    }

    /// Reads the array that follows a BUILD of joblib's class, and tells where the next opcode is; or
    /// which array that is, where its bytes are not all there yet.
    pub(super) fn raw_array(&mut self, position: usize) -> Result<Result<usize, Awaited>, Error> {
        let wrapper = self.top()?;
        let node = self.arena.nodes.get(wrapper as usize).copied();
        let Some(object) = node.and_then(|node| self.arena.objects.get(node.place())).copied()
        else {
            return Ok(Ok(position));
        };
        if !self.is_wrapper(&object) {
            return Ok(Ok(position));
        }
        if position < self.raw.frame_end {
            return Err(self.bad("an array of joblib within a frame of the pickle"));
        }
        let described = self.with_graph(|graph| {
            let described = arrays::wrapper(graph, wrapper)?;
            let length = Layout::bytes_of(&described.dtype, &described.shape)?;
            Ok((described, length))
        });
        let (Wrapper { dtype, shape, order, padded, work, .. }, length) = match described {
            Ok(described) => described,
            Err(Missing::NoArray) => return Err(self.bad("an array of joblib of no dtype")),
            Err(Missing::Unsound(problem)) => return Err(self.bad(&problem)),
        };
        self.charge_work(work)?;
        if dtype.has_objects() {
            self.enter_nested(wrapper, position);
            return Ok(Ok(position));
        }
        let left = self.data.get(position..).unwrap_or_default();
        let padding = match (padded, left) {
            (true, [length, ..]) => 1 + usize::from(*length),
            (true, []) => return Err(self.cut_short(length, 0)),
            (false, _) => 0,
        };
        let left = left.len().saturating_sub(padding);
        let (start, content) = (position, position + padding);
        let array = Awaited { wrapper, dtype, shape, order, start, content, length };
        if length <= left {
            return self.take_array(&array).map(Ok);
        }
        match self.is_whole() {
            true => Err(self.cut_short(length, left)),
            false => Ok(Err(array)),
        }
    }

    /// Takes an array whose bytes are there, and tells where the next opcode is.
    pub(super) fn take_array(&mut self, array: &Awaited) -> Result<usize, Error> {
        let &Awaited { wrapper, start, content, length, .. } = array;
        let end = content + length;
        let number = self.raw.extents.len();
        self.raw.extents.push(Extent { wrapper, start, content, end, nested: None });
        self.put_array(wrapper, Node::new(Kind::RawBytes, number))?;
        Ok(end)
    }

    /// Puts the array of these bytes in the place of its description.
    pub(super) fn put_array(&mut self, wrapper: u32, bytes: Node) -> Result<(), Error> {
        self.pop()?;
        self.push(bytes)?;
        let bytes = self.pop()?;
        self.push_object(Origin::RawArray, wrapper, bytes, NONE)
    }

    #[cold]
    fn cut_short(&self, length: usize, left: usize) -> Error {
        self.bad(&format!(
            "an array of joblib takes {length} bytes, but only {left} are left; \
             it was cut short or is damaged"
        ))
    }

    fn charge_work(&mut self, work: u64) -> Result<(), Error> {
        let (always, times) = WORK;
        self.raw.work += work;
        if self.raw.work > self.length.saturating_mul(times).saturating_add(always) {
            return Err(ErrorKind::Damaged {
                offset: self.here as u64,
                opcode: "BUILD",
                problem: "the descriptions of arrays are far longer than the file".to_owned(),
            }
            .into());
        }
        Ok(())
    }

    /// Begins the pickle of an array of objects.
    fn enter_nested(&mut self, wrapper: u32, position: usize) {
        self.raw.outer = Some(Outer {
            stack: std::mem::take(&mut self.stack),
            marks: std::mem::take(&mut self.marks),
            fence: std::mem::take(&mut self.fence),
            memo: std::mem::take(&mut self.memo),
            protocol: std::mem::take(&mut self.protocol),
            buffers: std::mem::take(&mut self.buffers),
            frame_end: std::mem::take(&mut self.raw.frame_end),
            wrapper,
            start: position,
        });
    }

    /// Ends it: the array takes the place of its description.
    pub(super) fn leave_nested(&mut self, root: u32, position: usize) {
        let Some(outer) = self.raw.outer.take() else { return };
        let Outer { wrapper, start, .. } = outer;
        let nested = Some(self.protocol);
        self.raw.extents.push(Extent { wrapper, start, content: start, end: position, nested });
        self.stack = outer.stack;
        self.marks = outer.marks;
        self.fence = outer.fence;
        self.memo = outer.memo;
        self.protocol = outer.protocol;
        self.buffers = outer.buffers;
        self.raw.frame_end = outer.frame_end;
        if let Some(top) = self.stack.last_mut() {
            *top = root;
        }
    }
}
