//! Rows that are asked about, from JSON or CSV, as the table that a model takes.

use std::collections::HashMap;
use std::fmt;

use ndarray::Array2;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::refusal::Refusal;
use crate::any_model::AnyModel;
use crate::data::{
    self, Column, ColumnId, CsvOptions, Dtype, Encoding, Features, Frame, FrameFile,
};
use crate::model::{self, Answer, Method};

/// The name of the column of texts, of a model that takes texts.
const TEXT: &str = "text";

/// How many cells rows may have when their words have become numbers.
const MOST_CELLS: usize = 1 << 24;

/// How many columns are named in a message at most.
const NAMED: usize = 8;

/// The columns that a model is asked with, and how they become what it takes.
#[derive(Debug)]
pub(super) struct Columns {
    /// Their names, if the model knows them.
    names: Option<Vec<String>>,
    places: HashMap<String, usize>,
    count: usize,
    /// The target of the fit, which rows may have and which is left out.
    target: Option<String>,
    /// How words become numbers, of a model that was fitted here on columns of words.
    encoding: Option<Encoding>,
    /// Whether the model leaves columns out that it does not know.
    takes_others: bool,
    takes_texts: bool,
}

impl Columns {
    /// The columns that a model is asked with.
    pub fn of(model: &AnyModel) -> Columns {
        let takes_texts = model::Model::takes_text(model);
        let encoding = model.schema().and_then(|schema| schema.encoding()).cloned();
        let names = match (&encoding, takes_texts) {
            (Some(encoding), _) => {
                Some(encoding.columns().iter().map(|column| column.name().to_owned()).collect())
            }
            (None, true) => Some(vec![TEXT.to_owned()]),
            (None, false) => model.feature_names().map(<[String]>::to_vec),
        };
        let count = match &names {
            Some(names) => names.len(),
            None => model.n_features(),
        };
        let places = names.iter().flatten().cloned().zip(0..).collect();
        let target = model.schema().map(|schema| schema.target_name().to_owned());
        Columns {
            takes_others: takes_others(model),
            names,
            places,
            count,
            target,
            encoding,
            takes_texts,
        }
    }

    /// Their names, if they are known.
    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Whether each row is a text.
    pub fn takes_texts(&self) -> bool {
        self.takes_texts
    }

    /// The place of a column by its name: nothing for one that is left out.
    fn place(&self, name: &str) -> Result<Option<usize>, String> {
        match (self.places.get(name), &self.names) {
            (Some(&place), _) => Ok(Some(place)),
            (None, None) => {
                Err("this model knows no names of columns: give each row as a list of \
                                 numbers"
                    .to_owned())
            }
            (None, Some(_)) if self.takes_others || self.target.as_deref() == Some(name) => {
                Ok(None)
            }
            (None, Some(names)) => Err(format!(
                "this model was fitted without a column {name:?}; its columns are {}",
                listed(names)
            )),
        }
    }

    /// What the model answers about a table with these columns.
    pub fn ask(&self, model: &AnyModel, table: &Frame, method: Method) -> Result<Answer, Refusal> {
        let answer = match &self.encoding {
            None => model.ask(table, method),
            Some(_) => {
                let features = self.features(table)?;
                model.ask(&Frame::from(Features::from(&features)), method)
            }
        };
        answer.map_err(|error| match error {
            error @ model::Error::Internal { .. } => Refusal::failed(error.to_string()),
            error => Refusal::bad(error.to_string()),
        })
    }

    /// A table with these columns as the numbers that the model was fitted on.
    pub fn features(&self, table: &Frame) -> Result<Array2<f64>, Refusal> {
        let words =
            || Refusal::bad("a column holds words where the model takes numbers".to_owned());
        match &self.encoding {
            None => table.numbers().map(ndarray::CowArray::into_owned).ok_or_else(words),
            Some(encoding) => {
                let rows = table.shape().0;
                if rows.saturating_mul(encoding.n_features()) > MOST_CELLS {
                    return Err(Refusal::too_large(format!(
                        "{rows} rows of {} one-hot columns and others are too many in one request; \
                         send them in several",
                        encoding.n_features()
                    )));
                }
                encoding.encode(table).map_err(|error| Refusal::bad(error.to_string()))
            }
        }
    }

    /// The rows of a body of comma-separated values, whose first line names the columns.
    pub fn read_csv(&self, body: &[u8], most: usize) -> Result<Frame, Refusal> {
        let mut options = CsvOptions::new();
        let encoded = self.encoding.iter().flat_map(|encoding| encoding.columns());
        for column in encoded.filter(|column| column.categories().is_some()) {
            options = options.dtype(ColumnId::from(column.name()), Dtype::Str);
        }
        let bad = |error| match error {
            data::Error::NoHeader { line, .. } => Refusal::bad(format!(
                "the first line looks like a row of data ({line}); it must name the columns"
            )),
            error => Refusal::bad(error.to_string()),
        };
        let mut file = match self.takes_texts {
            true => FrameFile::read_texts(body, "the body", &options),
            false => FrameFile::read(body, "the body", self.names(), self.count, &options),
        }
        .map_err(bad)?;
        if !self.takes_others && self.names.is_some() {
            for name in file.other_names() {
                self.place(&name).map_err(Refusal::bad)?;
            }
        }
        let (mut frames, mut rows) = (Vec::new(), 0);
        while let Some((frame, _lines)) = file.next_block().map_err(bad)? {
            rows += frame.shape().0;
            if rows > most {
                return Err(too_many(most));
            }
            frames.push(frame);
        }
        joined(frames, rows)
    }

    /// The rows of a JSON value: a list of rows, each an object by the columns' names or a list in
    /// their order; of a model that takes texts, a list of texts, too.
    pub fn seed(&self, most: usize) -> Rows<'_> {
        Rows { columns: self, most }
    }

    /// A table of columns that are given by name, or of one block of numbers.
    pub fn table(&self, named: Vec<(String, Column)>) -> Result<Frame, Refusal> {
        let mut columns: Vec<Option<Column>> = (0..self.count).map(|_| None).collect();
        for (name, column) in named {
            if let Some(place) = self.place(&name).map_err(Refusal::bad)?
                && let Some(slot) = columns.get_mut(place)
                && slot.replace(column).is_some()
            {
                return Err(Refusal::bad(format!("two columns are named {name:?}")));
            }
        }
        let names = self.names.iter().flatten();
        let missing: Vec<&String> = names
            .zip(&columns)
            .filter(|(_, column)| column.is_none())
            .map(|(name, _)| name)
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::bad(missing_columns(&missing)));
        }
        let frame = Frame::unnamed(columns.into_iter().flatten())
            .map_err(|error| Refusal::bad(error.to_string()))?;
        self.with_names(frame)
    }

    /// A block of numbers with a column for each of the model's.
    pub fn block(&self, rows: usize, numbers: Vec<f64>) -> Result<Frame, Refusal> {
        let numbers = Array2::from_shape_vec((rows, self.count), numbers).map_err(|_| {
            Refusal::bad("the shape of the rows is not that of their numbers".into())
        })?;
        self.with_names(Frame::from_numbers(numbers))
    }

    /// A block of texts with a column for each of the model's.
    pub fn texts(&self, rows: usize, texts: Vec<String>) -> Result<Frame, Refusal> {
        let mut columns: Vec<Vec<Option<String>>> = vec![Vec::with_capacity(rows); self.count];
        for (place, text) in texts.into_iter().enumerate() {
            if let Some(column) = columns.get_mut(place % self.count.max(1)) {
                column.push(Some(text));
            }
        }
        let frame = Frame::unnamed(columns.into_iter().map(Column::Words))
            .map_err(|error| Refusal::bad(error.to_string()))?;
        self.with_names(frame)
    }

    fn with_names(&self, frame: Frame) -> Result<Frame, Refusal> {
        match (&self.names, self.takes_texts) {
            (Some(names), false) => {
                frame.with_names(names.clone()).map_err(|error| Refusal::bad(error.to_string()))
            }
            _ => Ok(frame),
        }
    }
}

/// Whether a model leaves out columns that it does not know, as scikit-learn's column transformer.
fn takes_others(model: &AnyModel) -> bool {
    let Some(names) = model.feature_names() else { return false };
    if model.abilities().tables.is_none() {
        return false;
    }
    // a name that no other column has
    let other = names.iter().map(String::as_str).max().unwrap_or_default().to_owned() + "_";
    let columns = names.iter().cloned().chain([other]);
    let columns = columns.map(|name| (name, Column::Numbers(Vec::new())));
    let method =
        Method::ALL.into_iter().find(|method| model.abilities().methods().contains(&method.name()));
    match (Frame::named(columns), method) {
        (Ok(frame), Some(method)) => !matches!(
            model.ask(&frame, method),
            Err(model::Error::FeatureNames { .. } | model::Error::Columns { .. })
        ),
        _ => false,
    }
}

fn missing_columns(missing: &[impl AsRef<str>]) -> String {
    format!(
        "the model was also fitted on {}: give it, with null for a value that is missing",
        listed(missing)
    )
}

fn too_many(most: usize) -> Refusal {
    Refusal::too_large(format!("more than {most} rows in one request; send them in several"))
}

/// Names in quotes, shortened.
fn listed(names: &[impl AsRef<str>]) -> String {
    let mut listed: Vec<String> =
        names.iter().take(NAMED).map(|name| format!("{:?}", name.as_ref())).collect();
    if names.len() > NAMED {
        listed.push(format!("{} more", names.len() - NAMED));
    }
    listed.join(", ")
}

/// Blocks of rows as one table.
fn joined(mut frames: Vec<Frame>, rows: usize) -> Result<Frame, Refusal> {
    if frames.len() == 1
        && let Some(frame) = frames.pop()
    {
        return Ok(frame);
    }
    let names = frames.first().and_then(|frame| frame.names()).map(<[String]>::to_vec);
    let mut columns: Vec<Column> = Vec::new();
    for frame in frames {
        for (place, part) in frame.into_columns().into_iter().enumerate() {
            match (columns.get_mut(place), part) {
                (Some(Column::Numbers(all)), Column::Numbers(part)) => all.extend(part),
                (Some(Column::Words(all)), Column::Words(part)) => all.extend(part),
                (_, part) => {
                    let mut part = part;
                    if let Column::Numbers(numbers) = &mut part {
                        numbers.reserve(rows.saturating_sub(numbers.len()));
                    }
                    columns.push(part);
                }
            }
        }
    }
    let frame = Frame::unnamed(columns).map_err(|error| Refusal::bad(error.to_string()))?;
    match names {
        Some(names) => frame.with_names(names).map_err(|error| Refusal::bad(error.to_string())),
        None => Ok(frame),
    }
}

/// One value of a row.
enum Cell {
    Number(f64),
    Word(String),
    Missing,
}

/// Reads a number, a boolean, a text, or null.
struct CellVisitor;

impl<'de> Visitor<'de> for CellVisitor {
    type Value = Cell;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a text, true, false or null")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Cell, E> {
        Ok(Cell::Number(f64::from(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Cell, E> {
        Ok(Cell::Number(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Cell, E> {
        Ok(Cell::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Cell, E> {
        Ok(Cell::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Cell, E> {
        Ok(Cell::Word(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Cell, E> {
        Ok(Cell::Word(value))
    }

    fn visit_unit<E>(self) -> Result<Cell, E> {
        Ok(Cell::Missing)
    }
}

impl<'de> DeserializeSeed<'de> for CellVisitor {
    type Value = Cell;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cell, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Rows that are being read: numbers side by side, and the words of the columns that have some.
struct Builder<'a> {
    columns: &'a Columns,
    numbers: Vec<f64>,
    words: Vec<Option<Vec<Option<String>>>>,
    rows: usize,
    /// Which columns of the row have been given.
    given: Vec<bool>,
}

impl<'a> Builder<'a> {
    fn new(columns: &'a Columns) -> Self {
        let count = columns.count;
        Builder {
            columns,
            numbers: Vec::new(),
            words: Vec::new(),
            rows: 0,
            given: vec![false; count],
        }
    }

    fn begin(&mut self) {
        self.given.fill(false);
        self.numbers.resize(self.numbers.len() + self.columns.count, f64::NAN);
    }

    fn set(&mut self, place: usize, cell: Cell) -> Result<(), String> {
        let count = self.columns.count;
        let name = || match &self.columns.names {
            Some(names) => format!("{:?}", names.get(place).map_or("", String::as_str)),
            None => place.to_string(),
        };
        match self.given.get_mut(place) {
            Some(given) if !*given => *given = true,
            Some(_) => return Err(format!("row {} has the column {} twice", self.rows, name())),
            None => return Err(format!("row {} has more than {count} values", self.rows)),
        }
        let mixed =
            || format!("column {} holds both words and numbers, up to row {}", name(), self.rows);
        match cell {
            Cell::Missing => {}
            Cell::Number(number) => {
                let is_of_words = self.words.get(place).is_some_and(|words| {
                    words.as_ref().is_some_and(|words| words.iter().any(Option::is_some))
                });
                if is_of_words {
                    return Err(mixed());
                }
                if let Some(slot) = self.numbers.get_mut(self.rows * count + place) {
                    *slot = number;
                }
            }
            Cell::Word(word) => {
                if self.words.is_empty() {
                    self.words.resize_with(count, || None);
                }
                let column = self.words.get_mut(place);
                if column.as_ref().is_some_and(|column| column.is_none())
                    && self.numbers.iter().skip(place).step_by(count.max(1)).any(|it| !it.is_nan())
                {
                    return Err(mixed());
                }
                if let Some(column) = column {
                    let words = column.get_or_insert_default();
                    words.resize(self.rows, None);
                    words.push(Some(word));
                }
            }
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), String> {
        if self.given.iter().any(|given| !given) {
            let missing = self.given.iter().enumerate().filter(|(_, given)| !**given);
            return Err(match &self.columns.names {
                Some(names) => {
                    let missing: Vec<&String> =
                        missing.filter_map(|(place, _)| names.get(place)).collect();
                    format!("row {}: {}", self.rows, missing_columns(&missing))
                }
                None => format!(
                    "row {} has {} values, and the model takes {}",
                    self.rows,
                    self.columns.count - missing.count(),
                    self.columns.count
                ),
            });
        }
        self.rows += 1;
        Ok(())
    }

    fn finish(self) -> Result<Frame, Refusal> {
        let (count, rows) = (self.columns.count, self.rows);
        if self.words.iter().all(Option::is_none) {
            return self.columns.block(rows, self.numbers);
        }
        let columns = self.words.into_iter().enumerate().map(|(place, words)| match words {
            Some(mut words) => {
                words.resize(rows, None);
                Column::Words(words)
            }
            None => Column::Numbers(
                self.numbers.iter().skip(place).step_by(count.max(1)).copied().collect(),
            ),
        });
        let frame = Frame::unnamed(columns).map_err(|error| Refusal::bad(error.to_string()))?;
        self.columns.with_names(frame)
    }
}

/// Reads the rows of a JSON value.
pub(super) struct Rows<'a> {
    columns: &'a Columns,
    most: usize,
}

/// Rows that were read, or what is wrong with them.
pub(super) type Read = Result<Frame, Refusal>;

impl<'de> DeserializeSeed<'de> for Rows<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows, each an object or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<Read, A::Error> {
        let mut builder = Builder::new(self.columns);
        let mut problem = None;
        while let Some(read) = rows.next_element_seed(Row { builder: &mut builder })? {
            if let Err(told) = read {
                problem.get_or_insert(Refusal::bad(told));
                break;
            }
            if builder.rows > self.most {
                problem.get_or_insert(too_many(self.most));
                break;
            }
        }
        if let Some(problem) = problem {
            // the rest is passed over, so that a mistake in the text is not told of in its place
            while rows.next_element::<de::IgnoredAny>()?.is_some() {}
            return Ok(Err(problem));
        }
        Ok(builder.finish())
    }

    /// One row alone, as an object.
    fn visit_map<A: MapAccess<'de>>(self, row: A) -> Result<Read, A::Error> {
        let mut builder = Builder::new(self.columns);
        match (Row { builder: &mut builder }).visit_map(row)? {
            Ok(()) => Ok(builder.finish()),
            Err(told) => Ok(Err(Refusal::bad(told))),
        }
    }
}

/// Reads a row.
struct Row<'b, 'a> {
    builder: &'b mut Builder<'a>,
}

impl<'de> DeserializeSeed<'de> for Row<'_, '_> {
    type Value = Result<(), String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_, '_> {
    type Value = Result<(), String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.builder.columns.takes_texts {
            true => f.write_str("a text, or an object with a text"),
            false => f.write_str("an object by the names of the columns, or a list of values"),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        self.builder.begin();
        let mut result = Ok(());
        while let Some(name) = row.next_key_seed(Name(self.builder.columns))? {
            let cell = row.next_value_seed(CellVisitor)?;
            match name {
                _ if result.is_err() => {}
                Ok(Some(place)) => result = self.builder.set(place, cell),
                Ok(None) => {}
                Err(told) => result = Err(format!("row {}: {told}", self.builder.rows)),
            }
        }
        Ok(result.and_then(|()| self.builder.end()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        self.builder.begin();
        let (mut place, mut result) = (0, Ok(()));
        while let Some(cell) = row.next_element_seed(CellVisitor)? {
            if result.is_ok() {
                result = self.builder.set(place, cell);
            }
            place += 1;
        }
        Ok(result.and_then(|()| self.builder.end()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if !self.builder.columns.takes_texts {
            return Err(de::Error::invalid_type(de::Unexpected::Str(text), &self));
        }
        self.builder.begin();
        let set = self.builder.set(0, Cell::Word(text.to_owned()));
        Ok(set.and_then(|()| self.builder.end()))
    }
}

/// Reads the name of a column as its place.
struct Name<'a>(&'a Columns);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Result<Option<usize>, String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name<'_> {
    type Value = Result<Option<usize>, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a column")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.place(name))
    }
}
