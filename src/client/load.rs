//! How many requests a server answers in a second, and how long one waits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::http::{Connection, request};
use super::{Client, Error, Response};
use crate::text::{count, grouped};

/// The most connections, and the longest time in seconds.
const MOST_CONNECTIONS: usize = 256;
const LONGEST: f64 = 600.0;

/// How many versions are counted by their names at most; the answers of others by this one.
const MOST_VERSIONS: usize = 16;
const OTHERS: &str = "…";

/// How long is waited after a connection that was refused.
const BREATH: Duration = Duration::from_millis(10);

/// How many buckets of times there are to each power of two nanoseconds: a time is known to 1.6 %.
const STEPS: u32 = 64;

/// A `POST` that is sent again and again on several connections, on each as soon as the one before was
/// answered. Made by [`Client::load`].
#[derive(Debug, Clone)]
pub struct Load {
    client: Client,
    path: String,
    body: String,
    connections: usize,
    seconds: f64,
}

impl Load {
    pub(super) fn new(client: Client, path: &str, body: &str) -> Load {
        Load { client, path: path.to_owned(), body: body.to_owned(), connections: 1, seconds: 2.0 }
    }

    /// How many connections ask at once, from 1 to 256; 1 by default.
    pub fn connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How long, in seconds, up to 600; 2 by default.
    pub fn seconds(mut self, seconds: f64) -> Self {
        self.seconds = seconds;
        self
    }

    /// Asks until the time is over.
    ///
    /// # Errors
    /// Those of [`start`](Self::start).
    pub fn run(self) -> Result<LoadReport, Error> {
        Ok(self.start()?.finish())
    }

    /// Asks on threads of its own, so that something can be done to the server meanwhile.
    ///
    /// # Errors
    /// [`Error::Load`] for a number that is out of range, [`Error::Path`], and [`Error::Unreachable`] where
    /// there is no server.
    pub fn start(self) -> Result<RunningLoad, Error> {
        let Load { client, path, body, connections, seconds } = self;
        let wrong = |what, value: String, range| Err(Error::Load { what, value, range });
        if !(1..=MOST_CONNECTIONS).contains(&connections) {
            return wrong("the number of connections", connections.to_string(), "1 to 256");
        }
        if !(seconds > 0.0 && seconds <= LONGEST) {
            return wrong("the time in seconds", seconds.to_string(), "more than 0, up to 600");
        }
        let request: Arc<[u8]> = request(client.address, "POST", &path, &body, true)?.into();
        let opened = (0..connections)
            .map(|_| Connection::open(client.address))
            .collect::<Result<Vec<Connection>, Error>>()?;
        let stop = Arc::new(AtomicBool::new(false));
        let started = Instant::now();
        let until = started + Duration::from_secs_f64(seconds);
        let mut running = RunningLoad { path, started, stop, threads: Vec::new() };
        for connection in opened {
            let (request, stop) = (Arc::clone(&request), Arc::clone(&running.stop));
            let work = move || ask_until(client, connection, &request, until, &stop);
            let thread = std::thread::Builder::new().name("picklebook-load".to_owned());
            running.threads.push(thread.spawn(work)?);
        }
        Ok(running)
    }
}

/// A load that is being put on a server. It is taken off when this is dropped.
pub struct RunningLoad {
    path: String,
    started: Instant,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<(Tally, Instant)>>,
}

impl RunningLoad {
    /// Waits until its time is over, and tells how it went.
    pub fn finish(mut self) -> LoadReport {
        let connections = self.threads.len();
        let (mut tally, mut ended) = (Tally::new(), self.started);
        for thread in std::mem::take(&mut self.threads) {
            // it panics as little as it stops
            if let Ok((own, end)) = thread.join() {
                tally.add(own);
                ended = ended.max(end);
            }
        }
        let seconds = ended.duration_since(self.started).as_secs_f64();
        LoadReport { path: std::mem::take(&mut self.path), connections, seconds, tally }
    }
}

impl Drop for RunningLoad {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in std::mem::take(&mut self.threads) {
            _ = thread.join();
        }
    }
}

/// One short line.
impl fmt::Debug for RunningLoad {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = count(self.threads.len(), "connection", "connections");
        write!(f, "RunningLoad(POST {}, {connections})", self.path)
    }
}

/// Asks on a connection until the time is over.
fn ask_until(
    client: Client,
    connection: Connection,
    request: &[u8],
    until: Instant,
    stop: &AtomicBool,
) -> (Tally, Instant) {
    let mut tally = Tally::new();
    let mut connection = Some(connection);
    let mut now = Instant::now();
    while now < until && !stop.load(Ordering::Relaxed) {
        let open = match connection.take() {
            Some(open) => Ok(open),
            None => Connection::open(client.address),
        };
        let started = Instant::now();
        match open.and_then(|mut open| open.ask(request).map(|answer| (open, answer))) {
            Ok((open, (response, keeps))) => {
                now = Instant::now();
                tally.answered(&response, now - started);
                connection = keeps.then_some(open);
            }
            Err(error) => {
                tally.failed(error.to_string());
                std::thread::sleep(BREATH);
                now = Instant::now();
            }
        }
    }
    (tally, now)
}

/// What came of requests.
#[derive(Clone)]
struct Tally {
    failed: usize,
    first_failure: Option<String>,
    by_version: BTreeMap<String, usize>,
    times: Times,
}

impl Tally {
    fn new() -> Self {
        let times = Times { counts: Vec::new(), all: 0 };
        Tally { failed: 0, first_failure: None, by_version: BTreeMap::new(), times }
    }

    fn failed(&mut self, why: String) {
        self.failed += 1;
        self.first_failure.get_or_insert(why);
    }

    fn answered(&mut self, response: &Response, time: Duration) {
        if !response.is_success() {
            self.failed(response.to_string());
            return;
        }
        self.times.add(time);
        let Ok(answer) = response.json() else { return };
        let version = ["version", "model_version"].into_iter().find_map(|it| answer[it].as_str());
        if let Some(version) = version {
            self.of_version(version, 1);
        }
    }

    fn of_version(&mut self, version: &str, answers: usize) {
        let is_known = self.by_version.contains_key(version);
        let name = match is_known || self.by_version.len() < MOST_VERSIONS {
            true => version,
            false => OTHERS,
        };
        match self.by_version.get_mut(name) {
            Some(count) => *count += answers,
            None => _ = self.by_version.insert(name.to_owned(), answers),
        }
    }

    fn add(&mut self, other: Tally) {
        self.failed += other.failed;
        if self.first_failure.is_none() {
            self.first_failure = other.first_failure;
        }
        for (version, answers) in other.by_version {
            self.of_version(&version, answers);
        }
        self.times.merge(&other.times);
    }
}

/// Times, counted in buckets that are 1.6 % wide, whatever their number.
#[derive(Clone)]
struct Times {
    counts: Vec<u64>,
    all: usize,
}

impl Times {
    fn bucket(nanoseconds: u64) -> usize {
        let power = nanoseconds.max(1).ilog2();
        match power.checked_sub(STEPS.ilog2()) {
            None => nanoseconds as usize,
            Some(shift) => (shift * STEPS) as usize + (nanoseconds >> shift) as usize,
        }
    }

    /// The middle of a bucket, in nanoseconds.
    fn middle(bucket: usize) -> f64 {
        let steps = STEPS as usize;
        match (bucket / steps).checked_sub(1) {
            None => bucket as f64,
            Some(shift) => (((bucket - shift * steps) as f64) + 0.5) * (shift as f64).exp2(),
        }
    }

    fn add(&mut self, time: Duration) {
        let bucket = Self::bucket(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
            self.all += 1;
        }
    }

    fn merge(&mut self, other: &Times) {
        let longest = self.counts.len().max(other.counts.len());
        self.counts.resize(longest, 0);
        self.counts.iter_mut().zip(&other.counts).for_each(|(own, other)| *own += other);
        self.all += other.all;
    }

    /// The time within which this share of the answers came, in seconds.
    fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = (share.clamp(0.0, 1.0) * self.all as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        let found = self.counts.iter().position(|count| {
            seen += count;
            seen >= wanted
        });
        found.map(|bucket| Self::middle(bucket) * 1e-9)
    }
}

/// How a server did under load.
///
/// Printed, it is a line; under a notebook's cell, a table.
#[derive(Clone)]
pub struct LoadReport {
    path: String,
    connections: usize,
    seconds: f64,
    tally: Tally,
}

impl LoadReport {
    /// The path that was asked.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many connections asked at once.
    pub fn connections(&self) -> usize {
        self.connections
    }

    /// From the first request to the last answer, in seconds.
    pub fn seconds(&self) -> f64 {
        self.seconds
    }

    /// How many requests were answered, with a status from 200 to 299.
    pub fn answered(&self) -> usize {
        self.tally.times.all
    }

    /// How many were refused or not answered.
    pub fn failed(&self) -> usize {
        self.tally.failed
    }

    /// Why the first of these failed.
    pub fn first_failure(&self) -> Option<&str> {
        self.tally.first_failure.as_deref()
    }

    /// How many were answered in a second.
    pub fn per_second(&self) -> f64 {
        match self.seconds > 0.0 {
            true => self.answered() as f64 / self.seconds,
            false => 0.0,
        }
    }

    /// The time within which this share of the answers was there, in milliseconds, to 1.6 %: 0.5 gives the
    /// median, 0.99 what one in a hundred waits longer for. `None` if nothing was answered.
    pub fn milliseconds(&self, share: f64) -> Option<f64> {
        self.tally.times.quantile(share).map(|seconds| 1e3 * seconds)
    }

    /// How many answers each version of a model gave.
    pub fn by_version(&self) -> BTreeMap<String, usize> {
        self.tally.by_version.clone()
    }
}

/// Milliseconds as a person writes them.
fn milliseconds(time: Option<f64>) -> String {
    time.map_or("–".to_owned(), |time| format!("{time:.2}"))
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "POST {}, {}: {} answered in {:.1} s, {} failed; {} requests/s, p50 {} ms, p99 {} ms",
            self.path,
            count(self.connections, "connection", "connections"),
            grouped(self.answered()),
            self.seconds,
            grouped(self.failed()),
            grouped(self.per_second() as usize),
            milliseconds(self.milliseconds(0.5)),
            milliseconds(self.milliseconds(0.99)),
        )
    }
}

/// The same line.
impl fmt::Debug for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoadReport({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_time_is_known_to_1_6_percent(nanoseconds in 0_u64..1 << 40) {
            let bucket = Times::bucket(nanoseconds);
            let error = (Times::middle(bucket) - nanoseconds as f64).abs();
            prop_assert!(error <= 0.0157 * nanoseconds as f64, "{nanoseconds} in {bucket}");
            prop_assert!(Times::bucket(nanoseconds + 1) - bucket <= 1);
        }

        #[test]
        fn quantiles_are_those_of_the_sorted_times(
            mut times in prop::collection::vec(0_u64..10_000_000, 1..200), share in 0.0..=1.0_f64
        ) {
            let (mut one, mut other) = (Tally::new().times, Tally::new().times);
            for (place, &time) in times.iter().enumerate() {
                let part = if place % 2 == 0 { &mut one } else { &mut other };
                part.add(Duration::from_nanos(time));
            }
            one.merge(&other);
            times.sort_unstable();
            let place = ((share * times.len() as f64).ceil() as usize).max(1) - 1;
            let expected = times[place] as f64;
            let found = 1e9 * one.quantile(share).expect("there are times");
            prop_assert!((found - expected).abs() <= 0.0157 * expected + 1e-3);
        }
    }

    #[test]
    fn versions_are_counted_and_their_number_bounded() {
        let mut tally = Tally::new();
        for version in 0..100 {
            tally.of_version(&version.to_string(), 1);
        }
        assert_eq!(tally.by_version.len(), MOST_VERSIONS + 1);
        assert_eq!(tally.by_version[OTHERS], 100 - MOST_VERSIONS);
        assert_eq!(Times { counts: Vec::new(), all: 0 }.quantile(0.5), None);
    }
}
