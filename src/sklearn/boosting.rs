//! Boosted trees: `sklearn.ensemble.GradientBoostingClassifier` and its like, and the constant models
//! from which they start.

use std::sync::Arc;

use super::read::{Object, Read, class_of, described};
use super::registry::Class;
use super::tree::ReadTree;
use super::{Error, dummy};
use crate::ensemble::{
    ClassifierLoss, GradientBoostingClassifier, GradientBoostingParts, GradientBoostingRegressor,
    Init,
};
use crate::model;
use crate::tree::Tree;

const MODULES: &[&str] = &["sklearn.ensemble._gb", "sklearn.ensemble.gradient_boosting"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "GradientBoostingClassifier", modules: MODULES, read: read_classifier },
    Class { name: "GradientBoostingRegressor", modules: MODULES, read: read_regressor },
];

fn read_parts(object: &Object, classifier: bool) -> Result<GradientBoostingParts, Error> {
    let name = "estimators_";
    let estimators = object
        .get(name)?
        .to_object_array()
        .map_err(|error| object.wrong(name, error.to_string()))?;
    let &[_, trees_per_stage] = estimators.shape() else {
        let problem = format!("it has {} dimensions, not two", estimators.ndim());
        return Err(object.wrong(name, problem));
    };
    let mut trees: Vec<Tree> = Vec::new();
    for (number, value) in estimators.iter().enumerate() {
        let estimator = object.estimator_of(value)?;
        if estimator.name() != "DecisionTreeRegressor" {
            let problem = format!("tree {number} is a {}, no regressor", estimator.name());
            return Err(object.wrong(name, problem));
        }
        let read = ReadTree::of(&estimator).map_err(|error| object.in_tree(error, name, number))?;
        trees.push(read.tree);
    }
    let parts = GradientBoostingParts {
        version: object.version(),
        trees,
        trees_per_stage,
        learning_rate: object.float("learning_rate")?,
        init: read_init(object, classifier)?,
        feature_names: object.feature_names()?,
        parameters: object.parameters(),
    };
    if let Some(found) = object.n_features()?
        && let Some(expected) = parts.trees.first().map(Tree::n_features)
        && found != expected
    {
        let what = "features";
        return object.model(Err(model::Error::Length { what, expected, found }));
    }
    Ok(parts)
}

/// What boosting starts from: `init_`.
fn read_init(object: &Object, classifier: bool) -> Result<Init, Error> {
    let name = "init_";
    let value = object.get(name)?;
    if value.as_str().is_some_and(|text| text == "zero") {
        return Ok(Init::Zero);
    }
    let class = class_of(value);
    let class = class.as_ref().map(|(module, name)| (module.as_str(), name.as_str()));
    match (class, classifier) {
        (Some(("sklearn.dummy", "DummyClassifier")), true) => {
            Ok(Init::Constant(dummy::probabilities(&object.estimator_of(value)?)?))
        }
        (Some(("sklearn.dummy", "DummyRegressor")), false) => {
            Ok(Init::Constant(dummy::constants(&object.estimator_of(value)?)?))
        }
        (Some((module, _)), _) if module.starts_with("sklearn.") => {
            Ok(Init::Estimator(object.estimator_of(value)?.read()?))
        }
        _ => Err(object.unsupported(format!("it starts from {}", described(value)))),
    }
}

/// Whether boosting starts from a model whose probabilities lie in memory class by class.
fn is_by_columns(object: &Object) -> Result<bool, Error> {
    let Ok(mut model) = object.estimator("init_") else { return Ok(false) };
    while model.name() == "Pipeline" {
        let steps = model.list("steps")?;
        let step = steps.last().map(|step| model.list_of("steps", step)).transpose()?;
        let Some(last) = step.as_deref().and_then(|step| step.last()) else { return Ok(false) };
        let Ok(inner) = model.estimator_of(last) else { return Ok(false) };
        model = inner;
    }
    Ok(model.name() == "HistGradientBoostingClassifier")
}

fn read_classifier(object: &Object) -> Read {
    let loss = object.text("loss")?;
    let loss = match loss.as_str() {
        "log_loss" | "deviance" => ClassifierLoss::LogLoss,
        "exponential" => ClassifierLoss::Exponential,
        _ => return Err(object.unsupported(format!("its loss is {loss:?}"))),
    };
    let parts = read_parts(object, true)?;
    if object.version().mixes_up_starts() && parts.trees_per_stage > 1 && is_by_columns(object)? {
        return Err(object.unsupported(
            "it starts from the probabilities of HistGradientBoosting, whose rows this version mixes \
             up with one another, in the fit and in every answer: fit it with 1.3 or later",
        ));
    }
    let classes = object.labels("classes_")?;
    Ok(Arc::new(object.model(GradientBoostingClassifier::from_parts(parts, classes, loss))?))
}

fn read_regressor(object: &Object) -> Read {
    let loss = object.text("loss")?;
    let known = ["squared_error", "absolute_error", "huber", "quantile", "ls", "lad"];
    if !known.contains(&loss.as_str()) {
        return Err(object.unsupported(format!("its loss is {loss:?}")));
    }
    let parts = read_parts(object, false)?;
    Ok(Arc::new(object.model(GradientBoostingRegressor::from_parts(parts))?))
}
