//! What the server tells of itself: a JSON object on a line of standard error for each event.

use std::io::Write;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;

use crate::monitor::log::Moment;

/// How much an event matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    Info,
    Warning,
}

/// Where events are written.
#[derive(Debug)]
pub(super) struct Log {
    /// Whether each request is an event.
    pub requests: bool,
    pub silent: bool,
}

/// An event as a line.
struct Line<'a> {
    level: Level,
    event: &'a str,
    fields: &'a [(&'a str, Value)],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("time", &Moment::now())?;
        map.serialize_entry("level", &self.level)?;
        map.serialize_entry("event", self.event)?;
        for (name, value) in self.fields {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Log {
    /// Writes an event, whole lines only.
    pub fn event(&self, level: Level, event: &str, fields: &[(&str, Value)]) {
        if self.silent {
            return;
        }
        if let Ok(mut line) = serde_json::to_vec(&Line { level, event, fields }) {
            line.push(b'\n');
            // nobody is left to be told where standard error is closed
            _ = std::io::stderr().lock().write_all(&line);
        }
    }
}
