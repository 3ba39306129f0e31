//! Probabilities that were corrected after the fit.

use std::sync::Arc;

use ndarray::{Array2, ArrayView1, Axis};

use super::members::{Members, decisions, n_classes, probabilities, side_by_side, sum_in_order};
use super::{Error, model_of_models};
use crate::data::{Frame, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{expit, labels_of_rows, softmax};
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel};
use crate::tree::first_greatest;

/// Steps from one number to another, with straight lines between: scikit-learn's
/// `IsotonicRegression` with `out_of_bounds="clip"`.
///
/// ```
/// use picklebook::meta::Isotonic;
///
/// let steps = Isotonic::new(vec![0.0, 2.0, 3.0], vec![0.0, 1.0, 1.0])?;
/// assert_eq!((steps.of(-7.0), steps.of(0.5), steps.of(9.0)), (0.0, 0.25, 1.0));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Isotonic {
    from: Vec<f64>,
    to: Vec<f64>,
}

impl Isotonic {
    /// Steps from the numbers of `X_thresholds_`, which ascend, to those of `y_thresholds_`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many of both, [`Error::Model`] without any, for numbers
    /// that are not finite, and for thresholds that do not ascend.
    pub fn new(from: Vec<f64>, to: Vec<f64>) -> Result<Isotonic, Error> {
        let wrong = |problem: &str| Err(Error::Model { problem: problem.to_owned() });
        let (expected, found) = (from.len(), to.len());
        if found != expected {
            return Err(Error::Length { what: "values of thresholds", expected, found });
        }
        if from.is_empty() {
            return wrong("an isotonic regression has no thresholds");
        }
        if from.iter().chain(&to).any(|number| !number.is_finite()) {
            return wrong("a threshold of an isotonic regression is not finite");
        }
        match from.is_sorted_by(|one, next| one < next) {
            true => Ok(Isotonic { from, to }),
            false => wrong("the thresholds of an isotonic regression do not ascend"),
        }
    }

    /// What a number becomes: as numpy's `interp` computes it.
    pub fn of(&self, number: f64) -> f64 {
        if number.is_nan() {
            return number;
        }
        let next = self.from.partition_point(|&from| from <= number);
        let at = |place: usize| Some((*self.from.get(place)?, *self.to.get(place)?));
        match (next.checked_sub(1).and_then(at), at(next)) {
            (Some((from, to)), Some((next_from, next_to))) if from != number => {
                let slope = (next_to - to) / (next_from - from);
                slope * (number - from) + to
            }
            (Some((_, to)), _) | (None, Some((_, to))) => to,
            (None, None) => f64::NAN,
        }
    }
}

/// How the scores of one classifier become probabilities.
#[derive(Debug, Clone, PartialEq)]
pub enum Calibrator {
    /// 1 / (1 + e to the (slope × score + intercept)), for each score: `method="sigmoid"`.
    Sigmoid(Vec<(f64, f64)>),
    /// By steps, for each score: `method="isotonic"`.
    Isotonic(Vec<Isotonic>),
    /// By the scores times this number, all together: `method="temperature"`.
    Temperature(f64),
}

/// A classifier and how its scores become probabilities.
pub type Calibration = (Arc<dyn Model>, Calibrator);

/// scikit-learn's `CalibratedClassifierCV`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::{CalibratedClassifier, Calibrator};
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let (rows, side) = ([[0.0], [1.0]], Labels::from(["left", "right"]));
/// let tree: Arc<dyn Model> =
///     Arc::new(DecisionTreeClassifier::params().fit_weighted(&rows, &side, None)?);
/// let calibrator = Calibrator::Sigmoid(vec![(-2.0, 1.0)]);
/// let (fitted, pairs) = (FittedParts::new(1), vec![(tree, calibrator)]);
/// let model = CalibratedClassifier::from_parts(fitted, pairs, side)?;
/// let table = Frame::from_numbers(ndarray::array![[1.0]]);
/// let Answer::Numbers(shares) = ask(&model, &table, Method::PredictProba)? else { panic!() };
/// assert_eq!(shares[[0, 1]], 1.0 / (1.0 + (-1.0_f64).exp()));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CalibratedClassifier {
    fitted: FittedParts,
    members: Members,
    calibrators: Vec<Calibrator>,
    /// The places of each model's classes.
    places: Vec<Vec<usize>>,
    classes: Labels,
}

model_of_models!(CalibratedClassifier, "CalibratedClassifierCV");

impl CalibratedClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without models, for one that has neither scores nor probabilities, takes
    /// other columns, or has classes that are none of these or, where it tells two apart, not all,
    /// for a number that is not finite, and for classes that do not ascend; [`Error::Length`] unless
    /// there is a calibrator for each score.
    pub fn from_parts(
        fitted: FittedParts,
        calibrations: Vec<Calibration>,
        classes: Labels,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let count = classes.len();
        let (models, calibrators): (Vec<Arc<dyn Model>>, Vec<Calibrator>) =
            calibrations.into_iter().unzip();
        let members = Members::new(&fitted, models, |model| {
            let abilities = model.abilities();
            match abilities.decision_function.is_some() || abilities.probabilities.is_some() {
                true if n_classes(model).is_some_and(|own| own >= 2 && (own > 2 || count == 2)) => {
                    Ok(())
                }
                true => Err("tells fewer classes apart, which is not supported".to_owned()),
                false => Err("has neither scores nor probabilities".to_owned()),
            }
        })?;
        let mut places = Vec::new();
        for (model, calibrator) in members.iter().zip(&calibrators) {
            let own = model.abilities().classifier.and_then(|it| it.classes().codes(&classes));
            let own = own.ok_or_else(|| {
                let problem = format!("a {} inside has classes of its own", model.name());
                Error::Model { problem }
            })?;
            check(calibrator, if count == 2 { 1 } else { own.len() })?;
            places.push(own);
        }
        Ok(CalibratedClassifier { fitted, members, calibrators, places, classes })
    }

    /// The classifiers.
    pub fn estimators(&self) -> &[Arc<dyn Model>] {
        &self.members
    }

    /// How the scores of each become probabilities.
    pub fn calibrators(&self) -> &[Calibrator] {
        &self.calibrators
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).classifier(self).probabilities(self)
    }

    /// The mean of what all classifiers say.
    fn probabilities(&self, rows: &Frame) -> Result<Array2<f64>, Error> {
        let parts = self.members.iter().zip(&self.calibrators).zip(&self.places);
        let each = parts
            .map(|((model, calibrator), places)| self.of(model.as_ref(), calibrator, places, rows));
        let each = each.collect::<Result<Vec<_>, Error>>()?;
        let count = each.len() as f64;
        Ok(sum_in_order(each)? / count)
    }

    /// What one classifier says.
    fn of(
        &self,
        model: &dyn Model,
        calibrator: &Calibrator,
        places: &[usize],
        rows: &Frame,
    ) -> Result<Array2<f64>, Error> {
        let count = self.classes.len();
        let scored = model.abilities().decision_function.is_some();
        let scores = match scored {
            true => decisions(model, rows)?,
            false => {
                let shares = probabilities(model, rows)?;
                if count == 2 { shares.select(Axis(1), &[1]) } else { shares }
            }
        };
        let mut shares = Array2::<f64>::zeros((scores.nrows(), count));
        let mut fill = |of: &dyn Fn(usize, f64) -> f64| {
            for (number, (&place, scores)) in places.iter().zip(scores.columns()).enumerate() {
                let place = if count == 2 { 1 } else { place };
                let mut column = shares.column_mut(place);
                column
                    .iter_mut()
                    .zip(scores)
                    .for_each(|(share, &score)| *share = of(number, score));
            }
        };
        match calibrator {
            Calibrator::Temperature(factor) => {
                return temperature(scores, scored, count, *factor).map(no_more_than_one);
            }
            Calibrator::Sigmoid(each) => fill(&|number, score| {
                let (slope, intercept) = each.get(number).copied().unwrap_or_default();
                expit(-(slope * score + intercept))
            }),
            Calibrator::Isotonic(each) => {
                fill(&|number, score| each.get(number).map_or(f64::NAN, |steps| steps.of(score)))
            }
        }
        // before 1.0 what is no number became as likely as the others, too
        let all = self.fitted.version.before(1, 0);
        for mut row in shares.rows_mut() {
            if let Some(row) = row.as_slice_mut() {
                match &mut *row {
                    [first, second] => *first = 1.0 - *second,
                    row => {
                        let sum = crate::numpy::pairwise_sum(row);
                        match sum == 0.0 {
                            true => row.fill(1.0 / count as f64),
                            false => row.iter_mut().for_each(|share| *share /= sum),
                        }
                    }
                }
                if all {
                    let unknown = row.iter_mut().filter(|share| share.is_nan());
                    unknown.for_each(|share| *share = 1.0 / count as f64);
                }
            }
        }
        Ok(no_more_than_one(shares))
    }
}

/// Whether there is a calibrator for each score, of finite numbers.
fn check(calibrator: &Calibrator, expected: usize) -> Result<(), Error> {
    let (found, finite) = match calibrator {
        Calibrator::Sigmoid(each) => {
            (each.len(), each.iter().all(|(slope, add)| slope.is_finite() && add.is_finite()))
        }
        Calibrator::Isotonic(each) => (each.len(), true),
        Calibrator::Temperature(factor) => (expected, factor.is_finite()),
    };
    if found != expected {
        return Err(Error::Length { what: "calibrators of scores", expected, found });
    }
    match finite {
        true => Ok(()),
        false => Err(Error::Model { problem: "a calibrator's number is not finite".to_owned() }),
    }
}

/// Rounding may leave a little more than 1.
fn no_more_than_one(mut shares: Array2<f64>) -> Array2<f64> {
    shares.mapv_inplace(|share| if share > 1.0 && share <= 1.0 + 1e-5 { 1.0 } else { share });
    shares
}

/// Scores, made sharper or flatter all alike. Source: `_TemperatureScaling` and `_convert_to_logits`.
fn temperature(
    scores: Array2<f64>,
    scored: bool,
    count: usize,
    factor: f64,
) -> Result<Array2<f64>, Error> {
    let scores = match (count, scored) {
        (2, false) if scores.ncols() == 1 => side_by_side(&[1.0 - &scores, scores.clone()])?,
        _ if scores.ncols() == 1 => side_by_side(&[-&scores, scores.clone()])?,
        _ => scores,
    };
    // probabilities are told by their looks, for all rows together
    let within = scores.iter().all(|score| (0.0..=1.0).contains(score));
    let is_one = |row: ArrayView1<'_, f64>| (row.sum() - 1.0).abs() <= 1e-8 + 1e-5;
    let shares = scores.ncols() > 1 && within && scores.rows().into_iter().all(is_one);
    let logits = if shares { scores.mapv(|share| (share + 1e-12).ln()) } else { scores };
    let mut logits = logits.as_standard_layout().into_owned();
    logits *= factor;
    for mut row in logits.rows_mut() {
        if let Some(row) = row.as_slice_mut() {
            softmax(row);
        }
    }
    Ok(logits)
}

impl TableModel for CalibratedClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                let probabilities = self.probabilities(table)?;
                Ok(Answer::Labels(labels_of_rows(&self.classes, &probabilities, first_greatest)?))
            }
            Method::PredictProba => Ok(Answer::Numbers(self.probabilities(table)?)),
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(CalibratedClassifier: Classifier(classes), ProbabilisticClassifier);
