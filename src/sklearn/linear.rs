//! Linear models: those of `sklearn.linear_model`, `LinearSVC` and `LinearSVR` of `sklearn.svm`, and
//! `sklearn.discriminant_analysis.LinearDiscriminantAnalysis`.

use std::sync::Arc;

use ndarray::{Array2, ArrayD, Axis, Ix2, s};

use super::changes::{Change, Changes, EVER, Fill, dropped};
use super::convert::Copier;
use super::read::{Object, Read, boolean, float, integer, text};
use super::registry::Class;
use super::scipy::{is_sparse, sparse_rows};
use super::write::{ToSklearn, Writer};
use super::{Error, Version};
use crate::data::Labels;
use crate::linear::{
    LinearClassifier, LinearClassifierKind, LinearDiscriminantAnalysis, LinearLink,
    LinearRegressor, LinearRegressorKind, Planes, Projection,
};
use crate::model::{FittedParts, Model};
use crate::pickle::{Handle, Value};

/// A row for a classifier or a regressor, with the modules it was in.
macro_rules! class {
    ($name:literal, [$($module:literal),*], $read:expr) => {
        Class {
            name: $name,
            modules: &[$(concat!("sklearn.", $module)),*],
            read: $read,
        }
    };
}

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    class!("LogisticRegression", ["linear_model._logistic", "linear_model.logistic"], |object| {
        read_logistic(object, LinearClassifierKind::LogisticRegression)
    }),
    class!("LogisticRegressionCV", ["linear_model._logistic", "linear_model.logistic"], |object| {
        read_logistic(object, LinearClassifierKind::LogisticRegressionCV)
    }),
    class!("RidgeClassifier", ["linear_model._ridge", "linear_model.ridge"], |object| {
        read_ridge_classifier(object, LinearClassifierKind::RidgeClassifier)
    }),
    class!("RidgeClassifierCV", ["linear_model._ridge", "linear_model.ridge"], |object| {
        read_ridge_classifier(object, LinearClassifierKind::RidgeClassifierCV)
    }),
    class!(
        "SGDClassifier",
        ["linear_model._stochastic_gradient", "linear_model.stochastic_gradient"],
        read_sgd_classifier
    ),
    class!("Perceptron", ["linear_model._perceptron", "linear_model.perceptron"], |object| {
        read_classifier(object, LinearClassifierKind::Perceptron, object.labels("classes_")?, None)
    }),
    class!(
        "PassiveAggressiveClassifier",
        ["linear_model._passive_aggressive", "linear_model.passive_aggressive"],
        |object| {
            let kind = LinearClassifierKind::PassiveAggressiveClassifier;
            read_classifier(object, kind, object.labels("classes_")?, None)
        }
    ),
    class!("LinearSVC", ["svm._classes", "svm.classes"], |object| {
        read_classifier(object, LinearClassifierKind::LinearSvc, object.labels("classes_")?, None)
    }),
    class!("LinearDiscriminantAnalysis", ["discriminant_analysis"], read_discriminant_analysis),
    class!("LinearRegression", ["linear_model._base", "linear_model.base"], |object| {
        read_regressor(object, LinearRegressorKind::LinearRegression)
    }),
    class!("Ridge", ["linear_model._ridge", "linear_model.ridge"], |object| {
        read_regressor(object, LinearRegressorKind::Ridge)
    }),
    class!("RidgeCV", ["linear_model._ridge", "linear_model.ridge"], |object| {
        read_regressor(object, LinearRegressorKind::RidgeCV)
    }),
    class!(
        "Lasso",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::Lasso)
    ),
    class!(
        "LassoCV",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::LassoCV)
    ),
    class!(
        "ElasticNet",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::ElasticNet)
    ),
    class!(
        "ElasticNetCV",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::ElasticNetCV)
    ),
    class!(
        "MultiTaskLasso",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::MultiTaskLasso)
    ),
    class!(
        "MultiTaskLassoCV",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::MultiTaskLassoCV)
    ),
    class!(
        "MultiTaskElasticNet",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::MultiTaskElasticNet)
    ),
    class!(
        "MultiTaskElasticNetCV",
        ["linear_model._coordinate_descent", "linear_model.coordinate_descent"],
        |object| read_regressor(object, LinearRegressorKind::MultiTaskElasticNetCV)
    ),
    class!(
        "SGDRegressor",
        ["linear_model._stochastic_gradient", "linear_model.stochastic_gradient"],
        |object| read_regressor(object, LinearRegressorKind::SgdRegressor)
    ),
    class!(
        "PassiveAggressiveRegressor",
        ["linear_model._passive_aggressive", "linear_model.passive_aggressive"],
        |object| read_regressor(object, LinearRegressorKind::PassiveAggressiveRegressor)
    ),
    class!("LinearSVR", ["svm._classes", "svm.classes"], |object| {
        read_regressor(object, LinearRegressorKind::LinearSvr)
    }),
    class!("BayesianRidge", ["linear_model._bayes", "linear_model.bayes"], |object| {
        read_regressor(object, LinearRegressorKind::BayesianRidge)
    }),
    class!("ARDRegression", ["linear_model._bayes", "linear_model.bayes"], |object| {
        read_regressor(object, LinearRegressorKind::ArdRegression)
    }),
    class!("HuberRegressor", ["linear_model._huber", "linear_model.huber"], |object| {
        read_regressor(object, LinearRegressorKind::HuberRegressor)
    }),
    class!("Lars", ["linear_model._least_angle", "linear_model.least_angle"], |object| {
        read_regressor(object, LinearRegressorKind::Lars)
    }),
    class!("LarsCV", ["linear_model._least_angle", "linear_model.least_angle"], |object| {
        read_regressor(object, LinearRegressorKind::LarsCV)
    }),
    class!("LassoLars", ["linear_model._least_angle", "linear_model.least_angle"], |object| {
        read_regressor(object, LinearRegressorKind::LassoLars)
    }),
    class!("LassoLarsCV", ["linear_model._least_angle", "linear_model.least_angle"], |object| {
        read_regressor(object, LinearRegressorKind::LassoLarsCV)
    }),
    class!("LassoLarsIC", ["linear_model._least_angle", "linear_model.least_angle"], |object| {
        read_regressor(object, LinearRegressorKind::LassoLarsIC)
    }),
    class!("OrthogonalMatchingPursuit", ["linear_model._omp", "linear_model.omp"], |object| {
        read_regressor(object, LinearRegressorKind::OrthogonalMatchingPursuit)
    }),
    class!("OrthogonalMatchingPursuitCV", ["linear_model._omp", "linear_model.omp"], |object| {
        read_regressor(object, LinearRegressorKind::OrthogonalMatchingPursuitCV)
    }),
    class!("TheilSenRegressor", ["linear_model._theil_sen", "linear_model.theil_sen"], |object| {
        read_regressor(object, LinearRegressorKind::TheilSenRegressor)
    }),
    class!("QuantileRegressor", ["linear_model._quantile"], |object| {
        read_regressor(object, LinearRegressorKind::QuantileRegressor)
    }),
];

/// The number of columns, which most models say since 0.23.
const COLUMNS: Change =
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("coef_"))]);
/// A parameter that is gone: the coefficients are those of the columns as they are.
const NORMALIZE: Change = Change::Free(
    "normalize",
    &[(EVER, Fill::Flag(false)), ((1, 0), Fill::Text("deprecated")), ((1, 2), Fill::Absent)],
);
/// The same where it was gone later.
const NORMALIZE_LONGER: Change = Change::Free(
    "normalize",
    &[(EVER, Fill::Flag(false)), ((1, 0), Fill::Text("deprecated")), ((1, 4), Fill::Absent)],
);
const POSITIVE: Change =
    Change::Value("positive", &[(EVER, Fill::Absent), ((1, 0), Fill::Flag(false))]);
const JITTER: Change = Change::Value("jitter", &[(EVER, Fill::Absent), ((0, 23), Fill::None)]);
const RANDOM_STATE: Change =
    Change::Free("random_state", &[(EVER, Fill::Absent), ((0, 23), Fill::None)]);

/// From 1.8 on the penalty follows from `C` and `l1_ratio`.
const LOGISTIC: &[Change] = &[
    COLUMNS,
    Change::Spelled { name: "solver", old: "warn", new: "liblinear", since: (0, 22) },
    Change::Made("penalty", |copier, object| {
        Ok(Some(match (copier.writer.version.before(1, 8), penalty(object)?) {
            (false, _) => copier.writer.builder.str("deprecated"),
            (true, penalty) => written_penalty(copier, penalty),
        }))
    }),
    Change::Made("C", |copier, object| {
        let (b, is_old) = (&copier.writer.builder, copier.writer.version.before(1, 8));
        match penalty(object)? == Penalty::None {
            true if is_old => Ok(Some(b.float(1.0))),
            true => Ok(Some(b.float(f64::INFINITY))),
            false => copier.attribute(object, "C"),
        }
    }),
    Change::Made("l1_ratio", |copier, object| {
        let (b, is_old) = (&copier.writer.builder, copier.writer.version.before(1, 8));
        match penalty(object)? {
            Penalty::ElasticNet => copier.attribute(object, "l1_ratio"),
            _ if is_old => Ok(Some(b.none())),
            Penalty::L1 => Ok(Some(b.float(1.0))),
            Penalty::L2 | Penalty::None => Ok(Some(b.float(0.0))),
        }
    }),
    MULTI_CLASS,
    Change::Unless(links_otherwise),
];
const LOGISTIC_CV: &[Change] = &[
    COLUMNS,
    Change::Spelled { name: "solver", old: "warn", new: "lbfgs", since: (0, 22) },
    Change::Made("penalty", |copier, object| {
        Ok(Some(match (copier.writer.version.before(1, 8), penalty(object)?) {
            (false, _) => copier.writer.builder.str("deprecated"),
            (true, penalty) => written_penalty(copier, penalty),
        }))
    }),
    Change::Made("l1_ratios", |copier, object| {
        let (b, is_old) = (&copier.writer.builder, copier.writer.version.before(1, 8));
        Ok(match penalty(object)? {
            Penalty::ElasticNet => return copier.attribute(object, "l1_ratios"),
            _ if is_old => Some(b.none()),
            Penalty::L1 => Some(b.tuple([b.float(1.0)])?),
            Penalty::L2 | Penalty::None => Some(b.tuple([b.float(0.0)])?),
        })
    }),
    Change::Usual("scoring", &[(EVER, Fill::None), ((1, 9), Fill::Text("warn"))]),
    Change::Free("use_legacy_attributes", &[(EVER, Fill::Absent), ((1, 8), Fill::Flag(true))]),
    Change::Unless(|object, to| {
        let name = "use_legacy_attributes";
        (to.before(1, 8) && object.find(name).and_then(boolean) == Some(false))
            .then_some("it was fitted with use_legacy_attributes=False, which was not there")
    }),
    MULTI_CLASS,
    Change::Unless(links_otherwise),
];
const MULTI_CLASS: Change = Change::Made("multi_class", |copier, object| {
    let b = &copier.writer.builder;
    Ok(multi_class(object, copier.writer.version).map(|word| b.str(&word)))
});

/// How coefficients are kept small.
#[derive(PartialEq)]
enum Penalty {
    None,
    L1,
    L2,
    ElasticNet,
}

/// As the parameter `penalty` says it, or from 1.8 on `C` and `l1_ratio`, or `l1_ratios`.
fn penalty(object: &Object) -> Result<Penalty, Error> {
    match object.some("penalty").map(|value| text(value).unwrap_or_default()).as_deref() {
        Some("l1") => return Ok(Penalty::L1),
        Some("l2") => return Ok(Penalty::L2),
        Some("elasticnet") => return Ok(Penalty::ElasticNet),
        Some("none") | None => return Ok(Penalty::None),
        Some("deprecated") => {}
        Some(other) => return Err(object.unsupported(format!("its penalty is {other:?}"))),
    }
    if object.some("C").and_then(float) == Some(f64::INFINITY) {
        return Ok(Penalty::None);
    }
    let ratios = match (object.some("l1_ratio"), object.some("l1_ratios")) {
        (Some(ratio), _) => float(ratio).into_iter().collect(),
        (None, Some(ratios)) if text(ratios).is_none() => object.floats("l1_ratios")?,
        _ => Vec::new(),
    };
    Ok(match ratios.as_slice() {
        ratios if ratios.iter().all(|&ratio| ratio == 0.0) => Penalty::L2,
        ratios if ratios.iter().all(|&ratio| ratio == 1.0) => Penalty::L1,
        _ => Penalty::ElasticNet,
    })
}

/// The word of versions before 1.8.
fn written_penalty(copier: &Copier<'_>, penalty: Penalty) -> Handle {
    let b = &copier.writer.builder;
    match penalty {
        Penalty::L1 => b.str("l1"),
        Penalty::L2 => b.str("l2"),
        Penalty::ElasticNet => b.str("elasticnet"),
        Penalty::None if copier.writer.version.before(1, 2) => b.str("none"),
        Penalty::None => b.none(),
    }
}

/// How a version says what the probabilities of several classes are; none where it has no parameter.
fn multi_class(object: &Object, to: Version) -> Option<String> {
    let own = object.some("multi_class").and_then(text);
    match own.as_deref() {
        _ if !to.before(1, 8) => None,
        Some("warn") => Some("ovr".to_owned()),
        None | Some("auto" | "deprecated") if to.before(1, 5) => Some("auto".to_owned()),
        None | Some("auto" | "deprecated") => Some("deprecated".to_owned()),
        Some(other) => Some(other.to_owned()),
    }
}

/// Why the probabilities would be others in a version.
fn links_otherwise(object: &Object, to: Version) -> Option<&'static str> {
    let classes = object.labels("classes_").ok()?.len();
    let solver = object.find("solver").and_then(text)?;
    let own = object.some("multi_class").and_then(text);
    let link = object.version().logistic_link(own.as_deref(), &solver, classes);
    let there = to.logistic_link(multi_class(object, to).as_deref(), &solver, classes);
    (link != there).then_some(
        "its probabilities are those of another multi_class than there; from 1.8 on they are always \
         multinomial, and sklearn.multiclass.OneVsRestClassifier is what \"ovr\" was",
    )
}

const LINEAR_REGRESSION: &[Change] = &[
    COLUMNS,
    NORMALIZE,
    Change::Value("positive", &[(EVER, Fill::Absent), ((0, 24), Fill::Flag(false))]),
    Change::Usual("tol", &[(EVER, Fill::Absent), ((1, 7), Fill::Float(1e-6))]),
];
const RIDGE: &[Change] = &[COLUMNS, NORMALIZE, POSITIVE];
const RIDGE_CLASSIFIER: &[Change] = &[COLUMNS, NORMALIZE, POSITIVE, CLASSES_, TWO_CLASSES];
const RIDGE_CV: &[Change] =
    &[COLUMNS, NORMALIZE, PER_TARGET, STORE, STORE_VALUES, CV_RESULTS, ALPHAS];
const RIDGE_CLASSIFIER_CV: &[Change] = &[
    COLUMNS,
    NORMALIZE,
    PER_TARGET,
    STORE,
    STORE_VALUES,
    CV_RESULTS,
    ALPHAS,
    CLASSES_,
    TWO_CLASSES,
];
/// Until 1.0 it had to be an array.
const ALPHAS: Change = Change::Made("alphas", |copier, object| {
    let alphas = object.get("alphas")?;
    match copier.writer.version.before(1, 1) && matches!(alphas.type_name(), "tuple" | "list") {
        true => {
            let alphas = object.floats("alphas")?;
            copier.writer.floats(&[alphas.len()], &alphas).map(Some)
        }
        false => copier.attribute(object, "alphas"),
    }
});
/// Until 1.6 the coefficients of two classes had to be a row of two dimensions.
const TWO_CLASSES: Change = Change::Made("coef_", |copier, object| {
    let value = object.get("coef_")?;
    let array = value.to_numpy().ok().filter(|array| array.shape().len() == 1);
    match (copier.writer.version.before(1, 7), array) {
        (true, Some(array)) => {
            let bytes: Vec<u8> = array.items().flatten().copied().collect();
            let shape = [1, array.size()];
            copier.writer.raw(&shape, &array.dtype().typestr(), bytes).map(Some)
        }
        _ => copier.within(object, value).map(Some),
    }
});
const PER_TARGET: Change =
    Change::Value("alpha_per_target", &[(EVER, Fill::Absent), ((0, 24), Fill::Flag(false))]);
const CV_RESULTS: Change =
    Change::Renamed { old: "cv_values_", new: "cv_results_", since: (1, 5), both: None };
const STORE_VALUES: Change = Change::Made("store_cv_values", |copier, object| {
    let (b, to) = (&copier.writer.builder, copier.writer.version);
    Ok(match (to.before(1, 5), to.before(1, 7)) {
        (true, _) => Some(b.bool(stores(object))),
        (false, true) => Some(b.str("deprecated")),
        (false, false) => None,
    })
});
const STORE: Change = Change::Made("store_cv_results", |copier, object| {
    let is_there = !copier.writer.version.before(1, 5);
    Ok(is_there.then(|| copier.writer.builder.bool(stores(object))))
});

/// Whether the values of the cross-validation are kept.
fn stores(object: &Object) -> bool {
    let flag = |name: &str| object.find(name).and_then(boolean);
    flag("store_cv_values").or(flag("store_cv_results")).unwrap_or(false)
}

/// From 1.8 on the classes are kept beside what makes numbers of them.
const CLASSES_: Change =
    Change::Made("classes_", |copier, object| match copier.writer.version.before(1, 8) {
        true => Ok(None),
        false => copier.writer.labels(&object.binarized_classes()?).map(Some),
    });

const COORDINATES: &[Change] = &[COLUMNS, NORMALIZE];
/// From 1.7 on the number of values to try is given as the values themselves are.
const COORDINATES_CV: &[Change] = &[
    COLUMNS,
    NORMALIZE,
    Change::Made("n_alphas", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        Ok(match (to.before(1, 7), to.before(1, 9)) {
            (true, _) => Some(b.int(i128::from(n_alphas(object)))),
            (false, true) => Some(b.str("deprecated")),
            (false, false) => None,
        })
    }),
    Change::Made("alphas", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        let own = object.some("alphas").filter(|alphas| text(alphas).is_none());
        match own.filter(|alphas| integer(alphas).is_none()) {
            Some(alphas) => copier.within(object, alphas).map(Some),
            None if to.before(1, 7) => Ok(Some(b.none())),
            None => Ok(Some(b.int(i128::from(n_alphas(object))))),
        }
    }),
];

fn n_alphas(object: &Object) -> i64 {
    let number = |name: &str| object.find(name).and_then(integer);
    number("alphas").or(number("n_alphas")).unwrap_or(100)
}

macro_rules! sgd {
    ($($own:expr),* $(,)?) => {
        &[
            COLUMNS,
            Change::Renamed {
                old: "standard_coef_",
                new: "_standard_coef",
                since: (0, 23),
                both: None,
            },
            Change::Renamed {
                old: "standard_intercept_",
                new: "_standard_intercept",
                since: (0, 23),
                both: None,
            },
            Change::Renamed { old: "average_coef_", new: "_average_coef", since: (0, 23), both: None },
            Change::Renamed {
                old: "average_intercept_",
                new: "_average_intercept",
                since: (0, 23),
                both: None,
            },
            // Compiled objects, which each fit makes anew.
            dropped("loss_function_"),
            dropped("_loss_function_"),
            $($own),*
        ]
    };
}

/// An attribute that no parameter sets.
const OWN_C: Change = Change::Free("C", &[(EVER, Fill::Float(1.0)), ((1, 8), Fill::Absent)]);
/// From 1.8 on it must not be zero, which it was where nothing looked at it.
const ETA0: Change = Change::Made("eta0", |copier, object| {
    let is_zero = object.find("eta0").and_then(float) == Some(0.0);
    match is_zero && !copier.writer.version.before(1, 8) {
        true => Ok(Some(copier.writer.builder.float(0.01))),
        false => copier.attribute(object, "eta0"),
    }
});
const SGD_CLASSIFIER: &[Change] = sgd![
    OWN_C,
    ETA0,
    Change::Spelled { name: "loss", old: "log", new: "log_loss", since: (1, 1) },
    Change::Spelled { name: "loss", old: "squared_loss", new: "squared_error", since: (1, 0) },
];
const SGD_REGRESSOR: &[Change] = sgd![
    OWN_C,
    ETA0,
    Change::Spelled { name: "loss", old: "squared_loss", new: "squared_error", since: (1, 0) },
];
const PERCEPTRON: &[Change] = sgd![
    OWN_C,
    Change::Free("l1_ratio", &[(EVER, Fill::Integer(0)), ((0, 24), Fill::Float(0.15))]),
];
/// From 1.8 on the rate of learning is what `C` is.
const PASSIVE_AGGRESSIVE: &[Change] = sgd![Change::Made("eta0", |copier, object| {
    match copier.writer.version.before(1, 8) {
        true => Ok(Some(copier.writer.builder.float(1.0))),
        false => copier.attribute(object, "C"),
    }
})];

/// Before 1.3 the form of the problem had to be said.
const LINEAR_SVM: &[Change] = &[
    COLUMNS,
    Change::Made("dual", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        let is = |name: &str, word: &str| object.find(name).and_then(text).as_deref() == Some(word);
        Ok(match object.find("dual").and_then(text).as_deref() {
            Some("warn") if to.before(1, 3) || !to.before(1, 5) => Some(b.bool(true)),
            // What has no other form is dual.
            Some("auto") if to.before(1, 3) => Some(b.bool(
                is("loss", "hinge") && !is("multi_class", "crammer_singer")
                    || is("loss", "epsilon_insensitive"),
            )),
            _ => return copier.attribute(object, "dual"),
        })
    }),
];
const DISCRIMINANT: &[Change] = &[
    COLUMNS,
    Change::Value("covariance_estimator", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Unless(|object, to| {
        let is_old = |version: Version| version.before(0, 22);
        (is_old(object.version()) != is_old(to)).then_some("before 0.22 it had other probabilities")
    }),
    Change::Free(
        "_n_features_out",
        &[(EVER, Fill::Absent), ((1, 1), Fill::Copy("_max_components"))],
    ),
];

/// The number of rounds got another name.
const BAYESIAN: &[Change] = &[
    COLUMNS,
    NORMALIZE,
    Change::Made("n_iter", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        Ok(match (to.before(1, 3), to.before(1, 5)) {
            (true, _) => Some(b.int(i128::from(rounds(object)))),
            (false, true) => Some(b.str("deprecated")),
            (false, false) => None,
        })
    }),
    Change::Made("max_iter", |copier, object| {
        let b = &copier.writer.builder;
        Ok((!copier.writer.version.before(1, 3)).then(|| b.int(i128::from(rounds(object)))))
    }),
    // Until 1.1 predict asked it where it gives deviations.
    Change::Free(
        "_normalize",
        &[(EVER, Fill::Absent), ((1, 0), Fill::Flag(false)), ((1, 2), Fill::Absent)],
    ),
    Change::Unless(|object, to| {
        let is_old = |version: Version| version.before(1, 2);
        let normalized = object.find("normalize").and_then(boolean) == Some(true);
        (normalized && is_old(object.version()) != is_old(to)).then_some(
            "it was fitted with normalize=True, and gives other deviations (return_std) there",
        )
    }),
];

fn rounds(object: &Object) -> i64 {
    let number = |name: &str| object.find(name).and_then(integer);
    number("n_iter").or(number("max_iter")).unwrap_or(300)
}

const LARS: &[Change] = &[COLUMNS, NORMALIZE_LONGER, JITTER, RANDOM_STATE];
/// What has neither parameter has the attributes, for its fits.
const LASSO_LARS_IC: &[Change] = &[
    COLUMNS,
    NORMALIZE_LONGER,
    Change::Value("noise_variance", &[(EVER, Fill::Absent), ((1, 0), Fill::None)]),
];
const PURSUIT: &[Change] = &[COLUMNS, NORMALIZE_LONGER];
const THEIL_SEN: &[Change] = &[
    COLUMNS,
    Change::Free(
        "copy_X",
        &[(EVER, Fill::Flag(true)), ((1, 6), Fill::Text("deprecated")), ((1, 8), Fill::Absent)],
    ),
];
const QUANTILE: &[Change] = &[
    COLUMNS,
    Change::Made("solver", |copier, object| {
        let (b, to) = (&copier.writer.builder, copier.writer.version);
        match object.find("solver").and_then(text).as_deref() {
            Some("warn") if to.before(1, 2) => Ok(Some(b.str("interior-point"))),
            Some("warn") if !to.before(1, 4) => Ok(Some(b.str("highs"))),
            _ => copier.attribute(object, "solver"),
        }
    }),
    Change::Unless(|_, to| to.before(1, 0).then_some("there is no such class before 1.0")),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("LogisticRegression", LOGISTIC),
    ("LogisticRegressionCV", LOGISTIC_CV),
    ("RidgeClassifier", RIDGE_CLASSIFIER),
    ("RidgeClassifierCV", RIDGE_CLASSIFIER_CV),
    ("SGDClassifier", SGD_CLASSIFIER),
    ("Perceptron", PERCEPTRON),
    ("PassiveAggressiveClassifier", PASSIVE_AGGRESSIVE),
    ("LinearSVC", LINEAR_SVM),
    ("LinearDiscriminantAnalysis", DISCRIMINANT),
    ("LinearRegression", LINEAR_REGRESSION),
    ("Ridge", RIDGE),
    ("RidgeCV", RIDGE_CV),
    ("Lasso", COORDINATES),
    ("LassoCV", COORDINATES_CV),
    ("ElasticNet", COORDINATES),
    ("ElasticNetCV", COORDINATES_CV),
    ("MultiTaskLasso", COORDINATES),
    ("MultiTaskLassoCV", COORDINATES_CV),
    ("MultiTaskElasticNet", COORDINATES),
    ("MultiTaskElasticNetCV", COORDINATES_CV),
    ("SGDRegressor", SGD_REGRESSOR),
    ("PassiveAggressiveRegressor", PASSIVE_AGGRESSIVE),
    ("LinearSVR", LINEAR_SVM),
    ("BayesianRidge", BAYESIAN),
    ("ARDRegression", BAYESIAN),
    ("HuberRegressor", &[COLUMNS]),
    ("Lars", LARS),
    ("LarsCV", LARS),
    ("LassoLars", LARS),
    ("LassoLarsCV", LARS),
    ("LassoLarsIC", LASSO_LARS_IC),
    ("OrthogonalMatchingPursuit", PURSUIT),
    ("OrthogonalMatchingPursuitCV", PURSUIT),
    ("TheilSenRegressor", THEIL_SEN),
    ("QuantileRegressor", QUANTILE),
];

/// How many coefficients a sparse matrix may have in any case, and how many for each that it keeps:
/// a short file cannot ask for more memory than this calls for.
const MOST_COEFFICIENTS: usize = 1 << 20;
const MOST_FOR_EACH: usize = 1 << 10;

/// Coefficients that `sparsify()` made a sparse matrix, with all their zeros.
fn sparse_coefficients(object: &Object, name: &str, value: &Value) -> Result<Array2<f64>, Error> {
    let rows = sparse_rows(value).map_err(|error| object.wrong(name, error.to_string()))?;
    let ((planes, columns), kept) = (rows.shape(), rows.stored());
    let most = MOST_COEFFICIENTS.max(kept.saturating_mul(MOST_FOR_EACH));
    if planes.checked_mul(columns).is_none_or(|all| all > most) {
        let problem = format!(
            "it has {planes} rows of {columns} columns, and {kept} cells that are not zero: that is too \
             many zeros to be read, unless the model is saved after densify()"
        );
        return Err(object.unsupported(problem));
    }
    Ok(rows.to_dense())
}

/// Coefficients with one row or several, and an intercept for each, or one for all.
fn read_planes(object: &Object) -> Result<(FittedParts, Planes), Error> {
    let name = "coef_";
    let value = object.get(name)?;
    let coefficients: Array2<f64> = match is_sparse(value) {
        true => sparse_coefficients(object, name, value)?,
        false => {
            let coefficients: ArrayD<f64> = object.array_of(name, value)?;
            let coefficients = match coefficients.ndim() {
                1 => coefficients.insert_axis(Axis(0)),
                _ => coefficients,
            };
            coefficients
                .into_dimensionality::<Ix2>()
                .map_err(|_| object.wrong(name, "it has neither one nor two dimensions"))?
        }
    };
    let name = "intercept_";
    let value = object.get(name)?;
    let mut intercepts = match float(value) {
        Some(single) => vec![single],
        None => object.floats(name)?,
    };
    if let [single] = intercepts[..] {
        intercepts = vec![single; coefficients.nrows()];
    }
    let fitted = object.fitted(coefficients.ncols())?;
    Ok((fitted, object.model(Planes::new(coefficients, intercepts))?))
}

fn read_classifier(
    object: &Object,
    kind: LinearClassifierKind,
    classes: Labels,
    link: Option<LinearLink>,
) -> Read {
    let (fitted, planes) = read_planes(object)?;
    let made = LinearClassifier::from_parts(kind, fitted, planes, classes, link);
    Ok(Arc::new(object.model(made)?))
}

fn read_logistic(object: &Object, kind: LinearClassifierKind) -> Read {
    let classes = object.labels("classes_")?;
    let multi_class = match object.some("multi_class") {
        Some(_) => Some(object.text("multi_class")?),
        None => None,
    };
    let solver = object.text("solver")?;
    let version = object.version();
    let link = version.logistic_link(multi_class.as_deref(), &solver, classes.len());
    let link = link.ok_or_else(|| {
        object.unsupported(format!("its multi_class is {:?}", multi_class.unwrap_or_default()))
    })?;
    read_classifier(object, kind, classes, Some(link))
}

/// The classes of a `RidgeClassifier` are those of what makes numbers of them.
fn read_ridge_classifier(object: &Object, kind: LinearClassifierKind) -> Read {
    let classes = object.binarized_classes()?;
    read_classifier(object, kind, classes, None)
}

fn read_sgd_classifier(object: &Object) -> Read {
    let link = match object.text("loss")?.as_str() {
        "log" | "log_loss" => Some(LinearLink::OneVsRest),
        "modified_huber" => Some(LinearLink::ModifiedHuber),
        _ => None,
    };
    let classes = object.labels("classes_")?;
    read_classifier(object, LinearClassifierKind::SgdClassifier, classes, link)
}

fn read_discriminant_analysis(object: &Object) -> Read {
    let (fitted, planes) = read_planes(object)?;
    let solver = object.text("solver")?;
    let projection = match solver.as_str() {
        "lsqr" => None,
        "svd" | "eigen" => {
            let name = "scalings_";
            let scalings: Array2<f64> = object.array_of(name, object.get(name)?)?;
            let made = object.count("_max_components")?.min(scalings.ncols());
            let mean = match solver.as_str() {
                "svd" => Some(object.floats("xbar_")?),
                _ => None,
            };
            Some(Projection { mean, scalings: scalings.slice(s![.., ..made]).to_owned() })
        }
        other => return Err(object.unsupported(format!("its solver is {other:?}"))),
    };
    let classes = object.labels("classes_")?;
    let made = LinearDiscriminantAnalysis::from_parts(fitted, planes, classes, projection);
    Ok(Arc::new(object.model(made)?))
}

fn read_regressor(object: &Object, kind: LinearRegressorKind) -> Read {
    let (fitted, planes) = read_planes(object)?;
    Ok(Arc::new(object.model(LinearRegressor::from_parts(kind, fitted, planes))?))
}

/// A logistic regression that was fitted here.
impl ToSklearn for LinearClassifier {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let steps = self.steps().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let steps = i32::try_from(steps).unwrap_or(i32::MAX).to_le_bytes().to_vec();
        let coefficients = self.coefficients().to_owned();
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("classes_", writer.labels(self.classes())?));
        attributes.push(("n_iter_", writer.raw(&[1], "i4", steps)?));
        attributes.push(("coef_", writer.table(&coefficients)?));
        attributes.push(("intercept_", writer.vector(self.intercepts())?));
        writer.estimator(("sklearn.linear_model._logistic", self.name()), attributes)
    }
}
