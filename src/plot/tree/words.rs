//! What stands in the boxes of a tree.

use super::view::View;
use crate::model::Question;
use crate::plot::drawing::canvas::fitted;
use crate::text;

/// The sizes of the letters in a box, in pixels: of the bold lines, and of the others.
pub(super) const LETTERS: u32 = 12;
pub(super) const SMALL: u32 = 11;

/// The widest name of a feature or a class, and the widest line of values, in pixels.
const WIDEST_NAME: i32 = 170;
const WIDEST_VALUES: i32 = 170;

/// A line in a box.
pub(super) struct Line {
    pub(super) text: String,
    pub(super) bold: bool,
}

/// The names and the form of numbers that a picture uses.
pub(super) struct Words {
    pub(super) features: Vec<String>,
    pub(super) classes: Vec<String>,
    /// Digits after the point.
    pub(super) precision: usize,
    /// Whether boxes show the impurity.
    pub(super) impurity: bool,
}

impl Words {
    /// The lines of a box. The first one, in bold, is what the node asks or answers; `row` is the
    /// row that passes the node, if one does.
    pub(super) fn lines(&self, view: &View<'_>, node: usize, row: Option<&[f64]>) -> Vec<Line> {
        let plain = |text| Line { text, bold: false };
        let question = view.question(node);
        let mut lines = Vec::new();
        let answer = self.answer(view, node);
        match question {
            Some(question) => {
                lines.push(Line { text: self.asked(question), bold: true });
                if let Some(value) = row.and_then(|row| row.get(question.feature)) {
                    let text = format!("this row: {}", self.number(*value));
                    lines.push(Line { text, bold: true });
                }
            }
            None => lines.extend(answer.clone().map(|text| Line { text, bold: true })),
        }
        if self.impurity {
            let impurity = view.criterion().zip(view.impurity(node));
            let decrease = view.impurity_decrease(node).map(|number| ("decrease", number));
            if let Some((name, number)) = impurity.or(decrease) {
                lines.push(plain(format!("{name} = {}", self.number(number))));
            }
        }
        lines.extend(view.samples(node).map(|samples| plain(format!("samples = {samples}"))));
        lines.extend(self.values(view, node).map(plain));
        if question.is_some() {
            lines.extend(answer.map(plain));
        }
        lines
    }

    /// The question as a condition that is true for rows that go left.
    pub(super) fn asked(&self, question: Question) -> String {
        let Question { feature, threshold, strict } = question;
        let name = match self.features.get(feature) {
            Some(name) => fitted(&text::shortened(name, 80), LETTERS, WIDEST_NAME),
            None => format!("feature {feature}"),
        };
        match threshold {
            f64::INFINITY => format!("{name} is present"),
            f64::NEG_INFINITY => format!("{name} is missing"),
            _ => {
                let sign = if strict { '<' } else { '≤' };
                format!("{name} {sign} {}", self.number(threshold))
            }
        }
    }

    /// What the node predicts, as in `class = L` or `value = 2.5`.
    pub(super) fn answer(&self, view: &View<'_>, node: usize) -> Option<String> {
        let class = view.class(node).map(|class| format!("class = {}", self.class(class)));
        class.or_else(|| view.estimate(node).map(|value| format!("value = {}", self.number(value))))
    }

    pub(super) fn class(&self, class: usize) -> String {
        let name = self.classes.get(class).map(String::as_str).unwrap_or_default();
        fitted(&text::shortened(name, 80), LETTERS, WIDEST_NAME)
    }

    /// The weight of each class; of the most frequent ones when there are too many for a line.
    fn values(&self, view: &View<'_>, node: usize) -> Option<String> {
        let weights = view.weights(node);
        if weights.is_empty() {
            return None;
        }
        let numbers: Vec<String> = weights.iter().map(|&weight| self.number(weight)).collect();
        let all = format!("value = [{}]", numbers.join(", "));
        if crate::plot::drawing::canvas::width(&all, SMALL) <= WIDEST_VALUES {
            return Some(all);
        }
        let mut order: Vec<usize> =
            (0..weights.len()).filter(|&class| weights[class] > 0.0).collect();
        order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        let others: f64 = order.iter().skip(2).map(|&class| weights[class]).sum();
        let mut parts: Vec<String> = (order.iter().take(2))
            .map(|&class| {
                let name = fitted(&self.class(class), SMALL, WIDEST_NAME / 4);
                format!("{name} ({})", self.number(weights[class]))
            })
            .collect();
        if others > 0.0 {
            parts.push(format!("others ({})", self.number(others)));
        }
        Some(parts.join(", "))
    }

    /// A number with at most `precision` digits after the point, and no zeros at its end.
    pub(super) fn number(&self, number: f64) -> String {
        let precision = self.precision.min(MOST_DIGITS);
        if number.is_nan() {
            return "missing".into();
        }
        if !number.is_finite() || number.abs() >= 1e15 {
            return format!("{number:.precision$e}");
        }
        let text = format!("{number:.precision$}");
        let text = match text.contains('.') {
            true => text.trim_end_matches('0').trim_end_matches('.'),
            false => &text,
        };
        match text {
            "0" | "-0" if number == 0.0 => "0".into(),
            // Not nothing, only small.
            "0" | "-0" => format!("{number:.1e}"),
            text => text.into(),
        }
    }
}

/// More digits would not tell one 64-bit float from another.
const MOST_DIGITS: usize = 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_a_person_would() {
        let words = |precision| Words {
            features: Vec::new(),
            classes: Vec::new(),
            precision,
            impurity: true,
        };
        let number = |number| words(3).number(number);
        let written: Vec<String> =
            [2.5, 0.5721347, 437.0, -0.0, 1e-7, -2.0004, 1e20, f64::NAN, f64::INFINITY]
                .map(number)
                .into();
        let expected = ["2.5", "0.572", "437", "0", "1.0e-7", "-2", "1.000e20", "missing", "inf"];
        assert_eq!(written, expected);
        assert_eq!(words(0).number(2.5), "2");
        assert_eq!(words(usize::MAX).number(0.5), "0.5");
    }
}
