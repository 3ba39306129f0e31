//! Categories as numbers: one for each, or a column for each.

use std::collections::HashMap;

use ndarray::Array2;

use super::{Error, TransformerParts, check_table, column_name, transformer};
use crate::data::{Column, Frame, Precision};
use crate::model::{Model, Transformer};
use crate::python::{float_repr, text_repr};

/// The categories of a column, in the order of their numbers: one of `categories_`.
///
/// Booleans are the numbers 0 and 1. A missing value may be a category: NaN, or `None` among words.
#[derive(Debug, Clone, PartialEq)]
pub enum Categories {
    /// Numbers.
    Numbers(Vec<f64>),
    /// Words.
    Words(Vec<Option<String>>),
}

impl<const N: usize> From<[&str; N]> for Categories {
    fn from(words: [&str; N]) -> Self {
        Categories::Words(words.iter().map(|&word| Some(word.to_owned())).collect())
    }
}

impl<const N: usize> From<[f64; N]> for Categories {
    fn from(numbers: [f64; N]) -> Self {
        Categories::Numbers(numbers.to_vec())
    }
}

impl Categories {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Categories::Numbers(numbers) => numbers.len(),
            Categories::Words(words) => words.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the missing value among them.
    pub(crate) fn missing(&self) -> Option<usize> {
        match self {
            Categories::Numbers(numbers) => numbers.iter().position(|number| number.is_nan()),
            Categories::Words(words) => words.iter().position(Option::is_none),
        }
    }
}

/// The places of the categories of a column.
#[derive(Debug, Clone, PartialEq)]
enum Places {
    Numbers(HashMap<u64, usize>),
    Words(HashMap<String, usize>),
}

/// The bits of a number, the same for both zeros.
fn number_key(number: f64) -> u64 {
    (number + 0.0).to_bits()
}

/// A column of categories as an encoder knows it.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    categories: Categories,
    places: Places,
    missing: Option<usize>,
    /// Whether the missing value is a category apart, which does not have a number as the others.
    apart: bool,
    /// The categories that are too rare to have a number of their own: `_infrequent_indices`.
    infrequent: Option<Vec<usize>>,
    /// The number of each category where the rare ones share the last: `
    /// _default_to_infrequent_mappings`.
    mapping: Option<Vec<usize>>,
}

impl Known {
    fn new(
        categories: Categories,
        infrequent: Option<Vec<usize>>,
        missing_apart: bool,
    ) -> Result<Self, String> {
        let twice = || "two of them are the same".to_owned();
        let places = match &categories {
            Categories::Numbers(numbers) => {
                let mut places = HashMap::with_capacity(numbers.len());
                for (place, &number) in numbers.iter().enumerate().filter(|(_, n)| !n.is_nan()) {
                    if places.insert(number_key(number), place).is_some() {
                        return Err(twice());
                    }
                }
                Places::Numbers(places)
            }
            Categories::Words(words) => {
                let mut places = HashMap::with_capacity(words.len());
                for (place, word) in words.iter().enumerate() {
                    let Some(word) = word else { continue };
                    if places.insert(word.clone(), place).is_some() {
                        return Err(twice());
                    }
                }
                Places::Words(places)
            }
        };
        let missing = categories.missing();
        let missings = match &categories {
            Categories::Numbers(numbers) => numbers.iter().filter(|n| n.is_nan()).count(),
            Categories::Words(words) => words.iter().filter(|word| word.is_none()).count(),
        };
        if missings > 1 {
            return Err(twice());
        }
        let mapping = match &infrequent {
            None => None,
            Some(rare) => {
                // a missing value that has a number of its own is not among those that share
                let apart = missing_apart && missing.is_some();
                let count = categories.len() - usize::from(apart);
                let ascending = rare.is_sorted_by(|a, b| a < b);
                if rare.is_empty() || !ascending || rare.last().is_none_or(|&last| last >= count) {
                    return Err("the infrequent ones are not among them".to_owned());
                }
                let frequent = count - rare.len();
                let mut next = 0;
                let number = |place: usize| match rare.binary_search(&place) {
                    Ok(_) => frequent,
                    Err(_) => {
                        next += 1;
                        next - 1
                    }
                };
                Some((0..count).map(number).collect())
            }
        };
        Ok(Known { categories, places, missing, apart: missing_apart, infrequent, mapping })
    }

    /// How many numbers there are: the rare categories share one.
    fn count(&self) -> usize {
        match &self.infrequent {
            Some(rare) => self.categories.len() - rare.len() + 1,
            None => self.categories.len(),
        }
    }

    /// The place of each row's category; `None` for one that is not known.
    fn places(&self, column: &Column) -> Vec<Option<usize>> {
        match (&self.places, column) {
            (Places::Numbers(places), Column::Numbers(numbers)) => {
                let place = |&number: &f64| match number.is_nan() {
                    true => self.missing,
                    false => places.get(&number_key(number)).copied(),
                };
                numbers.iter().map(place).collect()
            }
            (Places::Words(places), Column::Words(words)) => {
                let place = |word: &Option<String>| match word {
                    None => self.missing,
                    Some(word) => places.get(word).copied(),
                };
                words.iter().map(place).collect()
            }
            // a value of another kind is none that the fit saw, unless it is missing
            (Places::Words(_), Column::Numbers(numbers)) => {
                numbers.iter().map(|number| self.missing.filter(|_| number.is_nan())).collect()
            }
            (Places::Numbers(_), Column::Words(words)) => {
                words.iter().map(|word| self.missing.filter(|_| word.is_none())).collect()
            }
        }
    }

    /// The number of a category at a place.
    fn number(&self, place: usize) -> usize {
        self.mapping.as_ref().and_then(|mapping| mapping.get(place).copied()).unwrap_or(place)
    }
}

/// The categories of all columns.
fn known(
    fitted: &TransformerParts,
    categories: Vec<Categories>,
    infrequent: Vec<Option<Vec<usize>>>,
    missing_apart: impl Fn(usize) -> bool,
) -> Result<Vec<Known>, Error> {
    fitted.check_columns()?;
    fitted.one_each("lists of categories", categories.len())?;
    if !infrequent.is_empty() {
        fitted.one_each("lists of infrequent categories", infrequent.len())?;
    }
    let infrequent = infrequent.into_iter().chain(std::iter::repeat(None));
    let columns = categories.into_iter().zip(infrequent).enumerate();
    let known = |(column, (categories, infrequent))| {
        Known::new(categories, infrequent, missing_apart(column)).map_err(|problem| {
            let problem = format!("the categories of column {column}: {problem}");
            Error::Model { problem }
        })
    };
    columns.map(known).collect()
}

/// The error for a row whose category is not known.
fn unknown(model: &dyn Model, table: &Frame, column: usize, cells: &Column, row: usize) -> Error {
    let value = match cells {
        Column::Numbers(numbers) => numbers.get(row).map_or(String::new(), |&it| float_repr(it)),
        Column::Words(words) => match words.get(row) {
            Some(Some(word)) => text_repr(word),
            _ => "None".to_owned(),
        },
    };
    let column = column_name(table, column);
    Error::UnknownCategory { row, column, value, model: model.name() }
}

/// The error for an infinite number, which encoders refuse before they look at categories, and for a
/// missing value, which old ones refuse.
fn refuse_infinite(
    model: &dyn Model,
    table: &Frame,
    column: usize,
    cells: &Column,
    missing: bool,
) -> Result<(), Error> {
    let refused = |number: &f64| number.is_infinite() || (!missing && number.is_nan());
    let found = match cells {
        Column::Numbers(numbers) => {
            numbers.iter().copied().enumerate().find(|(_, number)| refused(number))
        }
        Column::Words(words) if !missing => {
            words.iter().position(Option::is_none).map(|row| (row, f64::NAN))
        }
        Column::Words(_) => None,
    };
    match found {
        None => Ok(()),
        Some((row, value)) => {
            let column = column_name(table, column);
            Err(Error::NotFinite { row, column, value, model: model.name() })
        }
    }
}

/// What becomes of a category that the fit did not see: the parameter `handle_unknown`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Unknown {
    /// It is an error.
    #[default]
    Error,
    /// An [`OrdinalEncoder`] gives it this number: `use_encoded_value`.
    Value(f64),
    /// A [`OneHotEncoder`] gives it zeros only: `ignore`.
    Ignore,
    /// A [`OneHotEncoder`] counts it to the infrequent ones, and gives it zeros where there are
    /// none: `infrequent_if_exist`, and `warn`.
    Infrequent,
}

/// What an [`OrdinalEncoder`] learned.
#[derive(Debug, Clone, PartialEq)]
pub struct OrdinalParts {
    /// The categories of each column.
    pub categories: Vec<Categories>,
    /// What becomes of others.
    pub unknown: Unknown,
    /// The number of a missing value that is a category: `encoded_missing_value`.
    pub missing: f64,
    /// The categories of each column that are too rare to have a number of their own, ascending:
    /// `_infrequent_indices`. Empty where there are none at all.
    pub infrequent: Vec<Option<Vec<usize>>>,
    /// The columns whose missing word is Python's `None`: a category that has a number as any
    /// other. In all others it is NaN, and becomes `missing`.
    pub none_categories: Vec<usize>,
}

impl OrdinalParts {
    /// An encoder that refuses other categories, and leaves missing values as NaN.
    pub fn new(categories: Vec<Categories>) -> Self {
        let (unknown, missing) = (Unknown::Error, f64::NAN);
        let (infrequent, none_categories) = (Vec::new(), Vec::new());
        OrdinalParts { categories, unknown, missing, infrequent, none_categories }
    }
}

/// scikit-learn's `OrdinalEncoder`: each category's number.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{
///     Categories, OrdinalEncoder, OrdinalParts, TransformerParts, Unknown,
/// };
///
/// let mut parts = OrdinalParts::new(vec![Categories::from(["blue", "red"])]);
/// parts.unknown = Unknown::Value(-1.0);
/// let encoder = OrdinalEncoder::from_parts(TransformerParts::new(1), parts)?;
/// let table = Frame::unnamed([Column::from(["red", "green"])])?;
/// assert_eq!(encoder.transform(&table)?.column(0), Some(Column::from([1.0, -1.0])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OrdinalEncoder {
    fitted: TransformerParts,
    known: Vec<Known>,
    unknown: Unknown,
    missing: f64,
    precision: Precision,
}

transformer!(OrdinalEncoder);

impl OrdinalEncoder {
    /// Checks the parts and puts an encoder together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are categories for each column, [`Error::Model`] for
    /// categories that are the same, infrequent ones that are not there, and an `unknown` that is
    /// for one-hot encoders.
    pub fn from_parts(fitted: TransformerParts, parts: OrdinalParts) -> Result<Self, Error> {
        if matches!(parts.unknown, Unknown::Ignore | Unknown::Infrequent) {
            let problem = "an OrdinalEncoder cannot ignore unknown categories".to_owned();
            return Err(Error::Model { problem });
        }
        let apart = |column| !parts.none_categories.contains(&column);
        let known = known(&fitted, parts.categories, parts.infrequent, apart)?;
        let (unknown, missing, precision) = (parts.unknown, parts.missing, Precision::Double);
        Ok(OrdinalEncoder { fitted, known, unknown, missing, precision })
    }

    /// The same encoder, which makes numbers of another type: the parameter `dtype`.
    pub(crate) fn with_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// The categories of each column.
    pub fn categories(&self) -> impl ExactSizeIterator<Item = &Categories> {
        self.known.iter().map(|known| &known.categories)
    }

    /// What it learned, for whoever writes the encoder elsewhere.
    pub fn to_parts(&self) -> OrdinalParts {
        OrdinalParts {
            categories: self.categories().cloned().collect(),
            unknown: self.unknown,
            missing: self.missing,
            infrequent: self.known.iter().map(|known| known.infrequent.clone()).collect(),
            none_categories: (0..self.known.len())
                .filter(|&column| !self.known[column].apart)
                .collect(),
        }
    }
}

impl Transformer for OrdinalEncoder {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        check_table(self, table)?;
        let missing = !self.fitted.version.before(1, 0);
        let (rows, columns) = table.shape();
        let mut numbers = Array2::zeros((rows, columns));
        for (column, known) in self.known.iter().enumerate() {
            let Some(cells) = table.column(column) else { continue };
            refuse_infinite(self, table, column, &cells, missing)?;
            let places = known.places(&cells);
            for (row, (place, number)) in places.iter().zip(numbers.column_mut(column)).enumerate()
            {
                let code = match (place, self.unknown) {
                    (Some(place), _) if known.apart && Some(*place) == known.missing => {
                        self.missing
                    }
                    (Some(place), _) => known.number(*place) as f64,
                    (None, Unknown::Value(value)) => value,
                    (None, _) => return Err(unknown(self, table, column, &cells, row)),
                };
                *number = self.precision.round(code);
            }
        }
        Ok(Frame::from_numbers(numbers).with_precision(self.precision))
    }
}

/// What a [`OneHotEncoder`] learned.
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotParts {
    /// The categories of each column.
    pub categories: Vec<Categories>,
    /// What becomes of others.
    pub unknown: Unknown,
    /// The number that has no column, for each column of the table:
    /// `_drop_idx_after_grouping` (`drop_idx_` where no categories are infrequent). Empty where
    /// all have one.
    pub drop: Vec<Option<usize>>,
    /// The categories of each column that are too rare to have a column of their own, ascending:
    /// `_infrequent_indices`. Empty where there are none at all.
    pub infrequent: Vec<Option<Vec<usize>>>,
}

impl OneHotParts {
    /// An encoder that refuses other categories.
    pub fn new(categories: Vec<Categories>) -> Self {
        let (unknown, drop, infrequent) = (Unknown::Error, Vec::new(), Vec::new());
        OneHotParts { categories, unknown, drop, infrequent }
    }
}

/// The most columns that an encoder may make.
const MOST_COLUMNS: usize = 1 << 24;

/// scikit-learn's `OneHotEncoder`: a column for each category, with 1 where a row has it. It gives
/// a whole table, also where scikit-learn leaves out the zeros (`sparse_output=True`).
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{
///     Categories, OneHotEncoder, OneHotParts, TransformerParts, Unknown,
/// };
///
/// let mut parts = OneHotParts::new(vec![Categories::from([1.0, 5.0, 9.0])]);
/// parts.unknown = Unknown::Ignore;
/// let encoder = OneHotEncoder::from_parts(TransformerParts::new(1), parts)?;
/// let encoded = encoder.transform(&Frame::unnamed([Column::from([5.0, 2.0])])?)?;
/// let expected = ndarray::array![[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]];
/// assert_eq!(encoded.numbers().expect("numbers"), expected);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OneHotEncoder {
    fitted: TransformerParts,
    known: Vec<Known>,
    unknown: Unknown,
    drop: Vec<Option<usize>>,
    width: usize,
    precision: Precision,
    sparse: bool,
    /// The categories of each column as Python prints them, where those are not numbers of floats.
    printed: Option<Vec<Vec<String>>>,
}

transformer!(OneHotEncoder);

impl OneHotEncoder {
    /// Checks the parts and puts an encoder together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are categories for each column, [`Error::Model`] for
    /// categories that are the same, infrequent or dropped ones that are not there, and an
    /// `unknown` that is for ordinal encoders, [`Error::TooMany`] for more than 2²⁴ categories.
    pub fn from_parts(fitted: TransformerParts, parts: OneHotParts) -> Result<Self, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        if matches!(parts.unknown, Unknown::Value(_)) {
            return wrong("a OneHotEncoder has no number for unknown categories".to_owned());
        }
        let known = known(&fitted, parts.categories, parts.infrequent, |_| false)?;
        let mut drop = parts.drop;
        if drop.is_empty() {
            drop = vec![None; fitted.n_features];
        }
        fitted.one_each("dropped categories", drop.len())?;
        let mut width = 0_usize;
        for (column, (known, drop)) in known.iter().zip(&drop).enumerate() {
            let count = known.count();
            if let Some(drop) = drop.filter(|&drop| drop >= count) {
                return wrong(format!(
                    "the dropped category of column {column} is {drop}, of {count} categories"
                ));
            }
            width = width.saturating_add(count - usize::from(drop.is_some()));
        }
        crate::tree::check::within("categories", width, MOST_COLUMNS)?;
        let (unknown, precision) = (parts.unknown, Precision::Double);
        let (sparse, printed) = (false, None);
        Ok(OneHotEncoder { fitted, known, unknown, drop, width, precision, sparse, printed })
    }

    /// The same encoder, which makes numbers of another type (the parameter `dtype`), and leaves out
    /// zeros or does not (`sparse_output`).
    pub(crate) fn with_kind(mut self, precision: Precision, sparse: bool) -> Self {
        (self.precision, self.sparse) = (precision, sparse);
        self
    }

    /// The same encoder, which calls its columns after the categories in these words.
    pub(crate) fn with_printed(mut self, printed: Vec<Vec<String>>) -> Self {
        self.printed = Some(printed);
        self
    }

    /// How Python prints a category: one of `categories_`.
    fn printed(&self, column: usize, place: usize) -> Option<String> {
        if let Some(printed) = &self.printed {
            return printed.get(column)?.get(place).cloned();
        }
        match &self.known.get(column)?.categories {
            Categories::Numbers(numbers) => numbers.get(place).map(|&number| float_repr(number)),
            Categories::Words(words) => {
                words.get(place).map(|word| word.clone().unwrap_or_else(|| "nan".to_owned()))
            }
        }
    }

    /// The categories of each column.
    pub fn categories(&self) -> impl ExactSizeIterator<Item = &Categories> {
        self.known.iter().map(|known| &known.categories)
    }

    /// What it learned, for whoever writes the encoder elsewhere.
    pub fn to_parts(&self) -> OneHotParts {
        OneHotParts {
            categories: self.categories().cloned().collect(),
            unknown: self.unknown,
            drop: self.drop.clone(),
            infrequent: self.known.iter().map(|known| known.infrequent.clone()).collect(),
        }
    }
}

impl Transformer for OneHotEncoder {
    fn n_features_out(&self) -> usize {
        self.width
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let mut names = Vec::with_capacity(self.width);
        for (column, name) in self.fitted.names(input)?.iter().enumerate() {
            let known = self.known.get(column)?;
            let rare = known.infrequent.as_deref().unwrap_or_default();
            let frequent = (0..known.categories.len()).filter(|place| !rare.contains(place));
            let mut own: Vec<String> =
                frequent.map(|place| self.printed(column, place)).collect::<Option<_>>()?;
            if known.infrequent.is_some() {
                own.push("infrequent_sklearn".to_owned());
            }
            let drop = self.drop.get(column).copied().flatten();
            let kept = own.iter().enumerate().filter(|(place, _)| Some(*place) != drop);
            names.extend(kept.map(|(_, category)| format!("{name}_{category}")));
        }
        Some(names)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        check_table(self, table)?;
        let missing = !self.fitted.version.before(0, 24);
        let (rows, _) = table.shape();
        let mut numbers = Array2::zeros((rows, self.width));
        let mut start = 0;
        for (column, (known, drop)) in self.known.iter().zip(&self.drop).enumerate() {
            let Some(cells) = table.column(column) else { continue };
            refuse_infinite(self, table, column, &cells, missing)?;
            for (row, place) in known.places(&cells).into_iter().enumerate() {
                let number = match (place, self.unknown, &known.infrequent) {
                    (Some(place), _, _) => known.number(place),
                    (None, Unknown::Infrequent, Some(_)) => known.count() - 1,
                    (None, Unknown::Ignore | Unknown::Infrequent, _) => continue,
                    (None, _, _) => return Err(unknown(self, table, column, &cells, row)),
                };
                let place = match *drop {
                    Some(drop) if number == drop => continue,
                    Some(drop) if number > drop => number - 1,
                    _ => number,
                };
                if let Some(cell) = numbers.get_mut((row, start + place)) {
                    *cell = 1.0;
                }
            }
            start += known.count() - usize::from(drop.is_some());
        }
        Ok(Frame::from_numbers(numbers).with_precision(self.precision).with_sparse(self.sparse))
    }
}
