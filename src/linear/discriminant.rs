//! Linear discriminant analysis.

use ndarray::Array2;

use super::Error;
use super::classifier::in_slices;
use super::planes::{Planes, Rows, check_planes, classifier};
use crate::data::{Features, Frame, Labels};
use crate::model::ask::{check_classes, check_names, lacks, numbers_for};
use crate::model::link::{both, expit, softmax, table};
use crate::model::{Abilities, FittedParts, Model, Transformer, names_by_class, rows};

/// How a [`LinearDiscriminantAnalysis`] makes fewer columns of those it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// What is subtracted from each column: scikit-learn's `xbar_`; nothing for the solver `eigen`.
    pub mean: Option<Vec<f64>>,
    /// Columns × columns made: `scalings_`, as many of its columns as are made.
    pub scalings: Array2<f64>,
}

/// scikit-learn's `LinearDiscriminantAnalysis`.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Labels;
/// use picklebook::linear::{LinearDiscriminantAnalysis, Planes};
/// use picklebook::model::FittedParts;
///
/// let planes = Planes::new(array![[2.0]], vec![-1.0])?;
/// let classes = Labels::from(["low", "high"]).classes();
/// let model =
///     LinearDiscriminantAnalysis::from_parts(FittedParts::new(1), planes, classes, None)?;
/// assert_eq!(model.predict(&[[0.0], [1.0]])?, Labels::from(["high", "low"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinearDiscriminantAnalysis {
    fitted: FittedParts,
    planes: Planes,
    classes: Labels,
    projection: Option<Projection>,
}

classifier!(LinearDiscriminantAnalysis);

impl LinearDiscriminantAnalysis {
    /// Checks the parts and puts a model together; with the solver `lsqr` it does not transform.
    ///
    /// # Errors
    /// As [`LinearClassifier::from_parts`](super::LinearClassifier::from_parts), and for a
    /// projection of other columns or of numbers that are not finite.
    pub fn from_parts(
        fitted: FittedParts,
        planes: Planes,
        classes: Labels,
        projection: Option<Projection>,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        planes.check(&fitted)?;
        check_planes(&planes, classes.len())?;
        if let Some(projection) = &projection {
            fitted.one_each("rows of the scalings", projection.scalings.nrows())?;
            if let Some(mean) = &projection.mean {
                fitted.one_each("means", mean.len())?;
            }
            let mut numbers =
                projection.scalings.iter().chain(projection.mean.as_deref().unwrap_or_default());
            if let Some(value) = numbers.find(|value| !value.is_finite()) {
                let problem = format!("its scalings or means hold {value}, not finite");
                return Err(Error::Model { problem });
            }
        }
        Ok(LinearDiscriminantAnalysis { fitted, planes, classes, projection })
    }

    /// How it transforms, if it does.
    pub fn projection(&self) -> Option<&Projection> {
        self.projection.as_ref()
    }

    /// The probabilities of scores: rows × classes.
    fn probabilities(&self, mut scores: Array2<f64>) -> Result<Array2<f64>, Error> {
        if self.planes.len() > 1 {
            // before 0.22 each class was set against the rest
            let one_vs_rest = self.fitted.version.before(0, 22);
            for row in scores.rows_mut() {
                in_slices(row, |row| match one_vs_rest {
                    false => softmax(row),
                    true => {
                        row.iter_mut().for_each(|score| *score = expit(*score));
                        let sum: f64 = row.iter().sum();
                        row.iter_mut().for_each(|share| *share /= sum);
                    }
                });
            }
            return Ok(scores);
        }
        table(scores.nrows(), 2, both(&scores, expit))
    }
}

impl Model for LinearDiscriminantAnalysis {
    fn name(&self) -> &'static str {
        "LinearDiscriminantAnalysis"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        let abilities = Abilities::new().classifier(self).probabilities(self);
        let abilities = abilities.decision_function(self).tables(self);
        match self.projection {
            Some(_) => abilities.transformer(self),
            None => abilities,
        }
    }
}

impl Transformer for LinearDiscriminantAnalysis {
    fn n_features_out(&self) -> usize {
        self.projection.as_ref().map_or(0, |projection| projection.scalings.ncols())
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(names_by_class(self.name(), self.n_features_out()))
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let Some(projection) = &self.projection else { return Err(lacks(self, "transform")) };
        check_names(self, table.names())?;
        let numbers = numbers_for(self.name(), table)?;
        let mut centred = rows::finite(self, &Features::from(&numbers))?.into_owned();
        if let Some(mean) = &projection.mean {
            for mut row in centred.rows_mut() {
                row.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean);
            }
        }
        Ok(Frame::from_numbers(centred.dot(&projection.scalings)))
    }
}
