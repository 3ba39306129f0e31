//! The parameters of models that came from elsewhere.

use std::fmt;

use crate::python::{float_repr, text_repr};

/// The value of a parameter. It prints as Python prints it.
///
/// ```
/// use picklebook::model::Parameter;
///
/// let weights = vec![(Parameter::Integer(0), Parameter::Float(2.0))];
/// assert_eq!(Parameter::Dictionary(weights).to_string(), "{0: 2.0}");
/// assert_eq!(Parameter::from("sqrt").to_string(), "'sqrt'");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Parameter {
    /// Python's `None`.
    None,
    /// `True` or `False`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A float.
    Float(f64),
    /// Text.
    Text(String),
    /// The items of a list, or of an array.
    List(Vec<Parameter>),
    /// The items of a tuple.
    Tuple(Vec<Parameter>),
    /// The entries of a dictionary.
    Dictionary(Vec<(Parameter, Parameter)>),
    /// Another estimator: its class and its own parameters.
    Estimator(String, Parameters),
    /// Anything else, as Python would print it.
    Other(String),
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Parameter::Text(text.to_owned())
    }
}

impl From<bool> for Parameter {
    fn from(boolean: bool) -> Self {
        Parameter::Boolean(boolean)
    }
}

impl From<i32> for Parameter {
    fn from(number: i32) -> Self {
        Parameter::Integer(number.into())
    }
}

impl From<i64> for Parameter {
    fn from(number: i64) -> Self {
        Parameter::Integer(number)
    }
}

/// One that is too large is the greatest that there is.
impl From<usize> for Parameter {
    fn from(number: usize) -> Self {
        Parameter::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<f64> for Parameter {
    fn from(number: f64) -> Self {
        Parameter::Float(number)
    }
}

/// `None` is Python's.
impl<T: Into<Parameter>> From<Option<T>> for Parameter {
    fn from(value: Option<T>) -> Self {
        value.map_or(Parameter::None, Into::into)
    }
}

/// Items between commas.
fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T]) -> fmt::Result {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        item.fmt(f)?;
    }
    Ok(())
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Parameter::None => f.write_str("None"),
            Parameter::Boolean(true) => f.write_str("True"),
            Parameter::Boolean(false) => f.write_str("False"),
            Parameter::Integer(number) => number.fmt(f),
            Parameter::Float(number) => f.write_str(&float_repr(*number)),
            Parameter::Text(text) => f.write_str(&text_repr(text)),
            Parameter::List(items) => {
                f.write_str("[")?;
                list(f, items)?;
                f.write_str("]")
            }
            Parameter::Tuple(items) => {
                f.write_str("(")?;
                list(f, items)?;
                f.write_str(if items.len() == 1 { ",)" } else { ")" })
            }
            Parameter::Dictionary(entries) => {
                f.write_str("{")?;
                for (place, (key, value)) in entries.iter().enumerate() {
                    let comma = if place > 0 { ", " } else { "" };
                    write!(f, "{comma}{key}: {value}")?;
                }
                f.write_str("}")
            }
            Parameter::Estimator(class, parameters) => write!(f, "{class}({parameters})"),
            Parameter::Other(text) => f.write_str(text),
        }
    }
}

/// The parameters of a model by name, in the order in which they were given; scikit-learn's
/// `get_params(deep=False)`.
///
/// ```
/// use picklebook::model::{Parameter, Parameters};
///
/// let parameters: Parameters =
///     [("max_depth", Parameter::Integer(3)), ("criterion", "gini".into())].into();
/// assert_eq!(parameters.get("max_depth"), Some(&Parameter::Integer(3)));
/// assert_eq!(parameters.to_string(), "max_depth=3, criterion='gini'");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Parameters(Vec<(String, Parameter)>);

impl Parameters {
    /// None.
    pub(crate) const EMPTY: Parameters = Parameters(Vec::new());

    /// None yet.
    pub fn new() -> Self {
        Parameters::default()
    }

    /// The value of a parameter, if it is there.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// The value of a parameter that is text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Parameter::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Names and values in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Parameter)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(String, Parameter)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (String, Parameter)>>(parameters: I) -> Self {
        Parameters(parameters.into_iter().collect())
    }
}

impl From<Vec<(String, Parameter)>> for Parameters {
    fn from(parameters: Vec<(String, Parameter)>) -> Self {
        Parameters(parameters)
    }
}

impl<const N: usize> From<[(&str, Parameter); N]> for Parameters {
    fn from(parameters: [(&str, Parameter); N]) -> Self {
        parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            write!(f, "{comma}{name}={value}")?;
        }
        Ok(())
    }
}
