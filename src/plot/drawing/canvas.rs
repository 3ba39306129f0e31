//! A white sheet to draw on, and how much room text takes there.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontFamily, FontTransform};

use super::font;
use super::palette;
use super::shapes::{Card, Curve, Link};
use super::sheet::{Point, Sheet};
use crate::plot::Error;
use crate::text;

/// How a piece of text looks.
#[derive(Clone, Copy)]
pub(crate) struct Lettering {
    /// Pixels.
    pub(crate) size: u32,
    pub(crate) bold: bool,
    pub(crate) colour: RGBColor,
    /// Where the text's own point is; it is always in the middle of its height.
    pub(crate) align: HPos,
    /// Reads from below to above.
    pub(crate) upward: bool,
}

impl Lettering {
    pub(crate) fn new(size: u32) -> Self {
        let (bold, colour, align, upward) = (false, palette::INK, HPos::Center, false);
        Lettering { size, bold, colour, align, upward }
    }

    pub(crate) fn bold(size: u32) -> Self {
        Lettering { bold: true, ..Lettering::new(size) }
    }

    /// How wide `text` is in these letters, in whole pixels, rounded up.
    pub(crate) fn width(self, text: &str) -> i32 {
        font::width(text, f64::from(self.size), self.bold).ceil() as i32
    }

    /// `text` cut so that it is no wider than `most` pixels.
    pub(crate) fn fitted(self, text: &str, most: i32) -> String {
        let mut columns = text::width(text).min(most.max(0) as usize);
        loop {
            let cut = text::shortened(text, columns);
            if columns <= 1 || self.width(&cut) <= most {
                return cut;
            }
            columns -= 1;
        }
    }

    /// `text` in lines of at most `most` pixels, broken at blanks; the last of at most `lines`
    /// lines is cut when more text follows.
    pub(crate) fn wrapped(self, text: &str, most: i32, lines: usize) -> Vec<String> {
        let mut done: Vec<String> = Vec::new();
        let mut line = String::new();
        for word in text.split(' ') {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            // The last line takes all that is left, and is cut below.
            if self.width(&longer) <= most || line.is_empty() || done.len() + 1 >= lines {
                line = longer;
            } else {
                done.push(std::mem::replace(&mut line, word.to_owned()));
            }
        }
        done.push(line);
        done.iter().map(|line| self.fitted(line, most)).collect()
    }
}

/// The sheet.
pub(crate) struct Canvas<'a>(DrawingArea<Sheet<'a>, Shift>);

impl Canvas<'_> {
    /// Draws on a white sheet of `size` pixels; the result is the SVG.
    pub(crate) fn draw(
        size: (u32, u32),
        title: &str,
        drawing: impl FnOnce(&Canvas<'_>) -> Result<(), Error>,
    ) -> Result<String, Error> {
        let mut svg = String::new();
        {
            let canvas = Canvas(Sheet::new(&mut svg, size, title).into_drawing_area());
            canvas.0.fill(&WHITE).map_err(problem)?;
            drawing(&canvas)?;
            canvas.0.present().map_err(problem)?;
        }
        Ok(svg)
    }

    pub(crate) fn filled(&self, from: Point, to: Point, colour: RGBColor) -> Result<(), Error> {
        self.0.draw(&Rectangle::new([from, to], colour.filled())).map_err(problem)
    }

    pub(crate) fn outlined(&self, from: Point, to: Point, colour: RGBColor) -> Result<(), Error> {
        self.0.draw(&Rectangle::new([from, to], colour.stroke_width(1))).map_err(problem)
    }

    /// A line through `points`. Short dashes, and the gaps between them, have the lengths of
    /// `dashes` in turn; without any, the line is whole.
    pub(crate) fn line(
        &self,
        points: &[Point],
        colour: RGBColor,
        width: u32,
        dashes: &[i32],
    ) -> Result<(), Error> {
        for part in super::dashes::dashed(points, dashes) {
            let style = colour.stroke_width(width);
            self.0.draw(&PathElement::new(part, style)).map_err(problem)?;
        }
        Ok(())
    }

    pub(crate) fn polygon(&self, points: Vec<Point>, colour: RGBColor) -> Result<(), Error> {
        self.0.draw(&Polygon::new(points, colour.filled())).map_err(problem)
    }

    /// A polygon through which what lies behind can be seen: the less, the nearer `strength` is to 1.
    pub(crate) fn area(
        &self,
        points: Vec<Point>,
        colour: RGBColor,
        strength: f64,
    ) -> Result<(), Error> {
        self.0.draw(&Polygon::new(points, colour.mix(strength).filled())).map_err(problem)
    }

    pub(crate) fn disc(&self, center: Point, radius: u32, colour: RGBColor) -> Result<(), Error> {
        self.0.draw(&Circle::new(center, radius, colour.filled())).map_err(problem)
    }

    pub(crate) fn ring(&self, center: Point, radius: u32, colour: RGBColor) -> Result<(), Error> {
        self.0.draw(&Circle::new(center, radius, colour.stroke_width(2))).map_err(problem)
    }

    pub(crate) fn card(&self, card: Card) -> Result<(), Error> {
        self.0.draw(&card).map_err(problem)
    }

    pub(crate) fn curve(&self, curve: Curve) -> Result<(), Error> {
        self.0.draw(&curve).map_err(problem)
    }

    pub(crate) fn link(&self, link: Link) -> Result<(), Error> {
        self.0.draw(&link).map_err(problem)
    }

    pub(crate) fn text(&self, text: &str, at: Point, lettering: Lettering) -> Result<(), Error> {
        if text.is_empty() {
            return Ok(());
        }
        let Lettering { size, bold, colour, align, upward } = lettering;
        let font = FontDesc::new(
            FontFamily::SansSerif,
            f64::from(size),
            if bold { FontStyle::Bold } else { FontStyle::Normal },
        );
        let font = if upward { font.transform(FontTransform::Rotate270) } else { font };
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(align, VPos::Center));
        self.0.draw(&Text::new(text, at, style)).map_err(problem)
    }
}

fn problem(error: impl std::fmt::Display) -> Error {
    Error::Drawing { problem: error.to_string() }
}

/// How wide `text` is in regular letters, in whole pixels, rounded up.
pub(crate) fn width(text: &str, size: u32) -> i32 {
    Lettering::new(size).width(text)
}

/// `text` in regular letters, cut so that it is no wider than `most` pixels.
pub(crate) fn fitted(text: &str, size: u32, most: i32) -> String {
    Lettering::new(size).fitted(text, most)
}
