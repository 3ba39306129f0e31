//! How a row got its answer: its way through a tree, and what each feature added to the answer of a
//! tree or a forest.

use std::collections::BTreeMap;

use ndarray::ArrayView1;
use serde_json::{Value, json};

use super::models::Served;
use super::refusal::Refusal;
use crate::any_model::AnyModel;
use crate::data::{Features, Frame};
use crate::ensemble::{ForestClassifier, ForestRegressor};
use crate::model::{self, Question, TreeModel};
use crate::tree::Tree;

/// How many rows are explained in one request at most.
pub(super) const MOST_ROWS: usize = 100;

/// What is explained of a model: `path`, `contributions`, or both; nothing where there is no tree.
pub(super) fn explains(model: &AnyModel) -> Vec<&'static str> {
    let path = model.abilities().tree.map(|_| "path");
    let contributions = trees(model).map(|_| "contributions");
    path.into_iter().chain(contributions).collect()
}

/// The trees of a tree or a forest of one output, and whether their values are of classes.
fn trees(model: &AnyModel) -> Option<(&[Tree], bool)> {
    let (trees, of_classes) = match model {
        AnyModel::DecisionTreeClassifier(model) => (std::slice::from_ref(model.tree()), true),
        AnyModel::DecisionTreeRegressor(model) => (std::slice::from_ref(model.tree()), false),
        AnyModel::Estimator(model) => {
            if let Some(forest) = model.downcast_ref::<ForestClassifier>() {
                (forest.trees(), true)
            } else {
                (model.downcast_ref::<ForestRegressor>()?.trees(), false)
            }
        }
        _ => return None,
    };
    let abilities = model.abilities();
    let one_output = match of_classes {
        true => abilities.classifier.is_some_and(|classifier| {
            trees.iter().all(|tree| tree.width() == classifier.classes().len())
        }),
        false => abilities.regressor.is_some() && trees.iter().all(|tree| tree.width() == 1),
    };
    one_output.then_some((trees, of_classes))
}

/// The explanation of each row.
pub(super) fn explain(served: &Served, table: &Frame) -> Result<Vec<Value>, Refusal> {
    let model = &served.model;
    let (tree, trees) = (model.abilities().tree, trees(model));
    if tree.is_none() && trees.is_none() {
        return Err(Refusal::bad(format!(
            "{} is neither a tree nor a forest of one output, and nothing else is explained",
            model.name()
        )));
    }
    let features = served.columns.features(table)?;
    let name = |feature: usize| match model.feature_names().and_then(|names| names.get(feature)) {
        Some(name) => name.clone(),
        None => feature.to_string(),
    };
    let classes: Option<Vec<String>> =
        model.classes().ok().map(|classes| classes.iter().map(|class| class.to_string()).collect());
    let refused = |error: model::Error| Refusal::bad(error.to_string());
    let leaves = match trees {
        Some(_) => Some(model.apply(Features::from(&features)).map_err(refused)?),
        None => None,
    };
    let mut explanations = Vec::with_capacity(features.nrows());
    for (place, row) in features.rows().into_iter().enumerate() {
        let mut explanation = serde_json::Map::new();
        if let Some(tree) = tree {
            explanation.insert("path".to_owned(), path(tree, row, &name).map_err(refused)?);
        }
        if let (Some((trees, of_classes)), Some(leaves)) = (trees, &leaves) {
            let mut sums = Contributions::new(trees, of_classes);
            for (number, tree) in trees.iter().enumerate() {
                let leaf = leaves.get((place, number)).copied().unwrap_or_default();
                sums.add(tree, leaf).map_err(refused)?;
            }
            sums.tell(classes.as_deref(), &name, &mut explanation);
        }
        explanations.push(Value::Object(explanation));
    }
    Ok(explanations)
}

/// The nodes that a row passes.
fn path(
    tree: &dyn TreeModel,
    row: ArrayView1<'_, f64>,
    name: &dyn Fn(usize) -> String,
) -> Result<Value, model::Error> {
    let nodes = tree.tree_nodes();
    let passed = nodes.path(&row.to_vec())?;
    let step = |(place, &node): (usize, &usize)| {
        let mut step = serde_json::Map::new();
        step.insert("node".to_owned(), node.into());
        if let (Some(Question { feature, threshold, strict }), Some((left, _))) =
            (nodes.question(node), nodes.children(node))
        {
            step.insert("feature".to_owned(), name(feature).into());
            step.insert("asks".to_owned(), if strict { "<" } else { "<=" }.into());
            step.insert("threshold".to_owned(), threshold.into());
            step.insert("value".to_owned(), row.get(feature).copied().into());
            step.insert("is_so".to_owned(), (passed.get(place + 1) == Some(&left)).into());
        }
        if let Some(samples) = nodes.samples(node) {
            step.insert("samples".to_owned(), samples.into());
        }
        Value::Object(step)
    };
    Ok(passed.iter().enumerate().map(step).collect())
}

/// What each feature adds to the answer: the change of a node's value at each question, summed by the
/// feature that is asked for, the mean over the trees.
///
/// Source: A. Palczewska and others, "Interpreting random forest models using a feature contribution
/// method", IEEE IRI 2013; it is what the Python package treeinterpreter computes.
struct Contributions {
    width: usize,
    of_classes: bool,
    trees: f64,
    base: Vec<f64>,
    by_feature: BTreeMap<usize, Vec<f64>>,
}

impl Contributions {
    fn new(trees: &[Tree], of_classes: bool) -> Self {
        let width = trees.first().map_or(0, Tree::width);
        Contributions {
            width,
            of_classes,
            trees: trees.len() as f64,
            base: vec![0.0; width],
            by_feature: BTreeMap::new(),
        }
    }

    /// A node's value: of classes the fractions of its rows.
    fn value(&self, tree: &Tree, node: usize) -> Vec<f64> {
        let value = tree.value(node);
        let sum: f64 = value.iter().sum();
        match self.of_classes && sum > 0.0 {
            true => value.iter().map(|count| count / sum).collect(),
            false => value.to_vec(),
        }
    }

    /// Adds the way to a leaf.
    fn add(&mut self, tree: &Tree, leaf: usize) -> Result<(), model::Error> {
        let way = way_to(tree, leaf)?;
        let mut before: Option<(usize, Vec<f64>)> = None;
        for node in way {
            let value = self.value(tree, node);
            match before.take() {
                None => {
                    self.base.iter_mut().zip(&value).for_each(|(sum, it)| *sum += it / self.trees)
                }
                Some((parent, old)) => {
                    let feature = tree.arrays().feature.get(parent).copied();
                    let feature =
                        feature.and_then(|it| usize::try_from(it).ok()).unwrap_or_default();
                    let sums =
                        self.by_feature.entry(feature).or_insert_with(|| vec![0.0; self.width]);
                    for ((sum, new), old) in sums.iter_mut().zip(&value).zip(&old) {
                        *sum += (new - old) / self.trees;
                    }
                }
            }
            before = Some((node, value));
        }
        Ok(())
    }

    fn tell(
        self,
        classes: Option<&[String]>,
        name: &dyn Fn(usize) -> String,
        explanation: &mut serde_json::Map<String, Value>,
    ) {
        let by_class = |numbers: &[f64]| match classes.filter(|_| self.of_classes) {
            Some(classes) => {
                let each = classes.iter().zip(numbers);
                Value::Object(each.map(|(class, &number)| (class.clone(), number.into())).collect())
            }
            None => numbers.first().copied().into(),
        };
        explanation.insert("base".to_owned(), by_class(&self.base));
        let features = self.by_feature.iter();
        let contributions = features.map(
            |(&feature, numbers)| json!({ "feature": name(feature), "adds": by_class(numbers) }),
        );
        explanation.insert("contributions".to_owned(), contributions.collect());
    }
}

/// The nodes from the root to a leaf.
fn way_to(tree: &Tree, leaf: usize) -> Result<Vec<usize>, model::Error> {
    let mut parents = vec![usize::MAX; tree.node_count()];
    for node in 0..tree.node_count() {
        if let Some((left, right)) = tree.children(node) {
            for child in [left, right] {
                if let Some(parent) = parents.get_mut(child) {
                    *parent = node;
                }
            }
        }
    }
    let (mut way, mut node) = (vec![leaf], leaf);
    while node != 0 {
        match parents.get(node) {
            Some(&parent) if parent != usize::MAX && way.len() <= tree.node_count() => {
                way.push(parent);
                node = parent;
            }
            _ => {
                let problem = "a leaf hangs on no root".to_owned();
                return Err(model::Error::Internal { problem });
            }
        }
    }
    way.reverse();
    Ok(way)
}
