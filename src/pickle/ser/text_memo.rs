//! Which texts a pickle holds already.

/// Texts that were written, by content.
///
/// A hash table with open addressing, in which a text that finds no place near its own pushes out
/// another: that one would be written again, no more, so that a bad hash costs no time. The table
/// only grows while many different texts are found in it: where few occur twice, it stays small and
/// quick, and those few are written once more now and then.
#[derive(Default)]
pub(crate) struct TextMemo {
    slots: Vec<Slot>,
    used: usize,
    /// How many texts were found, each counted once.
    found: usize,
    texts: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    start: u32,
    length: u16,
    /// Whether it was found.
    found: bool,
    number: u32,
}

const EMPTY: Slot = Slot { hash: 0, start: 0, length: u16::MAX, found: false, number: 0 };

/// Longer texts are written each time.
const LONGEST: usize = 16 << 10;

/// How many slots there are at first, and at most.
const SLOTS: [usize; 2] = [1 << 9, 1 << 21];

/// The table is full when one slot of so many is used: most texts then find theirs free, and the
/// processor foretells it.
const FULL: usize = 4;

/// How many bytes of text are remembered for each slot; then all are forgotten.
const TEXT: usize = 32;

const NEIGHBOURS: usize = 8;

/// Whether a text was written before.
pub(crate) enum Found {
    /// Under this number in the memo.
    Memo(u32),
    /// Where the text may be put.
    Free {
        place: usize,
        hash: u32,
    },
    TooLong,
}

impl TextMemo {
    #[inline]
    pub fn find(&mut self, text: &[u8]) -> Found {
        if text.len() > LONGEST {
            return Found::TooLong;
        }
        if self.used * FULL >= self.slots.len() {
            self.make_room();
        }
        let hash = hash(text);
        let mask = self.slots.len() - 1;
        for neighbour in 0..NEIGHBOURS {
            let place = (hash as usize + neighbour) & mask;
            let Some(slot) = self.slots.get(place) else { break };
            if slot.length == EMPTY.length {
                return Found::Free { place, hash };
            }
            if slot.hash == hash && self.text(slot) == text {
                let number = slot.number;
                self.found += usize::from(!slot.found);
                if let Some(slot) = self.slots.get_mut(place) {
                    slot.found = true;
                }
                return Found::Memo(number);
            }
        }
        Found::Free { place: hash as usize & mask, hash }
    }

    fn text(&self, slot: &Slot) -> &[u8] {
        let start = slot.start as usize;
        self.texts.get(start..start + usize::from(slot.length)).unwrap_or_default()
    }

    #[inline]
    pub fn insert(&mut self, place: usize, hash: u32, text: &[u8], number: u32) {
        if self.texts.len() + text.len() > self.slots.len() * TEXT + LONGEST {
            self.forget();
        }
        let start = self.texts.len() as u32;
        self.texts.extend_from_slice(text);
        if let Some(slot) = self.slots.get_mut(place) {
            self.used += usize::from(slot.length == EMPTY.length);
            *slot = Slot { hash, start, length: text.len() as u16, found: false, number };
        }
    }

    fn forget(&mut self) {
        self.texts.clear();
        self.slots.fill(EMPTY);
        self.used = 0;
        self.found = 0;
    }

    #[cold]
    fn make_room(&mut self) {
        let [first, most] = SLOTS;
        let length = self.slots.len();
        if length >= most || length > first && self.found * 8 < self.used {
            return self.forget();
        }
        let length = (length * 4).max(first);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; length]);
        for slot in old.into_iter().filter(|slot| slot.length != EMPTY.length) {
            for neighbour in 0..NEIGHBOURS {
                let place = (slot.hash as usize + neighbour) & (length - 1);
                if let Some(free) = self.slots.get_mut(place)
                    && free.length == EMPTY.length
                {
                    *free = slot;
                    break;
                }
            }
        }
    }
}

/// Quick, and good enough for names; see [`TextMemo`] for what a bad one costs.
#[inline]
fn hash(text: &[u8]) -> u32 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sum = text.len() as u64;
    let mut mix = |word: u64| sum = (sum.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    match text {
        // Both ends, which overlap.
        [.., _, _, _, _, _, _, _, _] => {
            let (words, _) = text.as_chunks::<8>();
            for word in words {
                mix(u64::from_le_bytes(*word));
            }
            if let Some(end) = text.last_chunk() {
                mix(u64::from_le_bytes(*end));
            }
        }
        [a, b, c, d, ..] => {
            let [w, x, y, z] = text.last_chunk().copied().unwrap_or_default();
            mix(u64::from_le_bytes([*a, *b, *c, *d, w, x, y, z]));
        }
        _ => mix(text.iter().fold(0, |word, &byte| word << 8 | u64::from(byte))),
    }
    (sum ^ sum >> 29).wrapping_mul(FACTOR).wrapping_shr(32) as u32
}
