//! The keys of maps: a dictionary of Python takes only those that can be hashed, and holds equal ones
//! once.
//!
//! A key is looked at before it is written, by a writer that writes nothing: [`KeyProbe`] refuses what
//! becomes a list or a dictionary, and makes a fingerprint of everything else, the same for keys that
//! Python holds equal. A map that has the same fingerprint twice would lose an entry, and is refused.

use std::collections::HashSet;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::OnceLock;

use serde::ser::{self, Impossible, Serialize, Serializer};

use super::depth::{Levels, Limited};
use super::serializer as own;
use super::wide;
use crate::pickle::classes;
use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::number::Integer;
use crate::pickle::graph::Kind;
use crate::pickle::value::{self, Value};

/// What can be done about a key that Python cannot hash.
const ADVICE: &str =
    "use text, numbers or tuples of them as keys, or write the map as a list of pairs";

/// What can be done about equal keys.
const EQUAL: &str = "are equal in Python, so that a dictionary would keep only one of them";

/// The keys that a map has so far.
pub(super) struct Keys {
    /// The fingerprints of the first few, without a table.
    few: [u128; FEW],
    many: HashSet<u128, BuildHasherDefault<Low>>,
    count: usize,
    /// How many are expected.
    expected: usize,
}

const FEW: usize = 8;

/// How many keys room is made for beforehand.
const MOST_EXPECTED: usize = 1 << 16;

impl Keys {
    #[inline]
    pub fn new(expected: Option<usize>) -> Keys {
        let many = HashSet::with_hasher(BuildHasherDefault::new());
        Keys { few: [0; FEW], many, count: 0, expected: expected.unwrap_or(0) }
    }

    /// Checks one more key; it is not written yet.
    #[inline]
    pub fn add<T: Serialize + ?Sized, E: ser::Error>(
        &mut self,
        key: &T,
        levels: Levels,
    ) -> Result<(), E> {
        let number = self.count;
        self.count += 1;
        let fingerprint = match key.serialize(KeyProbe { levels }) {
            Ok(fingerprint) => fingerprint,
            Err(trouble) => return Err(trouble.about_key(number)),
        };
        if fingerprint == UNIQUE {
            return Ok(());
        }
        let new = match self.few.get(..number) {
            Some(before) if number < FEW => !before.contains(&fingerprint),
            _ => {
                if number == FEW {
                    self.many.reserve(self.expected.min(MOST_EXPECTED));
                    self.many.extend(self.few);
                }
                self.many.insert(fingerprint)
            }
        };
        if let Some(place) = self.few.get_mut(number) {
            *place = fingerprint;
        }
        if new { Ok(()) } else { Err(twice(&Limited { value: key, levels }, number)) }
    }
}

#[cold]
fn twice<T: Serialize + ?Sized, E: ser::Error>(key: &T, number: usize) -> E {
    let printed = shown(key);
    E::custom(format_args!(
        "key {number}, {printed}, and one before it {EQUAL}; make the keys differ"
    ))
}

/// How a key prints, if it can be told; one that counts its levels itself.
#[cold]
fn shown<T: Serialize + ?Sized>(key: &T) -> String {
    own::of_limited(key)
        .and_then(|bytes| crate::pickle::loads::<Value>(&bytes))
        .map_or_else(|_| "a key".to_owned(), |value| value.repr().length(60).to_string())
}

/// The fingerprint of a key that equals no other, such as NaN.
const UNIQUE: u128 = 0;

/// Fingerprints are hashes already.
#[derive(Default)]
struct Low(u64);

impl Hasher for Low {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, fingerprint: u128) {
        self.0 = fingerprint as u64;
    }
}

/// What is fingerprinted: keys of different kinds are never equal.
#[derive(Clone, Copy)]
enum Domain {
    None = 1,
    Int,
    Float,
    Text,
    Bytes,
    Tuple,
}

/// A fingerprint being made: two hashes of 64 bits by multiplication, from a start that no one
/// outside of this process knows.
struct Finger([u64; 2]);

impl Finger {
    #[inline]
    fn new(domain: Domain) -> Finger {
        static START: OnceLock<[u64; 2]> = OnceLock::new();
        let [first, second] = START.get_or_init(|| {
            let random = RandomState::new();
            [random.hash_one(1), random.hash_one(2)]
        });
        Finger([first ^ domain as u64, second ^ domain as u64])
    }

    #[inline]
    fn mix(&mut self, low: u64, high: u64) {
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            product as u64 ^ (product >> 64) as u64
        };
        let Finger([first, second]) = self;
        *first = fold(*first ^ low, 0x9e37_79b9_7f4a_7c15 ^ high).rotate_left(23) ^ low;
        *second = fold(*second ^ high, 0xd6e8_feb8_6659_fd93 ^ low).rotate_left(29) ^ high;
    }

    #[inline]
    fn bytes(domain: Domain, bytes: &[u8]) -> u128 {
        let mut finger = Finger::new(domain);
        let (chunks, rest) = bytes.as_chunks::<16>();
        let two = |chunk: &[u8; 16]| {
            let number = u128::from_le_bytes(*chunk);
            (number as u64, (number >> 64) as u64)
        };
        for chunk in chunks {
            let (low, high) = two(chunk);
            finger.mix(low, high);
        }
        let mut last = [0; 16];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        let (low, high) = two(&last);
        finger.mix(low, high);
        finger.mix(bytes.len() as u64, 0);
        finger.end()
    }

    #[inline]
    fn number(domain: Domain, number: u128) -> u128 {
        let mut finger = Finger::new(domain);
        finger.mix(number as u64, (number >> 64) as u64);
        finger.mix(0, 0);
        finger.end()
    }

    #[inline]
    fn end(self) -> u128 {
        let Finger([first, second]) = self;
        // Never that of what is unique.
        (u128::from(first) << 64 | u128::from(second)).max(1)
    }
}

fn integer(number: i128) -> u128 {
    Finger::number(Domain::Int, number as u128)
}

/// Beyond the largest `i128` the bits of an integer are told from those of a negative one.
fn large_integer(number: u128) -> u128 {
    match i128::try_from(number) {
        Ok(number) => integer(number),
        Err(_) => Finger::bytes(Domain::Int, &number.to_le_bytes()),
    }
}

/// 1, 1.0 and True are one key.
fn float(number: f64) -> u128 {
    const END: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0; // 2¹²⁷
    if number.is_nan() {
        UNIQUE
    } else if number.fract() != 0.0 || number.is_infinite() {
        Finger::number(Domain::Float, number.to_bits().into())
    } else if (-END..END).contains(&number) {
        integer(number as i128)
    } else if (END..2.0 * END).contains(&number) {
        large_integer(number as u128)
    } else {
        // No integer of Rust is so large.
        Finger::number(Domain::Float, number.to_bits().into())
    }
}

/// Why something is no key.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It becomes something that Python cannot hash: what it is here, and there.
    Unhashable { what: String, becomes: &'static str },
    /// It is, or its writing failed.
    Other(String),
}

impl Trouble {
    #[cold]
    fn about_key<E: ser::Error>(self, number: usize) -> E {
        match self {
            Trouble::Unhashable { what, becomes } => E::custom(format_args!(
                "key {number} is {what}, which becomes {becomes} that Python cannot hash; {ADVICE}"
            )),
            Trouble::Other(problem) => E::custom(problem),
        }
    }

    #[cold]
    fn in_a_tuple(self) -> Trouble {
        match self {
            Trouble::Unhashable { what, becomes: "a tuple" } => {
                Trouble::Unhashable { what, becomes: "a tuple" }
            }
            Trouble::Unhashable { what, .. } => Trouble::Unhashable {
                what: format!("a tuple that holds {what}"),
                becomes: "a tuple",
            },
            other => other,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Unhashable { what, becomes } => write!(f, "{what} becomes {becomes}"),
            Trouble::Other(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for Trouble {}

impl ser::Error for Trouble {
    #[cold]
    fn custom<T: fmt::Display>(message: T) -> Trouble {
        Trouble::Other(message.to_string())
    }
}

#[cold]
fn unhashable<T>(what: impl Into<String>, becomes: &'static str) -> Result<T, Trouble> {
    Err(Trouble::Unhashable { what: what.into(), becomes })
}

/// A writer that makes a fingerprint.
struct KeyProbe {
    levels: Levels,
}

type No = Impossible<u128, Trouble>;

macro_rules! integers {
    ($($method:ident: $type:ty),*) => {
        $(#[inline]
        fn $method(self, value: $type) -> Result<u128, Trouble> {
            Ok(integer(value.into()))
        })*
    };
}

impl Serializer for KeyProbe {
    type Ok = u128;
    type Error = Trouble;
    type SerializeSeq = No;
    type SerializeTuple = TupleKey;
    type SerializeTupleStruct = TupleKey;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    integers! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_i128: i128,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64
    }

    fn serialize_u128(self, value: u128) -> Result<u128, Trouble> {
        Ok(large_integer(value))
    }

    fn serialize_f32(self, value: f32) -> Result<u128, Trouble> {
        Ok(float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<u128, Trouble> {
        Ok(float(value))
    }

    fn serialize_char(self, value: char) -> Result<u128, Trouble> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<u128, Trouble> {
        Ok(Finger::bytes(Domain::Text, value.as_bytes()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<u128, Trouble> {
        Ok(Finger::bytes(Domain::Bytes, value))
    }

    fn serialize_none(self) -> Result<u128, Trouble> {
        Ok(Finger::number(Domain::None, 0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u128, Trouble> {
        value.serialize(KeyProbe { levels: self.levels.deeper()? })
    }

    fn serialize_unit(self) -> Result<u128, Trouble> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<u128, Trouble> {
        // serde-pickle writes it as None, the other writer as an empty tuple.
        if wide::is_on() {
            return self.serialize_none();
        }
        TupleKey::new(self.levels).finish()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<u128, Trouble> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<u128, Trouble> {
        if name == value::TOKEN
            && let Some(value) = value::handed_over()
        {
            return of_value(&value);
        }
        self.serialize_some(value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _value: &T,
    ) -> Result<u128, Trouble> {
        unhashable(format!("the variant {name}::{variant}, which holds something"), "a dict")
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<No, Trouble> {
        unhashable("a sequence", "a list")
    }

    fn serialize_tuple(self, _length: usize) -> Result<TupleKey, Trouble> {
        Ok(TupleKey::new(self.levels.deeper()?))
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _length: usize,
    ) -> Result<TupleKey, Trouble> {
        Ok(TupleKey::new(self.levels.deeper()?))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<No, Trouble> {
        unhashable(format!("the variant {name}::{variant}, which holds something"), "a dict")
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<No, Trouble> {
        unhashable("a map", "a dict")
    }

    fn serialize_struct(self, name: &'static str, _length: usize) -> Result<No, Trouble> {
        unhashable(format!("the struct {name}"), "a dict")
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<No, Trouble> {
        unhashable(format!("the variant {name}::{variant}, which holds something"), "a dict")
    }

    // As the writers say.
    fn is_human_readable(&self) -> bool {
        true
    }
}

/// A tuple as a key.
struct TupleKey {
    levels: Levels,
    finger: Finger,
    unique: bool,
}

impl TupleKey {
    fn new(levels: Levels) -> TupleKey {
        TupleKey { levels, finger: Finger::new(Domain::Tuple), unique: false }
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Trouble> {
        let item =
            value.serialize(KeyProbe { levels: self.levels }).map_err(Trouble::in_a_tuple)?;
        self.unique |= item == UNIQUE;
        self.finger.mix(item as u64, (item >> 64) as u64);
        Ok(())
    }

    fn finish(mut self) -> Result<u128, Trouble> {
        self.finger.mix(0, 0);
        Ok(if self.unique { UNIQUE } else { self.finger.end() })
    }
}

impl ser::SerializeTuple for TupleKey {
    type Ok = u128;
    type Error = Trouble;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Trouble> {
        self.item(value)
    }

    fn end(self) -> Result<u128, Trouble> {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for TupleKey {
    type Ok = u128;
    type Error = Trouble;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Trouble> {
        self.item(value)
    }

    fn end(self) -> Result<u128, Trouble> {
        self.finish()
    }
}

/// The fingerprint of an object that was read. Of tuples and of what Python would have to make, only
/// Python can tell which are equal.
fn of_value(value: &Value) -> Result<u128, Trouble> {
    let (graph, node) = (&value.graph, value.graph.node(value.index));
    if let Some(what) = classes::unhashable(graph, value.index, &mut HashSet::new()) {
        return unhashable(what, "an object");
    }
    Ok(match node.kind {
        Kind::None => Finger::number(Domain::None, 0),
        Kind::True => integer(1),
        Kind::False => integer(0),
        Kind::Int => match graph.integer(node) {
            Integer::Small(small) => integer(small.into()),
            big => match (big.to_i128(), big.to_u128()) {
                (Some(number), _) => integer(number),
                (_, Some(number)) => large_integer(number),
                _ => Finger::bytes(Domain::Int, &big.to_bytes()),
            },
        },
        Kind::Float => float(graph.float(node)),
        Kind::Text => Finger::bytes(Domain::Text, &graph.text(node).into_bytes()),
        Kind::Bytes => Finger::bytes(Domain::Bytes, &graph.bytes(node)),
        Kind::EmptyTuple => return TupleKey::new(Levels::new(1)).finish(),
        _ => UNIQUE,
    })
}

/// An error in writing a value, with the place in the value, if it is about a key.
#[cold]
pub(super) fn located<T: Serialize + ?Sized>(value: &T, levels: Levels, error: Error) -> Error {
    let ErrorKind::Unwritable { problem } = error.kind() else { return error };
    if !problem.ends_with(ADVICE) && !problem.contains(EQUAL) {
        return error;
    }
    match (Limited { value, levels }).serialize(Finder) {
        Err(Found { mut path, problem: Some(problem) }) if !path.is_empty() => {
            path.reverse();
            Error::unwritable(format!("in {}: {problem}", path.concat().trim_start_matches('.')))
        }
        _ => error,
    }
}

/// A writer that writes nothing: it finds where in a value the trouble is.
#[derive(Clone, Copy)]
struct Finder;

#[derive(Debug)]
struct Found {
    /// From the inside out.
    path: Vec<String>,
    problem: Option<String>,
}

/// How many steps of a path are told.
const STEPS: usize = 32;

impl Found {
    fn within(mut self, step: impl FnOnce() -> String) -> Found {
        if self.path.len() < STEPS {
            self.path.push(step());
        } else if self.path.len() == STEPS {
            self.path.push("...".to_owned());
        }
        self
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.problem.as_deref().unwrap_or_default())
    }
}

impl std::error::Error for Found {}

impl ser::Error for Found {
    fn custom<T: fmt::Display>(message: T) -> Found {
        Found { path: Vec::new(), problem: Some(message.to_string()) }
    }
}

macro_rules! nothing {
    ($($method:ident($($argument:ty),*);)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<(), Found> {
            Ok(())
        })*
    };
}

impl Serializer for Finder {
    type Ok = ();
    type Error = Found;
    type SerializeSeq = Parts;
    type SerializeTuple = Parts;
    type SerializeTupleStruct = Parts;
    type SerializeTupleVariant = Parts;
    type SerializeMap = Parts;
    type SerializeStruct = Parts;
    type SerializeStructVariant = Parts;

    nothing! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Found> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        if name == value::TOKEN {
            value::handed_over();
            return Ok(());
        }
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Found> {
        value.serialize(self).map_err(|found| found.within(|| format!(".{variant}")))
    }

    fn serialize_seq(self, _length: Option<usize>) -> Result<Parts, Found> {
        Ok(Parts::default())
    }

    fn serialize_tuple(self, _length: usize) -> Result<Parts, Found> {
        Ok(Parts::default())
    }

    fn serialize_tuple_struct(self, _name: &'static str, _length: usize) -> Result<Parts, Found> {
        Ok(Parts::default())
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Parts, Found> {
        Ok(Parts { variant: Some(variant), ..Parts::default() })
    }

    fn serialize_map(self, _length: Option<usize>) -> Result<Parts, Found> {
        Ok(Parts::default())
    }

    fn serialize_struct(self, _name: &'static str, _length: usize) -> Result<Parts, Found> {
        Ok(Parts::default())
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _length: usize,
    ) -> Result<Parts, Found> {
        Ok(Parts { variant: Some(variant), ..Parts::default() })
    }
}

/// The parts of a value: where the next one stands.
#[derive(Default)]
struct Parts {
    variant: Option<&'static str>,
    number: usize,
    key: String,
}

impl Parts {
    fn part<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        step: impl FnOnce(&Parts) -> String,
    ) -> Result<(), Found> {
        let result = value.serialize(Finder).map_err(|found| {
            let found = found.within(|| step(self));
            match self.variant {
                Some(variant) => found.within(|| format!(".{variant}")),
                None => found,
            }
        });
        self.number += 1;
        result
    }
}

macro_rules! found_parts {
    ($($part:ident: $method:ident($($name:ident: $argument:ty)?) => $step:expr;)*) => {
        $(impl ser::$part for Parts {
            type Ok = ();
            type Error = Found;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($name: $argument,)?
                value: &T,
            ) -> Result<(), Found> {
                let step: fn(&Parts $(, $argument)?) -> String = $step;
                self.part(value, |parts| step(parts $(, $name)?))
            }

            fn end(self) -> Result<(), Found> {
                Ok(())
            }
        })*
    };
}

found_parts! {
    SerializeSeq: serialize_element() => |parts| format!("[{}]", parts.number);
    SerializeTuple: serialize_element() => |parts| format!(".{}", parts.number);
    SerializeTupleStruct: serialize_field() => |parts| format!(".{}", parts.number);
    SerializeTupleVariant: serialize_field() => |parts| format!(".{}", parts.number);
    SerializeStruct: serialize_field(key: &'static str) => |_, key| format!(".{key}");
    SerializeStructVariant: serialize_field(key: &'static str) => |_, key| format!(".{key}");
}

impl ser::SerializeMap for Parts {
    type Ok = ();
    type Error = Found;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Found> {
        self.key = shown(key);
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Found> {
        self.part(value, |parts| format!("[{}]", parts.key))
    }

    fn end(self) -> Result<(), Found> {
        Ok(())
    }
}
