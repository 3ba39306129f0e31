//! Products of columns.

use ndarray::Array2;

use super::{Error, TransformerParts, numbers_of, transformer};
use crate::data::Frame;
use crate::model::Transformer;
use crate::tree::check;

/// How many products there are at most: two numbers of a file say how many, and each takes memory.
const MOST_PRODUCTS: usize = 1 << 20;

/// What a [`PolynomialFeatures`] is made of: its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolynomialParts {
    /// How many factors a product has at least, the column of ones aside.
    pub min_degree: usize,
    /// How many it has at most.
    pub max_degree: usize,
    /// Whether a column stands in a product at most once.
    pub interaction_only: bool,
    /// Whether there is a column of ones first.
    pub include_bias: bool,
}

/// scikit-learn's `PolynomialFeatures`: all products of so many columns.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{PolynomialFeatures, PolynomialParts, TransformerParts};
///
/// let parts = PolynomialParts {
///     min_degree: 0,
///     max_degree: 2,
///     interaction_only: false,
///     include_bias: true,
/// };
/// let products = PolynomialFeatures::from_parts(TransformerParts::new(2), parts)?;
/// let made = products.transform(&Frame::from_numbers(ndarray::array![[2.0, 3.0]]))?;
/// let expected = ndarray::array![[1.0, 2.0, 3.0, 4.0, 6.0, 9.0]];
/// assert_eq!(made.numbers().expect("numbers"), expected);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct PolynomialFeatures {
    fitted: TransformerParts,
    parts: PolynomialParts,
    /// Each product: the column that it multiplies, and the place of what it multiplies it with, among
    /// the products, if with any.
    products: Vec<(usize, Option<usize>)>,
    /// How many of the products come first and are not kept.
    skipped: usize,
}

transformer!(PolynomialFeatures);

impl PolynomialFeatures {
    /// Checks the parts and lists the products.
    ///
    /// # Errors
    /// [`Error::Model`] for degrees that are none, [`Error::TooMany`] for more than 2²⁰ products.
    pub fn from_parts(fitted: TransformerParts, parts: PolynomialParts) -> Result<Self, Error> {
        fitted.check_columns()?;
        let PolynomialParts { min_degree, max_degree, interaction_only, .. } = parts;
        if min_degree > max_degree || (max_degree == 0 && !parts.include_bias) {
            let problem = format!("its degrees are from {min_degree} to {max_degree}");
            return Err(Error::Model { problem });
        }
        let columns = fitted.n_features;
        check::within("products", columns, MOST_PRODUCTS)?;
        let mut products: Vec<(usize, Option<usize>)> = Vec::new();
        let mut skipped = 0;
        // where the products of one factor less begin, for each first column, and where they end
        let mut index: Vec<usize> = Vec::new();
        for degree in 1..=max_degree {
            let before = products.len();
            let mut next = Vec::with_capacity(columns + 1);
            for column in 0..columns {
                next.push(products.len());
                if degree == 1 {
                    products.push((column, None));
                    continue;
                }
                let first = if interaction_only { column + 1 } else { column };
                let (Some(&start), Some(&end)) = (index.get(first), index.last()) else { continue };
                check::within("products", products.len() + (end - start), MOST_PRODUCTS)?;
                products.extend((start..end).map(|with| (column, Some(with))));
            }
            next.push(products.len());
            index = next;
            if degree < min_degree {
                skipped = products.len();
            }
            // of more factors than columns there are no products, nor of any more
            if products.len() == before {
                break;
            }
        }
        if max_degree >= 1 && products.len() == skipped && !parts.include_bias {
            return Err(Error::Model { problem: "it has no products".to_owned() });
        }
        Ok(PolynomialFeatures { fitted, parts, products, skipped })
    }

    /// How many products it makes, those included that are parts of others alone.
    pub fn n_products(&self) -> usize {
        self.products.len()
    }

    /// What it was made of.
    pub fn parts(&self) -> PolynomialParts {
        self.parts
    }
}

impl Transformer for PolynomialFeatures {
    fn n_features_out(&self) -> usize {
        self.products.len() - self.skipped + usize::from(self.parts.include_bias)
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let columns = self.fitted.names(input)?;
        // how often the first column of each product stands in it, and what it is multiplied with
        let mut powers: Vec<(usize, Option<usize>)> = Vec::with_capacity(self.products.len());
        for &(column, with) in &self.products {
            let same =
                with.filter(|&with| self.products.get(with).is_some_and(|it| it.0 == column));
            powers.push(match same.and_then(|same| powers.get(same)) {
                Some(&(power, rest)) => (power + 1, rest),
                None => (1, with),
            });
        }
        let mut names = Vec::with_capacity(self.n_features_out());
        names.extend(self.parts.include_bias.then(|| "1".to_owned()));
        for place in self.skipped..self.products.len() {
            let mut factors = Vec::new();
            let mut rest = Some(place);
            while let Some(place) = rest {
                let column = columns.get(self.products.get(place)?.0)?;
                let (power, next) = *powers.get(place)?;
                factors.push(match power {
                    1 => column.clone(),
                    power => format!("{column}^{power}"),
                });
                rest = next;
            }
            names.push(factors.join(" "));
        }
        Some(names)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let numbers = numbers_of(self, table, false)?;
        let precision = table.precision().computed();
        let bias = usize::from(self.parts.include_bias);
        let mut made = Array2::ones((numbers.nrows(), self.n_features_out()));
        let mut values = vec![0.0; self.products.len()];
        for (row, mut out) in numbers.rows().into_iter().zip(made.rows_mut()) {
            for (place, &(column, with)) in self.products.iter().enumerate() {
                // the products of fewer factors come first
                let value = match with {
                    Some(with) => precision.round(values[with] * row[column]),
                    None => row[column],
                };
                values[place] = value;
            }
            let kept = values.iter().skip(self.skipped);
            out.iter_mut().skip(bias).zip(kept).for_each(|(cell, &value)| *cell = value);
        }
        Ok(Frame::from_numbers(made).with_precision(precision).with_sparse(table.is_sparse()))
    }
}
