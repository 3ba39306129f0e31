//! The runner must notice what the kernel passes over: each of these notebooks fails in its own
//! way, on the real kernel.
#![cfg(feature = "cli")]

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use picklebook::jupyter::notebook::Notebook;
use serde_json::{Value, json};
use support::{picklebook, printed, set_up};

/// Runs a notebook of these cells; returns the exit code and all that was printed.
fn run(name: &str, cells: &[&str], arguments: &[&str]) -> (Option<i32>, String) {
    let document: Value =
        serde_json::from_str(&Notebook::of_cells(cells).to_text()).expect("a notebook is JSON");
    run_document(name, &document, arguments)
}

fn run_document(name: &str, document: &Value, arguments: &[&str]) -> (Option<i32>, String) {
    set_up();
    let file = support::folder(name).join("notebook.ipynb");
    fs::write(&file, document.to_string()).expect("the notebook can be written");
    let output = picklebook().arg("run").arg(&file).args(arguments).output().expect("it starts");
    (output.status.code(), printed(&output))
}

/// A notebook of one cell, with a tag.
fn tagged(source: &str, tag: &str) -> Value {
    let mut document: Value =
        serde_json::from_str(&Notebook::of_cells(&[source]).to_text()).expect("a notebook is JSON");
    document["cells"][0]["metadata"] = json!({ "tags": [tag] });
    document
}

#[test]
fn a_notebook_that_does_what_it_should_passes() {
    let (code, said) = run("passes", &["println!(\"{}\", 1 + 1);", "2 + 2"], &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("cell  2 of 2") && said.contains("1 passed, 0 failed"), "{said}");
}

#[test]
fn a_compile_error_fails_with_source_and_message() {
    let (code, said) = run("compile_error", &["let number: u8 = \"word\";"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("let number: u8 = \"word\";") && said.contains("E0308"), "{said}");
}

#[test]
fn a_panic_fails_though_the_kernel_answers_ok() {
    let (code, said) = run("panic", &["assert_eq!(1 + 1, 3);"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("code cell 1: a panic"), "{said}");
}

#[test]
fn a_failed_question_mark_fails_though_the_kernel_answers_ok() {
    let (code, said) = run("question_mark", &["std::fs::read(\"there is no such file\")?;"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("No such file"), "{said}");
}

#[test]
fn anything_on_standard_error_fails() {
    let (code, said) = run("standard_error", &["eprintln!(\"a warning\");"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("something on standard error") && said.contains("a warning"), "{said}");
}

#[test]
fn a_crashed_cell_fails() {
    let (code, said) = run("crash", &["std::process::abort();"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("code cell 1: an error"), "{said}");
}

#[test]
fn a_dead_kernel_fails() {
    let kill = "let parent = std::os::unix::process::parent_id().to_string();\n\
        std::process::Command::new(\"kill\").args([\"-9\", &parent]).status()?;";
    let (code, said) = run("dead", &[kill, "1"], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("the kernel died"), "{said}");
}

#[test]
fn a_hung_kernel_fails_in_time_and_leaves_no_process() {
    // The kernel waits for the end of a line that never comes.
    let hang = "use std::io::Write;\nstd::fs::write(\"process\", std::process::id().to_string())?;\n\
        print!(\"no end\");\nstd::io::stdout().flush()?;\nloop {}";
    let started = Instant::now();
    let (code, said) = run("hung", &[hang], &["--timeout", "12"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no answer from the kernel in time"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(240), "{said}");

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hung");
    let process = fs::read_to_string(folder.join("process")).expect("the cell ran");
    eventually(|| (!is_running(&process)).then_some(()));
}

#[test]
fn a_run_that_is_ended_leaves_no_process() {
    set_up();
    let folder = support::folder("interrupted");
    let forever = "std::fs::write(\"process\", std::process::id().to_string())?;\nloop {}";
    let file = folder.join("notebook.ipynb");
    fs::write(&file, Notebook::of_cells(&[forever]).to_text()).expect("it can be written");
    let mut run = picklebook().arg("run").arg(&file).spawn().expect("the command starts");
    let written = || fs::read_to_string(folder.join("process")).ok();
    let process = eventually(|| written().filter(|process| !process.is_empty()));
    // As Ctrl-C does; that signal itself is ignored where the tests run in the background.
    let ended = Command::new("kill").args(["-TERM", &run.id().to_string()]).status();
    assert!(ended.is_ok_and(|status| status.success()));
    assert!(!eventually(|| run.try_wait().expect("it can be waited for")).success());
    eventually(|| (!is_running(&process)).then_some(()));
}

/// What `look` finds within three minutes.
fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        match look() {
            Some(found) => return found,
            None => assert!(started.elapsed() < Duration::from_secs(180), "it does not come"),
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn is_running(process: &str) -> bool {
    let asked = Command::new("kill").args(["-0", process]).output();
    asked.is_ok_and(|output| output.status.success())
}

#[test]
fn a_cell_that_must_fail_may_fail_and_must() {
    let fails = tagged("panic!(\"as it should\");", "raises-exception");
    let (code, said) = run_document("must_fail", &fails, &[]);
    assert_eq!(code, Some(0), "{said}");

    let passes = tagged("1 + 1", "raises-exception");
    let (code, said) = run_document("must_fail_but_does_not", &passes, &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("nothing failed"), "{said}");
}

#[test]
fn outputs_are_written_only_when_asked_for_and_then_compared() {
    set_up();
    let file = support::folder("outputs").join("notebook.ipynb");
    let once = Notebook::of_cells(&["println!(\"{}\", 40 + 2);"]).to_text();
    fs::write(&file, &once).expect("the notebook can be written");
    let run = |arguments: &[&str]| {
        let output =
            picklebook().arg("run").arg(&file).args(arguments).output().expect("it starts");
        (output.status.code(), printed(&output))
    };

    assert_eq!(run(&[]).0, Some(0));
    assert_eq!(fs::read_to_string(&file).ok().as_deref(), Some(once.as_str()));

    let (code, said) = run(&["--compare"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("differs from the file's"), "{said}");

    assert_eq!(run(&["--inplace"]).0, Some(0));
    let written = fs::read_to_string(&file).expect("the notebook is there");
    assert!(written.contains("42\\n"), "{written}");
    let (code, said) = run(&["--compare"]);
    assert_eq!(code, Some(0), "{said}");

    fs::write(&file, written.replace("42\\n", "43\\n")).expect("the notebook can be written");
    let (code, said) = run(&["--compare"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("expected `43`, found `42`"), "{said}");
}

#[test]
fn what_is_not_a_notebook_is_named() {
    set_up();
    for (name, text) in [("words", "no notebook"), ("old", "{\"nbformat\": 3, \"cells\": []}")] {
        let file = support::folder(name).join("notebook.ipynb");
        fs::write(&file, text).expect("the file can be written");
        let output = picklebook().arg("run").arg(&file).output().expect("it starts");
        let said = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("not a notebook of format 4"), "{said}");
    }
    let output = picklebook().args(["run", "nowhere.ipynb"]).output().expect("it starts");
    assert!(printed(&output).contains("nowhere.ipynb"), "{}", printed(&output));
}
