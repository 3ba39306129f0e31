//! A model's scores and predictions, each fold by a model that has not seen its rows.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ndarray::{Array2, Axis};

use super::{CrossValidator, Error, Fold, Folds, Scoring};
use crate::data::{Dataset, Frame, Labels};
use crate::model::{self, Answer, Fit, Method, Model, ask};
use crate::numpy::pairwise_sum;
use crate::text::count;

/// The most probabilities of all rows and classes: they take 2 GB.
const MOST_PROBABILITIES: usize = 1 << 28;

/// A model's score on the rows of each fold.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::{StratifiedKFold, cross_val_score};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let params = DecisionTreeClassifier::params().max_depth(3).random_state(0);
/// let cv = StratifiedKFold::new(5).shuffle(42);
/// let scores = cross_val_score(&params, &balance_scale(), &cv)?;
/// assert_eq!(scores.to_string(), "accuracy 0.736 ± 0.0214776 (mean ± standard deviation of 5 folds)");
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct CrossValScores {
    scoring: Scoring,
    scores: Vec<f64>,
    test_rows: Vec<usize>,
    warnings: Vec<String>,
}

impl CrossValScores {
    /// What was measured.
    pub fn scoring(&self) -> Scoring {
        self.scoring
    }

    /// The score of each fold.
    pub fn scores(&self) -> &[f64] {
        &self.scores
    }

    /// How many rows each fold was tested with.
    pub fn test_rows(&self) -> &[usize] {
        &self.test_rows
    }

    /// The mean of the scores, each fold the same; numpy's `mean`.
    pub fn mean(&self) -> f64 {
        mean(&self.scores)
    }

    /// The standard deviation of the scores; numpy's `std`, which divides by the number of folds.
    pub fn std(&self) -> f64 {
        std(&self.scores)
    }

    /// What scikit-learn warns of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl fmt::Display for CrossValScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, std) = [self.mean(), self.std()].map(crate::text::rounded).into();
        let folds = count(self.scores.len(), "fold", "folds");
        let scoring = self.scoring.words();
        write!(f, "{scoring} {mean} ± {std} (mean ± standard deviation of {folds})")
    }
}

/// numpy's `mean`.
pub(super) fn mean(numbers: &[f64]) -> f64 {
    pairwise_sum(numbers) / numbers.len() as f64
}

/// numpy's `std`.
pub(super) fn std(numbers: &[f64]) -> f64 {
    let mean = mean(numbers);
    let squares: Vec<f64> =
        numbers.iter().map(|number| number - mean).map(|far| far * far).collect();
    (pairwise_sum(&squares) / squares.len() as f64).sqrt()
}

/// Fits a model once for each fold, on all but its rows, and measures it on these: accuracy for
/// classes, R² for estimates. scikit-learn's `cross_val_score`.
///
/// `params` are the parameters of any model that can be fitted, also of a
/// [`Pipeline`](crate::pipeline::Pipeline), whose steps then do not see the rows of the fold either.
///
/// # Errors
/// As [`CrossValidator::split`], [`Error::Model`] when a fit fails, which names the fold, and
/// [`Error::Metrics`] when the predictions cannot be measured.
///
/// ```
/// use picklebook::bayes::GaussianNB;
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::{KFold, cross_val_score};
/// use picklebook::pipeline::Pipeline;
/// use picklebook::preprocessing::StandardScaler;
///
/// let pipeline = Pipeline::params()
///     .step("scaler", StandardScaler::params())
///     .step("nb", GaussianNB::params());
/// let scores = cross_val_score(&pipeline, &balance_scale(), &KFold::new(5).shuffle(0))?;
/// assert!(scores.mean() > 0.85);
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub fn cross_val_score(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
) -> Result<CrossValScores, Error> {
    scores(params, data, cv, None)
}

/// As [`cross_val_score`], by another measure.
///
/// # Errors
/// As [`cross_val_score`], and [`Error::Scoring`] for a measure of numbers where there are words.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::{Scoring, StratifiedKFold, cross_val_score_with};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let params = DecisionTreeClassifier::params().max_depth(3);
/// let cv = StratifiedKFold::new(5).shuffle(42);
/// let scores = cross_val_score_with(&params, &balance_scale(), &cv, Scoring::F1Macro)?;
/// assert!(scores.mean() < 0.6);
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub fn cross_val_score_with(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
    scoring: Scoring,
) -> Result<CrossValScores, Error> {
    scores(params, data, cv, Some(scoring))
}

fn scores(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
    scoring: Option<Scoring>,
) -> Result<CrossValScores, Error> {
    let rows = Rows::new(data);
    let folds = rows.folds(cv)?;
    let measured = each(folds.len(), |place| {
        let fold = fold(&folds, place)?;
        let (scoring, score, _) = rows.fit_and_score(params, place, &fold, scoring, false)?;
        Ok((scoring, score, fold.test.len()))
    })?;
    let first = measured.first().map(|(scoring, ..)| *scoring);
    Ok(CrossValScores {
        scoring: first.or(scoring).unwrap_or(Scoring::Accuracy),
        scores: measured.iter().map(|(_, score, _)| *score).collect(),
        test_rows: measured.iter().map(|(_, _, rows)| *rows).collect(),
        warnings: folds.warnings().to_vec(),
    })
}

/// What is predicted for each row by a model that was fitted on the other folds, in the order of the
/// rows. scikit-learn's `cross_val_predict`.
///
/// Estimates are [`Labels::Floats`].
///
/// # Errors
/// As [`cross_val_score`], and [`Error::NoPartition`] unless each row is in one fold's test rows.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::metrics::confusion_matrix;
/// use picklebook::model_selection::{StratifiedKFold, cross_val_predict};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let data = balance_scale();
/// let cv = StratifiedKFold::new(10);
/// let predicted = cross_val_predict(&DecisionTreeClassifier::params(), &data, &cv)?;
/// let matrix = confusion_matrix(data.target(), &predicted)?;
/// assert_eq!(matrix.total(), 625);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn cross_val_predict(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
) -> Result<Labels, Error> {
    let rows = Rows::new(data);
    let folds = rows.partition(cv)?;
    let predicted = each(folds.len(), |place| {
        let fold = fold(&folds, place)?;
        let model = rows.fit(params, place, &fold.train)?;
        Ok((rows.predict(&*model, place, &fold.test)?, fold.test))
    })?;
    // Floats of a regressor are estimates; classes are among those of the target.
    if let Some((Labels::Floats(_), _)) = predicted.first() {
        let mut all = vec![0.0; data.rows()];
        for (estimates, test) in &predicted {
            let Labels::Floats(estimates) = estimates else { continue };
            test.iter().zip(estimates).for_each(|(&row, estimate)| set(&mut all, row, *estimate));
        }
        return Ok(all.into());
    }
    let classes = data.target().classes();
    let mut codes = vec![0; data.rows()];
    for (place, (labels, test)) in predicted.iter().enumerate() {
        let own = labels.codes(&classes).ok_or_else(|| foreign(place))?;
        test.iter().zip(own).for_each(|(&row, code)| set(&mut codes, row, code));
    }
    classes.take(&codes).ok_or_else(|| foreign(0))
}

/// The probability of each class for each row (rows × classes), by a model that was fitted on the
/// other folds. scikit-learn's `cross_val_predict(…, method='predict_proba')`.
///
/// The classes are those of the whole target, ascending; one that a fold was not fitted on has
/// probability 0 there.
///
/// # Errors
/// As [`cross_val_predict`]; a model that gives no probabilities is an [`Error::Model`], and rows ×
/// classes past 2²⁸ are an [`Error::TooMany`].
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::{StratifiedKFold, cross_val_predict_proba};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let params = DecisionTreeClassifier::params().max_depth(3);
/// let probabilities =
///     cross_val_predict_proba(&params, &balance_scale(), &StratifiedKFold::new(5))?;
/// assert_eq!(probabilities.dim(), (625, 3));
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub fn cross_val_predict_proba(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
) -> Result<Array2<f64>, Error> {
    let rows = Rows::new(data);
    let folds = rows.partition(cv)?;
    let classes = data.target().classes();
    let found = data.rows().saturating_mul(classes.len());
    if found > MOST_PROBABILITIES {
        return Err(Error::TooMany { what: "probabilities", found, most: MOST_PROBABILITIES });
    }
    let predicted = each(folds.len(), |place| {
        let fold = fold(&folds, place)?;
        let model = rows.fit(params, place, &fold.train)?;
        let in_fold = |error| Error::of_model(Some(place), error);
        let table = rows.table(&fold.test)?;
        let own = match model.abilities().classifier {
            Some(classifier) => classifier.classes().codes(&classes),
            None => None,
        };
        match ask(&*model, &table, Method::PredictProba).map_err(in_fold)? {
            Answer::Numbers(numbers) => {
                let own = own.filter(|own| own.len() == numbers.ncols());
                Ok((numbers, own.ok_or_else(|| foreign(place))?, fold.test))
            }
            _ => Err(several(&*model, place)),
        }
    })?;
    let mut all = Array2::zeros((data.rows(), classes.len()));
    for (numbers, columns, test) in &predicted {
        for (&row, numbers) in test.iter().zip(numbers.rows()) {
            for (&column, &number) in columns.iter().zip(numbers) {
                if let Some(cell) = all.get_mut((row, column)) {
                    *cell = number;
                }
            }
        }
    }
    Ok(all)
}

fn set<T>(all: &mut [T], row: usize, value: T) {
    if let Some(place) = all.get_mut(row) {
        *place = value;
    }
}

/// The error for a model that knows other classes than those that it was fitted on.
fn foreign(fold: usize) -> Error {
    let problem = "it answers with classes that it was not fitted on".to_owned();
    Error::of_model(Some(fold), model::Error::Model { problem })
}

/// The error for a model of several outputs, which a dataset has no targets for.
fn several(model: &dyn Model, fold: usize) -> Error {
    let problem = format!("{} gives no single answer for each row", model.name());
    Error::of_model(Some(fold), model::Error::Model { problem })
}

/// The fold at a place that there is.
pub(super) fn fold(folds: &Folds, place: usize) -> Result<Fold, Error> {
    let problem = || "it is not there".to_owned();
    folds.get(place).ok_or_else(|| Error::Fold { fold: place, problem: problem() })
}

/// The rows of a dataset, as models are fitted on them.
pub(super) struct Rows<'a> {
    data: &'a Dataset,
}

impl<'a> Rows<'a> {
    pub(super) fn new(data: &'a Dataset) -> Self {
        Rows { data }
    }

    /// The folds of these rows.
    pub(super) fn folds(&self, cv: &dyn CrossValidator) -> Result<Folds, Error> {
        let folds = cv.split(self.data)?;
        match folds.rows() == self.data.rows() {
            true => Ok(folds),
            false => {
                let (own, rows) = (folds.rows(), self.data.rows());
                let problem = format!("the folds are of {own} rows, but there are {rows}");
                Err(Error::Fold { fold: 0, problem })
            }
        }
    }

    /// As [`folds`](Self::folds), each row tested once.
    fn partition(&self, cv: &dyn CrossValidator) -> Result<Folds, Error> {
        let folds = self.folds(cv)?;
        let mut times = vec![0_usize; self.data.rows()];
        for row in folds.iter().flat_map(|fold| fold.test) {
            if let Some(times) = times.get_mut(row) {
                *times += 1;
            }
        }
        match times.iter().enumerate().find(|(_, times)| **times != 1) {
            None => Ok(folds),
            Some((row, &times)) => Err(Error::NoPartition { row, times }),
        }
    }

    /// The features of some rows, which are there: folds are checked.
    fn table(&self, rows: &[usize]) -> Result<Frame, Error> {
        let features = self.data.features().select(Axis(0), rows);
        Ok(Frame::from_numbers(features).with_names(self.data.feature_names().to_vec())?)
    }

    fn target(&self, rows: &[usize]) -> Result<Labels, Error> {
        let missing = || crate::data::Error::Row { row: self.data.rows(), rows: self.data.rows() };
        Ok(self.data.target().take(rows).ok_or_else(missing)?)
    }

    fn fit(
        &self,
        params: &dyn Fit,
        fold: usize,
        train: &[usize],
    ) -> Result<std::sync::Arc<dyn Model>, Error> {
        let (table, target) = (self.table(train)?, self.target(train)?);
        let in_fold = |error| Error::of_model(Some(fold), error);
        params.fit_model(&table, Some(&target)).map_err(in_fold)
    }

    fn predict(&self, model: &dyn Model, fold: usize, rows: &[usize]) -> Result<Labels, Error> {
        let in_fold = |error| Error::of_model(Some(fold), error);
        match ask(model, &self.table(rows)?, Method::Predict).map_err(in_fold)? {
            Answer::Labels(labels) => Ok(labels),
            _ => Err(several(model, fold)),
        }
    }

    /// What was measured, the score of the fold's test rows and, if it is wanted, that of the rows of
    /// the fit.
    pub(super) fn fit_and_score(
        &self,
        params: &dyn Fit,
        place: usize,
        fold: &Fold,
        scoring: Option<Scoring>,
        of_train: bool,
    ) -> Result<(Scoring, f64, Option<f64>), Error> {
        let model = self.fit(params, place, &fold.train)?;
        let of_classes = model.abilities().classifier.is_some();
        let usual = if of_classes { Scoring::Accuracy } else { Scoring::R2 };
        let scoring = scoring.unwrap_or(usual);
        let score = |rows: &[usize]| {
            let predicted = self.predict(&*model, place, rows)?;
            scoring.measure(place, &self.target(rows)?, &predicted)
        };
        let train = of_train.then(|| score(&fold.train)).transpose()?;
        Ok((scoring, score(&fold.test)?, train))
    }
}

/// The results of so many pieces of work in order, done on as many threads as there are processors;
/// or the first error in their order.
pub(super) fn each<T: Send>(
    count: usize,
    work: impl Fn(usize) -> Result<T, Error> + Sync,
) -> Result<Vec<T>, Error> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(count);
    let (ahead, failed) = (Mutex::new(0..count), AtomicBool::new(false));
    let done: Mutex<Vec<(usize, Result<T, Error>)>> = Mutex::new(Vec::new());
    // They are handed out in order: when one fails, all before it have been.
    let next = || match failed.load(Ordering::Relaxed) {
        true => None,
        false => ahead.lock().ok().and_then(|mut ahead| ahead.next()),
    };
    let labour = || {
        while let Some(place) = next() {
            let result = work(place);
            if result.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            if let Ok(mut done) = done.lock() {
                done.push((place, result));
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..threads {
            // where no more threads can be started, those that run do all of the work
            let _ = thread::Builder::new().spawn_scoped(scope, labour);
        }
        labour();
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}
