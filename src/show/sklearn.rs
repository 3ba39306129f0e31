//! Estimators of scikit-learn's.

use super::cell::bundle;
use crate::sklearn::Estimator;

impl Estimator {
    /// Shows what is known of the estimator, as [`describe`](Self::describe) says it, in a notebook's
    /// cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.describe()));
    }
}
