//! Where the reading of a Rust type is in a graph, and how much it may still cost.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use serde::de;

use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::opcode::Opcode;
use crate::pickle::graph::{Graph, Node};
use crate::pickle::limits::Limits;
use crate::pickle::stack::{ReadStack, Stack};
use crate::pickle::value::Value;

/// Reads the object of a pickle as a `T`.
pub(crate) fn from_graph<T: de::DeserializeOwned>(
    graph: &Graph<'_>,
    limits: &Limits,
) -> Result<T, Error> {
    from_one_of(graph, limits, &Budget::new(graph.end, limits))
}

/// The same for one of several pickles, which share a budget.
pub(crate) fn from_one_of<T: de::DeserializeOwned>(
    graph: &Graph<'_>,
    limits: &Limits,
    budget: &Budget,
) -> Result<T, Error> {
    Source::new::<T>(graph, OnceCell::new(), limits, budget).read(graph.root)
}

/// Reads an object of a graph as a `T`, in which a [`Value`] can hold on to the graph.
pub(crate) fn from_shared<T: de::DeserializeOwned>(
    graph: &Arc<Graph<'static>>,
    index: u32,
    limits: &Limits,
) -> Result<T, Error> {
    let budget = Budget::new(graph.end, limits);
    Source::new::<T>(graph, OnceCell::from(Arc::clone(graph)), limits, &budget).read(index)
}

/// What may still be made of one or several pickles.
pub(crate) struct Budget {
    /// Of values, in bytes.
    values: Cell<u64>,
    /// Of graphs that values hold on to, in bytes: what is left, and what there was.
    graphs: Cell<u64>,
    memory: u64,
}

impl Budget {
    /// For pickles of this length in all.
    pub fn new(length: usize, limits: &Limits) -> Budget {
        let values = (length as u64).saturating_mul(limits.expansion);
        let values = Cell::new(values.saturating_add(ALWAYS_ALLOWED));
        let memory = limits.memory_for(length);
        Budget { values, graphs: Cell::new(memory), memory }
    }
}

fn spend(from: &Cell<u64>, cost: u64) -> bool {
    let left = from.get().checked_sub(cost);
    left.inspect(|&left| from.set(left)).is_some()
}

/// How many bytes a value may take, whatever the size of the pickle.
pub(crate) const ALWAYS_ALLOWED: u64 = 64 << 20;

/// What an object is taken to cost, beside its text or bytes. No less than one byte of a pickle
/// makes an object, so at the default expansion of 16 only objects that are used more than once
/// can exhaust the budget.
pub(crate) const COST: u64 = 16;

/// How much more than [`COST`] a value of this type takes in a list or map.
pub(crate) const fn beyond_cost<T>() -> u64 {
    (size_of::<T>() as u64).saturating_sub(COST)
}

pub(crate) struct Source<'s> {
    graph: &'s Graph<'s>,
    /// The same graph for a [`Value`] to hold on to; made when it is first needed.
    shared: OnceCell<Arc<Graph<'static>>>,
    limits: &'s Limits,
    budget: &'s Budget,
    pub stack: ReadStack,
}

impl<'s> Source<'s> {
    /// To read a `T`.
    fn new<T>(
        graph: &'s Graph<'s>,
        shared: OnceCell<Arc<Graph<'static>>>,
        limits: &'s Limits,
        budget: &'s Budget,
    ) -> Source<'s> {
        Source { graph, shared, limits, budget, stack: ReadStack::new::<T>() }
    }

    fn read<T: de::DeserializeOwned>(&self, index: u32) -> Result<T, Error> {
        let place = Place { source: self, index, depth: 0 };
        place.charge_for::<T>()?;
        T::deserialize(place).map_err(|error| error.located(|| self.graph.offset(index)))
    }
}

/// One object, and how deep it lies.
#[derive(Clone, Copy)]
pub(crate) struct Place<'s> {
    pub source: &'s Source<'s>,
    pub index: u32,
    depth: u32,
}

impl<'s> Place<'s> {
    pub fn graph(&self) -> &'s Graph<'s> {
        self.source.graph
    }

    #[inline]
    pub fn node(&self) -> Node {
        self.source.graph.node(self.index)
    }

    #[cold]
    pub fn offset(&self) -> u64 {
        self.graph().offset(self.index)
    }

    /// Charges what a part of this type takes in memory, beyond what each object costs.
    #[inline]
    pub fn charge_for<T>(&self) -> Result<(), Error> {
        self.source.stack.note::<T>();
        match beyond_cost::<T>() {
            0 => Ok(()),
            more => self.charge(more),
        }
    }

    #[inline]
    pub fn charge(&self, cost: u64) -> Result<(), Error> {
        if spend(&self.source.budget.values, cost) {
            return Ok(());
        }
        Err(self.limit(
            "times its own size in copies of shared objects",
            "expansion",
            self.source.limits.expansion,
        ))
    }

    /// The object itself, which holds on to all of the graph.
    pub fn value(&self) -> Result<Value, Error> {
        self.charge(COST)?;
        let source = self.source;
        let graph = match source.shared.get() {
            Some(graph) => graph,
            None if spend(&source.budget.graphs, source.graph.memory()) => {
                source.shared.get_or_init(|| Arc::new(source.graph.clone().into_owned()))
            }
            None => {
                return Err(self.limit("bytes of memory", "memory", source.budget.memory));
            }
        };
        Ok(Value { graph: Arc::clone(graph), index: self.index })
    }

    #[cold]
    fn limit(&self, limit: &'static str, name: &'static str, value: u64) -> Error {
        let offset = self.offset();
        let code = self.graph().data.get(offset as usize);
        let opcode = code.and_then(|&code| Opcode::from_code(code)).map_or("", |it| it.name);
        ErrorKind::Limit { offset, opcode, limit, name, value }.into()
    }

    /// The same object, one call deeper, where a `T` is made of it. Options and newtypes count too:
    /// a recursive type made of them alone would go on for ever.
    #[inline]
    pub fn deeper<T>(self) -> Result<Place<'s>, Error> {
        if self.depth >= self.source.limits.depth
            || self.source.stack.is_full_for::<T>(self.source.limits.depth)
        {
            return Err(self.too_deep());
        }
        Ok(Place { depth: self.depth + 1, ..self })
    }

    /// Whether serde may keep what is here, to make a type of it later.
    pub fn may_keep<T>(&self) -> Result<(), Error> {
        match self.source.stack.is_full_for_kept::<T>(self.depth, self.source.limits.depth) {
            true => Err(self.too_deep()),
            false => Ok(()),
        }
    }

    #[cold]
    fn too_deep(&self) -> Error {
        if self.graph().reaches_itself(self.index) {
            return Error::of_type(
                self.offset(),
                "this object contains itself, which a Rust type cannot; read it as `pickle::Value`",
            );
        }
        if self.depth < self.source.limits.depth {
            return self.limit("bytes of stack", "depth", Stack::most(self.source.limits.depth));
        }
        self.limit("levels of objects in one another", "depth", self.source.limits.depth.into())
    }

    #[inline]
    pub fn at(&self, index: u32) -> Place<'s> {
        Place { index, ..*self }
    }
}
