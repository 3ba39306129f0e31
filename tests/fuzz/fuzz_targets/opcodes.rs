//! Any bytes as opcodes: what `pickle::opcodes` gives beside what the disassembler prints.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz opcodes`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picklebook::pickle::{self, Disassembler};

fuzz_target!(|data: &[u8]| {
    let disassembly = Disassembler::new().first_only(true).disassemble(data);
    let text = disassembly.listing().to_string();
    // Arrays of joblib's files stand between opcodes: the walk knows nothing of them.
    if text.contains("<array") {
        return;
    }
    let mut lines = text.lines();
    let mut steps = pickle::opcodes(data);
    let mut end = 0;
    for step in steps.by_ref() {
        let Ok(step) = step else { break };
        assert_eq!(step.position, end);
        end += step.bytes.len();
        assert_eq!(data.get(step.position..end), Some(step.bytes));
        assert!(!step.to_string().is_empty());
        // `pickletools` refuses some of what `pickle` takes, and the disassembler looks at the stack.
        if let Some(line) = lines.next() {
            let start = format!("{:5}: ", step.position);
            assert!(line.starts_with(&start), "{line}");
            assert!(line.contains(step.opcode.name), "{line}");
        } else {
            assert!(disassembly.error().is_some());
        }
    }
    assert_eq!(steps.position(), end);
});
