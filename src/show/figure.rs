//! Pictures.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::cell::{bundle, escaped};
use crate::plot::Figure;

impl Figure {
    /// The picture as an HTML element: an image with its alternative text, which Jupyter keeps
    /// also in a notebook that it does not trust.
    pub fn to_html(&self) -> String {
        let (width, height) = self.size();
        format!(
            "<figure style=\"margin:0\"><img alt=\"{}\" width=\"{width}\" height=\"{height}\" \
             style=\"max-width:100%;height:auto\" src=\"data:image/svg+xml;base64,{}\"></figure>",
            escaped(self.alt()),
            STANDARD.encode(self.svg_with_font())
        )
    }

    /// Shows the picture in a notebook's cell, and its alternative text elsewhere.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.to_html()), self.alt()));
    }
}
