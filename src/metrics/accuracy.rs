//! The share of right predictions.

use super::Error;
use super::pairs::Pairs;
use crate::data::Labels;

/// The share of predictions that are right, from 0 to 1: scikit-learn's `accuracy_score`.
///
/// # Errors
/// [`Error::Empty`], [`Error::Length`], [`Error::Kind`], [`Error::NoClass`].
///
/// ```
/// use picklebook::data::Labels;
/// use picklebook::metrics::accuracy;
///
/// let truth = Labels::from(["L", "R", "R", "B"]);
/// let predicted = Labels::from(["L", "R", "L", "R"]);
/// assert_eq!(accuracy(&truth, &predicted)?, 0.5);
/// # Ok::<(), picklebook::metrics::Error>(())
/// ```
pub fn accuracy(truth: &Labels, predicted: &Labels) -> Result<f64, Error> {
    let pairs = Pairs::new(truth, predicted)?;
    let right = pairs.iter().filter(|(truth, predicted)| truth == predicted).count();
    Ok(right as f64 / pairs.truth.len() as f64)
}
