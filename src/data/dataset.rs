//! Rows with their targets and the names of both.

use ndarray::{Array2, Axis};

use super::{Error, Labels};

/// A table of features (rows × columns) and one target for each row.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::{Dataset, Labels};
///
/// let data = Dataset::new(
///     array![[1.0, 5.0], [3.0, 2.0]],
///     Labels::from(["R", "L"]),
///     vec!["left".into(), "right".into()],
///     "side",
/// )?;
/// assert_eq!((data.rows(), data.columns()), (2, 2));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    features: Array2<f64>,
    target: Labels,
    feature_names: Vec<String>,
    target_name: String,
}

impl Dataset {
    /// Puts a table together.
    ///
    /// # Errors
    /// [`Error::Shape`] unless `target` has one label for each row, and `feature_names` one name
    /// for each column.
    pub fn new(
        features: Array2<f64>,
        target: Labels,
        feature_names: Vec<String>,
        target_name: impl Into<String>,
    ) -> Result<Self, Error> {
        let shape = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Shape { what, expected, found }),
        };
        shape("labels in the target", features.nrows(), target.len())?;
        shape("feature names", features.ncols(), feature_names.len())?;
        Ok(Dataset { features, target, feature_names, target_name: target_name.into() })
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.features.nrows()
    }

    /// The number of feature columns.
    pub fn columns(&self) -> usize {
        self.features.ncols()
    }

    /// The features (rows × columns), NaN where a value is missing.
    pub fn features(&self) -> &Array2<f64> {
        &self.features
    }

    /// The target, one label for each row.
    pub fn target(&self) -> &Labels {
        &self.target
    }

    /// The name of each feature column.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The name of the target column.
    pub fn target_name(&self) -> &str {
        &self.target_name
    }

    /// The rows at `indices`, in that order; an index may come twice.
    ///
    /// # Errors
    /// [`Error::Row`] for an index past the end.
    pub fn select(&self, indices: &[usize]) -> Result<Dataset, Error> {
        let rows = self.rows();
        let past_the_end = |&row: &usize| row >= rows;
        match (indices.iter().copied().find(past_the_end), self.target.take(indices)) {
            (None, Some(target)) => Ok(Dataset {
                features: self.features.select(Axis(0), indices),
                target,
                feature_names: self.feature_names.clone(),
                target_name: self.target_name.clone(),
            }),
            (row, _) => Err(Error::Row { row: row.unwrap_or(rows), rows }),
        }
    }
}
