//! What stands above every chart: its title, and a note in smaller letters.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Lettering, width};
use super::palette;
use super::sheet::LONGEST_TITLE;
use crate::plot::Error;
use crate::text;

/// White all around.
pub(crate) const MARGIN: i32 = 20;

/// Sizes of letters, in pixels.
pub(crate) const TITLE: u32 = 17;
pub(crate) const AXIS_TITLE: u32 = 14;
pub(crate) const LABEL: u32 = 13;
pub(crate) const SMALL: u32 = 12;

/// How long a name is in a title, a note or an alternative text, in columns of text.
const LONGEST_NAME: usize = 40;

/// A name, short enough for a sentence.
pub(crate) fn name(text: impl AsRef<str>) -> String {
    text::shortened(text.as_ref(), LONGEST_NAME)
}

/// Title and note, broken into lines that fit.
pub(crate) struct Heading {
    title: Vec<String>,
    note: Vec<String>,
}

impl Heading {
    const LINE: i32 = TITLE as i32 + 5;
    const NOTE_LINE: i32 = LABEL as i32 + 5;

    /// For a picture `across` pixels wide.
    pub(crate) fn new(title: &str, note: &str, across: i32) -> Self {
        let room = across - 2 * MARGIN;
        let title = text::shortened(title, LONGEST_TITLE);
        let title = Lettering::bold(TITLE).wrapped(&title, room, 2);
        let note = match note {
            "" => Vec::new(),
            note => Lettering::new(LABEL).wrapped(&text::shortened(note, 600), room, 6),
        };
        Heading { title, note }
    }

    /// Another note, in no more lines than the one before had.
    pub(crate) fn replace_note(&mut self, note: &str, across: i32) {
        let lines = self.note.len().max(1);
        let note = text::shortened(note, 600);
        self.note = Lettering::new(LABEL).wrapped(&note, across - 2 * MARGIN, lines);
    }

    /// Where the chart may begin.
    pub(crate) fn bottom(&self) -> i32 {
        let note = self.note.len() as i32 * Self::NOTE_LINE + i32::from(!self.note.is_empty()) * 4;
        MARGIN + self.title.len() as i32 * Self::LINE + note + 14
    }

    pub(crate) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), Error> {
        let heading = Lettering { align: HPos::Left, ..Lettering::bold(TITLE) };
        let mut middle = MARGIN + TITLE as i32 / 2;
        for line in &self.title {
            canvas.text(line, (MARGIN, middle), heading)?;
            middle += Self::LINE;
        }
        middle += 1;
        let note = Lettering { align: HPos::Left, ..Lettering::new(LABEL) };
        for line in &self.note {
            canvas.text(line, (MARGIN, middle), Lettering { colour: palette::QUIET, ..note })?;
            middle += Self::NOTE_LINE;
        }
        Ok(())
    }
}

/// The width of the widest of some texts.
pub(crate) fn widest<'a>(texts: impl IntoIterator<Item = &'a String>, size: u32) -> i32 {
    texts.into_iter().map(|text| width(text, size)).max().unwrap_or(0)
}
