//! Random numbers that are the same in every run.
#![allow(dead_code)] // each test file uses its own part

/// 64 random bits a call. Source: Marsaglia, "Xorshift RNGs", 2003.
pub fn bits() -> impl FnMut() -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}

/// Numbers from 0 to 1, one a call.
pub fn uniform() -> impl FnMut() -> f64 {
    let mut bits = bits();
    move || (bits() >> 11) as f64 / (1_u64 << 53) as f64
}
