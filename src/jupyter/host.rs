//! A process that holds one evcxr_jupyter, in a folder of its own: for the kernel that has started
//! it, or ahead of time, as a spare, for one that is yet to be started.
//!
//! The processes know of each other by locks, which go with a process however it ends. In the
//! folder `kernel-N`, where N is the host's process, are
//! - `../kernel-N.lock`: held by the host as long as it lives;
//! - `spare.json`, where it is a spare: whom it fits;
//! - `ready.json`: written once the kernel can be used;
//! - `user.lock`: held by whoever uses the kernel, and whoever gets it first may;
//! - `used`: there as soon as somebody has used it. When nobody holds the lock then, the host ends.
//!
//! A host that nobody has used ends with its starter, and a spare when nobody keeps spares.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::error::At;
use super::wire::Connection;
use super::{
    Error, Places, evcxr, kernel, kernelspec, lock, pass, priority, spares, supervisor, warm,
};
use crate::files;

/// How often the kernel's end, and that of whoever uses it, is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// How long a kernel may take to listen, and a process to make its folder.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a host may take to end.
const LAST: Duration = Duration::from_secs(5);

const USER: &str = "user.lock";
const USED: &str = "used";
const READY: &str = "ready.json";
const SPARE: &str = "spare.json";
const CONNECTION: &str = "connection.json";
/// What the kernel says on standard error.
const SAID: &str = "said.txt";

/// A host, as whoever uses its kernel holds it.
#[derive(Debug)]
pub(super) struct Host {
    folder: PathBuf,
    /// Where this process has started it.
    child: Option<Child>,
    // As long as it is held the kernel is this process's.
    _user: File,
}

impl Host {
    /// Takes a spare that fits this process: its working folder, its environment and the crate's
    /// source as it is now. Spares of an older source are sent away.
    ///
    /// # Errors
    /// Where the spares' folder cannot be read.
    pub(super) fn take_spare(places: &Places) -> Result<Option<Self>, Error> {
        let mut wanted = None;
        // To say what fits takes a question to rustc: only where there is what may fit.
        for spare in Spare::all(places).into_iter().filter(Spare::is_ready) {
            let wanted = match &wanted {
                Some(wanted) => wanted,
                None => wanted.insert(fitness(places)?),
            };
            let fits = |what: &str| spare.fits[what] == wanted[what];
            if !fits("folder") || !fits("environment") {
                continue;
            }
            if let Some(host) = Self::take(spare.folder.clone())
                && fits("source")
            {
                return Ok(Some(host));
            }
            // It has ended in the meantime; or it is of an older source, and ends now, used and
            // left.
        }
        Ok(None)
    }

    /// Starts a host for this process.
    ///
    /// # Errors
    /// Where it cannot be started, or does not come up.
    pub(super) fn start(places: &Places) -> Result<Self, Error> {
        let mut child = command(places, false).spawn().at("this program")?;
        let folder = warm::Clone::of(places, child.id());
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if let Some(mut host) = Self::take(folder.clone()) {
                host.child = Some(child);
                return Ok(host);
            }
            if child.try_wait().at("the kernel's host")?.is_some() {
                break;
            }
            std::thread::sleep(LOOK / 10);
        }
        Err(Error::NotStarted { said: String::new() })
    }

    /// Makes a host this process's, where it lives and is nobody else's.
    fn take(folder: PathBuf) -> Option<Self> {
        let user = lock::take(&folder.join(USER))?;
        let is_free = !folder.join(USED).exists() && lives(&folder);
        let taken = is_free && fs::write(folder.join(USED), "").is_ok();
        taken.then_some(Host { folder, child: None, _user: user })
    }

    /// Waits until the kernel can be reached. Returns where, and how many cells it has counted.
    ///
    /// # Errors
    /// Where it has ended, or `stop` says to stop.
    pub(super) fn wait(&self, stop: &dyn Fn() -> bool) -> Result<(Connection, u64), Error> {
        loop {
            if let Some(ready) = read(&self.folder.join(READY)) {
                let connection = Connection::read(&self.folder.join(CONNECTION))?;
                return Ok((connection, ready["counted"].as_u64().unwrap_or_default()));
            }
            if stop() || !self.lives() {
                return Err(self.not_started());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Whether its process is there.
    pub(super) fn lives(&self) -> bool {
        lives(&self.folder)
    }

    /// What to tell where the kernel has ended, or does not answer.
    pub(super) fn not_started(&self) -> Error {
        // The host removes its folder as it ends.
        let said = fs::read_to_string(self.folder.join(SAID)).unwrap_or_default();
        Error::NotStarted { said: said.trim().to_owned() }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // So that no dead process is left behind, should it have ended; else it ends by itself.
        if let Some(child) = &mut self.child {
            let _ = child.try_wait();
        }
    }
}

/// A kernel that was started ahead of time and that nobody has used.
#[derive(Debug)]
pub(super) struct Spare {
    folder: PathBuf,
    fits: Value,
}

impl Spare {
    /// The spares there are, those that are not ready among them.
    pub(super) fn all(places: &Places) -> Vec<Self> {
        let folders = fs::read_dir(places.clones()).into_iter().flatten().flatten();
        let folders = folders.map(|entry| entry.path()).filter(|path| path.is_dir());
        let spares = folders.filter_map(|folder| {
            let fits = read(&folder.join(SPARE))?;
            (!folder.join(USED).exists() && lives(&folder)).then_some(Spare { folder, fits })
        });
        spares.collect()
    }

    /// Starts one in the notebooks' folder, as Jupyter would start it, and waits until it is among
    /// those that there are.
    ///
    /// # Errors
    /// Where it cannot be started.
    pub(super) fn start(places: &Places) -> Result<Child, Error> {
        let mut child = command(places, true).spawn().at("this program")?;
        let file = warm::Clone::of(places, child.id()).join(SPARE);
        let started = Instant::now();
        while !file.exists() && started.elapsed() < PATIENCE {
            if child.try_wait().at("the spare kernel")?.is_some() {
                break;
            }
            std::thread::sleep(LOOK);
        }
        Ok(child)
    }

    /// Whether it has run all it is to run.
    pub(super) fn is_ready(&self) -> bool {
        self.folder.join(READY).exists()
    }

    /// Since when it is there.
    pub(super) fn age(&self) -> Option<Duration> {
        fs::metadata(self.folder.join(SPARE)).ok()?.modified().ok()?.elapsed().ok()
    }

    /// The kernel's process, once it can be used.
    pub(super) fn process(&self) -> Option<u32> {
        read(&self.folder.join(READY))?["process"].as_u64()?.try_into().ok()
    }

    /// Has it end.
    pub(super) fn send_away(self) {
        // Used, and then by nobody; what others use by now they may keep.
        drop(Host::take(self.folder));
    }
}

fn read(file: &Path) -> Option<Value> {
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// Waits until the hosts are gone that nobody uses any more and may come to use.
pub(super) fn settle(places: &Places) {
    let started = Instant::now();
    let is_leaving = |folder: &Path| {
        lives(folder)
            && match folder.join(USED).exists() {
                true => !lock::is_held(&folder.join(USER)),
                false => folder.join(SPARE).exists() && !spares::are_kept(places),
            }
    };
    let folders = || fs::read_dir(places.clones()).into_iter().flatten().flatten();
    while started.elapsed() < LAST && folders().any(|entry| is_leaving(&entry.path())) {
        std::thread::sleep(LOOK / 2);
    }
}

fn lives(folder: &Path) -> bool {
    lock::is_held(&folder.with_extension("lock"))
}

/// Whom a kernel that this process starts fits.
fn fitness(places: &Places) -> Result<Value, Error> {
    let folder = env::current_dir().at("the working folder")?;
    Ok(json!({
        "folder": folder.to_string_lossy(),
        "environment": format!("{:016x}", environment()),
        "source": warm::fingerprint(places)?,
    }))
}

/// What the cells see of this process's environment, but what is of one kernel or one terminal.
fn environment() -> u64 {
    const OF_ONE: [&str; 7] =
        ["IPYTHONDIR", "JPY_", "JUPYTER", "KERNEL_", spares::WANTED, "PYTHON", "SHLVL"];
    const NAMES: [&str; 3] = ["PWD", "OLDPWD", "_"];
    let is_of_one =
        |name: &str| OF_ONE.iter().any(|start| name.starts_with(start)) || NAMES.contains(&name);
    let mut variables: Vec<(OsString, OsString)> = env::vars_os().collect();
    variables.retain(|(name, _)| !is_of_one(&name.to_string_lossy()));
    variables.sort();
    let mut hasher = DefaultHasher::new();
    variables.hash(&mut hasher);
    hasher.finish()
}

/// The command of a host.
fn command(places: &Places, spare: bool) -> Command {
    let mut command = Command::new(supervisor::this_program());
    command.arg("host").arg("--starter").arg(std::process::id().to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if spare {
        command.arg("--spare").current_dir(places.notebooks());
        command.envs(kernelspec::environment(places));
        command.stderr(Stdio::null());
    }
    command
}

/// Holds a kernel, until it ends or nobody is there who uses it or may use it.
///
/// # Errors
/// Where the kernel is not installed or cannot be started, or its folder cannot be made.
pub fn host(places: &Places, starter: u32, spare: bool) -> Result<u8, Error> {
    let Some(found) = evcxr::find()? else {
        return Err(Error::Missing {
            what: "evcxr_jupyter".into(),
            remedy: format!("run `cargo run -- setup` in {}", places.root().display()),
        });
    };
    // Whatever ends the process group of the starter is not meant for what others may use.
    #[cfg(unix)]
    let _ = nix::unistd::setsid();
    let told_to_end = kernel::ending_signals()?;
    let folder = warm::Clone::new(places)?;
    let told_to_end = &*told_to_end;
    let keeping = Keeping { places, folder: folder.folder(), starter, spare, told_to_end };
    let user = folder.folder().join(USER);
    File::create(&user).at(&user)?;
    keeping.say(SPARE, spare.then(|| fitness(places)).transpose()?)?;
    let build = match env::var_os(warm::BUILD_FOLDER) {
        Some(build) => build.into(),
        None => folder.build(places)?,
    };
    let mut kernel = Kernel::start(places, &found.program, folder.folder(), &build)?;
    let counted = kernel.come_up(&keeping)?;
    let process = kernel.child.id();
    keeping.say(READY, Some(json!({"counted": counted, "process": process})))?;
    loop {
        if let Some(code) = kernel.ended()? {
            return Ok(code);
        }
        if keeping.is_over() {
            return Ok(0);
        }
        std::thread::sleep(LOOK);
    }
}

/// For whom a host is there.
struct Keeping<'a> {
    places: &'a Places,
    folder: &'a Path,
    starter: u32,
    spare: bool,
    told_to_end: &'a AtomicBool,
}

impl Keeping<'_> {
    /// Writes one of the files by which others know of this host.
    fn say(&self, name: &str, what: Option<Value>) -> Result<(), Error> {
        let file = self.folder.join(name);
        match what {
            Some(what) => files::write_bytes(&file, what.to_string().as_bytes()).at(file),
            None => Ok(()),
        }
    }

    /// Whether there is nobody any more who uses the kernel or may come to use it.
    fn is_over(&self) -> bool {
        if self.told_to_end.load(Ordering::Relaxed) {
            return true;
        }
        let is_used = || self.folder.join(USED).exists();
        let user = self.folder.join(USER);
        if is_used() {
            return !lock::is_held(&user);
        }
        let has_keeper = match self.spare {
            true => spares::are_kept(self.places),
            false => kernel::parent() == self.starter.cast_signed(),
        };
        // With this lock nobody comes to use it between this look and the end.
        !has_keeper && lock::take(&user).is_some_and(|_| !is_used())
    }
}

/// The process of evcxr_jupyter, which does not outlive its host.
struct Kernel {
    child: Child,
    connection: Connection,
}

impl Kernel {
    fn start(places: &Places, program: &Path, folder: &Path, build: &Path) -> Result<Self, Error> {
        let file = folder.join(CONNECTION);
        let connection = Connection::make(&file)?;
        let said = folder.join(SAID);
        let mut command = supervisor::killed_with_this(program);
        command.arg("--control_file").arg(&file).env("EVCXR_TMPDIR", build);
        kernel::environment(places, &mut command);
        // The kernel says things on standard output that nobody reads.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(File::create(&said).at(&said)?);
        Ok(Kernel { child: command.spawn().at(program)?, connection })
    }

    /// Waits until the kernel listens, and has it run what a spare runs. Returns how many cells it
    /// has counted.
    fn come_up(&mut self, keeping: &Keeping<'_>) -> Result<u64, Error> {
        let started = Instant::now();
        while !self.connection.is_open() {
            if self.ended()?.is_some() || keeping.is_over() || started.elapsed() > PATIENCE {
                let said = fs::read_to_string(keeping.folder.join(SAID)).unwrap_or_default();
                return Err(Error::NotStarted { said });
            }
            std::thread::sleep(LOOK);
        }
        if !keeping.spare {
            return Ok(0);
        }
        let lowered = priority::lower(self.child.id());
        let child = std::cell::RefCell::new(&mut self.child);
        let ended = || !matches!(child.borrow_mut().try_wait(), Ok(None));
        let stop = || ended() || keeping.is_over();
        pass::run_cells(&self.connection, &warm::SPARE_CELLS, &stop)?;
        drop(lowered);
        Ok(warm::SPARE_CELLS.len() as u64)
    }

    fn ended(&mut self) -> Result<Option<u8>, Error> {
        let status = self.child.try_wait().at("the kernel")?;
        Ok(status.map(|status| status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)))
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // The cell that runs, and the compiler, are in its group.
        #[cfg(unix)]
        {
            let group = nix::unistd::Pid::from_raw(self.child.id().cast_signed());
            let _ = nix::sys::signal::killpg(group, nix::sys::signal::SIGKILL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
