//! Quantiles as numpy rounds them.

/// The quantile of ascending numbers, by linear interpolation.
///
/// Source: `_quantile` and `_lerp` in numpy's `lib/_function_base_impl.py`.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let at = last as f64 * share;
    let below = at.floor() as usize;
    let between = at - at.floor();
    let number = |place: usize| sorted.get(place.min(last)).copied().unwrap_or(f64::NAN);
    let (low, high) = (number(below), number(below.saturating_add(1)));
    let gap = high - low;
    match between >= 0.5 {
        true => high - gap * (1.0 - between),
        false => low + gap * between,
    }
}
