//! Trees.

use super::cell::bundle;
use crate::tree::LinfaTree;

impl LinfaTree {
    /// Shows the tree as indented text in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}
