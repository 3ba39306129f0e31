//! How the values of a column are distributed, class by class.

use plotters::style::text_anchor::HPos;

use super::columns;
use super::names::class_names;
use crate::data::Dataset;
use crate::plot::drawing::axes::{Axes, Axis};
use crate::plot::drawing::canvas::{Canvas, Lettering};
use crate::plot::drawing::frame::{Beside, Frame};
use crate::plot::drawing::heading::{LABEL, SMALL, name, widest};
use crate::plot::drawing::marks::{MOST_CLASSES, look};
use crate::plot::drawing::options::{LARGEST_SIDE, Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{Ticks, number, ticks, two_numbers, widened};
use crate::plot::{Error, Figure};
use crate::text::count;

/// Distinct whole numbers up to which each has a bar of its own.
const MOST_VALUES: f64 = 30.0;

/// The most bars of a class.
const MOST_BINS: usize = 200;

/// The usual width of the picture, and the usual and the least height of a class's panel.
const WIDTH: u32 = 640;
const PANEL: u32 = 92;
const LEAST_PANEL: i32 = 40;

/// How much of a panel's room its bars may take; the rest is white between the panels.
const FILLED: f64 = 0.88;

const WIDEST_NAME: i32 = 130;
const WIDEST_BAR: i32 = 80;

/// Draws how the values of a column are distributed: a histogram for each class, one above the
/// other, on the same axis.
///
/// # Errors
/// As [`Histogram::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::histogram(&balance_scale(), "Left-Weight")?;
/// assert_eq!(figure.title(), "Left-Weight by Class: 625 rows from 1 to 5");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn histogram(data: &Dataset, column: &str) -> Result<Figure, Error> {
    Histogram::new(data, column).draw()
}

/// A histogram of a column by class, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::Histogram::new(&balance_scale(), "Left-Weight")
///     .class_names(["balanced", "left", "right"])
///     .bins(5)
///     .draw()?;
/// assert!(figure.alt().contains("balanced: 49 rows"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Histogram<'a> {
    data: &'a Dataset,
    column: String,
    bins: Option<usize>,
    options: Options,
}

shared_options!(Histogram<'_>, labels, class_names);

/// The bars of one class.
struct Panel {
    name: String,
    rows: usize,
    mean: f64,
    counts: Vec<usize>,
}

/// Bars of equal width, from `low` on.
#[derive(Clone, Copy)]
struct Bins {
    low: f64,
    width: f64,
    count: usize,
    /// Each bar is one whole number.
    whole: bool,
}

impl<'a> Histogram<'a> {
    /// Histograms of the column of this name.
    pub fn new(data: &'a Dataset, column: impl Into<String>) -> Self {
        let options = Options::default();
        Histogram { data, column: column.into(), bins: None, options }
    }

    /// The number of bars, at most: from 1 to 200. By default there is one for each whole number,
    /// or about 20.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = Some(bins.clamp(1, MOST_BINS));
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::NoColumn`] for a column that is not there,
    /// [`Error::NotFinite`] for a value that is missing or infinite, [`Error::TooManyClasses`]
    /// past 8, [`Error::Length`] for too few names or colours, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let data = self.data;
        let values = columns::numbers(data, columns::place(data, &self.column)?)?;
        let classes = data.target().classes();
        if values.is_empty() {
            return Err(Error::Empty { what: "rows" });
        }
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
        }
        let names = class_names(&classes, &self.options)?;
        let codes = data.target().codes(&classes).unwrap_or_default();
        let (low, high) = values
            .iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
        let bins = Bins::new(&values, (low, high), self.bins);
        let panels = panels(&values, &codes, &names, bins);
        let most = panels.iter().flat_map(|panel| &panel.counts).copied().max().unwrap_or(1);

        let (column, target) = (name(&self.column), name(data.target_name()));
        let rows = count(values.len(), "row", "rows");
        let (least, greatest) = two_numbers(low, high);
        let title = match low == high {
            true => format!("{column} by {target}: {rows}, all of them {least}"),
            false => format!("{column} by {target}: {rows} from {least} to {greatest}"),
        };
        let note = bins.in_words(most);
        let alt = alt(&column, &panels, bins, &note);
        let colours = self.options.colours(names.len())?;
        let beside: Vec<String> = panels.iter().map(Panel::size).collect();
        let classes = names.iter().map(|name| Lettering::bold(LABEL).width(name)).max();
        let room = classes.unwrap_or(0).max(widest(&beside, SMALL)).min(WIDEST_NAME) + 14;
        let (from, to) = bins.range();
        let x = Axis {
            title: column,
            low: from,
            high: to,
            ticks: Box::new(move |most| ticks(from, to, most, bins.whole)),
        };
        // A panel is one high, the lowest from 0 to 1; each has marks of its own.
        let high = panels.len();
        let y = Axis {
            title: "rows".into(),
            low: 0.0,
            high: high as f64,
            ticks: Box::new(move |_| counts(high, most)),
        };
        let height = 130 + PANEL * panels.len() as u32;
        let frame =
            Frame::new((title, &note), (x, y), Beside::Room(room), (WIDTH, height), &self.options)?;
        let room = f64::from(frame.axes.y.from - frame.axes.y.to);
        let least_room = f64::from(LEAST_PANEL) / FILLED * panels.len() as f64;
        if room < least_room {
            let (width, height) = self.options.size.unwrap_or((WIDTH, height));
            let least = (width, height + (least_room - room).ceil() as u32);
            return Err(Error::Size { width, height, least, most: LARGEST_SIDE });
        }
        frame.draw(alt, |canvas, axes| {
            // The last class at the bottom, so that they read from above to below.
            for ((class, panel), place) in panels.iter().enumerate().rev().zip(0_u32..) {
                let colour = look(class, &colours).colour;
                let bottom = axes.y.pixel(f64::from(place));
                let down = bottom - axes.y.pixel(f64::from(place) + FILLED);
                let bars = Bars { axes, bins, bottom, down, most };
                bars.draw(canvas, panel, colour)?;
            }
            Ok(())
        })
    }
}

/// Marks for how many rows a bar has, in every panel.
fn counts(panels: usize, most: usize) -> Ticks {
    let marks = ticks(0.0, most as f64, 2, true);
    let mut all = Ticks { values: Vec::new(), labels: Vec::new(), unit: marks.unit };
    for panel in 0..panels {
        // Bars stand on zero, which needs no mark.
        let marks = marks.values.iter().zip(&marks.labels).filter(|(value, _)| **value > 0.0);
        for (value, label) in marks {
            all.values.push(panel as f64 + FILLED * value / most as f64);
            all.labels.push(label.clone());
        }
    }
    all
}

impl Panel {
    fn size(&self) -> String {
        count(self.rows, "row", "rows")
    }
}

/// One panel, placed.
struct Bars<'a> {
    axes: &'a Axes,
    bins: Bins,
    bottom: i32,
    down: i32,
    /// The count that is as high as the panel.
    most: usize,
}

impl Bars<'_> {
    fn draw(
        &self,
        canvas: &Canvas<'_>,
        panel: &Panel,
        colour: plotters::style::RGBColor,
    ) -> Result<(), Error> {
        let Bars { axes, bins, bottom, down, most } = *self;
        for (bin, &rows) in panel.counts.iter().enumerate().filter(|(_, rows)| **rows > 0) {
            let (from, to) = bins.edges(bin);
            let (from, to) = (axes.x.pixel(from), axes.x.pixel(to));
            // White between the bars, if they are wide enough.
            let air = match bins.whole {
                true => ((to - from) / 8).max((to - from - WIDEST_BAR) / 2),
                false => i32::from(to - from > 4),
            };
            let right = (to - air).max(from + air + 1);
            let high = (f64::from(down) * rows as f64 / most as f64).round() as i32;
            canvas.filled((from + air, bottom - high.max(1)), (right, bottom), colour)?;
        }
        canvas.line(&[(axes.x.from, bottom), (axes.x.to, bottom)], palette::LINE, 1, &[])?;
        let label = Lettering { align: HPos::Left, ..Lettering::new(LABEL) };
        let (x, middle) = (axes.x.to + 12, bottom - down / 2);
        let class = Lettering { bold: true, ..label };
        canvas.text(&class.fitted(&panel.name, WIDEST_NAME), (x, middle - 9), class)?;
        let quiet = Lettering { size: SMALL, colour: palette::QUIET, ..label };
        canvas.text(&panel.size(), (x, middle + 9), quiet)
    }
}

impl Bins {
    fn new(values: &[f64], (low, high): (f64, f64), wanted: Option<usize>) -> Self {
        let whole = values.iter().all(|value| value.fract() == 0.0);
        if whole && high - low < wanted.map_or(MOST_VALUES, |bins| bins as f64) {
            return Bins { low: low - 0.5, width: 1.0, count: (high - low) as usize + 1, whole };
        }
        let (from, to) = widened(low, high, 0.0);
        let marks = ticks(from, to, wanted.unwrap_or(20), false).values;
        let width = match marks.as_slice() {
            [first, second, ..] => second - first,
            _ => to - from,
        };
        // Edges stand on round numbers.
        let start = (from / width).floor() * width;
        let count = (((to - start) / width).ceil() as usize).clamp(1, MOST_BINS + 2);
        Bins { low: start, width, count, whole: false }
    }

    fn bin(&self, value: f64) -> usize {
        // A value on an edge counts to the right, but for the last edge.
        (((value - self.low) / self.width).floor().max(0.0) as usize).min(self.count - 1)
    }

    fn edges(&self, bin: usize) -> (f64, f64) {
        (self.low + self.width * bin as f64, self.low + self.width * (bin + 1) as f64)
    }

    fn range(&self) -> (f64, f64) {
        (self.low, self.low + self.width * self.count as f64)
    }

    fn in_words(&self, most: usize) -> String {
        let highest = count(most, "row", "rows");
        match self.whole {
            true => format!("One bar for each value; the highest is {highest}."),
            false => format!("Bars of width {}; the highest is {highest}.", number(self.width)),
        }
    }
}

/// Counts each class's rows in each bar.
fn panels(values: &[f64], codes: &[usize], names: &[String], bins: Bins) -> Vec<Panel> {
    let panel = |name: &String| Panel {
        name: name.clone(),
        rows: 0,
        mean: 0.0,
        counts: vec![0; bins.count],
    };
    let mut panels: Vec<Panel> = names.iter().map(panel).collect();
    for (&value, &code) in values.iter().zip(codes) {
        if let Some(panel) = panels.get_mut(code) {
            panel.rows += 1;
            // Step by step, so that no sum overflows.
            panel.mean += (value - panel.mean) / panel.rows as f64;
            if let Some(count) = panel.counts.get_mut(bins.bin(value)) {
                *count += 1;
            }
        }
    }
    panels
}

fn alt(column: &str, panels: &[Panel], bins: Bins, note: &str) -> String {
    let place = |bin: usize| match (bins.whole, bins.edges(bin)) {
        (true, (from, _)) => format!("at {}", number(from + 0.5)),
        (false, (from, to)) => format!("from {} to {}", number(from), number(to)),
    };
    let line = |panel: &Panel| {
        // The first among equals.
        let most = panel.counts.iter().enumerate().rev().max_by_key(|(_, rows)| **rows);
        let (bin, _) = most.unwrap_or((0, &0));
        format!(
            "{}: {}, mean {}, most {}",
            panel.name,
            panel.size(),
            number(panel.mean),
            place(bin)
        )
    };
    let (from, to) = bins.range();
    let (from, to) = if bins.whole { (from + 0.5, to - 0.5) } else { (from, to) };
    let (from, to) = two_numbers(from, to);
    let lines: Vec<String> = panels.iter().map(line).collect();
    format!(
        "Histograms of {column} from {from} to {to}, one for each class, one above the other. {note} {}.",
        lines.join("; ")
    )
}
