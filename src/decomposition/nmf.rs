//! Rows as sums of a few parts, none of which counts less than nothing.

use ndarray::Array2;

use super::Error;
use crate::data::{Frame, Precision};
use crate::model::{FittedParts, Transformer, names_by_class};
use crate::preprocessing::{Cells, cells_of};

/// What an [`Nmf`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NmfParts {
    /// The parts (components × columns), none negative: `components_`.
    pub components: Array2<f64>,
    /// What the sum of a row's weights costs, for each of them.
    pub l1: f64,
    /// What half of the sum of their squares costs.
    pub l2: f64,
    /// At which share of the first step's violation it stops: `tol`.
    pub tol: f64,
    /// How many steps it makes at most: `max_iter`.
    pub max_iter: usize,
}

impl NmfParts {
    /// These parts, with scikit-learn's defaults.
    pub fn new(components: Array2<f64>) -> Self {
        NmfParts { components, l1: 0.0, l2: 0.0, tol: 1e-4, max_iter: 200 }
    }
}

/// The greatest `max_iter`: a stored model cannot ask for more time than this calls for.
const MOST_STEPS: usize = 100_000;

/// scikit-learn's `NMF` with the solver `cd`: how much of each part is in a row, found by coordinate
/// descent, in scikit-learn's own steps.
///
/// As in scikit-learn, all rows of a table take as many steps: the same rows in another table, or in
/// blocks, have weights that differ from these within its `tol`.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Frame;
/// use picklebook::decomposition::{Nmf, NmfParts};
/// use picklebook::model::{FittedParts, Transformer};
///
/// let parts = NmfParts::new(array![[1.0, 1.0, 0.0], [0.0, 0.0, 2.0]]);
/// let nmf = Nmf::from_parts(FittedParts::new(3), parts)?;
/// let weights = nmf.transform(&Frame::from_numbers(array![[3.0, 3.0, 1.0]]))?;
/// assert_eq!(weights.numbers().expect("numbers"), array![[3.0, 0.5]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
///
/// Source: `decomposition/_nmf.py` and `_cdnmf_fast.pyx` of scikit-learn, after Cichocki and Phan,
/// "Fast local algorithms for large scale nonnegative matrix and tensor factorizations" (2009).
#[derive(Debug, Clone, PartialEq)]
pub struct Nmf {
    fitted: FittedParts,
    parts: NmfParts,
    /// Columns × components.
    turned: Array2<f64>,
    /// The products of components with each other, and `l2` on the diagonal.
    products: Array2<f64>,
}

crate::model::about_the_fit!(Nmf);

impl crate::model::Model for Nmf {
    fn name(&self) -> &'static str {
        "NMF"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> crate::model::Abilities<'_> {
        crate::model::Abilities::new().transformer(self)
    }
}

impl Nmf {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Length`] unless a component has a number for each column, [`Error::Model`] for one that
    /// is negative or not finite, for components that are all zero, and for other numbers that are
    /// none, [`Error::TooMany`] for more than 100,000 steps.
    pub fn from_parts(fitted: FittedParts, parts: NmfParts) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("columns of components_", parts.components.ncols())?;
        let wrong = |problem: &str| Err(Error::Model { problem: problem.to_owned() });
        if !parts.components.iter().all(|value| value.is_finite() && *value >= 0.0) {
            return wrong("a component is negative or not finite");
        }
        if parts.components.iter().all(|value| *value == 0.0) {
            return wrong("its components are all zero");
        }
        if ![parts.l1, parts.l2, parts.tol].iter().all(|value| value.is_finite() && *value >= 0.0) {
            return wrong("what it pays for weights, or tol, is negative or not finite");
        }
        crate::tree::check::within("steps", parts.max_iter, MOST_STEPS)?;
        if parts.max_iter == 0 {
            return wrong("max_iter is 0");
        }
        let turned = parts.components.t().as_standard_layout().into_owned();
        let mut products = parts.components.dot(&turned);
        products.diag_mut().iter_mut().for_each(|value| *value += parts.l2);
        Ok(Nmf { fitted, parts, turned, products })
    }

    /// What it was made of.
    pub fn parts(&self) -> &NmfParts {
        &self.parts
    }

    /// The weights of rows, of which these are the products with the components.
    fn weights(&self, shares: &Array2<f64>) -> Array2<f64> {
        let (rows, count) = shares.dim();
        let mut weights: Array2<f64> = Array2::zeros((rows, count));
        let mut first = None;
        for _ in 0..self.parts.max_iter {
            let (mut violation, mut moved) = (0.0, false);
            for own in 0..count {
                let products = self.products.row(own);
                let hessian = products[own];
                for (mut weights, shares) in weights.rows_mut().into_iter().zip(shares.rows()) {
                    let sum = |sum, (product, weight): (&f64, &f64)| sum + product * weight;
                    let gradient = products.iter().zip(&weights).fold(-shares[own], sum);
                    let before = weights[own];
                    let uphill = if before == 0.0 { gradient.min(0.0) } else { gradient };
                    violation += uphill.abs();
                    if hessian != 0.0 {
                        let after = (before - gradient / hessian).max(0.0);
                        moved |= after.to_bits() != before.to_bits();
                        weights[own] = after;
                    }
                }
            }
            let first = *first.get_or_insert(violation);
            // where nothing moves, nothing will
            if first == 0.0 || violation / first <= self.parts.tol || !moved {
                break;
            }
        }
        weights
    }
}

/// Negative numbers and missing ones (NaN) are refused, as in scikit-learn. Of sparse rows only those
/// cells are looked at that are kept.
impl Transformer for Nmf {
    fn n_features_out(&self) -> usize {
        self.parts.components.nrows()
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(names_by_class("NMF", self.n_features_out()))
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        if table.precision().computed() != Precision::Double {
            let problem = "an NMF of 64-bit floats takes no table of fewer bits".to_owned();
            return Err(Error::Model { problem });
        }
        let is_negative = |value: &&f64| **value < 0.0;
        let refuse = |negative: Option<&f64>| match negative {
            None => Ok(()),
            Some(value) => {
                let problem = format!("an NMF takes no negative numbers, and one is {value}");
                Err(Error::Model { problem })
            }
        };
        let mut shares = match cells_of(self, table, false)? {
            Cells::Dense(numbers) => {
                refuse(numbers.iter().find(is_negative))?;
                numbers.dot(&self.turned)
            }
            Cells::Sparse(rows) => {
                refuse(rows.values().iter().find(is_negative))?;
                rows.dot(&self.turned, Some)
            }
        };
        shares.mapv_inplace(|share| share - self.parts.l1);
        Ok(self.weights(&shares).into())
    }
}
