//! What the objects of a file hold, by type; errors say of which class, which attribute, and which
//! version.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use ndarray::{Array, ArrayD, Dimension};

use super::registry::{self, Class};
use super::{Error, Version};
use crate::data::Labels;
use crate::model::{self, FittedParts, Model, Parameter, Parameters};
use crate::numpy::{DtypeKind, Element};
use crate::pickle::Value;
use crate::text::shortened;

/// How much of a name in a file a message holds.
const LONGEST_NAME: usize = 100;

/// How deep estimators may lie in one another: a pipeline in a search in a pipeline.
const MOST_DEPTH: u32 = 16;

/// How much is read at most: objects, and their attributes, each as often as something refers to
/// them. A file of a few bytes could refer to the same objects again and again.
const MOST_WORK: usize = 1 << 23;

/// How deep lists and dictionaries may lie in a parameter, and how many items are kept of each.
const PARAMETER_DEPTH: u32 = 4;
const PARAMETER_ITEMS: usize = 1000;

/// A model that was read, with its type.
pub(super) trait Fitted: Model + Any {
    /// Whether another is of the same type, and equal.
    fn equals(&self, other: &dyn Fitted) -> bool;
}

impl<M: Model + PartialEq + 'static> Fitted for M {
    fn equals(&self, other: &dyn Fitted) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<M>() == Some(self)
    }
}

/// What reading an estimator gives.
pub(super) type Read = Result<Arc<dyn Fitted>, Error>;

/// What is known of all objects of a file together.
#[derive(Default)]
struct Shared {
    /// How much was read.
    work: Cell<usize>,
    /// The models inside of others, by their place in the file and how many columns they are given;
    /// nothing for what passes rows through.
    models: RefCell<HashMap<(u32, Option<usize>), Known>>,
}

/// A model that was read; nothing for what passes rows through.
type Known = Option<Arc<dyn Fitted>>;

/// An object of a class of scikit-learn, and its attributes.
pub(super) struct Object {
    pub(super) class: &'static Class,
    attributes: Vec<(String, Value)>,
    /// As its own `_sklearn_version` says, or that of the object around it.
    version: Option<Version>,
    depth: u32,
    /// How many columns it is given, if what is around it says so.
    columns: Option<usize>,
    shared: Rc<Shared>,
}

/// Module and name of the class of an object, if it is one with a class.
pub(super) fn class_of(value: &Value) -> Option<(String, String)> {
    let callee = value.callee()?.global()?;
    // Objects of the protocols 0 and 1 name their class first among the arguments.
    match callee.1 == "_reconstructor" && matches!(&*callee.0, "copyreg" | "copy_reg") {
        true => value.arguments()?.items().first()?.global(),
        false => Some(callee),
    }
}

/// A name in a file, for a message.
pub(super) fn named((module, name): &(String, String)) -> String {
    shortened(&format!("{module}.{name}"), LONGEST_NAME)
}

fn version_text(version: Option<Version>) -> String {
    version.map_or("of unknown version".to_owned(), |version| version.to_string())
}

impl Object {
    /// The object that a value is, if it is of a class that can be read.
    pub(super) fn new(value: &Value, around: Option<&Object>) -> Result<Object, Error> {
        Object::of(value, around, registry::find)
    }

    /// The same of a class that is found so.
    fn of(
        value: &Value,
        around: Option<&Object>,
        find: impl Fn(&str, &str) -> Option<&'static Class>,
    ) -> Result<Object, Error> {
        let depth = around.map_or(0, |around| around.depth + 1);
        let Some(class) = class_of(value) else {
            return Err(Error::NoEstimator { found: described(value) });
        };
        let attributes = attributes_of(value);
        let own = attributes.as_ref().ok().and_then(|attributes| {
            let version = attributes.iter().find(|(name, _)| name == "_sklearn_version");
            version?.1.as_str()?.parse().ok()
        });
        let version = own.or(around.and_then(|around| around.version));
        let Some(known) = find(&class.0, &class.1) else {
            let problem = "no such class is read here; see the table of classes in the README";
            return Err(Error::Unsupported {
                class: named(&class),
                version: version_text(version),
                problem: problem.into(),
            });
        };
        let shared = around.map_or_else(Rc::default, |around| Rc::clone(&around.shared));
        let count = attributes.as_ref().map_or(0, Vec::len);
        shared.work.set(shared.work.get().saturating_add(1 + count));
        let work = shared.work.get();
        let object =
            |attributes| Object { class: known, attributes, version, depth, columns: None, shared };
        match attributes {
            Ok(_) if work > MOST_WORK => {
                Err(object(Vec::new()).unsupported("too many estimators in one another"))
            }
            Ok(attributes) if depth <= MOST_DEPTH => Ok(object(attributes)),
            Ok(_) => Err(object(Vec::new()).unsupported("estimators too deep in one another")),
            Err(problem) => Err(object(Vec::new()).wrong("its state", problem)),
        }
    }

    /// The object that a value is, a model or a part of one.
    pub(super) fn model_or_part(value: &Value, around: Option<&Object>) -> Result<Object, Error> {
        Object::of(value, around, |module, name| {
            registry::find(module, name).or_else(|| registry::find_part(module, name))
        })
    }

    /// Whether it is a part of models, and no model.
    pub(super) fn is_part(&self) -> bool {
        registry::PARTS.iter().any(|part| std::ptr::eq(part, self.class))
    }

    /// Reads the model.
    pub(super) fn read(&self) -> Read {
        (self.class.read)(self)
    }

    pub(super) fn name(&self) -> &'static str {
        self.class.name
    }

    /// The version that wrote the object, if it says so.
    pub(super) fn stated_version(&self) -> Option<Version> {
        self.version
    }

    /// The version whose rules hold.
    pub(super) fn version(&self) -> Version {
        // Estimators say their version since 0.18; what does not is older, or was tampered with.
        self.version.unwrap_or(Version::new(0, 17, 0))
    }

    pub(super) fn unsupported(&self, problem: impl Into<String>) -> Error {
        Error::Unsupported {
            class: self.name().into(),
            version: version_text(self.version),
            problem: problem.into(),
        }
    }

    /// An error about an attribute.
    pub(super) fn wrong(&self, attribute: &str, problem: impl Into<String>) -> Error {
        Error::Attribute {
            class: self.name().into(),
            version: version_text(self.version),
            attribute: attribute.into(),
            problem: problem.into(),
        }
    }

    /// Counts what was made of few attributes, against all that may be made of one file.
    pub(super) fn charge(&self, made: usize) -> Result<(), Error> {
        let work = self.shared.work.get().saturating_add(made);
        self.shared.work.set(work);
        match work > MOST_WORK {
            true => Err(self.unsupported("estimators that make too many columns in all")),
            false => Ok(()),
        }
    }

    /// An error of the model that the parts make.
    pub(super) fn model<T>(&self, result: Result<T, model::Error>) -> Result<T, Error> {
        result.map_err(|source| Error::Model {
            class: self.name().into(),
            version: version_text(self.version),
            source: Box::new(source),
        })
    }

    /// An error about one of the trees or estimators in an attribute.
    pub(super) fn in_tree(&self, error: Error, attribute: &str, number: usize) -> Error {
        match error {
            Error::Model { source, .. } => Error::Model {
                class: self.name().into(),
                version: version_text(self.version),
                source: Box::new(source.in_tree(number)),
            },
            other => self.wrong(attribute, format!("number {number}: {other}")),
        }
    }

    /// An attribute, if the object has it.
    pub(super) fn find(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// An attribute, if the object has it and it is not None.
    pub(super) fn some(&self, name: &str) -> Option<&Value> {
        self.find(name).filter(|value| !value.is_none())
    }

    pub(super) fn get(&self, name: &str) -> Result<&Value, Error> {
        self.find(name).ok_or_else(|| {
            self.wrong(name, "it is missing: was the estimator fitted before it was saved?")
        })
    }

    pub(super) fn integer(&self, name: &str) -> Result<i64, Error> {
        let value = self.get(name)?;
        integer(value).ok_or_else(|| self.not(name, value, "a whole number"))
    }

    pub(super) fn count(&self, name: &str) -> Result<usize, Error> {
        let number = self.integer(name)?;
        usize::try_from(number).map_err(|_| self.wrong(name, format!("it is {number}, no count")))
    }

    pub(super) fn float(&self, name: &str) -> Result<f64, Error> {
        let value = self.get(name)?;
        float(value).ok_or_else(|| self.not(name, value, "a number"))
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Error> {
        let value = self.get(name)?;
        text(value).ok_or_else(|| self.not(name, value, "text"))
    }

    pub(super) fn boolean(&self, name: &str) -> Result<bool, Error> {
        let value = self.get(name)?;
        boolean(value).ok_or_else(|| self.not(name, value, "True or False"))
    }

    /// An error that says what an attribute is, and what it should be.
    pub(super) fn not(&self, name: &str, value: &Value, expected: &str) -> Error {
        self.wrong(name, format!("it is {}, not {expected}", described(value)))
    }

    /// An array of numbers that is somewhere in an attribute.
    pub(super) fn array_of<T: Element, D: Dimension>(
        &self,
        name: &str,
        value: &Value,
    ) -> Result<Array<T, D>, Error> {
        value.to_array().map_err(|error| self.wrong(name, error.to_string()))
    }

    /// A list of numbers, as an array of one dimension or a list.
    pub(super) fn floats(&self, name: &str) -> Result<Vec<f64>, Error> {
        self.floats_of(name, self.get(name)?)
    }

    /// Numbers of any type, with one dimension.
    pub(super) fn floats_of(&self, name: &str, value: &Value) -> Result<Vec<f64>, Error> {
        if matches!(value.type_name(), "list" | "tuple") {
            let floats = value.items().iter().map(float).collect::<Option<Vec<f64>>>();
            return floats.ok_or_else(|| self.not(name, value, "a list of numbers"));
        }
        let array: Array<f64, ndarray::Ix1> = self.array_of(name, value)?;
        Ok(array.to_vec())
    }

    /// The items of a list, of a tuple, or of an array of objects, row by row.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Value>, Error> {
        self.list_of(name, self.get(name)?)
    }

    pub(super) fn list_of(&self, name: &str, value: &Value) -> Result<Vec<Value>, Error> {
        match value.type_name() {
            "list" | "tuple" => Ok(value.items()),
            "object" => {
                let array: ArrayD<Value> =
                    value.to_object_array().map_err(|error| self.wrong(name, error.to_string()))?;
                Ok(array.into_iter().collect())
            }
            _ => Err(self.not(name, value, "a list")),
        }
    }

    /// Labels of one output: an array of texts, whole numbers, booleans or floats.
    pub(super) fn labels(&self, name: &str) -> Result<Labels, Error> {
        self.labels_of(name, self.get(name)?)
    }

    pub(super) fn labels_of(&self, name: &str, value: &Value) -> Result<Labels, Error> {
        labels(value).map_err(|problem| self.wrong(name, problem))
    }

    /// The names of the columns, if they are known.
    pub(super) fn feature_names(&self) -> Result<Option<Vec<String>>, Error> {
        let name = "feature_names_in_";
        match self.some(name) {
            None => Ok(None),
            Some(value) => match self.labels_of(name, value)? {
                Labels::Text(names) => Ok(Some(names)),
                _ => Err(self.wrong(name, "its items are no texts")),
            },
        }
    }

    /// The number of columns, if it is known: by its new name, or by that of old versions.
    pub(super) fn n_features(&self) -> Result<Option<usize>, Error> {
        let names = ["n_features_in_", "n_features_", "n_features"];
        match names.iter().find(|name| self.some(name).is_some()) {
            Some(name) => self.count(name).map(Some),
            None => Ok(None),
        }
    }

    /// What is known of every model. Before 0.24 most do not say how many columns there are:
    /// `columns` does then or, where that is zero, what is around the object.
    pub(super) fn fitted(&self, columns: usize) -> Result<FittedParts, Error> {
        let n_features = match self.n_features()? {
            Some(count) => count,
            None if columns > 0 => columns,
            None => self.columns.ok_or_else(|| {
                self.unsupported(
                    "it does not say how many columns it was fitted on, and nothing around it does",
                )
            })?,
        };
        Ok(FittedParts {
            version: self.version(),
            n_features,
            feature_names: self.feature_names()?,
            parameters: self.parameters(),
        })
    }

    /// What is known of a model that takes any columns: none, if nobody says how many it was fitted
    /// on.
    pub(super) fn fitted_on_any(&self) -> Result<FittedParts, Error> {
        Ok(FittedParts {
            version: self.version(),
            n_features: self.n_columns()?.unwrap_or(0),
            feature_names: self.feature_names()?,
            parameters: self.parameters(),
        })
    }

    /// The classes of a model that keeps them in a `LabelBinarizer`, unless a row may have several.
    pub(super) fn binarized_classes(&self) -> Result<Labels, Error> {
        let name = "_label_binarizer";
        let state = attributes_of(self.get(name)?).map_err(|problem| self.wrong(name, problem))?;
        let find = |wanted: &str| {
            let found = state.iter().find(|(own, _)| own == wanted).map(|(_, value)| value);
            found.ok_or_else(|| self.wrong(name, format!("it has no {wanted}")))
        };
        match text(find("y_type_")?).as_deref() {
            Some("binary" | "multiclass") => self.labels_of(name, find("classes_")?),
            Some(other) => Err(self.unsupported(format!("its target is {other:?}"))),
            None => Err(self.wrong(name, "its y_type_ is no text")),
        }
    }

    /// The object as one that is given so many columns, if that is known.
    pub(super) fn given(self, columns: Option<usize>) -> Object {
        Object { columns, ..self }
    }

    /// The number of columns, if it is known, or what is around it says so.
    pub(super) fn n_columns(&self) -> Result<Option<usize>, Error> {
        Ok(self.n_features()?.or(self.columns))
    }

    /// An estimator in an attribute.
    pub(super) fn estimator(&self, name: &str) -> Result<Object, Error> {
        self.estimator_of(self.get(name)?)
    }

    pub(super) fn estimator_of(&self, value: &Value) -> Result<Object, Error> {
        Object::new(value, Some(self))
    }

    /// The model that a value is, which is given so many columns, if that is known. One to which the
    /// file refers several times is read once.
    pub(super) fn model_of(
        &self,
        value: &Value,
        columns: Option<usize>,
    ) -> Result<Arc<dyn Model>, Error> {
        if let Some(Some(model)) = self.known(value, columns) {
            return Ok(model);
        }
        let model = self.estimator_of(value)?.given(columns).read()?;
        self.know(value, columns, Some(&model));
        Ok(model)
    }

    /// The model that a value is, or nothing if it passes rows through, if it was read before.
    pub(super) fn known(&self, value: &Value, columns: Option<usize>) -> Option<Known> {
        self.shared.models.borrow().get(&(value.index, columns)).cloned()
    }

    /// Remembers the model that a value is.
    pub(super) fn know(
        &self,
        value: &Value,
        columns: Option<usize>,
        model: Option<&Arc<dyn Fitted>>,
    ) {
        self.shared.models.borrow_mut().insert((value.index, columns), model.cloned());
    }

    /// The models of a list, which are given the columns of this one.
    pub(super) fn models(&self, name: &str) -> Result<Vec<Arc<dyn Model>>, Error> {
        let columns = self.n_columns()?;
        let values = self.list(name)?;
        let read = |(number, value)| self.member(name, number, value, columns);
        values.iter().enumerate().map(read).collect()
    }

    /// One of the models of a list.
    pub(super) fn member(
        &self,
        name: &str,
        number: usize,
        value: &Value,
        columns: Option<usize>,
    ) -> Result<Arc<dyn Model>, Error> {
        let read = self.model_of(value, columns);
        read.map_err(|error| self.wrong(name, format!("number {number}: {error}")))
    }

    /// What is known of a model that holds others: what it says itself or, where it does not, what
    /// the first of them says that knows how many columns there are.
    pub(super) fn fitted_around(&self, models: &[Arc<dyn Model>]) -> Result<FittedParts, Error> {
        let columns = models.iter().map(|model| model.n_features()).find(|&count| count > 0);
        self.fitted(columns.unwrap_or(0))
    }

    /// All attributes, in the order of the file.
    pub(super) fn attributes(&self) -> &[(String, Value)] {
        &self.attributes
    }

    /// The parameters of the constructor: attributes that do not end in `_`, nor begin with it.
    pub(super) fn parameters(&self) -> Parameters {
        parameters_of(&self.attributes, 0)
    }
}

fn parameters_of(attributes: &[(String, Value)], depth: u32) -> Parameters {
    // What an ensemble's own constructor hands on is no parameter of it: the names of those that
    // its members get, and in a forest the tree whose parameters these are.
    const HANDED_ON: &str = "estimator_params";
    let mut handed_on = attributes.iter().filter(|(name, _)| name == HANDED_ON);
    let is_forest = handed_on.any(|(_, names)| !names.items().is_empty());
    let is_parameter = |name: &str| {
        let is_handed_on =
            name == HANDED_ON || is_forest && matches!(name, "estimator" | "base_estimator");
        !is_handed_on && !name.starts_with('_') && !name.ends_with('_')
    };
    let parameters = attributes.iter().filter(|(name, _)| is_parameter(name));
    parameters.map(|(name, value)| (name.clone(), parameter(value, depth))).collect()
}

/// The attributes that the state of an object holds.
pub(super) fn attributes_of(value: &Value) -> Result<Vec<(String, Value)>, String> {
    if value.states() > 1 {
        return Err("it is given twice, and Python would mix both".into());
    }
    let state = value.state().ok_or("it is missing")?;
    if state.type_name() != "dict" {
        return Err(format!("it is {}, not a dictionary", described(&state)));
    }
    let attribute = |(key, value): (Value, Value)| Some((key.as_str()?.into_owned(), value));
    let attributes: Option<Vec<(String, Value)>> =
        state.entries().into_iter().map(attribute).collect();
    attributes.ok_or_else(|| "it has a key that is no text".into())
}

/// What an object is, for a message.
pub(super) fn described(value: &Value) -> String {
    if let Some(class) = class_of(value) {
        return format!("an object of {}", named(&class));
    }
    match value.global() {
        Some(name) => format!("the name {}", named(&name)),
        None if value.is_none() => "None".to_owned(),
        None => format!("a Python {}", value.type_name()),
    }
}

/// A whole number of Python or numpy.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value.type_name() {
        "int" => value.as_i64(),
        "object" => scalar(value),
        _ => None,
    }
}

/// A number of numpy, or the only item of an array without dimensions.
fn scalar<T: Element>(value: &Value) -> Option<T> {
    let array = value.to_array::<T, ndarray::Ix0>().ok()?;
    Some(array.into_scalar())
}

/// A number of Python or numpy.
pub(super) fn float(value: &Value) -> Option<f64> {
    match value.type_name() {
        "float" => value.as_f64(),
        "int" => value.as_i64().map(|number| number as f64),
        "object" => scalar(value).or_else(|| scalar::<i64>(value).map(|number| number as f64)),
        _ => None,
    }
}

/// Text of Python or numpy.
pub(super) fn text(value: &Value) -> Option<String> {
    match value.type_name() {
        "str" => value.as_str().map(|text| text.into_owned()),
        "object" => scalar(value),
        _ => None,
    }
}

/// A boolean of Python or numpy.
pub(super) fn boolean(value: &Value) -> Option<bool> {
    match value.type_name() {
        "bool" => value.as_bool(),
        "object" => scalar(value),
        _ => None,
    }
}

/// Labels from an array of one dimension.
pub(super) fn labels(value: &Value) -> Result<Labels, String> {
    use ndarray::Ix1;

    if matches!(value.type_name(), "list" | "tuple") {
        return labels_of_objects(&value.items());
    }
    let said = |error: crate::pickle::Error| error.to_string();
    if let Ok(objects) = value.to_object_array() {
        if objects.ndim() != 1 {
            return Err(format!("it has {} dimensions, not one", objects.ndim()));
        }
        return labels_of_objects(&objects.into_iter().collect::<Vec<Value>>());
    }
    let array = value.to_numpy().map_err(said)?;
    Ok(match array.dtype().kind() {
        DtypeKind::Bool => value.to_array::<bool, Ix1>().map_err(said)?.to_vec().into(),
        DtypeKind::Int | DtypeKind::Uint => {
            value.to_array::<i64, Ix1>().map_err(said)?.to_vec().into()
        }
        DtypeKind::Float => value.to_array::<f64, Ix1>().map_err(said)?.to_vec().into(),
        DtypeKind::Text => value.to_array::<String, Ix1>().map_err(said)?.to_vec().into(),
        _ => return Err(format!("its items are {}, no labels", array.dtype())),
    })
}

/// Labels that are Python's own objects, all of one type.
fn labels_of_objects(values: &[Value]) -> Result<Labels, String> {
    fn all<T>(values: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        values.iter().map(read).collect()
    }
    if let Some(texts) = all(values, text) {
        return Ok(texts.into());
    }
    if let Some(booleans) = all(values, boolean) {
        return Ok(booleans.into());
    }
    if let Some(integers) = all(values, integer) {
        return Ok(integers.into());
    }
    match all(values, float) {
        Some(floats) => Ok(floats.into()),
        None => Err("its items are not all texts, numbers or booleans".into()),
    }
}

/// The value of a parameter of a constructor.
pub(super) fn parameter(value: &Value, depth: u32) -> Parameter {
    let number = || Some(Parameter::Float(float(value)?));
    let simple = match value.type_name() {
        "NoneType" => Some(Parameter::None),
        "bool" => value.as_bool().map(Parameter::Boolean),
        "int" => value.as_i64().map(Parameter::Integer),
        "float" => number(),
        "str" => value.as_str().map(|text| Parameter::Text(text.into_owned())),
        "object" => (boolean(value).map(Parameter::Boolean))
            .or_else(|| integer(value).map(Parameter::Integer))
            .or_else(number)
            .or_else(|| text(value).map(Parameter::Text)),
        _ => None,
    };
    if let Some(simple) = simple {
        return simple;
    }
    let items = |items: Vec<Value>| {
        let few = items.len() <= PARAMETER_ITEMS && depth < PARAMETER_DEPTH;
        few.then(|| items.iter().map(|item| parameter(item, depth + 1)).collect::<Vec<_>>())
    };
    let several = match value.type_name() {
        "list" => items(value.items()).map(Parameter::List),
        "tuple" => items(value.items()).map(Parameter::Tuple),
        "dict" => {
            let (keys, values) = value.entries().into_iter().unzip();
            let both = items(keys).zip(items(values));
            both.map(|(keys, values)| Parameter::Dictionary(keys.into_iter().zip(values).collect()))
        }
        _ => None,
    };
    several.unwrap_or_else(|| match class_of(value) {
        Some((module, name)) => {
            let name = shortened(&name, LONGEST_NAME);
            let inside = module.starts_with("sklearn.") && depth < PARAMETER_DEPTH;
            match attributes_of(value).ok().filter(|_| inside) {
                Some(state) => Parameter::Estimator(name, parameters_of(&state, depth + 1)),
                None => Parameter::Other(format!("{name}(...)")),
            }
        }
        None => match value.global() {
            Some((_, name)) => Parameter::Other(shortened(&name, LONGEST_NAME)),
            None => Parameter::Other("...".to_owned()),
        },
    })
}
