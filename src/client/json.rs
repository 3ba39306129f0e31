//! JSON, read and written: RFC 8259.

use std::fmt::{self, Write};
use std::ops::Index;

use super::Error;
use crate::data::Features;
use crate::text::shortened;

/// How deep lists and objects may lie in each other, and how many values there may be.
const DEEPEST: usize = 64;
const MOST_VALUES: usize = 1 << 20;

/// How much is shown where a value is printed for programmers, in columns of text.
const SHOWN: usize = 80;

/// A value of JSON.
///
/// `[…]` goes into it, and gives null where there is nothing:
///
/// ```
/// use picklebook::client::Json;
///
/// let answer = Json::read(br#"{"predictions": ["spam"], "probabilities": [{"ham": 0.25, "spam": 0.75}]}"#)?;
/// assert_eq!(answer["predictions"][0].as_str(), Some("spam"));
/// assert_eq!(answer["probabilities"][0]["spam"].as_f64(), Some(0.75));
/// assert_eq!(answer["probabilities"][0].to_string(), r#"{"ham": 0.25, "spam": 0.75}"#);
/// assert!(answer["error"].is_null());
/// # Ok::<(), picklebook::client::Error>(())
/// ```
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object: names with their values, in the order in which they were written.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a value, which must be all that there is.
    ///
    /// # Errors
    /// [`Error::Json`] for what is no JSON, is deeper than 64 lists and objects in each other, or has more
    /// than 1,048,576 values.
    pub fn read(bytes: &[u8]) -> Result<Json, Error> {
        let text = str::from_utf8(bytes).map_err(|error| Error::Json {
            byte: error.valid_up_to(),
            problem: "this is no text in UTF-8".to_owned(),
        })?;
        let mut reader = Reader { text, at: 0, values: 0 };
        reader.blanks();
        let value = reader.value(0)?;
        reader.blanks();
        match reader.at == text.len() {
            true => Ok(value),
            false => Err(reader.wrong("something follows the value")),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        *self == Json::Null
    }

    /// The value of `true` and `false`.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, rounded to the nearest 64-bit float.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Json::Number(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The items of a list; of anything else there are none.
    pub fn items(&self) -> &[Json] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// The names of an object with their values; of anything else there are none.
    pub fn entries(&self) -> &[(String, Json)] {
        match self {
            Json::Object(entries) => entries,
            _ => &[],
        }
    }

    /// The value of a name: of the last one, if there are several.
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.entries().iter().rev().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// What is given where there is nothing.
static NULL: Json = Json::Null;

impl Index<&str> for Json {
    type Output = Json;

    /// The value of a name; null where there is none.
    fn index(&self, name: &str) -> &Json {
        self.get(name).unwrap_or(&NULL)
    }
}

impl Index<usize> for Json {
    type Output = Json;

    /// An item of a list, counted from 0; null where there is none.
    fn index(&self, place: usize) -> &Json {
        self.items().get(place).unwrap_or(&NULL)
    }
}

impl fmt::Display for Json {
    /// As Python's `json.dumps` writes it, on one line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(value) => write!(f, "{value}"),
            Json::Number(digits) => f.write_str(digits),
            Json::Text(text) => write_text(f, text),
            Json::List(items) => {
                f.write_char('[')?;
                for (place, item) in items.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { ", " })?;
                    item.fmt(f)?;
                }
                f.write_char(']')
            }
            Json::Object(entries) => {
                f.write_char('{')?;
                for (place, (name, value)) in entries.iter().enumerate() {
                    f.write_str(if place == 0 { "" } else { ", " })?;
                    write_text(f, name)?;
                    f.write_str(": ")?;
                    value.fmt(f)?;
                }
                f.write_char('}')
            }
        }
    }
}

/// One short line.
impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Json({})", shortened(&self.to_string(), SHOWN))
    }
}

/// A text in quotes.
fn write_text(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => out.write_str("\\\"")?,
            '\\' => out.write_str("\\\\")?,
            '\n' => out.write_str("\\n")?,
            '\r' => out.write_str("\\r")?,
            '\t' => out.write_str("\\t")?,
            c if c.is_control() => write!(out, "\\u{:04x}", u32::from(c))?,
            c => out.write_char(c)?,
        }
    }
    out.write_char('"')
}

/// Rows as the server takes them: an object by the names of the columns for each, or a list of numbers
/// where the columns have no names. A missing value (NaN) is null.
///
/// # Errors
/// [`Error::Number`] for an infinite number, which JSON has not.
///
/// ```
/// use picklebook::client::json_rows;
/// use picklebook::data::spam_features;
///
/// assert_eq!(json_rows(&[[1.0, 0.5]])?, "[[1.0,0.5]]");
/// assert!(json_rows(&spam_features("free"))?.contains(r#""word_freq_free":100.0,"#));
/// # Ok::<(), picklebook::client::Error>(())
/// ```
pub fn json_rows<'a>(rows: impl Into<Features<'a>>) -> Result<String, Error> {
    let rows = rows.into();
    let names: Option<Vec<String>> = rows.names().map(|names| {
        let quoted = |name: &String| {
            let mut quoted = String::new();
            // a String takes all that is written
            _ = write_text(&mut quoted, name);
            quoted + ":"
        };
        names.iter().map(quoted).collect()
    });
    let (open, close) = if names.is_some() { ('{', '}') } else { ('[', ']') };
    let mut text = String::from("[");
    for (place, row) in rows.to_f64().rows().into_iter().enumerate() {
        text.push_str(if place == 0 { "" } else { "," });
        text.push(open);
        for (column, &value) in row.iter().enumerate() {
            text.push_str(if column == 0 { "" } else { "," });
            let name = names.as_ref().and_then(|names| names.get(column));
            text.push_str(name.map_or("", String::as_str));
            if value.is_infinite() {
                let name = rows.names().and_then(|names| names.get(column).cloned());
                let column = name.unwrap_or_else(|| column.to_string());
                return Err(Error::Number { row: place, column, value });
            }
            match value.is_nan() {
                true => text.push_str("null"),
                false => _ = write!(text, "{value:?}"),
            }
        }
        text.push(close);
    }
    text.push(']');
    Ok(text)
}

/// A text, and how far it has been read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    values: usize,
}

impl Reader<'_> {
    fn wrong(&self, problem: &str) -> Error {
        Error::Json { byte: self.at, problem: problem.to_owned() }
    }

    fn next(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The rest of the text.
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        while matches!(self.next(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Passes a character if it is the next one.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// A value; it recurses at most as deep as lists may lie in each other.
    fn value(&mut self, depth: usize) -> Result<Json, Error> {
        self.values += 1;
        if self.values > MOST_VALUES {
            return Err(self.wrong("there are more than 1,048,576 values"));
        }
        match self.next() {
            Some(b'{') if depth < DEEPEST => self.object(depth),
            Some(b'[') if depth < DEEPEST => self.list(depth),
            Some(b'{' | b'[') => {
                Err(self.wrong("more than 64 lists and objects lie in each other"))
            }
            Some(b'"') => Ok(Json::Text(self.text()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => {
                let words = [
                    ("null", Json::Null),
                    ("true", Json::Bool(true)),
                    ("false", Json::Bool(false)),
                ];
                for (word, value) in words {
                    if self.rest().starts_with(word) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(self.wrong("here is no value of JSON"))
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Json, Error> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.takes(b']') {
            return Ok(Json::List(items));
        }
        loop {
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.takes(b']') {
                return Ok(Json::List(items));
            }
            if !self.takes(b',') {
                return Err(self.wrong("a list goes on with a comma, or ends with ]"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, Error> {
        self.at += 1;
        let mut entries = Vec::new();
        self.blanks();
        if self.takes(b'}') {
            return Ok(Json::Object(entries));
        }
        loop {
            self.blanks();
            if self.next() != Some(b'"') {
                return Err(self.wrong("an object has names in quotes"));
            }
            let name = self.text()?;
            self.blanks();
            if !self.takes(b':') {
                return Err(self.wrong("a colon stands behind a name"));
            }
            self.blanks();
            entries.push((name, self.value(depth + 1)?));
            self.blanks();
            if self.takes(b'}') {
                return Ok(Json::Object(entries));
            }
            if !self.takes(b',') {
                return Err(self.wrong("an object goes on with a comma, or ends with }"));
            }
        }
    }

    /// Passes digits, and tells how many.
    fn digits(&mut self) -> usize {
        let start = self.at;
        while self.next().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Result<Json, Error> {
        let start = self.at;
        self.takes(b'-');
        if !self.takes(b'0') && self.digits() == 0 {
            return Err(self.wrong("a number has digits"));
        }
        if self.takes(b'.') && self.digits() == 0 {
            return Err(self.wrong("digits stand behind the point of a number"));
        }
        if self.takes(b'e') || self.takes(b'E') {
            _ = self.takes(b'+') || self.takes(b'-');
            if self.digits() == 0 {
                return Err(self.wrong("an exponent has digits"));
            }
        }
        Ok(Json::Number(self.text.get(start..self.at).unwrap_or_default().to_owned()))
    }

    /// A text in quotes.
    fn text(&mut self) -> Result<String, Error> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let plain = self.rest().find(|c: char| c == '"' || c == '\\' || c < ' ');
            let Some(plain) = plain else {
                self.at = self.text.len();
                return Err(self.wrong("a text does not end"));
            };
            text.push_str(self.rest().get(..plain).unwrap_or_default());
            self.at += plain;
            if self.takes(b'"') {
                return Ok(text);
            }
            if !self.takes(b'\\') {
                return Err(self.wrong("a control character stands in a text"));
            }
            text.push(self.escape()?);
        }
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let c = match self.next() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let first = self.four()?;
                let mut units = vec![first];
                if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
                    self.at += 2;
                    units.push(self.four()?);
                }
                return match char::decode_utf16(units).collect::<Result<Vec<char>, _>>().as_deref()
                {
                    Ok([c]) => Ok(*c),
                    _ => Err(self.wrong("half of a character stands alone")),
                };
            }
            _ => return Err(self.wrong("there is no such escape")),
        };
        self.at += 1;
        Ok(c)
    }

    /// Four hexadecimal digits.
    fn four(&mut self) -> Result<u16, Error> {
        let digits = self.rest().get(..4);
        let digits = digits.filter(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let number = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        let number = number.ok_or_else(|| self.wrong("\\u has four hexadecimal digits"))?;
        self.at += 4;
        Ok(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(value: &serde_json::Value) -> Json {
        match value {
            serde_json::Value::Null => Json::Null,
            serde_json::Value::Bool(value) => Json::Bool(*value),
            serde_json::Value::Number(number) => Json::Number(number.to_string()),
            serde_json::Value::String(text) => Json::Text(text.clone()),
            serde_json::Value::Array(items) => Json::List(items.iter().map(of).collect()),
            serde_json::Value::Object(entries) => {
                Json::Object(entries.iter().map(|(name, it)| (name.clone(), of(it))).collect())
            }
        }
    }

    fn values() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(5, 64, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|entries| {
                    serde_json::Value::Object(entries.into_iter().collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_serde_json_writes_is_read(value in values()) {
            for text in [value.to_string(), format!(" {value:#}\r\n")] {
                prop_assert_eq!(Json::read(text.as_bytes())?, of(&value));
            }
        }

        #[test]
        fn what_is_written_serde_json_reads(value in values()) {
            let read: serde_json::Value = serde_json::from_str(&of(&value).to_string())?;
            prop_assert_eq!(of(&read), of(&value));
        }

        #[test]
        fn what_serde_json_refuses_is_refused(text in r#"[\[\]{}",:0-9eE.+\-\\u tfn/é]{0,24}"#) {
            let theirs = serde_json::from_str::<serde_json::Value>(&text);
            let ours = Json::read(text.as_bytes());
            // a number too large for a float is one here
            let is_large = theirs.as_ref().is_err_and(|it| it.to_string().contains("out of range"));
            prop_assert_eq!(ours.is_ok(), theirs.is_ok() || is_large, "{}", text);
        }

        #[test]
        fn nothing_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Json::read(&bytes);
        }
    }

    #[test]
    fn depth_and_number_of_values_are_bounded() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Json::read(nested(64).as_bytes()).is_ok());
        for text in [nested(65), "[".repeat(1 << 20), "{\"a\":".repeat(1 << 20)] {
            let told = Json::read(text.as_bytes()).expect_err("too deep").to_string();
            assert!(told.starts_with("byte ") && told.contains("lie in each other"), "{told}");
        }
        let many = format!("[{}0]", "0,".repeat(1 << 20));
        let told = Json::read(many.as_bytes()).expect_err("too many").to_string();
        assert!(told.contains("1,048,576 values"), "{told}");
    }

    #[test]
    fn errors_name_the_place() {
        for (text, byte) in [
            ("", 0),
            ("[1, 2", 5),
            ("[1 2]", 3),
            ("{\"a\" 1}", 5),
            ("{a: 1}", 1),
            ("\"abc", 4),
            ("\"a\nb\"", 2),
            ("\"\\x\"", 2),
            ("\"\\ud800\"", 7),
            ("\"\\ud800\\u0041\"", 13),
            ("01", 1),
            ("-", 1),
            ("1.", 2),
            ("1e", 2),
            ("nul", 0),
            ("true false", 5),
        ] {
            let error = Json::read(text.as_bytes()).expect_err(text);
            assert!(matches!(error, Error::Json { byte: at, .. } if at == byte), "{text}: {error}");
        }
        let error = Json::read(b"\"a\xff\"").expect_err("no text");
        assert!(matches!(error, Error::Json { byte: 2, .. }), "{error}");
    }

    #[test]
    fn rows_are_written_by_name_and_as_numbers() {
        let names = ["a\"b".to_owned(), "c".to_owned()];
        let table = ndarray::array![[0.1, f64::NAN], [-1e300, 5.0]];
        let rows = Features::Named { view: table.view(), names: &names };
        let text = json_rows(rows).expect("rows");
        assert_eq!(text, r#"[{"a\"b":0.1,"c":null},{"a\"b":-1e300,"c":5.0}]"#);
        assert_eq!(json_rows(&[[0.5_f32]]).expect("rows"), "[[0.5]]");
        let endless = json_rows(&[[1.0, f64::INFINITY]]).expect_err("no number");
        assert_eq!(
            endless.to_string(),
            "row 0, column 1: inf cannot be written as JSON; leave the row out"
        );
    }
}
