//! How accurate a model stays in production.

use std::borrow::Cow;

use plotters::style::RGBColor;

use super::accuracy::{accuracy_axis, percent};
use crate::monitor::{History, Rate, Window};
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::calendar::{date_ticks, day};
use crate::plot::drawing::frame::{Beside, Frame, SIZE};
use crate::plot::drawing::lines::{draw_end_names, end_names_room, thinned};
use crate::plot::drawing::marks::{Look, Shape, look, mark};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{has_place, number, ticks, widened};
use crate::plot::{Error, Figure};
use crate::text::{self, count};

/// Measurements up to which each has a mark.
const MOST_MARKS: usize = 100;

/// Rows below which a measurement of a history has a ring in place of a mark: chance moves it far.
const FEW_ROWS: usize = 30;

/// Draws how accurate a model was, measurement after measurement, from 0 to 1.
///
/// # Errors
/// As [`AccuracyOverTime::draw`].
///
/// ```
/// use picklebook::plot;
///
/// let figure = plot::accuracy_over_time(&[0.74, 0.73, 0.75, 0.69])?;
/// assert_eq!(figure.title(), "Accuracy over time: latest 69.0 %, best 75.0 %");
/// # Ok::<(), plot::Error>(())
/// ```
pub fn accuracy_over_time(accuracies: &[f64]) -> Result<Figure, Error> {
    AccuracyOverTime::new(accuracies).draw()
}

/// A picture of the accuracy over time, with dates and a threshold; and, of a model that looks for one
/// class, of its recall and its false alarms.
///
/// ```
/// use picklebook::plot;
///
/// let figure = plot::AccuracyOverTime::new(&[0.74, 0.73, 0.75, 0.69])
///     .dates(["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"])
///     .threshold(0.7)
///     .draw()?;
/// assert_eq!(figure.title(), "Accuracy over time: 1 of 4 below 70.0 %, first on 2026-01-26");
/// # Ok::<(), plot::Error>(())
/// ```
///
/// Where a class is rare, accuracy says little of how much of it is found:
///
/// ```
/// use picklebook::plot;
///
/// let figure = plot::AccuracyOverTime::new(&[0.91, 0.984])
///     .recall(&[0.83, 0.667])
///     .false_alarms(&[0.05, 0.013])
///     .draw()?;
/// assert_eq!(
///     figure.title(),
///     "Over time: latest accuracy 98.4 %, recall 66.7 %, false alarms 1.3 %"
/// );
/// # Ok::<(), plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct AccuracyOverTime<'a> {
    accuracies: Cow<'a, [f64]>,
    /// Shares of other kinds, at the same times; NaN where there is none.
    others: Vec<(Kind, Cow<'a, [f64]>)>,
    /// Which measurements are of few rows: accuracies, and each of the others; none where that is not
    /// known.
    few: Vec<Vec<bool>>,
    /// The least and the greatest number of rows that a measurement is of.
    rows: Option<(usize, usize)>,
    steps: Steps,
    threshold: Option<f64>,
    options: Options,
}

shared_options!(AccuracyOverTime<'_>, labels);

/// A share beside the accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Recall,
    FalseAlarms,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Recall => "recall",
            Kind::FalseAlarms => "false alarms",
        }
    }

    /// How it looks; the marks of accuracies below the threshold are of the second class.
    fn look(self, colours: &[RGBColor]) -> Look {
        let (class, colour) = match self {
            Kind::Recall => (2, colours.get(1)),
            Kind::FalseAlarms => (3, colours.get(2)),
        };
        Look { colour: colour.copied().unwrap_or(look(class, &[]).colour), ..look(class, &[]) }
    }
}

/// When the measurements were made.
#[derive(Debug, Clone)]
enum Steps {
    Count,
    Numbers(Vec<f64>),
    Dates(Vec<String>),
}

impl<'a> AccuracyOverTime<'a> {
    /// A picture of accuracies between 0 and 1, the oldest first.
    pub fn new(accuracies: &'a [f64]) -> Self {
        AccuracyOverTime::with(Cow::Borrowed(accuracies))
    }

    fn with(accuracies: Cow<'a, [f64]>) -> Self {
        let (steps, options) = (Steps::Count, Options::default());
        let (others, few, rows, threshold) = (Vec::new(), Vec::new(), None, None);
        AccuracyOverTime { accuracies, others, few, rows, steps, threshold, options }
    }

    /// A picture of the windows of a history, with recall and false alarms, and their first days if
    /// they are of days. What is of fewer than 30 rows has a ring in place of a mark.
    ///
    /// ```
    /// use picklebook::monitor::{History, Period};
    /// use picklebook::prelude::*;
    ///
    /// let filter = DecisionTreeClassifier::params().max_depth(5).fit(&spambase())?;
    /// let mail = mail_2002();
    /// let said = filter.predict(&mail)?;
    /// let history = History::of_dates(mail.target(), &said, "spam", mail.dates(), Period::Month)?;
    /// let figure = plot::AccuracyOverTime::of(&history).draw()?;
    /// assert!(figure.alt().contains("7 measurements, from 2002-06-01 to 2002-12-01"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn of(history: &History) -> AccuracyOverTime<'static> {
        let windows = history.windows();
        let shares = |rate: fn(&Window) -> Rate| -> Cow<'static, [f64]> {
            windows.iter().map(|it| rate(it).share().unwrap_or(f64::NAN)).collect()
        };
        let mut chart = AccuracyOverTime::with(shares(Window::accuracy));
        chart.others = vec![
            (Kind::Recall, shares(Window::recall)),
            (Kind::FalseAlarms, shares(Window::false_alarms)),
        ];
        let few = |rate: fn(&Window) -> Rate| -> Vec<bool> {
            windows.iter().map(|it| rate(it).rows() < FEW_ROWS).collect()
        };
        chart.few = vec![few(Window::accuracy), few(Window::recall), few(Window::false_alarms)];
        let rows = || windows.iter().map(Window::rows);
        chart.rows = rows().min().zip(rows().max());
        let days: Option<Vec<String>> =
            windows.iter().map(|it| it.first_day().map(|day| day.to_string())).collect();
        match days {
            Some(days) => chart.dates(days),
            None => chart,
        }
    }

    /// The share of the rows of one class that were found, for each measurement; NaN where there was
    /// none of the class.
    pub fn recall(self, shares: &'a [f64]) -> Self {
        self.other(Kind::Recall, shares)
    }

    /// The share of the rows of other classes that were taken for it, for each measurement; NaN where
    /// there was none of another.
    pub fn false_alarms(self, shares: &'a [f64]) -> Self {
        self.other(Kind::FalseAlarms, shares)
    }

    fn other(mut self, kind: Kind, shares: &'a [f64]) -> Self {
        self.others.retain(|(other, _)| *other != kind);
        self.others.push((kind, Cow::Borrowed(shares)));
        self.others.sort_by_key(|(kind, _)| *kind == Kind::FalseAlarms);
        // these are of rows that are not known
        self.few.clear();
        self
    }

    /// The date of each measurement, written `2026-01-31`, ascending.
    pub fn dates<D: Into<String>>(mut self, dates: impl IntoIterator<Item = D>) -> Self {
        self.steps = Steps::Dates(dates.into_iter().map(Into::into).collect());
        self
    }

    /// The number of each measurement, ascending; 1, 2, 3, … by default.
    pub fn steps(mut self, steps: impl IntoIterator<Item = f64>) -> Self {
        self.steps = Steps::Numbers(steps.into_iter().collect());
        self
    }

    /// A line, between 0 and 1, that the accuracy should not fall below.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = Some(threshold);
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without measurements, [`Error::NoShare`] for one outside 0 to 1,
    /// [`Error::Length`] unless there is one date or step, recall and false alarm rate for each, [`Error::Date`] for a text
    /// that is not a date, [`Error::Order`] for a date or step that does not ascend,
    /// [`Error::NotFinite`], [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let scores: &[f64] = &self.accuracies;
        if scores.is_empty() {
            return Err(Error::Empty { what: "accuracies" });
        }
        shares("accuracy", scores, false)?;
        for (kind, other) in &self.others {
            let (what, expected, found) = (kind.name(), scores.len(), other.len());
            if expected != found {
                return Err(Error::Length { what, expected, found });
            }
            shares(what, other, true)?;
        }
        shares("threshold", self.threshold.as_slice(), false)?;
        let places = self.places()?;
        let below: Vec<usize> = match self.threshold {
            Some(limit) => {
                (0..scores.len()).filter(|&i| scores.get(i).is_some_and(|s| *s < limit)).collect()
            }
            None => Vec::new(),
        };
        let dates = matches!(self.steps, Steps::Dates(_));
        let ends = (places.first().copied().unwrap_or(0.0), places.last().copied().unwrap_or(0.0));
        let (left, right) = match dates {
            true if ends.0 == ends.1 => (ends.0 - 1.0, ends.1 + 1.0),
            _ => widened(ends.0, ends.1, 0.02),
        };
        let whole = places.iter().all(|place| place.fract() == 0.0);
        let x = Axis {
            title: if dates { "" } else { "Measurement" }.into(),
            low: left,
            high: right,
            ticks: match dates {
                true => Box::new(move |most| date_ticks(left, right, most)),
                false => Box::new(move |most| ticks(left, right, most, whole)),
            },
        };
        let others = self.others.iter().flat_map(|(_, other)| other.iter());
        let all = scores.iter().chain(&self.threshold).chain(others);
        let mut y = accuracy_axis(all.copied().filter(|share| !share.is_nan()));
        let last = scores.last().copied().unwrap_or(0.0);
        let mut names = vec![format!("last {}", percent(last))];
        if !self.others.is_empty() {
            y.title = "Share of rows".into();
            names = vec![format!("accuracy {}", percent(last))];
        }
        let ended = |(kind, shares): &(Kind, Cow<'_, [f64]>)| Some((*kind, latest(shares)?));
        let other_ends: Vec<(Kind, f64)> = self.others.iter().filter_map(ended).collect();
        names.extend(
            other_ends.iter().map(|(kind, share)| format!("{} {}", kind.name(), percent(*share))),
        );
        names.extend(self.threshold.map(|limit| format!("limit {}", percent(limit))));
        let mut notes = Vec::new();
        if let Some((least, most)) = self.rows {
            notes.push(match least == most {
                true => format!("Each measurement is of {}.", count(most, "row", "rows")),
                false => format!(
                    "The measurements are of {} to {}.",
                    text::grouped(least),
                    count(most, "row", "rows")
                ),
            });
        }
        if self.few.iter().flatten().any(|few| *few) && scores.len() <= MOST_MARKS {
            notes.push(format!("Rings are of fewer than {FEW_ROWS} rows."));
        }
        if scores.len() > MOST_MARKS {
            notes.push(format!(
                "{}; those in one pixel column are one stroke from the lowest to the highest.",
                count(scores.len(), "measurement", "measurements")
            ));
        }
        let note = notes.join(" ");
        let title = self.in_short(&below);
        let colours = self.options.colours(1 + self.others.len())?;
        let frame = Frame::new(
            (title, &note),
            (x, y),
            Beside::Room(end_names_room(&names)),
            SIZE,
            &self.options,
        )?;
        let alt = self.alt(&below, &note);
        frame.draw(alt, |canvas, axes| {
            if let Some(limit) = self.threshold {
                let y = axes.y.pixel(limit);
                canvas.line(&[(axes.x.from, y), (axes.x.to, y)], palette::INK, 1, &[5, 4])?;
            }
            let is_few = |line: usize, place: usize| {
                self.few.get(line).and_then(|few| few.get(place)).copied().unwrap_or(false)
            };
            for (line, (kind, shares)) in self.others.iter().enumerate() {
                let look = kind.look(&colours);
                let points = places.iter().zip(shares.iter()).enumerate();
                let points: Vec<_> = points
                    .map(|(place, (&x, &y))| (!y.is_nan()).then(|| (place, axes.at(x, y))))
                    .collect();
                // a measurement without such rows parts the line
                for part in points.split(Option::is_none) {
                    let part: Vec<_> = part.iter().copied().flatten().collect();
                    let line_points = part.iter().map(|(_, point)| *point);
                    canvas.line(&thinned(line_points), look.colour, 2, look.dashes)?;
                    let marked = points.len() <= MOST_MARKS || part.len() == 1;
                    for &(place, point) in part.iter().filter(|_| marked) {
                        match is_few(line + 1, place) {
                            true => canvas.ring(point, 4, look.colour)?,
                            false => mark(canvas, point, 4, look.shape, look.colour)?,
                        }
                    }
                }
            }
            let points: Vec<_> = places.iter().zip(scores).map(|(&x, &y)| axes.at(x, y)).collect();
            let colour = look(0, &colours).colour;
            canvas.line(&thinned(points.iter().copied()), colour, 2, &[])?;
            if points.len() <= MOST_MARKS {
                for (place, &point) in points.iter().enumerate() {
                    match below.binary_search(&place) {
                        Ok(_) => mark(canvas, point, 5, Shape::Down, look(1, &[]).colour)?,
                        Err(_) if is_few(0, place) => canvas.ring(point, 4, colour)?,
                        Err(_) => mark(canvas, point, 4, Shape::Disc, colour)?,
                    }
                }
            }
            let mut ends = vec![axes.y.pixel(last)];
            ends.extend(other_ends.iter().map(|(_, share)| axes.y.pixel(*share)));
            ends.extend(self.threshold.map(|limit| axes.y.pixel(limit)));
            draw_end_names(canvas, axes, &names, &mut ends)
        })
    }

    /// Where each measurement stands on the axis.
    fn places(&self) -> Result<Vec<f64>, Error> {
        let expected = self.accuracies.len();
        let fit = |what, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        let places: Vec<f64> = match &self.steps {
            Steps::Count => (1..=expected).map(|step| step as f64).collect(),
            Steps::Numbers(numbers) => {
                fit("steps", numbers.len())?;
                let bad = |value: &f64| !has_place(*value);
                if let Some(place) = numbers.iter().position(bad) {
                    let value = numbers.get(place).copied().unwrap_or(f64::NAN);
                    return Err(Error::NotFinite { what: "step".into(), place, value });
                }
                numbers.clone()
            }
            Steps::Dates(dates) => {
                fit("dates", dates.len())?;
                let day = |(place, text): (usize, &String)| {
                    let no_date = || Error::Date { text: text::shortened(text, 40), place };
                    day(text).map(|day| day as f64).ok_or_else(no_date)
                };
                dates.iter().enumerate().map(day).collect::<Result<_, _>>()?
            }
        };
        let pairs = places.iter().zip(places.iter().skip(1));
        match pairs.into_iter().position(|(a, b)| b <= a) {
            None => Ok(places),
            Some(place) => Err(Error::Order { value: self.step(place + 1), place: place + 1 }),
        }
    }

    /// When a measurement was made, in words.
    fn step(&self, place: usize) -> String {
        match &self.steps {
            Steps::Count => (place + 1).to_string(),
            Steps::Numbers(numbers) => numbers.get(place).map_or(String::new(), |&n| number(n)),
            Steps::Dates(dates) => dates.get(place).cloned().unwrap_or_default(),
        }
    }

    /// "on 2026-01-31" or "at measurement 7".
    fn when(&self, place: usize) -> String {
        match self.steps {
            Steps::Dates(_) => format!("on {}", self.step(place)),
            _ => format!("at measurement {}", self.step(place)),
        }
    }

    fn in_short(&self, below: &[usize]) -> String {
        let all = self.accuracies.len();
        match (self.threshold, below.first()) {
            (Some(limit), Some(&first)) => format!(
                "Accuracy over time: {} of {} below {}, first {}",
                text::grouped(below.len()),
                text::grouped(all),
                percent(limit),
                self.when(first)
            ),
            (Some(limit), None) => {
                format!("Accuracy over time: never below {}", percent(limit))
            }
            (None, _) if !self.others.is_empty() => {
                let last = self.accuracies.last().copied().unwrap_or(0.0);
                let mut words = format!("Over time: latest accuracy {}", percent(last));
                for (kind, shares) in &self.others {
                    if let Some(share) = latest(shares) {
                        words += &format!(", {} {}", kind.name(), percent(share));
                    }
                }
                words
            }
            (None, _) => {
                let best = self.accuracies.iter().copied().fold(0.0, f64::max);
                let last = self.accuracies.last().copied().unwrap_or(0.0);
                format!("Accuracy over time: latest {}, best {}", percent(last), percent(best))
            }
        }
    }

    fn alt(&self, below: &[usize], note: &str) -> String {
        let scores: &[f64] = &self.accuracies;
        let end = scores.len() - 1;
        let extreme = |scores: &[f64], better: fn(f64, f64) -> bool| {
            let mut most: Option<(usize, f64)> = None;
            for (place, &score) in scores.iter().enumerate().filter(|(_, score)| !score.is_nan()) {
                if most.is_none_or(|(_, most)| better(score, most)) {
                    most = Some((place, score));
                }
            }
            let (place, score) = most.unwrap_or((0, 0.0));
            (percent(score), self.when(place))
        };
        let (lowest, when_lowest) = extreme(scores, |a, b| a < b);
        let (highest, when_highest) = extreme(scores, |a, b| a > b);
        let mut words = vec![format!(
            "Accuracy over time, a line chart of {}, from {} to {}: lowest {lowest} \
             {when_lowest}, highest {highest} {when_highest}, latest {}.",
            count(scores.len(), "measurement", "measurements"),
            self.step(0),
            self.step(end),
            percent(scores.last().copied().unwrap_or(0.0))
        )];
        for (kind, shares) in &self.others {
            let (what, line) = match kind {
                Kind::Recall => ("recall", "a dotted line with triangles"),
                Kind::FalseAlarms => ("false alarms", "a line of dashes and dots with diamonds"),
            };
            let Some(last) = latest(shares) else {
                words.push(format!("There is no row to tell {what} by."));
                continue;
            };
            let (lowest, when_lowest) = extreme(shares, |a, b| a < b);
            let (highest, when_highest) = extreme(shares, |a, b| a > b);
            let mut sentence = format!(
                "{}{}, {line}: lowest {lowest} {when_lowest}, highest {highest} {when_highest}, \
                 latest {}",
                what.get(..1).unwrap_or_default().to_uppercase(),
                what.get(1..).unwrap_or_default(),
                percent(last)
            );
            let without = shares.iter().filter(|share| share.is_nan()).count();
            if without > 0 {
                let measurements = count(without, "measurement", "measurements");
                sentence += &format!("; {measurements} without a row to tell it by");
            }
            words.push(sentence + ".");
        }
        if let Some(limit) = self.threshold {
            words.push(match below.first() {
                None => format!("A dashed line marks {}; none is below it.", percent(limit)),
                Some(&first) => format!(
                    "A dashed line marks {}; {} below it, marked with triangles, the first {}.",
                    percent(limit),
                    count(below.len(), "measurement is", "measurements are"),
                    self.when(first)
                ),
            });
        }
        if !note.is_empty() {
            words.push(note.to_owned());
        }
        words.join(" ")
    }
}

/// The last share that there is.
fn latest(shares: &[f64]) -> Option<f64> {
    shares.iter().rev().copied().find(|share| !share.is_nan())
}

/// Refuses numbers that are not from 0 to 1, or missing where they may be.
fn shares(what: &'static str, numbers: &[f64], missing: bool) -> Result<(), Error> {
    let fits = |share: &f64| (0.0..=1.0).contains(share) || missing && share.is_nan();
    match numbers.iter().position(|number| !fits(number)) {
        None => Ok(()),
        Some(place) => {
            let value = numbers.get(place).copied().unwrap_or(f64::NAN);
            Err(Error::NoShare { what, place, value })
        }
    }
}
