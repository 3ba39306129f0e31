//! Rows in places where there are fewer rows than around their neighbours.

use ndarray::{Array2, Axis};

use super::points::Points;
use super::{Error, NeighbourParts, about_the_points};
use crate::data::{Features, Labels};
use crate::model::{Abilities, FittedParts, Model};
use crate::numpy::pairwise_sum;

/// What a [`LocalOutlierFactor`] knows of the rows of its fit.
#[derive(Debug, Clone, PartialEq)]
pub struct OutlierParts {
    /// The distance of each row to the last of its own neighbours: the last column of
    /// `_distances_fit_X_`.
    pub farthest: Vec<f64>,
    /// How dense rows lie around each: `_lrd`.
    pub densities: Vec<f64>,
    /// Scores below this are those of outliers: `offset_`.
    pub offset: f64,
}

/// scikit-learn's `LocalOutlierFactor` with `novelty=True`: 1 for rows in places as dense as those
/// of their neighbours, -1 for others.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::neighbours::{LocalOutlierFactor, Metric, NeighbourParts, OutlierParts};
/// use picklebook::prelude::*;
///
/// let points = NeighbourParts::brute(array![[0.0], [1.0], [2.0]], Metric::Euclidean, 1);
/// let own = OutlierParts { farthest: vec![1.0; 3], densities: vec![1.0; 3], offset: -1.5 };
/// let model = LocalOutlierFactor::from_parts(FittedParts::new(1), points, own)?;
/// assert_eq!(model.predict(&[[1.5], [9.0]])?, Labels::from(vec![1, -1]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LocalOutlierFactor {
    fitted: FittedParts,
    points: Points,
    own: OutlierParts,
    classes: Labels,
}

about_the_points!(LocalOutlierFactor);

impl LocalOutlierFactor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without rows, for a value that is not finite, and for a tree that does not
    /// hold the rows; [`Error::Length`] unless rows have the columns of the fit and there are a
    /// distance and a density for each; [`Error::Parameter`] and [`Error::TooMany`] for no
    /// neighbours, and for more than rows.
    pub fn from_parts(
        fitted: FittedParts,
        points: NeighbourParts,
        own: OutlierParts,
    ) -> Result<Self, Error> {
        let points = Points::new(&fitted, points)?;
        points.check_count(points.n_neighbors)?;
        for (what, numbers) in [
            ("distances of the rows of the fit", &own.farthest),
            ("densities of the rows of the fit", &own.densities),
        ] {
            let (expected, found) = (points.len(), numbers.len());
            if expected != found {
                return Err(Error::Length { what, expected, found });
            }
            if let Some(value) = numbers.iter().find(|value| !value.is_finite()) {
                return Err(Error::Model { problem: format!("{what}: one is {value}") });
            }
        }
        let classes = Labels::from(vec![-1, 1]);
        Ok(LocalOutlierFactor { fitted, points, own, classes })
    }

    /// Scores below this are those of outliers: scikit-learn's `offset_`.
    pub fn offset(&self) -> f64 {
        self.own.offset
    }

    /// How dense rows lie around each row, compared with those around its neighbours: near -1 for
    /// rows like those of the fit, far below for outliers.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn score_samples<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let features = features.into();
        let count = self.points.n_neighbors;
        let mut scores = Vec::with_capacity(features.shape().0);
        let mut numbers = vec![0.0; count];
        let mean = |numbers: &[f64]| pairwise_sum(numbers) / count as f64;
        self.points.each_row(self, features, count, |distances, rows| {
            let of = |numbers: &[f64], row: usize| numbers.get(row).copied().unwrap_or_default();
            for ((reach, distance), &row) in numbers.iter_mut().zip(distances).zip(rows) {
                *reach = distance.max(of(&self.own.farthest, row));
            }
            // the addend of scikit-learn, for rows that are there more often than neighbours count
            let density = 1.0 / (mean(&numbers) + 1e-10);
            for (ratio, &row) in numbers.iter_mut().zip(rows) {
                *ratio = of(&self.own.densities, row) / density;
            }
            scores.push(-mean(&numbers));
        })?;
        Ok(scores)
    }

    /// The scores above the offset, below zero for outliers: rows × 1.
    ///
    /// # Errors
    /// As [`score_samples`](Self::score_samples).
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let scores = self.score_samples(features)?;
        Ok((ndarray::Array1::from(scores) - self.own.offset).insert_axis(Axis(1)))
    }

    /// 1 for each row that is like those of the fit, -1 for others.
    ///
    /// # Errors
    /// As [`score_samples`](Self::score_samples).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let scores = self.decision_function(features)?;
        let sign = |score: &f64| if *score < 0.0 { -1 } else { 1 };
        Ok(scores.iter().map(sign).collect::<Vec<i64>>().into())
    }
}

impl Model for LocalOutlierFactor {
    fn name(&self) -> &'static str {
        "LocalOutlierFactor"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).decision_function(self)
    }
}

crate::model::outlier_traits!(LocalOutlierFactor);
