//! Sums of what a stream is above or below its mean.

use super::Error;
use super::error::in_range;

/// Which changes of the mean are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Rises.
    Up,
    /// Falls.
    Down,
    /// Both.
    Both,
}

/// The Page–Hinkley test, which watches the mean of a stream: it adds up how far each number is from
/// the mean of all so far, and a sum that leaves its lowest or highest point far behind is a change.
///
/// The detections are those of `PageHinkley` in river 0.26 for the same stream, number for number;
/// after one it begins anew, as there. Its default `threshold` of 50 suits streams of numbers; for
/// errors (0 or 1) one of 10 to 25 answers sooner.
///
/// ```
/// use picklebook::monitor::PageHinkley;
///
/// let mut test = PageHinkley::new().threshold(15.0);
/// let mut changes = Vec::new();
/// for row in 0..1100 {
///     let wrong = if row < 1000 { row % 10 == 0 } else { row % 10 < 4 };
///     if test.update(f64::from(u8::from(wrong)))? {
///         changes.push(row);
///     }
/// }
/// assert_eq!(changes, [1043]);
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
///
/// Source: E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954).
#[derive(Debug, Clone, PartialEq)]
pub struct PageHinkley {
    min_instances: usize,
    delta: f64,
    threshold: f64,
    alpha: f64,
    mode: Mode,
    sums: Sums,
    detected: bool,
    n_detections: usize,
}

/// What has been seen since the latest detection.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sums {
    seen: usize,
    mean: f64,
    increase: f64,
    decrease: f64,
    least_increase: f64,
    most_decrease: f64,
}

impl Sums {
    /// As river begins: the highest sum of falls is −1.
    const NONE: Sums = Sums {
        seen: 0,
        mean: 0.0,
        increase: 0.0,
        decrease: 0.0,
        least_increase: f64::INFINITY,
        most_decrease: -1.0,
    };
}

impl Default for PageHinkley {
    fn default() -> Self {
        PageHinkley {
            min_instances: 30,
            delta: 0.005,
            threshold: 50.0,
            alpha: 1.0 - 0.0001,
            mode: Mode::Both,
            sums: Sums::NONE,
            detected: false,
            n_detections: 0,
        }
    }
}

impl PageHinkley {
    /// A detector with river's defaults.
    pub fn new() -> Self {
        PageHinkley::default()
    }

    /// Below how many numbers it finds no change; 30 by default.
    pub fn min_instances(mut self, min_instances: usize) -> Self {
        self.min_instances = min_instances;
        self
    }

    /// How far a number may be from the mean without counting; 0.005 by default.
    pub fn delta(mut self, delta: f64) -> Self {
        self.delta = delta;
        self
    }

    /// From which sum on there is a change, not negative; 50 by default.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// How much of a sum is kept at each number, above 0 and at most 1; 0.9999 by default.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Which changes are looked for; both by default.
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// Takes the next number, and says whether the stream has changed.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter out of range, [`Error::Value`] for a number that is not
    /// finite; the number then is not taken.
    pub fn update(&mut self, value: f64) -> Result<bool, Error> {
        let fits = self.threshold >= 0.0 && self.threshold.is_finite();
        in_range("threshold", self.threshold, fits, "finite and not negative")?;
        in_range("delta", self.delta, self.delta.is_finite(), "finite")?;
        in_range("alpha", self.alpha, self.alpha > 0.0 && self.alpha <= 1.0, "above 0, at most 1")?;
        finite(value, self.sums.seen)?;
        if self.detected {
            self.sums = Sums::NONE;
        }
        let sums = &mut self.sums;
        sums.seen += 1;
        sums.mean += 1.0 / sums.seen as f64 * (value - sums.mean);
        let away = value - sums.mean;
        sums.increase = self.alpha * sums.increase + away - self.delta;
        sums.decrease = self.alpha * sums.decrease + away + self.delta;
        if sums.increase < sums.least_increase {
            sums.least_increase = sums.increase;
        }
        if sums.decrease > sums.most_decrease {
            sums.most_decrease = sums.decrease;
        }
        let rose = sums.increase - sums.least_increase > self.threshold;
        let fell = sums.most_decrease - sums.decrease > self.threshold;
        self.detected = sums.seen >= self.min_instances
            && match self.mode {
                Mode::Up => rose,
                Mode::Down => fell,
                Mode::Both => rose || fell,
            };
        self.n_detections += usize::from(self.detected);
        Ok(self.detected)
    }

    /// Whether the latest number brought a change to light.
    pub fn drift_detected(&self) -> bool {
        self.detected
    }

    /// How many changes were found in all.
    pub fn n_detections(&self) -> usize {
        self.n_detections
    }
}

/// Whether the next number of a stream is one.
pub(super) fn finite(value: f64, place: usize) -> Result<(), Error> {
    match value.is_finite() {
        true => Ok(()),
        false => Err(Error::Value {
            what: "the stream's number".into(),
            place,
            value,
            expected: "a stream is of finite numbers",
        }),
    }
}
