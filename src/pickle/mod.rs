//! Saving values as pickles, Python's own file format, and loading them back.
//!
//! The functions are named as in Python's `pickle` module. [`dump`] and [`load`] work on anything
//! that can be written to or read from, [`dumps`] and [`loads`] on bytes in memory, [`save`] and
//! [`open`] on files, by their path.
//!
//! ```
//! use picklebook::pickle;
//!
//! let folder = std::env::temp_dir();
//! let path = folder.join("numbers.pkl");
//!
//! let numbers_list = vec![1, 2, 3, 4, 5];
//! pickle::save(&numbers_list, &path)?;
//! let unpickled_list: Vec<i64> = pickle::open(&path)?;
//! assert_eq!(unpickled_list, numbers_list);
//! # std::fs::remove_file(path).unwrap();
//! # Ok::<(), pickle::Error>(())
//! ```
//!
//! # Python's warning, and this reader
//!
//! Python says: "Only unpickle data you trust", because a pickle can tell Python to call any function.
//! Here nothing is ever called, whatever the bytes say: a pickle is read as data, and what cannot
//! be read is an [`Error`] that names the place. Depth, size and memory are bounded by [`Limits`].
//!
//! # What a value becomes
//!
//! | Rust | Python |
//! | --- | --- |
//! | integers, floats, `bool`, `String`, `char` | `int`, `float`, `bool`, `str` |
//! | `Vec` and other sequences, sets | `list` |
//! | tuples, arrays, tuple structs | `tuple` |
//! | maps, structs | `dict` |
//! | `None`, `()` | `None` |
//! | a variant of an enum | its name, or `{name: what it holds}` |
//!
//! Read the other way:
//!
//! | Python | Rust |
//! | --- | --- |
//! | `int`, `float`, `bool`, `str`, `None` | integers, floats, `bool`, `String`, `char`, `Option`, `()` |
//! | `list`, `tuple`, `set`, `frozenset`, `deque`, a named tuple | `Vec` and other sequences, tuples, sets |
//! | `dict`, `OrderedDict`, `defaultdict`, `Counter` | maps, structs |
//! | `bytes`, `bytearray` | `Vec<u8>` |
//! | `complex` | a pair of floats: real and imaginary part |
//! | `Decimal` | `String`, or a float |
//! | `Fraction` | `String`, as in `"-3/2"` |
//! | `date`, `time`, `datetime` | `String`, in ISO 8601; with the name of the zone where it has one |
//! | `timedelta` | a float of seconds |
//! | numpy's numbers, texts, bytes | numbers, `String`, bytes |
//! | numpy's `datetime64` | `String`, in ISO 8601, or `i64`, in its unit; `timedelta64`: `i64` |
//! | an `array` of the module of that name | `Vec` of numbers, `ndarray::Array1` |
//! | an array of numpy | `Vec` in `Vec`, `ndarray::Array` of any dimension |
//! | an array of numpy with fields | `Vec` of structs, maps or tuples |
//! | `ZoneInfo` | `String`: its name |
//! | a member of an enumeration | as its value |
//! | an object of a class derived from `str`, `int`, `float`, `bytes`, `list`, `dict`, `tuple`, `set` | as these |
//! | an object of any other class, a dataclass | maps, structs: of its attributes |
//! | a `str` of Python 2 | as [`Limits::encoding`] says; `String`, or `Vec<u8>` |
//!
//! A `range`, a `slice`, a `timezone` or a `type` prints as in Python, but cannot be read as a Rust
//! type. Older protocols write some of these objects as calls of `encode` in Python's `_codecs`,
//! of `_reconstructor` in `copyreg`, of `getattr`, and of `ZoneInfo._unpickle`; they are read as the same.
//! The `_unpickle` of dateutil makes a `tzfile`.
//!
//! A zone that is only a name, as in `2024-07-01T12:00:00[Europe/Zurich]`, does not say how far it is
//! from UTC: the pickle does not, either. Where it does, the text has both,
//! `2024-07-01T12:00:00+02:00[Europe/Zurich]`, as [RFC 9557](https://www.rfc-editor.org/rfc/rfc9557)
//! has it; so have zones of the packages pytz (`_p`, `_UTC`, `FixedOffset`) and dateutil (`tzutc`,
//! `tzoffset`, `tzfile`). The second of two equal times, when a clock of a named zone is set back, ends
//! in `[_fold=1]`.
//!
//! Nothing is made up. Where the state of an object is a list, a tuple or a number, the pickle does not
//! name its attributes: read as a struct or map it is an error, which says what the state is; a list
//! can be read as a tuple or `Vec` (a frozen dataclass with slots is such an object). What the file
//! only names, and what only Python could make, is an error too. One thing cannot be told: a member of
//! an enumeration and a set of a class of one's own are pickled as `Name(argument)`, like the result of
//! a call. Where the name begins with a capital and there is one argument, the argument is read.
//!
//! The other way, nothing is written that could not be read again. A dictionary's keys must be
//! hashable in Python: a map whose keys become lists or dictionaries (structs, variants that hold
//! something, sequences, maps) is refused, by the place of the key, before the old file is touched;
//! so is a map with two keys that are equal in Python, such as 1 and 1.0. What stays is Python's way
//! to see things: `Some(None)` is `None`.
//!
//! White space behind a pickle, which text editors add, is passed over: no pickle begins with it.
//!
//! Arrays are read in every way in which numpy and joblib write them: all protocols, numpy 1 and 2, C
//! and Fortran order, both byte orders. [`Value::to_numpy`] gives one without a copy of its bytes, and
//! [`Value::to_array`] one of the crate ndarray. joblib's files are read like pickles, if they
//! are not compressed; masked arrays, and arrays of classes that are not numpy's, are not read.
//!
//! When you do not know the type, or Rust has none for it, ask for a [`Value`]: it holds any object,
//! even one that contains itself, and prints as in Python. A [`Builder`] writes such objects: names
//! to import, calls, states, shared objects and objects that contain themselves.

mod arrays;
mod builder;
mod classes;
mod de;
mod disassembly;
mod encoding;
mod error;
pub(crate) mod format;
pub(crate) mod graph;
mod limits;
pub(crate) mod machine;
mod options;
mod partial;
mod ser;
mod stack;
mod unpacking;
mod value;

use std::borrow::Cow;
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use arrays::RawArray;
pub use builder::{Builder, Handle};
pub use disassembly::{Disassembler, Disassembly, Listing, disassemble};
pub use encoding::Encoding;
pub use error::{Error, ErrorKind};
pub use format::op;
pub use format::opcode::{Argument, OPCODES, Opcode};
pub use format::steps::{Operand, Step, Steps, opcodes};
pub use limits::Limits;
pub use options::DumpOptions;
pub use partial::{Partial, salvage, salvage_with};
pub use value::{Repr, Value};

use crate::{container, files};
use de::{direct, place};
pub(crate) use graph::Packed;
use graph::{Failure, Graph, OpenFile};
use machine::apart::{Cuts, FileContent, StreamContent, read_apart};
pub(crate) use machine::apart::{Described, Pack};

/// Writes a value as a pickle of protocol 3, which every Python 3 reads.
///
/// The writer is that of the crate serde-pickle, the usual one in Rust; [`dump_with`] writes the
/// other protocols, and writes a text that occurs many times only once.
///
/// # Errors
/// [`ErrorKind::Io`] if the writer fails, [`ErrorKind::Unwritable`] if the value refuses, if its
/// parts lie deeper in one another than [`DumpOptions::depth`] allows, or if a map has a key that
/// Python cannot hash, or two that are equal there.
///
/// ```
/// use picklebook::pickle;
///
/// let mut file = Vec::new(); // or a File
/// pickle::dump(&("spam", 0.9), &mut file)?;
/// assert_eq!(pickle::loads::<(String, f64)>(&file)?, ("spam".to_owned(), 0.9));
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn dump<T: Serialize + ?Sized, W: Write>(value: &T, mut writer: W) -> Result<(), Error> {
    ser::plain::write(value, &mut writer)
}

/// Writes a value as a pickle, as the options say.
///
/// # Errors
/// As [`dump`], and [`ErrorKind::Unwritable`] if there is no such protocol.
pub fn dump_with<T: Serialize + ?Sized, W: Write>(
    value: &T,
    mut writer: W,
    options: &DumpOptions,
) -> Result<(), Error> {
    ser::serializer::to_writer(value, &mut writer, options)
}

/// The pickle of a value, of protocol 3, as bytes.
///
/// # Errors
/// [`ErrorKind::Unwritable`] as [`dump`].
///
/// ```
/// use std::collections::BTreeMap;
///
/// let bytes = picklebook::pickle::dumps("spam")?;
/// assert_eq!(bytes, b"\x80\x03X\x04\x00\x00\x00spam.");
///
/// let error = picklebook::pickle::dumps(&BTreeMap::from([(vec![1], "one")])).unwrap_err();
/// assert!(error.to_string().contains("key 0 is a sequence, which becomes a list that Python cannot hash"));
/// # Ok::<(), picklebook::pickle::Error>(())
/// ```
pub fn dumps<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    dump(value, &mut bytes)?;
    Ok(bytes)
}

/// The pickle of a value as bytes, as the options say.
///
/// # Errors
/// As [`dumps`], and [`ErrorKind::Unwritable`] if there is no such protocol.
pub fn dumps_with<T: Serialize + ?Sized>(
    value: &T,
    options: &DumpOptions,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    dump_with(value, &mut bytes, options)?;
    Ok(bytes)
}

/// Writes the pickle of a value, of protocol 3, into a file.
///
/// The file is written whole or not at all: into a temporary file in the same folder, which takes
/// the place of `path` only when everything is on the disk. If anything fails on the way, a file
/// that was there before is as it was.
///
/// # Errors
/// [`ErrorKind::File`] with the path if the file cannot be written, [`ErrorKind::InFile`] if the
/// value cannot be, as in [`dump`].
pub fn save<T: Serialize + ?Sized>(value: &T, path: impl AsRef<Path>) -> Result<(), Error> {
    let path = path.as_ref();
    written(path, files::write_atomically(path, |writer| dump(value, writer)))
}

/// Writes the pickle of a value into a file, as the options say, and as [`save`] does.
///
/// # Errors
/// As [`save`].
pub fn save_with<T: Serialize + ?Sized>(
    value: &T,
    path: impl AsRef<Path>,
    options: &DumpOptions,
) -> Result<(), Error> {
    let path = path.as_ref();
    written(path, files::write_atomically(path, |writer| dump_with(value, writer, options)))
}

fn written(path: &Path, result: Result<u64, files::WriteError<Error>>) -> Result<(), Error> {
    result.map(|_length| ()).map_err(|error| Error::from_write(error, path))
}

/// Reads a value from the pickle that a reader holds, to its end.
///
/// # Errors
/// [`ErrorKind::Io`] if the reader fails, and as [`loads`].
pub fn load<T: DeserializeOwned, R: Read>(reader: R) -> Result<T, Error> {
    load_with(reader, &Limits::new())
}

/// Reads a value from the pickle that a reader holds, within limits of your own.
///
/// # Errors
/// As [`load`].
pub fn load_with<T: DeserializeOwned, R: Read>(reader: R, limits: &Limits) -> Result<T, Error> {
    load_owned(read_all(reader, 0, limits)?, limits)
}

fn load_owned<T: DeserializeOwned>(bytes: Vec<u8>, limits: &Limits) -> Result<T, Error> {
    if let Some((value, end)) = direct::read(&bytes, limits)
        && behind(&bytes, end) == bytes.len()
    {
        return Ok(value);
    }
    let graph = Arc::new(machine::read(Cow::Owned(bytes), limits)?);
    check_end(&graph)?;
    place::from_shared(&graph, graph.root, limits)
}

/// Reads a value from the bytes of a pickle.
///
/// # Errors
/// [`ErrorKind::NotPickle`] if the bytes are something else, [`ErrorKind::Damaged`] if they are no
/// sound pickle, [`ErrorKind::Limit`] if it asks for too much,
/// [`ErrorKind::Type`] if it holds anything but a `T`, [`ErrorKind::Trailing`] if something
/// follows it but white space.
///
/// ```
/// use picklebook::pickle;
///
/// let numbers_list: Vec<i64> = pickle::loads(b"\x80\x04]\x94(K\x01K\x02K\x03e.")?;
/// assert_eq!(numbers_list, [1, 2, 3]);
///
/// let error = pickle::loads::<Vec<String>>(b"\x80\x04]\x94(K\x01K\x02K\x03e.").unwrap_err();
/// assert_eq!(error.to_string(), "at byte 5: invalid type: integer `1`, expected a string");
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn loads<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    loads_with(bytes, &Limits::new())
}

/// Reads a value from the bytes of a pickle, within limits of your own.
///
/// # Errors
/// As [`loads`].
pub fn loads_with<T: DeserializeOwned>(bytes: &[u8], limits: &Limits) -> Result<T, Error> {
    check_length(bytes.len() as u64, limits)?;
    if let Some((value, end)) = direct::read(bytes, limits)
        && behind(bytes, end) == bytes.len()
    {
        return Ok(value);
    }
    let graph = machine::read(Cow::Borrowed(bytes), limits)?;
    check_end(&graph)?;
    place::from_graph(&graph, limits)
}

/// Reads a value from the pickle that bytes begin with, and says where it ends.
///
/// # Errors
/// As [`loads`], except that bytes behind the pickle are no error.
///
/// ```
/// use picklebook::pickle;
///
/// let (value, end): (i64, usize) = pickle::loads_prefix(b"K\x07.and more")?;
/// assert_eq!((value, end), (7, 3));
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn loads_prefix<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), Error> {
    loads_prefix_with(bytes, &Limits::new())
}

/// Reads a value from the pickle that bytes begin with, within limits of your own, and says where it
/// ends.
///
/// # Errors
/// As [`loads_prefix`].
pub fn loads_prefix_with<T: DeserializeOwned>(
    bytes: &[u8],
    limits: &Limits,
) -> Result<(T, usize), Error> {
    check_length(bytes.len() as u64, limits)?;
    let graph = machine::read_first(bytes, limits).map_err(|error| error.in_bytes(bytes))?;
    Ok((place::from_graph(&graph, limits)?, graph.end))
}

/// Reads all values from a file or stream into which several were dumped, one after the other.
///
/// # Errors
/// As [`load`].
///
/// ```
/// use picklebook::pickle;
///
/// let mut file = Vec::new();
/// pickle::dump(&"first", &mut file)?;
/// pickle::dump(&"second", &mut file)?;
/// assert_eq!(pickle::load_all::<String, _>(&file[..])?, ["first", "second"]);
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn load_all<T: DeserializeOwned, R: Read>(reader: R) -> Result<Vec<T>, Error> {
    load_all_with(reader, &Limits::new())
}

/// Reads all values from a file or stream, within limits of your own, which hold for all of them
/// together.
///
/// # Errors
/// As [`load_all`].
pub fn load_all_with<T: DeserializeOwned, R: Read>(
    reader: R,
    limits: &Limits,
) -> Result<Vec<T>, Error> {
    let bytes = read_all(reader, 0, limits)?;
    let budget = place::Budget::new(bytes.len(), limits);
    let mut values = Vec::new();
    let mut start = 0;
    while let Some(rest @ [_, ..]) = bytes.get(start..) {
        let value = machine::read_first(rest, limits).and_then(|graph| {
            place::from_one_of(&graph, limits, &budget).map(|value| (value, graph.end))
        });
        let (value, end) = value.map_err(|error| match start {
            0 => error.in_bytes(rest),
            start => error.behind(start),
        })?;
        values.push(value);
        start = behind(&bytes, start + end);
    }
    Ok(values)
}

/// Reads a value from a file that holds a pickle.
///
/// # Errors
/// [`ErrorKind::File`] with the path if the file cannot be read, [`ErrorKind::InFile`] with the
/// path and what is wrong with the content otherwise.
pub fn open<T: DeserializeOwned>(path: impl AsRef<Path>) -> Result<T, Error> {
    open_with(path, &Limits::new())
}

/// Reads a value from a file that holds a pickle, within limits of your own.
///
/// # Errors
/// As [`open`].
pub fn open_with<T: DeserializeOwned>(path: impl AsRef<Path>, limits: &Limits) -> Result<T, Error> {
    let path = path.as_ref();
    read_file(path, limits)
        .and_then(|bytes| load_owned(bytes, limits))
        .map_err(|error| error.in_file(path))
}

/// The bytes of a pickle, with compression taken off where they are compressed: as joblib does, by
/// zlib, gzip, bzip2, xz, LZMA or LZ4. Other bytes come back as they are.
///
/// It is a step of its own because Python's `pickle.load` has none. More than
/// [`Limits::memory`] allows, or by default 64 times as many bytes as there are, but no less than
/// 256 MiB, is refused.
///
/// # Errors
/// [`ErrorKind::Compressed`] if they are damaged, or if this crate was built without the feature
/// `compression`; [`ErrorKind::Limit`] if they hold too much.
///
/// ```
/// use picklebook::pickle::{self, Limits};
///
/// # #[cfg(feature = "compression")] {
/// let file = b"\x78\x9c\x6b\x60\xf1\x66\xd4\x03\x00\x03\xa6\x00\xff"; // zlib
/// let bytes = pickle::unpack(file, &Limits::new())?;
/// assert_eq!(pickle::loads::<i64>(&bytes)?, 1);
/// # }
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn unpack<'a>(
    bytes: impl Into<Cow<'a, [u8]>>,
    limits: &Limits,
) -> Result<Cow<'a, [u8]>, Error> {
    let bytes = bytes.into();
    let unpacked = container::unpack(&bytes, &limits.unpacked(bytes.len()));
    match unpacked.map_err(Error::compressed)?.bytes {
        Cow::Owned(unpacked) => Ok(unpacked.into()),
        Cow::Borrowed(_) => Ok(bytes),
    }
}

/// [`load_with`], [`loads_with`] and [`open_with`] of what may also be compressed.
pub(crate) fn load_unpacked<T: DeserializeOwned>(
    reader: impl Read,
    limits: &Limits,
) -> Result<T, Error> {
    loads_unpacked(read_all(reader, 0, limits)?, limits)
}

pub(crate) fn loads_unpacked<'a, T: DeserializeOwned>(
    bytes: impl Into<Cow<'a, [u8]>>,
    limits: &Limits,
) -> Result<T, Error> {
    match unpack(bytes, limits)? {
        Cow::Borrowed(bytes) => loads_with(bytes, limits),
        Cow::Owned(bytes) => load_owned(bytes, limits),
    }
}

pub(crate) fn open_unpacked<T: DeserializeOwned>(path: &Path, limits: &Limits) -> Result<T, Error> {
    read_file(path, limits)
        .and_then(|bytes| loads_unpacked(bytes, limits))
        .map_err(|error| error.in_file(path))
}

/// What a file holds, apart from the long bytes in it.
pub(crate) struct Apart {
    pub value: Value,
    failure: Failure,
}

impl Apart {
    /// Whether all that was asked for could be had: if not, what was made of it is worth nothing.
    pub fn is_sound(&self) -> bool {
        !self.failure.is_there()
    }
}

/// The smallest file that is read apart from its long bytes.
const LARGE: u64 = 1 << 16;

/// What [`open_unpacked`] reads of a large file, apart from the long bytes in it: they stay in the file
/// until they are asked for. Where it is compressed they cannot; there `pack` makes something of the
/// arrays that it knows, for [`Value::take_packed`].
///
/// Nothing for what is small, compressed in a way of which there is no stream, damaged, or beyond the
/// limits: then that function reads it, or says what is wrong.
pub(crate) fn open_apart(path: &Path, limits: &Limits, pack: &Pack) -> Option<Apart> {
    let file = std::fs::File::open(path).ok()?;
    let known = file.metadata().ok()?;
    let length = known.len();
    if !known.is_file() || length < LARGE || length > limits.bytes {
        return None;
    }
    let failure = Failure::default();
    let mut head = [0; HEAD];
    (&file).read_exact(&mut head).ok()?;
    let graph = match container::Compression::of(&head) {
        None => {
            let file = Arc::new(OpenFile::new(file, failure.clone()));
            let mut content = FileContent { file, position: 0, length };
            read_apart(&mut content, length, limits, Cuts::USUAL).ok()?
        }
        Some(compression) => {
            (&file).rewind().ok()?;
            let unpacking = container::Unpacking::new(compression, file)?;
            let most = limits.unpacked(length as usize).bytes_for(length as usize);
            let failure = failure.clone();
            unpacking::unpacked(unpacking, most, |stream| {
                let mut head = Vec::new();
                stream.take(HEAD as u64).read_to_end(&mut head).ok()?;
                if container::Compression::of(&head).is_some() {
                    return None;
                }
                let stream = head.as_slice().chain(stream);
                let mut content = StreamContent { stream, pack, room: Vec::new(), failure };
                read_apart(&mut content, length, limits, Cuts::USUAL).ok()
            })??
        }
    };
    if graph.memory() > limits.memory_for(usize::try_from(length).ok()?) {
        return None;
    }
    let value = Value { index: graph.root, graph: Arc::new(graph) };
    Some(Apart { value, failure })
}

/// How much of a file says whether it is compressed.
const HEAD: usize = 64;

fn read_file(path: &Path, limits: &Limits) -> Result<Vec<u8>, Error> {
    let file = std::fs::File::open(path).map_err(|source| Error::file("open", path, source))?;
    let length = file.metadata().map_or(0, |found| found.len().min(limits.bytes));
    read_all(file, length, limits)
}

/// All bytes of a reader, with room for as many as are expected.
pub(crate) fn read_all(
    reader: impl Read,
    expected: u64,
    limits: &Limits,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    // One more than expected, for the read that finds the end. Where there is no room, reading says
    // so in its own way.
    let _ = bytes.try_reserve_exact(usize::try_from(expected).unwrap_or(0).saturating_add(1));
    reader.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(Error::reading)?;
    check_length(bytes.len() as u64, limits)?;
    Ok(bytes)
}

fn check_end(graph: &Graph<'_>) -> Result<(), Error> {
    match graph.data.len() - behind(&graph.data, graph.end) {
        0 => Ok(()),
        _ => {
            let more = graph.data.len() - graph.end;
            let error = ErrorKind::Trailing { end: graph.end as u64, more: more as u64 };
            Err(Error::from(error).in_bytes(&graph.data))
        }
    }
}

/// Where something else than white space begins behind a pickle that ends at byte `end`: a text
/// editor adds a newline at the end of what it saves. No pickle begins with one.
///
/// ```
/// use picklebook::pickle::behind;
///
/// assert_eq!(behind(b"I1\n.\n\nI2\n.", 4), 6);
/// ```
pub fn behind(bytes: &[u8], end: usize) -> usize {
    let rest = bytes.get(end..).unwrap_or_default();
    end + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// Refuses a file that is longer than the limits allow.
pub(crate) fn check_length(length: u64, limits: &Limits) -> Result<(), Error> {
    if length > limits.bytes {
        let (limit, value) = ("bytes of pickle", limits.bytes);
        return Err(
            ErrorKind::Limit { offset: value, opcode: "", limit, name: "bytes", value }.into()
        );
    }
    Ok(())
}
