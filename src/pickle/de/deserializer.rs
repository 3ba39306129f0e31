//! From the graph to any type that serde can read.

use std::borrow::Cow;

use serde::de::{self, Deserializer, Error as _, Unexpected, Visitor};

use super::access::{ByteItems, Mapping, Sequence, Variant};
use super::place::{COST, Place};
use crate::pickle::arrays::{self, Asked};
use crate::pickle::classes::{self, Instance, MapEntries, Meaning};
use crate::pickle::error::Error;
use crate::pickle::format::number::Integer;
use crate::pickle::format::text::Text;
use crate::pickle::graph::items::Items;
use crate::pickle::graph::scalar::Str;
use crate::pickle::graph::{Kind, Node};
use crate::pickle::value;
use crate::python::quote::Name;

impl<'s> Place<'s> {
    fn visit_sequence<'de, V: Visitor<'de>>(
        self,
        items: [Items<'s>; 2],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut sequence = Sequence { place: self.deeper::<V::Value>()?, items, read: 0 };
        let value = visitor.visit_seq(&mut sequence)?;
        let read = sequence.read;
        match sequence.items.iter_mut().map(Iterator::count).sum::<usize>() {
            0 => Ok(value),
            left => {
                let message = format!("expected {read} items, found {}", read + left);
                Err(Error::of_type(self.offset(), message))
            }
        }
    }

    fn visit_mapping<'de, V: Visitor<'de>>(
        self,
        entries: MapEntries<'s>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let place = self.deeper::<V::Value>()?;
        visitor.visit_map(Mapping { place, entries, value: None })
    }

    #[inline]
    fn visit_text<'de, V: Visitor<'de>>(self, node: Node, visitor: V) -> Result<V::Value, Error> {
        if let Some(text) = self.graph().short_text(node) {
            self.charge(text.len() as u64)?;
            return visitor.visit_str(text);
        }
        self.charge(self.graph().weight(self.index))?;
        match self.graph().text(node) {
            Text::Utf8(text) => match text {
                Cow::Borrowed(text) => visitor.visit_str(text),
                Cow::Owned(text) => visitor.visit_string(text),
            },
            Text::Surrogates(_) => Err(Error::of_type(
                self.offset(),
                "the text holds half a surrogate pair, which Rust's strings cannot; \
                read it as `pickle::Value`",
            )),
        }
    }

    fn visit_bytes<'de, V: Visitor<'de>>(
        self,
        bytes: Cow<'_, [u8]>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.charge(bytes.len() as u64)?;
        match bytes {
            Cow::Borrowed(bytes) => visitor.visit_bytes(bytes),
            Cow::Owned(bytes) => visitor.visit_byte_buf(bytes),
        }
    }

    fn visit_bytes_as_sequence<'de, V: Visitor<'de>>(
        self,
        bytes: &[u8],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let mut items = ByteItems { place: self, bytes: bytes.iter() };
        let value = visitor.visit_seq(&mut items)?;
        match items.bytes.len() {
            0 => Ok(value),
            left => {
                let (read, found) = (bytes.len() - left, bytes.len());
                let message = format!("expected {read} items, found {found}");
                Err(Error::of_type(self.offset(), message))
            }
        }
    }

    fn visit_integer<'de, V: Visitor<'de>>(
        self,
        integer: Integer<'_>,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if let Integer::Small(small) = integer {
            return visitor.visit_i64(small);
        }
        match (integer.to_u128(), integer.to_i128()) {
            (Some(large), _) => match u64::try_from(large) {
                Ok(large) => visitor.visit_u64(large),
                Err(_) => visitor.visit_u128(large),
            },
            (None, Some(large)) => visitor.visit_i128(large),
            (None, None) => Err(Error::of_type(
                self.offset(),
                "an integer of more than 128 bits fits no Rust integer; read it as `pickle::Value`",
            )),
        }
    }

    /// What most integers are, without the detour over all other kinds.
    #[inline]
    fn visit_short_integer<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node();
        if node.kind == Kind::Int
            && let Some(small) = self.graph().short_integer(node)
        {
            self.charge(COST)?;
            return visitor.visit_i64(small);
        }
        self.deserialize_any(visitor)
    }

    /// What most texts are, without the detour over all other kinds.
    #[inline]
    fn visit_short_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node();
        if node.kind == Kind::Text
            && let Some(text) = self.graph().short_text(node)
        {
            self.charge(COST + text.len() as u64)?;
            return visitor.visit_str(text);
        }
        self.deserialize_any(visitor)
    }

    /// The array or number of numpy that the object is.
    fn array(&self) -> Result<Option<arrays::Found<'s>>, Error> {
        match arrays::find(self.graph(), self.index) {
            Ok(found) => Ok(Some(found)),
            Err(arrays::Missing::NoArray) => Ok(None),
            Err(arrays::Missing::Unsound(problem)) => Err(Error::of_type(self.offset(), problem)),
        }
    }

    fn meaning(&self, node: Node) -> Result<Meaning<'s>, Error> {
        let graph = self.graph();
        let object = graph.object(node);
        if let Some(object) = object {
            self.charge(u64::from(object.runs) + graph.weight(object.callee))?;
        }
        let meaning = object.and_then(|object| classes::meaning(graph, object));
        meaning.ok_or_else(|| self.only_python_knows(node))
    }

    #[cold]
    fn only_python_knows(&self, node: Node) -> Error {
        let graph = self.graph();
        let object = graph.object(node);
        let what = match object.and_then(|object| graph.global(object.callee)) {
            Some((module, name)) => {
                format!("the result of calling {}.{}", Name(&module), Name(&name))
            }
            None => match graph.global(self.index) {
                Some((module, name)) => {
                    format!("the name {}.{}, to be imported", Name(&module), Name(&name))
                }
                None => "an object that only the application that wrote it can look up".to_owned(),
            },
        };
        Error::of_type(
            self.offset(),
            format!("found {what}, which only Python knows; read it as `pickle::Value`"),
        )
    }

    fn visit_any<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let graph = self.graph();
        let node = self.node();
        match node.kind {
            Kind::Int => match graph.short_integer(node) {
                Some(small) => visitor.visit_i64(small),
                None => {
                    self.charge(graph.weight(self.index))?;
                    self.visit_integer(graph.integer(node), visitor)
                }
            },
            Kind::Float => {
                self.charge(graph.weight(self.index))?;
                visitor.visit_f64(graph.float(node))
            }
            Kind::Text => self.visit_text(node, visitor),
            Kind::None => visitor.visit_unit(),
            Kind::True => visitor.visit_bool(true),
            Kind::False => visitor.visit_bool(false),
            Kind::Bytes | Kind::RawBytes | Kind::ByteArray => {
                self.visit_bytes(graph.bytes(node), visitor)
            }
            Kind::String => {
                self.charge(graph.weight(self.index))?;
                match graph.string(node) {
                    Str::Text(Cow::Borrowed(text)) => visitor.visit_str(text),
                    Str::Text(Cow::Owned(text)) => visitor.visit_string(text),
                    Str::Bytes(bytes) => self.visit_bytes(bytes, visitor),
                }
            }
            Kind::EmptyTuple
            | Kind::Tuple
            | Kind::UnhashableTuple
            | Kind::List
            | Kind::Set
            | Kind::FrozenSet => {
                self.visit_sequence([graph.items(node), graph.no_items()], visitor)
            }
            Kind::Dict => self.visit_mapping(MapEntries::of_dict(graph, node), visitor),
            Kind::Object if let Some(found) = self.array()? => {
                arrays::read(self, &found, Asked::Anything, visitor)
            }
            Kind::Object => {
                let meaning = self.meaning(node)?;
                self.visit_meaning(meaning, Wanted::Any, visitor)
            }
        }
    }

    fn visit_meaning<'de, V: Visitor<'de>>(
        self,
        meaning: Meaning<'s>,
        wanted: Wanted,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match meaning {
            Meaning::Bytes(bytes) => match wanted {
                Wanted::Sequence => self.visit_bytes_as_sequence(&bytes, visitor),
                _ => self.visit_bytes(bytes, visitor),
            },
            Meaning::Text(text) => {
                self.charge(text.len() as u64)?;
                visitor.visit_string(text)
            }
            Meaning::Complex(real, imaginary) => {
                visitor.visit_seq(de::value::SeqDeserializer::new([real, imaginary].into_iter()))
            }
            Meaning::Duration(seconds) => visitor.visit_f64(seconds),
            Meaning::Sequence(items) => self.visit_sequence(items, visitor),
            Meaning::Mapping(entries) => self.visit_mapping(entries, visitor),
            Meaning::Instance(instance) => self.visit_instance(instance, wanted, visitor),
            Meaning::Member(name) => Err(self.only_a_name(name)),
        }
    }

    /// An object of a class that is not known, as what was asked for.
    fn visit_instance<'de, V: Visitor<'de>>(
        self,
        Instance { held, items, entries, state }: Instance<'s>,
        wanted: Wanted,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let graph = self.graph();
        let held = match held {
            Some(held) => Some((self.deeper::<V::Value>()?.at(held), graph.node(held).kind)),
            None => None,
        };
        match (wanted, held, items, entries) {
            (Wanted::Any, Some((held, _)), ..) => held.deserialize_any(visitor),
            (Wanted::Sequence, Some((held, kind)), items, _) => match (kind, items) {
                // The only field of a named tuple.
                (
                    Kind::Text | Kind::Int | Kind::Float | Kind::None | Kind::True | Kind::False,
                    Some(items),
                ) => self.visit_sequence(items, visitor),
                _ => held.deserialize_seq(visitor),
            },
            (Wanted::Sequence, None, Some(items), _) => self.visit_sequence(items, visitor),
            (_, _, _, Some(entries)) => self.visit_mapping(entries, visitor),
            (Wanted::Mapping, Some((held, Kind::Dict | Kind::Object)), ..) if state.is_none() => {
                held.deserialize_map(visitor)
            }
            // The fields of a named tuple, in order.
            (_, _, Some(items), None) if state.is_none() || wanted == Wanted::Any => {
                self.visit_sequence(items, visitor)
            }
            (_, Some((held, _)), ..) if state.is_none() => held.deserialize_any(visitor),
            _ => Err(self.nothing_is_named(state)),
        }
    }

    /// Of an object the attributes are asked for, or there is nothing else, and its state is no
    /// dictionary.
    #[cold]
    fn nothing_is_named(&self, state: Option<u32>) -> Error {
        let graph = self.graph();
        let kind = state.map_or(Kind::None, |state| graph.node(state).kind);
        let (what, how) = match kind {
            Kind::EmptyTuple | Kind::Tuple | Kind::UnhashableTuple | Kind::List => {
                let items = state.map_or(0, |state| graph.items(graph.node(state)).count());
                let items = if items == 1 { "1 item".to_owned() } else { format!("{items} items") };
                (format!("a {} of {items}", kind.type_name()), "as a tuple or `Vec`, or ")
            }
            Kind::Object => ("an object of another class".to_owned(), ""),
            _ => (format!("of type {}", kind.type_name()), ""),
        };
        Error::of_type(
            self.offset(),
            format!(
                "the state of this object is {what}, which does not name its attributes; \
                 read it {how}as `pickle::Value`"
            ),
        )
    }

    /// A member of an enumeration of which only the name is in the pickle.
    #[cold]
    fn only_a_name(&self, name: u32) -> Error {
        let graph = self.graph();
        let name = match graph.text(graph.node(name)) {
            Text::Utf8(name) => name.into_owned(),
            Text::Surrogates(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        };
        Error::of_type(
            self.offset(),
            format!(
                "of a member of a class only the name is in the pickle, {:.100}, not its value; \
                 read it as a Rust enum that has a variant of this name, or as `pickle::Value`",
                Name(&name).to_string()
            ),
        )
    }
}

/// What a type asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Any,
    Sequence,
    Mapping,
}

impl<'de> Deserializer<'de> for Place<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.charge(COST)?;
        self.may_keep::<V::Value>()?;
        self.visit_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node().kind {
            Kind::None => {
                self.charge(COST)?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self.deeper::<V::Value>()?),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node().kind {
            // serde-pickle writes `()` as None, others as an empty tuple.
            Kind::None | Kind::EmptyTuple => {
                self.charge(COST)?;
                visitor.visit_unit()
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == value::TOKEN {
            return value::hand_over(self.value()?, visitor);
        }
        visitor.visit_newtype_struct(self.deeper::<V::Value>()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.charge(COST)?;
        let node = self.node();
        match node.kind {
            // A `Vec<u8>` asks for a sequence, and Python has bytes for it.
            Kind::Bytes | Kind::ByteArray => {
                let bytes = self.graph().bytes(node);
                self.visit_bytes_as_sequence(&bytes, visitor)
            }
            Kind::String => {
                self.charge(self.graph().weight(self.index))?;
                let graph = self.graph();
                match (graph.encoding, graph.string(node)) {
                    (None, _) => self.visit_bytes_as_sequence(&graph.bytes(node), visitor),
                    (_, Str::Bytes(bytes)) => self.visit_bytes_as_sequence(&bytes, visitor),
                    (_, Str::Text(text)) => visitor.visit_str(&text),
                }
            }
            Kind::Object if let Some(found) = self.array()? => {
                arrays::read(self, &found, Asked::Sequence, visitor)
            }
            Kind::Object => {
                let meaning = self.meaning(node)?;
                self.visit_meaning(meaning, Wanted::Sequence, visitor)
            }
            _ => self.visit_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.node().kind == Kind::Object
            && let Some(found) = self.array()?
        {
            self.charge(COST)?;
            return arrays::read(self, &found, Asked::Integer, visitor);
        }
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_text(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_text(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.visit_short_text(visitor)
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node();
        match node.kind {
            Kind::Float => {
                self.charge(COST + self.graph().weight(self.index))?;
                visitor.visit_f64(self.graph().float(node))
            }
            Kind::Object if let Some(found) = self.array()? => {
                self.charge(COST)?;
                arrays::read(self, &found, Asked::Anything, visitor)
            }
            // Python writes a Decimal in digits.
            Kind::Object => match self.meaning(node)? {
                Meaning::Text(text) => {
                    self.charge(COST + text.len() as u64)?;
                    match text.parse() {
                        Ok(number) => visitor.visit_f64(number),
                        Err(_) => Err(Error::invalid_type(Unexpected::Str(&text), &visitor)),
                    }
                }
                meaning => {
                    self.charge(COST)?;
                    self.visit_meaning(meaning, Wanted::Any, visitor)
                }
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.charge(COST)?;
        let node = self.node();
        match node.kind {
            Kind::Object if let Some(found) = self.array()? => {
                arrays::read(self, &found, Asked::Anything, visitor)
            }
            Kind::Object => {
                let meaning = self.meaning(node)?;
                self.visit_meaning(meaning, Wanted::Mapping, visitor)
            }
            _ => self.visit_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.node().kind == Kind::Object
            && let Some(found) = self.array()?
        {
            return arrays::read(self, &found, Asked::Struct(name, fields), visitor);
        }
        self.deserialize_map(visitor)
    }

    /// A variant is its name, or a dictionary or tuple of its name and what it holds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.charge(COST)?;
        let node = self.node();
        if node.kind == Kind::Object
            && let Some(found) = self.array()?
        {
            return arrays::read(self, &found, Asked::Enum(name, variants), visitor);
        }
        let mut items = match node.kind {
            Kind::Text | Kind::String | Kind::Int => {
                return visitor.visit_enum(Variant { name: self, content: None });
            }
            Kind::Dict | Kind::Tuple | Kind::UnhashableTuple | Kind::List => {
                self.graph().items(node)
            }
            Kind::Object => match self.meaning(node)? {
                Meaning::Member(name) => {
                    let name = self.deeper::<V::Value>()?.at(name);
                    return visitor.visit_enum(Variant { name, content: None });
                }
                // Where the value of an enumeration in Python is a number, it is not that of Rust's.
                Meaning::Instance(Instance { held: Some(held), .. })
                    if matches!(
                        self.graph().node(held).kind,
                        Kind::Text | Kind::String | Kind::Object
                    ) =>
                {
                    return self
                        .deeper::<V::Value>()?
                        .at(held)
                        .deserialize_enum(name, variants, visitor);
                }
                _ => {
                    return Err(Error::of_type(
                        self.offset(),
                        "expected the name of an enum's variant, found an object without one; \
                         read it as the number or whatever it holds, or as `pickle::Value`",
                    ));
                }
            },
            _ => {
                return Err(Error::of_type(
                    self.offset(),
                    "expected the name of an enum's variant",
                ));
            }
        };
        match (items.next(), items.next(), items.next()) {
            (Some(name), content, None) => {
                let inside = self.deeper::<V::Value>()?;
                let content = content.map(|content| inside.at(content));
                visitor.visit_enum(Variant { name: inside.at(name), content })
            }
            _ => Err(Error::of_type(
                self.offset(),
                "expected the name of an enum's variant and what it holds",
            )),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i128 u16 u128 f32 char bytes byte_buf
    }
}
