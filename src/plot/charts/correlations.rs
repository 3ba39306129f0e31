//! The correlations of all pairs of columns, as colours.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::scatter::figure;
use crate::data::{self, CorrelationMethod};
use crate::plot::drawing::canvas::{Canvas, Lettering};
use crate::plot::drawing::colour_bar::ColourBar;
use crate::plot::drawing::heading::{Heading, LABEL, MARGIN, SMALL, name, widest};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::{Error, Figure};
use crate::text::count;

/// The most columns that have room.
const MOST_COLUMNS: usize = 30;

/// The least and the greatest side of a cell, and from which side on there is room for its number.
const LEAST_CELL: i32 = 16;
const MOST_CELL: i32 = 84;
const CELL_WITH_NUMBER: i32 = 36;

/// The widest name of a column, in pixels.
const WIDEST_NAME: i32 = 150;

/// How wide the picture may become.
const WIDEST: i32 = 740;

/// Titles past this width take two lines.
const TITLE_WIDTH: i32 = 640;

/// Pairs that the alternative text names.
const NAMED_PAIRS: usize = 8;

/// Draws the correlations of all pairs of columns as a square of colours: blue where two columns rise
/// together, orange where one falls as the other rises, the darker the stronger.
///
/// # Errors
/// As [`Correlations::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::correlations(&balance_scale().corr()?)?;
/// assert_eq!(figure.title(), "Pearson's correlations of 4 columns");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn correlations(correlations: &data::Correlations) -> Result<Figure, Error> {
    Correlations::new(correlations).draw()
}

/// A picture of correlations, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let correlations = balance_scale().corr()?;
/// let figure = plot::Correlations::new(&correlations).title("Nothing goes together").draw()?;
/// assert_eq!(figure.title(), "Nothing goes together");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Correlations<'a> {
    correlations: &'a data::Correlations,
    options: Options,
}

shared_options!(Correlations<'_>, feature_names);

impl<'a> Correlations<'a> {
    /// A picture of these coefficients.
    pub fn new(correlations: &'a data::Correlations) -> Self {
        Correlations { correlations, options: Options::default() }
    }

    /// Draws the picture. Two colours that were set are those of -1 and 1, and should be dark.
    ///
    /// # Errors
    /// [`Error::Empty`] without columns of numbers, [`Error::TooMany`] past 30 of them,
    /// [`Error::Length`] for too few names or colours, [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let found = self.correlations.names().len();
        if found == 0 {
            return Err(Error::Empty { what: "columns of numbers" });
        }
        if found > MOST_COLUMNS {
            return Err(Error::TooMany { what: "columns", found, most: MOST_COLUMNS });
        }
        let given = self.options.feature_names(found)?;
        let names: Vec<String> =
            given.unwrap_or(self.correlations.names()).iter().map(name).collect();
        let method = match self.correlations.method() {
            CorrelationMethod::Pearson => "Pearson's",
            CorrelationMethod::Spearman => "Spearman's",
        };
        let columns = count(found, "column", "columns");
        let title = format!("{method} correlations of {columns}");
        let title = self.options.title.clone().unwrap_or(title);
        let layout = Layout::new(&names, &title, &self.options)?;
        let alt = alt(self.correlations, &names, &format!("{method} correlations of {columns}"));
        let svg =
            Canvas::draw(layout.size, &title, |canvas| layout.draw(canvas, self.correlations))?;
        Ok(Figure::new(svg, title, alt, layout.size))
    }
}

/// Where everything stands.
struct Layout {
    heading: Heading,
    names: Vec<String>,
    /// The side of a cell.
    cell: i32,
    left: i32,
    top: i32,
    /// Whether the names below the cells read upward.
    upward: bool,
    /// The colours of -1 and 1.
    ends: [RGBColor; 2],
    size: (u32, u32),
}

impl Layout {
    /// The room right of the bar for its figures.
    const BAR_FIGURES: i32 = 40;

    fn new(names: &[String], title: &str, options: &Options) -> Result<Layout, Error> {
        let lettering = Lettering::new(LABEL);
        let names: Vec<String> =
            names.iter().map(|name| lettering.fitted(name, WIDEST_NAME)).collect();
        let (columns, widest) = (names.len() as i32, widest(&names, LABEL));
        let left = MARGIN + widest + 10;
        let beside = ColourBar::WIDTH + Self::BAR_FIGURES + MARGIN;
        let usual = ((WIDEST - left - beside) / columns).min(520 / columns);
        let usual = usual.clamp(LEAST_CELL, MOST_CELL);
        let across = |cell: i32| left + cell * columns + beside;
        let with_title = (2 * MARGIN + Lettering::bold(17).width(title)).min(TITLE_WIDTH);
        let usual_width = across(usual).max(with_title);
        let heading = Heading::new(title, "", options.width(usual_width as u32));
        let top = heading.bottom();
        // Names that do not fit under a cell read upward.
        let below = |cell: i32| if widest > cell - 6 { widest } else { LABEL as i32 } + 12;
        let down = |cell: i32| top + (cell * columns).max(60) + below(cell) + MARGIN;
        let least = (across(LEAST_CELL) as u32, down(LEAST_CELL) as u32);
        let size = options.size((usual_width as u32, down(usual) as u32), least)?;
        let cell = match options.size {
            None => usual,
            Some((width, height)) => {
                let across = (width as i32 - left - beside) / columns;
                let down = (height as i32 - top - below(LEAST_CELL) - MARGIN) / columns;
                across.min(down)
            }
        };
        let ends = match options.colours(2)?.as_slice() {
            [negative, positive, ..] => [*negative, *positive],
            _ => palette::DIVERGING,
        };
        Ok(Layout { heading, upward: widest > cell - 6, names, cell, left, top, ends, size })
    }

    fn draw(&self, canvas: &Canvas<'_>, correlations: &data::Correlations) -> Result<(), Error> {
        self.heading.draw(canvas)?;
        for ((row, column), &value) in correlations.matrix().indexed_iter() {
            let corner = |place: usize| place as i32 * self.cell;
            let from = (self.left + corner(column), self.top + corner(row));
            let to = (from.0 + self.cell, from.1 + self.cell);
            let colour = match value.is_nan() {
                true => palette::GRID,
                false => palette::diverging(value, self.ends),
            };
            canvas.filled(from, to, colour)?;
            canvas.outlined(from, to, RGBColor(0xff, 0xff, 0xff))?;
            if self.cell >= CELL_WITH_NUMBER {
                let text = if value.is_nan() { "–".to_owned() } else { figure(value) };
                let colour = palette::text_on(colour);
                let lettering = Lettering { colour, ..Lettering::new(SMALL) };
                let middle = (from.0 + self.cell / 2, from.1 + self.cell / 2);
                canvas.text(&text, middle, lettering)?;
            }
        }
        let side = self.cell * self.names.len() as i32;
        let corner = (self.left + side, self.top + side);
        canvas.outlined((self.left, self.top), corner, palette::LINE)?;
        for (place, name) in self.names.iter().enumerate() {
            let middle = place as i32 * self.cell + self.cell / 2;
            let beside = Lettering { align: HPos::Right, ..Lettering::new(LABEL) };
            canvas.text(name, (self.left - 10, self.top + middle), beside)?;
            let (below, down) = match self.upward {
                true => (Lettering { upward: true, ..beside }, 10),
                false => (Lettering::new(LABEL), 8 + LABEL as i32 / 2),
            };
            canvas.text(name, (self.left + middle, corner.1 + down), below)?;
        }
        self.draw_bar(canvas, (corner.0, corner.1.max(self.top + 60)))
    }

    /// The colour scale, as high as the cells.
    fn draw_bar(&self, canvas: &Canvas<'_>, (right, bottom): (i32, i32)) -> Result<(), Error> {
        let bar = ColourBar { right, top: self.top, bottom };
        let figures = [(0, "−1"), (1, "0"), (2, "1")]
            .map(|(halves, text)| (text.to_owned(), bottom - bar.height() * halves / 2));
        bar.draw(canvas, |share| palette::diverging(2.0 * share - 1.0, self.ends), figures)
    }
}

/// The picture in words: what it is, and the strongest pairs.
fn alt(correlations: &data::Correlations, names: &[String], what: &str) -> String {
    let mut pairs: Vec<(usize, usize, f64)> = (correlations.matrix().indexed_iter())
        .filter(|((one, other), value)| one < other && !value.is_nan())
        .map(|((one, other), &value)| (one, other, value))
        .collect();
    pairs.sort_by(|a, b| b.2.abs().total_cmp(&a.2.abs()));
    let named = |place: usize| names.get(place).map_or("", String::as_str);
    let pair = |(one, other, value): &(usize, usize, f64)| {
        format!("{} and {} {}", named(*one), named(*other), figure(*value))
    };
    let strongest: Vec<String> = pairs.iter().take(NAMED_PAIRS).map(pair).collect();
    let strongest = match pairs.len() {
        0 => "No pair has one.".to_owned(),
        all if all > NAMED_PAIRS => format!("The strongest: {}.", strongest.join(", ")),
        _ => format!("{}.", strongest.join(", ")),
    };
    format!(
        "{what}, a square of colours from orange (−1) by white (0) to blue (1), with the columns \
         across and down: {}. {strongest}",
        names.join(", ")
    )
}
