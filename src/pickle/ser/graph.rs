//! From a graph back to a pickle, with all that is shared and all cycles.
//!
//! As in CPython every object that can be shared goes into the memo. A list, dictionary or set goes
//! in before what it holds, so that it can hold itself. A tuple or a call can only go in when all
//! of it is written; if it holds itself by way of a list, it has by then been written once as part
//! of that list, and what was written the second time is dropped again.
//!
//! A graph does not tell when something was added to a list, before or after the list was handed to
//! a call: a call is written with its arguments as they are in the end.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Write;
use std::sync::Arc;

use super::output::{BATCH, Output};
use crate::numpy::Order;
use crate::pickle::arrays;
use crate::pickle::classes;
use crate::pickle::error::Error;
use crate::pickle::format::number::Integer;
use crate::pickle::format::{op, renamed};
use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Kind, NONE, Object, Origin, Part};
use crate::pickle::value::Value;
use crate::python::quote::text_repr;

/// Writes values, and knows what of their graph is in the memo.
#[derive(Default)]
pub(crate) struct GraphWriter {
    graph: Option<Arc<Graph<'static>>>,
    /// For each object its number in the memo, or NONE.
    memo: Vec<u32>,
    /// For each object that is put into the memo late: how many objects were in it when the object
    /// was begun last, or NONE.
    begun: Vec<u32>,
    /// How many objects were put into the memo.
    known: u32,
    /// Tuples and objects that can be keys of a dictionary, as far as it is known.
    hashable: HashSet<u32>,
    /// How many buffers beside the pickle were written.
    buffers: u32,
}

/// How many tasks may wait: as many as four million levels of tuples give, in about 200 MB.
const MOST_TASKS: usize = 4_000_000;

/// How many steps of the way to an object are told in an error.
const STEPS: usize = 32;

/// How many bytes of a pickle make a long number.
const LONG: u64 = 128;

/// What is still to be written, the next on top.
enum Task<'g> {
    Object(u32),
    /// Items for the object below, in batches.
    Items(Batches<'g>),
    /// Items for the object below, in one go.
    All(std::slice::Iter<'g, u32>),
    Write(&'static [u8]),
    Bytes(&'static [u8]),
    /// Writes an opcode, and puts what it makes into the memo, as CPython does, though nothing asks
    /// for it there.
    WriteAndMemoize(&'static [u8]),
    /// Makes an object of what is on the stack: the opcode, and how to drop its parts instead.
    Make {
        index: u32,
        opcode: &'static [u8],
        instead: &'static [u8],
    },
    /// Goes on with what was done to an object after it was made.
    After(u32, &'g Object),
    Memoize(u32),
    /// Bytes that stand between the opcodes.
    Raw(u32, bool),
}

/// Items that are added to an object, a thousand at a time, as CPython does it.
struct Batches<'g> {
    items: Items<'g>,
    /// How many are left; a key and its value are one.
    left: u32,
    /// How many of this batch are written, if it is begun.
    count: u16,
    open: bool,
    /// Of a plain list, dictionary or set CPython knows the length, and does the last batch in another
    /// way than for an object that lists its items.
    plain: bool,
    add: &'static Add,
}

/// How items are added: one alone, if there is an opcode for it, or all above a mark.
struct Add {
    one: Option<&'static [u8]>,
    all: &'static [u8],
    pairs: bool,
    /// Behind a last batch that is full CPython puts an empty one.
    empty: bool,
}

static TO_LIST: Add =
    Add { one: Some(&[op::APPEND]), all: &[op::APPENDS], pairs: false, empty: false };
static TO_DICT: Add =
    Add { one: Some(&[op::SETITEM]), all: &[op::SETITEMS], pairs: true, empty: true };
static TO_SET: Add = Add { one: None, all: &[op::ADDITEMS], pairs: false, empty: true };

/// Writes an object of a graph that no value holds, as a pickle of its own.
pub(crate) fn to_writer(
    graph: &Graph<'_>,
    root: u32,
    writer: &mut dyn Write,
    protocol: u8,
    raw: &HashMap<u32, (u32, bool)>,
) -> Result<(), Error> {
    let mut out = Output::new(writer, protocol)?;
    let memo = vec![NONE; graph.arena.nodes.len()];
    let mut graphs = GraphWriter { begun: memo.clone(), memo, ..GraphWriter::default() };
    graphs.walk(graph, root, &mut out, raw)?;
    out.stop()
}

impl GraphWriter {
    pub fn write(&mut self, value: &Value, out: &mut Output<'_>) -> Result<(), Error> {
        if !self.graph.as_ref().is_some_and(|graph| Arc::ptr_eq(graph, &value.graph)) {
            self.memo = vec![NONE; value.graph.arena.nodes.len()];
            self.begun = self.memo.clone();
            self.hashable.clear();
            self.graph = Some(Arc::clone(&value.graph));
        }
        self.walk(&value.graph, value.index, out, &HashMap::new())
    }

    fn walk(
        &mut self,
        graph: &Graph<'_>,
        root: u32,
        out: &mut Output<'_>,
        raw: &HashMap<u32, (u32, bool)>,
    ) -> Result<(), Error> {
        let mut walk = Walk { root, graph, writer: self, out, raw, tasks: Vec::new() };
        walk.tasks.push(Task::Object(root));
        walk.run()
    }
}

struct Walk<'g, 'o, 'w> {
    /// The object that is written.
    root: u32,
    graph: &'g Graph<'g>,
    writer: &'o mut GraphWriter,
    out: &'o mut Output<'w>,
    /// The objects behind whose state the items of an array stand as they are, and which bytes these are.
    raw: &'o HashMap<u32, (u32, bool)>,
    tasks: Vec<Task<'g>>,
}

impl<'g> Walk<'g, '_, '_> {
    fn run(&mut self) -> Result<(), Error> {
        while let Some(task) = self.tasks.pop() {
            if self.tasks.len() > MOST_TASKS {
                return Err(Error::unwritable("objects lie more than a million levels deep"));
            }
            match task {
                Task::Object(index) => self.object(index)?,
                Task::Items(batches) => self.items(batches),
                Task::All(mut items) => {
                    if let Some(&item) = items.next() {
                        if !items.as_slice().is_empty() {
                            self.tasks.push(Task::All(items));
                        }
                        self.tasks.push(Task::Object(item));
                    }
                }
                Task::Write(bytes) => self.out.add(bytes),
                Task::Bytes(bytes) => self.out.bytes(bytes)?,
                Task::WriteAndMemoize(bytes) => {
                    self.out.add(bytes);
                    self.out.memoize()?;
                }
                Task::Make { index, opcode, instead } => match self.number(index) {
                    Some(number) => {
                        self.out.add(instead);
                        self.out.get(number)?;
                    }
                    None => {
                        self.out.add(opcode);
                        self.memoize(index)?;
                        if let Some(object) = self.graph.object(self.graph.node(index)) {
                            self.tasks.push(Task::After(index, object));
                        }
                    }
                },
                Task::After(index, object) => self.after(index, object)?,
                Task::Memoize(index) => self.memoize(index)?,
                Task::Raw(index, aligned) => {
                    let graph = self.graph;
                    self.out.raw_array(&graph.bytes(graph.node(index)), aligned)?;
                }
            }
        }
        Ok(())
    }

    /// Module and name, as Python reads them in the protocol that is written.
    fn global(&self, index: u32) -> Option<(Cow<'g, str>, Cow<'g, str>)> {
        match self.out.protocol {
            // Python 3 knows its own names there too, Python 2 only the old ones.
            2 if self.graph.protocol_at(self.graph.offset(index)) < 3 => {
                self.graph.global_as_written(index)
            }
            2 => self.graph.global_as_written(index).map(|(module, name)| {
                let (old_module, old_name) = renamed::to_python_2(&module, &name);
                (old_module.to_owned().into(), old_name.to_owned().into())
            }),
            _ => self.graph.global(index),
        }
    }

    fn number(&self, index: u32) -> Option<u32> {
        self.writer.memo.get(index as usize).copied().filter(|&number| number != NONE)
    }

    fn memoize(&mut self, index: u32) -> Result<(), Error> {
        let number = self.out.memoize()?;
        self.remember(index, number);
        Ok(())
    }

    /// Notes under which number an object is in the memo.
    #[inline]
    fn remember(&mut self, index: u32, number: u32) {
        if let Some(place) = self.writer.memo.get_mut(index as usize) {
            *place = number;
        }
        self.writer.known += 1;
    }

    /// Begins an object that is put into the memo when all of it is written. One that was begun
    /// already, with nothing new in the memo since, would be begun for ever.
    fn begin(&mut self, index: u32) -> Result<(), Error> {
        let known = self.writer.known;
        match self.writer.begun.get_mut(index as usize) {
            Some(begun) if *begun == known => Err(Error::unwritable(
                "an object that is needed to make itself, which only protocols 4 and 5 can write",
            )),
            Some(begun) => {
                *begun = known;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn items(&mut self, mut batches: Batches<'g>) {
        let &Add { one, all, pairs, empty } = batches.add;
        if batches.open && (batches.left == 0 || u32::from(batches.count) == BATCH) {
            self.out.add(all);
            if batches.left == 0 && u32::from(batches.count) == BATCH && batches.plain && empty {
                self.out.add(&[op::MARK]);
                self.out.add(all);
            }
            (batches.open, batches.count) = (false, 0);
        }
        let Some(item) = batches.items.next().filter(|_| batches.left > 0) else { return };
        // A value goes with its key, in one step.
        let value = if pairs { batches.items.next() } else { None };
        batches.left -= 1;
        match one {
            Some(one) if !batches.open && batches.left == 0 && !batches.plain => {
                self.tasks.push(Task::Write(one));
            }
            _ => {
                if !batches.open {
                    self.out.add(&[op::MARK]);
                }
                batches.open = true;
                batches.count += 1;
                self.tasks.push(Task::Items(batches));
            }
        }
        self.tasks.extend(value.map(Task::Object));
        self.tasks.push(Task::Object(item));
    }

    /// All items of a plain list, dictionary or set.
    fn batches(&mut self, items: Items<'g>, add: &'static Add) {
        // No more than the table of edges holds.
        let length = items.length() as u32;
        let left = if add.pairs { length / 2 } else { length };
        // Only of several items is the last one not written alone.
        let plain = left != 1;
        self.tasks.push(Task::Items(Batches { items, left, count: 0, open: false, plain, add }));
    }

    /// Whether Python can hash each key, or each member of a set, as far as it is known. What has a kind
    /// of its own was looked at when it was read or built; here it is what Python makes by a call.
    fn check_keys(
        &mut self,
        index: u32,
        items: impl Iterator<Item = u32>,
        every: usize,
    ) -> Result<(), Error> {
        let graph = self.graph;
        for (number, key) in items.step_by(every).enumerate() {
            if matches!(graph.node(key).kind, Kind::Object | Kind::Tuple | Kind::FrozenSet)
                && let Some(what) = classes::unhashable(graph, key, &mut self.writer.hashable)
            {
                let (key, of) = if every == 2 { ("key", "dict") } else { ("member", "set") };
                let place = self.path(index);
                return Err(Error::unwritable(format!(
                    "{place}{key} {number} of a {of} is {what}, which Python cannot hash; make it a \
                     tuple, a frozenset or text"
                )));
            }
        }
        Ok(())
    }

    /// Where an object stands, as seen from the one that is written: "in [3]['name']: ".
    #[cold]
    fn path(&self, index: u32) -> String {
        let graph = self.graph;
        // For each object that was seen, what holds it, and in which place.
        let mut from: HashMap<u32, (u32, String)> = HashMap::new();
        let mut waiting = VecDeque::from([self.root]);
        while let Some(next) = waiting.pop_front().filter(|&next| next != index) {
            let pairs = graph.node(next).kind == Kind::Dict;
            let mut key = String::new();
            for (number, child) in graph.children(next).enumerate() {
                let step = match (pairs, number % 2) {
                    (false, _) => format!("[{number}]"),
                    (true, 0) => {
                        key = match graph.short_text(graph.node(child)) {
                            Some(text) => text_repr(text),
                            None => format!("key {}", number / 2),
                        };
                        format!("[{key} itself]")
                    }
                    (true, _) => format!("[{key}]"),
                };
                if child != self.root && !from.contains_key(&child) {
                    from.insert(child, (next, step));
                    waiting.push_back(child);
                }
            }
        }
        let mut steps = Vec::new();
        let mut next = index;
        while let Some((outer, step)) = from.get(&next).filter(|_| steps.len() < STEPS) {
            steps.push(step.as_str());
            next = *outer;
        }
        steps.reverse();
        if steps.is_empty() { String::new() } else { format!("in {}: ", steps.concat()) }
    }

    /// CPython never puts a number into the memo. Here one that is long goes there when it is used for
    /// the second time, or a few bytes could use it in very many places.
    #[inline]
    fn number_written(&mut self, index: u32) -> Result<(), Error> {
        if self.graph.weight(index) < LONG {
            return Ok(());
        }
        match self.writer.begun.get_mut(index as usize) {
            Some(begun) if *begun == NONE => {
                *begun = 0;
                Ok(())
            }
            _ => self.memoize(index),
        }
    }

    fn object(&mut self, index: u32) -> Result<(), Error> {
        if let Some(number) = self.number(index) {
            return self.out.get(number);
        }
        let graph = self.graph;
        let node = graph.node(index);
        match node.kind {
            Kind::None => self.out.none(),
            Kind::True => self.out.bool(true),
            Kind::False => self.out.bool(false),
            Kind::Int => {
                match graph.integer(node) {
                    Integer::Small(small) => self.out.int(small)?,
                    big => self.out.big_int(&big.to_bytes())?,
                }
                self.number_written(index)
            }
            Kind::Float => {
                self.out.float(graph.float(node))?;
                self.number_written(index)
            }
            Kind::Text => {
                let number = self.out.text(graph.text(node).as_bytes())?;
                self.remember(index, number);
                Ok(())
            }
            Kind::String => {
                self.out.string(&graph.bytes(node))?;
                self.memoize(index)
            }
            Kind::Bytes | Kind::RawBytes => {
                self.out.bytes(&graph.bytes(node))?;
                self.memoize(index)
            }
            Kind::ByteArray => {
                self.out.bytearray(&graph.bytes(node))?;
                self.memoize(index)
            }
            Kind::EmptyTuple => self.out.write(&[op::EMPTY_TUPLE]),
            Kind::Tuple | Kind::UnhashableTuple => {
                self.begin(index)?;
                let (opcode, instead): (&[u8], &[u8]) = match graph.items(node).take(4).count() {
                    1 => (&[op::TUPLE1], &[op::POP]),
                    2 => (&[op::TUPLE2], &[op::POP, op::POP]),
                    3 => (&[op::TUPLE3], &[op::POP, op::POP, op::POP]),
                    _ => {
                        self.out.write(&[op::MARK])?;
                        (&[op::TUPLE], &[op::POP_MARK])
                    }
                };
                self.tasks.push(Task::Make { index, opcode, instead });
                self.push_all(graph.items(node));
                Ok(())
            }
            Kind::List => {
                self.out.write(&[op::EMPTY_LIST])?;
                self.memoize(index)?;
                self.batches(graph.items(node), &TO_LIST);
                Ok(())
            }
            Kind::Dict => {
                self.check_keys(index, graph.items(node), 2)?;
                self.out.write(&[op::EMPTY_DICT])?;
                self.memoize(index)?;
                self.batches(graph.items(node), &TO_DICT);
                Ok(())
            }
            Kind::Set if self.out.protocol >= 4 => {
                self.check_keys(index, graph.items(node), 1)?;
                self.out.write(&[op::EMPTY_SET])?;
                self.memoize(index)?;
                self.batches(graph.items(node), &TO_SET);
                Ok(())
            }
            Kind::FrozenSet if self.out.protocol >= 4 => {
                self.check_keys(index, graph.items(node), 1)?;
                self.begin(index)?;
                self.out.write(&[op::MARK])?;
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::FROZENSET],
                    instead: &[op::POP_MARK],
                });
                self.push_all(graph.items(node));
                Ok(())
            }
            // Older protocols have no sets: they are made of lists.
            Kind::Set | Kind::FrozenSet => {
                self.check_keys(index, graph.items(node), 1)?;
                self.begin(index)?;
                let name = if node.kind == Kind::Set { "set" } else { "frozenset" };
                let module = if self.out.protocol < 3 { "__builtin__" } else { "builtins" };
                self.out.global(module, name)?;
                self.out.write(&[op::EMPTY_LIST])?;
                self.out.memoize()?;
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::REDUCE],
                    instead: &[op::POP, op::POP],
                });
                self.tasks.push(Task::WriteAndMemoize(&[op::TUPLE1]));
                self.batches(graph.items(node), &TO_LIST);
                Ok(())
            }
            Kind::Object => match graph.object(node) {
                Some(object) => self.made(index, object),
                None => Ok(()),
            },
        }
    }

    /// All items in one go: a tuple's, which are in one piece, or a few.
    fn push_all(&mut self, items: Items<'g>) {
        // Only what BUILD and the like add comes in several runs, and never to these.
        self.tasks.push(Task::All(items.first_run()));
    }

    fn made(&mut self, index: u32, object: &'g Object) -> Result<(), Error> {
        let graph = self.graph;
        self.begin(index)?;
        let named = || (object.named != NONE).then_some(Task::Object(object.named));
        match object.origin {
            // Module and name are objects of the graph, which may be in the memo.
            Origin::StackGlobal
                if self.out.protocol >= 4 && graph.protocol_at(object.offset) >= 3 =>
            {
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::STACK_GLOBAL],
                    instead: &[op::POP, op::POP],
                });
                self.tasks.push(Task::Object(object.arguments));
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
            Origin::Global | Origin::StackGlobal => match self.global(index) {
                Some((module, name)) => {
                    let number = self.out.global(&module, &name)?;
                    self.remember(index, number);
                    self.tasks.push(Task::After(index, object));
                    Ok(())
                }
                None if self.out.protocol >= 4 => {
                    self.tasks.push(Task::Make {
                        index,
                        opcode: &[op::STACK_GLOBAL],
                        instead: &[op::POP, op::POP],
                    });
                    self.tasks.push(Task::Object(object.arguments));
                    self.tasks.push(Task::Object(object.callee));
                    Ok(())
                }
                None => Err(Error::unwritable(
                    "a name that the application looks up needs protocol 4 or newer",
                )),
            },
            Origin::Reduce | Origin::NewObj => {
                let opcode =
                    if object.origin == Origin::Reduce { &[op::REDUCE] } else { &[op::NEWOBJ] };
                self.tasks.push(Task::Make { index, opcode, instead: &[op::POP, op::POP] });
                self.tasks.push(Task::Object(object.arguments));
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
            Origin::NewObjEx if self.out.protocol >= 4 => {
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::NEWOBJ_EX],
                    instead: &[op::POP, op::POP, op::POP],
                });
                self.tasks.extend(named());
                self.tasks.push(Task::Object(object.arguments));
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
            Origin::NewObjEx => {
                let module = if self.out.protocol < 3 { "copy_reg" } else { "copyreg" };
                self.out.global(module, "__newobj_ex__")?;
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::TUPLE3, op::REDUCE],
                    instead: &[op::POP, op::POP, op::POP, op::POP],
                });
                self.tasks.extend(named());
                self.tasks.push(Task::Object(object.arguments));
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
            Origin::Inst | Origin::Obj => {
                self.out.write(&[op::MARK])?;
                self.tasks.push(Task::Make { index, opcode: &[op::OBJ], instead: &[op::POP_MARK] });
                self.push_all(graph.items(graph.node(object.arguments)));
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
            Origin::Persistent => {
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::BINPERSID],
                    instead: &[op::POP],
                });
                self.tasks.push(Task::Object(object.arguments));
                Ok(())
            }
            Origin::PersistentName => {
                let (name, _) = graph.lines(object.offset);
                self.out.text(name.as_bytes())?;
                self.out.add(&[op::BINPERSID]);
                self.tasks.push(Task::After(index, object));
                self.tasks.push(Task::Memoize(index));
                Ok(())
            }
            Origin::RawArray => self.raw_array(index, object),
            Origin::Extension => {
                let [a, b, c, d] = object.arguments.to_le_bytes();
                match object.arguments {
                    0..256 => self.out.write(&[op::EXT1, a])?,
                    256..65_536 => self.out.write(&[op::EXT2, a, b])?,
                    _ => self.out.write(&[op::EXT4, a, b, c, d])?,
                }
                self.tasks.push(Task::After(index, object));
                self.memoize(index)
            }
            Origin::Buffer | Origin::ReadonlyBuffer => {
                if self.out.protocol < 5 {
                    return Err(Error::unwritable("a buffer beside the pickle needs protocol 5"));
                }
                // Buffers have no names: Python takes them in the order of the pickle.
                if object.arguments != self.writer.buffers {
                    return Err(Error::unwritable("the buffers would come in another order"));
                }
                self.writer.buffers += 1;
                let readonly = object.origin == Origin::ReadonlyBuffer;
                self.out.write(if readonly {
                    &[op::NEXT_BUFFER, op::READONLY_BUFFER]
                } else {
                    &[op::NEXT_BUFFER]
                })?;
                self.tasks.push(Task::After(index, object));
                self.memoize(index)
            }
        }
    }

    /// An array of a joblib file, as numpy pickles one: `_reconstruct` makes an empty one, and its
    /// state is the shape, the dtype, whether it is in Fortran order, and the bytes.
    fn raw_array(&mut self, index: u32, object: &'g Object) -> Result<(), Error> {
        let Some(parts) = arrays::parts_of_raw_array(self.graph, object) else {
            return Err(Error::unwritable("an array of joblib whose description is damaged"));
        };
        // The old name is one that every numpy knows.
        self.out.global("numpy.core.multiarray", "_reconstruct")?;
        let fortran: &[u8] = match parts.order {
            Order::F => &[op::NEWTRUE],
            Order::C => &[op::NEWFALSE],
        };
        self.tasks.push(Task::Write(&[op::TUPLE, op::BUILD]));
        self.tasks.push(Task::Object(object.arguments));
        self.tasks.push(Task::Write(fortran));
        self.tasks.push(Task::Object(parts.dtype));
        self.tasks.push(Task::Object(parts.shape));
        self.tasks.push(Task::Write(&[op::MARK, op::BININT1, 1]));
        self.tasks.push(Task::Make {
            index,
            opcode: &[op::TUPLE3, op::REDUCE],
            instead: &[op::POP, op::POP, op::POP, op::POP],
        });
        self.tasks.push(Task::Bytes(b"b"));
        self.tasks.push(Task::Write(&[op::BININT1, 0, op::TUPLE1]));
        self.tasks.push(Task::Object(parts.class));
        Ok(())
    }

    fn after(&mut self, index: u32, object: &'g Object) -> Result<(), Error> {
        for (part, run, length) in self.graph.steps(object).into_iter().rev() {
            let add = match part {
                Part::Append => &TO_LIST,
                Part::Pairs => &TO_DICT,
                Part::Add if self.out.protocol >= 4 => &TO_SET,
                Part::Add => {
                    return Err(Error::unwritable(
                        "an object with members of a set needs protocol 4 or newer",
                    ));
                }
                Part::State => {
                    let state = self.graph.arena.runs.get(run as usize);
                    let state =
                        state.and_then(|run| self.graph.arena.edges.get(run.start as usize));
                    self.tasks.extend(
                        self.raw.get(&index).map(|&(items, aligned)| Task::Raw(items, aligned)),
                    );
                    self.tasks.push(Task::Write(&[op::BUILD]));
                    self.tasks.extend(state.map(|&state| Task::Object(state)));
                    continue;
                }
            };
            let items = Items::from_run(self.graph, run, add.pairs);
            if part == Part::Pairs && classes::is_mapping(self.graph, object) {
                self.check_keys(index, items.clone().take(length as usize), 2)?;
            }
            let left = if add.pairs { length / 2 } else { length };
            let batches = Batches { items, left, count: 0, open: false, plain: false, add };
            self.tasks.push(Task::Items(batches));
        }
        Ok(())
    }
}
