//! A set-up that is killed at any moment and started again at once: the Python that `.venv` is
//! made from stays as it is, and the set-up ends whole.
//!
//! PICKLEBOOK_KILLS=100 makes that many trials, with later kills too, and lets each tenth set-up
//! through to its end: an hour.
#![cfg(all(feature = "cli", unix))]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use support::{picklebook, printed, root};

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
    let asked = Command::new(&copy).args(["-I", "-c", AT_HOME]).arg(folder).output();
    match asked {
        Ok(said) if said.stdout.trim_ascii() == b"True" => Ok(()),
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

fn skip(why: &str) {
    // Past the test's own capture: a skipped test is to be seen.
    let _ = writeln!(io::stderr(), "\nSKIPPED, all of tests/interrupted_set_up.rs: {why}\n");
}

#[test]
fn a_set_up_killed_at_any_moment_touches_no_other_python_and_ends_whole() {
    let kills = std::env::var("PICKLEBOOK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let (kills, latest) = kills.map_or((5, 3.0), |kills: u32| (kills, 60.0));
    let here = support::folder("interrupted-set-up");
    let base = here.join("base");
    if let Err(why) = throw_away_python(&base) {
        return skip(&why);
    }
    let clone = here.join("clone");
    fs::create_dir_all(clone.join("notebooks")).expect("a folder can be made");
    fs::copy(root().join("Cargo.toml"), clone.join("Cargo.toml")).expect("the manifest is there");
    // Set-up ends where the kernel would be built.
    let programs = here.join("programs");
    fs::create_dir_all(&programs).expect("a folder can be made");
    fs::write(programs.join("cargo"), "#!/bin/sh\nexit 1\n").expect("a script can be written");
    fs::set_permissions(programs.join("cargo"), fs::Permissions::from_mode(0o755)).expect("ours");
    for name in ["python3", "python"] {
        symlink(base.join("bin/python3"), programs.join(name)).expect("a link can be made");
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [programs].into_iter().chain(std::env::split_paths(&path));
    let path = std::env::join_paths(path).expect("folders");
    let cache = std::env::home_dir().unwrap_or_default().join(".cache/pip");
    let set_up = || {
        let mut command = picklebook();
        command
            .arg("setup")
            .current_dir(&clone)
            .env("PATH", &path)
            // No kernel is found there; what pip has fetched before is.
            .env("XDG_CACHE_HOME", here.join("cache"))
            .env("CARGO_HOME", here.join("cargo"))
            .env("PIP_CACHE_DIR", std::env::var_os("PIP_CACHE_DIR").unwrap_or(cache.clone().into()))
            .stdin(Stdio::null());
        command
    };
    let before = state(&base);
    let check_base = |after: &str| {
        let now = state(&base);
        let changed = now.iter().filter(|(path, known)| before.get(*path) != Some(known));
        let changed: Vec<_> = changed.map(|(path, _)| path).collect();
        assert!(changed.is_empty(), "{after}: {} files, such as {:?}", changed.len(), changed[0]);
        assert_eq!(now.len(), before.len(), "{after}: files are gone");
    };

    let to_the_end = || {
        let output = set_up().output().expect("the command starts");
        let said = printed(&output);
        assert!(said.contains("evcxr_jupyter failed while building the kernel"), "{said}");
        assert!(!clone.join(".venv/unfinished.txt").exists());
        assert!(!clone.join(".venv.old").exists());
        let python = clone.join(".venv/bin/python");
        let check = Command::new(&python).args(["-I", "-m", "pip", "check"]).output();
        let check = check.expect("Python starts");
        assert!(check.status.success(), "{}", printed(&check));
        let import = ["-I", "-c", "import jupyterlab, nbclient, nbformat"];
        let check = Command::new(&python).args(import).output().expect("Python starts");
        assert!(check.status.success(), "{}", printed(&check));
    };

    let is_at_home = |when: &str| {
        let python = clone.join(".venv/bin/python");
        let asked =
            Command::new(&python).args(["-I", "-c", "import sys; print(sys.prefix)"]).output();
        let said = printed(&asked.expect("Python starts"));
        assert_eq!(Path::new(said.trim()), clone.join(".venv"), "{when}: pip would write there");
    };

    let seed = SystemTime::UNIX_EPOCH.elapsed().map_or(1, |now| now.as_nanos() as u64) | 1;
    let mut noise = seed;
    let mut random = || {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (noise >> 40) as f64 / f64::from(1 << 24)
    };
    for trial in 1..=kills {
        let mut moments = Vec::new();
        for _ in 0..1 + trial % 2 {
            // As often between .1 and .2 s as between 1.5 and 3 s.
            let moment = 0.1 * (latest / 0.1_f64).powf(random());
            moments.push(moment);
            let mut attempt = set_up().stderr(Stdio::null()).spawn().expect("the command starts");
            std::thread::sleep(Duration::from_secs_f64(moment));
            attempt.kill().expect("it can be killed");
            attempt.wait().expect("it can be waited for");
        }
        let when = format!("trial {trial}, killed after {moments:.2?} s, seed {seed}");
        check_base(&when);
        // The next one is let through until pip begins, and a little further.
        let mut attempt = set_up().stderr(Stdio::piped()).spawn().expect("the command starts");
        let lines = BufReader::new(attempt.stderr.take().expect("it is piped")).lines();
        let lines = lines
            .map_while(Result::ok)
            .inspect(|line| assert!(!line.contains(" failed while "), "{line}"));
        let begins = |line: String| line.starts_with("Installing JupyterLab").then_some(());
        // Nothing is left to install where a late kill came after the end.
        if { lines }.find_map(begins).is_some() {
            is_at_home(&when);
            std::thread::sleep(Duration::from_secs_f64(2.0 * random()));
            is_at_home(&when);
        }
        attempt.kill().expect("it can be killed");
        attempt.wait().expect("it can be waited for");
        check_base(&when);
        if trial % 10 == 0 && trial < kills {
            to_the_end();
            check_base("a whole set-up");
        }
    }
    to_the_end();
    check_base("the last, whole set-up");
    assert_eq!(processes(&clone), Vec::<String>::new(), "nothing is left running");
    fs::remove_dir_all(&here).expect("the folder can be removed");
}
