//! Decision trees that estimate numbers.

use super::fit::{Target, Task};
use super::walk::TreeWalker;
use super::{DecisionTreeRegressorParams, Error, Features, Tree, check};
use crate::data::{Dataset, Labels, Schema};
use crate::metrics::r2_score;
use crate::model::quantities;

/// A fitted decision tree for numbers: the same tree that scikit-learn 1.9.1 fits.
///
/// ```
/// use ndarray::array;
/// use picklebook::tree::DecisionTreeRegressor;
///
/// let features = array![[0.0], [1.0], [2.0], [3.0]];
/// let target = [1.0, 1.0, 5.0, 5.0];
/// let tree = DecisionTreeRegressor::params().fit_weighted(&features, &target, None)?;
/// assert_eq!(tree.predict(&array![[0.5], [9.0]])?, [1.0, 5.0]);
/// # Ok::<(), picklebook::tree::Error>(())
/// ```
#[derive(Clone)]
pub struct DecisionTreeRegressor {
    params: DecisionTreeRegressorParams,
    feature_names: Option<Vec<String>>,
    schema: Option<Schema>,
    tree: Tree,
    walker: TreeWalker,
}

/// Equal trees have the same parameters, feature names, and nodes down to the last bit of every
/// number; the rest follows from these.
impl PartialEq for DecisionTreeRegressor {
    fn eq(&self, other: &Self) -> bool {
        self.params == other.params
            && self.feature_names == other.feature_names
            && self.schema == other.schema
            && self.tree == other.tree
    }
}

impl crate::model::Fit for DecisionTreeRegressorParams {
    fn fit_model(
        &self,
        table: &crate::data::Frame,
        target: Option<&Labels>,
    ) -> Result<std::sync::Arc<dyn crate::model::Model>, Error> {
        let target = quantities(crate::model::fit::target_of(table, target)?)?;
        let rows = crate::model::ask::numbers_for("DecisionTreeRegressor", table)?;
        let mut tree = self.fit_weighted(&rows, &target, None)?;
        tree.feature_names = table.names().map(<[String]>::to_vec);
        Ok(std::sync::Arc::new(tree))
    }
}

impl DecisionTreeRegressorParams {
    /// Fits a tree on a dataset whose target is numbers, and keeps the names of its columns. Text
    /// that holds a number in each row, such as `2.50`, is taken as these numbers.
    ///
    /// # Errors
    /// As [`fit_weighted`](Self::fit_weighted), and [`Error::TargetKind`] when the target is not
    /// numbers.
    pub fn fit(&self, data: &Dataset) -> Result<DecisionTreeRegressor, Error> {
        let mut tree = self.fit_weighted(data, &quantities(data.target())?, None)?;
        tree.feature_names = Some(data.feature_names().to_vec());
        tree.schema = Some(data.schema().clone());
        Ok(tree)
    }

    /// Fits a tree on features and one number per row, and the weight of each row if they differ.
    /// Rows of weight zero do not count.
    ///
    /// # Errors
    /// When a parameter is out of range ([`Error::Parameter`]), there is no row or column, numbers
    /// or weights are not one a row, a feature is infinite as a 32-bit float, a target is not
    /// finite, a weight is negative or not finite, all are zero, or sums are too large
    /// ([`Error::Overflow`]). The criterion `poisson` also
    /// refuses negative targets, and targets that are all zero.
    pub fn fit_weighted<'a>(
        &self,
        features: impl Into<Features<'a>>,
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<DecisionTreeRegressor, Error> {
        self.fit_features(features.into(), target, weights)
    }

    fn fit_features(
        &self,
        features: Features<'_>,
        target: &[f64],
        weights: Option<&[f64]>,
    ) -> Result<DecisionTreeRegressor, Error> {
        self.check()?;
        let (rows, columns) = check::shape(&features, target.len())?;
        if let Some(row) = target.iter().position(|number| !number.is_finite()) {
            let value = crate::python::float_repr(target[row]);
            return Err(Error::Target { row, value, expected: "a target must be finite" });
        }
        self.criterion.check_targets(target)?;
        let weights = check::weights(rows, weights, None)?;
        let weight = weights.as_deref().map_or(rows as f64, crate::numpy::pairwise_sum);
        let tree = Task {
            features,
            target: Target::Numbers { targets: target, criterion: self.criterion },
            weights: weights.as_deref(),
            limits: self.growth.limits(rows, columns, weight),
            ccp_alpha: self.growth.ccp_alpha,
        }
        .fit()?;
        let parameters = self.clone().criterion(self.criterion.of_a_fit());
        DecisionTreeRegressor::from_tree(parameters, tree, None)
    }
}

impl DecisionTreeRegressor {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> DecisionTreeRegressorParams {
        DecisionTreeRegressorParams::default()
    }

    /// A regressor around a tree that came from elsewhere.
    ///
    /// # Errors
    /// [`Error::Length`] unless the tree has one value per node, and `feature_names` one name
    /// per column.
    pub fn from_tree(
        params: DecisionTreeRegressorParams,
        tree: Tree,
        feature_names: Option<Vec<String>>,
    ) -> Result<Self, Error> {
        if tree.width() != 1 {
            let found = tree.width();
            return Err(Error::Length { what: "values of a node", expected: 1, found });
        }
        check::names(feature_names.as_deref(), tree.n_features())?;
        let walker = TreeWalker::new(&tree);
        Ok(DecisionTreeRegressor { params, feature_names, schema: None, tree, walker })
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &DecisionTreeRegressorParams {
        &self.params
    }

    /// The names of the columns, if they are known.
    pub fn feature_names(&self) -> Option<&[String]> {
        self.feature_names.as_deref()
    }

    /// What is known of the table of the fit: its target, and how its columns became features.
    pub fn schema(&self) -> Option<&Schema> {
        self.schema.as_ref()
    }

    /// The same tree, fitted on a table that was read from a file with it.
    pub(super) fn with_schema(mut self, schema: Option<Schema>) -> Result<Self, Error> {
        if let Some(schema) = &schema {
            schema
                .check(self.feature_names.as_deref())
                .map_err(|problem| Error::Model { problem })?;
        }
        self.schema = schema;
        Ok(self)
    }

    /// The same tree with other names for its columns. It knows the table of the fit no more.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name per column.
    pub fn with_feature_names(mut self, names: Vec<String>) -> Result<Self, Error> {
        check::names(Some(&names), self.tree.n_features())?;
        self.feature_names = Some(names);
        self.schema = None;
        Ok(self)
    }

    /// The nodes, scikit-learn's `tree_`.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The estimate for each row: the mean target of its leaf, or the median for the criterion
    /// [`AbsoluteError`](super::RegressionCriterion::AbsoluteError).
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::FeatureNames`] for
    /// a [`Dataset`] with other columns (those in another order are put in order), and
    /// [`Error::Infinite`] for a value that is infinite as a 32-bit float. NaN is a missing value.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let features = features.into();
        let mut means = Vec::with_capacity(features.shape().0);
        let value = &self.tree.arrays().value;
        self.walker.leaves(features, self.feature_names(), |leaves| {
            means.extend(leaves.iter().map(|&leaf| value[leaf as usize]));
        })?;
        Ok(means)
    }

    /// The estimate for a single row.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_row(&self, row: &[f64]) -> Result<f64, Error> {
        let leaf = self.walker.leaf(row)?;
        Ok(self.tree.arrays().value[leaf])
    }

    /// The coefficient of determination R² of the estimates for a dataset: 1 for perfect ones, 0
    /// for ones no better than the mean. If all targets are equal, it is 1 for perfect estimates
    /// and 0 otherwise; with a single row it is not defined, and NaN.
    ///
    /// # Errors
    /// As [`score_rows`](Self::score_rows), and [`Error::TargetKind`] for a target that is not
    /// numbers.
    pub fn score(&self, data: &Dataset) -> Result<f64, Error> {
        self.score_rows(data, &quantities(data.target())?)
    }

    /// As [`score`](Self::score), of features and one number per row.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`Error::Length`] unless there is one number per row,
    /// [`Error::Empty`] without rows.
    pub fn score_rows<'a>(
        &self,
        features: impl Into<Features<'a>>,
        target: &[f64],
    ) -> Result<f64, Error> {
        let features = features.into();
        let (rows, _) = check::shape(&features, target.len())?;
        if rows < 2 {
            return Ok(f64::NAN);
        }
        let predicted = self.predict(features)?;
        r2_score(target, &predicted).map_err(crate::model::in_score)
    }
}

super::common_methods!(DecisionTreeRegressor);
