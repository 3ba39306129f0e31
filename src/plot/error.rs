//! What can go wrong with a picture.

use std::io;
use std::path::PathBuf;

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
