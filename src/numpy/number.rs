//! One number of an array.

use super::dtype::{ByteOrder, Dtype, DtypeKind};
use super::element::{complex_f32, complex_f64};
use super::half::from_half;

/// A number, as wide as numbers of its kind are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Complex(f64, f64),
    /// Steps of the dtype's unit.
    Time(i64),
}

impl Number {
    /// The number that an item is; nothing if it is none, or of a size that Rust has not.
    #[inline]
    pub fn of(dtype: &Dtype, item: &[u8]) -> Option<Number> {
        let big = dtype.byte_order() == ByteOrder::Big;
        Some(match (dtype.kind(), item) {
            (DtypeKind::Bool, &[byte]) => Number::Bool(byte != 0),
            (DtypeKind::Int, _) => Number::Int(signed(item, big)?),
            (DtypeKind::Datetime(_) | DtypeKind::Timedelta(_), _) => {
                Number::Time(signed(item, big)?)
            }
            (DtypeKind::Uint, _) => Number::Uint(unsigned(item, big)?),
            (DtypeKind::Float, [_, _]) => {
                Number::Float(from_half(u16::try_from(unsigned(item, big)?).ok()?).into())
            }
            (DtypeKind::Float, [_, _, _, _]) => {
                Number::Float(f32::from_bits(u32::try_from(unsigned(item, big)?).ok()?).into())
            }
            (DtypeKind::Float, _) => Number::Float(f64::from_bits(unsigned(item, big)?)),
            (DtypeKind::Complex, _) => {
                let order = dtype.byte_order();
                let (real, imaginary) = match (item.try_into(), item.try_into()) {
                    (Ok(bytes), _) => complex_f64(bytes, order),
                    (_, Ok(bytes)) => {
                        let (real, imaginary) = complex_f32(bytes, order);
                        (real.into(), imaginary.into())
                    }
                    _ => return None,
                };
                Number::Complex(real, imaginary)
            }
            _ => return None,
        })
    }
}

fn signed(bytes: &[u8], big: bool) -> Option<i64> {
    Some(match *bytes {
        [a] => i8::from_le_bytes([a]).into(),
        [a, b] if big => i16::from_be_bytes([a, b]).into(),
        [a, b] => i16::from_le_bytes([a, b]).into(),
        [a, b, c, d] if big => i32::from_be_bytes([a, b, c, d]).into(),
        [a, b, c, d] => i32::from_le_bytes([a, b, c, d]).into(),
        _ => unsigned(bytes, big)?.cast_signed(),
    })
}

fn unsigned(bytes: &[u8], big: bool) -> Option<u64> {
    Some(match *bytes {
        [a] => a.into(),
        [a, b] if big => u16::from_be_bytes([a, b]).into(),
        [a, b] => u16::from_le_bytes([a, b]).into(),
        [a, b, c, d] if big => u32::from_be_bytes([a, b, c, d]).into(),
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f, g, h] if big => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        [a, b, c, d, e, f, g, h] => u64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => return None,
    })
}
