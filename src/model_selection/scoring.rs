//! How good predictions are, by scikit-learn's names; the greater the better.

use std::fmt;

use super::Error;
use crate::data::Labels;
use crate::metrics::{
    ClassificationReport, accuracy, classification_report, mean_absolute_error, mean_squared_error,
    r2_score,
};
use crate::numpy::pairwise_sum;

/// A measure of predictions, by scikit-learn's name for `scoring`. Each is the greater the better, so
/// errors are negative.
///
/// ```
/// use picklebook::model_selection::Scoring;
///
/// let scoring: Scoring = "f1_macro".parse()?;
/// assert_eq!(scoring, Scoring::F1Macro);
/// assert_eq!(Scoring::NegMeanAbsoluteError.to_string(), "neg_mean_absolute_error");
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scoring {
    /// The share of right classes.
    Accuracy,
    /// The mean over the true classes of the share of rows that are right.
    BalancedAccuracy,
    /// The mean over the classes of their precision.
    PrecisionMacro,
    /// As [`PrecisionMacro`](Scoring::PrecisionMacro), each class by its number of rows.
    PrecisionWeighted,
    /// The mean over the classes of their recall.
    RecallMacro,
    /// As [`RecallMacro`](Scoring::RecallMacro), each class by its number of rows.
    RecallWeighted,
    /// The mean over the classes of their F1.
    F1Macro,
    /// As [`F1Macro`](Scoring::F1Macro), each class by its number of rows.
    F1Weighted,
    /// The coefficient of determination R² of estimates.
    R2,
    /// The mean absolute error of estimates, negative.
    NegMeanAbsoluteError,
    /// The mean squared error of estimates, negative.
    NegMeanSquaredError,
    /// The root of the mean squared error of estimates, negative.
    NegRootMeanSquaredError,
}

impl Scoring {
    /// All of them.
    pub const ALL: [Scoring; 12] = [
        Scoring::Accuracy,
        Scoring::BalancedAccuracy,
        Scoring::PrecisionMacro,
        Scoring::PrecisionWeighted,
        Scoring::RecallMacro,
        Scoring::RecallWeighted,
        Scoring::F1Macro,
        Scoring::F1Weighted,
        Scoring::R2,
        Scoring::NegMeanAbsoluteError,
        Scoring::NegMeanSquaredError,
        Scoring::NegRootMeanSquaredError,
    ];

    /// scikit-learn's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Scoring::Accuracy => "accuracy",
            Scoring::BalancedAccuracy => "balanced_accuracy",
            Scoring::PrecisionMacro => "precision_macro",
            Scoring::PrecisionWeighted => "precision_weighted",
            Scoring::RecallMacro => "recall_macro",
            Scoring::RecallWeighted => "recall_weighted",
            Scoring::F1Macro => "f1_macro",
            Scoring::F1Weighted => "f1_weighted",
            Scoring::R2 => "r2",
            Scoring::NegMeanAbsoluteError => "neg_mean_absolute_error",
            Scoring::NegMeanSquaredError => "neg_mean_squared_error",
            Scoring::NegRootMeanSquaredError => "neg_root_mean_squared_error",
        }
    }

    /// Its name in a sentence or on an axis.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Scoring::Accuracy => "accuracy",
            Scoring::BalancedAccuracy => "balanced accuracy",
            Scoring::PrecisionMacro => "macro precision",
            Scoring::PrecisionWeighted => "weighted precision",
            Scoring::RecallMacro => "macro recall",
            Scoring::RecallWeighted => "weighted recall",
            Scoring::F1Macro => "macro F1",
            Scoring::F1Weighted => "weighted F1",
            Scoring::R2 => "R²",
            Scoring::NegMeanAbsoluteError => "negative mean absolute error",
            Scoring::NegMeanSquaredError => "negative mean squared error",
            Scoring::NegRootMeanSquaredError => "negative root mean squared error",
        }
    }

    /// Whether it is a share from 0 to 1.
    pub(crate) fn is_share(self) -> bool {
        !self.is_of_numbers()
    }

    fn is_of_numbers(self) -> bool {
        match self {
            Scoring::Accuracy
            | Scoring::BalancedAccuracy
            | Scoring::PrecisionMacro
            | Scoring::PrecisionWeighted
            | Scoring::RecallMacro
            | Scoring::RecallWeighted
            | Scoring::F1Macro
            | Scoring::F1Weighted => false,
            Scoring::R2
            | Scoring::NegMeanAbsoluteError
            | Scoring::NegMeanSquaredError
            | Scoring::NegRootMeanSquaredError => true,
        }
    }

    /// The measure of predictions for the rows of a fold.
    pub(super) fn measure(
        self,
        fold: usize,
        truth: &Labels,
        predicted: &Labels,
    ) -> Result<f64, Error> {
        let score = match self.is_of_numbers() {
            true => {
                let (Some(truth), Some(predicted)) = (truth.to_numbers(), predicted.to_numbers())
                else {
                    let needed = "numbers, but the target holds words or booleans";
                    return Err(Error::Scoring { scoring: self.name(), needed });
                };
                self.of_numbers(&truth, &predicted)
            }
            false => self.of_classes(truth, predicted),
        };
        score.map_err(|error| Error::Metrics { fold, error })
    }

    fn of_numbers(self, truth: &[f64], predicted: &[f64]) -> Result<f64, crate::metrics::Error> {
        match self {
            Scoring::NegMeanAbsoluteError => Ok(-mean_absolute_error(truth, predicted)?),
            Scoring::NegMeanSquaredError => Ok(-mean_squared_error(truth, predicted)?),
            Scoring::NegRootMeanSquaredError => Ok(-mean_squared_error(truth, predicted)?.sqrt()),
            _ => r2_score(truth, predicted),
        }
    }

    fn of_classes(self, truth: &Labels, predicted: &Labels) -> Result<f64, crate::metrics::Error> {
        let report = || classification_report(truth, predicted);
        Ok(match self {
            Scoring::BalancedAccuracy => balanced(&report()?),
            Scoring::PrecisionMacro => report()?.macro_avg().precision,
            Scoring::PrecisionWeighted => report()?.weighted_avg().precision,
            Scoring::RecallMacro => report()?.macro_avg().recall,
            Scoring::RecallWeighted => report()?.weighted_avg().recall,
            Scoring::F1Macro => report()?.macro_avg().f1_score,
            Scoring::F1Weighted => report()?.weighted_avg().f1_score,
            _ => accuracy(truth, predicted)?,
        })
    }
}

/// The mean recall of the classes that occur in the truth.
fn balanced(report: &ClassificationReport) -> f64 {
    let true_classes = report.scores().iter().filter(|scores| scores.support > 0);
    let recalls: Vec<f64> = true_classes.map(|scores| scores.recall).collect();
    pairwise_sum(&recalls) / recalls.len() as f64
}

impl fmt::Display for Scoring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl std::str::FromStr for Scoring {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let known = Scoring::ALL.into_iter().find(|scoring| scoring.name() == name);
        known.ok_or_else(|| Error::NoScoring {
            name: crate::text::shortened(name, 60),
            names: Scoring::ALL.map(Scoring::name).join(", "),
        })
    }
}
