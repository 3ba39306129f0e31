//! The 68 opcodes of pickle protocols 0 to 5.
//!
//! The table follows `pickletools.opcodes` of Python 3.11, in its order; what each opcode does in
//! detail follows `Modules/_pickle.c`.

use crate::pickle::error::{Error, ErrorKind};

/// One opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// Makes the table of opcodes and a constant for each of their bytes.
macro_rules! opcodes {
    ($($name:ident = $code:literal, $argument:ident, $effect:ident, $protocol:literal, $summary:literal;)+) => {
        /// The opcodes' bytes, by the names of Python's `pickletools`.
        pub mod op {
            $(#[doc = concat!("The opcode that ", $summary, ".")]
            pub const $name: u8 = $code;)+
        }

        /// All opcodes, grouped as in Python's `pickletools`.
        pub static OPCODES: [Opcode; 68] = [
            $(Opcode {
                name: stringify!($name),
                code: op::$name,
                argument: Argument::$argument,
                protocol: $protocol,
                summary: $summary,
                effect: Effect::$effect,
            },)+
        ];
    };
}

#[rustfmt::skip]
opcodes! {
    INT = b'I', Line, Int, 0, "pushes an integer, or a boolean written as 00 or 01";
    BININT = b'J', Int4, Int, 1, "pushes a signed integer of four bytes";
    BININT1 = b'K', Uint1, Int, 1, "pushes an unsigned integer of one byte";
    BININT2 = b'M', Uint2, Int, 1, "pushes an unsigned integer of two bytes";
    LONG = b'L', Line, Int, 0, "pushes an integer of any size, written in digits";
    LONG1 = b'\x8a', Counted1, Int, 2, "pushes an integer of up to 255 bytes";
    LONG4 = b'\x8b', CountedSigned4, Int, 2, "pushes an integer of up to 2³¹-1 bytes";
    STRING = b'S', Line, String, 0, "pushes a string of Python 2, quoted";
    BINSTRING = b'T', CountedSigned4, String, 1, "pushes a string of Python 2";
    SHORT_BINSTRING = b'U', Counted1, String, 1, "pushes a string of Python 2 of up to 255 bytes";
    BINBYTES = b'B', Counted4, Bytes, 3, "pushes bytes";
    SHORT_BINBYTES = b'C', Counted1, Bytes, 3, "pushes up to 255 bytes";
    BINBYTES8 = b'\x8e', Counted8, Bytes, 4, "pushes bytes, more than 4 GiB if need be";
    BYTEARRAY8 = b'\x96', Counted8, ByteArray, 5, "pushes a bytearray";
    NEXT_BUFFER = b'\x97', None, NextBuffer, 5, "pushes the next buffer that travels beside the pickle";
    READONLY_BUFFER = b'\x98', None, ReadonlyBuffer, 5, "makes the buffer on top of the stack read-only";
    NONE = b'N', None, None, 0, "pushes None";
    NEWTRUE = b'\x88', None, True, 2, "pushes True";
    NEWFALSE = b'\x89', None, False, 2, "pushes False";
    UNICODE = b'V', Line, Text, 0, "pushes text, written with escapes";
    SHORT_BINUNICODE = b'\x8c', Counted1, Text, 4, "pushes text of up to 255 bytes of UTF-8";
    BINUNICODE = b'X', Counted4, Text, 1, "pushes text in UTF-8";
    BINUNICODE8 = b'\x8d', Counted8, Text, 4, "pushes text in UTF-8, more than 4 GiB if need be";
    FLOAT = b'F', Line, Float, 0, "pushes a float, written in digits";
    BINFLOAT = b'G', Float8, Float, 1, "pushes a float of eight bytes";
    EMPTY_LIST = b']', None, EmptyList, 1, "pushes an empty list";
    APPEND = b'a', None, Append, 0, "appends the top of the stack to the list below it";
    APPENDS = b'e', None, Appends, 1, "appends all above the mark to the list below it";
    LIST = b'l', None, List, 0, "makes a list of all above the mark";
    EMPTY_TUPLE = b')', None, EmptyTuple, 1, "pushes an empty tuple";
    TUPLE = b't', None, Tuple, 0, "makes a tuple of all above the mark";
    TUPLE1 = b'\x85', None, Tuple1, 2, "makes a tuple of the top of the stack";
    TUPLE2 = b'\x86', None, Tuple2, 2, "makes a tuple of the two topmost";
    TUPLE3 = b'\x87', None, Tuple3, 2, "makes a tuple of the three topmost";
    EMPTY_DICT = b'}', None, EmptyDict, 1, "pushes an empty dictionary";
    DICT = b'd', None, Dict, 0, "makes a dictionary of the keys and values above the mark";
    SETITEM = b's', None, SetItem, 0, "sets one key of the dictionary below";
    SETITEMS = b'u', None, SetItems, 1, "sets the keys above the mark in the dictionary below it";
    EMPTY_SET = b'\x8f', None, EmptySet, 4, "pushes an empty set";
    ADDITEMS = b'\x90', None, AddItems, 4, "adds all above the mark to the set below it";
    FROZENSET = b'\x91', None, FrozenSet, 4, "makes a frozenset of all above the mark";
    POP = b'0', None, Pop, 0, "drops the top of the stack";
    DUP = b'2', None, Dup, 0, "pushes the top of the stack once more";
    MARK = b'(', None, Mark, 0, "sets a mark";
    POP_MARK = b'1', None, PopMark, 1, "drops all above the mark, and the mark";
    GET = b'g', Line, Get, 0, "pushes an object from the memo, its number in digits";
    BINGET = b'h', Uint1, Get, 1, "pushes an object from the memo, its number in one byte";
    LONG_BINGET = b'j', Uint4, Get, 1, "pushes an object from the memo, its number in four bytes";
    PUT = b'p', Line, Put, 0, "puts the top of the stack into the memo, its number in digits";
    BINPUT = b'q', Uint1, Put, 1, "puts the top of the stack into the memo, its number in one byte";
    LONG_BINPUT = b'r', Uint4, Put, 1, "puts the top of the stack into the memo, its number in four bytes";
    MEMOIZE = b'\x94', None, Memoize, 4, "puts the top of the stack into the memo under the next number";
    EXT1 = b'\x82', Uint1, Extension, 2, "pushes what is registered under a code of one byte";
    EXT2 = b'\x83', Uint2, Extension, 2, "pushes what is registered under a code of two bytes";
    EXT4 = b'\x84', Int4, Extension, 2, "pushes what is registered under a code of four bytes";
    GLOBAL = b'c', TwoLines, Global, 0, "imports a name from a module";
    STACK_GLOBAL = b'\x93', None, StackGlobal, 4, "imports the name on top of the stack from the module below it";
    REDUCE = b'R', None, Reduce, 0, "calls what is below with the arguments on top";
    BUILD = b'b', None, Build, 0, "gives the object below the state on top";
    INST = b'i', TwoLines, Inst, 0, "imports a class and calls it with all above the mark";
    OBJ = b'o', None, Obj, 1, "calls the class just above the mark with all above it";
    NEWOBJ = b'\x81', None, NewObj, 2, "makes an object of the class below with the arguments on top";
    NEWOBJ_EX = b'\x92', None, NewObjEx, 4, "makes an object of a class with arguments and named arguments";
    PROTO = b'\x80', Uint1, Proto, 2, "says which protocol follows";
    STOP = b'.', None, Stop, 0, "ends the pickle: the top of the stack is its object";
    FRAME = b'\x95', Uint8, Frame, 4, "says how many bytes follow in one piece";
    PERSID = b'P', Line, PersistentName, 0, "pushes the object that the application knows by this name";
    BINPERSID = b'Q', None, PersistentObject, 1, "pushes the object that the application knows by the object on top";
}

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

    /// Its place in [`OPCODES`].
    #[inline]
    pub(crate) fn place(&self) -> usize {
        usize::from(PLACES[usize::from(self.code)])
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
