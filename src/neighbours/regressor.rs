//! The mean of the nearest rows' targets.

use ndarray::Array2;

use super::points::Points;
use super::{Error, NeighbourParts, NeighbourWeights, about_the_points};
use crate::data::Features;
use crate::model::link::table;
use crate::model::{Abilities, FittedParts, Model, regressor_traits};
use crate::numpy::pairwise_sum;

/// scikit-learn's `KNeighborsRegressor`: the mean of the nearest rows' targets.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::neighbours::{KNeighborsRegressor, Metric, NeighbourParts, NeighbourWeights};
///
/// let points = NeighbourParts::brute(array![[0.0], [1.0], [5.0]], Metric::Manhattan, 2);
/// let targets = array![[1.0], [2.0], [9.0]];
/// let (fitted, weights) = (FittedParts::new(1), NeighbourWeights::Uniform);
/// let model = KNeighborsRegressor::from_parts(fitted, points, weights, targets)?;
/// assert_eq!(model.predict(&[[0.25], [4.0]])?, array![[1.5], [5.5]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KNeighborsRegressor {
    fitted: FittedParts,
    points: Points,
    weights: NeighbourWeights,
    targets: Array2<f64>,
}

about_the_points!(KNeighborsRegressor);

impl KNeighborsRegressor {
    /// Checks the parts and puts a model together, with the targets: rows of the fit × outputs.
    ///
    /// # Errors
    /// [`Error::Model`] without rows or outputs, for a value that is not finite, and for a tree that
    /// does not hold the rows; [`Error::Length`] unless rows have the columns of the fit and there
    /// are targets for each; [`Error::Parameter`] and [`Error::TooMany`] for no neighbours, and for
    /// more than rows.
    pub fn from_parts(
        fitted: FittedParts,
        points: NeighbourParts,
        weights: NeighbourWeights,
        targets: Array2<f64>,
    ) -> Result<Self, Error> {
        let points = Points::new(&fitted, points)?;
        points.check_count(points.n_neighbors)?;
        let wrong = |problem: String| Err(Error::Model { problem });
        let (expected, found) = (points.len(), targets.nrows());
        if expected != found {
            return Err(Error::Length { what: "targets of the rows of the fit", expected, found });
        }
        if targets.ncols() == 0 {
            return wrong("it has no outputs".to_owned());
        }
        if let Some(value) = targets.iter().find(|value| !value.is_finite()) {
            return wrong(format!("the targets of the fit: one is {value}"));
        }
        let targets = targets.as_standard_layout().into_owned();
        Ok(KNeighborsRegressor { fitted, points, weights, targets })
    }

    /// How much each neighbour counts.
    pub fn weights(&self) -> NeighbourWeights {
        self.weights
    }

    /// How many numbers there are for each row.
    pub fn n_outputs(&self) -> usize {
        self.targets.ncols()
    }

    /// The estimates: rows × outputs.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Array2<f64>, Error> {
        let features = features.into();
        let (rows, outputs) = (features.shape().0, self.n_outputs());
        let (mut means, mut weights) = (Vec::new(), Vec::new());
        let mut numbers = vec![0.0; self.points.n_neighbors];
        let by_distance = self.weights == NeighbourWeights::Distance;
        self.points.each_row(self, features, self.points.n_neighbors, |distances, rows| {
            self.weights.of(distances, &mut weights);
            let sum_of_weights = pairwise_sum(&weights);
            for output in 0..outputs {
                let targets = self.targets.column(output);
                let targets = rows.iter().map(|&row| targets.get(row).copied().unwrap_or_default());
                let weighted = targets.zip(&weights);
                let weighted = weighted.map(|(target, weight)| match by_distance {
                    true => target * weight,
                    false => target,
                });
                let sum = match outputs > 1 && !by_distance {
                    // numpy adds whole rows of outputs
                    true => weighted.fold(0.0, |sum, target| sum + target),
                    false => {
                        numbers.iter_mut().zip(weighted).for_each(|(place, own)| *place = own);
                        pairwise_sum(&numbers)
                    }
                };
                means.push(sum / sum_of_weights);
            }
        })?;
        table(rows, outputs, means)
    }
}

impl Model for KNeighborsRegressor {
    fn name(&self) -> &'static str {
        "KNeighborsRegressor"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        match self.n_outputs() {
            1 => Abilities::new().regressor(self),
            _ => Abilities::new().multi_output_regressor(self),
        }
    }
}

regressor_traits!(KNeighborsRegressor);
