//! A client of `picklebook serve` on this machine: it starts the server, asks it, and measures it.
//!
//! It is for notebooks, examples and tests, and made of the standard library alone, so that a notebook
//! compiles no HTTP library. It speaks HTTP/1.1 to addresses of this machine, without encryption.
//!
//! ```no_run
//! use picklebook::client::{LocalServer, json_rows};
//! use picklebook::data::{spam_features, spambase};
//! use picklebook::pickle;
//! use picklebook::tree::DecisionTreeClassifier;
//!
//! let filter = DecisionTreeClassifier::params().max_depth(5).fit(&spambase())?;
//! pickle::save(&filter, "spam.pkl")?;
//!
//! let server = LocalServer::start(["spam.pkl"])?;
//! let row = json_rows(&spam_features("FREE money!!!"))?;
//! let answer = server.post("/predict", &row)?.json()?;
//! println!("{}", answer["predictions"][0]);
//!
//! println!("{}", server.load("/predict", &row).connections(16).seconds(2.0).run()?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod http;
mod json;
mod load;
mod server;

use std::fmt;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

pub use self::error::Error;
use self::http::{Connection, request};
pub use self::json::{Json, json_rows};
pub use self::load::{Load, LoadReport, RunningLoad};
pub use self::server::{LocalServer, LocalServerOptions};
use crate::text::shortened;

/// How long [`Client::wait_until`] asks again, and how often.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// How much of a body is shown where a response is printed for programmers, in columns of text.
const SHOWN: usize = 80;

/// Asks a server at an address of this machine, with a new connection for each question.
///
/// Connecting may take 5 seconds, and a request 30, from its first byte to the last of the answer. The
/// head of an answer may have 64 KiB, its body 16 MiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    address: SocketAddr,
}

impl Client {
    /// A client of the server at this address.
    ///
    /// # Errors
    /// [`Error::NotLocal`] for an address of another machine.
    ///
    /// ```
    /// use picklebook::client::{Client, Error};
    ///
    /// assert!(Client::new("127.0.0.1:8080".parse()?).is_ok());
    /// assert!(matches!(Client::new("192.0.2.1:80".parse()?), Err(Error::NotLocal { .. })));
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn new(address: SocketAddr) -> Result<Client, Error> {
        match address.ip().is_loopback() {
            true => Ok(Client { address }),
            false => Err(Error::NotLocal { address }),
        }
    }

    /// Where the server is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the server answers to `GET`.
    ///
    /// # Errors
    /// [`Error::Path`] for what is no path, and what stands between this client and an answer. A refusal of
    /// the server is an answer: [`Response::status`] tells it.
    pub fn get(&self, path: &str) -> Result<Response, Error> {
        self.ask("GET", path, "")
    }

    /// What the server answers to `POST` with this body, which is JSON.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn post(&self, path: &str, body: &str) -> Result<Response, Error> {
        self.ask("POST", path, body)
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Result<Response, Error> {
        let request = request(self.address, method, path, body, false)?;
        Connection::open(self.address)?.ask(&request).map(|(response, _)| response)
    }

    /// Asks for `path`, twenty times a second, until the answer is as wanted, and gives that answer.
    ///
    /// # Errors
    /// [`Error::Waited`] after 10 seconds, and those of [`get`](Self::get).
    pub fn wait_until(&self, path: &str, is_wanted: impl Fn(&Json) -> bool) -> Result<Json, Error> {
        let until = Instant::now() + PATIENCE;
        loop {
            let answer = self.get(path)?.json()?;
            if is_wanted(&answer) {
                return Ok(answer);
            }
            if Instant::now() >= until {
                let (path, seconds) = (path.to_owned(), PATIENCE.as_secs());
                return Err(Error::Waited {
                    path,
                    seconds,
                    last: shortened(&answer.to_string(), 400),
                });
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// The same `POST` again and again, to see how many are answered a second.
    pub fn load(&self, path: &str, body: &str) -> Load {
        Load::new(*self, path, body)
    }
}

/// What a server answered.
///
/// Printed, it is the status and the body, as in `200 {"live":true}`.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    status: u16,
    body: Vec<u8>,
}

impl Response {
    /// The status: 200 where all went well, 400 to 499 where the server refuses what it was asked.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status is one from 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body, as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, as JSON.
    ///
    /// # Errors
    /// [`Error::Json`] where it is none.
    pub fn json(&self) -> Result<Json, Error> {
        Json::read(&self.body)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.text())
    }
}

/// One short line.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({}, {:?})", self.status, shortened(&self.text(), SHOWN))
    }
}
