//! What pictures are drawn with: from the letters' widths, the colours and the sheet up to axes,
//! legends and whole frames. Nothing here knows what a chart shows.

pub(super) mod axes;
pub(super) mod bars;
pub(super) mod calendar;
pub(super) mod canvas;
pub(super) mod colour_bar;
mod dashes;
pub(super) mod figure;
mod font;
pub(super) mod frame;
pub(super) mod heading;
pub(super) mod legend;
pub(super) mod lines;
pub(super) mod marks;
pub(super) mod options;
pub(super) mod palette;
#[cfg(feature = "png")]
mod png;
pub(super) mod scale;
pub(super) mod shapes;
pub(super) mod sheet;
