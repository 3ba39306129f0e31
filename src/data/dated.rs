//! Rows that have a date.

use super::{Dataset, Date, Error, Features, Labels};

/// A table of features with one target and one date for each row.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::{Dataset, DatedDataset, Labels};
///
/// let data = Dataset::new(
///     array![[0.5], [0.1], [0.9]],
///     Labels::from(["ham", "ham", "spam"]),
///     vec!["money".into()],
///     "class",
/// )?;
/// let dates = ["2002-09-30".parse()?, "2002-10-01".parse()?, "2002-10-07".parse()?];
/// let mail = DatedDataset::new(data, dates)?;
/// let october = mail.between("2002-10-01".parse()?, "2002-11-01".parse()?);
/// assert_eq!((mail.rows(), october.rows()), (3, 2));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct DatedDataset {
    data: Dataset,
    dates: Vec<Date>,
}

impl DatedDataset {
    /// Puts rows and their dates together.
    ///
    /// # Errors
    /// [`Error::Shape`] unless there is one date for each row.
    pub fn new(data: Dataset, dates: impl Into<Vec<Date>>) -> Result<Self, Error> {
        let dates = dates.into();
        match (data.rows(), dates.len()) {
            (rows, found) if rows == found => Ok(DatedDataset { data, dates }),
            (expected, found) => Err(Error::Shape { what: "dates", expected, found }),
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.dates.len()
    }

    /// The rows without their dates.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// The target, one label for each row.
    pub fn target(&self) -> &Labels {
        self.data.target()
    }

    /// The date of each row.
    pub fn dates(&self) -> &[Date] {
        &self.dates
    }

    /// The rows of the days from `first` on and before `end`, in the order they have.
    pub fn between(&self, first: Date, end: Date) -> DatedDataset {
        self.of_days(|day| (first..end).contains(&day))
    }

    /// The rows of the days before `end`, in the order they have.
    ///
    /// ```
    /// let mail = picklebook::data::mail_2002();
    /// let summer = mail.before("2002-09-01".parse()?);
    /// assert!(summer.rows() < mail.rows());
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn before(&self, end: Date) -> DatedDataset {
        self.of_days(|day| day < end)
    }

    fn of_days(&self, wanted: impl Fn(Date) -> bool) -> DatedDataset {
        let rows = self.dates.iter().enumerate().filter(|&(_, &day)| wanted(day));
        let (rows, dates): (Vec<usize>, Vec<Date>) = rows.map(|(row, &day)| (row, day)).unzip();
        // the rows are there: one of the dates is each's
        let data = self.data.select(&rows).unwrap_or_else(|_| self.data.clone());
        DatedDataset { data, dates }
    }

    /// The rows at `indices`, in that order; an index may come twice.
    ///
    /// # Errors
    /// [`Error::Row`] for an index past the end.
    pub fn select(&self, indices: &[usize]) -> Result<DatedDataset, Error> {
        let data = self.data.select(indices)?;
        let dates = indices.iter().filter_map(|&row| self.dates.get(row).copied()).collect();
        Ok(DatedDataset { data, dates })
    }
}

impl<'a> From<&'a DatedDataset> for Features<'a> {
    fn from(rows: &'a DatedDataset) -> Self {
        Features::from(rows.data())
    }
}
