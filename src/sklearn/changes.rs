//! What changed from version to version in the objects of classes, by which they are converted.

use super::convert::Copier;
use super::read::Object;
use super::{Error, Version};
use crate::pickle::Handle;

/// What differs between versions in the objects of a class.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// A parameter or attribute by its name, and its value from each of these versions on: that which
    /// means the same as the others. Another value cannot be carried from one span of versions into
    /// the next.
    Value(&'static str, &'static [(Since, Fill)]),
    /// The same of one that makes no difference to answers, or follows from others.
    Free(&'static str, &'static [(Since, Fill)]),
    /// A parameter that only fits look at, and its usual value from each of these versions on, which
    /// becomes the usual one of the next span. Another value is kept where there is the parameter.
    Usual(&'static str, &'static [(Since, Fill)]),
    /// An attribute that got another name. In `both` versions the old one was still there, and said
    /// "deprecated".
    Renamed { old: &'static str, new: &'static str, since: Since, both: Option<Since> },
    /// A value of a parameter that older versions do not know.
    Word(&'static str, &'static str, Since),
    /// A value of a parameter that was spelled otherwise before.
    Spelled { name: &'static str, old: &'static str, new: &'static str, since: Since },
    /// An attribute that is made anew for the version; none where it has none.
    Made(&'static str, Make),
    /// The module in which the class was before a version.
    Moved(&'static str, Since),
    /// Why an object would answer otherwise in a version; none if it does not.
    Unless(fn(&Object, Version) -> Option<&'static str>),
}

impl Change {
    /// The parameter or attribute that it is about.
    pub(super) fn parameter(&self) -> Option<&'static str> {
        match *self {
            Change::Value(name, _)
            | Change::Free(name, _)
            | Change::Usual(name, _)
            | Change::Word(name, ..)
            | Change::Spelled { name, .. }
            | Change::Made(name, _) => Some(name),
            Change::Renamed { new, .. } => Some(new),
            Change::Unless(_) | Change::Moved(..) => None,
        }
    }
}

/// Makes an attribute of an object for the version that is written.
pub(super) type Make = fn(&mut Copier<'_>, &Object) -> Result<Option<Handle>, Error>;

/// Major and minor version.
pub(super) type Since = (u16, u16);

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fill {
    Absent,
    None,
    Flag(bool),
    Integer(i64),
    Float(f64),
    Nan,
    Text(&'static str),
    EmptyDict,
    /// That of another attribute.
    Copy(&'static str),
    /// The number of items of another attribute.
    LengthOf(&'static str),
    /// The type of the items of another attribute.
    DtypeOf(&'static str),
    /// How many columns each of the `categories_` becomes.
    Widths,
    /// How many rows or columns another attribute has; none without it.
    RowsOf(&'static str),
    ColumnsOf(&'static str),
}

/// An attribute that is left out: nothing that the model answers depends on it.
pub(super) const fn dropped(name: &'static str) -> Change {
    Change::Made(name, |_, _| Ok(None))
}

/// The version before all others, for spans of versions.
pub(super) const EVER: Since = (0, 0);

/// A class by its name, and what changed in it.
pub(super) type Changes = (&'static str, &'static [Change]);

/// Those of each family. A class that is in none is read, and not converted.
const FAMILIES: &[&[Changes]] = &[
    super::tree::CHANGES,
    super::forest::CHANGES,
    super::boosting::CHANGES,
    super::hist_boosting::CHANGES,
    super::ada_boost::CHANGES,
    super::preprocessing::CHANGES,
    super::pipeline::CHANGES,
    super::bayes::CHANGES,
    super::cluster::CHANGES,
    super::decomposition::CHANGES,
    super::dictionaries::CHANGES,
    super::distributions::CHANGES,
    super::isolation_forest::CHANGES,
    super::linear::CHANGES,
    super::meta::CHANGES,
    super::neighbours::CHANGES,
    super::neural::CHANGES,
    super::selection::CHANGES,
    super::svm::CHANGES,
    super::vectorizers::CHANGES,
];

/// What changed in the objects of a class, if all of it is known.
pub(super) fn of(class: &str) -> Option<&'static [Change]> {
    let mut known = FAMILIES.iter().copied().flatten();
    known.find(|(name, _)| *name == class).map(|(_, changes)| *changes)
}

#[cfg(test)]
mod tests {
    use super::super::registry;
    use super::*;

    #[test]
    fn changes_are_those_of_one_class() {
        let mut names: Vec<&str> =
            FAMILIES.iter().copied().flatten().map(|(name, _)| *name).collect();
        for name in &names {
            let parts = registry::PARTS.iter().filter(|part| part.name == *name).count();
            assert_eq!(registry::named(name).count() + parts, 1, "{name}");
        }
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
