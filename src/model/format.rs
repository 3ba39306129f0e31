//! The first two entries of a stored model: what it is, and in which version. They are checked as
//! they are read, before anything that another format would not have.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The version of the formats that is written, and the greatest that is read.
const VERSION: u32 = 1;

/// A kind of model that is stored under a name.
pub(crate) trait Named {
    /// The name.
    const NAME: &'static str;
}

/// The name of a kind of model; another one is an error.
pub(crate) struct Format<Model>(PhantomData<Model>);

impl<Model> Format<Model> {
    pub(crate) fn new() -> Self {
        Format(PhantomData)
    }
}

impl<Model: Named> Serialize for Format<Model> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Model::NAME)
    }
}

impl<'de, Model: Named> Deserialize<'de> for Format<Model> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor(PhantomData))
    }
}

struct NameVisitor<Model>(PhantomData<Model>);

impl<Model: Named> de::Visitor<'_> for NameVisitor<Model> {
    type Value = Format<Model>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a dictionary whose format is {:?}", Model::NAME)
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
        match name == Model::NAME {
            true => Ok(Format::new()),
            false => Err(E::custom(format_args!(
                "its format is {name:?}, not {:?}; load it as what it is",
                Model::NAME
            ))),
        }
    }
}

/// The version of a format; one from the future is an error.
pub(crate) struct Version;

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(VERSION)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u32::deserialize(deserializer)? {
            1..=VERSION => Ok(Version),
            version => Err(de::Error::custom(format_args!(
                "its version is {version}, but this program reads versions up to {VERSION}"
            ))),
        }
    }
}
