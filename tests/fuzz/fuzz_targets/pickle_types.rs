//! Any bytes as a pickle of a Rust type.
#![no_main]

use std::collections::BTreeMap;
use std::fmt::Debug;

use libfuzzer_sys::fuzz_target;
use picklebook::ndarray::{Array2, ArrayD};
use picklebook::pickle::{self, DumpOptions, Limits};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize, PartialEq)]
enum Data {
    Nothing,
    Unit(()),
    Truth(bool),
    Integer(i64),
    Wide(i128, u128),
    Number(f64),
    Text(String),
    Letter(char),
    List(Vec<Data>),
    Maybe(Option<Box<Data>>),
    Map(BTreeMap<String, Data>),
    Keyed(BTreeMap<i64, Vec<u8>>),
    Named { name: String, values: (f32, u8) },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Anything {
    Nothing(()),
    Truth(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Anything>),
    Map(BTreeMap<String, Anything>),
}

/// Without a graph and over a graph: the same value, or none.
fn read<T: DeserializeOwned + Debug>(data: &[u8], limits: &Limits) -> Option<T> {
    let value = pickle::loads_with::<T>(data, limits).ok();
    let prefix = pickle::loads_prefix::<T>(data).ok();
    if let Some(value) = &value {
        let (same, end) = prefix.expect("the graph has a value too");
        // a text editor adds a newline
        assert_eq!(pickle::behind(data, end), data.len());
        // NaN is not equal to itself, but prints alike.
        assert_eq!(format!("{value:?}"), format!("{same:?}"));
    }
    value
}

fuzz_target!(|data: &[u8]| {
    let limits = Limits::new().expansion(16);
    read::<Anything>(data, &limits);
    read::<Vec<String>>(data, &limits);
    read::<Vec<(f64, f64)>>(data, &limits);
    read::<(Vec<i64>, (i64, i64), String)>(data, &limits);
    read::<BTreeMap<(i64, i64), Vec<u8>>>(data, &limits);
    read::<Array2<f64>>(data, &limits);
    read::<ArrayD<String>>(data, &limits);
    read::<Vec<Vec<f64>>>(data, &limits);
    if let Some(value) = read::<Data>(data, &limits) {
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            let written = pickle::dumps_with(&value, &options).expect("data can be written");
            let again: Data = pickle::loads(&written).expect("what is written can be read");
            assert_eq!(format!("{again:?}"), format!("{value:?}"));
        }
    }
});
