//! Labels as numbers.

use super::{Error, TransformerParts, check_table, column_name, transformer};
use crate::data::{Column, Frame, LabelRef, Labels};
use crate::model::ask::check_classes;
use crate::model::{Model, Transformer};

/// Up to where 64-bit floats hold every whole number: 2⁵³.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// scikit-learn's `LabelEncoder`: each label's place among the classes.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::preprocessing::{LabelEncoder, TransformerParts};
///
/// let classes = Labels::from(["B", "L", "R"]);
/// let encoder = LabelEncoder::from_parts(TransformerParts::new(1), classes)?;
/// assert_eq!(encoder.encode(&Labels::from(["R", "B"]))?, [2, 0]);
/// assert_eq!(encoder.decode(&[2, 0])?, Labels::from(["R", "B"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelEncoder {
    fitted: TransformerParts,
    classes: Labels,
}

transformer!(LabelEncoder);

impl LabelEncoder {
    /// An encoder with `classes_`, for a table of one column.
    ///
    /// # Errors
    /// [`Error::Model`] for classes that do not ascend, [`Error::Length`] for more than one
    /// column.
    pub fn from_parts(fitted: TransformerParts, classes: Labels) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("columns of labels", 1)?;
        check_classes(&classes)?;
        Ok(LabelEncoder { fitted, classes })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The label that a word is among classes that are no words.
    fn meant<'w>(&self, word: &'w str) -> LabelRef<'w> {
        let label = match &self.classes {
            Labels::Integers(_) => word.trim().parse().ok().map(LabelRef::Integer),
            Labels::Floats(_) => word.trim().parse().ok().map(LabelRef::Float),
            Labels::Booleans(_) => match word.trim() {
                "True" => Some(LabelRef::Boolean(true)),
                "False" => Some(LabelRef::Boolean(false)),
                _ => None,
            },
            Labels::Text(_) => None,
        };
        label.unwrap_or(LabelRef::Text(word))
    }

    fn unknown(&self, row: usize, column: String, label: LabelRef<'_>) -> Error {
        let value = match label {
            LabelRef::Text(text) => crate::python::text_repr(text),
            other => other.to_string(),
        };
        Error::UnknownCategory { row, column, value, model: self.name() }
    }

    /// Each label's place among the classes: scikit-learn's `transform`.
    ///
    /// # Errors
    /// [`Error::UnknownCategory`] for a label that is not among them.
    pub fn encode(&self, labels: &Labels) -> Result<Vec<usize>, Error> {
        let place = |(row, label)| {
            self.classes.place(label).ok_or_else(|| self.unknown(row, "y".to_owned(), label))
        };
        labels.iter().enumerate().map(place).collect()
    }

    /// The classes at these places: scikit-learn's `inverse_transform`.
    ///
    /// # Errors
    /// [`Error::UnknownCategory`] for a place past the last.
    pub fn decode(&self, places: &[usize]) -> Result<Labels, Error> {
        let past = |place: &usize| *place >= self.classes.len();
        match (places.iter().position(past), self.classes.take(places)) {
            (None, Some(labels)) => Ok(labels),
            (row, _) => {
                let row = row.unwrap_or_default();
                let value = places.get(row).map_or(String::new(), usize::to_string);
                let (column, model) = ("y".to_owned(), self.name());
                Err(Error::UnknownCategory { row, column, value, model })
            }
        }
    }
}

/// A table of one column becomes one of places. Whole numbers from 2⁵³ on, of which floats hold only
/// some, are found where they are written as words.
impl Transformer for LabelEncoder {
    fn n_features_out(&self) -> usize {
        1
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        check_table(self, table)?;
        let name = || column_name(table, 0);
        let place = |row: usize, label: LabelRef<'_>| {
            let place = self.classes.place(label);
            place.map(|place| place as f64).ok_or_else(|| self.unknown(row, name(), label))
        };
        let codes: Result<Vec<f64>, Error> = match table.column(0) {
            None => Ok(Vec::new()),
            Some(Column::Words(words)) => {
                let text = |word: &Option<String>| word.clone().unwrap_or_default();
                let rows = words.iter().map(text).enumerate();
                rows.map(|(row, word)| place(row, self.meant(&word))).collect()
            }
            Some(Column::Numbers(numbers)) => {
                let rows = numbers.iter().enumerate();
                rows.map(|(row, &number)| match &self.classes {
                    // Past that, several whole numbers are one float.
                    Labels::Integers(_) if number.fract() == 0.0 && number.abs() < EXACT => {
                        place(row, LabelRef::Integer(number as i64))
                    }
                    Labels::Booleans(_) if number == 0.0 || number == 1.0 => {
                        place(row, LabelRef::Boolean(number == 1.0))
                    }
                    _ => place(row, LabelRef::Float(number)),
                })
                .collect()
            }
        };
        Ok(Frame::unnamed([Column::Numbers(codes?)])?)
    }
}
