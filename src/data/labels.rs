//! Class labels and other target values: one column, one type.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::python::float_repr;

/// One value of a target column.
///
/// It compares with another of its kind, and with what it may hold:
///
/// ```
/// use picklebook::data::Label;
///
/// let side = Label::from("R");
/// assert!(side == "R" && side != "B" && side != 1);
/// ```
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
        LabelRef::from(self).fmt(f)
    }
}

/// One value of a target column, borrowed from it; what [`Labels::iter`] gives.
///
/// It compares with a [`Label`], with another of its kind, and with what it may hold:
///
/// ```
/// use picklebook::data::Labels;
///
/// let side = Labels::from(["R", "B", "R", "L"]);
/// assert_eq!(side.iter().filter(|label| label == "R").count(), 2);
/// assert!(Labels::from(vec![3, 5]).iter().all(|label| label != 4));
/// ```
#[derive(Clone, Copy, PartialEq)]
pub enum LabelRef<'a> {
    /// A word, such as the `L` of a scale that tips to the left.
    Text(&'a str),
    /// `true` or `false`; printed as Python prints it.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
}

impl LabelRef<'_> {
    /// The same label with a text of its own.
    pub fn to_label(self) -> Label {
        match self {
            LabelRef::Text(text) => Label::Text(text.to_owned()),
            LabelRef::Boolean(boolean) => Label::Boolean(boolean),
            LabelRef::Integer(integer) => Label::Integer(integer),
            LabelRef::Float(float) => Label::Float(float),
        }
    }
}

impl fmt::Display for LabelRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabelRef::Text(text) => f.pad(text),
            LabelRef::Boolean(true) => f.pad("True"),
            LabelRef::Boolean(false) => f.pad("False"),
            LabelRef::Integer(integer) => f.pad(&integer.to_string()),
            LabelRef::Float(float) => f.pad(&float_repr(*float)),
        }
    }
}

impl<'a> From<&'a Label> for LabelRef<'a> {
    fn from(label: &'a Label) -> Self {
        match label {
            Label::Text(text) => LabelRef::Text(text),
            Label::Boolean(boolean) => LabelRef::Boolean(*boolean),
            Label::Integer(integer) => LabelRef::Integer(*integer),
            Label::Float(float) => LabelRef::Float(*float),
        }
    }
}

impl From<LabelRef<'_>> for Label {
    fn from(label: LabelRef<'_>) -> Self {
        label.to_label()
    }
}

impl PartialEq<Label> for LabelRef<'_> {
    fn eq(&self, other: &Label) -> bool {
        *self == LabelRef::from(other)
    }
}

/// A label equals a plain value of the same type.
macro_rules! equals {
    ($($plain:ty: $variant:ident($inner:ident) => $same:expr, $other:ident;)*) => {$(
        impl PartialEq<$plain> for LabelRef<'_> {
            fn eq(&self, $other: &$plain) -> bool {
                matches!(self, LabelRef::$variant($inner) if $same)
            }
        }

        impl PartialEq<$plain> for Label {
            fn eq(&self, other: &$plain) -> bool {
                LabelRef::from(self) == *other
            }
        }
    )*};
}

impl PartialEq<str> for LabelRef<'_> {
    fn eq(&self, other: &str) -> bool {
        *self == other
    }
}

impl PartialEq<str> for Label {
    fn eq(&self, other: &str) -> bool {
        *self == other
    }
}

equals! {
    &str: Text(text) => text == other, other;
    bool: Boolean(boolean) => boolean == other, other;
    i64: Integer(integer) => integer == other, other;
    f64: Float(float) => float == other, other;
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
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
        self.get_ref(index).map(LabelRef::to_label)
    }

    /// The label at `index`, borrowed, or `None` past the end.
    ///
    /// ```
    /// use picklebook::data::Labels;
    ///
    /// let side = Labels::from(["R", "B"]);
    /// assert!(side.get_ref(1).is_some_and(|label| label == "B"));
    /// assert!(side.get_ref(2).is_none());
    /// ```
    pub fn get_ref(&self, index: usize) -> Option<LabelRef<'_>> {
        match self {
            Labels::Text(column) => column.get(index).map(|text| LabelRef::Text(text)),
            Labels::Booleans(column) => column.get(index).copied().map(LabelRef::Boolean),
            Labels::Integers(column) => column.get(index).copied().map(LabelRef::Integer),
            Labels::Floats(column) => column.get(index).copied().map(LabelRef::Float),
        }
    }

    /// All labels in order, borrowed.
    ///
    /// ```
    /// use picklebook::data::Labels;
    ///
    /// let side = Labels::from(["R", "B", "R"]);
    /// let printed: Vec<String> = side.iter().map(|label| label.to_string()).collect();
    /// assert_eq!(printed.join(" "), "R B R");
    /// ```
    pub fn iter(&self) -> LabelIter<'_> {
        LabelIter { labels: self, ahead: 0..self.len() }
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

    /// The place of a label among classes that are ascending and distinct.
    pub(crate) fn place(&self, label: LabelRef<'_>) -> Option<usize> {
        match (self, label) {
            (Labels::Text(classes), LabelRef::Text(label)) => {
                classes.binary_search_by(|class| class.as_str().cmp(label)).ok()
            }
            (Labels::Booleans(classes), LabelRef::Boolean(label)) => {
                classes.binary_search(&label).ok()
            }
            (Labels::Integers(classes), LabelRef::Integer(label)) => {
                classes.binary_search(&label).ok()
            }
            (Labels::Floats(classes), LabelRef::Float(label)) => {
                classes.binary_search_by(|class| float_order(class, &label)).ok()
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

    /// The labels as numbers, which a regressor learns and its estimates are compared with: floats,
    /// whole numbers, or texts that all hold a finite number; `None` for other labels.
    ///
    /// ```
    /// use picklebook::data::Labels;
    ///
    /// assert_eq!(Labels::from(vec![1, 2]).to_numbers(), Some(vec![1.0, 2.0]));
    /// assert_eq!(Labels::from(["2.50", "x"]).to_numbers(), None);
    /// ```
    pub fn to_numbers(&self) -> Option<Vec<f64>> {
        let number = |text: &String| text.parse().ok().filter(|number: &f64| number.is_finite());
        match self {
            Labels::Text(column) => column.iter().map(number).collect(),
            Labels::Booleans(_) => None,
            Labels::Integers(column) => Some(column.iter().map(|&number| number as f64).collect()),
            Labels::Floats(column) => Some(column.clone()),
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

/// The labels in brackets, as many as a line holds, and how many there are where some are left out.
///
/// ```
/// use picklebook::data::Labels;
///
/// assert_eq!(Labels::from(["R", "B"]).to_string(), "[R, B]");
/// assert_eq!(Labels::from(vec![7; 100]).to_string(), "[7, 7, 7, 7, 7, 7, 7, 7, 7, 7, … of 100]");
/// ```
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MOST: usize = 20;
        let shown = if self.len() > MOST { MOST / 2 } else { self.len() };
        f.write_str("[")?;
        for (place, label) in self.iter().take(shown).enumerate() {
            let separator = if place == 0 { "" } else { ", " };
            write!(f, "{separator}{label}")?;
        }
        match shown < self.len() {
            true => write!(f, ", … of {}]", self.len()),
            false => f.write_str("]"),
        }
    }
}

/// The labels of a column in order; made by [`Labels::iter`].
///
/// ```
/// use picklebook::data::Labels;
///
/// let side = Labels::from(["R", "B", "L"]);
/// assert!(side.iter().next_back().is_some_and(|label| label == "L"));
/// assert_eq!(side.iter().len(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct LabelIter<'a> {
    labels: &'a Labels,
    ahead: Range<usize>,
}

impl<'a> Iterator for LabelIter<'a> {
    type Item = LabelRef<'a>;

    fn next(&mut self) -> Option<LabelRef<'a>> {
        self.labels.get_ref(self.ahead.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ahead.size_hint()
    }

    fn nth(&mut self, skipped: usize) -> Option<LabelRef<'a>> {
        self.labels.get_ref(self.ahead.nth(skipped)?)
    }
}

impl DoubleEndedIterator for LabelIter<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        self.labels.get_ref(self.ahead.next_back()?)
    }
}

impl ExactSizeIterator for LabelIter<'_> {}

impl<'a> IntoIterator for &'a Labels {
    type Item = LabelRef<'a>;
    type IntoIter = LabelIter<'a>;

    fn into_iter(self) -> LabelIter<'a> {
        self.iter()
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
    fn labels_compare_with_what_they_hold() {
        let text = Labels::from(["R", "1"]);
        assert!(text.iter().map(|label| label == "R").eq([true, false]));
        assert!(text.get(0).is_some_and(|label| label == "R"));
        assert!(text.iter().all(|label| label != 1 && label != 1.0 && label != true));
        assert!(Labels::from(vec![1]).iter().all(|label| label == 1 && label != "1"));
        assert!(Labels::from(vec![0.5]).iter().all(|label| label == 0.5));
        assert!(Labels::from(vec![true]).iter().all(|label| label == true));
        let nan = Labels::from(vec![f64::NAN]);
        assert!(nan.iter().zip(&nan).all(|(a, b)| a != b));
        assert!(text.iter().zip(&text).all(|(a, b)| a == b.to_label()));
        assert_eq!(text.iter().rev().map(LabelRef::to_label).next(), text.get(1));
        assert_eq!(text.iter().nth(1).map(Label::from), text.get(1));
    }

    #[test]
    fn zero_has_one_class() {
        let labels = Labels::from(vec![0.0, -0.0, f64::NAN, 1.0, f64::NAN]);
        assert_eq!(labels.classes().len(), 3);
        assert_eq!(labels.codes(&labels.classes()), Some(vec![0, 0, 2, 1, 2]));
    }

    #[test]
    fn classes_are_distinct_and_ascending_and_codes_are_their_places() {
        let columns: [(Labels, Labels, &[usize]); 5] = [
            (["b", "a", "B", "ä", "b"].into(), ["B", "a", "b", "ä"].into(), &[2, 1, 0, 3, 2]),
            (vec![true, false, true].into(), vec![false, true].into(), &[1, 0, 1]),
            (vec![3, -1, i64::MIN, 3].into(), vec![i64::MIN, -1, 3].into(), &[2, 1, 0, 2]),
            (vec![0.5, f64::NEG_INFINITY].into(), vec![f64::NEG_INFINITY, 0.5].into(), &[1, 0]),
            (Vec::<i64>::new().into(), Vec::<i64>::new().into(), &[]),
        ];
        for (column, classes, codes) in columns {
            assert_eq!(column.classes(), classes);
            assert_eq!(column.codes(&classes).as_deref(), Some(codes));
        }
        let letters = Labels::from(["a", "b"]);
        assert_eq!(letters.codes(&["a"].into()), None, "b is not among them");
        assert_eq!(letters.codes(&vec![1, 2].into()), None, "of another type");
    }

    #[test]
    fn columns_are_cut_and_put_together_within_one_type() {
        let columns: [(Labels, &str); 4] = [
            (["a", "b", "c"].into(), "text"),
            (vec![true, false, true].into(), "booleans"),
            (vec![1, 2, 3].into(), "integers"),
            (vec![1.0, 2.0, 3.0].into(), "floats"),
        ];
        for (column, kind) in &columns {
            assert_eq!((column.kind(), column.len(), column.is_empty()), (*kind, 3, false));
            let taken = column.take(&[2, 0, 2]).expect("there are three");
            let labels: Vec<Label> = taken.iter().map(Label::from).collect();
            let expected = [column.get(2), column.get(0), column.get(2)].map(Option::unwrap);
            assert_eq!(labels, expected);
            assert_eq!((column.take(&[3]), column.get(3)), (None, None));
            for (other, other_kind) in &columns {
                let both = column.concat(other).map(|both| both.len());
                assert_eq!(both, (kind == other_kind).then_some(6), "{kind} and {other_kind}");
            }
        }
    }
}
