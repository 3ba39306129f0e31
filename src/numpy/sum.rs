//! numpy's sum.

use ndarray::ArrayView2;

/// The sum of `values` as `np.sum` rounds it.
///
/// Source: `pairwise_sum` in numpy's `_core/src/umath/loops_utils.h.src`.
pub(crate) fn pairwise_sum(values: &[f64]) -> f64 {
    // The sum of nothing, to which numpy adds; it turns -0.0 into 0.0.
    0.0 + pairs(values)
}

/// The sum of each column of an array whose rows lie one after the other, as `np.sum(axis=0)` rounds
/// it: row by row, or of a single column pairwise.
pub(crate) fn column_sums(numbers: ArrayView2<'_, f64>) -> Vec<f64> {
    if numbers.ncols() == 1 {
        return vec![pairwise_sum(&numbers.iter().copied().collect::<Vec<_>>())];
    }
    let mut sums = vec![0.0; numbers.ncols()];
    for row in numbers.rows() {
        sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sums
}

/// Eight running sums for up to 128 values, and longer runs cut in two, again and again.
fn pairs(values: &[f64]) -> f64 {
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
    pairs(left) + pairs(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sums of 1/1, 1/2, 1/3, … are those of numpy 2.4.6; added one after the other, those
    /// from 127 on end in other digits.
    #[test]
    fn sums_are_those_of_numpy() {
        for (count, expected) in [
            (0, 0.0),
            (1, 1.0),
            (7, 2.592_857_142_857_142_5),
            (8, 2.717_857_142_857_142_5),
            (9, 2.828_968_253_968_253_7),
            (127, 5.425_334_592_589_172),
            (128, 5.433_147_092_589_173),
            (129, 5.440_899_030_573_669),
            (136, 5.493_542_515_771_517),
            (137, 5.500_841_785_844_51),
            (1_000, 7.485_470_860_550_345),
            (100_000, 12.090_146_129_863_431),
        ] {
            let values: Vec<f64> = (1..=count).map(|number| 1.0 / f64::from(number)).collect();
            assert_eq!(pairwise_sum(&values), expected, "{count} numbers");
        }
        assert!(pairwise_sum(&[-0.0]).is_sign_positive());
    }
}
