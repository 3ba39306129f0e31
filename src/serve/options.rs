//! How the server serves.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use crate::pickle::Limits;

/// How a [`Server`](super::Server) serves.
///
/// ```
/// use picklebook::serve::Options;
///
/// let options = Options::new().port(0).max_rows(100).max_body(1 << 16);
/// ```
#[derive(Debug, Clone)]
pub struct Options {
    pub(super) host: IpAddr,
    pub(super) port: u16,
    pub(super) token: Option<String>,
    pub(super) log: Option<PathBuf>,
    pub(super) log_requests: bool,
    pub(super) silent: bool,
    pub(super) max_body: usize,
    pub(super) max_rows: usize,
    pub(super) max_connections: usize,
    pub(super) max_requests: usize,
    pub(super) timeout: u64,
    pub(super) threads: usize,
    pub(super) until_stdin_closes: bool,
    pub(super) limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 8080,
            token: None,
            log: None,
            log_requests: false,
            silent: false,
            max_body: 16 << 20,
            max_rows: 100_000,
            max_connections: 10_000,
            max_requests: 1_000,
            timeout: 30,
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            until_stdin_closes: false,
            limits: Limits::new(),
        }
    }
}

impl Options {
    /// This machine only, at port 8080.
    pub fn new() -> Self {
        Options::default()
    }

    /// The address to serve at; 127.0.0.1 by default. Another one than this machine's own needs a
    /// [`token`](Options::token).
    pub fn host(mut self, host: IpAddr) -> Self {
        self.host = host;
        self
    }

    /// The port to serve at, 8080 by default; 0 is one that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// What requests must send as `Authorization: Bearer TOKEN`: 16 to 1024 visible ASCII characters.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// The file to which predicted rows and their true classes are added, for
    /// [`monitor::log`](crate::monitor::log); by default none is kept.
    pub fn log(mut self, path: impl Into<PathBuf>) -> Self {
        self.log = Some(path.into());
        self
    }

    /// Whether standard error tells of each request.
    pub fn log_requests(mut self, log_requests: bool) -> Self {
        self.log_requests = log_requests;
        self
    }

    /// Whether standard error is told nothing.
    pub fn silent(mut self, silent: bool) -> Self {
        self.silent = silent;
        self
    }

    /// The longest body of a request, in bytes; 16 MiB by default.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// The most rows of a request; 100,000 by default.
    pub fn max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows;
        self
    }

    /// The most open connections; 10,000 by default.
    pub fn max_connections(mut self, connections: usize) -> Self {
        self.max_connections = connections;
        self
    }

    /// The most requests that are answered at once; 1,000 by default. Others are answered with 503.
    pub fn max_requests(mut self, requests: usize) -> Self {
        self.max_requests = requests;
        self
    }

    /// How long the head and the body of a request may each take to arrive, and how long a client may
    /// take to read on, in seconds; 30 by default.
    pub fn timeout(mut self, seconds: u64) -> Self {
        self.timeout = seconds.max(1);
        self
    }

    /// How many threads answer; one for each processor by default.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads.max(1);
        self
    }

    /// Whether [`run`](super::Server::run) also ends when standard input does: a program that starts the
    /// server with a pipe there takes it along, however that program ends.
    pub fn until_stdin_closes(mut self, until_stdin_closes: bool) -> Self {
        self.until_stdin_closes = until_stdin_closes;
        self
    }

    /// What models may take while they are loaded.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}
