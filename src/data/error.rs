//! What can be wrong with data.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why rows could not be read, put together or split.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Features, target and names do not describe the same table.
    #[error(
        "{what}: expected {expected}, found {found}; every row needs one target, every column one name"
    )]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many the features call for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A text that is no day of the calendar.
    #[error("{text:?} is not a date; write dates as 2002-10-21")]
    Date {
        /// The text.
        text: String,
    },
    /// Sparse rows that are none.
    #[error("sparse row {row}: {problem}")]
    Sparse {
        /// The row; the first is 0.
        row: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A row was asked for that does not exist.
    #[error("row {row} was asked for, but there are {rows} rows (the first is row 0)")]
    Row {
        /// The index asked for.
        row: usize,
        /// How many rows there are.
        rows: usize,
    },

    /// A file could not be opened or read.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file without a header line.
    #[error("{}: the file is empty; its first line must name the columns", path.display())]
    EmptyFile {
        /// The file.
        path: PathBuf,
    },
    /// A file with a header line and no rows.
    #[error("{}: the file has a header line but no rows", path.display())]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// A column without a name.
    #[error(
        "{}, header: column {column} has no name; name it, or leave it out with \
         `CsvOptions::index_col` (pandas writes such a column of row numbers, if not asked for \
         to_csv(…, index=False))",
        path.display()
    )]
    NoName {
        /// The file.
        path: PathBuf,
        /// The column; the first is 1.
        column: usize,
    },
    /// A column that pandas named, because it had no name: most often it holds row numbers.
    #[error(
        "{}, header: {column:?} is pandas' name for a column without one, such as row numbers, \
         which are no feature; leave it out with `CsvOptions::index_col`, or rename it",
        path.display()
    )]
    RowNumbers {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// A first line that looks like a row of data, not like names.
    #[error(
        "{}: the first line ({line}) looks like a row of data, and not like the names of the \
         columns; if there are no names, say so with `CsvOptions::header(None)` or give them in \
         `CsvOptions::names`, and if these are the names, say so with \
         `CsvOptions::header(Some(0))`",
        path.display()
    )]
    NoHeader {
        /// The file.
        path: PathBuf,
        /// The fields of the line, separated by commas.
        line: String,
    },
    /// A text in another encoding.
    #[error(
        "{}: the text is encoded in {encoding}; save it in the encoding UTF-8 (in a spreadsheet, \
         as \"CSV UTF-8\")",
        path.display()
    )]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding.
        encoding: &'static str,
    },
    /// An option that says something impossible, or that does not fit the file.
    #[error("`CsvOptions::{option}`: {problem}")]
    Option {
        /// The option.
        option: &'static str,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// More categories, in one-hot columns, than memory should hold.
    #[error(
        "{}: {rows} rows of {features} features, most of them one-hot columns, are too large a \
         table: encode a column of many words with `CsvOptions::ordinal`, or leave it out",
        path.display()
    )]
    TooManyCategories {
        /// The file.
        path: PathBuf,
        /// The number of rows.
        rows: usize,
        /// The number of features.
        features: usize,
    },
    /// Two columns with the same name.
    #[error("{}, header: two columns are named {column:?}; rename one", path.display())]
    SameName {
        /// The file.
        path: PathBuf,
        /// The name.
        column: String,
    },
    /// The target column is not in the file.
    #[error(
        "{}, header: no column is named {target:?}; the columns are: {columns}{}",
        path.display(),
        OtherSeparator(columns)
    )]
    NoTarget {
        /// The file.
        path: PathBuf,
        /// The column asked for.
        target: String,
        /// The columns of the file, separated by commas.
        columns: String,
    },
    /// The target is the only column.
    #[error(
        "{}, header: {target:?} is the only column; at least one feature is needed beside the target",
        path.display()
    )]
    NoFeatures {
        /// The file.
        path: PathBuf,
        /// The target column.
        target: String,
    },
    /// A column that is needed is not in the file, though others are.
    #[error(
        "{}, header: no column is named {missing}; give the columns that the rows of the fit had. \
         The columns are: {columns}",
        path.display()
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The columns that are missing, each in quotes, separated by commas.
        missing: String,
        /// The columns of the file, separated by commas.
        columns: String,
    },
    /// A file with other columns than a model was fitted on, as scikit-learn refuses it.
    #[error(
        "{}, header: the names of the columns should be those of the fit;{}{} rename the columns, \
         leave others out with `CsvOptions::drop`, or take them as they stand with \
         `Columns::by_position`",
        path.display(),
        Names(" unseen at the fit:", unseen),
        Names(" seen at the fit, yet now missing:", missing)
    )]
    FeatureNames {
        /// The file.
        path: PathBuf,
        /// The columns of the file that the fit had not, each in quotes, separated by commas.
        unseen: String,
        /// The columns of the fit that the file has not, in the same way.
        missing: String,
    },
    /// A file with other columns than are needed, and another number of them.
    #[error(
        "{}, header: the file has {found} columns ({columns}) where {expected} are needed{}; give \
         the columns that the rows of the fit had, and no target",
        path.display(),
        InBrackets(wanted)
    )]
    Width {
        /// The file.
        path: PathBuf,
        /// How many columns are needed.
        expected: usize,
        /// How many there are.
        found: usize,
        /// The columns that are needed, separated by commas; empty if they have no names.
        wanted: String,
        /// The columns of the file, separated by commas.
        columns: String,
    },
    /// A row with more or fewer fields than the header.
    #[error(
        "{}, line {line}: {found} field{} where the header names {expected} column{}{}",
        path.display(), plural(*found), plural(*expected), row_names(*expected, *found)
    )]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line; the header is line 1.
        line: u64,
        /// How many columns the header names.
        expected: usize,
        /// How many fields the row has.
        found: usize,
    },
    /// A field that is not what its column calls for.
    #[error("{}, line {line}, column {column:?}: {problem}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The line; the header is line 1.
        line: u64,
        /// The column's name.
        column: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Bytes that are not UTF-8 text.
    #[error(
        "{}, line {line}, column {column}: not UTF-8 text; save the file in the encoding UTF-8 (in \
         a spreadsheet, as \"CSV UTF-8\", not \"CSV\")",
        path.display()
    )]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line; the header is line 1.
        line: u64,
        /// The column; the first is 1.
        column: usize,
    },
    /// A quote that is opened and never closed.
    #[error(
        "{}, line {line}: a quote (\") in the record that starts here is never closed; close it, or \
         write it twice and the field in quotes",
        path.display()
    )]
    OpenQuote {
        /// The file.
        path: PathBuf,
        /// The line on which the record starts.
        line: u64,
    },
    /// A record that does not end.
    #[error(
        "{}, line {line}: the record that starts here is longer than {limit} bytes; is a quote not \
         closed, or is this no CSV file?",
        path.display()
    )]
    LongRecord {
        /// The file.
        path: PathBuf,
        /// The line on which the record starts.
        line: u64,
        /// The longest record that is read, in bytes.
        limit: usize,
    },

    /// A value in a table that is not from a file.
    #[error("row {row}, column {column:?}: {problem}")]
    Cell {
        /// The row; the first is row 0.
        row: usize,
        /// The column's name.
        column: String,
        /// What is wrong with the value, and what to do.
        problem: String,
    },
    /// Columns of a table that differ in length, or names that are not one a column.
    #[error(
        "{what}: expected {expected}, found {found}; the columns of a table have the same number of \
         rows, and each has one name"
    )]
    Table {
        /// What was counted.
        what: &'static str,
        /// How many were called for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A column was asked for that a table does not have.
    #[error("no column is named {column}; the columns are: {columns}")]
    UnknownColumn {
        /// The column, as it was asked for.
        column: String,
        /// The columns of the table, separated by commas.
        columns: String,
    },
    /// Two columns of a table with one name.
    #[error("two columns are named {column:?}; rename one")]
    SameColumn {
        /// The name.
        column: String,
    },
    /// A column that does not hold what is needed.
    #[error("column {column:?}: {problem}")]
    Column {
        /// The column's name.
        column: String,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Features that were made of words, which are no columns of the table.
    #[error(
        "some features were made of columns of words; change the columns before that: those of a \
         `Frame`, of which `to_dataset` then makes features, or with `CsvOptions::drop`"
    )]
    Encoded,
    /// More columns than a table of all pairs has room for.
    #[error("{columns} columns have too many pairs; choose at most {most} with `select_columns`")]
    TooManyColumns {
        /// How many there are.
        columns: usize,
        /// How many there may be.
        most: usize,
    },
    /// A share of test rows outside of 0 to 1.
    #[error("test_size is {test_size}; it must be above 0 and below 1 (0.3 keeps back 30 %)")]
    TestSize {
        /// The share asked for.
        test_size: f64,
    },
    /// All rows would be test rows.
    #[error("of {rows} rows, test_size = {test_size} leaves none to train on; make it smaller")]
    NothingToTrainOn {
        /// How many rows there are.
        rows: usize,
        /// The share asked for.
        test_size: f64,
    },
    /// More rows than the generator behind the split can permute.
    #[error("{rows} rows cannot be split; at most {most} can")]
    TooManyRows {
        /// How many rows there are.
        rows: usize,
        /// How many there may be.
        most: usize,
    },
    /// A class too small for both train and test rows.
    #[error(
        "class {class} has a single row, which cannot be in both parts of a stratified split; \
         remove the row, or split without stratifying"
    )]
    RareClass {
        /// The class.
        class: String,
    },
    /// Too few rows to have each class in both parts.
    #[error(
        "{train} train rows and {test} test rows cannot each hold all {classes} classes; change \
         test_size, or split without stratifying"
    )]
    TooFewForClasses {
        /// How many rows to train on.
        train: usize,
        /// How many rows to test with.
        test: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A target value that is NaN or infinite.
    #[error("the target of row {row} is NaN or infinite, which names no class; remove the row")]
    NotFinite {
        /// The row; the first is row 0.
        row: usize,
    },
}

crate::text::message_as_debug!(Error);

/// What was found and names in quotes, or nothing where there are none.
struct Names<'a>(&'a str, &'a str);

impl fmt::Display for Names<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.1.is_empty() { Ok(()) } else { write!(f, "{} {};", self.0, self.1) }
    }
}

/// What to do where a name holds what may separate two.
struct OtherSeparator<'a>(&'a str);

impl fmt::Display for OtherSeparator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_one = !self.0.contains(", ") && self.0.contains([' ', ':']);
        match is_one || self.0.contains([';', '\t', '|']) {
            true => f.write_str(
                "; if another character than the comma separates them, name it with \
                 `CsvOptions::sep`",
            ),
            false => Ok(()),
        }
    }
}

/// " (text)", or nothing.
struct InBrackets<'a>(&'a str);

impl fmt::Display for InBrackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", self.0) }
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// What may be meant by one field more than there are names.
fn row_names(expected: usize, found: usize) -> &'static str {
    match found == expected.saturating_add(1) {
        true => {
            "; if the first field of each row is its name, say so with `CsvOptions::index_col(0)`"
        }
        false => "",
    }
}
