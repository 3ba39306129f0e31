//! Pickles that are read as they come, apart from the long bytes in them.
//!
//! Nearly all of a large model are the bytes of its arrays. Those stay in the file until somebody asks
//! for one of them, so that they never have to be in memory all at once. What is damaged is not told
//! here: who meets an error reads the whole in the usual way, which tells.

use std::borrow::Cow;
use std::io::{self, Read};
use std::mem;
use std::sync::{Arc, Mutex};

use super::raw::Awaited;
use super::{Machine, Pause};
use crate::numpy::{Dtype, Order};
use crate::pickle::behind;
use crate::pickle::graph::{Failure, Graph, Kind, Node, OpenFile, PIECE, Packed, Piece};
use crate::pickle::limits::Limits;

/// What is left apart, and how much is read at once.
#[derive(Clone, Copy)]
pub(crate) struct Cuts {
    /// The shortest bytes that are left apart, of those that were not read with what is before them.
    pub long: usize,
    /// How much is read after such bytes, and how much at the most.
    pub window: (usize, usize),
}

impl Cuts {
    /// What takes the least time: to go to another place takes as long as to read some kilobytes.
    pub const USUAL: Cuts = Cuts { long: 8 << 10, window: (4 << 10, 256 << 10) };
}

/// How far the data must reach beyond an opcode: no short argument is longer, nor what stands before
/// an array of joblib.
const AHEAD: usize = 512;

/// For how many bytes of a stream room is made before they are there.
const MOST_ROOM: usize = 16 << 20;

/// How much may follow a pickle, if it is nothing.
const MOST_BEHIND: usize = 1 << 16;

/// From how much on that is not left apart it is taken that the rest of the file is like it.
const MUCH: usize = 1 << 20;

/// From where a pickle comes.
pub(crate) trait Content {
    /// Puts at most so many bytes more behind those that are there; none at the end.
    fn read(&mut self, most: usize, data: &mut Vec<u8>) -> io::Result<()>;

    /// Leaves bytes apart, of which some were read already. Where they are those of an array of
    /// joblib, it says which.
    fn leave(
        &mut self,
        begun: &[u8],
        length: usize,
        array: Option<Described<'_>>,
    ) -> io::Result<Piece<'static>>;
}

/// What an array is.
#[derive(Clone, Copy)]
pub(crate) struct Described<'a> {
    pub dtype: &'a Dtype,
    pub shape: &'a [usize],
    pub order: Order,
}

/// What makes something of the bytes of some arrays at once, so that they need not be kept.
pub(crate) type Pack = dyn Fn(Described<'_>, &[u8]) -> Option<Packed>;

/// The content of a file, whose long bytes stay there.
pub(crate) struct FileContent {
    pub file: Arc<OpenFile>,
    pub position: u64,
    pub length: u64,
}

impl Content for FileContent {
    fn read(&mut self, most: usize, data: &mut Vec<u8>) -> io::Result<()> {
        let more = self.length.saturating_sub(self.position).min(most as u64) as usize;
        let start = data.len();
        match start < MUCH {
            true => data.try_reserve(more)?,
            // Room that is not used is not touched, and costs nothing; what is used is not moved.
            false => data.try_reserve_exact((self.length - self.position) as usize)?,
        }
        data.resize(start + more, 0);
        self.file.read(self.position, data.get_mut(start..).unwrap_or_default())?;
        self.position += more as u64;
        Ok(())
    }

    fn leave(
        &mut self,
        begun: &[u8],
        length: usize,
        _: Option<Described<'_>>,
    ) -> io::Result<Piece<'static>> {
        let start = self.position.saturating_sub(begun.len() as u64);
        let end = start.checked_add(length as u64).filter(|&end| end <= self.length);
        self.position = end.ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(Piece::There { file: Arc::clone(&self.file), start, length })
    }
}

/// What comes out of a stream and cannot be had again.
pub(crate) struct StreamContent<'p, R> {
    pub stream: R,
    pub pack: &'p Pack,
    /// Room for the bytes of an array.
    pub room: Vec<u8>,
    pub failure: Failure,
}

impl<R: Read> Content for StreamContent<'_, R> {
    fn read(&mut self, most: usize, data: &mut Vec<u8>) -> io::Result<()> {
        (&mut self.stream).take(most as u64).read_to_end(data)?;
        Ok(())
    }

    fn leave(
        &mut self,
        begun: &[u8],
        length: usize,
        array: Option<Described<'_>>,
    ) -> io::Result<Piece<'static>> {
        self.room.clear();
        self.room.extend_from_slice(begun);
        let missing = length.saturating_sub(begun.len());
        // No more room than the stream has bytes for.
        self.room.try_reserve_exact(missing.min(MOST_ROOM))?;
        let read = (&mut self.stream).take(missing as u64).read_to_end(&mut self.room)?;
        if read < missing {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some(packed) = array.and_then(|array| (self.pack)(array, &self.room)) {
            let (packed, failure) = (Arc::new(Mutex::new(Some(packed))), self.failure.clone());
            return Ok(Piece::Packed { packed, length, failure });
        }
        Ok(Piece::Here(Cow::Owned(mem::take(&mut self.room))))
    }
}

/// What is left apart.
enum Left {
    Bytes(Kind),
    /// An array of joblib.
    Array(Awaited),
}

/// What could not be read here. Why does not matter.
pub(crate) struct GaveUp;

impl From<io::Error> for GaveUp {
    fn from(_: io::Error) -> GaveUp {
        GaveUp
    }
}

impl From<crate::pickle::Error> for GaveUp {
    fn from(_: crate::pickle::Error) -> GaveUp {
        GaveUp
    }
}

/// Reads the pickle that is all of the content, of about so many bytes.
///
/// It makes what [`read`](super::read) makes of the same bytes, but for the places of what stands
/// behind bytes that were left apart.
pub(crate) fn read_apart(
    content: &mut impl Content,
    length: u64,
    limits: &Limits,
    cuts: Cuts,
) -> Result<Graph<'static>, GaveUp> {
    let mut data = Vec::new();
    let mut pieces: Vec<Piece<'static>> = Vec::new();
    let mut window = cuts.window.0;
    let mut machine = Machine::new(&[], limits, 0);
    machine.length = length;
    machine.most_memory = limits.memory_for(usize::try_from(length).unwrap_or(usize::MAX));
    let mut position = 0;
    let mut is_whole = false;
    let (root, end) = loop {
        let ready = match is_whole {
            true => usize::MAX,
            false => data.len().saturating_sub(AHEAD),
        };
        let mut here = machine.on(&data, ready);
        let pause = here.go(position)?;
        machine = here.on(&[], usize::MAX);
        let mut more = |data: &mut Vec<u8>, least: usize| -> Result<bool, GaveUp> {
            let before = data.len();
            content.read(window.max(least), data)?;
            window = window.saturating_mul(2).min(cuts.window.1);
            Ok(data.len() > before)
        };
        // Where bytes are left apart, from where on they are there, and what they are.
        let (at, from, length, what) = match pause {
            Pause::End(root, end) => break (root, end),
            Pause::Bytes { kind, at, content, length } if length >= cuts.long => {
                (at, content, length, Left::Bytes(kind))
            }
            Pause::More(at) | Pause::Bytes { at, .. } => {
                // Twice as much each time, so that no long line is gone through again and again.
                let least = if at == position { data.len() - at } else { 0 };
                position = at;
                is_whole = !more(&mut data, least)?;
                continue;
            }
            Pause::Array(array) if array.length < cuts.long => {
                let end = array.content + array.length;
                while data.len() < end {
                    let missing = end - data.len();
                    if !more(&mut data, missing)? {
                        return Err(GaveUp);
                    }
                }
                position = machine.take_array(&array)?;
                continue;
            }
            Pause::Array(array) => (array.content, array.content, array.length, Left::Array(array)),
        };
        let number = u32::try_from(pieces.len()).map_err(|_| GaveUp)?;
        let described = match &what {
            Left::Array(Awaited { dtype, shape, order, .. }) => {
                Some(Described { dtype, shape, order: *order })
            }
            Left::Bytes(_) => None,
        };
        pieces.push(content.leave(data.get(from..).unwrap_or_default(), length, described)?);
        window = cuts.window.0;
        data.truncate(at);
        data.push(PIECE);
        data.extend(number.to_le_bytes());
        let cut = from.saturating_add(length);
        for end in [&mut machine.raw.frame_end, &mut machine.raw.frames_end] {
            *end = match end.checked_sub(cut) {
                Some(behind) => data.len().saturating_add(behind),
                None => (*end).min(data.len()),
            };
        }
        match what {
            Left::Bytes(kind) => machine.push(Node::new(kind, at))?,
            Left::Array(array) => machine.put_array(array.wrapper, Node::new(Kind::Bytes, at))?,
        }
        position = data.len();
    };
    while data.len() - end <= MOST_BEHIND {
        let before = data.len();
        content.read(MOST_BEHIND + 1, &mut data)?;
        if data.len() == before {
            break;
        }
    }
    if behind(&data, end) != data.len() || machine.raw.frames_end > data.len() {
        return Err(GaveUp);
    }
    let mut graph = machine.made().graph(Cow::Owned(data), root, end);
    graph.pieces = pieces;
    Ok(graph)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pickle::value::Value;

    fn bytes_of_hex(line: &str) -> Vec<u8> {
        let digits = line.as_bytes().as_chunks::<2>().0;
        let digits = digits.iter().map(|digits| std::str::from_utf8(digits).expect("ASCII"));
        digits.map(|digits| u8::from_str_radix(digits, 16).expect("hexadecimal")).collect()
    }

    fn shown(graph: Graph<'static>) -> String {
        Value { index: graph.root, graph: Arc::new(graph) }.to_string()
    }

    /// What is read of a file and of a stream, however little is read at a time, is what is read of
    /// all bytes at once.
    fn check(bytes: &[u8]) -> bool {
        let limits = Limits::new();
        let whole = super::super::read(Cow::Owned(bytes.to_vec()), &limits).ok();
        let whole = whole.filter(|graph| behind(bytes, graph.end) == bytes.len()).map(shown);
        let mut file = tempfile::tempfile().expect("a file");
        io::Write::write_all(&mut file, bytes).expect("it is written");
        let failure = Failure::default();
        let file = Arc::new(OpenFile::new(file, failure.clone()));
        for (long, window) in [(1, (1, 1)), (1, (7, 64)), (20, (16, 16)), (300, (1, 700))] {
            let (cuts, length) = (Cuts { long, window }, bytes.len() as u64);
            let mut content = FileContent { file: Arc::clone(&file), position: 0, length };
            let read = read_apart(&mut content, length, &limits, cuts).ok().map(shown);
            assert_eq!(read, whole, "{long} {window:?} of {bytes:02x?}");
            let (pack, room): (&Pack, _) = (&|_, _| None, Vec::new());
            let failure = failure.clone();
            let mut content = StreamContent { stream: bytes, pack, room, failure };
            let read = read_apart(&mut content, length, &limits, cuts).ok().map(shown);
            assert_eq!(read, whole, "{long} {window:?} of {bytes:02x?}");
        }
        assert!(!failure.is_there());
        whole.is_some()
    }

    #[test]
    fn pickles_are_read_apart_as_they_are_read_whole() {
        let lines = include_str!("../../../tests/pickle/seeds.hex").lines();
        let mut good = 0;
        for bytes in lines.map(bytes_of_hex).filter(|bytes| bytes.len() < 5000) {
            good += usize::from(check(&bytes));
            // cut short, and with something behind
            let cut = bytes.len() * 2 / 3;
            check(&bytes[..cut]);
            check(&[&bytes, &b"\n"[..]].concat());
            assert!(!check(&[&bytes, &b"N"[..]].concat()));
        }
        assert!(good > 50, "{good}");
    }

    #[test]
    fn long_bytes_are_left_apart_wherever_frames_end() {
        let long = vec![7; 2000];
        let counted = [b"\x8e", &2000_u64.to_le_bytes()[..], &long].concat();
        let frame = |length: u64| [b"\x95", &length.to_le_bytes()[..]].concat();
        let rest = counted.len() as u64 + 3;
        for (length, is_good) in [(rest, true), (5, true), (rest + 1, false), (u64::MAX, false)] {
            let bytes = [b"\x80\x04", &*frame(length), &counted, b"\x94\x85."].concat();
            assert_eq!(check(&bytes), is_good, "{length}");
            // what a frame before said counts, too
            let bytes = [b"\x80\x04", &*frame(length), &frame(1), &counted, b"\x94\x85."].concat();
            check(&bytes);
        }
        let array = [b"\x80\x05\x96", &2000_u64.to_le_bytes()[..], &long, b"."].concat();
        assert!(check(&array));
        let missing = [b"\x80\x04\x8e", &2001_u64.to_le_bytes()[..], &long].concat();
        assert!(!check(&missing));
        let line = [b"V", &*b"a".repeat(3000), b"\n."].concat();
        assert!(check(&line));
    }

    /// What joblib 1.6 writes of two arrays of numbers and one of objects, aligned and not.
    #[test]
    fn arrays_of_joblib_are_left_apart() {
        for padding in [&b"N"[..], b"K\x10"] {
            let wrapper = |shape: &[u8], dtype: &[u8]| -> Vec<u8> {
                let head =
                    b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(X\x08\x00\x00\x00subclass\
                    cnumpy\nndarray\nX\x05\x00\x00\x00shape";
                let order =
                    b"X\x05\x00\x00\x00orderX\x01\x00\x00\x00CX\x05\x00\x00\x00dtypecnumpy\n\
                    dtype\nX\x02\x00\x00\x00";
                let state =
                    b"\x89\x88\x87R(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\
                    \xffK\x00tbX\x1b\x00\x00\x00numpy_array_alignment_bytes";
                [&head[..], shape, order, dtype, state, padding, b"ub"].concat()
            };
            let pad: &[u8] = if padding == b"N" { b"" } else { b"\x03\xff\xff\xff" };
            let numbers = vec![3; 8 * 300];
            let (few, many) = (wrapper(b"K\x02\x85", b"f8"), wrapper(b"M\x2c\x01\x85", b"f8"));
            let objects = wrapper(b"K\x01\x85", b"O8");
            let nested = b"\x80\x03](K\x01cnumpy\nndarray\ne.";
            let bytes = [
                b"\x80\x03](",
                &*many,
                pad,
                &numbers,
                &*few,
                pad,
                &numbers[..16],
                &*objects,
                nested,
                &*many,
                pad,
                &numbers,
                b"K\x05e.",
            ]
            .concat();
            assert!(check(&bytes), "{padding:?}");
            let cut = [b"\x80\x03", &*many, pad, &numbers[1..]].concat();
            assert!(!check(&cut));
        }
    }

    #[test]
    fn what_was_packed_is_taken_once() {
        let failure = Failure::default();
        let packed = Arc::new(Mutex::new(Some(Box::new(7_i32) as Packed)));
        let piece = Piece::Packed { packed, length: 4, failure: failure.clone() };
        assert_eq!(piece.take::<i32>(), Some(7));
        assert!(!failure.is_there());
        assert_eq!(piece.take::<i32>(), None);
        assert!(failure.is_there());
    }
}
