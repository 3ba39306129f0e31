//! Bars that lie on their side, one or two for each name, with what they stand for at their end.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Lettering};
use super::figure::Figure;
use super::heading::{AXIS_TITLE, Heading, LABEL, MARGIN, SMALL};
use super::options::Options;
use super::palette;
use super::scale::Ticks;
use crate::plot::Error;

/// One bar.
pub(crate) struct Bar {
    /// At least 0.
    pub(crate) value: f64,
    /// Written at its end.
    pub(crate) text: String,
    pub(crate) colour: RGBColor,
    /// Drawn as a frame, not filled.
    pub(crate) hollow: bool,
}

/// The bars of one name.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) bold: bool,
    pub(crate) bars: Vec<Bar>,
}

impl Group {
    fn lettering(&self) -> Lettering {
        Lettering { bold: self.bold, align: HPos::Right, ..Lettering::new(LABEL) }
    }
}

/// All bars.
pub(crate) struct Bars {
    pub(crate) groups: Vec<Group>,
    /// The title of the axis below.
    pub(crate) axis: String,
    /// The marks of the axis up to a value, about as many as there is room for.
    pub(crate) ticks: fn(f64, usize) -> Ticks,
    /// The axis ends here or later.
    pub(crate) least: f64,
}

/// The usual width of a picture.
const WIDTH: u32 = 640;

/// Pixels of a bar and between groups, usually and at the least.
const THICK: (i32, i32) = (20, 14);
const APART: (i32, i32) = (14, 6);
const WIDEST_NAME: i32 = 190;
const LEAST_LENGTH: i32 = 120;

impl Bars {
    /// Draws the bars under a title and a note.
    ///
    /// # Errors
    /// [`Error::Size`] when they do not fit.
    pub(crate) fn draw(
        &self,
        (title, note): (String, &str),
        alt: String,
        options: &Options,
    ) -> Result<Figure, Error> {
        let title = options.title.clone().unwrap_or(title);
        let heading = Heading::new(&title, note, options.width(WIDTH));
        let names = self.groups.iter().map(|group| group.lettering().width(&group.name));
        let labels = options.labels(self.axis.as_str(), "");
        let [below, beside] = labels
            .each_ref()
            .map(|label| if label.is_empty() { 0 } else { 12 + AXIS_TITLE as i32 });
        let left = MARGIN + beside + names.max().unwrap_or(0).min(WIDEST_NAME) + 10;
        let at_end = self
            .groups
            .iter()
            .flat_map(|group| group.bars.iter().map(|bar| group.lettering().width(&bar.text)));
        let at_end = at_end.max().unwrap_or(0) + 8;
        let below = 8 + SMALL as i32 + below + MARGIN;

        let (top, rows) = (heading.bottom(), self.rows());
        let height = |(thick, apart): (i32, i32)| top + rows.0 * thick + rows.1 * apart + below;
        let usual = (WIDTH, height((THICK.0, APART.0)) as u32);
        let least =
            ((left + LEAST_LENGTH + at_end + MARGIN) as u32, height((THICK.1, APART.1)) as u32);
        let size = options.size(usual, least)?;
        let (bottom, right) = (size.1 as i32 - below, size.0 as i32 - MARGIN - at_end);
        let layout = Layout { left, right, top, bottom };
        let svg = Canvas::draw(size, &title, |canvas| {
            heading.draw(canvas)?;
            self.draw_in(canvas, layout, &labels)
        })?;
        Ok(Figure::new(svg, title, alt, size))
    }

    /// How many bars and how many groups there are.
    fn rows(&self) -> (i32, i32) {
        let bars: usize = self.groups.iter().map(|group| group.bars.len()).sum();
        (bars as i32, self.groups.len() as i32)
    }

    fn draw_in(
        &self,
        canvas: &Canvas<'_>,
        layout: Layout,
        [x_label, y_label]: &[String; 2],
    ) -> Result<(), Error> {
        let Layout { left, right, top, bottom } = layout;
        let bars = self.groups.iter().flat_map(|group| &group.bars);
        let longest = bars.map(|bar| bar.value).fold(self.least, f64::max);
        let longest = if longest > 0.0 { longest } else { 1.0 };
        let length = |value: f64| (f64::from(right - left) * value / longest).round() as i32;

        let most = ((right - left) / 80).clamp(1, 6) as usize;
        let ticks = (self.ticks)(longest, most);
        let label = Lettering::new(SMALL);
        for (&value, text) in ticks.values.iter().zip(&ticks.labels) {
            let x = left + length(value);
            canvas.line(&[(x, top), (x, bottom)], palette::GRID, 1, &[])?;
            canvas.text(text, (x, bottom + 8 + SMALL as i32 / 2), label)?;
        }

        let (all, groups) = self.rows();
        let room = f64::from(bottom - top);
        // A gap is to a bar as the usual ones are.
        let ratio = f64::from(APART.0) / f64::from(THICK.0);
        let thick = room / (f64::from(all) + f64::from(groups) * ratio).max(1.0);
        let mut y = f64::from(top) + thick * ratio / 2.0;
        for group in &self.groups {
            let middle = y + thick * group.bars.len() as f64 / 2.0;
            let name = group.lettering();
            let text = name.fitted(&group.name, WIDEST_NAME);
            canvas.text(&text, (left - 10, middle.round() as i32), name)?;
            for bar in &group.bars {
                let (from, to) = (y.round() as i32, (y + thick).round() as i32);
                let end = left + length(bar.value);
                self.draw_bar(canvas, bar, (left, from), (end, to - 1), group.bold)?;
                y += thick;
            }
            y += thick * ratio;
        }
        canvas.line(&[(left, top), (left, bottom)], palette::LINE, 1, &[])?;
        let title = Lettering::bold(AXIS_TITLE);
        let below = bottom + 8 + SMALL as i32 + 12 + AXIS_TITLE as i32 / 2;
        let x_label = format!("{x_label}{}", ticks.unit);
        let x_label = title.fitted(x_label.trim(), right - left);
        canvas.text(&x_label, ((left + right) / 2, below), title)?;
        let beside = (MARGIN + AXIS_TITLE as i32 / 2, (top + bottom) / 2);
        let y_label = title.fitted(y_label, bottom - top);
        canvas.text(&y_label, beside, Lettering { upward: true, ..title })
    }

    fn draw_bar(
        &self,
        canvas: &Canvas<'_>,
        bar: &Bar,
        from: (i32, i32),
        to: (i32, i32),
        bold: bool,
    ) -> Result<(), Error> {
        if bar.hollow {
            canvas.filled(from, to, palette::tint(bar.colour, 0.22))?;
            canvas.outlined(from, to, bar.colour)?;
        } else {
            canvas.filled(from, to, bar.colour)?;
        }
        let text = Lettering { bold, align: HPos::Left, ..Lettering::new(LABEL) };
        // White behind the words: the grid stays away from them.
        let middle = (from.1 + to.1) / 2;
        let end = to.0 + 8 + text.width(&bar.text);
        let half = LABEL as i32 / 2;
        let white = RGBColor(0xff, 0xff, 0xff);
        canvas.filled((to.0 + 5, middle - half), (end, middle + half), white)?;
        canvas.text(&bar.text, (to.0 + 8, middle), text)
    }
}

/// The area of the bars.
#[derive(Clone, Copy)]
struct Layout {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
}
