//! Arrays and numbers of numpy, as serde asks for them.

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor};

use super::{Content, Found};
use crate::numpy::{
    Dtype, DtypeKind, Field, Layout, Number, Shape, characters, trimmed, write_time,
};
use crate::pickle::de::place::{COST, Place};
use crate::pickle::error::Error;
use crate::pickle::graph::items::Items;

/// What is asked for, where that makes a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Anything,
    /// A sequence: of bytes and fields, too.
    Sequence,
    /// An integer: of a point in time, too.
    Integer,
    Enum(&'static str, &'static [&'static str]),
    Struct(&'static str, &'static [&'static str]),
}

/// The fields of an array in the form in which the crate ndarray reads one.
const NDARRAY: &[&str] = &["v", "dim", "data"];

/// Reads an array as what is asked for.
pub(crate) fn read<'de, V: Visitor<'de>>(
    place: Place<'_>,
    found: &Found<'_>,
    asked: Asked,
    visitor: V,
) -> Result<V::Value, Error> {
    place.charge(found.work)?;
    match (&found.content, asked) {
        (Content::Object(index), asked) => {
            of_object(place.deeper::<V::Value>()?.at(*index), asked, visitor)
        }
        (Content::Data { layout, bytes }, Asked::Struct("Array", fields)) if fields == NDARRAY => {
            let items = Flat::Data { layout, bytes, offsets: layout.offsets() };
            read_ndarray(place, layout.shape(), items, visitor)
        }
        (Content::Objects { shape, items, .. }, Asked::Struct("Array", fields))
            if fields == NDARRAY =>
        {
            read_ndarray(place, shape, Flat::Objects(items.clone()), visitor)
        }
        (Content::Data { layout, bytes }, asked) => {
            // What older protocols wrote as text was decoded.
            place.charge(match bytes {
                std::borrow::Cow::Borrowed(_) => 0,
                std::borrow::Cow::Owned(bytes) => bytes.len() as u64,
            })?;
            let steps = Steps::Given(layout.strides());
            let (dtype, shape) = (&**layout.dtype(), layout.shape());
            let part = Part { place, dtype, shape, steps, bytes, at: layout.first() };
            part.read(asked, visitor)
        }
        (Content::Objects { shape, items, .. }, asked) => {
            let mut items = items.clone();
            ObjectPart { place, shape, items: &mut items }.read(asked, visitor)
        }
    }
}

/// An object, as what is asked for.
fn of_object<'de, V: Visitor<'de>>(
    place: Place<'_>,
    asked: Asked,
    visitor: V,
) -> Result<V::Value, Error> {
    match asked {
        Asked::Anything => place.deserialize_any(visitor),
        Asked::Sequence => place.deserialize_seq(visitor),
        Asked::Integer => place.deserialize_i64(visitor),
        Asked::Enum(name, variants) => place.deserialize_enum(name, variants, visitor),
        Asked::Struct(name, fields) => place.deserialize_struct(name, fields, visitor),
    }
}

/// How far it is from one item to the next, along each dimension.
#[derive(Clone, Copy)]
enum Steps<'a> {
    Given(&'a [usize]),
    /// One behind the other in C order.
    Packed,
}

/// An array, a part of one, or an item.
#[derive(Clone, Copy)]
struct Part<'s, 'a> {
    place: Place<'s>,
    dtype: &'a Dtype,
    /// Empty for an item.
    shape: &'a [usize],
    steps: Steps<'a>,
    bytes: &'a [u8],
    at: usize,
}

impl<'s, 'a> Part<'s, 'a> {
    fn item(&self) -> &'a [u8] {
        let end = self.at.saturating_add(self.dtype.itemsize());
        self.bytes.get(self.at..end).unwrap_or_default()
    }

    /// What a field of an item holds.
    fn field(&self, field: &'a Field) -> Part<'s, 'a> {
        let (dtype, at) = (&*field.dtype, self.at.saturating_add(field.offset));
        Part { dtype, at, ..*self }
    }

    fn read<'de, V: Visitor<'de>>(self, asked: Asked, visitor: V) -> Result<V::Value, Error> {
        if !self.shape.is_empty() {
            return self.read_parts(visitor);
        }
        match self.dtype.kind() {
            DtypeKind::Subarray(base, inner) => {
                let part = Part { dtype: base, shape: inner, steps: Steps::Packed, ..self };
                // An array of no dimensions is its item.
                part.read(asked, visitor)
            }
            DtypeKind::Struct(fields) if asked == Asked::Sequence => {
                let place = self.place.deeper::<V::Value>()?;
                let items = fields.iter().map(|field| Part { place, ..self.field(field) });
                all_of(place, Sequence(items), visitor)
            }
            DtypeKind::Struct(fields) => {
                let place = self.place.deeper::<V::Value>()?;
                let part = Part { place, ..self };
                visitor.visit_map(Fields { part, fields: fields.iter(), value: None })
            }
            _ => self.read_item(asked, visitor),
        }
    }

    fn read_parts<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Some((&length, shape)) = self.shape.split_first() else {
            return self.read_item(Asked::Anything, visitor);
        };
        let (step, steps) = match self.steps {
            Steps::Given(steps) => match steps.split_first() {
                Some((&step, steps)) => (step, Steps::Given(steps)),
                None => (0, Steps::Packed),
            },
            Steps::Packed => {
                let items = shape.iter().fold(1usize, |items, &it| items.saturating_mul(it));
                (items.saturating_mul(self.dtype.itemsize()), Steps::Packed)
            }
        };
        let place = self.place.deeper::<V::Value>()?;
        place.charge(COST)?;
        let parts = (0..length).map(move |index| {
            let at = self.at.saturating_add(index.saturating_mul(step));
            Part { place, shape, steps, at, ..self }
        });
        all_of(place, Sequence(parts), visitor)
    }

    fn read_item<'de, V: Visitor<'de>>(self, asked: Asked, visitor: V) -> Result<V::Value, Error> {
        let (dtype, item) = (self.dtype, self.item());
        let order = dtype.byte_order();
        if let Some(number) = Number::of(dtype, item) {
            return match (number, asked) {
                (Number::Int(number), Asked::Enum(..)) => visitor
                    .visit_enum(u32::try_from(number).unwrap_or(u32::MAX).into_deserializer()),
                (Number::Bool(value), _) => visitor.visit_bool(value),
                (Number::Int(number), _) => visitor.visit_i64(number),
                (Number::Uint(number), _) => visitor.visit_u64(number),
                (Number::Float(number), _) => visitor.visit_f64(number),
                (Number::Complex(real, imaginary), _) => visitor
                    .visit_seq(de::value::SeqDeserializer::new([real, imaginary].into_iter())),
                (Number::Time(number), Asked::Integer) => visitor.visit_i64(number),
                (Number::Time(number), _) => match dtype.kind() {
                    DtypeKind::Datetime(unit) => {
                        let mut text = String::new();
                        write_time(&mut text, number, *unit)
                            .map_err(|_| self.wrong("a time without a text".to_owned()))?;
                        self.place.charge(text.len() as u64)?;
                        visitor.visit_string(text)
                    }
                    _ => visitor.visit_i64(number),
                },
            };
        }
        match (dtype.kind(), asked) {
            (DtypeKind::Text, asked) => {
                let text: Result<String, u32> = characters(item, order).collect();
                let text = text.map_err(|code| {
                    self.wrong(format!("a text with the character {code:#x}, which Rust has not"))
                })?;
                self.place.charge(text.len() as u64)?;
                match asked {
                    Asked::Enum(..) => visitor.visit_enum(text.into_deserializer()),
                    _ => visitor.visit_string(text),
                }
            }
            (DtypeKind::Bytes, asked) => {
                let bytes = trimmed(item);
                self.place.charge(bytes.len() as u64)?;
                match (asked, std::str::from_utf8(bytes)) {
                    (Asked::Sequence, _) => visit_byte_items(self.place, bytes, visitor),
                    (Asked::Enum(..), Ok(text)) => {
                        visitor.visit_enum(text.to_owned().into_deserializer())
                    }
                    _ => visitor.visit_bytes(bytes),
                }
            }
            (DtypeKind::Void, Asked::Sequence) => visit_byte_items(self.place, item, visitor),
            (DtypeKind::Void, _) => {
                self.place.charge(item.len() as u64)?;
                visitor.visit_bytes(item)
            }
            _ => Err(self.wrong(format!("numbers of type {dtype}, which Rust has not"))),
        }
    }

    #[cold]
    fn wrong(&self, problem: String) -> Error {
        Error::of_type(self.place.offset(), problem)
    }
}

/// Bytes as a sequence of integers.
fn visit_byte_items<'de, V: Visitor<'de>>(
    place: Place<'_>,
    bytes: &[u8],
    visitor: V,
) -> Result<V::Value, Error> {
    place.charge(bytes.len() as u64)?;
    let items = bytes.iter().copied();
    all_of(place, Sequence(items.map(IntoDeserializer::<Error>::into_deserializer)), visitor)
}

/// Items, one after the other.
struct Sequence<I>(I);

/// All items must be taken.
fn all_of<'de, V, I, D>(
    place: Place<'_>,
    sequence: Sequence<I>,
    visitor: V,
) -> Result<V::Value, Error>
where
    V: Visitor<'de>,
    I: ExactSizeIterator<Item = D>,
    D: Deserializer<'de, Error = Error>,
{
    let length = sequence.0.len();
    let mut charged = Charged { place, items: sequence.0, charged: false };
    let value = visitor.visit_seq(&mut charged)?;
    match charged.items.len() {
        0 => Ok(value),
        left => {
            let message = format!("expected {} items, found {length}", length - left);
            Err(Error::of_type(place.offset(), message))
        }
    }
}

/// Items that are charged for when the first one is asked for, all at once.
struct Charged<'s, I> {
    place: Place<'s>,
    items: I,
    charged: bool,
}

impl<'de, I, D> de::SeqAccess<'de> for &mut Charged<'_, I>
where
    I: ExactSizeIterator<Item = D>,
    D: Deserializer<'de, Error = Error>,
{
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if !self.charged {
            self.charged = true;
            let size = size_of::<T::Value>().max(1) as u64;
            self.place.charge((self.items.len() as u64).saturating_mul(size))?;
        }
        match self.items.next() {
            Some(item) => seed.deserialize(item).map(Some),
            None => Ok(None),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The fields of an item, with their names.
struct Fields<'s, 'a> {
    part: Part<'s, 'a>,
    fields: std::slice::Iter<'a, Field>,
    value: Option<&'a Field>,
}

impl<'de> de::MapAccess<'de> for Fields<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.fields.next() else { return Ok(None) };
        self.value = Some(field);
        let place = self.part.place;
        place.charge(COST + field.name.len() as u64)?;
        place.charge_for::<K::Value>()?;
        seed.deserialize(field.name.as_str().into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let Some(field) = self.value.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        self.part.place.charge_for::<T::Value>()?;
        seed.deserialize(self.part.field(field))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields.len())
    }
}

/// An array of objects, or a part of one.
struct ObjectPart<'s, 'a, 'i> {
    place: Place<'s>,
    shape: &'a [usize],
    /// The objects that are left, in C order; this part takes its own.
    items: &'i mut Items<'a>,
}

impl ObjectPart<'_, '_, '_> {
    fn read<'de, V: Visitor<'de>>(self, asked: Asked, visitor: V) -> Result<V::Value, Error> {
        let Some((&length, shape)) = self.shape.split_first() else {
            return match self.items.next() {
                Some(index) => {
                    of_object(self.place.deeper::<V::Value>()?.at(index), asked, visitor)
                }
                None => Err(de::Error::custom("an array of objects without objects")),
            };
        };
        let place = self.place.deeper::<V::Value>()?;
        place.charge(COST)?;
        let mut parts = ObjectParts { place, shape, items: self.items, left: length };
        let value = visitor.visit_seq(&mut parts)?;
        match parts.left {
            0 => Ok(value),
            left => {
                let message = format!("expected {} items, found {length}", length - left);
                Err(Error::of_type(place.offset(), message))
            }
        }
    }
}

struct ObjectParts<'s, 'a, 'i> {
    place: Place<'s>,
    shape: &'a [usize],
    items: &'i mut Items<'a>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for &mut ObjectParts<'_, '_, '_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.place.charge_for::<T::Value>()?;
        if self.shape.is_empty() {
            let Some(index) = self.items.next() else { return Ok(None) };
            let item = self.place.at(index);
            return seed
                .deserialize(item)
                .map(Some)
                .map_err(|error| error.located(|| item.offset()));
        }
        let part = ObjectPart { place: self.place, shape: self.shape, items: &mut *self.items };
        seed.deserialize(part).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The items of an array in C order, without its shape.
enum Flat<'a> {
    Data { layout: &'a Layout, bytes: &'a [u8], offsets: crate::numpy::Offsets<'a> },
    Objects(Items<'a>),
}

/// An array as the crate ndarray writes one with serde: a version, the shape, the items.
fn read_ndarray<'de, V: Visitor<'de>>(
    place: Place<'_>,
    shape: &[usize],
    items: Flat<'_>,
    visitor: V,
) -> Result<V::Value, Error> {
    visitor.visit_map(Ndarray {
        place: place.deeper::<V::Value>()?,
        shape,
        items: Some(items),
        next: 0,
    })
}

struct Ndarray<'s, 'a> {
    place: Place<'s>,
    shape: &'a [usize],
    items: Option<Flat<'a>>,
    next: usize,
}

impl<'de> de::MapAccess<'de> for Ndarray<'_, '_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(name) = NDARRAY.get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize((*name).into_deserializer()).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        match self.next {
            1 => seed.deserialize(1u8.into_deserializer()),
            2 => seed.deserialize(ShapeReader { place: self.place, shape: self.shape }),
            _ => match self.items.take() {
                Some(items) => seed.deserialize(FlatReader { place: self.place, items }),
                None => Err(de::Error::custom("the items were asked for twice")),
            },
        }
    }
}

/// The shape, in which the number of dimensions must be the one asked for.
struct ShapeReader<'s, 'a> {
    place: Place<'s>,
    shape: &'a [usize],
}

impl<'de> Deserializer<'de> for ShapeReader<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let lengths = self.shape.iter().map(|&length| length as u64);
        visitor.visit_seq(de::value::SeqDeserializer::new(lengths))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        if length != self.shape.len() {
            let error = crate::numpy::Error::Dimensions {
                shape: Shape(self.shape).to_string(),
                found: self.shape.len(),
                wanted: length,
            };
            return Err(Error::of_type(self.place.offset(), error.to_string()));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct seq tuple_struct map struct enum identifier ignored_any
    }
}

struct FlatReader<'s, 'a> {
    place: Place<'s>,
    items: Flat<'a>,
}

impl<'de> Deserializer<'de> for FlatReader<'_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let place = self.place;
        match self.items {
            Flat::Data { layout, bytes, offsets } => {
                let (dtype, shape): (_, &[usize]) = (&**layout.dtype(), &[]);
                let steps = Steps::Packed;
                let items = offsets.map(|at| Part { place, dtype, shape, steps, bytes, at });
                all_of(place, Sequence(items), visitor)
            }
            Flat::Objects(items) => {
                let left = items.length();
                let mut items = items;
                let mut parts = ObjectParts { place, shape: &[], items: &mut items, left };
                visitor.visit_seq(&mut parts)
            }
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// How a part of an array answers serde: [`Asked`] says what makes a difference.
macro_rules! deserialize_as_asked {
    () => {
        type Error = Error;

        #[inline]
        fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.place.may_keep::<V::Value>()?;
            self.read(Asked::Anything, visitor)
        }

        fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.read(Asked::Sequence, visitor)
        }

        fn deserialize_tuple<V: Visitor<'de>>(
            self,
            _length: usize,
            visitor: V,
        ) -> Result<V::Value, Error> {
            self.read(Asked::Sequence, visitor)
        }

        fn deserialize_tuple_struct<V: Visitor<'de>>(
            self,
            _name: &'static str,
            _length: usize,
            visitor: V,
        ) -> Result<V::Value, Error> {
            self.read(Asked::Sequence, visitor)
        }

        #[inline]
        fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.read(Asked::Integer, visitor)
        }

        fn deserialize_option<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, Error> {
            self.place = self.place.deeper::<V::Value>()?;
            visitor.visit_some(self)
        }

        fn deserialize_newtype_struct<V: Visitor<'de>>(
            mut self,
            name: &'static str,
            visitor: V,
        ) -> Result<V::Value, Error> {
            if name == crate::pickle::value::TOKEN {
                return Err(Error::of_type(
                    self.place.offset(),
                    "a part of an array is no object of its own; \
                     read the array as a `pickle::Value`",
                ));
            }
            self.place = self.place.deeper::<V::Value>()?;
            visitor.visit_newtype_struct(self)
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            name: &'static str,
            fields: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Error> {
            self.read(Asked::Struct(name, fields), visitor)
        }

        fn deserialize_enum<V: Visitor<'de>>(
            self,
            name: &'static str,
            variants: &'static [&'static str],
            visitor: V,
        ) -> Result<V::Value, Error> {
            self.read(Asked::Enum(name, variants), visitor)
        }

        fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.visit_unit()
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
            unit unit_struct map identifier
        }
    };
}

impl<'de> Deserializer<'de> for Part<'_, '_> {
    deserialize_as_asked!();
}

impl<'de> Deserializer<'de> for ObjectPart<'_, '_, '_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.place.may_keep::<V::Value>()?;
        self.read(Asked::Anything, visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let place = self.place.deeper::<V::Value>()?;
        visitor.visit_some(ObjectPart { place, ..self })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let place = self.place.deeper::<V::Value>()?;
        visitor.visit_newtype_struct(ObjectPart { place, ..self })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
