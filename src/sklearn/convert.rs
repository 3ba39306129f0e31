//! Estimators that were read, written for another version of scikit-learn.
//!
//! What changed between versions are names of attributes and parameters, and how trees are laid out;
//! everything else is copied as it is. A class whose changes are not known here is refused.

use std::collections::HashMap;

use super::changes::{self, Change, Fill, Since};
use super::read::{Object, boolean, class_of, described, float, integer, text};
use super::tree::convert_tree;
use super::write::Writer;
use super::{DumpOptions, Error, LoadOptions, Version, registry, value_of};
use crate::pickle::{self, Handle, Value};

/// How deep lists and estimators may lie in one another.
const MOST_DEPTH: u32 = 48;

/// The classes whose trees are converted too.
const TREES: &[&str] = &[
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
];
const FORESTS: &[&str] = &[
    "RandomForestClassifier",
    "RandomForestRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
];
/// The parameters that a forest hands to its trees.
const TREE_PARAMETERS: &[&str] = &[
    "criterion",
    "max_depth",
    "min_samples_split",
    "min_samples_leaf",
    "min_weight_fraction_leaf",
    "max_features",
    "max_leaf_nodes",
    "min_impurity_decrease",
    "min_impurity_split",
    "random_state",
    "ccp_alpha",
    "monotonic_cst",
];

/// Writes the bytes of a file of scikit-learn's anew, for another version: what it refuses, or would
/// misread, it opens then, without a warning.
///
/// Trees, forests, AdaBoost, scalers, imputers, encoders, function transformers and pipelines of them
/// are converted, also in dictionaries,
/// lists and tuples; other classes are refused.
///
/// # Errors
/// As [`loads`](super::loads), [`Error::Unsupported`] for a class that is not converted, and
/// [`Error::Unwritable`] for what the version cannot hold.
///
/// ```
/// use picklebook::prelude::*;
/// use picklebook::sklearn::{self, DumpOptions};
///
/// let data = balance_scale();
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
/// let old = DumpOptions::new().version("1.2.2".parse()?);
/// let file = sklearn::dumps_with(&tree, &old)?;
/// let new = sklearn::convert(&file, &DumpOptions::new())?;
/// assert_eq!(sklearn::loads(&new)?.version(), Some(sklearn::Version::LATEST));
/// assert_eq!(sklearn::loads(&new)?.predict(&data)?, tree.predict(&data)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert(bytes: &[u8], options: &DumpOptions) -> Result<Vec<u8>, Error> {
    convert_with(bytes, &LoadOptions::new(), options)
}

/// As [`convert`], read as the options say: of a file that holds several, one object alone.
///
/// # Errors
/// As [`convert`].
pub fn convert_with(bytes: &[u8], from: &LoadOptions, to: &DumpOptions) -> Result<Vec<u8>, Error> {
    to.check()?;
    let root = value_of(bytes, from)?;
    let root = match &from.object {
        Some(path) => super::objects::follow(&root, path)?,
        None => root,
    };
    if !super::holds_estimator(&root) {
        return Err(Error::NoEstimator { found: described(&root) });
    }
    let mut copier = Copier { writer: Writer::new(to), copied: HashMap::new() };
    let root = copier.value(&root, None, 0)?;
    Ok(copier.writer.builder.dumps(root, &to.pickle())?)
}

struct Copier<'a> {
    writer: Writer<'a>,
    /// What became of objects, which may be used more than once.
    copied: HashMap<u32, Handle>,
}

impl Copier<'_> {
    fn value(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Handle, Error> {
        if let Some(&handle) = self.copied.get(&value.index) {
            return Ok(handle);
        }
        let too_deep = || {
            pickle::Error::from(pickle::ErrorKind::Build {
                step: "convert",
                problem: format!(
                    "its objects lie more than {MOST_DEPTH} levels deep in one another"
                ),
            })
        };
        if depth > MOST_DEPTH {
            return Err(too_deep().into());
        }
        // Functions of numpy by their public names, which all versions have.
        if let Some((module, name)) = value.global()
            && ["numpy.core._multiarray_umath", "numpy._core._multiarray_umath"].contains(&&*module)
        {
            return Ok(self.writer.builder.global("numpy", &name));
        }
        let handle = match value.type_name() {
            "list" => {
                let items = self.values(&value.items(), around, depth)?;
                self.writer.builder.list(items)?
            }
            "tuple" => {
                let items = self.values(&value.items(), around, depth)?;
                self.writer.builder.tuple(items)?
            }
            "dict" => {
                let mut entries = Vec::new();
                for (key, value) in value.entries() {
                    let key = self.writer.builder.value(&key)?;
                    entries.push((key, self.value(&value, around, depth + 1)?));
                }
                self.writer.builder.dict(entries)?
            }
            "object" => self.object(value, around, depth)?,
            _ => self.writer.builder.value(value)?,
        };
        let is_array = self.writer.has_lone_arrays() && value.to_numpy().is_ok();
        if !is_array {
            self.copied.insert(value.index, handle);
        }
        Ok(handle)
    }

    fn values(
        &mut self,
        values: &[Value],
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Vec<Handle>, Error> {
        values.iter().map(|value| self.value(value, around, depth + 1)).collect()
    }

    fn object(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Handle, Error> {
        if let Some((module, name)) = class_of(value)
            && module.starts_with("sklearn.")
        {
            let object = Object::new(value, around)?;
            if registry::find(&module, &name).is_none() {
                return Err(object.unsupported("it cannot be converted"));
            }
            return self.estimator(&object, depth);
        }
        if let Ok(items) = value.to_object_array() {
            let shape = items.shape().to_vec();
            let items: Vec<Value> = items.into_iter().collect();
            let items = self.values(&items, around, depth)?;
            return self.writer.objects(&shape, items);
        }
        if let Some(handle) = self.random_state(value, around, depth)? {
            return Ok(handle);
        }
        let b = &self.writer.builder;
        if let Ok(array) = value.to_numpy() {
            if !array.shape().is_empty() {
                return match self.writer.copied(&array)? {
                    Some(handle) => Ok(handle),
                    None => Ok(b.value(value)?),
                };
            }
            // A number of numpy, as Python's own.
            let number = boolean(value)
                .map(|flag| b.bool(flag))
                .or_else(|| integer(value).map(|number| b.int(number)))
                .or_else(|| float(value).map(|number| b.float(number)))
                .or_else(|| text(value).map(|text| b.str(&text)));
            if let Some(number) = number {
                return Ok(number);
            }
        }
        Ok(b.value(value)?)
    }

    /// A `RandomState` of numpy's as all versions make it: by the name of its generator. Its state says
    /// all of it.
    fn random_state(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let (module, name) = ("numpy.random._pickle", "__randomstate_ctor");
        let callee = value.callee().and_then(|callee| callee.global());
        let (Some(callee), Some(state)) = (callee, value.state()) else { return Ok(None) };
        let generator = state.get("bit_generator").and_then(|name| text(&name));
        let Some(generator) = generator.filter(|_| callee == (module.into(), name.into())) else {
            return Ok(None);
        };
        let state = self.value(&state, around, depth + 1)?;
        let b = &self.writer.builder;
        let made = b.reduce(b.global(module, name), [b.str(&generator)])?;
        b.build(made, state)?;
        Ok(Some(made))
    }

    fn estimator(&mut self, object: &Object, depth: u32) -> Result<Handle, Error> {
        let (class, to) = (object.name(), self.writer.version);
        let is_tree = TREES.contains(&class);
        let is_forest = FORESTS.contains(&class);
        let Some(changes) = changes::of(class) else {
            return Err(object.unsupported(
                "it cannot be converted; trees, forests, AdaBoost, scalers, encoders and pipelines of \
                 them can",
            ));
        };
        let is_classifier = class.ends_with("Classifier");
        let mut attributes: Vec<(String, Handle)> = Vec::new();
        for (name, value) in object.attributes() {
            let Some(new_name) = renamed(changes, name, to) else { continue };
            // In some versions both names were there, of which the old one said that it is none.
            if new_name != name
                && object
                    .find(new_name)
                    .is_some_and(|new| text(value).is_some() || text(new).is_none())
            {
                continue;
            }
            let is_old =
                |change: &Change| matches!(change, Change::Renamed { old, .. } if old == name);
            if changes.iter().any(is_old) && text(value).as_deref() == Some("deprecated") {
                continue;
            }
            match self.filled(object, changes, name, value)? {
                Filled::Same => {}
                Filled::Other(fill) => {
                    if let Some(handle) = self.fill(object, fill, depth)? {
                        attributes.push((name.clone(), handle));
                    }
                    continue;
                }
            }
            let b = &self.writer.builder;
            let changed = match (name.as_str(), text(value).as_deref()) {
                ("tree_", _) if is_tree => Some(convert_tree(object, &self.writer, is_classifier)?),
                ("criterion", Some(criterion)) => Some(b.str(to.criterion_of(criterion))),
                ("max_features", Some("auto")) if to.has_no_auto() => Some(match is_classifier {
                    true => b.str("sqrt"),
                    false if is_forest => b.float(1.0),
                    false => b.none(),
                }),
                ("estimator_params", _) if is_forest => {
                    let known = TREE_PARAMETERS.iter().filter(|&&name| match name {
                        "min_impurity_split" => to.has_min_impurity_split(),
                        "monotonic_cst" => to.has_monotonic_cst(),
                        _ => true,
                    });
                    Some(b.tuple(known.map(|name| b.str(name)))?)
                }
                _ => None,
            };
            let handle = match changed {
                Some(handle) => handle,
                None => self.value(value, Some(object), depth + 1)?,
            };
            attributes.push((new_name.to_owned(), handle));
        }
        let has = |attributes: &[(String, Handle)], name: &str| {
            attributes.iter().any(|(own, _)| own == name)
        };
        for change in changes {
            match *change {
                Change::Value(name, spans) | Change::Free(name, spans) => {
                    if !has(&attributes, name)
                        && let Some(value) = self.fill(object, span(spans, to).1, depth)?
                    {
                        attributes.push((name.to_owned(), value));
                    }
                }
                Change::Renamed { old, since, both: Some(both), .. } => {
                    if !before(to, since) && before(to, both) {
                        let deprecated = self.writer.builder.str("deprecated");
                        attributes.push((old.to_owned(), deprecated));
                    }
                }
                Change::Unless(problem) => {
                    if let Some(problem) = problem(object, to) {
                        return Err(self.unwritable(class, problem));
                    }
                }
                Change::Renamed { .. } | Change::Word(..) => {}
            }
        }
        if (is_tree || is_forest) && to.has_min_impurity_split() {
            let b = &self.writer.builder;
            if !has(&attributes, "min_impurity_split") {
                attributes.push(("min_impurity_split".to_owned(), b.none()));
            }
            if let Some(columns) = object.n_features()?
                && !has(&attributes, "n_features_")
            {
                attributes.push(("n_features_".to_owned(), self.writer.count(columns)));
            }
        }
        if let Some(columns) = object.n_features()?
            && !has(&attributes, "n_features_in_")
        {
            attributes.push(("n_features_in_".to_owned(), self.writer.count(columns)));
        }
        let module = object.class.modules.first().copied().unwrap_or_default();
        let attributes = attributes.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        self.writer.estimator((module, class), attributes)
    }

    /// Whether the value of an attribute stays as it is, or becomes another one.
    fn filled(
        &self,
        object: &Object,
        changes: &[Change],
        name: &str,
        value: &Value,
    ) -> Result<Filled, Error> {
        let (from, to) = (object.version(), self.writer.version);
        let unwritable = |said: String| {
            Err(self
                .unwritable(object.name(), &format!("its {name} is {said}, which was not there")))
        };
        for change in changes {
            let (own, spans, matters) = match *change {
                Change::Value(own, spans) => (own, spans, true),
                Change::Free(own, spans) => (own, spans, false),
                Change::Word(own, word, since) => {
                    if own == name && before(to, since) && text(value).as_deref() == Some(word) {
                        return unwritable(format!("{word:?}"));
                    }
                    continue;
                }
                Change::Renamed { .. } | Change::Unless(_) => continue,
            };
            if own != name {
                continue;
            }
            let ((before, source), (after, target)) = (span(spans, from), span(spans, to));
            // What a version had that is not known to have it, a later one keeps.
            if before == after || matches!(source, Fill::Absent) && !matches!(target, Fill::Absent)
            {
                return Ok(Filled::Same);
            }
            if matters && !is_fill(source, value) {
                return unwritable(
                    text(value).map_or_else(|| described(value), |text| format!("{text:?}")),
                );
            }
            return Ok(Filled::Other(target));
        }
        Ok(Filled::Same)
    }

    /// A value that an object did not have; none where it has none.
    fn fill(&mut self, object: &Object, fill: Fill, depth: u32) -> Result<Option<Handle>, Error> {
        let b = &self.writer.builder;
        Ok(Some(match fill {
            Fill::Absent => return Ok(None),
            Fill::None => b.none(),
            Fill::Flag(flag) => b.bool(flag),
            Fill::Integer(number) => b.int(i128::from(number)),
            Fill::Nan => b.float(f64::NAN),
            Fill::Text(text) => b.str(text),
            Fill::EmptyDict => b.dict(Vec::<(Handle, Handle)>::new())?,
            Fill::Copy(name) => match object.find(name) {
                Some(value) => self.value(value, Some(object), depth + 1)?,
                None => b.none(),
            },
            Fill::LengthOf(name) => self.writer.count(object.list(name)?.len()),
            Fill::DtypeOf(name) => {
                let value = object.get(name)?;
                match value.to_object_array() {
                    Ok(_) => self.writer.dtype("O8")?,
                    Err(_) => {
                        let array = value
                            .to_numpy()
                            .map_err(|error| object.wrong(name, error.to_string()))?;
                        self.writer.dtype(&array.dtype().typestr())?
                    }
                }
            }
            Fill::Widths => {
                let dropped = match object.some("drop_idx_") {
                    Some(_) => object.list("drop_idx_")?,
                    None => Vec::new(),
                };
                let mut widths = Vec::new();
                for (place, value) in object.list("categories_")?.iter().enumerate() {
                    let is_dropped = dropped.get(place).is_some_and(|index| !index.is_none());
                    let length = match value.to_object_array() {
                        Ok(items) => items.len(),
                        Err(_) => value
                            .to_numpy()
                            .map_err(|error| object.wrong("categories_", error.to_string()))?
                            .size(),
                    };
                    widths.push(self.writer.count(length.saturating_sub(usize::from(is_dropped))));
                }
                self.writer.builder.list(widths)?
            }
        }))
    }

    fn unwritable(&self, class: &str, problem: &str) -> Error {
        Error::Unwritable {
            class: class.into(),
            version: self.writer.version.to_string(),
            problem: problem.into(),
        }
    }
}

/// What becomes of a value.
enum Filled {
    Same,
    Other(Fill),
}

fn before(version: Version, (major, minor): Since) -> bool {
    version < Version::new(major, minor, 0)
}

/// The span of versions in which one is: its number, and its value.
fn span(spans: &[(Since, Fill)], version: Version) -> (usize, Fill) {
    let found = spans.iter().enumerate().rev().find(|(_, (since, _))| !before(version, *since));
    found.map_or((0, Fill::Absent), |(number, (_, fill))| (number, *fill))
}

/// Whether a value is the one that means the same as other versions' own.
fn is_fill(fill: Fill, value: &Value) -> bool {
    match fill {
        Fill::None => value.is_none(),
        Fill::Flag(flag) => boolean(value) == Some(flag),
        Fill::Integer(number) => integer(value) == Some(number),
        Fill::Nan => float(value).is_some_and(f64::is_nan),
        Fill::Text(word) => text(value).as_deref() == Some(word),
        _ => true,
    }
}

/// The name of an attribute in a version; none for one that it does not have.
fn renamed<'n>(changes: &[Change], name: &'n str, to: Version) -> Option<&'n str> {
    for change in changes {
        if let Change::Renamed { old, new, since, .. } = *change
            && (name == old || name == new)
        {
            return Some(if before(to, since) { old } else { new });
        }
    }
    match name {
        // Written behind all others.
        "_sklearn_version" => None,
        "min_impurity_split" | "n_features_" if !to.has_min_impurity_split() => None,
        "presort" | "_n_features" => None,
        "feature_names_in_" if !to.has_feature_names() => None,
        name => Some(name),
    }
}
