//! Python's module `array`: an array of numbers that was pickled with a list of them, as protocols 0 to
//! 2 do. Later ones hold bytes, which `arrays` reads.

use super::call::{Call, text};
use super::{Class, Meaning, Module, Piece, Printed, is_sequence};

pub(super) static MODULES: &[Module] = &[Module {
    name: "array",
    classes: &[Class::new("array").means(sequence).prints(printed).unhashable()],
    names: &[],
}];

/// `array(type code, list)`
fn sequence<'g>(call: &Call<'g>) -> Option<Meaning<'g>> {
    match call.arguments() {
        [_, items] if is_sequence(items.kind) => {
            Some(Meaning::Sequence([call.graph.items(*items), call.added_items()]))
        }
        _ => None,
    }
}

fn printed<'g>(call: &Call<'g>) -> Option<Printed<'g>> {
    let [code, items] = call.arguments() else { return None };
    let code = text(call.graph, *code)?.parse::<char>().ok()?;
    // Of characters Python prints the text that they are.
    if !code.is_ascii_alphabetic() || matches!(code, 'u' | 'w') || !is_sequence(items.kind) {
        return None;
    }
    let items = call.graph.items(*items);
    if items.length() == 0 {
        return Some(Printed::Whole(Piece::Text(format!("array('{code}')"))));
    }
    let pieces =
        vec![Piece::Text(format!("array('{code}', [")), Piece::items(items), Piece::Literal("])")];
    Some(Printed::Holder { pieces, closed: "array(...)" })
}

#[cfg(test)]
mod tests {
    use super::super::cases::{Case, check};

    /// As CPython 3.11 writes and prints them: `tests/pickle/classes.py array`.
    #[rustfmt::skip]
    const CASES: &[Case] = &[
        (b"carray\narray\n(Vd\n(lF1.5\naF-0.0\natR.", "array('d', [1.5, -0.0])", "[1.5, -0.0]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00dK\x10C\x10\x00\x00\x00\x00\x00\x00\xf8?\x00\x00\x00\x00\x00\x00\x00\x80tR.", "array('d', [1.5, -0.0])", "[1.5, -0.0]"),
        (b"\x80\x04\x95H\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01dK\x10C\x10\x00\x00\x00\x00\x00\x00\xf8?\x00\x00\x00\x00\x00\x00\x00\x80tR.", "array('d', [1.5, -0.0])", "[1.5, -0.0]"),
        (b"carray\narray\n(Vd\n(ltR.", "array('d')", "[]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00dK\x10C\x00tR.", "array('d')", "[]"),
        (b"\x80\x04\x958\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01dK\x10C\x00tR.", "array('d')", "[]"),
        (b"carray\narray\n(Vf\n(lF0.10000000149011612\natR.", "array('f', [0.10000000149011612])", "[0.10000000149011612]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00fK\x0eC\x04\xcd\xcc\xcc=tR.", "array('f', [0.10000000149011612])", "[0.10000000149011612]"),
        (b"\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01fK\x0eC\x04\xcd\xcc\xcc=tR.", "array('f', [0.10000000149011612])", "[0.10000000149011612]"),
        (b"carray\narray\n(Vb\n(lI-1\naI2\natR.", "array('b', [-1, 2])", "[-1, 2]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00bK\x01C\x02\xff\x02tR.", "array('b', [-1, 2])", "[-1, 2]"),
        (b"\x80\x04\x95:\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01bK\x01C\x02\xff\x02tR.", "array('b', [-1, 2])", "[-1, 2]"),
        (b"carray\narray\n(VB\n(lI200\natR.", "array('B', [200])", "[200]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00BK\x00C\x01\xc8tR.", "array('B', [200])", "[200]"),
        (b"\x80\x04\x959\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01BK\x00C\x01\xc8tR.", "array('B', [200])", "[200]"),
        (b"carray\narray\n(Vh\n(lI-300\natR.", "array('h', [-300])", "[-300]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00hK\x04C\x02\xd4\xfetR.", "array('h', [-300])", "[-300]"),
        (b"\x80\x04\x95:\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01hK\x04C\x02\xd4\xfetR.", "array('h', [-300])", "[-300]"),
        (b"carray\narray\n(VH\n(lI60000\natR.", "array('H', [60000])", "[60000]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00HK\x02C\x02`\xeatR.", "array('H', [60000])", "[60000]"),
        (b"\x80\x04\x95:\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01HK\x02C\x02`\xeatR.", "array('H', [60000])", "[60000]"),
        (b"carray\narray\n(Vi\n(lI-70000\natR.", "array('i', [-70000])", "[-70000]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00iK\x08C\x04\x90\xee\xfe\xfftR.", "array('i', [-70000])", "[-70000]"),
        (b"\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01iK\x08C\x04\x90\xee\xfe\xfftR.", "array('i', [-70000])", "[-70000]"),
        (b"carray\narray\n(VI\n(lL3000000000L\natR.", "array('I', [3000000000])", "[3000000000]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00IK\x06C\x04\x00^\xd0\xb2tR.", "array('I', [3000000000])", "[3000000000]"),
        (b"\x80\x04\x95<\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01IK\x06C\x04\x00^\xd0\xb2tR.", "array('I', [3000000000])", "[3000000000]"),
        (b"carray\narray\n(Vq\n(lL-4611686018427387904L\natR.", "array('q', [-4611686018427387904])", "[-4611686018427387904]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00qK\x0cC\x08\x00\x00\x00\x00\x00\x00\x00\xc0tR.", "array('q', [-4611686018427387904])", "[-4611686018427387904]"),
        (b"\x80\x04\x95@\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01qK\x0cC\x08\x00\x00\x00\x00\x00\x00\x00\xc0tR.", "array('q', [-4611686018427387904])", "[-4611686018427387904]"),
        (b"carray\narray\n(VQ\n(lL9223372036854775808L\natR.", "array('Q', [9223372036854775808])", "[9223372036854775808]"),
        (b"\x80\x03carray\n_array_reconstructor\n(carray\narray\nX\x01\x00\x00\x00QK\nC\x08\x00\x00\x00\x00\x00\x00\x00\x80tR.", "array('Q', [9223372036854775808])", "[9223372036854775808]"),
        (b"\x80\x04\x95@\x00\x00\x00\x00\x00\x00\x00\x8c\x05array\x8c\x14_array_reconstructor\x93(\x8c\x05array\x8c\x05array\x93\x8c\x01QK\nC\x08\x00\x00\x00\x00\x00\x00\x00\x80tR.", "array('Q', [9223372036854775808])", "[9223372036854775808]"),
    ];

    #[test]
    fn objects_mean_and_print_what_python_says() {
        check(CASES);
    }
}
