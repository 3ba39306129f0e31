//! How far estimates are from the numbers that are estimated.

use super::Error;
use crate::numpy::pairwise_sum;

/// The coefficient of determination R²: 1 for perfect estimates, 0 for estimates no better than
/// the mean; scikit-learn's `r2_score`. If all true numbers are equal, it is 1 for perfect
/// estimates and 0 otherwise; of a single row it is not defined, and NaN.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::NoNumber`].
///
/// ```
/// use picklebook::metrics::r2_score;
///
/// assert_eq!(r2_score(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0])?, 0.9486081370449679);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn r2_score(truth: &[f64], predicted: &[f64]) -> Result<f64, Error> {
    check(truth, predicted)?;
    if truth.len() < 2 {
        return Ok(f64::NAN);
    }
    let mean = pairwise_sum(truth) / truth.len() as f64;
    let errors = squares(truth.iter().zip(predicted).map(|(truth, guess)| truth - guess));
    let spread = squares(truth.iter().map(|truth| truth - mean));
    Ok(match (errors == 0.0, spread == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - errors / spread,
    })
}

/// The mean of the squares of the errors; scikit-learn's `mean_squared_error`.
///
/// # Errors
/// As [`r2_score`].
///
/// ```
/// use picklebook::metrics::mean_squared_error;
///
/// assert_eq!(mean_squared_error(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0])?, 0.375);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn mean_squared_error(truth: &[f64], predicted: &[f64]) -> Result<f64, Error> {
    check(truth, predicted)?;
    let errors = truth.iter().zip(predicted).map(|(truth, guess)| truth - guess);
    Ok(squares(errors) / truth.len() as f64)
}

/// The mean of the errors without their signs; scikit-learn's `mean_absolute_error`.
///
/// # Errors
/// As [`r2_score`].
///
/// ```
/// use picklebook::metrics::mean_absolute_error;
///
/// assert_eq!(mean_absolute_error(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0])?, 0.5);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn mean_absolute_error(truth: &[f64], predicted: &[f64]) -> Result<f64, Error> {
    check(truth, predicted)?;
    let errors: Vec<f64> =
        truth.iter().zip(predicted).map(|(truth, guess)| (truth - guess).abs()).collect();
    Ok(pairwise_sum(&errors) / truth.len() as f64)
}

/// The sum of the squares.
fn squares(numbers: impl Iterator<Item = f64>) -> f64 {
    pairwise_sum(&numbers.map(|number| number * number).collect::<Vec<f64>>())
}

fn check(truth: &[f64], predicted: &[f64]) -> Result<(), Error> {
    if truth.len() != predicted.len() {
        return Err(Error::Length { truth: truth.len(), predicted: predicted.len() });
    }
    if truth.is_empty() {
        return Err(Error::Empty);
    }
    for (column, numbers) in [("true numbers", truth), ("estimates", predicted)] {
        if let Some(row) = numbers.iter().position(|number| !number.is_finite()) {
            let number = numbers.get(row).copied().unwrap_or(f64::NAN);
            return Err(Error::NoNumber { column, row, number });
        }
    }
    Ok(())
}
