//! Whether rows or scores look other than they did.

use std::fmt;

use super::error::{in_range, same_length};
use super::two_samples::{KolmogorovSmirnov, ks_2samp};
use super::{Error, Psi, Rate, psi};
use crate::data::Features;
use crate::text::{Side, columns, count, grouped, percent, rounded, shortened};

/// What the distribution of a column has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// There are too few rows to say.
    TooFewRows,
    /// What moved is no more than chance moves.
    Steady,
    /// It has surely moved, and little.
    Moved,
    /// It has surely moved, and by more than the limit.
    Drifted,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::TooFewRows => "too few rows",
            Verdict::Steady => "steady",
            Verdict::Moved => "moved",
            Verdict::Drifted => "drifted",
        })
    }
}

/// How drift is looked for.
///
/// A column has [`Drifted`](Verdict::Drifted) where its population stability index is beyond a limit,
/// and chance does not explain it: the smaller probability of the index and of the Kolmogorov–Smirnov
/// test, times the number of looks (two for each column), is below `alpha`. So neither thousands of
/// rows, of which a trifle is sure, nor eight, of which anything may be by chance, raise an alarm.
///
/// ```
/// use picklebook::data::{mail_2002, spambase};
/// use picklebook::monitor::{DriftParams, Verdict};
///
/// let (before, mail) = (spambase(), mail_2002());
/// let october = mail.between("2002-10-01".parse()?, "2002-11-01".parse()?);
/// let drift = DriftParams::new().psi_limit(0.3).drift(&before, &october)?;
/// assert_eq!(drift.column("word_freq_hp").expect("a column").verdict, Verdict::Drifted);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DriftParams {
    bins: usize,
    psi_limit: f64,
    alpha: f64,
    pub(super) min_rows: usize,
}

impl Default for DriftParams {
    fn default() -> Self {
        DriftParams { bins: 10, psi_limit: 0.25, alpha: 0.01, min_rows: 30 }
    }
}

impl DriftParams {
    /// The usual ones.
    pub fn new() -> Self {
        DriftParams::default()
    }

    /// The bins of the population stability index, at most, from 2 to 1,000; 10 by default.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    /// The population stability index beyond which a column has drifted; 0.25 by default.
    pub fn psi_limit(mut self, limit: f64) -> Self {
        self.psi_limit = limit;
        self
    }

    /// The probability of a false alarm among all columns, above 0 and below 1; 0.01 by default.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// How many rows both tables must have before there is a verdict; 30 by default.
    pub fn min_rows(mut self, rows: usize) -> Self {
        self.min_rows = rows;
        self
    }

    /// Compares the columns of two tables: rows as they were, and rows as they are.
    ///
    /// # Errors
    /// [`Error::Length`] and [`Error::Column`] for other columns, [`Error::Empty`] without rows or
    /// columns, [`Error::Parameter`] for a parameter out of range.
    pub fn drift<'r, 'c>(
        &self,
        reference: impl Into<Features<'r>>,
        current: impl Into<Features<'c>>,
    ) -> Result<Drift, Error> {
        let (reference, current) = (reference.into(), current.into());
        let ((_, expected), (_, found)) = (reference.shape(), current.shape());
        same_length("columns", expected, found)?;
        if expected == 0 {
            return Err(Error::Empty { what: "columns" });
        }
        if let (Some(expected), Some(found)) = (reference.names(), current.names()) {
            let mut pairs = expected.iter().zip(found).enumerate();
            if let Some((place, (expected, found))) = pairs.find(|(_, (a, b))| a != b) {
                let [expected, found] = [expected, found].map(|name| shortened(name, 60));
                return Err(Error::Column { place, expected, found });
            }
        }
        let names = reference.names().or(current.names());
        let (before, now) = (reference.to_f64(), current.to_f64());
        let columns = before.columns().into_iter().zip(now.columns()).enumerate();
        let columns = columns.map(|(place, (before, now))| {
            let name = names.and_then(|names| names.get(place).cloned());
            let name = name.unwrap_or_else(|| place.to_string());
            self.column(name, &before.to_vec(), &now.to_vec(), 2 * expected)
        });
        let columns = columns.collect::<Result<_, _>>()?;
        Ok(Drift { columns, rows: (before.nrows(), now.nrows()) })
    }

    /// Compares two lists of scores, such as the probability of one class.
    ///
    /// # Errors
    /// As [`drift`](Self::drift).
    pub fn scores(&self, reference: &[f64], current: &[f64]) -> Result<ColumnDrift, Error> {
        self.column("scores".into(), reference, current, 2)
    }

    /// One column, of a table that is looked at so often.
    fn column(
        &self,
        name: String,
        before: &[f64],
        now: &[f64],
        looks: usize,
    ) -> Result<ColumnDrift, Error> {
        let fits = self.psi_limit >= 0.0;
        in_range("psi_limit", self.psi_limit, fits, "not negative")?;
        in_range("alpha", self.alpha, self.alpha > 0.0 && self.alpha < 1.0, "above 0 and below 1")?;
        let psi = psi(before, now, self.bins)?;
        let there = |sample: &[f64]| -> Vec<f64> {
            sample.iter().copied().filter(|number| !number.is_nan()).collect()
        };
        let (some_before, some_now) = (there(before), there(now));
        let ks = match some_before.is_empty() || some_now.is_empty() {
            true => None,
            false => Some(ks_2samp(&some_before, &some_now)?),
        };
        let least = ks.map_or(psi.p_value, |ks| ks.p_value.min(psi.p_value));
        let p_value = (least * looks as f64).min(1.0);
        let verdict = match before.len().min(now.len()) < self.min_rows {
            true => Verdict::TooFewRows,
            false if p_value >= self.alpha => Verdict::Steady,
            false if psi.value <= self.psi_limit => Verdict::Moved,
            false => Verdict::Drifted,
        };
        let missing = (
            Rate::new(before.len() - some_before.len(), before.len()),
            Rate::new(now.len() - some_now.len(), now.len()),
        );
        Ok(ColumnDrift { name, psi, ks, p_value, missing, verdict })
    }
}

/// Compares the columns of two tables, with the usual parameters: see [`DriftParams`].
///
/// # Errors
/// As [`DriftParams::drift`].
///
/// ```
/// use picklebook::data::{balance_scale, train_test_split};
/// use picklebook::monitor::drift;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let drift = drift(&split.train, &split.test)?;
/// assert_eq!(drift.drifted().count(), 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drift<'r, 'c>(
    reference: impl Into<Features<'r>>,
    current: impl Into<Features<'c>>,
) -> Result<Drift, Error> {
    DriftParams::new().drift(reference, current)
}

/// Compares two lists of scores, such as the probability of one class, with the usual parameters: see
/// [`DriftParams`].
///
/// # Errors
/// As [`DriftParams::scores`].
///
/// ```
/// use picklebook::monitor::{Verdict, drift_of_scores};
///
/// let before: Vec<f64> = (0..500).map(|row| f64::from(row % 50) / 50.0).collect();
/// let now: Vec<f64> = before.iter().map(|score| score * score).collect();
/// assert_eq!(drift_of_scores(&before, &now)?.verdict, Verdict::Drifted);
/// assert_eq!(drift_of_scores(&before, &now[..8])?.verdict, Verdict::TooFewRows);
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
pub fn drift_of_scores(reference: &[f64], current: &[f64]) -> Result<ColumnDrift, Error> {
    DriftParams::new().scores(reference, current)
}

/// What the distribution of one column has done.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ColumnDrift {
    /// The name of the column, or its place, from 0, where it has none.
    pub name: String,
    /// The population stability index.
    pub psi: Psi,
    /// The Kolmogorov–Smirnov test of the numbers that are there; `None` where all are missing.
    pub ks: Option<KolmogorovSmirnov>,
    /// The smaller probability of the two, for as many looks as were taken.
    pub p_value: f64,
    /// The share of missing numbers, as it was and as it is.
    pub missing: (Rate, Rate),
    /// What follows.
    pub verdict: Verdict,
}

impl ColumnDrift {
    fn cells(&self) -> Vec<String> {
        let ks = self.ks.map_or("–".to_owned(), |ks| format!("{:.3}", ks.statistic));
        let p_value = match self.p_value {
            p if p < 0.0001 => "< 0.0001".to_owned(),
            p => format!("{p:.4}"),
        };
        let (before, now) = self.missing;
        let missing = match before.hits() + now.hits() {
            0 => "–".to_owned(),
            _ => format!(
                "{} → {}",
                percent(before.hits(), before.rows(), 1),
                percent(now.hits(), now.rows(), 1)
            ),
        };
        let psi = format!("{:.3}", self.psi.value);
        vec![shortened(&self.name, 40), psi, ks, p_value, missing, self.verdict.to_string()]
    }
}

impl fmt::Display for ColumnDrift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ks = self
            .ks
            .map_or(String::new(), |ks| format!(", Kolmogorov–Smirnov {}", rounded(ks.statistic)));
        write!(
            f,
            "{}: {} (PSI {}{ks}, p = {}; {} and {} rows)",
            shortened(&self.name, 60),
            self.verdict,
            rounded(self.psi.value),
            rounded(self.p_value),
            grouped(self.psi.rows.0),
            grouped(self.psi.rows.1),
        )
    }
}

/// What the distributions of a table's columns have done.
#[derive(Clone, PartialEq)]
pub struct Drift {
    columns: Vec<ColumnDrift>,
    rows: (usize, usize),
}

impl Drift {
    /// The columns, in the order of the table.
    pub fn columns(&self) -> &[ColumnDrift] {
        &self.columns
    }

    /// The column of a name.
    pub fn column(&self, name: &str) -> Option<&ColumnDrift> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The columns that have drifted, in the order of the table.
    pub fn drifted(&self) -> impl Iterator<Item = &ColumnDrift> + '_ {
        self.columns.iter().filter(|column| column.verdict == Verdict::Drifted)
    }

    /// How many rows the two tables have.
    pub fn rows(&self) -> (usize, usize) {
        self.rows
    }

    pub(crate) fn caption(&self) -> String {
        let too_few = self.columns.iter().any(|it| it.verdict == Verdict::TooFewRows);
        let what = match too_few {
            true => "too few rows for a verdict".to_owned(),
            false => format!(
                "{} of {} drifted",
                self.drifted().count(),
                count(self.columns.len(), "column", "columns")
            ),
        };
        let (before, now) = self.rows;
        format!("{what}; {} then, {} now", count(before, "row", "rows"), grouped(now))
    }

    pub(crate) const HEADER: [&'static str; 6] = ["column", "PSI", "KS", "p", "missing", "verdict"];

    /// The rows of the table, those that moved most first.
    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let mut sorted: Vec<&ColumnDrift> = self.columns.iter().collect();
        sorted.sort_by(|a, b| b.psi.value.total_cmp(&a.psi.value));
        sorted.into_iter().map(ColumnDrift::cells).collect()
    }
}

impl fmt::Display for Drift {
    /// A table of the columns, those that moved most first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = Self::HEADER.map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = [header].into_iter().chain(self.lines()).collect();
        let sides = [Side::Left, Side::Right, Side::Right, Side::Right, Side::Left, Side::Left];
        write!(f, "{}\n{}", self.caption(), columns(&rows, &sides))
    }
}
