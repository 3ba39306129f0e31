//! Boosted trees: `sklearn.ensemble.GradientBoostingClassifier` and its like, and the constant models
//! from which they start.

use std::sync::Arc;

use super::changes::{Change, Changes, EVER, Fill};
use super::convert::Copier;
use super::losses::{self, Loss};
use super::read::{Object, Read, class_of, described, text};
use super::registry::Class;
use super::tree::ReadTree;
use super::{Error, Version, dummy};
use crate::ensemble::{
    ClassifierLoss, GradientBoostingClassifier, GradientBoostingParts, GradientBoostingRegressor,
    Init,
};
use crate::model;
use crate::pickle::Handle;
use crate::tree::Tree;

const MODULES: &[&str] = &["sklearn.ensemble._gb", "sklearn.ensemble.gradient_boosting"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "GradientBoostingClassifier", modules: MODULES, read: read_classifier },
    Class { name: "GradientBoostingRegressor", modules: MODULES, read: read_regressor },
];

/// What changed in both.
macro_rules! common {
    ($($own:expr,)*) => {
        &[
            Change::Made("criterion", criterion),
            Change::Value("min_impurity_split", &[(EVER, Fill::None), ((1, 0), Fill::Absent)]),
            Change::Free(
                "n_features_",
                &[(EVER, Fill::Copy("n_features_in_")), ((1, 0), Fill::Absent)],
            ),
            Change::Made("n_trees_per_iteration_", |copier, object| {
                let trees = trees_per_stage(object)?;
                Ok((!copier.writer.version.before(1, 4)).then(|| copier.writer.count(trees)))
            }),
            Change::Made("loss_", |copier, object| {
                copier.writer.version.before(1, 1).then(|| loss(copier, object)).transpose()
            }),
            Change::Made("_loss", |copier, object| {
                (!copier.writer.version.before(1, 1)).then(|| loss(copier, object)).transpose()
            }),
            // What a fit that goes on looks at, of which old versions kept the differences alone.
            Change::Made("oob_scores_", |copier, object| {
                if copier.writer.version.before(1, 3) || object.find("oob_improvement_").is_none() {
                    return Ok(None);
                }
                if object.find("oob_scores_").is_some() {
                    return copier.attribute(object, "oob_scores_");
                }
                let unknown = vec![f64::NAN; object.floats("oob_improvement_")?.len()];
                copier.writer.floats(&[unknown.len()], &unknown).map(Some)
            }),
            $($own,)*
        ]
    };
}

const CLASSIFIER: &[Change] = common![
    Change::Spelled { name: "loss", old: "deviance", new: "log_loss", since: (1, 1) },
    Change::Free(
        "_n_classes",
        &[(EVER, Fill::Absent), ((0, 24), Fill::Copy("n_classes_")), ((1, 4), Fill::Absent)],
    ),
    Change::Unless(starts_otherwise),
];
const REGRESSOR: &[Change] = common![
    Change::Spelled { name: "loss", old: "ls", new: "squared_error", since: (1, 0) },
    Change::Spelled { name: "loss", old: "lad", new: "absolute_error", since: (1, 0) },
    Change::Free("n_classes_", &[(EVER, Fill::Integer(1)), ((0, 24), Fill::Absent)]),
];
/// What boosting starts from, where it has no other: from 1.4 on it knows the number of columns.
const DUMMY: &[Change] = &[Change::Free(
    "n_features_in_",
    &[(EVER, Fill::Absent), ((0, 24), Fill::None), ((1, 0), Fill::Absent), ((1, 4), Fill::Absent)],
)];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("GradientBoostingClassifier", CLASSIFIER),
    ("GradientBoostingRegressor", REGRESSOR),
    ("DummyClassifier", DUMMY),
    ("DummyRegressor", DUMMY),
];

/// The parameter `criterion`, which makes no difference any more from 1.9 on.
fn criterion(copier: &mut Copier<'_>, object: &Object) -> Result<Option<Handle>, Error> {
    let (b, to) = (&copier.writer.builder, copier.writer.version);
    let own = object.text("criterion")?;
    let criterion = match (own.as_str(), to.before(1, 9)) {
        ("deprecated", true) => "friedman_mse",
        ("friedman_mse" | "squared_error" | "mse" | "deprecated", false) => "deprecated",
        ("mae" | "absolute_error", _) if !to.before(1, 1) => {
            let problem = format!("its criterion is {own:?}, which there is no more");
            return Err(copier.unwritable(object.name(), &problem));
        }
        (other, _) => to.criterion_of(other),
    };
    Ok(Some(b.str(criterion)))
}

/// The loss, as a version has it.
fn loss(copier: &Copier<'_>, object: &Object) -> Result<Handle, Error> {
    let trees = trees_per_stage(object)?;
    let name = object.text("loss")?;
    let loss = match (name.as_str(), object.name() == "GradientBoostingClassifier") {
        ("log_loss" | "deviance", true) if trees == 1 => Loss::Binomial,
        ("log_loss" | "deviance", true) => Loss::Multinomial { classes: trees },
        ("exponential", true) => Loss::Exponential,
        ("squared_error" | "ls", false) => Loss::Squared,
        ("absolute_error" | "lad", false) => Loss::Absolute,
        ("huber", false) => Loss::Huber { quantile: object.float("alpha")? },
        ("quantile", false) => Loss::Quantile { quantile: object.float("alpha")? },
        _ => return Err(object.unsupported(format!("its loss is {name:?}"))),
    };
    let starts_from_zero = object.find("init_").and_then(text).as_deref() == Some("zero");
    let logarithms = trees > 1 && !starts_from_zero && losses::starts_from_logarithms(object);
    loss.of_gradient_boosting(&copier.writer, logarithms)
}

/// Why a classifier would start from other scores in a version; none if it does not.
fn starts_otherwise(object: &Object, to: Version) -> Option<&'static str> {
    let (from, several) = (object.version(), trees_per_stage(object).is_ok_and(|trees| trees > 1));
    let crosses = |minor| from.before(1, minor) != to.before(1, minor);
    match read_init(object, true) {
        Ok(Init::Zero) | Err(_) => None,
        Ok(Init::Constant(prior) | Init::Logarithms(prior)) => {
            let step = f64::from(f32::EPSILON);
            let is_extreme = |&share: &f64| !(step..=1.0 - step).contains(&share);
            if crosses(8) && prior.iter().any(is_extreme) {
                return Some(
                    "a class is so rare or so frequent that it would start from other scores",
                );
            }
            let centered = several && !losses::starts_from_logarithms(object);
            (centered && to.before(1, 4))
                .then_some("the scores of several classes have a mean of zero from 1.4 on")
        }
        Ok(Init::Estimator(_)) => {
            if crosses(8) {
                return Some("it starts from another model, whose probabilities are cut otherwise");
            }
            (several && (crosses(4) || to.mixes_up_starts())).then_some(
                "it would start from other scores than those of its model of the classes",
            )
        }
    }
}

/// How many trees a stage has.
fn trees_per_stage(object: &Object) -> Result<usize, Error> {
    let name = "estimators_";
    let estimators = object.get(name)?.to_object_array();
    let estimators = estimators.map_err(|error| object.wrong(name, error.to_string()))?;
    match *estimators.shape() {
        [_, trees] => Ok(trees),
        _ => Err(object.wrong(name, format!("it has {} dimensions, not two", estimators.ndim()))),
    }
}

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
    let wanted = ("DecisionTreeRegressor", "no regressor");
    let trees = ReadTree::all(object, name, estimators.iter(), wanted, false)?;
    let trees: Vec<Tree> = trees.into_iter().map(|read| read.tree).collect();
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
            let prior = dummy::probabilities(&object.estimator_of(value)?)?;
            let converted = prior.len() > 2
                && !object.version().before(1, 4)
                && losses::starts_from_logarithms(object);
            Ok(if converted { Init::Logarithms(prior) } else { Init::Constant(prior) })
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
