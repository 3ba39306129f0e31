//! Decision trees that tell classes apart.

use ndarray::Array2;

use super::choices::ClassWeight;
use super::fit::{Target, Task};
use super::walk::TreeWalker;
use super::{DecisionTreeClassifierParams, Error, Features, Tree, check};
use crate::data::{Dataset, Label, Labels, Schema};
use crate::text::cut;

/// How many names of classes a message holds, and how much of each.
const MOST_NAMES: usize = 20;
const LONGEST_NAME: usize = 100;

/// A fitted decision tree for classes: the same tree that scikit-learn 1.9.1 fits.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::{Dataset, Labels};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let scale = Dataset::new(
///     array![[1.0, 5.0], [3.0, 2.0], [4.0, 1.0], [2.0, 4.0]],
///     Labels::from(["R", "L", "L", "R"]),
///     vec!["left".into(), "right".into()],
///     "side",
/// )?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&scale)?;
/// assert_eq!(tree.predict(&array![[5.0, 1.0], [1.0, 5.0]])?, Labels::from(["L", "R"]));
/// assert_eq!(tree.score(&scale)?, 1.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DecisionTreeClassifier {
    params: DecisionTreeClassifierParams,
    classes: Labels,
    feature_names: Option<Vec<String>>,
    schema: Option<Schema>,
    tree: Tree,
    walker: TreeWalker,
    /// The class of each node: the one with the greatest fraction, the first if there are several.
    codes: Vec<u32>,
}

/// Equal trees have the same parameters, classes, feature names, and nodes down to the last bit
/// of every number; the rest follows from these.
impl PartialEq for DecisionTreeClassifier {
    fn eq(&self, other: &Self) -> bool {
        self.params == other.params
            && self.classes == other.classes
            && self.feature_names == other.feature_names
            && self.schema == other.schema
            && self.tree == other.tree
    }
}

impl DecisionTreeClassifierParams {
    /// Fits a tree on a dataset, and keeps the names of its columns.
    ///
    /// # Errors
    /// As [`fit_weighted`](Self::fit_weighted).
    pub fn fit(&self, data: &Dataset) -> Result<DecisionTreeClassifier, Error> {
        let mut tree = self.fit_weighted(data, data.target(), None)?;
        tree.feature_names = Some(data.feature_names().to_vec());
        tree.schema = Some(data.schema().clone());
        Ok(tree)
    }

    /// Fits a tree on features and one label per row, and the weight of each row if they differ.
    /// Rows of weight zero do not count.
    ///
    /// # Errors
    /// When a parameter is out of range ([`Error::Parameter`]), there is no row or column, labels
    /// or weights are not one a row, a feature is infinite as a 32-bit float, a weight is negative
    /// or not finite, all are zero, or their sum is too large ([`Error::Overflow`]), a label is a float
    /// but no 64-bit whole number, `class_weight` names a class that does not occur while others are
    /// left out, or nodes × classes are more than 2²⁸ ([`Error::TooManyValues`]).
    pub fn fit_weighted<'a>(
        &self,
        features: impl Into<Features<'a>>,
        target: &Labels,
        weights: Option<&[f64]>,
    ) -> Result<DecisionTreeClassifier, Error> {
        self.fit_features(features.into(), target, weights)
    }

    fn fit_features(
        &self,
        features: Features<'_>,
        target: &Labels,
        weights: Option<&[f64]>,
    ) -> Result<DecisionTreeClassifier, Error> {
        self.check()?;
        let (rows, columns) = check::shape(&features, target.len())?;
        check::classes(target)?;
        let classes = target.classes();
        let codes: Vec<u32> = target
            .codes(&classes)
            .ok_or_else(|| Error::Internal { problem: "the classes are not the labels".into() })?
            .into_iter()
            .map(|code| code as u32)
            .collect();
        let class_weights = self.class_weights(&classes, &codes)?;
        let weights = check::weights(rows, weights, class_weights.as_deref().map(|w| (w, &codes)))?;
        let weight = weights.as_deref().map_or(rows as f64, crate::numpy::pairwise_sum);
        let tree = Task {
            features,
            target: Target::Classes {
                codes: &codes,
                count: classes.len(),
                criterion: self.criterion,
            },
            weights: weights.as_deref(),
            limits: self.growth.limits(rows, columns, weight),
            ccp_alpha: self.growth.ccp_alpha,
        }
        .fit()?;
        DecisionTreeClassifier::from_tree(self.clone(), tree, classes, None)
    }

    /// One weight per class, or `None` if all count the same.
    fn class_weights(&self, classes: &Labels, codes: &[u32]) -> Result<Option<Vec<f64>>, Error> {
        match &self.class_weight {
            None => Ok(None),
            Some(ClassWeight::Balanced) => {
                let mut counts = vec![0.0_f64; classes.len()];
                for &code in codes {
                    counts[code as usize] += 1.0;
                }
                let rows = codes.len() as f64;
                let classes = classes.len() as f64;
                Ok(Some(counts.iter().map(|count| rows / (classes * count)).collect()))
            }
            Some(ClassWeight::Weights(weights)) => {
                let mut by_class = vec![None; classes.len()];
                for (label, weight) in weights {
                    // as in a dictionary, the last one counts
                    let place = classes.place(label.into());
                    if let Some(slot) = place.and_then(|place| by_class.get_mut(place)) {
                        *slot = Some(*weight);
                    }
                }
                let missing = by_class.iter().filter(|weight| weight.is_none()).count();
                if missing > 0 && classes.len() - missing != weights.len() {
                    let names = (classes.iter().zip(&by_class))
                        .filter(|(_, weight)| weight.is_none())
                        .map(|(class, _)| cut(&class.to_string(), LONGEST_NAME).into_owned())
                        .take(MOST_NAMES);
                    let mut names = names.collect::<Vec<_>>().join(", ");
                    if missing > MOST_NAMES {
                        names += &format!(" and {} more", missing - MOST_NAMES);
                    }
                    let problem = format!(
                        "the classes {names} are not named; name every class, or only classes that occur"
                    );
                    return Err(Error::ClassWeight { problem });
                }
                Ok(Some(by_class.into_iter().map(|weight| weight.unwrap_or(1.0)).collect()))
            }
        }
    }
}

impl crate::model::Fit for DecisionTreeClassifierParams {
    fn fit_model(
        &self,
        table: &crate::data::Frame,
        target: Option<&Labels>,
    ) -> Result<std::sync::Arc<dyn crate::model::Model>, Error> {
        let target = crate::model::fit::target_of(table, target)?;
        let rows = crate::model::ask::numbers_for("DecisionTreeClassifier", table)?;
        let mut tree = self.fit_weighted(&rows, target, None)?;
        tree.feature_names = table.names().map(<[String]>::to_vec);
        Ok(std::sync::Arc::new(tree))
    }
}

impl DecisionTreeClassifier {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> DecisionTreeClassifierParams {
        DecisionTreeClassifierParams::default()
    }

    /// A classifier around a tree that came from elsewhere.
    ///
    /// # Errors
    /// [`Error::Length`] unless the tree has one value per class, and `feature_names` one name
    /// per column; [`Error::Model`] unless the classes ascend and are classes: floats must be whole
    /// numbers.
    pub fn from_tree(
        params: DecisionTreeClassifierParams,
        tree: Tree,
        classes: Labels,
        feature_names: Option<Vec<String>>,
    ) -> Result<Self, Error> {
        let (expected, found) = (tree.width(), classes.len());
        if expected != found {
            return Err(Error::Length { what: "classes", expected, found });
        }
        if classes.classes() != classes {
            let problem = "its classes are not in ascending order, or not distinct".to_owned();
            return Err(Error::Model { problem });
        }
        if let Some(class) = classes.first_quantity().and_then(|place| classes.get(place)) {
            let problem = format!("its class {class} is not a whole number of at most 64 bits");
            return Err(Error::Model { problem });
        }
        check::names(feature_names.as_deref(), tree.n_features())?;
        let codes = (0..tree.node_count())
            .map(|node| super::first_greatest(tree.value(node)) as u32)
            .collect();
        let walker = TreeWalker::new(&tree);
        Ok(DecisionTreeClassifier {
            params,
            classes,
            feature_names,
            schema: None,
            tree,
            walker,
            codes,
        })
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &DecisionTreeClassifierParams {
        &self.params
    }

    /// The classes in ascending order, scikit-learn's `classes_`.
    pub fn classes(&self) -> &Labels {
        &self.classes
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

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::FeatureNames`] for
    /// a [`Dataset`] with other columns (those in another order are put in order), and
    /// [`Error::Infinite`] for a value that is infinite as a 32-bit float. NaN is a missing value.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let features = features.into();
        Ok(match &self.classes {
            Labels::Text(classes) => Labels::Text(self.labels(features, classes)?),
            Labels::Booleans(classes) => Labels::Booleans(self.labels(features, classes)?),
            Labels::Integers(classes) => Labels::Integers(self.labels(features, classes)?),
            Labels::Floats(classes) => Labels::Floats(self.labels(features, classes)?),
        })
    }

    fn labels<T: Clone>(&self, features: Features<'_>, classes: &[T]) -> Result<Vec<T>, Error> {
        let mut labels = Vec::with_capacity(features.shape().0);
        let label = |&leaf: &u32| classes[self.codes[leaf as usize] as usize].clone();
        self.walker.leaves(features, self.feature_names(), |leaves| {
            labels.extend(leaves.iter().map(label))
        })?;
        Ok(labels)
    }

    /// The class of a single row.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_row(&self, row: &[f64]) -> Result<Label, Error> {
        let leaf = self.walker.leaf(row)?;
        let label = self.classes.get(self.codes[leaf] as usize);
        label.ok_or_else(|| Error::Internal {
            problem: "the tree predicts a class it has not".into(),
        })
    }

    /// The fraction of each class in each row's leaf: rows × classes, in the order of
    /// [`classes`](Self::classes).
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let features = features.into();
        let width = self.tree.width();
        let rows = features.shape().0;
        let mut fractions = Vec::with_capacity(rows.saturating_mul(width));
        self.walker.leaves(features, self.feature_names(), |leaves| {
            for &leaf in leaves {
                fractions.extend_from_slice(self.tree.value(leaf as usize));
            }
        })?;
        Array2::from_shape_vec((rows, width), fractions)
            .map_err(|error| Error::Internal { problem: error.to_string() })
    }

    /// The fraction of the rows of a dataset whose class is predicted correctly (the accuracy).
    ///
    /// # Errors
    /// As [`score_rows`](Self::score_rows).
    pub fn score(&self, data: &Dataset) -> Result<f64, Error> {
        self.score_rows(data, data.target())
    }

    /// As [`score`](Self::score), of features and one label per row.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`Error::Length`] unless there is one label per row,
    /// [`Error::Empty`] without rows, [`Error::TargetKind`] for labels of another type.
    pub fn score_rows<'a>(
        &self,
        features: impl Into<Features<'a>>,
        target: &Labels,
    ) -> Result<f64, Error> {
        let features = features.into();
        let (rows, _) = check::shape(&features, target.len())?;
        if target.kind() != self.classes.kind() {
            let (found, expected) =
                (target.kind(), "the tree knows classes of another type; give labels of its type");
            return Err(Error::TargetKind { found, expected });
        }
        let predicted = self.predict(features)?;
        let right = predicted.iter().zip(target.iter()).filter(|(p, t)| p == t).count();
        Ok(right as f64 / rows as f64)
    }
}

super::common_methods!(DecisionTreeClassifier);
