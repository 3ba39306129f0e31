//! Scalers, the imputer and encoders: `sklearn.preprocessing.StandardScaler` and its like, and
//! `sklearn.impute.SimpleImputer`.

use std::sync::Arc;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{self, Object, Read, boolean, described, float, integer, text};
use super::registry::Class;
use super::write::{ToSklearn, Writer};
use crate::data::{Labels, Precision};
use crate::model::{Model, Parameter};
use crate::numpy::{Dtype, DtypeKind};
use crate::pickle::{Handle, Value};
use crate::preprocessing::{
    Binarizer, Categories, Function, FunctionTransformer, ImputeValue, ImputerParts,
    LabelBinarizer, LabelEncoder, MaxAbsScaler, MinMaxScaler, MissingMark, Normalizer,
    OneHotEncoder, OneHotParts, OrdinalEncoder, OrdinalParts, PolynomialFeatures, PolynomialParts,
    RobustScaler, SimpleImputer, StandardScaler, Unknown,
};

pub(super) const SCALERS: &[&str] = &["sklearn.preprocessing._data", "sklearn.preprocessing.data"];
const ENCODERS: &[&str] = &["sklearn.preprocessing._encoders"];
const LABELS: &[&str] = &["sklearn.preprocessing._label", "sklearn.preprocessing.label"];
const POLYNOMIAL: &[&str] = &[
    "sklearn.preprocessing._polynomial",
    "sklearn.preprocessing._data",
    "sklearn.preprocessing.data",
];
const FUNCTIONS: &[&str] =
    &["sklearn.preprocessing._function_transformer", "sklearn.preprocessing.function_transformer"];
const IMPUTERS: &[&str] = &["sklearn.impute._base", "sklearn.impute"];

/// The number of columns, by their scales.
const SCALES: Change =
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("scale_"))]);
const MIN_MAX_SCALER: &[Change] =
    &[SCALES, Change::Value("clip", &[(EVER, Fill::Absent), ((0, 24), Fill::Flag(false))])];
const MAX_ABS_SCALER: &[Change] =
    &[SCALES, Change::Value("clip", &[(EVER, Fill::Absent), ((1, 8), Fill::Flag(false))])];
const ROBUST_SCALER: &[Change] = &[
    SCALES,
    Change::Value("unit_variance", &[(EVER, Fill::Absent), ((0, 24), Fill::Flag(false))]),
];
const IMPUTER: &[Change] = &[
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::RowsOf("statistics_"))]),
    Change::Value("add_indicator", &[(EVER, Fill::Absent), ((0, 21), Fill::Flag(false))]),
    Change::Free("indicator_", &[(EVER, Fill::Absent), ((0, 21), Fill::None)]),
    Change::Unless(|object, to| {
        let from = object.version();
        let crosses = [(1, 0), (1, 8)].iter().any(|&(x, y)| from.before(x, y) != to.before(x, y));
        let constant = object.find("strategy").and_then(text).as_deref() == Some("constant");
        (crosses && constant).then_some("it keeps a constant otherwise there, of another type")
    }),
    Change::Free(
        "verbose",
        &[(EVER, Fill::Integer(0)), ((1, 1), Fill::Text("deprecated")), ((1, 3), Fill::Absent)],
    ),
    Change::Value("keep_empty_features", &[(EVER, Fill::Absent), ((1, 2), Fill::Flag(false))]),
    Change::Free("_fit_dtype", &[(EVER, Fill::Absent), ((1, 0), Fill::DtypeOf("statistics_"))]),
    Change::Free("_fill_dtype", &[(EVER, Fill::Absent), ((1, 8), Fill::DtypeOf("statistics_"))]),
];
const ONE_HOT: &[Change] = &[
    Change::Unless(|object, _| {
        let is_old = object.find("_legacy_mode").and_then(boolean) == Some(true);
        is_old.then_some("it takes whole numbers up to a greatest one, which there is no more")
    }),
    Change::Value("n_values", &[(EVER, Fill::None), ((0, 22), Fill::Absent)]),
    Change::Value("categorical_features", &[(EVER, Fill::None), ((0, 22), Fill::Absent)]),
    Change::Made("categories", |copier, object| match object.some("categories") {
        Some(_) => copier.attribute(object, "categories"),
        None => Ok(Some(copier.writer.builder.str("auto"))),
    }),
    Change::Value("drop", &[(EVER, Fill::Absent), ((0, 21), Fill::None)]),
    Change::Free("drop_idx_", &[(EVER, Fill::Absent), ((0, 21), Fill::None)]),
    Change::Renamed { old: "sparse", new: "sparse_output", since: (1, 2), both: Some((1, 4)) },
    Change::Word("handle_unknown", "infrequent_if_exist", (1, 1)),
    Change::Word("handle_unknown", "warn", (1, 6)),
    Change::Value("min_frequency", &[(EVER, Fill::Absent), ((1, 1), Fill::None)]),
    Change::Value("max_categories", &[(EVER, Fill::Absent), ((1, 1), Fill::None)]),
    Change::Value("feature_name_combiner", &[(EVER, Fill::Absent), ((1, 3), Fill::Text("concat"))]),
    Change::Value("_infrequent_enabled", &[(EVER, Fill::Absent), ((1, 1), Fill::Flag(false))]),
    Change::Free(
        "_drop_idx_after_grouping",
        &[(EVER, Fill::Absent), ((1, 1), Fill::Copy("drop_idx_"))],
    ),
    Change::Free("_n_features_outs", &[(EVER, Fill::Absent), ((1, 1), Fill::Widths)]),
    Change::Free(
        "n_features_in_",
        &[(EVER, Fill::Absent), ((1, 0), Fill::LengthOf("categories_"))],
    ),
];
const ORDINAL: &[Change] = &[
    Change::Value("handle_unknown", &[(EVER, Fill::Absent), ((0, 24), Fill::Text("error"))]),
    Change::Value("unknown_value", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Value("min_frequency", &[(EVER, Fill::Absent), ((1, 3), Fill::None)]),
    Change::Value("max_categories", &[(EVER, Fill::Absent), ((1, 3), Fill::None)]),
    Change::Value("encoded_missing_value", &[(EVER, Fill::Absent), ((1, 1), Fill::Nan)]),
    Change::Value("_infrequent_enabled", &[(EVER, Fill::Absent), ((1, 3), Fill::Flag(false))]),
    Change::Free("_missing_indices", &[(EVER, Fill::Absent), ((1, 0), Fill::EmptyDict)]),
    Change::Free(
        "n_features_in_",
        &[(EVER, Fill::Absent), ((1, 0), Fill::LengthOf("categories_"))],
    ),
];
const FUNCTION: &[Change] = &[
    Change::Value("feature_names_out", &[(EVER, Fill::Absent), ((1, 1), Fill::None)]),
    // Until 0.21 it was True unless a parameter said otherwise.
    Change::Made("validate", |copier, object| match object.some("validate") {
        Some(_) => copier.attribute(object, "validate"),
        None => Ok(Some(copier.writer.builder.bool(object.version().before(0, 22)))),
    }),
    Change::Free("pass_y", &[(EVER, Fill::Text("deprecated")), ((0, 22), Fill::Absent)]),
];
const NORMALIZER: &[Change] = &[Change::Unless(|object, to| {
    let is_max = object.find("norm").and_then(text).as_deref() == Some("max");
    (is_max && object.version().has_absolute_norms() != to.has_absolute_norms())
        .then_some("its norm=\"max\" is that of other numbers there")
})];
/// Since 1.0 it keeps how many columns it would make of all degrees up to the greatest.
const POLYNOMIAL_CHANGES: &[Change] = &[
    Change::Moved("sklearn.preprocessing._data", (1, 0)),
    Change::Free(
        "n_input_features_",
        &[(EVER, Fill::Copy("n_features_in_")), ((1, 0), Fill::Absent)],
    ),
    Change::Free(
        "n_features_in_",
        &[(EVER, Fill::Absent), ((0, 23), Fill::Copy("n_input_features_"))],
    ),
    Change::Value("order", &[(EVER, Fill::Absent), ((0, 21), Fill::Text("C"))]),
    Change::Value("_min_degree", &[(EVER, Fill::Absent), ((1, 0), Fill::Integer(0))]),
    Change::Free("_max_degree", &[(EVER, Fill::Absent), ((1, 0), Fill::Copy("degree"))]),
    Change::Free(
        "_n_out_full",
        &[(EVER, Fill::Absent), ((1, 0), Fill::Copy("n_output_features_"))],
    ),
    Change::Unless(|object, to| {
        let several = object.find("degree").is_some_and(|degree| integer(degree).is_none());
        (several && to.before(1, 0)).then_some("its degree is a pair, which there was not")
    }),
];
const INDICATOR: &[Change] = &[
    // It has the name of what other classes have no more.
    Change::Made("_n_features", |copier, object| copier.attribute(object, "_n_features")),
    Change::Free("_precomputed", &[(EVER, Fill::Absent), ((0, 24), Fill::Flag(true))]),
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((1, 3), Fill::Copy("_n_features"))]),
];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "StandardScaler", modules: SCALERS, read: read_standard_scaler },
    Class { name: "RobustScaler", modules: SCALERS, read: read_robust_scaler },
    Class { name: "MinMaxScaler", modules: SCALERS, read: read_min_max_scaler },
    Class { name: "MaxAbsScaler", modules: SCALERS, read: read_max_abs_scaler },
    Class { name: "Normalizer", modules: SCALERS, read: read_normalizer },
    Class { name: "Binarizer", modules: SCALERS, read: read_binarizer },
    Class { name: "PolynomialFeatures", modules: POLYNOMIAL, read: read_polynomial },
    Class { name: "LabelBinarizer", modules: LABELS, read: read_label_binarizer },
    Class { name: "SimpleImputer", modules: IMPUTERS, read: read_imputer },
    Class { name: "OrdinalEncoder", modules: ENCODERS, read: read_ordinal_encoder },
    Class { name: "OneHotEncoder", modules: ENCODERS, read: read_one_hot_encoder },
    Class { name: "LabelEncoder", modules: LABELS, read: read_label_encoder },
    Class { name: "FunctionTransformer", modules: FUNCTIONS, read: read_function_transformer },
];

/// What changed in those that are converted.
pub(super) const CHANGES: &[Changes] = &[
    ("StandardScaler", &[SCALES]),
    ("RobustScaler", ROBUST_SCALER),
    ("MinMaxScaler", MIN_MAX_SCALER),
    ("MaxAbsScaler", MAX_ABS_SCALER),
    ("SimpleImputer", IMPUTER),
    ("OrdinalEncoder", ORDINAL),
    ("OneHotEncoder", ONE_HOT),
    ("LabelEncoder", &[]),
    ("FunctionTransformer", FUNCTION),
    ("Normalizer", NORMALIZER),
    ("Binarizer", &[]),
    ("PolynomialFeatures", POLYNOMIAL_CHANGES),
    ("LabelBinarizer", &[]),
    ("MissingIndicator", INDICATOR),
];

/// Numbers for each column, if the parameter says that there are any.
fn if_set(object: &Object, parameter: &str, name: &str) -> Result<Option<Vec<f64>>, Error> {
    match object.boolean(parameter)? {
        true => object.floats(name).map(Some),
        false => Ok(None),
    }
}

/// A flag that came with some version, and was not set before.
pub(super) fn flag(object: &Object, name: &str) -> Result<bool, Error> {
    match object.find(name) {
        Some(_) => object.boolean(name),
        None => Ok(false),
    }
}

pub(super) fn standard_scaler(object: &Object) -> Result<StandardScaler, Error> {
    let mean = if_set(object, "with_mean", "mean_")?;
    let scale = if_set(object, "with_std", "scale_")?;
    let columns = mean.as_ref().or(scale.as_ref()).map_or(0, Vec::len);
    object.model(StandardScaler::from_parts(object.fitted(columns)?, mean, scale))
}

fn read_standard_scaler(object: &Object) -> Read {
    Ok(Arc::new(standard_scaler(object)?))
}

fn read_robust_scaler(object: &Object) -> Read {
    let center = if_set(object, "with_centering", "center_")?;
    let scale = if_set(object, "with_scaling", "scale_")?;
    let columns = center.as_ref().or(scale.as_ref()).map_or(0, Vec::len);
    let made = RobustScaler::from_parts(object.fitted(columns)?, center, scale);
    Ok(Arc::new(object.model(made)?))
}

fn read_min_max_scaler(object: &Object) -> Read {
    let (scale, min) = (object.floats("scale_")?, object.floats("min_")?);
    let clip = match flag(object, "clip")? {
        false => None,
        true => match object.floats("feature_range")?.as_slice() {
            &[low, high] => Some((low, high)),
            _ => return Err(object.wrong("feature_range", "it is no pair of numbers")),
        },
    };
    let made = MinMaxScaler::from_parts(object.fitted(scale.len())?, scale, min, clip);
    Ok(Arc::new(object.model(made)?))
}

fn read_max_abs_scaler(object: &Object) -> Read {
    let (scale, clip) = (object.floats("scale_")?, flag(object, "clip")?);
    let made = MaxAbsScaler::from_parts(object.fitted(scale.len())?, scale, clip);
    let kept = object.get("scale_")?.to_numpy();
    let kept = kept.map_or(Precision::Double, |scale| precision_of(scale.dtype()));
    Ok(Arc::new(object.model(made)?.with_scale_in(kept)))
}

fn read_normalizer(object: &Object) -> Read {
    let norm = super::vectorizers::read_norm(object)?;
    let norm = norm.ok_or_else(|| object.wrong("norm", "it is None"))?;
    Ok(Arc::new(object.model(Normalizer::from_parts(object.fitted(0)?, norm))?))
}

fn read_binarizer(object: &Object) -> Read {
    let made = Binarizer::from_parts(object.fitted(0)?, object.float("threshold")?);
    Ok(Arc::new(object.model(made)?))
}

fn read_polynomial(object: &Object) -> Read {
    let name = "degree";
    let degree = object.get(name)?;
    let count = |value: &Value| integer(value).and_then(|degree| usize::try_from(degree).ok());
    let (min_degree, max_degree) = match (count(degree), degree.items().as_slice()) {
        (Some(most), _) => (0, most),
        (None, [least, most]) => match (count(least), count(most)) {
            (Some(least), Some(most)) => (least, most),
            _ => return Err(object.not(name, degree, "a pair of counts")),
        },
        (None, _) => return Err(object.not(name, degree, "a count")),
    };
    // as versions before 1.0 say it
    let columns = match object.find("n_input_features_") {
        Some(_) => object.count("n_input_features_")?,
        None => 0,
    };
    let interaction_only = object.boolean("interaction_only")?;
    let include_bias = object.boolean("include_bias")?;
    let parts = PolynomialParts { min_degree, max_degree, interaction_only, include_bias };
    let made = object.model(PolynomialFeatures::from_parts(object.fitted(columns)?, parts))?;
    object.charge(made.n_products())?;
    Ok(Arc::new(made))
}

fn read_label_binarizer(object: &Object) -> Read {
    let labels = (object.integer("neg_label")?, object.integer("pos_label")?);
    if let Some(kind) = object.find("y_type_").and_then(text)
        && !matches!(kind.as_str(), "binary" | "multiclass")
    {
        return Err(object.unsupported(format!("it was fitted on {kind} labels")));
    }
    let classes = object.labels("classes_")?;
    let made = LabelBinarizer::from_parts(object.fitted(1)?, classes, labels);
    Ok(Arc::new(object.model(made)?))
}

/// The columns that had missing values, if an imputer adds one for each that says where.
pub(super) fn read_indicator(object: &Object) -> Result<Option<Vec<usize>>, Error> {
    match flag(object, "add_indicator")? {
        false => Ok(None),
        true => {
            let name = "indicator_";
            let indicator = object.get(name)?;
            let wrong = |problem: String| object.wrong(name, problem);
            let state = read::attributes_of(indicator).map_err(wrong)?;
            let features = state.iter().find(|(name, _)| name == "features_");
            let (_, features) = features.ok_or_else(|| wrong("it has no features_".into()))?;
            let features: ndarray::Array1<u32> = object.array_of(name, features)?;
            Ok(Some(features.iter().map(|&feature| feature as usize).collect()))
        }
    }
}

fn read_imputer(object: &Object) -> Read {
    let missing_values = match object.get("missing_values")? {
        value if value.is_none() => MissingMark::None,
        value => match (float(value), text(value)) {
            (Some(number), _) if number.is_nan() => MissingMark::Nan,
            (Some(number), _) => MissingMark::Number(number),
            (None, Some(word)) => MissingMark::Word(word),
            (None, None) => return Err(object.not("missing_values", value, "a number or a word")),
        },
    };
    // A column without values has none to take their place, and is left out, unless it is kept.
    // Before 1.8 a constant took the place of the values of any column.
    let constant = object.text("strategy")? == "constant";
    let kept = constant && !object.version().imputes_constants_where_values_were()
        || flag(object, "keep_empty_features")?;
    let precision = match object.find("_fill_dtype") {
        Some(_) => precision(object, "_fill_dtype")?.computed(),
        None => Precision::Double,
    };
    let nothing = |number: f64| match number.is_nan() && !kept {
        true => ImputeValue::Nothing,
        false => ImputeValue::Number(precision.round(number)),
    };
    let number = |item: &Value| float(item).or_else(|| boolean(item).map(f64::from));
    let name = "statistics_";
    let value = object.get(name)?;
    let statistics: Vec<ImputeValue> = match value.to_object_array() {
        Ok(objects) => {
            let statistic = |item: &Value| match (number(item), text(item)) {
                (Some(number), _) => Ok(nothing(number)),
                (None, Some(word)) => Ok(ImputeValue::Word(word)),
                (None, None) if item.is_none() => Ok(ImputeValue::None),
                (None, None) => Err(object.not(name, item, "a number or a word")),
            };
            objects.iter().map(statistic).collect::<Result<_, _>>()?
        }
        Err(_) => match object.labels_of(name, value)? {
            Labels::Text(words) => words.into_iter().map(ImputeValue::Word).collect(),
            _ => object.floats_of(name, value)?.into_iter().map(nothing).collect(),
        },
    };
    let indicator = read_indicator(object)?;
    let fitted = object.fitted(statistics.len())?;
    let parts = ImputerParts { statistics, missing_values, indicator };
    Ok(Arc::new(object.model(SimpleImputer::from_parts(fitted, parts))?))
}

/// The categories of each column: `categories_`.
fn read_categories(object: &Object) -> Result<Vec<Categories>, Error> {
    let name = "categories_";
    let columns = object.list(name)?;
    columns.iter().map(|column| categories(object, name, column)).collect()
}

fn categories(object: &Object, name: &str, value: &Value) -> Result<Categories, Error> {
    if let Ok(objects) = value.to_object_array() {
        // Words, or numbers and booleans, among which None or NaN is missing.
        let number = |item: &Value| match item.is_none() {
            true => Some(f64::NAN),
            false => float(item).or_else(|| boolean(item).map(f64::from)),
        };
        let numbers: Option<Vec<f64>> = objects.iter().map(number).collect();
        if let Some(numbers) = numbers.filter(|_| !objects.iter().all(Value::is_none)) {
            exact(object, objects.iter().filter_map(integer))?;
            return Ok(Categories::Numbers(numbers));
        }
        let word = |item: &Value| match text(item) {
            Some(word) => Ok(Some(word)),
            None if item.is_none() || float(item).is_some_and(f64::is_nan) => Ok(None),
            None => Err(object
                .wrong(name, format!("a category is {}, no word, as others are", described(item)))),
        };
        return Ok(Categories::Words(objects.iter().map(word).collect::<Result<_, _>>()?));
    }
    let array = value.to_numpy().map_err(|error| object.wrong(name, error.to_string()))?;
    match array.dtype().kind() {
        DtypeKind::Text => {
            let words: ndarray::Array1<String> = object.array_of(name, value)?;
            Ok(Categories::Words(words.into_iter().map(Some).collect()))
        }
        DtypeKind::Bool => {
            let flags: ndarray::Array1<bool> = object.array_of(name, value)?;
            Ok(Categories::Numbers(flags.iter().map(|&flag| f64::from(flag)).collect()))
        }
        DtypeKind::Int => {
            let integers: ndarray::Array1<i64> = object.array_of(name, value)?;
            exact(object, integers.iter().copied())?;
            Ok(Categories::Numbers(integers.iter().map(|&it| it as f64).collect()))
        }
        _ => Ok(Categories::Numbers(object.floats_of(name, value)?)),
    }
}

/// Refuses whole numbers that are no 64-bit floats, as the cells of tables are here.
fn exact(object: &Object, mut integers: impl Iterator<Item = i64>) -> Result<(), Error> {
    match integers.find(|integer| integer.unsigned_abs() > 1 << 53) {
        None => Ok(()),
        Some(integer) => Err(object.unsupported(format!(
            "the category {integer} is past 2**53, where several whole numbers are one float"
        ))),
    }
}

/// The type of numbers that a dtype of numpy's is.
fn precision_of(dtype: &Dtype) -> Precision {
    match (dtype.kind(), dtype.itemsize()) {
        (DtypeKind::Float, 4) => Precision::Single,
        (DtypeKind::Float, 2) => Precision::Half,
        (DtypeKind::Int | DtypeKind::Uint, 2) => Precision::Short,
        (DtypeKind::Int | DtypeKind::Uint | DtypeKind::Bool, 1) => Precision::Byte,
        _ => Precision::Double,
    }
}

/// The type of numbers that an attribute names: a class of numpy's or of Python's, or a dtype.
pub(super) fn precision(object: &Object, name: &str) -> Result<Precision, Error> {
    let Some(value) = object.find(name) else { return Ok(Precision::Double) };
    if let Some(dtype) = value.dtype() {
        return Ok(precision_of(&dtype));
    }
    let class = value.global().map(|(_, class)| class).or_else(|| text(value));
    match class.as_deref().unwrap_or_default() {
        "float64" | "float" | "double" | "f8" | "<f8" | "d" | "object" | "object_" | "O" => {
            Ok(Precision::Double)
        }
        "int" | "int64" | "int32" | "uint64" | "uint32" | "int_" | "intp" | "longlong" | "i8"
        | "i4" | "u8" | "u4" => Ok(Precision::Double),
        "float32" | "single" | "f4" | "<f4" | "f" => Ok(Precision::Single),
        "float16" | "half" | "f2" | "<f2" | "e" => Ok(Precision::Half),
        "int16" | "uint16" | "i2" | "u2" => Ok(Precision::Short),
        "int8" | "uint8" | "bool" | "bool_" | "i1" | "u1" => Ok(Precision::Byte),
        _ => Err(object.unsupported(format!("its {name} is {}", described(value)))),
    }
}

/// The categories of each column as Python prints them, for the names of columns.
fn printed(object: &Object) -> Result<Vec<Vec<String>>, Error> {
    let name = "categories_";
    let print_float = |number: f64, single: bool| {
        // as short as the float is, which has 32 bits in some arrays
        let short = format!("{}", number as f32).parse().unwrap_or(number);
        crate::python::float_repr(if single { short } else { number })
    };
    let item = |item: &Value| match (text(item), boolean(item), integer(item), float(item)) {
        (Some(word), ..) => word,
        (_, Some(true), ..) => "True".to_owned(),
        (_, Some(false), ..) => "False".to_owned(),
        (_, _, Some(integer), _) => integer.to_string(),
        (_, _, _, Some(number)) => print_float(number, false),
        _ => "None".to_owned(),
    };
    let mut all = Vec::new();
    for column in object.list(name)? {
        if let Ok(objects) = column.to_object_array() {
            all.push(objects.iter().map(item).collect());
            continue;
        }
        let array = column.to_numpy().map_err(|error| object.wrong(name, error.to_string()))?;
        let single = array.dtype().itemsize() < 8;
        all.push(match object.labels_of(name, &column)? {
            Labels::Floats(floats) => floats.iter().map(|&it| print_float(it, single)).collect(),
            labels => labels.iter().map(|label| label.to_string()).collect(),
        });
    }
    Ok(all)
}

/// Places that may be there for each column, as in `_infrequent_indices`: empty if there are none.
fn read_infrequent(object: &Object) -> Result<Vec<Option<Vec<usize>>>, Error> {
    let name = "_infrequent_indices";
    if !flag(object, "_infrequent_enabled")? {
        return Ok(Vec::new());
    }
    let places = |value: &Value| match value.is_none() {
        true => Ok(None),
        false => {
            let places: ndarray::Array1<u32> = object.array_of(name, value)?;
            Ok(Some(places.iter().map(|&place| place as usize).collect()))
        }
    };
    object.list(name)?.iter().map(places).collect()
}

fn read_ordinal_encoder(object: &Object) -> Read {
    let categories = read_categories(object)?;
    let unknown = match object.find("handle_unknown").and_then(text).as_deref() {
        None | Some("error") => Unknown::Error,
        Some("use_encoded_value") => Unknown::Value(object.float("unknown_value")?),
        Some(other) => return Err(object.unsupported(format!("handle_unknown is {other:?}"))),
    };
    let missing = match object.find("encoded_missing_value") {
        Some(_) => object.float("encoded_missing_value")?,
        None => f64::NAN,
    };
    let fitted = object.fitted(categories.len())?;
    let infrequent = read_infrequent(object)?;
    let has_none = |column: &Value| {
        column.to_object_array().is_ok_and(|items| items.iter().any(Value::is_none))
    };
    let columns = object.list("categories_")?.into_iter().enumerate();
    let none_categories =
        columns.filter(|(_, column)| has_none(column)).map(|(place, _)| place).collect();
    let parts = OrdinalParts { categories, unknown, missing, infrequent, none_categories };
    let made = object.model(OrdinalEncoder::from_parts(fitted, parts))?;
    Ok(Arc::new(made.with_precision(precision(object, "dtype")?)))
}

fn read_one_hot_encoder(object: &Object) -> Read {
    let categories = read_categories(object)?;
    let unknown = match object.text("handle_unknown")?.as_str() {
        "error" => Unknown::Error,
        "ignore" => Unknown::Ignore,
        "infrequent_if_exist" | "warn" => Unknown::Infrequent,
        other => return Err(object.unsupported(format!("handle_unknown is {other:?}"))),
    };
    // Which number has no column: after the rare ones were put together, where a version does.
    let name = match object.find("_drop_idx_after_grouping") {
        Some(_) => "_drop_idx_after_grouping",
        None => "drop_idx_",
    };
    let drop = match object.some(name) {
        None => Vec::new(),
        Some(value) => {
            let place = |item: &Value| match item.is_none() {
                true => Ok(None),
                false => {
                    let place = integer(item).and_then(|place| usize::try_from(place).ok());
                    place.map(Some).ok_or_else(|| object.not(name, item, "a place"))
                }
            };
            match value.to_object_array() {
                Ok(items) => items.iter().map(place).collect::<Result<_, _>>()?,
                Err(_) => {
                    let places: ndarray::Array1<u32> = object.array_of(name, value)?;
                    places.iter().map(|&place| Some(place as usize)).collect()
                }
            }
        }
    };
    let fitted = object.fitted(categories.len())?;
    let infrequent = read_infrequent(object)?;
    let parts = OneHotParts { categories, unknown, drop, infrequent };
    let made = object.model(OneHotEncoder::from_parts(fitted, parts))?;
    let sparse = match object.find("sparse_output") {
        Some(_) => object.boolean("sparse_output")?,
        None => flag(object, "sparse")?,
    };
    let names = match object.find("feature_name_combiner") {
        Some(combiner) if text(combiner).as_deref() != Some("concat") => Vec::new(),
        _ => printed(object)?,
    };
    let made = made.with_kind(precision(object, "dtype")?, sparse).with_printed(names);
    Ok(Arc::new(made))
}

fn read_label_encoder(object: &Object) -> Read {
    let classes = object.labels("classes_")?;
    let made = LabelEncoder::from_parts(object.fitted(1)?, classes);
    Ok(Arc::new(object.model(made)?))
}

fn read_function_transformer(object: &Object) -> Read {
    // Before 1.2 it does not say how many columns there are: the step around it does.
    let value = object.get("func")?;
    let function = match value.is_none() {
        true => None,
        false => Some(function_of(value).ok_or_else(|| {
            let problem = format!("its func is {}, no function of numpy's", described(value));
            object.unsupported(problem)
        })?),
    };
    // without one that is known, it cannot be undone
    let inverse = match object.some("inverse_func") {
        _ if object.some("inv_kw_args").is_some_and(|own| !own.entries().is_empty()) => None,
        None => Some(None),
        Some(inverse) => function_of(inverse).map(Some),
    };
    let arguments = object.some("kw_args").map(|arguments| arguments.entries().len());
    if arguments.is_some_and(|count| count > 0) {
        return Err(object.unsupported("its function has arguments of its own (kw_args)"));
    }
    // A table of pandas keeps its names, which `set_output` says.
    let output = object.some("_sklearn_output_config").and_then(|output| output.get("transform"));
    let is_table = output.and_then(|output| text(&output)).is_some_and(|it| it != "default");
    let named = match object.some("feature_names_out") {
        None => is_table,
        Some(value) => text(value).as_deref() == Some("one-to-one"),
    };
    let validate = match object.some("validate") {
        Some(_) => object.boolean("validate")?,
        None => false,
    };
    let made = FunctionTransformer::from_parts(object.fitted(0)?, function);
    let made = object.model(made)?.validate(validate).one_to_one(named);
    Ok(Arc::new(made.inverse_function(inverse)))
}

/// A function of numpy's: by its name, or as the oldest numpys write it, by a call.
fn function_of(value: &Value) -> Option<Function> {
    let of_numpy = |module: &str| module == "numpy" || module.starts_with("numpy.");
    if let Some((module, name)) = value.global() {
        return Function::by_name(&name).filter(|_| of_numpy(&module));
    }
    let (module, name) = value.callee()?.global()?;
    let arguments = value.arguments()?.items();
    match (of_numpy(&module) && name == "_ufunc_reconstruct", arguments.as_slice()) {
        (true, [module, name]) if of_numpy(&text(module)?) => Function::by_name(&text(name)?),
        _ => None,
    }
}

const SCALER: &str = "sklearn.preprocessing._data";
const ENCODER: &str = "sklearn.preprocessing._encoders";
const LABEL: &str = "sklearn.preprocessing._label";
const IMPUTE: &str = "sklearn.impute._base";

/// Numbers in a row, or `None`.
fn some_vector(writer: &Writer<'_>, numbers: Option<&[f64]>) -> Result<Handle, Error> {
    numbers.map_or(Ok(writer.builder.none()), |numbers| writer.vector(numbers))
}

/// The attributes are written in the order in which scikit-learn sets them.
impl ToSklearn for StandardScaler {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let spread = self.spread().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        // whole numbers where nothing was computed
        let whole = spread.mean.is_none();
        let seen = match spread.seen.first() {
            Some(&first) if spread.seen.iter().all(|&seen| seen == first) => match whole {
                true => writer.integer_scalar(first as i64)?,
                false => writer.float_scalar(first)?,
            },
            _ if whole => {
                let seen: Vec<i64> = spread.seen.iter().map(|&seen| seen as i64).collect();
                writer.integers(&seen)?
            }
            _ => writer.vector(&spread.seen)?,
        };
        let mean = ("mean_", some_vector(writer, spread.mean.as_deref())?);
        let var = ("var_", some_vector(writer, spread.var.as_deref())?);
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.extend([("n_samples_seen_", seen), mean, var]);
        attributes.push(("scale_", some_vector(writer, self.scale())?));
        writer.estimator((SCALER, self.name()), attributes)
    }
}

impl ToSklearn for MinMaxScaler {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let extremes = self.extremes().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("n_samples_seen_", writer.count(extremes.seen)));
        attributes.push(("scale_", writer.vector(self.scale())?));
        attributes.push(("min_", writer.vector(self.min())?));
        attributes.push(("data_min_", writer.vector(&extremes.low)?));
        attributes.push(("data_max_", writer.vector(&extremes.high)?));
        attributes.push(("data_range_", writer.vector(&extremes.ranges())?));
        writer.estimator((SCALER, self.name()), attributes)
    }
}

impl ToSklearn for MaxAbsScaler {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let extremes = self.extremes().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("n_samples_seen_", writer.count(extremes.seen)));
        attributes.push(("max_abs_", writer.vector(&extremes.high)?));
        attributes.push(("scale_", writer.vector(self.scale())?));
        writer.estimator((SCALER, self.name()), attributes)
    }
}

impl ToSklearn for RobustScaler {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().get("unit_variance").is_none() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("center_", some_vector(writer, self.center())?));
        attributes.push(("scale_", some_vector(writer, self.scale())?));
        writer.estimator((SCALER, self.name()), attributes)
    }
}

/// The categories of each column.
fn write_categories<'c>(
    writer: &Writer<'_>,
    categories: impl Iterator<Item = &'c Categories>,
) -> Result<Handle, Error> {
    let b = &writer.builder;
    let array = |categories: &Categories| match categories {
        Categories::Numbers(numbers) => writer.vector(numbers),
        Categories::Words(words) => {
            let word = |word: &Option<String>| match word {
                Some(word) => b.str(word),
                None => b.float(f64::NAN),
            };
            writer.objects(&[words.len()], words.iter().map(word).collect())
        }
    };
    let arrays: Vec<Handle> = categories.map(array).collect::<Result<_, Error>>()?;
    Ok(b.list(arrays)?)
}

/// Where each category goes, if some are rare: `_default_to_infrequent_mappings`.
fn mapping(rare: &[usize], count: usize) -> Vec<i64> {
    let mut next = 0;
    let place = |place: usize| match rare.binary_search(&place) {
        Ok(_) => (count - rare.len()) as i64,
        Err(_) => {
            next += 1;
            next - 1
        }
    };
    (0..count).map(place).collect()
}

/// What encoders note of rare categories: the places of those, and where each category goes.
fn write_rare(
    writer: &Writer<'_>,
    infrequent: &[Option<Vec<usize>>],
    counts: &[usize],
) -> Result<[(&'static str, Handle); 2], Error> {
    let b = &writer.builder;
    let (mut places, mut mappings) = (Vec::new(), Vec::new());
    for (rare, &count) in infrequent.iter().zip(counts) {
        let Some(rare) = rare else {
            places.push(b.none());
            mappings.push(b.none());
            continue;
        };
        let own: Vec<i64> = rare.iter().map(|&place| place as i64).collect();
        places.push(writer.integers(&own)?);
        mappings.push(writer.integers(&mapping(rare, count))?);
    }
    Ok([
        ("_infrequent_indices", b.list(places)?),
        ("_default_to_infrequent_mappings", b.list(mappings)?),
    ])
}

/// Whether an encoder looked for rare categories.
fn looks_for_rare(parameters: &crate::model::Parameters) -> bool {
    ["min_frequency", "max_categories"]
        .into_iter()
        .any(|name| parameters.get(name).is_some_and(|value| *value != Parameter::None))
}

impl ToSklearn for OneHotEncoder {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().get("feature_name_combiner").is_none() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let b = &writer.builder;
        let parts = self.to_parts();
        let rare = looks_for_rare(self.parameters());
        let counts: Vec<usize> = parts.categories.iter().map(Categories::len).collect();
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.push(("_infrequent_enabled", b.bool(rare)));
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("categories_", write_categories(writer, self.categories())?));
        if rare {
            attributes.extend(write_rare(writer, &parts.infrequent, &counts)?);
        }
        let place = |place: &Option<usize>| place.map_or(b.none(), |place| writer.count(place));
        let dropped = self.parameters().get("drop").is_some_and(|it| *it != Parameter::None);
        let after = match dropped {
            false => b.none(),
            true => writer.objects(&[counts.len()], parts.drop.iter().map(place).collect())?,
        };
        // the same by the numbers that categories had before rare ones shared one
        let before = match dropped && rare {
            false => after,
            true => {
                let mut before = Vec::new();
                for ((drop, rare), &count) in parts.drop.iter().zip(&parts.infrequent).zip(&counts)
                {
                    before.push(match (drop, rare) {
                        (Some(drop), Some(rare)) => {
                            let mut mapping = mapping(rare, count).into_iter();
                            let first = mapping.position(|number| number == *drop as i64);
                            writer.integer_scalar(first.unwrap_or_default() as i64)?
                        }
                        (drop, _) => place(drop),
                    });
                }
                writer.objects(&[counts.len()], before)?
            }
        };
        attributes.extend([("_drop_idx_after_grouping", after), ("drop_idx_", before)]);
        let width = |column: usize| {
            let rare = parts.infrequent.get(column).and_then(Option::as_ref);
            let shared = rare.map_or(0, |rare| rare.len().saturating_sub(1));
            let dropped = parts.drop.get(column).is_some_and(Option::is_some);
            let count = counts.get(column).copied().unwrap_or(0);
            writer.count(count.saturating_sub(shared + usize::from(dropped)))
        };
        attributes.push(("_n_features_outs", b.list((0..counts.len()).map(width))?));
        writer.estimator((ENCODER, self.name()), attributes)
    }
}

impl ToSklearn for OrdinalEncoder {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().get("max_categories").is_none() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let b = &writer.builder;
        let parts = self.to_parts();
        let rare = looks_for_rare(self.parameters());
        let missing: Vec<Option<usize>> =
            parts.categories.iter().map(Categories::missing).collect();
        let counts: Vec<usize> = (parts.categories.iter().zip(&missing))
            .map(|(categories, missing)| categories.len() - usize::from(missing.is_some()))
            .collect();
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.push(("_infrequent_enabled", b.bool(rare)));
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("categories_", write_categories(writer, self.categories())?));
        if rare {
            attributes.extend(write_rare(writer, &parts.infrequent, &counts)?);
        }
        let missing = missing
            .iter()
            .enumerate()
            .filter_map(|(column, place)| Some((writer.count(column), writer.count((*place)?))));
        attributes.push(("_missing_indices", b.dict(missing)?));
        writer.estimator((ENCODER, self.name()), attributes)
    }
}

impl ToSklearn for LabelEncoder {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let classes = ("classes_", writer.labels(self.classes())?);
        writer.estimator((LABEL, self.name()), vec![classes])
    }
}

impl ToSklearn for LabelBinarizer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        if self.parameters().get("sparse_output").is_none() {
            return Err(writer.not_fitted_here(self.name()));
        }
        let b = &writer.builder;
        let kind = if self.classes().len() > 2 { "multiclass" } else { "binary" };
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.push(("y_type_", b.str(kind)));
        attributes.push(("sparse_input_", b.bool(false)));
        attributes.push(("classes_", writer.labels(self.classes())?));
        writer.estimator((LABEL, self.name()), attributes)
    }
}

impl ToSklearn for SimpleImputer {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let learned = self.learned().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let (b, parts) = (&writer.builder, self.parts());
        let dtype = writer.dtype(if learned.words { "O8" } else { "f8" })?;
        let statistics = match learned.words || learned.constant {
            false => {
                let number = |value: &ImputeValue| match value {
                    ImputeValue::Number(number) => *number,
                    _ => f64::NAN,
                };
                writer.vector(&parts.statistics.iter().map(number).collect::<Vec<_>>())?
            }
            true => {
                let object = |value: &ImputeValue| match value {
                    ImputeValue::Number(number) if learned.whole && *number == 0.0 => b.int(0),
                    // what fills a column of words without any
                    ImputeValue::Number(number) if learned.words && *number == 0.0 => b.int(0),
                    ImputeValue::Number(number) => b.float(*number),
                    ImputeValue::Word(word) => b.str(word),
                    ImputeValue::None => b.none(),
                    ImputeValue::Nothing => b.float(f64::NAN),
                };
                let values = parts.statistics.iter().map(object).collect();
                writer.objects(&[parts.statistics.len()], values)?
            }
        };
        let indicator = match &parts.indicator {
            None => b.none(),
            Some(places) => {
                let columns = writer.count(self.n_features());
                let places: Vec<i64> = places.iter().map(|&place| place as i64).collect();
                let attributes = vec![
                    ("missing_values", b.float(f64::NAN)),
                    ("features", b.str("missing-only")),
                    ("sparse", b.str("auto")),
                    ("error_on_new", b.bool(false)),
                    ("_precomputed", b.bool(true)),
                    ("n_features_in_", columns),
                    ("_n_features", columns),
                    ("features_", writer.integers(&places)?),
                ];
                writer.estimator((IMPUTE, "MissingIndicator"), attributes)?
            }
        };
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.extend([("_fit_dtype", dtype), ("_fill_dtype", dtype)]);
        attributes.extend([("indicator_", indicator), ("statistics_", statistics)]);
        writer.estimator((IMPUTE, self.name()), attributes)
    }
}
