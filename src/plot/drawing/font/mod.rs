//! The font of the pictures, and how wide text is in it.
//!
//! Pictures are drawn in Arimo. Under a notebook's cell and in a file they contain the letters that
//! they are written with. A viewer that takes no font from a picture draws it in Arial, Helvetica
//! or Liberation Sans, which have the same widths, character by character; one that has none of
//! these is told the width of each text, and squeezes its letters.

mod embed;
mod widths;

pub(super) use embed::with_font;

/// What an SVG asks for.
pub(super) const FAMILY: &str = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";

/// The font files, regular and bold.
pub(super) const FILES: [&[u8]; 2] =
    [include_bytes!("Arimo-Regular.ttf"), include_bytes!("Arimo-Bold.ttf")];

/// The width of a character that the font does not have: most letters of such scripts are as wide
/// as they are high.
const UNKNOWN: f64 = 1.0;

/// How much more room a text with such a character gets: some are wider, and as its width is not
/// known, no viewer is told to squeeze it.
const AIR: f64 = 1.1;

/// The width of a character in ems, if the font has it.
fn character(c: char, bold: bool) -> Option<f64> {
    let c = u32::from(c);
    let after = widths::RUNS.partition_point(|&(first, _, _)| first <= c);
    let &(first, regular, thick) = widths::RUNS.get(after.checked_sub(1)?)?;
    let of_style = if bold { thick } else { regular };
    let units = of_style.get((c - first) as usize)?;
    Some(f64::from(*units) / widths::UNITS)
}

/// Whether the font has all characters of `text`.
pub(super) fn has_all(text: &str) -> bool {
    first_missing(text).is_none()
}

/// The first character of `text` that the font does not have.
pub(super) fn first_missing(text: &str) -> Option<char> {
    text.chars().find(|&c| character(c, false).is_none())
}

/// How wide `text` is in pixels: exactly so when the font has all its characters, about so
/// otherwise.
pub(super) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let ems: f64 = text.chars().map(|c| character(c, bold).unwrap_or(UNKNOWN)).sum();
    size * if has_all(text) { ems } else { AIR * ems }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_arial() {
        // The widths in Adobe's metrics of Helvetica, which Arial took over: thousandths of an em.
        for (c, regular, bold) in
            [('0', 556, 556), ('W', 944, 944), ('i', 222, 278), (' ', 278, 278), ('é', 556, 556)]
        {
            for (bold, expected) in [(false, regular), (true, bold)] {
                let width = 1000.0 * character(c, bold).expect("known");
                assert_eq!(width.round() as i32, expected, "{c}, bold: {bold}");
            }
        }
        assert_eq!(width("010", 100.0, false).round(), 167.0);
        assert!(has_all("3×10⁻³⁰¹ Größe ≤ 2.5 … żółw Ελλάδα Москва − → €"));
        assert_eq!(first_missing("日本"), Some('日'));
        assert_eq!(first_missing("a\nb"), Some('\n'));
        assert_eq!(width("日本", 10.0, true), 22.0);
    }
}
