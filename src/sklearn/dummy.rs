//! `sklearn.dummy.DummyClassifier` and `DummyRegressor`.

use std::sync::Arc;

use ndarray::ArrayD;

use super::Error;
use super::read::{Object, Read, boolean, float, text};
use super::registry::Class;
use super::tree::read_classes;
use crate::data::{LabelRef, Labels};
use crate::dummy::{DummyClassifier, DummyOutput, DummyRegressor, DummyStrategy};
use crate::pickle::Value;

const MODULES: &[&str] = &["sklearn.dummy"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "DummyClassifier",
        modules: MODULES,
        read: |object| Ok(Arc::new(read_classifier(object)?)),
    },
    Class { name: "DummyRegressor", modules: MODULES, read: read_regressor },
];

/// The shares of the classes of each output.
fn read_priors(object: &Object, n_outputs: usize) -> Result<Vec<Vec<f64>>, Error> {
    let name = "class_prior_";
    match n_outputs {
        1 => Ok(vec![object.floats(name)?]),
        _ => object.list(name)?.iter().map(|prior| object.floats_of(name, prior)).collect(),
    }
}

fn read_classifier(object: &Object) -> Result<DummyClassifier, Error> {
    if object.find("sparse_output_").is_some() && object.boolean("sparse_output_")? {
        return Err(object.unsupported("its target was a sparse table"));
    }
    let n_outputs = object.count("n_outputs_")?;
    let (classes, priors) = (read_classes(object, n_outputs)?, read_priors(object, n_outputs)?);
    if priors.len() != classes.len() {
        return Err(object.wrong("class_prior_", "there are not as many as classes_"));
    }
    let strategy = match object.text("strategy")?.as_str() {
        "most_frequent" => DummyStrategy::MostFrequent,
        "prior" => DummyStrategy::Prior,
        "constant" => DummyStrategy::Constant(read_constants(object, &classes)?),
        drawn @ ("stratified" | "uniform") => {
            let problem = format!("its strategy {drawn:?} draws its answers at random");
            return Err(object.unsupported(problem));
        }
        other => return Err(object.unsupported(format!("its strategy is {other:?}"))),
    };
    let outputs = classes.into_iter().zip(priors);
    let outputs = outputs.map(|(classes, prior)| DummyOutput { classes, prior }).collect();
    let made = DummyClassifier::from_parts(object.fitted_on_any()?, strategy, outputs);
    object.model(made)
}

/// The place of the constant among the classes, for each output.
fn read_constants(object: &Object, classes: &[Labels]) -> Result<Vec<usize>, Error> {
    let name = "constant";
    let value = object.get(name)?;
    let places: Option<Vec<usize>> = match (object.list_of(name, value), classes) {
        (Ok(list), _) if list.len() != classes.len() => None,
        (Ok(list), _) => {
            list.iter().zip(classes).map(|(own, classes)| place_of(own, classes)).collect()
        }
        (Err(_), [classes]) if object.labels(name).is_err() => {
            place_of(value, classes).map(|place| vec![place])
        }
        (Err(_), _) => {
            let own = object.labels(name)?;
            let places = own.iter().zip(classes).map(|(own, classes)| place_among(own, classes));
            places.collect::<Option<Vec<usize>>>().filter(|_| own.len() == classes.len())
        }
    };
    places.ok_or_else(|| object.wrong(name, "it is none of its classes"))
}

/// The place of the class that equals a constant, which may be of another type.
fn place_of(constant: &Value, classes: &Labels) -> Option<usize> {
    match text(constant) {
        Some(word) => place_among(LabelRef::Text(&word), classes),
        None => {
            let number = float(constant).or_else(|| boolean(constant).map(f64::from))?;
            place_among(LabelRef::Float(number), classes)
        }
    }
}

fn place_among(constant: LabelRef<'_>, classes: &Labels) -> Option<usize> {
    fn number(label: LabelRef<'_>) -> Option<f64> {
        match label {
            LabelRef::Integer(integer) => Some(integer as f64),
            LabelRef::Float(number) => Some(number),
            LabelRef::Boolean(flag) => Some(f64::from(u8::from(flag))),
            LabelRef::Text(_) => None,
        }
    }
    let wanted = number(constant);
    classes.iter().position(|class| match (class, constant) {
        (LabelRef::Text(own), LabelRef::Text(word)) => own == word,
        (class, _) => wanted.is_some() && number(class) == wanted,
    })
}

/// The probabilities that a `DummyClassifier` of one output gives to classes.
pub(super) fn probabilities(object: &Object) -> Result<Vec<f64>, Error> {
    if object.text("strategy")? == "uniform" {
        let count = object.floats("class_prior_")?.len();
        return Ok(vec![1.0 / count as f64; count]);
    }
    let model = read_classifier(object)?;
    match model.probabilities() {
        [only] => Ok(only.clone()),
        _ => Err(object.wrong("n_outputs_", "it has not one output")),
    }
}

/// What a `DummyRegressor` says of each output.
pub(super) fn constants(object: &Object) -> Result<Vec<f64>, Error> {
    let name = "constant_";
    let value = object.get(name)?;
    if matches!(value.type_name(), "list" | "tuple") {
        return object.floats(name);
    }
    let constants: ArrayD<f64> = object.array_of(name, value)?;
    Ok(constants.into_iter().collect())
}

fn read_regressor(object: &Object) -> Read {
    let constants = constants(object)?;
    if constants.len() != object.count("n_outputs_")? {
        return Err(object.wrong("constant_", "there is not one for each output"));
    }
    Ok(Arc::new(object.model(DummyRegressor::from_parts(object.fitted_on_any()?, constants))?))
}
