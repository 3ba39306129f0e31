//! Models made of other models: `sklearn.ensemble.VotingClassifier`, `BaggingClassifier`,
//! `StackingClassifier` and their like, and those of `sklearn.multiclass`, `sklearn.multioutput`,
//! `sklearn.calibration` and `sklearn.compose.TransformedTargetRegressor`.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill, dropped};
use super::forest::{ESTIMATOR, ESTIMATOR_};
use super::isolation_forest::places_of;
use super::read::{Object, Read, attributes_of, float, text};
use super::registry::Class;
use crate::meta::{
    Bag, BaggingClassifier, BaggingRegressor, CalibratedClassifier, Calibration, Calibrator,
    ConstantPredictor, Isotonic, MultiOutputClassifier, MultiOutputRegressor, OneVsOneClassifier,
    OneVsRestClassifier, RestTarget, StackMethod, Stacked, StackingClassifier, StackingRegressor,
    TransformedTargetRegressor, Voting, VotingClassifier, VotingRegressor,
};
use crate::model::{FittedParts, Model};
use crate::pickle::Value;

const VOTING: &[&str] =
    &["sklearn.ensemble._voting", "sklearn.ensemble.voting", "sklearn.ensemble.voting_classifier"];
const BAGGING: &[&str] = &["sklearn.ensemble._bagging", "sklearn.ensemble.bagging"];
const STACKING: &[&str] = &["sklearn.ensemble._stacking"];
const MULTICLASS: &[&str] = &["sklearn.multiclass"];
const MULTIOUTPUT: &[&str] = &["sklearn.multioutput"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "VotingClassifier", modules: VOTING, read: read_voting_classifier },
    Class { name: "VotingRegressor", modules: VOTING, read: read_voting_regressor },
    Class { name: "BaggingClassifier", modules: BAGGING, read: read_bagging_classifier },
    Class { name: "BaggingRegressor", modules: BAGGING, read: read_bagging_regressor },
    Class { name: "StackingClassifier", modules: STACKING, read: read_stacking_classifier },
    Class { name: "StackingRegressor", modules: STACKING, read: read_stacking_regressor },
    Class { name: "OneVsRestClassifier", modules: MULTICLASS, read: read_one_vs_rest },
    Class { name: "OneVsOneClassifier", modules: MULTICLASS, read: read_one_vs_one },
    Class { name: "_ConstantPredictor", modules: MULTICLASS, read: read_constant },
    Class { name: "MultiOutputClassifier", modules: MULTIOUTPUT, read: read_multi_classifier },
    Class { name: "MultiOutputRegressor", modules: MULTIOUTPUT, read: read_multi_regressor },
    Class {
        name: "CalibratedClassifierCV",
        modules: &["sklearn.calibration"],
        read: read_calibrated,
    },
    Class {
        name: "TransformedTargetRegressor",
        modules: &["sklearn.compose._target"],
        read: read_transformed_target,
    },
    Class {
        name: "FrozenEstimator",
        modules: &["sklearn.frozen._frozen"],
        read: |object| object.estimator("estimator")?.given(object.n_columns()?).read(),
    },
];

const VERBOSE: Change =
    Change::Free("verbose", &[(EVER, Fill::Absent), ((0, 23), Fill::Flag(false))]);
/// Until 0.23 an estimator that is None was one that is dropped.
const NO_NONE: Change = Change::Unless(|object, to| {
    let pairs = object.list("estimators").unwrap_or_default();
    let is_none = |pair: &Value| pair.items().last().is_some_and(Value::is_none);
    (pairs.iter().any(is_none) && object.version().drops_none() != to.drops_none())
        .then_some("an estimator that is None is no longer one that is dropped: say 'drop'")
});
const VOTE: &[Change] = &[VERBOSE, NO_NONE];
const STACK: &[Change] = &[
    VERBOSE,
    NO_NONE,
    Change::Renamed { old: "_le", new: "_label_encoder", since: (1, 2), both: None },
    // How many columns the last estimator is given of each of the others, for their names.
    Change::Made("_n_feature_outs", |copier, object| {
        if copier.writer.version.before(1, 1) {
            return Ok(None);
        }
        if object.find("_n_feature_outs").is_some() {
            return copier.attribute(object, "_n_feature_outs");
        }
        let binary = match object.find("classes_") {
            Some(_) => object.labels("classes_")?.len() == 2,
            None => false,
        };
        let mut widths = Vec::new();
        for (_, method, model) in read_stack(object, binary)?.models {
            let width = method.width(model.as_ref(), binary).unwrap_or(0);
            widths.push(copier.writer.count(width));
        }
        Ok(Some(copier.writer.builder.list(widths)?))
    }),
];
const BAG: &[Change] = &[
    ESTIMATOR,
    ESTIMATOR_,
    Change::Usual("max_samples", &[(EVER, Fill::Float(1.0)), ((1, 8), Fill::None)]),
    Change::Free("n_features_", &[(EVER, Fill::Copy("n_features_in_")), ((1, 0), Fill::Absent)]),
    Change::Free("_sample_weight", &[(EVER, Fill::Absent), ((1, 8), Fill::None)]),
];
/// What is calibrated is made of the folds unless it is frozen, as "auto" says since 1.6.
const CALIBRATED: &[Change] = &[
    ESTIMATOR,
    Change::Value("n_jobs", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Made("ensemble", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        let is_auto = match object.find("ensemble") {
            None => true,
            Some(own) => text(own).is_some(),
        };
        match is_auto {
            _ if to.before(0, 24) => Ok(None),
            false => copier.attribute(object, "ensemble"),
            true if to.before(1, 6) => Ok(Some(b.bool(true))),
            true => Ok(Some(b.str("auto"))),
        }
    }),
    TEMPERATURE,
];
const TEMPERATURE: Change = Change::Word("method", "temperature", (1, 8));
const CALIBRATED_ONE: &[Change] = &[
    Change::Renamed { old: "base_estimator", new: "estimator", since: (1, 2), both: None },
    Change::Renamed { old: "calibrators_", new: "calibrators", since: (0, 24), both: None },
    dropped("label_encoder_"),
    dropped("classes_"),
    TEMPERATURE,
];
const ISOTONIC: &[Change] = &[
    Change::Renamed { old: "_necessary_X_", new: "X_thresholds_", since: (0, 24), both: None },
    Change::Renamed { old: "_necessary_y_", new: "y_thresholds_", since: (0, 24), both: None },
    // All rows of the fit.
    dropped("_X_"),
    dropped("_y_"),
];

const ONE_VS_REST: &[Change] = &[
    Change::Usual("verbose", &[(EVER, Fill::Absent), ((1, 1), Fill::Integer(0))]),
    Change::Unless(|object, to| {
        let models = object.models("estimators_").unwrap_or_default();
        let crosses =
            |(major, minor)| object.version().before(major, minor) != to.before(major, minor);
        (models.len() > 1 && !all_decide(&models) && [(1, 7), (1, 8)].into_iter().any(crosses))
            .then_some(
                "its estimators have no decision_function, and of classes that are as probable it \
                 takes another one there",
            )
    }),
];
const ONE_VS_ONE: &[Change] = &[Change::Unless(|object, to| {
    let crosses = |major, minor| object.version().before(major, minor) != to.before(major, minor);
    if crosses(0, 21) {
        return Some("before 0.21 its scores were scaled otherwise");
    }
    let models = object.models("estimators_").unwrap_or_default();
    (models.len() == 1 && !all_decide(&models) && crosses(1, 1))
        .then_some("it took probabilities of two classes for scores before 1.1")
})];

/// Whether all of the models have scores, of which no two are likely to be equal.
fn all_decide(models: &[Arc<dyn Model>]) -> bool {
    models.iter().all(|model| model.abilities().decision_function.is_some())
}

/// What changed in them, and in their parts.
pub(super) const CHANGES: &[Changes] = &[
    ("VotingClassifier", VOTE),
    ("VotingRegressor", VOTE),
    ("BaggingClassifier", BAG),
    ("BaggingRegressor", BAG),
    ("StackingClassifier", STACK),
    ("StackingRegressor", STACK),
    ("OneVsRestClassifier", ONE_VS_REST),
    ("OneVsOneClassifier", ONE_VS_ONE),
    ("_ConstantPredictor", &[]),
    ("MultiOutputClassifier", &[]),
    ("MultiOutputRegressor", &[]),
    ("CalibratedClassifierCV", CALIBRATED),
    ("_CalibratedClassifier", CALIBRATED_ONE),
    ("_SigmoidCalibration", &[]),
    ("_TemperatureScaling", &[]),
    ("IsotonicRegression", ISOTONIC),
    ("TransformedTargetRegressor", &[]),
    (
        "FrozenEstimator",
        &[Change::Unless(|_, to| to.before(1, 6).then_some("there is no such class before 1.6"))],
    ),
];

/// The names of the estimators that were not dropped, and whether each of all was kept.
fn read_names(object: &Object) -> Result<(Vec<String>, Vec<bool>), Error> {
    let name = "estimators";
    let (mut names, mut kept) = (Vec::new(), Vec::new());
    for pair in object.list(name)? {
        let items = object.list_of(name, &pair)?;
        let [own_name, estimator] = items.as_slice() else {
            return Err(object.wrong(name, "an item is no pair of a name and an estimator"));
        };
        let own_name =
            text(own_name).ok_or_else(|| object.not(name, own_name, "the name of an estimator"))?;
        let dropped = match estimator.is_none() {
            true => object.version().drops_none(),
            false => text(estimator).as_deref() == Some("drop"),
        };
        kept.push(!dropped);
        if !dropped {
            names.push(own_name);
        }
    }
    Ok((names, kept))
}

/// Models with their names.
type Named = Vec<(String, Arc<dyn Model>)>;

/// `estimators_` with their names.
fn named(object: &Object, names: Vec<String>) -> Result<Named, Error> {
    let models = object.models("estimators_")?;
    match models.len() == names.len() {
        true => Ok(names.into_iter().zip(models).collect()),
        false => Err(object.wrong("estimators", "there are not as many names as estimators_")),
    }
}

fn models_of(named: &[(String, Arc<dyn Model>)]) -> Vec<Arc<dyn Model>> {
    named.iter().map(|(_, model)| Arc::clone(model)).collect()
}

/// The models of a vote, and their weights.
fn read_voters(object: &Object) -> Result<(Named, Option<Vec<f64>>), Error> {
    let (names, kept) = read_names(object)?;
    let models = named(object, names)?;
    let weights = match object.some("weights") {
        None => None,
        Some(_) => {
            let all = object.floats("weights")?;
            if all.len() != kept.len() {
                return Err(object.wrong("weights", "there are not as many as estimators"));
            }
            Some(all.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(it, _)| it).collect())
        }
    };
    Ok((models, weights))
}

fn read_voting_classifier(object: &Object) -> Read {
    let (models, weights) = read_voters(object)?;
    let voting = match object.text("voting")?.as_str() {
        "hard" => Voting::Hard,
        "soft" => {
            let flatten_transform = match object.some("flatten_transform") {
                Some(_) => object.boolean("flatten_transform")?,
                None => false,
            };
            Voting::Soft { flatten_transform }
        }
        other => return Err(object.unsupported(format!("its voting is {other:?}"))),
    };
    let (fitted, classes) =
        (object.fitted_around(&models_of(&models))?, object.labels("classes_")?);
    let made = VotingClassifier::from_parts(fitted, models, classes, voting, weights);
    Ok(Arc::new(object.model(made)?))
}

fn read_voting_regressor(object: &Object) -> Read {
    let (models, weights) = read_voters(object)?;
    let fitted = object.fitted_around(&models_of(&models))?;
    Ok(Arc::new(object.model(VotingRegressor::from_parts(fitted, models, weights))?))
}

/// The models of a bag, and the places of the columns that each is given.
fn read_bags(object: &Object) -> Result<Vec<Bag>, Error> {
    let name = "estimators_features_";
    let (estimators, features) = (object.list("estimators_")?, object.list(name)?);
    if estimators.len() != features.len() {
        return Err(object.wrong(name, "there are not as many as estimators_"));
    }
    let count = object.count("n_estimators")?;
    if count != estimators.len() {
        let problem = format!("it has {} estimators, not n_estimators", estimators.len());
        return Err(object.unsupported(problem));
    }
    let mut bags = Vec::new();
    for (number, (estimator, features)) in estimators.iter().zip(&features).enumerate() {
        let places = places_of(object, name, features)?;
        let model = object.member("estimators_", number, estimator, Some(places.len()))?;
        bags.push((model, places));
    }
    Ok(bags)
}

fn read_bagging_classifier(object: &Object) -> Read {
    let (bags, classes) = (read_bags(object)?, object.labels("classes_")?);
    let made = BaggingClassifier::from_parts(object.fitted(0)?, bags, classes);
    Ok(Arc::new(object.model(made)?))
}

fn read_bagging_regressor(object: &Object) -> Read {
    let bags = read_bags(object)?;
    Ok(Arc::new(object.model(BaggingRegressor::from_parts(object.fitted(0)?, bags))?))
}

/// What a stack is made of.
struct Stack {
    fitted: FittedParts,
    models: Vec<Stacked>,
    last: Arc<dyn Model>,
    passthrough: bool,
}

fn read_stack(object: &Object, binary: bool) -> Result<Stack, Error> {
    let (names, _) = read_names(object)?;
    let named = named(object, names)?;
    let fitted = object.fitted_around(&models_of(&named))?;
    let name = "stack_method_";
    let methods = object.list(name)?;
    if methods.len() != named.len() {
        return Err(object.wrong(name, "there are not as many as estimators_"));
    }
    let passthrough = object.boolean("passthrough")?;
    let mut columns = if passthrough { fitted.n_features } else { 0 };
    let mut models = Vec::new();
    for ((model_name, model), method) in named.into_iter().zip(methods) {
        let method = match text(&method).as_deref() {
            Some("predict") => StackMethod::Predict,
            Some("predict_proba") => StackMethod::PredictProba,
            Some("decision_function") => StackMethod::DecisionFunction,
            _ => return Err(object.not(name, &method, "a method of an estimator")),
        };
        let width = method.width(model.as_ref(), binary).unwrap_or(0);
        columns = columns.saturating_add(width);
        models.push((model_name, method, model));
    }
    let last = object.model_of(object.get("final_estimator_")?, Some(columns))?;
    Ok(Stack { fitted, models, last, passthrough })
}

fn read_stacking_classifier(object: &Object) -> Read {
    // `_le` before 1.2
    let encoder = object.find("_label_encoder").or(object.find("_le"));
    if encoder.is_some_and(|encoder| encoder.type_name() == "list") {
        return Err(object.unsupported("a row may have several labels"));
    }
    let classes = object.labels("classes_")?;
    let Stack { fitted, models, last, passthrough } = read_stack(object, classes.len() == 2)?;
    let made = StackingClassifier::from_parts(fitted, models, last, classes, passthrough);
    Ok(Arc::new(object.model(made)?))
}

fn read_stacking_regressor(object: &Object) -> Read {
    let Stack { fitted, models, last, passthrough } = read_stack(object, false)?;
    let made = StackingRegressor::from_parts(fitted, models, last, passthrough);
    Ok(Arc::new(object.model(made)?))
}

fn read_one_vs_rest(object: &Object) -> Read {
    let models = object.models("estimators_")?;
    let fitted = object.fitted_around(&models)?;
    let name = "label_binarizer_";
    let state = attributes_of(object.get(name)?).map_err(|problem| object.wrong(name, problem))?;
    let find = |wanted: &str| {
        let found = state.iter().find(|(own, _)| own == wanted).map(|(_, value)| value);
        found.ok_or_else(|| object.wrong(name, format!("it has no {wanted}")))
    };
    let classes = object.labels_of(name, find("classes_")?)?;
    let target = match text(find("y_type_")?).as_deref() {
        Some("binary" | "multiclass") => RestTarget::One(classes),
        Some("multilabel-indicator") => RestTarget::Several(classes),
        _ => return Err(object.unsupported("its target is of another type than classes or labels")),
    };
    Ok(Arc::new(object.model(OneVsRestClassifier::from_parts(fitted, models, target))?))
}

fn read_one_vs_one(object: &Object) -> Read {
    if object.some("pairwise_indices_").is_some() {
        return Err(object.unsupported("its rows are distances to those of the fit"));
    }
    let models = object.models("estimators_")?;
    let (fitted, classes) = (object.fitted_around(&models)?, object.labels("classes_")?);
    Ok(Arc::new(object.model(OneVsOneClassifier::from_parts(fitted, models, classes))?))
}

fn read_constant(object: &Object) -> Read {
    let answer = match object.floats("y_")?.as_slice() {
        [0.0] => false,
        [1.0] => true,
        _ => return Err(object.wrong("y_", "it is neither [0] nor [1]")),
    };
    let made = ConstantPredictor::from_parts(object.fitted_on_any()?, answer);
    Ok(Arc::new(object.model(made)?))
}

fn read_multi_classifier(object: &Object) -> Read {
    let models = object.models("estimators_")?;
    let fitted = object.fitted_around(&models)?;
    Ok(Arc::new(object.model(MultiOutputClassifier::from_parts(fitted, models))?))
}

fn read_multi_regressor(object: &Object) -> Read {
    let models = object.models("estimators_")?;
    let fitted = object.fitted_around(&models)?;
    Ok(Arc::new(object.model(MultiOutputRegressor::from_parts(fitted, models))?))
}

fn read_calibrated(object: &Object) -> Read {
    let name = "calibrated_classifiers_";
    let columns = object.n_columns()?;
    let mut calibrations: Vec<Calibration> = Vec::new();
    for value in object.list(name)? {
        let state = attributes_of(&value).map_err(|problem| object.wrong(name, problem))?;
        // they were renamed in 0.24 and 1.2
        let find = |names: &[&str]| {
            let found = state.iter().find(|(own, _)| names.contains(&own.as_str()));
            let missing = || object.wrong(name, format!("one has no {}", names.concat()));
            found.map(|(_, value)| value).ok_or_else(missing)
        };
        let model = object.model_of(find(&["estimator", "base_estimator"])?, columns)?;
        let calibrators = object.list_of(name, find(&["calibrators", "calibrators_"])?)?;
        let calibrator = match text(find(&["method"])?).as_deref() {
            Some("sigmoid") => {
                let read = calibrators.iter().map(|value| read_sigmoid(object, value));
                Calibrator::Sigmoid(read.collect::<Result<_, Error>>()?)
            }
            Some("isotonic") => {
                let read = calibrators.iter().map(|value| read_isotonic(object, value));
                Calibrator::Isotonic(read.collect::<Result<_, Error>>()?)
            }
            Some("temperature") => match calibrators.as_slice() {
                [value] => Calibrator::Temperature(of_calibrator(object, value, &["beta_"])?),
                _ => return Err(object.wrong(name, "one has not a single calibrator")),
            },
            _ => return Err(object.unsupported("it calibrates by another method")),
        };
        calibrations.push((model, calibrator));
    }
    let models: Vec<Arc<dyn Model>> =
        calibrations.iter().map(|(model, _)| Arc::clone(model)).collect();
    let (fitted, classes) = (object.fitted_around(&models)?, object.labels("classes_")?);
    Ok(Arc::new(object.model(CalibratedClassifier::from_parts(fitted, calibrations, classes))?))
}

/// A value of a calibrator, by one of its names.
fn value_of_calibrator(object: &Object, value: &Value, names: &[&str]) -> Result<Value, Error> {
    let name = "calibrated_classifiers_";
    let state = attributes_of(value).map_err(|problem| object.wrong(name, problem))?;
    let mut state = state.into_iter();
    let found = state.find(|(own, _)| names.contains(&own.as_str())).map(|(_, value)| value);
    found.ok_or_else(|| object.wrong(name, format!("a calibrator has no {}", names.join(" or "))))
}

fn of_calibrator(object: &Object, value: &Value, names: &[&str]) -> Result<f64, Error> {
    let found = value_of_calibrator(object, value, names)?;
    float(&found).ok_or_else(|| object.not("calibrated_classifiers_", &found, "a number"))
}

fn read_sigmoid(object: &Object, value: &Value) -> Result<(f64, f64), Error> {
    Ok((of_calibrator(object, value, &["a_"])?, of_calibrator(object, value, &["b_"])?))
}

fn read_isotonic(object: &Object, value: &Value) -> Result<Isotonic, Error> {
    let name = "calibrated_classifiers_";
    let floats = |names: &[&str]| {
        let found = value_of_calibrator(object, value, names)?;
        if found.to_numpy().is_ok_and(|array| array.dtype().itemsize() != 8) {
            return Err(object.unsupported("its isotonic regressions are of 32-bit floats"));
        }
        object.floats_of(name, &found)
    };
    let from = floats(&["X_thresholds_", "_necessary_X_"])?;
    let to = floats(&["y_thresholds_", "_necessary_y_"])?;
    object.model(Isotonic::new(from, to))
}

fn read_transformed_target(object: &Object) -> Read {
    let columns = object.n_columns()?;
    let regressor = object.model_of(object.get("regressor_")?, columns)?;
    let single = match object.integer("_training_dim")? {
        1 => true,
        2 => false,
        other => return Err(object.unsupported(format!("its target has {other} dimensions"))),
    };
    let outputs = match regressor.abilities().multi_output_regressor {
        Some(model) => model.n_outputs(),
        None => 1,
    };
    let transformer = object.model_of(object.get("transformer_")?, Some(outputs))?;
    let fitted = object.fitted_around(std::slice::from_ref(&regressor))?;
    let made = TransformedTargetRegressor::from_parts(fitted, regressor, transformer, single);
    Ok(Arc::new(object.model(made)?))
}
