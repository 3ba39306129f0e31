//! A model for each class against the rest, or for each pair of classes.

use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::members::{
    Members, column, decisions, estimates, n_classes, probabilities, side_by_side, sums_of_rows,
};
use super::{Error, model_of_models};
use crate::data::{Features, Frame, Labels};
use crate::model::ask::{check_classes, check_names, lacks};
use crate::model::link::{labels_at, labels_of_rows, table};
use crate::model::{
    Abilities, Answer, DecisionFunction, FittedParts, Method, Model, TableModel, ask,
    classifier_traits,
};
use crate::tree::first_greatest;

/// scikit-learn's `_ConstantPredictor`, the model of a class that all rows of the fit had, or none.
///
/// ```
/// use picklebook::meta::ConstantPredictor;
/// use picklebook::model::{Classifier, FittedParts};
/// use picklebook::data::Features;
///
/// let model = ConstantPredictor::from_parts(FittedParts::new(1), true)?;
/// let predicted = Classifier::predict(&model, Features::from(&[[0.5], [7.0]]))?;
/// assert_eq!(predicted, vec![1, 1].into());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ConstantPredictor {
    fitted: FittedParts,
    classes: Labels,
    answer: bool,
}

crate::model::about_the_fit!(ConstantPredictor);

impl ConstantPredictor {
    const NAME: &'static str = "_ConstantPredictor";

    /// A model that answers 1 if `answer`, and 0 otherwise. It takes any number of columns.
    ///
    /// # Errors
    /// [`Error::Length`] for names of another number than columns.
    pub fn from_parts(fitted: FittedParts, answer: bool) -> Result<Self, Error> {
        fitted.check_columns()?;
        Ok(ConstantPredictor { fitted, classes: vec![0, 1].into(), answer })
    }

    /// Whether it answers 1.
    pub fn answer(&self) -> bool {
        self.answer
    }

    /// 0 and 1.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        Ok(vec![i64::from(self.answer); features.shape().0].into())
    }

    fn predict_proba(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        let row = if self.answer { [0.0, 1.0] } else { [1.0, 0.0] };
        let rows = features.shape().0;
        table(rows, 2, row.repeat(rows))
    }
}

impl Model for ConstantPredictor {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().tables(self).classifier(self).probabilities(self).decision_function(self)
    }
}

classifier_traits!(ConstantPredictor);

impl DecisionFunction for ConstantPredictor {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        let answer = f64::from(u8::from(self.answer));
        Ok(Array2::from_elem((features.shape().0, 1), answer))
    }
}

/// Only the number of rows matters.
impl TableModel for ConstantPredictor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        let rows = Array2::<f64>::zeros((table.shape().0, 0));
        let rows = Features::from(&rows);
        match method {
            Method::Predict => Ok(Answer::Labels(self.predict(rows)?)),
            Method::PredictProba => Ok(Answer::Numbers(self.predict_proba(rows)?)),
            Method::DecisionFunction => Ok(Answer::Numbers(self.decision_function(rows)?)),
            method => Err(lacks(self, method.name())),
        }
    }
}

/// What models that tell two sides apart lack, if anything.
fn tells_two_sides(model: &dyn Model) -> Result<(), String> {
    let abilities = model.abilities();
    let two = n_classes(model) == Some(2)
        && (abilities.decision_function.is_some() || abilities.probabilities.is_some());
    match two || is_regressor(model) {
        true => Ok(()),
        false => Err("does not say how far rows are on which of two sides".to_owned()),
    }
}

fn is_regressor(model: &dyn Model) -> bool {
    let abilities = model.abilities();
    abilities.regressor.is_some() && abilities.classifier.is_none()
}

/// How far each row is on the second side. Source: `_predict_binary`.
fn scores(model: &dyn Model, table: &Frame) -> Result<Array2<f64>, Error> {
    if is_regressor(model) {
        return estimates(model, table);
    }
    let scores = match model.abilities().decision_function {
        Some(_) => decisions(model, table)?,
        None => second(probabilities(model, table)?),
    };
    match scores.ncols() {
        1 => Ok(scores),
        _ => Err(Error::Internal { problem: "a model of two sides has several scores".to_owned() }),
    }
}

/// The probability of the second of two classes.
fn second(probabilities: Array2<f64>) -> Array2<f64> {
    let last = probabilities.ncols().saturating_sub(1);
    probabilities.select(Axis(1), &[last])
}

/// Above which score a row is on the second side: what the first model says counts for all. Source:
/// `_threshold_for_binary_predict`.
fn threshold(members: &Members) -> f64 {
    match members.first() {
        Some(model)
            if model.abilities().decision_function.is_some()
                && model.name() != ConstantPredictor::NAME =>
        {
            0.0
        }
        _ => 0.5,
    }
}

/// What rows have of the classes of a [`OneVsRestClassifier`].
#[derive(Debug, Clone, PartialEq)]
pub enum RestTarget {
    /// One of these; with two, a single model tells the second from the first.
    One(Labels),
    /// Any number of these labels, each with a model of its own.
    Several(Labels),
}

/// scikit-learn's `OneVsRestClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::{OneVsRestClassifier, RestTarget};
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0]];
/// let grown = |is_it: [i64; 3]| {
///     DecisionTreeClassifier::params().fit_weighted(&rows, &Labels::from(is_it.to_vec()), None)
/// };
/// let models: Vec<Arc<dyn Model>> = vec![
///     Arc::new(grown([1, 0, 0])?), Arc::new(grown([0, 1, 0])?), Arc::new(grown([0, 0, 1])?)
/// ];
/// let target = RestTarget::One(Labels::from(["a", "b", "c"]));
/// let model = OneVsRestClassifier::from_parts(FittedParts::new(1), models, target)?;
/// let table = Frame::from_numbers(ndarray::array![[2.0], [1.0]]);
/// let answer = ask(&model, &table, Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(["c", "b"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsRestClassifier {
    fitted: FittedParts,
    members: Members,
    target: RestTarget,
    /// The classes of each label where a row may have several: 0 and 1.
    sides: Vec<Labels>,
    probabilities: bool,
    scores: bool,
}

model_of_models!(OneVsRestClassifier, "OneVsRestClassifier");

impl OneVsRestClassifier {
    /// Checks the parts and puts a model together: models that say how far rows are on the side of
    /// a class, or estimate it.
    ///
    /// # Errors
    /// [`Error::Model`] for a model that does not, or takes other columns, and for classes that do
    /// not ascend or of which there is one only; [`Error::Length`] unless there is a model for each
    /// class, one for two.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<Arc<dyn Model>>,
        target: RestTarget,
    ) -> Result<Self, Error> {
        let (classes, expected) = match &target {
            RestTarget::One(classes) => match classes.len() {
                1 => return Err(Error::Model { problem: "it has a single class".to_owned() }),
                2 => (classes, 1),
                count => (classes, count),
            },
            RestTarget::Several(labels) => (labels, labels.len()),
        };
        check_classes(classes)?;
        let found = models.len();
        if found != expected {
            return Err(Error::Length { what: "models of classes", expected, found });
        }
        let members = Members::new(&fitted, models, tells_two_sides)?;
        let probabilities = members.all_can(|model| model.abilities().probabilities.is_some());
        let scores = members.all_can(|model| model.abilities().decision_function.is_some());
        let sides = match &target {
            RestTarget::One(_) => Vec::new(),
            RestTarget::Several(labels) => vec![vec![0, 1].into(); labels.len()],
        };
        Ok(OneVsRestClassifier { fitted, members, target, sides, probabilities, scores })
    }

    /// The models: one for each class or label, and one for two classes.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// What rows have.
    pub fn target(&self) -> &RestTarget {
        &self.target
    }

    /// The classes, or the labels of which a row may have several.
    pub fn classes(&self) -> &Labels {
        match &self.target {
            RestTarget::One(classes) | RestTarget::Several(classes) => classes,
        }
    }

    fn sides(&self) -> &[Labels] {
        &self.sides
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        let abilities = match self.target {
            RestTarget::One(_) if self.probabilities => {
                abilities.classifier(self).probabilities(self)
            }
            RestTarget::One(_) => abilities.classifier(self),
            RestTarget::Several(_) => abilities.multi_output_classifier(self),
        };
        if self.scores { abilities.decision_function(self) } else { abilities }
    }

    /// For each label, whether a row has it.
    fn has(&self, rows: &Frame) -> Result<Vec<Vec<bool>>, Error> {
        let threshold = threshold(&self.members);
        let scores = self.members.each(rows, scores)?;
        Ok(scores.iter().map(|scores| scores.iter().map(|&it| it > threshold).collect()).collect())
    }

    fn labels(&self, rows: &Frame) -> Result<Answer, Error> {
        let classes = match &self.target {
            RestTarget::Several(_) => {
                let labels = |has: Vec<bool>| -> Labels {
                    has.into_iter().map(i64::from).collect::<Vec<i64>>().into()
                };
                return Ok(Answer::LabelsByOutput(
                    self.has(rows)?.into_iter().map(labels).collect(),
                ));
            }
            RestTarget::One(classes) => classes,
        };
        if let [_] = *self.members {
            let codes: Vec<usize> = self.has(rows)?.concat().into_iter().map(usize::from).collect();
            return Ok(Answer::Labels(labels_at(classes, &codes)?));
        }
        let scores = side_by_side(&self.members.each(rows, scores)?)?;
        // of equals it was the last before 1.8
        let place = match self.fitted.version.before(1, 8) {
            true => last_greatest,
            false => first_greatest,
        };
        Ok(Answer::Labels(labels_of_rows(classes, &scores, place)?))
    }

    fn shares(&self, table: &Frame) -> Result<Array2<f64>, Error> {
        let shares =
            self.members.each(table, |model, table| Ok(second(probabilities(model, table)?)))?;
        let mut shares = match shares.as_slice() {
            [second] if matches!(self.target, RestTarget::One(_)) => {
                side_by_side(&[1.0 - second, second.clone()])?
            }
            shares => side_by_side(shares)?,
        };
        if let RestTarget::Several(_) = self.target {
            return Ok(shares);
        }
        let sums = sums_of_rows(&shares);
        // before 1.7 a row that is in no class had no numbers
        let any = self.fitted.version.before(1, 7);
        for (mut row, sum) in shares.rows_mut().into_iter().zip(sums) {
            if any || sum != 0.0 {
                row.iter_mut().for_each(|share| *share /= sum);
            }
        }
        Ok(shares)
    }
}

/// The place of the last of the greatest.
fn last_greatest(scores: &[f64]) -> usize {
    let mut greatest = 0;
    for (place, score) in scores.iter().enumerate() {
        if *score >= scores[greatest] {
            greatest = place;
        }
    }
    greatest
}

/// The probabilities of several labels stand side by side, as in scikit-learn.
impl TableModel for OneVsRestClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => self.labels(table),
            Method::PredictProba if self.probabilities => Ok(Answer::Numbers(self.shares(table)?)),
            Method::DecisionFunction if self.scores => {
                Ok(Answer::Numbers(side_by_side(&self.members.each(table, decisions)?)?))
            }
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(
    OneVsRestClassifier: Classifier(classes),
    ProbabilisticClassifier,
    DecisionFunction,
);

/// Each label is an output of 0 and 1.
impl crate::model::MultiOutputClassifier for OneVsRestClassifier {
    fn classes(&self) -> &[Labels] {
        self.sides()
    }

    fn predict(&self, features: Features<'_>) -> Result<Vec<Labels>, Error> {
        self.answer_features(features, Method::Predict)?.labels_by_output()
    }

    fn predict_proba(&self, features: Features<'_>) -> Result<Vec<Array2<f64>>, Error> {
        let shares = self.answer_features(features, Method::PredictProba)?.numbers()?;
        let both = |share: &f64| [1.0 - share, *share];
        let columns = shares.columns().into_iter();
        columns.map(|it| table(it.len(), 2, it.iter().flat_map(both).collect())).collect()
    }
}

/// scikit-learn's `OneVsOneClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::OneVsOneClassifier;
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let tree = |border: f64| {
///     let (rows, side) = ([[border - 0.5], [border + 0.5]], Labels::from(vec![0, 1]));
///     DecisionTreeClassifier::params().fit_weighted(&rows, &side, None)
/// };
/// let models: Vec<Arc<dyn Model>> =
///     vec![Arc::new(tree(1.0)?), Arc::new(tree(1.5)?), Arc::new(tree(2.0)?)];
/// let classes = Labels::from(["a", "b", "c"]);
/// let model = OneVsOneClassifier::from_parts(FittedParts::new(1), models, classes)?;
/// let table = Frame::from_numbers(ndarray::array![[0.0], [1.7], [3.0]]);
/// let answer = ask(&model, &table, Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(["a", "b", "c"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct OneVsOneClassifier {
    fitted: FittedParts,
    members: Members,
    classes: Labels,
}

model_of_models!(OneVsOneClassifier, "OneVsOneClassifier");

impl OneVsOneClassifier {
    /// Checks the parts and puts a model together: for each pair of classes, in the order (first,
    /// second), (first, third) and so on, a model that says how far rows are on the side of the
    /// second.
    ///
    /// # Errors
    /// [`Error::Model`] for a model that does not, or takes other columns, for fewer than two classes
    /// and for classes that do not ascend; [`Error::Length`] unless there is a model for each pair.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<Arc<dyn Model>>,
        classes: Labels,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let (count, found) = (classes.len(), models.len());
        if count < 2 {
            return Err(Error::Model { problem: "it has a single class".to_owned() });
        }
        let expected = count.saturating_mul(count - 1) / 2;
        if found != expected {
            return Err(Error::Length { what: "models of pairs of classes", expected, found });
        }
        let mut members = Members::new(&fitted, models, tells_two_sides)?;
        // each is asked twice
        let twice = members.iter().chain(members.iter()).map(|model| model.as_ref());
        members.nesting = crate::model::Nesting::of(twice)?;
        Ok(OneVsOneClassifier { fitted, members, classes })
    }

    /// The models.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).classifier(self).decision_function(self)
    }

    /// The votes for each class, and a third at most for how far rows are on its side. Source:
    /// `_ovr_decision_function`.
    fn decisions(&self, rows: &Frame) -> Result<Array2<f64>, Error> {
        let count = self.classes.len();
        let (height, _) = rows.shape();
        let mut votes = Array2::<f64>::zeros((height, count));
        let mut sums = Array2::<f64>::zeros((height, count));
        let pairs =
            (0..count).flat_map(|first| (first + 1..count).map(move |other| (first, other)));
        for ((first, second), model) in pairs.zip(self.members.iter()) {
            let predicted = match ask(model.as_ref(), rows, Method::Predict)? {
                Answer::Labels(labels) => column(&labels)?,
                other => other.numbers()?,
            };
            let scores = scores(model.as_ref(), rows)?;
            for (row, (side, score)) in predicted.iter().zip(scores.iter()).enumerate() {
                let add = |table: &mut Array2<f64>, class: usize, number: f64| {
                    if let Some(sum) = table.get_mut((row, class)) {
                        *sum += number;
                    }
                };
                add(&mut sums, first, -score);
                add(&mut sums, second, *score);
                if *side == 0.0 {
                    add(&mut votes, first, 1.0);
                } else if *side == 1.0 {
                    add(&mut votes, second, 1.0);
                }
            }
        }
        let decisions = match self.fitted.version.before(0, 21) {
            true => votes + scaled_by_all(sums),
            false => votes + sums.mapv(|sum| sum / (3.0 * (sum.abs() + 1.0))),
        };
        Ok(if count == 2 { second(decisions) } else { decisions })
    }

    fn labels(&self, decisions: &Array2<f64>) -> Result<Labels, Error> {
        let border = match self.fitted.version.before(1, 1) {
            true => 0.0,
            false => threshold(&self.members),
        };
        labels_of_rows(&self.classes, decisions, |row| match row {
            [score] => usize::from(*score > border),
            scores => first_greatest(scores),
        })
    }
}

/// Sums as scikit-learn scaled them before 0.21: by the greatest of all rows that are asked
/// together.
fn scaled_by_all(sums: Array2<f64>) -> Array2<f64> {
    let greatest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = sums.iter().copied().fold(f64::INFINITY, f64::min);
    match greatest == least || sums.is_empty() {
        true => Array2::zeros(sums.dim()),
        false => sums * ((0.5 - f64::EPSILON) / greatest.abs().max(least.abs())),
    }
}

impl TableModel for OneVsOneClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        check_names(self, table.names())?;
        // the rows are an array without names from here on
        let table = &table.clone().without_names();
        match method {
            Method::Predict => Ok(Answer::Labels(self.labels(&self.decisions(table)?)?)),
            Method::DecisionFunction => Ok(Answer::Numbers(self.decisions(table)?)),
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(OneVsOneClassifier: Classifier(classes), DecisionFunction);
