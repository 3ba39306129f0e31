//! Answers about rows, as JSON.

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};

use super::models::Served;
use super::refusal::Refusal;
use crate::data::{Column, Frame, LabelRef, Labels};
use crate::model::{Answer, Method};

/// What a version of a model answered about rows, with what it was.
pub(super) struct Predicted {
    pub answers: Vec<(Method, Answer)>,
    pub rows: usize,
}

impl Predicted {
    /// Asks a version of a model, and counts what it answers.
    pub fn of(served: &Served, table: &Frame, methods: &[Method]) -> Result<Predicted, Refusal> {
        let rows = table.shape().0;
        if rows == 0 {
            return Err(Refusal::bad("there are no rows: give at least one".to_owned()));
        }
        let mut answers = Vec::with_capacity(methods.len());
        for &method in methods {
            let answer = served.columns.ask(&served.model, table, method)?;
            answers.push((method, answer));
        }
        let predicted = Predicted { answers, rows };
        predicted.count(served);
        Ok(predicted)
    }

    fn count(&self, served: &Served) {
        let classes = served.model.classes().ok();
        let labels = match self.get(Method::Predict) {
            Some(Answer::Labels(labels)) => Some(labels),
            _ => None,
        };
        let codes = labels.zip(classes).and_then(|(labels, classes)| labels.codes(classes));
        served.metrics.predicted(self.rows, codes.iter().flatten().copied());
        if let (Some(codes), Some(Answer::Numbers(numbers))) =
            (&codes, self.get(Method::PredictProba))
        {
            let scores =
                codes.iter().zip(numbers.rows()).filter_map(|(&code, row)| row.get(code).copied());
            served.metrics.scored(scores);
        }
    }

    /// The answers of some methods alone, in their order.
    pub fn only(mut self, methods: &[Method]) -> Predicted {
        self.answers.retain(|(method, _)| methods.contains(method));
        self
    }

    /// What a method answered, if it was asked.
    pub fn get(&self, method: Method) -> Option<&Answer> {
        self.answers.iter().find(|(own, _)| *own == method).map(|(_, answer)| answer)
    }
}

/// The methods that are asked where none is named: `predict`, with the probabilities if there are
/// some, or what else the model answers.
pub(super) fn usual_methods(served: &Served) -> Vec<Method> {
    let has = |method: Method| served.methods.contains(&method.name());
    match has(Method::Predict) {
        true => [Method::Predict, Method::PredictProba].into_iter().filter(|&it| has(it)).collect(),
        false => Method::ALL.into_iter().filter(|&it| has(it)).take(1).collect(),
    }
}

/// The names of methods in an answer.
fn key(method: Method) -> &'static str {
    match method {
        Method::Predict => "predictions",
        Method::PredictProba => "probabilities",
        Method::DecisionFunction => "decision_function",
        Method::Apply => "leaves",
        Method::Transform => "rows",
    }
}

/// The answer to a request of `/predict`.
pub(super) struct Response<'a> {
    pub served: &'a Served,
    pub id: &'a str,
    pub predicted: &'a Predicted,
}

impl Serialize for Response<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("model", &self.served.name)?;
        map.serialize_entry("version", &self.served.version)?;
        map.serialize_entry("id", self.id)?;
        for (method, answer) in &self.predicted.answers {
            let rows = ByRow { served: self.served, method: *method, answer };
            map.serialize_entry(key(*method), &rows)?;
        }
        map.end()
    }
}

/// An answer as a list with an item for each row.
pub(super) struct ByRow<'a> {
    pub served: &'a Served,
    pub method: Method,
    pub answer: &'a Answer,
}

impl Serialize for ByRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let abilities = self.served.model.abilities();
        match self.answer {
            Answer::Labels(labels) => serializer.collect_seq(labels.iter().map(Value)),
            Answer::LabelsByOutput(outputs) => {
                let rows = outputs.first().map_or(0, Labels::len);
                serializer.collect_seq((0..rows).map(|row| {
                    outputs
                        .iter()
                        .filter_map(|labels| labels.get_ref(row))
                        .map(Value)
                        .collect::<Vec<_>>()
                }))
            }
            Answer::Numbers(numbers) => {
                let classes = abilities.classifier.map(|classifier| classifier.classes());
                let classes = classes.filter(|classes| {
                    self.method == Method::PredictProba && classes.len() == numbers.ncols()
                });
                let mut rows = serializer.serialize_seq(Some(numbers.nrows()))?;
                for row in numbers.rows() {
                    match classes {
                        Some(classes) => {
                            rows.serialize_element(&ByClass { classes, numbers: row })?
                        }
                        None => rows.serialize_element(&Numbers(row))?,
                    }
                }
                rows.end()
            }
            Answer::NumbersByOutput(outputs) => {
                let classes = abilities.multi_output_classifier.map(|model| model.classes());
                let count = outputs.first().map_or(0, |first| first.nrows());
                let mut rows = serializer.serialize_seq(Some(count))?;
                for row in 0..count {
                    let each = outputs.iter().enumerate().filter_map(|(place, output)| {
                        // a look-up: the rows' own iterator would walk to each from the first
                        let numbers = (row < output.nrows()).then(|| output.row(row))?;
                        Some(ByClass { classes: classes?.get(place)?, numbers })
                    });
                    rows.serialize_element(&each.collect::<Vec<_>>())?;
                }
                rows.end()
            }
            Answer::Leaves(leaves) => {
                serializer.collect_seq(leaves.rows().into_iter().map(|row| row.to_vec()))
            }
            Answer::Table(table) => {
                let columns: Vec<Column> =
                    (0..table.shape().1).filter_map(|place| table.column(place)).collect();
                let mut rows = serializer.serialize_seq(Some(table.shape().0))?;
                for row in 0..table.shape().0 {
                    rows.serialize_element(&Cells { columns: &columns, row })?;
                }
                rows.end()
            }
        }
    }
}

/// A label as JSON.
struct Value<'a>(LabelRef<'a>);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            LabelRef::Text(text) => serializer.serialize_str(text),
            LabelRef::Boolean(value) => serializer.serialize_bool(value),
            LabelRef::Integer(value) => serializer.serialize_i64(value),
            LabelRef::Float(value) => serializer.serialize_f64(value),
        }
    }
}

/// Numbers side by side.
struct Numbers<'a>(ndarray::ArrayView1<'a, f64>);

impl Serialize for Numbers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

/// Numbers by the classes that they belong to.
struct ByClass<'a> {
    classes: &'a Labels,
    numbers: ndarray::ArrayView1<'a, f64>,
}

impl Serialize for ByClass<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.numbers.len()))?;
        for (class, number) in self.classes.iter().zip(self.numbers) {
            match class {
                LabelRef::Text(class) => map.serialize_entry(class, number)?,
                class => map.serialize_entry(&class.to_string(), number)?,
            }
        }
        map.end()
    }
}

/// A row of a table.
struct Cells<'a> {
    columns: &'a [Column],
    row: usize,
}

impl Serialize for Cells<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut cells = serializer.serialize_seq(Some(self.columns.len()))?;
        for column in self.columns {
            match column {
                Column::Numbers(numbers) => cells.serialize_element(&numbers.get(self.row))?,
                Column::Words(words) => {
                    cells.serialize_element(&words.get(self.row).and_then(Option::as_ref))?;
                }
            }
        }
        cells.end()
    }
}
