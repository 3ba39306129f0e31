//! The prewarmed build folder: what every notebook's first cells would compile, compiled before
//! the notebook opens. Every kernel works in a clone of it.

use std::collections::hash_map::DefaultHasher;
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::At;
use super::notebook::Notebook;
use super::places::EVCXR_VERSION;
use super::progress::Progress;
use super::run::{Ended, Execution, Timeouts};
use super::{Error, Places, checks, folders, lock};

/// The cell that every notebook starts with.
pub const SET_UP_CELL: &str = ":dep picklebook = { path = \"..\", default-features = false }";

const BINDING: &str = "let warm = picklebook::data::Labels::from([\"L\", \"R\"]);";
const MISTAKEN: &str = "let mistake: u8 = warm;";

/// What a spare kernel runs: the dependency, a binding, an expression and a mistake, which take
/// their time once; then the binding is gone, and nothing can be seen of all that.
pub(super) const SPARE_CELLS: [&str; 5] =
    [SET_UP_CELL, BINDING, "warm.len()", MISTAKEN, "drop(warm);"];

/// What is run once so that its products are there: the dependency, a variable (the kernel's
/// analyser), and a mistake (the `check` products that a compile error needs).
const CELLS: [&str; 4] = [SET_UP_CELL, BINDING, "println!(\"{}\", warm.len());", MISTAKEN];
const MISTAKE: usize = 3;
/// How often it is looked how far they are.
const LOOK: Duration = Duration::from_millis(200);

/// The variable that makes a kernel work in the folder it names, and not in a clone.
pub(super) const BUILD_FOLDER: &str = "PICKLEBOOK_BUILD_FOLDER";

/// The file in the prewarmed folder that tells what it was made from.
const STAMP: &str = "made-from.txt";

/// Brings the prewarmed folder up to date with the crate's source.
pub(super) fn set_up(places: &Places, progress: &Progress<'_>) -> Result<(), Error> {
    let say = |text: &str| progress.line(text);
    let _busy = lock::exclusive(&places.kernels().join("warm-up.lock"), &say)?;
    let made_from = fingerprint(places)?;
    if stamp(&places.warm()).as_ref() == Some(&made_from) {
        return Ok(());
    }
    checks::disk(places.root(), 1_000, "the kernel's warm-up", "move the clone to a larger disk")?;
    let again = places.warm().is_dir();
    progress.step(match again {
        true => "Compiling the changed crate for the kernel (up to two minutes)",
        false => "Compiling the crate and what it stands on for the kernel (about three minutes)",
    });
    write_settings(places)?;
    let building = places.kernels().join("building");
    if again {
        folders::remove(&building)?;
        folders::copy_build(&places.warm(), &building)?;
    }
    fs::create_dir_all(&building).at(&building)?;
    seed_versions(places, &building)?;
    let all = if again { None } else { packages(places) };
    std::thread::scope(|scope| {
        let work = scope.spawn(|| run_cells(places, &building));
        while !work.is_finished() {
            let done = if again { 0 } else { compiled(&building) };
            progress.done(done.min(all.unwrap_or(done)), all, "crates");
            std::thread::sleep(LOOK);
        }
        work.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    let stamp = building.join(STAMP);
    fs::write(&stamp, &made_from).at(&stamp)?;

    let old = places.kernels().join("old");
    folders::remove(&old)?;
    {
        let _alone = lock::exclusive(&swap_lock(places), &|_| ())?;
        if again {
            fs::rename(places.warm(), &old).at(&old)?;
        }
        fs::rename(&building, places.warm()).at(places.warm())?;
    }
    folders::remove(&old)
}

/// Whether the prewarmed folder is there and was made from the source as it is now.
pub(super) fn is_set_up(places: &Places) -> bool {
    fingerprint(places).is_ok_and(|now| stamp(&places.warm()) == Some(now))
}

fn stamp(folder: &Path) -> Option<String> {
    fs::read_to_string(folder.join(STAMP)).ok()
}

fn swap_lock(places: &Places) -> PathBuf {
    places.kernels().join("swap.lock")
}

/// The versions that the project's lock file names, for the kernel would write none of its own
/// but resolve anew.
fn seed_versions(places: &Places, folder: &Path) -> Result<(), Error> {
    let (from, to) = (places.root().join("Cargo.lock"), folder.join("Cargo.lock"));
    fs::copy(&from, &to).at(from)?;
    Ok(())
}

/// The kernels' own settings: cells compile without optimisation, fast.
const SETTINGS: &str = "[evcxr]\nopt_level = \"0\"\n";

/// Cargo's settings for all build folders: the crates that cells call are optimised. A cell (the
/// crate `ctx`) is compiled in two pieces, and nothing of it is kept for the next, which is another.
const PROFILE: &str = "\
[profile.dev.package.\"*\"]
opt-level = 2

[profile.dev.package.ctx]
codegen-units = 2
incremental = false
";

/// Configures the kernels of this clone, beside their build folders.
fn write_settings(places: &Places) -> Result<(), Error> {
    let write = |folder: PathBuf, name: &str, text: &str| {
        fs::create_dir_all(&folder).at(&folder)?;
        let file = folder.join(name);
        fs::write(&file, text).at(&file)
    };
    write(places.evcxr_settings(), "evcxr.toml", SETTINGS)?;
    write(places.kernels().join(".cargo"), "config.toml", PROFILE)
}

/// How many crates are compiled for the cells, where cargo says so.
fn packages(places: &Places) -> Option<usize> {
    const TREE: [&str; 8] = [
        "tree",
        "--locked",
        "--no-default-features",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--no-dedupe",
    ];
    let tree = checks::output_in(places.root(), "cargo", &TREE)?;
    let names = tree.lines().map(|line| line.split(" (").next().unwrap_or(line));
    Some(names.collect::<std::collections::BTreeSet<_>>().len())
}

/// How many crates are compiled in this build folder.
fn compiled(building: &Path) -> usize {
    let in_folder = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let target = building.join("target");
    let folders = in_folder(&target).map(|entry| entry.path().join("debug").join("deps"));
    let folders = folders.chain([target.join("debug").join("deps")]);
    let is_library = |name: &str| {
        let is_of_cells = ["ctx", "code_"].iter().any(|part| name.contains(part));
        let ends = [".rlib", ".so", ".dylib", ".dll"];
        !is_of_cells && ends.iter().any(|end| name.ends_with(end))
    };
    folders
        .flat_map(|folder| in_folder(&folder).collect::<Vec<_>>())
        .filter(|entry| is_library(&entry.file_name().to_string_lossy()))
        .count()
}

/// Runs the warm-up cells in `building`.
fn run_cells(places: &Places, building: &Path) -> Result<(), Error> {
    let text = Notebook::of_cells(&CELLS).to_text();
    let timeouts = Timeouts { cell: Duration::from_secs(1800), start: Duration::from_secs(120) };
    let mut failed = None;
    let (notebooks, children) = (places.notebooks(), places.children_lock());
    let lock = Some(children.as_path());
    let execution = Execution::start(places, &text, &notebooks, &timeouts, lock, |command| {
        command.env(BUILD_FOLDER, building);
    })?;
    execution.follow(|cell| {
        let right =
            cell.ended == Ended::Done && cell.failure().is_some() == (cell.index == MISTAKE);
        if !right && failed.is_none() {
            failed = Some((cell.index, cell.printed()));
        }
    })?;
    match failed {
        None => Ok(()),
        Some((index, why)) => {
            Err(Error::WarmUp { cell: CELLS.get(index).copied().unwrap_or_default().into(), why })
        }
    }
}

/// What the prewarmed folder depends on. Times count as well as contents, since cargo goes by
/// them.
pub(super) fn fingerprint(places: &Places) -> Result<String, Error> {
    let root = places.root();
    let mut files = vec![root.join("Cargo.toml"), root.join("Cargo.lock")];
    let mut pending = vec![root.join("src"), root.join("data")];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).at(&folder)? {
            let path = entry.at(&folder)?.path();
            match path.is_dir() {
                true => pending.push(path),
                false => files.push(path),
            }
        }
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let known = fs::metadata(&file).at(&file)?;
        (&file, known.len(), known.modified().at(&file)?).hash(&mut hasher);
    }
    (CELLS, SETTINGS, PROFILE).hash(&mut hasher);
    checks::output_in(root, "rustc", &["-vV"]).hash(&mut hasher);
    Ok(format!("evcxr_jupyter {EVCXR_VERSION}, crate {:016x}\n", hasher.finish()))
}

/// A kernel's own folder, with its build folder in it; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Clone {
    folder: PathBuf,
    lock_file: PathBuf,
    // Held as long as the kernel lives: a clone that nobody holds is stale.
    _held: Option<File>,
}

impl Clone {
    /// Makes this process's folder, which only its owner may enter.
    pub(super) fn new(places: &Places) -> Result<Self, Error> {
        let clones = places.clones();
        fs::create_dir_all(&clones).at(&clones)?;
        let _no_sweep = lock::exclusive(&places.kernels().join("clones.lock"), &|_| ())?;
        let folder = Self::of(places, std::process::id());
        let lock_file = folder.with_extension("lock");
        let held = lock::try_exclusive(&lock_file)?;
        folders::remove(&folder)?;
        folders::private(&folder)?;
        Ok(Clone { folder, lock_file, _held: held })
    }

    /// The folder of a process.
    pub(super) fn of(places: &Places, process: u32) -> PathBuf {
        places.clones().join(format!("kernel-{process}"))
    }

    /// The folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Clones the prewarmed build folder. Where there is none yet, the kernel gets one that fixes
    /// the versions, and its first cell takes as long as it takes.
    pub(super) fn build(&self, places: &Places) -> Result<PathBuf, Error> {
        let build = self.folder.join("build");
        let _no_swap = lock::shared(&swap_lock(places))?;
        if places.warm().is_dir() {
            folders::copy_build(&places.warm(), &build)?;
        } else {
            fs::create_dir_all(&build).at(&build)?;
            write_settings(places)?;
            seed_versions(places, &build)?;
        }
        Ok(build)
    }
}

impl Drop for Clone {
    fn drop(&mut self) {
        // What cannot be removed now is removed as stale at the next start.
        if folders::remove(&self.folder).is_ok() {
            let _ = fs::remove_file(&self.lock_file);
        }
    }
}

/// Removes the clones of kernels that are no more.
pub(super) fn sweep(places: &Places) -> Result<(), Error> {
    let clones = places.clones();
    if !clones.is_dir() {
        return Ok(());
    }
    let _no_clone = lock::exclusive(&places.kernels().join("clones.lock"), &|_| ())?;
    for entry in fs::read_dir(&clones).at(&clones)? {
        let lock_file = entry.at(&clones)?.path();
        if lock_file.extension().is_none_or(|extension| extension != "lock") {
            continue;
        }
        if let Some(held) = lock::try_exclusive(&lock_file)? {
            let folder = lock_file.with_extension("");
            drop(Clone { folder, lock_file, _held: Some(held) });
        }
    }
    Ok(())
}
