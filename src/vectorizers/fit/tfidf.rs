//! How the weights of tokens are learned.

use super::count::count_setters;
use super::{CountVectorizerParams, Error, named, table_of, token_setters};
use crate::data::{Frame, SparseRows};
use crate::model::ask::numbers_for;
use crate::model::fit::{check_shape, fits_tables};
use crate::model::{FittedParts, Parameter, SklearnVersion};
use crate::preprocessing::Norm;
use crate::vectorizers::{TfidfParts, TfidfTransformer, TfidfVectorizer};

/// The parameters of a [`TfidfTransformer`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::vectorizers::TfidfTransformer;
///
/// let counts = Frame::from_numbers(ndarray::array![[1.0, 0.0], [2.0, 1.0]]);
/// let weights = TfidfTransformer::params().smooth_idf(false).fit(&counts)?;
/// assert_eq!(weights.parts().idf, Some(vec![1.0, 2.0_f64.ln() + 1.0]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TfidfTransformerParams {
    norm: Option<Norm>,
    use_idf: bool,
    smooth_idf: bool,
    sublinear_tf: bool,
}

impl Default for TfidfTransformerParams {
    fn default() -> Self {
        let (norm, sublinear_tf) = (Some(Norm::L2), false);
        TfidfTransformerParams { norm, use_idf: true, smooth_idf: true, sublinear_tf }
    }
}

/// The setters of [`TfidfTransformerParams`], which may stand in a field.
macro_rules! weight_setters {
    ($params:ident $(: $field:ident)?) => {
        impl $params {
            /// What of each row is made 1: [`Norm::L2`] by default, or nothing.
            pub fn norm(mut self, norm: Option<Norm>) -> Self {
                self$(.$field)?.norm = norm;
                self
            }

            /// Whether rare tokens weigh more, as by default.
            pub fn use_idf(mut self, use_idf: bool) -> Self {
                self$(.$field)?.use_idf = use_idf;
                self
            }

            /// Whether weights are as if one more text held every token once, as by default.
            pub fn smooth_idf(mut self, smooth: bool) -> Self {
                self$(.$field)?.smooth_idf = smooth;
                self
            }

            /// Whether counts are replaced by 1 + ln(count); not so by default.
            pub fn sublinear_tf(mut self, sublinear: bool) -> Self {
                self$(.$field)?.sublinear_tf = sublinear;
                self
            }
        }
    };
}

weight_setters!(TfidfTransformerParams);
crate::model::fit::shown_as_estimator!(TfidfTransformerParams: "TfidfTransformer");

impl TfidfTransformer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> TfidfTransformerParams {
        TfidfTransformerParams::default()
    }
}

impl TfidfTransformerParams {
    /// Learns the weights of columns from a table of counts.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a norm that is neither L1 nor L2, [`Error::Empty`] without rows or
    /// columns, [`Error::Words`] and [`Error::NotFinite`] for what is no number, and [`Error::Model`]
    /// for a weight that is infinite: that of a column of zeros, without `smooth_idf`.
    pub fn fit(&self, table: &Frame) -> Result<TfidfTransformer, Error> {
        check_shape(table.shape())?;
        let made;
        let rows = match table.sparse() {
            Some(rows) => rows,
            None => {
                made =
                    SparseRows::from_dense(&numbers_for("TfidfTransformer", table)?.into_owned())?;
                &made
            }
        };
        for (row, (columns, values)) in rows.rows().enumerate() {
            let mut cells = columns.iter().zip(values);
            if let Some((column, &value)) = cells.find(|(_, value)| !value.is_finite()) {
                let names = table.names().and_then(|names| names.get(*column as usize).cloned());
                let column = names.unwrap_or_else(|| column.to_string());
                return Err(Error::NotFinite { row, column, value, model: "TfidfTransformer" });
            }
        }
        let fitted = FittedParts {
            feature_names: table.names().map(<[String]>::to_vec),
            parameters: named(self.named()),
            ..FittedParts::new(table.shape().1)
        };
        TfidfTransformer::from_parts(fitted, self.parts(rows)?)
    }

    pub(super) fn named(&self) -> Vec<(&'static str, Parameter)> {
        let norm = match self.norm {
            None => Parameter::None,
            Some(Norm::L1) => "l1".into(),
            Some(Norm::L2) => "l2".into(),
            Some(Norm::Max) => "max".into(),
        };
        vec![
            ("norm", norm),
            ("use_idf", Parameter::Boolean(self.use_idf)),
            ("smooth_idf", Parameter::Boolean(self.smooth_idf)),
            ("sublinear_tf", Parameter::Boolean(self.sublinear_tf)),
        ]
    }

    /// What becomes of counts, by the texts in which each token stands.
    fn parts(&self, counts: &SparseRows) -> Result<TfidfParts, Error> {
        if self.norm == Some(Norm::Max) {
            let (value, expected) = ("'max'".to_owned(), "L1, L2 or none");
            return Err(Error::Parameter { name: "norm", value, expected });
        }
        let (rows, columns) = counts.shape();
        let mut texts = vec![0.0; if self.use_idf { columns } else { 0 }];
        for (places, _) in counts.rows() {
            for &place in places {
                if let Some(count) = texts.get_mut(place as usize) {
                    *count += 1.0;
                }
            }
        }
        let more = f64::from(self.smooth_idf);
        let all = rows as f64 + more;
        let weight = |texts: &f64| (all / (texts + more)).ln() + 1.0;
        let idf = self.use_idf.then(|| texts.iter().map(weight).collect());
        let (norm, sublinear_tf) = (self.norm, self.sublinear_tf);
        Ok(TfidfParts { idf, norm, sublinear_tf, single: false })
    }
}

fits_tables!(TfidfTransformerParams);

/// The parameters of a [`TfidfVectorizer`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::vectorizers::TfidfVectorizer;
///
/// let vectorizer = TfidfVectorizer::params().min_df(2).fit(["free lunch", "lunch at noon"])?;
/// assert_eq!(vectorizer.counts().vocabulary(), ["lunch"]);
/// let params = TfidfVectorizer::params().min_df(2).english_stop_words();
/// assert_eq!(params.to_string(), "TfidfVectorizer(min_df=2, stop_words='english')");
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TfidfVectorizerParams {
    counts: CountVectorizerParams,
    weights: TfidfTransformerParams,
}

token_setters!(TfidfVectorizerParams: counts.tokens);
count_setters!(TfidfVectorizerParams: counts);
weight_setters!(TfidfVectorizerParams: weights);
crate::model::fit::shown_as_estimator!(TfidfVectorizerParams: "TfidfVectorizer");

impl TfidfVectorizer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> TfidfVectorizerParams {
        TfidfVectorizerParams::default()
    }
}

impl TfidfVectorizerParams {
    /// Learns the vocabulary of texts, and the weights of its tokens.
    ///
    /// # Errors
    /// As those of [`CountVectorizerParams::fit`] and [`TfidfTransformerParams::fit`].
    pub fn fit(
        &self,
        texts: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<TfidfVectorizer, Error> {
        self.fit_table(&table_of(texts)?)
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let mut parameters = self.counts.named("float64");
        parameters.extend(self.weights.named());
        parameters
    }

    /// Learns from a table with one column of words, the texts.
    ///
    /// # Errors
    /// As [`fit`](Self::fit), [`Error::Columns`] for more than one column, and [`Error::NoText`] for
    /// what is no text.
    pub fn fit_table(&self, table: &Frame) -> Result<TfidfVectorizer, Error> {
        let (counts, rows) = self.counts.fit_counts(table)?;
        check_shape(rows.shape())?;
        let counts = counts.fitted_by(SklearnVersion::LATEST, named(self.named()));
        TfidfVectorizer::from_parts(counts, self.weights.parts(&rows)?)
    }
}

fits_tables!(TfidfVectorizerParams, |params, table| params.fit_table(table));
