//! Any bytes as a file of scikit-learn's: read, described, and asked all that its model answers; and as a
//! table of pandas' or a sparse matrix of SciPy's.
//!
//! `cargo fuzz run --fuzz-dir tests/fuzz sklearn_loads`; without a nightly toolchain under
//! `RUSTC_BOOTSTRAP=1`. The files in the archives of `tests/sklearn` are good to start from.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picklebook::data::{Column, Frame};
use picklebook::model::{Method, Model};
use picklebook::pickle::{self, Limits, Value};
use picklebook::sklearn::{self, LoadOptions};

/// The most columns of which rows are made up.
const MOST_COLUMNS: usize = 1000;

fuzz_target!(|data: &[u8]| {
    let limits = Limits::new().memory(64 << 20);
    let options = LoadOptions::new().limits(limits);
    let Ok(estimator) = sklearn::loads_with(data, &options) else {
        if let Ok(table) = sklearn::loads_table_with(data, &options) {
            let (rows, columns) = table.shape();
            assert!(
                (0..columns).all(|place| table.column(place).is_some_and(|it| it.len() == rows))
            );
        }
        if let Ok(value) = pickle::loads_with::<Value>(data, &limits) {
            let _ = sklearn::sparse_rows(&value);
        }
        return;
    };
    assert!(!estimator.describe().is_empty() && !estimator.to_string().is_empty());
    assert!(estimator == estimator.clone());
    let columns = estimator.n_features();
    if columns == 0 || columns > MOST_COLUMNS {
        return;
    }
    let numbers = |number: f64| vec![Column::from([number, -number, 1e6]); columns];
    let words = vec![Column::from(["a", "", "red"]); columns];
    for cells in [numbers(0.5), numbers(f64::NAN), words] {
        let table = Frame::unnamed(cells).expect("columns of one length");
        for method in Method::ALL {
            let _ = estimator.ask(&table, method);
        }
    }
});
