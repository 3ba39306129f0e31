//! `sklearn.ensemble.AdaBoostClassifier` and `AdaBoostRegressor`.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::forest::{ESTIMATOR, ESTIMATOR_};
use super::read::{Object, Read, text};
use super::registry::Class;
use crate::ensemble::{AdaBoostAlgorithm, AdaBoostClassifier, AdaBoostParts, AdaBoostRegressor};

const MODULES: &[&str] = &["sklearn.ensemble._weight_boosting", "sklearn.ensemble.weight_boosting"];

/// What changed in a classifier. From 1.6 on there is one algorithm alone.
const CLASSIFIER: &[Change] = &[
    ESTIMATOR,
    ESTIMATOR_,
    Change::Unless(|object, to| {
        let is_samme = object.find("algorithm").and_then(text).as_deref() != Some("SAMME.R");
        let crosses =
            |major, minor| object.version().before(major, minor) != to.before(major, minor);
        if is_samme && crosses(0, 22) {
            return Some("SAMME has other probabilities from 0.22 on");
        }
        (is_samme && crosses(1, 3)).then_some("SAMME has other scores from 1.3 on")
    }),
    Change::Value(
        "algorithm",
        &[(EVER, Fill::Text("SAMME")), ((1, 6), Fill::Text("deprecated")), ((1, 8), Fill::Absent)],
    ),
];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "AdaBoostClassifier", modules: MODULES, read: read_classifier },
    Class { name: "AdaBoostRegressor", modules: MODULES, read: read_regressor },
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] =
    &[("AdaBoostClassifier", CLASSIFIER), ("AdaBoostRegressor", &[ESTIMATOR, ESTIMATOR_])];

fn read_parts(object: &Object) -> Result<AdaBoostParts, Error> {
    Ok(AdaBoostParts {
        version: object.version(),
        estimators: object.models("estimators_")?,
        weights: object.floats("estimator_weights_")?,
        feature_names: object.feature_names()?,
        parameters: object.parameters(),
    })
}

fn read_classifier(object: &Object) -> Read {
    let algorithm = match object.some("algorithm").and_then(|value| value.as_str()).as_deref() {
        None | Some("SAMME" | "deprecated") => AdaBoostAlgorithm::Samme,
        Some("SAMME.R") => AdaBoostAlgorithm::SammeR,
        Some(other) => return Err(object.unsupported(format!("its algorithm is {other:?}"))),
    };
    let (parts, classes) = (read_parts(object)?, object.labels("classes_")?);
    Ok(Arc::new(object.model(AdaBoostClassifier::from_parts(parts, classes, algorithm))?))
}

fn read_regressor(object: &Object) -> Read {
    let parts = read_parts(object)?;
    Ok(Arc::new(object.model(AdaBoostRegressor::from_parts(parts))?))
}
