//! One model after another.

use std::sync::Arc;

use super::Error;
use crate::data::{Features, Frame, Labels};
use crate::model::ask::{ask_features, lacks};
use crate::model::{
    Abilities, Answer, Method, Model, Nesting, Parameters, SklearnVersion, TableModel, Transformer,
};

/// A step: its name, and its model, unless rows pass through.
type Step = (String, Option<Arc<dyn Model>>);

/// scikit-learn's `Pipeline`: transformers, one after the other, and a model of any kind at the
/// end. See the [room's](crate::pipeline) example.
///
/// It can be asked what its last model can be asked, but for leaves and importances, as in
/// scikit-learn.
#[derive(Debug, Clone)]
pub struct Pipeline {
    steps: Vec<Step>,
    version: SklearnVersion,
    parameters: Parameters,
    nesting: Nesting,
    takes_text: bool,
}

/// Equal names, and the very same models.
impl PartialEq for Pipeline {
    fn eq(&self, other: &Self) -> bool {
        let same = |(own, other): (&Step, &Step)| {
            own.0 == other.0
                && match (&own.1, &other.1) {
                    (None, None) => true,
                    (Some(own), Some(other)) => Arc::ptr_eq(own, other),
                    _ => false,
                }
        };
        self.version == other.version
            && self.parameters == other.parameters
            && self.steps.len() == other.steps.len()
            && self.steps.iter().zip(&other.steps).all(same)
    }
}

/// The classes of a pipeline that does not tell any apart.
static NO_CLASSES: Labels = Labels::Text(Vec::new());

impl Pipeline {
    /// Checks the parts and puts a pipeline together: its models with their names, and nothing
    /// in the place of a step that is `"passthrough"` or `None`.
    ///
    /// # Errors
    /// [`Error::Model`] without any model, and for a model before the last that cannot transform,
    /// [`Error::Length`] for a model that takes another number of columns than the one before it
    /// makes.
    pub fn from_parts(
        steps: Vec<(String, Option<Arc<dyn Model>>)>,
        version: SklearnVersion,
        parameters: Parameters,
    ) -> Result<Self, Error> {
        let mut made: Option<usize> = None;
        let count = steps.len();
        let mut any = false;
        for (place, (name, model)) in steps.iter().enumerate() {
            let Some(model) = model else { continue };
            any = true;
            if let Some(found) = made.filter(|&made| made != model.n_features()) {
                let (what, expected) =
                    ("columns that a step of a pipeline is given", model.n_features());
                return Err(Error::Length { what, expected, found });
            }
            match model.abilities().transformer {
                Some(transformer) => made = Some(transformer.n_features_out()),
                None if place + 1 == count => {}
                None => {
                    let problem =
                        format!("its step {name:?}, a {}, cannot transform", model.name());
                    return Err(Error::Model { problem });
                }
            }
        }
        let nesting = Nesting::of(steps.iter().filter_map(|(_, model)| model.as_deref()))?;
        match any {
            true => {
                // asked once, because the first model may be a pipeline itself
                let first = steps.iter().find_map(|(_, model)| model.as_ref());
                let takes_text = first.is_some_and(|model| model.takes_text());
                Ok(Pipeline { steps, version, parameters, nesting, takes_text })
            }
            false => {
                let problem = "it has no steps, or all of them pass rows through".to_owned();
                Err(Error::Model { problem })
            }
        }
    }

    /// The steps: their names and models, and nothing where rows pass through.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Arc<dyn Model>>)> {
        self.steps.iter().map(|(name, model)| (name.as_str(), model.as_ref()))
    }

    /// The scikit-learn that fitted it.
    pub fn version(&self) -> SklearnVersion {
        self.version
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The first model.
    fn first(&self) -> Option<&Arc<dyn Model>> {
        self.steps.iter().find_map(|(_, model)| model.as_ref())
    }

    /// What the last model can be asked, unless rows pass it.
    fn last(&self) -> Abilities<'_> {
        match self.steps.last() {
            Some((_, Some(model))) => model.abilities(),
            _ => Abilities::new(),
        }
    }

    /// What the models before the last make of a table; `None` where there are none.
    fn prepared(&self, table: &Frame, steps: usize) -> Result<Option<Frame>, Error> {
        let mut made: Option<Frame> = None;
        for (_, model) in self.steps.iter().take(steps) {
            let transformer = model.as_ref().and_then(|model| model.abilities().transformer);
            if let Some(transformer) = transformer {
                made = Some(transformer.transform(made.as_ref().unwrap_or(table))?);
            }
        }
        Ok(made)
    }

    /// What the last model answers for what the others make of a table.
    fn ask(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        if method == Method::Transform {
            return match self.transforms() {
                true => Ok(Answer::Table(Transformer::transform(self, table)?)),
                false => Err(lacks(self, method.name())),
            };
        }
        let Some((_, Some(last))) = self.steps.last() else {
            return Err(lacks(self, method.name()));
        };
        if method == Method::Apply {
            return Err(lacks(self, method.name()));
        }
        let made = self.prepared(table, self.steps.len() - 1)?;
        crate::model::ask(last.as_ref(), made.as_ref().unwrap_or(table), method)
    }

    /// Whether all models can transform, the last among them.
    fn transforms(&self) -> bool {
        match self.steps.last() {
            Some((_, Some(model))) => model.abilities().transformer.is_some(),
            _ => true,
        }
    }

    fn answer_features(&self, features: Features<'_>, method: Method) -> Result<Answer, Error> {
        match (self.steps.as_slice(), self.last()) {
            // nothing to make: no copy of the rows either
            ([(_, Some(only))], _) => ask_features(only.as_ref(), features, method),
            _ => self.ask(&Frame::from(features), method),
        }
    }

    fn classes_of_last(&self) -> &Labels {
        self.last().classifier.map_or(&NO_CLASSES, |model| model.classes())
    }

    fn classes_of_outputs(&self) -> &[Labels] {
        self.last().multi_output_classifier.map_or(&[], |model| model.classes())
    }

    fn outputs_of_last(&self) -> usize {
        self.last().multi_output_regressor.map_or(0, |model| model.n_outputs())
    }
}

impl Model for Pipeline {
    fn name(&self) -> &'static str {
        "Pipeline"
    }

    fn nesting(&self) -> Nesting {
        self.nesting
    }

    crate::model::as_itself!();

    fn takes_text(&self) -> bool {
        self.takes_text
    }

    fn n_features(&self) -> usize {
        self.first().map_or(0, |model| model.n_features())
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.first()?.feature_names()
    }

    fn abilities(&self) -> Abilities<'_> {
        let last = self.last();
        let mut abilities = Abilities::new().tables(self);
        if last.classifier.is_some() {
            abilities = abilities.classifier(self);
        }
        if last.probabilities.is_some() {
            abilities = abilities.probabilities(self);
        }
        if last.regressor.is_some() {
            abilities = abilities.regressor(self);
        }
        if last.decision_function.is_some() {
            abilities = abilities.decision_function(self);
        }
        if last.multi_output_classifier.is_some() {
            abilities = abilities.multi_output_classifier(self);
        }
        if last.multi_output_regressor.is_some() {
            abilities = abilities.multi_output_regressor(self);
        }
        // the last model is asked once, because it may be a pipeline itself
        if last.transformer.is_some() || self.steps.last().is_some_and(|(_, model)| model.is_none())
        {
            abilities = abilities.transformer(self);
        }
        abilities
    }
}

impl TableModel for Pipeline {
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error> {
        self.ask(table, method)
    }
}

impl Transformer for Pipeline {
    fn n_features_out(&self) -> usize {
        let made = self.steps.iter().rev().find_map(|(_, model)| {
            model.as_ref()?.abilities().transformer.map(|model| model.n_features_out())
        });
        made.unwrap_or(0)
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let mut names = input.map(<[String]>::to_vec);
        for model in self.steps.iter().filter_map(|(_, model)| model.as_ref()) {
            let transformer = model.abilities().transformer?;
            names = Some(transformer.feature_names_out(names.as_deref())?);
        }
        names
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        match self.transforms() {
            true => Ok(self.prepared(table, self.steps.len())?.unwrap_or_else(|| table.clone())),
            false => Err(lacks(self, Method::Transform.name())),
        }
    }
}

crate::model::answer_traits!(
    Pipeline: Classifier(classes_of_last),
    ProbabilisticClassifier,
    DecisionFunction,
    Regressor,
    MultiOutputClassifier(classes_of_outputs),
    MultiOutputRegressor(outputs_of_last),
);
