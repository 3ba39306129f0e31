//! What the server counts, for Prometheus and for the page.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets, linear_buckets};
use prometheus_client::registry::Registry;
use serde::Serialize;

use crate::any_model::AnyModel;
use crate::data::Labels;

/// The route of a request and the status of its answer.
type OfRequest = [(&'static str, &'static str); 2];
/// The name and the version of a model.
type Version = [(&'static str, String); 2];
/// A class of a version of a model.
type Class = [(&'static str, String); 3];

/// The most classes that are counted one by one.
const MOST_CLASSES: usize = 100;

/// How long the slots of the last minutes are, and how many there are.
const SLOT: Duration = Duration::from_secs(10);
const SLOTS: usize = 90;

/// How many steps the latencies of a slot are counted in: each twice as long as that before, from a
/// microsecond on.
const STEPS: usize = 32;

/// The histograms of a family, each with the same buckets.
type Histograms<Set> = Family<Set, Histogram, fn() -> Histogram>;

/// All that is counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    requests: Family<OfRequest, Counter>,
    seconds: Histograms<[(&'static str, &'static str); 1]>,
    refused: Family<[(&'static str, &'static str); 1], Counter>,
    loads: Family<[(&'static str, String); 2], Counter>,
    rows: Family<Version, Counter>,
    classes: Family<Class, Counter>,
    scores: Histograms<Version>,
    /// The rows whose true class was told.
    pub feedback: Counter,
    /// The connections that are open, and the requests that are being answered.
    pub connections: Gauge,
    pub in_flight: Gauge,
    recent: Mutex<Recent>,
}

/// What is counted of one version of a model.
#[derive(Debug, Clone)]
pub(super) struct OfModel {
    rows: Counter,
    classes: Vec<Counter>,
    scores: Option<Histogram>,
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("picklebook");
        let requests = Family::default();
        let times: fn() -> Histogram = || Histogram::new(exponential_buckets(0.000_05, 2.0, 18));
        let seconds = Family::new_with_constructor(times);
        let (refused, loads, rows) = (Family::default(), Family::default(), Family::default());
        let classes = Family::default();
        let tenths: fn() -> Histogram = || Histogram::new(linear_buckets(0.1, 0.1, 10));
        let scores = Family::new_with_constructor(tenths);
        let feedback = Counter::default();
        let (connections, in_flight) = (Gauge::default(), Gauge::default());
        registry.register("requests", "Requests that were answered", Family::clone(&requests));
        registry.register(
            "request_seconds",
            "Time from a request's head to its answer",
            Family::clone(&seconds),
        );
        registry.register(
            "refused",
            "Connections and requests that were turned away",
            Family::clone(&refused),
        );
        registry.register("loads", "Files that were loaded or refused", Family::clone(&loads));
        registry.register("rows", "Rows that were predicted", Family::clone(&rows));
        registry.register(
            "predictions",
            "Rows that were predicted to be of a class",
            Family::clone(&classes),
        );
        registry.register(
            "score",
            "The probability of the predicted class",
            Family::clone(&scores),
        );
        registry.register("feedback", "Rows whose true class was told", feedback.clone());
        registry.register("connections", "Open connections", connections.clone());
        registry.register("in_flight", "Requests that are being answered", in_flight.clone());
        Metrics {
            registry,
            requests,
            seconds,
            refused,
            loads,
            rows,
            classes,
            scores,
            feedback,
            connections,
            in_flight,
            recent: Mutex::new(Recent::new(Instant::now())),
        }
    }

    /// Counts an answered request.
    pub fn answered(&self, route: &'static str, status: u16, started: Instant) {
        let taken = started.elapsed();
        self.requests.get_or_create(&[("route", route), ("status", status_text(status))]).inc();
        self.seconds.get_or_create(&[("route", route)]).observe(taken.as_secs_f64());
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.add(Instant::now(), taken, status >= 400);
    }

    /// Counts a connection or request that is turned away.
    pub fn turned_away(&self, reason: &'static str) {
        self.refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// Counts a file that was loaded, or refused.
    pub fn loaded(&self, model: &str, worked: bool) {
        let result = if worked { "loaded" } else { "refused" };
        let labels = [("model", model.to_owned()), ("result", result.to_owned())];
        self.loads.get_or_create(&labels).inc();
    }

    /// What is counted of a version of a model.
    pub fn of_model(&self, name: &str, version: &str, model: &AnyModel) -> OfModel {
        let labels = [("model", name.to_owned()), ("version", version.to_owned())];
        let classes = model.classes().ok().filter(|classes| classes.len() <= MOST_CLASSES);
        let [model_label, version_label] = labels.clone();
        let classes = classes.into_iter().flat_map(Labels::iter).map(|class| {
            let labels = [model_label.clone(), version_label.clone(), ("class", class.to_string())];
            self.classes.get_or_create(&labels).clone()
        });
        OfModel {
            rows: self.rows.get_or_create(&labels).clone(),
            classes: classes.collect(),
            scores: (model.abilities().probabilities.is_some())
                .then(|| self.scores.get_or_create(&labels).clone()),
        }
    }

    /// All of it, as OpenMetrics writes it.
    pub fn text(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// What happened in the last minutes.
    pub fn recent(&self) -> Vec<Slot> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.slots(Instant::now())
    }
}

impl OfModel {
    /// Counts rows that were predicted, with the place of each row's class among the classes.
    pub fn predicted(&self, rows: usize, places: impl Iterator<Item = usize>) {
        self.rows.inc_by(rows as u64);
        if !self.classes.is_empty() {
            for place in places {
                if let Some(class) = self.classes.get(place) {
                    class.inc();
                }
            }
        }
    }

    /// Counts the probabilities of the predicted classes.
    pub fn scored(&self, scores: impl Iterator<Item = f64>) {
        if let Some(histogram) = &self.scores {
            scores.for_each(|score| histogram.observe(score));
        }
    }
}

/// A status as text: those that the server answers with.
fn status_text(status: u16) -> &'static str {
    match status {
        200 => "200",
        400 => "400",
        401 => "401",
        404 => "404",
        405 => "405",
        408 => "408",
        409 => "409",
        413 => "413",
        500 => "500",
        503 => "503",
        _ => "other",
    }
}

/// What happened in some seconds.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Slot {
    /// How long ago they ended.
    seconds_ago: u64,
    requests: u64,
    failures: u64,
    /// Upper bounds of latencies, in seconds.
    p50: Option<f64>,
    p99: Option<f64>,
}

#[derive(Debug, Clone)]
struct Counts {
    number: u64,
    requests: u64,
    failures: u64,
    latencies: [u32; STEPS],
}

/// The last minutes, in slots.
#[derive(Debug)]
struct Recent {
    began: Instant,
    slots: VecDeque<Counts>,
}

impl Recent {
    fn new(began: Instant) -> Self {
        Recent { began, slots: VecDeque::new() }
    }

    fn number(&self, now: Instant) -> u64 {
        now.saturating_duration_since(self.began).as_secs() / SLOT.as_secs()
    }

    fn add(&mut self, now: Instant, taken: Duration, failed: bool) {
        let number = self.number(now);
        if self.slots.back().is_none_or(|slot| slot.number < number) {
            let latencies = [0; STEPS];
            self.slots.push_back(Counts { number, requests: 0, failures: 0, latencies });
            if self.slots.len() > SLOTS {
                self.slots.pop_front();
            }
        }
        if let Some(slot) = self.slots.back_mut() {
            slot.requests += 1;
            slot.failures += u64::from(failed);
            let micros = u64::try_from(taken.as_micros()).unwrap_or(u64::MAX).max(1);
            let step = (u64::BITS - (micros - 1).leading_zeros()) as usize;
            if let Some(count) = slot.latencies.get_mut(step.min(STEPS - 1)) {
                *count = count.saturating_add(1);
            }
        }
    }

    fn slots(&mut self, now: Instant) -> Vec<Slot> {
        let number = self.number(now);
        let fresh =
            self.slots.iter().filter(|slot| number - slot.number.min(number) < SLOTS as u64);
        let slot = |slot: &Counts| Slot {
            seconds_ago: (number - slot.number.min(number)) * SLOT.as_secs(),
            requests: slot.requests,
            failures: slot.failures,
            p50: quantile(&slot.latencies, 0.5),
            p99: quantile(&slot.latencies, 0.99),
        };
        fresh.map(slot).collect()
    }
}

/// The upper bound of the step in which a quantile lies, in seconds.
fn quantile(latencies: &[u32; STEPS], quantile: f64) -> Option<f64> {
    let all: u64 = latencies.iter().map(|&count| u64::from(count)).sum();
    let wanted = (all as f64 * quantile).ceil().max(1.0) as u64;
    let mut passed = 0;
    let step = latencies.iter().position(|&count| {
        passed += u64::from(count);
        passed >= wanted && all > 0
    })?;
    Some((1u64 << step) as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_minutes_are_kept_and_no_more() {
        let start = Instant::now();
        let mut recent = Recent::new(start);
        for slot in 0..SLOTS as u64 + 5 {
            let now = start + SLOT * u32::try_from(slot).unwrap_or(u32::MAX);
            recent.add(now, Duration::from_micros(100), slot % 2 == 0);
            recent.add(now, Duration::from_millis(30), false);
        }
        let end = start + SLOT * u32::try_from(SLOTS + 4).unwrap_or(u32::MAX);
        let slots = recent.slots(end);
        assert_eq!(slots.len(), SLOTS);
        let last = slots.last().expect("there are many");
        assert_eq!((last.seconds_ago, last.requests, last.failures), (0, 2, 1));
        // 100 µs are at most 128, and 30 ms at most 32.768
        assert_eq!((last.p50, last.p99), (Some(128e-6), Some(32.768e-3)));
        assert!(recent.slots(end + SLOT * 1000).is_empty());
    }
}
