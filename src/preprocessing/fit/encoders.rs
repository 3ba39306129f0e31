//! How encoders of categories are fitted.

use super::{Error, check_shape, column_name, fitted};
use crate::data::{Column, Frame};
use crate::model::Parameter;
use crate::model::fit::fits_tables;
use crate::preprocessing::{
    Categories, OneHotEncoder, OneHotParts, OrdinalEncoder, OrdinalParts, Unknown,
};
use crate::python::float_repr;
use crate::tree::Samples;

/// Which categories are rare: the parameters `min_frequency` and `max_categories`.
#[derive(Debug, Clone, Default, PartialEq)]
struct Rare {
    min_frequency: Option<Samples>,
    max_categories: Option<usize>,
}

impl Rare {
    fn check(&self) -> Result<(), Error> {
        let expected = "a count of at least 1, or a fraction above 0 and below 1";
        let bad = |value: String| Err(Error::Parameter { name: "min_frequency", value, expected });
        match self.min_frequency {
            Some(Samples::Count(0)) => return bad("0".to_owned()),
            Some(Samples::Fraction(it)) if it.is_nan() || it <= 0.0 || it >= 1.0 => {
                return bad(float_repr(it));
            }
            _ => {}
        }
        match self.max_categories {
            Some(0) => {
                let (value, expected) = ("0".to_owned(), "at least 1");
                Err(Error::Parameter { name: "max_categories", value, expected })
            }
            _ => Ok(()),
        }
    }

    fn any(&self) -> bool {
        self.min_frequency.is_some() || self.max_categories.is_some()
    }

    fn parameters(&self) -> [(&'static str, Parameter); 2] {
        let least = match self.min_frequency {
            None => Parameter::None,
            Some(Samples::Count(count)) => Parameter::Integer(count as i64),
            Some(Samples::Fraction(fraction)) => Parameter::Float(fraction),
        };
        let most = self.max_categories.map_or(Parameter::None, |it| Parameter::Integer(it as i64));
        [("min_frequency", least), ("max_categories", most)]
    }

    /// The places of the rare ones, if there are any: `_identify_infrequent`.
    fn places(&self, counts: &[usize], rows: usize) -> Option<Vec<usize>> {
        let below = |count: usize| match self.min_frequency {
            None => false,
            Some(Samples::Count(least)) => count < least,
            Some(Samples::Fraction(fraction)) => (count as f64) < rows as f64 * fraction,
        };
        let mut rare: Vec<bool> = counts.iter().map(|&count| below(count)).collect();
        let kept = counts.len() - rare.iter().filter(|rare| **rare).count() + 1;
        if let Some(most) = self.max_categories.filter(|&most| most < kept) {
            // the rare ones together take one place
            let mut ascending: Vec<usize> = (0..counts.len()).collect();
            ascending.sort_by_key(|&place| counts.get(place));
            let rarest = counts.len().saturating_sub(most - 1);
            for &place in ascending.iter().take(rarest) {
                if let Some(rare) = rare.get_mut(place) {
                    *rare = true;
                }
            }
        }
        let places: Vec<usize> =
            rare.iter().enumerate().filter(|(_, rare)| **rare).map(|(place, _)| place).collect();
        (!places.is_empty()).then_some(places)
    }
}

/// The categories of a column, ascending and a missing value last, and how often each is there.
fn categories(
    model: &'static str,
    table: &Frame,
    place: usize,
) -> Result<(Categories, Vec<usize>), Error> {
    match table.column(place) {
        Some(Column::Words(mut words)) => {
            words.sort_unstable_by(|a, b| (a.is_none(), a).cmp(&(b.is_none(), b)));
            let counts = words.chunk_by(|a, b| a == b).map(<[_]>::len).collect();
            words.dedup();
            Ok((Categories::Words(words), counts))
        }
        Some(Column::Numbers(mut numbers)) => {
            if let Some(row) = numbers.iter().position(|number| number.is_infinite()) {
                let (column, value) = (column_name(table, place), numbers[row]);
                return Err(Error::NotFinite { row, column, value, model });
            }
            // both zeros are one category, and so are all NaNs
            let same = |a: &f64, b: &f64| a == b || (a.is_nan() && b.is_nan());
            let order = |a: &f64, b: &f64| {
                a.is_nan()
                    .cmp(&b.is_nan())
                    .then(a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal))
            };
            numbers.sort_by(order);
            let counts = numbers.chunk_by(same).map(<[_]>::len).collect();
            numbers.dedup_by(|b, a| same(a, b));
            Ok((Categories::Numbers(numbers), counts))
        }
        None => Ok((Categories::Numbers(Vec::new()), Vec::new())),
    }
}

/// The setters of [`Rare`].
macro_rules! rare_setters {
    ($params:ident) => {
        impl $params {
            /// Categories with fewer rows than this share one number; none by default.
            pub fn min_frequency(mut self, rows: usize) -> Self {
                self.rare.min_frequency = Some(Samples::Count(rows));
                self
            }

            /// Categories with a smaller fraction of the rows than this share one number.
            pub fn min_frequency_fraction(mut self, fraction: f64) -> Self {
                self.rare.min_frequency = Some(Samples::Fraction(fraction));
                self
            }

            /// A column has at most this many numbers: the rarest of its categories share the last.
            pub fn max_categories(mut self, most: usize) -> Self {
                self.rare.max_categories = Some(most);
                self
            }
        }
    };
}

/// Which category of a column has no column of its own: the parameter `drop`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DropCategory {
    /// The first of each column.
    First,
    /// The first of each column that has two.
    IfBinary,
}

/// The parameters of a [`OneHotEncoder`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::OneHotEncoder;
///
/// let table = Frame::named([("colour", Column::from(["red", "blue", "red"]))])?;
/// let encoder = OneHotEncoder::params().fit(&table)?;
/// let names = encoder.feature_names_out(None).expect("names");
/// assert_eq!(names, ["colour_blue", "colour_red"]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotEncoderParams {
    drop: Option<DropCategory>,
    sparse_output: bool,
    unknown: Unknown,
    rare: Rare,
}

impl Default for OneHotEncoderParams {
    fn default() -> Self {
        let (unknown, rare) = (Unknown::Error, Rare::default());
        OneHotEncoderParams { drop: None, sparse_output: true, unknown, rare }
    }
}

rare_setters!(OneHotEncoderParams);

impl OneHotEncoder {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> OneHotEncoderParams {
        OneHotEncoderParams::default()
    }
}

crate::model::fit::shown_as_estimator!(OneHotEncoderParams: "OneHotEncoder");

impl OneHotEncoderParams {
    /// Which category of a column has no column of its own; all have one by default.
    pub fn drop(mut self, drop: DropCategory) -> Self {
        self.drop = Some(drop);
        self
    }

    /// Whether it gives sparse rows, as by default.
    pub fn sparse_output(mut self, sparse: bool) -> Self {
        self.sparse_output = sparse;
        self
    }

    /// What becomes of a category that the fit did not see: an error by default,
    /// [`Unknown::Ignore`] or [`Unknown::Infrequent`].
    pub fn handle_unknown(mut self, unknown: Unknown) -> Self {
        self.unknown = unknown;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let unknown = match self.unknown {
            Unknown::Ignore => "ignore",
            Unknown::Infrequent => "infrequent_if_exist",
            // a value is refused
            Unknown::Error | Unknown::Value(_) => "error",
        };
        let drop = match self.drop {
            None => Parameter::None,
            Some(DropCategory::First) => "first".into(),
            Some(DropCategory::IfBinary) => "if_binary".into(),
        };
        let [least, most] = self.rare.parameters();
        vec![
            ("categories", "auto".into()),
            ("sparse_output", Parameter::Boolean(self.sparse_output)),
            ("dtype", Parameter::Other("float64".to_owned())),
            ("handle_unknown", unknown.into()),
            ("drop", drop),
            least,
            most,
            ("feature_name_combiner", "concat".into()),
        ]
    }

    /// Learns the categories of each column: ascending, a missing value last.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter that is out of range, [`Error::Empty`] without rows or
    /// columns, [`Error::NotFinite`] for an infinite number, [`Error::TooMany`] for more than 2²⁴
    /// categories.
    pub fn fit(&self, table: &Frame) -> Result<OneHotEncoder, Error> {
        self.rare.check()?;
        if let Unknown::Value(value) = self.unknown {
            let (value, expected) = (float_repr(value), "Error, Ignore or Infrequent");
            return Err(Error::Parameter { name: "handle_unknown", value, expected });
        }
        check_shape(table.shape())?;
        let (rows, columns) = table.shape();
        let mut parts = OneHotParts { unknown: self.unknown, ..OneHotParts::new(Vec::new()) };
        for column in 0..columns {
            let (categories, counts) = categories("OneHotEncoder", table, column)?;
            let rare = self.rare.places(&counts, rows);
            let numbers = counts.len() + 1 - rare.as_ref().map_or(1, Vec::len);
            match self.drop {
                None => {}
                Some(DropCategory::First) => parts.drop.push(Some(0)),
                Some(DropCategory::IfBinary) => parts.drop.push((numbers == 2).then_some(0)),
            }
            if self.rare.any() {
                parts.infrequent.push(rare);
            }
            parts.categories.push(categories);
        }
        let made = OneHotEncoder::from_parts(fitted(table, self.named()), parts)?;
        Ok(made.with_kind(crate::data::Precision::Double, self.sparse_output))
    }
}

fits_tables!(OneHotEncoderParams);

/// The parameters of an [`OrdinalEncoder`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::OrdinalEncoder;
///
/// let table = Frame::named([("colour", Column::from(["red", "blue", "red"]))])?;
/// let encoder = OrdinalEncoder::params().unknown_value(-1.0).fit(&table)?;
/// let made = encoder.transform(&Frame::named([("colour", Column::from(["red", "green"]))])?)?;
/// assert_eq!(made.column(0), Some(Column::from([1.0, -1.0])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OrdinalEncoderParams {
    unknown: Option<f64>,
    missing: f64,
    rare: Rare,
}

impl Default for OrdinalEncoderParams {
    fn default() -> Self {
        OrdinalEncoderParams { unknown: None, missing: f64::NAN, rare: Rare::default() }
    }
}

rare_setters!(OrdinalEncoderParams);

impl OrdinalEncoder {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> OrdinalEncoderParams {
        OrdinalEncoderParams::default()
    }
}

crate::model::fit::shown_as_estimator!(OrdinalEncoderParams: "OrdinalEncoder");

impl OrdinalEncoderParams {
    /// The number of a category that the fit did not see, a whole one or NaN:
    /// `handle_unknown="use_encoded_value"`. It is an error by default.
    pub fn unknown_value(mut self, value: f64) -> Self {
        self.unknown = Some(value);
        self
    }

    /// The number of a missing value; NaN by default.
    pub fn encoded_missing_value(mut self, value: f64) -> Self {
        self.missing = value;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let [least, most] = self.rare.parameters();
        let (handle, value) = match self.unknown {
            None => ("error", Parameter::None),
            Some(value) if value.is_nan() => ("use_encoded_value", Parameter::Float(value)),
            Some(value) => ("use_encoded_value", Parameter::Integer(value as i64)),
        };
        let parameters = vec![
            ("categories", "auto".into()),
            ("dtype", Parameter::Other("float64".to_owned())),
            ("handle_unknown", handle.into()),
            ("unknown_value", value),
            ("encoded_missing_value", Parameter::Float(self.missing)),
            least,
            most,
        ];
        parameters
    }

    /// Learns the categories of each column: ascending, a missing value last.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter that is out of range, and for the number of an unknown
    /// category or a missing value that is that of another category, [`Error::Empty`] without rows or
    /// columns, [`Error::NotFinite`] for an infinite number.
    pub fn fit(&self, table: &Frame) -> Result<OrdinalEncoder, Error> {
        self.rare.check()?;
        if let Some(value) = self.unknown.filter(|value| !value.is_nan() && value.fract() != 0.0) {
            let (value, expected) = (float_repr(value), "a whole number or NaN");
            return Err(Error::Parameter { name: "unknown_value", value, expected });
        }
        check_shape(table.shape())?;
        let (rows, columns) = table.shape();
        let mut parts = OrdinalParts::new(Vec::new());
        parts.unknown = self.unknown.map_or(Unknown::Error, Unknown::Value);
        parts.missing = self.missing;
        for column in 0..columns {
            let (categories, mut counts) = categories("OrdinalEncoder", table, column)?;
            let missing = categories.missing().is_some();
            if missing {
                // a missing value is not among the rare ones
                counts.pop();
            }
            let rare = self.rare.places(&counts, rows);
            let numbers = counts.len() - rare.as_ref().map_or(0, Vec::len);
            let taken = |value: f64| value >= 0.0 && value < numbers as f64;
            let expected = "no number of a category that the fit saw";
            if let Some(value) = self.unknown.filter(|&value| taken(value)) {
                let value = float_repr(value);
                return Err(Error::Parameter { name: "unknown_value", value, expected });
            }
            if missing && taken(self.missing) {
                let (name, value) = ("encoded_missing_value", float_repr(self.missing));
                return Err(Error::Parameter { name, value, expected });
            }
            if self.rare.any() {
                parts.infrequent.push(rare);
            }
            parts.categories.push(categories);
        }
        OrdinalEncoder::from_parts(fitted(table, self.named()), parts)
    }
}

fits_tables!(OrdinalEncoderParams);
