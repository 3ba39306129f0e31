//! A reader's own rows, from a file of separated values.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::csv_values::{Values, quoted};
use super::encoding::{EncodedColumn, Encoding, Place, Schema, ascending, numbered};
use super::records::{Records, table};
use super::{CsvOptions, Dataset, Dtype, Error, Labels};

/// The most numbers that one-hot columns may make of a table, 2 GiB, unless they make only so many
/// features of a column on average.
const MOST_NUMBERS: usize = 1 << 28;
const MOST_TIMES: usize = 8;

/// Reads a file of comma-separated values with a header line; the column `target` becomes the
/// target, all others become features.
///
/// - Encoding UTF-8, with or without a byte order mark; lines end with LF, CRLF or CR; blank lines
///   are skipped. Where the header has no comma, `;`, tab or `|` separate the fields. Fields may be
///   quoted (`"a ""quoted"" field"`), also over several lines. Blanks at either end of a
///   number or label are removed, those of names are kept, as in pandas; and removed are empty fields behind the last column.
/// - Features are numbers as Rust and Python write them; `True` and `False` are 1 and 0. An empty
///   field, `nan` (in any case) and pandas' other words for a missing value, such as `NA`, become
///   NaN. Infinities, numbers too large for 64 bits among them, are refused.
/// - The target becomes booleans when each of its fields is `true`, `false`, `True` or `False`;
///   else integers, else floats when all fit; else text. Numbers that would not read back as they
///   are written stay text, such as `007`, `+1`, `1E5` and `2.00`, and so do whole numbers that 64
///   bits, or a float beside them, cannot hold exactly. (A regressor takes text that holds
///   numbers.) A missing label is an error.
/// - Every column needs a name, and no name comes twice. A first line that looks like a row of
///   data is refused. No record is longer than 16 MiB.
///
/// Files that are written in another way, and columns of words, are read by [`read_csv_with`].
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
    read_csv_with(path, target, &CsvOptions::new())
}

/// As [`read_csv`], for a file that is written in another way, or holds words.
///
/// # Errors
/// As [`read_csv`], and [`Error::Option`] for an option that the file does not fit.
///
/// ```
/// use picklebook::data::{self, CsvOptions, Dtype, Labels};
///
/// let path = std::env::temp_dir().join(format!("picklebook-with-{}.csv", std::process::id()));
/// std::fs::write(&path, "1,5|7\n2,5|8\n")?;
/// let options = CsvOptions::new().header(None).decimal(',').dtype(1, Dtype::Str);
/// let data = data::read_csv_with(&path, "1", &options)?;
/// assert_eq!(data.features().column(0).to_vec(), [1.5, 2.5]);
/// assert_eq!(data.target(), &Labels::from(["7", "8"]));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv_with(
    path: impl AsRef<Path>,
    target: &str,
    options: &CsvOptions,
) -> Result<Dataset, Error> {
    let path = path.as_ref();
    let open = || File::open(path).map_err(|source| Error::Read { path: path.into(), source });
    let mut file = open()?;
    if !options.words.all_dummies {
        return parse(file, path, target, options);
    }
    // Which columns hold words is known at the end of the file only.
    let not_twice = |source: io::Error| Error::Read { path: path.into(), source };
    if !file.metadata().map_err(not_twice)?.is_file() {
        let problem = format!(
            "{} is not a file that can be read twice; name the columns in `CsvOptions::get_dummies`",
            path.display()
        );
        return Err(Error::Option { option: "get_dummies_of_words", problem });
    }
    let words = columns_of_words(&mut file, path, target, options)?;
    let mut options = options.clone();
    options.words.all_dummies = false;
    options.words.dummies.extend(words.into_iter().map(Into::into));
    parse(open()?, path, target, &options)
}

/// Reads records from `input`; `path` is for the messages.
pub(super) fn parse(
    input: impl Read,
    path: &Path,
    target: &str,
    options: &CsvOptions,
) -> Result<Dataset, Error> {
    let mut records = Records::new(input, path, options)?;
    let (target_column, feature_columns) = target_and_features(&records, target, options)?;
    let types = Types::new(&records, options)?;
    let mut readers = Readers::new(&records, &feature_columns, &types, options)?;

    let (mut numbers, mut labels) = (Vec::new(), Vec::new());
    while records.next()? {
        match &mut readers {
            None => records.numbers(&feature_columns, &mut numbers)?,
            Some(readers) => readers.read(&records, &mut numbers)?,
        }
        let field = records.text(target_column)?;
        labels.push(label(field, records.values()).map_err(|p| records.field(target_column, p))?);
        if let Some(dtype) = types.of(target_column) {
            let fits = fits(field, dtype, records.values());
            fits.map_err(|problem| records.field(target_column, problem))?;
        }
    }
    let rows = labels.len();
    if rows == 0 {
        return Err(Error::NoRows { path: path.into() });
    }
    let target = typed(labels, types.of(target_column), records.values());
    let Some(readers) = readers else {
        let names = feature_columns.iter().map(|&column| records.name(column).to_owned()).collect();
        let features = table(numbers, rows, feature_columns.len())?;
        return Dataset::new(features, target, names, records.name(target_column));
    };
    let (encoding, numbers) = readers.finish(numbers, rows, path)?;
    let names = encoding.feature_names();
    if let Some(name) = first_double(&names) {
        return Err(Error::SameName { path: path.into(), column: name.to_owned() });
    }
    let features = table(numbers, rows, names.len())?;
    let target_name = records.name(target_column).to_owned();
    let data = Dataset::new(features, target, names, target_name.clone())?;
    Ok(match encoding.columns().iter().any(|column| column.categories().is_some()) {
        true => data.with_schema(Schema::new(&target_name, Some(encoding))),
        false => data,
    })
}

/// The places of the target and of the features.
fn target_and_features<R: Read>(
    records: &Records<R>,
    target: &str,
    options: &CsvOptions,
) -> Result<(usize, Vec<usize>), Error> {
    records.check_header()?;
    let target_column = (records.column(target))
        .or_else(|| records.find("target", &target.into()).ok())
        .ok_or_else(|| records.no_target(target))?;
    let others = records.columns().iter().copied().filter(|&column| column != target_column);
    let feature_columns: Vec<usize> = others.collect();
    if feature_columns.is_empty() {
        return Err(Error::NoFeatures { path: records.path().into(), target: target.into() });
    }
    // asked for by name, it is wanted
    if options.usecols.is_none() {
        let names = feature_columns.iter().map(|&column| records.name(column));
        if let Some(column) = names.into_iter().find(|name| is_row_numbers(name)) {
            let (path, column) = (records.path().into(), column.to_owned());
            return Err(Error::RowNumbers { path, column });
        }
    }
    Ok((target_column, feature_columns))
}

/// Whether pandas calls a column so that has no name.
fn is_row_numbers(name: &str) -> bool {
    let digits = |number: &str| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    // saved twice, the second one of the same name has a number behind it
    name.strip_prefix("Unnamed: ").is_some_and(|number| number.split('.').all(digits))
}

/// The first name that comes twice.
fn first_double(names: &[String]) -> Option<&str> {
    let mut seen = std::collections::HashSet::new();
    names.iter().find(|name| !seen.insert(name.as_str())).map(String::as_str)
}

/// The features that hold words, and no numbers.
fn columns_of_words(
    input: impl Read,
    path: &Path,
    target: &str,
    options: &CsvOptions,
) -> Result<Vec<String>, Error> {
    let mut records = Records::new(input, path, options)?;
    let (_, mut columns) = target_and_features(&records, target, options)?;
    let types = Types::new(&records, options)?;
    let named = named_columns(&records, options)?;
    columns.retain(|column| !named.contains_key(column));
    let mut found: Vec<Kind> = columns.iter().map(|_| Kind::Empty).collect();
    while records.next()? {
        for (&column, kind) in columns.iter().zip(&mut found) {
            let field = records.text(column)?;
            if types.of(column) == Some(Dtype::Str) {
                *kind = Kind::Words;
                continue;
            }
            if records.values().is_missing(field) {
                continue;
            }
            let line = records.line();
            let is_number = records.values().number(field).is_ok();
            let (word, other) = match (&*kind, is_number) {
                (Kind::Empty, true) => {
                    *kind = Kind::Numbers(line);
                    continue;
                }
                (Kind::Empty, false) => {
                    *kind = Kind::Words;
                    continue;
                }
                (Kind::Numbers(line), false) => (field, format!("line {line} has a number")),
                (Kind::Words, true) => (field, "lines before it have words".to_owned()),
                (Kind::Numbers(_), true) | (Kind::Words, false) => continue,
            };
            let problem = format!(
                "{} is {}, but {other} there; if it means that a value is missing, name it in \
                 `CsvOptions::na_values`, and if this is a column of words, name the column in \
                 `CsvOptions::get_dummies`",
                quoted(word),
                if is_number { "a number" } else { "not a number" },
            );
            return Err(records.field(column, problem));
        }
    }
    let words = columns.iter().zip(found).filter(|(_, kind)| matches!(kind, Kind::Words));
    Ok(words.map(|(&column, _)| records.name(column).to_owned()).collect())
}

/// What a column was found to hold.
enum Kind {
    /// Nothing but missing values.
    Empty,
    /// A number, first on this line.
    Numbers(u64),
    Words,
}

/// How a column of words is encoded.
enum Way<'a> {
    OneHot,
    Ordinal(Option<&'a [String]>),
}

/// The columns of words that the options name.
fn named_columns<'a, R: Read>(
    records: &Records<R>,
    options: &'a CsvOptions,
) -> Result<HashMap<usize, Way<'a>>, Error> {
    let mut named = HashMap::new();
    for column in &options.words.dummies {
        named.insert(records.find("get_dummies", column)?, Way::OneHot);
    }
    for (column, categories) in &options.words.ordinal {
        let place = records.find("ordinal", column)?;
        if named.insert(place, Way::Ordinal(categories.as_deref())).is_some() {
            let problem = format!("{column} is named twice; a column is encoded in one way");
            return Err(Error::Option { option: "ordinal", problem });
        }
        if let Some(word) = categories.as_deref().and_then(first_double) {
            let problem = format!("{column}: the word {word:?} comes twice");
            return Err(Error::Option { option: "ordinal_with", problem });
        }
    }
    Ok(named)
}

/// What columns were said to hold.
struct Types(HashMap<usize, Dtype>);

impl Types {
    fn new<R: Read>(records: &Records<R>, options: &CsvOptions) -> Result<Types, Error> {
        let found = options
            .dtypes
            .iter()
            .map(|(column, dtype)| records.find("dtype", column).map(|column| (column, *dtype)));
        Ok(Types(found.collect::<Result<_, _>>()?))
    }

    fn of(&self, column: usize) -> Option<Dtype> {
        self.0.get(&column).copied()
    }
}

/// Whether a field is what its column holds.
fn fits(field: &str, dtype: Dtype, values: &Values) -> Result<(), String> {
    let is_a =
        |what: &str| Err(format!("{} is not {what}, which its dtype asks for", quoted(field)));
    match dtype {
        Dtype::Str => Ok(()),
        Dtype::Int if values.usual(field).is_none_or(|field| field.parse::<i64>().is_err()) => {
            is_a("a whole number of 64 bits")
        }
        Dtype::Float if values.parsed(field).is_none_or(|number| !number.is_finite()) => {
            is_a("a finite number")
        }
        Dtype::Bool if values.boolean(field).is_none() => is_a("true or false"),
        Dtype::Int | Dtype::Float | Dtype::Bool => Ok(()),
    }
}

/// How the features of a row are read, column by column.
pub(super) struct Readers {
    columns: Vec<Reader>,
}

struct Reader {
    column: usize,
    name: String,
    kind: ReaderKind,
}

enum ReaderKind {
    Number(Option<Dtype>),
    Words { words: HashMap<String, usize>, is_open: bool, is_one_hot: bool },
}

/// In place of a word's number, while rows are read.
const MISSING: f64 = f64::NAN;

impl Readers {
    /// Nothing, where all features are numbers of any type.
    fn new<R: Read>(
        records: &Records<R>,
        columns: &[usize],
        types: &Types,
        options: &CsvOptions,
    ) -> Result<Option<Readers>, Error> {
        let named = named_columns(records, options)?;
        if let Some(&column) = named.keys().find(|column| columns.binary_search(column).is_err()) {
            let name = records.name(column);
            let problem = format!("{name:?} is the target, whose words are labels as they are");
            return Err(Error::Option { option: "get_dummies", problem });
        }
        if let Some(known) = &options.words.known {
            if !named.is_empty() {
                let problem = "it says what becomes of all columns; leave the other out".to_owned();
                return Err(Error::Option { option: "encode_with", problem });
            }
            return Readers::known(records, columns, known).map(Some);
        }
        let is_typed = columns.iter().any(|&column| types.of(column).is_some());
        if named.is_empty() && !is_typed {
            return Ok(None);
        }
        let reader = |&column: &usize| {
            let name = records.name(column).to_owned();
            let kind = match named.get(&column) {
                Some(Way::OneHot) => {
                    ReaderKind::Words { words: HashMap::new(), is_open: true, is_one_hot: true }
                }
                Some(Way::Ordinal(categories)) => ReaderKind::Words {
                    words: numbered(categories.unwrap_or_default()),
                    is_open: categories.is_none(),
                    is_one_hot: false,
                },
                None if types.of(column) == Some(Dtype::Str) => {
                    let problem = format!(
                        "column {name:?} is no target, and a model learns numbers; encode it with \
                         `CsvOptions::get_dummies` or `CsvOptions::ordinal`, or leave it out with \
                         `CsvOptions::drop`"
                    );
                    return Err(Error::Option { option: "dtype", problem });
                }
                None => ReaderKind::Number(types.of(column)),
            };
            Ok(Reader { column, name, kind })
        };
        let columns: Vec<Reader> = columns.iter().map(reader).collect::<Result<_, _>>()?;
        Ok(Some(Readers { columns }))
    }

    /// The columns of a model, in its order.
    fn known<R: Read>(
        records: &Records<R>,
        columns: &[usize],
        known: &Encoding,
    ) -> Result<Readers, Error> {
        let names: Vec<&str> = known.columns().iter().map(EncodedColumn::name).collect();
        let places = records.named_exactly(&names, columns)?;
        let reader = |(column, encoded): (usize, &EncodedColumn)| Reader {
            column,
            name: encoded.name().to_owned(),
            kind: match encoded.categories() {
                Some(categories) => ReaderKind::Words {
                    words: numbered(categories),
                    is_open: false,
                    is_one_hot: encoded.is_one_hot(),
                },
                None => ReaderKind::Number(None),
            },
        };
        Ok(Readers { columns: places.into_iter().zip(known.columns()).map(reader).collect() })
    }

    /// Reads a row: a number for each column, which for a word is that of its first appearance.
    fn read<R: Read>(&mut self, records: &Records<R>, row: &mut Vec<f64>) -> Result<(), Error> {
        let values = records.values();
        for reader in &mut self.columns {
            let field = records.text(reader.column)?;
            let number = match &mut reader.kind {
                ReaderKind::Number(None) => values.number(field),
                ReaderKind::Number(Some(_)) if values.is_missing(field) => Ok(MISSING),
                ReaderKind::Number(Some(dtype)) => {
                    fits(field, *dtype, values).and_then(|()| values.number(field))
                }
                ReaderKind::Words { .. } if values.is_missing(field) => Ok(MISSING),
                ReaderKind::Words { words, is_open, .. } => match words.get(field) {
                    Some(&number) => Ok(number as f64),
                    None if *is_open => {
                        let number = words.len();
                        words.insert(field.to_owned(), number);
                        Ok(number as f64)
                    }
                    None => Err(unknown_word(field, words)),
                },
            };
            row.push(number.map_err(|problem| records.field(reader.column, problem))?);
        }
        Ok(())
    }

    /// What the columns became, and the features of all rows.
    fn finish(
        self,
        numbers: Vec<f64>,
        rows: usize,
        path: &Path,
    ) -> Result<(Encoding, Vec<f64>), Error> {
        let width = self.columns.len();
        let mut columns = Vec::with_capacity(width);
        // for each column the place, in order, of the word that has a number
        let mut orders = Vec::with_capacity(width);
        for Reader { name, kind, .. } in self.columns {
            let ReaderKind::Words { words, is_open, is_one_hot } = kind else {
                columns.push(EncodedColumn::number(name));
                orders.push(None);
                continue;
            };
            let mut categories: Vec<String> = words.keys().cloned().collect();
            match is_open {
                true => ascending(&mut categories),
                false => categories.sort_by_key(|word| words.get(word).copied()),
            }
            let mut order = vec![0; categories.len()];
            for (place, word) in categories.iter().enumerate() {
                if let Some(to) = words.get(word).and_then(|&number| order.get_mut(number)) {
                    *to = place;
                }
            }
            orders.push(Some(order));
            columns.push(match is_one_hot {
                true => EncodedColumn::one_hot(name, categories),
                false => EncodedColumn::ordinal(name, categories),
            });
        }
        let encoding = Encoding::new(columns);
        let places = encoding.places();
        let is_plain = |(place, order): (usize, &Option<Vec<usize>>)| {
            order.is_none() && places.get(place) == Some(&Place::Number(place))
        };
        if orders.iter().enumerate().all(is_plain) {
            return Ok((encoding, numbers));
        }
        let features = encoding.n_features();
        let all = match rows.checked_mul(features) {
            Some(all) if all <= MOST_NUMBERS || features <= MOST_TIMES.saturating_mul(width) => all,
            _ => return Err(Error::TooManyCategories { path: path.into(), rows, features }),
        };
        let mut encoded = vec![0.0; all];
        let encoded_rows = encoded.chunks_exact_mut(features.max(1));
        for (row, to) in numbers.chunks_exact(width.max(1)).zip(encoded_rows) {
            for ((&number, place), order) in row.iter().zip(&places).zip(&orders) {
                let word = order.as_ref().and_then(|order| order.get(number as usize).copied());
                let word = word.filter(|_| !number.is_nan());
                set(to, *place, number, word);
            }
        }
        Ok((encoding, encoded))
    }
}

/// Writes a column's value into the features of a row, which are 0 so far.
pub(super) fn set(row: &mut [f64], place: Place, number: f64, word: Option<usize>) {
    let (at, value) = match (place, word) {
        (Place::Number(at), _) => (at, number),
        (Place::OneHot(first), Some(word)) => (first.saturating_add(word), 1.0),
        (Place::OneHot(_), None) => return,
        (Place::Ordinal(at), word) => (at, word.map_or(MISSING, |word| word as f64)),
    };
    if let Some(feature) = row.get_mut(at) {
        *feature = value;
    }
}

/// What is wrong with a word that a column must not hold.
pub(super) fn unknown_word(field: &str, words: &HashMap<String, usize>) -> String {
    let mut known: Vec<(&usize, &String)> =
        words.iter().map(|(word, place)| (place, word)).collect();
    known.sort_unstable();
    let known = super::records::shortened_list(known.into_iter().map(|(_, word)| word.as_str()));
    format!(
        "{} is none of the words that this column may hold ({known}); correct it, leave the field \
         empty where the word is missing, or fit a model that knows it",
        quoted(field)
    )
}

/// A target value, as it stands.
fn label(field: &str, values: &Values) -> Result<String, String> {
    match values.is_missing_label(field) {
        true => Err("the target is missing; remove the row or fill in its label".into()),
        false => Ok(field.into()),
    }
}

/// The target column: of the type that was asked for, which all labels were seen to have; or else
/// in the narrowest type that holds every label as it is written.
fn typed(labels: Vec<String>, dtype: Option<Dtype>, values: &Values) -> Labels {
    fn all<T>(labels: &[String], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        labels.iter().map(|label| parse(label)).collect()
    }
    let whole = |label: &str| values.usual(label)?.parse::<i64>().ok();
    let column = match dtype {
        Some(Dtype::Str) => None,
        Some(Dtype::Int) => all(&labels, whole).map(Labels::Integers),
        Some(Dtype::Float) => all(&labels, |label| values.parsed(label)).map(Labels::Floats),
        Some(Dtype::Bool) => all(&labels, |label| values.boolean(label)).map(Labels::Booleans),
        None => {
            let boolean = |label: &str| match label {
                "true" | "True" => Some(true),
                "false" | "False" => Some(false),
                _ => values.named_boolean(label),
            };
            all(&labels, boolean)
                .map(Labels::Booleans)
                .or_else(|| all(&labels, integer).map(Labels::Integers))
                .or_else(|| floats(&labels, values).map(Labels::Floats))
        }
    };
    column.unwrap_or(Labels::Text(labels))
}

/// A whole number that is written as it prints.
fn integer(label: &str) -> Option<i64> {
    let digits = label.strip_prefix('-').unwrap_or(label);
    let prints_so = label == "0" || digits.starts_with(|c: char| matches!(c, '1'..='9'));
    label.parse().ok().filter(|_| prints_so)
}

/// Whether a float is written as it prints.
fn prints_so(float: f64, label: &str) -> bool {
    is_plain(label) || crate::python::float_repr(float) == label
}

/// Whether a number has so few digits before and behind its point that it prints as it is written:
/// no two numbers of at most 15 digits are the same float, so the shortest form has these digits.
fn is_plain(label: &str) -> bool {
    let digits = label.strip_prefix('-').unwrap_or(label);
    let Some((whole, fraction)) = digits.split_once('.') else { return false };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && all_digits(fraction)
        && whole.len() + fraction.len() <= 15
        // below 0.0001 there is an exponent
        && (whole.starts_with(|c: char| matches!(c, '1'..='9'))
            || (whole == "0" && (fraction == "0" || !fraction.starts_with("0000"))))
        && (fraction == "0" || fraction.ends_with(|c: char| matches!(c, '1'..='9')))
}

/// Labels as floats, if all read back as they are written. Where one of them is no whole number
/// they are quantities, and whole ones may be written without a point.
fn floats(labels: &[String], values: &Values) -> Option<Vec<f64>> {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let float = |label: &String| {
        let label = values.usual(label)?;
        let float = label.parse::<f64>().ok().filter(|float| float.is_finite())?;
        match integer(&label) {
            Some(whole) if whole.unsigned_abs() <= EXACT => Some((float, true)),
            Some(_) => None,
            None => prints_so(float, &label).then_some((float, false)),
        }
    };
    let floats: Vec<(f64, bool)> = labels.iter().map(float).collect::<Option<_>>()?;
    let any_whole = floats.iter().any(|(_, whole)| *whole);
    let any_fraction = floats.iter().any(|(float, _)| float.fract() != 0.0);
    (any_fraction || !any_whole).then(|| floats.into_iter().map(|(float, _)| float).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usual() -> Values {
        Values::new(&CsvOptions::new())
    }

    #[test]
    fn a_target_takes_the_narrowest_type_that_holds_it_as_it_is_written() {
        let columns: [(&[&str], Labels); 20] = [
            (&["true", "False"], vec![true, false].into()),
            (&["true", "TRUE"], ["true", "TRUE"].into()),
            (&["true", "0"], ["true", "0"].into()),
            (&["1", "-2", "3"], vec![1, -2, 3].into()),
            (&["1", "007"], ["1", "007"].into()),
            (&["1", "+3"], ["1", "+3"].into()),
            (&["1", "-0"], ["1", "-0"].into()),
            (&["1E5", "2E5"], ["1E5", "2E5"].into()),
            (&["2.00", "1.00"], ["2.00", "1.00"].into()),
            (&["1.10", "1.1"], ["1.10", "1.1"].into()),
            (&["1.0", "2"], ["1.0", "2"].into()),
            (&["1.0", "2.0"], vec![1.0, 2.0].into()),
            (&["9223372036854775807"], vec![i64::MAX].into()),
            (&["9223372036854775808"], ["9223372036854775808"].into()),
            (&["1", "2.5", "-1000.0"], vec![1.0, 2.5, -1000.0].into()),
            (&["9007199254740992", "0.5"], vec![9_007_199_254_740_992.0, 0.5].into()),
            (&["9007199254740993", "0.5"], ["9007199254740993", "0.5"].into()),
            (&["1", "inf"], ["1", "inf"].into()),
            (&["1", "1e999"], ["1", "1e999"].into()),
            (&["1", "one"], ["1", "one"].into()),
        ];
        for (fields, expected) in columns {
            let labels = fields.iter().map(|&field| field.to_owned()).collect();
            assert_eq!(typed(labels, None, &usual()), expected, "{fields:?}");
        }
    }

    #[test]
    fn numbers_that_are_plain_print_as_they_are_written() {
        for label in [
            "1.0",
            "-2.5",
            "123456789012.345",
            "10.01",
            "99999999999999.9",
            "7.000001",
            "0.5",
            "-0.25",
            "0.0",
            "-0.0",
            "0.0001",
            "0.00012345",
            "0.12345678901234",
        ] {
            let float = label.parse().expect("a number");
            assert!(is_plain(label), "{label}");
            assert_eq!(crate::python::float_repr(float), label);
        }
        for label in [
            "0.00001", "0.00005", "1.", ".5", "0.50", "00.5", "1.50", "01.5", "+1.5", "1e5", "1",
            "1.00", "1.2.3", "é.1",
        ] {
            assert!(!is_plain(label), "{label}");
        }
        for (label, integer_of) in [
            ("0", Some(0)),
            ("-7", Some(-7)),
            ("10", Some(10)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("-0", None),
            ("+7", None),
            ("07", None),
            ("--7", None),
            ("", None),
        ] {
            assert_eq!(integer(label), integer_of, "{label}");
        }
    }

    #[test]
    fn a_target_takes_the_type_that_is_asked_for() {
        let labels = || vec!["007".to_owned(), "1".to_owned()];
        let typed = |dtype| typed(labels(), Some(dtype), &usual());
        assert_eq!(typed(Dtype::Str), Labels::from(labels()));
        assert_eq!(typed(Dtype::Int), Labels::from(vec![7, 1]));
        assert_eq!(typed(Dtype::Float), Labels::from(vec![7.0, 1.0]));
        for (field, dtype) in [("1.5", Dtype::Int), ("x", Dtype::Float), ("1", Dtype::Bool)] {
            assert!(fits(field, dtype, &usual()).is_err(), "{field}");
        }
    }

    #[test]
    fn a_missing_label_is_refused_and_any_word_is_one() {
        for field in ["", "nan", "NaN", "NAN"] {
            let refused = label(field, &usual());
            assert!(refused.is_err_and(|why| why.starts_with("the target is missing;")));
        }
        for field in ["NA", "null", "0", "-"] {
            assert_eq!(label(field, &usual()).as_deref(), Ok(field));
        }
    }

    #[test]
    fn the_target_may_be_any_column() -> Result<(), Error> {
        let columns = [("a", ["b", "c"], [2.0, 3.0]), ("b", ["a", "c"], [1.0, 3.0])];
        for (target, names, features) in columns.into_iter().chain([("c", ["a", "b"], [1.0, 2.0])])
        {
            let (file, options) = (b"a,b,c\n1,2,3\n".as_slice(), CsvOptions::new());
            let data = parse(file, Path::new("rows.csv"), target, &options)?;
            assert_eq!((data.target_name(), data.target().len()), (target, 1));
            assert_eq!(data.feature_names(), names);
            assert_eq!(data.features().row(0).to_vec(), features);
        }
        Ok(())
    }
}
