//! Machines that estimate numbers.

use super::Error;
use super::machine::{Machine, SvmParts, common};
use crate::data::Features;
use crate::model::{Abilities, FittedParts, Model, Regressor};

/// How the machine was fitted; the answers do not depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SvmRegressorKind {
    /// `SVR`: with an epsilon.
    #[default]
    Svr,
    /// `NuSVR`: with a share of support vectors.
    NuSvr,
}

/// scikit-learn's `SVR` and `NuSVR`.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::svm::{Kernel, SupportVectors, SvmParts, SvmRegressor, SvmRegressorKind};
///
/// let vectors = SupportVectors::Dense(array![[1.0, 0.0], [0.0, 1.0]]);
/// let parts = SvmParts {
///     kernel: Kernel::Linear,
///     support_vectors: vectors,
///     dual_coef: array![[2.0, -1.0]],
///     intercept: vec![0.5],
/// };
/// let model = SvmRegressor::from_parts(FittedParts::new(2), parts, SvmRegressorKind::Svr)?;
/// assert_eq!(model.predict(&[[1.0, 1.0], [0.0, 3.0]])?, [1.5, -2.5]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SvmRegressor {
    fitted: FittedParts,
    machine: Machine,
    kind: SvmRegressorKind,
}

common!(SvmRegressor);

impl SvmRegressor {
    /// Checks the parts and puts a machine together.
    ///
    /// # Errors
    /// [`Error::Length`] unless the vectors have the columns of the fit, and there is one row of
    /// weights, with a weight for each vector, and one intercept.
    pub fn from_parts(
        fitted: FittedParts,
        parts: SvmParts,
        kind: SvmRegressorKind,
    ) -> Result<Self, Error> {
        let machine = Machine::new(&fitted, parts, 1, 1)?;
        Ok(SvmRegressor { fitted, machine, kind })
    }

    /// The estimate for each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        self.machine.sums(self, features.into())
    }

    /// How the machine was fitted.
    pub fn kind(&self) -> SvmRegressorKind {
        self.kind
    }
}

impl Model for SvmRegressor {
    fn name(&self) -> &'static str {
        match self.kind {
            SvmRegressorKind::Svr => "SVR",
            SvmRegressorKind::NuSvr => "NuSVR",
        }
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().regressor(self)
    }
}

impl Regressor for SvmRegressor {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        self.predict(features)
    }
}
