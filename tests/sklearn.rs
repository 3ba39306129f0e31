//! Models of scikit-learn: what is written here opens there, and what was written there opens here.

#[path = "support/archive.rs"]
mod archive;
#[path = "support/conversation.rs"]
mod conversation;
mod support;
#[path = "support/trees.rs"]
mod trees;

use std::path::Path;
use std::process::Command;

use ndarray::array;
use picklebook::container::Compression;
use picklebook::data::{self, Dataset, Labels};
use picklebook::sklearn::{self, DumpOptions, Version};
use picklebook::tree::{DecisionTreeClassifier, LinfaTree};
use serde_json::json;

use conversation::Conversation;
use trees::{Case, Fitted, cases, floats, saved_cases};

/// PICKLEBOOK_TREE_CASES sets their number, as in the tests of trees.
fn count() -> usize {
    std::env::var("PICKLEBOOK_TREE_CASES").map_or(300, |n| n.parse().unwrap())
}

const SCRIPT: &str = "reference/sklearn_written.py";

fn write(case: &Case, path: &Path, options: &DumpOptions) -> Result<(), String> {
    let (_, fitted) = case.fit().map_err(|error| error.to_string())?;
    let written = match &fitted {
        Fitted::Classifier(tree) => sklearn::save_with(tree, path, options),
        Fitted::Regressor(tree) => sklearn::save_with(tree, path, options),
    };
    written.map_err(|error| error.to_string())
}

#[test]
fn random_trees_are_in_python_what_scikit_learn_fits() {
    let mut python = Conversation::start(&support::python(), SCRIPT).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.pkl");
    let mut wrong = Vec::new();
    for case in cases::<Case>(count(), 7000) {
        let options = DumpOptions::new().protocol(2 + (case.seed % 4) as u8);
        write(&case, &path, &options).unwrap();
        let problems: Vec<String> = python.ask(&json!({"path": path, "seed": case.seed})).unwrap();
        if !problems.is_empty() {
            wrong.push(format!("seed {}: {problems:?} {:?}", case.seed, case.params));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// PICKLEBOOK_TEST_SKLEARNS names Pythons with other versions of scikit-learn, separated as in PATH.
#[test]
fn trees_written_for_other_versions_predict_the_same_there() {
    let Some(pythons) = std::env::var_os("PICKLEBOOK_TEST_SKLEARNS") else {
        eprintln!("skipped: PICKLEBOOK_TEST_SKLEARNS names no Pythons");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.pkl");
    // Before 1.3 values cannot be missing. Before 1.4 a tree keeps counts, of which those of weighted
    // rows are not known to the last bit.
    let mut cases: Vec<(Case, serde_json::Value)> = saved_cases(count(), 9000);
    cases.retain(|(case, _)| {
        let whole = |bits: &[u64]| floats(bits).iter().all(|value| !value.is_nan());
        whole(&case.x)
            && whole(&case.test)
            && case.weights.is_none()
            && !case.params.contains_key("class_weight")
    });
    let mut wrong = Vec::new();
    for python in std::env::split_paths(&pythons) {
        let version = version_of(&python);
        let mut python = Conversation::start(&python, SCRIPT).unwrap();
        let options = DumpOptions::new().version(version);
        for (case, said) in &cases {
            write(case, &path, &options).unwrap();
            let problems: Vec<String> = python.ask(&json!({"path": path, "said": said})).unwrap();
            if !problems.is_empty() {
                wrong.push(format!("{version}, seed {}: {problems:?} {}", case.seed, case.repr));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Opens one file in Python, and returns what is wrong.
fn opened(path: &Path) -> Vec<String> {
    let mut python = Conversation::start(&support::python(), SCRIPT).unwrap();
    python.ask(&json!({"path": path, "seed": null})).unwrap()
}

/// What Python prints at the end of some lines that use the model `m` of a file.
fn in_python(path: &Path, lines: &str) -> String {
    let code = format!(
        "import sys, json, pickle, warnings\nwarnings.simplefilter('error')\n\
         m = pickle.load(open(sys.argv[1], 'rb'))\n{lines}"
    );
    let mut python = Command::new(support::python());
    let output = python.args(["-c", &code]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn names_of_columns_and_odd_labels_are_kept() {
    let long = "x".repeat(100_000);
    let sets: [Labels; 6] = [
        Labels::from(["", "a", "b"]),
        Labels::from(["a\0", "a", "𝄞 clef"]),
        Labels::from(["a", "b", long.as_str()]),
        Labels::from(vec![i64::MIN, 0, i64::MAX]),
        Labels::from(vec![-1.0, 0.0, 7.0]),
        Labels::from(vec![false, true, true]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.pkl");
    for labels in sets {
        let names = vec!["Länge".to_owned(), "a b".to_owned()];
        let features = array![[0.0, 1.0], [1.0, 5.0], [2.0, 3.0]];
        let data = Dataset::new(features, labels.clone(), names, "class").unwrap();
        let tree = DecisionTreeClassifier::params().fit(&data).unwrap();
        for protocol in [2, 5] {
            let options = DumpOptions::new().protocol(protocol);
            sklearn::save_with(&tree, &path, &options).unwrap();
            let lines = "import numpy as np\nm.__dict__.pop('feature_names_in_').tolist() == \
                         ['Länge', 'a b'] or sys.exit('names')\n\
                         x = np.array([[0, 1], [1, 5], [2, 3.]])\n\
                         print(json.dumps(m.predict(x).tolist()))";
            let predicted: serde_json::Value =
                serde_json::from_str(&in_python(&path, lines)).unwrap();
            assert_eq!(predicted, serde_json::to_value(&labels).unwrap());
        }
    }
}

#[test]
fn a_tree_of_linfas_says_what_it_lacks() {
    let split = data::train_test_split(&data::balance_scale(), 0.3, 100).unwrap();
    let tree = LinfaTree::params().max_depth(3).min_samples_leaf(5).fit(&split.train).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.joblib");
    sklearn::save(&tree, &path).unwrap();
    assert_eq!(opened(&path), [""; 0]);
    let rows: Vec<Vec<f64>> =
        split.test.features().rows().into_iter().map(|row| row.to_vec()).collect();
    let lines = format!(
        "import pandas\nrows = pandas.DataFrame({rows:?}, columns=m.feature_names_in_)\n\
         print(json.dumps([m.predict(rows).tolist(), m.classes_.tolist(), m.picklebook_note, \
         repr(m)]))"
    );
    let said: serde_json::Value = serde_json::from_str(&in_python(&path, &lines)).unwrap();
    let predicted = serde_json::to_value(tree.predict(&split.test).unwrap()).unwrap();
    assert_eq!((&said[0], &said[1]), (&predicted, &json!(["B", "L", "R"])));
    assert!(said[2].as_str().unwrap().contains("no counts of training rows"));
    assert_eq!(said[3], "DecisionTreeClassifier(max_depth=3, min_samples_leaf=5)");
}

#[test]
fn versions_that_cannot_hold_a_tree_are_refused() {
    let data = data::balance_scale();
    let tree = DecisionTreeClassifier::params().max_depth(2).fit(&data).unwrap();
    let old = DumpOptions::new().version(Version::new(0, 23, 2));
    let error = sklearn::dumps_with(&tree, &old).unwrap_err().to_string();
    assert!(error.contains("0.23.2"), "{error}");
    let features = array![[f64::NAN], [1.0], [2.0], [f64::NAN]];
    let params = DecisionTreeClassifier::params();
    let tree = params.fit_weighted(&features, &Labels::from(vec![1, 0, 0, 1]), None).unwrap();
    let old = DumpOptions::new().version(Version::new(1, 2, 2));
    let error = sklearn::dumps_with(&tree, &old).unwrap_err().to_string();
    assert!(error.contains("node 0 learned where missing values go"), "{error}");
    sklearn::dumps_with(&tree, &old.version(Version::new(1, 3, 0))).unwrap();
}

/// Files of the archive that can be converted: with their versions, names and what they answered.
fn convertible() -> Vec<(String, Vec<u8>, serde_json::Value)> {
    let files = archive::files("models.tar.xz");
    let can = |name: &str| {
        ["tree", "regressor", "forest", "extra", "pipeline", "adaboost", "boosting", "hist"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    let mut found = Vec::new();
    for (name, bytes) in &files {
        let (folder, file) = name.split_once('/').unwrap();
        let (model, ending) = file.split_once('.').unwrap();
        if can(model) && ["p2.pkl", "p5.pkl", "joblib"].contains(&ending) {
            let said = &files[&format!("{folder}/{model}.json")];
            found.push((name.clone(), bytes.clone(), serde_json::from_slice(said).unwrap()));
        }
    }
    found
}

#[test]
fn estimators_that_keep_their_files_are_written_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pkl");
    let mut python =
        Conversation::start(&support::python(), "reference/sklearn_converted.py").unwrap();
    let mut written = 0;
    for (name, bytes, said) in convertible() {
        if !name.ends_with("p5.pkl") || !(name.contains("/forest") || name.contains("/pipeline")) {
            continue;
        }
        let alone = sklearn::loads(&bytes).unwrap();
        let error = sklearn::dumps(&alone).unwrap_err().to_string();
        assert!(error.contains("LoadOptions::new().keep(true)"), "{error}");
        let options = sklearn::LoadOptions::new().keep(true);
        let estimator = sklearn::loads_with(&bytes, &options).unwrap();
        sklearn::save(&estimator, &path).unwrap();
        let converted = sklearn::convert(&bytes, &DumpOptions::new()).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), converted, "{name}");
        let problems: Vec<String> = python.ask(&json!({"path": path, "said": said})).unwrap();
        assert!(problems.is_empty(), "{name}: {problems:?}");
        written += 1;
    }
    assert!(written >= 20, "{written}");
}

/// Converts all files to a version, and returns what is wrong when a Python of that version opens
/// them. Files that it cannot hold are left out, and counted.
fn converted(python: &Path, version: Version) -> (usize, usize, Vec<String>) {
    let mut python = Conversation::start(python, "reference/sklearn_converted.py").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pkl");
    let (mut opened, mut left_out, mut wrong) = (0, 0, Vec::new());
    for (name, bytes, said) in convertible() {
        let bytes = match sklearn::convert(&bytes, &DumpOptions::new().version(version)) {
            Ok(bytes) => bytes,
            // From 1.6 on there is no algorithm but SAMME, which was not the one by default.
            Err(sklearn::Error::Unwritable { problem, .. }) if problem.contains("SAMME.R") => {
                assert!(version >= Version::new(1, 6, 0) && name.contains("/adaboost"), "{name}");
                continue;
            }
            Err(sklearn::Error::Unwritable { .. }) => {
                left_out += 1;
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        std::fs::write(&path, bytes).unwrap();
        let problems: Vec<String> = python.ask(&json!({"path": path, "said": said})).unwrap();
        opened += 1;
        // Of weighted rows the counts of old versions are not known to the last bit.
        let weighted = name.contains("tree_weighted") && problems == ["predict_proba"];
        let excused = weighted && version < Version::new(1, 4, 0);
        if !problems.is_empty() && !excused {
            wrong.push(format!("{name}: {problems:?}"));
        }
    }
    (opened, left_out, wrong)
}

#[test]
fn files_of_other_versions_open_in_this_one_when_they_are_converted() {
    let (opened, left_out, wrong) = converted(&support::python(), Version::LATEST);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(opened > 200 && left_out == 0, "{opened} {left_out}");
}

/// In the Pythons that PICKLEBOOK_TEST_SKLEARNS names.
#[test]
fn converted_files_open_in_other_versions() {
    let Some(pythons) = std::env::var_os("PICKLEBOOK_TEST_SKLEARNS") else {
        eprintln!("skipped: PICKLEBOOK_TEST_SKLEARNS names no Pythons");
        return;
    };
    for python in std::env::split_paths(&pythons) {
        let version = version_of(&python);
        let (opened, left_out, wrong) = converted(&python, version);
        println!("{version}: {opened} files opened, {left_out} cannot be there");
        assert!(wrong.is_empty(), "{version}: {} differ:\n{}", wrong.len(), wrong.join("\n"));
    }
}

/// Models with the objects that a Python makes, and what they answer there.
fn made(python: &Path, folder: &Path) -> Vec<serde_json::Value> {
    let mut python = Conversation::start(python, "reference/sklearn_shapes.py").unwrap();
    python.ask(&json!({"make": folder})).unwrap()
}

/// Converts models one version after the other, and asks a Python of the last one for their answers.
/// Returns how many there were, how many could not be converted, and what is wrong.
fn carried(
    models: &[serde_json::Value],
    python: &mut Conversation,
    versions: &[Version],
) -> (usize, Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.pkl");
    let (mut opened, mut refused, mut wrong) = (0, Vec::new(), Vec::new());
    'models: for model in models {
        let name = model["name"].as_str().unwrap();
        let mut bytes = std::fs::read(model["path"].as_str().unwrap()).unwrap();
        let is_read = sklearn::loads(&bytes).is_ok();
        for version in versions {
            bytes = match sklearn::convert(&bytes, &DumpOptions::new().version(*version)) {
                Ok(bytes) => bytes,
                Err(error @ sklearn::Error::Unwritable { .. }) => {
                    refused.push(format!("{name}: {error}"));
                    continue 'models;
                }
                Err(error) => {
                    wrong.push(format!("{name}: {error}"));
                    continue 'models;
                }
            };
        }
        if is_read && let Err(error) = sklearn::loads(&bytes) {
            wrong.push(format!("{name}: {error}"));
        }
        std::fs::write(&path, &bytes).unwrap();
        let mut asked = model.clone();
        asked["path"] = json!(path);
        let problems: Vec<String> = python.ask(&asked).unwrap();
        opened += 1;
        if !problems.is_empty() {
            wrong.push(format!("{name}: {problems:?}"));
        }
    }
    (opened, refused, wrong)
}

#[test]
fn models_that_go_to_an_old_version_and_back_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let models = made(&support::python(), folder.path());
    let mut python =
        Conversation::start(&support::python(), "reference/sklearn_shapes.py").unwrap();
    for (version, least) in
        [("0.24.2", 60), ("1.2.2", 64), ("1.5.2", 74), ("1.7.2", 74), ("1.9.1", 78)]
    {
        let versions = [version.parse().unwrap(), Version::LATEST];
        let (opened, refused, wrong) = carried(&models, &mut python, &versions);
        assert!(wrong.is_empty(), "{version}: {} differ:\n{}", wrong.len(), wrong.join("\n"));
        assert!(opened >= least, "{version}: {opened}, refused:\n{}", refused.join("\n"));
    }
}

/// Between all pairs of the Pythons that PICKLEBOOK_TEST_SKLEARNS names.
#[test]
fn models_of_each_version_open_in_each_other_when_they_are_converted() {
    let Some(pythons) = std::env::var_os("PICKLEBOOK_TEST_SKLEARNS") else {
        eprintln!("skipped: PICKLEBOOK_TEST_SKLEARNS names no Pythons");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let pythons: Vec<_> = std::env::split_paths(&pythons).collect();
    let models: Vec<_> = pythons.iter().map(|python| made(python, folder.path())).collect();
    let mut wrong = Vec::new();
    for python in &pythons {
        let to = version_of(python);
        if to < Version::OLDEST_WRITTEN {
            continue;
        }
        let mut answering = Conversation::start(python, "reference/sklearn_shapes.py").unwrap();
        for (from, models) in pythons.iter().zip(&models) {
            let (opened, refused, differ) = carried(models, &mut answering, &[to]);
            let from = version_of(from);
            println!("{from} to {to}: {opened} opened, {} cannot be there", refused.len());
            refused.iter().for_each(|error| println!("    {error}"));
            wrong.extend(differ.into_iter().map(|problem| format!("{from} to {to}: {problem}")));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// What `joblib.load` makes of files, also where it maps the arrays into memory, is what `pickle.load`
/// makes of the same models; and each array begins where joblib lets it begin.
#[test]
fn joblib_files_open_and_can_be_mapped_into_memory() {
    let folder = tempfile::tempdir().unwrap();
    let (mut pairs, mut names) = (Vec::new(), Vec::new());
    for (name, bytes, _) in convertible() {
        if !name.starts_with("1.9.1/") && !name.contains("forest_strings") {
            continue;
        }
        for protocol in [3, 4, 5] {
            let options = DumpOptions::new().protocol(protocol);
            let pickle = sklearn::convert(&bytes, &options).unwrap();
            let joblib = sklearn::convert(&bytes, &options.joblib(true)).unwrap();
            // A model that is made of others is equal to its clones alone.
            let [one, again, read] =
                [&pickle, &pickle, &joblib].map(|b| sklearn::loads(b).unwrap());
            let of_models = ["pipeline", "adaboost"].iter().any(|model| name.contains(model));
            assert!(read == one || again != one && of_models, "{name}");
            let paths =
                ["pkl", "joblib"].map(|e| folder.path().join(format!("{}.{e}", pairs.len())));
            std::fs::write(&paths[0], pickle).unwrap();
            std::fs::write(&paths[1], joblib).unwrap();
            pairs.push(paths);
            names.push(format!("{name}, protocol {protocol}"));
        }
    }
    assert!(pairs.len() > 200, "{}", pairs.len());
    let list = folder.path().join("list.json");
    std::fs::write(&list, json!([pairs, names]).to_string()).unwrap();
    let code = "import joblib, json, pickle, sys, warnings\n\
        import numpy as np\n\
        warnings.simplefilter('error')\n\
        warnings.filterwarnings('ignore', 'X does not have valid feature names')\n\
        with open(sys.argv[1]) as file: pairs, names = json.load(file)\n\
        mapped = 0\n\
        for (plain, packed), name in zip(pairs, names):\n\
        \x20   expected = joblib.load(plain)\n\
        \x20   for mode in [None, 'r']:\n\
        \x20       model = joblib.load(packed, mmap_mode=mode)\n\
        \x20       rows = np.random.RandomState(0).standard_normal((50, model.n_features_in_))\n\
        \x20       for method in ['predict', 'predict_proba', 'apply']:\n\
        \x20           if not hasattr(model, method): continue\n\
        \x20           both = [getattr(m, method)(rows) for m in [model, expected]]\n\
        \x20           one, other = [[np.array(row).tolist() for row in said] for said in both]\n\
        \x20           if one != other: sys.exit(name)\n\
        \x20   maps = [v for v in vars(model).values() if isinstance(v, np.memmap)]\n\
        \x20   mapped += len(maps)\n\
        \x20   if any(v.offset % 16 for v in maps): sys.exit(name + ' not aligned')\n\
        print(mapped)";
    let output = Command::new(support::python()).args(["-c", code]).arg(&list).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mapped: usize = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    assert!(mapped > 100, "{mapped}");
}

/// joblib before 1.2, as of the older Pythons that PICKLEBOOK_TEST_SKLEARNS names, opens files whose
/// arrays are not aligned; later ones open these too.
#[test]
fn joblib_files_that_are_not_aligned_open_in_every_joblib() {
    let mut pythons = vec![support::python()];
    let more = std::env::var_os("PICKLEBOOK_TEST_SKLEARNS");
    pythons.extend(more.iter().flat_map(std::env::split_paths));
    let code = "import glob, joblib, sys, warnings\n\
        import numpy as np\n\
        warnings.simplefilter('error')\n\
        warnings.filterwarnings('ignore', 'X does not have valid feature names')\n\
        for plain in glob.glob(sys.argv[1] + '/*.pkl'):\n\
        \x20   expected = joblib.load(plain)\n\
        \x20   rows = np.random.RandomState(0).standard_normal((50, expected.n_features_in_))\n\
        \x20   for packed in glob.glob(plain + '.*'):\n\
        \x20       said = joblib.load(packed).predict(rows)\n\
        \x20       if said.tolist() != expected.predict(rows).tolist(): sys.exit(packed)\n\
        print(joblib.__version__)";
    let models: Vec<_> = convertible()
        .into_iter()
        .filter(|(name, _, _)| {
            let models =
                ["/forest_strings.", "/tree_bool.", "/pipeline_minmax.", "/hist_boosting_b"];
            name.starts_with("1.5.2/")
                && name.ends_with(".p5.pkl")
                && models.iter().any(|model| name.contains(model))
        })
        .collect();
    let kinds = [None, Some(Compression::Zlib), Some(Compression::Gzip), Some(Compression::Bzip2)];
    for python in pythons {
        let folder = tempfile::tempdir().unwrap();
        let mut count = 0;
        for (number, (name, bytes, _)) in models.iter().enumerate() {
            let plain = DumpOptions::new().version(version_of(&python));
            let Ok(pickle) = sklearn::convert(bytes, &plain) else { continue };
            std::fs::write(folder.path().join(format!("{number}.pkl")), &pickle).unwrap();
            for kind in kinds {
                let options = plain.joblib(true).aligned(false);
                let options = kind.map_or(options, |kind| options.compress(kind, 3));
                let written = sklearn::convert(bytes, &options).unwrap();
                let place = folder.path().join(format!("{number}.pkl.{kind:?}"));
                std::fs::write(place, &written).unwrap();
                let [read, again] = [&written, &pickle].map(|b| sklearn::loads(b).unwrap());
                assert_eq!(read.class(), again.class(), "{name}");
                count += 1;
            }
        }
        assert!(count >= 12, "{count}");
        let mut command = Command::new(&python);
        let output = command.args(["-c", code]).arg(folder.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {told}", python.display());
        println!("joblib {}", String::from_utf8_lossy(&output.stdout).trim());
    }
}

#[test]
fn other_compressors_and_levels_are_refused() {
    let tree = DecisionTreeClassifier::params().fit(&data::balance_scale()).unwrap();
    let kinds = [(Compression::Xz, 3), (Compression::Zlib, 10), (Compression::Bzip2, 0)];
    for (kind, level) in kinds {
        let options = DumpOptions::new().compress(kind, level);
        let error = sklearn::dumps_with(&tree, &options).unwrap_err().to_string();
        assert!(error.starts_with(&format!("it cannot be compressed by {kind}")), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tree.joblib");
        assert!(sklearn::save_with(&tree, &path, &options).is_err() && !path.exists());
    }
}

fn version_of(python: &Path) -> Version {
    let code = "import sklearn; print(sklearn.__version__)";
    let output = Command::new(python).args(["-c", code]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
