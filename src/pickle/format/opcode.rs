//! The 68 opcodes of pickle protocols 0 to 5.
//!
//! The table follows `pickletools.opcodes` of Python 3.11, in its order; what each opcode does in
//! detail follows `Modules/_pickle.c`.

use crate::pickle::error::{Error, ErrorKind};

/// One opcode.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Opcode {
    /// Its name in Python's `pickletools`.
    pub name: &'static str,
    /// The byte.
    pub code: u8,
    /// What follows the byte.
    pub argument: Argument,
    /// The protocol that brought it.
    pub protocol: u8,
    /// What it does, in a few words.
    pub summary: &'static str,
    pub(crate) effect: Effect,
}

/// What follows an opcode in the stream. All numbers are little-endian but [`Argument::Float8`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Argument {
    /// Nothing.
    None,
    /// An unsigned byte.
    Uint1,
    /// An unsigned integer of two bytes.
    Uint2,
    /// A signed integer of four bytes.
    Int4,
    /// An unsigned integer of four bytes.
    Uint4,
    /// An unsigned integer of eight bytes.
    Uint8,
    /// A float of eight bytes, big-endian.
    Float8,
    /// Text up to the next newline.
    Line,
    /// Two lines: a module and a name.
    TwoLines,
    /// A length of one byte and as many bytes.
    Counted1,
    /// A length of four bytes and as many bytes.
    Counted4,
    /// A signed length of four bytes, which must not be negative, and as many bytes.
    CountedSigned4,
    /// A length of eight bytes and as many bytes.
    Counted8,
}

/// What an opcode does to the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Int,
    String,
    Bytes,
    ByteArray,
    NextBuffer,
    ReadonlyBuffer,
    None,
    True,
    False,
    Text,
    Float,
    EmptyList,
    Append,
    Appends,
    List,
    EmptyTuple,
    Tuple,
    Tuple1,
    Tuple2,
    Tuple3,
    EmptyDict,
    Dict,
    SetItem,
    SetItems,
    EmptySet,
    AddItems,
    FrozenSet,
    Pop,
    Dup,
    Mark,
    PopMark,
    Get,
    Put,
    Memoize,
    Extension,
    Global,
    StackGlobal,
    Reduce,
    Build,
    Inst,
    Obj,
    NewObj,
    NewObjEx,
    Proto,
    Stop,
    Frame,
    PersistentName,
    PersistentObject,
}

const fn opcode(
    name: &'static str,
    code: u8,
    argument: Argument,
    effect: Effect,
    protocol: u8,
    summary: &'static str,
) -> Opcode {
    Opcode { name, code, argument, protocol, summary, effect }
}

/// All opcodes, grouped as in Python's `pickletools`.
#[rustfmt::skip]
pub static OPCODES: [Opcode; 68] = [
    opcode("INT", b'I', Argument::Line, Effect::Int, 0, "pushes an integer, or a boolean written as 00 or 01"),
    opcode("BININT", b'J', Argument::Int4, Effect::Int, 1, "pushes a signed integer of four bytes"),
    opcode("BININT1", b'K', Argument::Uint1, Effect::Int, 1, "pushes an unsigned integer of one byte"),
    opcode("BININT2", b'M', Argument::Uint2, Effect::Int, 1, "pushes an unsigned integer of two bytes"),
    opcode("LONG", b'L', Argument::Line, Effect::Int, 0, "pushes an integer of any size, written in digits"),
    opcode("LONG1", b'\x8a', Argument::Counted1, Effect::Int, 2, "pushes an integer of up to 255 bytes"),
    opcode("LONG4", b'\x8b', Argument::CountedSigned4, Effect::Int, 2, "pushes an integer of up to 2³¹-1 bytes"),
    opcode("STRING", b'S', Argument::Line, Effect::String, 0, "pushes a string of Python 2, quoted"),
    opcode("BINSTRING", b'T', Argument::CountedSigned4, Effect::String, 1, "pushes a string of Python 2"),
    opcode("SHORT_BINSTRING", b'U', Argument::Counted1, Effect::String, 1, "pushes a string of Python 2 of up to 255 bytes"),
    opcode("BINBYTES", b'B', Argument::Counted4, Effect::Bytes, 3, "pushes bytes"),
    opcode("SHORT_BINBYTES", b'C', Argument::Counted1, Effect::Bytes, 3, "pushes up to 255 bytes"),
    opcode("BINBYTES8", b'\x8e', Argument::Counted8, Effect::Bytes, 4, "pushes bytes, more than 4 GiB if need be"),
    opcode("BYTEARRAY8", b'\x96', Argument::Counted8, Effect::ByteArray, 5, "pushes a bytearray"),
    opcode("NEXT_BUFFER", b'\x97', Argument::None, Effect::NextBuffer, 5, "pushes the next buffer that travels beside the pickle"),
    opcode("READONLY_BUFFER", b'\x98', Argument::None, Effect::ReadonlyBuffer, 5, "makes the buffer on top of the stack read-only"),
    opcode("NONE", b'N', Argument::None, Effect::None, 0, "pushes None"),
    opcode("NEWTRUE", b'\x88', Argument::None, Effect::True, 2, "pushes True"),
    opcode("NEWFALSE", b'\x89', Argument::None, Effect::False, 2, "pushes False"),
    opcode("UNICODE", b'V', Argument::Line, Effect::Text, 0, "pushes text, written with escapes"),
    opcode("SHORT_BINUNICODE", b'\x8c', Argument::Counted1, Effect::Text, 4, "pushes text of up to 255 bytes of UTF-8"),
    opcode("BINUNICODE", b'X', Argument::Counted4, Effect::Text, 1, "pushes text in UTF-8"),
    opcode("BINUNICODE8", b'\x8d', Argument::Counted8, Effect::Text, 4, "pushes text in UTF-8, more than 4 GiB if need be"),
    opcode("FLOAT", b'F', Argument::Line, Effect::Float, 0, "pushes a float, written in digits"),
    opcode("BINFLOAT", b'G', Argument::Float8, Effect::Float, 1, "pushes a float of eight bytes"),
    opcode("EMPTY_LIST", b']', Argument::None, Effect::EmptyList, 1, "pushes an empty list"),
    opcode("APPEND", b'a', Argument::None, Effect::Append, 0, "appends the top of the stack to the list below it"),
    opcode("APPENDS", b'e', Argument::None, Effect::Appends, 1, "appends all above the mark to the list below it"),
    opcode("LIST", b'l', Argument::None, Effect::List, 0, "makes a list of all above the mark"),
    opcode("EMPTY_TUPLE", b')', Argument::None, Effect::EmptyTuple, 1, "pushes an empty tuple"),
    opcode("TUPLE", b't', Argument::None, Effect::Tuple, 0, "makes a tuple of all above the mark"),
    opcode("TUPLE1", b'\x85', Argument::None, Effect::Tuple1, 2, "makes a tuple of the top of the stack"),
    opcode("TUPLE2", b'\x86', Argument::None, Effect::Tuple2, 2, "makes a tuple of the two topmost"),
    opcode("TUPLE3", b'\x87', Argument::None, Effect::Tuple3, 2, "makes a tuple of the three topmost"),
    opcode("EMPTY_DICT", b'}', Argument::None, Effect::EmptyDict, 1, "pushes an empty dictionary"),
    opcode("DICT", b'd', Argument::None, Effect::Dict, 0, "makes a dictionary of the keys and values above the mark"),
    opcode("SETITEM", b's', Argument::None, Effect::SetItem, 0, "sets one key of the dictionary below"),
    opcode("SETITEMS", b'u', Argument::None, Effect::SetItems, 1, "sets the keys above the mark in the dictionary below it"),
    opcode("EMPTY_SET", b'\x8f', Argument::None, Effect::EmptySet, 4, "pushes an empty set"),
    opcode("ADDITEMS", b'\x90', Argument::None, Effect::AddItems, 4, "adds all above the mark to the set below it"),
    opcode("FROZENSET", b'\x91', Argument::None, Effect::FrozenSet, 4, "makes a frozenset of all above the mark"),
    opcode("POP", b'0', Argument::None, Effect::Pop, 0, "drops the top of the stack"),
    opcode("DUP", b'2', Argument::None, Effect::Dup, 0, "pushes the top of the stack once more"),
    opcode("MARK", b'(', Argument::None, Effect::Mark, 0, "sets a mark"),
    opcode("POP_MARK", b'1', Argument::None, Effect::PopMark, 1, "drops all above the mark, and the mark"),
    opcode("GET", b'g', Argument::Line, Effect::Get, 0, "pushes an object from the memo, its number in digits"),
    opcode("BINGET", b'h', Argument::Uint1, Effect::Get, 1, "pushes an object from the memo, its number in one byte"),
    opcode("LONG_BINGET", b'j', Argument::Uint4, Effect::Get, 1, "pushes an object from the memo, its number in four bytes"),
    opcode("PUT", b'p', Argument::Line, Effect::Put, 0, "puts the top of the stack into the memo, its number in digits"),
    opcode("BINPUT", b'q', Argument::Uint1, Effect::Put, 1, "puts the top of the stack into the memo, its number in one byte"),
    opcode("LONG_BINPUT", b'r', Argument::Uint4, Effect::Put, 1, "puts the top of the stack into the memo, its number in four bytes"),
    opcode("MEMOIZE", b'\x94', Argument::None, Effect::Memoize, 4, "puts the top of the stack into the memo under the next number"),
    opcode("EXT1", b'\x82', Argument::Uint1, Effect::Extension, 2, "pushes what is registered under a code of one byte"),
    opcode("EXT2", b'\x83', Argument::Uint2, Effect::Extension, 2, "pushes what is registered under a code of two bytes"),
    opcode("EXT4", b'\x84', Argument::Int4, Effect::Extension, 2, "pushes what is registered under a code of four bytes"),
    opcode("GLOBAL", b'c', Argument::TwoLines, Effect::Global, 0, "imports a name from a module"),
    opcode("STACK_GLOBAL", b'\x93', Argument::None, Effect::StackGlobal, 4, "imports the name on top of the stack from the module below it"),
    opcode("REDUCE", b'R', Argument::None, Effect::Reduce, 0, "calls what is below with the arguments on top"),
    opcode("BUILD", b'b', Argument::None, Effect::Build, 0, "gives the object below the state on top"),
    opcode("INST", b'i', Argument::TwoLines, Effect::Inst, 0, "imports a class and calls it with all above the mark"),
    opcode("OBJ", b'o', Argument::None, Effect::Obj, 1, "calls the class just above the mark with all above it"),
    opcode("NEWOBJ", b'\x81', Argument::None, Effect::NewObj, 2, "makes an object of the class below with the arguments on top"),
    opcode("NEWOBJ_EX", b'\x92', Argument::None, Effect::NewObjEx, 4, "makes an object of a class with arguments and named arguments"),
    opcode("PROTO", b'\x80', Argument::Uint1, Effect::Proto, 2, "says which protocol follows"),
    opcode("STOP", b'.', Argument::None, Effect::Stop, 0, "ends the pickle: the top of the stack is its object"),
    opcode("FRAME", b'\x95', Argument::Uint8, Effect::Frame, 4, "says how many bytes follow in one piece"),
    opcode("PERSID", b'P', Argument::Line, Effect::PersistentName, 0, "pushes the object that the application knows by this name"),
    opcode("BINPERSID", b'Q', Argument::None, Effect::PersistentObject, 1, "pushes the object that the application knows by the object on top"),
];

/// For each byte, its place in [`OPCODES`], or 255.
static PLACES: [u8; 256] = {
    let mut places = [u8::MAX; 256];
    let mut place = 0;
    while place < OPCODES.len() {
        places[OPCODES[place].code as usize] = place as u8;
        place += 1;
    }
    places
};

impl Opcode {
    /// The opcode that a byte stands for.
    ///
    /// ```
    /// use picklebook::pickle::Opcode;
    ///
    /// assert_eq!(Opcode::from_code(b'.').map(|opcode| opcode.name), Some("STOP"));
    /// assert!(Opcode::from_code(b'z').is_none());
    /// ```
    #[inline]
    pub fn from_code(code: u8) -> Option<&'static Opcode> {
        OPCODES.get(usize::from(PLACES[usize::from(code)]))
    }
}

/// An opcode in a stream, with the place of its argument.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instruction {
    pub opcode: &'static Opcode,
    /// Where the bytes of the argument begin: behind a length, if there is one.
    pub start: usize,
    /// Where they end; a line's newline is not among them.
    pub end: usize,
    /// Where the next opcode begins.
    pub next: usize,
}

impl Instruction {
    /// Reads the opcode at `offset` and finds its argument. Nothing is allocated, whatever length
    /// is declared.
    #[inline]
    pub fn read(data: &[u8], offset: usize) -> Result<Instruction, Error> {
        let Some(&code) = data.get(offset) else {
            return Err(damaged(offset, "", "the data ends before STOP; it was cut short"));
        };
        let Some(opcode) = Opcode::from_code(code) else {
            return Err(unknown(offset, code));
        };
        let start = offset + 1;
        let fixed = |length: usize| {
            let end = start + length;
            if end > data.len() {
                return Err(cut_short(offset, opcode));
            }
            Ok(Instruction { opcode, start, end, next: end })
        };
        match opcode.argument {
            Argument::None => Ok(Instruction { opcode, start, end: start, next: start }),
            Argument::Uint1 => fixed(1),
            Argument::Uint2 => fixed(2),
            Argument::Int4 | Argument::Uint4 => fixed(4),
            Argument::Uint8 | Argument::Float8 => fixed(8),
            Argument::Counted1 => counted(data, offset, opcode, 1),
            Argument::Counted4 | Argument::CountedSigned4 => counted(data, offset, opcode, 4),
            Argument::Counted8 => counted(data, offset, opcode, 8),
            Argument::Line => {
                let end = line_end(data, offset, opcode, start)?;
                Ok(Instruction { opcode, start, end, next: end + 1 })
            }
            Argument::TwoLines => {
                let middle = line_end(data, offset, opcode, start)?;
                let end = line_end(data, offset, opcode, middle + 1)?;
                Ok(Instruction { opcode, start, end, next: end + 1 })
            }
        }
    }

    /// The bytes of the argument.
    #[inline]
    pub fn argument<'a>(&self, data: &'a [u8]) -> &'a [u8] {
        data.get(self.start..self.end).unwrap_or_default()
    }

    /// The argument of up to eight bytes as an unsigned integer.
    #[inline]
    pub fn unsigned(&self, data: &[u8]) -> u64 {
        little_endian(self.argument(data))
    }
}

#[inline]
pub(crate) fn little_endian(bytes: &[u8]) -> u64 {
    match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => bytes.iter().take(8).rev().fold(0, |sum, &byte| sum << 8 | u64::from(byte)),
    }
}

#[inline]
fn counted(
    data: &[u8],
    offset: usize,
    opcode: &'static Opcode,
    width: usize,
) -> Result<Instruction, Error> {
    let start = offset + 1 + width;
    let Some(length) = data.get(offset + 1..start).map(little_endian) else {
        return Err(cut_short(offset, opcode));
    };
    if opcode.argument == Argument::CountedSigned4 && length > i32::MAX as u64 {
        return Err(damaged(offset, opcode.name, "a negative length"));
    }
    let left = data.len() - start;
    match usize::try_from(length) {
        Ok(length) if length <= left => {
            Ok(Instruction { opcode, start, end: start + length, next: start + length })
        }
        _ => Err(damaged(
            offset,
            opcode.name,
            &format!(
                "{length} bytes are declared, but only {left} are left; it was cut short or is damaged"
            ),
        )),
    }
}

fn line_end(
    data: &[u8],
    offset: usize,
    opcode: &'static Opcode,
    start: usize,
) -> Result<usize, Error> {
    match data.get(start..).and_then(|rest| rest.iter().position(|&byte| byte == b'\n')) {
        Some(length) => Ok(start + length),
        None => Err(cut_short(offset, opcode)),
    }
}

#[cold]
fn cut_short(offset: usize, opcode: &'static Opcode) -> Error {
    damaged(offset, opcode.name, "the data ends inside the argument; it was cut short")
}

#[cold]
fn unknown(offset: usize, code: u8) -> Error {
    let what = if offset == 0 { "; is the file a pickle, not compressed?" } else { "" };
    damaged(offset, "", &format!("{code:#04x} is not an opcode{what}"))
}

#[cold]
pub(crate) fn damaged(offset: usize, opcode: &'static str, problem: &str) -> Error {
    ErrorKind::Damaged { offset: offset as u64, opcode, problem: problem.to_owned() }.into()
}
