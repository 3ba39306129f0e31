//! The impurity of rows and of splits, in the order of operations of scikit-learn.
//!
//! Source: `sklearn/tree/_criterion.pyx`. Every expression keeps that file's order, so that every
//! rounding is the same.

use crate::tree::Criterion;

/// `ln(x) / ln(2)`: not `log2`, which rounds differently.
pub(super) fn log(x: f64) -> f64 {
    x.ln() / std::f64::consts::LN_2
}

/// The impurity of class weights that sum to `weight`.
pub(super) fn of(criterion: Criterion, sums: impl Iterator<Item = f64>, weight: f64) -> f64 {
    match criterion {
        Criterion::Gini => gini(sums, weight),
        Criterion::Entropy | Criterion::LogLoss => entropy(sums, weight),
    }
}

/// The Gini impurity of class weights that sum to `weight`.
pub(super) fn gini(sums: impl Iterator<Item = f64>, weight: f64) -> f64 {
    1.0 - sums.fold(0.0, |squares, sum| squares + sum * sum) / (weight * weight)
}

/// The entropy of class weights that sum to `weight`.
pub(super) fn entropy(sums: impl Iterator<Item = f64>, weight: f64) -> f64 {
    let mut entropy = 0.0;
    for sum in sums {
        if sum > 0.0 {
            let fraction = sum / weight;
            entropy -= fraction * log(fraction);
        }
    }
    entropy
}

/// What a split search maximises; it leaves out what is the same for every split of a node.
pub(super) fn proxy(weight: (f64, f64), impurity: (f64, f64)) -> f64 {
    -weight.1 * impurity.1 - weight.0 * impurity.0
}

/// By how much a split of a node lowers the impurity of the tree. `weight` and `impurity` are
/// those of the left and the right child; `total` is the weight of the tree.
pub(super) fn improvement(
    total: f64,
    node_weight: f64,
    node_impurity: f64,
    weight: (f64, f64),
    impurity: (f64, f64),
) -> f64 {
    (node_weight / total)
        * (node_impurity
            - (weight.1 / node_weight * impurity.1)
            - (weight.0 / node_weight * impurity.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impurities_of_classes() {
        let cases: [(&[f64], f64, f64); 6] = [
            (&[4.0], 0.0, 0.0),
            (&[0.0, 3.0], 0.0, 0.0),
            (&[2.0, 2.0], 0.5, 1.0),
            (&[0.25, 0.25], 0.5, 1.0),
            (&[1.0, 1.0, 2.0], 0.625, 1.5),
            (&[1.0, 1.0, 1.0, 1.0], 0.75, 2.0),
        ];
        for (sums, gini, entropy) in cases {
            let weight = sums.iter().sum();
            let impurity = |criterion| of(criterion, sums.iter().copied(), weight);
            assert_eq!(impurity(Criterion::Gini), gini, "{sums:?}");
            assert_eq!(impurity(Criterion::Entropy), entropy, "{sums:?}");
            assert_eq!(impurity(Criterion::LogLoss), entropy, "{sums:?}");
        }
    }

    #[test]
    fn a_split_of_rows_that_differ_improves_the_tree() {
        // 8 rows half and half, parted in 4 + 4: clean, not at all, and in between
        let cases = [
            ((0.0, 0.0), 0.0, 0.5),
            ((0.5, 0.5), -4.0, 0.0),
            ((0.375, 0.375), -3.0, 0.125),
            ((0.0, 0.5), -2.0, 0.25),
        ];
        for (impurity, expected, better) in cases {
            assert_eq!(proxy((4.0, 4.0), impurity), expected);
            assert_eq!(improvement(8.0, 8.0, 0.5, (4.0, 4.0), impurity), better);
            // of a node with a quarter of the rows, a quarter counts
            assert_eq!(improvement(32.0, 8.0, 0.5, (4.0, 4.0), impurity), better / 4.0);
        }
    }
}
