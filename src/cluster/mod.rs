//! Groups of rows, and rows that belong to none: scikit-learn's `KMeans`, `MiniBatchKMeans` and
//! `EllipticEnvelope`.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files;
//! nothing here is fitted. Distances are sums, which are those of scikit-learn to 1e-12.
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `KMeans`, `MiniBatchKMeans` | [`KMeans`] |
//! | `EllipticEnvelope` | [`EllipticEnvelope`] |

mod elliptic_envelope;
mod k_means;

pub use elliptic_envelope::EllipticEnvelope;
pub use k_means::{KMeans, KMeansKind};

pub use crate::model::Error;
