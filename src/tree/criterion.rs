//! What makes a split good.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a classifier measures the quality of a split.
///
/// [`Entropy`](Criterion::Entropy) and [`LogLoss`](Criterion::LogLoss) are two names of one
/// measure, as in scikit-learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// The Gini impurity: one less the sum of the squared class fractions.
    #[default]
    Gini,
    /// The Shannon entropy of the class fractions, in bits.
    Entropy,
    /// Another name for [`Entropy`](Criterion::Entropy).
    LogLoss,
}

impl Criterion {
    /// The name that scikit-learn uses: `gini`, `entropy` or `log_loss`.
    pub fn name(self) -> &'static str {
        match self {
            Criterion::Gini => "gini",
            Criterion::Entropy => "entropy",
            Criterion::LogLoss => "log_loss",
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
