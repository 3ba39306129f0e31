//! Arrays of a `Value`.

use std::borrow::Cow;
use std::sync::Arc;

use ndarray::{ArrayD, Dimension, IxDyn};

use super::{Content, Found, Missing, find, find_in};
use crate::numpy::{self, Array, Dtype, Element, Layout, SharedBytes};
use crate::pickle::error::Error;
use crate::pickle::graph::{Graph, Origin};
use crate::pickle::value::Value;

impl AsRef<[u8]> for Graph<'static> {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

/// Where an array stands in a joblib file, between the opcodes of the pickle.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawArray {
    /// Where the stretch that is no opcodes begins: behind a BUILD.
    pub start: u64,
    /// Where the bytes of the items begin, behind padding if there is any.
    pub content: u64,
    /// Where the next opcode is.
    pub end: u64,
    /// Whether a pickle of the array stands there, in place of the bytes of its items: they are
    /// objects.
    pub is_pickle: bool,
    /// What the items are.
    pub dtype: Dtype,
    /// How many there are along each dimension.
    pub shape: Vec<usize>,
}

impl Value {
    /// The array of numpy that this is; a single number, or the like, as an array without
    /// dimensions. Its bytes are those of the pickle, which it keeps in memory; nothing is copied.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](super::super::ErrorKind::Type) if it is something else, if numpy would not
    /// accept it, or if its items are objects of Python: [`to_object_array`](Self::to_object_array)
    /// gives those.
    ///
    /// ```
    /// use picklebook::pickle::{self, Value};
    ///
    /// // numpy.array([1, 2], dtype='u1')
    /// let bytes = b"\x80\x05cnumpy._core.numeric\n_frombuffer\n(\x96\x02\0\0\0\0\0\0\0\x01\x02\
    ///     cnumpy\ndtype\n\x8c\x02u1\x89\x88\x87R(K\x03\x8c\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff\
    ///     K\0tbK\x02\x85\x8c\x01CtR.";
    /// let value: Value = pickle::loads(bytes)?;
    /// assert_eq!(value.to_numpy()?.to_vec::<u64>()?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_numpy(&self) -> Result<Array, Error> {
        match self.found()? {
            Content::Data { layout, bytes } => {
                let range = part_of(&self.graph.data, &bytes);
                let shared = range.and_then(|range| {
                    let owner: Arc<dyn AsRef<[u8]> + Send + Sync> =
                        Arc::<Graph<'static>>::clone(&self.graph);
                    SharedBytes::part_of(owner, range)
                });
                let bytes = shared.unwrap_or_else(|| SharedBytes::from(bytes.into_owned()));
                Array::from_layout(layout, bytes).map_err(|error| self.wrong_array(error))
            }
            Content::Objects { .. } | Content::Object(_) => Err(self.of_objects()),
        }
    }

    fn of_objects(&self) -> Error {
        Error::of_type(
            self.offset(),
            "the items of the array are objects of Python; read them with `to_object_array`",
        )
    }

    /// The array of numpy that this is, as an array of the crate ndarray, of any dimension.
    ///
    /// # Errors
    /// As [`to_numpy`](Self::to_numpy), and
    /// [`ErrorKind::Type`](super::super::ErrorKind::Type) if the items cannot become `T`s, or if the
    /// array has more or fewer dimensions.
    ///
    /// ```
    /// use picklebook::ndarray::{Ix1, array};
    /// use picklebook::pickle::{self, Value};
    ///
    /// // numpy.array([1, 2], dtype='u1')
    /// let bytes = b"\x80\x05cnumpy._core.numeric\n_frombuffer\n(\x96\x02\0\0\0\0\0\0\0\x01\x02\
    ///     cnumpy\ndtype\n\x8c\x02u1\x89\x88\x87R(K\x03\x8c\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff\
    ///     K\0tbK\x02\x85\x8c\x01CtR.";
    /// let value: Value = pickle::loads(bytes)?;
    /// assert_eq!(value.to_array::<f64, Ix1>()?, array![1.0, 2.0]);
    /// # Ok::<(), pickle::Error>(())
    /// ```
    pub fn to_array<T: Element, D: Dimension>(&self) -> Result<ndarray::Array<T, D>, Error> {
        match self.found()? {
            Content::Data { layout, bytes } => {
                numpy::to_ndarray(&layout, &bytes).map_err(|error| self.wrong_array(error))
            }
            _ => self.to_numpy()?.to_ndarray().map_err(|error| self.wrong_array(error)),
        }
    }

    /// Where the items of an array are, and their bytes: for these there is room where they are still
    /// in the file.
    pub(crate) fn array_in<'v>(
        &'v self,
        room: &'v mut Vec<u8>,
    ) -> Result<(Layout, Cow<'v, [u8]>), Error> {
        match self.content(find_in(&self.graph, self.index, Some(room)))? {
            Content::Data { layout, bytes } => Ok((layout, bytes)),
            _ => Err(self.of_objects()),
        }
    }

    /// What was made of the array when its file was read, if it is a `T`; for one to take.
    pub(crate) fn take_packed<T: 'static>(&self) -> Option<T> {
        let object = self.graph.object(self.graph.node(self.index))?;
        let bytes = (object.origin == Origin::RawArray).then_some(object.arguments)?;
        self.graph.piece(self.graph.node(bytes))?.take()
    }

    /// The items of an array of objects, which may be of any kind.
    ///
    /// # Errors
    /// [`ErrorKind::Type`](super::super::ErrorKind::Type) if it is no array, if numpy would not accept
    /// it, or if its items are no objects, but numbers or the like:
    /// [`to_array`](Self::to_array) gives those.
    pub fn to_object_array(&self) -> Result<ArrayD<Value>, Error> {
        match self.found()? {
            Content::Objects { shape, items, .. } => {
                let items = items.map(|index| self.at(index)).collect();
                ArrayD::from_shape_vec(IxDyn(&shape), items)
                    .map_err(|error| Error::of_type(self.offset(), error.to_string()))
            }
            Content::Object(index) => Ok(ArrayD::from_elem(IxDyn(&[]), self.at(index))),
            Content::Data { layout, .. } => Err(Error::of_type(
                self.offset(),
                format!(
                    "the items of the array are {}, no objects; read them with `to_array`",
                    layout.dtype()
                ),
            )),
        }
    }

    /// The dtype of an array or number of numpy, or that a dtype is; nothing for anything else, and
    /// for what numpy would not accept.
    pub fn dtype(&self) -> Option<Dtype> {
        match self.found() {
            Ok(Content::Data { layout, .. }) => Some(layout.dtype().as_ref().clone()),
            Ok(Content::Objects { dtype, .. }) => Some(dtype.as_ref().clone()),
            Ok(Content::Object(_)) => "O".parse().ok(),
            Err(_) => super::read_dtype(&self.graph, self.index, &mut 0).ok(),
        }
    }

    /// The shape of an array of numpy, which is empty for a single number; nothing for anything else,
    /// and for what numpy would not accept.
    pub fn shape(&self) -> Option<Vec<usize>> {
        match self.found().ok()? {
            Content::Data { layout, .. } => Some(layout.shape().to_vec()),
            Content::Objects { shape, .. } => Some(shape),
            Content::Object(_) => Some(Vec::new()),
        }
    }

    /// Where the arrays of a joblib file stand in it, in order: what lies there is no opcodes. None in
    /// other pickles. They are those of the whole file, whichever of its values is asked.
    pub fn raw_arrays(&self) -> Vec<RawArray> {
        let graph = &self.graph;
        let described = graph.extents.iter().filter_map(|extent| {
            let wrapper = super::wrapper(graph, extent.wrapper).ok()?;
            Some(RawArray {
                start: extent.start as u64,
                content: extent.content as u64,
                end: extent.end as u64,
                is_pickle: extent.nested.is_some(),
                dtype: wrapper.dtype.as_ref().clone(),
                shape: wrapper.shape,
            })
        });
        described.collect()
    }

    /// The number that this is, if it is one of numpy's.
    pub(crate) fn numpy_number(&self) -> Option<numpy::Number> {
        let found = find(&self.graph, self.index).ok().filter(|found| found.scalar)?;
        match &found.content {
            Content::Data { layout, bytes } => {
                numpy::Number::of(layout.dtype(), layout.item(bytes, 0)?)
            }
            _ => None,
        }
    }

    fn found(&self) -> Result<Content<'_>, Error> {
        self.content(find(&self.graph, self.index))
    }

    fn content<'g>(&self, found: Result<Found<'g>, Missing>) -> Result<Content<'g>, Error> {
        found.map(|found| found.content).map_err(|missing| match missing {
            Missing::NoArray => Error::of_type(
                self.offset(),
                format!("expected an array of numpy, found {}", self.named()),
            ),
            Missing::Unsound(problem) => Error::of_type(self.offset(), problem),
        })
    }

    /// What it is, for a message.
    fn named(&self) -> String {
        match self.callee().and_then(|callee| callee.global()) {
            Some((module, name)) => format!(
                "the result of calling {}.{}",
                crate::python::quote::Name(&module),
                crate::python::quote::Name(&name)
            ),
            None => format!("one of type {}", self.type_name()),
        }
    }

    fn wrong_array(&self, error: numpy::Error) -> Error {
        Error::of_type(self.offset(), error.to_string())
    }
}

/// Where a part of bytes is in them, if it is one.
fn part_of(whole: &[u8], part: &[u8]) -> Option<std::ops::Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    let found = whole.get(range.clone())?;
    std::ptr::eq(found, part).then_some(range)
}
