//! Tables, and figures about their columns.

use super::Table;
use super::cell::bundle;
use crate::data::{
    Column, CorrelationMethod, Correlations, Description, Frame, MissingValues, Summary,
    ValueCounts,
};
use crate::text::{count, percent, rounded, shortened};

/// Rows up to which a table is shown whole; of a longer one so many at each end, as in pandas.
const WHOLE: usize = 60;
const AT_EACH_END: usize = 5;

/// Columns that a cell shows; those past them are counted.
const FIRST_COLUMNS: usize = 12;

impl Frame {
    /// Shows the table in a notebook's cell: of more than 60 rows the first and the last five.
    pub fn evcxr_display(&self) {
        self.preview().evcxr_display();
    }

    fn preview(&self) -> Table {
        let (rows, columns) = self.shape();
        let first = if rows <= WHOLE { rows } else { AT_EACH_END };
        let last = if rows <= WHOLE { rows } else { rows - AT_EACH_END };
        let mut caption = self.caption();
        if last > first {
            caption += &format!("; the first and the last {AT_EACH_END} rows");
        }
        let shown: Vec<usize> = (0..columns.min(FIRST_COLUMNS)).collect();
        let more = (columns > FIRST_COLUMNS).then(|| format!("… {} more", columns - FIRST_COLUMNS));
        let header = ["row".to_owned()].into_iter();
        let header =
            header.chain(shown.iter().map(|&place| self.name_of(place))).chain(more.clone());
        let mut table = Table::new(caption, header).with_row_headers();
        // Only the rows that are shown are copied.
        let parts = [0..first, last..rows].map(|part| (part.clone(), self.slice(part)));
        for (part, (range, rows)) in parts.into_iter().enumerate() {
            let columns = rows.and_then(|rows| rows.select(&shown));
            let columns = columns.map(Frame::into_columns).unwrap_or_default();
            for (at, row) in range.enumerate() {
                let cells = columns.iter().map(|column| cell(column, at));
                let number = self.first_row().saturating_add(row).to_string();
                let more = more.as_ref().map(|_| "…".to_owned());
                let cells = [number].into_iter().chain(cells).chain(more);
                match part {
                    0 => table.push(cells),
                    _ => table.push_last(cells),
                }
            }
            if part == 0 {
                table.leave_out(last.saturating_sub(first));
            }
        }
        table
    }

    pub(super) fn caption(&self) -> String {
        let (rows, columns) = self.shape();
        format!("{}, {}", count(rows, "row", "rows"), count(columns, "column", "columns"))
    }
}

/// A value of a column, as a cell shows it.
fn cell(column: &Column, row: usize) -> String {
    match column {
        Column::Numbers(numbers) => numbers.get(row).map_or(String::new(), |&it| rounded(it)),
        Column::Words(words) => match words.get(row) {
            Some(Some(word)) => word.clone(),
            Some(None) => rounded(f64::NAN),
            None => String::new(),
        },
    }
}

impl Description {
    /// Shows the figures in a notebook's cell, a row for each column.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let is_words = |(_, summary): &(String, Summary)| matches!(summary, Summary::Words(_));
        let any_words = self.columns().iter().any(is_words);
        let any_numbers = self.columns().iter().any(|column| !is_words(column));
        let numbers = ["mean", "std", "min", "25 %", "50 %", "75 %", "max"];
        let words = ["unique", "top", "freq"];
        let mut header = vec!["column", "count"];
        header.extend(words.iter().filter(|_| any_words));
        header.extend(numbers.iter().filter(|_| any_numbers));
        let (rows, columns) = (self.rows(), self.columns().len());
        let caption =
            format!("{}, {}", count(rows, "row", "rows"), count(columns, "column", "columns"));
        let mut table = Table::new(caption, header).with_row_headers();
        for (name, summary) in self.columns() {
            let mut cells = vec![name.clone()];
            match summary {
                Summary::Numbers(it) => {
                    cells.push(it.count.to_string());
                    cells.extend(words.iter().filter(|_| any_words).map(|_| String::new()));
                    let figures = [it.mean, it.std, it.min, it.q25, it.median, it.q75, it.max];
                    cells.extend(figures.map(rounded));
                }
                Summary::Words(it) => {
                    let top = it.top.clone().unwrap_or_else(|| rounded(f64::NAN));
                    cells.extend([it.count.to_string(), it.unique.to_string()]);
                    cells.extend([shortened(&top, 24), it.freq.to_string()]);
                }
            }
            table.push(cells);
        }
        table
    }
}

impl ValueCounts {
    /// Shows the values, how many rows have each, and which share of those that have one, in a
    /// notebook's cell.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let (values, rows) = (self.counts().len(), self.total());
        let of = match self.name() {
            "" => String::new(),
            name => format!("{}: ", shortened(name, 40)),
        };
        let mut caption =
            format!("{of}{} in {}", count(values, "value", "values"), count(rows, "row", "rows"));
        if self.missing() > 0 {
            caption += &format!("; missing in {}", count(self.missing(), "row", "rows"));
        }
        let mut table = Table::new(caption, ["value", "rows", "share"]).with_row_headers();
        for (value, &number) in self.values().iter().zip(self.counts()) {
            let share = percent(number, rows, 1);
            table.push([value.to_string(), number.to_string(), share]);
        }
        table
    }
}

impl MissingValues {
    /// Shows in a notebook's cell the columns in which values are missing, and how many.
    pub fn evcxr_display(&self) {
        match self.total() {
            0 => println!("{}", bundle(None, &self.caption())),
            _ => self.table().evcxr_display(),
        }
    }

    pub(super) fn caption(&self) -> String {
        let columns = self.columns();
        let with = columns.iter().filter(|(_, missing)| *missing > 0).count();
        let rows = count(self.rows(), "row", "rows");
        let all = count(columns.len(), "column", "columns");
        match with {
            0 => format!("No value is missing in {rows} and {all}"),
            with => format!("Values are missing in {with} of {all}, {rows}"),
        }
    }

    fn table(&self) -> Table {
        let mut table =
            Table::new(self.caption(), ["column", "missing", "share"]).with_row_headers();
        for (name, missing) in self.columns().iter().filter(|(_, missing)| *missing > 0) {
            let share = percent(*missing, self.rows(), 1);
            table.push([name.clone(), missing.to_string(), share]);
        }
        table
    }
}

impl Correlations {
    /// Shows the coefficients in a notebook's cell: all of them, or of more than 12 columns the
    /// strongest.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let names = self.names();
        let method = match self.method() {
            CorrelationMethod::Pearson => "Pearson",
            CorrelationMethod::Spearman => "Spearman",
        };
        let caption =
            format!("{method} correlations of {}", count(names.len(), "column", "columns"));
        let figure = |value: f64| match value.is_nan() {
            true => rounded(value),
            false => format!("{value:.3}"),
        };
        if names.len() > FIRST_COLUMNS {
            let caption = format!("{caption}, the strongest first");
            let mut table = Table::new(caption, ["column", "and", "correlation"]);
            for (one, other, value) in self.strongest() {
                table.push([one, other, figure(value)]);
            }
            return table;
        }
        let header = ["column".to_owned()].into_iter().chain(names.iter().cloned());
        let mut table = Table::new(caption, header).with_row_headers();
        for (name, row) in names.iter().zip(self.matrix().rows()) {
            table.push([name.clone()].into_iter().chain(row.iter().map(|&value| figure(value))));
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::{Error, balance_scale};

    fn table() -> Result<Frame, Error> {
        let colour = vec![Some("red".to_owned()), None, Some("blue".into()), Some("red".into())];
        Frame::named([
            ("weight", Column::from([1.0, 2.5, f64::NAN, 4.0])),
            ("colour", Column::from(colour)),
        ])
    }

    #[test]
    fn a_table_shows_its_rows() -> Result<(), Error> {
        assert_eq!(
            table()?.preview().to_string(),
            "4 rows, 2 columns\nrow  weight  colour\n  0       1  red\n  1     2.5  nan\n  \
             2     nan  blue\n  3       4  red"
        );
        assert_eq!(
            table()?.tail(1).preview().to_string(),
            "1 row, 2 columns\nrow  weight  colour\n  3       4  red"
        );
        let empty = Frame::from_numbers(Array2::zeros((0, 0)));
        assert_eq!(empty.preview().to_string(), "0 rows, 0 columns\nrow");
        Ok(())
    }

    #[test]
    fn of_a_long_and_wide_table_both_ends_are_shown() {
        let numbers = Array2::from_shape_fn((1000, 30), |(row, column)| (row + column) as f64);
        let text = Frame::from_numbers(numbers).preview().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "1000 rows, 30 columns; the first and the last 5 rows");
        assert!(lines[1].ends_with("11  … 18 more"), "{text}");
        assert_eq!(lines[7], "… and 990 more rows");
        assert!(lines[12].starts_with("999  999  1000"), "{text}");
        assert_eq!(lines.len(), 13);
    }

    #[test]
    fn figures_about_columns_are_tables() -> Result<(), Error> {
        let table = table()?;
        assert_eq!(
            table.describe().table().to_string(),
            "4 rows, 2 columns\n\
             column  count  unique  top  freq  mean      std  min  25 %  50 %  75 %  max\n\
             weight      3                      2.5      1.5    1  1.75   2.5  3.25    4\n\
             colour      3       2  red     2"
                .replace("      std", "  std")
                .replace("      1.5 ", "  1.5 ")
        );
        assert_eq!(
            table.value_counts("colour")?.table().to_string(),
            "colour: 2 values in 3 rows; missing in 1 row\nvalue  rows   share\nred       2  66.7 %\n\
             blue      1  33.3 %"
        );
        assert_eq!(
            table.missing_values().table().to_string(),
            "Values are missing in 2 of 2 columns, 4 rows\ncolumn  missing   share\n\
             weight        1  25.0 %\ncolour        1  25.0 %"
        );
        assert_eq!(
            balance_scale().missing_values().caption(),
            "No value is missing in 625 rows and 5 columns"
        );
        Ok(())
    }

    #[test]
    fn correlations_are_a_square_or_a_list() -> Result<(), Error> {
        let columns = [
            ("x", Column::from([1.0, 2.0, 3.0])),
            ("y", Column::from([3.0, 2.0, 1.0])),
            ("one", Column::from([1.0, 1.0, 1.0])),
        ];
        assert_eq!(
            Frame::named(columns)?.corr()?.table().to_string(),
            "Pearson correlations of 3 columns\ncolumn       x       y  one\nx        1.000  -1.000  \
             nan\ny       -1.000   1.000  nan\none        nan     nan  nan"
        );
        let many = Array2::from_shape_fn((5, 13), |(row, column)| (row * column % 7) as f64);
        let text = Frame::from_numbers(many).corr()?.table().to_string();
        assert!(text.starts_with("Pearson correlations of 13 columns, the strongest first\n"));
        Ok(())
    }
}
