//! Text whose comments are cut off, and whose blanks become one separator: what the csv crate does not
//! do, done before it.

/// Rewrites the bytes of a file, a piece at a time, as they would be without comments, and with one
/// blank wherever blanks separate. Lines stay lines, so that their numbers do.
pub(super) struct Plain {
    delimiter: u8,
    comment: Option<u8>,
    /// Whether blanks and tabs, however many, separate two fields.
    whitespace: bool,
    place: Place,
    /// Whether a field comes before, in this line.
    any: bool,
}

#[derive(PartialEq, Clone, Copy)]
enum Place {
    FieldStart,
    Field,
    Quoted,
    BehindQuote,
    Comment,
}

impl Plain {
    /// Nothing, where a file is read as it is.
    pub(super) fn new(delimiter: u8, comment: Option<u8>, whitespace: bool) -> Option<Plain> {
        let (place, any) = (Place::FieldStart, false);
        (comment.is_some() || whitespace).then_some(Plain {
            delimiter,
            comment,
            whitespace,
            place,
            any,
        })
    }

    /// Writes what is kept to the start of the bytes, and says how much that is.
    pub(super) fn rewrite(&mut self, bytes: &mut [u8]) -> usize {
        let mut kept = 0;
        for at in 0..bytes.len() {
            let Some(&byte) = bytes.get(at) else { break };
            let Some(byte) = self.kept(byte) else { continue };
            if let Some(to) = bytes.get_mut(kept) {
                *to = byte;
                kept += 1;
            }
        }
        kept
    }

    /// What becomes of the next byte.
    fn kept(&mut self, byte: u8) -> Option<u8> {
        let is_blank = self.whitespace && matches!(byte, b' ' | b'\t' | b'\r');
        self.place = match self.place {
            Place::Quoted if byte == b'"' => Place::BehindQuote,
            Place::Quoted => Place::Quoted,
            _ if byte == b'\n' => {
                self.any = false;
                Place::FieldStart
            }
            Place::Comment => return None,
            _ if Some(byte) == self.comment => {
                self.place = Place::Comment;
                return None;
            }
            // Blanks at the end of a line leave a separator behind the last field, as tables may.
            Place::FieldStart if is_blank => return None,
            _ if is_blank => {
                self.place = Place::FieldStart;
                return self.any.then_some(self.delimiter);
            }
            Place::FieldStart | Place::BehindQuote if byte == b'"' => Place::Quoted,
            _ if byte == self.delimiter => Place::FieldStart,
            _ => Place::Field,
        };
        self.any |= byte != b'\n';
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text rewritten in pieces of so many bytes.
    fn rewritten(text: &str, comment: Option<u8>, whitespace: bool, piece: usize) -> String {
        let delimiter = if whitespace { b' ' } else { b',' };
        let mut plain = Plain::new(delimiter, comment, whitespace).expect("something to do");
        let mut kept = Vec::new();
        for piece in text.as_bytes().chunks(piece) {
            let mut piece = piece.to_vec();
            let count = plain.rewrite(&mut piece);
            kept.extend_from_slice(&piece[..count]);
        }
        String::from_utf8(kept).expect("UTF-8")
    }

    #[test]
    fn comments_go_and_lines_stay() {
        for (text, expected) in [
            ("a,b # x\n#y\n1,\"2#3\"#4\n", "a,b \n\n1,\"2#3\"\n"),
            ("a\n\"1\"\"#\",2#\r\n3", "a\n\"1\"\"#\",2\n3"),
            ("5\" pipe,2#3\n4#\"\n5", "5\" pipe,2\n4\n5"),
        ] {
            for piece in [1, 2, 3, 100] {
                assert_eq!(rewritten(text, Some(b'#'), false, piece), expected, "{piece}");
            }
        }
    }

    #[test]
    fn blanks_are_one_separator() {
        for (text, expected) in [
            ("  a \t b\n 1   \"2  3\"  \r\n\n", "a b\n1 \"2  3\" \n\n"),
            ("\"a\" \"b\"\n\"1\" 5 6\n", "\"a\" \"b\"\n\"1\" 5 6\n"),
        ] {
            for piece in [1, 2, 3, 100] {
                assert_eq!(rewritten(text, None, true, piece), expected, "{piece}");
            }
        }
    }
}
