//! JupyterLab, opened on the notebooks.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::At;
use super::run::jupyter_environment;
use super::{Error, Places, python, warm};

/// How often JupyterLab's state is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long JupyterLab may take to end its kernels.
const PATIENCE: Duration = Duration::from_secs(15);

/// Opens JupyterLab in the notebooks' folder, prints its address through `say`, and stays until
/// it ends or Ctrl-C is pressed.
///
/// # Errors
/// Where JupyterLab does not start.
pub fn lab(
    places: &Places,
    port: Option<u16>,
    browser: bool,
    say: &dyn Fn(&str),
) -> Result<(), Error> {
    let interrupted = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        signal_hook::flag::register(signal, interrupted.clone()).at("the signal handlers")?;
    }
    let mut server = Server(start(places, port, browser)?);
    let child = &mut server.0;
    let program = "JupyterLab";
    let mut announced = false;
    loop {
        if let Some(status) = child.try_wait().at(program)? {
            warm::sweep(places)?;
            return match status.success() {
                true => Ok(()),
                false => Err(Error::Program {
                    program: program.into(),
                    doing: "serving the notebooks",
                    how: status.to_string(),
                    hint: ": see above",
                }),
            };
        }
        if interrupted.load(Ordering::Relaxed) {
            say("Ending JupyterLab and its kernels");
            end(child)?;
            return warm::sweep(places);
        }
        if !announced && let Some(address) = address(places, child.id()) {
            say(&format!("JupyterLab is at {address}"));
            say("Ctrl-C ends it");
            announced = true;
        }
        std::thread::sleep(LOOK);
    }
}

/// JupyterLab's process, which does not outlive this command however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, but where something failed.
        let _ = end(&mut self.0);
    }
}

fn start(places: &Places, port: Option<u16>, browser: bool) -> Result<Child, Error> {
    let mut command = Command::new(places.python());
    jupyter_environment(places, python::clean(&mut command))
        .args(["-m", "jupyterlab"])
        .arg(format!("--ServerApp.root_dir={}", places.notebooks().display()))
        .args(["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"])
        .stdin(Stdio::null());
    if let Some(port) = port {
        // Asked for by number, so no other one will do.
        command.arg(format!("--ServerApp.port={port}")).arg("--ServerApp.port_retries=0");
    }
    if !browser {
        command.arg("--no-browser");
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // A group of its own: Ctrl-C is for this command, which ends JupyterLab in its own way;
        // JupyterLab itself would ask whether it is meant.
        command.process_group(0);
        if nix::unistd::geteuid().is_root() {
            command.arg("--allow-root");
        }
    }
    command.spawn().at(places.python())
}

/// JupyterLab's address, as soon as it has written it down.
fn address(places: &Places, process: u32) -> Option<String> {
    let file: PathBuf = places.jupyter("runtime").join(format!("jpserver-{process}.json"));
    let said: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    let url = said["url"].as_str()?;
    Some(match said["token"].as_str() {
        Some(token) if !token.is_empty() => format!("{url}lab?token={token}"),
        _ => format!("{url}lab"),
    })
}

/// Lets JupyterLab end its kernels and itself; kills it where it takes too long.
fn end(child: &mut Child) -> Result<(), Error> {
    #[cfg(unix)]
    {
        let process = nix::unistd::Pid::from_raw(child.id().cast_signed());
        // It may have ended in the meantime.
        let _ = nix::sys::signal::kill(process, nix::sys::signal::SIGTERM);
    }
    #[cfg(not(unix))]
    child.kill().at("JupyterLab")?;
    let asked = Instant::now();
    while child.try_wait().at("JupyterLab")?.is_none() {
        if asked.elapsed() > PATIENCE {
            child.kill().at("JupyterLab")?;
        }
        std::thread::sleep(LOOK);
    }
    Ok(())
}
