//! Machines that tell classes apart: one boundary for each pair of classes.

use std::ops::Range;

use ndarray::Array2;

use super::Error;
use super::machine::{Machine, SvmParts, common};
use super::probability::Coupling;
use crate::data::{Features, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{labels_at, table};
use crate::model::{Abilities, DecisionFunction, FittedParts, Model};
use crate::tree::first_greatest;

/// How the machine was fitted; the answers do not depend on it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum SvmClassifierKind {
    /// `SVC`: with a penalty for rows on the wrong side.
    #[default]
    Svc,
    /// `NuSVC`: with a share of support vectors.
    NuSvc,
}

/// What [`SvmClassifier::decision_function`] answers for more than two classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum DecisionShape {
    /// `ovr`: a score for each class, made of votes and distances.
    #[default]
    OneVsRest,
    /// `ovo`: the distance to the boundary of each pair of classes.
    OneVsOne,
}

/// From the decision about a pair of classes to how likely the first is: 1 / (1 + exp(a·d + b)).
#[derive(Debug, Clone, PartialEq)]
pub struct Sigmoids {
    /// The factor a of each pair: `_probA`.
    pub slopes: Vec<f64>,
    /// What is added, b, of each pair: `_probB`.
    pub shifts: Vec<f64>,
}

/// What a classifier is made of, beside the machine.
#[derive(Debug, Clone, PartialEq)]
pub struct SvmClassifierParts {
    /// The machine.
    pub machine: SvmParts,
    /// The classes, ascending.
    pub classes: Labels,
    /// How many support vectors are of each class: `n_support_`. They come class after class.
    pub n_support: Vec<usize>,
    /// The sigmoid of each pair, after a fit with `probability=True`.
    pub sigmoids: Option<Sigmoids>,
    /// How the machine was fitted.
    pub kind: SvmClassifierKind,
    /// What `decision_function` answers for more than two classes.
    pub shape: DecisionShape,
    /// Whether `predict` follows `decision_function` for more than two classes, and not the votes
    /// alone.
    pub break_ties: bool,
}

impl SvmClassifierParts {
    /// An `SVC` with scikit-learn's defaults.
    pub fn new(machine: SvmParts, classes: Labels, n_support: Vec<usize>) -> Self {
        SvmClassifierParts {
            machine,
            classes,
            n_support,
            sigmoids: None,
            kind: SvmClassifierKind::Svc,
            shape: DecisionShape::OneVsRest,
            break_ties: false,
        }
    }
}

/// scikit-learn's `SVC` and `NuSVC`.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::prelude::*;
/// use picklebook::svm::{Kernel, SupportVectors, SvmClassifier, SvmClassifierParts, SvmParts};
///
/// let vectors = SupportVectors::Dense(array![[-1.0], [1.0]]);
/// // libsvm's sum is above zero for the first class
/// let machine = SvmParts {
///     kernel: Kernel::Linear,
///     support_vectors: vectors,
///     dual_coef: array![[0.5, -0.5]],
///     intercept: vec![0.0],
/// };
/// let parts = SvmClassifierParts::new(machine, Labels::from(["left", "right"]), vec![1, 1]);
/// let model = SvmClassifier::from_parts(FittedParts::new(1), parts)?;
/// assert_eq!(model.predict(&[[-3.0], [2.0]])?, Labels::from(["left", "right"]));
/// assert_eq!(model.decision_function(&[[-3.0], [2.0]])?, array![[-3.0], [2.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SvmClassifier {
    fitted: FittedParts,
    machine: Machine,
    classes: Labels,
    /// Where the support vectors of each class are.
    ranges: Vec<Range<usize>>,
    sigmoids: Option<Sigmoids>,
    kind: SvmClassifierKind,
    shape: DecisionShape,
    break_ties: bool,
}

common!(SvmClassifier);

/// The pairs of so many classes, in libsvm's order.
fn pairs(classes: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..classes).flat_map(move |i| (i + 1..classes).map(move |j| (i, j)))
}

impl SvmClassifier {
    /// Checks the parts and puts a machine together.
    ///
    /// # Errors
    /// [`Error::Model`] for fewer than two classes, for classes that do not ascend, and for
    /// `break_ties` with [`DecisionShape::OneVsOne`]; [`Error::Length`] unless the vectors have the
    /// columns of the fit, and there is a row of weights for each class but one, with a weight for each vector, an intercept (and a sigmoid, if
    /// there are any) for each pair of classes, and as many vectors as `n_support` says.
    pub fn from_parts(fitted: FittedParts, parts: SvmClassifierParts) -> Result<Self, Error> {
        let SvmClassifierParts { machine, classes, n_support, sigmoids, kind, shape, break_ties } =
            parts;
        check_classes(&classes)?;
        let count = classes.len();
        if count < 2 {
            return Err(Error::Model { problem: "it has a single class".to_owned() });
        }
        if break_ties && shape == DecisionShape::OneVsOne {
            let problem = "it has break_ties=True, which decision_function_shape=\"ovo\" rules out";
            return Err(Error::Model { problem: problem.to_owned() });
        }
        let pairs = count.saturating_mul(count - 1) / 2;
        let machine = Machine::new(&fitted, machine, count - 1, pairs)?;
        let length = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        length("classes with support vectors", count, n_support.len())?;
        let mut ranges = Vec::with_capacity(count);
        let mut start = 0_usize;
        for &vectors in &n_support {
            let end = start.saturating_add(vectors);
            ranges.push(start..end);
            start = end;
        }
        length("support vectors of all classes", machine.support(), start)?;
        if let Some(Sigmoids { slopes, shifts }) = &sigmoids {
            length("slopes of sigmoids", pairs, slopes.len())?;
            length("shifts of sigmoids", pairs, shifts.len())?;
        }
        Ok(SvmClassifier { fitted, machine, classes, ranges, sigmoids, kind, shape, break_ties })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// How the machine was fitted.
    pub fn kind(&self) -> SvmClassifierKind {
        self.kind
    }

    /// What [`decision_function`](Self::decision_function) answers for more than two classes.
    pub fn decision_shape(&self) -> DecisionShape {
        self.shape
    }

    /// Calls `each` with libsvm's decisions about the pairs, row after row: above zero for the
    /// first class.
    fn each_decision(
        &self,
        features: Features<'_>,
        mut each: impl FnMut(&[f64]),
    ) -> Result<(), Error> {
        let mut decisions = Vec::with_capacity(self.machine.parts.intercept.len());
        self.machine.each_row(self, features, |kernels| {
            decisions.clear();
            let pairs = pairs(self.ranges.len()).zip(&self.machine.parts.intercept);
            decisions.extend(pairs.map(|((i, j), intercept)| {
                let range = |class: usize| self.ranges.get(class).cloned().unwrap_or_default();
                let sum = self.machine.add(0.0, j - 1, range(i), kernels);
                self.machine.add(sum, i, range(j), kernels) + intercept
            }));
            each(&decisions);
        })
    }

    /// scikit-learn's `_ovr_decision_function`: votes, and distances that break their ties.
    fn scores(&self, decisions: &[f64], scores: &mut [f64]) {
        let mut sums = vec![0.0; scores.len()];
        self.votes(decisions, scores, &mut sums);
        for (score, sum) in scores.iter_mut().zip(sums) {
            *score += sum / (3.0 * (sum.abs() + 1.0));
        }
    }

    /// For each class of a row, how many pairs it wins, and the sum of its distances.
    fn votes(&self, decisions: &[f64], votes: &mut [f64], sums: &mut [f64]) {
        votes.fill(0.0);
        sums.fill(0.0);
        for ((i, j), &decision) in pairs(self.classes.len()).zip(decisions) {
            sums[i] += decision;
            sums[j] -= decision;
            votes[if decision < 0.0 { j } else { i }] += 1.0;
        }
    }

    /// The scores that scikit-learn 0.20 and older give: the distances are divided by the greatest
    /// among all rows that are asked together.
    fn scores_by_greatest(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        let count = self.classes.len();
        let (mut votes, mut sums) = (vec![0.0; count], vec![0.0; count]);
        let (mut scores, mut distances): (Vec<f64>, Vec<f64>) = Default::default();
        self.each_decision(features, |decisions| {
            self.votes(decisions, &mut votes, &mut sums);
            scores.extend(&votes);
            distances.extend(&sums);
        })?;
        let first = distances.first().copied().unwrap_or_default();
        if distances.iter().any(|&distance| distance != first) {
            let greatest =
                distances.iter().fold(0.0_f64, |most, distance| most.max(distance.abs()));
            let scale = (0.5 - f64::EPSILON) / greatest;
            let pairs = scores.iter_mut().zip(&distances);
            pairs.for_each(|(score, distance)| *score += distance * scale);
        }
        Ok(scores)
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let features = features.into();
        let count = self.classes.len();
        let mut codes = Vec::with_capacity(features.shape().0);
        let mut votes = vec![0.0; count];
        self.each_decision(features, |decisions| {
            match self.break_ties && count > 2 {
                true => self.scores(decisions, &mut votes),
                false => {
                    votes.fill(0.0);
                    for ((i, j), &decision) in pairs(count).zip(decisions) {
                        votes[if decision > 0.0 { i } else { j }] += 1.0;
                    }
                }
            }
            codes.push(first_greatest(&votes));
        })?;
        labels_at(&self.classes, &codes)
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`Error::NoMethod`] after a fit without
    /// `probability=True`.
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let Some(Sigmoids { slopes, shifts }) = &self.sigmoids else {
            return Err(lacks(self, "predict_proba"));
        };
        let features = features.into();
        let (rows, count) = (features.shape().0, self.classes.len());
        let mut coupling = Coupling::new(count);
        let mut probabilities = Vec::with_capacity(rows.saturating_mul(count));
        self.each_decision(features, |decisions| {
            let pairs = decisions.iter().zip(slopes).zip(shifts);
            let pairs = pairs.map(|((decision, slope), shift)| (*decision, *slope, *shift));
            probabilities.extend(coupling.probabilities(pairs));
        })?;
        table(rows, count, probabilities)
    }

    /// How far each row lies on which side: for two classes a single column, above zero for the
    /// second class; for more a column for each class, or for each pair of classes, as
    /// [`decision_shape`](Self::decision_shape) says.
    ///
    /// With [`DecisionShape::OneVsRest`] a model of scikit-learn 0.20 or older answers as that one
    /// does: the fractions of the scores then depend on what other rows are asked with them.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let features = features.into();
        let (rows, count) = (features.shape().0, self.classes.len());
        let width = match (count, self.shape) {
            (2, _) => 1,
            (_, DecisionShape::OneVsRest) => count,
            (_, DecisionShape::OneVsOne) => self.machine.parts.intercept.len(),
        };
        if count > 2 && self.version().before(0, 21) && self.shape == DecisionShape::OneVsRest {
            return table(rows, width, self.scores_by_greatest(features)?);
        }
        let mut numbers = Vec::with_capacity(rows.saturating_mul(width));
        let mut scores = vec![0.0; count];
        self.each_decision(features, |decisions| match (count, self.shape) {
            (2, _) => numbers.extend(decisions.iter().map(|decision| -decision)),
            (_, DecisionShape::OneVsRest) => {
                self.scores(decisions, &mut scores);
                numbers.extend(&scores);
            }
            (_, DecisionShape::OneVsOne) => numbers.extend(decisions),
        })?;
        table(rows, width, numbers)
    }
}

impl Model for SvmClassifier {
    fn name(&self) -> &'static str {
        match self.kind {
            SvmClassifierKind::Svc => "SVC",
            SvmClassifierKind::NuSvc => "NuSVC",
        }
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).decision_function(self);
        if self.sigmoids.is_some() { abilities.probabilities(self) } else { abilities }
    }
}

crate::model::classifier_traits!(SvmClassifier);

impl DecisionFunction for SvmClassifier {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.decision_function(features)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::svm::{Kernel, OneClassSvm, SupportVectors, SvmRegressor, SvmRegressorKind};

    fn parts() -> SvmClassifierParts {
        let vectors = SupportVectors::Dense(array![[0.0, 1.0], [1.0, 0.0], [2.0, 2.0]]);
        let weights = array![[1.0, -0.5, -0.25], [0.5, 0.5, -1.0]];
        let kernel = Kernel::Rbf { gamma: 0.5 };
        let machine = SvmParts {
            kernel,
            support_vectors: vectors,
            dual_coef: weights,
            intercept: vec![0.1, -0.1, 0.0],
        };
        SvmClassifierParts::new(machine, Labels::from(vec![1, 2, 3]), vec![1, 1, 1])
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        type Change = fn(&mut SvmClassifierParts);
        let changes: [(&str, Change); 12] = [
            ("one class", |it| it.classes = Labels::from(vec![1])),
            ("no classes", |it| it.classes = Labels::Integers(Vec::new())),
            ("classes of another order", |it| it.classes = Labels::from(vec![2, 1, 3])),
            ("more classes", |it| it.classes = Labels::from(vec![1, 2, 3, 4])),
            ("fewer counts", |it| it.n_support = vec![1, 2]),
            ("too great counts", |it| it.n_support = vec![usize::MAX, 3, 1]),
            ("fewer vectors than counted", |it| it.n_support = vec![1, 1, 2]),
            ("fewer weights", |it| it.machine.dual_coef = array![[1.0, 2.0], [3.0, 4.0]]),
            ("fewer rows of weights", |it| it.machine.dual_coef = array![[1.0, 2.0, 3.0]]),
            ("fewer intercepts", |it| it.machine.intercept = vec![0.0]),
            ("fewer sigmoids", |it| {
                it.sigmoids = Some(Sigmoids { slopes: vec![1.0], shifts: vec![1.0; 3] })
            }),
            ("vectors without columns", |it| {
                it.machine.support_vectors = SupportVectors::Dense(Array2::zeros((3, 0)));
            }),
        ];
        assert!(SvmClassifier::from_parts(FittedParts::new(2), parts()).is_ok());
        for (name, change) in changes {
            let mut changed = parts();
            change(&mut changed);
            assert!(SvmClassifier::from_parts(FittedParts::new(2), changed).is_err(), "{name}");
        }
        let mut ties = parts();
        (ties.break_ties, ties.shape) = (true, DecisionShape::OneVsOne);
        assert!(SvmClassifier::from_parts(FittedParts::new(2), ties).is_err());
        assert!(SvmClassifier::from_parts(FittedParts::new(3), parts()).is_err());
        let (fitted, machine) = (FittedParts::new(2), parts().machine);
        assert!(OneClassSvm::from_parts(fitted.clone(), machine.clone()).is_err());
        assert!(SvmRegressor::from_parts(fitted, machine, SvmRegressorKind::Svr).is_err());
    }

    #[test]
    fn rows_that_do_not_fit_are_refused_and_numbers_that_are_none_end() {
        let model = SvmClassifier::from_parts(FittedParts::new(2), parts()).expect("a machine");
        assert!(matches!(model.predict(&[[1.0]]), Err(Error::Columns { expected: 2, found: 1 })));
        for value in [f64::NAN, f64::INFINITY] {
            let refused = model.decision_function(&[[1.0, value]]);
            assert!(matches!(refused, Err(Error::NotFinite { row: 0, .. })));
        }
        let refused = model.predict_proba(&[[1.0, 2.0]]);
        assert!(matches!(refused, Err(Error::NoMethod { .. })));
        let none = Array2::<f64>::zeros((0, 2));
        assert_eq!(model.predict(&none).expect("no rows").len(), 0);
        let mut strange = parts();
        strange.machine.dual_coef.fill(f64::NAN);
        strange.machine.kernel =
            Kernel::Poly { gamma: f64::MAX, degree: i64::MAX, coef0: f64::NAN };
        strange.sigmoids =
            Some(Sigmoids { slopes: vec![f64::NAN; 3], shifts: vec![f64::INFINITY; 3] });
        let model = SvmClassifier::from_parts(FittedParts::new(2), strange).expect("it is whole");
        assert_eq!(model.predict(&[[1.0, 2.0]]).expect("a class").len(), 1);
        assert_eq!(model.predict_proba(&[[1.0, 2.0]]).expect("numbers").dim(), (1, 3));
    }

    /// Rows are taken in pairs and in blocks: each is answered as if it were alone.
    #[test]
    fn a_row_is_answered_the_same_among_others() {
        let model = SvmClassifier::from_parts(FittedParts::new(2), parts()).expect("a machine");
        let rows = Array2::from_shape_fn((301, 2), |(row, column)| {
            (row as f64 - 150.0) / 50.0 * if column == 0 { 1.0 } else { -0.5 }
        });
        let together = model.decision_function(&rows).expect("scores");
        for (number, row) in rows.rows().into_iter().enumerate() {
            let row = row.insert_axis(ndarray::Axis(0));
            let alone = model.decision_function(row).expect("scores");
            assert_eq!(alone.row(0), together.row(number), "{number}");
        }
    }
}
