//! From texts to numbers: scikit-learn's vectorizers, and [`DictVectorizer`], which takes tables.
//!
//! They are fitted here, or put together from parts that came from elsewhere, such as scikit-learn's
//! own files, and find exactly the tokens that scikit-learn finds. They take a table with one column of
//! words, the texts, and give sparse rows.
//!
//! ```
//! use picklebook::data::{Column, Frame};
//! use picklebook::model::Transformer;
//! use picklebook::vectorizers::{Analyzer, AnalyzerParts, CountVectorizer};
//!
//! let stop_words = AnalyzerParts::english_stop_words();
//! let analyzer = Analyzer::new(AnalyzerParts { stop_words, ..Default::default() })?;
//! assert_eq!(analyzer.tokens("The dog and the CAT"), ["dog", "cat"]);
//! let words = ["cat", "dog"].map(str::to_owned).to_vec();
//! let vectorizer = CountVectorizer::from_parts(analyzer, words, false)?;
//! let texts = Frame::named([("text", Column::from(["dog eats dog"]))])?;
//! let counts = vectorizer.transform(&texts)?;
//! assert_eq!(counts.numbers().expect("numbers"), ndarray::array![[0.0, 2.0]]);
//! # Ok::<(), picklebook::model::Error>(())
//! ```
//!
//! A vocabulary is learned from texts:
//!
//! ```
//! use picklebook::vectorizers::TfidfVectorizer;
//!
//! let vectorizer = TfidfVectorizer::params().ngram_range(1, 2).fit(["dog eats dog"])?;
//! assert_eq!(vectorizer.counts().vocabulary(), ["dog", "dog eats", "eats", "eats dog"]);
//! # Ok::<(), picklebook::model::Error>(())
//! ```
//!
//! Source: `feature_extraction/text.py` of scikit-learn.

mod analyzer;
mod characters;
mod count;
mod dictionaries;
mod fit;
mod hashing;
mod pattern;
mod stop_words;
mod tfidf;

pub use analyzer::{Analyzer, AnalyzerParts, StripAccents, TokenKind};
pub use count::CountVectorizer;
pub use dictionaries::{DictParts, DictVectorizer};
pub use fit::{
    CountVectorizerParams, DictVectorizerParams, HashingVectorizerParams, TfidfTransformerParams,
    TfidfVectorizerParams,
};
pub use hashing::{HashingParts, HashingVectorizer};
pub use tfidf::{TfidfParts, TfidfTransformer, TfidfVectorizer};

use crate::data::{Frame, Precision, SparseRows};
pub use crate::model::Error;

/// A table of rows that Python keeps in 64 bits, or in 32.
fn kept(rows: SparseRows, single: bool) -> Frame {
    let precision = if single { Precision::Single } else { Precision::Double };
    Frame::from_sparse(rows).with_precision(precision)
}

/// The texts of a table with one column.
fn texts<'a>(
    model: &'static str,
    table: &'a Frame,
) -> Result<impl Iterator<Item = Result<&'a str, Error>> + use<'a>, Error> {
    match table.shape() {
        (_, 1) => {}
        (_, found) => return Err(Error::Columns { expected: 1, found }),
    }
    let column = move || match table.names().and_then(|names| names.first()) {
        Some(name) => name.clone(),
        None => "0".to_owned(),
    };
    let Some(words) = table.words(0) else {
        return Err(Error::NoText { row: 0, column: column(), model });
    };
    Ok(words.iter().enumerate().map(move |(row, text)| {
        text.as_deref().ok_or_else(|| Error::NoText { row, column: column(), model })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Column;
    use crate::model::Transformer;

    fn analyzer(parts: AnalyzerParts) -> Result<Analyzer, Error> {
        Analyzer::new(parts)
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        for ngram_range in [(0, 1), (2, 1), (1, 65), (1, usize::MAX)] {
            assert!(analyzer(AnalyzerParts { ngram_range, ..Default::default() }).is_err());
        }
        let usual = || analyzer(AnalyzerParts::default()).expect("the usual parts");
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        let counts = |own: &[&str]| CountVectorizer::from_parts(usual(), words(own), false);
        assert!(counts(&[]).is_err() && counts(&["a", "b", "a"]).is_err());
        for idf in [vec![], vec![1.0], vec![1.0, f64::NAN], vec![1.0, f64::INFINITY]] {
            let parts = TfidfParts { idf: Some(idf), ..Default::default() };
            let two = counts(&["ab", "cd"]).expect("two words");
            assert!(TfidfVectorizer::from_parts(two, parts).is_err());
        }
        for n_features in [0, 1 << 31, usize::MAX] {
            let parts = HashingParts { n_features, ..Default::default() };
            assert!(HashingVectorizer::from_parts(usual(), parts).is_err());
        }
    }

    #[test]
    fn what_is_no_text_is_named() {
        let analyzer = analyzer(AnalyzerParts::default()).expect("the usual parts");
        let vectorizer = CountVectorizer::from_parts(analyzer, vec!["ab".to_owned()], false);
        let vectorizer = vectorizer.expect("a word");
        let message = |columns: Vec<(&str, Column)>| {
            let table = Frame::named(columns).expect("columns of one length");
            vectorizer.transform(&table).expect_err("no texts").to_string()
        };
        let numbers = message(vec![("text", Column::from([1.0]))]);
        assert!(numbers.starts_with(r#"row 0, column "text" holds no text"#), "{numbers}");
        let missing = Column::from(vec![Some("ab".to_owned()), None]);
        let missing = message(vec![("note", missing)]);
        assert!(missing.starts_with(r#"row 1, column "note" holds no text"#), "{missing}");
        let two = message(vec![("a", Column::from(["ab"])), ("b", Column::from(["ab"]))]);
        assert!(two.contains("the rows have 2 columns"), "{two}");
    }
}
