//! The scale of colours beside cells that are coloured by a number.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Lettering};
use super::heading::SMALL;
use super::palette;
use crate::plot::Error;

/// The gap between the cells and the bar.
const BAR_GAP: i32 = 22;
const BAR_WIDTH: i32 = 16;

/// Where a bar's figures begin, right of it.
pub(crate) const FIGURES: i32 = 7;

/// A bar beside cells that end at `right`, from `top` down to `bottom`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ColourBar {
    pub(crate) right: i32,
    pub(crate) top: i32,
    pub(crate) bottom: i32,
}

impl ColourBar {
    /// How wide the gap before it and the bar are.
    pub(crate) const WIDTH: i32 = BAR_GAP + BAR_WIDTH;

    /// Draws it in the colours of the shares, from 0 at its foot to 1, and figures beside it, each at its
    /// own height.
    pub(crate) fn draw(
        self,
        canvas: &Canvas<'_>,
        colour: impl Fn(f64) -> RGBColor,
        figures: impl IntoIterator<Item = (String, i32)>,
    ) -> Result<(), Error> {
        const STEPS: i32 = 40;
        let ColourBar { right, top, bottom } = self;
        let (from, to) = (right + BAR_GAP, right + Self::WIDTH);
        for step in 0..STEPS {
            let y = |step: i32| bottom - self.height() * step / STEPS;
            let colour = colour((f64::from(step) + 0.5) / f64::from(STEPS));
            // A pixel into the step below: no seam of white shows where pictures are scaled.
            let end = (y(step) + 1).min(bottom);
            canvas.filled((from, y(step + 1)), (to, end), colour)?;
        }
        canvas.outlined((from, top), (to, bottom), palette::LINE)?;
        let lettering = Lettering { align: HPos::Left, ..Lettering::new(SMALL) };
        for (text, y) in figures {
            canvas.text(&text, (to + FIGURES, y), lettering)?;
        }
        Ok(())
    }

    pub(crate) fn height(self) -> i32 {
        self.bottom - self.top
    }

    /// Writes upward beside it what its numbers are, `away` pixels from where its figures begin.
    pub(crate) fn draw_meaning(
        self,
        canvas: &Canvas<'_>,
        words: &str,
        away: i32,
    ) -> Result<(), Error> {
        let meaning = Lettering { upward: true, ..Lettering::new(SMALL) };
        let x = self.right + Self::WIDTH + FIGURES + away + SMALL as i32 / 2;
        canvas.text(words, (x, self.top + self.height() / 2), meaning)
    }
}
