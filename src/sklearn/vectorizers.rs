//! From texts to numbers: `sklearn.feature_extraction.text.CountVectorizer` and its like.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill, dropped};
use super::convert::{Copier, Given};
use super::read::{Object, Read, described, integer, text};
use super::registry::Class;
use super::scipy::{is_sparse, sparse_rows};
use super::write::{ToSklearn, Writer};
use crate::data::Labels;
use crate::model::{Model, Parameter, Parameters};
use crate::pickle::{Handle, Value};
use crate::preprocessing::Norm;
use crate::vectorizers::{
    Analyzer, AnalyzerParts, CountVectorizer, HashingParts, HashingVectorizer, StripAccents,
    TfidfParts, TfidfTransformer, TfidfVectorizer, TokenKind,
};

const TEXT: &[&str] = &["sklearn.feature_extraction.text"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "CountVectorizer", modules: TEXT, read: read_count },
    Class { name: "TfidfTransformer", modules: TEXT, read: read_tfidf_transformer },
    Class { name: "TfidfVectorizer", modules: TEXT, read: read_tfidf },
    Class { name: "HashingVectorizer", modules: TEXT, read: read_hashing },
];

/// Words that were left out for what they are in the texts of the fit: gone from 1.5 on.
const STOPPED: Change =
    Change::Made("stop_words_", |copier, object| match copier.writer.version.before(1, 5) {
        true => copier.attribute(object, "stop_words_"),
        false => Ok(None),
    });
/// The address of an object in the memory of the process that wrote it.
const STOP_ID: Change = dropped("_stop_words_id");

/// A parameter that a vectorizer handed to its transformer, and kept itself from 1.1 on.
fn weight(copier: &mut Copier<'_>, object: &Object, name: &str) -> Result<Option<Handle>, Error> {
    if copier.writer.version.before(1, 1) {
        return Ok(None);
    }
    if object.find(name).is_some() {
        return copier.attribute(object, name);
    }
    let transformer = object.estimator("_tfidf")?;
    copier.attribute(&transformer, name)
}

/// How many columns a vectorizer of one of these classes makes, if it was fitted.
pub(super) fn columns_of(object: &Object) -> Option<usize> {
    match object.name() {
        "CountVectorizer" | "TfidfVectorizer" => Some(object.some("vocabulary_")?.entries().len()),
        "HashingVectorizer" => object.count("n_features").ok(),
        _ => None,
    }
}

const TFIDF: &[Change] = &[
    Change::Made("_tfidf", |copier, object| {
        let columns = columns_of(object).filter(|_| object.find("vocabulary_").is_some());
        copier.given = columns.map(|columns| Given { columns, names: None });
        let made = copier.attribute(object, "_tfidf");
        copier.given = None;
        made
    }),
    STOPPED,
    STOP_ID,
    Change::Made("norm", |copier, object| weight(copier, object, "norm")),
    Change::Made("use_idf", |copier, object| weight(copier, object, "use_idf")),
    Change::Made("smooth_idf", |copier, object| weight(copier, object, "smooth_idf")),
    Change::Made("sublinear_tf", |copier, object| weight(copier, object, "sublinear_tf")),
];
/// Until 1.4 the weights of columns were the diagonal of a sparse matrix.
const WEIGHTS: &[Change] = &[
    Change::Made("idf_", |copier, object| match copier.writer.version.before(1, 5) {
        true => Ok(None),
        false if object.find("idf_").is_some() => copier.attribute(object, "idf_"),
        false => match read_weights(object)?.idf {
            Some(idf) => copier.writer.floats(&[idf.len()], &idf).map(Some),
            None => Ok(None),
        },
    }),
    Change::Made("_idf_diag", |copier, object| {
        if !copier.writer.version.before(1, 5) {
            return Ok(None);
        }
        if object.find("_idf_diag").is_some() {
            return copier.attribute(object, "_idf_diag");
        }
        let Some(idf) = read_weights(object)?.idf else { return Ok(None) };
        let writer = &copier.writer;
        let places: Vec<i32> = (0..=idf.len()).filter_map(|place| place.try_into().ok()).collect();
        let bytes = |places: &[i32]| places.iter().flat_map(|place| place.to_le_bytes()).collect();
        let columns = places.get(..idf.len()).unwrap_or(&places);
        let attributes = vec![
            ("_shape", writer.builder.tuple([writer.count(idf.len()), writer.count(idf.len())])?),
            ("maxprint", writer.count(50)),
            ("data", writer.floats(&[idf.len()], &idf)?),
            ("indices", writer.raw(&[columns.len()], "i4", bytes(columns))?),
            ("indptr", writer.raw(&[places.len()], "i4", bytes(&places))?),
        ];
        writer.object(("scipy.sparse", "csr_matrix"), attributes).map(Some)
    }),
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((1, 0), Fill::ColumnsOf("_idf_diag"))]),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("CountVectorizer", &[STOPPED, STOP_ID]),
    ("TfidfTransformer", WEIGHTS),
    ("TfidfVectorizer", TFIDF),
    ("HashingVectorizer", &[STOP_ID]),
];

/// The parameters that have to do with tokens.
fn read_analyzer(object: &Object) -> Result<Analyzer, Error> {
    // Functions of Python's are never called.
    for name in ["preprocessor", "tokenizer"] {
        if let Some(function) = object.some(name) {
            return Err(object.unsupported(format!("its {name} is {}", described(function))));
        }
    }
    let input = object.text("input")?;
    if input != "content" {
        return Err(object.unsupported(format!("its input is {input:?}")));
    }
    let name = "analyzer";
    let analyzer = object.get(name)?;
    let analyzer = match text(analyzer).as_deref() {
        Some("word") => TokenKind::Word,
        Some("char") => TokenKind::Char,
        Some("char_wb") => TokenKind::CharWb,
        _ => return Err(object.unsupported(format!("its analyzer is {}", described(analyzer)))),
    };
    let strip_accents = match object.some("strip_accents") {
        None => None,
        Some(value) => match text(value).as_deref() {
            Some("ascii") => Some(StripAccents::Ascii),
            Some("unicode") => Some(StripAccents::Unicode),
            _ => {
                let problem = format!("its strip_accents is {}", described(value));
                return Err(object.unsupported(problem));
            }
        },
    };
    let name = "stop_words";
    let stop_words = match object.some(name) {
        None => Vec::new(),
        Some(value) => match text(value).as_deref() {
            Some("english") => AnalyzerParts::english_stop_words(),
            Some(other) => {
                return Err(object.unsupported(format!("its stop_words are {other:?}")));
            }
            None => read_words(object, name, value)?,
        },
    };
    let name = "ngram_range";
    let ngram_range = match object.list(name)?.as_slice() {
        [least, most] => match (integer(least), integer(most)) {
            (Some(least), Some(most)) => {
                (usize::try_from(least).unwrap_or(0), usize::try_from(most).unwrap_or(0))
            }
            _ => return Err(object.wrong(name, "it is no pair of counts")),
        },
        _ => return Err(object.wrong(name, "it is no pair of counts")),
    };
    let token_pattern = match (analyzer, object.some("token_pattern")) {
        (TokenKind::Word, _) => object.text("token_pattern")?,
        (_, _) => AnalyzerParts::default().token_pattern,
    };
    let lowercase = object.boolean("lowercase")?;
    object.model(Analyzer::new(AnalyzerParts {
        lowercase,
        strip_accents,
        analyzer,
        token_pattern,
        ngram_range,
        stop_words,
    }))
}

/// Words in a list, a set, or an array.
fn read_words(object: &Object, name: &str, value: &Value) -> Result<Vec<String>, Error> {
    let words = match value.type_name() {
        "list" | "tuple" | "set" | "frozenset" => value.items(),
        _ => match object.labels_of(name, value)? {
            Labels::Text(words) => return Ok(words),
            _ => return Err(object.not(name, value, "words")),
        },
    };
    let word = |word: &Value| text(word).ok_or_else(|| object.not(name, word, "a word"));
    words.iter().map(word).collect()
}

/// The tokens in the order of the columns.
fn read_vocabulary(object: &Object) -> Result<Vec<String>, Error> {
    // A vectorizer that was given its vocabulary answers without a fit.
    let name = match object.find("vocabulary_") {
        Some(_) => "vocabulary_",
        None if object.some("vocabulary").is_some() => "vocabulary",
        None => "vocabulary_",
    };
    let value = object.get(name)?;
    if value.type_name() != "dict" && value.entries().is_empty() {
        let mut words = read_words(object, name, value)?;
        if matches!(value.type_name(), "set" | "frozenset") {
            words.sort_unstable();
        }
        return Ok(words);
    }
    read_places(object, name, value)
}

/// Tokens in a dictionary that has their places, in the order of those.
pub(super) fn read_places(
    object: &Object,
    name: &str,
    value: &Value,
) -> Result<Vec<String>, Error> {
    let entries = value.entries();
    let mut vocabulary = vec![None; entries.len()];
    for (token, place) in entries {
        let token = text(&token).ok_or_else(|| object.not(name, &token, "a token"))?;
        let place = integer(&place).and_then(|place| usize::try_from(place).ok());
        let cell = place.and_then(|place| vocabulary.get_mut(place));
        match cell {
            Some(cell) if cell.is_none() => *cell = Some(token),
            _ => {
                let token = crate::text::shortened(&token, 100);
                let problem = format!("the column of {token:?} is another's, or past the last");
                return Err(object.wrong(name, problem));
            }
        }
    }
    // as many places as tokens, and none taken twice: each has one
    Ok(vocabulary.into_iter().flatten().collect())
}

/// Whether numbers have 32 bits: the parameter `dtype`.
pub(super) fn read_single(object: &Object) -> Result<bool, Error> {
    let name = "dtype";
    let Some(value) = object.some(name) else { return Ok(false) };
    let named = value.global().map(|(_, name)| name).or_else(|| text(value));
    match named.as_deref() {
        Some(
            "float64" | "float" | "int64" | "int" | "int32" | "uint32" | "uint64" | "longlong",
        ) => Ok(false),
        Some("float32") => Ok(true),
        Some(other) => {
            Err(object.unsupported(format!("its dtype is {}", crate::text::shortened(other, 100))))
        }
        None => match value.dtype() {
            Some(dtype) if ["float64", "int64"].contains(&dtype.to_string().as_str()) => Ok(false),
            _ => Err(object.unsupported(format!("its dtype is {}", described(value)))),
        },
    }
}

pub(super) fn read_norm(object: &Object) -> Result<Option<Norm>, Error> {
    match object.some("norm") {
        None => Ok(None),
        Some(value) => match text(value).as_deref() {
            Some("l1") => Ok(Some(Norm::L1)),
            Some("l2") => Ok(Some(Norm::L2)),
            Some("max") if !object.version().has_absolute_norms() => {
                let problem = "its norm is \"max\", which before 0.23 is not of absolute values";
                Err(object.unsupported(problem))
            }
            Some("max") => Ok(Some(Norm::Max)),
            _ => Err(object.unsupported(format!("its norm is {}", described(value)))),
        },
    }
}

fn read_counts(object: &Object) -> Result<CountVectorizer, Error> {
    read_single(object)?;
    let (analyzer, vocabulary) = (read_analyzer(object)?, read_vocabulary(object)?);
    let binary = object.boolean("binary")?;
    let counts = object.model(CountVectorizer::from_parts(analyzer, vocabulary, binary))?;
    Ok(counts.fitted_by(object.version(), object.parameters()))
}

fn read_count(object: &Object) -> Read {
    Ok(Arc::new(read_counts(object)?))
}

/// The weights of the columns: `idf_`, or until 1.4 the diagonal of a sparse matrix.
fn read_weights(object: &Object) -> Result<TfidfParts, Error> {
    let idf = match object.boolean("use_idf")? {
        false => None,
        true => match object.find("idf_") {
            Some(_) => Some(object.floats("idf_")?),
            None => {
                let name = "_idf_diag";
                let diagonal = object.get(name)?;
                if !is_sparse(diagonal) {
                    return Err(object.not(name, diagonal, "a sparse matrix"));
                }
                let rows =
                    sparse_rows(diagonal).map_err(|error| object.wrong(name, error.to_string()))?;
                if rows.shape().0 != rows.shape().1 {
                    return Err(object.wrong(name, "it has not as many rows as columns"));
                }
                let mut idf = vec![0.0; rows.shape().1];
                for (row, (columns, values)) in rows.rows().enumerate() {
                    for (&column, &value) in columns.iter().zip(values) {
                        match idf.get_mut(row) {
                            Some(weight) if column as usize == row => *weight = value,
                            _ => return Err(object.wrong(name, "it has cells off the diagonal")),
                        }
                    }
                }
                Some(idf)
            }
        },
    };
    let sublinear_tf = object.boolean("sublinear_tf")?;
    Ok(TfidfParts { idf, norm: read_norm(object)?, sublinear_tf, single: false })
}

fn read_tfidf_transformer(object: &Object) -> Read {
    let parts = read_weights(object)?;
    let columns = parts.idf.as_ref().map_or(0, Vec::len);
    let made = TfidfTransformer::from_parts(object.fitted(columns)?, parts);
    Ok(Arc::new(object.model(made)?))
}

fn read_tfidf(object: &Object) -> Read {
    let single = read_single(object)?;
    let counts = read_counts(object)?;
    let parts = TfidfParts { single, ..read_weights(&object.estimator("_tfidf")?)? };
    Ok(Arc::new(object.model(TfidfVectorizer::from_parts(counts, parts))?))
}

fn read_hashing(object: &Object) -> Read {
    let flag = |name: &str, absent: bool| match object.find(name) {
        Some(_) => object.boolean(name),
        None => Ok(absent),
    };
    let parts = HashingParts {
        n_features: object.count("n_features")?,
        binary: object.boolean("binary")?,
        norm: read_norm(object)?,
        alternate_sign: flag("alternate_sign", true)?,
        non_negative: flag("non_negative", false)?,
        single: read_single(object)?,
    };
    let made = object.model(HashingVectorizer::from_parts(read_analyzer(object)?, parts))?;
    Ok(Arc::new(made.fitted_by(object.version(), object.parameters())))
}

const MODULE: &str = "sklearn.feature_extraction.text";

/// The vocabulary of a vectorizer that was fitted here, and what it notes beside.
fn write_vocabulary(
    writer: &Writer<'_>,
    counts: &CountVectorizer,
    class: &str,
) -> Result<Vec<(&'static str, Handle)>, Error> {
    let b = &writer.builder;
    let learned = counts.learned().ok_or_else(|| writer.not_fitted_here(class))?;
    let tokens = counts.vocabulary();
    let mut entries = Vec::with_capacity(tokens.len());
    for &column in &learned.first_seen {
        let token = tokens.get(column as usize).map_or("", String::as_str);
        let number = match learned.limited {
            true => writer.integer_scalar(column.into())?,
            false => b.int(column),
        };
        entries.push((b.str(token), number));
    }
    let mut attributes = vec![("fixed_vocabulary_", b.bool(learned.fixed))];
    let vocabulary = ("vocabulary_", b.dict(entries)?);
    // No object of Python's is at 0: it checks the stop words anew.
    let checked = learned.words.then(|| ("_stop_words_id", b.int(0)));
    match learned.fixed {
        true => attributes.extend([vocabulary].into_iter().chain(checked)),
        false => attributes.extend(checked.into_iter().chain([vocabulary])),
    }
    Ok(attributes)
}

impl ToSklearn for CountVectorizer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(write_vocabulary(writer, self, self.name())?);
        writer.estimator((MODULE, self.name()), attributes)
    }
}

/// A transformer, by its parameters and what is known of its columns.
fn write_weights(
    writer: &Writer<'_>,
    parameters: &Parameters,
    columns: Vec<(&'static str, Handle)>,
    parts: &TfidfParts,
) -> Result<Handle, Error> {
    let mut attributes = writer.parameters(parameters)?;
    attributes.extend(columns);
    if let Some(idf) = &parts.idf {
        attributes.push(("idf_", writer.vector(idf)?));
    }
    writer.estimator((MODULE, "TfidfTransformer"), attributes)
}

impl ToSklearn for TfidfTransformer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().is_empty() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let columns = writer.columns(self.fitted())?;
        write_weights(writer, self.parameters(), columns, self.parts())
    }
}

impl ToSklearn for TfidfVectorizer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let vocabulary = write_vocabulary(writer, self.counts(), self.name())?;
        let of_weights = ["norm", "use_idf", "smooth_idf", "sublinear_tf"];
        let named = |name: &str| {
            let value = self.parameters().get(name).cloned().unwrap_or(Parameter::None);
            (name.to_owned(), value)
        };
        let weights: Parameters = of_weights.into_iter().map(named).collect();
        let columns = vec![("n_features_in_", writer.count(self.counts().vocabulary().len()))];
        let weights = write_weights(writer, &weights, columns, self.parts())?;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.push(("_tfidf", weights));
        attributes.extend(vocabulary);
        writer.estimator((MODULE, self.name()), attributes)
    }
}

impl ToSklearn for HashingVectorizer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().is_empty() {
            return Err(writer.not_fitted_here(self.name()));
        }
        writer.estimator((MODULE, self.name()), writer.parameters(self.parameters())?)
    }
}
