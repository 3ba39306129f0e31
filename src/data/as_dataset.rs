//! From a table with words to features and a target, and back.

use std::collections::HashSet;

use super::encoding::{EncodedColumn, ascending};
use super::frame::check_names;
use super::value_counts::whole;
use super::{Column, Dataset, Encoding, Error, Frame, Labels, Schema};

/// The most features, 2 GiB of them, that words may make of a table, unless they make only so many
/// of a column.
const MOST_NUMBERS: usize = 1 << 28;
const MOST_TIMES: usize = 8;

impl Frame {
    /// The table as features and a target, to fit a model on.
    ///
    /// Columns of numbers are features as they are, NaN where a value is missing. A column of words
    /// becomes one-hot columns, which stand behind all others, as pandas' `get_dummies` makes them:
    /// `colour` with the words `blue` and `red` becomes `colour_blue` and `colour_red`; both are 0
    /// where the word is missing. The words are kept in [`Dataset::schema`], and saved with a model
    /// that is fitted on it, so that new rows are read as these were.
    ///
    /// The target is text, whole numbers, or numbers with fractions.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] where the target is not there, [`Error::Cell`] where it is missing
    /// in a row or infinite, [`Error::Column`] where it is the only column or a column holds too many
    /// different words, [`Error::SameColumn`] for two columns with one name.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame, Labels};
    ///
    /// let table = Frame::named([
    ///     ("colour", Column::from(["red", "blue"])),
    ///     ("weight", Column::from([1.5, 2.0])),
    ///     ("kind", Column::from(["a", "b"])),
    /// ])?;
    /// let data = table.to_dataset("kind")?;
    /// assert_eq!(data.feature_names(), ["weight", "colour_blue", "colour_red"]);
    /// assert_eq!(data.features().row(0).to_vec(), [1.5, 0.0, 1.0]);
    /// assert_eq!(data.target(), &Labels::from(["a", "b"]));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn to_dataset(&self, target: &str) -> Result<Dataset, Error> {
        let target_place = self.find(&target.into())?;
        let (rows, columns) = self.shape();
        let places: Vec<usize> = (0..columns).filter(|&it| it != target_place).collect();
        if places.is_empty() {
            let problem = "it is the only column; at least one feature is needed beside the target";
            return Err(Error::Column { column: target.into(), problem: problem.into() });
        }
        let labels = self.labels(target_place)?;
        let features = self.select(&places).unwrap_or_else(|| self.clone());
        let mut encoded = Vec::with_capacity(places.len());
        for (place, column) in features.each_column().enumerate() {
            let name = features.name_of(place);
            encoded.push(match &*column {
                Column::Numbers(_) => EncodedColumn::number(name),
                Column::Words(words) => {
                    let mut seen: HashSet<&str> = HashSet::new();
                    let new = words.iter().flatten().filter(|word| seen.insert(word.as_str()));
                    let mut categories: Vec<String> = new.cloned().collect();
                    let all = rows.saturating_mul(categories.len());
                    if all > MOST_NUMBERS && categories.len() > MOST_TIMES {
                        let problem = format!(
                            "it holds {} different words, too many for a feature each; leave it \
                             out with `drop_columns`, or read it with `CsvOptions::ordinal`",
                            categories.len()
                        );
                        return Err(Error::Column { column: name, problem });
                    }
                    ascending(&mut categories);
                    EncodedColumn::one_hot(name, categories)
                }
            });
        }
        let encoding = Encoding::new(encoded);
        let names = encoding.feature_names();
        check_names(&names)?;
        let has_words = encoding.columns().iter().any(|column| column.categories().is_some());
        let data = Dataset::new(encoding.encode(&features)?, labels, names, target)?;
        Ok(match has_words {
            true => data.with_schema(Schema::new(target, Some(encoding))),
            false => data,
        })
    }

    /// A column as labels.
    fn labels(&self, place: usize) -> Result<Labels, Error> {
        let problem = |row: usize, problem: &str| Error::Cell {
            row,
            column: self.name_of(place),
            problem: problem.to_owned(),
        };
        let missing =
            |row| problem(row, "the target is missing; leave such rows out with `dropna_in`");
        match self.column(place) {
            Some(Column::Words(words)) => {
                let label = |(row, word): (usize, Option<String>)| word.ok_or_else(|| missing(row));
                Ok(Labels::Text(
                    words.into_iter().enumerate().map(label).collect::<Result<_, _>>()?,
                ))
            }
            Some(Column::Numbers(numbers)) => {
                if let Some(row) = numbers.iter().position(|it| it.is_nan()) {
                    return Err(missing(row));
                }
                if let Some(row) = numbers.iter().position(|it| it.is_infinite()) {
                    return Err(problem(row, "the target is infinite; leave the row out"));
                }
                Ok(whole(&numbers).map_or(Labels::Floats(numbers), Labels::Integers))
            }
            None => Ok(Labels::Text(Vec::new())),
        }
    }
}

/// Numbers as such, where a float holds them exactly; all other labels as words.
impl From<&Labels> for Column {
    fn from(labels: &Labels) -> Self {
        let words = || Column::Words(labels.iter().map(|label| Some(label.to_string())).collect());
        match labels {
            Labels::Floats(numbers) => Column::Numbers(numbers.clone()),
            Labels::Integers(integers) => {
                let numbers: Vec<f64> = integers.iter().map(|&it| it as f64).collect();
                match whole(&numbers) {
                    Some(same) if same == *integers => Column::Numbers(numbers),
                    _ => words(),
                }
            }
            Labels::Text(_) | Labels::Booleans(_) => words(),
        }
    }
}

impl Dataset {
    /// The features, and behind them the target, as a table: numbers as such, where a float holds
    /// them exactly; all other targets as words.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let table = balance_scale().to_frame();
    /// assert_eq!(table.shape(), (625, 5));
    /// assert_eq!(table.place("Class"), Some(4));
    /// ```
    pub fn to_frame(&self) -> Frame {
        let mut columns: Vec<Column> = self
            .features()
            .columns()
            .into_iter()
            .map(|column| Column::Numbers(column.to_vec()))
            .collect();
        columns.push(Column::from(self.target()));
        let names = self.feature_names().iter().cloned().chain([self.target_name().to_owned()]);
        // As many labels as rows, and a name for each column.
        let frame = Frame::unnamed(columns).and_then(|frame| frame.with_names(names.collect()));
        frame.unwrap_or_else(|_| Frame::from(self))
    }

    /// The first `n` rows, with their targets.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// assert_eq!(data.head(3).shape(), (3, 5));
    /// assert_eq!(data.tail(2), data.to_frame().tail(2));
    /// ```
    pub fn head(&self, n: usize) -> Frame {
        self.to_frame().head(n)
    }

    /// The last `n` rows, with their targets.
    pub fn tail(&self, n: usize) -> Frame {
        self.to_frame().tail(n)
    }

    /// The same rows with these features alone, in that order.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a feature that is not there, [`Error::Encoded`] where features
    /// were made of words.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let weights = data.select_columns(["Left-Weight", "Right-Weight"])?;
    /// assert_eq!(weights.columns(), 2);
    /// assert_eq!(weights, data.drop_columns(["Left-Distance", "Right-Distance"])?);
    /// let renamed = weights.rename_columns([("Left-Weight", "left")])?;
    /// assert_eq!(renamed.feature_names(), ["left", "Right-Weight"]);
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn select_columns<C: Into<super::ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Dataset, Error> {
        self.changed(|frame| frame.select_columns(columns))
    }

    /// The same rows without these features.
    ///
    /// # Errors
    /// As [`select_columns`](Self::select_columns).
    pub fn drop_columns<C: Into<super::ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Dataset, Error> {
        self.changed(|frame| frame.drop_columns(columns))
    }

    /// The same rows with other names for some features.
    ///
    /// # Errors
    /// As [`select_columns`](Self::select_columns), and [`Error::SameColumn`] where two features
    /// would have one name.
    pub fn rename_columns<C: Into<super::ColumnId>, Name: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (C, Name)>,
    ) -> Result<Dataset, Error> {
        self.changed(|frame| frame.rename_columns(names))
    }

    /// The same rows with other columns.
    fn changed(
        &self,
        change: impl FnOnce(&Frame) -> Result<Frame, Error>,
    ) -> Result<Dataset, Error> {
        if self.schema().encoding().is_some() {
            return Err(Error::Encoded);
        }
        let frame = change(&Frame::from(self))?;
        let names = frame.names().unwrap_or_default().to_vec();
        // The features are numbers.
        let features = frame.numbers().map(|it| it.into_owned()).unwrap_or_default();
        Dataset::new(features, self.target().clone(), names, self.target_name())
    }
}
