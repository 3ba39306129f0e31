//! `sklearn.ensemble.IsolationForest`.

use std::sync::Arc;

use super::changes::{Change, Changes, EVER, Fill};
use super::convert::Copier;
use super::read::{Object, Read};
use super::registry::Class;
use super::tree::ReadTree;
use super::{Error, Version};
use crate::data::Labels;
use crate::ensemble::{IsolationForest, IsolationForestParts, average_path_length};
use crate::pickle::{Handle, Value};
use crate::tree::Tree;

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[Class {
    name: "IsolationForest",
    modules: &["sklearn.ensemble._iforest", "sklearn.ensemble.iforest"],
    read: read_forest,
}];

/// The tree that those of the forest were made of has been under several names, and for its own
/// fits only.
fn prototype(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let name = if object.find("estimator_").is_some() { "estimator_" } else { "base_estimator_" };
    match object.find(name) {
        Some(_) => copier.attribute(object, name),
        None => Ok(Some(copier.writer.builder.none())),
    }
}

/// From 1.3 on a forest keeps how deep the nodes of each tree lie, and how many more questions the
/// rows of each would take.
fn lengths(copier: &mut Copier<'_>, object: &Object, deep: bool) -> Result<Option<Handle>, Error> {
    if copier.writer.version.before(1, 3) {
        return Ok(None);
    }
    let name = if deep { "_decision_path_lengths" } else { "_average_path_length_per_tree" };
    if object.find(name).is_some() {
        return copier.attribute(object, name);
    }
    let mut made = Vec::new();
    for tree in read_trees(object)? {
        made.push(match deep {
            true => {
                let depth = |&depth: &usize| i64::try_from(depth + 1).unwrap_or(i64::MAX);
                let depths: Vec<i64> = tree.node_depths().iter().map(depth).collect();
                copier.writer.integers(&depths)?
            }
            false => {
                let rows = tree.arrays().n_node_samples.iter();
                let more = rows.map(|&rows| average_path_length(f64::from(rows), false));
                let more: Vec<f64> = more.collect();
                copier.writer.floats(&[more.len()], &more)?
            }
        });
    }
    Ok(Some(copier.writer.builder.tuple(made)?))
}

/// What changed in it.
pub(super) const CHANGES: &[Changes] = &[(
    "IsolationForest",
    &[
        Change::Made("base_estimator", |copier, object| match copier.writer.version {
            to if to.before(1, 2) => prototype(copier, object),
            to if to.before(1, 4) => Ok(Some(copier.writer.builder.str("deprecated"))),
            _ => Ok(None),
        }),
        Change::Made("estimator", |copier, object| match copier.writer.version {
            to if to.before(1, 2) => Ok(None),
            to if to.before(1, 4) => prototype(copier, object),
            _ => Ok(Some(copier.writer.builder.none())),
        }),
        super::forest::ESTIMATOR_,
        Change::Free("behaviour", &[(EVER, Fill::Text("deprecated")), ((0, 24), Fill::Absent)]),
        Change::Free(
            "n_features_",
            &[(EVER, Fill::Copy("n_features_in_")), ((1, 0), Fill::Absent)],
        ),
        Change::Made("_decision_path_lengths", |copier, object| lengths(copier, object, true)),
        Change::Made("_average_path_length_per_tree", |copier, object| {
            lengths(copier, object, false)
        }),
        Change::Free("_sample_weight", &[(EVER, Fill::Absent), ((1, 8), Fill::None)]),
        Change::Unless(|object, to| {
            let is_old = |version: Version| version.before(0, 22);
            (is_old(object.version()) != is_old(to))
                .then_some("before 0.22 its scores were counted from another offset")
        }),
    ],
)];

fn read_trees(object: &Object) -> Result<Vec<Tree>, Error> {
    let name = "estimators_";
    let estimators = object.list(name)?;
    let wanted = ("ExtraTreeRegressor", "no regressor");
    let trees = ReadTree::all(object, name, estimators.iter(), wanted, false)?;
    Ok(trees.into_iter().map(|read| read.tree).collect())
}

fn read_forest(object: &Object) -> Read {
    let trees = read_trees(object)?;
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
