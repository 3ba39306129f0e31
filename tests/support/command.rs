//! The command, run to its end.

#![allow(dead_code)] // each test file uses its own part

use std::path::Path;
use std::process::Command;

use crate::support;

/// What a command did.
#[derive(Debug)]
pub struct Done {
    pub code: Option<i32>,
    pub said: String,
    pub complained: String,
}

impl Done {
    /// What a command does.
    pub fn of(command: &mut Command) -> Done {
        let output = command.output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        let (said, complained) = (text(output.stdout), text(output.stderr));
        Done { code: output.status.code(), said, complained }
    }
}

/// Runs the command in a folder.
pub fn run(folder: &Path, arguments: &[&str]) -> Done {
    Done::of(support::picklebook().current_dir(folder).args(arguments))
}

/// Runs a command that must end with a code and without a word of complaint, and returns what it printed.
pub fn end_with(code: i32, folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert_eq!((done.code, done.complained.as_str()), (Some(code), ""), "{arguments:?}: {done:?}");
    done.said
}

/// Runs a command that must fail with one line, and returns that line.
pub fn fail(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert_eq!(done.code, Some(1), "{arguments:?}: {done:?}");
    assert_eq!(done.complained.lines().count(), 1, "{arguments:?}: {done:?}");
    let line = done.complained.trim_end().strip_prefix("picklebook: ");
    line.expect("the line says who complains").to_owned()
}
