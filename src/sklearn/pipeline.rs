//! Models made of models: `sklearn.pipeline.Pipeline`, `sklearn.compose.ColumnTransformer`, and the
//! searches of `sklearn.model_selection`, which answer as the best model that they found.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{
    Object, Read, attributes_of, boolean, class_of, described, float, integer, text,
};
use super::registry::Class;
use crate::data::Labels;
use crate::model::Model;
use crate::pickle::Value;
use crate::pipeline::{ColumnStep, ColumnTransformer, FeatureUnion, Pipeline, Selection};

const SEARCHES: &[&str] =
    &["sklearn.model_selection._search", "sklearn.model_selection._search_successive_halving"];

const PIPELINE: &[Change] =
    &[Change::Value("transform_input", &[(EVER, Fill::Absent), ((1, 6), Fill::None)])];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "Pipeline", modules: &["sklearn.pipeline"], read: read_pipeline },
    Class { name: "FeatureUnion", modules: &["sklearn.pipeline"], read: read_union },
    Class {
        name: "ColumnTransformer",
        modules: &["sklearn.compose._column_transformer"],
        read: read_column_transformer,
    },
    Class { name: "GridSearchCV", modules: SEARCHES, read: read_search },
    Class { name: "RandomizedSearchCV", modules: SEARCHES, read: read_search },
    Class { name: "HalvingGridSearchCV", modules: SEARCHES, read: read_search },
    Class { name: "HalvingRandomSearchCV", modules: SEARCHES, read: read_search },
];

/// What changed in those that are converted.
pub(super) const CHANGES: &[Changes] = &[("Pipeline", PIPELINE)];

/// What takes the place of a model.
enum Part {
    Passthrough,
    Drop,
    Model(Arc<dyn Model>),
}

/// What is in the place of a model, for so many columns, if it is known how many.
fn read_part(
    object: &Object,
    name: &str,
    value: &Value,
    columns: Option<usize>,
) -> Result<Part, Error> {
    match text(value).as_deref() {
        Some("passthrough") => return Ok(Part::Passthrough),
        Some("drop") => return Ok(Part::Drop),
        Some(other) => return Err(object.wrong(name, format!("a step is {other:?}"))),
        None if value.is_none() => return Ok(Part::Passthrough),
        None => {}
    }
    if is_check(value) {
        return Ok(Part::Passthrough);
    }
    let estimator = object.estimator_of(value)?.given(columns);
    match estimator.name() {
        // Where nobody says how many columns there are, no function makes no difference to them.
        "FunctionTransformer"
            if estimator.n_columns()?.is_none() && estimator.get("func")?.is_none() =>
        {
            Ok(Part::Passthrough)
        }
        "Pipeline" => match read_steps(&estimator, columns)? {
            steps if steps.iter().all(|(_, model)| model.is_none()) => Ok(Part::Passthrough),
            steps => Ok(Part::Model(Arc::new(pipeline_of(&estimator, steps)?))),
        },
        _ => Ok(Part::Model(estimator.read()?)),
    }
}

/// Whether a value is there, and is the name of this class or function.
fn names(value: Option<Value>, module: &str, name: &str) -> bool {
    value
        .and_then(|value| value.global())
        .is_some_and(|found| found == (module.into(), name.into()))
}

/// Whether it is a `FunctionTransformer` of `check_array`, which passes all through: it is there for
/// the numbers of a `HistGradientBoostingClassifier`.
fn is_check(value: &Value) -> bool {
    let class = class_of(value);
    let is_class = class.is_some_and(|(module, name)| {
        module.starts_with("sklearn.preprocessing.") && name == "FunctionTransformer"
    });
    let checks = |function: &Value| {
        let first = function.arguments().and_then(|arguments| arguments.items().into_iter().next());
        names(function.callee(), "functools", "partial")
            && names(first, "sklearn.utils.validation", "check_array")
    };
    let passes = |(name, value): &(String, Value)| name == "func" && checks(value);
    is_class && attributes_of(value).is_ok_and(|state| state.iter().any(passes))
}

/// The steps of a pipeline: its models with their names.
type Steps = Vec<(String, Option<Arc<dyn Model>>)>;

fn read_pipeline(object: &Object) -> Read {
    Ok(Arc::new(pipeline_of(object, read_steps(object, None)?)?))
}

fn pipeline_of(object: &Object, steps: Steps) -> Result<Pipeline, Error> {
    let (version, parameters) = (object.version(), object.parameters());
    object.model(Pipeline::from_parts(steps, version, parameters))
}

fn read_steps(object: &Object, mut columns: Option<usize>) -> Result<Steps, Error> {
    let name = "steps";
    let mut steps: Steps = Vec::new();
    for step in object.list(name)? {
        let items = object.list_of(name, &step)?;
        let [step_name, model] = items.as_slice() else {
            return Err(object.wrong(name, "a step is no pair of a name and a model"));
        };
        let step_name =
            text(step_name).ok_or_else(|| object.not(name, step_name, "the name of a step"))?;
        let model = match read_part(object, name, model, columns)? {
            Part::Model(model) => Some(model),
            Part::Passthrough => None,
            Part::Drop => return Err(object.wrong(name, "a step is \"drop\"")),
        };
        if let Some(model) = &model {
            columns = model.abilities().transformer.map(|model| model.n_features_out());
        }
        steps.push((step_name, model));
    }
    Ok(steps)
}

fn read_union(object: &Object) -> Read {
    let name = "transformer_list";
    let columns = object.n_columns()?;
    let weights = object.some("transformer_weights").map(Value::entries).unwrap_or_default();
    let mut parts = Vec::new();
    for part in object.list(name)? {
        let items = object.list_of(name, &part)?;
        let [own_name, model] = items.as_slice() else {
            return Err(object.wrong(name, "a transformer is no pair of a name and a model"));
        };
        let own_name =
            text(own_name).ok_or_else(|| object.not(name, own_name, "a transformer's name"))?;
        let weight = weights.iter().find(|(key, _)| text(key).as_deref() == Some(&own_name));
        let weight = match weight {
            Some((_, weight)) if !weight.is_none() => float(weight)
                .ok_or_else(|| object.not("transformer_weights", weight, "a number"))?,
            _ => 1.0,
        };
        // None drops a transformer here, as old versions wrote it
        let part =
            if model.is_none() { Part::Drop } else { read_part(object, name, model, columns)? };
        match part {
            Part::Drop => {}
            Part::Passthrough => parts.push((own_name, None, weight)),
            Part::Model(model) => parts.push((own_name, Some(model), weight)),
        }
    }
    let (version, parameters) = (object.version(), object.parameters());
    let verbose = match object.find("verbose_feature_names_out") {
        Some(_) => object.boolean("verbose_feature_names_out")?,
        None => true,
    };
    let made = object.model(FeatureUnion::from_parts(parts, version, parameters))?;
    Ok(Arc::new(made.with_verbose_names(verbose)))
}

fn read_column_transformer(object: &Object) -> Read {
    if object.some("transformer_weights").is_some() {
        return Err(object.unsupported("it has transformer_weights"));
    }
    let columns = match object.find("_n_features") {
        Some(_) => object.count("_n_features")?,
        None => 0,
    };
    let mut fitted = object.fitted(columns)?;
    if fitted.feature_names.is_none()
        && let Some(names) = object.some("_feature_names_in")
        && let Labels::Text(names) = object.labels_of("_feature_names_in", names)?
    {
        fitted.feature_names = Some(names);
    }
    let (count, names) = (fitted.n_features, fitted.feature_names.clone());
    let name = "transformers_";
    let mut steps = Vec::new();
    for step in object.list(name)? {
        let items = object.list_of(name, &step)?;
        let [step_name, model, columns] = items.as_slice() else {
            return Err(object.wrong(name, "a step is no name, model and columns"));
        };
        let step_name =
            text(step_name).ok_or_else(|| object.not(name, step_name, "the name of a step"))?;
        let selection = read_selection(object, columns)?;
        let width = selection.width(count, names.as_deref());
        // A model of no columns was not fitted.
        let step = match is_empty(&selection) {
            true => ColumnStep::Drop,
            false => match read_part(object, name, model, width)? {
                Part::Model(model) => ColumnStep::Model(model),
                Part::Passthrough => ColumnStep::Passthrough,
                Part::Drop => ColumnStep::Drop,
            },
        };
        steps.push((step_name, step, selection));
    }
    let sparse = match object.find("sparse_output_") {
        Some(_) => object.boolean("sparse_output_")?,
        None => false,
    };
    // Other ways to name columns than with the step's name before them, or without it, are no text.
    let verbose = match object.find("verbose_feature_names_out") {
        Some(value) => boolean(value),
        None => Some(true),
    };
    let made = object.model(ColumnTransformer::from_parts(fitted, steps))?;
    Ok(Arc::new(made.with_output(sparse, verbose)))
}

fn is_empty(selection: &Selection) -> bool {
    match selection {
        Selection::Names(names) => names.is_empty(),
        Selection::Places(places) => places.is_empty(),
        Selection::Mask(mask) => !mask.contains(&true),
        _ => false,
    }
}

/// Columns by name, place, slice or mask.
fn read_selection(object: &Object, value: &Value) -> Result<Selection, Error> {
    let name = "transformers_";
    if let Some(name) = text(value) {
        return Ok(Selection::Names(vec![name]));
    }
    if let Some(place) = integer(value) {
        return Ok(Selection::Places(vec![place]));
    }
    if let Some(index) = read_index(object, value)? {
        return Ok(index);
    }
    let class = class_of(value);
    match class.as_ref().map(|(module, name)| (module.as_str(), name.as_str())) {
        Some(("builtins", "slice")) => {
            let bounds = value.arguments().map(|arguments| arguments.items()).unwrap_or_default();
            return read_slice(object, &bounds);
        }
        // The places or names of the remainder, in 1.5 to 1.8: a list that warns.
        Some(("sklearn.compose._column_transformer", "_RemainderColsList")) => {
            let state = attributes_of(value).map_err(|problem| object.wrong(name, problem))?;
            let data = state.iter().find(|(name, _)| name == "data");
            let (_, data) = data.ok_or_else(|| object.wrong(name, "columns without data"))?;
            return read_list(object, &object.list_of(name, data)?);
        }
        _ => {}
    }
    match object.list_of(name, value) {
        Ok(items) => read_list(object, &items),
        Err(_) => selection_of(object, value),
    }
}

/// Columns from an array of numpy's.
fn selection_of(object: &Object, value: &Value) -> Result<Selection, Error> {
    let name = "transformers_";
    match object.labels_of(name, value)? {
        Labels::Text(names) => Ok(Selection::Names(names)),
        Labels::Integers(places) => Ok(Selection::Places(places)),
        Labels::Booleans(mask) => Ok(Selection::Mask(mask)),
        Labels::Floats(_) => Err(object.not(name, value, "columns")),
    }
}

/// An `Index` of pandas, 0.25 to 3: what `df.columns` and `df.select_dtypes(…).columns` are. It is a
/// call of `_new_Index` with the class and a dictionary that holds the labels as an array of numpy's or,
/// in pandas 3, of pandas' own.
fn read_index(object: &Object, value: &Value) -> Result<Option<Selection>, Error> {
    let name = "transformers_";
    let index = match names(value.callee(), "pandas.core.indexes.base", "_new_Index") {
        true => value.arguments().map(|arguments| arguments.items()).unwrap_or_default(),
        false if is_string_array(value) => return read_string_array(object, value).map(Some),
        false => return Ok(None),
    };
    let [class, parts] = index.as_slice() else {
        return Err(object.wrong(name, "an Index of pandas without its parts"));
    };
    let class = class.global().map(|(_, class)| class).unwrap_or_default();
    if class == "RangeIndex" {
        let bound = |name: &str| parts.get(name).as_ref().and_then(integer);
        let (start, stop, step) = (bound("start"), bound("stop"), bound("step"));
        let places = match (start, stop, step) {
            (Some(start), Some(stop), Some(step)) if start >= 0 && stop >= 0 && step > 0 => {
                Selection::Slice { start: Some(start), stop: Some(stop), step: Some(step) }
            }
            _ => return Err(object.unsupported("columns by a RangeIndex that goes back")),
        };
        return Ok(Some(places));
    }
    let data = parts.get("data").ok_or_else(|| {
        object.unsupported(format!("columns by a {class} of pandas, whose labels are elsewhere"))
    })?;
    if is_string_array(&data) {
        return read_string_array(object, &data).map(Some);
    }
    match object.list_of(name, &data) {
        Ok(items) => read_list(object, &items).map(Some),
        Err(_) => selection_of(object, &data).map(Some),
    }
}

/// Whether it is an array of texts of pandas 3, which keeps them in one of Python's objects.
fn is_string_array(value: &Value) -> bool {
    names(value.callee(), "pandas._libs.arrays", "__pyx_unpickle_NDArrayBacked")
}

fn read_string_array(object: &Object, value: &Value) -> Result<Selection, Error> {
    let name = "transformers_";
    let state = value.state().map(|state| state.items()).unwrap_or_default();
    let mut arrays = state.iter().filter_map(|part| object.list_of(name, part).ok());
    match arrays.next_back() {
        Some(items) => read_list(object, &items),
        None => Err(object.wrong(name, "an array of pandas without its texts")),
    }
}

fn read_list(object: &Object, items: &[Value]) -> Result<Selection, Error> {
    fn all<T>(items: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        items.iter().map(read).collect()
    }
    if let Some(names) = all(items, text) {
        return Ok(Selection::Names(names));
    }
    if let Some(mask) = all(items, boolean) {
        return Ok(Selection::Mask(mask));
    }
    all(items, integer)
        .map(Selection::Places)
        .ok_or_else(|| object.wrong("transformers_", "columns are not all names or all places"))
}

fn read_slice(object: &Object, bounds: &[Value]) -> Result<Selection, Error> {
    let name = "transformers_";
    let [start, stop, step] = bounds else {
        return Err(object.wrong(name, "a slice of columns has not three parts"));
    };
    let place = |value: &Value| match (value.is_none(), integer(value)) {
        (true, _) => Ok(None),
        (false, Some(place)) => Ok(Some(place)),
        (false, None) => {
            Err(object.wrong(name, format!("a slice of columns with {}", described(value))))
        }
    };
    if text(start).is_some() || text(stop).is_some() {
        let is_name = |value: &Value| value.is_none() || text(value).is_some();
        if !is_name(start) || !is_name(stop) || !step.is_none() {
            return Err(object.wrong(name, "a slice of columns from a name to a number"));
        }
        return Ok(Selection::NameSlice { start: text(start), stop: text(stop) });
    }
    Ok(Selection::Slice { start: place(start)?, stop: place(stop)?, step: place(step)? })
}

fn read_search(object: &Object) -> Read {
    if object.find("best_estimator_").is_none() {
        return Err(object.wrong(
            "best_estimator_",
            "it is missing: the search was not fitted, or refit=False kept no estimator",
        ));
    }
    object.estimator("best_estimator_")?.read()
}
