//! The kernel's registration and Jupyter's settings, in `.venv` alone.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::error::At;
use super::{Error, Places, checks, folders, kernel};
use crate::files;

/// The name under which the kernel is registered.
pub(super) const KERNEL: &str = "rust";

/// Registers the kernel under the name `rust`, and settles what Jupyter would ask.
pub(super) fn set_up(places: &Places) -> Result<(), Error> {
    copy_command(places)?;
    for kind in ["config", "data", "runtime", "ipython"] {
        folders::private(&places.jupyter(kind))?;
    }
    let environment: serde_json::Map<String, Value> =
        variables(places).into_iter().map(|(name, value)| (name.into(), value.into())).collect();
    let kernel = json!({
        "argv": [places.command(), "kernel", "{connection_file}"],
        "display_name": "Rust",
        "language": "rust",
        "interrupt_mode": "message",
        "env": environment,
    });
    let share = places.venv().join("share").join("jupyter");
    write(&file(places), &kernel)?;
    let defaults = json!({
        // JupyterLab would ask whether to look for news, and look for updates.
        "@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false", "checkForUpdates": false, "doNotDisturbMode": false,
        },
        "@jupyterlab/notebook-extension:tracker": {
            // The kernel's memory is free again when the notebook is closed.
            "kernelShutdown": true,
            // Cells that are run before the kernel is there wait for it: no question which one.
            "autoStartDefaultKernel": true,
        },
        // The whole names of the notebooks, in place of when they were changed.
        "@jupyterlab/filebrowser-extension:browser": { "showLastModifiedColumn": false },
        // The first page, as it is to be read.
        "@jupyterlab/docmanager-extension:plugin": {
            "defaultViewers": { "markdown": "Markdown Preview" },
        },
    });
    write(&share.join("lab").join("settings").join("overrides.json"), &defaults)
}

/// What a kernel has to know of the toolchain.
pub(super) fn variables(places: &Places) -> Vec<(&'static str, String)> {
    let libraries = checks::output_in(places.root(), "rustc", &["--print", "target-libdir"]);
    let libraries = libraries.map(|libraries| libraries.trim().to_owned());
    let variables = [("RUSTUP_TOOLCHAIN", toolchain(places)), (kernel::LIBRARIES, libraries)];
    variables.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Whether the kernel is registered.
pub(super) fn is_set_up(places: &Places) -> bool {
    places.command().is_file() && file(places).is_file()
}

fn file(places: &Places) -> PathBuf {
    places.venv().join("share/jupyter/kernels/rust/kernel.json")
}

/// What the registration adds to a kernel's environment.
pub(super) fn environment(places: &Places) -> Vec<(String, String)> {
    let text = fs::read_to_string(file(places)).unwrap_or_default();
    let registration: Value = serde_json::from_str(&text).unwrap_or_default();
    let variables = registration["env"].as_object().into_iter().flatten();
    variables.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// Keeps a copy of this program in `.venv`, so that a kernel starts whatever becomes of cargo's
/// target folder.
fn copy_command(places: &Places) -> Result<(), Error> {
    let here = env::current_exe().at("this program")?;
    let kept = places.command();
    let read = |path: &Path| fs::read(path).at(path);
    if here == kept || (kept.is_file() && read(&here)? == read(&kept)?) {
        return Ok(());
    }
    // Renamed into place: a running kernel keeps the file that it was started from.
    // One name for all: the set-up's lock is held, and what a killed one left is taken over.
    let new = kept.with_extension("new");
    fs::copy(&here, &new).at(&new)?;
    fs::rename(&new, &kept).at(&kept)
}

/// The toolchain that the clone asks for; the kernel's analyser looks for it from elsewhere.
fn toolchain(places: &Places) -> Option<String> {
    if let Some(toolchain) = env::var("RUSTUP_TOOLCHAIN").ok().filter(|name| !name.is_empty()) {
        return Some(toolchain);
    }
    let said = checks::output_in(places.root(), "rustup", &["show", "active-toolchain"])?;
    said.split_whitespace().next().map(str::to_owned)
}

fn write(file: &Path, content: &serde_json::Value) -> Result<(), Error> {
    let text = format!("{content:#}\n");
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).at(folder)?;
    }
    files::write_bytes(file, text.as_bytes()).at(file)
}
