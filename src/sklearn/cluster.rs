//! Groups and outliers: `sklearn.cluster.KMeans` and `MiniBatchKMeans`, and
//! `sklearn.covariance.EllipticEnvelope`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::convert::Copier;
use super::read::{Object, Read, text};
use super::registry::Class;
use crate::cluster::{EllipticEnvelope, KMeans, KMeansKind};
use crate::pickle::Handle;

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

/// How often a fit begins anew, where it is no number.
fn starts(copier: &mut Copier<'_>, object: &Object, usual: i64) -> Result<Option<Handle>, Error> {
    let (b, to) = (&copier.writer.builder, copier.writer.version);
    Ok(match object.find("n_init").and_then(text).as_deref() {
        Some("warn") if !to.before(1, 2) && to.before(1, 4) => Some(b.str("warn")),
        Some("auto") if !to.before(1, 2) => Some(b.str("auto")),
        Some("warn" | "auto") => Some(b.int(i128::from(usual))),
        _ => return copier.attribute(object, "n_init"),
    })
}

macro_rules! k_means {
    ($($own:expr),* $(,)?) => {
        &[
            Change::Free(
                "precompute_distances",
                &[
                    (EVER, Fill::Text("auto")),
                    ((0, 23), Fill::Text("deprecated")),
                    ((1, 0), Fill::Absent),
                ],
            ),
            Change::Free(
                "n_jobs",
                &[
                    (EVER, Fill::None),
                    ((0, 23), Fill::Text("deprecated")),
                    ((1, 0), Fill::Absent),
                ],
            ),
            Change::Spelled { name: "algorithm", old: "full", new: "lloyd", since: (1, 1) },
            Change::Spelled { name: "algorithm", old: "auto", new: "lloyd", since: (1, 1) },
            Change::Free("_n_threads", &[(EVER, Fill::Absent), ((0, 23), Fill::Integer(1))]),
            Change::Free(
                "_n_features_out",
                &[(EVER, Fill::Absent), ((1, 1), Fill::RowsOf("cluster_centers_"))],
            ),
            Change::Free(
                "n_features_in_",
                &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("cluster_centers_"))],
            ),
            $($own),*
        ]
    };
}

const K_MEANS_CHANGES: &[Change] =
    k_means![Change::Made("n_init", |copier, object| starts(copier, object, 10))];
const MINI_BATCH: &[Change] = k_means![
    Change::Made("n_init", |copier, object| starts(copier, object, 3)),
    Change::Renamed { old: "counts_", new: "_counts", since: (0, 24), both: None },
    Change::Renamed { old: "init_size_", new: "_init_size", since: (0, 24), both: None },
    Change::Renamed { old: "random_state_", new: "_random_state", since: (0, 24), both: None },
    Change::Free("_n_since_last_reassign", &[(EVER, Fill::Absent), ((1, 0), Fill::Integer(0))]),
    // What the class takes over from KMeans, and has no parameter for.
    Change::Free("algorithm", &[(EVER, Fill::Text("auto")), ((1, 1), Fill::Absent)]),
    Change::Free("copy_x", &[(EVER, Fill::Flag(true)), ((1, 1), Fill::Absent)]),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("KMeans", K_MEANS_CHANGES),
    ("MiniBatchKMeans", MINI_BATCH),
    (
        "EllipticEnvelope",
        &[Change::Free(
            "n_features_in_",
            &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("location_"))],
        )],
    ),
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
