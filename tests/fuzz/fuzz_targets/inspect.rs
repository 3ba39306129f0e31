//! Any bytes as a file to inspect: what a pickle reader finds in it is in the report, and packing it
//! makes nothing better.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz inspect`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use picklebook::inspect::{self, FindingKind, Report, Verdict};
use picklebook::pickle::{self, Argument, Operand, Value};

/// Bytes in a numpy file of objects.
fn in_array_file(bytes: &[u8]) -> Vec<u8> {
    let header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
    [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header, bytes].concat()
}

/// Bytes in a pickle, as bytes.
fn in_bytes(bytes: &[u8]) -> Vec<u8> {
    [b"\x80\x04B", &(bytes.len() as u32).to_le_bytes()[..], bytes, b"."].concat()
}

/// The names that a value imports and the calls that it holds, each object once.
fn names(root: &Value) -> HashSet<(String, String)> {
    let mut names = HashSet::new();
    let mut waiting = vec![(root.clone(), 0)];
    let mut left = 1000;
    while let Some((value, depth)) = waiting.pop() {
        left -= 1;
        if left == 0 || depth > 20 {
            break;
        }
        names.extend(value.global());
        let parts = [value.callee(), value.arguments(), value.named_arguments(), value.state()];
        let entries = value.entries().into_iter().flat_map(|(key, value)| [key, value]);
        let inner = parts.into_iter().flatten().chain(value.items()).chain(entries);
        waiting.extend(inner.take(100).map(|value| (value, depth + 1)));
    }
    names
}

fn is_listed(report: &Report, module: &str, name: &str) -> bool {
    report.pickles.iter().any(|pickle| {
        pickle.imports.iter().any(|import| import.module == module && import.name == name)
    })
}

fuzz_target!(|data: &[u8]| {
    let report = inspect::bytes(data);
    assert!(!report.to_string().is_empty());
    assert_eq!(report.is_clean(), report.reasons().is_empty(), "{report:?}");
    for pickle in &report.pickles {
        let imports = pickle.imports.iter().map(|import| import.verdict);
        let calls = pickle.calls.iter().map(|call| call.verdict);
        let worst = imports.chain(calls).max().unwrap_or(Verdict::DataOnly);
        assert!(worst <= pickle.verdict && pickle.verdict <= report.verdict, "{report:?}");
    }
    // Whatever names the opcodes import up to STOP are in the report.
    let mut steps = pickle::opcodes(data);
    let whole = steps.by_ref().all(|step| step.is_ok());
    let sound = pickle::loads_prefix::<Value>(data);
    if whole && let Ok((value, _)) = &sound {
        for step in pickle::opcodes(data).flatten() {
            if let (Argument::TwoLines, Operand::Global(module, name)) = (step.opcode.argument, &step.operand) {
                let times = report.pickles.iter().flat_map(|it| &it.imports).count();
                assert!(times > 0 || module.len() + name.len() > 1000, "{report:?}");
            }
        }
        for (module, name) in names(value) {
            let is_long = module.len() > 1000 || name.len() > 1000;
            assert!(is_long || is_listed(&report, &module, &name), "{module}.{name}: {report:?}");
        }
    }
    // Packed, or behind another, it is no better.
    let array = inspect::bytes(&in_array_file(data));
    // One level deeper may be too deep to be looked at, and then that is said.
    let is_too_deep = array.findings.iter().any(|it| it.text.starts_with("more than ")) && !array.is_clean();
    assert!(array.verdict >= report.verdict || is_too_deep, "{report:?}\n{array:?}");
    assert!(report.is_clean() || report.is_no_pickle() || !array.is_clean(), "{report:?}\n{array:?}");
    let second = inspect::bytes(&[b"N.", data].concat());
    // What is damaged, or packed, may be no pickle behind another one: then it is named as what hides
    // there.
    let is_damaged = report.findings.iter().any(|it| it.kind == FindingKind::Unreadable);
    let named = (is_damaged || !report.containers.is_empty()) && !second.is_clean();
    assert!(second.verdict >= report.verdict || named, "{report:?}\n{second:?}");
    let nested = inspect::bytes(&in_bytes(data));
    // Of a protocol that there is not, Python reads nothing: bytes that begin so are any bytes.
    if report.verdict == Verdict::Dangerous && matches!(data, [0x80, ..=5, ..]) {
        assert!(!nested.is_clean(), "{report:?}\n{nested:?}");
    }
});
