//! Numbers, texts, bytes and names of a graph, decoded from where they stand in the pickle.

use std::borrow::Cow;

use super::{Graph, Kind, Node, Origin, PIECE, Piece};
use crate::pickle::encoding::Encoding;
use crate::pickle::format::number::{self, IntLine, Integer};
use crate::pickle::format::op;
use crate::pickle::format::opcode::{Argument, Instruction};
use crate::pickle::format::renamed;
use crate::pickle::format::text::{self, Text};

/// What a string of Python 2 is.
pub(crate) enum Str<'g> {
    Text(Cow<'g, str>),
    Bytes(Cow<'g, [u8]>),
}

impl Graph<'_> {
    /// The argument of the opcode of a scalar. The machine has checked that it is there.
    #[inline]
    fn scalar(&self, offset: usize) -> (Argument, &[u8]) {
        match Instruction::read(&self.data, offset) {
            Ok(found) => (found.opcode.argument, found.argument(&self.data)),
            Err(_) => (Argument::None, &[]),
        }
    }

    /// How many bytes have to be looked at to decode a scalar or a name to import, beyond those of a
    /// short number: what it costs to decode it once more.
    #[inline]
    pub fn weight(&self, index: u32) -> u64 {
        let node = self.node(index);
        match node.kind {
            Kind::Int if self.short_integer(node).is_some() => 0,
            Kind::Float if self.data.get(node.place()) == Some(&op::BINFLOAT) => 0,
            Kind::Bytes | Kind::ByteArray if !self.pieces.is_empty() => match self.piece(node) {
                Some(piece) => piece.len() as u64,
                None => self.scalar(node.place()).1.len() as u64,
            },
            Kind::Int | Kind::Float | Kind::Text | Kind::String | Kind::Bytes | Kind::ByteArray => {
                self.scalar(node.place()).1.len() as u64
            }
            Kind::RawBytes => self.bytes(node).len() as u64,
            Kind::Object => self.object(node).map_or(0, |object| match object.origin {
                Origin::Global | Origin::PersistentName => {
                    self.scalar(object.offset as usize).1.len() as u64
                }
                Origin::StackGlobal => [object.callee, object.arguments]
                    .into_iter()
                    .map(|it| self.weight_of_text(it))
                    .sum(),
                _ => 0,
            }),
            _ => 0,
        }
    }

    fn weight_of_text(&self, index: u32) -> u64 {
        match self.node(index) {
            node if matches!(node.kind, Kind::Text | Kind::String) => {
                self.scalar(node.place()).1.len() as u64
            }
            _ => 0,
        }
    }

    /// An integer in one of the three usual forms.
    #[inline]
    pub fn short_integer(&self, node: Node) -> Option<i64> {
        match *self.data.get(node.place()..).unwrap_or_default() {
            [code @ (op::BININT1 | op::BININT2 | op::BININT), a, b, c, d, ..] => {
                Some(number::short_integer(code, [a, b, c, d]))
            }
            // So near to the end that there are no four bytes more.
            [op::BININT1, a, ..] => Some(i64::from(a)),
            [op::BININT2, a, b, ..] => Some(i64::from(u16::from_le_bytes([a, b]))),
            _ => None,
        }
    }

    pub fn integer(&self, node: Node) -> Integer<'_> {
        if let Some(small) = self.short_integer(node) {
            return Integer::Small(small);
        }
        let offset = node.place();
        let (argument, bytes) = self.scalar(offset);
        if argument != Argument::Line {
            return Integer::from_bytes(bytes);
        }
        // The machine has read the line before, so it is one of these two.
        match self.data.get(offset).copied() {
            Some(op::INT) => match number::int_line(bytes) {
                Ok(IntLine::Int(integer)) => integer,
                _ => Integer::Small(0),
            },
            _ => number::long_line(bytes).unwrap_or(Integer::Small(0)),
        }
    }

    #[inline]
    pub fn float(&self, node: Node) -> f64 {
        let offset = node.place();
        if let Some([op::BINFLOAT, a, b, c, d, e, f, g, h]) = self.data.get(offset..offset + 9) {
            return f64::from_be_bytes([*a, *b, *c, *d, *e, *f, *g, *h]);
        }
        number::float_line(self.scalar(offset).1).unwrap_or(f64::NAN)
    }

    /// Text in one of the two usual forms.
    #[inline]
    pub fn short_text(&self, node: Node) -> Option<&str> {
        let bytes = match *self.data.get(node.place()..).unwrap_or_default() {
            [op::SHORT_BINUNICODE, length, ref rest @ ..] => rest.get(..usize::from(length)),
            [op::BINUNICODE, a, b, c, d, ref rest @ ..] => {
                rest.get(..u32::from_le_bytes([a, b, c, d]) as usize)
            }
            _ => None,
        };
        std::str::from_utf8(bytes?).ok()
    }

    pub fn text(&self, node: Node) -> Text<'_> {
        if let Some(text) = self.short_text(node) {
            return Text::Utf8(Cow::Borrowed(text));
        }
        let (argument, bytes) = self.scalar(node.place());
        let text = match argument {
            Argument::Line => text::unicode_line(bytes).ok(),
            _ => Text::from_bytes(bytes),
        };
        text.unwrap_or(Text::Utf8(Cow::Borrowed("")))
    }

    /// The bytes of bytes, a bytearray, or a string of Python 2.
    #[inline]
    pub fn bytes(&self, node: Node) -> Cow<'_, [u8]> {
        if node.kind == Kind::RawBytes {
            let extent = self.extents.get(node.place());
            let bytes = extent.and_then(|extent| self.data.get(extent.content..extent.end));
            return Cow::Borrowed(bytes.unwrap_or_default());
        }
        if let Some(piece) = self.piece(node) {
            return piece.bytes();
        }
        let (argument, bytes) = self.scalar(node.place());
        match argument {
            Argument::Line => text::string_line(bytes).unwrap_or_default(),
            _ => Cow::Borrowed(bytes),
        }
    }

    /// A string of Python 2, as the reader wants it.
    pub fn string(&self, node: Node) -> Str<'_> {
        let bytes = self.bytes(node);
        match (self.encoding, bytes) {
            (Some(Encoding::Bytes), bytes) => Str::Bytes(bytes),
            (Some(Encoding::Latin1), bytes) if !bytes.is_ascii() => {
                Str::Text(bytes.iter().copied().map(char::from).collect::<String>().into())
            }
            // The machine has refused what is not as it was asked for.
            (_, Cow::Borrowed(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => Str::Text(Cow::Borrowed(text)),
                Err(_) => Str::Bytes(Cow::Borrowed(bytes)),
            },
            (_, Cow::Owned(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => Str::Text(Cow::Owned(text)),
                Err(error) => Str::Bytes(Cow::Owned(error.into_bytes())),
            },
        }
    }

    /// Long bytes that are kept beside the data.
    #[inline]
    pub fn piece(&self, node: Node) -> Option<&Piece<'_>> {
        if self.pieces.is_empty() || !matches!(node.kind, Kind::Bytes | Kind::ByteArray) {
            return None;
        }
        match *self.data.get(node.place()..)? {
            [PIECE, a, b, c, d, ..] => self.pieces.get(u32::from_le_bytes([a, b, c, d]) as usize),
            _ => None,
        }
    }

    /// Two lines behind the opcode at `offset`.
    pub fn lines(&self, offset: u64) -> (&str, &str) {
        let (_, bytes) = self.scalar(offset as usize);
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        text.split_once('\n').unwrap_or((text, ""))
    }

    /// Module and name, if the object is an imported name; as Python 3 calls them.
    pub fn global(&self, index: u32) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let (module, name) = self.global_as_written(index)?;
        if self.protocol_at(self.offset(index)) < 3 {
            let new = renamed::to_python_3(&module, &name);
            if new != (&*module, &*name) {
                return Some((new.0.to_owned().into(), new.1.to_owned().into()));
            }
        }
        Some((module, name))
    }

    /// Module and name, if the object is an imported name.
    pub fn global_as_written(&self, index: u32) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
        let object = self.object(self.node(index))?;
        match object.origin {
            Origin::Global => {
                let (module, name) = self.lines(object.offset);
                Some((module.into(), name.into()))
            }
            Origin::StackGlobal => {
                let part = |index| {
                    let node = self.node(index);
                    match self.text(node) {
                        _ if node.kind == Kind::String => match self.string(node) {
                            Str::Text(text) => Some(text),
                            Str::Bytes(_) => None,
                        },
                        _ if node.kind != Kind::Text => None,
                        Text::Utf8(text) => Some(text),
                        Text::Surrogates(bytes) => {
                            Some(Cow::Owned(String::from_utf8_lossy(&bytes).into()))
                        }
                    }
                };
                Some((part(object.callee)?, part(object.arguments)?))
            }
            _ => None,
        }
    }
}
