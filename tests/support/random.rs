//! Random numbers that are the same in every run.
#![allow(dead_code)] // each file uses its own part

/// 64 random bits a call; another seed gives others.
///
/// Source: Marsaglia, "Xorshift RNGs", 2003. His state must not be 0 and should not be nearly so,
/// and the odd factor keeps both from every seed that a test would write.
pub fn bits(seed: u64) -> impl FnMut() -> u64 {
    let mut state = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// Numbers from 0 to 1, one a call.
pub fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut bits = bits(seed);
    move || (bits() >> 11) as f64 / (1_u64 << 53) as f64
}

/// The first `count` of these numbers.
pub fn noise(seed: u64, count: usize) -> Vec<f64> {
    std::iter::repeat_with(uniform(seed)).take(count).collect()
}
