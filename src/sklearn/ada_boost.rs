//! `sklearn.ensemble.AdaBoostClassifier` and `AdaBoostRegressor`.

use std::sync::Arc;

use super::Error;
use super::read::{Object, Read};
use super::registry::Class;
use crate::ensemble::{AdaBoostAlgorithm, AdaBoostClassifier, AdaBoostParts, AdaBoostRegressor};

const MODULES: &[&str] = &["sklearn.ensemble._weight_boosting", "sklearn.ensemble.weight_boosting"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "AdaBoostClassifier", modules: MODULES, read: read_classifier },
    Class { name: "AdaBoostRegressor", modules: MODULES, read: read_regressor },
];

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
