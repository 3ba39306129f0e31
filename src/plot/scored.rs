//! The scores that a curve is drawn from, class by class.

use ndarray::Array2;

use super::marks::MOST_CLASSES;
use super::names::class_names;
use super::options::Options;
use super::{Error, ProbabilisticClassifier};
use crate::data::{Dataset, Features, Label, LabelRef, Labels};

/// Where true classes and scores come from.
#[derive(Clone)]
pub(super) enum Scored<'a> {
    Model(&'a dyn ProbabilisticClassifier, &'a Dataset),
    Scores { truth: &'a Labels, classes: &'a Labels, scores: &'a Array2<f64> },
}

/// One class against all others.
pub(super) struct OneClass {
    pub(super) class: Label,
    /// What it is called.
    pub(super) name: String,
    /// Its place among the classes.
    pub(super) place: usize,
    pub(super) scores: Vec<f64>,
}

/// How a picture of curves is built: with the fields `scored`, `positive` and `options`.
macro_rules! scored_builder {
    ($builder:ident) => {
        shared_options!($builder<'_>, labels, class_names);

        impl<'a> $builder<'a> {
            /// Of a model, and rows that it is tried on.
            pub fn new(model: &'a impl ProbabilisticClassifier, data: &'a Dataset) -> Self {
                $builder::of(Scored::Model(model, data))
            }

            /// Of scores made elsewhere: one row a label, one column for each of `classes`.
            pub fn from_scores(
                truth: &'a Labels,
                classes: &'a Labels,
                scores: &'a Array2<f64>,
            ) -> Self {
                $builder::of(Scored::Scores { truth, classes, scores })
            }

            fn of(scored: Scored<'a>) -> Self {
                $builder { scored, positive: None, options: Options::default() }
            }

            /// Only the curve of this class against all others.
            pub fn positive(mut self, class: Label) -> Self {
                self.positive = Some(class);
                self
            }
        }
    };
}
pub(super) use scored_builder;

impl Scored<'_> {
    /// What is true.
    pub(super) fn truth(&self) -> &Labels {
        match self {
            Scored::Model(_, data) => data.target(),
            Scored::Scores { truth, .. } => truth,
        }
    }

    /// The classes that are known.
    fn classes(&self) -> &Labels {
        match self {
            Scored::Model(model, _) => model.classes(),
            Scored::Scores { classes, .. } => classes,
        }
    }

    /// The scores of each class that has a curve: of two classes the second, as in scikit-learn;
    /// of more, each that occurs; of those that are `wanted`, if any are.
    pub(super) fn curves(
        &self,
        wanted: Option<&Label>,
        options: &Options,
    ) -> Result<Vec<OneClass>, Error> {
        let (truth, classes) = (self.truth(), self.classes());
        let names = class_names(classes, options)?;
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
        }
        if truth.is_empty() {
            return Err(Error::Empty { what: "rows" });
        }
        let asked;
        let scores = match self {
            Scored::Model(model, data) => {
                asked = model.predict_proba(Features::from(*data))?;
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
        let is_wanted = |place: usize, class: LabelRef<'_>| match wanted {
            Some(wanted) => class == *wanted,
            None if classes.len() == 2 => place == 1,
            None => occurring.iter().any(|other| other == class),
        };
        let curve = |(place, class): (usize, LabelRef<'_>)| OneClass {
            scores: scores.column(place).to_vec(),
            name: names.get(place).cloned().unwrap_or_default(),
            class: class.to_label(),
            place,
        };
        let places = classes.iter().enumerate().filter(|&(place, class)| is_wanted(place, class));
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

/// The figures of a few classes, or the lowest and the highest of many.
pub(super) fn in_short(classes: &[OneClass], figures: &[f64]) -> String {
    if classes.len() <= 3 {
        return listed(classes, figures);
    }
    let pairs = || classes.iter().zip(figures);
    let text = |(class, figure): (&OneClass, &f64)| format!("{figure:.3} ({})", class.name);
    let lowest = pairs().min_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    let highest = pairs().max_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    format!("from {lowest} to {highest}")
}

/// Each class's name and figure.
pub(super) fn listed(classes: &[OneClass], figures: &[f64]) -> String {
    let pairs = classes.iter().zip(figures);
    let listed: Vec<String> =
        pairs.map(|(class, figure)| format!("{} {figure:.3}", class.name)).collect();
    listed.join(", ")
}
