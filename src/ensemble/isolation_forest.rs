//! Trees that set rows apart: those that few questions set apart are outliers.

use ndarray::{Array2, Axis};

use super::rows::Accepted;
use super::{Error, leaves_of_trees, table};
use crate::data::{Features, Labels};
use crate::model::columns::in_order_of_fit;
use crate::model::link::labels_at;
use crate::model::{Abilities, FittedParts, Model};
use crate::numpy::pairwise_sum;
use crate::tree::Tree;

/// Euler's constant, as numpy has it.
const EULER: f64 = 0.577_215_664_901_532_9;

/// What an [`IsolationForest`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct IsolationForestParts {
    /// The trees: `estimators_`.
    pub trees: Vec<Tree>,
    /// The places of the columns that each tree is given, where they are not all:
    /// `estimators_features_`.
    pub places: Option<Vec<Vec<usize>>>,
    /// How many rows each tree was fitted on: `max_samples_`.
    pub max_samples: usize,
    /// What is subtracted from scores: `offset_`.
    pub offset: f64,
    /// Below which decision a row is an outlier; 0 since 0.22.
    pub threshold: f64,
    /// Whether a missing value is one to ask for.
    pub missing: bool,
}

/// scikit-learn's `IsolationForest`: 1 for rows that are like those of the fit, -1 for others.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::ensemble::{IsolationForest, IsolationForestParts};
/// use picklebook::model::FittedParts;
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [0.1], [0.2], [9.0]];
/// let tree = DecisionTreeRegressor::params().fit_weighted(&rows, &[0.0, 0.0, 0.1, 9.0], None)?;
/// let parts = IsolationForestParts {
///     trees: vec![tree.tree().clone()],
///     places: None,
///     max_samples: 4,
///     offset: -0.5,
///     threshold: 0.0,
///     missing: false,
/// };
/// let model = IsolationForest::from_parts(FittedParts::new(1), parts)?;
/// assert_eq!(model.predict(&[[0.1], [7.0]])?, Labels::from(vec![1, -1]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct IsolationForest {
    fitted: FittedParts,
    parts: IsolationForestParts,
    classes: Labels,
    /// How many questions lead to each node of each tree, and how many more would set the rows
    /// apart that ended there.
    lengths: Vec<Vec<f64>>,
}

crate::model::about_the_fit!(IsolationForest);

impl IsolationForest {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without trees or columns, for a column past the last and for numbers that
    /// are not finite; [`Error::Length`] unless there are as many columns as a tree takes.
    pub fn from_parts(fitted: FittedParts, parts: IsolationForestParts) -> Result<Self, Error> {
        fitted.check()?;
        let wrong = |problem: String| Err(Error::Model { problem });
        if parts.trees.is_empty() {
            return wrong("it has no trees".to_owned());
        }
        if !parts.offset.is_finite() || !parts.threshold.is_finite() {
            return wrong("its offset is not finite".to_owned());
        }
        let count = fitted.n_features;
        if let Some(places) = &parts.places {
            let (expected, found) = (parts.trees.len(), places.len());
            if found != expected {
                return Err(Error::Length { what: "columns of trees", expected, found });
            }
            if let Some(place) = places.iter().flatten().find(|&&place| place >= count) {
                return wrong(format!("a tree is given column {place}, of {count}"));
            }
        }
        for (number, tree) in parts.trees.iter().enumerate() {
            let places = parts.places.as_ref().and_then(|places| places.get(number));
            let (what, expected) = ("features", places.map_or(count, Vec::len));
            let found = tree.n_features();
            if found != expected {
                return Err(Error::Length { what, expected, found }.in_tree(number));
            }
        }
        let old = fitted.version.before(0, 21);
        let of_tree = |tree: &Tree| {
            let depths = tree.node_depths();
            let rows = &tree.arrays().n_node_samples;
            let pairs = depths.iter().zip(rows);
            let length = |(&depth, &rows): (&usize, &i32)| {
                let more = average_path_length(f64::from(rows), old);
                // in the order in which scikit-learn adds
                match old {
                    true => depth as f64 + more,
                    false => (depth + 1) as f64 + more - 1.0,
                }
            };
            pairs.map(length).collect()
        };
        let lengths = parts.trees.iter().map(of_tree).collect();
        Ok(IsolationForest { fitted, parts, classes: vec![-1, 1].into(), lengths })
    }

    /// What it is made of.
    pub fn parts(&self) -> &IsolationForestParts {
        &self.parts
    }

    /// -1 for outliers, and 1.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// How much each row is like those of the fit: above -0.5 rather so.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] and
    /// [`Error::Infinite`] for a value that trees cannot compare.
    pub fn score_samples<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let features = features.into();
        if let Some(ordered) = in_order_of_fit(&features, self.feature_names())? {
            return self.score_samples(&ordered);
        }
        let (rows, found) = features.shape();
        let expected = self.n_features();
        if found != expected {
            return Err(Error::Columns { expected, found });
        }
        let leaves = self.leaves(features)?;
        let length = |tree: usize, leaf: usize| {
            let lengths = self.lengths.get(tree);
            lengths.and_then(|lengths| lengths.get(leaf)).copied().unwrap_or(f64::NAN)
        };
        let (version, trees) = (self.version(), self.parts.trees.len() as f64);
        let old = version.before(0, 21);
        let average = average_path_length(self.parts.max_samples as f64, old);
        let score = |leaves: ndarray::ArrayView1<'_, usize>| {
            let each = leaves.iter().enumerate().map(|(tree, &leaf)| length(tree, leaf));
            let power = if old {
                let sum = match rows {
                    1 => pairwise_sum(&each.collect::<Vec<f64>>()),
                    _ => each.sum(),
                };
                -(sum / trees) / average
            } else {
                let sum: f64 = each.sum();
                match trees * average {
                    0.0 if !version.before(1, 0) => -1.0,
                    divisor => -(sum / divisor),
                }
            };
            -2_f64.powf(power)
        };
        Ok(leaves.rows().into_iter().map(score).collect())
    }

    /// The leaf of each row in each tree.
    fn leaves(&self, features: Features<'_>) -> Result<Array2<usize>, Error> {
        let (rows, columns) = features.shape();
        let (model, missing) = ("IsolationForest", self.parts.missing);
        let trees = &self.parts.trees;
        let Some(places) = &self.parts.places else {
            let accepted = Accepted { model, columns, missing };
            return leaves_of_trees(trees.iter(), &accepted, features, 1);
        };
        let numbers = features.to_f64();
        let mut leaves = Array2::zeros((rows, trees.len()));
        let each = trees.iter().zip(places).zip(leaves.columns_mut());
        for ((tree, places), mut column) in each {
            let some = numbers.select(Axis(1), places);
            let accepted = Accepted { model, columns: places.len(), missing };
            let own = leaves_of_trees(std::iter::once(tree), &accepted, Features::from(&some), 1)?;
            column.iter_mut().zip(own.iter()).for_each(|(leaf, &own)| *leaf = own);
        }
        Ok(leaves)
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
        scores.iter_mut().for_each(|score| *score -= self.parts.offset);
        table(scores.len(), 1, scores)
    }

    /// -1 for outliers, 1 for other rows.
    ///
    /// # Errors
    /// As [`score_samples`](Self::score_samples).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let decisions = self.decision_function(features)?;
        // what is no number is not below
        let outlier = |decision: &f64| *decision < self.parts.threshold;
        let codes: Vec<usize> = decisions.iter().map(|it| usize::from(!outlier(it))).collect();
        labels_at(&self.classes, &codes)
    }
}

/// How many questions set one of so many rows apart on average. Source: `_average_path_length`.
pub(crate) fn average_path_length(rows: f64, old: bool) -> f64 {
    match rows {
        rows if rows <= 1.0 && old => 1.0,
        rows if rows <= 1.0 => 0.0,
        2.0 if !old => 1.0,
        rows => 2.0 * ((rows - 1.0).ln() + EULER) - 2.0 * (rows - 1.0) / rows,
    }
}

impl Model for IsolationForest {
    fn name(&self) -> &'static str {
        "IsolationForest"
    }

    super::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).decision_function(self)
    }
}

crate::model::outlier_traits!(IsolationForest);
