//! What all requests share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use axum::response::Response;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::answer::Predicted;
use super::journal::{Journal, not_kept};
use super::log::{Level, Log};
use super::metrics::Metrics;
use super::models::{Registry, Served};
use super::options::Options;
use super::refusal::Refusal;
use crate::data::Frame;
use crate::model::Method;

/// The longest id that a client may give, in bytes.
pub(super) const LONGEST_ID: usize = 128;

/// The longest body that is answered on the thread that read it.
const SMALL: usize = 1 << 14;

/// How long a large request waits for a thread.
const PATIENCE: Duration = Duration::from_secs(5);

/// What all requests share.
#[derive(Debug)]
pub(super) struct App {
    pub registry: Registry,
    pub metrics: Arc<Metrics>,
    pub log: Log,
    pub options: Options,
    pub ids: Ids,
    pub started: Instant,
    /// The hash of the token, so that a comparison's time tells nothing of the token.
    token: Option<[u8; 32]>,
    /// Whether only this machine can ask.
    is_local: bool,
    journal: Option<Journal>,
    in_flight: AtomicUsize,
    /// As many large requests are answered at once as there are processors.
    heavy: Semaphore,
    stopping: AtomicBool,
}

/// A request that is being answered.
pub(super) struct Admitted<'a>(&'a App);

impl Drop for Admitted<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.0.metrics.in_flight.dec();
    }
}

fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}

impl App {
    pub fn new(
        registry: Registry,
        metrics: Arc<Metrics>,
        log: Log,
        options: Options,
        journal: Option<Journal>,
        is_local: bool,
    ) -> Result<Self, std::io::Error> {
        Ok(App {
            registry,
            metrics,
            log,
            ids: Ids::new()?,
            started: Instant::now(),
            token: options.token.as_ref().map(|token| hash(token.as_bytes())),
            is_local,
            journal,
            in_flight: AtomicUsize::new(0),
            heavy: Semaphore::new(options.threads),
            stopping: AtomicBool::new(false),
            options,
        })
    }

    /// Whether a request may be answered now.
    pub fn admit(&self, headers: &HeaderMap, open: bool) -> Result<Admitted<'_>, Refusal> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.metrics.in_flight.inc();
        let admitted = Admitted(self);
        if before >= self.options.max_requests {
            self.metrics.turned_away("busy");
            return Err(Refusal::busy());
        }
        if !open && let Err(refusal) = self.check_sender(headers) {
            self.metrics.turned_away("not allowed");
            return Err(refusal);
        }
        Ok(admitted)
    }

    /// Whether whoever asks may: by the token, or, where there is none, from this machine and not from
    /// a page of somebody else's that a browser has open.
    fn check_sender(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        if let Some(expected) = &self.token {
            let given = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
            let token = given
                .and_then(|given| given.split_at_checked(7))
                .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"Bearer "));
            return match token {
                Some((_, token)) if hash(token) == *expected => Ok(()),
                _ => Err(Refusal::no_token()),
            };
        }
        let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let host = text(header::HOST);
        if self.is_local && !host.is_none_or(is_this_machine) {
            let problem = "this server is asked under another name than localhost or its address";
            return Err(Refusal { status: 403, problem: problem.to_owned() });
        }
        if let (Some(origin), Some(host)) = (text(header::ORIGIN), host)
            && origin.split_once("://").is_none_or(|(_, origin)| origin != host)
        {
            let problem = "a page of another server asks, which may not";
            return Err(Refusal { status: 403, problem: problem.to_owned() });
        }
        Ok(())
    }

    /// Answers a request, apart from others if it is a large one.
    pub async fn work(
        self: &Arc<Self>,
        size: usize,
        job: impl FnOnce() -> Result<Response, Refusal> + Send + 'static,
    ) -> Result<Response, Refusal> {
        if size <= SMALL {
            return job();
        }
        let own = Arc::clone(self);
        let permit = match tokio::time::timeout(PATIENCE, own.heavy.acquire()).await {
            Ok(Ok(permit)) => permit,
            _ => {
                self.metrics.turned_away("busy");
                return Err(Refusal::busy());
            }
        };
        let done = tokio::task::spawn_blocking(job).await;
        drop(permit);
        done.unwrap_or_else(|_| {
            Err(Refusal::failed("the request could not be answered".to_owned()))
        })
    }

    /// Whether predictions are kept, for feedback.
    pub fn keeps_predictions(&self) -> bool {
        self.journal.is_some()
    }

    /// The methods that a model is asked by: those that a request names, and those that the log keeps.
    pub fn asked(&self, served: &Served, methods: &[Method]) -> Vec<Method> {
        let mut asked = methods.to_vec();
        if self.journal.is_some() {
            for method in [Method::Predict, Method::PredictProba] {
                if !asked.contains(&method) && served.methods.contains(&method.name()) {
                    asked.push(method);
                }
            }
        }
        asked
    }

    /// Keeps what was predicted, where a log is kept.
    pub fn keep(
        &self,
        served: &Served,
        id: &str,
        table: &Frame,
        predicted: &Predicted,
    ) -> Result<(), Refusal> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.predicted(served, id, table, predicted).map_err(|error| {
            self.metrics.turned_away("log");
            self.log.event(Level::Warning, "not kept", &[("problem", error.to_string().into())]);
            not_kept(&error)
        })
    }

    /// Keeps the true classes that a body tells, and gives their number.
    pub fn take_feedback(&self, body: &[u8]) -> Result<usize, Refusal> {
        let Some(journal) = &self.journal else {
            let problem = "this server keeps no predictions; start it with --log FILE".to_owned();
            return Err(Refusal::conflict(problem));
        };
        let rows = journal.feedback(body)?;
        self.metrics.feedback.inc_by(rows as u64);
        Ok(rows)
    }

    /// Puts on the disk what the log holds.
    pub fn sync(&self) {
        if let Some(journal) = &self.journal
            && let Err(error) = journal.sync()
        {
            let fields = [
                ("path", journal.path().display().to_string().into()),
                ("problem", error.to_string().into()),
            ];
            self.log.event(Level::Warning, "not kept", &fields);
        }
    }

    /// Says that no more requests come.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether no more requests come.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Whether a Host header names this machine by its address or as localhost.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}

/// Ids of predictions: of this run of the server, and numbered.
#[derive(Debug)]
pub(super) struct Ids {
    run: String,
    next: AtomicU64,
}

impl Ids {
    fn new() -> Result<Self, std::io::Error> {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(Ids { run: format!("{:016x}", u64::from_le_bytes(bytes)), next: AtomicU64::new(0) })
    }

    /// An id that no other prediction has.
    pub fn next(&self) -> String {
        format!("{}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_localhost_or_an_address() {
        for host in [
            "localhost",
            "localhost:8080",
            "LOCALHOST",
            "127.0.0.1:80",
            "[::1]:8080",
            "192.168.0.1",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "example.org",
            "example.org:80",
            "localhost.example.org",
            "",
            ":80",
            "127.0.0.1.example.org",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
