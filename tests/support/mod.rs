//! What several test files share.
#![allow(dead_code)] // each test file uses its own part

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The project's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The command, built by cargo for this test run.
pub fn picklebook() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picklebook"));
    command.current_dir(root());
    command
}

/// Sets up, once, what the notebooks and the tests need; its progress is visible.
pub fn set_up() {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        picklebook().args(["setup", "--tests"]).status().is_ok_and(|status| status.success())
    });
    assert!(done, "`picklebook setup --tests` failed: its message is above");
}

/// A Python that has scikit-learn 1.9.1: the one that set-up makes, or the one that the
/// environment variable PICKLEBOOK_TEST_PYTHON names.
pub fn python() -> PathBuf {
    if let Some(path) = std::env::var_os("PICKLEBOOK_TEST_PYTHON") {
        return path.into();
    }
    set_up();
    root().join(if cfg!(windows) { ".venv/Scripts/python.exe" } else { ".venv/bin/python" })
}

/// Standard output and standard error, one after the other.
pub fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// A new, empty folder on the project's own disk.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the test's old folder can be removed");
    }
    std::fs::create_dir_all(&folder).expect("the test's folder can be made");
    folder
}
