//! What follows an opcode, as `pickletools` reads and prints it. That is not in all cases what
//! `pickle` itself reads: numbers in digits are of base 10 only, and names are ASCII with escapes.

use std::borrow::Cow;
use std::fmt;

use super::refusal;
use crate::pickle::error::Error;
use crate::pickle::format::number::{self, Integer, MAX_DIGITS, TOO_MANY_DIGITS};
use crate::pickle::format::op;
use crate::pickle::format::opcode::{Argument, Opcode, little_endian};
use crate::pickle::format::text::{self, Text};
use crate::python::float_repr;
use crate::python::quote::{write_bytearray, write_bytes, write_text};

/// What follows an opcode.
#[derive(Clone, Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(Integer<'a>),
    Float(f64),
    Text(Text<'a>),
    /// Text in Latin-1: a string of Python 2.
    Latin1(Cow<'a, [u8]>),
    Bytes(&'a [u8]),
    ByteArray(&'a [u8]),
}

/// An opcode with what follows it.
#[derive(Clone, Debug)]
pub(super) struct Step<'a> {
    pub(super) position: usize,
    pub(super) opcode: &'static Opcode,
    pub(super) value: Value<'a>,
    /// Where the next one begins.
    pub(super) end: usize,
}

impl<'a> Step<'a> {
    /// Reads the opcode at `position`.
    ///
    /// # Errors
    /// [`ErrorKind::Disassembly`](crate::pickle::ErrorKind::Disassembly), in Python's words.
    pub(super) fn read(data: &'a [u8], position: usize) -> Result<Step<'a>, Error> {
        let Some(&code) = data.get(position) else {
            return Err(refusal(position, "", "pickle exhausted before seeing STOP"));
        };
        let Some(opcode) = Opcode::from_code(code) else {
            let problem = format!("opcode {} unknown", Quoted(&[code]));
            return Err(refusal(position, "", problem));
        };
        let rest = data.get(position + 1..).unwrap_or_default();
        let (value, length) = match value(opcode, rest) {
            Ok(found) => found,
            Err(problem) => return Err(refusal(position, opcode.name, problem)),
        };
        Ok(Step { position, opcode, value, end: position + 1 + length })
    }
}

/// What the bytes begin with, and how many of them it takes.
fn value<'a>(opcode: &Opcode, rest: &'a [u8]) -> Result<(Value<'a>, usize), String> {
    let number = |length: usize, name: &str| match rest.get(..length) {
        Some(bytes) => Ok(bytes),
        None => Err(format!("not enough data in stream to read {name}")),
    };
    let unsigned = |length, name| {
        let number = little_endian(number(length, name)?);
        let number = i64::try_from(number).map(Integer::Small);
        Ok((Value::Int(number.unwrap_or(Integer::Big(Cow::Owned(large(rest))))), length))
    };
    match opcode.argument {
        Argument::None => Ok((Value::None, 0)),
        Argument::Uint1 => unsigned(1, "uint1"),
        Argument::Uint2 => unsigned(2, "uint2"),
        Argument::Uint4 => unsigned(4, "uint4"),
        Argument::Uint8 => unsigned(8, "uint8"),
        Argument::Int4 => Ok((Value::Int(Integer::from_bytes(number(4, "int4")?)), 4)),
        Argument::Float8 => {
            let bytes: [u8; 8] = number(8, "float8")?.try_into().unwrap_or_default();
            Ok((Value::Float(f64::from_be_bytes(bytes)), 8))
        }
        Argument::Line => {
            let line = line(opcode, rest)?;
            Ok((of_line(opcode, line)?, line.len() + 1))
        }
        Argument::TwoLines => {
            let module = line(opcode, rest)?;
            let name = line(opcode, rest.get(module.len() + 1..).unwrap_or_default())?;
            let text = format!("{} {}", ascii(module)?, ascii(name)?);
            Ok((Value::Text(Text::Utf8(text.into())), module.len() + name.len() + 2))
        }
        Argument::Counted1 => counted(opcode, rest, (1, "uint1")),
        Argument::Counted4 => counted(opcode, rest, (4, "uint4")),
        Argument::CountedSigned4 => counted(opcode, rest, (4, "int4")),
        Argument::Counted8 => counted(opcode, rest, (8, "uint8")),
    }
}

/// Eight bytes without a sign, with one more that says so.
fn large(rest: &[u8]) -> Vec<u8> {
    rest.iter().take(8).copied().chain([0]).collect()
}

fn line<'a>(opcode: &Opcode, rest: &'a [u8]) -> Result<&'a [u8], String> {
    let kind = if opcode.code == op::UNICODE { "unicodestringnl" } else { "stringnl" };
    match rest.iter().position(|&byte| byte == b'\n').and_then(|end| rest.get(..end)) {
        Some(line) => Ok(line),
        None => Err(format!("no newline found when trying to read {kind}")),
    }
}

fn of_line<'a>(opcode: &Opcode, line: &'a [u8]) -> Result<Value<'a>, String> {
    let integer = |digits: &[u8]| match number::decimal_line(digits) {
        Ok(number) => Ok(Value::Int(number)),
        Err(TOO_MANY_DIGITS) => Err(too_many_digits()),
        Err(_) => Err(format!("invalid literal for int() with base 10: {}", Quoted(digits))),
    };
    Ok(match opcode.code {
        op::INT | op::GET | op::PUT => match line {
            b"00" => Value::Bool(false),
            b"01" => Value::Bool(true),
            digits => integer(digits)?,
        },
        op::LONG => integer(line.strip_suffix(b"L").unwrap_or(line))?,
        op::FLOAT => match float(line) {
            Some(number) => Value::Float(number),
            None => return Err(format!("could not convert string to float: {}", Quoted(line))),
        },
        op::STRING => {
            let quote = match line.first() {
                Some(quote @ (b'"' | b'\'')) => quote,
                _ => return Err(format!("no string quotes around {}", Quoted(line))),
            };
            if line.last() != Some(quote) {
                let quote = Quoted(std::slice::from_ref(quote)).to_string();
                let line = Quoted(line);
                return Err(format!("string quote {quote} not found at both ends of {line}"));
            }
            let inner = line.get(1..line.len().saturating_sub(1)).unwrap_or_default();
            Value::Text(Text::Utf8(ascii(inner)?))
        }
        op::UNICODE => Value::Text(text::unicode_line(line)?),
        _ => Value::Text(Text::Utf8(ascii(line)?)),
    })
}

/// Text with the escapes of a string of Python 2, which must be ASCII then.
fn ascii(line: &[u8]) -> Result<Cow<'_, str>, String> {
    let bytes = text::unescaped(line)?;
    if let Some(place) = bytes.iter().position(|byte| !byte.is_ascii()) {
        let byte = bytes.get(place).copied().unwrap_or(0);
        return Err(format!(
            "'ascii' codec can't decode byte {byte:#04x} in position {place}: \
             ordinal not in range(128)"
        ));
    }
    let text = match bytes {
        Cow::Borrowed(bytes) => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
        Cow::Owned(bytes) => String::from_utf8(bytes).ok().map(Cow::Owned),
    };
    Ok(text.unwrap_or_default())
}

/// Python's `float(line)`: an underscore may stand between two digits, and what is too large is
/// infinite.
fn float(line: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(line).ok()?;
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    if !text.contains('_') {
        return text.parse().ok();
    }
    let bytes = text.as_bytes();
    let is_digit = |place: Option<usize>| {
        place.and_then(|place| bytes.get(place)).is_some_and(u8::is_ascii_digit)
    };
    let between = |(place, &byte): (usize, &u8)| {
        byte != b'_' || is_digit(place.checked_sub(1)) && is_digit(Some(place + 1))
    };
    let whole = bytes.iter().enumerate().all(between);
    whole.then(|| text.replace('_', "").parse().ok()).flatten()
}

fn counted<'a>(
    opcode: &Opcode,
    rest: &'a [u8],
    (width, width_name): (usize, &str),
) -> Result<(Value<'a>, usize), String> {
    let Some(length) = rest.get(..width) else {
        return Err(format!("not enough data in stream to read {width_name}"));
    };
    let name = match opcode.code {
        op::LONG1 => "long1",
        op::LONG4 => "long4",
        op::BINSTRING => "string4",
        op::SHORT_BINSTRING => "string1",
        op::BINBYTES => "bytes4",
        op::SHORT_BINBYTES => "bytes1",
        op::BINBYTES8 => "bytes8",
        op::BYTEARRAY8 => "bytearray8",
        op::SHORT_BINUNICODE => "unicodestring1",
        op::BINUNICODE => "unicodestring4",
        _ => "unicodestring8",
    };
    let length = match width_name {
        "int4" => match Integer::from_bytes(length) {
            Integer::Small(negative @ ..0) => {
                return Err(format!("{name} byte count < 0: {negative}"));
            }
            _ => little_endian(length),
        },
        _ => little_endian(length),
    };
    if length > i64::MAX as u64 {
        return Err(format!("{name} byte count > sys.maxsize: {length}"));
    }
    let left = rest.get(width..).unwrap_or_default();
    let Some(bytes) = usize::try_from(length).ok().and_then(|length| left.get(..length)) else {
        return Err(match opcode.code {
            op::LONG1 | op::LONG4 => format!("not enough data in stream to read {name}"),
            _ => format!("expected {length} bytes in a {name}, but only {} remain", left.len()),
        });
    };
    let value = match opcode.code {
        op::LONG1 | op::LONG4 => {
            let number = Integer::from_bytes(bytes);
            if has_too_many_digits(&number) {
                return Err(too_many_digits());
            }
            Value::Int(number)
        }
        op::BINSTRING | op::SHORT_BINSTRING => Value::Latin1(bytes.into()),
        op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => Value::Bytes(bytes),
        op::BYTEARRAY8 => Value::ByteArray(bytes),
        _ => match Text::from_bytes(bytes) {
            Some(text) => Value::Text(text),
            None => return Err("'utf-8' codec can't decode the text".to_owned()),
        },
    };
    Ok((value, width + bytes.len()))
}

/// Whether Python would refuse to print the number: 10⁴³⁰⁰ has 14,285 bits.
fn has_too_many_digits(number: &Integer<'_>) -> bool {
    match number {
        Integer::Small(_) => false,
        Integer::Big(bytes) if bytes.len() < 1_785 => false,
        big => {
            let text = big.to_text();
            let digits = text.trim_start_matches('-');
            digits.starts_with("0x") || digits.len() > MAX_DIGITS
        }
    }
}

fn too_many_digits() -> String {
    format!("Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion")
}

/// The beginning of some bytes, as Python's `repr` prints them.
struct Quoted<'a>(&'a [u8]);

/// Bytes past which an error shows no more.
const MOST_QUOTED: usize = 100;

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get(..MOST_QUOTED) {
            Some(beginning) if self.0.len() > MOST_QUOTED => {
                write_bytes(f, beginning)?;
                f.write_str("…")
            }
            _ => write_bytes(f, self.0),
        }
    }
}

impl Value<'_> {
    /// Writes it as Python's `repr` prints it.
    pub(super) fn write(&self, out: &mut impl fmt::Write) -> fmt::Result {
        match self {
            Value::None => Ok(()),
            Value::Bool(true) => out.write_str("True"),
            Value::Bool(false) => out.write_str("False"),
            Value::Int(Integer::Small(number)) => write!(out, "{number}"),
            Value::Int(number) => out.write_str(&number.to_text()),
            Value::Float(number) => out.write_str(&float_repr(*number)),
            Value::Text(Text::Utf8(text)) => write_text(out, text.chars().map(Ok)),
            Value::Text(Text::Surrogates(bytes)) => write_text(out, text::scalars(bytes)),
            Value::Latin1(bytes) => write_text(out, bytes.iter().map(|&byte| Ok(char::from(byte)))),
            Value::Bytes(bytes) => write_bytes(out, bytes),
            Value::ByteArray(bytes) => write_bytearray(out, bytes),
        }
    }

    /// Its `repr`, or what fits of it into `most` columns with a `…` behind it: no more of it is
    /// looked at than that takes.
    pub(super) fn shortened(&self, most: usize) -> String {
        // A character has at most four bytes, and no byte gives less than a fourth of a column but
        // where accents pile up.
        let bytes = most.saturating_mul(8);
        let head = |bytes: &[u8], limit: usize| bytes.len() > limit;
        let mut text = String::new();
        // A String takes all that is written.
        let _ = match self {
            Value::Text(Text::Utf8(long)) if head(long.as_bytes(), bytes) => {
                let end = (0..=bytes).rev().find(|&end| long.is_char_boundary(end)).unwrap_or(0);
                let start = long.get(..end).unwrap_or_default();
                write_text(&mut text, start.chars().chain(['…']).map(Ok))
            }
            Value::Text(Text::Surrogates(long)) if head(long, bytes) => {
                let start = text::scalars(long).take(most).chain([Ok('…')]);
                write_text(&mut text, start)
            }
            Value::Latin1(long) if head(long, bytes) => {
                let start = long.iter().take(bytes).map(|&byte| Ok(char::from(byte)));
                write_text(&mut text, start)
            }
            Value::Bytes(long) if head(long, bytes) => {
                write_bytes(&mut text, long.get(..bytes).unwrap_or_default())
            }
            Value::ByteArray(long) if head(long, bytes) => {
                write_bytearray(&mut text, long.get(..bytes).unwrap_or_default())
            }
            short => short.write(&mut text),
        };
        crate::text::cut(&text, most).into_owned()
    }
}
