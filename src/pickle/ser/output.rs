//! Opcodes written: numbers, texts and bytes, each in its shortest form; the memo; frames.

use std::io::Write;

use super::text_memo::{Found, TextMemo};
use crate::pickle::error::Error;
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;

/// How long a frame becomes before it is closed, as in CPython.
const FRAME: usize = 64 << 10;

/// How many items go into one list or dictionary at a time, as in CPython.
pub(crate) const BATCH: u32 = 1000;

/// A pickle being written.
pub(crate) struct Output<'w> {
    writer: &'w mut dyn Write,
    pub protocol: u8,
    /// The frame, or from protocol 3 down a piece, that is not written yet.
    pending: Vec<u8>,
    texts: TextMemo,
    /// Names of fields by address and length, and their numbers in the memo.
    fields: [((usize, usize), u32); FIELDS],
    memo_length: u32,
}

/// How many names of fields are known by address.
const FIELDS: usize = 64;

impl<'w> Output<'w> {
    pub fn new(writer: &'w mut dyn Write, protocol: u8) -> Result<Output<'w>, Error> {
        if !(2..=5).contains(&protocol) {
            let problem = format!("there is no protocol {protocol} to write; use 2, 3, 4 or 5");
            return Err(Error::unwritable(problem));
        }
        writer.write_all(&[op::PROTO, protocol]).map_err(Error::writing)?;
        let pending = Vec::with_capacity(1 << 10);
        Ok(Output {
            writer,
            protocol,
            pending,
            texts: TextMemo::default(),
            fields: [((0, 0), 0); FIELDS],
            memo_length: 0,
        })
    }

    /// Ends the pickle.
    pub fn stop(mut self) -> Result<(), Error> {
        self.pending.push(op::STOP);
        self.write_pending()?;
        self.writer.flush().map_err(Error::writing)
    }

    fn write_pending(&mut self) -> Result<(), Error> {
        // A frame of less than four bytes is not worth its header, CPython says.
        if self.protocol >= 4 && self.pending.len() >= 4 {
            let mut header = [op::FRAME, 0, 0, 0, 0, 0, 0, 0, 0];
            for (to, from) in header.iter_mut().skip(1).zip(self.pending.len().to_le_bytes()) {
                *to = from;
            }
            self.writer.write_all(&header).map_err(Error::writing)?;
        }
        self.writer.write_all(&self.pending).map_err(Error::writing)?;
        self.pending.clear();
        Ok(())
    }

    /// Writes one short opcode with its argument.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Error> {
        self.pending.extend_from_slice(&bytes);
        if self.pending.len() >= FRAME { self.write_pending() } else { Ok(()) }
    }

    /// Writes one opcode with its argument.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= FRAME { self.write_pending() } else { Ok(()) }
    }

    /// Writes an opcode with its argument and content, which may be long.
    #[inline]
    fn write_counted(&mut self, header: &[u8], content: &[u8]) -> Result<(), Error> {
        if content.len() < FRAME {
            self.pending.extend_from_slice(header);
            return self.write(content);
        }
        // Large content stands outside of frames, and is not copied.
        if !self.pending.is_empty() {
            self.write_pending()?;
        }
        self.writer.write_all(header).map_err(Error::writing)?;
        self.writer.write_all(content).map_err(Error::writing)
    }

    /// An opcode with a length, in the shortest of the forms that there are.
    #[inline]
    fn counted(
        &mut self,
        [short, medium, long]: [Option<u8>; 3],
        content: &[u8],
    ) -> Result<(), Error> {
        let length = content.len();
        let [a, b, c, d, e, f, g, h] = (length as u64).to_le_bytes();
        match (short, medium, long) {
            (Some(short), _, _) if length < 1 << 8 => self.write_counted(&[short, a], content),
            (_, Some(medium), _)
                if length < 1 << 31 || medium != op::BINSTRING && length < 1 << 32 =>
            {
                self.write_counted(&[medium, a, b, c, d], content)
            }
            (_, _, Some(long)) => self.write_counted(&[long, a, b, c, d, e, f, g, h], content),
            _ => Err(Error::unwritable(format!(
                "{length} bytes in one piece need protocol 4 or newer"
            ))),
        }
    }

    pub fn none(&mut self) -> Result<(), Error> {
        self.write(&[op::NONE])
    }

    pub fn bool(&mut self, value: bool) -> Result<(), Error> {
        self.write(if value { &[op::NEWTRUE] } else { &[op::NEWFALSE] })
    }

    #[inline]
    pub fn int(&mut self, value: i64) -> Result<(), Error> {
        if i32::try_from(value).is_err() {
            return self.big_int(&Integer::Small(value).to_bytes());
        }
        // Without a branch, for how long the next number is cannot be foretold: all four bytes are
        // written, and those that are not needed are taken back. Below 0 all are.
        let magnitude = value as u64;
        let two = usize::from(magnitude > 0xff);
        let four = usize::from(magnitude > 0xffff);
        let [a, b, c, d, ..] = value.to_le_bytes();
        let code = op::BININT1 + 2 * two as u8 - 3 * four as u8;
        self.pending.extend_from_slice(&[code, a, b, c, d]);
        self.pending.truncate(self.pending.len() - 3 + two + 2 * four);
        if self.pending.len() >= FRAME { self.write_pending() } else { Ok(()) }
    }

    /// An integer in two's complement, little-endian, as short as it can be.
    pub fn big_int(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() > i32::MAX as usize {
            return Err(Error::unwritable("an integer of more than 2 GiB"));
        }
        let [a, b, c, d, ..] = (bytes.len() as u64).to_le_bytes();
        match bytes.len() {
            0..256 => self.write_counted(&[op::LONG1, a], bytes),
            _ => self.write_counted(&[op::LONG4, a, b, c, d], bytes),
        }
    }

    #[inline]
    pub fn float(&mut self, value: f64) -> Result<(), Error> {
        let [a, b, c, d, e, f, g, h] = value.to_be_bytes();
        self.put([op::BINFLOAT, a, b, c, d, e, f, g, h])
    }

    /// Text in UTF-8, surrogates included; from the memo when it was written before.
    #[inline]
    pub fn text(&mut self, text: &[u8]) -> Result<(), Error> {
        let found = self.texts.find(text);
        if let Found::Memo(number) = found {
            return self.get(number);
        }
        match (self.protocol, u8::try_from(text.len()), found) {
            // Most texts: with the memo's opcode in one go.
            (4.., Ok(length), Found::Free { place, hash }) => {
                self.texts.insert(place, hash, text, self.memo_length);
                self.count_memo()?;
                self.pending.reserve(text.len() + 3);
                self.pending.extend_from_slice(&[op::SHORT_BINUNICODE, length]);
                self.pending.extend_from_slice(text);
                self.put([op::MEMOIZE])
            }
            (protocol, _, found) => {
                let new = protocol >= 4;
                let forms = [
                    new.then_some(op::SHORT_BINUNICODE),
                    Some(op::BINUNICODE),
                    new.then_some(op::BINUNICODE8),
                ];
                self.counted(forms, text)?;
                if let Found::Free { place, hash } = found {
                    let number = self.memoize()?;
                    self.texts.insert(place, hash, text, number);
                }
                Ok(())
            }
        }
    }

    /// The name of a field: the same name comes from the same place, so that most of the time its
    /// address tells which it is.
    #[inline]
    pub fn field(&mut self, name: &'static str) -> Result<(), Error> {
        let address = (name.as_ptr() as usize, name.len());
        let place = (address.0 >> 3 ^ address.0 >> 9 ^ address.1) % FIELDS;
        if let Some(&(found, number)) = self.fields.get(place)
            && found == address
        {
            return self.get(number);
        }
        self.text(name.as_bytes())?;
        if let Found::Memo(number) = self.texts.find(name.as_bytes())
            && let Some(slot) = self.fields.get_mut(place)
        {
            *slot = (address, number);
        }
        Ok(())
    }

    /// A string of Python 2.
    pub fn string(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.counted([Some(op::SHORT_BINSTRING), Some(op::BINSTRING), None], bytes)
    }

    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.protocol {
            // Protocol 2 has no bytes: CPython writes them as text to be encoded.
            2 if bytes.is_empty() => {
                self.global("__builtin__", "bytes")?;
                self.write(&[op::EMPTY_TUPLE, op::REDUCE])
            }
            2 => {
                self.global("_codecs", "encode")?;
                let text: String = bytes.iter().copied().map(char::from).collect();
                self.counted([None, Some(op::BINUNICODE), None], text.as_bytes())?;
                self.counted([None, Some(op::BINUNICODE), None], b"latin1")?;
                self.write(&[op::TUPLE2, op::REDUCE])
            }
            3 => self.counted([Some(op::SHORT_BINBYTES), Some(op::BINBYTES), None], bytes),
            _ => self.counted(
                [Some(op::SHORT_BINBYTES), Some(op::BINBYTES), Some(op::BINBYTES8)],
                bytes,
            ),
        }
    }

    pub fn bytearray(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match self.protocol {
            5.. => self.counted([None, None, Some(op::BYTEARRAY8)], bytes),
            protocol => {
                let module = if protocol < 3 { "__builtin__" } else { "builtins" };
                self.global(module, "bytearray")?;
                self.bytes(bytes)?;
                self.write(&[op::TUPLE1, op::REDUCE])
            }
        }
    }

    /// A name of a module.
    pub fn global(&mut self, module: &str, name: &str) -> Result<(), Error> {
        if self.protocol >= 4 {
            self.text(module.as_bytes())?;
            self.text(name.as_bytes())?;
            return self.write(&[op::STACK_GLOBAL]);
        }
        if module.contains('\n') || name.contains('\n') {
            return Err(Error::unwritable("a name with a newline needs protocol 4 or newer"));
        }
        self.write(&[op::GLOBAL])?;
        self.write(format!("{module}\n{name}\n").as_bytes())
    }

    /// Puts what was written last into the memo, and tells its number.
    #[inline]
    pub fn memoize(&mut self) -> Result<u32, Error> {
        let number = self.count_memo()?;
        let [a, b, c, d] = number.to_le_bytes();
        match number {
            _ if self.protocol >= 4 => self.put([op::MEMOIZE])?,
            0..256 => self.put([op::BINPUT, a])?,
            _ => self.put([op::LONG_BINPUT, a, b, c, d])?,
        }
        Ok(number)
    }

    /// The next number in the memo.
    #[inline]
    fn count_memo(&mut self) -> Result<u32, Error> {
        let number = self.memo_length;
        match number.checked_add(1) {
            Some(next) => {
                self.memo_length = next;
                Ok(number)
            }
            None => Err(Error::unwritable("more objects than a memo can number")),
        }
    }

    #[inline]
    pub fn get(&mut self, number: u32) -> Result<(), Error> {
        let [a, b, c, d] = number.to_le_bytes();
        match number {
            0..256 => self.put([op::BINGET, a]),
            _ => self.put([op::LONG_BINGET, a, b, c, d]),
        }
    }
}
