//! Why a file could not be inspected.

use std::io;
use std::path::PathBuf;

/// Why a file could not be inspected. What is wrong with its content is no error but a part of the
/// [`Report`](super::Report).
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file could not be opened or read.
    #[error("cannot read {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than what is read.
    #[error(
        "{} is longer than {most} bytes; raise `Limits::bytes`, or inspect its parts with \
         `inspect::bytes`", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        most: u64,
    },
}

crate::text::message_as_debug!(Error);
