//! Kernels that are started ahead of time: nothing of that can be seen, and nothing is left.
#![cfg(all(target_os = "linux", feature = "cli"))]

use std::process::{Command, Stdio};

use serde_json::{Value, json};
use support::{root, set_up};

mod support;

#[test]
fn a_spare_kernel_is_like_a_new_one_and_nothing_outlives_whoever_needs_it() {
    set_up();
    let seed = std::env::var("PICKLEBOOK_SPARES_SEED").unwrap_or_else(|_| "1".into());
    let output = Command::new(support::python())
        .arg(root().join("tests/spares.py"))
        .arg(root())
        .arg(&seed)
        .env("JUPYTER_RUNTIME_DIR", support::folder("spares_runtime"))
        .env_remove("PICKLEBOOK_SPARES_KEPT")
        .stderr(Stdio::inherit())
        .output()
        .expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let seen: Value = serde_json::from_str(said.lines().last().unwrap_or_default()).expect(&said);
    assert_eq!(seen["before"], json!([[[1], ""], [[2], "1"]]), "{seen}");
    assert_eq!(seen["is the spare"], true, "{seen}");
    assert_eq!(seen["variables"], json!([[1], ""]), "{seen}");
    assert_eq!(seen["first cells"], json!([[[2], ""], [[3], ""], [[4], "1"]]), "{seen}");
    assert_eq!(seen["mistake"], json!([[5], true, true]), "{seen}");
    assert_eq!(seen["at once"], json!(["42\n", "42\n", "42\n", "42\n"]), "{seen}");
    assert_eq!(seen["hosts"], 6, "{seen}");
    assert_eq!(seen["no message"], "42\n", "{seen}");
    assert_eq!(seen["interrupted"], "42\n", "{seen}");
    assert_eq!(seen["restarted"], json!([[1], "42"]), "{seen}");
    assert_eq!(seen["kept"], "1", "{seen}");
    for left in ["left", "left of the killed", "left at the end"] {
        assert_eq!(seen[left], json!([]), "{left}: {seen}");
    }
    assert_eq!(seen["after all"], "42\n", "{seen}");
}
