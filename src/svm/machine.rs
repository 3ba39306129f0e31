//! What all support vector machines are made of.

use std::ops::Range;

use ndarray::{Array2, s};

use super::Error;
use super::kernel::{Kernel, Vectors};
use crate::data::{Features, SparseRows};
use crate::model::rows::finite;
use crate::model::{FittedParts, Model};

/// How many kernels are kept at a time: 512 kB.
const MOST_KERNELS: usize = 1 << 16;

/// The rows of the fit that are kept: scikit-learn's `support_vectors_`.
#[derive(Debug, Clone, PartialEq)]
pub enum SupportVectors {
    /// Of a fit on dense rows.
    Dense(Array2<f64>),
    /// Of a fit on sparse rows.
    Sparse(SparseRows),
}

impl SupportVectors {
    /// The numbers of vectors and columns.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            SupportVectors::Dense(rows) => rows.dim(),
            SupportVectors::Sparse(rows) => rows.shape(),
        }
    }
}

/// What a support vector machine is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct SvmParts {
    /// The kernel, with its parameters as the fit resolved them.
    pub kernel: Kernel,
    /// The rows of the fit that are kept.
    pub support_vectors: SupportVectors,
    /// Their weights: scikit-learn's `_dual_coef_`, which has libsvm's sign also for two classes.
    /// A row for each class but one, or a single row; a column for each vector.
    pub dual_coef: Array2<f64>,
    /// What is added to each sum: `_intercept_`, with libsvm's sign as well.
    pub intercept: Vec<f64>,
}

/// Checked parts, and the vectors as they are asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Machine {
    pub(super) parts: SvmParts,
    vectors: Vectors,
}

impl Machine {
    /// Checks that the vectors have the columns of the fit, and that there are so many rows of
    /// weights, each with one for each vector, and so many intercepts.
    pub(super) fn new(
        fitted: &FittedParts,
        parts: SvmParts,
        weights: usize,
        intercepts: usize,
    ) -> Result<Self, Error> {
        let (vectors, columns) = parts.support_vectors.shape();
        fitted.check()?;
        fitted.one_each("columns of support vectors", columns)?;
        let length = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        length("rows of weights", weights, parts.dual_coef.nrows())?;
        length("weights of support vectors", vectors, parts.dual_coef.ncols())?;
        length("intercepts", intercepts, parts.intercept.len())?;
        let asked = Vectors::new(&parts.support_vectors);
        Ok(Machine { parts, vectors: asked })
    }

    /// How many support vectors there are.
    pub(super) fn support(&self) -> usize {
        self.parts.support_vectors.shape().0
    }

    /// Calls `each` with the kernels of each row with all vectors.
    pub(super) fn each_row(
        &self,
        model: &dyn Model,
        features: Features<'_>,
        mut each: impl FnMut(&[f64]),
    ) -> Result<(), Error> {
        let numbers = finite(model, &features)?;
        let (rows, support) = (numbers.nrows(), self.support());
        // an even number, for rows go through the vectors in pairs
        let block = (MOST_KERNELS / support.max(1)).clamp(1, 64) * 2;
        let mut values = vec![0.0; block.min(rows.max(1)) * support];
        for start in (0..rows).step_by(block) {
            let some = start..rows.min(start + block);
            let count = some.len();
            let Some(values) = values.get_mut(..count * support) else { continue };
            let part = numbers.slice(s![some, ..]);
            self.vectors.kernels(self.parts.kernel, part, support, values)?;
            match support {
                0 => (0..count).for_each(|_| each(&[])),
                _ => values.chunks(support).for_each(&mut each),
            }
        }
        Ok(())
    }

    /// Adds the weighted kernels of some vectors, one after the other as libsvm does.
    pub(super) fn add(&self, sum: f64, row: usize, range: Range<usize>, kernels: &[f64]) -> f64 {
        let row = self.parts.dual_coef.row(row);
        let weights = row.to_slice().and_then(|weights| weights.get(range.clone()));
        let pairs = weights.zip(kernels.get(range));
        let (weights, kernels) = pairs.unwrap_or_default();
        weights.iter().zip(kernels).fold(sum, |sum, (weight, kernel)| sum + weight * kernel)
    }

    /// The single sum for each row of a machine with one row of weights.
    pub(super) fn sums(
        &self,
        model: &dyn Model,
        features: Features<'_>,
    ) -> Result<Vec<f64>, Error> {
        let intercept = self.parts.intercept.first().copied().unwrap_or_default();
        let mut sums = Vec::with_capacity(features.shape().0);
        self.each_row(model, features, |kernels| {
            sums.push(self.add(0.0, 0, 0..kernels.len(), kernels) + intercept);
        })?;
        Ok(sums)
    }
}

/// The methods that all machines have in common.
macro_rules! common {
    ($model:ident) => {
        crate::model::about_the_fit!($model);

        impl $model {
            /// The kernel, with its parameters as the fit resolved them.
            pub fn kernel(&self) -> crate::svm::Kernel {
                self.machine.parts.kernel
            }

            /// The rows of the fit that are kept.
            pub fn support_vectors(&self) -> &crate::svm::SupportVectors {
                &self.machine.parts.support_vectors
            }
        }
    };
}
pub(super) use common;
