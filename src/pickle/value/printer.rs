//! Printing of objects, one after the other: what is data, and what holds other objects.

use std::fmt::{self, Write};

use crate::pickle::classes::meaning::small_integer;
use crate::pickle::classes::repr::{self as class_repr, Known};
use crate::pickle::format::text::{self, Text};
use crate::pickle::graph::items::Items;
use crate::pickle::graph::unique::{unique_entries, unique_items};
use crate::pickle::graph::{Graph, Kind, NONE, Node, Object, Origin, Part};
use crate::python::float_repr;
use crate::python::quote::{Name, write_bytearray, write_bytes, write_complex, write_text};

/// What is still to be printed, the next on top.
pub(crate) enum Task<'g> {
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
pub(crate) enum Style {
    /// `key: value`
    Dict,
    /// `(key, value)`
    Pair,
    /// `key=value`
    Named,
}

/// Prints without calling itself, so that depth costs no stack.
pub(crate) struct Printer<'g, W> {
    pub graph: &'g Graph<'static>,
    pub out: W,
    pub tasks: Vec<Task<'g>>,
    /// Which objects are being printed, one bit each; none until the first.
    active: Vec<u64>,
    depth: usize,
    most_depth: usize,
    most_items: usize,
}

impl<'g, W: Write> Printer<'g, W> {
    pub fn new(
        graph: &'g Graph<'static>,
        root: u32,
        out: W,
        most_depth: usize,
        most_items: usize,
    ) -> Printer<'g, W> {
        let tasks = vec![Task::Object(root)];
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

impl<'g, W: Write> Printer<'g, W> {
    /// An object that would have to be imported, called or looked up.
    pub fn made(&mut self, index: u32, object: &'g Object) -> fmt::Result {
        let graph = self.graph;
        match object.origin {
            Origin::Global | Origin::StackGlobal => {
                match graph.global(index) {
                    Some((module, name)) => self.imported(&module, &name)?,
                    // Module and name are not text, but objects that only Python can tell.
                    None if self.enter(index, "import(", "import(...)")? => {
                        self.tasks.push(Task::Close(index, ")"));
                        self.tasks.push(Task::Object(object.arguments));
                        self.tasks.push(Task::Literal(", "));
                        self.tasks.push(Task::Object(object.callee));
                    }
                    None => {}
                }
                Ok(())
            }
            Origin::Persistent => {
                if self.enter(index, "persistent_id(", "persistent_id(...)")? {
                    self.tasks.push(Task::Close(index, ")"));
                    self.tasks.push(Task::Object(object.arguments));
                }
                self.after(object);
                Ok(())
            }
            Origin::PersistentName => {
                self.out.write_str("persistent_id(")?;
                let (name, _) = graph.lines(object.offset);
                write_text(&mut self.out, name.chars().map(Ok))?;
                self.out.write_str(")")?;
                self.after(object);
                Ok(())
            }
            Origin::Extension => write!(self.out, "extension({})", object.arguments),
            Origin::Buffer | Origin::ReadonlyBuffer => {
                write!(self.out, "buffer({})", object.arguments)
            }
            Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {
                match class_repr::known(graph, object) {
                    Some(known) => self.known(index, known),
                    None => self.call(index, object),
                }
            }
        }
    }

    fn imported(&mut self, module: &str, name: &str) -> fmt::Result {
        match module {
            "builtins" if class_repr::BUILTIN_TYPES.contains(&name) => {
                write!(self.out, "<class '{name}'>")
            }
            "builtins" if class_repr::BUILTIN_CONSTANTS.contains(&name) => self.out.write_str(name),
            "builtins" if class_repr::BUILTIN_FUNCTIONS.contains(&name) => {
                write!(self.out, "<built-in function {name}>")
            }
            "collections" | "datetime" | "decimal" | "fractions" | "uuid"
                if class_repr::is_class(module, name) =>
            {
                write!(self.out, "<class '{module}.{name}'>")
            }
            _ => write!(self.out, "{}.{}", Name(module), Name(name)),
        }
    }

    /// `module.name(arguments) [items] {entries} {state}`
    fn call(&mut self, index: u32, object: &'g Object) -> fmt::Result {
        let graph = self.graph;
        if !self.may_enter(index) {
            if let Some((module, name)) = graph.global(object.callee) {
                write!(self.out, "{}.{}", Name(&module), Name(&name))?;
            }
            return self.out.write_str("(...)");
        }
        self.tasks.push(Task::Close(index, ""));
        self.after(object);
        self.tasks.push(Task::Literal(")"));
        let arguments = graph.node(object.arguments);
        if object.named != NONE {
            self.push_entries(graph.items(graph.node(object.named)), Style::Named);
            if arguments.kind != Kind::EmptyTuple
                && graph.items(graph.node(object.named)).next().is_some()
            {
                self.tasks.push(Task::Literal(", "));
            }
        }
        if arguments.kind == Kind::Object {
            self.tasks.push(Task::Object(object.arguments));
            self.tasks.push(Task::Literal("*"));
        } else {
            self.push_items(graph.items(arguments));
        }
        self.tasks.push(Task::Literal("("));
        match graph.global(object.callee) {
            Some((module, name)) => write!(self.out, "{}.{}", Name(&module), Name(&name)),
            None => {
                self.tasks.push(Task::Object(object.callee));
                Ok(())
            }
        }
    }

    /// What was done to an object after it was made, in order; to be printed behind it.
    fn after(&mut self, object: &'g Object) {
        let parts: Vec<_> = self.graph.parts(object).collect();
        for (part, items) in parts.into_iter().rev() {
            let (open, end) = match part {
                Part::Append => (" [", "]"),
                Part::Pairs | Part::Add => (" {", "}"),
                Part::State => (" ", ""),
            };
            self.tasks.push(Task::Literal(end));
            match part {
                Part::Pairs => {
                    let entries = items.chunks_exact(2).filter_map(|pair| match pair {
                        [key, value] => Some((*key, *value)),
                        _ => None,
                    });
                    self.tasks.push(Task::Entries(Box::new(entries), 0, Style::Dict));
                }
                _ => self.push_items(items.iter().copied()),
            }
            self.tasks.push(Task::Literal(open));
        }
    }

    /// An object of a class whose `repr` is known.
    fn known(&mut self, index: u32, known: Known<'g>) -> fmt::Result {
        match known {
            Known::Bytes(bytes) => write_bytes(&mut self.out, &bytes),
            Known::ByteArray(bytes) => write_bytearray(&mut self.out, &bytes),
            Known::Text(text) => self.out.write_str(&text),
            Known::Complex(real, imaginary) => write_complex(&mut self.out, real, imaginary),
            Known::Set(name, items) => self.set(index, name, items),
            Known::OrderedDict(listed, entries) => {
                let entries = class_repr::pairs(self.graph, listed, entries);
                if entries.is_empty() {
                    return self.out.write_str("OrderedDict()");
                }
                if self.enter(index, "OrderedDict([", "...")? {
                    self.tasks.push(Task::Close(index, "])"));
                    self.tasks.push(Task::Entries(Box::new(entries.into_iter()), 0, Style::Pair));
                }
                Ok(())
            }
            Known::DefaultDict(factory, items) => {
                if self.enter(index, "defaultdict(", "defaultdict(...)")? {
                    self.tasks.push(Task::Close(index, "})"));
                    self.push_entries(items, Style::Dict);
                    self.tasks.push(Task::Literal(", {"));
                    match factory {
                        Some(factory) => self.tasks.push(Task::Object(factory)),
                        None => self.tasks.push(Task::Literal("None")),
                    }
                }
                Ok(())
            }
            Known::Counter(items) => {
                let mut entries = unique_entries(self.graph, items);
                if entries.is_empty() {
                    return self.out.write_str("Counter()");
                }
                // Python sorts by count, the largest first, when all can be compared.
                let count = |index| small_integer(self.graph, self.graph.node(index));
                if entries.iter().all(|&(_, value)| count(value).is_some()) {
                    entries.sort_by_key(|&(_, value)| std::cmp::Reverse(count(value)));
                }
                if self.enter(index, "Counter({", "...")? {
                    self.tasks.push(Task::Close(index, "})"));
                    self.tasks.push(Task::Entries(Box::new(entries.into_iter()), 0, Style::Dict));
                }
                Ok(())
            }
            Known::Slice(parts) => {
                if self.enter(index, "slice(", "slice(...)")? {
                    self.tasks.push(Task::Close(index, ")"));
                    self.push_items(parts);
                }
                Ok(())
            }
            Known::Deque(items, longest) => {
                if self.enter(index, "deque([", "[...]")? {
                    self.tasks.push(Task::Close(index, ")"));
                    if let Some(longest) = longest {
                        self.tasks.push(Task::Object(longest));
                        self.tasks.push(Task::Literal(", maxlen="));
                    }
                    self.tasks.push(Task::Literal("]"));
                    let [first, second] = items;
                    self.push_items(first.chain(second));
                }
                Ok(())
            }
        }
    }
}
