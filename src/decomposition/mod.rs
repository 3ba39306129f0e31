//! Fewer columns that keep the most: scikit-learn's PCA, TruncatedSVD and NMF.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files, and
//! answer as scikit-learn does, to about 1e-12 (its own sums depend on its BLAS); nothing here is
//! fitted.
//!
//! ```
//! use ndarray::array;
//! use picklebook::data::Frame;
//! use picklebook::decomposition::{Projection, ProjectionParts};
//! use picklebook::model::{FittedParts, Transformer};
//!
//! let parts = ProjectionParts { mean: Some(vec![1.0, 1.0]), ..ProjectionParts::new(array![[0.5, 0.25]]) };
//! let pca = Projection::from_parts("PCA", FittedParts::new(2), parts)?;
//! let made = pca.transform(&Frame::from_numbers(array![[3.0, 1.0]]))?;
//! assert_eq!(made.numbers().expect("numbers"), array![[1.0]]);
//! # Ok::<(), picklebook::model::Error>(())
//! ```

mod nmf;

use ndarray::{Array1, Array2};

pub use nmf::{Nmf, NmfParts};

pub use crate::model::Error;

use crate::data::Frame;
use crate::model::{Abilities, FittedParts, Model, Transformer, names_by_class};
use crate::preprocessing::{Cells, cells_of};

/// What a [`Projection`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ProjectionParts {
    /// The directions (components × columns): `components_`.
    pub components: Array2<f64>,
    /// What is subtracted from each column first, if anything is: `mean_`.
    pub mean: Option<Vec<f64>>,
    /// What each component is divided by at last, if by anything, for `whiten=True`.
    pub scale: Option<Vec<f64>>,
}

impl ProjectionParts {
    /// These directions, with nothing subtracted and nothing divided.
    pub fn new(components: Array2<f64>) -> Self {
        ProjectionParts { components, mean: None, scale: None }
    }
}

/// scikit-learn's `PCA` or `TruncatedSVD`: each row's coordinates along some directions. Of sparse
/// rows only those cells are looked at that are kept.
///
/// See the [room's](crate::decomposition) example.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    name: &'static str,
    fitted: FittedParts,
    parts: ProjectionParts,
    /// Columns × components, so that a cell's share of all of them lies side by side.
    turned: Array2<f64>,
    /// What the means have along the directions.
    offset: Option<Array1<f64>>,
}

impl Projection {
    /// A projection of this class.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one number for each column or component, [`Error::Model`]
    /// for one that is not finite, or a scale of zero.
    pub fn from_parts(
        name: &'static str,
        fitted: FittedParts,
        parts: ProjectionParts,
    ) -> Result<Self, Error> {
        fitted.check_columns()?;
        let (components, columns) = parts.components.dim();
        fitted.one_each("columns of components_", columns)?;
        if let Some(mean) = &parts.mean {
            fitted.one_each("means", mean.len())?;
        }
        if let Some(scale) = parts.scale.as_ref().filter(|scale| scale.len() != components) {
            let (what, found) = ("scales of components", scale.len());
            return Err(Error::Length { what, expected: components, found });
        }
        let finite =
            |mut values: Box<dyn Iterator<Item = &f64> + '_>| values.all(|value| value.is_finite());
        let scales = || parts.scale.iter().flatten();
        if !finite(Box::new(parts.components.iter()))
            || !finite(Box::new(parts.mean.iter().flatten()))
            || !scales().all(|&scale| scale.is_finite() && scale > 0.0)
        {
            let problem = "a component, mean or scale is not finite, or a scale is zero";
            return Err(Error::Model { problem: problem.to_owned() });
        }
        let turned = parts.components.t().as_standard_layout().into_owned();
        let offset = parts.mean.as_ref().map(|mean| {
            let mean = Array1::from_vec(mean.clone());
            parts.components.dot(&mean)
        });
        Ok(Projection { name, fitted, parts, turned, offset })
    }

    /// What it was made of.
    pub fn parts(&self) -> &ProjectionParts {
        &self.parts
    }
}

impl Projection {
    fn subtracts_first(&self) -> bool {
        self.fitted.version.before(1, 5)
    }

    fn divided(&self, mut made: Array2<f64>) -> Array2<f64> {
        if let Some(scale) = &self.parts.scale {
            for mut row in made.rows_mut() {
                row.iter_mut().zip(scale).for_each(|(value, scale)| *value /= scale);
            }
        }
        made
    }
}

crate::model::about_the_fit!(Projection);

impl Model for Projection {
    fn name(&self) -> &'static str {
        self.name
    }

    crate::model::own_columns!();

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().transformer(self)
    }
}

impl Transformer for Projection {
    fn n_features_out(&self) -> usize {
        self.parts.components.nrows()
    }

    fn feature_names_out(&self, _: Option<&[String]>) -> Option<Vec<String>> {
        Some(names_by_class(self.name, self.n_features_out()))
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mut made = match cells_of(self, table, false)? {
            // until 1.4 the means were subtracted before
            Cells::Dense(mut numbers) if self.subtracts_first() => {
                if let Some(mean) = &self.parts.mean {
                    for mut row in numbers.rows_mut() {
                        row.iter_mut().zip(mean).for_each(|(value, mean)| *value -= mean);
                    }
                }
                return Ok(self.divided(numbers.dot(&self.turned)).into());
            }
            Cells::Dense(numbers) => numbers.dot(&self.turned),
            Cells::Sparse(rows) => rows.dot(&self.turned, Some),
        };
        for mut row in made.rows_mut() {
            if let Some(offset) = &self.offset {
                row -= offset;
            }
        }
        Ok(self.divided(made).into())
    }
}
