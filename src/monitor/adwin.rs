//! A window of a stream that shrinks where the stream changes.

use super::Error;
use super::error::in_range;
use super::page_hinkley::finite;

/// ADWIN, which watches the mean of a stream: a window of numbers grows as long as no part of it has
/// another mean than the rest, and loses its older part where one has.
///
/// The detections are those of `ADWIN` in river 0.26 for the same stream, number for number; after one
/// it begins anew, as there. A stream of errors (1 for a wrong prediction, 0 for a right one) is what
/// it is mostly given. It keeps a few numbers for each doubling of the window's length.
///
/// ```
/// use picklebook::monitor::Adwin;
///
/// let mut adwin = Adwin::new();
/// let mut changes = Vec::new();
/// for row in 0..2000 {
///     // one of ten wrong, and from row 1000 on four of ten
///     let wrong = if row < 1000 { row % 10 == 0 } else { row % 10 < 4 };
///     if adwin.update(f64::from(u8::from(wrong)))? {
///         changes.push(row);
///     }
/// }
/// assert_eq!(changes, [1055]);
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
///
/// Source: A. Bifet and R. Gavaldà, "Learning from time-changing data with adaptive windowing",
/// Proceedings of the 2007 SIAM International Conference on Data Mining.
#[derive(Clone, PartialEq)]
pub struct Adwin {
    delta: f64,
    clock: usize,
    max_buckets: usize,
    min_window_length: usize,
    grace_period: usize,
    state: State,
    detected: bool,
    n_detections: usize,
}

/// What has been seen since the latest detection.
#[derive(Debug, Clone, PartialEq, Default)]
struct State {
    /// The buckets of 1, 2, 4, … numbers each, the oldest of each size first.
    levels: Vec<Vec<Bucket>>,
    width: f64,
    total: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
    seen: usize,
}

/// Some numbers in a row: their sum, and the squares of their distances from their mean.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Bucket {
    total: f64,
    squares: f64,
}

impl Default for Adwin {
    fn default() -> Self {
        Adwin {
            delta: 0.002,
            clock: 32,
            max_buckets: 5,
            min_window_length: 5,
            grace_period: 10,
            state: State::default(),
            detected: false,
            n_detections: 0,
        }
    }
}

impl Adwin {
    /// A detector with river's defaults.
    pub fn new() -> Self {
        Adwin::default()
    }

    /// How sure it is to be that a change is none by chance, above 0 and below 1; 0.002 by default,
    /// and the smaller the surer.
    pub fn delta(mut self, delta: f64) -> Self {
        self.delta = delta;
        self
    }

    /// After how many numbers it looks for a change; 32 by default.
    pub fn clock(mut self, clock: usize) -> Self {
        self.clock = clock;
        self
    }

    /// How many buckets of each size are kept; 5 by default.
    pub fn max_buckets(mut self, max_buckets: usize) -> Self {
        self.max_buckets = max_buckets;
        self
    }

    /// How many numbers each part of the window must have at least; 5 by default.
    pub fn min_window_length(mut self, min_window_length: usize) -> Self {
        self.min_window_length = min_window_length;
        self
    }

    /// Up to how many numbers no change is looked for; 10 by default.
    pub fn grace_period(mut self, grace_period: usize) -> Self {
        self.grace_period = grace_period;
        self
    }

    /// Takes the next number, and says whether the stream has changed.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter out of range, [`Error::Value`] for a number that is not
    /// finite; the number then is not taken.
    pub fn update(&mut self, value: f64) -> Result<bool, Error> {
        self.check()?;
        finite(value, self.state.seen)?;
        if self.detected {
            self.state = State::default();
        }
        self.state.insert(value, self.max_buckets);
        self.state.seen += 1;
        let due = self.state.seen.is_multiple_of(self.clock);
        self.detected = due && self.state.width > self.grace_period as f64 && self.shrink();
        self.n_detections += usize::from(self.detected);
        Ok(self.detected)
    }

    fn check(&self) -> Result<(), Error> {
        in_range("delta", self.delta, self.delta > 0.0 && self.delta < 1.0, "above 0 and below 1")?;
        for (name, value, least, expected) in [
            ("clock", self.clock, 1, "at least 1"),
            ("max_buckets", self.max_buckets, 2, "from 2 to 1000000"),
            ("min_window_length", self.min_window_length, 1, "at least 1"),
        ] {
            let fits = value >= least && (name != "max_buckets" || value <= 1_000_000);
            in_range(name, value as f64, fits, expected)?;
        }
        Ok(())
    }

    /// Whether the latest number brought a change to light.
    pub fn drift_detected(&self) -> bool {
        self.detected
    }

    /// How many changes were found in all.
    pub fn n_detections(&self) -> usize {
        self.n_detections
    }

    /// How many numbers the window has.
    pub fn width(&self) -> usize {
        self.state.width as usize
    }

    /// The mean of the window; 0 where it is empty.
    pub fn estimation(&self) -> f64 {
        match self.width() {
            0 => 0.0,
            _ => self.state.total / self.state.width,
        }
    }

    /// Drops the oldest buckets as long as an older part of the window differs from the newer one.
    fn shrink(&mut self) -> bool {
        let mut shrunk = false;
        while self.has_cut() {
            self.state.drop_oldest();
            shrunk = true;
        }
        shrunk
    }

    /// Whether the window can be cut in two parts with different means.
    fn has_cut(&self) -> bool {
        let State { levels, width, total, .. } = &self.state;
        let (mut older, mut newer) = ((0.0, 0.0), (*width, *total));
        let least = self.min_window_length as f64;
        let sizes = levels.iter().enumerate().rev();
        let all =
            sizes.flat_map(|(level, buckets)| buckets.iter().map(move |it| (size(level), it)));
        for (size, bucket) in all {
            older = (older.0 + size, older.1 + bucket.total);
            newer = (newer.0 - size, newer.1 - bucket.total);
            if newer.0 >= least
                && older.0 >= least
                && self.differs(older.0, newer.0, older.1 / older.0 - newer.1 / newer.0)
            {
                return true;
            }
        }
        false
    }

    /// Whether means so far apart, of so many numbers, differ by more than chance explains.
    fn differs(&self, older: f64, newer: f64, apart: f64) -> bool {
        let State { width, squares, .. } = self.state;
        let least = self.min_window_length as f64;
        let delta = (2.0 * width.ln() / self.delta).ln();
        let m = 1.0 / (older - least + 1.0) + 1.0 / (newer - least + 1.0);
        let chance = (2.0 * m * (squares / width) * delta).sqrt() + 2.0 / 3.0 * delta * m;
        apart.abs() > chance
    }
}

/// How many numbers a bucket of a level holds.
fn size(level: usize) -> f64 {
    2.0_f64.powi(level.min(1_000) as i32)
}

impl State {
    fn insert(&mut self, value: f64, max_buckets: usize) {
        self.width += 1.0;
        if self.width > 1.0 {
            let away = value - self.total / (self.width - 1.0);
            self.squares += (self.width - 1.0) * away * away / self.width;
        }
        self.total += value;
        let mut bucket = Bucket { total: value, squares: 0.0 };
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let Some(buckets) = self.levels.get_mut(level) else { return };
            buckets.push(bucket);
            if buckets.len() <= max_buckets {
                return;
            }
            // the two oldest become one of the next level
            let mut oldest = buckets.drain(..2);
            let (Some(first), Some(second)) = (oldest.next(), oldest.next()) else { return };
            let half = size(level);
            let apart = first.total / half - second.total / half;
            bucket = Bucket {
                total: first.total + second.total,
                squares: first.squares + second.squares + half * 0.5 * apart * apart,
            };
        }
    }

    fn drop_oldest(&mut self) {
        let size = size(self.levels.len().saturating_sub(1));
        let Some(oldest) = self.levels.last_mut() else { return };
        if oldest.is_empty() {
            return;
        }
        let bucket = oldest.remove(0);
        if oldest.is_empty() {
            self.levels.pop();
        }
        self.width -= size;
        self.total -= bucket.total;
        let apart = bucket.total / size - self.total / self.width;
        self.squares -= bucket.squares + size * self.width * apart * apart / (size + self.width);
    }
}
