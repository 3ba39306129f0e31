//! From a text to its tokens, as `build_analyzer` of scikit-learn's vectorizers makes them.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use super::Error;
use super::characters::is_space;
use super::pattern::TokenPattern;
use super::stop_words::ENGLISH;

/// How many words or characters an n-gram may have.
const MOST_N: usize = 64;

/// What tokens are made of: the parameter `analyzer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// N-grams of words.
    Word,
    /// N-grams of characters.
    Char,
    /// N-grams of characters within words, which have a blank on either side.
    CharWb,
}

/// What becomes of accents: the parameter `strip_accents`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripAccents {
    /// Characters are decomposed, and those that are not ASCII are left out.
    Ascii,
    /// Characters are decomposed, and combining marks are left out.
    Unicode,
}

/// What an [`Analyzer`] is made of: the parameters of a vectorizer that have to do with tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct AnalyzerParts {
    /// Whether texts are lowercased first.
    pub lowercase: bool,
    /// What becomes of accents, if anything does.
    pub strip_accents: Option<StripAccents>,
    /// What tokens are made of.
    pub analyzer: TokenKind,
    /// The regular expression that finds words.
    pub token_pattern: String,
    /// From how many, and up to how many, words or characters stand together in a token.
    pub ngram_range: (usize, usize),
    /// Words that are left out.
    pub stop_words: Vec<String>,
}

/// scikit-learn's defaults.
impl Default for AnalyzerParts {
    fn default() -> Self {
        AnalyzerParts {
            lowercase: true,
            strip_accents: None,
            analyzer: TokenKind::Word,
            token_pattern: r"(?u)\b\w\w+\b".to_owned(),
            ngram_range: (1, 1),
            stop_words: Vec::new(),
        }
    }
}

impl AnalyzerParts {
    /// The words of `stop_words="english"`.
    pub fn english_stop_words() -> Vec<String> {
        ENGLISH.iter().map(|&word| word.to_owned()).collect()
    }
}

/// Makes tokens of texts, exactly those of scikit-learn's vectorizers.
///
/// ```
/// use picklebook::vectorizers::{Analyzer, AnalyzerParts};
///
/// let analyzer = Analyzer::new(AnalyzerParts { ngram_range: (1, 2), ..Default::default() })?;
/// assert_eq!(analyzer.tokens("A naïve Test"), ["naïve", "test", "naïve test"]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Analyzer {
    parts: AnalyzerParts,
    pattern: TokenPattern,
    stop_words: HashSet<String>,
}

impl Analyzer {
    /// # Errors
    /// [`Error::Model`] for a pattern that is not read, and for an `ngram_range` that is none, or is
    /// above 64.
    pub fn new(parts: AnalyzerParts) -> Result<Analyzer, Error> {
        let (least, most) = parts.ngram_range;
        if least == 0 || most < least || most > MOST_N {
            let problem = format!(
                "its ngram_range is ({least}, {most}), and must be from at least 1 to at most {MOST_N}"
            );
            return Err(Error::Model { problem });
        }
        // without words the pattern finds nothing, and may be anything
        let pattern = match parts.analyzer {
            TokenKind::Word => TokenPattern::new(&parts.token_pattern)?,
            TokenKind::Char | TokenKind::CharWb => TokenPattern::new(r"\w+")?,
        };
        let stop_words = parts.stop_words.iter().cloned().collect();
        Ok(Analyzer { parts, pattern, stop_words })
    }

    /// What it was made of.
    pub fn parts(&self) -> &AnalyzerParts {
        &self.parts
    }

    /// The tokens of a text, in the order in which scikit-learn finds them.
    pub fn tokens(&self, text: &str) -> Vec<String> {
        let mut tokens = Vec::new();
        self.each_token(text, &mut Buffers::default(), |token| tokens.push(token.to_owned()));
        tokens
    }

    /// Does something with each token of a text.
    pub(super) fn each_token(&self, text: &str, buffers: &mut Buffers, token: impl FnMut(&str)) {
        let prepared = self.prepared(text);
        match self.parts.analyzer {
            TokenKind::Word => self.words(&prepared, buffers, token),
            TokenKind::Char => self.characters(&single_blanks(&prepared), buffers, token),
            TokenKind::CharWb => self.within_words(&single_blanks(&prepared), buffers, token),
        }
    }

    fn prepared(&self, text: &str) -> String {
        let text = match self.parts.lowercase {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        match self.parts.strip_accents {
            Some(_) if text.is_ascii() => text,
            Some(StripAccents::Ascii) => text.nfkd().filter(char::is_ascii).collect(),
            Some(StripAccents::Unicode) => {
                text.nfkd().filter(|&c| canonical_combining_class(c) == 0).collect()
            }
            None => text,
        }
    }

    fn words(&self, text: &str, buffers: &mut Buffers, mut token: impl FnMut(&str)) {
        let Buffers { bounds, joined } = buffers;
        self.pattern.find_all(text, bounds);
        let word = |&(start, end): &(usize, usize)| text.get(start..end).unwrap_or_default();
        if !self.stop_words.is_empty() {
            bounds.retain(|bounds| !self.stop_words.contains(word(bounds)));
        }
        let (least, most) = self.parts.ngram_range;
        if least == 1 {
            bounds.iter().for_each(|bounds| token(word(bounds)));
        }
        for n in least.max(2)..=most {
            for words in bounds.windows(n) {
                joined.clear();
                for bounds in words {
                    if !joined.is_empty() {
                        joined.push(' ');
                    }
                    joined.push_str(word(bounds));
                }
                token(joined);
            }
        }
    }

    fn characters(&self, text: &str, buffers: &mut Buffers, mut token: impl FnMut(&str)) {
        let (least, most) = self.parts.ngram_range;
        let bounds = &mut buffers.bounds;
        bounds.clear();
        bounds.extend(text.char_indices().map(|(place, c)| (place, place + c.len_utf8())));
        for n in least..=most {
            for characters in bounds.windows(n) {
                if let (Some(first), Some(last)) = (characters.first(), characters.last()) {
                    token(text.get(first.0..last.1).unwrap_or_default());
                }
            }
        }
    }

    fn within_words(&self, text: &str, buffers: &mut Buffers, mut token: impl FnMut(&str)) {
        let (least, most) = self.parts.ngram_range;
        let Buffers { bounds, joined } = buffers;
        for word in text.split(is_space).filter(|word| !word.is_empty()) {
            joined.clear();
            joined.extend([" ", word, " "]);
            bounds.clear();
            bounds.extend(joined.char_indices().map(|(place, c)| (place, place + c.len_utf8())));
            for n in least..=most {
                if n >= bounds.len() {
                    // a short word counts only once
                    token(joined);
                    break;
                }
                for characters in bounds.windows(n) {
                    if let (Some(first), Some(last)) = (characters.first(), characters.last()) {
                        token(joined.get(first.0..last.1).unwrap_or_default());
                    }
                }
            }
        }
    }
}

/// Room that is used again from text to text.
#[derive(Debug, Default)]
pub(super) struct Buffers {
    bounds: Vec<(usize, usize)>,
    joined: String,
}

/// Two blanks or more become one; a single one stays what it is.
fn single_blanks(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let mut more = false;
        if is_space(c) {
            while characters.next_if(|&c| is_space(c)).is_some() {
                more = true;
            }
        }
        single.push(if more { ' ' } else { c });
    }
    single
}
