//! Rows by the nearest of some centers.

use ndarray::{Array2, ArrayView2};

use super::Error;
use crate::data::{Features, Frame, Labels};
use crate::model::ask::numbers_for;
use crate::model::link::labels_of_rows;
use crate::model::{Abilities, Classifier, FittedParts, Model, Transformer, rows};

/// How the centers of a [`KMeans`] were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KMeansKind {
    /// scikit-learn's `KMeans`.
    KMeans,
    /// scikit-learn's `MiniBatchKMeans`.
    MiniBatch,
}

/// scikit-learn's `KMeans` and `MiniBatchKMeans`: the number of the nearest center, and the
/// distances to all.
///
/// ```
/// use ndarray::array;
/// use picklebook::cluster::{KMeans, KMeansKind};
/// use picklebook::model::FittedParts;
///
/// let centers = array![[0.0, 0.0], [3.0, 4.0]];
/// let model = KMeans::from_parts(KMeansKind::KMeans, FittedParts::new(2), centers)?;
/// assert_eq!(model.predict(&[[1.0, 0.0], [3.0, 3.0]])?, vec![0, 1].into());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KMeans {
    kind: KMeansKind,
    fitted: FittedParts,
    centers: Array2<f64>,
    /// The squared length of each center.
    lengths: Vec<f64>,
    /// The numbers of the centers.
    classes: Labels,
}

crate::model::about_the_fit!(KMeans);

impl KMeans {
    /// Checks the parts and puts a model together: the centers are `cluster_centers_`.
    ///
    /// # Errors
    /// [`Error::Model`] without centers or columns, and for a number that is not finite;
    /// [`Error::Length`] for centers of another number of columns.
    pub fn from_parts(
        kind: KMeansKind,
        fitted: FittedParts,
        centers: Array2<f64>,
    ) -> Result<Self, Error> {
        fitted.check()?;
        if centers.nrows() == 0 {
            return Err(Error::Model { problem: "it has no centers".to_owned() });
        }
        fitted.one_each("numbers of a center", centers.ncols())?;
        if let Some(value) = centers.iter().find(|value| !value.is_finite()) {
            let problem = format!("a number of a center is {value}, not finite");
            return Err(Error::Model { problem });
        }
        let lengths = centers.rows().into_iter().map(|row| row.dot(&row)).collect();
        let classes = (0..centers.nrows() as i64).collect::<Vec<i64>>().into();
        let centers = centers.as_standard_layout().into_owned();
        Ok(KMeans { kind, fitted, centers, lengths, classes })
    }

    /// How the centers were found.
    pub fn kind(&self) -> KMeansKind {
        self.kind
    }

    /// The centers: centers × columns.
    pub fn centers(&self) -> ArrayView2<'_, f64> {
        self.centers.view()
    }

    /// The squared length of each center less twice its product with a row, which is least for the
    /// nearest center: rows × centers.
    fn partial(&self, rows: &ArrayView2<'_, f64>) -> Array2<f64> {
        let mut distances = rows.dot(&self.centers.t());
        for mut row in distances.rows_mut() {
            let pairs = row.iter_mut().zip(&self.lengths);
            pairs.for_each(|(product, length)| *product = *product * -2.0 + length);
        }
        distances
    }

    /// The number of the center that is nearest to each row.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let given = rows::finite(self, &features.into())?;
        labels_of_rows(&self.classes, &self.partial(&given.view()), |row| {
            let mut least = 0;
            for (place, distance) in row.iter().enumerate() {
                if *distance < row[least] {
                    least = place;
                }
            }
            least
        })
    }

    /// The distance of each row to each center: rows × centers.
    fn distances(&self, given: &ArrayView2<'_, f64>) -> Array2<f64> {
        let mut distances = given.dot(&self.centers.t());
        for (mut row, own) in distances.rows_mut().into_iter().zip(given.rows()) {
            let own = own.dot(&own);
            let pairs = row.iter_mut().zip(&self.lengths);
            // in the order in which scikit-learn adds
            pairs.for_each(|(product, length)| {
                *product = (*product * -2.0 + own + length).max(0.0).sqrt();
            });
        }
        distances
    }
}

impl Model for KMeans {
    fn name(&self) -> &'static str {
        match self.kind {
            KMeansKind::KMeans => "KMeans",
            KMeansKind::MiniBatch => "MiniBatchKMeans",
        }
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).transformer(self)
    }
}

/// The classes are the numbers of the centers.
impl Classifier for KMeans {
    fn classes(&self) -> &Labels {
        &self.classes
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        self.predict(features)
    }
}

/// The distance to each center.
impl Transformer for KMeans {
    fn n_features_out(&self) -> usize {
        self.centers.nrows()
    }

    fn feature_names_out(&self, _input: Option<&[String]>) -> Option<Vec<String>> {
        let name = self.name().to_lowercase();
        Some((0..self.centers.nrows()).map(|center| format!("{name}{center}")).collect())
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        crate::model::ask::check_names(self, table.names())?;
        let numbers = numbers_for(self.name(), table)?;
        let given = rows::finite(self, &Features::from(&numbers))?;
        Ok(Frame::from_numbers(self.distances(&given.view())))
    }
}
