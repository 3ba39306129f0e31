//! A small table.

use std::fmt;

use super::cell::{bundle, escaped};
use crate::text::{self, Side};

/// Rows after which a table says how many it leaves out.
const SHOWN_ROWS: usize = 60;

/// Columns of text after which a cell is cut.
const SHOWN_WIDTH: usize = 60;

/// Columns of text up to which a caption stays on one line, however narrow its table is.
const CAPTION_LINE: usize = 80;

/// A table that a cell shows as HTML, and anything else as aligned text.
///
/// Columns of numbers are aligned to the right, all others to the left. Cells are cut after 60
/// columns of text, or after as many as [`with_cell_width`](Table::with_cell_width) says, and rows
/// past the sixtieth are only counted.
///
/// ```
/// use picklebook::show::Table;
///
/// let table = Table::new("Test rows", ["class", "rows"]).row(["L", "87"]).row(["R", "101"]);
/// assert_eq!(table.to_string(), "Test rows\nclass  rows\nL        87\nR       101");
/// assert!(table.to_html().contains(r#"<th scope="col" style="text-align: left">class</th>"#));
/// ```
#[derive(Clone, PartialEq)]
pub struct Table {
    caption: String,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    left_out: usize,
    /// Rows below those left out.
    last_rows: Vec<Vec<String>>,
    row_headers: bool,
    /// Columns of text after which a cell is cut.
    cell_width: usize,
}

impl Table {
    /// A table without rows.
    pub fn new<Cell: Into<String>>(
        caption: impl Into<String>,
        header: impl IntoIterator<Item = Cell>,
    ) -> Self {
        Table {
            caption: caption.into(),
            header: header.into_iter().map(|it| cell(it, SHOWN_WIDTH)).collect(),
            rows: Vec::new(),
            left_out: 0,
            last_rows: Vec::new(),
            row_headers: false,
            cell_width: SHOWN_WIDTH,
        }
    }

    /// Adds a row; cells that are missing are empty, those past the header are left out.
    pub fn row<Cell: Into<String>>(mut self, cells: impl IntoIterator<Item = Cell>) -> Self {
        self.push(cells);
        self
    }

    /// Makes the first cell of each row its name, which screen readers say with every cell.
    pub fn with_row_headers(mut self) -> Self {
        self.row_headers = true;
        self
    }

    /// Cuts the cells of rows that follow after this many columns of text, and not after 60.
    ///
    /// ```
    /// use picklebook::show::Table;
    ///
    /// let long = "x".repeat(70);
    /// let table = Table::new("Whole", ["text"]).with_cell_width(100).row([&*long]);
    /// assert!(table.to_string().contains(&long));
    /// ```
    pub fn with_cell_width(mut self, width: usize) -> Self {
        self.cell_width = width;
        self
    }

    pub(super) fn push<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        if self.rows.len() == SHOWN_ROWS {
            self.left_out += 1;
            return;
        }
        let row = self.fitted(cells);
        self.rows.push(row);
    }

    /// Adds a row that is shown however many there are above it.
    pub(super) fn push_last<Cell: Into<String>>(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let row = self.fitted(cells);
        self.last_rows.push(row);
    }

    /// Counts rows that are not shown.
    pub(super) fn leave_out(&mut self, rows: usize) {
        self.left_out = self.left_out.saturating_add(rows);
    }

    /// As many cells as the header has.
    fn fitted<Cell: Into<String>>(&self, cells: impl IntoIterator<Item = Cell>) -> Vec<String> {
        let mut row: Vec<String> =
            cells.into_iter().take(self.header.len()).map(|it| cell(it, self.cell_width)).collect();
        row.resize(self.header.len(), String::new());
        row
    }

    pub(super) fn caption(&self) -> &str {
        &self.caption
    }

    /// How many rows there are, with those that are only counted.
    pub(super) fn n_rows(&self) -> usize {
        self.rows.len() + self.left_out + self.last_rows.len()
    }

    fn sides(&self) -> Vec<Side> {
        let number = |cell: &String| {
            let text = cell.trim_end_matches(" %").trim_start_matches(['<', '>', ' ']);
            matches!(text, "" | "–" | "…") || text.parse::<f64>().is_ok()
        };
        let side = |column| {
            let rows = self.rows.iter().chain(&self.last_rows);
            let mut cells = rows.filter_map(|row: &Vec<String>| row.get(column));
            match cells.all(number) {
                true => Side::Right,
                false => Side::Left,
            }
        };
        (0..self.header.len()).map(side).collect()
    }

    /// The last line, when rows are left out.
    fn rest(&self) -> Option<String> {
        (self.left_out > 0)
            .then(|| format!("… and {}", text::count(self.left_out, "more row", "more rows")))
    }

    /// The table as an HTML element, all text escaped.
    pub fn to_html(&self) -> String {
        let sides = self.sides();
        let line = |cells: &[String], tag: &dyn Fn(usize) -> &'static str| {
            let cells = cells.iter().zip(&sides).enumerate().map(|(column, (cell, side))| {
                let align = match side {
                    Side::Left => "left",
                    Side::Right => "right",
                };
                let (open, cell) = (tag(column), escaped(cell));
                let close = open.split(' ').next().unwrap_or(open);
                format!("<{open} style=\"text-align: {align}\">{cell}</{close}>")
            });
            format!("<tr>{}</tr>\n", cells.collect::<String>())
        };
        let header = line(&self.header, &|_| "th scope=\"col\"");
        let tag = |column| match self.row_headers && column == 0 {
            true => "th scope=\"row\"",
            false => "td",
        };
        let rows: String = self.rows.iter().map(|row| line(row, &tag)).collect();
        let last: String = self.last_rows.iter().map(|row| line(row, &tag)).collect();
        let rest = self.rest().map_or(String::new(), |rest| {
            format!("<tr><td colspan=\"{}\">{rest}</td></tr>\n", self.header.len())
        });
        let on_a_line = match text::width(&self.caption) <= CAPTION_LINE {
            true => " style=\"white-space: nowrap\"",
            false => "",
        };
        format!(
            "<table>\n<caption{on_a_line}>{}</caption>\n<thead>\n{header}</thead>\n<tbody>\n{rows}{rest}{last}</tbody>\n</table>",
            escaped(&self.caption)
        )
    }

    /// Shows the table in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.to_html()), &self.to_string()));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = self.rest().map(|rest| vec![rest]);
        let rows = [&self.header].into_iter().chain(&self.rows).chain(&rest).chain(&self.last_rows);
        let rows: Vec<Vec<String>> = rows.cloned().collect();
        write!(f, "{}\n{}", self.caption, text::columns(&rows, &self.sides()))
    }
}

fn cell(cell: impl Into<String>, width: usize) -> String {
    text::shortened(&cell.into(), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped_and_has_scopes_and_no_script() {
        let table = Table::new("a < b", ["<script>", "n"]).row(["<img onerror=x>", "1"]);
        let html = table.with_row_headers().to_html();
        assert_eq!(
            html,
            "<table>\n<caption style=\"white-space: nowrap\">a &lt; b</caption>\n<thead>\n\
             <tr><th scope=\"col\" style=\"text-align: left\">&lt;script&gt;</th>\
             <th scope=\"col\" style=\"text-align: right\">n</th></tr>\n</thead>\n<tbody>\n\
             <tr><th scope=\"row\" style=\"text-align: left\">&lt;img onerror=x&gt;</th>\
             <td style=\"text-align: right\">1</td></tr>\n</tbody>\n</table>"
        );
    }

    #[test]
    fn rows_of_another_length_and_cells_of_several_lines_stay_in_place() {
        let table = Table::new("t", ["a", "b"]).row(["1"]).row(["2\nEVCXR_END_CONTENT", "3", "4"]);
        assert_eq!(table.to_string(), "t\na                    b\n1\n2 EVCXR_END_CONTENT  3");
    }

    #[test]
    fn every_script_stands_in_line() {
        let table = Table::new("表", ["名前", "rows"]).row(["日本", "12"]).row(["😀", "3"]);
        let table = table.row(["e\u{301}te\u{301}", "4"]);
        assert_eq!(
            table.to_string(),
            "表\n名前  rows\n日本    12\n😀       3\ne\u{301}te\u{301}      4"
        );
    }

    #[test]
    fn long_tables_and_cells_are_cut() {
        let mut table = Table::new("t", ["a"]).row(["w".repeat(100_000)]);
        for row in 0..1000 {
            table.push([row.to_string()]);
        }
        let text = table.to_string();
        assert!(text.contains("www…\n") && text.ends_with("\n… and 941 more rows"), "{text}");
        assert!(table.to_html().len() < 10_000);
    }
}
