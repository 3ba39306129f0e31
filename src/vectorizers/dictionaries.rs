//! Columns for the keys of dictionaries.

use std::collections::HashMap;

use super::Error;
use crate::data::{Column, Frame, Precision, SparseRows};
use crate::model::{FittedParts, Parameters, SklearnVersion, Transformer};
use crate::preprocessing::transformer;
use crate::text::shortened;
use crate::tree::check;

/// What a [`DictVectorizer`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct DictParts {
    /// The names of the columns that it makes, in their order: `feature_names_`.
    pub names: Vec<String>,
    /// What stands between a key and a word in a name: `=` by default.
    pub separator: String,
    /// Whether it gives sparse rows.
    pub sparse: bool,
    /// Whether the numbers are rounded to 32 bits, as with `dtype=numpy.float32`.
    pub single: bool,
}

impl DictParts {
    /// These names, with scikit-learn's defaults.
    pub fn new(names: Vec<String>) -> Self {
        DictParts { names, separator: "=".to_owned(), sparse: true, single: false }
    }
}

/// scikit-learn's `DictVectorizer`: a column for each key with numbers, and one for each key and word.
///
/// In Python rows are dictionaries. Here they are those of a table with names: the name of a column is
/// a key, and each row has all of them. A number goes into the column `key`; a word makes the column
/// `key=word` 1. A missing word is Python's `None`, and like a missing number NaN in the column `key`,
/// if there is one. What has no column is left out. That is what Python answers for
/// `table.to_dict("records")`; lists of words as values have no such form.
///
/// Which columns it was fitted on is not kept. Its [`feature_names`](Self::feature_names) are the keys
/// as the columns that it makes tell them: what stands before the first separator. A table may have
/// others, and need not have all.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::vectorizers::{DictParts, DictVectorizer};
///
/// let names = ["city=Bern", "city=Oslo", "degrees"].map(str::to_owned).to_vec();
/// let vectorizer = DictVectorizer::from_parts(DictParts::new(names))?;
/// let city = ("city", Column::from(["Oslo", "Rome"]));
/// let made = vectorizer.transform(&Frame::named([city, ("degrees", Column::from([-3.0, 21.0]))])?)?;
/// let expected = ndarray::array![[0.0, 1.0, -3.0], [0.0, 0.0, 21.0]];
/// assert_eq!(made.numbers().expect("numbers"), expected);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
///
/// Source: `feature_extraction/_dict_vectorizer.py` of scikit-learn.
#[derive(Debug, Clone, PartialEq)]
pub struct DictVectorizer {
    fitted: FittedParts,
    parts: DictParts,
    places: HashMap<String, u32>,
}

transformer!(DictVectorizer);

impl DictVectorizer {
    /// Checks the parts and puts a vectorizer together.
    ///
    /// # Errors
    /// [`Error::Model`] without any name, for one that is there twice, and without a separator,
    /// [`Error::TooMany`] for more than 2²⁴.
    pub fn from_parts(parts: DictParts) -> Result<Self, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        check::within("names of columns", parts.names.len(), check::MOST_COLUMNS)?;
        if parts.names.is_empty() {
            return wrong("it has no names of columns".to_owned());
        }
        if parts.separator.is_empty() {
            return wrong("nothing separates keys from words".to_owned());
        }
        let mut places = HashMap::with_capacity(parts.names.len());
        let mut keys: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for (place, name) in (0..).zip(&parts.names) {
            if places.insert(name.clone(), place).is_some() {
                let name = shortened(name, 100);
                return wrong(format!("two of its columns have the name {name:?}"));
            }
            let key = name.split_once(&parts.separator).map_or(name.as_str(), |(key, _)| key);
            if seen.insert(key) {
                keys.push(key.to_owned());
            }
        }
        let fitted = FittedParts { feature_names: Some(keys), ..FittedParts::new(seen.len()) };
        Ok(DictVectorizer { fitted, parts, places })
    }

    /// The same vectorizer, with the scikit-learn that fitted it and the parameters of the fit.
    #[must_use]
    pub fn fitted_by(mut self, version: SklearnVersion, parameters: Parameters) -> Self {
        (self.fitted.version, self.fitted.parameters) = (version, parameters);
        self
    }

    /// What it was made of.
    pub fn parts(&self) -> &DictParts {
        &self.parts
    }
}

impl Transformer for DictVectorizer {
    fn n_features_out(&self) -> usize {
        self.parts.names.len()
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(self.parts.names.clone())
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let Some(names) = table.names() else {
            let problem = "it takes tables whose columns have names, which are its keys";
            return Err(Error::Model { problem: problem.to_owned() });
        };
        let (count, _) = table.shape();
        let mut rows: Vec<Vec<(u32, f64)>> = vec![Vec::new(); count];
        for (column, key) in names.iter().enumerate() {
            let own = self.places.get(key).copied();
            match table.column(column) {
                None => {}
                Some(Column::Numbers(numbers)) => {
                    let Some(own) = own else { continue };
                    for (cells, number) in rows.iter_mut().zip(numbers) {
                        cells.push((own, number));
                    }
                }
                Some(Column::Words(words)) => {
                    let mut name = format!("{key}{}", self.parts.separator);
                    let start = name.len();
                    for (cells, word) in rows.iter_mut().zip(&words) {
                        match word {
                            None => cells.extend(own.map(|own| (own, f64::NAN))),
                            Some(word) => {
                                name.truncate(start);
                                name.push_str(word);
                                cells.extend(self.places.get(&name).map(|&place| (place, 1.0)));
                            }
                        }
                    }
                }
            }
        }
        let single = self.parts.single;
        let round = |number: f64| if single { f64::from(number as f32) } else { number };
        let last_wins = !self.parts.sparse && self.fitted.version.before(1, 0);
        let mut made = SparseRows::new(self.parts.names.len())?;
        for mut cells in rows {
            cells.sort_by_key(|&(place, _)| place);
            // a key may be another with a word behind it: SciPy adds what both give
            let sums = cells.chunk_by(|a, b| a.0 == b.0).filter_map(|same| {
                let sum = same.iter().fold(0.0, |sum, cell| round(sum + round(cell.1)));
                let (place, last) = *same.last()?;
                Some((place, if last_wins { round(last) } else { sum }))
            });
            made.push(sums)?;
        }
        let precision = if single { Precision::Single } else { Precision::Double };
        let made = match self.parts.sparse {
            true => Frame::from_sparse(made),
            false => Frame::from_numbers(made.to_dense()),
        };
        Ok(made.with_precision(precision))
    }
}
