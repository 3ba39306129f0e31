//! A new model in place of the old one, if it is better.

use std::fmt;
use std::ops::Range;

use super::compare::compare_where;
use super::error::in_range;
use super::{Comparison, Error, compare};
use crate::data::{Dataset, Frame, Label, Labels};
use crate::model::{self, Answer, Method, Model};
use crate::text::{Side, columns, count, rounded, shortened};

/// How a challenger is trained, and when it takes the champion's place.
///
/// The rows are in the order in which they came, the oldest first. The challenger learns from the rows
/// before the newest ones, and both models answer the newest, which neither has seen. The challenger is
/// promoted where it is right more often, and McNemar's test says that this is not by chance. If a class
/// is named, there must also be rows enough both of it and of the others, and the mean of the shares
/// that are right in each (the balanced accuracy) must rise too: else a model that has stopped looking
/// for what is rare would win.
///
/// ```
/// use picklebook::data::{mail_2002, spambase};
/// use picklebook::monitor::Retraining;
/// use picklebook::prelude::*;
///
/// let params = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
/// let champion = params.fit(&spambase())?;
/// let mail = mail_2002();
/// let known = mail.before("2002-09-01".parse()?);
/// let retraining = Retraining::new(300).positive("spam");
/// let retrained = retraining.run(&champion, known.data(), |rows| params.fit(rows))?;
/// assert!(retrained.promoted(), "{retrained}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retraining {
    newest: usize,
    window: Option<usize>,
    positive: Option<Label>,
    alpha: f64,
    min_rows: usize,
}

impl Retraining {
    /// Judges by so many of the newest rows, and trains on all before them.
    pub fn new(newest: usize) -> Self {
        Retraining { newest, window: None, positive: None, alpha: 0.05, min_rows: 30 }
    }

    /// Trains on so many rows at most: the latest before those that are judged by.
    pub fn window(mut self, rows: usize) -> Self {
        self.window = Some(rows);
        self
    }

    /// The class that matters, such as spam: what is found of it, and false alarms, count as much as each
    /// other, however rare it is.
    pub fn positive(mut self, class: impl Into<Label>) -> Self {
        self.positive = Some(class.into());
        self
    }

    /// The probability below which a difference is none by chance, above 0 and below 1; 0.05 by
    /// default.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// How many rows there must be to judge by, and, if a class is named, of it and of the others; 30 by
    /// default.
    pub fn min_rows(mut self, rows: usize) -> Self {
        self.min_rows = rows;
        self
    }

    /// Trains a challenger and compares it with the champion. `fit` trains a model on rows.
    ///
    /// # Errors
    /// [`Error::Rows`] where no rows are left to train on or to judge by, [`Error::Parameter`] for an
    /// `alpha` or a window out of range, [`Error::Model`] where a model cannot be fitted or asked,
    /// [`Error::Kind`] for a champion whose classes are of another type.
    pub fn run<M: Model>(
        &self,
        champion: &dyn Model,
        data: &Dataset,
        fit: impl FnOnce(&Dataset) -> Result<M, model::Error>,
    ) -> Result<Retrained<M>, Error> {
        in_range("alpha", self.alpha, self.alpha > 0.0 && self.alpha < 1.0, "above 0 and below 1")?;
        in_range("window", self.window.unwrap_or(1) as f64, self.window != Some(0), "at least 1")?;
        let (rows, judged) = (data.rows(), self.newest);
        if judged == 0 || judged >= rows {
            return Err(Error::Rows { rows, judged });
        }
        let end = rows - judged;
        let trained_on = end - self.window.unwrap_or(end).min(end)..end;
        let rows_of = |range: Range<usize>| data.select(&range.collect::<Vec<usize>>());
        let challenger = fit(&rows_of(trained_on.clone())?)?;
        let judged_on = end..rows;
        let newest = rows_of(judged_on.clone())?;
        let truth = newest.target();
        let (old, new) = (answers(champion, &newest)?, answers(&challenger, &newest)?);
        let comparison = compare(truth, &old, &new)?;
        let (mut on_positives, mut on_others) = (None, None);
        if let Some(positive) = &self.positive {
            let is_positive =
                |row: usize| truth.get_ref(row).is_some_and(|label| label == *positive);
            on_positives = Some(compare_where(truth, &old, &new, is_positive));
            on_others = Some(compare_where(truth, &old, &new, |row| !is_positive(row)));
        }
        let test = comparison.mcnemar();
        let parts = on_positives.as_ref().zip(on_others.as_ref());
        let too_few = |part: &Comparison| part.rows() < self.min_rows;
        let decision = match parts {
            _ if too_few(&comparison) => Decision::TooFewRows,
            Some((positives, others)) if too_few(positives) || too_few(others) => {
                Decision::TooFewRows
            }
            _ if test.only_second() <= test.only_first() => Decision::NotBetter,
            _ if test.exact() >= self.alpha => Decision::ByChance,
            Some((positives, others)) if gain(positives) + gain(others) <= 0.0 => {
                match gain(positives) < 0.0 {
                    true => Decision::FindsLess,
                    false => Decision::MoreFalseAlarms,
                }
            }
            _ => Decision::Promoted,
        };
        let positive = self.positive.clone();
        Ok(Retrained {
            challenger,
            decision,
            comparison,
            on_positives,
            on_others,
            positive,
            trained_on,
            judged_on,
        })
    }
}

/// By how much the share of right rows rises from the first model to the second.
fn gain(part: &Comparison) -> f64 {
    let [before, now] = [part.first(), part.second()].map(|rate| rate.share().unwrap_or(0.0));
    now - before
}

/// The class of each row, by a model.
fn answers(model: &dyn Model, rows: &Dataset) -> Result<Labels, Error> {
    match model::ask(model, &Frame::from(rows), Method::Predict)? {
        Answer::Labels(labels) => Ok(labels),
        _ => {
            let (model, methods) = (model.name(), model.abilities().to_string());
            Err(model::Error::NoMethod { model, method: "predict for one output", methods }.into())
        }
    }
}

/// Trains a challenger on all rows but the `newest`, compares it with the champion on these, and
/// decides: see [`Retraining`], which has options.
///
/// # Errors
/// As [`Retraining::run`].
///
/// ```
/// use picklebook::monitor::{Decision, retrain};
/// use picklebook::prelude::*;
///
/// let (data, params) = (balance_scale(), DecisionTreeClassifier::params().max_depth(3));
/// let champion = params.fit(&data)?;
/// // the champion knows the newest rows already: the challenger cannot beat it
/// let retrained = retrain(&champion, &data, 100, |rows| params.fit(rows))?;
/// assert_eq!(retrained.decision(), Decision::NotBetter);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn retrain<M: Model>(
    champion: &dyn Model,
    data: &Dataset,
    newest: usize,
    fit: impl FnOnce(&Dataset) -> Result<M, model::Error>,
) -> Result<Retrained<M>, Error> {
    Retraining::new(newest).run(champion, data, fit)
}

/// Whether a challenger is promoted, and why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Decision {
    /// It is better, and takes the champion's place.
    Promoted,
    /// There are too few rows to judge by, in all or of a class.
    TooFewRows,
    /// It is not right more often.
    NotBetter,
    /// It is right more often, but that may be by chance.
    ByChance,
    /// It is right more often, but finds less of the class that matters, which fewer false alarms do not
    /// make up for.
    FindsLess,
    /// It is right more often, but raises more false alarms, which what it finds does not make up for.
    MoreFalseAlarms,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Decision::Promoted => "promoted: the challenger is right more often, and not by chance",
            Decision::TooFewRows => "kept: too few rows, in all or of a class, to judge by",
            Decision::NotBetter => "kept: the challenger is not right more often",
            Decision::ByChance => {
                "kept: the challenger is right more often, but that may be chance"
            }
            Decision::FindsLess => {
                "kept: the challenger is right more often, but finds too much less of what matters"
            }
            Decision::MoreFalseAlarms => {
                "kept: the challenger is right more often, but raises too many more false alarms"
            }
        })
    }
}

/// A challenger, how it did against the champion, and what was decided.
///
/// In its comparisons the champion is the first model, and the challenger the second.
#[derive(Clone, PartialEq)]
pub struct Retrained<M> {
    challenger: M,
    decision: Decision,
    comparison: Comparison,
    on_positives: Option<Comparison>,
    on_others: Option<Comparison>,
    positive: Option<Label>,
    trained_on: Range<usize>,
    judged_on: Range<usize>,
}

impl<M> Retrained<M> {
    /// Whether the challenger takes the champion's place.
    pub fn promoted(&self) -> bool {
        self.decision == Decision::Promoted
    }

    /// What was decided, and why.
    pub fn decision(&self) -> Decision {
        self.decision
    }

    /// The challenger, whatever was decided.
    pub fn challenger(&self) -> &M {
        &self.challenger
    }

    /// The challenger, if it is promoted.
    pub fn into_promoted(self) -> Option<M> {
        (self.decision == Decision::Promoted).then_some(self.challenger)
    }

    /// The challenger, whatever was decided.
    pub fn into_challenger(self) -> M {
        self.challenger
    }

    /// Both models on the newest rows.
    pub fn comparison(&self) -> &Comparison {
        &self.comparison
    }

    /// Both models on those of the newest rows that are of the class that matters, if one was named.
    pub fn on_positives(&self) -> Option<&Comparison> {
        self.on_positives.as_ref()
    }

    /// Both models on the other rows, if a class was named.
    pub fn on_others(&self) -> Option<&Comparison> {
        self.on_others.as_ref()
    }

    /// The class that matters, if one was named.
    pub fn positive(&self) -> Option<&Label> {
        self.positive.as_ref()
    }

    /// The rows that the challenger was trained on.
    pub fn trained_on(&self) -> Range<usize> {
        self.trained_on.clone()
    }

    /// The rows that both were judged by.
    pub fn judged_on(&self) -> Range<usize> {
        self.judged_on.clone()
    }

    pub(crate) fn caption(&self) -> String {
        format!(
            "{} (trained on {}, judged by {})",
            self.decision,
            count(self.trained_on.len(), "row", "rows"),
            count(self.judged_on.len(), "row", "rows"),
        )
    }

    pub(crate) const HEADER: [&'static str; 6] =
        ["right", "champion", "challenger", "only champion", "only challenger", "McNemar's p"];

    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        let line = |name: String, it: &Comparison| {
            vec![
                name,
                it.first().to_string(),
                it.second().to_string(),
                it.only_first.to_string(),
                it.only_second.to_string(),
                rounded(it.mcnemar().exact()),
            ]
        };
        let mut lines = vec![line("all rows".into(), &self.comparison)];
        if let (Some(class), Some(positives), Some(others)) =
            (&self.positive, &self.on_positives, &self.on_others)
        {
            let class = shortened(&class.to_string(), 40);
            lines.push(line(class.clone(), positives));
            lines.push(line(format!("not {class}"), others));
        }
        lines
    }
}

impl<M> fmt::Display for Retrained<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = Self::HEADER.map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = [header].into_iter().chain(self.lines()).collect();
        let right = Side::Right;
        let sides = [Side::Left, Side::Left, Side::Left, right, right, right];
        write!(f, "{}\n{}", self.caption(), columns(&rows, &sides))
    }
}

impl<M> fmt::Debug for Retrained<M> {
    /// One short line, whatever the model prints.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Retrained({})", self.caption())
    }
}
