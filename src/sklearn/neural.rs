//! `sklearn.neural_network`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::Version;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{Object, Read};
use super::registry::Class;
use crate::neural::{Activation, Layer, Layers, MLPClassifier, MLPRegressor};

const MODULES: &[&str] = &[
    "sklearn.neural_network._multilayer_perceptron",
    "sklearn.neural_network.multilayer_perceptron",
];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "MLPClassifier", modules: MODULES, read: read_classifier },
    Class { name: "MLPRegressor", modules: MODULES, read: read_regressor },
];

/// Until 0.24 what trains kept the coefficients, too: a fit that goes on makes it anew then.
const OPTIMIZER: Change = Change::Made("_optimizer", |copier, object| {
    let is_old = |version: Version| version.before(1, 0);
    match !is_old(object.version()) && is_old(copier.writer.version) {
        true => Ok(None),
        false => copier.attribute(object, "_optimizer"),
    }
});
const OPTIMIZERS: &[Change] =
    &[Change::Made("params", |copier, object| match copier.writer.version.before(1, 0) {
        true => copier.attribute(object, "params"),
        false => Ok(None),
    })];
const PERCEPTRON: &[Change] = &[
    OPTIMIZER,
    Change::Spelled { name: "loss", old: "squared_loss", new: "squared_error", since: (1, 0) },
    Change::Word("loss", "poisson", (1, 7)),
    Change::Free("validation_scores_", &[(EVER, Fill::Absent), ((1, 2), Fill::None)]),
    Change::Free("best_validation_score_", &[(EVER, Fill::Absent), ((1, 2), Fill::None)]),
    Change::Made("n_features_in_", |copier, object| {
        let weights = object.list("coefs_")?;
        let first = weights.first().and_then(|weights| weights.to_numpy().ok());
        let rows = first.and_then(|weights| weights.shape().first().copied());
        Ok(rows.map(|rows| copier.writer.count(rows)))
    }),
];

/// What changed in them, and in their parts.
pub(super) const CHANGES: &[Changes] = &[
    ("MLPClassifier", PERCEPTRON),
    ("MLPRegressor", PERCEPTRON),
    ("AdamOptimizer", OPTIMIZERS),
    ("SGDOptimizer", OPTIMIZERS),
];

/// The layers, whose last one must have this activation of its own.
fn read_layers(object: &Object, accepted: &[&str]) -> Result<Layers, Error> {
    let activation = match object.text("activation")?.as_str() {
        "identity" => Activation::Identity,
        "logistic" => Activation::Logistic,
        "tanh" => Activation::Tanh,
        "relu" => Activation::Relu,
        other => return Err(object.unsupported(format!("its activation is {other:?}"))),
    };
    let last = object.text("out_activation_")?;
    if !accepted.contains(&last.as_str()) {
        return Err(object.unsupported(format!("its last activation is {last:?}")));
    }
    let (name, others) = ("coefs_", "intercepts_");
    let (weights, intercepts) = (object.list(name)?, object.list(others)?);
    if weights.len() != intercepts.len() {
        return Err(object.wrong(others, "it has not as many layers as coefs_"));
    }
    let layers = weights.iter().zip(&intercepts).map(|(weights, intercepts)| {
        let weights: Array2<f64> = object.array_of(name, weights)?;
        Ok(Layer { weights, intercepts: object.floats_of(others, intercepts)? })
    });
    let layers = layers.collect::<Result<Vec<Layer>, Error>>()?;
    object.model(Layers::new(layers, activation))
}

fn read_classifier(object: &Object) -> Read {
    let classes = object.binarized_classes()?;
    let layers =
        read_layers(object, if classes.len() == 2 { &["logistic"] } else { &["softmax"] })?;
    let fitted = object.fitted(layers.n_features())?;
    Ok(Arc::new(object.model(MLPClassifier::from_parts(fitted, layers, classes))?))
}

fn read_regressor(object: &Object) -> Read {
    // `loss="poisson"`, since 1.7, ends in an exponential
    let layers = read_layers(object, &["identity"])?;
    let fitted = object.fitted(layers.n_features())?;
    Ok(Arc::new(object.model(MLPRegressor::from_parts(fitted, layers))?))
}
