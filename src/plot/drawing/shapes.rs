//! Shapes that plotters does not have: boxes with round corners, and curves.

use plotters::element::{Drawable, PointCollection};
use plotters::style::RGBColor;
use plotters_backend::DrawingErrorKind;

use super::sheet::{Point, Sheet};

/// A filled box with a border and round corners.
pub(crate) struct Card {
    pub(crate) from: Point,
    pub(crate) to: Point,
    /// What the box is, as an SVG's class.
    pub(crate) class: &'static str,
    /// Of the corners, in pixels.
    pub(crate) radius: i32,
    pub(crate) fill: RGBColor,
    pub(crate) stroke: RGBColor,
    pub(crate) width: u32,
    pub(crate) dashed: bool,
}

/// A line straight down to `bend`, then in a curve to `to`, where it arrives from above.
pub(crate) struct Curve {
    pub(crate) from: Point,
    pub(crate) bend: i32,
    pub(crate) to: Point,
    pub(crate) colour: RGBColor,
    pub(crate) width: u32,
}

/// A curve that leaves `from` to the right and arrives at `to` from the left.
pub(crate) struct Link {
    pub(crate) from: Point,
    pub(crate) to: Point,
    pub(crate) colour: RGBColor,
    pub(crate) width: u32,
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

impl<'a> PointCollection<'a, Point> for &'a Card {
    type Point = Point;
    type IntoIter = [Point; 2];

    fn point_iter(self) -> [Point; 2] {
        [self.from, self.to]
    }
}

impl<'a> PointCollection<'a, Point> for &'a Curve {
    type Point = Point;
    type IntoIter = [Point; 2];

    fn point_iter(self) -> [Point; 2] {
        [self.from, self.to]
    }
}

impl<'a> PointCollection<'a, Point> for &'a Link {
    type Point = Point;
    type IntoIter = [Point; 2];

    fn point_iter(self) -> [Point; 2] {
        [self.from, self.to]
    }
}

type Drawn = Result<(), DrawingErrorKind<std::convert::Infallible>>;

impl Drawable<Sheet<'_>> for Card {
    fn draw<I: Iterator<Item = Point>>(
        &self,
        mut points: I,
        sheet: &mut Sheet<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let (Some((left, top)), Some((right, bottom))) = (points.next(), points.next()) else {
            return Ok(());
        };
        let Card { class, radius, width, .. } = self;
        let (fill, stroke) = (hex(self.fill), hex(self.stroke));
        let dashes = if self.dashed { " stroke-dasharray=\"3,3\"" } else { "" };
        let (wide, high) = (right - left, bottom - top);
        sheet.write(format_args!(
            "<rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{wide}\" height=\"{high}\" \
             rx=\"{radius}\" fill=\"{fill}\" stroke=\"{stroke}\" stroke-width=\"{width}\"{dashes}/>\n"
        ));
        Ok(())
    }
}

impl Drawable<Sheet<'_>> for Curve {
    fn draw<I: Iterator<Item = Point>>(
        &self,
        mut points: I,
        sheet: &mut Sheet<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let (Some((x, y)), Some((to_x, to_y))) = (points.next(), points.next()) else {
            return Ok(());
        };
        let Curve { bend, width, .. } = self;
        let (middle, stroke) = ((bend + to_y) / 2, hex(self.colour));
        sheet.write(format_args!(
            "<path d=\"M{x},{y}V{bend}C{x},{middle} {to_x},{middle} {to_x},{to_y}\" fill=\"none\" \
             stroke=\"{stroke}\" stroke-width=\"{width}\"/>\n"
        ));
        Ok(())
    }
}

impl Drawable<Sheet<'_>> for Link {
    fn draw<I: Iterator<Item = Point>>(
        &self,
        mut points: I,
        sheet: &mut Sheet<'_>,
        _: (u32, u32),
    ) -> Drawn {
        let (Some((x, y)), Some((to_x, to_y))) = (points.next(), points.next()) else {
            return Ok(());
        };
        let (middle, stroke, width) = ((x + to_x) / 2, hex(self.colour), self.width);
        sheet.write(format_args!(
            "<path d=\"M{x},{y}C{middle},{y} {middle},{to_y} {to_x},{to_y}\" fill=\"none\" \
             stroke=\"{stroke}\" stroke-width=\"{width}\"/>\n"
        ));
        Ok(())
    }
}
