//! What lines and marks mean, beside the chart, in the order of the classes.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Lettering, fitted, width};
use super::heading::{LABEL, SMALL};
use super::marks::{Look, mark};
use super::palette;
use super::sheet::Point;
use crate::plot::Error;

/// What stands before a name.
pub(crate) enum Sample {
    /// A piece of the line, dashed as it is.
    Line(Look),
    /// The mark, on the colour of its region.
    Mark(Look, RGBColor),
    /// A reference line.
    Reference,
}

/// A name, and a second line in smaller letters if it is not empty.
pub(crate) struct Entry {
    pub(crate) sample: Sample,
    pub(crate) name: String,
    pub(crate) detail: String,
}

const SAMPLE: i32 = 30;
const GAP: i32 = 9;
const WIDEST_NAME: i32 = 140;

/// The dashes of a reference line.
pub(crate) const REFERENCE: &[i32] = &[3, 4];

/// The room that a legend takes: width and height in pixels.
pub(crate) fn room(entries: &[Entry]) -> Point {
    let name = |entry: &Entry| {
        let name = width(&entry.name, LABEL).min(WIDEST_NAME);
        name.max(width(&entry.detail, SMALL).min(WIDEST_NAME))
    };
    let names = entries.iter().map(name).max().unwrap_or(0);
    (SAMPLE + GAP + names, entries.iter().map(height).sum())
}

fn height(entry: &Entry) -> i32 {
    if entry.detail.is_empty() { 24 } else { 42 }
}

/// Draws the entries downward from `corner`.
pub(crate) fn draw(canvas: &Canvas<'_>, entries: &[Entry], corner: Point) -> Result<(), Error> {
    let (left, mut top) = corner;
    for entry in entries {
        let middle = top + 11;
        match &entry.sample {
            Sample::Line(look) => {
                let ends = [(left, middle), (left + SAMPLE, middle)];
                canvas.line(&ends, look.colour, 2, look.dashes)?;
            }
            Sample::Mark(look, region) => {
                canvas.filled((left, middle - 9), (left + SAMPLE, middle + 9), *region)?;
                mark(canvas, (left + SAMPLE / 2, middle), 4, look.shape, look.colour)?;
            }
            Sample::Reference => {
                let ends = [(left, middle), (left + SAMPLE, middle)];
                canvas.line(&ends, palette::QUIET, 1, REFERENCE)?;
            }
        }
        let name = Lettering { align: HPos::Left, ..Lettering::new(LABEL) };
        let beside = left + SAMPLE + GAP;
        canvas.text(&fitted(&entry.name, LABEL, WIDEST_NAME), (beside, middle), name)?;
        if !entry.detail.is_empty() {
            let quiet = Lettering { colour: palette::QUIET, ..Lettering::new(SMALL) };
            let quiet = Lettering { align: HPos::Left, ..quiet };
            let detail = fitted(&entry.detail, SMALL, WIDEST_NAME);
            canvas.text(&detail, (beside, middle + 18), quiet)?;
        }
        top += height(entry);
    }
    Ok(())
}
