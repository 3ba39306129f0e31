//! Arrays and numbers as numpy's `repr` prints them, with its usual options.
//!
//! Source: `_core/arrayprint.py` of numpy 2.4, and `scalartypes.c.src` for single numbers.

use std::fmt::Write;

use super::dtype::{Dtype, DtypeKind, Shape};
use super::element::{characters, trimmed};
use super::half::{from_half, to_half};
use super::layout::Layout;
use super::number::Number;
use super::time::write_time;
use crate::python::float_repr;
use crate::python::quote::{write_bytes, write_text};

/// numpy's options `threshold`, `edgeitems`, `linewidth` and `precision`.
const THRESHOLD: usize = 1000;
const EDGE: usize = 3;
const WIDTH: usize = 75;
const PRECISION: usize = 8;

/// How many items and fields are printed at most; of what has more, only shape and dtype.
const MOST_WORDS: usize = 1 << 18;

/// How many items an array of this shape shows.
pub(crate) fn shown(shape: &[usize], size: usize) -> usize {
    let of = |&length: &usize| if size > THRESHOLD { length.min(2 * EDGE) } else { length };
    shape.iter().map(of).fold(1, usize::saturating_mul)
}

/// How much is looked at to print an array, in bytes of its items and in words.
pub(crate) fn work(layout: &Layout) -> usize {
    let dtype = layout.dtype();
    let item = dtype.itemsize().saturating_add(dtype.parts() as usize);
    shown(layout.shape(), layout.count()).saturating_mul(item)
}

/// An array, as numpy prints one of this class: `array([1, 2, 3])`.
pub(crate) fn array_repr(layout: &Layout, bytes: &[u8], class: &str) -> String {
    let dtype = layout.dtype();
    let (shape, size) = (layout.shape(), layout.count());
    let prefix = format!("{class}(");
    let words = shown(shape, size).saturating_mul(dtype.parts() as usize);
    let mut text = if size == 0 {
        format!("{prefix}[]")
    } else if words > MOST_WORDS {
        return format!("{prefix}..., shape={}, dtype={})", Shape(shape), short_repr(dtype));
    } else {
        let mut places = Vec::new();
        places_of(layout, 0, layout.first(), size > THRESHOLD, &mut places);
        let words = words_of(dtype, bytes, &places, shape.is_empty());
        let mut lines = Lines { shape, summary: size > THRESHOLD, words: words.into_iter() };
        let indent = " ".repeat(prefix.len() + 1);
        format!("{prefix}{}", lines.part(0, indent.len(), WIDTH - 1))
    };
    if class == "rec.array" {
        let repr = dtype.repr();
        let repr = repr.strip_prefix("dtype(").and_then(|it| it.strip_suffix(')'));
        return format!("{text},\n          dtype={})", repr.unwrap_or_default());
    }
    let implied = dtype.fields().is_empty()
        && matches!(
            dtype.native_name().as_deref(),
            Some("bool" | "int64" | "float64" | "complex128")
        );
    let mut extras = Vec::new();
    if size == 0 && shape != [0] || size > THRESHOLD {
        extras.push(format!("shape={}", Shape(shape)));
    }
    if !implied || size == 0 {
        extras.push(format!("dtype={}", short_repr(dtype)));
    }
    if !extras.is_empty() {
        let extras = format!("{})", extras.join(", "));
        text.push(',');
        let last_line = text.rsplit('\n').next().unwrap_or_default().chars().count();
        if last_line + extras.chars().count() + 1 > WIDTH {
            let _ = write!(text, "\n{}", " ".repeat(prefix.len()));
        } else {
            text.push(' ');
        }
        text.push_str(&extras);
        return text;
    }
    text.push(')');
    text
}

/// A dtype behind `dtype=`.
pub(crate) fn short_repr(dtype: &Dtype) -> String {
    match (dtype.kind(), dtype.native_name()) {
        (DtypeKind::Struct(_), _) => dtype.to_string(),
        (_, Some(name)) => name,
        (DtypeKind::Datetime(unit) | DtypeKind::Timedelta(unit), _) if unit.name == "generic" => {
            dtype.to_string()
        }
        _ => format!("'{dtype}'"),
    }
}

/// Where the items that are shown begin, in C order.
fn places_of(layout: &Layout, axis: usize, at: usize, summary: bool, places: &mut Vec<usize>) {
    let dimension = layout.shape().get(axis).zip(layout.strides().get(axis));
    let Some((&length, &stride)) = dimension else {
        places.push(at);
        return;
    };
    for index in 0..length {
        if summary && length > 2 * EDGE && (EDGE..length - EDGE).contains(&index) {
            continue;
        }
        places_of(layout, axis + 1, at + index * stride, summary, places);
        if summary && length > 2 * EDGE && index == EDGE - 1 {
            // On to the end, without a step for each of those between.
            for index in length - EDGE..length {
                places_of(layout, axis + 1, at + index * stride, summary, places);
            }
            return;
        }
    }
}

/// Words in rows and brackets.
struct Lines<'a> {
    shape: &'a [usize],
    summary: bool,
    words: std::vec::IntoIter<String>,
}

impl Lines<'_> {
    /// A part along all axes from this one on, without the blanks before its first line.
    fn part(&mut self, axis: usize, indent: usize, width: usize) -> String {
        let Some(&length) = self.shape.get(axis) else {
            return self.words.next().unwrap_or_default();
        };
        let axes_left = self.shape.len() - axis;
        let cut = self.summary && length > 2 * EDGE;
        let shown = if cut { 2 * EDGE } else { length };
        let blanks = " ".repeat(indent);
        let mut text = String::new();
        if axes_left == 1 {
            let mut line = blanks.clone();
            for place in 0..shown {
                if cut && place == EDGE {
                    extend(&mut text, &mut line, "...", width - 1, &blanks);
                    line.push_str(", ");
                }
                let word = self.part(axis + 1, indent + 1, width - 1);
                extend_by_lines(&mut text, &mut line, &word, width - 1, &blanks);
                if place + 1 < shown {
                    line.push_str(", ");
                }
            }
            text.push_str(&line);
        } else {
            let between = format!(",{}", "\n".repeat(axes_left - 1));
            for place in 0..shown {
                if cut && place == EDGE {
                    let _ = write!(text, "{blanks}...{between}");
                }
                let part = self.part(axis + 1, indent + 1, width - 1);
                let _ = write!(text, "{blanks}{part}");
                if place + 1 < shown {
                    text.push_str(&between);
                }
            }
        }
        format!("[{}]", text.get(indent..).unwrap_or_default())
    }
}

/// Adds a word to a line, or begins the next line with it.
fn extend(text: &mut String, line: &mut String, word: &str, width: usize, blanks: &str) {
    let length = line.chars().count();
    if length + word.chars().count() > width && length > blanks.len() {
        text.push_str(line.trim_end());
        text.push('\n');
        blanks.clone_into(line);
    }
    line.push_str(word);
}

/// The same for a word of several lines.
fn extend_by_lines(text: &mut String, line: &mut String, word: &str, width: usize, blanks: &str) {
    let words: Vec<&str> = word.split('\n').collect();
    let [first, rest @ ..] = &*words else { return };
    if rest.is_empty() {
        return extend(text, line, word, width, blanks);
    }
    let longest = words.iter().map(|word| word.chars().count()).max().unwrap_or(0);
    if line.chars().count() + longest > width && line.len() > blanks.len() {
        text.push_str(line.trim_end());
        let _ = write!(text, "\n{blanks}{first}");
    } else {
        let _ = write!(text, "{line}{first}");
    }
    let blanks =
        text.rsplit('\n').next().unwrap_or_default().chars().count() - first.chars().count();
    for word in rest {
        let _ = write!(text, "\n{}{word}", " ".repeat(blanks));
    }
    *line = text.rsplit('\n').next().unwrap_or_default().to_owned();
    text.truncate(text.len() - line.len());
}

/// The printed forms of items, which depend on one another: numbers are lined up.
fn words_of(dtype: &Dtype, bytes: &[u8], places: &[usize], alone: bool) -> Vec<String> {
    let items = || {
        places
            .iter()
            .map(|&at| bytes.get(at..at.saturating_add(dtype.itemsize())).unwrap_or_default())
    };
    let numbers = || items().map(|item| Number::of(dtype, item));
    match dtype.kind() {
        DtypeKind::Bool => numbers()
            .map(|number| match number {
                Some(Number::Bool(false)) => "False",
                _ if alone => "True",
                _ => " True",
            })
            .map(str::to_owned)
            .collect(),
        DtypeKind::Int | DtypeKind::Uint => lined_up(numbers().map(|number| match number {
            Some(Number::Int(number)) => number.to_string(),
            Some(Number::Uint(number)) => number.to_string(),
            _ => String::new(),
        })),
        DtypeKind::Float if numbers().all(|number| number.is_some()) => {
            let values: Vec<f64> = numbers()
                .map(|number| if let Some(Number::Float(value)) = number { value } else { 0.0 })
                .collect();
            FloatFormat::new(&values, Width::of(dtype.itemsize()), false).all(&values)
        }
        DtypeKind::Complex if numbers().all(|number| number.is_some()) => {
            let (real, imaginary): (Vec<f64>, Vec<f64>) = numbers()
                .map(|number| match number {
                    Some(Number::Complex(real, imaginary)) => (real, imaginary),
                    _ => (0.0, 0.0),
                })
                .unzip();
            let width = Width::of(dtype.itemsize() / 2);
            let real = FloatFormat::new(&real, width, false).all(&real);
            let imaginary = FloatFormat::new(&imaginary, width, true).all(&imaginary);
            let pairs = real.into_iter().zip(imaginary);
            pairs
                .map(|(mut real, imaginary)| {
                    let number = imaginary.trim_end();
                    let blanks = imaginary.len() - number.len();
                    let _ = write!(real, "{number}j{}", " ".repeat(blanks));
                    real
                })
                .collect()
        }
        DtypeKind::Datetime(unit) => lined_up(numbers().map(|number| {
            let mut text = "'".to_owned();
            if let Some(Number::Time(number)) = number {
                let _ = write_time(&mut text, number, *unit);
            }
            text + "'"
        })),
        DtypeKind::Timedelta(_) => lined_up(numbers().map(|number| match number {
            Some(Number::Time(i64::MIN)) | None => "'NaT'".to_owned(),
            Some(Number::Time(number)) => number.to_string(),
            _ => String::new(),
        })),
        DtypeKind::Struct(fields) => {
            let mut words = vec!["(".to_owned(); places.len()];
            for (number, field) in fields.iter().enumerate() {
                let places: Vec<usize> =
                    places.iter().map(|at| at.saturating_add(field.offset)).collect();
                let parts = field_words(&field.dtype, bytes, &places, alone);
                for (word, part) in words.iter_mut().zip(parts) {
                    let _ = write!(word, "{}{part}", if number > 0 { ", " } else { "" });
                }
            }
            let end = if fields.len() == 1 { ",)" } else { ")" };
            words.iter_mut().for_each(|word| word.push_str(end));
            words
        }
        _ => items().map(|item| word(dtype, item)).collect(),
    }
}

/// What fields of items hold, which may be arrays.
fn field_words(dtype: &Dtype, bytes: &[u8], places: &[usize], alone: bool) -> Vec<String> {
    let mut shape: Vec<usize> = Vec::new();
    let mut base = dtype;
    while let DtypeKind::Subarray(inner, lengths) = base.kind() {
        shape.extend(lengths.iter());
        base = inner;
    }
    if shape.is_empty() {
        return words_of(base, bytes, places, alone);
    }
    let count = shape.iter().fold(1usize, |count, &length| count.saturating_mul(length));
    if count.saturating_mul(places.len()) > MOST_WORDS {
        return vec!["[...]".to_owned(); places.len()];
    }
    let inner: Vec<usize> = places
        .iter()
        .flat_map(|at| (0..count).map(move |number| at + number * base.itemsize()))
        .collect();
    let mut words = words_of(base, bytes, &inner, false).into_iter();
    places.iter().map(|_| bracketed(&shape, count > THRESHOLD, &mut words)).collect()
}

/// The words of one array, in brackets, all in one line.
fn bracketed(shape: &[usize], cut: bool, words: &mut impl Iterator<Item = String>) -> String {
    let Some((&length, shape)) = shape.split_first() else {
        return words.next().unwrap_or_default();
    };
    let parts: Vec<String> = (0..length).map(|_| bracketed(shape, cut, words)).collect();
    match (cut && length > 2 * EDGE, parts.get(..EDGE), parts.get(length.saturating_sub(EDGE)..)) {
        (true, Some(first), Some(last)) => {
            format!("[{}, ..., {}]", first.join(", "), last.join(", "))
        }
        _ => format!("[{}]", parts.join(", ")),
    }
}

/// An item that is no number.
fn word(dtype: &Dtype, item: &[u8]) -> String {
    let mut text = String::new();
    // A String takes all that is written.
    let _ = match dtype.kind() {
        DtypeKind::Text => {
            let characters = characters(item, dtype.byte_order())
                .map(|c| c.map_err(|code| u16::try_from(code).unwrap_or(0xfffd)));
            write_text(&mut text, characters)
        }
        DtypeKind::Bytes => write_bytes(&mut text, trimmed(item)),
        _ => {
            let _ = text.write_str("b'");
            item.iter().for_each(|byte| {
                let _ = write!(text, "\\x{byte:02X}");
            });
            text.write_str("'")
        }
    };
    text
}

/// Words of the same length, with blanks before the shorter ones.
fn lined_up(words: impl Iterator<Item = String>) -> Vec<String> {
    let words: Vec<String> = words.collect();
    let longest = words.iter().map(String::len).max().unwrap_or(0);
    words.into_iter().map(|word| format!("{word:>longest$}")).collect()
}

/// How wide floats are: of it depends with how many digits they are told from their neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Half,
    Single,
    Double,
}

impl Width {
    fn of(bytes: usize) -> Width {
        match bytes {
            2 => Width::Half,
            4 => Width::Single,
            _ => Width::Double,
        }
    }

    /// The nearest float of this width.
    fn round(self, value: f64) -> f64 {
        match self {
            Width::Half => from_half(to_half(value)).into(),
            Width::Single => f64::from(value as f32),
            Width::Double => value,
        }
    }

    /// The digits of a positive float, the fewest that tell it from others, and the power of ten of
    /// the first.
    fn digits(self, value: f64) -> (String, i32) {
        if value == 0.0 {
            return ("0".to_owned(), 0);
        }
        let text = match self {
            Width::Half => (0..5)
                .map(|more| format!("{value:.more$e}"))
                .find(|text| text.parse().is_ok_and(|it: f64| to_half(it) == to_half(value)))
                .unwrap_or_else(|| format!("{value:e}")),
            Width::Single => format!("{:e}", value as f32),
            Width::Double => crate::python::shortest(value),
        };
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        (digits.replace('.', ""), exponent.parse().unwrap_or(0))
    }
}

/// A float in digits: what stands before and behind the point, and the exponent.
fn positional(value: f64, width: Width) -> (String, String) {
    let (digits, exponent) = width.digits(value);
    let behind = digits.len() as i32 - 1 - exponent;
    if behind > PRECISION as i32 {
        let text = format!("{value:.PRECISION$}");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        return (whole.to_owned(), fraction.trim_end_matches('0').to_owned());
    }
    if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        return ("0".to_owned(), (zeros + &digits).trim_end_matches('0').to_owned());
    }
    let point = exponent as usize + 1;
    match digits.split_at_checked(point) {
        Some((whole, fraction)) => (whole.to_owned(), fraction.to_owned()),
        None => (format!("{digits:0<point$}"), String::new()),
    }
}

fn scientific(value: f64, width: Width) -> (String, String, i32) {
    let (mut digits, mut exponent) = width.digits(value);
    if digits.len() - 1 > PRECISION {
        let text = format!("{value:.PRECISION$e}");
        let (rounded, power) = text.split_once('e').unwrap_or((&text, "0"));
        digits = rounded.replace('.', "");
        exponent = power.parse().unwrap_or(0);
    }
    let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
    (first.to_owned(), rest.trim_end_matches('0').to_owned(), exponent)
}

/// How the floats of one array are printed.
struct FloatFormat {
    width: Width,
    plus: bool,
    scientific: bool,
    left: usize,
    right: usize,
    exponent_digits: usize,
}

impl FloatFormat {
    fn new(values: &[f64], width: Width, plus: bool) -> FloatFormat {
        let finite = || values.iter().copied().filter(|value| value.is_finite());
        let sizes = || finite().map(f64::abs).filter(|&size| size != 0.0);
        let largest = sizes().fold(0.0, f64::max);
        let smallest = sizes().fold(f64::INFINITY, f64::min);
        let scientific = sizes().next().is_some()
            && (largest >= width.round(1e8)
                || smallest < width.round(0.0001)
                || width.round(largest / smallest) > 1000.0);
        let mut format =
            FloatFormat { width, plus, scientific, left: 0, right: 0, exponent_digits: 0 };
        let sign = |value: f64| usize::from(plus || value.is_sign_negative());
        for value in finite() {
            if scientific {
                let (whole, fraction, exponent) = self::scientific(value.abs(), width);
                format.left = format.left.max(sign(value) + whole.len());
                format.right = format.right.max(fraction.len());
                let digits = exponent.unsigned_abs().to_string().len().max(2);
                format.exponent_digits = format.exponent_digits.max(digits);
            } else {
                let (whole, fraction) = positional(value.abs(), width);
                format.left = format.left.max(sign(value) + whole.len());
                format.right = format.right.max(fraction.len());
            }
        }
        if values.iter().any(|value| !value.is_finite()) {
            // The point is there in any case.
            let right = format.full_right() + 1;
            let negative = plus || values.contains(&f64::NEG_INFINITY);
            let longest = 3 + usize::from(negative);
            let least = 3usize.saturating_sub(right).max(longest.saturating_sub(right));
            format.left = format.left.max(least);
        }
        format
    }

    /// How long all that follows the point is.
    fn full_right(&self) -> usize {
        if self.scientific { self.right + self.exponent_digits + 2 } else { self.right }
    }

    fn all(&self, values: &[f64]) -> Vec<String> {
        values.iter().map(|&value| self.one(value)).collect()
    }

    fn one(&self, value: f64) -> String {
        let sign = match value.is_sign_negative() {
            true => "-",
            false if self.plus => "+",
            false => "",
        };
        if !value.is_finite() {
            let text = match (value.is_nan(), self.plus) {
                (true, true) => "+nan".to_owned(),
                (true, false) => "nan".to_owned(),
                (false, _) => format!("{sign}inf"),
            };
            return format!("{text:>width$}", width = self.left + self.full_right() + 1);
        }
        let (left, right) = (self.left, self.right);
        if self.scientific {
            // Behind the fewest digits that tell it from others come those that it has, no zeros.
            let text = format!("{:.right$e}", value.abs());
            let (number, power) = text.split_once('e').unwrap_or((&text, "0"));
            let number = match number.contains('.') {
                true => format!("{sign}{number}"),
                false => format!("{sign}{number}."),
            };
            let (power, size) = match power.strip_prefix('-') {
                Some(size) => ('-', size),
                None => ('+', power),
            };
            let (width, digits) = (left + 1 + right, self.exponent_digits);
            return format!("{number:>width$}e{power}{size:0>digits$}");
        }
        let (whole, fraction) = positional(value.abs(), self.width);
        let whole = sign.to_owned() + &whole;
        format!("{whole:>left$}.{fraction:<right$}")
    }
}

/// A float as numpy prints a single one.
fn float_word(value: f64, width: Width) -> String {
    let size = value.abs();
    if width == Width::Double || !value.is_finite() || size == 0.0 {
        return float_repr(value);
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let (digits, exponent) = width.digits(size);
    let most = if width == Width::Half { 1e3 } else { 1e6 };
    if !(1e-4..most).contains(&size) {
        let (first, rest) = digits.split_at_checked(1).unwrap_or(("0", ""));
        let point = if rest.is_empty() { "" } else { "." };
        let power = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{first}{point}{rest}e{power}{:02}", exponent.abs());
    }
    let behind = digits.len() as i32 - 1 - exponent;
    let (whole, fraction) = if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        ("0".to_owned(), zeros + &digits)
    } else if behind <= 0 {
        let point = exponent as usize + 1;
        (format!("{digits:0<point$}"), "0".to_owned())
    } else {
        let (whole, fraction) = digits.split_at_checked(exponent as usize + 1).unwrap_or_default();
        (whole.to_owned(), fraction.to_owned())
    };
    format!("{sign}{whole}.{fraction}")
}

/// A single number or the like, as numpy's `repr` prints it: `np.float64(0.5)`.
pub(crate) fn scalar_repr(dtype: &Dtype, item: &[u8]) -> String {
    let bits = dtype.itemsize() * 8;
    match Number::of(dtype, item) {
        Some(Number::Bool(true)) => return "np.True_".to_owned(),
        Some(Number::Bool(false)) => return "np.False_".to_owned(),
        Some(Number::Int(number)) => return format!("np.int{bits}({number})"),
        Some(Number::Uint(number)) => return format!("np.uint{bits}({number})"),
        Some(Number::Float(number)) => {
            return format!("np.float{bits}({})", float_word(number, Width::of(dtype.itemsize())));
        }
        Some(Number::Complex(real, imaginary)) => {
            let width = Width::of(bits / 16);
            let part = |number| {
                let text = float_word(number, width);
                text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
            };
            let (name, imaginary_text) = (format!("np.complex{bits}"), part(imaginary));
            if real == 0.0 && real.is_sign_positive() {
                return format!("{name}({imaginary_text}j)");
            }
            let plus = if imaginary_text.starts_with('-') { "" } else { "+" };
            return format!("{name}({}{plus}{imaginary_text}j)", part(real));
        }
        Some(Number::Time(number)) => {
            return match dtype.kind() {
                DtypeKind::Datetime(unit) => {
                    let mut text = String::new();
                    let _ = write_time(&mut text, number, *unit);
                    match (unit.name, unit.count) {
                        ("generic", _) if number != i64::MIN => {
                            format!("np.datetime64('{text}')")
                        }
                        // What does not follow from the text.
                        ("h", 1) => format!("np.datetime64('{text}','h')"),
                        (name, 1) if number == i64::MIN => {
                            format!("np.datetime64('{text}','{name}')")
                        }
                        (_, 1) => format!("np.datetime64('{text}')"),
                        (name, count) => format!("np.datetime64('{text}','{count}{name}')"),
                    }
                }
                DtypeKind::Timedelta(unit) => {
                    let number = match number {
                        i64::MIN => "'NaT'".to_owned(),
                        number => number.to_string(),
                    };
                    match (unit.name, unit.count) {
                        ("generic", _) => format!("np.timedelta64({number})"),
                        (name, 1) => format!("np.timedelta64({number},'{name}')"),
                        (name, count) => format!("np.timedelta64({number},'{count}{name}')"),
                    }
                }
                _ => String::new(),
            };
        }
        None => {}
    }
    match dtype.kind() {
        DtypeKind::Text => format!("np.str_({})", word(dtype, item)),
        DtypeKind::Bytes => format!("np.bytes_({})", word(dtype, item)),
        DtypeKind::Struct(_) if (dtype.parts() as usize) <= MOST_WORDS => {
            let words = words_of(dtype, item, &[0], true);
            let words = words.into_iter().next().unwrap_or_default();
            format!("np.void({words}, dtype={dtype})")
        }
        _ => format!("np.void({})", word(dtype, item)),
    }
}
