//! Groups and outliers: `sklearn.cluster.KMeans` and `MiniBatchKMeans`, and
//! `sklearn.covariance.EllipticEnvelope`.

use std::sync::Arc;

use ndarray::Array2;

use super::read::{Object, Read};
use super::registry::Class;
use crate::cluster::{EllipticEnvelope, KMeans, KMeansKind};

const K_MEANS: &[&str] = &["sklearn.cluster._kmeans", "sklearn.cluster.k_means_"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "KMeans",
        modules: K_MEANS,
        read: |object| read_k_means(object, KMeansKind::KMeans),
    },
    Class {
        name: "MiniBatchKMeans",
        modules: K_MEANS,
        read: |object| read_k_means(object, KMeansKind::MiniBatch),
    },
    Class {
        name: "EllipticEnvelope",
        modules: &[
            "sklearn.covariance._elliptic_envelope",
            "sklearn.covariance.elliptic_envelope",
            "sklearn.covariance.outlier_detection",
        ],
        read: read_elliptic_envelope,
    },
];

fn read_k_means(object: &Object, kind: KMeansKind) -> Read {
    let name = "cluster_centers_";
    let centers: Array2<f64> = object.array_of(name, object.get(name)?)?;
    let fitted = object.fitted(centers.ncols())?;
    Ok(Arc::new(object.model(KMeans::from_parts(kind, fitted, centers))?))
}

fn read_elliptic_envelope(object: &Object) -> Read {
    if object.find("offset_").is_none() && object.version().before(0, 20) {
        return Err(object.unsupported("it has a threshold_, of other distances, and no offset_"));
    }
    let name = "precision_";
    let Some(precision) = object.some(name) else {
        return Err(object.unsupported("it keeps no precision_ (store_precision=False)"));
    };
    let precision: Array2<f64> = object.array_of(name, precision)?;
    let (location, offset) = (object.floats("location_")?, object.float("offset_")?);
    let fitted = object.fitted(location.len())?;
    let made = EllipticEnvelope::from_parts(fitted, location, precision, offset);
    Ok(Arc::new(object.model(made)?))
}
