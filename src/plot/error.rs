//! What can go wrong with a picture.

use std::io;
use std::path::PathBuf;

use crate::{metrics, tree};

/// Why a picture could not be drawn or saved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// More classes than have room in a picture.
    #[error(
        "{classes} classes are more than the {most} that have room in a picture; look at the table, or plot fewer classes"
    )]
    TooManyClasses {
        /// How many classes there are.
        classes: usize,
        /// How many there may be.
        most: usize,
    },
    /// There is nothing to draw.
    #[error("there are no {what} to draw: give at least one")]
    Empty {
        /// What there is none of.
        what: &'static str,
    },
    /// All rows are of one class.
    #[error("every row is of class {class}: a curve needs rows of at least two classes")]
    OneClass {
        /// The class.
        class: String,
    },
    /// A class that is not there.
    #[error("the model knows no class {class}; its classes are: {classes}")]
    NoClass {
        /// The class asked for.
        class: String,
        /// Those that there are.
        classes: String,
    },
    /// A column that is not there.
    #[error("no column is named {column:?}; the columns are: {columns}")]
    NoColumn {
        /// The column asked for.
        column: String,
        /// The names of the first ones that there are.
        columns: String,
    },
    /// The same column on both axes.
    #[error("column {column} is on both axes; name two columns")]
    SameColumn {
        /// The column.
        column: String,
    },
    /// A number that has no place on an axis.
    #[error(
        "{what} {place}: {value} has no place on an axis; give finite numbers between -1e300 and          1e300, or leave these rows out"
    )]
    NotFinite {
        /// What the numbers are, such as a column's name.
        what: String,
        /// Which of them it is: a row, or a place in the list; the first is 0.
        place: usize,
        /// The number.
        value: f64,
    },
    /// A share that is none.
    #[error("{what} {place}: {value} is no share; give numbers from 0 to 1")]
    NoShare {
        /// What the numbers are.
        what: &'static str,
        /// Which of them it is; the first is 0.
        place: usize,
        /// The number.
        value: f64,
    },
    /// More of something than has room in a picture.
    #[error("{found} {what} or more are too many for a picture; give at most {most}")]
    TooMany {
        /// What was counted.
        what: &'static str,
        /// How many there are at least.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// Lists that do not fit together.
    #[error("{what}: expected {expected}, found {found}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// How many there must be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// Labels of two types.
    #[error("the first labels are {first}, the others {second}: both must be of one type")]
    Kinds {
        /// What the first hold.
        first: &'static str,
        /// What the others hold.
        second: &'static str,
    },
    /// A text that is no date.
    #[error("{text:?} at place {place} is no date; write dates as 2026-01-31, ascending")]
    Date {
        /// The text.
        text: String,
        /// Its place in the list; the first is 0.
        place: usize,
    },
    /// A step that does not come after the one before it.
    #[error("step {value} at place {place} does not come after the one before it; sort the steps")]
    Order {
        /// The step.
        value: String,
        /// Its place in the list; the first is 0.
        place: usize,
    },
    /// A text that is no colour.
    #[error("{text:?} is no colour; write it as on the web: \"#0072b2\"")]
    Colour {
        /// The text.
        text: String,
    },
    /// A picture that is too small for what it shows, or too large.
    #[error(
        "{width} × {height} pixels do not fit: this picture needs at least {} × {}, and may have \
         at most {most} × {most}",
        least.0, least.1
    )]
    Size {
        /// The width asked for, in pixels.
        width: u32,
        /// The height asked for.
        height: u32,
        /// The least width and height.
        least: (u32, u32),
        /// The greatest width and height.
        most: u32,
    },
    /// The model could not be fitted, or could not predict.
    #[error(transparent)]
    Model(#[from] tree::Error),
    /// The predictions could not be scored.
    #[error(transparent)]
    Metrics(#[from] metrics::Error),
    /// plotters could not draw.
    #[error("the picture could not be drawn: {problem}")]
    Drawing {
        /// What plotters says.
        problem: String,
    },
    /// A file name that does not end in `.svg`.
    #[error("{}: pictures are saved as SVG; let the name end in .svg", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be written.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
