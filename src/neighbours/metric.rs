//! How far two rows are from one another.

use std::fmt;

use super::Error;

/// How far two rows are from one another.
///
/// ```
/// use picklebook::neighbours::Metric;
///
/// assert_eq!(Metric::Euclidean.to_string(), "euclidean");
/// assert_eq!(Metric::Minkowski { p: 3.0 }.to_string(), "minkowski(p=3)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Metric {
    /// The square root of the squared differences' sum. With brute force it is computed as
    /// scikit-learn does: |x|² − 2⟨x, y⟩ + |y|², which loses digits where rows are close to one
    /// another and far from zero.
    Euclidean,
    /// The sum of the differences.
    Manhattan,
    /// The greatest difference.
    Chebyshev,
    /// (Σ|x − y|ᵖ)^(1/p).
    Minkowski {
        /// The exponent, above zero.
        p: f64,
    },
    /// 1 − the cosine of the angle between the rows; with brute force only.
    Cosine,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Metric::Euclidean => f.write_str("euclidean"),
            Metric::Manhattan => f.write_str("manhattan"),
            Metric::Chebyshev => f.write_str("chebyshev"),
            Metric::Minkowski { p } => write!(f, "minkowski(p={p})"),
            Metric::Cosine => f.write_str("cosine"),
        }
    }
}

impl Metric {
    /// Whether the metric can be computed.
    pub(super) fn check(self) -> Result<(), Error> {
        match self {
            Metric::Minkowski { p } if !(p > 0.0 && p.is_finite()) => {
                Err(Error::Model { problem: format!("its metric is minkowski with p={p}") })
            }
            _ => Ok(()),
        }
    }

    /// The distance, from what is compared in its place.
    pub(super) fn distance(self, reduced: f64) -> f64 {
        match self {
            Metric::Euclidean => reduced.max(0.0).sqrt(),
            Metric::Minkowski { p: 2.0 } => reduced.sqrt(),
            Metric::Minkowski { p } => reduced.powf(1.0 / p),
            Metric::Manhattan | Metric::Chebyshev | Metric::Cosine => reduced,
        }
    }

    /// What is compared in place of the distance.
    pub(super) fn reduced(self, distance: f64) -> f64 {
        match self {
            Metric::Euclidean | Metric::Minkowski { p: 2.0 } => distance * distance,
            Metric::Minkowski { p } => distance.powf(p),
            Metric::Manhattan | Metric::Chebyshev | Metric::Cosine => distance,
        }
    }
}

/// Calls a function with what adds a column's difference to the reduced distance of two rows: the
/// function is compiled once for each metric.
macro_rules! with_step {
    ($metric:expr, $step:ident => $call:expr) => {
        match $metric {
            Metric::Euclidean | Metric::Minkowski { p: 2.0 } => {
                let $step = |sum: f64, difference: f64| sum + difference * difference;
                $call
            }
            Metric::Manhattan | Metric::Minkowski { p: 1.0 } => {
                let $step = |sum: f64, difference: f64| sum + difference.abs();
                $call
            }
            Metric::Chebyshev => {
                let $step = |greatest: f64, difference: f64| match difference.abs() {
                    own if own > greatest => own,
                    _ => greatest,
                };
                $call
            }
            Metric::Minkowski { p } => {
                let $step = move |sum: f64, difference: f64| sum + difference.abs().powf(p);
                $call
            }
            Metric::Cosine => {
                // cosines are not sums over columns: `Points` has a way of its own for them
                let $step = |sum: f64, _: f64| sum;
                $call
            }
        }
    };
}
pub(super) use with_step;
