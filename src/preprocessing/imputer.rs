//! What takes the place of missing values.

use ndarray::Axis;

use super::fit::LearnedImputer;
use super::{Error, TransformerParts, check_table, column_name, transformer};
use crate::data::{Column, Frame, Precision};
use crate::model::{Model, Transformer};

/// What takes the place of a column's missing values: one of `statistics_`.
#[derive(Debug, Clone, PartialEq)]
pub enum ImputeValue {
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
    /// Python's `None`, the most frequent of some words: missing ones stay missing.
    None,
    /// Nothing: the column had no values in the fit, and is left out.
    Nothing,
}

/// What a missing value looks like: the parameter `missing_values`.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum MissingMark {
    /// NaN, or a word that is missing.
    #[default]
    Nan,
    /// A word that is missing, Python's `None`.
    None,
    /// A number.
    Number(f64),
    /// A word.
    Word(String),
}

/// What a [`SimpleImputer`] learned.
#[derive(Debug, Clone, PartialEq)]
pub struct ImputerParts {
    /// What takes the place of each column's missing values.
    pub statistics: Vec<ImputeValue>,
    /// What a missing value looks like.
    pub missing_values: MissingMark,
    /// The columns that had missing values in the fit, `indicator_.features_`, if a column is to
    /// be added for each, with 1 where a value is missing: `add_indicator=True`.
    pub indicator: Option<Vec<usize>>,
}

impl ImputerParts {
    /// An imputer of missing values by these, without columns that say where they were.
    pub fn new(statistics: Vec<ImputeValue>) -> Self {
        ImputerParts { statistics, missing_values: MissingMark::Nan, indicator: None }
    }
}

/// Whether the columns of an indicator are there, and ascend.
pub(super) fn check_indicator(
    fitted: &TransformerParts,
    places: Option<&[usize]>,
) -> Result<(), Error> {
    let (count, places) = (fitted.n_features, places.unwrap_or_default());
    let wrong = |problem: String| Err(Error::Model { problem });
    if let Some(place) = places.iter().find(|&&place| place >= count) {
        return wrong(format!("its indicator names column {place}, of {count} columns"));
    }
    match places.is_sorted_by(|a, b| a < b) {
        true => Ok(()),
        false => wrong("the columns of its indicator do not ascend".to_owned()),
    }
}

/// scikit-learn's `SimpleImputer`: puts a value of its own for each column in the place of missing
/// ones.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{ImputeValue, ImputerParts, SimpleImputer, TransformerParts};
///
/// let statistics = vec![ImputeValue::Number(2.5), ImputeValue::Word("red".into())];
/// let imputer = SimpleImputer::from_parts(TransformerParts::new(2), ImputerParts::new(statistics))?;
/// let colours = vec![None, Some("blue".to_owned())];
/// let table = Frame::unnamed([Column::from([1.0, f64::NAN]), Column::from(colours)])?;
/// let filled = imputer.transform(&table)?;
/// assert_eq!(filled.column(0), Some(Column::from([1.0, 2.5])));
/// assert_eq!(filled.column(1), Some(Column::from(["red", "blue"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SimpleImputer {
    fitted: TransformerParts,
    parts: ImputerParts,
    /// What a fit here noted beside.
    pub(super) learned: Option<LearnedImputer>,
}

transformer!(SimpleImputer);

impl SimpleImputer {
    /// Checks the parts and puts an imputer together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one value for each column, [`Error::Model`] for an
    /// indicator of a column that is not there, or of columns that do not ascend.
    pub fn from_parts(fitted: TransformerParts, parts: ImputerParts) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("statistics", parts.statistics.len())?;
        check_indicator(&fitted, parts.indicator.as_deref())?;
        Ok(SimpleImputer { fitted, parts, learned: None })
    }

    /// What a fit here noted beside.
    pub(crate) fn learned(&self) -> Option<&LearnedImputer> {
        self.learned.as_ref()
    }

    /// What it learned.
    pub fn parts(&self) -> &ImputerParts {
        &self.parts
    }

    fn is_missing_number(&self, number: f64) -> bool {
        match self.parts.missing_values {
            MissingMark::Nan => number.is_nan(),
            MissingMark::Number(mark) => number == mark,
            MissingMark::None | MissingMark::Word(_) => false,
        }
    }

    fn is_missing_word(&self, word: &Option<String>) -> bool {
        match (&self.parts.missing_values, word) {
            (MissingMark::Nan | MissingMark::None, word) => word.is_none(),
            (MissingMark::Word(mark), Some(word)) => word == mark,
            (MissingMark::Word(_), None) | (MissingMark::Number(_), _) => false,
        }
    }

    /// Whether a number is one that an imputer of this kind refuses.
    fn refuses(&self, number: f64) -> bool {
        match self.parts.missing_values {
            MissingMark::Nan | MissingMark::None => number.is_infinite(),
            MissingMark::Number(_) | MissingMark::Word(_) => !number.is_finite(),
        }
    }

    fn refuse(&self, row: usize, column: String, value: f64) -> Error {
        Error::NotFinite { row, column, value, model: self.name() }
    }

    /// A table of numbers only, in place.
    fn fill_numbers(
        &self,
        table: &Frame,
        mut numbers: ndarray::Array2<f64>,
    ) -> Result<Frame, Error> {
        if let Some(((row, column), &value)) =
            numbers.indexed_iter().find(|(_, number)| self.refuses(**number))
        {
            return Err(self.refuse(row, column_name(table, column), value));
        }
        let marks = self.parts.indicator.as_ref().map(|places| {
            let mark = |(row, column): (usize, usize)| {
                f64::from(u8::from(self.is_missing_number(numbers[(row, places[column])])))
            };
            ndarray::Array2::from_shape_fn((numbers.nrows(), places.len()), mark)
        });
        let mut kept = Vec::with_capacity(self.parts.statistics.len());
        // The numbers go into a table of the same type, and are as long as those there.
        let precision = table.precision();
        for (column, statistic) in self.parts.statistics.iter().enumerate() {
            let ImputeValue::Number(fill) = *statistic else { continue };
            kept.push(column);
            let fill = precision.round(fill);
            for number in numbers.column_mut(column) {
                if self.is_missing_number(*number) {
                    *number = fill;
                }
            }
        }
        if kept.len() < self.parts.statistics.len() {
            numbers = numbers.select(Axis(1), &kept);
        }
        let rows = numbers.nrows();
        let numbers = Frame::from_numbers(numbers).with_precision(precision);
        let marks = marks.map(|marks| Frame::from_numbers(marks).with_precision(Precision::Byte));
        let frames = [Some(numbers), marks].into_iter().flatten().collect();
        Ok(Frame::side_by_side(frames, rows)?.with_sparse(table.is_sparse()))
    }

    /// One column; nothing for one that is left out.
    fn fill(
        &self,
        mut column: Column,
        name: String,
        fill: &ImputeValue,
    ) -> Result<Option<Column>, Error> {
        match (&mut column, fill) {
            (_, ImputeValue::Nothing) => return Ok(None),
            (Column::Words(words), ImputeValue::None) => {
                for word in words.iter_mut() {
                    if self.is_missing_word(word) {
                        *word = None;
                    }
                }
            }
            // a column without a single value, which stays so
            (Column::Numbers(numbers), ImputeValue::None) => {
                let present = |number: &f64| !self.is_missing_number(*number);
                if let Some(row) = numbers.iter().position(present) {
                    let value = crate::python::float_repr(numbers[row]);
                    let model = self.name();
                    return Err(Error::UnknownCategory { row, column: name, value, model });
                }
                column = Column::Words(vec![None; numbers.len()]);
            }
            (Column::Numbers(numbers), ImputeValue::Number(fill)) => {
                for (row, number) in numbers.iter_mut().enumerate() {
                    if self.is_missing_number(*number) {
                        *number = *fill;
                    } else if self.refuses(*number) {
                        return Err(self.refuse(row, name, *number));
                    }
                }
            }
            (Column::Words(words), ImputeValue::Word(fill)) => {
                for word in words.iter_mut() {
                    if self.is_missing_word(word) {
                        *word = Some(fill.clone());
                    }
                }
            }
            (Column::Words(words), ImputeValue::Number(fill)) => {
                // a column without a single value is of any kind
                if !words.iter().all(|word| self.is_missing_word(word)) {
                    return Err(Error::Words { column: name, model: self.name() });
                }
                column = Column::Numbers(vec![*fill; words.len()]);
            }
            (Column::Numbers(numbers), ImputeValue::Word(fill)) => {
                let present = |number: &f64| !self.is_missing_number(*number);
                if let Some(row) = numbers.iter().position(present) {
                    let value = crate::python::float_repr(numbers[row]);
                    let model = self.name();
                    return Err(Error::UnknownCategory { row, column: name, value, model });
                }
                column = Column::Words(vec![Some(fill.clone()); numbers.len()]);
            }
        }
        Ok(Some(column))
    }

    /// A column of 1 where a value is missing, and 0 elsewhere.
    fn marks(&self, column: &Column) -> Column {
        let mark = |missing: bool| f64::from(u8::from(missing));
        Column::Numbers(match column {
            Column::Numbers(numbers) => {
                numbers.iter().map(|&number| mark(self.is_missing_number(number))).collect()
            }
            Column::Words(words) => {
                words.iter().map(|word| mark(self.is_missing_word(word))).collect()
            }
        })
    }
}

/// Columns of words are taken where the fit had words.
impl Transformer for SimpleImputer {
    fn n_features_out(&self) -> usize {
        let kept = self.parts.statistics.iter().filter(|value| **value != ImputeValue::Nothing);
        kept.count() + self.parts.indicator.as_ref().map_or(0, Vec::len)
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let input = self.fitted.names(input)?;
        let named = input.iter().zip(&self.parts.statistics);
        let kept = named.filter(|(_, value)| **value != ImputeValue::Nothing);
        let mut names: Vec<String> = kept.map(|(name, _)| name.clone()).collect();
        let marked = self.parts.indicator.iter().flatten().filter_map(|&place| input.get(place));
        names.extend(marked.map(|name| format!("missingindicator_{name}")));
        Some(names)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        check_table(self, table)?;
        let words = |value: &ImputeValue| matches!(value, ImputeValue::Word(_) | ImputeValue::None);
        if let Some(numbers) = table.numbers().filter(|_| !self.parts.statistics.iter().any(words))
        {
            return self.fill_numbers(table, numbers.into_owned());
        }
        let (rows, _) = table.shape();
        let columns = table.clone().into_columns();
        let places = self.parts.indicator.iter().flatten();
        let marks: Vec<Column> = places
            .filter_map(|&place| columns.get(place))
            .map(|column| self.marks(column))
            .collect();
        let mut filled = Vec::with_capacity(columns.len() + marks.len());
        for (place, (column, fill)) in columns.into_iter().zip(&self.parts.statistics).enumerate() {
            filled.extend(self.fill(column, column_name(table, place), fill)?);
        }
        filled.extend(marks);
        match filled.is_empty() {
            true => Ok(Frame::side_by_side(Vec::new(), rows)?),
            false => Ok(Frame::unnamed(filled)?),
        }
    }
}
