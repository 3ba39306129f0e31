//! A confusion matrix as a heat map.

use std::cmp::Reverse;

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::names::class_names;
use crate::metrics;
use crate::plot::drawing::canvas::{Canvas, Lettering, fitted, width};
use crate::plot::drawing::colour_bar::ColourBar;
use crate::plot::drawing::heading::{AXIS_TITLE, Heading, LABEL, MARGIN, SMALL, TITLE, widest};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::{Error, Figure};
use crate::text::{self, count, percent};

/// The most classes that have room.
const MOST_CLASSES: usize = 20;

/// Classes up to which the alternative text holds every count.
const SPELLED_OUT: usize = 4;

const NAME: u32 = LABEL;
const COUNT: u32 = 16;
const SHARE: u32 = SMALL;

/// The least side of a cell, and from which side on there is room for its share, in pixels.
const LEAST_CELL: i32 = 25;
const CELL_WITH_SHARE: i32 = 54;

/// The greatest side of a cell, if no size is asked for.
const MOST_CELL: i32 = 120;

/// Titles past this width take two lines.
const WIDTH: i32 = 640;

/// The widest name of a class, in pixels, where there is room, and where there is little.
const WIDEST_NAME: i32 = 150;
const LEAST_NAME: i32 = 80;

/// How wide a picture may become to hold its names.
const WIDEST: i32 = 760;

/// Draws a confusion matrix: true classes down, predicted ones across; each cell with its count
/// and its share of the true class, which also gives its colour.
///
/// # Errors
/// [`Error::TooManyClasses`] past 20 classes.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::{metrics, plot};
///
/// let truth = Labels::from(["L", "R", "R", "B"]);
/// let predicted = Labels::from(["L", "R", "L", "R"]);
/// let figure = plot::confusion_matrix(&metrics::confusion_matrix(&truth, &predicted)?)?;
/// assert!(figure.alt().contains("Class B (1 row) is never predicted."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn confusion_matrix(matrix: &metrics::ConfusionMatrix) -> Result<Figure, Error> {
    ConfusionMatrix::new(matrix).draw()
}

/// A picture of a confusion matrix, with options.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::{metrics, plot};
///
/// let truth = Labels::from(["L", "R", "R", "B"]);
/// let predicted = Labels::from(["L", "R", "L", "R"]);
/// let figure = plot::ConfusionMatrix::new(&metrics::confusion_matrix(&truth, &predicted)?)
///     .title("Which side falls")
///     .class_names(["balanced", "left", "right"])
///     .draw()?;
/// assert!(figure.alt().contains("1 row of class balanced predicted as right."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConfusionMatrix<'a> {
    matrix: &'a metrics::ConfusionMatrix,
    options: Options,
}

shared_options!(ConfusionMatrix<'_>, labels, class_names);

impl<'a> ConfusionMatrix<'a> {
    /// A picture of these counts.
    pub fn new(matrix: &'a metrics::ConfusionMatrix) -> Self {
        ConfusionMatrix { matrix, options: Options::default() }
    }

    /// Draws the picture. A colour that was set is that of the share 1, and should be dark.
    ///
    /// # Errors
    /// [`Error::TooManyClasses`] past 20 classes, [`Error::Length`] for too few names,
    /// [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let matrix = self.matrix;
        let classes = matrix.classes().len();
        if classes > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes, most: MOST_CLASSES });
        }
        let names = class_names(matrix.classes(), &self.options)?;
        let (right, total) = (matrix.counts().diag().sum(), matrix.total());
        let share = percent(right, total, 1);
        let right = format!("{} of {} right ({share})", text::grouped(right), text::grouped(total));
        let title = self.options.title.clone();
        let title = title.unwrap_or_else(|| format!("Confusion matrix: {right}"));
        let layout = Layout::new(&names, &title, &self.options)?;
        let svg = Canvas::draw(layout.size, &title, |canvas| layout.draw(canvas, matrix))?;
        Ok(Figure::new(svg, title, alt(matrix, &names), layout.size))
    }
}

/// Where everything stands.
struct Layout {
    heading: Heading,
    names: Vec<String>,
    labels: [String; 2],
    upward_names: bool,
    /// The side of a cell.
    cell: i32,
    /// The upper left corner of the cells.
    left: i32,
    top: i32,
    /// The room below the cells for the names of the predicted classes.
    names_below: i32,
    /// The colour of the share 1, if it is not the usual one.
    darkest: Option<RGBColor>,
    size: (u32, u32),
}

impl Layout {
    /// The room right of the bar for its figures.
    const BAR_FIGURES: i32 = 62;

    fn new(names: &[String], title: &str, options: &Options) -> Result<Self, Error> {
        let classes = names.len() as i32;
        let usual_cell = match classes {
            ..=4 => 92,
            5..=8 => 74,
            _ => (500 / classes).clamp(LEAST_CELL, 60),
        };
        let beside = ColourBar::WIDTH + Self::BAR_FIGURES + MARGIN;
        let before = MARGIN + AXIS_TITLE as i32 + 14 + 10;
        let room = WIDEST - before - usual_cell * classes - beside;
        let room = room.clamp(LEAST_NAME, WIDEST_NAME);
        let names: Vec<String> = names.iter().map(|name| fitted(name, NAME, room)).collect();
        let widest = widest(&names, NAME);
        let left = before + widest;
        let across = |cell: i32| left + cell * classes + beside;
        let with_title = (2 * MARGIN + Lettering::bold(TITLE).width(title)).min(WIDTH);
        // Few cells may grow until they are as wide as the title.
        let usual_cell = match classes {
            ..=4 => usual_cell.max((with_title - left - beside) / classes).min(MOST_CELL),
            _ => usual_cell,
        };
        let usual_width = across(usual_cell).max(with_title);
        let heading = Heading::new(title, "", options.width(usual_width as u32));

        let top = heading.bottom();
        let names_below = |cell: i32| if widest > cell - 6 { widest } else { NAME as i32 } + 12;
        let below = |cell: i32| names_below(cell) + 12 + AXIS_TITLE as i32 + MARGIN;
        let down = |cell: i32| top + cell * classes + below(cell);
        let usual = (usual_width as u32, down(usual_cell) as u32);
        let least = (across(LEAST_CELL) as u32, down(LEAST_CELL) as u32);
        let size = options.size(usual, least)?;
        let cell = match options.size {
            None => usual_cell,
            Some((width, height)) => {
                let across = (width as i32 - left - beside) / classes;
                let down = (height as i32 - top - below(LEAST_CELL)) / classes;
                across.min(down)
            }
        };
        let darkest = options.colours(1)?.first().copied();
        let (upward_names, names_below) = (widest > cell - 6, names_below(cell));
        let labels = options.labels("Predicted class", "True class");
        Ok(Layout {
            heading,
            names,
            labels,
            upward_names,
            cell,
            left,
            top,
            names_below,
            darkest,
            size,
        })
    }

    fn colour(&self, share: f64) -> RGBColor {
        match self.darkest {
            Some(colour) => palette::tint(colour, 0.04 + 0.96 * share),
            None => palette::sequential(share),
        }
    }

    fn draw(&self, canvas: &Canvas<'_>, matrix: &metrics::ConfusionMatrix) -> Result<(), Error> {
        self.heading.draw(canvas)?;
        for (row, counts) in matrix.counts().rows().into_iter().enumerate() {
            let of_class = counts.sum();
            for (column, &rows) in counts.iter().enumerate() {
                self.draw_cell(canvas, (row as i32, column as i32), rows, of_class)?;
            }
        }
        let side = self.cell * self.names.len() as i32;
        let corner = (self.left + side, self.top + side);
        canvas.outlined((self.left, self.top), corner, palette::LINE)?;
        self.draw_names(canvas)?;

        let axis = Lettering::bold(AXIS_TITLE);
        let [x_label, y_label] = self.labels.each_ref().map(|label| axis.fitted(label, side));
        let (center_x, center_y) = (self.left + side / 2, self.top + side / 2);
        let below = corner.1 + self.names_below + 12 + AXIS_TITLE as i32 / 2;
        canvas.text(&x_label, (center_x, below), axis)?;
        let beside = MARGIN + AXIS_TITLE as i32 / 2;
        canvas.text(&y_label, (beside, center_y), Lettering { upward: true, ..axis })?;
        self.draw_bar(canvas, corner)
    }

    fn draw_cell(
        &self,
        canvas: &Canvas<'_>,
        (row, column): (i32, i32),
        rows: usize,
        of_class: usize,
    ) -> Result<(), Error> {
        let from = (self.left + column * self.cell, self.top + row * self.cell);
        let to = (from.0 + self.cell, from.1 + self.cell);
        let share = if of_class == 0 { 0.0 } else { rows as f64 / of_class as f64 };
        let colour = self.colour(share);
        canvas.filled(from, to, colour)?;
        canvas.outlined(from, to, RGBColor(0xff, 0xff, 0xff))?;
        let center = (from.0 + self.cell / 2, from.1 + self.cell / 2);
        if rows == 0 {
            let quiet = Lettering { colour: palette::QUIET, ..Lettering::new(SHARE) };
            return canvas.text("0", center, quiet);
        }
        let text_colour = palette::text_on(colour);
        if self.cell < CELL_WITH_SHARE {
            let alone = Lettering { colour: text_colour, ..Lettering::new(SHARE) };
            return canvas.text(&self.count(rows, alone), center, alone);
        }
        let above = Lettering { colour: text_colour, ..Lettering::bold(COUNT) };
        canvas.text(&self.count(rows, above), (center.0, center.1 - 9), above)?;
        let below = Lettering { colour: text_colour, ..Lettering::new(SHARE) };
        canvas.text(&percent(rows, of_class, 0), (center.0, center.1 + 12), below)
    }

    /// A count: all its digits, if they have room in a cell, else rounded.
    fn count(&self, rows: usize, lettering: Lettering) -> String {
        let exact = text::grouped(rows);
        match lettering.width(&exact) <= self.cell - 4 {
            true => exact,
            false => short_count(rows),
        }
    }

    fn draw_names(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let bottom = self.top + self.cell * self.names.len() as i32;
        for (place, name) in self.names.iter().enumerate() {
            let middle = place as i32 * self.cell + self.cell / 2;
            let beside = Lettering { align: HPos::Right, ..Lettering::new(NAME) };
            canvas.text(name, (self.left - 10, self.top + middle), beside)?;
            let below = match self.upward_names {
                true => Lettering { upward: true, ..beside },
                false => Lettering::new(NAME),
            };
            let down = if self.upward_names { 10 } else { 8 + NAME as i32 / 2 };
            canvas.text(name, (self.left + middle, bottom + down), below)?;
        }
        Ok(())
    }

    /// The colour scale, as high as the cells.
    fn draw_bar(&self, canvas: &Canvas<'_>, (right, bottom): (i32, i32)) -> Result<(), Error> {
        let bar = ColourBar { right, top: self.top, bottom };
        let figure = |share: i32| (format!("{share} %"), bottom - bar.height() * share / 100);
        bar.draw(canvas, |share| self.colour(share), [0, 50, 100].map(figure))?;
        let fits = width("Share of the true class", SHARE) <= bar.height();
        bar.draw_meaning(canvas, if fits { "Share of the true class" } else { "Share" }, 40)
    }
}

/// A count of at most four characters, from 1,000 to 10¹² - 1.
fn short_count(rows: usize) -> String {
    let short = |unit: usize, name| {
        let value = rows as f64 / unit as f64;
        match value < 9.95 {
            true => format!("{value:.1}{name}"),
            false => format!("{value:.0}{name}"),
        }
    };
    match rows {
        // 999,500 would be 1000k.
        0..999_500 => short(1_000, "k"),
        999_500..999_500_000 => short(1_000_000, "M"),
        _ => short(1_000_000_000, "G"),
    }
}

/// The picture in words: what it is, and what it shows.
fn alt(matrix: &metrics::ConfusionMatrix, names: &[String]) -> String {
    let name = |class: usize| text::shortened(names.get(class).map_or("", String::as_str), 30);
    let classes = matrix.classes().len();
    let counts = matrix.counts();
    let (right, total) = (counts.diag().sum(), matrix.total());
    let names: Vec<String> = (0..classes).map(name).collect();
    let mut words = vec![format!(
        "Confusion matrix, a heat map: true classes down, predicted classes across ({}). {} of \
         {} are right ({}).",
        names.join(", "),
        text::grouped(right),
        count(total, "prediction", "predictions"),
        percent(right, total, 1)
    )];
    for (class, (row, column)) in counts.rows().into_iter().zip(counts.columns()).enumerate() {
        let of_class = count(row.sum(), "row", "rows");
        if row.sum() == 0 {
            words.push(format!("Class {} is predicted and never true.", name(class)));
        } else if column.sum() == 0 {
            words.push(format!("Class {} ({of_class}) is never predicted.", name(class)));
        }
    }
    let wrong = counts.indexed_iter().filter(|((t, p), rows)| t != p && **rows > 0);
    // The first among equals.
    let most = wrong.min_by_key(|(at, rows)| (Reverse(**rows), *at));
    match most {
        Some(((truth, predicted), &rows)) => words.push(format!(
            "The most common confusion: {} of class {} predicted as {}.",
            count(rows, "row", "rows"),
            name(truth),
            name(predicted)
        )),
        None => words.push("No class is taken for another.".into()),
    }
    if classes <= SPELLED_OUT {
        let line = |(class, row): (usize, ndarray::ArrayView1<'_, usize>)| {
            let cells = row.iter().enumerate().map(|(p, rows)| format!("{rows} as {}", name(p)));
            format!("{} predicted {}", name(class), cells.collect::<Vec<_>>().join(", "))
        };
        let lines: Vec<String> = counts.rows().into_iter().enumerate().map(line).collect();
        words.push(format!("By true class: {}.", lines.join("; ")));
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_counts_have_four_characters_at_most() {
        for (rows, short) in [
            (1_000, "1.0k"),
            (9_949, "9.9k"),
            (9_950, "10k"),
            (999_499, "999k"),
            (999_500, "1.0M"),
            (999_499_999, "999M"),
            (999_500_000, "1.0G"),
        ] {
            assert_eq!(short_count(rows), short);
        }
    }
}
