//! What pictures ask of a model.

pub use crate::model::{Classifier, ProbabilisticClassifier};

use crate::model::FeatureImportances;

/// How much each feature of a model counts, with its name.
///
/// Made by `into()` from a reference to a model that has
/// [feature importances](crate::model::FeatureImportances), or from pairs of a name and a number.
///
/// ```
/// use picklebook::plot::Importances;
/// use picklebook::prelude::*;
///
/// let side = Labels::from(["R", "L", "L"]);
/// let tree = DecisionTreeClassifier::params().fit_weighted(&[[1.0], [3.0], [4.0]], &side, None)?;
/// assert_eq!(Importances::from(&tree).pairs(), [("feature_0".to_owned(), 1.0)]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Importances(Vec<(String, f64)>);

impl Importances {
    /// Name and importance of each feature.
    pub fn pairs(&self) -> &[(String, f64)] {
        &self.0
    }
}

/// Names of scikit-learn's `export_text` where there are none.
impl<M: FeatureImportances + ?Sized> From<&M> for Importances {
    fn from(model: &M) -> Self {
        let names = model.feature_names().unwrap_or_default();
        let name = |place: usize| match names.get(place) {
            Some(name) => name.clone(),
            None => format!("feature_{place}"),
        };
        let pairs = model.feature_importances().into_iter().enumerate();
        Importances(pairs.map(|(place, value)| (name(place), value)).collect())
    }
}

impl<Name: Into<String>> From<Vec<(Name, f64)>> for Importances {
    fn from(pairs: Vec<(Name, f64)>) -> Self {
        Importances(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}
