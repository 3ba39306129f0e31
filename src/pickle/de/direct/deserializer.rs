//! Plain data, as serde asks for it. What each method hands to a visitor is what the graph's would.

use serde::de::{self, Deserializer, Visitor};

use super::GaveUp;
use super::cursor::Cursor;
use super::items::{ByteItems, DICT, Entries, Form, Items, LIST, SET, TUPLE, Unopened, Variant};
use crate::pickle::de::place::COST;
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;
use crate::pickle::value;

impl Cursor<'_> {
    fn visit_items<'de, V: Visitor<'de>>(
        &mut self,
        form: &'static Form,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        let (start, hashable) = self.open::<V::Value>(form)?;
        self.hashable |= form.hashable;
        let mut items = Items::new(self, form);
        match visitor.visit_seq(&mut items) {
            // What is left over is an error, of which the graph knows the words.
            Ok(value) if !items.more()? => {
                self.hashable = hashable;
                self.close(form, start)?;
                Ok(value)
            }
            _ => self.give_up(),
        }
    }

    fn visit_entries<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        let (start, _) = self.open::<V::Value>(&DICT)?;
        let mut entries = Items::new(self, &DICT);
        match visitor.visit_map(Entries(&mut entries)) {
            Ok(value) => {
                entries.skip_rest()?;
                self.close(&DICT, start)?;
                Ok(value)
            }
            Err(_) => self.give_up(),
        }
    }

    /// Begins a container, and tells where, and whether all had to be hashable outside of it.
    #[inline]
    fn open<T>(&mut self, form: &Form) -> Result<(usize, bool), GaveUp> {
        if self.hashable && form.mutable {
            return self.give_up();
        }
        self.deeper::<T>()?;
        self.charge(COST)?;
        let start = self.position;
        self.position += 1;
        if form.mutable {
            self.memoize(start)?;
        }
        Ok((start, self.hashable))
    }

    #[inline]
    fn close(&mut self, form: &Form, start: usize) -> Result<(), GaveUp> {
        self.shallower();
        if form.mutable { Ok(()) } else { self.memoize(start) }
    }

    /// A tuple of one to three items, which only its end tells from the items alone.
    fn visit_unopened<'de, V: Visitor<'de>>(
        &mut self,
        length: u8,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deeper::<V::Value>()?;
        self.charge(COST)?;
        let mut items = Unopened { cursor: self, left: length };
        let result = visitor.visit_seq(&mut items);
        match (result, items.left) {
            (Ok(value), 0) if self.opcode()? == op::TUPLE1 - 1 + length => {
                self.position += 1;
                self.memoize_unopened()?;
                self.shallower();
                Ok(value)
            }
            _ => self.give_up(),
        }
    }

    fn visit_integer<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        let integer = Integer::from_bytes(self.counted(1)?);
        let result = match (&integer, integer.to_u128(), integer.to_i128()) {
            (Integer::Small(small), _, _) => visitor.visit_i64(*small),
            (_, Some(large), _) => match u64::try_from(large) {
                Ok(large) => visitor.visit_u64(large),
                Err(_) => visitor.visit_u128(large),
            },
            (_, None, Some(large)) => visitor.visit_i128(large),
            (_, None, None) => Err(GaveUp),
        };
        self.keep(result)
    }

    #[inline]
    fn visit_short_integer<'de, V: Visitor<'de>>(
        &mut self,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        match self.opcode()? {
            code @ (op::BININT1 | op::BININT2 | op::BININT) => {
                let number = self.short_integer(code)?;
                let result = visitor.visit_i64(number);
                self.keep(result)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    #[inline]
    fn visit_text<'de, V: Visitor<'de>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        let code = self.opcode()?;
        match self.text(code)? {
            Some(text) => {
                let result = visitor.visit_str(text);
                self.keep(result)
            }
            None => self.deserialize_any(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for &mut Cursor<'_> {
    type Error = GaveUp;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.may_keep::<V::Value>()?;
        let code = self.opcode()?;
        let result = match code {
            op::BININT1 | op::BININT2 | op::BININT => {
                let number = self.short_integer(code)?;
                visitor.visit_i64(number)
            }
            op::BINFLOAT => {
                let number = self.float()?;
                visitor.visit_f64(number)
            }
            op::NONE => {
                self.made(1)?;
                visitor.visit_unit()
            }
            op::NEWTRUE | op::NEWFALSE => {
                self.made(1)?;
                visitor.visit_bool(code == op::NEWTRUE)
            }
            op::EMPTY_LIST => self.visit_items(&LIST, visitor),
            op::EMPTY_DICT => self.visit_entries(visitor),
            op::MARK => self.visit_items(&TUPLE, visitor),
            op::EMPTY_SET => self.visit_items(&SET, visitor),
            op::EMPTY_TUPLE => {
                self.made(1)?;
                visitor.visit_seq(Nothing)
            }
            op::SHORT_BINUNICODE | op::BINUNICODE | op::BINGET | op::LONG_BINGET => {
                match self.text(code)? {
                    Some(text) => visitor.visit_str(text),
                    None => self.replay(|cursor| cursor.deserialize_any(visitor)),
                }
            }
            op::LONG1 => self.visit_integer(visitor),
            _ => match self.bytes(code)? {
                Some(bytes) => visitor.visit_bytes(bytes),
                None => Err(GaveUp),
            },
        };
        self.keep(result)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        if self.opcode()? == op::NONE {
            self.made(1)?;
            let result = visitor.visit_none();
            return self.keep(result);
        }
        if self.begins()? == op::NONE {
            // None from the memo: not what a pickler does.
            return self.give_up();
        }
        self.deeper::<V::Value>()?;
        let result = visitor.visit_some(&mut *self);
        self.shallower();
        self.keep(result)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.opcode()? {
            op::EMPTY_TUPLE => {
                self.made(1)?;
                let result = visitor.visit_unit();
                self.keep(result)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        if name == value::TOKEN {
            // A `Value` is a part of a graph.
            return self.give_up();
        }
        self.deeper::<V::Value>()?;
        let result = visitor.visit_newtype_struct(&mut *self);
        self.shallower();
        self.keep(result)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        let code = self.opcode()?;
        match self.bytes(code)? {
            // A `Vec<u8>` asks for a sequence, and Python has bytes for it.
            Some(bytes) => {
                let mut items = ByteItems { bytes: bytes.iter(), cursor: &mut *self };
                match visitor.visit_seq(&mut items) {
                    Ok(value) if items.bytes.len() == 0 => Ok(value),
                    _ => self.give_up(),
                }
            }
            None => match (code, self.begins()?) {
                (
                    op::BINGET | op::LONG_BINGET,
                    op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 | op::BYTEARRAY8,
                ) => self.replay(|cursor| cursor.deserialize_seq(visitor)),
                _ => self.deserialize_any(visitor),
            },
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        match (self.begins()?, length) {
            // What opens with one of these is taken for the tuple, not for its first item.
            (
                op::MARK
                | op::EMPTY_LIST
                | op::EMPTY_SET
                | op::SHORT_BINBYTES
                | op::BINBYTES
                | op::BINBYTES8
                | op::BYTEARRAY8,
                _,
            ) => self.deserialize_seq(visitor),
            (_, 1..=3) => self.visit_unopened(length as u8, visitor),
            _ => self.deserialize_seq(visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_tuple(length, visitor)
    }

    #[inline]
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_short_integer(visitor)
    }

    #[inline]
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.opcode()? {
            op::BINFLOAT => {
                let number = self.float()?;
                let result = visitor.visit_f64(number);
                self.keep(result)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_text(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_text(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.visit_text(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.opcode()? {
            op::EMPTY_DICT => self.visit_entries(visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_map(visitor)
    }

    /// A variant is its name, or a dictionary of its name and what it holds; the other ways to write
    /// one are the graph's.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        match self.begins()? {
            op::SHORT_BINUNICODE | op::BINUNICODE => {
                let result = visitor.visit_enum(Variant { cursor: self, bare: true });
                self.keep(result)
            }
            op::EMPTY_DICT if self.opcode()? == op::EMPTY_DICT => {
                let (start, _) = self.open::<V::Value>(&DICT)?;
                let mut entry = Items::new(self, &DICT);
                if !entry.more()? {
                    return self.give_up();
                }
                let variant = Variant { cursor: &mut *entry.cursor, bare: false };
                let result = visitor.visit_enum(variant);
                match result {
                    Ok(value) if !entry.more()? => {
                        self.close(&DICT, start)?;
                        Ok(value)
                    }
                    _ => self.give_up(),
                }
            }
            _ => self.give_up(),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i128 u8 u16 u128 f32 char bytes byte_buf ignored_any
    }
}

/// The items of an empty tuple.
struct Nothing;

impl<'de> de::SeqAccess<'de> for Nothing {
    type Error = GaveUp;

    fn next_element_seed<T: de::DeserializeSeed<'de>>(
        &mut self,
        _seed: T,
    ) -> Result<Option<T::Value>, GaveUp> {
        Ok(None)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(0)
    }
}
