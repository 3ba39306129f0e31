//! Numbers as pickles hold them.

use std::borrow::Cow;

use super::op;

/// The most decimal digits that are converted from or to text, as in Python since 3.11
/// (`sys.int_info.default_max_str_digits`): the time for it grows with their square.
pub(crate) const MAX_DIGITS: usize = 4300;

/// How many bytes follow the opcodes BININT1, BININT2 and BININT; without a branch, for which of
/// them comes next cannot be foretold.
#[inline]
pub(crate) fn integer_width(code: u8) -> usize {
    1 + usize::from(code == op::BININT2) + 3 * usize::from(code == op::BININT)
}

/// The integer behind the opcode BININT1, BININT2 or BININT, from the four bytes that follow it. Only
/// four bytes can have their highest bit set, and only they have a sign.
#[inline]
pub(crate) fn short_integer(code: u8, bytes: [u8; 4]) -> i64 {
    let unused = 32 - 8 * integer_width(code) as u32;
    i64::from((u32::from_le_bytes(bytes) << unused >> unused) as i32)
}

/// An integer of any size.
#[derive(Clone, Debug)]
pub(crate) enum Integer<'a> {
    Small(i64),
    /// Two's complement, little-endian, more than eight bytes.
    Big(Cow<'a, [u8]>),
}

impl<'a> Integer<'a> {
    /// From two's complement, little-endian, of any length.
    #[inline]
    pub fn from_bytes(bytes: &'a [u8]) -> Integer<'a> {
        match small(bytes) {
            Some(small) => Integer::Small(small),
            None => Integer::Big(Cow::Borrowed(bytes)),
        }
    }

    fn from_vec(bytes: Vec<u8>) -> Integer<'static> {
        match small(&bytes) {
            Some(small) => Integer::Small(small),
            None => Integer::Big(Cow::Owned(bytes)),
        }
    }

    pub fn to_i128(&self) -> Option<i128> {
        match self {
            Integer::Small(small) => Some(i128::from(*small)),
            Integer::Big(bytes) => {
                let (low, rest) = bytes.split_at(bytes.len().min(16));
                let fill = sign_fill(bytes);
                let mut wide = [fill; 16];
                for (to, from) in wide.iter_mut().zip(low) {
                    *to = *from;
                }
                let number = i128::from_le_bytes(wide);
                let fits = rest.iter().all(|&byte| byte == fill) && (number < 0) == (fill != 0);
                fits.then_some(number)
            }
        }
    }

    pub fn to_u128(&self) -> Option<u128> {
        match self {
            Integer::Small(small) => u128::try_from(*small).ok(),
            Integer::Big(bytes) => {
                let (low, rest) = bytes.split_at(bytes.len().min(16));
                if sign_fill(bytes) != 0 || rest.iter().any(|&byte| byte != 0) {
                    return None;
                }
                let mut wide = [0; 16];
                for (to, from) in wide.iter_mut().zip(low) {
                    *to = *from;
                }
                Some(u128::from_le_bytes(wide))
            }
        }
    }

    /// In digits as Python's `repr` writes it; in base 16 with more than [`MAX_DIGITS`] digits,
    /// where Python refuses.
    pub fn to_text(&self) -> String {
        match self {
            Integer::Small(small) => small.to_string(),
            Integer::Big(bytes) => big_to_text(bytes),
        }
    }

    /// In two's complement, little-endian, as short as it can be; zero has no bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = match self {
            Integer::Small(small) => small.to_le_bytes().to_vec(),
            Integer::Big(bytes) => bytes.to_vec(),
        };
        shorten(&mut bytes);
        bytes
    }
}

/// Takes off the bytes at the end that only repeat the sign.
pub(crate) fn shorten(bytes: &mut Vec<u8>) {
    let fill = sign_fill(bytes);
    while let [.., before, last] = bytes[..] {
        if last != fill || (before & 0x80 != 0) != (fill != 0) {
            break;
        }
        bytes.pop();
    }
    if bytes[..] == [0] {
        bytes.clear();
    }
}

fn sign_fill(bytes: &[u8]) -> u8 {
    if bytes.last().is_some_and(|last| last & 0x80 != 0) { 0xff } else { 0 }
}

#[inline]
fn small(bytes: &[u8]) -> Option<i64> {
    let fill = sign_fill(bytes);
    let (low, rest) = bytes.split_at(bytes.len().min(8));
    let mut wide = [fill; 8];
    for (to, from) in wide.iter_mut().zip(low) {
        *to = *from;
    }
    let number = i64::from_le_bytes(wide);
    let fits = rest.iter().all(|&byte| byte == fill) && (number < 0) == (fill != 0);
    fits.then_some(number)
}

/// The magnitude in limbs of 32 bits, the lowest first, without leading zeros.
fn limbs(bytes: &[u8]) -> (bool, Vec<u32>) {
    let fill = sign_fill(bytes);
    let mut limbs: Vec<u32> = bytes
        .chunks(4)
        .map(|chunk| {
            let mut wide = [fill; 4];
            for (to, from) in wide.iter_mut().zip(chunk) {
                *to = *from;
            }
            u32::from_le_bytes(wide)
        })
        .collect();
    if fill != 0 {
        let mut carry = true;
        for limb in &mut limbs {
            (*limb, carry) = (!*limb).overflowing_add(u32::from(carry));
        }
        if carry {
            limbs.push(1);
        }
    }
    while limbs.last() == Some(&0) {
        limbs.pop();
    }
    (fill != 0, limbs)
}

fn big_to_text(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let (negative, mut limbs) = limbs(bytes);
    let mut text = String::from(if negative { "-" } else { "" });
    // 32 bits are 9.63 digits.
    if limbs.len() > MAX_DIGITS / 9 {
        text.push_str("0x");
        for (place, limb) in limbs.iter().rev().enumerate() {
            // Writing to a String cannot fail.
            let _ = if place == 0 { write!(text, "{limb:x}") } else { write!(text, "{limb:08x}") };
        }
        return text;
    }
    let mut groups = Vec::new();
    while !limbs.is_empty() {
        let mut rest = 0u64;
        for limb in limbs.iter_mut().rev() {
            let dividend = rest << 32 | u64::from(*limb);
            *limb = (dividend / 1_000_000_000) as u32;
            rest = dividend % 1_000_000_000;
        }
        groups.push(rest);
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
    }
    for (place, group) in groups.iter().rev().enumerate() {
        let _ = if place == 0 { write!(text, "{group}") } else { write!(text, "{group:09}") };
    }
    if groups.is_empty() {
        text.push('0');
    }
    text
}

/// What the line of an INT opcode holds.
pub(crate) enum IntLine {
    Bool(bool),
    Int(Integer<'static>),
}

/// The line of an INT opcode, as C's `strtol` with base 0 and then Python's `int(…, 0)` read it.
pub(crate) fn int_line(line: &[u8]) -> Result<IntLine, &'static str> {
    if let Some(number) = strtol(line) {
        // "00" and "01" are how False and True were written before protocol 2.
        return Ok(match number {
            0 | 1 if line.len() == 2 => IntLine::Bool(number == 1),
            _ => IntLine::Int(Integer::Small(number)),
        });
    }
    python_integer(line).map(IntLine::Int)
}

/// The line of a LONG opcode: digits, and an `L` behind them.
pub(crate) fn long_line(line: &[u8]) -> Result<Integer<'static>, &'static str> {
    python_integer(line.strip_suffix(b"L").unwrap_or(line))
}

fn strtol(line: &[u8]) -> Option<i64> {
    let line = line.trim_ascii_start();
    let (negative, digits) = split_sign(line);
    let (base, digits) = match digits {
        [b'0', b'x' | b'X', hex @ ..] => (16, hex),
        [b'0', _, ..] => (8, digits),
        _ => (10, digits),
    };
    if digits.is_empty() || digits.len() > 64 {
        return None;
    }
    digits.iter().try_fold(0i64, |sum, &digit| {
        let digit = i64::from(char::from(digit).to_digit(base)?);
        let digit = if negative { -digit } else { digit };
        sum.checked_mul(i64::from(base))?.checked_add(digit)
    })
}

fn split_sign(line: &[u8]) -> (bool, &[u8]) {
    match line {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, line),
    }
}

const NO_INTEGER: &str = "the digits are no integer";
pub(crate) const TOO_MANY_DIGITS: &str = "more than 4300 digits; Python refuses them too";

/// Python's `int(line, 0)`.
fn python_integer(line: &[u8]) -> Result<Integer<'static>, &'static str> {
    let (negative, digits) = split_sign(line.trim_ascii());
    let (bits, digits) = match digits {
        [b'0', b'x' | b'X', rest @ ..] => (4, rest),
        [b'0', b'o' | b'O', rest @ ..] => (3, rest),
        [b'0', b'b' | b'B', rest @ ..] => (1, rest),
        _ => (0, digits),
    };
    let number = integer_of(negative, bits, digits)?;
    // "010" might be meant in base 8.
    let zero_in_front = bits == 0 && digits.len() > 1 && digits.starts_with(b"0");
    match number {
        Integer::Small(0) => Ok(number),
        _ if zero_in_front => Err(NO_INTEGER),
        _ => Ok(number),
    }
}

/// Python's `int(line)`, in base 10: what `pickletools` takes where `pickle` takes more.
pub(crate) fn decimal_line(line: &[u8]) -> Result<Integer<'static>, &'static str> {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let start = line.iter().position(|byte| !is_blank(byte)).unwrap_or(line.len());
    let end = line.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    let (negative, digits) = split_sign(line.get(start..end).unwrap_or_default());
    integer_of(negative, 0, digits)
}

/// Digits of a few bits each, or of base 10 where `bits` is 0.
fn integer_of(negative: bool, bits: u32, digits: &[u8]) -> Result<Integer<'static>, &'static str> {
    let base = if bits == 0 { 10 } else { 1 << bits };
    // At once, for so long a line is not worth a look: not even with an underscore between all digits
    // would there be few enough.
    if bits == 0 && digits.len() > 2 * MAX_DIGITS {
        return Err(TOO_MANY_DIGITS);
    }
    // An underscore may stand between two digits, and between the prefix and the first one.
    let digits = if bits == 0 { digits } else { digits.strip_prefix(b"_").unwrap_or(digits) };
    let mut count = 0;
    let mut after_digit = false;
    for &byte in digits {
        if char::from(byte).is_digit(base) {
            count += 1;
        } else if byte != b'_' || !after_digit {
            return Err(NO_INTEGER);
        }
        after_digit = byte != b'_';
    }
    if !after_digit {
        return Err(NO_INTEGER);
    }
    let values = digits.iter().filter_map(|&byte| char::from(byte).to_digit(base));
    let limbs = if bits > 0 {
        pack(values.rev(), bits, count)
    } else {
        if count > MAX_DIGITS {
            return Err(TOO_MANY_DIGITS);
        }
        from_decimal(&values.collect::<Vec<u32>>())
    };
    Ok(Integer::from_vec(two_complement(negative, &limbs)))
}

/// Digits of a few bits each, the lowest first, in limbs.
fn pack(values: impl Iterator<Item = u32>, bits: u32, count: usize) -> Vec<u32> {
    let mut limbs = Vec::with_capacity(count * bits as usize / 32 + 1);
    let (mut low, mut filled) = (0u64, 0);
    for value in values {
        low |= u64::from(value) << filled;
        filled += bits;
        if filled >= 32 {
            limbs.push(low as u32);
            low >>= 32;
            filled -= 32;
        }
    }
    limbs.push(low as u32);
    limbs
}

fn from_decimal(values: &[u32]) -> Vec<u32> {
    let mut limbs: Vec<u32> = Vec::new();
    let first = values.len() % 9;
    let (head, tail) = values.split_at(first);
    for group in std::iter::once(head).chain(tail.chunks(9)) {
        let mut carry = group.iter().fold(0u64, |sum, &value| sum * 10 + u64::from(value));
        let times = 10u64.pow(group.len() as u32);
        for limb in &mut limbs {
            let product = u64::from(*limb) * times + carry;
            *limb = product as u32;
            carry = product >> 32;
        }
        if carry > 0 {
            limbs.push(carry as u32);
        }
    }
    limbs
}

fn two_complement(negative: bool, limbs: &[u32]) -> Vec<u8> {
    let mut bytes: Vec<u8> = limbs.iter().flat_map(|limb| limb.to_le_bytes()).collect();
    bytes.push(0);
    if negative {
        let mut carry = true;
        for byte in &mut bytes {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    shorten(&mut bytes);
    bytes
}

/// The line of a FLOAT opcode.
pub(crate) fn float_line(line: &[u8]) -> Result<f64, &'static str> {
    let problem = "the digits are no float";
    let text = std::str::from_utf8(line).map_err(|_| problem)?;
    let number: f64 = text.parse().map_err(|_| problem)?;
    if number.is_infinite() && !text.to_ascii_lowercase().contains("inf") {
        return Err("the float is too large");
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_form_keeps_the_sign() {
        for number in [0i64, 1, -1, 127, 128, -128, -129, 255, 256, 1 << 40, i64::MIN, i64::MAX] {
            let bytes = Integer::Small(number).to_bytes();
            assert!(matches!(Integer::from_bytes(&bytes), Integer::Small(same) if same == number));
        }
        assert!(Integer::Small(0).to_bytes().is_empty());
        assert_eq!(Integer::Small(255).to_bytes(), [255, 0]);
        assert_eq!(Integer::Small(-128).to_bytes(), [128]);
    }
}
