//! What several test files share.
#![allow(dead_code)] // each test file uses its own part

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
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
        return std::path::absolute(&path).unwrap_or_else(|_| path.into());
    }
    set_up();
    root().join(if cfg!(windows) { ".venv/Scripts/python.exe" } else { ".venv/bin/python" })
}

/// What Python prints that runs `code`, and reads `input`.
pub fn python_prints(code: &str, input: &[u8]) -> Vec<u8> {
    let mut python = Command::new(python())
        .args(["-c", code])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    python.stdin.take().expect("a pipe").write_all(input).expect("asked");
    let output = python.wait_with_output().expect("it ends");
    assert!(output.status.success());
    output.stdout
}

/// The files in a folder of the project that git keeps, in order; `None` where there is no git or
/// this is no clone. A reader's own files beside them are not ours to test.
pub fn tracked(folder: &str) -> Option<Vec<PathBuf>> {
    let files = format!(":(glob){folder}/*");
    let mut git = Command::new("git");
    let listed = git.args(["ls-files", "-z", "--", &files]).current_dir(root()).output();
    let listed = listed.ok().filter(|output| output.status.success())?;
    let names = String::from_utf8(listed.stdout).expect("our names are plain");
    let mut paths: Vec<PathBuf> =
        names.split_terminator('\0').map(|name| root().join(name)).collect();
    paths.sort();
    (!paths.is_empty()).then_some(paths)
}

/// The notebooks of the series, in order, from `notebooks` or from `notebooks/solutions`: those whose
/// names are two digits, and words in small letters.
pub fn series(folder: &str) -> Vec<PathBuf> {
    let mut paths = tracked(folder).unwrap_or_else(|| {
        let files = std::fs::read_dir(root().join(folder)).expect("there is a folder of notebooks");
        let mut paths: Vec<PathBuf> =
            files.map(|file| file.expect("the folder can be read").path()).collect();
        paths.sort();
        paths
    });
    paths.retain(|path| is_numbered(&path.file_name().unwrap_or_default().to_string_lossy()));
    paths
}

/// The notebook that readers put a table of their own into.
pub fn template() -> PathBuf {
    root().join("notebooks/my_data.ipynb")
}

fn is_numbered(name: &str) -> bool {
    let Some((number, words)) = name.strip_suffix(".ipynb").and_then(|name| name.split_once('_'))
    else {
        return false;
    };
    let digits = number.len() == 2 && number.bytes().all(|byte| byte.is_ascii_digit());
    digits && words.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The output of a program that has just been copied. A process that another thread is starting holds
/// the copy open for writing until it runs a program of its own, and the system calls it busy so long.
pub fn output_of_copy(command: &mut Command) -> std::io::Result<Output> {
    for _ in 0..100 {
        match command.output() {
            Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            other => return other,
        }
    }
    command.output()
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
