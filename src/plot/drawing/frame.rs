//! A chart with two axes: where heading, axes and what stands beside them go.

use super::axes::{Axes, Axis};
use super::canvas::Canvas;
use super::figure::Figure;
use super::heading::{Heading, MARGIN};
use super::legend::{self, Entry};
use super::options::Options;
use super::sheet::Point;
use crate::plot::Error;

/// What stands right of the axes.
pub(crate) enum Beside {
    Legend(Vec<Entry>),
    /// Room of this many pixels, for labels at the ends of lines.
    Room(i32),
}

/// The usual size of such a chart.
pub(crate) const SIZE: (u32, u32) = (640, 400);

/// White between the axes and a legend.
const GAP: i32 = 20;

/// A chart, laid out.
pub(crate) struct Frame {
    title: String,
    heading: Heading,
    pub(crate) axes: Axes,
    legend: Vec<Entry>,
    size: (u32, u32),
}

impl Frame {
    /// # Errors
    /// [`Error::Size`] when heading, axes and legend do not fit.
    pub(crate) fn new(
        (title, note): (String, &str),
        (mut x, mut y): (Axis, Axis),
        beside: Beside,
        usual: (u32, u32),
        options: &Options,
    ) -> Result<Self, Error> {
        let title = options.title.clone().unwrap_or(title);
        [x.title, y.title] = options.labels(x.title, y.title);
        let heading = Heading::new(&title, note, options.width(usual.0));
        let (legend, (room, legend_height)) = match beside {
            Beside::Legend(entries) => {
                let (width, height) = legend::room(&entries);
                (entries, (width + GAP, height))
            }
            Beside::Room(room) => (Vec::new(), (room, 0)),
        };
        // Labels and titles of the axes take about 120 pixels beside and 60 below.
        let down = (Axes::LEAST.1 + 60).max(legend_height);
        let least = (
            (2 * MARGIN + 120 + Axes::LEAST.0 + room) as u32,
            (heading.bottom() + down + MARGIN) as u32,
        );
        let size = options.size(usual, least)?;
        let end = (size.0 as i32 - MARGIN - room, size.1 as i32 - MARGIN);
        let axes = Axes::new(x, y, (MARGIN, heading.bottom()), end, MARGIN + room);
        Ok(Frame { title, heading, axes, legend, size })
    }

    /// Another note, about what only the laid out chart tells, in the room of the one before.
    pub(crate) fn replace_note(&mut self, note: &str) {
        self.heading.replace_note(note, self.size.0 as i32);
    }

    /// Draws what is in the axes, and all around it.
    pub(crate) fn draw(
        self,
        alt: String,
        inside: impl FnOnce(&Canvas<'_>, &Axes) -> Result<(), Error>,
    ) -> Result<Figure, Error> {
        let svg = Canvas::draw(self.size, &self.title, |canvas| {
            self.heading.draw(canvas)?;
            self.axes.draw_grid(canvas)?;
            inside(canvas, &self.axes)?;
            self.axes.draw(canvas)?;
            let corner: Point = (self.axes.x.to + GAP, self.axes.y.to);
            legend::draw(canvas, &self.legend, corner)
        })?;
        Ok(Figure::new(svg, self.title, alt, self.size))
    }
}
