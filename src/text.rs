//! Text: aligned columns, cut lines, numbers as a person writes them.

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
        // A line of a single cell may run on under the columns beside it.
        let cells =
            rows.iter().filter(|row| row.len() == sides.len()).filter_map(|row| row.get(column));
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
    match text.char_indices().nth(most) {
        None => on_one_line(text),
        Some(_) => {
            let kept: String = text.chars().take(most.saturating_sub(1)).collect();
            format!("{}…", on_one_line(&kept))
        }
    }
}

/// `text` with a blank for each character that ends a line or that XML cannot hold.
fn on_one_line(text: &str) -> String {
    let bad =
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

/// A number as a person would write it: six digits that count, `nan` where there is none.
pub(crate) fn rounded(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    let rounded: f64 = format!("{number:.5e}").parse().unwrap_or(number);
    match rounded.abs() {
        0.0 => "0".into(),
        1e-4..1e15 => rounded.to_string(),
        _ => format!("{rounded:e}"),
    }
}

/// A share of a whole as per cent, with so many digits behind the point.
pub(crate) fn percent(part: usize, whole: usize, digits: usize) -> String {
    match whole {
        0 => "–".into(),
        whole => format!("{:.digits$} %", 100.0 * part as f64 / whole as f64),
    }
}

/// A number of things: `1 row`, `2 rows`, `12,500 rows`.
pub(crate) fn count(number: usize, one: &str, more: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { more })
}

/// A number with a comma between thousands, from 10,000 on.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    if number < 10_000 {
        return digits;
    }
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_rounded() {
        let grouped: Vec<String> =
            [0, 9_999, 10_000, 1_000_000, 9_999_999, 12_345_678_901].map(grouped).into();
        assert_eq!(grouped, ["0", "9999", "10,000", "1,000,000", "9,999,999", "12,345,678,901"]);
        let rounded: Vec<String> =
            [0.1 + 0.2, 2.5, -0.0, 1e-9, 123_456_789.0, 5e300, f64::NAN].map(rounded).into();
        assert_eq!(rounded, ["0.3", "2.5", "0", "1e-9", "123457000", "5e300", "nan"]);
    }

    #[test]
    fn cut_text_keeps_to_its_line() {
        assert_eq!(shortened("a\nb\u{2028}c", 9), "a b c");
        assert_eq!(shortened("日本語の名前", 4), "日本語…");
        assert_eq!(shortened("abc", 3), "abc");
    }
}
