//! How two columns go together: pandas' `corr`.

use ndarray::Array2;

use super::{Column, Dataset, Error, Frame};

/// The most columns: a table of all pairs of them takes 128 MiB.
const MOST_COLUMNS: usize = 4_096;

/// Which coefficient says how two columns go together.
///
/// ```
/// use picklebook::data::{Column, CorrelationMethod, Frame};
///
/// let table = Frame::named([
///     ("x", Column::from([1.0, 2.0, 3.0, 4.0])),
///     ("y", Column::from([1.0, 8.0, 27.0, 64.0])),
/// ])?;
/// let ranks = table.corr_with(CorrelationMethod::Spearman)?;
/// assert_eq!(ranks.get("x", "y"), Some(1.0));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorrelationMethod {
    /// Pearson's: 1 or -1 where the points lie on a straight line.
    #[default]
    Pearson,
    /// Spearman's: Pearson's of the ranks; 1 or -1 where one column rises or falls with the other.
    Spearman,
}

/// The correlations of all pairs of columns of numbers; made by [`Frame::corr`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let correlations = balance_scale().corr()?;
/// assert_eq!(correlations.names().len(), 4);
/// assert_eq!(correlations.get("Left-Weight", "Left-Weight"), Some(1.0));
/// assert_eq!(correlations.get("Left-Weight", "Class"), None);
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Correlations {
    names: Vec<String>,
    matrix: Array2<f64>,
    method: CorrelationMethod,
}

impl Correlations {
    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The coefficients from -1 to 1, columns × columns; NaN where a column does not vary, or where
    /// no row has both.
    pub fn matrix(&self) -> &Array2<f64> {
        &self.matrix
    }

    /// Which coefficients they are.
    pub fn method(&self) -> CorrelationMethod {
        self.method
    }

    /// The coefficient of two columns; `None` where one of them is not there, or holds words.
    pub fn get(&self, one: &str, other: &str) -> Option<f64> {
        let place = |name: &str| self.names.iter().position(|own| own == name);
        self.matrix.get((place(one)?, place(other)?)).copied()
    }

    /// The pairs of different columns, the strongest correlation first, whatever its sign; those
    /// that are NaN last.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let table = Frame::named([
    ///     ("x", Column::from([1.0, 2.0, 3.0])),
    ///     ("y", Column::from([5.0, 1.0, 2.0])),
    ///     ("z", Column::from([6.0, 4.0, 2.0])),
    /// ])?;
    /// let pairs = table.corr()?.strongest();
    /// assert_eq!(pairs[0], ("x".to_owned(), "z".to_owned(), -1.0));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn strongest(&self) -> Vec<(String, String, f64)> {
        let mut places: Vec<(usize, usize, f64)> = (self.matrix.indexed_iter())
            .filter(|((one, other), _)| one < other)
            .map(|((one, other), &value)| (one, other, value))
            .collect();
        let strength = |value: f64| if value.is_nan() { -1.0 } else { value.abs() };
        places.sort_by(|a, b| strength(b.2).total_cmp(&strength(a.2)));
        let name = |place: usize| self.names.get(place).cloned().unwrap_or_default();
        places.into_iter().map(|(one, other, value)| (name(one), name(other), value)).collect()
    }
}

impl Frame {
    /// Pearson's correlation of each pair of columns of numbers, from the rows in which both are
    /// there: pandas' `corr(numeric_only=True)`. Infinite numbers count as missing, as there.
    ///
    /// # Errors
    /// [`Error::TooManyColumns`] past 4,096.
    ///
    /// ```
    /// use picklebook::data::{Column, Frame};
    ///
    /// let table = Frame::named([
    ///     ("x", Column::from([1.0, 2.0, 3.0, f64::NAN])),
    ///     ("y", Column::from([2.0, 4.0, 6.0, 9.0])),
    ///     ("colour", Column::from(["red", "blue", "red", "red"])),
    /// ])?;
    /// assert_eq!(table.corr()?.get("x", "y"), Some(1.0));
    /// # Ok::<(), picklebook::data::Error>(())
    /// ```
    pub fn corr(&self) -> Result<Correlations, Error> {
        self.corr_with(CorrelationMethod::Pearson)
    }

    /// As [`corr`](Self::corr), with another coefficient.
    ///
    /// # Errors
    /// As [`corr`](Self::corr).
    pub fn corr_with(&self, method: CorrelationMethod) -> Result<Correlations, Error> {
        let columns = self.shape().1;
        if columns > MOST_COLUMNS {
            return Err(Error::TooManyColumns { columns, most: MOST_COLUMNS });
        }
        let (mut names, mut numbers) = (Vec::new(), Vec::new());
        for (place, column) in self.each_column().enumerate() {
            if let Column::Numbers(column) = column.into_owned() {
                names.push(self.name_of(place));
                numbers.push(column);
            }
        }
        let mut matrix = Array2::from_elem((names.len(), names.len()), f64::NAN);
        for (at, one) in numbers.iter().enumerate() {
            for (place, other) in numbers.iter().enumerate().take(at + 1) {
                let value = match method {
                    CorrelationMethod::Pearson => pearson(one, other),
                    CorrelationMethod::Spearman => spearman(one, other),
                };
                for cell in [(at, place), (place, at)] {
                    if let Some(cell) = matrix.get_mut(cell) {
                        *cell = value;
                    }
                }
            }
        }
        Ok(Correlations { names, matrix, method })
    }
}

impl Dataset {
    /// Pearson's correlation of each pair of columns of numbers, the target among them where it
    /// holds numbers: see [`Frame::corr`].
    ///
    /// # Errors
    /// As [`Frame::corr`].
    pub fn corr(&self) -> Result<Correlations, Error> {
        self.to_frame().corr()
    }
}

/// Pearson's coefficient of the rows in which both numbers are finite.
///
/// Source: `nancorr` in pandas' `_libs/algos.pyx`, which is Welford's method.
fn pearson(one: &[f64], other: &[f64]) -> f64 {
    let (mut rows, mut mean_x, mut mean_y) = (0.0, 0.0, 0.0);
    let (mut squares_x, mut squares_y, mut products) = (0.0, 0.0, 0.0);
    for (&x, &y) in one.iter().zip(other) {
        if !x.is_finite() || !y.is_finite() {
            continue;
        }
        rows += 1.0;
        let (from_x, from_y) = (x - mean_x, y - mean_y);
        mean_x += 1.0 / rows * from_x;
        mean_y += 1.0 / rows * from_y;
        squares_x += (x - mean_x) * from_x;
        squares_y += (y - mean_y) * from_y;
        products += (x - mean_x) * from_y;
    }
    share(products, squares_x, squares_y)
}

/// Spearman's coefficient of the rows in which both numbers are finite.
///
/// Source: `nancorr_spearman` in pandas' `_libs/algos.pyx`.
fn spearman(one: &[f64], other: &[f64]) -> f64 {
    let both = one.iter().zip(other).filter(|(x, y)| x.is_finite() && y.is_finite());
    let (x, y): (Vec<f64>, Vec<f64>) = both.map(|(x, y)| (*x, *y)).unzip();
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let (mut products, mut squares_x, mut squares_y) = (0.0, 0.0, 0.0);
    for (x, y) in ranks(&x).into_iter().zip(ranks(&y)) {
        let (x, y) = (x - mean, y - mean);
        products += x * y;
        squares_x += x * x;
        squares_y += y * y;
    }
    share(products, squares_x, squares_y)
}

fn share(products: f64, squares_x: f64, squares_y: f64) -> f64 {
    match (squares_x * squares_y).sqrt() {
        0.0 => f64::NAN,
        divisor => (products / divisor).clamp(-1.0, 1.0),
    }
}

/// The ranks of numbers, from 1; equal ones share the mean of theirs.
fn ranks(numbers: &[f64]) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> = numbers.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let mut ranks = vec![0.0; numbers.len()];
    let mut before = 0;
    for equals in order.chunk_by(|a, b| a.0 == b.0) {
        let rank = before as f64 + (equals.len() as f64 + 1.0) / 2.0;
        for (_, place) in equals {
            if let Some(own) = ranks.get_mut(*place) {
                *own = rank;
            }
        }
        before += equals.len();
    }
    ranks
}
