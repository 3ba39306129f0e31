//! The parts of lists, dictionaries, tuples and variants, as serde hands them over.

use serde::{Serialize, ser};

use super::error::Error;
use super::output::BATCH;
use super::ser::Pickler;

/// The items of a list or the keys and values of a dictionary.
pub(super) struct Batches<'p, 'w> {
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
            pickler.out.write(b"(")?;
        }
        Ok(Batches { pickler, open, count: 0, end })
    }

    #[inline]
    fn next(&mut self) -> Result<(), Error> {
        if self.count == BATCH {
            self.count = 0;
            self.pickler.out.write(&[self.end, b'('])?;
        }
        if !self.open {
            // A length of 0 was announced.
            self.open = true;
            self.pickler.out.write(b"(")?;
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
pub(super) struct Tuple<'p, 'w> {
    pickler: &'p mut Pickler<'w>,
    length: usize,
    count: usize,
}

impl<'p, 'w> Tuple<'p, 'w> {
    pub fn new(pickler: &'p mut Pickler<'w>, length: usize) -> Result<Tuple<'p, 'w>, Error> {
        if length > 3 {
            pickler.out.write(b"(")?;
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
            0 => b")",
            1 => b"\x85",
            2 => b"\x86",
            3 => b"\x87",
            _ => b"t",
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
pub(super) struct Variant<C>(pub C);

impl Variant<Batches<'_, '_>> {
    fn close(self) -> Result<(), Error> {
        let Batches { pickler, open, end, .. } = self.0;
        if open { pickler.out.write(&[end, b's']) } else { pickler.out.write(b"s") }
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
