//! The lines of a disassembly as text.

use std::fmt::{self, Write};

use super::effects::effects;
use super::{Disassembly, Line, Options, Sink};
use crate::text::width;

/// The lines of a [`Disassembly`], to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a>(&'a Disassembly);

impl<'a> Listing<'a> {
    pub(super) fn new(disassembly: &'a Disassembly) -> Listing<'a> {
        Listing(disassembly)
    }
}

impl fmt::Display for Listing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = self.0.options;
        let mut text = Text { out: f, options, column: options.annotate, blanks: MOST_INDENTATION };
        self.0.run(&mut text).map(|_outcome| ())
    }
}

/// The blanks of indentation in all lines together, past which there are no more than
/// [`LEAST_INDENTATION`] in a line. A file of n marks would have n² of them.
const MOST_INDENTATION: usize = 64 << 20;
const LEAST_INDENTATION: usize = 16;

/// The column of sentences, and how much of an argument stands before it.
const SENTENCES: usize = 44;
pub(super) const EXPLAINED_ARGUMENT: usize = 20;

/// From here on Python begins anew with the column of annotations.
const LAST_COLUMN: usize = 50;

/// Lines that are written as they come.
struct Text<'o> {
    out: &'o mut dyn Write,
    options: Options,
    /// Where the next annotation stands.
    column: usize,
    /// The blanks that are left.
    blanks: usize,
}

/// Counts the characters that go to another.
struct Counted<'o> {
    out: &'o mut dyn Write,
    characters: usize,
}

impl Write for Counted<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.characters += text.chars().count();
        self.out.write_str(text)
    }
}

/// Some blanks, more than a format can pad.
fn blanks(out: &mut dyn Write, mut count: usize) -> fmt::Result {
    const SOME: &str = "                                                                ";
    while count > 0 {
        let part = count.min(SOME.len());
        out.write_str(SOME.get(..part).unwrap_or(SOME))?;
        count -= part;
    }
    Ok(())
}

impl Text<'_> {
    fn indentation(&mut self, depth: usize) -> usize {
        let wanted = depth.saturating_mul(self.options.indent);
        if wanted <= LEAST_INDENTATION {
            return wanted;
        }
        if wanted > self.blanks {
            self.blanks = 0;
            return LEAST_INDENTATION;
        }
        self.blanks -= wanted;
        wanted
    }

    /// The opcode, its argument and the note.
    fn start(&mut self, line: &Line<'_, '_>, most: Option<usize>) -> Result<usize, fmt::Error> {
        let indentation = self.indentation(line.depth);
        let opcode = line.step.opcode;
        let mut out = Counted { out: self.out, characters: 0 };
        match opcode.code {
            code @ b' '..=b'~' => write!(out, "{}    ", char::from(code))?,
            code => write!(out, "\\x{code:02x} ")?,
        }
        blanks(&mut out, indentation)?;
        out.write_str(opcode.name)?;
        let value = &line.step.value;
        let has_value = !matches!(value, super::argument::Value::None);
        if has_value || line.note.is_some() {
            blanks(&mut out, 10_usize.saturating_sub(opcode.name.len()))?;
        }
        if has_value {
            out.write_char(' ')?;
            match most {
                Some(most) => out.write_str(&value.shortened(most))?,
                None => value.write(&mut out)?,
            }
        }
        if let Some(note) = line.note {
            write!(out, " {note}")?;
        }
        Ok(out.characters)
    }
}

impl Sink for Text<'_> {
    fn line(&mut self, line: &Line<'_, '_>) -> fmt::Result {
        let position = line.step.position;
        if let Some(told) = &line.told {
            let mut start = String::new();
            let (options, blanks_left) = (self.options, self.blanks);
            let most = options.most_of_argument.unwrap_or(EXPLAINED_ARGUMENT);
            let mut text = Text { out: &mut start, options, column: 0, blanks: blanks_left };
            let characters = text.start(line, Some(most))?;
            self.blanks = text.blanks;
            write!(self.out, "{position:5}: {start}")?;
            // What is too long anyhow need not be measured.
            let used = if characters > SENTENCES { characters } else { width(&start) } + 7;
            if used + 1 > SENTENCES {
                self.out.write_char('\n')?;
                blanks(self.out, SENTENCES)?;
            } else {
                blanks(self.out, SENTENCES - used)?;
            }
            writeln!(self.out, "{}", told.sentence)?;
            blanks(self.out, SENTENCES)?;
            return writeln!(self.out, "stack: {}", told.stack);
        }
        write!(self.out, "{position:5}: ")?;
        let characters = self.start(line, self.options.most_of_argument)?;
        if self.options.annotate > 0 {
            blanks(self.out, self.column.saturating_sub(characters))?;
            let reached = self.column.max(characters);
            self.column = if reached > LAST_COLUMN { self.options.annotate } else { reached };
            write!(self.out, " {}", effects(line.step.opcode).doc)?;
        }
        self.out.write_char('\n')
    }

    fn remark(&mut self, position: usize, text: &str) -> fmt::Result {
        // Python begins each pickle with the column that was asked for.
        self.column = self.options.annotate;
        writeln!(self.out, "{position:5}: <{text}>")
    }

    fn end(&mut self, protocol: u8) -> fmt::Result {
        writeln!(self.out, "highest protocol among opcodes = {protocol}")
    }
}
