//! How the columns of a table became the features of a model.

use std::collections::{HashMap, HashSet};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::csv_file::{set, unknown_word};
use super::csv_values::quoted;
use super::{Column, Error, Frame};

/// The table behind the features that a model was fitted on: the name of its target, and how its
/// columns became features where some of them hold words.
///
/// It is saved with the model, so that new rows are read as those of the fit were.
///
/// ```
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// assert_eq!(tree.schema().map(|schema| schema.target_name()), Some("Class"));
/// assert!(tree.schema().is_some_and(|schema| schema.encoding().is_none()));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    target_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encoding: Option<Encoding>,
}

impl Schema {
    pub(super) fn new(target_name: &str, encoding: Option<Encoding>) -> Self {
        Schema { target_name: target_name.to_owned(), encoding }
    }

    /// The name of the target column.
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// How columns became features, if some of them hold words.
    pub fn encoding(&self) -> Option<&Encoding> {
        self.encoding.as_ref()
    }

    /// What is wrong with a schema from a file, for a model with features of these names.
    pub(crate) fn check(&self, feature_names: Option<&[String]>) -> Result<(), String> {
        let Some(encoding) = &self.encoding else { return Ok(()) };
        encoding.check()?;
        match feature_names.is_some_and(|names| encoding.makes(names)) {
            true => Ok(()),
            false => Err("its encoding makes other features than those that it names".into()),
        }
    }
}

/// How the columns of a table became features, in the order of the file.
///
/// Columns of numbers and of ordinal words become one feature each, in that order; then come the
/// one-hot columns, as pandas' `get_dummies` puts them.
///
/// ```
/// use picklebook::data::{self, CsvOptions};
///
/// let path = std::env::temp_dir().join(format!("picklebook-words-{}.csv", std::process::id()));
/// std::fs::write(&path, "colour,height,label\nred,1,a\nblue,2,b\n")?;
/// let data = data::read_csv_with(&path, "label", &CsvOptions::new().get_dummies(["colour"]))?;
/// let encoding = data.schema().encoding().expect("there are words");
/// assert_eq!(encoding.columns()[0].categories(), Some(["blue".into(), "red".into()].as_slice()));
/// assert_eq!(encoding.feature_names(), ["height", "colour_blue", "colour_red"]);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Encoding {
    columns: Vec<EncodedColumn>,
}

/// A column of a table, and how it became features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncodedColumn {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_hot: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ordinal: Option<Vec<String>>,
}

/// The features of a column: where the first of them is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Number(usize),
    OneHot(usize),
    Ordinal(usize),
}

impl EncodedColumn {
    pub(super) fn number(name: String) -> Self {
        EncodedColumn { name, one_hot: None, ordinal: None }
    }

    pub(super) fn one_hot(name: String, categories: Vec<String>) -> Self {
        EncodedColumn { name, one_hot: Some(categories), ordinal: None }
    }

    pub(super) fn ordinal(name: String, categories: Vec<String>) -> Self {
        EncodedColumn { name, one_hot: None, ordinal: Some(categories) }
    }

    /// The name that the column has in the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The words of the column, in the order of its features or of their numbers; `None` for a
    /// column of numbers.
    pub fn categories(&self) -> Option<&[String]> {
        self.one_hot.as_deref().or(self.ordinal.as_deref())
    }

    /// Whether each word has a feature of its own.
    pub fn is_one_hot(&self) -> bool {
        self.one_hot.is_some()
    }
}

impl Encoding {
    pub(super) fn new(columns: Vec<EncodedColumn>) -> Self {
        Encoding { columns }
    }

    /// The columns of the table that became features, in the order of the file.
    pub fn columns(&self) -> &[EncodedColumn] {
        &self.columns
    }

    /// The names of the features.
    pub fn feature_names(&self) -> Vec<String> {
        let plain = self.columns.iter().filter(|column| column.one_hot.is_none());
        let mut names: Vec<String> = plain.map(|column| column.name.clone()).collect();
        for column in &self.columns {
            let categories = column.one_hot.iter().flatten();
            names.extend(categories.map(|word| format!("{}_{word}", column.name)));
        }
        names
    }

    /// The features that rows with these columns become, in the order of the fit: rows × features.
    ///
    /// A missing word leaves its one-hot columns at 0, or is -1 as an ordinal; a number in a column of
    /// words is the word that it is written as.
    ///
    /// # Errors
    /// [`Error::Table`] for another number of columns, [`Error::Cell`] for a word that the column may not
    /// hold or that stands where a number is wanted.
    ///
    /// ```
    /// use picklebook::data::{Column, CsvOptions, Frame, read_csv_with};
    ///
    /// # let path = std::env::temp_dir().join("picklebook-encode.csv");
    /// # std::fs::write(&path, "colour,weight,kind\nred,1,a\nblue,2,b\n")?;
    /// let options = CsvOptions::new().get_dummies(["colour"]);
    /// let data = read_csv_with(&path, "kind", &options)?;
    /// let encoding = data.schema().encoding().expect("words were encoded");
    /// let rows = Frame::unnamed([Column::from(["blue"]), Column::from([3.0])])?;
    /// assert_eq!(encoding.encode(&rows)?, ndarray::array![[3.0, 1.0, 0.0]]);
    /// # std::fs::remove_file(&path)?;
    /// # use picklebook::ndarray;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn encode(&self, table: &Frame) -> Result<Array2<f64>, Error> {
        let (rows, columns) = table.shape();
        if columns != self.columns.len() {
            let expected = self.columns.len();
            return Err(Error::Table { what: "columns", expected, found: columns });
        }
        let mut features = Array2::zeros((rows, self.n_features()));
        for (place, (own, target)) in self.columns.iter().zip(self.places()).enumerate() {
            let words = own.categories().map(numbered);
            let Some(column) = table.column(place) else { continue };
            for (row, mut features) in features.rows_mut().into_iter().enumerate() {
                let problem = |problem| Error::Cell { row, column: own.name.clone(), problem };
                let (mut number, mut word) = (f64::NAN, None);
                match (&column, &words) {
                    (Column::Numbers(numbers), None) => {
                        number = numbers.get(row).copied().unwrap_or(f64::NAN);
                    }
                    (Column::Words(words), None) => {
                        if let Some(word) = words.get(row).and_then(Option::as_ref) {
                            return Err(problem(format!("{} is no number", quoted(word))));
                        }
                    }
                    (column, Some(known)) => {
                        let written = match column {
                            Column::Words(words) => words.get(row).cloned().flatten(),
                            Column::Numbers(numbers) => {
                                numbers.get(row).filter(|it| !it.is_nan()).map(f64::to_string)
                            }
                        };
                        if let Some(written) = written {
                            match known.get(&written) {
                                Some(&place) => word = Some(place),
                                None => return Err(problem(unknown_word(&written, known))),
                            }
                        }
                    }
                }
                if let Some(features) = features.as_slice_mut() {
                    set(features, target, number, word);
                }
            }
        }
        Ok(features)
    }

    /// Whether these are the names of the features. They are not put together for that: a hostile
    /// file could make them take far more memory than it does.
    fn makes(&self, names: &[String]) -> bool {
        let mut names = names.iter();
        let plain = self.columns.iter().filter(|column| column.one_hot.is_none());
        let mut same = plain.map(|column| names.next() == Some(&column.name));
        if !same.all(|same| same) {
            return false;
        }
        drop(same);
        let mut dummies = self.columns.iter().flat_map(|column| {
            column.one_hot.iter().flatten().map(|word| (column.name.as_str(), word.as_str()))
        });
        let same = dummies.all(|(column, word)| {
            let name = names.next().and_then(|name| name.strip_prefix(column));
            name.and_then(|name| name.strip_prefix('_')) == Some(word)
        });
        same && names.next().is_none()
    }

    /// How many features there are.
    pub fn n_features(&self) -> usize {
        self.columns.iter().map(|column| column.one_hot.as_ref().map_or(1, Vec::len)).sum()
    }

    /// Where the features of each column are.
    pub(super) fn places(&self) -> Vec<Place> {
        let (mut plain, mut dummies) =
            (0, self.columns.iter().filter(|column| column.one_hot.is_none()).count());
        let place = |column: &EncodedColumn| match (&column.one_hot, &column.ordinal) {
            (Some(categories), _) => {
                dummies += categories.len();
                Place::OneHot(dummies - categories.len())
            }
            (None, ordinal) => {
                plain += 1;
                match ordinal {
                    Some(_) => Place::Ordinal(plain - 1),
                    None => Place::Number(plain - 1),
                }
            }
        };
        self.columns.iter().map(place).collect()
    }

    /// The column of the table behind each feature.
    pub(super) fn sources(&self) -> Vec<usize> {
        let all = || self.columns.iter().enumerate();
        let plain = all().filter(|(_, column)| column.one_hot.is_none()).map(|(place, _)| place);
        let dummies = all().flat_map(|(place, column)| {
            std::iter::repeat_n(place, column.one_hot.as_ref().map_or(0, Vec::len))
        });
        plain.chain(dummies).collect()
    }

    fn check(&self) -> Result<(), String> {
        let mut names = HashSet::new();
        for column in &self.columns {
            let name = &column.name;
            if !names.insert(name) {
                return Err(format!("its encoding has two columns {name:?}"));
            }
            if column.one_hot.is_some() && column.ordinal.is_some() {
                return Err(format!("its column {name:?} is encoded in two ways"));
            }
            let mut words = HashSet::new();
            if let Some(word) =
                column.categories().into_iter().flatten().find(|w| !words.insert(*w))
            {
                return Err(format!("its column {name:?} has the word {word:?} twice"));
            }
        }
        Ok(())
    }
}

/// The number of each word of a column.
pub(super) fn numbered(categories: &[String]) -> HashMap<String, usize> {
    categories.iter().cloned().zip(0..).collect()
}

/// Puts words in order: ascending, as numbers if all of them are.
pub(super) fn ascending(words: &mut [String]) {
    let number = |word: &String| word.parse::<f64>().ok().filter(|number| number.is_finite());
    let numbers: Option<Vec<f64>> = words.iter().map(number).collect();
    words.sort_unstable();
    if numbers.is_some() {
        // the sort is stable: two ways to write a number keep the order of the words
        words.sort_by(|a, b| {
            let (a, b) = (number(a).unwrap_or(0.0), number(b).unwrap_or(0.0));
            a.total_cmp(&b)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
        words.map(str::to_owned).to_vec()
    }

    #[test]
    fn one_hot_columns_stand_behind_the_others() {
        let encoding = Encoding::new(vec![
            EncodedColumn::one_hot("a".into(), words(["x", "y"])),
            EncodedColumn::number("b".into()),
            EncodedColumn::ordinal("c".into(), words(["s", "m", "l"])),
            EncodedColumn::one_hot("d".into(), words(["z"])),
        ]);
        assert_eq!(encoding.feature_names(), ["b", "c", "a_x", "a_y", "d_z"]);
        assert_eq!(encoding.n_features(), 5);
        assert_eq!(
            encoding.places(),
            [Place::OneHot(2), Place::Number(0), Place::Ordinal(1), Place::OneHot(4)]
        );
        assert_eq!(encoding.sources(), [1, 2, 0, 0, 3]);
    }

    #[test]
    fn words_ascend_as_numbers_if_all_are() {
        for (mut given, expected) in [
            (words(["b", "a", "10", "9"]), words(["10", "9", "a", "b"])),
            (words(["10", "9", "-1", "9.0"]), words(["-1", "9", "9.0", "10"])),
            (words(["ä", "z", "Z"]), words(["Z", "z", "ä"])),
        ] {
            ascending(&mut given);
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn what_a_file_cannot_mean_is_refused() {
        let column = |one_hot: Option<Vec<String>>, ordinal| EncodedColumn {
            name: "a".into(),
            one_hot,
            ordinal,
        };
        let both = column(Some(words(["x"])), Some(words(["x"])));
        let twice = column(Some(words(["x", "x"])), None);
        let plain = || column(None, None);
        for columns in [vec![both], vec![twice], vec![plain(), plain()]] {
            let names = Encoding::new(columns.clone()).feature_names();
            let schema = Schema::new("y", Some(Encoding::new(columns)));
            assert!(schema.check(Some(&names)).is_err(), "{schema:?}");
        }
        let schema = Schema::new("y", Some(Encoding::new(vec![plain()])));
        assert_eq!(schema.check(Some(&words(["a"]))), Ok(()));
        assert!(schema.check(Some(&words(["b"]))).is_err() && schema.check(None).is_err());
    }
}
