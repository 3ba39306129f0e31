//! How a table is written in a file: the parameters of pandas' `read_csv`, by their names.

use std::fmt;

use super::Encoding;

/// How a file of separated values is read, named as in pandas' `read_csv`.
///
/// [`read_csv`](super::read_csv) needs none of it for a usual file. Each method sets one option and
/// returns the changed ones, to be given to [`read_csv_with`](super::read_csv_with) or
/// [`FeatureFile::open_with`](super::FeatureFile::open_with).
///
/// ```
/// use picklebook::data::{self, CsvOptions};
///
/// let path = std::env::temp_dir().join(format!("picklebook-options-{}.csv", std::process::id()));
/// std::fs::write(&path, "2,5;red;yes\n3,75;blue;no\n?;red;yes\n")?;
/// let options = CsvOptions::new()
///     .sep(';')
///     .decimal(',')
///     .names(["height", "colour", "label"])
///     .na_values(["?"])
///     .get_dummies(["colour"]);
/// let data = data::read_csv_with(&path, "label", &options)?;
/// assert_eq!(data.feature_names(), ["height", "colour_blue", "colour_red"]);
/// assert_eq!(data.features().row(1).to_vec(), [3.75, 1.0, 0.0]);
/// assert!(data.features()[(2, 0)].is_nan());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOptions {
    pub(super) sep: Option<char>,
    pub(super) sep_whitespace: bool,
    pub(super) decimal: char,
    pub(super) thousands: Option<char>,
    pub(super) header: Header,
    pub(super) names: Option<Vec<String>>,
    pub(super) na_values: Vec<String>,
    pub(super) keep_default_na: bool,
    pub(super) true_values: Vec<String>,
    pub(super) false_values: Vec<String>,
    pub(super) dtypes: Vec<(ColumnId, Dtype)>,
    pub(super) usecols: Option<Vec<ColumnId>>,
    pub(super) drop: Vec<ColumnId>,
    pub(super) index_col: Option<ColumnId>,
    pub(super) skiprows: usize,
    pub(super) comment: Option<char>,
    pub(super) words: Words,
}

/// Where the names of the columns stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Header {
    /// In the first line, unless names are given, or it looks like a row of data.
    Infer,
    /// In this line, counted from 0 without blank lines.
    Row(usize),
    /// Nowhere.
    None,
}

/// What becomes of columns of words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Words {
    pub(super) dummies: Vec<ColumnId>,
    /// Whether every feature that holds words becomes one-hot columns.
    pub(super) all_dummies: bool,
    pub(super) ordinal: Vec<(ColumnId, Option<Vec<String>>)>,
    /// What a model was fitted on.
    pub(super) known: Option<Encoding>,
}

/// A column of a file, by its name or its place.
///
/// ```
/// use picklebook::data::ColumnId;
///
/// assert_eq!(ColumnId::from("id"), ColumnId::Name("id".into()));
/// assert_eq!(ColumnId::from(0), ColumnId::Number(0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnId {
    /// The column of this name.
    Name(String),
    /// The column whose name is this number, if there is one; else the column at this place,
    /// counted from 0.
    Number(usize),
}

impl From<&str> for ColumnId {
    fn from(name: &str) -> Self {
        ColumnId::Name(name.to_owned())
    }
}

impl From<String> for ColumnId {
    fn from(name: String) -> Self {
        ColumnId::Name(name)
    }
}

impl From<usize> for ColumnId {
    fn from(number: usize) -> Self {
        ColumnId::Number(number)
    }
}

/// The name in quotes, or the number.
impl fmt::Display for ColumnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnId::Name(name) => write!(f, "{name:?}"),
            ColumnId::Number(number) => write!(f, "{number}"),
        }
    }
}

/// What a column holds, by pandas' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dtype {
    /// Text as it stands: `007` stays `007`.
    Str,
    /// Whole numbers of 64 bits.
    Int,
    /// Numbers.
    Float,
    /// `True` and `False`, and what [`CsvOptions::true_values`] and
    /// [`CsvOptions::false_values`] name.
    Bool,
}

impl Dtype {
    /// The type that pandas or Python call so: `str`, `int64`, `float`, `bool` and their like.
    ///
    /// ```
    /// use picklebook::data::Dtype;
    ///
    /// assert_eq!(Dtype::from_name("int64"), Some(Dtype::Int));
    /// assert_eq!(Dtype::from_name("complex"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Dtype> {
        match name {
            "str" | "string" | "object" | "category" => Some(Dtype::Str),
            "int" | "int64" | "Int64" => Some(Dtype::Int),
            "float" | "float64" | "Float64" => Some(Dtype::Float),
            "bool" | "boolean" => Some(Dtype::Bool),
            _ => None,
        }
    }
}

impl Default for CsvOptions {
    fn default() -> Self {
        CsvOptions::new()
    }
}

fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}

fn columns<C: Into<ColumnId>>(columns: impl IntoIterator<Item = C>) -> Vec<ColumnId> {
    columns.into_iter().map(Into::into).collect()
}

impl CsvOptions {
    /// Commas between fields, a point in numbers, names in the first line.
    pub fn new() -> Self {
        CsvOptions {
            sep: None,
            sep_whitespace: false,
            decimal: '.',
            thousands: None,
            header: Header::Infer,
            names: None,
            na_values: Vec::new(),
            keep_default_na: true,
            true_values: Vec::new(),
            false_values: Vec::new(),
            dtypes: Vec::new(),
            usecols: None,
            drop: Vec::new(),
            index_col: None,
            skiprows: 0,
            comment: None,
            words: Words::default(),
        }
    }

    /// The character between two fields. By default a comma; or, where the header has no comma,
    /// the one of `;`, tab and `|` that it has; or what a first line such as `sep=;`, which Excel
    /// knows, says.
    pub fn sep(mut self, sep: char) -> Self {
        self.sep = Some(sep);
        self.sep_whitespace = false;
        self
    }

    /// Blanks and tabs between two fields, however many: pandas' `sep=r"\s+"`. Those at either end of
    /// a line separate nothing.
    ///
    /// ```
    /// use picklebook::data::{self, CsvOptions};
    ///
    /// let path = std::env::temp_dir().join(format!("picklebook-sep-{}.txt", std::process::id()));
    /// std::fs::write(&path, "  height  label\n   1.5      a\n  12        b\n")?;
    /// let data = data::read_csv_with(&path, "label", &CsvOptions::new().sep_whitespace())?;
    /// assert_eq!(data.features().column(0).to_vec(), [1.5, 12.0]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sep_whitespace(mut self) -> Self {
        self.sep = Some(' ');
        self.sep_whitespace = true;
        self
    }

    /// The decimal mark; a point by default.
    pub fn decimal(mut self, decimal: char) -> Self {
        self.decimal = decimal;
        self
    }

    /// The character between groups of digits, as in `1,234,567`; none by default. Groups have
    /// three digits, or in front of the last one two, as in India. A space stands for no-break
    /// spaces too.
    pub fn thousands(mut self, thousands: char) -> Self {
        self.thousands = Some(thousands);
        self
    }

    /// The line that names the columns: `Some(0)` is the first one that is not blank, and lines
    /// before it are left out; with `None` the file names none.
    ///
    /// By default it is the first line, unless [`names`](Self::names) are given. A first line that
    /// looks like a row of data is refused; `Some(0)` takes it as it is. Columns without names
    /// are called `0`, `1` and so on.
    pub fn header(mut self, header: Option<usize>) -> Self {
        self.header = header.map_or(Header::None, Header::Row);
        self
    }

    /// The names of all columns. The file then has no header, unless [`header`](Self::header)
    /// says where one is that these names replace.
    pub fn names<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.names = Some(texts(names));
        self
    }

    /// More words for a missing value, in any column. A number among them is meant as one: `-999`
    /// is `-999.0` too.
    ///
    /// By default these are pandas' words, in features: an empty field, `NA`, `N/A`, `n/a`,
    /// `#N/A`, `#N/A N/A`, `#NA`, `<NA>`, `NULL`, `null`, `None`, `nan`, `NaN`, `-nan`, `-NaN`,
    /// `1.#IND`, `-1.#IND`, `1.#QNAN` and `-1.#QNAN`. In the target they are labels like any
    /// other, but for `nan` and an empty field.
    pub fn na_values<T: Into<String>>(mut self, na_values: impl IntoIterator<Item = T>) -> Self {
        self.na_values = texts(na_values);
        self
    }

    /// Whether pandas' words for missing values count beside [`na_values`](Self::na_values);
    /// they do by default. `nan`, which is a number's name, always does.
    pub fn keep_default_na(mut self, keep: bool) -> Self {
        self.keep_default_na = keep;
        self
    }

    /// More words for true: 1 as a feature. By default `True`, `TRUE` and `true`.
    pub fn true_values<T: Into<String>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.true_values = texts(words);
        self
    }

    /// More words for false: 0 as a feature. By default `False`, `FALSE` and `false`.
    pub fn false_values<T: Into<String>>(mut self, words: impl IntoIterator<Item = T>) -> Self {
        self.false_values = texts(words);
        self
    }

    /// What a column holds; by default the fields tell. A field of another type is an error. Call
    /// it once for each column.
    pub fn dtype(mut self, column: impl Into<ColumnId>, dtype: Dtype) -> Self {
        self.dtypes.push((column.into(), dtype));
        self
    }

    /// The columns to read, the target among them; all by default. Their order is the file's.
    pub fn usecols<C: Into<ColumnId>>(mut self, usecols: impl IntoIterator<Item = C>) -> Self {
        self.usecols = Some(columns(usecols));
        self
    }

    /// Columns to leave out, which may have no name, as with pandas' `DataFrame.drop`.
    pub fn drop<C: Into<ColumnId>>(mut self, drop: impl IntoIterator<Item = C>) -> Self {
        self.drop = columns(drop);
        self
    }

    /// The column of row numbers or names, which is no feature and may have no name.
    ///
    /// Where each row has one field more than the header has names, as R's `write.table` writes it,
    /// the first column holds the names of the rows. Between commas, which could be decimal marks, that
    /// is so only if this option says column 0.
    pub fn index_col(mut self, column: impl Into<ColumnId>) -> Self {
        self.index_col = Some(column.into());
        self
    }

    /// How many lines to leave out at the start of the file.
    pub fn skiprows(mut self, lines: usize) -> Self {
        self.skiprows = lines;
        self
    }

    /// The character with which a comment begins, outside of quotes: the rest of its line is left out,
    /// and so is a line that holds nothing else. None by default.
    pub fn comment(mut self, comment: char) -> Self {
        self.comment = Some(comment);
        self
    }

    /// Columns of words that become one-hot columns, as pandas' `get_dummies` makes them: `colour`
    /// with the words `blue` and `red` becomes `colour_blue` and `colour_red`, which hold 1 in the
    /// rows with that word and 0 in all others. They stand behind all other features. Numbers are
    /// taken as words, as they are written. Where the word is missing, all of them are 0.
    ///
    /// The words are kept in [`Dataset::schema`](super::Dataset::schema), and saved with a model
    /// that is fitted on the data.
    pub fn get_dummies<C: Into<ColumnId>>(mut self, dummies: impl IntoIterator<Item = C>) -> Self {
        self.words.dummies = columns(dummies);
        self
    }

    /// As [`get_dummies`](Self::get_dummies), for every feature that holds words, and those of
    /// the [`dtype`](Self::dtype) [`Dtype::Str`]. A column that holds both numbers and words is
    /// refused, because it may be one of numbers with a mistake in it: name it in `get_dummies`,
    /// or the word in [`na_values`](Self::na_values).
    ///
    /// The file is read twice, so it cannot be a pipe.
    pub fn get_dummies_of_words(mut self) -> Self {
        self.words.all_dummies = true;
        self
    }

    /// A column of words that becomes one of numbers: 0 for the first word, 1 for the next, as
    /// scikit-learn's `OrdinalEncoder` numbers them; NaN where the word is missing. The words
    /// ascend, as numbers if all of them are. They are kept as those of
    /// [`get_dummies`](Self::get_dummies). Call it once for each column.
    pub fn ordinal(mut self, column: impl Into<ColumnId>) -> Self {
        self.words.ordinal.push((column.into(), None));
        self
    }

    /// As [`ordinal`](Self::ordinal), with the words in this order; another one is an error.
    ///
    /// ```
    /// use picklebook::data::{self, CsvOptions};
    ///
    /// let path = std::env::temp_dir().join(format!("picklebook-sizes-{}.csv", std::process::id()));
    /// std::fs::write(&path, "size,fits\nS,no\nL,yes\nM,yes\n")?;
    /// let options = CsvOptions::new().ordinal_with("size", ["S", "M", "L"]);
    /// let data = data::read_csv_with(&path, "fits", &options)?;
    /// assert_eq!(data.features().column(0).to_vec(), [0.0, 2.0, 1.0]);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ordinal_with<T: Into<String>>(
        mut self,
        column: impl Into<ColumnId>,
        categories: impl IntoIterator<Item = T>,
    ) -> Self {
        self.words.ordinal.push((column.into(), Some(texts(categories))));
        self
    }

    /// Columns of words become numbers as they did in the data of a model: see
    /// [`Schema::encoding`](super::Schema::encoding). A word that was not there is an error.
    pub fn encode_with(mut self, encoding: &Encoding) -> Self {
        self.words.known = Some(encoding.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_the_names_of_pandas_and_python() {
        for (name, dtype) in [
            ("str", Dtype::Str),
            ("object", Dtype::Str),
            ("int64", Dtype::Int),
            ("float", Dtype::Float),
            ("bool", Dtype::Bool),
        ] {
            assert_eq!(Dtype::from_name(name), Some(dtype), "{name}");
        }
        assert_eq!(Dtype::from_name("date"), None);
    }
}
