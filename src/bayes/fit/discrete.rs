//! How models of counts are fitted.
//!
//! Source: `MultinomialNB`, `ComplementNB` and `BernoulliNB` in scikit-learn's `naive_bayes.py`.

use ndarray::{Array2, Axis};

use super::{
    Error, Rows, Samples, Smoothing, bayes_fits, check_all_classes, row_sums, smoothing_setters,
};
use crate::bayes::{DiscreteKind, DiscreteNB};
use crate::data::Labels;
use crate::model::{FittedParts, Parameter};

/// The parameters of a [`DiscreteNB`]: [`multinomial`](DiscreteNB::multinomial),
/// [`complement`](DiscreteNB::complement) or [`bernoulli`](DiscreteNB::bernoulli), with
/// scikit-learn's names and defaults.
///
/// ```
/// use picklebook::bayes::DiscreteNB;
/// use picklebook::data::Labels;
///
/// let words = [[2.0, 0.0], [1.0, 1.0], [0.0, 3.0]];
/// let labels = Labels::from(["ham", "ham", "spam"]);
/// let model = DiscreteNB::multinomial().alpha(0.5).fit_weighted(&words, &labels, None)?;
/// assert_eq!(model.predict(&[[0.0, 2.0]])?, Labels::from(["spam"]));
/// assert_eq!(DiscreteNB::bernoulli().alpha(0.5).to_string(), "BernoulliNB(alpha=0.5)");
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DiscreteNBParams {
    kind: DiscreteKind,
    smoothing: Smoothing,
    norm: bool,
    /// Whether `binarize` was set for a class that has none.
    misplaced: bool,
}

/// What a fit has counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeatureCounts {
    /// How much the rows of each class weigh: `class_count_`.
    pub(crate) classes: Vec<f64>,
    /// The sum of each feature over the rows of each class: `feature_count_`.
    pub(crate) features: Array2<f64>,
}

impl FeatureCounts {
    /// The sum of each feature over all rows: `feature_all_`.
    pub(crate) fn of_all(&self) -> Vec<f64> {
        crate::numpy::column_sums(self.features.view())
    }
}

smoothing_setters!(DiscreteNBParams);
bayes_fits!(DiscreteNBParams => DiscreteNB);

/// As scikit-learn prints an estimator: only what differs from the default.
impl std::fmt::Display for DiscreteNBParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let standard = match self.kind {
            DiscreteKind::Bernoulli { .. } => DiscreteNB::bernoulli(),
            kind => DiscreteNBParams::of(kind),
        };
        let (own, standard) = (self.named(), standard.named());
        f.write_str(&crate::model::fit::estimator_repr(self.model_name(), own, standard))
    }
}

impl DiscreteNB {
    /// The parameters of scikit-learn's `MultinomialNB`, to be changed and then fitted.
    pub fn multinomial() -> DiscreteNBParams {
        DiscreteNBParams::of(DiscreteKind::Multinomial)
    }

    /// The parameters of scikit-learn's `ComplementNB`, to be changed and then fitted.
    pub fn complement() -> DiscreteNBParams {
        DiscreteNBParams::of(DiscreteKind::Complement)
    }

    /// The parameters of scikit-learn's `BernoulliNB`, to be changed and then fitted: a feature
    /// counts where it is above 0.
    pub fn bernoulli() -> DiscreteNBParams {
        DiscreteNBParams::of(DiscreteKind::Bernoulli { binarize: Some(0.0) })
    }
}

impl DiscreteNBParams {
    fn of(kind: DiscreteKind) -> Self {
        DiscreteNBParams { kind, smoothing: Smoothing::default(), norm: false, misplaced: false }
    }

    /// Whether the weights of a `ComplementNB` are divided by their sum; not so by default.
    pub fn norm(mut self, norm: bool) -> Self {
        self.norm = norm;
        self
    }

    /// Above what number a feature of a `BernoulliNB` counts, at least 0, as it is by default; `None`
    /// takes features that are 0 or 1 as they are.
    pub fn binarize(mut self, binarize: Option<f64>) -> Self {
        match &mut self.kind {
            DiscreteKind::Bernoulli { binarize: own } => *own = binarize,
            _ => self.misplaced = true,
        }
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range, or that the class does not have.
    pub fn check(&self) -> Result<(), Error> {
        self.smoothing.check()?;
        if let DiscreteKind::Bernoulli { binarize: Some(least) } = self.kind
            && !(0.0..f64::INFINITY).contains(&least)
        {
            let (value, expected) = (crate::python::float_repr(least), "a number of at least 0");
            return Err(Error::Parameter { name: "binarize", value, expected });
        }
        if self.misplaced {
            let (value, expected) = ("…".to_owned(), "left out: only a BernoulliNB has it");
            return Err(Error::Parameter { name: "binarize", value, expected });
        }
        match self.norm && self.kind != DiscreteKind::Complement {
            true => {
                let expected = "left out: only a ComplementNB has it";
                Err(Error::Parameter { name: "norm", value: "True".to_owned(), expected })
            }
            false => Ok(()),
        }
    }

    fn model_name(&self) -> &'static str {
        self.kind.name()
    }

    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let mut parameters = self.smoothing.parameters();
        match self.kind {
            DiscreteKind::Multinomial => {}
            DiscreteKind::Complement => parameters.push(("norm", Parameter::Boolean(self.norm))),
            DiscreteKind::Bernoulli { binarize } => {
                let value = binarize.map_or(Parameter::None, Parameter::Float);
                parameters.push(("binarize", value));
            }
        }
        parameters
    }

    fn start(&self, classes: usize, columns: usize) -> Result<FeatureCounts, Error> {
        super::check_values(classes, columns)?;
        let features = Array2::zeros((classes, columns));
        Ok(FeatureCounts { classes: vec![0.0; classes], features })
    }

    fn add(
        &self,
        counts: &mut FeatureCounts,
        samples: &Samples<'_>,
        codes: &[usize],
    ) -> Result<(), Error> {
        let above = match self.kind {
            DiscreteKind::Bernoulli { binarize } => binarize,
            _ => {
                samples.check_counts()?;
                None
            }
        };
        let counted = |value: f64| above.map_or(value, |least| f64::from(value > least));
        // these rows for themselves first, as scikit-learn adds them up
        let mut features = Array2::<f64>::zeros(counts.features.dim());
        let columns = counts.features.ncols();
        for (row, &code) in codes.iter().enumerate() {
            let weight = samples.weight(row);
            let sums = features.as_slice_mut().unwrap_or_default();
            let Some(sums) = sums.get_mut(code * columns..(code + 1) * columns) else { continue };
            match &samples.rows {
                Rows::Dense(rows) => {
                    for (sum, &value) in sums.iter_mut().zip(rows.row(row)) {
                        *sum += counted(value) * weight;
                    }
                }
                Rows::Sparse(rows) => {
                    let (columns, values) = rows.row(row).unwrap_or_default();
                    for (&column, &value) in columns.iter().zip(values) {
                        if let Some(sum) = sums.get_mut(column as usize) {
                            *sum += counted(value) * weight;
                        }
                    }
                }
            }
        }
        counts.features += &features;
        let classes = samples.class_counts(codes, counts.classes.len());
        counts.classes.iter_mut().zip(classes).for_each(|(sum, count)| *sum += count);
        Ok(())
    }

    fn finish(
        &self,
        counts: FeatureCounts,
        classes: Labels,
        fitted: FittedParts,
    ) -> Result<DiscreteNB, Error> {
        let alpha = self.smoothing.alpha();
        let over = |numbers: Array2<f64>, sums: Vec<f64>| {
            let mut logarithms = numbers.mapv_into(f64::ln);
            for (mut row, sum) in logarithms.rows_mut().into_iter().zip(sums) {
                let sum = sum.ln();
                row.mapv_inplace(|logarithm| logarithm - sum);
            }
            logarithms
        };
        let smoothed = || &counts.features + alpha;
        let logarithms = match self.kind {
            DiscreteKind::Multinomial => {
                let sums = row_sums(&smoothed());
                over(smoothed(), sums)
            }
            DiscreteKind::Bernoulli { .. } => {
                let sums = counts.classes.iter().map(|count| count + alpha * 2.0).collect();
                over(smoothed(), sums)
            }
            DiscreteKind::Complement => {
                let all: Vec<f64> = counts.of_all().iter().map(|count| count + alpha).collect();
                let mut others = counts.features.clone();
                for mut row in others.rows_mut() {
                    row.iter_mut().zip(&all).for_each(|(count, all)| *count = all - *count);
                }
                let sums = row_sums(&others);
                for (mut row, sum) in others.rows_mut().into_iter().zip(sums) {
                    row.mapv_inplace(|count| (count / sum).ln());
                }
                let sums = match self.norm {
                    true => row_sums(&others),
                    false => vec![-1.0; others.len_of(Axis(0))],
                };
                for (mut row, sum) in others.rows_mut().into_iter().zip(sums) {
                    row.mapv_inplace(|logarithm| logarithm / sum);
                }
                others
            }
        };
        let priors = self.smoothing.class_log_priors(&counts.classes)?;
        let model = DiscreteNB::from_parts(self.kind, fitted, classes, priors, logarithms)?;
        Ok(model.with_learned(self.clone(), counts))
    }
}
