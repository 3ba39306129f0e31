//! A finished picture.

use std::path::Path;

use crate::files;
use crate::plot::Error;

/// How many times as large as the picture the PNG is that [`Figure::save`] writes.
const PNG_SCALE: f32 = 2.0;

/// A picture as SVG, with what it shows in words.
///
/// Its background is white, so that it can be read on a dark page too. Its text is text, which can
/// be searched and copied; see [`svg`](Self::svg).
#[derive(Clone, PartialEq)]
pub struct Figure {
    svg: String,
    title: String,
    alt: String,
    width: u32,
    height: u32,
}

impl Figure {
    pub(crate) fn new(
        svg: String,
        title: String,
        alt: String,
        (width, height): (u32, u32),
    ) -> Self {
        Figure { svg, title, alt, width, height }
    }

    /// The picture as SVG, without the font that it is drawn in.
    ///
    /// It asks for Arimo or a font of the same widths, such as Arial, and states the width of each
    /// text, so that it looks the same in another font too.
    pub fn svg(&self) -> &str {
        &self.svg
    }

    /// The picture as SVG, with the letters of its texts in it: a browser that draws it needs no
    /// font.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let figure = plot::histogram(&balance_scale(), "Left-Weight")?;
    /// assert!(figure.svg_with_font().contains("@font-face"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn svg_with_font(&self) -> String {
        super::font::with_font(&self.svg)
    }

    /// The title above the picture.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The alternative text: what the picture shows, in words.
    pub fn alt(&self) -> &str {
        &self.alt
    }

    /// Width and height in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The picture as PNG, `scale` times as large as [`size`](Self::size); 2 is right for screens
    /// and print. The feature `png` must be on. Text is drawn in Arimo, which the crate
    /// contains, so that the picture is the same on every machine.
    ///
    /// # Errors
    /// [`Error::NoPng`] without the feature, [`Error::Scale`] for a scale that gives no pixel or
    /// too many, [`Error::Character`] for text with characters that are not Latin, Greek,
    /// Cyrillic or a common sign.
    pub fn to_png(&self, scale: f32) -> Result<Vec<u8>, Error> {
        #[cfg(feature = "png")]
        return super::png::rendered(&self.svg, self.size(), scale);
        #[cfg(not(feature = "png"))]
        {
            let _ = scale;
            Err(Error::NoPng)
        }
    }

    /// Saves the picture to a file, whole or not at all: as SVG when its name ends in `.svg`, and
    /// as PNG, twice as large, when it ends in `.png`.
    ///
    /// # Errors
    /// [`Error::Format`] for another name, [`Error::Write`] when the file cannot be written; for a
    /// PNG also as [`to_png`](Self::to_png).
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let tree = DecisionTreeClassifier::params().max_depth(2).fit(&data)?;
    /// let path = std::env::temp_dir().join(format!("tree-{}.svg", std::process::id()));
    /// plot::tree(&tree)?.save(&path)?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        let is = |format| path.extension().is_some_and(|end| end.eq_ignore_ascii_case(format));
        let bytes = if is("svg") {
            self.svg_with_font().into_bytes()
        } else if is("png") {
            self.to_png(PNG_SCALE)?
        } else {
            return Err(Error::Format { path: path.into() });
        };
        files::write_bytes(path, &bytes)
            .map_err(|source| Error::Write { path: path.into(), source })
    }
}
