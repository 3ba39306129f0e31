//! How often the tokens of a vocabulary stand in texts.

use std::collections::HashMap;

use super::analyzer::Buffers;
use super::fit::LearnedVocabulary;
use super::{Analyzer, Error, texts};
use crate::data::{Frame, SparseRows};
use crate::model::{Abilities, Model, Parameters, SklearnVersion, Transformer};
use crate::tree::check;

/// scikit-learn's `CountVectorizer`: how often each token of its vocabulary stands in a text.
///
/// It takes a table with one column of words, the texts, and gives sparse rows.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::vectorizers::{Analyzer, AnalyzerParts, CountVectorizer};
///
/// let words = ["free", "offer", "lunch"].map(str::to_owned).to_vec();
/// let analyzer = Analyzer::new(AnalyzerParts::default())?;
/// let vectorizer = CountVectorizer::from_parts(analyzer, words, false)?;
/// let texts = Frame::named([("text", Column::from(["Free! A free lunch", "no offer"]))])?;
/// let counts = vectorizer.transform(&texts)?;
/// let expected = ndarray::array![[2.0, 0.0, 1.0], [0.0, 1.0, 0.0]];
/// assert_eq!(counts.numbers().expect("numbers"), expected);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountVectorizer {
    analyzer: Analyzer,
    vocabulary: Vec<String>,
    places: HashMap<String, u32>,
    binary: bool,
    version: SklearnVersion,
    parameters: Parameters,
    /// How a fit here came to the vocabulary.
    learned: Option<LearnedVocabulary>,
}

impl CountVectorizer {
    /// A vectorizer with its vocabulary, in the order of the columns; with `binary`, a token that is
    /// there counts once.
    ///
    /// # Errors
    /// [`Error::Model`] without any token, and for one that is there twice, [`Error::TooMany`] for
    /// more than 2²⁴.
    pub fn from_parts(
        analyzer: Analyzer,
        vocabulary: Vec<String>,
        binary: bool,
    ) -> Result<Self, Error> {
        check::within("tokens", vocabulary.len(), check::MOST_COLUMNS)?;
        if vocabulary.is_empty() {
            return Err(Error::Model { problem: "its vocabulary is empty".to_owned() });
        }
        let mut places = HashMap::with_capacity(vocabulary.len());
        for (place, token) in (0..).zip(&vocabulary) {
            if places.insert(token.clone(), place).is_some() {
                let token = crate::text::shortened(token, 100);
                let problem = format!("the token {token:?} is in its vocabulary twice");
                return Err(Error::Model { problem });
            }
        }
        let (version, parameters) = (SklearnVersion::LATEST, Parameters::new());
        Ok(CountVectorizer {
            analyzer,
            vocabulary,
            places,
            binary,
            version,
            parameters,
            learned: None,
        })
    }

    /// The same vectorizer, with the scikit-learn that fitted it and the parameters of the fit.
    #[must_use]
    pub fn fitted_by(mut self, version: SklearnVersion, parameters: Parameters) -> Self {
        (self.version, self.parameters) = (version, parameters);
        self
    }

    pub(super) fn with_learned(mut self, learned: LearnedVocabulary) -> Self {
        self.learned = Some(learned);
        self
    }

    /// How the fit came to the vocabulary, if it was here.
    pub(crate) fn learned(&self) -> Option<&LearnedVocabulary> {
        self.learned.as_ref()
    }

    /// What makes tokens of texts.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// The tokens, in the order of the columns: `get_feature_names_out`.
    pub fn vocabulary(&self) -> &[String] {
        &self.vocabulary
    }

    /// Whether a token that is there counts once.
    pub fn binary(&self) -> bool {
        self.binary
    }

    /// The scikit-learn that fitted it.
    pub fn version(&self) -> SklearnVersion {
        self.version
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The counts of each text's tokens.
    pub(super) fn counts(&self, table: &Frame, model: &dyn Model) -> Result<SparseRows, Error> {
        let mut rows = SparseRows::new(self.vocabulary.len())?;
        let (mut found, mut buffers) = (Vec::new(), Buffers::default());
        for text in texts(model.name(), table)? {
            found.clear();
            self.analyzer.each_token(text?, &mut buffers, |token| {
                found.extend(self.places.get(token).copied());
            });
            found.sort_unstable();
            let counted = found.chunk_by(|a, b| a == b).filter_map(|same| {
                let count = if self.binary { 1.0 } else { same.len() as f64 };
                Some((*same.first()?, count))
            });
            rows.push(counted)?;
        }
        Ok(rows)
    }
}

impl Model for CountVectorizer {
    fn name(&self) -> &'static str {
        "CountVectorizer"
    }

    fn n_features(&self) -> usize {
        1
    }

    crate::model::as_itself!();

    fn takes_text(&self) -> bool {
        true
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().transformer(self)
    }
}

impl Transformer for CountVectorizer {
    fn n_features_out(&self) -> usize {
        self.vocabulary.len()
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(self.vocabulary.to_vec())
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        Ok(self.counts(table, self)?.into())
    }
}
