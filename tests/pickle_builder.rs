//! Pickles that were built: beside CPython's, byte for byte and object for object.

mod support;

use std::cell::RefCell;
use std::io::{self, BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use picklebook::pickle::{self, Builder, DumpOptions, ErrorKind, Handle, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

type Outcome = Result<(), Box<dyn std::error::Error>>;
type Made<'a> = Result<Handle, pickle::Error>;

fn options(protocol: u8) -> DumpOptions {
    DumpOptions::new().protocol(protocol)
}

/// A Python that runs lines of code with a pickle at hand (tests/pickle/built.py).
struct Python {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Result<Python, Box<dyn std::error::Error>> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pickle/built.py");
        let mut process = Command::new(support::python())
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = process.stdin.take().ok_or("no stdin")?;
        let output = BufReader::new(process.stdout.take().ok_or("no stdout")?);
        Ok(Python { process, input, output })
    }

    fn ask(&mut self, request: serde_json::Value) -> Result<String, Box<dyn std::error::Error>> {
        writeln!(self.input, "{request}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line)?;
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

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An array of numpy, as its `__reduce__` describes it.
fn numpy_array<'a>(
    b: &Builder<'a>,
    shape: &[u64],
    dtype: &str,
    data: impl Into<std::borrow::Cow<'a, [u8]>>,
) -> Made<'a> {
    let (start, zero, name) = (b.global("numpy", "ndarray"), b.int(0), b.bytes(b"b"));
    let array = b.reduce(
        b.global("numpy._core.multiarray", "_reconstruct"),
        [start, b.tuple([zero])?, name],
    )?;
    let shape = b.tuple(shape.iter().map(|&length| b.int(length)))?;
    let state = b.tuple([b.int(1), shape, numpy_dtype(b, dtype)?, b.bool(false), b.bytes(data)])?;
    b.build(array, state)?;
    Ok(array)
}

fn numpy_dtype<'a>(b: &Builder<'a>, name: &str) -> Made<'a> {
    let dtype = b.reduce(b.global("numpy", "dtype"), [b.str(name), b.bool(false), b.bool(true)])?;
    let (none, minus) = (b.none(), b.int(-1));
    let state = [b.int(3), b.str("<"), none, none, none, minus, minus, b.int(0)];
    b.build(dtype, b.tuple(state)?)?;
    Ok(dtype)
}

type Make = for<'a> fn(&Builder<'a>) -> Result<Handle, pickle::Error>;

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
