//! Two axes around an area to draw in.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Lettering, width};
use super::heading::{AXIS_TITLE, MARGIN, SMALL, widest};
use super::palette;
use super::scale::{Scale, Ticks};
use super::sheet::Point;
use crate::plot::Error;

/// What one axis shows.
pub(crate) struct Axis {
    pub(crate) title: String,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The marks, about as many as there is room for.
    pub(crate) ticks: Box<dyn Fn(usize) -> Ticks>,
}

/// The axes, placed.
pub(crate) struct Axes {
    pub(crate) x: Scale,
    pub(crate) y: Scale,
    x_ticks: Ticks,
    y_ticks: Ticks,
    titles: [String; 2],
    /// Whether lines are drawn behind the area for the marks of each axis.
    pub(crate) grid: [bool; 2],
}

/// The least pixels between the labels of two marks.
const BETWEEN: i32 = 14;

impl Axes {
    /// The least room that axes need, in pixels.
    pub(crate) const LEAST: (i32, i32) = (140, 90);

    /// Axes in the box from `corner` to `end`, with room for their labels and titles.
    /// `reach` is how far a label may go past the right end.
    pub(crate) fn new(x: Axis, y: Axis, corner: Point, end: Point, reach: i32) -> Self {
        let bottom = end.1 - Self::below(&x);
        let most = ((bottom - corner.1) / 36).clamp(2, 8) as usize;
        let y_ticks = (y.ticks)(most);
        let left = corner.0 + Self::beside(&y) + widest(&y_ticks.labels, SMALL) + 8;
        let x_scale = Scale { low: x.low, high: x.high, from: left, to: end.0 };
        let x_ticks = fitting(&x, x_scale, reach);
        let titles = [(&x, &x_ticks), (&y, &y_ticks)]
            .map(|(axis, ticks)| format!("{}{}", axis.title, ticks.unit).trim().to_owned());
        Axes {
            x: x_scale,
            y: Scale { low: y.low, high: y.high, from: bottom, to: corner.1 },
            x_ticks,
            y_ticks,
            titles,
            grid: [true, true],
        }
    }

    /// The room that the labels and the title take below the area.
    fn below(axis: &Axis) -> i32 {
        8 + SMALL as i32 + Self::beside(axis)
    }

    /// The room that an axis's title takes.
    fn beside(axis: &Axis) -> i32 {
        // How many marks there will be is not known yet, and the unit may depend on it.
        let unit = [1, 10].into_iter().any(|most| !(axis.ticks)(most).unit.is_empty());
        if axis.title.is_empty() && !unit { 0 } else { AXIS_TITLE as i32 + 12 }
    }

    pub(crate) fn at(&self, x: f64, y: f64) -> Point {
        (self.x.pixel(x), self.y.pixel(y))
    }

    /// The light lines, which go behind what is drawn.
    pub(crate) fn draw_grid(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let [vertical, horizontal] = self.grid;
        for &value in self.x_ticks.values.iter().filter(|_| vertical) {
            let x = self.x.pixel(value);
            canvas.line(&[(x, self.y.to), (x, self.y.from)], palette::GRID, 1, &[])?;
        }
        for &value in self.y_ticks.values.iter().filter(|_| horizontal) {
            let y = self.y.pixel(value);
            canvas.line(&[(self.x.from, y), (self.x.to, y)], palette::GRID, 1, &[])?;
        }
        Ok(())
    }

    /// Lines, labels and titles of both axes.
    pub(crate) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let (left, right, top, bottom) = (self.x.from, self.x.to, self.y.to, self.y.from);
        canvas.line(&[(left, top), (left, bottom), (right, bottom)], palette::LINE, 1, &[])?;
        let label = Lettering::new(SMALL);
        let below = bottom + 8 + SMALL as i32 / 2;
        for (&value, text) in self.x_ticks.values.iter().zip(&self.x_ticks.labels) {
            canvas.text(text, (self.x.pixel(value), below), label)?;
        }
        let beside = Lettering { align: HPos::Right, ..label };
        for (&value, text) in self.y_ticks.values.iter().zip(&self.y_ticks.labels) {
            canvas.text(text, (left - 8, self.y.pixel(value)), beside)?;
        }
        let title = Lettering::bold(AXIS_TITLE);
        let [x_title, y_title] = &self.titles;
        if !x_title.is_empty() {
            let y = bottom + 8 + SMALL as i32 + 12 + AXIS_TITLE as i32 / 2;
            let room = 2 * ((left + right) / 2 - MARGIN).min((right - left) / 2 + MARGIN);
            let text = title.fitted(x_title, room);
            canvas.text(&text, ((left + right) / 2, y), title)?;
        }
        if !y_title.is_empty() {
            let x = left - 8 - widest(&self.y_ticks.labels, SMALL) - 12 - AXIS_TITLE as i32 / 2;
            let text = title.fitted(y_title, bottom - top);
            canvas.text(&text, (x, (top + bottom) / 2), Lettering { upward: true, ..title })?;
        }
        Ok(())
    }
}

/// As many marks as have room side by side.
fn fitting(axis: &Axis, scale: Scale, reach: i32) -> Ticks {
    for most in (2..=10).rev() {
        let ticks = (axis.ticks)(most);
        if apart(&ticks, scale, reach) {
            return ticks;
        }
    }
    // Not even two: the first alone.
    let mut ticks = (axis.ticks)(1);
    while ticks.values.len() > 1 && !apart(&ticks, scale, reach) {
        ticks.values.pop();
        ticks.labels.pop();
    }
    ticks
}

/// Whether the labels leave room between each other.
fn apart(ticks: &Ticks, scale: Scale, reach: i32) -> bool {
    let half: Vec<i32> = ticks.labels.iter().map(|label| width(label, SMALL) / 2 + 1).collect();
    let places: Vec<i32> = ticks.values.iter().map(|&value| scale.pixel(value)).collect();
    let pairs = places.windows(2).zip(half.windows(2));
    let inside =
        places.last().zip(half.last()).is_none_or(|(x, half)| x + half <= scale.to + reach);
    inside
        && pairs.into_iter().all(|(places, half)| match (places, half) {
            ([a, b], [first, second]) => b - a >= first + second + BETWEEN,
            _ => true,
        })
}
