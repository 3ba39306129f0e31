//! JupyterLab, opened on the notebooks.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::error::At;
use super::kernelspec::KERNEL;
use super::run::jupyter_environment;
use super::spares::Keeper;
use super::supervisor::{self, Supervision};
use super::{Error, Places, folders, host, lock, python, warm};

/// What JupyterLab shows first.
const FIRST: &str = "lab/tree/README.md";
/// How often JupyterLab's state is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long JupyterLab may take to end its kernels, and its supervisor to end what is left.
const PATIENCE: Duration = Duration::from_secs(25);

/// Opens JupyterLab in the notebooks' folder, prints its address through `say`, and stays until
/// it ends, Ctrl-C is pressed or the terminal is closed. JupyterLab and its kernels end with this
/// process, in whatever way that ends. Meanwhile `spares` kernels are kept ready.
///
/// # Errors
/// Where JupyterLab does not start.
pub fn lab(
    places: &Places,
    port: Option<u16>,
    browser: bool,
    spares: u32,
    say: &dyn Fn(&str),
) -> Result<(), Error> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let register =
        |signal| signal_hook::flag::register(signal, interrupted.clone()).at("the signal handlers");
    register(signal_hook::consts::SIGINT)?;
    register(signal_hook::consts::SIGTERM)?;
    #[cfg(unix)]
    if !ignores_hang_up() {
        register(signal_hook::consts::SIGHUP)?;
    }
    let mut runtime = Runtime::new(places)?;
    let mut server = Server(start(places, &runtime, port, browser)?);
    let keeper = Keeper::new(places, spares)?;
    let child = &mut server.0;
    let program = "JupyterLab";
    let started = Instant::now();
    let (mut announced, mut closed) = (false, false);
    loop {
        if let Some(status) = child.try_wait().at(program)? {
            clear(places, keeper)?;
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
            return clear(places, keeper);
        }
        if !announced
            && let Some(server) = runtime.server()
            && server.listens()
        {
            say(&format!("JupyterLab is at {}", server.address));
            say("Ctrl-C ends it");
            announced = true;
        }
        if announced || started.elapsed() > PATIENCE {
            runtime.let_others_start();
        }
        closed = closed || runtime.close();
        std::thread::sleep(LOOK);
    }
}

/// Waits until nothing is left of the kernels that nobody needs any more.
fn clear(places: &Places, keeper: Option<Keeper>) -> Result<(), Error> {
    drop(keeper);
    host::settle(places);
    warm::sweep(places)
}

/// JupyterLab's process, which does not outlive this command however that ends.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already, but where something failed.
        let _ = end(&mut self.0);
    }
}

/// Whether this process was started to outlive its terminal, as `nohup` does it.
#[cfg(unix)]
fn ignores_hang_up() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A bit for each signal; that of number 1 comes first.
    ignored.is_some_and(|mask| mask.trim_end().ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']))
}

/// The folder of one JupyterLab's run-time files, which hold its token: only their owner may read
/// them. It goes when this is dropped, or when another JupyterLab starts.
struct Runtime {
    folder: PathBuf,
    // Held by the supervisor too, which may outlive this process for a moment.
    _held: fs::File,
    // Held until the server listens, or takes too long: between its look for a free port and its
    // listening there, another server that looks would find the same one.
    starting: Option<fs::File>,
}

impl Runtime {
    fn new(places: &Places) -> Result<Self, Error> {
        let all = places.jupyter("runtime");
        folders::private(&all)?;
        let starting = lock::exclusive(&places.kernels().join("runtime.lock"), &|_| ())?;
        for entry in fs::read_dir(&all).at(&all)? {
            let folder = entry.at(&all)?.path();
            if folder.is_dir() && lock::try_exclusive(&Self::lock(&folder))?.is_some() {
                folders::remove(&folder)?;
            }
        }
        let folder = all.join(format!("lab-{}", std::process::id()));
        folders::private(&folder)?;
        let held = lock::shared(&Self::lock(&folder))?;
        Ok(Runtime { folder, _held: held, starting: Some(starting) })
    }

    fn let_others_start(&mut self) {
        self.starting = None;
    }

    fn lock(folder: &Path) -> PathBuf {
        folder.join("held.lock")
    }

    /// Takes others' permissions from the files, and returns whether that of the browser, which
    /// Jupyter writes last, was among them.
    fn close(&self) -> bool {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let close = |file: fs::DirEntry| {
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                // It may have gone already; and others do not get as far as this folder.
                let _ = fs::set_permissions(file.path(), fs::Permissions::from_mode(0o600));
            }
            file.path().extension().is_some_and(|end| end == "html")
        };
        files.map(close).fold(false, |last, this| last | this)
    }

    /// What JupyterLab says of itself, which it writes down shortly before it listens.
    fn server(&self) -> Option<Announced> {
        let files = fs::read_dir(&self.folder).ok()?.flatten();
        let is_servers = |name: &str| name.starts_with("jpserver-") && name.ends_with(".json");
        let file = files.map(|file| file.path()).find(|path| {
            path.file_name().is_some_and(|name| is_servers(&name.to_string_lossy()))
        })?;
        let said: Value = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
        let url = said["url"].as_str()?;
        let address = match said["token"].as_str() {
            Some(token) if !token.is_empty() => format!("{url}{FIRST}?token={token}"),
            _ => format!("{url}{FIRST}"),
        };
        let host = said["hostname"].as_str()?.to_owned();
        Some(Announced { address, host, port: u16::try_from(said["port"].as_u64()?).ok()? })
    }
}

/// Where a JupyterLab says it is.
struct Announced {
    address: String,
    host: String,
    port: u16,
}

impl Announced {
    /// Whether somebody who follows the address finds a server there.
    fn listens(&self) -> bool {
        TcpStream::connect((self.host.as_str(), self.port)).is_ok()
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = folders::remove(&self.folder);
    }
}

fn start(
    places: &Places,
    runtime: &Runtime,
    port: Option<u16>,
    browser: bool,
) -> Result<Child, Error> {
    let lock = Runtime::lock(&runtime.folder);
    // What a reader starts in a terminal of JupyterLab and takes out of it, they may keep.
    let supervision = Supervision { lock: Some(&lock), ..Supervision::default() };
    let mut command = supervisor::command(places.python(), &supervision);
    jupyter_environment(places, python::isolated(&mut command))
        .env("JUPYTER_RUNTIME_DIR", &runtime.folder)
        .args(["-m", "jupyterlab"])
        .arg(format!("--ServerApp.root_dir={}", places.notebooks().display()))
        .arg(format!("--LabApp.default_url=/{FIRST}"))
        // No other kernel knows what a notebook here says, nor is there one to choose.
        .arg(format!("--KernelSpecManager.allowed_kernelspecs={KERNEL}"))
        .arg("--KernelSpecManager.ensure_native_kernel=False")
        .arg(format!("--MultiKernelManager.default_kernel_name={KERNEL}"))
        .args(["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"])
        .stdin(Stdio::null());
    if let Some(port) = port {
        // Asked for by number, so no other one will do.
        command.arg(format!("--ServerApp.port={port}")).arg("--ServerApp.port_retries=0");
    }
    if !browser {
        command.arg("--no-browser");
    }
    // JupyterLab itself would ask whether Ctrl-C is meant; its supervisor is out of its reach.
    #[cfg(unix)]
    if nix::unistd::geteuid().is_root() {
        command.arg("--allow-root");
    }
    command.spawn().at(places.python())
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
