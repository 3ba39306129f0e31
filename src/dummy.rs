//! Models that look at no column: scikit-learn's `DummyClassifier` and `DummyRegressor`, with which
//! others are compared.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files;
//! nothing here is fitted. Rows may have any columns.
//!
//! ```
//! use picklebook::data::{Frame, Labels};
//! use picklebook::dummy::{DummyClassifier, DummyOutput, DummyStrategy};
//! use picklebook::model::{Answer, FittedParts, Method, ask};
//!
//! let output = DummyOutput { classes: Labels::from(["L", "R"]), prior: vec![0.25, 0.75] };
//! let fitted = FittedParts::new(2);
//! let model = DummyClassifier::from_parts(fitted, DummyStrategy::Prior, vec![output])?;
//! let rows = Frame::from_numbers(ndarray::array![[1.0, 2.0]]);
//! assert_eq!(ask(&model, &rows, Method::Predict)?, Answer::Labels(Labels::from(["R"])));
//! let shares = Answer::Numbers(ndarray::array![[0.25, 0.75]]);
//! assert_eq!(ask(&model, &rows, Method::PredictProba)?, shares);
//! # Ok::<(), picklebook::model::Error>(())
//! ```

use ndarray::Array2;

use crate::data::{Features, Frame, Labels};
pub use crate::model::Error;
use crate::model::ask::{check_classes, lacks};
use crate::model::link::labels_at;
use crate::model::{Abilities, Answer, FittedParts, Method, Model, TableModel};
use crate::tree::first_greatest;

/// What a [`DummyClassifier`] says of all rows: scikit-learn's strategies that draw no numbers at
/// random.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DummyStrategy {
    /// The most frequent class, for certain.
    MostFrequent,
    /// The most frequent class, with the shares of all classes.
    Prior,
    /// The class at this place, for each output.
    Constant(Vec<usize>),
}

/// The classes of one output, ascending, and their shares: `classes_` and `class_prior_`.
#[derive(Debug, Clone, PartialEq)]
pub struct DummyOutput {
    /// The classes.
    pub classes: Labels,
    /// Their shares in the rows of the fit.
    pub prior: Vec<f64>,
}

/// scikit-learn's `DummyClassifier`, of one output or several. See the [room's](crate::dummy)
/// example.
#[derive(Debug, Clone, PartialEq)]
pub struct DummyClassifier {
    fitted: FittedParts,
    classes: Vec<Labels>,
    /// The class of each output, and the probabilities.
    places: Vec<usize>,
    shares: Vec<Vec<f64>>,
}

/// The classes of a model without outputs, which there is not.
static NO_CLASSES: Labels = Labels::Text(Vec::new());

/// What both tell of themselves.
macro_rules! dummy {
    ($model:ident) => {
        crate::model::about_the_fit!($model);

        impl $model {
            fn answer_features(
                &self,
                features: Features<'_>,
                method: Method,
            ) -> Result<Answer, Error> {
                self.of_rows(features.shape().0, method)
            }
        }

        impl Model for $model {
            fn name(&self) -> &'static str {
                stringify!($model)
            }

            crate::model::own_columns!();

            fn abilities(&self) -> Abilities<'_> {
                self.can()
            }
        }

        /// Only the number of rows matters.
        impl TableModel for $model {
            fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
                self.of_rows(table.shape().0, method)
            }
        }
    };
}

dummy!(DummyClassifier);

impl DummyClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] without outputs, for classes that do not ascend, for shares that are not
    /// finite, and for a constant that is no place of a class; [`Error::Length`] unless there is a
    /// share for each class, and a constant for each output.
    pub fn from_parts(
        fitted: FittedParts,
        strategy: DummyStrategy,
        outputs: Vec<DummyOutput>,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        let wrong = |problem: &str| Err(Error::Model { problem: problem.to_owned() });
        if outputs.is_empty() {
            return wrong("it has no outputs");
        }
        let (mut classes, mut places, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        for (number, output) in outputs.into_iter().enumerate() {
            check_classes(&output.classes)?;
            let (expected, found) = (output.classes.len(), output.prior.len());
            if found != expected {
                return Err(Error::Length { what: "shares of classes", expected, found });
            }
            if output.prior.iter().any(|share| !share.is_finite()) {
                return wrong("a share of a class is not finite");
            }
            let place = match &strategy {
                DummyStrategy::MostFrequent | DummyStrategy::Prior => first_greatest(&output.prior),
                DummyStrategy::Constant(constants) => match constants.get(number) {
                    Some(&place) if place < expected => place,
                    Some(_) => return wrong("its constant is none of its classes"),
                    None => {
                        let (expected, found) = (number + 1, constants.len());
                        return Err(Error::Length { what: "constants", expected, found });
                    }
                },
            };
            let only = |own: usize| f64::from(u8::from(own == place));
            shares.push(match strategy {
                DummyStrategy::Prior => output.prior,
                _ => (0..expected).map(only).collect(),
            });
            classes.push(output.classes);
            places.push(place);
        }
        Ok(DummyClassifier { fitted, classes, places, shares })
    }

    /// The probabilities of the classes of each output, which are those of all rows.
    pub fn probabilities(&self) -> &[Vec<f64>] {
        &self.shares
    }

    fn classes(&self) -> &Labels {
        self.classes.first().unwrap_or(&NO_CLASSES)
    }

    fn classes_of_outputs(&self) -> &[Labels] {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        match self.classes.len() {
            1 => abilities.classifier(self).probabilities(self),
            _ => abilities.multi_output_classifier(self),
        }
    }

    fn of_rows(&self, rows: usize, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => {
                let labels = self.classes.iter().zip(&self.places);
                let labels = labels.map(|(classes, &place)| labels_at(classes, &vec![place; rows]));
                let mut labels = labels.collect::<Result<Vec<Labels>, Error>>()?;
                Ok(match labels.len() {
                    1 => Answer::Labels(labels.remove(0)),
                    _ => Answer::LabelsByOutput(labels),
                })
            }
            Method::PredictProba => {
                let of = |shares: &Vec<f64>| repeated(rows, shares);
                let mut shares = self.shares.iter().map(of).collect::<Result<Vec<_>, Error>>()?;
                Ok(match shares.len() {
                    1 => Answer::Numbers(shares.remove(0)),
                    _ => Answer::NumbersByOutput(shares),
                })
            }
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(
    DummyClassifier: Classifier(classes),
    ProbabilisticClassifier,
    MultiOutputClassifier(classes_of_outputs),
);

/// The same numbers for each row.
fn repeated(rows: usize, row: &[f64]) -> Result<Array2<f64>, Error> {
    crate::model::link::table(rows, row.len(), row.repeat(rows))
}

/// scikit-learn's `DummyRegressor`, of one output or several.
///
/// ```
/// use picklebook::data::{Frame, Labels};
/// use picklebook::dummy::DummyRegressor;
/// use picklebook::model::{Answer, FittedParts, Method, ask};
///
/// let model = DummyRegressor::from_parts(FittedParts::new(2), vec![7.5])?;
/// let rows = Frame::from_numbers(ndarray::array![[1.0, 2.0]]);
/// assert_eq!(ask(&model, &rows, Method::Predict)?, Answer::Labels(Labels::from(vec![7.5])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DummyRegressor {
    fitted: FittedParts,
    constants: Vec<f64>,
}

dummy!(DummyRegressor);

impl DummyRegressor {
    /// Checks the parts and puts a model together: what it says of each output, `constant_`.
    ///
    /// # Errors
    /// [`Error::Model`] without outputs, and for a number that is not finite.
    pub fn from_parts(fitted: FittedParts, constants: Vec<f64>) -> Result<Self, Error> {
        fitted.check_columns()?;
        match constants.iter().find(|constant| !constant.is_finite()) {
            Some(constant) => {
                Err(Error::Model { problem: format!("its constant is {constant}, not finite") })
            }
            None if constants.is_empty() => {
                Err(Error::Model { problem: "it has no outputs".to_owned() })
            }
            None => Ok(DummyRegressor { fitted, constants }),
        }
    }

    /// What it says of each output.
    pub fn constants(&self) -> &[f64] {
        &self.constants
    }

    /// How many numbers it estimates.
    pub fn n_outputs(&self) -> usize {
        self.constants.len()
    }

    fn can(&self) -> Abilities<'_> {
        let abilities = Abilities::new().tables(self);
        match self.constants.len() {
            1 => abilities.regressor(self),
            _ => abilities.multi_output_regressor(self),
        }
    }

    fn of_rows(&self, rows: usize, method: Method) -> Result<Answer, Error> {
        match (method, self.constants.as_slice()) {
            (Method::Predict, [constant]) => Ok(Answer::Labels(vec![*constant; rows].into())),
            (Method::Predict, constants) => Ok(Answer::Numbers(repeated(rows, constants)?)),
            (method, _) => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(DummyRegressor: Regressor, MultiOutputRegressor(n_outputs));
