//! Precision-recall curves.

use ndarray::Array2;

use super::curves::{Curve, Plan, Scored, curve_builder};
use crate::data::{Dataset, Label, Labels};
use crate::metrics;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::{Error, Figure, ProbabilisticClassifier};

/// Draws the precision-recall curve of a model on some rows: with two classes, the curve of the second;
/// with more, one curve for each class against the others.
///
/// # Errors
/// As [`PrecisionRecallCurve::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let figure = plot::precision_recall_curve(&tree, &split.test)?;
/// assert!(figure.title().starts_with("Precision-recall curves: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn precision_recall_curve(
    model: &impl ProbabilisticClassifier,
    data: &Dataset,
) -> Result<Figure, Error> {
    PrecisionRecallCurve::new(model, data).draw()
}

/// A picture of precision-recall curves, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let figure = plot::PrecisionRecallCurve::new(&tree, &split.test).positive("L".into()).draw()?;
/// assert!(figure.title().starts_with("Precision-recall curve of class L: average precision 0."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PrecisionRecallCurve<'a> {
    scored: Scored<'a>,
    positive: Option<Label>,
    options: Options,
}

curve_builder!(PrecisionRecallCurve);

impl PrecisionRecallCurve<'_> {
    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::OneClass`] when all are of one class,
    /// [`Error::NoClass`] for a class that is not there, [`Error::TooManyClasses`] past 8,
    /// [`Error::Model`] when the model cannot be asked, [`Error::Metrics`] for scores that are
    /// not finite, [`Error::Length`], [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let plan = Plan {
            name: "Precision-recall",
            axes: ["Recall", "Precision"],
            measure: "average precision",
            short_measure: "average",
            whole_measure: "average precision",
            reference: None,
        };
        plan.draw(&self.scored, self.positive.as_ref(), &self.options, |truth, one| {
            let curve = metrics::precision_recall_curve(truth, &one.scores, &one.class)?;
            // From the last point to the first, so that recall grows; the precision between two
            // points is that of the one with the higher recall.
            let mut points: Vec<(f64, f64)> = Vec::new();
            for (&recall, &precision) in curve.recall().iter().zip(curve.precision()).rev() {
                points.extend(points.last().map(|&(before, _)| (before, precision)));
                points.push((recall, precision));
            }
            Ok(Curve { points, value: curve.average_precision() })
        })
    }
}
