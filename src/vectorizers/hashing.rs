//! Tokens in columns that their hashes name.

use super::analyzer::Buffers;
use super::{Analyzer, Error, kept, texts};
use crate::data::{Frame, SparseRows};
use crate::model::{Abilities, Model, Parameters, SklearnVersion, Transformer};
use crate::preprocessing::Norm;

/// MurmurHash3 of Austin Appleby, `MurmurHash3_x86_32`, with the seed 0.
fn murmur3(bytes: &[u8]) -> u32 {
    let scramble = |k: u32| k.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut hash = 0_u32;
    for block in blocks {
        hash ^= scramble(u32::from_le_bytes(*block));
        hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let last = tail.iter().rev().fold(0, |last, &byte| last << 8 | u32::from(byte));
    hash ^= scramble(last);
    // lengths above 2³² wrap, as in C
    hash ^= bytes.len() as u32;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    hash ^ (hash >> 16)
}

/// What a [`HashingVectorizer`] is made of: its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HashingParts {
    /// How many columns there are.
    pub n_features: usize,
    /// Whether every cell that is there is 1.
    pub binary: bool,
    /// What is made 1 for each row, if anything is.
    pub norm: Option<Norm>,
    /// Whether half of the tokens are subtracted, so that those that share a column even out.
    pub alternate_sign: bool,
    /// Whether cells are made positive at last, as `non_negative` of scikit-learn before 0.21 did.
    pub non_negative: bool,
    /// Whether the numbers are rounded to 32 bits, as with `dtype=numpy.float32`.
    pub single: bool,
}

/// scikit-learn's defaults.
impl Default for HashingParts {
    fn default() -> Self {
        HashingParts {
            n_features: 1 << 20,
            binary: false,
            norm: Some(Norm::L2),
            alternate_sign: true,
            non_negative: false,
            single: false,
        }
    }
}

/// scikit-learn's `HashingVectorizer`: how often each token stands in a text, in the column that its
/// hash names.
///
/// ```
/// use picklebook::data::{Column, Frame};
/// use picklebook::model::Transformer;
/// use picklebook::vectorizers::{Analyzer, AnalyzerParts, HashingParts, HashingVectorizer};
///
/// let parts = HashingParts { n_features: 8, norm: None, ..Default::default() };
/// let analyzer = Analyzer::new(AnalyzerParts::default())?;
/// let vectorizer = HashingVectorizer::from_parts(analyzer, parts)?;
/// let texts = Frame::named([("text", Column::from(["free lunch"]))])?;
/// assert_eq!(vectorizer.transform(&texts)?.shape(), (1, 8));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct HashingVectorizer {
    analyzer: Analyzer,
    parts: HashingParts,
    version: SklearnVersion,
    parameters: Parameters,
}

impl HashingVectorizer {
    /// Checks the parts and puts a vectorizer together.
    ///
    /// # Errors
    /// [`Error::Model`] for no columns, or more than 2³¹ − 1.
    pub fn from_parts(analyzer: Analyzer, parts: HashingParts) -> Result<Self, Error> {
        if parts.n_features == 0 || i32::try_from(parts.n_features).is_err() {
            let problem = format!("n_features={}, and must be from 1 to 2³¹ − 1", parts.n_features);
            return Err(Error::Model { problem });
        }
        let (version, parameters) = (SklearnVersion::LATEST, Parameters::new());
        Ok(HashingVectorizer { analyzer, parts, version, parameters })
    }

    /// The same vectorizer, with the scikit-learn that wrote it and its parameters.
    #[must_use]
    pub fn fitted_by(mut self, version: SklearnVersion, parameters: Parameters) -> Self {
        (self.version, self.parameters) = (version, parameters);
        self
    }

    /// What makes tokens of texts.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    /// What it was made of.
    pub fn parts(&self) -> &HashingParts {
        &self.parts
    }

    /// The scikit-learn that wrote it.
    pub fn version(&self) -> SklearnVersion {
        self.version
    }

    /// Its parameters.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The column of a token, and what the token adds there.
    fn cell(&self, token: &str) -> (u32, f64) {
        let hash = murmur3(token.as_bytes()) as i32;
        let sign = if self.parts.alternate_sign && hash < 0 { -1.0 } else { 1.0 };
        // n_features fits into 31 bits
        (hash.unsigned_abs() % self.parts.n_features as u32, sign)
    }
}

impl Model for HashingVectorizer {
    fn name(&self) -> &'static str {
        "HashingVectorizer"
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

impl Transformer for HashingVectorizer {
    fn n_features_out(&self) -> usize {
        self.parts.n_features
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut rows = SparseRows::new(self.parts.n_features)?;
        let (mut found, mut buffers) = (Vec::new(), Buffers::default());
        for text in texts(self.name(), table)? {
            found.clear();
            self.analyzer.each_token(text?, &mut buffers, |token| found.push(self.cell(token)));
            found.sort_unstable_by_key(|&(column, _)| column);
            // what evens out to zero stays, as in scikit-learn
            let sum = |same: &[(u32, f64)]| {
                let &(column, _) = same.first()?;
                let sum: f64 = same.iter().map(|&(_, value)| value).sum();
                let sum = if self.parts.non_negative { sum.abs() } else { sum };
                Some((column, if self.parts.binary { 1.0 } else { sum }))
            };
            rows.push(found.chunk_by(|a, b| a.0 == b.0).filter_map(sum))?;
        }
        let rows = match self.parts.norm {
            Some(norm) => {
                rows.map_rows(|_, values| norm.normalize_cells(values, self.parts.single))
            }
            None => rows,
        };
        Ok(kept(rows, self.parts.single))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As `sklearn.utils.murmurhash3_32(text, seed=0)` has it.
    #[test]
    fn hashes_are_those_of_scikit_learn() {
        let cases = [
            ("", 0),
            ("a", 1009084850),
            ("ab", -1681926305),
            ("abc", -1277324294),
            ("abcd", 1139631978),
            ("abcde", -392455434),
            ("naïve test", 1054209712),
        ];
        for (text, hash) in cases {
            assert_eq!(murmur3(text.as_bytes()) as i32, hash, "{text}");
        }
    }
}
