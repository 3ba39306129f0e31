//! Values of features as whole numbers that order alike.

/// A value of a feature, or its key: a whole number that orders as the value does as a 32-bit
/// float. Comparing two keys costs less than comparing two floats.
pub(crate) trait FeatureValue: Copy {
    /// The key of a value that is not missing.
    fn present_key(self) -> u32;
    /// The key; that of a missing value is the greatest of all.
    fn key(self) -> u32;
    /// Whether it is infinite as a 32-bit float, or missing.
    fn odd(self) -> bool;
}

/// The key of a missing value.
pub(crate) const MISSING_KEY: u32 = u32::MAX;

/// The keys of the two infinities, which are the least and, but for missing values, the greatest.
const INFINITE: (u32, u32) = (!f32::NEG_INFINITY.to_bits(), f32::INFINITY.to_bits() | 1 << 31);

/// Whether a key is that of an infinity.
pub(crate) fn is_infinite(key: u32) -> bool {
    key == INFINITE.0 || key == INFINITE.1
}

/// The value, as a 32-bit float, that has this key.
#[inline(always)]
pub(crate) fn value_of(key: u32) -> f32 {
    match (key, key >> 31) {
        (MISSING_KEY, _) => f32::NAN,
        (_, 1) => f32::from_bits(key ^ 1 << 31),
        (_, _) => f32::from_bits(!key),
    }
}

impl FeatureValue for u32 {
    #[inline(always)]
    fn present_key(self) -> u32 {
        self
    }

    #[inline(always)]
    fn key(self) -> u32 {
        self
    }

    #[inline(always)]
    fn odd(self) -> bool {
        self.wrapping_sub(INFINITE.0 + 1) >= INFINITE.1 - INFINITE.0 - 1
    }
}

impl FeatureValue for f32 {
    #[inline(always)]
    fn present_key(self) -> u32 {
        let bits = self.to_bits();
        let negative = ((bits as i32) >> 31) as u32; // all bits set or none
        bits ^ (negative | 1 << 31)
    }

    #[inline(always)]
    fn key(self) -> u32 {
        if self.is_nan() { MISSING_KEY } else { self.present_key() }
    }

    #[inline(always)]
    fn odd(self) -> bool {
        // all bits of the exponent are set in what is infinite or not a number
        self.to_bits() & 0x7f80_0000 == 0x7f80_0000
    }
}

impl FeatureValue for f64 {
    #[inline(always)]
    fn present_key(self) -> u32 {
        (self as f32).present_key()
    }

    #[inline(always)]
    fn key(self) -> u32 {
        (self as f32).key()
    }

    #[inline(always)]
    #[expect(clippy::neg_cmp_op_on_partial_ord, reason = "a missing value is not less either")]
    fn odd(self) -> bool {
        /// Half a step above the greatest 32-bit float, which is rounded up to infinity.
        const LEAST_INFINITE: f64 = f32::MAX as f64 + (1_u128 << 103) as f64;
        !(self.abs() < LEAST_INFINITE)
    }
}

/// What there is among some values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Finite values alone.
    Finite,
    /// Missing values, and none that is infinite.
    Missing,
    /// A value that is infinite as a 32-bit float.
    Infinite,
}

/// Looks for what is not finite. Eight answers side by side, without branches, which the compiler
/// turns into vector instructions; what is rare is looked at again.
pub(crate) fn find<T: FeatureValue>(values: &[T]) -> Found {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut odd = [false; 8];
    for chunk in chunks {
        for (odd, value) in odd.iter_mut().zip(chunk) {
            *odd |= value.odd();
        }
    }
    if odd == [false; 8] && !rest.iter().any(|value| value.odd()) {
        Found::Finite
    } else if values.iter().any(|&value| is_infinite(value.key())) {
        Found::Infinite
    } else {
        Found::Missing
    }
}

/// The key of the greatest 32-bit float that is at most `threshold`: rows are compared as 32-bit
/// floats, so comparing with it decides the same.
pub(crate) fn threshold_key(threshold: f64) -> u32 {
    let near = threshold as f32;
    let at_most = if f64::from(near) > threshold { near.next_down() } else { near };
    (at_most + 0.0).present_key() // never the zero that is negative
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_order_as_floats_do() {
        let tiny = f32::from_bits(1);
        let ascending = [f32::NEG_INFINITY, f32::MIN, -1.0, -tiny, 0.0, tiny, 1.0, f32::MAX];
        let keys: Vec<u32> = ascending.iter().map(|value| value.key()).collect();
        assert!(keys.is_sorted() && f32::INFINITY.key() < MISSING_KEY);
        assert_eq!((-f32::NAN).key(), MISSING_KEY);
        let values: Vec<u32> = keys.iter().map(|&key| value_of(key).to_bits()).collect();
        assert_eq!(values, ascending.map(f32::to_bits));
        assert!(value_of(MISSING_KEY).is_nan() && value_of((-0.0_f32).key()).is_sign_negative());
        assert_eq!((is_infinite(keys[0]), is_infinite(keys[1])), (true, false));
    }

    #[test]
    fn what_becomes_infinite_as_32_bits_is_found() {
        let most = f64::from(f32::MAX) + (1_u128 << 103) as f64;
        let found = |value: f64| find(&[0.0, value, 1.0]);
        assert!((most as f32).is_infinite() && (most.next_down() as f32).is_finite());
        assert_eq!((found(most), found(-most)), (Found::Infinite, Found::Infinite));
        assert_eq!((found(most.next_down()), found(f64::NAN)), (Found::Finite, Found::Missing));
        assert_eq!(find(&[f64::NAN, f64::INFINITY]), Found::Infinite);
        let many = [[0.5_f32; 9].as_slice(), &[f32::NEG_INFINITY], &[0.5; 9]].concat();
        assert_eq!(find(&many), Found::Infinite);
        let keys: Vec<u32> = many.iter().map(|value| value.key()).collect();
        assert_eq!((find(&keys), find(&keys[..9])), (Found::Infinite, Found::Finite));
        assert_eq!(find(&[f32::NAN.key()]), Found::Missing);
    }

    #[test]
    fn thresholds_are_rounded_down() {
        let key = |value: f32| value.key();
        assert_eq!(threshold_key(0.1), key(0.1_f32.next_down()));
        assert_eq!(threshold_key(f64::from(0.1_f32)), key(0.1));
        assert_eq!(threshold_key(-0.0), key(0.0));
        assert_eq!(threshold_key(1e300), key(f32::MAX));
        assert_eq!(threshold_key(f64::INFINITY), key(f32::INFINITY));
    }
}
