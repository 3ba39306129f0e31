//! The Python environment that holds JupyterLab: `.venv` in the clone, fully pinned.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::error::At;
use super::progress::{self, Progress};
use super::supervisor::{self, Supervision};
use super::{Error, Places, checks, folders};

/// What JupyterLab, the runner and the notebooks' Python cells need, with every hash.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// What runs a module in `.venv`, and nowhere else.
const ENVIRONMENT: &str = include_str!("environment.py");

/// What is not there yet of `.venv`.
#[derive(Debug)]
pub(super) struct Missing {
    venv: bool,
    /// What only tests need, where it is wanted.
    tests: Option<String>,
    /// The steps that it takes.
    pub(super) steps: usize,
}

/// Looks for what is not there yet; with `tests`, also for what only tests need.
pub(super) fn missing(places: &Places, tests: bool) -> Result<Missing, Error> {
    let venv = !works(places);
    let tests = match tests {
        true => {
            let list = places.root().join("tests").join("requirements.txt");
            Some(fs::read_to_string(&list).at(&list)?)
        }
        false => None,
    };
    let lacks = |name, list| venv || !is_installed(places, name, list);
    let steps = [
        venv,
        lacks("notebooks", REQUIREMENTS),
        tests.as_deref().is_some_and(|list| lacks("tests", list)),
    ];
    let steps = steps.into_iter().filter(|step| *step).count();
    Ok(Missing { venv, tests, steps })
}

/// Makes `.venv` and installs what is not there yet.
pub(super) fn set_up(
    places: &Places,
    missing: &Missing,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    if missing.venv {
        make(places, progress)?;
    }
    install(places, "notebooks", REQUIREMENTS, "JupyterLab", progress)?;
    if let Some(requirements) = &missing.tests {
        install(places, "tests", requirements, "what the tests compare with", progress)?;
    }
    Ok(())
}

/// Whether what the notebooks need is installed.
pub(super) fn is_set_up(places: &Places) -> bool {
    works(places) && is_installed(places, "notebooks", REQUIREMENTS)
}

/// Whether `.venv` is whole: its Python says itself that it is at home there and has pip, and
/// nothing that was written into it was interrupted.
fn works(places: &Places) -> bool {
    let said = isolated(&mut Command::new(places.python()))
        .args(["-c", ENVIRONMENT])
        .arg(places.venv())
        .output();
    !unfinished(places).exists() && said.is_ok_and(|said| said.stdout.trim_ascii() == b"True")
}

/// Makes `.venv` with pip in it.
fn make(places: &Places, progress: &Progress<'_>) -> Result<(), Error> {
    let python = checks::python()?;
    checks::disk(places.root(), 600, "JupyterLab", "move the clone to a larger disk")?;
    progress.step("Making the Python environment .venv");
    make_room(places)?;
    let mut command = supervised(places, &python);
    isolated(&mut command).args(["-m", "venv", "--without-pip"]).arg(places.venv());
    finish(command, &python, "making .venv", "", &mut |_| ())?;
    let mut command = in_environment(places);
    command.args(["ensurepip", "--default-pip"]);
    finish(command, &places.python(), "installing pip into .venv", "", &mut |_| ())?;
    let mark = unfinished(places);
    fs::remove_file(&mark).at(&mark)
}

/// Puts a new, empty folder, marked as unfinished, in the place of `.venv`; JupyterLab's settings
/// stay. The old one goes by a rename: a half of it would still hold a Python, one that takes the
/// Python that it was made from for its own.
fn make_room(places: &Places) -> Result<(), Error> {
    let (venv, old) = (places.venv(), places.old_venv());
    let settings = Path::new("jupyter");
    // An interrupted attempt may have left them in the old one.
    let rescue = || match old.join(settings).is_dir() && !venv.join(settings).exists() {
        true => fs::rename(old.join(settings), venv.join(settings)).at(venv.join(settings)),
        false => Ok(()),
    };
    if venv.symlink_metadata().is_ok() {
        if venv.is_dir() {
            rescue()?;
        }
        folders::remove(&old)?;
        fs::rename(&venv, &old).at(&venv)?;
    }
    fs::create_dir(&venv).at(&venv)?;
    let mark = unfinished(places);
    fs::write(&mark, UNFINISHED).at(&mark)?;
    rescue()?;
    folders::remove(&old)
}

/// A file that is there while `.venv` is written to: where it stays, that was interrupted, and a
/// package may be there by half.
fn unfinished(places: &Places) -> PathBuf {
    places.venv().join("unfinished.txt")
}

const UNFINISHED: &str = "Something is being installed here. If nothing is, it was interrupted: \
                          `cargo run -- setup` makes this folder anew.\n";

/// The list that was installed last, kept to see whether it has changed.
fn stamp(places: &Places, name: &str) -> PathBuf {
    places.venv().join(format!("installed-{name}.txt"))
}

fn is_installed(places: &Places, name: &str, requirements: &str) -> bool {
    fs::read_to_string(stamp(places, name)).is_ok_and(|installed| installed == requirements)
}

fn install(
    places: &Places,
    name: &str,
    requirements: &str,
    what: &str,
    progress: &Progress<'_>,
) -> Result<(), Error> {
    if is_installed(places, name, requirements) {
        return Ok(());
    }
    progress.step(&format!("Installing {what} into .venv (about a minute)"));
    let list = places.venv().join(format!("wanted-{name}.txt"));
    fs::write(&list, requirements).at(&list)?;
    let mark = unfinished(places);
    fs::write(&mark, UNFINISHED).at(&mark)?;
    let mut command = in_environment(places);
    command
        .args(["pip", "install", "--isolated", "--require-virtualenv", "--no-user"])
        .args(["--no-input", "--disable-pip-version-check", "--progress-bar", "off"])
        .args(["--require-hashes", "-r"])
        .arg(&list);
    let hint = ": is the network there?";
    let all = requirements.lines().filter(|line| line.contains("==")).count();
    let mut fetched = 0;
    let mut each = |line: Option<&str>| {
        fetched += usize::from(line.is_some_and(|line| line.starts_with("Collecting ")));
        progress.done(fetched, Some(all), "packages");
    };
    let doing = "installing Python packages";
    let installed = finish(command, &places.python(), doing, hint, &mut each);
    if let Err(Stopped::Killed(error)) = installed {
        return Err(error);
    }
    // Where pip itself gave up, each package is the old one or the new one, whole.
    fs::remove_file(&mark).at(&mark)?;
    installed?;
    let stamp = stamp(places, name);
    fs::rename(&list, &stamp).at(&stamp)
}

/// Python as a part of the set-up: it ends with this command, and the next set-up waits for it.
fn supervised(places: &Places, python: &Path) -> Command {
    let lock = places.children_lock();
    let supervision =
        Supervision { leaves_nothing: true, lock: Some(&lock), ..Supervision::default() };
    supervisor::command(python, &supervision)
}

/// `.venv`'s Python, to run the module that is added as an argument, if it is at home there.
fn in_environment(places: &Places) -> Command {
    let mut command = supervised(places, &places.python());
    isolated(&mut command).args(["-c", ENVIRONMENT]).arg(places.venv());
    // For what pip might start in its turn.
    command.env("PIP_REQUIRE_VIRTUALENV", "1").env("PYTHONNOUSERSITE", "1");
    command
}

/// Has Python look for modules neither in the current folder nor where the user's environment
/// says or keeps its own.
pub(super) fn isolated(command: &mut Command) -> &mut Command {
    clean(command).arg("-I")
}

/// Takes away what would send Python to packages outside `.venv`.
fn clean(command: &mut Command) -> &mut Command {
    command
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .env_remove("__PYVENV_LAUNCHER__")
        .stdin(Stdio::null())
}

/// Why a program did not do its work.
enum Stopped {
    /// It said so itself.
    Failed(Error),
    /// A signal ended it, wherever it was.
    Killed(Error),
}

impl From<Stopped> for Error {
    fn from(stopped: Stopped) -> Error {
        let (Stopped::Failed(error) | Stopped::Killed(error)) = stopped;
        error
    }
}

fn finish(
    mut command: Command,
    program: &Path,
    doing: &'static str,
    hint: &'static str,
    each: &mut dyn FnMut(Option<&str>),
) -> Result<(), Stopped> {
    let output = progress::follow(&mut command, each).at(program).map_err(Stopped::Failed)?;
    if output.status.success() {
        return Ok(());
    }
    let [stdout, stderr] = output.output;
    let said = stderr + &stdout;
    let last = said.lines().rfind(|line| line.contains("ERROR")).or(said.lines().last());
    let error = Error::Program {
        program: program.display().to_string(),
        doing,
        how: last.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned()),
        hint,
    };
    // A supervisor says 128 and the signal's number.
    Err(match output.status.code() {
        Some(..128) => Stopped::Failed(error),
        _ => Stopped::Killed(error),
    })
}
