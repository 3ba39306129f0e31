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

/// The greatest number of columns: a stored model cannot ask for more memory than this calls for.
pub(crate) const MOST_COLUMNS: usize = 1 << 24;

impl FittedParts {
    /// A model of the latest scikit-learn for so many columns, without parameters and names.
    pub fn new(n_features: usize) -> Self {
        let (version, parameters) = (SklearnVersion::LATEST, Parameters::new());
        FittedParts { version, n_features, feature_names: None, parameters }
    }

    /// Whether there are columns, not too many, and a name for each if there are names.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.n_features {
            0 => Err(Error::Model { problem: "it has no columns".to_owned() }),
            _ => self.check_columns(),
        }
    }

    /// As [`check`](Self::check), where there may be no columns.
    pub(crate) fn check_columns(&self) -> Result<(), Error> {
        let found = self.n_features;
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

    /// Whether there is one finite number for each column.
    pub(crate) fn finite(&self, what: &'static str, values: &[f64]) -> Result<(), Error> {
        self.one_each(what, values.len())?;
        match values.iter().find(|value| value.is_infinite()) {
            None => Ok(()),
            Some(value) => Err(Error::Model { problem: format!("{what}: one is {value}") }),
        }
    }

    /// The names of the columns: those of the fit, or those that they are given, or `x0`, `x1` and so
    /// on. `None` for another number of them.
    pub(crate) fn names(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        column_names(self.feature_names.as_deref(), input, self.n_features)
    }
}

/// As [`FittedParts::names`], of so many columns.
pub(crate) fn column_names(
    known: Option<&[String]>,
    input: Option<&[String]>,
    count: usize,
) -> Option<Vec<String>> {
    let numbered = || (0..count).map(|place| format!("x{place}")).collect();
    let names: Vec<String> = known.or(input).map_or_else(numbered, <[String]>::to_vec);
    (names.len() == count).then_some(names)
}

/// The names of columns that a model makes anew: that of its class, and a number.
pub(crate) fn names_by_class(class: &str, count: usize) -> Vec<String> {
    let class = class.to_lowercase();
    (0..count).map(|place| format!("{class}{place}")).collect()
}

/// Names of which none is there twice: scikit-learn refuses to give two columns one name.
pub(crate) fn distinct(names: Vec<String>) -> Option<Vec<String>> {
    let distinct: std::collections::HashSet<&String> = names.iter().collect();
    (distinct.len() == names.len()).then_some(names)
}

/// What every model with a field `fitted` tells of its fit.
macro_rules! about_the_fit {
    ($model:ident) => {
        impl $model {
            /// The scikit-learn that fitted it.
            pub fn version(&self) -> crate::model::SklearnVersion {
                self.fitted.version
            }

            /// What is known of the fit.
            #[allow(dead_code)] // only some of them are written
            pub(crate) fn fitted(&self) -> &crate::model::FittedParts {
                &self.fitted
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
