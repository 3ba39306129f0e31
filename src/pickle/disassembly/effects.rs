//! What `pickletools` knows of each opcode: what it takes from the stack and what it puts there, and
//! the first line of its documentation.
//!
//! The table is that of Python 3.11.

use crate::pickle::format::opcode::Opcode;

/// What `pickletools` tells apart on its stack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Object {
    Int,
    IntOrBool,
    BytesOrStr,
    Bytes,
    ByteArray,
    Buffer,
    None,
    Bool,
    Str,
    Float,
    List,
    Tuple,
    Dict,
    Set,
    FrozenSet,
    Any,
    Mark,
    StackSlice,
}

impl Object {
    /// All, in their order.
    const ALL: [(Object, &'static str); 18] = [
        (Object::Int, "int"),
        (Object::IntOrBool, "int_or_bool"),
        (Object::BytesOrStr, "bytes_or_str"),
        (Object::Bytes, "bytes"),
        (Object::ByteArray, "bytearray"),
        (Object::Buffer, "buffer"),
        (Object::None, "None"),
        (Object::Bool, "bool"),
        (Object::Str, "str"),
        (Object::Float, "float"),
        (Object::List, "list"),
        (Object::Tuple, "tuple"),
        (Object::Dict, "dict"),
        (Object::Set, "set"),
        (Object::FrozenSet, "frozenset"),
        (Object::Any, "any"),
        (Object::Mark, "mark"),
        (Object::StackSlice, "stackslice"),
    ];

    /// Its name in `pickletools`.
    pub(super) fn name(self) -> &'static str {
        Object::ALL.get(self as usize).map_or("any", |(_, name)| name)
    }

    /// The other way round from `object as u32`.
    pub(super) fn from_number(number: u32) -> Object {
        Object::ALL.get(number as usize).map_or(Object::Any, |(object, _)| *object)
    }
}

/// What one opcode does.
#[derive(Debug)]
pub(super) struct Effects {
    /// What it takes; up to a mark, if one is among it.
    pub(super) before: &'static [Object],
    /// What it puts there.
    pub(super) after: &'static [Object],
    /// The first line of its documentation.
    pub(super) doc: &'static str,
}

/// The effects of an opcode.
pub(super) fn effects(opcode: &Opcode) -> &'static Effects {
    static NOTHING: Effects = Effects { before: &[], after: &[], doc: "" };
    EFFECTS.get(opcode.place()).unwrap_or(&NOTHING)
}

const fn row(before: &'static [Object], after: &'static [Object], doc: &'static str) -> Effects {
    Effects { before, after, doc }
}

use Object::*;

/// In the order of [`OPCODES`](crate::pickle::OPCODES).
#[rustfmt::skip]
static EFFECTS: [Effects; 68] = [
    row(&[], &[IntOrBool], "Push an integer or bool."), // INT
    row(&[], &[Int], "Push a four-byte signed integer."), // BININT
    row(&[], &[Int], "Push a one-byte unsigned integer."), // BININT1
    row(&[], &[Int], "Push a two-byte unsigned integer."), // BININT2
    row(&[], &[Int], "Push a long integer."), // LONG
    row(&[], &[Int], "Long integer using one-byte length."), // LONG1
    row(&[], &[Int], "Long integer using found-byte length."), // LONG4
    row(&[], &[BytesOrStr], "Push a Python string object."), // STRING
    row(&[], &[BytesOrStr], "Push a Python string object."), // BINSTRING
    row(&[], &[BytesOrStr], "Push a Python string object."), // SHORT_BINSTRING
    row(&[], &[Bytes], "Push a Python bytes object."), // BINBYTES
    row(&[], &[Bytes], "Push a Python bytes object."), // SHORT_BINBYTES
    row(&[], &[Bytes], "Push a Python bytes object."), // BINBYTES8
    row(&[], &[ByteArray], "Push a Python bytearray object."), // BYTEARRAY8
    row(&[], &[Buffer], "Push an out-of-band buffer object."), // NEXT_BUFFER
    row(&[Buffer], &[Buffer], "Make an out-of-band buffer object read-only."), // READONLY_BUFFER
    row(&[], &[None], "Push None on the stack."), // NONE
    row(&[], &[Bool], "Push True onto the stack."), // NEWTRUE
    row(&[], &[Bool], "Push False onto the stack."), // NEWFALSE
    row(&[], &[Str], "Push a Python Unicode string object."), // UNICODE
    row(&[], &[Str], "Push a Python Unicode string object."), // SHORT_BINUNICODE
    row(&[], &[Str], "Push a Python Unicode string object."), // BINUNICODE
    row(&[], &[Str], "Push a Python Unicode string object."), // BINUNICODE8
    row(&[], &[Float], "Newline-terminated decimal float literal."), // FLOAT
    row(&[], &[Float], "Float stored in binary form, with 8 bytes of data."), // BINFLOAT
    row(&[], &[List], "Push an empty list."), // EMPTY_LIST
    row(&[List, Any], &[List], "Append an object to a list."), // APPEND
    row(&[List, Mark, StackSlice], &[List], "Extend a list by a slice of stack objects."), // APPENDS
    row(&[Mark, StackSlice], &[List], "Build a list out of the topmost stack slice, after markobject."), // LIST
    row(&[], &[Tuple], "Push an empty tuple."), // EMPTY_TUPLE
    row(&[Mark, StackSlice], &[Tuple], "Build a tuple out of the topmost stack slice, after markobject."), // TUPLE
    row(&[Any], &[Tuple], "Build a one-tuple out of the topmost item on the stack."), // TUPLE1
    row(&[Any, Any], &[Tuple], "Build a two-tuple out of the top two items on the stack."), // TUPLE2
    row(&[Any, Any, Any], &[Tuple], "Build a three-tuple out of the top three items on the stack."), // TUPLE3
    row(&[], &[Dict], "Push an empty dict."), // EMPTY_DICT
    row(&[Mark, StackSlice], &[Dict], "Build a dict out of the topmost stack slice, after markobject."), // DICT
    row(&[Dict, Any, Any], &[Dict], "Add a key+value pair to an existing dict."), // SETITEM
    row(&[Dict, Mark, StackSlice], &[Dict], "Add an arbitrary number of key+value pairs to an existing dict."), // SETITEMS
    row(&[], &[Set], "Push an empty set."), // EMPTY_SET
    row(&[Set, Mark, StackSlice], &[Set], "Add an arbitrary number of items to an existing set."), // ADDITEMS
    row(&[Mark, StackSlice], &[FrozenSet], "Build a frozenset out of the topmost slice, after markobject."), // FROZENSET
    row(&[Any], &[], "Discard the top stack item, shrinking the stack by one item."), // POP
    row(&[Any], &[Any, Any], "Push the top stack item onto the stack again, duplicating it."), // DUP
    row(&[], &[Mark], "Push markobject onto the stack."), // MARK
    row(&[Mark, StackSlice], &[], "Pop all the stack objects at and above the topmost markobject."), // POP_MARK
    row(&[], &[Any], "Read an object from the memo and push it on the stack."), // GET
    row(&[], &[Any], "Read an object from the memo and push it on the stack."), // BINGET
    row(&[], &[Any], "Read an object from the memo and push it on the stack."), // LONG_BINGET
    row(&[], &[], "Store the stack top into the memo.  The stack is not popped."), // PUT
    row(&[], &[], "Store the stack top into the memo.  The stack is not popped."), // BINPUT
    row(&[], &[], "Store the stack top into the memo.  The stack is not popped."), // LONG_BINPUT
    row(&[Any], &[Any], "Store the stack top into the memo.  The stack is not popped."), // MEMOIZE
    row(&[], &[Any], "Extension code."), // EXT1
    row(&[], &[Any], "Extension code."), // EXT2
    row(&[], &[Any], "Extension code."), // EXT4
    row(&[], &[Any], "Push a global object (module.attr) on the stack."), // GLOBAL
    row(&[Str, Str], &[Any], "Push a global object (module.attr) on the stack."), // STACK_GLOBAL
    row(&[Any, Any], &[Any], "Push an object built from a callable and an argument tuple."), // REDUCE
    row(&[Any, Any], &[Any], "Finish building an object, via __setstate__ or dict update."), // BUILD
    row(&[Mark, StackSlice], &[Any], "Build a class instance."), // INST
    row(&[Mark, Any, StackSlice], &[Any], "Build a class instance."), // OBJ
    row(&[Any, Any], &[Any], "Build an object instance."), // NEWOBJ
    row(&[Any, Any, Any], &[Any], "Build an object instance."), // NEWOBJ_EX
    row(&[], &[], "Protocol version indicator."), // PROTO
    row(&[Any], &[], "Stop the unpickling machine."), // STOP
    row(&[], &[], "Indicate the beginning of a new frame."), // FRAME
    row(&[], &[Any], "Push an object identified by a persistent ID."), // PERSID
    row(&[Any], &[Any], "Push an object identified by a persistent ID."), // BINPERSID
];
