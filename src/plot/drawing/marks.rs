//! How classes are told apart: by colour, by the shape of a mark, by the dashes of a line.

use plotters::style::RGBColor;

use super::canvas::Canvas;
use super::palette;
use super::sheet::Point;
use crate::plot::Error;

/// The most classes that can be told apart.
pub(crate) const MOST_CLASSES: usize = palette::CLASSES.len();

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Disc,
    Square,
    Triangle,
    Diamond,
    Cross,
    Plus,
    Down,
    Bar,
}

/// How one class looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Look {
    pub(crate) colour: RGBColor,
    pub(crate) shape: Shape,
    /// Lengths of dashes and gaps in turn; none for a whole line.
    pub(crate) dashes: &'static [i32],
}

/// The look of the class at a place among the classes; `colours` in place of the usual ones.
pub(crate) fn look(class: usize, colours: &[RGBColor]) -> Look {
    const SHAPES: [(Shape, &[i32]); MOST_CLASSES] = [
        (Shape::Disc, &[]),
        (Shape::Square, &[9, 5]),
        (Shape::Triangle, &[2, 4]),
        (Shape::Diamond, &[10, 4, 2, 4]),
        (Shape::Cross, &[16, 5]),
        (Shape::Plus, &[4, 3]),
        (Shape::Down, &[10, 3, 2, 3, 2, 3]),
        (Shape::Bar, &[2, 8]),
    ];
    let colours = if colours.is_empty() { &palette::CLASSES } else { colours };
    let colour = colours.get(class % colours.len()).copied().unwrap_or(palette::INK);
    let (shape, dashes) = SHAPES.get(class % SHAPES.len()).copied().unwrap_or((Shape::Disc, &[]));
    Look { colour, shape, dashes }
}

/// Draws a mark about `radius` pixels around `center`; all shapes have about the same area.
pub(crate) fn mark(
    canvas: &Canvas<'_>,
    (x, y): Point,
    radius: i32,
    shape: Shape,
    colour: RGBColor,
) -> Result<(), Error> {
    let r = radius;
    match shape {
        Shape::Disc => canvas.disc((x, y), r.unsigned_abs(), colour),
        Shape::Square => {
            let half = (r * 9 / 10).max(1);
            canvas.filled((x - half, y - half), (x + half, y + half), colour)
        }
        Shape::Triangle => {
            let (up, down, side) = (r * 5 / 4, r * 3 / 4, r * 6 / 5);
            canvas.polygon(vec![(x, y - up), (x + side, y + down), (x - side, y + down)], colour)
        }
        Shape::Down => {
            let (up, down, side) = (r * 3 / 4, r * 5 / 4, r * 6 / 5);
            canvas.polygon(vec![(x, y + down), (x + side, y - up), (x - side, y - up)], colour)
        }
        Shape::Diamond => {
            let r = r * 5 / 4;
            canvas.polygon(vec![(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour)
        }
        Shape::Cross => {
            canvas.line(&[(x - r, y - r), (x + r, y + r)], colour, 2, &[])?;
            canvas.line(&[(x - r, y + r), (x + r, y - r)], colour, 2, &[])
        }
        Shape::Plus => {
            canvas.line(&[(x - r, y), (x + r, y)], colour, 2, &[])?;
            canvas.line(&[(x, y - r), (x, y + r)], colour, 2, &[])
        }
        Shape::Bar => canvas.filled((x - r / 3, y - r), (x + r / 3 + 1, y + r), colour),
    }
}
