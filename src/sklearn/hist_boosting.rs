//! Boosted trees over histograms: `sklearn.ensemble.HistGradientBoostingClassifier` and its like.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::read::{Object, Read, attributes_of, class_of, described, float};
use super::registry::Class;
use crate::ensemble::{
    CategorySet, HistGradientBoostingClassifier, HistGradientBoostingParts,
    HistGradientBoostingRegressor, HistLink, HistNode, HistTree,
};
use crate::model::Model;
use crate::numpy::{Array, Element};
use crate::pickle::Value;

const MODULES: &[&str] = &["sklearn.ensemble._hist_gradient_boosting.gradient_boosting"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "HistGradientBoostingClassifier", modules: MODULES, read: read_classifier },
    Class { name: "HistGradientBoostingRegressor", modules: MODULES, read: read_regressor },
];

/// The state of an object of one of the classes that only these models use.
fn helper(
    object: &Object,
    attribute: &str,
    value: &Value,
    (module, name): (&str, &str),
) -> Result<Vec<(String, Value)>, Error> {
    let class = class_of(value);
    if class != Some((module.to_owned(), name.to_owned())) {
        return Err(object.not(attribute, value, &format!("an object of {module}.{name}")));
    }
    attributes_of(value).map_err(|problem| object.wrong(attribute, problem))
}

fn find<'s>(state: &'s [(String, Value)], name: &str) -> Option<&'s Value> {
    state.iter().find(|(own, _)| own == name).map(|(_, value)| value)
}

fn read_tree(object: &Object, value: &Value, n_features: usize) -> Result<HistTree, Error> {
    let name = "_predictors";
    let class = ("sklearn.ensemble._hist_gradient_boosting.predictor", "TreePredictor");
    let state = helper(object, name, value, class)?;
    let nodes = find(&state, "nodes").ok_or_else(|| object.wrong(name, "a tree has no nodes"))?;
    let nodes = nodes.to_numpy().map_err(|error| object.wrong(name, error.to_string()))?;
    let bitsets = |bitsets: &str| -> Result<Vec<CategorySet>, Error> {
        let Some(value) = find(&state, bitsets) else { return Ok(Vec::new()) };
        let words: Array2<u32> = object.array_of(name, value)?;
        let set = |row: ndarray::ArrayView1<'_, u32>| row.to_vec().try_into().ok();
        let sets: Option<Vec<CategorySet>> = words.rows().into_iter().map(set).collect();
        sets.ok_or_else(|| object.wrong(name, format!("{bitsets}: not of 8 words each")))
    };
    let nodes = read_nodes(object, &nodes)?;
    let raw = bitsets("raw_left_cat_bitsets")?;
    object.model(HistTree::new(nodes, raw, bitsets("binned_left_cat_bitsets")?, n_features))
}

/// The nodes, field by field: versions differ in the types of some, and the oldest lack others.
fn read_nodes(object: &Object, nodes: &Array) -> Result<Vec<HistNode>, Error> {
    let name = "_predictors";
    let &[count] = nodes.shape() else {
        return Err(object.wrong(name, "the nodes of a tree are no list"));
    };
    fn field<T: Element>(object: &Object, nodes: &Array, field: &str) -> Result<Vec<T>, Error> {
        let read = nodes.field(field).and_then(|field| field.to_vec());
        read.map_err(|error| object.wrong("_predictors", format!("nodes: {field}: {error}")))
    }
    let has = |name: &str| nodes.dtype().fields().iter().any(|field| field.name == name);
    let flags = |name: &str| field::<u8>(object, nodes, name);
    let numbers = |name: &str| field::<u32>(object, nodes, name);
    let floats = |name: &str| field::<f64>(object, nodes, name);
    let threshold = if has("num_threshold") { "num_threshold" } else { "threshold" };
    let (value, threshold) = (floats("value")?, floats(threshold)?);
    let gain = field::<f64>(object, nodes, "gain")?;
    let (counts, features) = (numbers("count")?, numbers("feature_idx")?);
    let (left, right, depth) = (numbers("left")?, numbers("right")?, numbers("depth")?);
    let (missing, leaf) = (flags("missing_go_to_left")?, flags("is_leaf")?);
    let bin = flags("bin_threshold")?;
    let (categorical, bitset) = match has("is_categorical") {
        true => (flags("is_categorical")?, numbers("bitset_idx")?),
        false => (vec![0; count], vec![0; count]),
    };
    let node = |node: usize| {
        Some(HistNode {
            value: *value.get(node)?,
            count: *counts.get(node)?,
            feature_idx: *features.get(node)?,
            num_threshold: *threshold.get(node)?,
            missing_go_to_left: *missing.get(node)? != 0,
            left: *left.get(node)?,
            right: *right.get(node)?,
            gain: *gain.get(node)?,
            depth: *depth.get(node)?,
            is_leaf: *leaf.get(node)? != 0,
            bin_threshold: *bin.get(node)?,
            is_categorical: *categorical.get(node)? != 0,
            bitset_idx: *bitset.get(node)?,
        })
    };
    let nodes: Option<Vec<HistNode>> = (0..count).map(node).collect();
    nodes.ok_or_else(|| object.wrong(name, "the fields of a tree's nodes differ in length"))
}

/// The categories that the fit saw, by feature; none if no feature has any. As
/// `make_known_categories_bitsets` of `_BinMapper` makes them.
fn known_categories(object: &Object, n_features: usize) -> Result<Vec<CategorySet>, Error> {
    // 0.22 calls it otherwise
    let name = match object.find("bin_mapper_") {
        Some(_) => "bin_mapper_",
        None => "_bin_mapper",
    };
    let class = ("sklearn.ensemble._hist_gradient_boosting.binning", "_BinMapper");
    let state = helper(object, name, object.get(name)?, class)?;
    let Some(flags) = find(&state, "is_categorical_") else { return Ok(Vec::new()) };
    let flags: ndarray::Array1<u8> = object.array_of(name, flags)?;
    if flags.iter().all(|&flag| flag == 0) {
        return Ok(Vec::new());
    }
    let thresholds = find(&state, "bin_thresholds_");
    let thresholds = thresholds.ok_or_else(|| object.wrong(name, "it has no bin_thresholds_"))?;
    let thresholds = object.list_of(name, thresholds)?;
    if flags.len() != n_features || thresholds.len() != n_features {
        return Err(object.wrong(name, "it has another number of features"));
    }
    let mut known = vec![[0_u32; 8]; n_features];
    for ((set, &flag), categories) in known.iter_mut().zip(&flags).zip(&thresholds) {
        if flag == 0 {
            continue;
        }
        for category in object.floats_of(name, categories)? {
            let inside = category.fract() == 0.0 && (0.0..256.0).contains(&category);
            if !inside {
                return Err(object.wrong(name, format!("{category} is no category")));
            }
            let category = category as usize;
            if let Some(word) = set.get_mut(category / 32) {
                *word |= 1 << (category % 32);
            }
        }
    }
    Ok(known)
}

fn read_parts(object: &Object) -> Result<HistGradientBoostingParts, Error> {
    let n_features = match object.find("_n_features") {
        Some(_) => object.count("_n_features")?,
        None => match object.n_features()? {
            Some(count) => count,
            None => object.count("n_features_in_")?,
        },
    };
    let name = "_baseline_prediction";
    let baseline = object.get(name)?;
    let baseline = match float(baseline) {
        Some(number) => vec![number],
        None => object.array_of::<f64, ndarray::IxDyn>(name, baseline)?.into_iter().collect(),
    };
    let mut trees = Vec::new();
    for iteration in object.list("_predictors")? {
        let iteration = object.list_of("_predictors", &iteration)?;
        if iteration.len() != baseline.len() {
            let problem = format!(
                "an iteration has {} trees, for {} scores to start from",
                iteration.len(),
                baseline.len()
            );
            return Err(object.wrong("_predictors", problem));
        }
        for value in &iteration {
            let number = trees.len();
            let tree = read_tree(object, value, n_features);
            trees.push(tree.map_err(|error| object.in_tree(error, "_predictors", number))?);
        }
    }
    let preprocessor = match object.some("_preprocessor") {
        None => None,
        Some(value) => Some(object.estimator_of(value)?.read()? as Arc<dyn Model>),
    };
    Ok(HistGradientBoostingParts {
        version: object.version(),
        trees,
        baseline,
        known_categories: known_categories(object, n_features)?,
        preprocessor,
        feature_names: object.feature_names()?,
        parameters: object.parameters(),
    })
}

fn read_classifier(object: &Object) -> Read {
    let loss = object.get("loss")?;
    let known = ["log_loss", "auto", "binary_crossentropy", "categorical_crossentropy"];
    if !loss.as_str().is_some_and(|loss| known.contains(&&*loss)) {
        return Err(object.unsupported(format!("its loss is {}", described(loss))));
    }
    let (parts, classes) = (read_parts(object)?, object.labels("classes_")?);
    Ok(Arc::new(object.model(HistGradientBoostingClassifier::from_parts(parts, classes))?))
}

fn read_regressor(object: &Object) -> Read {
    let loss = object.text("loss")?;
    let link = match loss.as_str() {
        "squared_error"
        | "least_squares"
        | "absolute_error"
        | "least_absolute_deviation"
        | "quantile" => HistLink::Identity,
        "poisson" | "gamma" => HistLink::Log,
        _ => return Err(object.unsupported(format!("its loss is {loss:?}"))),
    };
    let parts = read_parts(object)?;
    Ok(Arc::new(object.model(HistGradientBoostingRegressor::from_parts(parts, link))?))
}
