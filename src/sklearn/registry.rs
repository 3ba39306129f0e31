//! Which classes are read, by module and name.

use super::Version;
use super::read::{Object, Read};

/// A class of scikit-learn.
pub(super) struct Class {
    pub(super) name: &'static str,
    /// The modules in which it was, in the versions there are, the newest first.
    pub(super) modules: &'static [&'static str],
    /// What changed in its objects from version to version, where all of it is known: those are
    /// converted.
    pub(super) changes: Option<&'static [Change]>,
    /// Reads an object of it.
    pub(super) read: fn(&Object) -> Read,
}

/// What differs between versions in the objects of a class.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    /// A parameter or attribute by its name, and its value from each of these versions on: that which
    /// means the same as the others. Another value cannot be carried from one span of versions into
    /// the next.
    Value(&'static str, &'static [(Since, Fill)]),
    /// The same of one that makes no difference to answers, or follows from others.
    Free(&'static str, &'static [(Since, Fill)]),
    /// An attribute that got another name. In `both` versions the old one was still there, and said
    /// "deprecated".
    Renamed { old: &'static str, new: &'static str, since: Since, both: Option<Since> },
    /// A value of a parameter that older versions do not know.
    Word(&'static str, &'static str, Since),
    /// Why an object would answer otherwise in a version; none if it does not.
    Unless(fn(&Object, Version) -> Option<&'static str>),
}

/// Major and minor version.
pub(super) type Since = (u16, u16);

/// The value of an attribute.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fill {
    Absent,
    None,
    Flag(bool),
    Integer(i64),
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
}

/// The version before all others, for spans of versions.
pub(super) const EVER: Since = (0, 0);

/// The classes of each family.
const FAMILIES: &[&[Class]] = &[
    super::tree::CLASSES,
    super::forest::CLASSES,
    super::boosting::CLASSES,
    super::hist_boosting::CLASSES,
    super::ada_boost::CLASSES,
    super::bayes::CLASSES,
    super::linear::CLASSES,
    super::neural::CLASSES,
    super::preprocessing::CLASSES,
    super::pipeline::CLASSES,
];

/// The class of this module and name: both exactly as they are.
pub(super) fn find(module: &str, name: &str) -> Option<&'static Class> {
    let classes = FAMILIES.iter().copied().flatten();
    let mut named = classes.filter(|class| class.name == name);
    named.find(|class| class.modules.contains(&module))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_one_reader_and_no_other_name() {
        let classes: Vec<&Class> = FAMILIES.iter().copied().flatten().collect();
        for class in &classes {
            for module in class.modules {
                assert!(
                    find(module, class.name).is_some_and(|found| found.modules == class.modules)
                );
                assert!(find(module, &format!("{}s", class.name)).is_none());
                assert!(find(&module[1..], class.name).is_none());
            }
        }
        assert!(classes.len() >= 10);
    }
}
