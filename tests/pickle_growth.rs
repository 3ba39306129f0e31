//! Small pickles that would take much more time or memory than their size allows, if what they use
//! in many places were looked at or copied each time: every way into the library, on files of each
//! kind, in growing sizes.
//!
//! In a release build (`cargo test --release --test pickle_growth`) the largest are 1 MB, and each
//! must end within 2 seconds and 256 MiB above the file. A debug build takes smaller files, and a third
//! of the ways for each kind.

#[path = "support/growth.rs"]
mod growth;
#[path = "support/memory.rs"]
mod memory;
mod support;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use growth::{DEBUG, SIZES, TIME, alone, processor_time, too_much_memory};
use picklebook::pickle::{self, DumpOptions, Limits, Value};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[allow(dead_code)]
struct Thing {
    #[serde(default)]
    a: Option<i64>,
}

/// Small in a pickle, large in memory.
#[derive(Debug, Deserialize)]
#[serde(default)]
#[allow(dead_code)]
struct Large {
    a: [f64; 32],
    b: Option<[f64; 32]>,
}

impl Default for Large {
    fn default() -> Large {
        Large { a: [1.0; 32], b: Some([2.0; 32]) }
    }
}

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

/// An object that is put into the memo, and a list of it in as many places as there is room for.
fn used(object: &[u8], size: usize) -> Vec<u8> {
    let uses = size.saturating_sub(object.len()) / 2;
    [object, b"q\x000](", &b"h\x00".repeat(uses), b"e."].concat()
}

/// Half of the size for the object, half for its uses.
fn large_and_used(object: impl Fn(usize) -> Vec<u8>, size: usize) -> Vec<u8> {
    used(&object(size / 2), size)
}

/// Lists of one and the same list, in so many levels around an object.
fn levels(object: &[u8], levels: usize, size: usize) -> Vec<u8> {
    let uses = size / (2 * levels);
    let mut bytes = [object, b"q\x000"].concat();
    for level in 0..levels as u8 {
        bytes.extend_from_slice(b"](");
        bytes.extend_from_slice(&[b'h', level].repeat(uses));
        bytes.extend_from_slice(&[b'e', b'q', level + 1, b'0']);
    }
    bytes.extend_from_slice(&[b'h', levels as u8, b'.']);
    bytes
}

fn text(length: usize) -> Vec<u8> {
    [b"X", &(length as u32).to_le_bytes()[..], &b"x".repeat(length)].concat()
}

fn long4(length: usize, last: u8) -> Vec<u8> {
    let mut bytes = [b"\x8b", &(length as u32).to_le_bytes()[..], &vec![0; length][..]].concat();
    bytes[5] = 1;
    if let Some(end) = bytes.last_mut() {
        *end = last;
    }
    bytes
}

fn bytes(length: usize) -> Vec<u8> {
    [b"B", &(length as u32).to_le_bytes()[..], &b"x".repeat(length)].concat()
}

/// The kinds of files: each has a name, and makes a file of about a size.
type Kind = (&'static str, fn(usize) -> Vec<u8>);

const KINDS: &[Kind] = &[
    ("lists of None", |size| levels(b"](NNNNNNNNNNe", 2, size)),
    ("lists of None, a level more", |size| levels(b"](NNNNNNNNNNe", 3, size)),
    ("lists of empty tuples", |size| levels(b")", 3, size)),
    ("lists of numbers", |size| levels(b"K\x07", 4, size)),
    ("lists of empty dictionaries", |size| levels(b"}", 1, size)),
    ("lists of bytes", |size| large_and_used(bytes, size)),
    ("lists of lists of bytes", |size| levels(&bytes(size / 4), 2, size / 2)),
    ("lists of a bytearray", |size| {
        large_and_used(
            |half| [b"cbuiltins\nbytearray\n", &bytes(half)[..], b"\x85R"].concat(),
            size,
        )
    }),
    ("a long text", |size| large_and_used(text, size)),
    ("a long text with escapes", |size| {
        large_and_used(|half| [b"V", &b"\\u00e9".repeat(half / 6)[..], b"\n"].concat(), size)
    }),
    ("a long string", |size| {
        large_and_used(|half| [b"S'", &b"\\x41".repeat(half / 4)[..], b"'\n"].concat(), size)
    }),
    ("a padded integer in digits", |size| {
        large_and_used(|half| [b"I0x", &b"0".repeat(half)[..], b"1\n"].concat(), size)
    }),
    ("a padded long in digits", |size| {
        large_and_used(|half| [b"L0x", &b"0".repeat(half)[..], b"1L\n"].concat(), size)
    }),
    ("a padded integer", |size| large_and_used(|half| long4(half, 0), size)),
    ("a large integer", |size| large_and_used(|half| long4(half, 1), size)),
    ("a long float", |size| {
        large_and_used(|half| [b"F1.", &b"0".repeat(half)[..], b"\n"].concat(), size)
    }),
    ("a long decimal", |size| {
        let decimal = |half| [b"cdecimal\nDecimal\n", &text(half)[..], b"\x85R"].concat();
        large_and_used(decimal, size)
    }),
    ("a long decimal in digits", |size| {
        large_and_used(
            |half| {
                let digits = [b"V1.", &b"0".repeat(half)[..], b"\n"].concat();
                [b"cdecimal\nDecimal\n", &digits[..], b"\x85R"].concat()
            },
            size,
        )
    }),
    ("a class with a long name", |size| {
        large_and_used(|half| [b"cm\n", &b"n".repeat(half)[..], b"\n)\x81"].concat(), size)
    }),
    ("a class with a long name from the stack", |size| {
        large_and_used(|half| [b"X\x01\0\0\0m", &text(half)[..], b"\x93)\x81"].concat(), size)
    }),
    ("a long persistent name", |size| {
        large_and_used(|half| [b"P", &b"n".repeat(half)[..], b"\n"].concat(), size)
    }),
    ("an object with many states", |size| {
        large_and_used(|half| [b"cm\nn\n)\x81", &b"}b".repeat(half / 2)[..]].concat(), size)
    }),
    ("an object in its own states", |size| {
        let states = b"h\x00\x85b".repeat(size / 4);
        [b"cm\nn\n)\x81q\x00", &states[..], b"."].concat()
    }),
    ("an object that grew in turns", |size| {
        large_and_used(|half| [b"cm\nn\n)\x81", &b"NaNNs".repeat(half / 5)[..]].concat(), size)
    }),
    ("a dictionary of equal keys", |size| {
        large_and_used(|half| [b"}(", &b"K\x01K\x02".repeat(half / 4)[..], b"u"].concat(), size)
    }),
    ("a set of equal members", |size| {
        large_and_used(|half| [b"\x8f(", &b"K\x01".repeat(half / 2)[..], b"\x90"].concat(), size)
    }),
    ("a counter of equal keys", |size| {
        large_and_used(
            |half| {
                let dict = [b"}(", &b"K\x01K\x02".repeat(half / 4)[..], b"u"].concat();
                [b"ccollections\nCounter\n", &dict[..], b"\x85R"].concat()
            },
            size,
        )
    }),
    ("an ordered dictionary of equal keys", |size| {
        large_and_used(
            |half| {
                let start = b"ccollections\nOrderedDict\n)R(".as_slice();
                [start, &b"K\x01K\x02".repeat(half / 4)[..], b"u"].concat()
            },
            size,
        )
    }),
    ("a tuple of one text as a key", |size| {
        let tuple =
            [&text(size / 3)[..], b"q\x000(", &b"h\x00".repeat(size / 6)[..], b"tq\x010"].concat();
        [&tuple[..], b"}(", &b"h\x01N".repeat(size / 9)[..], b"u."].concat()
    }),
    ("many dictionaries with one large key", |size| {
        let tuple =
            [&text(size / 3)[..], b"q\x000(", &b"h\x00".repeat(size / 6)[..], b"tq\x010"].concat();
        [&tuple[..], b"](", &b"}h\x01Ns".repeat(size / 15)[..], b"e."].concat()
    }),
    ("objects with one large argument list", |size| {
        let tuple = [b"(", &b"N".repeat(size / 3)[..], b"tq\x000"].concat();
        [&tuple[..], b"](", &b"cm\nn\nh\x00\x81".repeat(size / 15)[..], b"e."].concat()
    }),
];

/// The ways in: each has a name, and does all that it can.
type Way = (&'static str, fn(&[u8]));

fn typed<T: serde::de::DeserializeOwned>(bytes: &[u8]) {
    drop(pickle::loads::<T>(bytes));
}

const WAYS: &[Way] = &[
    ("as options", typed::<Vec<Vec<Vec<Option<f64>>>>>),
    ("as options, four levels", typed::<Vec<Vec<Vec<Vec<Option<i64>>>>>>),
    ("as values", typed::<Vec<Vec<Vec<Value>>>>),
    ("as one value", |bytes| drop(pickle::loads::<Value>(bytes))),
    ("as units", typed::<Vec<Vec<Vec<()>>>>),
    ("as units, four levels", typed::<Vec<Vec<Vec<Vec<()>>>>>),
    ("as integers", typed::<Vec<i64>>),
    ("as large integers", typed::<Vec<i128>>),
    ("as floats", typed::<Vec<f64>>),
    ("as texts", typed::<Vec<String>>),
    ("as lists of large integers", typed::<Vec<Vec<u128>>>),
    ("as lists of lists of large integers", typed::<Vec<Vec<Vec<u128>>>>),
    ("as structs", typed::<Vec<Thing>>),
    ("as large structs", typed::<Vec<Large>>),
    ("as maps", typed::<Vec<HashMap<i64, Option<i64>>>>),
    ("as maps with large keys", typed::<HashMap<Vec<String>, Option<i64>>>),
    ("as a list of such maps", typed::<Vec<HashMap<Vec<String>, Option<i64>>>>),
    ("as anything", typed::<Anything>),
    ("ignored", typed::<serde::de::IgnoredAny>),
    ("opcodes", |bytes| {
        drop(
            pickle::opcodes(bytes)
                .map(|step| step.map(|it| it.to_string().len()))
                .collect::<Vec<_>>(),
        )
    }),
    ("printed", |bytes| {
        if let Ok(value) = pickle::loads::<Value>(bytes) {
            assert!(value.to_string().len() <= (16 << 20) + 3);
        }
    }),
    ("printed in short", |bytes| {
        if let Ok(value) = pickle::loads::<Value>(bytes) {
            drop(value.repr().depth(2).items(1).length(1000).to_string());
            drop(value.repr().items(1).to_string());
        }
    }),
    ("looked at", |bytes| {
        if let Ok(value) = pickle::loads::<Value>(bytes) {
            for value in value.items().into_iter().take(10).chain([value.clone()]) {
                drop((value.entries(), value.items(), value.get("a"), value.state()));
                drop(value.to::<Vec<Option<f64>>>());
            }
        }
    }),
    ("written again", |bytes| {
        let Ok(value) = pickle::loads::<Value>(bytes) else { return };
        for protocol in 2..=5 {
            let options = DumpOptions::new().protocol(protocol);
            if let Ok(written) = pickle::dumps_with(&value, &options) {
                assert!(written.len() < 8 * bytes.len() + 1000, "{} bytes", written.len());
            }
        }
    }),
    ("several in a file", |bytes| {
        let times = 1 + 100_000 / bytes.len();
        drop(pickle::load_all::<Vec<Vec<Vec<Option<f64>>>>, _>(&bytes.repeat(times)[..]));
        drop(pickle::load_all::<Value, _>(&bytes.repeat(times)[..]));
    }),
];

/// Each kind in a process of its own, for the peak of its memory.
fn check(place: usize, name: &str, make: fn(usize) -> Vec<u8>) -> Vec<String> {
    let mut wrong = Vec::new();
    let tried = |way: usize| !DEBUG || (way + place).is_multiple_of(3);
    for (_, (way, run)) in WAYS.iter().enumerate().filter(|&(way, _)| tried(way)) {
        let mut before: Option<Duration> = None;
        for &size in SIZES {
            let file = make(size);
            let start = processor_time();
            run(&file);
            let took = processor_time().saturating_sub(start);
            let allowed = before.map_or(TIME, |before| TIME.min(40 * before + TIME / 10));
            if took > allowed {
                wrong.push(format!(
                    "{name}, {way}, {size} bytes: {took:.1?}, allowed {allowed:.1?}"
                ));
                break;
            }
            before = Some(took);
            if let Some(peak) = too_much_memory(size) {
                wrong.push(format!("{name}, {way}, {size} bytes: {} MiB", peak >> 20));
                return wrong;
            }
        }
    }
    wrong
}

#[test]
fn no_kind_of_file_takes_more_than_its_size_allows() {
    if let Some(name) = std::env::var_os("PICKLEBOOK_ALONE") {
        for (place, (kind, make)) in KINDS.iter().enumerate().filter(|(_, (kind, _))| *kind == name)
        {
            let wrong = check(place, kind, *make);
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
        return;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let kinds = std::iter::from_fn(|| KINDS.get(next.fetch_add(1, Ordering::Relaxed)));
        let this = "no_kind_of_file_takes_more_than_its_size_allows";
        kinds.filter_map(|(kind, _)| alone(this, kind)).collect::<String>()
    };
    let threads = std::thread::available_parallelism().map_or(1, |count| count.get());
    let wrong: String = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).collect()
    });
    assert!(wrong.is_empty(), "{wrong}");
}

/// A file of very many pickles, and one of bombs: what is allowed is allowed to all of them together.
#[test]
fn many_pickles_share_what_is_allowed() {
    let nothing = b"N.".repeat(5_000_000);
    let error = pickle::load_all::<Value, _>(&nothing[..]).unwrap_err();
    assert!(error.to_string().contains("Limits::memory"), "{error}");
    assert_eq!(pickle::load_all::<Option<f64>, _>(&nothing[..2000]).unwrap().len(), 1000);

    let bombs = levels(b"](NNNNNNNNNNe", 2, 9_800).repeat(40);
    let error = pickle::load_all::<Vec<Vec<Vec<Option<f64>>>>, _>(&bombs[..]).unwrap_err();
    assert!(error.to_string().contains("Limits::expansion"), "{error}");
    let high = Limits::new().expansion(1 << 20);
    assert_eq!(pickle::load_all_with::<Value, _>(&bombs[..], &high).unwrap().len(), 40);
}

/// What is not shared is read, however small it is in the file.
#[test]
fn plain_files_are_read_whatever_they_hold() {
    let nones = [b"](".as_slice(), &b"N".repeat(10_000_000), b"e."].concat();
    assert_eq!(pickle::loads::<Vec<Option<f64>>>(&nones).unwrap().len(), 10_000_000);
    let empty = [b"](".as_slice(), &b"]".repeat(6_000_000), b"e."].concat();
    assert_eq!(pickle::loads::<Vec<Vec<i64>>>(&empty).unwrap().len(), 6_000_000);
    let numbers = [b"](".as_slice(), &b"K\x07".repeat(20_000_000), b"e."].concat();
    assert_eq!(pickle::loads::<Vec<i64>>(&numbers).unwrap().len(), 20_000_000);
}
