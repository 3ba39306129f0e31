//! How much the shares of a column's bins have moved.

use std::fmt;

use super::Error;
use super::error::in_range;
use crate::numpy::chi_squared_above;
use crate::text::{grouped, rounded};

/// The most bins.
const MOST_BINS: usize = 1_000;

/// The population stability index of a column: how much the shares of its bins have moved from one
/// sample to another.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Psi {
    /// The index, from 0 on. By rule of thumb 0.1 is a little and 0.25 is much, if there are rows enough.
    pub value: f64,
    /// The probability of so great an index, or a greater one, where both samples are of one
    /// distribution: a small sample moves by chance.
    pub p_value: f64,
    /// How many bins there are.
    pub bins: usize,
    /// How many rows the two samples have.
    pub rows: (usize, usize),
}

impl fmt::Display for Psi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PSI {}, p = {} ({} bins, {} and {} rows)",
            rounded(self.value),
            rounded(self.p_value),
            self.bins,
            grouped(self.rows.0),
            grouped(self.rows.1),
        )
    }
}

/// The population stability index: Σ (q − p) ln(q / p) over bins, where p and q are the shares of the
/// two samples in a bin.
///
/// The bins are between quantiles of the first sample, each of them one of its numbers, so that with
/// `bins` bins about as many rows lie in each; where many numbers are equal there are fewer. Numbers
/// below all of the first sample are a bin of their own, and so are missing ones (NaN). A share is (rows
/// in the bin + ½) / (all rows + ½ for each bin), so that an empty bin makes no infinity.
///
/// The index of two samples of one distribution is not 0, but about (bins − 1) (1 / rows + 1 / rows):
/// divided by the sum in brackets it is distributed like chi-squared with bins − 1 degrees of freedom,
/// which gives the probability.
///
/// # Errors
/// [`Error::Empty`] for a sample of no numbers, [`Error::Parameter`] for fewer than 2 bins or more than
/// 1,000.
///
/// ```
/// use picklebook::monitor::psi;
///
/// let spring: Vec<f64> = (0..1000).map(|row| f64::from(row % 100)).collect();
/// let autumn: Vec<f64> = spring.iter().map(|number| number * 0.7).collect();
/// let moved = psi(&spring, &autumn, 10)?;
/// assert!(moved.value > 0.25 && moved.p_value < 1e-9);
/// // of eight rows, an index as great says nothing
/// let few = psi(&spring, &autumn[..8], 10)?;
/// assert!(few.value > 0.25 && few.p_value > 0.05);
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
///
/// Source: B. Yurdakul and J. Naranjo, "Statistical properties of the population stability index",
/// Journal of Risk Model Validation 14 (2020).
pub fn psi(expected: &[f64], actual: &[f64], bins: usize) -> Result<Psi, Error> {
    in_range("bins", bins as f64, (2..=MOST_BINS).contains(&bins), "from 2 to 1000")?;
    if expected.is_empty() || actual.is_empty() {
        return Err(Error::Empty { what: "numbers in a sample" });
    }
    let edges = edges(expected, bins);
    let (p, q) = (counts(expected, &edges), counts(actual, &edges));
    // a bin without rows on either side says nothing
    let both: Vec<(usize, usize)> =
        p.into_iter().zip(q).filter(|(p, q)| *p > 0 || *q > 0).collect();
    let bins = both.len();
    let rows = (expected.len(), actual.len());
    let share = |count: usize, all: usize| (count as f64 + 0.5) / (all as f64 + 0.5 * bins as f64);
    let moved = |&(p, q): &(usize, usize)| {
        let (p, q) = (share(p, rows.0), share(q, rows.1));
        (q - p) * (q / p).ln()
    };
    let value: f64 = both.iter().map(moved).sum();
    let by_chance = 1.0 / rows.0 as f64 + 1.0 / rows.1 as f64;
    let p_value = chi_squared_above(value / by_chance, bins.saturating_sub(1));
    Ok(Psi { value, p_value: if bins < 2 { 1.0 } else { p_value }, bins, rows })
}

/// The upper ends of all bins but the last, ascending.
fn edges(sample: &[f64], bins: usize) -> Vec<f64> {
    let mut numbers: Vec<f64> = sample.iter().copied().filter(|number| !number.is_nan()).collect();
    numbers.sort_unstable_by(f64::total_cmp);
    let at = |bin: usize| (numbers.len() * bin).div_ceil(bins).saturating_sub(1);
    let mut edges: Vec<f64> = (1..bins).filter_map(|bin| numbers.get(at(bin)).copied()).collect();
    edges.dedup();
    match (numbers.first(), edges.first()) {
        // else nothing would tell lower numbers from the lowest
        (Some(&lowest), Some(&edge)) if lowest == edge => edges.insert(0, lowest.next_down()),
        _ => {}
    }
    edges
}

/// How many numbers lie in each bin, and how many are missing.
fn counts(sample: &[f64], edges: &[f64]) -> Vec<usize> {
    let mut counts = vec![0; edges.len() + 2];
    for number in sample {
        let bin = match number.is_nan() {
            true => edges.len() + 1,
            false => edges.partition_point(|edge| edge < number),
        };
        if let Some(count) = counts.get_mut(bin) {
            *count += 1;
        }
    }
    counts
}
