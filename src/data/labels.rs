//! Class labels and other target values: one column, one type.

use std::cmp::Ordering;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::python::float_repr;

/// One value of a target column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// A word, such as the `L` of a scale that tips to the left.
    Text(String),
    /// `true` or `false`; printed as Python prints it.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Label::Text(text) => f.pad(text),
            Label::Boolean(true) => f.pad("True"),
            Label::Boolean(false) => f.pad("False"),
            Label::Integer(integer) => f.pad(&integer.to_string()),
            Label::Float(float) => f.pad(&float_repr(*float)),
        }
    }
}

/// One more than the greatest 64-bit whole number.
const TWO_TO_63: f64 = (1_u64 << 63) as f64;

/// The order of floats as numbers: −0 equals 0, and NaN, as the largest, equals itself.
fn float_order(a: &f64, b: &f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        (a, b) => a.cmp(&b),
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Label::Text(text.to_owned())
    }
}

/// A target column: labels of one type, as scikit-learn's `y` and `classes_` hold them.
///
/// Serialised as a plain list, so that Python sees `['B', 'L', 'R']`.
///
/// ```
/// use picklebook::data::Labels;
///
/// let side = Labels::from(["R", "B", "R", "L"]);
/// assert_eq!(side.classes(), Labels::from(["B", "L", "R"]));
/// assert_eq!(side.codes(&side.classes()), Some(vec![2, 0, 2, 1]));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Labels {
    /// Words.
    Text(Vec<String>),
    /// Booleans.
    Booleans(Vec<bool>),
    /// Whole numbers.
    Integers(Vec<i64>),
    /// Numbers with fractions.
    Floats(Vec<f64>),
}

/// Calls the same code on whichever column is inside.
macro_rules! each {
    ($labels:expr, $column:ident => $body:expr) => {
        match $labels {
            Labels::Text($column) => $body,
            Labels::Booleans($column) => $body,
            Labels::Integers($column) => $body,
            Labels::Floats($column) => $body,
        }
    };
}

impl Labels {
    /// The number of labels.
    pub fn len(&self) -> usize {
        each!(self, column => column.len())
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The label at `index`, or `None` past the end.
    pub fn get(&self, index: usize) -> Option<Label> {
        match self {
            Labels::Text(column) => column.get(index).cloned().map(Label::Text),
            Labels::Booleans(column) => column.get(index).copied().map(Label::Boolean),
            Labels::Integers(column) => column.get(index).copied().map(Label::Integer),
            Labels::Floats(column) => column.get(index).copied().map(Label::Float),
        }
    }

    /// All labels in order.
    pub fn iter(&self) -> impl Iterator<Item = Label> + '_ {
        (0..self.len()).filter_map(|index| self.get(index))
    }

    /// The distinct labels in ascending order, as `numpy.unique` and `classes_` have them.
    /// Among floats −0 is 0, and NaN comes last.
    pub fn classes(&self) -> Labels {
        fn unique<T: Clone>(column: &[T], order: impl Fn(&T, &T) -> Ordering + Copy) -> Vec<T> {
            let mut sorted = column.to_vec();
            sorted.sort_unstable_by(order);
            sorted.dedup_by(|a, b| order(a, b).is_eq());
            sorted
        }
        match self {
            Labels::Text(column) => Labels::Text(unique(column, String::cmp)),
            Labels::Booleans(column) => Labels::Booleans(unique(column, bool::cmp)),
            Labels::Integers(column) => Labels::Integers(unique(column, i64::cmp)),
            Labels::Floats(column) => Labels::Floats(unique(column, float_order)),
        }
    }

    /// Each label's place in `classes` (sorted ascending, as [`classes`](Self::classes)
    /// returns them), or `None` when a label is not among them or of another type.
    pub fn codes(&self, classes: &Labels) -> Option<Vec<usize>> {
        fn places<T>(
            column: &[T],
            classes: &[T],
            order: impl Fn(&T, &T) -> Ordering,
        ) -> Option<Vec<usize>> {
            let place = |label| classes.binary_search_by(|class| order(class, label)).ok();
            column.iter().map(place).collect()
        }
        match (self, classes) {
            (Labels::Text(column), Labels::Text(classes)) => places(column, classes, String::cmp),
            (Labels::Booleans(column), Labels::Booleans(classes)) => {
                places(column, classes, bool::cmp)
            }
            (Labels::Integers(column), Labels::Integers(classes)) => {
                places(column, classes, i64::cmp)
            }
            (Labels::Floats(column), Labels::Floats(classes)) => {
                places(column, classes, float_order)
            }
            _ => None,
        }
    }

    /// The place of the first label that is no class but a quantity: a float that is not a 64-bit
    /// whole number. These are the floats that scikit-learn's classifiers and metrics refuse.
    ///
    /// ```
    /// use picklebook::data::Labels;
    ///
    /// assert_eq!(Labels::from(vec![1.0, -2.0]).first_quantity(), None);
    /// assert_eq!(Labels::from(vec![1.0, 0.5, 1e300]).first_quantity(), Some(1));
    /// ```
    pub fn first_quantity(&self) -> Option<usize> {
        let class = |label: f64| label.fract() == 0.0 && (-TWO_TO_63..TWO_TO_63).contains(&label);
        match self {
            Labels::Floats(column) => column.iter().position(|&label| !class(label)),
            Labels::Text(_) | Labels::Booleans(_) | Labels::Integers(_) => None,
        }
    }

    /// The labels at `indices`, in that order; `None` when an index is past the end.
    pub fn take(&self, indices: &[usize]) -> Option<Labels> {
        fn pick<T: Clone>(column: &[T], indices: &[usize]) -> Option<Vec<T>> {
            indices.iter().map(|&i| column.get(i).cloned()).collect()
        }
        Some(match self {
            Labels::Text(column) => Labels::Text(pick(column, indices)?),
            Labels::Booleans(column) => Labels::Booleans(pick(column, indices)?),
            Labels::Integers(column) => Labels::Integers(pick(column, indices)?),
            Labels::Floats(column) => Labels::Floats(pick(column, indices)?),
        })
    }

    /// These labels and then `others`; `None` when they are of another type.
    pub fn concat(&self, others: &Labels) -> Option<Labels> {
        Some(match (self, others) {
            (Labels::Text(a), Labels::Text(b)) => Labels::Text([a.as_slice(), b].concat()),
            (Labels::Booleans(a), Labels::Booleans(b)) => {
                Labels::Booleans([a.as_slice(), b].concat())
            }
            (Labels::Integers(a), Labels::Integers(b)) => {
                Labels::Integers([a.as_slice(), b].concat())
            }
            (Labels::Floats(a), Labels::Floats(b)) => Labels::Floats([a.as_slice(), b].concat()),
            _ => return None,
        })
    }

    /// What the column holds, in one word: `text`, `booleans`, `integers` or `floats`.
    pub fn kind(&self) -> &'static str {
        match self {
            Labels::Text(_) => "text",
            Labels::Booleans(_) => "booleans",
            Labels::Integers(_) => "integers",
            Labels::Floats(_) => "floats",
        }
    }
}

impl From<Vec<String>> for Labels {
    fn from(column: Vec<String>) -> Self {
        Labels::Text(column)
    }
}

impl From<&[&str]> for Labels {
    fn from(column: &[&str]) -> Self {
        Labels::Text(column.iter().map(|&label| label.to_owned()).collect())
    }
}

impl<const N: usize> From<[&str; N]> for Labels {
    fn from(column: [&str; N]) -> Self {
        Labels::from(column.as_slice())
    }
}

impl From<Vec<&str>> for Labels {
    fn from(column: Vec<&str>) -> Self {
        Labels::from(column.as_slice())
    }
}

impl From<Vec<bool>> for Labels {
    fn from(column: Vec<bool>) -> Self {
        Labels::Booleans(column)
    }
}

impl From<Vec<i64>> for Labels {
    fn from(column: Vec<i64>) -> Self {
        Labels::Integers(column)
    }
}

impl From<Vec<f64>> for Labels {
    fn from(column: Vec<f64>) -> Self {
        Labels::Floats(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_python() {
        let printed = [
            (1.0, "1.0"),
            (-0.5, "-0.5"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (2.5e-7, "2.5e-07"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (float, text) in printed {
            assert_eq!(Label::Float(float).to_string(), text);
        }
    }

    #[test]
    fn classes_are_whole_numbers_of_64_bits() {
        let most = TWO_TO_63.next_down();
        for class in [0.0, -0.0, 1.0, -7.0, 1e18, most, -TWO_TO_63] {
            assert_eq!(Labels::from(vec![class]).first_quantity(), None, "{class}");
        }
        let quantities = [0.5, 1e-300, TWO_TO_63, (-TWO_TO_63).next_down(), 1e300, f64::INFINITY];
        for quantity in quantities.into_iter().chain([f64::NEG_INFINITY, f64::NAN]) {
            assert_eq!(Labels::from(vec![1.0, quantity]).first_quantity(), Some(1), "{quantity}");
        }
        assert_eq!(Labels::from(["0.5"]).first_quantity(), None);
    }

    #[test]
    fn zero_has_one_class() {
        let labels = Labels::from(vec![0.0, -0.0, f64::NAN, 1.0, f64::NAN]);
        assert_eq!(labels.classes().len(), 3);
        assert_eq!(labels.codes(&labels.classes()), Some(vec![0, 0, 2, 1, 2]));
    }
}
