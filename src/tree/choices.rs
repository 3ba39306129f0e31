//! What a parameter of a tree can be, where it is more than a number.

use serde::{Deserialize, Serialize};

use crate::data::Label;
use crate::python::estimator::PythonValue;
use crate::python::{float_repr, text_repr};

/// A number of rows, given as such or as a fraction of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    /// So many rows.
    Count(usize),
    /// This fraction of the rows, rounded up.
    Fraction(f64),
}

impl Samples {
    pub(super) fn of(self, rows: usize) -> usize {
        match self {
            Samples::Count(count) => count,
            Samples::Fraction(fraction) => (fraction * rows as f64).ceil() as usize,
        }
    }

    pub(super) fn repr(self) -> String {
        match self {
            Samples::Count(count) => count.to_string(),
            Samples::Fraction(fraction) => float_repr(fraction),
        }
    }
}

/// How many features a split looks at, drawn anew for each node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxFeatures {
    /// All of them (scikit-learn's `None`).
    #[default]
    All,
    /// The square root of their number.
    Sqrt,
    /// The binary logarithm of their number.
    Log2,
    /// So many.
    Count(usize),
    /// This fraction of them.
    Fraction(f64),
}

impl MaxFeatures {
    pub(super) fn of(self, features: usize) -> usize {
        match self {
            MaxFeatures::All => features,
            MaxFeatures::Sqrt => ((features as f64).sqrt() as usize).max(1),
            MaxFeatures::Log2 => ((features as f64).log2() as usize).max(1),
            MaxFeatures::Count(count) => count,
            MaxFeatures::Fraction(fraction) => ((fraction * features as f64) as usize).max(1),
        }
    }

    pub(super) fn repr(self) -> Option<String> {
        match self {
            MaxFeatures::All => None,
            MaxFeatures::Sqrt => Some("'sqrt'".to_owned()),
            MaxFeatures::Log2 => Some("'log2'".to_owned()),
            MaxFeatures::Count(count) => Some(count.to_string()),
            MaxFeatures::Fraction(fraction) => Some(float_repr(fraction)),
        }
    }
}

/// How much each class counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeight {
    /// Every class counts as much as every other, whatever its number of rows.
    Balanced,
    /// So much for each row of a class; 1 for a class that is not named.
    Weights(Vec<(Label, f64)>),
}

impl ClassWeight {
    pub(super) fn repr(&self) -> PythonValue {
        match self {
            ClassWeight::Balanced => PythonValue::Plain("'balanced'".to_owned()),
            ClassWeight::Weights(weights) => {
                let entry = |(label, weight): &(Label, f64)| {
                    let label = match label {
                        Label::Text(text) => text_repr(text),
                        other => other.to_string(),
                    };
                    format!("{label}: {}", float_repr(*weight))
                };
                PythonValue::Dictionary(weights.iter().map(entry).collect())
            }
        }
    }
}
