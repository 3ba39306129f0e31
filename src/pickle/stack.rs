//! How much of the thread's stack a value takes while it is read or written.
//!
//! The code that serde derives calls itself at every level, and takes as much of the stack each time
//! as the type's fields need, in a debug build several times over. How deep it may go therefore
//! depends on the type, and a count of levels alone does not tell.

use super::limits::DEPTH;

/// How much of the stack each level may take on average. The default number of levels then stays
/// within 1.5 of the 2 MiB that a thread has unless it asked for another size.
const LEVEL: u64 = 6 << 10;

/// Where the stack was when reading or writing began. Small, for the writers hand it from value to
/// value: of the address the low half tells how far it is to another one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    start: u32,
}

impl Stack {
    /// From here on.
    pub fn new() -> Stack {
        Stack { start: here() }
    }

    /// In 24 bits, near enough.
    pub fn packed(self) -> u32 {
        self.start >> 8
    }

    pub fn unpacked(packed: u32) -> Stack {
        Stack { start: packed << 8 }
    }

    /// Whether it has grown further than this many levels may take.
    #[inline]
    pub fn is_full(self, levels: u32) -> bool {
        let distance = self.start.wrapping_sub(here());
        u64::from(distance.min(distance.wrapping_neg())) > Stack::most(levels)
    }

    /// How many bytes this many levels may take: no less than the default number of levels.
    #[inline]
    pub fn most(levels: u32) -> u64 {
        u64::from(levels.max(DEPTH)) * LEVEL
    }
}

/// An address on the stack, near its end.
#[inline]
fn here() -> u32 {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr() as u32
}
