//! How much of a file is looked at.

use crate::pickle;

/// How much [`inspect_with`](super::inspect_with) and [`bytes_with`](super::bytes_with) look at. What
/// lies beyond a limit is named in the report, which is not clean then.
///
/// ```
/// use picklebook::inspect::{self, Limits};
///
/// let pickle = b"\x80\x04]\x94(K\x01K\x02e.";
/// assert!(inspect::bytes(pickle).is_clean());
/// let report = inspect::bytes_with(pickle, &Limits::new().objects(2));
/// assert!(report.is_unreadable());
/// assert!(report.reasons()[0].contains("more than 2 objects"));
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Limits {
    pub(super) bytes: u64,
    /// None for what follows from the length of the file.
    unpacked: Option<u64>,
    pub(super) levels: u32,
    members: u32,
    pub(super) pickle: pickle::Limits,
}

/// How many bytes may be unpacked by default, in all: for each byte of the file, no less, and no more.
const UNPACKED: (u64, u64, u64) = (64, 256 << 20, 4 << 30);

/// The most levels that can be asked for: the inspector calls itself for each of them.
const MOST_LEVELS: u32 = 32;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            bytes: 4 << 30,
            unpacked: None,
            levels: 8,
            members: 100_000,
            pickle: pickle::Limits::new(),
        }
    }
}

impl Limits {
    /// The defaults: files of 4 GiB; unpacked, 64 times as many bytes as the file has, but no less than
    /// 256 MiB and no more than 4 GiB; 8 levels; 100,000 members of an archive; and for each pickle what
    /// [`pickle::Limits`] allows.
    pub fn new() -> Limits {
        Limits::default()
    }

    /// The longest file that is read, in bytes.
    pub fn bytes(mut self, bytes: u64) -> Limits {
        self.bytes = bytes;
        self.pickle = self.pickle.bytes(bytes);
        self
    }

    /// How many bytes may be unpacked, of all that is in the file together.
    pub fn unpacked(mut self, bytes: u64) -> Limits {
        self.unpacked = Some(bytes);
        self
    }

    /// How many containers and pickles may lie in one another; at most 32.
    pub fn levels(mut self, levels: u32) -> Limits {
        self.levels = levels.min(MOST_LEVELS);
        self
    }

    /// How many members of a zip archive are looked into.
    pub fn members(mut self, members: u32) -> Limits {
        self.members = members;
        self
    }

    /// How many objects each pickle may hold.
    pub fn objects(mut self, objects: u32) -> Limits {
        self.pickle = self.pickle.objects(objects);
        self
    }

    /// How many bytes the objects of each pickle may take. By default 16 times as many as the pickle has,
    /// but no less than 256 MiB.
    pub fn memory(mut self, memory: u64) -> Limits {
        self.pickle = self.pickle.memory(memory);
        self
    }

    /// How many bytes may be unpacked of a file of this length.
    pub(super) fn unpacked_of(&self, length: usize) -> u64 {
        let (times, least, most) = UNPACKED;
        self.unpacked.unwrap_or((length as u64).saturating_mul(times).clamp(least, most))
    }

    pub(super) fn most_members(&self) -> usize {
        self.members as usize
    }
}
