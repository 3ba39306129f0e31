//! Rows that are far from the middle, as the spread of the others goes.

use ndarray::{Array1, Array2};

use super::Error;
use crate::data::{Features, Labels};
use crate::model::link::{labels_at, table};
use crate::model::{Abilities, FittedParts, Model, rows};

/// scikit-learn's `EllipticEnvelope`: 1 for rows that are like those of the fit, -1 for others.
///
/// ```
/// use ndarray::array;
/// use picklebook::cluster::EllipticEnvelope;
/// use picklebook::model::FittedParts;
///
/// let precision = array![[1.0, 0.0], [0.0, 0.25]];
/// let fitted = FittedParts::new(2);
/// let model = EllipticEnvelope::from_parts(fitted, vec![0.0, 0.0], precision, -4.0)?;
/// assert_eq!(model.predict(&[[0.0, 3.0], [3.0, 0.0]])?, vec![1, -1].into());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct EllipticEnvelope {
    fitted: FittedParts,
    location: Array1<f64>,
    precision: Array2<f64>,
    offset: f64,
    classes: Labels,
}

crate::model::about_the_fit!(EllipticEnvelope);

impl EllipticEnvelope {
    /// Checks the parts and puts a model together: `location_`, `precision_` and `offset_`.
    ///
    /// # Errors
    /// [`Error::Model`] without columns, for a number that is not finite, and [`Error::Length`] for
    /// numbers of other columns.
    pub fn from_parts(
        fitted: FittedParts,
        location: Vec<f64>,
        precision: Array2<f64>,
        offset: f64,
    ) -> Result<Self, Error> {
        fitted.check()?;
        fitted.one_each("numbers of the middle", location.len())?;
        fitted.one_each("rows of the precision", precision.nrows())?;
        fitted.one_each("columns of the precision", precision.ncols())?;
        let numbers = location.iter().chain(&precision).chain([&offset]);
        if let Some(value) = numbers.copied().find(|value| !value.is_finite()) {
            return Err(Error::Model { problem: format!("a number is {value}, not finite") });
        }
        let (location, classes) = (Array1::from_vec(location), vec![-1, 1].into());
        Ok(EllipticEnvelope { fitted, location, precision, offset, classes })
    }

    /// The middle.
    pub fn location(&self) -> &Array1<f64> {
        &self.location
    }

    /// The inverse of the covariance.
    pub fn precision(&self) -> &Array2<f64> {
        &self.precision
    }

    /// What is subtracted from scores.
    pub fn offset(&self) -> f64 {
        self.offset
    }

    /// How near each row is to the middle: its squared Mahalanobis distance, below zero.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn score_samples<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let given = rows::finite(self, &features.into())?;
        let score = |row: ndarray::ArrayView1<'_, f64>| {
            let from = &row - &self.location;
            // its root is taken, and squared again
            let distance = from.dot(&self.precision.dot(&from)).sqrt();
            -(distance * distance)
        };
        Ok(given.rows().into_iter().map(score).collect())
    }

    /// As [`score_samples`](Self::score_samples), less the offset: below zero for outliers.
    ///
    /// # Errors
    /// As [`score_samples`](Self::score_samples).
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let mut scores = self.score_samples(features)?;
        scores.iter_mut().for_each(|score| *score -= self.offset);
        table(scores.len(), 1, scores)
    }

    /// -1 for outliers, 1 for other rows.
    ///
    /// # Errors
    /// As [`score_samples`](Self::score_samples).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let decisions = self.decision_function(features)?;
        let codes: Vec<usize> = decisions.iter().map(|&it| usize::from(it >= 0.0)).collect();
        labels_at(&self.classes, &codes)
    }
}

impl Model for EllipticEnvelope {
    fn name(&self) -> &'static str {
        "EllipticEnvelope"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).decision_function(self)
    }
}

crate::model::outlier_traits!(EllipticEnvelope);
