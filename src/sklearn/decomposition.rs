//! Fewer columns: `sklearn.decomposition.PCA` and `TruncatedSVD`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::read::{Object, Read};
use super::registry::Class;
use crate::decomposition::{Projection, ProjectionParts};

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
];

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
