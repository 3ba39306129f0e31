//! How often each class occurs.

use super::names::class_names;
use crate::data::{Dataset, Labels, Split};
use crate::plot::drawing::bars::{Bar, Bars, Group};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::marks::look;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::scale::percent_ticks;
use crate::plot::{Error, Figure};
use crate::text::{count, percent};

/// The most classes that have room.
const MOST_CLASSES: usize = 30;

/// Where the classes are counted.
///
/// Made by `into()` from a reference to [`Labels`], a [`Dataset`] or a [`Split`].
#[derive(Debug, Clone, Copy)]
pub enum ClassSource<'a> {
    /// A column.
    Labels(&'a Labels),
    /// The target of a table.
    Dataset(&'a Dataset),
    /// The targets of both parts, side by side.
    Split(&'a Split),
}

impl<'a> From<&'a Labels> for ClassSource<'a> {
    fn from(labels: &'a Labels) -> Self {
        ClassSource::Labels(labels)
    }
}

impl<'a> From<&'a Dataset> for ClassSource<'a> {
    fn from(dataset: &'a Dataset) -> Self {
        ClassSource::Dataset(dataset)
    }
}

impl<'a> From<&'a Split> for ClassSource<'a> {
    fn from(split: &'a Split) -> Self {
        ClassSource::Split(split)
    }
}

/// Draws how often each class occurs, as a share of all rows with the count beside it; for a
/// split, of the train rows beside the test rows.
///
/// # Errors
/// As [`ClassDistribution::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::class_distribution(&balance_scale())?;
/// assert_eq!(figure.title(), "Class: 625 rows in 3 classes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn class_distribution<'a>(source: impl Into<ClassSource<'a>>) -> Result<Figure, Error> {
    ClassDistribution::new(source).draw()
}

/// A picture of how often each class occurs, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let figure = plot::ClassDistribution::new(&split).class_names(["even", "left", "right"]).draw()?;
/// assert!(figure.alt().contains("even: 8.2 % of the train rows, 6.9 % of the test rows"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClassDistribution<'a> {
    source: ClassSource<'a>,
    options: Options,
}

shared_options!(ClassDistribution<'_>, labels, class_names);

/// The rows of one part.
struct Part {
    /// `train` or `test`; empty for the only part.
    name: &'static str,
    counts: Vec<usize>,
    rows: usize,
}

impl<'a> ClassDistribution<'a> {
    /// The classes of some labels, of a table's target, or of both parts of a split.
    pub fn new(source: impl Into<ClassSource<'a>>) -> Self {
        let options = Options::default();
        ClassDistribution { source: source.into(), options }
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without rows, [`Error::TooManyClasses`] past 30, [`Error::Kinds`] for a
    /// split whose parts hold labels of two types, [`Error::Length`] for too few names or
    /// colours, [`Error::Size`], [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let (target, columns): (&str, Vec<(&'static str, &Labels)>) = match self.source {
            ClassSource::Labels(labels) => ("Classes", vec![("", labels)]),
            ClassSource::Dataset(data) => (data.target_name(), vec![("", data.target())]),
            ClassSource::Split(Split { train, test, .. }) => {
                (train.target_name(), vec![("train", train.target()), ("test", test.target())])
            }
        };
        let (classes, parts) = counted(&columns)?;
        let names = class_names(&classes, &self.options)?;
        let colours = self.options.colours(1)?;

        let group = |(class, class_name): (usize, &String)| {
            let bar = |(place, part): (usize, &Part)| {
                let rows = part.counts.get(class).copied().unwrap_or(0);
                let part_name = if part.name.is_empty() { "" } else { &format!("{}: ", part.name) };
                Bar {
                    value: rows as f64 / part.rows as f64,
                    text: format!(
                        "{part_name}{} ({})",
                        count(rows, "row", "rows"),
                        percent(rows, part.rows, 1)
                    ),
                    colour: look(0, &colours).colour,
                    hollow: place > 0,
                }
            };
            let bars = parts.iter().enumerate().map(bar).collect();
            Group { name: name(class_name), bold: false, bars }
        };
        let groups = names.iter().enumerate().map(group).collect();
        let title = title(target, &parts, names.len());
        let axis = match columns.len() {
            1 => "Share of all rows",
            _ => "Share of each part's rows",
        };
        let ticks = |most, marks| percent_ticks(0.0, most, marks);
        let bars = Bars { groups, axis: axis.into(), ticks, least: 0.0 };
        bars.draw((title, ""), alt(&parts, &names), &self.options)
    }
}

/// The classes of all columns, and how often each occurs in each.
fn counted(columns: &[(&'static str, &Labels)]) -> Result<(Labels, Vec<Part>), Error> {
    let mut classes: Option<Labels> = None;
    for (_, labels) in columns {
        if labels.is_empty() {
            return Err(Error::Empty { what: "rows" });
        }
        let these = labels.classes();
        classes = Some(match classes {
            None => these,
            Some(others) => {
                let both = others.concat(&these).map(|both| both.classes());
                both.ok_or(Error::Kinds { first: others.kind(), second: these.kind() })?
            }
        });
    }
    let classes = classes.ok_or(Error::Empty { what: "rows" })?;
    if classes.len() > MOST_CLASSES {
        return Err(Error::TooManyClasses { classes: classes.len(), most: MOST_CLASSES });
    }
    let part = |(name, labels): &(&'static str, &Labels)| {
        let mut counts = vec![0; classes.len()];
        for code in labels.codes(&classes).unwrap_or_default() {
            if let Some(count) = counts.get_mut(code) {
                *count += 1;
            }
        }
        Part { name, counts, rows: labels.len() }
    };
    let parts = columns.iter().map(part).collect();
    Ok((classes, parts))
}

fn title(target: &str, parts: &[Part], classes: usize) -> String {
    let classes = count(classes, "class", "classes");
    let rows = |part: &Part| count(part.rows, "row", "rows");
    match parts {
        [train, test] => {
            format!("{}: {} to train on, {} to test with", name(target), rows(train), rows(test))
        }
        parts => {
            let all: Vec<String> = parts.iter().map(rows).collect();
            format!("{}: {} in {classes}", name(target), all.join(", "))
        }
    }
}

fn alt(parts: &[Part], names: &[String]) -> String {
    let share = |class: usize, part: &Part| {
        let rows = part.counts.get(class).copied().unwrap_or(0);
        let of = if part.name.is_empty() {
            String::new()
        } else {
            format!(" of the {} rows", part.name)
        };
        match of.is_empty() {
            true => format!("{} ({})", count(rows, "row", "rows"), percent(rows, part.rows, 1)),
            false => format!("{}{of}", percent(rows, part.rows, 1)),
        }
    };
    let line = |(class, class_name): (usize, &String)| {
        let shares: Vec<String> = parts.iter().map(|part| share(class, part)).collect();
        format!("{class_name}: {}", shares.join(", "))
    };
    let lines: Vec<String> = names.iter().enumerate().map(line).collect();
    let most = parts.iter().flat_map(|part| part.counts.iter().map(|&rows| (rows, part.rows)));
    let most = most.max_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1))).unwrap_or((0, 1));
    let of = match parts {
        [train, test] => format!(
            "two for each class, of {} to train on and {} to test with",
            count(train.rows, "row", "rows"),
            count(test.rows, "row", "rows")
        ),
        _ => "one for each class".into(),
    };
    format!(
        "Class distribution, horizontal bars from 0 to {}, {of}. {}.",
        percent(most.0, most.1, 0),
        lines.join("; ")
    )
}
