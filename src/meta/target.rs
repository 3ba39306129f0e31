//! A regressor of a target that was changed before the fit, and is changed back.

use std::sync::Arc;

use super::members::{Members, estimates, n_outputs};
use super::{Error, model_of_models};
use crate::data::Frame;
use crate::model::ask::{lacks, numbers_for};
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel};

/// scikit-learn's `TransformedTargetRegressor`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::TransformedTargetRegressor;
/// use picklebook::model::{Answer, FittedParts, Method, ask};
/// use picklebook::prelude::*;
/// use picklebook::preprocessing::StandardScaler;
///
/// let tree = DecisionTreeRegressor::params().fit_weighted(&[[0.0], [1.0]], &[-1.0, 1.0], None)?;
/// let of_target = FittedParts::new(1);
/// let scaler = StandardScaler::from_parts(of_target, Some(vec![100.0]), Some(vec![7.0]))?;
/// let (fitted, back) = (FittedParts::new(1), Arc::new(scaler));
/// let model = TransformedTargetRegressor::from_parts(fitted, Arc::new(tree), back, true)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[0.9]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(vec![107.0])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TransformedTargetRegressor {
    fitted: FittedParts,
    members: Members,
    transformer: Members,
    outputs: usize,
    single: bool,
}

model_of_models!(TransformedTargetRegressor, "TransformedTargetRegressor");

impl TransformedTargetRegressor {
    /// Checks the parts and puts a model together: a regressor of the changed target, and the
    /// transformer that changed it, whose inverse is asked. `single` is whether the target was a
    /// column of its own, no table.
    ///
    /// # Errors
    /// [`Error::Model`] for a regressor that estimates no numbers, or takes other columns, and for a
    /// transformer without an inverse, or of another number of columns than there are estimates.
    pub fn from_parts(
        fitted: FittedParts,
        regressor: Arc<dyn Model>,
        transformer: Arc<dyn Model>,
        single: bool,
    ) -> Result<Self, Error> {
        let found = n_outputs(regressor.as_ref());
        let outputs = found.unwrap_or(0);
        let members = Members::new(&fitted, vec![regressor], |_| match found {
            Some(_) => Ok(()),
            None => Err("estimates no numbers".to_owned()),
        })?;
        let of_target = FittedParts::new(outputs);
        let transformer = Members::new(&of_target, vec![transformer], |model| {
            match model.abilities().inverse.is_some() {
                true => Ok(()),
                false => Err("has no inverse here".to_owned()),
            }
        })?;
        Ok(TransformedTargetRegressor { fitted, members, transformer, outputs, single })
    }

    /// The regressor of the changed target.
    pub fn regressor(&self) -> Option<&dyn Model> {
        self.members.first().map(|model| model.as_ref())
    }

    /// What changed the target.
    pub fn transformer(&self) -> Option<&dyn Model> {
        self.transformer.first().map(|model| model.as_ref())
    }

    /// How many numbers it estimates.
    pub fn n_outputs(&self) -> usize {
        self.outputs
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        match self.single && self.outputs == 1 {
            true => abilities.regressor(self),
            false => abilities.multi_output_regressor(self),
        }
    }
}

impl TableModel for TransformedTargetRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let inverse = self.transformer().and_then(|model| model.abilities().inverse);
        let (Method::Predict, Some(regressor), Some(inverse)) = (method, self.regressor(), inverse)
        else {
            return Err(lacks(self, method.name()));
        };
        let estimates = Frame::from_numbers(estimates(regressor, table)?);
        let back = inverse.inverse_transform(&estimates)?;
        let numbers = numbers_for(inverse.name(), &back)?.into_owned();
        Ok(match self.single && self.outputs == 1 {
            true => Answer::Labels(numbers.into_iter().collect::<Vec<f64>>().into()),
            false => Answer::Numbers(numbers),
        })
    }
}

crate::model::answer_traits!(
    TransformedTargetRegressor: Regressor,
    MultiOutputRegressor(n_outputs),
);
