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
use std::sync::Arc;

use super::output::{BATCH, Output};
use crate::pickle::error::Error;
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Kind, NONE, Object, Origin, Part};
use crate::pickle::value::Value;

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
    /// How many buffers beside the pickle were written.
    buffers: u32,
}

/// How many tasks may wait: as many as four million levels of tuples give, in about 200 MB.
const MOST_TASKS: usize = 4_000_000;

/// What is still to be written, the next on top.
enum Task<'g> {
    Object(u32),
    /// Items for the object below, in batches.
    Items {
        items: Items<'g>,
        open: bool,
        count: u32,
        end: u8,
    },
    /// Items for the object below, in one go.
    All(std::slice::Iter<'g, u32>),
    Write(&'static [u8]),
    /// Makes an object of what is on the stack: the opcode, and how to drop its parts instead.
    Make {
        index: u32,
        opcode: &'static [u8],
        instead: &'static [u8],
    },
    /// Goes on with what was done to an object after it was made.
    After(&'g Object),
    Memoize(u32),
}

impl GraphWriter {
    pub fn write(&mut self, value: &Value, out: &mut Output<'_>) -> Result<(), Error> {
        if !self.graph.as_ref().is_some_and(|graph| Arc::ptr_eq(graph, &value.graph)) {
            self.memo = vec![NONE; value.graph.arena.nodes.len()];
            self.begun = self.memo.clone();
            self.graph = Some(Arc::clone(&value.graph));
        }
        let mut walk = Walk { graph: &value.graph, writer: self, out, tasks: Vec::new() };
        walk.tasks.push(Task::Object(value.index));
        walk.run()
    }
}

struct Walk<'g, 'o, 'w> {
    graph: &'g Graph<'static>,
    writer: &'o mut GraphWriter,
    out: &'o mut Output<'w>,
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
                Task::Items { items, open, count, end } => self.items(items, open, count, end)?,
                Task::All(mut items) => {
                    if let Some(&item) = items.next() {
                        if !items.as_slice().is_empty() {
                            self.tasks.push(Task::All(items));
                        }
                        self.tasks.push(Task::Object(item));
                    }
                }
                Task::Write(bytes) => self.out.write(bytes)?,
                Task::Make { index, opcode, instead } => match self.number(index) {
                    Some(number) => {
                        self.out.write(instead)?;
                        self.out.get(number)?;
                    }
                    None => {
                        self.out.write(opcode)?;
                        self.memoize(index)?;
                        if let Some(object) = self.graph.object(self.graph.node(index)) {
                            self.tasks.push(Task::After(object));
                        }
                    }
                },
                Task::After(object) => self.after(object)?,
                Task::Memoize(index) => self.memoize(index)?,
            }
        }
        Ok(())
    }

    /// Module and name, as Python reads them in the protocol that is written.
    fn global(&self, index: u32) -> Option<(Cow<'g, str>, Cow<'g, str>)> {
        match self.out.protocol {
            // Python 3 knows its own names there too, Python 2 only the old ones.
            2 => self.graph.global_as_written(index),
            _ => self.graph.global(index),
        }
    }

    fn number(&self, index: u32) -> Option<u32> {
        self.writer.memo.get(index as usize).copied().filter(|&number| number != NONE)
    }

    fn memoize(&mut self, index: u32) -> Result<(), Error> {
        let number = self.out.memoize()?;
        if let Some(place) = self.writer.memo.get_mut(index as usize) {
            *place = number;
        }
        self.writer.known += 1;
        Ok(())
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

    fn items(
        &mut self,
        mut items: Items<'g>,
        mut open: bool,
        mut count: u32,
        end: u8,
    ) -> Result<(), Error> {
        if count == BATCH && open {
            self.out.write(&[end])?;
            (open, count) = (false, 0);
        }
        let Some(item) = items.next() else {
            return if open { self.out.write(&[end]) } else { Ok(()) };
        };
        if !open {
            self.out.write(&[op::MARK])?;
        }
        // A value goes with its key, in one step.
        let value = if end == op::SETITEMS { items.next() } else { None };
        self.tasks.push(Task::Items { items, open: true, count: count + 1, end });
        self.tasks.extend(value.map(Task::Object));
        self.tasks.push(Task::Object(item));
        Ok(())
    }

    fn batches(&mut self, items: Items<'g>, end: u8) {
        self.tasks.push(Task::Items { items, open: false, count: 0, end });
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
            Kind::Int => match graph.integer(node) {
                Integer::Small(small) => self.out.int(small),
                big => self.out.big_int(&big.to_bytes()),
            },
            Kind::Float => self.out.float(graph.float(node)),
            Kind::Text => self.out.text(graph.text(node).as_bytes()),
            Kind::String => {
                self.out.string(&graph.bytes(node))?;
                self.memoize(index)
            }
            Kind::Bytes => {
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
                self.batches(graph.items(node), op::APPENDS);
                Ok(())
            }
            Kind::Dict => {
                self.out.write(&[op::EMPTY_DICT])?;
                self.memoize(index)?;
                self.batches(graph.items(node), op::SETITEMS);
                Ok(())
            }
            Kind::Set if self.out.protocol >= 4 => {
                self.out.write(&[op::EMPTY_SET])?;
                self.memoize(index)?;
                self.batches(graph.items(node), op::ADDITEMS);
                Ok(())
            }
            Kind::FrozenSet if self.out.protocol >= 4 => {
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
                self.begin(index)?;
                let name = if node.kind == Kind::Set { "set" } else { "frozenset" };
                let module = if self.out.protocol < 3 { "__builtin__" } else { "builtins" };
                self.out.global(module, name)?;
                self.out.write(&[op::EMPTY_LIST])?;
                self.tasks.push(Task::Make {
                    index,
                    opcode: &[op::TUPLE1, op::REDUCE],
                    instead: &[op::POP, op::POP],
                });
                self.batches(graph.items(node), op::APPENDS);
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
            Origin::Global | Origin::StackGlobal => match self.global(index) {
                Some((module, name)) => {
                    self.out.global(&module, &name)?;
                    self.tasks.push(Task::After(object));
                    self.memoize(index)
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
                self.out.write(&[op::BINPERSID])?;
                self.tasks.push(Task::After(object));
                self.tasks.push(Task::Memoize(index));
                Ok(())
            }
            Origin::Extension => {
                let [a, b, c, d] = object.arguments.to_le_bytes();
                match object.arguments {
                    0..256 => self.out.write(&[op::EXT1, a])?,
                    256..65_536 => self.out.write(&[op::EXT2, a, b])?,
                    _ => self.out.write(&[op::EXT4, a, b, c, d])?,
                }
                self.tasks.push(Task::After(object));
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
                self.tasks.push(Task::After(object));
                self.memoize(index)
            }
        }
    }

    fn after(&mut self, object: &'g Object) -> Result<(), Error> {
        let parts: Vec<_> = self.graph.parts(object).collect();
        for (part, items) in parts.into_iter().rev() {
            let (open, end): (&'static [u8], &'static [u8]) = match part {
                Part::Append => (&[op::MARK], &[op::APPENDS]),
                Part::Pairs => (&[op::MARK], &[op::SETITEMS]),
                Part::State => (&[], &[op::BUILD]),
                Part::Add if self.out.protocol >= 4 => (&[op::MARK], &[op::ADDITEMS]),
                Part::Add => {
                    return Err(Error::unwritable(
                        "an object with members of a set needs protocol 4 or newer",
                    ));
                }
            };
            self.tasks.push(Task::Write(end));
            self.tasks.push(Task::All(items.iter()));
            self.tasks.push(Task::Write(open));
        }
        Ok(())
    }
}
