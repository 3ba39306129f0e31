//! Python's module `uuid`. A `UUID` is an object with a state, of which the attributes are read.

use super::{Class, Module};

pub(super) static MODULES: &[Module] =
    &[Module { name: "uuid", classes: &[Class::new("UUID")], names: &[] }];

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py uuid`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR(dVint\nI5\nsb.", "", r#"{"int": 5}"#),
        (b"\x80\x03cuuid\nUUID\n)\x81}X\x03\x00\x00\x00intK\x05sb.", "", r#"{"int": 5}"#),
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x04uuid\x8c\x04UUID\x93)\x81}\x8c\x03intK\x05sb.", "", r#"{"int": 5}"#),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
