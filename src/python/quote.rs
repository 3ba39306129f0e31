//! Text, bytes and complex numbers as Python's `repr` writes them.

use std::fmt::{self, Write};

use super::float::float_repr;

/// A float as it stands within a complex number: without ".0".
pub(crate) fn write_complex(out: &mut impl Write, real: f64, imaginary: f64) -> fmt::Result {
    let part = |number| {
        let text = float_repr(number);
        text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
    };
    let sign = if imaginary.is_nan() || imaginary.is_sign_positive() { "+" } else { "" };
    if real == 0.0 && real.is_sign_positive() {
        return write!(out, "{}j", part(imaginary));
    }
    write!(out, "({}{sign}{}j)", part(real), part(imaginary))
}

pub(crate) fn write_bytes(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    write_quoted(out, bytes, quote, quote)
}

pub(crate) fn write_bytearray(out: &mut impl Write, bytes: &[u8]) -> fmt::Result {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') { '"' } else { '\'' };
    out.write_str("bytearray(")?;
    // Python escapes the single quote in any case here.
    write_quoted(out, bytes, quote, '\'')?;
    out.write_str(")")
}

fn write_quoted(out: &mut impl Write, bytes: &[u8], quote: char, escaped: char) -> fmt::Result {
    write!(out, "b{quote}")?;
    for &byte in bytes {
        match byte {
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            _ if char::from(byte) == escaped => write!(out, "\\{escaped}")?,
            b' '..=b'~' => out.write_char(char::from(byte))?,
            _ => write!(out, "\\x{byte:02x}")?,
        }
    }
    out.write_char(quote)
}

/// A text, in quotes and escaped as `repr` does.
pub(crate) fn text_repr(text: &str) -> String {
    let mut repr = String::with_capacity(text.len() + 2);
    // A String takes all that is written.
    let _ = write_text(&mut repr, text.chars().map(Ok));
    repr
}

/// Characters and lone surrogates, in quotes and escaped as `repr` does.
pub(crate) fn write_text(
    out: &mut impl Write,
    characters: impl Iterator<Item = Result<char, u16>> + Clone,
) -> fmt::Result {
    let mut single = false;
    let mut double = false;
    for character in characters.clone() {
        single |= character == Ok('\'');
        double |= character == Ok('"');
    }
    let quote = if single && !double { '"' } else { '\'' };
    out.write_char(quote)?;
    for character in characters {
        match character {
            Ok(it) if it == quote => write!(out, "\\{quote}")?,
            other => write_character(out, other)?,
        }
    }
    out.write_char(quote)
}

/// A name that comes from a pickle, and may be any text: escaped as within quotes, but without them.
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| write_character(f, Ok(character)))
    }
}

pub(crate) fn write_character(out: &mut impl Write, character: Result<char, u16>) -> fmt::Result {
    match character {
        Err(surrogate) => write!(out, "\\u{surrogate:04x}"),
        Ok('\\') => out.write_str("\\\\"),
        Ok('\n') => out.write_str("\\n"),
        Ok('\r') => out.write_str("\\r"),
        Ok('\t') => out.write_str("\\t"),
        Ok(it @ ' '..='~') => out.write_char(it),
        Ok(it) if u32::from(it) > 0x7f && is_printable(it) => out.write_char(it),
        Ok(it) => match u32::from(it) {
            code @ ..0x100 => write!(out, "\\x{code:02x}"),
            code @ ..0x10000 => write!(out, "\\u{code:04x}"),
            code => write!(out, "\\U{code:08x}"),
        },
    }
}

/// Whether Python's `str.isprintable` holds. Rust keeps the same table for `{:?}`: everything but
/// the categories Other and Separator. A character that joins the one before it is escaped there
/// only at the beginning of a string, hence the `a`.
fn is_printable(character: char) -> bool {
    let mut bytes = [b'a', 0, 0, 0, 0];
    let Some(place) = bytes.get_mut(1..) else { return false };
    let length = character.encode_utf8(place).len();
    match bytes.get(..=length).map(std::str::from_utf8) {
        Some(Ok(text)) => text.escape_debug().nth(1) == Some(character),
        _ => false,
    }
}

/// What CPython 3.11 prints.
#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
        let mut text = String::new();
        write(&mut text).expect("written");
        text
    }

    #[test]
    fn texts_are_quoted_and_escaped() {
        for (text, expected) in [
            ("", "''"),
            ("a'b", "\"a'b\""),
            ("a\"b", "'a\"b'"),
            ("a'\"b", r#"'a\'"b'"#),
            ("\\", r"'\\'"),
            ("\n\r\t\0\x1b\x7f", r"'\n\r\t\x00\x1b\x7f'"),
            ("\u{85}\u{a0}\u{ad}é", r"'\x85\xa0\xadé'"),
            ("日本語 😀", "'日本語 😀'"),
            ("\u{2028}\u{200b}\u{3000}\u{e000}", r"'\u2028\u200b\u3000\ue000'"),
            ("\u{301}e\u{301}", "'\u{301}e\u{301}'"),
            ("\u{e0001}\u{10ffff}", r"'\U000e0001\U0010ffff'"),
        ] {
            assert_eq!(text_repr(text), expected, "{text:?}");
        }
        let lone = [Ok('a'), Err(0xd800)];
        assert_eq!(written(|out| write_text(out, lone.into_iter())), r"'a\ud800'");
        assert_eq!(Name("a'b\n").to_string(), r"a'b\n");
    }

    #[test]
    fn bytes_are_quoted_and_escaped() {
        let cases: [(&[u8], &str, &str); 5] = [
            (b"", "b''", "bytearray(b'')"),
            (b"a'b", "b\"a'b\"", r#"bytearray(b"a\'b")"#),
            (b"a\"b", "b'a\"b'", "bytearray(b'a\"b')"),
            (b"'\"", r#"b'\'"'"#, r#"bytearray(b'\'"')"#),
            (
                b"\\\n\r\t\0 ~\x7f\xff",
                r"b'\\\n\r\t\x00 ~\x7f\xff'",
                r"bytearray(b'\\\n\r\t\x00 ~\x7f\xff')",
            ),
        ];
        for (bytes, expected, expected_array) in cases {
            assert_eq!(written(|out| write_bytes(out, bytes)), expected);
            assert_eq!(written(|out| write_bytearray(out, bytes)), expected_array);
        }
    }

    #[test]
    fn complex_numbers_leave_out_what_is_zero() {
        for (real, imaginary, expected) in [
            (0.0, 0.0, "0j"),
            (0.0, 1.0, "1j"),
            (-0.0, -1.0, "(-0-1j)"),
            (0.0, -0.0, "-0j"),
            (-0.0, 0.0, "(-0+0j)"),
            (1.0, 2.0, "(1+2j)"),
            (1.5, -2e16, "(1.5-2e+16j)"),
            (f64::NAN, f64::INFINITY, "(nan+infj)"),
            (1.0, f64::NEG_INFINITY, "(1-infj)"),
            (0.0, f64::NAN, "nanj"),
        ] {
            assert_eq!(written(|out| write_complex(out, real, imaginary)), expected);
        }
    }
}
