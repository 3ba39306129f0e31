//! The start of a file: what stands before the first record, and what separates the fields.

use std::io::{self, Read};
use std::path::Path;

use super::csv_options::Header;
use super::{CsvOptions, Error};

/// How much of a file is looked at before it is read.
const AHEAD: usize = 1 << 16;

/// A file whose first bytes were looked at, and whose lines end with a line feed whether they end
/// with carriage returns or not.
pub(super) struct Source<R> {
    input: R,
    /// What was read to be looked at, and how much of it is given away.
    ahead: Vec<u8>,
    given: usize,
    /// Whether lines end with a carriage return alone.
    returns: bool,
}

/// How the records behind the start of a file are written.
pub(super) struct Start {
    /// The byte between two fields.
    pub(super) delimiter: u8,
    /// How many lines were left out.
    pub(super) lines: u64,
}

impl<R: Read> Source<R> {
    /// Reads up to the first record; no line may be longer than `longest`.
    pub(super) fn open(
        input: R,
        path: &Path,
        options: &CsvOptions,
        longest: usize,
    ) -> Result<(Self, Start), Error> {
        let mut source = Source { input, ahead: Vec::new(), given: 0, returns: false };
        let read = |source: io::Error| Error::Read { path: path.into(), source };
        source.fill().map_err(read)?;
        if let Some(encoding) = other_encoding(&source.ahead) {
            return Err(Error::Encoding { path: path.into(), encoding });
        }
        source.give(if source.ahead.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 });
        source.returns = returns(&source.ahead);
        let mut lines = 0;
        for _ in 0..options.skiprows {
            match source.skip_line(longest) {
                Ok(true) => lines += 1,
                Ok(false) => break,
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    let (path, line) = (path.into(), lines + 1);
                    return Err(Error::LongRecord { path, line, limit: longest });
                }
                Err(error) => return Err(read(error)),
            }
        }
        source.fill().map_err(read)?;
        let hint = sep_line(source.unread());
        if let Some((_, length)) = hint {
            source.give(length);
            source.fill().map_err(read)?;
            lines += 1;
        }
        let delimiter = match (options.sep, hint) {
            (Some(sep), _) => one_byte("sep", sep)?,
            (None, Some((sep, _))) => sep,
            (None, None) => separator(source.unread(), options),
        };
        if options.decimal == char::from(delimiter) || options.thousands == Some(options.decimal) {
            let problem = match options.thousands == Some(options.decimal) {
                true => "it also groups digits".to_owned(),
                false => format!(
                    "{:?} separates the fields too; name the character that does with \
                     `CsvOptions::sep`",
                    options.decimal
                ),
            };
            return Err(Error::Option { option: "decimal", problem });
        }
        Ok((source, Start { delimiter, lines }))
    }

    fn unread(&self) -> &[u8] {
        self.ahead.get(self.given..).unwrap_or_default()
    }

    fn give(&mut self, bytes: usize) {
        self.given = (self.given + bytes).min(self.ahead.len());
    }

    /// Reads until there is enough to look at, or the file ends.
    fn fill(&mut self) -> io::Result<()> {
        self.ahead.drain(..self.given);
        self.given = 0;
        let missing = AHEAD.saturating_sub(self.ahead.len());
        let start = self.ahead.len();
        self.input.by_ref().take(missing as u64).read_to_end(&mut self.ahead)?;
        if self.returns {
            line_feeds(self.ahead.get_mut(start..).unwrap_or_default());
        }
        Ok(())
    }

    /// Leaves a line out; `false` at the end of the file.
    fn skip_line(&mut self, longest: usize) -> io::Result<bool> {
        let mut length = 0;
        loop {
            let line = self
                .unread()
                .iter()
                .position(|&byte| byte == b'\n' || (self.returns && byte == b'\r'));
            match line {
                Some(end) => {
                    self.give(end + 1);
                    return Ok(true);
                }
                None if self.unread().is_empty() => return Ok(length > 0),
                None => {
                    length += self.unread().len();
                    if length > longest {
                        return Err(io::ErrorKind::FileTooLarge.into());
                    }
                    self.give(self.ahead.len());
                    self.fill()?;
                }
            }
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let unread = self.ahead.get(self.given..).unwrap_or_default();
        if unread.is_empty() {
            if self.given > 0 {
                (self.ahead, self.given) = (Vec::new(), 0);
            }
            let count = self.input.read(buffer)?;
            if self.returns {
                line_feeds(buffer.get_mut(..count).unwrap_or_default());
            }
            return Ok(count);
        }
        let count = unread.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), unread.get(..count)) {
            to.copy_from_slice(from);
        }
        if self.returns {
            line_feeds(buffer.get_mut(..count).unwrap_or_default());
        }
        self.given += count;
        Ok(count)
    }
}

fn line_feeds(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|byte| **byte == b'\r') {
        *byte = b'\n';
    }
}

/// Whether lines end with a carriage return alone: the first one does, outside of quotes. One that
/// comes last may be followed by a line feed that was not read.
fn returns(ahead: &[u8]) -> bool {
    let mut quoted = false;
    for (place, &byte) in ahead.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' => return false,
            b'\r' => {
                let next = ahead.get(place + 1);
                return next.map_or(ahead.len() < AHEAD, |&next| next != b'\n');
            }
            _ => {}
        }
    }
    false
}

/// The encoding of a text that is none of UTF-8, if its first bytes tell.
fn other_encoding(ahead: &[u8]) -> Option<&'static str> {
    match ahead {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [1..=255, 0, 1..=255, 0, ..] | [0, 1..=255, 0, 1..=255, ..] => Some("UTF-16"),
        _ => None,
    }
}

/// The separator that a line such as `sep=;` names, and the length of the line.
fn sep_line(ahead: &[u8]) -> Option<(u8, usize)> {
    let end = ahead.iter().position(|&byte| byte == b'\n' || byte == b'\r').unwrap_or(ahead.len());
    let line = ahead.get(..end)?;
    let line = match line {
        [b'"', inside @ .., b'"'] => inside,
        line => line,
    };
    let (name, sep) = line.split_at_checked(4)?;
    let [sep] = *sep else { return None };
    if !name.eq_ignore_ascii_case(b"sep=") || sep == b'"' {
        return None;
    }
    let ending = match ahead.get(end..) {
        Some([b'\r', b'\n', ..]) => 2,
        Some([_, ..]) => 1,
        _ => 0,
    };
    Some((sep, end + ending))
}

/// The byte that a character is.
pub(super) fn one_byte(option: &'static str, character: char) -> Result<u8, Error> {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(byte),
        _ => {
            let problem =
                format!("{character:?} cannot be one; it must be a single ASCII character");
            Err(Error::Option { option, problem })
        }
    }
}

/// The separator of a first line that names none: a comma where there is one, else what there is.
fn separator(ahead: &[u8], options: &CsvOptions) -> u8 {
    let (mut quoted, mut commas, mut others) = (false, 0, [(b';', 0), (b'\t', 0), (b'|', 0)]);
    let comment = options.comment.and_then(|comment| u8::try_from(comment).ok());
    let lines = ahead.split_inclusive(|&byte| byte == b'\n' || byte == b'\r');
    let is_blank = |line: &&[u8]| {
        (line.trim_ascii().is_empty() && !line.contains(&b'\t'))
            || (comment.is_some() && line.first().copied() == comment)
    };
    let before = match options.header {
        Header::Row(row) => row,
        Header::Infer | Header::None => 0,
    };
    let lines: Vec<&[u8]> = lines.collect();
    let mut written = lines.iter().enumerate().filter(|(_, line)| !is_blank(line));
    let start = written.nth(before).map_or(0, |(start, _)| start);
    for &byte in lines.iter().skip(start).copied().flatten() {
        match byte {
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'\n' | b'\r' => break,
            byte if Some(byte) == comment => break,
            b',' => commas += 1,
            byte => {
                if let Some((_, count)) = others.iter_mut().find(|(other, _)| *other == byte) {
                    *count += 1;
                }
            }
        }
    }
    let mut found = others.iter().filter(|(_, count)| *count > 0);
    let only = match (found.next(), found.next()) {
        (Some((other, _)), None) => Some(*other),
        _ => None,
    };
    match (options.decimal, only) {
        (',', other) => other.unwrap_or(b';'),
        (_, Some(other)) if commas == 0 => other,
        _ => b',',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is read behind the start, the separator, and how many lines were left out.
    fn opened(content: &[u8], options: &CsvOptions) -> Result<(String, char, u64), String> {
        let opened = Source::open(content, Path::new("rows.csv"), options, 100);
        let (mut source, start) = opened.map_err(|error| error.to_string())?;
        let mut text = String::new();
        source.read_to_string(&mut text).map_err(|error| error.to_string())?;
        Ok((text, start.delimiter.into(), start.lines))
    }

    #[test]
    fn the_header_says_what_separates_where_it_leaves_no_doubt() {
        for (content, expected) in [
            ("a,b\n1;2", ','),
            ("a;b\n1,2", ';'),
            ("a\tb\n", '\t'),
            ("\n \na|b|c\n", '|'),
            ("a,b;c\n", ','),
            ("a;b|c\n", ','),
            ("\"a;b\",c\n", ','),
            ("\"a,b\";c\n", ';'),
            ("\"a\nb\";c\n", ';'),
            ("a\n1;2\n", ','),
            ("", ','),
        ] {
            let found = opened(content.as_bytes(), &CsvOptions::new()).expect("text");
            assert_eq!(found, (content.to_owned(), expected, 0), "{content:?}");
        }
        let decimal = CsvOptions::new().decimal(',');
        for (content, expected) in [("1,5;2,5\n", ';'), ("1,5\n", ';'), ("1,5\t2\n", '\t')] {
            assert_eq!(opened(content.as_bytes(), &decimal).expect("text").1, expected);
        }
        let second = CsvOptions::new().header(Some(1));
        assert_eq!(opened(b"a, b\n\na;b\n1,5;2\n", &second).expect("text").1, ';');
        let given = CsvOptions::new().sep('|');
        assert_eq!(opened(b"a;b\n", &given).expect("text").1, '|');
        assert!(opened(b"a,b\n", &CsvOptions::new().decimal(',').sep(',')).is_err());
        assert!(opened(b"a,b\n", &CsvOptions::new().sep('→')).is_err());
    }

    #[test]
    fn what_stands_before_the_header_is_left_out() {
        let usual = CsvOptions::new();
        for (content, rest, separator, lines) in [
            ("sep=;\na,b;c\n", "a,b;c\n", ';', 1),
            ("\u{feff}SEP=|\r\na\n", "a\n", '|', 1),
            ("\"sep=,\"\na;b\n", "a;b\n", ',', 1),
            ("sep=;", "", ';', 1),
            ("sep=;;\n", "sep=;;\n", ';', 0),
            ("\u{feff}a;b\n", "a;b\n", ';', 0),
            ("a;b\r1;2\r", "a;b\n1;2\n", ';', 0),
            ("a;b\r\n1;2\r", "a;b\r\n1;2\r", ';', 0),
            ("\"a\n\";b\r1;2\r", "\"a\n\";b\n1;2\n", ';', 0),
        ] {
            let found = opened(content.as_bytes(), &usual).expect("text");
            assert_eq!(found, (rest.to_owned(), separator, lines), "{content:?}");
        }
        let two = CsvOptions::new().skiprows(2);
        for (content, rest, lines) in [
            ("x,\n\na;b\n1;2", "a;b\n1;2", 2),
            ("x\r\ry;z\r", "y;z\n", 2),
            ("x\ny", "", 2),
            ("x", "", 1),
            ("", "", 0),
        ] {
            let found = opened(content.as_bytes(), &two).expect("text");
            assert_eq!((found.0.as_str(), found.2), (rest, lines), "{content:?}");
        }
        let long = "x".repeat(200_000);
        let refused = opened(long.as_bytes(), &two).expect_err("too long");
        assert!(refused.contains("line 1: the record that starts here"), "{refused}");
    }

    #[test]
    fn another_encoding_is_named() {
        let utf16: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}a,b".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [utf16.clone(), [vec![0xff, 0xfe], utf16].concat(), big] {
            let problem = opened(&bytes, &CsvOptions::new()).expect_err("refused");
            assert!(problem.contains("UTF-16"), "{problem}");
        }
        assert!(opened(b"\xff\xfe\0\0a\0\0\0", &CsvOptions::new()).is_err());
        assert!(
            opened(b"a\xff,b\n", &CsvOptions::new())
                .is_err_and(|why| !why.contains("UTF-") || why.contains("valid"))
        );
    }
}
