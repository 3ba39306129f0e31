//! How a vocabulary is learned.

use std::collections::HashMap;

use super::{Error, Tokens, dtype, named, table_of, token_setters};
use crate::data::{Frame, SparseRows};
use crate::model::fit::fits_tables;
use crate::model::{Parameter, SklearnVersion};
use crate::python::float_repr;
use crate::tree::Samples;
use crate::vectorizers::analyzer::Buffers;
use crate::vectorizers::{CountVectorizer, texts};

/// The parameters of a [`CountVectorizer`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::vectorizers::CountVectorizer;
///
/// let params = CountVectorizer::params().english_stop_words();
/// let vectorizer = params.fit(["the dog eats", "the cat and the dog"])?;
/// assert_eq!(vectorizer.vocabulary(), ["cat", "dog", "eats"]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CountVectorizerParams {
    pub(super) tokens: Tokens,
    pub(super) max_df: Samples,
    pub(super) min_df: Samples,
    pub(super) max_features: Option<usize>,
    pub(super) vocabulary: Option<Vec<String>>,
    pub(super) binary: bool,
}

/// How a fit came to its vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LearnedVocabulary {
    /// The columns in the order in which their tokens were first seen.
    pub(crate) first_seen: Vec<u32>,
    /// Whether it was given as a parameter.
    pub(crate) fixed: bool,
    /// Whether the columns were numbered by numpy, as they are with `max_features`.
    pub(crate) limited: bool,
    /// Whether tokens are words, of which stop words are left out.
    pub(crate) words: bool,
}

impl Default for CountVectorizerParams {
    fn default() -> Self {
        CountVectorizerParams {
            tokens: Tokens::default(),
            max_df: Samples::Fraction(1.0),
            min_df: Samples::Count(1),
            max_features: None,
            vocabulary: None,
            binary: false,
        }
    }
}

/// The setters of [`CountVectorizerParams`], which may stand in a field.
macro_rules! count_setters {
    ($params:ident $(: $field:ident)?) => {
        impl $params {
            /// Leaves out tokens that stand in more texts than this; none by default.
            pub fn max_df(mut self, texts: usize) -> Self {
                self$(.$field)?.max_df = crate::tree::Samples::Count(texts);
                self
            }

            /// Leaves out tokens that stand in a greater fraction of the texts than this.
            pub fn max_df_fraction(mut self, fraction: f64) -> Self {
                self$(.$field)?.max_df = crate::tree::Samples::Fraction(fraction);
                self
            }

            /// Leaves out tokens that stand in fewer texts than this; none by default.
            pub fn min_df(mut self, texts: usize) -> Self {
                self$(.$field)?.min_df = crate::tree::Samples::Count(texts);
                self
            }

            /// Leaves out tokens that stand in a smaller fraction of the texts than this.
            pub fn min_df_fraction(mut self, fraction: f64) -> Self {
                self$(.$field)?.min_df = crate::tree::Samples::Fraction(fraction);
                self
            }

            /// Keeps at most this many tokens, those that stand most often in all texts together; all
            /// by default. Of tokens that stand equally often those that come first in the alphabet
            /// are kept; in scikit-learn the processor decides.
            pub fn max_features(mut self, tokens: usize) -> Self {
                self$(.$field)?.max_features = Some(tokens);
                self
            }

            /// The tokens, in the order of the columns; by default those of the texts.
            pub fn vocabulary(
                mut self,
                tokens: impl IntoIterator<Item = impl Into<String>>,
            ) -> Self {
                let tokens = tokens.into_iter().map(Into::into).collect();
                self$(.$field)?.vocabulary = Some(tokens);
                self
            }

            /// Whether a token that is there counts once; not so by default.
            pub fn binary(mut self, binary: bool) -> Self {
                self$(.$field)?.binary = binary;
                self
            }
        }
    };
}
pub(super) use count_setters;

count_setters!(CountVectorizerParams);
token_setters!(CountVectorizerParams: tokens);

/// As scikit-learn prints an estimator: only what differs from the default.
impl std::fmt::Display for CountVectorizerParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (own, standard) = (self.named("int64"), Self::default().named("int64"));
        f.write_str(&crate::model::fit::estimator_repr("CountVectorizer", own, standard))
    }
}

impl CountVectorizer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> CountVectorizerParams {
        CountVectorizerParams::default()
    }
}

impl CountVectorizerParams {
    /// Learns the vocabulary of texts.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a parameter that is out of range, [`Error::Model`] for a pattern or an
    /// `ngram_range` that is none, and [`Error::Vocabulary`] when no token is found, or none is kept.
    pub fn fit(
        &self,
        texts: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<CountVectorizer, Error> {
        self.fit_table(&table_of(texts)?)
    }

    /// Learns the vocabulary of a table with one column of words, the texts.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), [`Error::Columns`] for more than one column, and [`Error::NoText`] for
    /// what is no text.
    pub fn fit_table(&self, table: &Frame) -> Result<CountVectorizer, Error> {
        Ok(self.fit_counts(table)?.0)
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        let good = |limit: Samples| match limit {
            Samples::Count(least) => least >= 1,
            Samples::Fraction(fraction) => (0.0..=1.0).contains(&fraction),
        };
        for (name, limit) in [("max_df", self.max_df), ("min_df", self.min_df)] {
            if !good(limit) {
                let expected = "a count of at least 1, or a fraction from 0 to 1";
                return Err(Error::Parameter { name, value: repr(limit), expected });
            }
        }
        match self.max_features {
            Some(0) => {
                let (value, expected) = ("0".to_owned(), "at least 1");
                Err(Error::Parameter { name: "max_features", value, expected })
            }
            _ => Ok(()),
        }
    }

    /// The parameters by scikit-learn's names, for a vectorizer that makes numbers of a type.
    pub(super) fn named(&self, kind: &str) -> Vec<(&'static str, Parameter)> {
        let limit = |limit: Samples| match limit {
            Samples::Count(count) => Parameter::Integer(count as i64),
            Samples::Fraction(fraction) => Parameter::Float(fraction),
        };
        let words = |words: &Vec<String>| {
            Parameter::List(words.iter().map(|word| word.as_str().into()).collect())
        };
        let most = |most: usize| Parameter::Integer(most as i64);
        let mut parameters = self.tokens.parameters();
        parameters.extend([
            ("max_df", limit(self.max_df)),
            ("min_df", limit(self.min_df)),
            ("max_features", self.max_features.map_or(Parameter::None, most)),
            ("ngram_range", self.tokens.ngram_range()),
            ("vocabulary", self.vocabulary.as_ref().map_or(Parameter::None, words)),
            ("binary", Parameter::Boolean(self.binary)),
            ("dtype", dtype(kind)),
        ]);
        parameters
    }

    /// Learns a vocabulary, and gives the counts of its tokens too.
    pub(super) fn fit_counts(&self, table: &Frame) -> Result<(CountVectorizer, SparseRows), Error> {
        self.check()?;
        let analyzer = self.tokens.analyzer()?;
        let words = self.tokens.parts.analyzer == super::TokenKind::Word;
        let parameters = named(self.named("int64"));
        let version = SklearnVersion::LATEST;
        if let Some(vocabulary) = &self.vocabulary {
            let first_seen = (0..vocabulary.len() as u32).collect();
            let learned = LearnedVocabulary { first_seen, fixed: true, limited: false, words };
            let model = CountVectorizer::from_parts(analyzer, vocabulary.clone(), self.binary)?;
            let model = model.fitted_by(version, parameters).with_learned(learned);
            let counts = model.counts(table, &model)?;
            return Ok((model, counts));
        }

        // each token by the place at which it was first seen
        let mut places: HashMap<String, u32> = HashMap::new();
        let (mut texts_with, mut times) = (Vec::<usize>::new(), Vec::<u64>::new());
        let (mut rows, mut found, mut buffers) = (Vec::new(), Vec::new(), Buffers::default());
        for text in texts("CountVectorizer", table)? {
            found.clear();
            let mut full = false;
            analyzer.each_token(text?, &mut buffers, |token| match places.get(token) {
                Some(&place) => found.push(place),
                None => match u32::try_from(places.len()) {
                    Ok(place) if places.len() < crate::tree::check::MOST_COLUMNS => {
                        places.insert(token.to_owned(), place);
                        texts_with.push(0);
                        times.push(0);
                        found.push(place);
                    }
                    _ => full = true,
                },
            });
            if full {
                let most = crate::tree::check::MOST_COLUMNS;
                return Err(Error::TooMany { what: "tokens", found: most + 1, most });
            }
            found.sort_unstable();
            let counted: Vec<(u32, f64)> = found
                .chunk_by(|a, b| a == b)
                .filter_map(|same| {
                    let count = if self.binary { 1 } else { same.len() };
                    Some((*same.first()?, count as f64))
                })
                .collect();
            for &(place, count) in &counted {
                if let (Some(texts), Some(times)) =
                    (texts_with.get_mut(place as usize), times.get_mut(place as usize))
                {
                    *texts += 1;
                    *times += count as u64;
                }
            }
            rows.push(counted);
        }
        if places.is_empty() {
            let problem = "the texts hold no token but stop words";
            return Err(Error::Vocabulary { problem });
        }

        let texts = rows.len() as f64;
        let limit = |limit: Samples| match limit {
            Samples::Count(count) => count as f64,
            Samples::Fraction(fraction) => fraction * texts,
        };
        let (most, least) = (limit(self.max_df), limit(self.min_df));
        if most < least {
            let problem = "max_df is of fewer texts than min_df";
            return Err(Error::Vocabulary { problem });
        }
        let mut tokens: Vec<(String, u32)> = places.into_iter().collect();
        tokens.sort_unstable();
        let texts_with = |place: u32| texts_with.get(place as usize).copied().unwrap_or(0) as f64;
        tokens.retain(|&(_, place)| (least..=most).contains(&texts_with(place)));
        if let Some(most) = self.max_features.filter(|&most| most < tokens.len()) {
            let times = |place: u32| times.get(place as usize).copied().unwrap_or(0);
            // stable: of equals the first in the alphabet
            tokens.sort_by_key(|&(_, place)| std::cmp::Reverse(times(place)));
            tokens.truncate(most);
            tokens.sort_unstable();
        }
        if tokens.is_empty() {
            let problem = "no token is left: lower min_df, or raise max_df";
            return Err(Error::Vocabulary { problem });
        }

        let columns: HashMap<u32, u32> =
            tokens.iter().zip(0..).map(|(&(_, place), column)| (place, column)).collect();
        let mut counts = SparseRows::new(tokens.len())?;
        for row in rows {
            let column = |(place, count)| Some((*columns.get(&place)?, count));
            let mut row: Vec<(u32, f64)> = row.into_iter().filter_map(column).collect();
            row.sort_unstable_by_key(|&(column, _)| column);
            counts.push(row)?;
        }
        let mut seen: Vec<(u32, u32)> =
            tokens.iter().zip(0..).map(|(&(_, place), column)| (place, column)).collect();
        seen.sort_unstable();
        let learned = LearnedVocabulary {
            first_seen: seen.into_iter().map(|(_, column)| column).collect(),
            fixed: false,
            limited: self.max_features.is_some(),
            words,
        };
        let vocabulary = tokens.into_iter().map(|(token, _)| token).collect();
        let model = CountVectorizer::from_parts(analyzer, vocabulary, self.binary)?;
        Ok((model.fitted_by(version, parameters).with_learned(learned), counts))
    }
}

fn repr(limit: Samples) -> String {
    match limit {
        Samples::Count(count) => count.to_string(),
        Samples::Fraction(fraction) => float_repr(fraction),
    }
}

fits_tables!(CountVectorizerParams, |params, table| params.fit_table(table));
