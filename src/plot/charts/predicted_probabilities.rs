//! What a model makes of one row.

use ndarray::ArrayView2;

use super::names::class_names;
use crate::plot::drawing::bars::{Bar, Bars, Group};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{number, percent_ticks};
use crate::plot::{Error, Figure, ProbabilisticClassifier};
use crate::text::share_percent;

/// The most classes that have room.
const MOST_CLASSES: usize = 30;

/// Features of the row that the note names.
const NAMED_FEATURES: usize = 8;

/// Draws the probability of each class for one row, whose features are in the order of the fit.
///
/// # Errors
/// As [`PredictedProbabilities::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let figure = plot::predicted_probabilities(&tree, &[1.0, 1.0, 5.0, 5.0])?;
/// assert!(figure.title().starts_with("Predicted class: R"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn predicted_probabilities(
    model: &impl ProbabilisticClassifier,
    row: &[f64],
) -> Result<Figure, Error> {
    PredictedProbabilities::new(model, row).draw()
}

/// A picture of the probabilities for one row, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let figure = plot::PredictedProbabilities::new(&tree, &[1.0, 1.0, 5.0, 5.0])
///     .class_names(["even", "left", "right"])
///     .draw()?;
/// assert!(figure.title().starts_with("Predicted class: right"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PredictedProbabilities<'a> {
    model: &'a dyn ProbabilisticClassifier,
    row: &'a [f64],
    options: Options,
}

shared_options!(PredictedProbabilities<'_>, labels, class_names, feature_names);

impl<'a> PredictedProbabilities<'a> {
    /// What a model predicts for a row, whose features are in the order of the fit.
    pub fn new(model: &'a impl ProbabilisticClassifier, row: &'a [f64]) -> Self {
        let options = Options::default();
        PredictedProbabilities { model, row, options }
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Model`] when the row has more or fewer values than the model has features,
    /// [`Error::TooManyClasses`] past 30, [`Error::Length`] unless there is one name for each class
    /// and feature, [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let classes = self.model.classes();
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
        }
        let names = class_names(classes, &self.options)?;
        let rows = ArrayView2::from_shape((1, self.row.len()), self.row)
            .map_err(|error| Error::Drawing { problem: error.to_string() })?;
        let shares = self.model.predict_proba(rows.into())?.into_raw_vec_and_offset().0;
        // The first among equals, as the model predicts.
        let mut best = 0;
        for (class, share) in shares.iter().enumerate() {
            if shares.get(best).is_some_and(|most| share > most) {
                best = class;
            }
        }
        let colours = self.options.colours(1)?;
        let colour = colours.first().copied().unwrap_or(palette::CLASSES[0]);
        let group = |(class, (class_name, &value)): (usize, (&String, &f64))| {
            let (bold, text) = (class == best, percent(value));
            let bar = Bar { value, text, colour, hollow: class != best };
            Group { name: class_name.clone(), bold, bars: vec![bar] }
        };
        let groups = names.iter().zip(&shares).enumerate().map(group).collect();
        let predicted = names.get(best).cloned().unwrap_or_default();
        let sure = percent(shares.get(best).copied().unwrap_or(0.0));
        let title = format!("Predicted class: {predicted}, with a probability of {sure}");
        let note = self.note()?;
        let ticks = |most, marks| percent_ticks(0.0, most, marks);
        let axis = "Predicted probability".to_owned();
        let listed = names.iter().zip(&shares);
        let listed: Vec<String> =
            listed.map(|(class, &share)| format!("{class} {}", percent(share))).collect();
        let alt = format!(
            "Predicted probabilities of one row, horizontal bars from 0 to 100 %, one for each \
             class. {note} {}. The model predicts {predicted}.",
            listed.join(", ")
        );
        Bars { groups, axis, ticks, least: 1.0 }.draw((title, &note), alt, &self.options)
    }

    /// The row in words.
    fn note(&self) -> Result<String, Error> {
        let given = self.options.feature_names(self.row.len())?;
        let names = given.or(self.model.feature_names()).unwrap_or_default();
        let value = |(place, &value): (usize, &f64)| {
            let value = if value.is_nan() { "missing".into() } else { number(value) };
            match names.get(place) {
                Some(feature) => format!("{} {value}", name(feature)),
                None => value,
            }
        };
        let values: Vec<String> =
            self.row.iter().enumerate().take(NAMED_FEATURES).map(value).collect();
        let more = self.row.len().saturating_sub(NAMED_FEATURES);
        let more = if more > 0 { format!(", and {more} more") } else { String::new() };
        Ok(format!("The row: {}{more}.", values.join(", ")))
    }
}

/// With a digit after the point, except where it is all or nothing.
fn percent(share: f64) -> String {
    share_percent(share, if share == 0.0 || share == 1.0 { 0 } else { 1 })
}
