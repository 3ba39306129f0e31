//! How encoders of labels are fitted.

use super::Error;
use crate::data::{Column, Frame, Labels};
use crate::model::fit::fits_tables;
use crate::model::{FittedParts, Parameter};
use crate::preprocessing::{LabelBinarizer, LabelEncoder};

/// The parameters of a [`LabelEncoder`], which has none.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::preprocessing::LabelEncoder;
///
/// let encoder = LabelEncoder::params().fit(&Labels::from(["ham", "spam", "ham"]))?;
/// assert_eq!(encoder.encode(&Labels::from(["spam"]))?, [1]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LabelEncoderParams {}

impl LabelEncoder {
    /// Parameters, to be fitted.
    pub fn params() -> LabelEncoderParams {
        LabelEncoderParams::default()
    }
}

/// As scikit-learn prints an estimator.
impl std::fmt::Display for LabelEncoderParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LabelEncoder()")
    }
}

impl LabelEncoderParams {
    /// Learns the classes of labels.
    ///
    /// # Errors
    /// [`Error::Model`] without any label.
    pub fn fit(&self, labels: &Labels) -> Result<LabelEncoder, Error> {
        LabelEncoder::from_parts(FittedParts::new(1), labels.classes())
    }
}

/// The parameters of a [`LabelBinarizer`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::preprocessing::LabelBinarizer;
///
/// let binarizer = LabelBinarizer::params().neg_label(-1).fit(&Labels::from(["b", "a"]))?;
/// assert_eq!(binarizer.classes(), &Labels::from(["a", "b"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LabelBinarizerParams {
    labels: (i64, i64),
}

impl Default for LabelBinarizerParams {
    fn default() -> Self {
        LabelBinarizerParams { labels: (0, 1) }
    }
}

impl LabelBinarizer {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> LabelBinarizerParams {
        LabelBinarizerParams::default()
    }
}

crate::model::fit::shown_as_estimator!(LabelBinarizerParams: "LabelBinarizer");

impl LabelBinarizerParams {
    /// The number of rows that are of another class; 0 by default.
    pub fn neg_label(mut self, label: i64) -> Self {
        self.labels.0 = label;
        self
    }

    /// The number of rows that are of the class; 1 by default.
    pub fn pos_label(mut self, label: i64) -> Self {
        self.labels.1 = label;
        self
    }

    /// The parameters by scikit-learn's names.
    fn named(&self) -> Vec<(&'static str, Parameter)> {
        vec![
            ("neg_label", Parameter::Integer(self.labels.0)),
            ("pos_label", Parameter::Integer(self.labels.1)),
            ("sparse_output", Parameter::Boolean(false)),
        ]
    }

    /// Learns the classes of labels.
    ///
    /// # Errors
    /// [`Error::Model`] without any label, and unless `neg_label` is below `pos_label`,
    /// [`Error::Target`] for a label that is a quantity.
    pub fn fit(&self, labels: &Labels) -> Result<LabelBinarizer, Error> {
        if let Some((row, label)) =
            labels.first_quantity().and_then(|it| Some((it, labels.get(it)?)))
        {
            let expected = "a class must be a whole number of at most 64 bits, a text or a boolean";
            return Err(Error::Target { row, value: label.to_string(), expected });
        }
        let named = self.named().into_iter().map(|(name, value)| (name.to_owned(), value));
        let fitted = FittedParts { parameters: named.collect(), ..FittedParts::new(1) };
        LabelBinarizer::from_parts(fitted, labels.classes(), self.labels)
    }
}

/// The labels of a table of one column.
fn labels(table: &Frame) -> Result<Labels, Error> {
    match (table.shape(), table.column(0)) {
        ((_, 1), Some(Column::Numbers(numbers))) => Ok(Labels::Floats(numbers)),
        ((_, 1), Some(Column::Words(words))) => {
            Ok(Labels::Text(words.into_iter().map(Option::unwrap_or_default).collect()))
        }
        ((_, found), _) => Err(Error::Columns { expected: 1, found }),
    }
}

fits_tables!(LabelEncoderParams, |params, table| params.fit(&labels(table)?));

fits_tables!(LabelBinarizerParams, |params, table| params.fit(&labels(table)?));
