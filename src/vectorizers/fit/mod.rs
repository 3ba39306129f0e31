//! Vectorizers that are fitted here, and what those of texts have in common.
//!
//! Source: `feature_extraction/text.py` and `_dict_vectorizer.py` of scikit-learn.

mod count;
mod dictionaries;
mod hashing;
mod tfidf;

pub use count::CountVectorizerParams;
pub(crate) use count::LearnedVocabulary;
pub use dictionaries::DictVectorizerParams;
pub use hashing::HashingVectorizerParams;
pub use tfidf::{TfidfTransformerParams, TfidfVectorizerParams};

use super::{Analyzer, AnalyzerParts, Error, StripAccents, TokenKind};
use crate::data::{Column, Frame};
use crate::model::{Parameter, Parameters};

/// The parameters that have to do with tokens.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tokens {
    parts: AnalyzerParts,
    /// Whether the stop words are scikit-learn's own, `stop_words="english"`.
    english: bool,
}

impl Tokens {
    fn analyzer(&self) -> Result<Analyzer, Error> {
        Analyzer::new(self.parts.clone())
    }

    /// The first parameters of each vectorizer of texts, in scikit-learn's order.
    fn parameters(&self) -> Vec<(&'static str, Parameter)> {
        let strip_accents = match self.parts.strip_accents {
            None => Parameter::None,
            Some(StripAccents::Ascii) => "ascii".into(),
            Some(StripAccents::Unicode) => "unicode".into(),
        };
        let analyzer = match self.parts.analyzer {
            TokenKind::Word => "word",
            TokenKind::Char => "char",
            TokenKind::CharWb => "char_wb",
        };
        let stop_words = match (self.english, self.parts.stop_words.as_slice()) {
            (true, _) => "english".into(),
            (false, []) => Parameter::None,
            (false, words) => Parameter::List(words.iter().map(|it| it.as_str().into()).collect()),
        };
        vec![
            ("input", "content".into()),
            ("encoding", "utf-8".into()),
            ("decode_error", "strict".into()),
            ("strip_accents", strip_accents),
            ("preprocessor", Parameter::None),
            ("tokenizer", Parameter::None),
            ("analyzer", analyzer.into()),
            ("lowercase", Parameter::Boolean(self.parts.lowercase)),
            ("token_pattern", self.parts.token_pattern.as_str().into()),
            ("stop_words", stop_words),
        ]
    }

    fn ngram_range(&self) -> Parameter {
        let (least, most) = self.parts.ngram_range;
        Parameter::Tuple(vec![Parameter::Integer(least as i64), Parameter::Integer(most as i64)])
    }
}

/// Names and values as parameters.
fn named(parameters: Vec<(&'static str, Parameter)>) -> Parameters {
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The type of what a vectorizer makes, by numpy's name.
fn dtype(name: &str) -> Parameter {
    Parameter::Other(name.to_owned())
}

/// Texts as a table of one column.
fn table_of(texts: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Frame, Error> {
    let words = texts.into_iter().map(|text| Some(text.as_ref().to_owned())).collect();
    Ok(Frame::unnamed([Column::Words(words)])?)
}

/// The setters of [`Tokens`], which stand in a field of the parameters.
macro_rules! token_setters {
    ($params:ident: $($field:ident).+) => {
        impl $params {
            /// Whether texts are lowercased first, as by default.
            pub fn lowercase(mut self, lowercase: bool) -> Self {
                self.$($field).+.parts.lowercase = lowercase;
                self
            }

            /// What becomes of accents; by default they stay.
            pub fn strip_accents(mut self, strip: crate::vectorizers::StripAccents) -> Self {
                self.$($field).+.parts.strip_accents = Some(strip);
                self
            }

            /// What tokens are made of; words by default.
            pub fn analyzer(mut self, analyzer: crate::vectorizers::TokenKind) -> Self {
                self.$($field).+.parts.analyzer = analyzer;
                self
            }

            /// The regular expression that finds words; `(?u)\b\w\w+\b` by default, which are words
            /// of two characters or more.
            pub fn token_pattern(mut self, pattern: impl Into<String>) -> Self {
                self.$($field).+.parts.token_pattern = pattern.into();
                self
            }

            /// From how many, and up to how many, words or characters stand together in a token;
            /// one alone by default.
            pub fn ngram_range(mut self, least: usize, most: usize) -> Self {
                self.$($field).+.parts.ngram_range = (least, most);
                self
            }

            /// Words that are left out; none by default.
            pub fn stop_words(
                mut self,
                words: impl IntoIterator<Item = impl Into<String>>,
            ) -> Self {
                let tokens = &mut self.$($field).+;
                tokens.parts.stop_words = words.into_iter().map(Into::into).collect();
                tokens.english = false;
                self
            }

            /// Leaves out the English words that say little: `stop_words="english"`.
            pub fn english_stop_words(mut self) -> Self {
                let tokens = &mut self.$($field).+;
                tokens.parts.stop_words = crate::vectorizers::AnalyzerParts::english_stop_words();
                tokens.english = true;
                self
            }
        }
    };
}
use token_setters;
