//! `sklearn.ensemble.IsolationForest`.

use std::sync::Arc;

use super::Error;
use super::read::{Object, Read};
use super::registry::Class;
use super::tree::ReadTree;
use crate::data::Labels;
use crate::ensemble::{IsolationForest, IsolationForestParts};
use crate::pickle::Value;

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[Class {
    name: "IsolationForest",
    modules: &["sklearn.ensemble._iforest", "sklearn.ensemble.iforest"],
    read: read_forest,
}];

fn read_forest(object: &Object) -> Read {
    let name = "estimators_";
    let mut trees = Vec::new();
    for (number, value) in object.list(name)?.iter().enumerate() {
        let estimator = object.estimator_of(value)?;
        if estimator.name() != "ExtraTreeRegressor" {
            let problem = format!("tree {number} is a {}, no regressor", estimator.name());
            return Err(object.wrong(name, problem));
        }
        let read = ReadTree::of(&estimator).map_err(|error| object.in_tree(error, name, number))?;
        trees.push(read.tree);
    }
    let fitted = object.fitted(0)?;
    let places = match object.count("_max_features")? == fitted.n_features {
        true => None,
        false => Some(read_places(object)?),
    };
    let max_samples = match object.find("_max_samples") {
        Some(_) => object.count("_max_samples")?,
        None => object.count("max_samples_")?,
    };
    // Before 0.20 there was no offset, and until 0.21 the old behaviour could be asked for.
    let (offset, threshold) = match object.find("offset_") {
        Some(_) => {
            let old = object.find("behaviour").and_then(|value| value.as_str());
            let threshold = match old.as_deref() == Some("old") && object.version().before(0, 22) {
                true => object.float("_threshold_")?,
                false => 0.0,
            };
            (object.float("offset_")?, threshold)
        }
        None => (-0.5, object.float("threshold_")?),
    };
    let missing = object.version().isolates_missing();
    let parts = IsolationForestParts { trees, places, max_samples, offset, threshold, missing };
    Ok(Arc::new(object.model(IsolationForest::from_parts(fitted, parts))?))
}

/// The columns that each tree is given.
fn read_places(object: &Object) -> Result<Vec<Vec<usize>>, Error> {
    let name = "estimators_features_";
    object.list(name)?.iter().map(|value| places_of(object, name, value)).collect()
}

/// The places of columns.
pub(super) fn places_of(object: &Object, name: &str, value: &Value) -> Result<Vec<usize>, Error> {
    let wrong = || object.wrong(name, "an item holds no places of columns");
    let Labels::Integers(places) = object.labels_of(name, value)? else { return Err(wrong()) };
    let places: Result<Vec<usize>, _> = places.into_iter().map(usize::try_from).collect();
    places.map_err(|_| wrong())
}
