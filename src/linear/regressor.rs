//! Linear models that estimate numbers.

use ndarray::Array2;

use super::Error;
use super::planes::{Planes, Rows, about_the_planes};
use crate::data::{Features, Frame, Labels};
use crate::model::ask::{ask_numbers, check_names};
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel, regressor_traits};

/// scikit-learn's classes that are the same model once they are fitted.
macro_rules! kinds {
    ($($kind:ident $name:literal;)*) => {
        /// Which of scikit-learn's classes a [`LinearRegressor`] is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum LinearRegressorKind {
            $(#[doc = concat!("`", $name, "`.")] $kind,)*
        }

        impl LinearRegressorKind {
            /// scikit-learn's name of the class.
            pub fn name(self) -> &'static str {
                match self {
                    $(LinearRegressorKind::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    LinearRegression "LinearRegression";
    Ridge "Ridge";
    RidgeCV "RidgeCV";
    Lasso "Lasso";
    LassoCV "LassoCV";
    ElasticNet "ElasticNet";
    ElasticNetCV "ElasticNetCV";
    MultiTaskLasso "MultiTaskLasso";
    MultiTaskLassoCV "MultiTaskLassoCV";
    MultiTaskElasticNet "MultiTaskElasticNet";
    MultiTaskElasticNetCV "MultiTaskElasticNetCV";
    SgdRegressor "SGDRegressor";
    PassiveAggressiveRegressor "PassiveAggressiveRegressor";
    LinearSvr "LinearSVR";
    BayesianRidge "BayesianRidge";
    ArdRegression "ARDRegression";
    HuberRegressor "HuberRegressor";
    Lars "Lars";
    LarsCV "LarsCV";
    LassoLars "LassoLars";
    LassoLarsCV "LassoLarsCV";
    LassoLarsIC "LassoLarsIC";
    OrthogonalMatchingPursuit "OrthogonalMatchingPursuit";
    OrthogonalMatchingPursuitCV "OrthogonalMatchingPursuitCV";
    TheilSenRegressor "TheilSenRegressor";
    QuantileRegressor "QuantileRegressor";
}

/// A linear model that estimates numbers, such as scikit-learn's `LinearRegression`: one number for
/// each row, or several.
///
/// ```
/// use ndarray::array;
/// use picklebook::linear::{LinearRegressor, LinearRegressorKind, Planes};
/// use picklebook::model::FittedParts;
///
/// let (kind, fitted) = (LinearRegressorKind::LinearRegression, FittedParts::new(2));
/// let planes = Planes::new(array![[2.0, 3.0]], vec![1.0])?;
/// let model = LinearRegressor::from_parts(kind, fitted, planes)?;
/// assert_eq!(model.predict(&[[1.0, 1.0], [0.0, 2.0]])?, array![[6.0], [7.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearRegressor {
    kind: LinearRegressorKind,
    fitted: FittedParts,
    planes: Planes,
}

about_the_planes!(LinearRegressor);

impl LinearRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a coefficient and, if there are names, a name for each
    /// column.
    pub fn from_parts(
        kind: LinearRegressorKind,
        fitted: FittedParts,
        planes: Planes,
    ) -> Result<Self, Error> {
        planes.check(&fitted)?;
        Ok(LinearRegressor { kind, fitted, planes })
    }

    /// Which of scikit-learn's classes it is.
    pub fn kind(&self) -> LinearRegressorKind {
        self.kind
    }

    /// How many numbers there are for each row.
    pub fn n_outputs(&self) -> usize {
        self.planes.len()
    }

    /// The estimates: rows × outputs.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Array2<f64>, Error> {
        self.planes.scores(self, Rows::Dense(features.into()))
    }
}

impl Model for LinearRegressor {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        match self.n_outputs() {
            1 => abilities.regressor(self),
            _ => abilities.multi_output_regressor(self),
        }
    }
}

regressor_traits!(LinearRegressor);

/// Sparse rows are taken as they are.
impl TableModel for LinearRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let (Some(sparse), Method::Predict) = (table.sparse(), method) else {
            return ask_numbers(self, table, method);
        };
        check_names(self, table.names())?;
        let estimates = self.planes.scores(self, Rows::Sparse(sparse))?;
        Ok(match self.n_outputs() {
            1 => Answer::Labels(Labels::Floats(estimates.into_iter().collect())),
            _ => Answer::Numbers(estimates),
        })
    }
}
