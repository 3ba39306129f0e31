//! An estimator of scikit-learn's that was read from a file.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use ndarray::Array2;

use super::read::{Fitted, Object, class_of, named};
use super::{Error, Version, describe};
use crate::data::{Dataset, Features, Frame, Labels};
use crate::model::{self, Abilities, Answer, Method, Model, Parameters, ask};
use crate::pickle::{self, Value};
use crate::text::count;
use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor};

/// A fitted estimator of scikit-learn, as its file holds it: the model, the class, the version that
/// wrote it, and the parameters.
///
/// It answers what the model can be asked, bit by bit as in Python. The model itself, of its own
/// type, is what [`downcast_ref`](Self::downcast_ref) gives.
#[derive(Clone)]
pub struct Estimator {
    name: &'static str,
    class: String,
    version: Option<Version>,
    parameters: Parameters,
    model: Arc<dyn Fitted>,
    /// What the file holds of it, if it is kept.
    source: Option<Value>,
}

impl Estimator {
    pub(super) fn from_value(value: &Value) -> Result<Estimator, Error> {
        let object = Object::new(value, None)?;
        Ok(Estimator {
            name: object.name(),
            class: class_of(value).as_ref().map(named).unwrap_or_default(),
            version: object.stated_version(),
            parameters: object.parameters(),
            model: object.read()?,
            source: None,
        })
    }

    /// The same with what the file holds of it, if it shall be kept.
    pub(super) fn keeping(mut self, value: &Value, keep: bool) -> Estimator {
        self.source = keep.then(|| value.clone());
        self
    }

    /// What the file holds of it, if it is kept.
    pub(super) fn source(&self) -> Option<&Value> {
        self.source.as_ref()
    }

    /// The class, with its module as the file names it.
    pub fn class(&self) -> &str {
        &self.class
    }

    /// The version of scikit-learn that wrote the file, if it says so.
    pub fn version(&self) -> Option<Version> {
        self.version
    }

    /// The parameters of the constructor, scikit-learn's `get_params(deep=False)`.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The model, to be asked by traits.
    pub fn as_model(&self) -> &dyn Model {
        &*self.model
    }

    /// The model as what it is, such as a
    /// [`DecisionTreeClassifier`](crate::tree::DecisionTreeClassifier).
    pub fn downcast_ref<M: Model + 'static>(&self) -> Option<&M> {
        let model: &dyn Any = &*self.model;
        model.downcast_ref()
    }

    /// What the model says of the rows of a table, whose columns may hold words.
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`].
    pub fn ask(&self, table: &Frame, method: Method) -> Result<Answer, model::Error> {
        ask(self.as_model(), table, method)
    }

    /// The class of each row; from a regressor, its estimates as [`Labels::Floats`].
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`] for a model that does not predict,
    /// or of several outputs: see [`ask`](Self::ask).
    pub fn predict<'a>(&self, rows: impl Into<Features<'a>>) -> Result<Labels, model::Error> {
        ask::predict(self, rows.into())
    }

    /// scikit-learn's `score`: the share of the rows of a dataset whose class is right, or, of a
    /// regressor, the coefficient of determination R² of its estimates.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`model::Error::TargetKind`] for a target of another type.
    pub fn score(&self, data: &Dataset) -> Result<f64, model::Error> {
        ask::score(self, data)
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    pub fn predict_proba<'a>(
        &self,
        rows: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, model::Error> {
        ask::predict_proba(self, rows.into())
    }

    /// The classes, ascending.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model that knows none, or of several outputs.
    pub fn classes(&self) -> Result<&Labels, model::Error> {
        Ok(self.abilities().classifier.ok_or_else(|| ask::lacks(self, "classes"))?.classes())
    }

    /// The pickle of a tree in picklebook's own format, a dictionary of plain lists, which
    /// [`AnyModel`](crate::AnyModel) opens.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for what has no format of its own: anything but a decision tree of one
    /// output, with parameters that picklebook's trees have.
    pub fn to_picklebook(&self, protocol: u8) -> Result<Vec<u8>, Error> {
        let options = pickle::DumpOptions::new().protocol(protocol);
        if let Some(tree) = self.downcast_ref::<DecisionTreeClassifier>() {
            return Ok(pickle::dumps_with(tree, &options)?);
        }
        if let Some(tree) = self.downcast_ref::<DecisionTreeRegressor>() {
            return Ok(pickle::dumps_with(tree, &options)?);
        }
        Err(Error::Unsupported {
            class: self.name.into(),
            version: self.version.map_or("of unknown version".to_owned(), |v| v.to_string()),
            problem: "picklebook has no format of its own for it: convert a decision tree of one \
                      output, of 1.4 or later, or keep the file"
                .into(),
        })
    }

    /// Everything that is known of it, in lines: class, version, parameters, columns, classes, size,
    /// steps, and of a tree its text.
    ///
    /// ```
    /// use picklebook::prelude::*;
    /// use picklebook::sklearn;
    ///
    /// let tree = DecisionTreeClassifier::params().max_depth(2).fit(&balance_scale())?;
    /// let estimator = sklearn::loads(&sklearn::dumps(&tree)?)?;
    /// let text = estimator.describe();
    /// assert!(text.starts_with("DecisionTreeClassifier of scikit-learn 1.9.1\n"));
    /// assert!(text.contains("\nclasses: 3 (B, L, R)\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn describe(&self) -> String {
        describe::describe(self)
    }
}

impl Model for Estimator {
    fn name(&self) -> &'static str {
        self.name
    }

    fn n_features(&self) -> usize {
        self.model.n_features()
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.model.feature_names()
    }

    fn takes_text(&self) -> bool {
        self.model.takes_text()
    }

    fn abilities(&self) -> Abilities<'_> {
        self.model.abilities()
    }
}

/// The very same model, or the same class, version and parameters, and an equal model.
impl PartialEq for Estimator {
    fn eq(&self, other: &Self) -> bool {
        // A clone is equal, also where a parameter is NaN.
        if Arc::ptr_eq(&self.model, &other.model) {
            return true;
        }
        self.class == other.class
            && self.version == other.version
            && self.parameters == other.parameters
            && self.model.equals(&*other.model)
    }
}

/// One line: the class, its version, and how many features and classes it knows.
impl fmt::Display for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(version) = self.version {
            write!(f, " of scikit-learn {version}")?;
        }
        write!(f, ": {}", count(self.n_features(), "feature", "features"))?;
        match self.classes() {
            Ok(classes) => write!(f, ", {}", count(classes.len(), "class", "classes")),
            Err(_) => Ok(()),
        }
    }
}

/// The line that it prints as.
impl fmt::Debug for Estimator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
