//! Any bytes as a pickle: its opcodes; read, printed, written in all protocols, read again; a model.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz pickle_graph`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picklebook::AnyModel;
use picklebook::pickle::{self, DumpOptions, Value};

fuzz_target!(|data: &[u8]| {
    let mut steps = pickle::opcodes(data);
    while let Some(Ok(step)) = steps.next() {
        assert_eq!(step.position + step.bytes.len(), steps.position());
        assert!(!step.to_string().is_empty());
    }
    if let Ok(model) = AnyModel::loads(data) {
        assert!(!model.to_string().is_empty());
    }
    let Ok((value, end)) = pickle::loads_prefix::<Value>(data) else { return };
    assert!(end <= data.len());
    assert_eq!(end, steps.position(), "a pickle that is read consists of opcodes");
    let printed = value.repr().length(100_000).to_string();
    for protocol in 2..=5 {
        let options = DumpOptions::new().protocol(protocol);
        // What needs a newer protocol is refused.
        let Ok(written) = pickle::dumps_with(&value, &options) else { continue };
        let again: Value = pickle::loads(&written).expect("what is written can be read");
        let same = again.repr().length(100_000).to_string();
        // Of equal keys only one is written; and in 2 and 3 sets are written as calls.
        assert_eq!(same.is_empty(), printed.is_empty());
    }
    let _ = value.entries();
    let _ = value.items();
    let _ = value.get("a");
});
