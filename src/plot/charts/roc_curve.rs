//! ROC curves.

use ndarray::Array2;

use super::curves::{Curve, Plan, Reference, Scored, curve_builder};
use crate::data::{Dataset, Label, Labels};
use crate::metrics;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::{Error, Figure, ProbabilisticClassifier};

/// Draws the ROC curve of a model on some rows: with two classes, the curve of the second;
/// with more, one curve for each class against the others.
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
    options: Options,
}

curve_builder!(RocCurve);

impl RocCurve<'_> {
    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::OneClass`] when all are of one class,
    /// [`Error::NoClass`] for a class that is not there, [`Error::TooManyClasses`] past 8,
    /// [`Error::Model`] when the model cannot be asked, [`Error::Metrics`] for scores that are
    /// not finite, [`Error::Length`], [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let plan = Plan {
            name: "ROC",
            axes: ["False positive rate", "True positive rate"],
            measure: "area",
            short_measure: "area",
            whole_measure: "area under the curve",
            reference: Some(Reference {
                ends: [(0.0, 0.0), (1.0, 1.0)],
                name: "guesses",
                in_words: "A dotted diagonal marks guesses, with area 0.5.",
            }),
        };
        plan.draw(&self.scored, self.positive.as_ref(), &self.options, |truth, one| {
            let curve = metrics::roc_curve(truth, &one.scores, &one.class)?;
            let points = curve.fpr().iter().copied().zip(curve.tpr().iter().copied()).collect();
            Ok(Curve { points, value: curve.auc() })
        })
    }
}
