//! Every shape that serde can write, beside CPython: what is written without an error is read again
//! here, as the same and as a `Value`, and by CPython; what is refused has a key that Python cannot
//! hash, or two that are equal.

mod support;

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picklebook::pickle::{self, DumpOptions, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess,
};
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};
use serde::{Deserialize, Serialize, Serializer};

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What a type can ask a writer for: serde's data model.
#[derive(Clone, Debug)]
enum Shape {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    I128(i128),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Shape>),
    Unit,
    UnitStruct,
    UnitVariant(usize),
    Newtype(Box<Shape>),
    NewtypeVariant(usize, Box<Shape>),
    Seq(Vec<Shape>),
    /// Of a length that is not announced.
    Stream(Vec<Shape>),
    Tuple(Vec<Shape>),
    TupleStruct(Vec<Shape>),
    TupleVariant(usize, Vec<Shape>),
    Map(Vec<(Shape, Shape)>),
    Struct(Vec<Shape>),
    StructVariant(usize, Vec<Shape>),
}

const NAMES: &[&str] = &["a", "b", "c", "long_name", "naïve"];

impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Shape::Bool(it) => s.serialize_bool(*it),
            Shape::I8(it) => s.serialize_i8(*it),
            Shape::I16(it) => s.serialize_i16(*it),
            Shape::I32(it) => s.serialize_i32(*it),
            Shape::I64(it) => s.serialize_i64(*it),
            Shape::I128(it) => s.serialize_i128(*it),
            Shape::U8(it) => s.serialize_u8(*it),
            Shape::U16(it) => s.serialize_u16(*it),
            Shape::U32(it) => s.serialize_u32(*it),
            Shape::U64(it) => s.serialize_u64(*it),
            Shape::U128(it) => s.serialize_u128(*it),
            Shape::F32(it) => s.serialize_f32(*it),
            Shape::F64(it) => s.serialize_f64(*it),
            Shape::Char(it) => s.serialize_char(*it),
            Shape::Str(it) => s.serialize_str(it),
            Shape::Bytes(it) => s.serialize_bytes(it),
            Shape::None => s.serialize_none(),
            Shape::Some(it) => s.serialize_some(it),
            Shape::Unit => s.serialize_unit(),
            Shape::UnitStruct => s.serialize_unit_struct("Unit"),
            Shape::UnitVariant(n) => s.serialize_unit_variant("Enum", *n as u32, NAMES[*n]),
            Shape::Newtype(it) => s.serialize_newtype_struct("Newtype", it),
            Shape::NewtypeVariant(n, it) => {
                s.serialize_newtype_variant("Enum", *n as u32, NAMES[*n], it)
            }
            Shape::Seq(items) => {
                let mut s = s.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| s.serialize_element(item))?;
                s.end()
            }
            Shape::Stream(items) => {
                let mut s = s.serialize_seq(None)?;
                items.iter().try_for_each(|item| s.serialize_element(item))?;
                s.end()
            }
            Shape::Tuple(items) => {
                let mut s = s.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| s.serialize_element(item))?;
                s.end()
            }
            Shape::TupleStruct(items) => {
                let mut s = s.serialize_tuple_struct("Tuple", items.len())?;
                items.iter().try_for_each(|item| s.serialize_field(item))?;
                s.end()
            }
            Shape::TupleVariant(n, items) => {
                let mut s = s.serialize_tuple_variant("Enum", *n as u32, NAMES[*n], items.len())?;
                items.iter().try_for_each(|item| s.serialize_field(item))?;
                s.end()
            }
            Shape::Map(entries) => {
                let announced = (entries.len() % 2 == 0).then_some(entries.len());
                let mut s = s.serialize_map(announced)?;
                entries.iter().try_for_each(|(key, value)| s.serialize_entry(key, value))?;
                s.end()
            }
            Shape::Struct(fields) => {
                let mut s = s.serialize_struct("Struct", fields.len())?;
                fields.iter().zip(NAMES).try_for_each(|(it, name)| s.serialize_field(name, it))?;
                s.end()
            }
            Shape::StructVariant(n, fields) => {
                let mut s =
                    s.serialize_struct_variant("Enum", *n as u32, NAMES[*n], fields.len())?;
                fields.iter().zip(NAMES).try_for_each(|(it, name)| s.serialize_field(name, it))?;
                s.end()
            }
        }
    }
}

/// Reads what a shape was written as, as the same type would, and compares.
#[derive(Clone, Copy)]
struct Like<'a>(&'a Shape);

fn same<T: PartialEq + fmt::Debug, E: de::Error>(read: T, written: &T) -> Result<(), E> {
    if read == *written {
        return Ok(());
    }
    Err(E::custom(format_args!("{read:?} was {written:?}")))
}

macro_rules! like {
    ($deserializer:ident, $written:ident: $type:ty) => {
        same(<$type>::deserialize($deserializer)?, $written)
    };
}

impl<'de> DeserializeSeed<'de> for Like<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        match self.0 {
            Shape::Bool(it) => like!(d, it: bool),
            Shape::I8(it) => like!(d, it: i8),
            Shape::I16(it) => like!(d, it: i16),
            Shape::I32(it) => like!(d, it: i32),
            Shape::I64(it) => like!(d, it: i64),
            Shape::I128(it) => like!(d, it: i128),
            Shape::U8(it) => like!(d, it: u8),
            Shape::U16(it) => like!(d, it: u16),
            Shape::U32(it) => like!(d, it: u32),
            Shape::U64(it) => like!(d, it: u64),
            Shape::U128(it) => like!(d, it: u128),
            Shape::F32(it) => same(f32::deserialize(d)?.to_bits(), &it.to_bits()),
            Shape::F64(it) => same(f64::deserialize(d)?.to_bits(), &it.to_bits()),
            Shape::Char(it) => like!(d, it: char),
            Shape::Str(it) => like!(d, it: String),
            Shape::Bytes(_) => d.deserialize_byte_buf(self),
            Shape::None | Shape::Some(_) => d.deserialize_option(self),
            Shape::Unit => <()>::deserialize(d),
            Shape::UnitStruct => d.deserialize_unit_struct("Unit", self),
            Shape::Newtype(_) => d.deserialize_newtype_struct("Newtype", self),
            Shape::Seq(_) | Shape::Stream(_) => d.deserialize_seq(self),
            Shape::Tuple(items) => d.deserialize_tuple(items.len(), self),
            Shape::TupleStruct(items) => d.deserialize_tuple_struct("Tuple", items.len(), self),
            Shape::Map(_) => d.deserialize_map(self),
            Shape::Struct(fields) => d.deserialize_struct("Struct", &NAMES[..fields.len()], self),
            Shape::UnitVariant(_)
            | Shape::NewtypeVariant(..)
            | Shape::TupleVariant(..)
            | Shape::StructVariant(..) => d.deserialize_enum("Enum", NAMES, self),
        }
    }
}

impl<'de> de::Visitor<'de> for Like<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<(), E> {
        match self.0 {
            Shape::Bytes(written) => same(bytes, &written.as_slice()),
            _ => Err(E::invalid_type(de::Unexpected::Bytes(bytes), &self)),
        }
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        match self.0 {
            Shape::None => Ok(()),
            _ => Err(E::invalid_type(de::Unexpected::Option, &self)),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        match self.0 {
            Shape::UnitStruct => Ok(()),
            _ => Err(E::invalid_type(de::Unexpected::Unit, &self)),
        }
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        match self.0 {
            Shape::Some(inner) => Like(inner).deserialize(d),
            _ => Err(de::Error::invalid_type(de::Unexpected::Option, &self)),
        }
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        match self.0 {
            Shape::Newtype(inner) => Like(inner).deserialize(d),
            _ => Err(de::Error::invalid_type(de::Unexpected::NewtypeStruct, &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let (Shape::Seq(items)
        | Shape::Stream(items)
        | Shape::Tuple(items)
        | Shape::TupleStruct(items)
        | Shape::TupleVariant(_, items)) = self.0
        else {
            return Err(de::Error::invalid_type(de::Unexpected::Seq, &self));
        };
        for (number, item) in items.iter().enumerate() {
            let read = access.next_element_seed(Like(item))?;
            read.ok_or_else(|| de::Error::invalid_length(number, &self))?;
        }
        // A tuple does not ask for more than it has.
        match self.0 {
            Shape::Seq(_) | Shape::Stream(_) => match access.next_element::<de::IgnoredAny>()? {
                Some(_) => Err(de::Error::invalid_length(items.len() + 1, &self)),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<(), A::Error> {
        let mut number = 0;
        match self.0 {
            Shape::Map(entries) => {
                for (key, value) in entries {
                    let read = access.next_entry_seed(Like(key), Like(value))?;
                    read.ok_or_else(|| de::Error::invalid_length(number, &self))?;
                    number += 1;
                }
            }
            Shape::Struct(fields) | Shape::StructVariant(_, fields) => {
                for (field, name) in fields.iter().zip(NAMES) {
                    let key = access.next_key_seed(Identifier(name))?;
                    key.ok_or_else(|| de::Error::missing_field(name))?;
                    access.next_value_seed(Like(field))?;
                    number += 1;
                }
            }
            _ => return Err(de::Error::invalid_type(de::Unexpected::Map, &self)),
        }
        match access.next_key::<de::IgnoredAny>()? {
            Some(_) => Err(de::Error::invalid_length(number + 1, &self)),
            None => Ok(()),
        }
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<(), A::Error> {
        match self.0 {
            Shape::UnitVariant(n) => access.variant_seed(Identifier(NAMES[*n]))?.1.unit_variant(),
            Shape::NewtypeVariant(n, inner) => {
                access.variant_seed(Identifier(NAMES[*n]))?.1.newtype_variant_seed(Like(inner))
            }
            Shape::TupleVariant(n, items) => {
                access.variant_seed(Identifier(NAMES[*n]))?.1.tuple_variant(items.len(), self)
            }
            Shape::StructVariant(n, fields) => access
                .variant_seed(Identifier(NAMES[*n]))?
                .1
                .struct_variant(&NAMES[..fields.len()], self),
            _ => Err(de::Error::invalid_type(de::Unexpected::Enum, &self)),
        }
    }
}

/// The name of a field or variant.
struct Identifier(&'static str);

impl<'de> DeserializeSeed<'de> for Identifier {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_identifier(self)
    }
}

impl<'de> de::Visitor<'de> for Identifier {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<(), E> {
        same(name, &self.0)
    }
}

thread_local! {
    /// What [`Again`] is to be like: a type alone says nothing of it.
    static WRITTEN: RefCell<Shape> = const { RefCell::new(Shape::Unit) };
}

struct Again;

impl<'de> Deserialize<'de> for Again {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Again, D::Error> {
        WRITTEN.with_borrow(|written| Like(written).deserialize(d)).map(|()| Again)
    }
}

/// A key as Python compares it; nothing if it cannot be hashed. A unit struct is None in the default
/// writer, and an empty tuple in the other one.
fn key(shape: &Shape, unit: &str) -> Option<String> {
    let float = |it: f64| match it {
        _ if it.is_nan() => "nan".to_owned(),
        // All digits of it, as of an integer.
        _ if it.fract() == 0.0 => format!("{}", if it == 0.0 { 0.0 } else { it }),
        _ => format!("{it:?}"),
    };
    let tuple = |items: &[Shape]| {
        let keys = items.iter().map(|item| key(item, unit)).collect::<Option<Vec<String>>>()?;
        Some(format!("({})", keys.join(",")))
    };
    Some(match shape {
        Shape::Bool(it) => i32::from(*it).to_string(),
        Shape::I8(it) => it.to_string(),
        Shape::I16(it) => it.to_string(),
        Shape::I32(it) => it.to_string(),
        Shape::I64(it) => it.to_string(),
        Shape::I128(it) => it.to_string(),
        Shape::U8(it) => it.to_string(),
        Shape::U16(it) => it.to_string(),
        Shape::U32(it) => it.to_string(),
        Shape::U64(it) => it.to_string(),
        Shape::U128(it) => it.to_string(),
        Shape::F32(it) => float((*it).into()),
        Shape::F64(it) => float(*it),
        Shape::Char(it) => format!("{:?}", it.to_string()),
        Shape::Str(it) => format!("{it:?}"),
        Shape::Bytes(it) => format!("b{it:?}"),
        Shape::None | Shape::Unit => "None".to_owned(),
        Shape::UnitVariant(n) => format!("{:?}", NAMES[*n]),
        Shape::UnitStruct => unit.to_owned(),
        Shape::Some(inner) | Shape::Newtype(inner) => key(inner, unit)?,
        Shape::Tuple(items) | Shape::TupleStruct(items) => tuple(items)?,
        _ => return None,
    })
}

/// Whether a dictionary in it has a key that cannot be hashed, or two that are equal.
fn is_refused(shape: &Shape, unit: &str) -> bool {
    match shape {
        Shape::Some(inner) | Shape::Newtype(inner) | Shape::NewtypeVariant(_, inner) => {
            is_refused(inner, unit)
        }
        Shape::Seq(items)
        | Shape::Stream(items)
        | Shape::Tuple(items)
        | Shape::TupleStruct(items)
        | Shape::TupleVariant(_, items)
        | Shape::Struct(items)
        | Shape::StructVariant(_, items) => items.iter().any(|item| is_refused(item, unit)),
        Shape::Map(entries) => {
            let mut seen = HashSet::new();
            entries.iter().any(|(name, value)| match key(name, unit) {
                // NaN equals nothing.
                Some(name) => {
                    !name.contains("nan") && !seen.insert(name) || is_refused(value, unit)
                }
                None => true,
            })
        }
        _ => false,
    }
}

fn is_none(shape: &Shape) -> bool {
    match shape {
        Shape::None | Shape::Unit | Shape::UnitStruct => true,
        Shape::Some(inner) | Shape::Newtype(inner) => is_none(inner),
        _ => false,
    }
}

fn scalar() -> impl Strategy<Value = Shape> + Clone {
    let text = "[a-cß€'\"\\\\\n\r\u{0}🌳]{0,4}";
    let floats = prop_oneof![
        any::<f64>(),
        (-3i8..4).prop_map(f64::from),
        Just(f64::NAN),
        Just(-0.0),
        Just(2f64.powi(64)),
        Just(2f64.powi(127)),
        Just(1e300)
    ];
    prop_oneof![
        any::<bool>().prop_map(Shape::Bool),
        prop_oneof![any::<i8>(), -1..3i8].prop_map(Shape::I8),
        any::<i16>().prop_map(Shape::I16),
        any::<i32>().prop_map(Shape::I32),
        any::<i64>().prop_map(Shape::I64),
        prop_oneof![any::<i128>(), Just(1 << 64), Just(1 << 126)].prop_map(Shape::I128),
        prop_oneof![any::<u8>(), 0..3u8].prop_map(Shape::U8),
        any::<u16>().prop_map(Shape::U16),
        any::<u32>().prop_map(Shape::U32),
        prop_oneof![any::<u64>(), 0..3u64].prop_map(Shape::U64),
        prop_oneof![any::<u128>(), Just(1 << 64), Just(1 << 127)].prop_map(Shape::U128),
        any::<f32>().prop_map(Shape::F32),
        floats.prop_map(Shape::F64),
        "[a-cß🌳]".prop_map(|it| Shape::Char(it.chars().next().unwrap_or('a'))),
        text.prop_map(Shape::Str),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Shape::Bytes),
        Just(Shape::None),
        Just(Shape::Unit),
        Just(Shape::UnitStruct),
        (0..NAMES.len()).prop_map(Shape::UnitVariant),
    ]
}

fn shape() -> impl Strategy<Value = Shape> {
    // Most keys can be hashed, or little would be written.
    let key = scalar().prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Shape::Tuple),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Shape::TupleStruct),
            inner.prop_map(|it| Shape::Newtype(Box::new(it))),
        ]
    });
    // Some are likely to be equal to others.
    let few = prop_oneof![
        any::<bool>().prop_map(Shape::Bool),
        (0..3u8).prop_map(Shape::U8),
        (0..3i8).prop_map(|it| Shape::F64(it.into())),
        (0..3i8).prop_map(|it| Shape::F32(it.into())),
        "[ab]".prop_map(Shape::Str),
        "[ab]".prop_map(|it| Shape::Bytes(it.into())),
        Just(Shape::Char('a')),
        (0..2usize).prop_map(Shape::UnitVariant),
        Just(Shape::None),
        Just(Shape::Unit),
    ];
    scalar().prop_recursive(4, 40, 5, move |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let some = boxed.clone().prop_filter("`Some(None)` is None", |it| !is_none(it));
        let items = prop::collection::vec(inner.clone(), 0..5);
        let number = 0..NAMES.len();
        let any_key = prop_oneof![6 => key.clone(), 3 => few.clone(), 1 => inner.clone()];
        prop_oneof![
            1 => some.prop_map(Shape::Some),
            1 => boxed.clone().prop_map(Shape::Newtype),
            1 => (number.clone(), boxed).prop_map(|(n, it)| Shape::NewtypeVariant(n, it)),
            1 => items.clone().prop_map(Shape::Seq),
            1 => items.clone().prop_map(Shape::Stream),
            1 => items.clone().prop_map(Shape::Tuple),
            1 => items.clone().prop_map(Shape::TupleStruct),
            1 => (number.clone(), items.clone()).prop_map(|(n, it)| Shape::TupleVariant(n, it)),
            4 => prop::collection::vec((any_key, inner), 0..5).prop_map(Shape::Map),
            1 => items.clone().prop_map(Shape::Struct),
            1 => (number, items).prop_map(|(n, it)| Shape::StructVariant(n, it)),
        ]
    })
}

type Read = Vec<(String, Vec<u8>)>;

/// What CPython reads from each pickle, printed, and the pickle of that in protocol 4.
fn in_python(pickles: &[Vec<u8>]) -> Result<Read, Box<dyn std::error::Error>> {
    let script = "import base64, json, pickle, sys\n\
        for line in sys.stdin.buffer:\n\
        \x20   value = pickle.loads(base64.b64decode(line))\n\
        \x20   print(json.dumps([repr(value), base64.b64encode(pickle.dumps(value, 4)).decode()]))";
    let mut process = Command::new(support::python())
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = process.stdin.take().ok_or("no stdin")?;
    let lines: Vec<String> = pickles.iter().map(|bytes| STANDARD.encode(bytes) + "\n").collect();
    let writer = std::thread::spawn(move || input.write_all(lines.concat().as_bytes()));
    let output = process.wait_with_output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    writer.join().map_err(|_| "the writer failed")??;
    let lines = String::from_utf8(output.stdout)?;
    let read = lines.lines().map(|line| {
        let (repr, again): (String, String) = serde_json::from_str(line)?;
        Ok((repr, STANDARD.decode(again)?))
    });
    read.collect()
}

#[test]
fn what_is_written_can_be_read() -> Outcome {
    let config = Config { cases: 1500, failure_persistence: None, ..Config::default() };
    let written: RefCell<Vec<(Shape, Vec<u8>)>> = RefCell::default();
    let refused = RefCell::new(0);
    TestRunner::new(config).run(&shape(), |shape| {
        let mut results = vec![("dumps".to_owned(), pickle::dumps(&shape))];
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            results.push((protocol.to_string(), pickle::dumps_with(&shape, &options)));
        }
        WRITTEN.set(shape.clone());
        *refused.borrow_mut() += usize::from(is_refused(&shape, "()"));
        for (how, result) in results {
            let expected = is_refused(&shape, if how == "dumps" { "None" } else { "()" });
            let bytes = match result {
                Ok(bytes) => bytes,
                Err(error) => {
                    prop_assert!(expected, "{}: {}", how, error);
                    let text = error.to_string();
                    prop_assert!(text.contains("Python"), "{}", text);
                    continue;
                }
            };
            prop_assert!(!expected, "{} writes {:?}", how, shape);
            if let Err(error) = pickle::loads::<Again>(&bytes) {
                prop_assert!(false, "{}: {} in {}", how, error, bytes.escape_ascii());
            }
            let value: Value =
                pickle::loads(&bytes).map_err(|it| TestCaseError::fail(it.to_string()))?;
            if let Err(error) = value.to::<Again>() {
                prop_assert!(false, "{} by way of a value: {}", how, error);
            }
            // And once more, as a value.
            let again = pickle::dumps(&value).map_err(|it| TestCaseError::fail(it.to_string()))?;
            if let Err(error) = pickle::loads::<Again>(&again) {
                prop_assert!(false, "{} written as a value: {}", how, error);
            }
            written.borrow_mut().extend([(shape.clone(), bytes), (shape.clone(), again)]);
        }
        Ok(())
    })?;
    let (written, refused) = (written.into_inner(), refused.into_inner());
    println!("{} pickles, {refused} shapes refused", written.len());
    assert!(written.len() > 8000 && refused > 20, "{} {refused}", written.len());

    let pickles: Vec<Vec<u8>> = written.iter().map(|(_, bytes)| bytes.clone()).collect();
    let read = in_python(&pickles)?;
    assert_eq!(read.len(), written.len());
    for ((shape, bytes), (repr, again)) in written.iter().zip(read) {
        let value: Value = pickle::loads(bytes)?;
        assert_eq!(value.to_string(), repr, "{}", bytes.escape_ascii());
        WRITTEN.set(shape.clone());
        pickle::loads::<Again>(&again).map_err(|error| format!("{error} in {repr}"))?;
    }
    Ok(())
}
