//! Whether two samples are of one distribution.

use std::fmt;

use super::{Error, kolmogorov};
use crate::text::{grouped, rounded};

/// Up to so many numbers in the larger sample the probability is exact, as in SciPy.
const MOST_EXACT: usize = 10_000;

/// The two-sample Kolmogorov–Smirnov test: how far the distributions of two samples are apart, and how
/// probable that is where both are of one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct KolmogorovSmirnov {
    /// The greatest distance between the shares of the two samples that are not above a number.
    pub statistic: f64,
    /// The probability of so great a distance, or a greater one, by chance.
    pub p_value: f64,
    /// The number at which the distance is greatest.
    pub location: f64,
    /// 1 where the first sample has the greater share there, −1 where the second has.
    pub sign: i8,
    /// How many numbers the two samples have.
    pub rows: (usize, usize),
    /// Whether the probability is exact; it is asymptotic where a sample has more than 10,000 numbers.
    pub exact: bool,
}

impl fmt::Display for KolmogorovSmirnov {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Kolmogorov–Smirnov {}, p = {} ({} and {} rows)",
            rounded(self.statistic),
            rounded(self.p_value),
            grouped(self.rows.0),
            grouped(self.rows.1),
        )
    }
}

/// Compares two samples by the two-sample Kolmogorov–Smirnov test, two-sided.
///
/// The figures are those of `scipy.stats.ks_2samp`, which is exact up to 10,000 numbers in a sample and
/// asymptotic beyond. The test is made for numbers that seldom repeat: where many are equal, the
/// probability is too great rather than too small. Infinities are the least and greatest numbers.
///
/// # Errors
/// [`Error::Empty`] for a sample of no numbers, [`Error::Value`] for NaN.
///
/// ```
/// use picklebook::monitor::ks_2samp;
///
/// let spring: Vec<f64> = (0..100).map(|row| f64::from(row % 10)).collect();
/// let autumn: Vec<f64> = (0..80).map(|row| f64::from(row % 10) + 2.0).collect();
/// let test = ks_2samp(&spring, &autumn)?;
/// assert!((test.statistic - 0.2).abs() < 1e-12 && test.p_value < 0.05 && test.exact);
/// // eight rows do not tell
/// assert!(ks_2samp(&spring, &autumn[..8])?.p_value > 0.5);
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
///
/// Sources: J. L. Hodges, "The significance probability of the Smirnov two-sample test", Arkiv för
/// Matematik 3 (1958); T. Viehmann, "Numerically more stable computation of the p-values for the
/// two-sample Kolmogorov–Smirnov test", arXiv:2102.08037.
pub fn ks_2samp(first: &[f64], second: &[f64]) -> Result<KolmogorovSmirnov, Error> {
    let (a, b) = (
        sorted("the first sample's number", first)?,
        sorted("the second sample's number", second)?,
    );
    let share = |sample: &[f64], number: f64| {
        sample.partition_point(|&other| other <= number) as f64 / sample.len() as f64
    };
    let (mut most, mut least) = ((0.0, 0.0), (0.0, 0.0));
    for (place, &number) in a.iter().chain(&b).enumerate() {
        let apart = share(&a, number) - share(&b, number);
        if place == 0 || apart > most.0 {
            most = (apart, number);
        }
        if place == 0 || apart < least.0 {
            least = (apart, number);
        }
    }
    let below = (-least.0).clamp(0.0, 1.0);
    let (mut statistic, location, sign) =
        if below > most.0 { (below, least.1, -1) } else { (most.0, most.1, 1) };
    let (n, m) = (a.len(), b.len());
    let mut exact = None;
    if n.max(m) <= MOST_EXACT {
        let common = gcd(n, m);
        let lcm = (n / common * m) as f64;
        let steps = (statistic * lcm).round_ties_even();
        statistic = steps / lcm;
        exact = Some(match (n == m, steps as usize) {
            (_, 0) => 1.0,
            (true, steps) => outside_square(n, steps),
            (false, steps) => outside(n, m, common, steps),
        })
        .filter(|found| (0.0..=1.0).contains(found));
    }
    let asymptotic = || {
        let (n, m) = (n.max(m) as f64, n.min(m) as f64);
        kolmogorov::above((n * m / (n + m)).round_ties_even() as u64, statistic)
    };
    Ok(KolmogorovSmirnov {
        statistic,
        p_value: exact.unwrap_or_else(asymptotic),
        location,
        sign,
        rows: (n, m),
        exact: exact.is_some(),
    })
}

/// The numbers, ascending.
pub(super) fn sorted(what: &'static str, numbers: &[f64]) -> Result<Vec<f64>, Error> {
    if numbers.is_empty() {
        return Err(Error::Empty { what: "numbers in a sample" });
    }
    if let Some(place) = numbers.iter().position(|number| number.is_nan()) {
        let expected = "leave missing values out";
        return Err(Error::Value { what: what.into(), place, value: f64::NAN, expected });
    }
    let mut numbers = numbers.to_vec();
    numbers.sort_unstable_by(f64::total_cmp);
    Ok(numbers)
}

fn gcd(mut a: usize, mut b: usize) -> usize {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Of all ways through a square of n × n steps, the share that leave the diagonal by `h` or more.
fn outside_square(n: usize, h: usize) -> f64 {
    let mut found = 0.0;
    for k in (0..=n / h).rev() {
        let mut term = 1.0;
        for j in 0..h {
            term = (n as f64 - (k * h + j) as f64) * term / (n + k * h + j + 1) as f64;
        }
        found = term * (1.0 - found);
    }
    2.0 * found
}

/// The same for a rectangle of n × m steps, column by column: of the ways to each point within the
/// lines, the share that have been beyond them. `common` is the greatest common divisor.
fn outside(n: usize, m: usize, common: usize, h: usize) -> f64 {
    let (long, short) = (n.max(m), n.min(m));
    let (long_step, short_step) = (long / common, short / common);
    let mut from = 0;
    let mut to = h.div_ceil(long_step).min(short + 1);
    // what is beyond the lines is 1
    let mut shares = vec![0.0; to];
    for i in 1..=long {
        let (old_from, old) = (from, shares);
        let low = match (short_step * i).checked_sub(h) {
            Some(at) => at / long_step + 1,
            None => 0,
        };
        from = low.min(short);
        to = (short_step * i + h).div_ceil(long_step).min(short + 1);
        if to <= from {
            return 1.0;
        }
        let mut below = if from == 0 { 0.0 } else { 1.0 };
        shares = Vec::with_capacity(to - from);
        for j in from..to {
            let left = old.get(j - old_from).copied().unwrap_or(1.0);
            below = (left * i as f64 + below * j as f64) / (i + j) as f64;
            shares.push(below);
        }
    }
    shares.last().copied().unwrap_or(1.0)
}
