//! Floats of two bytes (IEEE 754 binary16).

/// The float, which 32 bits hold exactly.
pub(crate) fn from_half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10 & 0x1f);
    let fraction = u32::from(bits & 0x3ff);
    match exponent {
        // A multiple of 2⁻²⁴.
        0 => {
            let size = fraction as f32 * f32::from_bits((127 - 24) << 23);
            f32::from_bits(size.to_bits() | sign)
        }
        0x1f => f32::from_bits(sign | 0x7f80_0000 | fraction << 13),
        _ => f32::from_bits(sign | (exponent + 127 - 15) << 23 | fraction << 13),
    }
}

/// The nearest float of two bytes; of two equally near, that with the even last bit.
pub(crate) fn to_half(value: f64) -> u16 {
    let sign = (value.to_bits() >> 48 & 0x8000) as u16;
    let size = value.abs();
    if size.is_nan() {
        return sign | 0x7e00;
    }
    // Below 2⁻¹⁴ all are multiples of 2⁻²⁴; above, of 2⁻¹⁰ of their power of two.
    let exponent = ((size.to_bits() >> 52) as i32 - 1023).max(-14);
    if exponent > 15 {
        return sign | 0x7c00;
    }
    let unit = f64::from_bits(((exponent - 10 + 1023) as u64) << 52);
    let steps = (size / unit).round_ties_even() as u16;
    // What is rounded up to the next power of two carries over into the exponent.
    let base = (exponent + 14) as u16;
    sign | (base << 10).wrapping_add(steps)
}

/// The number as two bytes hold it.
pub(crate) fn rounded(value: f64) -> f64 {
    from_half(to_half(value)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What numpy 2.4 makes of the same bits.
    #[test]
    fn halves_are_those_of_numpy() {
        for (bits, expected) in [
            (0x0000, 0.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65_504.0),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(from_half(bits), expected, "{bits:#06x}");
        }
        for bits in 0..=0x7c00u16 {
            assert_eq!(to_half(from_half(bits).into()), bits);
        }
        assert_eq!(to_half(65_520.0), 0x7c00);
        assert!(from_half(0x8000).is_sign_negative());
        assert!(from_half(0x7e00).is_nan());
    }
}
