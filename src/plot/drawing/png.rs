//! SVG to PNG, with resvg and the crate's own font: no font of the machine is asked for.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::roxmltree::Document;
use resvg::usvg::{Options, Tree};

use super::font;
use crate::plot::Error;

/// The most pixels a side, and in all: 256 MB while the PNG is made.
const MOST_SIDE: u32 = 32_000;
const MOST_PIXELS: u32 = 64_000_000;

/// Draws an SVG of `size` pixels on white, `scale` times as large.
pub(crate) fn rendered(svg: &str, size: (u32, u32), scale: f32) -> Result<Vec<u8>, Error> {
    let (width, height) = pixels(size, scale)?;
    let options = Options { font_family: "Arimo".into(), fontdb: fonts(), ..Options::default() };
    let document = Document::parse(svg).map_err(problem)?;
    check_characters(&document)?;
    let tree = Tree::from_xmltree(&document, &options).map_err(problem)?;
    let mut pixmap = Pixmap::new(width, height)
        .ok_or_else(|| problem(format!("there is no room for {width} × {height} pixels")))?;
    pixmap.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(problem)
}

fn pixels((width, height): (u32, u32), scale: f32) -> Result<(u32, u32), Error> {
    let (across, down) = ((width as f32 * scale).round(), (height as f32 * scale).round());
    let side = 1.0..=MOST_SIDE as f32;
    // Written so that it is false for a scale that is no number.
    let fits = side.contains(&across)
        && side.contains(&down)
        && f64::from(across) * f64::from(down) <= f64::from(MOST_PIXELS);
    match fits {
        true => Ok((across as u32, down as u32)),
        false => Err(Error::Scale {
            scale,
            width: across,
            height: down,
            most: MOST_SIDE,
            most_pixels: MOST_PIXELS,
        }),
    }
}

/// Refuses text that would be drawn as empty boxes.
fn check_characters(document: &Document<'_>) -> Result<(), Error> {
    let drawn = document.descendants().filter(|node| node.has_tag_name("text"));
    for text in drawn.filter_map(|node| node.text()) {
        if let Some(character) = font::first_missing(text) {
            return Err(Error::Character { character, text: text.to_owned() });
        }
    }
    Ok(())
}

/// The font, read once.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let read = || {
        let mut fonts = Database::new();
        for file in font::FILES {
            fonts.load_font_data(file.to_vec());
        }
        fonts.set_sans_serif_family("Arimo");
        Arc::new(fonts)
    };
    FONTS.get_or_init(read).clone()
}

fn problem(error: impl std::fmt::Display) -> Error {
    Error::Drawing { problem: error.to_string() }
}
