//! Estimators that were read, written for another version of scikit-learn.
//!
//! What changed between versions are names of attributes and parameters, and how trees are laid out;
//! everything else is copied as it is. A class whose changes are not known here is refused.

use std::collections::HashMap;

use super::changes::{self, Change, Fill, Since};
use super::pandas::names;
use super::pipeline::read_index;
use super::read::{Object, attributes_of, boolean, class_of, described, float, integer, text};
use super::scipy::is_sparse;
use super::tree::convert_tree;
use super::write::Writer;
use super::{DumpOptions, Error, LoadOptions, Version, value_of};
use crate::pickle::{self, Handle, Value};
use crate::pipeline::Selection;

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
/// Every class that is read is converted, also in dictionaries, lists and tuples. A model that would
/// answer otherwise there is refused, and so is a class that the version does not have.
///
/// What answers take from numpy's exponentials and logarithms differs in the last bits between versions
/// of numpy. Of rows at the same distance, some versions of models of neighbours take another one, and
/// for the deviations of Bayesian regressors (`return_std`) each has its own formula. Of two classes that are equally probable, each version of gradient boosting takes its own:
/// the first until 1.3, the second from 1.4 on. There scores of several classes have a mean of zero,
/// which those of models of older versions have not; such a model keeps them by numpy's logarithm in the
/// place of the method `link` of its loss, and goes back to older versions only so.
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
    let (writer, root) = copied(&root, to)?;
    to.packed(writer.builder.dumps(root, &to.pickle())?)
}

/// What was read, written anew as the options say.
pub(super) fn copied<'a>(
    root: &Value,
    options: &DumpOptions,
) -> Result<(Writer<'a>, Handle), Error> {
    let mut copier =
        Copier { writer: Writer::new(options), given: None, depth: 0, copied: HashMap::new() };
    let root = copier.value(root, None, 0)?;
    Ok((copier.writer, root))
}

/// The columns that an estimator is given.
pub(super) struct Given {
    pub(super) columns: usize,
    pub(super) names: Option<Vec<String>>,
}

/// Writes what was read anew.
pub(super) struct Copier<'a> {
    pub(super) writer: Writer<'a>,
    /// What the next estimator is given, where what is around it says so.
    pub(super) given: Option<Given>,
    /// How deep the estimator lies that is being written.
    depth: u32,
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
                    // Keys of numpy's become Python's own, too.
                    let key = self.value(&key, around, depth + 1)?;
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
        if let Some(handle) = self.scorer(value, around, depth)? {
            return Ok(handle);
        }
        if let Some(handle) = self.bunch(value, around, depth)? {
            return Ok(handle);
        }
        if let Some((module, _)) = class_of(value)
            && module.starts_with("sklearn.")
        {
            return self.estimator(&Object::model_or_part(value, around)?, depth);
        }
        if let Ok(items) = value.to_object_array() {
            let shape = items.shape().to_vec();
            let items: Vec<Value> = items.into_iter().collect();
            let items = self.values(&items, around, depth)?;
            return self.writer.objects(&shape, items);
        }
        let special = [
            Copier::random_state,
            Copier::generator,
            Copier::masked,
            Copier::check,
            Copier::index,
            Copier::sparse,
        ];
        for copy in special {
            if let Some(handle) = copy(self, value, around, depth)? {
                return Ok(handle);
            }
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
        let Some(state) = value.state().filter(|_| names(value.callee(), module, name)) else {
            return Ok(None);
        };
        self.of_bits((module, name), &state, around, depth)
    }

    /// A `Generator` of numpy's as all versions make it: by the name of its generator of bits, whose
    /// state says all of it.
    fn generator(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let (module, name) = ("numpy.random._pickle", "__generator_ctor");
        if !names(value.callee(), module, name) {
            return Ok(None);
        }
        // From numpy 2 on the generator of bits is an object, with a seed behind its state.
        let bits = || value.arguments()?.items().first()?.state()?.items().into_iter().next();
        let Some(state) = value.state().or_else(bits) else { return Ok(None) };
        self.of_bits((module, name), &state, around, depth)
    }

    /// What a function of numpy's makes of the name of a generator of bits, which its state has.
    fn of_bits(
        &mut self,
        (module, name): (&str, &str),
        state: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let Some(generator) = state.get("bit_generator").and_then(|name| text(&name)) else {
            return Ok(None);
        };
        let state = self.value(state, around, depth + 1)?;
        let b = &self.writer.builder;
        let made = b.reduce(b.global(module, name), [b.str(&generator)])?;
        b.build(made, state)?;
        Ok(Some(made))
    }

    /// A masked array of numpy's: its class has another name from numpy 2 on.
    fn masked(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let (module, name) = ("numpy.ma.core", "_mareconstruct");
        let Some(state) = value.state().filter(|_| names(value.callee(), module, name)) else {
            return Ok(None);
        };
        let state = self.value(&state, around, depth + 1)?;
        let b = &self.writer.builder;
        let classes = [b.global(module, "MaskedArray"), b.global("numpy", "ndarray")];
        let start = [b.tuple([b.int(0)])?, b.str("b")];
        let made = b.reduce(b.global(module, name), classes.into_iter().chain(start))?;
        b.build(made, state)?;
        Ok(Some(made))
    }

    /// A dictionary of scikit-learn's whose items are attributes, too: the estimators of others by
    /// their names.
    fn bunch(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let modules = ["sklearn.utils", "sklearn.utils._bunch", "sklearn.datasets.base"];
        if !class_of(value)
            .is_some_and(|(module, name)| name == "Bunch" && modules.contains(&module.as_str()))
        {
            return Ok(None);
        }
        let mut entries = Vec::new();
        for (key, value) in value.entries() {
            let key = self.writer.builder.value(&key)?;
            entries.push((key, self.value(&value, around, depth + 1)?));
        }
        let b = &self.writer.builder;
        let made = b.newobj(b.global("sklearn.utils", "Bunch"), [])?;
        b.update(made, entries)?;
        Ok(Some(made))
    }

    /// A sparse matrix of SciPy's by the public name of its class: its module was renamed in 1.8.
    fn sparse(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let Some((_, class)) = class_of(value).filter(|_| is_sparse(value)) else {
            return Ok(None);
        };
        let parts: &[&str] = match class.get(..3) {
            Some("csr" | "csc") => &["data", "indices", "indptr"],
            Some("dia") => &["data", "offsets"],
            _ => return Ok(None),
        };
        let state = attributes_of(value).map_err(|problem| Error::Sparse { problem })?;
        let find = |names: &[&str]| {
            let entry = state.iter().find(|(own, _)| names.contains(&own.as_str()));
            let missing = || Error::Sparse { problem: format!("its {} is missing", names[0]) };
            entry.map(|(_, value)| value).ok_or_else(missing)
        };
        let shape = self.value(find(&["_shape", "shape"])?, around, depth + 1)?;
        let mut attributes = vec![("_shape", shape), ("maxprint", self.writer.count(50))];
        for part in parts {
            attributes.push((part, self.value(find(&[part])?, around, depth + 1)?));
        }
        self.writer.object(("scipy.sparse", &class), attributes).map(Some)
    }

    /// Columns that an index of pandas names: a list of them, which needs no pandas.
    fn index(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        _depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let Some(around) = around.filter(|around| around.name() == "ColumnTransformer") else {
            return Ok(None);
        };
        let b = &self.writer.builder;
        Ok(match read_index(around, value)? {
            Some(Selection::Names(names)) => Some(b.list(names.iter().map(|name| b.str(name)))?),
            Some(Selection::Places(places)) => {
                Some(b.list(places.iter().map(|&place| b.int(i128::from(place))))?)
            }
            Some(Selection::Mask(mask)) => Some(b.list(mask.iter().map(|&is| b.bool(is)))?),
            Some(Selection::Slice { start, stop, step }) => {
                let bounds = [start, stop, step];
                let bound = |bound: Option<i64>| bound.map_or(b.none(), |n| b.int(i128::from(n)));
                Some(b.reduce(b.global("builtins", "slice"), bounds.map(bound))?)
            }
            Some(Selection::NameSlice { .. }) | None => None,
        })
    }

    /// A scorer of scikit-learn's, whose class said until 1.3 what it asks models for.
    fn scorer(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let Some((module, class)) = class_of(value) else { return Ok(None) };
        let own = "sklearn.metrics._scorer";
        if ![own, "sklearn.metrics.scorer"].contains(&&*module) {
            return Ok(None);
        }
        let to = self.writer.version;
        let unwritable = |copier: &Copier<'_>| Err(copier.unwritable(&class, "it asks otherwise"));
        let state = value.state();
        let find = |name: &str| state.as_ref().and_then(|state| state.get(name));
        let asked: Vec<String> = match (class.as_str(), find("_response_method")) {
            ("_PredictScorer", _) => vec!["predict".into()],
            ("_ProbaScorer", _) => vec!["predict_proba".into()],
            ("_ThresholdScorer", _) => vec!["decision_function".into(), "predict_proba".into()],
            ("_Scorer", Some(asked)) => match text(&asked) {
                Some(asked) => vec![asked],
                None => asked.items().iter().filter_map(text).collect(),
            },
            ("_Scorer", None) => vec!["predict".into()],
            _ => return Ok(None),
        };
        let (Some(function), Some(sign)) = (find("_score_func"), find("_sign")) else {
            return unwritable(self);
        };
        let words: Vec<&str> = asked.iter().map(String::as_str).collect();
        let name = match (to.before(1, 4), words.as_slice()) {
            (false, _) => "_Scorer",
            (true, ["predict"]) => "_PredictScorer",
            (true, ["predict_proba"]) => "_ProbaScorer",
            (true, ["decision_function", "predict_proba"]) => "_ThresholdScorer",
            _ => return unwritable(self),
        };
        // Until 1.3 the root of an error was a parameter.
        let is_root = |function: &str| function.starts_with("root_");
        let keywords = find("_kwargs").map(|keywords| keywords.entries()).unwrap_or_default();
        let mut entries = Vec::new();
        let mut rooted = false;
        for (key, value) in &keywords {
            if text(key).as_deref() == Some("squared") && boolean(value) == Some(false) {
                rooted = true;
                continue;
            }
            let key = self.writer.builder.value(key)?;
            entries.push((key, self.value(value, around, depth + 1)?));
        }
        let function = match function.global() {
            Some((module, function)) if module.starts_with("sklearn.metrics.") => {
                let old = to.before(1, 4);
                rooted |= is_root(&function);
                let plain = function.trim_start_matches("root_").to_owned();
                let function = match (rooted, old) {
                    (true, false) => format!("root_{plain}"),
                    (_, _) => plain,
                };
                if rooted && old {
                    let b = &self.writer.builder;
                    entries.push((b.str("squared"), b.bool(false)));
                }
                // Modules whose names began to begin with a line in 0.22.
                let module = match module.strip_prefix("sklearn.metrics.") {
                    Some(old @ ("classification" | "regression" | "ranking")) => {
                        format!("sklearn.metrics._{old}")
                    }
                    _ => module,
                };
                self.writer.builder.global(&module, &function)
            }
            _ => self.value(&function, around, depth + 1)?,
        };
        let sign = self.value(&sign, around, depth + 1)?;
        let b = &self.writer.builder;
        let mut attributes =
            vec![("_score_func", function), ("_sign", sign), ("_kwargs", b.dict(entries)?)];
        if !to.before(1, 4) {
            let asked = match words.as_slice() {
                [one] => b.str(one),
                several => b.tuple(several.iter().map(|asked| b.str(asked)))?,
            };
            attributes.push(("_response_method", asked));
            if !to.before(1, 6) && to.before(1, 8) {
                attributes.push(("_deprecation_msg", b.none()));
            }
        }
        self.writer.object((own, name), attributes).map(Some)
    }

    /// A `functools.partial` of `check_array`, one of whose parameters got another name in 1.6.
    fn check(
        &mut self,
        value: &Value,
        around: Option<&Object>,
        depth: u32,
    ) -> Result<Option<Handle>, Error> {
        let first = value.arguments().and_then(|arguments| arguments.items().into_iter().next());
        let (module, name) = ("sklearn.utils.validation", "check_array");
        if !names(value.callee(), "functools", "partial") || !names(first, module, name) {
            return Ok(None);
        }
        let state = value.state().map(|state| state.items()).unwrap_or_default();
        let [_, arguments, keywords, _] = state.as_slice() else { return Ok(None) };
        let arguments = self.value(arguments, around, depth + 1)?;
        let mut entries = Vec::new();
        for (key, value) in keywords.entries() {
            let key = match text(&key).as_deref() {
                Some("force_all_finite" | "ensure_all_finite") => {
                    self.writer.builder.str(match self.writer.version.before(1, 6) {
                        true => "force_all_finite",
                        false => "ensure_all_finite",
                    })
                }
                _ => self.writer.builder.value(&key)?,
            };
            entries.push((key, self.value(&value, around, depth + 1)?));
        }
        let b = &self.writer.builder;
        let check = b.global(module, name);
        let made = b.reduce(b.global("functools", "partial"), [check])?;
        b.build(made, b.tuple([check, arguments, b.dict(entries)?, b.none()])?)?;
        Ok(Some(made))
    }

    fn estimator(&mut self, object: &Object, depth: u32) -> Result<Handle, Error> {
        let outer = std::mem::replace(&mut self.depth, depth);
        let written = self.attributes(object, depth);
        self.depth = outer;
        written
    }

    /// The object with its attributes, as the version has them.
    fn attributes(&mut self, object: &Object, depth: u32) -> Result<Handle, Error> {
        let (class, to) = (object.name(), self.writer.version);
        let is_tree = TREES.contains(&class);
        let is_forest = FORESTS.contains(&class);
        let Some(changes) = changes::of(class) else {
            return Err(object.unsupported(
                "it cannot be converted to another version; the table of classes in the README says \
                 which can: keep the file for the version that wrote it",
            ));
        };
        // A pipeline hands it on to its first step.
        let given = if class == "Pipeline" { None } else { self.given.take() };
        let is_classifier = class.ends_with("Classifier");
        let is_parameter = |name: &str| !name.starts_with('_') && !name.ends_with('_');
        let ends = |(name, _): &(String, Value)| {
            name.ends_with('_') && !name.starts_with("__") || name == "_idf_diag"
        };
        // Of a fit without weights it kept nothing before 1.0.
        let is_bare = class == "TfidfTransformer"
            && object.find("use_idf").and_then(boolean) == Some(false)
            && object.version().before(1, 0);
        // These keep nothing of a fit but how many columns there were, and before 0.23 not even that.
        let is_given = ["Normalizer", "Binarizer"].contains(&class) && given.is_some();
        let is_fitted =
            object.is_part() || is_bare || is_given || object.attributes().iter().any(ends);
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
            let is_made =
                |change: &Change| matches!(change, Change::Made(made, _) if *made == new_name);
            if changes.iter().any(is_made) {
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
                (name, Some(word)) if let Some(word) = spelled(changes, name, word, to) => {
                    Some(b.str(word))
                }
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
            // What was not fitted has no more than its parameters.
            if !is_fitted && !change.parameter().is_some_and(is_parameter) {
                continue;
            }
            match *change {
                Change::Value(name, spans)
                | Change::Free(name, spans)
                | Change::Usual(name, spans) => {
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
                Change::Made(name, make) => {
                    if let Some(made) = make(self, object)? {
                        attributes.push((name.to_owned(), made));
                    }
                }
                Change::Renamed { .. }
                | Change::Word(..)
                | Change::Spelled { .. }
                | Change::Moved(..) => {}
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
        let columns = match object.is_part() || !is_fitted {
            true => None,
            false => object.n_features()?.or(given.as_ref().map(|given| given.columns)),
        };
        if is_bare && columns.is_none() && !to.before(1, 0) {
            let problem =
                "it does not say how many columns it was fitted on, nor what is before it";
            return Err(self.unwritable(class, problem));
        }
        if let Some(columns) = columns
            && !has(&attributes, "n_features_in_")
        {
            attributes.push(("n_features_in_".to_owned(), self.writer.count(columns)));
        }
        if let Some(names) = given.and_then(|given| given.names)
            && columns.is_some()
            && to.has_feature_names()
            && !has(&attributes, "feature_names_in_")
        {
            let names = self.writer.text_objects(&names)?;
            attributes.push(("feature_names_in_".to_owned(), names));
        }
        let moved = changes.iter().find_map(|change| match *change {
            Change::Moved(module, since) if before(to, since) => Some(module),
            _ => None,
        });
        let module = moved.or(object.class.modules.first().copied()).unwrap_or_default();
        let attributes = attributes.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        match object.is_part() && object.find("_sklearn_version").is_none() {
            true => self.writer.object((module, class), attributes),
            false => self.writer.estimator((module, class), attributes),
        }
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
                Change::Free(own, spans) | Change::Usual(own, spans) => (own, spans, false),
                Change::Word(own, word, since) => {
                    if own == name && before(to, since) && text(value).as_deref() == Some(word) {
                        return unwritable(format!("{word:?}"));
                    }
                    continue;
                }
                Change::Renamed { .. }
                | Change::Unless(_)
                | Change::Moved(..)
                | Change::Spelled { .. }
                | Change::Made(..) => continue,
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
            let is_kept = matches!(change, Change::Usual(..)) && !is_fill(source, value);
            return Ok(match target {
                Fill::Absent => Filled::Other(target),
                _ if is_kept => Filled::Same,
                _ => Filled::Other(target),
            });
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
            Fill::Float(number) => b.float(number),
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
            Fill::RowsOf(name) => match lengths_of(object, name).first() {
                Some(&rows) => self.writer.count(rows),
                None => return Ok(None),
            },
            Fill::ColumnsOf(name) => match lengths_of(object, name).last() {
                Some(&columns) => self.writer.count(columns),
                None => return Ok(None),
            },
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

    /// An attribute as it was read, written anew; none if the object has none.
    pub(super) fn attribute(
        &mut self,
        object: &Object,
        name: &str,
    ) -> Result<Option<Handle>, Error> {
        object.find(name).map(|value| self.within(object, value)).transpose()
    }

    /// A value that an object holds, written anew.
    pub(super) fn within(&mut self, object: &Object, value: &Value) -> Result<Handle, Error> {
        self.value(value, Some(object), self.depth + 1)
    }

    pub(super) fn unwritable(&self, class: &str, problem: &str) -> Error {
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

/// The shape of an array or a sparse matrix in an attribute; none for anything else.
pub(super) fn lengths_of(object: &Object, name: &str) -> Vec<usize> {
    let Some(value) = object.some(name) else { return Vec::new() };
    if is_sparse(value) {
        let state = attributes_of(value).unwrap_or_default();
        let shape = state.iter().find(|(own, _)| own == "_shape" || own == "shape");
        let lengths = shape.map(|(_, shape)| shape.items()).unwrap_or_default();
        let length = |value: &Value| integer(value).and_then(|value| usize::try_from(value).ok());
        return lengths.iter().map(length).collect::<Option<_>>().unwrap_or_default();
    }
    value.to_numpy().map(|array| array.shape().to_vec()).unwrap_or_default()
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
        Fill::Float(number) => float(value) == Some(number),
        Fill::Nan => float(value).is_some_and(f64::is_nan),
        Fill::Text(word) => text(value).as_deref() == Some(word),
        _ => true,
    }
}

/// How a version spells a value of a parameter; none if all spell it so.
fn spelled(changes: &[Change], own: &str, word: &str, to: Version) -> Option<&'static str> {
    changes.iter().find_map(|change| match *change {
        Change::Spelled { name, old, new, since } if name == own && [old, new].contains(&word) => {
            Some(if before(to, since) { old } else { new })
        }
        _ => None,
    })
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
