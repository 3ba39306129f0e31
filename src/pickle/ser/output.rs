//! Opcodes written: numbers, texts and bytes, each in its shortest form; the memo; frames.

use std::collections::HashMap;
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
    /// How many bytes the writer was given.
    written: u64,
    pub protocol: u8,
    /// The frame, or from protocol 3 down a piece, that is not written yet.
    pending: Vec<u8>,
    texts: TextMemo,
    /// Names of fields by address and length, and their numbers in the memo.
    fields: [((usize, usize), u32); FIELDS],
    /// Names of modules, and their numbers in the memo.
    globals: HashMap<String, u32>,
    memo_length: u32,
}

/// How many names may stand in one, with dots between: "Outer.Inner".
const NAME_PARTS: usize = 32;

/// At a multiple of how many bytes joblib lets an array begin.
const JOBLIB_ALIGNMENT: u64 = 16;

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
            written: 2,
            protocol,
            pending,
            texts: TextMemo::default(),
            fields: [((0, 0), 0); FIELDS],
            globals: HashMap::new(),
            memo_length: 0,
        })
    }

    /// Ends the pickle.
    pub fn stop(mut self) -> Result<(), Error> {
        self.pending.push(op::STOP);
        self.write_pending()?;
        self.writer.flush().map_err(Error::writing)
    }

    fn hand_over(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.written += bytes.len() as u64;
        self.writer.write_all(bytes).map_err(Error::writing)
    }

    /// Writes the items of an array between two opcodes, as joblib does: the length of the padding, the
    /// padding, and the items, which begin at a multiple of 16; or, as before joblib 1.2, the items
    /// alone. Source: `write_array` in joblib's `numpy_pickle.py`.
    pub fn raw_array(&mut self, items: &[u8], aligned: bool) -> Result<(), Error> {
        self.write_pending()?;
        if !aligned {
            return self.hand_over(items);
        }
        let padding = JOBLIB_ALIGNMENT - (self.written + 1) % JOBLIB_ALIGNMENT;
        self.hand_over(&[padding as u8])?;
        self.hand_over(&[0xff; JOBLIB_ALIGNMENT as usize][..padding as usize])?;
        self.hand_over(items)
    }

    fn write_pending(&mut self) -> Result<(), Error> {
        // A frame of less than four bytes is not worth its header, CPython says.
        if self.protocol >= 4 && self.pending.len() >= 4 {
            let mut header = [op::FRAME, 0, 0, 0, 0, 0, 0, 0, 0];
            for (to, from) in header.iter_mut().skip(1).zip(self.pending.len().to_le_bytes()) {
                *to = from;
            }
            self.hand_over(&header)?;
        }
        self.written += self.pending.len() as u64;
        self.writer.write_all(&self.pending).map_err(Error::writing)?;
        self.pending.clear();
        Ok(())
    }

    /// Closes a frame that is long enough: before an object, as CPython does, and never between an
    /// object and what is done to it.
    #[inline(always)]
    fn boundary(&mut self) -> Result<(), Error> {
        if self.pending.len() >= FRAME { self.write_pending() } else { Ok(()) }
    }

    /// Begins an object with one short opcode and its argument.
    #[inline(always)]
    fn put<const N: usize>(&mut self, bytes: [u8; N]) -> Result<(), Error> {
        self.boundary()?;
        self.pending.extend_from_slice(&bytes);
        Ok(())
    }

    /// Begins an object with an opcode and its argument.
    #[inline]
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.boundary()?;
        self.add(bytes);
        Ok(())
    }

    /// Writes an opcode, with its argument, that goes on with an object.
    #[inline]
    pub fn add(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// Writes an opcode with its argument and content, which may be long.
    #[inline]
    fn write_counted(&mut self, header: &[u8], content: &[u8]) -> Result<(), Error> {
        self.boundary()?;
        if content.len() < FRAME {
            self.pending.extend_from_slice(header);
            self.pending.extend_from_slice(content);
            return Ok(());
        }
        // Large content stands outside of frames, and is not copied.
        if !self.pending.is_empty() {
            self.write_pending()?;
        }
        self.hand_over(header)?;
        self.hand_over(content)
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
        self.boundary()?;
        // Without a branch, for how long the next number is cannot be foretold: all four bytes are
        // written, and those that are not needed are taken back. Below 0 all are.
        let magnitude = value as u64;
        let two = usize::from(magnitude > 0xff);
        let four = usize::from(magnitude > 0xffff);
        let [a, b, c, d, ..] = value.to_le_bytes();
        let code = op::BININT1 + 2 * two as u8 - 3 * four as u8;
        self.pending.extend_from_slice(&[code, a, b, c, d]);
        self.pending.truncate(self.pending.len() - 3 + two + 2 * four);
        Ok(())
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

    /// Text in UTF-8, surrogates included; from the memo when it was written before. Returns its
    /// number in the memo.
    #[inline]
    pub fn text(&mut self, text: &[u8]) -> Result<u32, Error> {
        let found = self.texts.find(text);
        if let Found::Memo(number) = found {
            self.get(number)?;
            return Ok(number);
        }
        match (self.protocol, u8::try_from(text.len()), found) {
            // Most texts: with the memo's opcode in one go.
            (4.., Ok(length), Found::Free { place, hash }) => {
                self.boundary()?;
                self.texts.insert(place, hash, text, self.memo_length);
                let number = self.count_memo()?;
                self.pending.reserve(text.len() + 3);
                self.pending.extend_from_slice(&[op::SHORT_BINUNICODE, length]);
                self.pending.extend_from_slice(text);
                self.pending.push(op::MEMOIZE);
                Ok(number)
            }
            (protocol, _, found) => {
                let new = protocol >= 4;
                let forms = [
                    new.then_some(op::SHORT_BINUNICODE),
                    Some(op::BINUNICODE),
                    new.then_some(op::BINUNICODE8),
                ];
                self.counted(forms, text)?;
                let number = self.memoize()?;
                if let Found::Free { place, hash } = found {
                    self.texts.insert(place, hash, text, number);
                }
                Ok(number)
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
        let number = self.text(name.as_bytes())?;
        if let Some(slot) = self.fields.get_mut(place) {
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
                self.text(text.as_bytes())?;
                self.text(b"latin1")?;
                self.add(&[op::TUPLE2]);
                self.memoize()?;
                self.add(&[op::REDUCE]);
                Ok(())
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
                if bytes.is_empty() {
                    return self.write(&[op::EMPTY_TUPLE, op::REDUCE]);
                }
                self.bytes(bytes)?;
                self.memoize()?;
                self.add(&[op::TUPLE1]);
                self.memoize()?;
                self.add(&[op::REDUCE]);
                Ok(())
            }
        }
    }

    /// A name of a module; from the memo when it was written before. Returns its number in the memo.
    pub fn global(&mut self, module: &str, name: &str) -> Result<u32, Error> {
        let key = global_key(module, name);
        if let Some(&number) = self.globals.get(&key) {
            self.get(number)?;
            return Ok(number);
        }
        if self.protocol >= 4 {
            self.text(module.as_bytes())?;
            self.text(name.as_bytes())?;
            self.add(&[op::STACK_GLOBAL]);
        } else if module.contains('\n') || name.contains('\n') {
            return Err(Error::unwritable("a name with a newline needs protocol 4 or newer"));
        } else if name.contains('.') {
            self.dotted(module, name)?;
        } else {
            self.write(&[op::GLOBAL])?;
            self.add(format!("{module}\n{name}\n").as_bytes());
        }
        let number = self.memoize()?;
        self.globals.insert(key, number);
        Ok(number)
    }

    /// The name of something within a class: before protocol 4 Python has to be told to look it up,
    /// `getattr(Outer, 'Inner')`.
    fn dotted(&mut self, module: &str, name: &str) -> Result<(), Error> {
        let parts: Vec<&str> = name.split('.').collect();
        if parts.len() > NAME_PARTS {
            let problem =
                format!("a name of more than {NAME_PARTS} parts needs protocol 4 or newer");
            return Err(Error::unwritable(problem));
        }
        let key = |length| {
            global_key(module, &parts.iter().take(length).copied().collect::<Vec<_>>().join("."))
        };
        let known = (2..parts.len()).rev().find(|&length| self.globals.contains_key(&key(length)));
        let known = known.unwrap_or(1);
        for _ in known..parts.len() {
            self.global(if self.protocol < 3 { "__builtin__" } else { "builtins" }, "getattr")?;
        }
        match self.globals.get(&key(known)) {
            Some(&number) => self.get(number)?,
            None => {
                self.global(module, parts.first().copied().unwrap_or_default())?;
            }
        }
        for (place, part) in parts.iter().enumerate().skip(known) {
            self.text(part.as_bytes())?;
            self.add(&[op::TUPLE2]);
            self.memoize()?;
            self.add(&[op::REDUCE]);
            if place + 1 < parts.len() {
                let number = self.memoize()?;
                self.globals.insert(key(place + 1), number);
            }
        }
        Ok(())
    }

    /// Puts what was written last into the memo, and tells its number.
    #[inline]
    pub fn memoize(&mut self) -> Result<u32, Error> {
        let number = self.count_memo()?;
        let [a, b, c, d] = number.to_le_bytes();
        match number {
            _ if self.protocol >= 4 => self.pending.push(op::MEMOIZE),
            0..256 => self.add(&[op::BINPUT, a]),
            _ => self.add(&[op::LONG_BINPUT, a, b, c, d]),
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

/// Under what a name of a module is known: no other pair gives the same.
fn global_key(module: &str, name: &str) -> String {
    format!("{} {module}{name}", module.len())
}
