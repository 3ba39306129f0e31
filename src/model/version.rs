//! Versions of scikit-learn.

use std::fmt;

/// A version of scikit-learn: the one that fitted a model, or for which a file is written.
///
/// What a model predicts depends on it: a model is to answer as the scikit-learn that fitted it
/// did.
///
/// ```
/// use picklebook::model::SklearnVersion;
///
/// let version: SklearnVersion = "1.5.2".parse()?;
/// assert_eq!(version, SklearnVersion::new(1, 5, 2));
/// assert!(version < SklearnVersion::LATEST);
/// assert_eq!(version.to_string(), "1.5.2");
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SklearnVersion {
    major: u16,
    minor: u16,
    patch: u16,
}

impl SklearnVersion {
    /// The version that is written by default, and with which the tests compare.
    pub const LATEST: SklearnVersion = SklearnVersion::new(1, 9, 1);

    /// The version `major.minor.patch`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        SklearnVersion { major, minor, patch }
    }

    /// The three numbers.
    pub fn numbers(self) -> (u16, u16, u16) {
        (self.major, self.minor, self.patch)
    }

    /// Whether it is older than the first version with these numbers.
    pub(crate) fn before(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) < (major, minor)
    }
}

impl Default for SklearnVersion {
    fn default() -> Self {
        SklearnVersion::LATEST
    }
}

impl fmt::Display for SklearnVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// From "1.5.2", and from what release candidates and development versions add ("1.6.dev0",
/// "1.2rc1", "0.22.2.post1"), which is left out.
impl std::str::FromStr for SklearnVersion {
    type Err = super::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut numbers = [None; 3];
        for (number, part) in numbers.iter_mut().zip(text.split('.')) {
            let digits = part.bytes().take_while(u8::is_ascii_digit).count();
            *number = part.get(..digits).and_then(|digits| digits.parse().ok());
            if digits < part.len() {
                break;
            }
        }
        match numbers {
            [Some(major), Some(minor), patch] => {
                Ok(SklearnVersion { major, minor, patch: patch.unwrap_or(0) })
            }
            _ => Err(super::Error::Version { found: text.chars().take(40).collect() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_they_occur() {
        let cases = [
            ("1.9.1", Some((1, 9, 1))),
            ("0.24.2", Some((0, 24, 2))),
            ("0.22.2.post1", Some((0, 22, 2))),
            ("1.2rc1", Some((1, 2, 0))),
            ("1.6.dev0", Some((1, 6, 0))),
            ("1", None),
            ("", None),
            ("latest", None),
            ("1.99999.0", None),
        ];
        for (text, numbers) in cases {
            let version =
                numbers.map(|(major, minor, patch)| SklearnVersion::new(major, minor, patch));
            assert_eq!(text.parse::<SklearnVersion>().ok(), version, "{text}");
        }
    }
}
