//! When figures call for somebody.

use std::fmt;

use super::error::in_range;
use super::{Error, History, Interval, Rate};
use crate::text::{Side, columns, count, share_percent};

/// What is counted of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// The share of right predictions.
    Accuracy,
    /// The share of the rows of the class that are found.
    Recall,
    /// The share of the rows of other classes that are taken for it.
    FalseAlarms,
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Measure::Accuracy => "accuracy",
            Measure::Recall => "recall",
            Measure::FalseAlarms => "false alarms",
        })
    }
}

/// What figures must not fall below, or rise above.
///
/// An alarm is raised only where the whole interval of a figure lies beyond its limit, and the figure
/// is of at least [`min_rows`](Self::min_rows) rows: chance alone, and a handful of rows, raise none.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::monitor::{History, Limits};
///
/// let truth: Labels = vec![true; 200].into();
/// let predicted: Labels = (0..200).map(|row| row % 3 > 0).collect::<Vec<bool>>().into();
/// let positive = picklebook::data::Label::Boolean(true);
/// let limits = Limits::new().recall(0.9);
/// // two thirds of 200 rows are surely less than 90 % …
/// let history = History::of_rows(&truth, &predicted, positive.clone(), 200)?;
/// assert_eq!(history.alarms(&limits)?.alarms().len(), 1);
/// // … and eight rows, whatever they say, are too few
/// let history = History::of_rows(&truth, &predicted, positive, 8)?;
/// assert!(history.alarms(&limits)?.alarms().is_empty());
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    accuracy: Option<f64>,
    recall: Option<f64>,
    false_alarms: Option<f64>,
    confidence: f64,
    min_rows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { accuracy: None, recall: None, false_alarms: None, confidence: 0.95, min_rows: 30 }
    }
}

impl Limits {
    /// None yet.
    pub fn new() -> Self {
        Limits::default()
    }

    /// The accuracy, from 0 to 1, should be at least this.
    pub fn accuracy(mut self, least: f64) -> Self {
        self.accuracy = Some(least);
        self
    }

    /// The recall, from 0 to 1, should be at least this.
    pub fn recall(mut self, least: f64) -> Self {
        self.recall = Some(least);
        self
    }

    /// The false alarm rate, from 0 to 1, should be at most this.
    pub fn false_alarms(mut self, most: f64) -> Self {
        self.false_alarms = Some(most);
        self
    }

    /// The confidence of the intervals; 0.95 by default.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// How many rows a figure must be of before it raises an alarm; 30 by default.
    pub fn min_rows(mut self, rows: usize) -> Self {
        self.min_rows = rows;
        self
    }

    /// Each limit, and whether figures must not be below it.
    fn each(&self) -> [(Measure, Option<f64>, bool); 3] {
        [
            (Measure::Accuracy, self.accuracy, true),
            (Measure::Recall, self.recall, true),
            (Measure::FalseAlarms, self.false_alarms, false),
        ]
    }
}

/// A figure that is beyond its limit, and not by chance.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Alarm {
    /// The name of the window.
    pub window: String,
    /// What was counted.
    pub measure: Measure,
    /// The figure, and of how many rows it is.
    pub rate: Rate,
    /// Its interval, all of which is beyond the limit.
    pub interval: Interval,
    /// The limit.
    pub limit: f64,
}

/// Which figures of a history are beyond their limits, and how many were of too few rows to say.
#[derive(Clone, PartialEq)]
pub struct Alarms {
    alarms: Vec<Alarm>,
    latest: Vec<Alarm>,
    looked_at: usize,
    too_few: usize,
    min_rows: usize,
}

impl Alarms {
    /// The alarms, the oldest first.
    pub fn alarms(&self) -> &[Alarm] {
        &self.alarms
    }

    /// The alarms that still stand: of each figure, that of the newest window with rows enough.
    pub fn latest(&self) -> &[Alarm] {
        &self.latest
    }

    /// How many figures were of too few rows.
    pub fn too_few_rows(&self) -> usize {
        self.too_few
    }

    /// How many figures were held against a limit.
    pub fn looked_at(&self) -> usize {
        self.looked_at
    }

    pub(crate) fn caption(&self) -> String {
        let mut words = format!(
            "{} of {} beyond the limit",
            self.alarms.len(),
            count(self.looked_at, "figure is", "figures are"),
        );
        if self.too_few > 0 {
            words += &format!(
                "; {} of fewer than {} and left out",
                count(self.too_few, "figure is", "figures are"),
                count(self.min_rows, "row", "rows"),
            );
        }
        words
    }

    pub(crate) const HEADER: [&'static str; 5] = ["window", "figure", "value", "interval", "limit"];

    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let line = |alarm: &Alarm| {
            vec![
                alarm.window.clone(),
                alarm.measure.to_string(),
                alarm.rate.to_string(),
                alarm.interval.to_string(),
                share_percent(alarm.limit, 1),
            ]
        };
        self.alarms.iter().map(line).collect()
    }
}

impl fmt::Display for Alarms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caption())?;
        if self.alarms.is_empty() {
            return Ok(());
        }
        let header = Self::HEADER.map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = [header].into_iter().chain(self.lines()).collect();
        write!(f, "\n{}", columns(&rows, &[Side::Left; 5]))
    }
}

impl History {
    /// The figures that are beyond their limits.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a limit outside 0 to 1, and for a confidence as
    /// [`Rate::wilson`] refuses it.
    pub fn alarms(&self, limits: &Limits) -> Result<Alarms, Error> {
        for (measure, limit, _) in limits.each() {
            let name = match measure {
                Measure::Accuracy => "accuracy",
                Measure::Recall => "recall",
                Measure::FalseAlarms => "false_alarms",
            };
            let limit = limit.unwrap_or(0.0);
            in_range(name, limit, (0.0..=1.0).contains(&limit), "from 0 to 1")?;
        }
        let mut all = Alarms {
            alarms: Vec::new(),
            latest: Vec::new(),
            looked_at: 0,
            too_few: 0,
            min_rows: limits.min_rows,
        };
        for window in self.windows() {
            for (measure, limit, least) in limits.each() {
                let Some(limit) = limit else { continue };
                let rate = match measure {
                    Measure::Accuracy => window.accuracy(),
                    Measure::Recall => window.recall(),
                    Measure::FalseAlarms => window.false_alarms(),
                };
                let interval = rate.wilson(limits.confidence)?;
                all.looked_at += 1;
                if rate.rows() < limits.min_rows.max(1) {
                    all.too_few += 1;
                    continue;
                }
                all.latest.retain(|alarm| alarm.measure != measure);
                if if least { interval.high < limit } else { interval.low > limit } {
                    let window = window.name().to_owned();
                    let alarm = Alarm { window, measure, rate, interval, limit };
                    all.latest.push(alarm.clone());
                    all.alarms.push(alarm);
                }
            }
        }
        Ok(all)
    }
}
