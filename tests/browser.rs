//! The notebooks in a real JupyterLab, in a real browser: what a reader sees and does there.
//!
//! One run of `tests/browser` makes all checks, in one JupyterLab and one browser; each test here
//! asks for its own check's result.
#![cfg(all(feature = "cli", unix))]

mod support;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use support::{root, series, set_up};

/// The names that Chromium and Chrome have on various systems.
const PROGRAMS: [&str; 5] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
/// Where macOS keeps them, which is on no PATH.
const APPLICATIONS: [&str; 2] = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const NO_BROWSER: &str = "no Chromium or Chrome was found. Install one (Debian, Ubuntu: `apt-get \
    install chromium`; macOS: `brew install --cask chromium`; others: \
    https://www.google.com/chrome), or set PICKLEBOOK_BROWSER to its program";

/// The browser: the one that PICKLEBOOK_BROWSER names, else the first that is found.
fn browser(named: Option<OsString>, path: &OsStr, applications: &[&str]) -> Option<PathBuf> {
    if let Some(named) = named {
        return Some(named.into());
    }
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let on_path =
        PROGRAMS.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let applications = applications.iter().map(PathBuf::from);
    on_path.chain(applications).find(|program| is_program(program))
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|known| known.is_file() && known.permissions().mode() & 0o111 != 0)
}

/// What each check found wrong; nothing where there is no browser, which is said aloud.
fn results() -> Option<&'static BTreeMap<String, Vec<String>>> {
    static RESULTS: OnceLock<Option<BTreeMap<String, Vec<String>>>> = OnceLock::new();
    let results = RESULTS.get_or_init(|| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        match browser(std::env::var_os("PICKLEBOOK_BROWSER"), &path, &APPLICATIONS) {
            Some(browser) => Some(check_all(&browser)),
            None => {
                // Past the test's own capture: a skipped test is to be seen.
                let _ =
                    writeln!(io::stderr(), "\nSKIPPED, all of tests/browser.rs: {NO_BROWSER}\n");
                None
            }
        }
    });
    let in_ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(results.is_some() || !in_ci, "{NO_BROWSER}");
    results.as_ref()
}

fn check_all(browser: &Path) -> BTreeMap<String, Vec<String>> {
    assert!(is_program(browser), "PICKLEBOOK_BROWSER: {} is no program", browser.display());
    set_up();
    let output = support::folder("browser");
    let checks = Command::new(root().join(".venv/bin/python"))
        .args(["-m", "browser"])
        .args([root(), Path::new(env!("CARGO_BIN_EXE_picklebook")), browser, &output])
        .args(series("notebooks"))
        .args(series("notebooks/solutions"))
        .current_dir(root().join("tests"))
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&checks.stdout);
    let mut results = BTreeMap::new();
    for line in said.lines() {
        let result: Value = serde_json::from_str(line).expect(line);
        let wrong = result["wrong"].as_array().expect(line).iter();
        let wrong = wrong.map(|what| what.as_str().expect(line).to_owned()).collect();
        results.insert(result["check"].as_str().expect(line).to_owned(), wrong);
    }
    results
}

#[track_caller]
fn assert_passed(check: &str) {
    let Some(results) = results() else { return };
    let wrong = results.get(check).unwrap_or_else(|| panic!("`{check}` was not made: see above"));
    assert!(wrong.is_empty(), "{}\nphotographs: {}", wrong.join("\n"), output().display());
}

fn output() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser")
}

#[test]
fn committed_notebooks_are_accessible_as_html() {
    assert_passed("html");
}

#[test]
fn the_page_of_the_server_shows_its_models_and_predicts_a_row() {
    assert_passed("served");
}

#[test]
fn jupyterlab_opens_on_the_first_page_and_offers_rust_alone() {
    assert_passed("first page");
}

#[test]
fn names_of_notebooks_can_be_told_apart() {
    assert_passed("names");
}

#[test]
fn the_kernel_of_a_closed_notebook_ends() {
    assert_passed("closed");
}

#[test]
fn a_notebook_runs_as_soon_as_it_is_open_and_is_saved_as_it_was() {
    assert_passed("at once");
}

#[test]
fn an_exercise_whose_cell_fails_is_not_right() {
    assert_passed("exercise");
}

#[test]
fn links_open_the_next_and_the_previous_notebook() {
    assert_passed("links");
}

#[test]
fn an_untrusted_notebook_shows_its_pictures() {
    assert_passed("untrusted");
}

#[test]
fn two_notebooks_run_at_the_same_time() {
    assert_passed("side by side");
}

#[test]
fn a_restarted_kernel_runs_all_cells_again() {
    assert_passed("restart");
}

#[test]
fn a_mistake_shows_the_compilers_message_and_the_next_cell_works() {
    assert_passed("mistake");
}

#[test]
fn pictures_and_tables_hold_in_the_dark_theme() {
    assert_passed("dark");
}

#[test]
fn the_first_result_comes_earlier_with_a_spare_kernel() {
    for check in ["with a spare kernel", "without", "first result"] {
        assert_passed(check);
    }
}

#[test]
fn jupyterlab_ends_with_its_kernels() {
    assert_passed("end");
}

#[test]
fn a_browser_is_found_by_its_names_or_by_the_variable() {
    let (first, second) = (support::folder("browsers-1"), support::folder("browsers-2"));
    let chrome = second.join("google-chrome");
    fs::write(first.join("chromium"), "no program").expect("it can be written");
    fs::write(&chrome, "#!/bin/sh\n").expect("it can be written");
    let path = std::env::join_paths([&first, &second]).expect("two folders");
    assert_eq!(browser(None, &path, &[]), None);
    fs::set_permissions(&chrome, fs::Permissions::from_mode(0o755)).expect("it is ours");
    assert_eq!(browser(None, &path, &[]), Some(chrome.clone()));
    let application = chrome.to_str().expect("plain text");
    assert_eq!(browser(None, first.as_os_str(), &[application]), Some(chrome));
    assert_eq!(browser(Some("mine".into()), &path, &[]), Some("mine".into()));
}
