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
    sound.then(|| Printed::whole(Piece::Text(format!("Decimal('{digits}')"))))
}

fn fraction<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    match call.arguments() {
        [digits] => text(call.graph, *digits).map(Meaning::Text),
        // Since Python 3.12.
        [numerator, denominator] => {
            let numerator = integer_text(call.graph, *numerator)?;
            let denominator = integer_text(call.graph, *denominator)?;
            Some(Meaning::Text(format!("{numerator}/{denominator}")))
        }
        _ => None,
    }
}

fn printed_fraction<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let (numerator, denominator) = match call.arguments() {
        [digits] => {
            let text = text(call.graph, *digits)?;
            let (numerator, denominator) = text.split_once('/').unwrap_or((&text, "1"));
            let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
            let sound = digits(numerator.strip_prefix('-').unwrap_or(numerator));
            if !sound || !digits(denominator) {
                return None;
            }
            (numerator.to_owned(), denominator.to_owned())
        }
        [numerator, denominator] => {
            (integer_text(call.graph, *numerator)?, integer_text(call.graph, *denominator)?)
        }
        _ => return None,
    };
    Some(Printed::whole(Piece::Text(format!("Fraction({numerator}, {denominator})"))))
}
