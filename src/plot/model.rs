//! What pictures ask of a model.

use ndarray::{Array2, ArrayView2};

use crate::data::Labels;
use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor, Error, LinfaTree};

/// A model that tells classes apart, as pictures ask it.
pub trait Classifier {
    /// The classes, ascending.
    fn classes(&self) -> &Labels;

    /// The names of the columns, if they are known.
    fn feature_names(&self) -> Option<&[String]>;

    /// The class of each row (rows × columns).
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is none that the model takes.
    fn predict(&self, rows: ArrayView2<'_, f64>) -> Result<Labels, Error>;
}

/// A classifier that also says how likely each class is.
pub trait ProbabilisticClassifier: Classifier {
    /// The probability of each class (rows × classes) for each row (rows × columns).
    ///
    /// # Errors
    /// As [`Classifier::predict`].
    fn predict_proba(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error>;
}

impl Classifier for DecisionTreeClassifier {
    fn classes(&self) -> &Labels {
        self.classes()
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.feature_names()
    }

    fn predict(&self, rows: ArrayView2<'_, f64>) -> Result<Labels, Error> {
        self.predict(rows)
    }
}

impl ProbabilisticClassifier for DecisionTreeClassifier {
    fn predict_proba(&self, rows: ArrayView2<'_, f64>) -> Result<Array2<f64>, Error> {
        self.predict_proba(rows)
    }
}

impl Classifier for LinfaTree {
    fn classes(&self) -> &Labels {
        self.classes()
    }

    fn feature_names(&self) -> Option<&[String]> {
        Some(self.feature_names())
    }

    fn predict(&self, rows: ArrayView2<'_, f64>) -> Result<Labels, Error> {
        self.predict_features(rows)
    }
}

/// How much each feature of a model counts, with its name.
///
/// Made by `into()` from a reference to a tree, or from pairs of a name and a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Importances(Vec<(String, f64)>);

impl Importances {
    /// Names of scikit-learn's `export_text` where there are none.
    fn new(names: Option<&[String]>, values: Vec<f64>) -> Self {
        let name = |place: usize| match names.and_then(|names| names.get(place)) {
            Some(name) => name.clone(),
            None => format!("feature_{place}"),
        };
        let pairs = values.into_iter().enumerate();
        Importances(pairs.map(|(place, value)| (name(place), value)).collect())
    }

    /// Name and importance of each feature.
    pub fn pairs(&self) -> &[(String, f64)] {
        &self.0
    }
}

impl From<&DecisionTreeClassifier> for Importances {
    fn from(tree: &DecisionTreeClassifier) -> Self {
        Importances::new(tree.feature_names(), tree.feature_importances())
    }
}

impl From<&DecisionTreeRegressor> for Importances {
    fn from(tree: &DecisionTreeRegressor) -> Self {
        Importances::new(tree.feature_names(), tree.feature_importances())
    }
}

impl<Name: Into<String>> From<Vec<(Name, f64)>> for Importances {
    fn from(pairs: Vec<(Name, f64)>) -> Self {
        Importances(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}
