//! What the trees answer when they are asked as models.

use ndarray::{Array2, Axis, aview1};

use super::{DecisionTreeClassifier, DecisionTreeRegressor, Error, Tree, first_greatest};
use crate::data::{Features, Labels, Schema};
use crate::model::{
    Abilities, Apply, Classifier, FeatureImportances, Model, ProbabilisticClassifier, Question,
    Regressor, TreeModel, TreeNodes,
};

impl Classifier for DecisionTreeClassifier {
    fn classes(&self) -> &Labels {
        self.classes()
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        self.predict(features)
    }
}

impl ProbabilisticClassifier for DecisionTreeClassifier {
    fn predict_proba(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.predict_proba(features)
    }
}

impl Regressor for DecisionTreeRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}

impl TreeModel for DecisionTreeClassifier {
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_> {
        Box::new(Nodes { tree: self.tree(), model: self, fractions: true })
    }

    fn criterion(&self) -> Option<&'static str> {
        Some(self.parameters().criterion.name())
    }
}

impl TreeModel for DecisionTreeRegressor {
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_> {
        Box::new(Nodes { tree: self.tree(), model: self, fractions: false })
    }

    fn criterion(&self) -> Option<&'static str> {
        Some(self.parameters().criterion.name())
    }
}

/// What both trees have in common, and which of the other abilities each has.
macro_rules! model {
    ($model:ident: $($ability:ident),*) => {
        impl Model for $model {
            fn name(&self) -> &'static str {
                stringify!($model)
            }

            fn n_features(&self) -> usize {
                self.tree().n_features()
            }

            fn feature_names(&self) -> Option<&[String]> {
                self.feature_names()
            }

            crate::model::as_itself!();

            fn schema(&self) -> Option<&Schema> {
                self.schema()
            }

            fn abilities(&self) -> Abilities<'_> {
                Abilities::new().leaves(self).importances(self).tree(self)$(.$ability(self))*
            }
        }

        impl Apply for $model {
            fn apply(&self, features: Features<'_>) -> Result<Array2<usize>, Error> {
                let leaves = self.apply(features)?;
                Array2::from_shape_vec((leaves.len(), 1), leaves)
                    .map_err(|error| Error::Internal { problem: error.to_string() })
            }
        }

        impl FeatureImportances for $model {
            fn feature_importances(&self) -> Vec<f64> {
                self.feature_importances()
            }
        }
    };
}

model!(DecisionTreeClassifier: classifier, probabilities);
model!(DecisionTreeRegressor: regressor);

/// The nodes of a tree, and the model that walks it.
struct Nodes<'a> {
    tree: &'a Tree,
    model: &'a dyn Apply,
    /// Whether the values of a node are fractions of classes, and not an estimate.
    fractions: bool,
}

impl TreeNodes for Nodes<'_> {
    fn node_count(&self) -> usize {
        self.tree.node_count()
    }

    fn children(&self, node: usize) -> Option<(usize, usize)> {
        self.tree.children(node)
    }

    fn question(&self, node: usize) -> Option<Question> {
        self.tree.children(node)?;
        let arrays = self.tree.arrays();
        let feature = usize::try_from(*arrays.feature.get(node)?).ok()?;
        Some(Question { feature, threshold: *arrays.threshold.get(node)?, strict: false })
    }

    fn impurity(&self, node: usize) -> Option<f64> {
        self.tree.arrays().impurity.get(node).copied()
    }

    fn samples(&self, node: usize) -> Option<usize> {
        let rows = *self.tree.arrays().n_node_samples.get(node)?;
        Some(rows.try_into().unwrap_or(0))
    }

    fn weight(&self, node: usize) -> Option<f64> {
        self.tree.arrays().weighted_n_node_samples.get(node).copied()
    }

    fn fractions(&self, node: usize) -> &[f64] {
        if self.fractions { self.tree.value(node) } else { &[] }
    }

    fn class(&self, node: usize) -> Option<usize> {
        let fractions = self.fractions(node);
        (!fractions.is_empty()).then(|| first_greatest(fractions))
    }

    fn estimate(&self, node: usize) -> Option<f64> {
        if self.fractions { None } else { self.tree.value(node).first().copied() }
    }

    fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error> {
        let leaves = self.model.apply(aview1(row).insert_axis(Axis(0)).into())?;
        let mut parents = vec![None; self.tree.node_count()];
        for node in 0..parents.len() {
            if let Some((left, right)) = self.tree.children(node) {
                parents[left] = Some(node);
                parents[right] = Some(node);
            }
        }
        let leaf = leaves.first().copied();
        let mut path: Vec<usize> =
            std::iter::successors(leaf, |&node| parents.get(node).copied().flatten()).collect();
        path.reverse();
        Ok(path)
    }
}
