//! A reader's own rows, from a file of comma-separated values.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use ndarray::Array2;

use super::{Dataset, Error, Labels};

/// The longest record that is read, in bytes. A file that never ends its line, or never closes
/// a quote, is refused here and not when the memory is used up.
pub(super) const LONGEST_RECORD: usize = 16 << 20;

/// Reads a file of comma-separated values with a header line; the column `target` becomes the
/// target, all others become features.
///
/// - Encoding UTF-8, with or without a byte order mark; lines end with LF or CRLF; blank lines
///   are skipped. Fields may be quoted (`"a ""quoted"" field"`), also over several
///   lines. Blanks at either end of a name, number or label are removed.
/// - Features are numbers as Rust and Python write them. An empty field and `nan` (in any case)
///   become NaN, a missing value. Infinities, numbers too large for 64 bits among them, are
///   refused.
/// - The target becomes booleans when each of its fields is `true`, `false`, `True` or `False`;
///   else integers, else floats when all fit; else text. Whole numbers that 64 bits, or a float
///   beside them, cannot hold exactly stay text. A missing label is an error.
/// - Every column needs a name, and no name comes twice. No record is longer than 16 MiB.
///
/// # Errors
/// [`Error`] names the file, and, where it can, the line (1 is the header) and the column.
///
/// ```
/// use picklebook::data;
///
/// let path = std::env::temp_dir().join(format!("picklebook-doc-{}.csv", std::process::id()));
/// std::fs::write(&path, "height,spam\n1.5,True\n,False\n")?;
/// let data = data::read_csv(&path, "spam")?;
/// assert_eq!(data.target(), &data::Labels::from(vec![true, false]));
/// assert!(data.features()[(1, 0)].is_nan());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv(path: impl AsRef<Path>, target: &str) -> Result<Dataset, Error> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::Read { path: path.into(), source })?;
    parse(file, path, target)
}

/// Reads records from `input`; `path` is for the messages.
pub(super) fn parse(input: impl Read, path: &Path, target: &str) -> Result<Dataset, Error> {
    let mut records = Records::new(input, path);
    let names = header(&mut records)?;
    let target_column =
        names.iter().position(|name| name == target).ok_or_else(|| Error::NoTarget {
            path: path.into(),
            target: target.into(),
            columns: shortened(&names.join(", "), 400),
        })?;
    if names.len() == 1 {
        return Err(Error::NoFeatures { path: path.into(), target: target.into() });
    }

    let (mut features, mut labels) = (Vec::new(), Vec::new());
    while let Some(fields) = records.next(Some(names.len()))? {
        for (column, (field, name)) in fields.iter().zip(&names).enumerate() {
            if column == target_column {
                labels.push(label(field).map_err(|problem| records.field(name, problem))?);
            } else {
                features.push(number(field).map_err(|problem| records.field(name, problem))?);
            }
        }
    }
    if labels.is_empty() {
        return Err(Error::NoRows { path: path.into() });
    }
    let mut feature_names = names;
    let target_name = feature_names.remove(target_column);
    let found = features.len();
    let shape = (labels.len(), feature_names.len());
    let features = Array2::from_shape_vec(shape, features).map_err(|_| Error::Shape {
        what: "numbers in the features",
        expected: shape.0 * shape.1,
        found,
    })?;
    Dataset::new(features, typed(labels), feature_names, target_name)
}

/// The column names: each given, none twice.
fn header(records: &mut Records<'_, impl Read>) -> Result<Vec<String>, Error> {
    let Some(names) = records.next(None)? else {
        return Err(Error::EmptyFile { path: records.path.into() });
    };
    let mut seen = HashSet::new();
    for (column, name) in names.iter().enumerate() {
        if name.is_empty() {
            return Err(Error::NoName { path: records.path.into(), column: column + 1 });
        }
        if !seen.insert(name) {
            return Err(Error::SameName { path: records.path.into(), column: name.clone() });
        }
    }
    Ok(names)
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

/// A target value, as it stands.
fn label(field: &str) -> Result<String, String> {
    match field.is_empty() || field.eq_ignore_ascii_case("nan") {
        true => Err("the target is missing; remove the row or fill in its label".into()),
        false => Ok(field.into()),
    }
}

/// The target column in the narrowest type that holds every label exactly.
fn typed(labels: Vec<String>) -> Labels {
    fn all<T>(labels: &[String], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        labels.iter().map(|label| parse(label)).collect()
    }
    fn boolean(label: &str) -> Option<bool> {
        match label {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        }
    }
    fn float(label: &str) -> Option<f64> {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        let whole = label.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
        let exact = || label.parse::<i64>().is_ok_and(|integer| integer.unsigned_abs() <= EXACT);
        label.parse().ok().filter(|float: &f64| float.is_finite() && (!whole || exact()))
    }
    if let Some(column) = all(&labels, boolean) {
        Labels::Booleans(column)
    } else if let Some(column) = all(&labels, |label| label.parse().ok()) {
        Labels::Integers(column)
    } else if let Some(column) = all(&labels, float) {
        Labels::Floats(column)
    } else {
        Labels::Text(labels)
    }
}

/// A field for a message: quoted, and shortened when it is long.
fn quoted(field: &str) -> String {
    format!("{:?}", shortened(field, 40))
}

/// The first `most` characters, with `…` in place of the rest.
fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The records of a file, each with the line it starts on.
struct Records<'a, R> {
    path: &'a Path,
    reader: csv::Reader<Input<R>>,
    record: ByteRecord,
    line: u64,
}

impl<'a, R: Read> Records<'a, R> {
    fn new(input: R, path: &'a Path) -> Self {
        let input = Input { input, left: LONGEST_RECORD, end: End::Ahead };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            // The csv crate's own line numbers are off after CRLF and after empty lines. With
            // LF as the only end, a CR is one more blank to remove.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(input);
        Records { path, reader, record: ByteRecord::new(), line: 1 }
    }

    fn field(&self, column: &str, problem: String) -> Error {
        Error::Field { path: self.path.into(), line: self.line, column: column.into(), problem }
    }

    /// Reads the next record that is not blank; `false` at the end.
    fn read(&mut self) -> Result<bool, Error> {
        let path = || self.path.into();
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

    /// The next record's fields without the blanks around them, or `None` at the end. A record
    /// must have `width` fields, when that is given.
    fn next(&mut self, width: Option<usize>) -> Result<Option<Vec<String>>, Error> {
        if !self.read()? {
            return Ok(None);
        }
        let (path, line, found) = (self.path, self.line, self.record.len());
        if let Some(expected) = width
            && found != expected
        {
            return Err(Error::Ragged { path: path.into(), line, expected, found });
        }
        let text = |(column, field)| match str::from_utf8(field) {
            Ok(field) => Ok(field.trim().to_owned()),
            Err(_) => Err(Error::NotUtf8 { path: path.into(), line, column: column + 1 }),
        };
        self.record.iter().enumerate().map(text).collect::<Result<_, _>>().map(Some)
    }
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
