//! Requests and answers of the Open Inference Protocol, version 2: tensors as JSON.
//!
//! Source: <https://github.com/kserve/open-inference-protocol>, `specification/protocol/inference_rest.md`.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use super::table::Columns;
use crate::data::{Column, Frame, Label, Labels};
use crate::model::{Answer, Method};

/// How deep the lists of a tensor may lie in one another.
const DEEPEST: usize = 8;

/// What is asked.
#[derive(Debug, Deserialize)]
pub(super) struct InferRequest {
    pub id: Option<String>,
    pub inputs: Vec<Input>,
    #[serde(default)]
    pub outputs: Vec<Asked>,
}

/// A tensor that is given.
#[derive(Debug, Deserialize)]
pub(super) struct Input {
    name: String,
    shape: Vec<usize>,
    datatype: String,
    data: Data,
}

/// An answer that is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    name: String,
}

/// What is answered.
#[derive(Debug, Serialize)]
pub(super) struct InferResponse<'a> {
    pub model_name: &'a str,
    pub model_version: &'a str,
    pub id: &'a str,
    pub outputs: Vec<Output>,
}

/// A tensor that is answered.
#[derive(Debug, Serialize)]
pub(super) struct Output {
    name: String,
    datatype: &'static str,
    shape: Vec<usize>,
    data: Answered,
}

/// The values of an answer, in row-major order.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Answered {
    Texts(Vec<String>),
    Booleans(Vec<bool>),
    Integers(Vec<i64>),
    Floats(Vec<f64>),
}

/// The values of a tensor, in row-major order.
#[derive(Debug)]
enum Data {
    Numbers(Vec<f64>),
    Texts(Vec<String>),
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        Flat { numbers: &mut numbers, texts: &mut texts, depth: 0 }.deserialize(deserializer)?;
        match texts.is_empty() {
            true => Ok(Data::Numbers(numbers)),
            false if numbers.is_empty() => Ok(Data::Texts(texts)),
            false => Err(de::Error::custom("a tensor holds both texts and numbers")),
        }
    }
}

/// Reads the values of a tensor, whose lists may lie in one another.
struct Flat<'a> {
    numbers: &'a mut Vec<f64>,
    texts: &'a mut Vec<String>,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Flat<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flat<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.depth {
            0 => "a list of numbers or texts",
            _ => "numbers or texts",
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<(), A::Error> {
        if self.depth == DEEPEST {
            return Err(de::Error::custom("the lists of a tensor lie too deep in one another"));
        }
        let Flat { numbers, texts, depth } = self;
        let depth = depth + 1;
        while values.next_element_seed(Flat { numbers, texts, depth })?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.visit_f64(f64::from(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.visit_f64(value as f64)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        match self.depth {
            0 => Err(de::Error::invalid_type(de::Unexpected::Float(value), &self)),
            _ => {
                self.numbers.push(value);
                Ok(())
            }
        }
    }

    /// A missing value.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.visit_f64(f64::NAN)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        match self.depth {
            0 => Err(de::Error::invalid_type(de::Unexpected::Str(text), &self)),
            _ => {
                self.texts.push(text.to_owned());
                Ok(())
            }
        }
    }
}

/// The whole numbers that a datatype holds, and whether it holds others.
fn range(datatype: &str) -> Option<(f64, f64)> {
    Some(match datatype {
        "BOOL" => (0.0, 1.0),
        "UINT8" => (0.0, f64::from(u8::MAX)),
        "UINT16" => (0.0, f64::from(u16::MAX)),
        "UINT32" => (0.0, f64::from(u32::MAX)),
        "UINT64" => (0.0, u64::MAX as f64),
        "INT8" => (f64::from(i8::MIN), f64::from(i8::MAX)),
        "INT16" => (f64::from(i16::MIN), f64::from(i16::MAX)),
        "INT32" => (f64::from(i32::MIN), f64::from(i32::MAX)),
        "INT64" => (i64::MIN as f64, i64::MAX as f64),
        _ => return None,
    })
}

impl Input {
    /// How many rows there are, and how many values each has.
    fn rows(&self) -> Result<(usize, usize), Refusal> {
        let bad = |problem: &str| {
            Refusal::bad(format!("tensor {:?} of shape {:?}: {problem}", self.name, self.shape))
        };
        let Some((&rows, others)) = self.shape.split_first() else {
            return Err(bad("give the number of rows first"));
        };
        let width = others.iter().try_fold(1usize, |width, &side| width.checked_mul(side));
        let found = match &self.data {
            Data::Numbers(numbers) => numbers.len(),
            Data::Texts(texts) => texts.len(),
        };
        match width {
            Some(width) if rows.checked_mul(width) == Some(found) => Ok((rows, width)),
            _ => Err(bad(&format!("the data has {found} values"))),
        }
    }

    /// The values as those of the datatype.
    fn values(self) -> Result<Data, Refusal> {
        let Input { name, datatype, data, .. } = self;
        let bad = |problem: String| Refusal::bad(format!("tensor {name:?}: {problem}"));
        match (datatype.as_str(), data) {
            ("BYTES", Data::Texts(texts)) => Ok(Data::Texts(texts)),
            ("BYTES", Data::Numbers(numbers)) if numbers.is_empty() => Ok(Data::Texts(Vec::new())),
            ("BYTES", Data::Numbers(_)) => Err(bad("BYTES are given as texts".to_owned())),
            (_, Data::Texts(_)) => Err(bad(format!("texts are BYTES, not {datatype}"))),
            ("FP64", Data::Numbers(numbers)) => Ok(Data::Numbers(numbers)),
            // as numpy's float32: what a client computed with
            ("FP32", Data::Numbers(numbers)) => {
                Ok(Data::Numbers(numbers.into_iter().map(|it| f64::from(it as f32)).collect()))
            }
            (_, Data::Numbers(numbers)) => match range(&datatype) {
                Some((least, most)) => {
                    let fits =
                        |number: f64| number.fract() == 0.0 && (least..=most).contains(&number);
                    match numbers.iter().find(|number| !fits(**number)) {
                        None => Ok(Data::Numbers(numbers)),
                        Some(number) => Err(bad(format!("{number} is no {datatype}"))),
                    }
                }
                None => Err(bad(format!(
                    "the datatype {datatype:?} is not taken; use FP64, FP32, BOOL, INT8 to INT64, \
                     UINT8 to UINT64 or BYTES"
                ))),
            },
        }
    }
}

impl InferRequest {
    /// The table that is asked about: one tensor with all columns, or one for each by its name.
    pub fn table(&mut self, columns: &Columns, most: usize) -> Result<Frame, Refusal> {
        let inputs = std::mem::take(&mut self.inputs);
        let mut sizes = Vec::with_capacity(inputs.len());
        for input in &inputs {
            sizes.push(input.rows()?);
        }
        let Some(&(rows, width)) = sizes.first() else {
            return Err(Refusal::bad("`inputs` is empty: give a tensor".to_owned()));
        };
        if rows > most {
            return Err(Refusal::too_large(format!(
                "more than {most} rows in one request; send them in several"
            )));
        }
        if let Some(place) = sizes.iter().position(|(other, _)| *other != rows) {
            let name = inputs.get(place).map_or("", |input| input.name.as_str());
            return Err(Refusal::bad(format!(
                "tensor {name:?} has another number of rows than the first"
            )));
        }
        let mut inputs = inputs;
        let is_named =
            |input: &Input| columns.names().is_some_and(|names| names.contains(&input.name));
        let one = inputs.len() == 1 && !inputs.first().is_some_and(is_named);
        if one && let Some(input) = inputs.pop() {
            if width != columns.count() {
                return Err(Refusal::bad(format!(
                    "tensor {:?} has {width} values in a row, and the model takes {}",
                    input.name,
                    columns.count()
                )));
            }
            return match input.values()? {
                Data::Numbers(numbers) => columns.block(rows, numbers),
                Data::Texts(texts) => columns.texts(rows, texts),
            };
        }
        let mut named = Vec::with_capacity(inputs.len());
        for (input, (_, width)) in inputs.into_iter().zip(sizes) {
            if width != 1 {
                return Err(Refusal::bad(format!(
                    "tensor {:?} has {width} values in a row: of several tensors each is one column",
                    input.name
                )));
            }
            let name = input.name.clone();
            let column = match input.values()? {
                Data::Numbers(numbers) => Column::Numbers(numbers),
                Data::Texts(texts) => Column::Words(texts.into_iter().map(Some).collect()),
            };
            named.push((name, column));
        }
        columns.table(named)
    }

    /// The methods that are asked for.
    pub fn methods(&self, own: &[&'static str]) -> Result<Vec<Method>, Refusal> {
        let asked = |name: &str| match name.parse::<Method>() {
            Ok(method) if own.contains(&method.name()) => Ok(method),
            Ok(_) | Err(_) => Err(Refusal::bad(format!(
                "there is no output {name:?}; the model's are {}",
                outputs_of(own).map(Method::name).collect::<Vec<_>>().join(", ")
            ))),
        };
        match self.outputs.is_empty() {
            true => outputs_of(own)
                .next()
                .map(|method| vec![method])
                .ok_or_else(|| Refusal::bad("this model answers nothing".to_owned())),
            false => {
                let mut methods = Vec::with_capacity(1);
                for Asked { name } in &self.outputs {
                    let method = asked(name)?;
                    // each would be computed
                    if methods.contains(&method) {
                        return Err(Refusal::bad(format!("the output {name:?} is named twice")));
                    }
                    methods.push(method);
                }
                Ok(methods)
            }
        }
    }
}

/// The methods that a model answers rows by.
pub(super) fn outputs_of(own: &[&'static str]) -> impl Iterator<Item = Method> {
    Method::ALL.into_iter().filter(move |method| own.contains(&method.name()))
}

impl Output {
    /// What a method answered.
    pub fn of(method: Method, answer: Answer) -> Result<Output, Refusal> {
        let floats = |shape: Vec<usize>, data: Vec<f64>| ("FP64", shape, Answered::Floats(data));
        let (datatype, shape, data) = match answer {
            Answer::Labels(labels) => {
                let rows = labels.len();
                let (datatype, data) = labelled(labels);
                (datatype, vec![rows], data)
            }
            Answer::LabelsByOutput(outputs) => {
                let rows = outputs.first().map_or(0, Labels::len);
                let shape = vec![rows, outputs.len()];
                let (datatype, data) = labelled(row_by_row(&outputs, rows)?);
                (datatype, shape, data)
            }
            Answer::Numbers(numbers) => {
                floats(numbers.shape().to_vec(), numbers.iter().copied().collect())
            }
            Answer::NumbersByOutput(outputs) => {
                // rows × outputs × classes, where each output has as many classes
                let (rows, classes) = outputs.first().map_or((0, 0), |first| first.dim());
                if outputs.iter().any(|output| output.dim() != (rows, classes)) {
                    return Err(Refusal::bad(
                        "the outputs have different numbers of classes, which no tensor holds; ask \
                         /predict"
                            .to_owned(),
                    ));
                }
                let by_row = (0..rows).flat_map(|row| outputs.iter().map(move |it| it.row(row)));
                let data = by_row.flat_map(|row| row.to_vec()).collect();
                floats(vec![rows, outputs.len(), classes], data)
            }
            Answer::Leaves(leaves) => {
                let data = leaves.iter().map(|&leaf| leaf as i64).collect();
                ("INT64", leaves.shape().to_vec(), Answered::Integers(data))
            }
            Answer::Table(table) => {
                let (rows, columns) = table.shape();
                match table.numbers() {
                    Some(numbers) => floats(vec![rows, columns], numbers.iter().copied().collect()),
                    None => {
                        let columns_of_labels: Vec<Labels> =
                            table.into_columns().into_iter().map(texts_of).collect();
                        let (datatype, data) = labelled(row_by_row(&columns_of_labels, rows)?);
                        (datatype, vec![rows, columns], data)
                    }
                }
            }
        };
        Ok(Output { name: method.name().to_owned(), datatype, shape, data })
    }
}

/// A column as texts.
fn texts_of(column: Column) -> Labels {
    Labels::Text(match column {
        Column::Numbers(numbers) => numbers.iter().map(f64::to_string).collect(),
        Column::Words(words) => words.into_iter().map(Option::unwrap_or_default).collect(),
    })
}

/// Labels of several outputs, row by row.
fn row_by_row(outputs: &[Labels], rows: usize) -> Result<Labels, Refusal> {
    let each = (0..rows).flat_map(|row| outputs.iter().map(move |labels| labels.get(row)));
    let each: Vec<Label> = each.flatten().collect();
    let kind = |label: &Label| std::mem::discriminant(label);
    if each.windows(2).any(|pair| matches!(pair, [a, b] if kind(a) != kind(b))) {
        return Err(Refusal::bad(
            "the outputs have labels of different kinds, which no tensor holds; ask /predict"
                .to_owned(),
        ));
    }
    Ok(match each.first() {
        Some(Label::Boolean(_)) => Labels::Booleans(
            each.iter()
                .filter_map(|it| if let Label::Boolean(it) = it { Some(*it) } else { None })
                .collect(),
        ),
        Some(Label::Integer(_)) => Labels::Integers(
            each.iter()
                .filter_map(|it| if let Label::Integer(it) = it { Some(*it) } else { None })
                .collect(),
        ),
        Some(Label::Float(_)) => Labels::Floats(
            each.iter()
                .filter_map(|it| if let Label::Float(it) = it { Some(*it) } else { None })
                .collect(),
        ),
        Some(Label::Text(_)) | None => Labels::Text(each.iter().map(ToString::to_string).collect()),
    })
}

fn labelled(labels: Labels) -> (&'static str, Answered) {
    match labels {
        Labels::Text(texts) => ("BYTES", Answered::Texts(texts)),
        Labels::Booleans(booleans) => ("BOOL", Answered::Booleans(booleans)),
        Labels::Integers(integers) => ("INT64", Answered::Integers(integers)),
        Labels::Floats(floats) => ("FP64", Answered::Floats(floats)),
    }
}

/// The datatype of a model's classes or estimates.
pub(super) fn datatype_of(labels: Option<&Labels>) -> &'static str {
    match labels {
        Some(Labels::Text(_)) => "BYTES",
        Some(Labels::Booleans(_)) => "BOOL",
        Some(Labels::Integers(_)) => "INT64",
        Some(Labels::Floats(_)) | None => "FP64",
    }
}
