//! ROC curves.

use ndarray::Array2;

use super::class_distribution::class_names;
use super::curves::{Curve, Plan, draw};
use super::options::{Options, shared_options};
use super::scored::{OneClass, Scored};
use super::{Error, Figure, ProbabilisticClassifier};
use crate::data::{Dataset, Label, Labels};
use crate::metrics;
use crate::text::count;

/// Draws the ROC curve of a model on some rows: with two classes that of the second, with more
/// one for each class against the others.
///
/// # Errors
/// As [`RocCurve::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let figure = plot::roc_curve(&tree, &split.test)?;
/// assert!(figure.title().starts_with("ROC curves: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn roc_curve(model: &impl ProbabilisticClassifier, data: &Dataset) -> Result<Figure, Error> {
    RocCurve::new(model, data).draw()
}

/// A picture of ROC curves, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let figure = plot::RocCurve::new(&tree, &split.test).positive("L".into()).draw()?;
/// assert!(figure.title().starts_with("ROC curve of class L: area 0."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RocCurve<'a> {
    scored: Scored<'a>,
    positive: Option<Label>,
    class_names: Vec<String>,
    options: Options,
}

shared_options!(RocCurve<'_>);

impl<'a> RocCurve<'a> {
    /// Of a model, and rows that it is tried on.
    pub fn new(model: &'a impl ProbabilisticClassifier, data: &'a Dataset) -> Self {
        RocCurve::of(Scored::Model(model, data))
    }

    /// Of scores made elsewhere: one row a label, one column for each of `classes`.
    pub fn from_scores(truth: &'a Labels, classes: &'a Labels, scores: &'a Array2<f64>) -> Self {
        RocCurve::of(Scored::Scores { truth, classes, scores })
    }

    fn of(scored: Scored<'a>) -> Self {
        let (class_names, options) = (Vec::new(), Options::default());
        RocCurve { scored, positive: None, class_names, options }
    }

    /// Only the curve of this class against all others.
    pub fn positive(mut self, class: Label) -> Self {
        self.positive = Some(class);
        self
    }

    /// Other names for the classes, in their order.
    pub fn class_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.class_names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Draws.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::OneClass`] when all are of one class,
    /// [`Error::NoClass`] for a class that is not there, [`Error::TooManyClasses`] past 8,
    /// [`Error::Model`] when the model cannot be asked, [`Error::Metrics`] for scores that are
    /// not finite, [`Error::Length`], [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let truth = self.scored.truth();
        let names = class_names(self.scored.classes(), &self.class_names)?;
        let classes = named(self.scored.curves(self.positive.as_ref())?, &names);
        let (mut areas, mut curves) = (Vec::new(), Vec::new());
        for (one, _) in &classes {
            let curve = metrics::roc_curve(truth, &one.scores, &one.class)?;
            let points = curve.fpr().iter().copied().zip(curve.tpr().iter().copied()).collect();
            areas.push(curve.auc());
            curves.push(Curve { points, detail: format!("area {:.3}", curve.auc()) });
        }
        let listed = listed(&classes, &areas);
        let title = match classes.as_slice() {
            [(_, name)] => {
                let area = areas.first().copied().unwrap_or_default();
                format!("ROC curve of class {name}: area {area:.3}")
            }
            _ => format!("ROC curves: area {}", in_short(&classes, &areas)),
        };
        let alt = format!(
            "ROC {}, false positive rate from 0 to 100 % across, true positive rate from 0 to \
             100 % up, of {}: area under the curve {listed}. A dotted diagonal marks guesses, with \
             area 0.5.",
            match classes.len() {
                1 => "curve, a line chart",
                _ => "curves, a line chart with one line for each class against the others",
            },
            count(truth.len(), "row", "rows"),
        );
        let plan = Plan {
            title,
            note: String::new(),
            alt,
            axes: ["False positive rate", "True positive rate"],
            reference: Some(([(0.0, 0.0), (1.0, 1.0)], "guesses")),
        };
        draw(plan, &classes, &curves, &self.options)
    }
}

/// The classes with their names.
pub(super) fn named(classes: Vec<OneClass>, names: &[String]) -> Vec<(OneClass, String)> {
    let name = |class: &OneClass| names.get(class.place).cloned().unwrap_or_default();
    classes
        .into_iter()
        .map(|class| (name(&class), class))
        .map(|(name, class)| (class, name))
        .collect()
}

/// The figures of a few classes, or the lowest and the highest of many.
pub(super) fn in_short(classes: &[(OneClass, String)], figures: &[f64]) -> String {
    if classes.len() <= 3 {
        return listed(classes, figures);
    }
    let pairs = || classes.iter().zip(figures);
    let text = |((_, name), figure): (&(OneClass, String), &f64)| format!("{figure:.3} ({name})");
    let lowest = pairs().min_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    let highest = pairs().max_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    format!("from {lowest} to {highest}")
}

/// Each class's name and figure.
pub(super) fn listed(classes: &[(OneClass, String)], figures: &[f64]) -> String {
    let pairs = classes.iter().zip(figures);
    let listed: Vec<String> =
        pairs.map(|((_, name), figure)| format!("{name} {figure:.3}")).collect();
    listed.join(", ")
}
