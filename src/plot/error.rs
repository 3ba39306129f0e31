//! What can go wrong with a picture.

use std::io;
use std::path::PathBuf;

use crate::text::shortened;
use crate::{metrics, tree};

/// Why a picture could not be drawn or saved.
#[derive(thiserror::Error)]
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
    /// More nodes than have room in a picture.
    #[error(
        "{nodes} nodes are more than the {most} that have room in a picture; set max_depth to {max_depth} or less"
    )]
    TooManyNodes {
        /// How many nodes were to be drawn.
        nodes: usize,
        /// How many there may be.
        most: usize,
        /// The depth down to which there is room.
        max_depth: usize,
    },
    /// There is nothing to draw.
    #[error("there are no {what} to draw: give at least one")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// All rows are of one class.
    #[error("every row is of class {}: a curve needs rows of at least two classes", shortened(.class, 60))]
    OneClass {
        /// The class.
        class: String,
    },
    /// A class that the model does not know.
    #[error("the model has no class {}; its classes are: {}", shortened(.class, 60), shortened(.classes, 300))]
    NoClass {
        /// The class asked for.
        class: String,
        /// The classes that the model knows.
        classes: String,
    },
    /// A column that the table does not have.
    #[error("no column is named {column:?}; the columns are: {columns}")]
    NoColumn {
        /// The column asked for.
        column: String,
        /// The names of the first columns of the table.
        columns: String,
    },
    /// A column of words where one of numbers is needed.
    #[error(
        "column {column} holds words, which have no place on an axis; name a column of numbers"
    )]
    Words {
        /// The column.
        column: String,
    },
    /// The same column on both axes.
    #[error("column {column} is on both axes; name two columns")]
    SameColumn {
        /// The column.
        column: String,
    },
    /// A number that has no place on an axis.
    #[error(
        "{what} {place}: {value} has no place on an axis; give finite numbers between -1e300 and 1e300, or leave these rows out"
    )]
    NotFinite {
        /// What the numbers are, such as a column's name.
        what: String,
        /// Which of them it is: a row, or a place in the list; the first is 0.
        place: usize,
        /// The number.
        value: f64,
    },
    /// A number that should be a share, and is not between 0 and 1.
    #[error("{what} {place}: {value} is not a share; give numbers between 0 and 1")]
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
    /// A text that is not a date.
    #[error("{text:?} at place {place} is not a date; write dates as 2026-01-31, ascending")]
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
    /// A text that is not a colour.
    #[error("{text:?} is not a colour; write it as on the web: \"#0072b2\"")]
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
    /// A file name that ends in neither `.svg` nor `.png`.
    #[error("{}: pictures are saved as SVG or PNG; let the name end in .svg or .png", path.display())]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// A PNG is asked for, and the crate was built without the feature `png`.
    #[error(
        "a PNG needs picklebook's feature `png`: `picklebook = {{ …, features = [\"png\"] }}`; or save the picture as SVG"
    )]
    NoPng,
    /// A PNG would have too many pixels, or none.
    #[error(
        "a PNG {scale} times as large as the picture would be {width} × {height} pixels; choose a scale that gives from 1 to {most} pixels a side, and {most_pixels} in all"
    )]
    Scale {
        /// The scale asked for.
        scale: f32,
        /// Pixels across.
        width: f32,
        /// Pixels down.
        height: f32,
        /// How many pixels a side may have.
        most: u32,
        /// How many pixels a picture may have.
        most_pixels: u32,
    },
    /// A text holds a character that the font of the PNGs does not have.
    #[error(
        "the font of the PNGs has no {character:?}, which is in {text:?}; save the picture as SVG, where the viewer's fonts draw it"
    )]
    Character {
        /// The character.
        character: char,
        /// The text that holds it.
        text: String,
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

crate::text::message_as_debug!(Error);
