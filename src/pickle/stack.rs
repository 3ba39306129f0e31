//! How much of the thread's stack a value takes while it is read or written.
//!
//! The code that serde derives calls itself at every level, and takes as much of the stack each time
//! as the type's fields need, in a debug build several times over. How deep it may go therefore
//! depends on the type, and a count of levels alone does not tell.

use super::limits::DEPTH;

/// How much of the stack each level may take on average. The default number of levels then stays
/// within 1.5 of the 2 MiB that a thread has unless it asked for another size.
const LEVEL: usize = 6 << 10;

/// Where the stack was when reading or writing began, and how far it may go from there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stack {
    start: usize,
    most: usize,
}

impl Stack {
    /// From here on, as much as this many levels may take, and no less than the default number of
    /// levels may.
    pub fn new(levels: u32) -> Stack {
        Stack { start: here(), most: levels.max(DEPTH) as usize * LEVEL }
    }

    #[inline]
    pub fn is_full(&self) -> bool {
        self.start.abs_diff(here()) > self.most
    }

    /// In bytes.
    pub fn most(&self) -> usize {
        self.most
    }
}

/// An address on the stack, near its end. Only compared with others of the same thread.
#[inline]
fn here() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr()
}
