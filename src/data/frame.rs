//! Tables whose columns hold numbers or words.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis, CowArray, Ix2};

use super::records::shortened_list;
use super::sparse::Part;
use super::{ColumnId, Dataset, Error, Features, SparseRows};

/// A column of a [`Frame`].
///
/// ```
/// use picklebook::data::Column;
///
/// let colour = Column::from(["red", "blue"]);
/// assert_eq!((colour.len(), colour.is_words()), (2, true));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN where one is missing. Booleans are 0 and 1.
    Numbers(Vec<f64>),
    /// Words; `None` where one is missing.
    Words(Vec<Option<String>>),
}

impl Column {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        match self {
            Column::Numbers(numbers) => numbers.len(),
            Column::Words(words) => words.len(),
        }
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it holds words.
    pub fn is_words(&self) -> bool {
        matches!(self, Column::Words(_))
    }
}

impl From<Vec<f64>> for Column {
    fn from(numbers: Vec<f64>) -> Self {
        Column::Numbers(numbers)
    }
}

impl<const N: usize> From<[f64; N]> for Column {
    fn from(numbers: [f64; N]) -> Self {
        Column::Numbers(numbers.to_vec())
    }
}

impl<const N: usize> From<[&str; N]> for Column {
    fn from(words: [&str; N]) -> Self {
        Column::Words(words.iter().map(|&word| Some(word.to_owned())).collect())
    }
}

impl From<Vec<Option<String>>> for Column {
    fn from(words: Vec<Option<String>>) -> Self {
        Column::Words(words)
    }
}

/// The type in which Python keeps the numbers of a table: what a scaler computes in.
///
/// A frame holds 64-bit floats whatever it is; what Python keeps in fewer bits is rounded to those.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Precision {
    /// Floats of 64 bits, and whole numbers that become those when they are computed with.
    #[default]
    Double,
    /// Floats of 32 bits.
    Single,
    /// Floats of 16 bits.
    Half,
    /// Whole numbers of 16 bits, which leave 32-bit floats beside them as they are.
    Short,
    /// Whole numbers of 8 bits and booleans, which leave all floats beside them as they are.
    Byte,
}

impl Precision {
    /// A number as it is kept.
    pub(crate) fn round(self, number: f64) -> f64 {
        match self {
            Precision::Single => f64::from(number as f32),
            Precision::Half => crate::numpy::half::rounded(number),
            Precision::Double | Precision::Short | Precision::Byte => number,
        }
    }

    /// What both become side by side: numpy's `result_type`.
    fn join(self, other: Precision) -> Precision {
        use Precision::{Byte, Double, Half, Short, Single};
        match (self, other) {
            (one, two) if one == two => one,
            (Byte, other) | (other, Byte) => other,
            (Double, _) | (_, Double) => Double,
            (Half | Short | Single, _) => Single,
        }
    }

    /// What numbers are computed in: whole ones become 64-bit floats first.
    pub(crate) fn computed(self) -> Precision {
        match self {
            Precision::Short | Precision::Byte => Precision::Double,
            float => float,
        }
    }
}

/// Where a frame keeps its cells: numbers side by side if there is nothing else.
#[derive(Debug, Clone, PartialEq)]
enum Cells {
    Numbers(Array2<f64>),
    Sparse(SparseRows),
    Columns(Vec<Column>),
}

/// A table whose columns hold numbers or words, with or without names: what a pipeline takes.
///
/// ```
/// use picklebook::data::{Column, Frame};
///
/// let frame = Frame::named([
///     ("weight", Column::from([1.5, 2.0])),
///     ("colour", Column::from(["red", "blue"])),
/// ])?;
/// assert_eq!(frame.shape(), (2, 2));
/// assert!(frame.numbers().is_none());
/// assert!(frame.column(1).is_some_and(|column| column.is_words()));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
///
/// What pandas calls so on a data frame: [`read_csv`](Frame::read_csv), [`head`](Frame::head),
/// [`tail`](Frame::tail), [`describe`](Frame::describe), [`value_counts`](Frame::value_counts),
/// [`dropna`](Frame::dropna), [`fillna`](Frame::fillna), [`corr`](Frame::corr). A cell shows the
/// first and the last rows.
#[derive(Clone)]
pub struct Frame {
    names: Option<Vec<String>>,
    rows: usize,
    cells: Cells,
    precision: Precision,
    /// Whether Python keeps the table without its zeros.
    sparse: bool,
    /// The number of the first row in the table that this is a part of.
    first_row: usize,
}

/// Tables are equal that hold the same, wherever they were cut from.
impl PartialEq for Frame {
    fn eq(&self, other: &Frame) -> bool {
        let kind = |frame: &Frame| (frame.rows, frame.precision, frame.sparse);
        kind(self) == kind(other) && self.names == other.names && self.cells == other.cells
    }
}

impl Frame {
    /// A frame of columns with their names.
    ///
    /// # Errors
    /// [`Error::Table`] when the columns are not of one length.
    pub fn named<Name: Into<String>>(
        columns: impl IntoIterator<Item = (Name, Column)>,
    ) -> Result<Frame, Error> {
        let (names, columns): (Vec<String>, Vec<Column>) =
            columns.into_iter().map(|(name, column)| (name.into(), column)).unzip();
        let mut frame = Frame::unnamed(columns)?;
        frame.names = Some(names);
        Ok(frame)
    }

    /// A frame of columns that have no names.
    ///
    /// # Errors
    /// [`Error::Table`] when the columns are not of one length.
    pub fn unnamed(columns: impl IntoIterator<Item = Column>) -> Result<Frame, Error> {
        let columns: Vec<Column> = columns.into_iter().collect();
        let rows = columns.first().map_or(0, Column::len);
        if let Some(other) = columns.iter().find(|column| column.len() != rows) {
            let (what, found) = ("rows of a column", other.len());
            return Err(Error::Table { what, expected: rows, found });
        }
        Ok(Frame::of(rows, Cells::Columns(columns)))
    }

    /// A frame of numbers: rows × columns.
    pub fn from_numbers(numbers: Array2<f64>) -> Frame {
        Frame::of(numbers.nrows(), Cells::Numbers(numbers))
    }

    fn of(rows: usize, cells: Cells) -> Frame {
        Frame {
            names: None,
            rows,
            cells,
            precision: Precision::Double,
            sparse: false,
            first_row: 0,
        }
    }

    /// The type in which Python keeps the numbers.
    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    /// The same numbers, which Python keeps in this type.
    pub(crate) fn with_precision(mut self, precision: Precision) -> Frame {
        self.precision = precision;
        self
    }

    /// Whether Python keeps the table without its zeros.
    pub(crate) fn is_sparse(&self) -> bool {
        self.sparse
    }

    /// The same table, which Python keeps so.
    pub(crate) fn with_sparse(mut self, sparse: bool) -> Frame {
        self.sparse = sparse;
        self
    }

    /// A frame of numbers of which most are zero, and are not kept.
    pub fn from_sparse(rows: SparseRows) -> Frame {
        let (count, _) = rows.shape();
        Frame::of(count, Cells::Sparse(rows)).with_sparse(true)
    }

    /// The same frame with names for its columns.
    ///
    /// # Errors
    /// [`Error::Table`] unless there is one name for each column.
    pub fn with_names(mut self, names: Vec<String>) -> Result<Frame, Error> {
        let (_, expected) = self.shape();
        if names.len() != expected {
            let found = names.len();
            return Err(Error::Table { what: "names of columns", expected, found });
        }
        self.names = Some(names);
        Ok(self)
    }

    /// The same frame without names for its columns.
    pub(crate) fn without_names(mut self) -> Frame {
        self.names = None;
        self
    }

    /// The numbers of rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        let columns = match &self.cells {
            Cells::Numbers(numbers) => numbers.ncols(),
            Cells::Sparse(rows) => rows.shape().1,
            Cells::Columns(columns) => columns.len(),
        };
        (self.rows, columns)
    }

    /// The names of the columns, if they have any.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The place of the column with this name.
    pub fn place(&self, name: &str) -> Option<usize> {
        self.names.as_ref()?.iter().position(|own| own == name)
    }

    /// A column, copied; `None` past the last.
    pub fn column(&self, place: usize) -> Option<Column> {
        match &self.cells {
            Cells::Numbers(numbers) if place < numbers.ncols() => {
                Some(Column::Numbers(numbers.column(place).to_vec()))
            }
            Cells::Numbers(_) => None,
            Cells::Sparse(rows) => {
                let column = rows.select(&[place])?;
                Some(Column::Numbers(column.to_dense().into_iter().collect()))
            }
            Cells::Columns(columns) => columns.get(place).cloned(),
        }
    }

    /// The words of a column, `None` where one is missing; `None` for a column of numbers, and past
    /// the last.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let frame = Frame::named([("text", Column::from(["red", "blue"]))])?;
    /// assert_eq!(frame.words(0).map(|words| words.len()), Some(2));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn words(&self, place: usize) -> Option<&[Option<String>]> {
        match &self.cells {
            Cells::Columns(columns) => match columns.get(place) {
                Some(Column::Words(words)) => Some(words),
                _ => None,
            },
            Cells::Numbers(_) | Cells::Sparse(_) => None,
        }
    }

    /// The rows, if only those cells are kept that are not zero.
    ///
    /// ```
    /// use picklebook::data::{Frame, SparseRows};
    ///
    /// let mut rows = SparseRows::new(3)?;
    /// rows.push([(2, 5.0)])?;
    /// let frame = Frame::from_sparse(rows);
    /// assert!(frame.sparse().is_some_and(|rows| rows.stored() == 1));
    /// assert_eq!(frame.numbers().expect("numbers"), ndarray::array![[0.0, 0.0, 5.0]]);
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn sparse(&self) -> Option<&SparseRows> {
        match &self.cells {
            Cells::Sparse(rows) => Some(rows),
            Cells::Numbers(_) | Cells::Columns(_) => None,
        }
    }

    /// All cells as numbers (rows × columns), copied only where they do not lie side by side;
    /// `None` where a column holds words. Of [sparse](Self::sparse) rows the zeros are filled in.
    pub fn numbers(&self) -> Option<CowArray<'_, f64, Ix2>> {
        match &self.cells {
            Cells::Numbers(numbers) => Some(numbers.view().into()),
            Cells::Sparse(rows) => Some(rows.to_dense().into()),
            Cells::Columns(columns) => {
                let mut numbers = Array2::zeros((self.rows, columns.len()));
                for (column, mut cells) in columns.iter().zip(numbers.columns_mut()) {
                    let Column::Numbers(column) = column else { return None };
                    cells.iter_mut().zip(column).for_each(|(cell, &number)| *cell = number);
                }
                Some(numbers.into())
            }
        }
    }

    /// The place of the first column that holds words.
    pub fn first_words(&self) -> Option<usize> {
        match &self.cells {
            Cells::Numbers(_) | Cells::Sparse(_) => None,
            Cells::Columns(columns) => columns.iter().position(Column::is_words),
        }
    }

    /// The columns at these places, in that order; `None` when one is past the last.
    pub fn select(&self, places: &[usize]) -> Option<Frame> {
        let (_, count) = self.shape();
        if places.iter().any(|&place| place >= count) {
            return None;
        }
        let pick = |names: &Vec<String>| places.iter().map(|&place| names[place].clone()).collect();
        let names = self.names.as_ref().map(pick);
        let cells = match &self.cells {
            Cells::Numbers(numbers) => Cells::Numbers(numbers.select(Axis(1), places)),
            Cells::Sparse(rows) => Cells::Sparse(rows.select(places)?),
            Cells::Columns(columns) => {
                Cells::Columns(places.iter().map(|&place| columns[place].clone()).collect())
            }
        };
        Some(self.holding(names, self.rows, cells))
    }

    /// A table of the same kind that holds something else.
    fn holding(&self, names: Option<Vec<String>>, rows: usize, cells: Cells) -> Frame {
        let Frame { precision, sparse, first_row, .. } = *self;
        Frame { names, rows, cells, precision, sparse, first_row }
    }

    /// Some of the rows; `None` when there are not as many.
    pub fn slice(&self, rows: Range<usize>) -> Option<Frame> {
        if rows.start > rows.end || rows.end > self.rows {
            return None;
        }
        let cells = match &self.cells {
            Cells::Numbers(numbers) => {
                Cells::Numbers(numbers.slice(ndarray::s![rows.clone(), ..]).to_owned())
            }
            Cells::Sparse(sparse) => Cells::Sparse(sparse.slice(rows.clone())?),
            Cells::Columns(columns) => {
                let some = |column: &Column| match column {
                    Column::Numbers(numbers) => Column::Numbers(numbers[rows.clone()].to_vec()),
                    Column::Words(words) => Column::Words(words[rows.clone()].to_vec()),
                };
                Cells::Columns(columns.iter().map(some).collect())
            }
        };
        let first_row = self.first_row.saturating_add(rows.start);
        Some(Frame { first_row, ..self.holding(self.names.clone(), rows.len(), cells) })
    }

    /// The rows at these places, in that order; a place may come twice. `None` when one is past the
    /// last.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let frame = Frame::named([("weight", Column::from([1.5, 2.0, 4.0]))])?;
    /// let rows = frame.take(&[2, 0]).expect("there are three");
    /// assert_eq!(rows.column(0), Some(Column::from([4.0, 1.5])));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn take(&self, rows: &[usize]) -> Option<Frame> {
        if rows.iter().any(|&row| row >= self.rows) {
            return None;
        }
        let cells = match &self.cells {
            Cells::Numbers(numbers) => Cells::Numbers(numbers.select(Axis(0), rows)),
            Cells::Sparse(sparse) => {
                let mut picked = SparseRows::new(sparse.shape().1).ok()?;
                for &row in rows {
                    let (places, values) = sparse.row(row)?;
                    picked.push(places.iter().copied().zip(values.iter().copied())).ok()?;
                }
                Cells::Sparse(picked)
            }
            Cells::Columns(columns) => {
                let some = |column: &Column| match column {
                    Column::Numbers(numbers) => {
                        Column::Numbers(rows.iter().map(|&row| numbers[row]).collect())
                    }
                    Column::Words(words) => {
                        Column::Words(rows.iter().map(|&row| words[row].clone()).collect())
                    }
                };
                Cells::Columns(columns.iter().map(some).collect())
            }
        };
        Some(Frame { first_row: 0, ..self.holding(self.names.clone(), rows.len(), cells) })
    }

    /// The first `n` rows, or all where there are no more.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let frame = Frame::named([("weight", Column::from([1.5, 2.0, 4.0]))])?;
    /// assert_eq!(frame.head(2).column(0), Some(Column::from([1.5, 2.0])));
    /// assert_eq!(frame.tail(2).column(0), Some(Column::from([2.0, 4.0])));
    /// assert_eq!(frame.head(9), frame);
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn head(&self, n: usize) -> Frame {
        self.slice(0..n.min(self.rows)).unwrap_or_else(|| self.clone())
    }

    /// The last `n` rows, or all where there are no more. A cell shows their numbers in the whole
    /// table.
    pub fn tail(&self, n: usize) -> Frame {
        self.slice(self.rows.saturating_sub(n)..self.rows).unwrap_or_else(|| self.clone())
    }

    /// The number of the first row in the table that this is a part of.
    pub(crate) fn first_row(&self) -> usize {
        self.first_row
    }

    /// The columns of these names, or at these places, in that order.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let columns = [("a", Column::from([1.0])), ("b", Column::from([2.0])), ("c", Column::from([3.0]))];
    /// let frame = Frame::named(columns)?;
    /// assert_eq!(frame.select_columns(["c", "a"])?.names(), Some(&["c".into(), "a".into()][..]));
    /// assert_eq!(frame.drop_columns(["b"])?, frame.select_columns(["a", "c"])?);
    /// let error = frame.drop_columns(["d"]).expect_err("there is none");
    /// assert_eq!(error.to_string(), "no column is named \"d\"; the columns are: a, b, c");
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn select_columns<C: Into<ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Frame, Error> {
        let places = self.places(columns)?;
        // All of them are there.
        Ok(self.select(&places).unwrap_or_else(|| self.clone()))
    }

    /// The table without these columns: pandas' `drop(columns=…)`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have.
    pub fn drop_columns<C: Into<ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Frame, Error> {
        let dropped = self.places(columns)?;
        let kept: Vec<usize> = (0..self.shape().1).filter(|it| !dropped.contains(it)).collect();
        Ok(self.select(&kept).unwrap_or_else(|| self.clone()))
    }

    /// The table with other names for some columns: pandas' `rename(columns=…)`.
    ///
    /// # Errors
    /// [`Error::UnknownColumn`] for a column that the table does not have, [`Error::SameColumn`]
    /// where two columns would have one name.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let frame = Frame::named([("Wgt (kg)", Column::from([1.5]))])?;
    /// assert_eq!(frame.rename_columns([("Wgt (kg)", "weight")])?.place("weight"), Some(0));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn rename_columns<C: Into<ColumnId>, Name: Into<String>>(
        &self,
        names: impl IntoIterator<Item = (C, Name)>,
    ) -> Result<Frame, Error> {
        let (columns, given): (Vec<C>, Vec<Name>) = names.into_iter().unzip();
        let places = self.places(columns)?;
        let mut names: Vec<String> = (0..self.shape().1).map(|at| self.name_of(at)).collect();
        let mut changed = false;
        for (place, name) in places.into_iter().zip(given) {
            if let Some(own) = names.get_mut(place) {
                (*own, changed) = (name.into(), true);
            }
        }
        check_names(&names)?;
        let mut frame = self.clone();
        if changed {
            frame.names = Some(names);
        }
        Ok(frame)
    }

    /// The table with one more column, behind the others, or in the place of the one of that name.
    ///
    /// # Errors
    /// [`Error::Table`] when the column is not as long as the others.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame, Labels};
    ///
    /// let table = Frame::named([("weight", Column::from([1.5, 2.0]))])?;
    /// let table = table.with_column("predicted", &Labels::from(["a", "b"]))?;
    /// assert_eq!(table.column(1), Some(Column::from(["a", "b"])));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn with_column(
        &self,
        name: impl Into<String>,
        column: impl Into<Column>,
    ) -> Result<Frame, Error> {
        let (name, column) = (name.into(), column.into());
        let mut names: Vec<String> = (0..self.shape().1).map(|at| self.name_of(at)).collect();
        let mut columns: Vec<Column> = self.each_column().map(Cow::into_owned).collect();
        if column.len() != self.rows && !columns.is_empty() {
            let (what, found) = ("rows of a column", column.len());
            return Err(Error::Table { what, expected: self.rows, found });
        }
        match self.place(&name).and_then(|place| columns.get_mut(place)) {
            Some(own) => *own = column,
            None => {
                names.push(name);
                columns.push(column);
            }
        }
        let rows = columns.first().map_or(0, Column::len);
        Ok(Frame { sparse: false, ..self.holding(Some(names), rows, Cells::Columns(columns)) })
    }

    /// The name of a column; where there are no names its place, as in pandas.
    pub(crate) fn name_of(&self, place: usize) -> String {
        let name = self.names.as_ref().and_then(|names| names.get(place));
        name.cloned().unwrap_or_else(|| place.to_string())
    }

    /// The place of a column.
    pub(crate) fn find(&self, column: &ColumnId) -> Result<usize, Error> {
        let count = self.shape().1;
        let place = match column {
            ColumnId::Name(name) => match &self.names {
                Some(_) => self.place(name),
                // What a table without names prints as the name of a column.
                None => name.parse().ok().filter(|&place: &usize| place < count),
            },
            ColumnId::Number(number) => {
                self.place(&number.to_string()).or(Some(*number).filter(|&place| place < count))
            }
        };
        place.ok_or_else(|| {
            let names: Vec<String> = (0..count).map(|place| self.name_of(place)).collect();
            let columns = shortened_list(names.iter().map(String::as_str));
            Error::UnknownColumn { column: column.to_string(), columns }
        })
    }

    /// The places of some columns.
    pub(super) fn places<C: Into<ColumnId>>(
        &self,
        columns: impl IntoIterator<Item = C>,
    ) -> Result<Vec<usize>, Error> {
        columns.into_iter().map(|column| self.find(&column.into())).collect()
    }

    /// The columns one after the other, copied only where they do not lie so.
    pub(crate) fn each_column(&self) -> Box<dyn Iterator<Item = Cow<'_, Column>> + '_> {
        match &self.cells {
            Cells::Columns(columns) => Box::new(columns.iter().map(Cow::Borrowed)),
            Cells::Numbers(numbers) => Box::new(
                (numbers.columns().into_iter())
                    .map(|column| Cow::Owned(Column::Numbers(column.to_vec()))),
            ),
            Cells::Sparse(sparse) => {
                let mut columns: Vec<Vec<(usize, f64)>> = vec![Vec::new(); sparse.shape().1];
                for (row, (places, values)) in sparse.rows().enumerate() {
                    for (&place, &value) in places.iter().zip(values) {
                        if let Some(column) = columns.get_mut(place as usize) {
                            column.push((row, value));
                        }
                    }
                }
                let rows = self.rows;
                Box::new(columns.into_iter().map(move |cells| {
                    let mut column = vec![0.0; rows];
                    for (row, value) in cells {
                        if let Some(cell) = column.get_mut(row) {
                            *cell = value;
                        }
                    }
                    Cow::Owned(Column::Numbers(column))
                }))
            }
        }
    }

    /// The same table with other cells: columns of as many rows.
    pub(super) fn with_columns(&self, columns: Vec<Column>) -> Frame {
        Frame {
            sparse: false,
            ..self.holding(self.names.clone(), self.rows, Cells::Columns(columns))
        }
    }

    /// Frames of as many rows, side by side; without names. Numbers beside sparse rows are sparse.
    /// `rows` is how many rows there are, for there may be no frame at all.
    ///
    /// # Errors
    /// [`Error::Table`] when a frame has another number of rows.
    pub fn side_by_side(frames: Vec<Frame>, rows: usize) -> Result<Frame, Error> {
        if let Some(other) = frames.iter().find(|frame| frame.rows != rows) {
            let (what, found) = ("rows of a table", other.rows);
            return Err(Error::Table { what, expected: rows, found });
        }
        let precisions = frames.iter().filter(|frame| frame.shape().1 > 0).map(Frame::precision);
        let precision = precisions.reduce(Precision::join).unwrap_or_default();
        if frames.iter().any(|frame| frame.sparse().is_some()) {
            let part = |frame| match Frame::sparse(frame) {
                Some(rows) => Some(Part::Sparse(rows)),
                None => frame.numbers().map(Part::Dense),
            };
            if let Some(parts) = frames.iter().map(part).collect::<Option<Vec<Part<'_>>>>() {
                let joined = Frame::from_sparse(SparseRows::side_by_side(&parts, rows)?);
                return Ok(joined.with_precision(precision));
            }
        }
        let all_numbers: Option<Vec<CowArray<'_, f64, Ix2>>> =
            frames.iter().map(Frame::numbers).collect();
        if let Some(parts) = all_numbers {
            let views: Vec<ArrayView2<'_, f64>> = parts.iter().map(|part| part.view()).collect();
            let joined = match views.is_empty() {
                true => Array2::zeros((rows, 0)),
                false => ndarray::concatenate(Axis(1), &views).map_err(|_| {
                    let what = "rows of a table";
                    Error::Table { what, expected: rows, found: 0 }
                })?,
            };
            return Ok(Frame::from_numbers(joined).with_precision(precision));
        }
        let columns = frames.into_iter().flat_map(Frame::into_columns).collect();
        Ok(Frame::of(rows, Cells::Columns(columns)))
    }

    /// The columns, one after the other.
    pub fn into_columns(self) -> Vec<Column> {
        let numbers = match self.cells {
            Cells::Numbers(numbers) => numbers,
            Cells::Sparse(rows) => rows.to_dense(),
            Cells::Columns(columns) => return columns,
        };
        numbers.columns().into_iter().map(|column| Column::Numbers(column.to_vec())).collect()
    }
}

/// Whether each column has a name of its own.
pub(super) fn check_names(names: &[String]) -> Result<(), Error> {
    let mut seen = std::collections::HashSet::new();
    match names.iter().find(|name| !seen.insert(name.as_str())) {
        Some(column) => Err(Error::SameColumn { column: column.clone() }),
        None => Ok(()),
    }
}

impl From<SparseRows> for Frame {
    fn from(rows: SparseRows) -> Self {
        Frame::from_sparse(rows)
    }
}

impl From<Array2<f64>> for Frame {
    fn from(numbers: Array2<f64>) -> Self {
        Frame::from_numbers(numbers)
    }
}

/// A copy of the features, as 64-bit floats and without names.
impl From<Features<'_>> for Frame {
    fn from(features: Features<'_>) -> Self {
        Frame::from_numbers(features.to_f64().into_owned())
    }
}

/// A copy of the features, with their names.
impl From<&Dataset> for Frame {
    fn from(data: &Dataset) -> Self {
        let mut frame = Frame::from_numbers(data.features().to_owned());
        frame.names = Some(data.feature_names().to_vec());
        frame
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn numbers_stay_numbers_however_they_are_put_together() {
        let columns = [Column::from([1.0, 2.0]), Column::from([3.0, 4.0])];
        let frame = Frame::unnamed(columns).expect("columns of one length");
        let block = Frame::from_numbers(array![[5.0], [6.0]]);
        let both = Frame::side_by_side(vec![frame, block], 2).expect("two rows each");
        assert_eq!(both.numbers().expect("numbers"), array![[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]]);
        let picked = both.select(&[2, 0]).expect("there are three");
        assert_eq!(picked.numbers().expect("numbers"), array![[5.0, 1.0], [6.0, 2.0]]);
        assert_eq!((both.select(&[3]), both.column(3)), (None, None));
        assert_eq!(both.first_words(), None);
    }

    #[test]
    fn precisions_side_by_side_as_in_numpy() {
        use Precision::{Byte, Double, Half, Short, Single};
        // np.result_type of float64, float32, float16, int16 and int8
        let table = [
            (Double, [Double, Double, Double, Double, Double]),
            (Single, [Double, Single, Single, Single, Single]),
            (Half, [Double, Single, Half, Single, Half]),
            (Short, [Double, Single, Single, Short, Short]),
            (Byte, [Double, Single, Half, Short, Byte]),
        ];
        for (one, joined) in table {
            for (other, expected) in [Double, Single, Half, Short, Byte].into_iter().zip(joined) {
                assert_eq!(one.join(other), expected, "{one:?} {other:?}");
            }
        }
        assert_eq!(Half.round(0.1), 0.0999755859375);
        assert_eq!(Single.round(0.1), f64::from(0.1_f32));
    }

    #[test]
    fn sparse_rows_stay_sparse_beside_numbers() {
        let numbers = array![[0.0, 5.0], [6.0, 0.0]];
        let sparse = Frame::from(SparseRows::from_dense(&numbers).expect("two columns"));
        let dense = Frame::from_numbers(array![[1.0], [0.0]]);
        let both = vec![dense.clone(), sparse.clone(), dense];
        let both = Frame::side_by_side(both, 2).expect("two rows each");
        let expected = array![[1.0, 0.0, 5.0, 1.0], [0.0, 6.0, 0.0, 0.0]];
        assert_eq!(both.sparse().map(SparseRows::stored), Some(4));
        assert_eq!(both.numbers().expect("numbers"), expected);
        assert_eq!(both.column(1), Some(Column::from([0.0, 6.0])));
        let last = both.slice(1..2).and_then(|rows| rows.select(&[1, 0])).expect("they are there");
        assert_eq!(last.numbers().expect("numbers"), array![[6.0, 0.0]]);
        assert_eq!((both.slice(1..3), both.select(&[4]), both.column(4)), (None, None, None));
        let words = Frame::unnamed([Column::from(["x", "y"])]).expect("one column");
        let mixed = Frame::side_by_side(vec![sparse, words], 2).expect("two rows each");
        assert_eq!((mixed.shape(), mixed.first_words()), ((2, 3), Some(2)));
    }

    #[test]
    fn words_beside_numbers_are_columns() {
        let words = Frame::named([("c", Column::from(["x", "y"]))]).expect("one column");
        let numbers = Frame::from_numbers(array![[5.0], [6.0]]);
        let both = Frame::side_by_side(vec![numbers.clone(), words], 2).expect("two rows each");
        assert_eq!((both.shape(), both.first_words(), both.numbers()), ((2, 2), Some(1), None));
        assert!(Frame::side_by_side(vec![numbers], 3).is_err());
        let uneven = Frame::unnamed([Column::from([1.0]), Column::from(["x", "y"])]);
        assert!(uneven.is_err());
    }
}
