//! What people's own files showed: pickles that Python or Rust wrote in a way that was not expected,
//! each with its right value. The files are in tests/reports/.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use picklebook::pickle::{self, Builder, DumpOptions, Encoding, Limits, Value};
use serde::{Deserialize, Serialize};

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reports")).join(name)
}

fn problem<T>(result: Result<T, pickle::Error>) -> String {
    result.map(|_| ()).expect_err("it is refused").to_string()
}

fn has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}

/// Nothing is written that could not be read again.
mod keys {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    struct Cell {
        row: u8,
        col: u8,
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    enum Piece {
        A,
        B(u8),
        C(u8, u8),
        D { x: u8 },
    }

    #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Loose {
        Truth(bool),
        Int(i64),
        Text(String),
        Letter(char),
        Nothing(()),
    }

    type Layer<K> = BTreeMap<&'static str, BTreeMap<K, f64>>;

    #[derive(Serialize)]
    struct Board<K: Ord> {
        name: &'static str,
        layers: Vec<(u8, Layer<K>)>,
    }

    fn board<K: Ord>(key: K) -> Board<K> {
        let layer =
            BTreeMap::from([("low", BTreeMap::new()), ("up", BTreeMap::from([(key, 0.5)]))]);
        Board { name: "b", layers: vec![(0, BTreeMap::new()), (1, layer)] }
    }

    /// By each way to write.
    fn refusals<T: Serialize>(value: &T) -> Vec<String> {
        let mut found = vec![problem(pickle::dumps(value))];
        for protocol in 2..=5 {
            found.push(problem(pickle::dumps_with(value, &DumpOptions::new().protocol(protocol))));
        }
        found.push(problem(Builder::new().serialize(value)));
        found
    }

    #[test]
    fn what_was_written_is_no_pickle() {
        for name in ["key_structkey_dumps.pkl", "key_enumkey_dumps.pkl"] {
            has(
                &problem(pickle::open::<Value>(file(name))),
                &["a key cannot be a list, dictionary"],
            );
        }
    }

    #[test]
    fn keys_that_become_dictionaries_or_lists_are_refused_by_their_place() {
        for found in refusals(&board(Cell { row: 1, col: 2 })) {
            has(
                &found,
                &[
                    "in layers[1].1['up']: key 0 is the struct Cell, which becomes a dict that Python \
                 cannot hash; use text, numbers or tuples",
                ],
            );
        }
        for (key, name) in [
            (Piece::B(1), "Piece::B"),
            (Piece::C(1, 2), "Piece::C"),
            (Piece::D { x: 1 }, "Piece::D"),
        ] {
            for found in refusals(&BTreeMap::from([(Piece::A, 1), (key, 2)])) {
                has(&found, &["value: key 1 is the variant ", name, "which becomes a dict"]);
            }
        }
        for found in refusals(&BTreeMap::from([((1, Some(vec![2])), 3)])) {
            has(&found, &["key 0 is a tuple that holds a sequence, which becomes a tuple"]);
        }
        for found in refusals(&BTreeMap::from([(BTreeMap::from([(1, 2)]), 3)])) {
            has(&found, &["key 0 is a map"]);
        }
    }

    #[test]
    fn the_old_file_stays() -> Outcome {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("board.pkl");
        pickle::save(&"good", &path)?;
        let cells = HashMap::from([(Cell { row: 1, col: 2 }, 0.5)]);
        has(&problem(pickle::save(&cells, &path)), &["board.pkl", "key 0 is the struct Cell"]);
        has(&problem(pickle::save_with(&cells, &path, &DumpOptions::new())), &["the struct Cell"]);
        assert_eq!(pickle::open::<String>(&path)?, "good");
        assert_eq!(std::fs::read_dir(folder.path())?.count(), 1, "nothing else is left");
        Ok(())
    }

    #[test]
    fn keys_that_python_can_hash_are_written() -> Outcome {
        type Key = (Option<u8>, (String, char), [i8; 2]);
        let keys: BTreeMap<Key, Piece> = BTreeMap::from([
            ((None, ("a".into(), 'b'), [1, -1]), Piece::A),
            ((Some(1), ("a".into(), 'b'), [1, -1]), Piece::D { x: 1 }),
        ]);
        let units = BTreeMap::from([((Piece::A, true), ()), ((Piece::A, false), ())]);
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            let read: BTreeMap<Key, Piece> = pickle::loads(&pickle::dumps_with(&keys, &options)?)?;
            assert_eq!(read, keys);
        }
        assert_eq!(pickle::loads::<BTreeMap<Key, Piece>>(&pickle::dumps(&keys)?)?, keys);
        assert_eq!(pickle::loads::<BTreeMap<(Piece, bool), ()>>(&pickle::dumps(&units)?)?, units);
        Ok(())
    }

    #[test]
    fn keys_that_are_equal_in_python_are_refused() -> Outcome {
        let text = |text: &str| Loose::Text(text.into());
        for (one, other) in [
            (Loose::Truth(true), Loose::Int(1)),
            (Loose::Truth(false), Loose::Int(0)),
            (text("a"), Loose::Letter('a')),
        ] {
            for found in refusals(&vec![BTreeMap::from([(one.clone(), 1), (other.clone(), 2)])]) {
                has(&found, &["in [0]: key 1, ", "are equal in Python"]);
            }
        }
        for found in refusals(&BTreeMap::from([(None, 1), (Some(()), 2)])) {
            has(&found, &["key 1, None, and one before it are equal in Python"]);
        }
        let differ: BTreeMap<Loose, u8> =
            [Loose::Truth(true), Loose::Int(0), Loose::Int(2), text("1"), Loose::Nothing(())]
                .into_iter()
                .zip(0..)
                .collect();
        assert_eq!(pickle::loads::<BTreeMap<Loose, u8>>(&pickle::dumps(&differ)?)?, differ);
        // More than are looked at one by one, the equal ones far from one another.
        let pairs =
            |last: i64| Pairs((0..1000).map(Loose::Int).chain([Loose::Int(last)]).collect());
        for found in refusals(&pairs(3)) {
            has(&found, &["key 1000, 3, and one before it"]);
        }
        assert_eq!(pickle::loads::<BTreeMap<i64, ()>>(&pickle::dumps(&pairs(1000))?)?.len(), 1001);
        Ok(())
    }

    /// A list of keys, written as a map.
    struct Pairs(Vec<Loose>);

    impl Serialize for Pairs {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|key| (key, ())))
        }
    }

    #[derive(Serialize)]
    struct Flat {
        name: &'static str,
        #[serde(flatten)]
        rest: BTreeMap<&'static str, u8>,
    }

    #[test]
    fn a_field_that_comes_twice_is_refused() -> Outcome {
        for found in refusals(&Flat { name: "n", rest: BTreeMap::from([("name", 1)]) }) {
            has(&found, &["key 1, 'name', and one before it are equal"]);
        }
        let bytes = pickle::dumps(&Flat { name: "n", rest: BTreeMap::from([("other", 1)]) })?;
        assert_eq!(pickle::loads::<Value>(&bytes)?.to_string(), "{'name': 'n', 'other': 1}");
        Ok(())
    }

    #[test]
    fn objects_that_python_cannot_hash_are_no_keys() -> Outcome {
        // An OrderedDict, made by a call, as a key; in a tuple; in a frozenset; as a member of a set.
        let object = "ccollections\nOrderedDict\n)R";
        for (data, what) in [
            (format!("\u{5d}}}{object}K\u{1}sa."), "in [0]: key 0 of a dict is a OrderedDict"),
            (format!("}}{object}\u{85}K\u{1}s."), "key 0 of a dict is a tuple that holds a Order"),
        ] {
            let data: Vec<u8> = data.chars().map(|it| it as u8).collect();
            let value: Value = pickle::loads(&data)?;
            for protocol in 2..=5 {
                let options = DumpOptions::new().protocol(protocol);
                has(&problem(pickle::dumps_with(&value, &options)), &[what, "cannot hash"]);
            }
            has(&problem(pickle::dumps(&value)), &[what]);
        }
        let b = Builder::new();
        let set = b.reduce(b.global("builtins", "set"), [])?;
        let counter = b.reduce(b.global("collections", "Counter"), [])?;
        let inside = b.tuple([b.int(1), set])?;
        has(&problem(b.dict([(set, b.none())])), &["key 0 is a set, which Python cannot hash"]);
        has(&problem(b.dict([(inside, b.none())])), &["key 0 is a tuple that holds a set"]);
        has(&problem(b.set([b.int(1), counter])), &["member 1 is a Counter"]);
        assert!(b.frozenset([b.tuple([b.reduce(b.global("a", "B"), [])?])?]).is_ok());
        Ok(())
    }
}

/// Nothing is invented that the file does not say.
mod states {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Optional {
        a: Option<f64>,
        b: Option<f64>,
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Defaults {
        a: f64,
        b: f64,
    }

    #[test]
    fn a_state_without_names_is_no_struct_and_no_map() -> Outcome {
        for name in ["dc_p5.pkl", "st_list.pkl"] {
            for found in [
                problem(pickle::open::<Optional>(file(name))),
                problem(pickle::open::<Defaults>(file(name))),
                problem(pickle::open::<BTreeMap<String, f64>>(file(name))),
            ] {
                has(
                    &found,
                    &["the state of this object is a list of 2 items, which does not name"],
                );
            }
            assert_eq!(pickle::open::<(String, f64)>(file(name))?, ("a".to_owned(), 1.5));
            let value: Value = pickle::open(file(name))?;
            assert!(value.get("a").is_none());
            assert!(value.entries().is_empty());
            let items: Vec<String> = value.items().iter().map(Value::to_string).collect();
            assert_eq!(items, ["'a'", "1.5"]);
            has(&value.to_string(), &["() ['a', 1.5]"]);
        }
        Ok(())
    }

    #[test]
    fn the_two_dictionaries_of_slots() -> Outcome {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Slotted {
            mapping: BTreeMap<String, String>,
        }
        let value: Value = pickle::open(file("slotted_p2.pkl"))?;
        let found = value.get("mapping").ok_or("it is there")?;
        assert_eq!(found.to_string(), "{'k': 'v'}");
        assert_eq!(found.get("k").ok_or("it is there")?.as_str().as_deref(), Some("v"));
        assert_eq!(value.entries().len(), 1);
        let mapping = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        assert_eq!(pickle::open::<Slotted>(file("slotted_p2.pkl"))?, Slotted { mapping });
        Ok(())
    }

    /// States of all kinds, as `BUILD` gives them to an object without arguments.
    #[test]
    fn states_of_all_kinds() -> Outcome {
        let with_state =
            |state: &[u8]| -> Vec<u8> { [b"\x80\x02cshapes\nPoint\n)\x81", state, b"b."].concat() };
        for (state, what) in [
            (&b"K\x05"[..], "of type int"),
            (b"G?\xf8\x00\x00\x00\x00\x00\x00", "of type float"),
            (b"X\x01\x00\x00\x00a", "of type str"),
            (b"]", "a list of 0 items"),
            (b")", "a tuple of 0 items"),
            (b"K\x01\x85", "a tuple of 1 item"),
            (b"K\x01K\x02\x86", "a tuple of 2 items"),
            (b"}K\x02\x86", "a tuple of 2 items"),
            (b"}}}\x87", "a tuple of 3 items"),
            (b"\x88", "of type bool"),
            (b"cshapes\nOther\n)\x81", "an object of another class"),
        ] {
            let data = with_state(state);
            has(
                &problem(pickle::loads::<Optional>(&data)),
                &["the state of this object is ", what],
            );
            has(&problem(pickle::loads::<HashMap<String, Value>>(&data)), &[what]);
            assert!(pickle::loads::<i64>(&data).is_err(), "{what}");
            assert!(pickle::loads::<String>(&data).is_err(), "{what}");
            let value: Value = pickle::loads(&data)?;
            assert!(value.get("a").is_none() && value.entries().is_empty(), "{what}");
            let items = value.items().len();
            match pickle::loads::<Vec<Value>>(&data) {
                Ok(read) => assert_eq!(read.len(), items, "{what}"),
                Err(error) => {
                    assert_eq!(items, 0, "{what}");
                    has(&error.to_string(), &["the state of this object is ", what]);
                }
            }
        }
        // The two of an object that has both, and each alone.
        for (state, names) in [
            (&b"}X\x01\x00\x00\x00aK\x01s}X\x01\x00\x00\x00bK\x02s\x86"[..], &["a", "b"][..]),
            (b"}X\x01\x00\x00\x00aK\x01sN\x86", &["a"]),
            (b"N}X\x01\x00\x00\x00bK\x02s\x86", &["b"]),
            (b"NN\x86", &[]),
            (b"}X\x01\x00\x00\x00aK\x01s", &["a"]),
            (b"}", &[]),
        ] {
            let data = with_state(state);
            let value: Value = pickle::loads(&data)?;
            let read: BTreeMap<String, i64> = pickle::loads(&data)?;
            assert_eq!(read.keys().collect::<Vec<_>>(), names);
            for (name, number) in &read {
                assert_eq!(value.get(name).and_then(|found| found.as_i64()), Some(*number));
            }
            assert_eq!(value.entries().len(), names.len());
        }
        Ok(())
    }
}

/// Python's own classes, and those derived from them.
mod classes {
    use super::*;

    #[test]
    fn a_class_derived_from_str() -> Outcome {
        let path = file("mystr_p2.pkl");
        assert_eq!(pickle::open::<String>(&path)?, "s");
        let value: Value = pickle::open(&path)?;
        assert_eq!(value.as_str().as_deref(), Some("s"));
        assert_eq!(value.to_string(), "__main__.MyStr('s')");
        // As the key of a map, and as the value of any type.
        let data = b"\x80\x02}cm\nKey\nX\x01\x00\x00\x00k\x85\x81cm\nCount\nK\x07\x85\x81s.";
        assert_eq!(pickle::loads::<HashMap<String, u8>>(data)?, HashMap::from([("k".into(), 7)]));
        assert_eq!(pickle::loads::<serde_json::Value>(data)?, serde_json::json!({"k": 7}));
        assert_eq!(pickle::loads::<Value>(data)?.get("k").and_then(|it| it.as_i64()), Some(7));
        Ok(())
    }

    #[test]
    fn enumerations() -> Outcome {
        let path = file("strenum_p4.pkl");
        assert_eq!(pickle::open::<String>(&path)?, "abc");
        assert_eq!(pickle::open::<Value>(&path)?.to_string(), "__main__.SE('abc')");
        assert_eq!(pickle::open::<Value>(&path)?.as_str().as_deref(), Some("abc"));

        #[derive(Debug, PartialEq, Deserialize)]
        enum Rust {
            #[serde(rename = "abc")]
            Abc,
            #[serde(rename = "RED")]
            Red,
        }
        assert_eq!(pickle::open::<Rust>(&path)?, Rust::Abc);
        // A number is the value of the member, not the place of a variant.
        let number = b"cm\nColour\n(I0\ntR.";
        assert_eq!(pickle::loads::<u8>(number)?, 0);
        assert_eq!(pickle::loads::<f64>(number)?, 0.0);
        assert!(pickle::loads::<Rust>(number).is_err());
        // Some versions of Python write the name; then the value is not in the file.
        let name = b"\x80\x02c__builtin__\ngetattr\ncm\nColour\nX\x03\x00\x00\x00RED\x86R.";
        assert_eq!(pickle::loads::<Rust>(name)?, Rust::Red);
        assert_eq!(pickle::loads::<Value>(name)?.to_string(), "m.Colour.RED");
        has(&problem(pickle::loads::<String>(name)), &["only the name is in the pickle, RED"]);
        // Calls of functions stay what only Python knows.
        for call in [&b"cos\nsystem\n(Vls\ntR."[..], b"cm\nC\n(I1\nI2\ntR.", b"cm\nC\n(tR."] {
            has(&problem(pickle::loads::<String>(call)), &["which only Python knows"]);
            has(&problem(pickle::loads::<HashMap<String, u8>>(call)), &["which only Python knows"]);
        }
        Ok(())
    }

    #[test]
    fn named_tuples_and_dataclasses_are_structs() -> Outcome {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Pair {
            first: u8,
            second: String,
        }
        let expected = Pair { first: 1, second: "b".into() };
        for data in [
            // A named tuple in protocols 0 and 2.
            &b"ccopy_reg\n_reconstructor\n(cm\nPair\nc__builtin__\ntuple\n(I1\nVb\nttR."[..],
            b"\x80\x02cm\nPair\nK\x01X\x01\x00\x00\x00b\x86\x81.",
            // A dataclass, and one with slots.
            b"\x80\x02cm\nPair\n)\x81}(X\x06\x00\x00\x00secondX\x01\x00\x00\x00bX\x05\x00\x00\x00firstK\x01ub.",
            b"\x80\x02cm\nPair\n)\x81N}(X\x05\x00\x00\x00firstK\x01X\x06\x00\x00\x00secondX\x01\x00\x00\x00bu\x86b.",
        ] {
            assert_eq!(pickle::loads::<Pair>(data)?, expected, "{}", data.escape_ascii());
        }
        // One item too many is an error, not dropped.
        let three = b"\x80\x02cm\nPair\nK\x01X\x01\x00\x00\x00bN\x87\x81.";
        has(&problem(pickle::loads::<Pair>(three)), &["expected 2 items, found 3"]);
        // An empty list of a class of one's own, and attributes beside the items.
        assert!(pickle::loads::<Vec<u8>>(b"\x80\x02cm\nMyList\n)\x81.")?.is_empty());
        let beside = b"\x80\x02cm\nMyList\n)\x81K\x07a}X\x01\x00\x00\x00nK\x01sb.";
        assert_eq!(pickle::loads::<Vec<u8>>(beside)?, [7]);
        assert_eq!(pickle::loads::<Value>(beside)?.get("n").and_then(|it| it.as_i64()), Some(1));
        Ok(())
    }

    #[test]
    fn times_with_named_zones() -> Outcome {
        let read: HashMap<String, String> = pickle::open(file("tz.pkl"))?;
        assert_eq!(read["when"], "2024-07-01T12:00:00[Europe/Amsterdam]");
        assert_eq!(read["utc"], "2024-07-01T12:00:00+00:00");
        let value: Value = pickle::open(file("tz.pkl"))?;
        let when = value.get("when").ok_or("it is there")?;
        assert_eq!(
            when.to_string(),
            "datetime.datetime(2024, 7, 1, 12, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Amsterdam'))"
        );
        assert_eq!(when.as_str().as_deref(), Some("2024-07-01T12:00:00[Europe/Amsterdam]"));
        // Of a zone of an unknown class nothing is known.
        let unknown = b"cdatetime\ndatetime\n(c_codecs\nencode\n(V\x07\xe8\x07\x01\x0c\\u0000\\u0000\\u0000\\u0000\\u0000\nVlatin1\ntRcm\nZone\n(tRtR.";
        has(&problem(pickle::loads::<String>(unknown)), &["datetime.datetime, which only Python"]);
        Ok(())
    }
}

/// Texts of Python 2, and what happens to files on their way.
mod files {
    use super::*;

    #[test]
    fn texts_of_python_2() -> Outcome {
        let path = file("py2_latin1_p2.pkl");
        let with = |encoding| Limits::new().encoding(encoding);
        let value: Value = pickle::open_with(&path, &with(Encoding::Latin1))?;
        assert_eq!(value.to_string(), "{'price': '£5.0', 'café': 1}");
        assert_eq!(value.get("café").and_then(|it| it.as_i64()), Some(1));
        let price = value.get("price").ok_or("it is there")?;
        assert_eq!((price.as_str().as_deref(), price.type_name()), (Some("£5.0"), "str"));

        #[derive(Debug, PartialEq, Deserialize)]
        struct Row {
            price: String,
            café: u8,
        }
        let row: Row = pickle::open_with(&path, &with(Encoding::Latin1))?;
        assert_eq!(row, Row { price: "£5.0".into(), café: 1 });

        let value: Value = pickle::open_with(&path, &with(Encoding::Bytes))?;
        assert_eq!(value.to_string(), r"{b'price': b'\xa35.0', b'caf\xe9': 1}");
        assert_eq!(value.entries()[0].0.type_name(), "bytes");
        for encoding in [Encoding::Ascii, Encoding::Utf8] {
            let found = problem(pickle::open_with::<Value>(&path, &with(encoding)));
            has(
                &found,
                &["at byte 13", "a string of Python 2 is not ", "the encoding `latin1` takes any"],
            );
        }
        // Without: text where it is UTF-8.
        let value: Value = pickle::open(&path)?;
        assert_eq!(value.to_string(), r"{'price': b'\xa35.0', b'caf\xe9': 1}");
        // In quotes, as protocol 0 has it, and from the memo.
        let line = b"(S'caf\\xe9'\np0\ng0\nt.";
        let read: (String, String) = pickle::loads_with(line, &with(Encoding::Latin1))?;
        assert_eq!(read, ("café".into(), "café".into()));
        let read: (Vec<u8>, Vec<u8>) = pickle::loads_with(line, &with(Encoding::Bytes))?;
        assert_eq!(read.0, b"caf\xe9");
        Ok(())
    }

    #[test]
    fn changed_line_ends() -> Outcome {
        let bytes = std::fs::read(file("p0_crlf.pkl"))?;
        has(&problem(pickle::loads::<Value>(&bytes)), &["line ends", "changed"]);
        has(
            &problem(pickle::open::<HashMap<String, Value>>(file("p0_crlf.pkl"))),
            &["binary mode"],
        );
        let sound: Vec<u8> = String::from_utf8(bytes)?.replace("\r\n", "\n").into_bytes();
        let value: Value = pickle::loads(&sound)?;
        has(&value.to_string(), &["'worker one'", "100000000000000000000", r"'line\nbreak'"]);
        // Of every form of line, alone; what is only text may end so.
        for line in [
            &b"I1\r\n."[..],
            b"I01\r\n.",
            b"L5L\r\n.",
            b"F1.5\r\n.",
            b"S'a'\r\n.",
            b"Va\np0\r\n0g0\r\n.",
            b"cos\r\nsystem\r\n.",
            b"(im\r\nC\r\n.",
            b"\x80\x02cm\r\nC\r\n)\x81.",
        ] {
            let found = problem(pickle::loads::<Value>(line));
            // Some are so short that they rather are text.
            let is_text = found.contains("this is plain text");
            assert!(
                is_text || (found.contains("line ends") && found.contains("changed")),
                "{found}"
            );
        }
        // In binary protocols, as far as it shows.
        let numbers: Vec<u32> = (0..300).collect();
        for protocol in 2..=5 {
            let sound = pickle::dumps_with(&numbers, &DumpOptions::new().protocol(protocol))?;
            let mut changed = Vec::new();
            for byte in sound {
                if byte == b'\n' {
                    changed.push(b'\r');
                }
                changed.push(byte);
            }
            has(&problem(pickle::loads::<Vec<u32>>(&changed)), &["line ends", "changed"]);
        }
        // Not of any other damage.
        let found = problem(pickle::loads::<Value>(b"\x80\x02cm\nC\n)\x81X"));
        assert!(!found.contains("line ends"), "{found}");
        Ok(())
    }

    #[test]
    fn white_space_behind_a_pickle() -> Outcome {
        for end in ["", "\n", "\r\n", " \t\n\n"] {
            for start in [&b"\x80\x02](K\x01K\x02e."[..], b"(lp0\nI1\naI2\na."] {
                let bytes = [start, end.as_bytes()].concat();
                assert_eq!(pickle::loads::<Vec<u8>>(&bytes)?, [1, 2]);
                assert_eq!(pickle::load::<Value, _>(&bytes[..])?.to_string(), "[1, 2]");
                let twice = [&bytes[..], &bytes].concat();
                assert_eq!(pickle::load_all::<Vec<u8>, _>(&twice[..])?, [[1, 2], [1, 2]]);
                assert_eq!(pickle::loads_prefix::<Vec<u8>>(&bytes)?.1, start.len());
            }
        }
        has(
            &problem(pickle::loads::<u8>(b"K\x07.\nx")),
            &["ends at byte 3, but 2 more bytes follow"],
        );
        assert!(pickle::load_all::<u8, _>(&b"\n"[..]).is_err(), "there is no pickle");
        Ok(())
    }

    /// Integers of 128 bits are written as they are read, by every writer.
    #[test]
    fn integers_of_128_bits() -> Outcome {
        let signed =
            [i128::MIN, -(1 << 100), i64::MIN.into(), -1, 0, 1 << 63, u64::MAX.into(), i128::MAX];
        let unsigned = [0, u64::MAX.into(), 1 << 64, 1 << 127, u128::MAX];
        let value = (signed, unsigned, None::<u8>, BTreeMap::from([(i128::MIN, Some(u128::MAX))]));
        let mut written = vec![pickle::dumps(&value)?];
        for protocol in 2..=5 {
            written.push(pickle::dumps_with(&value, &DumpOptions::new().protocol(protocol))?);
        }
        type Read = ([i128; 8], [u128; 5], Option<u8>, BTreeMap<i128, Option<u128>>);
        for bytes in written {
            assert_eq!(pickle::loads::<Read>(&bytes)?, value);
            let text = pickle::loads::<Value>(&bytes)?.to_string();
            has(
                &text,
                &[
                    "-170141183460469231731687303715884105728",
                    "340282366920938463463374607431768211455",
                ],
            );
        }
        Ok(())
    }
}
