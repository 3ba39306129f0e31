//! The parts of an object, handed to serde one after the other.

use serde::de::{self, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, Visitor};

use super::place::Place;
use crate::pickle::classes::MapEntries;
use crate::pickle::error::Error;
use crate::pickle::graph::Kind;
use crate::pickle::graph::items::Items;

/// The items of a list, tuple or set.
pub(crate) struct Sequence<'s> {
    pub place: Place<'s>,
    pub items: [Items<'s>; 2],
    /// How many were read.
    pub read: usize,
}

impl<'de> de::SeqAccess<'de> for &mut Sequence<'_> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let [first, second] = &mut self.items;
        let Some(index) = first.next().or_else(|| second.next()) else { return Ok(None) };
        self.read += 1;
        let item = self.place.at(index);
        item.charge_for::<T::Value>()?;
        seed.deserialize(item).map(Some).map_err(|error| error.located(|| item.offset()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.iter().map(Items::length).sum())
    }
}

/// Bytes as a sequence of integers, for a `Vec<u8>` or the like.
pub(crate) struct ByteItems<'s, 'b> {
    pub place: Place<'s>,
    pub bytes: std::slice::Iter<'b, u8>,
}

impl<'de> de::SeqAccess<'de> for &mut ByteItems<'_, '_> {
    type Error = Error;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(&byte) = self.bytes.next() else { return Ok(None) };
        self.place.charge(size_of::<T::Value>() as u64)?;
        seed.deserialize(byte.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.bytes.len())
    }
}

/// The keys and values of a dictionary.
pub(crate) struct Mapping<'s> {
    pub place: Place<'s>,
    pub entries: MapEntries<'s>,
    /// The value of the key that was read last.
    pub value: Option<u32>,
}

impl<'de> de::MapAccess<'de> for Mapping<'_> {
    type Error = Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some((key, value)) = self.entries.next(self.place.graph()) else { return Ok(None) };
        self.value = Some(value);
        let key = self.place.at(key);
        key.charge_for::<K::Value>()?;
        seed.deserialize(key).map(Some).map_err(|error| error.located(|| key.offset()))
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some(value) = self.value.take() else {
            return Err(Error::custom("a value was asked for before its key"));
        };
        let value = self.place.at(value);
        value.charge_for::<V::Value>()?;
        seed.deserialize(value).map_err(|error| error.located(|| value.offset()))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.length())
    }
}

/// A variant of an enum.
pub(crate) struct Variant<'s> {
    pub name: Place<'s>,
    pub content: Option<Place<'s>>,
}

impl<'de, 's> de::EnumAccess<'de> for Variant<'s> {
    type Error = Error;
    type Variant = VariantContent<'s>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, VariantContent<'s>), Error> {
        let name = self.name;
        let value = seed.deserialize(name).map_err(|error| error.located(|| name.offset()))?;
        Ok((value, VariantContent(name, self.content)))
    }
}

/// The name of a variant, and what the variant holds.
pub(crate) struct VariantContent<'s>(Place<'s>, Option<Place<'s>>);

impl<'s> VariantContent<'s> {
    fn content(&self) -> Result<Place<'s>, Error> {
        self.1.ok_or_else(|| {
            Error::of_type(
                self.0.offset(),
                "this variant holds something, but only its name is here",
            )
        })
    }
}

impl<'de> de::VariantAccess<'de> for VariantContent<'_> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.1 {
            Some(content) if content.node().kind != Kind::None => {
                Err(Error::of_type(content.offset(), "this variant holds nothing"))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        let content = self.content()?;
        seed.deserialize(content).map_err(|error| error.located(|| content.offset()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Error> {
        self.content()?.deserialize_tuple(length, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.content()?.deserialize_any(visitor)
    }
}
