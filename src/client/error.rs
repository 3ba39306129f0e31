//! Why there is no answer.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server was not started, not asked, or did not answer. That it refuses what it is asked is an
/// answer, and no error.
///
/// ```
/// use picklebook::client::{Client, Error};
///
/// // nobody serves at the port of a listener that is gone
/// let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
/// let error = Client::new(address)?.get("/v2").expect_err("no server");
/// assert!(matches!(error, Error::Unreachable { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address is one of another machine.
    #[error(
        "{address} is no address of this machine: this client does not encrypt what it sends; name \
         127.0.0.1 or [::1]"
    )]
    NotLocal {
        /// The address.
        address: SocketAddr,
    },
    /// What was named is no path of a server.
    #[error(
        "{path:?} is no path: write it as in \"/predict\", in ASCII and without blanks, at most 4096 of \
         them"
    )]
    Path {
        /// What was named.
        path: String,
    },
    /// There is no connection.
    #[error("nobody answers at {address}: {source}; start the server again")]
    Unreachable {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
    /// The connection broke before all was answered.
    #[error("{address} broke off: {source}; ask again, or start the server again if it has ended")]
    BrokenOff {
        /// The address.
        address: SocketAddr,
        /// How.
        source: io::Error,
    },
    /// The answer was not there in time.
    #[error("{address} did not answer within {seconds} s; ask for less at once, or start it again")]
    TooSlow {
        /// The address.
        address: SocketAddr,
        /// How long was waited.
        seconds: u64,
    },
    /// What came is no answer that this client reads.
    #[error("what {address} answered is not read: {problem}; is it `picklebook serve`?")]
    Answer {
        /// The address.
        address: SocketAddr,
        /// What is wrong with it.
        problem: String,
    },
    /// The text is no JSON.
    #[error("byte {byte} of the answer: {problem}; Response::text gives it as it is")]
    Json {
        /// Where, counted from 0.
        byte: usize,
        /// What is wrong there.
        problem: String,
    },
    /// JSON has no such number.
    #[error("row {row}, column {column}: {value} cannot be written as JSON; leave the row out")]
    Number {
        /// The row, counted from 0.
        row: usize,
        /// The column's name, or its place counted from 0.
        column: String,
        /// The number.
        value: f64,
    },
    /// The load cannot be made.
    #[error("{what} is {value}; give {range}")]
    Load {
        /// What was set.
        what: &'static str,
        /// To what.
        value: String,
        /// What it may be.
        range: &'static str,
    },
    /// The answer did not become what was waited for.
    #[error("{path} did not answer as it should within {seconds} s; the last answer was {last}")]
    Waited {
        /// The path.
        path: String,
        /// How long was waited.
        seconds: u64,
        /// The last answer, cut.
        last: String,
    },
    /// The program is not there, or does not start.
    #[error(
        "cannot start {}: {source}; `cargo run -- setup` in the clone puts it where its notebooks find it, \
         `cargo install --path .` where all programs do, and LocalServerOptions::program names another",
        program.display()
    )]
    Program {
        /// The program.
        program: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The server ended before it served.
    #[error("the server does not start ({status}): {said}{}", match is_usage {
        true => "; the program may be an older one: `cargo run -- setup` in the clone renews it",
        false => "",
    })]
    Ended {
        /// Its exit status.
        status: String,
        /// What it said.
        said: String,
        /// Whether it did not understand how it was called.
        is_usage: bool,
    },
    /// The server did not say within a minute where it serves.
    #[error("the server did not start within {seconds} s; try a smaller model")]
    Late {
        /// How long was waited.
        seconds: u64,
    },
    /// The system does not give what is needed.
    #[error("the server cannot be asked: {0}")]
    System(#[from] io::Error),
}

crate::text::message_as_debug!(Error);
