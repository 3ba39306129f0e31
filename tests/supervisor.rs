//! What the command starts ends with whoever started it, and leaves nothing running: checked on
//! shells, without a kernel.
#![cfg(all(feature = "cli", unix))]

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What `look` finds within a minute.
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        match look() {
            Some(found) => return found,
            None => assert!(started.elapsed() < Duration::from_secs(60), "it does not come"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a process runs: one that has ended and waits for its burial does not.
fn is_running(process: &str) -> bool {
    let asked = Command::new("ps").args(["-o", "stat=", "-p", process]).output().expect("ps");
    let state = String::from_utf8_lossy(&asked.stdout).trim().to_owned();
    !state.is_empty() && !state.starts_with('Z')
}

/// A number that a shell has written into a file, as soon as it is there.
fn written(file: &Path) -> String {
    eventually(|| fs::read_to_string(file).ok().filter(|text| text.ends_with('\n')))
        .trim()
        .to_owned()
}

/// A shell that starts a supervised program in a folder and waits for it.
fn starter(folder: &Path, options: &str, program: &str) -> Child {
    let script = "echo $$ > starter
        \"$0\" supervise --starter $$ $1 -- sh -c \"$2\" & echo $! > supervisor
        wait";
    Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_picklebook"), options, program])
        .current_dir(folder)
        .stdin(Stdio::null())
        .spawn()
        .expect("sh starts")
}

/// A program, and a child of it that has left its session, as a daemon does.
const WITH_DAEMON: &str = "setsid sh -c 'echo $$ > daemon; exec sleep 1000' &
    echo $$ > program
    exec sleep 1000";

fn started(name: &str, options: &str) -> (Child, PathBuf, [String; 3]) {
    let folder = support::folder(name);
    let child = starter(&folder, options, WITH_DAEMON);
    let processes = ["supervisor", "program", "daemon"].map(|file| written(&folder.join(file)));
    assert!(processes.iter().all(|process| is_running(process)));
    (child, folder, processes)
}

#[test]
fn a_killed_starter_takes_everything_along_and_the_lock_is_held_until_then() {
    let (mut starter, folder, processes) =
        started("supervisor-starter", "--leaves-nothing --lock lock");
    let lock = File::open(folder.join("lock")).expect("the lock file is there");
    assert!(lock.try_lock().is_err(), "the lock is held");
    starter.kill().expect("it can be killed");
    starter.wait().expect("it can be waited for");
    eventually(|| lock.try_lock().ok());
    let [supervisor, program, daemon] = &processes;
    assert!(!is_running(program));
    if cfg!(target_os = "linux") {
        assert!(!is_running(daemon), "what the program left is gone before the lock is free");
    } else {
        Command::new("kill").arg(daemon).status().expect("kill starts");
    }
    eventually(|| (!is_running(supervisor)).then_some(()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_killed_supervisor_takes_its_program_along() {
    let (mut starter, _, [supervisor, program, daemon]) = started("supervisor-killed", "");
    let killed = Command::new("kill").args(["-9", &supervisor]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    eventually(|| (!is_running(&program)).then_some(()));
    assert!(is_running(&daemon), "it was not asked to end what is left");
    Command::new("kill").arg(&daemon).status().expect("kill starts");
    starter.wait().expect("it can be waited for");
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_ends_leaves_nothing() {
    let folder = support::folder("supervisor-ends");
    let program = "setsid sh -c 'echo $$ > daemon; exec sleep 1000' &
        while [ ! -s daemon ]; do sleep 0.01; done; exit 7";
    let supervise = |program: &str| {
        let starter = std::process::id().to_string();
        support::picklebook()
            .args(["supervise", "--starter", &starter, "--leaves-nothing", "--"])
            .args(["sh", "-c", program])
            .current_dir(&folder)
            .status()
            .expect("the command starts")
    };
    assert_eq!(supervise(program).code(), Some(7));
    assert!(!is_running(&written(&folder.join("daemon"))));
    assert_eq!(supervise("kill -9 $$").code(), Some(128 + 9));
}

#[test]
fn without_its_starter_nothing_is_started() {
    let folder = support::folder("supervisor-late");
    // Some process that is not the parent.
    let status = support::picklebook()
        .args(["supervise", "--starter", "1", "--", "touch", "started"])
        .current_dir(&folder)
        .status()
        .expect("the command starts");
    assert!(!status.success());
    assert!(!folder.join("started").exists());
}
