//! Support vector machines: `sklearn.svm.SVC`, `NuSVC`, `SVR`, `NuSVR` and `OneClassSVM`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::Version;
use super::changes::{Change, Changes, EVER, Fill};
use super::convert::lengths_of;
use super::read::{Object, Read, boolean, described, text};
use super::registry::Class;
use super::scipy::{is_sparse, sparse_rows};
use crate::data::SparseRows;
use crate::model::FittedParts;
use crate::pickle::Value;
use crate::svm::{
    DecisionShape, Kernel, OneClassSvm, Sigmoids, SupportVectors, SvmClassifier, SvmClassifierKind,
    SvmClassifierParts, SvmParts, SvmRegressor, SvmRegressorKind,
};

const MODULES: &[&str] = &["sklearn.svm._classes", "sklearn.svm.classes"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "SVC", modules: MODULES, read: read_classifier },
    Class { name: "NuSVC", modules: MODULES, read: read_classifier },
    Class { name: "SVR", modules: MODULES, read: read_regressor },
    Class { name: "NuSVR", modules: MODULES, read: read_regressor },
    Class { name: "OneClassSVM", modules: MODULES, read: read_one_class },
];

macro_rules! machine {
    ($($own:expr),* $(,)?) => {
        &[
            Change::Renamed { old: "probA_", new: "_probA", since: (0, 23), both: None },
            Change::Renamed { old: "probB_", new: "_probB", since: (0, 23), both: None },
            Change::Value("break_ties", &[(EVER, Fill::Absent), ((0, 22), Fill::Flag(false))]),
            Change::Unless(|object, to| {
                let is_old = |version: Version| version.before(0, 21);
                (is_old(object.version()) != is_old(to) && object.name().ends_with("SVC"))
                    .then_some("before 0.21 it had other scores of several classes")
            }),
            // What says from 1.9 on whether there are probabilities.
            Change::Made("_effective_probability", |copier, object| {
                let is_there = !copier.writer.version.before(1, 9);
                Ok(is_there.then(|| copier.writer.builder.bool(is_probable(object))))
            }),
            Change::Made("n_features_in_", |copier, object| {
                let fitted = object.list("shape_fit_")?;
                match fitted.get(1) {
                    Some(columns) => copier.within(object, columns).map(Some),
                    None => {
                        let columns = lengths_of(object, "support_vectors_").last().copied();
                        Ok(columns.map(|columns| copier.writer.count(columns)))
                    }
                }
            }),
            $($own),*
        ]
    };
}

/// Whether a machine was fitted with probabilities.
fn is_probable(object: &Object) -> bool {
    let flag = |name: &str| object.find(name).and_then(boolean);
    flag("_effective_probability").or(flag("probability")).unwrap_or(false)
}

const CLASSIFIER: &[Change] = machine![Change::Made("probability", |copier, object| {
    let b = &copier.writer.builder;
    Ok(Some(match (is_probable(object), copier.writer.version.before(1, 9)) {
        (false, false) => b.str("deprecated"),
        (probable, _) => b.bool(probable),
    }))
})];
const OTHER: &[Change] = machine![];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("SVC", CLASSIFIER),
    ("NuSVC", CLASSIFIER),
    ("SVR", OTHER),
    ("NuSVR", OTHER),
    ("OneClassSVM", OTHER),
];

fn read_kernel(object: &Object) -> Result<Kernel, Error> {
    let value = object.get("kernel")?;
    let Some(name) = text(value) else {
        let what = described(value);
        return Err(object.unsupported(format!("its kernel is a function of Python's: {what}")));
    };
    let gamma = || object.float("_gamma");
    match name.as_str() {
        "linear" => Ok(Kernel::Linear),
        "rbf" => Ok(Kernel::Rbf { gamma: gamma()? }),
        "poly" => Ok(Kernel::Poly {
            gamma: gamma()?,
            degree: object.integer("degree")?,
            coef0: object.float("coef0")?,
        }),
        "sigmoid" => Ok(Kernel::Sigmoid { gamma: gamma()?, coef0: object.float("coef0")? }),
        other => Err(object.unsupported(format!("its kernel is {other:?}"))),
    }
}

/// SciPy's sparse matrix; `None` for what is none.
fn read_sparse(object: &Object, name: &str, value: &Value) -> Result<Option<SparseRows>, Error> {
    match is_sparse(value) {
        true => sparse_rows(value).map(Some).map_err(|error| object.wrong(name, error.to_string())),
        false => Ok(None),
    }
}

fn read_vectors(object: &Object) -> Result<SupportVectors, Error> {
    let name = "support_vectors_";
    let value = object.get(name)?;
    if let Some(sparse) = read_sparse(object, name, value)? {
        return Ok(SupportVectors::Sparse(sparse));
    }
    Ok(SupportVectors::Dense(object.array_of(name, value)?))
}

fn read_weights(object: &Object) -> Result<Array2<f64>, Error> {
    let name = "_dual_coef_";
    let value = object.get(name)?;
    match read_sparse(object, name, value)? {
        // libsvm takes the cells as they come: zeros are among them
        Some(sparse) => {
            let (rows, columns) = sparse.shape();
            match rows.checked_mul(columns) == Some(sparse.stored()) {
                true => Ok(sparse.to_dense()),
                false => Err(object.wrong(name, "some of its cells are not kept")),
            }
        }
        None => object.array_of(name, value),
    }
}

fn read_parts(object: &Object) -> Result<(FittedParts, SvmParts), Error> {
    let parts = SvmParts {
        kernel: read_kernel(object)?,
        support_vectors: read_vectors(object)?,
        dual_coef: read_weights(object)?,
        intercept: object.floats("_intercept_")?,
    };
    Ok((object.fitted(parts.support_vectors.shape().1)?, parts))
}

/// An attribute by the name that it has since 0.22 or 0.23, or by the one before.
fn renamed<'n>(object: &Object, new: &'n str, old: &'n str) -> &'n str {
    if object.find(new).is_some() { new } else { old }
}

fn read_sigmoids(object: &Object) -> Result<Option<Sigmoids>, Error> {
    let slopes = object.floats(renamed(object, "_probA", "probA_"))?;
    let shifts = object.floats(renamed(object, "_probB", "probB_"))?;
    // without probability=True they are empty
    Ok((!slopes.is_empty() || !shifts.is_empty()).then_some(Sigmoids { slopes, shifts }))
}

fn read_classifier(object: &Object) -> Read {
    let support = renamed(object, "_n_support", "n_support_");
    let counts: ndarray::Array1<i64> = object.array_of(support, object.get(support)?)?;
    let count = |&count: &i64| {
        usize::try_from(count).map_err(|_| object.wrong(support, format!("{count} is no count")))
    };
    let n_support = counts.iter().map(count).collect::<Result<Vec<usize>, Error>>()?;
    let shape = match object.some("decision_function_shape") {
        // what older versions answer without a shape
        None => DecisionShape::OneVsOne,
        Some(value) => match text(value).as_deref() {
            Some("ovr") => DecisionShape::OneVsRest,
            Some("ovo") => DecisionShape::OneVsOne,
            _ => return Err(object.not("decision_function_shape", value, "\"ovr\" or \"ovo\"")),
        },
    };
    let break_ties = match object.find("break_ties") {
        Some(_) => object.boolean("break_ties")?,
        None => false,
    };
    let kind = match object.name() {
        "NuSVC" => SvmClassifierKind::NuSvc,
        _ => SvmClassifierKind::Svc,
    };
    let (classes, sigmoids) = (object.labels("classes_")?, read_sigmoids(object)?);
    let (fitted, machine) = read_parts(object)?;
    let parts =
        SvmClassifierParts { machine, classes, n_support, sigmoids, kind, shape, break_ties };
    Ok(Arc::new(object.model(SvmClassifier::from_parts(fitted, parts))?))
}

fn read_regressor(object: &Object) -> Read {
    let kind = match object.name() {
        "NuSVR" => SvmRegressorKind::NuSvr,
        _ => SvmRegressorKind::Svr,
    };
    let (fitted, parts) = read_parts(object)?;
    Ok(Arc::new(object.model(SvmRegressor::from_parts(fitted, parts, kind))?))
}

fn read_one_class(object: &Object) -> Read {
    let (fitted, parts) = read_parts(object)?;
    Ok(Arc::new(object.model(OneClassSvm::from_parts(fitted, parts))?))
}
