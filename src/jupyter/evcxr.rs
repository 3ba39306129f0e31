//! The kernel itself, evcxr_jupyter: found, or built once for the user.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use super::error::At;
use super::places::EVCXR_VERSION;
use super::supervisor::{self, Supervision};
use super::{Error, Places, checks, lock};

const PROGRAM: &str = if cfg!(windows) { "evcxr_jupyter.exe" } else { "evcxr_jupyter" };

/// The kernel's program, where it is installed in the version that the notebooks need: in the
/// user's cache folder, or by their cargo.
pub(super) fn find() -> Result<Option<PathBuf>, Error> {
    let kept = Places::kernel_home()?.join("bin").join(PROGRAM);
    if kept.is_file() {
        return Ok(Some(kept));
    }
    let Some(cargo) = Places::cargo_home() else { return Ok(None) };
    // The program has no --version: cargo's own list tells which one it installed.
    let installed = fs::read_to_string(cargo.join(".crates.toml")).unwrap_or_default();
    let theirs = cargo.join("bin").join(PROGRAM);
    let same = installed.contains(&format!("\"evcxr_jupyter {EVCXR_VERSION} "));
    Ok((same && theirs.is_file()).then_some(theirs))
}

/// Finds the kernel, or builds it in the user's cache folder. An interrupted build goes on
/// where it stopped.
pub(super) fn find_or_build(places: &Places, say: &dyn Fn(&str)) -> Result<PathBuf, Error> {
    if let Some(program) = find()? {
        return Ok(program);
    }
    let home = Places::kernel_home()?;
    let _busy = lock::exclusive(&home.with_extension("lock"), say)?;
    if let Some(program) = find()? {
        return Ok(program);
    }
    checks::disk(&home, 2_000, "building the kernel", "set XDG_CACHE_HOME to a larger disk")?;
    say(&format!(
        "Building the kernel, evcxr_jupyter {EVCXR_VERSION}: once for this user, about ten minutes on two cores"
    ));
    let build = home.join("build");
    let children = places.children_lock();
    // Not all that a build leaves running is the build's: a compiler cache serves others, too.
    let supervision = Supervision { lock: Some(&children), ..Supervision::default() };
    let status = supervisor::command("cargo", &supervision)
        .args(["install", "--locked", "--version", EVCXR_VERSION, "evcxr_jupyter", "--root"])
        .arg(&home)
        // A fixed folder, so that a build that was interrupted goes on.
        .env("CARGO_TARGET_DIR", &build)
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET")
        // Outside the clone, whose toolchain file need not bind the user's kernel.
        .current_dir(home.parent().unwrap_or(&home))
        .stdin(Stdio::null())
        .status()
        .at("cargo")?;
    match (status.success(), find()?) {
        (true, Some(program)) => {
            fs::remove_dir_all(&build).at(&build)?;
            Ok(program)
        }
        _ => Err(Error::Program {
            program: "cargo install evcxr_jupyter".into(),
            doing: "building the kernel",
            how: status.to_string(),
            hint: ": see above, and check the network; the same command goes on where this one stopped",
        }),
    }
}
