//! The direct way beside the way over the graph: what it answers, the graph answers too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::read;
use crate::pickle::{DumpOptions, Limits, dumps, dumps_with, loads_prefix};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Node {
    name: String,
    share: f64,
    id: i64,
    #[serde(default)]
    values: Vec<f64>,
    pair: (i64, bool),
    left: Option<Box<Node>>,
    kind: Kind,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Leaf,
    Split(u8),
    Range {
        low: i32,
        high: u64,
    },
    Three(f32, char, String),
}

/// Nothing, or what the graph says too.
fn read_both<T: DeserializeOwned + Debug>(bytes: &[u8]) -> Option<T> {
    let (value, end) = read::<T>(bytes, &Limits::new())?;
    let (same, same_end) = loads_prefix::<T>(bytes).unwrap();
    assert_eq!((format!("{value:?}"), end), (format!("{same:?}"), same_end));
    Some(value)
}

fn try_types(bytes: &[u8]) {
    read_both::<Node>(bytes);
    read_both::<BTreeMap<String, Node>>(bytes);
    read_both::<Vec<Vec<i64>>>(bytes);
    read_both::<(Vec<i64>, (i64, i64), String)>(bytes);
    read_both::<Vec<((i64, f64), String)>>(bytes);
    read_both::<BTreeMap<(i64, i64), Vec<u8>>>(bytes);
    read_both::<[f64; 3]>(bytes);
    read_both::<BTreeSet<i64>>(bytes);
    read_both::<Vec<serde::de::IgnoredAny>>(bytes);
    read_both::<Vec<serde_json::Value>>(bytes);
}

#[test]
fn usual_pickles_are_read_directly() {
    fn direct<T: DeserializeOwned + Debug + PartialEq>(bytes: &[u8], value: T) {
        assert_eq!(read_both::<T>(bytes), Some(value));
    }
    direct(b"\x80\x04K\x07.", 7i64);
    direct(b"\x80\x04]\x94(K\x01K\x02e.", vec![1i64, 2]);
    direct(b"\x80\x04]\x94K\x05a.", vec![5i64]);
    direct(b"]K\x01aK\x02aK\x03a.", vec![1i64, 2, 3]);
    direct(b"\x80\x04]\x94.", Vec::<i64>::new());
    direct(b"](]](K\x01ee.", vec![vec![], vec![1i64]]);
    direct(b"](]K\x01a]K\x02ae.", vec![vec![1i64], vec![2]]);
    direct(b"\x80\x04K\x01G\x3f\xf0\0\0\0\0\0\0\x86\x94.", (1i64, 1.0f64));
    direct(b"K\x01K\x02\x86K\x03\x86.", ((1i64, 2i64), 3i64));
    direct(b"(K\x01K\x02K\x03K\x04t.", (1i64, 2i64, 3i64, 4i64));
    direct(b"](X\x01\0\0\0aq\x00h\x00e.", vec!["a".to_owned(), "a".to_owned()]);
    // One list, two times.
    direct(b"](]q\x00(K\x01K\x02eh\x00e.", vec![vec![1i64, 2], vec![1, 2]]);
    direct(b"C\x02ab.", vec![b'a', b'b']);
    direct(b"\x8f\x94(K\x01K\x02\x90.", BTreeSet::from([1i64, 2]));
    direct(b"\x95\x02\0\0\0\0\0\0\0N.", ());
}

#[test]
fn other_pickles_are_left_to_the_graph() {
    fn left<T: DeserializeOwned + Debug>(bytes: &[u8]) {
        assert!(read::<T>(bytes, &Limits::new()).is_none(), "{bytes:?}");
        assert!(loads_prefix::<T>(bytes).is_ok(), "{bytes:?}");
    }
    // Duplicates, drops, numbers in text, a memo that does not count up, calls.
    left::<Vec<i64>>(b"](K\x012e.");
    left::<Vec<i64>>(b"](K\x01K\x020e.");
    left::<i64>(b"I7\n.");
    left::<Vec<String>>(b"](X\x01\0\0\0aq\x05h\x05e.");
    left::<Vec<i64>>(b"cbuiltins\nset\n](K\x01e\x85R.");
    // A pair from the memo, of which the first item begins where the pair begins.
    left::<Vec<(i64, i64)>>(b"](K\x01K\x02\x86q\x00h\x00e.");
    // A list where a tuple of lists would begin like it.
    left::<(Vec<i64>, i64)>(b"](K\x01eK\x02\x86.");
}

#[test]
fn wrong_pickles_have_no_direct_answer() {
    fn none<T: DeserializeOwned + Debug>(bytes: &[u8]) {
        assert!(read::<T>(bytes, &Limits::new()).is_none(), "{bytes:?}");
        assert!(loads_prefix::<T>(bytes).is_err(), "{bytes:?}");
    }
    none::<Vec<i64>>(b"](K\x01K\x02e");
    none::<[i64; 3]>(b"](K\x01K\x02e.");
    none::<[i64; 1]>(b"](K\x01K\x02e.");
    none::<Vec<BTreeMap<i64, i64>>>(b"](}K\x01K\x02s}K\x01sssse.");
    // A key that cannot be one; text that is none; a list that contains itself.
    none::<BTreeMap<Vec<i64>, i64>>(b"}](K\x01eK\x02s.");
    none::<BTreeMap<(i64, Vec<i64>), i64>>(b"}K\x01](K\x01e\x86K\x02s.");
    none::<BTreeSet<Vec<i64>>>(b"\x8f(]\x90.");
    none::<String>(b"X\x01\0\0\0\xff.");
    #[derive(Debug, Deserialize)]
    struct Nested(#[allow(dead_code)] Vec<Nested>);
    none::<Nested>(b"]q\x00h\x00a.");
    none::<Vec<i64>>(b"\x95\xff\xff\0\0\0\0\0\0](K\x01e.");
    none::<((i64, i64), (i64, i64))>(b"(K\x01q\x00K\x02\x86h\x00t.");
}

/// Behind an error that a type hides, nothing is read any more.
#[test]
fn a_type_that_hides_errors() {
    #[derive(Debug, PartialEq)]
    struct Lenient(Option<i64>);

    impl<'de> Deserialize<'de> for Lenient {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Lenient, D::Error> {
            Ok(Lenient(i64::deserialize(deserializer).ok()))
        }
    }

    let bytes = b"](K\x01X\x01\0\0\0aK\x02e.";
    assert!(read::<Vec<Lenient>>(bytes, &Limits::new()).is_none());
    let found = crate::pickle::loads::<Vec<Lenient>>(bytes).unwrap();
    assert_eq!(found, [Lenient(Some(1)), Lenient(None), Lenient(Some(2))]);
}

#[test]
fn limits_are_kept() {
    let bytes = dumps(&vec!["text"; 100]).unwrap();
    for limits in [Limits::new().objects(50), Limits::new().depth(0), Limits::new().memory(1000)] {
        assert!(read::<Vec<String>>(&bytes, &limits).is_none());
    }
    let memo = dumps_with(&["a", "b", "c"], &DumpOptions::new()).unwrap();
    assert!(read::<[String; 3]>(&memo, &Limits::new()).is_some());
    assert!(read::<[String; 3]>(&memo, &Limits::new().memo(2)).is_none());
}

#[test]
fn texts_are_taken_from_the_memo_in_any_order() {
    let texts: Vec<String> = (0..300).map(|number| format!("{number} é")).collect();
    // Neighbours, and such that are the same but for a multiple of what is kept of them.
    let order = (0..300).chain((0..600).map(|step| step * 32 % 300)).chain((0..300).rev());
    let value: Vec<String> = order.map(|number| texts[number].clone()).collect();
    for protocol in 2..=5 {
        let bytes = dumps_with(&value, &DumpOptions::new().protocol(protocol)).unwrap();
        assert!(bytes.len() < 300 * 16 + value.len() * 6);
        assert_eq!(read_both::<Vec<String>>(&bytes).as_ref(), Some(&value));
    }
}

/// Lists and dictionaries longer than a batch, and just as long.
#[test]
fn batches() {
    for length in [999, 1000, 1001, 2000, 2001, 5000] {
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            let list: Vec<(i64, String)> = (0..length).map(|i| (i * i, i.to_string())).collect();
            let bytes = dumps_with(&list, &options).unwrap();
            assert_eq!(read_both(&bytes), Some(list.clone()));
            let map: BTreeMap<String, i64> = list.into_iter().map(|(i, name)| (name, i)).collect();
            let bytes = dumps_with(&map, &options).unwrap();
            assert_eq!(read_both(&bytes), Some(map));
        }
    }
}

fn kinds() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Leaf),
        any::<u8>().prop_map(Kind::Split),
        any::<(i32, u64)>().prop_map(|(low, high)| Kind::Range { low, high }),
        (-1e3f32..1e3, any::<char>(), ".{0,3}").prop_map(|(a, b, c)| Kind::Three(a, b, c)),
    ]
}

fn nodes() -> impl Strategy<Value = Node> {
    let values = prop::collection::vec(-1e9f64..1e9, 0..4);
    let leaf = ("[a-z]{0,3}", any::<i64>(), values, any::<(i64, bool)>(), kinds()).prop_map(
        |(name, id, values, pair, kind)| Node {
            name,
            share: id as f64,
            id,
            values,
            pair,
            left: None,
            kind,
        },
    );
    leaf.prop_recursive(5, 10, 1, |inner| {
        (inner, kinds()).prop_map(|(inner, kind)| Node {
            left: Some(Box::new(inner)),
            kind,
            ..Node::default()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_ways_agree(
        nodes in prop::collection::btree_map("[a-c]{1,2}", nodes(), 0..4),
        protocol in 2u8..=5,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40),
    ) {
        let options = DumpOptions::new().protocol(protocol);
        let bytes = dumps_with(&nodes, &options).unwrap();
        prop_assert_eq!(read_both(&bytes), Some(nodes.clone()));
        prop_assert_eq!(read_both(&dumps(&nodes).unwrap()), Some(nodes));
        // With one byte changed, too, what is answered is what the graph answers.
        for (place, byte) in changes {
            let mut changed = bytes.clone();
            let place = place.index(changed.len());
            changed[place] = byte;
            try_types(&changed);
        }
    }

    /// Opcodes in any order, of those that the direct way knows.
    #[test]
    fn both_ways_agree_on_any_opcodes(parts in prop::collection::vec(
        prop::sample::select(vec![
            &b"]"[..], b"](", b"(", b"e", b"a", b"}", b"}(", b"u", b"s", b"t", b"K\x01", b"K\x02",
            b"G\x3f\xf0\0\0\0\0\0\0", b"X\x01\0\0\0a", b"\x8c\x01b", b"N", b"\x88", b")", b"\x85",
            b"\x86", b"\x87", b"\x94", b"q\x00", b"h\x00", b"h\x01", b"\x8f(", b"\x90", b"C\x01c",
        ]),
        1..12,
    )) {
        let mut bytes = parts.concat();
        bytes.push(b'.');
        try_types(&bytes);
    }
}
