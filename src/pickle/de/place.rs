//! Where the reading of a Rust type is in a graph, and how much it may still cost.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;

use serde::de;

use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::opcode::Opcode;
use crate::pickle::graph::{Graph, Node};
use crate::pickle::limits::Limits;
use crate::pickle::value::Value;

/// Reads the object of a pickle as a `T`.
pub(crate) fn from_graph<T: de::DeserializeOwned>(
    graph: &Graph<'_>,
    limits: &Limits,
) -> Result<T, Error> {
    Source::new(graph, OnceCell::new(), limits).read(graph.root)
}

/// Reads an object of a graph as a `T`, in which a [`Value`] can hold on to the graph.
pub(crate) fn from_shared<T: de::DeserializeOwned>(
    graph: &Arc<Graph<'static>>,
    index: u32,
    limits: &Limits,
) -> Result<T, Error> {
    Source::new(graph, OnceCell::from(Arc::clone(graph)), limits).read(index)
}

/// How many bytes a value may take, whatever the size of the pickle.
pub(crate) const ALWAYS_ALLOWED: u64 = 64 << 20;

/// What an object is taken to cost, beside its text or bytes. No less than one byte of a pickle
/// makes an object, so at the default expansion of 16 only objects that are used more than once
/// can exhaust the budget.
pub(crate) const COST: u64 = 16;

pub(crate) struct Source<'s> {
    graph: &'s Graph<'s>,
    /// The same graph for a [`Value`] to hold on to; made when it is first needed.
    shared: OnceCell<Arc<Graph<'static>>>,
    limits: &'s Limits,
    budget: Cell<u64>,
}

impl<'s> Source<'s> {
    fn new(
        graph: &'s Graph<'s>,
        shared: OnceCell<Arc<Graph<'static>>>,
        limits: &'s Limits,
    ) -> Source<'s> {
        let length = (graph.end - graph.start) as u64;
        let budget = length.saturating_mul(limits.expansion).saturating_add(ALWAYS_ALLOWED);
        Source { graph, shared, limits, budget: Cell::new(budget) }
    }

    fn read<T: de::DeserializeOwned>(&self, index: u32) -> Result<T, Error> {
        let place = Place { source: self, index, depth: 0 };
        T::deserialize(place).map_err(|error| error.located(|| self.graph.offset(index)))
    }

    pub fn value(&self, index: u32) -> Value {
        let graph = self.shared.get_or_init(|| Arc::new(self.graph.clone().into_owned()));
        Value { graph: Arc::clone(graph), index }
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

    #[inline]
    pub fn charge(&self, cost: u64) -> Result<(), Error> {
        match self.source.budget.get().checked_sub(cost) {
            Some(left) => {
                self.source.budget.set(left);
                Ok(())
            }
            None => Err(self.limit(
                "times its own size in copies of shared objects",
                "expansion",
                self.source.limits.expansion,
            )),
        }
    }

    #[cold]
    fn limit(&self, limit: &'static str, name: &'static str, value: u64) -> Error {
        let offset = self.offset();
        let code = self.graph().data.get(offset as usize);
        let opcode = code.and_then(|&code| Opcode::from_code(code)).map_or("", |it| it.name);
        ErrorKind::Limit { offset, opcode, limit, name, value }.into()
    }

    /// The same object, one call deeper. Options and newtypes count too: a recursive type made of
    /// them alone would go on for ever.
    #[inline]
    pub fn deeper(self) -> Result<Place<'s>, Error> {
        if self.depth >= self.source.limits.depth {
            return Err(self.too_deep());
        }
        Ok(Place { depth: self.depth + 1, ..self })
    }

    #[cold]
    fn too_deep(&self) -> Error {
        if self.graph().reaches_itself(self.index) {
            return Error::of_type(
                self.offset(),
                "this object contains itself, which a Rust type cannot; read it as `pickle::Value`",
            );
        }
        self.limit("levels of objects in one another", "depth", self.source.limits.depth.into())
    }

    #[inline]
    pub fn at(&self, index: u32) -> Place<'s> {
        Place { index, ..*self }
    }
}
