//! The scikit-learn that fitted a model.

use std::fmt;

/// A version of scikit-learn, by its first two numbers.
///
/// What a model predicts depends on it: a model is to answer as the scikit-learn that fitted it
/// did.
///
/// ```
/// use picklebook::model::SklearnVersion;
///
/// let version: SklearnVersion = "1.5.2".parse()?;
/// assert_eq!(version, SklearnVersion::new(1, 5));
/// assert!(version < SklearnVersion::LATEST);
/// assert_eq!(version.to_string(), "1.5");
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SklearnVersion {
    major: u32,
    minor: u32,
}

impl SklearnVersion {
    /// The latest whose predictions the tests compare with.
    pub const LATEST: SklearnVersion = SklearnVersion::new(1, 9);

    /// The version with these first two numbers.
    pub const fn new(major: u32, minor: u32) -> Self {
        SklearnVersion { major, minor }
    }

    /// The first number, and the second.
    pub fn numbers(self) -> (u32, u32) {
        (self.major, self.minor)
    }

    /// Whether it is older than the version with these numbers.
    pub(crate) fn before(self, major: u32, minor: u32) -> bool {
        self < SklearnVersion::new(major, minor)
    }
}

impl Default for SklearnVersion {
    fn default() -> Self {
        SklearnVersion::LATEST
    }
}

impl fmt::Display for SklearnVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// From text such as `1.5.2`, `0.24.2` or `1.4.dev0`: all after the second number is left aside.
impl std::str::FromStr for SklearnVersion {
    type Err = super::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = |part: &str| {
            let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            part.get(..end).and_then(|digits| digits.parse().ok())
        };
        let mut parts = text.split('.');
        match (parts.next().and_then(digits), parts.next().and_then(digits)) {
            (Some(major), Some(minor)) => Ok(SklearnVersion { major, minor }),
            _ => {
                let text = crate::text::shortened(text, 40);
                let problem = format!("its scikit-learn version is {text:?}, not like 1.5.2");
                Err(super::Error::Model { problem })
            }
        }
    }
}
