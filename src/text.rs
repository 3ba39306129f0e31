//! Text: aligned columns, cut lines, markup, numbers as a person writes them.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Has errors print as their message with `{:?}`, too, which is what `main`, `unwrap` and a
/// notebook's cell print of them: whoever reads that is told what to do, not how the error is made.
macro_rules! message_as_debug {
    ($($error:ty),+) => {$(
        /// The message.
        impl std::fmt::Debug for $error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }
    )+};
}
pub(crate) use message_as_debug;

/// On which side of its column a cell stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Right,
}

/// How many columns `text` takes in letters of one width: two for a Chinese character or an
/// emoji, none for an accent that stands over the letter before it.
///
/// Source: Unicode Standard Annex #11, East Asian Width.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// `text` with blanks on the other side, up to `most` columns.
///
/// The formatter's own `{:>width$}` counts characters, and panics past 65,535: a name in a file
/// can be that long.
fn padded(text: &str, most: usize, side: Side) -> String {
    let blanks = " ".repeat(most.saturating_sub(width(text)));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

/// Rows of cells under each other, two blanks between the columns, none at a line's end.
pub(crate) fn columns(rows: &[Vec<String>], sides: &[Side]) -> String {
    let widest = |column: usize| {
        // A line of a single cell may run on under the columns beside it.
        let cells =
            rows.iter().filter(|row| row.len() == sides.len()).filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..sides.len()).map(widest).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).zip(sides);
        let cells: Vec<String> =
            cells.map(|((cell, &width), &side)| padded(cell, width, side)).collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Characters for a column, at most: a letter may carry accents, an emoji may be joined from
/// several, but no text that seems short is megabytes long.
const CHARACTERS_A_COLUMN: usize = 4;

/// `text`, or as much of its beginning as fits in `most` columns with a `…` behind it.
pub(crate) fn cut(text: &str, most: usize) -> Cow<'_, str> {
    // No character takes more columns than bytes.
    if text.len() <= most {
        return text.into();
    }
    let past = text.char_indices().nth(most.saturating_mul(CHARACTERS_A_COLUMN));
    let start = past.and_then(|(end, _)| text.get(..end)).unwrap_or(text);
    if past.is_none() && width(text) <= most {
        return text.into();
    }
    let mut columns = 0;
    let fits = |character: &char| {
        columns += character.width().unwrap_or(1);
        columns < most
    };
    let kept: String = start.chars().take_while(fits).collect();
    // What an emoji was to be joined with is cut off.
    format!("{}…", kept.trim_end_matches('\u{200d}')).into()
}

/// [`cut`] to `most` columns, and on one line: control characters, line breaks among them, become
/// blanks, so that what a cell shows stays in its cell.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    on_one_line(&cut(text, most))
}

/// `text` with a blank for each character that ends a line or that XML cannot hold.
fn on_one_line(text: &str) -> String {
    let bad =
        |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if bad(c) { ' ' } else { c }).collect()
}

/// Bytes as two digits each.
#[cfg(feature = "registry")]
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `text` for XML, between tags or in an attribute in double quotes.
pub(crate) fn escaped(text: &str) -> String {
    let mut markup = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            '"' => markup.push_str("&quot;"),
            c => markup.push(c),
        }
    }
    markup
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

/// A share of a whole as per cent, with `digits` digits after the point: see [`share_percent`].
pub(crate) fn percent(part: usize, whole: usize, digits: usize) -> String {
    match whole {
        0 => "–".into(),
        whole => {
            let share = part as f64 / whole as f64;
            // Past 2⁵³ floats no longer tell the two apart.
            let most = if part < whole { 1.0_f64.next_down() } else { f64::INFINITY };
            share_percent(share.min(most), digits)
        }
    }
}

/// A share as per cent, with `digits` digits after the point. It reads 100 % only where it is all,
/// and 0 % only where it is nothing; what would be rounded to them is `> 99.9 %` or `< 0.1 %`.
pub(crate) fn share_percent(share: f64, digits: usize) -> String {
    let words = |percent: f64| format!("{percent:.digits$} %");
    let text = words(100.0 * share);
    let step = 0.1_f64.powi(digits.min(300) as i32);
    if share < 1.0 && text == words(100.0) {
        format!("> {}", words(100.0 - step))
    } else if share > 0.0 && text == words(0.0) {
        format!("< {}", words(step))
    } else {
        text
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
        assert_eq!(shortened("abc", 3), "abc");
    }

    #[test]
    fn text_is_cut_by_columns() {
        for (text, most, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("abcd", 1, "…"),
            ("abcd", 0, "…"),
            ("", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語の名前", 7, "日本語…"),
            ("日本語の名前", 6, "日本…"),
            ("日本語の名前", 4, "日…"),
            // The accent stays on its letter.
            ("e\u{301}e\u{301}", 2, "e\u{301}e\u{301}"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
            // A family is one emoji, and the first of it one that stands alone.
            ("👩\u{200d}👩\u{200d}👦", 2, "👩\u{200d}👩\u{200d}👦"),
            ("👩\u{200d}👩\u{200d}👦 Smith", 4, "👩…"),
            ("👍🏽", 2, "👍🏽"),
        ] {
            assert_eq!(cut(text, most), expected, "{text} in {most} columns");
        }
        let flood = format!("a{}", "\u{301}".repeat(1_000_000));
        assert!(cut(&flood, 40).chars().count() <= 161);
        assert_eq!(cut(&"x".repeat(100_000), 40).len(), 39 + "…".len());
    }

    #[test]
    fn columns_are_aligned_in_every_script() {
        let rows = ["plain", "日本語", "e\u{301}te\u{301}", "😀", "👩\u{200d}🔬"];
        let rows: Vec<Vec<String>> =
            rows.iter().zip(1..).map(|(name, n)| vec![name.to_string(), n.to_string()]).collect();
        assert_eq!(
            columns(&rows, &[Side::Left, Side::Right]),
            "plain   1\n日本語  2\ne\u{301}te\u{301}     3\n😀      4\n👩\u{200d}🔬      5"
        );
        assert_eq!(
            columns(&rows, &[Side::Right, Side::Left]),
            " plain  1\n日本語  2\n   e\u{301}te\u{301}  3\n    😀  4\n    👩\u{200d}🔬  5"
        );
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<a href='b'>&\"c\""), "&lt;a href='b'&gt;&amp;&quot;c&quot;");
    }

    #[test]
    fn shares_and_counts_are_words() {
        for (part, whole, digits, expected) in
            [(1, 3, 1, "33.3 %"), (0, 7, 0, "0 %"), (7, 7, 2, "100.00 %"), (0, 0, 1, "–")]
        {
            assert_eq!(percent(part, whole, digits), expected);
        }
        let nearly_all = [0, 1, 2].map(|digits| percent(200_002, 200_003, digits));
        assert_eq!(nearly_all, ["> 99 %", "> 99.9 %", "> 99.99 %"]);
        let next_to_none = [0, 1, 2].map(|digits| percent(1, 200_003, digits));
        assert_eq!(next_to_none, ["< 1 %", "< 0.1 %", "< 0.01 %"]);
        let most = usize::MAX;
        assert_eq!([most - 1, most].map(|it| percent(it, most, 1)), ["> 99.9 %", "100.0 %"]);
        assert_eq!(share_percent(0.7345, 2), "73.45 %");
        assert_eq!(count(1, "row", "rows"), "1 row");
        assert_eq!(count(0, "row", "rows"), "0 rows");
        assert_eq!(count(12_500, "row", "rows"), "12,500 rows");
    }
}
