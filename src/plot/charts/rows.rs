//! The rows that marks stand for, and the classes that tell them apart.

use super::columns::{place_in, placed};
use super::names::class_names;
use crate::data::{Column, Dataset, Frame, LabelRef, Labels};
use crate::plot::Error;
use crate::plot::drawing::heading::name;
use crate::plot::drawing::legend::{Entry, Sample};
use crate::plot::drawing::marks::{Look, MOST_CLASSES, look};
use crate::plot::drawing::options::Options;
use crate::text::count;
use plotters::style::RGBColor;

/// The table whose rows a picture shows as marks.
///
/// Made by `into()` from a reference to a [`Dataset`], whose target tells the marks apart if it has
/// at most 8 values, or to a [`Frame`].
///
/// ```
/// use picklebook::plot::TableSource;
/// use picklebook::prelude::*;
///
/// let source = TableSource::from(&balance_scale());
/// let figure = plot::scatter(source, ["Left-Weight", "Right-Weight"])?;
/// assert!(figure.title().ends_with("by Class"));
/// # Ok::<(), picklebook::plot::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TableSource {
    frame: Frame,
    /// The column that tells the marks apart, if it can.
    target: Option<String>,
}

impl From<&Dataset> for TableSource {
    fn from(data: &Dataset) -> Self {
        TableSource { frame: data.to_frame(), target: Some(data.target_name().to_owned()) }
    }
}

impl From<&Frame> for TableSource {
    fn from(frame: &Frame) -> Self {
        TableSource { frame: frame.clone(), target: None }
    }
}

/// Some columns of numbers, and the class of each row: of the rows in which none is missing.
pub(super) struct Rows {
    /// The columns, in the order in which they were asked for.
    pub(super) columns: Vec<Vec<f64>>,
    /// The class of each row, as a place among the names.
    pub(super) codes: Vec<usize>,
    /// The column of the classes.
    pub(super) by: Option<String>,
    /// The names of the classes; one without a name where nothing tells the rows apart.
    pub(super) names: Vec<String>,
    pub(super) looks: Vec<Look>,
    /// How many rows are not shown.
    left_out: usize,
    /// Why the target does not tell the marks apart.
    no_classes: Option<String>,
}

impl Rows {
    /// The rows of a table with these columns; `by` names the column of the classes.
    ///
    /// # Errors
    /// [`Error::NoColumn`], [`Error::Words`], [`Error::NotFinite`], [`Error::TooManyClasses`] past 8
    /// in a column that was asked for, [`Error::Length`] for too few names or colours,
    /// [`Error::Empty`] where no row is left.
    pub(super) fn new(
        source: &TableSource,
        columns: &[String],
        by: Option<&str>,
        options: &Options,
    ) -> Result<Rows, Error> {
        let frame = &source.frame;
        let all: Vec<String> = (0..frame.shape().1).map(|place| frame.name_of(place)).collect();
        let mut numbers = Vec::with_capacity(columns.len());
        for column in columns {
            match frame.column(place_in(&all, column)?) {
                Some(Column::Numbers(column)) => numbers.push(column),
                _ => return Err(Error::Words { column: name(column) }),
            }
        }
        let mut no_classes = None;
        let mut class = None;
        if let Some(column) = by.or(source.target.as_deref()) {
            // The last of a name: the target stands behind the features.
            let last = all.iter().rposition(|own| own == column);
            let place = last.map_or_else(|| place_in(&all, column), Ok)?;
            let (classes, codes) = classes(frame, place);
            match (classes.len() > MOST_CLASSES, by) {
                (false, _) => class = Some((column.to_owned(), classes, codes)),
                (true, Some(_)) => {
                    let (classes, most) = (classes.len(), MOST_CLASSES);
                    return Err(Error::TooManyClasses { classes, most });
                }
                (true, None) => {
                    let values = count(classes.len(), "value", "values");
                    no_classes =
                        Some(format!("{} has {values}, too many for colours.", name(column)));
                }
            }
        }
        let (by, names, codes) = match class {
            Some((by, classes, codes)) => (Some(name(by)), class_names(&classes, options)?, codes),
            None => (None, vec![String::new()], vec![Some(0); frame.shape().0]),
        };
        let is_whole = |row: usize| {
            let known = numbers.iter().all(|it| it.get(row).is_some_and(|it| !it.is_nan()));
            known && codes.get(row).is_some_and(Option::is_some)
        };
        let whole: Vec<usize> = (0..frame.shape().0).filter(|&row| is_whole(row)).collect();
        if whole.is_empty() {
            return Err(Error::Empty { what: "rows without missing values" });
        }
        let left_out = frame.shape().0 - whole.len();
        let pick =
            |column: &Vec<f64>| whole.iter().filter_map(|&it| column.get(it).copied()).collect();
        let kept = numbers.iter().zip(columns);
        let kept = kept.map(|(column, title)| placed(pick(column), &name(title)));
        let kept = kept.collect::<Result<Vec<Vec<f64>>, Error>>()?;
        let codes = whole.iter().filter_map(|&row| codes.get(row).copied().flatten()).collect();
        let colours = options.colours(names.len())?;
        let looks = (0..names.len()).map(|class| look(class, &colours)).collect();
        Ok(Rows { columns: kept, codes, by, names, looks, left_out, no_classes })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// The names of the classes with their marks, for a legend; empty where there are none.
    pub(super) fn legend(&self) -> Vec<Entry> {
        let entry = |(name, look): (&String, &Look)| Entry {
            sample: Sample::Mark(*look, RGBColor(0xff, 0xff, 0xff)),
            name: name.clone(),
            detail: String::new(),
        };
        match self.by {
            Some(_) => self.names.iter().zip(&self.looks).map(entry).collect(),
            None => Vec::new(),
        }
    }

    /// What is not shown, in words; empty if there is nothing.
    pub(super) fn not_shown(&self) -> String {
        let left_out = match self.left_out {
            0 => None,
            1 => Some("1 row with a missing value is left out.".to_owned()),
            rows => {
                Some(format!("{} with missing values are left out.", count(rows, "row", "rows")))
            }
        };
        let parts: Vec<String> = self.no_classes.clone().into_iter().chain(left_out).collect();
        parts.join(" ")
    }

    /// How many rows each class has, in words; empty where there are none.
    pub(super) fn sizes(&self) -> String {
        if self.by.is_none() {
            return String::new();
        }
        let size = |(class, name): (usize, &String)| {
            let rows = self.codes.iter().filter(|code| **code == class).count();
            format!("{name} {}", count(rows, "row", "rows"))
        };
        let sizes: Vec<String> = self.names.iter().enumerate().map(size).collect();
        format!("Classes: {}.", sizes.join(", "))
    }
}

/// The values of a column, ascending, and the place of each row's among them: `None` where it is
/// missing.
fn classes(frame: &Frame, place: usize) -> (Labels, Vec<Option<usize>>) {
    let Ok(counts) = frame.value_counts(place) else {
        return (Labels::Text(Vec::new()), Vec::new());
    };
    let classes = counts.values().classes();
    let code = |label: LabelRef<'_>| classes.place(label);
    let codes = match frame.column(place) {
        Some(Column::Words(words)) => {
            words.iter().map(|word| code(LabelRef::Text(word.as_deref()?))).collect()
        }
        Some(Column::Numbers(numbers)) => {
            let label = |number: f64| match classes {
                Labels::Integers(_) => LabelRef::Integer(number as i64),
                _ => LabelRef::Float(number),
            };
            let known = |number: &f64| Some(*number).filter(|it| !it.is_nan());
            numbers.iter().map(|number| code(label(known(number)?))).collect()
        }
        None => Vec::new(),
    };
    (classes, codes)
}
