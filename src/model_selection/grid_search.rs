//! Every combination of some values of parameters.

use std::collections::BTreeMap;

use super::cross_validation::{Rows, each, fold, mean, std};
use super::{CrossValidator, Error, Scoring, SetParameters};
use crate::data::Dataset;
use crate::model::{Parameter, Parameters};

/// The most values of a parameter, and the most combinations.
pub(super) const MOST_VALUES: usize = 1 << 20;

/// Tries every combination of some values of parameters by cross-validation, and fits the best on
/// all rows: scikit-learn's `GridSearchCV`.
///
/// Combinations are tried in scikit-learn's order: the parameters sorted by name, the last changing
/// fastest. Of equally good ones the first is the best.
///
/// ```
/// use picklebook::model_selection::{GridSearch, StratifiedKFold};
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let params = DecisionTreeClassifier::params().random_state(0);
/// let search = GridSearch::new(&params)
///     .vary("criterion", [Criterion::Gini, Criterion::Entropy])
///     .vary("max_depth", [Some(3), Some(6), None])
///     .fit(&data, &StratifiedKFold::new(5).shuffle(42))?;
/// let depth = search.best_params().get("max_depth");
/// assert!(depth.is_some());
/// assert_eq!(search.candidates().iter().filter(|it| it.rank == 1).count(), 1);
/// let tree: &DecisionTreeClassifier = search.best_model();
/// assert!(tree.score(&data)? >= search.best_score());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GridSearch<P> {
    params: P,
    grid: BTreeMap<String, Vec<Parameter>>,
    scoring: Option<Scoring>,
    train_scores: bool,
}

impl<P: SetParameters> GridSearch<P> {
    /// A search that starts from these parameters.
    pub fn new(params: &P) -> Self {
        let (params, grid) = (params.clone(), BTreeMap::new());
        GridSearch { params, grid, scoring: None, train_scores: false }
    }

    /// Tries each of these values of a parameter, which has scikit-learn's name. `None` is Python's.
    /// Values that were given for it before are forgotten.
    pub fn vary<V: Into<Parameter>>(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        // One more than can be tried, so that an endless range is refused.
        let values = values.into_iter().take(MOST_VALUES + 1).map(Into::into).collect();
        self.grid.insert(name.into(), values);
        self
    }

    /// What is measured; by default accuracy for classes, and R² for estimates.
    pub fn scoring(mut self, scoring: Scoring) -> Self {
        self.scoring = Some(scoring);
        self
    }

    /// Measures each combination on the rows of its fit, too: scikit-learn's `return_train_score`.
    pub fn with_train_scores(mut self) -> Self {
        self.train_scores = true;
        self
    }

    /// Tries all combinations, and fits the best on all rows.
    ///
    /// # Errors
    /// Before anything is fitted: [`Error::NoParameter`], [`Error::Parameter`], [`Error::NoValues`],
    /// [`Error::TooMany`] past 2²⁰ values or combinations, and [`Error::Model`] for a value out of
    /// range; then as [`cross_val_score`](super::cross_val_score), by the combination and the fold.
    pub fn fit(
        &self,
        data: &Dataset,
        cv: &dyn CrossValidator,
    ) -> Result<SearchResults<P::Model>, Error> {
        let count = self.count()?;
        for place in 0..count {
            self.candidate(place)?;
        }
        let rows = Rows::new(data);
        let folds = rows.folds(cv)?;
        let n_splits = folds.len();
        let total = count.saturating_mul(n_splits);
        let measured = each(total, |place| {
            let (place, split) = (place / n_splits, place % n_splits);
            let (names, params) = self.candidate(place)?;
            let fold = fold(&folds, split)?;
            rows.fit_and_score(&params, split, &fold, self.scoring, self.train_scores)
                .map_err(|error| error.of_candidate(&names))
        })?;
        let scoring = measured.first().map(|first| first.0);
        let mut candidates = Vec::with_capacity(count);
        for (place, measured) in measured.chunks(n_splits).enumerate() {
            let (parameters, _) = self.candidate(place)?;
            candidates.push(Candidate {
                parameters,
                test_scores: measured.iter().map(|(_, score, _)| *score).collect(),
                train_scores: measured.iter().filter_map(|(_, _, train)| *train).collect(),
                rank: 0,
            });
        }
        let means: Vec<f64> = candidates.iter().map(Candidate::mean_test_score).collect();
        for (candidate, rank) in candidates.iter_mut().zip(ranks(&means)) {
            candidate.rank = rank;
        }
        let best = candidates.iter().position(|candidate| candidate.rank == 1).unwrap_or(0);
        let (names, params) = self.candidate(best)?;
        let refitted = |error| Error::of_model(None, error).of_candidate(&names);
        Ok(SearchResults {
            best_model: params.fit_dataset(data).map_err(refitted)?,
            best,
            scoring: scoring.or(self.scoring).unwrap_or(Scoring::Accuracy),
            candidates,
            n_splits,
            warnings: folds.warnings().to_vec(),
        })
    }

    /// How many combinations there are.
    fn count(&self) -> Result<usize, Error> {
        let mut count = 1_usize;
        for (name, values) in &self.grid {
            if values.is_empty() {
                return Err(Error::NoValues { name: name.clone() });
            }
            if values.len() > MOST_VALUES {
                let (what, found) = ("values", values.len());
                return Err(Error::TooMany { what, found, most: MOST_VALUES });
            }
            count = count.saturating_mul(values.len());
        }
        match count > MOST_VALUES {
            true => {
                let what = "combinations";
                Err(Error::TooMany { what, found: count, most: MOST_VALUES })
            }
            false => Ok(count),
        }
    }

    /// The combination at a place, as names with values and as parameters in range.
    fn candidate(&self, place: usize) -> Result<(Parameters, P), Error> {
        let mut left = place;
        let mut chosen: Vec<(String, Parameter)> = Vec::with_capacity(self.grid.len());
        for (name, values) in self.grid.iter().rev() {
            let value = values.get(left % values.len().max(1));
            left /= values.len().max(1);
            chosen.push((name.clone(), value.cloned().unwrap_or(Parameter::None)));
        }
        chosen.reverse();
        let mut params = self.params.clone();
        for (name, value) in &chosen {
            params.set_parameter(name, value)?;
        }
        let names = Parameters::from(chosen);
        params.check().map_err(|error| Error::out_of_range(error).of_candidate(&names))?;
        Ok((names, params))
    }
}

/// One more than there are better ones; those that are NaN come last. scikit-learn's ranks.
fn ranks(means: &[f64]) -> Vec<usize> {
    let worst = means.iter().copied().filter(|mean| !mean.is_nan()).fold(f64::INFINITY, f64::min);
    let numbers: Vec<f64> =
        means.iter().map(|mean| if mean.is_nan() { worst - 1.0 } else { *mean }).collect();
    let mut order = numbers.clone();
    order.sort_by(|a, b| b.total_cmp(a));
    numbers.iter().map(|number| order.partition_point(|other| other > number) + 1).collect()
}

/// A combination of values that a [`GridSearch`] tried.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Candidate {
    /// The values by name.
    pub parameters: Parameters,
    /// The score of each fold's test rows.
    pub test_scores: Vec<f64>,
    /// The score of the rows of each fit; none unless they were asked for.
    pub train_scores: Vec<f64>,
    /// 1 for the best; the same for equally good ones. scikit-learn's `rank_test_score`.
    pub rank: usize,
}

impl Candidate {
    /// The mean of the test scores: `mean_test_score`.
    pub fn mean_test_score(&self) -> f64 {
        mean(&self.test_scores)
    }

    /// Their standard deviation: `std_test_score`.
    pub fn std_test_score(&self) -> f64 {
        std(&self.test_scores)
    }

    /// The mean of the train scores; NaN unless they were asked for.
    pub fn mean_train_score(&self) -> f64 {
        mean(&self.train_scores)
    }

    /// The standard deviation of the train scores; NaN unless they were asked for.
    pub fn std_train_score(&self) -> f64 {
        std(&self.train_scores)
    }
}

/// What a [`GridSearch`] found: every combination with its scores, and a model with the best one.
#[derive(Clone)]
pub struct SearchResults<M> {
    best_model: M,
    best: usize,
    scoring: Scoring,
    candidates: Vec<Candidate>,
    n_splits: usize,
    warnings: Vec<String>,
}

impl<M> SearchResults<M> {
    /// The best values by name: `best_params_`.
    pub fn best_params(&self) -> &Parameters {
        static NONE: Parameters = Parameters::EMPTY;
        self.candidates.get(self.best).map_or(&NONE, |best| &best.parameters)
    }

    /// The mean score of the best combination on the rows of the folds: `best_score_`.
    pub fn best_score(&self) -> f64 {
        self.candidates.get(self.best).map_or(f64::NAN, Candidate::mean_test_score)
    }

    /// Its place among the candidates: `best_index_`.
    pub fn best_index(&self) -> usize {
        self.best
    }

    /// The model with the best combination, fitted on all rows: `best_estimator_`.
    pub fn best_model(&self) -> &M {
        &self.best_model
    }

    /// The same, and nothing else.
    pub fn into_best_model(self) -> M {
        self.best_model
    }

    /// Every combination, in the order in which they were tried: `cv_results_`.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// What was measured.
    pub fn scoring(&self) -> Scoring {
        self.scoring
    }

    /// How many folds there were.
    pub fn n_splits(&self) -> usize {
        self.n_splits
    }

    /// What scikit-learn warns of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: `scipy.stats.rankdata(-means, method='min')`, NaN taken for the worst.
    #[test]
    fn equal_means_share_the_best_rank() {
        assert_eq!(ranks(&[0.5, 0.7, 0.7, 0.1]), [3, 1, 1, 4]);
        assert_eq!(ranks(&[f64::NAN, 0.7, 0.1, f64::NAN]), [3, 1, 2, 3]);
        assert_eq!(ranks(&[f64::NAN, f64::NAN]), [1, 1]);
        assert_eq!(ranks(&[0.0, -0.0]), [1, 1]);
    }
}
