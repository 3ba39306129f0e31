//! What a model predicts for all values of two features, and the rows it was fitted on.

mod mosaic;
mod regions;

use ndarray::ArrayView1;
use plotters::style::RGBColor;

use super::cloud::{Cloud, ONE, cloud};
use super::columns;
use super::names::class_names;
use crate::data::{Dataset, LabelRef};
use crate::plot::drawing::axes::Axes;
use crate::plot::drawing::frame::{Beside, Frame};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::legend::{Entry, Sample};
use crate::plot::drawing::marks::{Look, MOST_CLASSES, look, mark};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{has_place, number, two_numbers};
use crate::plot::{Classifier, Error, Figure};
use crate::text::{count, share_percent};
use regions::{Plane, Regions};

/// The usual size.
const SIZE: (u32, u32) = (680, 500);

/// How strong the colour of a region is beside that of its marks.
const STRENGTH: f64 = 0.22;

/// Features whose value the note names.
const NAMED_FEATURES: usize = 6;

/// Draws what a model predicts for all values of two columns, and the rows of a table as marks.
/// The model's other features are held at their median.
///
/// # Errors
/// As [`DecisionRegions::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let figure = plot::decision_regions(&tree, &split.train, ["Left-Weight", "Right-Weight"])?;
/// assert!(figure.alt().contains("Left-Distance 3, Right-Distance 3"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn decision_regions(
    model: &impl Classifier,
    data: &Dataset,
    columns: [&str; 2],
) -> Result<Figure, Error> {
    DecisionRegions::new(model, data, columns).draw()
}

/// A picture of decision regions, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
/// let columns = ["Left-Weight", "Right-Weight"];
/// let figure = plot::DecisionRegions::new(&tree, &split.train, columns)
///     .at("Left-Distance", 5.0)
///     .class_names(["balanced", "left", "right"])
///     .draw()?;
/// assert!(figure.alt().contains("Left-Distance 5, Right-Distance 3"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct DecisionRegions<'a> {
    model: &'a dyn Classifier,
    data: &'a Dataset,
    columns: [String; 2],
    fixed: Vec<(String, f64)>,
    options: Options,
}

shared_options!(DecisionRegions<'_>, labels, class_names);

impl<'a> DecisionRegions<'a> {
    /// The regions of a model, the rows to draw as marks, and the names of the columns across and
    /// up.
    pub fn new(model: &'a impl Classifier, data: &'a Dataset, columns: [&str; 2]) -> Self {
        DecisionRegions {
            model,
            data,
            columns: columns.map(str::to_owned),
            fixed: Vec::new(),
            options: Options::default(),
        }
    }

    /// Holds another column at this value instead of its median.
    pub fn at(mut self, column: impl Into<String>, value: f64) -> Self {
        self.fixed.push((column.into(), value));
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::NoColumn`] for a column that is not there,
    /// [`Error::SameColumn`] for the same column twice, [`Error::NotFinite`] for a value that is
    /// missing or infinite, [`Error::Kinds`] and [`Error::NoClass`] for rows whose class the
    /// model does not know, [`Error::TooManyClasses`] past 8, [`Error::Model`] when the model
    /// cannot be asked, [`Error::Length`] for too few names or colours, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let (data, classes) = (self.data, self.model.classes());
        if data.rows() == 0 {
            return Err(Error::Empty { what: "rows" });
        }
        if classes.len() > MOST_CLASSES {
            return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
        }
        let names = class_names(classes, &self.options)?;
        let codes = self.codes()?;
        let plane = self.plane()?;
        let note = self.note(&plane, data.rows());
        let axis = |place: usize| {
            let values = plane.values.get(place).map_or(&[][..], Vec::as_slice);
            columns::axis(values, self.columns.get(place).map(name).unwrap_or_default())
        };
        let [across, up] = self.columns.each_ref().map(name);
        let title = format!("Predicted class by {across} and {up}");
        let colours = self.options.colours(names.len())?;
        let looks: Vec<Look> = (0..names.len()).map(|class| look(class, &colours)).collect();
        let tints: Vec<RGBColor> =
            looks.iter().map(|look| palette::tint(look.colour, STRENGTH)).collect();
        let entry = |((name, look), tint): ((&String, &Look), &RGBColor)| Entry {
            sample: Sample::Mark(*look, *tint),
            name: name.clone(),
            detail: String::new(),
        };
        let legend = || names.iter().zip(&looks).zip(&tints).map(entry).collect();
        let lay_out = |note: &str| {
            let (both, beside) = ((axis(0), axis(1)), Beside::Legend(legend()));
            Frame::new((title.clone(), note), both, beside, SIZE, &self.options)
        };
        let fill = |axes: &Axes, least_step: i32| -> Result<(Regions, Cloud), Error> {
            let regions = Regions::new(self.model, axes, &plane, least_step)?;
            let [xs, ys] = &plane.values;
            let points: Vec<_> = xs.iter().zip(ys).map(|(&x, &y)| axes.at(x, y)).collect();
            let area = ((axes.x.from, axes.y.to), (axes.x.to, axes.y.from));
            Ok((regions, cloud(&points, &codes, area, ONE)))
        };
        // What is merged depends on the room, and the room on how long the note about it is.
        let words = |filled: &(Regions, Cloud)| in_words(&filled.1, filled.0.step, data.rows());
        let mut frame = lay_out(&note)?;
        let mut filled = fill(&frame.axes, 1)?;
        let merged = words(&filled);
        if !merged.is_empty() {
            frame = lay_out(&format!("{note} {merged}"))?;
            filled = fill(&frame.axes, filled.0.step)?;
            frame.replace_note(&format!("{note} {}", words(&filled)));
        }
        frame.axes.grid = [false, false];
        let (regions, cloud) = filled;
        let alt = self.alt(&plane, &names, &regions, &cloud);
        frame.draw(alt, |canvas, axes| {
            regions.paint(canvas, axes, &tints)?;
            for dot in &cloud.dots {
                if let Some(look) = looks.get(dot.class) {
                    mark(canvas, dot.at, cloud.radius, look.shape, look.colour)?;
                }
            }
            Ok(())
        })
    }

    /// The class of each row, as a place among the model's.
    fn codes(&self) -> Result<Vec<usize>, Error> {
        let (target, classes) = (self.data.target(), self.model.classes());
        if let Some(codes) = target.codes(classes) {
            return Ok(codes);
        }
        let known = |class: &LabelRef<'_>| classes.iter().any(|other| other == *class);
        match target.classes().iter().find(|class| !known(class)) {
            Some(class) if target.kind() == classes.kind() => {
                let names: Vec<String> = classes.iter().map(|class| class.to_string()).collect();
                Err(Error::NoClass { class: class.to_string(), classes: names.join(", ") })
            }
            _ => Err(Error::Kinds { first: target.kind(), second: classes.kind() }),
        }
    }

    fn plane(&self) -> Result<Plane, Error> {
        let [across, up] = &self.columns;
        let places = [columns::place(self.data, across)?, columns::place(self.data, up)?];
        if across == up {
            return Err(Error::SameColumn { column: name(across) });
        }
        let values =
            [columns::numbers(self.data, places[0])?, columns::numbers(self.data, places[1])?];
        let mut row: Vec<f64> = self.data.features().columns().into_iter().map(median).collect();
        for (column, value) in &self.fixed {
            let place = columns::place(self.data, column)?;
            if !has_place(*value) {
                let (what, value) =
                    (format!("the value of column {}, number", name(column)), *value);
                return Err(Error::NotFinite { what, place: 0, value });
            }
            if let Some(held) = row.get_mut(place) {
                *held = *value;
            }
        }
        Ok(Plane { places, values, row })
    }

    /// The features that are not drawn, and their values.
    fn held(&self, plane: &Plane) -> Vec<String> {
        let names = self.data.feature_names().iter().zip(&plane.row).enumerate();
        let others = names.filter(|(place, _)| !plane.places.contains(place));
        let mut held: Vec<String> = others
            .map(|(_, (feature, value))| format!("{} {}", name(feature), number(*value)))
            .collect();
        let more = held.len().saturating_sub(NAMED_FEATURES);
        if more > 0 {
            held.truncate(NAMED_FEATURES);
            held.push(format!("and {more} more"));
        }
        held
    }

    fn note(&self, plane: &Plane, rows: usize) -> String {
        let rows = count(rows, "row", "rows");
        match self.held(plane).as_slice() {
            [] => format!("Colours: the model's prediction. Marks: {rows}, by true class."),
            held => format!(
                "Colours: the model's prediction with {}. Marks: {rows}, by true class.",
                held.join(", ")
            ),
        }
    }

    fn alt(&self, plane: &Plane, names: &[String], regions: &Regions, cloud: &Cloud) -> String {
        let range = |place: usize| {
            let values = plane.values.get(place).map_or(&[][..], Vec::as_slice);
            let bounds = (f64::INFINITY, f64::NEG_INFINITY);
            let (low, high) = values.iter().fold(bounds, |(l, h), &v| (l.min(v), h.max(v)));
            let (low, high) = two_numbers(low, high);
            let column = self.columns.get(place).map(name).unwrap_or_default();
            format!("{column} from {low} to {high}")
        };
        let rows = self.data.rows();
        let shares = names.iter().zip(&regions.shares).map(|(name, &share)| match share {
            0.0 => format!("{name} nowhere"),
            share => format!("{name} on {} of the area", share_percent(share, 0)),
        });
        let shares: Vec<String> = shares.collect();
        let held = match self.held(plane).as_slice() {
            [] => String::new(),
            held => format!(" The other features are held at {}.", held.join(", ")),
        };
        format!(
            "Decision regions, a map of the predicted class: {} across, {} up, with {} as marks \
             whose shape and colour are the true class. Predicted: {}.{held} {}",
            range(0),
            range(1),
            count(rows, "row", "rows"),
            shares.join(", "),
            in_words(cloud, regions.step, rows)
        )
        .trim_end()
        .to_owned()
    }
}

/// What the marks and the squares leave out.
fn in_words(cloud: &Cloud, step: i32, rows: usize) -> String {
    let mut words = cloud.in_words(rows);
    if step > 1 {
        let blank = if words.is_empty() { "" } else { " " };
        words.push_str(&format!("{blank}The regions are drawn in steps of {step} pixels."));
    }
    words
}

/// The middle value of those that are there, 0 if none is.
fn median(column: ArrayView1<'_, f64>) -> f64 {
    let mut values: Vec<f64> = column.iter().copied().filter(|v| has_place(*v)).collect();
    let (middle, even) = (values.len() / 2, values.len().is_multiple_of(2));
    if values.is_empty() {
        return 0.0;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    match below.iter().copied().reduce(f64::max) {
        Some(lower) if even => lower / 2.0 + upper / 2.0,
        _ => upper,
    }
}
