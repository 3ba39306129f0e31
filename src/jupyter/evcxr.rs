//! The kernel itself, evcxr_jupyter: the user's own where it is sound, a finished one that
//! cargo-binstall fetches, or one that is built, once for each user.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, UNIX_EPOCH};

use serde_json::{Value, json};

use super::error::At;
use super::places::EVCXR_VERSION;
use super::progress::{self, Progress};
use super::supervisor::{self, Supervision};
use super::wire::Connection;
use super::{Error, Places, checks, folders, kernel, kernelspec, lock, pass};
use crate::files;

const PROGRAM: &str = if cfg!(windows) { "evcxr_jupyter.exe" } else { "evcxr_jupyter" };

/// How the versions begin that the notebooks can be run with.
const SERIES: &str = "0.22.";
/// How long a kernel may take over what it is tried with.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often its end is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// How many lines of a failed build are told.
const TOLD: usize = 40;

/// The cell that a kernel is tried with, and what it prints.
const TRIAL: (&str, &str) = ("println!(\"{}\", 6 * 7);", "42\n");

/// A kernel's program.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) program: PathBuf,
    pub(super) version: String,
    /// Whose it is.
    pub(super) from: String,
}

/// The kernel's program, where set-up has built, fetched or chosen one.
pub(super) fn find() -> Result<Option<Found>, Error> {
    let home = Places::kernel_home()?;
    if let Some(found) = chosen(&home) {
        return Ok(Some(found));
    }
    let program = home.join("bin").join(PROGRAM);
    let found = Found { program, version: EVCXR_VERSION.into(), from: "built by set-up".into() };
    Ok(found.program.is_file().then_some(found))
}

fn choice(home: &Path) -> PathBuf {
    home.join("chosen.json")
}

/// The program that was tried and chosen, where it is still the same.
fn chosen(home: &Path) -> Option<Found> {
    let said: Value = serde_json::from_slice(&fs::read(choice(home)).ok()?).ok()?;
    let text = |name: &str| Some(said[name].as_str()?.to_owned());
    let program = PathBuf::from(text("program")?);
    let is_same = said["file"] == known(&program) && program.is_file();
    is_same.then_some(Found { program, version: text("version")?, from: text("from")? })
}

fn choose(home: &Path, found: &Found) -> Result<(), Error> {
    let (file, known) = (choice(home), known(&found.program));
    let said = json!({
        "program": found.program, "version": found.version, "from": found.from, "file": known,
    });
    fs::create_dir_all(home).at(home)?;
    files::write_bytes(&file, said.to_string().as_bytes()).at(file)
}

/// A file's length and when it was changed.
fn known(file: &Path) -> Value {
    let Ok(known) = fs::metadata(file) else { return Value::Null };
    let changed = known.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    json!([known.len(), changed.map(|changed| changed.as_nanos().to_string())])
}

/// Finds the kernel, or gets one. An interrupted build goes on where it stopped.
pub(super) fn find_or_get(places: &Places, progress: &Progress<'_>) -> Result<(), Error> {
    if find()?.is_some() {
        return Ok(());
    }
    let home = Places::kernel_home()?;
    let _busy = lock::exclusive(&home.with_extension("lock"), &|text| progress.line(text))?;
    if find()?.is_some() {
        return Ok(());
    }
    progress.step(&format!("Getting the kernel, evcxr_jupyter {EVCXR_VERSION}"));
    if let Some(found) = theirs(places, progress).or_else(|| fetch(places, &home, progress)) {
        progress.line(&format!(
            "  evcxr_jupyter {} is there, {}: {}",
            found.version,
            found.from,
            found.program.display()
        ));
        return choose(&home, &found);
    }
    build(places, &home, progress)
}

/// The user's own kernel, by their cargo or elsewhere on `PATH`, where it is of the right version
/// and works.
fn theirs(places: &Places, progress: &Progress<'_>) -> Option<Found> {
    let refuse = |program: &Path, why: &str| {
        progress.line(&format!("  {} is not taken: {why}", program.display()));
    };
    let cargo = Places::cargo_home();
    let by_cargo = cargo.as_ref().map(|cargo| cargo.join("bin").join(PROGRAM));
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).map(|folder| folder.join(PROGRAM));
    let mut seen = BTreeSet::new();
    for program in by_cargo.iter().cloned().chain(on_path) {
        let Ok(real) = program.canonicalize() else { continue };
        if !real.is_file() || !seen.insert(real) {
            continue;
        }
        let is_by_cargo = Some(&program) == by_cargo.as_ref();
        // The program has no --version: cargo's own list tells which one it installed.
        let installed = cargo.as_ref().filter(|_| is_by_cargo).and_then(|cargo| installed(cargo));
        if let Some(version) = installed.filter(|version| !version.starts_with(SERIES)) {
            refuse(&program, &format!("its version is {version}, not {SERIES}x"));
            continue;
        }
        let from = if is_by_cargo { "installed by your cargo" } else { "found on your PATH" };
        match tried(places, &program) {
            Ok(version) => return Some(Found { program, version, from: from.into() }),
            Err(why) => refuse(&program, &why),
        }
    }
    None
}

/// The version of evcxr_jupyter that cargo says it has installed.
fn installed(cargo: &Path) -> Option<String> {
    let list = fs::read_to_string(cargo.join(".crates.toml")).ok()?;
    let rest = list.lines().find_map(|line| line.strip_prefix("\"evcxr_jupyter "))?;
    rest.split(' ').next().map(str::to_owned)
}

/// Has cargo-binstall, where the user has it, fetch a finished program. It may be made for another
/// system than this.
fn fetch(places: &Places, home: &Path, progress: &Progress<'_>) -> Option<Found> {
    const BINSTALL: &str = "cargo-binstall";
    checks::prints(BINSTALL, &["-V"])?;
    progress.line("  cargo-binstall looks for a finished one");
    let folder = home.join("fetched");
    let children = places.children_lock();
    let supervision =
        Supervision { leaves_nothing: true, lock: Some(&children), ..Supervision::default() };
    let mut command = supervisor::command(BINSTALL, &supervision);
    command
        .arg(format!("evcxr_jupyter@{EVCXR_VERSION}"))
        .args(["--no-confirm", "--disable-strategies", "compile", "--root"])
        .arg(&folder)
        .env("BINSTALL_DISABLE_TELEMETRY", "true")
        .stdin(Stdio::null());
    let said = progress::follow(&mut command, &mut |_| progress.done(0, None, ""));
    let program = folder.join("bin").join(PROGRAM);
    let fetched = match said {
        Ok(said) if said.status.success() && program.is_file() => tried(places, &program),
        Ok(said) => Err(last_line(&said.output.concat())),
        Err(error) => Err(error.to_string()),
    };
    match fetched {
        Ok(version) => Some(Found { program, version, from: "fetched by cargo-binstall".into() }),
        Err(why) => {
            progress.line(&format!("  cargo-binstall's is not taken: {why}"));
            // What cannot be removed is written over the next time.
            let _ = folders::remove(&folder);
            None
        }
    }
}

fn first_line(text: &str) -> String {
    text.trim().lines().next().unwrap_or("it says nothing").trim().to_owned()
}

fn last_line(text: &str) -> String {
    text.trim().lines().next_back().unwrap_or("it says nothing").trim().to_owned()
}

/// Starts a kernel once, in a folder of its own, and has it run a cell. Returns its version, or why
/// it is not sound.
fn tried(places: &Places, program: &Path) -> Result<String, String> {
    let folder = places.kernels().join(format!("trial-{}", std::process::id()));
    let result = try_in(places, program, &folder);
    // What cannot be removed is not in the way.
    let _ = folders::remove(&folder);
    let (name, version, printed) = result.map_err(|error| error.to_string())?;
    if name != "evcxr_jupyter" || !version.starts_with(SERIES) {
        return Err(format!("it is {name} {version}, not evcxr_jupyter {SERIES}x"));
    }
    match printed == TRIAL.1 {
        true => Ok(version),
        false => Err(format!("it answers `{}` with {printed:?}", TRIAL.0)),
    }
}

fn try_in(
    places: &Places,
    program: &Path,
    folder: &Path,
) -> Result<(String, String, String), Error> {
    folders::private(folder)?;
    let file = folder.join("connection.json");
    let connection = Connection::make(&file)?;
    let said = folder.join("said.txt");
    let mut command: Command = supervisor::killed_with_this(program);
    command.arg("--control_file").arg(&file).current_dir(folder);
    command.env("EVCXR_TMPDIR", folder.join("build"));
    kernel::environment(places, &mut command);
    for (name, value) in kernelspec::variables(places) {
        command.env(if name == kernel::LIBRARIES { kernel::LIBRARY_PATH } else { name }, value);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(File::create(&said).at(&said)?);
    let mut child = command.spawn().at(program)?;
    let started = Instant::now();
    let result = {
        let child = std::cell::RefCell::new(&mut child);
        let ended = || !matches!(child.borrow_mut().try_wait(), Ok(None));
        let stop = || ended() || started.elapsed() > PATIENCE;
        while !connection.is_open() && !stop() {
            std::thread::sleep(LOOK);
        }
        pass::try_out(&connection, TRIAL.0, TRIAL.1, &stop)
    };
    // What it has started is in its group.
    #[cfg(unix)]
    {
        let group = nix::unistd::Pid::from_raw(child.id().cast_signed());
        let _ = nix::sys::signal::killpg(group, nix::sys::signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
    result.map_err(|error| match error {
        Error::NotStarted { .. } => {
            let said = fs::read_to_string(&said).unwrap_or_default();
            // What follows the first lines is where in the program it was.
            Error::NotStarted { said: first_line(&said) }
        }
        error => error,
    })
}

/// Builds the kernel in the user's cache folder.
fn build(places: &Places, home: &Path, progress: &Progress<'_>) -> Result<(), Error> {
    checks::disk(home, 2_000, "building the kernel", "set XDG_CACHE_HOME to a larger disk")?;
    progress.line("  It is built, once for this user: about ten minutes on two cores");
    let build = home.join("build");
    let children = places.children_lock();
    // Not all that a build leaves running is the build's: a compiler cache serves others, too.
    let supervision = Supervision { lock: Some(&children), ..Supervision::default() };
    let mut command = supervisor::command("cargo", &supervision);
    command
        .args(["install", "--locked", "--version", EVCXR_VERSION, "evcxr_jupyter", "--root"])
        .arg(home)
        // A fixed folder, so that a build that was interrupted goes on.
        .env("CARGO_TARGET_DIR", &build)
        // Its bar has the number of all crates in it.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .env("CARGO_TERM_COLOR", "never")
        .env_remove("CARGO_TERM_QUIET")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        // Outside the clone, whose toolchain file need not bind the user's kernel.
        .current_dir(home.parent().unwrap_or(home))
        .stdin(Stdio::null());
    let (mut done, mut all) = (0, None);
    let said = progress::follow(&mut command, &mut |line| {
        if let Some((so_far, in_all)) = line.and_then(progress::crates) {
            (done, all) = (so_far, Some(in_all));
        }
        progress.done(done, all, "crates");
    })
    .at("cargo")?;
    match (said.status.success(), find()?) {
        (true, Some(_)) => folders::remove(&build),
        _ => {
            let text = said.output.concat();
            let is_told =
                |line: &&str| progress::crates(line).is_none() && !line.contains("Fetch [");
            let lines: Vec<&str> = text.lines().filter(is_told).collect();
            for line in lines.iter().skip(lines.len().saturating_sub(TOLD)) {
                progress.line(line);
            }
            Err(Error::Program {
                program: "cargo install evcxr_jupyter".into(),
                doing: "building the kernel",
                how: said.status.to_string(),
                hint: ": see above, and check the network; the same command goes on where this one stopped",
            })
        }
    }
}
