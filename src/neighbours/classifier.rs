//! The classes of the nearest rows.

use ndarray::Array2;

use super::points::Points;
use super::{Error, NeighbourParts, NeighbourWeights, about_the_points};
use crate::data::{Features, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::{labels_at, table};
use crate::model::{Abilities, FittedParts, Model, MultiOutputClassifier, classifier_traits};
use crate::numpy::pairwise_sum;
use crate::tree::first_greatest;

/// How far below the greatest a sum may be that another order of additions would make the greatest.
const ROUNDING: f64 = 1e-9;

/// The most classes whose sums are added again in numpy's order.
const MOST_TIES: usize = 64;

/// The classes of an output, and which of them each row of the fit has.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassTargets {
    /// The classes, ascending.
    pub classes: Labels,
    /// The place among them of each row's class: scikit-learn's `_y`.
    pub codes: Vec<usize>,
}

/// scikit-learn's `KNeighborsClassifier`: the class that most of the nearest rows have.
///
/// ```
/// use ndarray::array;
/// use picklebook::model::FittedParts;
/// use picklebook::neighbours::{
///     ClassTargets, KNeighborsClassifier, Metric, NeighbourParts, NeighbourWeights,
/// };
/// use picklebook::prelude::*;
///
/// let points = NeighbourParts::brute(array![[0.0], [1.0], [5.0]], Metric::Euclidean, 2);
/// let targets = ClassTargets { classes: Labels::from(["far", "near"]), codes: vec![1, 1, 0] };
/// let (fitted, weights) = (FittedParts::new(1), NeighbourWeights::Uniform);
/// let model = KNeighborsClassifier::from_parts(fitted, points, weights, vec![targets])?;
/// assert_eq!(model.predict(&[[0.25]])?, Labels::from(["near"]));
/// assert_eq!(model.predict_proba(&[[4.0]])?, array![[0.5, 0.5]]);
/// assert_eq!(model.kneighbors(&[[4.0]])?.distances, array![[1.0, 3.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KNeighborsClassifier {
    fitted: FittedParts,
    pub(super) points: Points,
    weights: NeighbourWeights,
    classes: Vec<Labels>,
    /// For each output the place of each row's class.
    codes: Vec<Vec<usize>>,
}

about_the_points!(KNeighborsClassifier);

impl KNeighborsClassifier {
    /// Checks the parts and puts a model together, with the targets of each output.
    ///
    /// # Errors
    /// [`Error::Model`] without rows or outputs, for a value that is not finite, for classes that do
    /// not ascend, for a row of no class, and for a tree that does not hold the rows;
    /// [`Error::Length`] unless rows have the columns of the fit and there is a class for each;
    /// [`Error::Parameter`] and [`Error::TooMany`] for no neighbours, and for more than rows.
    pub fn from_parts(
        fitted: FittedParts,
        points: NeighbourParts,
        weights: NeighbourWeights,
        targets: Vec<ClassTargets>,
    ) -> Result<Self, Error> {
        let points = Points::new(&fitted, points)?;
        points.check_count(points.n_neighbors)?;
        if targets.is_empty() {
            return Err(Error::Model { problem: "it has no outputs".to_owned() });
        }
        for ClassTargets { classes, codes } in &targets {
            check_classes(classes)?;
            let (expected, found) = (points.len(), codes.len());
            if expected != found {
                return Err(Error::Length {
                    what: "classes of the rows of the fit",
                    expected,
                    found,
                });
            }
            if let Some(code) = codes.iter().find(|&&code| code >= classes.len()) {
                let problem = format!("a row has class {code} of {}", classes.len());
                return Err(Error::Model { problem });
            }
        }
        let (classes, codes) = targets.into_iter().map(|it| (it.classes, it.codes)).unzip();
        Ok(KNeighborsClassifier { fitted, points, weights, classes, codes })
    }

    /// How much each neighbour counts.
    pub fn weights(&self) -> NeighbourWeights {
        self.weights
    }

    /// The classes of each output, ascending.
    pub fn classes_of_outputs(&self) -> &[Labels] {
        &self.classes
    }

    /// The classes of the first output, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes[0]
    }

    /// The class of each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite, [`Error::NoMethod`] for a model of several outputs: use
    /// [`predict_outputs`](Self::predict_outputs).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        self.single("predict")?;
        Ok(self.predict_outputs(features)?.swap_remove(0))
    }

    /// The share of each class among the neighbours of each row: rows × classes.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        self.single("predict_proba")?;
        Ok(self.predict_proba_outputs(features)?.swap_remove(0))
    }

    /// The class of each row, for each output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), for any number of outputs.
    pub fn predict_outputs<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Vec<Labels>, Error> {
        let features = features.into();
        let mut places = vec![Vec::with_capacity(features.shape().0); self.classes.len()];
        self.each_output(features, |output, own, weights, sums| {
            places[output].push(match self.weights {
                NeighbourWeights::Uniform => first_greatest(sums),
                NeighbourWeights::Distance => weighted_mode(own, weights, sums),
            });
        })?;
        self.classes
            .iter()
            .zip(&places)
            .map(|(classes, places)| labels_at(classes, places))
            .collect()
    }

    /// The share of each class among the neighbours of each row, for each output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), for any number of outputs.
    pub fn predict_proba_outputs<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Vec<Array2<f64>>, Error> {
        let features = features.into();
        let rows = features.shape().0;
        let mut shares: Vec<Vec<f64>> = vec![Vec::new(); self.classes.len()];
        self.each_output(features, |output, _, _, sums| {
            let sum = match pairwise_sum(sums) {
                0.0 => 1.0,
                sum => sum,
            };
            shares[output].extend(sums.iter().map(|share| share / sum));
        })?;
        let pairs = self.classes.iter().zip(shares);
        pairs.map(|(classes, shares)| table(rows, classes.len(), shares)).collect()
    }

    /// Calls `each`, for each row and output, with the classes of the neighbours, their weights, and
    /// the sum of them for each class.
    fn each_output(
        &self,
        features: Features<'_>,
        mut each: impl FnMut(usize, &[usize], &[f64], &[f64]),
    ) -> Result<(), Error> {
        let mut sums: Vec<Vec<f64>> =
            self.classes.iter().map(|classes| vec![0.0; classes.len()]).collect();
        let (mut weights, mut own) = (Vec::new(), Vec::new());
        self.points.each_row(self, features, self.points.n_neighbors, |distances, rows| {
            self.weights.of(distances, &mut weights);
            for (output, (codes, sums)) in self.codes.iter().zip(&mut sums).enumerate() {
                own.clear();
                own.extend(rows.iter().map(|&row| codes.get(row).copied().unwrap_or_default()));
                sums.fill(0.0);
                for (&class, weight) in own.iter().zip(&weights) {
                    sums[class] += weight;
                }
                each(output, &own, &weights, sums);
            }
        })
    }

    fn single(&self, method: &'static str) -> Result<(), Error> {
        if self.classes.len() == 1 { Ok(()) } else { Err(lacks(self, method)) }
    }
}

/// The class with the greatest sum of weights, as numpy adds them.
///
/// Source: `weighted_mode` in scikit-learn's `utils/extmath.py`.
fn weighted_mode(own: &[usize], weights: &[f64], sums: &[f64]) -> usize {
    let greatest = sums.iter().copied().fold(0.0, f64::max);
    let least = greatest * (1.0 - ROUNDING);
    let near = sums.iter().enumerate().filter(|(_, sum)| **sum >= least).map(|(class, _)| class);
    let near: Vec<usize> = near.take(MOST_TIES + 1).collect();
    if near.len() < 2 || near.len() > MOST_TIES {
        return first_greatest(sums);
    }
    let sum = |class: usize| {
        let share = |(&own, &weight): (&usize, &f64)| if own == class { weight } else { 0.0 };
        pairwise_sum(&own.iter().zip(weights).map(share).collect::<Vec<f64>>())
    };
    let sums: Vec<f64> = near.iter().map(|&class| sum(class)).collect();
    near.get(first_greatest(&sums)).copied().unwrap_or_default()
}

impl Model for KNeighborsClassifier {
    fn name(&self) -> &'static str {
        "KNeighborsClassifier"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        match self.classes.len() {
            1 => Abilities::new().classifier(self).probabilities(self),
            _ => Abilities::new().multi_output_classifier(self),
        }
    }
}

classifier_traits!(KNeighborsClassifier);

impl MultiOutputClassifier for KNeighborsClassifier {
    fn classes(&self) -> &[Labels] {
        &self.classes
    }

    fn predict(&self, features: Features<'_>) -> Result<Vec<Labels>, Error> {
        self.predict_outputs(features)
    }

    fn predict_proba(&self, features: Features<'_>) -> Result<Vec<Array2<f64>>, Error> {
        self.predict_proba_outputs(features)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array1, array};

    use super::*;
    use crate::neighbours::{
        CentroidSpread, KNeighborsRegressor, LocalOutlierFactor, Metric, NearestCentroid,
        NearestNeighbors, OutlierParts,
    };

    fn points(n_neighbors: usize) -> NeighbourParts {
        let points = array![[0.0, 1.0], [1.0, 0.0], [2.0, 2.0], [0.0, 1.0]];
        NeighbourParts::brute(points, Metric::Euclidean, n_neighbors)
    }

    fn targets() -> ClassTargets {
        ClassTargets { classes: Labels::from(["a", "b"]), codes: vec![0, 1, 1, 0] }
    }

    fn classifier(points: NeighbourParts, targets: Vec<ClassTargets>) -> Result<(), Error> {
        let (fitted, weights) = (FittedParts::new(2), NeighbourWeights::Distance);
        KNeighborsClassifier::from_parts(fitted, points, weights, targets).map(|_| ())
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        assert!(classifier(points(2), vec![targets()]).is_ok());
        type Change = fn(&mut NeighbourParts, &mut Vec<ClassTargets>);
        let changes: [(&str, Change); 13] = [
            ("no neighbours", |it, _| it.n_neighbors = 0),
            ("more neighbours than rows", |it, _| it.n_neighbors = 5),
            ("countless neighbours", |it, _| it.n_neighbors = usize::MAX),
            ("no rows", |it, _| it.points = Array2::zeros((0, 2))),
            ("other columns", |it, _| it.points = Array2::zeros((4, 3))),
            ("a row that is no number", |it, _| it.points[[1, 1]] = f64::NAN),
            ("an infinite row", |it, _| it.points[[1, 1]] = f64::INFINITY),
            ("a metric without exponent", |it, _| it.metric = Metric::Minkowski { p: 0.0 }),
            ("a metric that is no number", |it, _| it.metric = Metric::Minkowski { p: f64::NAN }),
            ("no outputs", |_, it| it.clear()),
            ("fewer classes of rows", |_, it| it[0].codes.truncate(3)),
            ("a class past the last", |_, it| it[0].codes[0] = 2),
            ("classes of another order", |_, it| it[0].classes = Labels::from(["b", "a"])),
        ];
        for (name, change) in changes {
            let (mut points, mut targets) = (points(2), vec![targets()]);
            change(&mut points, &mut targets);
            assert!(classifier(points, targets).is_err(), "{name}");
        }
        let regressor = |targets| {
            let (fitted, weights) = (FittedParts::new(2), NeighbourWeights::Uniform);
            KNeighborsRegressor::from_parts(fitted, points(2), weights, targets)
        };
        assert!(regressor(Array2::zeros((4, 1))).is_ok());
        let infinite = Array2::from_elem((4, 1), f64::INFINITY);
        for targets in [Array2::zeros((3, 1)), Array2::zeros((4, 0)), infinite] {
            assert!(regressor(targets).is_err());
        }
        let outliers = |farthest: Vec<f64>, densities: Vec<f64>| {
            let own = OutlierParts { farthest, densities, offset: -1.5 };
            LocalOutlierFactor::from_parts(FittedParts::new(2), points(2), own)
        };
        assert!(outliers(vec![1.0; 4], vec![1.0; 4]).is_ok());
        assert!(outliers(vec![1.0; 3], vec![1.0; 4]).is_err());
        assert!(outliers(vec![1.0; 4], vec![1.0; 5]).is_err());
        assert!(outliers(vec![1.0; 4], vec![f64::NAN; 4]).is_err());
    }

    #[test]
    fn centroids_that_do_not_fit_are_refused() {
        let made = |classes: &Labels, centroids: Array2<f64>, spread| {
            let (fitted, metric) = (FittedParts::new(2), Metric::Euclidean);
            NearestCentroid::from_parts(fitted, classes.clone(), centroids, metric, spread)
        };
        let spread =
            |priors: Vec<f64>, deviations: Vec<f64>| Some(CentroidSpread { priors, deviations });
        let (two, middles) = (Labels::from(["a", "b"]), array![[0.0, 1.0], [1.0, 0.0]]);
        assert!(made(&two, middles.clone(), spread(vec![0.5; 2], vec![1.0, 0.0])).is_ok());
        assert!(made(&two, array![[0.0, 1.0]], None).is_err());
        assert!(made(&two, array![[0.0], [1.0]], None).is_err());
        assert!(made(&two, array![[0.0, 1.0], [f64::NAN, 0.0]], None).is_err());
        assert!(made(&Labels::from(["a"]), array![[0.0, 1.0]], None).is_err());
        assert!(made(&Labels::from(["b", "a"]), middles.clone(), None).is_err());
        for (priors, deviations) in [
            (vec![0.5; 3], vec![1.0; 2]),
            (vec![0.5; 2], vec![1.0; 3]),
            (vec![-0.5, 1.5], vec![1.0; 2]),
            (vec![0.5; 2], vec![1.0, f64::NAN]),
        ] {
            assert!(made(&two, middles.clone(), spread(priors, deviations)).is_err());
        }
        let old = made(&two, middles, None).expect("a model");
        assert!(matches!(old.predict_proba(&[[0.0, 0.0]]), Err(Error::NoMethod { .. })));
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let model = NearestNeighbors::from_parts(FittedParts::new(2), points(9)).expect("points");
        assert!(matches!(
            model.kneighbors(&[[1.0, 2.0]]),
            Err(Error::TooMany { found: 9, most: 4, .. })
        ));
        assert!(matches!(model.kneighbors_of(&[[1.0, 2.0]], 0), Err(Error::Parameter { .. })));
        let refused = model.kneighbors_of(&[[1.0]], 2);
        assert!(matches!(refused, Err(Error::Columns { expected: 2, found: 1 })));
        for value in [f64::NAN, f64::INFINITY] {
            let refused = model.kneighbors_of(&[[1.0, value]], 2);
            assert!(matches!(refused, Err(Error::NotFinite { row: 0, .. })));
        }
        let none = model.kneighbors_of(&Array2::<f64>::zeros((0, 2)), 2).expect("no rows");
        assert_eq!(none.indices.dim(), (0, 2));
        // squares past all numbers
        let far = model.kneighbors_of(&[[1e200, -1e200]], 4).expect("some rows");
        assert_eq!(far.indices.dim(), (1, 4));
    }

    /// Rows of one class and of others, whose weights are the same in sum, are told apart in numpy's
    /// order of additions.
    #[test]
    fn weights_of_classes_are_added_as_numpy_adds_them() {
        let weights: Vec<f64> = (1..=20).map(|place| 1.0 / f64::from(place)).collect();
        let own: Vec<usize> = (0..20).map(|place| place % 2).collect();
        let mut sums = [0.0; 3];
        own.iter().zip(&weights).for_each(|(&class, weight)| sums[class] += weight);
        assert_eq!(weighted_mode(&own, &weights, &sums), 0);
        assert_eq!(weighted_mode(&[1, 2, 2, 1], &[1.0; 4], &[0.0, 2.0, 2.0]), 1);
        let many: Vec<usize> = (0..100).collect();
        assert_eq!(weighted_mode(&many, &[1.0; 100], &[1.0; 100]), 0);
    }

    /// Rows are taken in blocks, and points in chunks: each is answered as if it were alone, but for
    /// the order of rows at the same distance.
    #[test]
    fn a_row_is_answered_the_same_among_others() {
        let cell = |(row, column): (usize, usize)| ((row * 37 + column * 11) % 101) as f64 / 7.0;
        let many = Array2::from_shape_fn((1300, 3), cell);
        let rows = Array2::from_shape_fn((150, 3), |(row, column)| cell((row, column)) + 0.01);
        let metrics = [
            Metric::Euclidean,
            Metric::Manhattan,
            Metric::Chebyshev,
            Metric::Minkowski { p: 3.0 },
            Metric::Cosine,
        ];
        for metric in metrics {
            let parts = NeighbourParts::brute(many.clone(), metric, 7);
            let model = NearestNeighbors::from_parts(FittedParts::new(3), parts).expect("points");
            let together = model.kneighbors(&rows).expect("neighbours");
            for (number, row) in rows.rows().into_iter().enumerate() {
                let alone =
                    model.kneighbors(row.insert_axis(ndarray::Axis(0))).expect("neighbours");
                let distances = together.distances.row(number);
                assert_eq!(alone.distances.row(0), distances, "{metric} {number}");
                let all: Array1<f64> =
                    many.rows().into_iter().map(|point| apart(metric, row, point)).collect();
                let mut sorted = all.to_vec();
                sorted.sort_by(f64::total_cmp);
                let close = |(one, other): (&f64, &f64)| (one - other).abs() < 1e-6;
                assert!(distances.iter().zip(&sorted).all(close), "{metric} {number}");
            }
        }
    }

    fn apart(
        metric: Metric,
        row: ndarray::ArrayView1<'_, f64>,
        point: ndarray::ArrayView1<'_, f64>,
    ) -> f64 {
        let differences = || row.iter().zip(point).map(|(a, b)| (a - b).abs());
        match metric {
            Metric::Manhattan => differences().sum(),
            Metric::Chebyshev => differences().fold(0.0, f64::max),
            Metric::Minkowski { p } => {
                differences().map(|it| it.powf(p)).sum::<f64>().powf(1.0 / p)
            }
            Metric::Cosine => {
                let length = |row: ndarray::ArrayView1<'_, f64>| row.dot(&row).sqrt();
                match length(row) * length(point) {
                    0.0 => 1.0,
                    lengths => 1.0 - row.dot(&point) / lengths,
                }
            }
            _ => differences().map(|it| it * it).sum::<f64>().sqrt(),
        }
    }
}
