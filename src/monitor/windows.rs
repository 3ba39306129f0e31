//! How rows are put into windows.

use std::collections::BTreeMap;

use super::Error;
use super::history::Period;
use crate::data::Date;

/// How rows are put into windows: by their days, or so many rows to a window.
///
/// ```
/// use picklebook::monitor::{Period, Windows};
///
/// assert_eq!(Windows::from(Period::Week), Windows::Period(Period::Week));
/// assert_eq!(Windows::from(500), Windows::Rows(500));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Windows {
    /// A window for each day, week or month in which there are rows.
    Period(Period),
    /// A window for each so many rows, in the order they have; the last may have fewer.
    Rows(usize),
}

impl From<Period> for Windows {
    fn from(period: Period) -> Self {
        Windows::Period(period)
    }
}

impl From<usize> for Windows {
    fn from(rows: usize) -> Self {
        Windows::Rows(rows)
    }
}

/// A window, without what is counted of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Span {
    pub name: String,
    pub first_day: Option<Date>,
}

/// Windows, the oldest first, and in which of them each row lies.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Spans {
    /// What a window is, as the head of a column.
    pub of: &'static str,
    pub all: Vec<Span>,
    pub of_rows: Vec<usize>,
}

impl Spans {
    pub fn new(windows: Windows, days: &[Date]) -> Result<Spans, Error> {
        match windows {
            Windows::Period(period) => Ok(Spans::of_days(days, period)),
            Windows::Rows(rows) => Spans::of_rows(days.len(), rows),
        }
    }

    pub fn of_days(days: &[Date], period: Period) -> Spans {
        let firsts: Vec<Date> = days.iter().map(|&day| period.first_day(day)).collect();
        let mut places: BTreeMap<Date, usize> = firsts.iter().map(|&day| (day, 0)).collect();
        let mut all = Vec::with_capacity(places.len());
        for (&first, place) in &mut places {
            *place = all.len();
            all.push(Span { name: period.name_of(first), first_day: Some(first) });
        }
        let of_rows = firsts.iter().filter_map(|first| places.get(first).copied()).collect();
        Spans { of: period.name(), all, of_rows }
    }

    pub fn of_rows(all: usize, rows: usize) -> Result<Spans, Error> {
        if rows == 0 {
            let (name, value) = ("rows", rows.to_string());
            return Err(Error::Parameter { name, value, expected: "at least 1" });
        }
        let span = |start: usize| Span {
            name: format!("{start} to {}", start.saturating_add(rows).min(all) - 1),
            first_day: None,
        };
        let spans = (0..all).step_by(rows).map(span).collect();
        Ok(Spans { of: "rows", all: spans, of_rows: (0..all).map(|row| row / rows).collect() })
    }
}
