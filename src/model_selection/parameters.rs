//! Parameters that are changed by their names.

use std::fmt;

use super::Error;
use crate::data::Dataset;
use crate::linear::{LinearClassifier, LogisticRegressionParams};
use crate::model::{self, Fit, Parameter};
use crate::tree::{
    ClassWeight, Criterion, DecisionTreeClassifier, DecisionTreeClassifierParams,
    DecisionTreeRegressor, DecisionTreeRegressorParams, Growth, MaxFeatures, RegressionCriterion,
    Samples,
};

/// Parameters of a model that a search can change by scikit-learn's names, as `set_params` does.
///
/// ```
/// use picklebook::model_selection::SetParameters;
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let mut params = DecisionTreeClassifier::params();
/// params.set_parameter("criterion", &"entropy".into())?;
/// params.set_parameter("min_samples_leaf", &5.into())?;
/// assert_eq!(
///     params.to_string(),
///     "DecisionTreeClassifier(criterion='entropy', min_samples_leaf=5)"
/// );
/// assert!(params.set_parameter("depth", &3.into()).is_err());
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub trait SetParameters: Fit + Clone + fmt::Display {
    /// What these parameters are fitted to.
    type Model: Send;

    /// Changes a parameter. Python's `None` is [`Parameter::None`].
    ///
    /// # Errors
    /// [`Error::NoParameter`] for a name that is not there, [`Error::Parameter`] for a value of
    /// another kind. Whether it is in range, [`check`](Self::check) says.
    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<(), Error>;

    /// Whether all parameters are in range.
    ///
    /// # Errors
    /// [`model::Error::Parameter`] for the first that is not.
    fn check(&self) -> Result<(), model::Error>;

    /// Fits a model on a dataset, as one would without a search.
    ///
    /// # Errors
    /// As the model's own fit.
    fn fit_dataset(&self, data: &Dataset) -> Result<Self::Model, model::Error>;
}

/// A value that is not of the parameter's kind.
fn refused(name: &str, value: &Parameter, expected: &'static str) -> Error {
    Error::Parameter { name: name.to_owned(), value: value.to_string(), expected }
}

const COUNT: &str = "a whole number of at least 0";
const COUNT_OR_NONE: &str = "a whole number, or None";
const SAMPLES: &str = "a count, or a fraction";
const NUMBER: &str = "a number";

fn count(name: &str, value: &Parameter, expected: &'static str) -> Result<usize, Error> {
    match value {
        Parameter::Integer(count) => {
            usize::try_from(*count).map_err(|_| refused(name, value, COUNT))
        }
        _ => Err(refused(name, value, expected)),
    }
}

fn optional(name: &str, value: &Parameter) -> Result<Option<usize>, Error> {
    match value {
        Parameter::None => Ok(None),
        value => count(name, value, COUNT_OR_NONE).map(Some),
    }
}

fn samples(name: &str, value: &Parameter) -> Result<Samples, Error> {
    match value {
        Parameter::Float(fraction) => Ok(Samples::Fraction(*fraction)),
        value => count(name, value, SAMPLES).map(Samples::Count),
    }
}

fn number(name: &str, value: &Parameter) -> Result<f64, Error> {
    match value {
        Parameter::Float(number) => Ok(*number),
        Parameter::Integer(number) => Ok(*number as f64),
        _ => Err(refused(name, value, NUMBER)),
    }
}

fn max_features(name: &str, value: &Parameter) -> Result<MaxFeatures, Error> {
    Ok(match value {
        Parameter::None => MaxFeatures::All,
        Parameter::Text(text) if text == "sqrt" => MaxFeatures::Sqrt,
        Parameter::Text(text) if text == "log2" => MaxFeatures::Log2,
        Parameter::Float(fraction) => MaxFeatures::Fraction(*fraction),
        value => {
            MaxFeatures::Count(count(name, value, "'sqrt', 'log2', None, a count or a fraction")?)
        }
    })
}

fn seed(name: &str, value: &Parameter) -> Result<Option<u32>, Error> {
    match optional(name, value)? {
        None => Ok(None),
        Some(seed) => {
            let expected = "a whole number below 2³², or None";
            u32::try_from(seed).map(Some).map_err(|_| refused(name, value, expected))
        }
    }
}

/// The parameters that all trees have, but for the criterion.
const OF_TREES: &str = "ccp_alpha, criterion, max_depth, max_features, max_leaf_nodes, \
    min_impurity_decrease, min_samples_leaf, min_samples_split, min_weight_fraction_leaf, \
    random_state";

/// Sets a parameter that all trees have, and says whether it is one.
fn set_growth(growth: &mut Growth, name: &str, value: &Parameter) -> Result<bool, Error> {
    match name {
        "ccp_alpha" => growth.ccp_alpha = number(name, value)?,
        "max_depth" => growth.max_depth = optional(name, value)?,
        "max_features" => growth.max_features = max_features(name, value)?,
        "max_leaf_nodes" => growth.max_leaf_nodes = optional(name, value)?,
        "min_impurity_decrease" => growth.min_impurity_decrease = number(name, value)?,
        "min_samples_leaf" => growth.min_samples_leaf = samples(name, value)?,
        "min_samples_split" => growth.min_samples_split = samples(name, value)?,
        "min_weight_fraction_leaf" => growth.min_weight_fraction_leaf = number(name, value)?,
        "random_state" => growth.random_state = seed(name, value)?,
        _ => return Ok(false),
    }
    Ok(true)
}

impl SetParameters for DecisionTreeClassifierParams {
    type Model = DecisionTreeClassifier;

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<(), Error> {
        const CRITERIA: [Criterion; 3] = [Criterion::Gini, Criterion::Entropy, Criterion::LogLoss];
        match name {
            "criterion" => {
                let found = CRITERIA.into_iter().find(|own| *value == own.name().into());
                let expected = "'gini', 'entropy' or 'log_loss'";
                self.criterion = found.ok_or_else(|| refused(name, value, expected))?;
            }
            "class_weight" => {
                self.class_weight = match value {
                    Parameter::None => None,
                    Parameter::Text(text) if text == "balanced" => Some(ClassWeight::Balanced),
                    value => {
                        let expected = "'balanced' or None; set weights before the search";
                        return Err(refused(name, value, expected));
                    }
                };
            }
            name if set_growth(&mut self.growth, name, value)? => {}
            name => {
                let (model, name) = ("DecisionTreeClassifier", crate::text::shortened(name, 60));
                let names = format!("class_weight, {OF_TREES}");
                return Err(Error::NoParameter { model, name, names });
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), model::Error> {
        self.check()
    }

    fn fit_dataset(&self, data: &Dataset) -> Result<DecisionTreeClassifier, model::Error> {
        self.fit(data)
    }
}

impl SetParameters for DecisionTreeRegressorParams {
    type Model = DecisionTreeRegressor;

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<(), Error> {
        const CRITERIA: [RegressionCriterion; 4] = [
            RegressionCriterion::SquaredError,
            RegressionCriterion::FriedmanMse,
            RegressionCriterion::AbsoluteError,
            RegressionCriterion::Poisson,
        ];
        match name {
            "criterion" => {
                let found = CRITERIA.into_iter().find(|own| *value == own.name().into());
                let expected = "'squared_error', 'friedman_mse', 'absolute_error' or 'poisson'";
                self.criterion = found.ok_or_else(|| refused(name, value, expected))?;
            }
            name if set_growth(&mut self.growth, name, value)? => {}
            name => {
                let (model, name) = ("DecisionTreeRegressor", crate::text::shortened(name, 60));
                return Err(Error::NoParameter { model, name, names: OF_TREES.to_owned() });
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), model::Error> {
        self.check()
    }

    fn fit_dataset(&self, data: &Dataset) -> Result<DecisionTreeRegressor, model::Error> {
        self.fit(data)
    }
}

impl SetParameters for LogisticRegressionParams {
    type Model = LinearClassifier;

    fn set_parameter(&mut self, name: &str, value: &Parameter) -> Result<(), Error> {
        let params = self.clone();
        *self = match name {
            "C" => params.c(number(name, value)?),
            "tol" => params.tol(number(name, value)?),
            "max_iter" => params.max_iter(count(name, value, COUNT)?),
            "fit_intercept" => match value {
                Parameter::Boolean(fit) => params.fit_intercept(*fit),
                value => return Err(refused(name, value, "True or False")),
            },
            name => {
                let (model, name) = ("LogisticRegression", crate::text::shortened(name, 60));
                let names = "C, fit_intercept, max_iter, tol".to_owned();
                return Err(Error::NoParameter { model, name, names });
            }
        };
        Ok(())
    }

    fn check(&self) -> Result<(), model::Error> {
        self.check()
    }

    fn fit_dataset(&self, data: &Dataset) -> Result<LinearClassifier, model::Error> {
        self.fit(data)
    }
}

impl From<Criterion> for Parameter {
    fn from(criterion: Criterion) -> Self {
        criterion.name().into()
    }
}

impl From<RegressionCriterion> for Parameter {
    fn from(criterion: RegressionCriterion) -> Self {
        criterion.name().into()
    }
}
