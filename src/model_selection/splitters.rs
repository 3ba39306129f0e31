//! How rows are divided into folds: the very folds of scikit-learn.

use std::fmt;

use super::{Error, Folds};
use crate::data::{Dataset, Labels};
use crate::numpy::RandomState;

/// Divides rows into folds: one of [`KFold`], [`StratifiedKFold`] and [`TimeSeriesSplit`], or one of
/// your own.
///
/// ```
/// use picklebook::data::{Dataset, balance_scale};
/// use picklebook::model_selection::{CrossValidator, Error, Fold, Folds, cross_val_score};
/// use picklebook::tree::DecisionTreeClassifier;
///
/// /// Fits on all rows but the last.
/// #[derive(Debug)]
/// struct LastRows(usize);
///
/// impl CrossValidator for LastRows {
///     fn split(&self, data: &Dataset) -> Result<Folds, Error> {
///         let end = data.rows().saturating_sub(self.0);
///         let fold = Fold { train: (0..end).collect(), test: (end..data.rows()).collect() };
///         Folds::new(data.rows(), vec![fold])
///     }
/// }
///
/// let params = DecisionTreeClassifier::params();
/// let scores = cross_val_score(&params, &balance_scale(), &LastRows(100))?;
/// assert_eq!(scores.scores().len(), 1);
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
pub trait CrossValidator: fmt::Debug {
    /// The folds of these rows.
    ///
    /// # Errors
    /// When the rows cannot be divided so.
    fn split(&self, data: &Dataset) -> Result<Folds, Error>;
}

/// Folds of neighbouring rows, or, once shuffled, of rows at random: scikit-learn's `KFold`.
///
/// It does not look at the target. The first folds have one row more where the rows cannot be
/// divided evenly. Rows that are sorted by class should be shuffled, or divided by
/// [`StratifiedKFold`].
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::KFold;
///
/// let folds = KFold::new(5).shuffle(42).split(&balance_scale())?;
/// assert_eq!(folds.get(0).map(|fold| fold.test[..4].to_vec()), Some(vec![6, 9, 10, 15]));
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KFold {
    n_splits: usize,
    random_state: Option<u32>,
}

impl KFold {
    /// So many folds, at least 2, of rows in their order.
    pub fn new(n_splits: usize) -> Self {
        KFold { n_splits, random_state: None }
    }

    /// Shuffles the rows before they are divided: scikit-learn's `shuffle=True, random_state=…`.
    pub fn shuffle(mut self, random_state: u32) -> Self {
        self.random_state = Some(random_state);
        self
    }

    /// The folds of these rows.
    ///
    /// # Errors
    /// [`Error::TooFewSplits`] for fewer than 2 folds, [`Error::TooManySplits`] for more than there
    /// are rows.
    pub fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        let rows = data.rows();
        check(self.n_splits, rows)?;
        let mut order: Vec<usize> = (0..rows).collect();
        if let Some(seed) = self.random_state {
            RandomState::new(seed).shuffle(&mut order);
        }
        let (least, longer) = (rows / self.n_splits, rows % self.n_splits);
        let mut fold_of_row = vec![0; rows];
        let sizes = (0..self.n_splits).map(|fold| (fold, least + usize::from(fold < longer)));
        let folds = sizes.flat_map(|(fold, size)| std::iter::repeat_n(fold, size));
        for (row, fold) in order.into_iter().zip(folds) {
            if let Some(place) = fold_of_row.get_mut(row) {
                *place = fold;
            }
        }
        Ok(Folds::partition(fold_of_row, self.n_splits))
    }
}

impl CrossValidator for KFold {
    fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        KFold::split(self, data)
    }
}

/// Folds in which each class is as frequent as in all rows, as nearly as it can be: scikit-learn's
/// `StratifiedKFold`. What scikit-learn takes for a classifier where `cv` is a number.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::StratifiedKFold;
///
/// let data = balance_scale();
/// let folds = StratifiedKFold::new(5).shuffle(42).split(&data)?;
/// for fold in &folds {
///     let balanced = data.select(&fold.test)?.target().iter().filter(|side| side == "B").count();
///     assert!([9, 10].contains(&balanced));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StratifiedKFold {
    n_splits: usize,
    random_state: Option<u32>,
}

impl StratifiedKFold {
    /// So many folds, at least 2, of the rows of each class in their order.
    pub fn new(n_splits: usize) -> Self {
        StratifiedKFold { n_splits, random_state: None }
    }

    /// Shuffles the rows of each class before they are divided: scikit-learn's
    /// `shuffle=True, random_state=…`.
    pub fn shuffle(mut self, random_state: u32) -> Self {
        self.random_state = Some(random_state);
        self
    }

    /// The folds of these rows. It is a warning of the folds where a class has fewer rows than there
    /// are folds, and an error where all have.
    ///
    /// # Errors
    /// As [`KFold::split`], [`Error::NotClasses`] for a target of quantities, and
    /// [`Error::RareClasses`] when no class has a row for each fold.
    pub fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        let n_splits = self.n_splits;
        check(n_splits, data.rows())?;
        let members = members(data.target())?;
        let sizes = || members.iter().map(Vec::len);
        let (least, most) = (sizes().min().unwrap_or(0), sizes().max().unwrap_or(0));
        if n_splits > most {
            return Err(Error::RareClasses { n_splits, most });
        }
        let mut random = self.random_state.map(RandomState::new);
        let mut fold_of_row = vec![0; data.rows()];
        // Rows sorted by class are dealt out to the folds one by one; each class then fills its
        // places fold by fold, in the order of its rows.
        let mut dealt = 0;
        for rows in &members {
            let mut folds: Vec<usize> =
                (dealt..dealt + rows.len()).map(|place| place % n_splits).collect();
            folds.sort_unstable();
            dealt += rows.len();
            if let Some(random) = &mut random {
                random.shuffle(&mut folds);
            }
            for (&row, fold) in rows.iter().zip(folds) {
                if let Some(place) = fold_of_row.get_mut(row) {
                    *place = fold;
                }
            }
        }
        let warning = (n_splits > least).then(|| {
            format!(
                "The least populated class in y has only {least} members, which is less than \
                 n_splits={n_splits}."
            )
        });
        Ok(Folds::partition(fold_of_row, n_splits).warned(warning))
    }
}

impl CrossValidator for StratifiedKFold {
    fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        StratifiedKFold::split(self, data)
    }
}

/// The rows of each class, ascending; the classes as they first appear.
fn members(target: &Labels) -> Result<Vec<Vec<usize>>, Error> {
    if let Some(row) = target.first_quantity() {
        let label = target.get(row).map_or(String::new(), |label| label.to_string());
        return Err(Error::NotClasses { row, label });
    }
    let classes = target.classes();
    let mut members = vec![Vec::new(); classes.len()];
    for (row, class) in target.codes(&classes).unwrap_or_default().into_iter().enumerate() {
        if let Some(rows) = members.get_mut(class) {
            rows.push(row);
        }
    }
    members.sort_unstable_by_key(|rows: &Vec<usize>| rows.first().copied());
    Ok(members)
}

/// Folds of rows in the order of time: each tests with the rows after those that it fits on.
/// scikit-learn's `TimeSeriesSplit`.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::TimeSeriesSplit;
///
/// let folds = TimeSeriesSplit::new(3).test_size(10).gap(2).split(&balance_scale())?;
/// let last = folds.get(2).expect("the third of three");
/// assert_eq!((last.train.len(), last.test[0]), (613, 615));
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeSeriesSplit {
    n_splits: usize,
    max_train_size: Option<usize>,
    test_size: Option<usize>,
    gap: usize,
}

impl TimeSeriesSplit {
    /// So many folds, at least 2.
    pub fn new(n_splits: usize) -> Self {
        TimeSeriesSplit { n_splits, max_train_size: None, test_size: None, gap: 0 }
    }

    /// The most rows to fit on, the last before those to test with. By default, and for 0, no limit.
    pub fn max_train_size(mut self, rows: usize) -> Self {
        self.max_train_size = Some(rows);
        self
    }

    /// How many rows each fold tests with. By default, the number of rows divided by one more than
    /// there are folds.
    pub fn test_size(mut self, rows: usize) -> Self {
        self.test_size = Some(rows);
        self
    }

    /// How many rows are left out between those to fit on and those to test with; 0 by default.
    pub fn gap(mut self, rows: usize) -> Self {
        self.gap = rows;
        self
    }

    /// The folds of these rows.
    ///
    /// # Errors
    /// [`Error::TooFewSplits`] for fewer than 2 folds, [`Error::TooManySplits`] when there are not
    /// more rows than folds, and [`Error::TooFewRows`] when a fold would have no rows to fit on or to
    /// test with.
    pub fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        let (rows, n_splits, gap) = (data.rows(), self.n_splits, self.gap);
        if n_splits < 2 {
            return Err(Error::TooFewSplits { n_splits });
        }
        if n_splits >= rows {
            return Err(Error::TooManySplits { n_splits, rows });
        }
        let test_size = self.test_size.unwrap_or(rows / (n_splits + 1));
        let tested = n_splits.saturating_mul(test_size);
        if test_size == 0 || tested.saturating_add(gap) >= rows {
            return Err(Error::TooFewRows { rows, n_splits, test_size, gap });
        }
        let most = self.max_train_size.filter(|most| *most > 0).unwrap_or(rows);
        let windows = (0..n_splits).map(|fold| {
            let start = rows - tested + fold * test_size;
            let end = start - gap;
            (end.saturating_sub(most)..end, start..start + test_size)
        });
        Ok(Folds::windows(rows, windows.collect()))
    }
}

impl CrossValidator for TimeSeriesSplit {
    fn split(&self, data: &Dataset) -> Result<Folds, Error> {
        TimeSeriesSplit::split(self, data)
    }
}

/// Whether there are at least two folds, and a row for each.
fn check(n_splits: usize, rows: usize) -> Result<(), Error> {
    match n_splits {
        0 | 1 => Err(Error::TooFewSplits { n_splits }),
        n_splits if n_splits > rows => Err(Error::TooManySplits { n_splits, rows }),
        _ => Ok(()),
    }
}
