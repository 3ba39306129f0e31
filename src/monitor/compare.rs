//! Two models on the same rows.

use std::fmt;

use super::error::same_length;
use super::{Error, Rate};
use crate::data::Labels;
use crate::numpy::{binomial, erfc};
use crate::text::{Side, columns, count, grouped, rounded};

/// Above so many rows of which only one model is right, the probability is that of chi-squared.
const MOST_EXACT: usize = 1_000_000_000;

/// How the probability of McNemar's test is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// By the binomial distribution.
    Exact,
    /// By chi-squared, with Edwards' correction for continuity.
    ChiSquared,
}

/// McNemar's test: whether two models that answered the same rows are equally good. Only rows of which
/// one model is right and the other wrong say anything.
///
/// ```
/// use picklebook::monitor::McNemar;
///
/// let test = McNemar::new(25, 8);
/// assert_eq!(format!("{:.4}", test.exact()), "0.0046");
/// assert_eq!(format!("{:.4}", test.chi_squared(true).1), "0.0053");
/// // 3 to 0 sounds clear, and is not
/// assert_eq!(McNemar::new(3, 0).exact(), 0.25);
/// ```
///
/// Source: Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
/// percentages", Psychometrika 12 (1947). The figures are those of statsmodels'
/// `stats.contingency_tables.mcnemar`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct McNemar {
    only_first: usize,
    only_second: usize,
}

impl McNemar {
    /// The test for so many rows of which only the first model is right, and only the second.
    pub fn new(only_first: usize, only_second: usize) -> Self {
        McNemar { only_first, only_second }
    }

    /// How many rows only the first model got right.
    pub fn only_first(self) -> usize {
        self.only_first
    }

    /// How many rows only the second model got right.
    pub fn only_second(self) -> usize {
        self.only_second
    }

    /// The probability, two-sided, of so unequal counts or more unequal ones where both models are
    /// equally good: by the binomial distribution, and with more than 1,000,000,000 such rows by
    /// chi-squared. 1 without such rows.
    pub fn exact(self) -> f64 {
        let (less, more) =
            (self.only_first.min(self.only_second), self.only_first.max(self.only_second));
        let rows = less.saturating_add(more);
        if rows > MOST_EXACT {
            return self.chi_squared(true).1;
        }
        if less == more {
            return 1.0;
        }
        // P(at most `less`), downward from the greatest term, as long as terms count
        let (mut sum, mut term, mut hits) = (1.0, 1.0, less as f64);
        while hits > 0.0 && term > 1e-18 * sum {
            term *= hits / (rows as f64 - hits + 1.0);
            hits -= 1.0;
            sum += term;
        }
        (2.0 * sum * binomial(less as f64, rows as f64, 0.5, 0.5)).min(1.0)
    }

    /// The statistic and its probability by chi-squared with one degree of freedom, with or without
    /// Edwards' correction for continuity; 0 and 1 without rows of which only one model is right.
    pub fn chi_squared(self, correction: bool) -> (f64, f64) {
        let (first, second) = (self.only_first as f64, self.only_second as f64);
        if first + second == 0.0 {
            return (0.0, 1.0);
        }
        let apart = (first - second).abs() - f64::from(u8::from(correction));
        let statistic = apart * apart / (first + second);
        (statistic, erfc((statistic / 2.0).sqrt()))
    }

    /// How [`exact`](Self::exact) computes the probability.
    pub fn method(self) -> Method {
        match self.only_first.saturating_add(self.only_second) > MOST_EXACT {
            true => Method::ChiSquared,
            false => Method::Exact,
        }
    }
}

impl fmt::Display for McNemar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} only the first right, {} only the second, p = {}",
            grouped(self.only_first),
            grouped(self.only_second),
            rounded(self.exact())
        )
    }
}

/// Two models on the same rows: how many rows both, one or none of them got right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Comparison {
    /// Rows that both models got right.
    pub both: usize,
    /// Rows that only the first model got right.
    pub only_first: usize,
    /// Rows that only the second model got right.
    pub only_second: usize,
    /// Rows that neither model got right.
    pub neither: usize,
}

/// Compares the predictions of two models for the same rows.
///
/// # Errors
/// [`Error::Length`] unless there are as many predictions as true labels, [`Error::Kind`] for labels of
/// two types, [`Error::Empty`] without rows.
///
/// ```
/// use picklebook::data::{mail_2002, spambase};
/// use picklebook::monitor::compare;
/// use picklebook::prelude::*;
///
/// let mail = mail_2002();
/// let (train, params) = (spambase(), DecisionTreeClassifier::params());
/// let small = params.clone().max_depth(2).fit(&train)?.predict(&mail)?;
/// let large = params.max_depth(8).fit(&train)?.predict(&mail)?;
/// let comparison = compare(mail.target(), &small, &large)?;
/// assert!(comparison.second().hits() > comparison.first().hits());
/// assert!(comparison.mcnemar().exact() < 0.001);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare(truth: &Labels, first: &Labels, second: &Labels) -> Result<Comparison, Error> {
    if truth.is_empty() {
        return Err(Error::Empty { what: "labels" });
    }
    for (what, predicted) in
        [("predictions of the first model", first), ("predictions of the second model", second)]
    {
        same_length(what, truth.len(), predicted.len())?;
        if truth.kind() != predicted.kind() {
            return Err(Error::Kind { truth: truth.kind(), predicted: predicted.kind() });
        }
    }
    Ok(compare_where(truth, first, second, |_| true))
}

/// Compares the predictions for some of the rows.
pub(super) fn compare_where(
    truth: &Labels,
    first: &Labels,
    second: &Labels,
    wanted: impl Fn(usize) -> bool,
) -> Comparison {
    let mut found = Comparison { both: 0, only_first: 0, only_second: 0, neither: 0 };
    let rows = truth.iter().zip(first.iter()).zip(second.iter()).enumerate();
    for (_, ((truth, first), second)) in rows.filter(|(row, _)| wanted(*row)) {
        *match (truth == first, truth == second) {
            (true, true) => &mut found.both,
            (true, false) => &mut found.only_first,
            (false, true) => &mut found.only_second,
            (false, false) => &mut found.neither,
        } += 1;
    }
    found
}

impl Comparison {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.both + self.only_first + self.only_second + self.neither
    }

    /// How many rows the first model got right.
    pub fn first(&self) -> Rate {
        Rate::new(self.both + self.only_first, self.rows())
    }

    /// How many rows the second model got right.
    pub fn second(&self) -> Rate {
        Rate::new(self.both + self.only_second, self.rows())
    }

    /// The test of whether they are equally good.
    pub fn mcnemar(&self) -> McNemar {
        McNemar::new(self.only_first, self.only_second)
    }

    pub(crate) fn caption(&self) -> String {
        format!(
            "{}: first {}, second {}; McNemar's p = {}",
            count(self.rows(), "row", "rows"),
            self.first(),
            self.second(),
            rounded(self.mcnemar().exact())
        )
    }

    pub(crate) const HEADER: [&'static str; 3] = ["", "second right", "second wrong"];

    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let line = |name: &str, right, wrong| vec![name.to_owned(), grouped(right), grouped(wrong)];
        vec![
            line("first right", self.both, self.only_first),
            line("first wrong", self.only_second, self.neither),
        ]
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = Self::HEADER.map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = [header].into_iter().chain(self.lines()).collect();
        let sides = [Side::Left, Side::Right, Side::Right];
        write!(f, "{}\n{}", self.caption(), columns(&rows, &sides))
    }
}
