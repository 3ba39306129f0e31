//! How Python prints numbers and texts, and scikit-learn an estimator.

/// A float as Python's `repr` prints it: the shortest digits that round-trip.
pub(super) fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-inf".to_owned() } else { "inf".to_owned() };
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = value.to_string();
        return if plain.contains('.') { plain } else { format!("{plain}.0") };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// A text as Python's `repr` prints it, between quotes.
pub(super) fn python_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut repr = String::from(quote);
    for c in text.chars() {
        match c {
            '\\' => repr.push_str("\\\\"),
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            c if c == quote => {
                repr.push('\\');
                repr.push(c);
            }
            c if c.is_control() => repr.push_str(&format!("\\x{:02x}", c as u32)),
            c => repr.push(c),
        }
    }
    repr.push(quote);
    repr
}

/// The widest line that scikit-learn prints.
const WIDTH: usize = 80;

/// An estimator's name and those parameters that differ from the default.
///
/// Source: `_EstimatorPrettyPrinter` in `sklearn/utils/_pprint.py`: one line if it fits, else
/// lines filled up and aligned after the opening parenthesis.
pub(super) struct Repr {
    name: &'static str,
    params: Vec<(&'static str, String)>,
}

impl Repr {
    pub(super) fn new(name: &'static str) -> Self {
        Repr { name, params: Vec::new() }
    }

    /// Adds a parameter, unless it has its default.
    pub(super) fn set(&mut self, name: &'static str, value: Option<String>) {
        self.params.extend(value.map(|value| (name, value)));
    }

    pub(super) fn finish(mut self) -> String {
        self.params.sort_by_key(|(name, _)| *name);
        let params: Vec<String> =
            self.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let line = format!("{}({})", self.name, params.join(", "));
        if line.chars().count() <= WIDTH {
            return line;
        }
        let indent = self.name.len() + 1;
        let line_break = format!(",\n{}", " ".repeat(indent));
        let mut text = format!("{}(", self.name);
        let mut delimiter = "";
        let mut widest = WIDTH - indent + 1;
        let mut left = widest;
        for (i, param) in params.iter().enumerate() {
            if i + 1 == params.len() {
                // room for the closing parenthesis
                widest -= 1;
                left = left.saturating_sub(1);
            }
            let width = param.chars().count() + 2;
            if left < width {
                left = widest;
                if !delimiter.is_empty() {
                    delimiter = &line_break;
                }
            }
            text.push_str(delimiter);
            text.push_str(param);
            // A parameter wider than a line stands alone.
            match left >= width {
                true => {
                    left -= width;
                    delimiter = ", ";
                }
                false => delimiter = &line_break,
            }
        }
        text.push(')');
        text
    }
}
