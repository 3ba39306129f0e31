//! How the columns of dictionaries are learned.

use std::collections::HashSet;

use super::{Error, dtype, named};
use crate::data::{Column, Frame};
use crate::model::fit::fits_tables;
use crate::model::{Parameter, SklearnVersion};
use crate::vectorizers::{DictParts, DictVectorizer};

/// The parameters of a [`DictVectorizer`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::vectorizers::DictVectorizer;
///
/// let city = ("city", Column::from(["Oslo", "Bern"]));
/// let table = Frame::named([city, ("degrees", Column::from([-3.0, 21.0]))])?;
/// let vectorizer = DictVectorizer::params().fit(&table)?;
/// assert_eq!(vectorizer.parts().names, ["city=Bern", "city=Oslo", "degrees"]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DictVectorizerParams {
    separator: String,
    sparse: bool,
    sort: bool,
}

impl Default for DictVectorizerParams {
    fn default() -> Self {
        DictVectorizerParams { separator: "=".to_owned(), sparse: true, sort: true }
    }
}

impl DictVectorizer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> DictVectorizerParams {
        DictVectorizerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(DictVectorizerParams: "DictVectorizer");

impl DictVectorizerParams {
    /// What stands between a key and a word in the name of a column; `=` by default.
    pub fn separator(mut self, separator: impl Into<String>) -> Self {
        self.separator = separator.into();
        self
    }

    /// Whether it gives sparse rows, as by default.
    pub fn sparse(mut self, sparse: bool) -> Self {
        self.sparse = sparse;
        self
    }

    /// Whether columns are in the order of their names, as by default; otherwise in that in which they
    /// were first seen.
    pub fn sort(mut self, sort: bool) -> Self {
        self.sort = sort;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let parameters = vec![
            ("dtype", dtype("float64")),
            ("separator", self.separator.as_str().into()),
            ("sparse", Parameter::Boolean(self.sparse)),
            ("sort", Parameter::Boolean(self.sort)),
        ];
        parameters
    }

    /// Learns the columns of the rows of a table with names, each row a dictionary.
    ///
    /// # Errors
    /// [`Error::Model`] for a table without names, rows or columns, and without a separator,
    /// [`Error::TooMany`] for more than 2²⁴ columns.
    pub fn fit(&self, table: &Frame) -> Result<DictVectorizer, Error> {
        let Some(keys) = table.names() else {
            let problem = "it takes tables whose columns have names, which are its keys";
            return Err(Error::Model { problem: problem.to_owned() });
        };
        let (rows, _) = table.shape();
        let columns: Vec<(&String, Column)> = keys
            .iter()
            .enumerate()
            .filter_map(|(place, key)| Some((key, table.column(place)?)))
            .collect();
        let (mut names, mut seen) = (Vec::new(), HashSet::new());
        for row in 0..rows {
            for (key, column) in &columns {
                let word = match column {
                    Column::Words(words) => words.get(row).and_then(Option::as_deref),
                    Column::Numbers(_) => None,
                };
                let name = match word {
                    Some(word) => format!("{key}{}{word}", self.separator),
                    None => (*key).clone(),
                };
                if !seen.contains(&name) {
                    seen.insert(name.clone());
                    names.push(name);
                }
            }
        }
        if self.sort {
            names.sort_unstable();
        }
        let (separator, sparse) = (self.separator.clone(), self.sparse);
        let made =
            DictVectorizer::from_parts(DictParts { names, separator, sparse, single: false })?;
        Ok(made.fitted_by(SklearnVersion::LATEST, named(self.named())))
    }
}

fits_tables!(DictVectorizerParams);
