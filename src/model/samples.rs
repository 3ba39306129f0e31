//! What models learn from: rows of numbers with one label each.

use ndarray::{CowArray, Ix2};

use super::ask::{check_classes, numbers_for};
use super::fit::{check_shape, check_weights};
use super::{Error, FittedParts, Parameter};
use crate::data::{Features, Frame, Labels, SparseRows};
use crate::numpy::pairwise_sum;

/// Rows of numbers, all of them finite.
pub(crate) enum Rows<'a> {
    Dense(CowArray<'a, f64, Ix2>),
    Sparse(&'a SparseRows),
}

/// Rows with one label and, where they differ, one weight each.
pub(crate) struct Samples<'a> {
    model: &'static str,
    pub(crate) rows: Rows<'a>,
    names: Option<&'a [String]>,
    target: &'a Labels,
    pub(crate) weights: Option<&'a [f64]>,
}

impl<'a> Samples<'a> {
    pub(crate) fn of_features(
        model: &'static str,
        features: Features<'a>,
        target: &'a Labels,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, Error> {
        let (rows, names) = (Rows::Dense(features.to_f64()), features.names());
        Samples { model, rows, names, target, weights }.checked()
    }

    pub(crate) fn of_table(
        model: &'static str,
        table: &'a Frame,
        target: &'a Labels,
        weights: Option<&'a [f64]>,
    ) -> Result<Self, Error> {
        let rows = match table.sparse() {
            Some(rows) => Rows::Sparse(rows),
            None => Rows::Dense(numbers_for(model, table)?),
        };
        Samples { model, rows, names: table.names(), target, weights }.checked()
    }

    pub(crate) fn shape(&self) -> (usize, usize) {
        match &self.rows {
            Rows::Dense(rows) => rows.dim(),
            Rows::Sparse(rows) => rows.shape(),
        }
    }

    fn checked(self) -> Result<Self, Error> {
        let shape = self.shape();
        check_shape(shape)?;
        if self.target.len() != shape.0 {
            let found = self.target.len();
            return Err(Error::Length { what: "targets", expected: shape.0, found });
        }
        check_weights(shape.0, self.weights)?;
        if let Some((row, column, value)) = self.find(|value| !value.is_finite()) {
            let (column, model) = (self.column(column), self.model);
            return Err(Error::NotFinite { row, column, value, model });
        }
        check_labels(self.target)?;
        Ok(self)
    }

    /// Row, column and value of the first cell of a kind.
    fn find(&self, wanted: impl Fn(f64) -> bool) -> Option<(usize, usize, f64)> {
        match &self.rows {
            Rows::Dense(rows) => {
                let mut cells = rows.indexed_iter();
                let found = cells.find(|(_, value)| wanted(**value));
                found.map(|((row, column), &value)| (row, column, value))
            }
            Rows::Sparse(rows) => rows.rows().enumerate().find_map(|(row, (columns, values))| {
                let mut cells = columns.iter().zip(values);
                let (&column, &value) = cells.find(|(_, value)| wanted(**value))?;
                Some((row, column as usize, value))
            }),
        }
    }

    fn column(&self, place: usize) -> String {
        let name = self.names.and_then(|names| names.get(place).cloned());
        name.unwrap_or_else(|| place.to_string())
    }

    /// Whether no number is negative.
    pub(crate) fn check_counts(&self) -> Result<(), Error> {
        match self.find(|value| value < 0.0) {
            None => Ok(()),
            Some((row, column, value)) => {
                let (column, model) = (self.column(column), self.model);
                Err(Error::Negative { row, column, value, model })
            }
        }
    }

    /// The classes of the labels.
    pub(crate) fn classes(&self) -> Labels {
        self.target.classes()
    }

    /// The place of each row's class among all of them.
    pub(crate) fn codes(&self, classes: &Labels) -> Result<Vec<usize>, Error> {
        if let Some(codes) = self.target.codes(classes) {
            return Ok(codes);
        }
        let unknown = |(_, label): &(usize, _)| classes.place(*label).is_none();
        let found = self.target.iter().enumerate().find(unknown);
        let (row, value) = found.map_or((0, self.target.kind().to_owned()), |(row, label)| {
            (row, label.to_label().to_string())
        });
        let expected = "it is none of the classes that the first partial_fit was given";
        Err(Error::Target { row, value, expected })
    }

    /// What is known of a fit on these rows.
    pub(crate) fn fitted(&self, parameters: Vec<(&str, Parameter)>) -> FittedParts {
        let own = |(name, value): (&str, Parameter)| (name.to_owned(), value);
        FittedParts {
            feature_names: self.names.map(<[String]>::to_vec),
            parameters: parameters.into_iter().map(own).collect(),
            ..FittedParts::new(self.shape().1)
        }
    }

    /// Whether the columns are those of a fit.
    pub(crate) fn check_columns(&self, fitted: &FittedParts) -> Result<(), Error> {
        let (expected, (_, found)) = (fitted.n_features, self.shape());
        if expected != found {
            return Err(Error::Columns { expected, found });
        }
        match (fitted.feature_names.as_deref(), self.names) {
            (Some(own), Some(names)) if own != names => {
                Err(super::columns::not_those_of_the_fit(own, names))
            }
            _ => Ok(()),
        }
    }

    /// How much each class weighs, counted from nothing: numpy's sum over the rows of an array with
    /// a column for each class.
    pub(crate) fn class_counts(&self, codes: &[usize], classes: usize) -> Vec<f64> {
        // one column is added up pairwise, several row by row
        if let (1, Some(weights)) = (classes, self.weights) {
            return vec![pairwise_sum(weights)];
        }
        let mut counts = vec![0.0; classes];
        for (row, &code) in codes.iter().enumerate() {
            if let Some(count) = counts.get_mut(code) {
                *count += self.weight(row);
            }
        }
        counts
    }

    pub(crate) fn weight(&self, row: usize) -> f64 {
        self.weights.map_or(1.0, |weights| weights.get(row).copied().unwrap_or(0.0))
    }
}

/// Whether labels are classes, not quantities.
fn check_labels(target: &Labels) -> Result<(), Error> {
    match target.first_quantity().and_then(|row| Some((row, target.get(row)?))) {
        None => Ok(()),
        Some((row, label)) => {
            let expected = "a class must be a whole number of at most 64 bits, a text or a boolean";
            Err(Error::Target { row, value: label.to_string(), expected })
        }
    }
}

/// Whether the classes of a fit in parts ascend, and are classes.
pub(crate) fn check_all_classes(classes: &Labels) -> Result<(), Error> {
    check_labels(classes)?;
    check_classes(classes)
}
