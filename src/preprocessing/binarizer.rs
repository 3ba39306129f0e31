//! Numbers and labels as zeros and ones.

use ndarray::Array2;

use super::{Cells, Error, TransformerParts, cells_of, check_table, transformer};
use crate::data::{Column, Frame, LabelRef, Labels, SparseRows};
use crate::model::Transformer;
use crate::model::ask::check_classes;

/// scikit-learn's `Binarizer`: 1 where a number is above the threshold, and 0 elsewhere.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{Binarizer, TransformerParts};
///
/// let binarizer = Binarizer::from_parts(TransformerParts::new(2), 0.5)?;
/// let made = binarizer.transform(&Frame::from_numbers(ndarray::array![[0.5, 2.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[0.0, 1.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Binarizer {
    fitted: TransformerParts,
    threshold: f64,
}

transformer!(Binarizer);

impl Binarizer {
    /// A binarizer with its threshold.
    ///
    /// # Errors
    /// [`Error::Model`] for a threshold that is NaN.
    pub fn from_parts(fitted: TransformerParts, threshold: f64) -> Result<Self, Error> {
        fitted.check_columns()?;
        match threshold.is_nan() {
            true => Err(Error::Model { problem: "its threshold is nan".to_owned() }),
            false => Ok(Binarizer { fitted, threshold }),
        }
    }

    /// Above what a number becomes 1.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }
}

/// Of sparse rows only those cells are looked at that are kept, which takes a threshold that is not
/// negative.
impl Transformer for Binarizer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let above = |value: f64| f64::from(value > self.threshold);
        Ok(match cells_of(self, table, false)? {
            Cells::Dense(numbers) => numbers.mapv(above).into(),
            Cells::Sparse(_) if self.threshold < 0.0 => {
                let problem = "a Binarizer with a threshold below 0 takes no sparse rows";
                return Err(Error::Model { problem: problem.to_owned() });
            }
            Cells::Sparse(rows) => {
                let mut ones = SparseRows::new(self.fitted.n_features)?;
                for (columns, values) in rows.rows() {
                    let cells = columns.iter().zip(values);
                    let cells = cells.filter(|(_, value)| **value > self.threshold);
                    ones.push(cells.map(|(&column, _)| (column, 1.0)))?;
                }
                ones.into()
            }
        })
    }
}

/// scikit-learn's `LabelBinarizer`: a column for each class, in which the rows of the class have one
/// number and all others another; with two classes a single column, for the second.
///
/// ```
/// use picklebook::data::{Column, Frame, Labels};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{LabelBinarizer, TransformerParts};
///
/// let classes = Labels::from(["B", "L", "R"]);
/// let binarizer = LabelBinarizer::from_parts(TransformerParts::new(1), classes, (0, 1))?;
/// let made = binarizer.transform(&Frame::named([("label", Column::from(["R", "?"]))])?)?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelBinarizer {
    fitted: TransformerParts,
    classes: Labels,
    labels: (i64, i64),
}

transformer!(LabelBinarizer);

impl LabelBinarizer {
    /// A binarizer with `classes_`, for a table of one column, and the numbers of rows that are of
    /// another class, and of the class: `neg_label` and `pos_label`.
    ///
    /// # Errors
    /// [`Error::Model`] for classes that do not ascend, and unless `neg_label` is the smaller;
    /// [`Error::Length`] for more than one column.
    pub fn from_parts(
        fitted: TransformerParts,
        classes: Labels,
        (negative, positive): (i64, i64),
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("columns of labels", 1)?;
        check_classes(&classes)?;
        if negative >= positive {
            let problem = format!("neg_label={negative} is not below pos_label={positive}");
            return Err(Error::Model { problem });
        }
        Ok(LabelBinarizer { fitted, classes, labels: (negative, positive) })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }
}

/// A label that is none of the classes is like a row of another class, as in scikit-learn.
impl Transformer for LabelBinarizer {
    fn n_features_out(&self) -> usize {
        if self.classes.len() <= 2 { 1 } else { self.classes.len() }
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        check_table(self, table)?;
        let places: Vec<Option<usize>> = match table.column(0) {
            None => Vec::new(),
            Some(Column::Words(words)) => {
                let place = |word: &Option<String>| {
                    self.classes.place(LabelRef::Text(word.as_deref().unwrap_or_default()))
                };
                words.iter().map(place).collect()
            }
            Some(Column::Numbers(numbers)) => {
                let place = |&number: &f64| {
                    self.classes.place(match &self.classes {
                        Labels::Integers(_) if number.fract() == 0.0 => {
                            LabelRef::Integer(number as i64)
                        }
                        Labels::Booleans(_) if number == 0.0 || number == 1.0 => {
                            LabelRef::Boolean(number == 1.0)
                        }
                        _ => LabelRef::Float(number),
                    })
                };
                numbers.iter().map(place).collect()
            }
        };
        let (negative, positive) = self.labels;
        let shape = (places.len(), self.n_features_out());
        let mut made = Array2::from_elem(shape, negative as f64);
        for (mut row, place) in made.rows_mut().into_iter().zip(places) {
            let column = match (self.classes.len(), place) {
                (_, None) | (1, _) | (2, Some(0)) => continue,
                (2, Some(_)) => 0,
                (_, Some(place)) => place,
            };
            if let Some(cell) = row.get_mut(column) {
                *cell = positive as f64;
            }
        }
        Ok(made.into())
    }
}
