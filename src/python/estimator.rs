//! How scikit-learn prints an estimator.

/// The widest line that scikit-learn prints.
const WIDTH: usize = 80;

/// A value as Python prints it.
pub(crate) enum PythonValue {
    /// All that is never broken over lines.
    Plain(String),
    /// The entries of a dictionary.
    Dictionary(Vec<String>),
}

impl PythonValue {
    fn on_one_line(&self) -> String {
        match self {
            PythonValue::Plain(text) => text.clone(),
            PythonValue::Dictionary(entries) => format!("{{{}}}", entries.join(", ")),
        }
    }
}

/// An estimator's name and those parameters that differ from the default.
///
/// Source: `_EstimatorPrettyPrinter` in `sklearn/utils/_pprint.py`: one line if it fits, else
/// lines filled up and aligned after the opening parenthesis.
pub(crate) struct Repr {
    name: &'static str,
    params: Vec<(&'static str, PythonValue)>,
}

impl Repr {
    pub(crate) fn new(name: &'static str) -> Self {
        Repr { name, params: Vec::new() }
    }

    /// Adds a parameter, unless it has its default.
    pub(crate) fn set(&mut self, name: &'static str, value: Option<String>) {
        self.set_value(name, value.map(PythonValue::Plain));
    }

    /// Adds a parameter, unless it has its default.
    pub(crate) fn set_value(&mut self, name: &'static str, value: Option<PythonValue>) {
        self.params.extend(value.map(|value| (name, value)));
    }

    pub(crate) fn finish(mut self) -> String {
        self.params.sort_by_key(|(name, _)| *name);
        let whole = |(name, value): &(&str, PythonValue)| format!("{name}={}", value.on_one_line());
        let params: Vec<String> = self.params.iter().map(whole).collect();
        let line = format!("{}({})", self.name, params.join(", "));
        if line.chars().count() <= WIDTH {
            return line;
        }
        let mut text = format!("{}(", self.name);
        let indent = self.name.len() + 1;
        fill(&mut text, &params, indent, 1, |text, place, allowance| {
            let (name, value) = &self.params[place];
            text.push_str(name);
            text.push('=');
            match value {
                PythonValue::Plain(value) => text.push_str(value),
                PythonValue::Dictionary(entries) => {
                    text.push('{');
                    let indent = indent + name.len() + 2;
                    let alone = |text: &mut String, place: usize, _| text.push_str(&entries[place]);
                    fill(text, entries, indent, allowance + 1, alone);
                    text.push('}');
                }
            }
        });
        text.push(')');
        text
    }
}

/// Fills lines with entries, from column `indent` on. `allowance` is the room that is needed after
/// the last. An entry wider than a line is written by `alone`, which is told the room that is
/// needed after it.
fn fill(
    text: &mut String,
    entries: &[String],
    indent: usize,
    allowance: usize,
    alone: impl Fn(&mut String, usize, usize),
) {
    let line_break = format!(",\n{}", " ".repeat(indent));
    let mut delimiter = "";
    let mut widest = (WIDTH + 1).saturating_sub(indent);
    let mut left = widest;
    for (place, entry) in entries.iter().enumerate() {
        let last = place + 1 == entries.len();
        if last {
            widest = widest.saturating_sub(allowance);
            left = left.saturating_sub(allowance);
        }
        let width = entry.chars().count() + 2;
        if left < width {
            left = widest;
            if !delimiter.is_empty() {
                delimiter = &line_break;
            }
        }
        text.push_str(delimiter);
        if left >= width {
            left -= width;
            delimiter = ", ";
            text.push_str(entry);
        } else {
            delimiter = &line_break;
            alone(text, place, if last { allowance } else { 1 });
        }
    }
}

/// What scikit-learn 1.9.1 prints.
#[cfg(test)]
mod tests {
    use super::*;

    fn tree(params: &[(&'static str, &str)], weights: &[&str]) -> String {
        let mut repr = Repr::new("DecisionTreeClassifier");
        for &(name, value) in params {
            repr.set(name, Some(value.to_owned()));
        }
        let weights = weights.iter().map(|&entry| entry.to_owned()).collect();
        repr.set_value("class_weight", Some(PythonValue::Dictionary(weights)));
        repr.finish()
    }

    #[test]
    fn what_fits_stands_on_one_line() {
        assert_eq!(tree(&[], &["0: 1.0"]), "DecisionTreeClassifier(class_weight={0: 1.0})");
        let mut plain = Repr::new("DecisionTreeRegressor");
        plain.set("max_depth", None);
        assert_eq!(plain.finish(), "DecisionTreeRegressor()");
    }

    #[test]
    fn long_lines_are_broken_between_parameters_and_entries() {
        assert_eq!(
            tree(
                &[("max_depth", "3"), ("criterion", "'entropy'")],
                &["\"a'b\": 2.0", r"'c\u200b': 1.5"]
            ),
            r#"DecisionTreeClassifier(class_weight={"a'b": 2.0, 'c\u200b': 1.5},
                       criterion='entropy', max_depth=3)"#
        );
        assert_eq!(
            tree(
                &[("max_depth", "3"), ("min_samples_leaf", "5"), ("random_state", "100")],
                &["'class number 0': 0.0", "'class number 1': 1.0", "'class number 2': 2.0"]
            ),
            "DecisionTreeClassifier(class_weight={'class number 0': 0.0,
                                     'class number 1': 1.0,
                                     'class number 2': 2.0},
                       max_depth=3, min_samples_leaf=5, random_state=100)"
        );
    }
}
