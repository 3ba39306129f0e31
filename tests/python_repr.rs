//! Values as Python prints them, beside CPython itself.

#[path = "support/random.rs"]
mod random;
mod support;

use picklebook::data::Label;

/// Reads floats of eight bytes, and prints each.
const PRINT: &str = "\
import array, sys
floats = array.array('d', sys.stdin.buffer.read())
sys.stdout.write('\\n'.join(map(repr, floats)))";

/// All powers of two and of ten with their neighbours; random bits; and random numbers of the
/// sizes at which a float can be halfway between two that are as short.
fn floats() -> Vec<f64> {
    let twos = (-1074..1024).map(|power| 2_f64.powi(power));
    let tens = (-323..309).map(|power| format!("1e{power}").parse::<f64>().expect("a float"));
    let mut floats: Vec<f64> = twos.chain(tens).collect();
    floats.extend(floats.clone().into_iter().flat_map(|it| [it.next_up(), it.next_down(), -it]));
    let mut bits = random::bits(0);
    for _ in 0..50_000 {
        floats.push(f64::from_bits(bits()));
        let (digits, power) = (bits() >> 11, (bits() % 100) as i32 - 70);
        floats.push(digits as f64 * 2_f64.powi(power));
    }
    floats
}

#[test]
fn floats_are_printed_digit_by_digit_as_cpython_does() {
    let floats = floats();
    let bytes: Vec<u8> = floats.iter().flat_map(|float| float.to_ne_bytes()).collect();
    let printed = String::from_utf8(support::python_prints(PRINT, &bytes)).expect("text");
    let printed: Vec<&str> = printed.lines().collect();
    assert_eq!(printed.len(), floats.len());
    for (float, expected) in floats.into_iter().zip(printed) {
        assert_eq!(Label::Float(float).to_string(), expected, "bits {:#x}", float.to_bits());
    }
}
