//! Functions of SciPy's `special` and of its distributions that a float suffices for.

use std::f64::consts::PI;

/// The number that has this share of a standard normal distribution below it, for shares that are not
/// too near 0 or 1: Cephes has other polynomials for those within exp(−32).
pub(crate) fn normal_quantile(share: f64) -> f64 {
    /// exp(−2), and the root of 2π
    const TAIL: f64 = 0.1353352832366127;
    const ROOT: f64 = 2.5066282746310007;
    let (tail, above) = match share > 1.0 - TAIL {
        true => (1.0 - share, true),
        false => (share, false),
    };
    if tail > TAIL {
        let y = tail - 0.5;
        let square = y * y;
        return (y + y * (square * polynomial(square, &P0) / polynomial(square, &Q0))) * ROOT;
    }
    let x = (-2.0 * tail.ln()).sqrt();
    let z = 1.0 / x;
    let x = x - x.ln() / x - z * polynomial(z, &P1) / polynomial(z, &Q1);
    if above { x } else { -x }
}

/// A polynomial with its coefficients, that of the highest power first.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// The share of a normal distribution that lies beyond `x` root-two deviations on either side: 1 −
/// erf(x), for `x` from 0 on.
///
/// Below 1.5 by the series of erf whose terms are all positive, beyond by the continued fraction of
/// Laplace (Abramowitz and Stegun, 7.1.6 and 7.1.14).
pub(crate) fn erfc(x: f64) -> f64 {
    if x < 1.5 {
        let (mut term, mut sum, mut odd) = (x, x, 1.0);
        while term > sum * 1e-17 {
            odd += 2.0;
            term *= 2.0 * x * x / odd;
            sum += term;
        }
        return 1.0 - 2.0 / PI.sqrt() * (-x * x).exp() * sum;
    }
    let fraction = (1..=200).rev().fold(x, |below, step| x + 0.5 * f64::from(step) / below);
    (-x * x).exp() / PI.sqrt() / fraction
}

/// The share of a chi-squared distribution with so many degrees of freedom that lies above `x`:
/// `scipy.stats.chi2.sf`, by the finite sums for whole degrees (Abramowitz and Stegun, 26.4.4 and
/// 26.4.5).
pub(crate) fn chi_squared_above(x: f64, degrees: usize) -> f64 {
    if x <= 0.0 || degrees == 0 {
        return if x <= 0.0 { 1.0 } else { 0.0 };
    }
    let (half, steps) = (x / 2.0, degrees.div_ceil(2) - 1);
    let odd = !degrees.is_multiple_of(2);
    let falls = (-half).exp();
    let (mut sum, mut term) = match odd {
        // the first term over Γ(3/2), which is √π / 2
        true => (erfc(half.sqrt()), falls * half.sqrt() * 2.0 / PI.sqrt()),
        false => (falls, falls * half),
    };
    for step in 1..=steps {
        sum += term;
        term *= half / (step as f64 + if odd { 0.5 } else { 1.0 });
    }
    sum.min(1.0)
}

/// The probability of exactly `hits` in `trials` where each has the probability `hit`, and `miss` is
/// 1 − `hit`.
///
/// Method: Catherine Loader, "Fast and accurate computation of binomial probabilities" (2000), which R
/// has too: the error does not grow with the number of trials.
pub(crate) fn binomial(hits: f64, trials: f64, hit: f64, miss: f64) -> f64 {
    let misses = trials - hits;
    if hits < 0.0 || misses < 0.0 {
        return 0.0;
    }
    if hits == 0.0 || misses == 0.0 {
        let (share, of) = if hits == 0.0 { (miss, hit) } else { (hit, miss) };
        // of numbers near 1 the small rest says more
        return match share > 0.9 {
            true => (trials * (-of).ln_1p()).exp(),
            false => share.powf(trials),
        };
    }
    let error = stirling_error(trials) - stirling_error(hits) - stirling_error(misses);
    let away = deviance(hits, trials * hit) + deviance(misses, trials * miss);
    (error - away).exp() * (trials / (2.0 * PI * hits * misses)).sqrt()
}

/// ln n! less what Stirling's formula gives for it, for whole numbers from 1 on.
fn stirling_error(n: f64) -> f64 {
    const SERIES: [f64; 5] = [1.0 / 1188.0, -1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    if n < 16.0 {
        let factorial: f64 = (1..=n as u32).map(f64::from).product();
        return factorial.ln() - (n + 0.5) * n.ln() + n - 0.5 * (2.0 * PI).ln();
    }
    polynomial(1.0 / (n * n), &SERIES) / n
}

/// x ln(x / mean) + mean − x, without loss where the two are near.
fn deviance(x: f64, mean: f64) -> f64 {
    let (apart, sum) = (x - mean, x + mean);
    if apart.abs() >= 0.1 * sum {
        return x * (x / mean).ln() - apart;
    }
    let v = apart / sum;
    let (mut term, mut total, mut odd) = (2.0 * x * v, apart * v, 1.0);
    loop {
        term *= v * v;
        odd += 2.0;
        let next = total + term / odd;
        if next == total {
            return total;
        }
        total = next;
    }
}

const P0: [f64; 5] = [
    -59.96335010141079,
    98.00107541859997,
    -56.67628574690703,
    13.931260938727968,
    -1.2391658386738125,
];
const Q0: [f64; 9] = [
    1.0,
    1.9544885833814176,
    4.676279128988815,
    86.36024213908905,
    -225.46268785411937,
    200.26021238006066,
    -82.03722561683334,
    15.90562251262117,
    -1.1833162112133,
];
const P1: [f64; 9] = [
    4.0554489230596245,
    31.525109459989388,
    57.16281922464213,
    44.08050738932008,
    14.684956192885803,
    2.1866330685079025,
    -0.1402560791713545,
    -0.03504246268278482,
    -0.0008574567851546854,
];
const Q1: [f64; 9] = [
    1.0,
    15.779988325646675,
    45.39076351288792,
    41.3172038254672,
    15.04253856929075,
    2.504649462083094,
    -0.14218292285478779,
    -0.03808064076915783,
    -0.0009332594808954574,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What SciPy 1.17.1 answers.
    fn near(found: f64, said: f64, name: &str) {
        assert!((found - said).abs() <= 1e-12 * said.abs(), "{name}: {found}, not {said}");
    }

    /// As `scipy.stats.norm.ppf` of SciPy answers.
    #[test]
    fn quantiles_of_the_normal_distribution() {
        let said = [
            (9.999999977795539e-08, -5.199337582605575),
            (1e-05, -4.264890793922825),
            (0.01, -2.3263478740408408),
            (0.135, -1.1030625561995975),
            (0.1354, -1.101222112591979),
            (0.3, -0.5244005127080409),
            (0.6, 0.2533471031357997),
            (0.8647, 1.10168187367228),
            (0.975, 1.959963984540054),
            (0.999999, 4.753424308817087),
            (0.9999999000000003, 5.19933758270342),
        ];
        for (share, expected) in said {
            let found = normal_quantile(share);
            assert!((found - expected).abs() <= 1e-14 * expected.abs(), "{share}: {found}");
        }
    }

    #[test]
    fn shares_of_distributions() {
        for (x, said) in [
            (0.0, 1.0),
            (1e-09, 0.9999999988716208),
            (0.1, 0.8875370839817152),
            (0.5, 0.4795001221869535),
            (1.0, 0.15729920705028516),
            (1.49, 0.035102135156795784),
            (1.5, 0.03389485352468927),
            (1.7, 0.01620954140922544),
            (2.5, 0.00040695201744495886),
            (5.0, 1.5374597944280347e-12),
            (10.0, 2.0884875837625446e-45),
            (26.0, 5.663192408856145e-296),
        ] {
            near(erfc(x), said, &format!("erfc({x})"));
        }
        for (x, degrees, said) in [
            (1e-06, 1, 0.9992021155721779),
            (0.5, 1, 0.47950012218695337),
            (3.84, 1, 0.05004352124870519),
            (50.0, 1, 1.537459794428033e-12),
            (1.0, 2, 0.6065306597126334),
            (30.0, 2, 3.0590232050182594e-07),
            (2.5, 3, 0.4752910833430205),
            (9.0, 9, 0.43727418891386693),
            (40.0, 9, 7.598525229464264e-06),
            (700.0, 9, 6.916357838795454e-145),
            (12.0, 10, 0.2850565003166312),
            (95.0, 100, 0.6225792918781736),
            (150.0, 99, 0.0007204453957169282),
        ] {
            near(chi_squared_above(x, degrees), said, &format!("chi2({x}, {degrees})"));
        }
        for (hits, trials, hit, said) in [
            (0.0, 1.0, 0.5, 0.5000000000000001),
            (1.0, 1.0, 0.5, 0.5),
            (0.0, 50.0, 0.01, 0.6050060671375365),
            (50.0, 50.0, 0.99, 0.6050060671375364),
            (3.0, 10.0, 0.3, 0.2668279319999998),
            (8.0, 33.0, 0.5, 0.001616328489035364),
            (15.0, 16.0, 0.9, 0.3294258113514384),
            (500.0, 1000.0, 0.5, 0.025225018178360804),
            (59.0, 180.0, 0.5, 1.1678024679805914e-06),
            (1.0, 1000000.0, 1e-06, 0.3678796251112704),
            (499000.0, 1000000.0, 0.5, 0.00010798197801891438),
            (10.0, 100000.0, 0.001, 9.844853195029501e-31),
        ] {
            let found = binomial(hits, trials, hit, 1.0 - hit);
            near(found, said, &format!("binomial({hits}, {trials}, {hit})"));
        }
        assert_eq!(chi_squared_above(-1.0, 3), 1.0);
        assert_eq!((chi_squared_above(1.0, 0), chi_squared_above(0.0, 0)), (0.0, 1.0));
    }
}
