//! From dictionaries to numbers: `sklearn.feature_extraction.DictVectorizer`.

use std::sync::Arc;

use super::Error;
use super::changes::Changes;
use super::read::{Object, Read, described};
use super::registry::Class;
use super::vectorizers::{read_places, read_single};
use super::write::{ToSklearn, Writer};
use crate::data::Labels;
use crate::model::Model;
use crate::pickle::Handle;
use crate::vectorizers::{DictParts, DictVectorizer};

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[Class {
    name: "DictVectorizer",
    modules: &[
        "sklearn.feature_extraction._dict_vectorizer",
        "sklearn.feature_extraction.dict_vectorizer",
    ],
    read: read_dict_vectorizer,
}];

/// Nothing changed in it.
pub(super) const CHANGES: &[Changes] = &[("DictVectorizer", &[])];

fn read_dict_vectorizer(object: &Object) -> Read {
    let name = "vocabulary_";
    let names = read_places(object, name, object.get(name)?)?;
    // Python takes places from the one, and names from the other
    let name = "feature_names_";
    if object.labels(name)? != Labels::Text(names.clone()) {
        return Err(object.wrong(name, "it is not in the order of vocabulary_"));
    }
    let name = "dtype";
    let value = object.get(name)?;
    // whole numbers would be cut off
    if !value.global().is_some_and(|(_, class)| class.starts_with("float")) {
        return Err(object.unsupported(format!("its dtype is {}, no floats", described(value))));
    }
    let (single, sparse) = (read_single(object)?, object.boolean("sparse")?);
    let parts = DictParts { names, separator: object.text("separator")?, sparse, single };
    let made = object.model(DictVectorizer::from_parts(parts))?;
    Ok(Arc::new(made.fitted_by(object.version(), object.parameters())))
}

impl ToSklearn for DictVectorizer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().get("sort").is_none() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let b = &writer.builder;
        let mut attributes = writer.parameters(self.parameters())?;
        let names = &self.parts().names;
        attributes.push(("feature_names_", b.list(names.iter().map(|name| b.str(name)))?));
        let places = names.iter().zip(0_u32..).map(|(name, place)| (b.str(name), b.int(place)));
        attributes.push(("vocabulary_", b.dict(places)?));
        let module = "sklearn.feature_extraction._dict_vectorizer";
        writer.estimator((module, self.name()), attributes)
    }
}
