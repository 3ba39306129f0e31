//! The models that are served: their files, versions and cards, loaded and replaced while requests
//! are answered.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;

use serde_json::Value;

use super::error::Error;
use super::log::{Level, Log};
use super::metrics::{Metrics, OfModel};
use super::refusal::Refusal;
use super::table::Columns;
use crate::any_model::AnyModel;
use crate::data::{Column, Frame};
use crate::files::write_atomically;
use crate::inspect;
use crate::model::Method;
use crate::monitor::log::Moment;
use crate::monitor::registry::{
    CARD, CURRENT, chosen, folders_in, model_in, open, read_card, sha256, versions_in,
};
use crate::pickle::{self, Limits, check_length, read_all};

/// How many digits of a file's hash name the version of a model that has no folder of versions.
const DIGITS: usize = 12;

/// How many reasons are told why a file is refused.
const REASONS: usize = 3;

/// What is served: a file under a name, or a folder of models and their versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    File { name: String, path: PathBuf },
    Folder { path: PathBuf },
}

impl Source {
    /// What a user names: `PATH`, or `NAME=PATH`.
    pub fn named(told: &OsStr) -> Result<Source, Error> {
        let (name, path) = match told.to_str().and_then(|told| told.split_once('=')) {
            Some((name, path)) if !Path::new(told).exists() => (Some(name), PathBuf::from(path)),
            _ => (None, PathBuf::from(told)),
        };
        if path.is_dir() {
            return match name {
                None => Ok(Source::Folder { path }),
                Some(_) => Err(Error::NamedFolder { path }),
            };
        }
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let name = name.map_or_else(|| stem.unwrap_or_default(), str::to_owned);
        match is_name(&name) {
            true => Ok(Source::File { name, path }),
            false => Err(Error::Name { name, path }),
        }
    }
}

/// Whether a name can stand in a path of the server.
fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && name.chars().all(is_plain) && !name.starts_with('.')
}

/// A version of a model, loaded.
#[derive(Debug)]
pub(super) struct Served {
    pub name: String,
    pub version: String,
    pub model: AnyModel,
    pub columns: Columns,
    /// What it answers rows by, `predict` first if it has it.
    pub methods: Vec<&'static str>,
    pub path: PathBuf,
    pub bytes: u64,
    pub sha256: String,
    pub loaded: Moment,
    pub card: Option<Value>,
    pub metrics: OfModel,
}

/// The versions of a model.
#[derive(Debug, Clone)]
pub(super) struct Versions {
    /// From the oldest to the newest; there is at least one.
    pub all: Vec<Arc<Served>>,
    /// The one that answers where no version is named.
    pub current: Arc<Served>,
    /// Where the model's folder is, if it has one.
    folder: Option<PathBuf>,
}

/// The models at a moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Models {
    pub by_name: BTreeMap<String, Versions>,
    /// The files that were refused or could not be read, with the reason.
    pub problems: BTreeMap<PathBuf, String>,
}

impl Models {
    /// A version of a model: the current one if none is named, and the only model if none is.
    pub fn find(&self, name: Option<&str>, version: Option<&str>) -> Result<Arc<Served>, Refusal> {
        let names = || self.by_name.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let versions = match name {
            Some(name) => self.by_name.get(name).ok_or_else(|| {
                Refusal::unknown(format!("there is no model {name:?}; there are: {}", names()))
            })?,
            None => {
                let mut all = self.by_name.values();
                match (all.next(), all.next()) {
                    (Some(only), None) => only,
                    _ => {
                        let problem = format!(
                            "name a model in the path, /models/NAME/predict; there are: {}",
                            names()
                        );
                        return Err(Refusal::unknown(problem));
                    }
                }
            }
        };
        match version {
            None => Ok(Arc::clone(&versions.current)),
            Some(version) => {
                versions.all.iter().find(|served| served.version == version).cloned().ok_or_else(
                    || {
                        let all: Vec<&str> =
                            versions.all.iter().map(|it| it.version.as_str()).collect();
                        Refusal::unknown(format!(
                            "there is no version {version:?} of {:?}; there are: {}",
                            versions.current.name,
                            all.join(", ")
                        ))
                    },
                )
            }
        }
    }
}

/// A file that may hold a version of a model.
#[derive(Debug)]
struct Candidate {
    name: String,
    /// The number of the version, in a folder of versions.
    version: Option<String>,
    path: PathBuf,
    card: Option<PathBuf>,
    folder: Option<PathBuf>,
}

/// By what a file is known to be the same as before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: Option<SystemTime>,
    card_changed: Option<SystemTime>,
    inode: u64,
}

impl Stamp {
    fn of(candidate: &Candidate) -> Option<Stamp> {
        let known = fs::metadata(&candidate.path).ok()?;
        let card = candidate.card.as_ref().and_then(|card| fs::metadata(card).ok());
        Some(Stamp {
            bytes: known.len(),
            changed: known.modified().ok(),
            card_changed: card.and_then(|card| card.modified().ok()),
            inode: inode(&known),
        })
    }
}

#[cfg(unix)]
fn inode(known: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(known)
}

#[cfg(not(unix))]
fn inode(_: &fs::Metadata) -> u64 {
    0
}

/// What became of a file.
#[derive(Debug)]
struct Tried {
    stamp: Option<Stamp>,
    served: Option<Arc<Served>>,
    problem: Option<String>,
}

/// The models, and what keeps them as their files are.
#[derive(Debug)]
pub(super) struct Registry {
    sources: Vec<Source>,
    limits: Limits,
    metrics: Arc<Metrics>,
    now: RwLock<Arc<Models>>,
    tried: Mutex<HashMap<PathBuf, Tried>>,
}

impl Registry {
    /// Loads what there is; fails if a file is refused, or nothing is found.
    pub fn open(
        sources: Vec<Source>,
        limits: Limits,
        metrics: Arc<Metrics>,
        log: &Log,
    ) -> Result<Self, Error> {
        let registry =
            Registry { sources, limits, metrics, now: RwLock::default(), tried: Mutex::default() };
        registry.refresh(log)?;
        let models = registry.now();
        if let Some((path, problem)) = models.problems.iter().next() {
            return Err(Error::Model { path: path.clone(), problem: problem.clone() });
        }
        match models.by_name.is_empty() {
            true => Err(Error::NoModels),
            false => Ok(registry),
        }
    }

    /// The models as they are now.
    pub fn now(&self) -> Arc<Models> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the files again, and loads those that are new or have changed. What was loaded answers
    /// on until what takes its place is ready; a file that is refused changes nothing.
    pub fn refresh(&self, log: &Log) -> Result<(), Error> {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let mut models = Models::default();
        let candidates = self.candidates(&mut models.problems);
        let mut by_name: BTreeMap<String, (Option<PathBuf>, Vec<Arc<Served>>)> = BTreeMap::new();
        let mut seen = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            seen.push(candidate.path.clone());
            let stamp = Stamp::of(&candidate);
            let before = tried.remove(&candidate.path);
            let now = match before {
                Some(before) if before.stamp == stamp => before,
                before => self.load(&candidate, stamp, before, log),
            };
            if let Some(problem) = &now.problem {
                models.problems.insert(candidate.path.clone(), problem.clone());
            }
            if let Some(served) = &now.served {
                let entry = by_name
                    .entry(candidate.name.clone())
                    .or_insert_with(|| (candidate.folder.clone(), Vec::new()));
                if entry.1.iter().any(|other| other.version == served.version)
                    || entry.0 != candidate.folder
                {
                    let first = entry.1.first().map_or(PathBuf::new(), |first| first.path.clone());
                    return Err(Error::SameName {
                        name: candidate.name,
                        first,
                        second: candidate.path,
                    });
                }
                entry.1.push(Arc::clone(served));
            }
            tried.insert(candidate.path, now);
        }
        tried.retain(|path, _| seen.contains(path));
        for (name, (folder, all)) in by_name {
            let chosen = folder.as_ref().and_then(|folder| chosen(folder));
            let newest = all.last().cloned();
            let current = match &chosen {
                Some(chosen) => {
                    let found = all.iter().find(|served| served.version == *chosen).cloned();
                    if let (None, Some(folder)) = (&found, &folder) {
                        let problem = format!("it names version {chosen:?}, which is not there");
                        models.problems.insert(folder.join(CURRENT), problem);
                    }
                    found.or(newest)
                }
                None => newest,
            };
            if let Some(current) = current {
                models.by_name.insert(name, Versions { all, current, folder });
            }
        }
        self.tell_of_changes(&models, log);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(models);
        Ok(())
    }

    /// Makes a version the one that answers; the newest again if none is named.
    pub fn choose(&self, name: &str, version: Option<&str>, log: &Log) -> Result<(), Refusal> {
        let models = self.now();
        let served = models.find(Some(name), version)?;
        let folder = models.by_name.get(name).and_then(|versions| versions.folder.clone());
        let Some(folder) = folder else {
            return Err(Refusal::conflict(format!(
                "{name:?} is a single file, {}; only a folder of versions, NAME/1/model.pkl, has others",
                served.path.display()
            )));
        };
        let path = folder.join(CURRENT);
        let told = |error: &dyn std::fmt::Display| {
            Refusal::failed(format!("cannot keep the choice in {}: {error}", path.display()))
        };
        match version {
            Some(version) => {
                use std::io::Write;
                write_atomically(&path, |file| file.write_all(version.as_bytes()))
                    .map_err(|error| told(&error))?;
            }
            None => match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(told(&error));
                }
                _ => {}
            },
        }
        self.refresh(log).map_err(|error| Refusal::failed(error.to_string()))
    }

    fn tell_of_changes(&self, models: &Models, log: &Log) {
        let before = self.now();
        for (name, versions) in &models.by_name {
            let old = before.by_name.get(name).map(|old| &old.current);
            if old.is_none_or(|old| !Arc::ptr_eq(old, &versions.current)) {
                let current = &versions.current;
                log.event(
                    Level::Info,
                    "serves",
                    &[
                        ("model", name.as_str().into()),
                        ("version", current.version.as_str().into()),
                        ("class", current.model.name().into()),
                        ("path", current.path.display().to_string().into()),
                        ("sha256", current.sha256.as_str().into()),
                    ],
                );
            }
        }
        for name in before.by_name.keys().filter(|name| !models.by_name.contains_key(*name)) {
            log.event(Level::Warning, "serves no more", &[("model", name.as_str().into())]);
        }
        for (path, problem) in &models.problems {
            if before.problems.get(path) != Some(problem) {
                log.event(
                    Level::Warning,
                    "refused",
                    &[
                        ("path", path.display().to_string().into()),
                        ("problem", problem.as_str().into()),
                    ],
                );
            }
        }
    }

    /// The files that there are now.
    fn candidates(&self, problems: &mut BTreeMap<PathBuf, String>) -> Vec<Candidate> {
        let mut candidates = Vec::new();
        for source in &self.sources {
            match source {
                Source::File { name, path } => candidates.push(Candidate {
                    name: name.clone(),
                    version: None,
                    path: path.clone(),
                    card: None,
                    folder: None,
                }),
                Source::Folder { path } => match versions_in(path) {
                    // a folder of versions is a model itself
                    Ok(versions) if !versions.is_empty() => {
                        push_versions(path, versions, &mut candidates, problems);
                    }
                    Ok(_) => match folders_in(path) {
                        Ok(folders) => {
                            for folder in folders {
                                match versions_in(&folder) {
                                    Ok(versions) => {
                                        push_versions(&folder, versions, &mut candidates, problems);
                                    }
                                    Err(error) => _ = problems.insert(folder, error.to_string()),
                                }
                            }
                        }
                        Err(error) => _ = problems.insert(path.clone(), error.to_string()),
                    },
                    Err(error) => _ = problems.insert(path.clone(), error.to_string()),
                },
            }
        }
        candidates
    }

    /// Loads a file; what it held before stays where it is refused.
    fn load(
        &self,
        candidate: &Candidate,
        stamp: Option<Stamp>,
        before: Option<Tried>,
        log: &Log,
    ) -> Tried {
        let started = std::time::Instant::now();
        let before = before.and_then(|before| before.served);
        match load(candidate, &self.limits, &self.metrics) {
            Ok(served) => {
                self.metrics.loaded(&candidate.name, true);
                log.event(
                    Level::Info,
                    "loaded",
                    &[
                        ("model", candidate.name.as_str().into()),
                        ("version", served.version.as_str().into()),
                        ("seconds", started.elapsed().as_secs_f64().into()),
                    ],
                );
                Tried { stamp, served: Some(Arc::new(served)), problem: None }
            }
            Err(problem) => {
                self.metrics.loaded(&candidate.name, false);
                Tried { stamp, served: before, problem: Some(problem) }
            }
        }
    }
}

fn push_versions(
    folder: &Path,
    versions: Vec<(u64, PathBuf)>,
    candidates: &mut Vec<Candidate>,
    problems: &mut BTreeMap<PathBuf, String>,
) {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    if versions.is_empty() || !is_name(&name) {
        return;
    }
    for (number, version) in versions {
        match model_in(&version) {
            Ok(path) => candidates.push(Candidate {
                name: name.clone(),
                version: Some(number.to_string()),
                card: Some(version.join(CARD)),
                path,
                folder: Some(folder.to_owned()),
            }),
            Err(problem) => _ = problems.insert(version, problem),
        }
    }
}

fn load(candidate: &Candidate, limits: &Limits, metrics: &Metrics) -> Result<Served, String> {
    let cannot = |error: std::io::Error| format!("it cannot be read: {error}");
    let file = open(&candidate.path).map_err(cannot)?;
    let length = file.metadata().map_err(cannot)?.len();
    let told = |error: pickle::Error| error.to_string();
    check_length(length, limits).map_err(told)?;
    let bytes = read_all(file, length, limits).map_err(told)?;
    let report = inspect::bytes(&bytes);
    if !report.is_clean() {
        let reasons: Vec<String> = report.reasons().into_iter().take(REASONS).collect();
        return Err(format!("it is not loaded: {}; {}", report.summary(), reasons.join("; ")));
    }
    let model = AnyModel::loads_with(&bytes, limits).map_err(|error| error.to_string())?;
    let sha256 = sha256(&bytes);
    let version = match &candidate.version {
        Some(version) => version.clone(),
        None => sha256.chars().take(DIGITS).collect(),
    };
    let card = match &candidate.card {
        Some(path) => read_card(path)?,
        None => None,
    };
    let columns = Columns::of(&model);
    let own = model.abilities().methods();
    let methods = super::tensor::outputs_of(&own).map(Method::name).collect();
    let served = Served {
        metrics: metrics.of_model(&candidate.name, &version, &model),
        name: candidate.name.clone(),
        version,
        model,
        columns,
        methods,
        path: candidate.path.clone(),
        bytes: bytes.len() as u64,
        sha256,
        loaded: Moment::now(),
        card,
    };
    served.warm();
    Ok(served)
}

impl Served {
    /// Asks for a row, so that the first request finds all of the model in memory.
    fn warm(&self) {
        let row = match self.columns.takes_texts() {
            true => Frame::unnamed([Column::from(["a text"])]).ok(),
            false => self.columns.block(1, vec![0.0; self.columns.count()]).ok(),
        };
        for method in super::tensor::outputs_of(&self.methods) {
            // whether the model takes zeros is not asked here
            _ = row.as_ref().map(|row| self.columns.ask(&self.model, row, method));
        }
    }
}
