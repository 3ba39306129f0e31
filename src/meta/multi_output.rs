//! A model for each output.

use std::sync::Arc;

use super::members::{Members, estimates, side_by_side};
use super::{Error, model_of_models};
use crate::data::{Frame, Labels};
use crate::model::ask::lacks;
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel, ask};

/// scikit-learn's `MultiOutputClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::MultiOutputClassifier;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0]];
/// let grown = |target: [&str; 2]| {
///     DecisionTreeClassifier::params().fit_weighted(&rows, &Labels::from(target), None)
/// };
/// let models: Vec<Arc<dyn Model>> =
///     vec![Arc::new(grown(["cold", "hot"])?), Arc::new(grown(["wet", "dry"])?)];
/// let model = MultiOutputClassifier::from_parts(FittedParts::new(1), models)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[1.0]]), Method::Predict)?;
/// let expected = [Labels::from(["hot"]), Labels::from(["dry"])];
/// assert_eq!(answer, Answer::LabelsByOutput(expected.to_vec()));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultiOutputClassifier {
    fitted: FittedParts,
    members: Members,
    classes: Vec<Labels>,
    probabilities: bool,
}

model_of_models!(MultiOutputClassifier, "MultiOutputClassifier");

impl MultiOutputClassifier {
    /// Checks the parts and puts a model together: a classifier for each output.
    ///
    /// # Errors
    /// [`Error::Model`] without models, and for one that tells no classes apart or takes other
    /// columns.
    pub fn from_parts(fitted: FittedParts, models: Vec<Arc<dyn Model>>) -> Result<Self, Error> {
        let members =
            Members::new(&fitted, models, |model| match model.abilities().classifier.is_some() {
                true => Ok(()),
                false => Err("tells no classes apart".to_owned()),
            })?;
        let classes =
            |model: &Arc<dyn Model>| Some(model.abilities().classifier?.classes().clone());
        let classes = members.iter().filter_map(classes).collect();
        let probabilities = members.all_can(|model| model.abilities().probabilities.is_some());
        Ok(MultiOutputClassifier { fitted, members, classes, probabilities })
    }

    /// The models, one for each output.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// The classes of each output, ascending.
    pub fn classes(&self) -> &[Labels] {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).multi_output_classifier(self)
    }
}

impl TableModel for MultiOutputClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let models = self.members.iter().map(|model| model.as_ref());
        match method {
            Method::Predict => {
                let labels = models.map(|model| ask(model, table, method)?.labels());
                Ok(Answer::LabelsByOutput(labels.collect::<Result<_, Error>>()?))
            }
            Method::PredictProba if self.probabilities => {
                let numbers = models.map(|model| ask(model, table, method)?.numbers());
                Ok(Answer::NumbersByOutput(numbers.collect::<Result<_, Error>>()?))
            }
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(MultiOutputClassifier: MultiOutputClassifier(classes));

/// scikit-learn's `MultiOutputRegressor`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::Frame;
/// use picklebook::meta::MultiOutputRegressor;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0]];
/// let grown = |target: &[f64]| DecisionTreeRegressor::params().fit_weighted(&rows, target, None);
/// let models: Vec<Arc<dyn Model>> =
///     vec![Arc::new(grown(&[1.0, 3.0])?), Arc::new(grown(&[2.0, 8.0])?)];
/// let model = MultiOutputRegressor::from_parts(FittedParts::new(1), models)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[1.0]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Numbers(ndarray::array![[3.0, 8.0]]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultiOutputRegressor {
    fitted: FittedParts,
    members: Members,
}

model_of_models!(MultiOutputRegressor, "MultiOutputRegressor");

impl MultiOutputRegressor {
    /// Checks the parts and puts a model together: a regressor for each output.
    ///
    /// # Errors
    /// [`Error::Model`] without models, and for one that estimates no single number or takes other
    /// columns.
    pub fn from_parts(fitted: FittedParts, models: Vec<Arc<dyn Model>>) -> Result<Self, Error> {
        let members =
            Members::new(&fitted, models, |model| match model.abilities().regressor.is_some() {
                true => Ok(()),
                false => Err("estimates no single number".to_owned()),
            })?;
        Ok(MultiOutputRegressor { fitted, members })
    }

    /// The models, one for each output.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// How many numbers it estimates.
    pub fn n_outputs(&self) -> usize {
        self.members.len()
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).multi_output_regressor(self)
    }
}

impl TableModel for MultiOutputRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                Ok(Answer::Numbers(side_by_side(&self.members.each(table, estimates)?)?))
            }
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(MultiOutputRegressor: MultiOutputRegressor(n_outputs));
