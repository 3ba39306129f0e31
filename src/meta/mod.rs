//! Models that scikit-learn made of other models: votes, bags, stacks, one model for each class or
//! output, calibrated probabilities, and a target that is changed before the fit.
//!
//! They are put together from models of any kind that came from elsewhere, such as scikit-learn's
//! own files; nothing here is fitted. Each is asked by a table
//! ([`Frame`](crate::data::Frame)), which it hands to the models that it holds, so that these may
//! take words or sparse rows; see [`ask`](crate::model::ask).
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `VotingClassifier`, `VotingRegressor` | [`VotingClassifier`], [`VotingRegressor`] |
//! | `BaggingClassifier`, `BaggingRegressor` | [`BaggingClassifier`], [`BaggingRegressor`] |
//! | `OneVsRestClassifier` (also of several labels), `OneVsOneClassifier` | [`OneVsRestClassifier`], [`OneVsOneClassifier`] |
//! | `CalibratedClassifierCV` | [`CalibratedClassifier`] |
//! | `StackingClassifier`, `StackingRegressor` | [`StackingClassifier`], [`StackingRegressor`] |
//! | `MultiOutputClassifier`, `MultiOutputRegressor` | [`MultiOutputClassifier`], [`MultiOutputRegressor`] |
//! | `TransformedTargetRegressor` | [`TransformedTargetRegressor`] |

mod bagging;
mod calibration;
mod members;
mod multi_output;
mod multiclass;
mod stacking;
mod target;
mod voting;

pub use bagging::{Bag, BaggingClassifier, BaggingRegressor};
pub use calibration::{CalibratedClassifier, Calibration, Calibrator, Isotonic};
pub use multi_output::{MultiOutputClassifier, MultiOutputRegressor};
pub use multiclass::{ConstantPredictor, OneVsOneClassifier, OneVsRestClassifier, RestTarget};
pub use stacking::{StackMethod, Stacked, StackingClassifier, StackingRegressor};
pub use target::TransformedTargetRegressor;
pub use voting::{Voting, VotingClassifier, VotingRegressor};

pub use crate::model::Error;

/// What every model with the fields `fitted` and `members` answers as a model: itself by
/// `answer(table, method)`, with the traits that its abilities name.
macro_rules! model_of_models {
    ($model:ident, $name:literal) => {
        crate::model::about_the_fit!($model);

        impl $model {
            fn answer_features(
                &self,
                features: crate::data::Features<'_>,
                method: crate::model::Method,
            ) -> Result<crate::model::Answer, crate::model::Error> {
                crate::model::TableModel::answer(self, &crate::data::Frame::from(features), method)
            }
        }

        impl crate::model::Model for $model {
            fn name(&self) -> &'static str {
                $name
            }

            crate::model::own_columns!(members);

            fn takes_text(&self) -> bool {
                self.members.takes_text()
            }

            fn abilities(&self) -> crate::model::Abilities<'_> {
                self.can()
            }
        }
    };
}
use model_of_models;
