//! The class with the nearest middle.

use ndarray::{Array2, Axis};

use super::points::Points;
use super::{Error, Metric, NeighbourParts};
use crate::data::{Features, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{labels_at, labels_of_rows, softmax};
use crate::model::rows::finite;
use crate::model::{
    Abilities, DecisionFunction, FittedParts, Model, about_the_fit, classifier_traits,
};
use crate::tree::first_greatest;

/// How likely classes are, and how far their rows are from their middles: since scikit-learn 1.6.
#[derive(Debug, Clone, PartialEq)]
pub struct CentroidSpread {
    /// How likely each class is beforehand: `class_prior_`.
    pub priors: Vec<f64>,
    /// The deviation of each column within classes: `within_class_std_dev_`.
    pub deviations: Vec<f64>,
}

/// scikit-learn's `NearestCentroid`: the class whose middle is nearest.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::neighbours::{Metric, NearestCentroid};
/// use picklebook::prelude::*;
///
/// let (classes, middles) = (Labels::from(["left", "right"]), array![[-1.0], [2.0]]);
/// let fitted = FittedParts::new(1);
/// let model = NearestCentroid::from_parts(fitted, classes, middles, Metric::Euclidean, None)?;
/// assert_eq!(model.predict(&[[0.0], [1.0]])?, Labels::from(["left", "right"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct NearestCentroid {
    fitted: FittedParts,
    classes: Labels,
    points: Points,
    spread: Option<CentroidSpread>,
}

about_the_fit!(NearestCentroid);

/// Whether numpy's `isclose` takes a number for another.
fn is_close(number: f64, other: f64) -> bool {
    (number - other).abs() <= 1e-8 + 1e-5 * other.abs()
}

impl NearestCentroid {
    /// Checks the parts and puts a model together: the classes, ascending, and their middles,
    /// classes × columns.
    ///
    /// # Errors
    /// [`Error::Model`] for fewer than two classes, for classes that do not ascend, and for a value
    /// that is not finite; [`Error::Length`] unless there is a middle for each class, with the
    /// columns of the fit, and as many priors and deviations.
    pub fn from_parts(
        fitted: FittedParts,
        classes: Labels,
        centroids: Array2<f64>,
        metric: Metric,
        spread: Option<CentroidSpread>,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        if classes.len() < 2 {
            return Err(Error::Model { problem: "it has a single class".to_owned() });
        }
        let points = Points::new(&fitted, NeighbourParts::brute(centroids, metric, 1))?;
        let length = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        length("centroids", classes.len(), points.len())?;
        if let Some(CentroidSpread { priors, deviations }) = &spread {
            length("priors", classes.len(), priors.len())?;
            fitted.finite("deviations", deviations)?;
            let mut numbers = priors.iter().chain(deviations);
            if let Some(value) = numbers.find(|value| !(value.is_finite() && **value >= 0.0)) {
                let problem = format!("a prior or a deviation is {value}");
                return Err(Error::Model { problem });
            }
        }
        Ok(NearestCentroid { fitted, classes, points, spread })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The middle of each class: classes × columns.
    pub fn centroids(&self) -> &Array2<f64> {
        self.points.points()
    }

    /// How far rows are from one another.
    pub fn metric(&self) -> Metric {
        self.points.metric()
    }

    /// The priors and deviations, if they are known.
    pub fn spread(&self) -> Option<&CentroidSpread> {
        self.spread.as_ref()
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let features = features.into();
        if let Some(spread) = &self.spread {
            let same = 1.0 / self.classes.len() as f64;
            if !spread.priors.iter().all(|&prior| is_close(prior, same)) {
                let scores = self.scores(features, spread)?;
                return labels_of_rows(&self.classes, &scores, first_greatest);
            }
        }
        let mut codes = Vec::with_capacity(features.shape().0);
        self.points.each_row(self, features, 1, |_, nearest| codes.extend(nearest))?;
        labels_at(&self.classes, &codes)
    }

    /// The score of each class for each row: rows × classes; with two classes a single column,
    /// above zero for the second class.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`Error::NoMethod`] where the spread of the classes is not
    /// known, as before scikit-learn 1.6, or the metric is not Euclidean.
    pub fn decision_function<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let scores = self.scores(features.into(), self.known_spread("decision_function")?)?;
        Ok(match self.classes.len() {
            2 => (&scores.column(1) - &scores.column(0)).insert_axis(Axis(1)),
            _ => scores,
        })
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As [`decision_function`](Self::decision_function).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let mut scores = self.scores(features.into(), self.known_spread("predict_proba")?)?;
        for mut row in scores.rows_mut() {
            if let Some(row) = row.as_slice_mut() {
                softmax(row);
            }
        }
        Ok(scores)
    }

    fn known_spread(&self, method: &'static str) -> Result<&CentroidSpread, Error> {
        let known = self.spread.as_ref().filter(|_| self.metric() == Metric::Euclidean);
        known.ok_or_else(|| lacks(self, method))
    }

    /// From the squared distance of a row to each middle, in deviations, and the priors.
    fn scores(
        &self,
        features: Features<'_>,
        CentroidSpread { priors, deviations }: &CentroidSpread,
    ) -> Result<Array2<f64>, Error> {
        let scaled = |mut rows: Array2<f64>| {
            for mut row in rows.rows_mut() {
                let pairs = row.iter_mut().zip(deviations);
                pairs.filter(|(_, own)| **own != 0.0).for_each(|(value, own)| *value /= own);
            }
            rows
        };
        let rows = scaled(finite(self, &features)?.as_standard_layout().into_owned());
        let middles = NeighbourParts::brute(scaled(self.centroids().clone()), self.metric(), 1);
        let middles = Points::new(&self.fitted, middles)?;
        let mut scores = Array2::zeros((rows.nrows(), self.classes.len()));
        let mut places = scores.rows_mut().into_iter();
        middles.search(rows.view(), self.classes.len(), |distances, classes| {
            let Some(mut scores) = places.next() else { return };
            for (&distance, &class) in distances.iter().zip(classes) {
                let prior = priors.get(class).copied().unwrap_or_default();
                if let Some(score) = scores.get_mut(class) {
                    *score = -(distance * distance) + 2.0 * prior.ln();
                }
            }
        });
        Ok(scores)
    }
}

impl Model for NearestCentroid {
    fn name(&self) -> &'static str {
        "NearestCentroid"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self);
        match self.spread.is_some() && self.metric() == Metric::Euclidean {
            true => abilities.probabilities(self).decision_function(self),
            false => abilities,
        }
    }
}

classifier_traits!(NearestCentroid);

impl DecisionFunction for NearestCentroid {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        self.decision_function(features)
    }
}
