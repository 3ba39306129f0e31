//! The parts of containers, one after the other.

use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess,
    Visitor,
};

use crate::pickle::de::place::beyond_cost;
use crate::pickle::format::op;

use super::GaveUp;
use super::cursor::Cursor;

impl Cursor<'_> {
    /// What is in a container, whatever type asks for it.
    #[inline]
    fn part<'de, S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        let more = const { beyond_cost::<S::Value>() };
        if more > 0 {
            self.stack.note::<S::Value>();
            self.charge(more)?;
        }
        let result = seed.deserialize(&mut *self);
        self.keep(result)
    }

    /// A part that has to be hashable.
    #[inline]
    fn key<'de, S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        let outer = std::mem::replace(&mut self.hashable, true);
        let key = self.part(seed);
        self.hashable = outer;
        key
    }
}

/// How the items of a container are written.
pub(super) struct Form {
    /// What closes many items behind a mark.
    many: u8,
    /// What adds one item, or one key and value.
    one: Option<u8>,
    /// How many objects that are.
    objects: usize,
    /// Whether it is there before its items: then it is put into the memo first, and items may come
    /// in batches.
    pub mutable: bool,
    /// Whether its items have to be hashable.
    pub hashable: bool,
}

pub(super) static LIST: Form =
    Form { many: op::APPENDS, one: Some(op::APPEND), objects: 1, mutable: true, hashable: false };
pub(super) static DICT: Form =
    Form { many: op::SETITEMS, one: Some(op::SETITEM), objects: 2, mutable: true, hashable: false };
pub(super) static SET: Form =
    Form { many: op::ADDITEMS, one: None, objects: 1, mutable: true, hashable: true };
pub(super) static TUPLE: Form =
    Form { many: op::TUPLE, one: None, objects: 1, mutable: false, hashable: false };

/// How many items picklers write in one go.
const BATCH: usize = 1000;

/// The items of a list, tuple or set, or the keys and values of a dictionary.
pub(super) struct Items<'c, 'd> {
    pub cursor: &'c mut Cursor<'d>,
    form: &'static Form,
    state: State,
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A batch, one item, or the end may follow.
    Between,
    /// Behind a mark.
    Many,
    /// Before the opcode that adds one item.
    One,
    Done,
}

impl<'c, 'd> Items<'c, 'd> {
    #[inline]
    pub fn new(cursor: &'c mut Cursor<'d>, form: &'static Form) -> Items<'c, 'd> {
        let state = if form.mutable { State::Between } else { State::Many };
        Items { cursor, form, state, count: 0 }
    }

    /// Whether one more is to be read here; if not, all is read that belongs to the container.
    #[inline]
    pub fn more(&mut self) -> Result<bool, GaveUp> {
        if self.state == State::Many && self.cursor.opcode()? != self.form.many {
            self.count += 1;
            return Ok(true);
        }
        self.more_batches()
    }

    fn more_batches(&mut self) -> Result<bool, GaveUp> {
        match self.state {
            State::Done => return Ok(false),
            State::Between => {}
            State::Many => {
                self.cursor.position += 1;
                if !self.form.mutable {
                    self.state = State::Done;
                    return Ok(false);
                }
                self.state = State::Between;
            }
            State::One => {
                if Some(self.cursor.opcode()?) != self.form.one {
                    return self.cursor.give_up();
                }
                self.cursor.position += 1;
            }
        }
        // What follows may be the container's or its neighbour's. Picklers begin a new batch when
        // one is full, even if nothing is left for it; the simplest add one item at a time.
        let after_one = self.state == State::One;
        let full = self.count.is_multiple_of(BATCH);
        self.state = State::Done;
        while full && !after_one && self.cursor.opcode()? == op::MARK {
            self.cursor.position += 1;
            if self.cursor.opcode()? != self.form.many {
                self.state = State::Many;
                self.count += 1;
                return Ok(true);
            }
            self.cursor.position += 1;
        }
        if let Some(one) = self.form.one
            && (full || after_one)
            && self.cursor.one_follows(one, self.form.objects)
        {
            self.state = State::One;
            self.count += 1;
        }
        Ok(self.state == State::One)
    }

    /// Steps over the keys and values that a type did not ask for.
    pub fn skip_rest(&mut self) -> Result<(), GaveUp> {
        while Entries(self).next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn ahead(&self) -> Option<usize> {
        let ahead = self.cursor.count_ahead(self.form.many)?;
        Some(ahead / self.form.objects)
    }
}

impl<'de> de::SeqAccess<'de> for &mut Items<'_, '_> {
    type Error = GaveUp;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, GaveUp> {
        if !self.more()? {
            return Ok(None);
        }
        self.cursor.part(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.ahead()
    }
}

/// Bytes as a sequence of integers, for a `Vec<u8>` or the like.
pub(super) struct ByteItems<'c, 'd> {
    pub cursor: &'c mut Cursor<'d>,
    pub bytes: std::slice::Iter<'d, u8>,
}

impl<'de> de::SeqAccess<'de> for &mut ByteItems<'_, '_> {
    type Error = GaveUp;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, GaveUp> {
        let Some(&byte) = self.bytes.next() else { return Ok(None) };
        self.cursor.charge(const { size_of::<T::Value>() as u64 })?;
        seed.deserialize(byte.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.bytes.len())
    }
}

/// The keys and values of a dictionary.
///
/// A pair that goes through memory on its way into the map is read there in other pieces than it
/// was written, and the processor then waits until all that was written before has arrived.
pub(super) struct Entries<'i, 'c, 'd>(pub &'i mut Items<'c, 'd>);

impl<'de> MapAccess<'de> for Entries<'_, '_, '_> {
    type Error = GaveUp;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, GaveUp> {
        if !self.0.more()? {
            return Ok(None);
        }
        self.0.cursor.key(seed).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, GaveUp> {
        self.0.cursor.part(seed)
    }

    #[inline(always)]
    fn next_entry<K: Deserialize<'de>, V: Deserialize<'de>>(
        &mut self,
    ) -> Result<Option<(K, V)>, GaveUp> {
        let Some(key) = self.next_key()? else { return Ok(None) };
        let value = self.next_value()?;
        Ok(Some((key, value)))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.ahead()
    }
}

/// The items of a tuple that nothing opens.
pub(super) struct Unopened<'c, 'd> {
    pub cursor: &'c mut Cursor<'d>,
    pub left: u8,
}

impl<'de> de::SeqAccess<'de> for &mut Unopened<'_, '_> {
    type Error = GaveUp;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, GaveUp> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        self.cursor.part(seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.into())
    }
}

/// A variant of an enum.
pub(super) struct Variant<'c, 'd> {
    pub cursor: &'c mut Cursor<'d>,
    /// Whether there is only its name.
    pub bare: bool,
}

impl<'de> de::EnumAccess<'de> for Variant<'_, '_> {
    type Error = GaveUp;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), GaveUp> {
        let name = self.cursor.key(seed)?;
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for Variant<'_, '_> {
    type Error = GaveUp;

    fn unit_variant(self) -> Result<(), GaveUp> {
        match self.bare {
            true => Ok(()),
            false if self.cursor.opcode()? == op::NONE => self.cursor.made(1),
            false => self.cursor.give_up(),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, GaveUp> {
        if self.bare {
            return self.cursor.give_up();
        }
        self.cursor.part(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, GaveUp> {
        if self.bare {
            return self.cursor.give_up();
        }
        self.cursor.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        if self.bare {
            return self.cursor.give_up();
        }
        self.cursor.deserialize_any(visitor)
    }
}
