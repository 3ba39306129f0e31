//! An interrupt loses no more than it must, and says what it has lost.
#![cfg(all(target_os = "linux", feature = "cli"))]

mod support;

use std::process::{Command, Stdio};

use serde_json::Value;
use support::{root, set_up};

#[test]
fn an_interrupt_loses_variables_only_where_a_cell_runs() {
    set_up();
    let output = Command::new(support::python())
        .arg(root().join("tests/interrupts.py"))
        .arg(root())
        .env("JUPYTER_RUNTIME_DIR", support::folder("interrupts_runtime"))
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let seen: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect(&said);
    let said = |what: &str| seen[what].as_str().unwrap_or_default().to_owned();
    assert_eq!(said("idle"), "42\n", "{seen}");
    let compiled = said("compiled");
    assert!(compiled.starts_with("Interrupted: Interrupted while the cell was being"), "{seen}");
    assert!(!compiled.contains("STDERR"), "{seen}");
    assert_eq!(said("after the compiler's end"), "42\n", "{seen}");
    let ran = said("ran");
    assert!(ran.starts_with("runs\nInterrupted: Interrupted. That ended"), "{seen}");
    assert!(ran.contains("Run All Above Selected Cell") && !ran.contains("SIGKILL"), "{seen}");
    assert!(said("a variable").contains("cannot find value `kept`"), "{seen}");
    assert_eq!(said("a function"), "42\n", "{seen}");
    let aborted = said("aborted");
    assert!(aborted.contains("The process of the cells has ended (signal: 6"), "{seen}");
    assert_eq!(said("after all"), "42\n", "{seen}");
}
