//! How pipelines are fitted.

use std::sync::Arc;

use super::{Error, Pipeline};
use crate::data::{Dataset, Frame, Labels};
use crate::model::{Fit, Model, Parameter, Parameters, SklearnVersion};

/// A step that is yet to be fitted: its name and, unless rows pass through, its parameters.
type Step = (String, Option<Arc<dyn Fit>>);

/// What a [`Pipeline`] is made of before its fit: named steps, one after the other.
///
/// ```
/// use picklebook::bayes::DiscreteNB;
/// use picklebook::data::{Column, Frame, Labels};
/// use picklebook::model::{Answer, Method, ask};
/// use picklebook::pipeline::Pipeline;
/// use picklebook::vectorizers::TfidfVectorizer;
///
/// let texts = ["free money", "money for free now", "lunch at noon", "see you at lunch"];
/// let labels = Labels::from(["spam", "spam", "ham", "ham"]);
/// let pipeline = Pipeline::params()
///     .step("tfidf", TfidfVectorizer::params())
///     .step("nb", DiscreteNB::multinomial())
///     .fit_table(&Frame::named([("text", Column::from(texts))])?, Some(&labels))?;
/// let new = Frame::named([("text", Column::from(["free lunch money", "lunch?"]))])?;
/// let answer = ask(&pipeline, &new, Method::Predict)?;
/// assert_eq!(answer, Answer::Labels(Labels::from(["spam", "ham"])));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct PipelineParams {
    steps: Vec<Step>,
}

impl Pipeline {
    /// No steps yet, to be added and then fitted.
    pub fn params() -> PipelineParams {
        PipelineParams::default()
    }
}

impl PipelineParams {
    /// Adds a step.
    pub fn step(mut self, name: impl Into<String>, params: impl Fit + 'static) -> Self {
        self.steps.push((name.into(), Some(Arc::new(params))));
        self
    }

    /// Adds a step through which rows pass as they are.
    pub fn passthrough(mut self, name: impl Into<String>) -> Self {
        self.steps.push((name.into(), None));
        self
    }

    /// Fits the steps on a dataset, one after the other.
    ///
    /// # Errors
    /// As [`fit_table`](Self::fit_table).
    pub fn fit(&self, data: &Dataset) -> Result<Pipeline, Error> {
        self.fit_table(&Frame::from(data), Some(data.target()))
    }

    /// Fits the steps on a table, each on what those before it make of the table, and on one label for
    /// each row where a step learns from labels.
    ///
    /// # Errors
    /// As the steps' own fits, [`Error::Parameter`] for a name that scikit-learn refuses or that is
    /// there twice, and [`Error::Model`] without steps, and for a step before the last that cannot
    /// transform.
    pub fn fit_table(&self, table: &Frame, target: Option<&Labels>) -> Result<Pipeline, Error> {
        self.check()?;
        let mut made: Option<Frame> = None;
        let mut steps: Vec<(String, Option<Arc<dyn Model>>)> = Vec::new();
        for (place, (name, params)) in self.steps.iter().enumerate() {
            let Some(params) = params else {
                steps.push((name.clone(), None));
                continue;
            };
            let rows = made.as_ref().unwrap_or(table);
            let model = params.fit_model(rows, target)?;
            if place + 1 < self.steps.len() {
                let Some(transformer) = model.abilities().transformer else {
                    let problem =
                        format!("its step {name:?}, a {}, cannot transform", model.name());
                    return Err(Error::Model { problem });
                };
                made = Some(transformer.transform(rows)?);
            }
            steps.push((name.clone(), Some(model)));
        }
        let parameters = Parameters::from([
            ("transform_input", Parameter::None),
            ("memory", Parameter::None),
            ("verbose", Parameter::Boolean(false)),
        ]);
        Pipeline::from_parts(steps, SklearnVersion::LATEST, parameters)
    }

    /// Whether scikit-learn takes the names.
    fn check(&self) -> Result<(), Error> {
        let own = ["steps", "transform_input", "memory", "verbose"];
        for (place, (name, _)) in self.steps.iter().enumerate() {
            let twice = self.steps.iter().take(place).any(|(other, _)| other == name);
            if twice || name.contains("__") || own.contains(&name.as_str()) {
                let (name, value) = ("steps", crate::python::text_repr(name));
                let expected = "a name for each step that no other has, without `__`, and none of the \
                                pipeline's own parameters";
                return Err(Error::Parameter { name, value, expected });
            }
        }
        Ok(())
    }
}

impl Fit for PipelineParams {
    fn fit_model(&self, table: &Frame, target: Option<&Labels>) -> Result<Arc<dyn Model>, Error> {
        Ok(Arc::new(self.fit_table(table, target)?))
    }
}
