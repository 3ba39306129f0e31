//! The items of an array as Rust's numbers, text and bytes.

use super::Error;
use super::dtype::{ByteOrder, Dtype, DtypeKind};
use super::half::from_half;
use super::layout::Layout;

/// A type that items of an array can become.
///
/// Booleans become `bool`; integers become any integer type, each checked whether it fits, and `f32`
/// or `f64` where these hold them exactly; floats become a float type that is at least as wide;
/// complex numbers `(f32, f32)` or `(f64, f64)`, real and imaginary part; `S` and `U` items
/// `String`, and `S` and `V` items `Vec<u8>`; points and spans of time `i64`, in the dtype's unit.
pub trait Element: sealed::Sealed + Sized + Clone + 'static {
    /// The name of the type in error messages.
    #[doc(hidden)]
    const NAME: &'static str;

    /// All items, in C order or as they lie in memory.
    #[doc(hidden)]
    fn read(items: &Items<'_>) -> Result<Vec<Self>, Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// Items that are to be read.
#[doc(hidden)]
pub struct Items<'a> {
    pub(super) layout: &'a Layout,
    pub(super) bytes: &'a [u8],
    /// One behind the other, where they lie so in the order that is asked for.
    pub(super) contiguous: Option<&'a [u8]>,
}

impl Items<'_> {
    fn dtype(&self) -> &Dtype {
        self.layout.dtype()
    }

    #[cold]
    fn wrong_type<T: Element>(&self) -> Error {
        let hint = match (self.dtype().kind(), self.dtype().itemsize()) {
            (DtypeKind::Bool, _) => "`bool`",
            (DtypeKind::Int | DtypeKind::Uint, _) => "an integer type",
            (DtypeKind::Float, 2 | 4) => "`f32` or `f64`",
            (DtypeKind::Float, 8) => "`f64`",
            (DtypeKind::Complex, 8) => "`(f32, f32)` or `(f64, f64)`",
            (DtypeKind::Complex, 16) => "`(f64, f64)`",
            (DtypeKind::Bytes, _) => "`Vec<u8>` or `String`",
            (DtypeKind::Text, _) => "`String`",
            (DtypeKind::Datetime(_) | DtypeKind::Timedelta(_), _) => "`i64`",
            (DtypeKind::Void, _) => "`Vec<u8>`",
            (DtypeKind::Struct(_), _) => "its fields, one by one",
            _ => "",
        };
        Error::Type { dtype: self.dtype().to_string(), wanted: T::NAME, hint }
    }

    /// All items, which are of `W` bytes each, and of which some may not fit; how they print then.
    #[inline]
    fn collect<const W: usize, T: Element>(
        &self,
        convert: impl Fn([u8; W]) -> Option<T>,
        print: impl Fn([u8; W]) -> String,
    ) -> Result<Vec<T>, Error> {
        let mut values = room(self.layout.count())?;
        let unfit = |index, bytes| {
            let value = print(bytes);
            Err(Error::Item { index, value, wanted: T::NAME })
        };
        match self.contiguous {
            Some(bytes) => {
                for (index, bytes) in bytes.as_chunks::<W>().0.iter().enumerate() {
                    match convert(*bytes) {
                        Some(value) => values.push(value),
                        None => return unfit(index, *bytes),
                    }
                }
            }
            None => {
                for (index, at) in self.layout.offsets().enumerate() {
                    let Some(bytes) = self.bytes.get(at..).and_then(<[u8]>::first_chunk) else {
                        break;
                    };
                    match convert(*bytes) {
                        Some(value) => values.push(value),
                        None => return unfit(index, *bytes),
                    }
                }
            }
        }
        Ok(values)
    }

    /// All items, which are of `W` bytes each, and all fit.
    #[inline]
    fn map<const W: usize, T: Element>(
        &self,
        convert: impl Fn([u8; W]) -> T,
    ) -> Result<Vec<T>, Error> {
        let mut values = room(self.layout.count())?;
        match self.contiguous {
            Some(bytes) => {
                values.extend(bytes.as_chunks::<W>().0.iter().map(|bytes| convert(*bytes)));
            }
            None => values.extend(
                self.layout
                    .offsets()
                    .map_while(|at| self.bytes.get(at..).and_then(<[u8]>::first_chunk))
                    .map(|bytes| convert(*bytes)),
            ),
        }
        Ok(values)
    }

    /// All items, of whatever size.
    fn each<T: Element>(
        &self,
        convert: impl Fn(&[u8]) -> Result<T, String>,
    ) -> Result<Vec<T>, Error> {
        let mut values = room(self.layout.count())?;
        let size = self.dtype().itemsize();
        for (index, at) in self.layout.offsets().enumerate() {
            let Some(bytes) = self.bytes.get(at..at.saturating_add(size)) else { break };
            match convert(bytes) {
                Ok(value) => values.push(value),
                Err(value) => return Err(Error::Item { index, value, wanted: T::NAME }),
            }
        }
        Ok(values)
    }
}

/// Room for all of them, where there is memory for it.
pub(super) fn room<T>(items: usize) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    values.try_reserve_exact(items).map_err(|_| Error::Memory { items })?;
    Ok(values)
}

/// Reads numbers of one type, in the order that the dtype says.
macro_rules! by_order {
    ($items:expr, $method:ident, $type:ty, $then:expr) => {
        match $items.dtype().byte_order() {
            ByteOrder::Big => $items.$method(|bytes| ($then)(<$type>::from_be_bytes(bytes))),
            _ => $items.$method(|bytes| ($then)(<$type>::from_le_bytes(bytes))),
        }
    };
}

/// As [`by_order`], where a number may not fit.
macro_rules! checked {
    ($items:expr, $type:ty, $convert:expr) => {
        match $items.dtype().byte_order() {
            ByteOrder::Big => $items.collect(
                |bytes| ($convert)(<$type>::from_be_bytes(bytes)),
                |bytes| <$type>::from_be_bytes(bytes).to_string(),
            ),
            _ => $items.collect(
                |bytes| ($convert)(<$type>::from_le_bytes(bytes)),
                |bytes| <$type>::from_le_bytes(bytes).to_string(),
            ),
        }
    };
}

impl sealed::Sealed for bool {}

impl Element for bool {
    const NAME: &'static str = "`bool`";

    fn read(items: &Items<'_>) -> Result<Vec<bool>, Error> {
        match items.dtype().kind() {
            DtypeKind::Bool => items.map(|[byte]| byte != 0),
            _ => Err(items.wrong_type::<bool>()),
        }
    }
}

macro_rules! integers {
    ($($type:ident = ($kind:ident, $size:literal),)+) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            const NAME: &'static str = concat!("`", stringify!($type), "`");

            #[allow(unreachable_patterns, reason = "each type meets its own dtype twice")]
            fn read(items: &Items<'_>) -> Result<Vec<$type>, Error> {
                let dtype = items.dtype();
                match (dtype.kind(), dtype.itemsize()) {
                    (DtypeKind::$kind, $size) => {
                        by_order!(items, map, $type, |number: $type| number)
                    }
                    (DtypeKind::Int, 1) => checked!(items, i8, |it| $type::try_from(it).ok()),
                    (DtypeKind::Int, 2) => checked!(items, i16, |it| $type::try_from(it).ok()),
                    (DtypeKind::Int, 4) => checked!(items, i32, |it| $type::try_from(it).ok()),
                    (
                        DtypeKind::Int | DtypeKind::Datetime(_) | DtypeKind::Timedelta(_),
                        8,
                    ) => checked!(items, i64, |it| $type::try_from(it).ok()),
                    (DtypeKind::Uint, 1) => checked!(items, u8, |it| $type::try_from(it).ok()),
                    (DtypeKind::Uint, 2) => checked!(items, u16, |it| $type::try_from(it).ok()),
                    (DtypeKind::Uint, 4) => checked!(items, u32, |it| $type::try_from(it).ok()),
                    (DtypeKind::Uint, 8) => checked!(items, u64, |it| $type::try_from(it).ok()),
                    _ => Err(items.wrong_type::<$type>()),
                }
            }
        }
    )+};
}

integers! {
    i8 = (Int, 1),
    i16 = (Int, 2),
    i32 = (Int, 4),
    i64 = (Int, 8),
    u8 = (Uint, 1),
    u16 = (Uint, 2),
    u32 = (Uint, 4),
    u64 = (Uint, 8),
}

/// A float that is the integer exactly.
macro_rules! exact {
    ($float:ident) => {
        |integer| {
            // Every integer of 64 bits fits 128.
            let float = integer as $float;
            (float as i128 == integer as i128).then_some(float)
        }
    };
}

macro_rules! floats {
    ($($type:ident: $from_f32:expr, $($from_f64:expr)?;)+) => {$(
        impl sealed::Sealed for $type {}

        impl Element for $type {
            const NAME: &'static str = concat!("`", stringify!($type), "`");

            fn read(items: &Items<'_>) -> Result<Vec<$type>, Error> {
                let dtype = items.dtype();
                match (dtype.kind(), dtype.itemsize()) {
                    (DtypeKind::Float, 2) => {
                        by_order!(items, map, u16, |bits| $from_f32(from_half(bits)))
                    }
                    (DtypeKind::Float, 4) => by_order!(items, map, f32, $from_f32),
                    $((DtypeKind::Float, 8) => by_order!(items, map, f64, $from_f64),)?
                    (DtypeKind::Int, 1) => by_order!(items, map, i8, $type::from),
                    (DtypeKind::Int, 2) => by_order!(items, map, i16, $type::from),
                    (DtypeKind::Int, 4) => checked!(items, i32, exact!($type)),
                    (DtypeKind::Int, 8) => checked!(items, i64, exact!($type)),
                    (DtypeKind::Uint, 1) => by_order!(items, map, u8, $type::from),
                    (DtypeKind::Uint, 2) => by_order!(items, map, u16, $type::from),
                    (DtypeKind::Uint, 4) => checked!(items, u32, exact!($type)),
                    (DtypeKind::Uint, 8) => checked!(items, u64, exact!($type)),
                    _ => Err(items.wrong_type::<$type>()),
                }
            }
        }
    )+};
}

floats! {
    f32: |float: f32| float, ;
    f64: |float: f32| f64::from(float), |float: f64| float;
}

/// The halves of a complex number.
fn halves<const W: usize, const H: usize>(bytes: [u8; W]) -> ([u8; H], [u8; H]) {
    let half = |part: &[u8]| part.first_chunk().copied().unwrap_or([0; H]);
    (half(&bytes), half(bytes.get(H..).unwrap_or_default()))
}

pub(super) fn complex_f32(bytes: [u8; 8], order: ByteOrder) -> (f32, f32) {
    let (real, imaginary) = halves(bytes);
    match order {
        ByteOrder::Big => (f32::from_be_bytes(real), f32::from_be_bytes(imaginary)),
        _ => (f32::from_le_bytes(real), f32::from_le_bytes(imaginary)),
    }
}

pub(super) fn complex_f64(bytes: [u8; 16], order: ByteOrder) -> (f64, f64) {
    let (real, imaginary) = halves(bytes);
    match order {
        ByteOrder::Big => (f64::from_be_bytes(real), f64::from_be_bytes(imaginary)),
        _ => (f64::from_le_bytes(real), f64::from_le_bytes(imaginary)),
    }
}

impl sealed::Sealed for (f32, f32) {}

impl Element for (f32, f32) {
    const NAME: &'static str = "`(f32, f32)`";

    fn read(items: &Items<'_>) -> Result<Vec<(f32, f32)>, Error> {
        let order = items.dtype().byte_order();
        match (items.dtype().kind(), items.dtype().itemsize()) {
            (DtypeKind::Complex, 8) => items.map(|bytes| complex_f32(bytes, order)),
            _ => Err(items.wrong_type::<(f32, f32)>()),
        }
    }
}

impl sealed::Sealed for (f64, f64) {}

impl Element for (f64, f64) {
    const NAME: &'static str = "`(f64, f64)`";

    fn read(items: &Items<'_>) -> Result<Vec<(f64, f64)>, Error> {
        let order = items.dtype().byte_order();
        match (items.dtype().kind(), items.dtype().itemsize()) {
            (DtypeKind::Complex, 8) => items.map(|bytes| {
                let (real, imaginary) = complex_f32(bytes, order);
                (real.into(), imaginary.into())
            }),
            (DtypeKind::Complex, 16) => items.map(|bytes| complex_f64(bytes, order)),
            _ => Err(items.wrong_type::<(f64, f64)>()),
        }
    }
}

impl sealed::Sealed for String {}

impl Element for String {
    const NAME: &'static str = "`String`";

    fn read(items: &Items<'_>) -> Result<Vec<String>, Error> {
        let order = items.dtype().byte_order();
        match items.dtype().kind() {
            DtypeKind::Text => items.each(|bytes| text(bytes, order)),
            DtypeKind::Bytes => items.each(|bytes| {
                let bytes = trimmed(bytes);
                let text = std::str::from_utf8(bytes).map(str::to_owned);
                text.map_err(|_| format!("b'{}'", bytes.escape_ascii()))
            }),
            _ => Err(items.wrong_type::<String>()),
        }
    }
}

impl sealed::Sealed for Vec<u8> {}

impl Element for Vec<u8> {
    const NAME: &'static str = "`Vec<u8>`";

    fn read(items: &Items<'_>) -> Result<Vec<Vec<u8>>, Error> {
        match items.dtype().kind() {
            DtypeKind::Bytes => items.each(|bytes| Ok(trimmed(bytes).to_vec())),
            DtypeKind::Void => items.each(|bytes| Ok(bytes.to_vec())),
            _ => Err(items.wrong_type::<Vec<u8>>()),
        }
    }
}

/// Bytes without the zeros that fill them up.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let length = bytes.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    bytes.get(..length).unwrap_or_default()
}

/// The characters of text, without the zeros that fill it up; `Err` for a number that is none.
pub(crate) fn characters(
    bytes: &[u8],
    order: ByteOrder,
) -> impl Iterator<Item = Result<char, u32>> + Clone {
    let units = bytes.as_chunks::<4>().0;
    let length = units.iter().rposition(|&unit| unit != [0; 4]).map_or(0, |last| last + 1);
    units.iter().take(length).map(move |&unit| {
        let code = match order {
            ByteOrder::Big => u32::from_be_bytes(unit),
            _ => u32::from_le_bytes(unit),
        };
        char::from_u32(code).ok_or(code)
    })
}

fn text(bytes: &[u8], order: ByteOrder) -> Result<String, String> {
    characters(bytes, order)
        .collect::<Result<String, u32>>()
        .map_err(|code| format!("with the character {code:#x}, which Rust has not"))
}
