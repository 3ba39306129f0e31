//! Two columns of a table, a mark for each row.

use super::cloud::{Cloud, ONE, cloud};
use super::columns::{axis, bounds};
use super::rows::{Rows, TableSource};
use crate::data::{Column, Frame as Table};
use crate::plot::drawing::axes::Axes;
use crate::plot::drawing::frame::{Beside, Frame};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::marks::mark;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::scale::two_numbers;
use crate::plot::{Error, Figure};
use crate::text::count;

/// The usual size.
const SIZE: (u32, u32) = (680, 480);

/// Draws two columns of a table against each other, a mark for each row. Of a
/// [`Dataset`](crate::data::Dataset) shape and colour are the class. Rows with a missing value are
/// left out, and the picture says how many.
///
/// # Errors
/// As [`Scatter::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::scatter(&balance_scale(), ["Left-Weight", "Left-Distance"])?;
/// assert_eq!(figure.title(), "Left-Weight and Left-Distance by Class");
/// # Ok::<(), picklebook::plot::Error>(())
/// ```
pub fn scatter(source: impl Into<TableSource>, columns: [&str; 2]) -> Result<Figure, Error> {
    Scatter::new(source, columns).draw()
}

/// A scatter plot, with options.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::plot;
///
/// let table = Frame::named([
///     ("width", Column::from([1.0, 2.0, 3.5])),
///     ("height", Column::from([1.5, f64::NAN, 3.0])),
///     ("colour", Column::from(["red", "blue", "red"])),
/// ])?;
/// let figure = plot::Scatter::new(&table, ["width", "height"]).by("colour").draw()?;
/// assert!(figure.alt().contains("1 row with a missing value is left out."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scatter {
    source: TableSource,
    columns: [String; 2],
    by: Option<String>,
    options: Options,
}

shared_options!(Scatter, labels, class_names);

impl Scatter {
    /// Rows of a table, and the names of the columns across and up.
    pub fn new(source: impl Into<TableSource>, columns: [&str; 2]) -> Self {
        let (source, columns) = (source.into(), columns.map(str::to_owned));
        Scatter { source, columns, by: None, options: Options::default() }
    }

    /// The column whose values, at most 8, tell the marks apart by shape and colour.
    pub fn by(mut self, column: impl Into<String>) -> Self {
        self.by = Some(column.into());
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::NoColumn`] for a column that is not there, [`Error::Words`] for one that holds words,
    /// [`Error::SameColumn`] for the same column twice, [`Error::NotFinite`] for an infinite
    /// number, [`Error::Empty`] where no row has both, [`Error::TooManyClasses`] past 8 in the
    /// column of [`by`](Self::by), [`Error::Length`] for too few names or colours, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let [across, up] = self.columns.each_ref().map(name);
        if self.columns[0] == self.columns[1] {
            return Err(Error::SameColumn { column: across });
        }
        let rows = Rows::new(&self.source, &self.columns, self.by.as_deref(), &self.options)?;
        let [xs, ys] = [0, 1].map(|place| rows.columns.get(place).map_or(&[][..], Vec::as_slice));
        let title = match &rows.by {
            Some(by) => format!("{across} and {up} by {by}"),
            None => format!("{across} and {up}"),
        };
        let correlation = correlation(xs, ys);
        let size = count(rows.len(), "row", "rows");
        let note =
            |marks: &str| joined(&[&format!("{size}."), &correlation, &rows.not_shown(), marks]);
        let lay_out = |note: &str| {
            let both = (axis(xs, across.clone()), axis(ys, up.clone()));
            let beside = match rows.legend() {
                none if none.is_empty() => Beside::Room(14),
                legend => Beside::Legend(legend),
            };
            Frame::new((title.clone(), note), both, beside, SIZE, &self.options)
        };
        let fill = |axes: &Axes| -> Cloud {
            let points: Vec<_> = xs.iter().zip(ys).map(|(&x, &y)| axes.at(x, y)).collect();
            let area = ((axes.x.from, axes.y.to), (axes.x.to, axes.y.from));
            cloud(&points, &rows.codes, area, ONE)
        };
        // What is merged depends on the room, and the room on how long the note about it is.
        let mut frame = lay_out(&note(""))?;
        let mut filled = fill(&frame.axes);
        let merged = filled.in_words(rows.len());
        if !merged.is_empty() {
            frame = lay_out(&note(&merged))?;
            filled = fill(&frame.axes);
            frame.replace_note(&note(&filled.in_words(rows.len())));
        }
        let range = |column: &str, values: &[f64]| {
            let (low, high) = bounds(values);
            let (low, high) = two_numbers(low, high);
            format!("{column} from {low} to {high}")
        };
        let marks = match &rows.by {
            Some(by) => format!(", as marks whose shape and colour are {by}"),
            None => " as marks".to_owned(),
        };
        let alt = joined(&[
            &format!(
                "Scatter plot of {size}{marks}: {} across, {} up.",
                range(&across, xs),
                range(&up, ys)
            ),
            &rows.sizes(),
            &correlation,
            &rows.not_shown(),
            &filled.in_words(rows.len()),
        ]);
        frame.draw(alt, |canvas, _| {
            for dot in &filled.dots {
                if let Some(look) = rows.looks.get(dot.class) {
                    mark(canvas, dot.at, filled.radius, look.shape, look.colour)?;
                }
            }
            Ok(())
        })
    }
}

/// Sentences, those that are empty left out.
pub(super) fn joined(sentences: &[&str]) -> String {
    let some: Vec<&str> = sentences.iter().copied().filter(|it| !it.is_empty()).collect();
    some.join(" ")
}

/// How two columns go together, in words; empty where one does not vary.
fn correlation(xs: &[f64], ys: &[f64]) -> String {
    match pearson(xs, ys) {
        Some(value) => format!("Pearson's correlation is {}.", figure(value)),
        None => String::new(),
    }
}

/// Pearson's correlation of two columns; `None` where one does not vary.
pub(super) fn pearson(xs: &[f64], ys: &[f64]) -> Option<f64> {
    let columns = [xs, ys].map(|column| Column::Numbers(column.to_vec()));
    let correlations = Table::unnamed(columns).ok()?.corr().ok()?;
    correlations.matrix().get((0, 1)).copied().filter(|value| !value.is_nan())
}

/// A coefficient with two digits and a real minus.
pub(super) fn figure(value: f64) -> String {
    let text = format!("{:.2}", value.abs());
    if value < 0.0 && text != "0.00" { format!("−{text}") } else { text }
}
