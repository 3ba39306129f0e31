//! The Python environment that holds JupyterLab: `.venv` in the clone, fully pinned.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::error::At;
use super::{Error, Places, checks};

/// What JupyterLab, the runner and the notebooks' Python cells need, with every hash.
const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Makes `.venv` and installs what is not there yet; with `tests`, also what only tests need.
pub(super) fn set_up(places: &Places, tests: bool, say: &dyn Fn(&str)) -> Result<(), Error> {
    if !works(places) {
        let python = checks::python()?;
        checks::disk(places.root(), 600, "JupyterLab", "move the clone to a larger disk")?;
        say("Making the Python environment .venv");
        let mut command = Command::new(&python);
        command.args(["-m", "venv", "--clear"]).arg(places.venv());
        finish(&mut command, "making .venv", "")?;
    }
    install(places, "notebooks", REQUIREMENTS, "JupyterLab", say)?;
    if tests {
        let list = places.root().join("tests").join("requirements.txt");
        let requirements = fs::read_to_string(&list).at(&list)?;
        install(places, "tests", &requirements, "what the tests compare with", say)?;
    }
    Ok(())
}

/// Whether what the notebooks need is installed.
pub(super) fn is_set_up(places: &Places) -> bool {
    works(places) && is_installed(places, "notebooks", REQUIREMENTS)
}

fn works(places: &Places) -> bool {
    let python = clean(&mut Command::new(places.python())).args(["-c", "import pip"]).output();
    python.is_ok_and(|output| output.status.success())
}

/// The list that was installed last, kept to see whether it has changed.
fn stamp(places: &Places, name: &str) -> std::path::PathBuf {
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
    say: &dyn Fn(&str),
) -> Result<(), Error> {
    if is_installed(places, name, requirements) {
        return Ok(());
    }
    say(&format!("Installing {what} into .venv (about a minute)"));
    let list = places.venv().join(format!("wanted-{name}.txt"));
    fs::write(&list, requirements).at(&list)?;
    let mut command = Command::new(places.python());
    command
        .args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"])
        .args(["--require-hashes", "-r"])
        .arg(&list);
    finish(&mut command, "installing Python packages", ": is the network there?")?;
    let stamp = stamp(places, name);
    fs::rename(&list, &stamp).at(&stamp)
}

/// Takes away what would send Python to packages outside `.venv`.
pub(super) fn clean(command: &mut Command) -> &mut Command {
    command.env_remove("PYTHONPATH").env_remove("PYTHONHOME").stdin(Stdio::null())
}

fn finish(command: &mut Command, doing: &'static str, hint: &'static str) -> Result<(), Error> {
    let program = command.get_program().to_owned();
    let program = Path::new(&program);
    let output = clean(command).output().at(program)?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    let last = said.lines().rfind(|line| line.contains("ERROR")).or(said.lines().last());
    Err(Error::Program {
        program: program.display().to_string(),
        doing,
        how: last.map_or_else(|| output.status.to_string(), |line| line.trim().to_owned()),
        hint,
    })
}
