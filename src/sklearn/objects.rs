//! Where estimators are in a file that holds several: in dictionaries, lists and tuples.

use std::collections::HashSet;
use std::fmt;

use super::Error;
use super::read::{class_of, described};
use crate::pickle::Value;
use crate::python::quote::text_repr;
use crate::text::shortened;

/// How deep estimators are looked for, and how many are found at most.
const MOST_DEPTH: usize = 8;
const MOST_FOUND: usize = 1000;

/// How many paths a message holds.
const MOST_NAMED: usize = 12;

/// How much of a path a message holds.
const LONGEST: usize = 200;

/// A step into a dictionary, list or tuple.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    /// The text of a key.
    Key(String),
    /// A place, or a key that is a number.
    Number(i64),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Key(key) => write!(f, "[{}]", text_repr(key)),
            Step::Number(number) => write!(f, "[{number}]"),
        }
    }
}

/// The steps of a path, as in `['models'][0]`.
fn parse(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('[')?;
        let (step, behind) = match rest.chars().next()? {
            quote @ ('\'' | '"') => {
                let (mut key, mut characters) = (String::new(), rest.char_indices().skip(1));
                let end = loop {
                    match characters.next()? {
                        (place, c) if c == quote => break place + 1,
                        (_, '\\') => key.push(characters.next()?.1),
                        (_, c) => key.push(c),
                    }
                };
                (Step::Key(key), rest.get(end..)?)
            }
            _ => {
                let end = rest.find(']')?;
                (Step::Number(rest.get(..end)?.trim().parse().ok()?), rest.get(end..)?)
            }
        };
        steps.push(step);
        rest = behind.strip_prefix(']')?;
    }
    Some(steps)
}

fn is_container(value: &Value) -> bool {
    let class = class_of(value);
    value.is_collection()
        || class.is_some_and(|class| class == ("collections".into(), "OrderedDict".into()))
}

/// The object at a path.
pub(super) fn follow(root: &Value, path: &str) -> Result<Value, Error> {
    let wrong = |problem: String| Error::NoObject { path: shortened(path, LONGEST), problem };
    let steps = parse(path).ok_or_else(|| {
        wrong("write a path as in Python, such as ['model'] or ['models'][0]".into())
    })?;
    let mut value = root.clone();
    for step in steps {
        if !is_container(&value) {
            return Err(wrong(format!("{step} leads into {}", described(&value))));
        }
        let next = match &step {
            Step::Number(number) if matches!(value.type_name(), "list" | "tuple") => {
                let items = value.items();
                let place = if *number < 0 { number + items.len() as i64 } else { *number };
                usize::try_from(place).ok().and_then(|place| items.get(place).cloned())
            }
            step => {
                let entries = value.entries();
                let mut named = entries.into_iter().filter(|(key, _)| match step {
                    Step::Key(name) => key.as_str().is_some_and(|key| key == name.as_str()),
                    Step::Number(number) => key.as_i64() == Some(*number),
                });
                named.next().map(|(_, value)| value)
            }
        };
        value = next.ok_or_else(|| {
            let paths = paths(&estimators(root));
            wrong(format!("there is no {step}; the file's estimators are: {paths}"))
        })?;
    }
    Ok(value)
}

/// All estimators in the dictionaries, lists and tuples of a file, with their paths.
pub(super) fn estimators(root: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut waiting = vec![(String::new(), root.clone(), 0)];
    while let Some((path, value, depth)) = waiting.pop() {
        if found.len() >= MOST_FOUND {
            break;
        }
        if !is_container(&value) {
            let is_estimator = |(module, _): (String, String)| {
                module.starts_with("sklearn.") || module == "imblearn.pipeline"
            };
            if class_of(&value).is_some_and(is_estimator) {
                found.push((path, value));
            }
            continue;
        }
        if depth >= MOST_DEPTH || !seen.insert(value.index) {
            continue;
        }
        let inside: Vec<(Step, Value)> = match value.type_name() {
            "list" | "tuple" => {
                let items = value.items().into_iter().enumerate();
                items.map(|(place, value)| (Step::Number(place as i64), value)).collect()
            }
            _ => {
                let step = |(key, value): (Value, Value)| {
                    let key = match key.as_str() {
                        Some(text) => Step::Key(text.into_owned()),
                        None => Step::Number(key.as_i64()?),
                    };
                    Some((key, value))
                };
                value.entries().into_iter().filter_map(step).collect()
            }
        };
        let inside = inside.into_iter().rev();
        waiting.extend(inside.map(|(step, value)| (format!("{path}{step}"), value, depth + 1)));
    }
    found
}

/// The paths of some estimators, for a message.
pub(super) fn paths(found: &[(String, Value)]) -> String {
    if found.is_empty() {
        return "none".into();
    }
    let named = found.iter().take(MOST_NAMED).map(|(path, value)| {
        let class = class_of(value).map_or(String::new(), |(_, name)| name);
        format!("{} ({})", shortened(path, LONGEST), shortened(&class, LONGEST))
    });
    let mut paths = named.collect::<Vec<_>>().join(", ");
    if found.len() > MOST_NAMED {
        paths += &format!(" and {} more", found.len() - MOST_NAMED);
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_python_writes_them() {
        let key = |key: &str| Step::Key(key.to_owned());
        let cases = [
            ("", Some(vec![])),
            ("['model']", Some(vec![key("model")])),
            ("[\"it's\"][0]", Some(vec![key("it's"), Step::Number(0)])),
            ("['it\\'s'][-1]", Some(vec![key("it's"), Step::Number(-1)])),
            ("['a]b']", Some(vec![key("a]b")])),
            ("model", None),
            ("['model'", None),
            ("['model", None),
            ("[]", None),
            ("[1.5]", None),
            ("['a'] ['b']", None),
        ];
        for (path, steps) in cases {
            assert_eq!(parse(path), steps, "{path}");
        }
    }
}
