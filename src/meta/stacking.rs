//! A model of what other models say.

use std::sync::Arc;

use super::members::{Members, codes, column, has_codes, n_outputs, side_by_side};
use super::{Error, model_of_models};
use crate::data::{Frame, Labels};
use crate::model::ask::{check_classes, lacks};
use crate::model::link::labels_at;
use crate::model::{
    Abilities, Answer, FittedParts, Method, Model, Nesting, TableModel, Transformer, ask,
};

/// What a model of a stack is asked: one of scikit-learn's `stack_method_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StackMethod {
    /// The class or the estimate.
    Predict,
    /// The probabilities of classes; of two, that of the second.
    PredictProba,
    /// The scores of classes.
    DecisionFunction,
}

impl StackMethod {
    fn method(self) -> Method {
        match self {
            StackMethod::Predict => Method::Predict,
            StackMethod::PredictProba => Method::PredictProba,
            StackMethod::DecisionFunction => Method::DecisionFunction,
        }
    }

    /// How many columns a model makes by this method; `None` if it has none. `binary` is whether
    /// the stack tells two classes apart.
    pub fn width(self, model: &dyn Model, binary: bool) -> Option<usize> {
        let abilities = model.abilities();
        match self {
            StackMethod::Predict => match abilities.classifier {
                Some(_) => Some(1),
                None => n_outputs(model),
            },
            StackMethod::PredictProba => match abilities.probabilities?.classes().len() {
                2 if binary => Some(1),
                classes => Some(classes),
            },
            StackMethod::DecisionFunction => {
                abilities.decision_function?;
                match abilities.classifier.map(|model| model.classes().len()) {
                    Some(count) if count > 2 => Some(count),
                    _ => Some(1),
                }
            }
        }
    }
}

/// A model of a stack: its name, what it is asked, and itself.
pub type Stacked = (String, StackMethod, Arc<dyn Model>);

/// What classifiers and regressors have in common.
#[derive(Debug, Clone, PartialEq)]
struct Stack {
    /// The models, and the last one.
    models: Members,
    last: Members,
    names: Vec<String>,
    methods: Vec<StackMethod>,
    passthrough: bool,
    /// How many columns each model makes.
    widths: Vec<usize>,
    columns: usize,
    nesting: Nesting,
}

impl Stack {
    /// `binary` is whether the stack tells two classes apart, `fits` what the last model lacks.
    fn new(
        fitted: &FittedParts,
        parts: Vec<Stacked>,
        last: Arc<dyn Model>,
        passthrough: bool,
        binary: bool,
        fits: impl Fn(&dyn Model) -> Result<(), String>,
    ) -> Result<Stack, Error> {
        let (mut names, mut methods, mut models) = (Vec::new(), Vec::new(), Vec::new());
        for (name, method, model) in parts {
            names.push(name);
            methods.push(method);
            models.push(model);
        }
        let mut widths = Vec::new();
        for (number, (method, model)) in methods.iter().zip(&models).enumerate() {
            widths.push(method.width(model.as_ref(), binary).ok_or_else(|| {
                let problem = format!(
                    "model {number}, a {}, has no {}",
                    model.name(),
                    method.method().name()
                );
                Error::Model { problem }
            })?);
        }
        let models = Members::new(fitted, models, |_| Ok(()))?;
        let columns =
            widths.iter().sum::<usize>() + if passthrough { fitted.n_features } else { 0 };
        let mut of_last = fitted.clone();
        (of_last.n_features, of_last.feature_names) = (columns, None);
        let last = Members::new(&of_last, vec![last], fits)?;
        let nesting = Nesting::of(models.iter().chain(last.iter()).map(|model| model.as_ref()))?;
        Ok(Stack { models, last, names, methods, passthrough, widths, columns, nesting })
    }

    /// What the models say of a table, side by side.
    fn made(&self, rows: &Frame) -> Result<Frame, Error> {
        let asked = self.methods.iter().zip(self.models.iter()).zip(&self.widths);
        let tables = asked.map(|((method, model), &width)| {
            let made = match ask(model.as_ref(), rows, method.method())? {
                Answer::Labels(labels) => column(&labels)?,
                other => other.numbers()?,
            };
            match made.ncols() {
                found if found == width => Ok(made),
                // of two classes only the probability of the second
                2 if width == 1 => Ok(made.select(ndarray::Axis(1), &[1])),
                _ => Err(Error::Internal {
                    problem: "a model of a stack makes another number of columns".to_owned(),
                }),
            }
        });
        let made = side_by_side(&tables.collect::<Result<Vec<_>, Error>>()?)?;
        let made = Frame::from_numbers(made);
        match self.passthrough {
            false => Ok(made),
            true => Ok(Frame::side_by_side(vec![made, rows.clone()], rows.shape().0)?),
        }
    }

    fn takes_text(&self) -> bool {
        self.models.takes_text()
    }

    /// The last model.
    fn last(&self) -> Option<&dyn Model> {
        self.last.first().map(|model| model.as_ref())
    }

    /// What the last model says of what the others say.
    fn ask(&self, owner: &dyn Model, rows: &Frame, method: Method) -> Result<Answer, Error> {
        match self.last() {
            Some(last) => ask(last, &self.made(rows)?, method),
            None => Err(lacks(owner, method.name())),
        }
    }

    fn names_out(
        &self,
        owner: &str,
        fitted: &FittedParts,
        input: Option<&[String]>,
    ) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for (name, &width) in self.names.iter().zip(&self.widths) {
            match width {
                1 => names.push(format!("{owner}_{name}")),
                width => names.extend((0..width).map(|place| format!("{owner}_{name}{place}"))),
            }
        }
        if self.passthrough {
            names.extend(fitted.names(input)?);
        }
        Some(names)
    }
}

/// What every stack tells of its parts.
macro_rules! stack {
    ($model:ident, $name:literal, $lower:literal) => {
        model_of_models!($model, $name);

        impl $model {
            /// The models that are stacked.
            pub fn estimators(&self) -> &[Arc<dyn Model>] {
                &self.members.models
            }

            /// What each of them is asked.
            pub fn stack_methods(&self) -> &[StackMethod] {
                &self.members.methods
            }

            /// The model of what they say.
            pub fn final_estimator(&self) -> Option<&dyn Model> {
                self.members.last()
            }
        }

        /// What the models say, side by side, with `passthrough` before the columns as they are.
        impl Transformer for $model {
            fn n_features_out(&self) -> usize {
                self.members.columns
            }

            fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
                self.members.names_out($lower, &self.fitted, input)
            }

            fn transform(&self, table: &Frame) -> Result<Frame, Error> {
                self.members.made(table)
            }
        }
    };
}

/// scikit-learn's `StackingClassifier`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::{StackMethod, StackingClassifier};
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let (rows, codes) = ([[0.0], [1.0]], Labels::from(vec![0, 1]));
/// let tree = || DecisionTreeClassifier::params().fit_weighted(&rows, &codes, None);
/// let models: Vec<(String, StackMethod, Arc<dyn Model>)> =
///     vec![("tree".into(), StackMethod::PredictProba, Arc::new(tree()?))];
/// let (fitted, classes) = (FittedParts::new(1), Labels::from(["left", "right"]));
/// let model = StackingClassifier::from_parts(fitted, models, Arc::new(tree()?), classes, false)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[0.9]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(["right"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StackingClassifier {
    fitted: FittedParts,
    members: Stack,
    classes: Labels,
}

stack!(StackingClassifier, "StackingClassifier", "stackingclassifier");

impl StackingClassifier {
    /// Checks the parts and puts a model together: models with their names and what they are
    /// asked, and one of what they say, and with `passthrough` of the columns, that tells the
    /// places of the classes apart.
    ///
    /// # Errors
    /// [`Error::Model`] without models, for one that lacks its method or takes other columns, for a
    /// last one that does not tell the places of the classes apart, and for classes that do not
    /// ascend.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<Stacked>,
        last: Arc<dyn Model>,
        classes: Labels,
        passthrough: bool,
    ) -> Result<Self, Error> {
        check_classes(&classes)?;
        let count = classes.len();
        let members = Stack::new(&fitted, models, last, passthrough, count == 2, |model| {
            match has_codes(model, count) {
                true => Ok(()),
                false => Err("does not tell the places of the classes apart".to_owned()),
            }
        })?;
        Ok(StackingClassifier { fitted, members, classes })
    }

    /// The classes, ascending.
    pub fn classes(&self) -> &Labels {
        &self.classes
    }

    fn can(&self) -> Abilities<'_> {
        let mut abilities = Abilities::new().tables(self).classifier(self).transformer(self);
        let last = self.members.last().map(|model| model.abilities()).unwrap_or_default();
        if last.probabilities.is_some() {
            abilities = abilities.probabilities(self);
        }
        if last.decision_function.is_some() {
            abilities = abilities.decision_function(self);
        }
        abilities
    }
}

impl TableModel for StackingClassifier {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match (method, self.members.last()) {
            (Method::Predict, Some(last)) => {
                let codes = codes(last, &self.members.made(table)?)?;
                Ok(Answer::Labels(labels_at(&self.classes, &codes)?))
            }
            (Method::PredictProba | Method::DecisionFunction, _) => {
                self.members.ask(self, table, method)
            }
            (Method::Transform, _) => Ok(Answer::Table(self.members.made(table)?)),
            (method, _) => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(
    StackingClassifier: Classifier(classes),
    ProbabilisticClassifier,
    DecisionFunction,
);

/// scikit-learn's `StackingRegressor`.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::{Frame, Labels};
/// use picklebook::meta::{StackMethod, StackingRegressor};
/// use picklebook::model::{Answer, FittedParts, Method, Model, ask};
/// use picklebook::prelude::*;
///
/// let grown = |rows: &[[f64; 1]; 2], target: &[f64]| {
///     DecisionTreeRegressor::params().fit_weighted(rows, target, None)
/// };
/// let first = grown(&[[0.0], [1.0]], &[5.0, 7.0])?;
/// let last = grown(&[[5.0], [7.0]], &[50.0, 70.0])?;
/// let models: Vec<(String, StackMethod, Arc<dyn Model>)> =
///     vec![("tree".into(), StackMethod::Predict, Arc::new(first))];
/// let model = StackingRegressor::from_parts(FittedParts::new(1), models, Arc::new(last), false)?;
/// let answer = ask(&model, &Frame::from_numbers(ndarray::array![[0.9]]), Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(vec![70.0])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StackingRegressor {
    fitted: FittedParts,
    members: Stack,
}

stack!(StackingRegressor, "StackingRegressor", "stackingregressor");

impl StackingRegressor {
    /// Checks the parts and puts a model together: models with their names and what they are
    /// asked, and a regressor of what they say, and with `passthrough` of the columns.
    ///
    /// # Errors
    /// [`Error::Model`] without models, for one that lacks its method or takes other columns, and for
    /// a last one that estimates no single number.
    pub fn from_parts(
        fitted: FittedParts,
        models: Vec<Stacked>,
        last: Arc<dyn Model>,
        passthrough: bool,
    ) -> Result<Self, Error> {
        let members = Stack::new(&fitted, models, last, passthrough, false, |model| {
            match model.abilities().regressor.is_some() {
                true => Ok(()),
                false => Err("estimates no single number".to_owned()),
            }
        })?;
        Ok(StackingRegressor { fitted, members })
    }

    fn can(&self) -> Abilities<'_> {
        Abilities::new().tables(self).regressor(self).transformer(self)
    }
}

impl TableModel for StackingRegressor {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        match method {
            Method::Predict => self.members.ask(self, table, method),
            Method::Transform => Ok(Answer::Table(self.members.made(table)?)),
            method => Err(lacks(self, method.name())),
        }
    }
}

crate::model::answer_traits!(StackingRegressor: Regressor);
