//! How models of categories are fitted.
//!
//! Source: `CategoricalNB` in scikit-learn's `naive_bayes.py`.

use ndarray::{Array2, s};

use super::{
    Error, Rows, Samples, Smoothing, bayes_fits, check_all_classes, row_sums, smoothing_setters,
};
use crate::bayes::CategoricalNB;
use crate::data::Labels;
use crate::model::{FittedParts, Parameter};

/// The parameters of a [`CategoricalNB`], with scikit-learn's names and defaults.
///
/// ```
/// use picklebook::bayes::CategoricalNB;
/// use picklebook::data::Labels;
///
/// let labels = Labels::from(["no", "yes", "yes"]);
/// let params = CategoricalNB::params().min_categories(3);
/// let model = params.fit_weighted(&[[0.0], [1.0], [1.0]], &labels, None)?;
/// assert_eq!(model.predict(&[[1.0], [2.0]])?, Labels::from(["yes", "yes"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CategoricalNBParams {
    smoothing: Smoothing,
    least: Least,
}

/// How many categories a feature has at least: `min_categories`.
#[derive(Debug, Clone, Default, PartialEq)]
enum Least {
    #[default]
    AsFound,
    Same(usize),
    Each(Vec<usize>),
}

/// What a fit has counted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CategoryCounts {
    /// How much the rows of each class weigh: `class_count_`.
    pub(crate) classes: Vec<f64>,
    /// For each feature, how much the rows of each class and category weigh: `category_count_`.
    pub(crate) categories: Vec<Array2<f64>>,
    /// How many categories each feature has, by the rows that came last: `n_categories_`.
    pub(crate) n_categories: Vec<i64>,
}

smoothing_setters!(CategoricalNBParams);
bayes_fits!(CategoricalNBParams => CategoricalNB);
crate::model::fit::shown_as_estimator!(CategoricalNBParams: "CategoricalNB");

impl CategoricalNB {
    /// Parameters with scikit-learn's defaults, to be changed and then fitted.
    pub fn params() -> CategoricalNBParams {
        CategoricalNBParams::default()
    }
}

impl CategoricalNBParams {
    /// How many categories every feature has at least; as many as are found by default.
    pub fn min_categories(mut self, least: usize) -> Self {
        self.least = Least::Same(least);
        self
    }

    /// How many categories each feature has at least.
    pub fn min_categories_of_each(mut self, least: impl Into<Vec<usize>>) -> Self {
        self.least = Least::Each(least.into());
        self
    }

    /// Checks the parameters; every fit does so first.
    ///
    /// # Errors
    /// [`Error::Parameter`] for the first that is out of range.
    pub fn check(&self) -> Result<(), Error> {
        self.smoothing.check()?;
        match self.least {
            Least::Same(0) => {
                let (value, expected) = ("0".to_owned(), "at least 1");
                Err(Error::Parameter { name: "min_categories", value, expected })
            }
            _ => Ok(()),
        }
    }

    fn model_name(&self) -> &'static str {
        "CategoricalNB"
    }

    fn named(&self) -> Vec<(&'static str, Parameter)> {
        let count = |&count: &usize| Parameter::Integer(count as i64);
        let least = match &self.least {
            Least::AsFound => Parameter::None,
            Least::Same(least) => count(least),
            Least::Each(each) => Parameter::List(each.iter().map(count).collect()),
        };
        let mut parameters = self.smoothing.parameters();
        parameters.push(("min_categories", least));
        parameters
    }

    fn start(&self, classes: usize, columns: usize) -> Result<CategoryCounts, Error> {
        super::check_values(classes, columns)?;
        if let Least::Each(each) = &self.least
            && each.len() != columns
        {
            let (what, found) = ("min_categories, for each column one", each.len());
            return Err(Error::Length { what, expected: columns, found });
        }
        Ok(CategoryCounts {
            classes: vec![0.0; classes],
            categories: vec![Array2::zeros((classes, 0)); columns],
            n_categories: Vec::new(),
        })
    }

    fn least(&self, column: usize) -> usize {
        match &self.least {
            Least::AsFound => 0,
            Least::Same(least) => *least,
            Least::Each(each) => each.get(column).copied().unwrap_or(0),
        }
    }

    fn add(
        &self,
        counts: &mut CategoryCounts,
        samples: &Samples<'_>,
        codes: &[usize],
    ) -> Result<(), Error> {
        samples.check_counts()?;
        let Rows::Dense(rows) = &samples.rows else {
            let problem =
                "a CategoricalNB learns from dense rows: give a table without sparse ones";
            return Err(Error::Model { problem: problem.to_owned() });
        };
        let classes = counts.classes.len();
        let (mut widths, mut values) = (Vec::new(), 0_usize);
        for (column, cells) in rows.columns().into_iter().enumerate() {
            // numpy cuts the fraction off
            let most = cells.iter().fold(0.0, |most: f64, &value| most.max(value.trunc()));
            let width = ((most as usize).saturating_add(1)).max(self.least(column));
            values = values.saturating_add(width.saturating_mul(classes));
            super::check_values(values, 1)?;
            widths.push(width);
        }
        counts.n_categories = widths.iter().map(|&width| width as i64).collect();
        for ((table, cells), &width) in
            counts.categories.iter_mut().zip(rows.columns()).zip(&widths)
        {
            if width > table.ncols() {
                let mut wider = Array2::zeros((classes, width));
                wider.slice_mut(s![.., ..table.ncols()]).assign(table);
                *table = wider;
            }
            let mut counted = Array2::<f64>::zeros((classes, width));
            for ((row, &value), &code) in cells.iter().enumerate().zip(codes) {
                if let Some(count) = counted.get_mut((code, value.trunc() as usize)) {
                    *count += samples.weight(row);
                }
            }
            let mut known = table.slice_mut(s![.., ..width]);
            known += &counted;
        }
        let weights = samples.class_counts(codes, classes);
        counts.classes.iter_mut().zip(weights).for_each(|(sum, count)| *sum += count);
        Ok(())
    }

    fn finish(
        &self,
        counts: CategoryCounts,
        classes: Labels,
        fitted: FittedParts,
    ) -> Result<CategoricalNB, Error> {
        let alpha = self.smoothing.alpha();
        let logarithms = |table: &Array2<f64>| {
            let smoothed = table + alpha;
            let sums = row_sums(&smoothed);
            let mut logarithms = smoothed.mapv_into(f64::ln);
            for (mut row, sum) in logarithms.rows_mut().into_iter().zip(sums) {
                let sum = sum.ln();
                row.mapv_inplace(|logarithm| logarithm - sum);
            }
            logarithms
        };
        let tables = counts.categories.iter().map(logarithms).collect();
        let priors = self.smoothing.class_log_priors(&counts.classes)?;
        let model = CategoricalNB::from_parts(fitted, classes, priors, tables)?;
        Ok(model.with_learned(self.clone(), counts))
    }
}
