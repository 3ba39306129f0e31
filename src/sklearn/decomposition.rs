//! Fewer columns: `sklearn.decomposition.PCA`, `TruncatedSVD` and `NMF`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{Object, Read, described, float, text};
use super::registry::Class;
use crate::decomposition::{Nmf, NmfParts, Projection, ProjectionParts};

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "PCA",
        modules: &["sklearn.decomposition._pca", "sklearn.decomposition.pca"],
        read: read_pca,
    },
    Class {
        name: "TruncatedSVD",
        modules: &["sklearn.decomposition._truncated_svd", "sklearn.decomposition.truncated_svd"],
        read: read_truncated_svd,
    },
    Class {
        name: "NMF",
        modules: &["sklearn.decomposition._nmf", "sklearn.decomposition.nmf"],
        read: read_nmf,
    },
];

const OVERSAMPLES: Change =
    Change::Usual("n_oversamples", &[(EVER, Fill::Absent), ((1, 1), Fill::Integer(10))]);
const NORMALIZER: Change = Change::Usual(
    "power_iteration_normalizer",
    &[(EVER, Fill::Absent), ((1, 1), Fill::Text("auto"))],
);
const COLUMNS: Change = Change::Free(
    "n_features_in_",
    &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("components_"))],
);
const PCA: &[Change] = &[
    COLUMNS,
    OVERSAMPLES,
    NORMALIZER,
    Change::Free("n_features_", &[(EVER, Fill::ColumnsOf("components_")), ((1, 2), Fill::Absent)]),
    Change::Word("svd_solver", "covariance_eigh", (1, 5)),
];
/// Until 1.1 the cost of what is made of rows was not given for each column.
const NMF: &[Change] = &[
    COLUMNS,
    Change::Made("n_components", |copier, object| {
        let word = object.find("n_components").and_then(text);
        match (word.as_deref(), copier.writer.version) {
            (Some("warn"), to) if to.before(1, 4) || !to.before(1, 6) => {
                Ok(Some(copier.writer.builder.none()))
            }
            (Some("auto"), to) if to.before(1, 4) => Ok(Some(copier.writer.builder.none())),
            _ => copier.attribute(object, "n_components"),
        }
    }),
    Change::Made("init", |copier, object| {
        let is_warned = object.find("init").and_then(text).as_deref() == Some("warn");
        match is_warned && !copier.writer.version.before(1, 1) {
            true => Ok(Some(copier.writer.builder.none())),
            false => copier.attribute(object, "init"),
        }
    }),
    Change::Value(
        "alpha",
        &[(EVER, Fill::Float(0.0)), ((1, 0), Fill::Text("deprecated")), ((1, 2), Fill::Absent)],
    ),
    Change::Free(
        "regularization",
        &[
            (EVER, Fill::Absent),
            ((0, 24), Fill::Text("both")),
            ((1, 0), Fill::Text("deprecated")),
            ((1, 2), Fill::Absent),
        ],
    ),
    Change::Value("alpha_W", &[(EVER, Fill::Absent), ((1, 0), Fill::Float(0.0))]),
    Change::Value("alpha_H", &[(EVER, Fill::Absent), ((1, 0), Fill::Text("same"))]),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] =
    &[("PCA", PCA), ("TruncatedSVD", &[COLUMNS, OVERSAMPLES, NORMALIZER]), ("NMF", NMF)];

fn components(object: &Object) -> Result<Array2<f64>, Error> {
    let name = "components_";
    object.array_of(name, object.get(name)?)
}

fn read_pca(object: &Object) -> Read {
    let components = components(object)?;
    let mean = match object.some("mean_") {
        Some(_) => Some(object.floats("mean_")?),
        None => None,
    };
    let scale = match object.boolean("whiten")? {
        false => None,
        true => {
            // as scikit-learn clips what is nearly no variance at all
            let scale = |variance: f64| variance.sqrt().max(f64::EPSILON);
            Some(object.floats("explained_variance_")?.into_iter().map(scale).collect())
        }
    };
    let fitted = object.fitted(components.ncols())?;
    let parts = ProjectionParts { components, mean, scale };
    Ok(Arc::new(object.model(Projection::from_parts("PCA", fitted, parts))?))
}

fn read_truncated_svd(object: &Object) -> Read {
    let components = components(object)?;
    let fitted = object.fitted(components.ncols())?;
    let parts = ProjectionParts::new(components);
    Ok(Arc::new(object.model(Projection::from_parts("TruncatedSVD", fitted, parts))?))
}

/// What weights cost: `alpha_W` or, in versions before 1.2, `alpha`; for their sum, and for that of
/// their squares.
fn costs(object: &Object, columns: usize) -> Result<(f64, f64), Error> {
    let l1_ratio = object.float("l1_ratio")?;
    let both = |alpha: f64| (alpha * l1_ratio, alpha * (1.0 - l1_ratio));
    let is_text =
        |name: &str, word: &str| object.find(name).and_then(text).is_some_and(|own| own == word);
    let old = object.find("alpha").filter(|_| !is_text("alpha", "deprecated"));
    let new = match object.find("alpha_W") {
        Some(_) => Some(object.float("alpha_W")?),
        None => None,
    };
    match (new, old) {
        (Some(alpha), Some(_)) if alpha != 0.0 || !is_text("alpha_H", "same") => {
            Ok(both(columns as f64 * alpha))
        }
        (Some(alpha), None) => Ok(both(columns as f64 * alpha)),
        (_, Some(_)) => {
            let name = "regularization";
            let which = match object.find(name) {
                // before 0.24 it always was for both
                None => "both".to_owned(),
                Some(value) if value.is_none() => "none".to_owned(),
                Some(_) => object.text(name)?,
            };
            match which.as_str() {
                "both" | "transformation" | "deprecated" => Ok(both(object.float("alpha")?)),
                "none" | "components" => Ok((0.0, 0.0)),
                other => Err(object.unsupported(format!("its regularization is {other:?}"))),
            }
        }
        (None, None) => object.float("alpha_W").map(both),
    }
}

/// Only with the solver `cd`, and with numbers of 64 bits: those of 32 are summed in 32.
fn read_nmf(object: &Object) -> Read {
    let solver = object.text("solver")?;
    if solver != "cd" {
        return Err(object.unsupported(format!("its solver is {solver:?}")));
    }
    let name = "beta_loss";
    if let Some(loss) = object.find(name)
        && text(loss).as_deref() != Some("frobenius")
        && float(loss) != Some(2.0)
    {
        return Err(object.unsupported(format!("its beta_loss is {}", described(loss))));
    }
    if object.boolean("shuffle")? {
        return Err(object.unsupported("it takes its components in a random order (shuffle=True)"));
    }
    let name = "components_";
    let kept = object.get(name)?.to_numpy();
    if kept.is_ok_and(|array| array.dtype().itemsize() < 8) {
        return Err(object.unsupported("its components_ have fewer than 64 bits"));
    }
    let components = components(object)?;
    let columns = components.ncols();
    let (l1, l2) = costs(object, columns)?;
    let (tol, max_iter) = (object.float("tol")?, object.count("max_iter")?);
    let parts = NmfParts { components, l1, l2, tol, max_iter };
    Ok(Arc::new(object.model(Nmf::from_parts(object.fitted(columns)?, parts))?))
}
