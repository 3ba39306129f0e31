//! Learning and validation curves: scores on the rows of the fit and on those held out.

use super::accuracy::{accuracy_axis, percent};
use crate::model::Parameter;
use crate::model_selection::{self, Scoring};
use crate::plot::drawing::axes::{Axes, Axis};
use crate::plot::drawing::canvas::Canvas;
use crate::plot::drawing::frame::{Beside, Frame, SIZE};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::lines::{draw_end_names, end_names_room};
use crate::plot::drawing::marks::{Look, look, mark};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{Ticks, has_place, number, ticks, widened};
use crate::plot::drawing::sheet::Point;
use crate::plot::{Error, Figure};
use crate::text::count;

/// The most places along a curve.
const MOST_PLACES: usize = 1_000;

/// Places up to which the alternative text holds every mean.
const SPELLED_OUT: usize = 12;

/// Gaps between values that differ by more than this are drawn as equal ones.
const UNEVEN: f64 = 12.0;

/// How strong the colour of a band is, from 0 to 1.
const BAND: f64 = 0.18;

/// Draws how good a model is by the number of rows that it was fitted on: the mean of the folds as a
/// line, and one standard deviation above and below it as a band. Where the line of the rows held out
/// still rises at its end, more rows would help.
///
/// # Errors
/// As [`LearningCurve::draw`].
///
/// ```
/// use picklebook::model_selection::{StratifiedKFold, learning_curve};
/// use picklebook::prelude::*;
///
/// let params = DecisionTreeClassifier::params().random_state(0);
/// let curve = learning_curve(&params, &balance_scale(), &StratifiedKFold::new(5).shuffle(42))?;
/// let figure = plot::learning_curve(&curve)?;
/// assert!(figure.title().starts_with("Learning curve: accuracy "), "{}", figure.title());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn learning_curve(curve: &model_selection::LearningCurve) -> Result<Figure, Error> {
    LearningCurve::new(curve).draw()
}

/// A picture of a learning curve, with options.
///
/// ```
/// use picklebook::model_selection::{StratifiedKFold, learning_curve};
/// use picklebook::prelude::{DecisionTreeClassifier, balance_scale, plot};
///
/// let params = DecisionTreeClassifier::params().max_depth(4);
/// let curve = learning_curve(&params, &balance_scale(), &StratifiedKFold::new(5))?;
/// let figure = plot::LearningCurve::new(&curve).title("More rows").size(500, 320).draw()?;
/// assert_eq!(figure.title(), "More rows");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct LearningCurve<'a> {
    curve: &'a model_selection::LearningCurve,
    options: Options,
}

shared_options!(LearningCurve<'_>, labels);

impl<'a> LearningCurve<'a> {
    /// A picture of this curve.
    pub fn new(curve: &'a model_selection::LearningCurve) -> Self {
        LearningCurve { curve, options: Options::default() }
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::TooMany`] past 1,000 sizes, [`Error::NotFinite`] for a score that has no place on an
    /// axis, [`Error::Length`] for a single colour, [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let curve = self.curve;
        let sizes = curve.train_sizes();
        let held_out = Line::new(curve.mean_test_scores(), curve.std_test_scores());
        let lines = Lines {
            kind: "Learning curve",
            along: "Rows to fit on".to_owned(),
            what: ("size", "sizes"),
            places: Places::Numbers(sizes.iter().map(|rows| *rows as f64).collect(), true),
            names: sizes.iter().map(|rows| crate::text::grouped(*rows)).collect(),
            folds: curve.test_scores().first().map_or(0, Vec::len),
            scoring: curve.scoring(),
            train: Some(Line::new(curve.mean_train_scores(), curve.std_train_scores())),
            held_out,
            best: None,
        };
        lines.draw(&self.options)
    }
}

/// Draws how good a model is by the value of a parameter: the mean of the folds as a line, and one
/// standard deviation above and below it as a band. Where the line of the rows of the fit goes on
/// rising and that of the rows held out does not, the model overfits.
///
/// # Errors
/// As [`ValidationCurve::draw`].
///
/// ```
/// use picklebook::model_selection::{StratifiedKFold, validation_curve};
/// use picklebook::prelude::*;
///
/// let params = DecisionTreeClassifier::params().random_state(0);
/// let cv = StratifiedKFold::new(5).shuffle(42);
/// let curve = validation_curve(&params, "max_depth", 1..=8, &balance_scale(), &cv)?;
/// let figure = plot::validation_curve(&curve)?;
/// assert!(figure.title().starts_with("Validation curve: best accuracy "), "{}", figure.title());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn validation_curve(curve: &model_selection::ValidationCurve) -> Result<Figure, Error> {
    ValidationCurve::new(curve).draw()
}

/// A picture of a validation curve, with options.
///
/// ```
/// use picklebook::model_selection::{StratifiedKFold, validation_curve};
/// use picklebook::prelude::{DecisionTreeClassifier, balance_scale, plot};
///
/// let (params, cv) = (DecisionTreeClassifier::params(), StratifiedKFold::new(5));
/// let curve = validation_curve(&params, "ccp_alpha", [0.0, 0.01, 0.02], &balance_scale(), &cv)?;
/// let figure = plot::ValidationCurve::new(&curve).x_label("Price of a leaf").draw()?;
/// assert!(figure.svg().contains("Price of a leaf"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ValidationCurve<'a> {
    curve: &'a model_selection::ValidationCurve,
    options: Options,
}

shared_options!(ValidationCurve<'_>, labels);

impl<'a> ValidationCurve<'a> {
    /// A picture of this curve.
    pub fn new(curve: &'a model_selection::ValidationCurve) -> Self {
        ValidationCurve { curve, options: Options::default() }
    }

    /// Draws the picture. Values that are no numbers, or lie far more densely in one place than in
    /// another, stand side by side in the order in which they were given.
    ///
    /// # Errors
    /// [`Error::TooMany`] past 1,000 values, [`Error::NotFinite`] for a score that has no place on an
    /// axis, [`Error::Length`] for a single colour, [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let curve = self.curve;
        let lines = Lines {
            kind: "Validation curve",
            along: curve.name().to_owned(),
            what: ("value", "values"),
            places: places(curve.values()),
            names: curve.values().iter().map(plain).collect(),
            folds: curve.test_scores().first().map_or(0, Vec::len),
            scoring: curve.scoring(),
            train: Some(Line::new(curve.mean_train_scores(), curve.std_train_scores())),
            held_out: Line::new(curve.mean_test_scores(), curve.std_test_scores()),
            best: Some(curve.best_index()),
        };
        lines.draw(&self.options)
    }
}

/// A value as it is written in a picture: text without its quotes.
pub(super) fn plain(value: &Parameter) -> String {
    match value {
        Parameter::Text(text) => name(text),
        other => name(other.to_string()),
    }
}

/// A score in words: a share as per cent.
pub(super) fn score(scoring: Scoring, score: f64) -> String {
    if scoring.is_share() { percent(score) } else { number(score) }
}

/// Means and standard deviations along a curve.
pub(super) struct Line {
    means: Vec<f64>,
    stds: Vec<f64>,
}

impl Line {
    pub(super) fn new(means: Vec<f64>, stds: Vec<f64>) -> Self {
        Line { means, stds }
    }

    /// Mean, and one standard deviation below and above it; of a share, from 0 to 1.
    fn points(&self, scoring: Scoring) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
        self.means.iter().zip(&self.stds).map(move |(&mean, &std)| match scoring.is_share() {
            true => (mean, (mean - std).max(0.0), (mean + std).min(1.0)),
            false => (mean, mean - std, mean + std),
        })
    }

    fn at(&self, place: usize) -> f64 {
        self.means.get(place).copied().unwrap_or(f64::NAN)
    }
}

/// Where the places of a curve are across.
pub(super) enum Places {
    /// At numbers, and whether these are whole.
    Numbers(Vec<f64>, bool),
    /// Side by side.
    Steps(usize),
}

/// Numbers where they are ascending and not too uneven.
pub(super) fn places(values: &[Parameter]) -> Places {
    let side_by_side = Places::Steps(values.len());
    let mut numbers = Vec::with_capacity(values.len());
    let mut whole = true;
    for value in values {
        match value {
            Parameter::Integer(number) => numbers.push(*number as f64),
            Parameter::Float(number) if has_place(*number) => {
                numbers.push(*number);
                whole = false;
            }
            _ => return side_by_side,
        }
    }
    let gaps = || numbers.windows(2).filter_map(|pair| Some(pair.get(1)? - pair.first()?));
    let (least, most) =
        gaps().fold((f64::INFINITY, 0.0), |(l, m): (f64, f64), gap| (l.min(gap), m.max(gap)));
    match numbers.len() > 1 && (least <= 0.0 || most > UNEVEN * least) {
        true => side_by_side,
        false => Places::Numbers(numbers, whole),
    }
}

/// What is drawn.
pub(super) struct Lines {
    pub(super) kind: &'static str,
    pub(super) along: String,
    pub(super) what: (&'static str, &'static str),
    pub(super) places: Places,
    pub(super) names: Vec<String>,
    pub(super) folds: usize,
    pub(super) scoring: Scoring,
    pub(super) train: Option<Line>,
    pub(super) held_out: Line,
    /// The place of the best value, where the best is what is looked for.
    pub(super) best: Option<usize>,
}

impl Lines {
    pub(super) fn draw(&self, options: &Options) -> Result<Figure, Error> {
        let found = self.names.len();
        if found == 0 {
            return Err(Error::Empty { what: "values" });
        }
        if found > MOST_PLACES {
            let what = self.what.1;
            return Err(Error::TooMany { what, found, most: MOST_PLACES });
        }
        let drawn: Vec<(&str, &Line)> = [("train", self.train.as_ref())]
            .into_iter()
            .chain([("validation", Some(&self.held_out))])
            .filter_map(|(name, line)| Some((name, line?)))
            .collect();
        let mut scores = Vec::new();
        for (name, line) in &drawn {
            for (place, (mean, low, high)) in line.points(self.scoring).enumerate() {
                if !(has_place(mean) && has_place(low) && has_place(high)) {
                    let what = format!("{name} score");
                    return Err(Error::NotFinite { what, place, value: mean });
                }
                scores.extend([mean, low, high]);
            }
        }
        let end = found - 1;
        let names: Vec<String> = drawn
            .iter()
            .map(|(name, line)| format!("{name} {}", score(self.scoring, line.at(end))))
            .collect();
        let colours = options.colours(2)?;
        let numbers: Vec<f64> = match &self.places {
            Places::Numbers(numbers, _) => numbers.clone(),
            Places::Steps(count) => (0..*count).map(|step| step as f64).collect(),
        };
        let frame = Frame::new(
            (self.title(), "Lines: the mean of all folds. Bands: one standard deviation."),
            (self.across(&numbers), self.up(&scores)),
            Beside::Room(end_names_room(&names)),
            SIZE,
            options,
        )?;
        frame.draw(self.alt(), |canvas, axes| {
            // The look of a line is the same with and without the other.
            let looks: Vec<Look> =
                (2 - drawn.len()..2).map(|class| look(class, &colours)).collect();
            for ((_, line), look) in drawn.iter().zip(&looks) {
                self.draw_band(canvas, axes, &numbers, line, *look)?;
            }
            if let Some(best) = self.best {
                let x = axes.x.pixel(numbers.get(best).copied().unwrap_or(0.0));
                let y = axes.y.pixel(self.held_out.at(best));
                canvas.line(&[(x, y), (x, axes.y.from)], palette::QUIET, 1, &[3, 4])?;
                canvas.ring((x, y), 9, palette::INK)?;
            }
            let mut ends = Vec::new();
            for ((_, line), look) in drawn.iter().zip(&looks) {
                let points: Vec<Point> =
                    numbers.iter().zip(&line.means).map(|(&x, &y)| axes.at(x, y)).collect();
                canvas.line(&points, look.colour, 2, look.dashes)?;
                for &point in points.iter().filter(|_| points.len() <= 60) {
                    mark(canvas, point, 4, look.shape, look.colour)?;
                }
                ends.push(points.last().map_or(0, |point| point.1));
            }
            draw_end_names(canvas, axes, &names, &mut ends)
        })
    }

    fn draw_band(
        &self,
        canvas: &Canvas<'_>,
        axes: &Axes,
        numbers: &[f64],
        line: &Line,
        look: Look,
    ) -> Result<(), Error> {
        let points = || numbers.iter().zip(line.points(self.scoring));
        let above: Vec<Point> = points().map(|(&x, (_, _, high))| axes.at(x, high)).collect();
        let below: Vec<Point> = points().map(|(&x, (_, low, _))| axes.at(x, low)).collect();
        if let ([above], [below]) = (&*above, &*below) {
            return canvas.line(&[*above, *below], look.colour, 1, &[]);
        }
        canvas.area(above.iter().chain(below.iter().rev()).copied().collect(), look.colour, BAND)
    }

    fn across(&self, numbers: &[f64]) -> Axis {
        let (first, last) =
            (numbers.first().copied().unwrap_or(0.0), numbers.last().copied().unwrap_or(0.0));
        let (low, high) = widened(first, last, 0.03);
        let ticks: Box<dyn Fn(usize) -> Ticks> = match self.places {
            Places::Numbers(_, whole) => Box::new(move |most| ticks(low, high, most, whole)),
            Places::Steps(_) => {
                let names: Vec<String> =
                    self.names.iter().map(|name| crate::text::shortened(name, 16)).collect();
                Box::new(move |most| {
                    let step = names.len().div_ceil(most.max(1)).max(1);
                    let shown = || names.iter().enumerate().step_by(step);
                    Ticks {
                        values: shown().map(|(place, _)| place as f64).collect(),
                        labels: shown().map(|(_, name)| name.clone()).collect(),
                        unit: String::new(),
                    }
                })
            }
        };
        Axis { title: name(&self.along), low, high, ticks }
    }

    fn up(&self, scores: &[f64]) -> Axis {
        let title = capital(self.scoring.words());
        if self.scoring.is_share() {
            return Axis { title, ..accuracy_axis(scores.iter().copied()) };
        }
        let low = scores.iter().copied().fold(f64::INFINITY, f64::min);
        let high = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let (low, high) = widened(low, high, 0.05);
        Axis { title, low, high, ticks: Box::new(move |most| ticks(low, high, most, false)) }
    }

    fn title(&self) -> String {
        let words = self.scoring.words();
        let of = |place: usize| score(self.scoring, self.held_out.at(place));
        let named = |place: usize| self.names.get(place).map_or("", String::as_str);
        match self.best {
            Some(best) => {
                format!(
                    "{}: best {words} {} at {} {}",
                    self.kind,
                    of(best),
                    self.along,
                    named(best)
                )
            }
            None => {
                let last = self.names.len().saturating_sub(1);
                format!(
                    "{}: {words} {} on rows held out, with {} rows to fit on",
                    self.kind,
                    of(last),
                    named(last)
                )
            }
        }
    }

    fn alt(&self) -> String {
        let words = self.scoring.words();
        let last = self.names.len().saturating_sub(1);
        let named = |place: usize| self.names.get(place).map_or("", String::as_str);
        let of = |line: &Line, place: usize| score(self.scoring, line.at(place));
        let (one, more) = self.what;
        let lines = match &self.train {
            Some(_) => {
                "one line for the rows of the fit (whole, discs) and one for the rows held out \
                 (dashed, squares)"
            }
            None => "one line for the rows held out (dashed, squares)",
        };
        let mut said = vec![format!(
            "{}, a line chart of {}: {} from {} to {} across, {words} up, {lines}, each the mean of \
             {}, with a band of one standard deviation above and below.",
            self.kind,
            count(self.names.len(), one, more),
            name(&self.along),
            named(0),
            named(last),
            count(self.folds, "fold", "folds"),
        )];
        if let Some(train) = &self.train {
            said.push(format!(
                "The line of the fit goes from {} to {}.",
                of(train, 0),
                of(train, last)
            ));
        }
        said.push(format!(
            "That of the rows held out goes from {} to {}.",
            of(&self.held_out, 0),
            of(&self.held_out, last)
        ));
        if let Some(best) = self.best {
            said.push(format!(
                "It is highest at {}, with {}.",
                named(best),
                of(&self.held_out, best)
            ));
        }
        if self.names.len() <= SPELLED_OUT {
            let line = |(place, name): (usize, &String)| match &self.train {
                Some(train) => {
                    format!("{name}: {} and {}", of(train, place), of(&self.held_out, place))
                }
                None => format!("{name}: {}", of(&self.held_out, place)),
            };
            let all: Vec<String> = self.names.iter().enumerate().map(line).collect();
            let which = if self.train.is_some() { "Of the fit and held out" } else { "Held out" };
            said.push(format!("{which}: {}.", all.join("; ")));
        }
        said.join(" ")
    }
}

/// With a capital letter.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
