//! Programs that never outlive whoever started them, however that one ends.
//!
//! On Unix a program is started under a supervisor, a process of this command that waits for it.
//! When the starter is gone (a closed terminal, SIGKILL) or tells it to, the supervisor ends the
//! program. A lock that it holds tells others that something may still be running.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// What a supervisor does beside ending its program in time.
#[derive(Debug, Default)]
pub(super) struct Supervision<'a> {
    /// Whether what the program leaves running is ended with it, in whatever process group (on
    /// Linux; elsewhere only what is in the program's own group).
    pub(super) leaves_nothing: bool,
    /// Whether the program reads what the starter writes; else its input is empty.
    pub(super) reads: bool,
    /// A lock file that is held, beside others, until the program and its supervisor are gone.
    pub(super) lock: Option<&'a Path>,
}

/// A command that starts `program` under a supervisor; arguments that are added are the program's.
#[cfg(unix)]
pub(super) fn command(program: impl AsRef<OsStr>, supervision: &Supervision<'_>) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new(this_program());
    command.arg("supervise").arg("--starter").arg(std::process::id().to_string());
    if supervision.leaves_nothing {
        command.arg("--leaves-nothing");
    }
    if supervision.reads {
        command.arg("--reads");
    }
    if let Some(lock) = supervision.lock {
        command.arg("--lock").arg(lock);
    }
    command.arg("--").arg(program);
    // Ctrl-C, and the end of a terminal, are for the starter.
    command.process_group(0);
    command
}

/// A command that starts `program` in a process group of its own, and so that on Linux it is
/// killed when this process is gone. Arguments that are added are the program's.
#[cfg(unix)]
pub(super) fn killed_with_this(program: impl AsRef<OsStr>) -> Command {
    use std::os::unix::process::CommandExt;

    let mut command = Command::new(this_program());
    command.arg("start-supervised").arg(std::process::id().to_string()).arg("--").arg(program);
    command.process_group(0);
    command
}

/// Elsewhere nobody supervises.
#[cfg(not(unix))]
pub(super) fn killed_with_this(program: impl AsRef<OsStr>) -> Command {
    Command::new(program)
}

/// Elsewhere nobody supervises.
#[cfg(not(unix))]
pub(super) fn command(program: impl AsRef<OsStr>, _: &Supervision<'_>) -> Command {
    Command::new(program)
}

#[cfg(unix)]
pub use unix::{SupervisorArguments, start_supervised, supervise};

/// This program, even where its file has been replaced in the meantime.
pub(super) fn this_program() -> std::path::PathBuf {
    match cfg!(target_os = "linux") {
        true => "/proc/self/exe".into(),
        false => std::env::current_exe().unwrap_or_default(),
    }
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsString;
    use std::fs::File;
    use std::os::unix::process::CommandExt;
    use std::path::PathBuf;
    use std::process::{Command, Stdio};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use nix::errno::Errno;
    use nix::sys::signal::{Signal, kill, killpg};
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    use nix::unistd::{Pid, getpid, getppid};

    use super::this_program;
    use crate::jupyter::error::At;
    use crate::jupyter::{Error, lock};

    /// How long a program that is told to end may take: JupyterLab ends its kernels first.
    const PATIENCE: Duration = Duration::from_secs(15);
    /// How long killed processes may take to go.
    const LAST: Duration = Duration::from_secs(5);
    /// How often the program's end, and the starter's, is looked for.
    const LOOK: Duration = Duration::from_millis(50);
    /// The exit code of a program that was told to end.
    const TERMINATED: u8 = 128 + 15;

    /// What a supervisor is told to do.
    #[derive(Debug, Clone, Default)]
    pub struct SupervisorArguments {
        /// The process with which the program ends.
        pub starter: i32,
        /// Whether what the program leaves running is ended, too.
        pub leaves_nothing: bool,
        /// Whether the program gets this process's standard input.
        pub reads: bool,
        /// A lock file to hold beside others.
        pub lock: Option<PathBuf>,
        /// The program and its arguments.
        pub command: Vec<OsString>,
    }

    /// Starts a program, waits for it, and returns its exit code (128 and the signal's number,
    /// where a signal ended it). When the starter is gone, or this process is told to end
    /// (SIGTERM), ends the program.
    ///
    /// # Errors
    /// Where the lock cannot be held, or the program cannot be started.
    pub fn supervise(arguments: &SupervisorArguments) -> Result<u8, Error> {
        let told_to_end = Arc::new(AtomicBool::new(false));
        signal_hook::flag::register(signal_hook::consts::SIGTERM, told_to_end.clone())
            .at("the signal handlers")?;
        // Held before the starter is looked for: whoever takes the starter's place may count on
        // it that nothing is started on the former's behalf once this lock is free.
        let held = arguments.lock.as_deref().map(lock::shared).transpose()?;
        let starter = Pid::from_raw(arguments.starter);
        if getppid() != starter {
            return Ok(TERMINATED);
        }
        #[cfg(target_os = "linux")]
        if arguments.leaves_nothing {
            nix::sys::prctl::set_child_subreaper(true)
                .map_err(std::io::Error::from)
                .at("this process")?;
        }
        let program = start(arguments, held.as_ref())?;
        let started = Instant::now();
        let code = loop {
            if let Some(code) = ended(program) {
                break code;
            }
            if getppid() != starter || told_to_end.load(Ordering::Relaxed) {
                end(program);
                break TERMINATED;
            }
            std::thread::sleep(LOOK.min(started.elapsed() / 8));
        };
        if arguments.leaves_nothing {
            end_what_is_left(program);
        }
        Ok(code)
    }

    /// Starts the program in a process group of its own.
    fn start(arguments: &SupervisorArguments, held: Option<&File>) -> Result<Pid, Error> {
        let Some((program, program_arguments)) = arguments.command.split_first() else {
            return Err(std::io::ErrorKind::InvalidInput.into()).at("a program without a name");
        };
        let mut command = super::killed_with_this(program);
        command.args(program_arguments);
        if !arguments.reads {
            // The lock is an empty file, and so an empty input. It stays held by the program
            // should somebody kill this process.
            let held = held.map(File::try_clone).transpose().at("the lock file")?;
            command.stdin(held.map_or_else(Stdio::null, Stdio::from));
        }
        let child = command.spawn().at(this_program())?;
        Ok(Pid::from_raw(child.id().cast_signed()))
    }

    /// Becomes a program that is killed when its supervisor is gone, whatever became of that.
    /// Returns only where this fails.
    ///
    /// # Errors
    /// Where the program cannot be started.
    pub fn start_supervised(supervisor: i32, command: &[OsString]) -> Result<(), Error> {
        // Outlives the `exec` below.
        #[cfg(target_os = "linux")]
        nix::sys::prctl::set_pdeathsig(Signal::SIGKILL)
            .map_err(std::io::Error::from)
            .at("this process")?;
        let Some((program, arguments)) = command.split_first() else { return Ok(()) };
        // It may have gone before that was settled.
        if getppid() != Pid::from_raw(supervisor) {
            return Ok(());
        }
        Err(Command::new(program).args(arguments).exec()).at(program)
    }

    /// The program's exit code, once it has ended. Buries what else has ended: this process may
    /// be the parent of what the program has left behind.
    fn ended(program: Pid) -> Option<u8> {
        let code = |code: i32| u8::try_from(code).unwrap_or(1);
        loop {
            match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                Ok(WaitStatus::Exited(process, status)) if process == program => {
                    return Some(code(status));
                }
                Ok(WaitStatus::Signaled(process, signal, _)) if process == program => {
                    return Some(code(128 + signal as i32));
                }
                Ok(WaitStatus::StillAlive) => return None,
                Ok(_) | Err(Errno::EINTR) => {}
                // Somebody else has buried it, which cannot be.
                Err(_) => return Some(1),
            }
        }
    }

    /// Lets the program end in its own way; kills its process group where that takes too long.
    fn end(program: Pid) {
        // It may have ended in the meantime; what is left of its group is killed below.
        let _ = killpg(program, Signal::SIGTERM);
        let asked = Instant::now();
        while asked.elapsed() < PATIENCE {
            if ended(program).is_some() {
                let _ = killpg(program, Signal::SIGKILL);
                return;
            }
            std::thread::sleep(LOOK / 5);
        }
        let _ = killpg(program, Signal::SIGKILL);
        while ended(program).is_none() && asked.elapsed() < PATIENCE + LAST {
            std::thread::sleep(LOOK / 5);
        }
    }

    /// Kills what the program has left running, and waits until it is gone.
    fn end_what_is_left(program: Pid) {
        let _ = killpg(program, Signal::SIGKILL);
        let asked = Instant::now();
        while asked.elapsed() < LAST {
            for child in children() {
                let _ = kill(child, Signal::SIGKILL);
            }
            // What these leave behind becomes a child of this process in turn.
            loop {
                match waitpid(None, Some(WaitPidFlag::WNOHANG)) {
                    Err(Errno::ECHILD) => return,
                    Ok(WaitStatus::StillAlive) | Err(_) => break,
                    Ok(_) => {}
                }
            }
            std::thread::sleep(LOOK / 25);
        }
    }

    /// The processes whose parent is this one; elsewhere than on Linux none are known.
    fn children() -> Vec<Pid> {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let is_child = |process: &i32| {
            let known = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            // The name, in brackets, may hold anything; behind it come the state and the parent.
            let parent = known.rsplit_once(')')?.1.split_whitespace().nth(1)?;
            (parent.parse() == Ok(getpid().as_raw())).then_some(())
        };
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok())
            .filter(|process| is_child(process).is_some())
            .map(Pid::from_raw)
            .collect()
    }
}
