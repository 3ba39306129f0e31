//! Integers of more than 64 bits, which serde-pickle does not write.
//!
//! Where one comes, serde-pickle is asked to write `None`, and the integer is written in its place. It
//! writes each opcode in a call of its own, so that this one is easily told.

use std::cell::Cell;
use std::io::{self, Write};

use serde::Serializer;

use crate::pickle::format::{number, op};

/// An opcode, a length, and at most 17 bytes.
#[derive(Clone, Copy)]
struct Integer {
    bytes: [u8; MOST],
    length: u8,
}

const MOST: usize = 19;

#[derive(Clone, Copy)]
enum State {
    /// The writer has a way of its own.
    Off,
    On,
    /// To be written in the place of the next `None`.
    Next(Integer),
}

thread_local! {
    static STATE: Cell<State> = const { Cell::new(State::Off) };
}

/// Says how integers are written until it goes out of scope: a value may write others on its way.
pub(super) struct Taken(State);

impl Taken {
    pub fn new(on: bool) -> Taken {
        Taken(STATE.replace(if on { State::On } else { State::Off }))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        STATE.set(self.0);
    }
}

/// Whether it is serde-pickle that writes.
pub(super) fn is_on() -> bool {
    !matches!(STATE.get(), State::Off)
}

/// Writes an integer in two's complement, little-endian.
pub(super) fn write<S: Serializer>(
    serializer: S,
    bytes: &[u8],
    otherwise: impl FnOnce(S) -> Result<S::Ok, S::Error>,
) -> Result<S::Ok, S::Error> {
    if !matches!(STATE.get(), State::On) {
        return otherwise(serializer);
    }
    let mut short = bytes.to_vec();
    number::shorten(&mut short);
    let mut integer = Integer { bytes: [0; MOST], length: short.len() as u8 + 2 };
    let written = [op::LONG1, short.len() as u8].into_iter().chain(short);
    for (to, from) in integer.bytes.iter_mut().zip(written) {
        *to = from;
    }
    STATE.set(State::Next(integer));
    serializer.serialize_unit()
}

/// A writer that puts the integers in.
pub(super) struct Widened<'w, W>(pub &'w mut W);

impl<W: Write> Widened<'_, W> {
    #[cold]
    fn none(&mut self) -> io::Result<()> {
        match STATE.get() {
            State::Next(integer) => {
                STATE.set(State::On);
                let length = usize::from(integer.length);
                self.0.write_all(integer.bytes.get(..length).unwrap_or_default())
            }
            _ => self.0.write_all(&[op::NONE]),
        }
    }
}

impl<W: Write> Write for Widened<'_, W> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let [op::NONE] = bytes { self.none() } else { self.0.write_all(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
