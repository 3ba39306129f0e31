//! The nearest rows themselves.

use super::points::Points;
use super::{Error, NeighbourParts, about_the_points};
use crate::model::{Abilities, FittedParts, Model};

/// scikit-learn's `NearestNeighbors`: which rows of the fit are nearest, and how far they are.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::neighbours::{Metric, NearestNeighbors, NeighbourParts};
///
/// let points = NeighbourParts::brute(array![[0.0, 0.0], [3.0, 4.0]], Metric::Euclidean, 1);
/// let model = NearestNeighbors::from_parts(FittedParts::new(2), points)?;
/// let found = model.kneighbors_of(&[[0.0, 0.0]], 2)?;
/// assert_eq!(found.distances, array![[0.0, 5.0]]);
/// assert_eq!(found.indices, array![[0, 1]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NearestNeighbors {
    fitted: FittedParts,
    points: Points,
}

about_the_points!(NearestNeighbors);

impl NearestNeighbors {
    /// Checks the parts and puts a model together. `n_neighbors` may be more than there are rows:
    /// [`kneighbors_of`](Self::kneighbors_of) then asks for fewer.
    ///
    /// # Errors
    /// [`Error::Model`] without rows, for a value that is not finite, and for a tree that does not
    /// hold the rows; [`Error::Length`] unless rows have the columns of the fit.
    pub fn from_parts(fitted: FittedParts, points: NeighbourParts) -> Result<Self, Error> {
        let points = Points::new(&fitted, points)?;
        Ok(NearestNeighbors { fitted, points })
    }
}

/// It has neighbours, and none of the answers that models have in common.
impl Model for NearestNeighbors {
    fn name(&self) -> &'static str {
        "NearestNeighbors"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new()
    }
}
