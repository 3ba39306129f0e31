//! A look at what follows, without reading it.

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
                b'(' => {
                    if let Some(mark) = marks.get_mut(open) {
                        *mark = height;
                    }
                    open += 1;
                }
                b'e' | b'u' | b't' | 0x90 => {
                    let Some(mark) = usize::checked_sub(open, 1) else { return false };
                    open = mark;
                    height = marks.get(mark).copied().unwrap_or_default();
                    height += usize::from(code == b't');
                }
                b'a' | b's' => {
                    let added = 1 + usize::from(code == b's');
                    if height <= added || open > 0 {
                        let own = height == added && code == add && objects == added;
                        return own && open == 0;
                    }
                    height -= added;
                }
                0x85..=0x87 => {
                    let items = usize::from(code - 0x84);
                    if height < items {
                        return false;
                    }
                    height -= items - 1;
                }
                0x94 | b'q' | b'r' | 0x95 => {}
                b'.' => return false,
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
        if self.data.get(position) == Some(&b'(') {
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
                0x8c => position += 2 + usize::from(*self.data.get(position + 1)?),
                b'X' => position += 5 + counted(self.data, position, 4)?.len(),
                _ if code == close => {
                    position += 1;
                    if self.data.get(position) == Some(&0x95) {
                        position += 9;
                    }
                    if self.data.get(position) != Some(&b'(') {
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
        (b'G', 9, 1),
        (b'K', 2, 1),
        (b'M', 3, 1),
        (b'J', 5, 1),
        (b'N', 1, 1),
        (0x88, 1, 1),
        (0x89, 1, 1),
        (b'h', 2, 3),
        (b'j', 5, 3),
        (0x8c, 0, 3),
        (b'X', 0, 3),
        (0x94, 1, 0),
        (b'q', 2, 0),
        (b'r', 5, 0),
        (0x95, 9, 0),
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
        b'K' | b'h' | b'q' => 2,
        b'M' => 3,
        b'J' | b'j' | b'r' => 5,
        b'G' | 0x95 => 9,
        0x8c | b'C' | 0x8a => 2 + counted(data, position, 1)?.len(),
        b'X' | b'B' => 5 + counted(data, position, 4)?.len(),
        b']' | b'}' | b')' | b'(' | b'e' | b'u' | b't' | b'a' | b's' | b'N' | b'.' => 1,
        0x85..=0x89 | 0x8f | 0x90 | 0x94 => 1,
        _ => return None,
    };
    Some((code, position + length))
}
