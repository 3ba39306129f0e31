//! A machine that tells rows like those of the fit from others.

use ndarray::{Array2, Axis};

use super::Error;
use super::machine::{Machine, SvmParts, common};
use crate::data::{Features, Labels};
use crate::model::{Abilities, FittedParts, Model};

/// scikit-learn's `OneClassSVM`: 1 for rows that are like those of the fit, -1 for others.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::prelude::*;
/// use picklebook::svm::{Kernel, OneClassSvm, SupportVectors, SvmParts};
///
/// let vectors = SupportVectors::Dense(array![[0.0], [1.0]]);
/// let parts = SvmParts {
///     kernel: Kernel::Rbf { gamma: 1.0 },
///     support_vectors: vectors,
///     dual_coef: array![[0.5, 0.5]],
///     intercept: vec![-0.3],
/// };
/// let model = OneClassSvm::from_parts(FittedParts::new(1), parts)?;
/// assert_eq!(model.predict(&[[0.5], [4.0]])?, Labels::from(vec![1, -1]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OneClassSvm {
    fitted: FittedParts,
    machine: Machine,
    classes: Labels,
}

common!(OneClassSvm);

impl OneClassSvm {
    /// Checks the parts and puts a machine together.
    ///
    /// # Errors
    /// [`Error::Length`] unless the vectors have the columns of the fit, and there is one row of
    /// weights, with a weight for each vector, and one intercept.
    pub fn from_parts(fitted: FittedParts, parts: SvmParts) -> Result<Self, Error> {
        let machine = Machine::new(&fitted, parts, 1, 1)?;
        Ok(OneClassSvm { fitted, machine, classes: Labels::from(vec![-1, 1]) })
    }

    /// 1 for each row that is like those of the fit, -1 for others.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let sums = self.machine.sums(self, features.into())?;
        let sign = |sum: f64| if sum > 0.0 { 1 } else { -1 };
        Ok(sums.into_iter().map(sign).collect::<Vec<i64>>().into())
    }

    /// The distance of each row to the boundary, below zero outside: rows × 1.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let sums = self.machine.sums(self, features.into())?;
        Ok(ndarray::Array1::from(sums).insert_axis(Axis(1)))
    }

    /// The sums without what is added to them, `decision_function` + `offset_`.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn score_samples<'a>(&self, features: impl Into<Features<'a>>) -> Result<Vec<f64>, Error> {
        let sums = self.machine.sums(self, features.into())?;
        Ok(sums.into_iter().map(|sum| sum + self.offset()).collect())
    }

    /// Rows with a score below this lie outside: scikit-learn's `offset_`.
    pub fn offset(&self) -> f64 {
        -self.machine.parts.intercept.first().copied().unwrap_or_default()
    }
}

impl Model for OneClassSvm {
    fn name(&self) -> &'static str {
        "OneClassSVM"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).decision_function(self)
    }
}

crate::model::outlier_traits!(OneClassSvm);
