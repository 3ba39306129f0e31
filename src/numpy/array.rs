//! Arrays whose items are in bytes.

use std::sync::Arc;

use ndarray::{ArrayD, Dimension, IxDyn, ShapeBuilder};

use super::bytes::SharedBytes;
use super::dtype::{Dtype, Shape};
use super::element::{Element, Items};
use super::layout::Layout;
use super::{Error, Order};
use crate::python::quote::text_repr;

/// An array of numpy: a shape, a dtype, and the bytes of its items, which are shared with what they
/// were read from.
///
/// Nothing is copied but when items become Rust's, by [`to_vec`](Self::to_vec) and
/// [`to_ndarray`](Self::to_ndarray). Everything was checked before: the bytes are as many as shape
/// and dtype ask for.
///
/// ```
/// use picklebook::numpy::{Array, Order};
///
/// let bytes = vec![0, 1, 0, 2, 0, 3, 0, 4];
/// let array = Array::new(">i2".parse()?, [2, 2], Order::C, bytes)?;
/// assert_eq!(array.shape(), [2, 2]);
/// assert_eq!(array.to_vec::<i64>()?, [1, 2, 3, 4]);
/// # Ok::<(), picklebook::numpy::Error>(())
/// ```
#[derive(Clone)]
pub struct Array {
    layout: Layout,
    bytes: SharedBytes,
}

impl Array {
    /// An array of these bytes, the items one behind the other.
    ///
    /// # Errors
    /// [`Error::Shape`] if there are more or fewer bytes than the shape and the dtype ask for,
    /// [`Error::Dtype`] if the items hold objects of Python, which no bytes hold.
    pub fn new(
        dtype: Dtype,
        shape: impl Into<Vec<usize>>,
        order: Order,
        bytes: impl Into<SharedBytes>,
    ) -> Result<Array, Error> {
        let bytes = bytes.into();
        let layout = Layout::new(Arc::new(dtype), shape.into(), order, bytes.len())?;
        Array::from_layout(layout, bytes)
    }

    pub(crate) fn from_layout(layout: Layout, bytes: SharedBytes) -> Result<Array, Error> {
        if layout.dtype().has_objects() {
            let problem = "its items are objects of Python, which are not in its bytes".to_owned();
            return Err(Error::Dtype { problem });
        }
        Ok(Array { layout, bytes })
    }

    /// What the items are.
    pub fn dtype(&self) -> &Dtype {
        self.layout.dtype()
    }

    /// How many items there are along each dimension; none for a single item.
    pub fn shape(&self) -> &[usize] {
        self.layout.shape()
    }

    /// How many items there are in all.
    pub fn size(&self) -> usize {
        self.layout.count()
    }

    /// The bytes of all items in C order, if they lie one behind the other in that order.
    pub fn bytes(&self) -> Option<&[u8]> {
        self.layout.contiguous(&self.bytes)
    }

    /// The bytes of one item, counted from 0 in C order.
    pub fn item(&self, index: usize) -> Option<&[u8]> {
        self.layout.item(&self.bytes, index)
    }

    /// The bytes of each item, in C order.
    ///
    /// ```
    /// use picklebook::numpy::{Array, Order};
    ///
    /// let array = Array::new("S2".parse()?, [2], Order::C, b"abcd".to_vec())?;
    /// let items: Vec<&[u8]> = array.items().collect();
    /// assert_eq!(items, [b"ab", b"cd"]);
    /// # Ok::<(), picklebook::numpy::Error>(())
    /// ```
    pub fn items(&self) -> impl Iterator<Item = &[u8]> {
        let size = self.dtype().itemsize();
        let bytes: &[u8] = &self.bytes;
        self.layout.offsets().map(move |at| bytes.get(at..at + size).unwrap_or_default())
    }

    /// All items in C order: the last dimension counts fastest.
    ///
    /// # Errors
    /// [`Error::Type`] if items of this dtype cannot become `T`s, [`Error::Item`] with the first one
    /// that does not fit.
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>, Error> {
        to_vec(&self.layout, &self.bytes)
    }

    /// An array of the crate ndarray, of any dimension.
    ///
    /// # Errors
    /// As [`to_vec`](Self::to_vec), and [`Error::Dimensions`] if there are more or fewer dimensions.
    ///
    /// ```
    /// use picklebook::ndarray::{Ix2, array};
    /// use picklebook::numpy::{Array, Order};
    ///
    /// let matrix = Array::new("u1".parse()?, [2, 2], Order::F, vec![1, 2, 3, 4])?;
    /// assert_eq!(matrix.to_ndarray::<u8, Ix2>()?, array![[1, 3], [2, 4]]);
    /// # Ok::<(), picklebook::numpy::Error>(())
    /// ```
    pub fn to_ndarray<T: Element, D: Dimension>(&self) -> Result<ndarray::Array<T, D>, Error> {
        to_ndarray(&self.layout, &self.bytes)
    }

    /// One field of a structured array: an array of the same shape, which shares the bytes.
    ///
    /// # Errors
    /// [`Error::Field`] if there is none of this name.
    ///
    /// ```
    /// use picklebook::numpy::{Array, Dtype, Field, Order};
    ///
    /// let dtype = Dtype::structured(
    ///     [Field::new("id", "u1".parse()?, 0), Field::new("size", "<u2".parse()?, 1)],
    ///     3,
    /// )?;
    /// let array = Array::new(dtype, [2], Order::C, vec![7, 1, 0, 8, 2, 0])?;
    /// assert_eq!(array.field("size")?.to_vec::<u16>()?, [1, 2]);
    /// # Ok::<(), picklebook::numpy::Error>(())
    /// ```
    pub fn field(&self, name: &str) -> Result<Array, Error> {
        let fields = self.dtype().fields();
        let layout = fields
            .iter()
            .position(|field| field.name == name)
            .and_then(|place| self.layout.field(place));
        match layout {
            Some(layout) => Ok(Array { layout, bytes: self.bytes.clone() }),
            None => Err(Error::Field { name: name.to_owned(), fields: list(fields) }),
        }
    }
}

/// What fields there are, for a message.
fn list(fields: &[super::Field]) -> String {
    const MOST: usize = 20;
    if fields.is_empty() {
        return "none at all".to_owned();
    }
    let names: Vec<String> = fields.iter().take(MOST).map(|field| text_repr(&field.name)).collect();
    let more = fields.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", names.join(", "))
}

pub(crate) fn to_vec<T: Element>(layout: &Layout, bytes: &[u8]) -> Result<Vec<T>, Error> {
    T::read(&Items { layout, bytes, contiguous: layout.contiguous(bytes) })
}

pub(crate) fn to_ndarray<T: Element, D: Dimension>(
    layout: &Layout,
    bytes: &[u8],
) -> Result<ndarray::Array<T, D>, Error> {
    let shape = layout.shape();
    let wrong = || Error::Dimensions {
        shape: Shape(shape).to_string(),
        found: shape.len(),
        wanted: D::NDIM.unwrap_or(shape.len()),
    };
    if D::NDIM.is_some_and(|wanted| wanted != shape.len()) {
        return Err(wrong());
    }
    let array = if !layout.is_c_contiguous() && layout.is_f_contiguous() {
        let items = T::read(&Items { layout, bytes, contiguous: layout.all(bytes) })?;
        ArrayD::from_shape_vec(IxDyn(shape).f(), items)
    } else {
        ArrayD::from_shape_vec(IxDyn(shape), to_vec(layout, bytes)?)
    };
    let array = array.map_err(|problem| Error::Shape { problem: problem.to_string() })?;
    array.into_dimensionality().map_err(|_| wrong())
}

/// Shape and dtype; the items may be many.
impl std::fmt::Debug for Array {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "numpy array of shape {} and dtype {}", Shape(self.shape()), self.dtype())
    }
}
