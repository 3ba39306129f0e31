//! A message as the 57 numbers of Spambase.

use std::fmt;
use std::sync::OnceLock;

use ndarray::{Array2, aview1};

use super::Features;
use crate::text::rounded;

/// The words that are counted, in UCI's order.
const WORDS: [&str; 48] = [
    "make",
    "address",
    "all",
    "3d",
    "our",
    "over",
    "remove",
    "internet",
    "order",
    "mail",
    "receive",
    "will",
    "people",
    "report",
    "addresses",
    "free",
    "business",
    "email",
    "you",
    "credit",
    "your",
    "font",
    "000",
    "money",
    "hp",
    "hpl",
    "george",
    "650",
    "lab",
    "labs",
    "telnet",
    "857",
    "data",
    "415",
    "85",
    "technology",
    "1999",
    "parts",
    "pm",
    "direct",
    "cs",
    "meeting",
    "original",
    "project",
    "re",
    "edu",
    "table",
    "conference",
];

/// The characters that are counted.
const CHARACTERS: [u8; 6] = [b';', b'(', b'[', b'!', b'$', b'#'];

/// How many numbers a message becomes.
const FEATURES: usize = WORDS.len() + CHARACTERS.len() + 3;

/// What a message looks like to a spam filter of 1999: the 57 numbers of UCI's Spambase, as a table of
/// one row whose columns have the names of [`spambase`](super::spambase).
///
/// ```
/// use picklebook::prelude::*;
///
/// let filter = DecisionTreeClassifier::params().max_depth(5).fit(&spambase())?;
/// let message = spam_features("GUARANTEED: your FREE money!!! Credit for your business, $$$ for you!");
/// assert_eq!(message.get("word_freq_free"), Some(10.0));
/// assert_eq!(filter.predict(&message)?, Labels::from(["spam"]));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SpamFeatures {
    /// One row.
    row: Array2<f64>,
}

/// Turns a message into the 57 numbers of UCI's Spambase.
///
/// The text is what a person would read: the subject, and below it the text of the message, decoded
/// (of base64, quoted-printable and encoded words) and put together, if there are several parts; HTML
/// as it is, with its tags, which were counted in 1999 too. Other headers and attached files are left
/// out. `data/make_mail.py` does that to whole e-mails, with Python's module `email`.
///
/// - Columns 1 to 48, `word_freq_WORD`: 100 × how often the word occurs / the number of words, to two
///   decimals. A word is a run of the letters A to Z, in either case, and the digits 0 to 9.
/// - Columns 49 to 54, `char_freq_CHARACTER`: 100 × how often the character occurs / the number of
///   characters (of Unicode), to three decimals.
/// - Columns 55 to 57, `capital_run_length_average`, `_longest` and `_total`: the mean (to three
///   decimals), greatest and summed length of runs of the capitals A to Z; 1 where there is none, as in
///   UCI's file.
///
/// Halves are rounded up. Letters beyond A to Z part words, as other signs do: so every language of
/// programming counts the same, and a filter that is trained in one and used in another sees the same
/// numbers. An empty text is 54 times 0 and 3 times 1.
///
/// Source: the description of Spambase, <https://doi.org/10.24432/C53G6X>. Its column `3d` is
/// most likely a trace of how its own mail was read: quoted-printable, undecoded, writes `=3D` for an
/// equals sign. In decoded mail the word is rare.
pub fn spam_features(text: &str) -> SpamFeatures {
    let (mut words, mut counts) = (0, [0; WORDS.len()]);
    let bytes = text.as_bytes();
    for word in bytes.split(|byte| !byte.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        words += 1;
        let known = WORDS.iter().zip(&mut counts);
        let mut same = known.filter(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word));
        if let Some((_, count)) = same.next() {
            *count += 1;
        }
    }
    let (runs, longest, total) = bytes
        .split(|byte| !byte.is_ascii_uppercase())
        .filter(|run| !run.is_empty())
        .fold((0, 0, 0), |(runs, longest, total), run| {
            (runs + 1, run.len().max(longest), total + run.len())
        });
    let characters = text.chars().count();
    let mut numbers = Vec::with_capacity(FEATURES);
    numbers.extend(counts.map(|count| rounded_ratio(100 * count, words, 2)));
    numbers.extend(CHARACTERS.map(|character| {
        let count = bytes.iter().filter(|&&byte| byte == character).count();
        rounded_ratio(100 * count, characters, 3)
    }));
    numbers.extend(match runs {
        0 => [1.0; 3],
        _ => [rounded_ratio(total, runs, 3), longest as f64, total as f64],
    });
    SpamFeatures { row: aview1(&numbers).to_owned().insert_axis(ndarray::Axis(0)) }
}

/// `part / whole` to so many decimals, a half rounded up; 0 of nothing.
fn rounded_ratio(part: usize, whole: usize, decimals: u32) -> f64 {
    let (part, whole, scale) = (part as u128, whole as u128, 10_u128.pow(decimals));
    match whole {
        0 => 0.0,
        _ => ((2 * scale * part + whole) / (2 * whole)) as f64 / scale as f64,
    }
}

impl SpamFeatures {
    /// The names of the 57 numbers, as those of the columns of [`spambase`](super::spambase).
    ///
    /// ```
    /// use picklebook::data::{SpamFeatures, spambase};
    ///
    /// assert_eq!(SpamFeatures::names(), spambase().feature_names());
    /// assert_eq!(SpamFeatures::names()[15], "word_freq_free");
    /// ```
    pub fn names() -> &'static [String] {
        static NAMES: OnceLock<Vec<String>> = OnceLock::new();
        NAMES.get_or_init(|| {
            let words = WORDS.iter().map(|word| format!("word_freq_{word}"));
            let characters =
                CHARACTERS.iter().map(|&byte| format!("char_freq_{}", char::from(byte)));
            let runs = ["average", "longest", "total"].map(|it| format!("capital_run_length_{it}"));
            words.chain(characters).chain(runs).collect()
        })
    }

    /// The 57 numbers.
    pub fn values(&self) -> &[f64] {
        self.row.as_slice().unwrap_or_default()
    }

    /// The number of a name, or `None` where there is none.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.iter().find(|(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The names with their numbers.
    ///
    /// ```
    /// use picklebook::data::spam_features;
    ///
    /// let counted = spam_features("Free money!");
    /// let found: Vec<&str> = counted.iter().filter(|it| it.1 > 5.0).map(|it| it.0).collect();
    /// assert_eq!(found, ["word_freq_free", "word_freq_money", "char_freq_!"]);
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, f64)> + '_ {
        Self::names().iter().map(String::as_str).zip(self.values().iter().copied())
    }
}

impl<'a> From<&'a SpamFeatures> for Features<'a> {
    fn from(features: &'a SpamFeatures) -> Self {
        Features::Named { view: features.row.view(), names: SpamFeatures::names() }
    }
}

impl fmt::Display for SpamFeatures {
    /// The numbers that are not 0, one on a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().filter(|(_, value)| *value != 0.0);
        let lines: Vec<String> =
            shown.map(|(name, value)| format!("{name} {}", rounded(value))).collect();
        f.write_str(&lines.join("\n"))
    }
}
