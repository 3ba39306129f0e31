//! From any type that serde can write to a pickle.

use std::io::Write;

use serde::{Serialize, Serializer};

use super::depth::{Levels, Limited};
use super::error::Error;
use super::number;
use super::options::DumpOptions;
use super::output::Output;
use super::ser_parts::{Batches, Tuple, Variant};
use super::value;
use super::write_graph::GraphWriter;

/// Writes a value as a pickle.
pub(super) fn to_writer<T: Serialize + ?Sized>(
    value: &T,
    writer: &mut dyn Write,
    options: &DumpOptions,
) -> Result<(), Error> {
    let out = Output::new(writer, options.protocol)?;
    let mut pickler = Pickler { out, graphs: GraphWriter::default() };
    Limited { value, levels: Levels::new(options.depth) }.serialize(&mut pickler)?;
    pickler.out.stop()
}

/// Writes a value of any type.
pub(super) struct Pickler<'w> {
    pub out: Output<'w>,
    graphs: GraphWriter,
}

impl Pickler<'_> {
    /// The name of a variant, as the key of a dictionary that holds the variant.
    fn variant_key(&mut self, variant: &str) -> Result<(), Error> {
        self.out.write(b"}")?;
        self.out.text(variant.as_bytes())
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
        self.out.text(value.encode_utf8(&mut [0; 4]).as_bytes())
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        self.out.text(value.as_bytes())
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
        self.out.write(b")")
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.out.text(variant.as_bytes())
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
        self.out.write(b"s")
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Batches<'p, 'w>, Error> {
        self.out.write(b"]")?;
        Batches::new(self, length, b'e')
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
        self.out.write(b"}")?;
        Batches::new(self, length, b'u')
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
