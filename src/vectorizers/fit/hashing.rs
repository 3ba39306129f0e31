//! The parameters of a vectorizer that learns nothing.

use super::{Error, Tokens, dtype, named, token_setters};
use crate::model::fit::fits_tables;
use crate::model::{Parameter, SklearnVersion};
use crate::preprocessing::Norm;
use crate::vectorizers::{HashingParts, HashingVectorizer};

/// The parameters of a [`HashingVectorizer`], with scikit-learn's names and defaults. There is nothing
/// to learn: the fit takes no texts.
///
/// ```
/// use picklebook::vectorizers::HashingVectorizer;
///
/// let vectorizer = HashingVectorizer::params().n_features(1 << 10).fit()?;
/// assert_eq!(vectorizer.parts().n_features, 1024);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HashingVectorizerParams {
    tokens: Tokens,
    parts: HashingParts,
}

token_setters!(HashingVectorizerParams: tokens);
crate::model::fit::shown_as_estimator!(HashingVectorizerParams: "HashingVectorizer");

impl HashingVectorizer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> HashingVectorizerParams {
        HashingVectorizerParams::default()
    }
}

impl HashingVectorizerParams {
    /// How many columns there are; 2²⁰ by default.
    pub fn n_features(mut self, columns: usize) -> Self {
        self.parts.n_features = columns;
        self
    }

    /// Whether every cell that is there is 1; not so by default.
    pub fn binary(mut self, binary: bool) -> Self {
        self.parts.binary = binary;
        self
    }

    /// What of each row is made 1: [`Norm::L2`] by default, or nothing.
    pub fn norm(mut self, norm: Option<Norm>) -> Self {
        self.parts.norm = norm;
        self
    }

    /// Whether half of the tokens are subtracted, as by default.
    pub fn alternate_sign(mut self, alternate: bool) -> Self {
        self.parts.alternate_sign = alternate;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let norm = match self.parts.norm {
            None => Parameter::None,
            Some(Norm::L1) => "l1".into(),
            Some(Norm::L2) => "l2".into(),
            Some(Norm::Max) => "max".into(),
        };
        let mut parameters = self.tokens.parameters();
        parameters.extend([
            ("n_features", Parameter::Integer(self.parts.n_features as i64)),
            ("ngram_range", self.tokens.ngram_range()),
            ("binary", Parameter::Boolean(self.parts.binary)),
            ("norm", norm),
            ("alternate_sign", Parameter::Boolean(self.parts.alternate_sign)),
            ("dtype", dtype("float64")),
        ]);
        parameters
    }

    /// Makes the vectorizer.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a norm that is neither L1 nor L2, [`Error::Model`] for no columns, or
    /// more than 2³¹ − 1, and for a pattern or an `ngram_range` that is none.
    pub fn fit(&self) -> Result<HashingVectorizer, Error> {
        if self.parts.norm == Some(Norm::Max) {
            let (value, expected) = ("'max'".to_owned(), "L1, L2 or none");
            return Err(Error::Parameter { name: "norm", value, expected });
        }
        let made = HashingVectorizer::from_parts(self.tokens.analyzer()?, self.parts)?;
        Ok(made.fitted_by(SklearnVersion::LATEST, named(self.named())))
    }
}

fits_tables!(HashingVectorizerParams, |params, _table| params.fit());
