//! What a file is, and what is inside it where it is compressed or an archive.
//!
//! [`FileKind::of`] recognises, by their bytes, pickles and what people take for one: the pointer
//! that Git LFS left, a web page, a table, a compressed file, the files of other libraries. Every
//! kind has a name, and a sentence on what to do with it.
//!
//! ```
//! use picklebook::container::FileKind;
//!
//! let kind = FileKind::of(b"<!DOCTYPE html>\n<html><body>Sign in</body></html>");
//! assert_eq!(kind, FileKind::Html);
//! assert_eq!(kind.name(), "a web page (HTML)");
//! assert!(kind.advice().starts_with("the download went to a page"));
//! ```
//!
//! [`unpack`] takes compression off, by any of the compressors of joblib; [`Compression`] is one of
//! them, and [`Archive`] lists and reads the members of a zip file, such as PyTorch's. All work within
//! [`Limits`]: a few bytes can unpack to terabytes. What is compressed needs the feature
//! `compression`; without it, an error says so.
//!
//! Nothing here knows what a pickle holds: that is the room [`pickle`](crate::pickle).

mod compression;
mod crc32;
mod error;
mod kind;
mod limits;
mod recognise;
mod zip;

pub(crate) use compression::streams::Unpacking;
pub use compression::{Compression, Unpacked, unpack};
pub use error::Error;
pub use kind::FileKind;
pub use limits::Limits;
pub(crate) use recognise::crlf_lines;
pub use zip::{Archive, Member};
