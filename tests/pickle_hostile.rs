//! Pickles made to harm: each gives a value or an error, in little memory and time, and the process
//! lives on.

#[path = "support/memory.rs"]
mod memory;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use picklebook::pickle::{self, DumpOptions, Error, ErrorKind, Limits, Value};
use serde::Deserialize;

const MEMORY: usize = 512 << 20;
const TIME: Duration = Duration::from_secs(600);

/// Anything that can hold itself, of every shape.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
#[allow(dead_code)]
enum Anything {
    Nothing(()),
    Number(f64),
    Text(String),
    List(Vec<Anything>),
    Map(BTreeMap<String, Anything>),
}

#[derive(Debug, Deserialize)]
struct Nested(#[allow(dead_code)] Vec<Nested>);

/// Does all that can be done with a pickle.
fn try_all(bytes: &[u8]) -> Result<Value, Error> {
    let _ = pickle::loads::<Anything>(bytes);
    let _ = pickle::loads::<Nested>(bytes);
    let value = pickle::loads::<Value>(bytes)?;
    assert!(value.to_string().len() <= (16 << 20) + 3);
    for protocol in 2..=5 {
        let options = DumpOptions::new().protocol(protocol);
        if let Ok(written) = pickle::dumps_with(&value, &options) {
            pickle::loads::<Value>(&written)?;
        }
    }
    Ok(value)
}

/// Runs the test of this name in a process of its own, and looks at its memory and time.
fn alone(name: &str, test: impl FnOnce()) {
    if std::env::var_os("PICKLEBOOK_ALONE").is_some() {
        test();
        if let Some(peak) = memory::status("VmHWM") {
            println!("{name}: {} MiB", peak >> 20);
            assert!(peak < MEMORY, "{name} took {} MiB", peak >> 20);
        }
        return;
    }
    let mut process = Command::new(std::env::current_exe().expect("this test"))
        .args([name, "--exact", "--nocapture"])
        .env("PICKLEBOOK_ALONE", "1")
        .stdout(Stdio::null())
        .spawn()
        .expect("this test starts");
    let start = Instant::now();
    loop {
        match process.try_wait().expect("a process") {
            Some(status) => {
                assert!(status.success(), "{name}: {status}");
                return;
            }
            None if start.elapsed() > TIME => {
                process.kill().expect("a process");
                panic!("{name} did not end");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn repeat(parts: &[(&[u8], usize)]) -> Vec<u8> {
    parts.iter().flat_map(|(part, times)| part.repeat(*times)).collect()
}

const DEEP: usize = 10_000_000;

#[test]
fn deep_lists() {
    alone("deep_lists", || {
        let bytes = repeat(&[(b"]", DEEP), (b"a", DEEP - 1), (b".", 1)]);
        let error = pickle::loads::<Value>(&bytes).unwrap_err();
        assert!(error.to_string().contains("Limits::memory"), "{error}");
        // A quarter of that is read, printed and freed: no step calls itself.
        let bytes = repeat(&[(b"]", DEEP / 4), (b"a", DEEP / 4 - 1), (b".", 1)]);
        let value: Value = pickle::loads(&bytes).unwrap();
        drop(bytes);
        assert!(value.repr().length(1000).to_string().starts_with("[[[["));
        let error = value.to::<Nested>().unwrap_err();
        assert!(error.to_string().contains("Limits::depth"), "{error}");
    });
}

#[test]
fn deep_tuples() {
    alone("deep_tuples", || {
        let _ = try_all(&repeat(&[(b")", 1), (b"\x85", DEEP), (b".", 1)]));
        try_all(&repeat(&[(b")", 1), (b"\x85", DEEP / 40), (b".", 1)])).unwrap();
    });
}

#[test]
fn deep_dictionaries() {
    alone("deep_dictionaries", || {
        let _ = try_all(&repeat(&[(b"}N", DEEP), (b"N", 1), (b"s", DEEP), (b".", 1)]));
        try_all(&repeat(&[(b"}N", DEEP / 40), (b"N", 1), (b"s", DEEP / 40), (b".", 1)])).unwrap();
    });
}

#[test]
fn deep_calls() {
    alone("deep_calls", || {
        let _ = try_all(&repeat(&[(b"ca\nb\n", 1), (b")R", DEEP), (b".", 1)]));
        try_all(&repeat(&[(b"ca\nb\n", 1), (b")R", DEEP / 40), (b".", 1)])).unwrap();
        try_all(&repeat(&[
            (b"ca\nb\n\x94", DEEP / 40),
            (b")", 1),
            (b"R\x85", DEEP / 40 - 1),
            (b"R", 1),
            (b".", 1),
        ]))
        .unwrap();
        try_all(&repeat(&[(b"N", 1), (b"Q", DEEP / 40), (b".", 1)])).unwrap();
    });
}

#[test]
fn deep_states() {
    alone("deep_states", || {
        let _ = try_all(&repeat(&[(b"ca\nb\n", DEEP / 10), (b"b", DEEP / 10 - 1), (b".", 1)]));
        let _ = try_all(&repeat(&[(b"(", DEEP), (b"t", DEEP), (b".", 1)]));
    });
}

#[test]
fn a_bomb_of_dup() {
    alone("a_bomb_of_dup", || {
        let _ = try_all(&repeat(&[(b"N", 1), (b"2", 10_000_000), (b".", 1)]));
        // A tuple of itself, doubled again and again.
        try_all(&repeat(&[(b")", 1), (b"2\x86", 100_000), (b".", 1)])).unwrap();
        try_all(&repeat(&[(b"]", 1), (b"2\x86\x852\x86", 60), (b".", 1)])).unwrap();
    });
}

#[test]
fn a_bomb_of_memo_entries() {
    alone("a_bomb_of_memo_entries", || {
        let _ = try_all(&repeat(&[(b"N", 1), (b"\x94", 10_000_000), (b".", 1)]));
        let mut puts = b"N".to_vec();
        for number in 0..1_500_000u32 {
            puts.push(b'r');
            puts.extend_from_slice(&number.wrapping_mul(2_654_435_761).to_le_bytes());
        }
        puts.push(b'.');
        let _ = try_all(&puts);
        try_all(b"Nr\xff\xff\xff\xffj\xff\xff\xff\xff.").unwrap();
        try_all(b"Np9223372036854775807\ng9223372036854775807\n.").unwrap();
        try_all(b"Np9223372036854775808\n.").unwrap_err();
        try_all(b"Np-1\n.").unwrap_err();
        try_all(b"\x94.").unwrap_err();
        let small = Limits::new().memo(1000);
        let error = pickle::loads_with::<()>(&puts, &small).unwrap_err();
        assert!(error.to_string().contains("Limits::memo"), "{error}");
    });
}

#[test]
fn lengths_beyond_the_data() {
    alone("lengths_beyond_the_data", || {
        for opcode in [0x8d, 0x8e, 0x95, 0x96] {
            for length in [1 << 63, u64::MAX, i64::MAX as u64, 1 << 32, 1, 9] {
                let mut bytes = vec![opcode];
                bytes.extend_from_slice(&u64::to_le_bytes(length));
                let error = try_all(&bytes).unwrap_err();
                assert!(error.to_string().contains("are left"), "{error}");
            }
        }
        for opcode in [b'T', b'B', b'X', 0x8b] {
            for length in [1 << 31, u32::MAX, i32::MAX as u32, 2] {
                let mut bytes = vec![opcode];
                bytes.extend_from_slice(&u32::to_le_bytes(length));
                bytes.push(b'a');
                try_all(&bytes).unwrap_err();
            }
        }
    });
}

#[test]
fn integers_of_a_hundred_million_digits() {
    alone("integers_of_a_hundred_million_digits", || {
        let digits = 100_000_000;
        for opcode in [b"L", b"I", b"p", b"g"] {
            let error = try_all(&repeat(&[(opcode, 1), (b"9", digits), (b"\n.", 1)])).unwrap_err();
            assert!(!error.to_string().contains("999"), "{error:.200}");
        }
        // In base 16 they are cheap, and printed in base 16 too.
        let hexadecimal = |digits| repeat(&[(b"L0x", 1), (b"f", digits), (b"L\n.", 1)]);
        let value: Value = pickle::loads(&hexadecimal(digits / 5)).unwrap();
        assert!(value.repr().length(10).to_string().starts_with("0xffff"));
        drop(value);
        try_all(&hexadecimal(digits / 100)).unwrap();
        let mut bytes = b"\x8b".to_vec();
        bytes.extend_from_slice(&20_000_000u32.to_le_bytes());
        bytes.extend(std::iter::repeat_n(0x7f, 20_000_000));
        bytes.push(b'.');
        let value = try_all(&bytes).unwrap();
        assert!(value.repr().length(10).to_string().starts_with("0x7f7f"));
        let error = value.to::<i128>().unwrap_err();
        assert!(error.to_string().contains("more than 128 bits"), "{error}");
        let _ = try_all(&repeat(&[(b"F1.", 1), (b"9", digits), (b"\n.", 1)])).unwrap();
        let _ = try_all(&repeat(&[(b"F", 1), (b"9", digits), (b"\n.", 1)])).unwrap_err();
    });
}

/// Objects that contain themselves by every way that there is.
#[test]
fn cycles_of_every_kind() {
    alone("cycles_of_every_kind", || {
        for (bytes, printed) in [
            (&b"]\x94h\x00a."[..], "[[...]]"),
            (b"}\x94Nh\x00s.", "{None: {...}}"),
            (b"]\x94h\x00\x85\x94a0h\x01.", "([(...)],)"),
            (b"ca\nb\n)R\x94h\x00b.", "a.b() a.b(...)"),
            (b"ca\nb\n)R\x94h\x00a.", "a.b() [a.b(...)]"),
            (b"ca\nb\n)R\x94h\x00Ns.", "a.b() {a.b(...): None}"),
            (b"ca\nb\n]\x94\x85R\x94h\x00h\x01a0.", "a.b([a.b(...)])"),
            (b"ccollections\ndeque\n)R\x94h\x00a.", "deque([[...]])"),
            (b"ccollections\nOrderedDict\n)R\x94Nh\x00s.", "OrderedDict([(None, ...)])"),
            (b"ca\nb\n\x94h\x00b.", "a.b a.b ..."),
            (b"]\x94cbuiltins\nslice\n(h\x00NNtRa.", "[slice([...], None, None)]"),
            (b"\x8f\x94(h\x00\x85\x90.", ""),
            (b"\x8f\x94(ca\nb\n)Rh\x00b\x90.", "{a.b() set(...)}"),
            (b"](ca\nb\n)R\x94(h\x00\x91be.", "[a.b() frozenset({a.b(...)})]"),
        ] {
            match try_all(bytes) {
                Ok(value) => assert_eq!(value.to_string(), printed),
                Err(error) => assert!(printed.is_empty(), "{error}"),
            }
        }
    });
}

/// A set of objects that are made from the set: in protocols 2 and 3 a set is itself a call, which
/// needs its members first.
#[test]
fn an_object_that_is_needed_to_make_itself() {
    let value: Value = pickle::loads(b"\x8f\x94(ca\nb\nh\x00\x85R\x90.").unwrap();
    assert_eq!(value.to_string(), "{a.b(set(...))}");
    for protocol in 2..=5 {
        let written = pickle::dumps_with(&value, &DumpOptions::new().protocol(protocol));
        match protocol {
            2 | 3 => {
                let error = written.unwrap_err();
                assert!(error.to_string().contains("needed to make itself"), "{error}");
            }
            _ => assert_eq!(
                pickle::loads::<Value>(&written.unwrap()).unwrap().to_string(),
                value.to_string()
            ),
        }
    }
}

/// A few bytes that would print or grow without end.
#[test]
fn shared_objects_that_grow_when_copied() {
    alone("shared_objects_that_grow_when_copied", || {
        let bytes = repeat(&[(b"]", 1), (b"2\x86", 120), (b".", 1)]);
        let value = try_all(&bytes).unwrap();
        assert_eq!(value.to_string().len(), (16 << 20) + 3);
        assert!(
            pickle::loads::<Nested>(&bytes).unwrap_err().to_string().contains("Limits::expansion")
        );
        // One long text, a hundred thousand times.
        let mut bytes = b"](X\x00\x00\x01\x00".to_vec();
        bytes.extend(std::iter::repeat_n(b'a', 1 << 16));
        bytes.extend_from_slice(&b"2".repeat(100_000));
        bytes.extend_from_slice(b"e.");
        let error = pickle::loads::<Vec<String>>(&bytes).unwrap_err();
        assert!(error.to_string().contains("Limits::expansion"), "{error}");
        let value: Value = pickle::loads(&bytes).unwrap();
        assert_eq!(value.items().len(), 100_001);
    });
}

/// Type confusion, stack tricks and the like from hostile files seen in public.
#[test]
fn confused_machines() {
    for bytes in [
        &b"."[..],
        b"",
        b"\x80",
        b"\x80\x06.",
        b"0.",
        b"1.",
        b"2.",
        b"(.",
        b"(2.",
        b"(0.",
        b"N(.",
        b"a.",
        b"Na.",
        b"NNa.",
        b"e.",
        b"(e.",
        b"N(Ne.",
        b"s.",
        b"NNNs.",
        b"u.",
        b"N(NNu.",
        b"}(Nu.",
        b"(Nd.",
        b"}]Ns.",
        b"}])\x86Ns.",
        b"\x8f(]\x90.",
        b"N(N\x90.",
        b"(]\x91.",
        b"t.",
        b"\x85.",
        b"N\x86.",
        b"NN\x87.",
        b"(N\x86.",
        b"l.",
        b"d.",
        b"R.",
        b"NR.",
        b"NNR.",
        b"N)R.",
        b"ca\nb\nNR.",
        b"b.",
        b"Nb.",
        b"N}b.",
        b"](K\x01ebb.",
        b"\x81.",
        b"N)\x81.",
        b"N)}\x92.",
        b"ca\nb\n)N\x92.",
        b"o.",
        b"(o.",
        b"(No.",
        b"ia\nb\n.",
        b"ia\n",
        b"ca\n.",
        b"ca",
        b"c\xff\nb\n.",
        b"\x93.",
        b"NN\x93.",
        b"Va\nN\x93.",
        b"Q.",
        b"P\xff\n.",
        b"P",
        b"\x82\x00.",
        b"\x84\xff\xff\xff\xff.",
        b"\x98.",
        b"]\x98.",
        b"h\x00.",
        b"g0\n.",
        b"gx\n.",
        b"q\x00.",
        b"(q\x00.",
        b"p-1\n.",
        b"I\n.",
        b"Ix\n.",
        b"I1",
        b"L\n.",
        b"L1_\n.",
        b"LL\n.",
        b"F\n.",
        b"Fx\n.",
        b"F1e999\n.",
        b"S\n.",
        b"Sa\n.",
        b"S'\n.",
        b"S'\\x1'\n.",
        b"V\\u12\n.",
        b"V\\U00110000\n.",
        b"X\x01\x00\x00\x00\xff.",
        b"\x8c\x02\xed\xa0.",
        b"z",
        b"\xff.",
    ] {
        let error = try_all(bytes).unwrap_err();
        // Some are so short that they rather are something else.
        let is_other = matches!(error.kind(), ErrorKind::NotPickle { .. });
        assert!(is_other || error.to_string().contains("at byte "), "{bytes:?} {error}");
    }
}

/// Real pickles of all kinds, from tests/pickle/reference.py and CPython's test suite.
fn real_pickles() -> Vec<Vec<u8>> {
    let hex = include_str!("pickle/seeds.hex");
    let digit = |byte: u8| char::from(byte).to_digit(16).expect("a digit") as u8;
    let line = |line: &str| {
        line.as_bytes().chunks(2).map(|two| digit(two[0]) << 4 | digit(two[1])).collect()
    };
    hex.lines().map(line).collect()
}

#[test]
fn every_truncation() {
    alone("every_truncation", || {
        for bytes in real_pickles() {
            try_all(&bytes).unwrap();
            for length in 0..bytes.len() {
                try_all(&bytes[..length]).unwrap_err();
            }
        }
    });
}

#[test]
fn every_change_of_a_byte() {
    alone("every_change_of_a_byte", || {
        let mut pickles = real_pickles();
        pickles.sort_by_key(Vec::len);
        for (number, bytes) in pickles.iter().enumerate() {
            for place in 0..bytes.len() {
                // All values for the shorter ones; for the others every bit, and some opcodes.
                let all = number < 20;
                let near = |change: u8| (change ^ bytes[place]).is_power_of_two();
                let some = |change: u8| (usize::from(change) + place) % 16 == 0;
                let changes = (0..=255u8).filter(|&change| all || near(change) || some(change));
                for change in changes {
                    let mut changed = bytes.clone();
                    changed[place] = change;
                    let _ = pickle::loads::<Anything>(&changed);
                    if let Ok(value) = pickle::loads::<Value>(&changed) {
                        let _ = value.repr().length(10_000).to_string();
                        let _ = pickle::dumps_with(
                            &value,
                            &DumpOptions::new().protocol(2 + change % 4),
                        );
                    }
                }
            }
        }
    });
}

#[test]
fn a_stream_of_many_small_pickles() {
    alone("a_stream_of_many_small_pickles", || {
        let bytes = repeat(&[(b"N.", 200_000)]);
        let values: Vec<Value> = pickle::load_all(bytes.as_slice()).unwrap();
        assert_eq!(values.len(), 200_000);
        assert!(values.iter().all(Value::is_none));
        let error = pickle::load_all::<Value, _>(b"N.N.X.".as_slice()).unwrap_err();
        assert!(error.to_string().contains("at byte 4"), "{error}");
    });
}
