//! From any type that serde can write to a pickle.

use std::io::Write;

use serde::{Serialize, Serializer, ser};

use super::depth::{Levels, Limited};
use super::graph::GraphWriter;
use super::keys;
use super::output::{BATCH, Output};
use super::wide;
use crate::pickle::error::Error;
use crate::pickle::format::number;
use crate::pickle::format::op;
use crate::pickle::options::DumpOptions;
use crate::pickle::value;

/// Writes a value as a pickle.
pub(crate) fn to_writer<T: Serialize + ?Sized>(
    value: &T,
    writer: &mut dyn Write,
    options: &DumpOptions,
) -> Result<(), Error> {
    let out = Output::new(writer, options.protocol)?;
    let mut pickler = Pickler { out, graphs: GraphWriter::default() };
    let levels = Levels::new(options.depth);
    // This writer has integers of 128 bits of its own.
    let _narrow = wide::Taken::new(false);
    let written = Limited { value, levels }.serialize(&mut pickler);
    written.map_err(|error| keys::located(value, levels, error))?;
    pickler.out.stop()
}

/// The pickle of a value that counts its levels itself.
pub(super) fn of_limited<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    let out = Output::new(&mut bytes, 4)?;
    let mut pickler = Pickler { out, graphs: GraphWriter::default() };
    let _narrow = wide::Taken::new(false);
    value.serialize(&mut pickler)?;
    pickler.out.stop()?;
    Ok(bytes)
}

/// Writes a value of any type.
pub(crate) struct Pickler<'w> {
    pub out: Output<'w>,
    graphs: GraphWriter,
}

impl Pickler<'_> {
    /// The name of a variant, as the key of a dictionary that holds the variant.
    fn variant_key(&mut self, variant: &str) -> Result<(), Error> {
        self.out.write(&[op::EMPTY_DICT])?;
        self.out.text(variant.as_bytes())?;
        Ok(())
    }
}

impl<'p, 'w> Serializer for &'p mut Pickler<'w> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Batches<'p, 'w>;
    type SerializeTuple = Tuple<'p, 'w>;
    type SerializeTupleStruct = Tuple<'p, 'w>;
    type SerializeTupleVariant = Variant<Batches<'p, 'w>>;
    type SerializeMap = Batches<'p, 'w>;
    type SerializeStruct = Batches<'p, 'w>;
    type SerializeStructVariant = Variant<Batches<'p, 'w>>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.out.bool(value)
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.out.int(value)
    }

    fn serialize_i128(self, value: i128) -> Result<(), Error> {
        match i64::try_from(value) {
            Ok(small) => self.out.int(small),
            Err(_) => {
                let mut bytes = value.to_le_bytes().to_vec();
                number::shorten(&mut bytes);
                self.out.big_int(&bytes)
            }
        }
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.out.int(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.serialize_u128(value.into())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Error> {
        match i64::try_from(value) {
            Ok(small) => self.out.int(small),
            Err(_) => {
                let mut bytes = value.to_le_bytes().to_vec();
                bytes.push(0);
                number::shorten(&mut bytes);
                self.out.big_int(&bytes)
            }
        }
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        self.out.float(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        self.out.float(value)
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.out.text(value.encode_utf8(&mut [0; 4]).as_bytes())?;
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.out.text(value.as_bytes())?;
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Error> {
        self.out.bytes(value)
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.out.none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.out.none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Error> {
        self.out.write(&[op::EMPTY_TUPLE])
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.out.text(variant.as_bytes())?;
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        if name == value::TOKEN
            && let Some(value) = value::handed_over()
        {
            return self.graphs.write(&value, &mut self.out);
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.variant_key(variant)?;
        value.serialize(&mut *self)?;
        self.out.write(&[op::SETITEM])
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Batches<'p, 'w>, Error> {
        self.out.write(&[op::EMPTY_LIST])?;
        Batches::new(self, length, op::APPENDS)
    }

    fn serialize_tuple(self, length: usize) -> Result<Tuple<'p, 'w>, Error> {
        Tuple::new(self, length)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Tuple<'p, 'w>, Error> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Variant<Batches<'p, 'w>>, Error> {
        self.variant_key(variant)?;
        self.serialize_seq(Some(length)).map(Variant)
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Batches<'p, 'w>, Error> {
        self.out.write(&[op::EMPTY_DICT])?;
        Batches::new(self, length, op::SETITEMS)
    }

    fn serialize_struct(
        self,
        _name: &'static str,
        length: usize,
    ) -> Result<Batches<'p, 'w>, Error> {
        self.serialize_map(Some(length))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Variant<Batches<'p, 'w>>, Error> {
        self.variant_key(variant)?;
        self.serialize_map(Some(length)).map(Variant)
    }
}

/// The items of a list or the keys and values of a dictionary.
pub(crate) struct Batches<'p, 'w> {
    pickler: &'p mut Pickler<'w>,
    /// Whether there is a mark for them.
    open: bool,
    count: u32,
    end: u8,
}

impl<'p, 'w> Batches<'p, 'w> {
    /// Behind the opcode that made what they belong to.
    pub fn new(
        pickler: &'p mut Pickler<'w>,
        length: Option<usize>,
        end: u8,
    ) -> Result<Batches<'p, 'w>, Error> {
        let open = length != Some(0);
        if open {
            pickler.out.write(&[op::MARK])?;
        }
        Ok(Batches { pickler, open, count: 0, end })
    }

    #[inline]
    fn next(&mut self) -> Result<(), Error> {
        if self.count == BATCH {
            self.count = 0;
            self.pickler.out.write(&[self.end, op::MARK])?;
        }
        if !self.open {
            // A length of 0 was announced.
            self.open = true;
            self.pickler.out.write(&[op::MARK])?;
        }
        self.count += 1;
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        if self.open { self.pickler.out.write(&[self.end]) } else { Ok(()) }
    }
}

impl ser::SerializeSeq for Batches<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next()?;
        value.serialize(&mut *self.pickler)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl ser::SerializeMap for Batches<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.next()?;
        key.serialize(&mut *self.pickler)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.pickler)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl ser::SerializeStruct for Batches<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.next()?;
        self.pickler.out.field(key)?;
        value.serialize(&mut *self.pickler)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

/// The items of a tuple.
pub(crate) struct Tuple<'p, 'w> {
    pickler: &'p mut Pickler<'w>,
    length: usize,
    count: usize,
}

impl<'p, 'w> Tuple<'p, 'w> {
    pub fn new(pickler: &'p mut Pickler<'w>, length: usize) -> Result<Tuple<'p, 'w>, Error> {
        if length > 3 {
            pickler.out.write(&[op::MARK])?;
        }
        Ok(Tuple { pickler, length, count: 0 })
    }

    fn finish(self) -> Result<(), Error> {
        if self.count != self.length {
            let (length, count) = (self.length, self.count);
            let problem = format!("a tuple of {length} was announced, but {count} items came");
            return Err(Error::unwritable(problem));
        }
        self.pickler.out.write(match self.length {
            0 => &[op::EMPTY_TUPLE],
            1 => &[op::TUPLE1],
            2 => &[op::TUPLE2],
            3 => &[op::TUPLE3],
            _ => &[op::TUPLE],
        })
    }
}

impl ser::SerializeTuple for Tuple<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.count += 1;
        value.serialize(&mut *self.pickler)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Tuple<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeTuple::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Error> {
        self.finish()
    }
}

/// What a variant holds; then the dictionary around it has to be closed.
pub(crate) struct Variant<C>(pub C);

impl Variant<Batches<'_, '_>> {
    fn close(self) -> Result<(), Error> {
        let Batches { pickler, open, end, .. } = self.0;
        if open {
            pickler.out.write(&[end, op::SETITEM])
        } else {
            pickler.out.write(&[op::SETITEM])
        }
    }
}

impl ser::SerializeTupleVariant for Variant<Batches<'_, '_>> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(&mut self.0, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}

impl ser::SerializeStructVariant for Variant<Batches<'_, '_>> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        ser::SerializeStruct::serialize_field(&mut self.0, key, value)
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
