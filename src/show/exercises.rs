//! What the checks of exercises say.

use super::cell::bundle;
use crate::exercises::Verdict;

impl Verdict {
    /// Shows the sentence in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}
