//! A pickle whose type is not known beforehand.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use crate::numpy::Number;
use crate::pickle::classes::{self, Instance, MapEntries, Meaning};
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;
use crate::pickle::format::text::Text;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::scalar::Str;
use crate::pickle::graph::unique::{unique_entries, unique_pairs};
use crate::pickle::graph::{Graph, Kind, NONE, Node, Origin, Part};

/// Any object that a pickle can hold, of any Python class, as data.
///
/// `Value` is for pickles whose type is not known, and for what no Rust type can hold:
/// objects that contain themselves, integers of any size, objects that only Python could make.
/// Nothing is called or imported: a call is kept as the name and the arguments that the pickle
/// gives. Objects that are used twice stay one object. A `Value` is a handle: cloning one copies
/// nothing, and all values of one pickle keep that pickle in memory.
///
/// It prints as Python's `repr` would.
///
/// ```
/// use picklebook::pickle::{self, Value};
///
/// let bytes = b"\x80\x04}\x94(\x8c\x04name\x94\x8c\x04spam\x94\x8c\x01p\x94G?\xb9\x99\x99\x99\x99\x99\x9au.";
/// let value: Value = pickle::loads(bytes)?;
/// assert_eq!(value.to_string(), "{'name': 'spam', 'p': 0.1}");
/// assert_eq!(value.get("p").and_then(|p| p.as_f64()), Some(0.1));
///
/// let recursive: Value = pickle::loads(b"]\x94h\x00a.")?;
/// assert_eq!(recursive.to_string(), "[[...]]");
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone)]
pub struct Value {
    pub(crate) graph: Arc<Graph<'static>>,
    pub(crate) index: u32,
}

impl Value {
    pub(crate) fn at(&self, index: u32) -> Value {
        Value { graph: Arc::clone(&self.graph), index }
    }

    fn kind(&self) -> Kind {
        self.graph.node(self.index).kind
    }

    /// The name of its Python type, as in `list`; of an object that would have to be made or
    /// looked up, `object`; of a name that would have to be imported, `global`.
    pub fn type_name(&self) -> &'static str {
        match self.kind() {
            Kind::Object if self.global().is_some() => "global",
            Kind::String => match self.graph.string(self.graph.node(self.index)) {
                Str::Text(_) => "str",
                Str::Bytes(_) => "bytes",
            },
            kind => kind.type_name(),
        }
    }

    /// Whether it is a list, a tuple or a dictionary; a long string is not decoded to see that it is none.
    pub(crate) fn is_collection(&self) -> bool {
        matches!(self.kind().type_name(), "dict" | "list" | "tuple")
    }

    /// Whether it is None.
    pub fn is_none(&self) -> bool {
        self.kind() == Kind::None
    }

    /// What it holds, if it is of a class that is derived from a scalar's, or of an enumeration.
    fn held(&self) -> Node {
        self.graph.node(classes::held(&self.graph, self.index))
    }

    fn meaning(&self, node: Node) -> Option<Meaning<'_>> {
        self.graph.object(node).and_then(|object| classes::short_meaning(&self.graph, object))
    }

    /// The boolean, also numpy's, or `None` if it is not one.
    pub fn as_bool(&self) -> Option<bool> {
        match self.held().kind {
            Kind::True => Some(true),
            Kind::False => Some(false),
            Kind::Object => match self.numpy_number()? {
                Number::Bool(value) => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// The integer, also numpy's, or that which an object of a class derived from `int` holds; `None`
    /// if it is none or does not fit.
    pub fn as_i64(&self) -> Option<i64> {
        let node = self.held();
        match (node.kind, self.graph.integer(node)) {
            (Kind::Int, Integer::Small(small)) => Some(small),
            (Kind::Object, _) => match self.numpy_number()? {
                Number::Int(number) => Some(number),
                Number::Uint(number) => number.try_into().ok(),
                _ => None,
            },
            _ => None,
        }
    }

    /// The float, also numpy's, or that which an object of a class derived from `float` holds; `None`
    /// if it is none.
    pub fn as_f64(&self) -> Option<f64> {
        let node = self.held();
        match node.kind {
            Kind::Float => Some(self.graph.float(node)),
            Kind::Object => match self.numpy_number()? {
                Number::Float(number) => Some(number),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text, or that as which an object is read: of a class derived from `str`, a date and time,
    /// a `Decimal`. `None` if it is not text or holds half a surrogate pair. A string of Python 2 is
    /// text if it is UTF-8, or as [`Limits::encoding`](super::super::Limits::encoding) says.
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        let node = self.held();
        match node.kind {
            Kind::Text => match self.graph.text(node) {
                Text::Utf8(text) => Some(text),
                Text::Surrogates(_) => None,
            },
            Kind::String => match self.graph.string(node) {
                Str::Text(text) => Some(text),
                Str::Bytes(_) => None,
            },
            Kind::Object => match self.meaning(node) {
                Some(Meaning::Text(text)) => Some(Cow::Owned(text)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The content of bytes, a bytearray or a string of Python 2; `None` for anything else.
    pub fn as_bytes(&self) -> Option<Cow<'_, [u8]>> {
        let node = self.held();
        match node.kind {
            Kind::Bytes | Kind::ByteArray | Kind::String | Kind::RawBytes => {
                Some(self.graph.bytes(node))
            }
            Kind::Object => match self.meaning(node) {
                Some(Meaning::Bytes(bytes)) => Some(bytes),
                _ => None,
            },
            _ => None,
        }
    }

    /// The items of a tuple, list or set, or those as which an object is read: of a class derived from
    /// them, a named tuple, an object of which the state is a list. None for anything else. What was
    /// added to an object that only Python can make is listed, too.
    pub fn items(&self) -> Vec<Value> {
        let node = self.graph.node(classes::held(&self.graph, self.index));
        let listed = |items: [Items<'_>; 2]| {
            items.into_iter().flatten().map(|index| self.at(index)).collect()
        };
        match self.graph.object(node) {
            Some(object) => match self.meaning(node) {
                Some(Meaning::Sequence(items)) => listed(items),
                Some(Meaning::Instance(Instance { items: Some(items), .. })) => listed(items),
                Some(_) => Vec::new(),
                None => listed([self.graph.added(object, false), self.graph.no_items()]),
            },
            None if node.kind == Kind::Dict => Vec::new(),
            None => self.graph.items(node).map(|index| self.at(index)).collect(),
        }
    }

    /// The keys and values of a dictionary, or those as which an object is read: of a class derived
    /// from `dict`, or the names and values of its attributes. None for anything else. What was set in
    /// an object that only Python can make is listed, too. Of equal keys the last one counts, as in
    /// Python.
    pub fn entries(&self) -> Vec<(Value, Value)> {
        let node = self.graph.node(classes::held(&self.graph, self.index));
        let graph = &*self.graph;
        let entries = match graph.object(node) {
            Some(object) => match self.meaning(node) {
                Some(Meaning::Mapping(mut entries))
                | Some(Meaning::Instance(Instance { entries: Some(mut entries), .. })) => {
                    let mut found = Vec::new();
                    while let Some(entry) = entries.next(graph) {
                        found.push(entry);
                    }
                    unique_pairs(graph, found.into_iter())
                }
                Some(_) => return Vec::new(),
                None => unique_entries(graph, graph.added(object, true)),
            },
            None if node.kind == Kind::Dict => unique_entries(graph, graph.items(node)),
            None => return Vec::new(),
        };
        entries.found.into_iter().map(|(key, value)| (self.at(key), self.at(value))).collect()
    }

    /// The value under a key that is text: of a dictionary, of an object that is like one, or of an
    /// object's attributes, also where they are beside what it is read as.
    pub fn get(&self, key: &str) -> Option<Value> {
        let node = self.graph.node(self.index);
        let graph = &*self.graph;
        let Some(object) = graph.object(node) else {
            return match node.kind {
                Kind::Dict => self.find(MapEntries::of_dict(graph, node), key),
                _ => None,
            };
        };
        let entries = match self.meaning(node) {
            Some(Meaning::Mapping(entries)) => Some(entries),
            _ => None,
        };
        let found = entries.and_then(|entries| self.find(entries, key));
        found.or_else(|| self.find(classes::attributes(graph, object)?, key))
    }

    fn find<'a>(&'a self, mut entries: MapEntries<'a>, key: &str) -> Option<Value> {
        let mut found = None;
        // A long text in many places is looked at once.
        let mut known = HashMap::new();
        let is_text = |name| matches!(self.graph.node(name).kind, Kind::Text | Kind::String);
        let is_key = |name| is_text(name) && self.at(name).as_str().is_some_and(|name| name == key);
        while let Some((name, value)) = entries.next(&self.graph) {
            let name = classes::held(&self.graph, name);
            let place = self.graph.node(name).place();
            let wanted = match self.graph.data.get(place) {
                Some(&op::SHORT_BINUNICODE) => is_key(name),
                _ => *known.entry(name).or_insert_with(|| is_key(name)),
            };
            if wanted {
                found = Some(value);
            }
        }
        found.map(|value| self.at(value))
    }

    /// Module and name of something that Python would import.
    pub fn global(&self) -> Option<(String, String)> {
        self.graph.global(self.index).map(|(module, name)| (module.into(), name.into()))
    }

    /// What Python would call to make this object.
    pub fn callee(&self) -> Option<Value> {
        let object = self.graph.object(self.graph.node(self.index))?;
        match object.origin {
            Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {
                Some(self.at(object.callee))
            }
            _ => None,
        }
    }

    /// The arguments of that call: a tuple.
    pub fn arguments(&self) -> Option<Value> {
        self.callee()?;
        let object = self.graph.object(self.graph.node(self.index))?;
        Some(self.at(object.arguments))
    }

    /// The named arguments of that call, if it has any: a dictionary.
    pub fn named_arguments(&self) -> Option<Value> {
        let object = self.graph.object(self.graph.node(self.index))?;
        (object.named != NONE).then(|| self.at(object.named))
    }

    /// The state that the object was given after it was made.
    pub fn state(&self) -> Option<Value> {
        let object = self.graph.object(self.graph.node(self.index))?;
        self.graph.state(object).map(|state| self.at(state))
    }

    /// How often the object was given a state.
    pub(crate) fn states(&self) -> usize {
        let Some(object) = self.graph.object(self.graph.node(self.index)) else { return 0 };
        self.graph.parts(object).filter(|(part, _)| *part == Part::State).count()
    }

    /// The name under which the application would look the object up, if it is a persistent one: a
    /// text in protocol 0 ([`Value::persistent_name`] then), any object in the others.
    pub fn persistent_id(&self) -> Option<Value> {
        let object = self.graph.object(self.graph.node(self.index))?;
        (object.origin == Origin::Persistent).then(|| self.at(object.arguments))
    }

    /// The name under which the application would look the object up, in protocol 0.
    pub fn persistent_name(&self) -> Option<String> {
        let object = self.graph.object(self.graph.node(self.index))?;
        let (name, _) = self.graph.lines(object.offset);
        (object.origin == Origin::PersistentName).then(|| name.to_owned())
    }

    /// The code under which the object is registered in Python's `copyreg`, if it is.
    pub fn extension_code(&self) -> Option<u32> {
        let object = self.graph.object(self.graph.node(self.index))?;
        (object.origin == Origin::Extension).then_some(object.arguments)
    }

    /// Which of the buffers beside the pickle it is, counted from 0, if it is one.
    pub fn buffer(&self) -> Option<u32> {
        let object = self.graph.object(self.graph.node(self.index))?;
        matches!(object.origin, Origin::Buffer | Origin::ReadonlyBuffer).then_some(object.arguments)
    }

    /// The byte of the pickle at which the object begins: its opcode.
    pub fn offset(&self) -> u64 {
        self.graph.offset(self.index)
    }

    /// Whether both are the same object, as with Python's `is`.
    pub fn is(&self, other: &Value) -> bool {
        Arc::ptr_eq(&self.graph, &other.graph) && self.index == other.index
    }
}

/// The name by which the reader of this module knows that a `Value` is asked for.
pub(crate) const TOKEN: &str = "$picklebook::pickle::Value";

thread_local! {
    /// A value on its way from the reader to `Value::deserialize`: serde's visitors can carry
    /// numbers and text, but not a handle.
    static HANDED_OVER: RefCell<Option<Value>> = const { RefCell::new(None) };
}

/// Hands a value to the visitor that `Value::deserialize` passes.
pub(crate) fn hand_over<'de, V: Visitor<'de>, E: de::Error>(
    value: Value,
    visitor: V,
) -> Result<V::Value, E> {
    HANDED_OVER.with(|place| place.replace(Some(value)));
    let result = visitor.visit_unit();
    HANDED_OVER.with(|place| place.take());
    result
}

/// The value that `Value::serialize` has handed over.
pub(crate) fn handed_over() -> Option<Value> {
    HANDED_OVER.with(|place| place.take())
}

/// Only to a pickle, and only by this module.
impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        /// What another writer meets.
        struct NoPickle;

        impl Serialize for NoPickle {
            fn serialize<S: Serializer>(&self, _serializer: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom(
                    "a `pickle::Value` within another value is written by `pickle::dump_with`, \
                     and can be written to nothing but pickles; `Value::to` makes it a Rust type",
                ))
            }
        }

        HANDED_OVER.with(|place| place.replace(Some(self.clone())));
        let result = serializer.serialize_newtype_struct(TOKEN, &NoPickle);
        HANDED_OVER.with(|place| place.take());
        result
    }
}

/// Only from a pickle, and only by this module.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        struct Receiver;

        impl<'de> Visitor<'de> for Receiver {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object in a pickle, read by picklebook")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                HANDED_OVER
                    .with(|place| place.take())
                    .ok_or_else(|| E::invalid_type(de::Unexpected::Unit, &self))
            }
        }

        deserializer.deserialize_newtype_struct(TOKEN, Receiver)
    }
}
