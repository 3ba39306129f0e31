//! The values of parameters that are more than a number.

use serde::{Deserialize, Serialize};

use crate::data::Label;
use crate::python::estimator::PythonValue;
use crate::python::{float_repr, text_repr};

/// A number of rows, given as such or as a fraction of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Samples {
    /// This many rows.
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

/// How many features a split looks at. They are drawn anew for each node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxFeatures {
    /// All of them (scikit-learn's `None`).
    #[default]
    All,
    /// The square root of their number, rounded down.
    Sqrt,
    /// The binary logarithm of their number, rounded down, and at least 1.
    Log2,
    /// This many.
    Count(usize),
    /// This fraction of them, rounded down, and at least 1.
    Fraction(f64),
}

impl MaxFeatures {
    pub(crate) fn of(self, features: usize) -> usize {
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
    /// The rows of each class together count the same, however many there are.
    Balanced,
    /// The weight of each row of a class; 1 for a class that is not named.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_features() {
        let cases = [
            (MaxFeatures::All, 10, 10),
            (MaxFeatures::Sqrt, 1, 1),
            (MaxFeatures::Sqrt, 15, 3),
            (MaxFeatures::Sqrt, 16, 4),
            (MaxFeatures::Log2, 1, 1),
            (MaxFeatures::Log2, 7, 2),
            (MaxFeatures::Log2, 8, 3),
            (MaxFeatures::Count(3), 10, 3),
            // more than there are: the search ends when all are drawn
            (MaxFeatures::Count(30), 10, 30),
            (MaxFeatures::Fraction(0.5), 5, 2),
            (MaxFeatures::Fraction(0.01), 5, 1),
            (MaxFeatures::Fraction(1.0), 5, 5),
        ];
        for (choice, features, expected) in cases {
            assert_eq!(choice.of(features), expected, "{choice:?} of {features}");
        }
    }

    #[test]
    fn numbers_of_rows() {
        let cases = [
            (Samples::Count(7), 5, 7),
            (Samples::Fraction(0.5), 10, 5),
            (Samples::Fraction(0.5), 11, 6),
            (Samples::Fraction(1e-9), 11, 1),
            (Samples::Fraction(1.0), 11, 11),
            // 0.1 * 3 is a little more than 0.3; 0.07 * 100 a little more than 7
            (Samples::Fraction(0.1), 3, 1),
            (Samples::Fraction(0.07), 100, 8),
        ];
        for (samples, rows, expected) in cases {
            assert_eq!(samples.of(rows), expected, "{samples:?} of {rows}");
        }
    }
}
