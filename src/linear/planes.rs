//! Coefficients and intercepts.

use ndarray::{Array2, ArrayView2};

use super::Error;
use crate::data::{Features, SparseRows};
use crate::model::{FittedParts, Model, rows};

/// The coefficients of a linear model, and its intercepts: one for each class or output.
///
/// ```
/// use ndarray::array;
/// use picklebook::linear::Planes;
///
/// let planes = Planes::new(array![[1.0, -2.0], [0.5, 0.0]], vec![0.0, 3.0])?;
/// assert_eq!((planes.len(), planes.n_features()), (2, 2));
/// assert_eq!(planes.coefficients().row(0).to_vec(), [1.0, -2.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    /// Features × planes: the coefficients of a feature, which sparse rows take one by one, lie
    /// side by side.
    weights: Array2<f64>,
    intercepts: Vec<f64>,
}

impl Planes {
    /// Puts coefficients (planes × features: scikit-learn's `coef_`) and intercepts together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is an intercept for each plane, [`Error::Model`] without
    /// planes, and for a number that is not finite.
    pub fn new(coefficients: Array2<f64>, intercepts: Vec<f64>) -> Result<Planes, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        let (expected, found) = (coefficients.nrows(), intercepts.len());
        if expected == 0 || coefficients.ncols() == 0 {
            return wrong("it has no coefficients".to_owned());
        }
        if found != expected {
            return Err(Error::Length { what: "intercepts", expected, found });
        }
        if let Some(value) = coefficients.iter().find(|value| !value.is_finite()) {
            return wrong(format!("a coefficient is {value}, not finite"));
        }
        if let Some(value) = intercepts.iter().find(|value| !value.is_finite()) {
            return wrong(format!("an intercept is {value}, not finite"));
        }
        let weights = coefficients.t().as_standard_layout().into_owned();
        Ok(Planes { weights, intercepts })
    }

    /// How many planes there are: classes or outputs.
    pub fn len(&self) -> usize {
        self.intercepts.len()
    }

    /// Whether there are none, which is never so.
    pub fn is_empty(&self) -> bool {
        self.intercepts.is_empty()
    }

    /// How many columns rows have.
    pub fn n_features(&self) -> usize {
        self.weights.nrows()
    }

    /// The coefficients: planes × features, scikit-learn's `coef_`.
    pub fn coefficients(&self) -> ArrayView2<'_, f64> {
        self.weights.t()
    }

    /// The intercept of each plane, scikit-learn's `intercept_`.
    pub fn intercepts(&self) -> &[f64] {
        &self.intercepts
    }

    /// Whether the planes are for the columns that are known of the fit.
    pub(super) fn check(&self, fitted: &FittedParts) -> Result<(), Error> {
        fitted.check()?;
        fitted.one_each("coefficients of a row", self.n_features())
    }

    /// The scores of a model's rows: rows × planes.
    pub(super) fn scores(&self, model: &dyn Model, given: Rows<'_>) -> Result<Array2<f64>, Error> {
        let mut scores = match given {
            Rows::Dense(features) => rows::finite(model, &features)?.dot(&self.weights),
            Rows::Sparse(sparse) => {
                rows::check_sparse(model, sparse)?;
                sparse.dot(&self.weights, Some)
            }
        };
        for mut row in scores.rows_mut() {
            row.iter_mut().zip(&self.intercepts).for_each(|(score, own)| *score += own);
        }
        Ok(scores)
    }
}

/// Rows as they were given.
#[derive(Clone, Copy)]
pub(super) enum Rows<'a> {
    Dense(Features<'a>),
    Sparse(&'a SparseRows),
}

/// What every model with a field `planes` tells of it.
macro_rules! about_the_planes {
    ($model:ident) => {
        crate::model::about_the_fit!($model);

        impl $model {
            /// The coefficients: a row for each class or output (one row for two classes),
            /// scikit-learn's `coef_`.
            pub fn coefficients(&self) -> ndarray::ArrayView2<'_, f64> {
                self.planes.coefficients()
            }

            /// The intercepts, as many as rows of coefficients: scikit-learn's `intercept_`.
            pub fn intercepts(&self) -> &[f64] {
                self.planes.intercepts()
            }
        }
    };
}
pub(super) use about_the_planes;

/// What every linear classifier answers as a model: itself by `scores`, `labels`, `probabilities`
/// and `decisions`.
macro_rules! classifier {
    ($model:ident) => {
        super::planes::about_the_planes!($model);

        impl $model {
            /// The classes, ascending.
            pub fn classes(&self) -> &crate::data::Labels {
                &self.classes
            }

            /// The class of each row.
            ///
            /// # Errors
            /// [`Error::Columns`](crate::model::Error::Columns) for another number of columns than
            /// in the fit, [`Error::NotFinite`](crate::model::Error::NotFinite) for a value that is
            /// missing or infinite.
            pub fn predict<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                self.labels(&self.planes.scores(self, Rows::Dense(features.into()))?)
            }

            /// The score of each class for each row: rows × classes; with two classes a single
            /// column, above zero for the second class.
            ///
            /// # Errors
            /// As [`predict`](Self::predict).
            pub fn decision_function<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.planes.scores(self, Rows::Dense(features.into()))
            }

            /// The probability of each class for each row: rows × classes.
            ///
            /// # Errors
            /// As [`predict`](Self::predict), and
            /// [`Error::NoMethod`](crate::model::Error::NoMethod) for a model that knows none.
            pub fn predict_proba<'a>(
                &self,
                features: impl Into<crate::data::Features<'a>>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.probabilities(self.planes.scores(self, Rows::Dense(features.into()))?)
            }

            /// The class of each row of scores.
            fn labels(
                &self,
                scores: &ndarray::Array2<f64>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                crate::model::link::labels_of_rows(&self.classes, scores, |row| match row {
                    [score] => usize::from(*score > 0.0),
                    scores => crate::tree::first_greatest(scores),
                })
            }
        }

        crate::model::classifier_traits!($model);

        crate::model::decision_trait!($model);

        /// Sparse rows are taken as they are.
        impl crate::model::TableModel for $model {
            fn answer(
                &self,
                table: &crate::data::Frame,
                method: crate::model::Method,
            ) -> Result<crate::model::Answer, crate::model::Error> {
                use crate::model::{Answer, Method, ask};

                let Some(sparse) = table.sparse() else {
                    return ask::ask_numbers(self, table, method);
                };
                ask::check_names(self, table.names())?;
                let scores = || self.planes.scores(self, Rows::Sparse(sparse));
                match method {
                    Method::Predict => Ok(Answer::Labels(self.labels(&scores()?)?)),
                    Method::PredictProba => Ok(Answer::Numbers(self.probabilities(scores()?)?)),
                    Method::DecisionFunction => Ok(Answer::Numbers(scores()?)),
                    Method::Apply | Method::Transform => ask::ask_numbers(self, table, method),
                }
            }
        }
    };
}
pub(super) use classifier;

/// Whether there is a plane for each class; one for two classes.
pub(super) fn check_planes(planes: &Planes, classes: usize) -> Result<(), Error> {
    let expected = match classes {
        0 | 1 => {
            let problem = "it has fewer than two classes".to_owned();
            return Err(Error::Model { problem });
        }
        2 => 1,
        classes => classes,
    };
    match planes.len() {
        found if found == expected => Ok(()),
        found => Err(Error::Length { what: "rows of coefficients", expected, found }),
    }
}
