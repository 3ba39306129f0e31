//! Printing of objects, one after the other: what is data, and what holds other objects.

use std::fmt::{self, Write};

use super::graph::{Graph, Kind, Node};
use super::repr::Bounded;
use super::text::{self, Text};
use super::unique::{unique_entries, unique_items};
use super::value::Value;
use super::walk::Items;
use crate::python::float_repr;
use crate::python::quote::{Name, write_bytearray, write_bytes, write_text};

/// What is still to be printed, the next on top.
pub(super) enum Task<'g> {
    Object(u32),
    Literal(&'static str),
    /// The rest of the items of a container.
    Items(std::iter::Peekable<Box<dyn Iterator<Item = u32> + 'g>>, usize),
    /// The rest of the entries of a dictionary.
    Entries(Box<dyn Iterator<Item = (u32, u32)> + 'g>, usize, Style),
    /// The end of an object, after which it may be printed once more.
    Close(u32, &'static str),
}

/// How keys and values are put together.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// `key: value`
    Dict,
    /// `(key, value)`
    Pair,
    /// `key=value`
    Named,
}

/// Prints without calling itself, so that depth costs no stack.
pub(super) struct Printer<'g, 'f, 'b> {
    pub graph: &'g Graph<'static>,
    pub out: Bounded<'f, 'b>,
    pub tasks: Vec<Task<'g>>,
    /// Which objects are being printed, one bit each; none until the first.
    active: Vec<u64>,
    depth: usize,
    most_depth: usize,
    most_items: usize,
}

impl<'g, 'f, 'b> Printer<'g, 'f, 'b> {
    pub fn new(
        value: &'g Value,
        out: Bounded<'f, 'b>,
        most_depth: usize,
        most_items: usize,
    ) -> Printer<'g, 'f, 'b> {
        let tasks = vec![Task::Object(value.index)];
        let graph = &value.graph;
        Printer { graph, out, tasks, active: Vec::new(), depth: 0, most_depth, most_items }
    }

    pub fn run(&mut self) -> fmt::Result {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Object(index) => self.object(index)?,
                Task::Literal(text) => self.out.write_str(text)?,
                Task::Items(items, printed) => self.items(items, printed)?,
                Task::Entries(entries, printed, style) => self.entries(entries, printed, style)?,
                Task::Close(index, text) => {
                    self.set_active(index, false);
                    self.depth -= 1;
                    self.out.write_str(text)?;
                }
            }
        }
        Ok(())
    }

    fn is_active(&self, index: u32) -> bool {
        let word = self.active.get(index as usize / 64).copied().unwrap_or(0);
        word >> (index % 64) & 1 == 1
    }

    fn set_active(&mut self, index: u32, on: bool) {
        if self.active.is_empty() {
            self.active = vec![0; self.graph.arena.nodes.len() / 64 + 1];
        }
        if let Some(word) = self.active.get_mut(index as usize / 64) {
            *word = *word & !(1 << (index % 64)) | u64::from(on) << (index % 64);
        }
    }

    fn items(
        &mut self,
        mut items: std::iter::Peekable<Box<dyn Iterator<Item = u32> + 'g>>,
        printed: usize,
    ) -> fmt::Result {
        let Some(item) = items.next() else { return Ok(()) };
        if printed > 0 {
            self.out.write_str(", ")?;
        }
        if printed >= self.most_items {
            return write!(self.out, "... {} more", items.count() + 1);
        }
        if items.peek().is_some() {
            self.tasks.push(Task::Items(items, printed + 1));
        }
        self.tasks.push(Task::Object(item));
        Ok(())
    }

    fn entries(
        &mut self,
        mut entries: Box<dyn Iterator<Item = (u32, u32)> + 'g>,
        printed: usize,
        style: Style,
    ) -> fmt::Result {
        let Some((key, value)) = entries.next() else { return Ok(()) };
        if printed > 0 {
            self.out.write_str(", ")?;
        }
        if printed >= self.most_items {
            return write!(self.out, "... {} more", entries.count() + 1);
        }
        self.tasks.push(Task::Entries(entries, printed + 1, style));
        match style {
            Style::Dict => {
                self.tasks.push(Task::Object(value));
                self.tasks.push(Task::Literal(": "));
                self.tasks.push(Task::Object(key));
            }
            Style::Pair => {
                self.out.write_str("(")?;
                self.tasks.push(Task::Literal(")"));
                self.tasks.push(Task::Object(value));
                self.tasks.push(Task::Literal(", "));
                self.tasks.push(Task::Object(key));
            }
            Style::Named => {
                match self.graph.node(key) {
                    node if node.kind == Kind::Text => self.name(node)?,
                    _ => self.out.write_str("?")?,
                }
                self.out.write_str("=")?;
                self.tasks.push(Task::Object(value));
            }
        }
        Ok(())
    }

    pub fn push_items(&mut self, items: impl Iterator<Item = u32> + 'g) {
        let items: Box<dyn Iterator<Item = u32> + 'g> = Box::new(items);
        self.tasks.push(Task::Items(items.peekable(), 0));
    }

    pub fn push_entries(&mut self, items: Items<'g>, style: Style) {
        let entries = unique_entries(self.graph, items);
        self.tasks.push(Task::Entries(Box::new(entries.into_iter()), 0, style));
    }

    fn object(&mut self, index: u32) -> fmt::Result {
        let graph = self.graph;
        let node = graph.node(index);
        match node.kind {
            Kind::None => self.out.write_str("None"),
            Kind::True => self.out.write_str("True"),
            Kind::False => self.out.write_str("False"),
            Kind::Int => self.out.write_str(&graph.integer(node).to_text()),
            Kind::Float => self.out.write_str(&float_repr(graph.float(node))),
            Kind::Text => match graph.text(node) {
                Text::Utf8(text) => write_text(&mut self.out, text.chars().map(Ok)),
                Text::Surrogates(bytes) => write_text(&mut self.out, text::scalars(&bytes)),
            },
            Kind::String => {
                let bytes = graph.bytes(node);
                match std::str::from_utf8(&bytes) {
                    Ok(text) => write_text(&mut self.out, text.chars().map(Ok)),
                    Err(_) => write_bytes(&mut self.out, &bytes),
                }
            }
            Kind::Bytes => write_bytes(&mut self.out, &graph.bytes(node)),
            Kind::ByteArray => write_bytearray(&mut self.out, &graph.bytes(node)),
            Kind::EmptyTuple => self.out.write_str("()"),
            Kind::Tuple | Kind::UnhashableTuple => {
                if !self.enter(index, "(", "(...)")? {
                    return Ok(());
                }
                let one = graph.items(node).nth(1).is_none();
                self.tasks.push(Task::Close(index, if one { ",)" } else { ")" }));
                self.push_items(graph.items(node));
                Ok(())
            }
            Kind::List => {
                if !self.enter(index, "[", "[...]")? {
                    return Ok(());
                }
                self.tasks.push(Task::Close(index, "]"));
                self.push_items(graph.items(node));
                Ok(())
            }
            Kind::Dict => {
                if !self.enter(index, "{", "{...}")? {
                    return Ok(());
                }
                self.tasks.push(Task::Close(index, "}"));
                self.push_entries(graph.items(node), Style::Dict);
                Ok(())
            }
            Kind::Set | Kind::FrozenSet => {
                let name = if node.kind == Kind::Set { "set" } else { "frozenset" };
                self.set(index, name, [graph.items(node), graph.no_items()])
            }
            Kind::Object => match graph.object(node) {
                Some(object) => self.made(index, object),
                None => Ok(()),
            },
        }
    }

    /// Begins an object that holds others; `false` if it must not be entered.
    pub fn enter(&mut self, index: u32, open: &str, closed: &str) -> Result<bool, fmt::Error> {
        let may = self.may_enter(index);
        self.out.write_str(if may { open } else { closed })?;
        Ok(may)
    }

    /// Whether an object that holds others is printed; then it is begun.
    pub fn may_enter(&mut self, index: u32) -> bool {
        if self.is_active(index) || self.depth >= self.most_depth {
            return false;
        }
        self.set_active(index, true);
        self.depth += 1;
        true
    }

    pub fn set(&mut self, index: u32, name: &'static str, items: [Items<'g>; 2]) -> fmt::Result {
        let [first, second] = items;
        let mut members = unique_items(self.graph, first);
        members.extend(second);
        if members.is_empty() {
            return write!(self.out, "{name}()");
        }
        let (open, closed, end) = match name {
            "set" => ("{", "set(...)", "}"),
            _ => ("frozenset({", "frozenset(...)", "})"),
        };
        if self.enter(index, open, closed)? {
            self.tasks.push(Task::Close(index, end));
            self.push_items(members.into_iter());
        }
        Ok(())
    }

    /// The name of an argument.
    fn name(&mut self, node: Node) -> fmt::Result {
        match self.graph.text(node) {
            Text::Utf8(text) => write!(self.out, "{}", Name(&text)),
            Text::Surrogates(bytes) => write_text(&mut self.out, text::scalars(&bytes)),
        }
    }
}
