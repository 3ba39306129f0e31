//! What the ROC and the precision-recall picture have in common: classes, scores, titles and lines.

use ndarray::Array2;

use super::names::class_names;
use crate::data::{Dataset, Features, Label, LabelRef, Labels};
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::frame::{Beside, Frame};
use crate::plot::drawing::legend::{Entry, REFERENCE, Sample};
use crate::plot::drawing::lines::thinned;
use crate::plot::drawing::marks::{MOST_CLASSES, look};
use crate::plot::drawing::options::Options;
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::percent_ticks;
use crate::plot::{Error, Figure, ProbabilisticClassifier};
use crate::text::count;

/// The usual size: the area is about square.
const SIZE: (u32, u32) = (640, 470);

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
macro_rules! curve_builder {
    ($builder:ident) => {
        shared_options!($builder<'_>, labels, class_names);

        impl<'a> $builder<'a> {
            /// The curves of a model on some rows.
            pub fn new(model: &'a impl ProbabilisticClassifier, data: &'a Dataset) -> Self {
                $builder::of(Scored::Model(model, data))
            }

            /// The curves of scores from elsewhere: one row for each label, one column for each
            /// of `classes`.
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

            /// Draws only the curve of this class against all others.
            pub fn positive(mut self, class: Label) -> Self {
                self.positive = Some(class);
                self
            }
        }
    };
}
pub(super) use curve_builder;

impl Scored<'_> {
    /// The true classes.
    fn truth(&self) -> &Labels {
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
    fn curves(&self, wanted: Option<&Label>, options: &Options) -> Result<Vec<OneClass>, Error> {
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

/// The curve of one class.
pub(super) struct Curve {
    /// Across and up, in shares from 0 to 1.
    pub(super) points: Vec<(f64, f64)>,
    /// What the curve comes to, in one number.
    pub(super) value: f64,
}

/// What a picture of curves is called and what it shows.
pub(super) struct Plan {
    /// As in "ROC curve".
    pub(super) name: &'static str,
    /// What is across and what is up.
    pub(super) axes: [&'static str; 2],
    /// What the value of a curve is called in the title of a single curve.
    pub(super) measure: &'static str,
    /// The same where several curves are listed.
    pub(super) short_measure: &'static str,
    /// The same in the alternative text.
    pub(super) whole_measure: &'static str,
    pub(super) reference: Option<Reference>,
}

/// A dotted line to compare the curves with.
#[derive(Clone, Copy)]
pub(super) struct Reference {
    pub(super) ends: [(f64, f64); 2],
    pub(super) name: &'static str,
    /// A sentence of the alternative text.
    pub(super) in_words: &'static str,
}

impl Plan {
    /// Draws the curve of each class that is asked for, with the classes' names beside them.
    pub(super) fn draw(
        &self,
        scored: &Scored<'_>,
        positive: Option<&Label>,
        options: &Options,
        curve: impl Fn(&Labels, &OneClass) -> Result<Curve, Error>,
    ) -> Result<Figure, Error> {
        let truth = scored.truth();
        let classes = scored.curves(positive, options)?;
        let curves: Vec<Curve> =
            classes.iter().map(|one| curve(truth, one)).collect::<Result<_, _>>()?;
        let values: Vec<f64> = curves.iter().map(|curve| curve.value).collect();
        let axis = |title: &str| Axis {
            title: title.into(),
            low: 0.0,
            high: 1.0,
            ticks: Box::new(|most| percent_ticks(0.0, 1.0, most.min(5))),
        };
        let most = classes.iter().map(|class| class.place + 1).max().unwrap_or(1);
        let colours = options.colours(if classes.len() == 1 { 1 } else { most })?;
        // A single curve takes the first look, whichever class it is of.
        let looks: Vec<_> = classes
            .iter()
            .map(|class| look(if classes.len() == 1 { 0 } else { class.place }, &colours))
            .collect();
        let entry = |((look, class), value): ((&_, &OneClass), &f64)| Entry {
            sample: Sample::Line(*look),
            name: class.name.clone(),
            detail: format!("{} {value:.3}", self.short_measure),
        };
        let mut legend: Vec<Entry> = looks.iter().zip(&classes).zip(&values).map(entry).collect();
        legend.extend(self.reference.map(|reference| Entry {
            sample: Sample::Reference,
            name: reference.name.into(),
            detail: String::new(),
        }));
        let both = (axis(self.axes[0]), axis(self.axes[1]));
        let title = self.title(&classes, &values);
        let frame = Frame::new((title, ""), both, Beside::Legend(legend), SIZE, options)?;
        frame.draw(self.alt(truth.len(), &classes, &values), |canvas, axes| {
            if let Some(reference) = self.reference {
                let ends = reference.ends.map(|(x, y)| axes.at(x, y));
                canvas.line(&ends, palette::QUIET, 1, REFERENCE)?;
            }
            for (look, curve) in looks.iter().zip(&curves) {
                let points = thinned(curve.points.iter().map(|&(x, y)| axes.at(x, y)));
                canvas.line(&points, look.colour, 2, look.dashes)?;
            }
            Ok(())
        })
    }

    fn title(&self, classes: &[OneClass], values: &[f64]) -> String {
        let Plan { name, measure, short_measure, .. } = self;
        match (classes, values) {
            ([class], [value]) => {
                format!("{name} curve of class {}: {measure} {value:.3}", class.name)
            }
            _ => format!("{name} curves: {short_measure} {}", in_short(classes, values)),
        }
    }

    fn alt(&self, rows: usize, classes: &[OneClass], values: &[f64]) -> String {
        let [x, y] = self.axes.map(str::to_lowercase);
        let curves = match classes.len() {
            1 => "curve, a line chart",
            _ => "curves, a line chart with one line for each class against the others",
        };
        let reference = self.reference.map_or(String::new(), |it| format!(" {}", it.in_words));
        format!(
            "{} {curves}, {x} from 0 to 100 % across, {y} from 0 to 100 % up, of {}: {} {}.\
             {reference}",
            self.name,
            count(rows, "row", "rows"),
            self.whole_measure,
            listed(classes, values)
        )
    }
}

/// The values of a few classes, or the lowest and the highest of many.
fn in_short(classes: &[OneClass], values: &[f64]) -> String {
    if classes.len() <= 3 {
        return listed(classes, values);
    }
    let pairs = || classes.iter().zip(values);
    let text = |(class, value): (&OneClass, &f64)| format!("{value:.3} ({})", class.name);
    let lowest = pairs().min_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    let highest = pairs().max_by(|a, b| a.1.total_cmp(b.1)).map(text).unwrap_or_default();
    format!("from {lowest} to {highest}")
}

/// Each class's name and value.
fn listed(classes: &[OneClass], values: &[f64]) -> String {
    let pairs = classes.iter().zip(values);
    let listed: Vec<String> =
        pairs.map(|(class, value)| format!("{} {value:.3}", class.name)).collect();
    listed.join(", ")
}
