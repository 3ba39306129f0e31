//! Linear models that tell classes apart.

use ndarray::{Array2, ArrayViewMut1};

use super::Error;
use super::planes::{Planes, Rows, check_planes, classifier};
use crate::data::Labels;
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{both, expit, softmax, table};
use crate::model::{Abilities, FittedParts, Model};

/// Which of scikit-learn's classes a [`LinearClassifier`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinearClassifierKind {
    /// `LogisticRegression`.
    LogisticRegression,
    /// `LogisticRegressionCV`.
    LogisticRegressionCV,
    /// `RidgeClassifier`.
    RidgeClassifier,
    /// `RidgeClassifierCV`.
    RidgeClassifierCV,
    /// `SGDClassifier`.
    SgdClassifier,
    /// `Perceptron`.
    Perceptron,
    /// `PassiveAggressiveClassifier`.
    PassiveAggressiveClassifier,
    /// `LinearSVC`.
    LinearSvc,
}

impl LinearClassifierKind {
    /// scikit-learn's name of the class.
    pub fn name(self) -> &'static str {
        match self {
            LinearClassifierKind::LogisticRegression => "LogisticRegression",
            LinearClassifierKind::LogisticRegressionCV => "LogisticRegressionCV",
            LinearClassifierKind::RidgeClassifier => "RidgeClassifier",
            LinearClassifierKind::RidgeClassifierCV => "RidgeClassifierCV",
            LinearClassifierKind::SgdClassifier => "SGDClassifier",
            LinearClassifierKind::Perceptron => "Perceptron",
            LinearClassifierKind::PassiveAggressiveClassifier => "PassiveAggressiveClassifier",
            LinearClassifierKind::LinearSvc => "LinearSVC",
        }
    }
}

/// What makes probabilities of the scores of a [`LinearClassifier`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LinearLink {
    /// The logistic function of each score, scaled to a sum of 1: one class against the rest.
    OneVsRest,
    /// eˣ of each score, over the sum of all; of two classes the scores are the single one with
    /// both signs.
    Softmax,
    /// Scores cut to −1 … 1, moved to 0 … 1, and scaled to a sum of 1: `SGDClassifier` with the
    /// loss `modified_huber`.
    ModifiedHuber,
}

/// A linear model that tells classes apart, such as scikit-learn's `LogisticRegression`.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Labels;
/// use picklebook::linear::{LinearClassifier, LinearClassifierKind, LinearLink, Planes};
/// use picklebook::model::FittedParts;
///
/// let model = LinearClassifier::from_parts(
///     LinearClassifierKind::LogisticRegression,
///     FittedParts::new(2),
///     Planes::new(array![[1.0, -1.0]], vec![0.5])?,
///     Labels::from(["no", "yes"]),
///     Some(LinearLink::OneVsRest),
/// )?;
/// assert_eq!(model.predict(&[[0.0, 0.0], [0.0, 2.0]])?, Labels::from(["yes", "no"]));
/// assert_eq!(model.predict_proba(&[[0.0, 0.5]])?, array![[0.5, 0.5]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearClassifier {
    kind: LinearClassifierKind,
    fitted: FittedParts,
    planes: Planes,
    classes: Labels,
    link: Option<LinearLink>,
    /// After how many steps a fit here ended.
    pub(super) steps: Option<usize>,
}

classifier!(LinearClassifier);

impl LinearClassifier {
    /// Checks the parts and puts a model together. `link` is what makes probabilities, if the
    /// model knows them.
    ///
    /// # Errors
    /// [`Error::Model`] for fewer than two classes, or classes that do not ascend;
    /// [`Error::Length`] unless there is a row of coefficients for each class (one for two
    /// classes), and a coefficient and, if there are names, a name for each column.
    pub fn from_parts(
        kind: LinearClassifierKind,
        fitted: FittedParts,
        planes: Planes,
        classes: Labels,
        link: Option<LinearLink>,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        planes.check(&fitted)?;
        check_planes(&planes, classes.len())?;
        Ok(LinearClassifier { kind, fitted, planes, classes, link, steps: None })
    }

    /// After how many steps the fit ended, if it was here.
    pub(crate) fn steps(&self) -> Option<usize> {
        self.steps
    }

    /// Which of scikit-learn's classes it is.
    pub fn kind(&self) -> LinearClassifierKind {
        self.kind
    }

    /// What makes probabilities of scores, if the model knows probabilities.
    pub fn link(&self) -> Option<LinearLink> {
        self.link
    }

    /// The probabilities of scores: rows × classes.
    fn probabilities(&self, scores: Array2<f64>) -> Result<Array2<f64>, Error> {
        let Some(link) = self.link else { return Err(lacks(self, "predict_proba")) };
        // since 1.8 rows of zeros are shared among the classes; before, 0 / 0 is NaN
        let shared = link == LinearLink::ModifiedHuber || !self.fitted.version.before(1, 8);
        if self.planes.len() > 1 {
            let mut scores = scores;
            for row in scores.rows_mut() {
                match link {
                    LinearLink::Softmax => in_slices(row, softmax),
                    LinearLink::OneVsRest => normalized(row, expit, shared),
                    LinearLink::ModifiedHuber => normalized(row, clipped, shared),
                }
            }
            return Ok(scores);
        }
        let shares = match link {
            LinearLink::Softmax => {
                let pair = |&score: &f64| {
                    let mut pair = [-score, score];
                    softmax(&mut pair);
                    pair
                };
                scores.iter().flat_map(pair).collect()
            }
            LinearLink::OneVsRest => both(&scores, expit),
            LinearLink::ModifiedHuber => both(&scores, clipped),
        };
        table(scores.nrows(), 2, shares)
    }
}

/// The share of a class by the loss `modified_huber`, before it is scaled.
fn clipped(score: f64) -> f64 {
    (score.clamp(-1.0, 1.0) + 1.0) / 2.0
}

/// Makes probabilities of a row of scores, each by itself, and scales them to a sum of 1.
fn normalized(mut row: ArrayViewMut1<'_, f64>, link: impl Fn(f64) -> f64, shared: bool) {
    row.mapv_inplace(link);
    let mut sum = row.sum();
    if sum == 0.0 && shared {
        row.fill(1.0);
        sum = row.len() as f64;
    }
    row.mapv_inplace(|share| share / sum);
}

/// Changes a row, which lies in one piece.
pub(super) fn in_slices(mut row: ArrayViewMut1<'_, f64>, change: impl Fn(&mut [f64])) {
    if let Some(row) = row.as_slice_mut() {
        change(row);
    }
}

impl Model for LinearClassifier {
    fn name(&self) -> &'static str {
        self.kind.name()
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).decision_function(self).tables(self);
        match self.link {
            Some(_) => abilities.probabilities(self),
            None => abilities,
        }
    }
}
