//! What can be wrong with a container.

use super::Compression;

/// Why a container could not be unpacked: what, where, and what to do about it.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The crate was built without what takes the compression off.
    #[error(
        "it is compressed with {compression}; to read it, switch on the feature `compression` of \
         picklebook, or unpack it first"
    )]
    NoFeature {
        /// How it is compressed.
        compression: Compression,
    },
    /// Bytes that cannot be compressed so.
    #[error("it cannot be compressed by {compression} at level {level}: {problem}")]
    Compress {
        /// How it was to be compressed.
        compression: Compression,
        /// How hard.
        level: u32,
        /// What is in the way, and what to do.
        problem: &'static str,
    },
    /// The compressed bytes are damaged, or end too early.
    #[error("the {compression} data is damaged: at byte {offset}: {problem}")]
    Damaged {
        /// How it is compressed.
        compression: Compression,
        /// How many bytes of the compressed data had been read, at the most.
        offset: u64,
        /// What is wrong.
        problem: String,
    },
    /// The compressed bytes hold more than a limit allows.
    #[error(
        "it unpacks to more than {value} bytes; if you trust the file, raise \
         `container::Limits::bytes`"
    )]
    TooLong {
        /// The limit.
        value: u64,
    },
    /// What was unpacked is compressed again, too many times.
    #[error(
        "it is compressed more than {value} times over; if you trust the file, raise \
         `container::Limits::layers`"
    )]
    TooManyLayers {
        /// The limit.
        value: u32,
    },
    /// Other bytes follow the compressed ones.
    #[error(
        "the {compression} data ends at byte {end}, but {more} more bytes follow, which are not a \
         part of it"
    )]
    Trailing {
        /// How it is compressed.
        compression: Compression,
        /// The first byte behind the compressed data.
        end: u64,
        /// How many follow.
        more: u64,
    },
    /// A zip archive is damaged, or says what cannot be.
    #[error("the zip archive is damaged: {problem}")]
    Archive {
        /// What is wrong.
        problem: String,
    },
    /// A member of a zip archive cannot be read.
    #[error("the member {member:?} of the zip archive: {problem}")]
    Member {
        /// The member's name.
        member: String,
        /// What is wrong.
        problem: String,
    },
}

crate::text::message_as_debug!(Error);
