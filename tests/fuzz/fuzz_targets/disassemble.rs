//! Any bytes, taken apart: plain, annotated, explained, with one memo; each in bounded text.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz disassemble`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use std::fmt::{self, Write};

use libfuzzer_sys::fuzz_target;
use picklebook::pickle::Disassembler;
use picklebook::plot;

/// Takes nothing, and counts.
struct Count(usize);

impl Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fuzz_target!(|data: &[u8]| {
    let plain = Disassembler::new().disassemble(data);
    let problem = |error: Option<&picklebook::pickle::Error>| error.map(ToString::to_string);
    for (mut disassembler, most) in [
        (Disassembler::new().annotate(30).indent_level(2), 300),
        (Disassembler::new().explain(true), 1_000),
        (Disassembler::new().most_of_argument(10), 100),
    ] {
        let disassembly = disassembler.disassemble(data);
        assert_eq!(problem(disassembly.error()), problem(plain.error()));
        assert_eq!(disassembly.opcodes(), plain.opcodes());
        assert!(disassembly.end() <= data.len());
        let mut text = Count(0);
        write!(text, "{disassembly}").expect("it takes all");
        assert!(text.0 < (64 << 20) + 1_000 + most * data.len(), "{} bytes", text.0);
    }
    let mut one_memo = Disassembler::new().share_memo(true);
    for _ in 0..2 {
        assert!(one_memo.disassemble(data).opcodes() <= data.len());
    }
    if let Ok(figure) = plot::pickle_bytes(data) {
        assert!(figure.svg().len() < 1_000_000 && figure.alt().len() < 5_000);
    }
    if let Ok((value, _)) = picklebook::pickle::loads_prefix::<picklebook::pickle::Value>(data) {
        let figure = plot::object_graph(&value).expect("every graph is drawn");
        assert!(figure.svg().len() < 1_000_000 && figure.alt().len() < 10_000);
    }
});
