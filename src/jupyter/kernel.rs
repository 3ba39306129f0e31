//! What Jupyter starts as "Rust": a process that passes messages to an evcxr_jupyter.

use std::env;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::At;
use super::host::Host;
use super::pass::Passed;
use super::spares::Keeper;
use super::wire::Connection;
use super::{Error, Places, cells, pass, spares, warm};

/// The variable that names the folder of Rust's own shared libraries. The cells' libraries look
/// for them by a way relative to another folder than the one they lie in, and do not find them
/// where the clone and the toolchain are in the same home folder.
pub(super) const LIBRARIES: &str = "PICKLEBOOK_RUST_LIBRARIES";

/// The variable with the folders of shared libraries.
pub(super) const LIBRARY_PATH: &str =
    if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// Serves a Jupyter connection file with a kernel, a spare one where there is one, until that ends,
/// is told to end, or whoever started this process is gone.
///
/// # Errors
/// Where the kernel is not installed or cannot be started, its folder cannot be made, or Jupyter's
/// ports cannot be listened on.
pub fn kernel(places: &Places, connection_file: &Path) -> Result<u8, Error> {
    let front = Connection::read(connection_file)?.listen()?;
    let told_to_end = ending_signals()?;
    let starter = parent();
    let ends = || told_to_end.load(Ordering::Relaxed) || parent() != starter;
    warm::sweep(places)?;
    let serve = |host: &Host| {
        let stop = || ends() || !host.lives();
        let (back, counted) = host.wait(&stop)?;
        // The kernel begins to count at two.
        pass::pass(front.again()?, &back, counted + 1, host.process(), &stop)
    };
    let is_warm_up = env::var_os(warm::BUILD_FOLDER).is_some();
    let keeps = !is_warm_up && env::var_os(spares::KEPT).is_none();
    // A kernel starts whatever else is asked for.
    let wanted = spares::wanted().unwrap_or(spares::SPARES);
    let keeper = if keeps { Keeper::new(places, wanted)? } else { None };
    let spare = if is_warm_up { None } else { Host::take_spare(places)? };
    let passed = match spare.map(|spare| serve(&spare)) {
        // It may have been killed a moment ago.
        Some(Err(Error::NotStarted { .. })) | None if !ends() => {
            let host = Host::start(places)?;
            serve(&host).map_err(|error| match error {
                Error::NotStarted { .. } => host.not_started(),
                error => error,
            })
        }
        Some(passed) => passed,
        None => Ok(Passed::Stopped),
    };
    match passed {
        Ok(Passed::Shutdown { restart }) => {
            if let Some(keeper) = keeper
                && restart
            {
                keeper.hand_over(places);
            }
            Ok(0)
        }
        Ok(Passed::Stopped) if ends() => Ok(0),
        // The kernel is gone, and Jupyter is to see that.
        Ok(Passed::Stopped) => Ok(1),
        Err(_) if ends() => Ok(0),
        Err(error) => Err(error),
    }
}

/// Gives the kernel what it needs and keeps from it what would change what it builds.
pub(super) fn environment(places: &Places, command: &mut Command) {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        let of_cargo =
            name_text.starts_with("CARGO") && !KEPT.iter().any(|kept| name_text.starts_with(kept));
        let of_build = [
            "RUSTFLAGS",
            "RUSTC",
            // What was compiled with it is stale without it.
            "RUSTC_BOOTSTRAP",
            "RUSTDOC",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "LD_LIBRARY_PATH",
        ]
        .contains(&name_text.as_ref());
        if of_cargo || of_build || name_text.starts_with("EVCXR_") {
            command.env_remove(&name);
        }
    }
    let programs = places.venv_programs();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(
        [cells::programs(places), programs].into_iter().chain(env::split_paths(&path)),
    );
    command
        .env("EVCXR_CONFIG_DIR", places.evcxr_settings())
        // It would rewrite an older kernel that it finds in the user's own Jupyter folder.
        .env("JUPYTER_PATH", places.evcxr_settings().join("no-kernels"))
        .env("VIRTUAL_ENV", places.venv())
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME");
    if let Ok(path) = path {
        command.env("PATH", path);
    }
    if let Some(libraries) = env::var_os(LIBRARIES) {
        command.env(LIBRARY_PATH, libraries).env_remove(LIBRARIES);
    }
}

/// A flag that rises when this process is told to end. An interrupt (Ctrl-C) is not for the
/// kernel's process: Jupyter sends it as a message.
pub(super) fn ending_signals() -> Result<Arc<AtomicBool>, Error> {
    let flag = Arc::new(AtomicBool::new(false));
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        signal_hook::flag::register(signal, flag.clone()).at("the signal handlers")?;
    }
    #[cfg(unix)]
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::default())
        .at("the signal handlers")?;
    Ok(flag)
}

#[cfg(unix)]
pub(super) fn parent() -> i32 {
    nix::unistd::getppid().as_raw()
}

#[cfg(not(unix))]
pub(super) fn parent() -> i32 {
    0
}
