//! The runner must notice what the kernel passes over: each of these notebooks fails in its own
//! way, on the real kernel.
#![cfg(feature = "cli")]

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use picklebook::jupyter::notebook::{self, Notebook};
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
    // As Ctrl-C does, which itself is ignored where the tests run in the background; and worse.
    for signal in ["-TERM", "-KILL"] {
        let folder = support::folder("interrupted");
        let forever = "std::fs::write(\"process\", std::process::id().to_string())?;\nloop {}";
        let file = folder.join("notebook.ipynb");
        fs::write(&file, Notebook::of_cells(&[forever]).to_text()).expect("it can be written");
        let mut run = picklebook().arg("run").arg(&file).spawn().expect("the command starts");
        let written = || fs::read_to_string(folder.join("process")).ok();
        let process = eventually(|| written().filter(|process| !process.is_empty()));
        let ended = Command::new("kill").args([signal, &run.id().to_string()]).status();
        assert!(ended.is_ok_and(|status| status.success()));
        assert!(!eventually(|| run.try_wait().expect("it can be waited for")).success());
        eventually(|| (!is_running(&process)).then_some(()));
    }
}

#[test]
fn what_a_cell_has_started_does_not_outlive_the_run() {
    // A session of its own, and nobody waits for it: as a server that is started and forgotten.
    let start = "std::process::Command::new(\"setsid\").args([\"sh\", \"-c\", \"echo $$ > process; \
        exec sleep 1000\"]).spawn()?;\nstd::thread::sleep(std::time::Duration::from_secs(1));";
    let (code, said) = run("started", &[start], &[]);
    assert_eq!(code, Some(0), "{said}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("started");
    let process = fs::read_to_string(folder.join("process")).expect("the cell ran");
    assert!(!is_running(process.trim()) || !cfg!(target_os = "linux"));
}

#[test]
fn modules_beside_a_notebook_are_not_taken_for_pythons() {
    set_up();
    let folder = support::folder("modules-beside");
    for module in ["asyncio", "json", "queue", "nbformat", "nbclient", "site"] {
        fs::write(folder.join(format!("{module}.py")), "raise SystemExit('taken')\n")
            .expect("ours");
    }
    let file = folder.join("notebook.ipynb");
    fs::write(&file, Notebook::of_cells(&["1 + 1"]).to_text()).expect("it can be written");
    let mut command = picklebook();
    command.args(["run", "notebook.ipynb"]).current_dir(&folder).env("PYTHONPATH", &folder);
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", printed(&output));
}

#[test]
fn long_output_takes_a_time_that_grows_with_its_length_alone_and_is_bounded() {
    set_up();
    let file = support::folder("long").join("notebook.ipynb");
    let cells = [
        // One line of 600 kB.
        "println!(\"{:?}\", (100_000..175_000).collect::<Vec<u32>>());",
        "for line in 0..20_000 { println!(\"line {line}\"); }",
        "for _ in 0..20 { println!(\"{}\", \"x\".repeat(1_000_000)); }",
    ];
    fs::write(&file, Notebook::of_cells(&cells).to_text()).expect("it can be written");
    let started = Instant::now();
    let output = picklebook()
        .args(["run", "--inplace", "--timeout", "60"])
        .arg(&file)
        .output()
        .expect("it starts");
    let said = printed(&output);
    assert!(output.status.success(), "{said}");
    assert!(started.elapsed() < Duration::from_secs(240), "{said}");
    assert!(said.contains("code cell 3: 3222804 characters of its output are left out"), "{said}");
    let cells = Notebook::read(&file).expect("a notebook").cells();
    let stdout = |cell: usize| notebook::stream(&cells[cell].outputs, "stdout");
    let numbers: Vec<u32> = (100_000..175_000).collect();
    assert!(stdout(0) == format!("{numbers:?}\n"), "the line is whole");
    let lines: String = (0..20_000).map(|line| format!("line {line}\n")).collect();
    assert!(stdout(1) == lines, "every line is there");
    let cut = stdout(2);
    assert!(cut.ends_with("\n[3222804 more characters of output are left out]\n"));
    assert!(cut.len() < (16 << 20) + 100, "{}", cut.len());
}

#[test]
fn what_a_terminal_takes_for_orders_is_not_obeyed() {
    let cell = "println!(\"\\x1b]0;title\\x07\\x1b[2Jgone\\u{9b}31m\");\npanic!(\"\\x1b[31mred\");";
    let (code, said) = run("orders", &[cell], &[]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("\\x1b]0;title\\x07") && said.contains("gone"), "{said}");
    let orders: Vec<char> = said.chars().filter(|c| c.is_control() && *c != '\n').collect();
    assert_eq!(orders, Vec::<char>::new(), "{said:?}");
}

#[test]
fn an_edit_that_is_saved_while_the_cells_run_stays() {
    set_up();
    let folder = support::folder("edited");
    let file = folder.join("notebook.ipynb");
    let wait = "std::fs::write(\"runs\", \"\")?;\n\
        while !std::path::Path::new(\"edited\").exists() { std::thread::yield_now(); }";
    fs::write(&file, Notebook::of_cells(&[wait]).to_text()).expect("it can be written");
    let run = picklebook().args(["run", "--inplace"]).arg(&file).stdout(Stdio::piped()).spawn();
    let run = run.expect("the command starts");
    eventually(|| folder.join("runs").exists().then_some(()));
    let edited = Notebook::of_cells(&["// an edit"]).to_text();
    fs::write(&file, &edited).expect("it can be written");
    fs::write(folder.join("edited"), "").expect("it can be written");
    let output = run.wait_with_output().expect("it ends");
    let said = printed(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("was changed while its cells ran"), "{said}");
    assert_eq!(fs::read_to_string(&file).expect("it is there"), edited);
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
