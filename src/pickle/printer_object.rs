//! Printing of what would have to be imported, called or looked up.

use std::fmt::{self, Write};

use super::graph::{Kind, NONE, Object, Origin, Part};
use super::known::small_integer;
use super::known_repr::{self, Known};
use super::printer::{Printer, Style, Task};
use super::unique::unique_entries;
use crate::python::quote::{Name, write_bytearray, write_bytes, write_complex, write_text};

impl<'g> Printer<'g, '_, '_> {
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
                match known_repr::known(graph, object) {
                    Some(known) => self.known(index, known),
                    None => self.call(index, object),
                }
            }
        }
    }

    fn imported(&mut self, module: &str, name: &str) -> fmt::Result {
        match module {
            "builtins" if known_repr::BUILTIN_TYPES.contains(&name) => {
                write!(self.out, "<class '{name}'>")
            }
            "builtins" if known_repr::BUILTIN_CONSTANTS.contains(&name) => self.out.write_str(name),
            "builtins" if known_repr::BUILTIN_FUNCTIONS.contains(&name) => {
                write!(self.out, "<built-in function {name}>")
            }
            "collections" | "datetime" | "decimal" | "fractions" | "uuid"
                if known_repr::is_class(module, name) =>
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
                let entries = known_repr::pairs(self.graph, listed, entries);
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
