//! Models that were each fitted on some of the rows, and maybe on some of the columns.

use std::sync::Arc;

use ndarray::Array2;

use super::members::{
    Members, codes, decisions, estimates, has_codes, has_probabilities, n_classes, n_outputs,
    probabilities, sum_in_order,
};
use super::{Error, model_of_models};
use crate::data::{Frame, Labels};
use crate::model::ask::{check_classes, check_names, lacks};
use crate::model::link::labels_of_rows;
use crate::model::{Abilities, Answer, FittedParts, Method, Model, Nesting, TableModel};
use crate::tree::first_greatest;

/// A model, and the places of the columns that it is given: scikit-learn's `estimators_features_`.
pub type Bag = (Arc<dyn Model>, Vec<usize>);

/// What classifiers and regressors have in common.
#[derive(Debug, Clone, PartialEq)]
struct Bags {
    models: Members,
    nesting: Nesting,
    places: Vec<Vec<usize>>,
    /// Whether all are given all columns, in their order.
    whole: bool,
}

impl Bags {
    fn new(
        fitted: &FittedParts,
        bags: Vec<Bag>,
        fits: impl Fn(&dyn Model) -> Result<(), String>,
    ) -> Result<Bags, Error> {
        fitted.check()?;
        let (models, places): (Vec<Arc<dyn Model>>, Vec<Vec<usize>>) = bags.into_iter().unzip();
        let beyond = |place: &&usize| **place >= fitted.n_features;
        if let Some(place) = places.iter().flatten().find(beyond) {
            let problem = format!("a model is given column {place}, of {}", fitted.n_features);
            return Err(Error::Model { problem });
        }
        let count = |number: usize| places.get(number).map_or(0, Vec::len);
        let members = Members::of(fitted, models, count, fits)?;
        let whole = places.iter().all(|places| places.iter().copied().eq(0..fitted.n_features));
        Ok(Bags { nesting: members.nesting, models: members, places, whole })
    }

    /// What each model says of its columns of a table. scikit-learn hands them over without names.
    fn each(
        &self,
        owner: &dyn Model,
        table: &Frame,
        ask: impl Fn(&dyn Model, &Frame) -> Result<Array2<f64>, Error>,
    ) -> Result<Vec<Array2<f64>>, Error> {
        check_names(owner, table.names())?;
        let (_, found) = table.shape();
        if found != owner.n_features() {
            return Err(Error::Columns { expected: owner.n_features(), found });
        }
        let nameless = table.clone().without_names();
        if self.whole {
            return self.models.each(&nameless, ask);
        }
        let pairs = self.models.iter().zip(&self.places);
        let answer = |(model, places): (&Arc<dyn Model>, &Vec<usize>)| {
            let columns = nameless.select(places);
            let beyond = || Error::Internal { problem: "a column is past the last".to_owned() };
            ask(model.as_ref(), &columns.ok_or_else(beyond)?)
        };
        pairs.map(answer).collect()
    }

    fn takes_text(&self) -> bool {
        self.models.takes_text()
    }

    /// The mean of what the models say.
    fn mean(&self, said: Vec<Array2<f64>>) -> Result<Array2<f64>, Error> {
        let count = said.len() as f64;
        Ok(sum_in_order(said)? / count)
    }
}

/// scikit-learn's `BaggingClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::BaggingClassifier;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params()
///     .fit_weighted(&[[0.0], [1.0]], &Labels::from(vec![0, 1]), None)?;
/// let classes = Labels::from(["left", "right"]);
/// let bags: Vec<(Arc<dyn Model>, Vec<usize>)> = vec![(Arc::new(tree), vec![1])];
/// let model = BaggingClassifier::from_parts(FittedParts::new(2), bags, classes)?;
/// let rows = Frame::from_numbers(ndarray::array![[0.0, 1.0], [9.0, 0.0]]);
/// let answer = ask(&model, &rows, Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(["right", "left"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BaggingClassifier {
    fitted: FittedParts,
    members: Bags,
    classes: Labels,
    scores: bool,
}

model_of_models!(BaggingClassifier, "BaggingClassifier");

impl BaggingClassifier {
    /// Checks the parts and puts a model together: models that were fitted on the places of the
    /// classes, or of some of them.
    ///
    /// # Errors
    /// [`Error::Model`] without models or columns, for a model that does not tell the places of the
    /// classes apart, or takes another number of columns than it is given, for a column past the
    /// last, and for classes that do not ascend.
    pub fn from_parts(fitted: FittedParts, bags: Vec<Bag>, classes: Labels) -> Result<Self, Error> {
        check_classes(&classes)?;
        let count = classes.len();
        let members = Bags::new(&fitted, bags, |model| {
            match has_codes(model, count) || has_probabilities(model, count) {
                true => Ok(()),
                false => Err("does not tell the places of the classes apart".to_owned()),
            }
        })?;
        let scores = members.models.all_can(|model| {
            model.abilities().decision_function.is_some() && n_classes(model) == Some(count)
        });
        Ok(BaggingClassifier { fitted, members, classes, scores })
    }

    /// The models.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members.models
    }

    /// The places of the columns that each model is given.
    pub fn estimators_features(&self) -> &[Vec<usize>] {
        &self.members.places
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self).classifier(self).probabilities(self);
        if self.scores { abilities.decision_function(self) } else { abilities }
    }

    fn probabilities(&self, table: &Frame) -> Result<Array2<f64>, Error> {
        let (rows, _) = table.shape();
        let width = self.classes.len();
        let vote = |model: &dyn Model, table: &Frame| -> Result<Array2<f64>, Error> {
            let known = model.abilities().probabilities.map(|model| model.classes());
            let mut votes = Array2::zeros((rows, width));
            match known {
                Some(known) if known.len() == width => return probabilities(model, table),
                // of some classes only: those whose places they are
                Some(Labels::Integers(known)) => {
                    let shares = probabilities(model, table)?;
                    for (&code, shares) in known.iter().zip(shares.columns()) {
                        let place = usize::try_from(code).unwrap_or(width);
                        if place < width {
                            votes.column_mut(place).assign(&shares);
                        }
                    }
                }
                _ => {
                    for (place, mut votes) in codes(model, table)?.into_iter().zip(votes.rows_mut())
                    {
                        if let Some(vote) = votes.get_mut(place) {
                            *vote = 1.0;
                        }
                    }
                }
            }
            Ok(votes)
        };
        self.members.mean(self.members.each(self, table, vote)?)
    }
}

impl TableModel for BaggingClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                let probabilities = self.probabilities(table)?;
                Ok(Answer::Labels(labels_of_rows(&self.classes, &probabilities, first_greatest)?))
            }
            Method::PredictProba => Ok(Answer::Numbers(self.probabilities(table)?)),
            Method::DecisionFunction if self.scores => {
                let said = self.members.each(self, table, decisions)?;
                Ok(Answer::Numbers(self.members.mean(said)?))
            }
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(
    BaggingClassifier: Classifier(classes),
    ProbabilisticClassifier,
    DecisionFunction,
);

/// scikit-learn's `BaggingRegressor`, of one output or several.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::BaggingRegressor;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0]];
/// let grown = |target: &[f64]| DecisionTreeRegressor::params().fit_weighted(&rows, target, None);
/// let bags: Vec<(Arc<dyn Model>, Vec<usize>)> =
///     vec![(Arc::new(grown(&[1.0, 3.0])?), vec![0]), (Arc::new(grown(&[2.0, 8.0])?), vec![0])];
/// let model = BaggingRegressor::from_parts(FittedParts::new(1), bags)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[0.0], [1.0]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(vec![1.5, 5.5])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct BaggingRegressor {
    fitted: FittedParts,
    members: Bags,
    outputs: usize,
}

model_of_models!(BaggingRegressor, "BaggingRegressor");

impl BaggingRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without models or columns, for a model that estimates no numbers, or of
    /// another number of outputs than the first, or takes another number of columns than it is
    /// given, and for a column past the last.
    pub fn from_parts(fitted: FittedParts, bags: Vec<Bag>) -> Result<Self, Error> {
        let outputs = bags.first().and_then(|(model, _)| n_outputs(model.as_ref()));
        let members = Bags::new(&fitted, bags, |model| match n_outputs(model) {
            found if found.is_some() && found == outputs => Ok(()),
            _ => Err("does not estimate as many numbers as the others".to_owned()),
        })?;
        Ok(BaggingRegressor { fitted, members, outputs: outputs.unwrap_or(1) })
    }

    /// The models.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members.models
    }

    /// The places of the columns that each model is given.
    pub fn estimators_features(&self) -> &[Vec<usize>] {
        &self.members.places
    }

    /// How many numbers it estimates.
    pub fn n_outputs(&self) -> usize {
        self.outputs
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        match self.outputs {
            1 => abilities.regressor(self),
            _ => abilities.multi_output_regressor(self),
        }
    }
}

impl TableModel for BaggingRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        if method != Method::Predict {
            return Err(lacks(self, method.name()));
        }
        let mean = self.members.mean(self.members.each(self, table, estimates)?)?;
        Ok(match self.outputs {
            1 => Answer::Labels(mean.into_iter().collect::<Vec<f64>>().into()),
            _ => Answer::Numbers(mean),
        })
    }
}

crate::model::answer_traits!(BaggingRegressor: Regressor, MultiOutputRegressor(n_outputs));
