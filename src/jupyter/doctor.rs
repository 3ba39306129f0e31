//! What is there, what is not, and what it takes on the disk.

use std::path::Path;

use super::evcxr::Found;
use super::host::Spare;
use super::{Error, Places, checks, evcxr, folders, kernelspec, python, warm};

/// One line for each thing that the notebooks need: its version or state, and its size.
///
/// # Errors
/// Where the user's cache folder cannot be named.
pub fn doctor(places: &Places) -> Result<Vec<(String, String)>, Error> {
    let mut lines = Vec::new();
    let mut say = |what: &str, state: String| lines.push((what.to_owned(), state));
    let root = places.root();
    let version = |program: &str| {
        let said = checks::output_in(root, program, &["--version"]);
        said.and_then(|said| said.lines().next().map(str::to_owned))
            .unwrap_or_else(|| "not found".into())
    };
    let check = |checked: Result<(), Error>| match checked {
        Ok(()) => "there".to_owned(),
        Err(error) => error.to_string(),
    };
    say("picklebook", env!("CARGO_PKG_VERSION").into());
    say("clone", root.display().to_string());
    say("clone's path", check(checks::path(places)).replace("there", "usable"));
    say("rustc", version("rustc"));
    say("cargo", version("cargo"));
    say("C compiler", check(checks::linker()));
    say(
        "Python for .venv",
        match checks::python() {
            Ok(program) => version(&program.display().to_string()),
            Err(error) => error.to_string(),
        },
    );
    let sized = |there: bool, folder: &Path| match there {
        true => format!("there, {} MB in {}", folders::size(folder) / 1_000_000, folder.display()),
        false => "not there yet; `picklebook setup` makes it".into(),
    };
    say(".venv", sized(python::is_set_up(places), &places.venv()));
    for package in ["jupyterlab", "nbclient", "scikit-learn"] {
        let ask = format!("from importlib.metadata import version; print(version('{package}'))");
        let said =
            checks::output_in(root, &places.python().display().to_string(), &["-I", "-c", &ask]);
        say(
            &format!("  {package}"),
            said.map_or("not installed".into(), |said| said.trim().into()),
        );
    }
    say(
        "kernel",
        match evcxr::find()? {
            Some(Found { program, version, from }) => {
                format!("evcxr_jupyter {version}, {from}, {}", program.display())
            }
            None => "not there yet; `picklebook setup` gets it".into(),
        },
    );
    let home = Places::kernel_home()?;
    say("  cache folder", sized(home.is_dir(), &home));
    say(
        "kernel's registration",
        if kernelspec::is_set_up(places) { "there, as `rust` in .venv" } else { "not there yet" }
            .into(),
    );
    say("kernel's warm-up", sized(warm::is_set_up(places), &places.warm()));
    say("kernels' clones", sized(true, &places.clones()));
    for spare in Spare::all(places) {
        let minutes = spare.age().map_or(0, |age| age.as_secs() / 60);
        let state = match (spare.is_ready(), spare.process().and_then(checks::memory_of)) {
            (false, _) => "being started".to_owned(),
            (true, None) => format!("ready, {minutes} min old"),
            (true, Some(memory)) => format!("ready, {minutes} min old, {memory} MB of memory"),
        };
        say("spare kernel", state);
    }
    if let Some(free) = checks::free_megabytes(root) {
        say("free on this disk", format!("{free} MB"));
    }
    Ok(lines)
}
