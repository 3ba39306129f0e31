//! Numbers of Python's modules `decimal` and `fractions`: text, which loses nothing.

use super::call::{Call, integer_text, text};
use super::{Class, Meaning, Module, Piece, Printed};

pub(super) static MODULES: &[Module] = &[
    Module {
        name: "decimal",
        classes: &[Class::new("Decimal").means(decimal).prints(printed_decimal)],
        names: &[],
    },
    Module { name: "_decimal", classes: &[Class::function("Decimal").means(decimal)], names: &[] },
    Module {
        name: "fractions",
        classes: &[Class::new("Fraction").means(fraction).prints(printed_fraction)],
        names: &[],
    },
];

fn decimal<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    match call.arguments() {
        [digits] => text(call.graph, *digits).map(Meaning::Text),
        _ => None,
    }
}

fn printed_decimal<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [digits] = call.arguments() else { return None };
    let digits = text(call.graph, *digits)?;
    // NaN with a payload, Infinity and numbers: what `str` of a Decimal can give.
    let usual = |it: u8| it.is_ascii_alphanumeric() || b"+-.".contains(&it);
    let sound = digits.bytes().all(usual);
    sound.then(|| Printed::Whole(Piece::Text(format!("Decimal('{digits}')"))))
}

/// The digits of numerator and denominator.
fn parts_of_fraction(call: &Call<'_>) -> Option<(String, String)> {
    match call.arguments() {
        [digits] => {
            let text = text(call.graph, *digits)?;
            let (numerator, denominator) = text.split_once('/').unwrap_or((&text, "1"));
            let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
            let sound = digits(numerator.strip_prefix('-').unwrap_or(numerator));
            (sound && digits(denominator)).then(|| (numerator.to_owned(), denominator.to_owned()))
        }
        [numerator, denominator] => {
            Some((integer_text(call.graph, *numerator)?, integer_text(call.graph, *denominator)?))
        }
        _ => None,
    }
}

/// As Python's `str` gives it.
fn fraction<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    let (numerator, denominator) = match call.arguments() {
        [digits] => return text(call.graph, *digits).map(Meaning::Text),
        _ => parts_of_fraction(call)?,
    };
    let whole = denominator == "1";
    Some(Meaning::Text(if whole { numerator } else { format!("{numerator}/{denominator}") }))
}

fn printed_fraction<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let (numerator, denominator) = parts_of_fraction(call)?;
    Some(Printed::Whole(Piece::Text(format!("Fraction({numerator}, {denominator})"))))
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py numbers`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"cdecimal\nDecimal\n(V1.50\ntR.", "Decimal('1.50')", r#""1.50""#),
        (b"\x80\x03cdecimal\nDecimal\nX\x04\x00\x00\x001.50\x85R.", "Decimal('1.50')", r#""1.50""#),
        (b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x07decimal\x8c\x07Decimal\x93\x8c\x041.50\x85R.", "Decimal('1.50')", r#""1.50""#),
        (b"cdecimal\nDecimal\n(V-Infinity\ntR.", "Decimal('-Infinity')", r#""-Infinity""#),
        (b"\x80\x03cdecimal\nDecimal\nX\x09\x00\x00\x00-Infinity\x85R.", "Decimal('-Infinity')", r#""-Infinity""#),
        (b"\x80\x04\x95!\x00\x00\x00\x00\x00\x00\x00\x8c\x07decimal\x8c\x07Decimal\x93\x8c\x09-Infinity\x85R.", "Decimal('-Infinity')", r#""-Infinity""#),
        (b"cdecimal\nDecimal\n(V1E+3\ntR.", "Decimal('1E+3')", r#""1E+3""#),
        (b"\x80\x03cdecimal\nDecimal\nX\x04\x00\x00\x001E+3\x85R.", "Decimal('1E+3')", r#""1E+3""#),
        (b"\x80\x04\x95\x1c\x00\x00\x00\x00\x00\x00\x00\x8c\x07decimal\x8c\x07Decimal\x93\x8c\x041E+3\x85R.", "Decimal('1E+3')", r#""1E+3""#),
        (b"cfractions\nFraction\n(I-3\nI2\ntR.", "Fraction(-3, 2)", r#""-3/2""#),
        (b"\x80\x03cfractions\nFraction\nJ\xfd\xff\xff\xffK\x02\x86R.", "Fraction(-3, 2)", r#""-3/2""#),
        (b"\x80\x04\x95 \x00\x00\x00\x00\x00\x00\x00\x8c\x09fractions\x8c\x08Fraction\x93J\xfd\xff\xff\xffK\x02\x86R.", "Fraction(-3, 2)", r#""-3/2""#),
        (b"cfractions\nFraction\n(I7\nI1\ntR.", "Fraction(7, 1)", r#""7""#),
        (b"\x80\x03cfractions\nFraction\nK\x07K\x01\x86R.", "Fraction(7, 1)", r#""7""#),
        (b"\x80\x04\x95\x1d\x00\x00\x00\x00\x00\x00\x00\x8c\x09fractions\x8c\x08Fraction\x93K\x07K\x01\x86R.", "Fraction(7, 1)", r#""7""#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }

    /// Python 3.11 wrote a fraction as text until it wrote two integers.
    #[test]
    fn older_pythons_write_fractions_as_text() {
        check(&[
            (b"cfractions\nFraction\n(V-3/2\ntR.", "Fraction(-3, 2)", r#""-3/2""#),
            (b"cfractions\nFraction\n(V7\ntR.", "Fraction(7, 1)", r#""7""#),
        ]);
    }
}
