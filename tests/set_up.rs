//! What stands between a fresh clone and a running notebook: checks, kernels side by side, the
//! user's own files, and JupyterLab itself.
#![cfg(all(feature = "cli", unix))]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use picklebook::jupyter::Places;
use picklebook::jupyter::notebook::Notebook;
use serde_json::Value;
use support::{picklebook, printed, root, set_up};

/// A folder that counts as a clone, with nothing made in it yet.
fn bare_clone(name: &str) -> PathBuf {
    let clone = support::folder(name).join("clone");
    fs::create_dir_all(clone.join("notebooks")).expect("the folder can be made");
    fs::copy(root().join("Cargo.toml"), clone.join("Cargo.toml")).expect("the manifest is there");
    clone
}

/// A folder of programs: links to those of this machine, and scripts.
fn programs(name: &str, linked: &[&str], scripts: &[(&str, &str)]) -> PathBuf {
    let folder = support::folder(name);
    let path = std::env::var_os("PATH").unwrap_or_default();
    for program in linked {
        let real = std::env::split_paths(&path).map(|folder| folder.join(program));
        let real = real.into_iter().find(|file| file.is_file()).expect("this machine has it");
        symlink(real, folder.join(program)).expect("a link can be made");
    }
    for (program, script) in scripts {
        let file = folder.join(program);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a script can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("it can be started");
    }
    folder
}

/// What `picklebook setup` says in a bare clone with only these programs.
fn set_up_with(name: &str, programs: &Path) -> String {
    let clone = bare_clone(name);
    let output = picklebook()
        .arg("setup")
        .current_dir(&clone)
        .env("PATH", programs)
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    let said = printed(&output);
    assert_eq!(said.lines().count(), 1, "one line says it: {said}");
    said
}

#[test]
fn what_is_missing_is_said_in_one_line_with_its_remedy() {
    let rust = ["rustc", "cargo", "cc", "sh"];
    let said = set_up_with("no_compiler", &programs("p1", &["rustc"], &[]));
    assert!(said.contains("C compiler") && said.contains("build-essential"), "{said}");
    let said = set_up_with("no_rust", &programs("p2", &["cc"], &[]));
    assert!(said.contains("rustc is missing") && said.contains("1.95"), "{said}");
    let said = set_up_with("no_python", &programs("p3", &rust, &[]));
    assert!(said.contains("Python 3.11 or newer is missing"), "{said}");
    let said = set_up_with("old_python", &programs("p4", &rust, &[("python3", "echo 3 9 1")]));
    assert!(said.contains("found 3.9"), "{said}");
    let said = set_up_with("no_venv", &programs("p5", &rust, &[("python3", "echo 3 11 0")]));
    assert!(said.contains("venv") && said.contains("python3-venv"), "{said}");
}

#[test]
fn a_path_with_a_space_is_refused() {
    let clone = bare_clone("with space");
    let output = picklebook().arg("setup").current_dir(&clone).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("has a space in its path"), "{}", printed(&output));
}

#[test]
fn clean_waits_for_a_set_up_and_removes_what_was_made_and_nothing_of_the_readers() {
    let clone = bare_clone("clean");
    let clean = || {
        let mut command = picklebook();
        command.args(["clean", "--keep-kernel"]).current_dir(&clone);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts")
    };
    let output = clean().wait_with_output().expect("it ends");
    assert!(output.status.success() && printed(&output).is_empty(), "{}", printed(&output));
    let readers = ["notebooks/scratch", "notebooks/solutions/scratch", "notebooks/mine"];
    for folder in [".venv/bin", ".venv.old/bin", "target/kernel/warm"].iter().chain(&readers) {
        fs::create_dir_all(clone.join(folder)).expect("a folder can be made");
    }
    let lock = fs::File::create(clone.join("target/kernel/setup.lock")).expect("it can be made");
    lock.lock().expect("nobody else holds it");
    let mut waiting = clean();
    std::thread::sleep(Duration::from_millis(500));
    assert!(waiting.try_wait().expect("it can be waited for").is_none(), "it waits");
    assert!(clone.join(".venv").is_dir());
    drop(lock);
    let output = waiting.wait_with_output().expect("it ends");
    let said = printed(&output);
    assert!(output.status.success() && said.contains("Waiting for another"), "{said}");
    for folder in [".venv", ".venv.old", "target/kernel"] {
        assert!(!clone.join(folder).exists(), "{folder}: {said}");
    }
    for folder in readers {
        assert!(clone.join(folder).is_dir(), "{folder}: {said}");
    }
    let help = picklebook().args(["clean", "--help"]).output().expect("it starts");
    let help = printed(&help);
    for folder in [".venv", "target/kernel", "cache folder", "notebooks/scratch"] {
        assert!(help.contains(folder), "{folder}: {help}");
    }
}

#[test]
fn outside_a_clone_the_command_says_so() {
    let nowhere = std::env::temp_dir();
    let output = picklebook().arg("doctor").current_dir(&nowhere).output().expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(printed(&output).contains("no picklebook clone"), "{}", printed(&output));
}

#[test]
fn without_a_network_the_message_says_so_and_the_next_try_goes_on() {
    let clone = bare_clone("no_network");
    let output = picklebook()
        .arg("setup")
        .current_dir(&clone)
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/")
        .env("PIP_RETRIES", "0")
        .env("PIP_NO_CACHE_DIR", "1")
        .output()
        .expect("the command starts");
    assert_eq!(output.status.code(), Some(1));
    let said = printed(&output);
    assert!(said.contains("is the network there?"), "{said}");
    assert!(clone.join(".venv").is_dir() && !clone.join(".venv/installed-notebooks.txt").exists());
}

#[test]
fn modules_in_the_current_folder_are_not_taken_for_pythons() {
    let clone = bare_clone("modules");
    const MODULES: [&str; 9] =
        ["pip", "venv", "ensurepip", "sysconfig", "runpy", "ast", "json", "os", "importlib"];
    for module in MODULES {
        let caught = "open(__file__ + '.was-run', 'w').close()\nraise SystemExit('taken')\n";
        fs::write(clone.join(format!("{module}.py")), caught).expect("it can be written");
    }
    let command = |subcommand: &str| {
        let mut command = picklebook();
        command
            .arg(subcommand)
            .current_dir(&clone)
            .env("PYTHONPATH", &clone)
            .env("PIP_INDEX_URL", "http://127.0.0.1:9/")
            .env("PIP_RETRIES", "0")
            .env("PIP_NO_CACHE_DIR", "1");
        printed(&command.output().expect("the command starts"))
    };
    command("doctor");
    let said = command("setup");
    assert!(said.contains("is the network there?"), "{said}");
    let made = clone.join(".venv/pyvenv.cfg");
    let made_at = || fs::metadata(&made).and_then(|known| known.modified()).expect("it is there");
    let first = made_at();
    let said = command("setup");
    assert!(said.contains("is the network there?"), "{said}");
    assert_eq!(first, made_at(), "a sound .venv is not made anew");
    let files = fs::read_dir(&clone).expect("a folder").flatten();
    let taken = files.map(|file| file.file_name().to_string_lossy().into_owned());
    let taken: Vec<String> = taken.filter(|name| name.ends_with(".was-run")).collect();
    assert_eq!(taken, Vec::<String>::new());
}

/// A bare clone in which only the kernel and its warm-up are missing, with a cache folder and a
/// cargo folder of its own.
fn clone_without_a_kernel(name: &str) -> PathBuf {
    let clone = bare_clone(name);
    for folder in [".venv/bin", "src", "data", "cache", "cargo/bin"] {
        fs::create_dir_all(clone.join(folder)).expect("a folder can be made");
    }
    let requirements = root().join("src/jupyter/requirements.txt");
    fs::copy(requirements, clone.join(".venv/installed-notebooks.txt")).expect("it is there");
    write_script(&clone.join(".venv/bin/python"), "echo True");
    fs::copy(root().join("Cargo.lock"), clone.join("Cargo.lock")).expect("it is there");
    clone
}

fn write_script(file: &Path, script: &str) {
    fs::write(file, format!("#!/bin/sh\n{script}\n")).expect("a script can be written");
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("it can be started");
}

/// This machine's `PATH`, with a folder before it, and without any kernel of the user's.
fn path_with(folder: &Path) -> std::ffi::OsString {
    const HIDDEN: [&str; 2] = ["evcxr_jupyter", "cargo-binstall"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = vec![folder.to_owned()];
    for (number, theirs) in std::env::split_paths(&path).enumerate() {
        if !HIDDEN.iter().any(|name| theirs.join(name).exists()) {
            folders.push(theirs);
            continue;
        }
        let links = folder.join(format!("others-{number}"));
        fs::create_dir_all(&links).expect("a folder can be made");
        for program in fs::read_dir(&theirs).expect("a folder").flatten() {
            if !HIDDEN.iter().any(|name| program.file_name() == *name) {
                let _ = symlink(program.path(), links.join(program.file_name()));
            }
        }
        folders.push(links);
    }
    std::env::join_paths(folders).expect("it can be joined")
}

fn in_clone(subcommand: &str, clone: &Path, path: &std::ffi::OsStr) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picklebook"));
    let (cache, cargo) = (clone.join("cache"), clone.join("cargo"));
    command.arg(subcommand).current_dir(clone).env("PATH", path);
    command.env("HOME", clone).env("XDG_CACHE_HOME", cache).env("CARGO_HOME", cargo);
    let home = std::env::home_dir().expect("there is a home");
    let rustup =
        std::env::var_os("RUSTUP_HOME").map_or_else(|| home.join(".rustup"), PathBuf::from);
    command.env("RUSTUP_HOME", rustup);
    command
}

/// A cargo that builds the kernel in four steps.
fn building_cargo() -> String {
    let real = env!("CARGO");
    format!(
        "[ \"$1\" = install ] || exec {real} \"$@\"
echo '   Compiling a v1.0.0' >&2
for crate in 1 2 3 4; do printf '    Building [=>   ] %s/4: a\\r' $crate >&2; sleep 0.4; done
while [ \"$1\" != --root ]; do shift; done
mkdir -p \"$2/bin\"
printf '#!/bin/sh\\nexit 1\\n' > \"$2/bin/evcxr_jupyter\"
chmod +x \"$2/bin/evcxr_jupyter\""
    )
}

#[test]
fn a_person_can_follow_the_kernels_build() {
    let clone = clone_without_a_kernel("follow");
    let folder = support::folder("follow_programs");
    write_script(&folder.join("cargo"), &building_cargo());
    let path = path_with(&folder);
    // A terminal, in which one line is written over and over.
    let terminal = "import pty, sys; pty.spawn(sys.argv[1:])";
    let set_up = in_clone("setup", &clone, &path);
    let mut command = Command::new(support::python());
    command.args(["-c", terminal]).arg(set_up.get_program()).args(set_up.get_args());
    command.current_dir(&clone).envs(set_up.get_envs().filter_map(|(n, v)| Some((n, v?))));
    let said = printed(&command.output().expect("Python starts"));
    assert!(said.contains("Step 1 of 2: Getting the kernel"), "{said}");
    assert!(said.contains("\r  2 of 4 crates, 0 s\u{1b}[K"), "{said}");
    assert!(said.contains("\r\u{1b}[KStep 2 of 2: Compiling"), "{said}");

    // The warm-up failed: that program is no kernel. It is there, though, and the only step left
    // is the other one. In a file, nothing is written over.
    let said = printed(&in_clone("setup", &clone, &path).output().expect("it starts"));
    assert!(said.starts_with("Step 1 of 1: Compiling"), "{said}");
    assert!(!said.contains('\r') && !said.contains('\u{1b}'), "{said}");
    let said = printed(&in_clone("doctor", &clone, &path).output().expect("it starts"));
    assert!(said.contains("evcxr_jupyter 0.22.0, built by set-up, "), "{said}");
}

#[test]
fn a_build_that_fails_says_why() {
    let clone = clone_without_a_kernel("failing_build");
    let folder = support::folder("failing_build_programs");
    let script = "echo '   Compiling a v1.0.0' >&2; printf ' Building [>  ] 1/4: a\\r' >&2
echo 'error: could not compile `a`' >&2; exit 101";
    write_script(&folder.join("cargo"), script);
    let output = in_clone("setup", &clone, &path_with(&folder)).output().expect("it starts");
    let said = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("error: could not compile `a`\n"), "{said}");
    assert!(said.contains("goes on where this one stopped"), "{said}");
    assert!(!said.contains("Building ["), "{said}");
}

/// The kernel of this machine, which may first be built.
fn real_kernel() -> PathBuf {
    let home = Places::kernel_home().expect("there is a cache folder");
    let programs = ["bin", "fetched/bin"].map(|folder| home.join(folder).join("evcxr_jupyter"));
    let there = || programs.iter().find(|program| program.is_file()).cloned();
    there().unwrap_or_else(|| {
        set_up();
        there().expect("set-up has one")
    })
}

#[test]
fn a_kernel_of_the_users_is_taken_where_it_works() {
    let clone = clone_without_a_kernel("theirs");
    let (first, second) = (support::folder("theirs_first"), support::folder("theirs_second"));
    fs::write(
        clone.join("cargo/.crates.toml"),
        "[v1]\n\"evcxr_jupyter 0.21.1 (registry+https://x)\" = [\"evcxr_jupyter\"]\n",
    )
    .expect("it can be written");
    write_script(&clone.join("cargo/bin/evcxr_jupyter"), "touch \"$0.was-started\"");
    write_script(&first.join("evcxr_jupyter"), "echo 'GLIBC_2.99 not found' >&2; exit 1");
    write_script(&first.join("cargo"), &building_cargo());
    let kernel = second.join("evcxr_jupyter");
    symlink(real_kernel(), &kernel).expect("a link can be made");
    let path = path_with(&first);
    let folders = std::env::split_paths(&path).collect::<Vec<_>>();
    let folders = [first.clone(), second].into_iter().chain(folders.into_iter().skip(1));
    let path = std::env::join_paths(folders).expect("it can be joined");
    let said = printed(&in_clone("setup", &clone, &path).output().expect("it starts"));
    assert!(said.contains("is not taken: its version is 0.21.1, not 0.22.x"), "{said}");
    assert!(!clone.join("cargo/bin/evcxr_jupyter.was-started").exists());
    assert!(
        said.contains("is not taken: the kernel did not start: GLIBC_2.99 not found"),
        "{said}"
    );
    assert!(said.contains("evcxr_jupyter 0.22.0 is there, found on your PATH: "), "{said}");
    let doctor = || printed(&in_clone("doctor", &clone, &path).output().expect("it starts"));
    let said = doctor();
    let taken = format!("evcxr_jupyter 0.22.0, found on your PATH, {}", kernel.display());
    assert!(said.contains(&taken), "{said}");
    // Another program in its place has to be looked at anew.
    fs::remove_file(&kernel).expect("it is there");
    write_script(&kernel, "exit 0");
    assert!(doctor().contains("`picklebook setup` gets it"));
    let trials = fs::read_dir(clone.join("target/kernel")).expect("a folder").flatten();
    let trials = trials.filter(|entry| entry.file_name().to_string_lossy().starts_with("trial"));
    assert_eq!(trials.count(), 0);
}

#[test]
fn what_cargo_binstall_fetches_is_taken_where_it_works() {
    let (clone, folder) =
        (clone_without_a_kernel("binstall"), support::folder("binstall_programs"));
    let fetching = |kernel: &str| {
        format!(
            "[ \"$1\" = -V ] && echo 1.0.0 && exit 0
while [ \"$1\" != --root ]; do shift; done
mkdir -p \"$2/bin\" && {kernel} \"$2/bin/evcxr_jupyter\""
        )
    };
    write_script(&folder.join("cargo"), &building_cargo());
    write_script(&folder.join("cargo-binstall"), &fetching("cp /bin/false"));
    let path = path_with(&folder);
    let set_up = || printed(&in_clone("setup", &clone, &path).output().expect("it starts"));
    let said = set_up();
    assert!(said.contains("cargo-binstall's is not taken: "), "{said}");
    assert!(said.contains("It is built, once for this user"), "{said}");

    fs::remove_dir_all(clone.join("cache/picklebook")).expect("it is there");
    let copy = format!("cp {}", real_kernel().display());
    write_script(&folder.join("cargo-binstall"), &fetching(&copy));
    let said = set_up();
    assert!(said.contains("is there, fetched by cargo-binstall: "), "{said}");
    let said = printed(&in_clone("doctor", &clone, &path).output().expect("it starts"));
    assert!(said.contains("evcxr_jupyter 0.22.0, fetched by cargo-binstall, "), "{said}");
}

/// Prints what the packages of a list need that is not in the list, and versions that differ
/// between the lists: pip refuses the first only where nothing is installed yet.
const GAPS: &str = r"
import sys
from importlib.metadata import requires
from packaging.requirements import Requirement

lists = []
for path in sys.argv[1:]:
    lines = (line for line in open(path) if line[0] not in ' #\n')
    wanted = (Requirement(line.rstrip(' \\\n')) for line in lines)
    wanted = [one for one in wanted if one.marker is None or one.marker.evaluate()]
    lists.append({one.name: str(one.specifier) for one in wanted})
    for one in wanted:
        for needed in map(Requirement, requires(one.name) or []):
            name = needed.name.lower().replace('_', '-').replace('.', '-')
            applies = [{'extra': extra} for extra in one.extras or {''}]
            if needed.marker and not any(map(needed.marker.evaluate, applies)):
                continue
            if name not in lists[-1]:
                print(f'{path}: {one.name} needs {needed}')
notebooks, tests = lists
for name in notebooks.keys() & tests.keys():
    if notebooks[name] != tests[name]:
        print(f'{name}: {notebooks[name]} and {tests[name]}')
";

#[test]
fn the_lists_of_python_packages_are_whole_and_agree() {
    set_up();
    let output = Command::new(root().join(".venv/bin/python"))
        .args(["-c", GAPS, "src/jupyter/requirements.txt", "tests/requirements.txt"])
        .current_dir(root())
        .output()
        .expect("Python starts");
    assert_eq!(printed(&output), "");
    assert!(output.status.success());
}

#[test]
fn kernels_keep_to_themselves_and_see_the_newest_source() {
    set_up();
    let copy = support::folder("copy");
    let output = Command::new(support::python())
        .arg(root().join("tests/kernels.py"))
        .args([root(), &copy])
        .env("JUPYTER_RUNTIME_DIR", copy.join("runtime"))
        .env("PICKLEBOOK_SPARES", "0")
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = printed(&output);
    let seen: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect(&said);
    assert_eq!(seen["old set-up"], "", "{seen}");
    assert_eq!(seen["old"], "text\n", "{seen}");
    assert_eq!(seen["clones of two"], 2, "{seen}");
    assert_eq!(seen["new"], "words\n", "{seen}");
    // Each cell is compiled against the source as it is then, in a running kernel too.
    assert_eq!(seen["old again"], "words\n", "{seen}");
    assert_eq!(seen["clones at the end"], Value::Array(vec![]), "{seen}");
    assert_eq!(seen["clones of the killed"], 0, "{seen}");
    assert_eq!(seen["clones after a new start"], 1, "{seen}");
    assert_eq!(seen["clones at the very end"], Value::Array(vec![]), "{seen}");
    fs::remove_dir_all(&copy).expect("the copy can be removed");
}

/// Every file under a folder, with its content.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder").flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(files.insert(path.clone(), fs::read(&path).unwrap_or_default())),
            }
        }
    }
    files
}

#[test]
fn the_users_own_jupyter_and_evcxr_files_stay_as_they_are() {
    set_up();
    let home = support::folder("home");
    let old_kernel = home.join(".local/share/jupyter/kernels/rust");
    for (file, text) in [
        (old_kernel.join("kernel.json"), "{\"argv\": [\"false\"], \"display_name\": \"Rust\"}"),
        (old_kernel.join("version.txt"), "0.1.0"),
        (home.join(".config/evcxr/init.evcxr"), "this is no Rust"),
        (home.join(".config/evcxr.toml"), "nor = [is this"),
        (home.join(".jupyter/jupyter_config.py"), "raise SystemExit('the user\\'s own')"),
        (home.join(".ipython/README"), "the user's"),
    ] {
        fs::create_dir_all(file.parent().expect("a folder")).expect("it can be made");
        fs::write(file, text).expect("it can be written");
    }
    let before = snapshot(&home);
    let notebook = support::folder("home_notebook").join("notebook.ipynb");
    fs::write(&notebook, Notebook::of_cells(&["1 + 1"]).to_text()).expect("it can be written");
    let kernel = Places::kernel_home().expect("there is a cache folder");
    let cache = kernel.ancestors().nth(2).expect("picklebook's is in it");
    let real_home = std::env::home_dir().expect("there is a home");
    let theirs = |variable: &str, folder: &str| {
        std::env::var_os(variable).map_or_else(|| real_home.join(folder), PathBuf::from)
    };
    let output = picklebook()
        .arg("run")
        .arg(&notebook)
        .env("HOME", &home)
        .env("XDG_CACHE_HOME", cache)
        .env("CARGO_HOME", theirs("CARGO_HOME", ".cargo"))
        .env("RUSTUP_HOME", theirs("RUSTUP_HOME", ".rustup"))
        .env_remove("XDG_DATA_HOME")
        .env_remove("XDG_CONFIG_HOME")
        .output()
        .expect("the command starts");
    assert!(output.status.success(), "{}", printed(&output));
    assert_eq!(snapshot(&home).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    assert_eq!(snapshot(&home), before);
}

/// JupyterLab's files that hold a token or could tell one, and their permissions.
fn run_time_files() -> Vec<(PathBuf, u32)> {
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    let jupyter = root().join(".venv/jupyter");
    let mut folders: Vec<PathBuf> =
        ["config", "data", "runtime", "ipython"].map(|kind| jupyter.join(kind)).into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        found.push((folder.clone(), mode(&folder)));
        if folder.starts_with(jupyter.join("runtime")) {
            for entry in fs::read_dir(&folder).expect("a folder").flatten() {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => found.push((entry.path(), mode(&entry.path()))),
                }
            }
        }
    }
    found
}

/// Whoever looks whether a JupyterLab's port is free again would find the next one there.
fn one_jupyterlab() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn jupyterlab_ends_with_its_starter_and_shows_others_no_token() {
    let _no_other = one_jupyterlab();
    set_up();
    for signal in ["-KILL", "-HUP"] {
        // What it makes would be everybody's.
        let mut lab = Command::new("sh")
            .args(["-c", "umask 0; exec \"$0\" lab --no-browser"])
            .arg(env!("CARGO_BIN_EXE_picklebook"))
            .current_dir(root())
            .stdout(Stdio::piped())
            .stdin(Stdio::null())
            .spawn()
            .expect("the command starts");
        let lines = BufReader::new(lab.stdout.take().expect("it is piped")).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("JupyterLab is at ").map(str::to_owned))
            .expect("the address is printed");
        let port = address.split(':').nth(2).and_then(|rest| rest.split('/').next());
        let port = port.expect("a port").to_owned();
        let answers = || std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_ok();
        assert!(answers());
        let is_page = |(path, _): &(PathBuf, u32)| path.extension().is_some_and(|it| it == "html");
        let started = Instant::now();
        let files = loop {
            let files = run_time_files();
            let closed = files.iter().filter(|file| is_page(file)).all(|(_, mode)| *mode == 0o600);
            if (files.iter().any(is_page) && closed) || started.elapsed().as_secs() > 20 {
                break files;
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        assert!(files.iter().any(is_page), "the browser's page is among them: {files:?}");
        let open = files.iter().filter(|(path, mode)| {
            let is_lock = path.extension().is_some_and(|it| it == "lock");
            !is_lock && mode & 0o077 != 0
        });
        assert_eq!(open.count(), 0, "{files:?}");

        let ended = Command::new("kill").args([signal, &lab.id().to_string()]).status();
        assert!(ended.is_ok_and(|status| status.success()));
        lab.wait().expect("it ends");
        let ending = Instant::now();
        while answers() {
            assert!(
                ending.elapsed() < Duration::from_secs(40),
                "it outlives its starter: {signal}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Both look for a free port at the same moment.
#[test]
fn two_jupyterlabs_that_start_at_once_are_both_there() {
    let _no_other = one_jupyterlab();
    set_up();
    let start = |_| {
        let mut command = picklebook();
        command.args(["lab", "--no-browser"]).stdout(Stdio::piped()).stdin(Stdio::null());
        command.spawn().expect("the command starts")
    };
    let mut labs = [0, 1].map(start);
    let addresses = labs.each_mut().map(|lab| {
        let lines = BufReader::new(lab.stdout.take().expect("it is piped")).lines();
        let mut lines = lines.map_while(Result::ok);
        lines.find_map(|line| line.strip_prefix("JupyterLab is at ").map(str::to_owned))
    });
    let ask = "import sys, urllib.request
for address in sys.argv[1:]:
    address, token = address.split('lab/tree/README.md?token=')
    headers = {'Authorization': 'token ' + token}
    urllib.request.urlopen(urllib.request.Request(address + 'api/kernels', None, headers))
    print('answers')";
    let mut asked = Command::new(support::python());
    let asked = asked.args(["-c", ask]).args(addresses.iter().flatten());
    let said = asked.output().map(|output| printed(&output));
    for lab in &mut labs {
        let ended = Command::new("kill").args(["-TERM", &lab.id().to_string()]).status();
        assert!(ended.is_ok_and(|status| status.success()));
        lab.wait().expect("it ends");
    }
    assert_eq!(said.expect("Python starts"), "answers\nanswers\n", "{addresses:?}");
}

#[test]
fn jupyterlab_opens_starts_a_kernel_and_ends_on_ctrl_c() {
    let _no_other = one_jupyterlab();
    set_up();
    let mut lab = picklebook()
        .args(["lab", "--no-browser"])
        .stdout(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .expect("the command starts");
    let lines = BufReader::new(lab.stdout.take().expect("it is piped")).lines();
    // Nobody reads on after the address, which must not matter.
    let address = lines
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("JupyterLab is at ").map(str::to_owned))
        .expect("the address is printed");
    const ASK: &str = "
import json, sys, urllib.request
address, token = sys.argv[1].split('lab/tree/README.md?token=')
def ask(path, data=None):
    headers = {'Authorization': 'token ' + token}
    return urllib.request.urlopen(urllib.request.Request(address + path, data, headers)).read()
print(len(ask('lab')) > 1000)
print(json.loads(ask('api/kernelspecs'))['default'], 'rust' in json.loads(ask('api/kernelspecs'))['kernelspecs'])
print(sorted(item['name'] for item in json.loads(ask('api/contents'))['content'] if item['name'].startswith('01')))
print(json.loads(ask('api/kernels', b'{\"name\": \"rust\"}'))['name'])
";
    let asked = Command::new(support::python()).args(["-c", ASK, &address]).output();
    let said = printed(&asked.expect("Python starts"));
    let interrupt = Command::new("kill").args(["-INT", &lab.id().to_string()]).status();
    assert!(interrupt.is_ok_and(|status| status.success()));
    let ending = Instant::now();
    let status = loop {
        if let Some(status) = lab.try_wait().expect("it can be waited for") {
            break status;
        }
        assert!(ending.elapsed() < Duration::from_secs(60), "it does not end");
        std::thread::sleep(Duration::from_millis(100));
    };
    assert!(said.contains("True") && said.contains("['01_") && said.ends_with("rust\n"), "{said}");
    assert_eq!(status.code(), Some(0), "{said}");
    let port = address.split(':').nth(2).and_then(|rest| rest.split('/').next()).expect("a port");
    assert!(std::net::TcpStream::connect(format!("127.0.0.1:{port}")).is_err(), "{address}");
}
