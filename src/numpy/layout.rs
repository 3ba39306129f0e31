//! Where the items of an array are in its bytes.

use std::sync::Arc;

use super::dtype::{Dtype, DtypeKind, Shape};
use super::{Error, Order};

/// How many dimensions numpy allows.
pub(crate) const MOST_DIMENSIONS: usize = 64;

/// How many items there may be that take no bytes: nothing else says how many are too many.
const MOST_EMPTY_ITEMS: usize = 1 << 16;

/// Dtype, shape and steps of an array, checked against the number of its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    dtype: Arc<Dtype>,
    shape: Vec<usize>,
    /// For each dimension how many bytes it is from one item to the next.
    strides: Vec<usize>,
    /// Where the first item begins.
    offset: usize,
    count: usize,
}

fn wrong(problem: String) -> Error {
    Error::Shape { problem }
}

/// How many items a shape has, if that can be counted, whichever dimension is empty.
pub(crate) fn count(shape: &[usize]) -> Result<usize, Error> {
    if shape.len() > MOST_DIMENSIONS {
        return Err(wrong(format!("{} dimensions; numpy has at most 64", shape.len())));
    }
    // numpy leaves out the empty ones, and refuses what is too large without them.
    let filled = shape.iter().filter(|&&length| length > 0);
    let most = filled.copied().try_fold(1usize, usize::checked_mul);
    if most.is_none_or(|most| most > isize::MAX as usize) {
        return Err(wrong(format!("the shape {} is larger than any memory", Shape(shape))));
    }
    Ok(if shape.contains(&0) { 0 } else { most.unwrap_or(0) })
}

impl Layout {
    /// Items one behind the other, in this many bytes.
    pub fn new(
        dtype: Arc<Dtype>,
        shape: Vec<usize>,
        order: Order,
        length: usize,
    ) -> Result<Layout, Error> {
        let (dtype, shape) = without_subarrays(dtype, shape, order)?;
        let count = count(&shape)?;
        let needed = Layout::bytes_of(&dtype, &shape)?;
        if needed != length {
            return Err(wrong(format!(
                "the shape {} of {dtype} takes {needed} bytes, but there are {length}",
                Shape(&shape)
            )));
        }
        if dtype.itemsize() == 0 && count > MOST_EMPTY_ITEMS {
            return Err(wrong(format!("{count} items that take no bytes")));
        }
        let mut strides = vec![0; shape.len()];
        let mut step = dtype.itemsize();
        let mut set = |(stride, length): (&mut usize, &usize)| {
            *stride = step;
            step = step.saturating_mul(*length);
        };
        let places = strides.iter_mut().zip(&shape);
        match order {
            Order::C => places.rev().for_each(&mut set),
            Order::F => places.for_each(&mut set),
        }
        Ok(Layout { dtype, shape, strides, offset: 0, count })
    }

    /// How many bytes items of this shape take.
    pub fn bytes_of(dtype: &Dtype, shape: &[usize]) -> Result<usize, Error> {
        let bytes = count(shape)?.checked_mul(dtype.itemsize());
        bytes.filter(|&bytes| bytes <= isize::MAX as usize).ok_or_else(|| {
            wrong(format!("the shape {} of {dtype} is larger than any memory", Shape(shape)))
        })
    }

    pub fn dtype(&self) -> &Arc<Dtype> {
        &self.dtype
    }

    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    pub fn strides(&self) -> &[usize] {
        &self.strides
    }

    /// Where the first item begins.
    pub fn first(&self) -> usize {
        self.offset
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether the items lie one behind the other in C order.
    pub fn is_c_contiguous(&self) -> bool {
        let mut step = self.dtype.itemsize();
        self.count == 0
            || self.shape.iter().zip(&self.strides).rev().all(|(&length, &stride)| {
                let fits = length == 1 || stride == step;
                step *= length;
                fits
            })
    }

    /// Whether the items lie one behind the other in Fortran order.
    pub fn is_f_contiguous(&self) -> bool {
        let mut step = self.dtype.itemsize();
        self.count == 0
            || self.shape.iter().zip(&self.strides).all(|(&length, &stride)| {
                let fits = length == 1 || stride == step;
                step *= length;
                fits
            })
    }

    /// The bytes of all items in C order, if they lie one behind the other in that order.
    pub fn contiguous<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        self.is_c_contiguous().then(|| self.all(bytes)).flatten()
    }

    /// The bytes of all items in memory order, for one that is contiguous in either order.
    pub fn all<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let end = self.offset.checked_add(self.count.checked_mul(self.dtype.itemsize())?)?;
        bytes.get(self.offset..end)
    }

    /// The bytes of an item, counted in C order.
    pub fn item<'b>(&self, bytes: &'b [u8], index: usize) -> Option<&'b [u8]> {
        if index >= self.count {
            return None;
        }
        let mut rest = index;
        let mut at = self.offset;
        for (&length, &stride) in self.shape.iter().zip(&self.strides).rev() {
            at += rest.checked_rem(length)? * stride;
            rest = rest.checked_div(length)?;
        }
        bytes.get(at..at.checked_add(self.dtype.itemsize())?)
    }

    /// Where each item begins, in C order.
    pub fn offsets(&self) -> Offsets<'_> {
        let places = vec![0; self.shape.len()];
        Offsets { layout: self, places, at: self.offset, left: self.count }
    }

    /// A field of all items.
    pub fn field(&self, place: usize) -> Option<Layout> {
        let field = self.dtype.fields().get(place)?;
        let mut layout = Layout {
            dtype: Arc::clone(&field.dtype),
            offset: self.offset.saturating_add(field.offset),
            ..self.clone()
        };
        while let DtypeKind::Subarray(base, inner) = layout.dtype.kind() {
            let base = Arc::clone(base);
            let mut step = base.itemsize();
            let mut strides = vec![0; inner.len()];
            for (stride, length) in strides.iter_mut().zip(inner.iter()).rev() {
                *stride = step;
                step = step.saturating_mul(*length);
            }
            layout.count = layout.count.checked_mul(count(inner).ok()?)?;
            layout.shape.extend(inner.iter());
            layout.strides.extend(strides);
            layout.dtype = base;
        }
        if layout.dtype.itemsize() == 0 && layout.count > MOST_EMPTY_ITEMS
            || layout.shape.len() > MOST_DIMENSIONS
        {
            return None;
        }
        Some(layout)
    }
}

/// An array of arrays is an array of more dimensions.
fn without_subarrays(
    mut dtype: Arc<Dtype>,
    mut shape: Vec<usize>,
    order: Order,
) -> Result<(Arc<Dtype>, Vec<usize>), Error> {
    while let DtypeKind::Subarray(base, inner) = dtype.kind() {
        if order == Order::F {
            return Err(wrong("an array in each item, in Fortran order".to_owned()));
        }
        let base = Arc::clone(base);
        shape.extend(inner.iter());
        dtype = base;
    }
    Ok((dtype, shape))
}

/// Where items begin, in C order.
pub(crate) struct Offsets<'l> {
    layout: &'l Layout,
    places: Vec<usize>,
    at: usize,
    left: usize,
}

impl Iterator for Offsets<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let here = self.at;
        let layout = self.layout;
        let dimensions = layout.shape.iter().zip(&layout.strides);
        for (place, (&length, &stride)) in self.places.iter_mut().zip(dimensions).rev() {
            *place += 1;
            if *place < length {
                self.at += stride;
                break;
            }
            self.at -= (*place - 1) * stride;
            *place = 0;
        }
        Some(here)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Offsets<'_> {}
