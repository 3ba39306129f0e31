//! What can go wrong between the reader and their notebook.

use std::io;
use std::path::PathBuf;

/// Why a notebook, its kernel or what they need could not be set up or run. Each message is one
/// line that says what to do.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The command was started outside the project's folder.
    #[error("no picklebook clone at or above {0}: change into the cloned folder and try again")]
    NoClone(PathBuf),
    /// The kernel cannot build in a folder whose path has a space.
    #[error("{0} has a space in its path, which the kernel cannot build in: move the clone")]
    Space(PathBuf),
    /// A program or a part of it that is needed is not there.
    #[error("{what} is missing: {remedy}")]
    Missing {
        /// What was looked for.
        what: String,
        /// How to get it.
        remedy: String,
    },
    /// The disk is too full for what is about to be made.
    #[error("{folder} has {free} MB free, and {what} needs {needed} MB: make room, or {remedy}")]
    Disk {
        /// The folder that was to be written to.
        folder: PathBuf,
        /// Megabytes free.
        free: u64,
        /// Megabytes needed.
        needed: u64,
        /// What needs them.
        what: &'static str,
        /// What else helps.
        remedy: &'static str,
    },
    /// A program ended with a failure.
    #[error("{program} failed while {doing} ({how}){hint}")]
    Program {
        /// Its name.
        program: String,
        /// What it was started for.
        doing: &'static str,
        /// Its exit status, or the end of what it printed.
        how: String,
        /// What may help; empty, or starting with `: `.
        hint: &'static str,
    },
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A notebook is not one.
    #[error("{}: not a notebook of format 4: {why}", path.display())]
    Notebook {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// A connection file of Jupyter's is not one, or asks for what is not offered here.
    #[error("{}: not a connection file that this kernel can serve: {why}", path.display())]
    Connection {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The kernel did not start.
    #[error("the kernel did not start{}", match said.trim() { "" => String::new(), said => format!(": {said}") })]
    NotStarted {
        /// What it said.
        said: String,
    },
    /// A port that Jupyter has chosen cannot be listened on.
    #[error("cannot listen on {address} as Jupyter asks: {why}")]
    Port {
        /// The address.
        address: String,
        /// What the system said.
        why: String,
    },
    /// An environment variable has a value that it cannot have.
    #[error("{name} is `{value}`: set it to {expected}, or not at all")]
    Setting {
        /// The variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The warm-up of the kernel did not go through.
    #[error("the kernel's warm-up failed at `{cell}`: {why}")]
    WarmUp {
        /// The cell that failed.
        cell: String,
        /// What it printed.
        why: String,
    },
}

crate::text::message_as_debug!(Error);

/// Says which file an input or output error was about.
pub(super) trait At<T> {
    fn at(self, path: impl Into<PathBuf>) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: impl Into<PathBuf>) -> Result<T, Error> {
        self.map_err(|source| Error::File { path: path.into(), source })
    }
}
