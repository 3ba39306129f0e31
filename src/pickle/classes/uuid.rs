//! Python's module `uuid`. A `UUID` is an object with a state, of which the attributes are read.

use super::{Class, Module};

pub(super) static MODULES: &[Module] =
    &[Module { name: "uuid", classes: &[Class::new("UUID")], names: &[] }];
