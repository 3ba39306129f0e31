//! A look at what follows, without reading it.

use crate::pickle::format::op;

use super::cursor::{Cursor, counted};

/// How far is looked ahead, in opcodes.
const LOOK: usize = 32;

/// For how much serde makes room at once, however much is foretold, in units of [`UNIT`] bytes.
const MOST_ROOM: usize = (1 << 20) / UNIT;

/// What a number takes in a Rust type; a text takes three.
const UNIT: usize = size_of::<i64>();

impl Cursor<'_> {
    /// Whether a list or dictionary goes on with one item, or one key and value, and the opcode that
    /// adds it. Only what is near is looked at; a large object is taken for an item.
    pub fn one_follows(&self, add: u8, objects: usize) -> bool {
        let mut position = self.position;
        let mut height = 0;
        let mut marks = [0; LOOK];
        let mut open = 0;
        for _ in 0..LOOK {
            let Some((code, next)) = step(self.data, position) else { return false };
            position = next;
            match code {
                op::MARK => {
                    if let Some(mark) = marks.get_mut(open) {
                        *mark = height;
                    }
                    open += 1;
                }
                op::APPENDS | op::SETITEMS | op::TUPLE | op::ADDITEMS => {
                    let Some(mark) = usize::checked_sub(open, 1) else { return false };
                    open = mark;
                    height = marks.get(mark).copied().unwrap_or_default();
                    height += usize::from(code == op::TUPLE);
                }
                op::APPEND | op::SETITEM => {
                    let added = 1 + usize::from(code == op::SETITEM);
                    if height <= added || open > 0 {
                        let own = height == added && code == add && objects == added;
                        return own && open == 0;
                    }
                    height -= added;
                }
                op::TUPLE1..=op::TUPLE3 => {
                    let items = usize::from(code - op::TUPLE1 + 1);
                    if height < items {
                        return false;
                    }
                    height -= items - 1;
                }
                op::MEMOIZE | op::BINPUT | op::LONG_BINPUT | op::FRAME => {}
                op::STOP => return false,
                _ => height += 1,
            }
        }
        // Still within what would be the item?
        let begun = if open > 0 { marks.first().copied().unwrap_or_default() } else { height };
        begun <= objects
    }

    /// How many objects follow in batches until one is closed by something else, if all of them are
    /// numbers or text: so many that it is worth it to make room. They are counted only as far as
    /// room is made.
    ///
    /// The first other container ends it, so that no byte is looked at more than once for all the
    /// containers around it.
    pub fn count_ahead(&self, close: u8) -> Option<usize> {
        let mut position = self.position;
        if self.data.get(position) == Some(&op::MARK) {
            position += 1;
        }
        let mut count = 0;
        let mut room = 0;
        while room < MOST_ROOM {
            let code = *self.data.get(position)?;
            let (length, units) = STEPS[usize::from(code)];
            count += usize::from(units > 0);
            room += usize::from(units);
            position += usize::from(length);
            if length > 0 {
                continue;
            }
            match code {
                op::SHORT_BINUNICODE => position += 2 + usize::from(*self.data.get(position + 1)?),
                op::BINUNICODE => position += 5 + counted(self.data, position, 4)?.len(),
                _ if code == close => {
                    position += 1;
                    if self.data.get(position) == Some(&op::FRAME) {
                        position += 9;
                    }
                    if self.data.get(position) != Some(&op::MARK) {
                        return Some(count);
                    }
                    position += 1;
                }
                _ => return None,
            }
        }
        Some(count)
    }
}

/// For the opcodes of numbers and text how long they are, 0 for those that say it themselves, and
/// how much room is made for what they make, if they make anything; not looking at which it is
/// keeps [`Cursor::count_ahead`] quick.
static STEPS: [(u8, u8); 256] = {
    let mut steps = [(0, 0); 256];
    let known = [
        (op::BINFLOAT, 9, 1),
        (op::BININT1, 2, 1),
        (op::BININT2, 3, 1),
        (op::BININT, 5, 1),
        (op::NONE, 1, 1),
        (op::NEWTRUE, 1, 1),
        (op::NEWFALSE, 1, 1),
        (op::BINGET, 2, 3),
        (op::LONG_BINGET, 5, 3),
        (op::SHORT_BINUNICODE, 0, 3),
        (op::BINUNICODE, 0, 3),
        (op::MEMOIZE, 1, 0),
        (op::BINPUT, 2, 0),
        (op::LONG_BINPUT, 5, 0),
        (op::FRAME, 9, 0),
    ];
    let mut place = 0;
    while place < known.len() {
        let (code, length, units) = known[place];
        steps[code as usize] = (length, units);
        place += 1;
    }
    steps
};

/// The opcode at a position, and the position behind it; nothing for the unusual ones.
#[inline]
fn step(data: &[u8], position: usize) -> Option<(u8, usize)> {
    let code = *data.get(position)?;
    let length = match code {
        op::BININT1 | op::BINGET | op::BINPUT => 2,
        op::BININT2 => 3,
        op::BININT | op::LONG_BINGET | op::LONG_BINPUT => 5,
        op::BINFLOAT | op::FRAME => 9,
        op::SHORT_BINUNICODE | op::SHORT_BINBYTES | op::LONG1 => {
            2 + counted(data, position, 1)?.len()
        }
        op::BINUNICODE | op::BINBYTES => 5 + counted(data, position, 4)?.len(),
        op::EMPTY_LIST
        | op::EMPTY_DICT
        | op::EMPTY_TUPLE
        | op::MARK
        | op::APPENDS
        | op::SETITEMS
        | op::TUPLE
        | op::APPEND
        | op::SETITEM
        | op::NONE
        | op::STOP => 1,
        op::TUPLE1..=op::NEWFALSE | op::EMPTY_SET | op::ADDITEMS | op::MEMOIZE => 1,
        _ => return None,
    };
    Some((code, position + length))
}
