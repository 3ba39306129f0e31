//! Forests: `sklearn.ensemble.RandomForestClassifier` and its like.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{Object, Read};
use super::registry::Class;
use super::tree::{MONOTONIC, PRUNING, ReadTree, read_classes};
use crate::ensemble::{ForestClassifier, ForestKind, ForestParts, ForestRegressor};
use crate::model;
use crate::tree::Tree;

const MODULES: &[&str] = &["sklearn.ensemble._forest", "sklearn.ensemble.forest"];

/// An ensemble's parameter that says of what it is made.
pub(super) const ESTIMATOR: Change =
    Change::Renamed { old: "base_estimator", new: "estimator", since: (1, 2), both: Some((1, 4)) };
pub(super) const ESTIMATOR_: Change =
    Change::Renamed { old: "base_estimator_", new: "estimator_", since: (1, 2), both: None };

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "RandomForestClassifier",
        modules: MODULES,
        read: |object| read_classifier(object, ForestKind::RandomForest),
    },
    Class {
        name: "RandomForestRegressor",
        modules: MODULES,
        read: |object| read_regressor(object, ForestKind::RandomForest),
    },
    Class {
        name: "ExtraTreesClassifier",
        modules: MODULES,
        read: |object| read_classifier(object, ForestKind::ExtraTrees),
    },
    Class {
        name: "ExtraTreesRegressor",
        modules: MODULES,
        read: |object| read_regressor(object, ForestKind::ExtraTrees),
    },
];

const FOREST: &[Change] = &[
    MONOTONIC,
    PRUNING,
    ESTIMATOR,
    ESTIMATOR_,
    Change::Value("max_samples", &[(EVER, Fill::Absent), ((0, 22), Fill::None)]),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("RandomForestClassifier", FOREST),
    ("RandomForestRegressor", FOREST),
    ("ExtraTreesClassifier", FOREST),
    ("ExtraTreesRegressor", FOREST),
];

/// The trees of a forest, and how many classes each of their outputs has.
fn read_trees(
    object: &Object,
    kind: ForestKind,
    classifier: bool,
) -> Result<(ForestParts, Vec<usize>), Error> {
    let name = "estimators_";
    let class = match (kind, classifier) {
        (ForestKind::ExtraTrees, true) => "ExtraTreeClassifier",
        (ForestKind::ExtraTrees, false) => "ExtraTreeRegressor",
        (_, true) => "DecisionTreeClassifier",
        (_, false) => "DecisionTreeRegressor",
    };
    let mut trees: Vec<Tree> = Vec::new();
    let mut same: Option<(Vec<usize>, super::Version)> = None;
    let estimators = object.list(name)?;
    let wanted = (class, &*format!("not a {class}"));
    let read = ReadTree::all(object, name, estimators.iter(), wanted, classifier)?;
    for (number, read) in read.into_iter().enumerate() {
        let (n_classes, version) =
            same.get_or_insert_with(|| (read.n_classes.clone(), read.version));
        if *n_classes != read.n_classes || version.has_fractions() != read.version.has_fractions() {
            let problem =
                format!("tree {number} has other classes than tree 0, or another version");
            return Err(object.wrong(name, problem));
        }
        trees.push(read.tree);
    }
    let Some((n_classes, version)) = same else {
        return Err(object.wrong(name, "it has no trees"));
    };
    let parts = ForestParts {
        kind,
        version: object.stated_version().unwrap_or(version),
        trees,
        feature_names: object.feature_names()?,
        parameters: object.parameters(),
    };
    let own =
        object.stated_version().is_none_or(|own| own.has_fractions() == version.has_fractions());
    if !own {
        return Err(object.wrong(name, "its trees are of another version"));
    }
    if let Some(found) = object.n_features()?
        && let Some(expected) = parts.trees.first().map(Tree::n_features)
        && found != expected
    {
        let what = "features";
        return object.model(Err(model::Error::Length { what, expected, found }));
    }
    Ok((parts, n_classes))
}

fn read_classifier(object: &Object, kind: ForestKind) -> Read {
    let (parts, n_classes) = read_trees(object, kind, true)?;
    let classes = read_classes(object, n_classes.len())?;
    for (classes, &expected) in classes.iter().zip(&n_classes) {
        if classes.len() != expected {
            let (what, found) = ("classes", classes.len());
            return object.model(Err(model::Error::Length { what, expected, found }));
        }
    }
    Ok(Arc::new(object.model(ForestClassifier::from_parts(parts, classes))?))
}

fn read_regressor(object: &Object, kind: ForestKind) -> Read {
    let (parts, n_classes) = read_trees(object, kind, false)?;
    Ok(Arc::new(object.model(ForestRegressor::from_parts(parts, n_classes.len()))?))
}
