//! From dictionaries to numbers: `sklearn.feature_extraction.DictVectorizer`.

use std::sync::Arc;

use super::changes::Changes;
use super::read::{Object, Read, described};
use super::registry::Class;
use super::vectorizers::{read_places, read_single};
use crate::data::Labels;
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
