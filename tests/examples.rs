//! The examples, as a reader runs them: in the project's folder, with a file of one's own or none.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

/// What an example prints. Cargo builds the examples before it runs any test, but not when one test
/// file alone is asked for: then what was built earlier may be missing or old.
fn printed(example: &str, arguments: &[&Path]) -> String {
    let this = std::env::current_exe().expect("a test is a program");
    let built = this.ancestors().nth(2).expect("it lies in cargo's folder").join("examples");
    let program = built.join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let anew = "`cargo build --examples` builds it anew";
    let built = fs::metadata(&program).unwrap_or_else(|e| panic!("{program:?}: {e}; {anew}"));
    let newest = newest_source(&program);
    assert!(built.modified().is_ok_and(|built| built >= newest), "{example} is old; {anew}");
    let mut example = Command::new(program);
    example.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = example.output().expect("it was built for this machine");
    let said = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    said
}

/// When one of the files that a program is built of was changed last: cargo lists them beside it.
fn newest_source(program: &Path) -> SystemTime {
    let list = fs::read_to_string(program.with_extension("d")).expect("cargo writes it");
    let (_, files) = list.split_once(": ").expect("the program: its files");
    let files = files.replace("\\ ", "\0");
    let files = files.split_whitespace().map(|file| file.replace('\0', " "));
    let changed = files.map(|file| fs::metadata(file)?.modified());
    changed.map(|changed| changed.unwrap_or_else(|_| SystemTime::now())).max().expect("a file")
}

#[test]
fn train_and_save() {
    let folder = tempfile::tempdir().expect("a folder");
    let (table, model) = (folder.path().join("mine.csv"), folder.path().join("mine.pkl"));
    let data = Path::new("data/balance-scale.csv");
    let said = printed("train_and_save", &[data, "Class".as_ref(), &model]);
    assert!(said.starts_with("437 rows, depth 3: saved "), "{said}");
    // scikit-learn's report of the same tree.
    assert!(said.contains("\n    accuracy                           0.73       188\n"), "{said}");
    assert!(fs::read(&model).is_ok_and(|bytes| bytes.starts_with(b"\x80")));

    let rows = (0..40).map(|row| format!("{row},{}\n", if row < 20 { "low" } else { "high" }));
    fs::write(&table, "number,size\n".to_owned() + &rows.collect::<String>()).expect("a table");
    let said = printed("train_and_save", &[&table, "size".as_ref(), &model]);
    assert!(said.starts_with("28 rows, depth 1: saved "), "{said}");
    assert!(said.contains("\n        high ") && said.contains("\n         low "), "{said}");
}

#[test]
fn read_a_python_pickle() {
    let said = printed("read_a_python_pickle", &[]);
    for line in [
        "data/mixture.pkl\n  dict of 11\n    'int': int 1267650600228229401496703205376\n",
        "\n    'complex': made by <class 'complex'> with (3.0, 4.0)\n",
        "\n    'str': str 'smörgåsgurka'\n",
        "\n    'list': list of 3\n      int 1\n      float 2.5\n      str 'three'\n",
        "\n  made by __main__.SpamFilter with ()\n    state: dict of 2\n      'weights': dict of 2\n",
        "\n      'limit': float 3.0\n",
        "\ndata/recursive_list.pkl\n  list of 3\n    int 1\n    int 2\n    list of 3\n",
    ] {
        assert!(said.contains(line), "{line:?} is not in\n{said}");
    }
    assert!(said.ends_with("\n          …\n"), "{said}");
}

#[test]
fn spam_filter() {
    let folder = tempfile::tempdir().expect("a folder");
    let (table, model) = (folder.path().join("mine.csv"), folder.path().join("mine.pkl"));
    let messages = "text,label\nfree prize, free money,spam\nmoney for free,spam\n\
                    on Monday then,ham\nis lunch on Monday,ham\n";
    fs::write(&table, messages).expect("a table");
    let said = printed("spam_filter", &[&table, &model]);
    assert!(said.starts_with("4 messages: saved "), "{said}");
    assert!(said.contains("spam") && said.trim_end().contains("ham"), "{said}");
    let pipeline = picklebook::sklearn::open(&model).expect("a pipeline");
    assert_eq!(pipeline.class(), "sklearn.pipeline.Pipeline");
}

#[test]
fn draw_a_tree() {
    let folder = tempfile::tempdir().expect("a folder");
    let picture = folder.path().join("tree.svg");
    let said = printed("draw_a_tree", &[&picture]);
    assert!(
        said.contains("The row Left-Weight = 1, Left-Distance = 1, Right-Weight = 5"),
        "{said}"
    );
    let svg = fs::read_to_string(&picture).expect("it was saved");
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"), "{svg:.100}");
    assert!(svg.contains("Decision tree: depth 3, 8 leaves"), "{svg:.1000}");
}
