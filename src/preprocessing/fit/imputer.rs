//! How the values that take the place of missing ones are found.

use std::collections::HashMap;

use super::scalers::{median, sorted};
use super::{Error, check_shape, column_name, dense, fitted};
use crate::data::{Column, Frame};
use crate::model::Parameter;
use crate::model::fit::fits_tables;
use crate::numpy::column_sums;
use crate::preprocessing::{ImputeValue, ImputerParts, SimpleImputer};

/// What takes the place of a missing value: the parameter `strategy`.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum ImputeStrategy {
    /// The mean of the column.
    #[default]
    Mean,
    /// Its median.
    Median,
    /// Its most frequent value; the least of those that are equally frequent.
    MostFrequent,
    /// 0, or in a table with words `missing_value`.
    Constant,
    /// This number.
    Number(f64),
    /// This word.
    Word(String),
}

/// The parameters of a [`SimpleImputer`], with scikit-learn's names and defaults: missing are NaN, and
/// words that are not there.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{ImputeStrategy, SimpleImputer};
///
/// let table = Frame::unnamed([Column::from([1.0, f64::NAN, 4.0, 9.0])])?;
/// let imputer = SimpleImputer::params().strategy(ImputeStrategy::Median).fit(&table)?;
/// assert_eq!(imputer.transform(&table)?.column(0), Some(Column::from([1.0, 4.0, 4.0, 9.0])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SimpleImputerParams {
    strategy: ImputeStrategy,
    add_indicator: bool,
    keep_empty_features: bool,
}

/// What scikit-learn notes of a fit beside the values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LearnedImputer {
    /// Whether any column held words: then all are objects.
    pub(crate) words: bool,
    /// Whether the values are those of a constant, which are objects too.
    pub(crate) constant: bool,
    /// Whether the constant is Python's whole number 0.
    pub(crate) whole: bool,
}

impl SimpleImputer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> SimpleImputerParams {
        SimpleImputerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(SimpleImputerParams: "SimpleImputer");

impl SimpleImputerParams {
    /// What takes the place of a missing value; the mean by default.
    pub fn strategy(mut self, strategy: ImputeStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Whether a column is added for each that had missing values, with 1 where one is missing; not so
    /// by default.
    pub fn add_indicator(mut self, add: bool) -> Self {
        self.add_indicator = add;
        self
    }

    /// Whether a column without any value is kept, and filled with 0; it is left out by default.
    pub fn keep_empty_features(mut self, keep: bool) -> Self {
        self.keep_empty_features = keep;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let (strategy, fill) = match &self.strategy {
            ImputeStrategy::Mean => ("mean", Parameter::None),
            ImputeStrategy::Median => ("median", Parameter::None),
            ImputeStrategy::MostFrequent => ("most_frequent", Parameter::None),
            ImputeStrategy::Constant => ("constant", Parameter::None),
            ImputeStrategy::Number(value) => ("constant", Parameter::Float(*value)),
            ImputeStrategy::Word(word) => ("constant", word.as_str().into()),
        };
        vec![
            ("missing_values", Parameter::Float(f64::NAN)),
            ("add_indicator", Parameter::Boolean(self.add_indicator)),
            ("keep_empty_features", Parameter::Boolean(self.keep_empty_features)),
            ("strategy", strategy.into()),
            ("fill_value", fill),
            ("copy", Parameter::Boolean(true)),
        ]
    }

    /// Finds the values of each column.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a constant that is no finite number, or a number among words or the
    /// other way, [`Error::Empty`] without rows or columns, [`Error::Words`] for the mean or median of
    /// words, [`Error::NotFinite`] for an infinite number, and [`Error::Model`] for sparse rows.
    pub fn fit(&self, table: &Frame) -> Result<SimpleImputer, Error> {
        check_shape(table.shape())?;
        let words = table.first_words().is_some();
        let expected = "a finite number for columns of numbers, or a word for words";
        let wrong = match (&self.strategy, words) {
            (ImputeStrategy::Number(value), _) if words || !value.is_finite() => {
                Some(crate::python::float_repr(*value))
            }
            (ImputeStrategy::Word(word), false) => Some(crate::python::text_repr(word)),
            _ => None,
        };
        if let Some(value) = wrong {
            return Err(Error::Parameter { name: "fill_value", value, expected });
        }
        let statistics = match (&self.strategy, words) {
            (ImputeStrategy::Mean, _) | (ImputeStrategy::Median, _) | (_, false) => {
                self.of_numbers(table)?
            }
            (_, true) => self.of_columns(table)?,
        };
        let indicator = self.add_indicator.then(|| {
            let missing = |column: &usize| match table.column(*column) {
                Some(Column::Numbers(numbers)) => numbers.iter().any(|number| number.is_nan()),
                Some(Column::Words(words)) => words.iter().any(Option::is_none),
                None => false,
            };
            (0..table.shape().1).filter(missing).collect()
        });
        let parts = ImputerParts { indicator, ..ImputerParts::new(statistics) };
        let mut made = SimpleImputer::from_parts(fitted(table, self.named()), parts)?;
        let constant = matches!(
            self.strategy,
            ImputeStrategy::Constant | ImputeStrategy::Number(_) | ImputeStrategy::Word(_)
        );
        let whole = self.strategy == ImputeStrategy::Constant && !words;
        made.learned = Some(LearnedImputer { words, constant, whole });
        Ok(made)
    }

    /// What takes the place of what there is no value of.
    fn empty(&self) -> ImputeValue {
        if self.keep_empty_features { ImputeValue::Number(0.0) } else { ImputeValue::Nothing }
    }

    fn of_numbers(&self, table: &Frame) -> Result<Vec<ImputeValue>, Error> {
        let rows = dense("SimpleImputer", table)?;
        let columns = rows.columns().into_iter();
        let present = |column: &ndarray::ArrayView1<'_, f64>| {
            column.iter().filter(|value| !value.is_nan()).count()
        };
        let sums = match self.strategy {
            ImputeStrategy::Mean => {
                column_sums(rows.mapv(|value| if value.is_nan() { 0.0 } else { value }).view())
            }
            _ => vec![f64::NAN; rows.ncols()],
        };
        let value = |(column, sum): (ndarray::ArrayView1<'_, f64>, f64)| {
            let count = present(&column);
            let constant = match self.strategy {
                ImputeStrategy::Constant => Some(0.0),
                ImputeStrategy::Number(value) => Some(value),
                _ => None,
            };
            if count == 0 {
                return match (constant, self.keep_empty_features) {
                    (Some(value), true) => ImputeValue::Number(value),
                    _ => self.empty(),
                };
            }
            ImputeValue::Number(match (&self.strategy, constant) {
                (_, Some(value)) => value,
                (ImputeStrategy::Mean, _) => sum / count as f64,
                (ImputeStrategy::Median, _) => median(&sorted(column.iter().copied())),
                _ => most_frequent(&sorted(column.iter().copied())),
            })
        };
        Ok(columns.zip(sums).map(value).collect())
    }

    /// Of a table with words, for the most frequent or a constant.
    fn of_columns(&self, table: &Frame) -> Result<Vec<ImputeValue>, Error> {
        let mut values = Vec::new();
        for place in 0..table.shape().1 {
            let constant = match &self.strategy {
                ImputeStrategy::Constant => Some("missing_value"),
                ImputeStrategy::Word(word) => Some(word.as_str()),
                _ => None,
            };
            let found = match table.column(place) {
                Some(Column::Words(words)) => {
                    let mut counts: HashMap<String, usize> = HashMap::new();
                    for word in words.into_iter().flatten() {
                        *counts.entry(word).or_default() += 1;
                    }
                    let most = counts.values().copied().max();
                    let equal = counts.into_iter().filter(|(_, count)| Some(*count) == most);
                    equal.map(|(word, _)| word).min().map(ImputeValue::Word)
                }
                Some(Column::Numbers(numbers)) => {
                    if let Some(row) = numbers.iter().position(|number| number.is_infinite()) {
                        let (column, value) = (column_name(table, place), numbers[row]);
                        let model = "SimpleImputer";
                        return Err(Error::NotFinite { row, column, value, model });
                    }
                    let sorted = sorted(numbers.into_iter());
                    (!sorted.is_empty()).then(|| ImputeValue::Number(most_frequent(&sorted)))
                }
                None => None,
            };
            values.push(match (found, constant) {
                (Some(_), Some(constant)) => ImputeValue::Word(constant.to_owned()),
                (None, Some(constant)) if self.keep_empty_features => {
                    ImputeValue::Word(constant.to_owned())
                }
                (Some(value), None) => value,
                (None, _) => self.empty(),
            });
        }
        Ok(values)
    }
}

fits_tables!(SimpleImputerParams);

/// The value that is there most often in ascending ones, the least of several.
fn most_frequent(sorted: &[f64]) -> f64 {
    let mut best: (usize, f64) = (0, f64::NAN);
    for same in sorted.chunk_by(|a, b| a == b) {
        if let Some(value) = same.first().filter(|_| same.len() > best.0) {
            best = (same.len(), *value);
        }
    }
    best.1
}
