//! Text as pickles hold it.

use std::borrow::Cow;

/// Text of Python: UTF-8, but for lone surrogates, which Python's strings may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Text<'a> {
    Utf8(Cow<'a, str>),
    /// UTF-8 in which surrogates are encoded like other characters (Python's `surrogatepass`).
    Surrogates(Cow<'a, [u8]>),
}

impl<'a> Text<'a> {
    #[inline]
    pub fn from_bytes(bytes: &'a [u8]) -> Option<Text<'a>> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(Text::Utf8(Cow::Borrowed(text))),
            Err(_) if is_utf8_with_surrogates(bytes) => {
                Some(Text::Surrogates(Cow::Borrowed(bytes)))
            }
            Err(_) => None,
        }
    }

    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        match self {
            Text::Utf8(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
            Text::Utf8(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
            Text::Surrogates(bytes) => bytes,
        }
    }

    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Text::Utf8(text) => text.as_bytes(),
            Text::Surrogates(bytes) => bytes,
        }
    }
}

/// Whether bytes are text that Python accepts: UTF-8, surrogates included.
#[inline]
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    // Protocol 2 has the bytes of an array as text in Latin-1, which is looked at many at a time.
    let is_long = bytes.len() >= BLOCK;
    (is_long && is_latin_1(bytes))
        || std::str::from_utf8(bytes).is_ok()
        || is_utf8_with_surrogates(bytes)
}

/// How many bytes are looked at before it is asked whether to go on.
const BLOCK: usize = 4096;

/// Whether bytes are UTF-8 of characters up to U+00FF: a continuation stands behind each 0xc2 and 0xc3,
/// and nowhere else, and all other bytes are ASCII.
fn is_latin_1(bytes: &[u8]) -> bool {
    let is_lead = |byte: u8| byte & 0xfe == 0xc2;
    let is_wrong = |before: u8, byte: u8| {
        let follows = (byte & 0xc0 == 0x80) == is_lead(before);
        !follows | (byte & 0xfe == 0xc0) | (byte >= 0xc4)
    };
    let mut last = 0;
    for block in bytes.chunks(BLOCK) {
        let first = block.first().is_some_and(|&byte| is_wrong(last, byte));
        let pairs = block.iter().zip(block.get(1..).unwrap_or_default());
        let wrong =
            pairs.fold(0, |wrong, (&before, &byte)| wrong | u8::from(is_wrong(before, byte)));
        if first || wrong != 0 {
            return false;
        }
        last = block.last().copied().unwrap_or(0);
    }
    !is_lead(last)
}

/// How many bytes at the end of a piece of UTF-8 belong to a character that goes on in the next piece.
pub(crate) fn cut_short(piece: &[u8]) -> usize {
    let width = |byte: u8| match byte {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
        _ => 1,
    };
    let last = piece.iter().rev().take(3).position(|byte| byte & 0xc0 != 0x80);
    match last.and_then(|place| Some((place + 1, *piece.iter().rev().nth(place)?))) {
        Some((length, lead)) if width(lead) > length => length,
        _ => 0,
    }
}

#[cold]
fn is_utf8_with_surrogates(mut bytes: &[u8]) -> bool {
    loop {
        match std::str::from_utf8(bytes) {
            Ok(_) => return true,
            Err(error) => match bytes.get(error.valid_up_to()..) {
                Some([0xed, 0xa0..=0xbf, 0x80..=0xbf, rest @ ..]) => bytes = rest,
                _ => return false,
            },
        }
    }
}

/// The characters of text with surrogates: each a character or a lone surrogate.
pub(crate) fn scalars(mut bytes: &[u8]) -> impl Iterator<Item = Result<char, u16>> + Clone {
    let mut valid: std::str::Chars<'_> = "".chars();
    std::iter::from_fn(move || {
        loop {
            if let Some(character) = valid.next() {
                return Some(Ok(character));
            }
            let good = match std::str::from_utf8(bytes) {
                Ok(text) => text.len(),
                Err(error) => error.valid_up_to(),
            };
            if good > 0 {
                let (text, rest) = bytes.split_at(good);
                valid = std::str::from_utf8(text).unwrap_or_default().chars();
                bytes = rest;
                continue;
            }
            match bytes {
                [0xed, second, third, rest @ ..] => {
                    bytes = rest;
                    let high = 0xd000 | u16::from(second & 0x3f) << 6;
                    return Some(Err(high | u16::from(third & 0x3f)));
                }
                _ => return None,
            }
        }
    })
}

/// Adds a character, or a surrogate, to text; `false` if it is neither.
pub(crate) fn push_scalar(bytes: &mut Vec<u8>, scalar: u32) -> bool {
    match char::from_u32(scalar) {
        Some(character) => {
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            true
        }
        None if (0xd800..0xe000).contains(&scalar) => {
            bytes.extend_from_slice(&[
                0xe0 | (scalar >> 12) as u8,
                0x80 | (scalar >> 6 & 0x3f) as u8,
                0x80 | (scalar & 0x3f) as u8,
            ]);
            true
        }
        None => false,
    }
}

/// The line of a UNICODE opcode: Latin-1 with `\uXXXX` and `\UXXXXXXXX` (Python's
/// `raw-unicode-escape`).
pub(crate) fn unicode_line(line: &[u8]) -> Result<Text<'_>, &'static str> {
    if line.is_ascii() && !line.contains(&b'\\') {
        return Ok(Text::Utf8(String::from_utf8_lossy(line)));
    }
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            push_scalar(&mut bytes, u32::from(*first));
            continue;
        }
        let length = match after.first() {
            Some(b'u') => 4,
            Some(b'U') => 8,
            other => {
                // The backslash and what follows stand for themselves, also a second backslash.
                bytes.push(b'\\');
                if let Some(&other) = other {
                    push_scalar(&mut bytes, u32::from(other));
                    rest = after.get(1..).unwrap_or_default();
                }
                continue;
            }
        };
        let digits = after.get(1..=length).ok_or("an escape in the text is cut short")?;
        let scalar = hexadecimal(digits).ok_or("an escape in the text is not hexadecimal")?;
        if !push_scalar(&mut bytes, scalar) {
            return Err("an escape in the text names no character");
        }
        rest = after.get(1 + length..).unwrap_or_default();
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Text::Utf8(Cow::Owned(text)),
        Err(error) => Text::Surrogates(Cow::Owned(error.into_bytes())),
    })
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0u32, |sum, &digit| Some(sum.checked_mul(16)? + char::from(digit).to_digit(16)?))
}

/// The line of a STRING opcode: a quoted string of Python 2 with its escapes.
pub(crate) fn string_line(line: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    let quoted = match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return Err("the string is not in quotes"),
    };
    unescaped(quoted)
}

/// Bytes with the escapes of a string of Python 2 (Python's `codecs.escape_decode`).
pub(crate) fn unescaped(quoted: &[u8]) -> Result<Cow<'_, [u8]>, &'static str> {
    if !quoted.contains(&b'\\') {
        return Ok(Cow::Borrowed(quoted));
    }
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let Some((&escape, after)) = after.split_first() else {
            return Err("a backslash ends the string");
        };
        rest = after;
        match escape {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => bytes.push(escape),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b't' => bytes.push(b'\t'),
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b'v' => bytes.push(11),
            b'a' => bytes.push(7),
            b'0'..=b'7' => {
                let mut value = u32::from(escape - b'0');
                for _ in 0..2 {
                    match rest {
                        [digit @ b'0'..=b'7', after @ ..] => {
                            value = value * 8 + u32::from(digit - b'0');
                            rest = after;
                        }
                        _ => break,
                    }
                }
                bytes.push(value as u8);
            }
            b'x' => {
                let value = rest.get(..2).and_then(hexadecimal);
                bytes.push(value.ok_or("\\x in the string needs two hexadecimal digits")? as u8);
                rest = rest.get(2..).unwrap_or_default();
            }
            other => bytes.extend_from_slice(&[b'\\', other]),
        }
    }
    Ok(Cow::Owned(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The quick way agrees with the standard library's, wherever in a block something is wrong.
    #[test]
    fn a_character_that_goes_on_in_the_next_piece_is_counted() {
        for text in ["a", "é", "€", "🥒", "aé", "é€🥒"] {
            for end in 0..=text.len() {
                let piece = &text.as_bytes()[..end];
                let whole = piece.len() - cut_short(piece);
                assert_eq!(whole, text.floor_char_boundary(end), "{piece:x?}");
            }
        }
        assert_eq!(cut_short(b"\x80\x80\x80\x80"), 0);
    }

    #[test]
    fn long_texts_are_told_from_what_is_no_text() {
        let good = "aé\u{80}ÿ".repeat(2000).into_bytes();
        assert!(is_latin_1(&good) && is_text(&good));
        for place in (0..40).chain(BLOCK - 20..BLOCK + 20).chain(good.len() - 20..good.len()) {
            for byte in 0..=255 {
                let mut bytes = good.clone();
                bytes[place] = byte;
                let text = std::str::from_utf8(&bytes);
                let expected = text.is_ok_and(|text| text.chars().all(|c| u32::from(c) < 0x100));
                assert_eq!(is_latin_1(&bytes), expected, "{byte:#x} at {place}");
                assert_eq!(is_text(&bytes), text.is_ok(), "{byte:#x} at {place}");
            }
            assert_eq!(is_latin_1(&good[..place]), std::str::from_utf8(&good[..place]).is_ok());
        }
        let surrogates = [good.as_slice(), b"\xed\xa0\x80"].concat();
        assert!(!is_latin_1(&surrogates) && is_text(&surrogates));
        assert!(is_text("犬".repeat(4000).as_bytes()));
    }
}
