//! What can be wrong with a pickle, or with a value that is to become one.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::container::{self, FileKind};
use crate::files::WriteError;

/// Why something could not be pickled or unpickled: what, where, and what to do about it.
///
/// [`Error::kind`] tells the cases apart.
pub struct Error(Box<ErrorKind>);

/// The cases of [`Error`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be opened, read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The step that failed, as in "cannot {action} {path}".
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A reader or writer failed.
    #[error("cannot {action} the pickle: {source}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// What is wrong with the content of a file.
    #[error("{}: {problem}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: Error,
    },
    /// The bytes are no pickle, or a damaged one.
    #[error("not a sound pickle: at byte {offset}{}: {problem}", InOpcode(opcode))]
    Damaged {
        /// Where, counted from the first byte, which is byte 0.
        offset: u64,
        /// The opcode there, by its name in Python's `pickletools`; empty if there is none.
        opcode: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The bytes are something else.
    #[error("not a {}pickle: this is {kind}; {}", Sound(kind), kind.advice())]
    NotPickle {
        /// What they are.
        kind: FileKind,
    },
    /// The bytes are compressed, and cannot be unpacked.
    #[error("{0}")]
    Compressed(container::Error),
    /// Python's `pickletools.dis` would go no further, and neither does
    /// [`disassemble`](super::disassemble).
    #[error("cannot disassemble: at byte {offset}{}: {problem}", InOpcode(opcode))]
    Disassembly {
        /// Where, counted from the first byte, which is byte 0.
        offset: u64,
        /// The opcode there; empty if there is none.
        opcode: &'static str,
        /// What is wrong, in Python's words.
        problem: String,
    },
    /// The pickle asks for more than a limit allows.
    #[error(
        "at byte {offset}{}: more than {value} {limit}; if you trust the file, raise `Limits::{name}`",
        InOpcode(opcode)
    )]
    Limit {
        /// Where, counted from the first byte, which is byte 0.
        offset: u64,
        /// The opcode there; empty if there is none.
        opcode: &'static str,
        /// What there is too much of.
        limit: &'static str,
        /// The method of [`Limits`](super::Limits) that sets the limit.
        name: &'static str,
        /// The limit.
        value: u64,
    },
    /// The pickle is sound, but does not hold what was asked for.
    #[error("{}{problem}", AtByte(offset))]
    Type {
        /// Where the object begins, if known.
        offset: Option<u64>,
        /// What was expected and what was found.
        problem: String,
    },
    /// There are more bytes behind the end of the pickle.
    #[error(
        "the pickle ends at byte {end}, but {more} more bytes follow; \
         read several pickles in a row with `load_all`"
    )]
    Trailing {
        /// The first byte behind the pickle.
        end: u64,
        /// How many follow.
        more: u64,
    },
    /// A [`Builder`](super::Builder) was asked for something that no pickle can hold.
    #[error("cannot {step}: {problem}")]
    Build {
        /// What was asked for, as in "cannot {step}".
        step: &'static str,
        /// Why it cannot be.
        problem: String,
    },
    /// The value cannot be written as a pickle.
    #[error("cannot pickle this value: {problem}")]
    Unwritable {
        /// Why not.
        problem: String,
    },
}

/// ", in OPCODE", or nothing.
struct InOpcode<'a>(&'a &'static str);

impl fmt::Display for InOpcode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", self.0) }
    }
}

/// "sound ", of a pickle that went through something made for text.
struct Sound<'a>(&'a FileKind);

impl fmt::Display for Sound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_mangled_pickle() { "sound " } else { "" })
    }
}

/// "at byte 12: ", or nothing.
struct AtByte<'a>(&'a Option<u64>);

impl fmt::Display for AtByte<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(offset) => write!(f, "at byte {offset}: "),
            None => Ok(()),
        }
    }
}

impl Error {
    /// Which case it is, with its details.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The same error, unless the bytes, of which it is, are something else than a pickle: then that
    /// is what to say.
    #[cold]
    pub(super) fn in_bytes(self, bytes: &[u8]) -> Error {
        if !matches!(*self.0, ErrorKind::Damaged { .. } | ErrorKind::Trailing { .. }) {
            return self;
        }
        match FileKind::of(bytes) {
            FileKind::Pickle | FileKind::Joblib | FileKind::Unknown => self,
            kind => ErrorKind::NotPickle { kind }.into(),
        }
    }

    pub(super) fn unwritable(problem: impl Into<String>) -> Error {
        ErrorKind::Unwritable { problem: problem.into() }.into()
    }

    /// The same error, in a pickle that starts at byte `start` of a stream.
    pub(super) fn behind(mut self, start: usize) -> Error {
        match &mut *self.0 {
            ErrorKind::Damaged { offset, .. }
            | ErrorKind::Disassembly { offset, .. }
            | ErrorKind::Limit { offset, .. }
            | ErrorKind::Type { offset: Some(offset), .. } => *offset += start as u64,
            _ => {}
        }
        self
    }

    pub(super) fn of_type(offset: u64, problem: impl Into<String>) -> Error {
        ErrorKind::Type { offset: Some(offset), problem: problem.into() }.into()
    }

    pub(super) fn reading(source: io::Error) -> Error {
        ErrorKind::Io { action: "read", source }.into()
    }

    pub(crate) fn writing(source: io::Error) -> Error {
        ErrorKind::Io { action: "write", source }.into()
    }

    pub(crate) fn file(action: &'static str, path: &Path, source: io::Error) -> Error {
        ErrorKind::File { action, path: path.to_path_buf(), source }.into()
    }

    /// Adds the place where an object begins, when an error that a type's own code raised has none.
    pub(super) fn located(mut self, place: impl FnOnce() -> u64) -> Error {
        if let ErrorKind::Type { offset: offset @ None, .. } = &mut *self.0 {
            *offset = Some(place());
        }
        self
    }

    /// The error of bytes that cannot be unpacked.
    pub(super) fn compressed(error: container::Error) -> Error {
        match error {
            container::Error::TooLong { value } => ErrorKind::Limit {
                offset: value,
                opcode: "",
                limit: "bytes of pickle, when it is unpacked",
                name: "memory",
                value,
            },
            error => ErrorKind::Compressed(error),
        }
        .into()
    }

    /// Says which file the trouble is in.
    pub(crate) fn in_file(self, path: &Path) -> Error {
        match *self.0 {
            ErrorKind::Io { action, source } => Error::file(action, path, source),
            kind @ (ErrorKind::File { .. } | ErrorKind::InFile { .. }) => kind.into(),
            kind => ErrorKind::InFile { path: path.to_path_buf(), problem: kind.into() }.into(),
        }
    }

    pub(super) fn from_write(error: WriteError<Error>, path: &Path) -> Error {
        match error {
            WriteError::File { action, path, source } => Error::file(action, &path, source),
            WriteError::Content(error) => error.in_file(path),
        }
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

crate::text::message_as_debug!(Error);

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        ErrorKind::Type { offset: None, problem: message.to_string() }.into()
    }
}

impl serde::ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Error {
        Error::unwritable(message.to_string())
    }
}
