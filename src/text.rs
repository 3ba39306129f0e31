//! Aligned columns of text.

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// `text` with blanks on the other side, up to `width` characters.
///
/// The formatter's own `{:>width$}` panics past 65,535, and a name in a file can be that long.
pub(crate) fn padded(text: &str, width: usize, side: Side) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.chars().count()));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

/// Rows of cells under each other, two blanks between the columns, none at a line's end.
pub(crate) fn columns(rows: &[Vec<String>], sides: &[Side]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sides.len()).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).zip(sides);
        let cells: Vec<String> =
            cells.map(|((cell, &width), &side)| padded(cell, width, side)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The first `most` characters, the last of them `…` when there are more. Control characters,
/// line breaks among them, become blanks: what a cell shows stays in its cell.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    match text.char_indices().nth(most) {
        None => text.chars().map(clean).collect(),
        Some(_) => {
            let kept = text.chars().take(most.saturating_sub(1)).map(clean);
            kept.chain(['…']).collect()
        }
    }
}
