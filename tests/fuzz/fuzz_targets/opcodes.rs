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
    // Where the bytes are in which arrays of joblib's files stand between opcodes, the walk steps over them.
    let has_arrays = text.contains("<array");
    let is_remark = |line: &&str| {
        let is_note = line.trim_start().split_once(": ").is_some_and(|it| it.1.starts_with('<'));
        // Behind the pickle of an array of objects.
        is_note || line.starts_with("highest protocol")
    };
    let mut lines = text.lines().filter(|line| !has_arrays || !is_remark(line));
    let mut steps = pickle::opcodes(data);
    let mut end = 0;
    for step in steps.by_ref() {
        let Ok(step) = step else { break };
        // The disassembler does not look for a class whose name is written with escapes.
        if !has_arrays && step.position > end && data.contains(&b'\\') {
            return;
        }
        assert!(step.position == end || has_arrays && step.position > end);
        end = step.position + step.bytes.len();
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
    assert!(steps.position() == end || has_arrays && steps.position() > end);
});
