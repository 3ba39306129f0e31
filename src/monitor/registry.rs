//! A folder of a model's versions, as `picklebook serve` reads it.
//!
//! `spam/1/model.pkl` is the first version of the model `spam`, `spam/2/model.pkl` the next; beside each
//! may be `card.json`, which tells of it. The newest answers, or the one that the file `spam/current`
//! names.
//!
//! ```
//! use picklebook::monitor::registry::{Card, ModelFolder};
//! use picklebook::prelude::*;
//!
//! let folder = tempfile::tempdir()?;
//! let spam = ModelFolder::new(folder.path().join("spam"));
//! let params = DecisionTreeClassifier::params().max_depth(5);
//! let filter = params.fit(&spambase())?;
//! let card = Card::new(&params.to_string(), "me").trained_on(&spambase(), 0);
//! assert_eq!(spam.add(&pickle::dumps(&filter)?, &card)?, 1);
//! assert_eq!(spam.current()?.map(|it| it.number), Some(1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::log::Moment;
use super::{Rate, Retrained};
use crate::data::Dataset;
use crate::files::{sync_folder, write_atomically};
use crate::model::Model;
use crate::text::hexadecimal;

/// The file beside a version's model that tells of it.
pub(crate) const CARD: &str = "card.json";

/// How long a card may be, in bytes.
const LONGEST_CARD: u64 = 1 << 16;

/// The file in a model's folder that names the version to answer, in place of the newest.
pub(crate) const CURRENT: &str = "current";

/// The file that is locked while a version is added.
const LOCK: &str = ".lock";

/// How the folder of a version begins that is not whole yet.
const MAKING: &str = ".making-";

/// Why a version was not added or found.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The file system refused a step.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The step.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A version that cannot be used.
    #[error("{}: {problem}", path.display())]
    Version {
        /// Its folder or file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Another process is adding a version.
    #[error("{}: a version is being added by another process; try again when it is done", path.display())]
    Busy {
        /// The model's folder.
        path: PathBuf,
    },
}

crate::text::message_as_debug!(RegistryError);

/// How a step failed.
fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> RegistryError {
    let path = path.to_owned();
    move |source| RegistryError::File { action, path: path.clone(), source }
}

/// A version of a model: its number, and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Version {
    /// 1, 2, 3 and so on.
    pub number: u64,
    /// The file of the model.
    pub path: PathBuf,
    /// Whether the file `current` names it: else it is the newest.
    pub is_chosen: bool,
}

/// The folder of a model's versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelFolder {
    path: PathBuf,
}

impl ModelFolder {
    /// A folder, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        ModelFolder { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The version that answers, if there is any.
    ///
    /// # Errors
    /// [`RegistryError::File`] for a folder that cannot be read, [`RegistryError::Version`] where the one
    /// that answers is named and not there, or has no model.
    pub fn current(&self) -> Result<Option<Version>, RegistryError> {
        let all = versions_in(&self.path).map_err(failed("read", &self.path))?;
        let wrong = |path: PathBuf, problem| RegistryError::Version { path, problem };
        let chosen = chosen(&self.path);
        let found = match &chosen {
            Some(chosen) => {
                let found = all.iter().find(|(number, _)| number.to_string() == *chosen);
                if found.is_none() {
                    let problem = format!("it names version {chosen:?}, which is not there");
                    return Err(wrong(self.path.join(CURRENT), problem));
                }
                found
            }
            None => all.last(),
        };
        let Some((number, folder)) = found else { return Ok(None) };
        let path = model_in(folder).map_err(|problem| wrong(folder.clone(), problem))?;
        Ok(Some(Version { number: *number, path, is_chosen: chosen.is_some() }))
    }

    /// The card of a version, if it has one that [`Card`] can be read of.
    pub fn card(&self, number: u64) -> Option<Card> {
        let card = read_card(&self.path.join(number.to_string()).join(CARD)).ok()??;
        serde_json::from_value(card).ok()
    }

    /// Adds a version: the bytes of its model's file, and its card, whose `sha256` becomes that of the
    /// bytes. Gives its number, one more than the highest.
    ///
    /// The files are written into a folder that no server looks into, and put on the disk; then the folder
    /// gets its name. When anything fails, or this process is killed, there is no new version.
    ///
    /// # Errors
    /// [`RegistryError::File`] for what the system refuses, [`RegistryError::Version`] for a card of more
    /// than 64 KiB, [`RegistryError::Busy`] while another process adds one.
    pub fn add(&self, model: &[u8], card: &Card) -> Result<u64, RegistryError> {
        fs::create_dir_all(&self.path).map_err(failed("make", &self.path))?;
        let lock = self.path.join(LOCK);
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock)
            .map_err(failed("open", &lock))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                return Err(RegistryError::Busy { path: self.path.clone() });
            }
            Err(fs::TryLockError::Error(source)) => {
                return Err(failed("lock", &self.path)(source));
            }
        }
        // what a process that was killed left: nobody else is writing now
        for folder in folders_in(&self.path).map_err(failed("read", &self.path))? {
            let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(MAKING) {
                fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
            }
        }
        let versions = versions_in(&self.path).map_err(failed("read", &self.path))?;
        let number = versions.last().map_or(1, |(number, _)| number.saturating_add(1));
        let making = self.path.join(format!("{MAKING}{number}"));
        let home = self.path.join(number.to_string());
        let made = write_version(&making, model, card)
            .and_then(|()| fs::rename(&making, &home).map_err(failed("make", &home)));
        if let Err(error) = made {
            // what cannot be removed now is removed by the next who adds one
            _ = fs::remove_dir_all(&making);
            return Err(error);
        }
        sync_folder(&self.path).map_err(failed("sync", &self.path))?;
        Ok(number)
    }
}

/// Writes the files of a version into a new folder.
fn write_version(folder: &Path, model: &[u8], card: &Card) -> Result<(), RegistryError> {
    fs::create_dir(folder).map_err(failed("make", folder))?;
    let card = Card { sha256: sha256(model), ..card.clone() };
    let mut text = serde_json::to_vec_pretty(&card)
        .map_err(|error| failed("write", folder)(io::Error::other(error.to_string())))?;
    text.push(b'\n');
    if text.len() as u64 > LONGEST_CARD {
        let (path, problem) = (folder.join(CARD), "it would be longer than 64 KiB".to_owned());
        return Err(RegistryError::Version { path, problem });
    }
    for (name, bytes) in [("model.pkl", model), (CARD, &text)] {
        let path = folder.join(name);
        write_atomically(&path, |file| file.write_all(bytes))
            .map_err(|error| failed("write", &path)(io::Error::other(error.to_string())))?;
    }
    Ok(())
}

/// What is told of a version, in `card.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Card {
    /// The model's class and its parameters, as in `DecisionTreeClassifier(max_depth=5)`.
    pub class: String,
    /// The version whose place it takes.
    #[serde(default)]
    pub parent: Option<String>,
    /// When it was made.
    pub created: Moment,
    /// Who made it.
    pub written_by: String,
    /// The hash of the model's file, SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// What it learned from.
    #[serde(default)]
    pub data: Option<CardData>,
    /// How good it was when it was made, and the version before it on the same rows.
    #[serde(default)]
    pub metrics: Option<CardMetrics>,
}

/// The rows that a version learned from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CardData {
    /// How many there are.
    pub rows: usize,
    /// The place of the first among those that were there; the first is 0.
    pub start: usize,
    /// Their hash: see [`rows_sha256`].
    pub sha256: String,
    /// When the first was answered, if it is known.
    #[serde(default)]
    pub first: Option<Moment>,
    /// When the last was answered, if it is known.
    #[serde(default)]
    pub last: Option<Moment>,
}

/// How good a version was when it was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CardMetrics {
    /// How many rows it was judged by.
    pub rows: usize,
    /// When the first of these was answered, if it is known.
    #[serde(default)]
    pub first: Option<Moment>,
    /// When the last was answered, if it is known.
    #[serde(default)]
    pub last: Option<Moment>,
    /// The class whose recall and false alarms are counted, if one was named.
    #[serde(default)]
    pub positive: Option<String>,
    /// The version's own figures.
    pub own: CardFigures,
    /// Those of the version whose place it takes.
    pub parent: CardFigures,
    /// The probability of so great a difference by chance, by McNemar's test.
    pub mcnemar_p: f64,
}

/// Shares of rows, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CardFigures {
    /// The share of right predictions.
    pub accuracy: Option<f64>,
    /// The share of the class that was found.
    #[serde(default)]
    pub recall: Option<f64>,
    /// The share of other rows that were taken for it.
    #[serde(default)]
    pub false_alarms: Option<f64>,
}

impl Card {
    /// A card that was written now.
    pub fn new(class: &str, written_by: &str) -> Self {
        Card {
            class: class.to_owned(),
            parent: None,
            created: Moment::now(),
            written_by: written_by.to_owned(),
            sha256: String::new(),
            data: None,
            metrics: None,
        }
    }

    /// The version whose place it takes.
    pub fn parent(mut self, version: u64) -> Self {
        self.parent = Some(version.to_string());
        self
    }

    /// The rows that it learned from, and the place of the first among those that were there.
    pub fn trained_on(mut self, rows: &Dataset, start: usize) -> Self {
        let sha256 = rows_sha256(rows);
        self.data = Some(CardData { rows: rows.rows(), start, sha256, first: None, last: None });
        self
    }

    /// How it did beside the champion, and when the rows were answered, as far as that is known: a time
    /// for each row of the data, the rows judged by the last.
    pub fn retrained<M: Model>(
        mut self,
        retrained: &Retrained<M>,
        times: &[Option<Moment>],
    ) -> Self {
        let part = |range: std::ops::Range<usize>| {
            let known = || times.get(range.clone()).unwrap_or_default().iter().flatten().copied();
            (known().min(), known().max())
        };
        if let Some(data) = &mut self.data {
            (data.first, data.last) = part(retrained.trained_on());
        }
        let (all, parts) =
            (retrained.comparison(), retrained.on_positives().zip(retrained.on_others()));
        let wrong = |rate: Rate| Rate::new(rate.rows() - rate.hits(), rate.rows()).share();
        let (first, last) = part(retrained.judged_on());
        self.metrics = Some(CardMetrics {
            rows: all.rows(),
            first,
            last,
            positive: retrained.positive().map(|class| class.to_string()),
            own: CardFigures {
                accuracy: all.second().share(),
                recall: parts.and_then(|(positives, _)| positives.second().share()),
                false_alarms: parts.and_then(|(_, others)| wrong(others.second())),
            },
            parent: CardFigures {
                accuracy: all.first().share(),
                recall: parts.and_then(|(positives, _)| positives.first().share()),
                false_alarms: parts.and_then(|(_, others)| wrong(others.first())),
            },
            mcnemar_p: all.mcnemar().exact(),
        });
        self
    }
}

/// A hash of rows: SHA-256 of each row's numbers, as 64-bit floats in little-endian bytes, and its label
/// as it prints, with its length in bytes (64 bits, little-endian) before it.
pub fn rows_sha256(rows: &Dataset) -> String {
    let mut hash = Sha256::new();
    for (numbers, label) in rows.features().rows().into_iter().zip(rows.target().iter()) {
        for number in numbers {
            hash.update(number.to_le_bytes());
        }
        let label = label.to_string();
        hash.update((label.len() as u64).to_le_bytes());
        hash.update(label.as_bytes());
    }
    hexadecimal(&hash.finalize())
}

/// The hash of a file's bytes.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// The folders in a folder, by name.
pub(crate) fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            folders.push(path);
        }
    }
    folders.sort();
    Ok(folders)
}

/// The folders of versions, 1, 2, 3 and so on, from the oldest to the newest.
pub(crate) fn versions_in(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let number = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?;
        name.parse::<u64>().ok().filter(|number| number.to_string() == name)
    };
    let folders = folders_in(folder)?;
    let mut versions: Vec<(u64, PathBuf)> =
        folders.into_iter().filter_map(|path| Some((number(&path)?, path))).collect();
    versions.sort();
    Ok(versions)
}

/// The file of a version's model: `model.` and some ending, or the only file beside the card.
pub(crate) fn model_in(version: &Path) -> Result<PathBuf, String> {
    let cannot = |error: io::Error| error.to_string();
    let mut files = Vec::new();
    for entry in fs::read_dir(version).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        if path.is_file() && name != CARD && !name.starts_with('.') {
            files.push((!name.starts_with("model."), path));
        }
    }
    files.sort();
    match files.as_slice() {
        [(false, path)] | [(true, path)] => Ok(path.clone()),
        [(false, path), (true, _), ..] => Ok(path.clone()),
        [] => Err("there is no model in it: put model.pkl or model.joblib there".to_owned()),
        [..] => Err("there are several models in it; leave one, or call it model.pkl".to_owned()),
    }
}

/// Opens a file, and nothing that would be waited for, such as a named pipe.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    match fs::metadata(path)?.is_file() {
        true => File::open(path),
        false => Err(io::Error::other("it is no file")),
    }
}

/// The version that a model's folder names.
pub(crate) fn chosen(folder: &Path) -> Option<String> {
    let mut text = String::new();
    open(&folder.join(CURRENT)).ok()?.take(64).read_to_string(&mut text).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What a version's card says, if it has one.
pub(crate) fn read_card(path: &Path) -> Result<Option<Value>, String> {
    let told = |problem: &dyn std::fmt::Display| format!("its card, {CARD}: {problem}");
    let mut bytes = Vec::new();
    match open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(told(&error)),
        Ok(file) => {
            file.take(LONGEST_CARD + 1).read_to_end(&mut bytes).map_err(|error| told(&error))?
        }
    };
    if bytes.len() as u64 > LONGEST_CARD {
        return Err(told(&"it is longer than 64 KiB"));
    }
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(card)) => Ok(Some(Value::Object(card))),
        Ok(_) => Err(told(&"it is no JSON object")),
        Err(error) => Err(told(&error)),
    }
}
