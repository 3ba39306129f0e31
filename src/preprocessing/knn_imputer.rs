//! What the rows that are most like one have where it has nothing.

use ndarray::{Array2, ArrayView1, Axis};

use super::{Error, TransformerParts, numbers_of, transformer};
use crate::data::{Frame, Precision};
use crate::model::Transformer;
use crate::neighbours::NeighbourWeights;

/// What a [`KNNImputer`] knows.
#[derive(Debug, Clone, PartialEq)]
pub struct KNNImputerParts {
    /// The rows of the fit, NaN where a value is missing: scikit-learn's `_fit_X`.
    pub rows: Array2<f64>,
    /// The number that stands for a missing value in rows to come; NaN by default.
    pub missing_values: f64,
    /// How many neighbours count.
    pub n_neighbors: usize,
    /// How much each of them counts.
    pub weights: NeighbourWeights,
    /// Whether a column without values in the fit is kept, as zeros: `keep_empty_features`.
    pub keeps_empty: bool,
    /// The columns that had missing values in the fit, if a column is to be added for each, with 1
    /// where a value is missing: `add_indicator=True`.
    pub indicator: Option<Vec<usize>>,
}

impl KNNImputerParts {
    /// An imputer with scikit-learn's defaults.
    pub fn new(rows: Array2<f64>) -> Self {
        KNNImputerParts {
            rows,
            missing_values: f64::NAN,
            n_neighbors: 5,
            weights: NeighbourWeights::Uniform,
            keeps_empty: false,
            indicator: None,
        }
    }
}

/// scikit-learn's `KNNImputer`: puts the mean of the nearest rows' values in the place of a missing
/// one.
///
/// How far rows are apart is said by the columns in which both have values. Of rows of the fit at
/// the same distance the first are taken, where scikit-learn takes those that numpy's `argpartition`
/// happens to put first.
///
/// ```
/// use ndarray::array;
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{KNNImputer, KNNImputerParts, TransformerParts};
///
/// let rows = array![[1.0, 2.0], [2.0, 4.0], [9.0, 30.0]];
/// let parts = KNNImputerParts { n_neighbors: 2, ..KNNImputerParts::new(rows) };
/// let imputer = KNNImputer::from_parts(TransformerParts::new(2), parts)?;
/// let table = Frame::from_numbers(array![[1.5, f64::NAN]]);
/// assert_eq!(imputer.transform(&table)?.numbers(), Some(array![[1.5, 3.0]].into()));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KNNImputer {
    fitted: TransformerParts,
    parts: KNNImputerParts,
    /// The mean of each column's values, for rows that have no column in common with any other;
    /// nothing where a column has none.
    means: Vec<Option<f64>>,
}

transformer!(KNNImputer);

impl KNNImputer {
    /// Checks the parts and puts an imputer together.
    ///
    /// # Errors
    /// [`Error::Length`] unless rows have the columns of the fit, [`Error::Model`] for an infinite
    /// value and for an indicator of a column that is not there, or of columns that do not ascend,
    /// [`Error::Parameter`] for no neighbours.
    pub fn from_parts(fitted: TransformerParts, parts: KNNImputerParts) -> Result<Self, Error> {
        fitted.check()?;
        fitted.one_each("columns of the rows of the fit", parts.rows.ncols())?;
        let wrong = |problem: String| Err(Error::Model { problem });
        if let Some(value) = parts.rows.iter().find(|value| value.is_infinite()) {
            return wrong(format!("the rows of the fit: one holds {value}"));
        }
        if parts.n_neighbors == 0 {
            let (name, value) = ("n_neighbors", "0".to_owned());
            return Err(Error::Parameter { name, value, expected: "at least 1" });
        }
        super::imputer::check_indicator(&fitted, parts.indicator.as_deref())?;
        let mean = |column: ArrayView1<'_, f64>| {
            let values: Vec<f64> = column.iter().copied().filter(|value| !value.is_nan()).collect();
            let sum: f64 = values.iter().sum();
            (!values.is_empty()).then(|| sum / values.len() as f64)
        };
        let means = parts.rows.columns().into_iter().map(mean).collect();
        let rows = parts.rows.as_standard_layout().into_owned();
        Ok(KNNImputer { fitted, parts: KNNImputerParts { rows, ..parts }, means })
    }

    /// What it knows.
    pub fn parts(&self) -> &KNNImputerParts {
        &self.parts
    }

    /// The columns that are kept.
    fn kept(&self) -> impl Iterator<Item = usize> {
        let keeps = self.parts.keeps_empty;
        let columns = self.means.iter().enumerate();
        columns.filter(move |(_, mean)| keeps || mean.is_some()).map(|(column, _)| column)
    }

    /// How far a row is from one of the fit, by the columns in which both have values; NaN where
    /// there is none.
    ///
    /// Source: `nan_euclidean_distances` in scikit-learn's `metrics/pairwise.py`.
    fn distance(row: ArrayView1<'_, f64>, other: ArrayView1<'_, f64>) -> f64 {
        let (mut sum, mut common) = (0.0, 0_u32);
        for (value, other) in row.iter().zip(other) {
            let difference = value - other;
            if !difference.is_nan() {
                sum += difference * difference;
                common += 1;
            }
        }
        // 0 / 0 where no column is in common
        (sum / f64::from(common) * row.len() as f64).sqrt()
    }

    /// The mean of the nearest rows' values in a column, of which those without one are left out.
    fn value(&self, column: usize, distances: &[f64]) -> Option<f64> {
        let column_of_fit = self.parts.rows.column(column);
        let values = column_of_fit.iter().zip(distances).enumerate();
        let mut donors: Vec<(f64, usize)> = values
            .filter(|(_, (value, distance))| !value.is_nan() && !distance.is_nan())
            .map(|(row, (_, distance))| (*distance, row))
            .collect();
        if donors.is_empty() {
            return self.means.get(column).copied().flatten();
        }
        // before 1.6 those at no known distance count too, where there are too few others
        let is_uniform = self.parts.weights == NeighbourWeights::Uniform;
        if is_uniform && self.fitted.version.before(1, 6) {
            let values = column_of_fit.iter().zip(distances).enumerate();
            let unknown =
                values.filter(|(_, (value, distance))| !value.is_nan() && distance.is_nan());
            donors.extend(unknown.map(|(row, _)| (f64::INFINITY, row)));
        }
        let nearer = |a: &(f64, usize), b: &(f64, usize)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1));
        if donors.len() > self.parts.n_neighbors {
            donors.select_nth_unstable_by(self.parts.n_neighbors - 1, nearer);
            donors.truncate(self.parts.n_neighbors);
        }
        donors.sort_unstable_by(nearer);
        let distances: Vec<f64> = donors.iter().map(|(distance, _)| *distance).collect();
        let mut weights = Vec::with_capacity(distances.len());
        self.parts.weights.of(&distances, &mut weights);
        let value = |row: usize| column_of_fit.get(row).copied().unwrap_or_default();
        let weighted = donors.iter().zip(&weights).map(|((_, row), weight)| value(*row) * weight);
        Some(weighted.sum::<f64>() / weights.iter().sum::<f64>())
    }
}

impl Transformer for KNNImputer {
    fn n_features_out(&self) -> usize {
        self.kept().count() + self.parts.indicator.as_ref().map_or(0, Vec::len)
    }

    // where empty columns are kept, scikit-learn has no names for them
    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let input = self.fitted.names(input)?;
        let mut names: Vec<String> =
            self.kept().filter_map(|column| input.get(column).cloned()).collect();
        let marked = self.parts.indicator.iter().flatten().filter_map(|&place| input.get(place));
        names.extend(marked.map(|name| format!("missingindicator_{name}")));
        Some(names)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let mark = self.parts.missing_values;
        let mut numbers = numbers_of(self, table, mark.is_nan())?;
        if !mark.is_nan() {
            let missing = |number: f64| if number == mark { f64::NAN } else { number };
            numbers.mapv_inplace(missing);
        }
        let marks = self.parts.indicator.as_ref().map(|places| {
            let marks = numbers.select(Axis(1), places);
            marks.mapv(|number| f64::from(u8::from(number.is_nan())))
        });
        let precision = table.precision();
        let mut distances = Vec::with_capacity(self.parts.rows.nrows());
        let mut filled = numbers.clone();
        for (row, mut filled) in numbers.rows().into_iter().zip(filled.rows_mut()) {
            distances.clear();
            for (column, number) in filled.iter_mut().enumerate() {
                if !number.is_nan() {
                    continue;
                }
                if distances.is_empty() {
                    let others = self.parts.rows.rows().into_iter();
                    distances.extend(others.map(|other| KNNImputer::distance(row, other)));
                }
                if let Some(value) = self.value(column, &distances) {
                    *number = precision.round(value);
                }
            }
            if self.parts.keeps_empty {
                for (number, mean) in filled.iter_mut().zip(&self.means) {
                    if mean.is_none() {
                        *number = 0.0;
                    }
                }
            }
        }
        let rows = filled.nrows();
        let kept: Vec<usize> = self.kept().collect();
        if kept.len() < filled.ncols() {
            filled = filled.select(Axis(1), &kept);
        }
        let filled = Frame::from_numbers(filled).with_precision(precision);
        let marks = marks.map(|marks| Frame::from_numbers(marks).with_precision(Precision::Byte));
        let frames = [Some(filled), marks].into_iter().flatten().collect();
        Ok(Frame::side_by_side(frames, rows)?)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn parts() -> KNNImputerParts {
        let rows = array![[1.0, 2.0, f64::NAN], [2.0, f64::NAN, f64::NAN], [5.0, 8.0, f64::NAN]];
        KNNImputerParts { n_neighbors: 1, ..KNNImputerParts::new(rows) }
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        type Change = fn(&mut KNNImputerParts);
        let changes: [(&str, Change); 5] = [
            ("other columns", |it| it.rows = Array2::zeros((3, 2))),
            ("an infinite value", |it| it.rows[[0, 0]] = f64::INFINITY),
            ("no neighbours", |it| it.n_neighbors = 0),
            ("a mark of a column that is not there", |it| it.indicator = Some(vec![3])),
            ("marks that do not ascend", |it| it.indicator = Some(vec![1, 0])),
        ];
        assert!(KNNImputer::from_parts(TransformerParts::new(3), parts()).is_ok());
        for (name, change) in changes {
            let mut changed = parts();
            change(&mut changed);
            let made = KNNImputer::from_parts(TransformerParts::new(3), changed);
            assert!(made.is_err(), "{name}");
        }
    }

    #[test]
    fn rows_without_columns_in_common_get_the_mean() {
        let many = KNNImputerParts { n_neighbors: usize::MAX, ..parts() };
        for parts in [parts(), many] {
            let imputer = KNNImputer::from_parts(TransformerParts::new(3), parts);
            let imputer = imputer.expect("an imputer");
            let nan = f64::NAN;
            let table = Frame::from_numbers(array![[nan, nan, nan], [nan, nan, 3.0]]);
            let filled = imputer.transform(&table).expect("numbers");
            let mean = 8.0 / 3.0;
            assert_eq!(filled.numbers(), Some(array![[mean, 5.0], [mean, 5.0]].into()));
        }
        let none = KNNImputerParts::new(Array2::zeros((0, 3)));
        let none = KNNImputer::from_parts(TransformerParts::new(3), none).expect("an imputer");
        let filled = none.transform(&Frame::from_numbers(array![[1.0, f64::NAN, 2.0]]));
        assert_eq!(filled.expect("no columns").shape(), (1, 0));
        let infinite = Frame::from_numbers(array![[1.0, f64::INFINITY, 2.0]]);
        assert!(matches!(none.transform(&infinite), Err(Error::NotFinite { .. })));
    }
}
