//! The records of a file of comma-separated values, one after the other, under named columns.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use ndarray::Array2;

use super::csv_options::Header as AskedHeader;
use super::csv_plain::Plain;
use super::csv_source::{Source, one_byte};
use super::csv_values::{Values, quoted};
use super::{ColumnId, CsvOptions, Error};
use crate::text::cut;

/// The longest record that is read, in bytes. A file that never ends its line, or never closes
/// a quote, is refused here and not when the memory is used up.
const LONGEST_RECORD: usize = 16 << 20;

/// A file whose header is read, and the record that was read last.
pub(super) struct Records<R> {
    path: PathBuf,
    reader: csv::Reader<Input<Source<R>>>,
    values: Values,
    /// The names of all columns of the file.
    names: Vec<String>,
    /// The places of the columns that are read, ascending.
    columns: Vec<usize>,
    /// The place of each name, of the columns that are read.
    places: HashMap<String, usize>,
    /// Where the names came from.
    header: Header,
    /// How many fields behind the last column may be there, if they are blank: a row may end with
    /// a separator, and spreadsheets write columns that are empty.
    blank_fields: usize,
    record: ByteRecord,
    /// Whether the record was read with the header, and is the first of the rows.
    is_first_row: bool,
    line: u64,
    /// Whether a line that holds one field more than the header has names begins with the name of
    /// its row: where no comma separates, which could be a decimal mark, or where it is asked for.
    may_name_rows: bool,
    /// Whether the first column does so.
    names_rows: bool,
    /// How many lines stand before the first that is read.
    lines_before: u64,
}

/// Whether a number can be the name of a column without any doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    /// The first line was taken for the header.
    Taken,
    /// The caller said where the header is, or what the names are.
    Told,
    /// There is none: the names are numbers.
    None,
}

impl<R: Read> Records<R> {
    /// Reads the header; `path` is for the messages.
    pub(super) fn new(input: R, path: &Path, options: &CsvOptions) -> Result<Self, Error> {
        let (source, start) = Source::open(input, path, options, LONGEST_RECORD)?;
        let comment = options.comment.map(|comment| one_byte("comment", comment)).transpose()?;
        let plain = Plain::new(start.delimiter, comment, options.sep_whitespace);
        let input = Input { input: source, plain, left: LONGEST_RECORD, end: End::Ahead };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(start.delimiter)
            // The csv crate's own line numbers are off after CRLF and after empty lines. With
            // LF as the only end, a CR is one more blank to remove.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(input);
        let path = path.to_path_buf();
        let mut records = Records {
            path,
            reader,
            values: Values::new(options),
            names: Vec::new(),
            columns: Vec::new(),
            places: HashMap::new(),
            header: Header::Taken,
            blank_fields: 1,
            record: ByteRecord::new(),
            is_first_row: false,
            line: 1,
            may_name_rows: start.delimiter != b','
                || options.index_col == Some(ColumnId::Number(0)),
            names_rows: false,
            lines_before: start.lines,
        };
        records.read_header(options)?;
        records.choose_columns(options)?;
        Ok(records)
    }

    /// Reads the column names, or counts the columns of the first row.
    fn read_header(&mut self, options: &CsvOptions) -> Result<(), Error> {
        let skipped = match (options.header, &options.names) {
            (AskedHeader::Row(row), _) => Some(row),
            (AskedHeader::Infer, None) => Some(0),
            (AskedHeader::Infer | AskedHeader::None, _) => None,
        };
        for _ in 0..=skipped.unwrap_or(0) {
            if !self.read()? {
                return Err(Error::EmptyFile { path: self.path.clone() });
            }
        }
        let mut names = Vec::with_capacity(self.record.len());
        for column in 0..self.record.len() {
            names.push(self.header_field(column)?.to_owned());
        }
        let blank = names.iter().rev().take_while(|name| name.trim().is_empty()).count();
        self.is_first_row = skipped.is_none();
        self.header = match (options.header, &options.names) {
            (AskedHeader::Infer, None) => Header::Taken,
            (AskedHeader::None, None) => Header::None,
            _ => Header::Told,
        };
        match &options.names {
            Some(given) => {
                let (expected, found) = (given.len(), names.len());
                if found < expected || found - expected > blank {
                    let problem = format!(
                        "{expected} are given, but line {} of {} has {found} fields",
                        self.line(),
                        self.path.display()
                    );
                    return Err(Error::Option { option: "names", problem });
                }
                self.names.clone_from(given);
            }
            None if self.is_first_row => {
                self.names = (0..names.len()).map(|place| place.to_string()).collect();
            }
            None => {
                // a column without a name, and behind it none with one
                if names.len() > blank {
                    names.truncate(names.len() - blank);
                    self.blank_fields = blank.max(1);
                }
                self.names = names;
                self.find_row_names()?;
            }
        }
        Ok(())
    }

    /// Where the first row has one field more than the header has names, as R's `write.table` writes
    /// it, the first column holds the names of the rows, and has none of its own.
    fn find_row_names(&mut self) -> Result<(), Error> {
        if !self.may_name_rows || self.names.is_empty() || !self.read()? {
            return Ok(());
        }
        self.is_first_row = true;
        let last = self.record.len().saturating_sub(1);
        if last == self.names.len() && !self.text(last)?.is_empty() {
            self.names.insert(0, String::new());
            self.names_rows = true;
        }
        Ok(())
    }

    /// A name in the header as it stands there, as pandas keeps it, but for a line's end.
    fn header_field(&self, column: usize) -> Result<&str, Error> {
        let field = self.written(column)?;
        Ok(field.strip_suffix('\r').unwrap_or(field))
    }

    /// Finds the columns that are read: each named, none twice.
    fn choose_columns(&mut self, options: &CsvOptions) -> Result<(), Error> {
        let mut out = vec![false; self.names.len()];
        if let Some(used) = &options.usecols {
            if used.is_empty() {
                let problem = "it names no column; name the target and the features, or leave it \
                               out to read all columns"
                    .to_owned();
                return Err(Error::Option { option: "usecols", problem });
            }
            out = vec![true; self.names.len()];
            for column in self.find_all("usecols", used)? {
                if let Some(out) = out.get_mut(column) {
                    *out = false;
                }
            }
        }
        let mut dropped = self.find_all("drop", &options.drop)?;
        dropped.extend(self.find_all("index_col", options.index_col.as_slice())?);
        if self.names_rows {
            dropped.push(0);
        }
        for column in dropped {
            if let Some(out) = out.get_mut(column) {
                *out = true;
            }
        }
        for (column, (name, out)) in self.names.iter().zip(out).enumerate() {
            if out {
                continue;
            }
            if name.trim().is_empty() {
                return Err(Error::NoName { path: self.path.clone(), column: column + 1 });
            }
            if self.places.insert(name.clone(), column).is_some() {
                // a row without a header is the more likely reason if it holds numbers
                self.check_header()?;
                return Err(Error::SameName { path: self.path.clone(), column: name.clone() });
            }
            self.columns.push(column);
        }
        Ok(())
    }

    /// The places of columns in the file, whether they are read or not.
    fn find_all(&self, option: &'static str, columns: &[ColumnId]) -> Result<Vec<usize>, Error> {
        if columns.is_empty() {
            return Ok(Vec::new());
        }
        let mut places = HashMap::new();
        for (place, name) in self.names.iter().enumerate() {
            places.entry(name.as_str()).or_insert(place);
        }
        let find = |column: &ColumnId| match column {
            ColumnId::Name(name) => {
                places.get(name.as_str()).copied().or_else(|| self.without_blanks(name))
            }
            ColumnId::Number(number) => {
                let named = places.get(number.to_string().as_str()).copied();
                named.or_else(|| (*number < self.names.len()).then_some(*number))
            }
        };
        let find = |column: &ColumnId| find(column).ok_or_else(|| self.no_column(option, column));
        columns.iter().map(find).collect()
    }

    fn no_column(&self, option: &'static str, column: &ColumnId) -> Error {
        let columns = self.names.iter().map(String::as_str).filter(|name| !name.is_empty());
        let problem = format!(
            "{} has no column {column}; its columns are: {}",
            self.path.display(),
            shortened_list(columns)
        );
        Error::Option { option, problem }
    }

    /// The place of a column that is read, which an option names.
    pub(super) fn find(&self, option: &'static str, column: &ColumnId) -> Result<usize, Error> {
        let place = self.find_all(option, std::slice::from_ref(column))?.first().copied();
        place
            .filter(|place| self.columns.binary_search(place).is_ok())
            .ok_or_else(|| self.no_column(option, column))
    }

    /// Refuses a first line that was taken for the header, and looks like a row of data: some of
    /// its fields are numbers, and not the numbers of columns, or of years, one after the other.
    pub(super) fn check_header(&self) -> Result<(), Error> {
        if self.header != Header::Taken {
            return Ok(());
        }
        let numbers: Vec<&String> = self.names.iter().filter(|name| is_number(name)).collect();
        let whole = numbers.iter().map(|name| name.parse::<i64>().ok());
        let whole: Option<Vec<i64>> = whole.collect();
        let is_count = match whole.as_deref() {
            Some([]) => true,
            Some([first, rest @ ..]) => {
                let next = |(place, number): (i64, &i64)| first.checked_add(place) == Some(*number);
                let ascending = !rest.is_empty() && (1..).zip(rest).all(next);
                // all of them are numbers in a table that pandas wrote of an array
                let is_array = *first == 0 && numbers.len() > 2;
                ascending && (is_array || numbers.len() < self.names.len())
            }
            None => false,
        };
        match is_count {
            true => Ok(()),
            false => Err(self.no_header()),
        }
    }

    /// What is wrong with a name that is in none of the columns: if all of them are numbers, the
    /// first line is no header.
    pub(super) fn no_target(&self, target: &str) -> Error {
        if self.header == Header::Taken && self.names.iter().all(|name| is_number(name)) {
            return self.no_header();
        }
        let columns = self.names_for_message();
        Error::NoTarget { path: self.path.clone(), target: target.into(), columns }
    }

    fn no_header(&self) -> Error {
        let line = shortened_list(self.names.iter().map(String::as_str));
        Error::NoHeader { path: self.path.clone(), line }
    }

    /// Whether the file names no columns, and none were given: they are called `0`, `1` and so on.
    pub(super) fn is_nameless(&self) -> bool {
        self.header == Header::None
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// How fields are read.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The places of the columns that are read, ascending.
    pub(super) fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// The name of a column.
    pub(super) fn name(&self, column: usize) -> &str {
        self.names.get(column).map_or("", String::as_str)
    }

    /// The place of the one column whose name is this one but for the blanks around it.
    pub(super) fn without_blanks(&self, name: &str) -> Option<usize> {
        let same = |(_, own): &(usize, &String)| own.trim() == name.trim();
        let mut found = self.names.iter().enumerate().filter(same);
        match (found.next(), found.next()) {
            (Some((place, _)), None) => Some(place),
            _ => None,
        }
    }

    /// The place of the column of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The places of the columns of these names, in their order, where `columns` are those and no
    /// others; what is wrong is told as scikit-learn tells it.
    pub(super) fn named_exactly(
        &self,
        names: &[&str],
        columns: &[usize],
    ) -> Result<Vec<usize>, Error> {
        let wanted: HashSet<&str> = names.iter().copied().collect();
        let unseen: Vec<&str> = columns
            .iter()
            .map(|&column| self.name(column))
            .filter(|name| !wanted.contains(name))
            .collect();
        let found =
            |name: &&str| self.column(name).filter(|column| columns.binary_search(column).is_ok());
        let missing: Vec<&str> =
            names.iter().copied().filter(|name| found(name).is_none()).collect();
        if unseen.is_empty() && missing.is_empty() {
            return Ok(names.iter().filter_map(found).collect());
        }
        self.check_header()?;
        Err(Error::FeatureNames {
            path: self.path.clone(),
            unseen: quoted_list(unseen.into_iter()),
            missing: quoted_list(missing.into_iter()),
        })
    }

    /// The names of the columns, separated by commas, as far as a message holds them.
    pub(super) fn names_for_message(&self) -> String {
        shortened_list(self.columns.iter().map(|&column| self.name(column)))
    }

    /// The line on which the record starts; 1 is the first of the file.
    pub(super) fn line(&self) -> u64 {
        self.lines_before.saturating_add(self.line)
    }

    /// An error in a field of the record.
    pub(super) fn field(&self, column: usize, problem: String) -> Error {
        let column = self.name(column).to_owned();
        Error::Field { path: self.path.clone(), line: self.line(), column, problem }
    }

    /// Reads the next record, one field under each name; `false` at the end.
    pub(super) fn next(&mut self) -> Result<bool, Error> {
        if self.is_first_row {
            self.is_first_row = false;
        } else if !self.read()? {
            return Ok(false);
        }
        let (expected, found) = (self.names.len(), self.record.len());
        for column in 0..found {
            self.text(column)?;
        }
        if found != expected {
            self.check_width(expected, found)?;
        }
        Ok(true)
    }

    /// Refuses a record with fields that no column has.
    fn check_width(&self, expected: usize, found: usize) -> Result<(), Error> {
        let mut more = (expected..found).map(|column| self.text(column));
        let blank = more.all(|field| field.is_ok_and(str::is_empty));
        if found > expected && found - expected <= self.blank_fields && blank {
            return Ok(());
        }
        Err(Error::Ragged { path: self.path.clone(), line: self.line(), expected, found })
    }

    /// A field of the record without the blanks around it.
    pub(super) fn text(&self, column: usize) -> Result<&str, Error> {
        self.written(column).map(str::trim)
    }

    /// A field of the record as it is written.
    pub(super) fn written(&self, column: usize) -> Result<&str, Error> {
        let mut field = self.record.get(column).unwrap_or_default();
        // Records end at a line feed: what stands before it belongs to the end of the line.
        if column + 1 == self.record.len() {
            field = field.strip_suffix(b"\r").unwrap_or(field);
        }
        match str::from_utf8(field) {
            Ok(field) => Ok(field),
            Err(_) => Err(Error::NotUtf8 {
                path: self.path.clone(),
                line: self.line(),
                column: column + 1,
            }),
        }
    }

    /// Appends the numbers that the record has in `columns`.
    pub(super) fn numbers(&self, columns: &[usize], numbers: &mut Vec<f64>) -> Result<(), Error> {
        for &column in columns {
            let field = self.text(column)?;
            let number = self.values.number(field);
            numbers.push(number.map_err(|problem| self.field(column, problem))?);
        }
        Ok(())
    }

    /// Reads the next record that is not blank; `false` at the end.
    fn read(&mut self) -> Result<bool, Error> {
        let path = || self.path.clone();
        loop {
            self.reader.get_mut().left = LONGEST_RECORD;
            self.line = self.reader.position().line();
            let start = self.reader.position().byte();
            let found =
                self.reader.read_byte_record(&mut self.record).map_err(|error| {
                    match error.into_kind() {
                        csv::ErrorKind::Io(source)
                            if source.kind() == io::ErrorKind::FileTooLarge =>
                        {
                            Error::LongRecord {
                                path: path(),
                                line: self.lines_before.saturating_add(self.line),
                                limit: LONGEST_RECORD,
                            }
                        }
                        csv::ErrorKind::Io(source) => Error::Read { path: path(), source },
                        other => {
                            let source = io::Error::other(format!("{other:?}"));
                            Error::Read { path: path(), source }
                        }
                    }
                })?;
            if !found {
                return Ok(false);
            }
            let line_before = self.line;
            let inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count();
            let after = self.reader.position().line();
            if self.reader.get_ref().end == End::Reached {
                let line = after.saturating_sub(inside as u64);
                let line = self.lines_before.saturating_add(line);
                return Err(Error::OpenQuote { path: path(), line });
            }
            self.line = after.saturating_sub(inside as u64 + 1);
            let blank = self.record.len() == 1 && self.record.as_slice().trim_ascii().is_empty();
            if !blank || self.has_quotes(start, line_before, inside as u64) {
                return Ok(true);
            }
        }
    }

    /// Whether the record was written with quotes, which make an empty field of a blank line; it
    /// began behind this byte and line, and has so many line breaks in it.
    fn has_quotes(&self, start: u64, line: u64, inside: u64) -> bool {
        let position = self.reader.position();
        // Empty lines before it are passed over; of each there is but the line feed.
        let lines = position.line().saturating_sub(line).saturating_sub(inside);
        let bytes = position.byte().saturating_sub(start).saturating_sub(lines);
        bytes > self.record.as_slice().len() as u64
    }
}

/// Numbers, row by row, as a table.
pub(super) fn table(numbers: Vec<f64>, rows: usize, columns: usize) -> Result<Array2<f64>, Error> {
    let found = numbers.len();
    Array2::from_shape_vec((rows, columns), numbers).map_err(|_| Error::Shape {
        what: "numbers in the features",
        expected: rows.saturating_mul(columns),
        found,
    })
}

/// Whether a name is a number, with whatever decimal mark.
fn is_number(name: &str) -> bool {
    let number = |name: &str| name.parse().is_ok_and(f64::is_finite);
    number(name) || number(&name.replacen(',', ".", 1))
}

/// Names, separated by commas, as far as a message holds them.
pub(super) fn shortened_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut list = String::new();
    for name in names {
        if list.len() > 1000 {
            break;
        }
        list.push_str(if list.is_empty() { "" } else { ", " });
        list.push_str(name);
    }
    cut(&list, 400).into_owned()
}

/// Names in quotes, separated by commas, as far as a message holds them.
pub(super) fn quoted_list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.take(100).map(quoted).collect();
    cut(&names.join(", "), 400).into_owned()
}

/// A file that ends with a line break, whether it does or not, and that fails when one record
/// takes more bytes than it may.
struct Input<R> {
    input: R,
    plain: Option<Plain>,
    left: usize,
    end: End,
}

/// How near the end of the file is. A record that is complete only once it is [`End::Reached`],
/// behind the line break put there, is one whose quote is still open.
#[derive(PartialEq)]
enum End {
    Ahead,
    LineBreakGiven,
    Reached,
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.end != End::Ahead {
            self.end = End::Reached;
            return Ok(0);
        }
        let count = loop {
            let count = self.input.read(buffer)?;
            self.left = self.left.checked_sub(count).ok_or(io::ErrorKind::FileTooLarge)?;
            match (&mut self.plain, buffer.get_mut(..count)) {
                (Some(plain), Some(read @ [_, ..])) => match plain.rewrite(read) {
                    // all of it is comment
                    0 => {}
                    kept => break kept,
                },
                _ => break count,
            }
        };
        match buffer.first_mut() {
            Some(first) if count == 0 => {
                *first = b'\n';
                self.end = End::LineBreakGiven;
                Ok(1)
            }
            _ => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(content: &[u8]) -> Result<Records<&[u8]>, Error> {
        Records::new(content, Path::new("rows.csv"), &CsvOptions::new())
    }

    #[test]
    fn each_record_has_the_line_on_which_it_starts() -> Result<(), Error> {
        let files: [(&[u8], &[u64]); 8] = [
            (b"a\n1\n\n\"\"\n\n2\n", &[2, 4, 6]),
            (b"a\r\n1\r\n\r\n\"\"\r\n \r\n2\r\n", &[2, 4, 6]),
            (b"a\n1\n2\n", &[2, 3]),
            (b"a\r\n1\r\n\r\n2", &[2, 4]),
            (b"\n\na\n \n1\n", &[5]),
            (b"a\n\"1\n\n2\"\n3\n", &[2, 5]),
            (b"\"a\nb\"\n1\n\t\n2\n", &[3, 5]),
            (b"a\n", &[]),
        ];
        for (file, expected) in files {
            let mut records = records(file)?;
            let mut lines = Vec::new();
            while records.next()? {
                lines.push(records.line());
            }
            assert_eq!(lines, expected, "{:?}", file.escape_ascii().to_string());
        }
        Ok(())
    }

    #[test]
    fn fields_come_without_the_blanks_around_them() -> Result<(), Error> {
        let mut records = records("\u{feff} a ,\" b \"\n\t1 , \u{a0}x\u{a0}\n".as_bytes())?;
        // but for those of names, which pandas keeps
        assert_eq!((records.name(0), records.name(1)), (" a ", " b "));
        assert_eq!((records.column("b"), records.column(" b ")), (None, Some(1)));
        assert_eq!(records.find("target", &"b".into())?, 1);
        assert!(records.next()?);
        assert_eq!((records.text(0)?, records.text(1)?), ("1", "x"));
        assert!(!records.next()?);
        Ok(())
    }

    #[test]
    fn a_quote_that_is_never_closed_is_named_by_its_line() {
        for (file, expected) in [("a\n\"1\n2\n", 2), ("a\n1\n\n\"2", 4), ("\"a\n1\n", 1)] {
            let all = records(file.as_bytes()).and_then(|mut records| {
                while records.next()? {}
                Ok(())
            });
            let line = match all {
                Err(Error::OpenQuote { line, .. }) => Some(line),
                _ => None,
            };
            assert_eq!(line, Some(expected), "{file:?}");
        }
    }
}
