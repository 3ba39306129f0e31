//! How often each value of a column occurs: pandas' `value_counts`.

use super::describe::counted;
use super::{Column, ColumnId, Dataset, Error, Frame, Label, LabelRef, Labels};

/// Each value of a column and how often it occurs, the most frequent first, and among equals the
/// first in the table: as pandas' `value_counts` has them. Missing values are counted apart.
///
/// ```
/// use picklebook::data::{Column, Frame};
///
/// let colour = [Some("red".to_owned()), None, Some("blue".into()), Some("red".into())].to_vec();
/// let table = Frame::named([("colour", Column::from(colour))])?;
/// let counts = table.value_counts("colour")?;
/// assert_eq!(counts.counts(), [2, 1]);
/// assert_eq!((counts.get("red"), counts.get("green"), counts.missing()), (2, 0, 1));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct ValueCounts {
    name: String,
    values: Labels,
    counts: Vec<usize>,
    missing: usize,
}

impl ValueCounts {
    /// The name of the column; empty where there is none.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The values, the most frequent first.
    pub fn values(&self) -> &Labels {
        &self.values
    }

    /// How often each of the [values](Self::values) occurs.
    pub fn counts(&self) -> &[usize] {
        &self.counts
    }

    /// In how many rows the value is missing.
    pub fn missing(&self) -> usize {
        self.missing
    }

    /// How many rows have a value.
    pub fn total(&self) -> usize {
        self.counts.iter().sum()
    }

    /// How often a value occurs: a word as `"red"`, a number, or a label.
    pub fn get<V>(&self, value: V) -> usize
    where
        for<'a> LabelRef<'a>: PartialEq<V>,
    {
        let mut pairs = self.values.iter().zip(&self.counts);
        pairs.find(|(own, _)| *own == value).map_or(0, |(_, &rows)| rows)
    }

    pub(crate) fn named(mut self, name: &str) -> Self {
        self.name = name.to_owned();
        self
    }
}

impl Frame {
    /// How often each value of a column occurs.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have.
    pub fn value_counts(&self, column: impl Into<ColumnId>) -> Result<ValueCounts, Error> {
        let place = self.find(&column.into())?;
        let (values, counts, missing) = match self.column(place) {
            Some(Column::Numbers(numbers)) => of_numbers(&numbers),
            Some(Column::Words(words)) => {
                let counted = counted(words.iter().flatten().map(String::as_str));
                let (values, counts) = counted.iter().map(|(it, n)| ((*it).to_owned(), *n)).unzip();
                (Labels::Text(values), counts, words.iter().filter(|it| it.is_none()).count())
            }
            None => (Labels::Text(Vec::new()), Vec::new(), 0),
        };
        Ok(ValueCounts { name: self.name_of(place), values, counts, missing })
    }
}

impl Dataset {
    /// How often each value of a feature or of the target occurs.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// assert_eq!(data.value_counts("Class")?.get("B"), 49);
    /// assert_eq!(data.value_counts("Left-Weight")?.get(5_i64), 125);
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn value_counts(&self, column: impl Into<ColumnId>) -> Result<ValueCounts, Error> {
        match column.into() {
            ColumnId::Name(name) if name == self.target_name() => {
                Ok(self.target().value_counts().named(&name))
            }
            column => self.to_frame().value_counts(column),
        }
    }
}

impl Labels {
    /// How often each label occurs.
    ///
    /// ```
    /// use picklebook::data::Labels;
    ///
    /// assert_eq!(Labels::from(["R", "L", "R"]).value_counts().counts(), [2, 1]);
    /// ```
    pub fn value_counts(&self) -> ValueCounts {
        fn pick<T: std::hash::Hash + Eq + Copy>(column: &[T]) -> (Vec<T>, Vec<usize>) {
            counted(column.iter().copied()).into_iter().unzip()
        }
        let (values, counts, missing) = match self {
            Labels::Text(column) => {
                let counted = counted(column.iter().map(String::as_str));
                let (values, counts) = counted.iter().map(|(it, n)| ((*it).to_owned(), *n)).unzip();
                (Labels::Text(values), counts, 0)
            }
            Labels::Booleans(column) => {
                let (values, counts) = pick(column);
                (Labels::Booleans(values), counts, 0)
            }
            Labels::Integers(column) => {
                let (values, counts) = pick(column);
                (Labels::Integers(values), counts, 0)
            }
            Labels::Floats(column) => of_floats(column),
        };
        ValueCounts { name: String::new(), values, counts, missing }
    }
}

/// The values of a column of numbers: whole ones as such.
fn of_numbers(numbers: &[f64]) -> (Labels, Vec<usize>, usize) {
    let (values, counts, missing) = of_floats(numbers);
    match &values {
        Labels::Floats(floats) => match whole(floats) {
            Some(integers) => (Labels::Integers(integers), counts, missing),
            None => (values, counts, missing),
        },
        _ => (values, counts, missing),
    }
}

fn of_floats(numbers: &[f64]) -> (Labels, Vec<usize>, usize) {
    // Adding 0 makes -0 the 0 that it is equal to.
    let known = numbers.iter().filter(|it| !it.is_nan()).map(|it| (it + 0.0).to_bits());
    let (values, counts): (Vec<u64>, Vec<usize>) = counted(known).into_iter().unzip();
    let values = values.into_iter().map(f64::from_bits).collect();
    (Labels::Floats(values), counts, numbers.iter().filter(|it| it.is_nan()).count())
}

/// Numbers as whole ones, if all of them are, and floats can tell them from their neighbours.
pub(super) fn whole(numbers: &[f64]) -> Option<Vec<i64>> {
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    let whole = |&it: &f64| (it.fract() == 0.0 && it.abs() <= EXACT).then_some(it as i64);
    numbers.iter().map(whole).collect()
}

/// The pairs of a value and its count.
impl ValueCounts {
    /// Each value with its count, the most frequent first.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// for (class, rows) in balance_scale().target().value_counts().pairs() {
    ///     println!("{class}: {rows}");
    /// }
    /// ```
    pub fn pairs(&self) -> Vec<(Label, usize)> {
        self.values.iter().map(LabelRef::to_label).zip(self.counts.iter().copied()).collect()
    }
}
