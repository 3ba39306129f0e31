//! Rows side by side, so that one row is compared with many at once.

use ndarray::ArrayView2;

/// How many rows lie side by side, and are taken at once.
pub(crate) const LANES: usize = 8;

/// For each group of rows, and in it for each column, the value of each row; zeros where the last
/// group has too few. The compiler uses vector instructions for them.
pub(crate) fn groups(rows: ArrayView2<'_, f64>) -> Vec<[f64; LANES]> {
    let mut groups = Vec::with_capacity(rows.nrows().div_ceil(LANES) * rows.ncols());
    for start in (0..rows.nrows()).step_by(LANES) {
        for column in rows.columns() {
            let mut lanes = [0.0; LANES];
            lanes
                .iter_mut()
                .zip(column.iter().skip(start))
                .for_each(|(lane, value)| *lane = *value);
            groups.push(lanes);
        }
    }
    groups
}

/// What `add` makes of zero and, column by column, a row's value and that of each row in the groups.
pub(crate) fn one(
    groups: &[[f64; LANES]],
    row: &[f64],
    out: &mut [f64],
    add: impl Fn(f64, f64, f64) -> f64,
) {
    for (group, out) in groups.chunks(row.len().max(1)).zip(out.chunks_mut(LANES)) {
        let mut sums = [0.0; LANES];
        for (lanes, &value) in group.iter().zip(row) {
            for (sum, &other) in sums.iter_mut().zip(lanes) {
                *sum = add(*sum, value, other);
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum);
    }
}

/// As [`one`] for two rows, which go through the groups together.
pub(crate) fn two(
    groups: &[[f64; LANES]],
    [first, second]: [&[f64]; 2],
    [out, behind]: [&mut [f64]; 2],
    add: impl Fn(f64, f64, f64) -> f64,
) {
    let outs = out.chunks_mut(LANES).zip(behind.chunks_mut(LANES));
    for (group, (out, behind)) in groups.chunks(first.len().max(1)).zip(outs) {
        let (mut sums, mut next_sums) = ([0.0; LANES], [0.0; LANES]);
        for ((lanes, &value), &next) in group.iter().zip(first).zip(second) {
            for ((sum, next_sum), &other) in sums.iter_mut().zip(&mut next_sums).zip(lanes) {
                *sum = add(*sum, value, other);
                *next_sum = add(*next_sum, next, other);
            }
        }
        out.iter_mut().zip(sums).for_each(|(out, sum)| *out = sum);
        behind.iter_mut().zip(next_sums).for_each(|(out, sum)| *out = sum);
    }
}
