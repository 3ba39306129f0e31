//! Counts of tokens, weighed by how rare the tokens are.

use super::{CountVectorizer, Error, kept};
use crate::data::{Frame, SparseRows};
use crate::model::{Abilities, FittedParts, Model, Parameters, SklearnVersion, Transformer};
use crate::preprocessing::{Norm, sparse_rows_of, transformer};

/// What becomes of counts: the parameters of scikit-learn's `TfidfTransformer`.
#[derive(Debug, Clone, PartialEq)]
pub struct TfidfParts {
    /// What each column is multiplied by, `idf_`, unless `use_idf=False`.
    pub idf: Option<Vec<f64>>,
    /// What is made 1 for each row, if anything is.
    pub norm: Option<Norm>,
    /// Whether counts are replaced by 1 + ln(count).
    pub sublinear_tf: bool,
    /// Whether the numbers are rounded to 32 bits, as with `dtype=numpy.float32`.
    pub single: bool,
}

/// scikit-learn's defaults but for the weights, which a fit finds.
impl Default for TfidfParts {
    fn default() -> Self {
        TfidfParts { idf: None, norm: Some(Norm::L2), sublinear_tf: false, single: false }
    }
}

impl TfidfParts {
    fn check(&self, columns: usize) -> Result<(), Error> {
        let Some(idf) = &self.idf else { return Ok(()) };
        if idf.len() != columns {
            let (what, found) = ("idf_", idf.len());
            return Err(Error::Length { what, expected: columns, found });
        }
        match idf.iter().find(|weight| !weight.is_finite()) {
            None => Ok(()),
            Some(weight) => Err(Error::Model { problem: format!("idf_: one is {weight}") }),
        }
    }

    fn weighed(&self, counts: SparseRows) -> SparseRows {
        let round = |value: f64| if self.single { f64::from(value as f32) } else { value };
        counts.map_rows(|columns, values| {
            if self.sublinear_tf {
                values.iter_mut().for_each(|value| *value = round(round(value.ln()) + 1.0));
            }
            if let Some(idf) = &self.idf {
                for (value, &column) in values.iter_mut().zip(columns) {
                    let weight = idf.get(column as usize).copied().unwrap_or(0.0);
                    *value = round(*value * round(weight));
                }
            }
            if let Some(norm) = self.norm {
                norm.normalize_cells(values, self.single);
            }
        })
    }
}

/// scikit-learn's `TfidfTransformer`: counts, multiplied by the weights of their columns, and each
/// row divided by its norm. It gives sparse rows.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::{FittedParts, Transformer};
/// use picklebook::vectorizers::{TfidfParts, TfidfTransformer};
///
/// let parts = TfidfParts { idf: Some(vec![3.0, 2.0]), ..Default::default() };
/// let weights = TfidfTransformer::from_parts(FittedParts::new(2), parts)?;
/// let weighed = weights.transform(&Frame::from_numbers(ndarray::array![[1.0, 2.0]]))?;
/// assert_eq!(weighed.numbers().expect("numbers"), ndarray::array![[0.6, 0.8]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TfidfTransformer {
    fitted: FittedParts,
    parts: TfidfParts,
}

transformer!(TfidfTransformer);

impl TfidfTransformer {
    /// Checks the parts and puts a transformer together.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a weight for each column, [`Error::Model`] for one that is
    /// not finite.
    pub fn from_parts(fitted: FittedParts, parts: TfidfParts) -> Result<Self, Error> {
        fitted.check_columns()?;
        parts.check(fitted.n_features)?;
        Ok(TfidfTransformer { fitted, parts })
    }

    /// What becomes of counts.
    pub fn parts(&self) -> &TfidfParts {
        &self.parts
    }
}

impl Transformer for TfidfTransformer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        Ok(kept(self.parts.weighed(sparse_rows_of(self, table)?), self.parts.single))
    }
}

/// scikit-learn's `TfidfVectorizer`: a [`CountVectorizer`], and what a [`TfidfTransformer`] makes of
/// its counts.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::vectorizers::{
///     Analyzer, AnalyzerParts, CountVectorizer, TfidfParts, TfidfVectorizer,
/// };
///
/// let words = ["free", "lunch"].map(str::to_owned).to_vec();
/// let analyzer = Analyzer::new(AnalyzerParts::default())?;
/// let counts = CountVectorizer::from_parts(analyzer, words, false)?;
/// let parts = TfidfParts { idf: Some(vec![3.0, 2.0]), ..Default::default() };
/// let vectorizer = TfidfVectorizer::from_parts(counts, parts)?;
/// let texts = Frame::named([("text", Column::from(["Lunch, free lunch!"]))])?;
/// let expected = ndarray::array![[0.6, 0.8]];
/// assert_eq!(vectorizer.transform(&texts)?.numbers().expect("numbers"), expected);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TfidfVectorizer {
    counts: CountVectorizer,
    parts: TfidfParts,
}

impl TfidfVectorizer {
    /// Checks the parts and puts a vectorizer together.
    ///
    /// # Errors
    /// As [`TfidfTransformer::from_parts`].
    pub fn from_parts(counts: CountVectorizer, parts: TfidfParts) -> Result<Self, Error> {
        parts.check(counts.vocabulary().len())?;
        Ok(TfidfVectorizer { counts, parts })
    }

    /// The vectorizer that counts.
    pub fn counts(&self) -> &CountVectorizer {
        &self.counts
    }

    /// What becomes of counts.
    pub fn parts(&self) -> &TfidfParts {
        &self.parts
    }

    /// The scikit-learn that fitted it.
    pub fn version(&self) -> SklearnVersion {
        self.counts.version()
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &Parameters {
        self.counts.parameters()
    }
}

impl Model for TfidfVectorizer {
    fn name(&self) -> &'static str {
        "TfidfVectorizer"
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

impl Transformer for TfidfVectorizer {
    fn n_features_out(&self) -> usize {
        self.counts.vocabulary().len()
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(self.counts.vocabulary().to_vec())
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        Ok(kept(self.parts.weighed(self.counts.counts(table, self)?), self.parts.single))
    }
}
