//! What the columns of a table hold, in figures: pandas' `describe`.

use std::collections::HashMap;

use super::{Column, Dataset, Frame};
use crate::numpy::{pairwise_sum, quantile};

/// Figures about each column of a table, as pandas' `describe(include="all")` gives them; made by
/// [`Frame::describe`].
///
/// ```
/// use picklebook::data::{Column, Frame};
///
/// let table = Frame::named([
///     ("weight", Column::from([1.0, 2.0, 4.0, f64::NAN])),
///     ("colour", Column::from(["red", "blue", "red", "red"])),
/// ])?;
/// let description = table.describe();
/// let weight = description.numbers("weight").expect("a column of numbers");
/// assert_eq!((weight.count, weight.median, weight.max), (3, 2.0, 4.0));
/// let colour = description.words("colour").expect("a column of words");
/// assert_eq!((colour.top.as_deref(), colour.freq), (Some("red"), 3));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Description {
    rows: usize,
    columns: Vec<(String, Summary)>,
}

/// Figures about a column.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Summary {
    /// Of a column of numbers.
    Numbers(NumberSummary),
    /// Of a column of words.
    Words(WordSummary),
}

/// Figures about the numbers of a column, those that are missing left out; NaN where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct NumberSummary {
    /// How many numbers there are.
    pub count: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation: the sum of squares is divided by `count - 1`.
    pub std: f64,
    /// The smallest.
    pub min: f64,
    /// The first quartile, interpolated between two numbers as numpy's `percentile` does it.
    pub q25: f64,
    /// The median, interpolated in the same way, as is the third quartile.
    pub median: f64,
    /// The third quartile.
    pub q75: f64,
    /// The largest.
    pub max: f64,
}

/// Figures about the words of a column, those that are missing left out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WordSummary {
    /// How many words there are.
    pub count: usize,
    /// How many of them are different.
    pub unique: usize,
    /// The most frequent word, the first of them in the table where several are; `None` where all
    /// are missing.
    pub top: Option<String>,
    /// How often that occurs.
    pub freq: usize,
}

impl Description {
    /// How many rows the table has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The name of each column, and the figures about it.
    pub fn columns(&self) -> &[(String, Summary)] {
        &self.columns
    }

    /// The figures about the column of this name, if it holds numbers.
    pub fn numbers(&self, column: &str) -> Option<NumberSummary> {
        match self.column(column)? {
            Summary::Numbers(summary) => Some(*summary),
            Summary::Words(_) => None,
        }
    }

    /// The figures about the column of this name, if it holds words.
    pub fn words(&self, column: &str) -> Option<WordSummary> {
        match self.column(column)? {
            Summary::Words(summary) => Some(summary.clone()),
            Summary::Numbers(_) => None,
        }
    }

    fn column(&self, column: &str) -> Option<&Summary> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, summary)| summary)
    }
}

impl Frame {
    /// Figures about each column, as pandas' `describe(include="all")` gives them. Quartiles beside
    /// an infinite number can be NaN, as they are there.
    pub fn describe(&self) -> Description {
        let summary = |(place, column): (usize, std::borrow::Cow<'_, Column>)| {
            let summary = match &*column {
                Column::Numbers(numbers) => Summary::Numbers(NumberSummary::of(numbers)),
                Column::Words(words) => Summary::Words(WordSummary::of(words)),
            };
            (self.name_of(place), summary)
        };
        let columns = self.each_column().enumerate().map(summary).collect();
        Description { rows: self.shape().0, columns }
    }
}

impl Dataset {
    /// Figures about each feature and about the target, as [`Frame::describe`] gives them.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let description = balance_scale().describe();
    /// assert_eq!(description.numbers("Left-Weight").map(|it| it.mean), Some(3.0));
    /// assert_eq!(description.words("Class").map(|it| it.unique), Some(3));
    /// ```
    pub fn describe(&self) -> Description {
        self.to_frame().describe()
    }
}

impl NumberSummary {
    fn of(column: &[f64]) -> NumberSummary {
        let mut sorted: Vec<f64> = column.iter().copied().filter(|it| !it.is_nan()).collect();
        let count = sorted.len();
        let mean = mean(column);
        // Two passes, in which missing numbers keep their places: the sum is rounded as pandas'.
        let squares: Vec<f64> = column
            .iter()
            .map(|it| if it.is_nan() { 0.0 } else { (mean - it) * (mean - it) })
            .collect();
        let std = match count {
            0 | 1 => f64::NAN,
            _ => (pairwise_sum(&squares) / (count - 1) as f64).sqrt(),
        };
        // A zero has no sign here: of equal numbers, the smallest is any of them.
        sorted.iter_mut().for_each(|number| *number += 0.0);
        sorted.sort_unstable_by(f64::total_cmp);
        let [q25, median, q75] = [0.25, 0.5, 0.75].map(|share| quantile(&sorted, share));
        let end = |number: Option<&f64>| number.copied().unwrap_or(f64::NAN);
        let (min, max) = (end(sorted.first()), end(sorted.last()));
        NumberSummary { count, mean, std, min, q25, median, q75, max }
    }
}

/// The mean of the numbers that are not missing, rounded as pandas does it; NaN of none.
pub(super) fn mean(column: &[f64]) -> f64 {
    let known: Vec<f64> = column.iter().map(|&it| if it.is_nan() { 0.0 } else { it }).collect();
    let count = column.iter().filter(|it| !it.is_nan()).count();
    match count {
        0 => f64::NAN,
        count => pairwise_sum(&known) / count as f64,
    }
}

/// The median of the numbers that are not missing; NaN of none.
///
/// Source: `nanmedian` of pandas, which is numpy's: the mean of the two in the middle.
pub(super) fn median(column: &[f64]) -> f64 {
    let mut known: Vec<f64> = column.iter().copied().filter(|it| !it.is_nan()).collect();
    known.sort_unstable_by(f64::total_cmp);
    let (count, middle) = (known.len(), known.len() / 2);
    let at = |place: usize| known.get(place).copied();
    match (count % 2, at(middle), middle.checked_sub(1).and_then(at)) {
        (0, Some(upper), Some(lower)) => (lower + upper) / 2.0,
        (_, Some(one), _) => one,
        (_, None, _) => f64::NAN,
    }
}

impl WordSummary {
    fn of(column: &[Option<String>]) -> WordSummary {
        let counted = counted(column.iter().flatten().map(String::as_str));
        let count = counted.iter().map(|(_, rows)| rows).sum();
        let top = counted.first().map(|(word, _)| (*word).to_owned());
        let freq = counted.first().map_or(0, |(_, rows)| *rows);
        WordSummary { count, unique: counted.len(), top, freq }
    }
}

/// Each value and how often it occurs, the most frequent first; among equals the first to occur.
pub(super) fn counted<T: std::hash::Hash + Eq + Copy>(
    values: impl Iterator<Item = T>,
) -> Vec<(T, usize)> {
    let mut places: HashMap<T, usize> = HashMap::new();
    let mut counts: Vec<(T, usize)> = Vec::new();
    for value in values {
        let place = *places.entry(value).or_insert(counts.len());
        match counts.get_mut(place) {
            Some((_, rows)) => *rows += 1,
            None => counts.push((value, 1)),
        }
    }
    // The sort is stable.
    counts.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    counts
}
