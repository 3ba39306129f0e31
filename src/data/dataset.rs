//! Rows with their targets and the names of both.

use ndarray::{Array2, Axis};

use super::{Error, Labels, Schema};

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
#[derive(Clone, PartialEq)]
pub struct Dataset {
    features: Array2<f64>,
    target: Labels,
    feature_names: Vec<String>,
    schema: Schema,
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
        let schema = Schema::new(&target_name.into(), None);
        Ok(Dataset { features, target, feature_names, schema })
    }

    /// The same rows, of a table whose columns became these features.
    pub(super) fn with_schema(mut self, schema: Schema) -> Self {
        self.schema = schema;
        self
    }

    /// The same rows with other features in the same columns.
    pub(super) fn with_features(&self, features: Array2<f64>) -> Self {
        let Dataset { target, feature_names, schema, .. } = self.clone();
        Dataset { features, target, feature_names, schema }
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
        self.schema.target_name()
    }

    /// The table behind the features: how its columns became features, if some hold words.
    pub fn schema(&self) -> &Schema {
        &self.schema
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
                schema: self.schema.clone(),
            }),
            (row, _) => Err(Error::Row { row: row.unwrap_or(rows), rows }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: usize, labels: usize, names: usize) -> Result<Dataset, Error> {
        let features = Array2::from_shape_fn((rows, 2), |(row, column)| (10 * row + column) as f64);
        let target: Labels = (0..labels as i64).collect::<Vec<_>>().into();
        Dataset::new(features, target, (0..names).map(|name| name.to_string()).collect(), "y")
    }

    #[test]
    fn a_table_has_one_label_a_row_and_one_name_a_column() {
        for (rows, labels, names, problem) in [
            (3, 3, 2, None),
            (0, 0, 2, None),
            (3, 2, 2, Some("labels in the target: expected 3, found 2;")),
            (3, 4, 2, Some("labels in the target: expected 3, found 4;")),
            (3, 3, 3, Some("feature names: expected 2, found 3;")),
            (3, 3, 0, Some("feature names: expected 2, found 0;")),
        ] {
            let refused = table(rows, labels, names).err().map(|error| error.to_string());
            assert_eq!(refused.is_some(), problem.is_some(), "{refused:?}");
            assert!(refused.unwrap_or_default().starts_with(problem.unwrap_or_default()));
        }
    }

    #[test]
    fn rows_are_picked_in_any_order_and_as_often_as_asked() -> Result<(), Error> {
        let data = table(3, 3, 2)?;
        let picked = data.select(&[2, 0, 2])?;
        assert_eq!(picked.features().column(1).to_vec(), [21.0, 1.0, 21.0]);
        assert_eq!(picked.target(), &vec![2, 0, 2].into());
        assert_eq!((picked.target_name(), picked.feature_names()), ("y", data.feature_names()));
        assert_eq!(data.select(&[])?.rows(), 0);
        assert!(matches!(data.select(&[0, 3]), Err(Error::Row { row: 3, rows: 3 })));
        Ok(())
    }
}
