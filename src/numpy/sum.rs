//! numpy's sum: the order in which `np.sum` adds, for equal rounding.

/// The sum of `values` as `np.sum` rounds it: eight running sums for up to 128 values, and longer
/// runs cut in two, again and again. Source: `pairwise_sum` in numpy's `loops_utils.h.src`.
pub(crate) fn pairwise_sum(values: &[f64]) -> f64 {
    if values.len() < 8 {
        return values.iter().fold(-0.0, |sum, value| sum + value);
    }
    if values.len() <= 128 {
        let (chunks, rest) = values.as_chunks::<8>();
        let mut sums = [0.0; 8];
        if let Some((first, chunks)) = chunks.split_first() {
            sums = *first;
            for chunk in chunks {
                for (sum, value) in sums.iter_mut().zip(chunk) {
                    *sum += value;
                }
            }
        }
        let [a, b, c, d, e, f, g, h] = sums;
        let sum = ((a + b) + (c + d)) + ((e + f) + (g + h));
        return rest.iter().fold(sum, |sum, value| sum + value);
    }
    // The depth is that of the logarithm of the length: at most 57 for what memory can hold.
    let half = values.len() / 2;
    let half = half - half % 8;
    let (left, right) = values.split_at(half);
    pairwise_sum(left) + pairwise_sum(right)
}
