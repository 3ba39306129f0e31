//! Some of the columns: what scikit-learn's selectors chose.

use super::{Cells, Error, TransformerParts, cells_of};
use crate::data::{Frame, SparseRows};
use crate::model::{Abilities, Model, Transformer};

/// Any of scikit-learn's selectors, such as `SelectKBest`: the columns that it chose. Sparse rows stay
/// sparse.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{Selector, TransformerParts};
///
/// let fitted = TransformerParts::new(3);
/// let selector = Selector::from_parts("SelectKBest", fitted, &[true, false, true])?;
/// let made = selector.transform(&Frame::from_numbers(ndarray::array![[1.0, 2.0, 3.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[1.0, 3.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Selector {
    name: &'static str,
    fitted: TransformerParts,
    chosen: Vec<usize>,
    missing: bool,
}

impl Selector {
    /// A selector of this class, and for each column whether it was chosen: `get_support()`.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one answer for each column.
    pub fn from_parts(
        name: &'static str,
        fitted: TransformerParts,
        support: &[bool],
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        fitted.one_each("columns of its support", support.len())?;
        let chosen = support.iter().enumerate().filter(|(_, chosen)| **chosen);
        let chosen = chosen.map(|(place, _)| place).collect();
        Ok(Selector { name, fitted, chosen, missing: false })
    }

    /// The same selector, which lets missing values pass.
    #[must_use]
    pub fn with_missing(mut self) -> Self {
        self.missing = true;
        self
    }

    /// The columns that were chosen.
    pub fn chosen(&self) -> &[usize] {
        &self.chosen
    }
}

crate::model::about_the_fit!(Selector);

impl Model for Selector {
    fn name(&self) -> &'static str {
        self.name
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().transformer(self)
    }
}

impl Transformer for Selector {
    fn n_features_out(&self) -> usize {
        self.chosen.len()
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let names = self.fitted.names(input)?;
        self.chosen.iter().map(|&place| names.get(place).cloned()).collect()
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let cells = cells_of(self, table, self.missing)?;
        let absent = || Error::Internal { problem: "a selector chose no column of its".to_owned() };
        let made: Frame = match cells {
            Cells::Dense(numbers) => numbers.select(ndarray::Axis(1), &self.chosen).into(),
            Cells::Sparse(rows) if self.chosen.is_empty() => {
                let mut none = SparseRows::new(0)?;
                for _ in rows.rows() {
                    none.push([])?;
                }
                none.into()
            }
            Cells::Sparse(rows) => rows.select(&self.chosen).ok_or_else(absent)?.into(),
        };
        Ok(made.with_precision(table.precision()).with_sparse(table.is_sparse()))
    }
}
