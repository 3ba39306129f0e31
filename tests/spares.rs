//! Kernels that are started ahead of time: nothing of that can be seen, and nothing is left. The
//! kernel is the real one; `kernel_processes` tries more of that, and more often, without it.
#![cfg(all(target_os = "linux", feature = "cli"))]

use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use support::{root, set_up};

mod support;

/// What is seen in a part of `tests/spares.py`. The parts look for what is left of all kernels, so
/// that they come one after the other.
fn seen(part: &str) -> Value {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    set_up();
    let seed = std::env::var("PICKLEBOOK_SPARES_SEED").unwrap_or_else(|_| "1".into());
    let output = Command::new(support::python())
        .arg(root().join("tests/spares.py"))
        .arg(root())
        .args([&seed, part])
        .env("JUPYTER_RUNTIME_DIR", support::folder("spares_runtime"))
        .env_remove("PICKLEBOOK_SPARES_KEPT")
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let mut seen: Value =
        serde_json::from_str(said.lines().last().unwrap_or_default()).expect(&said);
    seen["PICKLEBOOK_SPARES_SEED"] = seed.into();
    seen
}

#[test]
fn a_spare_kernel_is_like_a_new_one() {
    let seen = seen("like a new one");
    assert_eq!(seen["before"], json!([[[1], ""], [[2], "1"]]), "{seen}");
    assert_eq!(seen["is the spare"], true, "{seen}");
    assert_eq!(seen["variables"], json!([[1], ""]), "{seen}");
    assert_eq!(seen["first cells"], json!([[[2], ""], [[3], ""], [[4], "1"]]), "{seen}");
    assert_eq!(seen["mistake"], json!([[5], true, true]), "{seen}");
    assert_eq!(seen["elsewhere"], json!(["true", 1]), "{seen}");
    for (name, number) in [("two at once", 2), ("five at once", 5)] {
        assert_eq!(seen[name], json!(vec!["42\n"; number]), "{seen}");
        assert_eq!(seen[format!("hosts of {name}")], number + 2, "{seen}");
    }
    assert_eq!(seen["no message"], "42\n", "{seen}");
    assert_eq!(seen["interrupted"], "42\n", "{seen}");
    assert_eq!(seen["restarted"], json!([[1], "42"]), "{seen}");
    assert_eq!(seen["kept"], "1", "{seen}");
    assert_eq!(seen["left"], json!([]), "{seen}");
}

#[test]
fn nothing_outlives_whoever_needs_it_and_no_answer_is_lost() {
    let seen = seen("killed at any moment");
    for nothing in ["wrong answers", "left of the killed", "left at the end"] {
        assert_eq!(seen[nothing], json!([]), "{nothing}: {seen}");
    }
    assert_eq!(seen["after all"], "42\n", "{seen}");
}

#[test]
fn a_cell_does_not_run_on_when_its_kernel_is_killed() {
    let seen = seen("killed while a cell runs");
    assert_eq!(seen["left"], json!({"passing": [], "host": [], "kernel": []}), "{seen}");
}
