//! What makes a split good.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Error;
use crate::python::float_repr;

/// How a classifier measures the quality of a split.
///
/// [`Entropy`](Criterion::Entropy) and [`LogLoss`](Criterion::LogLoss) are two names of one
/// measure, as in scikit-learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The Gini impurity: one less the sum of the squared class fractions.
    #[default]
    Gini,
    /// The Shannon entropy of the class fractions, in bits.
    Entropy,
    /// Another name for [`Entropy`](Criterion::Entropy).
    LogLoss,
}

impl Criterion {
    /// The name that scikit-learn uses: `gini`, `entropy` or `log_loss`.
    pub fn name(self) -> &'static str {
        match self {
            Criterion::Gini => "gini",
            Criterion::Entropy => "entropy",
            Criterion::LogLoss => "log_loss",
        }
    }
}

/// How a regressor measures the quality of a split.
///
/// [`SquaredError`](RegressionCriterion::SquaredError) and
/// [`FriedmanMse`](RegressionCriterion::FriedmanMse) are two names of one measure, as
/// scikit-learn 1.9 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegressionCriterion {
    /// The mean squared error: the variance of the targets. A leaf estimates their mean.
    #[default]
    SquaredError,
    /// Another name for [`SquaredError`](RegressionCriterion::SquaredError), which scikit-learn 1.9
    /// deprecates. A fitted tree calls it by that name.
    FriedmanMse,
    /// The mean absolute error. A leaf estimates the weighted median of its targets.
    AbsoluteError,
    /// Half the mean Poisson deviance, for counts and rates: targets that are not negative, and not
    /// all zero. A leaf estimates their mean.
    Poisson,
}

impl RegressionCriterion {
    /// The name that scikit-learn uses: `squared_error`, `friedman_mse`, `absolute_error` or
    /// `poisson`.
    pub fn name(self) -> &'static str {
        match self {
            RegressionCriterion::SquaredError => "squared_error",
            RegressionCriterion::FriedmanMse => "friedman_mse",
            RegressionCriterion::AbsoluteError => "absolute_error",
            RegressionCriterion::Poisson => "poisson",
        }
    }

    /// What a fitted tree says that it was fitted by: as scikit-learn's, never the deprecated name.
    pub(super) fn of_a_fit(self) -> RegressionCriterion {
        match self {
            RegressionCriterion::FriedmanMse => RegressionCriterion::SquaredError,
            other => other,
        }
    }

    pub(super) fn is_default(&self) -> bool {
        *self == RegressionCriterion::default()
    }

    /// Refuses finite targets that the criterion does not allow. As in scikit-learn, those of rows
    /// without weight count too.
    pub(super) fn check_targets(self, targets: &[f64]) -> Result<(), Error> {
        match self {
            RegressionCriterion::Poisson => {}
            RegressionCriterion::SquaredError
            | RegressionCriterion::FriedmanMse
            | RegressionCriterion::AbsoluteError => return Ok(()),
        }
        let bad = match targets.iter().position(|&target| target < 0.0) {
            Some(row) => Some((row, "the criterion poisson takes no negative targets")),
            None if targets.iter().all(|&target| target == 0.0) => {
                Some((0, "the criterion poisson takes targets of which at least one is above 0"))
            }
            None => None,
        };
        match bad {
            None => Ok(()),
            Some((row, expected)) => {
                let value = targets.get(row).map_or(String::new(), |&target| float_repr(target));
                Err(Error::Target { row, value, expected })
            }
        }
    }
}

impl fmt::Display for RegressionCriterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
