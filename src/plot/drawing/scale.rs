//! Numbers on an axis: where they stand, which are written, and how.

use crate::text;

/// Whether a number has a place on an axis: not NaN, nor so large that the length of a range
/// would be infinite.
pub(crate) fn has_place(value: f64) -> bool {
    value.abs() <= 1e300
}

/// The marks of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Ticks {
    pub(crate) values: Vec<f64>,
    pub(crate) labels: Vec<String>,
    /// What the labels leave out: ` (×10⁶)`, or nothing.
    pub(crate) unit: String,
}

/// From 1e7 on, and below 1e-3, a power of ten is written once, beside the axis's title.
const PLAIN: std::ops::Range<f64> = 1e-3..1e7;

/// Digits past which labels only say how far they are from the first.
const MOST_DIGITS: i32 = 6;

/// The marks between `low` and `high`, at most about `most` of them: multiples of 1, 2 or 5 times
/// a power of ten, whole numbers if `whole`.
pub(crate) fn ticks(low: f64, high: f64, most: usize, whole: bool) -> Ticks {
    let step = step(low, high, most);
    let step = if whole { step.max(1.0) } else { step };
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = ((last - first) as usize).saturating_add(1).min(2 * most + 2);
    let values: Vec<f64> = (0..count).map(|place| (first + place as f64) * step).collect();
    let (labels, unit) = labels(&values, step);
    Ticks { values, labels, unit }
}

/// Marks for a share from 0 to 1, written as per cent.
pub(crate) fn percent_ticks(low: f64, high: f64, most: usize) -> Ticks {
    let mut ticks = ticks(100.0 * low, 100.0 * high, most, false);
    ticks.values.iter_mut().for_each(|value| *value /= 100.0);
    ticks.labels.iter_mut().for_each(|label| label.push_str(" %"));
    ticks
}

/// 1, 2 or 5 times a power of ten: the smallest that gives at most `most` steps.
fn step(low: f64, high: f64, most: usize) -> f64 {
    let raw = (high - low) / most.max(1) as f64;
    let exponent = raw.log10().floor() as i32;
    let candidates = [(1, 0), (2, 0), (5, 0), (1, 1)];
    let power = |(digit, more): (i32, i32)| -> f64 {
        format!("{digit}e{}", exponent.saturating_add(more)).parse().unwrap_or(raw)
    };
    candidates.into_iter().map(power).find(|&step| step >= raw * (1.0 - 1e-9)).unwrap_or(raw)
}

fn labels(values: &[f64], step: f64) -> (Vec<String>, String) {
    let largest = values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let digits = |size: f64| size.log10().floor() as i32;
    if largest == 0.0 {
        return (values.iter().map(|_| "0".into()).collect(), String::new());
    }
    let first = values.first().copied().unwrap_or(0.0);
    if digits(largest) - digits(step) > MOST_DIGITS && largest / step > 1e3 {
        let far: Vec<f64> = values.iter().map(|value| value - first).collect();
        let (labels, unit) = labels(&far, step);
        let labels = labels.into_iter().map(|label| format!("+{label}")).collect();
        return (labels, format!("{unit} from {}", number(first)));
    }
    let exponent = match PLAIN.contains(&largest) {
        true => 0,
        false => digits(largest).div_euclid(3) * 3,
    };
    let unit = match exponent {
        0 => String::new(),
        exponent => format!(" (×10{})", superscript(exponent)),
    };
    let decimals = (exponent - digits(step * (1.0 + 1e-9))).clamp(0, 15) as usize;
    let label = |value: &f64| {
        // By way of text: a power of ten below 1e-308 is no float.
        let scaled = format!("{value:e}");
        let scaled = scaled.split_once('e').and_then(|(digits, power)| {
            let power: i32 = power.parse().ok()?;
            format!("{digits}e{}", power - exponent).parse::<f64>().ok()
        });
        fixed(scaled.unwrap_or(*value), decimals)
    };
    (values.iter().map(label).collect(), unit)
}

/// A number with `decimals` decimals, commas between thousands, and a real minus.
fn fixed(value: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let whole = whole.parse().map_or(whole.to_owned(), text::grouped);
    let zero = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
    let sign = if value < 0.0 && !zero { "−" } else { "" };
    match rest {
        Some(rest) => format!("{sign}{whole}.{rest}"),
        None => format!("{sign}{whole}"),
    }
}

/// A number in a title or a note: at most four significant digits, a real minus.
pub(crate) fn number(value: f64) -> String {
    with_digits(value, 4)
}

/// Two numbers, with as many digits as it takes to tell them apart.
pub(crate) fn two_numbers(low: f64, high: f64) -> (String, String) {
    let with = |digits| (with_digits(low, digits), with_digits(high, digits));
    (4..17).map(with).find(|(low, high)| low != high).unwrap_or_else(|| with(17))
}

/// A number with as many significant digits as asked for, and at least one.
pub(crate) fn with_digits(value: f64, digits: usize) -> String {
    let behind = digits.saturating_sub(1);
    let rounded: f64 = format!("{value:.behind$e}").parse().unwrap_or(value);
    // Whole numbers keep their digits.
    let shown = if value.fract() == 0.0 && value.abs() < 1e7 { value } else { rounded };
    match shown.abs() {
        0.0 => "0".into(),
        1e-3..1e7 => {
            let text = shown.to_string();
            let decimals = text.split_once('.').map_or(0, |(_, rest)| rest.len());
            fixed(shown, decimals)
        }
        _ => {
            let text = format!("{shown:e}");
            let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
            let power: i32 = power.parse().unwrap_or(0);
            format!("{}×10{}", digits.replace('-', "−"), superscript(power))
        }
    }
}

fn superscript(number: i32) -> String {
    let digit = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        c => c.to_digit(10).and_then(|digit| char::from_u32(0x2070 + digit)).unwrap_or(c),
    };
    number.to_string().chars().map(digit).collect()
}

/// A range of values that a scale can show: widened where all are equal, and by `air`, a share of
/// its length, at both ends.
pub(crate) fn widened(low: f64, high: f64, air: f64) -> (f64, f64) {
    let length = high - low;
    // So near each other that hardly any float lies between them.
    if length <= low.abs().max(high.abs()) * 1e-12 {
        let half = (low.abs().max(high.abs()) * 0.05).max(f64::MIN_POSITIVE * 1e20);
        let half = if low == 0.0 && high == 0.0 { 0.5 } else { half };
        return (low - half, high + half);
    }
    (low - length * air, high + length * air)
}

/// From values to pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// The pixels of `low` and `high`.
    pub(crate) from: i32,
    pub(crate) to: i32,
}

impl Scale {
    pub(crate) fn pixel(&self, value: f64) -> i32 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(-1.0, 2.0);
        self.from + (f64::from(self.to - self.from) * share).round() as i32
    }

    /// The value in the middle of a pixel.
    pub(crate) fn value(&self, pixel: f64) -> f64 {
        let share = (pixel - f64::from(self.from)) / f64::from(self.to - self.from);
        self.low + (self.high - self.low) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_those_that_a_person_would_write() {
        let written = |low, high, most| {
            let ticks = ticks(low, high, most, false);
            (ticks.labels.join(" "), ticks.unit)
        };
        let plain = |text: &str| (text.to_owned(), String::new());
        assert_eq!(written(0.0, 1.0, 5), plain("0.0 0.2 0.4 0.6 0.8 1.0"));
        assert_eq!(written(-1.3, 5.2, 7), plain("−1 0 1 2 3 4 5"));
        assert_eq!(written(0.0, 0.43, 4), plain("0.0 0.2 0.4"));
        assert_eq!(written(0.0, 120_000.0, 3), plain("0 50,000 100,000"));
        assert_eq!(written(-0.05, 0.05, 2), plain("−0.05 0.00 0.05"));
        let with = |text: &str, unit: &str| (text.to_owned(), unit.to_owned());
        assert_eq!(written(0.0, 4e9, 4), with("0 1 2 3 4", " (×10⁹)"));
        assert_eq!(written(1e-9, 5e-9, 4), with("1 2 3 4 5", " (×10⁻⁹)"));
        assert_eq!(written(0.0, 5e-320, 5), with("0 10 20 30 40 50", " (×10⁻³²¹)"));
        assert_eq!(written(1e9, 1e9 + 1.0, 2), with("+0.0 +0.5 +1.0", " from 1×10⁹"));
    }

    #[test]
    fn numbers_are_rounded() {
        let written = |value| number(value);
        assert_eq!(written(-0.25), "−0.25");
        assert_eq!(written(1.0 / 3.0), "0.3333");
        assert_eq!(written(123_456.0), "123,456");
        assert_eq!(written(1.5e-7), "1.5×10⁻⁷");
        assert_eq!(written(-2e300), "−2×10³⁰⁰");
        assert_eq!(written(0.0), "0");
        let two = |low, high| two_numbers(low, high);
        assert_eq!(two(1.0, 2.0), ("1".into(), "2".into()));
        assert_eq!(two(0.123_456, 0.123_461), ("0.123456".into(), "0.123461".into()));
    }
}
