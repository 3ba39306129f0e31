//! Rows divided into train and test rows, in several ways.

use std::ops::Range;

use super::Error;

/// The rows to fit on and those to test with, as places in the data.
#[derive(Clone, PartialEq, Eq)]
pub struct Fold {
    /// Where the rows to fit on stand in the data.
    pub train: Vec<usize>,
    /// Where the rows to test with stand in the data.
    pub test: Vec<usize>,
}

/// What a [`CrossValidator`](super::CrossValidator) makes of data: folds, each with its train and its
/// test rows. A fold is made when it is asked for, so that as many folds as rows need no more memory
/// than the rows.
///
/// ```
/// use picklebook::data::balance_scale;
/// use picklebook::model_selection::KFold;
///
/// let folds = KFold::new(5).split(&balance_scale())?;
/// assert_eq!(folds.len(), 5);
/// for fold in &folds {
///     assert_eq!((fold.train.len(), fold.test.len()), (500, 125));
/// }
/// # Ok::<(), picklebook::model_selection::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Folds {
    plan: Plan,
    rows: usize,
    warnings: Vec<String>,
}

/// How the folds are found.
#[derive(Clone, PartialEq, Eq)]
enum Plan {
    /// The fold that tests each row.
    Partition {
        fold_of_row: Vec<usize>,
        count: usize,
    },
    /// Train and test rows of each fold, in order.
    Windows(Vec<(Range<usize>, Range<usize>)>),
    Listed(Vec<Fold>),
}

impl Folds {
    /// Folds of one's own, of data with this many rows. They need not be a partition.
    ///
    /// # Errors
    /// [`Error::TooFewSplits`] without folds, and [`Error::Fold`] for one without train or test rows,
    /// or with a row that is not there.
    ///
    /// ```
    /// use picklebook::model_selection::{Fold, Folds};
    ///
    /// let folds = Folds::new(4, vec![Fold { train: vec![0, 1, 2], test: vec![3] }])?;
    /// assert_eq!(folds.get(0).map(|fold| fold.test), Some(vec![3]));
    /// assert!(Folds::new(4, vec![Fold { train: vec![0], test: vec![4] }]).is_err());
    /// # Ok::<(), picklebook::model_selection::Error>(())
    /// ```
    pub fn new(rows: usize, folds: Vec<Fold>) -> Result<Folds, Error> {
        if folds.is_empty() {
            return Err(Error::TooFewSplits { n_splits: 0 });
        }
        for (fold, Fold { train, test }) in folds.iter().enumerate() {
            for (what, places) in [("train", train), ("test", test)] {
                if places.is_empty() {
                    return Err(Error::Fold { fold, problem: format!("it has no {what} rows") });
                }
                if let Some(row) = places.iter().find(|row| **row >= rows) {
                    let problem = format!("{what} row {row} is not among the {rows} rows");
                    return Err(Error::Fold { fold, problem });
                }
            }
        }
        Ok(Folds { plan: Plan::Listed(folds), rows, warnings: Vec::new() })
    }

    /// Each row is tested by the fold with its number; each of them tests a row.
    pub(super) fn partition(fold_of_row: Vec<usize>, count: usize) -> Folds {
        let rows = fold_of_row.len();
        Folds { plan: Plan::Partition { fold_of_row, count }, rows, warnings: Vec::new() }
    }

    pub(super) fn windows(rows: usize, windows: Vec<(Range<usize>, Range<usize>)>) -> Folds {
        Folds { plan: Plan::Windows(windows), rows, warnings: Vec::new() }
    }

    pub(super) fn warned(mut self, warning: Option<String>) -> Folds {
        self.warnings.extend(warning);
        self
    }

    /// How many folds there are.
    pub fn len(&self) -> usize {
        match &self.plan {
            Plan::Partition { count, .. } => *count,
            Plan::Windows(windows) => windows.len(),
            Plan::Listed(folds) => folds.len(),
        }
    }

    /// Whether there are none, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows were divided.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What scikit-learn warns of.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The fold at a place, or `None` past the end.
    pub fn get(&self, place: usize) -> Option<Fold> {
        match &self.plan {
            Plan::Partition { fold_of_row, count } => (place < *count).then(|| {
                let (test, train) =
                    (0..self.rows).partition(|&row| fold_of_row.get(row) == Some(&place));
                Fold { train, test }
            }),
            Plan::Windows(windows) => {
                let (train, test) = windows.get(place)?.clone();
                Some(Fold { train: train.collect(), test: test.collect() })
            }
            Plan::Listed(folds) => folds.get(place).cloned(),
        }
    }

    /// All folds in order.
    pub fn iter(&self) -> FoldIter<'_> {
        FoldIter { folds: self, ahead: 0..self.len() }
    }
}

/// Folds in order; made by [`Folds::iter`].
#[derive(Debug, Clone)]
pub struct FoldIter<'a> {
    folds: &'a Folds,
    ahead: Range<usize>,
}

impl Iterator for FoldIter<'_> {
    type Item = Fold;

    fn next(&mut self) -> Option<Fold> {
        self.folds.get(self.ahead.next()?)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ahead.size_hint()
    }
}

impl ExactSizeIterator for FoldIter<'_> {}

impl<'a> IntoIterator for &'a Folds {
    type Item = Fold;
    type IntoIter = FoldIter<'a>;

    fn into_iter(self) -> FoldIter<'a> {
        self.iter()
    }
}
