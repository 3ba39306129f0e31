//! Floats as Python's `repr` prints them.

/// A float as Python's `repr` prints it: the fewest digits that read back as the same float, and
/// of these the nearest to it; an exponent below -4 and from 16 on.
///
/// Source: `float_repr_style = 'short'` in CPython's Python/pystrtod.c, which takes its digits
/// from mode 0 of David Gay's `dtoa`.
pub(crate) fn float_repr(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".to_owned() } else { "inf".to_owned() };
    }
    let scientific = shortest(value);
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let (first, rest) = digits.split_once('.').unwrap_or((digits, ""));
    let mut repr = String::with_capacity(24);
    if exponent < 0 {
        let (sign, first) = first.split_at(first.len() - 1);
        repr.push_str(sign);
        repr.push_str("0.");
        repr.extend(std::iter::repeat_n('0', exponent.unsigned_abs() as usize - 1));
        repr.push_str(first);
        repr.push_str(rest);
        return repr;
    }
    repr.push_str(first);
    match rest.split_at_checked(exponent as usize) {
        Some((whole, rest)) => {
            repr.push_str(whole);
            repr.push('.');
            repr.push_str(if rest.is_empty() { "0" } else { rest });
        }
        None => {
            repr.push_str(rest);
            repr.extend(std::iter::repeat_n('0', exponent as usize - rest.len()));
            repr.push_str(".0");
        }
    }
    repr
}

/// Digits and exponent, such as `-1.25e-7`.
///
/// Rust and Python agree on how many digits are the fewest, and both take those nearest to the
/// float. Where two are equally near, Rust rounds up, and Python to the even digit.
pub(crate) fn shortest(value: f64) -> String {
    let rounded_up = format!("{value:e}");
    let Some((digits, exponent)) = rounded_up.split_once('e') else { return rounded_up };
    let behind = digits.trim_start_matches('-').len().saturating_sub(2);
    let exponent: i32 = exponent.parse().unwrap_or(0);
    // Halfway between two neighbours d and d + 1 in the last place, 10ᵏ, the float is
    // (2d + 1) · 10ᵏ / 2: an odd number of 5ᵏ, times 2ᵏ⁻¹.
    if power_of_two(value) != exponent - behind as i32 - 1 {
        return rounded_up;
    }
    // With a number of digits given, Rust rounds to even, too. Below a power of two, floats are
    // closer: the even neighbour may be nearer to the next one.
    let to_even = format!("{value:.behind$e}");
    if to_even.parse() == Ok(value) { to_even } else { rounded_up }
}

/// The highest power of two that the float is a multiple of.
fn power_of_two(value: f64) -> i32 {
    const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = value.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let biased = (bits >> FRACTION_BITS) & 0x7ff;
    let (mantissa, biased) = match biased {
        0 => (fraction, 1),
        biased => (fraction | 1 << FRACTION_BITS, biased),
    };
    biased as i32 - 1_075 + mantissa.trailing_zeros() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What CPython 3.11 prints.
    #[test]
    fn floats_are_printed_as_python_does() {
        for (value, expected) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-2.5, "-2.5"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (100.0, "100.0"),
            (123_456_789.125, "123456789.125"),
            (0.0001, "0.0001"),
            (-0.000_123, "-0.000123"),
            (0.000_01, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (-1.25e16, "-1.25e+16"),
            (1e22, "1e+22"),
            (1e23, "1e+23"),
            (1e100, "1e+100"),
            (5e-324, "5e-324"),
            (2.225_073_858_507_201e-308, "2.225073858507201e-308"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float_repr(value), expected);
        }
    }

    /// Floats halfway between the two that have as many digits.
    #[test]
    #[expect(clippy::excessive_precision, reason = "the last digit makes the tie")]
    fn ties_go_to_the_even_digit() {
        for (value, expected) in [
            (1_113_178_120_592_002.25, "1113178120592002.2"),
            (1_113_178_120_592_002.75, "1113178120592002.8"),
            (-2_053_637_337_633_904.25, "-2053637337633904.2"),
            (233_891_771_783_429.625, "233891771783429.62"),
            (123_456_789_012_345.125, "123456789012345.12"),
            (1_125_899_906_842_624.25, "1125899906842624.2"),
            (1_125_899_906_842_624.75, "1125899906842624.8"),
            (2_f64.powi(-25), "2.9802322387695312e-08"),
            (2_f64.powi(-24), "5.960464477539063e-08"),
            (2_f64.powi(-44), "5.684341886080802e-14"),
        ] {
            assert_eq!(float_repr(value), expected);
        }
    }
}
