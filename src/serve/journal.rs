//! The log of what was predicted, and of the true classes that were told later.

use std::collections::hash_map::RandomState;
use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::answer::Predicted;
use super::error::Error;
use super::models::Served;
use super::refusal::Refusal;
use crate::data::{Column, Frame, Label};
use crate::model::{Answer, Method};
use crate::monitor::log::{
    Cell, Feedback, LogError, LogWriter, Moment, Prediction, SyncPolicy, ids,
};

/// How many predictions are known by their ids, the latest.
const KNOWN: usize = 1_000_000;

/// How many true classes may be told in one request.
const MOST_TOLD: usize = 100_000;

/// The log, open to be written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    writer: Mutex<LogWriter>,
    known: Mutex<Known>,
}

/// The ids of the latest predictions, by their hashes.
#[derive(Debug, Default)]
struct Known {
    hasher: RandomState,
    all: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Known {
    fn add(&mut self, id: &str) {
        let hash = self.hasher.hash_one(id);
        if self.all.insert(hash) {
            self.order.push_back(hash);
            if self.order.len() > KNOWN
                && let Some(oldest) = self.order.pop_front()
            {
                self.all.remove(&oldest);
            }
        }
    }

    fn has(&self, id: &str) -> bool {
        self.all.contains(&self.hasher.hash_one(id))
    }
}

/// The true class of a row, as it is told.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// The row's own id: that of the request, `/` and the row's number.
    id: String,
    class: Label,
}

/// The true classes of one row or of several.
#[derive(Debug)]
struct Body(Vec<Told>);

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BodyVisitor)
    }
}

/// Reads them as they come: what is no list of them is not kept in memory.
struct BodyVisitor;

impl<'de> Visitor<'de> for BodyVisitor {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with an id and a class, or a list of such")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Body, A::Error> {
        Told::deserialize(MapAccessDeserializer::new(map)).map(|one| Body(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Body, A::Error> {
        let mut all = Vec::new();
        while let Some(told) = list.next_element()? {
            // one too many is told of, and no more are needed for that
            if all.len() <= MOST_TOLD {
                all.push(told);
            }
        }
        Ok(Body(all))
    }
}

impl Journal {
    /// Opens a log to go on with, or begins one.
    pub fn open(path: &Path) -> Result<Journal, Error> {
        let failed = |source| Error::File { path: path.to_owned(), source };
        let mut known = Known::default();
        match File::open(path) {
            // a device has no end
            Ok(file) if !file.metadata().is_ok_and(|known| known.is_file()) => {}
            Ok(file) => ids(BufReader::new(file), |id| known.add(id)).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let writer = LogWriter::open(path, SyncPolicy::Never)
            .map_err(|error| failed(io::Error::other(error.to_string())))?;
        Ok(Journal { path: path.to_owned(), writer: Mutex::new(writer), known: Mutex::new(known) })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Keeps what was predicted for each row, under the id of the request, `/` and the row's number.
    /// A model that predicts no single class or number for a row leaves nothing.
    pub fn predicted(
        &self,
        served: &Served,
        id: &str,
        table: &Frame,
        predicted: &Predicted,
    ) -> Result<(), LogError> {
        let Some(Answer::Labels(labels)) = predicted.get(Method::Predict) else { return Ok(()) };
        let scores = match predicted.get(Method::PredictProba) {
            Some(Answer::Numbers(scores)) => Some(scores),
            _ => None,
        };
        let time = Moment::now();
        let columns: Vec<Option<Column>> =
            (0..table.shape().1).map(|place| table.column(place)).collect();
        let mut scores = scores.map(|scores| scores.rows().into_iter());
        for (row, class) in labels.iter().enumerate() {
            let cell = |column: &Option<Column>| match column {
                Some(Column::Numbers(numbers)) => numbers.get(row).copied().map(Cell::from),
                Some(Column::Words(words)) => {
                    words.get(row).and_then(|word| word.as_deref().map(Cell::from))
                }
                None => None,
            };
            let scores = scores.as_mut().and_then(Iterator::next);
            let prediction = Prediction {
                id: format!("{id}/{row}"),
                time,
                model: served.name.clone(),
                version: served.version.clone(),
                row: columns.iter().map(|column| cell(column).unwrap_or(Cell::Missing)).collect(),
                class: class.to_label(),
                scores: scores.map(|scores| scores.to_vec()).unwrap_or_default(),
            };
            // Row by row, so that small requests need not wait for a large one.
            self.writer.lock().unwrap_or_else(PoisonError::into_inner).prediction(&prediction)?;
            self.known.lock().unwrap_or_else(PoisonError::into_inner).add(&prediction.id);
        }
        Ok(())
    }

    /// Keeps the true classes that a body tells, of rows that were predicted before: all, or none if
    /// one of them is unknown. Gives their number.
    pub fn feedback(&self, body: &[u8]) -> Result<usize, Refusal> {
        let Body(told) = serde_json::from_slice(body).map_err(|_| {
            let form = r#"send {"id": "…/0", "class": …}, or a list of such"#;
            Refusal::bad(format!("the body tells no true class: {form}"))
        })?;
        if told.len() > MOST_TOLD {
            let problem =
                format!("more than {MOST_TOLD} rows in one request; send them in several");
            return Err(Refusal::too_large(problem));
        }
        {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(unknown) = told.iter().find(|told| !known.has(&told.id)) {
                let id: String = unknown.id.chars().take(80).collect();
                return Err(Refusal::unknown(format!(
                    "there is no row {id:?} among the last {KNOWN} that were predicted; an id is that \
                     of the answer, / and the number of the row, as in {:?}",
                    format!("{}/0", id.split('/').next().unwrap_or_default())
                )));
            }
        }
        let (rows, time) = (told.len(), Moment::now());
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        for Told { id, class } in told {
            writer.feedback(&Feedback { id, time, class }).map_err(|error| not_kept(&error))?;
        }
        Ok(rows)
    }

    /// Puts on the disk what was written.
    pub fn sync(&self) -> Result<(), LogError> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).sync()
    }
}

/// The refusal of what cannot be kept.
pub(super) fn not_kept(error: &LogError) -> Refusal {
    Refusal { status: 503, problem: format!("the log cannot be written: {error}") }
}
