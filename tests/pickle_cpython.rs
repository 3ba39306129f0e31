//! The pickle machine beside CPython: its own test suite, and round trips both ways.

#[path = "support/conversation.rs"]
mod conversation;
#[path = "support/harvest.rs"]
mod harvest;
mod support;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conversation::Conversation;
use harvest::harvest;
use picklebook::pickle::{self, DumpOptions, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// What is meant to differ from CPython: the test of its suite, how many pickles, and why.
const EXCEPTIONS: &[(&str, usize, &str)] = &[
    ("accepted CDumpPickle_LoadPickle.test_buffers_error", 1, "the test passes no buffers"),
    ("accepted CDumpPickle_LoadPickle.test_newobj_not_class", 1, "the test replaces the class"),
    ("accepted CUnpicklerTests.test_bad_newobj", 1, "only an import tells that len is no class"),
    ("accepted CUnpicklerTests.test_bad_newobj_ex", 1, "only an import tells that len is no class"),
    ("printed CDumpPickle_LoadPickle.test_reduce", 6, "str('…') is printed as the call it is"),
    ("printed CUnpicklerTests.test_bad_newobj", 1, "int() is printed as the call it is"),
    ("printed CUnpicklerTests.test_bad_newobj_ex", 1, "int() is printed as the call it is"),
    ("printed CUnpicklerTests.test_bad_reduce", 1, "int() is printed as the call it is"),
    ("printed CIdPersPicklerTests.test_pickler_reference_cycle", 6, "a persistent id stays one"),
    ("printed CIdPersPicklerTests.test_return_correct_type", 20, "a persistent id stays one"),
    ("printed CPersPicklerTests.test_persistence", 6, "a persistent id stays one"),
    (
        "printed CUnpicklerTests.test_load_long_python2_str_as_bytes",
        1,
        "the test asks for bytes where the default is text",
    ),
];

#[test]
fn cpythons_own_suite() -> Outcome {
    let rows = harvest()?;
    assert!(rows.len() > 6000);
    let (mut accepted, mut rejected, mut printed) = (0, 0, 0);
    let mut wrong: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let data = STANDARD.decode(&row.data)?;
        let mut note = |what: &str, details: String| {
            let data = data.iter().take(100).copied().collect::<Vec<u8>>();
            let details = format!("{} {details:.300} {}", data.escape_ascii(), row.error);
            wrong.entry(format!("{what} {}", row.origin)).or_default().push(details);
        };
        let value = pickle::loads_prefix::<Value>(&data).map(|(value, _end)| value);
        match (&value, row.accepted) {
            (Ok(_), true) => accepted += 1,
            (Err(_), false) => rejected += 1,
            (Ok(value), false) => note("accepted", value.to_string()),
            (Err(error), true) => note("rejected", error.to_string()),
        }
        if let (Ok(value), Some(repr)) = (&value, &row.repr) {
            if value.to_string() == *repr {
                printed += 1;
            } else {
                note("printed", format!("{value:.150} {repr:.150} {:?}", row.options));
            }
        }
    }
    println!("{} pickles: accepted {accepted}, rejected {rejected}, printed {printed}", rows.len());
    for &(name, count, reason) in EXCEPTIONS {
        let found = wrong.remove(name).unwrap_or_default().len();
        assert_eq!(found, count, "{name}: {reason}");
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    Ok(())
}

/// What Python's `pickletools.genops` gives for a pickle, and whether that is all of it.
type Listing = (Vec<(usize, String, String)>, bool);

#[test]
fn opcodes_are_those_of_pickletools() -> Outcome {
    let rows = harvest()?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pickle/genops.py");
    let mut process = Command::new(support::python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = process.stdin.take().ok_or("no stdin")?;
    let lines: String = rows.iter().map(|row| format!("{}\n", row.data)).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = BufReader::new(process.stdout.take().ok_or("no stdout")?);
    let mut whole = 0;
    for (row, line) in rows.iter().zip(output.lines()) {
        let (theirs, all): Listing = serde_json::from_str(&line?)?;
        let data = STANDARD.decode(&row.data)?;
        let mut ours = pickle::opcodes(&data);
        let mut refused = false;
        for (position, name, argument) in theirs {
            match ours.next().ok_or("ours ends before theirs")? {
                Ok(step) => {
                    let found = (step.position, step.opcode.name, step.operand.to_string());
                    assert_eq!(found, (position, name.as_str(), argument), "{}", row.origin);
                }
                // `pickletools` takes some lines that `pickle` does not.
                Err(error) => {
                    assert!(!row.accepted, "{}: {error}", row.origin);
                    refused = true;
                    break;
                }
            }
        }
        match (all, refused) {
            (true, false) => {
                assert!(ours.next().is_none(), "{}", row.origin);
                whole += 1;
            }
            (true, true) => {}
            // It does not take all that `pickle` takes, either.
            (false, _) => assert!(!row.accepted || ours.all(|step| step.is_ok()), "{}", row.origin),
        }
    }
    assert!(writer.join().is_ok_and(|written| written.is_ok()));
    assert!(process.wait()?.success());
    println!("{whole} of {} pickles whole", rows.len());
    assert!(whole > 5_900, "{whole}");
    Ok(())
}

/// A Python that answers questions about pickles (tests/pickle/reference.py).
struct Reference(Conversation);

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    data: Vec<String>,
    reprs: Vec<String>,
    exact: bool,
    difference: Option<String>,
    error: Option<String>,
}

impl Reference {
    fn start() -> Result<Reference, Box<dyn std::error::Error>> {
        Conversation::start(&support::python(), "pickle/reference.py").map(Reference)
    }

    fn ask(&mut self, request: serde_json::Value) -> Result<Answer, Box<dyn std::error::Error>> {
        let answer: Answer = self.0.ask(&request)?;
        match answer.error {
            Some(error) => Err(format!("{error} on {request:.1000}").into()),
            None => Ok(answer),
        }
    }
}

/// Objects of all kinds, shared and recursive, from Python in protocols 0 to 5, printed, and written
/// back in protocols 2 to 5.
#[test]
fn what_python_makes_is_printed_and_written_back() -> Outcome {
    let mut python = Reference::start()?;
    let mut exact = 0;
    for seed in 0..1500 {
        let made = python.ask(json!({"do": "make", "seed": seed}))?;
        exact += usize::from(made.exact);
        for (number, (data, repr)) in made.data.iter().zip(&made.reprs).enumerate() {
            let bytes = STANDARD.decode(data)?;
            let value: Value =
                pickle::loads(&bytes).map_err(|error| format!("{seed} {number}: {error}"))?;
            if made.exact {
                assert_eq!(value.to_string(), *repr, "seed {seed}, pickle {number}");
            }
            let protocol = 2 + (seed + number) % 4;
            let options = DumpOptions::new().protocol(protocol as u8);
            let written = STANDARD.encode(pickle::dumps_with(&value, &options)?);
            let same = python.ask(json!({"do": "same", "data": [data, written]}))?;
            assert_eq!(same.difference, None, "seed {seed}, pickle {number}, protocol {protocol}");
        }
    }
    assert!(exact > 300, "{exact}");
    Ok(())
}

/// Data as Rust programs hold it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Data {
    Nothing,
    Truth(bool),
    Small(i16),
    Large(i64),
    Huge(i128),
    Unsigned(u128),
    Number(f64),
    Text(String),
    Letter(char),
    List(Vec<Data>),
    Pair(Box<Data>, Box<Data>),
    Named { name: String, content: Option<Box<Data>> },
    Map(BTreeMap<String, Data>),
    Numbered(BTreeMap<i32, (bool, u8)>),
    Five(u8, u8, u8, u8, u8),
    Raw(#[serde(with = "raw")] Vec<u8>),
}

/// Bytes as bytes, not as a list of numbers.
mod raw {
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        Vec::deserialize(deserializer)
    }
}

fn data() -> impl Strategy<Value = Data> {
    let leaf = prop_oneof![
        Just(Data::Nothing),
        any::<bool>().prop_map(Data::Truth),
        any::<i16>().prop_map(Data::Small),
        any::<i64>().prop_map(Data::Large),
        any::<i128>().prop_map(Data::Huge),
        any::<u128>().prop_map(Data::Unsigned),
        any::<f64>().prop_map(Data::Number),
        any::<String>().prop_map(Data::Text),
        any::<char>().prop_map(Data::Letter),
        any::<(u8, u8, u8, u8, u8)>().prop_map(|(a, b, c, d, e)| Data::Five(a, b, c, d, e)),
        prop::collection::vec(any::<u8>(), 0..300).prop_map(Data::Raw),
        prop::collection::btree_map(any::<i32>(), any::<(bool, u8)>(), 0..4)
            .prop_map(Data::Numbered),
    ];
    leaf.prop_recursive(4, 60, 6, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Data::List),
            (boxed.clone(), boxed.clone()).prop_map(|(a, b)| Data::Pair(a, b)),
            (any::<String>(), prop::option::of(boxed))
                .prop_map(|(name, content)| Data::Named { name, content }),
            prop::collection::btree_map("[a-c]{0,3}", inner, 0..5).prop_map(Data::Map),
        ]
    })
}

/// From Rust to Python in protocols 2 to 5, and back in protocols 0 to 5.
#[test]
fn what_rust_writes_python_reads_and_gives_back() -> Outcome {
    let mut python = Reference::start()?;
    let mut runner =
        TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    let fails = |error: Box<dyn std::error::Error>| TestCaseError::fail(error.to_string());
    let python = std::cell::RefCell::new(&mut python);
    runner.run(&data(), |data| {
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            let bytes = pickle::dumps_with(&data, &options).map_err(|error| fails(error.into()))?;
            prop_assert_eq!(
                &pickle::loads::<Data>(&bytes).map_err(|error| fails(error.into()))?,
                &data
            );
            let request = json!({"do": "load", "data": [STANDARD.encode(&bytes)]});
            let answer = python.borrow_mut().ask(request).map_err(fails)?;
            let value: Value = pickle::loads(&bytes).map_err(|error| fails(error.into()))?;
            let repr = value.to_string();
            if answer.reprs != [repr.as_str()] {
                // Rust knows characters of newer versions of Unicode than Python 3.11 does, and
                // does not escape them.
                let request =
                    json!({"do": "evals", "data": [STANDARD.encode(&bytes)], "repr": repr});
                let difference = python.borrow_mut().ask(request).map_err(fails)?.difference;
                prop_assert_eq!(difference, None, "{} {:?}", repr, answer.reprs);
            }
            for again in answer.data {
                let again = STANDARD.decode(again).map_err(|error| fails(error.into()))?;
                let again: Data = pickle::loads(&again).map_err(|error| fails(error.into()))?;
                prop_assert_eq!(&again, &data);
            }
        }
        // The default writer.
        let mut small = Vec::new();
        if pickle::dump(&data, &mut small).is_ok() {
            let again: Data = pickle::loads(&small).map_err(|error| fails(error.into()))?;
            prop_assert_eq!(again, data);
        }
        Ok(())
    })?;
    Ok(())
}

/// What Python prints for sets of several members is in no certain order: Python compares.
#[test]
fn printed_sets_evaluate_to_the_same() -> Outcome {
    let mut python = Reference::start()?;
    for data in [
        &b"\x80\x04\x8f\x94(K\x01K\x02\x8c\x01a\x94G?\xf8\x00\x00\x00\x00\x00\x00N\x90."[..],
        b"\x80\x04(K\x01K\x02\x8c\x01a\x94K\x01K\x03\x86\x91.",
        b"\x80\x04](\x8f(\x91e.",
        b"(dI1\nI2\nsF1.0\nI3\nsI01\nI4\ns.", // 1, 1.0 and True are one key
    ] {
        let value: Value = pickle::loads(data)?;
        let request =
            json!({"do": "evals", "data": [STANDARD.encode(data)], "repr": value.to_string()});
        assert_eq!(python.ask(request)?.difference, None, "{value}");
    }
    Ok(())
}

/// The table of opcodes beside Python's.
#[test]
fn the_opcodes_are_pythons() -> Outcome {
    let script =
        "import pickletools\nfor o in pickletools.opcodes: print(o.name, ord(o.code), o.proto)";
    let output = Command::new(support::python()).args(["-c", script]).output()?;
    let ours: Vec<String> = pickle::OPCODES
        .iter()
        .map(|opcode| format!("{} {} {}", opcode.name, opcode.code, opcode.protocol))
        .collect();
    assert_eq!(String::from_utf8(output.stdout)?.lines().collect::<Vec<_>>(), ours);
    Ok(())
}
