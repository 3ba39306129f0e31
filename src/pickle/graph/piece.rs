//! Long bytes that are kept beside the data of a graph: at hand, still in the file, or as what was
//! made of them on the way.

use std::any::Any;
use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Long bytes that are kept beside the data, not in it.
#[derive(Clone, Debug)]
pub(crate) enum Piece<'a> {
    Here(Cow<'a, [u8]>),
    /// In a file, from this byte on.
    There {
        file: Arc<OpenFile>,
        start: u64,
        length: usize,
    },
    /// What was made of them, for one to take.
    Packed {
        packed: Arc<Mutex<Option<Packed>>>,
        length: usize,
        failure: Failure,
    },
}

/// What was made of the bytes of an array by those who know what it is for.
pub(crate) type Packed = Box<dyn Any + Send>;

/// Whether something could not be had: all that was made from then on is worth nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<AtomicBool>);

impl Failure {
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_there(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Piece<'_> {
    pub fn len(&self) -> usize {
        match self {
            Piece::Here(bytes) => bytes.len(),
            Piece::There { length, .. } | Piece::Packed { length, .. } => *length,
        }
    }

    /// The bytes; none where they cannot be had any more, which is noted.
    pub fn bytes(&self) -> Cow<'_, [u8]> {
        match self {
            Piece::Here(bytes) => Cow::Borrowed(bytes),
            Piece::There { file, start, length } => {
                let mut room = Vec::new();
                let filled = file.fill(*start, *length, &mut room).len();
                room.truncate(filled);
                Cow::Owned(room)
            }
            Piece::Packed { failure, .. } => {
                failure.note();
                Cow::Borrowed(&[])
            }
        }
    }

    /// The bytes, for which there is room where they are still in the file; none of what was packed.
    pub fn bytes_in<'r>(&'r self, room: &'r mut Vec<u8>) -> &'r [u8] {
        match self {
            Piece::Here(bytes) => bytes,
            Piece::There { file, start, length } => file.fill(*start, *length, room),
            Piece::Packed { .. } => &[],
        }
    }

    /// Takes what was made of the bytes, if it is a `T`.
    pub fn take<T: 'static>(&self) -> Option<T> {
        let Piece::Packed { packed, failure, .. } = self else { return None };
        let taken = packed.lock().ok().and_then(|mut packed| packed.take());
        let taken = taken.and_then(|packed| packed.downcast().ok()).map(|taken| *taken);
        if taken.is_none() {
            failure.note();
        }
        taken
    }

    pub fn into_owned(self) -> Piece<'static> {
        match self {
            Piece::Here(bytes) => Piece::Here(Cow::Owned(bytes.into_owned())),
            Piece::There { file, start, length } => Piece::There { file, start, length },
            Piece::Packed { packed, length, failure } => Piece::Packed { packed, length, failure },
        }
    }
}

/// A file that is read here and there, by several threads at once.
#[derive(Debug)]
pub(crate) struct OpenFile {
    file: File,
    failure: Failure,
    #[cfg(not(unix))]
    turn: Mutex<()>,
}

impl OpenFile {
    /// What cannot be read is noted.
    pub fn new(file: File, failure: Failure) -> OpenFile {
        OpenFile {
            file,
            failure,
            #[cfg(not(unix))]
            turn: Mutex::new(()),
        }
    }

    /// What is in the file from a byte on, in a room that grows where it has to; nothing, where it
    /// cannot be read.
    fn fill<'r>(&self, start: u64, length: usize, room: &'r mut Vec<u8>) -> &'r [u8] {
        let more = length.saturating_sub(room.len());
        if more > 0 {
            if room.try_reserve_exact(more).is_err() {
                self.failure.note();
                return &[];
            }
            room.resize(length, 0);
        }
        let room = room.get_mut(..length).unwrap_or_default();
        match self.read(start, room) {
            Ok(()) => room,
            Err(_) => &[],
        }
    }

    /// Fills the room with what is in the file from a byte on.
    pub fn read(&self, start: u64, room: &mut [u8]) -> io::Result<()> {
        let result = self.read_at(start, room);
        if result.is_err() {
            self.failure.note();
        }
        result
    }

    #[cfg(unix)]
    fn read_at(&self, start: u64, room: &mut [u8]) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(&self.file, room, start)
    }

    /// Elsewhere the place in the file is that of all threads together.
    #[cfg(not(unix))]
    fn read_at(&self, start: u64, room: &mut [u8]) -> io::Result<()> {
        use std::io::{Read, Seek, SeekFrom};

        let _turn = self.turn.lock();
        (&self.file).seek(SeekFrom::Start(start))?;
        (&self.file).read_exact(room)
    }
}
