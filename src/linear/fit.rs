//! How a logistic regression is fitted: by Newton's method, whose steps are solved by Cholesky's
//! decomposition.
//!
//! Source: `NewtonCholeskySolver` in scikit-learn's `linear_model/_glm/_newton_solver.py`, which
//! `LogisticRegression(solver="newton-cholesky")` uses; S. Boyd and L. Vandenberghe, Convex
//! Optimization, 2009, chapter 9.5.

use std::sync::Arc;

use ndarray::Array2;

use super::{Error, LinearClassifier, LinearClassifierKind, LinearLink, Planes};
use crate::data::{Dataset, Features, Frame, Labels};
use crate::model::fit::target_of;
use crate::model::samples::{Rows, Samples};
use crate::model::{Fit, Model, Parameter};
use crate::python::float_repr;

/// The parameters of a logistic regression, with scikit-learn's names and defaults.
///
/// It is fitted as by `LogisticRegression(solver="newton-cholesky")`, to the same coefficients but for
/// the order of sums. The loss is convex, and scikit-learn's solvers differ only in how near to its one
/// minimum they stop; this one takes a few steps, each of which solves equations in all coefficients at
/// once: it is for up to some thousand of those.
///
/// ```
/// use picklebook::linear::LinearClassifier;
/// use picklebook::prelude::*;
///
/// let model = LinearClassifier::logistic_regression().c(10.0).fit(&balance_scale())?;
/// assert_eq!(model.classes(), &Labels::from(["B", "L", "R"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticRegressionParams {
    c: f64,
    tol: f64,
    fit_intercept: bool,
    max_iter: usize,
}

impl Default for LogisticRegressionParams {
    fn default() -> Self {
        LogisticRegressionParams { c: 1.0, tol: 1e-4, fit_intercept: true, max_iter: 100 }
    }
}

/// As scikit-learn prints an estimator: only what differs from its default.
impl std::fmt::Display for LogisticRegressionParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (own, standard) = (self.named("newton-cholesky"), Self::default().named("lbfgs"));
        f.write_str(&crate::model::fit::estimator_repr("LogisticRegression", own, standard))
    }
}

/// The most coefficients: their equations take 128 MiB.
const MOST_COEFFICIENTS: usize = 4096;

impl LinearClassifier {
    /// The parameters of scikit-learn's `LogisticRegression`, to be changed and then fitted.
    pub fn logistic_regression() -> LogisticRegressionParams {
        LogisticRegressionParams::default()
    }
}

impl LogisticRegressionParams {
    /// How little large coefficients cost, above 0: scikit-learn's `C`, the inverse of the strength of
    /// the penalty on their squares; 1 by default.
    pub fn c(mut self, c: f64) -> Self {
        self.c = c;
        self
    }

    /// The greatest slope at which the fit stops, above 0; 1e-4 by default.
    pub fn tol(mut self, tol: f64) -> Self {
        self.tol = tol;
        self
    }

    /// Whether there is an intercept, as by default.
    pub fn fit_intercept(mut self, fit: bool) -> Self {
        self.fit_intercept = fit;
        self
    }

    /// After how many steps the fit gives up, at least 1; 100 by default.
    pub fn max_iter(mut self, steps: usize) -> Self {
        self.max_iter = steps;
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let expected = "a finite number above 0";
        for (name, value) in [("C", self.c), ("tol", self.tol)] {
            if value.is_nan() || value <= 0.0 || value.is_infinite() {
                return Err(Error::Parameter { name, value: float_repr(value), expected });
            }
        }
        match self.max_iter {
            0 => {
                let (value, expected) = ("0".to_owned(), "at least 1");
                Err(Error::Parameter { name: "max_iter", value, expected })
            }
            _ => Ok(()),
        }
    }

    /// The parameters by scikit-learn's names.
    fn named(&self, solver: &str) -> Vec<(&'static str, Parameter)> {
        vec![
            ("penalty", "deprecated".into()),
            ("C", Parameter::Float(self.c)),
            ("l1_ratio", Parameter::Float(0.0)),
            ("dual", Parameter::Boolean(false)),
            ("tol", Parameter::Float(self.tol)),
            ("fit_intercept", Parameter::Boolean(self.fit_intercept)),
            ("intercept_scaling", Parameter::Integer(1)),
            ("class_weight", Parameter::None),
            ("random_state", Parameter::None),
            ("solver", solver.into()),
            ("max_iter", Parameter::Integer(self.max_iter as i64)),
            ("verbose", Parameter::Integer(0)),
            ("warm_start", Parameter::Boolean(false)),
            ("n_jobs", Parameter::None),
        ]
    }

    /// Fits a model on a dataset, and keeps the names of its columns.
    ///
    /// # Errors
    /// As [`fit_weighted`](Self::fit_weighted).
    pub fn fit(&self, data: &Dataset) -> Result<LinearClassifier, Error> {
        self.fit_weighted(data, data.target(), None)
    }

    /// Fits a model on features and one label per row, and the weight of each row if they differ.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter that is out of range, [`Error::Empty`] without rows or
    /// columns, [`Error::Length`] unless labels and weights are one a row, [`Error::NotFinite`] for a
    /// value that is missing or infinite, [`Error::Target`] for a label that is a quantity,
    /// [`Error::Weight`] and [`Error::NoWeight`] for weights that are none, [`Error::TooMany`] for more
    /// than 4096 coefficients, and [`Error::Fit`] for fewer than two classes, and when the fit does not
    /// come to an end.
    pub fn fit_weighted<'a>(
        &self,
        features: impl Into<Features<'a>>,
        target: &Labels,
        weights: Option<&[f64]>,
    ) -> Result<LinearClassifier, Error> {
        let features = features.into();
        let features = features.reborrow();
        self.learn(&Samples::of_features("LogisticRegression", features, target, weights)?)
    }

    /// Fits a model on a table, whose rows may be sparse, as those of vectorizers are.
    ///
    /// # Errors
    /// As [`fit_weighted`](Self::fit_weighted), and [`Error::Words`] for a column of words.
    pub fn fit_table(
        &self,
        table: &Frame,
        target: &Labels,
        weights: Option<&[f64]>,
    ) -> Result<LinearClassifier, Error> {
        self.learn(&Samples::of_table("LogisticRegression", table, target, weights)?)
    }

    fn learn(&self, samples: &Samples<'_>) -> Result<LinearClassifier, Error> {
        self.check()?;
        let classes = samples.classes();
        if classes.len() < 2 {
            let problem = "the labels hold one class only: there is nothing to tell apart";
            return Err(Error::Fit { model: "LogisticRegression", problem: problem.to_owned() });
        }
        let (rows, columns) = samples.shape();
        let planes = if classes.len() == 2 { 1 } else { classes.len() };
        let width = columns + usize::from(self.fit_intercept);
        let count = planes.saturating_mul(width);
        crate::tree::check::within("coefficients", count, MOST_COEFFICIENTS)?;
        let weights: Vec<f64> = (0..rows).map(|row| samples.weight(row)).collect();
        let all: f64 = crate::numpy::pairwise_sum(&weights);
        let problem = Problem {
            rows: &samples.rows,
            codes: samples.codes(&classes)?,
            weights: weights.iter().map(|weight| weight / all).collect(),
            planes,
            columns,
            intercept: self.fit_intercept,
            penalty: 1.0 / (self.c * all),
        };
        let (mut coefficients, steps) = problem.solve(self.tol, self.max_iter)?;
        let mut intercepts = vec![0.0; planes];
        if self.fit_intercept {
            intercepts.copy_from_slice(&coefficients[columns * planes..]);
            coefficients.truncate(columns * planes);
            if planes > 1 {
                let mean = intercepts.iter().sum::<f64>() / planes as f64;
                intercepts.iter_mut().for_each(|intercept| *intercept -= mean);
            }
        }
        let table = Array2::from_shape_vec((columns, planes), coefficients)
            .map_err(|error| Error::Internal { problem: error.to_string() })?;
        let fitted = samples.fitted(self.named("newton-cholesky"));
        let planes = Planes::new(table.reversed_axes(), intercepts)?;
        let kind = LinearClassifierKind::LogisticRegression;
        let link = match classes.len() {
            2 => LinearLink::OneVsRest,
            _ => LinearLink::Softmax,
        };
        let mut made = LinearClassifier::from_parts(kind, fitted, planes, classes, Some(link))?;
        made.steps = Some(steps);
        Ok(made)
    }
}

impl Fit for LogisticRegressionParams {
    fn fit_model(&self, table: &Frame, target: Option<&Labels>) -> Result<Arc<dyn Model>, Error> {
        Ok(Arc::new(self.fit_table(table, target_of(table, target)?, None)?))
    }
}

/// What is to be made small: the mean loss of the rows, and a penalty on squares of coefficients.
///
/// Coefficients lie column by column, those of one column for all planes side by side; intercepts are
/// those of a last column, of ones.
struct Problem<'p, 'r> {
    rows: &'p Rows<'r>,
    /// The class of each row.
    codes: Vec<usize>,
    /// Of the sum 1.
    weights: Vec<f64>,
    /// One for two classes, or one for each class.
    planes: usize,
    columns: usize,
    intercept: bool,
    penalty: f64,
}

/// Loss and slopes at some coefficients, and the share of each plane in each row.
struct Place {
    loss: f64,
    gradient: Vec<f64>,
    shares: Vec<f64>,
}

impl Problem<'_, '_> {
    fn width(&self) -> usize {
        self.columns + usize::from(self.intercept)
    }

    /// The columns and values of a row that are not zero, the column of ones last.
    fn cells(&self, row: usize, cells: &mut Vec<(usize, f64)>) {
        cells.clear();
        match self.rows {
            Rows::Dense(rows) => {
                if row < rows.nrows() {
                    cells.extend(rows.row(row).iter().copied().enumerate());
                }
            }
            Rows::Sparse(rows) => {
                let (columns, values) = rows.row(row).unwrap_or_default();
                let each = columns.iter().zip(values);
                cells.extend(each.map(|(&column, &value)| (column as usize, value)));
            }
        }
        if self.intercept {
            cells.push((self.columns, 1.0));
        }
    }

    fn at(&self, coefficients: &[f64]) -> Place {
        let planes = self.planes;
        let mut loss = 0.0;
        let mut gradient = vec![0.0; coefficients.len()];
        let mut shares = Vec::with_capacity(self.codes.len() * planes);
        let (mut cells, mut scores) = (Vec::new(), vec![0.0; planes]);
        for (row, (&code, weight)) in self.codes.iter().zip(&self.weights).enumerate() {
            self.cells(row, &mut cells);
            scores.fill(0.0);
            for &(column, value) in &cells {
                let own = coefficients.iter().skip(column * planes);
                scores.iter_mut().zip(own).for_each(|(score, it)| *score += it * value);
            }
            if planes == 1 {
                let score = scores.first().copied().unwrap_or(0.0);
                let target = code as f64;
                let tail = (-score.abs()).exp();
                loss += weight * (score.max(0.0) + tail.ln_1p() - target * score);
                let share = if score >= 0.0 { 1.0 / (1.0 + tail) } else { tail / (1.0 + tail) };
                scores.fill(share);
            } else {
                let own = scores.get(code).copied().unwrap_or(0.0);
                let greatest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                scores.iter_mut().for_each(|score| *score = (*score - greatest).exp());
                let sum: f64 = scores.iter().sum();
                loss += weight * (sum.ln() + greatest - own);
                scores.iter_mut().for_each(|share| *share /= sum);
            }
            shares.extend_from_slice(&scores);
            for &(column, value) in &cells {
                let own = gradient.iter_mut().skip(column * planes);
                for (plane, (slope, share)) in own.zip(&scores).enumerate() {
                    let target = match planes {
                        1 => code as f64,
                        _ => f64::from(u8::from(plane == code)),
                    };
                    *slope += weight * (share - target) * value;
                }
            }
        }
        let penalized = self.columns * planes;
        for (slope, coefficient) in gradient.iter_mut().zip(coefficients).take(penalized) {
            *slope += self.penalty * coefficient;
            loss += 0.5 * self.penalty * coefficient * coefficient;
        }
        Place { loss, gradient, shares }
    }

    /// How slopes change: the lower half of a table, row after row.
    fn hessian(&self, shares: &[f64]) -> Vec<f64> {
        let (planes, count) = (self.planes, self.planes * self.width());
        let mut hessian = vec![0.0; count * count];
        let mut cells = Vec::new();
        let mut bends = vec![0.0; planes * planes];
        for (row, (shares, weight)) in shares.chunks_exact(planes).zip(&self.weights).enumerate() {
            for (bends, (plane, share)) in
                bends.chunks_exact_mut(planes).zip(shares.iter().enumerate())
            {
                for (other, (bend, its)) in bends.iter_mut().zip(shares).enumerate() {
                    let own = if plane == other { 1.0 } else { 0.0 };
                    *bend = weight * share * (own - its);
                }
            }
            self.cells(row, &mut cells);
            for (place, &(column, value)) in cells.iter().enumerate() {
                for (plane, bends) in bends.chunks_exact(planes).enumerate() {
                    let start = (column * planes + plane) * count;
                    for &(other, its) in cells.iter().take(place + 1) {
                        let product = value * its;
                        let own = hessian.iter_mut().skip(start + other * planes);
                        own.zip(bends).for_each(|(cell, bend)| *cell += bend * product);
                    }
                }
            }
        }
        for place in 0..self.columns * planes {
            if let Some(cell) = hessian.get_mut(place * count + place) {
                *cell += self.penalty;
            }
        }
        hessian
    }

    /// The coefficients at which the loss is least, and after how many steps they were found.
    fn solve(&self, tol: f64, max_iter: usize) -> Result<(Vec<f64>, usize), Error> {
        let failed = |problem: &str| {
            Err(Error::Fit { model: "LogisticRegression", problem: problem.to_owned() })
        };
        let count = self.planes * self.width();
        // with an intercept for each class only their differences count: the last stays
        let free = count - usize::from(self.planes > 1 && self.intercept);
        let mut coefficients = vec![0.0; count];
        let mut place = self.at(&coefficients);
        for step in 1..=max_iter {
            let hessian = self.hessian(&place.shares);
            let mut factor = vec![0.0; free * free];
            for (row, own) in factor.chunks_exact_mut(free.max(1)).enumerate() {
                let its = hessian.iter().skip(row * count).take(row + 1);
                own.iter_mut().zip(its).for_each(|(cell, value)| *cell = *value);
            }
            let mut newton: Vec<f64> = place.gradient.iter().take(free).map(|it| -it).collect();
            if !solve_symmetric(&mut factor, &mut newton) {
                return failed(
                    "columns depend on one another too much to tell them apart: leave some out, or \
                     lower C",
                );
            }
            newton.resize(count, 0.0);
            let slope: f64 = place.gradient.iter().zip(&newton).map(|(a, b)| a * b).sum();
            // half as far, and half as far again, until the loss is less
            let (mut share, mut next) = (1.0, None);
            for _ in 0..21 {
                let tried: Vec<f64> =
                    coefficients.iter().zip(&newton).map(|(a, b)| a + share * b).collect();
                let there = self.at(&tried);
                let less = there.loss - place.loss;
                let sum = |place: &Place| place.gradient.iter().map(|it| it.abs()).sum::<f64>();
                let enough = less <= share * slope / 2048.0
                    || (less.abs() <= (16.0 * f64::EPSILON * place.loss).abs()
                        && sum(&there) < sum(&place));
                if enough {
                    next = Some((tried, there));
                    break;
                }
                share *= 0.5;
            }
            let steepest = |gradient: &[f64]| gradient.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
            let Some((tried, there)) = next else {
                // no step makes it less: this is as near as floats come, or the data are too large
                return match steepest(&place.gradient) <= tol {
                    true => Ok((coefficients, step)),
                    false => failed("no step makes the loss less: scale the columns first"),
                };
            };
            (coefficients, place) = (tried, there);
            let mut decrement = 0.0;
            for (row, own) in newton.iter().enumerate() {
                let its = hessian.iter().skip(row * count).zip(&newton).take(row);
                decrement += its.map(|(bend, it)| 2.0 * own * bend * it).sum::<f64>();
                decrement += own * own * hessian.get(row * count + row).copied().unwrap_or(0.0);
            }
            if steepest(&place.gradient) <= tol && 0.5 * decrement <= tol {
                return Ok((coefficients, step));
            }
        }
        failed("it did not come to an end: raise max_iter, or scale the columns first")
    }
}

/// Solves equations by Cholesky's decomposition of their table, whose lower half is given row after
/// row. False if that is not positive definite, as far as floats tell.
fn solve_symmetric(table: &mut [f64], solution: &mut [f64]) -> bool {
    let count = solution.len();
    for row in 0..count {
        let (above, own) = table.split_at_mut(row * count);
        for column in 0..row {
            let other = &above[column * count..(column + 1) * count];
            let (done, rest) = own.split_at_mut(column);
            let sum: f64 = done.iter().zip(other).map(|(a, b)| a * b).sum();
            rest[0] = (rest[0] - sum) / other[column];
        }
        let (done, rest) = own.split_at_mut(row);
        let left = rest[0] - done.iter().map(|it| it * it).sum::<f64>();
        if left.is_nan() || left <= rest[0].abs() * f64::EPSILON {
            return false;
        }
        rest[0] = left.sqrt();
        let sum: f64 = done.iter().zip(&*solution).map(|(a, b)| a * b).sum();
        solution[row] = (solution[row] - sum) / rest[0];
    }
    for row in (0..count).rev() {
        let (before, own) = solution.split_at_mut(row);
        own[0] /= table[row * count + row];
        let its = &table[row * count..row * count + row];
        before.iter_mut().zip(its).for_each(|(it, cell)| *it -= cell * own[0]);
    }
    true
}
