//! Runs notebooks without a browser, and strictly: the kernel answers 'ok' to a panic and to a
//! `?` that failed, this does not.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use serde_json::Value;

use super::error::At;
use super::notebook::{self, Cell, Notebook};
use super::supervisor::{self, Supervision};
use super::{Error, Places, python, spares, warm};
use crate::files;

const EXECUTE: &str = include_str!("execute.py");

/// How long the runner itself may take over a cell, beside what the cell may take.
const GRACE: Duration = Duration::from_secs(90);

/// The most bytes of what a failed cell printed that are told.
const TOLD: usize = 64 << 10;

/// How long to wait for a kernel.
#[derive(Debug, Clone)]
pub struct Timeouts {
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
    /// What it showed: of each stream, and of all else, no more than 16 million characters.
    pub outputs: Vec<Value>,
    /// How many characters of output were left out.
    pub left_out: u64,
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
    /// How long nothing may be heard of it.
    patience: Duration,
    // It ends, and its kernel with it, when this pipe closes.
    _input: Option<ChildStdin>,
}

/// What is known when an execution has ended.
#[derive(Debug)]
pub(super) struct Followed {
    /// Seconds until the kernel was ready.
    pub(super) start: f64,
    /// The executed notebook, where all cells ran.
    pub(super) document: Option<String>,
}

impl Execution {
    /// Starts a kernel in `folder` and the cells of `notebook`, a file's text, on it. Nothing that
    /// it starts outlives it. `lock` is held until all of it is gone.
    pub(super) fn start(
        places: &Places,
        notebook: &str,
        folder: &Path,
        timeouts: &Timeouts,
        lock: Option<&Path>,
        adapt: impl FnOnce(&mut Command),
    ) -> Result<Self, Error> {
        let seconds = |limit: Duration| limit.as_secs().max(1).to_string();
        let supervision = Supervision { leaves_nothing: true, reads: true, lock };
        let mut command = supervisor::command(places.python(), &supervision);
        python::isolated(&mut command)
            .args(["-c", EXECUTE])
            .arg(folder)
            .args([seconds(timeouts.cell), seconds(timeouts.start)]);
        jupyter_environment(places, &mut command);
        adapt(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().at(places.python())?;
        let mut input = child.stdin.take();
        let sent = input.as_mut().map_or(Ok(()), |input| {
            writeln!(input, "{}", notebook.len())?;
            input.write_all(notebook.as_bytes())?;
            input.flush()
        });
        match sent {
            // It has ended already, and its exit status says more.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            result => result.at("the notebook's runner")?,
        }
        let patience = timeouts.cell.max(timeouts.start).saturating_add(GRACE);
        Ok(Execution { child, patience, _input: input })
    }

    /// Hands over each cell as it ends. Returns the seconds that the kernel took to start, and
    /// the executed notebook, where all cells ran.
    pub(super) fn follow(mut self, mut each: impl FnMut(CellRun)) -> Result<Followed, Error> {
        let (mut start, mut document) = (None, None);
        let failed = |start: Option<f64>, how: String, hint| Error::Program {
            program: "the notebook's runner".into(),
            doing: if start.is_none() { "starting the kernel" } else { "running cells" },
            how,
            hint,
        };
        let (sender, lines) = mpsc::channel();
        let output = self.child.stdout.take().map(BufReader::new);
        // Not joined: it ends with the runner, at the latest.
        std::thread::spawn(move || {
            for line in output.into_iter().flat_map(BufRead::lines) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        loop {
            let line = match lines.recv_timeout(self.patience) {
                Ok(line) => line.at("the notebook's runner")?,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    self.child.kill().at("the notebook's runner")?;
                    let how = format!("no word from it in {} s", self.patience.as_secs());
                    return Err(failed(start, how, ""));
                }
            };
            let Ok(event) = serde_json::from_str::<Value>(&line) else { continue };
            match event["event"].as_str() {
                Some("started") => start = event["seconds"].as_f64(),
                Some("finished") => document = event["document"].as_str().map(str::to_owned),
                Some("cell") => each(CellRun {
                    index: event["index"].as_u64().unwrap_or_default() as usize,
                    seconds: event["seconds"].as_f64().unwrap_or_default(),
                    ended: match event["ended"].as_str() {
                        Some("done") => Ended::Done,
                        Some("hung") => Ended::Hung,
                        _ => Ended::Died,
                    },
                    outputs: event["outputs"].as_array().cloned().unwrap_or_default(),
                    left_out: event["left_out"].as_u64().unwrap_or_default(),
                }),
                _ => {}
            }
        }
        let status = self.child.wait().at("the notebook's runner")?;
        match start {
            Some(start) if status.success() => Ok(Followed { start, document }),
            _ => Err(failed(start, status.to_string(), ": see above")),
        }
    }
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
        // Whoever starts it keeps spares, or wants none.
        .env(spares::KEPT, "1")
}

/// How notebooks are run, and what is done with their outputs.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Write the new outputs into the notebook's file.
    pub in_place: bool,
    /// Fail where the new outputs differ from those in the file.
    pub compare: bool,
    /// Run all cells once more, from the last to the first; nothing is written then.
    pub again: bool,
    /// How long to wait.
    pub timeouts: Timeouts,
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
    options: &RunOptions,
    say: &mut dyn FnMut(&str),
) -> Result<Outcome, Error> {
    let text = fs::read_to_string(path).at(path)?;
    let mut notebook = Notebook::parse(&text, path)?;
    let once = code_cells(&notebook.cells());
    let mut run_text = text.clone();
    if options.again {
        notebook = notebook.twice();
        run_text = notebook.to_text();
    }
    let cells = notebook.cells();
    let code = code_cells(&cells);
    let name = notebook::printable(&path.file_name().unwrap_or_default().to_string_lossy());
    let folder = path.canonicalize().at(path)?;
    let folder = folder.parent().unwrap_or(Path::new("."));
    let mut outcome = Outcome::default();
    let execution = Execution::start(places, &run_text, folder, &options.timeouts, None, |_| ())?;
    let named = |number: usize| match number > once {
        true => format!("code cell {}, run again", 2 * once + 1 - number),
        false => format!("code cell {number}"),
    };
    let followed = execution.follow(|run| {
        outcome.cells.push(run.seconds);
        let number = outcome.cells.len();
        say(&format!("{name}  cell {number:2} of {code}  {:6.2} s", run.seconds));
        if run.left_out > 0 {
            let left_out = run.left_out;
            say(&format!(
                "{name}, {}: {left_out} characters of its output are left out",
                named(number),
            ));
        }
        if let Some(why) = cells.get(run.index).and_then(|cell| judge(places, cell, &run, options))
        {
            let failure = format!("{name}, {}: {why}", named(number));
            say(&failure);
            outcome.failures.push(failure);
        }
    })?;
    // Its kernel has been ended without more ado, and could not tidy up.
    warm::sweep(places)?;
    outcome.start = followed.start;
    if outcome.cells.len() < code && outcome.failures.is_empty() {
        outcome.failures.push(format!("{name}: only {} of {code} cells ran", outcome.cells.len()));
    }
    if let Some(document) = followed.document
        && options.in_place
        && !options.again
        && outcome.failures.is_empty()
    {
        if fs::read_to_string(path).ok().as_ref() == Some(&text) {
            let end = if document.ends_with('\n') { "" } else { "\n" };
            files::write_bytes(path, (document + end).as_bytes()).at(path)?;
        } else {
            let failure = format!(
                "{name}: the file was changed while its cells ran, and is left as it is: run it again"
            );
            say(&failure);
            outcome.failures.push(failure);
        }
    }
    Ok(outcome)
}

fn code_cells(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| cell.kind == "code").count()
}

/// Why a cell counts as failed, with its source and what it showed.
fn judge(places: &Places, cell: &Cell, run: &CellRun, options: &RunOptions) -> Option<String> {
    let why = match (run.failure(), cell.has_tag("raises-exception")) {
        (Some(why), false) => why.to_owned(),
        (Some(why), true) if run.ended != Ended::Done => why.to_owned(),
        (None, true) => "it is tagged raises-exception, but nothing failed".to_owned(),
        _ if options.compare => difference(places, cell, run)?,
        _ => return None,
    };
    Some(format!(
        "{}\n  source:\n{}  output:\n{}",
        notebook::printable(&why),
        told(&cell.source),
        told(&run.printed()),
    ))
}

/// A text for a terminal, indented, and not more of it than a reader will look at.
fn told(text: &str) -> String {
    let kept = text.get(..text.floor_char_boundary(TOLD)).unwrap_or(text);
    let mut told: String =
        notebook::printable(kept).lines().map(|line| format!("    {line}\n")).collect();
    if kept.len() < text.len() {
        told += &format!("    [{} more bytes]\n", text.len() - kept.len());
    }
    told
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
