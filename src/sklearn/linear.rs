//! Linear models: those of `sklearn.linear_model`, `LinearSVC` and `LinearSVR` of `sklearn.svm`, and
//! `sklearn.discriminant_analysis.LinearDiscriminantAnalysis`.

use std::sync::Arc;

use ndarray::{Array2, ArrayD, Axis, Ix2, s};

use super::Error;
use super::read::{Object, Read, float};
use super::registry::Class;
use super::scipy::{is_sparse, sparse_rows};
use super::write::{ToSklearn, Writer};
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
    fn is_converted(&self) -> bool {
        true
    }

    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        writer.check_trained(self.name())?;
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
