//! Interrupts, and what a reader is told when the process of the cells has ended.
//!
//! evcxr_jupyter 0.22 has one answer to an interrupt: it ends the process that runs the cells, and
//! all variables go with it. That is needed only while a cell runs. While one is compiled, ending
//! the compiler is enough; and where there is nothing to interrupt, nothing is done.

use std::cell::Cell;

use serde_json::{Value, json};

use super::wire::Message;

/// Tells of a cell that was being compiled.
const COMPILED: &str = "Interrupted while the cell was being compiled: it did not run. \
                        All variables are as they were.";
/// Tells of a cell that ran.
const RAN: &str = "Interrupted. That ended the process of the cells, and with it all variables are \
                   gone; functions, types and `use` lines are still known. \
                   Run > Run All Above Selected Cell brings the variables back.";
/// What evcxr says of a process that has ended.
const ENDED: [&str; 2] = ["Subprocess terminated with ", "Subprocess didn't start"];

/// The programs by which a kernel compiles a cell: cargo, and this one in its place.
#[cfg(target_os = "linux")]
const CARGOS: [&str; 2] = ["cargo", "picklebook"];

/// What was done about an interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    EndedCompiler,
    PassedOn,
}

/// What is known of a kernel's cells, to interrupt them.
#[derive(Debug, Default)]
pub(super) struct Interrupts {
    /// The kernel's process, where it is known.
    kernel: Option<u32>,
    /// How many cells the kernel was asked to run, and has not answered.
    asked: Cell<usize>,
    /// What was done to the cell that runs.
    done: Cell<Option<Done>>,
    /// Whether that was told.
    told: Cell<bool>,
}

impl Interrupts {
    pub(super) fn of(kernel: Option<u32>) -> Self {
        Interrupts { kernel, ..Interrupts::default() }
    }

    /// The answer to a request for which the kernel need not be asked.
    pub(super) fn answer(&self, request: &Message) -> Option<Message> {
        match request.kind() {
            "execute_request" => self.asked.set(self.asked.get() + 1),
            "interrupt_request" => {
                if self.asked.get() > 0 {
                    let compiled = self.kernel.is_some_and(end_compiler);
                    self.done.set(Some(if compiled {
                        Done::EndedCompiler
                    } else {
                        Done::PassedOn
                    }));
                    if !compiled {
                        return None;
                    }
                }
                return Some(request.reply("interrupt_reply", &json!({"status": "ok"})));
            }
            _ => {}
        }
        None
    }

    /// Takes note of what the kernel says, and returns what is to be said in its place.
    pub(super) fn instead(&self, message: &Message) -> Said {
        match message.kind() {
            "execute_reply" => self.asked.set(self.asked.get().saturating_sub(1)),
            "execute_input" => {
                self.done.set(None);
                self.told.set(false);
            }
            "error" => return self.instead_of_error(message),
            _ => {}
        }
        Said::AsItIs
    }

    fn instead_of_error(&self, message: &Message) -> Said {
        if self.told.get() {
            // One message is enough.
            return Said::Nothing;
        }
        let content = message.content().map(|said| said.to_vec()).unwrap_or_default();
        let content: Value = serde_json::from_slice(&content).unwrap_or_default();
        let said = content["evalue"].as_str().unwrap_or_default();
        let text = match (self.done.get(), ENDED.iter().find_map(|start| said.find(start))) {
            (Some(Done::EndedCompiler), _) => COMPILED.to_owned(),
            (Some(Done::PassedOn), Some(at)) => said.get(..at).unwrap_or_default().to_owned() + RAN,
            (None, Some(at)) => {
                let (before, how) = said.split_at(at);
                let how = how.rsplit_once("status: ").map_or(how, |(_, how)| how);
                format!(
                    "{before}The process of the cells has ended ({how}), and with it all variables \
                     are gone; functions, types and `use` lines are still known. \
                     Run > Run All Above Selected Cell brings the variables back."
                )
            }
            (_, None) => return Said::AsItIs,
        };
        self.told.set(true);
        let lines: Vec<&str> = text.lines().collect();
        let name = if self.done.get().is_some() { "Interrupted" } else { "Error" };
        Said::Other(json!({"ename": name, "evalue": text, "traceback": lines}).to_string())
    }
}

/// What is said of a message of the kernel's.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    AsItIs,
    Other(String),
    Nothing,
}

/// Ends what a kernel's process has started to compile. Returns whether there was something.
#[cfg(target_os = "linux")]
fn end_compiler(kernel: u32) -> bool {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let processes = processes();
    let mut compilers: Vec<u32> = processes
        .iter()
        .filter(|process| process.parent == kernel && CARGOS.contains(&process.name.as_str()))
        .map(|process| process.id)
        .collect();
    let mut place = 0;
    while let Some(&parent) = compilers.get(place) {
        let started = processes.iter().filter(|process| process.parent == parent);
        compilers.extend(started.map(|process| process.id));
        place += 1;
    }
    // From the first to the last: cargo is gone before it can tell of a compiler's end.
    let end = |&process: &u32| kill(Pid::from_raw(process.cast_signed()), Signal::SIGKILL).is_ok();
    compilers.iter().filter(|process| end(process)).count() > 0
}

#[cfg(not(target_os = "linux"))]
fn end_compiler(_: u32) -> bool {
    false
}

#[cfg(target_os = "linux")]
struct Process {
    id: u32,
    parent: u32,
    name: String,
}

/// All processes that can be seen.
#[cfg(target_os = "linux")]
fn processes() -> Vec<Process> {
    let process = |entry: std::fs::DirEntry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let said = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        // Its number, its name in brackets (which may have brackets in it), its state, its parent.
        let (name, rest) = said.split_once('(')?.1.rsplit_once(')')?;
        let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
        Some(Process { id, parent, name: name.to_owned() })
    };
    std::fs::read_dir("/proc").into_iter().flatten().flatten().filter_map(process).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jupyter::wire::Key;

    fn message(kind: &str, content: &Value) -> Message {
        let key = Key::new(b"key");
        let frames = Message::request(kind, "1", content).sign(&key).expect("a message");
        Message::parse(frames, &key).expect("a message")
    }

    fn error(evalue: &str) -> Message {
        let content = json!({"ename": "Error", "evalue": evalue, "traceback": [evalue]});
        message("error", &content)
    }

    #[track_caller]
    fn told(said: Said) -> String {
        let Said::Other(content) = said else { panic!("{said:?}") };
        let content: Value = serde_json::from_str(&content).expect("JSON");
        content["evalue"].as_str().expect("text").to_owned()
    }

    const KILLED: &str = "half a line\nSubprocess terminated with status: signal: 9 (SIGKILL)";

    #[test]
    fn where_nothing_runs_the_kernel_is_not_asked() {
        let interrupts = Interrupts::of(None);
        let request = message("interrupt_request", &json!({}));
        let answer = interrupts.answer(&request).expect("an answer");
        assert_eq!(answer.kind(), "interrupt_reply");
        assert!(answer.answers("1"));
        assert!(interrupts.answer(&message("execute_request", &json!({}))).is_none());
        assert!(interrupts.answer(&request).is_none(), "a cell runs");
        assert_eq!(interrupts.instead(&message("execute_reply", &json!({}))), Said::AsItIs);
        assert!(interrupts.answer(&request).is_some(), "it has ended");
    }

    #[test]
    fn what_has_happened_is_told_once_in_plain_words() {
        let interrupts = Interrupts::of(None);
        let start = |code: &str| {
            assert!(interrupts.answer(&message("execute_request", &json!({}))).is_none());
            let input = message("execute_input", &json!({"code": code}));
            assert_eq!(interrupts.instead(&input), Said::AsItIs);
        };
        start("loop {}");
        assert!(interrupts.answer(&message("interrupt_request", &json!({}))).is_none());
        let said = told(interrupts.instead(&error(KILLED)));
        assert_eq!(said, format!("half a line\n{RAN}"));
        assert_eq!(interrupts.instead(&error("and more")), Said::Nothing);
        assert_eq!(interrupts.instead(&message("execute_reply", &json!({}))), Said::AsItIs);

        start("std::process::abort()");
        let said = "Subprocess terminated with status: signal: 6 (SIGABRT) (core dumped)";
        let said = told(interrupts.instead(&error(said)));
        assert!(said.starts_with("The process of the cells has ended (signal: 6"), "{said}");

        start("let x: u8 = \"\";");
        assert_eq!(interrupts.instead(&error("mismatched types")), Said::AsItIs);
        assert_eq!(interrupts.instead(&error("mismatched types")), Said::AsItIs);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_compiler_that_a_kernel_has_started_ends_with_all_that_it_has_started() {
        use std::os::unix::process::ExitStatusExt;
        use std::process::Command;

        assert!(!end_compiler(std::process::id()), "nothing is compiled");
        let folder = tempfile::tempdir().expect("a folder");
        let cargo = folder.path().join("cargo");
        std::fs::copy("/bin/sh", &cargo).expect("a shell");
        let mut started = Command::new(&cargo).args(["-c", "sleep 100 & wait"]).spawn();
        let started = started.as_mut().expect("it starts");
        let sleeps = || processes().into_iter().find(|process| process.parent == started.id());
        let sleep = loop {
            match sleeps() {
                Some(sleep) => break sleep,
                None => std::thread::sleep(std::time::Duration::from_millis(10)),
            }
        };
        assert!(end_compiler(std::process::id()));
        let status = started.wait().expect("it has ended");
        assert_eq!(status.signal(), Some(9));
        let is_there = || processes().iter().any(|it| it.id == sleep.id && it.name == "sleep");
        for _ in 0..100 {
            if !is_there() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("what it has started goes on");
    }
}
