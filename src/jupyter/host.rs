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
//! A host that nobody has used ends with its starter, and a spare when nobody keeps spares; but
//! where `awaited` is there, its last keeper is being restarted, and may have a moment for it. A
//! spare that is still being started may be taken, too: it is ahead of one that would be started
//! then.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
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
    Error, Places, cells, evcxr, folders, kernel, kernelspec, lock, pass, priority, spares,
    supervisor, warm,
};
use crate::files;

/// How often what is about to come is looked for.
const LOOK: Duration = Duration::from_millis(20);
/// How often the kernel's end, and that of whoever uses it, is looked for, as long as it lives.
const WATCH: Duration = Duration::from_millis(100);
/// How long a kernel may take to listen, and a process to make its folder.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long a spare may take until it is ready, on a machine that has other work.
const WARM_UP: Duration = Duration::from_secs(1_200);
/// How long a kernel that keeps spares may take to be there again where it is restarted.
const RESTART: Duration = Duration::from_secs(10);
/// How long a host may take to end.
const LAST: Duration = Duration::from_secs(5);

const USER: &str = "user.lock";
const USED: &str = "used";
/// What a kernel says whose port somebody else has taken since it was found to be free, and how often one
/// with other ports is tried.
const PORT_TAKEN: &str = "Address already in use";
const ATTEMPTS: u32 = 5;
const READY: &str = "ready.json";
const SPARE: &str = "spare.json";
const AWAITED: &str = "awaited";
const CONNECTION: &str = "connection.json";
/// What the kernel says on standard error.
const SAID: &str = "said.txt";

/// A host, as whoever uses its kernel holds it.
#[derive(Debug)]
pub(super) struct Host {
    folder: PathBuf,
    /// Where this process has started it.
    child: Option<Child>,
    /// The kernel's process, once it is known: it leads the group of all that its cells do.
    group: Cell<Option<u32>>,
    // As long as it is held the kernel is this process's.
    _user: File,
}

impl Host {
    /// Takes a spare that fits this process: its working folder, its environment and the crate's
    /// source as it is now; one that is ready where there is one. Spares of an older source are
    /// sent away.
    ///
    /// # Errors
    /// Where the spares' folder cannot be read.
    pub(super) fn take_spare(places: &Places) -> Result<Option<Self>, Error> {
        let mut wanted = None;
        // To say what fits takes a question to rustc: only where there is what may fit.
        let mut spares = Spare::all(places);
        spares.sort_by_key(|spare| !spare.is_ready());
        for spare in spares {
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
        taken.then_some(Host { folder, child: None, group: Cell::new(None), _user: user })
    }

    /// Waits until the kernel can be reached. Returns where, and how many cells it has counted.
    ///
    /// # Errors
    /// Where it has ended, or `stop` says to stop.
    pub(super) fn wait(&self, stop: &dyn Fn() -> bool) -> Result<(Connection, u64), Error> {
        loop {
            if let Some(ready) = read(&self.folder.join(READY)) {
                self.group.set(ready["process"].as_u64().and_then(|id| id.try_into().ok()));
                let connection = Connection::read(&self.folder.join(CONNECTION))?;
                return Ok((connection, ready["counted"].as_u64().unwrap_or_default()));
            }
            if stop() || !self.lives() {
                return Err(self.not_started());
            }
            std::thread::sleep(LOOK);
        }
    }

    /// The kernel's process, once it can be reached.
    pub(super) fn process(&self) -> Option<u32> {
        process(&self.folder)
    }

    /// Whether its process is there.
    pub(super) fn lives(&self) -> bool {
        lives(&self.folder)
    }

    /// Ends the kernel, and removes what is left where the host was killed: its kernel is gone then,
    /// but not the cell that runs in another process, for ever perhaps.
    fn clear(&self) {
        #[cfg(unix)]
        if let Some(group) = self.group.get() {
            let group = nix::unistd::Pid::from_raw(group.cast_signed());
            let _ = nix::sys::signal::killpg(group, nix::sys::signal::SIGKILL);
        }
        // Where the host lives, or another process clears up, that is theirs.
        let lock_file = self.folder.with_extension("lock");
        if let Some(_alone) = lock::take(&lock_file)
            && folders::remove(&self.folder).is_ok()
        {
            let _ = fs::remove_file(lock_file);
        }
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
        self.clear();
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

    /// Whether it has this environment, as [`spares_environment`] names it.
    pub(super) fn has_environment(&self, environment: &str) -> bool {
        self.fits["environment"] == environment
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
        process(&self.folder)
    }

    /// Has it wait for the kernel that takes the place of this one, which keeps spares.
    pub(super) fn await_restart(&self) {
        // Else it ends, and the next kernel starts as long as it takes.
        let _ = fs::write(self.folder.join(AWAITED), "");
    }

    /// Has it end.
    pub(super) fn send_away(self) {
        // Used, and then by nobody; what others use by now they may keep.
        drop(Host::take(self.folder));
    }
}

/// The kernel's process in a host's folder, once it can be used.
fn process(folder: &Path) -> Option<u32> {
    read(&folder.join(READY))?["process"].as_u64()?.try_into().ok()
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
        "environment": environment(&[]),
        "source": warm::fingerprint(places)?,
    }))
}

/// The environment of a spare that this process starts, and of the kernels that it is for.
pub(super) fn spares_environment(places: &Places) -> String {
    environment(&kernelspec::environment(places))
}

/// A number for what the cells see of this process's environment and of these variables, but for
/// what is of one kernel or one terminal.
fn environment(added: &[(String, String)]) -> String {
    const OF_ONE: [&str; 7] =
        ["IPYTHONDIR", "JPY_", "JUPYTER", "KERNEL_", spares::WANTED, "PYTHON", "SHLVL"];
    const NAMES: [&str; 3] = ["PWD", "OLDPWD", "_"];
    let is_of_one =
        |name: &str| OF_ONE.iter().any(|start| name.starts_with(start)) || NAMES.contains(&name);
    let mut variables: BTreeMap<OsString, OsString> = env::vars_os().collect();
    variables.extend(added.iter().map(|(name, value)| (name.into(), value.into())));
    variables.retain(|name, _| !is_of_one(&name.to_string_lossy()));
    let mut hasher = DefaultHasher::new();
    variables.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The command of a host.
fn command(places: &Places, spare: bool) -> Command {
    // A spare is started by the clone's own program, whatever program keeps it: by where that lies the
    // host knows of which clone it is.
    let program = if spare { places.command() } else { supervisor::this_program() };
    let mut command = Command::new(program);
    command.arg("host").arg("--starter").arg(std::process::id().to_string());
    command.stdin(Stdio::null()).stdout(Stdio::null());
    if spare {
        command.arg("--spare").current_dir(places.notebooks());
        command.envs(kernelspec::environment(places));
        command.stderr(Stdio::null());
    }
    command
}

/// Whether a spare that this process has started has been ready, or was taken before.
pub(super) fn has_come_up(places: &Places, spare: u32) -> bool {
    let folder = warm::Clone::of(places, spare);
    [READY, USED].iter().any(|name| folder.join(name).exists())
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
    let keeping = Keeping {
        places,
        folder: folder.folder(),
        starter,
        spare,
        told_to_end: &told_to_end,
        left: Cell::new(None),
    };
    let user = folder.folder().join(USER);
    File::create(&user).at(&user)?;
    keeping.say(SPARE, spare.then(|| fitness(places)).transpose()?)?;
    let build = match env::var_os(warm::BUILD_FOLDER) {
        Some(build) => build.into(),
        None => folder.build(places)?,
    };
    // In a copy of a clone the scripts still name the programs of the clone itself.
    cells::set_up(places)?;
    let mut attempts = 0;
    let (mut kernel, counted) = loop {
        let mut kernel = Kernel::start(places, &found.program, folder.folder(), &build)?;
        attempts += 1;
        match kernel.come_up(&keeping) {
            Ok(counted) => break (kernel, counted),
            // Nobody is left to whom that matters.
            Err(_) if keeping.is_over() => return Ok(0),
            Err(Error::NotStarted { said }) if attempts < ATTEMPTS && said.contains(PORT_TAKEN) => {
            }
            Err(error) => return Err(error),
        }
    };
    let process = kernel.child.id();
    keeping.say(READY, Some(json!({"counted": counted, "process": process})))?;
    loop {
        if let Some(code) = kernel.ended()? {
            return Ok(code);
        }
        if keeping.is_over() {
            return Ok(0);
        }
        std::thread::sleep(WATCH);
    }
}

/// For whom a host is there.
struct Keeping<'a> {
    places: &'a Places,
    folder: &'a Path,
    starter: u32,
    spare: bool,
    told_to_end: &'a AtomicBool,
    /// Since when its last keeper is being restarted.
    left: Cell<Option<Instant>>,
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
        let user = self.folder.join(USER);
        if self.is_used() {
            return !lock::is_held(&user);
        }
        let has_keeper = match self.spare {
            true => spares::are_kept(self.places) || self.is_awaited(),
            false => kernel::parent() == self.starter.cast_signed(),
        };
        // With this lock nobody comes to use it between this look and the end.
        !has_keeper && lock::take(&user).is_some_and(|_| !self.is_used())
    }

    /// Whether the last keeper may be there again in a moment.
    fn is_awaited(&self) -> bool {
        if !self.folder.join(AWAITED).exists() {
            return false;
        }
        let left = self.left.get().unwrap_or_else(Instant::now);
        self.left.set(Some(left));
        left.elapsed() < RESTART
    }

    /// Whether somebody uses the kernel, or has.
    fn is_used(&self) -> bool {
        self.folder.join(USED).exists()
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

    /// Waits until the kernel listens, and has it run what a spare runs, or less of it where it is
    /// wanted before. Returns how many cells it has counted.
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
        let lowered = Cell::new(Some(priority::lower(self.child.id())));
        let is_wanted = || {
            let is_used = keeping.is_used();
            if is_used {
                drop(lowered.take());
            }
            is_used
        };
        let child = RefCell::new(&mut self.child);
        let ended = || !matches!(child.borrow_mut().try_wait(), Ok(None));
        let too_late = || !is_wanted() && started.elapsed() > WARM_UP;
        let stop = || ended() || keeping.is_over() || too_late();
        pass::run_cells(&self.connection, &warm::SPARE_CELLS, &is_wanted, &stop)
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
