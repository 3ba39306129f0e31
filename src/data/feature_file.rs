//! Rows to predict: the numbers in the columns of a file, a block of rows at a time.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ndarray::Array2;

use super::csv_file::{set, unknown_word};
use super::encoding::{Place, numbered};
use super::records::{Records, quoted_list, shortened_list, table};
use super::{CsvOptions, Encoding, Error, Frame, Schema};

/// The most numbers in a block: 8 MiB.
const NUMBERS: usize = 1 << 20;

/// The most rows in a block.
const ROWS: usize = 1 << 16;

/// Which columns of a file are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Columns<'a> {
    /// Those of these names, in this order. The file may have others, which are not read.
    Named(&'a [String]),
    /// This many, and the file must have no others.
    Count(usize),
    /// Those that a model was fitted on, found by name, wherever they stand. The file must have no
    /// others but the target, as scikit-learn asks for since 1.2. Columns of words become features
    /// as they did for the fit. Of a file that names no columns
    /// ([`CsvOptions::header`] of `None`), they are taken by position.
    #[non_exhaustive]
    Fitted {
        /// The names of the features.
        names: &'a [String],
        /// What is known of the table behind them.
        schema: Option<&'a Schema>,
        /// Whether the columns are taken as they stand, whatever their names: the first one as the
        /// first one of the table of the fit, and so on. A column with the name of the target is
        /// left out.
        by_position: bool,
    },
}

impl<'a> Columns<'a> {
    /// The columns of a model with features of these names.
    pub fn fitted(names: &'a [String], schema: Option<&'a Schema>) -> Self {
        Columns::Fitted { names, schema, by_position: false }
    }

    /// The same columns, as they stand in the file, whatever their names.
    ///
    /// ```
    /// use picklebook::data::Columns;
    ///
    /// let names = ["height".to_owned(), "width".to_owned()];
    /// assert_eq!(Columns::Named(&names).by_position(), Columns::Count(2));
    /// ```
    pub fn by_position(self) -> Self {
        match self {
            Columns::Named(names) => Columns::Count(names.len()),
            Columns::Count(count) => Columns::Count(count),
            Columns::Fitted { names, schema, .. } => {
                Columns::Fitted { names, schema, by_position: true }
            }
        }
    }
}

/// A file of comma-separated values, opened for the numbers in some of its columns.
///
/// Columns are found by name, wherever they stand. Otherwise the rules are those of
/// [`read_csv`](super::read_csv). However long the file, only one block of it is in memory.
///
/// ```
/// use picklebook::data::{Columns, FeatureFile};
///
/// let path = std::env::temp_dir().join(format!("picklebook-rows-{}.csv", std::process::id()));
/// std::fs::write(&path, "who,width,height\nAnn,2.5,1\nBob,,3\n")?;
/// let wanted = ["height".to_owned(), "width".to_owned()];
/// let mut file = FeatureFile::open(&path, Columns::Named(&wanted))?;
/// let block = file.next_block()?.expect("it has rows");
/// assert_eq!(block.features().row(0).to_vec(), [1.0, 2.5]);
/// assert!(file.next_block()?.is_none());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// For a model, its own columns are asked for, so that words become what they were for the fit:
///
/// ```
/// use picklebook::data::{CsvOptions, FeatureFile, read_csv_with};
/// use picklebook::prelude::*;
///
/// let path = std::env::temp_dir().join(format!("picklebook-hues-{}.csv", std::process::id()));
/// std::fs::write(&path, "height,colour,label\n1,red,a\n2,blue,b\n3,red,a\n")?;
/// let data = read_csv_with(&path, "label", &CsvOptions::new().get_dummies(["colour"]))?;
/// let model: AnyModel = DecisionTreeClassifier::params().fit(&data)?.into();
///
/// std::fs::write(&path, "colour,height\nblue,1\n")?;
/// let mut file = FeatureFile::open(&path, model.columns())?;
/// let rows = file.next_block()?.expect("it has rows");
/// assert_eq!(model.predict(&rows)?, Labels::from(["b"]));
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FeatureFile {
    records: Records<File>,
    /// The place in the file of each column that is wanted.
    columns: Vec<usize>,
    /// How these columns become features, if not as numbers one by one.
    encoder: Option<Encoder>,
    by_position: bool,
    any_rows: bool,
}

/// How the columns of a file become features.
struct Encoder {
    n_features: usize,
    /// The features of each column, and the numbers of its words.
    columns: Vec<(Place, HashMap<String, usize>)>,
    /// The column behind each feature.
    sources: Vec<usize>,
}

impl Encoder {
    fn new(encoding: &Encoding) -> Self {
        let words = encoding.columns().iter().map(|column| column.categories().map(numbered));
        let words = words.map(Option::unwrap_or_default);
        Encoder {
            n_features: encoding.n_features(),
            columns: encoding.places().into_iter().zip(words).collect(),
            sources: encoding.sources(),
        }
    }

    /// Appends the features of a row.
    fn read(
        &self,
        records: &Records<File>,
        columns: &[usize],
        features: &mut Vec<f64>,
    ) -> Result<(), Error> {
        let start = features.len();
        features.resize(start + self.n_features, 0.0);
        let row = features.get_mut(start..).unwrap_or_default();
        for (&column, (place, words)) in columns.iter().zip(&self.columns) {
            let (field, values) = (records.text(column)?, records.values());
            let (number, word) = match place {
                Place::Number(_) => match values.number(field) {
                    Ok(number) => (number, None),
                    Err(problem) => return Err(records.field(column, problem)),
                },
                Place::OneHot(_) | Place::Ordinal(_) => match words.get(field) {
                    _ if values.is_missing(field) => (f64::NAN, None),
                    Some(&word) => (f64::NAN, Some(word)),
                    None => return Err(records.field(column, unknown_word(field, words))),
                },
            };
            set(row, *place, number, word);
        }
        Ok(())
    }
}

/// Some rows of a [`FeatureFile`].
#[derive(Clone, PartialEq)]
pub struct FeatureBlock {
    features: Array2<f64>,
    lines: Vec<u64>,
}

impl FeatureFile {
    /// Opens a file, reads its header and finds the columns.
    ///
    /// # Errors
    /// [`Error::NoColumn`] where a name is not in the file; [`Error::FeatureNames`] where the
    /// columns are not those of a fit; [`Error::Width`] where another number of columns is wanted;
    /// [`Error::NoHeader`] where the first line looks like a row; and what is wrong with the file or
    /// its header, as [`read_csv`](super::read_csv) says it.
    pub fn open(path: impl AsRef<Path>, wanted: Columns<'_>) -> Result<Self, Error> {
        FeatureFile::open_with(path, wanted, &CsvOptions::new())
    }

    /// As [`open`](Self::open), for a file that is written in another way. What the options say
    /// of types and words ([`CsvOptions::dtype`], [`CsvOptions::get_dummies`] and their like) is
    /// for tables to fit on, and does not count here: the model knows.
    ///
    /// # Errors
    /// As [`open`](Self::open), and [`Error::Option`] for an option that the file does not fit.
    pub fn open_with(
        path: impl AsRef<Path>,
        wanted: Columns<'_>,
        options: &CsvOptions,
    ) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let records = Records::new(file, path, options)?;
        let (columns, by_position, encoding) = match wanted {
            Columns::Named(names) => (named(&records, names)?, false, None),
            Columns::Count(count) => {
                records.check_header()?;
                (all(&records, records.columns(), count, String::new())?, true, None)
            }
            Columns::Fitted { names, schema, by_position } => {
                let encoding = schema.and_then(Schema::encoding);
                let names: Vec<&str> = match encoding {
                    Some(encoding) => encoding.columns().iter().map(|it| it.name()).collect(),
                    None => names.iter().map(String::as_str).collect(),
                };
                let target = schema.map(Schema::target_name);
                let (columns, by_position) = fitted(&records, &names, target, by_position)?;
                (columns, by_position, encoding)
            }
        };
        let encoder = encoding.map(Encoder::new);
        Ok(FeatureFile { records, columns, encoder, by_position, any_rows: false })
    }

    /// Whether the columns were not found by their names: the first one in the file is the first
    /// one that is wanted, and so on.
    pub fn by_position(&self) -> bool {
        self.by_position
    }

    /// The name that the column behind each feature has in the file.
    pub fn names(&self) -> Vec<String> {
        let name = |&column: &usize| self.records.name(column).to_owned();
        match &self.encoder {
            None => self.columns.iter().map(name).collect(),
            Some(encoder) => {
                let sources = encoder.sources.iter().filter_map(|&source| self.columns.get(source));
                sources.map(name).collect()
            }
        }
    }

    /// Reads the next rows, about a million numbers, or `None` at the end.
    ///
    /// # Errors
    /// [`Error`] with line and column for what is not a table of numbers, and
    /// [`Error::NoRows`] for a file without any.
    pub fn next_block(&mut self) -> Result<Option<FeatureBlock>, Error> {
        let width = self.encoder.as_ref().map_or(self.columns.len(), |it| it.n_features);
        let most = (NUMBERS / width.max(1)).clamp(1, ROWS);
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        while lines.len() < most && self.records.next()? {
            match &self.encoder {
                None => self.records.numbers(&self.columns, &mut numbers)?,
                Some(encoder) => encoder.read(&self.records, &self.columns, &mut numbers)?,
            }
            lines.push(self.records.line());
        }
        match (lines.is_empty(), self.any_rows) {
            (true, true) => Ok(None),
            (true, false) => Err(Error::NoRows { path: self.records.path().into() }),
            (false, _) => {
                self.any_rows = true;
                let features = table(numbers, lines.len(), width)?;
                Ok(Some(FeatureBlock { features, lines }))
            }
        }
    }
}

impl FeatureBlock {
    /// The numbers: rows × columns, NaN where a value is missing.
    pub fn features(&self) -> &Array2<f64> {
        &self.features
    }

    /// The line of the file on which each row starts; 1 is the header.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }
}

impl Frame {
    /// The features that a model takes, from rows to predict: the columns of the fit are found by
    /// name, wherever they stand, and words become what they were for the fit. Other columns are
    /// left aside. The lines of the rows are those of a file with these rows under its header.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column of the fit that the table does not have,
    /// [`Error::Table`] for another number of columns where they are taken by position,
    /// [`Error::Cell`] for a word that was not there at the fit, or that stands where a number is
    /// wanted.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let table = Frame::named([
    ///     ("colour", Column::from(["red", "blue"])),
    ///     ("weight", Column::from([1.5, 2.0])),
    ///     ("kind", Column::from(["a", "b"])),
    /// ])?;
    /// let tree = DecisionTreeClassifier::params().fit(&table.to_dataset("kind")?)?;
    /// let model = AnyModel::from(tree);
    ///
    /// let rows = Frame::named([("colour", Column::from(["blue"])), ("weight", Column::from([1.0]))])?;
    /// let predicted = model.predict(&rows.features_for(model.columns())?)?;
    /// let shown = rows.with_column("predicted", &predicted)?;
    /// assert_eq!(shown.shape(), (1, 3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn features_for(&self, columns: Columns<'_>) -> Result<FeatureBlock, Error> {
        let (rows, found) = self.shape();
        let of_count = |expected: usize| match found == expected {
            true => Ok(self.clone()),
            false => Err(Error::Table { what: "columns", expected, found }),
        };
        let (table, encoding) = match columns {
            Columns::Named(names) => (self.select_columns(names.iter().cloned())?, None),
            Columns::Count(count) => (of_count(count)?, None),
            Columns::Fitted { names, schema, by_position } => {
                let encoding = schema.and_then(Schema::encoding);
                let names: Vec<String> = match encoding {
                    Some(encoding) => {
                        encoding.columns().iter().map(|column| column.name().to_owned()).collect()
                    }
                    None => names.to_vec(),
                };
                let target = schema.map(Schema::target_name);
                let table = match (by_position, target.and_then(|target| self.place(target))) {
                    (false, _) => self.select_columns(names)?,
                    (true, Some(target)) if found == names.len().saturating_add(1) => {
                        self.drop_columns([target])?
                    }
                    (true, _) => of_count(names.len())?,
                };
                (table, encoding)
            }
        };
        let features = match (encoding, table.numbers()) {
            (Some(encoding), _) => encoding.encode(&table)?,
            (None, Some(numbers)) => numbers.into_owned(),
            (None, None) => {
                let column = table.first_words().map_or(String::new(), |it| table.name_of(it));
                let problem = "it holds words, and the model takes numbers alone".to_owned();
                return Err(Error::Column { column, problem });
            }
        };
        let lines = (2..).take(rows).collect();
        Ok(FeatureBlock { features, lines })
    }
}

/// The places of the columns of these names.
pub(super) fn named<R: Read>(records: &Records<R>, names: &[String]) -> Result<Vec<usize>, Error> {
    let missing = names.iter().map(String::as_str).filter(|name| records.column(name).is_none());
    let missing = quoted_list(missing);
    if missing.is_empty() {
        return Ok(names.iter().filter_map(|name| records.column(name)).collect());
    }
    records.check_header()?;
    Err(Error::NoColumn {
        path: records.path().into(),
        missing,
        columns: records.names_for_message(),
    })
}

/// The places of the columns that a model was fitted on, and whether they were taken as they stand.
fn fitted(
    records: &Records<File>,
    names: &[&str],
    target: Option<&str>,
    by_position: bool,
) -> Result<(Vec<usize>, bool), Error> {
    let is_target = |column: usize| {
        let name = records.name(column);
        target == Some(name) && !names.contains(&name)
    };
    let features = records.columns().iter().copied().filter(|&column| !is_target(column));
    let features: Vec<usize> = features.collect();
    let found = match by_position {
        true => None,
        false => Some(records.named_exactly(names, &features)),
    };
    match found {
        Some(Ok(columns)) => Ok((columns, false)),
        Some(Err(error)) if !records.is_nameless() => Err(error),
        _ => {
            records.check_header()?;
            // its numbers are no names: the first column may be that of the target's number
            let columns = match records.is_nameless() && records.columns().len() == names.len() {
                true => records.columns(),
                false => &features,
            };
            let wanted = shortened_list(names.iter().copied());
            Ok((all(records, columns, names.len(), wanted)?, true))
        }
    }
}

/// All of some columns, if they are as many as are wanted.
pub(super) fn all<R: Read>(
    records: &Records<R>,
    columns: &[usize],
    expected: usize,
    wanted: String,
) -> Result<Vec<usize>, Error> {
    match columns.len() {
        found if found == expected => Ok(columns.to_vec()),
        found => Err(Error::Width {
            path: records.path().into(),
            expected,
            found,
            wanted,
            columns: shortened_list(columns.iter().map(|&column| records.name(column))),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of the columns that are found under a header, and whether by position; or the
    /// message that refuses them.
    fn found(header: &str, wanted: Columns<'_>) -> Result<(Vec<usize>, bool), String> {
        found_with(header, wanted, &CsvOptions::new())
    }

    fn found_with(
        header: &str,
        wanted: Columns<'_>,
        options: &CsvOptions,
    ) -> Result<(Vec<usize>, bool), String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{header}\n")).expect("written");
        match FeatureFile::open_with(file.path(), wanted, options) {
            Ok(file) => Ok((file.columns, file.by_position)),
            Err(error) => {
                let path = file.path().display().to_string();
                Err(error.to_string().replace(&path, "F").replace("F, header: ", ""))
            }
        }
    }

    #[test]
    fn columns_are_found_by_name() {
        let names = ["x".to_owned(), "y".to_owned()];
        let (named, two) = (Columns::Named(&names), Columns::Count(2));
        for (header, wanted, expected) in [
            ("x,y", named, (vec![0, 1], false)),
            ("y,x", named, (vec![1, 0], false)),
            ("who,y,when,x", named, (vec![3, 1], false)),
            ("a,b", two, (vec![0, 1], true)),
        ] {
            assert_eq!(found(header, wanted), Ok(expected), "{header}");
        }
        for (header, wanted, start) in [
            ("x,z", named, "no column is named \"y\";"),
            ("a,y,b", named, "no column is named \"x\";"),
            ("a,b", named, "no column is named \"x\", \"y\";"),
            ("1,9", named, "F: the first line (1, 9) looks like a row of data"),
            ("1,9", two, "F: the first line (1, 9) looks like a row of data"),
            ("a", two, "the file has 1 columns (a) where 2 are needed;"),
        ] {
            let refused = found(header, wanted).expect_err("refused");
            assert!(refused.starts_with(start), "{header}: {refused}");
        }
    }

    #[test]
    fn a_models_columns_are_all_that_there_are_but_for_the_target() {
        let (names, schema) = (["x".to_owned(), "y".to_owned()], Schema::new("k", None));
        let wanted = Columns::fitted(&names, Some(&schema));
        let position = wanted.by_position();
        for (header, wanted, expected) in [
            ("x,y", wanted, (vec![0, 1], false)),
            ("y,k,x", wanted, (vec![2, 0], false)),
            ("a,b", position, (vec![0, 1], true)),
            ("k,b,a", position, (vec![1, 2], true)),
            ("y,x", position, (vec![0, 1], true)),
        ] {
            assert_eq!(found(header, wanted), Ok(expected), "{header}");
        }
        for (header, wanted, start) in [
            (
                "x,y,z",
                wanted,
                "the names of the columns should be those of the fit; unseen at the fit: \"z\"; rename",
            ),
            (
                "x,k",
                wanted,
                "the names of the columns should be those of the fit; seen at the fit, yet now missing: \"y\"; rename",
            ),
            (
                "b,a",
                wanted,
                "the names of the columns should be those of the fit; unseen at the fit: \"b\", \"a\"; seen at the fit, yet now missing: \"x\", \"y\"; rename",
            ),
            ("1,9", wanted, "F: the first line (1, 9) looks like a row"),
            ("1,9", position, "F: the first line (1, 9) looks like a row"),
            ("a,b,c", position, "the file has 3 columns (a, b, c) where 2 are needed (x, y);"),
        ] {
            let refused = found(header, wanted).expect_err("refused");
            assert!(refused.starts_with(start), "{header}: {refused}");
        }
        let (none, some) = (CsvOptions::new().header(None), CsvOptions::new().header(Some(0)));
        assert_eq!(found_with("1,9", wanted, &none), Ok((vec![0, 1], true)));
        assert_eq!(found_with("1,9", position, &some), Ok((vec![0, 1], true)));
        assert!(found_with("1,9,7", wanted, &none).is_err());
        let named = CsvOptions::new().names(["y", "x"]);
        assert_eq!(found_with("1,9", wanted, &named), Ok((vec![1, 0], false)));
        let dropped = CsvOptions::new().drop(["z"]);
        assert_eq!(found_with("z,y,x", wanted, &dropped), Ok((vec![2, 1], false)));
    }

    #[test]
    fn numbers_of_columns_are_names_where_they_fit() {
        // as fitted with the target in front, in a file without names
        let (names, schema) = (["1".to_owned(), "2".to_owned()], Schema::new("0", None));
        let wanted = Columns::fitted(&names, Some(&schema));
        let none = CsvOptions::new().header(None);
        assert_eq!(found_with("a,7,8", wanted, &none), Ok((vec![1, 2], false)));
        assert_eq!(found_with("7,8", wanted, &none), Ok((vec![0, 1], true)));
        assert_eq!(found("1,2", wanted), Ok((vec![0, 1], false)));
    }
}
