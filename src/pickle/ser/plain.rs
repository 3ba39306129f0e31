//! The default writer: serde-pickle's.

use std::convert::Infallible;
use std::io::{self, BufWriter, Write};

use serde::{Serialize, Serializer, ser};

use super::depth::{Levels, Limited};
use super::keys;
use super::serializer as own;
use super::wide;
use crate::pickle::error::Error;
use crate::pickle::options::DumpOptions;
use crate::pickle::value;

const BUFFER: usize = 32 << 10;

/// Writes a value as a pickle of protocol 3.
pub(crate) fn write<T: Serialize + ?Sized>(value: &T, writer: &mut dyn Write) -> Result<(), Error> {
    let options = DumpOptions::new();
    let limited = Limited { value, levels: Levels::new(options.depth) };
    if is_value(&limited) {
        // What a `Value` can hold, serde-pickle cannot write.
        return own::to_writer(value, writer, &options.protocol(3));
    }
    let mut checked = Checked { writer, failure: None };
    // serde-pickle writes a few bytes at a time.
    let mut buffered = BufWriter::with_capacity(BUFFER, &mut checked);
    let result = {
        let _wide = wide::Taken::new(true);
        let mut widened = wide::Widened(&mut buffered);
        serde_pickle::to_writer(&mut widened, &limited, serde_pickle::SerOptions::new())
    };
    // What is left in the buffer of a failed write has no place to go.
    let flushed = if result.is_ok() { buffered.flush() } else { Ok(()) };
    drop(buffered.into_parts());
    match (checked.failure, result) {
        (Some(failure), _) => Err(Error::writing(failure)),
        (None, Ok(())) => flushed.map_err(Error::writing),
        // Its own words for what a value says are "decoding error: …", also on the way out.
        (None, Err(serde_pickle::Error::Syntax(problem))) => {
            let error = Error::unwritable(problem.to_string());
            Err(keys::located(value, limited.levels, error))
        }
        (None, Err(error)) => Err(Error::unwritable(error.to_string())),
    }
}

/// Keeps the writer's own error, so that it can be told from a value's.
struct Checked<'w> {
    writer: &'w mut dyn Write,
    failure: Option<io::Error>,
}

impl Checked<'_> {
    fn keep<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| {
            let kind = error.kind();
            if kind != io::ErrorKind::Interrupted {
                self.failure = Some(error);
            }
            kind.into()
        })
    }
}

impl Write for Checked<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.writer.write(bytes);
        self.keep(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        let result = self.writer.flush();
        self.keep(result)
    }
}

/// Whether a value is a [`Value`](super::Value), which asks for its own way of being written
/// before anything else.
fn is_value<T: Serialize + ?Sized>(value: &T) -> bool {
    matches!(value.serialize(Probe), Err(Answer::Value))
}

/// A writer that writes nothing, and stops at the first thing that it is asked to write.
struct Probe;

#[derive(Debug)]
enum Answer {
    Value,
    Other,
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("nothing is written")
    }
}

impl std::error::Error for Answer {}

impl ser::Error for Answer {
    fn custom<T: std::fmt::Display>(_message: T) -> Answer {
        Answer::Other
    }
}

macro_rules! other {
    ($($method:ident($($argument:ty),*) -> $result:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$result, Answer> {
            Err(Answer::Other)
        })*
    };
}

type No = ser::Impossible<Infallible, Answer>;

impl Serializer for Probe {
    type Ok = Infallible;
    type Error = Answer;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    other! {
        serialize_bool(bool) -> Infallible;
        serialize_i8(i8) -> Infallible;
        serialize_i16(i16) -> Infallible;
        serialize_i32(i32) -> Infallible;
        serialize_i64(i64) -> Infallible;
        serialize_i128(i128) -> Infallible;
        serialize_u8(u8) -> Infallible;
        serialize_u16(u16) -> Infallible;
        serialize_u32(u32) -> Infallible;
        serialize_u64(u64) -> Infallible;
        serialize_u128(u128) -> Infallible;
        serialize_f32(f32) -> Infallible;
        serialize_f64(f64) -> Infallible;
        serialize_char(char) -> Infallible;
        serialize_str(&str) -> Infallible;
        serialize_bytes(&[u8]) -> Infallible;
        serialize_none() -> Infallible;
        serialize_unit() -> Infallible;
        serialize_unit_struct(&'static str) -> Infallible;
        serialize_unit_variant(&'static str, u32, &'static str) -> Infallible;
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Infallible, Answer> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<Infallible, Answer> {
        if name == value::TOKEN { Err(Answer::Value) } else { value.serialize(self) }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<Infallible, Answer> {
        Err(Answer::Other)
    }
}
