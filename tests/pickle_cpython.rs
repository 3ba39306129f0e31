//! The pickle machine beside CPython: its own test suite, and round trips both ways.

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picklebook::pickle::{self, Value};
use serde::Deserialize;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// A pickle of CPython's test suite, and what CPython made of it (tests/pickle/harvest.py).
#[derive(Deserialize)]
struct Row {
    data: String,
    accepted: bool,
    #[serde(default)]
    error: String,
    repr: Option<String>,
    options: BTreeMap<String, String>,
    origin: String,
}

fn harvest() -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let unpack = "import lzma, sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pickle/cpython.jsonl.xz");
    let output = Command::new(support::python()).args(["-c", unpack, file]).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

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
