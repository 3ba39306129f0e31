//! What a field of a table says: a number, a word, or that a value is missing.

use std::borrow::Cow;
use std::collections::HashSet;

use super::CsvOptions;
use crate::text::cut;

/// pandas' words for a missing value (`pandas._libs.parsers.STR_NA_VALUES` of 3.1), without the
/// empty one and those that are read as the number NaN.
const MISSING: [&str; 14] = [
    "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "None", "n/a", "null",
];

const TRUE: [&str; 3] = ["True", "TRUE", "true"];
const FALSE: [&str; 3] = ["False", "FALSE", "false"];

/// How fields are read.
pub(super) struct Values {
    decimal: char,
    thousands: Option<char>,
    default_na: bool,
    na_words: HashSet<String>,
    na_numbers: Vec<f64>,
    true_words: HashSet<String>,
    false_words: HashSet<String>,
    /// Whether a number is what Rust calls one, and nothing else need be looked at before.
    plain: bool,
}

impl Values {
    pub(super) fn new(options: &CsvOptions) -> Values {
        let set = |words: &[String]| words.iter().map(|word| word.trim().to_owned()).collect();
        let mut values = Values {
            decimal: options.decimal,
            thousands: options.thousands,
            default_na: options.keep_default_na,
            na_words: set(&options.na_values),
            na_numbers: Vec::new(),
            true_words: set(&options.true_values),
            false_words: set(&options.false_values),
            plain: false,
        };
        let numbers = options.na_values.iter().filter_map(|word| values.parsed(word.trim()));
        values.na_numbers = numbers.collect();
        let words = [&values.na_words, &values.true_words, &values.false_words];
        values.plain = options.decimal == '.'
            && options.thousands.is_none()
            && words.iter().all(|words| words.is_empty());
        values
    }

    /// Whether a value is missing, in a column of features.
    pub(super) fn is_missing(&self, field: &str) -> bool {
        self.is_named_missing(field)
            || (self.default_na && (field.is_empty() || MISSING.contains(&field)))
            || matches!(field, "nan" | "NaN" | "-nan" | "-NaN")
    }

    /// Whether a value is one that the caller named as missing.
    fn is_named_missing(&self, field: &str) -> bool {
        self.na_words.contains(field)
            || (!self.na_numbers.is_empty()
                && self.parsed(field).is_some_and(|number| self.na_numbers.contains(&number)))
    }

    /// Whether a label is missing: pandas' other words name classes too.
    pub(super) fn is_missing_label(&self, field: &str) -> bool {
        field.is_empty() || field.eq_ignore_ascii_case("nan") || self.is_named_missing(field)
    }

    /// A feature: NaN where the value is missing, 1 and 0 for true and false.
    #[inline]
    pub(super) fn number(&self, field: &str) -> Result<f64, String> {
        if self.plain
            && let Ok(number) = field.parse::<f64>()
            && !number.is_infinite()
        {
            return Ok(number);
        }
        self.other_number(field)
    }

    /// As [`number`](Self::number), for what is no plain number.
    fn other_number(&self, field: &str) -> Result<f64, String> {
        if self.is_missing(field) {
            return Ok(f64::NAN);
        }
        if let Some(boolean) = self.named_boolean(field) {
            return Ok(f64::from(u8::from(boolean)));
        }
        match self.parsed(field) {
            Some(number) if number.is_infinite() => Err(format!(
                "{} is not a finite number; leave the field empty where a value is missing",
                quoted(field)
            )),
            Some(number) => Ok(number),
            None => match default_boolean(field) {
                Some(boolean) => Ok(f64::from(u8::from(boolean))),
                None => Err(self.no_number(field)),
            },
        }
    }

    /// Whether a field is true or false.
    pub(super) fn boolean(&self, field: &str) -> Option<bool> {
        self.named_boolean(field).or_else(|| default_boolean(field))
    }

    /// Whether a field is what the caller named as true or false.
    pub(super) fn named_boolean(&self, field: &str) -> Option<bool> {
        match (self.true_words.contains(field), self.false_words.contains(field)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            (false, false) => None,
        }
    }

    /// The number that a field is, with this table's decimal mark and groups of digits.
    pub(super) fn parsed(&self, field: &str) -> Option<f64> {
        self.usual(field)?.parse().ok()
    }

    /// A number as Rust writes it, with a decimal point and no groups; nothing if its marks stand
    /// where they cannot.
    pub(super) fn usual<'a>(&self, field: &'a str) -> Option<Cow<'a, str>> {
        if self.decimal == '.' && self.thousands.is_none() {
            return Some(field.into());
        }
        let (whole, fraction) = match field.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (field, None),
        };
        let whole = match self.thousands {
            Some(mark) => ungrouped(whole, mark)?,
            None => whole.into(),
        };
        let stray = |part: &str| part.contains('.') && self.decimal != '.';
        if stray(&whole) || fraction.is_some_and(stray) {
            return None;
        }
        match fraction {
            Some(fraction) => Some(format!("{whole}.{fraction}").into()),
            None => Some(whole),
        }
    }

    /// What is wrong with a field that is no number, and what to do.
    fn no_number(&self, field: &str) -> String {
        let number = |text: &str| text.trim().parse::<f64>().is_ok_and(f64::is_finite);
        let advice = if number(&field.replace(',', ".")) && self.decimal == '.' {
            "if the comma is its decimal mark, say so with `CsvOptions::decimal`, and if it groups \
             digits, with `CsvOptions::thousands`"
        } else if field.contains(',') && number(&field.replace(',', "")) && self.thousands.is_none()
        {
            "if the commas group its digits, say so with `CsvOptions::thousands`"
        } else if number(field) {
            "the decimal mark is another one: see `CsvOptions::decimal`"
        } else if field.strip_suffix('%').is_some_and(|rest| number(&rest.replace(',', "."))) {
            "remove the percent signs"
        } else if field.contains([';', '\t', '|']) {
            "if that is a character between two fields, name it with `CsvOptions::sep`"
        } else {
            "if that is a missing value, name it in `CsvOptions::na_values`; words become numbers by \
             `CsvOptions::get_dummies` or `CsvOptions::ordinal`; `CsvOptions::drop` leaves a column \
             out"
        };
        format!("{} is not a number; {advice}", quoted(field))
    }
}

fn default_boolean(field: &str) -> Option<bool> {
    match (TRUE.contains(&field), FALSE.contains(&field)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        (false, false) => None,
    }
}

/// Digits without the marks between their groups.
fn ungrouped(whole: &str, mark: char) -> Option<Cow<'_, str>> {
    let is_mark = |c: char| c == mark || (mark == ' ' && matches!(c, '\u{a0}' | '\u{202f}'));
    if !whole.contains(is_mark) {
        return Some(whole.into());
    }
    let (sign, digits) = match whole.strip_prefix(['-', '+']) {
        Some(digits) => (&whole[..1], digits),
        None => ("", whole),
    };
    let groups: Vec<&str> = digits.split(is_mark).collect();
    let last = groups.len() - 1;
    let fits = |(place, group): (usize, &&str)| {
        let sizes = if place == 0 {
            1..=3
        } else if place == last {
            3..=3
        } else {
            2..=3
        };
        sizes.contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit())
    };
    let whole = groups.iter().enumerate().all(fits).then(|| groups.concat())?;
    Some(format!("{sign}{whole}").into())
}

/// A field for a message: quoted, and shortened when it is long.
pub(super) fn quoted(field: &str) -> String {
    format!("{:?}", cut(field, 40))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(options: CsvOptions) -> Values {
        Values::new(&options)
    }

    #[test]
    fn features_are_numbers_as_rust_and_python_write_them() {
        let numbers = [
            ("1", 1.0),
            ("-2.5", -2.5),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("-1E-3", -0.001),
            ("0.1000000000000000055511151231257827", 0.1),
            ("1e-999", 0.0),
            ("True", 1.0),
            ("FALSE", 0.0),
        ];
        let usual = values(CsvOptions::new());
        for (field, expected) in numbers {
            assert_eq!(usual.number(field), Ok(expected), "{field}");
        }
        for missing in ["", "nan", "NaN", "-nan", "NAN", "NA", "<NA>", "None", "#N/A N/A"] {
            assert!(usual.number(missing).is_ok_and(f64::is_nan), "{missing}");
        }
        for infinite in ["inf", "-Infinity", "1e309"] {
            let problem = usual.number(infinite).expect_err("refused");
            assert!(problem.contains(" is not a finite number; "), "{problem}");
        }
        for word in ["tall", "1,5", "1_0", "0x10", "1e", "--1", "?", "1 2", "na", "tRUE", "50%"] {
            let problem = usual.number(word).expect_err("refused");
            assert!(problem.starts_with(&format!("{word:?} is not a number; ")), "{problem}");
        }
    }

    #[test]
    fn marks_stand_where_they_can() {
        let german = values(CsvOptions::new().decimal(',').thousands('.'));
        for (field, number) in [
            ("1,5", 1.5),
            ("-1.234,5", -1234.5),
            ("1.234.567", 1_234_567.0),
            ("1,5e3", 1500.0),
            (",5", 0.5),
            ("7", 7.0),
        ] {
            assert_eq!(german.number(field), Ok(number), "{field}");
        }
        for field in ["1.5", "1.23", "1,5,0", "1.234.56", ".5", "1234.567", "1,5.0", "é.123"] {
            assert!(german.number(field).is_err(), "{field}");
        }
        let comma = values(CsvOptions::new().decimal(','));
        assert!(comma.number("1.5").is_err() && comma.number("1,5") == Ok(1.5));
        let groups = values(CsvOptions::new().thousands(','));
        for (field, number) in
            [("1,234.5", 1234.5), ("12,34,567", 1_234_567.0), ("+1,000", 1000.0), ("1e3", 1000.0)]
        {
            assert_eq!(groups.number(field), Ok(number), "{field}");
        }
        for field in ["1,5", "1,23", ",123", "1,,234", "1,234,", "1234,567"] {
            assert!(groups.number(field).is_err(), "{field}");
        }
        let spaces = values(CsvOptions::new().decimal(',').thousands(' '));
        for field in ["1 234,5", "1\u{a0}234,5", "1\u{202f}234,5"] {
            assert_eq!(spaces.number(field), Ok(1234.5), "{field}");
        }
    }

    #[test]
    fn words_of_ones_own_come_first() {
        let own = values(
            CsvOptions::new()
                .na_values(["?", "-999", "nothing"])
                .true_values(["yes", "2"])
                .false_values(["no"]),
        );
        for missing in ["?", "-999", "-999.0", "nothing", "NA", ""] {
            assert!(own.number(missing).is_ok_and(f64::is_nan), "{missing}");
        }
        for (field, number) in [("yes", 1.0), ("no", 0.0), ("2", 1.0), ("3", 3.0), ("True", 1.0)] {
            assert_eq!(own.number(field), Ok(number), "{field}");
        }
        assert!(own.is_missing_label("?") && !own.is_missing_label("NA"));
        let strict = values(CsvOptions::new().keep_default_na(false));
        for word in ["", "NA", "None"] {
            assert!(strict.number(word).is_err(), "{word}");
        }
        assert!(strict.number("nan").is_ok_and(f64::is_nan));
    }
}
