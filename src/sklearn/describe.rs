//! An estimator in lines of text.

use std::fmt::Write;

use super::Estimator;
use crate::data::Labels;
use crate::ensemble::{
    AdaBoostClassifier, AdaBoostRegressor, ForestClassifier, ForestKind, ForestRegressor,
    GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
};
use crate::linear::{LinearClassifier, LinearDiscriminantAnalysis, LinearRegressor};
use crate::model::{Model, Parameter};
use crate::neural::{MLPClassifier, MLPRegressor};
use crate::pipeline::{ColumnTransformer, Pipeline};
use crate::python::float_repr;
use crate::text::{count, shortened};
use crate::tree::{
    DecisionTreeClassifier, DecisionTreeClassifierParams, DecisionTreeRegressor, TextOptions, Tree,
};

/// How many names a line holds, and how much of each.
const MOST_NAMES: usize = 20;
const LONGEST: usize = 60;

/// How deep the text of a tree goes, and how many of its lines are kept.
const MOST_LINES: usize = 500;

pub(super) fn describe(estimator: &Estimator) -> String {
    let mut text = String::new();
    let mut line = |label: &str, content: String| {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{label}{content}");
    };
    let version = estimator.version().map_or("of unknown version".to_owned(), |v| v.to_string());
    line("", format!("{} of scikit-learn {version}", estimator.name()));
    line("class: ", estimator.class().to_owned());
    let parameters = estimator.parameters();
    if !parameters.is_empty() {
        line("parameters:", String::new());
        for (name, value) in parameters.iter() {
            // Those of the steps follow with the steps.
            let value = match value {
                Parameter::Estimator(class, _) => format!("{class}(...)"),
                value => shortened(&value.to_string(), 4 * LONGEST),
            };
            line("  ", format!("{name}={value}"));
        }
    }
    let features = estimator.n_features();
    line(
        "columns: ",
        match estimator.feature_names() {
            Some(names) => format!("{features} ({})", listed(names.iter().map(String::as_str))),
            None => features.to_string(),
        },
    );
    for classes in classes(estimator) {
        let names: Vec<String> = classes.iter().map(|class| class.to_string()).collect();
        line(
            "classes: ",
            format!("{} ({})", names.len(), listed(names.iter().map(String::as_str))),
        );
    }
    let answers = estimator.abilities().to_string();
    if !answers.is_empty() {
        line("answers: ", answers);
    }
    if let Some((trees, nodes)) = size(estimator) {
        line(
            "size: ",
            format!("{}, {}", count(trees, "tree", "trees"), count(nodes, "node", "nodes")),
        );
    }
    for (label, content) in planes(estimator) {
        line(&label, content);
    }
    let layers = (estimator.downcast_ref::<MLPClassifier>().map(|model| model.layers()))
        .or(estimator.downcast_ref::<MLPRegressor>().map(|model| model.layers()));
    if let Some(layers) = layers {
        let neurons: Vec<String> =
            layers.layers().iter().map(|layer| layer.intercepts.len().to_string()).collect();
        line("neurons of each layer: ", listed(neurons.iter().map(String::as_str)));
    }
    if let Some(pipeline) = estimator.downcast_ref::<Pipeline>() {
        line("steps:", String::new());
        for (name, model) in pipeline.steps() {
            let name = shortened(name, LONGEST);
            line("  ", format!("{name}: {}", model.map_or("passthrough", |model| model.name())));
        }
    }
    if let Some(columns) = estimator.downcast_ref::<ColumnTransformer>() {
        line("steps:", String::new());
        for (name, step, _) in columns.steps() {
            line("  ", format!("{}: {}", shortened(name, LONGEST), step_name(step)));
        }
    }
    if let Some(tree) = tree_text(estimator) {
        text += &tree;
    }
    text
}

fn step_name(step: &crate::pipeline::ColumnStep) -> &'static str {
    match step {
        crate::pipeline::ColumnStep::Drop => "drop",
        crate::pipeline::ColumnStep::Passthrough => "passthrough",
        crate::pipeline::ColumnStep::Model(model) => model.name(),
    }
}

/// The first of some names, and how many more there are.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    let more = names.len().saturating_sub(MOST_NAMES);
    let mut listed: Vec<String> =
        names.take(MOST_NAMES).map(|name| shortened(name, LONGEST)).collect();
    if more > 0 {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
}

/// The classes of each output.
fn classes(estimator: &Estimator) -> Vec<&Labels> {
    let abilities = estimator.abilities();
    match (abilities.classifier, abilities.multi_output_classifier) {
        (Some(model), _) => vec![model.classes()],
        (None, Some(model)) => model.classes().iter().collect(),
        (None, None) => Vec::new(),
    }
}

/// How many trees and nodes there are.
fn size(estimator: &Estimator) -> Option<(usize, usize)> {
    fn of(trees: &[Tree]) -> (usize, usize) {
        (trees.len(), trees.iter().map(Tree::node_count).sum())
    }
    macro_rules! first {
        ($($model:ty: $size:expr;)*) => {
            $(if let Some(model) = estimator.downcast_ref::<$model>() {
                let size: fn(&$model) -> (usize, usize) = $size;
                return Some(size(model));
            })*
        };
    }
    first! {
        DecisionTreeClassifier: |model| (1, model.tree().node_count());
        DecisionTreeRegressor: |model| (1, model.tree().node_count());
        ForestClassifier: |model| of(model.trees());
        ForestRegressor: |model| of(model.trees());
        GradientBoostingClassifier: |model| of(model.trees());
        GradientBoostingRegressor: |model| of(model.trees());
        HistGradientBoostingClassifier: |model| {
            (model.trees().len(), model.trees().iter().map(|tree| tree.nodes().len()).sum())
        };
        HistGradientBoostingRegressor: |model| {
            (model.trees().len(), model.trees().iter().map(|tree| tree.nodes().len()).sum())
        };
    }
    let voters =
        (estimator.downcast_ref::<AdaBoostClassifier>().map(|model| model.estimators()))
            .or(estimator.downcast_ref::<AdaBoostRegressor>().map(|model| model.estimators()))?;
    let nodes = |model: &std::sync::Arc<dyn Model>| {
        model.abilities().tree.map_or(0, |tree| tree.tree_nodes().node_count())
    };
    Some((voters.len(), voters.iter().map(nodes).sum()))
}

/// What a linear model is made of: the coefficients and the intercept of each class or output, and
/// of two classes those of the second.
fn planes(estimator: &Estimator) -> Vec<(String, String)> {
    let (coefficients, intercepts) =
        if let Some(model) = estimator.downcast_ref::<LinearClassifier>() {
            (model.coefficients(), model.intercepts())
        } else if let Some(model) = estimator.downcast_ref::<LinearDiscriminantAnalysis>() {
            (model.coefficients(), model.intercepts())
        } else if let Some(model) = estimator.downcast_ref::<LinearRegressor>() {
            (model.coefficients(), model.intercepts())
        } else {
            return Vec::new();
        };
    let classes = estimator.classes().ok();
    let planes = coefficients.rows().into_iter().zip(intercepts).enumerate().take(MOST_NAMES);
    planes
        .map(|(place, (row, &intercept))| {
            let of = match (classes, coefficients.nrows()) {
                (Some(classes), 1) => classes.get_ref(1).map(|class| class.to_string()),
                (Some(classes), _) => classes.get_ref(place).map(|class| class.to_string()),
                (None, 1) => None,
                (None, _) => Some(format!("output {place}")),
            };
            let of = of.map_or(String::new(), |of| format!(" of {}", shortened(&of, LONGEST)));
            let numbers: Vec<String> = row.iter().map(|&number| float_repr(number)).collect();
            let numbers = listed(numbers.iter().map(String::as_str));
            let intercept = float_repr(intercept);
            (format!("coefficients{of}: "), format!("{numbers}; intercept {intercept}"))
        })
        .collect()
}

/// The text of a model that is a single tree.
fn tree_text(estimator: &Estimator) -> Option<String> {
    if let Some(tree) = estimator.downcast_ref::<DecisionTreeClassifier>() {
        lines(tree.tree(), |options| tree.export_text_with(options).ok())
    } else if let Some(tree) = estimator.downcast_ref::<DecisionTreeRegressor>() {
        lines(tree.tree(), |options| tree.export_text_with(options).ok())
    } else if let Some(forest) = estimator.downcast_ref::<ForestClassifier>() {
        let tree = own_classifier(forest)?;
        lines(tree.tree(), |options| tree.export_text_with(options).ok())
    } else if let Some(forest) = estimator.downcast_ref::<ForestRegressor>() {
        let tree = own_regressor(forest)?;
        lines(tree.tree(), |options| tree.export_text_with(options).ok())
    } else {
        None
    }
}

/// The text of a tree, to a depth at which it is not too long.
fn lines(tree: &Tree, text: impl Fn(&TextOptions) -> Option<String>) -> Option<String> {
    let mut depth = tree.max_depth().clamp(1, 10);
    loop {
        let found = text(&TextOptions::default().max_depth(depth))?;
        if found.lines().count() <= MOST_LINES || depth <= 1 {
            return Some(found);
        }
        depth -= 1;
    }
}

/// A single tree of one output as a tree of ours, without its parameters.
fn own_classifier(forest: &ForestClassifier) -> Option<DecisionTreeClassifier> {
    let ([tree], ForestKind::DecisionTree | ForestKind::ExtraTree) =
        (forest.trees(), forest.kind())
    else {
        return None;
    };
    let classes = forest.abilities().classifier?.classes().clone();
    let mut arrays = tree.arrays().clone();
    for values in arrays.value.chunks_exact_mut(tree.width()) {
        let sum = crate::numpy::pairwise_sum(values);
        let sum = if sum == 0.0 { 1.0 } else { sum };
        values.iter_mut().for_each(|value| *value /= sum);
    }
    let fractions = Tree::new(arrays, tree.n_features(), tree.width()).ok()?;
    let names = forest.feature_names().map(<[String]>::to_vec);
    let params = DecisionTreeClassifierParams::default();
    DecisionTreeClassifier::from_tree(params, fractions, classes, names).ok()
}

fn own_regressor(forest: &ForestRegressor) -> Option<DecisionTreeRegressor> {
    let ([tree], ForestKind::DecisionTree | ForestKind::ExtraTree) =
        (forest.trees(), forest.kind())
    else {
        return None;
    };
    let names = forest.feature_names().map(<[String]>::to_vec);
    DecisionTreeRegressor::from_tree(Default::default(), tree.clone(), names).ok()
}
