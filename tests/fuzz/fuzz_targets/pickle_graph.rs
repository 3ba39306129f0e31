//! Any bytes as a pickle: its opcodes; read, printed, written in all protocols, read again; a model.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz pickle_graph`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picklebook::AnyModel;
use picklebook::ndarray::IxDyn;
use picklebook::pickle::{self, DumpOptions, Value};

fuzz_target!(|data: &[u8]| {
    let mut steps = pickle::opcodes(data);
    while let Some(Ok(step)) = steps.next() {
        // Arrays of a joblib file stand between opcodes.
        assert!(step.position + step.bytes.len() <= steps.position());
        assert!(!step.to_string().is_empty());
    }
    if let Ok(model) = AnyModel::loads(data) {
        assert!(!model.to_string().is_empty());
    }
    let Ok((value, end)) = pickle::loads_prefix::<Value>(data) else { return };
    assert!(end <= data.len());
    // Between the opcodes of a joblib file stand arrays.
    let arrays = value.raw_arrays();
    assert_eq!(end, steps.position(), "a pickle that is read consists of opcodes and arrays");
    let mut before = 0;
    for array in &arrays {
        assert!(before <= array.start && array.start <= array.content);
        assert!(array.content <= array.end && array.end < end as u64);
        before = array.end;
    }
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
    if let Ok(array) = value.to_numpy() {
        assert_eq!(array.items().count(), array.size());
        assert_eq!(array.size(), array.shape().iter().product::<usize>());
        let _ = array.to_vec::<i64>();
        let _ = array.to_vec::<f64>();
        let _ = array.to_vec::<String>();
        for field in array.dtype().fields() {
            let _ = array.field(&field.name).map(|field| field.to_vec::<f64>());
        }
    }
    let _ = value.to_array::<f64, IxDyn>();
    let _ = value.to_object_array();
    let _ = value.dtype().map(|dtype| dtype.to_string());
    let _ = value.entries();
    let _ = value.items();
    let _ = value.get("a");
});
