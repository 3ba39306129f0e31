//! Files that scikit-learn, joblib and numpy write are clean, and what they import is what CPython's
//! own reader finds.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use picklebook::inspect::{self, Verdict};
use support::root;

#[test]
fn files_of_models_are_known_and_their_imports_are_those_that_cpython_finds() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(support::python())
        .arg(root().join("tests/inspect/models.py"))
        .arg(folder.path())
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files: BTreeMap<String, Option<Vec<String>>> =
        serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(files.len() > 300, "{} files", files.len());
    for (file, imports) in &files {
        let report = inspect::inspect(folder.path().join(file)).expect("it can be read");
        assert!(report.is_clean(), "{file}: {report}");
        let is_objects = file.ends_with(".npy") || file.ends_with(".npz");
        assert!(is_objects || report.verdict == Verdict::KnownModel, "{file}: {report}");
        let Some(imports) = imports else { continue };
        let found: BTreeSet<String> = report
            .pickles
            .iter()
            .flat_map(|pickle| &pickle.imports)
            .map(|import| format!("{} {}", import.module, import.name))
            .collect();
        let expected: BTreeSet<String> = imports.iter().map(|name| renamed(name)).collect();
        assert_eq!(found, expected, "{file}");
    }
}

/// CPython's reader leaves the names of Python 2 as they are written.
fn renamed(name: &str) -> String {
    let name = name
        .replace("__builtin__ xrange", "builtins range")
        .replace("__builtin__ long", "builtins int");
    let name = name.replace("__builtin__ unicode", "builtins str");
    name.replace("__builtin__ ", "builtins ").replace("copy_reg ", "copyreg ")
}

/// Wherever the opcodes of a call stand, its result thrown away.
#[test]
fn a_hostile_call_in_any_place_of_a_model_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let script = "import pickle, sys; from sklearn.tree import DecisionTreeClassifier as T\n\
                  open(sys.argv[1], 'wb').write(pickle.dumps(T(max_depth=2).fit([[0], [1], [2]], [0, 1, 0]), 2))";
    let path = folder.path().join("tree.pkl");
    let done = Command::new(support::python()).args(["-c", script]).arg(&path).status();
    assert!(done.is_ok_and(|status| status.success()));
    let model = fs::read(&path).expect("it was written");
    let mut places = 0;
    for step in picklebook::pickle::opcodes(&model) {
        let step = step.expect("it is a pickle");
        if step.position < 2 {
            continue;
        }
        let (before, behind) = model.split_at(step.position);
        let hostile = [before, b"cos\ngetcwd\n)R0", behind].concat();
        let report = inspect::bytes(&hostile);
        assert_eq!(report.verdict, Verdict::Dangerous, "at {}: {report}", step.position);
        assert!(report.reasons().join("\n").contains("calls os.getcwd()"), "{report}");
        places += 1;
    }
    assert!(places > 50, "{places}");
}
