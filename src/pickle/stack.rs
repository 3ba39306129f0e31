//! How much of the thread's stack a value takes while it is read or written.
//!
//! The code that serde derives calls itself at every level, and takes as much of the stack each time
//! as the type's fields need, in a debug build several times over. How deep it may go therefore
//! depends on the type, and a count of levels alone does not tell.

use std::cell::Cell;

use super::limits::DEPTH;

/// How much of the stack each level may take on average. The default number of levels then stays
/// within 1.5 of the 2 MiB that a thread has unless it asked for another size.
const LEVEL: u64 = 6 << 10;

/// How often a value lies on the stack while it is made: in fields that are not whole yet, in results
/// on their way up. Measured on what serde derives (`tests/stack.rs` notices where it is more).
const COPIES: u64 = 24;

/// Types up to this size take little of the stack, however often they lie on it.
const SMALL: u64 = 256;

/// What the outermost value may take, whatever its size: it does not come once for each level of a
/// file.
const FIRST: u64 = 64 << 10;

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
        self.used() > Stack::most(levels)
    }

    #[inline]
    fn used(self) -> u64 {
        let distance = self.start.wrapping_sub(here());
        u64::from(distance.min(distance.wrapping_neg()))
    }

    /// How many bytes this many levels may take: no less than the default number of levels.
    #[inline]
    pub fn most(levels: u32) -> u64 {
        u64::from(levels.max(DEPTH)) * LEVEL
    }
}

/// The stack while types are read, which may be large.
pub(crate) struct ReadStack {
    stack: Stack,
    /// The size of the largest type that was asked for so far.
    largest: Cell<u64>,
    /// What was taken when it was last looked at, and the most that came from one look to the next:
    /// an optimiser puts several levels together, and what their types take is then not told by
    /// their sizes.
    last: Cell<u64>,
    step: Cell<u64>,
}

impl ReadStack {
    /// From here on, for a `T`.
    pub fn new<T>() -> ReadStack {
        let stack = ReadStack {
            stack: Stack::new(),
            largest: Cell::new(SMALL),
            last: Cell::new(0),
            step: Cell::new(0),
        };
        stack.note::<T>();
        stack
    }

    /// A `T` will be made.
    #[inline]
    pub fn note<T>(&self) {
        if ReadStack::is_large::<T>() {
            self.largest.set(self.largest.get().max(size_of::<T>() as u64));
        }
    }

    /// Whether a few levels that make a `T` can take much of the stack.
    #[inline]
    pub const fn is_large<T>() -> bool {
        size_of::<T>() as u64 > SMALL
    }

    /// Whether this many levels may take no more, or have no room for one more that makes a `T`.
    #[inline]
    pub fn is_full_for<T>(&self, levels: u32) -> bool {
        self.is_full_behind(const { (size_of::<T>() as u64).saturating_mul(COPIES) }, levels)
    }

    #[inline]
    fn is_full_behind(&self, next: u64, levels: u32) -> bool {
        let (used, most) = (self.stack.used(), Stack::most(levels));
        let step = used.saturating_sub(self.last.replace(used));
        if step > self.step.get() {
            self.step.set(step);
        }
        let next = next.max(self.step.get());
        used > most || (used > FIRST && used.saturating_add(next) > most)
    }

    /// Whether a `T` is what serde keeps of a value until it knows the type (of enumerations
    /// without a tag or with one inside, and of structs with `flatten`), and this many levels may
    /// not have room for what it makes of it: then it asks nobody, and goes `depth` levels deep at
    /// once.
    pub fn is_full_for_kept<T>(&self, depth: u32, levels: u32) -> bool {
        // That code has more layers than what asks for a type at once.
        let each = self.largest.get().saturating_mul(2 * COPIES);
        // Small types take what the levels' own limit foresees.
        self.largest.get() > SMALL
            && std::any::type_name::<T>().contains("::content::Content")
            && self.stack.used().saturating_add(each.saturating_mul(depth.into()))
                > Stack::most(levels)
    }
}

/// An address on the stack, near its end.
#[inline]
fn here() -> u32 {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)).addr() as u32
}
