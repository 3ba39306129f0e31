//! Pieces of text in a picture, and whether they keep out of each other's way.

use picklebook::plot::Figure;

/// A piece of text: what it says, and a box around it.
#[derive(Debug)]
pub struct Piece {
    pub text: String,
    pub size: f64,
    /// Left, top, right, bottom.
    pub edges: [f64; 4],
}

/// The texts of a picture, each in a box: as wide as it says, or as DejaVu Sans, a wide font, is
/// on average.
pub fn of(svg: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for element in svg.split("<text ").skip(1) {
        let (attributes, rest) = element.split_once('>').expect("a tag");
        let text = rest.split_once("</text>").expect("an end").0.trim_matches('\n');
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
        let text = text.replace("&apos;", "'").replace("&#39;", "'").replace("&amp;", "&");
        let attribute = |name: &str| {
            let start = format!(" {name}=\"");
            let attributes = format!(" {attributes}");
            let rest = attributes.split_once(&start)?.1.to_owned();
            Some(rest.split_once('"')?.0.to_owned())
        };
        let optional = |name| attribute(name).and_then(|value| value.parse::<f64>().ok());
        let number = |name| optional(name).expect(name);
        let (x, y, size) = (number("x"), number("y"), number("font-size"));
        // A guess for letters that the font does not have, and for those beside them.
        let em = |c: char| match c {
            '\u{2e80}'.. => 1.0,
            'I' | 'f' | 'i' | 'j' | 'l' | 'r' | 't' => 0.25,
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => 0.25,
            _ => 0.5,
        };
        let width = match optional("textLength") {
            Some(width) => width,
            None => text.chars().map(em).sum::<f64>() * size,
        };
        let (start, end) = match attribute("text-anchor").as_deref() {
            Some("start") => (0.0, width),
            Some("end") => (-width, 0.0),
            _ => (-width / 2.0, width / 2.0),
        };
        let half = size * 0.5;
        let edges = match attribute("transform") {
            None => [x + start, y - half, x + end, y + half],
            Some(rotated) => {
                assert!(rotated.starts_with("rotate(270"), "{rotated}");
                [x - half, y - end, x + half, y - start]
            }
        };
        pieces.push(Piece { text, size, edges });
    }
    pieces
}

/// No text is small, over an edge or over another.
pub fn check(name: &str, figure: &Figure) {
    let (width, height) = figure.size();
    let pieces = of(figure.svg());
    assert!(!pieces.is_empty(), "{name}");
    for (place, piece) in pieces.iter().enumerate() {
        let [left, top, right, bottom] = piece.edges;
        assert!(piece.size >= 12.0, "{name}: {piece:?}");
        assert!(left >= 0.0 && top >= 0.0, "{name}: {piece:?}");
        assert!(right <= f64::from(width) && bottom <= f64::from(height), "{name}: {piece:?}");
        for other in pieces.iter().skip(place + 1) {
            let [l, t, r, b] = other.edges;
            let apart = right <= l || r <= left || bottom <= t || b <= top;
            assert!(apart, "{name}: {piece:?} over {other:?}");
        }
    }
}
