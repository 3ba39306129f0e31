//! Pictures of what a model does, drawn with plotters.
//!
//! Each function returns a [`Figure`]: the picture as SVG with a title and an alternative text
//! made from the data. The last expression of a notebook's cell shows it. The same data give the
//! same bytes.

mod canvas;
mod confusion_matrix;
mod error;
mod figure;
mod palette;

pub use confusion_matrix::confusion_matrix;
pub use error::Error;
pub use figure::Figure;
