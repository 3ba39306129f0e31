//! Missing values: where they are, rows without them, and what stands in their place.

use std::borrow::Cow;

use ndarray::Array2;

use super::describe::{counted, mean, median};
use super::{Column, ColumnId, Dataset, Error, Frame};

/// How many values are missing in each column of a table; made by [`Frame::missing_values`].
///
/// ```
/// use picklebook::data::{Column, Frame};
///
/// let table = Frame::named([
///     ("weight", Column::from([1.0, f64::NAN, f64::NAN])),
///     ("colour", Column::from(["red", "blue", "red"])),
/// ])?;
/// let missing = table.missing_values();
/// assert_eq!((missing.get("weight"), missing.get("colour")), (Some(2), Some(0)));
/// assert_eq!(missing.total(), 2);
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct MissingValues {
    rows: usize,
    columns: Vec<(String, usize)>,
}

impl MissingValues {
    /// How many rows the table has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The name of each column, and how many of its values are missing.
    pub fn columns(&self) -> &[(String, usize)] {
        &self.columns
    }

    /// How many values of the column of this name are missing; `None` where there is no such column.
    pub fn get(&self, column: &str) -> Option<usize> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, missing)| *missing)
    }

    /// How many values of all columns are missing.
    pub fn total(&self) -> usize {
        self.columns.iter().map(|(_, missing)| missing).sum()
    }
}

/// What stands in the place of a missing value; for [`Frame::fillna`].
///
/// ```
/// use picklebook::data::Fill;
///
/// assert_eq!(Fill::from(0.0), Fill::Number(0.0));
/// assert_eq!(Fill::from("unknown"), Fill::Word("unknown".into()));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Fill {
    /// The mean of the column's numbers.
    Mean,
    /// The median of the column's numbers.
    Median,
    /// The most frequent number or word of the column; the smallest where several are.
    MostFrequent,
    /// This number.
    Number(f64),
    /// This word.
    Word(String),
}

impl From<f64> for Fill {
    fn from(number: f64) -> Self {
        Fill::Number(number)
    }
}

impl From<&str> for Fill {
    fn from(word: &str) -> Self {
        Fill::Word(word.to_owned())
    }
}

impl Fill {
    /// What stands for a missing number in this column: `None` where the fill is for words.
    fn number(&self, column: &[f64]) -> Option<f64> {
        match self {
            Fill::Mean => Some(mean(column)),
            Fill::Median => Some(median(column)),
            Fill::MostFrequent => {
                let known = column.iter().filter(|it| !it.is_nan()).map(|it| (it + 0.0).to_bits());
                let counted = counted(known);
                let most = counted.first().map_or(0, |(_, rows)| *rows);
                let equals = counted.iter().take_while(|(_, rows)| *rows == most);
                let least = equals.map(|(bits, _)| f64::from_bits(*bits)).reduce(f64::min);
                Some(least.unwrap_or(f64::NAN))
            }
            Fill::Number(number) => Some(*number),
            Fill::Word(_) => None,
        }
    }

    /// What stands for a missing word in this column: `None` where the fill is for numbers.
    fn word(&self, column: &[Option<String>]) -> Option<Option<String>> {
        match self {
            Fill::MostFrequent => {
                let counted = counted(column.iter().flatten().map(String::as_str));
                let most = counted.first().map_or(0, |(_, rows)| *rows);
                let equals = counted.iter().take_while(|(_, rows)| *rows == most);
                Some(equals.map(|(word, _)| *word).min().map(str::to_owned))
            }
            Fill::Word(word) => Some(Some(word.clone())),
            Fill::Mean | Fill::Median | Fill::Number(_) => None,
        }
    }

    /// The column filled; `None` where the fill is for columns of the other kind.
    fn fill(&self, column: &Column) -> Option<Column> {
        match column {
            Column::Numbers(numbers) => {
                let fill = self.number(numbers)?;
                let filled = numbers.iter().map(|&it| if it.is_nan() { fill } else { it });
                Some(Column::Numbers(filled.collect()))
            }
            Column::Words(words) => {
                let fill = self.word(words)?;
                let filled = words.iter().map(|it| it.clone().or_else(|| fill.clone()));
                Some(Column::Words(filled.collect()))
            }
        }
    }
}

impl Frame {
    /// How many values are missing in each column: pandas' `isna().sum()`.
    pub fn missing_values(&self) -> MissingValues {
        let missing = |(place, column): (usize, Cow<'_, Column>)| {
            let missing = match &*column {
                Column::Numbers(numbers) => numbers.iter().filter(|it| it.is_nan()).count(),
                Column::Words(words) => words.iter().filter(|it| it.is_none()).count(),
            };
            (self.name_of(place), missing)
        };
        let columns = self.each_column().enumerate().map(missing).collect();
        MissingValues { rows: self.shape().0, columns }
    }

    /// The rows in which no value is missing: pandas' `dropna()`.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let table = Frame::named([
    ///     ("weight", Column::from([1.0, f64::NAN, 3.0])),
    ///     ("colour", Column::from(vec![None, Some("red".to_owned()), Some("blue".to_owned())])),
    /// ])?;
    /// assert_eq!(table.dropna().shape(), (1, 2));
    /// assert_eq!(table.dropna_in(["weight"])?.shape(), (2, 2));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn dropna(&self) -> Frame {
        self.without(self.each_column())
    }

    /// The rows in which no value of these columns is missing: pandas' `dropna(subset=…)`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have.
    pub fn dropna_in<C: Into<ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Frame, Error> {
        let places = self.places(columns)?;
        Ok(self.without(places.into_iter().filter_map(|it| self.column(it)).map(Cow::Owned)))
    }

    /// The rows in which no value of these columns is missing.
    fn without<'a>(&self, columns: impl Iterator<Item = Cow<'a, Column>>) -> Frame {
        let mut whole = vec![true; self.shape().0];
        for column in columns {
            match &*column {
                Column::Numbers(numbers) => {
                    whole.iter_mut().zip(numbers).for_each(|(it, number)| *it &= !number.is_nan());
                }
                Column::Words(words) => {
                    whole.iter_mut().zip(words).for_each(|(it, word)| *it &= word.is_some());
                }
            }
        }
        let rows: Vec<usize> = (0..).zip(whole).filter_map(|(row, it)| it.then_some(row)).collect();
        self.take(&rows).unwrap_or_else(|| self.clone())
    }

    /// The table with something in the place of each missing value: pandas' `fillna`.
    ///
    /// Columns that the fill does not suit are left as they are: those of words for a mean, a median
    /// or a number; those of numbers for a word; and for all but a number or word, those in which
    /// every value is missing.
    ///
    /// A model in production must fill a new row with what the rows of the fit gave: fit an
    /// [imputer](crate::preprocessing) in a pipeline for that, or let a decision tree take missing
    /// values as they are.
    ///
    /// ```
    /// use picklebook::data::{Column, Fill, Frame};
    ///
    /// let table = Frame::named([("weight", Column::from([1.0, f64::NAN, 4.0]))])?;
    /// assert_eq!(table.fillna(Fill::Mean).column(0), Some(Column::from([1.0, 2.5, 4.0])));
    /// assert_eq!(table.fillna(0.0).column(0), Some(Column::from([1.0, 0.0, 4.0])));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn fillna(&self, fill: impl Into<Fill>) -> Frame {
        let fill = fill.into();
        let filled = |column: Cow<'_, Column>| match fill.fill(&column) {
            Some(filled) => filled,
            None => column.into_owned(),
        };
        match self.missing_values().total() {
            // Tables of numbers, and sparse ones, stay what they are.
            0 => self.clone(),
            _ => self.with_columns(self.each_column().map(filled).collect()),
        }
    }

    /// The table with something in the place of each missing value of these columns.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have, [`Error::Column`] for one
    /// that the fill does not suit, such as the mean of words.
    ///
    /// ```
    /// use picklebook::data::{Column, Fill, Frame};
    ///
    /// let colour = vec![None, Some("red".to_owned())];
    /// let table = Frame::named([("colour", Column::from(colour))])?;
    /// let filled = table.fillna_in(["colour"], "unknown")?;
    /// assert_eq!(filled.column(0), Some(Column::from(["unknown", "red"])));
    /// assert!(table.fillna_in(["colour"], Fill::Mean).is_err());
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn fillna_in<C: Into<ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
        fill: impl Into<Fill>,
    ) -> Result<Frame, Error> {
        let (places, fill) = (self.places(columns)?, fill.into());
        let mut all: Vec<Column> = self.each_column().map(Cow::into_owned).collect();
        for place in places {
            let Some(column) = all.get_mut(place) else { continue };
            let Some(filled) = fill.fill(column) else {
                let (holds, needs) = match column.is_words() {
                    true => ("words", "fill it with a word, or with `Fill::MostFrequent`"),
                    false => ("numbers", "fill it with a number, or with `Fill::Median`"),
                };
                let problem = format!("it holds {holds}; {needs}");
                return Err(Error::Column { column: self.name_of(place), problem });
            };
            *column = filled;
        }
        Ok(self.with_columns(all))
    }
}

impl Dataset {
    /// How many values are missing in each feature, and in the target.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// assert_eq!(balance_scale().missing_values().total(), 0);
    /// ```
    pub fn missing_values(&self) -> MissingValues {
        self.to_frame().missing_values()
    }

    /// The rows in which no feature is missing: pandas' `dropna()`.
    ///
    /// ```
    /// use ndarray::array;
    /// use picklebook::data::{Dataset, Fill, Labels};
    /// # use picklebook::ndarray;
    ///
    /// let features = array![[1.0], [f64::NAN], [4.0]];
    /// let data = Dataset::new(features, Labels::from(["a", "b", "a"]), vec!["x".into()], "k")?;
    /// assert_eq!(data.dropna().target(), &Labels::from(["a", "a"]));
    /// assert_eq!(data.fillna(Fill::Mean).features(), array![[1.0], [2.5], [4.0]]);
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn dropna(&self) -> Dataset {
        let whole = |row: &usize| !self.features().row(*row).iter().any(|it| it.is_nan());
        let rows: Vec<usize> = (0..self.rows()).filter(whole).collect();
        self.select(&rows).unwrap_or_else(|_| self.clone())
    }

    /// The rows with something in the place of each missing feature, as [`Frame::fillna`] does it.
    pub fn fillna(&self, fill: impl Into<Fill>) -> Dataset {
        let fill = fill.into();
        let mut features: Array2<f64> = self.features().clone();
        for mut column in features.columns_mut() {
            if let Some(fill) = fill.number(&column.to_vec()) {
                column.iter_mut().filter(|it| it.is_nan()).for_each(|it| *it = fill);
            }
        }
        self.with_features(features)
    }
}
