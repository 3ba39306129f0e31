//! A pickle's opcodes, one after the other, as Python's `pickletools.genops` gives them.

use std::borrow::Cow;
use std::fmt;
use std::iter::Peekable;
use std::vec;

use super::number::{self, IntLine, Integer};
use super::op;
use super::opcode::{Argument, Instruction, Opcode, damaged};
use super::text::{self, Text};
use crate::pickle::error::Error;
use crate::pickle::graph::Extent;
use crate::pickle::limits::Limits;
use crate::pickle::machine;
use crate::python::float_repr;
use crate::python::quote::{write_bytes, write_text};

/// The opcodes of the pickle that bytes begin with, in the order in which they stand there.
///
/// Nothing is executed: each opcode is read when it is asked for. The iterator ends behind STOP, or with
/// the error for the first opcode that cannot be read. What opcodes do to one another is not looked at;
/// [`loads`](crate::pickle::loads) does that.
///
/// It gives what `pickletools.genops` of Python 3.11 gives, but strings of Python 2 as bytes. The arrays
/// of a joblib file, which stand between opcodes, are stepped over: the next opcode does not begin
/// where the one before ends. [`Value::raw_arrays`](crate::pickle::Value::raw_arrays) says what they
/// are. An array of objects is a pickle of its own, whose opcodes are given, its STOP too. How long the
/// arrays are follows from what the opcodes make: a pickle that names joblib's class is read for it, once.
///
/// ```
/// use picklebook::pickle;
///
/// let bytes = pickle::dumps(&("spam", 7))?;
/// let names: Vec<&str> = pickle::opcodes(&bytes)
///     .map(|step| step.map(|step| step.opcode.name))
///     .collect::<Result<_, _>>()?;
/// assert_eq!(names, ["PROTO", "MARK", "BINUNICODE", "BININT", "TUPLE", "STOP"]);
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Steps<'a> {
    data: &'a [u8],
    position: usize,
    ended: bool,
    /// Whether joblib's class for arrays was named.
    may_have_arrays: bool,
    /// The arrays that come, once one may have come.
    arrays: Option<Peekable<vec::IntoIter<Extent>>>,
    /// Whether it is in the pickle of an array of objects.
    nested: bool,
}

/// The opcodes of the pickle that bytes begin with.
///
/// ```
/// use picklebook::pickle;
///
/// for step in pickle::opcodes(b"\x80\x04K\x07.") {
///     println!("{}", step?);
/// }
/// // 0 PROTO 4
/// // 2 BININT1 7
/// // 4 STOP
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn opcodes(bytes: &[u8]) -> Steps<'_> {
    Steps {
        data: bytes,
        position: 0,
        ended: false,
        may_have_arrays: false,
        arrays: None,
        nested: false,
    }
}

impl Steps<'_> {
    /// Where the next opcode begins; behind STOP, where the next of several pickles does.
    pub fn position(&self) -> usize {
        self.position
    }
}

/// One opcode of a pickle, with its place and its argument.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Step<'a> {
    /// Where the opcode stands, counted from the first byte, which is byte 0.
    pub position: usize,
    /// The opcode.
    pub opcode: &'static Opcode,
    /// What follows it.
    pub operand: Operand<'a>,
    /// All its bytes: the opcode, a length if there is one, and the argument.
    pub bytes: &'a [u8],
}

/// The argument of an opcode, decoded.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Operand<'a> {
    /// The opcode has none.
    None,
    /// A boolean, as protocols 0 and 1 write it.
    Bool(bool),
    /// A number: an integer, or the number of a protocol, a memo entry, an extension, a length.
    Int(i128),
    /// An integer of more than 128 bits: two's complement, little-endian.
    LargeInt(Cow<'a, [u8]>),
    /// A float.
    Float(f64),
    /// Text.
    Text(Cow<'a, str>),
    /// Text with lone surrogates, which Rust's strings cannot hold: UTF-8 in which they are encoded
    /// like other characters (Python's `surrogatepass`).
    Surrogates(Cow<'a, [u8]>),
    /// Bytes, a bytearray, or a string of Python 2.
    Bytes(Cow<'a, [u8]>),
    /// The module and the name of something to import.
    Global(&'a str, &'a str),
}

impl<'a> From<Text<'a>> for Operand<'a> {
    fn from(text: Text<'a>) -> Operand<'a> {
        match text {
            Text::Utf8(text) => Operand::Text(text),
            Text::Surrogates(bytes) => Operand::Surrogates(bytes),
        }
    }
}

impl<'a> From<Integer<'a>> for Operand<'a> {
    fn from(integer: Integer<'a>) -> Operand<'a> {
        match (integer.to_i128(), integer) {
            (Some(number), _) => Operand::Int(number),
            (None, Integer::Big(bytes)) => Operand::LargeInt(bytes),
            (None, Integer::Small(number)) => Operand::Int(number.into()),
        }
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = Result<Step<'a>, Error>;

    fn next(&mut self) -> Option<Result<Step<'a>, Error>> {
        if self.ended {
            return None;
        }
        let step = self.step();
        match &step {
            Ok(step) => {
                self.position += step.bytes.len();
                match (step.opcode.code, &step.operand) {
                    (op::STOP, _) => self.ended = !std::mem::take(&mut self.nested),
                    (op::BUILD, _) if self.may_have_arrays => self.step_over_arrays(),
                    (_, Operand::Text(name)) => self.may_have_arrays |= may_be_wrapper(name),
                    (_, Operand::Global(_, name)) => self.may_have_arrays |= may_be_wrapper(name),
                    (op::STRING | op::BINSTRING | op::SHORT_BINSTRING, Operand::Bytes(name)) => {
                        self.may_have_arrays |= name.ends_with(WRAPPER.as_bytes());
                    }
                    _ => {}
                }
            }
            Err(_) => self.ended = true,
        }
        Some(step)
    }
}

impl std::iter::FusedIterator for Steps<'_> {}

/// Whether a name may be that of the class whose objects describe arrays.
fn may_be_wrapper(name: &str) -> bool {
    name.ends_with(WRAPPER)
}

/// The name of the class.
const WRAPPER: &str = "NumpyArrayWrapper";

impl<'a> Steps<'a> {
    /// Goes on behind the array that begins here, if one does.
    fn step_over_arrays(&mut self) {
        let (data, position) = (self.data, self.position);
        let arrays = self.arrays.get_or_insert_with(|| {
            let (graph, _) = machine::read_as_far(data, &Limits::new(), true);
            graph.extents.into_iter().peekable()
        });
        while let Some(array) = arrays.next_if(|array| array.start <= position) {
            // Within one that was stepped over there is none; this only makes sure.
            if array.start < position {
                continue;
            }
            match array.nested {
                Some(_) => self.nested = true,
                None => self.position = array.end,
            }
            return;
        }
    }

    fn step(&self) -> Result<Step<'a>, Error> {
        let position = self.position;
        let found = Instruction::read(self.data, position)?;
        let operand = operand(&found, self.data)
            .map_err(|problem| damaged(position, found.opcode.name, problem))?;
        let bytes = self.data.get(position..found.next).unwrap_or_default();
        Ok(Step { position, opcode: found.opcode, operand, bytes })
    }
}

fn operand<'a>(found: &Instruction, data: &'a [u8]) -> Result<Operand<'a>, &'static str> {
    let bytes = found.argument(data);
    Ok(match (found.opcode.argument, found.opcode.code) {
        (Argument::None, _) => Operand::None,
        (Argument::Uint1 | Argument::Uint2 | Argument::Uint4 | Argument::Uint8, _) => {
            Operand::Int(found.unsigned(data).into())
        }
        (Argument::Int4, _) => Integer::from_bytes(bytes).into(),
        (Argument::Float8, _) => {
            Operand::Float(bytes.try_into().map_or(f64::NAN, f64::from_be_bytes))
        }
        (Argument::Line, op::INT) => match number::int_line(bytes)? {
            IntLine::Bool(value) => Operand::Bool(value),
            IntLine::Int(integer) => integer.into(),
        },
        (Argument::Line, op::LONG | op::GET | op::PUT) => number::long_line(bytes)?.into(),
        (Argument::Line, op::FLOAT) => Operand::Float(number::float_line(bytes)?),
        (Argument::Line, op::STRING) => Operand::Bytes(text::string_line(bytes)?),
        (Argument::Line, op::UNICODE) => text::unicode_line(bytes)?.into(),
        (Argument::Line, _) => {
            Operand::Text(std::str::from_utf8(bytes).map_err(|_| NO_TEXT)?.into())
        }
        (Argument::TwoLines, _) => {
            let text = std::str::from_utf8(bytes).map_err(|_| NO_TEXT)?;
            let (module, name) = text.split_once('\n').unwrap_or((text, ""));
            Operand::Global(module, name)
        }
        (_, op::LONG1 | op::LONG4) => Integer::from_bytes(bytes).into(),
        (_, op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8) => {
            Text::from_bytes(bytes).ok_or("the text is not UTF-8")?.into()
        }
        _ => Operand::Bytes(bytes.into()),
    })
}

const NO_TEXT: &str = "the names are not UTF-8";

/// As Python prints it: a name to import as its module, a blank, and the name.
impl fmt::Display for Operand<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::None => Ok(()),
            Operand::Bool(true) => f.write_str("True"),
            Operand::Bool(false) => f.write_str("False"),
            Operand::Int(number) => write!(f, "{number}"),
            Operand::LargeInt(bytes) => f.write_str(&Integer::from_bytes(bytes).to_text()),
            Operand::Float(number) => f.write_str(&float_repr(*number)),
            Operand::Text(text) => write_text(f, text.chars().map(Ok)),
            Operand::Surrogates(bytes) => write_text(f, text::scalars(bytes)),
            Operand::Bytes(bytes) => write_bytes(f, bytes),
            Operand::Global(module, name) => {
                write_text(f, format!("{module} {name}").chars().map(Ok))
            }
        }
    }
}

/// Its place, name and argument.
impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.position, self.opcode.name)?;
        match &self.operand {
            Operand::None => Ok(()),
            operand => write!(f, " {operand}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(bytes: &[u8]) -> Vec<String> {
        let line =
            |step: Result<Step<'_>, Error>| step.map_or_else(|e| e.to_string(), |s| s.to_string());
        opcodes(bytes).map(line).collect()
    }

    /// The lines were made of what `pickletools.genops` of CPython 3.11 gives.
    #[test]
    fn every_form_of_argument() {
        let cases: [(&[u8], &str); 18] = [
            (b"I01\n", "INT True"),
            (b"I-12\n", "INT -12"),
            (b"L12L\n", "LONG 12"),
            (b"J\xff\xff\xff\xff", "BININT -1"),
            (b"M\xff\xff", "BININT2 65535"),
            (b"\x8a\x02\x00\x80", "LONG1 -32768"),
            (b"F1.5\n", "FLOAT 1.5"),
            (b"G?\xf0\0\0\0\0\0\0", "BINFLOAT 1.0"),
            (b"S'a\\n'\n", "STRING b'a\\n'"),
            (b"V\\u00e9\n", "UNICODE 'é'"),
            (b"X\x03\0\0\0\xed\xa0\x80", "BINUNICODE '\\ud800'"),
            (b"C\x02a'", "SHORT_BINBYTES b\"a'\""),
            (b"cos\nsystem\n", "GLOBAL 'os system'"),
            (b"p12\n", "PUT 12"),
            (b"j\x00\x01\x00\x00", "LONG_BINGET 256"),
            (b"\x95\xff\xff\0\0\0\0\0\0", "FRAME 65535"),
            (b"\x84\x01\0\0\0", "EXT4 1"),
            (b"Pname\n", "PERSID 'name'"),
        ];
        for (bytes, line) in cases {
            assert_eq!(
                steps(&[bytes, b"."].concat()),
                [format!("0 {line}"), format!("{} STOP", bytes.len())]
            );
        }
        let large = [b"\x8a\x11".as_slice(), &[0xff; 16], &[0, b'.']].concat();
        assert_eq!(steps(&large)[0], format!("0 LONG1 {}", u128::MAX));
    }

    /// As `joblib.dump(numpy.array([7], 'u1'))` writes it: the class, its state, and an array of one byte
    /// that looks like STOP.
    #[test]
    fn arrays_of_joblib_are_stepped_over() {
        let before = b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(\
                       X\x08\0\0\0subclasscnumpy\nndarray\n\
                       X\x05\0\0\0shapeK\x03\x85\
                       X\x05\0\0\0orderX\x01\0\0\0C\
                       X\x05\0\0\0dtypecnumpy\ndtype\n(X\x02\0\0\0u1K\0K\x01tR\
                       X\x0a\0\0\0allow_mmap\x89ub";
        let bytes = [before.as_slice(), b"...", b"."].concat();
        let lines = steps(&bytes);
        let [.., build, stop] = &*lines else { panic!("{lines:?}") };
        assert_eq!(*build, format!("{} BUILD", before.len() - 1));
        assert_eq!(*stop, format!("{} STOP", before.len() + 3));
        // Cut short there is no array, and Python's own reader goes on with its bytes.
        let cut = [before.as_slice(), b".."].concat();
        assert_eq!(steps(&cut).last(), Some(&format!("{} STOP", before.len())));
    }

    #[test]
    fn it_ends_behind_stop_or_with_an_error() {
        let mut two = opcodes(b"N.K\x07.");
        assert_eq!(two.by_ref().count(), 2);
        assert_eq!(two.position(), 2);
        assert!(two.next().is_none());

        let cases: [(&[u8], &str); 6] = [
            (b"", "at byte 0: the data ends before STOP"),
            (b"N", "at byte 1: the data ends before STOP"),
            (b"Nz.", "at byte 1: 0x7a is not an opcode"),
            (b"NIx\n.", "at byte 1 (INT)"),
            (b"N\x8a\x09abc", "at byte 1 (LONG1): 9 bytes are declared, but only 3 are left"),
            (b"X\x01\0\0\0\xff.", "at byte 0 (BINUNICODE): the text is not UTF-8"),
        ];
        for (bytes, message) in cases {
            let lines = steps(bytes);
            assert!(lines.last().is_some_and(|line| line.contains(message)), "{lines:?}");
        }
    }
}
