//! Rows on their way through many trees: as keys, in blocks, on several threads.

use std::num::NonZero;
use std::ops::Range;
use std::sync::Mutex;
use std::thread;

use ndarray::{ArrayView2, s};

use super::Error;
use crate::data::Features;
use crate::tree::check;
use crate::tree::key::{FeatureValue, Found, find};
use crate::tree::walk::steps::ROOM;

/// The fewest rows that are worth a thread.
const ROWS_A_THREAD: usize = 64;

/// Which rows a model takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    /// The name of the model's class, for messages.
    pub(super) model: &'static str,
    pub(super) columns: usize,
    pub(super) missing: bool,
}

impl Accepted {
    /// Whether rows have as many columns as those of the fit.
    pub(super) fn columns(&self, features: Features<'_>) -> Result<(), Error> {
        match features.shape() {
            (_, found) if found != self.columns => {
                Err(Error::Columns { expected: self.columns, found })
            }
            _ => Ok(()),
        }
    }

    /// Whether rows among which there are such values are taken.
    fn found(&self, found: Found, features: Features<'_>) -> Result<(), Error> {
        match found {
            Found::Infinite => Err(check::infinite(&features)),
            Found::Missing if !self.missing => Err(self.missing(features)),
            Found::Missing | Found::Finite => Ok(()),
        }
    }

    /// The error for the first missing value.
    fn missing(&self, features: Features<'_>) -> Error {
        let rows = features.to_f64();
        let first = rows.indexed_iter().find(|(_, value)| value.is_nan());
        let (row, column) = first.map_or((0, 0), |(place, _)| place);
        Error::NotFinite { row, column: column.to_string(), value: f64::NAN, model: self.model }
    }
}

/// Rows as keys, one after the other, after each row a 0, and behind the last [`ROOM`] more.
#[derive(Debug, Default)]
pub(super) struct Keys {
    pub(super) keys: Vec<u32>,
    /// Whether a key may be that of a missing value.
    pub(super) missing: bool,
}

impl Keys {
    /// Takes the keys of some rows in place of those it has.
    pub(super) fn fill(
        &mut self,
        features: Features<'_>,
        rows: Range<usize>,
        accepted: &Accepted,
    ) -> Result<(), Error> {
        let found = match features {
            Features::F32(view) => self.take(view.slice(s![rows, ..])),
            Features::F64(view) | Features::Named { view, .. } => {
                self.take(view.slice(s![rows, ..]))
            }
        };
        self.keys.extend([0; ROOM]);
        self.missing = found == Found::Missing;
        accepted.found(found, features)
    }

    fn take<T: FeatureValue>(&mut self, rows: ArrayView2<'_, T>) -> Found {
        self.keys.clear();
        self.keys.reserve(rows.nrows() * (rows.ncols() + 1) + ROOM);
        if let Some(values) = rows.to_slice() {
            let found = find(values);
            for row in values.chunks_exact(rows.ncols().max(1)) {
                match found {
                    Found::Finite => self.keys.extend(row.iter().map(|value| value.present_key())),
                    Found::Missing => self.keys.extend(row.iter().map(|value| value.key())),
                    Found::Infinite => break,
                }
                self.keys.push(0);
            }
            return found;
        }
        for row in rows.rows() {
            self.keys.extend(row.iter().map(|value| value.key()));
            self.keys.push(ZERO_KEY);
        }
        let found = find(&self.keys);
        // what stands for the column of leaves was no value
        for row in self.keys.chunks_exact_mut(rows.ncols() + 1) {
            if let Some(last) = row.last_mut() {
                *last = 0;
            }
        }
        found
    }
}

/// The key of a value that is neither missing nor infinite.
const ZERO_KEY: u32 = 1 << 31;

/// Takes some rows, rounded to 32 bits, in place of the values that are there.
pub(super) fn narrow_values(
    features: Features<'_>,
    rows: Range<usize>,
    accepted: &Accepted,
    values: &mut Vec<f64>,
) -> Result<(), Error> {
    fn take<T: FeatureValue>(
        rows: ArrayView2<'_, T>,
        values: &mut Vec<f64>,
        narrow: impl Fn(T) -> f64,
    ) -> Found {
        values.clear();
        match rows.to_slice() {
            Some(rows) => values.extend(rows.iter().map(|&value| narrow(value))),
            None => values.extend(rows.iter().map(|&value| narrow(value))),
        }
        find(values)
    }
    let found = match features {
        Features::F32(view) => take(view.slice(s![rows, ..]), values, f64::from),
        Features::F64(view) | Features::Named { view, .. } => {
            take(view.slice(s![rows, ..]), values, |it| f64::from(it as f32))
        }
    };
    accepted.found(found, features)
}

/// Calls `work` with ranges of rows that together are all of them, each with its part of `out`,
/// which has `width` numbers for each row. `jobs` is the number of threads, 0 for as many as the
/// machine runs at once; what comes out does not depend on it.
pub(super) fn in_parallel<T: Send>(
    jobs: usize,
    rows: usize,
    width: usize,
    out: &mut [T],
    work: impl Fn(Range<usize>, &mut [T]) -> Result<(), Error> + Sync,
) -> Result<(), Error> {
    let jobs = match jobs {
        0 => thread::available_parallelism().map_or(1, NonZero::get),
        jobs => jobs,
    };
    let jobs = jobs.min(rows / ROWS_A_THREAD).max(1);
    if jobs == 1 || width == 0 {
        return work(0..rows, out);
    }
    // more parts than threads, so that a slow one is not waited for; the first error by row counts
    let share = rows.div_ceil(4 * jobs).max(ROWS_A_THREAD);
    let parts = Mutex::new(out.chunks_mut(share * width).enumerate());
    let failed: Mutex<Option<(usize, Error)>> = Mutex::new(None);
    let next = || parts.lock().ok().and_then(|mut parts| parts.next());
    let take_part = || {
        while let Some((part, out)) = next() {
            let start = part * share;
            let Err(error) = work(start..start + out.len() / width, out) else { continue };
            if let Ok(mut failed) = failed.lock()
                && failed.as_ref().is_none_or(|(first, _)| start < *first)
            {
                *failed = Some((start, error));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..jobs {
            // where no more threads can be started, those that run do all of the work
            let _ = thread::Builder::new().spawn_scoped(scope, take_part);
        }
        take_part();
    });
    match failed.into_inner() {
        Ok(Some((_, error))) => Err(error),
        Ok(None) => Ok(()),
        Err(_) => Err(Error::Internal { problem: "a thread stopped at its work".to_owned() }),
    }
}
