//! `picklebook serve` as a process of one's own.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Client, Error, Json, Load, Response};
use crate::text::shortened;

/// The program, as it is looked for in `PATH`, where a kernel of this project finds the clone's own.
const PROGRAM: &str = "picklebook";

/// How long the server may take to load its models, and to end.
const STARTING: Duration = Duration::from_secs(60);
const ENDING: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(5);

/// How much is kept of what the server says: the last lines, and of each the first bytes.
const KEPT_LINES: usize = 50;
const LONGEST_LINE: usize = 4096;

/// How much of it an error says, in columns of text.
const SAID: usize = 1000;

/// How a [`LocalServer`] is started.
///
/// ```
/// use picklebook::client::LocalServerOptions;
///
/// let options = LocalServerOptions::new().argument("--max-rows").argument("1000");
/// ```
#[derive(Debug, Clone, Default)]
pub struct LocalServerOptions {
    program: Option<PathBuf>,
    arguments: Vec<OsString>,
}

impl LocalServerOptions {
    /// The program `picklebook` of `PATH`, without further arguments.
    pub fn new() -> Self {
        LocalServerOptions::default()
    }

    /// Another program than the `picklebook` of `PATH`.
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// One more argument for `picklebook serve`, such as `--log` and, as another, a file.
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }
}

/// `picklebook serve`, started here at a free port of this machine. It ends when this is dropped, and with
/// the process that holds it, however that one ends.
///
/// The program is the `picklebook` of `PATH`: in a kernel of this project, the clone's own.
pub struct LocalServer {
    client: Client,
    child: Child,
}

impl LocalServer {
    /// Starts a server of these models, and waits until it answers. Each is the path of a model's file,
    /// `NAME=PATH`, or a folder of models in versions (`NAME/1/model.pkl`).
    ///
    /// # Errors
    /// [`Error::Program`] where the program is missing, [`Error::Ended`] where the server refuses a model,
    /// and [`Error::Late`].
    pub fn start<S: AsRef<OsStr>>(
        models: impl IntoIterator<Item = S>,
    ) -> Result<LocalServer, Error> {
        Self::start_with(models, &LocalServerOptions::new())
    }

    /// The same, in another way.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn start_with<S: AsRef<OsStr>>(
        models: impl IntoIterator<Item = S>,
        options: &LocalServerOptions,
    ) -> Result<LocalServer, Error> {
        let program = options.program.clone().unwrap_or_else(|| PROGRAM.into());
        let mut command = Command::new(&program);
        command
            .args(["serve", "--port", "0", "--until-stdin-closes"])
            .args(&options.arguments)
            .arg("--")
            .args(models)
            // whoever asks from this machine needs none
            .env_remove("PICKLEBOOK_SERVE_TOKEN")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let child = command.spawn().map_err(|source| Error::Program { program, source })?;
        let mut ending = Ending(child);
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let (sender, addresses) = mpsc::channel();
        let (stderr, own) = (ending.0.stderr.take(), Arc::clone(&said));
        // not joined: it ends with the server
        std::thread::Builder::new().name("picklebook-said".to_owned()).spawn(move || {
            for line in stderr.into_iter().flat_map(|stderr| Lines(BufReader::new(stderr))) {
                if let Some(address) = address_in(&line) {
                    // nobody waits for it any more where this fails
                    _ = sender.send(address);
                }
                let mut lines = own.lock().unwrap_or_else(PoisonError::into_inner);
                if lines.len() == KEPT_LINES {
                    lines.pop_front();
                }
                lines.push_back(line);
            }
        })?;
        match addresses.recv_timeout(STARTING) {
            Ok(address) => {
                let client = Client::new(address)?;
                let Ending(child) = ending;
                Ok(LocalServer { client, child })
            }
            Err(RecvTimeoutError::Timeout) => {
                ending.end(Duration::ZERO);
                Err(Error::Late { seconds: STARTING.as_secs() })
            }
            Err(RecvTimeoutError::Disconnected) => {
                let status = ending.end(ENDING);
                let lines = said.lock().unwrap_or_else(PoisonError::into_inner);
                Err(Error::Ended {
                    is_usage: status.and_then(|status| status.code()) == Some(2),
                    status: status.map_or("killed".to_owned(), |status| status.to_string()),
                    said: told(lines.iter().map(String::as_str)),
                })
            }
        }
    }

    /// Where it is asked, for other clients, too.
    pub fn address(&self) -> SocketAddr {
        self.client.address()
    }

    /// The client by which it is asked.
    pub fn client(&self) -> Client {
        self.client
    }

    /// What the server answers to `GET`.
    ///
    /// # Errors
    /// Those of [`Client::get`].
    pub fn get(&self, path: &str) -> Result<Response, Error> {
        self.client.get(path)
    }

    /// What the server answers to `POST` with this body, which is JSON.
    ///
    /// # Errors
    /// Those of [`Client::post`].
    pub fn post(&self, path: &str, body: &str) -> Result<Response, Error> {
        self.client.post(path, body)
    }

    /// Asks for `path` until the answer is as wanted: [`Client::wait_until`].
    ///
    /// # Errors
    /// Those of [`Client::wait_until`].
    pub fn wait_until(&self, path: &str, is_wanted: impl Fn(&Json) -> bool) -> Result<Json, Error> {
        self.client.wait_until(path, is_wanted)
    }

    /// The same `POST` again and again: [`Client::load`].
    pub fn load(&self, path: &str, body: &str) -> Load {
        self.client.load(path, body)
    }

    /// Ends it, as dropping it does; it first answers what it was asked before.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for LocalServer {
    fn drop(&mut self) {
        end(&mut self.child, ENDING);
    }
}

impl fmt::Debug for LocalServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalServer({})", self.address())
    }
}

/// A process that is starting.
struct Ending(Child);

impl Ending {
    fn end(mut self, patience: Duration) -> Option<ExitStatus> {
        end(&mut self.0, patience)
    }
}

/// Closes a server's input, so that it ends; one that does not is killed.
fn end(child: &mut Child, patience: Duration) -> Option<ExitStatus> {
    drop(child.stdin.take());
    let until = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Some(status),
            Ok(None) if Instant::now() < until => std::thread::sleep(LOOK),
            _ => {
                // it has ended in the meantime where this fails
                _ = child.kill();
                _ = child.wait();
                return None;
            }
        }
    }
}

/// Lines, each cut.
struct Lines<R>(BufReader<R>);

impl<R: Read> Iterator for Lines<R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut is_empty = true;
        loop {
            let part = match self.0.fill_buf() {
                Ok(part) => part,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(_) => return None,
            };
            if part.is_empty() {
                return (!is_empty).then(|| text(&line));
            }
            is_empty = false;
            let end = part.iter().position(|byte| *byte == b'\n');
            let own = part.get(..end.unwrap_or(part.len())).unwrap_or_default();
            let room = LONGEST_LINE.saturating_sub(line.len()).min(own.len());
            line.extend_from_slice(own.get(..room).unwrap_or_default());
            let read = end.map_or(part.len(), |end| end + 1);
            self.0.consume(read);
            if end.is_some() {
                return Some(text(&line));
            }
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The address that the server says it listens at.
fn address_in(line: &str) -> Option<SocketAddr> {
    let event = Json::read(line.as_bytes()).ok()?;
    let is_it = event["event"].as_str() == Some("listens");
    event["address"].as_str().filter(|_| is_it)?.parse().ok()
}

/// What a server said before it ended: its first sentence, or else its last event.
fn told<'a>(lines: impl DoubleEndedIterator<Item = &'a str> + Clone) -> String {
    let mut lines = lines.map(str::trim).filter(|line| !line.is_empty());
    let sentence = lines.clone().find(|line| !line.starts_with('{'));
    let said = sentence.or_else(|| lines.next_back()).unwrap_or("it said nothing");
    let said =
        ["error: ", "picklebook: "].iter().fold(said, |it, start| it.trim_start_matches(start));
    shortened(said, SAID)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_and_none_is_lost() {
        let long = "x".repeat(3 * LONGEST_LINE);
        let said = format!("one\n\n{long}\nlast");
        let lines: Vec<String> = Lines(BufReader::with_capacity(1000, said.as_bytes())).collect();
        assert_eq!(lines, ["one", "", &long[..LONGEST_LINE], "last"]);
        assert_eq!(Lines(BufReader::new(&b""[..])).count(), 0);
    }

    #[test]
    fn the_address_and_the_reason_are_found() {
        let listens = r#"{"time":"t","event":"listens","address":"127.0.0.1:45"}"#;
        assert_eq!(address_in(listens), "127.0.0.1:45".parse().ok());
        for line in ["", "http://127.0.0.1:45/", r#"{"event":"serves","address":"127.0.0.1:45"}"#] {
            assert_eq!(address_in(line), None);
        }
        assert_eq!(told([listens, "picklebook: no model", "more"].into_iter()), "no model");
        assert_eq!(told([listens].into_iter()), listens);
        assert_eq!(told([].into_iter()), "it said nothing");
    }
}
