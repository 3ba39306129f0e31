//! Scores by the number of rows to fit on, and by the value of a parameter.

use super::cross_validation::{Rows, each, fold, mean, std};
use super::grid_search::MOST_VALUES;
use super::{CrossValidator, Error, Scoring, SetParameters};
use crate::data::Dataset;
use crate::model::{Fit, Parameter, Parameters};
use crate::numpy::RandomState;

/// How many rows a learning curve fits on: of the rows of the first fold's fit.
///
/// ```
/// use picklebook::model_selection::TrainSizes;
///
/// let shares: TrainSizes = [0.25, 0.5, 1.0].into();
/// let counts: TrainSizes = [50, 100, 200].into();
/// assert_ne!(shares, counts);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum TrainSizes {
    /// Shares of the rows, above 0 and at most 1; rounded down to rows, but to at least one.
    Shares(Vec<f64>),
    /// Numbers of rows, at least 1.
    Counts(Vec<usize>),
}

/// Five shares from 0.1 to 1, as in scikit-learn.
impl Default for TrainSizes {
    fn default() -> Self {
        let step = (1.0 - 0.1) / 4.0;
        let inner = (0..4).map(|place| f64::from(place) * step + 0.1);
        TrainSizes::Shares(inner.chain([1.0]).collect())
    }
}

impl<const N: usize> From<[f64; N]> for TrainSizes {
    fn from(shares: [f64; N]) -> Self {
        TrainSizes::Shares(shares.into())
    }
}

impl From<Vec<f64>> for TrainSizes {
    fn from(shares: Vec<f64>) -> Self {
        TrainSizes::Shares(shares)
    }
}

impl<const N: usize> From<[usize; N]> for TrainSizes {
    fn from(counts: [usize; N]) -> Self {
        TrainSizes::Counts(counts.into())
    }
}

impl From<Vec<usize>> for TrainSizes {
    fn from(counts: Vec<usize>) -> Self {
        TrainSizes::Counts(counts)
    }
}

impl TrainSizes {
    /// As numbers of at most so many rows, ascending and distinct; and how many were given.
    fn counts(&self, most: usize) -> Result<(Vec<usize>, usize), Error> {
        let mut counts: Vec<usize> = match self {
            TrainSizes::Shares(shares) => {
                if let Some(share) = shares.iter().find(|share| !(**share > 0.0 && **share <= 1.0))
                {
                    let expected = "shares above 0 and at most 1".to_owned();
                    return Err(Error::TrainSizes { size: format!("{share:?}"), expected });
                }
                let rows = |share: &f64| (share * most as f64) as usize;
                shares.iter().map(|share| rows(share).clamp(1, most.max(1))).collect()
            }
            TrainSizes::Counts(counts) => {
                if let Some(count) = counts.iter().find(|count| !(1..=most).contains(*count)) {
                    let expected = format!("numbers of rows from 1 to {most}, the rows of the fit");
                    return Err(Error::TrainSizes { size: count.to_string(), expected });
                }
                counts.clone()
            }
        };
        if counts.is_empty() {
            return Err(Error::NoValues { name: "train_sizes".to_owned() });
        }
        let given = counts.len();
        counts.sort_unstable();
        counts.dedup();
        Ok((counts, given))
    }
}

/// What a [`learning_curve_with`] is made by.
///
/// ```
/// use picklebook::model_selection::{LearningCurveOptions, Scoring};
///
/// let options = LearningCurveOptions::new()
///     .train_sizes([0.2, 0.4, 0.6, 0.8, 1.0])
///     .shuffle(42)
///     .scoring(Scoring::F1Macro);
/// assert_ne!(options, LearningCurveOptions::new());
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LearningCurveOptions {
    train_sizes: TrainSizes,
    random_state: Option<u32>,
    scoring: Option<Scoring>,
}

impl LearningCurveOptions {
    /// Five sizes from a tenth of the rows to all, not shuffled; accuracy for classes, R² for
    /// estimates.
    pub fn new() -> Self {
        LearningCurveOptions::default()
    }

    /// How many rows to fit on: shares as `[0.5, 1.0]`, or numbers as `[50, 100]`.
    pub fn train_sizes(mut self, sizes: impl Into<TrainSizes>) -> Self {
        self.train_sizes = sizes.into();
        self
    }

    /// Shuffles the rows of each fit before the first are taken: scikit-learn's
    /// `shuffle=True, random_state=…`.
    pub fn shuffle(mut self, random_state: u32) -> Self {
        self.random_state = Some(random_state);
        self
    }

    /// What is measured.
    pub fn scoring(mut self, scoring: Scoring) -> Self {
        self.scoring = Some(scoring);
        self
    }
}

/// Scores for each place along a curve: one for each fold, on the rows of the fit and on the others.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CurveScores {
    pub(crate) scoring: Scoring,
    pub(crate) train: Vec<Vec<f64>>,
    pub(crate) test: Vec<Vec<f64>>,
    pub(crate) warnings: Vec<String>,
}

/// What both curves tell.
macro_rules! scores_of_a_curve {
    ($curve:ident) => {
        impl $curve {
            /// What was measured.
            pub fn scoring(&self) -> Scoring {
                self.scores.scoring
            }

            /// For each place along the curve, the score of each fold's rows of the fit.
            pub fn train_scores(&self) -> &[Vec<f64>] {
                &self.scores.train
            }

            /// For each place along the curve, the score of each fold's test rows.
            pub fn test_scores(&self) -> &[Vec<f64>] {
                &self.scores.test
            }

            /// For each place along the curve, the mean of the train scores.
            pub fn mean_train_scores(&self) -> Vec<f64> {
                self.scores.train.iter().map(|scores| mean(scores)).collect()
            }

            /// For each place along the curve, the standard deviation of the train scores.
            pub fn std_train_scores(&self) -> Vec<f64> {
                self.scores.train.iter().map(|scores| std(scores)).collect()
            }

            /// For each place along the curve, the mean of the test scores.
            pub fn mean_test_scores(&self) -> Vec<f64> {
                self.scores.test.iter().map(|scores| mean(scores)).collect()
            }

            /// For each place along the curve, the standard deviation of the test scores.
            pub fn std_test_scores(&self) -> Vec<f64> {
                self.scores.test.iter().map(|scores| std(scores)).collect()
            }

            /// What scikit-learn warns of.
            pub fn warnings(&self) -> &[String] {
                &self.scores.warnings
            }

            /// The place with the greatest mean of the test scores; of the first, if there are
            /// several. Those that are NaN do not count.
            pub fn best_index(&self) -> usize {
                let means = self.mean_test_scores();
                let best = means.iter().enumerate().filter(|(_, mean)| !mean.is_nan());
                let best = best.reduce(|best, next| if next.1 > best.1 { next } else { best });
                best.map_or(0, |(place, _)| place)
            }
        }
    };
}

/// How good a model is by the number of rows that it was fitted on.
#[derive(Clone, PartialEq)]
pub struct LearningCurve {
    train_sizes: Vec<usize>,
    pub(crate) scores: CurveScores,
}

scores_of_a_curve!(LearningCurve);

impl LearningCurve {
    /// How many rows each model was fitted on, ascending.
    pub fn train_sizes(&self) -> &[usize] {
        &self.train_sizes
    }
}

/// How good a model is by the value of a parameter.
#[derive(Clone, PartialEq)]
pub struct ValidationCurve {
    name: String,
    values: Vec<Parameter>,
    pub(crate) scores: CurveScores,
}

scores_of_a_curve!(ValidationCurve);

impl ValidationCurve {
    /// The parameter's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its values, in the order in which they were given.
    pub fn values(&self) -> &[Parameter] {
        &self.values
    }

    /// The value with the greatest mean of the test scores; the first, if there are several.
    pub fn best_value(&self) -> &Parameter {
        self.values.get(self.best_index()).unwrap_or(&Parameter::None)
    }
}

/// Fits a model on more and more of the rows of each fold's fit, and measures it on these and on the
/// fold's own: where the second line still rises, more rows would help. scikit-learn's
/// `learning_curve`.
///
/// # Errors
/// As [`learning_curve_with`].
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::{StratifiedKFold, learning_curve};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// let params = DecisionTreeClassifier::params().random_state(0);
/// let cv = StratifiedKFold::new(5).shuffle(42);
/// let curve = learning_curve(&params, &balance_scale(), &cv)?;
/// assert_eq!(curve.train_sizes(), [50, 162, 275, 387, 500]);
/// assert_eq!(curve.test_scores()[0].len(), 5);
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub fn learning_curve(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
) -> Result<LearningCurve, Error> {
    learning_curve_with(params, data, cv, &LearningCurveOptions::new())
}

/// As [`learning_curve`], with options. Sizes that come twice are left out, with a warning.
///
/// # Errors
/// As [`cross_val_score`](super::cross_val_score), [`Error::TrainSizes`] for a size out of range, and
/// [`Error::NoValues`] without sizes.
pub fn learning_curve_with(
    params: &dyn Fit,
    data: &Dataset,
    cv: &dyn CrossValidator,
    options: &LearningCurveOptions,
) -> Result<LearningCurve, Error> {
    let rows = Rows::new(data);
    let folds = rows.folds(cv)?;
    let most = fold(&folds, 0)?.train.len();
    let (sizes, given) = options.train_sizes.counts(most)?;
    let mut warnings = folds.warnings().to_vec();
    if sizes.len() < given {
        warnings.push(format!(
            "Removed duplicate entries from 'train_sizes'. Number of ticks will be less than the size \
             of 'train_sizes': {} instead of {given}.",
            sizes.len()
        ));
    }
    // One generator shuffles the rows of one fold after the other.
    let mut random = options.random_state.map(RandomState::new);
    let mut by_fold = Vec::with_capacity(folds.len());
    for place in 0..folds.len() {
        let mut fold = fold(&folds, place)?;
        if let Some(random) = &mut random {
            random.shuffle(&mut fold.train);
        }
        let measured = each(sizes.len(), |size| {
            let size = sizes.get(size).copied().unwrap_or(most);
            let mut part = fold.clone();
            part.train.truncate(size);
            rows.fit_and_score(params, place, &part, options.scoring, true)
        })?;
        by_fold.push(measured);
    }
    let scores = collected(by_fold, sizes.len(), options.scoring, warnings);
    Ok(LearningCurve { train_sizes: sizes, scores })
}

/// From the measures of each fold to those of each place.
fn collected(
    by_fold: Vec<Vec<(Scoring, f64, Option<f64>)>>,
    places: usize,
    scoring: Option<Scoring>,
    warnings: Vec<String>,
) -> CurveScores {
    let (mut train, mut test) = (vec![Vec::new(); places], vec![Vec::new(); places]);
    let first = by_fold.first().and_then(|fold| fold.first()).map(|measured| measured.0);
    for fold in by_fold {
        for ((_, score, of_train), (train, test)) in
            fold.into_iter().zip(train.iter_mut().zip(&mut test))
        {
            train.push(of_train.unwrap_or(f64::NAN));
            test.push(score);
        }
    }
    let scoring = first.or(scoring).unwrap_or(Scoring::Accuracy);
    CurveScores { scoring, train, test, warnings }
}

/// Fits a model with each value of a parameter, and measures it on the rows of the fit and on the
/// fold's own: where the first line goes on rising and the second does not, the model overfits.
/// scikit-learn's `validation_curve`.
///
/// # Errors
/// As [`GridSearch::fit`](super::GridSearch::fit).
///
/// ```
/// use picklebook::model_selection::{StratifiedKFold, validation_curve};
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let params = DecisionTreeClassifier::params().min_samples_leaf(5);
/// let cv = StratifiedKFold::new(5);
/// let curve = validation_curve(&params, "max_depth", 1..=10, &split.train, &cv)?;
/// println!("the best max_depth: {}", curve.best_value());
/// assert_eq!(curve.values().len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn validation_curve<P: SetParameters, V: Into<Parameter>>(
    params: &P,
    name: &str,
    values: impl IntoIterator<Item = V>,
    data: &Dataset,
    cv: &dyn CrossValidator,
) -> Result<ValidationCurve, Error> {
    // One more than can be tried, so that an endless range is refused.
    let values = values.into_iter().take(MOST_VALUES + 1).map(Into::into).collect();
    curve(params, name, values, data, cv, None)
}

/// As [`validation_curve`], by another measure.
///
/// # Errors
/// As [`validation_curve`].
pub fn validation_curve_with<P: SetParameters, V: Into<Parameter>>(
    params: &P,
    name: &str,
    values: impl IntoIterator<Item = V>,
    data: &Dataset,
    cv: &dyn CrossValidator,
    scoring: Scoring,
) -> Result<ValidationCurve, Error> {
    let values = values.into_iter().take(MOST_VALUES + 1).map(Into::into).collect();
    curve(params, name, values, data, cv, Some(scoring))
}

fn curve<P: SetParameters>(
    params: &P,
    name: &str,
    values: Vec<Parameter>,
    data: &Dataset,
    cv: &dyn CrossValidator,
    scoring: Option<Scoring>,
) -> Result<ValidationCurve, Error> {
    if values.is_empty() {
        return Err(Error::NoValues { name: name.to_owned() });
    }
    if values.len() > MOST_VALUES {
        let (what, found) = ("values", values.len());
        return Err(Error::TooMany { what, found, most: MOST_VALUES });
    }
    let mut candidates = Vec::with_capacity(values.len());
    for value in &values {
        let mut params = params.clone();
        params.set_parameter(name, value)?;
        let names = Parameters::from([(name, value.clone())]);
        params.check().map_err(|error| Error::out_of_range(error).of_candidate(&names))?;
        candidates.push((names, params));
    }
    let rows = Rows::new(data);
    let folds = rows.folds(cv)?;
    let mut by_fold = Vec::with_capacity(folds.len());
    for place in 0..folds.len() {
        let fold = fold(&folds, place)?;
        let measured = each(candidates.len(), |candidate| match candidates.get(candidate) {
            Some((names, params)) => rows
                .fit_and_score(params, place, &fold, scoring, true)
                .map_err(|error| error.of_candidate(names)),
            None => Err(Error::NoValues { name: name.to_owned() }),
        })?;
        by_fold.push(measured);
    }
    let scores = collected(by_fold, values.len(), scoring, folds.warnings().to_vec());
    Ok(ValidationCurve { name: name.to_owned(), values, scores })
}
