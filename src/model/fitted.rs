//! What is known of every model that scikit-learn fitted.

use super::{Error, Parameters, SklearnVersion};

/// What is known of every model that scikit-learn fitted, whatever it is.
///
/// ```
/// use picklebook::model::{FittedParts, SklearnVersion};
///
/// let fitted = FittedParts::new(4);
/// assert_eq!((fitted.n_features, fitted.version), (4, SklearnVersion::LATEST));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FittedParts {
    /// The scikit-learn that fitted it.
    pub version: SklearnVersion,
    /// How many columns rows have: `n_features_in_`.
    pub n_features: usize,
    /// The names of the columns, if they are known: `feature_names_in_`.
    pub feature_names: Option<Vec<String>>,
    /// The parameters of the fit.
    pub parameters: Parameters,
}

/// The greatest number of columns.
const MOST_COLUMNS: usize = 1 << 24;

impl FittedParts {
    /// A model of the latest scikit-learn for so many columns, without parameters and names.
    pub fn new(n_features: usize) -> Self {
        let (version, parameters) = (SklearnVersion::LATEST, Parameters::new());
        FittedParts { version, n_features, feature_names: None, parameters }
    }

    /// Whether there are columns, not too many, and a name for each if there are names.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let found = self.n_features;
        if found == 0 {
            return Err(Error::Model { problem: "it has no columns".to_owned() });
        }
        if found > MOST_COLUMNS {
            return Err(Error::TooMany { what: "columns", found, most: MOST_COLUMNS });
        }
        match &self.feature_names {
            Some(names) => self.one_each("feature names", names.len()),
            None => Ok(()),
        }
    }

    /// Whether there is one of something for each column.
    pub(crate) fn one_each(&self, what: &'static str, found: usize) -> Result<(), Error> {
        match found == self.n_features {
            true => Ok(()),
            false => Err(Error::Length { what, expected: self.n_features, found }),
        }
    }
}

/// What every model with a field `fitted` tells of its fit.
macro_rules! about_the_fit {
    ($model:ident) => {
        impl $model {
            /// The scikit-learn that fitted it.
            pub fn version(&self) -> crate::model::SklearnVersion {
                self.fitted.version
            }

            /// The parameters of the fit.
            pub fn parameters(&self) -> &crate::model::Parameters {
                &self.fitted.parameters
            }

            /// The names of the columns, if they are known.
            pub fn feature_names(&self) -> Option<&[String]> {
                self.fitted.feature_names.as_deref()
            }

            /// How many columns rows have.
            pub fn n_features(&self) -> usize {
                self.fitted.n_features
            }
        }
    };
}
pub(crate) use about_the_fit;
