//! Versions of scikit-learn, and what changed in which: the one place for such rules.

use std::fmt;
use std::str::FromStr;

use super::Error;
use crate::model::SklearnVersion;

/// A version of scikit-learn.
///
/// ```
/// use picklebook::sklearn::Version;
///
/// let version: Version = "1.5.2".parse()?;
/// assert!(version < Version::LATEST);
/// assert_eq!(version.to_string(), "1.5.2");
/// # Ok::<(), picklebook::sklearn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    major: u16,
    minor: u16,
    patch: u16,
}

impl Version {
    /// The version that is written by default, and with which the tests compare.
    pub const LATEST: Version = Version::new(1, 9, 1);

    /// The oldest version for which files are written.
    pub const OLDEST_WRITTEN: Version = Version::new(0, 24, 0);

    /// The version `major.minor.patch`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Version {
        Version { major, minor, patch }
    }

    /// Whether it is this minor version, or one that came later.
    fn from(self, major: u16, minor: u16) -> bool {
        (self.major, self.minor) >= (major, minor)
    }

    /// Whether the values of a classification tree are fractions of classes. They were counts.
    pub(super) fn has_fractions(self) -> bool {
        self.from(1, 4)
    }

    /// Whether a node says where missing values go: it has 64 bytes then, 56 before.
    pub(super) fn has_missing_go_to_left(self) -> bool {
        self.from(1, 3)
    }

    /// Whether trees and forests have the parameter `monotonic_cst`.
    pub(super) fn has_monotonic_cst(self) -> bool {
        self.from(1, 4)
    }

    /// Whether trees have the parameter `min_impurity_split`, and keep `n_features_`.
    pub(super) fn has_min_impurity_split(self) -> bool {
        !self.from(1, 0)
    }

    /// Whether estimators keep the names of the columns.
    pub(super) fn has_feature_names(self) -> bool {
        self.from(1, 0)
    }

    /// Whether ensembles call what they are made of `estimator_`. It was `base_estimator_`.
    pub(super) fn has_estimator(self) -> bool {
        self.from(1, 2)
    }

    /// Whether `max_features` is no longer `"auto"`.
    pub(super) fn has_no_auto(self) -> bool {
        self.from(1, 3)
    }

    /// The name under which this version knows a criterion of trees, by its name in any.
    pub(super) fn criterion_of(self, name: &str) -> &str {
        match name {
            "mse" => self.criterion("squared_error"),
            "mae" => self.criterion("absolute_error"),
            "friedman_mse" if self.from(1, 9) => "squared_error",
            "squared_error" => self.criterion("squared_error"),
            "absolute_error" => self.criterion("absolute_error"),
            "log_loss" => self.criterion("log_loss"),
            name => name,
        }
    }

    /// Whether gradient boosting of several classes takes the probabilities that it starts from for
    /// those of other rows where they lie in memory class by class.
    pub(super) fn mixes_up_starts(self) -> bool {
        !self.from(1, 3)
    }

    /// Whether a constant is imputed only in columns that had values in the fit; the others are left
    /// out.
    pub(super) fn imputes_constants_where_values_were(self) -> bool {
        self.from(1, 8)
    }

    /// Whether a single regression tree with this criterion takes missing values.
    pub(super) fn trees_take_missing(self, criterion: Option<&str>) -> bool {
        match criterion {
            Some("absolute_error") => self.from(1, 9),
            _ => self.from(1, 4),
        }
    }

    /// The oldest version that lays out a tree so, of one that does not say its version.
    pub(super) fn of_tree(has_missing_go_to_left: bool, has_monotonic_cst: bool) -> Version {
        match (has_missing_go_to_left, has_monotonic_cst) {
            (true, true) => Version::new(1, 4, 0),
            (true, false) => Version::new(1, 3, 0),
            (false, _) => Version::new(0, 17, 0),
        }
    }

    /// The version as models know it.
    pub(super) fn model(self) -> SklearnVersion {
        SklearnVersion::new(self.major.into(), self.minor.into())
    }

    /// The name under which a version knows a criterion of trees.
    pub(super) fn criterion(self, name: &'static str) -> &'static str {
        match name {
            "squared_error" if !self.from(1, 0) => "mse",
            "absolute_error" if !self.from(1, 0) => "mae",
            "log_loss" if !self.from(1, 1) => "entropy",
            name => name,
        }
    }
}

impl Default for Version {
    fn default() -> Self {
        Version::LATEST
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// From "1.5.2", and from what release candidates and development versions add ("1.6.dev0",
/// "1.2rc1", "0.22.2.post1"), which is left out.
impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Version, Error> {
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
                Ok(Version { major, minor, patch: patch.unwrap_or(0) })
            }
            _ => Err(Error::Version { found: text.chars().take(40).collect() }),
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
            let version = numbers.map(|(major, minor, patch)| Version::new(major, minor, patch));
            assert_eq!(text.parse::<Version>().ok(), version, "{text}");
        }
    }
}
