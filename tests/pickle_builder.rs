//! Pickles that were built: beside CPython's, byte for byte and object for object.

#[path = "support/conversation.rs"]
mod conversation;
mod support;

use std::borrow::Cow;
use std::io::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conversation::Conversation;
use picklebook::pickle::{self, Builder, DumpOptions, ErrorKind, Handle, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Made = Result<Handle, pickle::Error>;

fn options(protocol: u8) -> DumpOptions {
    DumpOptions::new().protocol(protocol)
}

/// A Python that runs lines of code with a pickle at hand (tests/pickle/built.py).
struct Python(Conversation);

impl Python {
    fn start() -> Result<Python, Box<dyn std::error::Error>> {
        Conversation::start(&support::python(), "pickle/built.py").map(Python)
    }

    fn ask(&mut self, request: serde_json::Value) -> Result<String, Box<dyn std::error::Error>> {
        let answer: serde_json::Value = self.0.ask(&request)?;
        match (answer["answer"].as_str(), answer["error"].as_str()) {
            (Some(answer), None) => Ok(answer.to_owned()),
            (_, error) => Err(format!("{error:?} on {request:.1000}").into()),
        }
    }

    /// The pickle of what an expression makes, by CPython's own pickler.
    fn dumps(
        &mut self,
        expression: &str,
        protocol: u8,
    ) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let request = json!({"do": "dumps", "code": expression, "protocol": protocol});
        Ok(STANDARD.decode(self.ask(request)?)?)
    }

    /// What an expression says of the object that a pickle holds, `it`.
    fn says(&mut self, bytes: &[u8], code: &str) -> Result<String, Box<dyn std::error::Error>> {
        self.ask(json!({"do": "says", "data": STANDARD.encode(bytes), "code": code}))
    }
}

/// An array of numpy, as its `__reduce__` describes it.
fn array<'a>(
    b: &Builder<'a>,
    shape: &[u32],
    dtype: Handle,
    data: impl Into<Cow<'a, [u8]>>,
) -> Made {
    let array = b.reduce(
        b.global("numpy._core.multiarray", "_reconstruct"),
        [b.global("numpy", "ndarray"), b.tuple([b.int(0)])?, b.bytes(b"b")],
    )?;
    let shape = b.tuple(shape.iter().map(|&length| b.int(length)))?;
    b.build(array, b.tuple([b.int(1), shape, dtype, b.bool(false), b.bytes(data)])?)?;
    Ok(array)
}

/// A data type of numpy: its name, its byte order, and for a structure what it adds to that.
fn dtype(b: &Builder<'_>, name: &str, order: &str, fields: [Handle; 5]) -> Made {
    let class = b.global("numpy", "dtype");
    let dtype = b.reduce(class, [b.str(name), b.bool(false), b.bool(true)])?;
    let (version, order) = (b.int(3), b.str(order));
    let [names, offsets, size, alignment, flags] = fields;
    let state = [version, order, b.none(), names, offsets, size, alignment, flags];
    b.build(dtype, b.tuple(state)?)?;
    Ok(dtype)
}

fn plain_dtype(b: &Builder<'_>, name: &str) -> Made {
    let order = if name == "u1" { "|" } else { "<" };
    dtype(b, name, order, [b.none(), b.none(), b.int(-1), b.int(-1), b.int(0)])
}

fn floats(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

type Make = fn(&Builder<'_>) -> Made;

fn numbers(b: &Builder<'_>, count: u32) -> Vec<Handle> {
    (0..count).map(|number| b.int(number)).collect()
}

/// What Python code makes, and the same built here: the bytes are the same in protocols 2 to 5.
const SAME: &[(&str, Make)] = &[
    ("None", |b| Ok(b.none())),
    ("(True, False)", |b| b.tuple([b.bool(true), b.bool(false)])),
    ("[0, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63, -2**63]", |b| {
        let numbers: [i128; 12] = [
            0,
            255,
            256,
            65535,
            65536,
            -1,
            (1 << 31) - 1,
            1 << 31,
            -1 << 31,
            (-1 << 31) - 1,
            1 << 63,
            -1 << 63,
        ];
        b.list(numbers.map(|number| b.int(number)))
    }),
    ("[2**100, -2**2047, 2**2047, 7]", |b| {
        let mut large = vec![0; 256];
        large[255] = 0x80;
        let low = b.int_from_le_bytes(&large)?;
        large.push(0);
        let high = b.int_from_le_bytes(&large)?;
        b.list([b.int(1i128 << 100), low, high, b.int_from_le_bytes(&[7, 0, 0])?])
    }),
    ("[0.5, -0.0, inf, nan]", |b| {
        b.list([0.5, -0.0, f64::INFINITY, f64::NAN].map(|number| b.float(number)))
    }),
    ("('', 'spam', 'grün', '\\ud800x', 'y' * 255, 'z' * 256)", |b| {
        b.tuple([
            b.str(""),
            b.str("spam"),
            b.str("grün"),
            b.str_from_utf16(&[0xd800, u16::from(b'x')]),
            b.str(&"y".repeat(255)),
            b.str(&"z".repeat(256)),
        ])
    }),
    ("[w := 'long' * 10000, w]", |b| {
        let long = b.str(&"long".repeat(10000));
        b.list([long, long])
    }),
    ("[b'', b'ab', b'\\xff\\0' * 200, w := b'cd', w]", |b| {
        let twice = b.bytes(b"cd");
        b.list([b.bytes(b""), b.bytes(b"ab"), b.bytes([0xff, 0].repeat(200)), twice, twice])
    }),
    ("[bytearray(b''), bytearray(b'ab'), w := bytearray(b'cd' * 1000), w]", |b| {
        let twice = b.bytearray(b"cd".repeat(1000));
        b.list([b.bytearray(b""), b.bytearray(b"ab"), twice, twice])
    }),
    ("[(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]", |b| {
        let tuples: Result<Vec<_>, _> =
            (0..5u32).map(|length| b.tuple((1..=length).map(|number| b.int(number)))).collect();
        b.list(tuples?)
    }),
    ("[[], [1], [1, 2]]", |b| {
        b.list([b.list([])?, b.list([b.int(1)])?, b.list([b.int(1), b.int(2)])?])
    }),
    ("[{}, {1: 2}, {1: 2, 'a': None}]", |b| {
        let entry = (b.int(1), b.int(2));
        b.list([b.dict([])?, b.dict([entry])?, b.dict([entry, (b.str("a"), b.none())])?])
    }),
    ("[set(), {1}, frozenset(), frozenset([1]), frozenset([2])]", |b| {
        b.list([
            b.set([])?,
            b.set([b.int(1)])?,
            b.frozenset([])?,
            b.frozenset([b.int(1)])?,
            b.frozenset([b.int(2)])?,
        ])
    }),
    ("[list(range(n)) for n in (999, 1000, 1001, 2000, 2001)]", |b| {
        let lists: Result<Vec<_>, _> =
            [999, 1000, 1001, 2000, 2001].map(|n| b.list(numbers(b, n))).into_iter().collect();
        b.list(lists?)
    }),
    ("[{k: k for k in range(n)} for n in (999, 1000, 1001, 2000, 2001)]", |b| {
        let dicts: Result<Vec<_>, _> = [999, 1000, 1001, 2000, 2001]
            .map(|n| b.dict(numbers(b, n).into_iter().map(|number| (number, number))))
            .into_iter()
            .collect();
        b.list(dicts?)
    }),
    ("[set(range(n)) for n in (999, 1000, 1001, 2000)]", |b| {
        let sets: Result<Vec<_>, _> =
            [999, 1000, 1001, 2000].map(|n| b.set(numbers(b, n))).into_iter().collect();
        b.list(sets?)
    }),
    ("[Stack(range(n)) for n in (0, 1, 2, 1000, 1001, 2001)]", |b| {
        let class = b.global("__main__", "Stack");
        let stacks = b.list([])?;
        for n in [0, 1, 2, 1000, 1001, 2001] {
            let stack = b.newobj(class, [])?;
            for number in numbers(b, n) {
                b.append(stack, number)?;
            }
            b.append(stacks, stack)?;
        }
        Ok(stacks)
    }),
    ("[OrderedDict((k, [k]) for k in range(n)) for n in (0, 1, 2, 1000, 1001)]", |b| {
        let class = b.global("collections", "OrderedDict");
        let dicts = b.list([])?;
        for n in [0, 1, 2, 1000, 1001] {
            let dict = b.reduce(class, [])?;
            for number in numbers(b, n) {
                b.set_item(dict, number, b.list([number])?)?;
            }
            b.append(dicts, dict)?;
        }
        Ok(dicts)
    }),
    ("Counter({'a': 2})", |b| {
        b.reduce(b.global("collections", "Counter"), [b.dict([(b.str("a"), b.int(2))])?])
    }),
    ("defaultdict(list, {1: []})", |b| {
        let dict =
            b.reduce(b.global("collections", "defaultdict"), [b.global("builtins", "list")])?;
        b.set_item(dict, b.int(1), b.list([])?)?;
        Ok(dict)
    }),
    ("[Pair(1, 2), Pair('a', None)]", |b| {
        let class = b.global("__main__", "Pair");
        b.list([b.newobj(class, [b.int(1), b.int(2)])?, b.newobj(class, [b.str("a"), b.none()])?])
    }),
    ("[w := Person('Ada', [36]), w, Person('Bob', w)]", |b| {
        let class = b.global("__main__", "Person");
        let ada = b.newobj(class, [])?;
        b.build(ada, b.attributes([("name", b.str("Ada")), ("more", b.list([b.int(36)])?)])?)?;
        let bob = b.newobj(class, [])?;
        b.build(bob, b.attributes([("name", b.str("Bob")), ("more", ada)])?)?;
        b.list([ada, ada, bob])
    }),
    ("holding_itself()", |b| {
        let list = b.list([])?;
        let dict = b.dict([(b.str("list"), list)])?;
        b.extend(list, [list, dict, b.tuple([list])?])?;
        let person = b.newobj(b.global("__main__", "Person"), [])?;
        b.build(person, b.attributes([("name", person), ("more", b.tuple([person])?)])?)?;
        b.append(list, person)?;
        Ok(list)
    }),
    ("a_tuple_in_its_own_list()", |b| {
        let list = b.list([])?;
        let tuple = b.tuple([list, b.int(1), b.int(2), b.int(3)])?;
        b.extend(list, [tuple, b.tuple([list])?])?;
        Ok(tuple)
    }),
    (
        "[object, range, Outer.Inner, Outer.Inner.Most, Outer.Inner, Outer, reduce, StringIO, ConnectionError, list]",
        |b| {
            b.list([
                b.global("builtins", "object"),
                b.global("builtins", "range"),
                b.global("__main__", "Outer.Inner"),
                b.global("__main__", "Outer.Inner.Most"),
                b.global("__main__", "Outer.Inner"),
                b.global("__main__", "Outer"),
                b.global("_functools", "reduce"),
                b.global("_io", "StringIO"),
                b.global("builtins", "ConnectionError"),
                b.global("builtins", "list"),
            ])
        },
    ),
    ("[str(number) for number in range(3000)] * 2", |b| {
        let texts: Vec<_> = (0..3000).map(|number| b.str(&number.to_string())).collect();
        b.list(texts.iter().chain(&texts).copied())
    }),
    ("[b'x' * 65535, b'y' * 65536, [b'z' * 200000], bytearray(b'w' * 70000)]", |b| {
        b.list([
            b.bytes(b"x".repeat(65535)),
            b.bytes(b"y".repeat(65536)),
            b.list([b.bytes(b"z".repeat(200_000))])?,
            b.bytearray(b"w".repeat(70_000)),
        ])
    }),
    ("[[float(n), (n, [])] for n in range(12000)]", |b| {
        let items: Result<Vec<_>, _> = (0..12000)
            .map(|n| b.list([b.float(n.into()), b.tuple([b.int(n), b.list([])?])?]))
            .collect();
        b.list(items?)
    }),
];

#[test]
fn the_bytes_are_cpythons() -> Outcome {
    let mut python = Python::start()?;
    for (code, make) in SAME {
        let b = Builder::new();
        let made = make(&b)?;
        for protocol in 2..=5 {
            let bytes = b.dumps(made, &options(protocol))?;
            let expected = python.dumps(code, protocol)?;
            let place = bytes.iter().zip(&expected).position(|(a, b)| a != b);
            let near = |bytes: &[u8]| {
                let place = place.unwrap_or(bytes.len().min(expected.len()));
                let part = bytes.get(place.saturating_sub(30)..).unwrap_or_default();
                part.iter().take(80).copied().collect::<Vec<u8>>().escape_ascii().to_string()
            };
            assert!(
                bytes == expected,
                "{code}, protocol {protocol}, byte {place:?}:\n{}\n{}",
                near(&bytes),
                near(&expected)
            );
            // What is read is what was built.
            let value: Value = pickle::loads(&bytes)?;
            // Before protocol 4 the name of an inner class is a call of getattr.
            if protocol >= if code.contains("Outer") { 4 } else { 3 } {
                assert_eq!(value.to_string(), b.to_value(made)?.to_string(), "{code}");
            }
            assert_eq!(pickle::dumps_with(&value, &options(protocol))?, bytes, "{code} {protocol}");
        }
    }
    Ok(())
}

/// An array that borrows its numbers, byte for byte as numpy's own.
#[test]
fn arrays_of_numpy() -> Outcome {
    let mut python = Python::start()?;
    for (count, code) in
        [(6, "np.arange(6.).reshape(2, 3)"), (30_000, "np.arange(30000.).reshape(2, -1)")]
    {
        let numbers: Vec<f64> = (0..count).map(f64::from).collect();
        let data = floats(&numbers);
        let b = Builder::new();
        let shape = [2, count as u32 / 2];
        let made = array(&b, &shape, plain_dtype(&b, "f8")?, &data)?;
        for protocol in 2..=5 {
            let bytes = b.dumps(made, &options(protocol))?;
            let equal = format!("it.dtype == float and np.array_equal(it, {code})");
            assert_eq!(python.says(&bytes, &equal)?, "True", "{code} {protocol}");
            if protocol < 5 {
                assert_eq!(bytes, python.dumps(code, protocol)?, "{code} {protocol}");
            }
        }
        // In protocol 5 numpy has another way.
        let shape = b.tuple(shape.map(|length| b.int(length)))?;
        let call = b.global("numpy._core.numeric", "_frombuffer");
        let buffer = b.bytearray(&data);
        let made = b.reduce(call, [buffer, plain_dtype(&b, "f8")?, shape, b.str("C")])?;
        assert_eq!(b.dumps(made, &options(5))?, python.dumps(code, 5)?, "{code}");
    }
    Ok(())
}

/// A tree of scikit-learn that nobody fitted predicts.
#[test]
fn a_tree_of_scikit_learn() -> Outcome {
    let mut python = Python::start()?;
    let b = Builder::new();
    let (int, float, byte) =
        (plain_dtype(&b, "i8")?, plain_dtype(&b, "f8")?, plain_dtype(&b, "u1")?);
    let columns = [
        ("left_child", int, 0),
        ("right_child", int, 8),
        ("feature", int, 16),
        ("threshold", float, 24),
        ("impurity", float, 32),
        ("n_node_samples", int, 40),
        ("weighted_n_node_samples", float, 48),
        ("missing_go_to_left", byte, 56),
    ];
    let names = columns.map(|(name, _, _)| b.str(name));
    let mut offsets = Vec::new();
    for (name, (_, dtype, offset)) in names.into_iter().zip(columns) {
        offsets.push((name, b.tuple([dtype, b.int(offset)])?));
    }
    let fields = [b.tuple(names)?, b.dict(offsets)?, b.int(64), b.int(1), b.int(16)];
    let node_dtype = dtype(&b, "V64", "|", fields)?;

    let mut nodes = Vec::new();
    let rows: [([i64; 3], f64, f64, i64); 3] = [
        ([1, 2, 0], 1.5, 0.25, 3), // x[0] <= 1.5
        ([-1, -1, -2], -2.0, 0.0, 2),
        ([-1, -1, -2], -2.0, 0.0, 1),
    ];
    for (links, threshold, impurity, samples) in rows {
        nodes.extend(links.iter().flat_map(|link| link.to_le_bytes()));
        nodes.extend(floats(&[threshold, impurity]));
        nodes.extend(samples.to_le_bytes());
        nodes.extend(floats(&[samples as f64]));
        nodes.extend([0; 8]);
    }
    let classes = array(&b, &[1], int, 1i64.to_le_bytes().to_vec())?;
    let tree = b.reduce(b.global("sklearn.tree._tree", "Tree"), [b.int(1), classes, b.int(1)])?;
    let state = b.attributes([
        ("max_depth", b.int(1)),
        ("node_count", b.int(3)),
        ("nodes", array(&b, &[3], node_dtype, &nodes)?),
        ("values", array(&b, &[3, 1, 1], float, floats(&[0.5, 0.25, 8.0]))?),
    ])?;
    b.build(tree, state)?;

    for protocol in 2..=5 {
        let bytes = b.dumps(tree, &options(protocol))?;
        let code =
            "(it.node_count, it.predict(np.array([[1.0], [2.0]], dtype=np.float32)).tolist(),
            [part.tolist() for part in (it.feature, it.threshold, it.n_node_samples)])";
        assert_eq!(
            python.says(&bytes, code)?,
            "(3, [[0.25], [8.0]], [[0, -2, -2], [1.5, -2.0, -2.0], [3, 2, 1]])",
            "protocol {protocol}"
        );
    }
    Ok(())
}

/// What CPython's pickler writes in another way, or never, Python reads as it is meant.
#[test]
fn python_reads_what_it_does_not_write() -> Outcome {
    let mut python = Python::start()?;
    let b = Builder::new();

    let point = b.newobj(b.global("__main__", "Point"), [])?;
    b.build(point, b.attributes([("x", b.int(1)), ("y", b.float(2.5))])?)?;
    let named = b.newobj_ex(b.global("__main__", "Named"), [b.int(1)], [("key", point)])?;
    let known = b.persistent_id(b.str("row 7"))?;
    let all = b.tuple([point, named, known, known, b.persistent_id(b.tuple([point])?)?])?;

    let bag = b.reduce(b.global("__main__", "Bag"), [])?;
    b.append(bag, b.int(1))?;
    b.set_item(bag, b.str("key"), b.list([])?)?;
    b.append(bag, b.int(2))?;
    b.extend(bag, [b.int(3), bag])?;
    b.build(bag, b.str("first"))?;
    b.build(bag, b.str("second"))?;
    b.update(bag, [(b.list([])?, b.none()), (b.int(4), b.none())])?;

    for protocol in 2..=5 {
        let bytes = b.dumps(all, &options(protocol))?;
        let code = "(it[0] == Point(1, 2.5), it[1].args, it[1].named['key'] is it[0], *it[2:])";
        assert_eq!(
            python.says(&bytes, code)?,
            "(True, (1,), True, ('looked up', 'row 7'), ('looked up', 'row 7'), \
             ('looked up', (Point(x=1, y=2.5),)))",
            "protocol {protocol}"
        );
        let bytes = b.dumps(bag, &options(protocol))?;
        assert_eq!(
            python.says(&bytes, "['me' if done is it else done for done in it.done]")?,
            "[1, ('key', []), 2, 3, 'me', {'state': 'first'}, {'state': 'second'}, ([], None), \
             (4, None)]",
            "protocol {protocol}"
        );
    }

    b.add(bag, b.int(5))?;
    let bytes = b.dumps(bag, &options(4))?;
    assert_eq!(python.says(&bytes, "it.done[-1]")?, "{5}");
    let error = b.dumps(bag, &options(3)).unwrap_err().to_string();
    assert!(error.contains("an object with members of a set needs protocol 4 or newer"), "{error}");
    Ok(())
}

/// Values that were read go in with all that they share, also one by one.
#[test]
fn values_and_rust_data_are_put_in() -> Outcome {
    let mut python = Python::start()?;
    let value: Value = pickle::loads(
        b"\x80\x04]\x94(]\x94c__main__\nBag\n)R\x94(K\x01h\x00ee.", // [list, bag], the bag holds all
    )?;
    let items = value.items();
    let b = Builder::new();
    let (list, bag) = (b.value(&items[0])?, b.value(&items[1])?);
    b.append(list, b.str("new"))?;
    assert_eq!(b.value(&items[0])?, list);
    let data = b.serialize(&(1, "two", vec![Some(3.0), None], &items[0]))?;
    let all = b.tuple([list, bag, data])?;
    for protocol in 2..=5 {
        let bytes = b.dumps(all, &options(protocol))?;
        let code = "(it[1].done[1][0] is it[0], it[1].done[1][1] is it[1], it[0], it[2])";
        let said = python.says(&bytes, code)?;
        assert_eq!(said, "(True, True, ['new'], (1, 'two', [3.0, None], []))");
    }

    // All that a pickle may hold.
    let odd: &[&[u8]] = &[
        b"(Pname\nK\x07Q\x82\x09\x97\x97\x98cm\nf\nt.",
        b"(S'\\xff'\nVa\\ud800\nI01\nF1.5\nL12345678901234567890L\n(lp0\ng0\nat.",
        b"\x80\x02(c__builtin__\nset\n]K\x01a\x85R(K\x01i__builtin__\ncomplex\n(cm\nC\nK\x01ot.",
        b"\x80\x04(\x8f(K\x01\x90(K\x01\x91}K\x01Ns\x8c\x01a\x85)N\x8a\x01\x05C\x02ab\x96\x01\0\0\0\0\0\0\0ct.",
        b"(cm\nC\n}b\x8c\x01m\x8c\x01D\x93}b\x97}b\x82\x09}bPname\nK\x01Q\x8c\x01F\x93]b\x8c\x01GQ}bt.",
        b"(c__builtin__\nxrange\nccopy_reg\n_reconstructor\ncm\nC\n)\x81]bt.",
        b"\x80\x04(\x8c\x01m\x8c\x03\xed\xa0\x80\x93\x8c\x01m\x8c\x01D\x93\x8c\x01m\x8c\x01D\x93]bt.",
    ];
    for bytes in odd {
        let value: Value = pickle::loads(bytes)?;
        let b = Builder::new();
        let again = b.value(&value)?;
        let text = b.to_value(again)?.to_string();
        assert_eq!(text, value.to_string());
        for protocol in [4, 5] {
            let as_it_was = pickle::dumps_with(&value, &options(protocol));
            match (b.dumps(again, &options(protocol)), as_it_was) {
                (Ok(bytes), Ok(as_it_was)) => assert_eq!(bytes, as_it_was),
                (bytes, as_it_was) => assert!(bytes.is_err() && as_it_was.is_err()),
            }
        }
    }
    Ok(())
}

/// Long bytes come to the writer from where they lie, outside of frames.
#[test]
fn long_bytes_are_not_copied() -> Outcome {
    struct Seen(Vec<(usize, usize)>);

    impl Write for Seen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push((bytes.as_ptr() as usize, bytes.len()));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let borrowed = vec![1u8; 1 << 20];
    let owned = vec![2u8; 1 << 20];
    let places = [&borrowed, &owned].map(|bytes| (bytes.as_ptr() as usize, bytes.len()));
    let b = Builder::new();
    let both = [b.bytes(&borrowed), b.bytes(owned)];
    let all = b.list([both[0], both[1], both[0]])?;
    for protocol in 3..=5 {
        let mut seen = Seen(Vec::new());
        b.dump(all, &mut seen, &options(protocol))?;
        let long: Vec<_> = seen.0.into_iter().filter(|&(_, length)| length > 1000).collect();
        assert_eq!(long, places);
    }
    Ok(())
}

fn refusal<T: std::fmt::Debug>(result: Result<T, pickle::Error>) -> String {
    let error = result.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Build { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn what_no_pickle_can_hold_is_refused() -> Outcome {
    let b = Builder::new();
    let (one, list, class) = (b.int(1), b.list([])?, b.global("m", "C"));
    let tuple = b.tuple([list])?;
    let object = b.newobj(class, [])?;
    for (refused, message) in [
        (
            refusal(b.dict([(one, one), (list, one)])),
            "cannot make a dict: key 1 is a list, which Python cannot hash",
        ),
        (
            refusal(b.dict([(tuple, one)])),
            "cannot make a dict: key 0 is a tuple that holds something that Python cannot hash",
        ),
        (
            refusal(b.frozenset([one, b.bytearray(b"")])),
            "cannot make a frozenset: member 1 is a bytearray, which Python cannot hash",
        ),
        (
            refusal(b.append(tuple, one)),
            "cannot append: the target is a tuple, and must be a list, or an object that Python \
             makes by a call",
        ),
        (
            refusal(b.set_item(list, one, one)),
            "cannot set a key: the target is a list, and must be a dict, or an object that Python \
             makes by a call",
        ),
        (
            refusal(b.add(list, one)),
            "cannot add to a set: the target is a list, and must be a set, or an object that Python \
             makes by a call",
        ),
        (
            refusal(b.build(b.dict([])?, one)),
            "cannot set a state: the target is a dict, and must be an object that Python makes by a \
             call",
        ),
        (
            refusal(b.build(class, one)),
            "cannot set a state: the target is an imported name, not an object made by calling it",
        ),
        (
            refusal(b.reduce(list, [])),
            "cannot call: a list cannot be called; import a class or function by `global`",
        ),
        (
            refusal(Builder::new().list([one])),
            "cannot make a list: a handle belongs to another builder",
        ),
        (
            refusal(Builder::new().dumps(object, &options(4))),
            "cannot write: a handle belongs to another builder",
        ),
    ] {
        assert_eq!(refused, message);
    }
    // An object may be a key, and empty additions change nothing.
    b.dict([(object, one), (b.tuple([object])?, one)])?;
    b.extend(list, [])?;
    assert_eq!(b.to_value(b.list([list])?)?.to_string(), "[[]]");
    assert!(b.dumps(one, &options(6)).is_err());
    Ok(())
}

/// A set that is needed to make its own member has to be there before it, as only newer protocols
/// can tell.
#[test]
fn recursion_that_older_protocols_cannot_hold() -> Outcome {
    let mut python = Python::start()?;
    let b = Builder::new();
    let set = b.set([])?;
    b.add(set, b.newobj(b.global("__main__", "Named"), [set])?)?;
    for protocol in [4, 5] {
        let bytes = b.dumps(set, &options(protocol))?;
        assert_eq!(python.says(&bytes, "[named.args[0] is it for named in it]")?, "[True]");
    }
    for protocol in [2, 3] {
        let error = b.dumps(set, &options(protocol)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Unwritable { .. }), "{error:?}");
        assert!(error.to_string().contains("only protocols 4 and 5 can write"), "{error}");
    }
    Ok(())
}

/// Whoever uses the builder while it is at work gets an error, or what was asked for.
#[test]
fn the_builder_is_used_while_it_works() -> Outcome {
    struct Meddling<'b, 'a>(&'b Builder<'a>, Vec<Handle>);

    impl Write for Meddling<'_, '_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1.push(self.0.int(7));
            assert!(self.0.list([]).is_err());
            assert!(self.0.dumps(self.0.none(), &options(4)).is_ok());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    let b = Builder::new();
    let list = b.list((0..3).map(|number| b.list([b.int(number)]).unwrap_or(b.none())))?;
    assert_eq!(b.to_value(list)?.to_string(), "[[0], [1], [2]]");
    let mut writer = Meddling(&b, Vec::new());
    b.dump(list, &mut writer, &options(4))?;
    let nothing = writer.1;
    assert!(!nothing.is_empty());
    let error = refusal(b.list(nothing));
    assert!(error.contains("stands for nothing"), "{error}");
    Ok(())
}

/// Depth and many small additions cost neither the stack nor more than their share of time.
#[test]
fn deep_and_long_objects() -> Outcome {
    let on_a_small_stack = std::thread::Builder::new().stack_size(256 << 10).spawn(|| {
        const DEEP: u32 = 200_000;
        let b = Builder::new();
        let class = b.global("m", "C");
        let mut deep = b.none();
        for level in 0..DEEP {
            deep = match level % 5 {
                0 => b.list([deep])?,
                1 => b.tuple([deep])?,
                2 => b.dict([(b.int(level), deep)])?,
                3 => b.reduce(class, [deep])?,
                _ => {
                    let object = b.newobj(class, [])?;
                    b.build(object, deep)?;
                    object
                }
            };
        }
        for protocol in 2..=5 {
            let bytes = b.dumps(deep, &options(protocol))?;
            let value: Value = pickle::loads(&bytes)?;
            assert_eq!(pickle::dumps_with(&value, &options(protocol))?, bytes);
            b.value(&value)?;
        }

        // In turn, so that nothing stands next to what was added before.
        let b = Builder::new();
        let (list, dict, set) = (b.list([])?, b.dict([])?, b.set([])?);
        let object = b.newobj(b.global("m", "C"), [])?;
        for number in (0..DEEP).map(|number| b.int(number)) {
            b.append(list, number)?;
            b.set_item(dict, number, number)?;
            b.add(set, number)?;
            b.append(object, number)?;
            b.build(object, number)?;
        }
        let value = b.to_value(b.tuple([list, dict, set, object])?)?;
        let lengths: Vec<_> =
            value.items().iter().map(|it| it.items().len() + it.entries().len()).collect();
        assert_eq!(lengths, [DEEP as usize; 4]);
        Ok::<(), pickle::Error>(())
    })?;
    on_a_small_stack.join().map_err(|_| "the thread failed")??;
    Ok(())
}

#[test]
fn a_file_is_written_whole_or_not_at_all() -> Outcome {
    let path = support::folder("pickle-builder").join("built.pkl");
    let b = Builder::new();
    let good = b.list([b.str("spam")])?;
    b.save(good, &path, &options(5))?;
    let bag = b.newobj(b.global("m", "Bag"), [])?;
    b.add(bag, good)?;
    let error = b.save(bag, &path, &options(2)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InFile { .. }), "{error}");
    let strange = Builder::new().save(good, &path, &options(5)).unwrap_err();
    assert!(strange.to_string().contains("another builder"), "{strange}");
    assert_eq!(pickle::open::<Vec<String>>(&path)?, ["spam"]);
    assert_eq!(std::fs::read_dir(path.parent().ok_or("no folder")?)?.count(), 1);
    Ok(())
}

/// How to make one object of those before it, and what to add to one of them then.
#[derive(Clone, Debug)]
struct Step {
    kind: u8,
    parts: Vec<usize>,
    target: usize,
    added: usize,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let parts = prop::collection::vec(any::<usize>(), 0..6);
    let step = (any::<u8>(), parts, any::<usize>(), any::<usize>())
        .prop_map(|(kind, parts, target, added)| Step { kind, parts, target, added });
    prop::collection::vec(step, 1..30)
}

/// The same objects, built here and told in Python.
struct Twins<'a> {
    b: Builder<'a>,
    code: String,
    /// Each with the kind that Python names.
    made: Vec<(Handle, &'static str)>,
    /// Whether the bytes are to be those of CPython.
    exact: bool,
    /// Whether there are objects that do not print in one way.
    persons: bool,
}

impl Twins<'_> {
    fn new(steps: &[Step]) -> Result<Twins<'_>, pickle::Error> {
        let mut twins = Twins {
            b: Builder::new(),
            code: String::new(),
            made: Vec::new(),
            exact: true,
            persons: false,
        };
        // Half of all are made without pairs: CPython writes one that holds itself in another way.
        let kinds = if steps.len().is_multiple_of(2) { 10 } else { 11 };
        for step in steps {
            twins.make(step, kinds)?;
            twins.fill(step)?;
        }
        Ok(twins)
    }

    fn note(&mut self, handle: Handle, kind: &'static str, code: &str) {
        let number = self.made.len();
        self.code.push_str(&format!("o{number} = {code}\n"));
        self.made.push((handle, kind));
    }

    fn make(&mut self, step: &Step, kinds: u8) -> Result<(), pickle::Error> {
        let number = self.made.len();
        let known = self.made.len().max(1);
        let parts: Vec<usize> =
            step.parts.iter().map(|part| part % known).filter(|&part| part < number).collect();
        let handles: Vec<Handle> = parts.iter().map(|&part| self.made[part].0).collect();
        let names: String = parts.iter().map(|part| format!("o{part}, ")).collect();
        // What can be hashed, whatever it holds.
        let simple: Vec<usize> = parts
            .iter()
            .copied()
            .filter(|&part| matches!(self.made[part].1, "int" | "str" | "bytes"))
            .collect();
        let b = &self.b;
        match step.kind % kinds {
            0 => {
                let numbers = [0, 255, 256, 65536, -1, 1 << 40, -(1 << 70), 1 << 100];
                let value: i128 = numbers[step.target % 8] + (step.added % 3) as i128;
                self.note(b.int(value), "int", &value.to_string());
            }
            1 => {
                let value = step.target as f64 / 8.0;
                self.note(b.float(value), "float", &format!("{value:?}"));
            }
            2 => {
                let text = format!("t{number}é").repeat(step.target % 40 + 1);
                self.note(b.str(&text), "str", &format!("{text:?}"));
            }
            3 => {
                let length = [2, 3, 30, 300, 2000, 30_000][step.target % 6];
                let bytes = format!("b{number}").repeat(length);
                let code = format!("b'b{number}' * {length}");
                self.note(b.bytes(bytes.into_bytes()), "bytes", &code);
            }
            4 => {
                let bytes = format!("a{number}").into_bytes();
                self.note(b.bytearray(bytes), "bytearray", &format!("bytearray(b'a{number}')"));
            }
            5 => self.note(b.list(handles)?, "list", &format!("[{names}]")),
            6 => self.note(b.tuple(handles)?, "tuple", &format!("({names})")),
            7 => {
                let mut keys = simple;
                keys.sort_unstable();
                keys.dedup();
                // Python would keep one of two equal keys.
                keys.retain(|&key| self.made[key].1 != "int");
                let pairs = keys.iter().map(|&key| (self.made[key].0, self.made[0].0));
                let dict = b.dict(pairs)?;
                let code: String = keys.iter().map(|key| format!("o{key}: o0, ")).collect();
                self.note(dict, "dict", &format!("{{{code}}}"));
            }
            8 => {
                // Of several members Python alone knows the order.
                let member: Vec<usize> = simple.into_iter().take(1).collect();
                let handles = member.iter().map(|&part| self.made[part].0);
                let kind = if step.target.is_multiple_of(2) { "set" } else { "frozenset" };
                let set = if kind == "set" { b.set(handles)? } else { b.frozenset(handles)? };
                let code: String = member.iter().map(|part| format!("o{part},")).collect();
                self.note(set, kind, &format!("{kind}(({code}))"));
            }
            9 => {
                self.persons = true;
                let person = b.newobj(b.global("__main__", "Person"), [])?;
                let more = b.list(handles)?;
                b.build(person, b.attributes([("name", person), ("more", more)])?)?;
                let code = format!("Person(None, [{names}]); o{number}.name = o{number}");
                self.note(person, "Person", &code);
            }
            _ => {
                self.exact = false;
                let left = handles.first().copied().unwrap_or(b.none());
                let pair = b.newobj(b.global("__main__", "Pair"), [left, b.none()])?;
                let left = parts.first().map_or("None".to_owned(), |part| format!("o{part}"));
                self.note(pair, "Pair", &format!("Pair({left}, None)"));
            }
        }
        Ok(())
    }

    /// Adds an object to one that was made before, or to itself.
    fn fill(&mut self, step: &Step) -> Result<(), pickle::Error> {
        let (target, added) = (step.target % self.made.len(), step.added % self.made.len());
        let ((object, kind), (item, _)) = (self.made[target], self.made[added]);
        match kind {
            "list" => {
                self.b.append(object, item)?;
                self.code.push_str(&format!("o{target}.append(o{added})\n"));
            }
            "dict" => {
                let key = format!("k{}", self.made.len());
                self.b.set_item(object, self.b.str(&key), item)?;
                self.code.push_str(&format!("o{target}['{key}'] = o{added}\n"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// What is printed, cut off: objects that use others many times over would print for ever.
fn repr(value: &Value) -> String {
    value.repr().length(50_000).to_string()
}

/// Objects of all kinds, shared and recursive: built here and made by Python they are the same, to the
/// byte where CPython's pickler has one way to write them.
#[test]
fn random_objects() -> Outcome {
    let python = std::cell::RefCell::new(Python::start()?);
    let config = Config { cases: 300, failure_persistence: None, ..Config::default() };
    let (mut exact, mut cases) = (0, 0);
    let counts = std::cell::RefCell::new((&mut exact, &mut cases));
    TestRunner::new(config).run(&steps(), |steps| {
        let fails = |error: Box<dyn std::error::Error>| TestCaseError::fail(error.to_string());
        let twins = Twins::new(&steps).map_err(|error| fails(error.into()))?;
        let b = &twins.b;
        let all = b
            .list(twins.made.iter().rev().map(|&(handle, _)| handle))
            .map_err(|error| fails(error.into()))?;
        let names: String =
            (0..twins.made.len()).rev().map(|number| format!("o{number}, ")).collect();
        let code = format!("{}made = [{names}]", twins.code);
        let built = b.to_value(all).map_err(|error| fails(error.into()))?;
        for protocol in 2..=5 {
            let bytes = b.dumps(all, &options(protocol)).map_err(|error| fails(error.into()))?;
            let value: Value = pickle::loads(&bytes).map_err(|error| fails(error.into()))?;
            if protocol >= 3 {
                prop_assert_eq!(repr(&value), repr(&built));
            }
            for value in [&value, &built] {
                let again = pickle::dumps_with(value, &options(protocol));
                prop_assert_eq!(&again.map_err(|error| fails(error.into()))?, &bytes);
            }
            let request = json!({"do": "compare", "data": STANDARD.encode(&bytes), "code": code,
                "protocol": protocol, "exact": twins.exact, "repr": Some(repr(&value)).filter(|text| !twins.persons && !text.ends_with("..."))});
            let answer = python.borrow_mut().ask(request).map_err(fails)?;
            prop_assert_eq!(answer, "the same", "protocol {} of\n{}", protocol, code);
        }
        let mut counts = counts.borrow_mut();
        *counts.0 += usize::from(twins.exact);
        *counts.1 += 1;
        Ok(())
    })?;
    assert!(cases >= 300 && exact >= 100, "{exact} of {cases}");
    Ok(())
}
