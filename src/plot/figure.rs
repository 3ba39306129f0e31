//! A finished picture.

use std::path::Path;

use super::Error;
use crate::files;

/// A picture as SVG, with what it shows in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    svg: String,
    title: String,
    alt: String,
    width: u32,
    height: u32,
}

impl Figure {
    pub(super) fn new(
        svg: String,
        title: String,
        alt: String,
        (width, height): (u32, u32),
    ) -> Self {
        Figure { svg, title, alt, width, height }
    }

    /// The picture.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The title that stands above it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What there is to see, for those who do not see it.
    pub fn alt(&self) -> &str {
        &self.alt
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Saves the picture to a file whose name ends in `.svg`: whole, or not at all.
    ///
    /// # Errors
    /// [`Error::Format`] for another name, [`Error::Write`] when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if !path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("svg")) {
            return Err(Error::Format { path: path.into() });
        }
        files::write_bytes(path, self.svg.as_bytes())
            .map_err(|source| Error::Write { path: path.into(), source })
    }
}
