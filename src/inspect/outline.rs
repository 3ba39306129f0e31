//! A large file, read without the long bytes in it.
//!
//! Nearly all of a large model are the bytes of its arrays. What a pickle would do does not follow from
//! them, but for what they begin with: a pickle or a container has to begin like one. To read them takes
//! most of the time; so they are passed over, and texts are checked without being kept.

use std::io::{self, Read, Seek, SeekFrom};

use super::look;
use crate::pickle::format::opcode::{Argument, Effect, Instruction};
use crate::pickle::format::text;
use crate::pickle::{Opcode, op};

/// The shortest bytes that are passed over: to read fewer takes less time than to go to another place.
pub(super) const LONG: usize = 32 << 10;

/// How much of long bytes is read, so that it is seen what they are.
const BEGINNING: usize = 2 * look::BEGINNING;

/// An opcode and the longest number behind it.
const HEAD: usize = 9;

/// How much is read at once: first, and at the most.
const WINDOW: (usize, usize) = (8 << 10, 256 << 10);

/// How much more may be read than is passed over before it is given up.
const MOST_READ: usize = 1 << 20;

/// The content of a file of this many bytes with zeros in place of the long bytes and texts that do not
/// begin as a pickle or a container does; the long texts are text that Python accepts. Nothing where the
/// file is not a single pickle of protocol 2 or above without the arrays of joblib, or consists of too
/// much else.
///
/// All that [`Look`](look::Look) finds in the content it would find in the file, and the other way round, if
/// it comes to the end of the pickle: where that cannot be read to its end, it looks at bytes in other ways.
pub(super) fn outline(mut file: impl Read + Seek, length: usize) -> io::Result<Option<Vec<u8>>> {
    // Without the room it could not be made at all. Pages that are not touched take no memory.
    let mut room: Vec<u8> = Vec::new();
    if room.try_reserve_exact(length).is_err() {
        return Ok(None);
    }
    drop(room);
    // A zip archive is known by its end.
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(look::ARCHIVE_END) as u64))?;
    (&mut file).take(look::ARCHIVE_END as u64).read_to_end(&mut end)?;
    if look::ends_archive(&end) {
        return Ok(None);
    }
    file.rewind()?;
    let mut outline = Outline {
        file,
        content: vec![0; length],
        filled: 0,
        window: WINDOW.0,
        read: 0,
        passed: 0,
        piece: Vec::new(),
    };
    Ok(outline.walk()?.then_some(outline.content))
}

struct Outline<F> {
    file: F,
    content: Vec<u8>,
    /// What is before is read or passed over; the file stands there.
    filled: usize,
    window: usize,
    /// How much was read, but for long bytes, and how much passed over.
    read: usize,
    passed: usize,
    /// Room for a piece of text.
    piece: Vec<u8>,
}

impl<F: Read + Seek> Outline<F> {
    /// Goes from opcode to opcode, and says whether it came to the end.
    fn walk(&mut self) -> io::Result<bool> {
        let mut position = 0;
        loop {
            self.fill(position + HEAD)?;
            if self.read > self.passed + MOST_READ {
                return Ok(false);
            }
            let Some(found) = self.instruction(position)? else { return Ok(false) };
            // No container begins like this.
            if position == 0 && found.opcode.code != op::PROTO {
                return Ok(false);
            }
            let is_counted = matches!(
                found.opcode.code,
                op::BINBYTES
                    | op::BINBYTES8
                    | op::BYTEARRAY8
                    | op::BINSTRING
                    | op::BINUNICODE
                    | op::BINUNICODE8
            );
            if is_counted && found.end - found.start >= LONG {
                if !self.long(&found)? {
                    return Ok(false);
                }
            } else {
                self.fill(found.next)?;
                if may_name_wrapper(&found, &self.content) {
                    return Ok(false);
                }
            }
            position = found.next;
            if found.opcode.code == op::STOP {
                let length = self.content.len();
                if length - position > look::MOST_PADDING {
                    return Ok(false);
                }
                self.fill(length)?;
                return Ok(look::is_padding(self.content.get(position..).unwrap_or_default()));
            }
        }
    }

    /// The opcode at a place, if there is one.
    fn instruction(&mut self, position: usize) -> io::Result<Option<Instruction>> {
        let code = self.content.get(position).copied();
        let Some(opcode) = code.and_then(Opcode::from_code) else { return Ok(None) };
        if !matches!(opcode.argument, Argument::Line | Argument::TwoLines) {
            return Ok(Instruction::read(&self.content, position).ok());
        }
        // A line ends where it is read; no honest one is longer than this.
        for more in [0, WINDOW.1] {
            self.fill(position + more)?;
            let read = self.content.get(..self.filled).unwrap_or_default();
            if let Ok(found) = Instruction::read(read, position) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Passes over long bytes, if they are nothing to look into, and says whether text is text.
    fn long(&mut self, found: &Instruction) -> io::Result<bool> {
        let is_text = found.opcode.effect == Effect::Text;
        self.fill(found.start + BEGINNING)?;
        let beginning = self.content.get(found.start..found.start + BEGINNING).unwrap_or_default();
        if look::may_hold_pickle(beginning, is_text) {
            let read = self.read;
            self.fill(found.end)?;
            self.read = read;
            let content = self.content.get(found.start..found.end).unwrap_or_default();
            return Ok(!is_text || text::is_text(content));
        }
        if is_text && !self.check_text(found)? {
            return Ok(false);
        }
        if self.filled < found.end {
            if is_text {
                // A character that was cut is no text.
                let kept = self.content.get(found.start..self.filled).unwrap_or_default();
                let cut = self.filled - text::cut_short(kept)..self.filled;
                self.content.get_mut(cut).unwrap_or_default().fill(0);
            }
            self.passed += found.end - self.filled;
            self.file.seek(SeekFrom::Start(found.end as u64))?;
            self.filled = found.end;
            self.window = WINDOW.0;
        }
        Ok(true)
    }

    /// Reads a text without keeping it, and says whether Python would accept it.
    fn check_text(&mut self, found: &Instruction) -> io::Result<bool> {
        let Outline { file, content, filled, piece, .. } = self;
        let read = content.get(found.start..(*filled).min(found.end)).unwrap_or_default();
        let mut left = found.end - found.start - read.len();
        piece.clear();
        piece.extend_from_slice(read);
        loop {
            let whole = if left == 0 { piece.len() } else { piece.len() - text::cut_short(piece) };
            if !text::is_text(piece.get(..whole).unwrap_or_default()) {
                return Ok(false);
            }
            if left == 0 {
                return Ok(true);
            }
            piece.drain(..whole);
            let kept = piece.len();
            let more = left.min(WINDOW.1);
            piece.resize(kept + more, 0);
            file.read_exact(piece.get_mut(kept..).unwrap_or_default())?;
            left -= more;
        }
    }

    /// Reads at least to a place, or to the end.
    fn fill(&mut self, end: usize) -> io::Result<()> {
        let end = end.min(self.content.len());
        if end <= self.filled {
            return Ok(());
        }
        let end = end.max(self.filled + self.window).min(self.content.len());
        let room = self.content.get_mut(self.filled..end).unwrap_or_default();
        self.file.read_exact(room)?;
        self.read += room.len();
        self.filled = end;
        self.window = (2 * self.window).min(WINDOW.1);
        Ok(())
    }
}

/// Whether a name may be that of joblib's class, behind whose objects stands what is no opcode.
fn may_name_wrapper(found: &Instruction, content: &[u8]) -> bool {
    const NAME: &[u8] = b"NumpyArrayWrapper";
    let name = found.argument(content);
    match (found.opcode.effect, found.opcode.argument) {
        (Effect::Global | Effect::Inst, _) => name.ends_with(NAME),
        // In quotes, or with escapes.
        (Effect::Text | Effect::String, Argument::Line) => {
            name.contains(&b'\\') || name.windows(NAME.len()).any(|it| it == NAME)
        }
        (Effect::Text | Effect::String, _) => name.ends_with(NAME),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// A file that counts what is read.
    struct Counted {
        file: Cursor<Vec<u8>>,
        read: usize,
    }

    impl Read for &mut Counted {
        fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
            let read = self.file.read(room)?;
            self.read += read;
            Ok(read)
        }
    }

    impl Seek for &mut Counted {
        fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
            self.file.seek(to)
        }
    }

    /// The outline, and how much was read for it.
    fn outlined(content: &[u8]) -> (Option<Vec<u8>>, usize) {
        let mut file = Counted { file: Cursor::new(content.to_vec()), read: 0 };
        let outline = outline(&mut file, content.len()).expect("memory can be read");
        (outline, file.read)
    }

    fn counted(opcode: u8, content: &[u8]) -> Vec<u8> {
        [&[opcode], &(content.len() as u32).to_le_bytes()[..], content].concat()
    }

    #[test]
    fn long_bytes_are_not_read() {
        let numbers = vec![7; 3 << 20];
        for opcode in [op::BINBYTES, op::BINSTRING] {
            let long = counted(opcode, &numbers);
            let content = [b"\x80\x04](", &*long, b"K\x01", &*long, b"e."].concat();
            let (outline, read) = outlined(&content);
            let outline = outline.expect("it can be passed over");
            assert!(read < 200_000, "{read}");
            assert_eq!(outline.len(), content.len());
            assert!(outline.starts_with(&content[..100]));
            assert!(outline.ends_with(b"e."));
            assert_eq!(outline[content.len() / 2 - 100], 0);
        }
        // Text is read, and not kept.
        let text = counted(op::BINUNICODE, "é".repeat(1 << 20).as_bytes());
        let (outline, read) = outlined(&[b"\x80\x02", &*text, b"."].concat());
        let outline = outline.expect("it is text");
        assert!(outline.iter().filter(|&&it| it != 0).count() < 10_000);
        assert!(read > 2 << 20, "{read}");
        // It is text still, wherever it is cut.
        for before in 0..4 {
            let text = format!("{}{}", "a".repeat(before), "€".repeat(1 << 20));
            let content = [b"\x80\x02", &*counted(op::BINUNICODE, text.as_bytes()), b"."].concat();
            let (outline, _) = outlined(&content);
            let outline = outline.expect("it is text");
            assert!(crate::inspect::bytes(&outline).is_clean(), "{before}");
        }
    }

    #[test]
    fn what_may_be_looked_into_is_read() {
        let long = counted(op::BINBYTES, &[b"\x80\x04N.", &*vec![7; 3 << 20]].concat());
        let content = [b"\x80\x04", &*long, b"."].concat();
        let (outline, _) = outlined(&content);
        assert_eq!(outline, Some(content));
    }

    #[test]
    fn what_is_no_single_pickle_has_no_outline() {
        let long = counted(op::BINBYTES, &vec![7; 3 << 20]);
        let cases: [(&[u8], &[u8]); 9] = [
            (b"", b"."),
            (b"PK\n", b"."),
            (b"\x80\x04", b""),
            (b"\x80\x04", b".N."),
            (b"\x80\x04", b"\xff."),
            (b"\x80\x04", b".and more"),
            (b"\x80\x04", b".\0\0\0PK\x05\x06"),
            (b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n", b"."),
            (b"\x80\x04Vjoblib.numpy_pickle\nV\\u004eumpyArrayWrapper\n\x93", b"."),
        ];
        for (before, behind) in cases {
            let (outline, read) = outlined(&[before, &long, behind].concat());
            assert_eq!(outline, None, "{behind:?}");
            assert!(read < 200_000, "{read}");
        }
    }

    /// Where nearly all is opcodes, it is given up.
    #[test]
    fn small_objects_are_read_in_the_usual_way() {
        let content = [b"\x80\x04](", &*b"K\x01".repeat(4 << 20), b"e."].concat();
        let (outline, read) = outlined(&content);
        assert_eq!(outline, None);
        assert!(read < 2 << 20, "{read}");
    }
}
