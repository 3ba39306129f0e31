//! Why the server does not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the server does not start, or ends.
///
/// ```
/// use picklebook::serve::{Error, Options, Server};
///
/// let error = Server::bind(["nowhere.pkl"], &Options::new().port(0)).expect_err("no file");
/// assert!(matches!(error, Error::Model { .. }));
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No model was named, or none is in the folders that were.
    #[error("there is no model to serve: name a file, or a folder with NAME/1/model.pkl in it")]
    NoModels,
    /// The file is no model that is served.
    #[error("{}: {problem}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// Why it is not served.
        problem: String,
    },
    /// The name cannot stand in an address.
    #[error(
        "{}: the name {name:?} cannot stand in an address; write NAME={} with a name of letters, \
         digits, '-', '_' and '.'", path.display(), path.display()
    )]
    Name {
        /// The name.
        name: String,
        /// The file.
        path: PathBuf,
    },
    /// A folder was given a name.
    #[error("{}: a folder's models have the names of their own folders; leave NAME= out", path.display())]
    NamedFolder {
        /// The folder.
        path: PathBuf,
    },
    /// Two models have one name.
    #[error(
        "two models are called {name:?}: {} and {}; write NAME={} for one of them",
        first.display(), second.display(), second.display()
    )]
    SameName {
        /// The name.
        name: String,
        /// The file of one.
        first: PathBuf,
        /// The file of the other.
        second: PathBuf,
    },
    /// The address is not one to serve at.
    #[error("cannot serve at {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// Whoever reaches the machine could ask.
    #[error(
        "{address} can be reached from other machines: give a token with --token-file FILE or in \
         PICKLEBOOK_SERVE_TOKEN, or serve at 127.0.0.1"
    )]
    NoToken {
        /// The address.
        address: SocketAddr,
    },
    /// The token is too short to keep anybody out, or cannot be sent.
    #[error("the token must be 16 to 1024 visible ASCII characters without blanks")]
    Token,
    /// A file of the server's own cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The system does not give what the server needs.
    #[error("the server cannot run: {0}")]
    System(#[from] io::Error),
}

crate::text::message_as_debug!(Error);
