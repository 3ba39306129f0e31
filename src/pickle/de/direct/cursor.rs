//! Where the reading is, and what it knows there: the memo, the depth, what is left of the limits.

use super::GaveUp;
use crate::pickle::de::place::{ALWAYS_ALLOWED, COST};
use crate::pickle::format::number::{self, integer_width};
use crate::pickle::format::op;
use crate::pickle::format::opcode::little_endian;
use crate::pickle::limits::Limits;
use crate::pickle::stack::ReadStack;

/// Reads a pickle from its beginning to its end.
pub(super) struct Cursor<'d> {
    pub data: &'d [u8],
    /// The next opcode, or [`GONE`].
    pub position: usize,
    memo: Vec<Entry>,
    most_memo: usize,
    /// The texts that the last GETs took from the memo, by their numbers there: such as the names
    /// of fields, which are taken again and again.
    taken: [(usize, &'d str); TAKEN],
    /// Within an object of the memo, which is read once more: what it puts there is there.
    replaying: bool,
    /// Within a key or a set, where lists and the like cannot be.
    pub hashable: bool,
    /// How many levels deeper it may go.
    depth: u32,
    pub stack: ReadStack,
    /// How many levels there may be in all.
    most_depth: u32,
    /// What objects and text may still cost.
    budget: u64,
}

/// What the memo knows of an object. Small, for each text of a list has one.
#[derive(Clone, Copy)]
struct Entry {
    /// Where the text is, or where the object begins.
    start: u32,
    /// The length of the text, or one of the two below.
    length: u32,
}

/// The length of an object that an opcode opens.
const OPENED: u32 = u32::MAX;

/// The length of an object whose first item begins where it does itself, as with a short tuple.
const UNOPENED: u32 = u32::MAX - 1;

/// How many texts are kept that were taken from the memo.
const TAKEN: usize = 32;

/// Behind an error there is no next opcode: a type may hide an error of its part, and go on.
const GONE: usize = usize::MAX;

impl<'d> Cursor<'d> {
    /// Nothing if there is too much data for this way of reading.
    pub fn new<T>(data: &'d [u8], limits: &Limits) -> Option<Cursor<'d>> {
        if data.len() >= UNOPENED as usize {
            return None;
        }
        let position = match *data {
            [op::PROTO, protocol, ..] if protocol <= 5 => 2,
            _ => 0,
        };
        // A vector that grows may have twice the room it needs.
        let memory = limits.memory_for(data.len());
        let most_memo = memory / (2 * size_of::<Entry>() as u64);
        let expansion = (data.len() as u64).saturating_mul(limits.expansion);
        let budget = expansion.saturating_add(ALWAYS_ALLOWED);
        Some(Cursor {
            data,
            position,
            memo: Vec::new(),
            taken: [(usize::MAX, ""); TAKEN],
            most_memo: most_memo.min(limits.memo.into()) as usize,
            replaying: false,
            hashable: false,
            depth: limits.depth,
            stack: ReadStack::new::<T>(),
            most_depth: limits.depth,
            // No more objects than are allowed can be paid from it, not even without any text.
            budget: budget.min(COST * u64::from(limits.objects)).min(memory),
        })
    }

    /// Where the pickle ends, if it does.
    pub fn stop(mut self) -> Option<usize> {
        match self.opcode() {
            Ok(op::STOP) => Some(self.position + 1),
            _ => None,
        }
    }

    #[cold]
    pub fn give_up<R>(&mut self) -> Result<R, GaveUp> {
        self.position = GONE;
        Err(GaveUp)
    }

    /// What a type's own code returned: behind its error nothing more is read.
    #[inline]
    pub fn keep<R>(&mut self, result: Result<R, GaveUp>) -> Result<R, GaveUp> {
        if result.is_err() {
            self.position = GONE;
        }
        result
    }

    fn rest(&self) -> &'d [u8] {
        self.data.get(self.position..).unwrap_or_default()
    }

    /// The next opcode, which stays the next.
    #[inline]
    pub fn opcode(&mut self) -> Result<u8, GaveUp> {
        match self.data.get(self.position) {
            Some(&code) if code != op::FRAME => Ok(code),
            Some(_) => self.behind_frame(),
            None => self.give_up(),
        }
    }

    /// The opcode behind a FRAME.
    #[cold]
    fn behind_frame(&mut self) -> Result<u8, GaveUp> {
        while let [op::FRAME, length @ ..] = self.rest() {
            match length.split_first_chunk() {
                Some((length, rest)) if u64::from_le_bytes(*length) <= rest.len() as u64 => {
                    self.position += 9;
                }
                _ => return self.give_up(),
            }
        }
        match self.rest() {
            [code, ..] => Ok(*code),
            [] => self.give_up(),
        }
    }

    /// Steps over so many bytes of an opcode that makes an object which picklers do not put into the
    /// memo: there is nothing to gain from it.
    #[inline]
    pub fn made(&mut self, length: usize) -> Result<(), GaveUp> {
        self.position += length;
        self.charge(COST)
    }

    #[inline]
    pub fn charge(&mut self, cost: u64) -> Result<(), GaveUp> {
        match self.budget.checked_sub(cost) {
            Some(left) => {
                self.budget = left;
                Ok(())
            }
            None => self.give_up(),
        }
    }

    /// One call deeper, where a `T` is made.
    #[inline]
    pub fn deeper<T>(&mut self) -> Result<(), GaveUp> {
        // Every fourth level is enough for what is small, as when a value is written.
        let looks = |left| left % 4 == 0 || ReadStack::is_large::<T>();
        match self.depth.checked_sub(1) {
            Some(left) if !looks(left) || !self.stack.is_full_for::<T>(self.most_depth) => {
                self.depth = left;
                Ok(())
            }
            _ => self.give_up(),
        }
    }

    /// Whether serde may keep what is here, to make a type of it later.
    pub fn may_keep<T>(&mut self) -> Result<(), GaveUp> {
        let depth = self.most_depth - self.depth;
        match self.stack.is_full_for_kept::<T>(depth, self.most_depth) {
            true => self.give_up(),
            false => Ok(()),
        }
    }

    #[inline]
    pub fn shallower(&mut self) {
        self.depth += 1;
    }

    /// Puts the object that began at `start` into the memo, if that is what comes next.
    #[inline]
    pub fn memoize(&mut self, start: usize) -> Result<(), GaveUp> {
        self.memoize_as(Entry { start: start as u32, length: OPENED })
    }

    /// Puts a tuple into the memo that nothing opens.
    #[inline]
    pub fn memoize_unopened(&mut self) -> Result<(), GaveUp> {
        self.memoize_as(Entry { start: 0, length: UNOPENED })
    }

    #[inline]
    fn memoize_as(&mut self, entry: Entry) -> Result<(), GaveUp> {
        let (number, length) = match *self.rest() {
            [op::MEMOIZE, ..] => (self.memo.len(), 1),
            [op::BINPUT, number, ..] => (usize::from(number), 2),
            [op::LONG_BINPUT, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 5),
            _ => return Ok(()),
        };
        self.position += length;
        if self.replaying {
            return Ok(());
        }
        // Numbers that do not count up, or are used again, are the machine's.
        if number != self.memo.len() || number >= self.most_memo {
            return self.give_up();
        }
        self.memo.push(entry);
        Ok(())
    }

    /// What the next opcode, a GET, takes from the memo, under which number, and how long the opcode
    /// is.
    #[inline]
    fn entry(&mut self) -> Result<(Entry, usize, usize), GaveUp> {
        let (number, length) = match *self.rest() {
            [op::BINGET, number, ..] => (usize::from(number), 2),
            [op::LONG_BINGET, a, b, c, d, ..] => (u32::from_le_bytes([a, b, c, d]) as usize, 5),
            _ => return self.give_up(),
        };
        match self.memo.get(number) {
            Some(entry) => Ok((*entry, number, length)),
            None => self.give_up(),
        }
    }

    /// Reads the object of the memo that the next opcode, a GET, takes from there.
    pub fn replay<R>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<R, GaveUp>,
    ) -> Result<R, GaveUp> {
        let (Entry { start, length: OPENED }, _, length) = self.entry()? else {
            return self.give_up();
        };
        let end = self.position + length;
        let outer = std::mem::replace(&mut self.replaying, true);
        self.position = start as usize;
        let value = read(self)?;
        self.replaying = outer;
        self.position = end;
        Ok(value)
    }

    /// The opcode that begins the next object, also if it comes from the memo.
    #[inline]
    pub fn begins(&mut self) -> Result<u8, GaveUp> {
        let code = self.opcode()?;
        if code != op::BINGET && code != op::LONG_BINGET {
            return Ok(code);
        }
        match self.entry()?.0 {
            Entry { length: UNOPENED, .. } => self.give_up(),
            Entry { start, length: OPENED } => {
                Ok(self.data.get(start as usize).copied().unwrap_or_default())
            }
            _ => Ok(op::BINUNICODE),
        }
    }

    /// The next object, if it is an integer in one of the three usual forms.
    #[inline]
    pub fn short_integer(&mut self, code: u8) -> Result<i64, GaveUp> {
        let width = integer_width(code);
        let number = match *self.rest() {
            [_, a, b, c, d, ..] => number::short_integer(code, [a, b, c, d]),
            // So near to the end that there are no four bytes more.
            [_, a, ..] if width == 1 => i64::from(a),
            [_, a, b, ..] if width == 2 => i64::from(u16::from_le_bytes([a, b])),
            _ => return self.give_up(),
        };
        self.made(1 + width)?;
        Ok(number)
    }

    #[inline]
    pub fn float(&mut self) -> Result<f64, GaveUp> {
        match self.rest().get(1..).and_then(<[u8]>::first_chunk) {
            Some(bytes) => {
                let number = f64::from_be_bytes(*bytes);
                self.made(9)?;
                Ok(number)
            }
            None => self.give_up(),
        }
    }

    /// The argument of the next opcode, with a length of so many bytes before it.
    #[inline]
    pub fn counted(&mut self, width: usize) -> Result<&'d [u8], GaveUp> {
        match counted(self.data, self.position, width) {
            Some(bytes) => {
                self.charge(bytes.len() as u64)?;
                self.made(1 + width + bytes.len())?;
                Ok(bytes)
            }
            None => self.give_up(),
        }
    }

    /// Bytes in the form that the next opcode says, or nothing.
    pub fn bytes(&mut self, code: u8) -> Result<Option<&'d [u8]>, GaveUp> {
        let start = self.position;
        let bytes = match code {
            op::SHORT_BINBYTES => self.counted(1)?,
            op::BINBYTES => self.counted(4)?,
            op::BINBYTES8 => self.counted(8)?,
            op::BYTEARRAY8 if !self.hashable => self.counted(8)?,
            _ => return Ok(None),
        };
        self.memoize(start)?;
        Ok(Some(bytes))
    }

    /// The next object, if it is text in one of its usual forms, also from the memo.
    #[inline]
    pub fn text(&mut self, code: u8) -> Result<Option<&'d str>, GaveUp> {
        let bytes = match code {
            op::SHORT_BINUNICODE => self.counted(1)?,
            op::BINUNICODE => self.counted(4)?,
            op::BINGET | op::LONG_BINGET => return self.text_again(),
            _ => return Ok(None),
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let start = self.position - bytes.len();
                self.memoize_as(Entry { start: start as u32, length: bytes.len() as u32 })?;
                Ok(Some(text))
            }
            Err(_) => self.give_up(),
        }
    }

    /// The text that the next opcode, a GET, takes from the memo, if it is one.
    #[inline]
    fn text_again(&mut self) -> Result<Option<&'d str>, GaveUp> {
        let (Entry { start, length }, number, opcode) = self.entry()?;
        if length >= UNOPENED {
            return Ok(None);
        }
        let taken = &mut self.taken[number % TAKEN];
        if taken.0 != number {
            let (start, length) = (start as usize, length as usize);
            let bytes = self.data.get(start..start + length).unwrap_or_default();
            *taken = (number, std::str::from_utf8(bytes).unwrap_or_default());
        }
        let text = taken.1;
        self.charge(text.len() as u64)?;
        self.made(opcode)?;
        Ok(Some(text))
    }
}

#[inline]
pub(super) fn counted(data: &[u8], at: usize, width: usize) -> Option<&[u8]> {
    let rest = data.get(at + 1..)?;
    let (length, rest) = match width {
        1 => (usize::from(*rest.first()?), rest.get(1..)?),
        _ => (usize::try_from(little_endian(rest.get(..width)?)).ok()?, rest.get(width..)?),
    };
    rest.get(..length)
}
