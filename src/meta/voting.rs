//! Models that vote.

use std::sync::Arc;

use ndarray::Array2;

use super::members::{
    Members, check_weights, codes, estimates, has_codes, has_probabilities, mean, probabilities,
    side_by_side,
};
use super::{Error, model_of_models};
use crate::data::{Frame, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{labels_at, labels_of_rows, table};
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel, Transformer};
use crate::numpy::pairwise_sum;
use crate::tree::first_greatest;

/// How the models of a [`VotingClassifier`] vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Voting {
    /// Each for one class.
    Hard,
    /// Each for all classes, by their probabilities.
    Soft {
        /// Whether `transform` puts the probabilities of all models side by side; scikit-learn's
        /// table has three dimensions otherwise, and here there is none.
        flatten_transform: bool,
    },
}

/// scikit-learn's `VotingClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::{Voting, VotingClassifier};
/// use picklebook::model::{FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// // the models tell 0, 1 and 2 apart
/// let codes: Labels = data.target().codes(&data.target().classes()).expect("its own classes")
///     .into_iter().map(|code| code as i64).collect::<Vec<i64>>().into();
/// let grown = |depth| {
///     DecisionTreeClassifier::params().max_depth(depth).fit_weighted(data.features(), &codes, None)
/// };
/// let models: Vec<(String, Arc<dyn Model>)> =
///     vec![("small".into(), Arc::new(grown(1)?)), ("large".into(), Arc::new(grown(6)?))];
/// let (fitted, classes) = (FittedParts::new(4), data.target().classes());
/// let model =
///     VotingClassifier::from_parts(fitted, models, classes, Voting::Hard, Some(vec![1.0, 2.0]))?;
/// let voted = ask(&model, &Frame::from(&data), Method::Predict)?;
/// let large = DecisionTreeClassifier::params().max_depth(6).fit(&data)?;
/// assert_eq!(voted, ask(&large, &Frame::from(&data), Method::Predict)?);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VotingClassifier {
    fitted: FittedParts,
    names: Vec<String>,
    members: Members,
    classes: Labels,
    voting: Voting,
    weights: Option<Vec<f64>>,
}

model_of_models!(VotingClassifier, "VotingClassifier");

impl VotingClassifier {
    /// Checks the parts and puts a model together: models that were fitted on the places of the
    /// classes, `estimators_`, with their names and, if they do not all count the same, their
    /// weights.
    ///
    /// # Errors
    /// [`Error::Model`] without models, for one that cannot vote or takes other columns, for a weight
    /// that is not finite, for weights of models with probabilities that add up to 0, and for
    /// classes that do not ascend; [`Error::Length`] for weights of another length.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<(String, Arc<dyn Model>)>,
        classes: Labels,
        voting: Voting,
        weights: Option<Vec<f64>>,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let count = classes.len();
        let (names, models): Parted = models.into_iter().unzip();
        let members = Members::new(&fitted, models, |model| match voting {
            Voting::Hard if !has_codes(model, count) => {
                Err("does not tell the places of the classes apart".to_owned())
            }
            Voting::Soft { .. } if !has_probabilities(model, count) => {
                Err("does not know the probabilities of all classes".to_owned())
            }
            _ => Ok(()),
        })?;
        check_weights(weights.as_deref(), members.len())?;
        if voting != Voting::Hard {
            check_sum(weights.as_deref())?;
        }
        Ok(VotingClassifier { fitted, names, members, classes, voting, weights })
    }

    /// The models that vote.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// The weight of each model, if they do not all count the same.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    /// How they vote.
    pub fn voting(&self) -> Voting {
        self.voting
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self).classifier(self);
        match self.voting {
            Voting::Hard => abilities.transformer(self),
            Voting::Soft { flatten_transform: true } => {
                abilities.probabilities(self).transformer(self)
            }
            Voting::Soft { flatten_transform: false } => abilities.probabilities(self),
        }
    }

    fn probabilities(&self, table: &Frame) -> Result<Array2<f64>, Error> {
        mean(self.members.each(table, probabilities)?, self.weights.as_deref())
    }

    /// The class that most models vote for, the first of several.
    fn vote(&self, rows: &Frame) -> Result<Labels, Error> {
        let votes: Vec<Vec<usize>> = self
            .members
            .iter()
            .map(|model| codes(model.as_ref(), rows))
            .collect::<Result<_, _>>()?;
        let mut counts = vec![0.0; self.classes.len()];
        let winner = |row: usize| {
            counts.fill(0.0);
            for (number, votes) in votes.iter().enumerate() {
                let weight = self.weights.as_ref().and_then(|weights| weights.get(number));
                let count = votes.get(row).and_then(|&code| counts.get_mut(code));
                if let Some(count) = count {
                    *count += weight.copied().unwrap_or(1.0);
                }
            }
            first_greatest(&counts)
        };
        let (count, _) = rows.shape();
        labels_at(&self.classes, &(0..count).map(winner).collect::<Vec<usize>>())
    }
}

type Parted = (Vec<String>, Vec<Arc<dyn Model>>);

/// Whether a mean with these weights is one.
fn check_sum(weights: Option<&[f64]>) -> Result<(), Error> {
    match weights.map(pairwise_sum) {
        Some(0.0) => Err(Error::Model { problem: "the weights of models add up to 0".to_owned() }),
        _ => Ok(()),
    }
}

impl TableModel for VotingClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match (method, self.voting) {
            (Method::Predict, Voting::Hard) => Ok(Answer::Labels(self.vote(table)?)),
            (Method::Predict, Voting::Soft { .. }) => {
                let probabilities = self.probabilities(table)?;
                Ok(Answer::Labels(labels_of_rows(&self.classes, &probabilities, first_greatest)?))
            }
            (Method::PredictProba, Voting::Soft { .. }) => {
                Ok(Answer::Numbers(self.probabilities(table)?))
            }
            (Method::Transform, _) => Ok(Answer::Table(self.transform(table)?)),
            (method, _) => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(VotingClassifier: Classifier(classes), ProbabilisticClassifier);

/// What each model says, side by side: the places of the classes, or their probabilities.
impl Transformer for VotingClassifier {
    fn n_features_out(&self) -> usize {
        match self.voting {
            Voting::Hard => self.members.len(),
            Voting::Soft { .. } => self.members.len().saturating_mul(self.classes.len()),
        }
    }

    fn feature_names_out(&self, _input: Option<&[String]>) -> Option<Vec<String>> {
        let of = |name: &String| format!("votingclassifier_{name}");
        Some(match self.voting {
            Voting::Hard => self.names.iter().map(of).collect(),
            Voting::Soft { .. } => {
                let classes = 0..self.classes.len();
                let names = self.names.iter().map(of);
                names
                    .flat_map(|of| classes.clone().map(move |class| format!("{of}{class}")))
                    .collect()
            }
        })
    }

    fn transform(&self, rows: &Frame) -> Result<Frame, Error> {
        let said = match self.voting {
            Voting::Hard => self.members.each(rows, |model, rows| {
                let codes = codes(model, rows)?;
                table(codes.len(), 1, codes.into_iter().map(|code| code as f64).collect())
            })?,
            Voting::Soft { flatten_transform: true } => self.members.each(rows, probabilities)?,
            Voting::Soft { flatten_transform: false } => {
                return Err(lacks(self, Method::Transform.name()));
            }
        };
        Ok(Frame::from_numbers(side_by_side(&said)?))
    }
}

/// scikit-learn's `VotingRegressor`: the mean of several models' estimates.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::VotingRegressor;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0]];
/// let grown = |target: &[f64]| DecisionTreeRegressor::params().fit_weighted(&rows, target, None);
/// let models: Vec<(String, Arc<dyn Model>)> = vec![
///     ("one".into(), Arc::new(grown(&[1.0, 3.0])?)),
///     ("two".into(), Arc::new(grown(&[2.0, 8.0])?)),
/// ];
/// let model = VotingRegressor::from_parts(FittedParts::new(1), models, None)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[0.0], [1.0]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(vec![1.5, 5.5])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct VotingRegressor {
    fitted: FittedParts,
    names: Vec<String>,
    members: Members,
    weights: Option<Vec<f64>>,
}

model_of_models!(VotingRegressor, "VotingRegressor");

impl VotingRegressor {
    /// Checks the parts and puts a model together: `estimators_` with their names and, if they do
    /// not all count the same, their weights.
    ///
    /// # Errors
    /// [`Error::Model`] without models, for one that estimates no single number or takes other
    /// columns, for a weight that is not finite, and for weights that add up to 0;
    /// [`Error::Length`] for weights of another length.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<(String, Arc<dyn Model>)>,
        weights: Option<Vec<f64>>,
    ) -> Result<Self, Error> {
        let (names, models): Parted = models.into_iter().unzip();
        let members =
            Members::new(&fitted, models, |model| match model.abilities().regressor.is_some() {
                true => Ok(()),
                false => Err("estimates no single number".to_owned()),
            })?;
        check_weights(weights.as_deref(), members.len())?;
        check_sum(weights.as_deref())?;
        Ok(VotingRegressor { fitted, names, members, weights })
    }

    /// The models whose mean it is.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// The weight of each model, if they do not all count the same.
    pub fn weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).regressor(self).transformer(self)
    }
}

impl TableModel for VotingRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                let mean = mean(self.members.each(table, estimates)?, self.weights.as_deref())?;
                Ok(Answer::Labels(mean.into_iter().collect::<Vec<f64>>().into()))
            }
            Method::Transform => Ok(Answer::Table(self.transform(table)?)),
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(VotingRegressor: Regressor);

/// What each model estimates, side by side.
impl Transformer for VotingRegressor {
    fn n_features_out(&self) -> usize {
        self.members.len()
    }

    fn feature_names_out(&self, _input: Option<&[String]>) -> Option<Vec<String>> {
        Some(self.names.iter().map(|name| format!("votingregressor_{name}")).collect())
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        Ok(Frame::from_numbers(side_by_side(&self.members.each(table, estimates)?)?))
    }
}
