//! Several columns of a table, each against each other.

use plotters::style::text_anchor::HPos;

use super::cloud::{SEVERAL, cloud};
use super::columns::{axis, bounds, steps};
use super::rows::{Rows, TableSource};
use super::scatter::{figure, joined, pearson};
use crate::plot::drawing::canvas::{Canvas, Lettering, fitted};
use crate::plot::drawing::heading::{AXIS_TITLE, Heading, LABEL, MARGIN, SMALL, name};
use crate::plot::drawing::legend::{self, Entry};
use crate::plot::drawing::marks::mark;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{Scale, two_numbers, with_digits};
use crate::plot::drawing::sheet::Point;
use crate::plot::{Error, Figure};
use crate::text::count;

/// The most columns that have room.
const MOST_COLUMNS: usize = 6;

/// How wide the picture may become, and the least and the greatest side of a panel.
const WIDEST: i32 = 740;
const LEAST_PANEL: i32 = 64;
const MOST_PANEL: i32 = 200;

/// White between the panels, and between them and the legend.
const GAP: i32 = 8;
const BESIDE: i32 = 20;

/// Bars of a histogram whose numbers have no bar each.
const BINS: usize = 12;

/// The widest number beside a panel, in pixels.
const WIDEST_NUMBER: i32 = 52;

/// Draws some columns of a table against each other: below the diagonal a scatter plot of each pair,
/// on it the histogram of each column, and above it Pearson's correlation of each pair. Of a
/// [`Dataset`](crate::data::Dataset) shape and colour are the class. Rows with a missing value in
/// one of the columns are left out, and the picture says how many.
///
/// # Errors
/// As [`PairPlot::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let columns = ["Left-Weight", "Left-Distance", "Right-Weight"];
/// let figure = plot::pair_plot(&balance_scale(), columns)?;
/// assert_eq!(figure.title(), "3 columns in pairs, by Class");
/// # Ok::<(), picklebook::plot::Error>(())
/// ```
pub fn pair_plot<C: Into<String>>(
    source: impl Into<TableSource>,
    columns: impl IntoIterator<Item = C>,
) -> Result<Figure, Error> {
    PairPlot::new(source, columns).draw()
}

/// A pair plot, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::PairPlot::new(&balance_scale(), ["Left-Weight", "Right-Weight"])
///     .by("Left-Distance")
///     .draw()?;
/// assert_eq!(figure.title(), "2 columns in pairs, by Left-Distance");
/// # Ok::<(), picklebook::plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct PairPlot {
    source: TableSource,
    columns: Vec<String>,
    by: Option<String>,
    options: Options,
}

shared_options!(PairPlot, class_names);

impl PairPlot {
    /// Rows of a table, and the names of two to six columns.
    pub fn new<C: Into<String>>(
        source: impl Into<TableSource>,
        columns: impl IntoIterator<Item = C>,
    ) -> Self {
        // One more than can be drawn, so that an endless list is refused.
        let columns = columns.into_iter().take(MOST_COLUMNS + 1).map(Into::into).collect();
        PairPlot { source: source.into(), columns, by: None, options: Options::default() }
    }

    /// The column whose values, at most 8, tell the marks apart by shape and colour.
    pub fn by(mut self, column: impl Into<String>) -> Self {
        self.by = Some(column.into());
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Length`] for fewer than two columns, [`Error::TooMany`] past six, and as
    /// [`Scatter::draw`](super::Scatter::draw).
    pub fn draw(self) -> Result<Figure, Error> {
        let found = self.columns.len();
        if found > MOST_COLUMNS {
            return Err(Error::TooMany { what: "columns", found, most: MOST_COLUMNS });
        }
        if found < 2 {
            let what = "columns of a pair plot, at least";
            return Err(Error::Length { what, expected: 2, found });
        }
        let twice =
            |(place, it): &(usize, &String)| self.columns.iter().take(*place).any(|own| own == *it);
        if let Some((_, column)) = self.columns.iter().enumerate().find(twice) {
            return Err(Error::SameColumn { column: name(column) });
        }
        let rows = Rows::new(&self.source, &self.columns, self.by.as_deref(), &self.options)?;
        let columns = count(found, "column", "columns");
        let title = match &rows.by {
            Some(by) => format!("{columns} in pairs, by {by}"),
            None => format!("{columns} in pairs"),
        };
        let title = self.options.title.clone().unwrap_or(title);
        let size = count(rows.len(), "row", "rows");
        let above = "Above the diagonal: Pearson's correlation.";
        let merged = match rows.len() > SEVERAL_ROWS {
            true => "A mark may stand for several rows, and has the class of most of them.",
            false => "",
        };
        let note = joined(&[&format!("{size}."), above, &rows.not_shown(), merged]);
        let layout = Layout::new(&rows, &title, &note, found as i32, &self.options)?;
        let names: Vec<String> = self.columns.iter().map(name).collect();
        let alt = alt(&rows, &names, &note);
        let svg = Canvas::draw(layout.size, &title, |canvas| layout.draw(canvas, &rows, &names))?;
        Ok(Figure::new(svg, title, alt, layout.size))
    }
}

/// Rows up to which each has a mark in every panel, whatever its numbers.
const SEVERAL_ROWS: usize = 300;

/// Where everything stands.
struct Layout {
    heading: Heading,
    legend: Vec<Entry>,
    /// The side of a panel, without the white behind it.
    panel: i32,
    left: i32,
    top: i32,
    size: (u32, u32),
}

impl Layout {
    /// The room left of the panels, for names and numbers, and below them.
    const BEFORE: i32 = MARGIN + AXIS_TITLE as i32 + 8 + WIDEST_NUMBER + 6;
    const BELOW: i32 = 8 + SMALL as i32 + 8 + LABEL as i32 + MARGIN;

    fn new(
        rows: &Rows,
        title: &str,
        note: &str,
        columns: i32,
        options: &Options,
    ) -> Result<Layout, Error> {
        let legend = rows.legend();
        let (wide, high) = legend::room(&legend);
        let beside = if legend.is_empty() { MARGIN } else { BESIDE + wide + MARGIN };
        let side = |panel: i32| panel * columns + GAP * (columns - 1);
        let across = |panel: i32| Self::BEFORE + side(panel) + beside;
        let usual = (WIDEST - Self::BEFORE - beside - GAP * (columns - 1)) / columns;
        let usual = usual.clamp(LEAST_PANEL, MOST_PANEL);
        let heading = Heading::new(title, note, options.width(across(usual) as u32));
        let top = heading.bottom();
        let down = |panel: i32| top + side(panel).max(high) + Self::BELOW;
        let least = (across(LEAST_PANEL) as u32, down(LEAST_PANEL) as u32);
        let size = options.size((across(usual) as u32, down(usual) as u32), least)?;
        let panel = match options.size {
            None => usual,
            Some((width, height)) => {
                let gaps = GAP * (columns - 1);
                let across = (width as i32 - Self::BEFORE - beside - gaps) / columns;
                let down = (height as i32 - top - Self::BELOW - gaps) / columns;
                across.min(down)
            }
        };
        Ok(Layout { heading, legend, panel, left: Self::BEFORE, top, size })
    }

    /// The corners of the panel in this row and column.
    fn corners(&self, row: usize, column: usize) -> (Point, Point) {
        let at = |place: usize| place as i32 * (self.panel + GAP);
        let from = (self.left + at(column), self.top + at(row));
        (from, (from.0 + self.panel, from.1 + self.panel))
    }

    fn draw(&self, canvas: &Canvas<'_>, rows: &Rows, names: &[String]) -> Result<(), Error> {
        self.heading.draw(canvas)?;
        let last = names.len() - 1;
        for (row, ys) in rows.columns.iter().enumerate() {
            for (column, xs) in rows.columns.iter().enumerate() {
                let (from, to) = self.corners(row, column);
                let across = scale(xs, (from.0 + 4, to.0 - 4));
                if row == column {
                    histogram(canvas, rows, xs, across, (from, to))?;
                } else if row > column {
                    let up = scale(ys, (to.1 - 4, from.1 + 4));
                    let points: Vec<Point> =
                        xs.iter().zip(ys).map(|(&x, &y)| (across.pixel(x), up.pixel(y))).collect();
                    let inside = ((from.0 + 2, from.1 + 2), (to.0 - 2, to.1 - 2));
                    let cloud = cloud(&points, &rows.codes, inside, SEVERAL);
                    for dot in &cloud.dots {
                        if let Some(look) = rows.looks.get(dot.class) {
                            mark(canvas, dot.at, cloud.radius, look.shape, look.colour)?;
                        }
                    }
                } else {
                    coefficient(canvas, pearson(xs, ys), (from, to))?;
                }
                canvas.outlined(from, to, palette::LINE)?;
            }
            let (from, to) = self.corners(row, 0);
            let middle = (from.1 + to.1) / 2;
            let title = Lettering { upward: true, ..Lettering::bold(LABEL) };
            let text = title.fitted(names.get(row).map_or("", String::as_str), self.panel);
            canvas.text(&text, (MARGIN + AXIS_TITLE as i32 / 2, middle), title)?;
            // The first panel is a histogram, whose height is no number of the column.
            if row > 0 {
                let [low, high] = short_ends(ys, |low, high| low.max(high) <= WIDEST_NUMBER);
                let beside = Lettering { align: HPos::Right, ..Lettering::new(SMALL) };
                for (text, y) in [(low, to.1 - 8), (high, from.1 + 8)] {
                    canvas.text(&text, (from.0 - 6, y), beside)?;
                }
            }
        }
        for (column, xs) in rows.columns.iter().enumerate() {
            let (from, to) = self.corners(last, column);
            let [low, high] = short_ends(xs, |low, high| low + high + 10 <= self.panel);
            let y = to.1 + 8 + SMALL as i32 / 2;
            let left = Lettering { align: HPos::Left, ..Lettering::new(SMALL) };
            canvas.text(&low, (from.0, y), left)?;
            let right = Lettering { align: HPos::Right, ..left };
            canvas.text(&high, (to.0, y), right)?;
            let title = Lettering::bold(LABEL);
            let text = title.fitted(names.get(column).map_or("", String::as_str), self.panel);
            let below = y + SMALL as i32 / 2 + 8 + LABEL as i32 / 2;
            canvas.text(&text, ((from.0 + to.0) / 2, below), title)?;
        }
        let (_, corner) = self.corners(0, last);
        legend::draw(canvas, &self.legend, (corner.0 + BESIDE, self.top))
    }
}

/// The least and the greatest number of a column.
fn ends(column: &[f64]) -> (String, String) {
    let (low, high) = bounds(column);
    two_numbers(low, high)
}

/// The same with as many digits as have room, which is better than a number that is cut; nothing
/// where not even one has.
fn short_ends(column: &[f64], have_room: impl Fn(i32, i32) -> bool) -> [String; 2] {
    let (low, high) = bounds(column);
    let lettering = Lettering::new(SMALL);
    let ends = |digits| [low, high].map(|value| with_digits(value, digits));
    let fits = |[low, high]: &[String; 2]| have_room(lettering.width(low), lettering.width(high));
    (1..=4).rev().map(ends).find(fits).unwrap_or_default()
}

/// Where the numbers of a column stand between two pixels.
fn scale(column: &[f64], (from, to): (i32, i32)) -> Scale {
    let axis = axis(column, String::new());
    Scale { low: axis.low, high: axis.high, from, to }
}

/// The numbers of a column as bars, the classes one on the other.
fn histogram(
    canvas: &Canvas<'_>,
    rows: &Rows,
    column: &[f64],
    across: Scale,
    (from, to): (Point, Point),
) -> Result<(), Error> {
    let bins = steps(column).unwrap_or(BINS);
    let mut counts = vec![vec![0_usize; rows.names.len()]; bins];
    let bin = |value: f64| {
        let share = (value - across.low) / (across.high - across.low);
        ((share * bins as f64).max(0.0) as usize).min(bins - 1)
    };
    for (&value, &code) in column.iter().zip(&rows.codes) {
        if let Some(count) = counts.get_mut(bin(value)).and_then(|bin| bin.get_mut(code)) {
            *count += 1;
        }
    }
    let most = counts.iter().map(|bin| bin.iter().sum::<usize>()).max().unwrap_or(1).max(1);
    let room = f64::from(to.1 - from.1 - 8);
    for (place, bin) in counts.iter().enumerate() {
        let wide = across.to - across.from;
        let x = |place: usize| across.from + wide * place as i32 / bins as i32;
        let mut below = 0;
        for (&rows_of_class, look) in bin.iter().zip(&rows.looks) {
            if rows_of_class == 0 {
                continue;
            }
            let y = |rows: usize| to.1 - (room * rows as f64 / most as f64).round() as i32;
            let (bottom, top) = (y(below), y(below + rows_of_class));
            below += rows_of_class;
            if top < bottom {
                canvas.filled((x(place), top), (x(place + 1) - 1, bottom), look.colour)?;
            }
        }
    }
    Ok(())
}

/// Pearson's correlation of two columns, on its colour.
fn coefficient(
    canvas: &Canvas<'_>,
    value: Option<f64>,
    (from, to): (Point, Point),
) -> Result<(), Error> {
    let colour = palette::diverging(value.unwrap_or(0.0), palette::DIVERGING);
    canvas.filled(from, to, colour)?;
    let text = value.map_or("–".to_owned(), figure);
    let lettering = Lettering { colour: palette::text_on(colour), ..Lettering::new(AXIS_TITLE) };
    let middle = ((from.0 + to.0) / 2, (from.1 + to.1) / 2);
    canvas.text(&fitted(&text, AXIS_TITLE, to.0 - from.0), middle, lettering)
}

fn alt(rows: &Rows, names: &[String], note: &str) -> String {
    let range = |(name, column): (&String, &Vec<f64>)| {
        let (low, high) = ends(column);
        format!("{name} from {low} to {high}")
    };
    let ranges: Vec<String> = names.iter().zip(&rows.columns).map(range).collect();
    let mut pairs = Vec::new();
    for (place, (one, xs)) in names.iter().zip(&rows.columns).enumerate() {
        for (other, ys) in names.iter().zip(&rows.columns).skip(place + 1) {
            let value = pearson(xs, ys).map_or("none".to_owned(), figure);
            pairs.push(format!("{one} and {other} {value}"));
        }
    }
    let marks = match &rows.by {
        Some(by) => format!("whose shape and colour are {by}"),
        None => "one for each row".to_owned(),
    };
    joined(&[
        &format!(
            "Pair plot of {}: {}. Below the diagonal scatter plots with marks {marks}, on it \
             histograms.",
            count(names.len(), "column", "columns"),
            ranges.join(", ")
        ),
        note,
        &rows.sizes(),
        &format!("Correlations: {}.", pairs.join(", ")),
    ])
}
