//! What comes out of a compressed file, unpacked on a thread of its own while it is read on another.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;

use crate::container::Unpacking;

/// How much is unpacked at a time, and how often before somebody has to take it.
const CHUNK: usize = 128 << 10;
const AHEAD: usize = 4;

/// A part of what comes out, at the beginning of a room.
type Part = (Vec<u8>, usize);

/// Calls `read` with what comes out of a compressed file, of at most so many bytes: more is an error.
/// Nothing where no thread can be started.
pub(super) fn unpacked<T>(
    unpacking: Unpacking,
    most: u64,
    read: impl FnOnce(&mut Unpacked) -> T,
) -> Option<T> {
    let (full, parts) = sync_channel(AHEAD);
    let (rooms, empty) = channel();
    thread::scope(|scope| {
        let unpack = move || unpack(unpacking, most, &full, &empty);
        thread::Builder::new().spawn_scoped(scope, unpack).ok()?;
        let mut unpacked = Unpacked { parts, rooms, part: (Vec::new(), 0), taken: 0 };
        Some(read(&mut unpacked))
    })
}

/// Unpacks until all is unpacked, or nobody takes it any more.
fn unpack(
    mut unpacking: Unpacking,
    most: u64,
    full: &SyncSender<io::Result<Part>>,
    empty: &Receiver<Vec<u8>>,
) {
    let mut left = most;
    loop {
        let mut room = empty.try_recv().unwrap_or_default();
        room.resize(CHUNK, 0);
        let part = fill(&mut unpacking, &mut room).and_then(|length| {
            left = left.checked_sub(length as u64).ok_or(io::ErrorKind::OutOfMemory)?;
            Ok((room, length))
        });
        let is_last = !matches!(part, Ok((_, CHUNK)));
        if full.send(part).is_err() {
            return;
        }
        if is_last {
            break;
        }
    }
    if !unpacking.ends_file() {
        let _ = full.send(Err(io::ErrorKind::InvalidData.into()));
    }
}

/// Reads until the room is full, or there is no more.
fn fill(reader: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest @ [_, ..]) = room.get_mut(filled..) {
        match reader.read(rest)? {
            0 => break,
            read => filled += read,
        }
    }
    Ok(filled)
}

/// What comes out.
pub(super) struct Unpacked {
    parts: Receiver<io::Result<Part>>,
    /// Where rooms go that are empty again.
    rooms: Sender<Vec<u8>>,
    part: Part,
    /// How much of the part was read.
    taken: usize,
}

impl Read for Unpacked {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.part.1 && !room.is_empty() {
            // Whoever unpacks has all rooms that it needs, or has come to its end.
            let _ = self.rooms.send(std::mem::take(&mut self.part.0));
            (self.taken, self.part.1) = (0, 0);
            // Nothing comes any more behind the end.
            self.part = self.parts.recv().unwrap_or(Ok((Vec::new(), 0)))?;
        }
        let (bytes, length) = &self.part;
        let mut rest = bytes.get(self.taken..*length).unwrap_or_default();
        let read = rest.read(room)?;
        self.taken += read;
        Ok(read)
    }
}
