//! The scores that a curve is drawn from, class by class.

use ndarray::Array2;

use super::marks::MOST_CLASSES;
use super::{Error, ProbabilisticClassifier};
use crate::data::{Dataset, Label, Labels};

/// Where true classes and scores come from.
#[derive(Clone)]
pub(super) enum Scored<'a> {
    Model(&'a dyn ProbabilisticClassifier, &'a Dataset),
    Scores { truth: &'a Labels, classes: &'a Labels, scores: &'a Array2<f64> },
}

/// One class against all others.
pub(super) struct OneClass {
    pub(super) class: Label,
    /// Its place among the classes.
    pub(super) place: usize,
    pub(super) scores: Vec<f64>,
}

impl Scored<'_> {
    /// What is true.
    pub(super) fn truth(&self) -> &Labels {
        match self {
            Scored::Model(_, data) => data.target(),
            Scored::Scores { truth, .. } => truth,
        }
    }

    /// The classes that are known.
    pub(super) fn classes(&self) -> &Labels {
        match self {
            Scored::Model(model, _) => model.classes(),
            Scored::Scores { classes, .. } => classes,
        }
    }

    /// The scores of each class that has a curve: of two classes the second, as in scikit-learn;
    /// of more, each that occurs; of those that are `wanted`, if any are.
    pub(super) fn curves(&self, wanted: Option<&Label>) -> Result<Vec<OneClass>, Error> {
        let (truth, classes) = (self.truth(), self.classes());
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
        }
        if truth.is_empty() {
            return Err(Error::Empty { what: "rows" });
        }
        let asked;
        let scores = match self {
            Scored::Model(model, data) => {
                asked = model.predict_proba(data.features().view())?;
                &asked
            }
            Scored::Scores { scores, .. } => scores,
        };
        let fit = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        fit("rows of scores", truth.len(), scores.nrows())?;
        fit("columns of scores", classes.len(), scores.ncols())?;
        let occurring = truth.classes();
        if occurring.len() < 2 {
            let class = occurring.get(0).map(|class| class.to_string()).unwrap_or_default();
            return Err(Error::OneClass { class });
        }
        let is_wanted = |place: usize, class: &Label| match wanted {
            Some(wanted) => wanted == class,
            None if classes.len() == 2 => place == 1,
            None => occurring.iter().any(|other| other == *class),
        };
        let curve = |(place, class): (usize, Label)| OneClass {
            scores: scores.column(place).to_vec(),
            class,
            place,
        };
        let places = classes.iter().enumerate().filter(|(place, class)| is_wanted(*place, class));
        let curves: Vec<OneClass> = places.map(curve).collect();
        match (curves.is_empty(), wanted) {
            (true, Some(class)) => {
                let names: Vec<String> = classes.iter().map(|class| class.to_string()).collect();
                Err(Error::NoClass { class: class.to_string(), classes: names.join(", ") })
            }
            (true, None) => Err(Error::Empty { what: "rows of the model's classes" }),
            _ => Ok(curves),
        }
    }
}
