//! A set-up that is killed at any moment and started again at once: the Python that `.venv` is
//! made from stays as it is, and the set-up ends whole.
//!
//! PICKLEBOOK_KILLS=100 makes that many trials, with later kills too, and lets each tenth set-up
//! through to its end: an hour.
#![cfg(all(feature = "cli", unix))]

#[path = "support/random.rs"]
mod random;
mod support;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use support::{output_of_copy, picklebook, printed, root};

/// What a copy of a Python is made from: its program, and the folder of its standard library.
const ASK: &str = "import os, sys, sysconfig
print(os.path.realpath(sys._base_executable))
print(sysconfig.get_path('stdlib', vars={'installed_base': sys.base_prefix}))";

/// Says whether a Python is at home in a folder, and makes environments from itself.
const AT_HOME: &str = "import ensurepip, os, sys, venv
home = os.path.realpath(sys.argv[1])
print(all(os.path.realpath(path).startswith(home) for path in (sys.prefix, sys.base_prefix, sys._base_executable)))";

/// A Python of the test's own, for no test may risk this machine's; or why there is none.
fn throw_away_python(folder: &Path) -> Result<(), String> {
    let asked = Command::new("python3").args(["-I", "-c", ASK]).output();
    let said = asked.map_err(|error| format!("python3: {error}"))?;
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let [program, library] = said.lines().collect::<Vec<_>>()[..] else {
        return Err(format!("python3 does not say where it is: {said}"));
    };
    let (program, library) = (Path::new(program), Path::new(library));
    let copy = folder.join("bin/python3");
    fs::create_dir_all(folder.join("bin")).expect("a folder can be made");
    fs::copy(program, &copy).expect("Python can be copied");
    let name = library.file_name().expect("the library has a name");
    copy_library(library, &folder.join("lib").join(name));
    fs::create_dir_all(folder.join("lib").join(name).join("site-packages")).expect("a folder");
    let asked = output_of_copy(Command::new(&copy).args(["-I", "-c", AT_HOME]).arg(folder));
    match asked {
        Ok(said) if said.stdout.trim_ascii() == b"True" => {
            // A user's Python has pip, with which a .venv that is none looks sound.
            let pip = Command::new(&copy).args(["-I", "-m", "ensurepip"]).output();
            match pip.is_ok_and(|output| output.status.success()) {
                true => Ok(()),
                false => Err("its copy does not get pip".into()),
            }
        }
        Ok(said) => Err(format!("a copy of {program:?} is not at home: {}", printed(&said))),
        Err(error) => Err(format!("a copy of {program:?} does not start: {error}")),
    }
}

fn copy_library(from: &Path, to: &Path) {
    const LEFT_OUT: [&str; 6] =
        ["site-packages", "dist-packages", "test", "idlelib", "__pycache__", "tkinter"];
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the library can be read").flatten() {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if LEFT_OUT.contains(&name.as_str()) || name.starts_with("config-") {
            continue;
        }
        match source.is_dir() {
            true => copy_library(&source, &target),
            false => drop(fs::copy(&source, &target)),
        }
    }
}

/// Every file of a folder with what would tell that it was written: but Python's own compiled
/// files, which it leaves wherever it runs.
fn state(folder: &Path) -> BTreeMap<PathBuf, (u64, Option<SystemTime>)> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let known = entry.path().symlink_metadata().expect("it is there");
            match (known.is_dir(), entry.file_name() == "__pycache__") {
                (true, true) => {}
                (true, false) => folders.push(entry.path()),
                (false, _) => {
                    files.insert(entry.path(), (known.len(), known.modified().ok()));
                }
            }
        }
    }
    files
}

/// The processes that name the folder in their command line.
fn processes(folder: &Path) -> Vec<String> {
    let name = folder.display().to_string();
    let lines = fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(|process| {
        let line = fs::read(process.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(&name)).collect()
}

/// A bare clone in `here`, beside the throw-away Python `base`, and set-up in it: with no kernel to
/// find and nothing to build one, it ends there.
struct Trial {
    here: PathBuf,
    base: PathBuf,
    clone: PathBuf,
    path: OsString,
    before: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl Trial {
    fn new(name: &str) -> Result<Trial, String> {
        let here = support::folder(name);
        let (base, clone, programs) =
            (here.join("base"), here.join("clone"), here.join("programs"));
        throw_away_python(&base)?;
        fs::create_dir_all(clone.join("notebooks")).expect("a folder can be made");
        fs::copy(root().join("Cargo.toml"), clone.join("Cargo.toml")).expect("it is there");
        fs::create_dir_all(&programs).expect("a folder can be made");
        fs::write(programs.join("cargo"), "#!/bin/sh\nexit 1\n").expect("it can be written");
        fs::set_permissions(programs.join("cargo"), fs::Permissions::from_mode(0o755))
            .expect("it is ours");
        for name in ["python3", "python"] {
            symlink(base.join("bin/python3"), programs.join(name)).expect("a link can be made");
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = [programs].into_iter().chain(std::env::split_paths(&path));
        let path = std::env::join_paths(path).expect("folders");
        let before = state(&base);
        Ok(Trial { here, base, clone, path, before })
    }

    fn set_up(&self) -> Command {
        let mut command = picklebook();
        let cache = std::env::home_dir().unwrap_or_default().join(".cache/pip");
        command
            .arg("setup")
            .current_dir(&self.clone)
            .env("PATH", &self.path)
            .env("XDG_CACHE_HOME", self.here.join("cache"))
            .env("CARGO_HOME", self.here.join("cargo"))
            // What pip has fetched before need not be fetched again.
            .env("PIP_CACHE_DIR", std::env::var_os("PIP_CACHE_DIR").unwrap_or(cache.into()))
            .stdin(Stdio::null());
        command
    }

    /// The Python that `.venv` is made from is as it was.
    fn check_base(&self, when: &str) {
        let now = state(&self.base);
        let changed = now.iter().filter(|(path, known)| self.before.get(*path) != Some(known));
        let changed: Vec<_> = changed.map(|(path, _)| path).collect();
        assert!(changed.is_empty(), "{when}: {} files, such as {:?}", changed.len(), changed[0]);
        assert_eq!(now.len(), self.before.len(), "{when}: files are gone");
    }

    /// The Python in `.venv` says that it is at home there.
    fn check_home(&self, when: &str) {
        let python = self.clone.join(".venv/bin/python");
        let ask = ["-I", "-c", "import sys; print(sys.prefix)"];
        let said = printed(&Command::new(&python).args(ask).output().expect("Python starts"));
        assert_eq!(Path::new(said.trim()), self.clone.join(".venv"), "{when}");
    }

    /// Set-up goes as far as it can, and `.venv` is whole.
    fn to_the_end(&self) {
        let output = self.set_up().output().expect("the command starts");
        let said = printed(&output);
        assert!(said.contains("evcxr_jupyter failed while building the kernel"), "{said}");
        assert!(!self.clone.join(".venv/unfinished.txt").exists());
        assert!(!self.clone.join(".venv.old").exists());
        for arguments in [["-m", "pip", "check"], ["-c", "import jupyterlab, nbclient", ""]] {
            let python = self.clone.join(".venv/bin/python");
            let check = Command::new(python).arg("-I").args(arguments).output();
            let check = check.expect("Python starts");
            assert!(check.status.success(), "{}", printed(&check));
        }
        self.check_base("a whole set-up");
    }
}

fn skip(why: &str) {
    // Past the test's own capture: a skipped test is to be seen.
    let _ = writeln!(io::stderr(), "\nSKIPPED, all of tests/interrupted_set_up.rs: {why}\n");
}

#[test]
fn a_venv_that_is_none_is_made_anew() {
    let trial = match Trial::new("no-venv") {
        Ok(trial) => trial,
        Err(why) => return skip(&why),
    };
    let set_up = || {
        let mut command = trial.set_up();
        command.env("PIP_INDEX_URL", "http://127.0.0.1:9/").env("PIP_RETRIES", "0");
        command.env("PIP_NO_CACHE_DIR", "1").env("PIP_CONFIG_FILE", "/dev/null");
        printed(&command.output().expect("the command starts"))
    };
    let venv = trial.clone.join(".venv");
    let said = set_up();
    assert!(said.contains("is the network there?"), "{said}");
    trial.check_home("at first");
    let kept = venv.join("jupyter/config/mine.json");
    fs::create_dir_all(venv.join("jupyter/config")).expect("a folder can be made");
    fs::write(&kept, "{}").expect("it can be written");
    let damages: [(&str, &dyn Fn()); 4] = [
        // What is left of an environment where two makers of it were at odds.
        ("without its configuration", &|| fs::remove_file(venv.join("pyvenv.cfg")).expect("there")),
        ("interrupted", &|| fs::write(venv.join("unfinished.txt"), "").expect("it is ours")),
        ("half removed", &|| fs::rename(&venv, trial.clone.join(".venv.old")).expect("ours")),
        ("without its packages", &|| fs::remove_dir_all(venv.join("lib")).expect("it is there")),
    ];
    for (damage, make) in damages {
        make();
        let said = set_up();
        let again = said.contains(": Making the Python environment .venv\n");
        assert!(again && said.contains("is the network there?"), "{damage}: {said}");
        trial.check_home(damage);
        trial.check_base(damage);
        assert!(kept.exists() && !trial.clone.join(".venv.old").exists(), "{damage}");
    }
    fs::remove_dir_all(&trial.here).expect("the folder can be removed");
}

#[test]
fn a_set_up_killed_at_any_moment_touches_no_other_python_and_ends_whole() {
    let kills = std::env::var("PICKLEBOOK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let (kills, latest) = kills.map_or((3, 3.0), |kills: u32| (kills, 60.0));
    let trial = match Trial::new("interrupted-set-up") {
        Ok(trial) => trial,
        Err(why) => return skip(&why),
    };
    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_nanos() as u64);
    let mut random = random::uniform(seed);
    for number in 1..=kills {
        let mut moments = Vec::new();
        for _ in 0..1 + number % 2 {
            // As often between .1 and .2 s as between 1.5 and 3 s.
            let moment = 0.1 * (latest / 0.1_f64).powf(random());
            moments.push(moment);
            let mut attempt =
                trial.set_up().stderr(Stdio::null()).spawn().expect("the command starts");
            std::thread::sleep(Duration::from_secs_f64(moment));
            attempt.kill().expect("it can be killed");
            attempt.wait().expect("it can be waited for");
        }
        let when = format!("trial {number}, killed after {moments:.2?} s, seed {seed}");
        trial.check_base(&when);
        // The next one is let through until pip begins, and a little further.
        let mut attempt =
            trial.set_up().stderr(Stdio::piped()).spawn().expect("the command starts");
        let lines = BufReader::new(attempt.stderr.take().expect("it is piped")).lines();
        let lines = lines.map_while(Result::ok).inspect(|line| {
            assert!(line.contains(" the kernel (") || !line.contains(" failed while "), "{line}")
        });
        let begins = |line: String| line.contains(": Installing JupyterLab").then_some(());
        // Nothing is left to install where a late kill came after the end.
        if { lines }.find_map(begins).is_some() {
            trial.check_home(&when);
            std::thread::sleep(Duration::from_secs_f64(2.0 * random()));
            trial.check_home(&when);
        }
        attempt.kill().expect("it can be killed");
        attempt.wait().expect("it can be waited for");
        trial.check_base(&when);
        if number % 10 == 0 && number < kills {
            trial.to_the_end();
            // The next one begins from the start.
            fs::remove_dir_all(trial.clone.join(".venv")).expect("it can be removed");
        }
    }
    trial.to_the_end();
    assert_eq!(processes(&trial.clone), Vec::<String>::new(), "nothing is left running");
    fs::remove_dir_all(&trial.here).expect("the folder can be removed");
}
