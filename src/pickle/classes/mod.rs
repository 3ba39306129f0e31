//! The classes of Python that are known here: what their objects mean as data, and how they print.
//!
//! A pickle holds an `OrderedDict`, a `datetime` or a complex number as a call. For the classes
//! here the result of that call is known, so that it can be read and printed without calling
//! anything. Each family of classes is one file, with its tests; [`FAMILIES`] lists them.
//!
//! A class is one entry in the list `MODULES` of its family, a [`Class`]: its name, a function that
//! says what a [`Call`] of it means ([`Meaning`]), and one that says how the result prints
//! ([`Printed`]). Both return nothing for a call that Python would not have written: then the object
//! is no data, and prints as the call that it is.

mod array;
mod builtins;
mod call;
mod codecs;
mod collections;
mod datetime;
mod instances;
mod meaning;
mod numbers;
mod printed;
mod uuid;
mod zones;

#[cfg(test)]
mod cases;

pub(crate) use builtins::{bytes_of, printed_set};
pub(crate) use meaning::{Instance, MapEntries, Meaning};
pub(crate) use printed::{Piece, Printed, Style};

use std::borrow::Cow;
use std::collections::HashSet;

use crate::pickle::graph::{Graph, Kind, NONE, Object, Origin, Part};
use call::Call;

/// All families, each with the modules whose classes it knows.
static FAMILIES: &[&[Module]] = &[
    array::MODULES,
    builtins::MODULES,
    codecs::MODULES,
    collections::MODULES,
    datetime::MODULES,
    instances::MODULES,
    numbers::MODULES,
    uuid::MODULES,
    zones::MODULES,
];

/// A module of Python.
struct Module {
    name: &'static str,
    classes: &'static [Class],
    /// Names of which nothing is known but how they print.
    names: &'static [(NameKind, &'static [&'static str])],
}

/// What a name stands for, which decides how Python prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NameKind {
    /// `<class 'module.name'>`
    Type,
    /// `<built-in function name>`
    Function,
    /// `name`
    Constant,
    /// `module.name`, as names of which nothing is known.
    Other,
}

/// A class of Python, or a function that makes objects.
#[derive(Clone, Copy)]
struct Class {
    name: &'static str,
    kind: NameKind,
    meaning: Option<for<'g> fn(&Call<'g>) -> Option<Meaning<'g>>>,
    printed: Option<for<'g> fn(&Call<'g>) -> Option<Printed<'g>>>,
    grows: Grows,
    /// Whether its objects can be keys of a dictionary, as far as it is known.
    hashable: bool,
}

/// What may have been added to an object after it was made, if it is to print as its class does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grows {
    Not,
    ByItems,
    ByEntries,
}

impl Class {
    /// A class. Of its objects nothing is known yet: they mean what those of any class mean.
    const fn new(name: &'static str) -> Class {
        Class {
            name,
            kind: NameKind::Type,
            meaning: None,
            printed: None,
            grows: Grows::Not,
            hashable: true,
        }
    }

    /// Something else that is called, whose name prints as any other.
    const fn function(name: &'static str) -> Class {
        Class { kind: NameKind::Other, ..Class::new(name) }
    }

    /// What an object means as data.
    const fn means(self, meaning: for<'g> fn(&Call<'g>) -> Option<Meaning<'g>>) -> Class {
        Class { meaning: Some(meaning), ..self }
    }

    /// How an object prints that was made by a call of the class, as Python pickles it, and was
    /// given no state.
    const fn prints(self, printed: for<'g> fn(&Call<'g>) -> Option<Printed<'g>>) -> Class {
        Class { printed: Some(printed), ..self }
    }

    /// Its objects cannot be keys of a dictionary.
    const fn unhashable(self) -> Class {
        Class { hashable: false, ..self }
    }

    /// What may have been added to an object that prints so; nothing by default.
    const fn grows(self, grows: Grows) -> Class {
        Class { grows, ..self }
    }
}

fn find_module(name: &str) -> Option<&'static Module> {
    FAMILIES.iter().copied().flatten().find(|module| module.name == name)
}

impl Module {
    fn class(&self, name: &str) -> Option<&'static Class> {
        self.classes.iter().find(|class| class.name == name)
    }
}

fn find_class(module: &str, name: &str) -> Option<&'static Class> {
    find_module(module)?.class(name)
}

/// Module and name of what is called: an imported name or, in older protocols, what a class has under
/// a name, `getattr(Outer, 'Inner')`.
fn callee<'g>(graph: &'g Graph<'_>, object: &Object) -> Option<(Cow<'g, str>, Cow<'g, str>)> {
    if let Some(found) = graph.global(object.callee) {
        return Some(found);
    }
    // Long names are none of these, and need not be looked at in each of many objects.
    let short = |index: Option<u32>| index.is_some_and(|it| graph.weight(it) <= LONGEST_NAME);
    let getter = graph.object(graph.node(object.callee)).map(|getter| getter.callee);
    let call = short(getter)
        .then(|| Call::of(graph, graph.node(object.callee), "builtins", "getattr"))
        .flatten()
        .filter(|call| short(call.index(0)) && short(call.index(1)))?;
    let (module, name) = graph.global(call.index(0)?)?;
    let [_, attribute] = call.arguments() else { return None };
    let attribute = call::text(graph, *attribute)?;
    Some((module, format!("{name}.{attribute}").into()))
}

/// What the object means, or nothing if only Python can tell.
pub(crate) fn meaning<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<Meaning<'g>> {
    let call = Call::new(graph, object)?;
    let (module, name) = callee(graph, object)?;
    let known = find_module(&module);
    match known.and_then(|module| module.class(&name)).and_then(|class| class.meaning) {
        Some(meaning) if call.arguments_are_known() => meaning(&call),
        Some(_) => None,
        // What these modules have beside is no class of one's own.
        None if known.is_some() && object.origin == Origin::Reduce => None,
        None => instances::meaning(&call),
    }
}

/// The attributes of an object, whatever it means beside, if its state names them.
pub(crate) fn attributes<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<MapEntries<'g>> {
    match instances::attributes(graph, object) {
        instances::Attributes::Named(entries) => Some(entries),
        _ => None,
    }
}

/// What it is about an object that Python cannot hash it, as far as that is known: in a tuple or
/// frozenset, what is in it counts. What was seen before, and found hashable, is not looked at again.
pub(crate) fn unhashable(graph: &Graph<'_>, index: u32, seen: &mut HashSet<u32>) -> Option<String> {
    let of_kind = |kind: Kind| match kind {
        Kind::UnhashableTuple => Some("a tuple that holds something unhashable".to_owned()),
        kind if !kind.hashable() => Some(format!("a {}", kind.type_name())),
        _ => None,
    };
    let node = graph.node(index);
    if !matches!(node.kind, Kind::Tuple | Kind::FrozenSet | Kind::Object) {
        return of_kind(node.kind);
    }
    if !seen.insert(index) {
        return None;
    }
    let mut waiting = vec![index];
    while let Some(next) = waiting.pop() {
        let node = graph.node(next);
        let found = match (node.kind, graph.object(node)) {
            (Kind::Tuple | Kind::FrozenSet, _) => {
                waiting.extend(graph.items(node).filter(|&item| seen.insert(item)));
                None
            }
            (_, Some(object)) => {
                let class = known_class(graph, object).filter(|class| !class.hashable);
                class.map(|class| format!("a {}", class.name))
            }
            (kind, None) => of_kind(kind),
        };
        match found {
            Some(what) if next == index => return Some(what),
            Some(what) => {
                return Some(format!("a {} that holds {what}", graph.node(index).kind.type_name()));
            }
            None => {}
        }
    }
    None
}

/// The class that is called to make an object, if it is known here.
fn known_class(graph: &Graph<'_>, object: &Object) -> Option<&'static Class> {
    Call::new(graph, object)?;
    // A longer name is none of these, and need not be looked at in each of many objects.
    let (module, name) =
        (graph.weight(object.callee) <= LONGEST_NAME).then(|| graph.global(object.callee))??;
    find_class(&module, &name)
}

/// More than module and name of any class here have together.
const LONGEST_NAME: u64 = 1 << 10;

/// Whether entries that were set in the object are those of a dictionary.
pub(crate) fn is_mapping(graph: &Graph<'_>, object: &Object) -> bool {
    known_class(graph, object).is_some_and(|class| !class.hashable)
}

/// What an object holds that is taken for it, as the text of a class derived from `str`: itself for
/// what is no such object.
pub(crate) fn held(graph: &Graph<'_>, mut index: u32) -> u32 {
    /// One in another, as the value of an enumeration derived from a `str` of one's own.
    const MOST: usize = 8;
    for _ in 0..MOST {
        let object = graph.object(graph.node(index)).filter(|object| {
            // Of the classes that are known, one call alone holds what it is given.
            known_class(graph, object).is_none_or(|class| class.name == "_reconstructor")
        });
        match object.and_then(|object| short_meaning(graph, object)) {
            Some(Meaning::Instance(Instance { held: Some(next), .. })) => index = next,
            _ => break,
        }
    }
    index
}

/// The meaning, where it is no work to find it, however often.
pub(crate) fn short_meaning<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<Meaning<'g>> {
    if graph.weight(object.callee) <= LONGEST_NAME { meaning(graph, object) } else { None }
}

/// How the object prints, if it is of a class whose `repr` is known, and was made in the usual way.
pub(crate) fn printed<'g>(graph: &'g Graph<'_>, object: &'g Object) -> Option<Printed<'g>> {
    let call = Call::new(graph, object).filter(|_| object.origin == Origin::Reduce)?;
    let (module, name) = callee(graph, object)?;
    let class = find_class(&module, &name)?;
    let printed = class.printed?;
    let usual = graph.parts(object).all(|(part, _)| match part {
        Part::State => false,
        Part::Pairs => class.grows == Grows::ByEntries,
        Part::Append | Part::Add => class.grows == Grows::ByItems,
    });
    // What was done to the class itself may have changed its `repr`.
    let callee = graph.object(graph.node(object.callee))?;
    if usual && call.arguments_are_known() && callee.first == NONE { printed(&call) } else { None }
}

/// How Python prints a name of a module, if it is one that is known here.
pub(crate) fn printed_name(module: &str, name: &str) -> Option<String> {
    let found = find_module(module)?;
    let class = found.classes.iter().find(|class| class.name == name).map(|class| class.kind);
    let listed = || found.names.iter().find(|(_, names)| names.contains(&name));
    match class.or_else(|| listed().map(|(kind, _)| *kind))? {
        NameKind::Type if module == "builtins" => Some(format!("<class '{name}'>")),
        NameKind::Type => Some(format!("<class '{module}.{name}'>")),
        NameKind::Function => Some(format!("<built-in function {name}>")),
        NameKind::Constant => Some(name.to_owned()),
        NameKind::Other => None,
    }
}

/// Whether Python iterates over an object of this kind as over a list.
fn is_sequence(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::EmptyTuple
            | Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Set
            | Kind::FrozenSet
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_is_registered_once() {
        let mut modules: Vec<&str> = FAMILIES.iter().copied().flatten().map(|it| it.name).collect();
        modules.sort_unstable();
        assert!(modules.is_sorted_by(|a, b| a < b), "{modules:?}");
        for module in FAMILIES.iter().copied().flatten() {
            let mut names: Vec<&str> = module.classes.iter().map(|class| class.name).collect();
            names.extend(module.names.iter().flat_map(|(_, names)| names.iter().copied()));
            names.sort_unstable();
            assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
        }
    }

    /// A class that is known is also told of.
    #[test]
    fn the_docs_name_each_class() {
        let docs: Vec<&str> = include_str!("../mod.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//!"))
            .skip_while(|line| !line.contains("# What a value becomes"))
            .collect();
        for module in FAMILIES.iter().copied().flatten() {
            for class in module.classes {
                if class.meaning.is_some() || class.printed.is_some() {
                    let name = format!("`{}`", class.name);
                    assert!(docs.iter().any(|line| line.contains(&name)), "{name}");
                }
            }
        }
    }

    #[test]
    fn names_print_as_in_python() {
        // As `repr` prints them in CPython 3.11.
        for (module, name, expected) in [
            ("builtins", "int", "<class 'int'>"),
            ("builtins", "set", "<class 'set'>"),
            ("builtins", "len", "<built-in function len>"),
            ("builtins", "Ellipsis", "Ellipsis"),
            ("collections", "Counter", "<class 'collections.Counter'>"),
            ("collections", "ChainMap", "<class 'collections.ChainMap'>"),
            ("datetime", "timezone", "<class 'datetime.timezone'>"),
            ("decimal", "Decimal", "<class 'decimal.Decimal'>"),
            ("uuid", "UUID", "<class 'uuid.UUID'>"),
        ] {
            assert_eq!(printed_name(module, name).as_deref(), Some(expected));
        }
        for (module, name) in [("os", "system"), ("builtins", "spam"), ("_codecs", "encode")] {
            assert_eq!(printed_name(module, name), None);
        }
    }
}
