//! A limit on how deep a value may lie in another when it is written.
//!
//! The code that serde derives calls itself at every level, and a stack overflow would end the
//! process. Whatever writes a value wraps it in [`Limited`], which passes everything on and counts
//! the levels: as many as the reader counts, so that what is written can be read.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use super::keys::Keys;
use super::wide;
use crate::pickle::stack::Stack;
use crate::pickle::value::TOKEN;

/// A value of which the parts may lie so many levels deep.
pub(crate) struct Limited<'v, T: ?Sized> {
    pub value: &'v T,
    pub levels: Levels,
}

/// How many levels are left, how many there may be, and where the stack began: in one word, for it is
/// handed on with each value, and a processor's register holds no more.
#[derive(Clone, Copy)]
pub(crate) struct Levels(u64);

/// How many bits each of the two numbers takes.
const BITS: u32 = 20;

/// The most levels that fit; their code would take gigabytes of stack.
const MOST: u32 = (1 << BITS) - 1;

impl Levels {
    pub fn new(limit: u32) -> Levels {
        let limit = u64::from(limit.min(MOST));
        Levels(limit | limit << BITS | u64::from(Stack::new().packed()) << (2 * BITS))
    }

    fn left(self) -> u32 {
        self.0 as u32 & MOST
    }

    fn limit(self) -> u32 {
        (self.0 >> BITS) as u32 & MOST
    }

    fn stack(self) -> Stack {
        Stack::unpacked((self.0 >> (2 * BITS)) as u32)
    }

    #[inline]
    pub fn deeper<E: ser::Error>(self) -> Result<Levels, E> {
        match self.left() {
            0 => Err(self.too_deep()),
            // Every fourth level is enough, and most values have no more than three.
            left if left % 4 == 0 && self.stack().is_full(self.limit()) => Err(self.too_deep()),
            _ => Ok(Levels(self.0 - 1)),
        }
    }

    #[cold]
    fn too_deep<E: ser::Error>(self) -> E {
        let (levels, size) = match self.left() {
            0 => (self.limit(), ""),
            left => (self.limit() - left, " of this size"),
        };
        E::custom(format_args!(
            "more than {levels} levels of objects{size} in one another; where the stack is large \
             enough, write it by `dump_with` and raise `DumpOptions::depth`"
        ))
    }
}

impl<T: Serialize + ?Sized> Serialize for Limited<'_, T> {
    #[inline]
    fn serialize<S: Serializer>(&self, inner: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Counting { inner, levels: self.levels })
    }
}

/// Passes on what it is given, with one level less for what is in it.
struct Counting<S> {
    inner: S,
    levels: Levels,
}

impl<S: Serializer> Counting<S> {
    /// What holds parts, begun by the inner writer.
    #[inline]
    fn parts<P>(
        self,
        begin: impl FnOnce(S) -> Result<P, S::Error>,
    ) -> Result<Counting<P>, S::Error> {
        let levels = self.levels.deeper()?;
        begin(self.inner).map(|inner| Counting { inner, levels })
    }

    /// The same for a variant, which is a dictionary around its parts.
    #[inline]
    fn variant<P>(
        mut self,
        begin: impl FnOnce(S) -> Result<P, S::Error>,
    ) -> Result<Counting<P>, S::Error> {
        self.levels = self.levels.deeper()?;
        self.parts(begin)
    }
}

macro_rules! pass_on {
    ($($method:ident($($name:ident: $argument:ty),*);)*) => {
        $(#[inline]
        fn $method(self, $($name: $argument),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($name),*)
        })*
    };
}

impl<S: Serializer> Serializer for Counting<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Counting<S::SerializeSeq>;
    type SerializeTuple = Counting<S::SerializeTuple>;
    type SerializeTupleStruct = Counting<S::SerializeTupleStruct>;
    type SerializeTupleVariant = Counting<S::SerializeTupleVariant>;
    type SerializeMap = CountingMap<S::SerializeMap>;
    type SerializeStruct = Counting<S::SerializeStruct>;
    type SerializeStructVariant = Counting<S::SerializeStructVariant>;

    pass_on! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_f32(value: f32);
        serialize_f64(value: f64);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    fn serialize_i128(self, value: i128) -> Result<S::Ok, S::Error> {
        match (i64::try_from(value), u64::try_from(value)) {
            (Ok(small), _) => self.inner.serialize_i64(small),
            (_, Ok(small)) => self.inner.serialize_u64(small),
            _ => wide::write(self.inner, &value.to_le_bytes(), |inner| inner.serialize_i128(value)),
        }
    }

    fn serialize_u128(self, value: u128) -> Result<S::Ok, S::Error> {
        match u64::try_from(value) {
            Ok(small) => self.inner.serialize_u64(small),
            Err(_) => {
                // A zero byte more: it is not below 0.
                let mut bytes = value.to_le_bytes().to_vec();
                bytes.push(0);
                wide::write(self.inner, &bytes, |inner| inner.serialize_u128(value))
            }
        }
    }

    #[inline]
    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let levels = self.levels.deeper()?;
        self.inner.serialize_some(&Limited { value, levels })
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        // A `Value` is written without a call for each level, and so are all of its parts.
        let levels = if name == TOKEN { self.levels } else { self.levels.deeper()? };
        self.inner.serialize_newtype_struct(name, &Limited { value, levels })
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let levels = self.levels.deeper()?;
        self.inner.serialize_newtype_variant(name, index, variant, &Limited { value, levels })
    }

    #[inline]
    fn serialize_seq(self, length: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.parts(|inner| inner.serialize_seq(length))
    }

    #[inline]
    fn serialize_tuple(self, length: usize) -> Result<Self::SerializeTuple, S::Error> {
        self.parts(|inner| inner.serialize_tuple(length))
    }

    #[inline]
    fn serialize_tuple_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.parts(|inner| inner.serialize_tuple_struct(name, length))
    }

    #[inline]
    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.variant(|inner| inner.serialize_tuple_variant(name, index, variant, length))
    }

    #[inline]
    fn serialize_map(self, length: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let counting = self.parts(|inner| inner.serialize_map(length))?;
        Ok(CountingMap { counting, keys: Keys::new(length) })
    }

    #[inline]
    fn serialize_struct(
        self,
        name: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStruct, S::Error> {
        self.parts(|inner| inner.serialize_struct(name, length))
    }

    #[inline]
    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        self.variant(|inner| inner.serialize_struct_variant(name, index, variant, length))
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! parts {
    ($($part:ident: $($method:ident($($name:ident: $argument:ty)?)),+;)*) => {
        $(impl<P: ser::$part> ser::$part for Counting<P> {
            type Ok = P::Ok;
            type Error = P::Error;

            $(#[inline]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: $argument,)?
                value: &T,
            ) -> Result<(), P::Error> {
                self.inner.$method($($name,)? &Limited { value, levels: self.levels })
            })+

            #[inline]
            fn end(self) -> Result<P::Ok, P::Error> {
                self.inner.end()
            }
        })*
    };
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeStruct: serialize_field(key: &'static str);
    SerializeStructVariant: serialize_field(key: &'static str);
}

/// The same for a map, of which the keys are looked at before they are written.
struct CountingMap<P> {
    counting: Counting<P>,
    keys: Keys,
}

impl<P: ser::SerializeMap> ser::SerializeMap for CountingMap<P> {
    type Ok = P::Ok;
    type Error = P::Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), P::Error> {
        let Counting { inner, levels } = &mut self.counting;
        self.keys.add(key, *levels)?;
        inner.serialize_key(&Limited { value: key, levels: *levels })
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), P::Error> {
        let Counting { inner, levels } = &mut self.counting;
        inner.serialize_value(&Limited { value, levels: *levels })
    }

    #[inline]
    fn end(self) -> Result<P::Ok, P::Error> {
        self.counting.inner.end()
    }
}
