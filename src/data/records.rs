//! The records of a file of comma-separated values, one after the other, under named columns.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ReaderBuilder};
use ndarray::Array2;

use super::Error;
use crate::text::cut;

/// The longest record that is read, in bytes. A file that never ends its line, or never closes
/// a quote, is refused here and not when the memory is used up.
const LONGEST_RECORD: usize = 16 << 20;

/// A file whose header is read, and the record that was read last.
pub(super) struct Records<R> {
    path: PathBuf,
    reader: csv::Reader<Input<R>>,
    names: Vec<String>,
    /// The place of each name.
    places: HashMap<String, usize>,
    record: ByteRecord,
    line: u64,
}

impl<R: Read> Records<R> {
    /// Reads the header; `path` is for the messages.
    pub(super) fn new(input: R, path: &Path) -> Result<Self, Error> {
        let input = Input { input, left: LONGEST_RECORD, end: End::Ahead };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // The csv crate's own line numbers are off after CRLF and after empty lines. With
            // LF as the only end, a CR is one more blank to remove.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(input);
        let path = path.to_path_buf();
        let mut records = Records {
            path,
            reader,
            names: Vec::new(),
            places: HashMap::new(),
            record: ByteRecord::new(),
            line: 1,
        };
        records.header()?;
        Ok(records)
    }

    /// Reads the column names: each given, none twice.
    fn header(&mut self) -> Result<(), Error> {
        if !self.read()? {
            return Err(Error::EmptyFile { path: self.path.clone() });
        }
        for column in 0..self.record.len() {
            let name = self.text(column)?.to_owned();
            if name.is_empty() {
                return Err(Error::NoName { path: self.path.clone(), column: column + 1 });
            }
            if self.places.insert(name.clone(), column).is_some() {
                return Err(Error::SameName { path: self.path.clone(), column: name });
            }
            self.names.push(name);
        }
        Ok(())
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of the column of that name.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The names of the columns, separated by commas, as far as a message holds them.
    pub(super) fn names_for_message(&self) -> String {
        cut(&self.names.join(", "), 400).into_owned()
    }

    /// The line on which the record starts; 1 is the header.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// An error in a field of the record.
    pub(super) fn field(&self, column: usize, problem: String) -> Error {
        let column = self.names.get(column).cloned().unwrap_or_default();
        Error::Field { path: self.path.clone(), line: self.line, column, problem }
    }

    /// Reads the next record, one field under each name; `false` at the end.
    pub(super) fn next(&mut self) -> Result<bool, Error> {
        if !self.read()? {
            return Ok(false);
        }
        let (expected, found) = (self.names.len(), self.record.len());
        if found != expected {
            return Err(Error::Ragged {
                path: self.path.clone(),
                line: self.line,
                expected,
                found,
            });
        }
        for column in 0..found {
            self.text(column)?;
        }
        Ok(true)
    }

    /// A field of the record without the blanks around it.
    pub(super) fn text(&self, column: usize) -> Result<&str, Error> {
        match str::from_utf8(self.record.get(column).unwrap_or_default()) {
            Ok(field) => Ok(field.trim()),
            Err(_) => {
                Err(Error::NotUtf8 { path: self.path.clone(), line: self.line, column: column + 1 })
            }
        }
    }

    /// Appends the numbers that the record has in `columns`.
    pub(super) fn numbers(&self, columns: &[usize], numbers: &mut Vec<f64>) -> Result<(), Error> {
        for &column in columns {
            let field = self.text(column)?;
            numbers.push(number(field).map_err(|problem| self.field(column, problem))?);
        }
        Ok(())
    }

    /// Reads the next record that is not blank; `false` at the end.
    fn read(&mut self) -> Result<bool, Error> {
        let path = || self.path.clone();
        loop {
            self.reader.get_mut().left = LONGEST_RECORD;
            self.line = self.reader.position().line();
            let found =
                self.reader.read_byte_record(&mut self.record).map_err(|error| {
                    match error.into_kind() {
                        csv::ErrorKind::Io(source)
                            if source.kind() == io::ErrorKind::FileTooLarge =>
                        {
                            Error::LongRecord {
                                path: path(),
                                line: self.line,
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
            let inside = self.record.as_slice().iter().filter(|&&byte| byte == b'\n').count();
            let after = self.reader.position().line();
            if self.reader.get_ref().end == End::Reached {
                let line = after.saturating_sub(inside as u64);
                return Err(Error::OpenQuote { path: path(), line });
            }
            self.line = after.saturating_sub(inside as u64 + 1);
            let blank = self.record.len() == 1 && self.record.as_slice().trim_ascii().is_empty();
            if !blank {
                return Ok(true);
            }
        }
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

/// A feature: NaN where the value is missing.
fn number(field: &str) -> Result<f64, String> {
    if field.is_empty() {
        return Ok(f64::NAN);
    }
    match field.parse::<f64>() {
        Ok(number) if number.is_infinite() => Err(format!(
            "{} is not a finite number; leave the field empty where a value is missing",
            quoted(field)
        )),
        Ok(number) => Ok(number),
        Err(_) => Err(format!(
            "{} is not a number; turn words into numbers, or leave the field empty where a value \
             is missing",
            quoted(field)
        )),
    }
}

/// A field for a message: quoted, and shortened when it is long.
pub(super) fn quoted(field: &str) -> String {
    format!("{:?}", cut(field, 40))
}

/// A file that ends with a line break, whether it does or not, and that fails when one record
/// takes more bytes than it may.
struct Input<R> {
    input: R,
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
        let count = self.input.read(buffer)?;
        self.left = self.left.checked_sub(count).ok_or(io::ErrorKind::FileTooLarge)?;
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
        Records::new(content, Path::new("rows.csv"))
    }

    #[test]
    fn features_are_numbers_as_rust_and_python_write_them() {
        let numbers = [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("-1E-3", -0.001),
            ("0.1000000000000000055511151231257827", 0.1),
            ("1e-999", 0.0),
        ];
        for (field, expected) in numbers {
            assert_eq!(number(field), Ok(expected), "{field}");
        }
        for missing in ["", "nan", "NaN", "-nan", "NAN"] {
            assert!(number(missing).is_ok_and(f64::is_nan), "{missing}");
        }
        for infinite in ["inf", "-Infinity", "1e309"] {
            let problem = number(infinite).expect_err("refused");
            assert!(problem.contains(" is not a finite number; "), "{problem}");
        }
        for word in ["tall", "1,5", "1_0", "0x10", "1e", "--1", "NA", "1 2"] {
            let problem = number(word).expect_err("refused");
            assert!(problem.starts_with(&format!("{word:?} is not a number; ")), "{problem}");
        }
    }

    #[test]
    fn each_record_has_the_line_on_which_it_starts() -> Result<(), Error> {
        let files: [(&[u8], &[u64]); 6] = [
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
    fn names_and_fields_come_without_the_blanks_around_them() -> Result<(), Error> {
        let mut records = records("\u{feff} a ,\" b \"\n\t1 , \u{a0}x\u{a0}\n".as_bytes())?;
        assert_eq!(records.names(), ["a", "b"]);
        assert_eq!((records.column("b"), records.column(" b ")), (Some(1), None));
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
