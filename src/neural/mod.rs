//! Neural networks that scikit-learn fitted: layers of products with weights, each followed by an
//! activation.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files;
//! nothing here is fitted. Sums and exponentials are rounded as they come, so that answers are
//! those of scikit-learn to 1e-12. Of [sparse rows](crate::data::SparseRows) the zeros are filled
//! in, some rows at a time.
//!
//! ```
//! use ndarray::array;
//! use picklebook::model::FittedParts;
//! use picklebook::neural::{Activation, Layer, Layers, MLPRegressor};
//!
//! let hidden = Layer { weights: array![[1.0, -1.0]], intercepts: vec![0.0, 0.0] };
//! let output = Layer { weights: array![[1.0], [1.0]], intercepts: vec![0.5] };
//! let layers = Layers::new(vec![hidden, output], Activation::Relu)?;
//! let model = MLPRegressor::from_parts(FittedParts::new(1), layers)?;
//! assert_eq!(model.predict(&[[2.0], [-3.0]])?, array![[2.5], [3.5]]);
//! # Ok::<(), picklebook::model::Error>(())
//! ```

use ndarray::Array2;

use crate::data::{Features, Labels};
pub use crate::model::Error;
use crate::model::ask::check_classes;
use crate::model::link::{both, expit, labels_of_rows, softmax, table};
use crate::model::{
    Abilities, FittedParts, Model, about_the_fit, classifier_traits, regressor_traits, rows,
};
use crate::tree::first_greatest;

/// What follows each hidden layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Activation {
    /// Nothing.
    Identity,
    /// 1 / (1 + e⁻ˣ).
    Logistic,
    /// The hyperbolic tangent.
    Tanh,
    /// Nothing below zero.
    Relu,
}

impl Activation {
    fn of(self, value: f64) -> f64 {
        match self {
            Activation::Identity => value,
            Activation::Logistic => expit(value),
            Activation::Tanh => value.tanh(),
            Activation::Relu => value.max(0.0),
        }
    }
}

/// A layer: one item of scikit-learn's `coefs_` and of `intercepts_`.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// What each neuron before it adds to each of its own: before × own.
    pub weights: Array2<f64>,
    /// What is added to each of its own neurons.
    pub intercepts: Vec<f64>,
}

/// Layers that fit one another.
#[derive(Debug, Clone, PartialEq)]
pub struct Layers {
    layers: Vec<Layer>,
    activation: Activation,
}

impl Layers {
    /// Checks the layers, the last of which gives the output, and puts them together.
    ///
    /// # Errors
    /// [`Error::Model`] without layers, for one without neurons, and for a number that is not
    /// finite; [`Error::Length`] for a layer of another width than the one before it.
    pub fn new(layers: Vec<Layer>, activation: Activation) -> Result<Layers, Error> {
        let wrong = |problem: String| Err(Error::Model { problem });
        if layers.is_empty() {
            return wrong("it has no layers".to_owned());
        }
        let mut before: Option<usize> = None;
        for (number, layer) in layers.iter().enumerate() {
            let (inputs, neurons) = layer.weights.dim();
            if inputs == 0 || neurons == 0 {
                return wrong(format!("layer {number} has no neurons"));
            }
            if let Some(expected) = before.filter(|&expected| expected != inputs) {
                return Err(Error::Length { what: "rows of weights", expected, found: inputs });
            }
            if layer.intercepts.len() != neurons {
                let (what, found) = ("intercepts of a layer", layer.intercepts.len());
                return Err(Error::Length { what, expected: neurons, found });
            }
            let mut numbers = layer.weights.iter().chain(&layer.intercepts);
            if let Some(value) = numbers.find(|value| !value.is_finite()) {
                return wrong(format!("layer {number} holds {value}, not finite"));
            }
            before = Some(neurons);
        }
        Ok(Layers { layers, activation })
    }

    /// The layers, from the first hidden one to the output.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What follows each hidden layer.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// How many columns rows have.
    pub fn n_features(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.weights.nrows())
    }

    /// How many neurons the last layer has.
    pub fn n_outputs(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.intercepts.len())
    }

    /// What comes out of the last layer, before its own activation: rows × outputs.
    fn output(&self, model: &dyn Model, features: &Features<'_>) -> Result<Array2<f64>, Error> {
        let mut values = rows::finite(model, features)?;
        for (number, layer) in self.layers.iter().enumerate() {
            let mut next = values.dot(&layer.weights);
            for mut row in next.rows_mut() {
                row.iter_mut().zip(&layer.intercepts).for_each(|(value, own)| *value += own);
            }
            if number + 1 < self.layers.len() {
                next.mapv_inplace(|value| self.activation.of(value));
            }
            values = next.into();
        }
        Ok(values.into_owned())
    }
}

/// scikit-learn's `MLPClassifier`, for one class a row.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Labels;
/// use picklebook::model::FittedParts;
/// use picklebook::neural::{Activation, Layer, Layers, MLPClassifier};
///
/// let only = Layer { weights: array![[1.0]], intercepts: vec![-0.5] };
/// let layers = Layers::new(vec![only], Activation::Relu)?;
/// let classes = Labels::from(["no", "yes"]);
/// let model = MLPClassifier::from_parts(FittedParts::new(1), layers, classes)?;
/// assert_eq!(model.predict(&[[0.0], [1.0]])?, Labels::from(["no", "yes"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MLPClassifier {
    fitted: FittedParts,
    layers: Layers,
    classes: Labels,
}

about_the_fit!(MLPClassifier);

impl MLPClassifier {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Model`] for fewer than two classes, or classes that do not ascend;
    /// [`Error::Length`] unless there is an output for each class (one for two classes) and as many
    /// columns as the first layer takes.
    pub fn from_parts(fitted: FittedParts, layers: Layers, classes: Labels) -> Result<Self, Error> {
        check(&fitted, &layers)?;
        check_classes(&classes)?;
        let (expected, found) = match classes.len() {
            1 => return Err(Error::Model { problem: "it has a single class".to_owned() }),
            2 => (1, layers.n_outputs()),
            classes => (classes, layers.n_outputs()),
        };
        match expected == found {
            true => Ok(MLPClassifier { fitted, layers, classes }),
            false => Err(Error::Length { what: "outputs of the last layer", expected, found }),
        }
    }

    /// The layers.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// [`Error::Columns`] for another number of columns than in the fit, [`Error::NotFinite`] for a
    /// value that is missing or infinite.
    pub fn predict_proba<'a>(
        &self,
        features: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, Error> {
        let mut output = self.layers.output(self, &features.into())?;
        if self.classes.len() == 2 {
            return table(output.nrows(), 2, both(&output, expit));
        }
        for mut row in output.rows_mut() {
            if let Some(row) = row.as_slice_mut() {
                softmax(row);
            }
        }
        Ok(output)
    }

    /// The class of each row.
    ///
    /// # Errors
    /// As [`predict_proba`](Self::predict_proba).
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Labels, Error> {
        let shares = self.predict_proba(features)?;
        labels_of_rows(&self.classes, &shares, |row| match row {
            [_, second] => usize::from(*second > 0.5),
            shares => first_greatest(shares),
        })
    }
}

/// scikit-learn's `MLPRegressor`: one number for each row, or several.
///
/// See the [room's](crate::neural) example.
#[derive(Debug, Clone, PartialEq)]
pub struct MLPRegressor {
    fitted: FittedParts,
    layers: Layers,
}

about_the_fit!(MLPRegressor);

impl MLPRegressor {
    /// Checks the parts and puts a model together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there are as many columns as the first layer takes.
    pub fn from_parts(fitted: FittedParts, layers: Layers) -> Result<Self, Error> {
        check(&fitted, &layers)?;
        Ok(MLPRegressor { fitted, layers })
    }

    /// The layers.
    pub fn layers(&self) -> &Layers {
        &self.layers
    }

    /// How many numbers there are for each row.
    pub fn n_outputs(&self) -> usize {
        self.layers.n_outputs()
    }

    /// The estimates: rows × outputs.
    ///
    /// # Errors
    /// As [`MLPClassifier::predict_proba`].
    pub fn predict<'a>(&self, features: impl Into<Features<'a>>) -> Result<Array2<f64>, Error> {
        self.layers.output(self, &features.into())
    }
}

/// Whether the first layer takes the columns that are known of the fit.
fn check(fitted: &FittedParts, layers: &Layers) -> Result<(), Error> {
    fitted.check()?;
    fitted.one_each("rows of the first layer's weights", layers.n_features())
}

impl Model for MLPClassifier {
    fn name(&self) -> &'static str {
        "MLPClassifier"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).probabilities(self)
    }
}

classifier_traits!(MLPClassifier);

impl Model for MLPRegressor {
    fn name(&self) -> &'static str {
        "MLPRegressor"
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        match self.n_outputs() {
            1 => Abilities::new().regressor(self),
            _ => Abilities::new().multi_output_regressor(self),
        }
    }
}

regressor_traits!(MLPRegressor);
