//! Printing of objects, one after the other: what is data, and what holds other objects.

use std::fmt::{self, Write};

use crate::pickle::arrays;
use crate::pickle::classes::{self, Piece, Printed, Style};
use crate::pickle::format::text::{self, Text};
use crate::pickle::graph::items::Items;
use crate::pickle::graph::scalar::Str;
use crate::pickle::graph::unique::unique_entries;
use crate::pickle::graph::{Graph, Kind, NONE, Node, Object, Origin, Part};
use crate::python::float_repr;
use crate::python::quote::{Name, write_bytearray, write_bytes, write_text};

/// What is still to be printed, the next on top.
enum Task<'g> {
    Piece(Piece<'g>),
    /// The rest of the items of a container, and how many were printed.
    MoreItems(std::iter::Peekable<Box<dyn Iterator<Item = u32> + 'g>>, usize),
    /// The rest of the entries of a dictionary, and how many were printed.
    MoreEntries(Style, Box<dyn Iterator<Item = (u32, u32)> + 'g>, usize),
    /// The end of an object, after which it may be printed once more.
    Close(u32, &'static str),
}

/// Prints without calling itself, so that depth costs no stack.
pub(crate) struct Printer<'g, 'f, 'b> {
    graph: &'g Graph<'static>,
    out: Bounded<'f, 'b>,
    tasks: Vec<Task<'g>>,
    /// Which objects are being printed, one bit each; none until the first.
    active: Vec<u64>,
    depth: usize,
    most_depth: usize,
    most_items: usize,
    /// How much was looked at, and how much may be besides what the printed text allows: a few bytes
    /// of pickle can use one large object in very many places, and print little of it in each.
    work: u64,
    most_work: u64,
}

/// How much is looked at for any pickle by default, in bytes and objects, and how much more for each
/// byte of the pickle and of the printed text.
const WORK: (u64, u64) = (16 << 20, 16);

/// What is looked at by default to print an object of a graph, beyond what the printed text allows.
pub(super) fn usual_work(graph: &Graph<'_>) -> u64 {
    let (always, times) = WORK;
    (graph.data.len() as u64).saturating_mul(times).saturating_add(always)
}

impl<'g, 'f, 'b> Printer<'g, 'f, 'b> {
    pub fn new(
        graph: &'g Graph<'static>,
        root: u32,
        out: Bounded<'f, 'b>,
        most_depth: usize,
        most_items: usize,
        most_work: u64,
    ) -> Printer<'g, 'f, 'b> {
        let tasks = vec![Task::Piece(Piece::Object(root))];
        let active = Vec::new();
        Printer { graph, out, tasks, active, depth: 0, most_depth, most_items, work: 0, most_work }
    }

    /// How much may still be looked at, beyond what the printed text allows.
    pub fn work_left(&self) -> u64 {
        self.allowed_work().saturating_sub(self.work).min(self.most_work)
    }

    /// Whether it ended because there was too much to print or to look at.
    pub fn is_exhausted(&self) -> bool {
        self.out.left == 0 || self.work > self.allowed_work()
    }

    /// Says that there is more.
    pub fn cut(&mut self) -> fmt::Result {
        self.out.f.write_str("...")
    }

    fn allowed_work(&self) -> u64 {
        let (_, times) = WORK;
        self.most_work.saturating_add((self.out.written as u64).saturating_mul(times))
    }

    fn spend(&mut self, work: u64) -> fmt::Result {
        self.work = self.work.saturating_add(work);
        if self.work > self.allowed_work() { Err(fmt::Error) } else { Ok(()) }
    }

    pub fn run(&mut self) -> fmt::Result {
        while let Some(task) = self.tasks.pop() {
            match task {
                Task::Piece(piece) => self.piece(piece)?,
                Task::MoreItems(items, printed) => self.items(items, printed)?,
                Task::MoreEntries(style, entries, printed) => {
                    self.entries(style, entries, printed)?;
                }
                Task::Close(index, text) => {
                    self.set_active(index, false);
                    self.depth -= 1;
                    self.out.write_str(text)?;
                }
            }
        }
        Ok(())
    }

    fn piece(&mut self, piece: Piece<'g>) -> fmt::Result {
        match piece {
            Piece::Literal(text) => self.out.write_str(text),
            Piece::Text(text) => self.out.write_str(&text),
            Piece::Bytes(bytes) => write_bytes(&mut self.out, &bytes),
            Piece::ByteArray(bytes) => write_bytearray(&mut self.out, &bytes),
            Piece::Object(index) => self.object(index),
            Piece::Items(items) => self.items(items.peekable(), 0),
            Piece::Entries(style, entries) => self.entries(style, entries, 0),
            Piece::ItemsOf(find) => {
                let unique = find();
                self.spend(unique.work)?;
                self.piece(Piece::items(unique.found))
            }
            Piece::EntriesOf(style, find) => {
                let unique = find();
                self.spend(unique.work)?;
                self.entries(style, Box::new(unique.found.into_iter()), 0)
            }
        }
    }

    /// Has a piece printed before all that is still to be printed.
    fn push(&mut self, piece: Piece<'g>) {
        self.tasks.push(Task::Piece(piece));
    }

    /// An object in pieces.
    fn printed(&mut self, index: u32, printed: Printed<'g>) -> fmt::Result {
        match printed {
            Printed::Whole(piece) => self.piece(piece),
            Printed::Holder { pieces, closed } => {
                if self.enter(index, "", closed)? {
                    self.tasks.push(Task::Close(index, ""));
                    self.tasks.extend(pieces.into_iter().rev().map(Task::Piece));
                }
                Ok(())
            }
        }
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
            let more = items.count() + 1;
            self.spend(more as u64)?;
            return write!(self.out, "... {more} more");
        }
        if items.peek().is_some() {
            self.tasks.push(Task::MoreItems(items, printed + 1));
        }
        self.push(Piece::Object(item));
        Ok(())
    }

    fn entries(
        &mut self,
        style: Style,
        mut entries: Box<dyn Iterator<Item = (u32, u32)> + 'g>,
        printed: usize,
    ) -> fmt::Result {
        let Some((key, value)) = entries.next() else { return Ok(()) };
        if printed > 0 {
            self.out.write_str(", ")?;
        }
        if printed >= self.most_items {
            let more = entries.count() + 1;
            self.spend(more as u64)?;
            return write!(self.out, "... {more} more");
        }
        self.tasks.push(Task::MoreEntries(style, entries, printed + 1));
        match style {
            Style::Dict => {
                self.push(Piece::Object(value));
                self.push(Piece::Literal(": "));
                self.push(Piece::Object(key));
            }
            Style::Pair => {
                self.out.write_str("(")?;
                self.push(Piece::Literal(")"));
                self.push(Piece::Object(value));
                self.push(Piece::Literal(", "));
                self.push(Piece::Object(key));
            }
            Style::Named => {
                match self.graph.node(key) {
                    node if node.kind == Kind::Text => self.name(node)?,
                    _ => self.out.write_str("?")?,
                }
                self.out.write_str("=")?;
                self.push(Piece::Object(value));
            }
        }
        Ok(())
    }

    fn push_entries(&mut self, style: Style, items: Items<'g>) {
        let graph = self.graph;
        self.push(Piece::entries_of(style, move || unique_entries(graph, items)));
    }

    fn object(&mut self, index: u32) -> fmt::Result {
        let graph = self.graph;
        let node = graph.node(index);
        // Of texts and bytes all is printed; of what else is long in the pickle, perhaps little.
        self.spend(match node.kind {
            Kind::Int | Kind::Float | Kind::Object => 1 + graph.weight(index),
            _ => 1,
        })?;
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
            Kind::String => match graph.string(node) {
                Str::Text(text) => write_text(&mut self.out, text.chars().map(Ok)),
                Str::Bytes(bytes) => write_bytes(&mut self.out, &bytes),
            },
            Kind::Bytes | Kind::RawBytes => write_bytes(&mut self.out, &graph.bytes(node)),
            Kind::ByteArray => write_bytearray(&mut self.out, &graph.bytes(node)),
            Kind::EmptyTuple => self.out.write_str("()"),
            Kind::Tuple | Kind::UnhashableTuple => {
                if !self.enter(index, "(", "(...)")? {
                    return Ok(());
                }
                let one = graph.items(node).nth(1).is_none();
                self.tasks.push(Task::Close(index, if one { ",)" } else { ")" }));
                self.push(Piece::items(graph.items(node)));
                Ok(())
            }
            Kind::List if graph.items(node).next().is_none() => self.out.write_str("[]"),
            Kind::Dict if graph.items(node).next().is_none() => self.out.write_str("{}"),
            Kind::List => {
                if !self.enter(index, "[", "[...]")? {
                    return Ok(());
                }
                self.tasks.push(Task::Close(index, "]"));
                self.push(Piece::items(graph.items(node)));
                Ok(())
            }
            Kind::Dict => {
                if !self.enter(index, "{", "{...}")? {
                    return Ok(());
                }
                self.tasks.push(Task::Close(index, "}"));
                self.push_entries(Style::Dict, graph.items(node));
                Ok(())
            }
            Kind::Set | Kind::FrozenSet => {
                let members = [graph.items(node), graph.no_items()];
                let frozen = node.kind == Kind::FrozenSet;
                self.printed(index, classes::printed_set(graph, frozen, members))
            }
            Kind::Object => match graph.object(node) {
                Some(object) => self.made(index, object),
                None => Ok(()),
            },
        }
    }

    /// Begins an object that holds others; `false` if it must not be entered.
    fn enter(&mut self, index: u32, open: &str, closed: &str) -> Result<bool, fmt::Error> {
        let may = self.may_enter(index);
        self.out.write_str(if may { open } else { closed })?;
        Ok(may)
    }

    /// Whether an object that holds others is printed; then it is begun.
    fn may_enter(&mut self, index: u32) -> bool {
        if self.is_active(index) || self.depth >= self.most_depth {
            return false;
        }
        self.set_active(index, true);
        self.depth += 1;
        true
    }

    /// The name of an argument.
    fn name(&mut self, node: Node) -> fmt::Result {
        match self.graph.text(node) {
            Text::Utf8(text) => write!(self.out, "{}", Name(&text)),
            Text::Surrogates(bytes) => write_text(&mut self.out, text::scalars(&bytes)),
        }
    }

    /// An object that would have to be imported, called or looked up.
    fn made(&mut self, index: u32, object: &'g Object) -> fmt::Result {
        let graph = self.graph;
        self.spend(u64::from(object.runs) + graph.weight(object.callee))?;
        if let Ok(found) = arrays::find(graph, index) {
            self.spend(found.work.saturating_add(arrays::work_to_print(&found)))?;
            return self.printed(index, arrays::printed(graph, found));
        }
        match object.origin {
            Origin::Global | Origin::StackGlobal => match graph.global(index) {
                Some((module, name)) => match classes::printed_name(&module, &name) {
                    Some(known) => self.named(index, object, format_args!("{known}")),
                    None => {
                        let (module, name) = (Name(&module), Name(&name));
                        self.named(index, object, format_args!("{module}.{name}"))
                    }
                },
                // Module and name are not text, but objects that only Python can tell.
                None => {
                    if self.enter(index, "import(", "import(...)")? {
                        self.tasks.push(Task::Close(index, ""));
                        self.after(object);
                        self.push(Piece::Literal(")"));
                        self.push(Piece::Object(object.arguments));
                        self.push(Piece::Literal(", "));
                        self.push(Piece::Object(object.callee));
                    }
                    Ok(())
                }
            },
            Origin::Persistent => {
                if self.enter(index, "persistent_id(", "persistent_id(...)")? {
                    self.tasks.push(Task::Close(index, ""));
                    self.after(object);
                    self.push(Piece::Literal(")"));
                    self.push(Piece::Object(object.arguments));
                }
                Ok(())
            }
            Origin::PersistentName => {
                // One that holds nothing needs not be entered.
                if object.first != NONE {
                    if !self.may_enter(index) {
                        return self.out.write_str("persistent_id(...)");
                    }
                    self.tasks.push(Task::Close(index, ""));
                    self.after(object);
                }
                self.out.write_str("persistent_id(")?;
                let (name, _) = graph.lines(object.offset);
                write_text(&mut self.out, name.chars().map(Ok))?;
                self.out.write_str(")")
            }
            Origin::RawArray => {
                // An array of a class that is not known: its description and its bytes.
                if self.enter(index, "", "(...)")? {
                    self.tasks.push(Task::Close(index, ")"));
                    self.push(Piece::Object(object.arguments));
                    self.push(Piece::Literal(" ("));
                    self.push(Piece::Object(object.callee));
                }
                Ok(())
            }
            Origin::Extension => {
                self.named(index, object, format_args!("extension({})", object.arguments))
            }
            Origin::Buffer | Origin::ReadonlyBuffer => {
                self.named(index, object, format_args!("buffer({})", object.arguments))
            }
            Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {
                let mut work = 0;
                let dtype = arrays::printed_dtype(graph, index, &mut work);
                self.spend(work)?;
                if let Some(dtype) = dtype {
                    return self.out.write_str(&dtype);
                }
                match classes::printed(graph, object) {
                    Some(printed) => self.printed(index, printed),
                    None => self.call(index, object),
                }
            }
        }
    }

    /// What a name alone tells, and what was done to it: `name {state}`, or `name ...` where that
    /// must not be entered.
    fn named(&mut self, index: u32, object: &'g Object, name: fmt::Arguments<'_>) -> fmt::Result {
        self.out.write_fmt(name)?;
        if object.first == NONE {
            return Ok(());
        }
        if !self.may_enter(index) {
            return self.out.write_str(" ...");
        }
        self.tasks.push(Task::Close(index, ""));
        self.after(object);
        Ok(())
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
        self.push(Piece::Literal(")"));
        let arguments = graph.node(object.arguments);
        if object.named != NONE {
            let named = graph.items(graph.node(object.named));
            self.push_entries(Style::Named, named.clone());
            if arguments.kind != Kind::EmptyTuple && named.clone().next().is_some() {
                self.push(Piece::Literal(", "));
            }
        }
        if arguments.kind == Kind::Object {
            self.push(Piece::Object(object.arguments));
            self.push(Piece::Literal("*"));
        } else {
            self.push(Piece::items(graph.items(arguments)));
        }
        self.push(Piece::Literal("("));
        let callee = graph.object(graph.node(object.callee));
        match graph.global(object.callee) {
            Some((module, name)) if callee.is_some_and(|callee| callee.first == NONE) => {
                write!(self.out, "{}.{}", Name(&module), Name(&name))
            }
            _ => {
                self.push(Piece::Object(object.callee));
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
            self.push(Piece::Literal(end));
            match part {
                Part::Pairs => {
                    let entries = items.chunks_exact(2).filter_map(|pair| match pair {
                        [key, value] => Some((*key, *value)),
                        _ => None,
                    });
                    self.push(Piece::Entries(Style::Dict, Box::new(entries)));
                }
                _ => self.push(Piece::items(items.iter().copied())),
            }
            self.push(Piece::Literal(open));
        }
    }
}

/// Text that is cut off.
pub(crate) struct Bounded<'f, 'b> {
    f: &'f mut fmt::Formatter<'b>,
    left: usize,
    written: usize,
}

impl<'f, 'b> Bounded<'f, 'b> {
    pub fn new(f: &'f mut fmt::Formatter<'b>, length: usize) -> Bounded<'f, 'b> {
        Bounded { f, left: length, written: 0 }
    }
}

impl Write for Bounded<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.left == 0 {
            return Err(fmt::Error);
        }
        if text.len() > self.left {
            let end = (0..=self.left).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
            self.left = 0;
            self.f.write_str(text.get(..end).unwrap_or_default())?;
            return Err(fmt::Error);
        }
        self.left -= text.len();
        self.written += text.len();
        self.f.write_str(text)
    }
}
