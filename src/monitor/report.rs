//! What a log says of the models in it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use ndarray::{Array2, Axis};

use super::drift_history::DriftHistory;
use super::log::{Cell, Entry, Log, LogError, Moment, labels};
use super::windows::Spans;
use super::{
    Adwin, Alarms, Comparison, DriftParams, Error, History, Limits, Mode, PageHinkley, Period,
    Rate, Window, Windows, compare,
};
use crate::data::{Dataset, Date, Features, Label, LabelRef, Labels};
use crate::text::{Side, columns, count, grouped, percent, shortened};

/// The sum of rises from which on the Page–Hinkley test raises an alarm: river's 50 is for other numbers
/// than errors.
const THRESHOLD: f64 = 25.0;

/// How many of the latest rows are told of when errors have changed.
const LATEST: usize = 100;

/// The most models and versions that are compared with each other, the latest.
const MOST_COMPARED: usize = 8;

/// What is to be said of a log.
///
/// ```
/// use picklebook::monitor::log::{Feedback, Log, LogWriter, Moment, Prediction, SyncPolicy};
/// use picklebook::monitor::ReportParams;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("spam.log");
/// let mut log = LogWriter::open(&path, SyncPolicy::Never)?;
/// for row in 0..60 {
///     log.prediction(&Prediction {
///         id: row.to_string(),
///         time: Moment::from_milliseconds(1_030_000_000_000 + row * 86_400_000),
///         model: "spam".into(),
///         version: "1".into(),
///         row: vec![(row as f64).into()],
///         class: if row % 3 == 0 { "spam" } else { "ham" }.into(),
///         scores: vec![],
///     })?;
///     let class = if row % 4 == 0 { "spam" } else { "ham" }.into();
///     log.feedback(&Feedback { id: row.to_string(), time: Moment::now(), class })?;
/// }
/// let report = ReportParams::new().positive("spam").run(&Log::open(&path)?)?;
/// let history = report.models()[0].history().expect("true classes are known");
/// assert_eq!(history.all().recall().to_string(), "33.3 % (5 of 15)");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReportParams {
    windows: Windows,
    model: Option<String>,
    version: Option<String>,
    positive: Option<Label>,
    limits: Limits,
    drift: DriftParams,
    reference: Option<Dataset>,
    reference_scores: Option<Vec<f64>>,
}

impl Default for ReportParams {
    fn default() -> Self {
        ReportParams {
            windows: Windows::Period(Period::Week),
            model: None,
            version: None,
            positive: None,
            limits: Limits::new(),
            drift: DriftParams::new(),
            reference: None,
            reference_scores: None,
        }
    }
}

impl ReportParams {
    /// All models, week by week.
    pub fn new() -> Self {
        ReportParams::default()
    }

    /// What a window is; a week by default.
    pub fn windows(mut self, windows: impl Into<Windows>) -> Self {
        self.windows = windows.into();
        self
    }

    /// Only this model.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// Only this version.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// The class whose recall and false alarms are counted; of two classes it is the second by default,
    /// as in scikit-learn. A text also names a class of another type, by how it prints.
    pub fn positive(mut self, class: impl Into<Label>) -> Self {
        self.positive = Some(class.into());
        self
    }

    /// What figures must not fall below, or rise above.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How drift is looked for.
    pub fn drift(mut self, params: DriftParams) -> Self {
        self.drift = params;
        self
    }

    /// The rows to compare with, in the order of the model's columns, such as those that it learned
    /// from; by default those of the first window, and of the windows behind it until there are enough.
    pub fn reference(mut self, rows: &Dataset) -> Self {
        self.reference = Some(rows.clone());
        self
    }

    /// The probabilities of the positive class to compare scores with, in place of those of the first
    /// window.
    pub fn reference_scores(mut self, scores: impl Into<Vec<f64>>) -> Self {
        self.reference_scores = Some(scores.into());
        self
    }

    /// Reads the figures out of a log.
    ///
    /// # Errors
    /// [`LogError::Unknown`] for a model or a version that is not there; [`LogError::Report`] where there
    /// are no predictions, where they are numbers or of more than two classes of which none is named,
    /// or where no row has the columns of the reference; [`LogError::Figures`] for what cannot be
    /// computed.
    pub fn run(&self, log: &Log) -> Result<Report, LogError> {
        let named = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let of_model: Vec<&Entry> = log
            .entries()
            .iter()
            .filter(|entry| named(&self.model, &entry.prediction.model))
            .collect();
        let all = log.entries().iter().map(|it| it.prediction.model.as_str());
        known("model", &self.model, of_model.is_empty(), all)?;
        let entries: Vec<&Entry> = of_model
            .iter()
            .copied()
            .filter(|entry| named(&self.version, &entry.prediction.version))
            .collect();
        let all = of_model.iter().map(|it| it.prediction.version.as_str());
        known("version", &self.version, entries.is_empty(), all)?;
        if entries.is_empty() {
            let problem = format!("there is nothing to tell of: {log}");
            return Err(LogError::Report { problem });
        }
        let mut by_model: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in &entries {
            by_model.entry(&entry.prediction.model).or_default().push(entry);
        }
        let models = by_model
            .into_iter()
            .map(|(model, entries)| self.of_model(model, &entries))
            .collect::<Result<_, _>>()?;
        Ok(Report { read: log.to_string(), models, compared: compared(&entries)? })
    }

    fn of_model(&self, model: &str, entries: &[&Entry]) -> Result<ModelReport, LogError> {
        let mut notes = Vec::new();
        // a class of another type was told by mistake, or is of an older model under the same name
        let kind = entries.last().map(|entry| kind(&entry.prediction.class)).unwrap_or_default();
        if kind == "floats" {
            let name = shortened(model, 60);
            let problem = format!("{name:?} answers numbers, and no classes that can be counted");
            return Err(LogError::Report { problem });
        }
        let is_of_kind = |label: &Label| self::kind(label) == kind;
        let is_judged = |entry: &&&Entry| {
            is_of_kind(&entry.prediction.class) && entry.truth.as_ref().is_some_and(is_of_kind)
        };
        let judged: Vec<&Entry> = entries.iter().filter(is_judged).copied().collect();
        let other_types =
            entries.iter().filter(|entry| entry.truth.is_some()).count() - judged.len();
        if other_types > 0 {
            let rows = count(other_types, "row is", "rows are");
            notes.push(format!("{rows} left out: true and predicted class are not of one type"));
        }
        let said = entries.iter().map(|entry| &entry.prediction.class);
        let told = judged.iter().filter_map(|entry| entry.truth.as_ref());
        let classes = labels(said.filter(|it| is_of_kind(it)).chain(told))?.classes();
        let positive = self.positive_of(&classes)?;

        let spans = Spans::new(self.windows, &days(entries))?;
        let truth = labels(judged.iter().filter_map(|entry| entry.truth.as_ref()))?;
        let predicted = labels(judged.iter().map(|entry| &entry.prediction.class))?;
        let history = match judged.is_empty() {
            true => None,
            false => {
                let places = entries.iter().zip(&spans.of_rows).filter(|(it, _)| is_judged(it));
                let spans = Spans {
                    of: spans.of,
                    all: spans.all.clone(),
                    of_rows: places.map(|(_, &place)| place).collect(),
                };
                Some(History::of_spans(&truth, &predicted, positive.clone(), &spans)?)
            }
        };
        let alarms = history.as_ref().map(|history| history.alarms(&self.limits)).transpose()?;
        let changes = changes(&judged)?;
        let versions = versions(entries, &judged, &positive)?;
        let mut drift = DriftHistory::of_spans(self.drift.clone(), spans);
        let reference = self.compare_rows(entries, &mut drift, &mut notes)?;
        self.compare_scores(entries, &classes, &positive, &mut drift, &mut notes)?;
        Ok(ModelReport {
            model: model.to_owned(),
            rows: entries.len(),
            known: judged.len(),
            positive,
            versions,
            history,
            alarms,
            drift,
            reference,
            changes,
            notes,
        })
    }

    /// The class whose recall is counted.
    fn positive_of(&self, classes: &Labels) -> Result<Label, LogError> {
        let Some(positive) = &self.positive else {
            return match (classes.len(), classes.get(classes.len().saturating_sub(1))) {
                (1 | 2, Some(last)) => Ok(last),
                _ => {
                    let named: Vec<String> =
                        classes.iter().take(10).map(|it| shortened(&it.to_string(), 40)).collect();
                    let problem = format!(
                        "there are {} classes: name the one whose recall is counted as the positive \
                         one, such as {}",
                        grouped(classes.len()),
                        named.join(", ")
                    );
                    Err(LogError::Report { problem })
                }
            };
        };
        let text = positive.to_string();
        let same = |class: &LabelRef<'_>| *class == *positive || class.to_string() == text;
        match classes.iter().find(same) {
            Some(class) => Ok(class.to_label()),
            // there may be none of it yet
            None if matches!((positive, classes), (Label::Text(_), Labels::Text(_))) => {
                Ok(positive.clone())
            }
            None => {
                let class = shortened(&text, 60);
                Err(Error::Class { class, found: classes.kind() }.into())
            }
        }
    }

    /// Compares the rows of the windows, and says with what.
    fn compare_rows(
        &self,
        entries: &[&Entry],
        drift: &mut DriftHistory,
        notes: &mut Vec<String>,
    ) -> Result<String, LogError> {
        let first = entries.first().map_or(0, |entry| entry.prediction.row.len());
        let width = self.reference.as_ref().map_or(first, Dataset::columns);
        let fits = |entry: &Entry| entry.prediction.row.len() == width;
        let fitting = entries.iter().filter(|entry| fits(entry)).count();
        if self.reference.is_some() && fitting == 0 {
            let problem = format!(
                "the rows to compare with have {}, and those of the log {first}: leave out what the \
                 model does not look at",
                count(width, "column", "columns")
            );
            return Err(LogError::Report { problem });
        }
        if fitting < entries.len() {
            let rows = count(entries.len() - fitting, "row has", "rows have");
            let columns = count(width, "column", "columns");
            notes.push(format!("{rows} not {columns}, and no part in the drift"));
        }
        let mut holds_words = vec![false; width];
        for entry in entries.iter().filter(|entry| fits(entry)) {
            for (holds_words, cell) in holds_words.iter_mut().zip(&entry.prediction.row) {
                *holds_words |= matches!(cell, Cell::Text(_));
            }
        }
        let numeric: Vec<usize> =
            holds_words.iter().enumerate().filter(|(_, words)| !**words).map(|it| it.0).collect();
        if numeric.len() < width {
            let columns = count(width - numeric.len(), "column holds", "columns hold");
            notes.push(format!("{columns} words, and no part in the drift"));
        }
        if numeric.is_empty() {
            return Ok("no columns of numbers".to_owned());
        }
        let names = self.reference.as_ref().map(Dataset::feature_names);
        let name = |&place: &usize| {
            names.and_then(|names| names.get(place).cloned()).unwrap_or_else(|| place.to_string())
        };
        let names: Vec<String> = numeric.iter().map(name).collect();
        let (mut numbers, mut places, mut rows) =
            (Vec::new(), Vec::with_capacity(entries.len()), 0);
        for entry in entries {
            if !fits(entry) {
                places.push(None);
                continue;
            }
            places.push(Some(rows));
            rows += 1;
            numbers.extend(numeric.iter().map(|&place| match entry.prediction.row.get(place) {
                Some(Cell::Number(number)) => *number,
                Some(Cell::Missing | Cell::Text(_)) | None => f64::NAN,
            }));
        }
        let problem = |error: &dyn fmt::Display| LogError::Table { problem: error.to_string() };
        let numbers = Array2::from_shape_vec((rows, numeric.len()), numbers);
        let numbers = numbers.map_err(|error| problem(&error))?;
        let target = Labels::Booleans(vec![false; rows]);
        let table = Dataset::new(numbers, target, names, "");
        let table = table.map_err(|error| problem(&error))?;
        match &self.reference {
            Some(reference) => {
                let numbers = reference.features().select(Axis(1), &numeric);
                drift.compare_columns(0, Features::from(&numbers), &table, &places)?;
                Ok(format!("{} of a table", count(reference.rows(), "row", "rows")))
            }
            None => {
                let (windows, rows) =
                    drift.first_windows(|row| matches!(places.get(row), Some(Some(_))));
                drift.mark_reference(windows);
                let in_table: Vec<usize> =
                    rows.iter().filter_map(|&row| places.get(row).copied().flatten()).collect();
                let rows = table.select(&in_table).map_err(|error| problem(&error))?;
                drift.compare_columns(windows, Features::from(&rows), &table, &places)?;
                Ok(of_first_windows(windows, rows.rows()))
            }
        }
    }

    /// Compares the scores of the positive class.
    fn compare_scores(
        &self,
        entries: &[&Entry],
        classes: &Labels,
        positive: &Label,
        drift: &mut DriftHistory,
        notes: &mut Vec<String>,
    ) -> Result<(), LogError> {
        let Some(most) = entries.iter().map(|entry| entry.prediction.scores.len()).max() else {
            return Ok(());
        };
        if most == 0 {
            return Ok(());
        }
        let place = classes.iter().position(|class| class == *positive);
        // scores have the order of all classes of the model, which are known if each was met
        let Some(place) = place.filter(|_| most == classes.len()) else {
            notes.push(format!(
                "the scores are not compared: they are of {}, and {} known",
                count(most, "class", "classes"),
                count(classes.len(), "is", "are"),
            ));
            return Ok(());
        };
        let of = |entry: &&Entry| {
            let scores = &entry.prediction.scores;
            scores.get(place).copied().filter(|_| scores.len() == most)
        };
        let scores: Vec<Option<f64>> = entries.iter().map(of).collect();
        match &self.reference_scores {
            Some(reference) => drift.compare_scores(0, reference, &scores)?,
            None => {
                let (windows, rows) =
                    drift.first_windows(|row| matches!(scores.get(row), Some(Some(_))));
                let reference: Vec<f64> =
                    rows.iter().filter_map(|&row| scores.get(row).copied().flatten()).collect();
                if self.reference.is_some() {
                    notes.push(format!(
                        "scores are compared with those of {}",
                        of_first_windows(windows, reference.len())
                    ));
                }
                drift.compare_scores(windows, &reference, &scores)?;
            }
        }
        Ok(())
    }
}

fn of_first_windows(windows: usize, rows: usize) -> String {
    let rows = count(rows, "row", "rows");
    match windows {
        1 => format!("the first window, {rows}"),
        more => format!("the first {} windows, {rows}", grouped(more)),
    }
}

/// Whether a name that is asked for is there.
fn known<'a>(
    what: &'static str,
    wanted: &Option<String>,
    missing: bool,
    all: impl Iterator<Item = &'a str>,
) -> Result<(), LogError> {
    match wanted {
        Some(wanted) if missing => {
            let mut known: Vec<&str> = Vec::new();
            for name in all {
                if known.len() < 10 && !known.contains(&name) {
                    known.push(name);
                }
            }
            let known: Vec<String> = known.into_iter().map(|name| shortened(name, 40)).collect();
            let (name, known) = (shortened(wanted, 60), known.join(", "));
            Err(LogError::Unknown { what, name, known })
        }
        _ => Ok(()),
    }
}

fn kind(label: &Label) -> &'static str {
    match label {
        Label::Text(_) => "text",
        Label::Boolean(_) => "booleans",
        Label::Integer(_) => "integers",
        Label::Float(_) => "floats",
    }
}

fn days(entries: &[&Entry]) -> Vec<Date> {
    entries.iter().map(|entry| entry.prediction.time.day()).collect()
}

/// The figures of each version, in the order in which they came.
fn versions(
    entries: &[&Entry],
    judged: &[&Entry],
    positive: &Label,
) -> Result<Vec<VersionFigures>, LogError> {
    let mut versions: Vec<VersionFigures> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for entry in entries {
        let prediction = &entry.prediction;
        let place = *places.entry(&prediction.version).or_insert_with(|| {
            versions.push(VersionFigures {
                version: prediction.version.clone(),
                rows: 0,
                first: prediction.time,
                last: prediction.time,
                known: None,
            });
            versions.len() - 1
        });
        if let Some(version) = versions.get_mut(place) {
            version.rows += 1;
            version.first = version.first.min(prediction.time);
            version.last = version.last.max(prediction.time);
        }
    }
    let mut by_version: Vec<Vec<&Entry>> = vec![Vec::new(); versions.len()];
    for entry in judged {
        let place = places.get(entry.prediction.version.as_str());
        if let Some(own) = place.and_then(|&place| by_version.get_mut(place)) {
            own.push(entry);
        }
    }
    for (version, own) in versions.iter_mut().zip(by_version) {
        let truth = labels(own.iter().filter_map(|entry| entry.truth.as_ref()))?;
        if !truth.is_empty() {
            let said = labels(own.iter().map(|entry| &entry.prediction.class))?;
            let history = History::of_rows(&truth, &said, positive.clone(), truth.len())?;
            version.known = Some(history.all().clone());
        }
    }
    Ok(versions)
}

/// Where the share of wrong predictions has changed.
fn changes(judged: &[&Entry]) -> Result<Vec<Change>, LogError> {
    let mut adwin = Adwin::new();
    let mut page_hinkley = PageHinkley::new().threshold(THRESHOLD).mode(Mode::Up);
    let wrong: Vec<bool> = judged
        .iter()
        .map(|entry| entry.truth.as_ref().is_some_and(|truth| *truth != entry.prediction.class))
        .collect();
    let rate = |from: usize, to: usize| {
        let part = wrong.get(from..to).unwrap_or_default();
        Rate::new(part.iter().filter(|wrong| **wrong).count(), part.len())
    };
    let mut found = Vec::new();
    let mut since = [0, 0];
    for (row, (entry, wrong)) in judged.iter().zip(&wrong).enumerate() {
        let error = f64::from(u8::from(*wrong));
        let changed = [adwin.update(error)?, page_hinkley.update(error)?];
        let detectors = [Detector::Adwin, Detector::PageHinkley];
        for ((detector, changed), since) in detectors.into_iter().zip(changed).zip(&mut since) {
            if !changed {
                continue;
            }
            let end = row + 1;
            let from = end.saturating_sub(LATEST).max(*since);
            found.push(Change {
                detector,
                row: end,
                time: entry.prediction.time,
                before: rate(*since, from),
                latest: rate(from, end),
            });
            *since = end;
        }
    }
    Ok(found)
}

/// Models and versions that answered the same rows: the same cells, the first time that a row came with
/// the first time, the second with the second.
fn compared(entries: &[&Entry]) -> Result<Vec<Compared>, LogError> {
    // who answered, the latest first
    let mut all: Vec<(&str, &str)> = Vec::new();
    let who = |entry: &Entry| -> bool { !entry.prediction.row.is_empty() };
    for entry in entries.iter().rev().filter(|entry| who(entry)) {
        let one = (entry.prediction.model.as_str(), entry.prediction.version.as_str());
        if all.len() < MOST_COMPARED && !all.contains(&one) {
            all.push(one);
        }
    }
    all.reverse();
    if all.len() < 2 {
        return Ok(Vec::new());
    }
    let mut rows: HashMap<Vec<u8>, Vec<Vec<&Entry>>> = HashMap::new();
    for entry in entries.iter().filter(|entry| who(entry)) {
        let one = (entry.prediction.model.as_str(), entry.prediction.version.as_str());
        let Some(place) = all.iter().position(|other| *other == one) else { continue };
        let answers =
            rows.entry(key(&entry.prediction.row)).or_insert_with(|| vec![Vec::new(); all.len()]);
        if let Some(own) = answers.get_mut(place) {
            own.push(entry);
        }
    }
    let mut compared = Vec::new();
    for (second, &two) in all.iter().enumerate() {
        for (first, &one) in all.iter().enumerate().take(second) {
            let (mut truths, mut said, mut others) = (Vec::new(), Vec::new(), Vec::new());
            for answers in rows.values() {
                let own = |place: usize| answers.get(place).into_iter().flatten();
                for (a, b) in own(first).zip(own(second)) {
                    let truth = match (&a.truth, &b.truth) {
                        (Some(one), Some(other)) if one != other => continue,
                        (Some(truth), _) | (None, Some(truth)) => truth,
                        (None, None) => continue,
                    };
                    let (a, b) = (&a.prediction.class, &b.prediction.class);
                    if kind(a) == kind(truth) && kind(b) == kind(truth) {
                        truths.push(truth);
                        said.push(a);
                        others.push(b);
                    }
                }
            }
            // of what two models under other names call classes, there may be two types
            let Ok(truths) = labels(truths.into_iter()) else { continue };
            if truths.is_empty() {
                continue;
            }
            let (said, others) = (labels(said.into_iter())?, labels(others.into_iter())?);
            let named = |(model, version): (&str, &str)| (model.to_owned(), version.to_owned());
            let comparison = compare(&truths, &said, &others)?;
            compared.push(Compared { first: named(one), second: named(two), comparison });
        }
    }
    Ok(compared)
}

/// The cells of a row, bit by bit.
fn key(row: &[Cell]) -> Vec<u8> {
    let mut key = Vec::with_capacity(row.len() * 9);
    for cell in row {
        match cell {
            Cell::Missing => key.push(0),
            Cell::Number(number) => {
                key.push(1);
                key.extend(number.to_bits().to_le_bytes());
            }
            Cell::Text(text) => {
                key.push(2);
                key.extend(text.len().to_le_bytes());
                key.extend(text.bytes());
            }
        }
    }
    key
}

/// What a log says of the models in it.
#[derive(Debug, Clone)]
pub struct Report {
    read: String,
    models: Vec<ModelReport>,
    compared: Vec<Compared>,
}

impl Report {
    /// What was read, and what was left out.
    pub fn read(&self) -> &str {
        &self.read
    }

    /// The models, by name.
    pub fn models(&self) -> &[ModelReport] {
        &self.models
    }

    /// The pairs of models and versions that answered the same rows, whose true classes are known.
    pub fn compared(&self) -> &[Compared] {
        &self.compared
    }
}

impl fmt::Display for Report {
    /// All tables, one below the other.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.read)?;
        for model in &self.models {
            write!(f, "\n\n{model}")?;
        }
        for compared in &self.compared {
            write!(f, "\n\n{compared}")?;
        }
        Ok(())
    }
}

/// What a log says of one model.
#[derive(Debug, Clone)]
pub struct ModelReport {
    model: String,
    rows: usize,
    known: usize,
    positive: Label,
    versions: Vec<VersionFigures>,
    history: Option<History>,
    alarms: Option<Alarms>,
    drift: DriftHistory,
    reference: String,
    changes: Vec<Change>,
    notes: Vec<String>,
}

impl ModelReport {
    /// The model's name.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many predictions there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Of how many predictions the true class is known.
    pub fn known(&self) -> usize {
        self.known
    }

    /// The class whose recall and false alarms are counted.
    pub fn positive(&self) -> &Label {
        &self.positive
    }

    /// The versions, in the order in which they came.
    pub fn versions(&self) -> &[VersionFigures] {
        &self.versions
    }

    /// How good the predictions were, if a true class is known.
    pub fn history(&self) -> Option<&History> {
        self.history.as_ref()
    }

    /// The figures that are beyond their limits, if a true class is known.
    pub fn alarms(&self) -> Option<&Alarms> {
        self.alarms.as_ref()
    }

    /// Whether rows and scores look other than they did.
    pub fn drift(&self) -> &DriftHistory {
        &self.drift
    }

    /// What rows are compared with, in words.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// Where the share of wrong predictions has changed, by ADWIN and by the Page–Hinkley test.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What was left out, in words.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }
}

impl fmt::Display for ModelReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}, {} known; recall and false alarms are of {}",
            shortened(&self.model, 60),
            count(self.rows, "prediction", "predictions"),
            count(self.known, "true class", "true classes"),
            shortened(&self.positive.to_string(), 60),
        )?;
        for note in &self.notes {
            write!(f, "\n{note}")?;
        }
        let header =
            ["version", "rows", "known", "accuracy", "recall", "false alarms", "first", "last"];
        let lines = self.versions.iter().map(VersionFigures::cells);
        let rows: Vec<Vec<String>> =
            [header.map(str::to_owned).to_vec()].into_iter().chain(lines).collect();
        let (left, right) = (Side::Left, Side::Right);
        write!(
            f,
            "\n\n{}",
            columns(&rows, &[left, right, right, right, right, right, left, left])
        )?;
        match &self.history {
            Some(history) => write!(f, "\n\n{history}")?,
            None => f.write_str("\n\nno true class is known yet: how good it is cannot be said")?,
        }
        write!(f, "\n\ncompared with {}: {}", self.reference, self.drift)?;
        match self.changes.is_empty() {
            true => write!(f, "\n\nno change of the share of wrong predictions")?,
            false => {
                f.write_str("\n\nchanges of the share of wrong predictions")?;
                for change in &self.changes {
                    write!(f, "\n{change}")?;
                }
            }
        }
        match &self.alarms {
            Some(alarms) if alarms.looked_at() > 0 => write!(f, "\n\n{alarms}"),
            _ => Ok(()),
        }
    }
}

/// One version of a model in a log.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VersionFigures {
    /// The version.
    pub version: String,
    /// How many predictions it made.
    pub rows: usize,
    /// When it made the first.
    pub first: Moment,
    /// When it made the last.
    pub last: Moment,
    /// How good those were whose true class is known, if there are any.
    pub known: Option<Window>,
}

impl VersionFigures {
    fn cells(&self) -> Vec<String> {
        let share = |rate: fn(&Window) -> Rate| match &self.known {
            Some(known) if rate(known).rows() > 0 => {
                percent(rate(known).hits(), rate(known).rows(), 1)
            }
            _ => "–".to_owned(),
        };
        vec![
            shortened(&self.version, 40),
            grouped(self.rows),
            grouped(self.known.as_ref().map_or(0, Window::rows)),
            share(Window::accuracy),
            share(Window::recall),
            share(Window::false_alarms),
            self.first.day().to_string(),
            self.last.day().to_string(),
        ]
    }
}

/// What watches a stream of errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Detector {
    /// [`Adwin`], with river's defaults: errors have become more, or fewer.
    Adwin,
    /// [`PageHinkley`], for rises, with a threshold of 25: errors have become more.
    PageHinkley,
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Detector::Adwin => "ADWIN",
            Detector::PageHinkley => "Page–Hinkley",
        })
    }
}

/// A change of the share of wrong predictions.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Change {
    /// What found it.
    pub detector: Detector,
    /// After how many predictions whose true class is known.
    pub row: usize,
    /// When the latest of these was made.
    pub time: Moment,
    /// How many were wrong since the change before it, but for the latest.
    pub before: Rate,
    /// How many of the latest were wrong, at most 100.
    pub latest: Rate,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} after {}; wrong {} before, {} of late",
            self.detector,
            self.time.day(),
            count(self.row, "row", "rows"),
            self.before,
            self.latest,
        )
    }
}

/// Two models, or versions, on the same rows.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Compared {
    /// The first model and its version.
    pub first: (String, String),
    /// The second model and its version.
    pub second: (String, String),
    /// Which rows they got right.
    pub comparison: Comparison,
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |(model, version): &(String, String)| {
            format!("{} {}", shortened(model, 60), shortened(version, 40))
        };
        let (first, second) = (named(&self.first), named(&self.second));
        write!(f, "the same rows by {first} (first) and {second} (second)\n{}", self.comparison)
    }
}
