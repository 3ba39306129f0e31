//! How accurate a model stays in production.

use super::accuracy::{accuracy_axis, percent};
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::calendar::{date_ticks, day};
use crate::plot::drawing::frame::{Beside, Frame, SIZE};
use crate::plot::drawing::lines::{draw_end_names, end_names_room, thinned};
use crate::plot::drawing::marks::{Shape, look, mark};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{has_place, number, ticks, widened};
use crate::plot::{Error, Figure};
use crate::text::{self, count};

/// Measurements up to which each has a mark.
const MOST_MARKS: usize = 100;

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

/// A picture of the accuracy over time, with dates and a threshold.
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
#[derive(Debug, Clone)]
pub struct AccuracyOverTime<'a> {
    accuracies: &'a [f64],
    steps: Steps,
    threshold: Option<f64>,
    options: Options,
}

shared_options!(AccuracyOverTime<'_>, labels);

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
        let (steps, options) = (Steps::Count, Options::default());
        AccuracyOverTime { accuracies, steps, threshold: None, options }
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
    /// [`Error::Length`] unless there is one date or step for each, [`Error::Date`] for a text
    /// that is not a date, [`Error::Order`] for a date or step that does not ascend,
    /// [`Error::NotFinite`], [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let scores = self.accuracies;
        if scores.is_empty() {
            return Err(Error::Empty { what: "accuracies" });
        }
        shares("accuracy", scores)?;
        shares("threshold", self.threshold.as_slice())?;
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
        let y = accuracy_axis(scores.iter().chain(&self.threshold).copied());
        let last = scores.last().copied().unwrap_or(0.0);
        let mut names = vec![format!("last {}", percent(last))];
        names.extend(self.threshold.map(|limit| format!("limit {}", percent(limit))));
        let note = match scores.len() > MOST_MARKS {
            true => format!(
                "{}; those in one pixel column are one stroke from the lowest to the highest.",
                count(scores.len(), "measurement", "measurements")
            ),
            false => String::new(),
        };
        let title = self.in_short(&below);
        let colours = self.options.colours(1)?;
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
            let points: Vec<_> = places.iter().zip(scores).map(|(&x, &y)| axes.at(x, y)).collect();
            let colour = look(0, &colours).colour;
            canvas.line(&thinned(points.iter().copied()), colour, 2, &[])?;
            if points.len() <= MOST_MARKS {
                for (place, &point) in points.iter().enumerate() {
                    match below.binary_search(&place) {
                        Ok(_) => mark(canvas, point, 5, Shape::Down, look(1, &[]).colour)?,
                        Err(_) => mark(canvas, point, 4, Shape::Disc, colour)?,
                    }
                }
            }
            let mut ends = vec![axes.y.pixel(last)];
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
            (None, _) => {
                let best = self.accuracies.iter().copied().fold(0.0, f64::max);
                let last = self.accuracies.last().copied().unwrap_or(0.0);
                format!("Accuracy over time: latest {}, best {}", percent(last), percent(best))
            }
        }
    }

    fn alt(&self, below: &[usize], note: &str) -> String {
        let scores = self.accuracies;
        let end = scores.len() - 1;
        let extreme = |better: fn(f64, f64) -> bool| {
            let mut at = 0;
            for (place, &score) in scores.iter().enumerate() {
                if scores.get(at).is_some_and(|&most| better(score, most)) {
                    at = place;
                }
            }
            (percent(scores.get(at).copied().unwrap_or(0.0)), self.when(at))
        };
        let (lowest, when_lowest) = extreme(|a, b| a < b);
        let (highest, when_highest) = extreme(|a, b| a > b);
        let mut words = vec![format!(
            "Accuracy over time, a line chart of {}, from {} to {}: lowest {lowest} \
             {when_lowest}, highest {highest} {when_highest}, latest {}.",
            count(scores.len(), "measurement", "measurements"),
            self.step(0),
            self.step(end),
            percent(scores.last().copied().unwrap_or(0.0))
        )];
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

/// Refuses numbers that are not from 0 to 1.
fn shares(what: &'static str, numbers: &[f64]) -> Result<(), Error> {
    match numbers.iter().position(|number| !(0.0..=1.0).contains(number)) {
        None => Ok(()),
        Some(place) => {
            let value = numbers.get(place).copied().unwrap_or(f64::NAN);
            Err(Error::NoShare { what, place, value })
        }
    }
}
