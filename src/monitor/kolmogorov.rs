//! The distribution of the Kolmogorov–Smirnov statistic of one sample, two-sided.
//!
//! Which method serves for which size is Simard and L'Ecuyer's choice, as in SciPy's `kolmogn`:
//! R. Simard and P. L'Ecuyer, "Computing the two-sided Kolmogorov–Smirnov distribution", Journal of
//! Statistical Software 39 (2011). The methods: J. Durbin's matrix in the form of G. Marsaglia, W. W.
//! Tsang and J. Wang (2003); J. Pomeranz' recursion (1974); W. Pelz and I. J. Good's series (1976);
//! N. V. Smirnov's sum for one side.

use std::f64::consts::PI;

use ndarray::Array2;

use crate::numpy::binomial;

/// What numbers are scaled by that grow or shrink out of sight: 2¹²⁸.
const SCALE_BITS: i32 = 128;

/// Above so many rows, Smirnov's sum is replaced by its limit, as in SciPy.
const MOST_SUMMED: u64 = 1_000_000;

/// The probability of a statistic above `d` in a sample of `n`.
pub(super) fn above(n: u64, d: f64) -> f64 {
    let rows = n as f64;
    let t = rows * d;
    if n == 0 || d.is_nan() || t <= 0.5 {
        return 1.0;
    }
    if d >= 1.0 {
        return 0.0;
    }
    let found = if t <= 1.0 {
        1.0 - (1..=n.min(2_000)).map(|i| i as f64 / rows * (2.0 * t - 1.0)).product::<f64>()
    } else if t >= rows - 1.0 {
        2.0 * (1.0 - d).powf(rows)
    } else if d >= 0.5 {
        2.0 * one_sided(n, d)
    } else if n <= 140 {
        match t * d {
            square if square <= 0.754693 => 1.0 - below_by_matrix(n, d),
            square if square <= 4.0 => 1.0 - below_by_recursion(n as usize, d),
            _ => 2.0 * one_sided(n, d),
        }
    } else {
        match t * d {
            square if square >= 370.0 => 0.0,
            square if square >= 2.2 => 2.0 * one_sided(n, d),
            _ if n <= 100_000 && rows * d.powf(1.5) <= 1.4 => 1.0 - below_by_matrix(n, d),
            _ => 1.0 - below_by_series(rows, d),
        }
    };
    found.clamp(0.0, 1.0)
}

/// Smirnov's probability that a sample's distribution is above the true one by `d` somewhere.
fn one_sided(n: u64, d: f64) -> f64 {
    let rows = n as f64;
    if n > MOST_SUMMED {
        return (-(6.0 * rows * d + 1.0).powi(2) / 18.0 / rows).exp();
    }
    let last = (rows * (1.0 - d)).floor() as u64;
    let term = |j: u64| {
        let share = d + j as f64 / rows;
        binomial(j as f64, rows, share, (1.0 - share).max(0.0)) * d / share
    };
    (0..=last.min(n)).map(term).sum()
}

/// 2 to a power, of numbers that are scaled.
fn unscaled(number: f64, bits: i32) -> f64 {
    // in two steps: the power alone may be out of range
    let half = bits / 2;
    number * 2.0_f64.powi(half) * 2.0_f64.powi(bits - half)
}

/// Marsaglia, Tsang and Wang: a power of Durbin's matrix.
fn below_by_matrix(n: u64, d: f64) -> f64 {
    let t = n as f64 * d;
    let k = t.ceil();
    let h = k - t;
    let (k, m) = (k as usize, 2 * k as usize - 1);
    let mut column = vec![0.0; m];
    let mut inverse_factorials = vec![0.0; m];
    let mut factorial = 1.0;
    let places = column.iter_mut().zip(&mut inverse_factorials).enumerate();
    for (place, (value, inverse)) in places {
        *inverse = factorial;
        factorial /= place as f64 + 1.0;
        *value = (1.0 - h.powi(place as i32 + 1)) * factorial;
    }
    let corner = (2.0 * h - 1.0).max(0.0).powi(m as i32) - 2.0 * h.powi(m as i32);
    if let Some(value) = column.last_mut() {
        *value = (1.0 + corner) * factorial;
    }
    let mut matrix = Array2::from_shape_fn((m, m), |(row, at)| match (row, at) {
        (row, 0) => column.get(row).copied().unwrap_or(0.0),
        (row, at) if row + 1 == m => column.get(m - 1 - at).copied().unwrap_or(0.0),
        (row, at) if row + 1 >= at => inverse_factorials.get(row + 1 - at).copied().unwrap_or(0.0),
        _ => 0.0,
    });
    let middle = (k - 1, k - 1);
    let scale = 2.0_f64.powi(SCALE_BITS);
    let mut power = Array2::eye(m);
    let (mut bits, mut matrix_bits, mut left) = (0, 0, n);
    while left > 0 {
        if left % 2 == 1 {
            power = power.dot(&matrix);
            bits += matrix_bits;
        }
        matrix = matrix.dot(&matrix);
        matrix_bits *= 2;
        if matrix.get(middle).is_some_and(|value| value.abs() > scale) {
            matrix /= scale;
            matrix_bits += SCALE_BITS;
        }
        left /= 2;
    }
    let mut found = power.get(middle).copied().unwrap_or(0.0);
    for i in 1..=n {
        found = i as f64 * found / n as f64;
        if found.abs() < 1.0 / scale {
            found *= scale;
            bits -= SCALE_BITS;
        }
    }
    unscaled(found, bits).clamp(0.0, 1.0)
}

/// Pomeranz: from row to row a convolution with a Poisson distribution.
fn below_by_recursion(n: usize, d: f64) -> f64 {
    let rows = n as f64;
    let t = rows * d;
    let whole = t.floor() as i64;
    let part = t - t.floor();
    let gap = part.min(1.0 - part);
    let (ceil, round) = (i64::from(part > 0.0), i64::from(part > 0.5));
    let ends = |i: i64| {
        let (half, odd) = ((i + 1) / 2, i % 2 == 1);
        let (from, to) = match (i, odd) {
            (0, _) => (-whole - ceil - 1, whole + ceil - 1),
            (_, true) if half == n as i64 + 1 => {
                (n as i64 - whole - ceil - 1, n as i64 + whole + ceil - 1)
            }
            (_, true) => (half - 1 - whole - round - 1, half + whole - 1 + ceil - 1),
            (_, false) => (half - 1 - whole - 1, half + whole + round - 1),
        };
        ((from + 2).max(0), to.min(n as i64))
    };
    let length = 2 * (whole as usize + 1);
    let powers = |base: f64| -> Vec<f64> {
        let mut power = 1.0;
        let next = |m: usize| {
            power *= if m == 0 { 1.0 } else { base / m as f64 };
            power
        };
        (0..length).map(next).collect()
    };
    let (first, odd, even) =
        (powers(gap / rows), powers(2.0 * gap / rows), powers((1.0 - 2.0 * gap) / rows));
    let scale = 2.0_f64.powi(SCALE_BITS);
    // each row begins at a column of its own
    let mut row: (i64, Vec<f64>) = (0, vec![1.0]);
    let mut from = ends(0).0;
    let mut bits = 0;
    for i in 1..=2 * n as i64 + 1 {
        let before = from;
        let to;
        (from, to) = ends(i);
        let powers = match i {
            i if i == 1 || i == 2 * n as i64 + 1 => &first,
            i if i % 2 == 1 => &odd,
            _ => &even,
        };
        let value = |column: i64| -> f64 {
            let sum = |source: i64| {
                let at = usize::try_from(source - row.0).ok().and_then(|at| row.1.get(at));
                let power = usize::try_from(column - source).ok().and_then(|at| powers.get(at));
                at.copied().unwrap_or(0.0) * power.copied().unwrap_or(0.0)
            };
            (before..=column).map(sum).sum()
        };
        let mut next: Vec<f64> = (from..=to).map(value).collect();
        let most = next.iter().copied().fold(0.0, f64::max);
        if most > 0.0 && most < 1.0 / scale {
            next.iter_mut().for_each(|value| *value *= scale);
            bits -= SCALE_BITS;
        }
        row = (from, next);
    }
    let place = usize::try_from(n as i64 - row.0).ok();
    let mut found = place.and_then(|at| row.1.get(at)).copied().unwrap_or(0.0);
    for m in 1..=n {
        if found.abs() > scale {
            found /= scale;
            bits += SCALE_BITS;
        }
        found *= m as f64;
    }
    unscaled(found, bits).clamp(0.0, 1.0)
}

/// Pelz and Good: a series for small statistics of many rows.
fn below_by_series(n: f64, d: f64) -> f64 {
    let z = n.sqrt() * d;
    let (z2, z3, z4, z6) = (z.powi(2), z.powi(3), z.powi(4), z.powi(6));
    let (pi2, pi4, pi6) = (PI.powi(2), PI.powi(4), PI.powi(6));
    let log_q = -pi2 / 8.0 / z2;
    if log_q < -708.0 {
        return 0.0;
    }
    let q = log_q.exp();
    let k1 = (-z2, pi2 / 4.0);
    let k2 =
        (6.0 * z6 + 2.0 * z4, (2.0 * z4 - 5.0 * z2) * pi2 / 4.0, pi4 * (1.0 - 2.0 * z2) / 16.0);
    let k3 = (
        -30.0 * z6 - 90.0 * z.powi(8),
        pi2 * (135.0 * z4 - 96.0 * z6) / 4.0,
        pi4 * (-60.0 * z2 + 212.0 * z4) / 16.0,
        pi6 * (5.0 - 30.0 * z2) / 64.0,
    );
    let mut sums = [0.0; 4];
    let last = (16.0 * z / PI).ceil() as i32;
    for k in (1..=last).rev() {
        let m = f64::from(2 * k - 1);
        let (m2, m4, m6) = (m.powi(2), m.powi(4), m.powi(6));
        let power = q.powi(8 * k);
        let terms = [
            1.0,
            k1.0 + k1.1 * m2,
            k2.0 + k2.1 * m2 + k2.2 * m4,
            k3.0 + k3.1 * m2 + k3.2 * m4 + k3.3 * m6,
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            *sum = *sum * power + term;
        }
    }
    let root = (2.0 * PI).sqrt();
    let divisors = [z, 6.0 * z4, 72.0 * z.powi(7), 6480.0 * z.powi(10)];
    let [mut s0, mut s1, mut s2, mut s3] = sums;
    let [d0, d1, d2, d3] = divisors;
    for (sum, divisor) in [(&mut s0, d0), (&mut s1, d1), (&mut s2, d2), (&mut s3, d3)] {
        *sum *= q * root / divisor;
    }
    let q = (-pi2 / 2.0 / z2).exp();
    let (mut more2, mut more3) = (0.0, 0.0);
    for k in (1..=last).rev().map(f64::from) {
        let power = q.powf(k * k) * k * k;
        let z_root3 = 3.0_f64.sqrt() * z;
        more2 += power;
        more3 += (z_root3 + PI * k) * (z_root3 - PI * k) * power;
    }
    s2 += more2 * pi2 * root / (-36.0 * z3);
    s3 += more3 * pi2 * root / (216.0 * z6);
    s0 + s1 / n.sqrt() + s2 / n + s3 / n.powf(1.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by tests/monitor/make_reference.py with SciPy 1.17.1.
    const SAID: &str = include_str!("../../tests/monitor/kolmogorov.csv");

    #[test]
    fn probabilities_are_those_of_scipy() {
        let mut looked_at = 0;
        for line in SAID.lines().skip(1) {
            let mut fields = line.split(',');
            let mut field = || fields.next().expect("three fields");
            let n: u64 = field().parse().expect("rows");
            let [d, said] = [field(), field()].map(|it| it.parse::<f64>().expect("a number"));
            let found = above(n, d);
            // 1 − what lies below: the last digits of small ones are lost on both sides
            let near = (found - said).abs() <= 1e-10 * said + 1e-13 || said < 1e-290;
            assert!(near, "{n} rows, {d}: {found}, not {said}");
            looked_at += 1;
        }
        assert!(looked_at > 200, "{looked_at}");
    }

    #[test]
    fn whatever_is_asked_is_answered() {
        for n in [0, 1, 2, 139, 1_000, u64::MAX] {
            for d in [f64::NAN, f64::NEG_INFINITY, -1.0, 0.0, 1e-300, 0.3, 1.0, f64::INFINITY] {
                assert!((0.0..=1.0).contains(&above(n, d)), "{n} {d}");
            }
        }
    }
}
