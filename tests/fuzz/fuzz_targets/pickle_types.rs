//! Any bytes as a pickle of a Rust type.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use picklebook::pickle::{self, DumpOptions, Limits};
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

fuzz_target!(|data: &[u8]| {
    let limits = Limits::new().expansion(16);
    let _ = pickle::loads_with::<Anything>(data, &limits);
    let _ = pickle::loads_with::<Vec<String>>(data, &limits);
    let _ = pickle::loads_with::<(f64, f64)>(data, &limits);
    if let Ok(value) = pickle::loads_with::<Data>(data, &limits) {
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            let written = pickle::dumps_with(&value, &options).expect("data can be written");
            let again: Data = pickle::loads(&written).expect("what is written can be read");
            // NaN is not equal to itself, but prints alike.
            assert_eq!(format!("{again:?}"), format!("{value:?}"));
        }
    }
});
