//! What the items of an array are: numpy's dtypes.
//!
//! Source: numpy's reference, "Data type objects (dtype)", and `_internal.py` and `_dtype.py` of
//! numpy 2.4 for how they print.

use std::fmt;
use std::sync::Arc;

use super::Error;
use crate::python::quote::text_repr;

/// What kind of item a dtype describes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DtypeKind {
    /// A boolean of one byte.
    Bool,
    /// A signed integer.
    Int,
    /// An unsigned integer.
    Uint,
    /// A float.
    Float,
    /// A complex number: two floats.
    Complex,
    /// Bytes, filled up with zeros (`S`).
    Bytes,
    /// Text: characters of four bytes, filled up with zeros (`U`).
    Text,
    /// A point in time (`datetime64`): a number of these units since 1970.
    Datetime(TimeUnit),
    /// A span of time (`timedelta64`): a number of these units.
    Timedelta(TimeUnit),
    /// Any object of Python.
    Object,
    /// Bytes of which nothing is known.
    Void,
    /// Several fields, each with a name.
    Struct(Arc<[Field]>),
    /// An array in each item; only a field can be of this kind.
    Subarray(Arc<Dtype>, Arc<[usize]>),
}

/// The unit of a point or span of time, as in `datetime64[25s]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeUnit {
    /// `Y`, `M`, `W`, `D`, `h`, `m`, `s`, `ms`, `us`, `ns`, `ps`, `fs` or `as`; `generic` for none.
    pub name: &'static str,
    /// How many of them one step is.
    pub count: i32,
}

/// The units of time, from the largest to the smallest.
const TIME_UNITS: [&str; 14] =
    ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic"];

impl TimeUnit {
    /// No unit: numbers only.
    pub(crate) const GENERIC: TimeUnit = TimeUnit { name: "generic", count: 1 };

    pub(crate) fn new(name: &[u8], count: i64) -> Option<TimeUnit> {
        let name = TIME_UNITS.into_iter().find(|unit| unit.as_bytes() == name)?;
        let count = i32::try_from(count).ok().filter(|&count| count > 0)?;
        Some(TimeUnit { name, count })
    }
}

/// `[25s]`, or nothing if there is no unit.
impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.count) {
            ("generic", _) => Ok(()),
            (name, 1) => write!(f, "[{name}]"),
            (name, count) => write!(f, "[{count}{name}]"),
        }
    }
}

/// One field of a structured dtype.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub dtype: Arc<Dtype>,
    /// At which byte of the item it begins.
    pub offset: usize,
    /// A second name, if it has one.
    pub title: Option<String>,
}

impl Field {
    /// A field of this name, which begins at this byte of the item.
    pub fn new(name: impl Into<String>, dtype: Dtype, offset: usize) -> Field {
        Field { name: name.into(), dtype: Arc::new(dtype), offset, title: None }
    }
}

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    /// The least significant byte first (`<`), as on nearly all machines.
    Little,
    /// The most significant byte first (`>`).
    Big,
    /// There is no order: of one byte, or of none that is known (`|`).
    NotApplicable,
}

/// What the items of an array are, as numpy's `dtype` says it.
///
/// It prints as in numpy:
///
/// ```
/// use picklebook::numpy::{Dtype, Field};
///
/// let float: Dtype = "<f8".parse()?;
/// assert_eq!(float.to_string(), "float64");
/// assert_eq!((float.itemsize(), float.alignment()), (8, 8));
///
/// let node = Dtype::structured([
///     Field::new("feature", "<i8".parse()?, 0),
///     Field::new("threshold", float, 8),
/// ], 16)?;
/// assert_eq!(node.to_string(), "[('feature', '<i8'), ('threshold', '<f8')]");
/// # Ok::<(), picklebook::numpy::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dtype {
    kind: DtypeKind,
    byte_order: ByteOrder,
    itemsize: usize,
    alignment: usize,
    aligned: bool,
    has_objects: bool,
    /// How many dtypes it is made of, itself included, and how deep they lie in one another.
    parts: u32,
    depth: u8,
}

/// How deep structured dtypes may lie in one another: what is read from a file must not overflow the
/// stack.
const MOST_DEPTH: u8 = 32;

/// How many fields there may be in all: a field may hold others, and those others, again and again.
const MOST_PARTS: u32 = 1 << 16;

fn wrong(problem: impl Into<String>) -> Error {
    Error::Dtype { problem: problem.into() }
}

impl Dtype {
    fn plain(kind: DtypeKind, byte_order: ByteOrder, itemsize: usize, alignment: usize) -> Dtype {
        // Of one byte there is no order.
        let byte_order = match kind {
            DtypeKind::Text => byte_order,
            _ if itemsize <= 1 => ByteOrder::NotApplicable,
            _ => byte_order,
        };
        let has_objects = kind == DtypeKind::Object;
        Dtype {
            kind,
            byte_order,
            itemsize,
            alignment,
            aligned: false,
            has_objects,
            parts: 1,
            depth: 0,
        }
    }

    /// A point (`M8`) or span of time (`m8`) in this unit, in this byte order.
    pub(crate) fn time(span: bool, unit: TimeUnit, byte_order: ByteOrder) -> Dtype {
        let kind = if span { DtypeKind::Timedelta(unit) } else { DtypeKind::Datetime(unit) };
        Dtype::plain(kind, byte_order, 8, 8)
    }

    /// Several fields in each item of `itemsize` bytes.
    ///
    /// # Errors
    /// [`Error::Dtype`] if two fields have one name, if one reaches beyond the item, or if there are
    /// more than 65,536 or more than 32 levels of them.
    pub fn structured(
        fields: impl IntoIterator<Item = Field>,
        itemsize: usize,
    ) -> Result<Dtype, Error> {
        let fields: Vec<Field> = fields.into_iter().collect();
        let mut parts = 1u32;
        let mut depth = 0u8;
        for field in &fields {
            let end = field.offset.checked_add(field.dtype.itemsize);
            if end.is_none_or(|end| end > itemsize) {
                return Err(wrong(format!(
                    "the field {} ends behind the {itemsize} bytes of the item",
                    text_repr(&field.name)
                )));
            }
            // A file may have numpy follow pointers that lie over other data.
            parts = parts.saturating_add(field.dtype.parts);
            depth = depth.max(field.dtype.depth + 1);
        }
        let mut names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        if let Some([name, _]) = names.array_windows().find(|[a, b]| a == b) {
            return Err(wrong(format!("two fields have the name {}", text_repr(name))));
        }
        let has_objects = fields.iter().any(|field| field.dtype.has_objects);
        let kind = DtypeKind::Struct(fields.into());
        let dtype = Dtype::plain(kind, ByteOrder::NotApplicable, itemsize, 1);
        Dtype { has_objects, parts, depth, ..dtype }.checked()
    }

    /// An array of this shape in each item.
    ///
    /// # Errors
    /// [`Error::Dtype`] if it would be larger than any memory, or made of too many parts.
    pub fn subarray(base: Dtype, shape: &[usize]) -> Result<Dtype, Error> {
        let items = shape.iter().try_fold(1usize, |items, &length| items.checked_mul(length));
        let itemsize = items.and_then(|items| items.checked_mul(base.itemsize));
        let Some(itemsize) = itemsize.filter(|&size| size <= isize::MAX as usize) else {
            return Err(wrong("an array in each item that no memory can hold"));
        };
        if shape.len() > super::layout::MOST_DIMENSIONS {
            return Err(wrong(format!("an array of {} dimensions in each item", shape.len())));
        }
        let (alignment, has_objects) = (base.alignment, base.has_objects);
        let (parts, depth) = (base.parts.saturating_add(1), base.depth + 1);
        let kind = DtypeKind::Subarray(Arc::new(base), shape.into());
        let dtype = Dtype::plain(kind, ByteOrder::NotApplicable, itemsize, alignment);
        Dtype { has_objects, parts, depth, ..dtype }.checked()
    }

    /// The same with another alignment, and whether the fields are laid out as a C compiler would.
    pub(crate) fn with_alignment(self, alignment: usize, aligned: bool) -> Dtype {
        Dtype { alignment, aligned, ..self }
    }

    fn checked(self) -> Result<Dtype, Error> {
        if self.depth > MOST_DEPTH {
            return Err(wrong(format!("fields more than {MOST_DEPTH} levels deep")));
        }
        if self.parts > MOST_PARTS {
            return Err(wrong(format!("more than {MOST_PARTS} fields")));
        }
        Ok(self)
    }

    /// What kind of item it is.
    pub fn kind(&self) -> &DtypeKind {
        &self.kind
    }

    /// The order of the bytes of each number.
    pub fn byte_order(&self) -> ByteOrder {
        self.byte_order
    }

    /// How many bytes an item takes.
    pub fn itemsize(&self) -> usize {
        self.itemsize
    }

    /// At multiples of how many bytes an item begins in a C compiler's memory. The bytes of a file
    /// need not be aligned.
    pub fn alignment(&self) -> usize {
        self.alignment
    }

    /// Whether items hold objects of Python: these are not in the bytes.
    pub fn has_objects(&self) -> bool {
        self.has_objects
    }

    /// The fields of a structured dtype, in the order of their names in numpy; none for others.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            DtypeKind::Struct(fields) => fields,
            _ => &[],
        }
    }

    /// How many dtypes it is made of, itself included: what it costs to look at all of it.
    pub(crate) fn parts(&self) -> u32 {
        self.parts
    }

    /// As numpy writes it in short, as in `<f8`; `|V16` for structured ones.
    ///
    /// ```
    /// let dtype: picklebook::numpy::Dtype = ">i4".parse()?;
    /// assert_eq!(dtype.typestr(), ">i4");
    /// # Ok::<(), picklebook::numpy::Error>(())
    /// ```
    pub fn typestr(&self) -> String {
        let order = match self.byte_order {
            ByteOrder::Little => '<',
            ByteOrder::Big => '>',
            ByteOrder::NotApplicable => '|',
        };
        let size = self.itemsize;
        match &self.kind {
            DtypeKind::Bool => "|b1".to_owned(),
            DtypeKind::Int => format!("{order}i{size}"),
            DtypeKind::Uint => format!("{order}u{size}"),
            DtypeKind::Float => format!("{order}f{size}"),
            DtypeKind::Complex => format!("{order}c{size}"),
            DtypeKind::Bytes => format!("|S{size}"),
            DtypeKind::Text => format!("{order}U{}", size / 4),
            DtypeKind::Datetime(unit) => format!("{order}M8{unit}"),
            DtypeKind::Timedelta(unit) => format!("{order}m8{unit}"),
            DtypeKind::Object => "|O".to_owned(),
            DtypeKind::Void | DtypeKind::Struct(_) | DtypeKind::Subarray(..) => {
                format!("|V{size}")
            }
        }
    }

    /// The name of the kind, as in `float64`, if it is one that numpy names without its byte order.
    pub(crate) fn native_name(&self) -> Option<String> {
        let bits = self.itemsize * 8;
        let native = cfg!(target_endian = "little") == (self.byte_order == ByteOrder::Little);
        if self.byte_order != ByteOrder::NotApplicable && !native {
            return None;
        }
        Some(match self.kind {
            DtypeKind::Bool => "bool".to_owned(),
            DtypeKind::Int => format!("int{bits}"),
            DtypeKind::Uint => format!("uint{bits}"),
            DtypeKind::Float => format!("float{bits}"),
            DtypeKind::Complex => format!("complex{bits}"),
            DtypeKind::Object => "object".to_owned(),
            _ => return None,
        })
    }

    /// As numpy's `repr` has it between `dtype(` and `)`: of a number, in short form, or its name.
    fn write_construction(&self, f: &mut impl fmt::Write, short: bool) -> fmt::Result {
        match &self.kind {
            DtypeKind::Struct(fields) => self.write_struct(f, fields, false),
            DtypeKind::Subarray(base, shape) => {
                f.write_str("(")?;
                base.write_construction(f, short)?;
                write!(f, ", {})", Shape(shape))
            }
            DtypeKind::Object => f.write_str("'O'"),
            DtypeKind::Bool if short => f.write_str("'?'"),
            DtypeKind::Bytes | DtypeKind::Text | DtypeKind::Void if self.itemsize == 0 => {
                write!(f, "'{}'", self.typestr().trim_start_matches('|').trim_end_matches('0'))
            }
            _ => match self.native_name().filter(|_| !short) {
                Some(name) => write!(f, "'{name}'"),
                None => write!(f, "'{}'", self.typestr().trim_start_matches('|')),
            },
        }
    }

    fn write_struct(
        &self,
        f: &mut impl fmt::Write,
        fields: &[Field],
        with_alignment: bool,
    ) -> fmt::Result {
        let comma = |place: usize| if place > 0 { ", " } else { "" };
        if !(with_alignment && self.aligned) && self.is_packed() {
            f.write_str("[")?;
            for (place, field) in fields.iter().enumerate() {
                let name = text_repr(&field.name);
                match &field.title {
                    Some(title) => {
                        write!(f, "{}(({}, {name}), ", comma(place), text_repr(title))?;
                    }
                    None => write!(f, "{}({name}, ", comma(place))?,
                }
                match &field.dtype.kind {
                    DtypeKind::Subarray(base, shape) => {
                        base.write_construction(f, true)?;
                        write!(f, ", {})", Shape(shape))?;
                    }
                    _ => {
                        field.dtype.write_construction(f, true)?;
                        f.write_str(")")?;
                    }
                }
            }
            return f.write_str("]");
        }
        f.write_str("{'names': [")?;
        for (place, field) in fields.iter().enumerate() {
            write!(f, "{}{}", comma(place), text_repr(&field.name))?;
        }
        f.write_str("], 'formats': [")?;
        for (place, field) in fields.iter().enumerate() {
            f.write_str(comma(place))?;
            field.dtype.write_construction(f, true)?;
        }
        f.write_str("], 'offsets': [")?;
        for (place, field) in fields.iter().enumerate() {
            write!(f, "{}{}", comma(place), field.offset)?;
        }
        if fields.iter().any(|field| field.title.is_some()) {
            f.write_str("], 'titles': [")?;
            for (place, field) in fields.iter().enumerate() {
                let title = field.title.as_deref().map(text_repr);
                write!(f, "{}{}", comma(place), title.as_deref().unwrap_or("None"))?;
            }
        }
        write!(f, "], 'itemsize': {}", self.itemsize)?;
        f.write_str(if with_alignment && self.aligned { ", 'aligned': True}" } else { "}" })
    }

    /// Whether the fields lie one behind the other, or where a C compiler puts them if that is how they
    /// were asked for.
    fn is_packed(&self) -> bool {
        let up =
            |at: usize, to: usize| if self.aligned { at.next_multiple_of(to.max(1)) } else { at };
        let mut end = 0;
        let mut alignment = 1;
        for field in self.fields() {
            if field.offset != up(end, field.dtype.alignment) {
                return false;
            }
            end = field.offset + field.dtype.itemsize;
            alignment = alignment.max(field.dtype.alignment);
        }
        up(end, alignment) == self.itemsize
    }
}

/// As numpy's `str` prints it: `float64`, `>i4`, `<U5`, `[('x', '<f8')]`.
impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.native_name() {
            return f.write_str(&name);
        }
        match &self.kind {
            DtypeKind::Struct(fields) => self.write_struct(f, fields, true),
            DtypeKind::Subarray(..) => self.write_construction(f, true),
            DtypeKind::Datetime(unit) if self.is_native() => write!(f, "datetime64{unit}"),
            DtypeKind::Timedelta(unit) if self.is_native() => write!(f, "timedelta64{unit}"),
            _ => f.write_str(&self.typestr()),
        }
    }
}

impl Dtype {
    fn is_native(&self) -> bool {
        cfg!(target_endian = "little") == (self.byte_order == ByteOrder::Little)
    }

    /// As numpy's `repr` prints it: `dtype('float64')`, `dtype([('x', '<f8')])`.
    pub(crate) fn repr(&self) -> String {
        let mut text = "dtype(".to_owned();
        // A String takes all that is written.
        let _ = self.write_construction(&mut text, false);
        text.push_str(if self.aligned { ", align=True)" } else { ")" });
        text
    }
}

/// A shape as Python prints a tuple.
pub(crate) struct Shape<'a>(pub(crate) &'a [usize]);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(")?;
        for (place, length) in self.0.iter().enumerate() {
            write!(f, "{}{length}", if place > 0 { ", " } else { "" })?;
        }
        f.write_str(if self.0.len() == 1 { ",)" } else { ")" })
    }
}

/// From numpy's short form: `f8`, `<i4`, `|b1`, `S5`, `<U7`, `M8[ns]`, `V16`, `O`. Without a byte
/// order it is that of little-endian machines.
impl std::str::FromStr for Dtype {
    type Err = Error;

    fn from_str(text: &str) -> Result<Dtype, Error> {
        let unknown = || wrong(format!("{}, to which no items are known", text_repr(text)));
        let (byte_order, rest) = match text.as_bytes() {
            [b'<' | b'=', rest @ ..] => (ByteOrder::Little, rest),
            [b'>', rest @ ..] => (ByteOrder::Big, rest),
            [b'|', rest @ ..] => (ByteOrder::Little, rest),
            rest => (ByteOrder::Little, rest),
        };
        let (letter, rest) = rest.split_first().ok_or_else(unknown)?;
        let (digits, unit) = match rest.iter().position(|&it| it == b'[') {
            Some(at) => rest.split_at(at),
            None => (rest, [].as_slice()),
        };
        let size: Option<usize> = match digits {
            [] => None,
            _ => {
                let digits = std::str::from_utf8(digits).ok().filter(|it| !it.starts_with('+'));
                Some(digits.and_then(|it| it.parse().ok()).ok_or_else(unknown)?)
            }
        };
        if !unit.is_empty() && !matches!(letter, b'M' | b'm') {
            return Err(unknown());
        }
        let size_or_none = size.unwrap_or(0);
        let kind = match (letter, size) {
            (b'b', Some(1)) | (b'?', None) => {
                return Ok(Dtype::plain(DtypeKind::Bool, byte_order, 1, 1));
            }
            (b'i', Some(1 | 2 | 4 | 8)) => DtypeKind::Int,
            (b'u', Some(1 | 2 | 4 | 8)) => DtypeKind::Uint,
            (b'f', Some(2 | 4 | 8 | 12 | 16)) => DtypeKind::Float,
            (b'c', Some(8 | 16 | 24 | 32)) => {
                let alignment = size_or_none / 2;
                return Ok(Dtype::plain(DtypeKind::Complex, byte_order, size_or_none, alignment));
            }
            (b'S' | b'a', _) => {
                return Ok(
                    Dtype::plain(DtypeKind::Bytes, byte_order, size_or_none, 1).without_order()
                );
            }
            (b'U', _) => {
                let size = size_or_none.checked_mul(4).filter(|&it| it <= i32::MAX as usize);
                let size = size.ok_or_else(unknown)?;
                return Ok(Dtype::plain(DtypeKind::Text, byte_order, size, 4));
            }
            (b'V', _) => {
                return Ok(
                    Dtype::plain(DtypeKind::Void, byte_order, size_or_none, 1).without_order()
                );
            }
            (b'O', None | Some(4 | 8)) => {
                return Ok(Dtype::plain(DtypeKind::Object, byte_order, 8, 8).without_order());
            }
            (b'M' | b'm', None | Some(8)) => {
                let unit = match unit {
                    [] => TimeUnit::GENERIC,
                    [b'[', unit @ .., b']'] => {
                        let digits = unit.iter().take_while(|it| it.is_ascii_digit()).count();
                        let (count, name) = unit.split_at(digits);
                        let count = std::str::from_utf8(count).map_err(|_| unknown())?;
                        let count = if count.is_empty() { Ok(1) } else { count.parse() };
                        count
                            .ok()
                            .and_then(|count| TimeUnit::new(name, count))
                            .ok_or_else(unknown)?
                    }
                    _ => return Err(unknown()),
                };
                return Ok(Dtype::time(*letter == b'm', unit, byte_order));
            }
            _ => return Err(unknown()),
        };
        Ok(Dtype::plain(kind, byte_order, size_or_none, size_or_none))
    }
}

impl Dtype {
    fn without_order(self) -> Dtype {
        Dtype { byte_order: ByteOrder::NotApplicable, ..self }
    }

    /// The same in the byte order that a pickle gives: `<`, `>`, `|` or `=`.
    pub(crate) fn in_order(self, order: u8) -> Option<Dtype> {
        let byte_order = match order {
            b'<' | b'=' => ByteOrder::Little,
            b'>' => ByteOrder::Big,
            b'|' => return Some(self),
            _ => return None,
        };
        match self.byte_order {
            ByteOrder::NotApplicable => Some(self),
            _ => Some(Dtype { byte_order, ..self }),
        }
    }

    /// Bytes, text or void of another size: in a pickle it stands beside the short form.
    pub(crate) fn with_itemsize(self, itemsize: usize) -> Option<Dtype> {
        let fits = match self.kind {
            DtypeKind::Text => itemsize.is_multiple_of(4),
            DtypeKind::Bytes | DtypeKind::Void => true,
            _ => itemsize == self.itemsize,
        };
        (fits && itemsize <= i32::MAX as usize).then_some(Dtype { itemsize, ..self })
    }
}
