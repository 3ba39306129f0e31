//! What Jupyter starts as "Rust": evcxr_jupyter in a build folder of its own.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::error::At;
use super::{Error, Places, evcxr, warm};

/// How often the kernel's end, and that of whoever started it, is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// The variable that names the folder of Rust's own shared libraries. The cells' libraries look
/// for them by a way relative to another folder than the one they lie in, and do not find them
/// where the clone and the toolchain are in the same home folder.
pub(super) const LIBRARIES: &str = "PICKLEBOOK_RUST_LIBRARIES";

/// Runs a kernel on a Jupyter connection file until it ends, is told to end, or whoever started
/// it is gone; then removes its build folder.
///
/// # Errors
/// Where the kernel is not installed or cannot be started, or its folder cannot be made.
pub fn kernel(places: &Places, connection_file: &Path) -> Result<u8, Error> {
    let Some(program) = evcxr::find()? else {
        return Err(Error::Missing {
            what: "evcxr_jupyter".into(),
            remedy: format!("run `cargo run -- setup` in {}", places.root().display()),
        });
    };
    let told_to_end = ending_signals()?;
    let starter = parent();
    warm::sweep(places)?;
    let clone = match env::var_os(warm::BUILD_FOLDER) {
        Some(_) => None,
        None => Some(warm::Clone::new(places)?),
    };
    let mut command = Command::new(&program);
    command.arg("--control_file").arg(connection_file);
    environment(places, &mut command);
    match (&clone, env::var_os(warm::BUILD_FOLDER)) {
        (Some(clone), _) => command.env("EVCXR_TMPDIR", clone.folder()),
        (None, Some(folder)) => command.env("EVCXR_TMPDIR", folder),
        (None, None) => &mut command,
    };
    // The kernel says things on standard output that nobody reads.
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().at(&program)?;
    let abandoned = loop {
        if let Some(status) = child.try_wait().at(&program)? {
            drop(clone);
            return Ok(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1));
        }
        if told_to_end.load(Ordering::Relaxed) || parent() != starter {
            break parent() != starter;
        }
        std::thread::sleep(LOOK);
    };
    end(&mut child);
    drop(clone);
    if abandoned {
        end_group();
    }
    Ok(0)
}

fn end(child: &mut Child) {
    // It may have ended by itself in the meantime.
    let _ = child.kill();
    let _ = child.wait();
}

/// Gives the kernel what it needs and keeps from it what would change what it builds.
fn environment(places: &Places, command: &mut Command) {
    const KEPT: [&str; 4] = ["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR"];
    for (name, _) in env::vars_os() {
        let name_text = name.to_string_lossy();
        let of_cargo =
            name_text.starts_with("CARGO") && !KEPT.iter().any(|kept| name_text.starts_with(kept));
        let of_build = [
            "RUSTFLAGS",
            "RUSTC",
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
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path)));
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
        let variable =
            if cfg!(target_os = "macos") { "DYLD_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };
        command.env(variable, libraries).env_remove(LIBRARIES);
    }
}

/// A flag that rises when this process is told to end. An interrupt (Ctrl-C) is not for the
/// kernel's process: Jupyter sends it as a message.
fn ending_signals() -> Result<Arc<AtomicBool>, Error> {
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
fn parent() -> i32 {
    nix::unistd::getppid().as_raw()
}

#[cfg(not(unix))]
fn parent() -> i32 {
    0
}

/// Ends what a cell may have left running, and this process with it, where it leads the group
/// that Jupyter made for the kernel.
fn end_group() {
    #[cfg(unix)]
    if nix::unistd::getpgrp() == nix::unistd::getpid() {
        let _ = nix::sys::signal::killpg(nix::unistd::getpgrp(), nix::sys::signal::SIGKILL);
    }
}
