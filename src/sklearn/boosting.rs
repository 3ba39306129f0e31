//! Boosted trees: `sklearn.ensemble.GradientBoostingClassifier` and its like, and the constant models
//! from which they start.

use std::sync::Arc;

use super::Error;
use super::read::{Object, Read, boolean, class_of, described, float, text};
use super::registry::Class;
use super::tree::ReadTree;
use crate::data::LabelRef;
use crate::ensemble::{
    ClassifierLoss, GradientBoostingClassifier, GradientBoostingParts, GradientBoostingRegressor,
    Init,
};
use crate::model;
use crate::pickle::Value;
use crate::tree::{Tree, first_greatest};

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
            Ok(Init::Constant(prior(object, value)?))
        }
        (Some(("sklearn.dummy", "DummyRegressor")), false) => {
            let problem = |problem: String| object.wrong(name, problem);
            let state = super::read::attributes_of(value).map_err(problem)?;
            let constant = state.iter().find(|(name, _)| name == "constant_");
            let (_, constant) = constant.ok_or_else(|| problem("it has no constant_".into()))?;
            let constant: ndarray::ArrayD<f64> = object.array_of(name, constant)?;
            Ok(Init::Constant(constant.into_iter().collect()))
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

/// The probabilities that a `DummyClassifier` gives to classes.
fn prior(object: &Object, value: &Value) -> Result<Vec<f64>, Error> {
    let name = "init_";
    let state = super::read::attributes_of(value).map_err(|problem| object.wrong(name, problem))?;
    let find = |wanted: &str| state.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let missing = |what: &str| object.wrong(name, format!("it has no {what}"));
    let prior = find("class_prior_").ok_or_else(|| missing("class_prior_"))?;
    let prior = object.floats_of(name, prior)?;
    let only = |place: usize| -> Vec<f64> {
        (0..prior.len()).map(|own| f64::from(u8::from(own == place))).collect()
    };
    let strategy = find("strategy").and_then(|strategy| strategy.as_str());
    match strategy.as_deref() {
        Some("prior") => Ok(prior),
        Some("uniform") => Ok(vec![1.0 / prior.len() as f64; prior.len()]),
        // the first of the most frequent
        Some("most_frequent") => Ok(only(first_greatest(&prior))),
        Some("constant") => {
            let classes = find("classes_").ok_or_else(|| missing("classes_"))?;
            let classes = object.labels_of(name, classes)?;
            let constant = find("constant").ok_or_else(|| missing("constant"))?;
            let number = |label: LabelRef<'_>| match label {
                LabelRef::Integer(integer) => Some(integer as f64),
                LabelRef::Float(number) => Some(number),
                LabelRef::Boolean(flag) => Some(f64::from(flag)),
                LabelRef::Text(_) => None,
            };
            let wanted = float(constant).or_else(|| boolean(constant).map(f64::from));
            let word = text(constant);
            let is_it = |label: LabelRef<'_>| match label {
                LabelRef::Text(own) => word.as_deref() == Some(own),
                label => wanted.is_some() && number(label) == wanted,
            };
            let place = classes.iter().position(is_it);
            place.map(only).ok_or_else(|| object.wrong(name, "its constant is none of its classes"))
        }
        strategy => {
            let strategy = strategy.unwrap_or_default();
            let problem = format!("it starts from a DummyClassifier of the strategy {strategy:?}");
            Err(object.unsupported(problem))
        }
    }
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
