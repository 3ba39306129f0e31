//! The pickles of CPython's own test suite.

use std::collections::BTreeMap;
use std::process::Command;

use serde::Deserialize;

/// A pickle of CPython's test suite, and what CPython made of it (tests/pickle/harvest.py).
#[derive(Deserialize)]
#[allow(dead_code)]
pub struct Row {
    pub data: String,
    pub accepted: bool,
    #[serde(default)]
    pub error: String,
    pub repr: Option<String>,
    pub options: BTreeMap<String, String>,
    pub origin: String,
}

/// All of them.
pub fn harvest() -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let unpack = "import lzma, sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())";
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pickle/cpython.jsonl.xz");
    let output = Command::new(crate::support::python()).args(["-c", unpack, file]).output()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}
