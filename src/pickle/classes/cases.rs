//! What the tests of the families have in common.

use serde_json::Value as Json;

use crate::pickle::{self, DumpOptions, Value};

/// A pickle, how what it holds prints, and what that means: as JSON, with bytes as numbers. Either
/// may be empty: for objects of classes that print in a way of this crate's own, and for what only
/// Python can read.
pub(super) type Case = (&'static [u8], &'static str, &'static str);

/// Reads and prints each pickle, and once more after it was written again.
pub(super) fn check(cases: &[Case]) {
    for &(bytes, printed, meaning) in cases {
        let value: Value = pickle::loads(bytes).expect("a pickle");
        let protocol_5 = pickle::dumps_with(&value, &DumpOptions::new().protocol(5));
        for bytes in [bytes, &protocol_5.expect("what was read can be written")] {
            let name = bytes.escape_ascii();
            let value: Value = pickle::loads(bytes).expect("a pickle");
            if !printed.is_empty() {
                assert_eq!(value.to_string(), printed, "{name}");
            }
            let read = pickle::loads::<Json>(bytes)
                .or_else(|_| pickle::loads::<Vec<u8>>(bytes).map(Json::from));
            match (meaning, read) {
                ("", Ok(read)) => panic!("{name} is read as {read}"),
                ("", Err(error)) => assert!(error.to_string().contains("only Python knows")),
                (_, read) => {
                    let expected: Json = serde_json::from_str(meaning).expect("JSON");
                    assert_eq!(read.map_err(|error| error.to_string()), Ok(expected), "{name}");
                }
            }
        }
    }
}
