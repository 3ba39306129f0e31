//! How good predictions are, window after window.

use std::collections::VecDeque;
use std::fmt;

use super::error::same_length;
use super::windows::{Span, Spans};
use super::{Error, Rate};
use crate::data::{Date, Label, LabelRef, Labels};
use crate::text::{Side, columns, count, grouped, percent, shortened};

/// The confidence of the intervals that tables show.
const CONFIDENCE: f64 = 0.95;

/// What belongs into one window of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Period {
    /// One day.
    Day,
    /// Monday to Sunday; named by the Monday.
    Week,
    /// A month of the calendar.
    Month,
}

impl Period {
    pub(super) fn name(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week from",
            Period::Month => "month",
        }
    }

    /// Its first day, of the one in which a day lies.
    pub(super) fn first_day(self, day: Date) -> Date {
        match self {
            Period::Day => day,
            Period::Week => day.monday(),
            Period::Month => day.first_of_month(),
        }
    }

    pub(super) fn name_of(self, first: Date) -> String {
        let day = first.to_string();
        match self {
            Period::Day | Period::Week => day,
            Period::Month => day.get(..7).unwrap_or_default().to_owned(),
        }
    }
}

/// Counts of what came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Tally {
    rows: usize,
    right: usize,
    /// Rows that are of the class looked for, predicted to be, and both.
    positives: usize,
    called: usize,
    found: usize,
}

/// What came out for one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Outcome {
    right: bool,
    positive: bool,
    called: bool,
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        self.rows += 1;
        self.right += usize::from(outcome.right);
        self.positives += usize::from(outcome.positive);
        self.called += usize::from(outcome.called);
        self.found += usize::from(outcome.positive && outcome.called);
    }

    fn remove(&mut self, outcome: Outcome) {
        self.rows -= 1;
        self.right -= usize::from(outcome.right);
        self.positives -= usize::from(outcome.positive);
        self.called -= usize::from(outcome.called);
        self.found -= usize::from(outcome.positive && outcome.called);
    }
}

/// How good the predictions for some rows were, with regard to one class.
///
/// A [`History`] is made of windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    name: String,
    first_day: Option<Date>,
    tally: Tally,
}

impl Window {
    /// Such as `2002-10` for a month, `2002-10-21` for a week or a day, `500 to 999` for rows.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first day of a window of days.
    pub fn first_day(&self) -> Option<Date> {
        self.first_day
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.tally.rows
    }

    /// How many rows are of the class looked for.
    pub fn positives(&self) -> usize {
        self.tally.positives
    }

    /// How many rows are predicted right, of all.
    pub fn accuracy(&self) -> Rate {
        Rate::new(self.tally.right, self.tally.rows)
    }

    /// How many of the rows of the class are found: the true positive rate.
    pub fn recall(&self) -> Rate {
        Rate::new(self.tally.found, self.tally.positives)
    }

    /// How many of the rows of other classes are taken for this one: the false positive rate.
    pub fn false_alarms(&self) -> Rate {
        let Tally { rows, positives, called, found, .. } = self.tally;
        Rate::new(called.saturating_sub(found), rows.saturating_sub(positives))
    }

    /// How many of the rows that are taken for this class are of it.
    pub fn precision(&self) -> Rate {
        Rate::new(self.tally.found, self.tally.called)
    }

    fn cells(&self) -> Vec<String> {
        let cell = |rate: Rate| match (rate.share(), rate.wilson(CONFIDENCE)) {
            (Some(_), Ok(interval)) => {
                format!("{} ({interval})", percent(rate.hits(), rate.rows(), 1))
            }
            _ => "–".to_owned(),
        };
        vec![
            self.name.clone(),
            grouped(self.rows()),
            grouped(self.positives()),
            cell(self.accuracy()),
            cell(self.recall()),
            cell(self.false_alarms()),
        ]
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: accuracy {}, recall {}, false alarms {}",
            self.name,
            self.accuracy(),
            self.recall(),
            self.false_alarms()
        )
    }
}

/// How good predictions were, window after window, the oldest first: accuracy, and recall and false
/// alarms with regard to one class. (Where one class is rare, accuracy alone says little.)
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::monitor::History;
///
/// let truth = Labels::from(["spam", "ham", "ham", "ham", "spam", "ham"]);
/// let predicted = Labels::from(["spam", "ham", "spam", "ham", "ham", "ham"]);
/// let history = History::of_rows(&truth, &predicted, "spam", 3)?;
/// let recall: Vec<Option<f64>> = history.windows().iter().map(|it| it.recall().share()).collect();
/// assert_eq!(recall, [Some(1.0), Some(0.0)]);
/// assert_eq!(history.all().accuracy().to_string(), "66.7 % (4 of 6)");
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct History {
    of: &'static str,
    positive: Label,
    windows: Vec<Window>,
    all: Window,
}

impl History {
    /// A window for each day, week or month in which there are rows. `positive` is the class whose
    /// recall and false alarms are counted; the rows may come in any order.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a prediction and a date for each true label, [`Error::Kind`]
    /// for labels of two types, [`Error::Class`] for a class of another type, [`Error::Empty`] without
    /// rows.
    pub fn of_dates(
        truth: &Labels,
        predicted: &Labels,
        positive: impl Into<Label>,
        dates: &[Date],
        period: Period,
    ) -> Result<Self, Error> {
        same_length("dates", truth.len(), dates.len())?;
        History::of_spans(truth, predicted, positive.into(), &Spans::of_days(dates, period))
    }

    /// A window for each `rows` rows, in the order they have; the last may have fewer.
    ///
    /// # Errors
    /// As [`of_dates`](Self::of_dates), and [`Error::Parameter`] for windows of no rows.
    pub fn of_rows(
        truth: &Labels,
        predicted: &Labels,
        positive: impl Into<Label>,
        rows: usize,
    ) -> Result<Self, Error> {
        let spans = Spans::of_rows(truth.len(), rows)?;
        History::of_spans(truth, predicted, positive.into(), &spans)
    }

    /// A window for each of some in which there are rows.
    pub(super) fn of_spans(
        truth: &Labels,
        predicted: &Labels,
        positive: Label,
        spans: &Spans,
    ) -> Result<Self, Error> {
        let mut tallies = vec![Tally::default(); spans.all.len()];
        for (outcome, &place) in outcomes(truth, predicted, &positive)?.zip(&spans.of_rows) {
            if let Some(tally) = tallies.get_mut(place) {
                tally.add(outcome);
            }
        }
        let windows = spans.all.iter().zip(tallies).filter(|(_, tally)| tally.rows > 0);
        let window = |(span, tally): (&Span, Tally)| Window {
            name: span.name.clone(),
            first_day: span.first_day,
            tally,
        };
        Ok(History::new(spans.of, positive, windows.map(window).collect()))
    }

    fn new(of: &'static str, positive: Label, windows: Vec<Window>) -> Self {
        let tally = windows.iter().fold(Tally::default(), |sum, window| {
            let one = window.tally;
            Tally {
                rows: sum.rows + one.rows,
                right: sum.right + one.right,
                positives: sum.positives + one.positives,
                called: sum.called + one.called,
                found: sum.found + one.found,
            }
        });
        let all = Window { name: "all".to_owned(), first_day: None, tally };
        History { of, positive, windows, all }
    }

    /// The windows, the oldest first; none is without rows.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// The window of a name, such as `2002-10`.
    pub fn window(&self, name: &str) -> Option<&Window> {
        self.windows.iter().find(|window| window.name == name)
    }

    /// All rows in one window.
    pub fn all(&self) -> &Window {
        &self.all
    }

    /// The class whose recall and false alarms are counted.
    pub fn positive(&self) -> &Label {
        &self.positive
    }

    /// What there is to say of it in short.
    pub(crate) fn caption(&self) -> String {
        format!(
            "{} in {}; intervals at {}",
            count(self.all.rows(), "prediction", "predictions"),
            count(self.windows.len(), "window", "windows"),
            percent(95, 100, 0),
        )
    }

    /// The heads of the columns of the table.
    pub(crate) fn header(&self) -> Vec<String> {
        let positive = shortened(&self.positive.to_string(), 40);
        [self.of, "rows", &positive, "accuracy", "recall", "false alarms"]
            .map(str::to_owned)
            .to_vec()
    }

    /// The rows of the table; the last is of all.
    pub(crate) fn lines(&self) -> (Vec<Vec<String>>, Vec<String>) {
        (self.windows.iter().map(Window::cells).collect(), self.all.cells())
    }
}

impl fmt::Display for History {
    /// A table of the windows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lines, all) = self.lines();
        let rows: Vec<Vec<String>> =
            [self.header()].into_iter().chain(lines).chain([all]).collect();
        let sides = [Side::Left, Side::Right, Side::Right, Side::Left, Side::Left, Side::Left];
        write!(f, "{}\n{}", self.caption(), columns(&rows, &sides))
    }
}

/// What came out, row by row.
fn outcomes<'a>(
    truth: &'a Labels,
    predicted: &'a Labels,
    positive: &'a Label,
) -> Result<impl Iterator<Item = Outcome> + 'a, Error> {
    same_length("predictions", truth.len(), predicted.len())?;
    if truth.is_empty() {
        return Err(Error::Empty { what: "labels" });
    }
    if truth.kind() != predicted.kind() {
        return Err(Error::Kind { truth: truth.kind(), predicted: predicted.kind() });
    }
    if truth.get_ref(0).is_some_and(|label| !same_kind(label, positive)) {
        let class = shortened(&positive.to_string(), 60);
        return Err(Error::Class { class, found: truth.kind() });
    }
    Ok(truth.iter().zip(predicted.iter()).map(|(truth, said)| outcome(truth, said, positive)))
}

fn outcome(truth: LabelRef<'_>, said: LabelRef<'_>, positive: &Label) -> Outcome {
    Outcome { right: truth == said, positive: truth == *positive, called: said == *positive }
}

fn same_kind(label: LabelRef<'_>, other: &Label) -> bool {
    matches!(
        (label, other),
        (LabelRef::Text(_), Label::Text(_))
            | (LabelRef::Boolean(_), Label::Boolean(_))
            | (LabelRef::Integer(_), Label::Integer(_))
            | (LabelRef::Float(_), Label::Float(_))
    )
}

/// The latest predictions whose true class is known, as they come in: a [`Window`] that moves on.
///
/// ```
/// use picklebook::monitor::Recent;
///
/// let mut recent = Recent::new("spam", 100);
/// for row in 0..250 {
///     let said = if row < 200 { "ham" } else { "spam" };
///     recent.push(&"spam".into(), &said.into());
/// }
/// assert_eq!(recent.window().recall().to_string(), "50.0 % (50 of 100)");
/// ```
#[derive(Clone)]
pub struct Recent {
    positive: Label,
    most: usize,
    outcomes: VecDeque<Outcome>,
    tally: Tally,
}

impl Recent {
    /// None yet, and at most so many (at least one), with regard to a class.
    pub fn new(positive: impl Into<Label>, most: usize) -> Self {
        Recent {
            positive: positive.into(),
            most: most.max(1),
            outcomes: VecDeque::new(),
            tally: Tally::default(),
        }
    }

    /// Adds the newest row; the oldest goes where there are too many.
    pub fn push(&mut self, truth: &Label, predicted: &Label) {
        let outcome = outcome(truth.into(), predicted.into(), &self.positive);
        self.outcomes.push_back(outcome);
        self.tally.add(outcome);
        if self.outcomes.len() > self.most
            && let Some(oldest) = self.outcomes.pop_front()
        {
            self.tally.remove(oldest);
        }
    }

    /// The latest rows together.
    pub fn window(&self) -> Window {
        let name = format!("the latest {}", count(self.tally.rows, "row", "rows"));
        Window { name, first_day: None, tally: self.tally }
    }
}
