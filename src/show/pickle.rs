//! Pickles, taken apart.

use std::fmt::{self, Write};

use super::Table;
use super::cell::{bundle, escaped};
use crate::pickle::Disassembly;
use crate::text::{count, cut};

/// Lines that a cell shows, and how much of each.
const FIRST_LINES: usize = 100;
const LONGEST_LINE: usize = 120;

/// Opcodes that a table shows, and columns of text in its cells.
const FIRST_ROWS: usize = 60;
const WIDEST_CELL: usize = 90;

/// Pages set text of their own accord: the lines are to stand as in plain text.
const STYLE: &str = "font-family: monospace; line-height: 1.3; margin: 0";

/// Takes the first lines, and no more.
struct First {
    lines: Vec<String>,
    line: String,
}

impl Write for First {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive('\n') {
            // Of a long line no more is kept than is shown.
            if self.line.len() < 8 * LONGEST_LINE {
                let room = 8 * LONGEST_LINE;
                let end = (0..=room.min(piece.len())).rev().find(|&it| piece.is_char_boundary(it));
                self.line.push_str(piece.get(..end.unwrap_or(0)).unwrap_or_default());
            }
            if piece.ends_with('\n') {
                if self.lines.len() == FIRST_LINES {
                    return Err(fmt::Error);
                }
                let line = std::mem::take(&mut self.line);
                self.lines.push(cut(line.trim_end(), LONGEST_LINE).into_owned());
            }
        }
        Ok(())
    }
}

impl Disassembly {
    /// Shows the first hundred lines in a notebook's cell, or, if opcodes are explained, the first
    /// sixty in a table.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.to_html()), &self.first_lines()));
    }

    fn to_html(&self) -> String {
        if !self.is_explained() {
            return format!("<pre style=\"{STYLE}\">{}</pre>", escaped(&self.first_lines()));
        }
        let header = ["byte", "opcode", "argument", "what happens", "the stack after it"];
        let opcodes = count(self.opcodes(), "opcode", "opcodes");
        let caption = match self.pickles() {
            0 | 1 => opcodes,
            pickles => format!("{opcodes} of {}", count(pickles, "pickle", "pickles")),
        };
        let rows = self.first_rows(FIRST_ROWS);
        let left = self.opcodes().saturating_sub(rows.len());
        let mut table = Table::new(caption, header).with_cell_width(WIDEST_CELL);
        rows.into_iter().for_each(|row| table.push(row));
        let last = match self.error() {
            _ if left > 0 => format!("… and {}", count(left, "more opcode", "more opcodes")),
            Some(error) => error.to_string(),
            None => return table.to_html(),
        };
        table.push_last(["", "", "", &last]);
        table.to_html()
    }

    fn first_lines(&self) -> String {
        let mut first = First { lines: Vec::new(), line: String::new() };
        // It ends with an error when there are enough.
        if write!(first, "{self}").is_err() {
            let all = count(self.opcodes(), "opcode", "opcodes");
            first.lines.push(format!("… ({all} in all)"));
        }
        first.lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use crate::pickle::{self, Disassembler};

    const LIST: &[u8] = b"\x80\x04]\x94(K\x01\x8c\x03<b>e.";

    #[test]
    fn lines_are_shown_as_they_are_printed() {
        let shown = pickle::disassemble(LIST);
        assert_eq!(shown.first_lines(), shown.to_string().trim_end());
        let html = shown.to_html();
        assert!(
            html.starts_with("<pre style=") && html.contains("SHORT_BINUNICODE &#39;&lt;b&gt;")
        );
    }

    #[test]
    fn explanations_are_shown_in_a_table() {
        let html = Disassembler::new().explain(true).disassemble(LIST).to_html();
        let row = "<td style=\"text-align: left\">SHORT_BINUNICODE</td>\
            <td style=\"text-align: left\">&#39;&lt;b&gt;&#39;</td>\
            <td style=\"text-align: left\">Push the text &#39;&lt;b&gt;&#39;.</td>\
            <td style=\"text-align: left\">[] | MARK | 1 | &#39;&lt;b&gt;&#39;</td>";
        assert!(html.contains("8 opcodes</caption>") && html.contains(row), "{html}");
        assert!(html.contains(">(as 0)</td>") && html.contains(">(MARK at 4)</td>"), "{html}");
        let wrong = Disassembler::new().explain(true).disassemble(b"K\x01e").to_html();
        assert!(wrong.contains("at byte 2 (APPENDS): no MARK exists on stack"), "{wrong}");
    }

    #[test]
    fn what_a_cell_shows_is_bounded() {
        let long = [b"X\0\0\x10\0".as_slice(), &vec![b'a'; 1 << 20], b"."].concat();
        assert!(pickle::disassemble(&long).first_lines().len() < 400);
        let many = [b"N0".repeat(100_000), b"N.".to_vec()].concat();
        let text = pickle::disassemble(&many).first_lines();
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("… (200,002 opcodes in all)"));
        let html = Disassembler::new().explain(true).disassemble(many).to_html();
        assert!(html.contains("… and 199,942 more opcodes") && html.len() < 40_000);
    }
}
