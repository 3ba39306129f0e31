//! What a model was asked and what it answered, line after line, in a file that only grows.
//!
//! A log is a text file with one JSON object on each line: a prediction, or the true class of an
//! earlier one, by its id.
//!
//! ```json
//! {"prediction":"7f3a","time":"2026-11-29T16:38:07.123Z","model":"spam","version":"2","row":[0.64,null],"class":"spam","scores":[0.1,0.9]}
//! {"feedback":"7f3a","time":"2026-11-30T08:00:00.000Z","class":"ham"}
//! ```
//!
//! Each line is written by one call of the system, at the end of the file, so that a process that is
//! killed leaves at most one line that is cut off, the last; who goes on with the file begins a new line
//! first, and who reads it leaves the piece out, and says so.
//!
//! ```
//! use picklebook::monitor::log::{Feedback, Log, LogWriter, Moment, Prediction, SyncPolicy};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("spam.log");
//! let mut log = LogWriter::open(&path, SyncPolicy::Never)?;
//! log.prediction(&Prediction {
//!     id: "7f3a".into(),
//!     time: Moment::now(),
//!     model: "spam".into(),
//!     version: "2".into(),
//!     row: vec![0.64.into(), f64::NAN.into()],
//!     class: "spam".into(),
//!     scores: vec![0.1, 0.9],
//! })?;
//! log.feedback(&Feedback { id: "7f3a".into(), time: Moment::now(), class: "ham".into() })?;
//!
//! let log = Log::open(&path)?;
//! assert_eq!(log.entries()[0].truth, Some("ham".into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::HashMap;
use std::collections::hash_map::Entry as Place;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{History, Period};
use crate::data::{Dataset, Date, DatedDataset, Label, Labels};
use crate::text::{count, shortened};

/// The longest line, in bytes: a row of a million numbers has room.
const LONGEST_LINE: u64 = 1 << 25;

const DAY: i64 = 86_400_000;

/// Why a log could not be written or read.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A record that is too long for a line.
    #[error("{}: a record of {bytes} bytes is longer than a line may be ({most})", path.display())]
    Long {
        /// The file.
        path: PathBuf,
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        most: u64,
    },
    /// A record that is no JSON, such as one with a score that is not finite.
    #[error("{}: the record cannot be written: {problem}", path.display())]
    Record {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Rows that make no table.
    #[error("the rows of the log make no table: {problem}")]
    Table {
        /// What is wrong.
        problem: String,
    },
    /// A model or a version that is not in the log.
    #[error("there is no {what} {name:?} in the log; there are: {known}")]
    Unknown {
        /// What is not there.
        what: &'static str,
        /// Its name.
        name: String,
        /// The names that are there.
        known: String,
    },
    /// What a report needs to be told, or cannot say.
    #[error("{problem}")]
    Report {
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Figures that cannot be computed.
    #[error(transparent)]
    Figures(#[from] super::Error),
}

crate::text::message_as_debug!(LogError);

/// A time of the world's clock (UTC), to the millisecond, from the year 0 to 9999; written
/// `2026-11-29T16:38:07.123Z`.
///
/// ```
/// use picklebook::monitor::log::Moment;
///
/// let moment: Moment = "2026-11-29T16:38:07.123Z".parse()?;
/// assert_eq!(moment.day().to_string(), "2026-11-29");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    milliseconds: i64,
}

impl Moment {
    /// The present time.
    pub fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Moment::from_milliseconds(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    /// So many milliseconds after 1970 began, or the first or last moment that can be written.
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        const FIRST: i64 = -719_528 * DAY;
        const LAST: i64 = 2_932_897 * DAY - 1;
        Moment { milliseconds: milliseconds.clamp(FIRST, LAST) }
    }

    /// How many milliseconds it is after 1970 began.
    pub fn milliseconds(self) -> i64 {
        self.milliseconds
    }

    /// Its day.
    pub fn day(self) -> Date {
        Date::from_days_since_1970(self.milliseconds.div_euclid(DAY))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_day = self.milliseconds.rem_euclid(DAY);
        let (seconds, milliseconds) = (of_day / 1_000, of_day % 1_000);
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hours:02}:{minutes:02}:{seconds:02}.{milliseconds:03}Z", self.day())
    }
}

impl FromStr for Moment {
    type Err = String;

    /// Reads a time such as `2026-11-29T16:38:07.123Z`, as it is printed.
    ///
    /// # Errors
    /// For another text, says so.
    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (day, time) = (Date::read(text.get(..10)?)?, text.get(10..)?);
            let shape = time.len() == 14
                && time.bytes().enumerate().all(|(place, byte)| match place {
                    0 => byte == b'T',
                    3 | 6 => byte == b':',
                    9 => byte == b'.',
                    13 => byte == b'Z',
                    _ => byte.is_ascii_digit(),
                });
            let part = |from: usize, to: usize| time.get(from..to)?.parse::<i64>().ok();
            let (hours, minutes, seconds) = (part(1, 3)?, part(4, 6)?, part(7, 9)?);
            let whole = shape && hours < 24 && minutes < 60 && seconds < 60;
            let of_day = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + part(10, 13)?;
            whole.then(|| Moment { milliseconds: day.days_since_1970() * DAY + of_day })
        };
        let problem =
            || format!("{:?} is no time; write 2026-11-29T16:38:07.123Z", shortened(text, 40));
        read().ok_or_else(problem)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// A cell of a row: a number, a word, or nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Cell {
    /// Missing.
    Missing,
    /// A number, finite.
    Number(f64),
    /// A word.
    Text(String),
}

impl From<f64> for Cell {
    /// NaN is a missing number.
    fn from(number: f64) -> Self {
        if number.is_nan() { Cell::Missing } else { Cell::Number(number) }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Cell::Text(text.to_owned())
    }
}

/// A row that a model was asked about, and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// By what its true class can be told later; no two predictions have the same.
    #[serde(rename = "prediction")]
    pub id: String,
    /// When it was made.
    pub time: Moment,
    /// The model.
    pub model: String,
    /// Which version of the model.
    pub version: String,
    /// The row, in the order of the model's columns.
    pub row: Vec<Cell>,
    /// The class that was predicted.
    pub class: Label,
    /// The probability of each class, ascending by class, if the model has them.
    #[serde(default)]
    pub scores: Vec<f64>,
}

/// The true class of an earlier prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Feedback {
    /// The id of the prediction.
    #[serde(rename = "feedback")]
    pub id: String,
    /// When it became known.
    pub time: Moment,
    /// The true class.
    pub class: Label,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Record {
    /// A prediction.
    Prediction(Prediction),
    /// The true class of one.
    Feedback(Feedback),
}

/// When what was written is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SyncPolicy {
    /// When the system sees fit: what was written outlives the process, however it ends, and may be lost
    /// with the power.
    Never,
    /// After each record: it outlives a loss of power, and takes as long as the disk.
    EachRecord,
    /// After so many records.
    Every(u32),
}

/// The end of a log, at which records are added.
#[derive(Debug)]
pub struct LogWriter {
    path: PathBuf,
    file: File,
    sync: SyncPolicy,
    unsynced: u32,
    /// Whether the last write left a piece of a line.
    in_line: bool,
}

impl LogWriter {
    /// Opens a log to add to; a file that is not there is made. Where the last line was cut off, a new
    /// one is begun.
    ///
    /// # Errors
    /// [`LogError::File`] for a file that cannot be opened.
    pub fn open(path: impl AsRef<Path>, sync: SyncPolicy) -> Result<Self, LogError> {
        let path = path.as_ref().to_owned();
        let open = || {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            let mut in_line = false;
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                let mut last = [0];
                file.read_exact(&mut last)?;
                in_line = last != *b"\n";
            }
            Ok((file, in_line))
        };
        match open() {
            Ok((file, in_line)) => Ok(LogWriter { path, file, sync, unsynced: 0, in_line }),
            Err(source) => Err(LogError::File { path, source }),
        }
    }

    /// Adds a prediction.
    ///
    /// # Errors
    /// [`LogError::Record`] for an infinite number in the row or the scores, [`LogError::Long`] for more
    /// than 32 MiB, [`LogError::File`] where the file cannot be written: on a full disk a piece of the
    /// record may be left, which readers leave out.
    pub fn prediction(&mut self, prediction: &Prediction) -> Result<(), LogError> {
        let number = |cell: &Cell| match cell {
            Cell::Number(number) => Some(*number),
            Cell::Missing | Cell::Text(_) => None,
        };
        let numbers = prediction.row.iter().filter_map(number);
        self.check(&prediction.class, numbers.chain(prediction.scores.iter().copied()))?;
        self.add(prediction)
    }

    /// Adds the true class of an earlier prediction.
    ///
    /// # Errors
    /// As [`prediction`](Self::prediction).
    pub fn feedback(&mut self, feedback: &Feedback) -> Result<(), LogError> {
        self.check(&feedback.class, [].into_iter())?;
        self.add(feedback)
    }

    /// Whether all numbers are such as JSON has.
    fn check(&self, class: &Label, numbers: impl Iterator<Item = f64>) -> Result<(), LogError> {
        let class = match class {
            Label::Float(number) => Some(*number),
            Label::Text(_) | Label::Boolean(_) | Label::Integer(_) => None,
        };
        match numbers.chain(class).find(|number| !number.is_finite()) {
            None => Ok(()),
            Some(number) => {
                let problem = format!("it holds {number}, and JSON has only finite numbers");
                Err(LogError::Record { path: self.path.clone(), problem })
            }
        }
    }

    fn add(&mut self, record: &impl Serialize) -> Result<(), LogError> {
        let mut line = Vec::new();
        if self.in_line {
            line.push(b'\n');
        }
        serde_json::to_writer(&mut line, record).map_err(|error| {
            let problem = error.to_string();
            LogError::Record { path: self.path.clone(), problem }
        })?;
        line.push(b'\n');
        if line.len() as u64 > LONGEST_LINE {
            let (path, bytes) = (self.path.clone(), line.len());
            return Err(LogError::Long { path, bytes, most: LONGEST_LINE });
        }
        self.write(&line).map_err(|source| LogError::File { path: self.path.clone(), source })
    }

    /// Writes a line by one call.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let written = loop {
            match self.file.write(line) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if written < line.len() {
            self.in_line = written > 0 || self.in_line;
            let problem = format!("only {written} of {} bytes were written", line.len());
            return Err(io::Error::new(io::ErrorKind::WriteZero, problem));
        }
        self.in_line = false;
        self.unsynced += 1;
        let due = match self.sync {
            SyncPolicy::Never => false,
            SyncPolicy::EachRecord => true,
            SyncPolicy::Every(records) => self.unsynced >= records,
        };
        if due { self.sync_now() } else { Ok(()) }
    }

    fn sync_now(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        self.file.sync_data()
    }

    /// Puts on the disk what was written.
    ///
    /// # Errors
    /// [`LogError::File`] where the system cannot.
    pub fn sync(&mut self) -> Result<(), LogError> {
        self.sync_now().map_err(|source| LogError::File { path: self.path.clone(), source })
    }
}

/// A line of a log that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeftOut {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// A prediction, with its true class if that is known.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// The prediction.
    pub prediction: Prediction,
    /// Its true class, the latest that was told.
    pub truth: Option<Label>,
}

/// A log that was read: predictions in their order, each with its true class if that is known.
#[derive(Clone, PartialEq, Default)]
pub struct Log {
    entries: Vec<Entry>,
    left_out: Vec<LeftOut>,
    cut_off: bool,
    unknown: usize,
}

impl Log {
    /// Reads a log from a file.
    ///
    /// Lines that are no records are left out, and said to be.
    ///
    /// # Errors
    /// [`LogError::File`] for a file that cannot be read.
    pub fn open(path: impl AsRef<Path>) -> Result<Log, LogError> {
        let path = path.as_ref();
        let read = || Log::read(BufReader::new(File::open(path)?));
        read().map_err(|source| LogError::File { path: path.to_owned(), source })
    }

    /// Reads a log.
    ///
    /// # Errors
    /// What the reader says.
    pub fn read(mut reader: impl BufRead) -> io::Result<Log> {
        let mut log = Log::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let found = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
            if found == 0 {
                break;
            }
            let whole = line.last() == Some(&b'\n');
            if !whole && found as u64 == LONGEST_LINE {
                skip_line(&mut reader)?;
                log.leave_out(number, format!("it is longer than {LONGEST_LINE} bytes"));
                continue;
            }
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            match serde_json::from_slice(text) {
                Ok(Record::Prediction(prediction)) => match places.entry(prediction.id.clone()) {
                    Place::Occupied(_) => {
                        let id = shortened(&prediction.id, 40);
                        log.leave_out(number, format!("a second prediction with the id {id:?}"));
                    }
                    Place::Vacant(place) => {
                        place.insert(log.entries.len());
                        log.entries.push(Entry { prediction, truth: None });
                    }
                },
                Ok(Record::Feedback(feedback)) => {
                    let place = places.get(&feedback.id);
                    match place.and_then(|&place| log.entries.get_mut(place)) {
                        Some(entry) => entry.truth = Some(feedback.class),
                        None => log.unknown += 1,
                    }
                }
                Err(_) if !whole => log.cut_off = true,
                Err(error) => log.leave_out(number, error.to_string()),
            }
        }
        Ok(log)
    }

    fn leave_out(&mut self, line: usize, problem: String) {
        self.left_out.push(LeftOut { line, problem });
    }

    /// The predictions, in the order of the file.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keeps only some of the predictions, such as those of one model.
    pub fn retain(&mut self, wanted: impl FnMut(&Entry) -> bool) {
        self.entries.retain(wanted);
    }

    /// The lines that are no records; a last line that is cut off is not among them.
    pub fn left_out(&self) -> &[LeftOut] {
        &self.left_out
    }

    /// Whether the last line is cut off, as it may be when the writer was killed.
    pub fn cut_off(&self) -> bool {
        self.cut_off
    }

    /// How many true classes were told of predictions that are not in the log.
    pub fn unknown(&self) -> usize {
        self.unknown
    }

    /// The predictions whose true class is known.
    fn judged(&self) -> impl Iterator<Item = (&Prediction, &Label)> + '_ {
        self.entries.iter().filter_map(|entry| Some((&entry.prediction, entry.truth.as_ref()?)))
    }

    /// How good the predictions were whose true class is known, window after window.
    ///
    /// # Errors
    /// [`LogError::Table`] where classes are of several types, or as [`History::of_dates`] refuses them.
    pub fn history(&self, positive: impl Into<Label>, period: Period) -> Result<History, LogError> {
        let truth = labels(self.judged().map(|(_, truth)| truth))?;
        let said = labels(self.judged().map(|(prediction, _)| &prediction.class))?;
        let days: Vec<Date> = self.judged().map(|(prediction, _)| prediction.time.day()).collect();
        let table = |error: super::Error| LogError::Table { problem: error.to_string() };
        History::of_dates(&truth, &said, positive, &days, period).map_err(table)
    }

    /// The rows whose true class is known, to learn from; `names` are the columns'.
    ///
    /// # Errors
    /// [`LogError::Table`] where rows have another number of cells, or hold words, or where classes are
    /// of several types.
    pub fn rows(&self, names: &[String], target: &str) -> Result<DatedDataset, LogError> {
        let problem = |problem: String| LogError::Table { problem };
        let mut numbers = Vec::new();
        let (mut days, mut rows) = (Vec::new(), 0);
        for (prediction, _) in self.judged() {
            let id = || shortened(&prediction.id, 40);
            if prediction.row.len() != names.len() {
                let (found, expected) = (prediction.row.len(), names.len());
                return Err(problem(format!("{:?} has {found} cells, not {expected}", id())));
            }
            for cell in &prediction.row {
                numbers.push(match cell {
                    Cell::Missing => f64::NAN,
                    Cell::Number(number) => *number,
                    Cell::Text(_) => return Err(problem(format!("{:?} holds words", id()))),
                });
            }
            days.push(prediction.time.day());
            rows += 1;
        }
        let truth = labels(self.judged().map(|(_, truth)| truth))?;
        let table = Array2::from_shape_vec((rows, names.len()), numbers);
        let table = table.map_err(|error| problem(error.to_string()))?;
        let data = Dataset::new(table, truth, names.to_vec(), target);
        data.and_then(|data| DatedDataset::new(data, days))
            .map_err(|error| problem(error.to_string()))
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = count(self.judged().count(), "true class", "true classes");
        write!(f, "{}, {known}", count(self.entries.len(), "prediction", "predictions"))?;
        if let Some(first) = self.left_out.first() {
            let lines = count(self.left_out.len(), "line is no record", "lines are no records");
            write!(
                f,
                "; {lines} and left out, the first is line {}: {}",
                first.line, first.problem
            )?;
        }
        if self.unknown > 0 {
            write!(
                f,
                "; {} of predictions that are not here",
                count(self.unknown, "true class", "true classes")
            )?;
        }
        if self.cut_off {
            f.write_str("; the last line is cut off and left out")?;
        }
        Ok(())
    }
}

/// The ids of the predictions of a log, one after the other, without the rest in memory; lines that are no
/// records are passed over.
///
/// # Errors
/// What the reader says.
///
/// ```
/// use picklebook::monitor::log::ids;
///
/// let log = br#"{"prediction":"7f3a","time":"2026-11-29T16:38:07.123Z","model":"m","version":"1","row":[],"class":"a"}"#;
/// let mut found = Vec::new();
/// ids(log.as_slice(), |id| found.push(id.to_owned()))?;
/// assert_eq!(found, ["7f3a"]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn ids(mut reader: impl BufRead, mut found: impl FnMut(&str)) -> io::Result<()> {
    #[derive(Deserialize)]
    struct Id<'a> {
        #[serde(borrow)]
        prediction: std::borrow::Cow<'a, str>,
    }
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == LONGEST_LINE && line.last() != Some(&b'\n') {
            skip_line(&mut reader)?;
        } else if let Ok(Id { prediction }) = serde_json::from_slice(&line) {
            found(&prediction);
        }
    }
}

/// Reads on to the end of a line.
fn skip_line(reader: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let (end, used) = match buffer.iter().position(|&byte| byte == b'\n') {
            Some(place) => (true, place + 1),
            None => (buffer.is_empty(), buffer.len()),
        };
        reader.consume(used);
        if end {
            return Ok(());
        }
    }
}

/// A column of labels that are of one type.
pub(super) fn labels<'a>(labels: impl Iterator<Item = &'a Label>) -> Result<Labels, LogError> {
    let mut column: Option<Labels> = None;
    for label in labels {
        let column = column.get_or_insert_with(|| match label {
            Label::Text(_) => Labels::Text(Vec::new()),
            Label::Boolean(_) => Labels::Booleans(Vec::new()),
            Label::Integer(_) => Labels::Integers(Vec::new()),
            Label::Float(_) => Labels::Floats(Vec::new()),
        });
        match (column, label) {
            (Labels::Text(column), Label::Text(label)) => column.push(label.clone()),
            (Labels::Booleans(column), Label::Boolean(label)) => column.push(*label),
            (Labels::Integers(column), Label::Integer(label)) => column.push(*label),
            (Labels::Floats(column), Label::Float(label)) => column.push(*label),
            (column, label) => {
                let label = shortened(&label.to_string(), 60);
                let problem = format!("the class {label} stands beside {}", column.kind());
                return Err(LogError::Table { problem });
            }
        }
    }
    Ok(column.unwrap_or(Labels::Text(Vec::new())))
}
