//! Shares of rows, and how much the rows can say of them.

use std::fmt;

use super::Error;
use super::error::in_range;
use crate::numpy::normal_quantile;
use crate::text::{grouped, percent, share_percent};

/// A share of rows: how many there are, and of how many.
///
/// ```
/// use picklebook::monitor::Rate;
///
/// let right = Rate::new(7, 8);
/// assert_eq!(right.share(), Some(0.875));
/// // eight rows say little
/// assert_eq!(right.wilson(0.95)?.to_string(), "52.9 % to 97.8 %");
/// assert_eq!(Rate::new(875, 1000).wilson(0.95)?.to_string(), "85.3 % to 89.4 %");
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    hits: usize,
    rows: usize,
}

impl Rate {
    /// So many of so many rows; never more than there are.
    pub fn new(hits: usize, rows: usize) -> Self {
        Rate { hits: hits.min(rows), rows }
    }

    /// How many.
    pub fn hits(self) -> usize {
        self.hits
    }

    /// Of how many rows.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// The share, from 0 to 1; `None` of no rows.
    pub fn share(self) -> Option<f64> {
        (self.rows > 0).then(|| self.hits as f64 / self.rows as f64)
    }

    /// Wilson's interval of the share in all rows of which these are a sample. Of no rows it is all,
    /// from 0 to 1.
    ///
    /// The figures are those of SciPy's `binomtest(hits, rows).proportion_ci(confidence, "wilson")`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a confidence that is not between 0 and 0.999 999 999.
    ///
    /// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    /// Journal of the American Statistical Association 22 (1927).
    pub fn wilson(self, confidence: f64) -> Result<Interval, Error> {
        let fits = confidence > 0.0 && confidence <= 0.999_999_999;
        in_range("confidence", confidence, fits, "above 0 and at most 0.999999999")?;
        if self.rows == 0 {
            return Ok(Interval { low: 0.0, high: 1.0 });
        }
        let (hits, rows) = (self.hits as f64, self.rows as f64);
        let (share, z) = (hits / rows, normal_quantile(0.5 + 0.5 * confidence));
        let whole = 2.0 * (rows + z * z);
        let center = (2.0 * rows * share + z * z) / whole;
        let reach = z / whole * (4.0 * rows * share * (1.0 - share) + z * z).sqrt();
        Ok(Interval {
            low: if self.hits == 0 { 0.0 } else { (center - reach).max(0.0) },
            high: if self.hits == self.rows { 1.0 } else { (center + reach).min(1.0) },
        })
    }
}

impl fmt::Display for Rate {
    /// Such as `87.5 % (7 of 8)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = percent(self.hits, self.rows, 1);
        f.pad(&format!("{share} ({} of {})", grouped(self.hits), grouped(self.rows)))
    }
}

/// From where to where a share may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower end, from 0.
    pub low: f64,
    /// The upper end, to 1.
    pub high: f64,
}

impl fmt::Display for Interval {
    /// Such as `52.9 % to 97.8 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} to {}", share_percent(self.low, 1), share_percent(self.high, 1)))
    }
}
