//! `picklebook inspect`: what files would do if Python loaded them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use clap::Args;
use picklebook::inspect::{self, Limits, Report, Verdict};
use serde::Serialize;
use serde_json::json;

use super::{Failure, not_printed, printable, read_pipe, to_stdout};
use crate::tell;

/// Say what files would do if Python loaded them, without running any of it
///
/// Lists what a pickle or joblib file imports and calls, also in compressed files, in zip archives
/// such as PyTorch's, in numpy's files and in pickles inside pickles. Of a folder, all files in it
/// are inspected, and those listed that are not clean.
///
/// The verdicts are `data only`; `known model` (it imports only what files of scikit-learn,
/// numpy, SciPy, pandas and joblib need, and uses it as they do); `unknown code`; and `dangerous`.
///
/// The exit code is 0 if all files are data only or known models, 3 if one would run unknown or
/// dangerous code or hides something, and otherwise 1 if one is no pickle or cannot be read.
#[derive(Args)]
pub struct InspectArguments {
    /// Files, or folders of files
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print all that was found as JSON: an object with `files`, one for each, and `counts`
    #[arg(long)]
    json: bool,
    /// List every import and every call
    #[arg(long, conflicts_with = "json")]
    all: bool,
    /// How many bytes the objects of a pickle may take, and all that is unpacked of a file, in bytes or as
    /// in 512M or 2G; what lies beyond is not looked at, and named [default: 16 and 64 times the file, but
    /// no less than 256M]
    #[arg(long, value_name = "SIZE", value_parser = super::size)]
    max_memory: Option<u64>,
    /// How many containers and pickles may lie in one another [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32))]
    max_levels: Option<u32>,
    /// How many objects a pickle may hold [default: as many as the memory holds]
    #[arg(long, value_name = "N")]
    max_objects: Option<u32>,
    /// How many members of a zip archive are looked into [default: 100000]
    #[arg(long, value_name = "N")]
    max_members: Option<u32>,
}

impl InspectArguments {
    fn limits(&self) -> Limits {
        let mut limits = Limits::new();
        if let Some(memory) = self.max_memory {
            limits = limits.bytes(memory.max(super::MOST)).unpacked(memory).memory(memory);
        }
        if let Some(levels) = self.max_levels {
            limits = limits.levels(levels);
        }
        if let Some(objects) = self.max_objects {
            limits = limits.objects(objects);
        }
        if let Some(members) = self.max_members {
            limits = limits.members(members);
        }
        limits
    }
}

/// What the library says, with the option in place of the limit that it names.
fn told(text: &str) -> String {
    let mut text = text.to_owned();
    for (limit, option) in [
        ("bytes", "--max-memory"),
        ("unpacked", "--max-memory"),
        ("memory", "--max-memory"),
        ("objects", "--max-objects"),
        ("members", "--max-members"),
    ] {
        text = text.replace(&format!("`Limits::{limit}`"), option);
    }
    text
}

/// The exit code for files that would run code that nobody knows, or hide something.
const NOT_CLEAN: u8 = 3;

/// A file to inspect, and whether it was named or only found in a folder.
struct Source {
    path: PathBuf,
    named: bool,
}

/// What came of a file.
type Outcome = Result<Report, String>;

pub fn inspect(arguments: &InspectArguments) -> Result<ExitCode, Failure> {
    let mut sources = Vec::new();
    let mut failed = false;
    for path in &arguments.files {
        if path.is_dir() {
            failed |= files_in(path, &mut sources);
        } else {
            sources.push(Source { path: path.clone(), named: true });
        }
    }
    let mut counts = Counts::default();
    let mut code = u8::from(failed);
    to_stdout(|output| {
        if arguments.json {
            write!(output, "{{\"format\": \"picklebook.inspect\", \"version\": 1, \"files\": [")
                .map_err(not_printed)?;
        }
        let mut first = true;
        let mut progress = Progress::new(sources.len());
        let mut written = Ok(());
        inspect_all(&sources, &arguments.limits(), |source, outcome| {
            progress.clear();
            counts.add(&outcome);
            code = code.max(code_of(source, &outcome));
            written = match arguments.json {
                true => write_json(output, source, &outcome, std::mem::take(&mut first)),
                false => write_text(output, source, &outcome, arguments),
            };
            progress.step();
            written.is_ok()
        });
        progress.clear();
        written.map_err(not_printed)?;
        if arguments.json {
            let counts = serde_json::to_string(&counts)?;
            writeln!(output, "\n], \"counts\": {counts}}}").map_err(not_printed)?;
        } else if sources.len() > 1 {
            writeln!(output, "{}", counts.in_words()).map_err(not_printed)?;
        }
        Ok(())
    })?;
    // 3 says more than 1.
    Ok(ExitCode::from(code))
}

/// Adds the files of a folder and of the folders in it, sorted; links to folders are not followed.
/// Says whether a folder could not be read.
fn files_in(folder: &Path, sources: &mut Vec<Source>) -> bool {
    let mut failed = false;
    let mut folders = vec![folder.to_owned()];
    let first = sources.len();
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let line = format!("picklebook: cannot read {}: {error}", folder.display());
                tell(&printable(&line));
                failed = true;
                continue;
            }
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => {
                    sources.push(Source { path: entry.path(), named: false });
                }
                _ => {}
            }
        }
    }
    if let Some(found) = sources.get_mut(first..) {
        found.sort_by(|one, other| one.path.cmp(&other.path));
    }
    failed
}

/// The most files that a thread inspects before it hands over what came of them: to wake another thread
/// takes as long as to inspect a small file.
const MOST_AT_ONCE: usize = 32;

/// Inspects files on all cores, and tells of each in their order until that says `false`.
fn inspect_all(
    sources: &[Source],
    limits: &Limits,
    mut tell: impl FnMut(&Source, Outcome) -> bool,
) {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from).min(sources.len()).max(1);
    // Few at once where there are few, so that no thread is left with all that remains.
    let at_once = (sources.len() / (16 * workers)).clamp(1, MOST_AT_ONCE);
    // So that results of files that are soon done do not pile up behind one that takes long.
    let (sender, receiver) = mpsc::sync_channel(8 * workers);
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(part) = sources.chunks(at_once).nth(place) else { break };
                    let outcomes: Vec<Outcome> =
                        part.iter().map(|source| outcome(&source.path, limits)).collect();
                    if sender.send((place, outcomes)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut parts = sources.chunks(at_once);
        let mut due = 0;
        for (place, outcomes) in receiver {
            waiting.insert(place, outcomes);
            while let Some(outcomes) = waiting.remove(&due) {
                for (source, outcome) in parts.next().unwrap_or_default().iter().zip(outcomes) {
                    if !tell(source, outcome) {
                        return;
                    }
                }
                due += 1;
            }
        }
    });
}

fn outcome(path: &Path, limits: &Limits) -> Outcome {
    match read_pipe(path).map_err(|error| error.to_string())? {
        Some(bytes) => Ok(inspect::bytes_with(&bytes, limits)),
        None => inspect::inspect_with(path, limits).map_err(|error| told(&error.to_string())),
    }
}

fn code_of(source: &Source, outcome: &Outcome) -> u8 {
    match outcome {
        Ok(report) if report.is_clean() => 0,
        // A folder may hold other files as well.
        Ok(report) if report.is_no_pickle() => u8::from(source.named),
        Ok(report) if report.is_unreadable() => 1,
        Ok(_) => NOT_CLEAN,
        Err(_) => 1,
    }
}

/// How many files came to what.
#[derive(Default, Serialize)]
struct Counts {
    files: usize,
    data_only: usize,
    known_model: usize,
    unknown_code: usize,
    dangerous: usize,
    hides_something: usize,
    unreadable: usize,
    no_pickle: usize,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        self.files += 1;
        let count = match outcome {
            Ok(report) if report.is_no_pickle() => &mut self.no_pickle,
            Ok(report) if report.is_unreadable() => &mut self.unreadable,
            Ok(report) => match report.verdict {
                Verdict::Dangerous => &mut self.dangerous,
                Verdict::UnknownCode => &mut self.unknown_code,
                _ if !report.is_clean() => &mut self.hides_something,
                Verdict::KnownModel => &mut self.known_model,
                _ => &mut self.data_only,
            },
            Err(_) => &mut self.unreadable,
        };
        *count += 1;
    }

    fn in_words(&self) -> String {
        let parts = [
            (self.data_only, "data only"),
            (self.known_model, "known model"),
            (self.unknown_code, "unknown code"),
            (self.dangerous, "dangerous"),
            (self.hides_something, "hiding something"),
            (self.unreadable, "unreadable"),
            (self.no_pickle, "not pickles"),
        ];
        let parts = parts.iter().filter(|(number, _)| *number > 0);
        let parts: Vec<String> = parts.map(|(number, what)| format!("{number} {what}")).collect();
        format!("{} files: {}", self.files, parts.join(", "))
    }
}

fn write_text(
    output: &mut dyn Write,
    source: &Source,
    outcome: &Outcome,
    arguments: &InspectArguments,
) -> io::Result<()> {
    let name = source.path.display().to_string();
    match outcome {
        Ok(report) => {
            let is_shown = source.named || !report.is_clean() && !report.is_no_pickle();
            if !is_shown && !arguments.all {
                return Ok(());
            }
            writeln!(output, "{}: {}", printable(&name), lines(&told(&report.to_string())))?;
            if arguments.all {
                write_all(output, report)?;
            }
            Ok(())
        }
        Err(problem) => {
            // In their order, also where both go to one terminal.
            output.flush()?;
            tell(&format!("picklebook: {}", printable(problem)));
            Ok(())
        }
    }
}

/// Every import and every call, in their order.
fn write_all(output: &mut dyn Write, report: &Report) -> io::Result<()> {
    for pickle in &report.pickles {
        let place = if pickle.place.is_empty() { "the file" } else { &pickle.place };
        writeln!(output, "  pickle at byte {} of {}:", pickle.offset, printable(place))?;
        let imports = pickle
            .imports
            .iter()
            .map(|it| (it.offset, it.verdict, format!("imports {}.{}", it.module, it.name)));
        let calls = pickle
            .calls
            .iter()
            .map(|it| (it.offset, it.verdict, format!("calls {}{}", it.callee, it.arguments)));
        let mut all: Vec<_> = imports.chain(calls).collect();
        all.sort_by_key(|(offset, ..)| *offset);
        for (offset, verdict, text) in all {
            writeln!(output, "  {offset:>9} {verdict:12} {}", printable(&text))?;
        }
    }
    Ok(())
}

/// Lines, each with what a terminal would take for an order as an escape.
fn lines(text: &str) -> String {
    text.split('\n').map(printable).collect::<Vec<_>>().join("\n")
}

fn write_json(
    output: &mut dyn Write,
    source: &Source,
    outcome: &Outcome,
    first: bool,
) -> io::Result<()> {
    let path = source.path.display().to_string();
    let object = match outcome {
        Ok(report) => json!({
            "path": path,
            "exit_code": code_of(source, outcome),
            "summary": report.summary(),
            "reasons": report.reasons(),
            "report": report,
        }),
        Err(problem) => json!({
            "path": path,
            "exit_code": code_of(source, outcome),
            "summary": "unreadable",
            "reasons": [problem],
            "report": null,
        }),
    };
    write!(output, "{}\n{object}", if first { "" } else { "," })
}

/// A line on standard error that says how far it is, where that is a terminal.
struct Progress {
    files: usize,
    done: usize,
    is_shown: bool,
}

/// After how many files the line is written again.
const STEP: usize = 100;

impl Progress {
    fn new(files: usize) -> Progress {
        Progress { files, done: 0, is_shown: files > STEP && io::stderr().is_terminal() }
    }

    fn step(&mut self) {
        self.done += 1;
        if self.is_shown && self.done.is_multiple_of(STEP) {
            let _ = write!(io::stderr(), "\r{} of {} files", self.done, self.files);
        }
    }

    /// Makes room for other lines.
    fn clear(&self) {
        if self.is_shown && self.done.is_multiple_of(STEP) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
