//! The parameters of trees, by scikit-learn's names and with its defaults.

use serde::{Deserialize, Serialize};

use super::fit::GrowthLimits;
use super::{ClassWeight, Criterion, Error, MaxFeatures, RegressionCriterion, Samples};
use crate::python::estimator::Repr;
use crate::python::{float_repr, text_repr};

/// What classifiers and regressors have in common.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Growth {
    pub(crate) max_depth: Option<usize>,
    pub(crate) min_samples_split: Samples,
    pub(crate) min_samples_leaf: Samples,
    pub(crate) min_weight_fraction_leaf: f64,
    pub(crate) max_features: MaxFeatures,
    pub(crate) random_state: Option<u32>,
    pub(crate) max_leaf_nodes: Option<usize>,
    pub(crate) min_impurity_decrease: f64,
    pub(crate) ccp_alpha: f64,
}

impl Default for Growth {
    fn default() -> Self {
        Growth {
            max_depth: None,
            min_samples_split: Samples::Count(2),
            min_samples_leaf: Samples::Count(1),
            min_weight_fraction_leaf: 0.0,
            max_features: MaxFeatures::All,
            random_state: None,
            max_leaf_nodes: None,
            min_impurity_decrease: 0.0,
            ccp_alpha: 0.0,
        }
    }
}

impl Growth {
    pub(crate) fn check(&self) -> Result<(), Error> {
        let within = |low_open: bool, low: f64, high: f64, value: f64| {
            (if low_open { value > low } else { value >= low }) && value <= high
        };
        let count = |least: usize, value: Option<usize>| value.is_none_or(|value| value >= least);
        let samples = |least, value, below_one: bool| match value {
            Samples::Count(value) => value >= least,
            Samples::Fraction(value) => {
                within(true, 0.0, 1.0, value) && !(below_one && value >= 1.0)
            }
        };
        let max_features = match self.max_features {
            MaxFeatures::Count(value) => value >= 1,
            MaxFeatures::Fraction(value) => within(true, 0.0, 1.0, value),
            _ => true,
        };
        let option = |value: Option<usize>| value.map_or("None".to_owned(), |v| v.to_string());
        let checks = [
            ("max_depth", count(1, self.max_depth), option(self.max_depth), "at least 1, or none"),
            (
                "min_samples_split",
                samples(2, self.min_samples_split, false),
                self.min_samples_split.repr(),
                "a count of at least 2, or a fraction above 0 and up to 1",
            ),
            (
                "min_samples_leaf",
                samples(1, self.min_samples_leaf, true),
                self.min_samples_leaf.repr(),
                "a count of at least 1, or a fraction above 0 and below 1",
            ),
            (
                "min_weight_fraction_leaf",
                within(false, 0.0, 0.5, self.min_weight_fraction_leaf),
                float_repr(self.min_weight_fraction_leaf),
                "from 0 to 0.5",
            ),
            (
                "max_features",
                max_features,
                self.max_features.repr().unwrap_or_default(),
                "a count of at least 1, or a fraction above 0 and up to 1",
            ),
            (
                "max_leaf_nodes",
                count(2, self.max_leaf_nodes),
                option(self.max_leaf_nodes),
                "at least 2, or none",
            ),
            (
                "min_impurity_decrease",
                within(false, 0.0, f64::INFINITY, self.min_impurity_decrease),
                float_repr(self.min_impurity_decrease),
                "a number of at least 0",
            ),
            (
                "ccp_alpha",
                within(false, 0.0, f64::INFINITY, self.ccp_alpha),
                float_repr(self.ccp_alpha),
                "a number of at least 0",
            ),
        ];
        match checks.into_iter().find(|(_, good, _, _)| !good) {
            None => Ok(()),
            Some((name, _, value, expected)) => Err(Error::Parameter { name, value, expected }),
        }
    }

    /// The limits for rows and columns of these numbers, whose weights sum to `weight`.
    pub(super) fn limits(&self, rows: usize, columns: usize, weight: f64) -> GrowthLimits {
        let min_samples_leaf = self.min_samples_leaf.of(rows);
        GrowthLimits {
            max_depth: self.max_depth.unwrap_or(i32::MAX as usize),
            min_samples_split: (self.min_samples_split.of(rows).max(2))
                .max(min_samples_leaf.saturating_mul(2)),
            min_samples_leaf,
            min_weight_leaf: self.min_weight_fraction_leaf * weight,
            min_impurity_decrease: self.min_impurity_decrease,
            max_leaf_nodes: self.max_leaf_nodes,
            max_features: self.max_features.of(columns),
            random_state: self.random_state.unwrap_or(0),
        }
    }

    fn repr(&self, repr: &mut Repr) {
        let standard = Growth::default();
        let option = |value: Option<usize>| value.map(|value| value.to_string());
        let float = |value: f64| (value != 0.0).then(|| float_repr(value));
        let samples = |value: Samples, standard| (value != standard).then(|| value.repr());
        repr.set("ccp_alpha", float(self.ccp_alpha));
        repr.set("max_depth", option(self.max_depth));
        repr.set("max_features", self.max_features.repr());
        repr.set("max_leaf_nodes", option(self.max_leaf_nodes));
        repr.set("min_impurity_decrease", float(self.min_impurity_decrease));
        let leaf = samples(self.min_samples_leaf, standard.min_samples_leaf);
        repr.set("min_samples_leaf", leaf);
        let split = samples(self.min_samples_split, standard.min_samples_split);
        repr.set("min_samples_split", split);
        repr.set("min_weight_fraction_leaf", float(self.min_weight_fraction_leaf));
        repr.set("random_state", self.random_state.map(|seed| seed.to_string()));
    }
}

/// The parameters of a [`DecisionTreeClassifier`](super::DecisionTreeClassifier).
///
/// Printed as scikit-learn prints an estimator: only what differs from the default.
///
/// ```
/// use picklebook::tree::{Criterion, DecisionTreeClassifier};
///
/// let params = DecisionTreeClassifier::params()
///     .criterion(Criterion::Entropy)
///     .max_depth(3)
///     .random_state(100);
/// assert_eq!(
///     params.to_string(),
///     "DecisionTreeClassifier(criterion='entropy', max_depth=3, random_state=100)"
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionTreeClassifierParams {
    pub(crate) criterion: Criterion,
    pub(crate) class_weight: Option<ClassWeight>,
    #[serde(flatten)]
    pub(crate) growth: Growth,
}

/// The parameters of a [`DecisionTreeRegressor`](super::DecisionTreeRegressor).
///
/// Printed as scikit-learn prints an estimator: only what differs from the default.
///
/// ```
/// use picklebook::tree::{DecisionTreeRegressor, RegressionCriterion};
///
/// let params = DecisionTreeRegressor::params()
///     .criterion(RegressionCriterion::Poisson)
///     .max_depth(3);
/// assert_eq!(params.to_string(), "DecisionTreeRegressor(criterion='poisson', max_depth=3)");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DecisionTreeRegressorParams {
    /// Left out where it is the default: so trees are the same bytes as before there was a choice.
    #[serde(default, skip_serializing_if = "RegressionCriterion::is_default")]
    pub(crate) criterion: RegressionCriterion,
    #[serde(flatten)]
    pub(crate) growth: Growth,
}

/// The setters that both kinds of parameters have.
macro_rules! growth_setters {
    ($params:ty) => {
        impl $params {
            /// The greatest number of splits from the root to a leaf, at least 1. No limit by default.
            pub fn max_depth(mut self, max_depth: usize) -> Self {
                self.growth.max_depth = Some(max_depth);
                self
            }

            /// Split only nodes of at least this many rows, at least 2; 2 by default.
            pub fn min_samples_split(mut self, rows: usize) -> Self {
                self.growth.min_samples_split = Samples::Count(rows);
                self
            }

            /// Split only nodes of at least this fraction of all rows: above 0, and at most 1.
            pub fn min_samples_split_fraction(mut self, fraction: f64) -> Self {
                self.growth.min_samples_split = Samples::Fraction(fraction);
                self
            }

            /// Leave at least this many rows in each leaf; 1 by default.
            pub fn min_samples_leaf(mut self, rows: usize) -> Self {
                self.growth.min_samples_leaf = Samples::Count(rows);
                self
            }

            /// Leave at least this fraction of all rows in each leaf: above 0, and below 1.
            pub fn min_samples_leaf_fraction(mut self, fraction: f64) -> Self {
                self.growth.min_samples_leaf = Samples::Fraction(fraction);
                self
            }

            /// Leave at least this fraction of the weight of all rows in each leaf, from 0 to 0.5; 0 by
            /// default.
            pub fn min_weight_fraction_leaf(mut self, fraction: f64) -> Self {
                self.growth.min_weight_fraction_leaf = fraction;
                self
            }

            /// How many features to look at for a split; all of them by default.
            pub fn max_features(mut self, max_features: MaxFeatures) -> Self {
                self.growth.max_features = max_features;
                self
            }

            /// The seed of the order in which features are tried, which decides between splits
            /// that are equally good. It is 0 by default, so that two runs give the same tree.
            pub fn random_state(mut self, seed: u32) -> Self {
                self.growth.random_state = Some(seed);
                self
            }

            /// Grow best first, to at most this many leaves, at least 2. No limit by default.
            pub fn max_leaf_nodes(mut self, leaves: usize) -> Self {
                self.growth.max_leaf_nodes = Some(leaves);
                self
            }

            /// Split only where that lowers the impurity of the tree by at least this much; 0 by
            /// default.
            pub fn min_impurity_decrease(mut self, decrease: f64) -> Self {
                self.growth.min_impurity_decrease = decrease;
                self
            }

            /// Prune the tree by minimal cost complexity, with this price for each leaf. By default, 0:
            /// nothing is pruned.
            pub fn ccp_alpha(mut self, alpha: f64) -> Self {
                self.growth.ccp_alpha = alpha;
                self
            }
        }
    };
}

growth_setters!(DecisionTreeClassifierParams);
growth_setters!(DecisionTreeRegressorParams);

impl DecisionTreeClassifierParams {
    /// How to measure the quality of a split; [`Criterion::Gini`] by default.
    pub fn criterion(mut self, criterion: Criterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// How much each class counts; all rows count the same by default.
    pub fn class_weight(mut self, class_weight: ClassWeight) -> Self {
        self.class_weight = Some(class_weight);
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.growth.check()?;
        if let Some(ClassWeight::Weights(weights)) = &self.class_weight {
            for (class, weight) in weights {
                if !weight.is_finite() || *weight < 0.0 {
                    let problem = format!(
                        "the weight of class {class} is {weight}, but must be finite and not negative"
                    );
                    return Err(Error::ClassWeight { problem });
                }
            }
        }
        Ok(())
    }
}

impl DecisionTreeRegressorParams {
    /// How to measure the quality of a split; [`RegressionCriterion::SquaredError`] by default.
    pub fn criterion(mut self, criterion: RegressionCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.growth.check()
    }
}

impl std::fmt::Display for DecisionTreeClassifierParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut repr = Repr::new("DecisionTreeClassifier");
        let criterion =
            (self.criterion != Criterion::Gini).then(|| text_repr(self.criterion.name()));
        repr.set_value("class_weight", self.class_weight.as_ref().map(ClassWeight::repr));
        repr.set("criterion", criterion);
        self.growth.repr(&mut repr);
        f.write_str(&repr.finish())
    }
}

impl std::fmt::Display for DecisionTreeRegressorParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut repr = Repr::new("DecisionTreeRegressor");
        let criterion = (!self.criterion.is_default()).then(|| text_repr(self.criterion.name()));
        repr.set("criterion", criterion);
        self.growth.repr(&mut repr);
        f.write_str(&repr.finish())
    }
}
