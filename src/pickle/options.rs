//! How a pickle is written.

use super::limits::DEPTH;

/// How a pickle is written by [`dump_with`](super::dump_with) and its like.
///
/// ```
/// use picklebook::pickle::{self, DumpOptions};
///
/// let names = vec!["left"; 1000];
/// let bytes = pickle::dumps_with(&names, &DumpOptions::new())?;
/// assert!(bytes.len() < 3000); // "left" stands there once
///
/// let for_python_2 = pickle::dumps_with(&[1, 2], &DumpOptions::new().protocol(2))?;
/// assert_eq!(for_python_2, b"\x80\x02K\x01K\x02\x86.");
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct DumpOptions {
    pub(super) protocol: u8,
    pub(super) depth: u32,
}

impl Default for DumpOptions {
    fn default() -> DumpOptions {
        DumpOptions { protocol: 4, depth: DEPTH }
    }
}

impl DumpOptions {
    /// Protocol 4: Python's own default from 3.8 to 3.13, read by Python 3.4 and newer.
    pub fn new() -> DumpOptions {
        DumpOptions::default()
    }

    /// The protocol: 2, which Python 2 reads too; 3, which every Python 3 reads; 4, from Python 3.4
    /// on; or 5, from Python 3.8 on.
    pub fn protocol(mut self, protocol: u8) -> DumpOptions {
        self.protocol = protocol;
        self
    }

    /// How deep lists, tuples, dictionaries and the like may lie in one another: 256 levels, as when
    /// they are read. The code that serde derives calls itself at every level, and a stack overflow
    /// would end the process: the default is safe in a debug build on a thread with 2 MiB of stack. A
    /// type of many large fields reaches fewer levels, as with [`Limits::depth`](super::Limits::depth).
    /// More than 1,048,575 count as that. What is in a [`Value`](super::Value) may lie at any depth.
    pub fn depth(mut self, depth: u32) -> DumpOptions {
        self.depth = depth;
        self
    }
}
