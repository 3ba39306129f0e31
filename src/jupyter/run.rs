//! Runs notebooks without a browser, and strictly: the kernel answers 'ok' to a panic and to a
//! `?` that failed, this does not.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::error::At;
use super::notebook::{self, Cell, Notebook};
use super::{Error, Places, python};
use crate::files;

const EXECUTE: &str = include_str!("execute.py");

/// How long to wait.
#[derive(Debug, Clone)]
pub struct Limits {
    /// For one cell.
    pub cell: Duration,
    /// For the kernel to start.
    pub start: Duration,
}

/// How a cell ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The kernel answered.
    Done,
    /// It did not answer in time.
    Hung,
    /// Its process was gone.
    Died,
}

/// A cell that ran.
#[derive(Debug, Clone)]
pub struct CellRun {
    /// Its place in the notebook, from 0.
    pub index: usize,
    /// How long it took.
    pub seconds: f64,
    /// How it ended.
    pub ended: Ended,
    /// What it showed.
    pub outputs: Vec<Value>,
}

impl CellRun {
    /// Why this cell counts as failed, or `None` where it succeeded: the kernel hung or died, it
    /// reported an error (a compile error, a crash of the cell), or anything came on standard
    /// error, where panics and the errors of a failed `?` are printed.
    pub fn failure(&self) -> Option<&'static str> {
        let stderr = notebook::stream(&self.outputs, "stderr");
        match self.ended {
            Ended::Hung => Some("no answer from the kernel in time"),
            Ended::Died => Some("the kernel died"),
            Ended::Done if !notebook::errors(&self.outputs).is_empty() => Some("an error"),
            Ended::Done if stderr.contains("panicked at") => Some("a panic"),
            Ended::Done if !stderr.is_empty() => Some("something on standard error"),
            Ended::Done => None,
        }
    }

    /// All that it showed, as plain text.
    pub fn printed(&self) -> String {
        notebook::printed(&self.outputs)
    }
}

/// A notebook being executed by a process of its own.
#[derive(Debug)]
pub(super) struct Execution {
    child: Child,
    copy: Copy,
}

/// The executed copy of a notebook; the file goes when this is dropped.
#[derive(Debug)]
pub(super) struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        // It is not there where the execution ended early.
        let _ = fs::remove_file(&self.0);
    }
}

impl Execution {
    /// Starts a kernel in `folder` and the cells of `notebook` on it.
    pub(super) fn start(
        places: &Places,
        notebook: &Path,
        folder: &Path,
        limits: &Limits,
        adapt: impl FnOnce(&mut Command),
    ) -> Result<Self, Error> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("executed-{}-{number}.ipynb", std::process::id());
        let copy = Copy(places.kernels().join(name));
        let seconds = |limit: Duration| limit.as_secs().max(1).to_string();
        let mut command = Command::new(places.python());
        command
            .args(["-c", EXECUTE])
            .args([notebook, copy.0.as_path(), folder])
            .args([seconds(limits.cell), seconds(limits.start)]);
        jupyter_environment(places, python::clean(&mut command));
        adapt(&mut command);
        // It ends, and its kernel with it, when this pipe closes, in whatever way this command
        // ends. Ctrl-C is not for it.
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let child = command.spawn().at(places.python())?;
        Ok(Execution { child, copy })
    }

    /// Hands over each cell as it ends. Returns the seconds that the kernel took to start, and
    /// the path of the executed copy, where all cells ran.
    pub(super) fn follow(mut self, mut each: impl FnMut(CellRun)) -> Result<Followed, Error> {
        let (mut start, mut finished) = (None, false);
        let lines = self.child.stdout.take().map(BufReader::new);
        for line in lines.into_iter().flat_map(BufRead::lines) {
            let Ok(event) = serde_json::from_str::<Value>(&line.at("the notebook's runner")?)
            else {
                continue;
            };
            match event["event"].as_str() {
                Some("started") => start = event["seconds"].as_f64(),
                Some("finished") => finished = true,
                Some("cell") => each(CellRun {
                    index: event["index"].as_u64().unwrap_or_default() as usize,
                    seconds: event["seconds"].as_f64().unwrap_or_default(),
                    ended: match event["ended"].as_str() {
                        Some("done") => Ended::Done,
                        Some("hung") => Ended::Hung,
                        _ => Ended::Died,
                    },
                    outputs: event["outputs"].as_array().cloned().unwrap_or_default(),
                }),
                _ => {}
            }
        }
        let status = self.child.wait().at("the notebook's runner")?;
        match start {
            Some(start) if status.success() => {
                Ok(Followed { start, copy: finished.then_some(self.copy) })
            }
            _ => Err(Error::Program {
                program: "the notebook's runner".into(),
                doing: if start.is_none() { "starting the kernel" } else { "running cells" },
                how: status.to_string(),
                hint: ": see above",
            }),
        }
    }
}

/// What is known when an execution has ended.
#[derive(Debug)]
pub(super) struct Followed {
    /// Seconds until the kernel was ready.
    pub(super) start: f64,
    /// The executed copy, where all cells ran.
    pub(super) copy: Option<Copy>,
}

/// Points Jupyter at `.venv` and nothing else of the user's.
pub(super) fn jupyter_environment<'a>(
    places: &Places,
    command: &'a mut Command,
) -> &'a mut Command {
    command
        .env("JUPYTER_PREFER_ENV_PATH", "1")
        .env_remove("JUPYTER_PATH")
        .env_remove("JUPYTER_CONFIG_PATH")
        .env("JUPYTER_CONFIG_DIR", places.jupyter("config"))
        .env("JUPYTER_DATA_DIR", places.jupyter("data"))
        .env("JUPYTER_RUNTIME_DIR", places.jupyter("runtime"))
        .env("IPYTHONDIR", places.jupyter("ipython"))
}

/// What is to be done with notebooks.
#[derive(Debug, Clone)]
pub struct Orders {
    /// Write the new outputs into the notebook's file.
    pub in_place: bool,
    /// Fail where the new outputs differ from those in the file.
    pub compare: bool,
    /// How long to wait.
    pub limits: Limits,
}

/// What became of one notebook.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What failed, a text for each cell; empty where all went well.
    pub failures: Vec<String>,
    /// The seconds of the kernel's start and of each cell.
    pub start: f64,
    /// Seconds, cell by cell.
    pub cells: Vec<f64>,
}

/// Executes one notebook and judges it, telling of each cell through `say`.
///
/// # Errors
/// Where it cannot be run at all; what its cells did wrong is in the [`Outcome`].
pub fn run(
    places: &Places,
    path: &Path,
    orders: &Orders,
    say: &mut dyn FnMut(&str),
) -> Result<Outcome, Error> {
    let cells = Notebook::read(path)?.cells();
    let code = cells.iter().filter(|cell| cell.kind == "code").count();
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folder = path.canonicalize().at(path)?;
    let folder = folder.parent().unwrap_or(Path::new("."));
    let mut outcome = Outcome::default();
    let execution = Execution::start(places, path, folder, &orders.limits, |_| ())?;
    let followed = execution.follow(|run| {
        outcome.cells.push(run.seconds);
        let number = outcome.cells.len();
        say(&format!("{name}  cell {number:2} of {code}  {:6.2} s", run.seconds));
        if let Some(why) = cells.get(run.index).and_then(|cell| judge(places, cell, &run, orders)) {
            let failure = format!("{name}, code cell {number}: {why}");
            say(&failure);
            outcome.failures.push(failure);
        }
    })?;
    outcome.start = followed.start;
    if outcome.cells.len() < code && outcome.failures.is_empty() {
        outcome.failures.push(format!("{name}: only {} of {code} cells ran", outcome.cells.len()));
    }
    if let Some(copy) = followed.copy
        && orders.in_place
        && outcome.failures.is_empty()
    {
        let document = fs::read(&copy.0).at(&copy.0)?;
        files::write_bytes(path, &document).at(path)?;
    }
    Ok(outcome)
}

/// Why a cell counts as failed, with its source and what it showed.
fn judge(places: &Places, cell: &Cell, run: &CellRun, orders: &Orders) -> Option<String> {
    let why = match (run.failure(), cell.has_tag("raises-exception")) {
        (Some(why), false) => why.to_owned(),
        (Some(why), true) if run.ended != Ended::Done => why.to_owned(),
        (None, true) => "it is tagged raises-exception, but nothing failed".to_owned(),
        _ if orders.compare => difference(places, cell, run)?,
        _ => return None,
    };
    let indented =
        |text: &str| -> String { text.lines().map(|line| format!("    {line}\n")).collect() };
    Some(format!(
        "{why}\n  source:\n{}  output:\n{}",
        indented(&cell.source),
        indented(&run.printed()),
    ))
}

/// The first line in which the outputs differ from those in the file.
fn difference(places: &Places, cell: &Cell, run: &CellRun) -> Option<String> {
    let home = std::env::home_dir();
    let paths: Vec<&Path> = [Some(places.root()), home.as_deref()].into_iter().flatten().collect();
    let measured = cell.has_tag("measured");
    let old = notebook::comparable(&cell.outputs, measured, &paths);
    let new = notebook::comparable(&run.outputs, measured, &paths);
    if old == new {
        return None;
    }
    let shortened = |line: Option<&str>| match line {
        Some(line) => format!("`{}`", line.chars().take(300).collect::<String>()),
        None => "nothing".to_owned(),
    };
    let (mut old, mut new) = (old.lines(), new.lines());
    let mut line = 0;
    loop {
        line += 1;
        let (expected, found) = (old.next(), new.next());
        if expected != found || expected.is_none() {
            return Some(format!(
                "its output differs from the file's in line {line}: expected {}, found {}",
                shortened(expected),
                shortened(found),
            ));
        }
    }
}

/// The notebooks of the series, in order.
///
/// # Errors
/// Where the folder cannot be read.
pub fn series(places: &Places) -> Result<Vec<PathBuf>, Error> {
    let folder = places.notebooks();
    let mut notebooks = Vec::new();
    for entry in fs::read_dir(&folder).at(&folder)? {
        let path = entry.at(&folder)?.path();
        if path.extension().is_some_and(|extension| extension == "ipynb") {
            notebooks.push(path);
        }
    }
    notebooks.sort();
    Ok(notebooks)
}
