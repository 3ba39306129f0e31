//! The SVG that plotters draws on.
//!
//! plotters' own back end for SVG knows neither how wide a text is nor round corners; this one
//! does, and writes no attribute that states the default.

use std::convert::Infallible;
use std::fmt::Write;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

use super::font;
use crate::text;

/// The longest title that a viewer is given, in columns of text.
pub(crate) const LONGEST_TITLE: usize = 300;

/// A place on the sheet, in pixels from its upper left corner.
pub(crate) type Point = (i32, i32);

/// The result of a step: a `String` takes all that is written.
type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A sheet of a fixed size, written to a text.
pub(crate) struct Sheet<'a> {
    svg: &'a mut String,
    size: (u32, u32),
    ended: bool,
}

impl<'a> Sheet<'a> {
    /// A sheet of `size` pixels; a viewer shows the title where a page would show the alternative
    /// text.
    pub(crate) fn new(svg: &'a mut String, size: (u32, u32), title: &str) -> Self {
        let (width, height) = size;
        let mut sheet = Sheet { svg, size, ended: false };
        sheet.write(format_args!(
            "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             xmlns=\"http://www.w3.org/2000/svg\" font-family=\"{}\">\n<title>{}</title>\n",
            font::FAMILY,
            text::escaped(&text::shortened(title, LONGEST_TITLE))
        ));
        sheet
    }

    /// Adds to the SVG.
    pub(crate) fn write(&mut self, markup: std::fmt::Arguments<'_>) {
        // A String takes all that is written.
        let _ = self.svg.write_fmt(markup);
    }
}

/// `name="#rrggbb"`, and the opacity where it is not 1.
fn paint(name: &str, colour: BackendColor) -> String {
    let (red, green, blue) = colour.rgb;
    let opacity = match colour.alpha {
        1.0 => String::new(),
        alpha => format!(" {name}-opacity=\"{alpha}\""),
    };
    format!("{name}=\"#{red:02X}{green:02X}{blue:02X}\"{opacity}")
}

/// The paint of a shape that is either filled or drawn as a line.
fn shape_paint<S: BackendStyle>(style: &S, fill: bool) -> String {
    match fill {
        true => paint("fill", style.color()),
        false => format!("fill=\"none\" {}", stroke(style)),
    }
}

fn stroke<S: BackendStyle>(style: &S) -> String {
    let width = match style.stroke_width() {
        1 => String::new(),
        width => format!(" stroke-width=\"{width}\""),
    };
    format!("{}{width}", paint("stroke", style.color()))
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut points = String::new();
    for (x, y) in path {
        let blank = if points.is_empty() { "" } else { " " };
        let _ = write!(points, "{blank}{x},{y}");
    }
    points
}

impl DrawingBackend for Sheet<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        if !self.ended {
            self.ended = true;
            self.write(format_args!("</svg>\n"));
        }
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        let fill = paint("fill", colour);
        self.write(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"1\" height=\"1\" {fill}/>\n"));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        (x1, y1): BackendCoord,
        (x2, y2): BackendCoord,
        style: &S,
    ) -> Drawn {
        let stroke = stroke(style);
        self.write(format_args!(
            "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {stroke}/>\n"
        ));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (width, height) = (right - left, bottom - top);
        let paint = shape_paint(style, fill);
        self.write(format_args!(
            "<rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" {paint}/>\n"
        ));
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let (points, paint) = (points(path), shape_paint(style, false));
        self.write(format_args!("<polyline points=\"{points}\" {paint}/>\n"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let paint = shape_paint(style, fill);
        self.write(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" {paint}/>\n"));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        let (points, paint) = (points(corners), shape_paint(style, true));
        self.write(format_args!("<polygon points=\"{points}\" {paint}/>\n"));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Drawn {
        // XML would do the same, but after the width has been told.
        let text = text::shortened(text, usize::MAX);
        let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let (size, bold) = (style.size(), matches!(style.style(), FontStyle::Bold));
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        // From the point to the line that the letters stand on: 0.72 em is a capital's height.
        let down = match style.anchor().v_pos {
            VPos::Top => 0.72,
            VPos::Center => 0.36,
            VPos::Bottom => 0.0,
        };
        let turned = match style.transform() {
            FontTransform::None => String::new(),
            FontTransform::Rotate90 => format!(" transform=\"rotate(90,{x},{y})\""),
            FontTransform::Rotate180 => format!(" transform=\"rotate(180,{x},{y})\""),
            FontTransform::Rotate270 => format!(" transform=\"rotate(270,{x},{y})\""),
        };
        let weight = if bold { " font-weight=\"bold\"" } else { "" };
        // Only where the width is known: else it would pull letters apart.
        let pinned = match !text.is_empty() && font::has_all(&text) {
            true => format!(
                " textLength=\"{:.1}\" lengthAdjust=\"spacingAndGlyphs\"",
                font::width(&text, size, bold)
            ),
            false => String::new(),
        };
        let (fill, text) = (paint("fill", style.color()), text::escaped(&text));
        self.write(format_args!(
            "<text x=\"{x}\" y=\"{y}\" dy=\"{down}em\" text-anchor=\"{anchor}\" \
             font-size=\"{size}\"{weight} {fill}{pinned}{turned}>{text}</text>\n"
        ));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let (size, bold) = (style.size(), matches!(style.style(), FontStyle::Bold));
        let width = font::width(text, size, bold).ceil() as u32;
        Ok(match style.transform() {
            FontTransform::Rotate90 | FontTransform::Rotate270 => (size.ceil() as u32, width),
            _ => (width, size.ceil() as u32),
        })
    }
}
