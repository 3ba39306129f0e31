//! A function of numpy's for each number, or none.

use super::{Error, TransformerParts, check_table, numbers_of, transformer};
use crate::data::{Frame, Precision};
use crate::model::ask::{lacks, numbers_for};
use crate::model::{InverseTransformer, Model, Transformer};

/// A function of numpy's that takes one number: the parameter `func`.
///
/// ```
/// use picklebook::preprocessing::Function;
///
/// let function = Function::by_name("log1p").expect("numpy has it");
/// assert_eq!((function.name(), function.of(0.0)), ("log1p", 0.0));
/// assert!(Function::by_name("system").is_none());
/// ```
#[derive(Clone, Copy)]
pub struct Function {
    name: &'static str,
    of: fn(f64) -> f64,
    /// Whether whole numbers stay whole.
    whole: bool,
}

const FUNCTIONS: &[Function] = &[
    Function { name: "absolute", of: f64::abs, whole: true },
    Function { name: "arcsinh", of: f64::asinh, whole: false },
    Function { name: "arctan", of: f64::atan, whole: false },
    Function { name: "cbrt", of: f64::cbrt, whole: false },
    Function { name: "ceil", of: f64::ceil, whole: true },
    Function { name: "cos", of: f64::cos, whole: false },
    Function { name: "exp", of: f64::exp, whole: false },
    Function { name: "exp2", of: f64::exp2, whole: false },
    Function { name: "expm1", of: f64::exp_m1, whole: false },
    Function { name: "fabs", of: f64::abs, whole: false },
    Function { name: "floor", of: f64::floor, whole: true },
    Function { name: "log", of: f64::ln, whole: false },
    Function { name: "log10", of: f64::log10, whole: false },
    Function { name: "log1p", of: f64::ln_1p, whole: false },
    Function { name: "log2", of: f64::log2, whole: false },
    Function { name: "negative", of: |value| -value, whole: true },
    Function { name: "positive", of: |value| value, whole: true },
    Function { name: "rint", of: f64::round_ties_even, whole: false },
    Function { name: "sign", of: sign, whole: true },
    Function { name: "sin", of: f64::sin, whole: false },
    Function { name: "sqrt", of: f64::sqrt, whole: false },
    Function { name: "square", of: |value| value * value, whole: true },
    Function { name: "tan", of: f64::tan, whole: false },
    Function { name: "tanh", of: f64::tanh, whole: false },
    Function { name: "trunc", of: f64::trunc, whole: true },
];

/// numpy's `sign`: that of a zero is 0.
fn sign(value: f64) -> f64 {
    match value {
        value if value > 0.0 => 1.0,
        value if value < 0.0 => -1.0,
        // a zero without its sign, or NaN
        value => value.abs(),
    }
}

impl Function {
    /// The function of this name in numpy.
    pub fn by_name(name: &str) -> Option<Function> {
        let name = match name {
            "abs" => "absolute",
            name => name,
        };
        FUNCTIONS.iter().copied().find(|function| function.name == name)
    }

    /// Its name in numpy.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What it makes of a number.
    pub fn of(&self, value: f64) -> f64 {
        (self.of)(value)
    }

    /// The type of what it makes of numbers of a type.
    fn precision(self, precision: Precision) -> Precision {
        match precision {
            Precision::Byte if !self.whole => Precision::Half,
            Precision::Short if !self.whole => Precision::Single,
            precision => precision,
        }
    }
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "numpy.{}", self.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// scikit-learn's `FunctionTransformer`, of no function, or of one of numpy's that takes one number.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::Transformer;
/// use picklebook::preprocessing::{Function, FunctionTransformer, TransformerParts};
///
/// let function = Function::by_name("sqrt");
/// let roots = FunctionTransformer::from_parts(TransformerParts::new(1), function)?;
/// let made = roots.transform(&Frame::from_numbers(ndarray::array![[4.0], [2.25]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[2.0], [1.5]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionTransformer {
    fitted: TransformerParts,
    function: Option<Function>,
    /// What undoes it; `None` inside where nothing does.
    inverse: Option<Option<Function>>,
    validate: bool,
    named: bool,
}

transformer!(FunctionTransformer: inverse);

impl FunctionTransformer {
    /// A transformer of a function; without one, rows stay as they are.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a name for each column.
    pub fn from_parts(fitted: TransformerParts, function: Option<Function>) -> Result<Self, Error> {
        fitted.check_columns()?;
        let inverse = Some(None);
        Ok(FunctionTransformer { fitted, function, inverse, validate: false, named: false })
    }

    /// What undoes it, if anything: the parameter `inverse_func`. By default numbers stay as they
    /// are; with `None` the transformer cannot be undone.
    pub fn inverse_function(mut self, inverse: Option<Option<Function>>) -> Self {
        self.inverse = inverse;
        self
    }

    /// Whether it takes finite numbers only: the parameter `validate`.
    pub fn validate(mut self, validate: bool) -> Self {
        self.validate = validate;
        self
    }

    /// Whether its columns are called as those that it is given: the parameter
    /// `feature_names_out="one-to-one"`. Without it, scikit-learn has no names for them.
    pub fn one_to_one(mut self, named: bool) -> Self {
        self.named = named;
        self
    }

    /// The function, if there is one.
    pub fn function(&self) -> Option<Function> {
        self.function
    }
}

impl Transformer for FunctionTransformer {
    fn n_features_out(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        self.fitted.names(input).filter(|_| self.named)
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        self.made(self.function, table)
    }
}

impl InverseTransformer for FunctionTransformer {
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error> {
        match self.inverse {
            Some(inverse) => self.made(inverse, table),
            None => Err(lacks(self, "inverse_transform")),
        }
    }
}

impl FunctionTransformer {
    /// What a function makes of a table.
    fn made(&self, function: Option<Function>, table: &Frame) -> Result<Frame, Error> {
        let mut numbers = match (function, self.validate) {
            (None, false) => {
                check_table(self, table)?;
                return Ok(table.clone());
            }
            (_, true) => numbers_of(self, table, false)?,
            (Some(_), false) => {
                check_table(self, table)?;
                numbers_for(self.name(), table)?.into_owned()
            }
        };
        let precision = match function {
            None => table.precision(),
            Some(function) => {
                let precision = function.precision(table.precision());
                numbers.mapv_inplace(|value| precision.round(function.of(value)));
                precision
            }
        };
        Ok(Frame::from_numbers(numbers).with_precision(precision).with_sparse(table.is_sparse()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What numpy 2.4 makes of the same numbers, where that is exact.
    #[test]
    fn functions_are_those_of_numpy() {
        for (name, value, expected) in [
            ("abs", -2.5, 2.5),
            ("sign", -2.5, -1.0),
            ("sign", -0.0, 0.0),
            ("rint", 2.5, 2.0),
            ("rint", -0.5, -0.0),
            ("trunc", -2.5, -2.0),
            ("sqrt", 2.25, 1.5),
            ("square", 1.5, 2.25),
            ("log", 0.0, f64::NEG_INFINITY),
            ("log1p", 0.0, 0.0),
            ("exp2", 3.0, 8.0),
        ] {
            let function = Function::by_name(name).unwrap();
            assert_eq!(function.of(value).to_bits(), f64::to_bits(expected), "{name}({value})");
        }
        assert!(Function::by_name("sign").unwrap().of(f64::NAN).is_nan());
        assert!(FUNCTIONS.is_sorted_by_key(|function| function.name));
    }
}
