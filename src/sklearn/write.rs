//! Objects of numpy and scikit-learn, put together to be written.

use std::cell::RefCell;
use std::collections::HashMap;

use ndarray::Array2;

use super::{DumpOptions, Error, Estimator, Version};
use crate::data::Labels;
use crate::model::{FittedParts, Model, Parameter, Parameters};
use crate::numpy::{Array, DtypeKind};
use crate::pickle::{Builder, Handle, Value};

/// Puts estimators together for a version of scikit-learn.
///
/// Only public names are used, `numpy.ndarray` and `numpy.dtype`: they are the same in all versions
/// of numpy, and load without a warning.
pub struct Writer<'a> {
    pub(super) builder: Builder<'a>,
    pub(super) version: Version,
    /// Whether arrays stand between the opcodes, as joblib has them.
    is_joblib: bool,
    /// Whether the items of these arrays are aligned, and may be mapped into memory.
    is_aligned: bool,
    is_mapped: bool,
    /// The types of items, of which there is one object each, by their names.
    dtypes: RefCell<HashMap<String, Handle>>,
}

/// How the fields of a structured array are called, of which type they are, and where they begin.
pub(super) type Fields<'f> = &'f [(&'static str, &'static str, usize)];

/// The greatest share of padding in an array of texts of one width, before it becomes an array of
/// objects: times as many bytes as the texts need.
const MOST_PADDING: usize = 8;

impl<'a> Writer<'a> {
    pub(super) fn new(options: &DumpOptions) -> Writer<'a> {
        Writer {
            builder: Builder::new(),
            version: options.version,
            is_joblib: options.is_joblib,
            is_aligned: options.is_aligned,
            is_mapped: options.compression.is_none(),
            dtypes: RefCell::default(),
        }
    }

    /// An object of a class of scikit-learn with its attributes, and the version behind them.
    pub(super) fn estimator(
        &self,
        class: (&str, &str),
        mut attributes: Vec<(&str, Handle)>,
    ) -> Result<Handle, Error> {
        attributes.push(("_sklearn_version", self.builder.str(&self.version.to_string())));
        self.object(class, attributes)
    }

    /// An object of a class with its attributes.
    pub(super) fn object(
        &self,
        (module, name): (&str, &str),
        attributes: Vec<(&str, Handle)>,
    ) -> Result<Handle, Error> {
        let b = &self.builder;
        let object = b.newobj(b.global(module, name), [])?;
        if !attributes.is_empty() {
            b.build(object, b.attributes(attributes)?)?;
        }
        Ok(object)
    }

    pub(super) fn count(&self, count: usize) -> Handle {
        self.builder.int(count as i128)
    }

    pub(super) fn optional_count(&self, count: Option<usize>) -> Handle {
        count.map_or(self.builder.none(), |count| self.count(count))
    }

    /// The type of items by numpy's short name, as in `i8`, or with its byte order, as in `>i8`. The
    /// state is what numpy's own pickles have; source: `arraydescr_reduce` in numpy's
    /// `_core/src/multiarray/descriptor.c`.
    pub(super) fn dtype(&self, name: &str) -> Result<Handle, Error> {
        if let Some(known) = self.dtypes.borrow().get(name) {
            return Ok(*known);
        }
        let b = &self.builder;
        let (order, short) = match name.split_at_checked(1) {
            Some((order @ ("<" | ">" | "|"), short)) => (order, short),
            _ => ("<", name),
        };
        let length = || short.get(1..).and_then(|n| n.parse::<i64>().ok()).unwrap_or(0);
        let (order, size, alignment, flags) = match short {
            "b1" | "u1" | "i1" => ("|", -1, -1, 0),
            "O8" => ("|", -1, -1, 63),
            text if text.starts_with('U') => (order, 4 * length(), 4, 8),
            bytes if bytes.starts_with('S') => ("|", length(), 1, 0),
            _ => (order, -1, -1, 0),
        };
        let dtype = self.new_dtype(short)?;
        let numbers = [b.int(size), b.int(alignment), b.int(flags)];
        let start = [b.int(3), b.str(order), b.none(), b.none(), b.none()];
        b.build(dtype, b.tuple(start.into_iter().chain(numbers))?)?;
        self.dtypes.borrow_mut().insert(name.to_owned(), dtype);
        Ok(dtype)
    }

    fn new_dtype(&self, name: &str) -> Result<Handle, Error> {
        let b = &self.builder;
        Ok(b.reduce(b.global("numpy", "dtype"), [b.str(name), b.bool(false), b.bool(true)])?)
    }

    /// The type of items that have fields.
    fn structure(&self, fields: Fields<'_>, size: usize) -> Result<Handle, Error> {
        let b = &self.builder;
        let names = b.tuple(fields.iter().map(|(name, _, _)| b.str(name)))?;
        let mut entries = Vec::new();
        for (name, dtype, offset) in fields {
            entries.push((b.str(name), b.tuple([self.dtype(dtype)?, self.count(*offset)])?));
        }
        let dtype = self.new_dtype(&format!("V{size}"))?;
        let start = [b.int(3), b.str("|"), b.none(), names, b.dict(entries)?];
        // Not aligned by numpy's own rules, and compared field by field.
        let numbers = [self.count(size), b.int(1), b.int(16)];
        b.build(dtype, b.tuple(start.into_iter().chain(numbers))?)?;
        Ok(dtype)
    }

    fn array(&self, shape: &[usize], dtype: Handle, content: Handle) -> Result<Handle, Error> {
        let b = &self.builder;
        // As numpy does it: an empty array, which then is given shape, type and content.
        let empty = b.reduce(b.global("numpy", "ndarray"), [b.tuple([b.int(0)])?, b.str("b")])?;
        let shape = b.tuple(shape.iter().map(|&length| self.count(length)))?;
        b.build(empty, b.tuple([b.int(1), shape, dtype, b.bool(false), content])?)?;
        Ok(empty)
    }

    /// An array whose items are bytes: as numpy pickles it, or as joblib writes it into its files.
    fn items(&self, shape: &[usize], dtype: Handle, items: Vec<u8>) -> Result<Handle, Error> {
        let b = &self.builder;
        // A memory map of nothing is refused.
        if !self.is_joblib || items.is_empty() {
            return self.array(shape, dtype, b.bytes(items));
        }
        let wrapper = b.newobj(b.global("joblib.numpy_pickle", "NumpyArrayWrapper"), [])?;
        let mut state = vec![
            ("subclass", b.global("numpy", "ndarray")),
            ("shape", b.tuple(shape.iter().map(|&length| self.count(length)))?),
            ("order", b.str("C")),
            ("dtype", dtype),
            ("allow_mmap", b.bool(self.is_mapped)),
        ];
        if self.is_aligned {
            state.push(("numpy_array_alignment_bytes", b.int(16)));
        }
        b.build(wrapper, b.attributes(state)?)?;
        b.raw_array(wrapper, b.bytes(items), self.is_aligned)?;
        Ok(wrapper)
    }

    /// Whether an array may be used in one place only: joblib's reader puts another object into
    /// Python's memo than the array.
    pub(super) fn has_lone_arrays(&self) -> bool {
        self.is_joblib
    }

    /// An array from the bytes of its items, which are of the type `dtype`.
    pub(super) fn raw(
        &self,
        shape: &[usize],
        dtype: &str,
        bytes: Vec<u8>,
    ) -> Result<Handle, Error> {
        self.items(shape, self.dtype(dtype)?, bytes)
    }

    /// An array that was read, of numbers, booleans, texts or bytes; nothing for others.
    pub(super) fn copied(&self, array: &Array) -> Result<Option<Handle>, Error> {
        let plain = matches!(
            array.dtype().kind(),
            DtypeKind::Bool
                | DtypeKind::Int
                | DtypeKind::Uint
                | DtypeKind::Float
                | DtypeKind::Bytes
                | DtypeKind::Text
        );
        if !plain {
            return Ok(None);
        }
        let bytes = match array.bytes() {
            Some(bytes) => bytes.to_vec(),
            None => array.items().flatten().copied().collect(),
        };
        self.raw(array.shape(), &array.dtype().typestr(), bytes).map(Some)
    }

    /// An array of objects.
    pub(super) fn objects(&self, shape: &[usize], items: Vec<Handle>) -> Result<Handle, Error> {
        self.array(shape, self.dtype("O8")?, self.builder.list(items)?)
    }

    /// An array of records.
    pub(super) fn records(
        &self,
        fields: Fields<'_>,
        size: usize,
        bytes: Vec<u8>,
    ) -> Result<Handle, Error> {
        let count = bytes.len() / size.max(1);
        self.items(&[count], self.structure(fields, size)?, bytes)
    }

    pub(super) fn floats(&self, shape: &[usize], values: &[f64]) -> Result<Handle, Error> {
        self.raw(shape, "f8", values.iter().flat_map(|value| value.to_le_bytes()).collect())
    }

    /// One of numpy's scalars, by the name of its type. The module is that of old versions, from which
    /// all take it without a warning.
    fn scalar(&self, dtype: &str, bytes: &[u8]) -> Result<Handle, Error> {
        let b = &self.builder;
        let make = b.global("numpy.core.multiarray", "scalar");
        Ok(b.reduce(make, [self.dtype(dtype)?, b.bytes(bytes.to_vec())])?)
    }

    /// numpy's own float.
    pub(super) fn float_scalar(&self, value: f64) -> Result<Handle, Error> {
        self.scalar("f8", &value.to_le_bytes())
    }

    /// numpy's own integer.
    pub(super) fn integer_scalar(&self, value: i64) -> Result<Handle, Error> {
        self.scalar("i8", &value.to_le_bytes())
    }

    /// The parameters of an estimator as its first attributes, in their order.
    pub(super) fn parameters<'p>(
        &self,
        parameters: &'p Parameters,
    ) -> Result<Vec<(&'p str, Handle)>, Error> {
        parameters.iter().map(|(name, value)| Ok((name, self.parameter(name, value)?))).collect()
    }

    fn parameter(&self, name: &str, value: &Parameter) -> Result<Handle, Error> {
        let b = &self.builder;
        let each = |items: &[Parameter]| {
            let items = items.iter().map(|item| self.parameter(name, item));
            items.collect::<Result<Vec<Handle>, Error>>()
        };
        Ok(match value {
            Parameter::None => b.none(),
            Parameter::Boolean(value) => b.bool(*value),
            Parameter::Integer(value) => b.int(*value),
            Parameter::Float(value) => b.float(*value),
            Parameter::Text(value) => b.str(value),
            Parameter::List(items) => b.list(each(items)?)?,
            Parameter::Tuple(items) => b.tuple(each(items)?)?,
            // the type of what a model makes
            Parameter::Other(value) if name == "dtype" => b.global("numpy", value),
            other => {
                return Err(Error::Unwritable {
                    class: "a model".to_owned(),
                    version: self.version.to_string(),
                    problem: format!("its parameter {name} is {other}"),
                });
            }
        })
    }

    /// The columns of a fit as attributes.
    pub(super) fn columns(
        &self,
        fitted: &FittedParts,
    ) -> Result<Vec<(&'static str, Handle)>, Error> {
        let mut attributes = Vec::new();
        if let Some(names) = &fitted.feature_names {
            attributes.push(("feature_names_in_", self.text_objects(names)?));
        }
        attributes.push(("n_features_in_", self.count(fitted.n_features)));
        Ok(attributes)
    }

    /// Numbers in a row.
    pub(super) fn vector(&self, numbers: &[f64]) -> Result<Handle, Error> {
        self.floats(&[numbers.len()], numbers)
    }

    /// A table of numbers.
    pub(super) fn table(&self, numbers: &Array2<f64>) -> Result<Handle, Error> {
        let values: Vec<f64> = numbers.iter().copied().collect();
        self.floats(&[numbers.nrows(), numbers.ncols()], &values)
    }

    /// The error for a model of which not all is known that scikit-learn keeps.
    pub(super) fn not_fitted_here(&self, class: &str) -> Error {
        Error::Unwritable {
            class: class.to_owned(),
            version: self.version.to_string(),
            problem: "it was not fitted here, and does not hold all that scikit-learn keeps; \
                      convert the file that it was read from"
                .to_owned(),
        }
    }

    pub(super) fn integers(&self, values: &[i64]) -> Result<Handle, Error> {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.raw(&[values.len()], "i8", bytes)
    }

    /// An array of objects, all of them texts.
    pub(super) fn text_objects(&self, texts: &[String]) -> Result<Handle, Error> {
        let b = &self.builder;
        let list = b.list(texts.iter().map(|text| b.str(text)))?;
        self.array(&[texts.len()], self.dtype("O8")?, list)
    }

    /// An array of texts, of one width as numpy makes it. numpy cuts zeros at the end of such
    /// texts, and one long text makes all long: then the texts are objects.
    fn texts(&self, texts: &[String]) -> Result<Handle, Error> {
        let lengths: Vec<usize> = texts.iter().map(|text| text.chars().count()).collect();
        let width = lengths.iter().copied().max().unwrap_or(0).max(1);
        let needed = lengths.iter().sum::<usize>().saturating_mul(MOST_PADDING).max(1 << 16);
        let whole = width.saturating_mul(texts.len());
        if whole > needed || texts.iter().any(|text| text.ends_with('\0')) {
            return self.text_objects(texts);
        }
        let mut bytes = Vec::with_capacity(4 * whole);
        for (text, length) in texts.iter().zip(lengths) {
            bytes.extend(text.chars().flat_map(|character| u32::from(character).to_le_bytes()));
            bytes.resize(bytes.len() + 4 * (width - length), 0);
        }
        self.raw(&[texts.len()], &format!("U{width}"), bytes)
    }

    /// Labels as numpy's array of them.
    pub(super) fn labels(&self, labels: &Labels) -> Result<Handle, Error> {
        match labels {
            Labels::Text(texts) => self.texts(texts),
            Labels::Booleans(values) => {
                self.raw(&[values.len()], "b1", values.iter().map(|&value| value.into()).collect())
            }
            Labels::Integers(values) => self.integers(values),
            Labels::Floats(values) => self.floats(&[values.len()], values),
        }
    }
}

/// A model that can be written as scikit-learn's own object.
pub trait ToSklearn {
    /// Puts the object together.
    #[doc(hidden)]
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error>;

    /// Whether the object is put together for the latest version only, and converted for others: unless it
    /// is said otherwise, [`write`](Self::write) is asked for no other version.
    #[doc(hidden)]
    fn is_converted(&self) -> bool {
        true
    }

    /// What a file holds of it, where it is written from that.
    #[doc(hidden)]
    fn kept(&self) -> Option<&Value> {
        None
    }
}

/// Needs [`LoadOptions::keep`](super::LoadOptions::keep): a model alone has not all that its file had.
impl ToSklearn for Estimator {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        Err(Error::Unwritable {
            class: self.name().into(),
            version: writer.version.to_string(),
            problem:
                "what its file holds was not kept: open it with LoadOptions::new().keep(true), \
                       or give the file to sklearn::convert"
                    .into(),
        })
    }

    fn is_converted(&self) -> bool {
        false
    }

    fn kept(&self) -> Option<&Value> {
        self.source()
    }
}

impl<M: ToSklearn + ?Sized> ToSklearn for &M {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        (**self).write(writer)
    }

    fn is_converted(&self) -> bool {
        (**self).is_converted()
    }

    fn kept(&self) -> Option<&Value> {
        (**self).kept()
    }
}

/// The models that can be written, by their types.
macro_rules! written_by_type {
    ($($model:ty),* $(,)?) => {
        impl Writer<'_> {
            /// A model of any kind, if it is one that can be written.
            pub(super) fn model(&self, model: &dyn Model) -> Result<Handle, Error> {
                if let Some(any) = model.as_any() {
                    $(
                        if let Some(own) = any.downcast_ref::<$model>() {
                            return own.write(self);
                        }
                    )*
                }
                Err(self.not_fitted_here(model.name()))
            }
        }
    };
}

written_by_type!(
    crate::bayes::CategoricalNB,
    crate::bayes::DiscreteNB,
    crate::bayes::GaussianNB,
    crate::linear::LinearClassifier,
    crate::pipeline::Pipeline,
    crate::preprocessing::LabelBinarizer,
    crate::preprocessing::LabelEncoder,
    crate::preprocessing::MaxAbsScaler,
    crate::preprocessing::MinMaxScaler,
    crate::preprocessing::OneHotEncoder,
    crate::preprocessing::OrdinalEncoder,
    crate::preprocessing::RobustScaler,
    crate::preprocessing::SimpleImputer,
    crate::preprocessing::StandardScaler,
    crate::tree::DecisionTreeClassifier,
    crate::tree::DecisionTreeRegressor,
    crate::vectorizers::CountVectorizer,
    crate::vectorizers::DictVectorizer,
    crate::vectorizers::HashingVectorizer,
    crate::vectorizers::TfidfTransformer,
    crate::vectorizers::TfidfVectorizer,
);
