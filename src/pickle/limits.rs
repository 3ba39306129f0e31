//! How much a pickle may ask for.

use super::encoding::Encoding;
use crate::container;

/// How much a pickle may ask for before it is refused with an error, and how its strings are read if
/// Python 2 wrote it.
///
/// A pickle of a few bytes can ask for any amount of memory and time. The defaults let through
/// what a server on a small machine can bear: raise a limit for a file that you trust, lower one
/// for files that strangers send.
///
/// ```
/// use picklebook::pickle::{self, Limits};
///
/// let bytes = pickle::dumps(&vec![1, 2, 3])?;
/// let few = Limits::new().objects(2);
/// let error = pickle::loads_with::<Vec<i64>>(&bytes, &few).unwrap_err();
/// assert!(error.to_string().contains("more than 2 objects"));
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Limits {
    pub(super) bytes: u64,
    pub(super) objects: u32,
    pub(super) memo: u32,
    /// None for what follows from the pickle's length.
    pub(super) memory: Option<u64>,
    pub(super) depth: u32,
    pub(super) expansion: u64,
    pub(super) encoding: Option<Encoding>,
    /// From which length on texts were checked to be text already.
    pub(super) checked_text: usize,
}

/// How many levels are read into a Rust type, and written from one, by default.
pub(super) const DEPTH: u32 = 256;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 4 << 30,
            // Each of them takes memory, which has a limit of its own.
            objects: u32::MAX,
            memo: u32::MAX,
            memory: None,
            depth: DEPTH,
            expansion: 16,
            encoding: None,
            checked_text: usize::MAX,
        }
    }
}

impl Limits {
    /// The defaults: 4 GiB of pickle, 256 levels, an expansion of 16, 16 times as much memory as the
    /// pickle is long, but no less than 256 MiB, and as many objects and memo entries as fit into
    /// that.
    pub fn new() -> Limits {
        Limits::default()
    }

    /// Takes texts of this length and above for text, without a look at them.
    pub(crate) fn checked_text(mut self, length: usize) -> Limits {
        self.checked_text = length;
        self
    }

    /// The longest pickle that is read, in bytes.
    pub fn bytes(mut self, bytes: u64) -> Limits {
        self.bytes = bytes;
        self
    }

    /// How many objects a pickle may hold. By default as many as the memory holds.
    pub fn objects(mut self, objects: u32) -> Limits {
        self.objects = objects;
        self
    }

    /// How many entries the memo may have: the table by which one object is used twice.
    pub fn memo(mut self, memo: u32) -> Limits {
        self.memo = memo;
        self
    }

    /// How many bytes the objects may take, the pickle itself not counted. By default that depends on
    /// the length of the pickle, so that what was written can be read: 16 times as much, but no less
    /// than 256 MiB.
    pub fn memory(mut self, memory: u64) -> Limits {
        self.memory = Some(memory);
        self
    }

    /// How many bytes the objects of a pickle of this length may take.
    pub(super) fn memory_for(&self, length: usize) -> u64 {
        self.memory.unwrap_or_else(|| (256 << 20).max((length as u64).saturating_mul(16)))
    }

    /// How much a compressed pickle of this length may hold.
    pub(super) fn unpacked(&self, length: usize) -> container::Limits {
        let limits = container::Limits::new();
        let most = self.memory.unwrap_or_else(|| limits.bytes_for(length));
        limits.bytes(most.min(self.bytes))
    }

    /// How deep lists, tuples and dictionaries may lie in one another when they become a Rust
    /// type. The code that serde derives calls itself at every level, and a stack overflow would
    /// end the process: the default is safe in a debug build on a thread with 2 MiB of stack. A type
    /// of many large fields reaches fewer levels, for it may take 6 KiB of stack for each on average
    /// (1.5 MiB at least). [`Value`](super::Value) has no such limit.
    pub fn depth(mut self, depth: u32) -> Limits {
        self.depth = depth;
        self
    }

    /// What the strings of Python 2 become, as Python's argument `encoding` says it. By default one is
    /// text if it is UTF-8, and else bytes.
    pub fn encoding(mut self, encoding: Encoding) -> Limits {
        self.encoding = Some(encoding);
        self
    }

    /// How many times larger than the pickle a Rust value may grow. An object that a pickle uses
    /// a thousand times is copied a thousand times when it becomes a Rust type, and a few bytes
    /// can use themselves 2¹⁰⁰ times. Up to 64 MiB are always allowed.
    pub fn expansion(mut self, times: u64) -> Limits {
        self.expansion = times;
        self
    }
}
